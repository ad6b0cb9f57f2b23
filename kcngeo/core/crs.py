"""Coordinate reference systems: fit for areas or refused, and one road to WGS 84.

A projected CRS in metres may still misstate areas: Web Mercator does by 4.8 % in Lâm Đồng. So
fitness is measured, not believed. And between VN-2000 and WGS 84 PROJ offers two operations 0.79 m
apart and chooses per point, which tears a layer; here one operation is chosen for the whole layer
and written down.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from pyproj.enums import TransformDirection
from pyproj.transformer import AreaOfInterest, TransformerGroup

from kcngeo.core.errors import CRSError
from kcngeo.core.validation import row_names

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

WGS84 = pyproj.CRS.from_epsg(4326)

VN2000_TO_WGS84 = 6960
"""EPSG code of "VN-2000 to WGS 84 (2)", for the whole country; QGIS uses it too (EPSG registry)."""

_CELL_M = 100.0
_NAMES = ("parcel_id", "receptor_id", "emitter_id", "work_id", "building_id", "zone_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The one coordinate operation that takes a layer to WGS 84.

    Attributes
    ----------
    source
        The layer's CRS, "EPSG:5899" or its name.
    name
        Name of the operation in the EPSG registry.
    codes
        Codes of its steps, for example "EPSG:6960"; empty if only coordinates are renamed.
    accuracy_m
        Stated accuracy in metres; negative if unknown.
    transformer
        Does the work.
    """

    source: str
    name: str
    codes: tuple[str, ...]
    accuracy_m: float
    transformer: pyproj.Transformer


def require_metric_crs(
    frame: gpd.GeoDataFrame,
    *,
    name: str,
    area_tolerance: float = 0.002,
    length_tolerance: float = 0.001,
) -> None:
    """Refuse a layer whose coordinates misstate areas or lengths.

    Cells of 100 m are laid at the four corners and in the centre of the layer; their area and the
    lengths of their sides and diagonals on the grid are compared with those on the ellipsoid. The
    worst cell counts.

    Parameters
    ----------
    frame
        The layer.
    name
        What to call it in the message.
    area_tolerance
        Largest accepted error of area, as a share (0.002 is 0.2 %).
    length_tolerance
        Largest accepted error of length, as a share.

    Raises
    ------
    CRSError
        If the layer has no CRS, is in degrees or feet, lies outside the domain of its CRS, or
        measures worse than the tolerances; where that is the matter of a few rows that stray,
        they are named.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> parcels = kcn.examples.squares().parcels
    >>> require_metric_crs(parcels, name="parcels")
    >>> try:
    ...     require_metric_crs(parcels.to_crs(3857), name="parcels")
    ... except CRSError as error:
    ...     error.code
    'crs_area'
    """
    crs = frame.crs
    if crs is None:
        raise CRSError("crs_missing", name=name)
    _require_metres(crs, name=name)
    # An empty layer measures nothing wrong.
    bounds = frame.total_bounds
    if len(frame) == 0 or np.isnan(bounds).all():
        return
    area_error, length_error = _distortion(crs, tuple(bounds))
    if abs(area_error) <= area_tolerance and abs(length_error) <= length_tolerance:
        return
    # One wrong digit stretches the bounds of the whole layer: ask whose it is before blaming the
    # CRS.
    astray = strays(frame, area_tolerance=area_tolerance, length_tolerance=length_tolerance)
    if len(astray):
        ids = row_names(frame, astray, *_NAMES)
        raise CRSError("crs_stray", name=name, crs=label(crs), count=len(ids), ids=ids)
    fields = {"name": name, "crs": label(crs), "bounds": " ".join(f"{one:.0f}" for one in bounds)}
    if not np.isfinite(area_error + length_error):
        raise CRSError("crs_out_of_domain", **fields)
    if abs(area_error) > area_tolerance:
        raise CRSError("crs_area", **fields, error=f"{area_error:+.2%}")
    raise CRSError("crs_length", **fields, error=f"{length_error:+.2%}")


