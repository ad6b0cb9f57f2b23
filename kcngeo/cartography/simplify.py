"""Fewer corners for large maps, with boundaries that neighbours share still shared.

What is drawn gets coarser, never what is counted: hectares come with the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def simplified(frame: gpd.GeoDataFrame, *, tolerance_m: float) -> gpd.GeoDataFrame:
    """Take corners off the boundaries between neighbours, on both sides alike."""
    # Versions of a parcel lie on each other and are no coverage. A shape that lies on another
    # one, one whose corners do not meet its neighbour's, and whatever is near those, is left as
    # it is; so is every boundary that is not shared by two of the others. What was shared stays
    # shared at all times, no gap opens and no overlap appears.
    if not tolerance_m > 0 or not np.isfinite(tolerance_m):
        raise ValueError(f"tolerance_m must be above 0 and finite, not {tolerance_m}")
    shapes = frame.geometry.to_numpy()
    written = np.array([b"", *shapely.to_wkb(shapes)], dtype=object)[1:]
    _, first, of_row = np.unique(written, return_index=True, return_inverse=True)
    alone = shapes[first]
    fit = np.flatnonzero(_is_coverage(alone))
    if len(fit):
        alone[fit] = shapely.coverage_simplify(alone[fit], tolerance_m, simplify_boundary=False)
    made: Any = frame.set_geometry(alone[of_row], crs=frame.crs)
    return made


def _is_coverage(shapes: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which shapes are valid polygons that meet their neighbours and lie on none."""
    fit = shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)
    fit &= ~shapely.is_empty(shapes)
    places = np.flatnonzero(fit)
    meets = shapely.is_empty(shapely.coverage_invalid_edges(shapes[places]))
    # A lot that lies on another one may share a boundary with that one's neighbours, at another
    # time: whatever is near it stays as well.
    _, near = shapely.STRtree(shapes[places]).query(shapes[places[~meets]])
    fit[places[~meets]] = False
    fit[places[near]] = False
    return fit
