"""Fit for areas or refused: a projected CRS in metres may still misstate them.

Web Mercator does by 4.8 % in Lâm Đồng. So fitness is measured, not believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from kcngeo.core.crs.operations import lonlat
from kcngeo.core.crs.words import label
from kcngeo.core.errors import CRSError
from kcngeo.core.validation import row_names

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_CELL_M = 100.0
_NAMES = ("parcel_id", "receptor_id", "emitter_id", "work_id", "building_id", "zone_id")


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
