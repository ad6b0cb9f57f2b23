"""How far land in doubt can move a rate: hectares of parcels, added up zone by zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.model import Effect
from kcngeo.core.units import hectares
from kcngeo.fill.aggregation import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SIDES = ("let_more", "let_less", "rest_more", "rest_less", "base_more", "base_less")
"""What the let land, the rest of the base and the base may gain or lose, mm²."""

NOWHERE = -1
"""Position of what belongs to no parcel version: the polygon of a zone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubt:
    """Land that a rule puts in doubt, a row a parcel version or an entry of the ledger.

    Attributes
    ----------
    rule
        The rule.
    table
        The table its rows are in.
    names
        (rows,) ids of what is named.
    zone
        (rows,) positions of the zones.
    version
        (rows,) positions of the parcel versions, or ``NOWHERE``.
    let_mm2
        (rows,) what the land let would gain or, below 0, lose if the doubt is right.
    rest_mm2
        (rows,) what the rest of the base would gain or lose.
    is_size
        Whether it doubts how large the land is, not who holds it.
    either
        Whether the land is let or belongs to the rest, and nobody knows which.
    is_bounded
        Whether it is known how far the figures may be wrong; where not, it has no effect and is in
        no sum.
    fields
        The particulars, the same for all rows.
    measured_m2
        (rows,) square metres that are told as a sum; None where none are.
    """

    rule: str
    table: str
    names: NDArray[Any]
    zone: Ints
    version: Ints
    let_mm2: Floats
    rest_mm2: Floats
    is_size: bool = False
    either: bool = False
    is_bounded: bool = True
    fields: Mapping[str, object] = field(default_factory=dict)
    measured_m2: Floats | None = None

    def sides(self) -> pd.DataFrame:
        """Lay out what each row may add or take, mm²."""
        let, rest = self.let_mm2, self.rest_mm2
        base = np.where(np.abs(let) > np.abs(rest), let, rest) if self.either else let + rest
        pairs = (let, rest, base)
        both = [np.maximum(sign * one, 0.0) for one in pairs for sign in (1, -1)]
        keys = {"zone": self.zone, "version": self.version, "is_size": self.is_size}
        return pd.DataFrame({**keys, **dict(zip(SIDES, both, strict=True))})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fraction:
    """Numerator and denominator of every zone, as the tables say, mm².

    Attributes
    ----------
    let
        (zones,) numerators.
    base
        (zones,) denominators.
    on_whole_zone
        Whether the denominator is the polygon of the zone, which no parcel moves.
    """

    let: Floats
    base: Floats
    on_whole_zone: bool

    def effects(self, sides: pd.DataFrame) -> list[Effect]:
        """Give the effect of what is in doubt in each zone, a row a zone in order."""
        let_more, let_less, rest_more, rest_less, base_more, base_less = (
            sides[name].to_numpy(dtype="float64") for name in SIDES
        )
        let, base = self.let, self.base
        if self.on_whole_zone:
            most, least = base + base_more, np.maximum(base - base_less, 0.0)
            low = ratio(np.maximum(let - let_less, 0.0), most)
            high = ratio(np.minimum(let + let_more, least), least)
        else:
            rest = np.maximum(base - let, 0.0)
            lowest, highest = np.maximum(let - let_less, 0.0), let + let_more
            low = ratio(lowest, lowest + rest + rest_more)
            high = ratio(highest, highest + np.maximum(rest - rest_less, 0.0))
        rate = ratio(let, base)
        share = np.maximum(np.maximum(rate - low, high - rate), 0.0)
        leased_ha = hectares(np.maximum(let_more, let_less))
        base_ha = hectares(np.maximum(base_more, base_less))
        return [
            Effect(
                leased_ha=float(one), base_ha=float(two), share=None if np.isnan(s) else float(s)
            )
            for one, two, s in zip(leased_ha, base_ha, share, strict=True)
        ]


def summed_by_zone(doubts: Sequence[Doubt], zones: int) -> pd.DataFrame:
    """Add up the rows of doubts zone by zone, (zones,) rows of ``SIDES``."""
    rows = pd.concat([one.sides() for one in doubts], ignore_index=True)
    return rows.groupby("zone")[[*SIDES]].sum().reindex(range(zones), fill_value=0.0)


def together(
    doubts: Sequence[Doubt], zones: int, *, own_let: Floats, own_rest: Floats
) -> pd.DataFrame:
    """Add up all that is in doubt zone by zone, nothing twice, (zones,) rows of ``SIDES``.

    Of one parcel version, the rules that doubt how large it is look at the same difference from
    several sides, and so do those that doubt who holds it: of each of the two groups the largest
    counts, side by side. The groups are added, and a parcel loses no more than it has: ``own_let``
    and ``own_rest``, (versions,) mm². Parcels are then added.
    """
    if not doubts:
        return pd.DataFrame(0.0, index=range(zones), columns=[*SIDES])
    rows = pd.concat([one.sides().assign(rule=one.rule) for one in doubts], ignore_index=True)
    place = ["zone", "version", "is_size"]
    # Several entries of one parcel are land beside each other.
    by_rule = rows.groupby([*place, "rule"])[[*SIDES]].sum()
    by_version = by_rule.groupby(place).max().groupby(["zone", "version"]).sum().reset_index()
    version = by_version["version"].to_numpy()
    inside = version != NOWHERE
    for name, own in (("let_less", own_let), ("rest_less", own_rest)):
        most = np.where(inside, own[version], np.inf)
        by_version[name] = np.minimum(by_version[name], most)
    most = np.where(inside, (own_let + own_rest)[version], np.inf)
    by_version["base_less"] = np.minimum(by_version["base_less"], most)
    return by_version.groupby("zone")[[*SIDES]].sum().reindex(range(zones), fill_value=0.0)
