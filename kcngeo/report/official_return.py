"""The official return of a quarter: every cell computed, entered, or missing by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.errors import KcngeoError
from kcngeo.ledger import known
from kcngeo.report.return_books import Books
from kcngeo.report.return_rows import FAULT, Row, lacking
from kcngeo.report.return_tallies import RATIOS, TALLIES, stated_tally
from kcngeo.report.total_change import TOTAL
from kcngeo.standards import Form, FormColumn, ReturnForms, return_forms

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

ORIGINS = ("foreign", "domestic")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfficialReturn:
    """The return of a quarter before it is laid out.

    Attributes
    ----------
    quarter
        The quarter, "2026Q3".
    start, end
        Its first and its last day.
    forms
        The forms that were filled.
    cells
        A row a cell: ``form``, ``line``, ``line_name`` (of zones), ``item``, ``zone_id``,
        ``cell_kind`` ("computed", "entered", "missing"), ``value`` in the unit of the form,
        ``said``, ``wanted`` and ``wanted_ids`` (the columns that would answer, and of which
        rows), ``left_out`` (zones a total is without).
    rows
        A row for every row of a table a cell counts: ``form``, ``line``, ``item``, ``zone_id``,
        ``table``, ``id``, ``value`` in the unit of the form.
    snapshot
        The tables as known.
    """

    quarter: str
    start: pd.Timestamp
    end: pd.Timestamp
    forms: ReturnForms
    cells: pd.DataFrame
    rows: pd.DataFrame
    snapshot: Snapshot


def official_return(
    project: Project | Snapshot, *, quarter: str, forms: ReturnForms | None = None
) -> OfficialReturn:
    """Fill the forms of the official return of a quarter.

    Nothing is guessed: a figure whose rows do not all say what they should is missing, and names
    the column and the rows. Flows are those of the quarter, both its days included; the rest is the
    state on its last day. ``projects.registered_capital`` is what stands registered now; raises and
    cuts of ``project_changes`` after the day are taken back, so that registered capital at the end
    is that at the beginning, plus new and raised, less cut and revoked. A project's capital and
    workers are those it reports of the quarter in ``project_periods``, else those on record in
    ``projects``. A total is a sum, of a rate the ratio of sums.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault in the quarter missing.
    quarter
        The quarter, for example "2026Q3".
    forms
        The forms; None for those that come with the library.

    Returns
    -------
    OfficialReturn
        Cells, and the rows each leads to.

    Raises
    ------
    ContractError
        If tables break their contract or contradict each other.
    DateError
        If the quarter is not written so.
    KcngeoError
        If the forms ask for an item nobody can compute, or go by a definition whose hectares are
        no sums of lots and leases.

    Examples
    --------
    The law of 2022 counts A-5 (service, let) as well: 2.5 of 5 ha of zone A are let, and 1 of
    2 ha of zone B: 3.5 of 7 ha in all.

    >>> import kcngeo as kcn
    >>> made = official_return(kcn.examples.squares(), quarter="2018Q1")
    >>> cells = made.cells[made.cells["form"] == "2103"].set_index(["item", "line"])["value"]
    >>> cells["leased_ha"].tolist(), cells["fill_rate"].tolist()
    ([2.5, 1.0, 3.5], [50.0, 50.0, 50.0])
    """
    asked_forms = forms or return_forms()
    books = Books.of(known(project), quarter=quarter, forms=asked_forms)
    cells: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for form in asked_forms.forms:
        lines = _lines(books, form)
        for column in form.columns:
            for cell, some in _column(books, form, column, lines):
                cells.append(cell)
                rows += some
    return OfficialReturn(
        quarter=quarter,
        start=books.start,
        end=books.end,
        forms=asked_forms,
        cells=pd.DataFrame(cells, columns=_CELL).astype({"value": "float64"}),
        rows=pd.DataFrame(rows, columns=_ROW).astype({"value": "float64"}),
        snapshot=books.snapshot,
    )


_CELL = [
    *("form", "line", "line_name", "item", "zone_id", "cell_kind", "value", "said"),
    *("wanted", "wanted_ids", "left_out"),
]

_ROW = ["form", "line", "item", "zone_id", "table", "id", "value", "said"]


def _lines(books: Books, form: Form) -> list[tuple[str, str | None, str | None]]:
    """List the lines of a form: id, name of the zone, zone."""
    names = books.names
    if form.lines == "origins":
        return [(one, None, None) for one in (*ORIGINS, TOTAL)]
    if form.lines == "events":
        found = books.events
        return [
            (line, str(names.get(zone_id, zone_id)), str(zone_id))
            for line, zone_id in zip(found["line"], found["zone_id"], strict=True)
        ]
    here = books.rates.index if form.lines == "zones" else books.planned["zone_id"]
    zone_ids = sorted({*here, *books.snapshot.apart})
    lines: list[tuple[str, str | None, str | None]] = [
        (one, names.get(one, one), one) for one in zone_ids
    ]
    return [*lines, (TOTAL, None, None)]


def _column(
    books: Books, form: Form, column: FormColumn, lines: list[Any]
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Fill a column of a form, line by line."""
    items = RATIOS.get(column.item, (column.item,))
    own = {None, *(line for line, _, _ in lines)}
    # A total is of the lines of the form, and of what is nobody's.
    tallies = (_tally(books, form, column, item) for item in items)
    parts = [[row for row in tally if row["group"] in own] for tally in tallies]
    apart = [lacking(FAULT, group=one, zone_id=one) for one in books.snapshot.apart]
    if form.lines in ("zones", "plan"):
        gone = set(books.snapshot.apart)
        parts = [[*apart, *(row for row in part if row["group"] not in gone)] for part in parts]
    for line, name, zone_id in lines:
        mine = [_of_line(part, line) for part in parts]
        counted = [row for part in mine for row in part]
        if line == TOTAL and (not column.total or any(row["said"] for row in counted)):
            continue
        at = {"form": form.code, "line": line, "item": column.key}
        cell = dict.fromkeys(_CELL) | at | {"line_name": name, "zone_id": zone_id}
        told = [
            {
                **at,
                "zone_id": row["zone_id"] or zone_id,
                "table": row["table"],
                "id": row["id"],
                "value": None if row["value"] is None else row["value"] / column.per,
                "said": row["said"],
            }
            for row in counted
            if row["table"] and row["id"] and not row["left_out"]
        ]
        yield cell | _filled(mine, per=column.per), told


