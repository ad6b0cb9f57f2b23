"""The folder of GeoParquet: readable by others, whole or not at all, nobody's files harmed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

import kcngeo as kcn
from kcngeo import Project, io
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.io.stores import geoparquet
from kcngeo.io.stores.lock import locked
from tests import squares
from tests.stores import assert_same, filled, project


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "project.parquet"
    io.write_project(two_zones(), path)
    return path


def two_zones() -> Project:
    """Two lots in zone A, one in zone B, in turn."""
    return project(
        zones=squares.zones("A", "B"),
        parcels=squares.parcels("P1", "P2", "P3", zone=["A", "B", "A"]),
    )


def seen(path: Path) -> dict[str, bytes]:
    """Every file of a folder but the lock."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != "kcngeo.lock"
    }


def content_of(path: Path) -> Path:
    return path / json.loads((path / "kcngeo.json").read_text("utf-8"))["content"]


def test_other_programs_read_it(stored: Path) -> None:
    folder = content_of(stored)
    lots = gpd.read_parquet(folder / "parcels").sort_values("fid")
    assert lots["parcel_id"].tolist() == ["P1", "P2", "P3"]
    assert lots.crs == pyproj.CRS(squares.CRS)
    # Squares 0 to 2 of the first row; a box over the third meets it and, at the edge, the second.
    box = squares.square(2).bounds
    near = gpd.read_parquet(folder / "parcels", bbox=box)
    assert sorted(near["parcel_id"]) == ["P2", "P3"]


def test_each_zone_lies_in_a_file_of_its_own(stored: Path) -> None:
    files = sorted((content_of(stored) / "parcels").iterdir())
    assert [file.name.rpartition("-")[0] for file in files] == ["zone-A", "zone-B"]
    assert [pq.read_table(file)["parcel_id"].to_pylist() for file in files] == [
        ["P1", "P3"],
        ["P2"],
    ]
    # The entry of the lot P1 stands with zone A.
    (file,) = (content_of(stored) / "ledger").iterdir()
    assert file.name.startswith("zone-A-")
    ledger = pq.read_table(file)
    assert str(ledger.schema.field("valid_from").type) == "date32[day]"


def test_the_list_says_of_each_file_whose_it_is_and_where_and_when(tmp_path: Path) -> None:
    # P1 went from zone A to zone B in 2018; P3 has always been in B. Squares 0, 1 and 2 lie in a
    # row of 100 m each; no entry is of P3, and one of P2, which is in no zone.
    lots = squares.parcels(
        *("P1", "P1", "P3"),
        zone=["A", "B", "B"],
        valid_from=pd.to_datetime(["2015-01-01", "2018-01-01", "2015-01-01"]),
        valid_to=pd.to_datetime(["2018-01-01", None, None]),
    )
    entries = squares.ledger(
        ("P1", "leased", "2016-05-01", "2017-05-01"), ("P2", "leased", "2018-01-01")
    )
    path = tmp_path / "p.parquet"
    given = project(zones=squares.zones("A", "B"), parcels=lots, ledger=entries)
    io.write_project(given, path)
    assert_same(given, io.read_project(path))
    listed = json.loads((path / "kcngeo.json").read_text("utf-8"))["tables"]
    x, y = squares.EAST, squares.NORTH
    said = [{**entry, "hash": len(entry["hash"])} for entry in listed["parcels"].values()]
    assert said == [
        {
            "hash": 64,
            "rows": 1,
            "zones": ["B"],
            "bounds": [x + 200, y, x + 300, y + 100],
            "days": ["2015-01-01", None],
        },
        {
            "hash": 64,
            "rows": 2,
            "zones": ["A", "B"],
            "bounds": [x, y, x + 200, y + 100],
            "days": ["2015-01-01", None],
        },
    ]
    entries = [(one["zones"], one["days"]) for one in listed["ledger"].values()]
    assert entries == [([], ["2018-01-01", None]), (["A", "B"], ["2016-05-01", "2017-05-01"])]
    # Few rows that say themselves whose they are need no file each.
    (zones,) = listed["zones"].values()
    assert (zones["rows"], "zones" in zones) == (2, False)


