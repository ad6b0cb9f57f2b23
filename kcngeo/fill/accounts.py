"""Land accounts and rates of a snapshot, for any dates and definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.units import MM2_PER_M2, hectares
from kcngeo.fill.aggregation import LIMITS, rate_limits, ratio
from kcngeo.fill.area_sums import ITEMS, AreaSums
from kcngeo.fill.bounds import bounds_of
from kcngeo.fill.declared import REASONS, SOURCES
from kcngeo.fill.unmeasured import Unmeasured, unmeasured
from kcngeo.ledger.faults import BOUNDED, Fault, of_findings
from kcngeo.ledger.questions import require_apart
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ACCOUNT_COLUMNS = ("base_ha", *(f"{item}_ha" for item in ITEMS[1:]))
"""Columns of a land account; the six after the first add up to it, the last two are memos."""

_CLOSES_MM2 = MM2_PER_M2


@dataclass(frozen=True, kw_only=True, eq=False)
class Accounts(AreaSums):
    """The accounts of a snapshot on one basis of areas, by zone or by zone and phase."""

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
            As :func:`kcngeo.fill.land_account`.

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
        told = unmeasured(self, dates, one)
        found = [*self._faults_of(counts & faulty, dates, one), *told.faults]
        require_apart(self.snapshot, found)
        items = self._items_told(dates, one, told)[:, :, 0]
        columns = dict(zip(ACCOUNT_COLUMNS, hectares(items.T), strict=True))
        source = told.put(np.zeros(counts.shape, dtype="int64"), told.source)[:, 0]
        frame = pd.DataFrame({**columns, "source": _named(SOURCES, source)}, index=self.index)
        return frame[counts[:, 0]]

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
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> accounts.rates(march, "nd35-2022")["fill_rate"].tolist()
        [0.5, 0.5]
        """
        used = [fill_definition(definition, on=date) for date in dates]
        kinds = {one.name: one for one in used}
        kind = np.array([list(kinds).index(one.name) for one in used])
        counts = self.counts(dates)
        # (fractions, groups, dates) mm², filled definition by definition: the law may change
        # within the period
        figures = np.full((6, len(self.zone), len(dates)), np.nan)
        # (source and reason, groups, dates) positions in their lists
        marks = np.full((2, len(self.zone), len(dates)), -1)
        faults: list[Fault] = []
        for place, one in enumerate(kinds.values()):
            mine = kind == place
            all_figures, all_marks, _, found = self._told(dates, one, when=mine)
            figures[:, :, mine] = all_figures[:, :, mine]
            marks[:, :, mine] = all_marks[:, :, mine]
            faults += found
        # Once for all definitions: a question warns once.
        require_apart(self.snapshot, faults)
        group, when = np.nonzero(counts)
        names = pd.array(list(kinds), dtype="str").take(kind[when])
        columns = _rate_columns(*figures[:, counts])
        index = self._index_on(group, dates, when)
        words = _mark_columns(*marks[:, counts])
        return pd.DataFrame({**columns, "definition": names, **words}, index=index)

    def _told(
        self, dates: pd.DatetimeIndex, one: FillDefinition, *, when: Bools | None = None
    ) -> tuple[Floats, Ints, Unmeasured, list[Fault]]:
        """Give figures of the rate with its bounds, and where they come from, (…, groups, dates).

        What is measured, and where there are no parcels what is declared; and what is at fault.
        """
        leased, base, found = self.assessed(dates, one, when=when)
        told = unmeasured(self, dates, one)
        measured = self.bounds(dates, one, leased, base)
        own = (told.leased, told.base)
        figures = [
            told.put(one_of, value)
            for one_of, value in zip((leased, base, *measured), own * 3, strict=True)
        ]
        source = told.put(np.zeros(base.shape, dtype="int64"), told.source)
        reason = told.put(np.full(base.shape, -1), told.reason)
        return np.stack(figures), np.stack([source, reason]), told, [*found, *told.faults]

    def _items_told(self, dates: pd.DatetimeIndex, one: FillDefinition, told: Unmeasured) -> Floats:
        """Give the items of the account, (groups, items, dates) mm²: measured, else declared."""
        items = np.where(self.faulty(dates, one)[:, None], np.nan, self.items(dates, one))
        np.moveaxis(items, 1, 2)[told.cells] = told.items
        return items

    def known_items(self, dates: pd.DatetimeIndex, one: FillDefinition) -> Floats:
        """Give the items of the account as far as they are known: measured, else declared.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.

        Returns
        -------
        NDArray[np.float64]
            (groups, items, dates) mm²; missing where the group does not count or is at fault, and
            where nothing is declared.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> hectares(accounts.known_items(march, law)[:, ITEMS.index("leasable"), 0]).tolist()
        [4.0, 2.0]
        """
        items = self._items_told(dates, one, unmeasured(self, dates, one))
        return np.where(self.counts(dates)[:, None], items, np.nan)

    def declared_faults(self, dates: pd.DatetimeIndex, one: FillDefinition) -> list[Fault]:
        """List the zones that have no parcels and hang on a declaration at fault.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.

        Returns
        -------
        list[Fault]
            A fault a stretch of dates.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> accounts.declared_faults(march, law)  # nothing is declared of the squares
        []
        """
        return unmeasured(self, dates, one).faults

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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> from kcngeo.standards import fill_definition
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> both = [fill_definition(name, on=march[0]) for name in ("nd164-2013", "cleared")]
        >>> accounts.by_definitions(march, both)["fill_rate"].tolist()
        [0.375, 0.5, 0.5, 0.5]
        """
        counts = self.counts(dates)
        group, when = np.nonzero(counts)
        index = self._index_on(group, dates, when)
        tables, faults = [], list[Fault]()
        for one in definitions:
            figures, marks, told, found = self._told(dates, one)
            columns = {
                **_rate_columns(*figures[:, counts]),
                "definition": one.name,
                **_mark_columns(*marks[:, counts]),
            }
            items = self._items_told(dates, one, told)
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
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
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
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> accounts.assessed(march, law)[2]  # nothing is at fault
        []
        """
        counts, faulty = self.counts(dates), self.faulty(dates, one)
        if when is not None:
            counts = counts & when
        found = self._faults_of(counts & faulty, dates, one)
        if not self.snapshot.sets_apart:
            require_apart(self.snapshot, found)
        leased, base, excess = self.raw_fraction(dates, one)
        over = excess > 0
        if (over & counts).any():
            overfull = self.overfull(dates, one)
            if not self.snapshot.sets_apart:
                raise KcngeoError("account_open", **overfull[0].fields)
            found += of_findings(overfull)
        # Without parcels nothing is measured, whatever polygon there is.
        undrawn = self.counts(dates) & ~self.measured(dates)
        unknown = faulty | over | undrawn | np.isnan(leased) | np.isnan(base)
        return np.where(unknown, np.nan, leased), np.where(unknown, np.nan, base), found

    def bounds(
        self, dates: pd.DatetimeIndex, one: FillDefinition, leased: Floats, base: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Give the fractions between which the rates lie, as far as they are known.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.
        leased
            (groups, dates) numerators in mm² as of :meth:`assessed`.
        base
            (groups, dates) denominators.

        Returns
        -------
        tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
            Numerator and denominator of the lowest rate, then of the highest; the fraction itself
            where it is known, missing where nothing bounds it.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> low, *_ = accounts.bounds(march, law, *accounts.fraction(march, law))
        >>> hectares(low).tolist()  # what is known lies between itself and itself
        [[1.5], [1.0]]
        """
        found = self._faults(dates, one)
        bounded = [fault for fault in found if fault.finding.rule in BOUNDED]
        if not bounded:
            return leased, base, leased, base
        others = [fault for fault in found if fault.finding.rule not in BOUNDED]
        raw_leased, raw_base, _ = self.raw_fraction(dates, one)
        over = raw_leased - raw_base > _CLOSES_MM2
        known = self._hit(bounded, dates) & ~self._hit(others, dates) & ~over
        limits = bounds_of(self, dates, one, raw_leased, raw_base)
        own = (leased, base, leased, base)
        return tuple(np.where(known, *each) for each in zip(limits, own, strict=True))  # type: ignore[return-value]

    def raw_fraction(
        self, dates: pd.DatetimeIndex, one: FillDefinition
    ) -> tuple[Floats, Floats, Floats]:
        """Give numerator and denominator as the tables say, whatever is at fault.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        one
            The definition.

        Returns
        -------
        tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
            (groups, dates) mm²; and by how much the parts exceed the base, else 0.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> accounts = Accounts.of(kcn.examples.squares().as_known())
        >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> hectares(accounts.raw_fraction(march, law)[0]).tolist()
        [[1.5], [1.0]]
        """
        leased, base = self.weighted(one.numerator, dates), self.weighted(one.base, dates)
        excess = leased - base
        if one.on_whole_zone:
            # Parts come from parcels and the polygon from the zone: they may not fit into it.
            items = self.items(dates, one)
            taken = items[:, ITEMS.index("leasable")] - items[:, ITEMS.index("available")]
            excess = np.maximum(excess, taken - self.zone_mm2(dates))
        counts = self.counts(dates) & ~self.faulty(dates, one)
        return leased, base, np.where(counts & (excess > _CLOSES_MM2), excess, 0.0)

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
        >>> law = kcn.standards.fill_definition(None, on="2018-03-31")
        >>> accounts.overfull(march, law)
        []
        """
        excess = self.raw_fraction(dates, one)[2]
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


def _named(names: Sequence[str], codes: Ints) -> Any:
    """Name positions in a list; -1 is missing."""
    return pd.array(list(names), dtype="str").take(codes, allow_fill=True)


def _mark_columns(source: Ints, reason: Ints) -> dict[str, Any]:
    """Say where rates come from, and why there are none."""
    return {"source": _named(SOURCES, source), "reason": _named(REASONS, reason)}


def _rate_columns(leased_mm2: Floats, base_mm2: Floats, *limits_mm2: Floats) -> dict[str, Any]:
    """Turn numerators and denominators into hectares and their ratios."""
    rate = ratio(leased_mm2, base_mm2)
    limits = dict(zip(LIMITS, map(hectares, limits_mm2), strict=True))
    return {
        "leased_ha": hectares(leased_mm2),
        "base_ha": hectares(base_mm2),
        "fill_rate": rate,
        **rate_limits(limits),
        **limits,
    }
