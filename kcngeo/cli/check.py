"""The data gate: ``check``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, products, theme
from kcngeo.cli.shared import (
    KnownAt,
    Lang,
    Language,
    Project,
    Strict,
    app,
    console,
    exit_code,
)


class Form(StrEnum):
    """Form of the data on standard output."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@app.command()
def check(
    project: Project,
    out: Annotated[Path | None, typer.Option(help="Folder to make for layer and tables.")] = None,
    form: Annotated[Form, typer.Option("--format", help="Form on standard output.")] = Form.TABLE,
    on: Annotated[
        str | None, typer.Option(help="Day as of which to judge; the last recorded if left out.")
    ] = None,
    known_at: KnownAt = None,
    gap_width: Annotated[
        float, typer.Option(help="Land between lots up to this width in metres is a gap.", min=0.0)
    ] = products.GAP_WIDTH_M,
    map_scale: Annotated[
        int, typer.Option(help="Denominator of the scale of the cadastral map.")
    ] = products.MAP_SCALE,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Find what is wrong in the tables of a project: which rows, where, how large, what to do."""
    stored = io.read_project(project)
    made = products.check(
        stored if known_at is None else stored.stored_at(known_at),
        on=on,
        gap_width_m=gap_width,
        map_scale=map_scale,
    ).asked(known_at=known_at)
    if form is Form.JSON:
        typer.echo(made.files("json", language=language)["findings.json"](), nl=False)
    elif form is Form.CSV:
        typer.echo(made.csv("findings", language=language), nl=False)
    else:
        for line in made.say(language):
            typer.echo(line)
    if out is not None:
        made.write(out, language=language, inputs=[project])
        console.print(theme.text("quality.written", language=language, path=out), markup=False)
    console.print(made.headline(language), markup=False)
    raise typer.Exit(exit_code(made, strict=strict))
