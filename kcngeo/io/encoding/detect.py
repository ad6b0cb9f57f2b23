"""What legacy Vietnamese text looks like and how it reads: the detection, on viparse's tables.

TCVN3 (ABC) and VNI draw Vietnamese letters with others; Windows-1258 writes tones after letters;
UTF-8 is often read in the wrong code page. A table applies if it turns words into Vietnamese
syllables; chance does so for one word in ten at most.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from kcngeo.io.encoding.vietnamese import is_local_name, is_syllable

ENCODINGS = ("tcvn3", "vni", "cp1258")
"""Legacy encodings that are detected by their words; UTF-8 read wrongly proves itself."""

CONFIDENT = 0.95
"""How sure the detection must be before anything is rewritten."""

# Signs that TCVN3 puts where letters belong. Inside a word they are nothing else.
_SIGNS = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾×÷"
_WORD = re.compile(
    rf"[^\W\d_]+(?:[{_SIGNS}]|[^\W\d_]|[\u0300-\u036f])*|[{_SIGNS}]+(?:[^\W\d_]|[{_SIGNS}])*"
)
# What only Unicode can write: a value that has one of these is no legacy text.
_UNICODE_ONLY = re.compile(
    r"[^\x00-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)

# Log-odds. Text is legacy once in a hundred columns; a word that turns into a syllable speaks for
# it as 0.95 : 0.1, one that does not against it as 0.05 : 0.9; a word with a sign inside, or with
# several legacy letters, hardly ever turns into a syllable by chance (0.95 : 0.005).
_PRIOR, _HINTED = math.log(0.01), math.log(4)
_FOR, _STRONGLY_FOR, _AGAINST = math.log(9.5), math.log(190), math.log(1 / 18)


def detected(texts: Iterable[str], *, hint: str | None = None) -> tuple[str | None, float]:
    """Tell in which legacy encoding some texts are."""
    words = {
        word
        for text in texts
        if not text.isascii() and not _UNICODE_ONLY.search(text) and _from_utf8(text) is None
        for word in _WORD.findall(text)
        if not word.isascii() and not _reads_well(word) and not _is_alone(word)
    }
    if not words:
        return None, 0.0
    odds = {
        name: (_HINTED if name == hint else _PRIOR) + sum(_weight(word, name) for word in words)
        for name in ENCODINGS
    }
    best = max(odds, key=lambda name: odds[name])
    # Tables that explain the words about as well contradict each other.
    rival = max(value for name, value in odds.items() if name != best)
    confidence = 1 / (1 + math.exp(min(700.0, -min(odds[best], odds[best] - rival))))
    return (best, confidence) if confidence >= CONFIDENT else (None, confidence)


def read_anew(text: str, found: str | None, *, forced: bool) -> tuple[str, str, bool]:
    """Read one text in a legacy encoding, if it cannot be read as it stands."""
    composed = unicodedata.normalize("NFC", text)
    words = [word for word in _WORD.findall(composed) if not word.isascii()]
    well = all(_reads_well(word) for word in words)
    unwrapped = None if well else _from_utf8(text)
    if unwrapped is not None:
        return unwrapped, "utf8", False
    way = "nfc" if composed != text else ""
    if found is None or _UNICODE_ONLY.search(composed):
        return composed, way, False
    if well and not forced:
        reread, _ = _reread(composed, found, forced=False)
        return composed, way, reread != composed and bool(words)
    reread, left = _reread(composed, found, forced=forced)
    if reread == composed:
        return composed, way, any(not _reads_well(word) for word in words) and _has_sign(words)
    return reread, found, left


def _reread(text: str, encoding: str, *, forced: bool) -> tuple[str, bool]:
    """Read the legacy words of a text; tell whether one was left that no reading explains."""
    left = False
    loud = _is_loud(text)

    def word_of(match: re.Match[str]) -> str:
        nonlocal left
        word = match[0]
        if word.isascii() or word in ("×", "÷"):
            return word
        read = _decoded(word, encoding, loud=loud)
        if is_syllable(read) or is_local_name(read):
            return read
        left = left or not _reads_well(word)
        return read if forced else word

    return unicodedata.normalize("NFC", _WORD.sub(word_of, text)), left


def _is_loud(text: str) -> bool:
    """Tell whether a text is written in capitals, judged by its ASCII letters."""
    ascii_letters = [char for char in text if char.isascii() and char.isalpha()]
    return len(ascii_letters) > 1 and all(char.isupper() for char in ascii_letters)


@lru_cache(maxsize=65536)
def _decoded(word: str, encoding: str, *, loud: bool = False) -> str:
    from viparse.normalize.tables import convert

    if encoding == "cp1258":
        return unicodedata.normalize("NFC", _bytes(word).decode("cp1258", "replace"))
    read = convert(word, _tables()[encoding])
    if encoding == "tcvn3":
        # TCVN3 has no accented capitals: a heading is set in a font of capitals.
        plain = [char for char in word if char.isascii() and char.isalpha()]
        small = any(char.islower() for char in plain) or any(
            char in "¨©ª«¬\u00ad®" for char in word
        )
        if not small and (loud or len(plain) > 1) and len(word) > 1:
            return read.upper()
    return read


@cache
def _tables() -> Mapping[str, Any]:
    """Give viparse's tables; VNI with the letters it leaves out because its corpus lacks them."""
    from viparse.normalize.tables import build_charmap
    from viparse.normalize.tcvn3 import TCVN3
    from viparse.normalize.vni import VNI

    pairs = dict(VNI.pairs) | {"aú": "ẳ", "AÚ": "Ẳ", "î": "ỵ", "Î": "Ỵ"}
    # "Aùnh saùng": a capital vowel under a small mark, as fonts allowed.
    for written, letter in list(pairs.items()):
        if len(written) == 2 and written[0].islower():
            pairs.setdefault(written[0].upper() + written[1], letter.upper())
    return {"tcvn3": TCVN3, "vni": build_charmap("vni", pairs.items())}


def _weight(word: str, encoding: str) -> float:
    """Say how much a word speaks for an encoding, in log-odds."""
    read = _decoded(word, encoding)
    if read != word and is_syllable(read):
        several = sum(not char.isascii() for char in word) > 1
        return _STRONGLY_FOR if several or _has_sign([word]) else _FOR
    # A place name, an abbreviation or a slip of the pen says little; another language much.
    return _AGAINST / 4 if is_local_name(read) else _AGAINST


def _has_sign(words: Iterable[str]) -> bool:
    return any(char in _SIGNS for word in words for char in word)


def _is_alone(word: str) -> bool:
    return len(word) == 1 or all(char in _SIGNS for char in word)


def _reads_well(word: str) -> bool:
    """Tell whether a word is Vietnamese as it stands."""
    is_cased = word.islower() or word.isupper() or word[1:].islower()
    return is_cased and not _has_sign([word]) and is_syllable(word)


def _bytes(text: str) -> bytes:
    """Give the bytes a text was wrongly read from: Windows-1252, its gaps as Latin-1."""
    return b"".join(
        char.encode("latin-1") if ord(char) < 256 else char.encode("cp1252") for char in text
    )


def _from_utf8(text: str) -> str | None:
    """Read text as UTF-8 that was taken for Windows-1252, once or several times over."""
    read: str | None = None
    for _ in range(3):
        try:
            again = _bytes(read or text).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            break
        if again == (read or text):
            break
        read = again
    if read is None or not all(char.isprintable() or char.isspace() for char in read):
        return None
    return unicodedata.normalize("NFC", read)
