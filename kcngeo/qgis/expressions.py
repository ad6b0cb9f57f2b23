"""Texts of data that QGIS shows, and the few expressions it shall evaluate: the one writer of both.

QGIS evaluates what stands between ``[%`` and ``%]`` in legends, titles of layers, labels of a sheet
and map tips, wherever the words come from; an expression may read the environment and files. So
text of data passes through :func:`plain`, which shows the same and is evaluated nowhere, and only
:func:`evaluated` writes the marks of an expression, around columns and words that are quoted here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kcngeo.core.schema import Column, Kind, Unit

# What XML 1.0 cannot hold, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Is drawn as nothing, and parts the mark of an expression wherever it would be read as one.
_JOINER = "\u2060"
_QUOTED = {"\\": "\\\\", "'": "''", "\n": "\\n", "\t": "\\t"}
# In the order QGIS replaces them: what is escaped first is not escaped again.
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_AREA_DECIMALS = 2
_BEGINS = re.compile(r"\[(?=%)")


def writable(words: str) -> str:
    """Replace what XML cannot hold."""
    return _UNWRITABLE.sub("\ufffd", words)


def plain(words: str) -> str:
    """Write text that QGIS shows and never evaluates.

    Examples
    --------
    >>> plain("lot [% env('HOME') %]").replace("\u2060", "|")
    "lot [|% env('HOME') %]"
    """
    return _BEGINS.sub(f"[{_JOINER}", writable(words))


def evaluated(expression: str) -> str:
    """Mark an expression that QGIS shall evaluate within a text."""
    return f"[% {expression} %]"


def quoted(words: str) -> str:
    """Write words as a text of an expression.

    Examples
    --------
    >>> quoted("Lot's")
    "'Lot''s'"
    """
    # What stands in a text ends no expression around it.
    safe = plain(words).replace("%]", f"%{_JOINER}]")
    return "'" + "".join(_QUOTED.get(one, one) for one in safe) + "'"


def field(name: str) -> str:
    """Name a column in an expression."""
    return '"' + name.replace('"', '""') + '"'


def in_html(expression: str) -> str:
    """Write the value of an expression as text of a page, whatever marks stand in it."""
    pairs = ", ".join(f"{quoted(one)}, {quoted(safe)}" for one, safe in _HTML.items())
    return f"replace(to_string({expression}), map({pairs}))"


def decimals(column: Column) -> int:
    """Give the decimals of a number in forms and tips: hectares have two, whatever tables have."""
    return min(column.decimals, _AREA_DECIMALS) if column.unit is Unit.HA else column.decimals


def shown(column: Column, *, language: str) -> str:
    """Show the value of a column as people read it: in words, hectares with two decimals."""
    name = field(column.name)
    if column.unit is Unit.SHARE:
        return f"format_number({name} * 100, {column.decimals}, '{language}') || ' %'"
    if column.kind is Kind.NUMBER:
        return f"format_number({name}, {decimals(column)}, '{language}')"
    if column.kind is Kind.DATE:
        return f"format_date({name}, '{DAYS[language]}', '{language}')"
    return in_html(f"represent_value({name})")


DAYS: Mapping[str, str] = {"vi": "dd/MM/yyyy", "en": "d MMM yyyy"}
"""How QGIS shows days."""
