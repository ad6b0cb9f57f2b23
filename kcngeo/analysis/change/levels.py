"""How the land of every parcel stands and moves, day by day, in whole mm²."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.model import LEASABLE
from kcngeo.fill import ITEMS, Accounts, part_mm2
from kcngeo.ledger import MEMO_ITEMS, PARTS
from kcngeo.standards import ZONE, FillDefinition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TENURES = ("leased", "reserved", "recovering", "repurposed")
LEVELS = ("area", *TENURES, "not_cleared", "uncleared_held", "leased_uncleared")
"""What may be followed of a parcel: its area, what is held of it as what, what is not cleared
(held or not), and what is held, or let, before it is cleared. The rest is available."""

MEMO_LEVELS = LEVELS[-2:]

# Of each part of the allocations, the level it adds to. What is held before it is cleared is not
# cleared either, so it adds to a second level.
_LEVEL_OF_PART = {
    **{name: name for name in TENURES},
    "uncleared": "not_cleared",
    "uncleared_held": "not_cleared",
    "leased_uncleared": "leased_uncleared",
}
_SECOND_LEVEL_OF_PART = {"uncleared_held": "uncleared_held"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighing:
    """The weights of a definition over levels, for kinds of land that it weighs alike.

    Attributes
    ----------
    kind
        (land uses + 1,) the kind of each use of ``LEASABLE``; -1 for one that does not count, and
        last for all other uses.
    levels
        The levels that are followed, the area first.
    numerator
        (kinds, levels) what a hectare of each counts above the line.
    base
        (kinds, levels) the same below the line.
    """

    kind: Ints
    levels: tuple[str, ...]
    numerator: Floats
    base: Floats

    @staticmethod
    def follows(one: FillDefinition) -> bool:
        """Tell whether every item a definition weighs can be followed parcel by parcel."""
        # What is let without a licence moves with a licence, which is no entry of the ledger.
        return all(item in (*ITEMS, ZONE) for _, item in (*one.numerator, *one.base))

    @classmethod
    def of(cls, one: FillDefinition) -> Weighing:
        """Turn the weights of a definition over items into weights over levels."""
        sides = (one.numerator, one.base)
        # (uses, sides, levels)
        weights = np.array(
            [[_over_levels(side, str(use)) for side in sides] for use in LEASABLE], dtype="float64"
        )
        counts = weights.any(axis=(1, 2))
        kinds, number = np.unique(weights[counts], axis=0, return_inverse=True)
        kind = np.full(len(LEASABLE) + 1, -1)
        kind[np.flatnonzero(counts)] = number.ravel()
        weighs = np.asarray(weights.any(axis=(0, 1)))
        memos = [LEVELS.index(name) for name in MEMO_LEVELS]
        # Land held before it is cleared moves with a lease or with clearance: both must be seen.
        weighs[LEVELS.index("not_cleared")] |= weighs[memos].any()
        weighs[0] = True
        followed = np.flatnonzero(weighs)
        return cls(
            kind=kind,
            levels=tuple(LEVELS[place] for place in followed),
            numerator=kinds[:, 0, followed],
            base=kinds[:, 1, followed],
        )

    def places(self, names: tuple[str, ...]) -> Ints:
        """Find the followed ones of some levels."""
        return np.flatnonzero(np.isin(self.levels, names))

    def weighed(self, level_mm2: Floats) -> tuple[Floats, Floats]:
        """Weigh levels for numerator and base."""
        above, below = (
            np.einsum("kl,klr->r", side, level_mm2) for side in (self.numerator, self.base)
        )
        return above, below


def _over_levels(weights: Mapping[tuple[str, str], float], use: str) -> list[float]:
    """Give the weight of every level for one land use."""
    of_use = {item: weight for (each, item), weight in weights.items() if each == use}
    # What is available is the area less all that is held or not cleared.
    available = of_use.get("available", 0.0)
    uncleared = of_use.get("uncleared", 0.0) - available
    return [
        of_use.get("leasable", 0.0) + available,
        *(of_use.get(name, 0.0) - available for name in TENURES),
        uncleared,
        of_use.get("uncleared_held", 0.0) - uncleared,
        of_use.get("leased_uncleared", 0.0),
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lots:
    """Parcels of zones; a parcel that changes its zone is another lot there.

    Attributes
    ----------
    of_version
        Of each parcel version, its lot.
    zone
        Of each lot, the position of its zone.
    parcel
        Of each lot, the number of its parcel.
    """

    of_version: Ints
    zone: Ints
    parcel: Ints

    @classmethod
    def of(cls, accounts: Accounts) -> Lots:
        """Number the lots: a parcel's own number in one of its zones, higher ones elsewhere."""
        parcel, group = accounts.snapshot.joined.parcel, accounts.group
        count = int(parcel.max(initial=-1)) + 1
        home = np.zeros(count, dtype="int64")
        home[parcel] = group
        moved = np.flatnonzero(group != home[parcel])
        pairs, number = np.unique(group[moved] * count + parcel[moved], return_inverse=True)
        of_version = parcel.copy()
        of_version[moved] = count + number
        elsewhere = np.divmod(pairs, max(count, 1))
        return cls(
            of_version=of_version,
            zone=np.concatenate([home, elsewhere[0]]),
            parcel=np.concatenate([np.arange(count), elsewhere[1]]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """What changes of each lot on a day, and how it stood the day before.

    Attributes
    ----------
    lot
        (rows,) the lot.
    day
        (rows,) the day, as a number.
    change
        (kinds, levels, rows) mm².
    before
        (kinds, levels, rows) mm² at the end of the day before.
    """

    lot: Ints
    day: Ints
    change: Floats
    before: Floats


def moves_between(
    accounts: Accounts, lots: Lots, weighing: Weighing, first: int, last: int
) -> Moves:
    """Give what changes of each lot on each day in (first, last], and how it stood before."""
    lot, column, start, end, amount = _pieces(accounts, lots, weighing, first, last)
    kinds, width = weighing.numerator.shape
    stood = _stood(lots, (lot, column, start, amount), first, columns=kinds * width)
    begun, ended = np.flatnonzero(start > first), np.flatnonzero(end <= last)
    piece = np.concatenate([begun, ended])
    day_of = np.concatenate([start[begun], end[ended]]) - first
    signed = np.concatenate([amount[begun], -amount[ended]])
    span = last - first + 1
    key, place = np.unique(lot[piece] * span + day_of, return_inverse=True)
    size = len(key)
    flat = np.bincount(
        column[piece] * size + place, weights=signed, minlength=size * kinds * width
    ).reshape(kinds * width, size)
    lot, day_of = np.divmod(key, span)
    # In whole numbers: the running sum over a country's parcels is still exact.
    exact = flat.astype("int64")
    before = exact.cumsum(axis=1) - exact
    fresh = np.flatnonzero(np.diff(lot, prepend=-1))
    before -= np.repeat(before[:, fresh], np.diff(fresh, append=size), axis=1)
    rows = np.flatnonzero(flat.any(axis=0))
    lot = lot[rows]
    shape = (kinds, width, len(rows))
    return Moves(
        lot=lot,
        day=day_of[rows] + first,
        change=np.asarray(flat[:, rows], dtype="float64").reshape(shape),
        before=(before[:, rows] + stood[:, lot]).reshape(shape),
    )


def standing(accounts: Accounts, weighing: Weighing, on: pd.Timestamp) -> pd.DataFrame:
    """Give numerator and base of every parcel on a day, in mm²."""
    number, lots = number_of(on), Lots.of(accounts)
    lot, column, start, _, amount = _pieces(accounts, lots, weighing, number, number)
    kinds, width = weighing.numerator.shape
    stood = _stood(lots, (lot, column, start, amount), number, columns=kinds * width)
    there = np.flatnonzero(stood.any(axis=0))
    leased, base = weighing.weighed(stood[:, there].reshape(kinds, width, len(there)))
    rows = pd.DataFrame(
        {
            "zone_id": accounts.zone_ids[lots.zone[there]],
            "parcel_ids": parcel_names(accounts, lots.parcel[there]),
            "leased": leased,
            "base": base,
        }
    )
    return rows.set_index(["zone_id", "parcel_ids"])


def _pieces(
    accounts: Accounts, lots: Lots, weighing: Weighing, first: int, last: int
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """List what adds to a level of a lot between two days: lot, column, start, end and mm²."""
    # A column is a kind of land and a level in one number.
    tables, held = accounts.snapshot.joined, accounts.snapshot.allocated(accounts.area)
    width = len(weighing.levels)
    kind = weighing.kind[accounts.use_of_version]  # (versions,) uses of no kind are last
    whole_mm2 = np.where(kind >= 0, accounts.version_mm2, 0.0)
    area = np.flatnonzero((whole_mm2 > 0) & (tables.start <= last) & (tables.end > first))
    near = (whole_mm2[held.version] > 0) & (held.start <= last) & (held.end > first)
    pieces = [(area, kind[area] * width, tables.start[area], tables.end[area], whole_mm2[area])]
    for level_of_part in (_LEVEL_OF_PART, _SECOND_LEVEL_OF_PART):
        level = _level_codes(level_of_part, weighing.levels)[held.part]
        part = np.flatnonzero(near & (level >= 0))
        version = held.version[part]
        column = kind[version] * width + level[part]
        amount = part_mm2(held, part, whole_mm2)
        pieces.append((version, column, held.start[part], held.end[part], amount))
    version, column, start, end, amount = (
        np.concatenate(arrays) for arrays in zip(*pieces, strict=True)
    )
    return lots.of_version[version], column, start, end, amount


def _level_codes(level_of_part: Mapping[str, str], levels: tuple[str, ...]) -> Ints:
    """Give the position of the level of each part of the allocations; -1 where none is followed."""
    names = [level_of_part.get(part) for part in (*PARTS, *MEMO_ITEMS)]
    return np.array([levels.index(name) if name in levels else -1 for name in names])


def _stood(
    lots: Lots, pieces: tuple[Ints, Ints, Ints, Floats], first: int, *, columns: int
) -> Floats:
    """Sum what has begun by the first day: columns × lots."""
    lot, column, start, amount = pieces
    size, there = len(lots.zone), np.flatnonzero(start <= first)
    sums = np.bincount(
        column[there] * size + lot[there], weights=amount[there], minlength=size * columns
    )
    return np.asarray(sums.reshape(columns, size))


def parcel_names(accounts: Accounts, codes: Any) -> Any:
    """Name parcels by their numbers in the joined tables."""
    tables = accounts.snapshot.joined
    first = np.zeros(int(tables.parcel.max(initial=0)) + 1, dtype="int64")
    first[tables.parcel[::-1]] = np.arange(len(tables.parcel))[::-1]
    return tables.parcels["parcel_id"].array.take(first[np.asarray(codes)])


def number_of(date: pd.Timestamp) -> int:
    """Give the number of a day, counted from 1970-01-01."""
    return int(date.to_datetime64().astype("datetime64[D]").astype("int64"))
