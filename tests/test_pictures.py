"""Pictures of the README and the docs: each is there, shown somewhere, and small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md"))
]
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())


def shown(page: str) -> set[Path]:
    folder = (ROOT / page).parent
    links = re.findall(r"!\[[^]]+\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    return {(folder / link).resolve() for link in links}


def test_every_picture_is_shown_and_every_one_shown_is_there() -> None:
    assert set().union(*map(shown, PAGES)) == set(PICTURES)
    # Vietnamese and English side by side.
    names = {path.stem for path in PICTURES}
    assert {name.removesuffix("_vi") for name in names if name.endswith("_vi")} == {
        name.removesuffix("_en") for name in names if not name.endswith("_vi")
    }


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_wide_enough_to_read(path: Path) -> None:
    # Sheets of many: six maps by three renderers, eight products in a notebook, three first pages.
    sheets = ("map_themes", "page_themes", "products_in_a_notebook", "first_pages")
    is_sheet = path.stem.startswith(sheets)
    most = 400_000 if is_sheet else 150_000
    assert path.stat().st_size <= most
    with Image.open(path) as image:
        assert image.mode == "P"
        assert image.width >= 1000
