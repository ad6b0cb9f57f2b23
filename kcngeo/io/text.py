"""Legacy Vietnamese text to Unicode: detected, counted, reported, and never guessed.

Before Unicode, Vietnamese was written in fonts that drew other letters (TCVN3, called ABC; VNI) or
in Windows-1258; and Unicode itself is often read in the wrong code page ("Ä‘áº¥t" for "đất"). The
tables are those of viparse. Whether they apply is decided here, on two levels. A column (or a whole
layer) must show that a table turns its words into Vietnamese syllables; chance would do so for one
word in ten at most, so a few different words settle it. A value is then rewritten only if, as it
stands, it cannot be read: what is good Vietnamese already, or another language, keeps its letters.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.io.syllables import is_local_name, is_syllable

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENCODINGS = ("tcvn3", "vni", "cp1258")
"""Legacy encodings that are detected by their words; UTF-8 read wrongly proves itself."""

CONFIDENT = 0.95
"""How sure the detection must be before anything is rewritten."""

# Signs that TCVN3 puts where letters belong. Inside a word they are nothing else.
_SIGNS = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾×÷"
_WORD = re.compile(
    rf"[^\W\d_]+(?:[{_SIGNS}]|[^\W\d_]|[\u0300-\u036f])*|[{_SIGNS}]+(?:[^\W\d_]|[{_SIGNS}])*"
)
# Signs that stand alone in good text too: 3 × 4, 5 µm.
_NEVER_ALONE = "×÷·«»¶§"
# What only Unicode can write: a value that has one of these is no legacy text.
_UNICODE_ONLY = re.compile(
    r"[^\x00-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
_ASKED = re.compile(r"[^\W\d_]\?+[^\W\d_]")

# Log-odds. Text is legacy once in a hundred columns; a word that turns into a syllable speaks for
# it as 0.95 : 0.1, one that does not against it as 0.05 : 0.9; a word with a sign inside, or with
# several legacy letters, hardly ever turns into a syllable by chance (0.95 : 0.005).
_PRIOR, _HINTED = math.log(0.01), math.log(4)
_FOR, _STRONGLY_FOR, _AGAINST = math.log(9.5), math.log(190), math.log(1 / 18)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextRepair:
    """Text in Unicode NFC, and what was done to get there.

    Attributes
    ----------
    text
        The text, on the index it came with; what is no text is as it was.
    encoding
        "tcvn3", "vni" or "cp1258" where words were rewritten from it; None if none was.
    confidence
        How sure the detection of the encoding is, 0 to 1; 0 without one.
    changed
        For each way of repair ("tcvn3", "vni", "cp1258", "utf8", "nfc"), which rows it changed.
    doubtful
        Rows that read well as they stand though their column is in a legacy encoding, and rows
        with legacy words that no table explains; left as they were.
    lost
        Rows in which letters were replaced by "?" or U+FFFD before the text came here.
    """

    text: pd.Series
    encoding: str | None
    confidence: float
    changed: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    doubtful: NDArray[np.bool_]
    lost: NDArray[np.bool_]


def repaired(
    values: pd.Series, *, encoding: str | None = None, hint: str | None = None
) -> TextRepair:
    """Bring a column of text to Unicode NFC; good text comes back as it is.

    Parameters
    ----------
    values
        The column; what is no text in it is left alone.
    encoding
        One of :data:`ENCODINGS` to take it as given: every value that can be read so is rewritten,
        also one that looks like good text. None detects.
    hint
        An encoding that other columns of the same table are in: fewer words then settle it.

    Returns
    -------
    TextRepair
        The text and what was changed.

    Raises
    ------
    DataSourceError
        If the encoding is none of those known.
    """
    if encoding is not None and encoding not in ENCODINGS:
        raise DataSourceError("text_encoding", name=encoding, names=" | ".join(ENCODINGS))
    codes, unique = _distinct(values)
    found, confidence = (encoding, 1.0) if encoding else detected(unique, hint=hint)
    ways: list[str] = [""] * len(unique)
    texts: list[str] = list(unique)
    doubtful = np.zeros(len(unique), bool)
    for place, one in enumerate(unique):
        if not one.isascii():
            repair = _repair_one(one, found, forced=encoding is not None)
            texts[place], ways[place], doubtful[place] = repair
    lost = _lost(unique)
    ways_of = np.array(["", *ways], dtype=object)[codes + 1]
    names = [way for way in (*ENCODINGS, "utf8", "nfc") if (ways_of == way).any()]
    result = values
    if names:
        plain = values.to_numpy(dtype=object, copy=True)
        rows = ways_of != ""
        plain[rows] = np.array(texts, dtype=object)[codes[rows]]
        dtype = "str" if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
        result = pd.Series(plain, index=values.index, name=values.name, dtype=dtype)
    flags = np.append(doubtful, False), np.append(lost, False)
    return TextRepair(
        text=result,
        encoding=found if found in names else None,
        confidence=confidence if found in names else 0.0,
        changed={way: np.asarray(ways_of == way) for way in names},
        doubtful=flags[0][codes],
        lost=flags[1][codes],
    )


def detected(texts: Iterable[str], *, hint: str | None = None) -> tuple[str | None, float]:
    """Tell in which legacy encoding some texts are.

    Parameters
    ----------
    texts
        The texts.
    hint
        An encoding that the rest of the table is in: before the first word is read, it is four
        times as likely as not.

    Returns
    -------
    tuple[str | None, float]
        One of :data:`ENCODINGS`, or None where no table is sure; and how sure it is, 0 to 1.
    """
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


def repaired_frame(
    frame: Any, *, table: str, encoding: str | None = None
) -> tuple[Any, list[Finding]]:
    """Bring every text column of a frame, and its column names, to Unicode NFC.

    Parameters
    ----------
    frame
        The frame; it is not changed.
    table
        What the findings call it.
    encoding
        As in :func:`repaired`.

    Returns
    -------
    tuple[Any, list[Finding]]
        The frame, and a finding for each column and way of repair, and for each column with
        doubtful or lost text.
    """
    texts = [
        place for place, name in enumerate(frame.columns) if _may_hold_text(frame.iloc[:, place])
    ]
    pool = [str(name) for name in frame.columns]
    for place in texts:
        pool += _distinct(frame.iloc[:, place])[1]
    hint = encoding or detected(pool)[0]
    result, findings = frame.copy(deep=False), []
    names = repaired(
        pd.Series(pool[: len(frame.columns)], dtype=object), encoding=encoding, hint=hint
    )
    for place in texts:
        repair = repaired(frame.iloc[:, place], encoding=encoding, hint=hint)
        if repair.changed:
            result.isetitem(place, repair.text)
        findings += _findings(
            repair, before=frame.iloc[:, place], column=names.text.iloc[place], table=table
        )
    if names.changed and names.text.is_unique:
        result = result.rename(columns=dict(zip(frame.columns, names.text, strict=True)))
        changed = tuple(names.text[np.logical_or.reduce(list(names.changed.values()))])
        way = next(iter(names.changed))
        findings.append(
            Finding(
                rule="text_columns",
                severity=Severity.NOTE,
                table=table,
                fields={"columns": changed, "encoding": _LABELS[way]},
            )
        )
    return result, findings


_LABELS = {
    "tcvn3": "TCVN3 (ABC)",
    "vni": "VNI",
    "cp1258": "Windows-1258",
    "utf8": "UTF-8",
    "nfc": "Unicode NFC",
}


def _findings(repair: TextRepair, *, before: pd.Series, column: str, table: str) -> list[Finding]:
    found = []

    def note(rule: str, severity: Severity, rows: NDArray[np.bool_], **fields: object) -> None:
        places = np.flatnonzero(rows)
        ids = tuple(f"row {label}" for label in before.index[places])
        fields = {"column": column, "count": len(places), **fields}
        found.append(Finding(rule=rule, severity=severity, table=table, ids=ids, fields=fields))

    for way, rows in repair.changed.items():
        if way == "nfc":
            note("text_composed", Severity.NOTE, rows)
            continue
        first = int(np.flatnonzero(rows)[0])
        fields = {
            "encoding": _LABELS[way],
            "before": before.iloc[first],
            "after": repair.text.iloc[first],
            "confidence": f"{repair.confidence:.2f}" if way in ENCODINGS else "1.00",
        }
        note("text_repaired", Severity.NOTE, rows, **fields)
    for rule, rows in (("text_doubtful", repair.doubtful), ("text_lost", repair.lost)):
        if rows.any():
            example = before.iloc[int(np.flatnonzero(rows)[0])]
            note(rule, Severity.WARNING, rows, example=example)
    return found


def _may_hold_text(values: pd.Series) -> bool:
    """Tell whether there is anything to look at: text that is not all plain ASCII."""
    if isinstance(values.dtype, pd.StringDtype):
        column = pa.array(values, from_pandas=True)
        plain = pc.all(pc.string_is_ascii(column), skip_nulls=True).as_py()
        return not plain or pc.any(pc.match_substring(column, "?")).as_py() is True
    return isinstance(values.dtype, pd.CategoricalDtype) or values.dtype == object


def _distinct(values: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Number the different texts of a column; what is no text has the number −1."""
    if isinstance(values.dtype, pd.StringDtype):
        codes, kept = pd.factorize(values)
        return np.asarray(codes, dtype=np.intp), [str(one) for one in kept]
    plain = values.to_numpy(dtype=object)
    is_text = np.fromiter((isinstance(one, str) for one in plain), bool, len(plain))
    codes = np.full(len(plain), -1, dtype=np.intp)
    codes[is_text], unique = pd.factorize(plain[is_text])
    return codes, [str(one) for one in unique]


def _repair_one(text: str, found: str | None, *, forced: bool) -> tuple[str, str, bool]:
    """Give the text, the way it was repaired ("" for none), and whether it stays doubtful."""
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


def _lost(unique: list[str]) -> NDArray[np.bool_]:
    """Find texts that have lost letters; "?" inside words counts where a column is full of it."""
    replaced = np.array(["\ufffd" in one for one in unique], dtype=bool)
    asked = np.array([_ASKED.search(one) is not None and "://" not in one for one in unique], bool)
    often = asked.sum() >= max(2, len(unique) // 20)
    return replaced | asked if often else replaced
