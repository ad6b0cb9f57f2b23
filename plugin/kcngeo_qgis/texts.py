"""The words of the plugin, in the language of QGIS."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsSettings

LANGUAGES = ("vi", "en")
SETTING = "kcngeo/language"

_TABLE = Path(__file__).with_name("texts.toml")
# What the table uses of TOML: [names] and strings on one line. QGIS 3.34 may come with a Python
# that has no tomllib.
_GROUP = re.compile(r"\[(\w+(?:\.\w+)?)\]$")
_ENTRY = re.compile(r'(\w+) = (".*")$')


@cache
def table() -> dict[str, dict[str, str]]:
    """Read the table of texts: by key, the words by language."""
    found: dict[str, dict[str, str]] = {}
    words: dict[str, str] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        group, entry = _GROUP.match(line), _ENTRY.match(line)
        if group:
            words = found.setdefault(group[1], {})
        elif entry:
            words[entry[1]] = json.loads(entry[2])
    return found


def language() -> str:
    """Tell the language: the one that was chosen, else that of QGIS, else English."""
    chosen = QgsSettings().value(SETTING, "")
    if chosen in LANGUAGES:
        return str(chosen)
    return "vi" if QgsApplication.locale().startswith("vi") else "en"


def text(key: str, **fields: Any) -> str:
    """Say something in the language of the reader."""
    return table()[key][language()].format(**fields)
