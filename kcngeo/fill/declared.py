"""Declared accounts in the place of measured land, where a zone has no parcels on a day.

A declaration holds from its day until the next of the zone. What it states stands as it is; what
it does not state is unknown, never 0. An account by parts (without a definition) is of the leasable
land, whatever its uses; one by a definition is converted to another only where both count the same
land uses and the parts it states are all the other needs. All uncleared land is in
``uncleared_ha``: nothing that is let or reserved lies on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.model import LEASABLE
from kcngeo.core.schema import DECLARED_PARTS
from kcngeo.fill.aggregation import positions
from kcngeo.ledger.declared import declared_mm2, named_definitions
from kcngeo.standards import ZONE, FillDefinition, registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Snapshot

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SOURCES = ("measured", "declared")
"""Where the hectares of a zone come from."""

REASONS = (
    "base_not_published",
    "declared_without_base",
    "declared_without_leased",
    "declared_otherwise",
    "declared_without_polygon",
    "declared_not_by_phase",
)
"""Why a zone without parcels has no rate: nothing is declared of it; its declaration does not say
the base, or what is let; it goes by another definition that cannot be converted; the definition
needs the polygon of the zone; a declaration says nothing of phases."""

_PARTS = {name.removesuffix("_ha"): place for place, name in enumerate(DECLARED_PARTS)}
_WIDTH = 4 * OPEN


@dataclass(frozen=True, kw_only=True, eq=False)
class Stated:
    """What declared accounts say of some zones on some dates, by one definition.

    Attributes
    ----------
    leased, base
        (cells,) numerator and denominator in mm², NaN where unknown; without the polygon of the
        zone.
    zone_weight
        (cells,) what the polygon of the zone counts below the line.
    items
        (cells, parts) the land account in mm²: base, the six parts; NaN where unknown.
    reason
        (cells,) position in :data:`REASONS` where there is no rate, else -1.
    """

    leased: Floats
    base: Floats
    zone_weight: Floats
    items: Floats
    reason: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Declarations:
    """The declared accounts of a snapshot, by zone and day.

    Attributes
    ----------
    rows
        Rows of the table.
    zone
        (rows,) position of the zone among those of the sums.
    """

    rows: pd.DataFrame
    zone: Ints

    @classmethod
    def of(cls, snapshot: Snapshot, zone_ids: NDArray[Any]) -> Declarations:
        """Take the declared accounts of zones that are there."""
        rows = snapshot.declared_accounts
        if rows is None:
            rows = pd.DataFrame({"zone_id": [], "on": pd.to_datetime([]), "source": []})
        rows = rows[rows["zone_id"].isin(zone_ids)].reset_index(drop=True)
        return cls(rows=rows, zone=positions(rows["zone_id"], zone_ids))

    @cached_property
    def _blocks(self) -> tuple[Ints, Ints]:
        """Name each zone and day once, sorted, and give the block of each row."""
        days = day_numbers(self.rows["on"], missing=ALWAYS, length=len(self.rows))
        blocks, place = np.unique(self.zone * _WIDTH + days + OPEN, return_inverse=True)
        return blocks, place.reshape(-1)

    @property
    def block(self) -> Ints:
        """Number the declaration each row is part of; (rows,)."""
        return self._blocks[1]

    def holding(self, zone: Ints, days: Ints) -> Ints:
        """Find the declaration that holds of each zone on each day; -1 where none does."""
        blocks, _ = self._blocks
        keys = zone * _WIDTH + days + OPEN
        at = np.searchsorted(blocks, keys, side="right") - 1
        own = (at >= 0) & (blocks[np.maximum(at, 0)] // _WIDTH == zone) if len(blocks) else at >= 0
        return np.where(own, at, -1)

    def stated(self, block: Ints, one: FillDefinition) -> Stated:
        """Say what the declarations that hold state by a definition; (cells,) of blocks."""
        size = len(self._blocks[0])
        rate, account = self._best(one, for_rate=True), self._best(one, for_rate=False)
        leased, base, weight, _ = self._converted(one)
        reason = self._reasons(one)
        known = np.where(block >= 0, block, size)

        def of_rows(values: Any, row: Ints, gap: float) -> Any:
            return np.append(values[row], [np.full(values.shape[1:], gap)], axis=0)[known]

        return Stated(
            leased=of_rows(leased, rate, np.nan),
            base=of_rows(base, rate, np.nan),
            zone_weight=of_rows(weight, rate, 0.0),
            items=of_rows(self._converted(one)[3], account, np.nan),
            reason=of_rows(reason, rate, 0).astype("int64"),
        )

    def _best(self, one: FillDefinition, *, for_rate: bool) -> Ints:
        """Choose the row of each block: one that tells what is asked, else the closest."""
        leased, base, _, items = self._converted(one)
        named = named_definitions(self.rows)
        by_parts, exact = named.isna().to_numpy(), (named == one.name).to_numpy()
        told = (
            np.isnan(leased).astype("int64") + np.isnan(base)
            if for_rate
            else np.isnan(items).sum(axis=1)
        )
        first, second = (exact, by_parts) if for_rate else (by_parts, exact)
        closeness = np.where(first, 0, np.where(second, 1, 2))
        order = np.lexsort((named.fillna("").to_numpy(dtype=str), closeness, told, self.block))
        _, at = np.unique(self.block[order], return_index=True)
        return np.asarray(order[at], dtype="int64")

    def _converted(self, one: FillDefinition) -> tuple[Floats, Floats, Floats, Floats]:
        """Give numerator, base, weight of the polygon and account of every row; kept."""
        if one.name not in self._kept:
            self._kept[one.name] = self._convert(one)
        return self._kept[one.name]

    @cached_property
    def _kept(self) -> dict[str, tuple[Floats, Floats, Floats, Floats]]:
        return {}

    def _convert(self, one: FillDefinition) -> tuple[Floats, Floats, Floats, Floats]:
        stated, named = declared_mm2(self.rows), named_definitions(self.rows)
        leased, base, weight = (np.full(len(stated), np.nan) for _ in range(3))
        weight[:] = 0.0
        items = np.full((len(stated), 7), np.nan)
        known = {each.name: each for each in registry().of(FillDefinition)}
        for name in (None, *named.dropna().unique()):
            rows = (named.isna() if name is None else named == name).to_numpy()
            own = None if name is None else known[name]
            land = _land_of(stated[rows], own)
            if own is None or _uses(own) == _uses(one):
                items[rows] = np.column_stack([land["leasable"], stated[rows, 1:7]])
                items[rows, 1] = land["leased"]
                leased[rows] = _weighed(_by_item(one.numerator, one), land)
                base[rows] = _weighed(_by_item(one.base, one), land)
                weight[rows] = sum(w for (_, item), w in one.base.items() if item == ZONE)
            if own is not None and own.arithmetic == one.arithmetic:
                leased[rows], base[rows] = stated[rows, 1], stated[rows, 0]
                weight[rows] = 0.0
        return leased, base, weight, items

    def _reasons(self, one: FillDefinition) -> Ints:
        """Say of every row why it gives no rate; -1 where it does."""
        leased, base, _, _ = self._converted(one)
        stated = declared_mm2(self.rows)
        none = REASONS.index
        missing = np.where(
            np.isnan(stated[:, 0]) & np.isnan(stated[:, 1:7]).any(axis=1),
            none("declared_without_base"),
            np.where(
                np.isnan(stated[:, 1]),
                none("declared_without_leased"),
                none("declared_otherwise"),
            ),
        )
        return np.where(np.isnan(leased) | np.isnan(base), missing, -1).astype("int64")


def _uses(one: FillDefinition) -> frozenset[str]:
    return frozenset(str(use) for use in one.uses if use in LEASABLE)


def _land_of(stated: Floats, own: FillDefinition | None) -> dict[str, Floats]:
    """Give what rows of one definition say of each item of the account, in mm²."""
    land = {item: stated[:, place] for item, place in _PARTS.items() if item != "base"}
    parts = stated[:, 1:7].sum(axis=1)
    nothing = np.where(np.isnan(land["uncleared"]), np.nan, 0.0)
    land["uncleared_held"] = land["leased_uncleared"] = nothing
    if own is None:
        whole, let = stated[:, 0], stated[:, 1]
    else:
        # What the row divides is the base of its definition: what it leaves out is added again.
        whole = _solved(stated[:, 0], _by_item(own.base, own), "leasable", land)
        let = _solved(stated[:, 1], _by_item(own.numerator, own), "leased", land)
    land["leased"] = let
    land["leasable"] = np.where(np.isnan(whole), parts, whole)
    return land


def _solved(
    total: Floats, by_item: dict[str, float] | None, item: str, land: dict[str, Floats]
) -> Floats:
    """Find an item of a sum from the sum and its other items."""
    if by_item is None or by_item.get(item) != 1.0:
        return np.full(len(total), np.nan)
    return total - sum(
        (weight * _item(land, one, total) for one, weight in by_item.items() if one != item),
        start=np.zeros(len(total)),
    )


def _weighed(by_item: dict[str, float] | None, land: dict[str, Floats]) -> Floats:
    """Add items by the weights of a definition; without the polygon of the zone."""
    size = land["leased"]
    if by_item is None:
        return np.full(len(size), np.nan)
    return sum(
        (weight * _item(land, one, size) for one, weight in by_item.items() if one != ZONE),
        start=np.zeros(len(size)),
    )


def _item(land: dict[str, Floats], item: str, like: Floats) -> Floats:
    return land.get(item, np.full(len(like), np.nan))


def _by_item(
    weights: Mapping[tuple[str, str], float], one: FillDefinition
) -> dict[str, float] | None:
    """Give the weight of each item; None where land uses weigh differently."""
    found: dict[str, set[float]] = {}
    for (use, item), weight in weights.items():
        every = _uses(one) if item != ZONE else {use}
        of_uses = {weights.get((each, item), 0.0) for each in every}
        found.setdefault(item, {weight}).update(of_uses)
    if any(len(each) > 1 for each in found.values()):
        return None
    return {item: next(iter(each)) for item, each in found.items()}
