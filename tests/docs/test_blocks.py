"""Every block of code in the documentation runs, page by page, from top to bottom.

A block begins with ``python`` or ``sh``; one marked ``long`` runs in the long lane. Blocks of
``text`` and ``toml`` are shown and not run: addresses of servers, files of the reader's own.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from docx.table import Table
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from kcngeo.cli import main
from kcngeo.core import texts

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(
    r"^```(?P<kind>\w*)(?P<mark> long)?(?: exit=(?P<exit>\d))?\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SHOWN = {"text", "toml", ""}
PAGES = sorted(
    path.relative_to(DOCS).as_posix()
    for pattern in ("tutorial*.md", "howto/*.md", "explanation/*.md")
    for path in DOCS.glob(pattern)
)
# 1: something is found in the sample, which is not clean on purpose.
ENDS_WELL = (0, 1)


@dataclass(frozen=True)
class Block:
    """A block of code: what runs it, whether only in the long lane, and how it ends."""

    kind: str
    is_long: bool
    ends: tuple[int, ...]
    code: str


def blocks(page: str) -> Iterator[Block]:
    for found in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        ends = ENDS_WELL if found["exit"] is None else (int(found["exit"]),)
        yield Block(found["kind"], bool(found["mark"]), ends, found["code"])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sample data, as a reader has it who follows a page."""
    for folder in ("parcels", "tutorial"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / "data" / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(line: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run one command as the shell would, in this process."""
    words = shlex.split(line)
    assert words[0] == "kcngeo", line
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def bare_sections(folder: Path) -> dict[str, list[str]]:
    """Sections of a month, by form, below whose heading there is no row of a table."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    parts = re.findall(r'<section id="([^"]+)">(.*?)</section>', page, re.DOTALL)
    # Summary and zones are sentences, the map is a map.
    told = {key: body for key, body in parts if key not in ("summary", "zones", "map")}
    bare = [key for key, body in told.items() if not re.search(r"<tbody>\s*<tr", body)]
    book = CalamineWorkbook.from_path(folder / "report.xlsx")
    # Before the tables stand the sheet of figures and that of sentences.
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names[2:]}
    heads: list[str] = []
    filled: set[str] = set()
    for one in docx.Document(str(folder / "report.docx")).iter_inner_content():
        if isinstance(one, Table):
            filled |= {*heads[-1:]} if len(one.rows) > 1 else set()
        elif one.style is not None and one.style.name == "Heading 1":
            heads.append(one.text)
    paper = "".join(one.extract_text() for one in PdfReader(folder / "report.pdf").pages)
    nothing = [said for key, said in texts.table().items() if key.startswith("report.no_")]
    silent = sorted({words for said in nothing for words in said.values()})
    return {
        "page": bare,
        # A sheet without rows says why in one cell.
        "xlsx": [
            name
            for name, rows in sheets.items()
            if not any(sum(map(bool, row)) > 1 for row in rows[1:])
        ],
        "docx": [head for head in heads[2:] if head not in filled],
        "pdf": [words for words in silent if "".join(words.split()) in "".join(paper.split())],
    }


def follow(page: str, monkeypatch: pytest.MonkeyPatch, *, long: bool) -> None:
    """Do what a page says; what it assumes is asserted in it."""
    names: dict[str, object] = {}
    for block in blocks(page):
        if block.is_long and not long:
            continue
        if block.kind == "python":
            exec(compile(block.code, page, "exec"), names)  # noqa: S102  (what the page shows)
        elif block.kind == "sh":
            for line in block.code.splitlines():
                assert run(line, monkeypatch) in block.ends, line


def test_pages_and_kinds_of_blocks_are_known() -> None:
    assert len(PAGES) >= 18
    kinds = {block.kind for page in PAGES for block in blocks(page)}
    assert kinds - SHOWN == {"python", "sh"}


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_of_a_page_show_the_same_commands(page: str) -> None:
    if page.endswith(".vi.md"):
        return
    plain = re.compile(r" --language en|#.*|\"(en|vi)\"")
    here, there = (
        [plain.sub("", one.code) for one in blocks(name) if one.kind in ("python", "sh")]
        for name in (page, page.replace(".md", ".vi.md"))
    )
    assert here == there


# The blocks of both languages are the same: the test above.
@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("page", [one for one in PAGES if not one.endswith(".vi.md")])
def test_a_page_can_be_followed(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(page, monkeypatch, long=False)


@pytest.mark.long
@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_followed_to_the_end(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(page, monkeypatch, long=True)
    if page.startswith("tutorial"):
        assert not any(bare_sections(Path("thang_3")).values())
        # Before the plan was entered there were some, in every form.
        assert all(bare_sections(Path("thang_1")).values())
