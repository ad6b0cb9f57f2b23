"""The algorithms of the plugin in QGIS itself, on the sample of two zones in March 2018."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "parcels" / "two_zones.gpkg"
INSIDE = Path(__file__).with_name("inside.py")
KCNGEO = str(Path(sys.executable).with_name("kcngeo"))
DAY = "2018-03-31"
NAMES = {"account", "rates", "conflicts", "developable", "sites", "check", "month"}

Ask = Callable[..., Any]


def asked(in_qgis: Ask, out: Path, *names: str, program: str = KCNGEO, **more: Any) -> Any:
    """Ask about the sample."""
    given = {"PROJECT": str(SAMPLE), "DAY": DAY, "OUT": str(out), **more.pop("more", {})}
    questions = dict.fromkeys(names, given)
    return in_qgis("asked", program=INSIDE, questions=questions, kcngeo=program, **more)


def table(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Give the rows of a layer by the words of its columns."""
    (layer,) = (one for one in answer["layers"] if one["name"] == name)
    assert layer["valid"]
    return [dict(zip(layer["columns"], row, strict=True)) for row in layer["rows"]]


def by_zone(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["Zone id"]: row for row in rows}


@pytest.fixture(scope="module")
def rates(in_qgis: Ask, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The shortest question, in English."""
    folder = tmp_path_factory.mktemp("rates")
    out, nowhere = folder / "Kết quả & 'x'", str(folder / "kcngeo")
    return asked(in_qgis, out, "rates", nowhere=nowhere, more={"START": "2018-02-01"})


def test_the_provider_registers_and_goes(rates: Any) -> None:
    assert {one.removeprefix("kcngeo:") for one in rates["algorithms"]} >= NAMES
    assert rates["gone"]
    assert rates["algorithms"]["kcngeo:rates"][:2] == ["Fill rates by month", "Questions"]
    for said in rates["algorithms"].values():
        assert all(said)


def test_rates_are_those_of_the_sample(rates: Any) -> None:
    answer = rates["answers"]["rates"]
    assert answer["done"]
    assert answer["found"]["CODE"] == 0
    rows = table(answer, "Fill rates by month 2018-03")
    march = {row["Zone id"]: row for row in rows if row["On"] == DAY}
    assert {row["On"] for row in rows} == {"2018-02-28", DAY}
    zone = march["loc-son"]
    # 76.0720 ha of 135.7451 ha
    assert (zone["Leased (ha)"], zone["Base (ha)"]) == (76.0720, 135.7451)
    assert zone["Fill rate"] == 0.5604
    assert march["total"]["Leased (ha)"] == pytest.approx(76.0720 + 63.5720)


def test_without_kcngeo_it_says_how_to_install_it(rates: Any) -> None:
    # No program of this name: not looked for elsewhere, the user named it.
    told = rates["nowhere"]
    assert not told["done"]
    assert told["layers"] == []
    assert "Không thấy kcngeo" in told["log"]
    assert "pipx install ." in told["log"]


@pytest.mark.long
def test_what_kcngeo_refuses_is_told_in_its_words(in_qgis: Ask, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.gpkg"
    given = {"DAY": DAY, "OUT": str(tmp_path / "out")}
    # A name is a name, also where it looks like an option.
    questions = {
        "rates": {**given, "PROJECT": str(nothing)},
        "check": {**given, "PROJECT": "--help"},
    }
    told = in_qgis("asked", program=INSIDE, questions=questions, kcngeo=KCNGEO)["answers"]
    for name, path in (("rates", str(nothing)), ("check", str(Path.cwd() / "--help"))):
        assert not told[name]["done"]
        assert path in told[name]["log"]
        assert told[name]["layers"] == []


@pytest.fixture(scope="module")
def everything(in_qgis: Ask, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All other questions, in both languages."""
    out = tmp_path_factory.mktemp("all")
    names = sorted(NAMES - {"rates"})
    return {
        language: asked(in_qgis, out / language, *names, language=language)["answers"]
        for language in ("vi", "en")
    }


@pytest.mark.long
def test_every_question_is_answered(everything: Any) -> None:
    for answers in everything.values():
        for name, answer in answers.items():
            assert answer["done"], (name, answer["log"])
            assert answer["found"]["CODE"] == 0
            assert answer["layers"], name
            assert all(one["valid"] for one in answer["layers"])


@pytest.mark.long
def test_the_account_is_that_of_the_sample(everything: Any) -> None:
    answer = everything["en"]["account"]
    zone = by_zone(table(answer, "Table: Land accounts"))["loc-son"]
    leased, base = zone["Leased (ha)"], zone["Leasable land (ha)"]
    assert (round(leased, 2), round(base, 2)) == (76.07, 135.75)
    assert round(100 * zone["Fill rate"], 2) == 56.04
    parts = ("Leased", "Reserved", "Under recovery", "Repurposed", "Not yet cleared", "Available")
    assert sum(zone[f"{part} (ha)"] for part in parts) == pytest.approx(base, abs=1e-4)
    drawn = by_zone(table(answer, "Zones on the day"))["loc-son"]
    assert drawn["Leased (ha)"] == pytest.approx(leased)
    (lots,) = (one for one in answer["layers"] if one["name"] == "Lots by status on the day")
    assert lots["drawn"] == "categorizedSymbol"


@pytest.mark.long
def test_the_other_answers_are_those_of_the_sample(everything: Any) -> None:
    answers = everything["en"]
    assert len(table(answers["conflicts"], "Part that lies too near")) == 9
    land = by_zone(table(answers["developable"], "Table: Developable land"))["loc-son"]
    # 18.7930 vacant = 12.3047 + 1.7403 taken off + 4.7480 whose place is not known
    assert round(land["Vacant (ha)"], 4) == 18.7930
    assert round(land["Developable (ha)"], 4) == 12.3047
    largest = max(row["Area (ha)"] for row in table(answers["sites"], "Table: Sites for investors"))
    assert round(largest, 3) == 3.889
    assert len(table(answers["check"], "Table: Findings of the checks")) == 43
    report = Path(answers["month"]["found"]["REPORT"])
    assert "56.04" in report.read_text(encoding="utf-8")


@pytest.mark.long
def test_both_languages_say_the_same(everything: Any) -> None:
    for name, answer in everything["vi"].items():
        other = everything["en"][name]
        sizes, titles = [], []
        for layers in (answer["layers"], other["layers"]):
            sizes.append(sorted(len(one["rows"]) for one in layers))
            titles.append({one["name"] for one in layers})
        assert sizes[0] == sizes[1], name
        assert not titles[0] & titles[1], name


@pytest.mark.long
def test_a_folder_can_be_asked_as_well(in_qgis: Ask, tmp_path: Path) -> None:
    import kcngeo as kcn

    stored = tmp_path / "two_zones.parquet"
    kcn.io.write_project(kcn.io.read_project(SAMPLE), stored)
    answer = asked(in_qgis, tmp_path / "out", "rates", more={"PROJECT": str(stored)})
    rows = table(answer["answers"]["rates"], "Fill rates by month 2018-03")
    assert [
        row["Fill rate"] for row in rows if (row["Zone id"], row["On"]) == ("loc-son", DAY)
    ] == [0.5604]
