"""Scenarios beside today: laws, figures by hand, and that nothing is ever recorded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import kcngeo as kcn
from kcngeo import products, publish, theme
from kcngeo.cli import app
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.publish import Bundle
from kcngeo.publish.verification.page import read_page

ON = "2018-03-31"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
NEARER = '[[distance]]\nrule = "tcvn4449-1987"\nhazard_class = "III"\ndistance_m = {}\n'
FREE = '[[let]]\nparcels = ["A-2", "B-2"]\n'
CLEAR = '[[clear]]\nparcels = ["A-3"]\n[[let]]\nparcels = ["A-3"]\narea_ha = 0.25\n'


def wish(name: str, text: str) -> dict[str, str]:
    return {"name": name, "text": text}


@pytest.fixture(scope="module")
def project() -> kcn.Project:
    return kcn.examples.squares()


@pytest.fixture(scope="module")
def made() -> Bundle:
    wishes = [
        wish("as it is", ""),
        wish("free", FREE + NEARER.format(140)),
        wish("clear", CLEAR + '[[share]]\nrule = "qcvn01-2008-green"\nrequired_share = 0.15\n'),
    ]
    return products.scenario(kcn.examples.squares(), changes=wishes, on=ON)


def test_without_a_day_it_is_that_of_the_last_entry() -> None:
    given = kcn.examples.squares()
    last = given.ledger["valid_from"].max()
    made = products.scenario(given, changes=pd.DataFrame({"change": [], "parcels": []}))
    assert made.provenance.options["on"] == f"{last:%Y-%m-%d}"
    empty = replace(given, ledger=given.ledger.iloc[:0])
    with pytest.raises(KcngeoError, match="no entry to take the day from"):
        products.scenario(empty, changes=pd.DataFrame({"change": [], "parcels": []}))


def test_an_empty_scenario_differs_nowhere(made: Bundle) -> None:
    for name, frame in made.tables.items():
        if name in ("findings", "names", "scenario_files"):
            continue
        mine = frame[frame["scenario"] == "as it is"].drop(columns="scenario")
        today = frame[frame["scenario"] == "today"].drop(columns="scenario")
        pd.testing.assert_frame_equal(mine.reset_index(drop=True), today.reset_index(drop=True))
        changes = [one for one in frame if one.endswith("_change_ha") or one == "rate_change"]
        assert (mine[changes].fillna(0) == 0).all(axis=None)
    assert "as it is" not in set(made.tables["scenario_changes"]["scenario"])


def entries(*rows: tuple[str, float | None, str | None]) -> pd.DataFrame:
    columns = ["parcel_id", "part_area_ha", "valid_to"]
    return pd.DataFrame(rows, columns=columns).assign(status="leased", valid_from=ON)


def test_the_figures_are_those_of_the_project_merged_by_hand(made: Bundle) -> None:
    project = kcn.examples.squares()
    free = kcn.ledger.append(project, entries(("A-2", 0.5, None), ("B-2", None, None)))
    ended = project.ledger["status"] == "uncleared"
    cleared = project.ledger.assign(
        valid_to=pd.to_datetime(project.ledger["valid_to"]).mask(ended, pd.Timestamp(ON))
    )
    clear = kcn.ledger.append(replace(project, ledger=cleared), entries(("A-3", 0.25, None)))
    by_hand = {"free": free, "clear": clear}
    accounts = made.tables["scenario_accounts"].set_index(["scenario", "zone_id"])
    rates = made.tables["scenario_rates"].set_index(["scenario", "definition", "zone_id"])
    now = kcn.fill.land_account(project, on=ON).drop(columns="source")
    for name, merged in by_hand.items():
        then = kcn.fill.land_account(merged, on=ON).drop(columns="source")
        pd.testing.assert_frame_equal(
            accounts.loc[name].loc[["A", "B"], then.columns], then, check_names=False
        )
        moved = accounts.loc[name].loc[["A", "B"], ["leased_change_ha", "available_change_ha"]]
        assert (moved.to_numpy() == (then - now)[["leased_ha", "available_ha"]].to_numpy()).all()
        for one in kcn.standards.fill_definitions():
            rate = kcn.fill.fill_rate(merged, on=ON, definition=one.name)["fill_rate"]
            told = rates.loc[name].loc[one.name].loc[["A", "B"], "fill_rate"]
            assert told.tolist() == rate.tolist()
    # Two scenarios differ by what their merged projects differ by.
    two = [accounts.loc[name].loc["A", "leased_ha"] for name in by_hand]
    assert two == [2.0, 1.75]


def test_what_is_seen_at_a_glance_was_counted_by_eye(made: Bundle) -> None:
    seen = made.tables["scenarios"].set_index(["zone_id", "scenario"])
    names = ["leased_ha", "base_ha", "fill_rate", "conflicts_count", "won_count", "lost_count"]
    told = seen[names].astype("float64").round(6)
    assert told.loc[("A", "today")].tolist() == [1.5, 4, 0.375, 1, 0, 0]
    # The homes are 150 m away: of 140 m required nothing is left of the conflict.
    assert told.loc[("A", "free")].tolist() == [2, 4, 0.5, 0, 1, 0]
    assert told.loc[("total", "free")].tolist() == [4, 6, 0.666667, 0, 1, 0]
    assert told.loc[("A", "clear")].tolist() == [1.75, 4, 0.4375, 1, 0, 0]
    # A is green for 1 of 10 ha, with no technical land; B has no green.
    lacking = seen["lacking_count"].astype(int)
    assert [lacking.loc[("A", one)] for one in ("today", "free", "clear")] == [1, 1, 2]
    costs = seen.loc[("A", "clear"), ["households_count", "clearing_vnd"]]
    assert costs["households_count"] == 5
    # What was paid for the piece is not on record.
    assert pd.isna(costs["clearing_vnd"])
    # 0.5 ha of A-2 lie nowhere on the map; of A-3 0.75 ha are left.
    assert seen.loc[("A", "clear"), "available_ha"] == 1.25


def test_conflicts_come_with_a_longer_distance_and_go_with_a_shorter(made: Bundle) -> None:
    moved = made.tables["scenario_conflicts"]
    columns = ["scenario", "outcome", "emitter_id", "receptor_id", "required_m", "distance_m"]
    assert moved[columns].to_numpy().tolist() == [["free", "won", "S1", "R1", 300.0, 150.0]]


def test_the_change_of_a_rule_is_a_warning_that_names_the_scenario(made: Bundle) -> None:
    told = [one for one in made.findings if one.rule == "standards_overridden"]
    assert [(one.ids, one.fields["origin"]) for one in told] == [
        (("tcvn4449-1987",), "free"),
        (("qcvn01-2008-green",), "clear"),
    ]


@pytest.mark.parametrize(
    ("language", "leased", "rate"),
    [
        ("vi", "Đã cho thuê (ha)|2,50|2,50|4,00 (+1,50)|2,75 (+0,25)", "66,67 % (+25,00)"),
        ("en", "Leased (ha)|2.50|2.50|4.00 (+1.50)|2.75 (+0.25)", "66.67 % (+25.00)"),
    ],
)
def test_the_page_sets_them_side_by_side(
    made: Bundle, language: str, leased: str, rate: str
) -> None:
    text = made.files("page", language=language)["scenario.html"]().decode()
    page = read_page(text)
    total = ["|".join(row).replace("\u00a0", " ") for row in page.tables["zone-1"].rows]
    assert leased in total
    assert rate in total[0]
    today = theme.text("scenario.today", language=language)
    assert page.tables["zone-1"].headings[1:] == [today, "as it is", "free", "clear"]
    # Only what differs from today is marked; on a phone each is told of which scenario it is.
    assert '<td data-label="free" class="n moved">4' in text
    point = "," if language == "vi" else "."
    assert f'<td data-label="clear" class="n moved">2{point}75' in text
    assert "http" not in text.replace("http-equiv", "")
    paper = made.files("pdf", language=language)["scenario.pdf"]()
    assert paper.startswith(b"%PDF")


@pytest.mark.long
def test_a_share_of_an_edition_nobody_asks_is_a_warning(project: kcn.Project) -> None:
    text = '[[share]]\nrule = "qcvn01-2021-green"\nrequired_share = 0.3\n'
    made = products.scenario(project, changes=wish("greener", text), on=ON)
    (told,) = [one for one in made.findings if one.rule == "scenario_edition"]
    assert "--standard qcvn01-2021" in told.message()
    assert "--standard qcvn01-2021" in told.message("vi")


def test_each_scenario_that_changes_a_place_has_layers_a_map_and_a_picture(made: Bundle) -> None:
    assert list(made.maps) == ["map_2", "map_3"]
    free, clear = (made.layers[f"scenario_{number}"] for number in (2, 3))
    told = free[["scenario", "place", "zone_id", "parcel_ids", "area_ha"]].round(1)
    assert told.to_numpy().tolist()[:2] == [
        ["free", "let", "A", "A-2", 0.5],
        ["free", "let", "B", "B-2", 1.0],
    ]
    assert free["place"].tolist()[2:] == ["nearer"]
    assert clear["place"].tolist() == ["clear", "let"]
    spec = made.maps["map_2"]()
    assert spec.headline["en"] == "Places that change: 3; conflicts gone: 1, new: 0"
    assert [(one.name, len(one.frame)) for one in spec.layers] == [
        ("scenario_2", 3),
        ("scenario_ways_2", 1),
    ]
    # From the stack to the homes it is 150 m.
    assert spec.layers[1].frame.geometry.length.tolist() == [150]
    text = made.files("page", language="en")["scenario.html"]().decode()
    assert text.count("<img ") == 2
    assert "as it is: The scenario changes no place." in text
    files = made.files("layers", language="en")
    assert list(files) == ["scenario.gpkg", "scenario.qgz"]


def test_names_from_a_file_are_text_on_the_page() -> None:
    odd = wish("<script>alert(1)</script>", 'note = "<b>=1+1</b>"')
    made = products.scenario(kcn.examples.squares(), changes=odd, on=ON)
    text = made.files("page", language="en")["scenario.html"]().decode()
    assert "<script" not in text
    assert "<b>" not in text
    assert list(made.files("changes", language="en")) == [
        "changes/1-%3Cscript%3Ealert%281%29%3C%2Fscript%3E.toml"
    ]


def test_all_scenarios_are_refused_at_once() -> None:
    wishes = [
        wish("one", '[[let]]\nparcels = ["X"]'),
        wish("one", '[[clear]]\nparcels = ["Y"]'),
        wish("today", ""),
    ]
    with pytest.raises(ContractError) as caught:
        products.scenario(kcn.examples.squares(), changes=wishes, on=ON)
    for words in ("two scenarios are called one", "today is what", "lots X", "lots Y"):
        assert words in str(caught.value)
    with pytest.raises(KcngeoError, match="qcvn99"):
        products.scenario(kcn.examples.squares(), changes=[], on=ON, standard="qcvn99")


@pytest.mark.long
def test_a_zone_at_fault_is_left_out_and_changes_no_other(made: Bundle) -> None:
    project = kcn.examples.squares()
    twice = pd.concat([project.ledger, project.ledger[project.ledger["parcel_id"] == "B-1"]])
    spoilt = replace(project, ledger=twice.assign(entry_id=[*project.ledger["entry_id"], "E9"]))
    text = FREE.replace(', "B-2"', "") + NEARER.format(140)
    told = products.scenario(spoilt, changes=wish("free", text), on=ON)
    assert set(told.left_out) == {"B"}
    seen, sound = (
        one.tables["scenarios"].set_index(["zone_id", "scenario"])["fill_rate"]
        for one in (told, made)
    )
    assert seen["A"].tolist() == [sound["A", one] for one in ("today", "free")]
    sold = project.ledger["status"].mask(project.ledger["parcel_id"] == "B-1", "sold")
    broken = replace(project, ledger=project.ledger.assign(status=sold))
    with pytest.raises(ContractError, match=r"(?s)B-2 on .*status holds sold"):
        products.scenario(broken, changes=wish("free", FREE), on=ON)


@pytest.mark.long
def test_later_records_do_not_count() -> None:
    project = kcn.examples.squares()
    lease = {"parcel_id": ["B-2"], "status": ["leased"], "valid_from": ["2018-02-01"]}
    later = kcn.ledger.append(project, pd.DataFrame(lease), recorded_at="2018-06-01")
    asked = {"changes": wish("free", FREE), "on": ON}
    was = products.scenario(project, **asked).tables
    then = products.scenario(later, known_at="2018-05-31", **asked).tables
    for name, frame in was.items():
        pd.testing.assert_frame_equal(frame, then[name])
    with pytest.raises(ContractError, match="nothing is free of B-2"):
        products.scenario(later, **asked)


@pytest.mark.long
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_sample_stays_and_the_folder_is_made_again(language: str, tmp_path: Path) -> None:
    files = {"lots.toml": '[[let]]\nzone = "loc-son"\nblock = "CN1"\n', "far.toml": ""}
    files["far.toml"] = 'name = "400 m: xa hơn"\n' + NEARER.format(400)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before, out = SAMPLE.read_bytes(), tmp_path / "out"
    paths = [str(tmp_path / name) for name in files]
    run = CliRunner().invoke
    command = ["scenario", str(SAMPLE), *paths, "--on", ON, "--out", str(out)]
    assert run(app, [*command, "--language", language]).exit_code == 0
    assert SAMPLE.read_bytes() == before
    kept = json.loads((out / "manifest.json").read_text("utf-8"))["outputs"]
    for number, (name, text) in enumerate(files.items(), start=1):
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert [one for path, one in kept.items() if path.startswith(f"changes/{number}-")] == [
            digest
        ]
        assert (tmp_path / name).read_bytes() in [one.read_bytes() for one in out.glob("changes/*")]
    assert publish.verify(out).differences == ()
    proof = run(app, ["verify", str(out), "--project", str(SAMPLE), "--language", language])
    assert proof.exit_code == 0, proof.output


@pytest.mark.long
def test_conflicts_of_the_sample_are_those_of_a_plain_count() -> None:
    project = kcn.io.read_project(SAMPLE)
    made = products.scenario(project, changes=wish("far", NEARER.format(400)), on=ON)
    on = pd.Timestamp(ON)
    emitters = project.emitters[project.emitters["hazard_class"] == "III"]
    emitters = emitters[~(emitters["valid_from"] > on)]
    homes = project.receptors[
        project.receptors["kind"].isin(["housing", "resettlement", "school", "hospital"])
    ]
    homes = homes[~(homes["valid_from"] > on)]
    near = {
        (one.emitter_id, home.receptor_id)
        for one in emitters.itertuples()
        for home in homes.itertuples()
        if 300 <= shapely.distance(one.geometry, home.geometry) < 400
    }
    moved = made.tables["scenario_conflicts"]
    assert set(moved["outcome"]) == {"lost"}
    assert set(zip(moved["emitter_id"], moved["receptor_id"], strict=True)) == near
    assert near == {("PH-E04", "PH-R06"), ("PH-E07", "PH-R01"), ("PH-E07", "PH-R06")}
