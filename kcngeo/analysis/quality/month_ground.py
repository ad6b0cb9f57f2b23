"""What the rules of a month stand on: one day of a snapshot, by one definition and basis."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.doubt import NOWHERE, Doubt
from kcngeo.core.dates import covers_day, day, day_number, is_in_force
from kcngeo.core.geometry import areas_m2, invalid_rows
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2, whole_mm2
from kcngeo.fill import Accounts
from kcngeo.fill.bounds import of_versions
from kcngeo.ledger import PARTS, entry_names, state_of
from kcngeo.standards import FillDefinition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.core.dates import Day
    from kcngeo.ledger import Snapshot

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LEASED = PARTS.index("leased")


class MonthGround:
    """The parcel versions and entries of a day, and what they count by a definition.

    Parameters
    ----------
    accounts
        The accounts of the month, by zone.
    on
        The reporting date.
    definition
        The definition.
    """

    def __init__(self, accounts: Accounts, *, on: Day, definition: FillDefinition) -> None:
        self.accounts, self.definition = accounts, definition
        self.snapshot: Snapshot = accounts.snapshot
        self.on, self.number = day(on), day_number(on)
        self.dates = pd.DatetimeIndex([self.on], name="on")
        self.there = self.snapshot.in_force(on)

    @property
    def parcels(self) -> gpd.GeoDataFrame:
        """Give the parcel versions, of every day."""
        return self.snapshot.parcels

    @cached_property
    def leasable(self) -> Ints:
        """Give the leasable parcel versions in force that can be measured, (rows,) positions."""
        return np.flatnonzero(self.there & self.snapshot.leasable & self.snapshot.measurable)

    @cached_property
    def unsound(self) -> tuple[Ints, NDArray[np.object_]]:
        """Give the parcel versions of the day that cannot be measured, (rows,), and why not."""
        at = np.flatnonzero(self.there)
        rows, reasons = invalid_rows(self.parcels.iloc[at])
        return at[rows], reasons

    @cached_property
    def sound(self) -> Ints:
        """Give the parcel versions of the day that can be measured, (rows,) positions."""
        return np.setdiff1d(np.flatnonzero(self.there), self.unsound[0])

    @cached_property
    def zone_of_version(self) -> Ints:
        """Give the positions of the zones, (versions,)."""
        return self.accounts.zone[self.accounts.group]

    @cached_property
    def has_parts(self) -> Bools:
        """Tell in which versions contracts for parts are in force, (versions,)."""
        segments = self.snapshot.allocations.segments
        now = segments.is_part & covers_day(segments.start, segments.end, self.number)
        found = np.zeros(len(self.parcels), dtype=bool)
        found[segments.version[now]] = True
        return found

    @cached_property
    def _own(self) -> tuple[Floats, Floats, Bools]:
        """Keep what versions count that were asked for, (versions,) mm²."""
        size = len(self.parcels)
        return np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool)

    def own(self, version: Ints) -> tuple[Floats, Floats]:
        """Give the land let and the rest of the base of versions by the definition, mm²."""
        let, rest, known = self._own
        fresh = np.unique(version[~known[version]])
        if len(fresh):
            numerator, base = (
                np.nan_to_num(each[:, 0])
                for each in of_versions(self.accounts, self.dates, self.definition, fresh)
            )
            if self.definition.on_whole_zone:
                # What is not let may be: the polygon is no land of a parcel.
                base = self.accounts.version_mm2[fresh]
            let[fresh], rest[fresh] = numerator, np.maximum(base - numerator, 0.0)
            known[fresh] = True
        return let[version], rest[version]

    def sized(
        self, rule: str, version: Ints, gap_mm2: Floats, *, names: Any = None, **more: Any
    ) -> Doubt:
        """Make a doubt of how large parcels are: by ``gap_mm2`` larger or, below 0, smaller.

        What is let whole grows and shrinks with its parcel; contracts for parts do not.
        """
        let, rest = self.own(version)
        share = gap_mm2 / np.maximum(self.accounts.version_mm2[version], 1.0)
        counts = (let + rest) > 0
        parts = self.has_parts[version]
        let_mm2 = np.where(parts, 0.0, let * share)
        rest_mm2 = np.where(parts, np.where(counts, gap_mm2, 0.0), rest * share)
        return self.doubt(rule, version, let_mm2, rest_mm2, names=names, is_size=True, **more)

    def held(
        self, rule: str, version: Ints, let_mm2: Floats, *, names: Any = None, **more: Any
    ) -> Doubt:
        """Make a doubt of who holds land: so much more or, below 0, less of it is let."""
        let, rest = self.own(version)
        moved = np.clip(let_mm2, -let, rest)
        # Several entries of one parcel hold no more together than there is.
        both = pd.Series(np.abs(moved)).groupby(version).transform("sum").to_numpy()
        most = np.where(moved < 0, let, rest)
        moved = moved * np.minimum(1.0, most / np.maximum(both, 1.0))
        return self.doubt(rule, version, moved, -moved, names=names, **more)

    def doubt(
        self,
        rule: str,
        version: Ints,
        let_mm2: Floats,
        rest_mm2: Floats,
        *,
        names: Any = None,
        table: str = "parcels",
        **more: Any,
    ) -> Doubt:
        """Make a doubt about parcel versions, named by their ids unless names are given."""
        if names is None:
            names = self.parcels["parcel_id"].take(version)
        return Doubt(
            rule=rule,
            table=table,
            names=np.asarray(names, dtype=object),
            zone=self.zone_of_version[version],
            version=version,
            let_mm2=let_mm2,
            rest_mm2=rest_mm2,
            **more,
        )

    def of_zone(self, rule: str, zone_id: Any, gap_mm2: float, **more: Any) -> Doubt:
        """Make a doubt of how large the polygon of a zone is, where that is the base."""
        gap = gap_mm2 if self.definition.on_whole_zone else 0.0
        return Doubt(
            rule=rule,
            table="zones",
            names=np.array([zone_id], dtype=object),
            zone=np.flatnonzero(self.accounts.zone_ids == zone_id),
            version=np.array([NOWHERE]),
            let_mm2=np.zeros(1),
            rest_mm2=np.array([gap]),
            is_size=True,
            **more,
        )

    @cached_property
    def now(self) -> gpd.GeoDataFrame:
        """Give the parcels of the day with what is held of them, by the basis of the areas."""
        return state_of(self.snapshot, on=self.on, area=self.accounts.area)

    @cached_property
    def drawn_m2(self) -> Floats:
        """Measure the versions on the grid as they are drawn, (versions,)."""
        drawn = areas_m2(self.parcels, basis="grid", certificate="certificate_area_m2")
        return np.nan_to_num(drawn)

    @cached_property
    def entries(self) -> Ints:
        """Give the entries in force on leasable parcels of the day, (rows,) positions."""
        counted = self.version_of_entry != NOWHERE
        return np.flatnonzero(is_in_force(self.snapshot.ledger, self.on) & counted)

    @cached_property
    def version_of_entry(self) -> Ints:
        """Give the leasable version of the day each entry is about, or ``NOWHERE``."""
        rows = np.flatnonzero(self.there & self.snapshot.leasable)
        parcel, named = self.snapshot.joined.parcel, self.snapshot.joined.entry_parcel
        # (parcels,) with those that the ledger alone names
        place = np.full(np.concatenate([parcel, named]).max(initial=-1) + 1, NOWHERE)
        place[parcel[rows]] = rows
        return place[named]

    def held_mm2(self, entries: Ints) -> Floats:
        """Give what entries hold: their part, or the whole parcel of the day; mm²."""
        whole = self.accounts.version_mm2[self.version_of_entry[entries]]
        ledger = self.snapshot.ledger
        if "part_area_ha" not in ledger.columns:
            return whole
        part = ledger["part_area_ha"].to_numpy(dtype="float64")[entries] * M2_PER_HA
        return np.where(np.isnan(part), whole, whole_mm2(np.nan_to_num(part)))

    def entry_names(self, rows: Any) -> tuple[str, ...]:
        """Name entries of the ledger."""
        return entry_names(self.snapshot.ledger, rows)

    def leased_ha(self, version: Ints) -> Floats:
        """Give the land let of parcels that no definition counts, hectares."""
        share = pd.Series(self.now["leased_share"].to_numpy(), np.flatnonzero(self.there))
        whole = self.snapshot.allocations.whole_mm2[version]
        return np.asarray(share.reindex(version).to_numpy() * whole / MM2_PER_M2 / M2_PER_HA)
