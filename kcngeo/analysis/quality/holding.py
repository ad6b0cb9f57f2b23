"""What the ledger says that cannot be, or that a reader should know: lot by lot, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.quality.ground import Ground
from kcngeo.analysis.quality.noticed import Noticed, notice
from kcngeo.core.days import ALWAYS, OPEN, Day, day, day_number, day_numbers
from kcngeo.core.model import LEASABLE, Finding, Status
from kcngeo.core.relations import zone_problems
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import (
    MEMOS,
    PARTS,
    Holdings,
    Tables,
    entry_names,
    examined_holdings,
    known_tables,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

_USES = [str(use) for use in LEASABLE]
_LEASED = PARTS.index("leased")
_HELD = len(PARTS) + MEMOS.index("uncleared_held")


def silent_lots(parcels: pd.DataFrame, ledger: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which parcels are leasable and in no entry of the ledger, at any time.

    Parameters
    ----------
    parcels
        Parcel versions, cast to their contract.
    ledger
        Entries, cast to theirs.

    Returns
    -------
    NDArray[np.bool_]
        Whether the parcel is.
    """
    silent = parcels["land_use"].isin(_USES) & ~parcels["parcel_id"].isin(ledger["parcel_id"])
    return silent.to_numpy()


def unlicensed_entries(tables: Tables, projects: pd.DataFrame | None, *, on: Day) -> Rows:
    """Find entries that let leasable land to nobody, or to a project not licensed on the day.

    A project counts from the day of its licence. Without projects no licence is known, so every
    entry of let land is found.

    Parameters
    ----------
    tables
        Joined tables.
    projects
        Projects as known, cast to their contract, or None.
    on
        The day.

    Returns
    -------
    NDArray[np.intp]
        Positions of the entries.
    """
    ledger, number = tables.ledger, day_number(on)
    leasable = tables.parcels["land_use"].isin(_USES).to_numpy()
    now = tables.parcels[leasable & (tables.start <= number) & (number < tables.end)]
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=0)
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    leased = (ledger["status"] == Status.LEASED).to_numpy() & (start <= number) & (number < end)
    leased &= ledger["parcel_id"].isin(now["parcel_id"]).to_numpy()
    if "project_id" in ledger.columns and projects is not None and "licensed_on" in projects:
        licensed = projects.loc[projects["licensed_on"] <= day(on), "project_id"]
        leased &= ~ledger["project_id"].isin(licensed).to_numpy()
    return np.flatnonzero(leased)


def holding_findings(ground: Ground) -> Iterator[Noticed]:
    """Find what the ledger contradicts, and what a reader of a land account should know.

    Parameters
    ----------
    ground
        The tables; parcels and ledger are there.

    Yields
    ------
    Noticed
        A finding a lot or entry.
    """
    parcels, ledger = ground.frames["parcels"], ground.frames["ledger"]
    # Entries of a lot whose own row breaks its contract are not of an unknown lot.
    given = ground.given["parcels"]["parcel_id"]
    lost = ledger["parcel_id"].isin(given) & ~ledger["parcel_id"].isin(parcels["parcel_id"])
    tables = known_tables(parcels, ledger[~lost])
    held, problems = examined_holdings(tables)
    if ground.has("zones"):
        problems += [
            problem
            for problem in zone_problems(ground.frames["zones"], parcels)
            if problem.rule == "versions_overlap"
        ]
    names = entry_names(tables.ledger, np.arange(len(tables.ledger)))
    lot_of = dict(zip(names, tables.ledger["parcel_id"], strict=True))
    zone_of = dict(zip(parcels["parcel_id"], parcels["zone_id"], strict=True))
    for problem in (*problems, *held.findings):
        yield from _apart(ground, problem, lot_of, zone_of)
    yield from _silent(ground, tables)
    yield from _early(ground, tables, held)
    yield from _misplaced(ground, tables, held)
    yield from _unlicensed(ground, tables, names)


