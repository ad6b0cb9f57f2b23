"""Facts with bounds, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.claims.digits import ROUNDING, half_of, records_of
from kcngeo.analysis.claims.ties import ITEM_OF_MEASURE, Key, Product, Sum, Ties, Uses
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.standards import FillDefinition

_PREMISES = ("projects_on_land_count", "projects_in_workshops_count", "projects_in_offices_count")
_BY_PREMISES = Sum(
    whole=("projects_count", None), parts=tuple((1.0, (one, None)) for one in _PREMISES)
)

Terms = Sequence[tuple[float, Key]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure with its bounds, and the claims it rests on.

    Attributes
    ----------
    value
        The figure.
    low
        What it is at least.
    high
        What it is at most.
    claims
        Labels of the claims.
    formula
        How it was worked out; empty for what is published.
    """

    value: float
    low: float
    high: float
    claims: frozenset[Any]
    formula: str = ""

    def gap(self, other: Fact) -> float:
        """Give how far the bounds lie apart."""
        return max(self.low - other.high, other.low - self.high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solver:
    """Facts of one zone and date, and how they hang together.

    Attributes
    ----------
    facts
        What is known of each figure.
    owner
        Of each claim, the figure it is of.
    products
        Numerators, rates and bases.
    sums
        Wholes and parts.
    """

    facts: dict[Key, list[Fact]]
    owner: dict[Any, Key]
    products: list[Product] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)

    @classmethod
    def of(cls, rows: pd.DataFrame, on: Any) -> Solver:
        """Take the claims of one zone and date, and tie their definitions together."""
        # Claims without a date go by the first law.
        when = on if pd.notna(on) else pd.Timestamp(0)
        law = fill_definition(None, on=when)
        named = [fill_definition(name, on=when) for name in rows["definition"].dropna().unique()]
        uses = {one.uses for one in named}
        usual = uses.pop() if len(uses) == 1 else law.uses
        ties, solver = Ties(preferred=(*named, law)), cls(facts={}, owner={})
        for counted in dict.fromkeys([usual, *(one.uses for one in named)]):
            products, sums = ties.of_uses(counted)
            solver.products.extend(products)
            solver.sums.extend(sums)
        solver.sums.append(_BY_PREMISES)
        definitions = {one.name: one for one in named}
        for label, row in zip(rows.index, records_of(rows), strict=True):
            key = _key(row, usual, definitions.get(row.definition), ties)
            half = half_of(row)
            fact = Fact(
                value=row.value,
                low=max(row.value - half, 0.0),
                high=min(row.value + half, 1.0) if key[0] == "fill_rate" else row.value + half,
                claims=frozenset([label]),
            )
            solver.facts.setdefault(key, []).append(fact)
            solver.owner[label] = key
        return solver

    def solve(self) -> None:
        """Work out what follows, and what follows from that, until nothing new does."""
        while self._round():
            pass

    def _round(self) -> bool:
        """Work out what follows in one step; tell whether anything did."""
        news = [*self._from_products(), *self._from_sums(), *self._two_rates()]
        return bool(sum(self._add(key, fact) for key, fact in news))

    def _from_products(self) -> Iterator[tuple[Key, Fact]]:
        for tie in self.products:
            whole, one, other = tie.numerator, tie.rate, tie.base
            for inputs in self._inputs(one, other):
                yield whole, _times(*inputs, names=(one, other))
            for factor, rest in ((one, other), (other, one)):
                for inputs in self._inputs(whole, rest):
                    if inputs[1].low > 0:
                        yield factor, _over(*inputs, names=(whole, rest))

    def _from_sums(self) -> Iterator[tuple[Key, Fact]]:
        for tie in self.sums:
            yield from ((tie.whole, fact) for fact in self._combined(tie.parts))
            for weight, part in tie.parts:
                others = [(-each / weight, key) for each, key in tie.parts if key != part]
                for fact in self._combined([(1 / weight, tie.whole), *others]):
                    yield part, fact

    def _two_rates(self) -> Iterator[tuple[Key, Fact]]:
        """Solve two rates and what tells their bases apart for the base."""
        # With one numerator, bases are as the rates are not: base · (1 − rate / rate) is the
        # rest.
        for tie in self.sums:
            (weight, other_base), *rest = tie.parts
            for one, other in product(self.products, self.products):
                bases = (one.base, other.base)
                if bases != (tie.whole, other_base) or one.numerator != other.numerator:
                    continue
                for law, rate in self._inputs(one.rate, other.rate):
                    low = 1 - weight * law.high / rate.low if rate.low > 0 else 0.0
                    share = 1 - weight * law.value / rate.value if rate.value > 0 else 0.0
                    if low <= 0:
                        continue
                    factor = "" if weight == 1 else f"{weight:g} × "
                    names = f"(1 − {factor}{_shown(one.rate)} / {_shown(other.rate)})"
                    for gap in self._combined(rest):
                        formula = gap.formula if len(rest) == 1 else f"({gap.formula})"
                        yield (
                            tie.whole,
                            Fact(
                                value=gap.value / share,
                                low=gap.low / (1 - weight * law.low / rate.high),
                                high=gap.high / low,
                                claims=law.claims | rate.claims | gap.claims,
                                formula=f"{formula} / {names}",
                            ),
                        )

    def _combined(self, terms: Terms) -> Iterator[Fact]:
        """Add up figures, each times a factor, in every way they are known."""
        ordered = sorted(terms, key=lambda term: term[0] < 0)
        for inputs in self._inputs(*(key for _, key in ordered)):
            yield _linear(ordered, inputs)

    def _inputs(self, *keys: Key) -> Iterator[tuple[Fact, ...]]:
        """Combine what is known of some figures; what is published goes before what follows."""
        published = [[fact for fact in self.facts.get(key, ()) if not fact.formula] for key in keys]
        worked_out = [tuple(self.facts.get(key, ())) for key in keys]
        return product(*(one or other for one, other in zip(published, worked_out, strict=True)))

    def _add(self, key: Key, fact: Fact) -> bool:
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
                    "claims": labels(best.claims),
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
                        "claims": labels(one.claims | other.claims),
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


