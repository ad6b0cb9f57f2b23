"""Findings in the words of a month: names stand where a finding has ids."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from kcngeo.core import texts
from kcngeo.core.errors import KcngeoError
from kcngeo.core.lot_names import within_zone
from kcngeo.core.model import Finding
from kcngeo.core.schema import TABLES, Column, Names, Table, heading, value_words

# Particulars of findings that hold ids, and of which table.
_FIELDS = {
    "zones": "zones",
    "zone": "zones",
    "zone_id": "zones",
    "definition": "definitions",
    "name": "forms",
    "names": "rules",
    "rules": "rules",
    "parcel": "parcels",
    "pairs": "parcels",
}
# What stands between two lots that overlap, and between values of which one is to be chosen.
_AND, _OR = " × ", " | "
# Particulars that hold columns, and values of the column that is named.
_COLUMNS = ("column", "columns", "start", "end")
_VALUES = ("values", "choices")


def said(finding: Finding, names: Names | None, *, language: str) -> str:
    """Say a finding with names in the place of ids.

    Parameters
    ----------
    finding
        The finding.
    names
        What ids are called, see :func:`kcngeo.report.names_of`; None to tell the ids, and the
        names of columns as programs know them.
    language
        "vi" or "en".

    Returns
    -------
    str
        Its words. Its zone is told beside them: lots are called by their numbers alone.

    Examples
    --------
    >>> from kcngeo.core.model import finding
    >>> one = finding("emitter_no_rule", "emitters", ids=["E1"])
    >>> said(one, {"emitters": {"E1": "waste works, lot P7"}}, language="en")
    'no rule is about these emitters: waste works, lot P7.'
    """
    if names is None:
        return finding.message(language)
    home = TABLES.get(finding.table)
    of = None if home is None else home.column(str(finding.fields.get("column")))
    fields = {
        name: _of_column(of, value, finding.table, language)
        if name in _VALUES and of is not None
        else _field(name, value, home, names, language)
        for name, value in finding.fields.items()
    }
    mine = names.get(finding.table, {})
    # Those that are only counted need no name.
    shown, rest = finding.ids[: texts.SHOWN], finding.ids[texts.SHOWN :]
    ids = (*(mine.get(one, one) for one in shown), *rest)
    words = replace(finding, ids=ids, fields=fields).message(language)
    its = finding.zone_ids[0] if len(finding.zone_ids) == 1 else ""
    return within_zone(words, zone=names.get("zones", {}).get(its, its))


def _field(name: str, value: object, home: Table | None, names: Names, language: str) -> object:
    """Name what a particular of a finding holds: ids, or columns of its table."""
    if isinstance(value, KcngeoError) and f"errors.{value.code}" in texts.table():
        return _error(value, names, language)
    if isinstance(value, list | tuple):
        return [_field(name, one, home, names, language) for one in value]
    # A member of a closed list is said in its own words.
    if not isinstance(value, str) or isinstance(value, Enum):
        return value
    if name == "wanted":
        return _wanted(value, language)
    if name in _COLUMNS and home is not None:
        column = home.column(value)
        if column is not None:
            return heading(column, language=language)
    called = names.get(_FIELDS.get(name, ""), {})
    return _AND.join(called.get(one, one) for one in value.split(_AND))


def _of_column(column: Column, value: object, table: str, language: str) -> object:
    """Say values of a column in its words, where it has any."""
    if isinstance(value, list | tuple):
        return [_of_column(column, one, table, language) for one in value]
    parts = str(value).split(_OR)
    return _OR.join(value_words(column, one, language=language, table=table) for one in parts)


def _wanted(codes: str, language: str) -> str:
    """Name tables, or columns of them, of a list with commas."""
    told = []
    for code in codes.split(", "):
        table, _, name = code.partition(".")
        column = TABLES[table].column(name) if table in TABLES else None
        title = texts.text(f"table.{table}", language=language) if table in TABLES else code
        told.append(title if column is None else f"{heading(column, language=language)} ({title})")
    return ", ".join(told)


def _error(error: KcngeoError, names: Names, language: str) -> str:
    """Say why there is no answer; an id that an error explains stands before a colon."""
    called = names.get(str(error.fields.get("name", "")), {})

    def told(value: object) -> object:
        if isinstance(value, list | tuple):
            return [told(one) for one in value]
        head, colon, rest = str(value).partition(": ")
        return called[head] + colon + rest if head in called else value

    fields = {
        name: _wanted(str(value), language) if name == "table" else told(value)
        for name, value in error.fields.items()
    }
    return texts.text(f"errors.{error.code}", language=language, **fields)
