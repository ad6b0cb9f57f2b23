"""How scattered the land of a zone is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.sites.width import adjoining
from kcngeo.core.crs import require_metric_crs
from kcngeo.core.geometry import require_polygons
from kcngeo.core.units import M2_PER_HA
from kcngeo.core.validation import refuse_moments

if TYPE_CHECKING:
    import geopandas as gpd


def fragmentation(
    land: gpd.GeoDataFrame, *, min_shared_edge_m: float = 10.0, gap_m: float = 0.02
) -> pd.DataFrame:
    """Tell for every zone how scattered its developable land is.

    The effective mesh size is the expected area of the piece a random point of the land lies in:
    the sum of the squared areas of the pieces over their sum (J. A. G. Jaeger, Landscape division,
    splitting index, and effective mesh size: new measures of landscape fragmentation, Landscape
    Ecology 15, 2000, pp. 115–130). Jaeger divides by the area of a whole region; here the region
    is the land itself, so a zone whose land is one piece has a mesh as large as its land.

    Parameters
    ----------
    land
        Developable land: ``parcel_id``, ``zone_id``, polygons in a projected CRS in metres.
    min_shared_edge_m
        Edge that two parcels must share to be one piece.
    gap_m
        Edges nearer than this are one edge.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``: ``land_ha``, ``pieces_count``, ``largest_ha``, ``largest_share`` (of the
        land), ``mesh_ha``. Zones without land have no row.

    Raises
    ------
    CRSError
        If the CRS is missing or misstates areas.
    GeometryError
        If a geometry is no valid polygon.
    KcngeoError
        If the land still says who knew what when.

    Examples
    --------
    Two parcels of 1 ha side by side and one apart: 2 ha and 1 ha. The largest piece has two thirds;
    the mesh is (2² + 1²) / 3 ha.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> x, y = 500_000, 1_270_000
    >>> lots = [box(x + at, y, x + at + 100, y + 100) for at in (0, 100, 300)]
    >>> land = gpd.GeoDataFrame(
    ...     {"parcel_id": ["P1", "P2", "P3"], "zone_id": "A"}, geometry=lots, crs="EPSG:5899")
    >>> fragmentation(land).round(4).iloc[0].tolist()
    [3.0, 2.0, 2.0, 0.6667, 1.6667]
    """
    refuse_moments(land, "land")
    require_metric_crs(land, name="land")
    require_polygons(land, name="land")
    parts, parcel = shapely.get_parts(land.geometry.to_numpy(), return_index=True)
    zone, names = pd.factorize(land["zone_id"], sort=True)
    group = adjoining(parts, zone[parcel], gap_m=gap_m, min_edge_m=min_shared_edge_m)
    area_ha = np.bincount(group, weights=shapely.area(parts) / M2_PER_HA, minlength=len(parts))
    piece = np.unique(group)
    of_piece = pd.Series(area_ha[piece]).groupby(names[zone[parcel[piece]]].to_numpy())
    result = pd.DataFrame(
        {
            "land_ha": of_piece.sum(),
            "pieces_count": of_piece.size(),
            "largest_ha": of_piece.max(),
        }
    ).rename_axis("zone_id")
    result["largest_share"] = result["largest_ha"] / result["land_ha"]
    result["mesh_ha"] = of_piece.agg(lambda areas: (areas**2).sum()) / result["land_ha"]
    return result
