"""Make a table of ours from theirs: every value read, kept, or told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import RECORDED, TABLES, Column, Kind, Table
from kcngeo.core.texts import row_name
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import distinct
from kcngeo.io.mapping.propose import (
    AGREES,
    ColumnMapping,
    area_ratio,
    is_none_of_ours,
)
from kcngeo.io.mapping.read import as_text, choices_of, is_ambiguous, read
from kcngeo.io.spreadsheet import value_parser

# Of m² and hectares made of each other: no digit of any survey is lost.
_DECIMALS = 9
_DTYPES = {
    Kind.TEXT: "str",
    Kind.DATE: "datetime64[s]",
    Kind.MOMENT: "datetime64[us, UTC]",
    Kind.NUMBER: "float64",
    Kind.COUNT: "Int64",
    Kind.FLAG: "boolean",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mapped:
    """A table of ours made from one of theirs.

    Attributes
    ----------
    frame
        The table: columns of the contract first, then theirs under their names; as many rows.
    findings
        Values that could not be read (they are missing), columns that nothing makes.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]


def mapped(frame: pd.DataFrame, mapping: ColumnMapping) -> Mapped:
    """Make a table of ours from theirs.

    No row is left out. Numbers are read with decimal commas or points as the column shows, days as
    dd/mm/yyyy or ISO; a value that cannot be read is missing and a finding. Their other columns are
    kept under their names.

    Parameters
    ----------
    frame
        Their table.
    mapping
        What makes what.

    Returns
    -------
    Mapped
        Our table and the findings.

    Raises
    ------
    KcngeoError
        If the mapping names a column that their table does not have.

    Examples
    --------
    >>> from kcngeo import io
    >>> theirs = pd.DataFrame({"LO": ["A1"], "TRANGTHAI": ["da thue"], "TU": ["31/03/2018"]})
    >>> mapping = io.ColumnMapping(
    ...     table="ledger",
    ...     columns={"parcel_id": "LO", "status": "TRANGTHAI", "valid_from": "TU"},
    ...     meanings={"status": {"da thue": "leased"}},
    ... )
    >>> mapped(theirs, mapping).frame.astype(str).values.tolist()
    [['A1', 'leased', '2018-03-31']]
    """
    contract = TABLES[mapping.table]
    _require_columns(frame, mapping)
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    findings: list[Finding] = []
    data: dict[str, Any] = {}
    # In the order of the contract, whatever the order of theirs.
    for column in (*contract.columns, *RECORDED):
        texts = _texts(frame, column.name, mapping)
        if texts is not None:
            series, found = _read(texts, column, contract, mapping)
            data[column.name] = series.array
            findings += found
    own = _own(frame, mapping, geometry, contract)
    result: pd.DataFrame = pd.DataFrame(data, index=frame.index)
    for name, theirs in own.items():
        result[name] = _held(frame[theirs])
    if contract.geometry and isinstance(frame, gpd.GeoDataFrame):
        result = gpd.GeoDataFrame(result, geometry=frame.geometry.array, crs=frame.crs)
        findings += _area_findings(result, contract)
    elif contract.geometry == "polygon":
        findings.append(finding("import_no_geometry", contract.name))
    if mapping.missing:
        findings.append(finding("import_missing", contract.name, columns=list(mapping.missing)))
    findings += _known_own(mapping, own)
    if own:
        kept = sorted(own)
        findings.append(finding("import_own", contract.name, Severity.NOTE, columns=kept))
    return Mapped(frame=result, findings=tuple(findings))


def _require_columns(frame: pd.DataFrame, mapping: ColumnMapping) -> None:
    contract = TABLES[mapping.table]
    there = {str(name) for name in frame.columns}
    asked = [name for one in mapping.columns.values() for name in _names(one)]
    strange = [name for name in asked if name not in there]
    ours = {column.name for column in (*contract.columns, *RECORDED)}
    unknown = [
        name
        for group in (mapping.columns, mapping.fixed, mapping.meanings, mapping.units)
        for name in group
        if name not in ours
    ]
    if strange or unknown:
        raise KcngeoError(
            "mapping_columns",
            table=mapping.table,
            strange=strange or "–",
            unknown=unknown or "–",
            columns=sorted(there),
        )


def _names(one: str | Sequence[str]) -> Sequence[str]:
    return (one,) if isinstance(one, str) else one


def _texts(frame: pd.DataFrame, name: str, mapping: ColumnMapping) -> list[Any] | None:
    """Give what makes a column, row by row: a value, a text, or None."""
    if name in mapping.fixed:
        return [mapping.fixed[name]] * len(frame)
    if name not in mapping.columns:
        return None
    theirs = _names(mapping.columns[name])
    if len(theirs) == 1:
        return list(frame[theirs[0]])
    rows = zip(*(frame[one] for one in theirs), strict=True)
    joined = []
    for row in rows:
        parts = [as_text(part) for part in row]
        joined.append(None if None in parts else "-".join(str(part) for part in parts))
    return joined


