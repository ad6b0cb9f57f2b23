"""Two people on one project: what either edited is on record, what both did otherwise is told."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

import kcngeo as kcn
from kcngeo import Project, cli, io, update
from kcngeo.core.errors import ContractError, DataSourceError, KcngeoError
from kcngeo.io.stores.lock import locked
from kcngeo.publish.csv import as_meant, csv_bytes
from tests import squares
from tests.postgres import Server

LOTS = [f"P{number}" for number in range(6)]
COLUMNS = ("lot_code", "phase", "certificate_no")
Cells = dict[tuple[str, str], str | None]


def project(**columns: Any) -> Project:
    lots = squares.parcels(*LOTS, **dict.fromkeys(COLUMNS, "0"), **columns)
    entries = squares.ledger(
        *((name, "leased", "2018-01-01") for name in LOTS[:3]),
        entry_id=["e0", "e1", "e2"],
        document="No. 0",
    )
    return Project(zones=squares.zones("A"), parcels=lots, ledger=entries)


# ---- a law against plain dictionaries ------------------------------------------------------------
EDITS = st.dictionaries(
    st.tuples(st.sampled_from(LOTS), st.sampled_from(COLUMNS)),
    st.sampled_from(["1", "2", None]),
    max_size=8,
)
GONE = st.sets(st.sampled_from(LOTS[3:]), max_size=2)


def edited(old: Project, cells: Cells, gone: set[str]) -> Project:
    lots = old.parcels.copy()
    for (lot, column), value in cells.items():
        lots.loc[lots["parcel_id"] == lot, column] = value
    return replace(old, parcels=lots[~lots["parcel_id"].isin(gone)])


@given(EDITS, GONE, EDITS, GONE)
def test_cells_are_put_together_as_by_hand(
    theirs: Cells, gone_there: set[str], mine: Cells, gone_here: set[str]
) -> None:
    old = project()
    made = update.merge(old, edited(old, theirs, gone_there), edited(old, mine, gone_here))
    cells: dict[tuple[str, str], str | None] = {}
    clashes = set()
    gone = gone_there | gone_here
    for lot in LOTS:
        # A row one removed and the other changed: it stays as it is today.
        here = {column for one, column in mine if one == lot}
        there = {column for one, column in theirs if one == lot}
        if lot in gone_there and lot not in gone_here:
            clashes |= {(lot, column) for column in here}
        if lot in gone_here and lot not in gone_there and there:
            clashes |= {(lot, column) for column in there}
            gone -= {lot}
        for column in COLUMNS:
            cell = (lot, column)
            cells[cell] = theirs.get(cell, "0")
            if lot in gone_here | gone_there or cell not in mine:
                continue
            if cell not in theirs:
                cells[cell] = mine[cell]
            elif theirs[cell] != mine[cell]:
                clashes.add(cell)
    assert set(zip(made.clashes["id"], made.clashes["column"], strict=True)) == clashes
    after = update.apply(edited(old, theirs, gone_there), made.changes, recorded_at="2020-01-05")
    now = after.as_known().parcels.set_index("parcel_id")
    assert set(now.index) == set(LOTS) - gone
    for (lot, column), value in cells.items():
        if lot not in gone:
            found = now.loc[lot, column]
            assert (None if pd.isna(found) else found) == value


def test_a_point_that_both_moved_is_a_clash_and_one_that_one_moved_is_taken() -> None:
    old = project()

    def moved(lot: str, metres: float) -> Project:
        shapes = [
            affinity.scale(one, 1 + metres / 100, 1 + metres / 100) if name == lot else one
            for name, one in zip(old.parcels["parcel_id"], old.parcels.geometry, strict=True)
        ]
        return replace(old, parcels=old.parcels.set_geometry(shapes, crs=old.parcels.crs))

    apart = update.merge(old, moved("P0", -1), moved("P2", -2))
    assert apart.clashes.empty
    assert apart.changes.edits[["kind", "id"]].to_numpy().tolist() == [["moved", "P2"]]
    both = update.merge(old, moved("P0", -1), moved("P0", -2))
    (clash,) = both.clashes.to_dict("records")
    # A square of 1 ha, drawn in by 1 and by 2 of 100 metres: 0.99² and 0.98².
    assert (clash["id"], clash["column"], clash["zone_id"]) == ("P0", "geometry", "A")
    assert [clash[name] for name in ("before", "theirs", "mine")] == [
        "10000.0000 m²",
        "9801.0000 m²",
        "9604.0000 m²",
    ]
    assert both.changes.empty
    alike = update.merge(old, moved("P0", -1), moved("P0", -1))
    assert alike.clashes.empty
    assert alike.changes.empty


def test_rows_that_both_added() -> None:
    old = project()

    def with_entry(document: str, entry: str = "e9") -> Project:
        more = squares.ledger(("P4", "leased", "2019-01-01"), entry_id=[entry], document=document)
        return replace(old, ledger=pd.concat([old.ledger, more], ignore_index=True))

    assert update.merge(old, with_entry("No. 1"), with_entry("No. 1")).changes.empty
    made = update.merge(old, with_entry("No. 1"), with_entry("No. 2"))
    assert made.clashes[["id", "column", "kind", "zone_id"]].to_numpy().tolist() == [
        ["e9", "document", "both_added", "A"]
    ]
    assert made.changes.empty


def test_two_leases_of_one_lot_are_refused_though_no_cell_clashes(tmp_path: Path) -> None:
    path = stored(tmp_path)
    copy = io.read_project(path)
    for number in (0, 1):
        more = squares.ledger(("P4", "leased", "2019-01-01"), entry_id=[f"n{number}"])
        mine = replace(copy, ledger=pd.concat([copy.ledger, more], ignore_index=True))
        if number:
            before = path.read_bytes()
            with pytest.raises(ContractError, match="P4"):
                update.record(path, mine, recorded_at="2020-02-02")
            assert path.read_bytes() == before
        else:
            assert update.record(path, mine, recorded_at="2020-02-01").written


# ---- copies --------------------------------------------------------------------------------------
def stored(folder: Path, given: Project | None = None, name: str = "p.gpkg") -> Path:
    path = folder / name
    io.write_project(given or project(), path)
    return path


def documents(of: Project, entry: str, document: str) -> Project:
    frame = of.ledger if "document" in of.ledger else of.ledger.assign(document=None)
    kept = frame["document"].astype("object").where(frame["entry_id"] != entry, document)
    return replace(of, ledger=frame.assign(document=kept))


@pytest.mark.parametrize("name", ["p.gpkg", "p.parquet"])
def test_an_older_copy_takes_nothing_back(tmp_path: Path, name: str) -> None:
    path = stored(tmp_path, name=name)
    for copy in ("one", "two"):
        io.write_project(io.read_project(path), tmp_path / f"{copy}-{name}")
    for entry, copy in (("e0", "one"), ("e1", "two")):
        place = tmp_path / f"{copy}-{name}"
        # Edited where it lies, more than once.
        io.write_project(documents(io.read_project(place), entry, "draft"), place)
        io.write_project(documents(io.read_project(place), entry, copy), place)
        assert update.record(path, io.read_project(place)).written
    now = io.read_project(path).as_known().ledger.set_index("entry_id")["document"]
    assert now.to_dict() == {"e0": "one", "e1": "two", "e2": "No. 0"}
    # Brought back once more they change nothing: what they say is there.
    assert not update.record(path, io.read_project(tmp_path / f"one-{name}")).written


def test_a_file_copied_by_hand_and_edited_as_qgis_does(tmp_path: Path) -> None:
    path = stored(tmp_path)
    shutil.copy(path, tmp_path / "copy.gpkg")
    with closing(sqlite3.connect(tmp_path / "copy.gpkg")) as connection, connection:
        connection.execute("UPDATE ledger SET document = 'mine' WHERE entry_id = 'e0'")
        connection.execute("DELETE FROM ledger WHERE entry_id = 'e2'")
    # Meanwhile a colleague writes into the project without a record, and one with.
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO ledger (parcel_id, status, valid_from, entry_id)"
            " VALUES ('P5', 'reserved', '2019-01-01', 'e5')"
        )
    update.record(path, documents(io.read_project(path), "e1", "theirs"))
    update.record(path, io.read_project(tmp_path / "copy.gpkg"))
    now = io.read_project(path).as_known().ledger.set_index("entry_id")["document"]
    # e5 was never in the copy, and so is not missing from it.
    assert now.astype("object").where(now.notna(), None).to_dict() == {
        "e0": "mine",
        "e1": "theirs",
        "e5": None,
    }


def test_a_package_is_a_copy_as_it_was_known(tmp_path: Path) -> None:
    path = f"{tmp_path}/p.gpkg"
    io.write_project(kcn.examples.squares(), path)
    kcn.qgis.write_package(io.read_project(path), tmp_path, on="2018-03-31")
    update.record(path, documents(io.read_project(path), "E1", "theirs"))
    package = io.read_project(tmp_path / "layers.gpkg")
    update.record(path, documents(package, "E2", "mine"))
    now = io.read_project(path).as_known().ledger.set_index("entry_id")["document"]
    assert (now["E1"], now["E2"]) == ("theirs", "mine")


# ---- copies that are none ------------------------------------------------------------------------
def test_what_is_no_copy_of_the_project_is_refused_and_nothing_recorded(tmp_path: Path) -> None:
    path = stored(tmp_path)
    before = path.read_bytes()
    other = stored(tmp_path, project(commune_code="24781"), name="other.gpkg")
    with pytest.raises(KcngeoError, match="is a copy of another project"):
        update.record(path, io.read_project(other))
    # The rows prove it, whatever the copy says of itself.
    said = replace(io.read_project(other), dataset_id=io.read_project(path).dataset_id)
    with pytest.raises(KcngeoError, match=r"never on record in this project: parcels \(6: P0, P1"):
        update.record(path, said)
    shutil.copy(path, tmp_path / "later.gpkg")
    later = tmp_path / "later.gpkg"
    update.record(later, documents(io.read_project(later), "e0", "later"))
    with pytest.raises(KcngeoError, match="taken after 1 updates of this project, and only 0"):
        update.record(path, io.read_project(later))
    with pytest.raises(KcngeoError, match=r"ledger \(1: e0\)"):
        update.record(path, replace(io.read_project(later), commit=0))
    with pytest.raises(KcngeoError, match="does not say what it was"):
        update.record(path, project())
    assert path.read_bytes() == before
    # Said on purpose, it is recorded as it stands.
    assert update.record(path, io.read_project(later), without_ancestor=True).written


def test_clashes_are_listed_and_nothing_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path)
    copy = tmp_path / "copy.gpkg"
    shutil.copy(path, copy)
    io.write_project(documents(io.read_project(copy), "e0", "mine"), copy)
    update.record(path, documents(io.read_project(path), "e0", "theirs"))
    before = path.read_bytes()
    monkeypatch.setattr(sys, "argv", ["kcngeo", "update", str(path), str(copy), "--language", "en"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert end.value.code == 2
    assert said.out.splitlines()[1] == "ledger,e0,A,document,both_changed,No. 0,theirs,mine,"
    assert "1 cells were changed both here and in the copy" in " ".join(said.err.split())
    assert path.read_bytes() == before
    # Decided, it is recorded; what was decided of other values is no decision.
    listed = tmp_path / "clashes.csv"
    for take, value in (("mine", "mine"), ("theirs", "theirs")):
        place = tmp_path / f"{take}.gpkg"
        shutil.copy(path, place)
        listed.write_text(said.out.replace("theirs,mine,\n", f"theirs,mine,{take}\n"), "utf-8")
        words = ["kcngeo", "update", str(place), str(copy), "--resolve", str(listed)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code in (0, None)
        now = io.read_project(place).as_known().ledger.set_index("entry_id")["document"]
        assert now["e0"] == value
    with pytest.raises(KcngeoError, match="has no column"):
        update.merge(*[io.read_project(path)] * 3, resolved=pd.DataFrame({"table": ["ledger"]}))
    wrong = pd.read_csv(listed, dtype="str").assign(take="ours")
    with pytest.raises(KcngeoError, match="ours"):
        update.record(path, io.read_project(copy), resolved=wrong)
    old = documents(io.read_project(path), "e0", "newer")
    update.record(path, old)
    resolved = pd.read_csv(listed, dtype="str")
    assert len(update.record(path, io.read_project(copy), resolved=resolved).clashes) == 1


def test_rows_that_one_removed_are_decided_too() -> None:
    old = project()
    there = edited(old, {("P4", "phase"): "1"}, {"P5"})
    here = edited(old, {("P5", "phase"): "2"}, {"P4"})
    clashes = update.merge(old, there, here).clashes
    assert clashes[["id", "kind"]].to_numpy().tolist() == [
        ["P4", "removed_in_copy"],
        ["P5", "removed_meanwhile"],
    ]
    mine = update.merge(old, there, here, resolved=clashes.assign(take="mine"))
    # P4 goes; of P5 there is no row any more that could be changed.
    assert mine.changes.edits[["kind", "id"]].to_numpy().tolist() == [["removed", "P4"]]
    assert mine.clashes["id"].tolist() == ["P5"]
    theirs = update.merge(old, there, here, resolved=clashes.assign(take="theirs"))
    assert (theirs.changes.empty, len(theirs.clashes)) == (True, 0)


# ---- at once -------------------------------------------------------------------------------------
WRITER = """
import sys
from tests.update.test_merge import edit_hundreds
edit_hundreds(*sys.argv[1:])
"""
HUNDREDS = 200


def edit_hundreds(url: str, copy: str, first: str) -> None:
    """Edit two hundred entries of a copy, and record them when told to."""
    mine = io.read_project(copy)
    rows = mine.ledger["entry_id"].isin([f"e{int(first) + one}" for one in range(HUNDREDS)])
    edited_rows = mine.ledger["document"].where(~rows, f"by {first}")
    print("ready", flush=True)
    sys.stdin.readline()
    done = update.record(url, replace(mine, ledger=mine.ledger.assign(document=edited_rows)))
    print(len(done.changes.edits), flush=True)


def many() -> Project:
    names = [f"P{lot}" for lot in range(2 * HUNDREDS)]
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels(*names),
        ledger=squares.ledger(
            *((name, "leased", "2018-01-01") for name in names),
            entry_id=[f"e{lot}" for lot in range(2 * HUNDREDS)],
            document="No. 0",
        ),
    )


def assert_all_on_record(url: str, folder: Path, rounds: int) -> None:
    for number in range(rounds):
        io.write_project(many(), url)
        copies = [folder / f"{number}-{one}.gpkg" for one in (0, 1)]
        for copy in copies:
            io.write_project(io.read_project(url), copy)
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, url, str(copy), str(one * HUNDREDS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for one, copy in enumerate(copies)
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        told = [writer.communicate()[0].strip() for writer in writers]
        assert told == [str(HUNDREDS)] * 2
        now = io.read_project(url).as_known().ledger["document"].value_counts()
        assert now.to_dict() == {"by 0": HUNDREDS, f"by {HUNDREDS}": HUNDREDS}


@pytest.mark.system
@pytest.mark.parametrize("name", ["p.gpkg", "p.parquet"])
def test_two_at_once_lose_nothing(tmp_path: Path, name: str) -> None:
    assert_all_on_record(str(tmp_path / name), tmp_path, 1)


def test_two_at_once_lose_nothing_in_a_database(postgis: Server, tmp_path: Path) -> None:
    assert_all_on_record(postgis.url("two_at_once"), tmp_path, 1)


@pytest.mark.long
def test_two_at_once_ten_times_in_a_database(postgis: Server, tmp_path: Path) -> None:
    assert_all_on_record(postgis.url("ten_times"), tmp_path, 10)


@pytest.mark.long
@pytest.mark.parametrize("name", ["p.gpkg", "p.parquet"])
def test_two_at_once_ten_times(tmp_path: Path, name: str) -> None:
    assert_all_on_record(str(tmp_path / name), tmp_path, 10)


def test_what_a_colleague_commits_while_a_copy_is_merged_stays(
    postgis: Server, tmp_path: Path
) -> None:
    url = postgis.url("colleague")
    io.write_project(many(), url)
    io.write_project(io.read_project(url), tmp_path / "copy.gpkg")
    mine = documents(io.read_project(tmp_path / "copy.gpkg"), "e0", "mine")
    postgis.run("UPDATE colleague.ledger SET document = 'theirs' WHERE entry_id = 'e1'")
    postgis.run(
        "INSERT INTO colleague.ledger (fid, parcel_id, status, valid_from, valid_to, entry_id)"
        " VALUES (10000, 'P1', 'reserved', '2010-01-01', '2011-01-01', 'new')"
    )
    update.record(url, mine)
    now = io.read_project(url).as_known().ledger.set_index("entry_id")["document"]
    assert (now["e0"], now["e1"]) == ("mine", "theirs")
    assert "new" in now.index


def test_a_file_changed_while_it_is_edited_is_not_written_over(tmp_path: Path) -> None:
    path = stored(tmp_path)
    with io.editing(path) as now:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE ledger SET document = 'theirs'")
        with pytest.raises(DataSourceError, match="changed by another program"):
            now.write(documents(now.project, "e0", "mine"))
    assert set(io.read_project(path).ledger["document"]) == {"theirs"}


def test_shapes_of_a_copy_come_back_as_parts_or_whole(tmp_path: Path) -> None:
    path = stored(tmp_path)
    copy = io.read_project(path)
    many_parts = gpd.GeoSeries(copy.parcels.geometry).apply(lambda one: one.union(one))
    mine = replace(copy, parcels=copy.parcels.set_geometry(many_parts))
    assert not update.record(path, mine).written


def test_a_lock_that_was_removed_while_it_was_waited_for_is_no_lock(tmp_path: Path) -> None:
    path, inside = tmp_path / "lock", []

    def work() -> None:
        for _ in range(20):
            with locked(path, wait_s=60.0, leave=False):
                inside.append(1)
                assert len(inside) == 1
                inside.pop()

    threads = [ThreadPoolExecutor(1).submit(work) for _ in range(4)]
    for one in threads:
        one.result()
    assert not path.exists()


def test_what_is_recorded_in_place_is_what_the_next_copy_left_with(tmp_path: Path) -> None:
    path = stored(tmp_path)
    lease = squares.ledger(("P4", "leased", "2019-01-01"), entry_id=["e4"], document="No. 4")
    with io.editing(path) as now:
        now.write(kcn.ledger.append(now.project, lease, recorded_at="2020-01-01"))
    # The new entry was in the copy, and is edited there, not added once more.
    made = update.record(path, documents(io.read_project(path), "e4", "No. 5"))
    assert (made.changes.counts(), len(made.clashes)) == ([("ledger", "changed", 1)], 0)


def test_a_decided_value_may_look_like_a_formula(tmp_path: Path) -> None:
    old = project()
    there, here = documents(old, "e0", "=1+1"), documents(old, "e0", "-2")
    listed = tmp_path / "clashes.csv"
    listed.write_bytes(csv_bytes(update.merge(old, there, here).clashes, name="clashes"))
    back = as_meant(io.read_own_table(listed, texts=True)).assign(take="mine")
    made = update.merge(old, there, here, resolved=back)
    assert (made.changes.cells["after"].tolist(), len(made.clashes)) == (["-2"], 0)
