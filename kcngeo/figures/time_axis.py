"""Places in time: ticks of an axis of days, and lanes in which nothing covers anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from kcngeo import theme

_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_TICK_IN = 0.62
_MOST_DECIMALS = 6
_FIRST_YEAR = 1970


def day_of(value: dt.date) -> int:
    """Give a day as a number, as axes of days count them."""
    return int(np.datetime64(f"{value:%Y-%m-%d}", "D").astype("int64"))


def day_ticks(first: float, last: float, *, width_in: float) -> list[tuple[int, str]]:
    """Choose first days of months or years to mark on an axis."""
    ends = np.array([np.floor(first), np.ceil(last)]).astype("int64").astype("datetime64[D]")
    months = ends.astype("datetime64[M]").astype("int64")
    count = max(width_in / _TICK_IN, 1)
    step = next((one for one in _MONTH_STEPS if (months[1] - months[0]) / one <= count), None)
    step = step or _MONTH_STEPS[-1]
    ticks = []
    start = -(-(int(months[0]) + _FIRST_YEAR * 12) // step) * step - _FIRST_YEAR * 12
    for month in range(start, int(months[1]) + 1, step):
        day = np.datetime64(month, "M").astype("datetime64[D]")
        number = int(day.astype("int64"))
        if first <= number <= last:
            date = day.astype(dt.date)
            ticks.append((number, theme.month(date) if step % 12 else str(date.year)))
    return ticks


def value_ticks(low: float, high: float, *, unit: float = 1.0) -> tuple[list[float], int]:
    """Choose round values to mark on an axis."""
    locator = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10])
    ticks = np.asarray(locator.tick_values(low / unit, high / unit), dtype="float64")
    step = round(float(ticks[1] - ticks[0]), _MOST_DECIMALS)
    digits = (count for count in range(_MOST_DECIMALS) if round(step, count) == step)
    inside = ticks[(ticks >= low / unit) & (ticks <= high / unit)]
    return [float(tick) * unit for tick in inside], next(digits, _MOST_DECIMALS)


def lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Give every span the first lane that is free there."""
    ends: list[float] = []
    chosen = [0] * len(spans)
    for place in sorted(range(len(spans)), key=lambda at: spans[at]):
        left, right = spans[place]
        lane = next((at for at, end in enumerate(ends) if end <= left), len(ends))
        ends[lane : lane + 1] = [right]
        chosen[place] = lane
    return chosen


def spread(wanted: Sequence[float], *, apart: float) -> list[float]:
    """Move labels so that neighbours stand apart, as little as possible in sum."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    # Labels that touch become a block around the mean of where they would stand.
    blocks: list[list[int]] = []
    for at in order:
        blocks.append([at])
        while len(blocks) > 1 and _top(blocks[-2], wanted, apart) > _low(blocks[-1], wanted, apart):
            last = blocks.pop()
            blocks[-1] += last
    placed = [0.0] * len(wanted)
    for block in blocks:
        low = _low(block, wanted, apart) + apart / 2
        for step, at in enumerate(block):
            placed[at] = low + step * apart
    return placed


def _low(block: list[int], wanted: Sequence[float], apart: float) -> float:
    return sum(wanted[at] for at in block) / len(block) - len(block) * apart / 2


def _top(block: list[int], wanted: Sequence[float], apart: float) -> float:
    return _low(block, wanted, apart) + len(block) * apart
