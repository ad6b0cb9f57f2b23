"""Which CRS a layer is probably in, where it does not say or may be wrong: ranked, never assumed.

Two things tell. Areas: a lot measures as its certificate says only in the right unit, and TM-3 and
UTM differ by 0.06 %. They cannot tell one meridian from another, because a TM-3 zone is the same
strip moved east. Place: only the right meridian puts the layer where the province, the zones or
another layer lie; a wrong one puts it 27 to 218 km away. What neither can tell stays a tie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from kcngeo import standards
from kcngeo.core import crs as crs_of
from kcngeo.core.errors import CRSError
from kcngeo.io.spreadsheet import value_parser

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

FOOT_M = 0.3048

# Viet Nam on land, in degrees: the area of use of VN-2000 in the EPSG registry (EPSG:3328).
VIET_NAM = (102.14, 8.33, 109.53, 23.4)

_SAMPLE = 400
# A row farther from the middle than this many times what others lie has a wrong digit.
_ASTRAY = 300.0
_NEAR_KM = 5.0
# Agreement of areas better than this is not told apart: certificates are rounded, and UTM areas
# are brought to the TM-3 grid by the nearest meridian, not the right one.
_AREA_RESOLUTION = 2.5e-4
# A layer whose areas are off by more than this is not in that CRS.
_AREA_LIMIT = 0.05
_TM3_SCALE = 0.9999


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    code: str
    swapped: bool = False
    unit_m: float = 1.0


def crs_candidates(
    frame: gpd.GeoDataFrame,
    *,
    certificate: str | None = None,
    reference: gpd.GeoDataFrame | None = None,
    province: str | None = None,
) -> pd.DataFrame:
    """Rank the CRSs a layer may be in; its own, if it has one, is not believed.

    Each candidate is one of: the VN-2000 / TM-3 zones, UTM 48N and 49N on VN-2000 and WGS 84, and
    WGS 84 in degrees; each also with its axes swapped, and those in metres also in feet and
    millimetres. Only candidates that put the layer into Viet Nam, or near the reference, are
    listed, and plain degrees wherever they may be degrees. Candidates that nothing tells apart
    have the same rank.

    Parameters
    ----------
    frame
        The layer; its coordinates are taken as they stand.
    certificate
        Column with the area of each lot on paper, in m². None leaves areas out.
    reference
        A layer in a known CRS that lies where this one should: the zones, the province.
    province
        Name of a province in the registry ("lam-dong"): its own TM-3 zone breaks a tie between
        meridians, and is marked as no more than that.

    Returns
    -------
    pd.DataFrame
        A row a candidate, best first: ``rank``, ``crs``, ``name``, ``swapped``, ``unit_m``
        (metres in a unit of the coordinates), ``area_error_share`` (median of measured ÷ paper −
        1), ``areas`` (lots compared), ``distance_km`` to the reference, ``of_province``, ``tied``.

    Raises
    ------
    CRSError
        If the reference has no CRS.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> lost = project.parcels.set_crs(None, allow_override=True)
    >>> crs_candidates(lost, reference=project.zones)["crs"].iloc[0]
    'EPSG:5899'
    """
    if reference is not None and reference.crs is None:
        raise CRSError("crs_missing", name="reference")
    shapes = _measurable(frame.geometry.to_numpy())
    expected = _expected_crs(province)
    target = _outline(reference)
    paper = _paper(frame, certificate, shapes)
    bounds = np.zeros(0) if shapely.is_missing(shapes).all() else shapely.total_bounds(shapes)
    rows = [
        row
        for candidate in (_all_candidates() if len(bounds) else ())
        if (row := _judged(candidate, shapes, bounds, paper, target, expected)) is not None
    ]
    columns = [
        "rank", "crs", "name", "swapped", "unit_m", "area_error_share", "areas", "distance_km",
        "of_province", "tied",
    ]  # fmt: skip
    if not rows:
        return pd.DataFrame(columns=columns)
    return _ranked(pd.DataFrame(rows))[columns]


def place_of(frame: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> float:
    """Tell how far a layer lies from another, both where their CRS puts them."""
    ours, theirs = _outline(frame), _outline(reference)
    if ours is None or theirs is None:
        return float("nan")
    return _distance_km(ours, theirs)


def lost_vn2000(crs: Any) -> str | None:
    """Recognise a VN-2000 grid whose datum was lost, as MapInfo loses it."""
    if crs is None or not crs.is_projected or crs.to_authority(min_confidence=100) is not None:
        return None
    on_wgs84 = crs.ellipsoid is not None and crs.ellipsoid.name == "WGS 84"
    if crs.coordinate_operation is None or not on_wgs84 or "VN" in str(crs.datum).upper():
        return None
    for code, projection in _projections().items():
        if _parameters(crs) == projection:
            return code
    return None


@cache
def _projections() -> dict[str, tuple[float, ...]]:
    codes = [one for one in _grid_codes() if "VN-2000" in pyproj.CRS(one).name]
    return {code: _parameters(pyproj.CRS(code)) for code in codes}


def _parameters(crs: Any) -> tuple[float, ...]:
    wanted = ("origin", "meridian", "scale", "easting", "northing")
    parameters = {one.name.lower(): one.value for one in crs.coordinate_operation.params}
    found = []
    for part in wanted:
        name = "latitude of natural origin" if part == "origin" else part
        found.append(
            next(
                (
                    round(float(value), 6)
                    for key, value in parameters.items()
                    if name in key or (part == "meridian" and key.startswith("longitude"))
                ),
                float("inf"),
            )
        )
    return tuple(found)


@cache
def _grid_codes() -> tuple[str, ...]:
    """List the grids: the TM-3 zones of the registry of provinces and of EPSG, and UTM."""
    provinces = [standards.load(name) for name in standards.names()]
    zones = {one.epsg for one in provinces if isinstance(one, standards.Province)}
    zones |= {5896, 5897, 5898, 5899, *range(9205, 9219)}
    return (
        *(f"EPSG:{one}" for one in sorted(zones)),
        "EPSG:3405",
        "EPSG:3406",
        "EPSG:32648",
        "EPSG:32649",
    )


@cache
def _all_candidates() -> tuple[_Candidate, ...]:
    found = [_Candidate(code="EPSG:4326"), _Candidate(code="EPSG:4326", swapped=True)]
    for code in _grid_codes():
        for unit_m in (1.0, FOOT_M, 0.001):
            found += [
                _Candidate(code=code, unit_m=unit_m),
                _Candidate(code=code, unit_m=unit_m, swapped=True),
            ]
    return tuple(found)


def _measurable(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep shapes that have finite coordinates and do not stray, the others as None."""
    kept = geometry.copy()
    bounds = shapely.bounds(geometry).reshape(-1, 4)
    kept[~np.isfinite(bounds).all(axis=1)] = None
    places = np.flatnonzero(~shapely.is_missing(kept))
    if len(places) > 2:
        with np.errstate(over="ignore", invalid="ignore"):
            centre = bounds[places].reshape(-1, 2, 2).mean(axis=1)
            away = np.hypot(*(centre - np.median(centre, axis=0)).T)
            kept[places[~(away <= _ASTRAY * max(np.median(away), 1e-9))]] = None
    return kept


