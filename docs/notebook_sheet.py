"""Show every product as a notebook shows it, written and proven, on one sheet a language.

    python docs/notebook_sheet.py

It needs Chromium on the PATH; ``python run.py pictures`` does not run it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from figures import PICTURES, SAMPLE, slim
from map_themes import MOST_BYTES
from pictures import CHROMIUM_FLAGS, CHROMIUM_NAMES
from PIL import Image
from playwright.sync_api import sync_playwright

import kcngeo as kcn
from kcngeo import publish
from kcngeo.publish.bundle_html import bundle_html

ON, MONTH = "2018-03-31", "2018-03"
COLUMNS, WIDE, GAP, PAGE = 4, 440, 8, 1050
# Letters need few.
MOST_COLORS = 48
PRODUCTS = {
    "month": {"month": MONTH},
    "series": {"month": MONTH},
    "history": {"since": "2017-03", "month": MONTH},
    "progress": {"on": ON},
    "conflicts": {"on": ON},
    "sites": {"on": ON, "min_area_ha": 1},
    "check": {"on": ON},
    "layers": {"on": ON},
}
STYLE = """<meta charset="utf-8"><style>
body { font: 13px sans-serif; width: 1000px; margin: 10px } iframe { border: 0 }
pre { background: #f4f4f4; padding: 6px; margin: 4px 0 }</style>"""


def page(project: kcn.Project, folder: Path, language: str) -> str:
    """Make, write and verify every product, and show each."""
    shown = [STYLE]
    for name, asked in PRODUCTS.items():
        bundle = getattr(kcn.products, name)(project, **asked)
        written = bundle.write(folder / name, language=language)
        differences = publish.verify(written).differences
        files = sum(path.is_file() for path in written.rglob("*"))
        words = ", ".join(f"{key}={value!r}" for key, value in asked.items())
        shown += [
            f"<pre>{name} = products.{name}(project, {words})</pre>",
            bundle_html(bundle, language=language),
            f"<pre>publish.verify(folder).differences  # {differences}, {files} files</pre>",
        ]
    return "\n".join(shown)


def main() -> None:
    project = kcn.io.read_project(SAMPLE)
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for language in kcn.theme.LANGUAGES:
            folder = Path(temporary) / language
            folder.mkdir()
            path, photo = folder / "page.html", folder / "page.png"
            path.write_text(page(project, folder, language), encoding="utf-8")
            window = browser.new_page(viewport={"width": PAGE, "height": 1000})
            window.goto(path.as_uri())
            window.wait_for_timeout(2000)
            window.screenshot(path=photo, full_page=True)
            with Image.open(photo) as image:
                whole = image.convert("RGB")
            high = -(-whole.height // COLUMNS)
            sheet = Image.new("RGB", (COLUMNS * (WIDE + GAP), high * WIDE // PAGE), "white")
            for place in range(COLUMNS):
                top, bottom = place * high, min((place + 1) * high, whole.height)
                part = whole.crop((0, top, PAGE, bottom))
                size = (WIDE, part.height * WIDE // PAGE)
                sheet.paste(part.resize(size, Image.Resampling.LANCZOS), (place * (WIDE + GAP), 0))
            picture = PICTURES / f"products_in_a_notebook_{language}.png"
            sheet.save(picture)
            slim(picture, most=MOST_BYTES, colors=MOST_COLORS)
        browser.close()


if __name__ == "__main__":
    main()
