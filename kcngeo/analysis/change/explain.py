"""Why a fill rate moved: an exact decomposition, down to the entries.

Between two dates let land goes from L1 to L2 and the base from B1 to B2. The change of the rate is

    (L2 − L1) / B1  +  L2 · (1/B2 − 1/B1),

the numerator at the old base, then the base. Both are linear in the changes of L and B, so a cause
that changes them by ΔL and ΔB adds ΔL/B1 − L2·ΔB/(B1·B2), and all causes add up to the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change.causes import CAUSES, between_dates, corrections
from kcngeo.core.days import DateError, Day, day, month_ends
from kcngeo.core.units import hectares
from kcngeo.fill import Book
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd

_ENTRY_COLUMNS = [
    "zone_id",
    "on",
    "cause",
    "parcel_ids",
    "entries",
    "leased_change_ha",
    "base_change_ha",
    "effect",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Why rates moved between two dates.

    Attributes
    ----------
    effects
        By ``zone_id``: ``rate_start``, ``rate_end``, ``numerator_effect``, ``base_effect``,
        ``change``, and a column for each of :data:`CAUSES`; shares, missing where a base is 0.
    entries
        A row a cause, parcel and day: ``zone_id``, ``on`` (the first day of the new state; for
        corrections the start), ``cause``, ``parcel_ids`` and ``entries`` (joined by "|"),
        ``leased_change_ha``, ``base_change_ha``, ``effect`` (share). The effects of a zone's rows
        add up to its ``change``.
    """

    effects: pd.DataFrame
    entries: pd.DataFrame


def explain(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    start: Day,
    end: Day,
    definition: str,
    known_at_start: Any = None,
    known_at_end: Any = None,
    area: str = "grid",
) -> Change:
    """Explain the change of every zone's fill rate between two reporting dates.

    What begins or ends in (start, end] counts, each on its first day. Where the shape or use of a
    parcel and its lease change on one day, its share let is first taken as it was, then changed. A
    split or merge is one parcel on the day it happens. If the two states are known at different
    times, the past is corrected first, on the start date.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    start
        The earlier reporting date.
    end
        The later reporting date.
    definition
        Id of the fill-rate definition, the same on both dates.
    known_at_start
        As what the state on ``start`` was known; see :func:`kcngeo.fill.land_account`.
    known_at_end
        As what the state on ``end`` is known.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    Change
        Effects by zone and by entry; a zone that does not count on one of the dates, or has no
        base there, has no change.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    DateError
        If ``end`` is not after ``start``.
    """
    ledger = ledger.reset_index(drop=True)
    new = Book.of(zones, parcels, ledger, known_at=known_at_end, area=area, by="zone_id")
    old = new
    if known_at_start != known_at_end:
        old = Book.of(zones, parcels, ledger, known_at=known_at_start, area=area, by="zone_id")
    return between(old, new, start=start, end=end, definition=definition)


def between(old: Book, new: Book, *, start: Day, end: Day, definition: str) -> Change:
    """Explain the change between two dates from tables that are joined already.

    Parameters
    ----------
    old
        Tables as known of the start.
    new
        Tables as known of the end; the same book if nothing was corrected.
    start
        The earlier reporting date.
    end
        The later reporting date.
    definition
        Id of the fill-rate definition, the same on both dates.

    Returns
    -------
    Change
        As :func:`explain` gives it.

    Raises
    ------
    ContractError
        If an area that counts is missing.
    DateError
        If ``end`` is not after ``start``.
    """
    dates = _period(start, end)
    one = fill_definition(definition, on=dates[0])
    before, after = (
        _states(book, one, dates[[place]]).droplevel("period")
        for place, book in enumerate((old, new))
    )
    states = before.add_suffix("_start").join(after.add_suffix("_end"), how="outer")
    causes = [between_dates(new, one, dates)]
    if old is not new:
        causes.append(corrections([old, new], one, dates[0]))
    entries = _with_effects(pd.concat(causes, ignore_index=True), states)
    return Change(effects=_effects(states, entries), entries=entries)


