"""Tables as rows of text: how the figures of the first house are kept and how they are compared.

A kept table is a CSV file, packed with gzip. A number is written so that reading gives the same
number back. The columns whose names begin with `asked_` say what was asked for, the others hold
the answer. A shape is kept as its area, its length and its centroid.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

ASKED = "asked_"
SUFFIX = ".csv.gz"
RELATIVE, ABSOLUTE = 1e-12, 1e-9
PLACE = "row"
"""Key of the rows of a table in which no columns tell rows apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A cell, row or column that is not what it was."""

    table: str
    row: Mapping[str, str]
    column: str
    old: str
    new: str

    def __str__(self) -> str:
        row = ", ".join(f"{name}={value}" for name, value in self.row.items() if value)
        return f"{self.table} [{row}] {self.column}: {self.old!r} -> {self.new!r}"


def cell(value: Any) -> str:
    """Write one value; nothing where it is missing."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return "|".join(map(cell, value))
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        return "" if math.isnan(value) else repr(float(value))
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Lay out a table with its index as columns and its shapes as measures, all as text."""
    named = [name for name in frame.index.names if name is not None]
    flat = pd.DataFrame(frame.reset_index(named) if named else frame).reset_index(drop=True)
    for name in list(flat.columns):
        if isinstance(flat[name].dtype, gpd.array.GeometryDtype):
            shapes = flat.pop(name).to_numpy()
            middle = shapely.centroid(shapes)
            flat[f"{name}_area_m2"] = shapely.area(shapes)
            flat[f"{name}_length_m"] = shapely.length(shapes)
            flat[f"{name}_x_m"] = shapely.get_x(middle)
            flat[f"{name}_y_m"] = shapely.get_y(middle)
    columns = {str(name): [cell(value) for value in flat[name]] for name in flat.columns}
    return pd.DataFrame(columns, dtype="str", index=flat.index)


def asked_for(frame: pd.DataFrame, asked: Mapping[str, Any]) -> pd.DataFrame:
    """Put what was asked for before the rows of an answer."""
    told = {ASKED + name: cell(value) for name, value in asked.items()}
    return pd.concat([pd.DataFrame([told] * len(frame), index=frame.index), frame], axis=1)


def write(frame: pd.DataFrame, path: Path) -> None:
    """Keep a table; the same table gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = frame.to_csv(index=False, lineterminator="\n").encode()
    path.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))


def read(path: Path) -> pd.DataFrame:
    """Read a kept table, all as text."""
    packed = io.BytesIO(gzip.decompress(path.read_bytes()))
    return pd.read_csv(packed, dtype="str", keep_default_na=False)


def keys_of(old: pd.DataFrame) -> list[str]:
    """Name the columns that tell rows apart: what was asked for and the fewest leading others.

    Numbers are not among them; where no columns tell rows apart, their place does.
    """
    asked = [name for name in old.columns if name.startswith(ASKED)]
    others = [name for name in old.columns if name not in asked and not _is_number(old[name])]
    for count in range(len(others) + 1):
        keys = [*asked, *others[:count]]
        if keys and not old.duplicated(keys).any():
            return keys
    return [*asked, PLACE]


def compare(
    table: str,
    old: pd.DataFrame,
    new: pd.DataFrame,
    *,
    as_written: bool = False,
    decimals: int | None = None,
    ordered: bool = False,
    keys: Sequence[str] = (),
) -> list[Difference]:
    """List what is not as it was: columns, rows, then cells.

    Parameters
    ----------
    table
        Name of the table, for the messages.
    old, new
        The kept rows and the rows of today, all as text, by the same column names.
    as_written
        Whether figures must be written as they were; otherwise numbers may differ by rounding.
    decimals
        Decimals to which figures were rounded since; None if they were not.
    ordered
        Whether the rows must stand in the same order.
    keys
        Columns that tell rows apart; none to find them among the kept rows.
    """
    found = [
        Difference(table=table, row={}, column=name, old=old_said, new=new_said)
        for name in dict.fromkeys([*old.columns, *new.columns])
        for old_said, new_said in [
            ("a column" if name in old else "", "a column" if name in new else "")
        ]
        if old_said != new_said
    ]
    keys = [*keys] or keys_of(old)
    if not {*keys} - {PLACE} <= {*new.columns}:
        return found
    if PLACE in keys:
        asked = [name for name in keys if name != PLACE]
        old, new = (_placed(frame, asked) for frame in (old, new))
    was, now = (_by_key(frame, keys) for frame in (old, new))
    for key in dict.fromkeys([*was, *now]):
        row = dict(zip(keys, key[:-1], strict=True))
        if (key in was) != (key in now):
            said = ("a row", "") if key in was else ("", "a row")
            found.append(Difference(table=table, row=row, column="*", old=said[0], new=said[1]))
    shared = [name for name in old.columns if name in new.columns and name not in keys]
    both = [key for key in was if key in now]
    if ordered and both != [key for key in now if key in was]:
        found.append(Difference(table=table, row={}, column="*", old="an order", new="another"))
    before, after = ([places[key] for key in both] for places in (was, now))
    for name in shared:
        one, other = (
            frame[name].to_numpy(dtype=object)[rows]
            for frame, rows in ((old, before), (new, after))
        )
        for place in np.flatnonzero(one != other):
            if as_written or not _is_close(one[place], other[place], decimals=decimals):
                row = dict(zip(keys, both[place][:-1], strict=True))
                found.append(
                    Difference(table=table, row=row, column=name, old=one[place], new=other[place])
                )
    return found


def _placed(frame: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    """Number the rows of each answer."""
    place = frame.groupby(asked).cumcount() if asked else pd.Series(range(len(frame)))
    return frame.assign(**{PLACE: place.astype("str").to_numpy()})


def _by_key(frame: pd.DataFrame, keys: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Give the place of every row by its key and how often the key stood above it."""
    again = frame.groupby(list(keys)).cumcount().astype("str")
    return {key: place for place, key in enumerate(_tuples(frame, keys, again))}


def _tuples(
    frame: pd.DataFrame, keys: Sequence[str], again: pd.Series
) -> Iterator[tuple[str, ...]]:
    return zip(*(frame[name] for name in keys), again, strict=True)


def _is_number(column: pd.Series) -> bool:
    """Tell whether all that stands in a column is a number with decimals."""
    said = [value for value in column if value]
    return bool(said) and all("." in value and _number(value) is not None for value in said)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_close(old: str, new: str, *, decimals: int | None = None) -> bool:
    one, other = _number(old), _number(new)
    if one is None or other is None:
        return False
    if decimals is not None:
        # Half a unit of the last place, and what writing a number in binary adds to it.
        return abs(one - other) <= 0.5 * 10.0**-decimals + ABSOLUTE
    return math.isclose(one, other, rel_tol=RELATIVE) or abs(one - other) <= ABSOLUTE