def _apart(
    ground: Ground, problem: Finding, lot_of: dict[str, Any], zone_of: dict[Any, Any]
) -> Iterator[Noticed]:
    """Give each row of a finding a finding of its own, where one lot is not the other's matter."""
    if "parcel" in problem.fields or problem.rule == "entry_outlives_parcel":
        lots = [lot_of.get(name, name) for name in problem.ids]
        yield Noticed(finding=problem, geometry=ground.shapes(lots[:1]))
        return
    for name in problem.ids:
        lot = lot_of.get(name, name)
        zones = (str(zone_of[lot]),) if lot in zone_of else problem.zone_ids[:0]
        if problem.table == "zones":
            zones = (name,)
        own = replace(problem, ids=(name,), zone_ids=zones)
        yield Noticed(finding=own, geometry=ground.shapes([lot]))


def _silent(ground: Ground, tables: Tables) -> Iterator[Noticed]:
    frame = tables.parcels
    rows = np.flatnonzero(silent_lots(frame, ground.frames["ledger"]))
    last = dict(zip(frame["parcel_id"].iloc[rows], rows, strict=True))
    for name, row in last.items():
        yield _of_lot(tables, "never_mentioned", row, [name], area_m2=_area_m2(tables, row))


def _early(ground: Ground, tables: Tables, held: Holdings) -> Iterator[Noticed]:
    rows = np.flatnonzero(held.part == _HELD)
    uses = tables.parcels["land_use"].isin(_USES).to_numpy()
    for version, places in pd.Series(rows).groupby(held.version[rows]):
        if uses[version]:
            share = (held.upper - held.lower)[places].max()
            area_m2 = share * _area_m2(tables, version)
            yield _of_lot(
                tables,
                "held_uncleared",
                version,
                [tables.parcels["parcel_id"].iloc[version]],
                area_m2=area_m2,
                span=(_date(held.start[places].min()), _date(held.end[places].max())),
                area_ha=f"{area_m2 / M2_PER_HA:.4f}",
            )


def _misplaced(ground: Ground, tables: Tables, held: Holdings) -> Iterator[Noticed]:
    rows = np.flatnonzero(held.part == _LEASED)
    uses = tables.parcels["land_use"].isin(_USES).to_numpy()
    for version, places in pd.Series(rows).groupby(held.version[rows]):
        if not uses[version]:
            share = (held.upper - held.lower)[places].max()
            yield _of_lot(
                tables,
                "let_not_leasable",
                version,
                [tables.parcels["parcel_id"].iloc[version]],
                area_m2=share * _area_m2(tables, version),
                span=(_date(held.start[places].min()), _date(held.end[places].max())),
                use=str(tables.parcels["land_use"].iloc[version]),
            )


def _unlicensed(ground: Ground, tables: Tables, names: tuple[str, ...]) -> Iterator[Noticed]:
    # A table of projects that cannot be read proves nothing.
    if ground.on is None or ("projects" in ground.given and not ground.has("projects")):
        return
    projects = ground.frames.get("projects")
    versions = {name: row for row, name in enumerate(tables.parcels["parcel_id"])}
    on = np.datetime64(ground.on, "D")
    for row in unlicensed_entries(tables, projects, on=on):
        version = versions[tables.ledger["parcel_id"].iloc[row]]
        yield _of_lot(tables, "leased_without_project", version, [names[row]], table="ledger")


def _of_lot(
    tables: Tables,
    rule: str,
    version: Any,
    ids: list[str],
    *,
    table: str = "parcels",
    **more: Any,
) -> Noticed:
    return notice(
        rule,
        table,
        ids,
        zone_ids=[tables.parcels["zone_id"].iloc[version]],
        geometry=tables.parcels.geometry.iloc[version],
        **more,
    )


def _area_m2(tables: Tables, version: Any) -> float:
    return float(shapely.area(tables.parcels.geometry.iloc[version]))


def _date(number: int) -> np.datetime64 | None:
    return None if abs(number) >= OPEN else np.datetime64(int(number), "D")
