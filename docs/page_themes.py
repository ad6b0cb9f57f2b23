"""Photograph every theme of the page of a month's map, and the page of a province, side by side.

    python docs/page_themes.py

Both sheets are made in both languages.

It needs Chromium on the PATH; ``python run.py pictures`` does not run it.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

from figures import PICTURES, SAMPLE
from pictures import CHROMIUM_FLAGS, CHROMIUM_NAMES
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import kcngeo as kcn

MONTH, ZONE = "2018-03", "loc-son"
THEMES = ("", "vacancy", "readiness", "conflicts", "sites", "lot_findings", "change", "sectors")
THEMES = (*THEMES, "lease_ends")
COLUMNS, GAP, SCALE, COLORS = 3, 6, 0.36, 128
SIZE = {"width": 1440, "height": 900}
PROVINCE, PROVINCE_MONTH = SAMPLE.with_name("province.gpkg"), "2025-10"
# A screen, a small one, a phone; all are shown equally high.
SCREENS, HIGH = ((1440, 900), (1024, 768), (390, 844)), 470


def photographs(browser: Browser, page_path: Path) -> list[Image.Image]:
    """Give a picture a theme."""
    page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
    made = []
    for name in THEMES:
        page.goto("about:blank")
        page.goto(f"{page_path.as_uri()}#theme={name}&zone={ZONE}")
        page.wait_for_function("window.kcngeo !== undefined")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        size = (int(picture.width * SCALE), int(picture.height * SCALE))
        made.append(picture.resize(size, Image.Resampling.LANCZOS))
    page.close()
    return made


def screens(browser: Browser, page_path: Path) -> Image.Image:
    """Give the page as it opens on screens of several sizes, side by side."""
    shots = []
    for width, height in SCREENS:
        size: Any = {"width": width, "height": height}
        page = browser.new_page(viewport=size, reduced_motion="reduce")
        page.goto(page_path.as_uri())
        page.wait_for_function("window.kcngeo !== undefined")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        page.close()
        size = (round(width * HIGH / height), HIGH)
        shots.append(picture.resize(size, Image.Resampling.LANCZOS))
    wide = sum(shot.width + GAP for shot in shots) - GAP
    sheet = Image.new("RGB", (wide, HIGH), "gray")
    left = 0
    for shot in shots:
        sheet.paste(shot, (left, 0))
        left += shot.width + GAP
    return sheet


def main() -> None:
    month = kcn.products.month(kcn.io.read_project(SAMPLE), month=MONTH)
    province = kcn.products.month(kcn.io.read_project(PROVINCE), month=PROVINCE_MONTH)
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for language in kcn.theme.LANGUAGES:
            folder = month.write(Path(temporary) / language, language=language, parts=["map"])
            shots = photographs(browser, folder / "map.html")
            wide, high = (side + GAP for side in shots[0].size)
            sheet = Image.new("RGB", (COLUMNS * wide, -(-len(shots) // COLUMNS) * high), "gray")
            for place, shot in enumerate(shots):
                sheet.paste(shot, (place % COLUMNS * wide, place // COLUMNS * high))
            picture = PICTURES / f"page_themes_{language}.png"
            sheet.quantize(COLORS, dither=Image.Dither.NONE).save(picture, optimize=True)
            folder = Path(temporary) / f"province_{language}"
            province.write(folder, language=language, parts=["map"])
            sheet = screens(browser, folder / "map.html")
            # The colours of a few pixels count: a zone is small here.
            kept = Image.Quantize.MAXCOVERAGE
            few = sheet.quantize(2 * COLORS, method=kept, kmeans=2, dither=Image.Dither.NONE)
            few.save(PICTURES / f"province_page_{language}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
