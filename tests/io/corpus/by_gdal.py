"""Files written by GDAL: by the one of pyogrio, and by ogr2ogr of the system."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from tests.io.corpus.layer import LOT, PAPER, USE, Layer


def frame_of(layer: Layer) -> gpd.GeoDataFrame:
    """Give the lots as a frame, as it is written."""
    rows = pd.DataFrame([row.fields for row in layer.rows], columns=[LOT, USE, PAPER])
    shapes = [row.shape for row in layer.rows]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=layer.crs)


def by_driver(
    driver: str,
    suffix: str,
    layer: Callable[[], Layer],
    *,
    layers: tuple[str, ...] = (),
    **said: Any,
) -> Callable[[Path], Path]:
    """Give what writes a layer by a driver, with empty layers of other names beside it."""

    def write(folder: Path) -> Path:
        path = folder / f"lo_dat.{suffix}"
        frame = frame_of(layer())
        with warnings.catch_warnings():
            # A driver remarks on what its format loses: that is what is wanted here.
            warnings.simplefilter("ignore")
            own = {"layer": "lo_dat"} if layers else {}
            frame.to_file(path, driver=driver, **own, **said)
            for name in layers:
                frame.head(0).to_file(path, driver=driver, layer=name, mode="a", **said)
        return path

    return write


def by_ogr2ogr(
    driver: str, suffix: str, layer: Callable[[], Layer], *options: str
) -> Callable[[Path], Path]:
    """Give what converts a GeoPackage by GDAL's own program."""

    def write(folder: Path) -> Path:
        source = by_driver("GPKG", "gpkg", layer)(folder)
        path = folder / "from_ogr" / f"lo_dat.{suffix}"
        path.parent.mkdir()
        command = ["ogr2ogr", "-f", driver, path, source, *options]
        subprocess.run(command, check=True, capture_output=True)
        source.unlink()
        return path

    return write


def without(path_of: Callable[[Path], Path], *suffixes: str) -> Callable[[Path], Path]:
    """Give what writes a file and loses parts of it."""

    def write(folder: Path) -> Path:
        path = path_of(folder)
        for suffix in suffixes:
            path.with_suffix(suffix).unlink()
        return path

    return write


def drawing(layer: Callable[[], Layer]) -> Callable[[Path], Path]:
    """Give what writes a DGN v7: outlines, and the number of each lot as a text inside."""

    def write(folder: Path) -> Path:
        rows = by_driver("GPKG", "gpkg", layer)(folder)
        path = folder / "from_ogr" / "lo_dat.dgn"
        path.parent.mkdir()
        label = f"'LABEL(t:\"' || {LOT} || '\",s:3g)'"
        sql = (
            f"SELECT geom, NULL AS OGR_STYLE FROM lo_dat UNION ALL"
            f" SELECT ST_PointOnSurface(geom), {label} FROM lo_dat"
        )
        command = ["ogr2ogr", "-f", "DGN", path, rows, "-dialect", "sqlite", "-sql", sql]
        subprocess.run(command, check=True, capture_output=True)
        rows.unlink()
        return path

    return write
