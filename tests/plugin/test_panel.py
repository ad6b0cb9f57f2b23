"""The panel in a window of QGIS that nobody sees."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

import kcngeo as kcn
from tests.plugin.test_steps import SPLIT, across, taken

INSIDE = Path(__file__).with_name("inside.py")
KCNGEO = str(Path(sys.executable).with_name("kcngeo"))
STEPS = {"split", "merge", "lease", "hand_back", "correct", "undo", "save", "try", "send_back"}
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def used(in_qgis: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One who uses it."""
    _, copy = taken(tmp_path_factory.mktemp("panel"))
    hostile = copy.rename(copy.with_name("[% 6 * 7 %] <b>x<b>.gpkg"))
    line = shapely.from_wkt(across(kcn.io.read_project(hostile), SPLIT))
    cut = shapely.get_coordinates(line).tolist()
    return in_qgis("panel", program=INSIDE, package=str(hostile), kcngeo=KCNGEO, cut=cut)


def test_steps_wait_for_a_package(used: Any) -> None:
    (none, before), (name, after) = used["empty"], used["open"]
    assert none.startswith("none is open")
    assert {key for key, (_, is_enabled) in before.items() if not is_enabled} == STEPS
    assert all(is_enabled for _, is_enabled in after.values())
    # A name of a file is a name, whatever it looks like.
    assert name == "[% 6 * 7 %] <b>x<b>.gpkg"
    assert used["formats"] == [0]


def test_it_says_where_kcngeo_is(used: Any) -> None:
    assert used["found"] == f"kcngeo {kcn.__version__}: {KCNGEO}"


def test_buttons_open_dialogs_with_the_day(used: Any) -> None:
    assert used["dialogs"] == [
        ["account", ["DAY"]],
        ["lease", ["DAY"]],
        ["send_back", ["DRY_RUN"]],
        ["send_back", ["DRY_RUN"]],
    ]


def test_a_line_is_drawn_and_cuts(used: Any) -> None:
    assert used["line"].startswith("LineString")
    assert used["split"][0], used["split"][1]
    assert used["split"][2]


def test_undo_takes_back_the_step_and_what_came_after_it(used: Any) -> None:
    said, is_as_before = used["undone"]
    assert f"kcngeo: Split lot {SPLIT}-1, {SPLIT}-2" in said
    assert is_as_before
    assert used["nothing"] == "There is no step to undo."
    # What was edited by hand on top of a step goes with it, and comes again with it.
    assert used["with_later"] == [True, True, True]


def test_saving_saves_every_table_and_ends_what_can_be_undone(used: Any) -> None:
    said, modified, title = used["saved"]
    assert said == "All tables are saved."
    assert not any(modified)
    assert title is None


def test_it_speaks_both_languages_and_goes_without_a_trace(used: Any) -> None:
    assert used["open"][1]["split"][0] == "Split lot"
    assert used["vi"]["split"] == ["Tách lô", True]
    assert all(used["vi"][key][0] != words for key, (words, _) in used["open"][1].items())
    assert {"addPluginToMenu", "removePluginMenu"} <= set(used["asked"])
    assert used["asked"].count("addToolBarIcon") == used["asked"].count("removeToolBarIcon")
