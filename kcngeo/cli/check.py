"""The data gate: ``check``."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import typer

from kcngeo import cartography, io, maps, qgis, quality, theme
from kcngeo.cli.outputs import made_folder
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
)
from kcngeo.core.model import Severity
from kcngeo.core.validation import as_known
from kcngeo.ledger.project import Project as Tables
from kcngeo.publish.tables import csv_bytes

FILES = ("findings.gpkg", "findings.csv", "findings.json", "map.html")
"""What the command writes; without GeoPackage and map if nothing has a place."""

_MARKS = "finding_marks"


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
    ] = quality.GAP_WIDTH_M,
    map_scale: Annotated[
        int, typer.Option(help="Denominator of the scale of the cadastral map.")
    ] = quality.MAP_SCALE,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Find what is wrong in the tables of a project: which rows, where, how large, what to do."""
    scales = quality.map_scales()
    if map_scale not in scales:
        choices = ", ".join(str(scale) for scale in scales)
        raise typer.BadParameter(choices, param_hint="--map-scale")
    tables = io.read_project(project)
    report = quality.check(
        tables,
        on=on,
        known_at=known_at,
        gap_width_m=gap_width,
        map_scale=map_scale,
        language=language,
    )
    typer.echo(_written(report, form, language), nl=False)
    if out is not None:
        with made_folder(out, FILES) as folder:
            if _write(report, folder, language):
                known = Tables(**{name: as_known(one, known_at) for name, one in tables.tables()})
                drawn = maps.draw_map(
                    cartography.findings(report, known, on=on),
                    language=language,
                )
                drawn.save(folder / FILES[3])
        console.print(theme.text("quality.written", language=language, path=out), markup=False)
    console.print(report.headline(language), markup=False)
    counts = report.counts()
    warned = strict and counts[Severity.WARNING]
    raise typer.Exit(DONE if report.ok and not warned and not report.skipped else TOLD)


def _written(report: quality.QualityReport, form: Form, language: str) -> str:
    if form is Form.JSON:
        return _json(report)
    rows = _plain(report.told(language))
    if form is Form.CSV:
        return csv_bytes(rows, name="findings").decode("utf-8-sig").replace("\r\n", "\n")
    if rows.empty:
        return theme.text("quality.none", language=language) + "\n"
    lines = [
        f"{theme.text(f'severity.{row.severity}', language=language)}\t{row.rule}\t"
        f"{row.zone_id if isinstance(row.zone_id, str) else '–'}\t{row.message} {row.advice}"
        for row in rows.itertuples(index=False)
    ]
    # A line stays a line, whatever stands in the data.
    return "".join(" ".join(line.splitlines()) + "\n" for line in lines)


def _plain(findings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Make a table of the layer: ids in one text, the place as a point."""
    points = shapely.point_on_surface(findings.geometry.to_numpy())
    table = pd.DataFrame(findings.drop(columns="geometry"))
    return table.assign(ids=_ids(findings), x=shapely.get_x(points), y=shapely.get_y(points))


def _ids(findings: gpd.GeoDataFrame) -> pd.Series:
    return findings["ids"].map("|".join).astype("str")


def _json(report: quality.QualityReport) -> str:
    said = {language: report.told(language) for language in theme.LANGUAGES}
    rows = []
    for place, row in enumerate(_plain(said["vi"]).to_dict("records")):
        one = {str(name): _value(value) for name, value in row.items()}
        one["ids"] = list(said["vi"]["ids"].iloc[place])
        for name in ("message", "advice"):
            one[name] = {language: said[language][name].iloc[place] for language in said}
        rows.append(one)
    content = {
        "ok": report.ok,
        "crs": None if report.crs is None else report.crs.to_string(),
        "counts": {str(severity): count for severity, count in report.counts().items()},
        "not_checked": list(report.skipped),
        "findings": rows,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _value(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, float) and np.isfinite(value):
        return round(value, 4)
    return value if isinstance(value, str) else None


def _write(report: quality.QualityReport, folder: Path, language: str) -> bool:
    """Write tables and layers; tell whether any finding has a place."""
    findings = report.told(language)
    (folder / FILES[1]).write_bytes(csv_bytes(_plain(findings), name="findings"))
    (folder / FILES[2]).write_text(_json(report), encoding="utf-8")
    layers = _layers(findings)
    if not layers:
        return False
    io.write_layers(layers, folder / FILES[0])
    categories = {
        str(severity): (theme.text(f"severity.{severity}", language=language), color)
        for severity, color in theme.SEVERITY_COLORS.items()
    }
    for name in layers:
        qgis.style_layer(
            folder / FILES[0],
            name,
            column="severity",
            categories=categories,
            language=language,
            title=theme.text(f"quality.{name}", language=language),
            abstract=theme.text("quality.abstract", language=language),
            # The lots must be seen through the areas, and the marks upon them.
            opacity_share=1.0 if name == _MARKS else 0.45,
            size_mm=3.2,
        )
    return True


def _layers(findings: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Split findings for QGIS, whose layers hold one kind of shape: areas, and a mark for each.

    A sliver of half a metre cannot be seen on the map of a zone; its mark can.
    """
    if findings.crs is None:
        return {}
    rows = findings.assign(ids=_ids(findings))
    shapes = rows.geometry.to_numpy()
    placed = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    wide = placed & (shapely.get_dimensions(shapes) == 2)
    marks = shapely.point_on_surface(shapes[placed])
    areas = [shapely.multipolygons(_polygons(shape)) for shape in shapes[wide]]
    layers = {
        "findings": rows[wide].set_geometry(areas, crs=rows.crs),
        _MARKS: rows[placed].set_geometry(marks, crs=rows.crs),
    }
    return {name: layer.reset_index(drop=True) for name, layer in layers.items() if len(layer)}


def _polygons(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return parts[shapely.get_type_id(parts) == 3]
