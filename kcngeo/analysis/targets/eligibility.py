"""The tests a new or an extended zone must pass, by the law of the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.targets.eligibility_words import explained, told_of_all
from kcngeo.analysis.targets.wastewater import running_treatment
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Verified
from kcngeo.core.validation import require_known
from kcngeo.fill import combine
from kcngeo.standards import Criterion, criteria


def eligibility(
    rates: pd.DataFrame,
    works: pd.DataFrame | None,
    *,
    kind: str,
    zone_ids: Iterable[str],
    on: Day,
    strict: pd.DataFrame | None = None,
    names: Mapping[str, str] | None = None,
    language: str = "vi",
) -> pd.DataFrame:
    """Test whether a new zone, or the extension of a zone, meets the conditions of the law.

    A new zone needs an average fill rate of the province's established zones of at least 60 %. The
    law says average; read here as the ratio of the sums, let land of all those zones over their
    base (:func:`kcngeo.fill.combine`), never as the mean of their rates. Which zones are the
    province's, and on which day, is the caller's: a province merged with its neighbours is another
    set. The extension of a zone needs at least 60 % in that zone and its central wastewater works
    running on the day (a sewer is none). Exactly 60 % passes. Meeting these says nothing about the
    other conditions.

    The conditions are those of the day; they, and how well each is verified, stand in the registry
    (:func:`kcngeo.standards.criteria`). A verdict is pass, fail, or that it depends: on a condition
    of the day that nobody read, or on an alternative that nobody read and that the zones would
    meet. Where no condition of the day is on record nothing is decided.

    Parameters
    ----------
    rates
        Result of :func:`kcngeo.fill.fill_rate` of the day, or of :func:`kcngeo.fill.fill_series`
        with a row on the day; any definition, which is named in the result.
    works
        Works as known; None if nothing is known of them. Central treatment by ``facility``, with a
        capacity, permitted by the day where a permit is on record, counts from ``done_on``.
    kind
        "new" or "extension".
    zone_ids
        For "new" the established zones that are averaged; for "extension" the zones to be
        extended, each tested by itself.
    on
        The day.
    strict
        Rates of the same zones by the stricter reading of the same law, which then decides, with
        both printed; None if ``rates`` decide. Where it is not known, a rate too low as reported
        fails all the same, for the strict one is no higher.
    names
        What zones and works are called in ``explanation``, by their ids; None for the ids.
    language
        Language of ``explanation`` and ``source``, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        A row a condition, and for an extension a zone: ``zone_ids`` (joined by "|"), ``criterion``
        (id in the registry, or "all": every condition that applies), ``value`` and ``threshold``
        (a share, a number of works, or hectares), ``reported_value`` (the share as reported, where
        the strict one decides), ``declared_ha`` (how much of the base of the rate is declared and
        not measured), ``passes`` (missing if it depends or is not computable),
        ``depends_on`` (ids of what nobody read), ``applied`` (whether it decides; an alternative
        does not by itself), ``in_force`` (whether it is law on the day; missing where nobody read
        its dates), ``definition`` (of the rate), ``reason`` (a code), ``explanation``, ``source``
        and ``verified``.

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
    date = day(on)
    tests = [test for test in criteria(kind) if test.applies_on(date)]
    zones = list(dict.fromkeys(zone_ids))
    evidence = _Evidence(
        rates=_of_day(rates, date),
        strict=None if strict is None else _of_day(strict, date),
        works=None if works is None else require_known(works, "works"),
        on=date,
        names=names or {},
    )
    # For a new zone all named zones count together, for an extension each by itself.
    groups = [zones] if kind == "new" else [[zone] for zone in zones]
    rows = [row for group in groups for row in _tested(evidence, tests, group, language=language)]
    result = pd.DataFrame(rows, columns=_ELIGIBILITY)
    flags = dict.fromkeys(("passes", "in_force"), "boolean")
    return result.astype({**flags, "definition": "str", "depends_on": "str", "source": "str"})


