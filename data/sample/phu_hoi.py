"""KCN Phú Hội: 174 ha along a river bend, of which the north was given back in 2015."""

from __future__ import annotations

from sample.lots import Draft, Frame, block, pieces
from sample.plane import Line, Ring, area_m2, bands, belt, cut, inset, scaled, split, unit

OPENED, REDUCED = "2005-01-01", "2015-08-12"
LEASED_M2, UNCLEARED_M2 = 635_720, 211_000
"""Industrial land in March 2018, as the board published it."""

OUTLINE = [
    (-600, -690), (150, -745), (570, -715), (610, -500), (665, -250), (658, 0), (604, 260),
    (530, 480), (480, 700), (-150, 790), (-500, 730), (-625, 250),
]  # fmt: skip
BELT_M = [14, 14, 12, 12, 12, 12, 12, 12, 14, 14, 12, 12]
FRAME = Frame(eastwards=unit(88.0), northwards=unit(177.0), phase="1", since=OPENED)
NORTH = Frame(eastwards=unit(88.0), northwards=unit(177.0), phase="2", since=OPENED)
SPINE = Line((20.0, 0.0), FRAME.eastwards)
SPINE_M = (-18.0, 36.0)


def draw() -> Draft:
    """All versions of all parcels, and the fences by the day they begin."""
    draft = Draft(zone_id="phu-hoi", prefix="PH")
    largest = scaled([(float(x), float(y)) for x, y in OUTLINE], 1_740_000)
    fence, _, border = cut(largest, FRAME.northwards, 1_090_000)
    draft.fences = {OPENED: largest, REDUCED: fence}
    inner = inset(largest, BELT_M)
    south, north = split(inner, border)
    given_back = _belt(draft, belt(largest, inner), border)
    _south(draft, south, border)
    given_back += _north(draft, north)
    draft.divide("PH-CN07-01", "2012-09-03", FRAME.northwards, [7_400, 8_200])
    draft.merge("PH-CN05-06", "2011-04-01", FRAME.eastwards, [10_600])
    draft.resurvey("PH-CN04-02", "2010-11-01", FRAME.eastwards, 8_015, 7_990)
    for parcel_id in given_back:
        draft.end(parcel_id, REDUCED)
    return draft


def _belt(draft: Draft, quads: list[Ring], border: Line) -> list[str]:
    """Green belt with the southern gate; gives the parcels north of the later fence."""
    given_back = []
    for place, quad in enumerate(quads):
        south, north = split(quad, border)
        if place == 0:
            left, gate, south = bands(south, SPINE, [SPINE_M])
            draft.add("GT", gate, "transport", phase="1", since=OPENED)
            draft.add("CX", left, "green", phase="1", since=OPENED)
        if south:
            draft.add("CX", south, "green", phase="1", since=OPENED)
        if north:
            strip = draft.add("CX", north, "green", phase="2", since=OPENED)
            given_back.append(strip.parcel_id)
    return given_back


def _south(draft: Draft, land: Ring, border: Line) -> None:
    def road(ring: Ring) -> None:
        draft.add("GT", ring, "transport", phase="1", since=OPENED)

    west, spine, east = bands(land, SPINE, [SPINE_M])
    road(spine)
    rows = []
    for half in (west, east):
        half, strip = split(half, border.shifted(-12))
        draft.add("CX", strip, "green", phase="1", since=OPENED)
        first, low, second, high, third = bands(
            half, Line((0.0, 0.0), FRAME.northwards), [(-455, 20), (-165, 20)]
        )
        road(low)
        road(high)
        rows.append((first, second, third))
    columns = []
    for band in rows[0]:
        left, middle, right = bands(band, Line((-290.0, 0.0), FRAME.eastwards), [(-7, 14)])
        road(middle)
        columns.append((left, right))
    _blocks(draft, columns, rows[1])


def _blocks(draft: Draft, west: list[tuple[Ring, Ring]], east: tuple[Ring, Ring, Ring]) -> None:
    (w1l, w1r), (w2l, w2r), (w3l, w3r) = west
    e1, e2, e3 = east
    centre, rest = pieces(w1r, FRAME.northwards, [22_000])
    block(draft, centre, "DV1", FRAME, rows=[[4, 3, 5, 4]], verge=None, land_use="service")
    block(draft, rest, "CN2", FRAME, rows=[[4, 5, 4], [5, 4]], verge_m=5)
    works, rest = pieces(e1, FRAME.eastwards, [area_m2(e1) - 52_000])
    _works(draft, rest)
    uncleared = block(draft, e3, "CN9", FRAME, rows=[[7, 6, 5, 6], [6, 8, 5, 4]], verge="west")
    lots_m2 = UNCLEARED_M2 - sum(round(lot.area_m2) for lot in uncleared)
    late, rest = pieces(w3r, FRAME.eastwards, [area_m2(w3r) - lots_m2])[::-1]
    block(draft, late, "CN8", FRAME, rows=[[1, 1], [3, 2]], verge=None)
    block(draft, rest, "CN7", FRAME, rows=[[1], [1]], verge_m=5, verge="west")
    block(draft, w1l, "CN1", FRAME, rows=[[4, 5, 4], [5, 4, 4]], verge_m=5)
    block(draft, w2l, "CN3", FRAME, rows=[[5, 4, 4], [4, 3, 3, 4]], verge_m=5)
    block(draft, w2r, "CN4", FRAME, rows=[[4, 5, 3], [5, 4, 4]], verge_m=5)
    block(draft, w3l, "CN6", FRAME, rows=[[5, 5, 4], [4, 5, 4, 3]], verge_m=5)
    block(draft, e2, "CN5", FRAME, rows=[[6, 5, 7, 5, 6], [9, 5, 6, 4, 6]], verge="west")
    lots_m2 = LEASED_M2 + UNCLEARED_M2 - draft.total_m2("industrial")
    block(draft, works, "KT1", FRAME, rows=[[4, 5, 4, 5], [5, 4, 6, 4]], lots_m2=lots_m2)


def _works(draft: Draft, ring: Ring) -> None:
    """Wastewater works, pond, substation, worker housing and a shrine in the south-east."""
    rest = ring
    for code, area, use, legal in (
        ("HT", 17_500, "technical", "DRA"),
        ("MN", 9_000, "water", ""),
        ("HT", 4_500, "technical", "DNL"),
        ("NO", 12_000, "housing", ""),
    ):
        first, rest = pieces(rest, FRAME.northwards, [area])
        draft.add(code, first, use, phase="1", since=OPENED, legal=legal)
    shrine, park = pieces(rest, FRAME.eastwards, [3_000])
    draft.add("DK", shrine, "other", phase="1", since=OPENED, legal="NTD")
    draft.add("CX", park, "green", phase="1", since=OPENED)


def _north(draft: Draft, land: Ring) -> list[str]:
    """Land of the plan of 2005 that was never cleared."""
    found = []
    for half, code in zip(bands(land, SPINE, [SPINE_M]), ("CN10", "GT", "CN11"), strict=True):
        if code == "GT":
            found.append(draft.add(code, half, "transport", phase="2", since=OPENED))
            continue
        low, road, high = bands(half, Line((0.0, 430.0), NORTH.northwards), [(0, 20)])
        found.append(draft.add("GT", road, "transport", phase="2", since=OPENED))
        for ring in (low, high):
            found += [
                draft.add(code, lot, "industrial", phase="2", since=OPENED)
                for lot in pieces(ring, NORTH.eastwards, [area_m2(ring) // 20 * 10])
            ]
    return [parcel.parcel_id for parcel in found]
