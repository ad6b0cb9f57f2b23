"""What the tests of a zone say in words, with as many decimals as decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kcngeo.core.model import Verified
from kcngeo.standards import Criterion, fill_definition
from kcngeo.theme import number, percent, text

_MOST_DECIMALS = 9


def deciding_decimals(value: float, test: Criterion) -> int:
    """Give the least decimals, two or more, by which value and threshold show the verdict.

    Examples
    --------
    Of 60 %, 59.996 % would be written 60.00 %:

    >>> from kcngeo import standards
    >>> rate = standards.load("new-fill-rate")
    >>> [deciding_decimals(share, rate) for share in (0.55, 0.59996, 0.6)]
    [2, 3, 2]
    """
    scale = 100 if test.measure == "fill_rate" else 1
    if pd.isna(value) or (test.at_least is None and test.below is None):
        return 2
    verdict = test.passes(value)
    for decimals in range(2, _MOST_DECIMALS):
        # What is printed, read again.
        if test.passes(float(f"{value * scale:.{decimals}f}") / scale) == verdict:
            return decimals
    return _MOST_DECIMALS


def explained(
    row: Mapping[str, Any],
    test: Criterion,
    tests: Sequence[Criterion],
    rows: Mapping[str, Mapping[str, Any]],
    *,
    on: pd.Timestamp,
    language: str,
) -> str:
    """Say a test in words, with what limits it."""
    key = f"targets.{row['reason']}"
    if test.measure == "wastewater_running" and row["passes"] is not None:
        key = "targets.works_running"
    elif test.measure == "wastewater_running" and row["reason"] == "unread":
        key = "targets.works_unread"
    other = next((one for one in tests if one.name == row.get("alternative")), None)
    words = text(
        key,
        language=language,
        title=test.title[language],
        value=_figure(row["value"], test, language),
        threshold=_figure(row["threshold"], test, language, like=row["value"]),
        definition=_label(row["definition"], on, language),
        ids=row["missing"],
        alternative="" if other is None else _alternative(other, rows, language),
    )
    sentences = [f"{words.rstrip('.')}{_remarks(row, test, language)}."]
    if row["reported"] is not None:
        sentences.append(
            text(
                "targets.as_reported",
                language=language,
                value=_figure(row["reported_value"], test, language),
                definition=_label(row["reported"], on, language),
            )
        )
    if row["declared_ha"] > 0:
        hectares = number(row["declared_ha"], language=language)
        sentences.append(text("targets.declared_part", language=language, hectares=hectares))
    if test.measure == "wastewater_running" and row["passes"] and row["missing"]:
        sentences.append(text("targets.no_permit", language=language, ids=row["missing"]))
    return " ".join(sentences)


def told_of_all(
    reason: str, depends_on: str | None, tests: Sequence[Criterion], *, language: str
) -> str:
    """Say whether all conditions are met, and what it depends on."""
    words = text(f"targets.all_{reason}", language=language)
    if depends_on is None:
        return words
    titles = {test.name: test.title[language] for test in tests}
    named = "; ".join(titles[name] for name in depends_on.split("|"))
    return f"{words} {text('targets.depends_on', language=language, unread=named)}"


def _alternative(other: Criterion, rows: Mapping[str, Mapping[str, Any]], language: str) -> str:
    """Name an alternative with its own figures."""
    row = rows[other.name]
    return text(
        "targets.alternative_of",
        language=language,
        title=other.title[language],
        value=_figure(row["value"], other, language),
        threshold=_figure(row["threshold"], other, language, like=row["value"]),
    )


def _figure(value: float, test: Criterion, language: str, *, like: float | None = None) -> str:
    """Write a value of a measure; a threshold with the decimals of the value it is held against."""
    decimals = deciding_decimals(value if like is None else like, test)
    if test.measure == "fill_rate":
        return percent(value, language=language, decimals=decimals)
    if test.measure == "wastewater_running":
        return number(value, language=language, decimals=0)
    return f"{number(value, language=language, decimals=decimals)} ha"


def _label(definition: str | None, on: pd.Timestamp, language: str) -> str:
    if definition is None:
        return "–"
    return fill_definition(definition, on=on).label(on=on, language=language)


def _remarks(row: Mapping[str, Any], test: Criterion, language: str) -> str:
    remarks = []
    if row["in_force"] is None:
        remarks.append(text("definition.undated", language=language))
    if test.verified is not Verified.OFFICIAL:
        remarks.append(text(f"definition.{test.verified}", language=language))
    return f" ({', '.join(remarks)})" if remarks else ""
