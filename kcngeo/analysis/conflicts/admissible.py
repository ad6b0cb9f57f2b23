"""The worst hazard class that may come to each lot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.conflicts.inputs import (
    layer_of_day,
    require_agreement,
    require_zones,
    rules_of_day,
)
from kcngeo.core.dates import Day
from kcngeo.standards import BufferRule

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_DTYPES = {
    "parcel_id": "str",
    "zone_id": "str",
    "rule_id": "str",
    "admissible_class": "str",
    "required_m": "float64",
    "refused_class": "str",
    "refused_m": "float64",
    "receptor_id": "str",
    "distance_m": "float64",
    "verified": "str",
    "in_force": "bool",
    "rule_origin": "str",
    "overrides": "bool",
}


def admissible_class(
    parcels: gpd.GeoDataFrame,
    receptors: gpd.GeoDataFrame,
    *,
    rules: Iterable[BufferRule],
    on: Day,
    zones: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Give the worst hazard class that each rule still allows on each lot.

    The worst class is the one with the longest distance. It is allowed if the nearest receptor of
    the rule is not nearer than that distance, measured from the whole lot (or from the fence of its
    zone, if the rule says so): a class may be allowed on a part of a lot that is refused on the
    whole. Only rules that go by class and are about parcels inside a zone are asked. What other
    rules, other laws or the zone's own list of trades refuse is not known here.

    Parameters
    ----------
    parcels
        Table "parcels", for example only the vacant ones; projected CRS in metres.
    receptors
        Table "receptors", same CRS; those planned count from their date.
    rules
        Rules of distances, for example :func:`kcngeo.standards.buffer_rules`.
    on
        The day.
    zones
        Table "zones", same CRS; needed if a rule is measured from the fence.

    Returns
    -------
    pd.DataFrame
        A row a lot and rule, sorted: ``parcel_id``, ``zone_id``, ``rule_id``,
        ``admissible_class`` (missing if not even the mildest is allowed) with its ``required_m``,
        ``refused_class`` (the mildest that is refused; missing if none is) with its ``refused_m``,
        ``receptor_id`` and ``distance_m`` of the nearest receptor (missing if none is nearer than
        the longest distance), and ``verified``, ``in_force``, ``rule_origin``, ``overrides`` of the
        rule.

    Raises
    ------
    ContractError
        If a table breaks its contract or an id stands twice on the day.
    CRSError
        If a layer has no CRS, two disagree, or lengths are misstated.
    GeometryError
        If a shape is missing, empty or invalid.
    StandardError
        If two rules have one name.
    KcngeoError
        If a rule is measured from the fence and no zones are given, or a table still says who knew
        what when.

    Examples
    --------
    A-1 lies 1000 m from the homes, exactly as far as class I must stay away; A-2 lies 900 m from
    them, too near for class I and far enough for class II, which asks for 500 m:

    >>> import kcngeo as kcn
    >>> snapshot = kcn.examples.squares().as_known()
    >>> rules = [kcn.standards.load("tcvn4449-1987")]
    >>> worst = admissible_class(
    ...     snapshot.parcels, snapshot.receptors, rules=rules, on="2018-03-31")
    >>> worst.loc[:1, ["parcel_id", "admissible_class", "distance_m"]].values.tolist()
    [['A-1', 'I', 1000.0], ['A-2', 'II', 900.0]]
    """
    wanted = [
        rule
        for rule in rules_of_day(rules, on=on).applied
        if rule.by == "hazard_class" and "parcel" in rule.emitters and rule.place != "outside"
    ]
    fenced = [rule for rule in wanted if rule.measured_from == "fence"]
    require_zones(fenced, zones)
    require_agreement(parcels=parcels, receptors=receptors, zones=zones)
    lots = layer_of_day(parcels, "parcels", on=on)
    theirs = layer_of_day(receptors, "receptors", on=on)
    shapes = lots.geometry.to_numpy()
    # (lots,) the boundary of the zone of each, for rules that measure from it
    fences = shapes
    if fenced and zones is not None:
        known = layer_of_day(zones, "zones", on=on)
        fences = known.set_index("zone_id").geometry.reindex(lots["zone_id"]).to_numpy()
    tables = [
        _by_rule(lots, fences if rule in fenced else shapes, theirs, rule, on=on) for rule in wanted
    ]
    # An empty table in front keeps columns and types where no rule asks.
    table = pd.concat([pd.DataFrame(columns=list(_DTYPES)).astype(_DTYPES), *tables])
    return table.sort_values(["parcel_id", "rule_id"], ignore_index=True)


def _by_rule(
    lots: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    receptors: gpd.GeoDataFrame,
    rule: BufferRule,
    *,
    on: Day,
) -> pd.DataFrame:
    protected = receptors[receptors["kind"].isin(rule.receptors)].sort_values("receptor_id")
    row, distance_m = _nearest(shapes, protected.geometry.to_numpy(), rule.longest_m)
    near = row >= 0
    names = np.array([name for name, _ in rule.classes], dtype=object)
    metres = np.array([distance for _, distance in rule.classes])
    # Classes are sorted from the worst: the first whose distance is kept is allowed.
    kept = ~(distance_m[:, None] < metres)
    first = np.where(kept.any(axis=1), kept.argmax(axis=1), len(names))
    # A lot whose fence is not known is told neither way.
    known = ~shapely.is_missing(shapes)
    allowed, refused = known & (first < len(names)), known & (first > 0)
    at, before = np.minimum(first, len(names) - 1), np.maximum(first - 1, 0)
    ids = protected["receptor_id"].to_numpy(dtype=object)
    nearest = np.full(len(lots), None, dtype=object)
    nearest[near] = ids[row[near]]
    return pd.DataFrame(
        {
            "parcel_id": lots["parcel_id"].to_numpy(),
            "zone_id": lots["zone_id"].to_numpy(),
            "rule_id": rule.name,
            "admissible_class": _where(allowed, names[at]),
            "required_m": np.where(allowed, metres[at], np.nan),
            "refused_class": _where(refused, names[before]),
            "refused_m": np.where(refused, metres[before], np.nan),
            "receptor_id": nearest,
            "distance_m": np.where(near, distance_m, np.nan),
            "verified": str(rule.verified),
            "in_force": rule.is_in_force(on),
            "rule_origin": rule.origin,
            "overrides": rule.overrides,
        }
    ).astype(_DTYPES)


def _nearest(
    shapes: NDArray[np.object_], others: NDArray[np.object_], longest_m: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Give the nearest of the others within a distance, the first where several are as near."""
    # Positions are -1 and distances infinite where there is none.
    row = np.full(len(shapes), -1, dtype=np.intp)
    distance_m = np.full(len(shapes), np.inf)
    if len(others):
        one, other = shapely.STRtree(others).query_nearest(shapes, max_distance=longest_m)
        order = np.lexsort((other, one))
        one, first = np.unique(one[order], return_index=True)
        row[one] = other[order][first]
        distance_m[one] = shapely.distance(shapes[one], others[row[one]])
    return row, distance_m


def _where(mask: NDArray[np.bool_], names: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep the names where the mask is true; None elsewhere."""
    kept = np.full(len(mask), None, dtype=object)
    kept[mask] = names[mask]
    return kept
