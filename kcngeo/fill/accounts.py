"""Areas of a snapshot summed by zone, land use and part, for any dates and definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, covers_day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.geometry import AREA_BASES, areas_m2, invalid_rows
from kcngeo.core.model import LEASABLE, Finding, Severity
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2, hectares, whole_mm2
from kcngeo.fill.aggregation import (
    By,
    by_phases,
    is_by_phase,
    part_mm2,
    positions,
    ratio,
    summed,
)
from kcngeo.ledger import MEMO_ITEMS, PARTS, Snapshot
from kcngeo.ledger.faults import Fault, of_findings
from kcngeo.ledger.snapshot import require_apart
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ITEMS = ("leasable", *PARTS, "available", *MEMO_ITEMS)
"""What is summed of the land of a zone and use: the leasable land, its parts, and the memos."""

ACCOUNT_COLUMNS = ("base_ha", *(f"{item}_ha" for item in ITEMS[1:]))
"""Columns of a land account; the six after the first add up to it, the last two are memos."""

_CLOSES_MM2 = MM2_PER_M2


@dataclass(frozen=True, kw_only=True, eq=False)
class Accounts:
    """The accounts of a snapshot on one basis of areas, by zone or by zone and phase.

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
    def of(cls, snapshot: Snapshot, *, area: str = "grid", by: By = "zone_id") -> Accounts:
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
        Accounts
            The accounts.

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
        >>> len(Accounts.of(now).zone), len(Accounts.of(now, by=("zone_id", "phase")).zone)
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

    def account(self, on: Day, definition: str | None) -> pd.DataFrame:
        """Give the land accounts of a day.

        Parameters
        ----------
        on
            The reporting date.
        definition
            Id of the definition, or None for the law in force on the day.

        Returns
        -------
        pd.DataFrame
            As :func:`kcngeo.fill.land_account`, without ``source``.

        Raises
        ------
        ContractError
            If a zone is at fault and the snapshot does not set zones apart.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> account = Accounts.of(kcn.examples.squares().as_known()).account("2018-03-31", None)
        >>> account[["base_ha", "leased_ha"]].values.tolist()
        [[4.0, 1.5], [2.0, 1.0]]
        """
        dates = pd.DatetimeIndex([day(on)], name="on")
        one = fill_definition(definition, on=dates[0])
        counts, faulty = self.counts(dates), self.faulty(dates, one)
        require_apart(self.snapshot, self._faults_of(counts & faulty, dates, one))
        items = self.items(dates, one)[:, :, 0]
        items[faulty[:, 0]] = np.nan
        columns = dict(zip(ACCOUNT_COLUMNS, hectares(items.T), strict=True))
        return pd.DataFrame(columns, index=self.index)[counts[:, 0]]

    def rates(self, dates: pd.DatetimeIndex, definition: str | None) -> pd.DataFrame:
        """Give the rates of all groups on all dates.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        definition
            Id of the definition, or None for the law in force on each date.

        Returns
        -------
        pd.DataFrame
            As :func:`kcngeo.fill.fill_series`.

        Raises
        ------
        ContractError
            If a zone is at fault and the snapshot does not set zones apart.
        KcngeoError
            If more is let than there is, and the snapshot does not set zones apart.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
        >>> accounts.rates(march, "nd35-2022")["fill_rate"].tolist()
        [0.5, 0.5]
        """
        used = [fill_definition(definition, on=date) for date in dates]
        kinds = {one.name: one for one in used}
        kind = np.array([list(kinds).index(one.name) for one in used])
        counts = self.counts(dates)
        # (groups, dates) mm², filled definition by definition: the law may change within the period
        leased, base = np.full((2, len(self.zone), len(dates)), np.nan)
        faults: list[Fault] = []
        for place, one in enumerate(kinds.values()):
            mine = kind == place
            upper, lower, found = self.assessed(dates, one, when=mine)
            leased[:, mine], base[:, mine] = upper[:, mine], lower[:, mine]
            faults += found
        # Once for all definitions: a question warns once.
        require_apart(self.snapshot, faults)
        group, when = np.nonzero(counts)
        names = pd.array(list(kinds), dtype="str").take(kind[when])
        columns = _rate_columns(leased[counts], base[counts])
        index = self._index_on(group, dates, when)
        return pd.DataFrame({**columns, "definition": names}, index=index)

    def by_definitions(
        self, dates: pd.DatetimeIndex, definitions: Sequence[FillDefinition]
    ) -> pd.DataFrame:
        """Give rates by several definitions, with the parts of the account of each beside.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        definitions
            The definitions.

        Returns
        -------
        pd.DataFrame
            As :meth:`rates`, a block a definition, and the columns of the land account that are
            not those of the rate.

        Raises
        ------
        ContractError
            If a zone is at fault and the snapshot does not set zones apart.
        KcngeoError
            If more is let than there is, and the snapshot does not set zones apart.
        """
        counts = self.counts(dates)
        group, when = np.nonzero(counts)
        index = self._index_on(group, dates, when)
        tables, faults = [], list[Fault]()
        for one in definitions:
            leased, base, found = self.assessed(dates, one)
            columns = {**_rate_columns(leased[counts], base[counts]), "definition": one.name}
            items = np.where(self.faulty(dates, one)[:, None], np.nan, self.items(dates, one))
            columns |= {
                name: hectares(item[counts])
                for name, item in zip(ACCOUNT_COLUMNS, np.moveaxis(items, 1, 0), strict=True)
                if name not in columns
            }
            tables.append(pd.DataFrame(columns, index=index))
            faults += found
        require_apart(self.snapshot, faults)
        return pd.concat(tables)

    def fraction(self, dates: pd.DatetimeIndex, one: FillDefinition) -> tuple[Floats, Floats]:
        """Give numerator and denominator of a definition for every group and date.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.

        Returns
        -------
        tuple[NDArray[np.float64], NDArray[np.float64]]
            (groups, dates) areas in mm²; missing where a zone is at fault or a part is unknown.

        Raises
        ------
        ContractError
            If a zone is at fault and the snapshot does not set zones apart.
        KcngeoError
            If more is let than there is, and the snapshot does not set zones apart.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
        >>> leased, base = accounts.fraction(march, law)
        >>> (hectares(leased) / hectares(base)).tolist()
        [[0.375], [0.5]]
        """
        leased, base, found = self.assessed(dates, one)
        require_apart(self.snapshot, found)
        return leased, base

    def assessed(
        self, dates: pd.DatetimeIndex, one: FillDefinition, *, when: Bools | None = None
    ) -> tuple[Floats, Floats, list[Fault]]:
        """Give numerator and denominator of a definition, and what is at fault, without warning.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.
        when
            (dates,) on which of them it is asked for; None for all.

        Returns
        -------
        tuple[NDArray[np.float64], NDArray[np.float64], list[Fault]]
            As :meth:`fraction`; and the faults of zones that count.

        Raises
        ------
        ContractError
            If a zone is at fault and the snapshot does not set zones apart.
        KcngeoError
            If more is let than there is, and the snapshot does not set zones apart.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
        >>> accounts.assessed(march, law)[2]  # nothing is at fault
        []
        """
        counts, faulty = self.counts(dates), self.faulty(dates, one)
        if when is not None:
            counts = counts & when
        found = self._faults_of(counts & faulty, dates, one)
        if not self.snapshot.sets_apart:
            require_apart(self.snapshot, found)
        leased, base, excess = self._fraction(dates, one)
        over = excess > 0
        if (over & counts).any():
            overfull = self.overfull(dates, one)
            if not self.snapshot.sets_apart:
                raise KcngeoError("account_open", **overfull[0].fields)
            found += of_findings(overfull)
        unknown = faulty | over | np.isnan(leased) | np.isnan(base)
        return np.where(unknown, np.nan, leased), np.where(unknown, np.nan, base), found

    def _fraction(
        self, dates: pd.DatetimeIndex, one: FillDefinition
    ) -> tuple[Floats, Floats, Floats]:
        """Give numerator, denominator, and by how much too much is told for the base."""
        leased, base = self.weighted(one.numerator, dates), self.weighted(one.base, dates)
        excess = leased - base
        if one.on_whole_zone:
            # Parts come from parcels and the polygon from the zone: they may not fit into it.
            items = self.items(dates, one)
            taken = items[:, ITEMS.index("leasable")] - items[:, ITEMS.index("available")]
            excess = np.maximum(excess, taken - self.zone_mm2(dates))
        counts = self.counts(dates) & ~self.faulty(dates, one)
        return leased, base, np.where(counts & (excess > _CLOSES_MM2), excess, 0.0)

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
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
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
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
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
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
        >>> accounts.sums(march).shape == (2, len(LEASABLE), len(ITEMS), 1)
        True
        """
        key = dates.to_numpy().tobytes()
        if key not in self._kept:
            self._kept.clear()
            self._kept[key] = self._summed(day_numbers_of(dates))
        return self._kept[key]

    @cached_property
    def _kept(self) -> dict[bytes, Floats]:
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
        joined, held = self.snapshot.joined, self.snapshot.allocations
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
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
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
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
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
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
        >>> accounts.faulty(march, law).tolist()
        [[False], [False]]
        """
        hit = np.zeros((len(self.zone_ids), len(dates)), dtype=bool)
        days = day_numbers_of(dates)
        for fault in self._faults(dates, one):
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

    def overfull(self, dates: pd.DatetimeIndex, one: FillDefinition) -> list[Finding]:
        """Say of which zones the parts exceed the base.

        Parameters
        ----------
        dates
            Reporting dates.
        one
            The definition.

        Returns
        -------
        list[Finding]
            A finding a zone, of its first date.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = fill_definition(None, on="2018-03-31")
        >>> accounts.overfull(march, law)
        []
        """
        excess = self._fraction(dates, one)[2]
        over = excess > 0
        found = []
        for group in np.flatnonzero(over.any(axis=1)):
            when = int(np.argmax(over[group]))
            zone_id = str(self.zone_ids[self.zone[group]])
            fields = {
                "zone_id": zone_id,
                "on": dates[when].date(),
                "excess_ha": f"{hectares(excess[group, when]):.4f}",
                "definition": one.name,
            }
            found.append(
                Finding(
                    rule="account_open",
                    severity=Severity.ERROR,
                    table="zones",
                    zone_ids=(zone_id,),
                    fields=fields,
                )
            )
        return found

    def _index_on(self, group: Ints, dates: pd.DatetimeIndex, when: Ints) -> pd.MultiIndex:
        """Name groups and dates; by positions, as a long series has few names."""
        levels = [pd.Index(self.zone_ids, dtype="str"), dates]
        codes: list[Any] = [self.zone[group], when]
        names = ["zone_id", "on"]
        if self.phases is not None:
            phase_codes, phases = pd.factorize(self.phases)
            levels.insert(1, pd.Index(phases, dtype="str"))
            codes.insert(1, phase_codes[group])
            names.insert(1, "phase")
        return pd.MultiIndex(levels=levels, codes=codes, names=names)


def _rate_columns(leased_mm2: Floats, base_mm2: Floats) -> dict[str, Any]:
    """Turn numerators and denominators into hectares and their ratio."""
    return {
        "leased_ha": hectares(leased_mm2),
        "base_ha": hectares(base_mm2),
        "fill_rate": ratio(leased_mm2, base_mm2),
    }


def day_numbers_of(dates: pd.DatetimeIndex) -> Ints:
    """Give reporting dates as day numbers."""
    return dates.to_numpy(dtype="datetime64[D]").astype("int64")
