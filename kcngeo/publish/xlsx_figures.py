"""The first sheet of a month's workbook: five figures, the ranked zones, breaches, charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import is_told
from kcngeo.publish.document import Document, ranked
from kcngeo.publish.format_table import declared
from kcngeo.publish.xlsx_table import (
    LINE,
    MOST_LETTERS,
    Placed,
    print_as,
    set_widths,
    write_table,
)
from kcngeo.report import TOTAL

SHORT = 20
"""Zones of a table that leaves room for the charts below it."""

# Zones that colours tell apart in a chart of lines, that a chart of bars has room for, and lines
# a chart takes (255 series, with that of all zones).
_COLORED, _BARS, _LINES = 6, 40, 250
_FIGURES = ("fill_rate", "leased_ha", "available_ha", "uncleared_ha", "late_count")
_RANKED = (
    *("zone_id", "fill_rate", "rate_low", "rate_high", "doubt", "claimed", "month_change"),
    *("year_change", "leased_ha", "base_ha", "verdict", "to_target_ha", "breach_count"),
)
# Letters of the column that says what the large figures are.
_LABELS = 26
_HA, _SHARE = '#,##0.00" ha"', "0.00%"
# Pixels: of a chart, a letter, a row, a bar.
_HIGH, _LEAST_WIDE, _LETTER, _ROW, _BAR, _AROUND = 250, 320, 7, 18, 20, 130


def write_figures(
    sheet: Any, doc: Document, *, formats: Mapping[Any, Any], charts: Mapping[str, Any]
) -> None:
    """Write the sheet; the charts were made of the workbook and read its cells."""
    sheet.hide_gridlines(2)
    lines = [doc.title, *doc.lines, *doc.warnings]
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line[:MOST_LETTERS], formats["title" if row == 0 else "plain"])
    row = _five(sheet, doc, len(lines), formats)
    frame = _ranked(doc)
    said = (one for one in doc.first_sentences if (one.zone_id, one.weight) == (TOTAL, "bad"))
    broken = [doc.said(one) for one in said]
    is_short = len(frame) <= SHORT + 1
    if not is_short:
        row = _broken(sheet, row + 1, broken, formats)
    high = max(int(chart.height) for chart in charts.values()) if charts else 0
    below = 0 if is_short or not charts else -(-high // _ROW) + 1
    top = row + 1 + below
    placed = write_table(
        sheet,
        "overview",
        frame,
        language=doc.language,
        formats=formats,
        names=doc.names,
        top=top,
        is_fine=False,
    )
    set_widths(placed)
    sheet.set_column(0, 0, max(_LABELS, *placed.widths[:1]))
    # Heights are told: charts stand where the rows above them end.
    for at, height in enumerate(placed.heights):
        sheet.set_row(top + at, height)
    at = row + 1
    if is_short:
        at = _broken(sheet, top + len(placed.heights) + 1, broken, formats) + 1
    _insert(sheet, at, placed, charts)
    last = at + -(-high // _ROW)
    shown = len(frame) if is_short else placed.rows_on(top * LINE)
    notes = []
    if shown < len(frame):
        left = len(frame) - shown
        notes.append(theme.text("workbook.rows_left", language=doc.language, count=left))
    print_as(sheet, title=doc.title, notes=notes)
    sheet.fit_to_pages(1, 1)
    # On paper charts below many zones and what is broken would make all letters too small.
    is_crowded = is_short and len(frame) + len(broken) > SHORT + 1
    end = at - 2 if is_crowded else last if is_short else top + shown
    sheet.print_area(0, 0, end, max(placed.main, 1) - 1)


def _ranked(doc: Document) -> pd.DataFrame:
    """Give the zones, the fullest first, with what a page has room for of what is known."""
    frame = ranked(doc.tables["overview"])
    return frame[[one for one in _RANKED if is_told(declared("overview", one), frame[one])]]


def _five(sheet: Any, doc: Document, row: int, formats: Mapping[Any, Any]) -> int:
    """Write the figures of all zones, each with its doubt; give the row after them."""
    accounts, overview = (
        doc.tables[name][(doc.tables[name]["zone_id"] == TOTAL).to_numpy()]
        for name in ("accounts", "overview")
    )
    if accounts.empty or overview.empty:
        return row
    seen = {**accounts.iloc[0], **overview.iloc[0]}
    for figure, name in zip(doc.key_figures, _FIGURES, strict=True):
        shape = formats["rate" if name == "fill_rate" else "count" if "count" in name else "ha"]
        sheet.set_row(row, 1.5 * LINE)
        sheet.write_string(row, 0, figure.label, formats["label"])
        # A rate that is not known is told by its bounds.
        value = figure.value if pd.isna(seen[name]) else float(seen[name])
        sheet.merge_range(row, 1, row, 2, value, shape)
        doubt = _doubt(seen, name, language=doc.language)
        said = [*((doubt,) if doubt else ()), *figure.beside]
        sheet.write_string(row, 3, " · ".join(said), formats["label"])
        row += 1
    return row


def _broken(sheet: Any, row: int, said: list[str], formats: Mapping[Any, Any]) -> int:
    """Write what is too near and which rules are broken, a line each; give the row after them."""
    for at, line in enumerate(said, start=row):
        sheet.write_string(at, 0, line[:MOST_LETTERS], formats["plain"])
    return row + len(said)


def _doubt(seen: Mapping[Any, Any], name: str, *, language: str) -> str:
    """Say how far a figure is in doubt, where that is known and not nothing."""
    if name == "fill_rate" and pd.notna(seen["doubt"]) and seen["doubt"]:
        doubt = theme.points(seen["doubt"], language=language).removeprefix("+")
    elif name == "leased_ha" and pd.notna(seen["doubt_leased_ha"]) and seen["doubt_leased_ha"]:
        doubt = theme.hectares(seen["doubt_leased_ha"], language=language, sign=False)
    else:
        return ""
    return theme.text("key_figures.in_doubt", language=language, doubt=doubt)


def figure_formats(book: Any) -> dict[str, Any]:
    """Make the formats of the five figures."""
    large = {"bold": True, "font_size": 14, "align": "left", "valign": "vcenter"}
    return {
        "label": book.add_format({"valign": "vcenter", "indent": 1}),
        "plain": book.add_format({"indent": 1}),
        "rate": book.add_format(large | {"num_format": _SHARE}),
        "ha": book.add_format(large | {"num_format": _HA}),
        "count": book.add_format(large | {"num_format": "0"}),
    }


def figure_charts(book: Any, doc: Document, placed: Mapping[str, Placed]) -> dict[str, Any]:
    """Make the charts of the sheets of tables: rates by month, and the account of each zone."""
    made = {}
    series, accounts = doc.tables["series"], doc.tables["accounts"]
    rate = f"fill_rate_{doc.report.definition.name}"
    if rate in series and series[rate].notna().any():
        made["rates"] = _rates(book, doc, series, placed["series"], rate)
    if accounts["base_ha"].notna().any():
        made["accounts"] = _accounts(book, doc, accounts, placed["accounts"])
    return made


def _runs(series: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    """Give the rows of each zone in the table, which has them one below the other."""
    for zone_id, rows in groupby(enumerate(series["zone_id"]), key=lambda one: str(one[1])):
        places = [place for place, _ in rows]
        yield zone_id, places[0], places[-1]


def _rates(book: Any, doc: Document, series: pd.DataFrame, placed: Placed, rate: str) -> Any:
    """Draw the rate by month of every zone, and of all of them."""
    chart = book.add_chart({"type": "line"})
    runs = [run for run in _runs(series) if run[0] != TOTAL][:_LINES]
    total = [run for run in _runs(series) if run[0] == TOTAL]
    is_colored = len(runs) <= _COLORED
    colors = theme.SECTOR_COLORS
    for number, (zone_id, first, last) in enumerate([*runs, *total]):
        is_total = zone_id == TOTAL
        color = theme.INK if is_total else colors[number] if is_colored else theme.REST
        name = placed.at("zone_id", first, first)[:3]
        chart.add_series(
            {
                "name": name,
                "categories": placed.at("on", first, last),
                "values": placed.at(rate, first, last),
                "line": {"color": color, "width": 2.5 if is_total else 1.5},
            }
        )
    _dress(chart, doc.word("chart_rates"))
    form = {"num_format": "0%", "major_gridlines": _line()}
    chart.set_y_axis(form)
    months = {"date_axis": True, "num_format": "mm/yyyy", "num_font": {"size": 10}}
    span = series["on"].nunique()
    chart.set_x_axis(months | {"major_unit": max(span // 6, 1), "major_unit_type": "months"})
    hidden = [] if is_colored else list(range(len(runs)))
    chart.set_legend({"position": "bottom", "delete_series": hidden})
    return chart


def _accounts(book: Any, doc: Document, accounts: pd.DataFrame, placed: Placed) -> Any:
    """Draw the hectares of every zone by status; of very many zones those of all together."""
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    zones = int((accounts["zone_id"] != TOTAL).sum())
    first, last = (0, zones - 1) if zones <= _BARS else (zones, zones)
    for status, color in theme.STATUS_COLORS.items():
        column = f"{status}_ha"
        place = placed.columns[column]
        chart.add_series(
            {
                "name": [placed.sheet.get_name(), placed.top, place],
                "categories": placed.at("zone_id", first, last),
                "values": placed.at(column, first, last),
                "fill": {"color": color},
                "gap": 40,
            }
        )
    _dress(chart, doc.word("chart_accounts"))
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": _line()})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 10}, "interval_unit": 1})
    chart.set_legend({"position": "bottom"})
    chart.height = max(_HIGH, _AROUND + _BAR * (last - first + 1))
    return chart


def _dress(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
    chart.height = _HIGH


def _line() -> dict[str, Any]:
    return {"visible": True, "line": {"color": theme.LINE, "width": 0.75}}


def _insert(sheet: Any, row: int, placed: Placed, charts: Mapping[str, Any]) -> None:
    """Put the charts beside each other, as wide as the table together."""
    across = sum(placed.widths[: placed.main]) * _LETTER
    wide = max(across // max(len(charts), 1) - 10, _LEAST_WIDE)
    for number, chart in enumerate(charts.values()):
        chart.set_size({"width": wide, "height": int(chart.height)})
        offset = {"x_offset": number * (wide + 10), "object_position": 2}
        sheet.insert_chart(row, 0, chart, offset)