def by_month(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    start: Day,
    end: Day,
    definition: str,
    freq: str = "ME",
    known_at: Any = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Explain a series step by step: what changed each month, and why.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    definition
        Id of the fill-rate definition.
    freq
        Pandas frequency of the reporting dates.
    known_at
        See :func:`kcngeo.fill.land_account`.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        Columns of :attr:`Change.entries` and ``period``, the reporting date a row belongs to; its
        effect is on the rate of that date against the one before.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    DateError
        If no reporting date lies in the period.
    """
    dates = month_ends(start, end, freq=freq)
    one = fill_definition(definition, on=dates[0])
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by="zone_id")
    causes = between_dates(book, one, dates)
    period = dates.searchsorted(causes["on"])
    states = _states(book, one, dates)
    before = states.rename(index=lambda place: place + 1, level="period")
    steps = before.add_suffix("_start").join(states.add_suffix("_end"), how="right")
    entries = _with_effects(causes.assign(period=period), steps)
    return entries.assign(period=dates[entries["period"]])


def _period(start: Day, end: Day) -> pd.DatetimeIndex:
    dates = pd.DatetimeIndex([day(start, name="start"), day(end, name="end")], name="on")
    if dates[1] <= dates[0]:
        raise DateError("empty_period", start=dates[0].date(), end=dates[1].date(), freq="D")
    return dates


def _states(book: Book, one: FillDefinition, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Give numerator and base in mm² of the zones that count, by (period, zone_id)."""
    totals, counts = book.totals(dates, one)
    leased, base = totals["leased_ha"], totals["base_ha"]
    if one.base == "cleared":
        leased = leased - totals["leased_uncleared_ha"]
        base = base - totals["uncleared_ha"] - totals["uncleared_held_ha"]
    zone, period = np.nonzero(counts)
    index = pd.MultiIndex.from_arrays([period, book.index()[zone]], names=["period", "zone_id"])
    return pd.DataFrame({"leased": leased[counts], "base": base[counts]}, index=index)


def _with_effects(rows: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Turn changes in mm² into their effects on the rate; missing where a base is 0."""
    keys = [str(name) for name in states.index.names]
    rows = rows.merge(states.reset_index(), on=keys, how="left")
    base = rows["base_start"].where(rows["base_start"] > 0)
    last = rows["base_end"].where(rows["base_end"] > 0)
    effect = rows["leased"] / base - rows["leased_end"] * rows["base"] / (base * last)
    rows = rows.assign(
        leased_change_ha=hectares(rows["leased"]),
        base_change_ha=hectares(rows["base"]),
        effect=effect,
    )
    order = [*keys, "on", "cause", "parcel_ids"]
    rows = rows.sort_values(list(dict.fromkeys(order)), ignore_index=True)
    return rows[[key for key in keys if key not in _ENTRY_COLUMNS] + _ENTRY_COLUMNS]


def _effects(states: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """Sum up by zone, beside the decomposition into numerator and base."""
    first = states["base_start"].where(states["base_start"] > 0)
    last = states["base_end"].where(states["base_end"] > 0)
    table = pd.DataFrame(
        {
            "rate_start": states["leased_start"] / first,
            "rate_end": states["leased_end"] / last,
            "numerator_effect": (states["leased_end"] - states["leased_start"]) / first,
            "base_effect": states["leased_end"] * (1 / last - 1 / first),
        }
    )
    table["change"] = table["rate_end"] - table["rate_start"]
    by_cause = entries.pivot_table(
        index="zone_id", columns="cause", values="effect", aggfunc="sum", observed=True
    )
    by_cause = by_cause.reindex(index=table.index, columns=list(CAUSES)).fillna(0.0)
    return table.join(by_cause.where(table["change"].notna()))
