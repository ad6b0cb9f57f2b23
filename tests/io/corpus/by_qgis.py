"""Files saved from a real QGIS, as people do by "Save features as"; all at once, it starts slowly.

Run inside the Python of QGIS it writes them; as a module of the tests it calls that Python.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

SAVED = {
    # name: driver, suffix, CRS it is saved in, options of the layer
    "shp": ("ESRI Shapefile", "shp", "EPSG:5899", []),
    "shp_degrees": ("ESRI Shapefile", "shp", "EPSG:4326", []),
    "gpkg_other": ("GPKG", "gpkg", "EPSG:9218", []),
    "kml": ("KML", "kml", "EPSG:4326", []),
    "geojson": ("GeoJSON", "geojson", "EPSG:4326", ["RFC7946=YES"]),
    "fgb": ("FlatGeobuf", "fgb", "EPSG:5899", []),
    "csv": ("CSV", "csv", "EPSG:5899", ["GEOMETRY=AS_WKT"]),
    "sqlite": ("SQLite", "sqlite", "EPSG:5899", ["FORMAT=SPATIALITE"]),
}


def save_all(folder: str) -> None:
    """Save the lots of a GeoJSON in every way, inside QGIS."""
    from qgis.core import (  # type: ignore[import-not-found]
        QgsApplication,
        QgsCoordinateReferenceSystem,
        QgsCoordinateTransform,
        QgsProject,
        QgsVectorFileWriter,
        QgsVectorLayer,
    )

    application = QgsApplication([], False)
    application.initQgis()
    layer = QgsVectorLayer(f"{folder}/lots.geojson", "lots", "ogr")
    assert layer.isValid()
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:5899"))
    for name, (driver, suffix, crs, options) in SAVED.items():
        said = QgsVectorFileWriter.SaveVectorOptions()
        said.driverName, said.layerOptions = driver, options
        to = QgsCoordinateReferenceSystem(crs)
        said.ct = QgsCoordinateTransform(layer.crs(), to, QgsProject.instance())
        path = f"{folder}/lo_{name}.{suffix}"
        context = QgsProject.instance().transformContext()
        error, *told = QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, context, said)
        assert error == QgsVectorFileWriter.NoError, (name, told)


def one_of(name: str, folder: Path) -> Path:
    """Have QGIS save the lots in every way, once, and give a copy of one of them."""
    all_of_them = saved()
    for one in all_of_them.glob(f"lo_{name}.*"):
        shutil.copy(one, folder)
    return folder / f"lo_{name}.{SAVED[name][1]}"


@cache
def saved() -> Path:
    """Have QGIS save the lots in a folder; skipped where there is no QGIS."""
    import pytest

    from tests.conftest import QGIS_PYTHON
    from tests.io.corpus.by_hand import geojson
    from tests.io.corpus.layer import plain

    folder = Path(tempfile.mkdtemp(prefix="kcngeo-corpus-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "lots.geojson").write_text(geojson(plain()), encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment = {**kept, "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"}
    environment["XDG_RUNTIME_DIR"] = str(folder)
    command = [QGIS_PYTHON, __file__, str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=300, env=environment)
    if b"No module named 'qgis'" in done.stderr:
        pytest.skip("no QGIS")
    assert done.returncode == 0, done.stderr
    return folder


if __name__ == "__main__":
    save_all(sys.argv[1])
