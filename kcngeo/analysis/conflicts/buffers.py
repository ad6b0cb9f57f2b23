"""Emitters nearer to receptors than a rule requires."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.conflicts.classification import Rating, rated
from kcngeo.analysis.conflicts.inputs import (
    layer_of_day,
    require_agreement,
    require_zones,
    rules_of_day,
    widened,
)
from kcngeo.core.dates import Day
from kcngeo.core.geometry import pairs_within
from kcngeo.core.threads import in_threads
from kcngeo.core.units import M2_PER_HA
from kcngeo.standards import BufferRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CONFLICT, UNRATED = "conflict", "unrated"
_COLLECTION = 7
_AT_ONCE = 2_000

_TEXTS = (
    "emitter_id",
    "receptor_id",
    "rule_id",
    "verified",
    "state",
    "why_unrated",
    "emitter_kind",
    "hazard_class",
    "receptor_kind",
    "receptor_name",
    "zone_id",
    "rule_origin",
    "source",
)
_ORDER = (
    "emitter_id",
    "receptor_id",
    "rule_id",
    "required_m",
    "distance_m",
    "margin_m",
    "overlap_ha",
    "share",
    "verified",
    "state",
    "why_unrated",
    "emitter_kind",
    "hazard_class",
    "receptor_kind",
    "receptor_name",
    "receptor_undated",
    "zone_id",
    "in_force",
    "overrides",
    "rule_origin",
    "source",
    "geometry",
)


def buffer_conflicts(
    emitters: gpd.GeoDataFrame,
    receptors: gpd.GeoDataFrame,
    *,
    rules: Iterable[BufferRule],
    on: Day,
    zones: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Find what stands nearer to homes, green or water on a day than the rules require.

    A pair is a conflict if ``distance < required``; exactly at the distance is none. Shapes that
    touch or overlap are 0 m apart. The distance is exact, from the emitter's own shape (a point, a
    line, a building, a parcel) or, if the rule says so, from the fence of its zone, inside of which
    everything is 0 m away. Emitters and receptors count while ``valid_from <= on < valid_to``, so a
    planned resettlement area counts from its date. An emitter and a receptor of the same id are one
    thing, which is not in conflict with itself.

    A rule that has ended or not begun on the day gives nothing; one without dates is applied, and
    ``in_force`` says no. What a rule is about, but for want of a hazard class, a capacity or
    another detail cannot give a distance to, stands in a row of its own, ``state`` "unrated", and
    so does an emitter no rule is about: no row means no conflict, never no knowledge. See
    :func:`findings` for what to know about rules and receptors besides.

    Parameters
    ----------
    emitters
        Table "emitters"; projected CRS in metres.
    receptors
        Table "receptors", same CRS.
    rules
        Rules of distances, for example :func:`kcngeo.standards.buffer_rules`.
    on
        The day.
    zones
        Table "zones", same CRS; needed if a rule goes by the fence or by the place.

    Returns
    -------
    gpd.GeoDataFrame
        A row a conflict, and a row an emitter and rule without a distance, sorted by
        ``emitter_id``, ``rule_id``, ``receptor_id``; ``required_m``, ``distance_m``, ``margin_m``
        (distance − required, below zero); ``overlap_ha`` and ``share``, how much of the receptor's
        area lies too near (missing for points and lines; the sum over emitters counts land twice);
        ``verified``, ``in_force``, ``rule_origin``, ``overrides`` and ``source`` of the rule;
        ``state``, and ``why_unrated``, what is missing; kinds, ``receptor_name``,
        ``hazard_class``, ``zone_id`` of the emitter, and ``receptor_undated`` (nobody said since
        when it is there, so it counts always). ``geometry`` is the part of the receptor that
        lies too near, drawn with circles of 256 corners (missing in unrated rows, and where less
        than 2 cm of 300 m are lacking).

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
        If a rule needs zones and none are given, or a table still says who knew what when.

    Examples
    --------
    A stack of class III stands 150 m from homes; the standard asks for 300 m:

    >>> import kcngeo as kcn
    >>> snapshot = kcn.examples.squares().as_known()
    >>> rules = [kcn.standards.load("tcvn4449-1987")]
    >>> near = buffer_conflicts(
    ...     snapshot.emitters, snapshot.receptors, rules=rules, on="2018-03-31")
    >>> near[["emitter_id", "receptor_id", "required_m", "distance_m", "margin_m"]].values.tolist()
    [['S1', 'R1', 300.0, 150.0, -150.0]]
    """
    wanted = rules_of_day(rules, on=on).applied
    require_zones(wanted, zones)
    require_agreement(emitters=emitters, receptors=receptors, zones=zones)
    ours = layer_of_day(emitters, "emitters", on=on)
    theirs = layer_of_day(receptors, "receptors", on=on)
    fences = None if zones is None else layer_of_day(zones, "zones", on=on)
    rating = rated(ours, wanted, fences)
    # (pairs,) the case, an emitter under a rule, the receptor, and metres
    case, receptor, distance_m = _near(rating, wanted, theirs, crs=ours.crs)
    emitter = rating.emitter[case]
    # Works may be receptor and emitter at once: they do not stand too near to themselves.
    itself = ours["emitter_id"].to_numpy()[emitter] == theirs["receptor_id"].to_numpy()[receptor]
    keep = ~itself & (distance_m < rating.required_m[case])
    case, receptor, distance_m = case[keep], receptor[keep], distance_m[keep]
    parts, overlap_ha, share = _overlaps(
        rating, case, theirs.geometry.to_numpy()[receptor], distance_m
    )
    # Cases no rule could rate: they stay, as rows without a receptor.
    lone = np.flatnonzero(rating.reason != "")
    every = np.concatenate([case, lone])
    columns = {
        **_of_emitters(ours, rating.emitter[every]),
        **_of_rules(wanted, rating.rule[every], on=on),
        **_of_receptors(theirs, receptor, lone=len(lone)),
        "required_m": rating.required_m[every],
        "distance_m": _padded(distance_m, len(lone)),
        "margin_m": _padded(distance_m - rating.required_m[case], len(lone)),
        "overlap_ha": _padded(overlap_ha, len(lone)),
        "share": _padded(share, len(lone)),
        "state": np.repeat([CONFLICT, UNRATED], [len(case), len(lone)]),
        "why_unrated": np.where(rating.reason[every] == "", None, rating.reason[every]),
        "geometry": np.concatenate([parts, np.full(len(lone), None, dtype=object)]),
    }
    table = pd.DataFrame(columns)[list(_ORDER)].astype(dict.fromkeys(_TEXTS, "str"))
    table = table.sort_values(["emitter_id", "rule_id", "receptor_id"], ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=ours.crs)