def strays(
    frame: gpd.GeoDataFrame, *, area_tolerance: float = 0.002, length_tolerance: float = 0.001
) -> NDArray[np.intp]:
    """Find the few rows that lie where the CRS does not hold, if it holds for all others.

    A lot with a wrong digit in a coordinate must not make its whole layer look misplaced.

    Parameters
    ----------
    frame
        The layer, in a projected CRS.
    area_tolerance
        As in :func:`require_metric_crs`.
    length_tolerance
        As in :func:`require_metric_crs`.

    Returns
    -------
    NDArray[np.intp]
        Positions of the rows, less than half of those that have a place; none if the layer is fit,
        or unfit as a whole.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> parcels = kcn.examples.squares().parcels
    >>> shapes = parcels.geometry.to_numpy().copy()
    >>> shapes[2] = shapely.transform(shapes[2], lambda points: points * 10)
    >>> strays(parcels.set_geometry(shapes, crs=parcels.crs)).tolist()
    [2]
    """
    bounds = shapely.bounds(frame.geometry.to_numpy())
    placed = np.flatnonzero(~np.isnan(bounds).any(axis=1))
    # (2 x rows, 2) metres: the south-west and the north-east corner of each row in turn
    corners = bounds[placed].reshape(-1, 2)
    far = np.zeros(len(corners), dtype=bool)
    with np.errstate(invalid="ignore", over="ignore"):
        lon, lat = _cells(frame.crs, corners)
        known = np.isfinite(lon).all(axis=1) & np.isfinite(lat).all(axis=1)
        far[~known] = True
        errors = _length_errors(frame.crs.get_geod(), lon[known], lat[known])
        far[known] = (np.abs(errors) > length_tolerance).any(axis=0)
    astray = far.reshape(-1, 2).any(axis=1)
    # Where most are astray it is the CRS that does not fit.
    if not astray.any() or 2 * astray.sum() >= len(placed):
        return np.empty(0, dtype=np.intp)
    rest = bounds[placed[~astray]]
    hull = (*rest[:, :2].min(axis=0).tolist(), *rest[:, 2:].max(axis=0).tolist())
    area_error, length_error = _distortion(frame.crs, hull)
    is_fit = abs(area_error) <= area_tolerance and abs(length_error) <= length_tolerance
    return placed[astray] if is_fit else np.empty(0, dtype=np.intp)


def require_same_crs(**layers: gpd.GeoDataFrame) -> None:
    """Refuse layers that are not all in one CRS.

    Parameters
    ----------
    **layers
        The layers by the names to call them in the message.

    Raises
    ------
    CRSError
        If a layer has no CRS or two layers disagree.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> require_same_crs(zones=project.zones, parcels=project.parcels)
    """
    names = list(layers)
    for name in names:
        if layers[name].crs is None:
            raise CRSError("crs_missing", name=name)
    first = layers[names[0]].crs
    for name in names[1:]:
        if layers[name].crs != first:
            raise CRSError(
                "crs_differ",
                first=names[0],
                first_crs=label(first),
                second=name,
                second_crs=label(layers[name].crs),
            )


def to_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take a layer to WGS 84 (EPSG:4326) by one operation for all its points.

    For VN-2000 it is EPSG:6960, valid for the whole country; for any other datum the most accurate
    one whose area of use holds the layer. :func:`wgs84_operation` tells which.

    Parameters
    ----------
    frame
        The layer, in any CRS.

    Returns
    -------
    gpd.GeoDataFrame
        The layer in EPSG:4326, x = longitude; index and columns kept.

    Raises
    ------
    CRSError
        If the layer has no CRS or no operation leads to WGS 84.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> zones = to_wgs84(kcn.examples.squares().zones)
    >>> zones.crs.to_epsg(), zones.total_bounds.round(1).tolist()
    (4326, [107.8, 11.5, 107.8, 11.5])
    """
    operation = wgs84_operation(frame)

    def forward(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(operation.transformer.transform(points[:, 0], points[:, 1]))

    geometry = shapely.transform(frame.geometry.to_numpy(), forward)
    return frame.set_geometry(geometry, crs=WGS84)


def wgs84_operation(frame: gpd.GeoDataFrame) -> Operation:
    """Choose the operation :func:`to_wgs84` applies to a layer.

    Parameters
    ----------
    frame
        The layer.

    Returns
    -------
    Operation
        The operation, with its EPSG codes and accuracy.

    Raises
    ------
    CRSError
        If the layer has no CRS or no operation leads to WGS 84.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> operation = wgs84_operation(kcn.examples.squares().zones)
    >>> operation.source, "EPSG:6960" in operation.codes
    ('EPSG:5899', True)
    """
    if frame.crs is None:
        raise CRSError("crs_missing", name=frame.active_geometry_name or "layer")
    bounds = frame.total_bounds
    return _operation(frame.crs, None if np.isnan(bounds).any() else tuple(bounds))


def crs_of(text: str) -> pyproj.CRS:
    """Read a CRS from what a person wrote.

    Parameters
    ----------
    text
        For example "EPSG:5899".

    Returns
    -------
    pyproj.CRS
        The CRS.

    Raises
    ------
    CRSError
        If it is none.

    Examples
    --------
    >>> crs_of("EPSG:5899").to_epsg()
    5899
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("new_crs", value=text) from error


def label(crs: Any) -> str:
    """Name a CRS shortly.

    Parameters
    ----------
    crs
        A CRS.

    Returns
    -------
    str
        "EPSG:5899" where the registry knows it, else its name.

    Examples
    --------
    >>> label(pyproj.CRS.from_epsg(5899))
    'EPSG:5899'
    """
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(crs.name)


