"""A project as a scenario would have it: figures by hand, laws, and everything that is refused."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.core.errors import ContractError, DataSourceError
from kcngeo.update import Changes, apply_changes, difference, read_changes

ON = "2018-03-31"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
NOW = [4, 1.5, 1, 1, 0.5]
PARTS = ["base_ha", "leased_ha", "reserved_ha", "uncleared_ha", "available_ha"]
EAST = "501000 1270000, 501100 1270000, 501100 1270100, 501000 1270100, 501000 1270000"
# East of zone A; and half of it in the zone.
HECTARE, HALF_IN = f"POLYGON (({EAST}))", f"POLYGON (({EAST.replace('501000', '500950')}))"


@pytest.fixture(scope="module")
def project() -> kcn.Project:
    return kcn.examples.squares()


def wish(text: str, name: str = "wish") -> Changes:
    return Changes(name=name, text=text)


def account(project: kcn.Project, on: str = ON) -> list[float]:
    """The account of zone A; nothing here is about B."""
    made = kcn.fill.land_account(project, on=on)[PARTS].round(9)
    assert made.loc["B"].tolist() == [2, 1, 0, 0, 1]
    return [*made.loc["A"]]


# Of zone A 4 ha are industrial: 1.5 let, 1 reserved, 1 not cleared, 0.5 free.
CASES = {
    '[[let]]\nparcels = ["A-2"]\narea_ha = 0.2': [4, 1.7, 1, 1, 0.3],
    '[[let]]\nparcels = ["A-4"]\nends_reservation = true\narea_ha = 0.25': [4, 1.75, 0, 1, 1.25],
    '[[clear]]\npieces = ["C1"]': [4, 1.5, 1, 0, 1.5],
    # The file may say what it lets before what it clears.
    '[[let]]\nparcels = ["A-3"]\narea_ha = 0.4\n[[clear]]\nparcels = ["A-3"]': [4, 1.9, 1, 0, 1.1],
    '[[let]]\nparcels = ["A-2"]\narea_ha = 0.1\n[[let]]\nparcels = ["A-2"]': [4, 2, 1, 1, 0],
    f'[[extend]]\nzone = "A"\nwkt = "{HECTARE}"\nparcel_id = "N"\nland_use = "industrial"': [
        5, 1.5, 1, 2, 0.5,
    ],
    f'[[extend]]\nzone = "A"\nwkt = "{HECTARE}"\nparcel_id = "N"\nland_use = "industrial"\n'
    'cleared = true\n[[let]]\nparcels = ["N"]': [5, 2.5, 1, 1, 0.5],
    f'[[extend]]\nzone = "A"\nwkt = "{HECTARE}"\nparcel_id = "N"\nland_use = "green"': [
        4, 1.5, 1, 1, 0.5,
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", list(CASES))
def test_an_account_is_what_is_counted_by_hand(text: str, project: kcn.Project) -> None:
    made = apply_changes(project, wish(text), on=ON)
    assert account(made.project) == CASES[text]


def test_the_day_before_is_as_it_was(project: kcn.Project) -> None:
    text = (
        '[[clear]]\nparcels = ["A-3"]\n[[let]]\nparcels = ["A-3", "A-4"]\nends_reservation = true'
    )
    made = apply_changes(project, wish(text), on=ON).project
    assert account(made, "2018-03-30") == NOW
    assert account(made) == [4, 3.5, 0, 0, 0.5]


def test_an_empty_scenario_changes_nothing(project: kcn.Project) -> None:
    made = apply_changes(project, wish('note = "as it is"'), on=ON)
    assert made.project is project
    assert made.edits.empty
    assert made.rules is kcn.standards.registry()
    assert made.made.empty


def contents(project: kcn.Project) -> bytes:
    return pickle.dumps([getattr(project, one.name) for one in fields(project)])


def test_the_project_stays_as_it_is(project: kcn.Project) -> None:
    before, frames = contents(project), dict(project.tables())
    text = "\n".join(one for one in CASES if one and "extend" not in one and "area_ha" not in one)
    text = text.replace('[[clear]]\npieces = ["C1"]', "")
    apply_changes(project, wish(text), on=ON)
    assert contents(project) == before
    assert all(dict(project.tables())[name] is frame for name, frame in frames.items())


@pytest.mark.long
@pytest.mark.parametrize("area", ["grid", "ellipsoid", "certificate"])
def test_letting_changes_what_is_let_by_exactly_as_much_on_every_basis(area: str) -> None:
    project = kcn.io.read_project(SAMPLE)
    # Of some lots nobody has seen a certificate: theirs says what is drawn.
    said = project.parcels["certificate_area_m2"].fillna(project.parcels.area)
    project = replace(project, parcels=project.parcels.assign(certificate_area_m2=said))
    lots = ["LS-CN01-01", "LS-CN01-06", "LS-CN13-06", "LS-CN02-02", "LS-CN09-01"]
    rows = pd.DataFrame({"change": ["let"], "parcels": ["|".join(lots)]})
    made = apply_changes(project, rows, on=ON, area=area)
    was, then = (
        kcn.fill.land_account(one, on=ON, area=area)[PARTS] for one in (project, made.project)
    )
    moved, let = (then - was).mul(1e10).round(), (made.made["area_ha"] * 1e10).round().item()
    assert moved.loc["loc-son"].tolist() == [0, let, 0, 0, -let]
    assert (moved.loc["phu-hoi"] == 0).all()
    # 1.064 + 0.201 + 0.47 + 0.517 + 1.112 ha by their certificates and contracts.
    assert let / 1e10 == pytest.approx(3.364, abs=0.002)


def test_the_sample_by_hand() -> None:
    project = kcn.io.read_project(SAMPLE)
    text = (
        '[[let]]\nparcels = ["LS-CN01-01", "LS-CN01-04"]\nprice_vnd_m2 = 1000\n'
        '[[clear]]\nzone = "phu-hoi"\nblock = "CN8"\n'
    )
    made = apply_changes(project, wish(text), on=ON)
    rates = kcn.fill.fill_rate(made.project, on=ON)
    # By their certificates the two lots have 10 640 m² each: 76.0720 + 2.1280 of 135.7451 ha.
    assert rates["leased_ha"].tolist() == pytest.approx([78.2000, 63.5720], abs=1e-4)
    assert rates["fill_rate"].tolist() == pytest.approx([0.57608, 0.75080], abs=1e-5)
    # GP-024…027: 0.845 + 0.845 + 1.155 + 0.770 ha, of 21.1 not cleared; 1 + 3 + 6 + 1 households;
    # all are paid but GP-027: 1 306 less 261.2 million.
    uncleared = kcn.fill.land_account(made.project, on=ON)["uncleared_ha"]
    assert uncleared.tolist() == pytest.approx([17.0, 21.1 - 3.615], abs=1e-4)
    told = made.made.set_index("entry")
    assert told.loc["clear 1", ["households_count", "clearing_vnd"]].tolist() == [11, 1_044.8e6]
    assert told.loc["let 1", "letting_vnd"] == pytest.approx(21.28e6, rel=1e-4)
    # What the ledger says later of the lots still holds: both become green on 3 June 2019.
    later = "2019-06-30"
    was, then = (kcn.fill.fill_rate(one, on=later) for one in (project, made.project))
    assert then["base_ha"].tolist() == was["base_ha"].tolist()


def test_a_letting_ends_where_the_ledger_goes_on(project: kcn.Project) -> None:
    entry = pd.DataFrame(
        {"parcel_id": ["B-2"], "status": ["reserved"], "valid_from": ["2018-06-01"]}
    )
    later = kcn.ledger.append(project, entry, recorded_at="2018-04-01")
    made = apply_changes(later, wish('[[let]]\nparcels = ["B-2"]'), on=ON)
    by_day = {
        day: kcn.fill.land_account(made.project, on=day).loc["B", "leased_ha"]
        for day in ("2018-03-30", "2018-03-31", "2018-05-31", "2018-06-01")
    }
    assert by_day == {"2018-03-30": 1, "2018-03-31": 2, "2018-05-31": 2, "2018-06-01": 1}


def test_what_begins_on_the_day_is_ended_on_it(project: kcn.Project) -> None:
    ledger = project.ledger.copy()
    ledger.loc[ledger["status"].isin(["reserved", "uncleared"]), "valid_from"] = pd.Timestamp(ON)
    today = replace(project, ledger=ledger)
    text = (
        '[[clear]]\nparcels = ["A-3"]\n[[let]]\nparcels = ["A-3", "A-4"]\nends_reservation = true'
    )
    assert account(apply_changes(today, wish(text), on=ON).project) == [4, 3.5, 0, 0, 0.5]


def test_an_extension_makes_the_zone_larger_from_the_day_on(project: kcn.Project) -> None:
    made = apply_changes(project, wish(f'[[extend]]\nzone = "A"\nwkt = "{HALF_IN}"'), on=ON)
    gross = {
        day: kcn.fill.fill_rate(made.project, on=day, definition="gross").loc["A", "base_ha"]
        for day in ("2018-03-30", ON)
    }
    # Half of the 1.5 ha drawn is the zone's already.
    assert gross == pytest.approx({"2018-03-30": 10, ON: 11})
    assert made.made["area_ha"].tolist() == pytest.approx([1])
    written = kcn.fill.fill_rate(made.project, on=ON, definition="gross", area="certificate")
    assert written.loc["A", "base_ha"] == pytest.approx(11)


def test_rules_are_changed_and_marked(project: kcn.Project) -> None:
    text = (
        '[[distance]]\nrule = "tcvn4449-1987"\nhazard_class = "III"\ndistance_m = 140\n'
        '[[distance]]\nrule = "qcvn01-wastewater"\ncapacity_m3_day = 200\ndistance_m = 90\n'
        '[[distance]]\nrule = "perimeter-belt-width"\ndistance_m = 20\n'
        '[[share]]\nrule = "qcvn01-2008-green"\nrequired_share = 0.15\n'
    )
    made = apply_changes(project, wish(text), on=ON)
    assert made.project is project
    rule = made.rules.load("tcvn4449-1987")
    assert dict(rule.classes) == {"I": 1000, "II": 500, "III": 140, "IV": 100, "V": 50}
    # Exactly 200 m³ a day is the second band.
    assert [one.distance_m for one in made.rules.load("qcvn01-wastewater").distances][:2] == [
        80,
        90,
    ]
    assert made.rules.load("perimeter-belt-width").at_least == 20
    assert made.rules.load("qcvn01-2008-green").required_share == 0.15
    told = made.made.set_index("rule")
    assert told.loc["tcvn4449-1987", ["before_m", "after_m"]].tolist() == [300, 140]
    assert told.loc["qcvn01-2008-green", ["before_share", "after_share"]].tolist() == [0.1, 0.15]
    assert (rule.overrides, str(rule.verified), rule.source) == (True, "unverified", "wish")
    assert kcn.standards.load("tcvn4449-1987").classes[2] == ("III", 300)


REFUSED = {
    '[[let]]\nlots = ["A-2"]': ("unknown key lots"),
    '[[let]]\nparcels = "A-2"': ("list of words"),
    "[[let]]": ("parcels | zone + block"),
    '[[let]]\nzone = "A"': ("parcels | zone + block"),
    '[[let]]\nparcels = ["A-2"]\nzone = "A"\nblock = "K"': ("exactly one way"),
    '[[let]]\nparcels = ["A-2", "A-99"]': ("no lots A-99", "parcel_id"),
    '[[let]]\nparcels = ["A-7"]': ("A-7", "another land use"),
    '[[let]]\nparcels = ["A-1"]': ("A-1", "held by E1", "Leave them out"),
    '[[let]]\nparcels = ["A-4"]': ("A-4", "held by E4", "ends_reservation = true"),
    '[[let]]\nparcels = ["A-3"]': ("A-3", "[[clear]]"),
    '[[let]]\nparcels = ["A-2"]\narea_ha = 0.5001': ("A-2", "0.5000 ha", "area_ha"),
    '[[let]]\nparcels = ["A-2", "B-2"]\narea_ha = 0.5': ("A-2, B-2", "for each"),
    '[[let]]\nparcels = ["A-2"]\n[[let]]\nparcels = ["A-2"]': ("nothing is free of A-2"),
    '[[let]]\nzone = "Z"\nblock = "K"': ("no zone Z", "there are A, B"),
    '[[clear]]\nzone = "A"\nblock = "K"': ("zone A has no block K", "lot_code"),
    '[[clear]]\npieces = ["C9"]': ("no pieces C9", "clearance_id"),
    '[[clear]]\nparcels = ["A-1"]': ("A-1 are cleared already"),
    '[[extend]]\nzone = "Z"\nwkt = "POINT (0 0)"': ("no zone Z", "A, B"),
    '[[extend]]\nzone = "A"\nwkt = "POLYGON ((nan nan, 1 1, 2 2, nan nan))"': ("valid polygon",),
    '[[share]]\nrule = "lot-green"\nrequired_share = 0.5': ("lot-green", "qcvn01-2008-green |"),
    '[[extend]]\nzone = "A"\nwkt = "POINT (0 0)"': ("no valid polygon"),
    '[[extend]]\nzone = "A"\nwkt = "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"': ("valid"),
    '[[extend]]\nzone = "A"\nwkt = "POLYGON ((107 11, 108 11, 108 12, 107 11))"': (
        "EPSG:5899",
    ),
    f'[[extend]]\nzone = "A"\nwkt = "{HECTARE}"\nparcel_id = "N"': (
        "parcel_id, land_use",
    ),
    f'[[extend]]\nzone = "A"\nwkt = "{HECTARE}"\nparcel_id = "A-1"\nland_use = "green"': (
        "a lot A-1 already",
    ),
    '[[extend]]\nzone = "A"\nwkt = "POLYGON ((500000 1270100, 500100 1270100, 500100 1270200, '
    '500000 1270100))"': (
        "lies in zone B",
    ),
    '[[extend]]\nzone = "A"\nwkt = "POLYGON ((500000 1270000, 500100 1270000, 500100 1270100, '
    '500000 1270000))"': ("in the zone already"),
    '[[distance]]\nrule = "none"\ndistance_m = 3': ("none", "tcvn4449-1987 |"),
    '[[distance]]\nrule = "tcvn4449-1987"\ndistance_m = 3': ('hazard_class = "III"'),
    '[[distance]]\nrule = "tcvn4449-1987"\nhazard_class = "III"\ncapacity_m3_day = 1\n'
    "distance_m = 3": ("nothing else"),
    '[[distance]]\nrule = "tcvn4449-1987"\nhazard_class = "III"\ndistance_m = 0': (
        "above 0",
    ),
    '[[share]]\nrule = "qcvn01-2008-green"\nrequired_share = 10': ("from 0 to 1"),
    '[[share]]\nrule = "tcvn4449-1987"\nrequired_share = 0.1': ("qcvn01-2008-green |"),
}  # fmt: skip


GROUPS = {
    '[[lets]]\nparcels = ["A-2"]': ("x: lets", "allowed are name | note | [[let]]"),
    '[let]\nparcels = ["A-2"]': ("x: let is no group", "[[let]]"),
    'note = 1\nland = "A"': ("x: note must be text", "x: land is no group"),
}


def test_all_that_cannot_be_done_is_named_at_once_with_the_way_out(project: kcn.Project) -> None:
    counts: Counter[str] = Counter()
    where = {}
    for text in REFUSED:
        counts.update(re.findall(r"\[\[(\w+)\]\]", text))
        kind = text[2 : text.index("]]")]
        where[text] = f"{kind} {counts[kind]}"
    with pytest.raises(ContractError) as caught:
        apply_changes(project, wish("\n".join(REFUSED)), on=ON)
    told = {one.ids[0]: one for one in caught.value.problems}
    assert len(told) == len(caught.value.problems) == len(REFUSED)
    for text, words in REFUSED.items():
        message = told[where[text]].message()
        assert all(one in message for one in words), message
        assert "{" not in told[where[text]].message("vi")


@pytest.mark.parametrize("text", list(GROUPS))
def test_a_file_of_another_form_is_refused(text: str, project: kcn.Project) -> None:
    with pytest.raises(ContractError) as caught:
        apply_changes(project, wish(text, "x"), on=ON)
    assert all(one in str(caught.value) for one in GROUPS[text])


def test_a_frame_says_what_a_file_says(project: kcn.Project) -> None:
    shapes = pd.DataFrame(
        {
            "change": ["let", "clear", "distance"],
            "parcels": ["A-2", ["A-3"], None],
            "area_ha": [0.25, None, None],
            "rule": [None, None, "perimeter-belt-width"],
            "distance_m": [None, None, 12],
        }
    )
    made = read_changes(shapes, name="a frame")
    assert made.said == {
        "let": [{"parcels": ["A-2"], "area_ha": 0.25}],
        "clear": [{"parcels": ["A-3"]}],
        "distance": [{"rule": "perimeter-belt-width", "distance_m": 12.0}],
    }
    assert account(apply_changes(project, made, on=ON).project) == [4, 1.75, 1, 0, 1.25]


def test_text_of_a_frame_stays_text(project: kcn.Project) -> None:
    odd = 'x"]\n[[let]]\nparcels = ["A-2'
    made = read_changes(pd.DataFrame({"change": ["let"], "parcels": [[odd]]}), name="odd")
    assert made.said == {"let": [{"parcels": [odd]}]}


def test_files_have_names(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    assert read_changes(write("plain.toml", "")).name == "plain"
    assert read_changes(write("named.toml", 'name = "Own"')).name == "Own"
    for text in ("[[let]", "name = 1979-05-27T07:32:00Z-"):
        with pytest.raises(DataSourceError, match=r"bad\.toml"):
            read_changes(write("bad.toml", text))
    with pytest.raises(DataSourceError, match="absent"):
        read_changes(tmp_path / "absent.toml")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def put(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return put


def test_what_was_recorded_before_stays_known(project: kcn.Project) -> None:
    recorded = replace(
        project, ledger=project.ledger.assign(recorded_at=pd.Timestamp("2018-01-01", tz="UTC"))
    )
    made = apply_changes(recorded, wish('[[let]]\nparcels = ["A-2"]'), on=ON).project
    was = made.stored_at("2018-01-01T00:00:00Z")
    assert difference(recorded, was).empty


@pytest.mark.long
def test_what_is_let_on_paper_does_not_set_the_pace() -> None:
    project = kcn.io.read_project(SAMPLE)
    now = project.as_known()
    text = '[[clear]]\nzone = "phu-hoi"\nblock = "CN9"\n[[let]]\nzone = "phu-hoi"\nblock = "CN9"'
    made = apply_changes(project, wish(text), on=ON).project.as_known()
    asked: dict[str, Any] = {"on": ON, "target": 1.0}
    learnt, own = (
        kcn.forecast.fill_date(made, **asked, learn_from=one).loc["phu-hoi"] for one in (now, None)
    )
    first = kcn.forecast.fill_date(now, **asked).loc["phu-hoi"]
    pace = ["leases", "net_ha_per_month", "recent_ha_per_month"]
    assert learnt[pace].tolist() == first[pace].tolist()
    assert own["leases"] == first["leases"] + 1
    assert learnt["leased_ha"] == own["leased_ha"] > first["leased_ha"]
