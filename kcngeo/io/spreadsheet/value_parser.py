"""Numbers, areas, days and terms as people write them in lists.

Each reader gives None for what it does not understand; nothing is guessed here.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kcngeo.core.units import M2_PER_HA
from kcngeo.io.spreadsheet.vocabulary import plain

_NUMBER = re.compile(r"[+-]?\d[\d.,\s]*")
# A space parts thousands or nothing: "8 36" is no number.
_STRAY_SPACE = re.compile(r"\s(?!\d{3}(?!\d))|(?<!\d)\s")
_ONE_SIGN = re.compile(r"(\d+)([.,])(\d+)")
_UNIT = re.compile(
    r"(ha|h[eé]c\s*-?\s*ta|m2|m²|m\^2|mét vuông|met vuong)(?![a-zà-ỹ0-9])", re.IGNORECASE
)
AREA = re.compile(
    r"(?P<number>\d[\d.,]*(?:\s\d{3})*)\s*(?P<unit>" + _UNIT.pattern + ")", re.IGNORECASE
)
"""An area in running text."""

# 11°32'15,20"N; in Vietnamese B is the north and Đ the east.
_DEGREES = re.compile(
    r"(?P<before>[NBEĐD])?\s*(?P<degrees>\d{1,3})\s*[°º˚]\s*(?P<minutes>\d{1,2})\s*['′’]\s*"
    r"(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?:[\"″”]|''|’’|′′)?\s*(?P<after>[NBEĐD])?",
    re.IGNORECASE,
)
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A day, month or year, as its first and last day.

    Attributes
    ----------
    first
        First day.
    last
        Last day.
    """

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long a lease runs.

    Attributes
    ----------
    start
        When it begins, if the term says so.
    end
        First day that no longer counts, if the term says so.
    months
        Length in months, if the term says so.
    """

    start: Span | None = None
    end: dt.date | None = None
    months: int | None = None


def decimal_sign(text: str) -> str | None:
    """Tell which sign a number uses for decimals."""
    digits = re.sub(r"\s", "", text)
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return None
    if len(set(signs)) == 2:
        return signs[-1]
    other = "." if signs[0] == "," else ","
    if len(signs) > 1:
        return other
    match = _ONE_SIGN.search(digits)
    if match is None or len(match[3]) != 3 or len(match[1]) > 3 or match[1].startswith("0"):
        return signs[0]
    return "?"


def agreed_decimal_sign(texts: Iterable[str]) -> str | None:
    """Find the sign of decimals from the numbers that show it; None unless they agree."""
    found = {decimal_sign(text) for text in texts} & {",", "."}
    return found.pop() if len(found) == 1 else None


def number(text: str, *, decimal: str) -> tuple[float, int] | None:
    """Read a number."""
    if not _NUMBER.fullmatch(text.strip()) or _STRAY_SPACE.search(text.strip()):
        return None
    bare = re.sub(r"\s", "", text)
    whole, _, decimals = bare.partition(decimal)
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        return None
    if decimals and not decimals.isdigit():
        return None
    return float("".join(groups) + "." + (decimals or "0")), len(decimals)


def degrees(text: str) -> float | None:
    """Read an angle in degrees, minutes and seconds, north or east.

    Examples
    --------
    >>> degrees("11°30'00″"), degrees("107° 45' 36,0″ Đ"), degrees("11°61'00″")
    (11.5, 107.76, None)
    """
    found = _DEGREES.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        return None
    whole, minutes = int(found["degrees"]), int(found["minutes"])
    seconds = float(found["seconds"].replace(",", "."))
    if whole > 180 or minutes >= 60 or seconds >= 60:
        return None
    return whole + minutes / 60 + seconds / 3600


def unit_of(text: str) -> str | None:
    """Find the unit of an area in a heading or cell."""
    found = {"ha" if one[0].lower() == "h" else "m2" for one in _UNIT.findall(_spaced(text))}
    return found.pop() if len(found) == 1 else None


def _spaced(text: str) -> str:
    """Part a unit from the digit before it, so that it stands as a word."""
    return " " + re.sub(r"(?<=\d)(?=ha\b|m2|m²)", " ", text)


def hectares_per(unit: str) -> float:
    """Give the size of a unit of area."""
    return 1.0 if unit == "ha" else 1 / M2_PER_HA


def span(value: Any, *, year: int | None = None) -> Span | None:
    """Read a day, month or year."""
    if isinstance(value, dt.datetime):
        return None if value.time() != dt.time() else Span(first=value.date(), last=value.date())
    if isinstance(value, dt.date):
        return Span(first=value, last=value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if not isinstance(value, str):
        return _year(int(value)) if value == int(value) else None
    found = spans(value)
    if len(found) == 1 and not _meaningful(found[0][1]):
        return found[0][0]
    match = re.fullmatch(r"\s*(?:ng[aà]y\s*)?(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*", value.lower())
    if match and year is not None:
        return _day(int(match[1]), int(match[2]), year)
    return None


_MONTH_WORD, _YEAR_WORD = r"thang\s+", r"nam\s+"
_FORMS = (
    # (pattern on the bare text, which groups are day, month, year)
    (re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"), "dmy"),
    (
        re.compile(r"(?<!\d)(?P<d>\d{1,2})\s*[/.-]\s*(?P<m>\d{1,2})\s*[/.-]\s*(?P<y>\d{4})(?!\d)"),
        "dmy",
    ),
    (
        re.compile(
            r"(?<!\d)(?P<d>\d{1,2})\s*thang\s*(?P<m>\d{1,2})\s*(?:nam\s*|/\s*)(?P<y>\d{4})(?!\d)"
        ),
        "dmy",
    ),
    (re.compile(r"thang\s*(?P<m>\d{1,2})\s*(?:nam|[/.-])\s*(?P<y>\d{4})(?!\d)"), "my"),
    (re.compile(r"(?<![\d/.])(?P<m>\d{1,2})\s*[/.-]\s*(?P<y>\d{4})(?!\d)"), "my"),
    (re.compile(r"(?<![\d/.])(?P<y>(?:19|20|21)\d{2})(?![\d/.])"), "y"),
)


def spans(text: str) -> list[tuple[Span, str]]:
    """Find the days, months and years in a text, in their order."""
    found, _ = _taken_apart(text)
    return list(found)


@lru_cache(maxsize=1 << 12)
def _taken_apart(text: str) -> tuple[list[tuple[Span, str]], str]:
    """Find dates and what stands between them; an impossible date is left in the words."""
    bare = _bare(text)
    hits: list[tuple[int, int, Span]] = []
    masked = bare
    for pattern, parts in _FORMS:
        for match in pattern.finditer(masked):
            one = _of_parts(match, parts)
            if one is not None:
                hits.append((match.start(), match.end(), one))
                masked = masked[: match.start()] + "#" * len(match[0]) + masked[match.end() :]
    hits.sort(key=lambda hit: hit[0])
    result, last = [], 0
    for start, end, one in hits:
        result.append((one, bare[last:start]))
        last = end
    return result, bare[last:]


def _bare(text: str) -> str:
    """Take diacritics away, but keep the signs between digits."""
    return "".join(plain(sign) or (sign if not sign.isspace() else " ") for sign in text)


def _of_parts(match: re.Match[str], parts: str) -> Span | None:
    year = int(match["y"])
    if parts == "y":
        return _year(year)
    month = int(match["m"])
    return _month(month, year) if parts == "my" else _day(int(match["d"]), month, year)


def _year(year: int) -> Span | None:
    if year not in _YEARS:
        return None
    return Span(first=dt.date(year, 1, 1), last=dt.date(year, 12, 31))


def _month(month: int, year: int) -> Span | None:
    if year not in _YEARS or not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return Span(first=dt.date(year, month, 1), last=dt.date(year, month, last))


def _day(day: int, month: int, year: int) -> Span | None:
    whole = _month(month, year)
    if whole is None or not 1 <= day <= whole.last.day:
        return None
    one = dt.date(year, month, day)
    return Span(first=one, last=one)


_OPEN = (
    "lau dai",
    "vo thoi han",
    "khong thoi han",
    "khong xac dinh",
    "on dinh lau dai",
    "long term",
)
_NOTHING = ("", "-", "–", "—")
_LENGTH = re.compile(r"(?<![\d/.,-])(\d{1,3})\s*(nam|thang|years?|months?)(?![a-z])(?!\s*\d{4})")
# Words that say nothing of when; any other word makes a term unread.
_HARMLESS = frozenset(
    plain(
        "tu ngay den het thang nam toi ke thoi han thue dat hop dong ky la cua cuoi cho trong "
        "bat dau ket thuc from to until till year years month months of the day"
    ).split(" ")
)
_BEGINS = re.compile(r"\b(tu|bat dau|from|ke tu)\b")
_BEFORE = re.compile(r"\b(truoc|before)\b")


def term(value: Any) -> Term | None:
    """Read how long a lease runs."""
    # A last day, month or year that is named still counts, so "Đến tháng 12/2066" ends on
    # 2067-01-01; "50 năm" from 15/03/2016 ends on 2066-03-15; "Lâu dài" and an empty cell are
    # open.
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        whole = value == int(value)
        if whole and 0 < value <= 120:
            return Term(months=12 * int(value))
        value = str(int(value)) if whole else str(value)
    if not isinstance(value, str):
        one = span(value)
        return None if one is None else Term(end=after(one.last))
    if value in _NOTHING or any(plain(value).startswith(word) for word in _OPEN):
        rest = plain(value)
        for word in sorted(_OPEN, key=len, reverse=True):
            rest = rest.replace(word, "")
        return Term() if not _meaningful(rest) else None
    return _worded(value)


def _worded(text: str) -> Term | None:
    found, tail = _taken_apart(text)
    words = [*(before for _, before in found), tail]
    lengths = [match for part in words for match in _LENGTH.findall(part)]
    rest = " ".join(_LENGTH.sub(" ", part) for part in words)
    exclusive = _BEFORE.search(rest) is not None
    if len(lengths) > 1 or len(found) > 2 or _meaningful(_BEFORE.sub(" ", rest)):
        return None
    months = None
    if lengths:
        months = int(lengths[0][0]) * (12 if lengths[0][1][0] in "ny" else 1)
    if not found:
        return None if months is None else Term(months=months)
    if len(found) == 1 and (months is not None or _BEGINS.search(plain(found[0][1]))):
        return Term(start=found[0][0], months=months)
    last = found[-1][0]
    end = last.first if exclusive else after(last.last)
    start = found[0][0] if len(found) == 2 else None
    return Term(start=start, end=end, months=months)


def _meaningful(words: str) -> bool:
    return any(word not in _HARMLESS for word in plain(words).split())


def after(day: dt.date) -> dt.date:
    """Give the next day."""
    return day + dt.timedelta(days=1)


def months_later(day: dt.date, months: int) -> dt.date:
    """Count months on from a day."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    length = calendar.monthrange(year, month)[1]
    if day.day <= length:
        return dt.date(year, month, day.day)
    return after(dt.date(year, month, length))
