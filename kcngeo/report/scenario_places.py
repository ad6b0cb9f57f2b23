"""Where a scenario changes something: lots let, lots cleared, land added, distances moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis import conflicts
from kcngeo.core.dates import is_in_force
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import Snapshot
from kcngeo.report.distances import distance_tables
from kcngeo.standards import BufferRule, Registry

PLACES = ("let", "clear", "extend", "farther", "nearer")
"""What a scenario does to a place; a distance that changes is asked farther out, or no more."""

_TOLD = ("entry", "zone_id", "parcel_ids", "area_ha", "rule", "before_m", "after_m")
_COLUMNS = ("entry", "place", *_TOLD[1:])
_SLIVER_M2 = 1.0


def scenario_places(
    now: Snapshot,
    then: Snapshot,
    made: pd.DataFrame,
    *,
    on: pd.Timestamp,
    rules: Registry,
    changed: Registry,
) -> gpd.GeoDataFrame:
    """Draw what a scenario changes, a row a change and zone; least shares have no place.

    Of a distance it is the land round emitters that a rule reaches with the scenario and not today
    ("farther"), or today and no more ("nearer"), by the zone it is nearest to.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> wish = pd.DataFrame({"change": ["let"], "parcels": ["A-2"]})
    >>> project, rules = kcn.examples.squares(), kcn.standards.registry()
    >>> done = kcn.update.apply_changes(project, wish, on="2018-03-31")
    >>> found = scenario_places(project.as_known(), done.project.as_known(), done.made,
    ...     on=pd.Timestamp("2018-03-31"), rules=rules, changed=done.rules)
    >>> found[["place", "area_ha"]].values.tolist(), found.area.tolist()  # half of it was free
    ([['let', 0.5]], [10000.0])
    """
    rows = [
        *_land(now, then, made, on=on),
        *_strips(now, made, on=on, rules=rules, changed=changed),
    ]
    shapes = [row.pop("geometry") for row in rows]
    frame = pd.DataFrame(rows, columns=[*_COLUMNS])
    texts = dict.fromkeys(("entry", "place", "zone_id", "parcel_ids", "rule"), "str")
    numbers = dict.fromkeys(("area_ha", "before_m", "after_m"), "float64")
    return gpd.GeoDataFrame(frame.astype(texts | numbers), geometry=shapes, crs=now.zones.crs)


def _land(
    now: Snapshot, then: Snapshot, made: pd.DataFrame, *, on: pd.Timestamp
) -> Iterator[dict[str, Any]]:
    """Give the lots that are let and cleared, and the land that comes to a zone."""
    lots = then.parcels[then.in_force(on)].set_index("parcel_id").geometry
    before, after = (_fences(one, on) for one in (now, then))
    for row in made.to_dict("records"):
        if row["change"] == "extend":
            zone_id = row["zone_id"]
            shape = shapely.difference(after[zone_id], before[zone_id])
        elif row["change"] in ("clear", "let"):
            ids = [one for one in str(row["parcel_ids"]).split("|") if one in lots.index]
            shape = shapely.union_all(lots.loc[ids].to_numpy())
        else:
            continue
        if not shapely.is_empty(shape):
            yield {
                **{name: row[name] for name in _TOLD},
                "place": row["change"],
                "geometry": shape,
            }


def _fences(snapshot: Snapshot, on: pd.Timestamp) -> Mapping[str, Any]:
    zones = snapshot.zones[is_in_force(snapshot.zones, on)]
    return dict(zip(zones["zone_id"], zones.geometry, strict=True))


def _strips(
    now: Snapshot, made: pd.DataFrame, *, on: pd.Timestamp, rules: Registry, changed: Registry
) -> Iterator[dict[str, Any]]:
    """Give the land that a rule reaches with other distances, and no more."""
    moved = made[made["change"] == "distance"].drop_duplicates("rule")
    if moved.empty or now.table("emitters") is None:
        return
    measured, fences = distance_tables(now, on=on), _fences(now, on)
    for row in moved.to_dict("records"):
        was, then = (_reach(measured, one.load(row["rule"]), on) for one in (rules, changed))
        ends = {"farther": shapely.difference(then, was), "nearer": shapely.difference(was, then)}
        for place, whole in ends.items():
            for zone_id, shape in _by_zone(whole, fences).items():
                told = {name: row[name] for name in _TOLD} | {"zone_id": zone_id, "place": place}
                yield {**told, "area_ha": shape.area / M2_PER_HA, "geometry": shape}


def _by_zone(whole: Any, fences: Mapping[str, Any]) -> dict[str, Any]:
    """Part land by the zone each piece of it lies nearest to."""
    ids, shapes = [*fences], np.array([*fences.values()], dtype=object)
    pieces: dict[str, list[Any]] = {}
    for piece in shapely.get_parts(whole):
        if piece.area > _SLIVER_M2:
            nearest = ids[int(np.argmin(shapely.distance(shapes, piece)))]
            pieces.setdefault(nearest, []).append(piece)
    return {zone_id: shapely.union_all(pieces[zone_id]) for zone_id in sorted(pieces)}


def _reach(measured: Snapshot, rule: Any, on: pd.Timestamp) -> Any:
    """Give the land within the distances of one rule round the emitters of the day."""
    if not isinstance(rule, BufferRule):
        return shapely.Polygon()
    areas = conflicts.encumbrances(
        measured.emitters, None, rules=[rule], on=on, zones=measured.zones
    )
    return shapely.union_all(areas.geometry.to_numpy())
