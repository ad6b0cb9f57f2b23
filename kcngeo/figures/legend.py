"""The column beside a map: what its signs stand for, how much of it is shown, and its list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.page_layout import INK, SIZES, SOFT, Sheet
from kcngeo.figures.typography import line_in, wrapped
from kcngeo.theme import text

COLUMN_IN = 3.05
"""Width of the column in inches."""

_SIGN_IN, _WORDS_AT, _WORDS_IN = 0.3, 0.42, 1.72
_LIST_AT = 0.34
_LINE_IN = 0.165
_ROW_IN, _HEAD_IN, _ITEM_IN = 0.09, 0.3, 0.075


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the legend.

    Attributes
    ----------
    key
        The sign and its words.
    amount
        How much of it is shown.
    section
        The heading it stands under.
    """

    key: Key
    amount: str
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The list under the legend.

    Attributes
    ----------
    title
        Its heading; without one there is no list.
    empty
        What it says where there is nothing.
    words
        Its items with their numbers.
    more
        How many are on the map but not listed.
    elsewhere
        How many lie in no panel.
    """

    title: str = ""
    empty: str = ""
    words: Sequence[tuple[int, str]] = ()
    more: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    top: float
    lines: list[str]
    what: str
    number: int = 0
    entry: Entry | None = None


def column_height(entries: Sequence[Entry], listed: Listed, *, language: str) -> float:
    """Measure the column."""
    rows = list(_rows(entries, listed, language=language))
    return rows[-1].top + len(rows[-1].lines) * _LINE_IN + 0.1 if rows else 0.0


def in_two(
    entries: Sequence[Entry], listed: Listed, *, language: str
) -> tuple[list[tuple[Sequence[Entry], Listed]], float]:
    """Part the column into two of much the same height, the list in the second; give the higher."""

    def cut(at: int) -> list[tuple[Sequence[Entry], Listed]]:
        return [(entries[:at], Listed()), (entries[at:], listed)]

    def high(at: int) -> float:
        return max(column_height(*one, language=language) for one in cut(at))

    best = min(range(len(entries) + 1), key=high)
    return cut(best), high(best)


def draw_column(
    sheet: Sheet,
    entries: Sequence[Entry],
    listed: Listed,
    *,
    left: float,
    language: str,
    top: float = 0.0,
) -> None:
    """Draw the column."""
    for row in _rows(entries, listed, language=language):
        first = top + row.top + _LINE_IN / 2
        if row.entry is not None:
            sheet.sign(left, first, row.entry.key, wide=_SIGN_IN)
            right = left + COLUMN_IN
            sheet.text(
                right, first, row.entry.amount, size=SIZES["small"], weight="bold", ha="right"
            )
        if row.number:
            sheet.badge(left + 0.11, first, row.number)
        at = {"entry": _WORDS_AT, "item": _LIST_AT}.get(row.what, 0.0)
        is_head = row.what == "head"
        for place, line in enumerate(row.lines):
            sheet.text(
                left + at,
                first + place * _LINE_IN,
                line,
                size=SIZES["body"] if is_head else SIZES["small"],
                weight="bold" if is_head else "normal",
                color=SOFT if row.what == "rest" else INK,
            )


def _rows(entries: Sequence[Entry], listed: Listed, *, language: str) -> Iterator[_Row]:
    top, section = 0.0, None
    size = SIZES["small"]
    for entry in entries:
        if entry.section != section:
            section = entry.section
            top += 0.08 if top else 0
            yield _Row(top=top, lines=_head(section), what="head")
            top += _HEAD_IN
        lines = wrapped(entry.key.words, width=_WORDS_IN, size=size, most=3)
        yield _Row(top=top, lines=lines, what="entry", entry=entry)
        top += len(lines) * _LINE_IN + _ROW_IN
    if not listed.title:
        return
    top += 0.12
    yield _Row(top=top, lines=_head(listed.title), what="head")
    top += _HEAD_IN + (len(_head(listed.title)) - 1) * line_in(SIZES["body"])
    for number, words in listed.words:
        lines = wrapped(words, width=COLUMN_IN - _LIST_AT, size=size, most=3)
        yield _Row(top=top, lines=lines, what="item", number=number)
        top += max(len(lines) * _LINE_IN, 0.2) + _ITEM_IN
    for words in _rest(listed, language=language):
        lines = wrapped(words, width=COLUMN_IN, size=size, most=3)
        yield _Row(top=top, lines=lines, what="rest")
        top += len(lines) * _LINE_IN + _ITEM_IN


def _head(words: str) -> list[str]:
    return wrapped(words, width=COLUMN_IN, size=SIZES["body"], weight="bold", most=2)


def _rest(listed: Listed, *, language: str) -> Iterator[str]:
    """Say what the list leaves out."""
    if not listed.words and not listed.elsewhere:
        yield listed.empty
    if listed.more > 0:
        yield text("figures.more", language=language, count=listed.more)
    if listed.elsewhere > 0:
        yield text("figures.elsewhere", language=language, count=listed.elsewhere)
