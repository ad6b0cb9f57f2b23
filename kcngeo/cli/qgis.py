"""Layers for GIS staff: ``qgis``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, standards, theme
from kcngeo import qgis as room
from kcngeo.cli.registry import Rules
from kcngeo.cli.shared import (
    DONE,
    TOLD,
    Area,
    AreaBasis,
    Definition,
    KnownAt,
    Lang,
    Language,
    Log,
    Project,
    app,
    console,
    say_findings,
    working,
)
from kcngeo.report import SITE_HA


@app.command()
def qgis(
    project: Project,
    on: Annotated[str, typer.Option(help="Day, for example 2018-03-31.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
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
    log: Log = None,
) -> None:
    """Write NAME.gpkg and NAME.qgz: layers that open in QGIS styled, named and dated."""
    with working(language, log) as tell:
        tell(theme.text("cli.reading", language=language, path=io.redact_url(project)))
        tables = io.read_project(project)
        tell(theme.text("cli.writing", language=language, path=f"{name}.gpkg, {name}.qgz"))
        made = room.write_package(
            tables,
            out,
            on=on,
            language=language,
            name=name,
            definition=definition,
            known_at=known_at,
            area=area,
            force=force,
            rules=standards.registry(rules),
            sites_ha=sites_ha,
        )
    say_findings(made.report.findings, language)
    for layer, error in made.missing.items():
        title, reason = theme.table_title(layer, language=language), error.message(language)
        words = theme.text("cli.not_in_package", language=language, layer=title, reason=reason)
        console.print(words, style="red", markup=False)
    for copy in made.kept:
        console.print(theme.text("cli.kept", language=language, path=copy), markup=False)
    for path in (made.gpkg, made.qgz):
        typer.echo(path)
    raise typer.Exit(TOLD if made.report.reasons(language=language) or made.missing else DONE)
