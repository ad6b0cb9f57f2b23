"""The page of all tables, for the documentation."""

from __future__ import annotations

from kcngeo.core import texts
from kcngeo.core.schema.column import Column, Kind, Table
from kcngeo.core.schema.computed import COMPUTED, LAYERS
from kcngeo.core.schema.stored import RECORDED, TABLES
from kcngeo.core.schema.words import heading, value_words

_MARKS = ("required", "positive", "joined", "personal", "popup", "sparse", "signed", "technical")


def tables_page(*, language: str) -> str:
    """Write the page of all tables: what is stored, what is computed, and the layers.

    Parameters
    ----------
    language
        "vi" or "en".

    Returns
    -------
    str
        The page in Markdown.

    Examples
    --------
    >>> "`certificate_area_m2`" in tables_page(language="en")
    True
    """

    def say(key: str) -> str:
        return texts.text(f"tables_page.{key}", language=language)

    parts = [f"# {say('title')}", say("made"), say("reading")]
    for key, home in (("stored", TABLES), ("computed", COMPUTED), ("layers", LAYERS)):
        parts += [f"## {say(key)}", say(f"{key}_about")]
        parts += [_table(table, language=language) for table in home.values()]
    parts += [f"## {say('recorded')}", _rows(RECORDED, "", language=language)]
    return "\n\n".join(parts) + "\n"


def _table(table: Table, *, language: str) -> str:
    title = texts.text(f"table.{table.name}", language=language)
    shape = f"tables_page.shape_{table.geometry or 'none'}"
    about = f"{title}. {texts.text(shape, language=language)}"
    rows = _rows(table.columns, table.name, language=language)
    return f"### `{table.name}`\n\n{about}\n\n{rows}"


def _rows(columns: tuple[Column, ...], table: str, *, language: str) -> str:
    keys = ("column", "words", "kind", "unit", "values", "remarks")
    heads = [texts.text(f"tables_page.{key}", language=language) for key in keys]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(_cells(column, table, language=language))} |" for column in columns]
    return "\n".join(lines)


def _cells(column: Column, table: str, *, language: str) -> list[str]:
    unit = ""
    if column.unit is not None:
        unit = texts.text(f"unit.{column.unit}", language=language, column=column.unit_in)
    values = [
        f"`{value}` ({value_words(column, value, language=language, table=table)})"
        for value in column.choices
    ]
    marks = [
        texts.text(f"tables_page.{mark}", language=language)
        for mark in _MARKS
        if getattr(column, mark)
    ]
    # Two is what the page says of all others.
    if column.kind is Kind.NUMBER and column.decimals != 2:
        key = "tables_page.decimals"
        marks.append(texts.text(key, language=language, count=column.decimals))
    return [
        f"`{column.name}`",
        heading(column, language=language),
        texts.text(f"column_kind.{column.kind}", language=language),
        unit,
        ", ".join(values),
        ", ".join(marks),
    ]
