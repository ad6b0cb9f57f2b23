"""The tables for other programs: ``exchange``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from kcngeo import io, products
from kcngeo.cli.month import Edition
from kcngeo.cli.shared import KnownAt, Lang, Language, Out, Project, app, write


class ExchangeForm(StrEnum):
    """As what a project is given to other programs."""

    TABLES = "tables"
    CNIG = "cnig"
    WEB = "web"


@app.command(name="exchange")
def exchange_(
    project: Project,
    out: Out,
    edition: Annotated[
        Edition, typer.Option(help="The public one leaves out names of investors and documents.")
    ] = Edition.FULL,
    form: Annotated[
        ExchangeForm,
        typer.Option(
            "--as",
            help="All tables; zones and lots like the CNIG's economic sites; or for the web.",
        ),
    ] = ExchangeForm.TABLES,
    on: Annotated[
        str | None, typer.Option(help="Day of the zones and lots of --as cnig and --as web.")
    ] = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
) -> None:
    """Write the tables as a data package, or zones and lots in the form of another standard."""
    stored = io.read_project(project)
    made = products.exchange(
        stored if known_at is None else stored.stored_at(known_at),
        edition=str(edition),
        form=str(form),
        on=on,
    )
    write(made.asked(known_at=known_at), out, language=language, project=project)
