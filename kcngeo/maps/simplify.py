"""Fewer corners for large maps, with boundaries that neighbours share still shared.

What is drawn gets coarser, never what is counted: hectares come with the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo.core.geometry import areas_within

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def simplified(frame: gpd.GeoDataFrame, *, tolerance_m: float) -> gpd.GeoDataFrame:
    """Take corners off the boundaries between neighbours, on both sides alike.

    Versions of a parcel lie on each other and are no coverage. A shape that lies on another one,
    and one whose corners do not meet its neighbour's, is left as it is; so is every boundary that
    is not shared by two of the others. What was shared stays shared at all times, no gap opens and
    no overlap appears.

    Parameters
    ----------
    frame
        Polygons in a CRS in metres; versions of different times may stand together.
    tolerance_m
        A corner goes if the triangle it makes with its neighbours is smaller than the square of
        this, in metres (Visvalingam and Whyatt).

    Returns
    -------
    gpd.GeoDataFrame
        The layer with fewer corners; index and columns kept.

    Raises
    ------
    ValueError
        If the tolerance is not a number above 0.
    """
    if not tolerance_m > 0 or not np.isfinite(tolerance_m):
        raise ValueError(f"tolerance_m must be above 0 and finite, not {tolerance_m}")
    shapes = frame.geometry.to_numpy()
    written = np.array([b"", *shapely.to_wkb(shapes)], dtype=object)[1:]
    _, first, of_row = np.unique(written, return_index=True, return_inverse=True)
    alone = shapes[first]
    fit = np.flatnonzero(_is_coverage(frame.iloc[first]))
    if len(fit):
        alone[fit] = shapely.coverage_simplify(alone[fit], tolerance_m, simplify_boundary=False)
    made: Any = frame.set_geometry(alone[of_row], crs=frame.crs)
    return made


def _is_coverage(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which shapes are valid polygons that meet their neighbours and lie on none."""
    shapes = frame.geometry.to_numpy()
    fit = shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)
    fit &= ~shapely.is_empty(shapes)
    places = np.flatnonzero(fit)
    valid = frame.iloc[places].reset_index(drop=True)
    pairs = areas_within(valid, valid)
    pairs = pairs[pairs["left"] != pairs["right"]]
    fit[places[pairs["left"].to_numpy(dtype="int64")]] = False
    places = np.flatnonzero(fit)
    fit[places] = shapely.is_empty(shapely.coverage_invalid_edges(shapes[places]))
    return fit
