"""What the commands that write tables and layers share: a folder made whole, and its shapes."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import geopandas as gpd
import shapely

from kcngeo.core.errors import DataSourceError


@contextmanager
def made_folder(out: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Give an empty folder to write into that takes its place only when all went well.

    One that an earlier run made is replaced; one that holds anything else is refused. In the names
    "*" stands for the id of a zone or lot.
    """
    target = out.resolve()
    if target.exists():
        kept = [] if not target.is_dir() else sorted(path.name for path in target.iterdir())
        strange = [name for name in kept if not any(fnmatchcase(name, one) for one in names)]
        if strange or not target.is_dir():
            detail = f"it holds files of others: {', '.join(strange[:5])}" if strange else "a file"
            raise DataSourceError("unwritable", path=out, detail=detail)
    mark = uuid.uuid4().hex
    beside, before = target.with_name(f".{mark}"), target.with_name(f".{mark}-before")
    try:
        beside.mkdir(parents=True)
        yield beside
        if target.exists():
            target.replace(before)
        beside.replace(target)
    except OSError as error:
        if isinstance(error, DataSourceError):
            raise
        raise DataSourceError("unwritable", path=out, detail=str(error)) from error
    finally:
        if before.exists() and not target.exists():
            before.replace(target)
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)


def areas_of(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the rows with an area, all as multipolygons: a layer of QGIS holds one kind of shape."""
    shapes = layer.geometry.to_numpy()
    wide = shapely.get_dimensions(shapes) == 2
    many = [
        shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
        for shape in shapes[wide]
    ]
    return layer[wide].set_geometry(many, crs=layer.crs).reset_index(drop=True)
