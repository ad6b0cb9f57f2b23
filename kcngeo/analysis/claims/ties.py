"""How published figures hang together by the definitions of the fill rate and the land account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kcngeo.fill import ACCOUNT_COLUMNS
from kcngeo.ledger import MEMO_ITEMS
from kcngeo.standards import ZONE, FillDefinition, fill_definitions
from kcngeo.standards.entries import ITEMS, Weights

Key = tuple[str, str | None]
"""A figure: its measure, and the definition whose land it is about."""

WHOLE_ZONE: Key = ("approved_area_ha", None)

ITEM_OF_MEASURE = {"base_ha" if item == "leasable" else f"{item}_ha": item for item in ITEMS}

Uses = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The numerator is the rate times the base.

    Attributes
    ----------
    numerator
        Key of the numerator.
    rate
        Key of the rate.
    base
        Key of the base.
    """

    numerator: Key
    rate: Key
    base: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The whole is the sum of its parts, each times a factor.

    Attributes
    ----------
    whole
        Key of the whole.
    parts
        Factor and key of each part.
    """

    whole: Key
    parts: tuple[tuple[float, Key], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Names of figures, the same name for the same thing.

    Attributes
    ----------
    preferred
        The definitions that claims name and the law, whose names stand for those that count alike.
    """

    preferred: tuple[FillDefinition, ...]

    def item(self, item: str, uses: Uses) -> Key:
        """Name the land of an item of the account, over some land uses."""
        if item == ZONE:
            return WHOLE_ZONE
        return ("base_ha" if item == "leasable" else f"{item}_ha", self._plain(uses))

    def numerator(self, one: FillDefinition) -> Key:
        """Name what a definition has above the line."""
        if _items(one.numerator, one.uses) == {"leased": 1.0}:
            return self.item("leased", one.uses)
        return ("leased_ha", self._first(lambda other: other.numerator == one.numerator))

    def base(self, one: FillDefinition) -> Key:
        """Name what a definition has below the line."""
        items = _items(one.base, one.uses)
        for item in ("leasable", ZONE):
            if items == {item: 1.0}:
                return self.item(item, one.uses)
        return ("base_ha", self._first(lambda other: other.base == one.base))

    def rate(self, one: FillDefinition) -> Key:
        """Name the rate by a definition."""
        return ("fill_rate", self._first(lambda other: other.arithmetic == one.arithmetic))

    def of_uses(self, uses: Uses) -> tuple[list[Product], list[Sum]]:
        """Tie the figures of the definitions that count some land uses."""
        account = [(1.0, self.item(ITEM_OF_MEASURE[name], uses)) for name in ACCOUNT_COLUMNS[1:7]]
        products: list[Product] = []
        sums = [Sum(whole=self.item("leasable", uses), parts=tuple(account))]
        for one in fill_definitions():
            if one.uses == uses:
                upper, lower = self.numerator(one), self.base(one)
                products.append(Product(numerator=upper, rate=self.rate(one), base=lower))
                sums += self._made_of(upper, one.numerator, uses)
                sums += self._made_of(lower, one.base, uses)
        return list(dict.fromkeys(products)), list(dict.fromkeys(sums))

    def _made_of(self, key: Key, weights: Weights, uses: Uses) -> Iterator[Sum]:
        """Say what a numerator or base is made of; the leasable land is the whole, if it is in."""
        items = dict(_items(weights, uses) or {})
        whole = items.pop("leasable", 0.0)
        rest = [(weight, self.item(item, uses)) for item, weight in items.items() if weight]
        if key == self.item("leasable", uses) or not (whole or rest):
            return
        if not whole:
            if rest != [(1.0, key)]:
                yield Sum(whole=key, parts=tuple(rest))
            return
        parts = [(1 / whole, key), *((-weight / whole, each) for weight, each in rest)]
        yield Sum(whole=self.item("leasable", uses), parts=tuple(parts))

    def _plain(self, uses: Uses) -> str:
        """Name the definition of let over leasable land of these uses; else the uses."""
        for one in (*self.preferred, *fill_definitions()):
            plain = _items(one.numerator, uses), _items(one.base, uses)
            if one.uses == uses and plain == ({"leased": 1.0}, {"leasable": 1.0}):
                return one.name
        return "+".join(str(use) for use in uses)

    def _first(self, is_alike: Callable[[FillDefinition], bool]) -> str:
        return next(one.name for one in (*self.preferred, *fill_definitions()) if is_alike(one))


def _items(weights: Weights, uses: Uses) -> Mapping[str, float] | None:
    """Give what each item weighs; None where land uses weigh differently."""
    # What is held, or let, is taken to be cleared: nobody publishes the rest.
    by_use: dict[str, dict[str, float]] = {str(use): {} for use in uses}
    polygon: dict[str, float] = {}
    for (use, item), weight in weights.items():
        if item == ZONE:
            polygon = {ZONE: weight}
        elif item not in MEMO_ITEMS and weight:
            by_use.setdefault(use, {})[item] = weight
    first, *others = by_use.values()
    return {**polygon, **first} if all(one == first for one in others) else None
