"""Words of sheets and layers: headings and values people write, looked up without their marks."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

_NO_WORD = re.compile(r"[^0-9a-z²]+")
_MARKED = str.maketrans({"đ": "d", "Đ": "d"})


@lru_cache(maxsize=1 << 16)
def plain(text: str) -> str:
    """Write a text in small letters without diacritics and signs, a space between words."""
    bare = unicodedata.normalize("NFKD", text.translate(_MARKED)).lower()
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return _NO_WORD.sub(" ", letters).strip()


@cache
def vocabulary(group: str) -> Mapping[str, tuple[str, ...]]:
    """List the phrases people use for something."""
    text = (resources.files("kcngeo.io") / "vocabulary.toml").read_text("utf-8")
    found = tomllib.loads(text)
    for part in group.split("."):
        found = found.get(part, {})
    return {
        meaning: tuple(dict.fromkeys(plain(phrase) for phrase in phrases))
        for meaning, phrases in found.items()
        if isinstance(phrases, list)
    }


def meaning(text: str, phrases: Mapping[str, tuple[str, ...]]) -> tuple[str, int] | None:
    """Find what a heading means: the longest phrase that stands in it as whole words."""
    said = f" {plain(text)} "
    best: tuple[str, int] | None = None
    for name, known in phrases.items():
        for phrase in known:
            if f" {phrase} " in said and (best is None or len(phrase) > best[1]):
                best = name, len(phrase)
    return best


def exactly(text: str, phrases: Mapping[str, tuple[str, ...]]) -> str | None:
    """Find what a value means: a phrase that is the whole value."""
    said = plain(text)
    return next((name for name, known in phrases.items() if said in known), None)
