"""The page of what is still unread, and where to read it, made of the registry itself."""

from __future__ import annotations

from collections.abc import Iterator

from kcngeo import theme
from kcngeo.core.model import Verified
from kcngeo.publish.registry_pages import figure
from kcngeo.standards import (
    BufferRule,
    Clock,
    Criterion,
    Limit,
    PollutionActivity,
    Province,
    Registry,
    Standard,
    UnreadText,
    registry,
)


def unread_page(*, language: str, of: Registry | None = None) -> str:
    """Write the page in Markdown.

    Parameters
    ----------
    language
        "vi" or "en".
    of
        The registry; None for the one that comes with the library.

    Returns
    -------
    str
        The page: what is unread with where to read it and what hangs on it, then every entry of
        the law that is not fully read, with what it lacks.

    Examples
    --------
    >>> unread_page(language="en").splitlines()[0]
    '# What is still unread, and where to read it'
    """
    known = registry() if of is None else of

    def say(key: str, **words: object) -> str:
        return theme.text(f"unread_page.{key}", language=language, **words)

    lines = [f"# {say('heading')}", "", say("about"), "", f"## {say('texts')}", ""]
    lines += _table([say(key) for key in ("what", "where", "affects")])
    for one in known.of(UnreadText):
        titles = [known.load(name).title[language] for name in one.affects]
        lines.append(_row(one.title[language], one.where[language], "; ".join(titles) or "–"))
    lines += ["", f"## {say('entries')}", "", say("entries_about"), ""]
    lines += _table([say(key) for key in ("entry", "figure", "lacks", "checked")])
    lines += [_row(*cells) for cells in _entries(known, language)]
    return "\n".join(lines) + "\n"


def _entries(known: Registry, language: str) -> Iterator[tuple[str, ...]]:
    """Tell of each entry that is not fully read what it lacks; provinces have one source."""
    told: set[str] = set()
    for entry in known.entries.values():
        lacks = [theme.text(f"unread_page.{key}", language=language) for key in lacking(entry)]
        if not lacks or isinstance(entry, UnreadText) or entry.edition in told:
            continue
        title, said = entry.title[language], figure(entry, language)
        if isinstance(entry, Province):
            told.add(entry.edition)
            title, said = theme.text("standards_page.Province", language=language), "–"
        checked = theme.date(entry.checked_on, language=language)
        yield title, said, "; ".join(lacks), checked


def lacking(entry: Standard) -> Iterator[str]:
    """Name what of a law was not read, by keys of the table of texts.

    Examples
    --------
    >>> from kcngeo import standards
    >>> list(lacking(standards.load("qcvn01-2025-btnmt")))
    ['no_figure', 'no_first_day', 'secondary']
    >>> list(lacking(standards.load("gross")))  # no law
    []
    """
    if not entry.is_law:
        return
    if _without_figure(entry):
        yield "no_figure"
    if "in_force_from" in entry.unread:
        yield "no_first_day"
    if "in_force_to" in entry.unread:
        yield "no_last_day"
    if entry.verified is not Verified.OFFICIAL:
        yield str(entry.verified)


def _without_figure(entry: Standard) -> bool:
    match entry:
        case BufferRule():
            return not entry.distances
        case Clock():
            return entry.months is None
        case Criterion():
            return entry.at_least is None and entry.below is None
        case Limit():
            return entry.at_least is None and entry.at_most is None
        case PollutionActivity():
            return entry.large_from is None
    return False


def _table(heads: list[str]) -> list[str]:
    return [_row(*heads), _row(*["---"] * len(heads))]


def _row(*cells: str) -> str:
    # A bar would end the cell.
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
