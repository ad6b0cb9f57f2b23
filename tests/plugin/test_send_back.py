"""The open package goes home, and what two people changed otherwise is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import kcngeo as kcn
from tests.plugin.test_steps import DAY, FREE, HOSTILE, SAMPLE, step, taken

INSIDE = Path(__file__).with_name("inside.py")
KCNGEO = str(Path(sys.executable).with_name("kcngeo"))
ENTRY = "S-0240"

Ask = Callable[..., Any]
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def sent(in_qgis: Ask, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two people correct the same cell; the second tries, saves, sends, and is told."""
    folder = tmp_path_factory.mktemp("sent")
    home, copy = taken(folder)
    colleague = kcn.io.read_project(copy)
    is_entry = (colleague.ledger["entry_id"] == ENTRY) & colleague.ledger["superseded_at"].isna()
    ledger = colleague.ledger.assign(document=colleague.ledger["document"].mask(is_entry, "Hers"))
    kcn.update.record(home, replace(colleague, ledger=ledger), recorded_at="2026-06-01")
    # What would be chosen in the last column of the list.
    mine = colleague.ledger.assign(document=colleague.ledger["document"].mask(is_entry, HOSTILE))
    clashes = kcn.update.record(home, replace(colleague, ledger=mine), dry_run=True).clashes
    chosen = folder / "chosen.csv"
    clashes.assign(take="mine").to_csv(chosen, index=False)
    back = {"run": "send_back", "with": {"PROJECT": str(home), "OUT": str(folder / "out")}}
    steps = [
        step("lease", "2018-03-10", LOT=FREE),
        step("correct", DAY, ENTRY=ENTRY, DOCUMENT=HOSTILE),
        step("rates", DAY, START="2018-03-01", OUT=str(folder / "live")),
        back,
        {"run": "send_back", "with": {**back["with"], "DRY_RUN": True}},
        {"save": None},
        back,
        {"run": "send_back", "with": {**back["with"], "RESOLVE": str(chosen)}},
        back,
    ]
    told = in_qgis("edited", program=INSIDE, package=str(copy), steps=steps, kcngeo=KCNGEO)
    canary = in_qgis("home", program=INSIDE)
    names = (
        "lease",
        "correct",
        "live",
        "unsaved",
        "tried",
        "saved",
        "clashed",
        "resolved",
        "again",
    )
    said = {name: one["said"] for name, one in zip(names, told, strict=True)}
    return {**said, "home": home, "canary": canary}


def test_open_layers_are_asked_with_what_is_not_saved(sent: dict[str, Any]) -> None:
    (layer,) = sent["live"]["layers"]
    rows = [dict(zip(layer["columns"], row, strict=True)) for row in layer["rows"]]
    (zone,) = (one for one in rows if one["Zone id"] == "loc-son")
    # 76.0720 let, and 1.4700 that is let in the layer and not saved.
    assert zone["Leased (ha)"] == pytest.approx(76.0720 + 1.4700)


def test_what_is_not_saved_is_not_sent(sent: dict[str, Any]) -> None:
    assert not sent["unsaved"]["done"]
    assert "There are unsaved edits in ledger" in sent["unsaved"]["log"]
    # Trying shows it all the same.
    assert sent["tried"]["done"] or "clash" in sent["tried"]["log"]


def test_a_clash_shows_as_a_layer_and_a_list(sent: dict[str, Any]) -> None:
    clashed = sent["clashed"]
    assert clashed["done"]
    assert clashed["found"]["RECORDED"] is False
    assert "nothing was recorded" in clashed["log"]
    listed, shapes = sorted(clashed["layers"], key=lambda one: one["drawn"] is not None)
    assert shapes["drawn"] == "categorizedSymbol"
    assert len(shapes["rows"]) == 1
    assert len(listed["rows"]) == 1
    for told in (shapes, listed):
        text = " ".join(map(str, told["rows"][0]))
        assert ENTRY in text
        assert "Hers" in text
        assert HOSTILE in text
        assert not any(sent["canary"] in one for one in told["shown"])


def test_what_was_chosen_is_recorded(sent: dict[str, Any]) -> None:
    assert sent["resolved"]["found"]["RECORDED"] is True
    known = kcn.io.read_project(sent["home"]).as_known()
    entries = known.ledger.set_index("entry_id")
    assert entries.loc[ENTRY, "document"] == HOSTILE
    assert (known.ledger["parcel_id"] == FREE).sum() == 1
    account = kcn.fill.land_account(known, on=DAY).loc["loc-son"]
    assert account["leased_ha"] == pytest.approx(76.0720 + 1.4700, abs=2e-5)
    # Sent once more, there is nothing left to record.
    assert sent["again"]["done"]
    assert sent["again"]["found"]["RECORDED"] is False


def test_canaries_are_dead_in_what_is_loaded(in_qgis: Ask, tmp_path: Path) -> None:
    project = kcn.io.read_project(SAMPLE)
    tables = {
        "zones": project.zones.assign(name=HOSTILE),
        "parcels": project.parcels.assign(lot_code=HOSTILE, land_use_code=HOSTILE),
        "projects": project.projects.assign(investor=HOSTILE),
        "receptors": project.receptors.assign(name=HOSTILE),
        "ledger": project.ledger.assign(document=HOSTILE),
    }
    path = tmp_path / "[% env('HOME') %].gpkg"
    kcn.io.write_project(replace(project, **tables), path)
    given = {"PROJECT": str(path), "DAY": DAY, "OUT": str(tmp_path / "out")}
    questions = dict.fromkeys(("account", "conflicts", "check", "sites"), given)
    told = in_qgis("asked", program=INSIDE, questions=questions, kcngeo=KCNGEO)["answers"]
    canary = in_qgis("home", program=INSIDE)
    texts = [
        one for answer in told.values() for layer in answer["layers"] for one in layer["shown"]
    ]
    assert canary
    assert not any(canary in one for one in texts)
    # They came as far as they could.
    assert any("env('HOME')" in one for one in texts)
