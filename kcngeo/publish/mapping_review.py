"""What was understood of sources: one offline page to read, one workbook to put right."""

from __future__ import annotations

import io as streams
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import xlsxwriter
from jinja2 import Environment, StrictUndefined

from kcngeo import io, theme
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding
from kcngeo.core.schema import TABLES
from kcngeo.core.texts import said
from kcngeo.io.mapping.review import MappingReview
from kcngeo.maps.policy import POLICY, sealed
from kcngeo.publish.findings_table import known_words
from kcngeo.publish.html import Raw

PAGE, BOOK = "review.html", "mapping.xlsx"
"""Names of the files."""

_CREATED = datetime(2000, 1, 1)
_UNITS = ("ha", "m2")
# By these names, in a hidden row, the columns are known when the workbook comes back.
_SHEETS = {
    "columns": ("table", "theirs", "samples", "take", "unit", "why", "others"),
    "values": ("table", "column", "value", "count", "means"),
}
_FILLED = ("take", "unit", "means")
_WIDTHS = {"samples": 40, "why": 34, "others": 34, "take": 34, "means": 34, "theirs": 22}
_SAMPLES, _LAST_ROW = 3, 5000
_NAMED = re.compile(r"\[(\w+)\]\s*$")

Seen = Mapping[tuple[Path, str], MappingReview]


def _say(key: str, language: str, **fields: object) -> str:
    return theme.text(f"mapping_review.{key}", language=language, **fields)


def _ours(name: str, language: str) -> str:
    """Name a column of ours, so that it is known again."""
    return f"{theme.column(name, language=language)} [{name}]" if name else _say("keep", language)


def _means(value: str, column: str, table: str, language: str) -> str:
    """Name a value of a closed list, so that it is known again."""
    if not value:
        return _say("undecided", language)
    words = theme.choice(value, name=column, language=language, layer=table)
    return f"{words} [{value}]"


def _lines(seen: Seen, sheet: str, language: str) -> list[dict[str, str]]:
    """Lay out the lines of a sheet in words; of a table that came twice, as it came last."""
    lines = []
    for review in {table: one for (_, table), one in seen.items()}.values():
        if sheet == "columns":
            lines += [
                {"table": review.table, **column_line(review, one, language)}
                for one in review.columns.to_dict("records")
            ]
            continue
        lines += [
            {
                "table": review.table,
                "column": _ours(one["take"], language),
                "value": one["value"],
                "count": str(one["count"]),
                "means": _means(one["means"], one["take"], review.table, language),
            }
            for one in review.values.to_dict("records")
        ]
    return lines


def column_line(review: MappingReview, one: Mapping[Any, Any], language: str) -> dict[str, str]:
    """Say in words what a column was taken for."""
    texts = [text for text in review.rows[one["theirs"]].head(_SAMPLES) if text]
    others = [_ours(name, language) for name in one["others"].split("|") if name]
    return {
        "theirs": one["theirs"],
        "samples": "; ".join(texts),
        "take": _ours(one["take"], language),
        "unit": one["unit"],
        "why": _say(f"why_{one['why']}", language),
        "others": ", ".join(others),
    }


