"""What the ledger says that cannot be, or that a reader should know: lot by lot, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.context import Ground
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.core.dates import (
    OPEN,
    Day,
    covers_day,
    day,
    day_number,
    is_in_force,
)
from kcngeo.core.geometry import OVERLAP_M2, areas_m2
from kcngeo.core.model import LEASABLE, Finding, LandUse, Status
from kcngeo.core.referential import is_among, zone_problems
from kcngeo.core.schema import RECORDED
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2
from kcngeo.ledger import (
    MEMO_ITEMS,
    PARTS,
    Allocations,
    Joined,
    allocate,
    entry_names,
    join,
)
from kcngeo.ledger.faults import repeat_faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

_LEASED = PARTS.index("leased")
_HELD = len(PARTS) + MEMO_ITEMS.index("uncleared_held")


def silent_lots(parcels: pd.DataFrame, ledger: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which parcels are leasable and in no entry of the ledger, at any time."""
    named = is_among(parcels["parcel_id"], ledger["parcel_id"])
    return parcels["land_use"].isin(LEASABLE).to_numpy() & ~named


def unlicensed_entries(tables: Joined, projects: pd.DataFrame | None, *, on: Day) -> Rows:
    """Find entries that let leasable land to nobody, or to a project not licensed on the day."""
    # A project counts from the day of its licence. Without projects no licence is known, so every
    # entry of let land is found.
    ledger, number = tables.ledger, day_number(on)
    leasable = tables.parcels["land_use"].isin(LEASABLE).to_numpy()
    now = tables.parcel[leasable & covers_day(tables.start, tables.end, number)]
    leased = (ledger["status"] == Status.LEASED).to_numpy() & is_in_force(ledger, on)
    leased &= np.isin(tables.entry_parcel, now)
    if "project_id" in ledger.columns and projects is not None and "licensed_on" in projects:
        licensed = projects.loc[projects["licensed_on"] <= day(on), "project_id"]
        leased &= ~ledger["project_id"].isin(licensed).to_numpy()
    return np.flatnonzero(leased)


def holding_findings(ground: Ground) -> Iterator[Noticed]:
    """Find what the ledger contradicts, and what a reader of a land account should know."""
    # Who knew what when has been asked.
    moments = [column.name for column in RECORDED]
    parcels, ledger = (
        ground.frames[name].drop(columns=moments, errors="ignore") for name in ("parcels", "ledger")
    )
    # Entries of a lot whose own row breaks its contract are not of an unknown lot.
    given = ground.given["parcels"]["parcel_id"]
    named = ledger["parcel_id"]
    lost = is_among(named, given) & ~is_among(named, parcels["parcel_id"])
    tables = join(parcels, ledger[~lost], ground.frames.get("projects"))
    held, problems = allocate(tables)
    if ground.has("zones"):
        problems += [
            problem
            for problem in zone_problems(ground.frames["zones"], parcels)
            if problem.rule == "versions_overlap"
        ]
    names = entry_names(tables.ledger, np.arange(len(tables.ledger)))
    lot_of = dict(zip(names, tables.ledger["parcel_id"], strict=True))
    zone_of = dict(zip(parcels["parcel_id"], parcels["zone_id"], strict=True))
    # Of a parcel with several versions it is told once.
    twice = {one.finding.ids: one.finding for one in repeat_faults(held.repeats, tables)}
    for problem in (*problems, *twice.values(), *held.findings):
        yield from _apart(ground, problem, lot_of, zone_of)
    yield from _silent(ground, tables)
    yield from _early(tables, held)
    yield from _misplaced(tables, held)
    yield from _landless(tables, names)
    yield from _above(tables, held)
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


def _silent(ground: Ground, tables: Joined) -> Iterator[Noticed]:
    frame = tables.parcels
    rows = np.flatnonzero(silent_lots(frame, ground.given["ledger"]))
    area_m2 = _areas_m2(tables)
    last = dict(zip(frame["parcel_id"].iloc[rows], rows, strict=True))
    for name, row in last.items():
        yield _of_lot(tables, "never_mentioned", row, [name], area_m2=area_m2[row])


def _early(tables: Joined, held: Allocations) -> Iterator[Noticed]:
    for version, area_m2, span in _held(tables, held, part=_HELD, leasable=True):
        name = tables.parcels["parcel_id"].iloc[version]
        area_ha = f"{area_m2 / M2_PER_HA:.4f}"
        more: dict[str, Any] = {"area_m2": area_m2, "span": span, "area_ha": area_ha}
        yield _of_lot(tables, "held_uncleared", version, [name], **more)


def _misplaced(tables: Joined, held: Allocations) -> Iterator[Noticed]:
    for version, area_m2, span in _held(tables, held, part=_LEASED, leasable=False):
        name = tables.parcels["parcel_id"].iloc[version]
        use = LandUse(tables.parcels["land_use"].iloc[version])
        more: dict[str, Any] = {"area_m2": area_m2, "span": span, "land_use": use}
        yield _of_lot(tables, "let_not_leasable", version, [name], **more)


def _landless(tables: Joined, names: tuple[str, ...]) -> Iterator[Noticed]:
    """Find the entries of projects that rent a workshop or an office, which hold no land."""
    versions = {name: row for row, name in enumerate(tables.parcels["parcel_id"])}
    for row in np.flatnonzero(~tables.holds_land):
        version = versions.get(tables.ledger["parcel_id"].iloc[row])
        if version is not None:
            told = [names[row]]
            yield _of_lot(tables, "premises_hold_land", version, told, table="ledger")


def _above(tables: Joined, held: Allocations) -> Iterator[Noticed]:
    """Find the lots whose contracts are for more land than is drawn."""
    excess_m2 = held.parts_mm2 / MM2_PER_M2 - _areas_m2(tables)
    uses = tables.parcels["land_use"].isin(LEASABLE).to_numpy()
    rows = np.flatnonzero(uses & (excess_m2 > OVERLAP_M2))
    last = dict(zip(tables.parcels["parcel_id"].iloc[rows], rows, strict=True))
    for name, row in last.items():
        area_ha = f"{excess_m2[row] / M2_PER_HA:.4f}"
        more: dict[str, Any] = {"area_m2": excess_m2[row], "area_ha": area_ha}
        yield _of_lot(tables, "parts_above_area", row, [name], **more)


def _held(
    tables: Joined, held: Allocations, *, part: int, leasable: bool
) -> Iterator[tuple[Any, float, tuple[Any, Any]]]:
    """Go through the lots of which a part is held: the last version, the most, and when."""
    uses = tables.parcels["land_use"].isin(LEASABLE).to_numpy()
    rows = np.flatnonzero((held.part == part) & (uses[held.version] == leasable))
    area_m2 = (held.upper - held.lower)[rows] * held.whole_mm2[held.version[rows]] / MM2_PER_M2
    for _, places in pd.Series(range(len(rows))).groupby(tables.parcel[held.version[rows]]):
        some = rows[places]
        last = held.version[some][np.argmax(held.end[some])]
        span = _date(held.start[some].min()), _date(held.end[some].max())
        yield last, area_m2[places].max(), span


def _unlicensed(ground: Ground, tables: Joined, names: tuple[str, ...]) -> Iterator[Noticed]:
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
    tables: Joined,
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


def _areas_m2(tables: Joined) -> NDArray[np.float64]:
    return areas_m2(tables.parcels, basis="grid", certificate="certificate_area_m2")


def _date(number: int) -> np.datetime64 | None:
    return None if abs(number) >= OPEN else np.datetime64(int(number), "D")
