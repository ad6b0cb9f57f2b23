"""What a copy says of itself: of which project it is, and what it was when it left."""

from __future__ import annotations

import json
import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import kcngeo as kcn
from kcngeo import Project, cli, io, ledger, update
from kcngeo.core.errors import DataSourceError, KcngeoError
from tests import squares
from tests.update.test_merge import documents, project, stored

STORES = ["p.gpkg", "p.parquet"]


def label(path: Path) -> dict[str, object]:
    if path.is_dir():
        told = json.loads((path / "kcngeo.json").read_text("utf-8"))["identity"]
    else:
        with closing(sqlite3.connect(path)) as connection:
            (text,) = connection.execute("SELECT label FROM kcngeo_identity").fetchone()
        told = json.loads(text)
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("name", STORES)
def test_a_copy_says_which_project_it_is_of_and_what_it_was(tmp_path: Path, name: str) -> None:
    path = stored(tmp_path, name=name)
    first = label(path)
    assert uuid.UUID(str(first["dataset_id"])).version == 5
    assert (first["commit"], first["taken_at"]) == (0, None)
    scope = first["scope"]
    assert isinstance(scope, dict)
    assert sorted(scope) == ["ledger", "parcels", "zones"]
    assert scope["ledger"] == [
        "document",
        "entry_id",
        "parcel_id",
        "part_area_ha",
        "status",
        "valid_from",
        "valid_to",
    ]
    for number, day in enumerate(("2020-01-01", "2020-02-01"), start=1):
        edited = documents(io.read_project(path), "e0", f"No. {number}0")
        assert update.record(path, edited, recorded_at=f"{day}T12:00:00Z").written
        now = label(path)
        assert (now["commit"], now["taken_at"]) == (number, f"{day}T12:00:00.000+00:00")
        assert now["dataset_id"] == first["dataset_id"]
    read = io.read_project(path)
    assert (read.dataset_id, read.commit) == (first["dataset_id"], 2)
    assert read.taken is not None
    assert read.taken.at == pd.Timestamp("2020-02-01T12:00:00Z")


def test_one_project_has_one_id_in_every_store_and_rows_decide_it(tmp_path: Path) -> None:
    given = project()
    ids = {io.read_project(stored(tmp_path, given, name)).dataset_id for name in STORES}
    assert len(ids) == 1
    shuffled = replace(given, parcels=given.parcels.iloc[::-1])
    assert io.read_project(stored(tmp_path, shuffled, "s.gpkg")).dataset_id in ids
    other = documents(given, "e0", "another")
    assert io.read_project(stored(tmp_path, other, "o.gpkg")).dataset_id not in ids


def test_the_same_project_gives_the_same_bytes_after_updates(tmp_path: Path) -> None:
    for name in ("one.gpkg", "two.gpkg"):
        path = stored(tmp_path, name=name)
        update.record(path, documents(io.read_project(path), "e0", "x"), recorded_at="2020-01-01")
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()


def test_two_new_projects_are_not_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert CliRunner().invoke(cli.app, ["new", str(tmp_path / name)]).exit_code == 0
    one, two = (io.read_project(tmp_path / f"{name}.gpkg") for name in ("one", "two"))
    assert one.dataset_id != two.dataset_id
    assert uuid.UUID(one.dataset_id or "").version == 4
    with pytest.raises(KcngeoError, match="is a copy of another project"):
        update.record(tmp_path / "one.gpkg", two)


def test_what_is_made_of_a_project_stays_of_that_project(tmp_path: Path) -> None:
    path = stored(tmp_path)
    update.record(path, documents(io.read_project(path), "e0", "x"), recorded_at="2020-01-01")
    read = io.read_project(path)
    lease = squares.ledger(("P4", "leased", "2019-01-01"), entry_id=["e4"])
    for made in (
        read.only(["A"]),
        read.stored_at("2020-01-02"),
        ledger.append(read, lease, recorded_at="2020-03-01"),
    ):
        assert (made.dataset_id, made.commit) == (read.dataset_id, 1)


