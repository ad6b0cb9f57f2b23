"""Compare the layers of a GeoPackage with the tables they were drawn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from kcngeo.core.schema import Column, Kind
from kcngeo.publish.verification.comparison import Comparison, Known, is_rounded

# Layers that are called otherwise than the table they show; and columns that are.
_TABLES = {
    "zones_on_day": "accounts",
    "conflict_lines": "conflicts",
    "lots": "admissible",
    "finding_marks": "findings",
}
_COLUMNS = {("accounts", "reason"): "not_computable"}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "accounts": ("zone_id",),
    "conflicts": ("emitter_id", "receptor_id", "rule_id"),
    "findings": ("rule", "ids", "message"),
    "sites": ("site_id",),
}


def compare_layers(
    file: str,
    layers: Mapping[str, Sequence[Mapping[str, Any]]],
    known: Mapping[str, Known],
    seen: Comparison,
) -> set[str]:
    """Compare every layer that shows a table with it, row by row; name those layers."""
    shown = set()
    for layer, rows in layers.items():
        table = known.get(_TABLES.get(layer, layer))
        if table is not None and rows and _layer(f"{file} ({layer})", rows, table, seen):
            shown.add(layer)
    return shown


def _layer(file: str, rows: Sequence[Mapping[str, Any]], known: Known, seen: Comparison) -> bool:
    """Compare a layer with its table; tell whether it could be."""
    copy = known.copy
    key = _KEYS.get(copy.table, copy.home.key)
    names = {
        name: _COLUMNS.get((copy.table, name), name)
        for name in rows[0]
        if _COLUMNS.get((copy.table, name), name) in copy.columns
    }
    if not set(key) <= set(names.values()):
        return False
    mine = {tuple(_plain(row[name]) for name in key): row for row in copy.rows}
    if len(mine) != len(copy.rows):
        # Rows that nothing tells apart cannot be found again.
        return False
    seen.holds(copy.table, file)
    for told in rows:
        row = mine.get(tuple(_plain(told[name]) for name in key))
        if row is None:
            if not any(_is_figure(copy.column(names[name]), told[name]) for name in names):
                # A zone that is drawn, but has no account yet.
                continue
            named = " · ".join(_plain(told[name]) for name in key if told[name] is not None)
            says = ((seen.first(copy.table), ""), (file, named))
            seen.add("rows", table=copy.table, row=named, says=says)
            continue
        for name, column in names.items():
            seen.cells += 1
            if not _is_same(copy.column(column), row[column], told[name], fine=known.fine):
                says = ((seen.first(copy.table), _plain(row[column])), (file, _plain(told[name])))
                seen.refute(copy.table, copy.key(row), column, says=says)
    return True


def _is_figure(column: Column, value: Any) -> bool:
    """Tell whether a cell of a layer holds a number."""
    return column.kind in (Kind.NUMBER, Kind.COUNT) and value is not None


def _is_same(column: Column, mine: Any, told: Any, *, fine: bool) -> bool:
    """Tell whether a cell of a layer is one of a table."""
    if mine is None or told is None or told == "":
        return mine is None and told in (None, "")
    if column.kind in (Kind.NUMBER, Kind.COUNT):
        if not isinstance(told, float | int) or not isinstance(mine, float | int):
            return False
        return abs(mine - told) <= 1e-12 * abs(told) if fine else is_rounded(column, mine, told)
    if column.kind is Kind.FLAG:
        return isinstance(mine, bool) and told in (0, 1) and bool(told) == mine
    return _plain(mine) == _plain(told)


def _plain(value: Any) -> str:
    """Write a text or a day alike in both."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return " ".join(str(value).split())
