"""Compare the sentences of the summary: JSON, page, PDF and workbook tell the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kcngeo.core.errors import DataSourceError
from kcngeo.io.spreadsheet.calamine_apart import read_sheets
from kcngeo.publish.verification.comparison import Comparison
from kcngeo.publish.verification.page import Page

# What must be left of a sentence for another to be taken for it.
_LEAST = 7


def compare_sentences(
    files: Mapping[str, bytes], page: Page, word: Page, letters: str, seen: Comparison
) -> None:
    """Look in every other file for each sentence of the first that has them."""
    told = _told(files, page)
    if told is None:
        return
    base, sentences = told
    held = {
        "report.html": "".join("".join(page.lines).split()),
        "report.docx": "".join("".join(word.lines).split()),
        "report.pdf": letters.replace("\f", ""),
        "report.xlsx": _cover(files.get("report.xlsx")),
    }
    for zone_id, said in sentences:
        wanted = "".join(said.split())
        for file, found in held.items():
            if file == base or not found:
                continue
            seen.cells += 1
            seen.holds("summary", base)
            seen.holds("summary", file)
            if _drawn(wanted) not in _drawn(found):
                says = ((base, said), (file, _nearest(wanted, found)))
                seen.add("sentence", row=zone_id, says=says)


def _told(files: Mapping[str, bytes], page: Page) -> tuple[str, list[tuple[str, str]]] | None:
    """Give the sentences of the first file that has them, with their zones."""
    try:
        summary = json.loads(files["report.json"])["summary"]
        return "report.json", [(str(one["zone_id"]), str(one["text"])) for one in summary]
    except (KeyError, TypeError, ValueError):
        lines = [("", line) for line in page.lines]
        return ("report.html", lines) if lines else None


def _cover(data: bytes | None) -> str:
    """Give the letters of the first sheets of a workbook: figures, and the summary."""
    if data is None:
        return ""
    try:
        sheets = read_sheets(data, path=Path("report.xlsx"))[:2]
    except DataSourceError:
        return ""
    cells = (str(one) for sheet in sheets for row in sheet.rows for one in row)
    return "".join("".join(cells).split())


def _drawn(letters: str) -> str:
    """Leave out what a font may lack."""
    return letters.replace("\N{REPLACEMENT CHARACTER}", "")


def _nearest(wanted: str, letters: str) -> str:
    """Give what stands in the place of a sentence that is not there: it begins alike."""
    for size in range(len(wanted) - 1, _LEAST, -1):
        at = letters.find(wanted[:size])
        if at >= 0:
            return letters[at : at + len(wanted)]
    return ""
