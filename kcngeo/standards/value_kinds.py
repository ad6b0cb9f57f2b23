"""Kinds of values that may stand in a file of the registry, each with its test."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from kcngeo.core.model import LandUse
from kcngeo.standards.entries import ITEMS, ZONE

NO_LAW, UNREAD, OPEN = "no-law", "unread", "open"
"""What stands for a day in a file: never law, read by nobody, still in force."""

_COLOR = re.compile("#[0-9A-F]{6}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_day(value: object) -> bool:
    """Tell whether a value is a day, and no moment of one."""
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _are_weights(value: Mapping[str, Any], *, nested: bool = True) -> bool:
    """Tell whether a table gives items, or land uses with items, what they count."""
    return all(
        _is_number(weight) and math.isfinite(weight)
        if key in ITEMS or (nested and key == ZONE)
        else nested
        and key in tuple(LandUse)
        and isinstance(weight, dict)
        and _are_weights(weight, nested=False)
        for key, weight in value.items()
    )


KINDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str) and value.strip() != "",
    "titles": lambda value: (
        isinstance(value, dict)
        and set(value) == {"vi", "en"}
        and all(isinstance(words, str) and words.strip() for words in value.values())
    ),
    "texts": lambda value: (
        isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    ),
    "number": _is_number,
    "numbers": lambda value: (
        isinstance(value, list)
        and bool(value)
        and all(_is_number(one) and 0 <= one < float("inf") for one in value)
    ),
    "share": lambda value: _is_number(value) and 0 <= value <= 1,
    "positive": lambda value: _is_number(value) and 0 < value < float("inf"),
    "count": lambda value: _is_number(value) and value == int(value) and value > 0,
    "flag": lambda value: isinstance(value, bool),
    "day": is_day,
    "since": lambda value: is_day(value) or value in (NO_LAW, UNREAD),
    "until": lambda value: is_day(value) or value in (OPEN, UNREAD),
    "weights": lambda value: isinstance(value, dict) and bool(value) and _are_weights(value),
    "colors": lambda value: (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(one, str) and _COLOR.fullmatch(one) for one in value.values())
    ),
    "bands": lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value),
}
"""Kinds of values, by name, with the test a value must pass."""
