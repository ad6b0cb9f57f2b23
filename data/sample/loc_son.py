"""KCN Lộc Sơn: 93,35 ha in the west, an extension in the east, a corner given back in 2015."""

from __future__ import annotations

import math

from sample.lots import Draft, Frame, block, pieces
from sample.plane import Line, Ring, area_m2, bands, belt, cut, inset, scaled, split, unit

OPENED, EXTENDED, REDUCED = "2005-01-01", "2009-08-11", "2015-08-12"
SPLIT, HOUSED, ADJUSTED = "2017-06-15", "2018-11-15", "2019-06-03"
INDUSTRIAL_M2 = 1_357_451
"""Industrial land in March 2018: the sum of the board's notice."""

OUTLINE = [
    (-790, -470), (-330, -585), (440, -560), (462, -318), (765, -300),
    (795, 560), (120, 610), (-640, 545), (-830, 190),
]  # fmt: skip
NOTCH = 3
ADJUSTED_USES = (
    ("LS-CN13-02", "housing", "ODT"),
    ("LS-CN13-03", "housing", "ODT"),
    ("LS-CN13-05", "housing", "ODT"),
    ("LS-CN13-04", "green", "DKV"),
    ("LS-CN01-01", "green", "DKV"),
    ("LS-CN01-04", "green", "DKV"),
    ("LS-CN12-05", "service", "TMD"),
    ("LS-CN12-06", "service", "TMD"),
    ("LS-CN12-07", "service", "TMD"),
    ("LS-CN12-08", "service", "TMD"),
    ("LS-KT01-05", "service", "TMD"),
    ("LS-CN11-05", "transport", "DGT"),
    ("LS-CN11-08", "transport", "DGT"),
    ("LS-CN07-01", "technical", "DRA"),
    ("LS-CN16-03", "technical", "DNL"),
    ("LS-CN15-06", "other", "CSD"),
    ("LS-CN15-07", "other", "CSD"),
)
"""Assumed change of the plan in 2019: what is left of the base lets the rate rise ten points."""
BELT_M = [18, 14, 14, 14, 16, 20, 16, 16, 18, 18]
WEST = Frame(eastwards=unit(92.5), northwards=unit(181.5), phase="1", since=OPENED)
EAST_NORTHWARDS = unit(178.0)
SPINE = Line((-430.0, 20.0), WEST.northwards)
SPINE_EAST = Line((-11.0, 31.0), EAST_NORTHWARDS)
SPINE_M = (-20.0, 40.0)


def draw() -> Draft:
    """All versions of all parcels, and the fences by the day they begin."""
    draft = Draft(zone_id="loc-son", prefix="LS")
    largest = scaled([(float(x), float(y)) for x, y in OUTLINE], 1_850_000)
    fence, _, _ = cut(largest, unit(142), 1_830_000)
    first, _, border = cut(largest, unit(91), 933_500)
    draft.fences = {OPENED: first, EXTENDED: largest, REDUCED: fence}
    inner = inset(fence, BELT_M)
    _belt(draft, fence, inner, border, corner_tip=largest[5])
    west, east = split(inner, border)
    _west(draft, west, border)
    _east(draft, east, Line(inner[NOTCH], _towards(inner[NOTCH - 1], inner[NOTCH])))
    _later(draft)
    return draft


