"""Stores and states of a project: ``copy``, ``diff`` and ``update``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.publish.csv import as_meant, csv_text
from kcngeo.publish.differences_table import differences_csv

Edited = Annotated[str, typer.Argument(help="The edited project.", metavar="EDITED")]


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
    edited: Edited,
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
        typer.Option(help="The listed clashes (CSV), with theirs or mine in the column take."),
    ] = None,
    without_ancestor: Annotated[
        bool,
        typer.Option(
            "--without-ancestor",
            help="Record the copy as it stands, over whatever others have recorded since it left.",
        ),
    ] = False,
) -> None:
    """Record the edits of a copy in its project, beside what others have recorded since."""
    done = updates.record(
        project,
        io.read_project(edited),
        recorded_at=recorded_at,
        valid_from=valid_from,
        without_ancestor=without_ancestor,
        resolved=None if resolve is None else as_meant(io.read_own_table(resolve, texts=True)),
        dry_run=dry_run,
    )
    if len(done.clashes):
        say_findings(done.changes.findings, language)
        typer.echo(csv_text(done.clashes, name="clashes"), nl=False)
        raise KcngeoError("update_clashes", count=len(done.clashes))
    say_edits(done.changes, language)
    if not done.written:
        console.print(theme.text("cli.not_written", language=language), markup=False)
        return
    console.print(
        theme.text("cli.updated", language=language, path=io.redact_url(project)), markup=False
    )


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


def say_edits(changes: updates.Difference, language: str) -> None:
    """Print the edits, a line each changed value, and count them for people."""
    say_findings(changes.findings, language)
    for table, kind, count in changes.counts():
        line = theme.text(f"cli.edits_{kind}", language=language, table=table, count=count)
        console.print(line, markup=False)
    if changes.empty:
        console.print(theme.text("cli.edits_none", language=language), markup=False)
    typer.echo(differences_csv(changes), nl=False)
