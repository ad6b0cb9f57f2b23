"""One road from a CRS to another, for all points of a layer, and written down.

Between VN-2000 and WGS 84 PROJ offers two operations 0.79 m apart and chooses per point, which
tears a layer; here one operation is chosen for the whole layer.
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

from kcngeo.core.crs.words import crs_of, label
from kcngeo.core.errors import CRSError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

WGS84 = pyproj.CRS.from_epsg(4326)

VN2000_TO_WGS84 = 6960
"""EPSG code of "VN-2000 to WGS 84 (2)", for the whole country; QGIS uses it too (EPSG registry)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The one coordinate operation that takes a layer to another CRS.

    Attributes
    ----------
    source
        The layer's CRS, "EPSG:5899" or its name.
    target
        The CRS it is taken to.
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
    target: str
    name: str
    codes: tuple[str, ...]
    accuracy_m: float
    transformer: pyproj.Transformer


def to_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take a layer to WGS 84 (EPSG:4326) by one operation for all its points.

    The same as :func:`to_crs` with EPSG:4326. :func:`wgs84_operation` tells the operation.

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
    return to_crs(frame, WGS84)


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
    return operation_to(frame, WGS84)


def to_crs(frame: gpd.GeoDataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Take a layer to another CRS by one operation for all its points.

    Between VN-2000 and WGS 84 it is EPSG:6960, valid for the whole country, in either direction;
    between two grids of one datum the datum is not touched; for all others it is the most accurate
    operation whose area of use holds the layer. :func:`operation_to` tells which.

    Parameters
    ----------
    frame
        The layer, in any CRS.
    crs
        The CRS to take it to, anything that pyproj understands, for example "EPSG:5899".

    Returns
    -------
    gpd.GeoDataFrame
        The layer in that CRS, x = easting or longitude; index and columns kept.

    Raises
    ------
    CRSError
        If the layer has no CRS, ``crs`` is none, or no operation leads there.

    Examples
    --------
    The lots of Lâm Đồng in the grid of what was Đắk Nông, and back to the micrometre:

    >>> import kcngeo as kcn
    >>> zones = kcn.examples.squares().zones
    >>> there = to_crs(zones, "EPSG:9218")
    >>> there.crs.to_epsg()
    9218
    >>> bool(abs(to_crs(there, zones.crs).total_bounds - zones.total_bounds).max() < 1e-6)
    True
    """
    operation = operation_to(frame, crs)

    def forward(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(operation.transformer.transform(points[:, 0], points[:, 1]))

    geometry = shapely.transform(frame.geometry.to_numpy(), forward)
    return frame.set_geometry(geometry, crs=crs)


def operation_to(frame: gpd.GeoDataFrame, crs: Any) -> Operation:
    """Choose the operation :func:`to_crs` applies to a layer.

    Parameters
    ----------
    frame
        The layer.
    crs
        The CRS to take it to.

    Returns
    -------
    Operation
        The operation, with its EPSG codes and accuracy.

    Raises
    ------
    CRSError
        If the layer has no CRS, ``crs`` is none, or no operation leads there.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> operation = operation_to(kcn.examples.squares().zones, "EPSG:9218")
    >>> operation.source, operation.target, "EPSG:6960" in operation.codes
    ('EPSG:5899', 'EPSG:9218', False)
    """
    if frame.crs is None:
        raise CRSError("crs_missing", name=frame.active_geometry_name or "layer")
    bounds = frame.total_bounds
    place = None if np.isnan(bounds).any() else tuple(bounds)
    return _operation(frame.crs, crs_of(crs), place)


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


@lru_cache(maxsize=32)
def _operation(
    crs: Any, target: Any, bounds: tuple[float, float, float, float] | None
) -> Operation:
    area = None
    if bounds is not None and crs.geodetic_crs is not None:
        lon, lat = lonlat(crs, np.array(bounds[::2]), np.array(bounds[1::2]))
        if np.isfinite(lon).all() and np.isfinite(lat).all():
            area = AreaOfInterest(*np.clip((lon[0], lat[0], lon[1], lat[1]), -180, 180))
    with warnings.catch_warnings():
        # A more accurate operation may need a grid that is not installed; what is chosen instead
        # is recorded with its accuracy, so the warning adds nothing. Another thread's are told.
        warnings.filterwarnings("ignore", message="Best transformation is not available")
        group = TransformerGroup(
            crs, target, always_xy=True, allow_ballpark=False, area_of_interest=area
        )
    candidates = list(group.transformers)
    if not candidates:
        raise CRSError("crs_no_operation", crs=label(crs), target=label(target))
    # For VN-2000 the one QGIS takes too, whatever PROJ thinks more accurate.
    # Backwards its code is told as "INVERSE(EPSG):6960".
    pinned = [
        one
        for one in candidates
        if any(code.endswith(f":{VN2000_TO_WGS84}") for code in _codes(one))
    ]
    chosen = (pinned or candidates)[0]
    return Operation(
        source=label(crs),
        target=label(target),
        name=chosen.description,
        codes=_codes(chosen),
        accuracy_m=float(chosen.accuracy),
        transformer=chosen,
    )


def _codes(transformer: pyproj.Transformer) -> tuple[str, ...]:
    ids = [step.to_json_dict().get("id") for step in transformer.operations or ()]
    return tuple(f"{one['authority']}:{one['code']}" for one in ids if one)
