"""The rules of a month: what can move a figure of a day, rule by rule, each with the land at stake.

They are the rules of :func:`kcngeo.analysis.quality.check` that can move a figure, asked of one
day and of arrays instead of the whole history row by row. What keeps a zone out of the figures is
a fault of the snapshot and found there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.quality.certificate_rules import (
    MAP_SCALE,
    ZONE_TOLERANCE_SHARE,
    certificate_gaps,
    numbered_twice,
)
from kcngeo.analysis.quality.context import implausible_days
from kcngeo.analysis.quality.coverage import GAP_WIDTH_M, coverage_of
from kcngeo.analysis.quality.doubt import NOWHERE, Doubt
from kcngeo.analysis.quality.ledger_rules import silent_lots, unlicensed_entries
from kcngeo.analysis.quality.measure_rules import SCALE_SHARE
from kcngeo.analysis.quality.month_ground import MonthGround
from kcngeo.core.crs import label
from kcngeo.core.dates import ALWAYS, OPEN, covers_day, day_numbers, in_force, is_in_force
from kcngeo.core.geometry import OVERLAP_M2, areas_m2, areas_within, invalid_rows
from kcngeo.core.model import LandUse, Status
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2
from kcngeo.core.validation import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def _never_mentioned(ground: MonthGround) -> Iterator[Doubt]:
    """Leasable parcels no entry ever mentions: they count as available, and may be let."""
    rows = np.flatnonzero(ground.there & ground.snapshot.leasable)
    silent = rows[silent_lots(ground.parcels.iloc[rows], ground.snapshot.ledger)]
    yield ground.held("never_mentioned", silent, ground.own(silent)[1])


def _held_uncleared(ground: MonthGround) -> Iterator[Doubt]:
    """Land held before it was cleared: it counts as held, and may not be."""
    now = ground.now
    at = np.flatnonzero(ground.there)
    early = (now["uncleared_held_share"] > 0).to_numpy() & ground.snapshot.leasable[at]
    version, some = at[early], now[early]
    whole = ground.accounts.version_mm2[version]
    let = some["leased_uncleared_share"].to_numpy() * whole
    measured = some["uncleared_held_share"].to_numpy() * whole / MM2_PER_M2
    yield ground.held("held_uncleared", version, -let, measured_m2=measured)


def _unlicensed(ground: MonthGround) -> Iterator[Doubt]:
    """Entries that let land to nobody, or to a project not licensed on the day.

    Where no licence is on record at all nobody can tell one lease from another: how far the figures
    may be wrong is not known.
    """
    snapshot = ground.snapshot
    if "projects" in snapshot.broken:
        return
    rows = unlicensed_entries(snapshot.joined, snapshot.projects, on=ground.on)
    rows = rows[snapshot.joined.holds_land[rows]]
    version = ground.version_of_entry[rows]
    names = ground.entry_names(rows)
    projects = snapshot.projects
    is_recorded = projects is not None and "licensed_on" in projects.columns
    more: dict[str, Any] = {"names": names, "table": "ledger", "is_bounded": is_recorded}
    yield ground.held("leased_without_project", version, -ground.held_mm2(rows), **more)


def _premises(ground: MonthGround) -> Iterator[Doubt]:
    """Entries of projects that rent a workshop or an office: they do not count, and may have to."""
    landless = ~ground.snapshot.joined.holds_land
    rows = ground.entries[landless[ground.entries]]
    ledger = ground.snapshot.ledger
    lets = (ledger["status"].iloc[rows] == Status.LEASED).to_numpy()
    let = np.where(lets, ground.held_mm2(rows), 0.0)
    more: dict[str, Any] = {"names": ground.entry_names(rows), "table": "ledger"}
    yield ground.held("premises_hold_land", ground.version_of_entry[rows], let, **more)


def _not_leasable(ground: MonthGround) -> Iterator[Doubt]:
    """Let land of a use no definition counts: it would count if the use is wrong."""
    at = np.flatnonzero(ground.there)
    let = (ground.now["leased_share"] > 0).to_numpy() & ~ground.snapshot.leasable[at]
    version = at[let]
    leased_ha = ground.leased_ha(version)
    uses = ground.parcels["land_use"].take(version).to_numpy(dtype=object)
    for use in sorted(set(uses)):
        some = uses == use
        area_mm2 = leased_ha[some] * M2_PER_HA * MM2_PER_M2
        yield ground.doubt(
            "let_not_leasable",
            version[some],
            area_mm2,
            np.zeros(int(some.sum())),
            fields={"land_use": LandUse(use)},
            measured_m2=leased_ha[some] * M2_PER_HA,
        )


def _early_entries(ground: MonthGround) -> Iterator[Doubt]:
    """Entries that begin before their parcel: they count from its first day."""
    snapshot, joined = ground.snapshot, ground.snapshot.joined
    begin = pd.Series(joined.start).groupby(joined.parcel).min()
    first = begin.reindex(joined.entry_parcel).to_numpy(dtype="float64", na_value=np.nan)
    start = day_numbers(snapshot.ledger["valid_from"], missing=ALWAYS, length=0)
    rows = np.flatnonzero(start < first)
    if not len(rows):
        return
    order = np.argsort(joined.start, kind="stable")
    version = pd.Series(order, joined.parcel[order]).groupby(level=0).first()
    at = version.reindex(joined.entry_parcel[rows]).to_numpy(dtype="int64")
    # Land that is not there yet on the day is missing from the base as well.
    absent = is_in_force(snapshot.ledger, ground.on)[rows] & (first[rows] > ground.number)
    lets = (snapshot.ledger["status"].iloc[rows] == Status.LEASED).to_numpy()
    whole = ground.accounts.version_mm2[at] * absent
    let = np.where(lets, whole, 0.0)
    more: dict[str, Any] = {"names": ground.entry_names(rows), "table": "ledger"}
    yield ground.doubt("entry_precedes_parcel", at, let, whole - let, **more)


def _shares_scaled(ground: MonthGround) -> Iterator[Doubt]:
    """Parcels whose entries hold a little more than there is: they were scaled to what there is."""
    told = [one for one in ground.snapshot.allocations.findings if one.rule == "shares_scaled"]
    ids = ground.parcels["parcel_id"]
    for one in told:
        version = np.flatnonzero(ground.there & ids.isin(one.ids).to_numpy())
        # At most half a per cent: see SHARE_TOLERANCE.
        excess = float(str(one.fields["share"])) - 1
        gap = excess * ground.accounts.version_mm2[version]
        let, _ = ground.own(version)
        more_let = np.where(let > 0, gap, 0.0)
        rest = gap - more_let
        yield ground.doubt("shares_scaled", version, more_let, rest, fields=one.fields)


def _certificates(ground: MonthGround) -> Iterator[Doubt]:
    """Certificates that differ from the drawing by more than the map allows."""
    rows = ground.leasable
    gap_m2, beyond = certificate_gaps(ground.parcels.iloc[rows], map_scale=MAP_SCALE)
    version = rows[beyond]
    # The figures are of one of the two; the other would move them.
    sign = -1 if ground.accounts.area == "certificate" else 1
    gap = sign * gap_m2[beyond] * MM2_PER_M2
    more: dict[str, Any] = {"fields": {"scale": f"1:{MAP_SCALE}"}}
    more["measured_m2"] = np.abs(gap_m2[beyond])
    yield ground.sized("certificate_differs", version, gap, **more)


def _contracts(ground: MonthGround) -> Iterator[Doubt]:
    """Contracts for more land than their parcel has: their sum counts as its area."""
    rows, area = ground.leasable, ground.accounts.area
    snapshot = ground.snapshot
    own, counted = snapshot.own_areas_mm2(area)[rows], snapshot.areas_mm2(area)[rows]
    excess = np.nan_to_num(counted - own)
    version, excess = rows[excess > 0], excess[excess > 0]
    # Nobody knows which is wrong: the contracts, or the area.
    let, rest = ground.own(version)
    less = np.minimum(excess, let)
    more: dict[str, Any] = {"is_size": True, "measured_m2": excess / MM2_PER_M2}
    yield ground.doubt("parts_above_area", version, -less, -np.minimum(excess - less, rest), **more)


def _slight_overlaps(ground: MonthGround) -> Iterator[Doubt]:
    """Overlaps too small to stop a zone, which add up: the land of both parcels is in doubt."""
    pairs = ground.snapshot.slight_overlaps
    pairs = pairs[covers_day(pairs["start"], pairs["end"], ground.number)]
    if not len(pairs):
        return
    both = pairs[["left", "right"]].to_numpy().T.reshape(-1)
    area_m2 = pd.Series(np.tile(pairs["area_m2"].to_numpy(), 2)).groupby(both).sum()
    version = area_m2.index.to_numpy(dtype="int64")
    told: dict[str, Any] = {"measured_m2": area_m2.to_numpy() / 2}
    yield ground.sized("slight_overlaps", version, -area_m2.to_numpy() * MM2_PER_M2, **told)


def _grid_scale(ground: MonthGround) -> Iterator[Doubt]:
    """Zones whose grid shows their land larger or smaller than it is on the ellipsoid."""
    if ground.accounts.area != "grid" or not len(ground.leasable):
        return
    rows = ground.leasable
    grid, true = (ground.snapshot.own_areas_mm2(one)[rows] for one in ("grid", "ellipsoid"))
    gap = true - grid
    for some in pd.Series(rows).groupby(ground.zone_of_version[rows]).indices.values():
        share = gap[some].sum() / grid[some].sum()
        if abs(share) > SCALE_SHARE:
            told = {"crs": label(ground.parcels.crs), "percent": f"{abs(share):.3%}"}
            yield ground.sized(
                "grid_scale",
                rows[some],
                gap[some],
                fields=told,
                measured_m2=np.abs(gap[some]) / MM2_PER_M2,
            )


def _outside(ground: MonthGround) -> Iterator[Doubt]:
    """Parcels beyond the boundary of their zone by more than 1 m², which count whole."""
    zones = in_force(ground.snapshot.zones, ground.on)
    zones = zones.drop(index=zones.index[invalid_rows(zones)[0]])
    zone_of = ground.parcels["zone_id"].take(ground.sound)
    kept = ground.sound[zone_of.isin(zones["zone_id"]).to_numpy()]
    sound = ground.parcels.iloc[kept].reset_index(drop=True)
    shared = areas_within(sound, zones.reset_index(drop=True))
    codes = pd.factorize(pd.concat([sound["zone_id"], zones["zone_id"]]))[0]
    # Only what lies in the own zone counts as inside.
    own = shared[codes[shared["left"]] == codes[len(sound) + shared["right"]]]
    inside_m2 = np.zeros(len(sound))
    inside_m2[own["left"]] = own["area_m2"]
    drawn_m2 = areas_m2(sound, basis="grid", certificate="")
    outside_m2 = drawn_m2 - inside_m2
    out = np.flatnonzero(outside_m2 > OVERLAP_M2)
    version = kept[out]
    # In the measure of the basis: the same share of the parcel.
    gap = ground.accounts.version_mm2[version] * outside_m2[out] / drawn_m2[out]
    yield ground.sized("outside_fence", version, -gap, measured_m2=outside_m2[out])


def _no_fence(ground: MonthGround) -> Iterator[Doubt]:
    """Leasable parcels of a day on which their zone has no boundary on record: in no account."""
    zones = ground.snapshot.zones
    start = day_numbers(zones.get("valid_from"), missing=ALWAYS, length=len(zones))
    end = day_numbers(zones.get("valid_to"), missing=OPEN, length=len(zones))
    fenced = zones["zone_id"][covers_day(start, end, ground.number)]
    rows = ground.leasable
    lots = ground.parcels.iloc[rows]
    # A parcel whose beginning nobody wrote down is taken to begin with its zone.
    dated = ground.snapshot.joined.start[rows] != ALWAYS
    bare = rows[(~lots["zone_id"].isin(fenced)).to_numpy() & dated]
    spans = pd.DataFrame({"zone_id": zones["zone_id"], "start": start, "end": end})
    for zone_id, places in ground.parcels.iloc[bare].groupby("zone_id").indices.items():
        own = spans[spans["zone_id"] == zone_id]
        let, rest = ground.own(bare[places])
        days = {"start": _date(own["start"].min()), "end": _date(own["end"].max())}
        yield ground.doubt("no_fence", bare[places], let, rest, is_size=True, fields=days)


def _coverage(ground: MonthGround) -> Iterator[Doubt]:
    """Narrow land between parcels that belongs to none, and parts of parcels nobody surveyed."""
    sound = ground.parcels.iloc[ground.sound]
    sound = sound.drop(columns=["valid_from", "valid_to"], errors="ignore")
    found = coverage_of(
        sound.reset_index(drop=True), gap_width_m=GAP_WIDTH_M, tolerance_m2=OVERLAP_M2
    )
    found = found[found["rule"] != "overlap"]
    asked = sound["parcel_id"].isin(distinct(found["ids"].explode())).to_numpy()
    place = pd.Series(ground.sound[asked], sound["parcel_id"][asked].to_numpy(dtype=object))
    for one in found.itertuples(index=False):
        around = place.reindex(list(one.ids)).to_numpy(dtype="int64")
        leasable = around[ground.snapshot.leasable[around]][:1]
        if not len(leasable):
            continue
        area = np.array([one.area_m2 * MM2_PER_M2])
        told: dict[str, Any] = {"measured_m2": np.array([one.area_m2])}
        told |= {"fields": {"width_m": f"{one.width_m:.2f}"}, "is_size": True}
        if one.rule == "sliver":
            del told["is_size"]
            yield ground.sized("sliver", leasable, -area, **told)
        else:
            # Whose it is nobody knows: of a parcel that is let, or of one that is not.
            yield ground.doubt("gap", leasable, area, area, either=True, **told)


def _numbers_twice(ground: MonthGround) -> Iterator[Doubt]:
    """Parcels under one number of one map sheet: one of them may be the other, drawn elsewhere."""
    parcels = ground.parcels
    if not {"map_sheet_no", "cadastral_no"} <= {*parcels.columns}:
        return
    at = np.flatnonzero(ground.there)
    for (_, sheet, number), places in numbered_twice(parcels.iloc[at].reset_index(drop=True)):
        version = at[places]
        area = ground.accounts.version_mm2[version]
        # Once the land is there: all but the smallest are in doubt.
        doubted = np.delete(np.arange(len(version)), np.argmin(area))
        gap = np.zeros(len(version))
        gap[doubted] = -area[doubted]
        let, rest = ground.own(version)
        is_counted = gap < 0
        yield ground.doubt(
            "duplicate_cadastral_no",
            version,
            np.where(is_counted, -let, 0.0),
            np.where(is_counted, -rest, 0.0),
            is_size=True,
            fields={"sheet": sheet, "number": number},
        )


def _zone_areas(ground: MonthGround) -> Iterator[Doubt]:
    """Zones whose boundary does not hold the area of their plan."""
    zones = in_force(ground.snapshot.zones, ground.on)
    if "approved_area_ha" not in zones.columns:
        return
    zones = zones.drop(index=zones.index[invalid_rows(zones)[0]])
    approved = zones["approved_area_ha"].to_numpy(dtype="float64", na_value=np.nan)
    measured = shapely.area(zones.geometry.to_numpy()) / M2_PER_HA
    for row in np.flatnonzero(np.abs(measured - approved) > ZONE_TOLERANCE_SHARE * approved):
        sign = -1 if ground.accounts.area == "certificate" else 1
        gap_ha = sign * (approved[row] - measured[row])
        yield ground.of_zone(
            "zone_area",
            zones["zone_id"].iloc[row],
            gap_ha * M2_PER_HA * MM2_PER_M2,
            fields={
                "approved_ha": f"{approved[row]:.4f}",
                "measured_ha": f"{measured[row]:.4f}",
            },
        )


def _strange_days(ground: MonthGround) -> Iterator[Doubt]:
    """Days of no century of ours in the ledger and of parcels: the row may count or not."""
    ledger = ground.snapshot.ledger
    for column, value, rows in _strange(ledger, ground.version_of_entry != NOWHERE):
        now = is_in_force(ledger, ground.on)[rows]
        lets = (ledger["status"].iloc[rows] == Status.LEASED).to_numpy()
        let = np.where(lets, np.where(now, -1, 1) * ground.held_mm2(rows), 0.0)
        told: dict[str, Any] = {"fields": {"column": column, "value": value}}
        told |= {"names": ground.entry_names(rows), "table": "ledger"}
        yield ground.held("date_implausible", ground.version_of_entry[rows], let, **told)
    for column, value, rows in _strange(ground.parcels, ground.snapshot.leasable):
        let, rest = ground.own(rows)
        there, area = ground.there[rows], ground.accounts.version_mm2[rows]
        yield ground.doubt(
            "date_implausible",
            rows,
            np.where(there, -let, 0.0),
            np.where(there, -rest, area),
            is_size=True,
            fields={"column": column, "value": value},
        )


def _strange(frame: Any, counted: Any) -> Iterator[tuple[str, Any, Ints]]:
    """Go through the days of no century of ours in rows that count; a far end is an open one."""
    for column in (name for name in ("valid_from", "valid_to") if name in frame.columns):
        rows = np.flatnonzero(implausible_days(frame, column) & counted)
        if column == "valid_to":
            rows = rows[(frame[column].iloc[rows] <= pd.Timestamp("1960-01-01")).to_numpy()]
        for value, places in frame.iloc[rows].groupby(column).indices.items():
            yield column, _day(value), rows[places]


def _reversed_zones(ground: MonthGround) -> Iterator[Doubt]:
    """Zones removed before they were established: they count on no day."""
    zones = ground.snapshot.zones
    if not {"established_on", "removed_on"} <= {*zones.columns}:
        return
    crossed = zones[(zones["removed_on"] < zones["established_on"]).to_numpy()]
    for row in crossed.itertuples(index=False):
        mine = (ground.parcels["zone_id"] == row.zone_id).to_numpy()[ground.leasable]
        version = ground.leasable[mine]
        let, rest = ground.own(version)
        told = {"column": "removed_on", "value": _day(row.removed_on)}
        told |= {"first": "established_on", "before": _day(row.established_on)}
        names = np.full(len(version), row.zone_id, dtype=object)
        more: dict[str, Any] = {"names": names, "table": "zones", "is_size": True}
        yield ground.doubt("dates_reversed", version, let, rest, fields=told, **more)


RULES: tuple[Callable[[MonthGround], Iterator[Doubt]], ...] = (
    *(_never_mentioned, _held_uncleared, _unlicensed, _premises, _not_leasable, _early_entries),
    *(
        _shares_scaled,
        _certificates,
        _contracts,
        _slight_overlaps,
        _grid_scale,
        _outside,
        _no_fence,
    ),
    *(_coverage, _numbers_twice, _zone_areas, _strange_days, _reversed_zones),
)
"""All rules of a month; each gives what it puts in doubt, nothing where nothing is found."""


def _day(value: Any) -> Any:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def _date(number: Any) -> Any:
    return "…" if abs(int(number)) >= OPEN else np.datetime64(int(number), "D").astype(object)
