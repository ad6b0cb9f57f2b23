"""The official return of a quarter: forms to upload, a document to sign, their sources."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcngeo import theme
from kcngeo.core.errors import left_out_zones
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import Names
from kcngeo.ledger import known
from kcngeo.ledger.zones import zone_names
from kcngeo.products.common import asked_for, together
from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.publish.return_pages import form_files, paper_files, said_lines, told_cells, told_filed
from kcngeo.report import OfficialReturn, names_asked, official_return
from kcngeo.report.return_filed import filed_claims, quarter_before
from kcngeo.report.return_rows import FAULT
from kcngeo.standards import registry, return_forms

if TYPE_CHECKING:
    import pandas as pd

    from kcngeo.ledger import Project, Snapshot

# What was filed beside what is computed, in a language; None where nothing was filed.
Claimed = Callable[[str], "pd.DataFrame | None"]


def returns(
    project: Project | Snapshot,
    *,
    quarter: str,
    forms: str | os.PathLike[str] | None = None,
    filed: pd.DataFrame | None = None,
) -> Bundle:
    """Fill the forms a zone board files every quarter.

    Every cell is computed and leads to its rows, entered, or missing by the name of the column that
    would answer; see :func:`kcngeo.report.official_return`. As long as the forms were not read in
    an official source, every form, title and name of a form's file says that it is a draft.

    Parameters
    ----------
    project
        The tables; of a project what is known now. Figures of a zone at fault are missing.
    quarter
        The quarter, for example "2026Q3".
    forms
        A file of forms of your own; None for those that come with the library.
    filed
        What was filed of the quarter before, read by ``kcngeo.products.filed``: its figures
        are claims, and are set beside what is computed of that quarter today.

    Returns
    -------
    Bundle
        Tables ``return_cells``, ``return_rows`` (the rows each cell leads to), ``return_filed``
        where a filed copy was given, and ``findings``; a workbook a form; a Word document of all
        forms.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    DataSourceError
        If the file of forms cannot be read.
    KcngeoError
        If the quarter or an item of the forms is not understood, or no sheet of the filed copy is
        one of the forms.

    Examples
    --------
    3.5 of 7 ha of the squares are let:

    >>> import kcngeo as kcn
    >>> cells = returns(kcn.examples.squares(), quarter="2018Q1").tables["return_cells"]
    >>> cells.loc[cells["item"] == "fill_rate", ["line", "value"]].values.tolist()
    [['A', 50.0], ['B', 50.0], ['total', 50.0]]
    """
    asked = return_forms(forms)
    with left_out_zones() as apart:
        made = official_return(known(project), quarter=quarter, forms=asked)
        before = None
        if filed is not None:
            earlier = quarter_before(quarter)
            before = official_return(known(project), quarter=earlier, forms=asked)

    @cache
    def claimed(language: str) -> pd.DataFrame | None:
        if filed is None or before is None:
            return None
        return filed_claims(filed, before, language=language)

    findings = together(_findings(made), _differing(before, claimed), apart)

    @cache
    def names(language: str) -> Names:
        return _names(made, findings, language)

    given = {"forms": None if forms is None else Path(forms), "filed": filed}
    followed = registry()
    return Bundle(
        product="returns",
        provenance=Provenance(
            options=asked_for(quarter=quarter),
            tables=made.snapshot,
            registry=followed,
            moment=made.snapshot.moment,
            rules=(followed.load(asked.definition),),
            given={name: one for name, one in given.items() if one is not None},
        ),
        make_tables=lambda language: _tables(made, before, claimed, names(language), language),
        names=names,
        findings=findings,
        left_out=apart,
        incomplete=bool((made.cells["cell_kind"] == "missing").any()),
        documents={
            "forms": lambda language: form_files(made, names=names(language), language=language),
            "paper": partial(paper_files, made, names),
        },
        letters={"paper": partial(paper_files, made, names)},
        say=partial(said_lines, made),
        facts=lambda _: {"quarter": quarter, "forms": asked.name, "draft": asked.is_draft},
    )


def _findings(made: OfficialReturn) -> list[Finding]:
    """Say that it is a draft, and what is missing, a finding a column that would answer."""
    found = []
    if made.forms.is_draft:
        name = made.forms.name
        found.append(finding("return_draft", "zones", Severity.WARNING, name=name))
    if made.snapshot.table("project_changes") is None:
        found.append(finding("return_no_changes", "project_changes", Severity.WARNING))
    missing = made.cells[(made.cells["cell_kind"] == "missing") & (made.cells["wanted"] != FAULT)]
    # What a zone lacks is its own; a total lacks nothing that a line does not.
    of_zones = missing[missing["zone_id"].notna()]
    whole = missing[missing["zone_id"].isna()]
    others = whole[~whole["form"].isin(of_zones["form"])]
    parts = [*of_zones.groupby("zone_id"), *others.groupby("wanted")]
    return [*found, *(_missing(cells) for _, cells in parts)]


def _missing(cells: pd.DataFrame) -> Finding:
    """Say what some cells lack, of one zone or of no zone, and which rows do not say it."""
    wanted = sorted({one for some in cells["wanted"] for one in some.split("|")})
    ids = sorted({one for ids in cells["wanted_ids"].dropna() for one in ids.split("|")})
    told: dict[str, Any] = {
        "wanted": ", ".join(wanted),
        "count": len(cells),
        "forms": ", ".join(dict.fromkeys(cells["form"])),
    }
    rule = "return_missing" if ids else "return_missing_table"
    zone_ids = cells["zone_id"].dropna()
    # The table of the rows that are named; where none is, the first that is wanted.
    known = cells.loc[cells["wanted_ids"].notna(), "wanted"]
    table = (known.iloc[0] if ids else wanted[0]).partition(".")[0]
    return finding(rule, table, Severity.WARNING, ids=ids, zone_ids=zone_ids, **told)


def _names(made: OfficialReturn, findings: Sequence[Finding], language: str) -> Names:
    """Name the rows that cells count or lack, and the lines and columns of the forms."""
    rows = made.rows[["table", "id"]].dropna()
    wanted = made.cells[["wanted", "wanted_ids"]].dropna()
    tables = [*rows["table"], *wanted["wanted"].str.partition(".")[0]]
    asked: dict[str, set[str]] = {}
    for table, ids in zip(tables, [*rows["id"], *wanted["wanted_ids"]], strict=True):
        asked.setdefault(table, set()).update(ids.split("|"))
    for one in findings:
        asked.setdefault(one.table, set()).update(one.ids)
    named = names_asked(
        made.snapshot,
        asked,
        zones=zone_names(made.snapshot.zones, on=made.end),
        rules=registry().entries.values(),
        parts={},
        language=language,
    )
    cells = told_cells(made, names=named, language=language)
    lines = dict(zip(cells["line"], cells["line_name"], strict=True))
    columns = cells.drop_duplicates("item")
    # Two forms may call two columns alike.
    alike = columns["item_name"].duplicated(keep=False)
    titles = columns["item_name"].mask(alike, columns["item_name"] + " – " + columns["form"])
    items = dict(zip(columns["item"], titles, strict=True))
    filed = {
        f"{form} {line} {item}": f"{form}, {lines[line]}, {items[item]}"
        for form, line, item in cells[["form", "line", "item"]].itertuples(index=False)
    }
    of_forms = {"return_lines": lines, "return_items": items, "return_filed": filed}
    return {**named, **of_forms, "forms": {made.forms.name: made.forms.title[language]}}


def _tables(
    made: OfficialReturn,
    before: OfficialReturn | None,
    claimed: Claimed,
    names: Names,
    language: str,
) -> dict[str, pd.DataFrame]:
    """Give the tables of the return."""
    tables = {"return_cells": told_cells(made, names=names, language=language)}
    tables["return_rows"] = made.rows
    rows = claimed(language)
    if before is not None and rows is not None:
        tables["return_filed"] = told_filed(rows, before, names=names, language=language)
    return tables


def _differing(before: OfficialReturn | None, claimed: Claimed) -> list[Finding]:
    """Say which figures that were filed are not what is computed of their quarter today."""
    rows = claimed(theme.LANGUAGES[0])
    if before is None or rows is None:
        return []
    found = []
    for verdict, some in rows[rows["verdict"] != "agrees"].groupby("verdict", sort=True):
        ids = some["form"] + " " + some["line"] + " " + some["item"]
        rule = "filed_differs" if verdict == "differs" else "filed_not_computable"
        told: dict[str, Any] = {"quarter": before.quarter, "count": len(some), "of": len(rows)}
        found.append(finding(rule, "return_filed", Severity.WARNING, ids=ids, **told))
    return found
