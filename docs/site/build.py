"""Make the documentation: a site a language, and both as `kcngeo/docs.zip` for `kcngeo docs`.

python docs/site/build.py [--out FOLDER] [--archive FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent
ROOT = DOCS.parent
for folder in (HERE, ROOT):
    sys.path.insert(0, str(folder))

from api_pages import write_api_pages  # noqa: E402  (beside this file)
from licence_pages import licences_page  # noqa: E402
from reference_pages import REFERENCE, word  # noqa: E402

LANGUAGES = ("vi", "en")
# What is made here, by the name of its page.
PAGES = {**REFERENCE, "reference/licences": licences_page}
ARCHIVE = ROOT / "kcngeo" / "docs.zip"
_PARTS = tomllib.loads((HERE / "pages.toml").read_text(encoding="utf-8"))["part"]
_API = "reference/api/index"
_DECISIONS = "decisions/README"
_LINK = re.compile(r"(?P<mark>!?)\[(?P<words>[^\]]*)\]\((?P<target>[^)#\s]*)(?P<place>#[^)]*)?\)")
# Archives keep a moment of every file; the first one a zip can hold says nothing.
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)


def source(page: str, language: str) -> Path:
    """Where a page that somebody wrote stands."""
    return DOCS / f"{page}{'.vi' if language == 'vi' else ''}.md"


def pages(language: str) -> list[str]:
    """The pages of a language, in their order."""
    listed = [page for part in _PARTS for page in part["pages"]]
    written = [page for page in listed if page in PAGES or source(page, language).is_file()]
    api = [_API] if language == "en" else []
    return [*written, *api, *_decisions(language)]


def _decisions(language: str) -> list[str]:
    """The decisions, which are written in English."""
    if language != "en":
        return []
    found = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    return [f"decisions/{one.stem}" for one in found]


def stage(language: str, folder: Path) -> None:
    """Lay out what Sphinx reads: written pages with their pictures, and the generated ones."""
    for page in pages(language):
        file = folder / f"{page}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        if page in PAGES:
            file.write_text(PAGES[page](language), encoding="utf-8")
        elif page != _API:
            said = source(page, language).read_text(encoding="utf-8")
            under = _hidden(_decisions(language)) if page == _DECISIONS else ""
            file.write_text(_linked(said, page, language) + under, encoding="utf-8")
    shutil.copytree(DOCS / "pictures", folder / "pictures")
    if language == "en":
        words = {key: word(f"api.{key}", language) for key in ("about", "heading")}
        write_api_pages(folder / "reference" / "api", **words)
    (folder / "index.md").write_text(_index(language), encoding="utf-8")


def _index(language: str) -> str:
    """The first page: what it is about, and every page under its part."""
    lines = [f"# {word('index.heading', language)}", "", word("index.about", language), ""]
    here = pages(language)
    for part in _PARTS:
        listed = [page for page in part["pages"] if page in here]
        if language == "vi" and _API in part["pages"]:
            address = f"{word('api.english', language)} <https://kcngeo.invalid/{_API}>"
            listed.append(address)
        if not listed:
            continue
        title = part["title"][language]
        lines += ["```{toctree}", ":maxdepth: 1", f":caption: {title}", "", *listed, "```", ""]
    return "\n".join(lines)


def _hidden(listed: list[str]) -> str:
    """Pages that a page lists in its own words, for the contents beside it."""
    return "\n".join(
        ["", "```{toctree}", ":hidden:", "", *(f"/{one}" for one in listed), "```", ""]
    )


def _linked(said: str, page: str, language: str) -> str:
    """Lead links to where things are in the site; what is not in it keeps its words."""

    def led(found: re.Match[str]) -> str:
        target, words = found["target"], found["words"]
        if not target or "://" in target:
            return found[0]
        # From the page to the file it names, as a path from docs/.
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        if found["mark"] or path.startswith("pictures/"):
            return found[0] if (DOCS / path).is_file() else words
        other = "vi" if path.endswith(".vi.md") else "en"
        name = path.removesuffix(".md").removesuffix(".vi")
        up = "../" * page.count("/")
        if name in pages(language) and (other == language or name in (*PAGES, _API)):
            file = f"{name}.rst" if name == _API else f"{name}.md"
            return f"[{words}]({up}{file}{found['place'] or ''})"
        if name in pages(other):
            return f'<a href="{up}../{other}/{name}.html">{words}</a>'
        return words

    return _LINK.sub(led, said)


def build(out: Path) -> None:
    """Make both sites and a first page that leads to them; a warning of Sphinx is an error."""
    shutil.rmtree(out, ignore_errors=True)
    for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        told = {
            "language": language,
            "other": other,
            "other_pages": pages(other),
            "templates": str(HERE / "templates"),
        }
        with tempfile.TemporaryDirectory() as folder:
            staged, kept = Path(folder, "pages"), Path(folder, "kept")
            stage(language, staged)
            command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(HERE)]
            where = ["-d", str(kept), str(staged), str(out / language)]
            subprocess.run(
                [sys.executable, *command, *where],
                env={**os.environ, "KCNGEO_DOCS": json.dumps(told), "PYTHONUTF8": "1"},
                check=True,
            )
        (out / language / ".buildinfo").unlink(missing_ok=True)
        _lead_across(out / language)
    first = '<!doctype html><meta charset="utf-8"><title>kcngeo</title>\n'
    lead = '<meta http-equiv="refresh" content="0; url=vi/index.html">\n'
    links = '<a href="vi/index.html">Tiếng Việt</a> <a href="en/index.html">English</a>\n'
    (out / "index.html").write_text(first + lead + links, encoding="utf-8")


def _lead_across(site: Path) -> None:
    """Sphinx lists addresses only; one into the other language is a place beside this one."""
    for file in site.rglob("*.html"):
        said = file.read_text(encoding="utf-8")
        up = "../" * (len(file.relative_to(site).parts) - 1)
        address = f"https://kcngeo.invalid/{_API}"
        if address in said:
            led = said.replace(address, f"{up}../en/{_API}.html")
            file.write_text(led, encoding="utf-8")


def pack(site: Path, archive: Path) -> None:
    """Put the site into one file, the same bytes for the same site."""
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(path for path in site.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(site).as_posix(), _NO_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, file.read_bytes())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "docs", help="folder to make")
    parser.add_argument("--archive", type=Path, default=ARCHIVE, help="zip to write")
    asked = parser.parse_args()
    build(asked.out)
    pack(asked.out, asked.archive)
    print(f"{asked.out / 'index.html'}\n{asked.archive}")
