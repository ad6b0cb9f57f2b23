"""Lots as tables of their corners: number, X to the north, Y to the east, a row a corner."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from kcngeo.core.crs import crs_of
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.io.spreadsheet.records import shown
from kcngeo.io.spreadsheet.table_detection import Role, Table, find_table
from kcngeo.io.spreadsheet.value_parser import agreed_decimal_sign, degrees, number
from kcngeo.io.spreadsheet.vocabulary import plain, vocabulary
from kcngeo.io.spreadsheet.workbook import Cell, merged_cells, open_sheets
from kcngeo.io.vector.diagnostics import crs_findings
from kcngeo.io.vector.read import LayerRead

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLE = "corners"
_ROLES = ("lot", "corner", "north", "east", "length")
# A side is written to the centimetre, computed from corners that are rounded too.
_SIDE_M = 0.05
# From north to south Viet Nam spans these northings; a grid's eastings lie far below them.
_FARTHEST_EAST_M = 850_000.0
_POLE_DEGREES, _MOST_DEGREES = 90.0, 180.0


@dataclass(slots=True, kw_only=True)
class _Lot:
    """The rows of a lot as they stand."""

    name: str
    place: str
    names: list[str | None] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)
    sides: list[float | None] = field(default_factory=list)
    cells: dict[str, Cell] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_corners(
    path: str | os.PathLike[str],
    *,
    crs: Any = None,
    sheet: str | None = None,
    encoding: str | None = None,
    province: str | None = None,
    swap_axes: bool = False,
    unit_m: float = 1.0,
) -> LayerRead:
    """Read lots from tables of their corners, as surveyors and certificates keep them.

    A table has a column of lots, or a line above each lot; a column of corners; and two of
    coordinates, in metres, degrees, or degrees, minutes and seconds. X is the northing, as in
    Vietnamese papers, unless the headings or the numbers say otherwise, which is told. The ring may
    end where it began or not. Sides written beside the corners are compared with those computed.
    Nothing is repaired.

    Parameters
    ----------
    path
        An .xlsx, .xlsm, .ods, .csv, .tsv or .txt file.
    crs
        The CRS of the coordinates, which such a table does not say.
    sheet
        Name of the sheet; all with such a table if None.
    encoding
        Encoding of a CSV file; found out if None.
    province
        Name of the province in the registry, for the candidates of a missing CRS.
    swap_axes
        Whether the two columns are to be taken the other way round than their headings say.
    unit_m
        As in :func:`kcngeo.io.read_layer`.

    Returns
    -------
    LayerRead
        A row a lot: its number under its own heading, other columns as they stand in its first
        row, its polygon; and the findings. A lot at fault is kept without a shape.

    Raises
    ------
    DataSourceError
        If the file cannot be read or has no table of corners.
    CRSError
        If ``crs`` is no CRS.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({
    ...     "Lô": ["A1", None, None, None],
    ...     "Điểm": [1, 2, 3, 4],
    ...     "X (m)": [1270000, 1270100, 1270100, 1270000],
    ...     "Y (m)": [500000, 500000, 500050, 500050],
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(f"{folder}/corners.csv", index=False)
    ...     read = read_corners(f"{folder}/corners.csv", crs="EPSG:5899")
    >>> read.frame["Lô"].tolist(), read.frame.area.tolist()
    (['A1'], [5000.0])
    """
    place = Path(path)
    tables = [
        table
        for one in open_sheets(place, encoding=encoding)
        if sheet in (None, one.name) and not (sheet is None and one.hidden)
        for table in [find_table(one, vocabulary(TABLE))]
        if table is not None and is_corners(table)
    ]
    if not tables:
        raise DataSourceError("sheet_no_corners", path=place)
    findings: list[Finding] = []
    lots: list[_Lot] = []
    for table in tables:
        findings += table.sheet.findings
        lots += _lots(table, findings, swap_axes=swap_axes)
    if unit_m != 1.0:
        for lot in lots:
            lot.points = [(x * unit_m, y * unit_m) for x, y in lot.points]
        note = finding(
            "layer_converted", place.stem, Severity.NOTE, swapped=swap_axes, unit_m=unit_m
        )
        findings.append(note)
    frame = _frame(lots, tables[0], place.stem, findings)
    frame = frame if crs is None else frame.set_crs(crs_of(crs))
    findings += crs_findings(frame, table=place.stem, province=province)
    order = list(Severity)
    findings.sort(key=lambda one: order.index(one.severity))
    return LayerRead(frame=frame, findings=tuple(findings))


def is_corners(table: Table) -> bool:
    """Tell whether a table is one of corners: two coordinates, a corner, and lots."""
    names = set(table.names.values())
    sections = any(row.role is Role.SECTION for row in table.rows)
    return {"north", "east", "corner"} <= names and ("lot" in names or sections)


def _lots(table: Table, findings: list[Finding], *, swap_axes: bool) -> list[_Lot]:
    """Gather the rows of each lot; what is no corner is told."""
    sheet = table.sheet
    columns = {role: table.column(role) for role in _ROLES}
    sign = _decimal(table, [columns["north"], columns["east"], columns["length"]])
    merged = merged_cells(sheet)
    lots: list[_Lot] = []
    others = [sheet.place(*cell) for cell in table.after]
    for row in table.rows:
        cells = sheet.rows[row.number]
        said: dict[str, Cell] = dict.fromkeys(_ROLES)
        for role, at in columns.items():
            if at is not None:
                top, left = merged.get((row.number, at), (row.number, at))
                said[role] = sheet.rows[top][left]
        place = sheet.place(row.number, columns["north"] or 0)
        name = row.label if row.role is Role.SECTION else _text(said["lot"])
        north, east = (_value(said[role], sign) for role in ("north", "east"))
        if name is not None and (not lots or lots[-1].name != name):
            lots.append(_Lot(name=name, place=place))
            lots[-1].cells = {
                heading: cells[at]
                for at, heading in table.headings.items()
                if at not in columns.values() and cells[at] is not None
            }
        if row.role is not Role.DATA or (said["north"] is None and said["east"] is None):
            if row.role is not Role.SECTION and _text(said["lot"]) is None:
                others.append(place)
        elif north is None or east is None:
            (lots[-1].problems if lots else others).append(place)
        elif lots:
            lots[-1].names.append(_text(said["corner"]))
            lots[-1].points.append((east, north))
            lots[-1].sides.append(_value(said["length"], sign))
        else:
            others.append(place)
    if others:
        findings.append(finding("corner_rows_left_out", TABLE, Severity.NOTE, ids=others))
    _in_order(lots, table, findings, swap_axes=swap_axes)
    return lots


def _in_order(
    lots: Iterable[_Lot], table: Table, findings: list[Finding], *, swap_axes: bool
) -> None:
    """Put the easting first: as the headings say it, or as the numbers can only be."""
    points = np.array([point for lot in lots for point in lot.points]).reshape(-1, 2)
    if not len(points):
        return
    north, east = (table.headings[table.column(one) or 0] for one in ("north", "east"))
    middle_east, middle_north = np.median(points, axis=0)
    turned = middle_north <= _FARTHEST_EAST_M < middle_east
    # In degrees no northing is beyond the pole, and Viet Nam lies beyond 90° of longitude.
    turned |= middle_east <= _POLE_DEGREES < middle_north <= _MOST_DEGREES
    if turned != swap_axes:
        for lot in lots:
            lot.points = [(y, x) for x, y in lot.points]
        north, east = east, north
    if turned or swap_axes:
        findings.append(finding("corner_axes", TABLE, Severity.NOTE, north=north, east=east))


def _frame(
    lots: Sequence[_Lot], table: Table, stem: str, findings: list[Finding]
) -> gpd.GeoDataFrame:
    """Draw the lots; name those that cannot be."""
    column = table.column("lot")
    heading = "lot_code" if column is None else table.headings[column]
    shapes = [_shape(lot, findings) for lot in lots]
    seen = pd.Series([lot.name for lot in lots], dtype="object")
    again = seen[seen.duplicated(keep=False)].unique()
    if len(again):
        findings.append(finding("corner_lot_again", TABLE, ids=again))
    rows = [{heading: lot.name, **lot.cells} for lot in lots]
    return gpd.GeoDataFrame(rows, geometry=shapes, index=[lot.place for lot in lots])


def _shape(lot: _Lot, findings: list[Finding]) -> shapely.Polygon | None:
    """Draw one lot; None, with a finding, where its corners make no ring."""
    if lot.problems:
        findings.append(finding("corner_no_number", TABLE, ids=lot.problems, lot=lot.name))
        return None
    names, points = lot.names, np.array(lot.points).reshape(-1, 2)
    if len(points) > 1 and (
        np.array_equal(points[0], points[-1]) or (names[0] is not None and names[0] == names[-1])
    ):
        gap_m = float(np.hypot(*(points[-1] - points[0])))
        if gap_m > 0:
            findings.append(
                finding("corner_gap", TABLE, ids=[lot.name], corner=names[0], gap_m=f"{gap_m:.3f}")
            )
            return None
        names, points = names[:-1], points[:-1]
    told = [one for one in names if one is not None]
    twice = sorted({one for one in told if told.count(one) > 1})
    if twice:
        findings.append(finding("corner_twice", TABLE, ids=[lot.name], corners=twice))
        return None
    if len(points) < 3:
        findings.append(finding("corner_too_few", TABLE, ids=[lot.name], count=len(points)))
        return None
    shape = shapely.Polygon(points)
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        findings.append(finding("corner_crossing", TABLE, ids=[lot.name], reason=reason))
        return None
    _compare_sides(lot, names, points, findings)
    return shape


def _compare_sides(
    lot: _Lot, names: Sequence[str | None], points: NDArray[np.float64], findings: list[Finding]
) -> None:
    """Hold the sides that are written against those that follow from the corners."""
    count = len(points)
    written = np.array([np.nan if one is None else one for one in lot.sides[: count + 1]])
    if not np.isfinite(written).any():
        return
    computed = _sides_m(points)
    # A side stands in the row of the corner it begins at, or of the one it ends at.
    begins = written[:count]
    ends = np.roll(begins, -1)
    if len(written) > count and np.isfinite(written[count]):
        ends[-1] = written[count]
    taken = min(begins, ends, key=lambda one: int((np.abs(one - computed) > _SIDE_M).sum()))
    findings += [
        finding(
            "corner_side",
            TABLE,
            Severity.WARNING,
            ids=[lot.name],
            side=f"{names[at]}–{names[(at + 1) % count]}",
            written_m=f"{taken[at]:.2f}",
            computed_m=f"{computed[at]:.2f}",
        )
        for at in map(int, np.flatnonzero(np.abs(taken - computed) > _SIDE_M))
    ]


def _sides_m(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure the sides of a ring, on the ellipsoid where its corners are in degrees."""
    after = np.roll(points, -1, axis=0)
    if np.abs(points).max() > _MOST_DEGREES:
        return np.asarray(np.hypot(*(after - points).T))
    # VN-2000 has the ellipsoid of WGS 84.
    _, _, sides = pyproj.Geod(ellps="WGS84").inv(*points.T, *after.T)
    return np.asarray(sides)


def _decimal(table: Table, columns: Iterable[int | None]) -> str:
    """Find the decimal sign of a table's coordinates; a comma where nothing tells."""
    cells = [
        table.sheet.rows[row.number][at] for at in columns if at is not None for row in table.rows
    ]
    return agreed_decimal_sign(one for one in cells if isinstance(one, str)) or ","


def _value(cell: Cell, decimal: str) -> float | None:
    """Read a number; None for an empty cell and for what is none."""
    if isinstance(cell, float):
        return cell
    if not isinstance(cell, str):
        return None
    read = number(cell, decimal=decimal)
    return degrees(cell) if read is None else read[0]


def _text(cell: Cell) -> str | None:
    """Give a number or name as it is written; signs alone are none."""
    return None if cell is None or not plain(str(cell)) else shown(cell)
