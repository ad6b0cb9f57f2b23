"""Write the pages of all tables, docs/tables.md and docs/tables.vi.md, from the schema."""

from __future__ import annotations

from pathlib import Path

from kcngeo.core.schema import tables_page

PAGES = {"en": "tables.md", "vi": "tables.vi.md"}
FOLDER = Path(__file__).resolve().parent

if __name__ == "__main__":
    for language, name in PAGES.items():
        (FOLDER / name).write_text(tables_page(language=language), encoding="utf-8", newline="\n")
