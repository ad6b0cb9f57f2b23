"""Letters of the figures: one font, brought along, measured before it is drawn."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import TextToPath

from kcngeo.core.number_forms import unbroken

_FONTS = {"normal": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
_POINTS = 72
_LEADING = 1.32
_SAFETY = 1.01
_SIGN_WIDE = 0.56  # in sizes of the letter, on average
_ELLIPSIS = "…"
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@contextmanager
def own_settings(extra: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Draw with Matplotlib's own settings, whatever style the caller has chosen."""
    settings: dict[Any, Any] = {
        key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"
    }
    # Unhinted letters are as wide on a screen as in print, and as wide as measured.
    settings.update({"text.hinting": "none", "hatch.linewidth": 0.6, **(extra or {})})
    with mpl.rc_context(settings):
        yield


@cache
def font(size: float, weight: str = "normal") -> FontProperties:
    """Give DejaVu Sans as Matplotlib brings it, so that another machine draws the same letters."""
    return FontProperties(fname=str(_font_file(weight)), size=size, weight=weight)


def plain(words: object) -> str:
    """Bring text from data into one line of letters that the font has."""
    composed = " ".join(unicodedata.normalize("NFC", str(words)).split())
    known = _letters()
    return "".join(sign if ord(sign) in known else _UNKNOWN for sign in composed)


def width_in(words: str, *, size: float, weight: str = "normal") -> float:
    """Measure one line of text."""
    return _at_scale(words, weight) * (size / TextToPath.FONT_SCALE) / _POINTS * _SAFETY


def line_in(size: float) -> float:
    """Give the height of a line."""
    return size * _LEADING / _POINTS


def wrapped(
    words: object, *, width: float, size: float, weight: str = "normal", most: int = 3
) -> list[str]:
    """Break text into lines of a width; what does not fit into the last one ends in "…"."""

    def fits(line: str) -> bool:
        return width_in(line, size=size, weight=weight) <= width

    about = width / (size / _POINTS * _SIGN_WIDE)
    lines = [""]
    left = unbroken(plain(words)).split(" ")
    # What follows is cut off anyway; measuring all of a very long name takes long.
    while left and len(lines) <= most:
        if count := _count_fitting(lines[-1], left, fits, about=about):
            lines[-1] = _joined(lines[-1], left[:count])
            del left[:count]
        elif lines[-1]:
            lines.append("")
        else:
            lines[-1:] = _broken(left.pop(0), fits, most=most - len(lines) + 1)
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and not fits(lines[-1] + _ELLIPSIS):
            lines[-1] = lines[-1][:-1]
        lines[-1] = lines[-1].rstrip() + _ELLIPSIS
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


@lru_cache(maxsize=2048)
def _at_scale(words: str, weight: str) -> float:
    """Measure a line in letters of Matplotlib's own scale, once: heads and feet come again."""
    width, _, _ = TextToPath().get_text_width_height_descent(
        words, font(TextToPath.FONT_SCALE, weight), ismath=False
    )
    return float(width)


def _broken(word: str, fits: Callable[[str], bool], *, most: int) -> list[str]:
    """Break a word that is too wide for a line; what comes after the most lines is left out."""
    lines = [""]
    for sign in word:
        if len(lines) > most:
            break
        if lines[-1] and not fits(lines[-1] + sign):
            lines.append("")
        lines[-1] += sign
    return lines


def _joined(line: str, words: list[str]) -> str:
    return " ".join([line, *words]).strip()


def _count_fitting(
    line: str, words: list[str], fits: Callable[[str], bool], *, about: float
) -> int:
    """Count the words that can follow in a line of about so many signs."""
    # Each word makes it wider, so that a guess is put right step by step and few are measured.
    count, signs = 0, len(line)
    while count < len(words) and signs < about:
        signs += len(words[count]) + 1
        count += 1
    if fits(_joined(line, words[:count])):
        while count < len(words) and fits(_joined(line, words[: count + 1])):
            count += 1
        return count
    while count and not fits(_joined(line, words[:count])):
        count -= 1
    return count


def _font_file(weight: str) -> Path:
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / _FONTS[weight]


@cache
def _letters() -> frozenset[int]:
    """Signs that both weights have."""
    normal, bold = (set(get_font(str(_font_file(weight))).get_charmap()) for weight in _FONTS)
    return frozenset(normal & bold)
