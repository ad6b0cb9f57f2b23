"""Texts that a spreadsheet would take for formulas, kept from being any."""

from __future__ import annotations

# The full-width signs too: some editions of spreadsheets take them for the plain ones.
_FIRST = tuple("=+-@\t\r\n＝＋－＠")


def neutralised(value: object) -> object:
    """Keep a text from being a formula, by an apostrophe in front; :func:`meant` takes it away."""
    if isinstance(value, str) and value.startswith(_FIRST):
        return "'" + value
    return value


def meant(value: object) -> object:
    """Take from a text what keeps it from being a formula."""
    if isinstance(value, str) and value.startswith("'") and value[1:].startswith(_FIRST):
        return value[1:]
    return value
