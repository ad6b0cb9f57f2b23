"""Geometry kernels: areas within, pairs within a distance, overlaps; each touches geometry once.

They work on arrays and release the interpreter while GEOS works, so the heavy part runs in as many
threads as there are cores. Prepared geometries are never shared between threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.core.coverage import suspects
from kcngeo.core.crs import lonlat, require_metric_crs, require_same_crs
from kcngeo.core.distance_join import near
from kcngeo.core.errors import GeometryError
from kcngeo.core.polygon_intersection import edges_of, shared_areas
from kcngeo.core.threads import in_threads
from kcngeo.core.validation import row_names

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]
    Rows = NDArray[np.intp]

AREA_BASES = ("grid", "ellipsoid", "certificate")
"""What ``area=`` may be: as measured on the grid, on the ellipsoid, or as written on paper."""

OVERLAP_M2 = 1.0
"""Two parcels overlap if they share more than this; less is rounding of coordinates."""

_THREADED_FROM = 20_000
# A square millimetre: less is the rounding of two polygons that only touch.
_TOUCHING_M2 = 1e-6


def areas_within(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure how much of each polygon of one layer lies in each polygon of another.

    Pairs that only touch, or share less than a square millimetre, are left out. What lies in two
    overlapping polygons of ``right`` is given for both: sums over ``right`` double-count there.

    Parameters
    ----------
    left
        Polygons in a projected CRS in metres, for example parcels.
    right
        Polygons in the same CRS, for example zones; fewer and larger is faster.

    Returns
    -------
    pd.DataFrame
        A row a pair, sorted: ``left`` and ``right``, index labels of the two frames, and
        ``area_m2``, the shared area on the grid.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    GeometryError
        If a geometry is invalid or no polygon; all are named.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import kcngeo as kcn
    >>> square = kcn.examples.square
    >>> parcels = gpd.GeoDataFrame(
    ...     index=["P1", "P2"], geometry=[square(0), square(1.75)], crs=kcn.examples.CRS
    ... )
    >>> zones = gpd.GeoDataFrame(index=["A"], geometry=[square(0, wide=2)], crs=kcn.examples.CRS)
    >>> areas_within(parcels, zones)["area_m2"].tolist()  # P2: 25 m of its 100 m lie inside
    [10000.0, 2500.0]
    """
    require_same_crs(left=left, right=right)
    require_metric_crs(left, name="left")
    ours, theirs = left.geometry.to_numpy(), right.geometry.to_numpy()
    require_polygons(left, name="left")
    require_polygons(right, name="right")
    # (pairs,) of polygons whose boxes meet, sorted by theirs: a prepared fence is then used in one
    # go
    theirs_row, our_row = shapely.STRtree(ours).query(theirs)
    order = np.argsort(theirs_row, kind="stable")
    theirs_row, our_row = theirs_row[order], our_row[order]
    area_m2 = np.concatenate(
        [
            np.empty(0),
            *in_threads(
                lambda part: _areas_inside(ours[our_row[part]], theirs, theirs_row[part]),
                _runs(theirs_row),
            ),
        ]
    )
    return _pairs(left, right, our_row, theirs_row, area_m2 > _TOUCHING_M2, area_m2=area_m2)


def pairs_within(
    left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, *, distance_m: float | pd.Series
) -> pd.DataFrame:
    """Find the pairs of geometries that are not farther apart than a distance.

    A pair exactly at the distance is in. Geometries that touch or overlap are 0 m apart.

    Parameters
    ----------
    left
        Geometries in a projected CRS in metres.
    right
        Geometries in the same CRS.
    distance_m
        Distance in metres: one for all, or a Series on the index of ``left``. Rows of ``left``
        whose distance is missing find nothing.

    Returns
    -------
    pd.DataFrame
        A row a pair, sorted: ``left`` and ``right``, index labels of the two frames, and
        ``distance_m``, the exact distance on the grid.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates lengths.
    GeometryError
        If a distance is negative or infinite, or the Series lies on another index.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import kcngeo as kcn
    >>> square = kcn.examples.square
    >>> works = gpd.GeoDataFrame(index=["W"], geometry=[square(0)], crs=kcn.examples.CRS)
    >>> homes = gpd.GeoDataFrame(
    ...     index=["H1", "H2"], geometry=[square(1.5), square(3)], crs=kcn.examples.CRS
    ... )
    >>> pairs_within(works, homes, distance_m=50).values.tolist()  # the limit itself is within
    [['W', 'H1', 50.0]]
    """
    require_same_crs(left=left, right=right)
    require_metric_crs(left, name="left")
    limits = _limits(left, distance_m)
    ours, theirs = left.geometry.to_numpy(), right.geometry.to_numpy()
    our_row, their_row, gap_m = near(ours, theirs, limits)
    return _pairs(left, right, our_row, their_row, gap_m <= limits[our_row], distance_m=gap_m)


