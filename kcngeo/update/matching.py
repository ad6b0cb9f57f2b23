"""Which row of an edited table is which row of the old one.

Row numbers and row order mean nothing: editors renumber and sort as they like. Rows that agree in
everything are the same; what is left is matched by the keys of its table, the strictest first, and
only where a key names one row on each side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.core.row_digests import points
from kcngeo.core.schema import RECORDED, TABLES
from kcngeo.core.validation import as_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

GEOMETRY = "geometry"
"""What the column of shapes is called here, whatever a frame calls it."""

_BOOKKEEPING = frozenset(column.name for column in RECORDED)
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "zones": (("zone_id", "valid_from"), ("zone_id",)),
    "parcels": (("parcel_id", "valid_from"), ("parcel_id",)),
    "ledger": (
        ("entry_id",),
        ("parcel_id", "status", "valid_from"),
        ("parcel_id", "valid_from"),
    ),
    # A corrected day or definition is still the same account, where nothing else fits better.
    "declared_accounts": (("zone_id", "on", "definition"), ("zone_id", "on")),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matches:
    """How the rows on record of two states of a table belong together.

    Attributes
    ----------
    old
        Positions, in the old table, of rows that have changed.
    new
        Of each of these, the position of its row in the new table.
    differs
        By column, which of the pairs differ in it.
    removed
        Positions of old rows that are gone.
    added
        Positions of new rows that were not there.
    same_old
        Positions of old rows that are as they were.
    same_new
        Of each of these, the position of its row in the new table.
    """

    old: Ints
    new: Ints
    differs: dict[str, NDArray[np.bool_]]
    removed: Ints
    added: Ints
    same_old: Ints
    same_new: Ints


def matches(old: pd.DataFrame, new: pd.DataFrame, table: str) -> Matches:
    """Match the rows on record of two states of a table."""
    # Shapes are the same if they have the same points: where a ring begins, which way it runs,
    # and whether a single part is wrapped in a multi-part shape does not count. A column the new
    # table lacks is not compared.
    old_rows, new_rows = on_record(old), on_record(new)
    size = len(old_rows)
    codes = _codes(old.iloc[old_rows], new.iloc[new_rows])
    everything = _nth(_combined([*codes.values()], size + len(new_rows)), size)
    left, right = _unique_pairs(everything, size, np.ones(len(everything), dtype=bool))
    unmatched = np.ones(size + len(new_rows), dtype=bool)
    unmatched[left], unmatched[size + right] = False, False
    same_old, same_new = old_rows[left], new_rows[right]
    pairs: list[tuple[Ints, Ints]] = []
    for key in _keys(table):
        if not set(key) <= set(codes):
            continue
        # A row whose id is missing is not known by it.
        candidates = unmatched & (codes[key[0]] >= 0)
        code = _combined([codes[name] for name in key], size + len(new_rows))
        left, right = _unique_pairs(code, size, candidates)
        if table == "ledger" and "entry_id" in codes:
            ids = codes["entry_id"]
            one, other = ids[left], ids[size + right]
            agree = (one == other) | (one < 0) | (other < 0)
            left, right = left[agree], right[agree]
        unmatched[left], unmatched[size + right] = False, False
        pairs.append((left, right))
    lefts = np.concatenate([np.empty(0, dtype="int64"), *(pair[0] for pair in pairs)])
    rights = np.concatenate([np.empty(0, dtype="int64"), *(pair[1] for pair in pairs)])
    differs = {name: code[lefts] != code[size + rights] for name, code in codes.items()}
    if table == "ledger" and "entry_id" in codes:
        # Whoever types an entry anew leaves out its id, and does not mean to take it away.
        differs["entry_id"] &= codes["entry_id"][size + rights] >= 0
    edited = np.any([*differs.values(), np.zeros(len(lefts), dtype=bool)], axis=0)
    return Matches(
        old=old_rows[lefts[edited]],
        new=new_rows[rights[edited]],
        differs={name: flags[edited] for name, flags in differs.items()},
        removed=old_rows[np.flatnonzero(unmatched[:size])],
        added=new_rows[np.flatnonzero(unmatched[size:])],
        same_old=np.concatenate([same_old, old_rows[lefts[~edited]]]),
        same_new=np.concatenate([same_new, new_rows[rights[~edited]]]),
    )


def on_record(frame: pd.DataFrame) -> Ints:
    """Find the rows that are not superseded."""
    return as_known(frame.reset_index(drop=True)).index.to_numpy(dtype="int64")


def history_differs(old: pd.DataFrame, new: pd.DataFrame) -> int:
    """Count the superseded rows that are not the same in both states of a table."""
    if "superseded_at" not in new.columns:
        return 0
    gone = [frame.loc[is_superseded(frame)] for frame in (old, new)]
    codes = _codes(*gone, bookkeeping=True)
    size = len(gone[0])
    everything = _nth(_combined([*codes.values()], size + len(gone[1])), size)
    left, _ = _unique_pairs(everything, size, np.ones(len(everything), dtype=bool))
    return size + len(gone[1]) - 2 * len(left)


def is_superseded(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows of a table are no longer on record."""
    if "superseded_at" not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return frame["superseded_at"].notna().to_numpy()