def _tally(books: Books, form: Form, column: FormColumn, item: str) -> list[Row]:
    """Tally an item, or refuse one that nobody computes."""
    if item.startswith("zones.") and form.lines != "origins":
        return stated_tally(books, item, lines=form.lines)
    found = TALLIES[form.lines].get(item)
    if found is None:
        choices = " | ".join([*TALLIES[form.lines], *RATIOS])
        raise KcngeoError("return_item", form=form.code, item=item, choices=choices)
    return found(books, replace(column, item=item))


def _of_line(rows: list[Row], line: str) -> list[Row]:
    """Keep what belongs to a line; what may belong to any of several makes each unknown."""
    if line == TOTAL:
        return rows
    mine = [row for row in rows if row["group"] == line]
    if line in ORIGINS:
        nobodys = (row for row in rows if row["group"] is None)
        mine += [{**row, "lacks": row["lacks"] or row["unknown"]} for row in nobodys]
    return mine


def _filled(parts: list[list[Row]], *, per: float) -> dict[str, Any]:
    """Add a cell up, or say what it lacks."""
    rows = [row for part in parts for row in part]
    counted = [row for row in rows if not row["left_out"]] or rows
    cell = {"left_out": _joined(row["zone_id"] for row in rows if row["left_out"])}
    lacking = [row for row in counted if row["lacks"]]
    if lacking:
        return {
            **cell,
            "cell_kind": "missing",
            "wanted": _joined(row["lacks"] for row in lacking),
            "wanted_ids": _joined(row["id"] or row["zone_id"] for row in lacking),
        }
    is_entered = len(counted) == 1 and counted[0]["stated"]
    cell["cell_kind"] = "entered" if is_entered else "computed"
    said = [row["said"] for row in counted if row["said"]]
    if said:
        return {**cell, "said": "|".join(dict.fromkeys(said))}
    sums = [math.fsum(row["value"] or 0 for row in part if not row["left_out"]) for part in parts]
    if len(sums) == 1:
        return {**cell, "value": sums[0] / per}
    # Nothing leasable: no rate, never 0.
    return {**cell, "value": sums[0] / sums[1] / per if sums[1] > 0 else None}


def _joined(names: Iterable[str | None]) -> str | None:
    return "|".join(sorted({name for name in names if name})) or None