def _key(row: Any, usual: Uses, mine: FillDefinition | None, ties: Ties) -> Key:
    """Name what a claim measures, the same name for the same thing."""
    measure = str(row.measure)
    if mine is not None and measure in ("fill_rate", "leased_ha", "base_ha"):
        name = {"fill_rate": ties.rate, "leased_ha": ties.numerator, "base_ha": ties.base}
        return name[measure](mine)
    if measure in ITEM_OF_MEASURE:
        return ties.item(ITEM_OF_MEASURE[measure], usual if mine is None else mine.uses)
    # A rate by nobody knows which definition ties nothing.
    return (measure, None if mine is None else mine.name)


def _times(one: Fact, other: Fact, *, names: tuple[Key, Key]) -> Fact:
    return Fact(
        value=one.value * other.value,
        low=one.low * other.low,
        high=one.high * other.high,
        claims=one.claims | other.claims,
        formula=" × ".join(map(_shown, names)),
    )


def _over(whole: Fact, rest: Fact, *, names: tuple[Key, Key]) -> Fact:
    return Fact(
        value=whole.value / rest.value,
        low=whole.low / rest.high,
        high=whole.high / rest.low,
        claims=whole.claims | rest.claims,
        formula=" / ".join(map(_shown, names)),
    )


def _linear(terms: Terms, facts: tuple[Fact, ...]) -> Fact:
    """Add up figures, each times a factor; no area is less than nothing."""
    pairs = list(zip((weight for weight, _ in terms), facts, strict=True))
    low = sum(weight * (one.low if weight > 0 else one.high) for weight, one in pairs)
    return Fact(
        value=sum(weight * one.value for weight, one in pairs),
        low=max(low, 0.0),
        high=sum(weight * (one.high if weight > 0 else one.low) for weight, one in pairs),
        claims=frozenset().union(*(one.claims for one in facts)),
        formula=_formula(terms),
    )


def _formula(terms: Terms) -> str:
    """Write a sum, as "a + b − 0.5 × c"."""
    words = ""
    for weight, key in terms:
        sign = " − " if weight < 0 else " + " if words else ""
        factor = "" if abs(weight) == 1 else f"{abs(weight):g} × "
        words += f"{sign}{factor}{_shown(key)}"
    return words


def _shown(key: Key) -> str:
    """Write a figure in a formula."""
    return key[0] if key[1] is None else f"{key[0]}[{key[1]}]"


def labels(claims: frozenset[Any]) -> str:
    """Write the labels of claims."""
    return "|".join(str(label) for label in sorted(claims, key=str))
