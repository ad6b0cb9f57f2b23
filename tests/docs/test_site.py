"""The documentation is made without a warning, and all that is public has its place in it."""

from __future__ import annotations

import html
import inspect
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

import kcngeo as kcn
from kcngeo.cli import help_words as words
from kcngeo.core.schema import COMPUTED, TABLES
from kcngeo.core.texts import table
from kcngeo.publish.documentation import unpack_pages
from tests.test_docstrings import members, public

ROOT = Path(__file__).resolve().parents[2]
BUILDER = ROOT / "docs" / "site"
sys.path.insert(0, str(BUILDER))
import build as builder  # noqa: E402  (it lies beside what it builds)
from licence_pages import libraries, licence_of  # noqa: E402
from reference_pages import commands  # noqa: E402

# Written for whoever reads the code, which is English.
ENGLISH_ONLY = {"decisions/README", "figures", "reference/api/index"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both languages, as a reader gets them: packed and unpacked."""
    folder = tmp_path_factory.mktemp("site")
    archive = folder / "docs.zip"
    command = [sys.executable, "docs/site/build.py", "--out", str(folder / "out")]
    done = subprocess.run(
        [*command, "--archive", str(archive)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return unpack_pages(folder / "read", archive=archive)


def said(made: Path, page: str) -> str:
    """The words of a page, without its tags."""
    text = (made / f"{page}.html").read_text(encoding="utf-8")
    body = text[text.index('<article role="main"') :]
    return html.unescape(re.sub(r"<[^>]+>", "", body))


@pytest.mark.long
def test_every_library_that_is_installed_has_its_licence(made: Path) -> None:
    assert {"geopandas", "shapely", "hatchling", "viparse"} <= set(libraries())
    # Only Windows needs it.
    assert {name for name in libraries() if licence_of(name) is None} == {"colorama"}
    assert {name for name in libraries() if licence_of(name) == "?"} == set()
    for language in builder.LANGUAGES:
        page = said(made, f"{language}/reference/licences")
        assert [name for name in libraries() if name not in page] == []
        assert "BSD-2-Clause" in page  # Leaflet


def test_every_page_stands_in_both_languages() -> None:
    listed = [page for part in builder._PARTS for page in part["pages"]]
    vietnamese = builder.pages("vi")
    assert {page for page in listed if page not in vietnamese} == ENGLISH_ONLY
    assert [page for page in listed if page not in builder.pages("en")] == []


def test_every_page_that_is_written_is_in_the_contents() -> None:
    written = {
        path.relative_to(ROOT / "docs").as_posix().removesuffix(".md").removesuffix(".vi")
        for path in (ROOT / "docs").rglob("*.md")
    }
    assert written - set(builder.pages("en")) == set()


@pytest.mark.long
def test_every_public_function_has_a_place(made: Path) -> None:
    pages = "".join(
        path.read_text(encoding="utf-8") for path in (made / "en/reference/api").glob("*.html")
    )
    rooms = {name: getattr(kcn, name) for name in kcn.__all__}
    expected = set()
    for name in public():
        room, _, rest = name.partition(".")
        one = rooms[room]
        where = f"{one.__name__}.{rest}" if inspect.ismodule(one) else f"kcngeo.ledger.{name}"
        expected.add(where)
    assert len(expected) > 300
    assert {one for one in expected if f'id="{one}"' not in pages} == set()


@pytest.mark.long
def test_every_class_has_a_place(made: Path) -> None:
    for name in kcn.__all__:
        room = getattr(kcn, name)
        if not inspect.ismodule(room):
            continue
        page = (made / f"en/reference/api/{name}.html").read_text(encoding="utf-8")
        classes = [one for one, kind in members(room) if inspect.isclass(kind)]
        assert [one for one in classes if f'id="{room.__name__}.{one}"' not in page] == []


@pytest.mark.long
@pytest.mark.parametrize("language", ["vi", "en"])
def test_commands_tables_rules_errors_and_entries_have_a_place(made: Path, language: str) -> None:
    def look(page: str, expected: Iterator[str] | list[str]) -> None:
        text = said(made, f"{language}/{page}")
        assert [one for one in expected if one not in text] == []

    listed = commands()
    look("reference/commands", [f"kcngeo {name}" for name in listed])
    options = {name for one in listed.values() for each in one.params for name in each.opts}
    look("reference/commands", [name for name in options if name.startswith("--")])
    tables = {**TABLES, **COMPUTED}
    look("tables", list(tables))
    look("tables", [column.name for one in tables.values() for column in one.columns])
    keys = {group: [] for group in ("rules", "errors")}
    for key in table():
        group, _, name = key.partition(".")
        if group in keys:
            keys[group].append(name)
    look("reference/findings", keys["rules"])
    look("reference/errors", keys["errors"])
    look("reference/registry", list(kcn.standards.registry().entries))


def test_every_line_of_help_has_vietnamese_words() -> None:
    lines = {one.help for one in commands().values()}
    lines |= {each.help for one in commands().values() for each in one.params}
    assert len(lines) > 130
    assert [line for line in lines if words.help_words(line, language="en") != line] == []
    assert [line for line in lines if words.help_words(line, language="vi") == line] == []
    listed = {said["en"] for key, said in table().items() if key.startswith("help.")}
    beside = {"program", "version", "help", "arguments", "options", "commands", "default"}
    of_typer = {table()[f"help.{key}"]["en"] for key in (*beside, "required")}
    assert listed - lines - of_typer == set()


class _Page(HTMLParser):
    """The places of a page, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.places |= {told["id"]} if told.get("id") else set()
        self.links += [told[key] or "" for key in ("href", "src") if told.get(key)]


@pytest.mark.long
def test_every_link_leads_somewhere_and_none_into_a_network(made: Path) -> None:
    pages = {
        path.resolve(): _Page(path.read_text(encoding="utf-8")) for path in made.rglob("*.html")
    }
    lost = []
    for path, page in pages.items():
        for link in page.links:
            if link.startswith(("https://", "http://", "mailto:", "data:")):
                continue
            target, _, place = link.partition("#")
            file = (path.parent / unquote(target.split("?")[0])).resolve() if target else path
            known = file in pages and (not place or unquote(place) in pages[file].places)
            if not (known or (file.is_file() and file not in pages)):
                lost.append(f"{path.name}: {link}")
    assert lost == []
    fetched = [
        (path.name, src)
        for path in pages
        for src in re.findall(
            r'<(?:script|img|link)[^>]*(?:src|href)="(https?:[^"]+)', path.read_text()
        )
    ]
    assert fetched == []


@pytest.mark.long
def test_the_same_pages_are_the_same_bytes(made: Path, tmp_path: Path) -> None:
    builder.build(tmp_path / "again")
    builder.pack(tmp_path / "again", tmp_path / "again.zip")
    builder.pack(made, tmp_path / "first.zip")
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "first.zip").read_bytes()


def test_pages_that_lie_there_stay_and_a_folder_of_others_is_kept(tmp_path: Path) -> None:
    archive = tmp_path / "docs.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.html", "<p>new</p>")
    folder = tmp_path / "pages"
    assert unpack_pages(folder, archive=archive) == folder
    (folder / "index.html").write_text("<p>mine</p>", encoding="utf-8")
    unpack_pages(folder, archive=archive)
    assert (folder / "index.html").read_text(encoding="utf-8") == "<p>mine</p>"
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(kcn.errors.DataSourceError, match=r"letter\.txt"):
        unpack_pages(other, archive=archive)
    assert [path.name for path in other.iterdir()] == ["letter.txt"]


def test_an_installation_without_pages_says_where_they_are(tmp_path: Path) -> None:
    with pytest.raises(kcn.errors.DataSourceError, match=r"run\.py docs"):
        unpack_pages(tmp_path / "pages", archive=tmp_path / "docs.zip")


def test_the_citation_names_the_version() -> None:
    said = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {kcn.__version__}\n" in said


def test_the_places_named_in_the_page_on_security_are_there() -> None:
    said = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", said)
    assert len(named) > 5
    assert [one for one in named if not (ROOT / one).exists()] == []