def mapping_workbook(seen: Seen, *, language: str) -> bytes:
    """Write the columns and values with what they were taken for, to be put right."""
    buffer = streams.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": _say("columns", language), "created": _CREATED})
        edge = {"text_wrap": True, "valign": "top"}
        heading = {"font_color": theme.PAPER, "bg_color": theme.SHEET_COLORS["heading"]}
        head = book.add_format({**edge, **heading, "bold": True, "border": 1})
        asked = {"border": 1, "bg_color": theme.SHEET_COLORS["example"]}
        formats = {True: book.add_format({**edge, **asked}), False: book.add_format(edge)}
        sheets = {name: book.add_worksheet(_say(name, language)) for name in _SHEETS}
        lists = book.add_worksheet(_say("choices", language))
        lists.hide()
        tables = list(dict.fromkeys(table for _, table in seen))
        listed = {
            "take": _listed(lists, 0, _column_choices(tables, language)),
            "means": _listed(lists, 1, _value_choices(seen, language)),
            "unit": list(_UNITS),
        }
        for name, sheet in sheets.items():
            for place, column in enumerate(_SHEETS[name]):
                sheet.write_string(0, place, _heading(column, language), head)
                sheet.write_string(1, place, column)
                sheet.set_column(place, place, _WIDTHS.get(column, 14))
                if column in _FILLED:
                    rule = {"validate": "list", "source": listed[column]}
                    sheet.data_validation(2, place, _LAST_ROW, place, rule)
            sheet.set_row(1, None, None, {"hidden": True})
            for row, line in enumerate(_lines(seen, name, language), start=2):
                for place, column in enumerate(_SHEETS[name]):
                    sheet.write_string(row, place, line[column], formats[column in _FILLED])
            sheet.freeze_panes(2, 2)
    return buffer.getvalue()


def _heading(name: str, language: str) -> str:
    return _say("take" if name == "column" else name, language)


def _column_choices(tables: Iterable[str], language: str) -> list[str]:
    names = (column.name for table in tables for column in TABLES[table].columns)
    return [_ours(name, language) for name in ("", *dict.fromkeys(names))]


def _value_choices(seen: Seen, language: str) -> list[str]:
    made = [
        _means(choice, column.name, review.table, language)
        for review in seen.values()
        for column in TABLES[review.table].columns
        if column.name in set(review.values["take"])
        for choice in column.choices
    ]
    return [_say("undecided", language), *dict.fromkeys(made)]


def _listed(sheet: Any, place: int, words: Sequence[str]) -> str:
    """Write what may be chosen beside: a list within a cell holds 255 letters."""
    sheet.write_column(0, place, words)
    letter = "AB"[place]
    return f"='{sheet.get_name()}'!${letter}$1:${letter}${len(words)}"


def read_mapping_workbook(path: str | os.PathLike[str]) -> dict[str, io.ColumnMapping]:
    """Read what a person chose in the workbook of a review, by table.

    Several columns taken for the same one are joined, in the order they stand in.
    """
    held: dict[str, list[dict[str, str]]] = {}
    titles = [_say(name, language) for name in _SHEETS for language in theme.LANGUAGES]
    for rows in io.read_cells(path, names=titles):
        for name, heads in _SHEETS.items():
            if len(rows) > 1 and set(heads) <= set(rows[1]):
                places = {one: rows[1].index(one) for one in heads}
                held[name] = [
                    {one: str(row[at] or "") for one, at in places.items()} for row in rows[2:]
                ]
    if "columns" not in held:
        raise KcngeoError("mapping_book", path=path, columns=list(_SHEETS["columns"]))
    tables = dict.fromkeys(one["table"] for one in held["columns"] if one["table"])
    return {
        table: _mapping(
            table,
            *([one for one in held.get(name, []) if one["table"] == table] for name in _SHEETS),
        )
        for table in tables
    }


def _mapping(
    table: str, lines: list[dict[str, str]], values: list[dict[str, str]]
) -> io.ColumnMapping:
    """Make a mapping of the lines of a table."""
    columns: dict[str, list[str]] = {}
    units: dict[str, str] = {}
    for line in lines:
        take = _named(line["take"])
        if take:
            columns.setdefault(take, []).append(line["theirs"])
        if take and line["unit"] in _UNITS:
            units[take] = line["unit"]
    meanings: dict[str, dict[str, str]] = {}
    for line in values:
        column = _named(line["column"])
        if column in columns:
            meanings.setdefault(column, {})[line["value"]] = _named(line["means"])
    return io.ColumnMapping(
        table=table,
        columns={ours: one[0] if len(one) == 1 else tuple(one) for ours, one in columns.items()},
        units=units,
        meanings=meanings,
    )


