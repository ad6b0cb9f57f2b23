"""Colours of legal land-use codes, by the time of the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcngeo.standards.entries import Standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette(Standard):
    """The colours of one circular.

    Attributes
    ----------
    year
        The year of the circular; it is used from the next year on, for its first day in force was
        not read.
    colors
        By land-use code, "#RRGGBB".
    """

    year: int
    colors: Mapping[str, str]
