"""The account of the developable land: vacant = developable + marginal encumbrances + unlocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.analysis.developable.areas import no_encumbrances
from kcngeo.analysis.developable.difference import Cuts, cut
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day
from kcngeo.core.errors import ContractError, GeometryError
from kcngeo.core.geometry import invalid_rows
from kcngeo.core.model import Finding, Severity
from kcngeo.core.units import MM2_PER_M2, hectares, whole_mm2
from kcngeo.core.validation import require_known, row_names
from kcngeo.fill import parcels_on, zones_on
from kcngeo.ledger import asked, missing_zones
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

_CLOSES_MM2 = MM2_PER_M2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DevelopableLand:
    """The developable land of a day and its account.

    Attributes
    ----------
    land
        A row a parcel of which something is left, on a fresh index, sorted by parcel:
        ``parcel_id``, ``zone_id``, ``land_use``, ``vacant_ha`` (the whole parcel), ``area_ha``
        (what is left), geometry.
    account
        By (``zone_id``, ``kind``), in the order of rank: ``rank``, ``gross_ha`` (vacant land under
        it), ``exclusive_ha`` (under it and nothing else: what would be won without it) and
        ``marginal_ha`` (under it and nothing of a lower rank). Encumbrances that touch no vacant
        land of a zone have no row there.
    totals
        By ``zone_id``: ``vacant_ha`` = ``developable_ha`` + ``encumbered_ha`` (the sum of
        ``marginal_ha``) + ``unlocated_ha``; missing where a zone is at fault.
    """

    land: gpd.GeoDataFrame
    account: pd.DataFrame
    totals: pd.DataFrame


def developable_land(
    project: Project | Snapshot,
    encumbrances: gpd.GeoDataFrame | None = None,
    *,
    on: Day,
    definition: str | None = None,
) -> DevelopableLand:
    """Take all encumbrances off the vacant and cleared land of a day.

    Vacant is what the land account calls available: leasable land of a zone that counts on the
    day, cleared, and neither let nor reserved, under recovery or repurposed. Where part of a parcel
    is held, nobody drew which part is free: the free part is ``unlocated_ha`` and can be no site.
    It is not cut by encumbrances either.

    Land under several encumbrances is lost once. Which of them it is put down to depends on
    ``rank`` (lower first; equal ranks by kind), so marginal areas change with the ranks and their
    sum never does. Gross areas overlap and must not be added.

    An encumbrance takes land wherever it lies, whichever zone it was drawn for. Slivers that remain
    between encumbrance and parcel count as developable to the last square millimetre; they are no
    sites, see :func:`kcngeo.sites.find_sites`. Areas are measured on the grid, in floating
    precision; no coordinate is moved.

    Parameters
    ----------
    project
        The tables; of a project what is known now. A zone at fault on the day has no land and no
        account, and its totals are missing.
    encumbrances
        ``kind``, ``rank`` and polygons in the CRS of the parcels; several rows may be one kind, and
        may overlap. Without rows nothing is taken off. None for the table of the project, where it
        has one.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.

    Returns
    -------
    DevelopableLand
        The land and its account.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, parcels overlap by more than 1 m²,
        a kind has two ranks, or a geometry cannot be measured; all problems are listed.
    GeometryError
        If an account does not close within 1 m².
    KcngeoError
        If the encumbrances still say who knew what when.

    Examples
    --------
    B-2 is vacant, of A-2 half is; a power line takes the eastern half of B-2:

    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> line = gpd.GeoDataFrame(
    ...     {"kind": ["power_corridor"], "rank": [1]},
    ...     geometry=[kcn.examples.square(1.5, 1)], crs=project.parcels.crs)
    >>> found = developable_land(project, line, on="2018-03-31")
    >>> found.totals[["vacant_ha", "encumbered_ha", "developable_ha"]].values.tolist()
    [[0.5, 0.0, 0.0], [1.0, 0.5, 0.5]]
    >>> found.totals["unlocated_ha"].tolist()
    [0.5, 0.0]
    """
    return take_off(Vacant.of(project, on=on, definition=definition), encumbrances)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vacant:
    """The vacant land of a day, before anything is taken off it.

    Attributes
    ----------
    snapshot
        The tables as known, without the zones at fault on the day.
    zone_ids
        Zones that count on the day, sorted.
    with_parcels
        Those of them that have parcels on the day; of the others nobody knows what is vacant.
    parcels
        Parcels of which something is vacant, sorted, as :func:`kcngeo.fill.parcels_on` gives them.
    """

    snapshot: Snapshot
    zone_ids: list[str]
    with_parcels: frozenset[str]
    parcels: gpd.GeoDataFrame

    @classmethod
    def of(cls, project: Project | Snapshot, *, on: Day, definition: str | None) -> Vacant:
        """Find the vacant land."""
        name = fill_definition(definition, on=on).name
        snapshot = asked(project, start=on, definition=name)
        now = parcels_on(snapshot, on=on, definition=name)
        return cls(
            snapshot=snapshot,
            zone_ids=snapshot.zone_ids[zones_on(snapshot, on=on)].tolist(),
            with_parcels=frozenset(now["zone_id"]),
            parcels=now[now["available_share"] > 0].sort_values("parcel_id", ignore_index=True),
        )


def take_off(vacant: Vacant, encumbrances: gpd.GeoDataFrame | None) -> DevelopableLand:
    """Take encumbrances off vacant land."""
    if encumbrances is None:
        taken = vacant.snapshot.table("encumbrances")
        taken = no_encumbrances(vacant.parcels.crs) if taken is None else taken
    else:
        taken = require_known(encumbrances, "encumbrances")
    require_same_crs(parcels=vacant.parcels, encumbrances=taken)
    problems = _encumbrance_problems(taken)
    if problems:
        raise ContractError(problems)
    # Where only a share is free, nobody drew which part that is: it cannot be cut.
    located = vacant.parcels[vacant.parcels["available_share"] == 1].reset_index(drop=True)
    kinds = _ranked(taken)
    keys = list(zip(taken["rank"], taken["kind"], strict=True))
    place = np.array([kinds.index(key) for key in keys], dtype=np.intp)  # (shapes,) in `kinds`
    cuts = cut(located.geometry.to_numpy(), taken.geometry.to_numpy(), place)
    return _accounted(vacant, located, cuts, kinds)


def _accounted(
    vacant: Vacant, located: gpd.GeoDataFrame, cuts: Cuts, kinds: list[tuple[int, str]]
) -> DevelopableLand:
    """Sum the areas by zone and encumbrance, and make sure that they close."""
    whole = located["whole_mm2"].to_numpy()
    # Untouched parcels are left as they stand; what was cut is measured anew, on its own.
    left = gpd.GeoSeries(cuts.left, crs=located.crs)
    left_mm2 = whole_mm2(left.area)
    columns = pd.Index([f"{name}_ha" for name in ("gross", "exclusive", "marginal")])
    taken = pd.DataFrame(
        {
            "zone_id": located["zone_id"].to_numpy()[cuts.parcel],
            "place": cuts.kind,
            **dict(
                zip(
                    columns,
                    map(whole_mm2, (cuts.gross_m2, cuts.exclusive_m2, cuts.marginal_m2)),
                    strict=True,
                )
            ),
        }
    )
    sums = taken.groupby(["zone_id", "place"], as_index=False)[list(columns)].sum()
    order = sums["place"].to_numpy(dtype=np.intp)
    sums["kind"] = pd.array([kinds[place][1] for place in order], dtype="str")
    sums["rank"] = pd.array([kinds[place][0] for place in order], dtype="Int64")
    part = vacant.parcels[vacant.parcels["available_share"] < 1]
    free_mm2 = np.rint(part["whole_mm2"].to_numpy() * part["available_share"].to_numpy())
    index = pd.Index(vacant.zone_ids, dtype="str", name="zone_id")

    def by_zone(values: Any, zone: pd.Series) -> pd.Series:
        return pd.Series(values).groupby(zone.to_numpy()).sum().reindex(index, fill_value=0.0)

    unlocated = by_zone(free_mm2, part["zone_id"])
    totals = pd.DataFrame(
        {
            "vacant_ha": by_zone(whole, located["zone_id"]) + unlocated,
            "developable_ha": by_zone(left_mm2, located["zone_id"]),
            "encumbered_ha": by_zone(sums["marginal_ha"], sums["zone_id"]),
            "unlocated_ha": unlocated,
        },
        index=index,
    )
    _require_closed(totals)
    totals[:] = hectares(totals)
    totals[~index.isin(vacant.with_parcels)] = np.nan
    account = sums.set_index(["zone_id", "kind"])[["rank", *columns]]
    account[columns] = hectares(account[columns])
    rows = np.flatnonzero(left_mm2 > 0)
    land = located.iloc[rows][["parcel_id", "zone_id", "land_use"]]
    land = land.assign(vacant_ha=hectares(whole[rows]), area_ha=hectares(left_mm2[rows]))
    return DevelopableLand(
        land=gpd.GeoDataFrame(
            land.reset_index(drop=True), geometry=left.iloc[rows].to_numpy(), crs=located.crs
        ),
        account=account,
        totals=missing_zones(totals, vacant.snapshot),
    )


def _require_closed(totals: pd.DataFrame) -> None:
    parts = totals[["developable_ha", "encumbered_ha", "unlocated_ha"]].sum(axis=1)
    open_mm2 = totals["vacant_ha"] - parts
    bad = open_mm2[open_mm2.abs() > _CLOSES_MM2]
    if len(bad):
        shown = tuple(f"{zone}: {gap / MM2_PER_M2:+.2f} m²" for zone, gap in bad.items())
        raise GeometryError("developable_open", ids=shown)


def _ranked(encumbrances: gpd.GeoDataFrame) -> list[tuple[int, str]]:
    """List the encumbrances in the order of rank; equal ranks by kind."""
    pairs = zip(encumbrances["rank"], encumbrances["kind"], strict=True)
    return sorted({(int(rank), str(kind)) for rank, kind in pairs})


def _encumbrance_problems(encumbrances: gpd.GeoDataFrame) -> list[Finding]:
    """List kinds with two ranks, and shapes that cannot be measured."""
    problems = []
    ranks = encumbrances.groupby("kind")["rank"].nunique()
    twice = tuple(ranks.index[ranks > 1])
    if twice:
        problems.append(_problem("kind_with_ranks", twice))
    rows, reasons = invalid_rows(encumbrances)
    if len(rows):
        names = row_names(encumbrances, rows, "kind")
        shown = tuple(dict.fromkeys(reasons))
        problems.append(_problem("geometry_unmeasurable", names, reasons=shown))
    return problems


def _problem(rule: str, ids: Any, **fields: object) -> Finding:
    return Finding(
        rule=rule, severity=Severity.ERROR, table="encumbrances", ids=tuple(ids), fields=fields
    )
