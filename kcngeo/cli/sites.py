"""What land can be built on, and who can take it: ``sites``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pandas as pd
import typer

from kcngeo import io, maps, qgis, report, standards, theme
from kcngeo.cli.outputs import areas_of, made_folder
from kcngeo.cli.registry import Rules
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
from kcngeo.core.days import day
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Severity
from kcngeo.publish.tables import csv_bytes
from kcngeo.report import SpaceReport

FILES = (
    "sites.csv",
    "zones.csv",
    "encumbrances.csv",
    "sensitivity.csv",
    "sites.gpkg",
    "map.html",
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
    sectors: Annotated[
        Path | None, typer.Option(help="CSV: which sector must keep from which.")
    ] = None,
    rules: Rules = None,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write which land can be built on, what takes the rest, and who can take so many hectares."""
    answer = report.space(
        io.read_project(project),
        on=on,
        min_area_ha=min_area,
        min_width_m=min_width,
        min_frontage_m=min_frontage,
        min_level=min_level,
        needs=tuple(need or ()),
        across_road_m=across_road,
        hazard_class=hazard_class,
        around_works=around_works,
        sector=sector,
        sectors=None if sectors is None else _table(sectors),
        rules=standards.registry(rules),
        definition=definition,
        known_at=known_at,
    )
    with made_folder(out, FILES) as folder:
        _write(answer, folder, language=language)
    _say(answer, language)
    say_findings((*answer.findings, *answer.blocked), language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    warned = any(one.severity is not Severity.NOTE for one in answer.findings)
    raise typer.Exit(TOLD if answer.blocked or (strict and warned) else DONE)


def _table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error


def _write(answer: SpaceReport, folder: Path, *, language: str) -> None:
    """Write tables, layers and the map."""
    made = answer.developable
    account = made.account.reset_index().join(answer.sources, on="kind")
    tables = {
        "sites.csv": pd.DataFrame(answer.sites.drop(columns="geometry")),
        "zones.csv": made.totals.join(answer.scatter).reset_index(),
        "encumbrances.csv": account,
        "sensitivity.csv": answer.sensitivity.reset_index(),
    }
    for name, table in tables.items():
        (folder / name).write_bytes(csv_bytes(table))
    passes = answer.sites["fails"] == ""
    layers: dict[str, gpd.GeoDataFrame] = {
        "encumbered": answer.encumbrances,
        "developable": made.land,
        "rejected": answer.sites[~passes],
        "sites": answer.sites[passes],
    }
    filled = {name: areas_of(layer) for name, layer in layers.items() if len(layer)}
    if filled:
        io.write_layers(filled, folder / "sites.gpkg")
        _dress(folder / "sites.gpkg", filled, answer=answer, language=language)
    drawn = maps.site_map(
        answer.project,
        made.land,
        answer.sites,
        on=answer.on,
        language=language,
        encumbrances=answer.encumbrances,
        totals=made.totals,
    )
    drawn.save(folder / "map.html")


def _dress(
    path: Path, layers: dict[str, gpd.GeoDataFrame], *, answer: SpaceReport, language: str
) -> None:
    """Give the layers their colours and words, so that they open styled."""
    shown = theme.date(day(answer.on).date(), language=language)
    colors = {
        "developable": theme.LAYER_COLORS["developable"],
        "rejected": theme.LAYER_COLORS["other"],
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
                    theme.choice(kind, name="kind", language=language, layer="encumbrances"),
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
            abstract=theme.text(f"sites.{layer}_about", language=language, on=shown),
        )


def _say(answer: SpaceReport, language: str) -> None:
    """Print the sites to standard output, the best first; if there are none, the largest others."""
    sites = answer.sites
    chosen = sites[sites["fails"] == ""]
    if chosen.empty:
        typer.echo(theme.text("sites.none", language=language))
    for row in (chosen if len(chosen) else sites.head(3)).to_dict("records"):
        reasons = [
            maps.say_reason(reason, language=language)
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
