"""The green belt along the fence, by its true width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.balance.shares import of_day, sound_on
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import LandUse
from kcngeo.ledger import missing_zones
from kcngeo.standards import Limit, limits_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

    Floats = NDArray[np.float64]

# What rounding leaves between two neighbours casts no shadow on the fence: land narrower than a
# centimetre is none, and a belt that lacks half a centimetre is as wide as it must be.
_SLIVER_M = 5e-3


def green_belt(
    project: Project | Snapshot,
    *,
    on: Day,
    width_m: float | None = None,
    limits: Sequence[Limit] | None = None,
) -> gpd.GeoDataFrame:
    """Measure the share of each fence behind which green land is as wide as it must be.

    The width is the true one: from a point of the fence straight into the zone, at a right angle
    to it, everything up to the stated width must be green parcel. A lake, a gate or a lot within
    it breaks the belt there, and only there. Green land outside the fence is not counted, nor what
    lies beyond the zone's own other side: at a sharp corner, or across a cut into the zone. Green
    is the use in the approved plan, planted or not. A gate must break the belt somewhere, so a
    share of 1 is not to be expected; ``gate_m`` says how much of the gap fronts land for transport.
    Fences of holes count as fence.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day missing.
    on
        The day.
    width_m
        Least width in metres; None for the figure of the registry, whose id stands in ``rule``.
    limits
        Limits of a user's own registry; None for those that come with the library. Of several for
        the belt the widest counts.

    Returns
    -------
    gpd.GeoDataFrame
        By ``zone_id``, sorted, for zones that count on the day: ``fence_m``, ``belt_m`` (fence with
        a belt of the width), ``belt_share``, ``gap_m``, ``gate_m`` (of the gap), ``width_m``,
        ``rule`` and ``verified`` (missing for a width of the caller's), and as geometry the
        stretches of fence that lack it.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other.
    GeometryError
        If a geometry is invalid; all are named.
    KcngeoError
        If the width is not above zero.

    Examples
    --------
    The boundary of zone A is 2.2 km long. A-6 is green and as long as the lot is deep: behind its
    100 m in the south and its 100 m in the north the belt is wide enough, and nowhere else.

    >>> import kcngeo as kcn
    >>> belt = green_belt(kcn.examples.squares(), on="2018-03-31")
    >>> belt.loc["A", ["fence_m", "belt_m", "gate_m"]].astype(float).round(2).tolist()
    [2200.0, 200.0, 200.0]
    """
    limit = None if width_m is not None else _widest(limits)
    wide_m = width_m if limit is None else limit.at_least
    if wide_m is None or not 0 < wide_m < float("inf"):
        raise KcngeoError("belt_width", value=wide_m)
    snapshot = sound_on(project, on=on)
    zones, parcels = of_day(snapshot, on)
    # A zone whose boundary nobody has drawn has no belt to measure.
    zones = zones[zones.geometry.notna()]
    rows, shapes = [], []
    for zone_id, fence in sorted(zip(zones["zone_id"], zones.geometry, strict=True)):
        mine = parcels[(parcels["zone_id"] == zone_id).to_numpy()]
        by_use = {
            use: shapely.union_all(mine.geometry[(mine["land_use"] == use).to_numpy()].to_numpy())
            for use in (LandUse.GREEN, LandUse.TRANSPORT)
        }
        # A gap is fence without green of the width behind it; a gate is fence with a road behind it
        gaps, gate_m, fence_m = _gaps(
            fence, by_use[LandUse.GREEN], by_use[LandUse.TRANSPORT], wide_m
        )
        gap_m = float(sum(shapely.length(gap) for gap in gaps))
        shapes.append(shapely.multilinestrings(gaps) if gaps else shapely.MultiLineString())
        rows.append(
            {
                "zone_id": zone_id,
                "fence_m": fence_m,
                "belt_m": fence_m - gap_m,
                "belt_share": (fence_m - gap_m) / fence_m,
                "gap_m": gap_m,
                "gate_m": gate_m,
                "width_m": wide_m,
                "rule": None if limit is None else limit.name,
                "verified": None if limit is None else str(limit.verified),
            }
        )
    names = ["fence_m", "belt_m", "belt_share", "gap_m", "gate_m", "width_m", "rule", "verified"]
    table = pd.DataFrame(rows, columns=["zone_id", *names])
    table = table.astype({"zone_id": "str", "rule": "str", "verified": "str"})
    measured = gpd.GeoDataFrame(table, geometry=shapes, crs=zones.crs).set_index("zone_id")
    return missing_zones(measured, snapshot)


def _widest(limits: Sequence[Limit] | None) -> Limit | None:
    given = limits_on("perimeter_belt") if limits is None else limits
    mine = [one for one in given if one.subject == "perimeter_belt" and one.at_least is not None]
    return max(mine, key=lambda one: one.at_least or 0.0, default=None)


def _gaps(fence: Any, green: Any, transport: Any, width_m: float) -> tuple[list[Any], float, float]:
    """Give the stretches of fence without a belt, the length of gates among them, and the fence."""
    start, end = _lines_of(fence)
    length_m = np.hypot(*(end - start).T)
    inner = _opened(shapely.difference(fence, green))
    bare = _shadows(start, end, inner, _behind(start, end, width_m - _SLIVER_M, fence))
    # A gate touches the fence itself: a strip of a hand's breadth tells it.
    gates = _shadows(start, end, transport, _behind(start, end, 0.1, fence))
    along = (end - start) / length_m[:, None]
    gaps = [
        shapely.linestrings([start[line] + low * along[line], start[line] + high * along[line]])
        for line, spans in enumerate(bare)
        for low, high in spans
    ]
    return gaps, sum(map(_shared, bare, gates)), float(length_m.sum())


def _lines_of(fence: Any) -> tuple[Floats, Floats]:
    """Give where the lines of a fence start and end, (lines, 2) metres, land on their left."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(fence)))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    is_line = (ring[1:] == ring[:-1]) & (corners[1:] != corners[:-1]).any(axis=1)
    return corners[:-1][is_line], corners[1:][is_line]


def _opened(land: Any) -> Any:
    """Take away what is narrower than a centimetre, spikes too."""
    core = shapely.buffer(land, -_SLIVER_M, join_style="mitre")
    return shapely.buffer(core, _SLIVER_M, join_style="mitre")


def _behind(start: Floats, end: Floats, depth_m: float, fence: Any) -> NDArray[np.object_]:
    """Give the land straight behind fence lines: of the strip, what the line itself bounds."""
    # The zone lies on the left of the line, as polygons are oriented counter-clockwise. What the
    # strip meets again beyond the zone's own other side belongs to the fence there.
    along = (end - start) / np.hypot(*(end - start).T)[:, None]
    inwards = np.stack([-along[:, 1], along[:, 0]], axis=1) * depth_m
    strips = shapely.polygons(np.stack([start, end, end + inwards, start + inwards], axis=1))
    parts, line = shapely.get_parts(shapely.intersection(fence, strips), return_index=True)
    count = np.bincount(line, minlength=len(strips))
    first = np.cumsum(count) - count
    for one in np.flatnonzero(count > 1):
        mine = parts[first[one] : first[one] + count[one]]
        near_m = shapely.distance(mine, shapely.linestrings([start[one], end[one]]))
        strips[one] = shapely.union_all(mine[near_m < _SLIVER_M])
    return np.asarray(strips)


def _shadows(
    start: Floats, end: Floats, land: Any, strips: NDArray[np.object_]
) -> list[list[tuple[float, float]]]:
    """Give by fence line the stretches, in metres from its start, that land in its strip hides."""
    length_m = np.hypot(*(end - start).T)
    along = (end - start) / length_m[:, None]
    pieces, line = shapely.get_parts(shapely.intersection(land, strips), return_index=True)
    is_land = shapely.area(pieces) > _SLIVER_M**2
    pieces, line = pieces[is_land], line[is_land]
    corners, piece = shapely.get_coordinates(pieces, return_index=True)
    of = line[piece]
    distance_m = ((corners - start[of]) * along[of]).sum(axis=1)
    first = np.flatnonzero(np.diff(piece, prepend=-1))
    low = np.maximum(np.minimum.reduceat(distance_m, first), 0.0) if len(first) else distance_m
    high = np.maximum.reduceat(distance_m, first) if len(first) else distance_m
    spans: list[list[tuple[float, float]]] = [[] for _ in strips]
    for one, begin, stop in zip(line, low, np.minimum(high, length_m[line]), strict=True):
        spans[one].append((float(begin), float(stop)))
    return [_merged(some) for some in spans]


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + _SLIVER_M:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _shared(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> float:
    return sum(
        max(min(a_high, b_high) - max(a_low, b_low), 0.0)
        for a_low, a_high in one
        for b_low, b_high in other
    )
