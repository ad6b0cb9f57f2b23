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


def three_zones(*, reach_m: float, unknown_lots: bool) -> Project:
    """Make three zones, a lot that went from A to B, and shapes of nobody near and far of C.

    The zones are rows of 100 m × 1 km above each other, so C ends 300 m north of the origin, and
    beyond a reach north of it nothing is near. Lot P3 lies in the first square of C.
    """
    lots = squares.parcels(
        *("P1", "P1", "P2", "P3"),
        zone=["A", "B", "B", "C"],
        valid_from=pd.to_datetime(["2015-01-01", "2018-01-01", None, None]),
        valid_to=pd.to_datetime(["2018-01-01", None, None, None]),
    )
    lots.geometry = [squares.square(0, row) for row in (0, 0, 1, 2)]
    entries = [("P3", "leased", "2016-01-01", "2017-01-01")]
    entries += [(lot, "leased", "2017-01-01") for lot in ("P1", "P2", "P3")]
    entries += [("P9", "leased", "2016-01-01")] * unknown_lots
    edge = 3 + reach_m / 100
    emitters = {
        "emitter_id": ["in A", "of P2", "of P3", "nobody's"],
        "kind": "point",
        "zone_id": ["A", None, None, None],
        "parcel_id": [None, "P2", "P3", None],
    }
    at = [(0, 0), (0, 1), (0, 2), (0, edge)]
    receptors = {"receptor_id": ["near", "beyond", "nowhere"], "kind": "housing"}
    shapes = [squares.square(0, edge), squares.square(0, edge + 0.01), None]
    return project(
        zones=squares.zones("A", "B", "C"),
        parcels=lots,
        ledger=squares.ledger(*entries),
        emitters=gpd.GeoDataFrame(
            emitters, geometry=[squares.square(*one) for one in at], crs=squares.CRS
        ),
        receptors=gpd.GeoDataFrame(receptors, geometry=shapes, crs=squares.CRS),
        targets=pd.DataFrame({"zone_id": ["A", None, "C"], "definition": "nd35-2022"}),
    )


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
