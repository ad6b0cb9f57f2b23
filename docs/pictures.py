"""Draw the pictures of the docs again: figures, map and a revision of March 2018, in two languages.

    .venv/bin/python docs/pictures.py        after `python run.py test`, which brings what it needs

The month of the sample project is computed into a temporary folder and photographed in Chromium
without a network. Letters come from the fonts of the machine, so another machine may give other
bytes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import figures
import pandas as pd
from playwright.sync_api import Browser, sync_playwright

from kcngeo import io, ledger, products

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "parcels" / "two_zones.gpkg"
PICTURES = ROOT / "docs" / "pictures"
MONTH, ZONE = "2018-03", "KCN Lộc Sơn"
SPAN = {"since": MONTH, "month": MONTH}
WIDTH, HEIGHT = 1280, 800
# The letters of a map have many blends at their edges.
MAP_COLORS = 160
# Down to the foot of the maps, two beside each other.
SCENARIO_WIDTH, SCENARIO_HEIGHT = 1100, 1120
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
NO_CHROMIUM = f"""pictures.py: no Chromium on the PATH (looked for {", ".join(CHROMIUM_NAMES)}).
  Debian, Ubuntu:  apt install chromium"""


def compute(folder: Path, language: str) -> Path:
    """Run the monthly job and return its map."""
    options = ("--month", MONTH, "--out", str(folder), "--language", language, "--atlas")
    job = [sys.executable, "-m", "kcngeo", "monthly", str(SAMPLE), *options]
    done = subprocess.run(job, check=False, capture_output=True, text=True, encoding="utf-8")
    page = folder / "map.html"
    if done.returncode not in (0, 1) or not page.is_file():
        raise SystemExit(f"pictures.py: the monthly job failed.\n{done.stderr}")
    return page


def photograph(browser: Browser, page: Path, picture: Path) -> None:
    """Open a map, go to the zone and keep what is seen."""
    tab = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, offline=True, reduced_motion="reduce"
    )
    tab.goto(page.as_uri())
    tab.locator(".kcn-tools select").select_option(label=ZONE)
    tab.evaluate("document.activeElement.blur()")
    tab.screenshot(path=picture, animations="disabled")
    tab.close()


def photograph_atlas(browser: Browser, page: Path, picture: Path) -> None:
    """Keep the sheet of the zone in an atlas."""
    tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, offline=True)
    tab.goto(page.as_uri())
    tab.get_by_role("figure", name=ZONE).screenshot(path=picture)
    tab.close()


def revised(folder: Path) -> Path:
    """Publish the month of a copy of the sample, correct an entry of it, and give the copy."""
    copy = folder / "project.gpkg"
    shutil.copyfile(SAMPLE, copy)
    options = products.MonthOptions(parts=("tables",), publish=True)
    for _ in products.months(str(copy), folder / "out", **SPAN, options=options):
        pass
    ended = pd.DataFrame({"entry_id": ["S-0325"], "valid_to": ["2018-02-15"]})
    with io.editing(copy) as now:
        now.write(ledger.correct(now.project, ended, recorded_at="2024-01-10T02:00Z"))
    return copy


def photograph_revision(browser: Browser, folder: Path, language: str, picture: Path) -> None:
    """Publish the corrected month in a language and keep the top of its first page."""
    folder.mkdir()
    copy = revised(folder)
    options = products.MonthOptions(parts=("report",), language=language, publish=True)
    (made,) = products.months(str(copy), folder / "out", **SPAN, options=options)
    tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, offline=True)
    tab.goto((made.folder / "report.html").as_uri())
    tab.screenshot(path=picture)
    tab.close()


def photograph_scenarios(browser: Browser, folder: Path, language: str, picture: Path) -> None:
    """Set the scenarios of the examples side by side and keep the top of their page."""
    files = [ROOT / "docs" / "examples" / f"scenario_{name}.toml" for name in ("let", "clear")]
    made = products.scenario(io.read_project(SAMPLE), changes=files, on="2018-03-31")
    made.write(folder, language=language, parts=["page"])
    tab = browser.new_page(
        viewport={"width": SCENARIO_WIDTH, "height": SCENARIO_HEIGHT}, offline=True
    )
    tab.goto((folder / "scenario.html").as_uri())
    tab.screenshot(path=picture)
    tab.close()


def main() -> None:
    figures.main()
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        raise SystemExit(NO_CHROMIUM)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for language in ("vi", "en"):
            picture = PICTURES / f"fill_map_{language}.png"
            photograph(browser, compute(Path(temporary) / language, language), picture)
            figures.slim(picture, colors=MAP_COLORS)
            picture = PICTURES / f"atlas_{language}.png"
            photograph_atlas(browser, Path(temporary) / language / "atlas.html", picture)
            figures.slim(picture)
            picture = PICTURES / f"revision_{language}.png"
            photograph_revision(browser, Path(temporary) / f"r-{language}", language, picture)
            figures.slim(picture)
            picture = PICTURES / f"scenario_{language}.png"
            photograph_scenarios(browser, Path(temporary) / f"s-{language}", language, picture)
            figures.slim(picture)
        browser.close()


if __name__ == "__main__":
    main()