def _keys(table: str) -> tuple[tuple[str, ...], ...]:
    keys = _KEYS.get(table, (TABLES[table].key,))
    return (*keys, (GEOMETRY,)) if TABLES[table].geometry else keys


def _codes(old: pd.DataFrame, new: pd.DataFrame, *, bookkeeping: bool = False) -> dict[str, Ints]:
    """Number the values of every column, the old rows first; a missing value is -1."""
    codes = {}
    shapes = [one.active_geometry_name if _has_shapes(one) else None for one in (old, new)]
    # In the order of the old columns; those the editor has added come last.
    for name in sorted(new.columns, key=lambda one: [*old.columns, *new.columns].index(one)):
        if name == shapes[1] or (name in _BOOKKEEPING and not bookkeeping):
            continue
        before = old[name] if name in old.columns else pd.Series([None] * len(old), dtype="object")
        after = new[name]
        if before.dtype != after.dtype:
            before, after = before.astype("object"), after.astype("object")
        values = np.concatenate([_plain(before), _plain(after)])
        codes[name] = pd.factorize(values)[0].astype("int64")
    if None not in shapes:
        both = np.concatenate([one.geometry.to_numpy() for one in (old, new)])
        codes[GEOMETRY] = pd.factorize(points(both))[0].astype("int64")
    return codes


def _has_shapes(frame: pd.DataFrame) -> bool:
    return isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None


def _plain(values: pd.Series) -> Any:
    """Give the values as NumPy holds them; whole numbers stay whole."""
    if values.dtype.kind == "f" or pd.api.types.is_datetime64_dtype(values.dtype):
        return values.to_numpy()
    filled = values.astype("object")
    return filled.where(filled.notna(), None).to_numpy()


def _combined(columns: list[Ints], size: int) -> Ints:
    """Number the combinations of values row by row."""
    result = np.zeros(size, dtype="int64")
    for codes in columns:
        width = int(codes.max(initial=-1)) + 2
        result = pd.factorize(result * width + codes + 1)[0].astype("int64")
    return result


def _nth(codes: Ints, size: int) -> Ints:
    """Tell equal rows of one side apart by their count, so that each meets one of the other."""
    counts = [
        pd.Series(part).groupby(part).cumcount().to_numpy() for part in (codes[:size], codes[size:])
    ]
    return _combined([codes, np.concatenate(counts).astype("int64")], len(codes))


def _unique_pairs(codes: Ints, size: int, candidates: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Pair rows of the two sides whose code stands once on each."""
    sides = []
    for first, last in ((0, size), (size, len(codes))):
        rows = np.flatnonzero(candidates[first:last])
        values, places, counts = np.unique(
            codes[first:last][rows], return_index=True, return_counts=True
        )
        sides.append((values[counts == 1], rows[places[counts == 1]]))
    _, left, right = np.intersect1d(
        sides[0][0], sides[1][0], assume_unique=True, return_indices=True
    )
    return sides[0][1][left].astype("int64"), sides[1][1][right].astype("int64")
