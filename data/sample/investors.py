"""Fifty projects with invented investors, and the leases they hold.

The board's notice counts 50 projects: 47 hold land, 2 rent workshops, 1 an office. Who they are is
invented; every name says that it is an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sample.book import NOTICE, Entry, between, later, pick

SECTORS = (
    ("cà phê", "Cà phê"),
    ("chè", "Chè"),
    ("dệt may", "Dệt may"),
    ("chế biến rau quả", "Rau quả"),
    ("vật liệu xây dựng", "Vật liệu"),
    ("bao bì, in ấn", "Bao bì"),
)
HAZARDS = {"dệt may": "IV", "vật liệu xây dựng": "III", "bao bì, in ấn": "V"}
"""Classes as if read in the projects' own environmental papers; the other sectors have none."""

NAMES = (
    "Đồi Sương", "Lá Thông", "Mây Ngàn", "Nắng Sớm", "Suối Đá", "Hồ Xanh", "Gió Cao Nguyên",
    "Đất Đỏ", "Hoa Dã Quỳ", "Thác Bạc",
)  # fmt: skip
FORMS = ("Công ty TNHH", "Công ty CP", "Công ty TNHH MTV", "Công ty TNHH", "Công ty CP")
COUNTS = {"LS": 26, "PH": 21}
WITHOUT_PROJECT = {
    "LS-CN03-03", "LS-CN11-07", "LS-CN08-07", "PH-CN06-07", "PH-KT01-07", "PH-CN01-06",
}  # fmt: skip
IDLE = {"DA-009": None, "DA-013": None, "DA-022": "2017-08-11", "DA-033": None,
        "DA-037": "2017-04-12", "DA-043": None}  # fmt: skip
"""Licensed, land handed over, nothing built; with the day to which the term was extended."""
UNFINISHED = {"DA-004", "DA-016", "DA-028", "DA-041"}

LATER = {
    # lot: project, sector, licensed, handed over, due, extended until, building
    "LS-KT01-05": (51, "cà phê", "2023-02-20", "2023-05-15", "2025-05-15", None, "2023-11-01"),
    "LS-CN15-01": (52, "chế biến rau quả", "2023-09-18", "2024-01-10", "2026-01-10", None, None),
    "PH-CN08-01": (53, "dệt may", "2023-05-29", "2023-09-01", "2025-09-01", "2025-12-31", None),
}
"""Lots let after the notice to investors who came after it."""


def assign(entries: Sequence[Entry]) -> list[Entry]:
    """Name the project of each lease; a few have none."""
    named = list(entries)
    first = 1
    for prefix, count in COUNTS.items():
        ours = [
            place
            for place, entry in enumerate(named)
            if entry.status == "leased"
            and entry.parcel_id.startswith(prefix)
            and "-DV" not in entry.parcel_id
            and entry.parcel_id not in WITHOUT_PROJECT
        ]
        ours.sort(key=lambda place: (named[place].parcel_id, named[place].valid_from))
        current = [place for place in ours if named[place].runs(NOTICE)]
        for rank, place in enumerate(current):
            number = first + rank * count // len(current)
            named[place] = replace(named[place], project_id=f"DA-{number:03d}")
        for place in sorted(set(ours) - set(current)):
            named[place] = _another(named[place], [named[one] for one in current])
        for place in ours:
            if named[place].parcel_id in LATER and named[place].valid_from > NOTICE:
                number = LATER[named[place].parcel_id][0]
                named[place] = replace(named[place], project_id=f"DA-{number:03d}")
        first += count
    return _corrected_alike(named)


def _another(entry: Entry, others: Sequence[Entry]) -> Entry:
    """A lease that ended before the notice or began after it: held by a project already there."""
    older = sorted({one.project_id or "" for one in others if one.valid_from <= entry.valid_from})
    if not older:
        return entry
    return replace(entry, project_id=older[pick(entry.parcel_id, "expands", len(older))])


