"""Draw every map theme of one day for screen, paper and QGIS, side by side, in both languages.

    python docs/map_themes.py

It needs Chromium on the PATH and the Python of the system that QGIS belongs to; ``python run.py
pictures`` does not run it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from figures import MOST_COLORS, PICTURES, SAMPLE, slim
from pictures import CHROMIUM_FLAGS, CHROMIUM_NAMES, photograph
from PIL import Image
from playwright.sync_api import sync_playwright

import kcngeo as kcn
from kcngeo.cartography import MapSpec

ON, ZONE, SITE_HA = "2018-03-31", "loc-son", 1.4
WIDE, HIGH, GAP = 346, 216, 6
MOST_BYTES = 400_000
QGIS_PYTHON = "/usr/bin/python3"
# Runs in the Python of QGIS: a picture a map theme, named by its place.
IN_QGIS = """
import sys
from qgis.core import *
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
assert project.read(sys.argv[1])
themes = project.mapThemeCollection()
box = QgsRectangle(*map(float, sys.argv[3:7]))
for place, name in enumerate(sys.argv[7:]):
    settings = QgsMapSettings()
    settings.setOutputSize(QSize(1040, 650))
    settings.setDestinationCrs(project.crs())
    settings.setExtent(box)
    settings.setBackgroundColor(QColor("white"))
    settings.setLayers(themes.mapThemeVisibleLayers(name))
    settings.setLayerStyleOverrides(themes.mapThemeStyleOverrides(name))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(f"{sys.argv[2]}/qgis_{place}.png")
"""


def themes(project: kcn.Project, language: str) -> list[MapSpec]:
    """Make the maps; what looks unbuilt goes by turns, as the sample has no rasters."""
    report = kcn.report.monthly(project, month=ON, start="2017-12-31")
    found = kcn.qgis.results(project, on=ON, sites_ha=SITE_HA)
    let = kcn.imagery.let_parcels(project, on=ON).reset_index()
    turns = np.resize(np.array([True, None, False], dtype=object), len(let))
    let = let.assign(looks_unbuilt=pd.array(turns, dtype="boolean"), clock=None, state=None)
    by_name = {one.theme: one for one in found.maps}
    order = ("readiness", "conflicts", "sites", "findings")
    unbuilt = kcn.cartography.unbuilt(project, let, on=ON)
    return [kcn.cartography.fill(report), *(by_name[name] for name in order), unbuilt]


def in_qgis(specs: list[MapSpec], folder: Path, language: str) -> None:
    """Draw every map theme of the project in QGIS."""
    made = kcn.qgis.write_maps(specs, folder, name="themes", language=language)
    zones = specs[0].zones.frame.set_index("zone_id")
    west, south, east, north = zones.loc[[ZONE]].total_bounds
    box = [west - 300, south - 100, east + 300, north + 100]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)}
    names = [spec.title[language] for spec in specs]
    job = [QGIS_PYTHON, "-c", IN_QGIS, made.qgz, folder, *map(str, box), *names]
    subprocess.run(list(map(str, job)), env=environment, check=True, capture_output=True)


def fitted(path: Path) -> Image.Image:
    """Give a picture the size of its place."""
    with Image.open(path) as image:
        picture = image.convert("RGB")
    picture.thumbnail((WIDE, HIGH), Image.Resampling.LANCZOS)
    place = Image.new("RGB", (WIDE, HIGH), "white")
    place.paste(picture, ((WIDE - picture.width) // 2, (HIGH - picture.height) // 2))
    return place


def main() -> None:
    project = kcn.io.read_project(SAMPLE)
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for language in kcn.theme.LANGUAGES:
            folder = Path(temporary) / language
            folder.mkdir()
            specs = themes(project, language)
            in_qgis(specs, folder, language)
            size = (3 * WIDE + 2 * GAP, len(specs) * (HIGH + GAP) - GAP)
            sheet = Image.new("RGB", size, "white")
            for place, spec in enumerate(specs):
                page, screen = folder / f"{place}.html", folder / f"screen_{place}.png"
                kcn.maps.draw_map(spec, language=language).save(page)
                photograph(browser, page, screen)
                paper = kcn.figures.draw_map(spec, language=language, zone_id=ZONE)
                printed = kcn.figures.save(paper, folder / f"paper_{place}.png")
                for column, path in enumerate((screen, printed, folder / f"qgis_{place}.png")):
                    sheet.paste(fitted(path), (column * (WIDE + GAP), place * (HIGH + GAP)))
            picture = PICTURES / f"map_themes_{language}.png"
            sheet.quantize(MOST_COLORS, dither=Image.Dither.NONE).save(picture, optimize=True)
            slim(picture, most=MOST_BYTES)
        browser.close()


if __name__ == "__main__":
    main()