def _named(words: str) -> str:
    """Give the name that stands in brackets behind words; "" where there is none."""
    found = _NAMED.search(words)
    return found[1] if found else ""


def review_page(
    seen: Seen,
    findings: Mapping[Path, Sequence[Finding]],
    lists: Mapping[Path, Mapping[str, Mapping[str, str]]],
    *,
    language: str,
) -> bytes:
    """Write what was understood as one page; findings lead to their rows and cells."""
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        (resources.files(__package__) / "mapping_review.html.j2").read_text("utf-8")
    )
    style = theme.page_colors() + (resources.files(__package__) / "page.css").read_text("utf-8")
    parts = [
        _part(place, review, findings.get(source, ()), language)
        | {"title": f"{source.name}: {theme.table_title(table, language=language)}"}
        for place, ((source, table), review) in enumerate(seen.items())
    ]
    told = {source for source, _ in seen}
    parts += [
        _list_part(lists.get(source, {}), findings.get(source, ()), language)
        | {"title": source.name}
        for source in dict.fromkeys((*lists, *findings))
        if source not in told
    ]
    names = ", ".join(source.name for source in dict.fromkeys((*told, *lists, *findings)))
    page = template.render(
        language=language,
        policy=POLICY,
        style=Raw(style),
        say=lambda key: _say(key, language),
        title=_say("title", language, source=names),
        lead=_say("lead", language, book=BOOK) if seen else _say("lead_lists", language),
        parts=parts,
    )
    return sealed(page).encode("utf-8", errors="replace")


def _list_part(
    sheets: Mapping[str, Mapping[str, str]], findings: Sequence[Finding], language: str
) -> dict[str, Any]:
    """Lay out a list, whose headings say what its columns are; findings name the cells."""
    empty = dict.fromkeys(("samples", "unit", "why", "others"), "")
    return {
        "findings": [_told(one, [], language) for one in findings],
        "columns": [
            {**empty, "theirs": heading, "take": list_role(name, language=language)}
            for columns in sheets.values()
            for heading, name in columns.items()
        ],
        "values": [],
        "names": [],
        "rows": [],
    }


def list_role(name: str, *, language: str) -> str:
    """Say what a column of a list is taken for."""
    if not name:
        return _say("keep", language)
    return known_words(f"list_role.{name}", language=language) or name


def _told(one: Finding, rows: list[dict[str, str]], language: str) -> dict[str, Any]:
    severity = theme.text(f"severity.{one.severity}", language=language)
    return {"severity": severity, "message": one.message(language), "rows": rows}


def _part(
    number: int, review: MappingReview, findings: Sequence[Finding], language: str
) -> dict[str, Any]:
    """Lay out a table: its columns, its findings, its rows with the cells at fault marked."""
    mine = [one for one in findings if one.table in ("", review.table)]
    by_ours = review.columns.groupby("take")["theirs"].agg(list).to_dict()
    marked: set[tuple[str, str]] = set()
    told = []
    for one in mine:
        theirs = by_ours.get(str(one.fields.get("column", "")), [])
        rows = [row for row in one.ids if row in review.rows.index]
        marked |= {(row, name) for row in rows for name in theirs}
        links = [
            {"address": _anchor(number, row), "name": said(row, language=language)} for row in rows
        ]
        told.append(_told(one, links, language))
    return {
        "columns": [
            column_line(review, one, language) for one in review.columns.to_dict("records")
        ],
        "values": _lines({(Path(), review.table): review}, "values", language),
        "findings": told,
        "names": list(review.rows.columns),
        "rows": [
            {
                "anchor": _anchor(number, str(label)),
                "name": said(str(label), language=language),
                "cells": [
                    {"text": text, "bad": (label, name) in marked}
                    for name, text in zip(review.rows.columns, row, strict=True)
                ],
            }
            for label, row in zip(
                review.rows.index, review.rows.itertuples(index=False), strict=True
            )
        ],
    }


def _anchor(number: int, row: str) -> str:
    return f"p{number}-{row.replace(' ', '-')}"
