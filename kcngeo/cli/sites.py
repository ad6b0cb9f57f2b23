"""What land can be built on, and who can take it: ``sites``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import typer

from kcngeo import cartography, io, maps, qgis, report, standards, theme
from kcngeo.cartography.themes.sites import kind_words
from kcngeo.cli.outputs import (
    MANIFEST,
    areas_of,
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
from kcngeo.core.dates import day
from kcngeo.core.model import Severity
from kcngeo.publish.report_tables import findings_table
from kcngeo.report import SiteReport
from kcngeo.standards import Registry

FILES = (
    "sites.csv",
    "land.csv",
    "encumbrance_account.csv",
    "sensitivity.csv",
    "findings.csv",
    "sites.gpkg",
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


def _write(answer: SiteReport, folder: Path, *, registry: Registry, language: str) -> None:
    """Write tables, layers and the map."""
    made = answer.developable
    tables = {
        "sites": answer.sites,
        "land": made.totals.join(answer.scatter),
        "encumbrance_account": made.account.reset_index().join(answer.sources, on="kind"),
        "sensitivity": answer.sensitivity,
    }
    told = findings_table((*answer.findings, *answer.blocked), language=language)
    write_tables(tables, registry, told, folder)
    passes = answer.sites["fails"] == ""
    taken = answer.encumbrances.join(answer.sources, on="kind")
    layers: dict[str, gpd.GeoDataFrame] = {
        "encumbered": taken,
        "developable": made.land,
        "rejected": answer.sites[~passes],
        "sites": answer.sites[passes],
    }
    filled = {
        name: areas_of(with_registry(layer, registry))
        for name, layer in layers.items()
        if len(layer)
    }
    if filled:
        io.write_layers(filled, folder / "sites.gpkg")
        _dress(folder / "sites.gpkg", filled, answer=answer, language=language, rules=registry)
    drawn = maps.draw_map(
        cartography.sites(
            answer.project,
            made.land,
            answer.sites,
            on=answer.on,
            encumbrances=taken,
            rules=registry,
            totals=made.totals,
        ),
        language=language,
    )
    drawn.save(folder / "map.html")


def _dress(
    path: Path,
    layers: dict[str, gpd.GeoDataFrame],
    *,
    answer: SiteReport,
    language: str,
    rules: Registry,
) -> None:
    """Give the layers their colours and words, so that they open styled."""
    shown = theme.date(day(answer.on).date(), language=language)
    notes = [one.message(language) for one in rules.findings()]
    colors = {
        "developable": theme.LAYER_COLORS["developable"],
        "rejected": theme.LAYER_COLORS["developable"],
        "sites": theme.LAYER_COLORS["site"],
    }
    for layer, frame in layers.items():
        title = theme.text(f"sites.{layer}", language=language)
        categories = {"": (title, colors.get(layer, ""))}
        if layer == "encumbered":
            known = theme.KIND_COLORS["encumbrances"]
            other = theme.LAYER_COLORS["clearance"]
            categories = {
                kind: (
                    kind_words(kind, rules)[language],
                    known.get(kind, other),
                )
                for kind in frame["kind"].unique()
            }
        qgis.style_layer(
            path,
            layer,
            column="kind" if layer == "encumbered" else "",
            categories=categories,
            language=language,
            title=title,
            abstract=" ".join(
                [theme.text(f"sites.{layer}_about", language=language, on=shown), *notes]
            ),
        )


def _say(answer: SiteReport, language: str) -> None:
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
