"""Write the page of what is still unread, docs/unread.md and docs/unread.vi.md."""

from __future__ import annotations

from pathlib import Path

from kcngeo.publish.unread_page import unread_page

PAGES = {"en": "unread.md", "vi": "unread.vi.md"}
FOLDER = Path(__file__).resolve().parent

if __name__ == "__main__":
    for language, name in PAGES.items():
        (FOLDER / name).write_text(unread_page(language=language), encoding="utf-8", newline="\n")
