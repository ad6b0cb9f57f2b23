"""What a set of claims implies, and where it contradicts itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo.analysis.claims.digits import claims_of, contradictory_pairs, half_of, records_of
from kcngeo.analysis.claims.solver import Solver, labels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Implied:
    """What claims imply of figures nobody published, and which claims cannot all be true.

    Attributes
    ----------
    figures
        A row a figure that other claims give: ``zone_id``, ``on``, ``measure``, ``definition`` (or,
        where no definition counts just these land uses, their names joined by "+"), ``value``,
        ``low`` and ``high`` (a share, hectares or a count; the bounds are what the published digits
        leave open), ``formula``, ``claims`` (labels of the claims used, joined by "|"),
        ``ways_count`` (ways to work it out, of which the one with the narrowest bounds is shown),
        ``published`` (the first claim of the same figure, if there is one) and ``agrees`` (whether
        the bounds of every way meet every claim of the figure; missing if there is none).
    contradictions
        A row a smallest set of claims that cannot all be true: ``zone_id``, ``on``, ``measure``,
        ``definition``, ``kind`` ("same_date": two claims of the same figure; "undated": a claim
        without a date that agrees with none of the others, of which each may be of another time;
        "implied": what follows from some claims excludes another), ``claims`` (labels joined by
        "|"), ``first`` and ``second`` (the two values) and ``gap`` (between their bounds).
    """

    figures: pd.DataFrame
    contradictions: pd.DataFrame


def implied(claims: pd.DataFrame) -> Implied:
    """Work out what claims of one zone and date imply, and find those that contradict each other.

    Three things tie the figures together: a fill rate is the numerator of its definition over the
    base; both are made of parts of the account by the weights of the definition, so the base of
    "cleared" is the leasable base less what is uncleared; the leasable base is the sum of its
    parts. So a leased area and two rates give both bases and, as their difference, what is not yet
    cleared, though nobody published it. Projects add up by premises.

    Bounds come from the published digits (see :func:`half_digit`), every figure at its worst, and
    say nothing of errors other than rounding. A difference of two large figures has wide bounds. A
    claim of an area that names no definition is taken to count the land uses of the definitions
    named beside it, else of the law in force on the date. What is held, let land too, is taken to
    be cleared. A definition that weighs one land use unlike another ties its own figures only.

    Parameters
    ----------
    claims
        Claims as known: zone_id, measure, definition, value, on, source.

    Returns
    -------
    Implied
        The figures and the contradictions.

    Raises
    ------
    ContractError
        If the claims break their contract.
    KcngeoError
        If they still say when they were recorded.
    StandardError
        If a definition is not in the registry.

    Examples
    --------
    76.072 ha let are 56.04 % of all industrial land: a base of about 135.75 ha.

    >>> import pandas as pd
    >>> claims = pd.DataFrame(
    ...     {
    ...         "zone_id": "loc-son",
    ...         "measure": ["leased_ha", "fill_rate"],
    ...         "definition": [None, "nd164-2013"],
    ...         "value": [76.072, 0.5604],
    ...         "on": "2018-03-31",
    ...     }
    ... )
    >>> implied(claims).figures[["measure", "value", "low", "high"]].round(3).values.tolist()
    [['base_ha', 135.746, 135.733, 135.759]]
    """
    rows = claims_of(claims)
    rows = rows[rows["value"].notna() & rows["measure"].notna()]
    solved: list[dict[str, Any]] = []
    clashes: list[dict[str, Any]] = []
    for _, some in rows.groupby(["zone_id", "on"], dropna=False, sort=True):
        first = records_of(some)[0]
        solver = Solver.of(some, first.on)
        solver.solve()
        subject = {"zone_id": first.zone_id, "on": first.on}
        solved += [{**subject, **row} for row in solver.figures()]
        clashes += [{**subject, **row} for row in solver.contradictions()]
    for one, other, kind in contradictory_pairs(rows):
        if kind == "undated":
            clashes.append(_undated(rows.iloc[[one, other]]))
    return Implied(
        figures=_typed(pd.DataFrame(solved, columns=_SOLVED)),
        contradictions=_typed(pd.DataFrame(clashes, columns=_CLASHES)),
    )


_SOLVED = [
    "zone_id",
    "on",
    "measure",
    "definition",
    "value",
    "low",
    "high",
    "formula",
    "claims",
    "ways_count",
    "published",
    "agrees",
]


_CLASHES = [
    "zone_id",
    "on",
    "measure",
    "definition",
    "kind",
    "claims",
    "first",
    "second",
    "gap",
]


def _undated(pair: pd.DataFrame) -> dict[str, Any]:
    """Write down that a claim without a date agrees with none of the others."""
    first, second = records_of(pair)
    return {
        "zone_id": first.zone_id,
        "on": second.on,
        "measure": first.measure,
        "definition": first.definition,
        "kind": "undated",
        "claims": labels(frozenset(pair.index)),
        "first": first.value,
        "second": second.value,
        "gap": abs(first.value - second.value) - half_of(first) - half_of(second),
    }


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Cast what a frame of few rows, or none, cannot tell."""
    words = ["zone_id", "measure", "definition", "formula", "kind", "claims"]
    kinds: dict[str, str] = {name: "str" for name in words if name in frame.columns}
    kinds |= {"on": "datetime64[s]"}
    if "agrees" in frame.columns:
        kinds |= {"agrees": "boolean"}
    return frame.astype(kinds)
