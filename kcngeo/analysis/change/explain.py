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

from kcngeo.analysis.change.causes import CAUSE_NAMES, CAUSES, between_dates, corrections
from kcngeo.analysis.change.levels import number_of
from kcngeo.core.dates import DateError, Day, day, month_ends
from kcngeo.core.units import hectares
from kcngeo.fill import Book
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

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
    whole_mm2 = _areas(new, one, dates)
    zone_ids = np.union1d(old.zone_ids, new.zone_ids)
    states = pd.DataFrame(index=pd.Index(zone_ids, dtype="str", name="zone_id"))
    for side, on, book in (("start", dates[[0]], old), ("end", dates[[1]], new)):
        leased, base = _states(book, one, on, whole_mm2 if book is new else None)
        names = pd.Index(book.zone_ids, dtype="str")
        states[f"leased_{side}"] = pd.Series(leased[:, 0], index=names)
        states[f"base_{side}"] = pd.Series(base[:, 0], index=names)
    causes = between_dates(new, one, dates, whole_mm2=whole_mm2)
    causes["zone"] = np.searchsorted(zone_ids, new.zone_ids)[causes["zone"]]
    if old is not new:
        past = corrections([old, new], one, dates[0])
        past = past.assign(zone=np.searchsorted(zone_ids, past["zone_id"].to_numpy(dtype=object)))
        causes = pd.concat([causes, past.drop(columns="zone_id")], ignore_index=True)
    rows = states.iloc[causes["zone"]]
    entries = _with_effects(
        causes, zone_ids, rows["base_start"], rows["leased_end"], rows["base_end"]
    )
    states = states.dropna(how="all")
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
    whole_mm2 = _areas(book, one, dates)
    causes = between_dates(book, one, dates, whole_mm2=whole_mm2)
    days = dates.to_numpy(dtype="datetime64[D]").astype("int64")
    zone, period = causes["zone"].to_numpy(), np.searchsorted(days, causes["day"])
    leased, base = _states(book, one, dates, whole_mm2)
    entries = _with_effects(
        causes.assign(period=period),
        book.zone_ids,
        base[zone, period - 1],
        leased[zone, period],
        base[zone, period],
    )
    return entries.assign(period=dates[entries["period"]])


def _period(start: Day, end: Day) -> pd.DatetimeIndex:
    dates = pd.DatetimeIndex([day(start, name="start"), day(end, name="end")], name="on")
    if dates[1] <= dates[0]:
        raise DateError("empty_period", start=dates[0].date(), end=dates[1].date(), freq="D")
    return dates


def _areas(book: Book, one: FillDefinition, dates: pd.DatetimeIndex) -> Floats:
    """Measure once the parcel versions that count on any day of a period."""
    return book.version_mm2(one, np.arange(number_of(dates[0]), number_of(dates[-1]) + 1))


def _states(
    book: Book, one: FillDefinition, dates: pd.DatetimeIndex, whole_mm2: Floats | None
) -> tuple[Floats, Floats]:
    """Give numerator and base in mm², zones × dates; missing where a zone does not count."""
    totals, counts = book.totals(dates, one, whole_mm2=whole_mm2)
    leased, base = totals["leased_ha"], totals["base_ha"]
    if one.base == "cleared":
        leased = leased - totals["leased_uncleared_ha"]
        base = base - totals["uncleared_ha"] - totals["uncleared_held_ha"]
    return np.where(counts, leased, np.nan), np.where(counts, base, np.nan)


def _with_effects(
    rows: pd.DataFrame, zone_ids: Any, base_start: Any, leased_end: Any, base_end: Any
) -> pd.DataFrame:
    """Turn changes in mm² into their effects on the rate, and codes into names.

    The last three are in mm², a figure a row; effects are missing where a base is 0.
    """
    first, last = (np.where(base > 0, base, np.nan) for base in (base_start, base_end))
    leased, base = rows["leased"].to_numpy(), rows["base"].to_numpy()
    rows = rows.assign(
        leased_change_ha=hectares(leased),
        base_change_ha=hectares(base),
        effect=leased / first - np.asarray(leased_end) * base / (first * last),
    ).iloc[_order(rows)]
    named = rows.assign(
        zone_id=pd.array(zone_ids, dtype="str").take(rows["zone"].to_numpy()),
        on=rows["day"].to_numpy().astype("datetime64[D]").astype("datetime64[s]"),
        cause=pd.array(CAUSE_NAMES, dtype="str").take(rows["cause"].to_numpy()),
    )
    periods = [name for name in named.columns if name == "period"]
    return named[periods + _ENTRY_COLUMNS].reset_index(drop=True)


def _order(rows: pd.DataFrame) -> Ints:
    """Sort by period, zone, day and cause; the ids of parcels decide only where these are equal."""
    keys = [rows[name] for name in ("cause", "day", "zone", "period") if name in rows.columns]
    order = np.lexsort(keys)
    sorted_keys = np.column_stack(keys)[order]
    fresh = np.ones(len(order) + 1, dtype=bool)
    fresh[1:-1] = (sorted_keys[1:] != sorted_keys[:-1]).any(axis=1)
    tied = np.flatnonzero(~(fresh[:-1] & fresh[1:]))
    run = np.cumsum(fresh)[tied]
    ids = rows["parcel_ids"].iloc[order[tied]].to_numpy()
    within = pd.DataFrame({"run": run, "id": ids}).sort_values(["run", "id"]).index
    order[tied] = order[tied[within]]
    return np.asarray(order)


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