def _read(
    cells: list[Any], column: Column, contract: Table, mapping: ColumnMapping
) -> tuple[Any, list[Finding]]:
    """Read a column; what cannot be read is told once, with its values."""
    texts = [as_text(cell) for cell in cells]
    result: list[Any] = [None] * len(texts)
    bad: list[int] = []
    known = choices_of(column, contract.name)
    said = mapping.meanings.get(column.name, {})
    # The column shows its decimal sign; a text that could be read either way is read neither way.
    decimal = _decimal([text for text in texts if text]) if column.kind is Kind.NUMBER else None
    factor = _factor(column.name, mapping.units.get(column.name))
    for place, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        if text is None:
            continue
        if column.choices or said:
            result[place] = said.get(text) or (known(text) if column.choices else text)
        elif isinstance(cell, str):
            unsure = decimal is None and is_ambiguous(text, column.kind)
            result[place] = None if unsure else read(text, column.kind, decimal=decimal)
        else:
            result[place] = _plain(cell, text, column.kind)
        if result[place] is None:
            bad.append(place)
        elif factor != 1.0:
            result[place] = round(result[place] * factor, _DECIMALS)
    findings = []
    if bad:
        findings.append(
            Finding(
                rule="import_unread",
                severity=Severity.ERROR,
                table=contract.name,
                ids=tuple(map(row_name, bad)),
                fields={
                    "column": column.name,
                    "values": distinct(texts[place] for place in bad),
                    "count": len(bad),
                },
            )
        )
    return _series(result, column), findings


def _plain(cell: Any, text: str, kind: Kind) -> Any:
    """Take a value that is no text as it is, if it is of the kind that is asked for."""
    if kind in (Kind.TEXT, Kind.DATE, Kind.MOMENT):
        return text if kind is Kind.TEXT else read(text, kind)
    if kind is Kind.FLAG:
        return bool(cell) if cell in (0, 1, True, False) else None
    is_number = isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool)
    if not is_number or not np.isfinite(cell) or (kind is Kind.COUNT and cell != int(cell)):
        return None
    return float(cell)


def _series(cells: list[Any], column: Column) -> Any:
    kind, listed = column.kind, pd.Series(cells, dtype="object")
    if kind in (Kind.DATE, Kind.MOMENT):
        listed = pd.to_datetime(listed, utc=kind is Kind.MOMENT)
    elif kind is Kind.COUNT:
        listed = listed.astype("float64")
    dtype: Any = _DTYPES[kind]
    return listed.astype(dtype)


def _decimal(texts: Sequence[str]) -> str | None:
    """Find the sign of decimals a column shows; None where it shows none, or both."""
    shown = {value_parser.decimal_sign(text) for text in texts} & {",", "."}
    return shown.pop() if len(shown) == 1 else None


def _factor(name: str, unit: str | None) -> float:
    if unit is None or name.endswith(f"_{unit}"):
        return 1.0
    return M2_PER_HA if unit == "ha" else 1 / M2_PER_HA


def _own(
    frame: pd.DataFrame, mapping: ColumnMapping, geometry: str | None, contract: Table
) -> dict[str, Any]:
    """Name their columns that are kept; one named like ours but not taken for it gets "_own"."""
    used = {name for one in mapping.columns.values() for name in _names(one)}
    ours = {column.name for column in (*contract.columns, *RECORDED)} | {"geometry"}
    taken: dict[str, Any] = {}
    for name in frame.columns:
        if name == geometry or name in used:
            continue
        kept = str(name)
        while kept.lower() in ours or kept.lower() in {one.lower() for one in taken}:
            kept += "_own"
        taken[kept] = name
    return taken


def _held(series: pd.Series) -> Any:
    """Keep a column as a store can hold it: mixed values become text."""
    if series.dtype == object:
        kinds = {type(value) for value in series if value is not None}
        if kinds == {float}:
            return series.astype("float64").array
        if kinds == {bool}:
            return series.astype("boolean").array
        if kinds == {dt.date}:
            return pd.to_datetime(series).astype("datetime64[s]").array
        return pd.Series([as_text(value) for value in series], dtype="str").to_numpy(dtype=object)
    return series.to_numpy() if not isinstance(series.dtype, pd.StringDtype) else series.array


def _known_own(mapping: ColumnMapping, own: dict[str, Any]) -> list[Finding]:
    """Tell of columns of the land register that sound like ours and were not taken for them."""
    left = sorted(str(name) for name in own.values() if is_none_of_ours(str(name), mapping.table))
    said = {"columns": left}
    return [finding("import_known_own", mapping.table, Severity.NOTE, **said)] if left else []


def _area_findings(frame: gpd.GeoDataFrame, contract: Table) -> list[Finding]:
    """Tell of areas that agree with the shapes in no unit."""
    if "certificate_area_m2" not in frame.columns:
        return []
    ratio = area_ratio(frame, list(frame["certificate_area_m2"]))
    if ratio is None or 1 / AGREES < ratio < AGREES:
        return []
    return [finding("import_areas", contract.name, Severity.WARNING, ratio=f"{ratio:.3g}")]
