"""A month's report as a notebook shows it: one table of rates, what is wrong, nothing to fetch."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcngeo import theme
from kcngeo.core.model import Severity
from kcngeo.theme import text

if TYPE_CHECKING:
    from kcngeo.report.month import MonthlyReport

_NUMBER = ' style="text-align:right"'
_COLUMNS = ("zone_id", "leased_ha", "base_ha", "fill_rate")


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """Something a notebook shows as HTML.

    Attributes
    ----------
    markup
        The HTML; it fetches nothing.
    plain
        The same in letters, for a terminal.
    """

    markup: str
    plain: str

    def __repr__(self) -> str:
        return self.plain

    def _repr_html_(self) -> str:
        return self.markup


def card(report: MonthlyReport, *, language: str) -> Card:
    """Show a report in a language: the rate of every zone, the reason where there is none.

    Parameters
    ----------
    report
        The report.
    language
        "vi" or "en".

    Returns
    -------
    Card
        What a notebook shows as a table.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> "37.50 %" in card(report, language="en")._repr_html_()
    True
    """
    on = theme.date(report.on, language=language)
    label = report.definition.label(on=report.on, language=language)
    lead = text("map.definition", language=language)
    head = f"{on} · {lead} {report.definition.name} – {label}"
    columns = "".join(
        f"<th{'' if name == 'zone_id' else _NUMBER}>{_words(name, language=language)}</th>"
        for name in _COLUMNS
    )
    body = "".join(_row(cells) for cells in _rows(report, language=language))
    markup = (
        f'<div lang="{language}"><p><b>{html.escape(head)}</b></p>'
        f"<table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{html.escape(_found(report, language=language))}</p></div>"
    )
    return Card(markup=markup, plain=repr(report))


def _words(name: str, *, language: str) -> str:
    if name == "zone_id":
        return html.escape(text("map.zone", language=language))
    unit = " (ha)" if name.endswith("_ha") else ""
    return html.escape(text(f"figures.{name}", language=language).capitalize() + unit)


def _rows(report: MonthlyReport, *, language: str) -> Iterable[tuple[str, str, str, str]]:
    name, on = report.definition.name, report.on
    rates = report.series.xs(name, level="definition")
    reasons = report.reasons(language=language)
    for zone_id, words in report.zone_names().items():
        if zone_id in reasons:
            yield words, reasons[zone_id], "", ""
        elif (zone_id, on) in rates.index:
            row = rates.loc[[(zone_id, on)]].iloc[0]
            yield _figures(words, *row[list(_COLUMNS[1:])], language=language)
    total = report.total.xs(name, level="definition")
    if on in total.index and not np.isnan(total.loc[[on], "base_ha"].iloc[0]):
        row = total.loc[[on]].iloc[0]
        everything = text("map.all_zones", language=language)
        yield _figures(everything, *row[list(_COLUMNS[1:])], language=language)


def _figures(
    name: str, leased_ha: float, base_ha: float, rate: float, *, language: str
) -> tuple[str, str, str, str]:
    areas = (theme.number(area, language=language, decimals=4) for area in (leased_ha, base_ha))
    return (name, *areas, theme.percent(rate, language=language))  # type: ignore[return-value]


def _row(cells: tuple[str, str, str, str]) -> str:
    name, first, *others = cells
    if not any(others):
        return f'<tr><th>{html.escape(name)}</th><td colspan="3">{html.escape(first)}</td></tr>'
    figures = "".join(f"<td{_NUMBER}>{html.escape(one)}</td>" for one in (first, *others))
    return f"<tr><th>{html.escape(name)}</th>{figures}</tr>"


def _found(report: MonthlyReport, *, language: str) -> str:
    weights = [finding.severity for finding in report.findings]
    return text(
        "quality.counts",
        language=language,
        errors=weights.count(Severity.ERROR),
        warnings=weights.count(Severity.WARNING),
        notes=weights.count(Severity.NOTE),
    )