def lonlat(crs: Any, x: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn grid coordinates into longitude and latitude on the CRS's own datum.

    Parameters
    ----------
    crs
        A projected CRS.
    x
        Eastings in metres.
    y
        Northings in metres.

    Returns
    -------
    tuple[NDArray[np.float64], NDArray[np.float64]]
        Longitudes and latitudes in degrees; no change of datum.

    Examples
    --------
    >>> lon, lat = lonlat(pyproj.CRS.from_epsg(5899), 500_000, 0)
    >>> float(lon.round(6)), float(lat.round(6))
    (107.75, 0.0)
    """
    lon, lat = _projection(crs).transform(x, y, direction=TransformDirection.FORWARD)
    return np.asarray(lon), np.asarray(lat)


@lru_cache(maxsize=32)
def _projection(crs: Any) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _require_metres(crs: Any, *, name: str) -> None:
    if crs.is_geographic:
        raise CRSError("crs_degrees", name=name, crs=label(crs))
    if not crs.is_projected or crs.geodetic_crs is None:
        raise CRSError("crs_not_projected", name=name, crs=label(crs))
    axis = next((axis for axis in crs.axis_info[:2] if axis.unit_conversion_factor != 1.0), None)
    if axis is not None:
        rule = "crs_feet" if "foot" in axis.unit_name or "feet" in axis.unit_name else "crs_unit"
        raise CRSError(rule, name=name, crs=label(crs), unit=axis.unit_name)


def _distortion(crs: Any, bounds: tuple[float, float, float, float]) -> tuple[float, float]:
    """Measure the worst relative error of area and of length on cells of 100 m."""
    west, south, east, north = bounds
    centres = [
        (x, y)
        for x, y in (
            (west, south),
            (east, south),
            (east, north),
            (west, north),
            ((west + east) / 2, (south + north) / 2),
        )
    ]
    # (5, 4) degrees: four corners of five cells
    lon, lat = _cells(crs, np.array(centres))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return np.inf, np.inf
    geod = crs.get_geod()
    areas = np.array(
        [abs(geod.polygon_area_perimeter(*cell)[0]) for cell in zip(lon, lat, strict=True)]
    )
    return _worst(_CELL_M**2 / areas - 1), _worst(_length_errors(geod, lon, lat).ravel())


def _cells(crs: Any, centres: NDArray[np.float64]) -> tuple[Any, Any]:
    """Lay a cell of 100 m round each point; give its corners in degrees, a row a cell."""
    half = _CELL_M / 2
    corners = np.array([(-half, -half), (half, -half), (half, half), (-half, half)])
    cells = centres[:, None, :] + corners
    lon, lat = lonlat(crs, cells[..., 0].ravel(), cells[..., 1].ravel())
    return lon.reshape(-1, 4), lat.reshape(-1, 4)


def _length_errors(geod: pyproj.Geod, lon: Any, lat: Any) -> NDArray[np.float64]:
    """Compare sides and diagonals of cells on the grid with those on the ellipsoid."""
    # The corners in order from the south-west: two sides, two diagonals.
    pairs = ((0, 1), (1, 2), (0, 2), (1, 3))
    true_m = np.array([geod.inv(lon[:, a], lat[:, a], lon[:, b], lat[:, b])[2] for a, b in pairs])
    grid_m = np.array([_CELL_M, _CELL_M, _CELL_M * np.sqrt(2), _CELL_M * np.sqrt(2)])
    return np.asarray(grid_m[:, None] / true_m - 1, dtype=np.float64)


def _worst(errors: NDArray[np.float64]) -> float:
    return float(errors[np.argmax(np.abs(errors))])


@lru_cache(maxsize=32)
def _operation(crs: Any, bounds: tuple[float, float, float, float] | None) -> Operation:
    area = None
    if bounds is not None and crs.geodetic_crs is not None:
        lon, lat = lonlat(crs, np.array(bounds[::2]), np.array(bounds[1::2]))
        if np.isfinite(lon).all() and np.isfinite(lat).all():
            area = AreaOfInterest(*np.clip((lon[0], lat[0], lon[1], lat[1]), -180, 180))
    with warnings.catch_warnings():
        # A more accurate operation may need a grid that is not installed; what is chosen instead
        # is recorded with its accuracy, so the warning adds nothing.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(
            crs, WGS84, always_xy=True, allow_ballpark=False, area_of_interest=area
        )
    candidates = list(group.transformers)
    if not candidates:
        raise CRSError("crs_no_operation", crs=label(crs))
    # For VN-2000 the one QGIS takes too, whatever PROJ thinks more accurate.
    pinned = [one for one in candidates if f"EPSG:{VN2000_TO_WGS84}" in _codes(one)]
    chosen = (pinned or candidates)[0]
    return Operation(
        source=label(crs),
        name=chosen.description,
        codes=_codes(chosen),
        accuracy_m=float(chosen.accuracy),
        transformer=chosen,
    )


def _codes(transformer: pyproj.Transformer) -> tuple[str, ...]:
    ids = [step.to_json_dict().get("id") for step in transformer.operations or ()]
    return tuple(f"{one['authority']}:{one['code']}" for one in ids if one)
