"""Compare the files of a folder with each other: what stands in two of them must agree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from kcngeo import theme
from kcngeo.io import package_rows
from kcngeo.publish.month_tables import NAMES
from kcngeo.publish.verification import drawings
from kcngeo.publish.verification.comparison import Comparison, Known, joined
from kcngeo.publish.verification.copies import (
    Copy,
    csv_copy,
    json_copies,
    names_told,
    workbook_copies,
)
from kcngeo.publish.verification.facts import compare_facts
from kcngeo.publish.verification.forms import compare_forms
from kcngeo.publish.verification.layers import compare_layers
from kcngeo.publish.verification.page import Page, read_page
from kcngeo.publish.verification.pdf_letters import compare_pdf, pdf_letters
from kcngeo.publish.verification.printed import compare_page, expected
from kcngeo.publish.verification.sentences import compare_sentences
from kcngeo.publish.verification.word import read_word
from kcngeo.qgis.safe_replace import is_untouched

Read = TypeVar("Read")

PAGE, PAPER, WORD, MAP = "report.html", "report.pdf", "report.docx", "map.html"


@dataclass(slots=True, kw_only=True)
class Itself:
    """A folder that is compared with itself.

    Attributes
    ----------
    folder
        Where it is.
    manifest
        What its manifest says.
    files
        Its files.
    changed
        Those whose bytes are not what the manifest says: whatever is wrong with them is known.
    """

    folder: Path
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    changed: Collection[str]
    seen: Comparison = field(init=False)
    known: dict[str, Known] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    alone: dict[str, list[str]] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seen = Comparison(language=self.language)

    @property
    def language(self) -> str:
        """Language of what its files print."""
        language: str = self.manifest["language"]
        return language

    def compare(self) -> None:
        """Compare everything that stands in two places."""
        self._tables()
        page = next(self._read([PAGE], lambda name: [read_page(self._text(name))]), Page())
        self._map()
        letters = next(self._read([PAPER], self._letters), "")
        word = next(self._read([WORD], lambda name: [read_word(self.files[name])]), Page())
        self._prints(page, word, letters)
        self.twice |= drawings.compare_drawings(PAGE, page, self.files, self.seen)
        compare_sentences(self.files, page, word, letters, self.seen)
        self._packages()
        forms = [*self._ending(".xlsx"), *self._ending(".docx")]
        list(self._read(forms, self._forms))
        compare_facts(self.manifest, self.known, self.seen)

    def once(self) -> tuple[str, ...]:
        """Name what nothing else in the folder says: tables, layers, files."""
        told = [
            f"{table} ({files[0]})" for table, files in self.seen.compared.items() if len(files) < 2
        ]
        held = {name.split(" ")[0] for files in self.seen.compared.values() for name in files}
        for name in self.files:
            layers = self.alone.get(name)
            if layers:
                told.append(f"{name} ({', '.join(layers)})")
            elif name not in held and name not in self.twice:
                told.append(name)
        return tuple(told)

    def _read(self, names: Iterable[str], read: Callable[[str], Iterable[Read]]) -> Iterator[Read]:
        """Read what files hold; one that cannot be read is refuted, whatever is wrong with it."""
        for name in names:
            if name not in self.files:
                continue
            try:
                found = list(read(name))
            except Exception as error:
                if name not in self.changed:
                    says = ((name, f"{type(error).__name__}: {error}"),)
                    self.seen.add("unreadable", name=name, says=says)
                continue
            yield from found

    def _text(self, name: str) -> str:
        return self.files[name].decode()

    def _ending(self, *endings: str) -> list[str]:
        """Name the files of some kinds; copies that were kept are not ours to judge."""
        return [name for name in self.files if name.endswith(endings) and "/" not in name]

    def _tables(self) -> None:
        """Compare the tables for programs and those of workbooks."""
        tables = list(self.manifest["tables"])
        # What ids are called must be known before names are read.
        if NAMES in tables:
            self._tables_of([NAMES])
        if NAMES in self.known:
            self.seen.names = names_told(self.known[NAMES].copy)
        self._tables_of([table for table in tables if table != NAMES])
        # In the order in which they are printed.
        self.known = {table: self.known[table] for table in tables if table in self.known}
        for known in self.known.values():
            self._same_names(known)

    def _same_names(self, known: Known) -> None:
        """Compare names that stand beside their ids with those told in the place of ids."""
        names, home = self.seen.names or {}, known.copy.home
        for column in home.columns:
            held = home.column(column.repeats)
            called = {} if held is None else names.get(held.named, {})
            for row in known.copy.rows:
                mine, told = row.get(column.name), called.get(str(row.get(column.repeats)))
                # One that is called like another is numbered.
                if mine is not None and told is not None and not told.startswith(str(mine)):
                    says = ((known.copy.file, str(mine)), (self.seen.first(NAMES), told))
                    row_name = known.copy.key(row)
                    self.seen.refute(known.copy.table, row_name, column.name, says=says)

    def _tables_of(self, tables: list[str]) -> None:
        """Compare some tables."""
        copies: dict[str, list[Copy]] = {}
        for one in self._read(self._ending(".csv"), lambda name: csv_copy(name, self.files[name])):
            copies.setdefault(one.table, []).append(one)
        told = partial(json_copies, language=self.language)
        for one in self._read(self._ending(".json"), lambda name: told(name, self.files[name])):
            copies.setdefault(one.table, []).append(one)
        in_words = partial(
            workbook_copies, tables=tables, language=self.language, names=self.seen.names
        )
        books: dict[str, list[Copy]] = {}
        for one in self._read(self._ending(".xlsx"), lambda name: in_words(name, self.files[name])):
            books.setdefault(one.table, []).append(one)
        for table in tables:
            found = joined(copies.get(table, []), books.get(table, []), self.seen)
            if found is not None:
                self.known[table] = found

    def _forms(self, name: str) -> list[None]:
        """Compare the forms of a return that a file holds."""
        compare_forms({name: self.files[name]}, self.known, self.seen)
        return []

    def _map(self) -> None:
        """Compare the figures of a map."""
        found = self._read([MAP], lambda name: [drawings.payload(self._text(name))])
        content = next((one for one in found if one is not None), None)
        if content is not None and "series" in self.known:
            rates = partial(drawings.compare_rates, content=content, series=self.known["series"])
            list(self._read([MAP], lambda name: rates(name, seen=self.seen) or ()))

    def _letters(self, name: str) -> Iterator[str]:
        """Give the letters of the PDF."""
        on = pd.Timestamp(self.manifest["facts"]["on"])
        title = theme.text("report.title", language=self.language, month=theme.month(on))
        yield pdf_letters(self.files[name], foot=title)

    def _prints(self, page: Page, word: Page, letters: str) -> None:
        """Compare what is printed with the tables."""
        day = self.manifest["facts"].get("on")
        if day is None or not (page.tables or word.tables or letters):
            return
        wanted = {
            table: expected(
                known, on=pd.Timestamp(day), language=self.language, names=self.seen.names
            )
            for table, known in self.known.items()
        }
        first = {table: variants[0] for table, variants in wanted.items()}
        if page.tables:
            first |= compare_page(PAGE, page, wanted, self.seen)
            if "accounts" in self.known:
                drawings.compare_keys(PAGE, page, self.known["accounts"], self.seen)
        if word.tables:
            compare_page(WORD, word, wanted, self.seen)
        if letters:
            compare_pdf(PAPER, letters, first, self.seen)

    def _drawn(self) -> Mapping[str, Known]:
        """Give the tables that layers show; findings are those of a check, of nothing else."""
        is_check = self.manifest["product"] == "check"
        return {name: one for name, one in self.known.items() if is_check or name != "findings"}

    def _packages(self) -> None:
        """Compare layers with tables, and packages with the seal they carry themselves."""
        for name in self._ending(".gpkg"):
            for layers in self._read([name], lambda one: [package_rows(self.files[one])]):
                shown = compare_layers(name, layers, self._drawn(), self.seen)
                self.alone[name] = sorted({*layers} - shown - {"layer_styles"})
        for name in self._ending(".gpkg", ".qgz"):
            if name not in self.changed and not is_untouched(self.folder / name):
                self.seen.add("seal", name=name)