def _towards(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    length = math.dist(start, end)
    return (end[0] - start[0]) / length, (end[1] - start[1]) / length


def _belt(
    draft: Draft, fence: Ring, inner: Ring, border: Line, *, corner_tip: tuple[float, float]
) -> None:
    """Green belt inside the fence; the main road passes it in the west and in the east."""
    for place, quad in enumerate(belt(fence, inner)):
        west, east = split(quad, border)
        if place == len(fence) - 1:
            south, gate, north = bands(west, SPINE, [SPINE_M])
            draft.add("GT", gate, "transport", phase="1", since=OPENED)
            for ring in (south, north):
                draft.add("CX", ring, "green", phase="1", since=OPENED)
            continue
        if west:
            draft.add("CX", west, "green", phase="1", since=OPENED)
        if east and place == 4:
            south, gate, north = bands(east, SPINE_EAST, [SPINE_M])
            draft.add("GT", gate, "transport", phase="2", since=EXTENDED)
            for ring in (south, north):
                draft.add("CX", ring, "green", phase="2", since=EXTENDED)
        elif east:
            strip = draft.add("CX", east, "green", phase="2", since=EXTENDED)
            if place == 5:
                before = [east[0], corner_tip, *east[1:]]
                draft.reshape(strip.parcel_id, REDUCED, before)


def _west(draft: Draft, land: Ring, border: Line) -> None:
    land, road = split(land, border.shifted(-24))
    draft.add("GT", road, "transport", phase="1", since=OPENED)
    second, road_s, first, spine, third, road_n, fourth = bands(
        land, SPINE, [(-300, 18), SPINE_M, (282, 18)]
    )
    for road in (road_s, spine, road_n):
        draft.add("GT", road, "transport", phase="1", since=OPENED)
    cross = Line((-425.0, 20.0), WEST.eastwards)
    columns = []
    for band in (second, first, third, fourth):
        left, road, right = bands(band, cross, [(-10, 20)])
        draft.add("GT", road, "transport", phase="1", since=OPENED)
        columns.append((left, right))
    (s2l, s2r), (s1l, s1r), (n1l, n1r), (n2l, n2r) = columns
    block(draft, n2l, "CN1", WEST, rows=[[5, 4, 6], [5, 6, 4]])
    block(draft, n2r, "CN2", WEST, rows=[[4, 5, 3, 4], [7, 5, 5, 4]])
    centre, rest = pieces(n1l, WEST.eastwards, [47_000])
    _centre(draft, centre)
    block(draft, rest, "CN3", WEST, rows=[[4, 5, 4], [5, 4]])
    block(draft, n1r, "CN4", WEST, rows=[[4, 3, 5, 4], [5, 4, 4, 3]])
    block(draft, s1l, "KT1", WEST, rows=[[3, 4, 3, 3], [4, 3, 3, 4]])
    block(draft, s1r, "CN6", WEST, rows=[[51, 8], [4, 4, 4, 4]], share=0.6)
    works, rest = pieces(s2l, WEST.eastwards, [41_000])
    _works(draft, works)
    block(draft, rest, "CN7", WEST, rows=[[5, 4, 3], [4, 5, 3]])
    block(draft, s2r, "CN8", WEST, rows=[[5, 4, 4, 3], [4, 5, 3, 4]])


def _centre(draft: Draft, ring: Ring) -> None:
    """The service centre at the western gate."""
    block(draft, ring, "DV1", WEST, rows=[[3, 4, 3], [4, 3, 4]], verge_m=16, land_use="service")


def _works(draft: Draft, ring: Ring) -> None:
    """Retention pond, wastewater works, waste transfer and a park in the lowest corner."""
    south, north = pieces(ring, WEST.northwards, [area_m2(ring) - 21_000])
    pond, park = pieces(south, WEST.eastwards, [area_m2(south) - 7_000])
    works, waste = pieces(north, WEST.eastwards, [16_500])
    draft.add("MN", pond, "water", phase="1", since=OPENED)
    draft.add("CX", park, "green", phase="1", since=OPENED)
    draft.add("HT", works, "technical", phase="1", since=OPENED)
    draft.add("HT", waste, "technical", phase="1", since=OPENED)


def _east(draft: Draft, land: Ring, cross: Line) -> None:
    frame = Frame(eastwards=cross.along, northwards=EAST_NORTHWARDS, phase="2", since=EXTENDED)

    def road(ring: Ring) -> None:
        draft.add("GT", ring, "transport", phase="2", since=EXTENDED)

    south, spine, north = bands(land, SPINE_EAST, [SPINE_M])
    third, road_n, fourth = bands(north, SPINE_EAST, [(278, 18)])
    road(spine)
    road(road_n)
    columns = []
    for band in (south, third, fourth):
        left, middle, right = bands(band, cross, [(-20, 20)])
        road(middle)
        columns.append((left, right))
    (left, s1r), (n1l, n1r), (n2l, n2r) = columns
    s2l, road_s, s1l = bands(left, SPINE_EAST, [(-312, 18)])
    road(road_s)
    block(draft, n1l, "CN9", frame, rows=[[96, 37]], verge="west")
    block(draft, s1l, "CN10", frame, rows=[[5, 4, 6, 4], [4, 6, 4, 5]], verge="west")
    block(draft, s1r, "CN11", frame, rows=[[5, 5, 4, 4], [6, 4, 4, 3]])
    block(draft, n1r, "CN12", frame, rows=[[4, 5, 3, 4], [5, 4, 4, 5]])
    block(draft, n2l, "CN15", frame, rows=[[5, 4, 7, 3], [6, 4, 5, 5]], verge="west")
    plant, rest = pieces(n2r, frame.eastwards, [9_000])
    draft.add("HT", plant, "technical", phase="2", since=EXTENDED, legal="DNL")
    block(draft, rest, "CN16", frame, rows=[[4, 4, 4], [6, 5]])
    land, park = pieces(s2l, frame.eastwards, [area_m2(s2l) - 55_000])
    lake, park = pieces(park, frame.northwards, [27_000])
    draft.add("MN", lake, "water", phase="2", since=EXTENDED)
    draft.add("CX", park, "green", phase="2", since=EXTENDED)
    lots_m2 = INDUSTRIAL_M2 - draft.total_m2("industrial")
    block(draft, land, "CN13", frame, rows=[[5, 4, 4], [4, 5, 4]], lots_m2=lots_m2)


def _later(draft: Draft) -> None:
    """What happened to parcels after they were drawn."""
    draft.merge("LS-CN10-06", "2013-05-02", unit(89.0), [9_800])
    draft.resurvey("LS-CN08-01", "2014-04-01", WEST.eastwards, 8_650, 8_712)
    draft.divide("LS-CN06-01", SPLIT, WEST.eastwards, [40_000])
    draft.change("LS-CN06-07", HOUSED, land_use="housing", land_use_code="ODT")
    for parcel_id, land_use, code in ADJUSTED_USES:
        draft.change(parcel_id, ADJUSTED, land_use=land_use, land_use_code=code)
