"""The five figures the report begins with, each a cell of a table, and the rate of five years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.publish.narrative import is_narrow
from kcngeo.report import TOTAL

MONTHS = 60
"""Months of the line beside the rate."""
_PARTS = ("leased_ha", "available_ha", "uncleared_ha")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A figure of all zones together.

    Attributes
    ----------
    label
        What it is.
    value
        The figure, with its unit.
    beside
        What it is to be seen against.
    line
        Shares by month, the last that of the report, missing where not known; empty for no line.
    """

    label: str
    value: str
    beside: tuple[str, ...] = ()
    line: tuple[float, ...] = ()


def key_figures(tables: Mapping[str, pd.DataFrame], *, language: str) -> tuple[KeyFigure, ...]:
    """Give the rate, the hectares let, vacant and not cleared, and what is late.

    Parameters
    ----------
    tables
        The tables of the month: ``accounts``, ``overview``, ``series``.
    language
        "vi" or "en".

    Returns
    -------
    tuple[KeyFigure, ...]
        The figures, in the order in which they are read; empty where no zone counts.

    Examples
    --------
    Of zone A 1.5 of 4 ha are let, of zone B 1 of 2 ha.

    >>> import kcngeo as kcn
    >>> made = kcn.products.month(kcn.examples.squares(), month="2018-03")
    >>> [figure.value for figure in key_figures(made.tables, language="en")]
    ['41.67 %', '2.50 ha', '1.50 ha', '1.00 ha', '1']
    """
    accounts, overview = (
        tables[name][(tables[name]["zone_id"] == TOTAL).to_numpy()]
        for name in ("accounts", "overview")
    )
    if accounts.empty or overview.empty:
        return ()
    account, seen = accounts.iloc[0], overview.iloc[0]

    def word(key: str, **fields: object) -> str:
        return theme.text(f"key_figures.{key}", language=language, **fields)

    changes = tuple(
        word(period, points=theme.points(seen[f"{period}_change"], language=language))
        for period in ("month", "year")
        if pd.notna(seen[f"{period}_change"])
    )
    base = _hectares(account["base_ha"], language=language)
    shown = [_hectares(account[name], language=language) for name in _PARTS]
    late = seen["late_count"]
    against = (word("of", base=base), "", "")
    return (
        KeyFigure(
            label=word("fill_rate"),
            value=_rate(account, language=language),
            beside=changes,
            line=_line(tables["series"], str(account["definition"])),
        ),
        *(
            KeyFigure(label=word(name), value=value, beside=(said,) if said else ())
            for name, value, said in zip(_PARTS, shown, against, strict=True)
        ),
        KeyFigure(label=word("late"), value="–" if pd.isna(late) else f"{int(late)}"),
    )


def _hectares(area_ha: float, *, language: str) -> str:
    """Write hectares, and no unit of what is not known."""
    return "–" if pd.isna(area_ha) else theme.hectares(area_ha, language=language, sign=False)


def _rate(account: pd.Series, *, language: str) -> str:
    """Write the rate, or where it lies if that is known well enough."""
    low, high = account["rate_low"], account["rate_high"]
    if pd.isna(account["fill_rate"]) and is_narrow(low, high):
        return "–".join(theme.percent(one, language=language) for one in (low, high))
    return theme.percent(account["fill_rate"], language=language)


def _line(series: pd.DataFrame, definition: str) -> tuple[float, ...]:
    """Give the rates of all zones by the definition of the report, of the last months.

    It begins where the zones became those of today: another set of zones is another rate.
    """
    column = f"fill_rate_{definition}"
    if column not in series:
        return ()
    is_total = (series["zone_id"] == TOTAL).to_numpy()
    rates = series[is_total].set_index("on")[column].tail(MONTHS)
    known = series[~is_total & series["base_ha"].notna().to_numpy()]
    # By month, the zones that have a base, as one text.
    zones = known.groupby("on")["zone_id"].agg("|".join).reindex(rates.index, fill_value="")
    others = np.flatnonzero((zones != zones.iloc[-1]).to_numpy()) if len(zones) else np.array([])
    begin = others[-1] + 1 if len(others) else 0
    line = rates.iloc[begin:].to_numpy(dtype="float64", na_value=np.nan)
    return tuple(line) if np.isfinite(line).sum() > 1 else ()


def strokes(
    line: tuple[float, ...], *, width: float, height: float
) -> list[list[tuple[float, float]]]:
    """Lay a line into a box, lowest share at the foot; a month that is not known breaks it.

    Examples
    --------
    >>> strokes((0.2, 0.4, float("nan"), 0.3, 0.3), width=40, height=10)
    [[(0.0, 10.0), (10.0, 0.0)], [(30.0, 5.0), (40.0, 5.0)]]
    """
    known = np.array(line)
    low, high = np.nanmin(known), np.nanmax(known)
    # A rate that hardly moves must not look as if it leapt.
    span = max(high - low, 0.01)
    xs = np.arange(len(known)) * width / max(len(known) - 1, 1)
    ys = height - (known - low) / span * height
    made: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs.round(2).tolist(), ys.round(2).tolist(), strict=True):
        if np.isnan(y):
            made.append([])
        else:
            made[-1].append((x, y))
    return [stroke for stroke in made if stroke]
