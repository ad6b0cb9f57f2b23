"""Zones that never let land: Tân Phú, in the plan from 2009 to 2020, and Đại Lào, proposed."""

from __future__ import annotations

from sample.lots import Draft
from sample.plane import Line, area_m2, bands, cut, inset, scaled, split, unit

PLANNED, RENAMED, REMOVED = "2009-01-01", "2015-08-12", "2020-07-01"
PROPOSED, RESIZED = "2009-01-01", "2024-01-01"

TAN_PHU = [
    (-1150, -820), (-200, -960), (880, -900), (1180, -260), (1080, 640), (420, 1010),
    (-520, 930), (-1240, 420),
]  # fmt: skip
DAI_LAO = [(-1050, -700), (350, -930), (1120, -420), (1010, 560), (-80, 880), (-1130, 420)]


def tan_phu() -> Draft:
    """A few big blocks that were never cleared; the east was given up in 2015."""
    draft = Draft(zone_id="tan-phu", prefix="TP")
    largest = scaled([(float(x), float(y)) for x, y in TAN_PHU], 4_154_900)
    fence, _, border = cut(largest, unit(96), 3_280_000)
    draft.fences = {PLANNED: largest, RENAMED: fence}
    inner = inset(largest, [30.0] * len(largest))
    main = Line((0.0, 0.0), unit(184))
    for place, corner in enumerate(largest):
        ahead = (place + 1) % len(largest)
        strip = [corner, largest[ahead], inner[ahead], inner[place]]
        for ring, phase in zip(split(strip, border), "12", strict=True):
            if ring:
                draft.add("CX", ring, "green", phase=phase, since=PLANNED)
    for part, phase in zip(split(inner, border), "12", strict=True):
        south, road, north = bands(part, main, [(-25.0, 50.0)])
        draft.add("GT", road, "transport", phase=phase, since=PLANNED)
        for ring in (south, north):
            _blocks(draft, ring, phase)
    for parcel in list(draft.versions):
        draft.end(parcel.parcel_id, RENAMED if parcel.phase == "2" else REMOVED)
    return draft


def _blocks(draft: Draft, land: list[tuple[float, float]], phase: str) -> None:
    """Big industrial blocks; in the west a reservoir lies between them."""
    if phase == "2":
        draft.add("CN", land, "industrial", phase=phase, since=PLANNED)
        return
    lake_m2 = 90_000 if not draft.numbers.get("MN") else 60_000
    first, rest, _ = cut(land, unit(96), area_m2(land) * 0.45)
    draft.add("CN", first, "industrial", phase=phase, since=PLANNED)
    lake, second, _ = cut(rest, unit(96), lake_m2)
    draft.add("MN", lake, "water", phase=phase, since=PLANNED)
    draft.add("CN", second, "industrial", phase=phase, since=PLANNED)


def dai_lao() -> Draft:
    """Two proposals of different size, and no parcels."""
    draft = Draft(zone_id="dai-lao", prefix="DL")
    larger = scaled([(float(x), float(y)) for x, y in DAI_LAO], 4_750_000)
    smaller, _, _ = cut(larger, unit(100), 1_880_000)
    draft.fences = {PROPOSED: larger, RESIZED: smaller}
    return draft
