"""What land can be built on, and who can take it: ``sites``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kcngeo import cartography, io, maps, qgis, report, standards, theme
from kcngeo.cli.outputs import (
    MANIFEST,
    listed,
    made_folder,
    with_registry,
    write_manifest,
    write_tables,
)
from kcngeo.cli.registry import Rules, Sectors, read_sectors
from kcngeo.cli.shared import (
    DONE,
    TOLD,
    Definition,
    KnownAt,
    Lang,
    Language,
    Project,
    Strict,
    app,
    console,
    say_findings,
)
from kcngeo.core.model import Severity
from kcngeo.report import SpaceReport
from kcngeo.standards import Registry

FILES = (
    "sites.csv",
    "zones.csv",
    "encumbrances.csv",
    "sensitivity.csv",
    "findings.csv",
    "sites.gpkg",
    "sites.qgz",
    "map.html",
    MANIFEST,
)
"""What the command writes."""


@app.command(name="sites")
def sites_(
    project: Project,
    on: Annotated[str, typer.Option(help="Day, for example 2018-03-31.")],
    min_area: Annotated[float, typer.Option(help="Hectares a site must have.")],
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    min_width: Annotated[
        float | None, typer.Option(help="Metres a site must be wide throughout.")
    ] = None,
    min_frontage: Annotated[
        float | None, typer.Option(help="Metres of a site's edge that must lie on a road.")
    ] = None,
    min_level: Annotated[
        int | None, typer.Option(help="Least readiness of every lot, 0 to 5.")
    ] = None,
    need: Annotated[
        list[str] | None,
        typer.Option(help="What must serve every lot, for example road; may be given again."),
    ] = None,
    across_road: Annotated[
        float | None, typer.Option(help="Widest road, in metres, that may run through a site.")
    ] = None,
    hazard_class: Annotated[
        str | None, typer.Option(help="Hazard class of the project: land too near homes goes.")
    ] = None,
    around_works: Annotated[
        bool, typer.Option("--around-works", help="Take off the distances of waste works too.")
    ] = False,
    sector: Annotated[
        str | None, typer.Option(help="Sector of the investor; needs --sectors.")
    ] = None,
    sectors: Sectors = None,
    rules: Rules = None,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write which land can be built on, what takes the rest, and who can take so many hectares."""
    registry = standards.registry(rules)
    tables = io.read_project(project)
    wishes: dict[str, Any] = {
        "on": on,
        "min_area_ha": min_area,
        "min_width_m": min_width,
        "min_frontage_m": min_frontage,
        "min_level": min_level,
        "needs": tuple(need or ()),
        "across_road_m": across_road,
        "hazard_class": hazard_class,
        "around_works": around_works,
        "sector": sector,
        "definition": definition,
        "known_at": known_at,
    }
    table = None if sectors is None else read_sectors(sectors)
    answer = report.space(tables, **wishes, sectors=table, rules=registry)
    told = (*answer.findings, *answer.blocked)
    with made_folder(out, FILES) as folder:
        _write(answer, folder, registry=registry, language=language)
        made_from: dict[str, Any] = {
            "path": project,
            "project": tables,
            "registry": registry,
            "rules": rules,
        }
        named = {"sectors": None if sectors is None else sectors.name, "language": str(language)}
        write_manifest(folder, "sites", {**wishes, **named}, findings=told, **made_from)
    _say(answer, language)
    say_findings(told, language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    warned = any(one.severity is not Severity.NOTE for one in answer.findings)
    raise typer.Exit(TOLD if answer.blocked or (strict and warned) else DONE)


def _write(answer: SpaceReport, folder: Path, *, registry: Registry, language: str) -> None:
    """Write tables, layers and the map."""
    made = answer.developable
    tables = {
        "sites.csv": answer.sites,
        "zones.csv": made.totals.join(answer.scatter).reset_index(),
        "encumbrances.csv": made.account.reset_index().join(answer.sources, on="kind"),
        "sensitivity.csv": answer.sensitivity.reset_index(),
    }
    told = listed((*answer.findings, *answer.blocked), language)
    write_tables(tables, registry, told, folder)
    shown = cartography.sites(
        answer.project,
        with_registry(made.land, registry),
        with_registry(answer.sites, registry),
        on=answer.on,
        encumbrances=with_registry(answer.encumbrances.join(answer.sources, on="kind"), registry),
        totals=made.totals,
        rules=registry,
    )
    qgis.write_maps([shown], folder, name="sites", language=language)
    maps.draw_map(shown, language=language).save(folder / "map.html")


def _say(answer: SpaceReport, language: str) -> None:
    """Print the sites to standard output, the best first; if there are none, the largest others."""
    sites = answer.sites
    chosen = sites[sites["fails"] == ""]
    if chosen.empty:
        typer.echo(theme.text("sites.none", language=language))
    for row in (chosen if len(chosen) else sites.head(3)).to_dict("records"):
        reasons = [
            theme.site_reason(reason, language=language)
            for reason in row["fails"].split("|")
            if reason
        ]
        line = theme.text(
            "sites.site",
            language=language,
            name=row["site_id"],
            area=theme.number(row["area_ha"], language=language, decimals=4),
            width=theme.number(row["width_m"], language=language, decimals=1),
            lots=row["parcel_ids"].replace("|", ", "),
        )
        typer.echo("; ".join([line, *reasons]))
    for zone_id, row in answer.developable.totals.iterrows():
        figures = {
            name: theme.number(row[f"{name}_ha"], language=language, decimals=4)
            for name in ("vacant", "developable", "encumbered", "unlocated")
        }
        typer.echo(theme.text("sites.zone", language=language, zone=zone_id, **figures))
