"""Rules of distances that go by the level of pollution risk: of an emitter, or of its project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.report.distances import distance_tables
from kcngeo.standards import Registry, StandardError, registry

ON = "2018-03-31"
OWN = """
[buffer.own-levels]
title = { vi = "Khoảng cách theo mức", en = "Distance by level" }
emitters = ["point", "parcel"]
receptors = ["housing"]
distances = [
    { pollution_level = "large", distance_m = 400 },
    { pollution_level = "medium", distance_m = 200 },
]
edition = "own"
in_force_from = 2017-01-01
in_force_to = "open"
checked_on = 2026-11-28
source = "A rule of this test"
verified = "unverified"
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    path: Path = tmp_path_factory.mktemp("own") / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return registry(path)


def own_rule(rules: Registry) -> list[Any]:
    return [rules.load("own-levels")]


def stacks(*levels: str | None, **columns: Any) -> gpd.GeoDataFrame:
    """Stacks 150 m from the homes of the squares, each of a level."""
    base = kcn.examples.squares().emitters
    assert base is not None
    ids = [f"S{place}" for place in range(len(levels))]
    shapes = [base.geometry.iloc[0]] * len(levels)
    data = {"emitter_id": ids, "kind": "point", "pollution_level": pd.array(levels, dtype="str")}
    return gpd.GeoDataFrame({**data, **columns}, geometry=shapes, crs=base.crs)


def test_each_level_has_its_distance_and_what_has_none_is_told(rules: Registry) -> None:
    receptors = kcn.examples.squares().receptors
    ours = stacks("large", "medium", "small", None)
    found = kcn.conflicts.buffer_conflicts(ours, receptors, rules=own_rule(rules), on=ON)
    told = found.set_index("emitter_id")
    # 150 m from the homes: 250 m too near for the large, 50 m for the medium.
    assert told.loc[["S0", "S1"], ["required_m", "margin_m"]].to_numpy().tolist() == [
        [400.0, -250.0],
        [200.0, -50.0],
    ]
    assert told.loc[["S2", "S3"], "why_unrated"].tolist() == ["level_unknown", "pollution_level"]
    noticed = kcn.conflicts.findings(ours, receptors, rules=own_rule(rules), on=ON)
    by_rule = {one.rule: one.ids for one in noticed}
    assert by_rule["emitter_level_unknown"] == ("S2",)
    assert by_rule["emitter_pollution_level"] == ("S3",)


def test_rules_of_the_registry_do_not_ask_the_level() -> None:
    base = kcn.examples.squares()
    assert base.emitters is not None
    written = base.emitters.assign(pollution_level="large")
    asked: dict[str, Any] = {"rules": kcn.standards.buffer_rules(), "on": ON, "zones": base.zones}
    one, other = (
        kcn.conflicts.buffer_conflicts(some, base.receptors, **asked)
        for some in (base.emitters, written)
    )
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def test_a_lot_has_the_worst_level_of_the_projects_it_is_let_to() -> None:
    """P2 holds half of A-2 and, from then on, P4 the other half; P1 holds A-1."""
    base = kcn.examples.squares()
    assert base.projects is not None
    more = base.ledger.iloc[[1]].assign(entry_id="E9", project_id="P4")
    project = replace(
        base,
        projects=base.projects.assign(
            pollution_level=pd.array([None, "small", None, "medium"], "str")
        ),
        ledger=pd.concat([base.ledger, more], ignore_index=True),
        emitters=stacks(None, "large", None, None, parcel_id=["A-2", "A-2", "A-1", "A-9"]),
    )
    made = distance_tables(project.as_known(), on=ON).table("emitters")
    levels = made["pollution_level"].astype(object).where(lambda one: one.notna(), None)
    # The worse of the two; its own; of a project without one; of a lot nobody holds.
    assert levels.tolist() == ["medium", "large", None, None]
    # The day before they were let nobody stood there.
    before = distance_tables(project.as_known(), on="2015-12-31").table("emitters")
    assert before["pollution_level"].isna().tolist() == [True, False, True, True]


def test_the_product_rates_by_the_projects_level(rules: Registry) -> None:
    base = kcn.examples.squares()
    assert base.projects is not None
    lot = {"kind": "point", "parcel_id": ["A-1"], "hazard_class": None}
    project = replace(
        base,
        projects=base.projects.assign(pollution_level=pd.array(["large", None, None, None], "str")),
        emitters=stacks(None, **lot),
    )
    made = kcn.products.conflicts(project, on=ON, rules=rules)
    near = made.tables["conflicts"]
    row = near[near["rule_id"] == "own-levels"].iloc[0]
    assert (row["required_m"], row["distance_m"]) == (400.0, 150.0)


def test_a_column_of_levels_keeps_to_its_list() -> None:
    base = kcn.examples.squares()
    assert base.projects is not None
    wrong = replace(base, projects=base.projects.assign(pollution_level="huge"))
    found = kcn.quality.check(wrong, on=ON)
    rows = [
        one.finding
        for one in found.noticed
        if one.finding.fields.get("column") == "pollution_level"
    ]
    assert [one.rule for one in rows] == ["not_in_list"]


@pytest.mark.parametrize(
    "bands",
    [
        '{ pollution_level = "large", distance_m = 400 }, { distance_m = 200 }',
        '{ pollution_level = "large", distance_m = 4 }, { hazard_class = "I", distance_m = 2 }',
        ", ".join(['{ pollution_level = "small", distance_m = 4 }'] * 2),
        '{ pollution_level = "huge", distance_m = 4 }',
    ],
)
def test_bands_by_level_are_checked(bands: str, tmp_path: Path) -> None:
    head, tail = OWN.split("distances = [")
    text = f"{head}distances = [{bands}]\nedition{tail.split('edition', 1)[1]}"
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(kcn.errors.KcngeoError, match="own-levels"):
        registry(tmp_path / "own.toml")


def test_a_band_of_code_is_checked_too() -> None:
    rule = kcn.standards.load("tcvn4449-1987")
    mixed = (*rule.distances, kcn.standards.Band(distance_m=1.0, pollution_level="small"))
    with pytest.raises(StandardError, match="some bands go by class"):
        replace(rule, distances=mixed)
