"""Rings of zones seen from afar: their size, and places in which none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from kcngeo.cartography.words import Words

# All as shares of the side of what is shown; a sheet shows it some 6 inches wide, so that the hole
# takes a rate of 7 points.
_HOLE, _THINNEST, _WIDEST = 0.040, 0.0463, 0.062
_LETTER, _LINE, _GAP = 0.0104, 0.027, 0.004
# How far round the zones rings may stand.
_ROOM = 0.12
_STEP, _WAYS, _FAR = 0.012, 32, 50
_ARC = np.pi / 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ring:
    """A zone as a ring.

    Attributes
    ----------
    zone_id, name, rate, claim
        The zone, what it is called, its rate and the latest claim beside it in words.
    at
        Where the zone lies, in metres of its CRS.
    base_ha, parts_ha
        Leasable hectares, 0 where nobody publishes them, and those of every status.
    is_declared
        Whether the account is declared and not measured.
    center, outer, hole
        Where the ring stands, and its radii in metres.
    plates
        The places of the name, and of the claim if there is one, under the ring.
    is_moved
        Whether it stands aside of the zone.
    """

    zone_id: str
    name: Words
    rate: Words
    claim: Words
    at: Any
    base_ha: float
    parts_ha: tuple[float, ...]
    is_declared: bool
    center: Any = None
    outer: float = 0.0
    hole: float = 0.0
    plates: tuple[Any, ...] = ()
    is_moved: bool = False


def placed_rings(rings: Sequence[Ring]) -> list[Ring]:
    """Give every ring its size and a place of its own, the larger zones nearest to where they lie.

    A ring that finds no room within what is shown is left out: its zone stands in the list.
    """
    if not rings:
        return []
    points = np.array([one.at for one in rings])
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(*(high - low), 1.0) * (1 + 2 * _ROOM)
    view = shapely.box(*((low + high - side) / 2), *((low + high + side) / 2))
    most = max(one.base_ha for one in rings)
    rooms: list[Any] = []
    leaders: list[Any] = []
    placed = []
    for ring in sorted(rings, key=lambda one: (-one.base_ha, one.zone_id)):
        sized = replace(ring, outer=_outer(ring.base_ha, most) * side, hole=_HOLE * side)
        found = _free(sized, side, view, rooms, leaders)
        if found is None:
            continue
        placed.append(found)
        rooms.append(_room(found, side))
        if found.is_moved:
            leaders.append(leader(found))
    return placed


def leader(ring: Ring) -> Any:
    """Give the line from where a zone lies to the edge of its ring."""
    way = ring.center - ring.at
    return shapely.LineString([ring.at, ring.center - way / np.hypot(*way) * ring.outer])


def _free(
    ring: Ring, side: float, view: Any, rooms: Sequence[Any], leaders: Sequence[Any]
) -> Ring | None:
    """Find the nearest place that covers nothing, best with a line that crosses nothing."""
    second = None
    for dx, dy in _steps(side):
        center = ring.at + np.array([dx, dy])
        is_moved = float(np.hypot(dx, dy)) > ring.outer
        plates = _plates(ring, center, side)
        tried = replace(ring, center=center, plates=plates, is_moved=is_moved)
        room = _room(tried, side)
        if not view.covers(room) or any(room.intersects(one) for one in rooms):
            continue
        second = second or tried
        line = leader(tried) if is_moved else shapely.Point(*ring.at)
        crossed = any(line.intersects(one) for one in (*rooms, *leaders))
        if not crossed and not any(room.intersects(one) for one in leaders):
            return tried
    return second


def _room(ring: Ring, side: float) -> Any:
    """Give what a ring and its name cover, with a little air; beside the ring is room."""
    disc = shapely.box(*(ring.center - ring.outer), *(ring.center + ring.outer))
    air = _GAP * side / 2
    bounds = np.array([one.bounds for one in (disc, *ring.plates)])
    return shapely.union_all(shapely.box(*(bounds + np.array([-air, -air, air, air])).T))


def sector(ring: Ring, low: float, high: float) -> Any:
    """Make the part of a ring between two shares of it, clockwise from the top."""
    steps = max(2, int((high - low) * 2 * np.pi / _ARC) + 1)
    turn = np.linspace(low, high, steps) * 2 * np.pi
    way = np.column_stack([np.sin(turn), np.cos(turn)])
    outside, inside = (ring.center + radius * way for radius in (ring.outer, ring.hole))
    if high - low >= 1:
        return shapely.Polygon(outside, [inside])
    return shapely.Polygon(np.vstack([outside, inside[::-1]]))


def _outer(base_ha: float, most: float) -> float:
    """Give the radius of a ring whose area is in proportion to its base, but for thin ones."""
    share = base_ha / most if most > 0 else 0.0
    grown = _HOLE**2 + (_WIDEST**2 - _HOLE**2) * share
    return max(_THINNEST, float(np.sqrt(grown)))


def _plates(ring: Ring, center: Any, side: float) -> tuple[Any, ...]:
    """Give the places of name and claim under a ring, wide enough for them in every language."""
    x, top = center[0], center[1] - ring.outer - 0.002 * side
    plates = []
    for words in (ring.name, ring.claim):
        letters = max(map(len, words.values()))
        if letters:
            half, low = (letters + 1) * _LETTER * side / 2, top - _LINE * side
            plates.append(shapely.box(x - half, low, x + half, top))
            top = low
    return tuple(plates)


def _steps(side: float) -> list[tuple[float, float]]:
    """Give steps away from where a zone is: the nearest first, all round."""
    steps = [(0.0, 0.0)]
    for far in range(1, _FAR):
        turn = 2 * np.pi * (np.arange(_WAYS) + (far % 2) / 2) / _WAYS
        radius = far * _STEP * side
        steps += list(zip(radius * np.sin(turn), radius * np.cos(turn), strict=True))
    return steps