def overlaps(
    frame: gpd.GeoDataFrame,
    *,
    tolerance_m2: float = OVERLAP_M2,
    start: NDArray[np.int64] | None = None,
    end: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Find the pairs of polygons of one layer that share more than a stated area.

    Parameters
    ----------
    frame
        Valid polygons in a projected CRS in metres.
    tolerance_m2
        Shared area up to which a pair counts as touching, in m².
    start
        First day of each polygon, as a day number; None if all are there at all times.
    end
        First day no longer of each polygon; given with ``start``.

    Returns
    -------
    pd.DataFrame
        A row a pair, sorted: ``left`` and ``right`` (**positions** of the rows, left < right) and
        ``area_m2``, the shared area.

    Raises
    ------
    GeometryError
        If a geometry is invalid or no polygon; all are named.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import kcngeo as kcn
    >>> square = kcn.examples.square
    >>> lots = gpd.GeoDataFrame(
    ...     geometry=[square(0), square(0.9), square(1.9)], crs=kcn.examples.CRS
    ... )
    >>> overlaps(lots).round(3).values.tolist()  # 10 m of 100 m
    [[0.0, 1.0, 1000.0]]
    """
    require_polygons(frame, name="layer")
    polygons = frame.geometry.to_numpy()
    found = suspects(polygons, tolerance_m2=tolerance_m2, start=start, end=end)
    one, other = found.one, found.other
    # Edges only of the polygons that are asked for.
    used, place = np.unique(np.concatenate([one, other]), return_inverse=True)
    edges, ours, theirs = edges_of(polygons[used]), *np.split(place, 2)
    area_m2 = np.concatenate(
        in_threads(
            lambda part: shared_areas(edges, edges, ours[part], theirs[part]),
            np.array_split(np.arange(len(one)), max(1, len(one) // _THREADED_FROM)),
        )
    )
    keep = area_m2 > tolerance_m2
    pairs = pd.DataFrame({"left": one[keep], "right": other[keep], "area_m2": area_m2[keep]})
    return pairs.sort_values(["left", "right"], ignore_index=True)


def areas_m2(frame: gpd.GeoDataFrame, *, basis: str, certificate: str) -> NDArray[np.float64]:
    """Measure each polygon on one of three bases.

    Parameters
    ----------
    frame
        Polygons in a projected CRS in metres.
    basis
        "grid", the plane of the CRS; "ellipsoid", geodesic; "certificate", as written.
    certificate
        Column that holds the written area in m².

    Returns
    -------
    NDArray[np.float64]
        Areas in m²; missing (nan) where the written area is, or a corner lies nowhere.

    Raises
    ------
    ValueError
        If the basis is none of the three.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> parcels = kcn.examples.squares().parcels.head(2)
    >>> areas_m2(parcels, basis="grid", certificate="certificate_area_m2").tolist()
    [10000.0, 10000.0]
    """
    if basis not in AREA_BASES:
        raise ValueError(f"area must be one of {', '.join(AREA_BASES)}, not {basis!r}")
    if basis == "certificate":
        if certificate not in frame.columns:
            return np.full(len(frame), np.nan)
        return frame[certificate].to_numpy(dtype="float64", na_value=np.nan)
    if basis == "ellipsoid":
        return _geodesic_areas_m2(frame)
    # A shape with a corner nowhere has no area.
    with np.errstate(invalid="ignore"):
        return np.asarray(shapely.area(frame.geometry.to_numpy()))


def invalid_rows(frame: gpd.GeoDataFrame) -> tuple[Rows, NDArray[np.object_]]:
    """Find the polygons that cannot be measured, with the reason.

    Parameters
    ----------
    frame
        A layer of polygons.

    Returns
    -------
    tuple[NDArray[np.intp], NDArray[np.object_]]
        Positions of the rows and, for each, what is wrong and where (GEOS's words).

    Examples
    --------
    >>> import geopandas as gpd
    >>> bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> rows, reasons = invalid_rows(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), bow_tie]))
    >>> rows.tolist(), reasons.tolist()
    ([1], ['Self-intersection[0.5 0.5]'])
    """
    geometry = frame.geometry.to_numpy()
    # (rows,) a part at a time: GEOS lets go of the interpreter
    good = np.concatenate(
        [
            np.empty(0, dtype=bool),
            *in_threads(
                lambda part: (
                    shapely.is_valid(part)
                    & ~shapely.is_empty(part)
                    & (shapely.get_dimensions(part) == 2)
                ),
                np.array_split(geometry, max(1, len(geometry) // _THREADED_FROM)),
            ),
        ]
    )
    rows = np.flatnonzero(~good)
    # Coordinates beyond all numbers overflow on the way to a verdict; the verdict is what counts.
    with np.errstate(invalid="ignore", over="ignore"):
        reasons = np.array([_why_not(one) for one in geometry[rows]], dtype=object)
    return rows, reasons


def _why_not(shape: Any) -> str:
    """Say why a shape cannot be measured."""
    if shape is None:
        return "no geometry"
    if shape.is_empty:
        return "empty geometry"
    is_flat = shapely.get_dimensions(shape) == 2
    return str(shapely.is_valid_reason(shape) if is_flat else shape.geom_type)


def require_polygons(frame: gpd.GeoDataFrame, *, name: str) -> None:
    """Refuse a layer with geometries that cannot be measured.

    Parameters
    ----------
    frame
        A layer of polygons.
    name
        What to call it in the message.

    Raises
    ------
    GeometryError
        If a geometry is missing, empty, invalid or no polygon; all are named.

    Examples
    --------
    >>> import geopandas as gpd
    >>> require_polygons(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]), name="parcels")
    """
    rows, reasons = invalid_rows(frame)
    if len(rows):
        names = row_names(frame, rows)
        shown = tuple(f"{row}: {reason}" for row, reason in zip(names, reasons, strict=True))
        raise GeometryError("geometry_invalid", name=name, ids=shown, count=len(rows))


def _areas_inside(ours: Geometries, theirs: Geometries, theirs_row: Rows) -> NDArray[np.float64]:
    """Measure pairs sorted by ``theirs_row``: as they stand where inside, else what is shared."""
    used, place = np.unique(theirs_row, return_inverse=True)
    # Own copies: a prepared geometry builds its index when first asked, and two threads must not.
    fences = shapely.from_wkb(shapely.to_wkb(theirs[used]))
    shapely.prepare(fences)
    inside = shapely.contains_properly(fences[place], ours)
    area_m2 = np.asarray(shapely.area(ours))
    rest = np.flatnonzero(~inside)
    area_m2[rest] = shared_areas(
        edges_of(ours[rest]), edges_of(fences), np.arange(len(rest)), place[rest]
    )
    return area_m2


def _runs(sorted_rows: Rows) -> list[Rows]:
    """Split pairs sorted by row into a few parts, never within one row."""
    size = len(sorted_rows)
    if size < _THREADED_FROM:
        return [np.arange(size)] if size else []
    # Positions where a new row of theirs begins; each cut falls on the last one before a full part.
    starts = np.flatnonzero(np.diff(sorted_rows, prepend=-1))
    cuts = starts[np.searchsorted(starts, np.arange(_THREADED_FROM, size, _THREADED_FROM)) - 1]
    return np.split(np.arange(size), np.unique(cuts[cuts > 0]))


def _limits(left: gpd.GeoDataFrame, distance_m: float | pd.Series) -> NDArray[np.float64]:
    if isinstance(distance_m, pd.Series):
        if not distance_m.index.equals(left.index):
            raise GeometryError("distance_index")
        limits = distance_m.to_numpy(dtype="float64", na_value=np.nan)
    else:
        limits = np.full(len(left), float(distance_m))
    # A negative distance would find nothing, an infinite one everything, both without a word.
    if (limits < 0).any() or np.isinf(limits).any():
        bad = np.flatnonzero((limits < 0) | np.isinf(limits))
        raise GeometryError("distance_negative", ids=row_names(left, bad))
    return limits


def _pairs(
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    our_row: Rows,
    their_row: Rows,
    keep: NDArray[np.bool_],
    **measure: NDArray[np.float64],
) -> pd.DataFrame:
    """Label the kept pairs, sorted by their positions."""
    kept = np.flatnonzero(keep)
    # One key of two whole numbers, nearly sorted as it comes.
    order = kept[np.argsort(our_row[kept] * len(right) + their_row[kept], kind="stable")]
    columns: dict[str, Any] = {
        "left": left.index.take(our_row[order]),
        "right": right.index.take(their_row[order]),
    }
    columns.update({name: values[order] for name, values in measure.items()})
    return pd.DataFrame(columns)


def _geodesic_areas_m2(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Measure on the ellipsoid of the layer's own datum, holes subtracted."""

    def unproject(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(lonlat(frame.crs, points[:, 0], points[:, 1]))

    geod, shapes = frame.crs.get_geod(), frame.geometry.to_numpy()
    areas = np.empty(len(shapes))
    # Some at a time: nobody needs all shapes twice.
    for at in np.array_split(np.arange(len(shapes)), max(1, len(shapes) // _THREADED_FROM)):
        # Oriented first: Geod adds a hole that winds like its shell.
        lonlats = shapely.orient_polygons(shapely.transform(shapes[at], unproject))
        areas[at] = [abs(geod.geometry_area_perimeter(one)[0]) for one in lonlats]
    return areas
