"""Look up words in the one table of texts, the files of ``kcngeo/texts``.

Errors and findings carry a code and fields; their words, Vietnamese and English, stand in that
table beside those of maps, reports and layers. The look-up lives on floor 0 because an error must
be able to say itself in English; everything else asks for words through :mod:`kcngeo.theme`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from importlib import resources

LANGUAGES = ("vi", "en")

_AND_MORE = {"en": "and {count} more", "vi": "và {count} mục nữa"}
_SHOWN = 5


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
        error of this library says itself, and a member of a closed list is said in its words
        ("status.leased").

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
    """
    template = table()[key][language]
    return template.format(
        **{name: _shown(name, value, language=language) for name, value in fields.items()}
    )


def _shown(name: str, value: object, *, language: str) -> object:
    if isinstance(value, Exception) and hasattr(value, "message"):
        return value.message(language)
    # A member of a closed list is said in its words.
    if isinstance(value, Enum) and f"{name}.{value}" in table():
        return table()[f"{name}.{value}"][language]
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    items = [str(item) for item in value]
    shown = ", ".join(items[:_SHOWN])
    if len(items) > _SHOWN:
        shown += " " + _AND_MORE[language].format(count=len(items) - _SHOWN)
    return shown
