"""The official return in words: its tables, and its forms as they are laid out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import TABLES, Names, heading
from kcngeo.publish.form_sheet import FormSheet
from kcngeo.publish.xlsx import form_workbook
from kcngeo.report.return_filed import line_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kcngeo.report import OfficialReturn
    from kcngeo.standards import Form

DRAFT = "BAN-NHAP_DRAFT"
"""Begins the names of files of forms that nobody read in an official source."""

_MOST_NAMED = 12
_EVENT = "event_on"


def _say(key: str, language: str, **fields: object) -> str:
    return theme.text(f"returns.{key}", language=language, **fields)


def title(made: OfficialReturn, *, language: str) -> str:
    """Give the title of a return; of a draft it says so first."""
    year, number = made.quarter.split("Q")
    words = _say("title", language, title=made.forms.title[language], number=number, year=year)
    return f"{_say('draft', language)} · {words}" if made.forms.is_draft else words


def warnings(made: OfficialReturn, *, language: str) -> tuple[str, ...]:
    """Say what must stand on every page."""
    return (_say("draft_why", language),) if made.forms.is_draft else ()


def said_lines(made: OfficialReturn, language: str) -> list[str]:
    """Say how many cells of each form are computed, entered and missing."""
    lines = [title(made, language=language)]
    for form in made.forms.forms:
        kinds = made.cells.loc[made.cells["form"] == form.code, "cell_kind"].value_counts()
        parts = [
            f"{theme.text(f'cell_kind.{kind}', language=language)} {int(kinds.get(kind, 0))}"
            for kind in ("computed", "entered", "missing")
        ]
        lines.append(f"{form.code} {form.title[language]}: {', '.join(parts)}")
    return lines


def told_cells(made: OfficialReturn, *, names: Names, language: str) -> pd.DataFrame:
    """Give the cells with the names of forms, lines and columns."""
    columns = {(form.code, one.key): one for form in made.forms.forms for one in form.columns}
    keys = list(zip(made.cells["form"], made.cells["item"], strict=True))
    lines = zip(made.cells["line"], made.cells["line_name"], strict=True)
    return made.cells.assign(
        line_name=[
            name if isinstance(name, str) else line_name(line, language) for line, name in lines
        ],
        item_name=[columns[key].title[language] for key in keys],
        note=pd.Series(
            [_note(row, names, language) for row in made.cells.to_dict("records")], dtype="str"
        ),
        draft=made.forms.is_draft,
    )


def told_filed(
    rows: pd.DataFrame, made: OfficialReturn, *, names: Names, language: str
) -> pd.DataFrame:
    """Give what was filed before beside what is computed today, with the names of the cells."""
    cells = told_cells(made, names=names, language=language)
    cells = cells[["form", "line", "item", "line_name", "item_name"]]
    told = rows.merge(cells, on=["form", "line", "item"], how="left", validate="m:1")
    return told.assign(line_name=told["line_name"].fillna(told["line"]))


def _note(row: Mapping[Any, Any], names: Names, language: str) -> str | None:
    """Say what a missing cell lacks, or which zones a total is without."""
    if isinstance(row["wanted"], str):
        return _lack(row["wanted"], row["wanted_ids"], names, language)
    if isinstance(row["left_out"], str):
        zones = _called(row["left_out"], "zones", names)
        return _say("left_out", language, count=len(zones), ids=_few(zones, language))
    return None


def _lack(lacks: str, lacking: Any, names: Names, language: str) -> str:
    """Name the tables and columns that would answer, and the rows that do not say it."""
    wanted = "; ".join(_place(one, language) for one in lacks.split("|"))
    if not isinstance(lacking, str):
        return wanted
    rows = _called(lacking, lacks.partition(".")[0], names)
    return _say("lacking", language, wanted=wanted, count=len(rows), ids=_few(rows, language))


def _called(ids: str, table: str, names: Names) -> list[str]:
    """Name rows of a table whose ids are joined by "|"."""
    called = names.get(table, {})
    return [called.get(one, one) for one in ids.split("|")]


def _few(ids: list[str], language: str) -> str:
    more = len(ids) - _MOST_NAMED
    named = ", ".join(ids[:_MOST_NAMED])
    return f"{named} {_say('more', language, count=more)}" if more > 0 else named


def _place(code: str, language: str) -> str:
    """Name a table, or a column of it, for a person and for whoever fills it in."""
    table, _, name = code.partition(".")
    if table not in TABLES:
        return _say(code, language)
    told = theme.table_title(table, language=language)
    if not name:
        return _say("table", language, table=told, code=code)
    known = TABLES[table].column(name)
    words = name if known is None else heading(known, language=language)
    return _say("column", language, table=told, column=words, code=code)


def form_sheets(made: OfficialReturn, *, names: Names, language: str) -> list[FormSheet]:
    """Lay out the forms."""
    cells = told_cells(made, names=names, language=language)
    return [
        _sheet(form, cells[cells["form"] == form.code], made, names=names, language=language)
        for form in made.forms.forms
    ]


def _sheet(
    form: Form, cells: pd.DataFrame, made: OfficialReturn, *, names: Names, language: str
) -> FormSheet:
    lines = dict(zip(cells["line"], cells["line_name"], strict=True))
    found = {(row["line"], row["item"]): row for row in cells.to_dict("records")}
    missing = cells[cells["cell_kind"] == "missing"]
    notes = {wanted: number for number, wanted in enumerate(missing["wanted"].unique(), start=1)}
    known = cells["left_out"].notna() & (cells["cell_kind"] != "missing")
    without = cells.loc[known, "note"]
    rows = []
    for line, name in sorted(lines.items(), key=lambda one: one[0] == "total"):
        row: list[float | str | None] = [name]
        for column in form.columns:
            cell = found.get((line, column.key))
            row.append(None if cell is None else _cell(cell, notes, language))
        rows.append(tuple(row))
    draft = _say("draft", language) if made.forms.is_draft else ""
    year, number = made.quarter.split("Q")
    head = _say(
        "form", language, code=form.code, title=form.title[language], number=number, year=year
    )
    told = _say("source", language, source=made.forms.source[language])
    above = (f"{draft} · {head}", *warnings(made, language=language), told) if draft else (head,)
    return FormSheet(
        code=form.code,
        name=f"{form.code} {draft}".strip(),
        above=above,
        headings=(
            _say(f"lines_{form.lines}", language),
            *(one.title[language] for one in form.columns),
        ),
        decimals=(0, *(one.decimals for one in form.columns)),
        rows=tuple(rows),
        below=(*_wanted(missing, notes, names, language), *without.unique()),
        empty=_say("nothing", language),
        forms=made.forms,
    )


def _wanted(
    missing: pd.DataFrame, notes: Mapping[str, int], names: Names, language: str
) -> Iterator[str]:
    """Say once of each column what it would answer, and of which rows nobody knows."""
    for wanted, number in notes.items():
        named = missing.loc[missing["wanted"] == wanted, "wanted_ids"].dropna()
        ids = "|".join(sorted({one for some in named for one in some.split("|")})) or None
        yield f"[{number}] {_lack(wanted, ids, names, language)}"


def _cell(cell: Mapping[Any, Any], notes: Mapping[str, int], language: str) -> float | str | None:
    """Give what stands in a cell; a missing one refers to the note that says what it lacks."""
    if cell["cell_kind"] == "missing":
        return _say("missing", language, number=notes[cell["wanted"]])
    if isinstance(cell["said"], str):
        return _said(cell, language)
    # No rate where nothing is leasable.
    return "–" if math.isnan(cell["value"]) else float(cell["value"])


def _said(cell: Mapping[Any, Any], language: str) -> str:
    """Give the words of what a cell says: a code of ours, a day, or a text as entered."""
    said = str(cell["said"])
    if cell["item"] == _EVENT:
        return theme.date(pd.Timestamp(said), language=language)
    if cell["item"] in ("event", "operating"):
        return _say(said, language)
    return said


def form_files(
    made: OfficialReturn, *, names: Names, language: str
) -> dict[str, Callable[[], bytes]]:
    """Give the workbooks for upload, one a form."""
    mark = f"{DRAFT}_" if made.forms.is_draft else ""
    return {
        f"{mark}{sheet.code}_{made.quarter}.xlsx": lambda sheet=sheet: form_workbook(sheet)  # type: ignore[misc]
        for sheet in form_sheets(made, names=names, language=language)
    }


def paper_files(
    made: OfficialReturn,
    names: Callable[[str], Names],
    language: str,
    *,
    letterhead: bytes | None = None,
) -> dict[str, Callable[[], bytes]]:
    """Give the document for signature."""
    mark = f"{DRAFT}_" if made.forms.is_draft else ""

    def written() -> bytes:
        from kcngeo.publish.docx import docx_forms

        return docx_forms(
            form_sheets(made, names=names(language), language=language),
            title=title(made, language=language),
            lines=(_say("source", language, source=made.forms.source[language]),),
            sentences=said_lines(made, language)[1:],
            warnings=warnings(made, language=language),
            signatures=(_say("prepared_by", language), _say("signed_by", language)),
            language=language,
            letterhead=letterhead,
        )

    return {f"{mark}{made.quarter}.docx": written}
