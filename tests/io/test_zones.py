"""A project read zone by zone: the parts are the whole, and say of their zones what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shapely.affinity import translate

import kcngeo as kcn
from kcngeo import Project
from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores import geoparquet
from kcngeo.standards import registry

ROOT = Path(__file__).resolve().parents[2]
ON = "2018-03-31"
LONGEST_M = max(one.longest_m for one in registry().buffer_rules())


GPKG = pytest.param("gpkg", marks=pytest.mark.long)


@pytest.fixture(scope="module", params=[GPKG, "parquet"])
def stored(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    sample = ROOT / "data/parcels/two_zones.gpkg"
    if request.param == "gpkg":
        return sample
    folder = tmp_path_factory.mktemp("project") / "two_zones.parquet"
    kcn.io.write_project(kcn.io.read_project(sample), folder)
    return folder


def one_by_one(stored: Path) -> tuple[Project, dict[str, Project]]:
    whole = kcn.io.read_project(stored)
    return whole, {one: kcn.io.read_project(stored, zones=[one]) for one in whole.zones["zone_id"]}


def test_the_parts_together_are_the_whole(stored: Path):
    whole, parts = one_by_one(stored)
    for name, frame in whole.tables():
        rows = pd.concat([pd.DataFrame(getattr(one, name)) for one in parts.values()])
        if "zone_id" in frame.columns or "parcel_id" in frame.columns:
            key = list(frame.columns.drop("geometry", errors="ignore"))
            # Whatever is of no zone may be in several parts, or in none.
            owned, there = (
                one[one["zone_id"].notna()] if "zone_id" in one.columns else one
                for one in (rows, pd.DataFrame(frame))
            )
            said, expected = (
                sorted(map(tuple, one[key].astype(str).to_numpy())) for one in (owned, there)
            )
            assert said == expected, name


def test_a_part_says_of_its_zones_what_the_whole_says(stored: Path):
    whole, parts = one_by_one(stored)
    options = {"start": "2016-12-31", "end": ON}
    series = kcn.fill.fill_series(whole, **options)
    land = kcn.developable.developable_land(whole, on=ON).totals
    # The others were only planned then.
    assert set(series.index.get_level_values("zone_id")) == {"loc-son", "phu-hoi"}
    for zone_id, one in parts.items():
        expected = series[series.index.get_level_values("zone_id") == zone_id]
        said = kcn.fill.fill_series(one, **options)
        pd.testing.assert_frame_equal(said, expected, check_index_type=len(expected) > 0)
        mine = kcn.developable.developable_land(one, on=ON).totals
        pd.testing.assert_frame_equal(mine, land[land.index == zone_id])


def test_a_folder_opens_no_file_of_other_zones(tmp_path: Path, monkeypatch: Any):
    kcn.io.write_project(kcn.examples.squares(), tmp_path / "squares.parquet")
    opened: list[str] = []
    read_file = geoparquet._read_file

    def noted(path: Path, name: str, digest: str) -> Any:
        opened.append(name.partition("/")[2])
        return read_file(path, name, digest)

    monkeypatch.setattr(geoparquet, "_read_file", noted)
    part = kcn.io.read_project(tmp_path / "squares.parquet", zones=["B"])
    assert [one.rpartition("-")[0] for one in opened if one.startswith(("parcels", "ledger"))] == [
        *("parcels/zone-B", "ledger/zone-B")
    ]
    assert sorted(part.parcels["parcel_id"]) == ["B-1", "B-2", "B-3"]
    assert set(part.ledger["parcel_id"]) <= set(part.parcels["parcel_id"])
    assert part.dataset_id == kcn.io.read_project(tmp_path / "squares.parquet").dataset_id


@pytest.mark.parametrize(("beyond_m", "is_read"), [(-1.0, True), (0.0, True), (1.0, False)])
def test_receptors_are_read_within_the_longest_distance(
    tmp_path: Path, beyond_m: float, is_read: bool
):
    whole = kcn.examples.squares().only(["B"])
    whole = replace(whole, emitters=None, receptors=whole.receptors.iloc[:1])
    shapes = pd.concat([whole.zones.geometry, whole.parcels.geometry])
    east = max(shapes.bounds["maxx"].max(), whole.works.bounds["maxx"].max())
    shape = whole.receptors.geometry.iloc[0]
    away = east + LONGEST_M + beyond_m - shape.bounds[0]
    south = whole.zones.bounds["miny"].iloc[0] - shape.bounds[1]
    whole.receptors.geometry = [translate(shape, away, south)]
    kcn.io.write_project(whole, tmp_path / "b.parquet")
    assert len(kcn.io.read_project(tmp_path / "b.parquet", zones=["B"]).receptors) == is_read


def test_a_zone_that_is_not_there_is_named(stored: Path):
    with pytest.raises(DataSourceError, match="has no zone elsewhere"):
        kcn.io.read_project(stored, zones=["elsewhere"])
