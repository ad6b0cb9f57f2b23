"""Compensation, clearance and resettlement: what is handed over, what is late, what it blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.analysis.progress.adjacency import blocking_land
from kcngeo.core.dates import Day, day
from kcngeo.core.model import Finding, Severity
from kcngeo.core.referential import is_among
from kcngeo.core.units import hectares
from kcngeo.core.validation import distinct, require_known, row_names
from kcngeo.fill import parcels_on
from kcngeo.ledger import asked, missing_zones
from kcngeo.ledger.tables import CORE
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot

# Hectares in a table of pieces are written to the square metre.
_ROUNDING_HA = 1e-4

_COLUMNS = [
    "zone_id",
    "parcel_id",
    "area_ha",
    "households",
    "planned_vnd",
    "paid_vnd",
    "due_on",
    "handed_over_on",
    "receptor_id",
    "plots_needed",
    "plots_ready",
]
_SUMS = {
    "households": "households_count",
    "area_ha": "pieces_ha",
    "planned_vnd": "planned_vnd",
    "paid_vnd": "paid_vnd",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClearanceProgress:
    """How far clearance is on a day.

    Attributes
    ----------
    zones
        By ``zone_id``: ``pieces_count``, ``pieces_done_count``, ``households_count``,
        ``households_done_count``, ``pieces_ha``, ``handed_over_ha``, ``handed_over_share``,
        ``planned_vnd``, ``paid_vnd``, ``paid_share``, ``overdue_count`` and ``overdue_ha`` (due
        before the day, not handed over), ``plots_short_count`` (of resettlement, added up piece by
        piece), ``incomplete``, the columns in which a piece has no figure: their sums are missing;
        and ``ledger_uncleared_ha`` (leasable land not yet cleared by the ledger).
    resettlement
        By ``receptor_id``: ``zone_ids``, ``households_waiting_count`` (of pieces not handed over),
        ``plots_needed_count``, ``plots_ready_count``, ``plots_short_count`` (a plot kept for one
        piece is no use to another, so the shortages are added piece by piece).
    blocking
        By ``parcel_id``, the largest first: see :func:`clearance_progress`.
    findings
        Where clearance and ledger contradict each other.
    """

    zones: pd.DataFrame
    resettlement: pd.DataFrame
    blocking: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def clearance_progress(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
    contact_m: float = 1.0,
) -> ClearanceProgress:
    """Tell how far compensation, clearance and resettlement are, and which pieces block most land.

    A piece is handed over while ``handed_over_on <= on`` and overdue while ``due_on < on``. What
    was paid, and how many plots are ready, has no date of its own in the table: both are as known.
    Pieces of a zone count whether or not it is established, and land that is not leasable counts
    too; only what is set against the ledger is leasable land of zones that count. A piece is joined
    to the ledger by its ``parcel_id``; its own shape is not measured.

    A piece blocks more than itself. For every leasable parcel that the ledger calls uncleared,
    ``blocking`` gives ``own_ha``, what of it is uncleared; ``adjoining_ha``, the vacant and wholly
    cleared land it adjoins, each stretch of lots that adjoin one another counted whole;
    ``adjoining_parts_count``, how many such stretches it would join; ``unlocked_ha``, the two
    together: what would lie together once it is cleared; ``gain_ha``, how much that is more than
    the largest stretch there is already; ``unlocated_ha``, free parts of adjoining part-let lots,
    whose place nobody drew, left out of the rest. Lots adjoin where their edges run together for
    ``contact_m``; a road between them parts them. Two pieces that adjoin the same land each count
    it: the rows do not add up.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out or missing.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that are leasable; None for the law
        in force on the day.
    area
        "grid", "ellipsoid" or "certificate", for what is set against the ledger.
    contact_m
        Least length, in metres, along which adjoining lots run together.

    Returns
    -------
    ClearanceProgress
        The tables.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the project has no pieces to be cleared.

    Examples
    --------
    A-3, one hectare with five households, is not handed over; free land beside it is half of A-2,
    and nobody drew which half.

    >>> import kcngeo as kcn
    >>> found = clearance_progress(kcn.examples.squares(), on="2018-03-31")
    >>> found.zones[["households_count", "pieces_ha", "handed_over_ha"]].values.tolist()
    [[5, 1.0, 0.0]]
    >>> found.blocking[["own_ha", "adjoining_ha", "unlocated_ha"]].values.tolist()
    [[1.0, 0.0, 0.5]]
    """
    date = day(on)
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name, about=(*CORE, "clearance"))
    pieces = _completed(snapshot.table("clearance", needed=True), date)
    parcels = parcels_on(snapshot, on=on, definition=definition, area=area)
    uncleared = parcels["uncleared_share"] + parcels["uncleared_held_share"]
    parcels = parcels.assign(uncleared_ha=hectares(np.rint(parcels["whole_mm2"] * uncleared)))
    by_zone = _by_zone(pieces, date)
    known = parcels.groupby("zone_id")["uncleared_ha"].sum()
    by_zone["ledger_uncleared_ha"] = known.reindex(by_zone.index)
    return ClearanceProgress(
        zones=missing_zones(by_zone, snapshot),
        resettlement=_resettlement(pieces),
        blocking=_blocking(parcels, pieces, contact_m=contact_m),
        findings=tuple(_contradictions(parcels, pieces)),
    )


def clearance_by_zone(clearance: pd.DataFrame, *, on: Day) -> pd.DataFrame:
    """Add up the pieces of each zone on a day, without setting them against the ledger.

    Parameters
    ----------
    clearance
        Pieces of land to be cleared, see :func:`clearance_progress`.
    on
        The day.

    Returns
    -------
    pd.DataFrame
        ``zones`` of :class:`ClearanceProgress`, but for ``ledger_uncleared_ha``.

    Raises
    ------
    ContractError
        If the table breaks its contract.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> pieces = kcn.examples.squares().clearance
    >>> clearance_by_zone(pieces, on="2019-01-01")[["overdue_count", "overdue_ha"]].values.tolist()
    [[1.0, 1.0]]
    """
    date = day(on)
    return _by_zone(_completed(require_known(clearance, "clearance"), date), date)


def _completed(clearance: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Give the pieces plain columns, each with whether it is handed over, and a name."""
    names = row_names(clearance, np.arange(len(clearance)), "clearance_id")
    pieces = pd.DataFrame(clearance).reindex(columns=_COLUMNS).reset_index(drop=True)
    pieces = pieces.astype(
        {"due_on": "datetime64[s]", "handed_over_on": "datetime64[s]", "receptor_id": "str"}
    )
    for name in ("area_ha", "households", "planned_vnd", "paid_vnd", "plots_needed", "plots_ready"):
        pieces[name] = pieces[name].astype("Float64").to_numpy("float64", na_value=np.nan)
    return pieces.assign(
        clearance_id=pd.array(names, dtype="str"), is_done=pieces["handed_over_on"] <= date
    )


