"""Projects that are hard to hold, and what it means that one comes back as it was."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from kcngeo import Project
from kcngeo.core.schema import RECORDED, Column, Kind, Table
from kcngeo.core.validation import validate
from tests import squares

VALUES = {
    # The same word composed and decomposed, and nothing at all as opposed to missing.
    Kind.TEXT: ["Lộc Sơn", "Lo\u0323\u0302c So\u031bn", "", None],
    Kind.NUMBER: [0.1, 1e-9, 76.072, None],
    Kind.COUNT: pd.array([1, 2**62 + 1, 0, None], dtype="Int64"),
    Kind.FLAG: pd.array([True, False, True, None], dtype="boolean"),
    Kind.DATE: pd.to_datetime(["1900-01-01", "1969-12-31", "2018-03-31", None]),
    Kind.MOMENT: pd.to_datetime(
        ["1969-12-31T23:59:59Z", "2018-03-31T16:59:59.001Z", "2018-03-31T17:00:00Z", None],
        format="ISO8601",
    ),
}
LATER = pd.to_datetime(["1900-01-02", "1970-01-01", None, None])
SHAPES = [
    squares.square(0),
    MultiPolygon([squares.square(1), squares.square(3)]),
    # A corner that no short decimal can hold, and a hole.
    Polygon(
        [(5e5 + 1 / 3, 1.27e6), (500_100, 1.27e6), (500_100, 1_270_100)],
        [[(500_080, 1_270_020), (500_080, 1_270_030), (500_090, 1_270_030)]],
    ),
    None,
]
ANY_SHAPES = [Point(5e5, 1.27e6), LineString([(5e5, 1.27e6), (5e5, 1.28e6)]), SHAPES[1], None]


def filled(table: Table) -> Any:
    """Make a table with every column of its contract and the hardest values of each kind."""
    data: dict[str, Any] = {}
    for column in (*table.columns, *RECORDED):
        data[column.name] = values_of(column)
    if "valid_to" in data:
        data["valid_to"] = LATER
    data["superseded_at"] = pd.array([pd.NaT] * 4, dtype="datetime64[us, UTC]")
    if table.name == "declared_accounts":
        # A database refuses an account that states nothing, or of a zone that is not there.
        data |= {"base_ha": [0.1, 1e-9, 76.072, 1.0], "definition": ["a", "b", "c", None]}
    if not table.geometry:
        return pd.DataFrame(data)
    shapes = SHAPES if table.geometry == "polygon" else ANY_SHAPES
    return gpd.GeoDataFrame(data, geometry=shapes, crs=squares.CRS)


def values_of(column: Column) -> Any:
    if column.choices:
        return [column.choices[0], column.choices[-1], *(column.choices[:2])]
    values = VALUES[column.kind]
    if column.required:
        # Ids name one row on record: a database refuses the same one twice.
        return values[[0, 1, 2, 0]] if column.kind is not Kind.TEXT else [*values[:3], "bốn"]
    return values


def project(**tables: Any) -> Project:
    """Make a small good project, with some tables replaced or added."""
    frames = {
        "zones": squares.zones("A"),
        "parcels": squares.parcels("P1", "P2"),
        "ledger": squares.ledger(("P1", "leased", "2018-01-01")),
        **tables,
    }
    return Project(**frames)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Geometry as its bytes, so that equal means equal to the last bit."""
    table = pd.DataFrame(frame).copy()
    if "geometry" in table.columns:
        table["geometry"] = pd.Series(
            shapely.to_wkb(frame["geometry"].to_numpy(), flavor="iso", hex=True), dtype="str"
        )
    return table


def assert_same(one: Project, other: Project) -> None:
    tables = dict(other.stored())
    assert list(dict(one.stored())) == list(tables)
    for name, frame in one.stored():
        pd.testing.assert_frame_equal(plain(tables[name]), plain(validate(frame, name)))
        if isinstance(frame, gpd.GeoDataFrame):
            assert tables[name].crs == frame.crs, name


HIGH = shapely.force_3d(squares.square(0), 950.5)
BOWTIE = Polygon([(5e5, 1.27e6), (500_100, 1_270_100), (500_100, 1.27e6), (5e5, 1_270_100)])