def test_a_copy_of_one_zone_takes_nothing_from_the_others(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    io.write_project(kcn.examples.squares(), path)
    io.write_project(io.read_project(path).only(["A"]), tmp_path / "a.gpkg")
    copy = io.read_project(tmp_path / "a.gpkg")
    assert set(copy.parcels["zone_id"]) == {"A"}
    update.record(path, documents(copy, "E1", "mine"))
    now = io.read_project(path).as_known()
    assert set(now.parcels["zone_id"]) == {"A", "B"}
    assert (now.ledger["document"] == "mine").sum() == 1


def test_a_table_the_copy_never_had_is_not_removed_and_one_it_lost_is_refused(
    tmp_path: Path,
) -> None:
    given = project()
    path = stored(tmp_path, given)
    io.write_project(io.read_project(path), tmp_path / "before.gpkg")
    investors = pd.DataFrame({"project_id": ["da-1"], "investor": ["Tea One"]})
    with io.editing(path) as now:
        now.write(replace(now.project, projects=investors))
    io.write_project(io.read_project(path), tmp_path / "after.gpkg")
    # Others have added a table since.
    update.record(path, documents(io.read_project(tmp_path / "before.gpkg"), "e0", "mine"))
    kept = io.read_project(path).projects
    assert kept is not None
    assert kept["project_id"].tolist() == ["da-1"]
    before = path.read_bytes()
    half = replace(io.read_project(tmp_path / "after.gpkg"), projects=None)
    with pytest.raises(KcngeoError, match="left with the tables projects and comes back without"):
        update.record(path, half)
    assert path.read_bytes() == before


def test_a_table_that_is_removed_is_an_edit(tmp_path: Path) -> None:
    investors = pd.DataFrame({"project_id": ["da-1"], "investor": ["Tea One"]})
    path = stored(tmp_path, replace(project(), projects=investors))
    with io.editing(path) as now:
        now.write(replace(now.project, projects=None))
    made = io.read_project(path)
    assert (made.projects, made.commit) == (None, 1)


def test_a_column_the_copy_never_had_is_not_emptied(tmp_path: Path) -> None:
    path = stored(tmp_path)
    io.write_project(io.read_project(path), tmp_path / "copy.gpkg")
    now = io.read_project(path)
    update.record(path, replace(now, parcels=now.parcels.assign(price_vnd_m2=1.5e6)))
    copy = io.read_project(tmp_path / "copy.gpkg")
    assert "price_vnd_m2" not in copy.parcels.columns
    blank = copy.parcels.assign(price_vnd_m2=float("nan"))
    assert not update.record(path, replace(copy, parcels=blank)).written
    update.record(path, documents(copy, "e0", "mine"))
    assert io.read_project(path).as_known().parcels["price_vnd_m2"].eq(1.5e6).all()


def test_rows_with_other_ids_are_refused_by_name(tmp_path: Path) -> None:
    path = stored(tmp_path)
    before = path.read_bytes()
    copy = io.read_project(path)
    renamed = copy.ledger.assign(entry_id=copy.ledger["entry_id"].str.replace("e", "x"))
    with pytest.raises(KcngeoError, match="ledger \\(e0 → x0\\), ledger \\(e1 → x1\\)"):
        update.record(path, replace(copy, ledger=renamed))
    exchanged = copy.parcels.assign(parcel_id=["P1", "P0", *copy.parcels["parcel_id"][2:]])
    with pytest.raises(KcngeoError, match="parcels \\(P0 → P1\\), parcels \\(P1 → P0\\)"):
        update.record(path, replace(copy, parcels=exchanged))
    assert path.read_bytes() == before
    # One lot under its right number is a correction.
    named = copy.parcels.replace({"parcel_id": {"P5": "P9"}})
    assert update.record(path, replace(copy, parcels=named)).changes.counts() == [
        ("parcels", "changed", 1)
    ]


def test_a_file_of_before_there_were_ids_is_known_by_its_rows(tmp_path: Path) -> None:
    path = stored(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE kcngeo_identity")
    copy = tmp_path / "copy.gpkg"
    shutil.copy(path, copy)
    update.record(path, documents(io.read_project(path), "e1", "theirs"))
    update.record(path, documents(io.read_project(copy), "e0", "mine"))
    now = io.read_project(path)
    told = now.as_known().ledger.set_index("entry_id")["document"]
    assert (told["e0"], told["e1"], now.commit) == ("mine", "theirs", 2)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"dataset_id": 1}', "x"])
def test_a_damaged_label_is_told(tmp_path: Path, text: str) -> None:
    path = stored(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE kcngeo_identity SET label = ?", [text])
    with pytest.raises(DataSourceError, match=r"p\.gpkg cannot be read"):
        io.read_project(path)


def test_a_project_of_no_store_has_no_id() -> None:
    given = project()
    assert (given.dataset_id, given.commit, given.taken) == (None, 0, None)
    assert isinstance(given, Project)
