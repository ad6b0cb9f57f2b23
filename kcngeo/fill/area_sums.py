"""Areas of a snapshot summed by zone, land use and part on any dates, and weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from kcngeo.core.dates import covers_day
from kcngeo.core.geometry import AREA_BASES, areas_m2, invalid_rows
from kcngeo.core.model import LEASABLE
from kcngeo.core.units import M2_PER_HA, whole_mm2
from kcngeo.fill.aggregation import (
    By,
    by_phases,
    is_by_phase,
    part_mm2,
    positions,
    summed,
)
from kcngeo.fill.licences import unlicensed_mm2
from kcngeo.ledger import MEMO_ITEMS, PARTS, Snapshot
from kcngeo.ledger.faults import Fault
from kcngeo.standards import FillDefinition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ITEMS = ("leasable", *PARTS, "available", *MEMO_ITEMS)
"""What is summed of the land of a zone and use: the leasable land, its parts, and the memos."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaSums:
    """Sums of areas of a snapshot on one basis, by zone or by zone and phase.

    Attributes
    ----------
    snapshot
        The tables as known.
    area
        Basis of the areas.
    zone_ids
        Ids of the zones, sorted; those whose own rows are at fault too.
    group
        (versions,) the number of the group of each parcel version.
    zone
        (groups,) the position of the zone of each group.
    phases
        (groups,) the phase of each group; None where groups are zones.
    """

    snapshot: Snapshot
    area: str
    zone_ids: NDArray[Any]
    group: Ints
    zone: Ints
    phases: NDArray[Any] | None

    @classmethod
    def of(cls, snapshot: Snapshot, *, area: str = "grid", by: By = "zone_id") -> Self:
        """Group the parcels of a snapshot.

        Parameters
        ----------
        snapshot
            The tables as known.
        area
            "grid", "ellipsoid" or "certificate".
        by
            "zone_id", or ("zone_id", "phase").

        Returns
        -------
        Self
            The sums.

        Raises
        ------
        KcngeoError
            If ``by`` is neither of the two.
        ValueError
            If ``area`` is none of the three.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> len(AreaSums.of(now).zone), len(AreaSums.of(now, by=("zone_id", "phase")).zone)
        (2, 3)
        """
        if area not in AREA_BASES:
            raise ValueError(f"area must be one of {', '.join(AREA_BASES)}, not {area!r}")
        # A zone a question has left out already has no account, not one of nothing.
        faulty = {zone_id for zone_id, _ in snapshot.always_faulty} - set(snapshot.apart)
        zone_ids = np.unique(np.array([*snapshot.zone_ids, *faulty], dtype=object))
        group = positions(snapshot.parcels["zone_id"], zone_ids)
        zone, phases = np.arange(len(zone_ids)), None
        if is_by_phase(by):
            group, zone, phases = by_phases(snapshot.parcels, group, len(zone_ids))
        return cls(
            snapshot=snapshot,
            area=area,
            zone_ids=zone_ids,
            group=group,
            zone=zone,
            phases=phases,
        )

    @property
    def index(self) -> pd.Index:
        """Name the groups.

        Returns
        -------
        pd.Index
            ``zone_id``, or ``zone_id`` and ``phase``.
        """
        names = pd.Index(self.zone_ids[self.zone], dtype="str", name="zone_id")
        if self.phases is None:
            return names
        phases = pd.Index(self.phases, dtype="str", name="phase")
        return pd.MultiIndex.from_arrays([names, phases])

    def weighted(self, weights: Any, dates: pd.DatetimeIndex) -> Floats:
        """Add up land by the weights of a definition.

        Parameters
        ----------
        weights
            By (land use, item) what a hectare counts; the land use is empty for the polygon of
            the zone.
        dates
            Reporting dates, sorted.

        Returns
        -------
        NDArray[np.float64]
            (groups, dates) mm²; missing where an item is not known of the zone.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = AreaSums.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> from kcngeo.core.units import hectares
        >>> hectares(accounts.weighted({("industrial", "leased"): 1.0}, march)).tolist()
        [[1.5], [1.0]]
        """
        # (groups, dates) mm²
        total = np.zeros((len(self.zone), len(dates)))
        for (use, item), weight in weights.items():
            if item == "zone":
                total = total + weight * self.zone_mm2(dates)
            elif item in ITEMS:
                of_use = self.sums(dates)[:, LEASABLE.index(use)]
                total = total + weight * of_use[:, ITEMS.index(item)]
            elif item == "leased_unlicensed":
                total = total + weight * unlicensed_mm2(self, dates)[:, LEASABLE.index(use)]
            else:
                # A board may declare it; measured land does not tell.
                total = np.full_like(total, np.nan)
        return total

    def items(self, dates: pd.DatetimeIndex, one: FillDefinition) -> Floats:
        """Add up the items of the account over the land uses of a definition.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.

        Returns
        -------
        NDArray[np.float64]
            (groups, items, dates) mm².

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = AreaSums.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> from kcngeo.core.units import hectares
        >>> hectares(accounts.items(march, law)[0, ITEMS.index("reserved")]).tolist()
        [1.0]
        """
        uses = [LEASABLE.index(use) for use in one.uses if use in LEASABLE]
        return np.asarray(self.sums(dates)[:, uses].sum(axis=1))

    def sums(self, dates: pd.DatetimeIndex) -> Floats:
        """Sum every item of every group and land use on every date; kept for the dates asked last.

        Parameters
        ----------
        dates
            Reporting dates, sorted.

        Returns
        -------
        NDArray[np.float64]
            (groups, uses, items, dates) mm².

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = AreaSums.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> accounts.sums(march).shape == (2, len(LEASABLE), len(ITEMS), 1)
        True
        """
        kept: Floats = self._once(self._summed, dates)
        return kept

    def measured(self, dates: pd.DatetimeIndex) -> Bools:
        """Tell of which groups a parcel of their zone is in force; kept for the dates asked last.

        Parameters
        ----------
        dates
            Reporting dates, sorted.

        Returns
        -------
        NDArray[np.bool_]
            (groups, dates).

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = AreaSums.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> accounts.measured(march).tolist()
        [[True], [True]]
        """
        kept: Bools = self._once(self._measured, dates)
        return kept

    def _measured(self, days: Ints) -> Bools:
        joined, zone = self.snapshot.joined, self.zone[self.group]
        ones = np.ones(len(zone))
        there = summed(days, len(self.zone_ids), zone, joined.start, joined.end, ones) > 0
        return np.asarray(there[self.zone])

    def _once(self, make: Callable[[Ints], Any], dates: pd.DatetimeIndex) -> Any:
        """Work something out for the dates asked last, once for all definitions."""
        key = dates.to_numpy().tobytes()
        if key not in self._kept:
            self._kept.clear()
            self._kept[key] = {}
        kept, name = self._kept[key], make.__name__
        if name not in kept:
            kept[name] = make(day_numbers_of(dates))
        return kept[name]

    @cached_property
    def _kept(self) -> dict[bytes, dict[str, Any]]:
        return {}

    @cached_property
    def version_mm2(self) -> Floats:
        """Measure the parcel versions.

        Returns
        -------
        NDArray[np.float64]
            (versions,) whole mm²; 0 where the land use does not count or the area is not known
            (its zone is then at fault).
        """
        return np.nan_to_num(self.snapshot.areas_mm2(self.area))

    @cached_property
    def use_of_version(self) -> Ints:
        """Number the land uses.

        Returns
        -------
        NDArray[np.int64]
            (versions,) position in ``LEASABLE``; -1 for other uses.
        """
        codes, uniques = pd.factorize(self.snapshot.parcels["land_use"])
        place = [LEASABLE.index(use) if use in LEASABLE else -1 for use in uniques]
        return np.array([*place, -1], dtype="int64")[codes]

    def _summed(self, days: Ints) -> Floats:
        """Sum base, parts, available land and memos; (groups, uses, items, dates) mm²."""
        joined, held = self.snapshot.joined, self.snapshot.allocated(self.area)
        whole, use = self.version_mm2, self.use_of_version
        uses, width = len(LEASABLE), len(PARTS) + len(MEMO_ITEMS)
        size = len(self.zone) * uses
        cell = self.group * uses + use  # (versions,) group and land use in one number
        counted = np.flatnonzero(whole > 0)
        base = summed(
            days, size, cell[counted], joined.start[counted], joined.end[counted], whole[counted]
        )
        rows = np.flatnonzero(whole[held.version] > 0)
        version = held.version[rows]
        parts = summed(
            days,
            size * width,
            cell[version] * width + held.part[rows],
            held.start[rows],
            held.end[rows],
            part_mm2(held, rows, whole),
        ).reshape(size, width, len(days))
        # (groups x uses, parts, dates) what is not available
        taken = parts[:, : len(PARTS)]
        available = base - taken.sum(axis=1)
        items = [base[:, None], taken, available[:, None], parts[:, len(PARTS) :]]
        return np.concatenate(items, axis=1).reshape(len(self.zone), uses, len(ITEMS), len(days))

    def zone_mm2(self, dates: pd.DatetimeIndex) -> Floats:
        """Measure the polygon of every zone on every date.

        Parameters
        ----------
        dates
            Reporting dates, sorted.

        Returns
        -------
        NDArray[np.float64]
            (groups, dates) mm²; missing where it is not known, and for phases.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = AreaSums.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> from kcngeo.core.units import hectares
        >>> hectares(accounts.zone_mm2(march)).tolist()
        [[10.0], [10.0]]
        """
        if self.phases is not None:
            return np.full((len(self.zone), len(dates)), np.nan)
        days, zones = day_numbers_of(dates), self.snapshot.zones
        if self.area == "certificate":
            column = zones.get("approved_area_ha", pd.Series(np.nan, index=zones.index))
            area_m2 = column.to_numpy(dtype="float64") * M2_PER_HA
        else:
            area_m2 = areas_m2(zones, basis=self.area, certificate="")
            area_m2[invalid_rows(zones)[0]] = np.nan
        start, end = self.snapshot.zone_days
        zone = positions(zones["zone_id"], self.zone_ids)
        unknown, size = np.isnan(area_m2), len(self.zone_ids)
        base = summed(days, size, zone, start, end, whole_mm2(np.where(unknown, 0, area_m2)))
        gaps = summed(days, size, zone, start, end, unknown.astype("float64")) > 0
        return np.where(gaps, np.nan, base)

    def counts(self, dates: pd.DatetimeIndex) -> Bools:
        """Tell which groups count on which dates.

        Parameters
        ----------
        dates
            Reporting dates, sorted.

        Returns
        -------
        NDArray[np.bool_]
            (groups, dates) a zone whose own rows are at fault counts always: nobody knows better.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = AreaSums.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> accounts.counts(march).tolist()
        [[True], [True]]
        """
        days, zones = day_numbers_of(dates), self.snapshot.zones
        start, end = self.snapshot.zone_days
        zone = positions(zones["zone_id"], self.zone_ids)
        counting = summed(days, len(self.zone_ids), zone, start, end, np.ones(len(zone))) > 0
        counting[~np.isin(self.zone_ids, self.snapshot.zone_ids)] = True
        return np.asarray(counting[self.zone])

    def faulty(self, dates: pd.DatetimeIndex, one: FillDefinition) -> Bools:
        """Tell which groups are at fault on which dates.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.

        Returns
        -------
        NDArray[np.bool_]
            (groups, dates) True while a fault concerns the group.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = AreaSums.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> accounts.faulty(march, law).tolist()
        [[False], [False]]
        """
        return self._hit(self._faults(dates, one), dates)

    def _hit(self, faults: Iterable[Fault], dates: pd.DatetimeIndex) -> Bools:
        """Tell which groups some faults concern on which dates."""
        hit = np.zeros((len(self.zone_ids), len(dates)), dtype=bool)
        days = day_numbers_of(dates)
        for fault in faults:
            hit[self.zone_ids == fault.zone_id] |= covers_day(fault.start, fault.end, days)
        return np.asarray(hit[self.zone])

    def _faults_of(self, hit: Bools, dates: pd.DatetimeIndex, one: FillDefinition) -> list[Fault]:
        """List the faults of the zones with a group that is hit, (groups, dates)."""
        zone_ids = set(self.zone_ids[np.unique(self.zone[hit.any(axis=1)])])
        return [fault for fault in self._faults(dates, one) if fault.zone_id in zone_ids]

    def _faults(self, dates: pd.DatetimeIndex, one: FillDefinition) -> list[Fault]:
        """List the faults in the time of the dates, by the basis and the definition."""
        return self.snapshot.faults_between(
            dates[0], dates[-1], area=self.area, definition=one.name
        )


def day_numbers_of(dates: pd.DatetimeIndex) -> Ints:
    """Give reporting dates as day numbers."""
    return dates.to_numpy(dtype="datetime64[D]").astype("int64")