def test_a_folder_of_format_1_is_read_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "project.parquet"
    shutil.copytree(Path(__file__).with_name("format_1.parquet"), path)
    assert_same(two_zones(), io.read_project(path))
    assert_same(two_zones().only(["B"]), io.read_project(path, zones=["B"]))
    again = io.read_project(path)
    io.write_project(again, path)
    assert json.loads((path / "kcngeo.json").read_text("utf-8"))["format"] == 2
    assert_same(again, io.read_project(path))
    assert io.read_project(path).dataset_id == again.dataset_id


def test_a_project_in_parts_is_the_project(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.parquet", tmp_path / "parts.parquet"
    # Receptors and projects are of no zone.
    given = replace(kcn.examples.squares(), receptors=None, projects=None)
    io.write_project(given, whole)
    io.write_parts((given.only([zone]) for zone in "AB"), parts)
    assert_same(given, io.read_project(parts))
    assert io.read_project(parts).dataset_id == io.read_project(whole).dataset_id
    for zones in (["A"], ["B"]):
        assert_same(io.read_project(whole, zones=zones), io.read_project(parts, zones=zones))
    before = seen(parts)
    one, other = (given.only([zone]) for zone in "AB")
    for wrong, match in (
        (given.only(["A"]), "zone A of parcels in two parts"),
        (replace(other, parcels=one.parcels.assign(zone_id="B")), "a lot in two parts"),
        (replace(other, ledger=one.ledger), "a lot in two parts"),
        (replace(other, zones=other.zones.assign(own="x")), "other columns of zones"),
    ):
        with pytest.raises(DataSourceError, match=match):
            io.write_parts([one, wrong], parts)
        assert seen(parts) == before


def test_the_description_is_that_of_geoparquet_1_1(tmp_path: Path) -> None:
    lots = squares.parcels("P1", "P2", "P3")
    shapes = [shapely.force_3d(squares.square(0), 9), shapely.Polygon(), None]
    path = tmp_path / "p.parquet"
    io.write_project(project(parcels=lots.set_geometry(shapes, crs=squares.CRS)), path)
    (file,) = (content_of(path) / "parcels").iterdir()
    table = pq.read_table(file)
    geo = json.loads(table.schema.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    column = geo["columns"]["geometry"]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Polygon", "Polygon Z"])
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 5899}
    x, y = squares.EAST, squares.NORTH
    assert column["bbox"] == [x, y, x + 100, y + 100]
    assert column["covering"]["bbox"]["ymax"] == ["bbox", "ymax"]
    boxes = table["bbox"].to_pylist()
    assert boxes == [{"xmin": x, "ymin": y, "xmax": x + 100, "ymax": y + 100}, None, None]


def test_the_same_project_gives_the_same_bytes(tmp_path: Path) -> None:
    given = Project(**{name: filled(table) for name, table in TABLES.items()})
    one, two, three = (tmp_path / name for name in ("a.parquet", "Lộc Sơn 2.parquet", "c.parquet"))
    io.write_project(given, one)
    io.write_project(given, two)
    io.write_project(io.read_project(one), three)
    assert seen(one) == seen(two) == seen(three)
    io.write_project(project(), two)
    assert seen(two) != seen(one)
    io.write_project(given, two)
    assert seen(two) == seen(one)
    assert io.content_digest(two) == io.content_digest(one)


def test_a_folder_may_have_any_name_once_it_is_a_project(stored: Path, tmp_path: Path) -> None:
    moved = tmp_path / "Dự án số 1"
    shutil.move(stored, moved)
    assert_same(two_zones(), io.read_project(moved))
    io.write_project(project(), moved)
    assert_same(project(), io.read_project(moved))


@pytest.mark.parametrize("what", ["a folder with letters", "a file", "a project with letters"])
def test_files_of_others_are_not_lost(tmp_path: Path, what: str) -> None:
    path = tmp_path / "project.parquet"
    if what == "a file":
        path.write_text("letters", encoding="utf-8")
    else:
        if "project" in what:
            io.write_project(project(), path)
        path.mkdir(exist_ok=True)
        (path / "letter.txt").write_text("letters", encoding="utf-8")
    before = seen(tmp_path)
    reason = {
        "a folder with letters": "it has no kcngeo.json",
        "a file": "it is a file",
        "a project with letters": "files of others: letter.txt",
    }
    with pytest.raises(DataSourceError, match=f"cannot be written: .*{reason[what]}"):
        io.write_project(two_zones(), path)
    assert seen(tmp_path) == before


def spoilt(change: str) -> Any:
    def spoil(path: Path) -> None:
        (file,) = (content_of(path) / "ledger").iterdir()
        listed = path / "kcngeo.json"
        if change == "cut":
            file.write_bytes(file.read_bytes()[:-9])
        elif change == "changed":
            data = bytearray(file.read_bytes())
            data[len(data) // 2] ^= 1
            file.write_bytes(data)
        elif change == "gone":
            file.unlink()
        elif change == "list cut":
            listed.write_bytes(listed.read_bytes()[:-9])
        elif change == "list empty":
            listed.write_text("[]", encoding="utf-8")
        elif change == "newer":
            text = listed.read_text("utf-8").replace('"format": 2', '"format": 3')
            listed.write_text(text, encoding="utf-8")
        elif change == "no ledger":
            content = json.loads(listed.read_text("utf-8"))
            del content["tables"]["ledger"]
            listed.write_text(json.dumps(content), encoding="utf-8")

    return spoil


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("cut", r"ledger/zone-A-\w+.parquet is damaged"),
        ("changed", r"ledger/zone-A-\w+.parquet is damaged"),
        ("gone", "No such file"),
        ("list cut", "kcngeo.json is damaged"),
        ("list empty", "kcngeo.json is damaged"),
        ("newer", "a newer kcngeo may read it"),
        ("no ledger", "it has no table ledger"),
    ],
)
def test_what_is_damaged_is_not_read(stored: Path, change: str, reason: str) -> None:
    spoilt(change)(stored)
    before = seen(stored)
    with pytest.raises(DataSourceError, match=reason):
        io.read_project(stored)
    assert seen(stored) == before


