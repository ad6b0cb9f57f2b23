"""What may be written on features: the words, where they stand, and who goes first.

A renderer writes as many as have room, in the order of their priority; it adds none of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo.cartography.words import Words, same

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words that may be written on a feature.

    Attributes
    ----------
    text
        The words.
    point
        Where their middle stands, inside the feature.
    priority
        1 for the one that is written first.
    """

    text: Words
    point: Any
    priority: int


def candidates(frame: gpd.GeoDataFrame, texts: Sequence[Words | str]) -> list[Label | None]:
    """Give every feature its label, large ones first.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> lots = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 300, 100)])
    >>> [(one.text["vi"], one.priority) for one in candidates(lots, ["CN1", "CN2"])]
    [('CN1', 2), ('CN2', 1)]
    """
    shapes = frame.geometry.to_numpy()
    areas = np.nan_to_num(shapely.area(shapes))
    # (features,) positions from 1, the largest first; equals keep the order of the rows
    rank = np.empty(len(areas), dtype="int64")
    rank[np.argsort(-areas, kind="stable")] = np.arange(1, len(areas) + 1)
    return [
        Label(
            text=same(words) if isinstance(words, str) else words,
            point=inside(shape),
            priority=int(place),
        )
        if words and shape is not None and not shape.is_empty
        else None
        for words, shape, place in zip(texts, shapes, rank, strict=True)
    ]


def inside(shape: Any) -> Any:
    """Give the middle of a shape, or a point inside where the middle lies outside."""
    middle = shapely.centroid(shape)
    if shapely.get_dimensions(shape) < 2 or not shapely.is_valid(shape):
        return shapely.point_on_surface(shape)
    return middle if shapely.contains(shape, middle) else shapely.point_on_surface(shape)


def parcel_codes(parcels: gpd.GeoDataFrame) -> pd.Series:
    """Name each parcel by its lot code; those that share one are named once, on the largest."""
    ids = parcels["parcel_id"].astype("str")
    if "lot_code" not in parcels.columns:
        return ids
    codes = parcels["lot_code"].where(parcels["lot_code"].notna(), ids).astype("str")
    largest = parcels.geometry.area.groupby([parcels["zone_id"], codes]).idxmax()
    return codes.where(parcels.index.isin(largest), "")
