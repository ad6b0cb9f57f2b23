"""Look up words in the one table of texts, the files of ``kcngeo/texts``.

Errors and findings carry a code and fields; their words, Vietnamese and English, stand in that
table beside those of maps, reports and layers. The look-up lives on floor 0 because an error must
be able to say itself in English; everything else asks for words through :mod:`kcngeo.theme`.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from importlib import resources

from kcngeo.core.system_errors import system_words

LANGUAGES = ("vi", "en")

# What a row without an id is called; what is wrong with it may follow.
_ROWS = {"en": "row ", "vi": "dòng "}
_AND_MORE = {"en": "and {count} more", "vi": "và {count} mục nữa"}
SHOWN = 5
"""How many of a list of ids are told."""
# Of particulars that are figures, by the ends of their names; ids may look like numbers.
_FIGURES = ("_ha", "_m2", "_m", "_km", "_days", "share", "percent", "error", "leased", "base")
_FIGURE = re.compile(r"[-+]?\d+(\.\d+)?%?")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])( 00:00:00)?")
# What the ledger calls an entry without an id: see kcngeo.ledger.entry_names.
_ENTRY = re.compile(
    r"(?P<parcel>.+) (?P<status>leased|reserved|recovering|repurposed|uncleared) "
    r"(?P<start>…|\d{4}-\d\d-\d\d)–(?P<end>…|\d{4}-\d\d-\d\d)"
)
_PAIR = re.compile(r"(?P<lots>.+ × .+) (?P<start>…|\d{4}-\d\d-\d\d)–(?P<end>…|\d{4}-\d\d-\d\d)")


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Read the whole table of texts once; a group may go on in several files."""
    entries: dict[str, Mapping[str, str]] = {}
    folder = resources.files("kcngeo") / "texts"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        for group, named in tomllib.loads(file.read_text("utf-8")).items():
            for name, entry in named.items():
                if f"{group}.{name}" in entries:
                    raise ValueError(f"the table of texts holds {group}.{name} twice")
                entries[f"{group}.{name}"] = entry
    return entries


def text(key: str, *, language: str, **fields: object) -> str:
    """Say something in one language.

    Parameters
    ----------
    key
        Key in the table, "group.name".
    language
        "vi" or "en".
    **fields
        Values of the placeholders; a list or tuple of ids is shortened to five "and N more", an
        error of this library says itself, one of the system is said in words, and a member of a
        closed list in its own ("status.leased"). Days, also as ISO dates, are said as the language
        writes them, and entries of the ledger without an id by the word of their status. Measured
        figures and counts are written as the language writes them, by the unit their names end
        with.

    Returns
    -------
    str
        The words.

    Raises
    ------
    KeyError
        If the key or the language is not in the table.

    Examples
    --------
    >>> text("status.leased", language="en")
    'leased'
    >>> text("rules.unknown_parcel", language="vi", ids=["P leased 2018-01-31–…"])
    'mục ghi cho lô không tồn tại: P đã cho thuê 31/01/2018–….'
    """
    template = table()[key][language]
    return template.format(
        **{
            name: _shown(name, value, language, fields.get("path"))
            for name, value in fields.items()
        }
    )


def row_name(label: object) -> str:
    """Name a row that has no id; :func:`said` says it in the reader's words.

    Examples
    --------
    >>> said(row_name(3), language="vi"), row_number(row_name(3))
    ('dòng 3', 3)
    """
    return f"{_ROWS['en']}{label}"


def row_number(name: str) -> int:
    """Give the place that :func:`row_name` made a name of."""
    return int(name.removeprefix(_ROWS["en"]))


def said(value: str, *, language: str) -> str:
    """Say a day, a row without an id, and an entry named by parcel, status and days."""
    if value.startswith(_ROWS["en"]):
        return _ROWS[language] + value.removeprefix(_ROWS["en"])
    if _DAY.fullmatch(value):
        from kcngeo.core.number_forms import date  # it asks this module for words

        try:
            return date(dt.date.fromisoformat(value[:10]), language=language)
        except ValueError:
            # What somebody typed is said as it was typed.
            return value
    entry = _ENTRY.fullmatch(value)
    if entry is None:
        # Of two lots that overlap, from when to when.
        pair = _PAIR.fullmatch(value)
        return value if pair is None else f"{pair['lots']} {_days(pair, language=language)}"
    status = table()[f"status.{entry['status']}"][language]
    return f"{entry['parcel']} {status} {_days(entry, language=language)}"


def _days(found: re.Match[str], *, language: str) -> str:
    return "–".join(said(found[name], language=language) for name in ("start", "end"))


def _number(name: str, value: float, *, language: str) -> object:
    """Write a figure as a language does, by the unit at the end of its name."""
    from kcngeo.core.number_forms import number, percent  # it asks this module for words

    if name.endswith("_share"):
        return percent(value, language=language)
    decimals = {"_ha": 2, "_metres": 1, "_bn": 1, "_count": 0}.get(f"_{name.rpartition('_')[2]}")
    known = decimals is not None and "_" in name
    if known:
        return number(value, language=language, decimals=decimals or 0)
    return _figure(value, language=language)


def _figure(value: object, *, language: str) -> object:
    """Write a figure as the language does, with the decimals it was given with."""
    from kcngeo.core.number_forms import number  # it asks this module for words

    if isinstance(value, int) or _FIGURE.fullmatch(str(value)) is None:
        return value
    plain = str(value).removesuffix("%")
    decimals = len(plain.partition(".")[2])
    unit = " %" if str(value).endswith("%") else ""
    sign = "+" if plain.startswith("+") else ""
    return sign + number(float(plain), language=language, decimals=decimals) + unit


def _shown(name: str, value: object, language: str, path: object) -> object:
    if isinstance(value, Exception) and hasattr(value, "message"):
        return value.message(language)
    if isinstance(value, OSError):
        return system_words(value, table=table(), language=language, named=path)
    # A member of a closed list is said in its words.
    if isinstance(value, Enum) and f"{name}.{value}" in table():
        return table()[f"{name}.{value}"][language]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(name, value, language=language)
    if name.endswith(_FIGURES):
        return _figure(value, language=language)
    if isinstance(value, str | dt.date):
        return said(str(value), language=language)
    if not isinstance(value, Iterable):
        return value
    items = [said(str(item), language=language) for item in value]
    shown = ", ".join(items[:SHOWN])
    if len(items) > SHOWN:
        shown += " " + _AND_MORE[language].format(count=len(items) - SHOWN)
    return shown
