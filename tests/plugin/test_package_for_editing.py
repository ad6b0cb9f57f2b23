"""The project that `kcngeo qgis` makes to be edited, and what of QGIS the plugin asks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kcngeo as kcn
from tests.plugin.test_steps import BACK, DAY, FREE, SAMPLE, SPLIT, across, step

INSIDE = Path(__file__).with_name("inside.py")
KCNGEO = str(Path(sys.executable).with_name("kcngeo"))
pytestmark = pytest.mark.long


def test_a_year_of_steps_in_the_project_for_editing(
    in_qgis: Callable[..., Any], tmp_path: Path
) -> None:
    home = tmp_path / "home.gpkg"
    kcn.io.write_project(kcn.io.read_project(SAMPLE), home)
    stored = kcn.io.read_project(home)
    made = kcn.qgis.write_package(stored, tmp_path / "package", on=DAY, language="en")
    steps = [
        {"state": None},
        step("split", "2018-03-05", LOT=SPLIT, LINE=across(stored, SPLIT)),
        {"undo": "ledger"},
        {"redo": "ledger"},
        step("lease", "2018-03-10", LOT=FREE, PROJECT_ID="DA-900", INVESTOR="New"),
        {"undo": "parcels"},  # it is no part of the lease: the split goes, and comes again
        {"redo": "parcels"},
        step("hand_back", "2018-03-20", LOT=BACK),
        {"save": None},
        {"run": "send_back", "with": {"PROJECT": str(home), "OUT": str(tmp_path / "out")}},
    ]
    told = in_qgis("edited", program=INSIDE, package=str(made.qgz), steps=steps, kcngeo=KCNGEO)
    for one in told:
        if isinstance(one["said"], dict):
            assert one["said"]["done"], one["said"]["log"]
    first, split, undone, again = (one["state"] for one in told[:4])
    assert first == undone != split == again
    assert told[-1]["said"]["found"]["RECORDED"] is True
    now = kcn.io.read_project(home)
    account = kcn.fill.land_account(now, on=DAY).loc["loc-son"]
    # 76.0720 let, and 1.4700 of LS-KT01-08, less 1.3720 of LS-CN10-07.
    assert account["leased_ha"] == pytest.approx(76.0720 + 1.4700 - 1.3720, abs=2e-5)
    lots = now.as_known().parcels.set_index("parcel_id")
    assert list(lots.loc[[f"{SPLIT}-1", f"{SPLIT}-2"], "parents"]) == [SPLIT, SPLIT]


def test_only_what_the_oldest_qgis_has_is_asked(in_qgis: Callable[..., Any]) -> None:
    # What is asked for metadata is the registry of providers, which always had them.
    assert in_qgis("newer", program=INSIDE, than=34) == ["QgsVectorLayer.providerMetadata 3.40"]
    # Groups of results came with 3.32.
    before = in_qgis("newer", program=INSIDE, than=31)
    assert any(one.endswith("3.32") for one in before), before
