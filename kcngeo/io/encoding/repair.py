"""Legacy Vietnamese text to Unicode: detected, counted, reported, and never guessed.

Before Unicode, Vietnamese was written in fonts that drew other letters (TCVN3, called ABC; VNI) or
in Windows-1258; and Unicode itself is often read in the wrong code page ("Ä‘áº¥t" for "đất"). The
tables are those of viparse. Whether they apply is decided here, on two levels. A column (or a whole
layer) must show that a table turns its words into Vietnamese syllables; chance would do so for one
word in ten at most, so a few different words settle it. A value is then rewritten only if, as it
stands, it cannot be read: what is good Vietnamese already, or another language, keeps its letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.texts import row_name
from kcngeo.io.encoding.detect import CONFIDENT, ENCODINGS, detected, read_anew

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CONFIDENT", "ENCODINGS", "TextRepair", "detected", "repaired", "repaired_frame"]

_ASKED = re.compile(r"[^\W\d_]\?+[^\W\d_]")


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
    """Bring a column of text to Unicode NFC; good text comes back as it is."""
    if encoding is not None and encoding not in ENCODINGS:
        raise DataSourceError("text_encoding", name=encoding, names=" | ".join(ENCODINGS))
    # Every different text is judged once; (rows,) its position, -1 where there is no text.
    codes, unique = _distinct(values)
    found, confidence = (encoding, 1.0) if encoding else detected(unique, hint=hint)
    ways: list[str] = [""] * len(unique)
    texts: list[str] = list(unique)
    doubtful = np.zeros(len(unique), bool)
    for place, one in enumerate(unique):
        if not one.isascii():
            repair = read_anew(one, found, forced=encoding is not None)
            texts[place], ways[place], doubtful[place] = repair
    lost = _lost(unique)
    # One place more in front, so that -1 finds "" there.
    ways_of = np.array(["", *ways], dtype=object)[codes + 1]
    names = [way for way in (*ENCODINGS, "utf8", "nfc") if (ways_of == way).any()]
    result = values
    if names:
        plain = values.to_numpy(dtype=object, copy=True)
        rows = ways_of != ""
        plain[rows] = np.array(texts, dtype=object)[codes[rows]]
        dtype = "str" if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
        result = pd.Series(plain, index=values.index, name=values.name, dtype=dtype)
    # One place more at the end, which -1 finds.
    flags = np.append(doubtful, False), np.append(lost, False)
    return TextRepair(
        text=result,
        encoding=found if found in names else None,
        confidence=confidence if found in names else 0.0,
        changed={way: np.asarray(ways_of == way) for way in names},
        doubtful=flags[0][codes],
        lost=flags[1][codes],
    )


def repaired_frame(
    frame: Any, *, table: str, encoding: str | None = None
) -> tuple[Any, list[Finding]]:
    """Bring every text column of a frame, and its column names, to Unicode NFC."""
    texts = [
        place for place, name in enumerate(frame.columns) if _may_hold_text(frame.iloc[:, place])
    ]
    # All words of the table settle the encoding together, names of columns too.
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
        ids = tuple(map(row_name, before.index[places]))
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


def _lost(unique: list[str]) -> NDArray[np.bool_]:
    """Find texts that have lost letters; "?" inside words counts where a column is full of it."""
    replaced = np.array(["\ufffd" in one for one in unique], dtype=bool)
    asked = np.array([_ASKED.search(one) is not None and "://" not in one for one in unique], bool)
    often = asked.sum() >= max(2, len(unique) // 20)
    return replaced | asked if often else replaced
