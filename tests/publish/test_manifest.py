"""The manifest proves what was made, and refutes whatever was changed since."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from kcngeo import Project, io, products, publish
from kcngeo.core.errors import DataSourceError
from kcngeo.publish.digests import table_digest
from kcngeo.publish.manifest import read_manifest
from kcngeo.standards import fill_definitions
from tests import squares

# Pages and PDFs take their time and have tests of their own.
QUICK = ("map", "tables")
KNOWN = "2018-02-01T00:00:00Z"


def project() -> Project:
    parcels = squares.parcels("A1", "A2", geometry_source="synthetic")
    return Project(
        zones=squares.zones("A"),
        parcels=parcels,
        ledger=squares.ledger(("A1", "leased", "2018-01-01"), recorded_at=KNOWN),
    )


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chỗ") / "Dự án.gpkg"
    io.write_project(project(), path)
    return path


@pytest.fixture(scope="module")
def published(stored: Path) -> Path:
    made = products.month(io.read_project(stored), month="2018-03")
    return made.write(stored.with_name("month"), inputs=[stored], parts=QUICK)


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(published, tmp_path / "month")


@pytest.fixture
def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def test_it_says_what_the_month_was_made_from(manifest: dict[str, Any], stored: Path) -> None:
    # Of the tables, not of the bytes, which a publication changes.
    digest = io.content_digest(stored)
    assert manifest["inputs"] == {"Dự án.gpkg": digest}
    assert set(manifest["input_tables"]) == {"zones", "parcels", "ledger"}
    assert (manifest["product"], manifest["language"]) == ("month", "vi")
    assert manifest["options"] == {"month": "2018-03", "area": "grid", "edition": "full"}
    facts = {
        name: manifest["facts"][name] for name in ("month", "on", "series_start", "definition")
    }
    assert facts == {
        "month": "2018-03",
        "on": "2018-03-31",
        "series_start": "2018-01-31",
        "definition": "nd164-2013",
    }
    assert manifest["moment"] == "2018-02-01T00:00:00+00:00"
    assert manifest["synthetic_geometry"] is True
    assert manifest["not_computable"] == {}


def test_it_names_the_operation_the_rules_and_the_versions(manifest: dict[str, Any]) -> None:
    # The one operation for the whole country, which QGIS uses too (EPSG registry).
    assert manifest["crs"]["source"] == "EPSG:5899"
    assert "EPSG:6960" in manifest["crs"]["codes"]
    assert manifest["rules"] == {
        one.name: {"verified": str(one.verified), "origin": "kcngeo", "source": one.source}
        for one in fill_definitions()
    }
    assert {"kcngeo", "python", "PROJ", "GEOS", "GDAL"} <= set(manifest["versions"])


def test_it_lists_the_findings_by_their_rules(manifest: dict[str, Any]) -> None:
    assert [(one["rule"], one["severity"]) for one in manifest["findings"]] == [
        ("leased_without_project", "warning"),
        ("never_mentioned", "warning"),
    ]
    first = manifest["findings"][1]["message"]
    assert first == "the ledger never mentions A2; counted as available."


def test_it_holds_no_clock_and_no_path(published: Path) -> None:
    text = (published / "manifest.json").read_text("utf-8")
    assert str(published.parent) not in text
    assert published.parent.name not in text
    assert str(Path.home()) not in text
    # The month, the first month, what was known; the entry of a finding is told as people say it.
    assert "A1 leased 1 Jan 2018–…" in text
    dates = {"2018-03-31", "2018-01-31", "2018-02-01"}
    assert set(re.findall(r"20\d\d-\d\d-\d\d", text)) == dates


def test_it_holds_the_hash_of_every_other_file(folder: Path, manifest: dict[str, Any]) -> None:
    assert manifest["outputs"] == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }


# Verification


def test_what_was_made_is_proved(folder: Path) -> None:
    assert publish.changed_files(folder) == []
    assert publish.changed_files(str(folder)) == []


def test_a_changed_manifest_is_refuted(folder: Path, manifest: dict[str, Any]) -> None:
    path = folder / "manifest.json"
    for changed in ({"moment": None}, {"options": {"month": "2018-04"}}, {"findings": []}):
        path.write_text(json.dumps({**manifest, **changed}), encoding="utf-8")
        assert publish.changed_files(folder) == ["changed manifest.json"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert publish.changed_files(folder) == []


@pytest.mark.parametrize("name", ["accounts.csv", "series.csv", "map.html"])
def test_every_changed_byte_and_missing_file_is_refuted(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    for place in (0, len(whole) // 2, -1):
        data = bytearray(whole)
        data[place] ^= 1
        (folder / name).write_bytes(data)
        assert publish.changed_files(folder) == [f"changed {name}"]
    (folder / name).write_bytes(whole + b"\n")
    assert publish.changed_files(folder) == [f"changed {name}"]
    (folder / name).unlink()
    assert publish.changed_files(folder) == [f"missing {name}"]
    (folder / name).mkdir()
    assert publish.changed_files(folder) == [f"missing {name}"]


@pytest.mark.parametrize("name", ["notes.txt", "figures/rate.png", ".DS_Store"])
def test_a_file_too_many_is_refuted(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"")
    assert publish.changed_files(folder) == [f"unknown {name}"]


def test_all_differences_are_told(folder: Path) -> None:
    (folder / "map.html").unlink()
    (folder / "series.csv").write_bytes(b"")
    (folder / "a").write_bytes(b"")
    told = ["changed series.csv", "missing map.html", "unknown a"]
    assert sorted(publish.changed_files(folder)) == sorted(told)
    assert set(told) <= {one.code for one in publish.verify(folder).differences}


def again(given: Project) -> publish.Bundle:
    return products.month(given, month="2018-03")


def test_the_same_project_computed_anew_agrees(folder: Path) -> None:
    verdict = publish.verify(folder, remade=again(project()))
    assert verdict.differences == ()
    assert set(verdict.proved or ()) == set(read_manifest(folder)["outputs"])


def test_another_content_is_refuted_table_by_table(folder: Path) -> None:
    given = project()
    # 1 m² more is let.
    let = ("A2", "leased", "2018-03-31", None, 1e-4)
    more = squares.ledger(("A1", "leased", "2018-01-01"), let)
    changed = Project(zones=given.zones, parcels=given.parcels, ledger=more)
    told = {one.code for one in publish.verify(folder, remade=again(changed)).differences}
    # What is let moves rates and their causes; the law and its sources stay.
    assert {f"content {name}" for name in ("accounts", "causes", "changes", "series")} <= told
    assert "content definitions" not in told


BROKEN = [
    "",
    "no json",
    "[]",
    "null",
    "{}",
    '{"outputs": []}',
    '{"outputs": null}',
    '{"outputs": {}, "tables": {}}',
    "[" * 100_000,
]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_manifest_is_an_error_and_no_verdict(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataSourceError, match="not a readable manifest"):
        publish.changed_files(folder)


@pytest.mark.parametrize(
    "name", ["outputs", "tables", "product", "options", "moment", "language", "facts", "digest"]
)
def test_a_manifest_must_have_what_verification_needs(
    folder: Path, manifest: dict[str, Any], name: str
) -> None:
    for changed in ({**manifest, name: 7}, {key: manifest[key] for key in manifest if key != name}):
        (folder / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(DataSourceError, match=f"it has no {name}"):
            read_manifest(folder)


def test_a_manifest_in_another_encoding_is_an_error(folder: Path) -> None:
    (folder / "manifest.json").write_bytes("{}".encode("utf-16"))
    with pytest.raises(DataSourceError, match="not a readable manifest"):
        publish.changed_files(folder)


@pytest.mark.parametrize("name", ["no folder", "month/map.html"])
def test_what_is_no_folder_of_a_month_is_an_error(folder: Path, name: str) -> None:
    with pytest.raises(DataSourceError, match="not a readable manifest"):
        publish.changed_files(folder.parent / name)


# Digests


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    return squares.parcels(
        *("P1", "P2", "P3"),
        area_ha=[1.0, np.nan, 3.25],
        day=pd.to_datetime(["2018-01-01", None, "2019-01-01"]),
        flag=pd.array([True, None, False], dtype="boolean"),
        count=pd.array([1, None, 3], dtype="Int64"),
    )


def test_a_digest_does_not_depend_on_order_or_labels(
    frame: gpd.GeoDataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = table_digest(frame)
    assert table_digest(frame.iloc[[2, 0, 1]]) == same
    assert table_digest(frame[frame.columns[::-1]]) == same
    assert table_digest(frame.set_index(pd.Index(["x", "y", "z"]))) == same
    assert table_digest(frame.assign(day=frame["day"].astype("datetime64[ns]"))) == same
    # Nor on how many rows stand in memory at once.
    monkeypatch.setattr("kcngeo.publish.digests._AT_ONCE", 2)
    assert table_digest(frame) == same


def test_a_digest_follows_every_value(frame: gpd.GeoDataFrame) -> None:
    changes: list[Any] = [
        frame.assign(parcel_id=["P1", "P2", "P4"]),
        frame.assign(area_ha=[1.0, 0.0, 3.25]),
        frame.assign(area_ha=[1.00000000001, np.nan, 3.25]),
        frame.assign(day=pd.to_datetime(["2018-01-02", None, "2019-01-01"])),
        frame.assign(flag=pd.array([True, False, False], dtype="boolean")),
        frame.assign(count=pd.array([1, 0, 3], dtype="Int64")),
        frame.assign(more=1),
        frame.rename(columns={"count": "counts"}),
        frame.iloc[:2],
        pd.concat([frame, frame.iloc[:1]]),
        frame.set_geometry(frame.geometry.translate(0.001), crs=frame.crs),
        # Two values that change places.
        frame.assign(parcel_id=["P2", "P1", "P3"]),
    ]
    digests = {table_digest(one) for one in changes}
    assert len(digests) == len(changes)
    assert table_digest(frame) not in digests


def test_a_digest_does_not_follow_the_last_bits_of_a_sum(frame: gpd.GeoDataFrame) -> None:
    # 0.1 + 0.2 is 0.30000000000000004.
    one, two = frame.assign(area_ha=0.1 + 0.2), frame.assign(area_ha=0.3)
    assert table_digest(one) == table_digest(two)


def test_cells_cannot_pass_for_each_other() -> None:
    joined = pd.DataFrame({"a": ["x"], "b": ["y\x1fz"]})
    split = pd.DataFrame({"a": ["x\x1fy"], "b": ["z"]})
    assert table_digest(joined) != table_digest(split)
    assert table_digest(pd.DataFrame({"a": [""]})) != table_digest(pd.DataFrame({"a": [None]}))