_ELIGIBILITY = [
    "zone_ids",
    "criterion",
    "value",
    "threshold",
    "reported_value",
    "declared_ha",
    "passes",
    "depends_on",
    "applied",
    "in_force",
    "definition",
    "reason",
    "explanation",
    "source",
    "verified",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What is known of the day: rates as reported and by the strict reading, and works."""

    rates: pd.DataFrame
    strict: pd.DataFrame | None
    works: pd.DataFrame | None
    on: pd.Timestamp
    names: Mapping[str, str]


def _of_day(rates: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    if "phase" in rates.index.names:
        raise KcngeoError("series_by_phase")
    if "on" not in rates.index.names:
        return rates
    return rates[rates.index.get_level_values("on") == date].droplevel("on")


def _tested(
    evidence: _Evidence, tests: Sequence[Criterion], zones: list[str], *, language: str
) -> list[dict[str, Any]]:
    """Try every condition on one set of zones, and all that apply together."""
    rows = {test.name: _row(evidence, test, zones, language=language) for test in tests}
    for test in tests:
        if not test.alternative_to:
            _with_alternatives(rows[test.name], test, tests, rows)
    for test in tests:
        row = rows[test.name]
        # By itself an alternative nobody read decides nothing.
        if (
            test.alternative_to
            and test.verified is Verified.UNVERIFIED
            and row["passes"] is not None
        ):
            row.update(passes=None, reason=f"would_{'pass' if row['passes'] else 'fail'}")
        lacking = [one for some in row["missing"] for one in some.split("|")]
        told = {**row, "missing": [evidence.names.get(one, one) for one in lacking]}
        row["explanation"] = explained(told, test, tests, rows, on=evidence.on, language=language)
    made = list(rows.values())
    return [*made, _all_of(made, tests, zones, language=language)]


def _row(
    evidence: _Evidence, test: Criterion, zones: list[str], *, language: str
) -> dict[str, Any]:
    """Try one condition by itself."""
    told = _measured(evidence, test, zones)
    bound = test.at_least if test.at_least is not None else test.below
    passes, depends = None, None
    if bound is None:
        # The condition of the day is known to be one, and not what it asks.
        told["reason"], depends = told["reason"] or "unread", test.name
    elif not told["reason"]:
        passes = test.passes(told["value"])
        told["reason"] = "passes" if passes else "fails"
    return {
        **told,
        "zone_ids": "|".join(zones),
        "criterion": test.name,
        "threshold": np.nan if bound is None else bound,
        "passes": passes,
        "depends_on": depends,
        "applied": not test.alternative_to,
        "in_force": None if test.unread else test.is_in_force(evidence.on),
        "source": test.cited(language),
        "verified": str(test.verified),
    }


def _measured(evidence: _Evidence, test: Criterion, zones: list[str]) -> dict[str, Any]:
    """Measure what a condition asks, with what is missing for it."""
    if test.measure == "wastewater_running":
        return _works_of(evidence, zones)
    told = _of_rates(evidence.rates, test.measure, zones)
    if evidence.strict is None or test.measure != "fill_rate" or told["reason"]:
        return told
    strict = _of_rates(evidence.strict, test.measure, zones)
    reported: dict[str, Any] = {"reported_value": told["value"], "reported": told["definition"]}
    if not strict["reason"]:
        return {**strict, **reported}
    # The strict rate is no higher than the reported one.
    fails = test.at_least is not None and not test.passes(told["value"])
    if fails:
        return told
    return {**strict, **reported, "reason": "strict_unknown"}


_NOTHING = {"reported_value": np.nan, "reported": None, "missing": (), "declared_ha": np.nan}


def _of_rates(rates: pd.DataFrame, measure: str, zones: list[str]) -> dict[str, Any]:
    """Give the rate, or the hectares not let, of a set of zones; and what is missing."""
    none = {**_NOTHING, "value": np.nan, "definition": None, "reason": "zones_missing"}
    unknown = tuple(zone for zone in zones if zone not in rates.index)
    if unknown or not zones:
        return {**none, "missing": unknown}
    total = combine(rates.loc[zones]).iloc[0]
    named = {**none, "definition": total["definition"]}
    if pd.notna(total["not_computable"]):
        return {**named, "missing": (total["not_computable"],)}
    if pd.notna(total["not_published"]):
        # What the other zones have let is not the rate of the set.
        return {**named, "reason": "not_published", "missing": (total["not_published"],)}
    named["declared_ha"] = float(total["declared_ha"])
    value = total["fill_rate"]
    if measure == "remaining_ha":
        value = total["base_ha"] - total["leased_ha"]
    return {**named, "value": float(value), "reason": "no_rate" if pd.isna(value) else ""}


def _works_of(evidence: _Evidence, zones: list[str]) -> dict[str, Any]:
    """Count the central treatment works that run on the day."""
    none = {**_NOTHING, "value": np.nan, "definition": None, "reason": "works_unknown"}
    if evidence.works is None:
        return none
    runs, unknown = running_treatment(evidence.works, zones, on=evidence.on)
    if runs.empty and len(unknown):
        return {**none, "reason": "facility_unknown", "missing": tuple(unknown["work_id"])}
    permits = runs.reindex(columns=["permit_no", "permitted_on"]).isna().all(axis=1)
    unpermitted = tuple(runs["work_id"][permits])
    return {**none, "value": float(len(runs)), "reason": "", "missing": unpermitted}


def _with_alternatives(
    row: dict[str, Any],
    test: Criterion,
    tests: Sequence[Criterion],
    rows: dict[str, dict[str, Any]],
) -> None:
    """Let an alternative stand in for a condition that fails; one nobody read keeps it open."""
    if row["passes"] is not False:
        return
    open_ = [
        other
        for other in tests
        if other.alternative_to == test.measure and rows[other.name]["passes"] is not False
    ]
    if not open_:
        return
    met = [
        other
        for other in open_
        if rows[other.name]["passes"] and other.verified is not Verified.UNVERIFIED
    ]
    if met:
        row.update(passes=True, reason="alternative", alternative=met[0].name)
        return
    row.update(
        passes=None,
        reason="depends",
        depends_on="|".join(other.name for other in open_),
        alternative=open_[0].name,
    )


def _all_of(
    rows: list[dict[str, Any]],
    tests: Sequence[Criterion],
    zones: list[str],
    *,
    language: str,
) -> dict[str, Any]:
    """Say whether all conditions that apply are met; what is unknown decides only if none fails."""
    applied = [row for row in rows if row["applied"]]
    verdicts = [row["passes"] for row in applied]
    depends = list(dict.fromkeys(row["depends_on"] for row in applied if row["depends_on"]))
    known = [row for row in applied if row["passes"] is None and not row["depends_on"]]
    passes = False if False in verdicts else None if None in verdicts or not applied else True
    reason = "passes" if passes else "fails" if passes is False else "unknown"
    if passes is None and not known:
        reason = "depends" if applied else "no_law"
    marks = [str(mark) for mark in Verified]
    names = "|".join(depends) if passes is None and depends else None
    rates = [row["definition"] for row in rows if row["definition"] is not None]
    return {
        **_NOTHING,
        "zone_ids": "|".join(zones),
        "criterion": "all",
        "value": np.nan,
        "threshold": np.nan,
        "passes": passes,
        "depends_on": names,
        "applied": True,
        "in_force": all(row["in_force"] is not False for row in applied) if applied else None,
        "definition": rates[0] if rates else None,
        "reason": reason,
        "explanation": told_of_all(reason, names, tests, language=language),
        "source": None,
        "verified": max(
            (row["verified"] for row in applied), key=marks.index, default=str(Verified.UNVERIFIED)
        ),
    }