def _expected_crs(province: str | None) -> str | None:
    if province is None:
        return None
    entry = standards.load(province)
    if not isinstance(entry, standards.Province):
        raise standards.StandardError("no_standard", name=province, names="lam-dong")
    return f"EPSG:{entry.epsg}"


def _paper(
    frame: gpd.GeoDataFrame, certificate: str | None, shapes: NDArray[np.object_]
) -> tuple[NDArray[np.intp], Points]:
    """Choose lots to compare, evenly over the layer, and give their areas on paper."""
    if certificate is None or certificate not in frame.columns:
        return np.empty(0, dtype=np.intp), np.empty(0)
    paper = _numbers(frame[certificate])
    good = np.flatnonzero((paper > 0) & np.isfinite(paper) & (shapely.area(shapes) > 0))
    good = good[:: max(1, len(good) // _SAMPLE)]
    return good, paper[good]


def _numbers(column: pd.Series) -> Points:
    """Read areas, also those written with decimal commas; what is none is missing."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(column.to_numpy(np.float64, na_value=np.nan))
    texts = [
        "" if missing else str(one) for one, missing in zip(column, column.isna(), strict=True)
    ]
    signs = {value_parser.decimal_sign(one) for one in texts} & {",", "."}
    decimal = signs.pop() if len(signs) == 1 else None
    read = (value_parser.number(one, decimal=decimal or ".") for one in texts)
    return np.array([np.nan if one is None else one[0] for one in read])


def _outline(reference: gpd.GeoDataFrame | None) -> Any:
    """Give a layer's shapes in degrees, simplified to what a distance in kilometres needs."""
    if reference is None:
        return None
    shapes = _measurable(_in_degrees(reference))
    if not (~shapely.is_missing(shapes)).any():
        return None
    bad = ~shapely.is_valid(shapes)
    shapes = np.where(bad, shapely.convex_hull(shapes), shapes)
    return shapely.simplify(shapely.union_all(shapes), 1e-4)


def _in_degrees(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Give shapes in degrees; on their own datum where no operation leads away from it there."""
    try:
        return np.asarray(crs_of.to_wgs84(frame).geometry.to_numpy())
    except CRSError:
        crs = frame.crs
        if crs is None or not crs.is_projected or crs.geodetic_crs is None:
            raise
    # A datum moves a place by some hundred metres, and what is asked is a matter of kilometres.
    there = shapely.transform(
        frame.geometry.to_numpy(), lambda xy: np.column_stack(crs_of.lonlat(crs, *xy.T))
    )
    return np.asarray(there)


def _judged(
    candidate: _Candidate,
    shapes: NDArray[np.object_],
    bounds: Points,
    paper: tuple[NDArray[np.intp], Points],
    target: Any,
    expected: str | None,
) -> dict[str, object] | None:
    """Measure a candidate; None if it puts the layer out of the question."""
    crs = _known(candidate.code)
    to_degrees = _to_degrees(candidate, crs)
    corners = to_degrees(np.array([(bounds[a], bounds[b]) for a in (0, 2) for b in (1, 3)]))
    # Outside the domain of the candidate.
    if not np.isfinite(corners).all():
        return None
    hull = shapely.box(*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
    frame_km = _distance_km(hull, shapely.box(*VIET_NAM))
    distance_km = float("nan") if target is None else _distance_km(hull, target)
    is_plain_degrees = candidate == _Candidate(code="EPSG:4326")
    # Abroad counts only near the reference; plain degrees are listed wherever they may be degrees.
    if frame_km > 0 and not distance_km < _NEAR_KM and not is_plain_degrees:
        return None
    error, spread = _area_error(candidate, to_degrees, shapes, paper)
    if abs(error) > _AREA_LIMIT:
        return None
    return {
        "crs": candidate.code,
        "name": crs.name,
        "swapped": candidate.swapped,
        "unit_m": candidate.unit_m,
        "area_error_share": error,
        "spread": spread,
        "areas": len(paper[0]),
        "distance_km": distance_km,
        "abroad": frame_km > 0,
        "of_province": candidate.code == expected,
    }


@cache
def _known(code: str) -> Any:
    return pyproj.CRS(code)


def _to_degrees(candidate: _Candidate, crs: Any) -> Callable[[Points], Points]:
    def forward(points: Points) -> Points:
        ordered = points[:, ::-1] if candidate.swapped else points
        if crs.is_geographic:
            good = (np.abs(ordered[:, 0]) <= 180) & (np.abs(ordered[:, 1]) <= 90)
            return np.where(good.reshape(-1, 1), ordered, np.inf)
        scaled = ordered * candidate.unit_m
        return np.column_stack(crs_of.lonlat(crs, scaled[:, 0], scaled[:, 1]))

    return forward


def _area_error(
    candidate: _Candidate,
    to_degrees: Callable[[Points], Points],
    shapes: NDArray[np.object_],
    paper: tuple[NDArray[np.intp], Points],
) -> tuple[float, float]:
    """Compare areas as the cadastre would have them, on its TM-3 grid, with those on paper."""
    # Gives the error of the median lot, and how uncertain that is.
    rows, paper_m2 = paper
    if not len(rows):
        return float("nan"), 0.0
    if _projections().get(candidate.code, (0.0,) * 5)[2] == _TM3_SCALE:
        measured = shapely.area(shapes[rows]) * candidate.unit_m**2
    else:
        measured = _tm3_areas(shapely.transform(shapes[rows], to_degrees))
    if not np.isfinite(measured).all():
        return float("inf"), 0.0
    ratio = measured / paper_m2
    middle = float(np.median(ratio))
    # Standard error of a median, from the median deviation.
    spread = 1.2533 * 1.4826 * float(np.median(np.abs(ratio - middle))) / np.sqrt(len(ratio))
    return middle - 1, float(spread)


def _tm3_areas(degrees: NDArray[np.object_]) -> Points:
    west, _, east, _ = shapely.total_bounds(degrees)
    grid = pyproj.Transformer.from_crs(
        "EPSG:4326",
        f"+proj=tmerc +lon_0={_nearest_meridian((west + east) / 2)} +k={_TM3_SCALE} +x_0=500000 "
        "+ellps=WGS84 +units=m",
        always_xy=True,
    )
    flat = shapely.transform(
        degrees, lambda points: np.column_stack(grid.transform(points[:, 0], points[:, 1]))
    )
    return np.asarray(shapely.area(flat), dtype=np.float64)


def _nearest_meridian(lon: float) -> float:
    meridians = [
        projection[1] for projection in _projections().values() if projection[2] == _TM3_SCALE
    ]
    return min(meridians, key=lambda one: abs(one - lon))


def _distance_km(ours: Any, theirs: Any) -> float:
    """Measure between two shapes in degrees along the ellipsoid, from nearest to nearest point."""
    if shapely.intersects(ours, theirs):
        return 0.0
    (lon, lat), (other_lon, other_lat) = shapely.get_coordinates(
        shapely.shortest_line(ours, theirs)
    )
    geod = pyproj.Geod(ellps="WGS84")
    return float(geod.inv(lon, lat, other_lon, other_lat)[2]) / 1000


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rank by areas first, as far as they tell, then by place; the rest is a tie."""
    error = rows["area_error_share"].abs().fillna(0.0)
    told_apart = _AREA_RESOLUTION + 2 * rows["spread"].iloc[int(np.argmin(error))]
    by_area = (error / _AREA_RESOLUTION).round().where(error - error.min() > told_apart, 0)
    far = rows["distance_km"].fillna(0.0)
    by_place = ((far - _NEAR_KM).clip(0) / 1.0).round()
    # Plain metres and degrees are the rule; swapped axes and other units must earn their place.
    oddness = rows["swapped"].astype(int) + (rows["unit_m"] != 1.0).astype(int) + rows["abroad"]
    keys = pd.DataFrame({"area": by_area, "place": by_place, "odd": oddness})
    order = keys.assign(province=~rows["of_province"], code=rows["crs"]).sort_values(
        ["area", "place", "odd", "province", "code"], kind="stable"
    )
    grouped = keys.loc[order.index].ne(keys.loc[order.index].shift()).any(axis=1)
    ranked = rows.loc[order.index].assign(rank=grouped.cumsum().to_numpy())
    return ranked.assign(tied=ranked["rank"].duplicated(keep=False)).reset_index(drop=True)
