"""A product as a notebook shows it: what it says, its map, the heads of its tables."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kcngeo import theme
from kcngeo.core.model import Severity
from kcngeo.maps import draw_map
from kcngeo.publish.format_table import Shown, shown
from kcngeo.publish.month_tables import NAMES

if TYPE_CHECKING:
    from kcngeo.publish.bundle import Bundle

_HEAD, _LINES = 5, 20


def bundle_html(bundle: Bundle, *, language: str) -> str:
    """Show a product in a notebook; nothing is fetched to do so."""
    title = theme.text(f"product.{bundle.product}", language=language)
    lines = _listed(first_lines(bundle, language=language))
    names = bundle.names(language)
    drawn = (draw_map(make(), language=language) for make in bundle.maps.values())
    maps = "".join(one._repr_html_() for one in drawn)
    tables = "".join(
        _table(shown(name, frame.head(_HEAD), language=language, names=names), len(frame), language)
        for name, frame in bundle.tables_in(language).items()
        if name not in ("findings", NAMES)
    )
    return (
        f'<div lang="{language}"><p><b>{html.escape(title)}</b></p>{lines}'
        f"{_findings(bundle, language)}{maps}{tables}</div>"
    )


def first_lines(bundle: Bundle, *, language: str) -> list[str]:
    """Give what is read before the findings; where those are what it says, what sums them up."""
    head = bundle.headline(language)
    return [head] if head else list(bundle.say(language))


def _findings(bundle: Bundle, language: str) -> str:
    """Count the findings and list the first."""
    findings = bundle.findings
    weights = [one.severity for one in findings]
    counted = theme.text(
        "quality.counts",
        language=language,
        errors=weights.count(Severity.ERROR),
        warnings=weights.count(Severity.WARNING),
        notes=weights.count(Severity.NOTE),
    )
    weighed = (theme.text(f"severity.{one.severity}", language=language) for one in findings)
    told = (bundle.words(one, language) for one in findings)
    said = [": ".join(one) for one in zip(weighed, told, strict=True)]
    return f"<p>{html.escape(counted)}</p>{_listed(said)}"


def _listed(lines: Sequence[str]) -> str:
    """List the first lines, and say how many more there are: a notebook is read, not scrolled."""
    said = "".join(f"<li>{html.escape(line)}</li>" for line in lines[:_LINES])
    more = len(lines) - _LINES
    rest = f"<li>+ {more}</li>" if more > 0 else ""
    return f"<ul>{said}{rest}</ul>"


def _table(table: Shown, rows: int, language: str) -> str:
    """Show the head of a table, and how many rows it has."""
    title = f"{theme.table_title(table.name, language=language)} ({rows})"
    head = _row(table.headings, "th", table.is_number)
    body = "".join(_row(row, "td", table.is_number) for row in table.rows)
    return (
        f"<details><summary>{html.escape(title)}</summary>"
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table></details>"
    )


def _row(cells: tuple[str, ...], tag: str, is_number: tuple[bool, ...]) -> str:
    told = []
    for cell, right in zip(cells, is_number, strict=True):
        style = ' style="text-align:right"' if right else ""
        told.append(f"<{tag}{style}>{html.escape(cell)}</{tag}>")
    return f"<tr>{''.join(told)}</tr>"
