"""What surveyed land is compared with: where places are, and how well a map fixes a boundary."""

from __future__ import annotations

from dataclasses import dataclass

from kcngeo.standards.entries import Standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Standard):
    """A box on the earth in which something lies: zones by their ids, or all of a province.

    Attributes
    ----------
    west
        Longitude of its western edge in degrees.
    south
        Latitude of its southern edge in degrees.
    east
        Longitude of its eastern edge in degrees.
    north
        Latitude of its northern edge in degrees.
    zone_ids
        Ids of the zones that lie in it.
    province
        Name of the province it holds; empty for a smaller place.
    """

    west: float
    south: float
    east: float
    north: float
    zone_ids: tuple[str, ...] = ()
    province: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapAccuracy(Standard):
    """How well a cadastral map of a scale fixes the boundary of a parcel.

    Attributes
    ----------
    scale
        Denominator of the scale.
    boundary_error_m
        Largest error of a point of a boundary, in metres.
    """

    scale: int
    boundary_error_m: float
