"""Layers for GIS staff: ``qgis``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, products, standards, theme
from kcngeo.cli.shared import (
    Area,
    AreaBasis,
    Definition,
    KnownAt,
    Lang,
    Language,
    Log,
    On,
    Project,
    Rules,
    app,
    console,
    exit_code,
    say_findings,
    working,
)
from kcngeo.report import SITE_HA


@app.command()
def qgis(
    project: Project,
    on: On,
    out: Annotated[Path, typer.Option(help="Folder to make; copies of edited files stay in it.")],
    name: Annotated[str, typer.Option(help="Name of the two files.")] = "layers",
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    area: Area = AreaBasis.GRID,
    rules: Rules = None,
    sites_ha: Annotated[
        float, typer.Option(help="Hectares a site must have to be shown.")
    ] = SITE_HA,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace files that are edited or open; a copy is kept."),
    ] = False,
    database: Annotated[
        bool,
        typer.Option(
            "--database",
            help="Of a PostGIS project: let the tables of NAME.qgz be those of the database, and"
            " keep their styles there. No password is written.",
        ),
    ] = False,
    log: Log = None,
) -> None:
    """Write NAME.gpkg and NAME.qgz: layers that open in QGIS styled, named and dated."""
    before = set(out.glob(f"{name}.backup-*/*"))
    with working(language, log) as tell:
        tell(theme.text("cli.reading", language=language, path=io.redact_url(project)))
        if database:
            products.store_styles(str(project), language=language)
        stored = io.read_project(project)
        tell(theme.text("cli.writing", language=language, path=f"{name}.gpkg, {name}.qgz"))
        made = products.layers(
            stored if known_at is None else stored.stored_at(known_at),
            on=on,
            name=name,
            definition=definition,
            area=str(area),
            sites_ha=sites_ha,
            rules=standards.registry(rules),
            force=force,
            database=str(project) if database else None,
        ).asked(known_at=known_at)
        inputs: list[str | Path] = [project, *([] if rules is None else [rules])]
        made.write(out, language=language, inputs=inputs)
    say_findings(made.findings, language, names=made.names(language))
    for copy in sorted(set(out.glob(f"{name}.backup-*/*")) - before):
        console.print(theme.text("cli.kept", language=language, path=copy), markup=False)
    for file in made.say(language):
        typer.echo(out.resolve() / file)
    raise typer.Exit(exit_code(made))
