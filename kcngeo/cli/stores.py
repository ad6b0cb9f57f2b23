"""Stores and states of a project: ``copy``, ``diff`` and ``update``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

import kcngeo
from kcngeo import io, theme
from kcngeo import update as updates
from kcngeo.cli.shared import (
    DONE,
    EXIT_FINDINGS,
    Lang,
    Language,
    Project,
    app,
    console,
    say_findings,
)
from kcngeo.core.checked_once import each_once
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.products.clashes import write_clashes
from kcngeo.publish.clashes_book import read_decisions
from kcngeo.publish.csv import csv_text
from kcngeo.publish.differences_table import differences_csv

Edited = Annotated[
    str | None, typer.Argument(help="The edited copy, or its ledger workbook.", metavar="EDITED")
]


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A project.", metavar="A")],
    new: Annotated[str, typer.Argument(help="The same project, edited.", metavar="B")],
    language: Language = Lang.VI,
) -> None:
    """List the edits between two states of a project as CSV; exit with 1 if there are any."""
    changes = updates.difference(io.read_project(old), io.read_project(new))
    say_edits(changes, language)
    raise typer.Exit(DONE if changes.empty else EXIT_FINDINGS)


@app.command()
def update(
    project: Project,
    edited: Edited = None,
    language: Language = Lang.VI,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and list the edits, but write nothing.")
    ] = False,
    recorded_at: Annotated[
        str | None, typer.Option(help="When the edits were recorded; now if left out.")
    ] = None,
    valid_from: Annotated[
        str | None,
        typer.Option(help="First day of new shapes and uses; if left out the old ones were wrong."),
    ] = None,
    resolve: Annotated[
        Path | None,
        typer.Option(help="clashes.xlsx, or the list as CSV, with its last column filled in."),
    ] = None,
    clashes: Annotated[
        Path | None,
        typer.Option(help="Folder for the clashes, if any; left out, it lies beside the copy."),
    ] = None,
    without_ancestor: Annotated[
        bool,
        typer.Option(
            "--without-ancestor",
            help="Record the copy as it stands, over whatever others have recorded since it left.",
        ),
    ] = False,
    mend_clock: Annotated[
        bool,
        typer.Option(
            "--mend-clock", help="Give rows recorded in the future moments that have been."
        ),
    ] = False,
) -> None:
    """Record the edits of a copy in its project, beside what others have recorded since."""
    if (edited is None) != mend_clock:
        raise KcngeoError("mend_or_edited")
    if edited is None:
        _mend_clock(project, language, dry_run=dry_run)
        return
    with each_once():
        done = updates.record(
            project,
            _copy(edited),
            recorded_at=recorded_at,
            valid_from=valid_from,
            without_ancestor=without_ancestor,
            resolved=None if resolve is None else read_decisions(resolve),
            dry_run=dry_run,
        )
    if len(done.clashes):
        say_findings(done.changes.findings, language)
        folder = None if dry_run else clashes or beside(edited)
        say_clashes(done, folder, language)
    say_edits(done.changes, language)
    if not done.written:
        console.print(theme.text("cli.not_written", language=language), markup=False)
        return
    console.print(
        theme.text("cli.updated", language=language, path=io.redact_url(project)), markup=False
    )


def _mend_clock(project: str, language: str, *, dry_run: bool) -> None:
    """Give rows recorded in the future moments that have been, and say which became which."""
    with each_once(), io.editing(project) as now:
        mended = updates.mend_clock(now.project)
        made = mended.clock_mends[len(now.project.clock_mends) :]
        if made and not dry_run:
            now.write(mended)
    for was, became in made:
        fields = {"was": was.isoformat(), "now": became.isoformat()}
        console.print(theme.text("cli.clock_mended", language=language, **fields), markup=False)
    if not made:
        console.print(theme.text("cli.clock_right", language=language), markup=False)


def _copy(edited: str) -> kcngeo.Project | io.WorkbookRead:
    """Read what comes back: a project, or its ledger workbook."""
    is_book = Path(edited).suffix.lower() in io.WORKBOOKS
    return io.read_workbook(edited) if is_book else io.read_project(edited)


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="The project to copy.", metavar="FROM")],
    target: Annotated[
        str,
        typer.Argument(
            help="Where to: NAME.gpkg, a folder NAME.parquet, or a PostGIS URL.", metavar="TO"
        ),
    ],
    language: Language = Lang.VI,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the project that is there.")
    ] = False,
) -> None:
    """Copy a project into another store; every store gives the same project back."""
    tables = io.read_project(source)
    if not force and io.holds_project(target):
        raise DataSourceError("project_there", path=io.redact_url(target))
    io.write_project(tables, target)
    console.print(
        theme.text("cli.made", language=language, path=io.redact_url(target)), markup=False
    )


def beside(edited: str | Path) -> Path:
    """Name the folder of clashes of a copy: beside it, or here if it is in a database."""
    if "://" in str(edited):
        return Path("clashes")
    path = Path(edited)
    return path.with_name(f"{path.stem}-clashes")


def say_clashes(
    made: updates.Recorded | updates.Merge, folder: Path | None, language: str
) -> NoReturn:
    """Print what two people want otherwise, write it to be looked at and filled in, and stop."""
    typer.echo(csv_text(made.clashes, name="clashes"), nl=False)
    try:
        paths = () if folder is None else write_clashes(made, folder, language=language)
    except DataSourceError as error:
        # Where nothing can be written the list above still says it all.
        console.print(error.message(language), markup=False)
        paths = ()
    for path in paths:
        console.print(theme.text("cli.made", language=language, path=path), markup=False)
    raise KcngeoError("update_clashes", count=len(made.clashes))


def say_edits(changes: updates.Difference, language: str) -> None:
    """Print the edits, a line each changed value, and count them for people."""
    say_findings(changes.findings, language)
    for table, kind, count in changes.counts():
        line = theme.text(f"cli.edits_{kind}", language=language, table=table, count=count)
        console.print(line, markup=False)
    if changes.empty:
        console.print(theme.text("cli.edits_none", language=language), markup=False)
    typer.echo(differences_csv(changes), nl=False)
