"""What was seen in somebody else's table, column by column, so that a person can judge it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from kcngeo.core.model import Finding
from kcngeo.core.schema import TABLES
from kcngeo.core.texts import row_name
from kcngeo.io.mapping.propose import (
    CUT_SCORES,
    GOOD,
    SURE,
    ColumnMapping,
    is_none_of_ours,
    is_readable,
    name_score,
    pair_score,
)
from kcngeo.io.mapping.read import as_text

_FIRST, _MOST_ROWS = 5, 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MappingReview:
    """What the columns of a table of somebody else's were taken for, and why.

    Attributes
    ----------
    table
        Our table.
    columns
        A row for each of their columns and each of ours it makes: ``theirs``, ``take`` (ours, ""
        where it is kept as it is), ``unit``, ``why`` (a key of the texts), ``others`` (ours it
        could be as well, joined by "|").
    rows
        The first rows of theirs and those with findings, as texts.
    values
        A row for each value of a closed list: ``take``, ``value``, ``count``, ``means``.
    """

    table: str
    columns: pd.DataFrame
    rows: pd.DataFrame
    values: pd.DataFrame


def review_mapping(
    frame: pd.DataFrame, mapping: ColumnMapping, findings: Iterable[Finding] = ()
) -> MappingReview:
    """Say of each column what a mapping takes it for, why, and what else it could be.

    Parameters
    ----------
    frame
        Their table.
    mapping
        What makes what.
    findings
        What was found in it, whose rows are shown.

    Returns
    -------
    MappingReview
        The columns, rows and values.

    Examples
    --------
    >>> theirs = pd.DataFrame({"parcel_id": ["A1"], "note": ["a"]})
    >>> mapping = ColumnMapping(table="ledger", columns={"parcel_id": "parcel_id"})
    >>> seen = review_mapping(theirs, mapping)
    >>> seen.columns[["theirs", "take", "why"]].values.tolist()
    [['parcel_id', 'parcel_id', 'name'], ['note', '', 'kept']]
    """
    contract = TABLES[mapping.table]
    shape = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    made: dict[str, list[str]] = {}
    for ours, said in mapping.columns.items():
        for name in (said,) if isinstance(said, str) else said:
            made.setdefault(name, []).append(ours)
    lines = []
    for name in (str(one) for one in frame.columns if one != shape):
        scores = {
            one.name: pair_score(frame[name], name, one, contract) for one in contract.columns
        }
        taken = made.get(name, [])
        others = [one for one, score in scores.items() if score >= GOOD and one not in taken]
        if not taken:
            # What is required and nothing makes may be any column whose values can be read so.
            others += [one for one in mapping.missing if is_readable(frame[name], one, contract)]
        lines += [
            {
                "theirs": name,
                "take": ours,
                "unit": mapping.units.get(ours, ""),
                "why": _why(name, ours, mapping.table),
                "others": "|".join(sorted(others, key=lambda one: -scores[one])),
            }
            for ours in taken or [""]
        ]
    return MappingReview(
        table=mapping.table,
        columns=pd.DataFrame(lines, columns=["theirs", "take", "unit", "why", "others"]),
        rows=_rows(pd.DataFrame(frame).drop(columns=[shape] if shape else []), findings),
        values=_values(frame, mapping),
    )


def _why(name: str, ours: str, table: str) -> str:
    """Say why a column was taken for one of ours."""
    if not ours:
        return "register" if is_none_of_ours(name, table) else "kept"
    score = name_score(name, ours, table)
    if score in CUT_SCORES:
        return "cut"
    return "name" if score >= SURE else "part" if score >= GOOD else "made"


def _rows(frame: pd.DataFrame, findings: Iterable[Finding]) -> pd.DataFrame:
    """Give the first rows, and those that findings name, as texts."""
    named = {row for one in findings for row in one.ids}
    labels = [row_name(row) for row in frame.index]
    wanted = [place for place, row in enumerate(labels) if place < _FIRST or row in named]
    shown = frame.iloc[wanted[:_MOST_ROWS]].map(lambda cell: as_text(cell) or "")
    return shown.set_axis([labels[place] for place in wanted[:_MOST_ROWS]], axis="index")


def _values(frame: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    """List the values of closed lists, how many rows have each, and what each means."""
    lines = []
    for ours, meant in mapping.meanings.items():
        name = mapping.columns.get(ours)
        texts = frame[name].map(as_text) if isinstance(name, str) else pd.Series(dtype="object")
        counts = texts.value_counts().to_dict()
        lines += [
            {"take": ours, "value": value, "count": counts.get(value, 0), "means": means}
            for value, means in meant.items()
        ]
    return pd.DataFrame(lines, columns=["take", "value", "count", "means"])
