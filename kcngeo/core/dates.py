"""Days and moments: one way to read what a caller means by a date.

Stored intervals are half-open, ``valid_from <= on < valid_to``. Inside the library a day is a
whole number (days since 1970-01-01), a missing start is :data:`ALWAYS`, a missing end
:data:`OPEN`, so that half-open comparison needs no special case.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from kcngeo.core.errors import KcngeoError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Frame = TypeVar("Frame", bound=pd.DataFrame)

Day = str | dt.date | np.datetime64 | pd.Timestamp
"""What a caller may give as a reporting date: an ISO text or any date without a time of day."""

Moment = Day | dt.datetime
"""What a caller may give as a moment of knowledge: with a time zone, or a day, meaning its end."""

OPEN = 1 << 24
"""The day that never comes (about the year 47 000)."""
ALWAYS = -OPEN

VIET_NAM = dt.timezone(dt.timedelta(hours=7))

CLOCK_TOLERANCE = pd.Timedelta(minutes=5)
"""How far ahead of this computer's clock a moment of recording may be."""


class DateError(KcngeoError, ValueError):
    """A date, month or moment given by the caller cannot be understood."""


def day(value: Day, *, name: str = "on") -> pd.Timestamp:
    """Read one day.

    Examples
    --------
    >>> day("2018-03-31")
    Timestamp('2018-03-31 00:00:00')
    """
    try:
        if isinstance(value, str):
            value = dt.date.fromisoformat(value)
        moment = pd.Timestamp(value)
        good = not pd.isna(moment) and moment.tz is None and moment == moment.normalize()
    except (ValueError, TypeError):
        good = False
    if not good:
        raise DateError("date", name=name, value=repr(value))
    return moment.as_unit("s")


def day_number(value: Day, *, name: str = "on") -> int:
    """Read one day as days since 1970-01-01."""
    return int(day(value, name=name).to_datetime64().astype("datetime64[D]").astype("int64"))


def day_numbers(column: pd.Series | None, *, missing: int, length: int) -> NDArray[np.int64]:
    """Turn a column of days into numbers."""
    if column is None:
        return np.full(length, missing, dtype="int64")
    # NaT turns into the least whole number before it is given its meaning.
    values = column.to_numpy(dtype="datetime64[D]")
    numbers = values.astype("int64")
    numbers[np.isnat(values)] = missing
    return numbers


def shown(number: int) -> str:
    """Write a day number as an ISO date."""
    return "…" if abs(number) >= OPEN else str(np.datetime64(int(number), "D"))


def month_ends(start: Day, end: Day, *, freq: str = "ME") -> pd.DatetimeIndex:
    """List the reporting dates from ``start`` to ``end``, both included.

    Examples
    --------
    >>> month_ends("2018-01-31", "2018-03-30").strftime("%d/%m").tolist()
    ['31/01', '28/02']
    """
    first, last = day(start, name="start"), day(end, name="end")
    dates = pd.date_range(first, last, freq=freq, name="on", unit="s")
    dates = dates.normalize()
    if first > last or dates.empty or not (dates.is_monotonic_increasing and dates.is_unique):
        raise DateError("empty_period", start=first.date(), end=last.date(), freq=freq)
    return dates


def month_end(month: str | Day) -> pd.Timestamp:
    """Find the last day of a month.

    Examples
    --------
    >>> month_end("2018-02").date()
    datetime.date(2018, 2, 28)
    """
    try:
        first = day(month + "-01" if isinstance(month, str) and month.count("-") == 1 else month)
    except DateError as error:
        raise DateError("month", value=repr(month)) from error
    return first + pd.offsets.MonthEnd(0)


def in_force(frame: Frame, on: Day) -> Frame:
    """Keep the rows that are valid on a day."""
    return frame[is_in_force(frame, on)]


def is_in_force(frame: pd.DataFrame, on: Day) -> NDArray[np.bool_]:
    """Tell which rows are valid on a day."""
    size = len(frame)
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=size)
    return np.asarray(covers_day(start, end, day_number(on)))


def covers_day(start: Any, end: Any, number: Any) -> Any:
    """Tell which half-open intervals hold a day: the start is the first day, the end is none.

    Examples
    --------
    >>> [covers_day(3, 5, day) for day in (2, 3, 4, 5)]
    [False, True, True, False]
    >>> covers_day(np.array([3, 4]), np.array([5, 4]), 4).tolist()
    [True, False]
    >>> covers_day(None, 5, 4)
    True
    """
    begun = True if start is None else start <= number
    going = True if end is None else number < end
    return begun & going


def moment(known_at: Any) -> pd.Timestamp:
    """Read the moment up to which the records count.

    Examples
    --------
    >>> moment("2018-03-31"), moment("2018-04-01T00:00+07:00")
    (Timestamp('2018-03-31 16:59:59.999999+0000', tz='UTC'),
     Timestamp('2018-03-31 17:00:00+0000', tz='UTC'))
    """
    try:
        stamp = pd.Timestamp(known_at)
    except (ValueError, TypeError) as error:
        raise DateError("known_at", value=repr(known_at)) from error
    if pd.isna(stamp) or (stamp.tz is None and stamp != stamp.normalize()):
        raise DateError("known_at", value=repr(known_at))
    if stamp.tz is None:
        # The last microsecond of the day: the next midnight already belongs to tomorrow.
        end = (stamp + pd.Timedelta(days=1)).tz_localize(VIET_NAM)
        stamp = end.as_unit("us") - pd.Timedelta(microseconds=1)
    return stamp.as_unit("us").tz_convert("UTC")


def recording_moment(recorded_at: Any = None) -> pd.Timestamp:
    """Read when something is recorded, to the millisecond: not in the future; None for now.

    Clocks of two computers may differ by minutes; today's date means now.

    Examples
    --------
    >>> recording_moment("2018-03-31")
    Timestamp('2018-03-31 16:59:59.999000+0000', tz='UTC')
    """
    now = pd.Timestamp.now("UTC")
    stamp = now if recorded_at is None else moment(recorded_at)
    if stamp > now + CLOCK_TOLERANCE:
        if not _is_today(recorded_at, now):
            raise DateError("recorded_in_future", stamp=stamp.isoformat(timespec="seconds"))
        stamp = now
    return stamp.floor("ms").as_unit("us")


def _is_today(said: Any, now: pd.Timestamp) -> bool:
    stamp = pd.Timestamp(said)
    return stamp.tz is None and stamp == now.tz_convert(VIET_NAM).tz_localize(None).normalize()
