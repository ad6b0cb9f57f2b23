"""What stands too near, and what may come where: ``conflicts``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
import typer

from kcngeo import cartography, conflicts, io, ledger, maps, qgis, standards, theme
from kcngeo.cli.outputs import (
    MANIFEST,
    areas_of,
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
    KnownAt,
    Lang,
    Language,
    Project,
    Strict,
    app,
    console,
    say_findings,
)
from kcngeo.core.errors import ContractError, DataSourceError, KcngeoError
from kcngeo.core.model import LEASABLE, Finding, Severity
from kcngeo.core.validation import as_known
from kcngeo.ledger.project import Project as Tables

NAME, MAP = "conflicts", "map.html"
TABLES = ("conflicts.csv", "admissible.csv", "neighbours.csv")
FILES = (*TABLES, "findings.csv", f"{NAME}.gpkg", f"{NAME}.qgz", MAP, MANIFEST)
"""What the command may write."""


@app.command(name="conflicts")
def conflicts_(
    project: Project,
    on: Annotated[str, typer.Option(help="Day, for example 2018-03-31.")],
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    sectors: Sectors = None,
    rules: Rules = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write what stands too near homes and public works, and the worst class a lot may take.

    With --sectors also which let lots are neighbours that do not suit each other.
    """
    registry = standards.registry(rules)
    tables = io.read_project(project)
    ours, theirs = _needed(tables, project)
    asked: dict[str, Any] = {"on": on, "known_at": known_at}
    ruled = {**asked, "rules": registry.buffer_rules(), "zones": tables.zones}
    table = conflicts.buffer_conflicts(ours, theirs, **ruled)
    findings = (*registry.findings(), *conflicts.findings(ours, theirs, **ruled))
    vacant, problems = _vacant(tables, on=on, known_at=known_at)
    classes = conflicts.admissible_class(vacant, theirs, **ruled)
    shapes = vacant[["parcel_id", "available_share", "geometry"]]
    lots = gpd.GeoDataFrame(classes.merge(shapes, on="parcel_id"), crs=vacant.crs)
    made = dict(zip(TABLES, (table, lots), strict=False))
    if sectors is not None:
        made[TABLES[2]] = _neighbours(tables, read_sectors(sectors), **asked)
    unsuited = made.get(TABLES[2], table.iloc[:0])
    known = Tables(**{name: as_known(one, known_at) for name, one in tables.tables()})
    reach = areas_of(with_registry(conflicts.encumbrances(ours, None, **ruled), registry))
    shown = cartography.conflicts(
        known,
        with_registry(table, registry),
        on=on,
        rules=registry,
        distances=reach,
        classes=areas_of(with_registry(lots, registry)),
        neighbours=areas_of(with_registry(unsuited[unsuited["state"] == "conflict"], registry)),
    )
    told = (*findings, *problems)
    with made_folder(out, FILES) as folder:
        write_tables(made, registry, listed(told, language), folder)
        qgis.write_maps([shown], folder, name=NAME, language=language)
        maps.draw_map(shown, language=language).save(folder / MAP)
        made_from: dict[str, Any] = {
            "path": project,
            "project": tables,
            "registry": registry,
            "rules": rules,
        }
        words = {**asked, "sectors": None if sectors is None else sectors.name}
        words["language"] = str(language)
        write_manifest(folder, "conflicts", words, findings=told, **made_from)
    _say(table, len(vacant), language)
    if TABLES[2] in made:
        _say_neighbours(made[TABLES[2]], language)
    say_findings(told, language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    warned = any(one.severity is not Severity.NOTE for one in findings)
    raise typer.Exit(TOLD if problems or (strict and warned) else DONE)


def _neighbours(
    tables: Tables, sectors: pd.DataFrame, *, on: str, known_at: str | None
) -> gpd.GeoDataFrame:
    """Give the let lots whose neighbours do not suit them, by the users' table."""
    if tables.projects is None:
        raise KcngeoError("site_needs_frame", argument="projects")
    land = tables.parcels, tables.ledger, tables.projects
    return conflicts.incompatible_neighbours(*land, sectors, on=on, known_at=known_at)


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


def _say_neighbours(table: gpd.GeoDataFrame, language: str) -> None:
    """Print the neighbours that do not suit each other, and how many lots could not be judged."""
    found = table[table["state"] == "conflict"]
    for row in found.to_dict("records"):
        neighbour = row["neighbour_sector"] if pd.notna(row["neighbour_sector"]) else "–"
        line = theme.text(
            "conflicts.neighbour",
            language=language,
            lot=row["parcel_id"],
            sector=row["sector"],
            neighbour=row["neighbour_id"],
            other=neighbour,
            distance=theme.number(row["distance_m"], language=language),
        )
        typer.echo(line)
    unrated = table.loc[table["state"] == "unrated", "parcel_id"].nunique()
    words = {"conflicts": len(found), "unrated": unrated}
    typer.echo(theme.text("conflicts.neighbours_counted", language=language, **words))
