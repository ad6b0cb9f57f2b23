"""What of a shape has an area."""

from __future__ import annotations

import numpy as np
import shapely

from kcngeo.core.areal import areal, many_parts, one_part


def test_points_and_lines_go_and_polygons_stay():
    square = shapely.box(0, 0, 1, 1)
    line, point = shapely.LineString([(2, 0), (2, 1)]), shapely.Point(3, 3)
    shapes = np.empty(5, dtype=object)
    shapes[:] = [
        square,
        line,
        point,
        shapely.GeometryCollection([square, line, point]),
        shapely.MultiPolygon([square, shapely.box(5, 0, 6, 1)]),
    ]
    before = shapes.copy()
    kept = areal(shapes)
    assert shapely.area(kept).tolist() == [1, 0, 0, 1, 2]
    assert set(shapely.get_type_id(kept)) <= {3, 6}
    assert (shapes == before).all()


def test_hairlines_of_rounding_go_and_slivers_stay():
    square = shapely.box(0, 0, 1, 1)
    hairline, sliver = shapely.box(5, 0, 5 + 1e-9, 100), shapely.box(7, 0, 7.001, 100)
    kept = areal(np.array([shapely.MultiPolygon([square, hairline, sliver]), hairline]))
    # 1 mm × 100 m is land, a nanometre is not
    assert kept[0].equals(shapely.MultiPolygon([square, sliver]))
    assert kept[1].is_empty
    # A square millimetre, 1e-6 m², is the least that is kept.
    least, less = (shapely.box(0, 0, width, 1) for width in (1e-6, 9.99e-7))
    assert shapely.is_empty(areal(np.array([least, less]))).tolist() == [False, True]


def test_one_part_is_wrapped_and_unwrapped_and_several_stay():
    square, away = shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1)
    one, two = shapely.MultiPolygon([square]), shapely.MultiPolygon([square, away])
    lines = shapely.MultiLineString([square.exterior])
    given = np.array([square, one, two, shapely.MultiPolygon(), lines, away], dtype=object)
    assert one_part(given).tolist() == [square, square, two, shapely.Polygon(), lines, away]
    wrapped = [one, one, two, shapely.MultiPolygon(), lines, shapely.MultiPolygon([away])]
    assert many_parts(given).tolist() == wrapped
