"""What is wrong in the tables of a project: which rows, where, how large, what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import cartography, theme
from kcngeo.analysis import quality
from kcngeo.analysis.quality import GAP_WIDTH_M, MAP_SCALE, QualityReport, map_scales
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED, in_contract
from kcngeo.ledger.screening import latest_moment
from kcngeo.products.common import asked_for
from kcngeo.products.styled_layers import layer_files
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.kept_packages import keeping
from kcngeo.standards import MapAccuracy, registry

if TYPE_CHECKING:
    from kcngeo.cartography import MapSpec
    from kcngeo.ledger import Project, Snapshot

_MARKS = "finding_marks"

__all__ = ["GAP_WIDTH_M", "MAP_SCALE", "check"]


def check(
    project: Project,
    *,
    on: Day | None = None,
    gap_width_m: float = GAP_WIDTH_M,
    map_scale: int = MAP_SCALE,
) -> Bundle:
    """Find everything in the tables that makes a figure wrong or that its reader should know.

    Parameters
    ----------
    project
        The tables as stored; what was known at a moment is ``project.stored_at(moment)``.
    on
        Day as of which to judge; None for the day on which something was last recorded.
    gap_width_m
        Land between parcels up to this width in metres is a gap.
    map_scale
        Denominator of the scale of the cadastral map.

    Returns
    -------
    Bundle
        Table ``findings`` with the place and size of each, and ``area_sources``, what certificate,
        contracts and survey say of each parcel on the day the effects are told for (no rows where
        no figure of it can be computed); where any finding has a place, layers and a map.

    Raises
    ------
    DateError
        If a date cannot be read.
    KcngeoError
        If the registry has no accuracy for the map's scale.
    ValueError
        If the width is negative.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = check(kcn.examples.squares(), on="2018-03-31")
    >>> "never_mentioned" in set(made.tables["findings"]["rule"])
    True
    """
    if map_scale not in map_scales():
        choices = ", ".join(map(str, map_scales()))
        raise KcngeoError("map_scale", value=map_scale, choices=choices)
    report = quality.check(project, on=on, gap_width_m=gap_width_m, map_scale=map_scale)
    layers = _layers(report.findings)

    # Drawn when it is asked for: a table alone needs no map.
    def shown() -> MapSpec:
        return cartography.findings(report, project, on=on)

    # Worked out once, whatever the language.
    areas = cache(partial(_area_sources, project, report, map_scale=map_scale))
    documents: dict[str, Callable[[str], Files]] = {
        **(layer_files("findings", shown) if layers else {}),
        "json": partial(_json_file, report),
    }
    counts = report.counts()
    return Bundle(
        product="check",
        provenance=Provenance(
            options=asked_for(on=on, gap_width_m=gap_width_m, map_scale=map_scale),
            tables=project,
            registry=registry(),
            moment=latest_moment(project),
            rules=registry().of(MapAccuracy),
        ),
        make_tables=lambda language: {
            "findings": _plain(report.told(language)),
            "area_sources": areas(),
        },
        findings=tuple(one.finding for one in report.noticed),
        incomplete=bool(counts[Severity.ERROR]) or bool(report.skipped),
        layers=layers,
        maps={"map": shown} if layers else {},
        documents=documents,
        say=lambda language: _lines(report, language),
        headline=report.headline,
        **keeping("findings"),
    )


def _area_sources(
    project: Project | Snapshot, report: QualityReport, *, map_scale: int
) -> pd.DataFrame:
    """Lay the areas of the parcels side by side; without rows where nothing can be computed."""
    if report.effects_on is None:
        return pd.DataFrame(columns=COMPUTED["area_sources"].names)
    # What is wrong with zones that are left out is among the findings.
    with already_told():
        return quality.area_sources(project, on=report.effects_on, map_scale=map_scale)


def _plain(findings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Make a table of the layer: ids in one text, the place as a point."""
    points = shapely.point_on_surface(findings.geometry.to_numpy())
    table = pd.DataFrame(findings.drop(columns="geometry"))
    return table.assign(ids=_ids(findings), x=shapely.get_x(points), y=shapely.get_y(points))


def _ids(findings: gpd.GeoDataFrame) -> pd.Series:
    return findings["ids"].map("|".join).astype("str")


def _json_file(report: QualityReport, _language: str) -> Files:
    """Write the findings for other programs, their words in both languages."""
    return {"findings.json": lambda: _json(report).encode()}


def _json(report: QualityReport) -> str:
    said = {language: report.told(language) for language in theme.LANGUAGES}
    rows = []
    table = in_contract(COMPUTED["findings"], _plain(said["vi"]))
    for place, row in enumerate(table.to_dict("records")):
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


def _layers(findings: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Split findings for QGIS, whose layers hold one kind of shape: areas, and a mark for each."""
    # A sliver of half a metre cannot be seen on the map of a zone; its mark can.
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


def _lines(report: QualityReport, language: str) -> Iterator[str]:
    """Say every finding in a line: how heavy, by which rule, where, what, what to do."""
    rows = report.told(language)
    if rows.empty:
        yield theme.text("quality.none", language=language)
    for row in rows.itertuples(index=False):
        zone_id = row.zone_id if isinstance(row.zone_id, str) else "–"
        weight = theme.text(f"severity.{row.severity}", language=language)
        line = f"{weight}\t{row.rule}\t{zone_id}\t{row.message} {row.advice}"
        # A line stays a line, whatever stands in the data.
        yield " ".join(line.splitlines())
