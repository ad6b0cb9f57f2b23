"""The tables for other programs: ``exchange``."""

from __future__ import annotations

from typing import Annotated

import typer

from kcngeo import io, products
from kcngeo.cli.month import Edition
from kcngeo.cli.shared import KnownAt, Lang, Language, Out, Project, app, write


@app.command(name="exchange")
def exchange_(
    project: Project,
    out: Out,
    edition: Annotated[
        Edition, typer.Option(help="The public one leaves out names of investors and documents.")
    ] = Edition.FULL,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
) -> None:
    """Write the tables as a data package: CSV and the descriptor other programs validate by."""
    stored = io.read_project(project)
    made = products.exchange(
        stored if known_at is None else stored.stored_at(known_at), edition=str(edition)
    )
    write(made.asked(known_at=known_at), out, language=language, project=project)
