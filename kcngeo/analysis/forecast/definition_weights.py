"""What a forecast can follow of a definition: which lettings count, and what the base does then.

A definition is weights above and below the line (:class:`kcngeo.standards.FillDefinition`). The
futures know three things that may happen to a hectare: it is let, it is given back, it is cleared.
Whatever the weights are, they can be followed if each of these moves numerator and base by an
amount that is known beforehand. Otherwise nothing is forecast, and the reason says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose
from typing import TYPE_CHECKING

from kcngeo.core.model import LEASABLE
from kcngeo.core.units import MM2_PER_M2
from kcngeo.fill import ITEMS
from kcngeo.ledger import MEMO_ITEMS, PARTS
from kcngeo.standards.entries import ZONE, FillDefinition, Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LETTABLE = ("available", "reserved", "recovering")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Which let land a definition counts above the line.

    Attributes
    ----------
    uses
        Its land uses, as positions in ``LEASABLE``.
    on_cleared
        Whether what was let before it was cleared does not count.
    """

    uses: tuple[int, ...]
    on_cleared: bool


def counted(definition: FillDefinition) -> Counted | None:
    """Tell which let land a definition counts."""
    known = all(item in (*ITEMS, ZONE) for _, item in (*definition.numerator, *definition.base))
    if not known or ("", ZONE) in definition.numerator:
        return None
    uses, memos = [], set()
    for place, use in enumerate(LEASABLE):
        weight = _by_part(definition.numerator, use)
        if not any(weight.values()):
            continue
        memos.add(weight.pop("leased_uncleared"))
        if weight != {item: float(item == "leased") for item in weight}:
            return None
        uses.append(place)
    # Let land counts from the first day, or only once it is cleared: the same for all uses.
    if len(memos) != 1 or not memos <= {0.0, -1.0}:
        return None
    return Counted(uses=tuple(uses), on_cleared=memos == {-1.0})


def base_growth(
    definition: FillDefinition, let: Counted, land_mm2: NDArray[np.float64], *, supplied: bool
) -> float | None:
    """Tell by how much the base of a zone grows for each hectare that is cleared."""
    growths = set()
    for place in let.uses:
        weight = _by_part(definition.base, LEASABLE[place])
        area = dict(zip(ITEMS, land_mm2[place].tolist(), strict=True))
        there = {item for item, mm2 in area.items() if mm2 > MM2_PER_M2} | {"available"}
        if any(not isclose(weight[item], weight["leased"]) for item in _LETTABLE if item in there):
            return None
        given_back = weight["leased"] + weight["uncleared_held"] + weight["leased_uncleared"]
        if (
            "leased_uncleared" in there
            and not let.on_cleared
            and not isclose(given_back, weight["uncleared"], abs_tol=1e-9)
        ):
            return None
        if "uncleared" in there:
            growths.add(weight["available"] - weight["uncleared"])
        if area["uncleared_held"] - area["leased_uncleared"] > MM2_PER_M2:
            growths.add(-weight["uncleared_held"])
    if not supplied or not growths:
        return 0.0
    return growths.pop() if len(growths) == 1 else None


def _by_part(weights: Weights, use: str) -> dict[str, float]:
    """Give what a hectare of each part counts, and what the memos add."""
    whole = weights.get((use, "leasable"), 0.0)
    parts = {item: whole + weights.get((use, item), 0.0) for item in (*PARTS, "available")}
    return parts | {item: weights.get((use, item), 0.0) for item in MEMO_ITEMS}
