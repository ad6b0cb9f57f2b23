"""The account of the developable land: vacant = developable + marginal encumbrances + unlocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.analysis.developable.difference import Cuts, cut
from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.dates import Day, covers_day, day_number
from kcngeo.core.errors import ContractError, GeometryError
from kcngeo.core.geometry import OVERLAP_M2, areas_m2, invalid_rows, overlaps
from kcngeo.core.model import Finding, finding
from kcngeo.core.units import MM2_PER_M2, hectares, whole_mm2
from kcngeo.core.validation import as_known, distinct, row_names, validate
from kcngeo.fill import geometry_problems, zone_days, zone_problems
from kcngeo.ledger import known_tables, state
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_CLOSES_MM2 = MM2_PER_M2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DevelopableLand:
    """The developable land of a day and its account.

    Attributes
    ----------
    land
        A row a lot of which something is left, on a fresh index, sorted by lot: ``parcel_id``,
        ``zone_id``, ``land_use``, ``vacant_ha`` (the whole lot), ``area_ha`` (what is left),
        geometry.
    account
        By (``zone_id``, ``kind``), in the order of rank: ``rank``, ``gross_ha`` (vacant land under
        it), ``exclusive_ha`` (under it and nothing else: what would be won without it) and
        ``marginal_ha`` (under it and nothing of a lower rank). Encumbrances that touch no vacant
        land of a zone have no row there.
    totals
        By ``zone_id``: ``vacant_ha`` = ``developable_ha`` + ``encumbered_ha`` (the sum of
        ``marginal_ha``) + ``unlocated_ha``.
    """

    land: gpd.GeoDataFrame
    account: pd.DataFrame
    totals: pd.DataFrame


def developable_land(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    encumbrances: gpd.GeoDataFrame,
    *,
    on: Day,
    known_at: Any = None,
    definition: str | None = None,
) -> DevelopableLand:
    """Take all encumbrances off the vacant and cleared land of a day.

    Vacant is what the land account calls available: leasable land of a zone that counts on the
    day, cleared, and neither let nor reserved, under recovery or repurposed. Where part of a lot
    is held, nobody drew which part is free: the free part is ``unlocated_ha`` and can be no site.
    It is not cut by encumbrances either.

    Land under several encumbrances is lost once. Which of them it is put down to depends on
    ``rank`` (lower first; equal ranks by kind), so marginal areas change with the ranks and their
    sum never does. Gross areas overlap and must not be added.

    An encumbrance takes land wherever it lies, whichever zone it was drawn for. Slivers that remain
    between encumbrance and lot count as developable to the last square millimetre; they are no
    sites, see :func:`kcngeo.sites.find_sites`. Areas are measured on the grid, in floating
    precision; no coordinate is moved.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    encumbrances
        ``kind``, ``rank`` and polygons, same CRS; several rows may be one kind, and may overlap.
        Without rows nothing is taken off.
    on
        The day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.
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
        If tables break their contract or contradict each other, vacant lots overlap by more than
        1 m², a kind has two ranks, or a geometry cannot be measured; all problems are listed.
    GeometryError
        If an account does not close within 1 m².

    Examples
    --------
    Two vacant lots of 1 ha; a power line takes the eastern half of the second:

    >>> from shapely import box
    >>> x, y = 500_000, 1_270_000
    >>> lots = [box(x, y, x + 100, y + 100), box(x + 100, y, x + 200, y + 100)]
    >>> parcels = gpd.GeoDataFrame(
    ...     {"parcel_id": ["P1", "P2"], "zone_id": "A", "land_use": "industrial"},
    ...     geometry=lots, crs="EPSG:5899")
    >>> zones = gpd.GeoDataFrame(
    ...     {"zone_id": ["A"]}, geometry=[box(x, y, x + 200, y + 100)], crs="EPSG:5899")
    >>> ledger = pd.DataFrame({"parcel_id": [], "status": [], "valid_from": []}, dtype="str")
    >>> line = gpd.GeoDataFrame(
    ...     {"kind": ["power_corridor"], "rank": [1]},
    ...     geometry=[box(x + 150, y, x + 300, y + 100)], crs="EPSG:5899")
    >>> found = developable_land(zones, parcels, ledger, line, on="2018-03-31")
    >>> found.totals[["vacant_ha", "encumbered_ha", "developable_ha"]].round(2).values.tolist()
    [[2.0, 0.5, 1.5]]
    """
    zones = validate(as_known(zones, known_at), "zones")
    encumbrances = validate(as_known(encumbrances, known_at), "encumbrances")
    tables = known_tables(parcels, ledger, known_at=known_at)
    require_same_crs(zones=zones, parcels=tables.parcels, encumbrances=encumbrances)
    require_metric_crs(zones, name="zones")
    require_metric_crs(tables.parcels, name="parcels")
    problems = [*zone_problems(zones, tables.parcels), *_encumbrance_problems(encumbrances)]
    if problems:
        raise ContractError(problems)
    zone_ids = _zones_on(zones, on)
    now = state(tables.parcels, tables.ledger, on=on)
    uses = [str(use) for use in fill_definition(definition, on=on).uses]
    free = now["available_share"] > 0
    vacant = now[free & now["land_use"].isin(uses) & now["zone_id"].isin(zone_ids)]
    vacant = vacant.sort_values("parcel_id", ignore_index=True)
    located = vacant[vacant["available_share"] == 1].reset_index(drop=True)
    problems = [*geometry_problems(vacant), *_overlap_problems(located)]
    if problems:
        raise ContractError(problems)
    kinds = _ranked(encumbrances)
    keys = list(zip(encumbrances["rank"], encumbrances["kind"], strict=True))
    place = np.array([kinds.index(key) for key in keys], dtype=np.intp)
    cuts = cut(located.geometry.to_numpy(), encumbrances.geometry.to_numpy(), place)
    return _accounted(vacant, located, cuts, kinds, zone_ids)


def _accounted(
    vacant: gpd.GeoDataFrame,
    located: gpd.GeoDataFrame,
    cuts: Cuts,
    kinds: list[tuple[int, str]],
    zone_ids: list[str],
) -> DevelopableLand:
    """Sum the areas by zone and encumbrance, and make sure that they close."""
    whole = whole_mm2(areas_m2(located, basis="grid", certificate=""))
    # Untouched lots are left as they stand; what was cut is measured anew, on its own.
    left = gpd.GeoSeries(cuts.left, crs=located.crs)
    left_mm2 = whole_mm2(left.area)
    columns = pd.Index([f"{name}_ha" for name in ("gross", "exclusive", "marginal")])
    taken = pd.DataFrame(
        {
            "zone_id": located["zone_id"].to_numpy()[cuts.lot],
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
    part = vacant[vacant["available_share"] < 1]
    share = part["available_share"].to_numpy()
    free_mm2 = whole_mm2(areas_m2(part, basis="grid", certificate="") * share)
    index = pd.Index(zone_ids, dtype="str", name="zone_id")

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
        totals=totals.assign(**{name: hectares(totals[name]) for name in totals.columns}),
    )


def _require_closed(totals: pd.DataFrame) -> None:
    parts = totals[["developable_ha", "encumbered_ha", "unlocated_ha"]].sum(axis=1)
    open_mm2 = totals["vacant_ha"] - parts
    bad = open_mm2[open_mm2.abs() > _CLOSES_MM2]
    if len(bad):
        shown = tuple(f"{zone}: {gap / MM2_PER_M2:+.2f} m²" for zone, gap in bad.items())
        raise GeometryError("developable_open", ids=shown)


def _zones_on(zones: gpd.GeoDataFrame, on: Day) -> list[str]:
    """List the zones that count on a day, sorted."""
    number = day_number(on)
    return sorted(set(zones["zone_id"][covers_day(*zone_days(zones), number)]))


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
        problems.append(finding("kind_with_ranks", "encumbrances", ids=twice))
    rows, reasons = invalid_rows(encumbrances)
    if len(rows):
        names = row_names(encumbrances, rows, "kind")
        shown = tuple(dict.fromkeys(reasons))
        problems.append(finding("geometry_unmeasurable", "encumbrances", ids=names, reasons=shown))
    return problems


def _overlap_problems(located: gpd.GeoDataFrame) -> list[Finding]:
    """List vacant lots that overlap: their shared land would count twice."""
    measurable = located.drop(index=invalid_rows(located)[0])
    pairs = overlaps(measurable[["geometry"]], tolerance_m2=OVERLAP_M2)
    left, right = (measurable.iloc[pairs[side]] for side in ("left", "right"))
    found = pd.DataFrame(
        {
            "zone_id": left["zone_id"].to_numpy(),
            "other_zone": right["zone_id"].to_numpy(),
            "left": left["parcel_id"].to_numpy(),
            "right": right["parcel_id"].to_numpy(),
            "area_m2": pairs["area_m2"],
        }
    )
    return [
        finding(
            "overlap",
            "parcels",
            ids=distinct([*some["left"], *some["right"]]),
            zone_ids=[zone_id, *some["other_zone"]],
            pairs=tuple(some["left"] + " × " + some["right"]),
            area_m2=f"{some['area_m2'].sum():.1f}",
        )
        for zone_id, some in found.groupby("zone_id")
    ]
