"""Rows are known again by what stands in them, however it was stored meanwhile."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point

from kcngeo.core.row_digests import _mixed, row_digests

SQUARE, LINE = shapely.box(0, 0, 1, 1), LineString([(0, 0), (1, 0)])
AWAY = shapely.box(5, 0, 6, 1)
NOON = pd.Timestamp("2018-03-31 05:00", tz="UTC")


def digest(value: object) -> int:
    """The digest of a row of one cell."""
    if isinstance(value, shapely.Geometry):
        return int(row_digests(gpd.GeoDataFrame({"id": ["P"]}, geometry=[value]))[0])
    return int(row_digests(pd.DataFrame({"cell": [value]}))[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.0, -0.0),
        (1, 1.0),
        (Point(1, 2), MultiPoint([(1, 2)])),
        (LINE, MultiLineString([LINE])),
        (SQUARE, MultiPolygon([SQUARE])),
        (SQUARE, GeometryCollection([SQUARE])),
        (SQUARE, shapely.reverse(SQUARE)),
        (NOON, NOON.tz_convert("Asia/Ho_Chi_Minh")),
        (NOON, NOON.tz_localize(None)),
    ],
)
def test_the_same_has_one_digest_however_it_is_stored(one: object, other: object) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Nothing is added to a figure, however small.
        (0.0, 1e-20),
        ("1", 1),
        ("", None),
        (NOON, NOON + pd.Timedelta("1us")),
        (SQUARE, AWAY),
        (SQUARE, MultiPolygon([SQUARE, AWAY])),
        (MultiPolygon([SQUARE, AWAY]), MultiPolygon([SQUARE, shapely.box(5, 0, 6, 2)])),
        (LINE, LINE.reverse().segmentize(0.5)),
    ],
)
def test_what_differs_has_another_digest(one: object, other: object) -> None:
    assert digest(one) != digest(other)


def test_days_and_flags_beside_missing_ones_are_what_a_store_makes_of_them() -> None:
    day = pd.Timestamp("2018-03-31")
    given = pd.DataFrame({"on": [day.date(), None], "paid": [True, None]}, dtype="object")
    stored = given.astype({"on": "datetime64[s]", "paid": "boolean"})
    assert row_digests(given).tolist() == row_digests(stored).tolist()
    # A row in which nothing stands adds nothing.
    assert row_digests(given)[1] == 0
    assert len({*row_digests(pd.DataFrame({"a": [1, 2], "b": [2, 1]})).tolist()}) == 2


def test_digests_outlast_the_program_that_made_them() -> None:
    # A copy keeps those of the rows it was taken with: MurmurHash3 ends 1 as 0xB456BCFC34C2CB2C.
    assert _mixed(np.array([1], dtype="uint64")).tolist() == [0xB456BCFC34C2CB2C]
