"""What stands too near, and what may come where: ``conflicts``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
import typer

from kcngeo import conflicts, io, ledger, maps, qgis, standards, theme
from kcngeo.cli.outputs import areas_of, made_folder
from kcngeo.cli.registry import Rules
from kcngeo.cli.shared import (
    DONE,
    TOLD,
    KnownAt,
    Lang,
    Language,
    Project,
    Strict,
    app,
    console,
    say_findings,
)
from kcngeo.core.contracts import as_known
from kcngeo.core.days import day
from kcngeo.core.errors import ContractError, DataSourceError
from kcngeo.core.model import LEASABLE, Finding, Severity
from kcngeo.core.model import Project as Tables
from kcngeo.publish.tables import csv_bytes

FILES = ("conflicts.csv", "admissible.csv", "conflicts.gpkg", "map.html")
"""What the command writes."""


@app.command(name="conflicts")
def conflicts_(
    project: Project,
    on: Annotated[str, typer.Option(help="Day, for example 2018-03-31.")],
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    rules: Rules = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write what stands too near homes and public works, and the worst class a lot may take."""
    registry = standards.registry(rules)
    tables = io.read_project(project)
    ours, theirs = _needed(tables, project)
    asked: dict[str, Any] = {
        "rules": registry.buffer_rules(),
        "on": on,
        "known_at": known_at,
    }
    fenced = {**asked, "zones": tables.zones}
    table = conflicts.buffer_conflicts(ours, theirs, **fenced)
    findings = [*registry.findings(), *conflicts.findings(ours, theirs, **fenced)]
    areas = conflicts.encumbrances(ours, None, **fenced)
    vacant, problems = _vacant(tables, on=on, known_at=known_at)
    classes = conflicts.admissible_class(vacant, theirs, **fenced)
    shapes = vacant[["parcel_id", "available_share", "geometry"]]
    lots = gpd.GeoDataFrame(classes.merge(shapes, on="parcel_id"), crs=vacant.crs)
    layers = {"conflicts": areas_of(table), "distances": areas_of(areas), "lots": areas_of(lots)}
    with made_folder(out, FILES) as folder:
        (folder / FILES[0]).write_bytes(csv_bytes(pd.DataFrame(table.drop(columns="geometry"))))
        (folder / FILES[1]).write_bytes(csv_bytes(pd.DataFrame(lots.drop(columns="geometry"))))
        filled = {name: layer for name, layer in layers.items() if len(layer)}
        if filled:
            io.write_layers(filled, folder / FILES[2])
            _dress(folder / FILES[2], set(filled), on=on, language=language)
        drawn = maps.conflict_map(tables, table, on=on, known_at=known_at, language=language)
        drawn.save(folder / FILES[3])
    _say(table, len(vacant), language)
    say_findings((*findings, *problems), language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    warned = any(one.severity is not Severity.NOTE for one in findings)
    raise typer.Exit(TOLD if problems or (strict and warned) else DONE)


def _needed(tables: Tables, path: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give emitters and receptors, without which there is nothing to ask."""
    missing = [name for name in ("emitters", "receptors") if getattr(tables, name) is None]
    if tables.emitters is None or tables.receptors is None:
        detail = f"it has no table {', '.join(missing)}"
        raise DataSourceError("unreadable", path=path, detail=detail)
    return tables.emitters, tables.receptors


def _vacant(
    tables: Tables, *, on: str, known_at: str | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Give the lots of which something is available; zones that contradict themselves stay out."""
    parcels, entries = as_known(tables.parcels, known_at), as_known(tables.ledger, known_at)
    problems: tuple[Finding, ...] = ()
    try:
        state = ledger.state(parcels, entries, on=on)
    except ContractError as error:
        blocked = {zone for one in error.problems for zone in one.zone_ids}
        if not all(one.zone_ids for one in error.problems):
            raise
        problems = error.problems
        of_zone = parcels["zone_id"].isin(blocked)
        held = entries["parcel_id"].isin(parcels.loc[of_zone, "parcel_id"])
        state = ledger.state(parcels[~of_zone], entries[~held], on=on)
    uses = state["land_use"].isin([str(use) for use in LEASABLE])
    return state[uses & (state["available_share"] > 0)], problems


def _dress(path: Path, layers: set[str], *, on: str, language: str) -> None:
    """Give the layers their colours and words, so that they open styled."""
    names = list(theme.CLASS_COLORS)
    classes = {name: (name, theme.CLASS_COLORS[name]) for name in names}
    near = theme.SEVERITY_COLORS[Severity.ERROR]
    reach = theme.SEVERITY_COLORS[Severity.WARNING]
    looks: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
        "conflicts": ("layer", "", {"": ("", near)}),
        "distances": ("areas", "", {"": ("", reach)}),
        "lots": ("lots", "admissible_class", classes),
    }
    shown = theme.date(day(on).date(), language=language)
    for layer, (words, column, categories) in looks.items():
        if layer in layers:
            title = theme.text(f"conflicts.{words}", language=language)
            qgis.style_layer(
                path,
                layer,
                column=column,
                categories={
                    key: (said or title, color) for key, (said, color) in categories.items()
                },
                language=language,
                title=title,
                abstract=theme.text(f"conflicts.{words}_about", language=language, on=shown),
            )


def _say(table: gpd.GeoDataFrame, lots: int, language: str) -> None:
    """Print the conflicts to standard output, the worst first, and how many there are."""

    def number(value: float) -> str:
        return theme.number(value, language=language)

    found = table[table["state"] == "conflict"].sort_values("margin_m", kind="stable")
    for row in found.to_dict("records"):
        overlap = ""
        if pd.notna(row["overlap_ha"]):
            area, share = number(row["overlap_ha"]), theme.percent(row["share"], language=language)
            overlap = theme.text("conflicts.overlap", language=language, area=area, share=share)
        name = row["receptor_name"]
        line = theme.text(
            "conflicts.conflict",
            language=language,
            emitter=row["emitter_id"],
            receptor=row["receptor_id"] + (f" {name}" if isinstance(name, str) else ""),
            distance=number(row["distance_m"]),
            required=number(row["required_m"]),
            rule=row["rule_id"],
            verified=theme.text(f"conflicts.{row['verified']}", language=language),
            overlap=overlap,
        )
        typer.echo(line)
    if found.empty:
        typer.echo(theme.text("conflicts.none", language=language))
    unrated = table.loc[table["state"] == "unrated", "emitter_id"].nunique()
    words = {"conflicts": len(found), "unrated": unrated, "lots": lots}
    typer.echo(theme.text("conflicts.counted", language=language, **words))
