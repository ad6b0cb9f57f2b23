"""Draw what two people changed otherwise, as QGIS shows it, in both languages.

    .venv/bin/python docs/clashes.py         after `python run.py test`, which brings what it needs

Two people draw two lots of Lộc Sơn anew and number two others, each in their own copy. The layer
that `kcngeo update` writes of it is opened in QGIS. It needs the Python of the system that QGIS
belongs to. Letters come from the fonts of the machine, so another machine may give other bytes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from map_themes import QGIS_PYTHON, SAMPLE
from PIL import Image

import kcngeo as kcn
from kcngeo.products.clashes import write_clashes

PICTURES = Path(__file__).resolve().parent / "pictures"
DRAWN, NUMBERED = ("LS-CN01-02", "LS-CN01-03"), ("LS-CN01-06", "LS-CN02-01")
MARGIN_M = 60
MOST_BYTES = 150_000
# Runs in the Python of QGIS: the sheet of the zone, moved to where the clashes lie.
IN_QGIS = """
import sys
from qgis.core import *

application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
assert project.read(sys.argv[1])
(layout,) = project.layoutManager().printLayouts()
(shown,) = (one for one in layout.items() if isinstance(one, QgsLayoutItemMap))
atlas = layout.atlas()
atlas.beginRender()
atlas.first()
while layout.reportContext().feature()["zone_id"] != "loc-son":
    assert atlas.next()
shown.setAtlasDriven(False)
shown.zoomToExtent(QgsRectangle(*map(float, sys.argv[3:7])))
settings = QgsLayoutExporter.ImageExportSettings()
settings.dpi = 75
code = QgsLayoutExporter(layout).exportToImage(f"{sys.argv[2]}/sheet.png", settings)
assert code == QgsLayoutExporter.Success
"""


def edited(project: kcn.Project, *, narrower_m: float, number: str) -> kcn.Project:
    """Draw two lots narrower and number two others."""
    parcels = project.parcels.copy()
    shapes = parcels.geometry
    narrow = shapes.buffer(-narrower_m, join_style="mitre")
    parcels = parcels.set_geometry(shapes.where(~parcels["parcel_id"].isin(DRAWN), narrow))
    codes = parcels["lot_code"].astype("object")
    parcels["lot_code"] = codes.where(~parcels["parcel_id"].isin(NUMBERED), number)
    return replace(project, parcels=parcels)


def main() -> None:
    project = kcn.io.read_project(SAMPLE)
    theirs = edited(project, narrower_m=18, number="CN1-A")
    mine = edited(project, narrower_m=9, number="CN1-B")
    made = kcn.update.merge(project, theirs, mine)
    west, south, east, north = made.shapes.total_bounds
    box = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    for language in kcn.theme.LANGUAGES:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            paths = write_clashes(made, folder / "clashes", language=language)
            (qgz,) = (path for path in paths if path.suffix == ".qgz")
            job = [QGIS_PYTHON, "-c", IN_QGIS, qgz, folder, *box]
            settings = {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)}
            environment = {**os.environ, **settings}
            subprocess.run(list(map(str, job)), env=environment, check=True, capture_output=True)
            picture = PICTURES / f"clashes_{language}.png"
            with Image.open(folder / "sheet.png") as image:
                few = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
                few.save(picture, optimize=True)
            size = picture.stat().st_size
            if size > MOST_BYTES:
                raise SystemExit(f"clashes.py: {picture.name} has {size} bytes")


if __name__ == "__main__":
    main()
