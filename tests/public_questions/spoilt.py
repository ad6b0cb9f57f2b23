"""Ways in which one zone's data can be bad: each spoils zone B of the squares and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
from shapely import Polygon, affinity

import kcngeo as kcn


def _cell(project: kcn.Project, *, table: str, row: Any, column: str, value: Any) -> kcn.Project:
    """Write a value into the rows of a table whose first id is given."""
    frame = getattr(project, table)
    at = frame[kcn.schema.TABLES[table].key[0]] == row
    if table == "ledger":
        at = frame["entry_id"] == row
    column_of = frame[column] if column in frame.columns else pd.Series(None, index=frame.index)
    kind = "object" if isinstance(value, str) else column_of.dtype
    spoilt = column_of.astype(kind).mask(at, value)
    return replace(project, **{table: frame.assign(**{column: spoilt})})


def _shape(project: kcn.Project, *, table: str, row: str, change: Callable[[Any], Any]) -> Any:
    frame = getattr(project, table).copy()
    at = frame[kcn.schema.TABLES[table].key[0]] == row
    frame.loc[at, "geometry"] = [change(shape) for shape in frame.geometry[at]]
    return replace(project, **{table: frame})


def _twice(project: kcn.Project, *, table: str, row: str, **columns: Any) -> kcn.Project:
    """Write a row once more, with other values."""
    frame = getattr(project, table)
    key = "entry_id" if table == "ledger" else kcn.schema.TABLES[table].key[0]
    again = frame[frame[key] == row].assign(**columns)
    return replace(project, **{table: pd.concat([frame, again], ignore_index=True)})


def _without_written_area(project: kcn.Project, *, table: str, row: str, column: str) -> Any:
    frame = getattr(project, table)
    at = frame[kcn.schema.TABLES[table].key[0]] == row
    return replace(project, **{table: frame.assign(**{column: frame[column].mask(at)})})


def _bow_tie(shape: Any) -> Polygon:
    west, south, east, north = shape.bounds
    return Polygon([(west, south), (east, north), (east, south), (west, north)])


def _far_away(shape: Any) -> Any:
    """Take a shape so far to the east that no metre there is one."""
    return affinity.translate(shape, xoff=4_000_000)


UNDRAWN = "C"


def _with_a_zone_nobody_drew(project: kcn.Project) -> kcn.Project:
    """Add a zone without polygon or lots, of which nothing is declared either."""
    nobody = project.zones.iloc[[0]].assign(zone_id=UNDRAWN, geometry=None)
    return replace(project, zones=pd.concat([project.zones, nobody], ignore_index=True))


# A row is named by its id; of the tables whose first key is the zone, by the zone.
_BREACHES = {
    "zones": ("B", "established_on", "some day"),
    "parcels": ("B-2", "land_use", "orchard"),
    "ledger": ("E6", "status", "let"),
    "emitters": ("S2", "kind", "chimney"),
    "works": ("W3", "kind", "bridge"),
    "buildings": ("H2", "storeys", -1),
    "plan_items": ("B", "approved_ha", -1.0),
    "clearance": ("C2", "area_ha", -1.0),
    "milestones": ("B", "done_on", "some day"),
    "support": ("Q3", "asked_on", "some day"),
    "targets": ("B", "value", -1.0),
    "claims": ("B", "value", -1.0),
    "declared_accounts": ("B", "base_ha", -1.0),
}
_NO_AREA = {"column": "certificate_area_m2"}

BREACHES: dict[str, Callable[[kcn.Project], kcn.Project]] = {
    f"contract of {table}": partial(_cell, table=table, row=row, column=column, value=value)
    for table, (row, column, value) in _BREACHES.items()
}
"""A breach of the contract of each table whose rows are of a zone."""

WAYS: dict[str, Callable[[kcn.Project], kcn.Project]] = {
    **BREACHES,
    "an entry twice": partial(_twice, table="ledger", row="E6", entry_id="E7"),
    "entries contradict": partial(
        _twice, table="ledger", row="E6", entry_id="E7", status="reserved", project_id=None
    ),
    "more let than there is": partial(
        _cell, table="ledger", row="E6", column="part_area_ha", value=3.0
    ),
    "a lot twice": partial(_twice, table="parcels", row="B-2"),
    "lots overlap": partial(
        _shape, table="parcels", row="B-2", change=partial(affinity.translate, xoff=-50.0)
    ),
    "a lot's shape": partial(_shape, table="parcels", row="B-2", change=_bow_tie),
    "the fence's shape": partial(_shape, table="zones", row="B", change=_bow_tie),
    "a lot far away": partial(_shape, table="parcels", row="B-3", change=_far_away),
    "a zone nobody drew": _with_a_zone_nobody_drew,
    "no certificate": partial(_without_written_area, table="parcels", row="B-2", **_NO_AREA),
    "no approved area": partial(
        _without_written_area, table="zones", row="B", column="approved_area_ha"
    ),
}
"""Every way."""
FEW = (
    *("contract of ledger", "lots overlap", "the fence's shape", "a zone nobody drew"),
    "no certificate",
)
"""One way of each kind, for what takes seconds to answer."""
