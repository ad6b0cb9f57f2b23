"""Arcs become straight sides within a millimetre, the same from either side, and are told."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from kcngeo.core.model import Severity
from kcngeo.io import read_layer
from kcngeo.io.vector.curves import TOLERANCE_M, arc_corners, straightened

X, Y = 500_000.0, 1_270_000.0
LINE, ARCS, COMPOUND, CURVE_POLYGON, SURFACES = 2, 8, 9, 10, 12
HALF = np.array([[X, Y], [X + 100, Y + 100], [X + 200, Y]])


def part(kind: int, body: bytes, *, order: str = "<") -> bytes:
    return struct.pack(f"{order}BI", order == "<", kind) + body


def corners(kind: int, points: np.ndarray, *, order: str = "<") -> bytes:
    count = struct.pack(f"{order}I", len(points))
    return part(kind, count + points.astype(f"{order}f8").tobytes(), order=order)


def half_disc(order: str = "<") -> bytes:
    """An arc of 180° and the side that closes it, as WKB."""
    sides = [corners(ARCS, HALF, order=order), corners(LINE, HALF[[2, 0]], order=order)]
    count = struct.pack(f"{order}I", 2)
    ring = part(COMPOUND, count + b"".join(sides), order=order)
    return part(CURVE_POLYGON, struct.pack(f"{order}I", 1) + ring, order=order)


def test_a_lot_with_an_arc_comes_in_and_is_told(tmp_path: Path):
    path = tmp_path / "lots.gpkg"
    shape = shapely.box(X, Y, X + 1, Y + 1)
    gpd.GeoDataFrame({"lo": ["A1", "A2"]}, geometry=[shape] * 2, crs="EPSG:5899").to_file(path)
    head = struct.pack("<2sBBI4d", b"GP", 0, 3, 5899, X, X + 200, Y, Y + 100)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        # GDAL's functions of the index are not at hand here.
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f'DROP TRIGGER "{name}"')
        shapes = [head + half_disc()]
        connection.execute("UPDATE lots SET geom = ? WHERE lo = 'A1'", shapes)
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'")
    read = read_layer(path)
    # Half a disc of 100 m: π · 100² / 2 = 15,707.96 m²; the sides cut at most 1 mm · 314 m off.
    assert read.frame.area[0] == pytest.approx(15_707.963, abs=0.32)
    assert read.frame.area[0] < math.pi * 100**2 / 2
    (told,) = [one for one in read.findings if one.rule == "shape_straightened"]
    assert (told.severity, told.fields["count"]) == (Severity.NOTE, 1)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tolerance", [1.0, 0.01, TOLERANCE_M])
def test_sides_lie_within_the_tolerance_of_the_arc(order: str, tolerance: float):
    shape = straightened(half_disc(order), tolerance=tolerance)
    arc = shapely.get_coordinates(shape)[:-1]
    assert np.allclose(np.hypot(*(arc - [X + 100, Y]).T), 100)
    middles = (arc[1:] + arc[:-1]) / 2
    off = 100 - np.hypot(*(middles - [X + 100, Y]).T)
    assert 0 < off.max() <= tolerance * (1 + 1e-6)
    # The points that were written stay corners.
    assert {tuple(one) for one in HALF} <= {tuple(one) for one in arc}


def test_an_arc_gives_the_same_corners_from_either_side():
    forth, back = (arc_corners(one, tolerance=TOLERANCE_M) for one in (HALF, HALF[::-1]))
    assert np.array_equal(forth, back[::-1])


@pytest.mark.parametrize(
    ("points", "turn"),
    [
        ([[1, 0], [0, 1], [-1, 0]], math.pi),  # anticlockwise
        ([[1, 0], [0, -1], [-1, 0]], math.pi),  # clockwise
        ([[1, 0], [-1, 0], [1, 0]], 2 * math.pi),  # a full circle
        ([[1, 0], [-1, 0], [0, -1]], 1.5 * math.pi),  # three quarters
    ],
)
def test_arcs_of_every_turn(points: list[list[float]], turn: float):
    arc = arc_corners(np.array(points, dtype=float), tolerance=1e-6)
    assert np.hypot(*np.diff(arc, axis=0).T).sum() == pytest.approx(turn, rel=1e-5)


def test_what_is_straight_stays_straight():
    points = np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 3.0]])
    assert np.array_equal(arc_corners(points, tolerance=0.001), points)


def test_shapes_of_several_parts_and_heights():
    high = np.column_stack([HALF, [5.0, 5.0, 5.0]])
    arc = part(ARCS + 1000, struct.pack("<I", 3) + high.tobytes())
    flat = shapely.get_coordinates(straightened(arc, tolerance=1.0))
    assert np.array_equal(flat, arc_corners(HALF, tolerance=1.0))
    both = part(SURFACES, struct.pack("<I", 2) + half_disc() + half_disc(">"))
    assert straightened(both, tolerance=0.01).geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x01",
        half_disc()[:-8],  # cut off
        half_disc() + b"\x00",  # more than it says
        corners(ARCS, HALF[:2]),  # no end
        part(ARCS, struct.pack("<I", 0xFFFFFFFF)),  # more corners than there are bytes
        part(SURFACES, struct.pack("<I", 0xFFFFFFFF)),
        part(99, b""),
        corners(ARCS, np.array([[0.0, 0.0], [np.nan, 1.0], [2.0, 0.0]])),
        shapely.to_wkb(shapely.box(0, 0, 1, 1)),  # without an arc it is not ours
    ],
    ids=range(10),
)
def test_what_is_broken_is_not_mended(raw: bytes):
    assert straightened(raw, tolerance=0.001) is None
