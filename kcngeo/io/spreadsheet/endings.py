"""Leases that a list says have ended: in a word of status, a remark, with or without the day."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from kcngeo.io.spreadsheet.value_parser import AREA, spans
from kcngeo.io.spreadsheet.vocabulary import plain, vocabulary

# What is still to come, denied or asked for has not happened.
_NOT = re.compile(
    r"\b(chua|khong|se|dang|sap|du kien|de nghi|xin|neu|khi|phai|yeu cau|cho den khi|not|will)\b"
)
# "HĐ số 12 ngày 1/1/2010" is the day of a document, not of the end.
_DOCUMENT = re.compile(r"\b(so|no|quyet dinh|qd|thong bao|tb|van ban|vb|hop dong ngay|hd ngay)\b")
_WITHDRAWN = re.compile(r"\b(bien ban|thanh ly|cham dut) (hop dong|hd) ngay\b")
_PART = re.compile(r"\b(?:mot phan|1 phan|giam dien tich|part of)\b")
_CLAUSE = re.compile(r"[;\n]|(?<!\d)[.,]|[.,](?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """That a lease has ended.

    Attributes
    ----------
    on
        The first day it no longer holds; None if the words name no day.
    is_day
        Whether a day was named, and not a month or year.
    is_part
        Whether only a part of the land has gone back: the lease goes on with the rest.
    """

    on: dt.date | None
    is_day: bool = True
    is_part: bool = False


@lru_cache(maxsize=1 << 12)
def ending_in(text: str) -> Ending | None:
    """Read from a text that a lease has ended, and when; None if it does not say so."""
    # The last clause that says so holds: "gia hạn năm 2015; thanh lý HĐ ngày 15/5/2019"; one that
    # names no day takes none away: "…, đã trả mặt bằng".
    found = None
    for clause in _CLAUSE.split(text):
        one = _in_clause(clause)
        if one is not None and (found is None or one.on is not None or one.is_part):
            found = one
    return found


def _in_clause(clause: str) -> Ending | None:
    if _place_of_word(plain(clause)) is None:
        return None
    if _PART.search(plain(clause)) or AREA.search(clause):
        return Ending(on=None, is_part=True)
    dated, before = Ending(on=None), ""
    for one, words in spans(clause):
        before = f"{before} {plain(words)}".strip()
        after_word = _place_of_word(before)
        if after_word is None:
            continue
        between = before[after_word:]
        if _DOCUMENT.search(between) and not _WITHDRAWN.search(before):
            # What follows may still name the day: "… số 12 ngày 1/1/2010, từ ngày 15/5/2019".
            before = "cham dut"
            continue
        dated = Ending(on=one.first, is_day=one.first == one.last)
        break
    return dated


def _place_of_word(words: str) -> int | None:
    """Find where the words that say a lease has ended stop, unless they are denied."""
    matches = (phrase.search(words) for phrase in _phrases())
    ends = [one.end() for one in matches if one and not _NOT.search(words[: one.start()])]
    return max(ends, default=None)


@cache
def _phrases() -> tuple[re.Pattern[str], ...]:
    phrases = vocabulary("values.ended")["ended"]
    return tuple(re.compile(rf"\b{phrase}\b") for phrase in phrases)
