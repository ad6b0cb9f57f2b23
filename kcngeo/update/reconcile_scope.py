"""What of a project a list speaks of: its lots, who holds them, and whom no line names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, covers_day, day_number, day_numbers
from kcngeo.core.model import TENURES
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import as_known
from kcngeo.ledger import SHARE_TOLERANCE
from kcngeo.ledger.project import Project
from kcngeo.update.reconcile_matching import Held, text_or_none


class Lots:
    """Zones and areas of parcels on a day: by certificate where there is one, else as measured.

    Parameters
    ----------
    parcels
        Parcel versions, as stored.
    on
        The day; of a parcel that is not in force then, its last version counts.
    """

    def __init__(self, parcels: Any, on: pd.Timestamp) -> None:
        known = as_known(parcels).reset_index(drop=True)
        size = len(known)
        start = day_numbers(known.get("valid_from"), missing=ALWAYS, length=size)
        end = day_numbers(known.get("valid_to"), missing=OPEN, length=size)
        area_ha = known.geometry.area.to_numpy() / M2_PER_HA
        if "certificate_area_m2" in known.columns:
            stated = known["certificate_area_m2"].to_numpy(dtype="float64") / M2_PER_HA
            area_ha = np.where(np.isnan(stated), area_ha, stated)
        in_force = covers_day(start, end, day_number(on))
        # The version in force comes last and is the one that is kept.
        order = np.lexsort((start, in_force))
        ids = known["parcel_id"].astype("str").to_numpy(dtype=object)[order]
        self.zone_of = dict(zip(ids, known["zone_id"].to_numpy(dtype=object)[order], strict=True))
        self._area_ha = dict(zip(ids, area_ha[order].tolist(), strict=True))

    def area_ha(self, parcel_id: object, part_ha: Any = None) -> float:
        """Give the area that is held: of a part as written, else of the whole parcel."""
        if part_ha is not None and not pd.isna(part_ha):
            return float(part_ha)
        return self._area_ha.get(str(parcel_id), 0.0)


def investors_of(ledger: pd.DataFrame, project: Project) -> pd.Series:
    """Name the tenant of every entry: in a column of its own, else by its project."""
    names = pd.Series([None] * len(ledger), dtype="object", index=ledger.index)
    projects = project.projects
    if projects is not None and {"project_id", "investor"} <= set(projects.columns):
        known = as_known(projects).drop_duplicates("project_id").set_index("project_id")
        if "project_id" in ledger.columns:
            names = ledger["project_id"].astype("object").map(known["investor"].to_dict())
    if "investor" in ledger.columns:
        own = ledger["investor"].astype("object")
        names = own.where(own.notna(), names)
    return names


def entries_of(
    ledger: pd.DataFrame, project: Project, lots: Lots, zone_ids: Collection[str]
) -> list[Held]:
    """Give the entries of some zones in what tells them from lines."""
    investors = investors_of(ledger, project)
    zones = ledger["parcel_id"].map(lots.zone_of)
    columns = {
        name: ledger[name].tolist() if name in ledger.columns else [None] * len(ledger)
        for name in ("entry_id", "parcel_id", "status", "document", "part_area_ha")
    }
    starts, ends = (_days(ledger, name) for name in ("valid_from", "valid_to"))
    result = []
    for place in np.flatnonzero(zones.isin(zone_ids).to_numpy()):
        parcel_id = text_or_none(columns["parcel_id"][place])
        result.append(
            Held(
                place=int(place),
                entry_id=text_or_none(columns["entry_id"][place]),
                parcel_id=parcel_id,
                status=text_or_none(columns["status"][place]),
                start=starts[place],
                end=ends[place],
                investor=text_or_none(investors.iloc[place]),
                document=text_or_none(columns["document"][place]),
                area_ha=lots.area_ha(parcel_id, columns["part_area_ha"][place]),
            )
        )
    return result


def lines_of(frame: pd.DataFrame, about: pd.DataFrame) -> list[Held]:
    """Give the lines of a list in what tells them from entries."""
    starts, ends = (_days(frame, name) for name in ("valid_from", "valid_to"))
    names = ("entry_id", "parcel_id", "status", "document", "investor")
    columns = {name: [text_or_none(one) for one in frame[name]] for name in names}
    # Of a lease that has ended on a day the list does not say, its old term says nothing.
    ends = [
        None if wants else end for wants, end in zip(about["wants_end"].notna(), ends, strict=True)
    ]
    return [
        Held(
            place=place,
            start=starts[place],
            end=ends[place],
            area_ha=None if pd.isna(listed) else float(listed),
            half_ha=float(half),
            **{name: column[place] for name, column in columns.items()},
        )
        for place, (listed, half) in enumerate(
            zip(about["listed_ha"], about["half_ha"], strict=True)
        )
    ]


def _days(frame: pd.DataFrame, name: str) -> list[pd.Timestamp | None]:
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(one) else pd.Timestamp(one) for one in frame[name]]


def missing_entries(
    entries: Sequence[Held],
    lines: Sequence[Held],
    entry_of: Mapping[int, int],
    unclear: Collection[int],
    lots: Lots,
    on: pd.Timestamp,
) -> list[int]:
    """Find the entries that hold on the day of a list and that no line names."""
    statuses = {line.status for line in lines}
    named = {*entry_of.values(), *unclear}
    open_ones = [one for one in entries if one.place not in named and one.holds_on(on)]
    # A lot that is let to another by a new line is no longer reserved, though a list of leases
    # says nothing of reservations.
    fresh = [one for one in lines if one.place not in entry_of and one.holds_on(on)]
    crowded = {one.parcel_id for one in fresh if one.status in TENURES}
    crowded = {one for one in crowded if _is_crowded(one, entries, lines, entry_of, lots, on)}
    return [
        one.place
        for one in open_ones
        if one.status in statuses or (one.parcel_id in crowded and one.status in TENURES)
    ]


def _is_crowded(
    parcel_id: str | None,
    entries: Sequence[Held],
    lines: Sequence[Held],
    entry_of: Mapping[int, int],
    lots: Lots,
    on: pd.Timestamp,
) -> bool:
    """Tell whether a lot cannot hold its new lines beside all its entries."""
    fresh = [one for one in lines if one.parcel_id == parcel_id and one.place not in entry_of]
    whole_ha = lots.area_ha(parcel_id)
    held = [one for one in (*fresh, *entries) if one.parcel_id == parcel_id and one.holds_on(on)]
    areas = [whole_ha if one.area_ha is None else one.area_ha for one in held]
    tenures = (area for area, one in zip(areas, held, strict=True) if one.status in TENURES)
    return sum(tenures) > whole_ha * SHARE_TOLERANCE
