"""From plain rows to the tables of a project."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from kcngeo import Project
from tests.reference.draw import Drawn
from tests.squares import CRS

_MOMENTS = ("recorded_at", "superseded_at")


def project_of(drawn: Drawn) -> Project:
    """Bring drawn rows into the tables of a project."""
    zones = _layer(drawn.zones).rename(columns={"written_m2": "approved_area_ha"})
    zones["approved_area_ha"] = zones["approved_area_ha"] / 10_000
    lots = _layer(drawn.lots).rename(columns={"written_m2": "certificate_area_m2"})
    if not drawn.lots:
        lots = _layer([_BLANK]).rename(columns={"written_m2": "certificate_area_m2"}).iloc[:0]
    entries = _dated(pd.DataFrame(drawn.entries or [_NO_ENTRY]))
    entries["part_area_ha"] = entries.pop("part_m2").map(_number).astype("float64") / 10_000
    if not drawn.entries:
        entries = entries.iloc[:0]
    projects = None if drawn.projects is None else pd.DataFrame(drawn.projects)
    return Project(zones=zones, parcels=lots, ledger=entries, projects=projects)


def _layer(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    table = _dated(pd.DataFrame(rows))
    table["written_m2"] = table["written_m2"].map(_number).astype("float64")
    shapes = [_shape(row) for row in rows]
    plain = table.drop(columns=["shape", *({"is_crossed"} & {*table.columns})])
    return gpd.GeoDataFrame(plain, geometry=shapes, crs=CRS)


def _shape(row: dict[str, Any]) -> Any:
    polygons = [shapely.Polygon(outer, holes) for outer, *holes in row["shape"]]
    if row.get("is_crossed"):
        west, south, east, north = shapely.MultiPolygon(polygons).bounds
        return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    for column in _MOMENTS:
        noon = pd.to_datetime(table[column]) + pd.Timedelta(hours=5)
        table[column] = noon.dt.tz_localize("UTC")
    return table


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


_SQUARE = [[[(500_000, 1_270_000), (500_001, 1_270_000), (500_000, 1_270_001)]]]
_NO_ENTRY = {
    **dict.fromkeys(("entry_id", "parcel_id", "status", "project_id", "document"), ""),
    **dict.fromkeys(("part_m2", "valid_from", "valid_to", *_MOMENTS)),
}
_BLANK = {
    **dict.fromkeys(("parcel_id", "zone_id", "land_use", "phase", "parents"), ""),
    **dict.fromkeys(("written_m2", "valid_from", "valid_to", *_MOMENTS)),
    "shape": _SQUARE,
    "is_crossed": False,
}
