"""Draw what the documentation looks like on a wide screen and on a phone, for both languages.

.venv/bin/python docs/site/sheet.py, after docs/site/build.py; needs Chromium.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "out" / "docs"
PAGES = ("index", "tutorial")
WIDE, PHONE = (1280, 800), (390, 800)


def main() -> None:
    """Photograph two pages at two sizes and put them side by side."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for language in ("vi", "en"):
            rows = []
            for page in PAGES:
                row = []
                for width, height in (WIDE, PHONE):
                    tab = browser.new_page(viewport={"width": width, "height": height})
                    tab.goto((SITE / language / f"{page}.html").as_uri())
                    row.append(Image.open(io.BytesIO(tab.screenshot())).convert("RGB"))
                    tab.close()
                rows.append(row)
            _sheet(rows).save(ROOT / "docs" / "pictures" / f"site_{language}.png", optimize=True)
        browser.close()


def _sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Put pictures into rows, at two thirds of their size and in few colours."""
    width = sum(size[0] for size in (WIDE, PHONE)) + 20
    sheet = Image.new("RGB", (width, len(rows) * (WIDE[1] + 20)), "#9aa5a8")
    for number, row in enumerate(rows):
        left = 0
        for picture in row:
            sheet.paste(picture, (left, number * (WIDE[1] + 20)))
            left += picture.width + 20
    small = sheet.resize((width * 2 // 3, sheet.height * 2 // 3), Image.Resampling.LANCZOS)
    return small.quantize(16)


if __name__ == "__main__":
    main()
