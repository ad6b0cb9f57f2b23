"""What a set of claims implies, and where it contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.fill import ACCOUNT_COLUMNS
from kcngeo.standards import FillDefinition, fill_definition, fill_definitions

if TYPE_CHECKING:
    pass
from kcngeo.analysis.claims.digits import (
    ROUNDING,
    claims_of,
    contradictory_pairs,
    half_of,
    records_of,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Implied:
    """What claims imply of figures nobody published, and which claims cannot all be true.

    Attributes
    ----------
    figures
        A row a figure that other claims give: ``zone_id``, ``on``, ``measure``, ``definition``,
        ``value``, ``low`` and ``high`` (a share, hectares or a count; the bounds are what the
        published digits leave open), ``formula``, ``claims`` (labels of the claims used, joined by
        "|"), ``ways_count`` (ways to work it out, of which the one with the narrowest bounds is
        shown), ``published`` (the first claim of the same figure, if there is one) and ``agrees``
        (whether the bounds of every way meet every claim of the figure; missing if there is none).
    contradictions
        A row a smallest set of claims that cannot all be true: ``zone_id``, ``on``, ``measure``,
        ``definition``, ``kind`` ("same_date": two claims of the same figure; "undated": a claim
        without a date that agrees with none of the others, of which each may be of another time;
        "implied": what follows from some claims excludes another), ``claims`` (labels joined by
        "|"), ``first`` and ``second`` (the two values) and ``gap`` (between their bounds).
    """

    figures: pd.DataFrame
    contradictions: pd.DataFrame


def implied(claims: pd.DataFrame, *, known_at: Any = None) -> Implied:
    """Work out what claims of one zone and date imply, and find those that contradict each other.

    Three things tie the figures together: a fill rate is let land over the base of its definition;
    the base of "cleared" is the leasable base less what is uncleared; the leasable base is the sum
    of the parts of the account. So a leased area and two rates give both bases and, as their
    difference, what is not yet cleared, though nobody published it. Projects add up by premises.

    Bounds come from the published digits (see :func:`half_digit`), every figure at its worst, and
    say nothing of errors other than rounding. A difference of two large figures has wide bounds. A
    claim of an area that names no definition is taken to count the land uses of the definitions
    named beside it, else of the law in force on the date. Let land is taken to be cleared.

    Parameters
    ----------
    claims
        Claims: zone_id, measure, definition, value, on, source.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.

    Returns
    -------
    Implied
        The figures and the contradictions.

    Raises
    ------
    ContractError
        If the claims break their contract.
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
    rows = claims_of(claims, known_at)
    rows = rows[rows["value"].notna() & rows["measure"].notna()]
    solved: list[dict[str, Any]] = []
    clashes: list[dict[str, Any]] = []
    for _, some in rows.groupby(["zone_id", "on"], dropna=False, sort=True):
        first = records_of(some)[0]
        known = _Solver.of(some, first.on)
        known.solve()
        subject = {"zone_id": first.zone_id, "on": first.on}
        solved += [{**subject, **row} for row in known.figures()]
        clashes += [{**subject, **row} for row in known.contradictions()]
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


_PARTS = ACCOUNT_COLUMNS[1:7]


_PREMISES = ("projects_on_land_count", "projects_in_workshops_count", "projects_in_offices_count")


_Key = tuple[str, str | None]


