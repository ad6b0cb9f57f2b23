"""Parcels of one zone while they are being drawn: blocks, lots, and what becomes of them later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sample.plane import Line, Point, Ring, area_m2, cut

CODES = {
    "industrial": "SKK",
    "service": "TMD",
    "green": "DKV",
    "transport": "DGT",
    "technical": "DRA",
    "housing": "ODT",
    "water": "MNC",
    "other": "CSD",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One version of a parcel, in the zone's own coordinates."""

    parcel_id: str
    zone_id: str
    land_use: str
    ring: Ring
    lot_code: str
    valid_from: str
    phase: str
    land_use_code: str = ""
    valid_to: str | None = None
    parents: tuple[str, ...] = ()

    @property
    def area_m2(self) -> float:
        """Intended area: whole square metres for lots."""
        return area_m2(self.ring)

    def runs(self, on: str) -> bool:
        """Whether the version is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(slots=True)
class Draft:
    """The drawing board of one zone."""

    zone_id: str
    prefix: str
    versions: list[Parcel] = field(default_factory=list)
    fences: dict[str, Ring] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def add(
        self, code: str, ring: Ring, land_use: str, *, phase: str, since: str, legal: str = ""
    ) -> Parcel:
        """Put a parcel on the board; its number within the lot follows."""
        number = self.numbers[code] = self.numbers.get(code, 0) + 1
        parcel = Parcel(
            parcel_id=f"{self.prefix}-{_padded(code)}-{number:02d}",
            zone_id=self.zone_id,
            land_use=land_use,
            land_use_code=legal or CODES[land_use],
            ring=ring,
            lot_code=code,
            phase=phase,
            valid_from=since,
        )
        self.versions.append(parcel)
        return parcel

    def now(self, parcel_id: str) -> Parcel:
        """The version that has not ended."""
        return next(
            one for one in self.versions if one.parcel_id == parcel_id and one.valid_to is None
        )

    def total_m2(self, land_use: str) -> int:
        """Whole square metres of a use, over the versions that have not ended."""
        running = (one for one in self.versions if one.valid_to is None)
        return sum(round(one.area_m2) for one in running if one.land_use == land_use)

    def end(self, parcel_id: str, on: str) -> Parcel:
        """End the running version; gives the ended one."""
        running = self.now(parcel_id)
        ended = replace(running, valid_to=on)
        self.versions[self.versions.index(running)] = ended
        return ended

    def change(self, parcel_id: str, on: str, **changes: object) -> Parcel:
        """A new version of the same parcel: a resurvey or a change of use."""
        ended = self.end(parcel_id, on)
        changed = replace(ended, valid_from=on, valid_to=None, **changes)  # type: ignore[arg-type]
        self.versions.append(changed)
        return changed

    def divide(self, parcel_id: str, on: str, along: Point, areas: Sequence[float]) -> list[Parcel]:
        """Split a parcel: children of the stated areas (m²) and one of what is left."""
        parent = self.end(parcel_id, on)
        children = []
        for ring in pieces(parent.ring, along, areas):
            child = self.add(parent.lot_code, ring, parent.land_use, phase=parent.phase, since=on)
            self.versions[-1] = replace(child, parents=(parcel_id,))
            children.append(self.versions[-1])
        return children

    def merge(self, parcel_id: str, on: str, along: Point, areas: Sequence[float]) -> list[Parcel]:
        """Draw the parents a parcel was merged from; it begins where they end."""
        child = self.now(parcel_id)
        parents = []
        for ring in pieces(child.ring, along, areas):
            parent = self.add(
                child.lot_code, ring, child.land_use, phase=child.phase, since=child.valid_from
            )
            parents.append(self.end(parent.parcel_id, on))
        names = tuple(parent.parcel_id for parent in parents)
        self.versions[self.versions.index(child)] = replace(child, valid_from=on, parents=names)
        return parents

    def reshape(self, parcel_id: str, on: str, before: Ring) -> None:
        """What is drawn was measured on a day; before that the parcel had another shape."""
        running = self.now(parcel_id)
        self.versions[self.versions.index(running)] = replace(running, valid_from=on)
        self.versions.append(replace(running, ring=before, valid_to=on))

    def resurvey(
        self, parcel_id: str, on: str, along: Point, before_m2: float, after_m2: float
    ) -> Parcel:
        """Make two neighbours of one drawn lot; on a day the line between them moves."""
        whole = self.now(parcel_id)
        (one_before, other_before) = pieces(whole.ring, along, [before_m2])
        (one, other) = pieces(whole.ring, along, [after_m2])
        self.versions[self.versions.index(whole)] = replace(whole, ring=one)
        neighbour = self.add(
            whole.lot_code, other, whole.land_use, phase=whole.phase, since=whole.valid_from
        )
        self.reshape(parcel_id, on, one_before)
        self.reshape(neighbour.parcel_id, on, other_before)
        return neighbour


def _padded(code: str) -> str:
    letters = code.rstrip("0123456789")
    digits = code[len(letters) :]
    return f"{letters}{int(digits):02d}" if digits else letters


def pieces(ring: Ring, along: Point, areas: Sequence[float]) -> list[Ring]:
    """Cut stated areas off a ring one after the other; what is left comes last."""
    found = []
    for area in areas:
        first, ring, _ = cut(ring, along, area)
        found.append(first)
    return [*found, ring]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Directions of a part of the estate: cuts that go west to east, and south to north."""

    eastwards: Point
    northwards: Point
    phase: str
    since: str


def block(
    draft: Draft,
    ring: Ring,
    code: str,
    frame: Frame,
    *,
    rows: Sequence[Sequence[float]],
    verge: str | None = "east",
    verge_m: float = 8.0,
    lots_m2: float | None = None,
    land_use: str = "industrial",
    share: float = 0.5,
) -> list[Parcel]:
    """Lay out one block: a green verge beside the cross road, then rows of lots of whole 10 m².

    ``rows`` hold the weights of the lots, the southern row first; ``lots_m2`` states the area of
    all lots together and leaves the rest to the verge. Without a verge the ring is all lots.
    """
    total = area_m2(ring)
    heights = [Line(ring[0], frame.northwards).left_of(point) for point in ring]
    depth_m = max(heights) - min(heights)
    inside_m2 = lots_m2 or (total - verge_m * depth_m) // 10 * 10
    land = ring
    if verge == "east":
        land, strip, _ = cut(ring, frame.eastwards, inside_m2)
    elif verge == "west":
        strip, land, _ = cut(ring, frame.eastwards, total - inside_m2)
    if verge:
        draft.add("CX", strip, "green", phase=frame.phase, since=frame.since)
    strips = [land]
    if len(rows) == 2:
        strips = pieces(land, frame.northwards, [round(inside_m2 * share / 10) * 10])
    lots = []
    for strip, weights in zip(strips, rows, strict=True):
        row_m2 = area_m2(strip)
        areas = [round(row_m2 * weight / sum(weights) / 10) * 10 for weight in weights[:-1]]
        lots += [
            draft.add(code, lot, land_use, phase=frame.phase, since=frame.since)
            for lot in pieces(strip, frame.eastwards, areas)
        ]
    return lots
