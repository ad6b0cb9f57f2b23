"""Where clashes lie: the shapes two people drew, or the lot a cell belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from kcngeo.core.row_digests import points
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.core.validation import as_known
from kcngeo.ledger.project import Project

SAME = "same"
"""Side of a shape on which both agree: what clashes is written in other columns."""


def clash_shapes(
    clashes: Sequence[Mapping[Any, Any]], shapes: Sequence[Mapping[str, Any]], theirs: Project
) -> gpd.GeoDataFrame:
    """Give a row for each clash and each shape it stands in; what lies nowhere is left out."""
    places = {
        name: as_known(frame).drop_duplicates(name, keep="last").set_index(name).geometry
        for name, frame in (("parcel_id", theirs.parcels), ("zone_id", theirs.zones))
    }
    rows = []
    for clash, given in zip(clashes, shapes, strict=True):
        known = {side: shape for side, shape in given.items() if shape is not None}
        if not known:
            known = _place(clash, places)
        elif clash["column"] != "geometry" or len(set(points([*known.values()]))) == 1:
            known = {SAME: known.get("theirs", next(iter(known.values())))}
        told = {name: clash[name] for name in ("table", "id", "zone_id", "column", "kind")}
        rows += [
            {**told, "side": side, "value": _value(clash, side), "geometry": shape}
            for side, shape in known.items()
        ]
    names = [*empty(COMPUTED["clash_shapes"]).columns, "geometry"]
    frame = pd.DataFrame(rows, columns=names, dtype="object")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=theirs.parcels.crs)


def _place(clash: Mapping[Any, Any], places: Mapping[str, Any]) -> dict[str, Any]:
    """Find the lot of a row without a shape, else its zone."""
    for name, shapes in places.items():
        if clash[name] in shapes.index:
            return {SAME: shapes[clash[name]]}
    return {}


def _value(clash: Mapping[Any, Any], side: str) -> str | None:
    """Say what stands there: of one side its value, else what both want."""
    if side != SAME:
        return None if pd.isna(clash[side]) else str(clash[side])
    return " ≠ ".join("–" if pd.isna(clash[one]) else clash[one] for one in ("theirs", "mine"))
