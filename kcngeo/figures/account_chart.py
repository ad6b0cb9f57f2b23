"""Land accounts in bars, and the rate of a day by every definition side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.dates import Day, day
from kcngeo.figures.bar_rows import ROW_IN, Row, draw_rows
from kcngeo.figures.labels import definition_label
from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.page_layout import SIZES, Heading, Sheet, short
from kcngeo.figures.typography import own_settings
from kcngeo.standards import fill_definition, fill_definitions
from kcngeo.theme import hectares, text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PARTS = tuple(theme.STATUS_COLORS)
_OTHER = theme.REST
_HEAD_IN, _BETWEEN_IN = 0.32, 0.18
MOST_BARS = 40
"""Zones one sheet of bars can show."""


def accounts(
    table: pd.DataFrame,
    *,
    on: Day,
    definition: str,
    language: str,
    names: Mapping[str, str] | None = None,
    synthetic: bool = False,
) -> Figure:
    """Draw the land account of every zone on a day as a bar of its parts, on one scale.

    Parameters
    ----------
    table
        Result of :func:`kcngeo.fill.land_account` by zone; a row without figures is a zone that
        is not computable.
    on
        The day.
    definition
        Id of the definition whose base it is.
    language
        "vi" or "en".
    names
        Names of the zones; None for their ids.
    synthetic
        Whether shapes are invented, which the figure then says.

    Returns
    -------
    Figure
        The chart; beyond :data:`MOST_BARS` zones those with the largest base, and it says so.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> account = kcn.fill.land_account(kcn.examples.squares(), on="2018-03-31")
    >>> figure = accounts(account, on="2018-03-31", definition="nd164-2013", language="en")
    >>> words = [one.get_text() for one in figure.findobj(lambda one: hasattr(one, "get_text"))]
    >>> any("4.00" in text for text in words)  # the base of zone A
    True
    """
    names = names or {}
    largest = table.sort_values("base_ha", ascending=False, kind="stable")
    shown = table.loc[largest.index[:MOST_BARS].sort_values()]
    with own_settings():
        rows = [
            _account_row(str(zone_id), row, names=names, language=language)
            for zone_id, row in shown.iterrows()
        ]
        sums = table.sum()
        base = hectares(sums["base_ha"], language=language, sign=False)
        leased = hectares(sums["leased_ha"], language=language, sign=False)
        notes = [text("figures.accounts_close", language=language)]
        if len(table) > len(shown):
            left_out = len(table) - len(shown)
            notes.append(text("figures.bars_left_out", language=language, count=left_out))
        head = Heading(
            kind=text("figures.accounts", language=language),
            title=text("figures.accounts_title", language=language, base=base, leased=leased),
            lines=[_line(definition, on, language=language)],
            keys=[
                Key(
                    color=theme.STATUS_COLORS[part],
                    words=f"{text(f'status.{part}', language=language)} "
                    f"{hectares(sums[f'{part}_ha'], language=language, sign=False)}",
                )
                for part in _PARTS
            ],
            notes=notes,
            language=language,
            synthetic=synthetic,
        )
        sheet = Sheet(head, body_in=max(len(rows), 1) * ROW_IN)
        if not rows:
            sheet.message(text("figures.no_zones", language=language))
        else:
            longest = float(np.nan_to_num(shown["base_ha"]).max(initial=1e-9))
            draw_rows(sheet, rows, top=0.0, longest=longest)
        return sheet.figure


def rates(
    series: pd.DataFrame,
    *,
    on: Day,
    language: str,
    zone_id: str | None = None,
    names: Mapping[str, str] | None = None,
    synthetic: bool = False,
) -> Figure:
    """Draw the fill rate of a day by every definition, side by side, zone by zone.

    Rates of different definitions answer different questions: under "cleared" a zone can be full
    that is not full under the law. Each bar has its two hectares beside it, and what limits the
    definition on the day.

    Parameters
    ----------
    series
        By (``definition``, ``zone_id``, ``on``): ``leased_ha``, ``base_ha``, ``fill_rate``, as in
        :attr:`kcngeo.report.MonthlyReport.series`.
    on
        The day.
    language
        "vi" or "en".
    zone_id
        The zone to draw; None for all that have a row on the day.
    names
        Names of the zones; None for their ids.
    synthetic
        Whether shapes are invented, which the figure then says.

    Returns
    -------
    Figure
        The chart; where nothing counts on the day, that in words.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> figure = rates(report.series, on="2018-03-31", language="en", zone_id="A")
    >>> words = [one.get_text() for one in figure.findobj(lambda one: hasattr(one, "get_text"))]
    >>> any("37.50 %" in text for text in words)
    True
    """
    names = names or {}
    date = day(on)
    now = series[series.index.get_level_values("on") == date].droplevel("on")
    zones = sorted({str(one) for one in now.index.get_level_values("zone_id")})[:MOST_BARS]
    zones = [one for one in zones if zone_id in (None, one)]
    shown = theme.date(date, language=language)
    with own_settings():
        used = fill_definition(None, on=date)
        lead = text("figures.law_of_the_day", language=language)
        label = definition_label(used.name, on=date, language=language)
        head = Heading(
            kind=text("figures.rates", language=language),
            title=_rates_title(now, zones, used.name, names, shown, language=language),
            lines=[f"{shown} · {lead} {label}"],
            notes=[text("figures.never_compare", language=language)],
            language=language,
            synthetic=synthetic,
        )
        block = _HEAD_IN + len(fill_definitions()) * ROW_IN + _BETWEEN_IN
        sheet = Sheet(head, body_in=max(len(zones) * block, 0.8))
        if not zones:
            sheet.message(text("figures.no_zones", language=language))
        # One scale for all zones, so that bars may be compared; above 1 only where a rate is.
        top_rate = float(now["fill_rate"].max()) if now["fill_rate"].notna().any() else 1.0
        for place, one in enumerate(zones):
            top = place * block
            sheet.text(0, top + 0.14, short(names.get(one, one)), size=SIZES["line"], weight="bold")
            rows = [
                _rate_row(now, one, definition.name, used.name, date, language=language)
                for definition in fill_definitions()
            ]
            draw_rows(sheet, rows, top=top + _HEAD_IN, longest=max(1.0, top_rate))
        return sheet.figure


def _line(definition: str, on: Day, *, language: str) -> str:
    shown = theme.date(day(on), language=language)
    label = definition_label(definition, on=day(on), language=language)
    return f"{shown} · {text('map.definition', language=language)} {label}"


def _account_row(zone_id: str, row: Any, *, names: Mapping[str, str], language: str) -> Row:
    base_ha = float(row["base_ha"])
    if np.isnan(base_ha):
        remark = text("figures.not_computable", language=language)
        return Row(
            name=zone_id, words=names.get(zone_id, zone_id), parts=[], figure="–", remark=remark
        )
    parts = [(float(row[f"{part}_ha"]), theme.STATUS_COLORS[part]) for part in _PARTS]
    share = theme.percent(row["leased_ha"] / base_ha if base_ha else np.nan, language=language)
    return Row(
        name=zone_id,
        words=names.get(zone_id, zone_id),
        parts=parts,
        figure=hectares(base_ha, language=language, sign=False),
        remark=text("figures.share_let", language=language, share=share),
    )


def _rates_title(
    now: pd.DataFrame,
    zones: list[str],
    law: str,
    names: Mapping[str, str],
    shown: str,
    *,
    language: str,
) -> str:
    if len(zones) != 1:
        return text("figures.rates_title", language=language, on=shown)
    rate = now["fill_rate"].get((law, zones[0]), np.nan)
    return text(
        "figures.rate_of",
        language=language,
        name=short(names.get(zones[0], zones[0])),
        rate=theme.percent(rate, language=language),
    )


def _rate_row(
    now: pd.DataFrame, zone_id: str, definition: str, law: str, date: pd.Timestamp, *, language: str
) -> Row:
    color = theme.STATUS_COLORS["leased"] if definition == law else _OTHER
    words = definition_label(definition, on=date, language=language)
    found = now.index.get_indexer(pd.MultiIndex.from_tuples([(definition, zone_id)]))[0]
    if found < 0 or np.isnan(now["fill_rate"].iloc[found]):
        remark = text("figures.no_rate", language=language)
        return Row(name=f"{zone_id}.{definition}", words=words, parts=[], figure="–", remark=remark)
    row: Any = now.iloc[found]
    leased = hectares(row["leased_ha"], language=language, sign=False)
    base = hectares(row["base_ha"], language=language, sign=False)
    return Row(
        name=f"{zone_id}.{definition}",
        words=words,
        parts=[(float(row["fill_rate"]), color)],
        figure=theme.percent(row["fill_rate"], language=language),
        remark=f"{leased} / {base}",
    )