@pytest.mark.parametrize(
    ("name", "match"),
    [("../x.parquet", "kcngeo.json is damaged"), ("a" * 3000, "too long"), ("a\0b", "null byte")],
)
def test_a_list_that_names_no_file_of_the_folder(stored: Path, name: str, match: str) -> None:
    # The long name was found by the fuzzer.
    (stored.parent / "x.parquet").write_bytes(b"PAR1")
    contents = json.loads((stored / "kcngeo.json").read_text("utf-8"))
    contents["tables"]["ledger"] = {name: {"hash": "0"}}
    (stored / "kcngeo.json").write_text(json.dumps(contents), encoding="utf-8")
    with pytest.raises(DataSourceError, match=match):
        io.read_project(stored)


def test_where_there_is_no_folder_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(DataSourceError, match="no folder"):
        io.write_project(project(), tmp_path / "no" / "project.parquet")
    with pytest.raises(DataSourceError, match="there is no such folder"):
        io.read_project(tmp_path / "project.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("exists", [True, False])
def test_a_write_that_fails_half_way_leaves_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, *, exists: bool
) -> None:
    path = tmp_path / "project.parquet"
    if exists:
        io.write_project(two_zones(), path)
    before = seen(tmp_path)
    write = Path.write_bytes

    def fail(target: Path, data: bytes) -> None:
        if target.parent.name == "ledger":
            raise error
        write(target, data)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises((DataSourceError, KeyboardInterrupt)):
        io.write_project(project(), path)
    assert seen(tmp_path) == before
    assert path.exists() is exists


def test_a_second_writer_is_refused(stored: Path) -> None:
    before = seen(stored)
    with (
        locked(stored / "kcngeo.lock"),
        pytest.raises(DataSourceError, match="another program is writing it; try again"),
    ):
        io.write_project(project(), stored)
    assert seen(stored) == before
    io.write_project(project(), stored)


def test_a_reader_that_loses_its_files_to_a_writer_reads_the_new_project(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, told = geoparquet.read_files, []

    def read_and_write(path: Path, contract: Any, files: Any) -> pd.DataFrame:
        if not told:
            told.append(contract.name)
            io.write_project(project(), stored)
        return read(path, contract, files)

    monkeypatch.setattr(geoparquet, "read_files", read_and_write)
    assert_same(project(), io.read_project(stored))
