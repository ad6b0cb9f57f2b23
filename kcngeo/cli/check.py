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

NAME, MAP = "findings", "map.html"
FILES = (*(f"{NAME}.{ending}" for ending in ("gpkg", "qgz", "csv", "json")), MAP)
"""What the command writes; without layers and map if nothing has a place."""


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
            _write(report, folder, language)
            if report.crs is not None and _has_place(report, language):
                known = Tables(**{name: as_known(one, known_at) for name, one in tables.tables()})
                shown = cartography.findings(report, known, on=on)
                qgis.write_maps([shown], folder, name=NAME, language=language)
                maps.draw_map(shown, language=language).save(folder / MAP)
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
        return csv_bytes(rows).decode("utf-8-sig").replace("\r\n", "\n")
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


def _write(report: quality.QualityReport, folder: Path, language: str) -> None:
    """Write the tables."""
    findings = report.told(language)
    (folder / f"{NAME}.csv").write_bytes(csv_bytes(_plain(findings)))
    (folder / f"{NAME}.json").write_text(_json(report), encoding="utf-8")


def _has_place(report: quality.QualityReport, language: str) -> bool:
    """Tell whether any finding has a place, so that there is something to draw."""
    shapes = report.told(language).geometry
    return bool((~(shapes.isna() | shapes.is_empty)).any())
