"""Look up words in the one table of texts, ``kcngeo/texts.toml``.

Errors and findings carry a code and fields; their words, Vietnamese and English, stand in that
table beside those of maps, reports and layers. The look-up lives on floor 0 because an error must
be able to say itself in English; everything else asks for words through :mod:`kcngeo.theme`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

LANGUAGES = ("vi", "en")

_AND_MORE = {"en": "and {count} more", "vi": "và {count} mục nữa"}
_SHOWN = 5


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Read the whole table of texts once.

    Returns
    -------
    Mapping[str, Mapping[str, str]]
        By key ("group.name"), the text by language.
    """
    raw = tomllib.loads((resources.files("kcngeo") / "texts.toml").read_text("utf-8"))
    return {
        f"{group}.{name}": entry
        for group, entries in raw.items()
        for name, entry in entries.items()
    }


def text(key: str, *, language: str, **fields: object) -> str:
    """Say something in one language.

    Parameters
    ----------
    key
        Key in the table, "group.name".
    language
        "vi" or "en".
    **fields
        Values of the placeholders; a list or tuple of ids is shortened to five "and N more".

    Returns
    -------
    str
        The words.

    Raises
    ------
    KeyError
        If the key or the language is not in the table.
    """
    template = table()[key][language]
    return template.format(
        **{name: _shown(value, language=language) for name, value in fields.items()}
    )


def _shown(value: object, *, language: str) -> object:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    items = [str(item) for item in value]
    shown = ", ".join(items[:_SHOWN])
    if len(items) > _SHOWN:
        shown += " " + _AND_MORE[language].format(count=len(items) - _SHOWN)
    return shown
