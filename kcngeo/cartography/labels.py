"""What may be written on features: the words, where they stand and how, and who goes first.

A renderer writes as many as have room, in the order of their priority; it adds none of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.cartography.words import Words, same
from kcngeo.ledger.lot_numbers import short_ends

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_TOUCH_M = 1e-6
_BENT_SHARE = 0.9
"""A shape that fills less of its hull has its middle where it is widest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where words stand on a feature: in the middle of a box inside, turned with the feature.

    Attributes
    ----------
    point
        The middle of the box.
    angle_deg
        How far its level side is turned from the east, against the clock: -45 to 45.
    along_m
        Length of that side, in metres; 0 for what is no area.
    across_m
        Length of the other side, in metres.
    """

    point: Any
    angle_deg: float = 0.0
    along_m: float = 0.0
    across_m: float = 0.0

    def ways(self) -> Iterator[tuple[float, float, float]]:
        """Give each way to turn words, level first.

        Yields
        ------
        tuple[float, float, float]
            Degrees against the clock, metres of room along the words, metres across them.

        Examples
        --------
        >>> place = Place(point=shapely.Point(0, 0), angle_deg=10, along_m=40, across_m=20)
        >>> list(place.ways())
        [(10, 40, 20), (-80, 20, 40)]
        """
        yield self.angle_deg, self.along_m, self.across_m
        if not self.across_m:
            return
        upright = self.angle_deg - 90 if self.angle_deg > 0 else self.angle_deg + 90
        yield upright, self.across_m, self.along_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words that may be written on a feature.

    Attributes
    ----------
    text
        The words.
    place
        Where they stand.
    priority
        1 for the one that is written first.
    """

    text: Words
    place: Place
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
        Label(text=same(words) if isinstance(words, str) else words, place=place, priority=int(at))
        if words and place is not None
        else None
        for words, place, at in zip(texts, places_in(shapes), rank, strict=True)
    ]


def places_in(shapes: NDArray[Any]) -> list[Place | None]:
    """Find where words stand on shapes; None for a shape that is missing or empty.

    Examples
    --------
    A strip of 40 × 10 m that rises by 3 in 4: some 37° from the east.

    >>> strip = shapely.Polygon([(0, 0), (32, 24), (26, 32), (-6, 8)])
    >>> (place,) = places_in(np.array([strip]))
    >>> place.point.wkt, round(place.angle_deg), round(place.along_m), round(place.across_m)
    ('POINT (13 16)', 37, 40, 10)
    """
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    found: list[Place | None] = [None] * len(shapes)
    is_area = placed & (shapely.get_dimensions(shapes) == 2) & shapely.is_valid(shapes)
    for at in np.flatnonzero(placed & ~is_area):
        found[at] = Place(point=shapely.point_on_surface(shapes[at]))
    rows = np.flatnonzero(is_area)
    for at, place in zip(rows, _in_areas(shapes[rows]), strict=True):
        found[at] = place
    return found


def _in_areas(areas: NDArray[Any]) -> Iterator[Place]:
    middles = _middles(areas)
    # (areas, 2, 2) two sides of the box around each area that meet in a corner
    corners = shapely.get_coordinates(shapely.oriented_envelope(areas)).reshape(-1, 5, 2)
    sides = corners[:, 1:3] - corners[:, 0:2]
    # The level side goes first, and to the east.
    is_second = np.abs(sides[:, 0, 0]) * np.hypot(*sides[:, 1].T) < (
        np.abs(sides[:, 1, 0]) * np.hypot(*sides[:, 0].T)
    )
    sides[is_second] = sides[is_second, ::-1]
    sides[sides[:, 0, 0] < 0] *= -1
    angles = np.degrees(np.arctan2(sides[:, 0, 1], sides[:, 0, 0]))
    rooms = zip(*(_room_m(areas, middles, sides[:, at]) for at in (0, 1)), strict=True)
    for middle, angle, (along_m, across_m) in zip(middles, angles, rooms, strict=True):
        yield Place(
            point=middle, angle_deg=float(angle), along_m=float(along_m), across_m=float(across_m)
        )


def _room_m(
    areas: NDArray[Any], middles: NDArray[Any], sides: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Measure how long a line along a side is, the middle in its middle, before it leaves an area.

    The line is longer than a box in the area would be; words that fill a slanted lot may so touch
    its edge, which those round it cannot be mistaken for.
    """
    at = shapely.get_coordinates(middles)
    lines = shapely.linestrings(np.stack([at - sides, at + sides], axis=1))
    inside, of_area = shapely.get_parts(shapely.intersection(lines, areas), return_index=True)
    # Of a line that leaves an area and comes back, the part that goes through the middle.
    is_through = shapely.get_dimensions(inside) == 1
    is_through &= shapely.distance(inside, middles[of_area]) < _TOUCH_M
    of_area, ends = of_area[is_through], shapely.get_point(inside[is_through][:, None], [0, -1])
    room = np.zeros(len(areas))
    room[of_area] = 2 * shapely.distance(ends, middles[of_area][:, None]).min(axis=1)
    return room


def _middles(areas: NDArray[Any]) -> NDArray[Any]:
    """Give the middle of areas; of one that is bent, the point farthest from its edge."""
    middles: NDArray[Any] = shapely.centroid(areas)
    hulls = shapely.area(shapely.convex_hull(areas))
    is_bent = shapely.area(areas) < _BENT_SHARE * hulls
    bent = areas[is_bent]
    circles = shapely.maximum_inscribed_circle(bent, tolerance=np.sqrt(shapely.area(bent)) / 50)
    middles[is_bent] = shapely.get_point(circles, 0)
    return middles


def short_numbers(numbers: pd.Series, zone_ids: pd.Series) -> list[str]:
    """Shorten numbers of lots as far as none of a zone is like another: "CN12-8" to "12-8".

    Examples
    --------
    >>> short_numbers(pd.Series(["CN1-2", "CX-1", "CN1-1", "CX1-1"]), pd.Series(list("ZZZZ")))
    ['1-2', 'CX-1', 'CN1-1', 'CX1-1']
    """
    found: dict[tuple[object, str], str] = {}
    for zone, some in numbers.groupby(zone_ids.to_numpy()):
        whole = sorted(set(some))
        short = short_ends(whole)
        if short == whole:
            short = [re.sub(r"^[^\W\d_]+[\W_]*(?=\d.*\D)", "", one) for one in whole]
        uses = Counter([*short, *(set(whole) - set(short))])
        found |= {
            (zone, one): end if uses[end] == 1 else one
            for one, end in zip(whole, short, strict=True)
        }
    return [found[pair] for pair in zip(zone_ids, numbers, strict=True)]
