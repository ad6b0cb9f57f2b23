"""Lots that come of others: whose children they are, told by their shapes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.core.geometry import areas_within, invalid_rows
from kcngeo.update.matching import GEOMETRY

# A child lies in its parents but for what redrawing a border may move.
_SHARE = 0.99
_SLIVER_M2 = 1.0


def with_parents(
    added: gpd.GeoDataFrame, old: gpd.GeoDataFrame, edits: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Name the parents of lots that were added where others are gone or have become smaller.

    A lot that names parents already keeps them.
    """
    gone = (edits["kind"] == "removed") | edits["columns"].str.split("|").map(
        lambda names: GEOMETRY in names
    )
    rows = edits.loc[gone, "old_row"].dropna().astype("int64").to_numpy()
    before = old.iloc[rows].drop_duplicates("parcel_id")
    # A shape that cannot be measured is refused by whoever records it.
    if added.empty or before.empty or len(invalid_rows(added)[0]) or len(invalid_rows(before)[0]):
        return added
    said = added["parents"] if "parents" in added.columns else pd.Series(None, index=added.index)
    found = _parents(added, before)
    result = added.copy()
    result["parents"] = said.astype("object").where(said.notna(), pd.Series(found, added.index))
    return result


def _parents(added: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> list[str | None]:
    """Name, for each lot, those of which it is made; None where it is not made of any."""
    children, parents = (
        gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=before.crs)
        for frame in (added, before)
    )
    shared = areas_within(children, parents)
    child, parent = shared["left"].to_numpy(), shared["right"].to_numpy()
    sizes = [one.area.to_numpy() for one in (children, parents)]
    smaller = np.minimum(sizes[0][child], sizes[1][parent])
    # A border that was redrawn takes a sliver of the lot beyond it.
    counts = shared["area_m2"] > np.maximum(_SLIVER_M2, (1 - _SHARE) * smaller)
    inside = np.bincount(child, weights=shared["area_m2"], minlength=len(children))
    ids = before["parcel_id"].to_numpy(dtype=object)
    named: list[str | None] = []
    for place in range(len(children)):
        own = ids[parent[(child == place) & counts.to_numpy()]]
        is_child = inside[place] >= _SHARE * sizes[0][place] and len(own)
        named.append("|".join(sorted(own)) if is_child else None)
    return named
