"""Steps in a real QGIS: one undo takes each back in both tables, and they come home by update."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import kcngeo as kcn

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "parcels" / "two_zones.gpkg"
INSIDE = Path(__file__).with_name("inside.py")
DAY = "2018-03-31"
HOSTILE = "[% env('HOME') %] <b>Chè</b>'); DROP TABLE parcels; --"
# Of one lot let whole, one that is free, one let whole and handed back.
SPLIT, FREE, BACK = "LS-CN04-04", "LS-KT01-08", "LS-CN10-07"

Ask = Callable[..., Any]


def across(project: kcn.Project, lot: str) -> str:
    """Draw a line across a lot, through its middle and square to its first side."""
    shape = project.as_known().parcels.set_index("parcel_id").geometry[lot]
    middle = shapely.get_coordinates(shape.centroid)[0]
    first, second = shapely.get_coordinates(shape)[:2]
    along = (second - first) / np.hypot(*(second - first))
    side = 300 * np.array([-along[1], along[0]])
    return shapely.LineString([middle - side, middle + side]).wkt


def taken(folder: Path) -> tuple[Path, Path]:
    """Make a project and a copy of it that leaves."""
    home, copy = folder / "home.gpkg", folder / "copy.gpkg"
    kcn.io.write_project(kcn.io.read_project(SAMPLE), home)
    kcn.io.write_project(kcn.io.read_project(home), copy)
    return home, copy


def step(name: str, day: str, **more: Any) -> dict[str, Any]:
    return {"run": name, "with": {"DAY": day, **more}}


@pytest.fixture(scope="module")
def done(in_qgis: Ask, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is refused, then a week of edits, each undone and done again, saved, sent home."""
    folder = tmp_path_factory.mktemp("edited")
    home, copy = taken(folder)
    stored = kcn.io.read_project(home)
    line = across(stored, SPLIT)
    wrong = [
        {"state": None},
        step("lease", "2018-03-10", LOT=SPLIT),
        step("split", "2018-03-05", LOT=SPLIT, LINE="LineString (0 0, 10 10)"),
        step("split", "2018-03-05", LOT=SPLIT, LINE=line, CHILDREN=f"{FREE}, new"),
        step("split", "1990-01-01", LOT=SPLIT, LINE=line),
        step("merge", "2018-03-05", LOTS=f"{SPLIT}, {FREE}", NEW="M"),
        step("hand_back", "2018-03-20", LOT=FREE),
        step("lease", "2018-03-10", LOT="nowhere' OR 1=1 --"),
        step("lease", "2018-03-10", LOT=FREE, PROJECT_ID="DA-901"),
        step("correct", DAY),
    ]
    steps = [
        {"state": None},
        step("split", "2018-03-05", LOT=SPLIT, LINE=line),
        {"undo": "parcels"},
        {"redo": "ledger"},
        step(
            "lease", "2018-03-10", LOT=FREE, PROJECT_ID="DA-900", INVESTOR=HOSTILE, DOCUMENT=HOSTILE
        ),
        {"undo": "ledger"},
        {"redo": "projects"},
        {"select": BACK},
        step("hand_back", "2018-03-20"),
        {"undo": "ledger"},
        {"redo": "ledger"},
        step("merge", "2018-03-25", LOTS=f"{SPLIT}-2, {SPLIT}-1", NEW="LS-CN04-04M"),
        {"undo": "ledger"},
        {"redo": "parcels"},
        step("correct", DAY, LOT="LS-CN04-02", CERTIFICATE_NO="CT 1", ENTRY="S-0240", DOCUMENT="A"),
        {"undo": "parcels"},
        {"redo": "parcels"},
        {"save": None},
    ]
    every = [*wrong, *steps]
    given = {"package": str(copy), "steps": every, "kcngeo": "", "is_narrowed": True}
    all_told = in_qgis("edited", program=INSIDE, **given)
    refused, told = all_told[: len(wrong)], all_told[len(wrong) :]
    made = kcn.update.record(home, kcn.io.read_project(copy), recorded_at="2026-06-01")
    made_of = {"told": told, "refused": refused, "steps": steps}
    return {**made_of, "made": made, "before": stored, "home": home}


