"""The list of clashes as a workbook two people fill in together: whose value holds."""

from __future__ import annotations

import io as streams
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from kcngeo import io, theme
from kcngeo.core.errors import KcngeoError
from kcngeo.core.schema import COMPUTED, TABLES
from kcngeo.publish.csv import as_meant

_CREATED = datetime(2000, 1, 1)
_TAKE = "take"
_SHOWN = ("table", "id", "zone_id", "column", "kind", "before", "theirs", "mine", _TAKE)
# What a decision is known by; hidden, and never in words.
_TOLD = ("table", "id", "column", "kind", "theirs", "mine")
_WIDTHS = {"table": 16, "id": 22, "kind": 30, "before": 26, "theirs": 26, "mine": 26, _TAKE: 18}
_LAST_ROW = 5000


def clashes_workbook(clashes: pd.DataFrame, *, language: str) -> bytes:
    """Write clashes in words, with a column to fill in; what they are known by stands hidden."""
    buffer = streams.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        title = theme.table_title("clashes", language=language)
        book.set_properties({"title": title, "created": _CREATED})
        head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
            | {"font_color": theme.PAPER, "bg_color": theme.SHEET_COLORS["heading"]}
        )
        ask = book.add_format({"border": 1, "bg_color": theme.SHEET_COLORS["example"]})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(title[:31])
        for place, name in enumerate(_SHOWN):
            words = theme.column(_label(name), language=language)
            sheet.write_string(0, place, words, head)
            sheet.set_column(place, place, _WIDTHS.get(name, 14), ask if name == _TAKE else text)
        first = len(_SHOWN)
        for place, name in enumerate((*_TOLD, _TAKE)):
            # By these names the columns are known when the workbook comes back.
            at = _SHOWN.index(_TAKE) if name == _TAKE else first + place
            sheet.write_string(1, at, name)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(first, first + len(_TOLD) - 1, None, None, {"hidden": True})
        for row, clash in enumerate(clashes.to_dict("records"), start=2):
            for place, name in enumerate(_SHOWN[:-1]):
                sheet.write_string(row, place, _said(clash, name, language), text)
            for place, name in enumerate(_TOLD, start=first):
                if not pd.isna(clash[name]):
                    sheet.write_string(row, place, clash[name])
        place = _SHOWN.index(_TAKE)
        source = list(_takes(language))
        sheet.data_validation(2, place, _LAST_ROW, place, {"validate": "list", "source": source})
        sheet.freeze_panes(2, 2)
    return buffer.getvalue()


def read_decisions(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read whose value holds: from the workbook of clashes, or from the list as CSV."""
    path = Path(path)
    if path.suffix.lower() not in io.WORKBOOKS:
        return as_meant(io.read_own_table(path, texts=True))
    words = {said: one for language in theme.LANGUAGES for said, one in _takes(language).items()}
    titles = [theme.table_title("clashes", language=language)[:31] for language in theme.LANGUAGES]
    for rows in io.read_cells(path, names=titles):
        if len(rows) < 2 or not {*_TOLD, _TAKE} <= set(rows[1]):
            continue
        places = {name: rows[1].index(name) for name in (*_TOLD, _TAKE)}
        listed = [
            {name: None if row[at] is None else str(row[at]) for name, at in places.items()}
            for row in rows[2:]
        ]
        frame = pd.DataFrame(listed, columns=[*places], dtype="object")
        return frame.assign(**{_TAKE: frame[_TAKE].map(lambda said: words.get(said, said))})
    raise KcngeoError("resolve_columns", columns=[*_TOLD, _TAKE])


def _takes(language: str) -> dict[str, str]:
    column = COMPUTED["clashes"].column(_TAKE)
    choices = () if column is None else column.choices
    return {
        theme.choice(one, name=_TAKE, language=language, layer="clashes"): one for one in choices
    }


def _label(name: str) -> str:
    column = COMPUTED["clashes"].column(name)
    label = None if column is None else column.label
    return name if label is None else label.removeprefix("column.")


def _said(clash: Mapping[Any, Any], name: str, language: str) -> str:
    """Say a cell in words where its table knows any."""
    value = clash[name]
    if pd.isna(value):
        return ""
    if name == "table":
        return theme.table_title(value, language=language)
    if name == "kind":
        return theme.choice(value, name=name, language=language, layer="clashes")
    if name == "column":
        if value == "geometry":
            return theme.text("clashes_map.shape", language=language)
        return theme.column(value, language=language)
    column = TABLES[clash["table"]].column(clash["column"])
    if name in ("before", "theirs", "mine") and column is not None and column.choices:
        return theme.choice(value, name=column.name, language=language, layer=clash["table"])
    return str(value)
