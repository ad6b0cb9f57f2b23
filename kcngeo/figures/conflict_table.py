"""The conflicts of a day as a table for print: who, how near, by which rule and source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.cartography.map_layer import of_zone
from kcngeo.cartography.themes.conflicts import rule_sources
from kcngeo.core.dates import Day, day
from kcngeo.core.schema import COMPUTED, Names, cell, heading
from kcngeo.figures.page_layout import LINE, SIZES, SOFT, Heading, Sheet
from kcngeo.figures.typography import own_settings, wrapped
from kcngeo.standards import Registry, registry
from kcngeo.theme import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 30
"""Conflicts one sheet can list, the worst first."""

_LINE_IN, _PAD_IN, _HEAD_IN = 0.165, 0.1, 0.5
# Right or left edge and width of each column, in inches; what is text begins at its left.
_COLUMNS = {
    "emitter_id": (0.0, 1.25, "left"),
    "receptor_name": (1.35, 2.25, "left"),
    "distance_m": (4.45, 0.8, "right"),
    "required_m": (5.25, 0.75, "right"),
    "margin_m": (6.25, 0.95, "right"),
    "overlap_ha": (7.1, 0.8, "right"),
    "rule_id": (7.3, 2.7, "left"),
}


def conflict_table(
    conflicts: pd.DataFrame,
    *,
    on: Day,
    language: str,
    rules: Registry | None = None,
    names: Names | None = None,
    zone_id: str | None = None,
    synthetic: bool = False,
) -> Figure:
    """Draw the conflicts as a table, the worst first, with the rule and its source beside each.

    Parameters
    ----------
    conflicts
        Result of :func:`kcngeo.conflicts.buffer_conflicts`.
    on
        Its day.
    language
        "vi" or "en".
    rules
        The registry the conflicts follow, for sources in the language; None for the one that comes
        with the library.
    names
        What emitters, receptors and rules are called, by table and id; None for their ids.
    zone_id
        The zone; None for all.
    synthetic
        Whether shapes are invented, which the figure then says.

    Returns
    -------
    Figure
        The table; emitters no distance could be told for are named under it, and how many
        conflicts beyond :data:`MOST_ROWS` are left out.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> rules = kcn.standards.buffer_rules()
    >>> found = kcn.conflicts.buffer_conflicts(
    ...     now.emitters, now.receptors, rules=rules, on="2018-03-31", zones=now.zones
    ... )
    >>> figure = conflict_table(found, on="2018-03-31", language="en")
    >>> words = [one.get_text() for one in figure.findobj(lambda one: hasattr(one, "get_text"))]
    >>> any("150" in text for text in words)
    True
    """
    mine = conflicts
    if zone_id is not None:
        mine = conflicts[of_zone(conflicts["zone_id"], zone_id)]
    found = mine[(mine["state"] == "conflict").to_numpy()]
    found = found.sort_values(["margin_m", "emitter_id"], ignore_index=True)
    unrated = sorted(set(mine.loc[(mine["state"] == "unrated").to_numpy(), "emitter_id"]))
    with own_settings():
        notes = [one[language] for one in rule_sources(found, rules or registry())]
        if unrated:
            called = (names or {}).get("emitters", {})
            words = {"count": len(unrated), "ids": [called.get(one, one) for one in unrated]}
            notes.append(text("conflict_map.unrated", language=language, **words))
        if len(found) > MOST_ROWS:
            left_out = len(found) - MOST_ROWS
            notes.append(text("figures.rows_left_out", language=language, count=left_out))
        head = Heading(
            kind=text("figures.conflict_table", language=language),
            title=text("figures.conflicts_found", language=language, count=len(found)),
            lines=[theme.date(day(on), language=language)],
            notes=notes,
            language=language,
            synthetic=synthetic,
        )
        records = found.head(MOST_ROWS).to_dict("records")
        cells = [_cells(row, names or {}, language=language) for row in records]
        # Inches; a row is as high as its longest cell has lines.
        heights = [max(map(len, one.values())) * _LINE_IN + _PAD_IN for one in cells]
        sheet = Sheet(head, body_in=_HEAD_IN + max(sum(heights), 0.4))
        _head(sheet, names, language=language)
        top = _HEAD_IN
        for place, (row, high) in enumerate(zip(cells, heights, strict=True)):
            _draw_row(sheet, row, top, f"conflict.{place}")
            top += high
            sheet.rule(top, color=LINE, width=0.6)
        if not cells:
            sheet.text(0, _HEAD_IN + 0.2, text("conflict_map.list_empty", language=language))
        return sheet.figure


def _cells(row: Mapping[Any, Any], names: Names, *, language: str) -> dict[str, list[str]]:
    def called(table: str, column: str, otherwise: str = "") -> str:
        return names.get(table, {}).get(row[column], otherwise or row[column])

    name = row["receptor_name"]
    receptor = f"{row['receptor_id']} · {name}" if isinstance(name, str) else row["receptor_id"]
    receptor = called("receptors", "receptor_id", receptor)
    hazard_class = row["hazard_class"]
    emitter = called("emitters", "emitter_id")
    if isinstance(hazard_class, str):
        emitter += f" ({hazard_class})"
    verified = text(f"conflicts.{row['verified']}", language=language)
    figures = {
        column.name: cell(column, row[column.name], language=language) or "–"
        for column in COMPUTED["conflicts"].columns
        if column.name in ("distance_m", "required_m", "margin_m", "overlap_ha")
    }
    words = {
        "emitter_id": emitter,
        "receptor_name": receptor,
        **figures,
        "rule_id": f"{called('rules', 'rule_id')} ({verified})",
    }
    return {
        name: wrapped(said, width=_COLUMNS[name][1], size=SIZES["small"])
        for name, said in words.items()
    }


def _head(sheet: Sheet, names: Names | None, *, language: str) -> None:
    for name, (at, width, side) in _COLUMNS.items():
        column = COMPUTED["conflicts"].column(name)
        words = "" if column is None else heading(column, language=language, names=names)
        lines = wrapped(words, width=width, size=SIZES["small"], weight="bold")
        for back, line in enumerate(reversed(lines)):
            y = _HEAD_IN - 0.11 - back * 0.15
            sheet.text(at, y, line, size=SIZES["small"], color=SOFT, weight="bold", ha=side)
    sheet.rule(_HEAD_IN, color=SOFT, width=1.0)


def _draw_row(sheet: Sheet, cells: dict[str, list[str]], top: float, gid: str) -> None:
    for name, lines in cells.items():
        at, _, side = _COLUMNS[name]
        for place, line in enumerate(lines):
            y = top + _PAD_IN / 2 + (place + 0.5) * _LINE_IN
            weight = "bold" if name == "margin_m" else "normal"
            sheet.text(at, y, line, size=SIZES["small"], weight=weight, ha=side).set_gid(
                f"{gid}.{name}"
            )
