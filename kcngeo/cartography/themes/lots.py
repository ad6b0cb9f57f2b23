"""What maps of lots have in common that are made of the map of lease status: lots, words, list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.cartography.labels import candidates
from kcngeo.cartography.layers import use_layer
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered, of_zone
from kcngeo.cartography.periods import STATUSES
from kcngeo.cartography.spec import MapHistory, MapSpec
from kcngeo.cartography.words import Words, joined, same, say, text
from kcngeo.core.dates import is_in_force
from kcngeo.core.model import Status
from kcngeo.ledger import lot_numbers

if TYPE_CHECKING:
    import geopandas as gpd


def counted_lots(filled: MapSpec) -> gpd.GeoDataFrame:
    """Give the lots of the map's day that are in the account, with the shares of their statuses."""
    frame = filled.layer("parcels_on_day").frame
    return frame[frame["shown_as"].isin(STATUSES)]


def months_of(filled: MapSpec) -> MapHistory:
    """Give the months of a map of lease status."""
    if filled.history is None:
        raise ValueError(f"the map {filled.theme} has no months")
    return filled.history


def leases_of(filled: MapSpec) -> pd.DataFrame:
    """Give the entries of leases that hold on the map's day."""
    entries = months_of(filled).entries
    return entries[is_in_force(entries, filled.on) & (entries["status"] == str(Status.LEASED))]


def date_words(on: Any) -> Words:
    """Write a day in every language."""
    return say(lambda language: theme.date(on, language=language))


def lot_map(
    filled: MapSpec,
    frame: gpd.GeoDataFrame,
    *,
    name: str,
    classes: Sequence[MapClass],
    entries: Sequence[Words | None],
    headline: Callable[[gpd.GeoDataFrame], Words],
    notes: tuple[Words, ...],
) -> MapSpec:
    """Show lots by the class in their column "shown", with a list of those that have an entry.

    ``name`` is the theme, its layer, and the group of its words. The frame stands in the order of
    the list; classes without a lot are left out.
    """
    frame = frame.reset_index(drop=True)
    numbers = lot_numbers(frame, among=months_of(filled).parcels.frame).tolist()
    named = [joined([text("map.lot"), same(one)], by=" ") for one in numbers]
    zones = filled.zones.frame.set_index("zone_id")["name"]
    is_several = len(zones) > 1
    told = [
        Told(
            name=one,
            entry=joined([same(str(zones[zone])), entry]) if is_several and entry else entry,
        )
        for one, zone, entry in zip(named, frame["zone_id"], entries, strict=True)
    ]
    told = list(numbered(told))
    present = set(frame["shown"])
    title = text(f"{name}_map.title")
    layer = MapLayer(
        name=name,
        title=title,
        frame=frame.assign(number=pd.array([one.number for one in told], dtype="Int64")),
        column="shown",
        classes=tuple(one for one in classes if one.value in present),
        told=told,
        area="shown_ha",
        labels=candidates(frame, numbers),
        is_framing=True,
    )
    others = filled.layer("parcels_on_day").frame
    return replace(
        filled,
        theme=name,
        title=title,
        headline=headline(frame),
        subtitle=joined([]),
        ground=use_layer(others, among=months_of(filled).parcels.frame),
        layers=(layer,),
        notes=notes,
        zone_facts={},
        zone_headlines={
            str(zone): headline(frame[of_zone(frame["zone_id"], str(zone))]) for zone in zones.index
        },
        overview=None,
        history=None,
        list_title=text(f"{name}_map.list"),
        list_empty=text(f"{name}_map.list_empty"),
    )


def stretches(filled: MapSpec, column: str) -> pd.Series:
    """Tell by lot since when a share is above nothing without a break; missing where unknown.

    A lot that is drawn anew under its own id goes on.
    """
    history = months_of(filled).parcels.frame
    day = np.datetime64(filled.on, "s")
    rows = pd.DataFrame(history[["parcel_id", "valid_from", "valid_to", column]])
    rows = rows[~(rows["valid_from"] > day) & (rows[column] > 0)]
    rows = rows.sort_values(["parcel_id", "valid_from"], na_position="first")
    # A stretch begins where the row before belongs to another lot or ended earlier.
    before = rows.shift()
    is_next = (rows["parcel_id"] == before["parcel_id"]) & (
        rows["valid_from"] == before["valid_to"]
    )
    begins = rows["valid_from"].where(~is_next)
    stretch = (~is_next).cumsum()
    last = rows.assign(since=begins.groupby(stretch).transform("first"))
    last = last[~(last["valid_to"] <= day)]
    return last.drop_duplicates("parcel_id", keep="last").set_index("parcel_id")["since"]
