"""Read the page of a report back: its tables, sentences, keys, pictures and the map within."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class PageTable:
    """A table of the page, as it is read."""

    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """What a page says.

    Attributes
    ----------
    tables
        By the id of the part they stand in.
    lines
        The paragraphs of its cards.
    keys
        By anchor of a card, the parts of its account.
    maps
        Pages of maps within.
    pictures
        Addresses of its pictures.
    """

    tables: dict[str, PageTable] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=dict)
    maps: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


# Elements without an end.
_EMPTY = frozenset(("meta", "img", "br", "hr", "link", "input", "col"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        # (tag, id) of what is open.
        self.open: list[tuple[str, str]] = []
        self.text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "iframe" and "srcdoc" in given:
            self.page.maps.append(given["srcdoc"])
        if tag == "img":
            self.page.pictures.append(given.get("src", ""))
        if tag in _EMPTY:
            return
        self.open.append((tag, given.get("id", "")))
        if tag == "table":
            self.page.tables[self._within()] = PageTable()
        elif tag == "tr" and self._is_in("tbody"):
            self.page.tables[self._within()].rows.append([])
        elif tag in ("th", "td", "p", "li"):
            self.text = []

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1][0] != tag:
            self.open.pop()
        if self.text is not None and tag in ("th", "td", "p", "li"):
            self._keep(tag, "".join(self.text))
            self.text = None
        if self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def _keep(self, tag: str, text: str) -> None:
        """Put a text where it belongs."""
        place = self._within()
        if tag == "th":
            self.page.tables[place].headings.append(text)
        elif tag == "td" and self.page.tables[place].rows:
            self.page.tables[place].rows[-1].append(text)
        elif tag == "p" and self._is_in("article"):
            self.page.lines.append(text)
        elif tag == "li" and self._is_in("article"):
            self.page.keys.setdefault(place, []).append(text)

    def _within(self) -> str:
        """Name the nearest part with an id."""
        return next((name for _, name in reversed(self.open) if name), "")

    def _is_in(self, tag: str) -> bool:
        return any(one == tag for one, _ in self.open)


def read_page(text: str) -> Page:
    """Read a page.

    Examples
    --------
    >>> text = '<section id="land"><table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1'
    >>> read_page(text + "</td></tr></tbody></table></section>").tables["land"].rows
    [['1']]
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page
