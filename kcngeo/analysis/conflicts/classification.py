"""Which distance each rule asks of each emitter, and which cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.standards import BufferRule

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

NO_RULE = "no_rule"
"""Reason of an emitter that no rule of the day is about."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rating:
    """Pairs of an emitter and a rule that is about it, sorted by rule, then emitter.

    Attributes
    ----------
    emitter
        Row of the emitter.
    rule
        Number of the rule; -1 for an emitter that no rule is about.
    required_m
        The distance to keep, in metres; missing where it cannot be told.
    reason
        What is missing to tell it: "hazard_class", "class_unknown" (the rule does not know the
        class), "pollution_level", "level_unknown", "capacity_m3_day", "enclosed", "facility",
        "fence" (its zone is not known), or "no_rule"; empty where the distance is told.
    shape
        What the distance is measured from.
    """

    emitter: NDArray[np.intp]
    rule: NDArray[np.intp]
    required_m: NDArray[np.float64]
    reason: NDArray[np.object_]
    shape: NDArray[np.object_]


def rated(
    emitters: gpd.GeoDataFrame, rules: Sequence[BufferRule], zones: gpd.GeoDataFrame | None
) -> Rating:
    """Ask every rule for the distance each emitter has to keep."""
    size = len(emitters)
    shapes = emitters.geometry.to_numpy()
    asks_fences = any(rule.place != "any" or rule.measured_from == "fence" for rule in rules)
    place, fences = _stand(emitters, zones if asks_fences else None)
    # (emitters,) whether any rule asks something of it
    covered = np.zeros(size, dtype=bool)
    parts = []
    for number, rule in enumerate(rules):
        asked, reason = _asked(emitters, rule, place)
        required_m = _required(emitters, rule, reason)
        shape = shapes
        if rule.measured_from == "fence":
            shape = fences
            reason[shapely.is_missing(fences) & (reason == "")] = "fence"
            required_m[reason != ""] = np.nan
        rows = np.flatnonzero(asked)
        covered[rows] = True
        parts.append(
            (rows, np.full(len(rows), number), required_m[rows], reason[rows], shape[rows])
        )
    # An emitter of no rule is a row too: nobody may think it was found harmless.
    rest = np.flatnonzero(~covered)
    nothing = np.full(len(rest), np.nan)
    why = np.full(len(rest), NO_RULE, dtype=object)
    parts.append((rest, np.full(len(rest), -1), nothing, why, shapes[rest]))
    emitter, rule_number, metres, reasons, measured = map(np.concatenate, zip(*parts, strict=True))
    return Rating(
        emitter=emitter, rule=rule_number, required_m=metres, reason=reasons, shape=measured
    )


def _asked(
    emitters: gpd.GeoDataFrame, rule: BufferRule, place: NDArray[np.object_]
) -> tuple[Mask, NDArray[np.object_]]:
    """Tell which emitters a rule is about, and what is missing to be sure."""
    size = len(emitters)
    asked = np.array(emitters["kind"].isin(rule.emitters))
    reason = np.full(size, "", dtype=object)
    if rule.facilities:
        facility = _values(emitters, "facility")
        # Wastewater works are treatment works unless it is said what they are.
        plain = (emitters["kind"] == "wastewater_works").to_numpy() & pd.isna(facility)
        facility = np.where(plain, "treatment", facility)
        unknown = pd.isna(facility)
        asked &= unknown | np.isin(facility.astype(str), rule.facilities)
        reason[unknown] = "facility"
    if rule.enclosed is not None:
        enclosed = _values(emitters, "enclosed")
        unknown = pd.isna(enclosed)
        asked &= unknown | (enclosed == rule.enclosed)
        reason[unknown & (reason == "")] = "enclosed"
    if rule.place != "any":
        unknown = place == "unknown"
        asked &= unknown | (place == rule.place)
        reason[unknown & (reason == "")] = "fence"
    return asked, reason


def _required(
    emitters: gpd.GeoDataFrame, rule: BufferRule, reason: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Pick the figure of each emitter; where it cannot be told, say why in ``reason``."""
    by_name = {
        "hazard_class": (rule.classes, "class_unknown"),
        "pollution_level": (rule.levels, "level_unknown"),
    }
    if rule.by in by_name:
        distances, unknown = by_name[rule.by]
        named = _values(emitters, rule.by)
        figures = pd.Series(named, dtype=object).map(dict(distances))
        required_m = np.array(figures, dtype="float64")
        reason[pd.isna(named) & (reason == "")] = rule.by
        reason[np.isnan(required_m) & (reason == "")] = unknown
    elif rule.by == "capacity_m3_day":
        capacity = _values(emitters, "capacity_m3_day").astype("float64")
        required_m = np.full(len(emitters), np.nan)
        for band in rule.distances:
            required_m[band.holds(capacity)] = band.distance_m
        reason[np.isnan(capacity) & (reason == "")] = "capacity_m3_day"
    else:
        required_m = np.full(len(emitters), rule.distances[0].distance_m)
    required_m[reason != ""] = np.nan
    return required_m


def _stand(
    emitters: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Tell whether each emitter stands inside a fence if that is known, and give its zone's."""
    # Inside is who shares more than the border with a zone. The zone is the one an emitter names;
    # of one that names none, the first by id it stands in.
    size = len(emitters)
    place = np.full(size, "outside", dtype=object)
    fences = np.full(size, None, dtype=object)
    if zones is None:
        return place, fences
    shapes, polygons = emitters.geometry.to_numpy(), zones.geometry.to_numpy()
    row, zone = shapely.STRtree(polygons).query(shapes, predicate="intersects")
    within = ~shapely.touches(shapes[row], polygons[zone])
    row, zone = row[within], zone[within]
    place[row] = "inside"
    zone_ids = zones["zone_id"].to_numpy(dtype=object)
    order = np.argsort(zone_ids[zone].astype(str), kind="stable")[::-1]
    fences[row[order]] = polygons[zone[order]]
    named = _values(emitters, "zone_id")
    rows = np.flatnonzero(~pd.isna(named))
    number = pd.Index(zone_ids).get_indexer(pd.Index(named[rows], dtype=object))
    undrawn = np.append(shapely.is_missing(polygons), False)[number]
    place[rows[undrawn & (place[rows] == "outside")]] = "unknown"
    # A zone without a fence has the number -1: the last one.
    fences[rows] = np.concatenate([polygons, np.full(1, None, dtype=object)])[number]
    return place, fences


def _values(frame: pd.DataFrame, column: str) -> NDArray[Any]:
    """Give a column as objects, missing ones as NaN; all missing where it is absent."""
    if column not in frame.columns:
        return np.full(len(frame), np.nan, dtype=object)
    return frame[column].to_numpy(dtype=object, na_value=np.nan)
