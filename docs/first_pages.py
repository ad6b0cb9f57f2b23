"""Set the first screen of a month's page over the first sheets of its PDF and its workbook.

    python docs/first_pages.py

It needs Chromium, LibreOffice and pdftoppm on the PATH; ``python run.py pictures`` does not run it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from figures import PICTURES, SAMPLE
from pictures import CHROMIUM_FLAGS, CHROMIUM_NAMES, MONTH
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import kcngeo as kcn

SIZE = {"width": 1440, "height": 900}
WIDE, GAP, COLORS = 1100, 8, 256
PARTS = ("report", "pdf", "workbook")


def photographed(browser: Browser, page: Path) -> Image.Image:
    """Give the first screen of a page."""
    picture = page.with_suffix(".png")
    tab = browser.new_page(viewport=SIZE, offline=True)
    tab.goto(page.as_uri())
    tab.screenshot(path=picture)
    tab.close()
    return scaled(picture, WIDE)


def printed(file: Path, folder: Path) -> Image.Image:
    """Give the first sheet of a PDF, or of what LibreOffice prints."""
    if file.suffix != ".pdf":
        job = ["soffice", f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless"]
        job += ["--convert-to", "pdf", "--outdir", str(folder), str(file)]
        subprocess.run(job, check=True, capture_output=True)
        file = folder / f"{file.stem}.pdf"
    picture = folder / "sheet"
    job = ["pdftoppm", "-png", "-singlefile", "-r", "110", str(file), str(picture)]
    subprocess.run(job, check=True)
    return scaled(picture.with_suffix(".png"), (WIDE - GAP) // 2)


def scaled(picture: Path, wide: int) -> Image.Image:
    """Give a picture the width of its place."""
    with Image.open(picture) as image:
        high = round(image.height * wide / image.width)
        return image.convert("RGB").resize((wide, high), Image.Resampling.LANCZOS)


def main() -> None:
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    made = kcn.products.month(kcn.io.read_project(SAMPLE), month=MONTH)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for language in kcn.theme.LANGUAGES:
            folder = made.write(Path(temporary) / language, language=language, parts=PARTS)
            screen = photographed(browser, folder / "report.html")
            beside = Path(temporary) / f"{language}_printed"
            beside.mkdir()
            sheets = [printed(folder / f"report.{kind}", beside) for kind in ("pdf", "xlsx")]
            high = screen.height + GAP + max(one.height for one in sheets)
            sheet = Image.new("RGB", (WIDE, high), kcn.theme.LINE)
            sheet.paste(screen, (0, 0))
            for left, one in zip((0, WIDE - sheets[1].width), sheets, strict=True):
                sheet.paste(one, (left, screen.height + GAP))
            picture = PICTURES / f"first_pages_{language}.png"
            few = sheet.quantize(COLORS, dither=Image.Dither.NONE)
            few.save(picture, optimize=True)
            print(f"{picture.stat().st_size / 1000:6.0f} kB  {picture.name}")
        browser.close()


if __name__ == "__main__":
    main()
