"""Layers for GIS staff: ``qgis``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from kcngeo import conflicts, developable, io, quality, sites, standards, theme
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
from kcngeo.core.days import day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Project as Tables


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
        float | None, typer.Option(help="Also a layer of sites of at least so many hectares.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace files that are edited or open; a copy is kept."),
    ] = False,
    log: Log = None,
) -> None:
    """Write NAME.gpkg and NAME.qgz: layers that open in QGIS styled, named and dated."""
    with working(language, log) as tell:
        tell(theme.text("cli.reading", language=language, path=io.shown(project)))
        tables = io.read_project(project)
        results = _results(
            tables, on=on, known_at=known_at, language=language, rules=rules, sites_ha=sites_ha
        )
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
            **results.frames,
        )
    say_findings(made.report.findings, language)
    for layer, reason in results.missing.items():
        title = theme.table_title(layer, language=language)
        words = theme.text("cli.not_in_package", language=language, layer=title, reason=reason)
        console.print(words, style="red", markup=False)
    for copy in made.kept:
        console.print(theme.text("cli.kept", language=language, path=copy), markup=False)
    for path in (made.gpkg, made.qgz):
        typer.echo(path)
    raise typer.Exit(TOLD if made.report.reasons(language=language) or results.missing else DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Results:
    """What the analyses gave, and why those gave nothing that could not."""

    frames: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def _results(
    tables: Tables,
    *,
    on: str,
    known_at: str | None,
    language: str,
    rules: Path | None,
    sites_ha: float | None,
) -> _Results:
    """Ask the analyses for their layers; one that cannot answer does not stop the others."""
    when: dict[str, Any] = {"on": day(on), "known_at": known_at}
    results = _Results()

    def ask(name: str, keyword: str, work: Callable[[], Any]) -> None:
        try:
            results.frames[keyword] = work()
        except KcngeoError as error:
            results.missing[name] = error.message(language)

    ask(
        "findings",
        "findings",
        lambda: quality.check(tables, language=language, **when).findings,
    )
    registry = standards.registry(rules)
    ours, theirs, taken = tables.emitters, tables.receptors, tables.encumbrances
    if ours is not None and theirs is not None:
        ask(
            "conflicts",
            "conflicts",
            lambda: conflicts.buffer_conflicts(
                ours, theirs, rules=registry.buffer_rules(), zones=tables.zones, **when
            ),
        )
    # Without a table of encumbrances, all that is vacant would pass for developable.
    if taken is not None:
        frames = (tables.zones, tables.parcels, tables.ledger, taken)
        ask("developable_land", "land", lambda: developable.developable_land(*frames, **when).land)
    land = results.frames.get("land")
    if sites_ha is not None and land is not None:
        ask("sites", "sites", lambda: sites.find_sites(land, min_area_ha=sites_ha, on=day(on)))
    return results