_WHOLE_ZONE: _Key = ("approved_area_ha", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    """A figure with its bounds, and the claims it rests on."""

    value: float
    low: float
    high: float
    claims: frozenset[Any]
    formula: str = ""

    def gap(self, other: _Fact) -> float:
        return max(self.low - other.high, other.low - self.high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solver:
    """Facts of one zone and date, and how they hang together.

    A product is (whole, factor, factor), a sum (whole, parts).
    """

    facts: dict[_Key, list[_Fact]]
    owner: dict[Any, _Key]
    products: list[tuple[_Key, _Key, _Key]] = field(default_factory=list)
    sums: list[tuple[_Key, tuple[_Key, ...]]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: pd.DataFrame, on: Any) -> _Solver:
        """Take the claims of one zone and date, and tie their definitions together."""
        # Claims without a date go by the first law.
        when = on if pd.notna(on) else pd.Timestamp(0)
        law = fill_definition(None, on=when)
        named = [fill_definition(name, on=when) for name in rows["definition"].dropna().unique()]
        uses = {one.uses for one in named}
        usual = uses.pop() if len(uses) == 1 else law.uses
        known = cls(facts={}, owner={})
        for counted in dict.fromkeys([usual, *(one.uses for one in named)]):
            known._tie(counted, [*named, law])
        for label, row in zip(rows.index, records_of(rows), strict=True):
            key = known._key(row, usual, [*named, law])
            half = half_of(row)
            fact = _Fact(
                value=row.value,
                low=max(row.value - half, 0.0),
                high=min(row.value + half, 1.0) if key[0] == "fill_rate" else row.value + half,
                claims=frozenset([label]),
            )
            known.facts.setdefault(key, []).append(fact)
            known.owner[label] = key
        return known

    def _tie(self, uses: tuple[Any, ...], preferred: list[FillDefinition]) -> None:
        """Write down what ties the figures of the definitions that count the same land uses."""
        whole = _like(uses, "leasable", preferred)
        leased = ("leased_ha", whole)
        for base in ("leasable", "cleared", "zone"):
            name = _like(uses, base, preferred)
            if name is not None:
                area = _WHOLE_ZONE if base == "zone" else ("base_ha", name)
                self.products.append((leased, ("fill_rate", name), area))
        self.sums.append((("base_ha", whole), tuple((part, whole) for part in _PARTS)))
        cleared = _like(uses, "cleared", preferred)
        if cleared is not None:
            parts = (("base_ha", cleared), ("uncleared_ha", whole))
            self.sums.append((("base_ha", whole), parts))
        premises = (("projects_count", None), tuple((one, None) for one in _PREMISES))
        if premises not in self.sums:
            self.sums.append(premises)

    def _key(self, row: Any, usual: tuple[Any, ...], preferred: list[FillDefinition]) -> _Key:
        """Name what a claim measures, the same name for the same thing."""
        mine = next((one for one in preferred if one.name == row.definition), None)
        uses = usual if mine is None else mine.uses
        if row.measure == "base_ha" and mine is not None and mine.base == "zone":
            return _WHOLE_ZONE
        if row.measure in ("fill_rate", "base_ha"):
            base = "leasable" if mine is None else mine.base
            # A rate by nobody knows which definition ties nothing.
            if mine is None and row.measure == "fill_rate":
                return (row.measure, None)
            return (row.measure, _like(uses, base, preferred))
        if row.measure in ACCOUNT_COLUMNS:
            return (row.measure, _like(uses, "leasable", preferred))
        return (row.measure, None if mine is None else mine.name)

    def solve(self) -> None:
        """Work out what follows, and what follows from that, until nothing new does."""
        while self._round():
            pass

    def _round(self) -> bool:
        """Work out what follows in one step; tell whether anything did."""
        news = [*self._from_products(), *self._from_sums(), *self._two_rates()]
        return bool(sum(self._add(key, fact) for key, fact in news))

    def _from_products(self) -> Iterator[tuple[_Key, _Fact]]:
        for whole, one, other in self.products:
            for inputs in self._inputs(one, other):
                yield whole, _times(*inputs, names=(one, other))
            for factor, rest in ((one, other), (other, one)):
                for inputs in self._inputs(whole, rest):
                    if inputs[1].low > 0:
                        yield factor, _over(*inputs, names=(whole, rest))

    def _from_sums(self) -> Iterator[tuple[_Key, _Fact]]:
        for whole, parts in self.sums:
            for inputs in self._inputs(*parts):
                yield whole, _plus(inputs, parts)
            for part in parts:
                others = tuple(one for one in parts if one != part)
                for inputs in self._inputs(whole, *others):
                    yield part, _minus(inputs[0], inputs[1:], names=(whole, *others))

    def _two_rates(self) -> Iterator[tuple[_Key, _Fact]]:
        """Solve two rates and the uncleared land for the base: uncleared / (1 − rate / rate)."""
        rates = {base: rate for _, rate, base in self.products}
        for whole, parts in self.sums:
            if len(parts) != 2 or parts[0] not in rates:
                continue
            for law, cleared, rest in self._inputs(rates[whole], rates[parts[0]], parts[1]):
                low = 1 - law.high / cleared.low if cleared.low > 0 else 0.0
                high = 1 - law.low / cleared.high
                if low > 0:
                    share = 1 - law.value / cleared.value
                    names = [_shown(key) for key in (parts[1], rates[whole], rates[parts[0]])]
                    yield (
                        whole,
                        _Fact(
                            value=rest.value / share,
                            low=rest.low / high,
                            high=rest.high / low,
                            claims=law.claims | cleared.claims | rest.claims,
                            formula=f"{names[0]} / (1 − {names[1]} / {names[2]})",
                        ),
                    )

    def _inputs(self, *keys: _Key) -> Iterator[tuple[_Fact, ...]]:
        """Combine what is known of some figures; what is published goes before what follows."""
        published = [[fact for fact in self.facts.get(key, ()) if not fact.formula] for key in keys]
        worked_out = [tuple(self.facts.get(key, ())) for key in keys]
        return product(*(one or other for one, other in zip(published, worked_out, strict=True)))

    def _add(self, key: _Key, fact: _Fact) -> bool:
        """Keep a fact unless it rests on a claim of itself, or on more claims than another."""
        known = self.facts.get(key, [])
        if any(self.owner[label] == key for label in fact.claims):
            return False
        if any(other.claims <= fact.claims for other in known):
            return False
        self.facts.setdefault(key, []).append(fact)
        return True

    def figures(self) -> Iterator[dict[str, Any]]:
        """Go through what was worked out; of several ways, the one with the narrowest bounds."""
        for key in sorted(self.facts, key=lambda one: (one[0], one[1] or "")):
            claimed = [fact for fact in self.facts[key] if not fact.formula]
            ways = [fact for fact in self.facts[key] if fact.formula]
            if ways:
                best = min(ways, key=lambda way: (way.high - way.low, len(way.claims)))
                agrees = all(way.gap(one) <= ROUNDING for way in ways for one in claimed)
                yield {
                    "measure": key[0],
                    "definition": key[1],
                    "value": best.value,
                    "low": best.low,
                    "high": best.high,
                    "formula": best.formula,
                    "claims": _labels(best.claims),
                    "ways_count": len(ways),
                    "published": claimed[0].value if claimed else np.nan,
                    "agrees": agrees if claimed else pd.NA,
                }

    def contradictions(self) -> Iterator[dict[str, Any]]:
        """Go through the smallest sets of claims that exclude each other."""
        found: list[tuple[frozenset[Any], dict[str, Any]]] = []
        for key, facts in self.facts.items():
            for one, other in combinations(facts, 2):
                gap = one.gap(other)
                if gap > ROUNDING:
                    direct = not one.formula and not other.formula
                    row = {
                        "measure": key[0],
                        "definition": key[1],
                        "kind": "same_date" if direct else "implied",
                        "claims": _labels(one.claims | other.claims),
                        "first": one.value,
                        "second": other.value,
                        "gap": gap,
                    }
                    found.append((one.claims | other.claims, row))
        found.sort(key=lambda item: (len(item[0]), item[1]["kind"] != "same_date"))
        kept: list[frozenset[Any]] = []
        for claims, row in found:
            if not any(smaller <= claims for smaller in kept):
                kept.append(claims)
                yield row


def _like(uses: tuple[Any, ...] | None, base: str, preferred: list[FillDefinition]) -> str | None:
    """Name the definition with these land uses and this base; one that is named, if it can be."""
    alike = [
        one.name
        for one in (*preferred, *fill_definitions())
        if one.base == base and one.uses == uses
    ]
    return alike[0] if alike else None


def _times(one: _Fact, other: _Fact, *, names: tuple[_Key, _Key]) -> _Fact:
    return _Fact(
        value=one.value * other.value,
        low=one.low * other.low,
        high=one.high * other.high,
        claims=one.claims | other.claims,
        formula=" × ".join(map(_shown, names)),
    )


def _over(whole: _Fact, rest: _Fact, *, names: tuple[_Key, _Key]) -> _Fact:
    return _Fact(
        value=whole.value / rest.value,
        low=whole.low / rest.high,
        high=whole.high / rest.low,
        claims=whole.claims | rest.claims,
        formula=" / ".join(map(_shown, names)),
    )


def _plus(parts: tuple[_Fact, ...], names: tuple[_Key, ...]) -> _Fact:
    return _Fact(
        value=sum(part.value for part in parts),
        low=sum(part.low for part in parts),
        high=sum(part.high for part in parts),
        claims=frozenset().union(*(part.claims for part in parts)),
        formula=" + ".join(map(_shown, names)),
    )


def _minus(whole: _Fact, parts: tuple[_Fact, ...], *, names: tuple[_Key, ...]) -> _Fact:
    return _Fact(
        value=whole.value - sum(part.value for part in parts),
        low=max(whole.low - sum(part.high for part in parts), 0.0),
        high=whole.high - sum(part.low for part in parts),
        claims=whole.claims.union(*(part.claims for part in parts)),
        formula=" − ".join(map(_shown, names)),
    )


def _shown(key: _Key) -> str:
    """Write a figure in a formula."""
    return key[0] if key[1] is None else f"{key[0]}[{key[1]}]"


def _labels(claims: frozenset[Any]) -> str:
    return "|".join(str(label) for label in sorted(claims, key=str))


def _undated(pair: pd.DataFrame) -> dict[str, Any]:
    """Write down that a claim without a date agrees with none of the others."""
    first, second = records_of(pair)
    return {
        "zone_id": first.zone_id,
        "on": second.on,
        "measure": first.measure,
        "definition": first.definition,
        "kind": "undated",
        "claims": _labels(frozenset(pair.index)),
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
