"""Texts that nobody read yet: what is missing, where to read it, and what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcngeo.standards.entries import Standard


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadText(Standard):
    """A part of a legal text that was not read.

    Attributes
    ----------
    where
        Where to read it, by language ("vi", "en").
    affects
        Names of the entries that hang on it; empty if it would be a new one.
    """

    where: Mapping[str, str]
    affects: tuple[str, ...] = ()