def _near(
    rating: Rating, rules: Sequence[BufferRule], receptors: gpd.GeoDataFrame, *, crs: Any
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Find the receptors within the distance of each case; rules that protect alike go together."""
    kinds = receptors["kind"].to_numpy(dtype=object)
    protected = [frozenset(rule.receptors) for rule in rules]
    found = [pd.DataFrame({"left": [], "right": [], "distance_m": []})]
    for wanted in dict.fromkeys(protected):
        numbers = [number for number, some in enumerate(protected) if some == wanted]
        cases = np.flatnonzero(np.isin(rating.rule, numbers) & (rating.reason == ""))
        left = gpd.GeoDataFrame(geometry=rating.shape[cases], index=cases, crs=crs)
        right = receptors[np.isin(kinds, list(wanted))]
        reach_m = pd.Series(rating.required_m[cases], index=cases)
        found.append(pairs_within(left, right, distance_m=reach_m))
    pairs = pd.concat([some for some in found if len(some)] or found[:1])
    pairs = pairs.sort_values(["left", "right"])
    left, right = (pairs[name].to_numpy(dtype="intp") for name in ("left", "right"))
    return left, right, pairs["distance_m"].to_numpy(dtype="float64")


def _overlaps(
    rating: Rating,
    case: NDArray[np.intp],
    receptors: NDArray[np.object_],
    distance_m: NDArray[np.float64],
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.float64]]:
    """Give the part of each receptor that lies too near, its hectares and its share."""
    # A receptor whose farthest corner is near enough lies too near as a whole: no zone is drawn.
    boxes = shapely.bounds(receptors)
    across_m = np.hypot(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    parts = receptors.copy()
    straddling = np.flatnonzero(distance_m + across_m > rating.required_m[case])
    # By case, so that a zone is drawn once; few at a time, because a zone has many corners.
    straddling = straddling[np.argsort(case[straddling], kind="stable")]
    chunks = np.array_split(straddling, max(1, len(straddling) // _AT_ONCE))
    cut = in_threads(lambda rows: _cut(rating, case[rows], receptors[rows]), chunks)
    parts[straddling] = np.concatenate(cut)
    whole_m2 = np.asarray(shapely.area(receptors))
    part_m2 = np.where(whole_m2 > 0, shapely.area(parts), np.nan)
    share = np.divide(part_m2, whole_m2, out=np.full(len(case), np.nan), where=whole_m2 > 0)
    parts[shapely.is_empty(parts)] = None
    # Where a zone touches a receptor once more from outside, points and lines come along.
    for row in np.flatnonzero((shapely.get_type_id(parts) == _COLLECTION) & (whole_m2 > 0)):
        pieces = shapely.get_parts(shapely.get_parts(parts[row]))
        parts[row] = shapely.multipolygons(pieces[shapely.get_dimensions(pieces) == 2])
    return parts, part_m2 / M2_PER_HA, np.minimum(share, 1.0)


def _cut(
    rating: Rating, case: NDArray[np.intp], receptors: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Cut each receptor with the zone of its case."""
    used, place = np.unique(case, return_inverse=True)
    zones = widened(rating.shape[used], rating.required_m[used])
    return np.asarray(shapely.intersection(receptors, zones[place]), dtype=object)


def _of_emitters(emitters: gpd.GeoDataFrame, rows: NDArray[np.intp]) -> dict[str, Any]:
    optional = emitters.reindex(columns=["emitter_id", "kind", "hazard_class", "zone_id"])
    part = optional.iloc[rows].reset_index(drop=True)
    return {
        "emitter_id": part["emitter_id"],
        "emitter_kind": part["kind"],
        "hazard_class": part["hazard_class"].astype("str"),
        "zone_id": part["zone_id"].astype("str"),
    }


def _of_receptors(
    receptors: gpd.GeoDataFrame, rows: NDArray[np.intp], *, lone: int
) -> dict[str, Any]:
    """Say of each row what its receptor says of itself; nothing of the ``lone`` rows at the end."""
    columns = pd.DataFrame(receptors).reindex(columns=["receptor_id", "kind", "name", "valid_from"])
    part = columns.reindex(np.concatenate([rows, np.full(lone, -1)]))
    nobody = np.arange(len(part)) >= len(rows)
    undated = pd.arrays.BooleanArray(part["valid_from"].isna().to_numpy(copy=True), mask=nobody)
    return {
        "receptor_id": part["receptor_id"].array,
        "receptor_kind": part["kind"].array,
        "receptor_name": part["name"].array,
        "receptor_undated": undated,
    }


def _of_rules(rules: Sequence[BufferRule], numbers: NDArray[np.intp], *, on: Day) -> dict[str, Any]:
    """Say of each row what its rule says of itself; nothing where no rule is about it."""
    said = [
        (
            rule.name,
            str(rule.verified),
            rule.origin,
            rule.source,
            rule.is_in_force(on),
            rule.overrides,
        )
        for rule in rules
    ]
    # The number -1 is that of no rule: the last row of the table.
    table = pd.DataFrame(
        [*said, (None,) * 6],
        columns=["rule_id", "verified", "rule_origin", "source", "in_force", "overrides"],
    ).astype({"in_force": "boolean", "overrides": "boolean"})
    return {str(name): column.array for name, column in table.iloc[numbers].items()}


def _padded(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.concatenate([values, np.full(count, np.nan)])