def _by_zone(pieces: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Add up the pieces of each zone; a sum that lacks a figure is missing."""
    late = ~pieces["is_done"] & (pieces["due_on"] < date)
    wide = pieces.assign(
        done_households=pieces["households"].where(pieces["is_done"], 0.0),
        done_ha=pieces["area_ha"].where(pieces["is_done"], 0.0),
        late_ha=pieces["area_ha"].where(late, 0.0),
        is_late=late,
        plots_short=_short(pieces),
    )
    groups = wide.groupby("zone_id", sort=True)
    # With skipna a zone with one unknown piece would show the sum of the others.
    sums = groups[
        ["households", "done_households", "area_ha", "done_ha", "planned_vnd", "paid_vnd"]
    ].sum(skipna=False)
    # (zones, figures) which sums are missing, to be named
    gaps = wide[list(_SUMS)].isna().groupby(wide["zone_id"].to_numpy()).any()
    incomplete = [
        "|".join(name for name in _SUMS if row[name]) or None for row in gaps.to_dict("records")
    ]
    result = pd.DataFrame(
        {
            "pieces_count": groups.size(),
            "pieces_done_count": groups["is_done"].sum().astype("int64"),
            "households_count": sums["households"].astype("Int64"),
            "households_done_count": sums["done_households"].astype("Int64"),
            "pieces_ha": sums["area_ha"],
            "handed_over_ha": sums["done_ha"],
            "handed_over_share": _share(sums["done_ha"], sums["area_ha"]),
            "planned_vnd": sums["planned_vnd"],
            "paid_vnd": sums["paid_vnd"],
            "paid_share": _share(sums["paid_vnd"], sums["planned_vnd"]),
            "overdue_count": groups["is_late"].sum().astype("int64"),
            "overdue_ha": groups["late_ha"].sum(skipna=False),
            "plots_short_count": groups["plots_short"].sum(skipna=False).astype("Int64"),
        }
    )
    result["incomplete"] = pd.array(incomplete, dtype="str")
    result.index = result.index.astype("str")
    return result


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole).where(whole > 0)


def _short(pieces: pd.DataFrame) -> pd.Series:
    """Count the plots each piece lacks; missing where need or supply is not known."""
    return (pieces["plots_needed"] - pieces["plots_ready"]).clip(lower=0)


def _resettlement(pieces: pd.DataFrame) -> pd.DataFrame:
    """Set plots ready against plots needed, for each resettlement area."""
    short = _short(pieces)
    waiting = pieces["households"].where(~pieces["is_done"], 0.0)
    groups = pieces.assign(short=short, waiting=waiting).groupby("receptor_id", sort=True)
    sums = groups[["waiting", "plots_needed", "plots_ready", "short"]].sum(skipna=False)
    result = pd.DataFrame(
        {
            "zone_ids": groups["zone_id"].agg(_joined),
            "households_waiting_count": sums["waiting"].astype("Int64"),
            "plots_needed_count": sums["plots_needed"].astype("Int64"),
            "plots_ready_count": sums["plots_ready"].astype("Int64"),
            "plots_short_count": sums["short"].astype("Int64"),
        }
    )
    result.index = result.index.astype("str")
    return result.astype({"zone_ids": "str"})


def _joined(ids: pd.Series) -> str:
    return "|".join(distinct(ids))


def _blocking(
    parcels: gpd.GeoDataFrame, pieces: pd.DataFrame, *, contact_m: float
) -> gpd.GeoDataFrame:
    """Rank uncleared parcels by the land that would lie together, with the pieces still open."""
    land = blocking_land(parcels, contact_m=contact_m)
    open_ = pieces[~pieces["is_done"]].assign(unpaid=pieces["planned_vnd"] - pieces["paid_vnd"])
    groups = open_.groupby("parcel_id")
    land["clearance_ids"] = groups["clearance_id"].agg("|".join).reindex(land.index).astype("str")
    households = groups["households"].sum(skipna=False).reindex(land.index)
    land["households_count"] = households.astype("Int64")
    land["unpaid_vnd"] = groups["unpaid"].sum(skipna=False).reindex(land.index)
    land["due_on"] = groups["due_on"].min().reindex(land.index)
    return land


def _contradictions(parcels: gpd.GeoDataFrame, pieces: pd.DataFrame) -> Iterable[Finding]:
    """Find where the pieces and the ledger tell different stories of the same parcel."""
    named = is_among(pieces["parcel_id"], parcels["parcel_id"])
    zone_of = parcels.set_index("parcel_id")["zone_id"]
    is_open = set(pieces.loc[named & ~pieces["is_done"], "parcel_id"])
    is_closed = set(pieces.loc[named & pieces["is_done"], "parcel_id"]) - is_open
    by_ledger = set(parcels.loc[parcels["uncleared_ha"] > _ROUNDING_HA, "parcel_id"])
    for rule, ids in (
        ("cleared_not_in_ledger", is_closed & by_ledger),
        ("cleared_in_ledger_only", is_open - by_ledger),
        ("uncleared_without_piece", by_ledger - is_open - is_closed),
    ):
        rows = zone_of[zone_of.index.isin(ids)]
        for zone_id, some in rows.groupby(rows):
            yield Finding(
                rule=rule,
                severity=Severity.WARNING,
                table="clearance",
                ids=distinct(some.index),
                zone_ids=(str(zone_id),),
            )
