"""Small whole files of every format, and ways to spoil them; used by the tests and the fuzzer."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from kcngeo.core.errors import KcngeoError
from kcngeo.io import LayerRead, read_layer
from tests.squares import square

CRS = "EPSG:5899"
DRIVERS = {
    "gpkg": "GPKG",
    "shp": "ESRI Shapefile",
    "geojson": "GeoJSON",
    "tab": "MapInfo File",
    "mif": "MapInfo File",
    "gml": "GML",
    "fgb": "FlatGeobuf",
    "gdb": "OpenFileGDB",
    "kml": "LIBKML",
    "dgn": "DGN",
    "dxf": "DXF",
}
OTHERS = ("topojson", "parquet", "csv", "osm", "kmz", "zip")
KINDS = (*DRIVERS, *OTHERS)

TOPOJSON = (
    '{"type":"Topology","objects":{"lots":{"type":"GeometryCollection","geometries":['
    '{"type":"Polygon","properties":{"ghi_chu":"đất"},"arcs":[[0]]}]}},'
    '"arcs":[[[107,11],[107.1,11],[107.1,11.1],[107,11]]]}'
)
OSM = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">'
    '<node id="1" lat="11" lon="107"/><node id="2" lat="11" lon="107.1"/>'
    '<node id="3" lat="11.1" lon="107.1"/>'
    '<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>'
    '<tag k="landuse" v="industrial"/><tag k="name" v="Lộc Sơn"/></way></osm>'
)


def lots(rows: int = 40) -> gpd.GeoDataFrame:
    """Lots of 1 ha in a row, with Vietnamese notes."""
    notes = [f"Lô BI-{row}: đất công nghiệp" for row in range(rows)]
    return gpd.GeoDataFrame(
        {"ghi_chu": notes, "so": np.arange(rows, dtype="int32")},
        geometry=[square(row) for row in range(rows)],
        crs=CRS,
    )


def make(folder: Path, kind: str, rows: int = 40) -> Path:
    """Write a whole file of a format."""
    frame, path = lots(rows), folder / f"lots.{kind}"
    if kind in DRIVERS:
        if kind == "kml":
            frame = frame.to_crs(4326)
        if kind in ("dgn", "dxf"):
            frame = frame[["geometry"]]
        options = {"encoding": "UTF-8"} if kind in ("shp", "tab", "mif") else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # drawings have no CRS
            pyogrio.write_dataframe(frame, path, driver=DRIVERS[kind], **options)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "csv":
        plain = pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=frame.geometry.to_wkt())
        plain.to_csv(path, index=False)
    elif kind == "topojson":
        path.write_text(TOPOJSON, encoding="utf-8")
    elif kind == "osm":
        path.write_text(OSM, encoding="utf-8")
    else:
        inner = make(folder, "kml" if kind == "kmz" else "geojson", rows)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(inner, "doc.kml" if kind == "kmz" else inner.name)
        inner.unlink()
    return path


def parts(path: Path) -> list[Path]:
    """List the files a data set is made of."""
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.is_file())
    return sorted(one for one in path.parent.iterdir() if one.stem == path.stem and one.is_file())


def copied(path: Path, folder: Path) -> Path:
    """Copy a data set with its parts."""
    folder.mkdir()
    if path.is_dir():
        return Path(shutil.copytree(path, folder / path.name))
    for one in parts(path):
        shutil.copyfile(one, folder / one.name)
    return folder / path.name


def outcome(path: Path) -> LayerRead | KcngeoError:
    """Read a file: a layer or one clear error; anything else is a find."""
    before = sorted(one.name for one in path.parent.rglob("*"))
    result: LayerRead | KcngeoError
    try:
        result = read_layer(path)
    except KcngeoError as error:
        result = error
    assert sorted(one.name for one in path.parent.rglob("*")) == before
    if isinstance(result, KcngeoError):
        assert str(result) != result.message("vi")
    else:
        assert all(one.message("vi") != one.message("en") for one in result.findings)
        assert len(result.frame.geometry) == len(result.frame)
    return result
