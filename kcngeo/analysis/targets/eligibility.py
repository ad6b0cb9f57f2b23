"""The tests a new or an extended zone must pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Verified
from kcngeo.core.validation import require_known
from kcngeo.fill import combine
from kcngeo.standards import Criterion, criteria, fill_definition
from kcngeo.theme import number, percent, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def eligibility(
    rates: pd.DataFrame,
    works: pd.DataFrame | None,
    *,
    kind: str,
    zone_ids: Iterable[str],
    on: Day,
    language: str = "vi",
) -> pd.DataFrame:
    """Test whether a new zone, or the extension of a zone, meets the conditions of the law.

    A new zone needs an average fill rate of the province's established zones of at least 60 %. The
    law says average; read here as the ratio of the sums, let land of all those zones over their
    base (:func:`kcngeo.fill.combine`), never as the mean of their rates. Which zones are the
    province's, and on which day, is the caller's: a province merged with its neighbours is another
    set. The extension of a zone needs at least 60 % in that zone and its central wastewater works
    running on the day. Exactly 60 % passes. The thresholds, and how well they are verified, stand
    in the registry (:func:`kcngeo.standards.criteria`); conditions that are only recalled are
    shown and decide nothing. Meeting these two says nothing about the other conditions.

    Parameters
    ----------
    rates
        Result of :func:`kcngeo.fill.fill_rate` of the day, or of :func:`kcngeo.fill.fill_series`
        with a row on the day; any definition, which is named in the result.
    works
        Works as known, of which those of kind "wastewater" with ``done_on <= on`` are running;
        None if nothing is known of them.
    kind
        "new" or "extension".
    zone_ids
        For "new" the established zones that are averaged; for "extension" the zones to be
        extended, each tested by itself.
    on
        The day.
    language
        Language of ``explanation``, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        A row a condition, and for an extension a zone: ``zone_ids`` (joined by "|"), ``criterion``
        (id in the registry, or "all": every condition that applies), ``value`` and ``threshold``
        (a share, a number of works, or hectares), ``passes`` (missing if not computable),
        ``applied`` (whether it decides), ``in_force`` (whether it is law on the day),
        ``definition`` (of the rate), ``reason`` (a code), ``explanation``, ``source`` and
        ``verified``.

    Raises
    ------
    ContractError
        If the works break their contract.
    StandardError
        If there are no conditions of this kind.
    KcngeoError
        If the rates are by phase, or by different definitions, or the works still say when they
        were recorded.

    Examples
    --------
    60 ha of 100 ha and 30 ha of 50 ha are let: 90 / 150 is exactly 60 %.

    >>> import pandas as pd
    >>> rates = pd.DataFrame(
    ...     {"leased_ha": [60.0, 30.0], "base_ha": [100.0, 50.0], "definition": "nd35-2022"},
    ...     index=pd.Index(["A", "B"], name="zone_id"),
    ... )
    >>> tests = eligibility(rates, None, kind="new", zone_ids=["A", "B"], on="2023-12-31")
    >>> tests.loc[tests["applied"], ["criterion", "passes"]].to_dict("split")["data"]
    [['new-fill-rate', True], ['all', True]]
    """
    if "phase" in rates.index.names:
        raise KcngeoError("series_by_phase")
    date = day(on)
    tests = criteria(kind)
    zones = list(dict.fromkeys(zone_ids))
    known = None if works is None else require_known(works, "works")
    today = rates
    if "on" in rates.index.names:
        today = rates[rates.index.get_level_values("on") == date].droplevel("on")
    # For a new zone all named zones count together, for an extension each by itself.
    groups = [zones] if kind == "new" else [[zone] for zone in zones]
    rows = [
        row
        for group in groups
        for row in _tested(today, known, tests, group, date=date, language=language)
    ]
    result = pd.DataFrame(rows, columns=_ELIGIBILITY)
    return result.astype({"passes": "boolean", "definition": "str", "source": "str"})


_ELIGIBILITY = [
    "zone_ids",
    "criterion",
    "value",
    "threshold",
    "passes",
    "applied",
    "in_force",
    "definition",
    "reason",
    "explanation",
    "source",
    "verified",
]


def _tested(
    rates: pd.DataFrame,
    works: pd.DataFrame | None,
    tests: tuple[Criterion, ...],
    zones: list[str],
    *,
    date: pd.Timestamp,
    language: str,
) -> list[dict[str, Any]]:
    """Try every condition on one set of zones, and all that apply together."""
    rows = []
    for test in tests:
        if test.measure == "wastewater_running":
            value, definition, reason, ids = *_running(works, zones, date=date), tuple(zones)
        else:
            value, definition, reason, ids = _of_rates(rates, test.measure, zones)
        passes = None if reason else test.passes(value)
        # Shown with its value, but it decides nothing.
        if not test.applied:
            passes, reason = None, reason or "not_applied"
        threshold = test.at_least if test.at_least is not None else test.below
        rows.append(
            {
                "zone_ids": "|".join(zones),
                "criterion": test.name,
                "value": value,
                "threshold": threshold,
                "passes": passes,
                "applied": test.applied,
                "in_force": test.is_in_force(date),
                "definition": definition,
                "reason": reason or ("passes" if passes else "fails"),
                "source": test.source,
                "verified": str(test.verified),
            }
        )
        rows[-1]["explanation"] = _explained(rows[-1], test, ids, date=date, language=language)
    return [*rows, _all_of(rows, language=language)]


def _of_rates(
    rates: pd.DataFrame, measure: str, zones: list[str]
) -> tuple[float, str | None, str, tuple[str, ...]]:
    """Give the rate, or the hectares not let, of a set of zones; and what is missing."""
    unknown = tuple(zone for zone in zones if zone not in rates.index)
    if unknown or not zones:
        return np.nan, None, "zones_missing", unknown
    total = combine(rates.loc[zones]).iloc[0]
    value = total["fill_rate"]
    if measure == "remaining_ha":
        value = total["base_ha"] - total["leased_ha"]
    if pd.notna(total["not_computable"]):
        return np.nan, total["definition"], "zones_missing", (total["not_computable"],)
    reason = "no_rate" if pd.isna(value) else ""
    return float(value), total["definition"], reason, tuple(zones)


def _running(
    works: pd.DataFrame | None, zones: list[str], *, date: pd.Timestamp
) -> tuple[float, None, str]:
    """Count the wastewater works that run on a day."""
    if works is None:
        return np.nan, None, "works_unknown"
    mine = works[works["zone_id"].isin(zones) & (works["kind"] == "wastewater")]
    done = mine.reindex(columns=["done_on"])["done_on"].astype("datetime64[s]")
    return float((done <= date).sum()), None, ""


def _all_of(rows: list[dict[str, Any]], *, language: str) -> dict[str, Any]:
    """Say whether all conditions that apply are met; what is unknown decides only if none fails."""
    applied = [row for row in rows if row["applied"]]
    verdicts = [row["passes"] for row in applied]
    passes = False if False in verdicts else (None if None in verdicts else True)
    reason = "unknown" if passes is None else "passes" if passes else "fails"
    marks = [str(mark) for mark in Verified]
    return {
        "zone_ids": rows[0]["zone_ids"],
        "criterion": "all",
        "value": np.nan,
        "threshold": np.nan,
        "passes": passes,
        "applied": True,
        "in_force": all(row["in_force"] for row in applied),
        "definition": rows[0]["definition"],
        "reason": reason,
        "explanation": text(f"targets.all_{reason}", language=language),
        "source": None,
        "verified": max((row["verified"] for row in applied), key=marks.index),
    }


def _explained(
    row: dict[str, Any],
    test: Criterion,
    ids: tuple[str, ...],
    *,
    date: pd.Timestamp,
    language: str,
) -> str:
    """Say a test in words, with what limits it."""

    def shown(value: float) -> str:
        if test.measure == "fill_rate":
            return percent(value, language=language)
        decimals, unit = (0, "") if test.measure == "wastewater_running" else (2, " ha")
        return number(value, language=language, decimals=decimals) + unit

    label = "–"
    if row["definition"] is not None:
        label = fill_definition(row["definition"], on=date).label(on=date, language=language)
    counted = test.measure == "wastewater_running" and row["passes"] is not None
    words = text(
        "targets.works_running" if counted else f"targets.{row['reason']}",
        language=language,
        title=test.title[language],
        value=shown(row["value"]),
        threshold=shown(row["threshold"]),
        definition=label,
        ids=ids,
    )
    remarks = []
    if test.applied and not row["in_force"]:
        remarks.append(text("definition.not_in_force", language=language))
    if test.verified is not Verified.OFFICIAL:
        remarks.append(text(f"definition.{test.verified}", language=language))
    return f"{words.rstrip('.')} ({', '.join(remarks)})." if remarks else words