def _corrected_alike(entries: list[Entry]) -> list[Entry]:
    """A corrected row names the same project as the row it was corrected to."""
    right = {(one.parcel_id, one.recorded_at): one.project_id for one in entries}
    return [
        one
        if one.superseded_at is None
        else replace(one, project_id=right.get((one.parcel_id, one.superseded_at)))
        for one in entries
    ]


def projects(entries: Sequence[Entry], areas_ha: dict[str, float]) -> list[dict[str, Any]]:
    """The rows of the table of projects."""
    rows = []
    for number in range(1, 51):
        project_id = f"DA-{number:03d}"
        held = [entry for entry in entries if entry.project_id == project_id and entry.runs(NOTICE)]
        if held:
            start = min(entry.valid_from for entry in held)
            area = sum(entry.part_area_ha or areas_ha[entry.parcel_id] for entry in held)
        else:
            start, area = between(project_id, "start", "2010-01-01", "2017-06-01"), 0.0
        premises = "land" if held else ("office" if number == 50 else "workshop")
        rows.append({**_profile(number, area, premises), **_dates(project_id, start)})
    return [*rows, *(_later(lot, areas_ha[lot]) for lot in LATER)]


def _later(lot: str, area_ha: float) -> dict[str, Any]:
    """A project that came after the notice; its days are written out, so that clocks can run."""
    number, sector, licensed, handed_over, due, extended, building = LATER[lot]
    return {
        **_profile(number, area_ha, "land"),
        "sector": sector,
        "investor": f"Công ty TNHH {sector.capitalize()} {NAMES[number % 10]} (ví dụ {number})",
        "hazard_class": HAZARDS.get(sector),
        "implemented_capital": 0.0,
        "workers": 0,
        "licensed_on": licensed,
        "handed_over_on": handed_over,
        "due_on": due,
        "extended_until": extended,
        "building_on": building,
        "operating_on": None,
    }


def _profile(number: int, area_ha: float, premises: str) -> dict[str, Any]:
    project_id = f"DA-{number:03d}"
    sector, word = SECTORS[number % len(SECTORS)]
    name = NAMES[number % 10]
    is_foreign = pick(project_id, "origin", 4) == 0
    size = max(area_ha, 0.3) * (6 + pick(project_id, "capital", 9))
    capital = round(size * 90_000) * 1 if is_foreign else round(size * 2) * 1_000_000_000
    done = 0 if project_id in IDLE else 55 + pick(project_id, "implemented", 46)
    return {
        "project_id": project_id,
        "investor": f"{FORMS[number % 5]} {word} {name} (ví dụ {number:02d})",
        "origin": "foreign" if is_foreign else "domestic",
        "premises": premises,
        "sector": sector,
        "hazard_class": HAZARDS.get(sector) if premises == "land" else None,
        "registered_ha": round(area_ha * (0.97 + pick(project_id, "area", 7) / 100), 2) or None,
        "registered_capital": float(capital),
        "implemented_capital": float(capital * done // 100),
        "currency": "USD" if is_foreign else "VND",
        "workers": 0 if project_id in IDLE else round(area_ha * 20) + pick(project_id, "w", 90),
        "basis": "assumed",
    }


def _dates(project_id: str, start: str) -> dict[str, str | None]:
    is_idle = project_id in IDLE
    handed_over = later(start, 20 + pick(project_id, "over", 60))
    building = later(handed_over, 90 + pick(project_id, "building", 300))
    operating = later(building, 240 + pick(project_id, "operating", 420))
    is_running = not is_idle and project_id not in UNFINISHED
    return {
        "licensed_on": min(later(start, -20 - pick(project_id, "licence", 150)), "2018-03-01"),
        "handed_over_on": handed_over,
        "due_on": later(handed_over, 730),
        "extended_until": IDLE.get(project_id),
        "building_on": None if is_idle else building,
        "operating_on": operating if is_running else None,
    }
