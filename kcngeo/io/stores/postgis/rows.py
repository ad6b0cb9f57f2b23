"""Which rows of a table change, and how only they are written.

A row that stands already is known by all that is in it, else by all but what the record says of it
(it was superseded since), else by its id, if that names one row on each side. Its key stays.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely
from psycopg import sql

from kcngeo.core.areal import many_parts
from kcngeo.core.schema import RECORDED, Table
from kcngeo.io.stores.arrow import GEOMETRY, UnsupportedValueError, arrow_table
from kcngeo.io.stores.postgis.connection import Session
from kcngeo.io.stores.postgis.constraints import KEYS
from kcngeo.io.stores.postgis.layout import Layout, sql_type
from kcngeo.io.stores.postgis.read import Held
from kcngeo.io.stores.postgis.structure import own_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Numbers = NDArray[np.uint64]

_BOOKKEEPING = frozenset(column.name for column in RECORDED)
_STAGE = "kcngeo_rows"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """What becomes of the rows of a table.

    Attributes
    ----------
    same
        Positions of rows that stand as they are.
    same_keys
        The keys of these rows.
    changed
        Positions of rows whose cells change.
    changed_keys
        The keys of these rows.
    added
        Positions of rows that are new.
    gone
        Keys of rows that are no longer there.
    """

    same: Ints
    same_keys: Ints
    changed: Ints
    changed_keys: Ints
    added: Ints
    gone: Ints


def write_rows(now: Session, layout: Layout, held: Held | None) -> None:
    """Write what has changed in a table; a row that is as it was is not touched."""
    changes = _changes(layout, held)
    table = now.name(layout.contract.name)
    key, order = own_columns(now.tables()[layout.contract.name])
    if len(changes.gone):
        now.run(
            "DELETE FROM {table} WHERE {key} = ANY (%s)",
            changes.gone.tolist(),
            table=table,
            key=sql.Identifier(key),
        )
    if len(changes.changed):
        _update(now, layout, changes, key)
    moved = None if held is None else _moved(layout, changes, held)
    _insert(now, layout, changes.added)
    if moved is not None:
        _reorder(now, layout, changes, moved, key=key, order=order)


def _changes(layout: Layout, held: Held | None) -> Changes:
    size = layout.rows.num_rows
    none = np.empty(0, dtype="int64")
    if held is None or not len(held.keys):
        added = np.arange(size)
        return Changes(
            same=none, same_keys=none, changed=none, changed_keys=none, added=added, gone=none
        )
    standing = _columns_held(layout, held)
    given = _columns_given(layout)
    fresh, old = np.ones(size, dtype=bool), np.ones(len(held.keys), dtype=bool)
    pairs = []
    plain = (set(given) | set(standing)) - _BOOKKEEPING
    for mine, theirs in (
        (_summed(given, given), _summed(standing, standing)),
        (_summed(given, plain & set(given)), _summed(standing, plain & set(standing))),
        (_by_key(given, layout.contract), _by_key(standing, layout.contract)),
    ):
        left, right = _paired(mine, theirs, fresh, old)
        fresh[left], old[right] = False, False
        pairs.append((left, right))
    (same, same_old), *others = pairs
    changed, changed_old = (np.concatenate(side) for side in zip(*others, strict=True))
    return Changes(
        same=same,
        same_keys=held.keys[same_old],
        changed=changed,
        changed_keys=held.keys[changed_old],
        added=np.flatnonzero(fresh),
        gone=held.keys[old],
    )


_Columns = dict[str, "tuple[Numbers, NDArray[np.bool_]]"]


def _columns_given(layout: Layout) -> _Columns:
    columns = {
        name: _hashed(layout.rows.column(name), name, layout.types[name]) for name in layout.given
    }
    if layout.shapes is not None:
        columns[GEOMETRY] = _hashed_shapes(layout.shapes, layout.types[GEOMETRY])
    return columns


def _columns_held(layout: Layout, held: Held) -> _Columns:
    """Number the cells that stand, of columns that stay; a column made anew is empty."""
    columns: _Columns = {}
    for column in held.columns:
        if column.is_own or layout.types.get(column.name) != column.type:
            continue
        if column.name == GEOMETRY and layout.shapes is not None:
            shapes = many_parts(held.frame.geometry.to_numpy())
            if layout.contract.geometry != "polygon" and "MultiPolygon" not in column.type:
                shapes = held.frame.geometry.to_numpy()
            columns[GEOMETRY] = _hashed_shapes(shapes, column.type)
            continue
        try:
            rows = arrow_table(pd.DataFrame(held.frame[[column.name]]), layout.contract)
        except UnsupportedValueError:
            # Somebody has put there what no store holds; it is replaced.
            size = len(held.keys)
            columns[column.name] = np.arange(1, size + 1, dtype="uint64"), np.ones(size, dtype=bool)
            continue
        columns[column.name] = _hashed(rows.column(0), column.name, column.type)
    return columns


def _hashed(values: pa.ChunkedArray, name: str, kind: str) -> tuple[Numbers, NDArray[np.bool_]]:
    """Number the cells of a column, and tell which are there."""
    present = values.is_valid().to_numpy()
    held = values.type
    if pa.types.is_string(held) or pa.types.is_binary(held):
        cells = pd.Series(values.to_pylist(), dtype="object").where(present, "")
        numbers = pd.util.hash_array(cells.to_numpy(dtype=object))
    else:
        if pa.types.is_floating(held):
            # Every bit counts: minus nothing is not nothing.
            wide = values.cast(pa.float64()).fill_null(0.0).to_numpy().view("uint64")
        elif pa.types.is_boolean(held):
            wide = values.cast(pa.int8()).fill_null(0).to_numpy().astype("uint64")
        else:
            plain = pa.int32() if pa.types.is_date32(held) else pa.int64()
            whole = values.cast(plain).cast(pa.int64()).fill_null(0).to_numpy()
            wide = whole.view("uint64")
        numbers = pd.util.hash_array(np.ascontiguousarray(wide))
    return _mixed(numbers ^ _salt(f"{name}\0{kind}")), present


def _hashed_shapes(shapes: Any, kind: str) -> tuple[Numbers, NDArray[np.bool_]]:
    present = ~shapely.is_missing(shapes)
    # To the last bit, so that a shape comes back as it was written.
    written = shapely.to_wkb(shapes, flavor="iso", include_srid=False)
    cells = np.where(present, written, b"")
    return _mixed(pd.util.hash_array(cells) ^ _salt(f"\0{kind}")), present


def _salt(text: str) -> Any:
    return pd.util.hash_array(np.array([text], dtype=object))[0]


def _mixed(numbers: Numbers) -> Numbers:
    """Spread the bits of numbers, so that sums of them do not meet (as MurmurHash3 ends)."""
    mixed = numbers.copy()
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(33))


def _summed(columns: _Columns, names: Iterable[str]) -> pd.DataFrame:
    """Number rows by some of their cells; what is missing adds nothing."""
    size = len(next(iter(columns.values()))[0]) if columns else 0
    total = np.zeros(size, dtype="uint64")
    for name in names:
        numbers, present = columns[name]
        total += np.where(present, numbers, np.uint64(0))
    result = pd.DataFrame({"number": total})
    # The same row twice is two rows.
    result["nth"] = result.groupby("number").cumcount()
    return result


def _by_key(columns: _Columns, contract: Table) -> pd.DataFrame:
    """Number the rows on record by their id; rows that share one, or have none, have no number."""
    key = [name for name in KEYS.get(contract.name, contract.key) if name in columns]
    numbers = _summed(columns, key)
    size = len(numbers)
    _, named = columns[key[0]] if key else (None, np.zeros(size, dtype=bool))
    _, superseded = columns.get("superseded_at", (None, np.zeros(size, dtype=bool)))
    fit = named & ~superseded
    alone = ~numbers["number"].where(fit).duplicated(keep=False).to_numpy() & fit
    return numbers.assign(nth=np.where(alone, 0, -1))


def _paired(
    given: pd.DataFrame, standing: pd.DataFrame, fresh: NDArray[np.bool_], old: NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """Pair rows that have the same number, of those that are free on both sides."""
    left = given.assign(left=np.arange(len(given)))[fresh]
    right = standing.assign(right=np.arange(len(standing)))[old]
    both = left[left["nth"] >= 0].merge(right, on=["number", "nth"])
    return both["left"].to_numpy(dtype="int64"), both["right"].to_numpy(dtype="int64")


def _moved(layout: Layout, changes: Changes, held: Held) -> int | None:
    """Find the first row that does not follow the one before it; None if all do."""
    size = layout.rows.num_rows
    orders = np.full(size, np.iinfo("int64").max)
    place = pd.Series(held.orders, index=held.keys)
    orders[changes.same] = place[changes.same_keys].to_numpy()
    orders[changes.changed] = place[changes.changed_keys].to_numpy()
    # New rows come last; one that stands before a row that stays does not.
    is_new = np.zeros(size, dtype=bool)
    is_new[changes.added] = True
    wrong = np.zeros(size, dtype=bool)
    wrong[1:] = (orders[1:] <= orders[:-1]) & ~(is_new[1:] & is_new[:-1])
    if not wrong.any():
        return None
    first = int(np.flatnonzero(wrong)[0])
    before = np.flatnonzero(is_new[:first])
    return int(before[0]) if len(before) else first


def _cells(layout: Layout, rows: Ints) -> dict[str, Any]:
    """Give the cells of some rows as they are sent."""
    chosen = layout.rows.take(pa.array(rows))
    columns = {
        name: _sent(values)
        for name, values in zip(chosen.column_names, chosen.columns, strict=True)
    }
    if layout.shapes is not None:
        wkb = shapely.to_wkb(layout.shapes[rows], hex=True, include_srid=True, flavor="extended")
        columns[GEOMETRY] = pa.array(wkb, type=pa.string())
    return columns


def _insert(now: Session, layout: Layout, rows: Ints) -> None:
    """Add rows; the database gives them their key and their place, one after the other."""
    if len(rows):
        _copy(now, now.name(layout.contract.name), _cells(layout, rows))


def _update(now: Session, layout: Layout, changes: Changes, key: str) -> None:
    """Put the cells of rows that have changed, in the rows that stand."""
    cells = _cells(layout, changes.changed)
    # A column the project does not have is missing in all its rows.
    columns = list(layout.types)
    stage = sql.Identifier("pg_temp", _STAGE)
    parts = [
        sql.SQL("{name} {type}").format(
            name=sql.Identifier(name), type=sql_type(now, layout.types[name])
        )
        for name in columns
    ]
    own = sql.SQL("{key} bigint").format(key=sql.Identifier(key))
    now.run(
        "CREATE TEMPORARY TABLE {stage} ({parts})",
        stage=sql.Identifier(_STAGE),
        parts=sql.SQL(", ").join([own, *parts]),
    )
    _copy(now, stage, {key: pa.array(changes.changed_keys), **cells})
    puts = [sql.SQL("{name} = s.{name}").format(name=sql.Identifier(name)) for name in columns]
    now.run(
        "UPDATE {table} t SET {puts} FROM {stage} s WHERE t.{key} = s.{key}",
        table=now.name(layout.contract.name),
        puts=sql.SQL(", ").join(puts),
        stage=stage,
        key=sql.Identifier(key),
    )
    now.run("DROP TABLE {stage}", stage=stage)


def _reorder(
    now: Session, layout: Layout, changes: Changes, first: int, *, key: str, order: str
) -> None:
    """Give the rows from one on their places anew, after all others; they keep their keys."""
    table, key_name, order_name = (
        now.name(layout.contract.name),
        sql.Identifier(key),
        sql.Identifier(order),
    )
    size = layout.rows.num_rows
    keys = np.empty(size, dtype="int64")
    keys[changes.same], keys[changes.changed] = changes.same_keys, changes.changed_keys
    if len(changes.added):
        rows = now.run(
            "SELECT {key} FROM {table} ORDER BY {order} DESC LIMIT %s",
            len(changes.added),
            key=key_name,
            table=table,
            order=order_name,
        )
        keys[changes.added] = [one for (one,) in reversed(rows)]
    ((last,),) = now.run("SELECT max({order}) FROM {table}", order=order_name, table=table)
    now.run(
        "UPDATE {table} t SET {order} = s.place FROM unnest(%s::bigint[], %s::bigint[])"
        " AS s (row, place) WHERE t.{key} = s.row",
        *(keys[first:].tolist(), list(range(last + 1, last + 1 + size - first))),
        table=table,
        order=order_name,
        key=key_name,
    )
    now.run(
        "ALTER TABLE {table} ALTER COLUMN {order} RESTART WITH {next}",
        table=table,
        order=order_name,
        next=sql.Literal(int(last) + 1 + size - first),
    )


def _copy(now: Session, table: sql.Composable, columns: dict[str, Any]) -> None:
    """Send rows as CSV: what is missing is nothing at all, an empty text is quoted."""
    sink = io.BytesIO()
    pyarrow.csv.write_csv(
        pa.table(list(columns.values()), names=[str(place) for place in range(len(columns))]),
        sink,
        pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid"),
    )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("COPY {table} ({names}) FROM STDIN (FORMAT csv)").format(
        table=table, names=names
    )
    with now.connection.cursor().copy(query) as copy:
        copy.write(sink.getvalue())


def _sent(values: Any) -> Any:
    if pa.types.is_binary(values.type):
        texts = [None if one is None else "\\x" + one.hex() for one in values.to_pylist()]
        return pa.array(texts, type=pa.string())
    return values