def test_every_step_is_one_undo_of_all_tables(done: dict[str, Any]) -> None:
    told, steps = done["told"], done["steps"]
    runs = [place for place, one in enumerate(steps) if "run" in one]
    assert len(runs) == 5
    for place in runs:
        assert told[place]["said"]["done"], told[place]["said"]["log"]
        before, after = told[place - 1]["state"], told[place]["state"]
        assert before != after
        assert told[place + 1]["state"] == before
        assert told[place + 2]["state"] == after
    for saved, errors in told[-1]["said"]:
        assert saved, errors


def test_the_edits_come_home_with_their_lineage(done: dict[str, Any]) -> None:
    assert done["made"].written
    assert len(done["made"].clashes) == 0
    known = kcn.io.read_project(done["home"]).as_known()
    lots = known.parcels.set_index("parcel_id")
    pieces = [f"{SPLIT}-1", f"{SPLIT}-2"]
    assert str(lots.loc[SPLIT, "valid_to"].date()) == "2018-03-05"
    assert list(lots.loc[pieces, "parents"]) == [SPLIT, SPLIT]
    assert {str(one.date()) for one in lots.loc[pieces, "valid_from"]} == {"2018-03-05"}
    assert lots.loc["LS-CN04-04M", "parents"] == "|".join(pieces)
    # A cut through the middle of 1.2030 ha, and the two halves together again.
    areas = lots.geometry.area / 1e4
    assert areas[pieces].tolist() == pytest.approx([0.6015, 0.6015], abs=1e-3)
    assert areas["LS-CN04-04M"] == pytest.approx(areas[SPLIT], abs=1e-7)
    assert lots.loc["LS-CN04-02", "certificate_no"] == "CT 1"
    entries = known.ledger.set_index("entry_id")
    assert str(entries.loc["S-0298", "valid_to"].date()) == "2018-03-05"
    carried = entries[entries["parcel_id"].isin([*pieces, "LS-CN04-04M"])]
    assert list(carried["project_id"]) == ["DA-008"] * 3
    assert carried["part_area_ha"].isna().all()
    assert str(entries.loc["S-0311", "valid_to"].date()) == "2018-03-20"
    assert entries.loc["S-0240", "document"] == "A"
    assert known.projects.set_index("project_id").loc["DA-900", "investor"] == HOSTILE


def test_the_account_after_them_is_counted_by_hand(done: dict[str, Any]) -> None:
    now = kcn.io.read_project(done["home"])
    account = kcn.fill.land_account(now, on=DAY).loc["loc-son"]
    # 76.0720 let, and 1.4700 of LS-KT01-08, less 1.3720 of LS-CN10-07; a split and a merge move
    # nothing.
    assert account["leased_ha"] == pytest.approx(76.0720 + 1.4700 - 1.3720, abs=2e-5)
    was = kcn.fill.land_account(done["before"], on=DAY).loc["loc-son"]
    assert account["base_ha"] == pytest.approx(was["base_ha"], abs=1e-6)
    # As known before the update nothing has moved.
    earlier = kcn.fill.land_account(now.as_known("2026-05-01"), on=DAY).loc["loc-son"]
    assert earlier["leased_ha"] == was["leased_ha"]


def test_what_is_refused_leaves_nothing_behind(done: dict[str, Any]) -> None:
    first, *others = done["refused"]
    reasons = [
        "is held: entry S-0298",
        "does not cut lot",
        f"taken, or given twice: {FREE}",
        "does not hold on 1990-01-01",
        "not all held alike",
        "Nobody holds lot",
        "There is no lot nowhere' OR 1=1 --",
        "There is no project DA-901",
        "Nothing was said",
    ]
    for one, reason in zip(others, reasons, strict=True):
        assert not one["said"]["done"]
        assert reason in one["said"]["log"]
        assert (one["state"], one["stacks"]) == (first["state"], first["stacks"])
