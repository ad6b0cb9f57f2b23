"""Projects drawn at random: lots of many shapes that change, entries, slips of all kinds.

Zones are drawn in blocks, a block is divided by one of the patterns of `shapes`, and what becomes
of it is drawn: lots that stay, end, are surveyed anew, change their use or zone, are split, merged
or corrected. Many projects have one thing wrong with one zone.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.reference.count import PARTS, Books, Row
from tests.reference.faults import held_share
from tests.reference.shapes import (
    PATTERNS,
    SIDE,
    Shape,
    area_m2,
    placed,
    redrawn,
    smaller,
    square,
)

EAST, NORTH = 500_000, 1_270_000
# From before the decree of 2018 to after that of 2022.
DAYS = [dt.date(2018, 1, 31) + dt.timedelta(days=151 * number) for number in range(14)]
# Recorded at noon UTC, on the same day in Viet Nam; a day asked for is that day to its end.
TIMES = [dt.date(2019, 1, 10), dt.date(2020, 5, 10), dt.date(2021, 9, 10)]
# Columns and rows of a turned block: its sides are whole metres, whichever way it lies.
TURNS = [(2, 0), (0, 3), (2, 1), (-1, 2), (1, 3), (3, -1)]
SLIPS = (
    *("over_allocated", "outlives", "versions", "zone_twice", "use", "crossed"),
    *("on_top", "on_top", "on_top", "twice", "twice"),
)


@dataclass(kw_only=True)
class Drawn:
    """The rows of a project."""

    chance: random.Random
    zones: list[Row] = field(default_factory=list)
    lots: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    projects: list[Row] | None = None
    slip: str | None = None

    def ids(self) -> list[str]:
        return sorted({lot["parcel_id"] for lot in self.lots})

    def lives(self, parcel_id: str) -> list[Row]:
        return [lot for lot in self.lots if lot["parcel_id"] == parcel_id]


def drawn(seed: int) -> Drawn:
    """Draw a project."""
    chance = random.Random(seed)
    project = Drawn(chance=chance)
    for number, name in enumerate("ABC"[: chance.choice([1, 2, 2, 3])]):
        _draw_zone(project, name, (EAST + 2000 * number, NORTH), has_lots=name != "C")
    if chance.random() < 0.8:
        project.projects = _projects(chance)
    for _ in range(chance.choice([0, 8, 16, 16])):
        _draw_entry(project)
    _draw_little_too_much(project)
    if chance.random() < 0.4:
        project.slip = chance.choice(SLIPS)
        _slip(project)
    for rows in (project.zones, project.lots, project.entries):
        chance.shuffle(rows)
    return project


def _draw_zone(project: Drawn, name: str, at: tuple[int, int], *, has_lots: bool) -> None:
    chance = project.chance
    turn, columns = chance.choice(TURNS), chance.choice([1, 2, 3])
    # Of some zones more land is let than lies within the boundary.
    width = chance.choice([12, columns * SIDE, columns * SIDE, columns * SIDE, columns * SIDE])
    fence = placed([[square(0, 0, width, SIDE)]], 0, 0, turn, at)
    wider = placed([[square(0, 0, columns * SIDE, 2 * SIDE)]], 0, 0, turn, at)
    life = {
        "established_on": chance.choice([None, DAYS[0], DAYS[2]]),
        "removed_on": chance.choice([None, None, None, DAYS[11]]),
        "stage": chance.choice([None, None, "established", "planned", "removed"]),
    }
    cut = chance.choice([None, None, DAYS[6]])
    written = chance.choice([None, Fraction(100_000)])
    for start, end, shape in [(None, cut, fence)] + ([(cut, None, wider)] if cut else []):
        row = {"zone_id": name, "valid_from": start, "valid_to": end, "written_m2": written}
        row |= {**life, "shape": redrawn(shape, chance), **_always()}
        if chance.random() < 0.3:
            # Drawn anew: another polygon is known from a moment on.
            project.zones.append(row | {"superseded_at": TIMES[0]})
            row |= {"shape": wider, "recorded_at": TIMES[0]}
        project.zones.append(row)
    for column in range(columns if has_lots else 0):
        _draw_block(project, name, column, turn, at)


def _draw_block(
    project: Drawn, zone: str, column: int, turn: tuple[int, int], at: tuple[int, int]
) -> None:
    chance = project.chance
    pieces = PATTERNS[chance.choice(list(PATTERNS))]
    cut = chance.choice(DAYS[1:])
    block = f"{zone}{column}"

    def lot(name: str, shape: Shape, **more: Any) -> Row:
        on_ground = redrawn(placed(shape, column, 0, turn, at), chance)
        row = {
            "parcel_id": name,
            "zone_id": zone,
            "land_use": chance.choice(["industrial", "industrial", "service", "green"]),
            "phase": chance.choice([None, "1", "2"]),
            "shape": on_ground,
            "written_m2": chance.choice([None, area_m2(on_ground) + chance.choice([0, 250])]),
            "is_crossed": False,
            "valid_from": None,
            "valid_to": None,
            "parents": None,
        }
        return row | _always() | more

    way = chance.choice(["lots", "lots", "lots", "split", "merge"])
    names = [f"{block}{letter}" for letter in "abcd"[: len(pieces)]]
    whole = PATTERNS["whole"][0]
    if way == "lots":
        for name, shape in zip(names, pieces, strict=True):
            project.lots += _life(project, lot, name, shape, cut)
    elif way == "split":
        project.lots.append(lot(block, whole, valid_to=cut))
        for name, shape in zip(names, pieces, strict=True):
            project.lots.append(lot(name, shape, valid_from=cut, parents=block))
    else:
        for name, shape in zip(names, pieces, strict=True):
            project.lots.append(lot(name, shape, valid_to=cut))
        project.lots.append(lot(block, whole, valid_from=cut, parents="|".join(names)))


def _life(project: Drawn, lot: Any, name: str, shape: Shape, cut: dt.date) -> list[Row]:
    """Draw the versions of a lot."""
    chance = project.chance
    way = chance.choice(["stays", "stays", "ends", "surveyed", "used", "moved", "corrected"])
    if way == "stays":
        return [lot(name, shape, valid_from=chance.choice([None, DAYS[1]]))]
    if way == "ends":
        return [lot(name, shape, valid_to=cut)]
    if way == "corrected":
        wrong = lot(name, smaller(shape), superseded_at=TIMES[1])
        return [wrong, lot(name, shape, recorded_at=TIMES[1])]
    before = lot(name, shape, valid_to=cut)
    if way == "surveyed":
        same = {key: before[key] for key in ("land_use", "phase")}
        return [before, lot(name, smaller(shape), valid_from=cut, **same)]
    if way == "used":
        return [before, lot(name, shape, valid_from=cut)]
    to = chance.choice(project.zones)["zone_id"]
    return [before, lot(name, shape, valid_from=cut, zone_id=to)]


def _projects(chance: random.Random) -> list[Row]:
    names = [f"D{number}" for number in range(5)]
    return [
        {
            "project_id": name,
            "premises": chance.choice([None, "land", "land", "workshop", "office"]),
            "licensed_on": chance.choice([None, *chance.sample(DAYS, 2)]),
        }
        for name in names
    ]


def _draw_entry(project: Drawn) -> None:
    """Draw an entry and keep it where it contradicts no other, whatever is known when."""
    chance = project.chance
    if not project.lots:
        return
    lot = chance.choice(project.ids())
    last = max(row["valid_to"] or dt.date.max for row in project.lives(lot))
    start, end = sorted(chance.sample(DAYS, 2))
    until = min(chance.choice([end, dt.date.max]), last)
    if start >= until:
        return
    # A part fits into every version of its lot, by whatever area.
    least = min(
        min(area_m2(row["shape"]), row["written_m2"] or area_m2(row["shape"]))
        for row in project.lives(lot)
    )
    share = chance.choice([None, None, Fraction(1, 4), Fraction(2, 5), Fraction(3, 10)])
    row = {
        "entry_id": f"E{len(project.entries)}",
        "parcel_id": lot,
        "status": chance.choice([*PARTS, "leased"]),
        "part_m2": None if share is None else Fraction(int(least * share)),
        "valid_from": start,
        "valid_to": None if until == dt.date.max else until,
        "project_id": chance.choice([None, "D0", "D1", "D2", "D3", "D4"]),
        "document": chance.choice([None, "1/HD", "2/HD"]),
        **_written(chance),
    }
    if not _contradicts(project, row):
        project.entries.append(row)


def _contradicts(project: Drawn, row: Row) -> bool:
    """Tell whether more than all of a lot would be held on any day, as known at any time."""
    with_row = Drawn(
        chance=project.chance,
        lots=project.lives(row["parcel_id"]),
        entries=[*project.entries, row],
        projects=project.projects,
    )
    for when in (None, dt.date(2018, 1, 1), *TIMES):
        books = Books.of(with_row, when)
        mine = [one for one in books.holders if one["parcel_id"] == row["parcel_id"]]
        for lot in books.lots:
            if any(held_share(lot, mine, on) > 1 for on in DAYS):
                return True
    return False


def _draw_little_too_much(project: Drawn) -> None:
    """Let two tenants hold 0.3 % more than the whole of a lot between them."""
    free = [lot for lot in project.lots if _is_untouched(project, lot)]
    if not free or project.chance.random() < 0.7:
        return
    lot = project.chance.choice(free)
    lot["written_m2"] = None
    for number, share in enumerate((Fraction(6, 10), Fraction(403, 1000))):
        part_m2 = Fraction(int(area_m2(lot["shape"]) * share))
        project.entries.append(
            {
                "entry_id": f"S{number}",
                "parcel_id": lot["parcel_id"],
                "status": ("leased", project.chance.choice(["leased", "reserved"]))[number],
                "part_m2": part_m2,
                "valid_from": DAYS[3],
                "valid_to": lot["valid_to"],
                "project_id": None,
                "document": f"S{number}",
                **_always(),
            }
        )


def _is_untouched(project: Drawn, lot: Row) -> bool:
    return (
        len(project.lives(lot["parcel_id"])) == 1
        and not any(row["parcel_id"] == lot["parcel_id"] for row in project.entries)
        and (lot["valid_to"] or dt.date.max) > DAYS[3]
    )


def _slip(project: Drawn) -> None:
    """Get one thing wrong with one lot that has a single version, or with its zone."""
    chance = project.chance
    single = [lot for lot in project.lots if len(project.lives(lot["parcel_id"])) == 1]
    if not single:
        return
    lot = chance.choice(single)
    new = {"entry_id": "X", "parcel_id": lot["parcel_id"], "status": "leased", "part_m2": None}
    new |= {"valid_from": lot["valid_from"] or DAYS[0], "valid_to": lot["valid_to"], **_always()}
    if project.slip == "over_allocated":
        for number in range(2):
            end = {"project_id": None, "document": str(number)}
            project.entries.append(new | end | {"entry_id": f"X{number}"})
    elif project.slip == "outlives" and lot["valid_to"]:
        project.entries.append(new | {"project_id": None, "document": "X", "valid_to": None})
    elif project.slip == "versions" and (lot["valid_to"] or dt.date.max) > DAYS[4]:
        project.lots.append(lot | {"valid_from": DAYS[4]})
    elif project.slip == "zone_twice":
        zone = next(row for row in project.zones if row["zone_id"] == lot["zone_id"])
        project.zones.append(zone | {"valid_from": DAYS[5]})
    elif project.slip == "use":
        lot["land_use"] = "factory"
    elif project.slip == "crossed":
        lot["is_crossed"] = True
    elif project.slip == "on_top":
        # A lot drawn over others: a little or much of what lies at a corner of theirs.
        x, y = lot["shape"][0][0][0]
        reach = chance.choice([2, 7, 30])
        shape = [[square(x - reach, y - reach, x + reach, y + reach)]]
        more = {"parcel_id": "Z", "shape": shape, "written_m2": area_m2(shape), "parents": None}
        project.lots.append(lot | more | {"valid_from": DAYS[4], "valid_to": DAYS[9]})
    elif project.slip == "twice" and project.entries:
        project.entries.append(chance.choice(project.entries) | {"entry_id": "again"})


def _always() -> Row:
    return {"recorded_at": None, "superseded_at": None}


def _written(chance: random.Random) -> Row:
    """Draw when a row was recorded and maybe superseded; mostly it always was and still is."""
    if chance.random() > 0.4:
        return _always()
    first, last = sorted(chance.sample([None, *TIMES], 2), key=lambda day: day or dt.date.min)
    return {"recorded_at": first, "superseded_at": chance.choice([None, last])}
