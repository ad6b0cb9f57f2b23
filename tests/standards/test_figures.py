"""The figures as they were read, against the words of their sources; bands at their ends."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from kcngeo import standards
from kcngeo.core.model import LandUse, Verified
from kcngeo.standards import Band, BufferRule, Limit, StandardError

HOMES = ("housing", "resettlement", "school", "hospital")


def test_classes_two_and_three_are_500_and_300_metres() -> None:
    # TCVN 4449:1987, annex III. Published code is known to swap or shift these two.
    rule = standards.load("tcvn4449-1987")
    quoted = "class I 1000 m, II 500 m, III 300 m, IV 100 m, V 50 m"
    assert quoted in rule.source
    of_source = re.findall(r"(\w+) (\d+) m", quoted)
    assert dict(rule.classes) == {name: float(metres) for name, metres in of_source}
    assert dict(rule.classes)["II"] == 500.0
    assert dict(rule.classes)["III"] == 300.0
    assert [name for name, _ in rule.classes] == ["I", "II", "III", "IV", "V"]
    assert rule.verified is Verified.OFFICIAL
    assert rule.emitters == ("point", "building", "parcel")
    assert rule.receptors == HOMES
    assert (rule.by, rule.longest_m) == ("hazard_class", 1000.0)


WORKS = {
    "qcvn01-wastewater": ((80, 100, 250, 350), "treatment", False),
    "qcvn01-wastewater-enclosed": ((10, 15, 30, 40), "treatment", True),
    "qcvn01-pumping-station": ((15, 20, 25, 30), "pumping_station", None),
    "qcvn01-sludge-beds": ((150, 200, 400, 500), "sludge_bed", None),
}
# Of the four bands: below 200, to 5 000, to 50 000, above. Exactly 5 000 stands in two bands of the
# source and takes the longer distance.
CAPACITIES = {
    0: 0,
    199.9: 0,
    200: 1,
    200.1: 1,
    4999.9: 1,
    5000: 2,
    5000.1: 2,
    50_000: 2,
    50_000.1: 3,
    1e9: 3,
}


@pytest.mark.parametrize("name", WORKS)
@pytest.mark.parametrize(("capacity", "place"), CAPACITIES.items())
def test_the_distance_of_wastewater_works_by_capacity(
    name: str, capacity: float, place: int
) -> None:
    metres, facility, enclosed = WORKS[name]
    rule = standards.load(name)
    held = [band.distance_m for band in rule.distances if band.holds(np.array([capacity]))[0]]
    assert held == [metres[place]]
    assert (rule.facilities, rule.enclosed) == ((facility,), enclosed)
    assert rule.verified is Verified.SECONDARY
    assert rule.by == "capacity_m3_day"
    assert rule.longest_m == metres[-1]
    assert " / ".join(map(str, metres)) + " m" in rule.source


@pytest.mark.parametrize(
    ("name", "metres", "facility", "enclosed"),
    [
        ("qcvn01-waste-transfer-closed", 20, "transfer", True),
        ("qcvn01-waste-transfer-open", 50, "transfer", False),
        ("qcvn01-waste-treatment-closed", 100, "treatment", True),
        ("qcvn01-landfill", 500, "landfill", None),
    ],
)
def test_the_distance_of_waste_works(
    name: str, metres: float, facility: str, *, enclosed: bool | None
) -> None:
    rule = standards.load(name)
    assert [band.distance_m for band in rule.distances] == [metres]
    assert (rule.facilities, rule.enclosed, rule.by) == ((facility,), enclosed, "")
    assert rule.source.endswith(f"{metres} m")


def test_a_rule_whose_table_was_not_obtained_has_no_figure() -> None:
    rule = standards.load("qcvn01-2025-btnmt")
    assert (rule.distances, rule.longest_m, rule.place) == ((), 0.0, "outside")
    assert rule.in_force_from is None
    assert "not obtained" in rule.note


@pytest.mark.parametrize(
    ("edition", "shares", "verified"),
    [
        ("qcvn01-2008", {"green": 0.10, "transport": 0.08, "technical": 0.01}, "secondary"),
        ("qcvn01-2019", {"transport": 0.10}, "unverified"),
        ("qcvn01-2021", {"green": 0.10, "transport": 0.10}, "unverified"),
    ],
)
def test_the_balance_of_each_edition(edition: str, shares: dict[str, float], verified: str) -> None:
    items = standards.balance(edition)
    assert {item.item: item.required_share for item in items} == {
        LandUse(use): share for use, share in shares.items()
    }
    assert {item.verified for item in items} == {Verified(verified)}
    # The source says the same figure, in percent.
    assert [
        item.name for item in items if f"{item.required_share * 100:g} %" not in item.source
    ] == []


def test_an_edition_nobody_knows_is_told_with_those_there_are() -> None:
    with pytest.raises(StandardError, match=r"qcvn01-2008 \| qcvn01-2019 \| qcvn01-2021"):
        standards.balance("qcvn01-1996")


def test_limits_on_lots_belts_and_slopes() -> None:
    def figures(subject: str) -> list[tuple[object, ...]]:
        return [
            (limit.measure, limit.at_least, limit.at_most, limit.unit, str(limit.verified))
            for limit in standards.limits_on(subject)
        ]

    assert figures("lot") == [
        ("building_density", None, 0.70, "share", "official"),
        ("building_density", None, 0.60, "share", "secondary"),
        ("green", 0.20, None, "share", "official"),
    ]
    assert figures("perimeter_belt") == [("width", 10.0, None, "m", "secondary")]
    assert figures("sanitary_belt") == [
        ("planted", 0.50, None, "share", "secondary"),
        ("service_works", None, 0.40, "share", "secondary"),
    ]
    assert figures("land") == [("slope", None, 0.10, "share", "official")]


@pytest.mark.parametrize(("storeys", "at_most"), [(1, 0.7), (5, 0.7), (6, 0.6), (30, 0.6)])
def test_the_density_of_a_lot_by_storeys(storeys: int, at_most: float) -> None:
    limits = [
        limit.at_most
        for limit in standards.limits_on("lot")
        if limit.measure == "building_density" and limit.is_for(storeys)
    ]
    assert limits == [at_most]


def test_how_long_land_may_lie_idle() -> None:
    read = {clock.name: (clock.event, clock.months) for clock in standards.clocks()}
    assert read == {
        "idle-unused": ("unused", 12),
        "idle-behind": ("behind_schedule", 24),
        "idle-extension": ("extension", 24),
        "idle-2013": ("unused", 12),
        "idle-2013-behind": ("behind_schedule", 24),
        "idle-2013-extension": ("extension", 24),
    }
    for name in ("idle-unused", "idle-behind", "idle-extension"):
        clock = standards.load(name)
        assert "Land Law 2024, Art. 81(8)" in clock.source
        assert f"{clock.months} months" in clock.source
        assert clock.verified is Verified.OFFICIAL
    for name in ("idle-2013", "idle-2013-behind", "idle-2013-extension"):
        clock = standards.load(name)
        assert "Land Law 2013, Art. 64(1)(i)" in clock.source
        assert f"{clock.months} months" in clock.source
        assert clock.verified is Verified.SECONDARY


@pytest.mark.parametrize(
    ("name", "on", "in_force", "applies"),
    [
        ("idle-unused", "2024-07-31", False, False),
        ("idle-unused", "2024-08-01", True, True),
        # Nobody read since when: it may be used, and is not called law.
        ("tcvn4449-1987", "1980-01-01", False, True),
        ("tcvn4449-1987", "2024-01-01", False, True),
        ("idle-2013", "2014-06-30", False, False),
        ("idle-2013", "2014-07-01", True, True),
        ("idle-2013", "2024-07-31", True, True),
        ("idle-2013", "2024-08-01", False, False),
        # Known only when it ends: the edition of 2019 stands in its place from 1 July 2020.
        ("qcvn01-2008-green", "2020-06-30", False, True),
        ("qcvn01-2008-green", "2020-07-01", False, False),
        ("qcvn01-2019-transport", "2020-06-30", False, False),
        ("qcvn01-2019-transport", "2021-07-04", True, True),
        ("qcvn01-2021-green", "2021-07-04", False, False),
        ("qcvn01-2021-green", "2021-07-05", True, True),
    ],
)
def test_what_has_no_dates_may_be_used_and_is_not_called_law(
    name: str, on: str, *, in_force: bool, applies: bool
) -> None:
    entry = standards.load(name)
    assert (entry.is_in_force(on), entry.applies_on(on)) == (in_force, applies)


def test_rules_about_zones_as_wholes() -> None:
    read = {
        one.name: (one.unit, one.at_least, one.at_most)
        for subject in ("province", "special_zone", "zone")
        for one in standards.limits_on(subject)
    }
    assert read == {
        "workers-housing": ("share", 0.02, None),
        "supporting-zone": ("share", 0.6, None),
        "specialised-zone": ("share", 0.6, None),
        # What share an ecological zone needs, nobody read.
        "ecological-zone": ("share", None, None),
        "high-tech-zone": ("share", 0.3, None),
        "phase-area": ("ha", None, 500.0),
    }
    for name in read:
        limit = standards.load(name)
        is_read = name != "ecological-zone"
        assert limit.verified is (Verified.SECONDARY if is_read else Verified.UNVERIFIED)
        assert [limit.is_in_force(on) for on in ("2022-07-14", "2022-07-15")] == [False, True]


@pytest.mark.parametrize(
    ("name", "capacity", "level"),
    [
        # Item 5: large from 50 million m² a year, medium from 5 million.
        ("pollution-textiles", 0.0, "small"),
        ("pollution-textiles", 4_999_999.9, "small"),
        ("pollution-textiles", 5_000_000.0, "medium"),
        ("pollution-textiles", 49_999_999.9, "medium"),
        ("pollution-textiles", 50_000_000.0, "large"),
        ("pollution-textiles", float("nan"), None),
        # Item 6: only "large" was read, from 10 000 t a year.
        ("pollution-leather", 10_000.0, "large"),
        ("pollution-leather", 9_999.9, None),
        # Of the others nothing but the item was read: unrated.
        ("pollution-paper", 1e9, None),
        ("pollution-chemicals", 1e9, None),
        ("pollution-starch", 1e9, None),
    ],
)
def test_the_level_of_pollution_by_capacity(name: str, capacity: float, level: str | None) -> None:
    activity = standards.load(name)
    assert activity.level(capacity) == level
    assert f"item {activity.item}" in activity.source
    assert activity.verified is Verified.SECONDARY


def test_the_palette_of_2024_is_used_from_the_year_after_it() -> None:
    registry = standards.registry()
    # Its first day in force was not read, so the whole of its own year keeps the older one.
    years = {
        on: registry.palettes(on=on)[0].year for on in ("2017-01-01", "2024-12-31", "2025-01-01")
    }
    assert years == {"2017-01-01": 2018, "2024-12-31": 2018, "2025-01-01": 2024}
    new, old = registry.palettes(on="2025-01-01")
    # Circular 08/2024: TMD 255, 190, 200; SKC 255, 200, 180; DNL 255, 170, 160; MNC 170, 245, 255;
    # CSK 255, 180, 200; CNT 230, 230, 130; PNK 240, 200, 210.
    read = {
        "TMD": (255, 190, 200), "SKC": (255, 200, 180), "DNL": (255, 170, 160),
        "MNC": (170, 245, 255), "CSK": (255, 180, 200), "CNT": (230, 230, 130),
        "PNK": (240, 200, 210),
    }  # fmt: skip
    assert {code: bytes.fromhex(new.colors[code][1:]) for code in read} == {
        code: bytes(rgb) for code, rgb in read.items()
    }
    assert not {"SKK", "SKN"} & set(new.colors)
    assert old.colors["SKK"] == old.colors["TMD"] == "#FAAAA0"
    # The others are as before.
    same = set(new.colors) - set(read)
    assert {code: new.colors[code] for code in same} == {code: old.colors[code] for code in same}
    assert [one.verified for one in (old, new)] == [Verified.OFFICIAL, Verified.SECONDARY]


# A rule that cannot be

RULE = standards.load("tcvn4449-1987")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"distances": (Band(distance_m=-1.0),)}, "distance_m is -1"),
        ({"distances": (Band(distance_m=0.0),)}, "distance_m is 0"),
        ({"distances": (Band(distance_m=float("nan")),)}, "distance_m is nan"),
        ({"distances": (Band(distance_m=float("inf")),)}, "distance_m is inf"),
        ({"emitters": ("chimney",)}, "emitters has 'chimney'"),
        ({"receptors": ("housing", "farm")}, "receptors has 'farm'"),
        ({"facilities": ("mill",)}, "facilities has 'mill'"),
        ({"place": "near"}, "place has 'near'"),
        ({"measured_from": "gate"}, "measured_from has 'gate'"),
        (
            {"distances": (Band(distance_m=5, hazard_class="I"), Band(distance_m=5))},
            "some bands go by class, others not",
        ),
        ({"distances": (Band(distance_m=5, hazard_class="I"),) * 2}, "class I stands twice"),
        ({"distances": (Band(distance_m=5),) * 2}, "an overlap between inf and 0"),
    ],
)
def test_a_rule_that_contradicts_itself_cannot_be_made(
    change: dict[str, object], fault: str
) -> None:
    with pytest.raises(StandardError, match=re.escape(fault)):
        dataclasses.replace(RULE, **change)


def test_all_faults_of_a_rule_are_told_in_both_languages() -> None:
    with pytest.raises(StandardError) as caught:
        dataclasses.replace(RULE, place="near", distances=(Band(distance_m=-1.0),))
    for language in ("en", "vi"):
        message = caught.value.message(language)
        assert "tcvn4449-1987" in message
        assert "place has 'near'; distance_m is -1.0" in message


def test_rules_and_limits_stand_in_the_registry_once() -> None:
    registry = standards.registry()
    rules = registry.buffer_rules()
    assert rules == standards.buffer_rules()
    assert len(rules) == 10
    assert all(isinstance(rule, BufferRule) for rule in rules)
    assert len(registry.of(Limit)) == 13
    assert registry.findings() == []
