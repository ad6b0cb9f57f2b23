"""What was filed before, read as claims and set beside what is computed of its quarter today."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis import claims
from kcngeo.core.errors import KcngeoError
from kcngeo.report.official_return import OfficialReturn
from kcngeo.report.return_tallies import RATIOS
from kcngeo.report.total_change import TOTAL
from kcngeo.standards import Form
from kcngeo.theme import LANGUAGES, text

GIVEN = ("file", "sheet", "row", "column", "text")
"""Columns of what was filed: a row a cell that is not empty, as it was read."""

_DOWN = "-"
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def line_name(line: str, language: str) -> str:
    """Name a line that is no zone's."""
    return text("returns.total" if line == TOTAL else f"origin.{line}", language=language)


def quarter_before(quarter: str) -> str:
    """Name the quarter before one.

    Examples
    --------
    >>> quarter_before("2026Q1"), quarter_before("2026Q3")
    ('2025Q4', '2026Q2')
    """
    year, number = int(quarter[:4]), int(quarter[-1])
    return f"{year - 1}Q4" if number == 1 else f"{year}Q{number - 1}"


def filed_claims(filed: pd.DataFrame, made: OfficialReturn, *, language: str) -> pd.DataFrame:
    """Reconcile the figures of a filed copy with the return of its quarter as computed today.

    A figure agrees if the computed one, rounded as it was filed, is the same. A figure in a line
    nobody knows, or in a cell that is missing today, is not computable.

    Parameters
    ----------
    filed
        The filed copy, columns :data:`GIVEN`.
    made
        The return of the quarter that was filed.
    language
        Language of the explanations, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        A row a figure: ``form``, ``line``, ``item``, ``zone_id``, ``published``, ``computed``,
        ``difference`` (in the unit of the form), ``verdict``, ``explanation``, ``source``.

    Raises
    ------
    KcngeoError
        If no sheet of the copy is one of the forms.
    """
    found = pd.DataFrame(_figures(filed, made), columns=["form", "line", "item", "value", "source"])
    if found.empty:
        raise KcngeoError("filed_unknown", forms=", ".join(one.code for one in made.forms.forms))
    # A rate is told in percent there and compared as the share it is.
    per = np.where(found["item"].isin(RATIOS), 0.01, 1.0)
    # A claim is never negative: of a change downwards it is how far it went down.
    per = np.where(found["value"] < 0, -per, per)
    measure = found["item"].where(found["value"] >= 0, _DOWN + found["item"])
    # What is filed in one form says nothing of another: each goes by its own name.
    rule = found["form"] + " · " + made.forms.definition
    rows = pd.DataFrame(
        {
            "zone_id": found["line"],
            "measure": measure,
            "definition": rule,
            "value": found["value"] * per,
            "on": made.end,
            "source": found["source"],
        }
    )
    told = claims.reconcile(rows, _series(made), language=language)
    zone_of = made.cells.drop_duplicates("line").set_index("line")["zone_id"]
    return found.drop(columns=["value", "source"]).assign(
        zone_id=found["line"].map(zone_of),
        **{name: told[name] / per for name in ("published", "computed", "difference")},
        **{name: told[name] for name in ("verdict", "explanation", "source")},
    )


def _series(made: OfficialReturn) -> pd.DataFrame:
    """Lay the computed cells out as figures by line, day and form."""
    cells = made.cells.assign(definition=made.cells["form"] + " · " + made.forms.definition)
    per = np.where(cells["item"].isin(RATIOS), 0.01, 1.0)
    table = cells.assign(value=cells["value"] * per).pivot(
        index=["line", "definition"], columns="item", values="value"
    )
    table = table.join(-table.add_prefix(_DOWN))
    table = table.reset_index().rename(columns={"line": "zone_id"}).rename_axis(columns=None)
    return table.assign(on=made.end)


def _figures(filed: pd.DataFrame, made: OfficialReturn) -> Iterator[tuple[Any, ...]]:
    """Find the figures of a filed copy: by the number of the form, the headings, the lines."""
    for (file, _), sheet in filed.groupby(["file", "sheet"], sort=False):
        grid: dict[int, dict[int, str]] = {}
        for row, column, said in zip(sheet["row"], sheet["column"], sheet["text"], strict=True):
            grid.setdefault(int(row), {})[int(column)] = str(said).strip()
        told = " ".join([str(sheet["sheet"].iloc[0]), *grid.get(min(grid), {}).values()])
        form = next((one for one in made.forms.forms if re.search(rf"\b{one.code}", told)), None)
        if form is not None:
            yield from _of_form(form, grid, made, source=str(file))


def _of_form(
    form: Form, grid: Mapping[int, Mapping[int, str]], made: OfficialReturn, *, source: str
) -> Iterator[tuple[Any, ...]]:
    headings = {
        one.title[language].casefold(): one.key for one in form.columns for language in LANGUAGES
    }
    named = {
        row: {at: headings.get(said.casefold()) for at, said in cells.items()}
        for row, cells in grid.items()
    }
    heads = {row: {at: key for at, key in cells.items() if key} for row, cells in named.items()}
    top = max(heads, key=lambda row: len(heads[row]))
    waiting = _lines(form, made)
    for row in sorted(one for one in grid if one > top):
        name = grid[row].get(0, "")
        lines = waiting.get(name.casefold(), [])
        # Two events of one zone come one after the other.
        line = (lines.pop(0) if len(lines) > 1 else lines[0]) if lines else name
        for at, item in heads[top].items():
            value = _number(grid[row].get(at, ""), made)
            if value is not None and name:
                yield form.code, line, item, value, source


def _lines(form: Form, made: OfficialReturn) -> dict[str, list[str]]:
    """Give the lines of a form by what they may be called."""
    cells = made.cells[made.cells["form"] == form.code].drop_duplicates("line")
    lines: dict[str, list[str]] = {}
    for line, name in zip(cells["line"], cells["line_name"], strict=True):
        names = [name] if isinstance(name, str) else [line_name(line, one) for one in LANGUAGES]
        for one in dict.fromkeys(one.casefold() for one in names):
            lines.setdefault(one, []).append(line)
    return lines


def _number(said: str, made: OfficialReturn) -> float | None:
    """Read a number in the style of the forms; what is none is no claim."""
    plain = said.replace("\u2212", "-").replace(made.forms.thousands, "")
    plain = plain.replace(made.forms.decimal, ".")
    return float(plain) if _NUMBER.fullmatch(plain) else None
