"""The GeoPackage store: everything comes back as written, and no file is ever harmed."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import GeometryCollection, LineString, Point, Polygon

from kcngeo import Project, io
from kcngeo.core.errors import ContractError, CRSError, DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import validate
from tests import squares
from tests.stores import (
    BOWTIE,
    HIGH,
    SHAPES,
    assert_same,
    filled,
    plain,
    project,
)


def back(given: Project, folder: Path) -> Project:
    path = folder / "project.gpkg"
    io.write_project(given, path)
    return io.read_project(path)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "project.gpkg"
    io.write_project(project(), path)
    return path


@contextlib.contextmanager
def untouched(path: Path) -> Iterator[None]:
    """Nothing about the file or its folder may change."""

    def seen() -> Any:
        names = names_in(path.parent)
        if not path.is_file():
            return names
        return names, path.read_bytes(), path.stat().st_mtime_ns

    before = seen()
    yield
    assert seen() == before


# What comes back


def test_every_table_and_type_comes_back_as_written(tmp_path: Path) -> None:
    given = Project(**{name: filled(table) for name, table in TABLES.items()})
    assert_same(given, back(given, tmp_path))


def test_text_is_kept_letter_by_letter(tmp_path: Path) -> None:
    words = ["Lộc Sơn", "Lộc Sơn", "", None, "=1+1", 'a "b" ; \r\n\t', "😀"]
    names = [f"P{number}" for number in range(len(words))]
    given = project(parcels=squares.parcels(*names, lot_code=words))
    assert back(given, tmp_path).parcels["lot_code"].fillna("missing").tolist() == [
        "missing" if word is None else word for word in words
    ]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([True, False], "bool", "boolean"),
        ([True, None], "boolean", "boolean"),
        ([-1, 2**62 + 1], "int64", "Int64"),
        ([1, None], "Int64", "Int64"),
        ([7, 2**31 - 1], "int32", "Int32"),
        ([0, 2**40], "uint64", "Int64"),
        ([0.1, np.nan], "float64", "float64"),
        ([np.inf, -0.5], "float64", "float64"),
        ([0.1, 2], "float32", "float32"),
        (["ộ", None], "str", "str"),
        ([None, None], "object", "str"),
        (["a", "b"], "category", "str"),
        (["1900-01-01", None], "datetime64[us]", "datetime64[s]"),
        (["2018-03-31T23:59:59.999Z", None], "datetime64[us, UTC]", "datetime64[us, UTC]"),
        ([dt.date(1900, 1, 1), None], "object", "datetime64[s]"),
        ([b"\0a", None], "object", "object"),
    ],
)
def test_columns_of_the_users_own_keep_their_values(
    tmp_path: Path, values: list[Any], dtype: str, expected: str
) -> None:
    own = pd.Series(values, dtype=dtype, name="own")
    read = back(project(parcels=squares.parcels("P1", "P2").assign(own=own)), tmp_path).parcels
    assert read["own"].dtype == expected
    if isinstance(values[0], dt.date):
        own = pd.to_datetime(own)
    assert read["own"].isna().tolist() == own.isna().tolist()
    assert read["own"].dropna().tolist() == own.dropna().tolist()


@pytest.mark.parametrize("name", ["fid", "FID", "ogc_fid", "rowid", "geom", "ghi chú \"'; DROP"])
def test_no_name_of_a_column_is_taken_by_the_store(tmp_path: Path, name: str) -> None:
    parcels = squares.parcels("P1", "P2").assign(**{name: [5, 5]})
    assert back(project(parcels=parcels), tmp_path).parcels[name].tolist() == [5, 5]


@pytest.mark.parametrize(
    ("values", "dtype", "reason"),
    [
        ([1, 2**63], "uint64", "not in range"),
        (["2018-03-31T08:00", None], "datetime64[s]", "times of day without a time zone"),
        (["2018-03-31T08:00:00.0001Z", None], "datetime64[us, UTC]", "finer than a millisecond"),
        # GDAL would write midnight.
        (["1969-12-31T23:59:59.5Z", None], "datetime64[us, UTC]", "a second before 1970"),
        ([1, 2], "timedelta64[s]", "type duration"),
        ([dt.time(8), None], "object", "type time64"),
        ([1, "a"], "object", "Could not convert 'a'"),
        (["a\0b", "c"], "object", "a zero character"),
    ],
)
def test_what_would_come_back_as_something_else_is_refused(
    tmp_path: Path, values: list[Any], dtype: str, reason: str
) -> None:
    given = project(parcels=squares.parcels("P1", "P2").assign(own=pd.Series(values, dtype=dtype)))
    with pytest.raises(DataSourceError, match=rf"cannot hold the values of parcels\.own.*{reason}"):
        back(given, tmp_path)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", [5, None])
def test_a_column_whose_name_is_no_text_is_refused(tmp_path: Path, name: Any) -> None:
    parcels = squares.parcels("P1", "P2")
    parcels[name] = 1
    with pytest.raises(DataSourceError, match="its name is no text"):
        back(project(parcels=parcels), tmp_path)


@pytest.mark.parametrize("name", ["Zone_ID", "GEOMETRY"])
def test_names_that_differ_only_in_case_are_refused(tmp_path: Path, name: str) -> None:
    parcels = squares.parcels("P1", "P2").assign(**{name: "x"})
    with pytest.raises(DataSourceError, match=rf"parcels\.(?i:{name}): another column differs"):
        back(project(parcels=parcels), tmp_path)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "shapes",
    [
        [HIGH, HIGH],
        [HIGH, squares.square(1)],
        [squares.square(0), SHAPES[1]],
        [squares.square(0), None],
        [None, None],
        [Polygon(), squares.square(1)],
        [BOWTIE, squares.square(1)],
    ],
    ids=["Z", "Z and plain", "polygon and multi", "one missing", "all missing", "empty", "bowtie"],
)
def test_shapes_come_back_bit_by_bit(tmp_path: Path, shapes: list[Any]) -> None:
    given = project(parcels=squares.parcels("P1", "P2").set_geometry(shapes, crs=squares.CRS))
    assert_same(given, back(given, tmp_path))


def test_layers_of_areas_hold_many_parts_in_the_file_empty_ones_too(tmp_path: Path) -> None:
    held, path = project(), tmp_path / "a.gpkg"
    io.write_layers({**dict(held.tables()), "none": held.parcels.head(0)}, path)
    asked = "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert dict(connection.execute(asked)) == dict.fromkeys(
            ("zones", "parcels", "none"), "MULTIPOLYGON"
        )
    assert set(io.read_project(path).parcels.geom_type) == {"Polygon"}


def test_any_shape_may_stand_in_a_context(tmp_path: Path) -> None:
    shapes = [Point(0, 0), LineString([(0, 0), (1, 1)]), GeometryCollection([Point(1, 2)])]
    context = gpd.GeoDataFrame({"kind": ["a", "b", "c"]}, geometry=shapes, crs=squares.CRS)
    given = project(context=context)
    assert_same(given, back(given, tmp_path))


def test_m_values_are_refused_not_dropped(tmp_path: Path) -> None:
    measured = shapely.from_wkt("POLYGON M ((0 0 7, 100 0 7, 100 100 7, 0 0 7))")
    parcels = squares.parcels("P1").set_geometry([measured], crs=squares.CRS)
    with pytest.raises(DataSourceError, match="M values of parcels"):
        back(project(parcels=parcels), tmp_path)


def test_the_geometry_column_may_have_any_name(tmp_path: Path) -> None:
    parcels = squares.parcels("P1", "P2")
    read = back(project(parcels=parcels.rename_geometry("shape")), tmp_path).parcels
    pd.testing.assert_frame_equal(plain(read), plain(parcels))


def test_empty_tables_keep_their_columns_and_types(tmp_path: Path) -> None:
    tables = {name: filled(table) for name, table in TABLES.items()}
    given = Project(**{name: validate(frame, name).iloc[:0] for name, frame in tables.items()})
    assert_same(given, back(given, tmp_path))


def test_a_table_that_does_not_exist_stays_so(tmp_path: Path) -> None:
    read = back(project(), tmp_path)
    assert [name for name, _ in read.tables()] == ["zones", "parcels", "ledger"]


TM3 = "+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +y_0=0 +units=m +no_defs"


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:5899",
        "EPSG:9218",
        "EPSG:32648",
        "ESRI:54009",
        "EPSG:5899+5773",
        # Looks like EPSG:5899, but says nothing of a datum: must not become VN-2000.
        TM3 + " +ellps=WGS84",
        pyproj.CRS("EPSG:5899").to_wkt().replace("0.9999", "0.9998").replace('ID["EPSG",5899]', ""),
    ],
    ids=["5899", "9218", "UTM", "ESRI", "with heights", "no datum", "other scale"],
)
def test_a_crs_comes_back_as_it_was(tmp_path: Path, crs: str) -> None:
    frames = {
        "zones": squares.zones("A").set_crs(crs, allow_override=True),
        "parcels": squares.parcels("P1").set_crs(crs, allow_override=True),
    }
    read = back(project(**frames), tmp_path)
    assert read.parcels.crs == pyproj.CRS(crs)
    assert read.zones.crs == pyproj.CRS(crs)


def test_a_crs_that_would_lose_its_shift_of_datum_is_refused(tmp_path: Path) -> None:
    # Without the seven parameters the layer would lie 226 m off.
    shift = " +ellps=WGS84 +towgs84=-191.9,-39.3,-111.45,-0.0093,0.0198,-0.0043,0.2529"
    zones = squares.zones("A").set_crs(TM3 + shift, allow_override=True)
    with pytest.raises(DataSourceError, match=r"cannot hold the CRS of zones .* use an EPSG code"):
        back(project(zones=zones), tmp_path)
    assert names_in(tmp_path) == []


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
dates = st.dates(min_value=dt.date(1, 1, 1))
moments = st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(3000, 1, 1)).map(
    lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000, tzinfo=dt.UTC)
)
entries = st.fixed_dictionaries(
    {
        "parcel_id": texts,
        "status": st.sampled_from(["leased", "uncleared"]),
        "valid_from": dates,
        "document": st.none() | texts,
        "part_area_ha": st.none() | st.floats(min_value=1e-12, max_value=1e12),
        "recorded_at": st.none() | moments,
        "remark": st.none() | texts,
        "seen": st.none() | st.booleans(),
        "count": st.none() | st.integers(-(2**53), 2**53),
    }
)


@settings(max_examples=15)
@given(rows=st.lists(entries, max_size=6))
def test_any_ledger_comes_back(rows: list[dict[str, Any]]) -> None:
    names = list(entries.wrapped_strategy.mapping) if not rows else list(rows[0])
    ledger = pd.DataFrame(rows, columns=names).astype({"seen": "boolean", "count": "Int64"})
    given = project(ledger=ledger.astype({"remark": "str", "part_area_ha": "float64"}))
    with tempfile.TemporaryDirectory() as folder:
        assert_same(given, back(given, Path(folder)))


# The same bytes


def test_the_same_project_gives_the_same_bytes(tmp_path: Path) -> None:
    given = Project(**{name: filled(table) for name, table in TABLES.items()})
    one, two, three = (tmp_path / name for name in ("a.gpkg", "Lộc Sơn 2.gpkg", "c.gpkg"))
    io.write_project(given, one)
    io.write_project(given, two)
    assert two.read_bytes() == one.read_bytes()
    io.write_project(io.read_project(two), three)
    assert three.read_bytes() == one.read_bytes()


def test_rows_that_came_in_pieces_are_the_same_bytes(tmp_path: Path) -> None:
    whole, pieces = tmp_path / "whole.gpkg", tmp_path / "pieces.gpkg"
    for path, lots in ((whole, squares.parcels("P", "Q")), (pieces, None)):
        parts = [squares.parcels("P"), squares.parcels("P", "Q").iloc[1:]]
        frame = pd.concat(parts, ignore_index=True) if lots is None else lots
        io.write_layers({"lots": frame}, path)
    assert pieces.read_bytes() == whole.read_bytes()


def test_writing_over_a_project_gives_the_same_bytes(stored: Path) -> None:
    before = stored.read_bytes()
    io.write_project(project(parcels=squares.parcels("P1", "P2", "P3")), stored)
    assert stored.read_bytes() != before
    io.write_project(project(), stored)
    assert stored.read_bytes() == before
    assert names_in(stored.parent) == [stored.name]


def test_the_date_gdal_stamps_is_given_back(stored: Path) -> None:
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_inputs_are_not_changed(tmp_path: Path) -> None:
    given = Project(**{name: filled(table) for name, table in TABLES.items()})
    before = {name: frame.copy() for name, frame in given.tables()}
    back(given, tmp_path)
    for name, frame in given.tables():
        pd.testing.assert_frame_equal(frame, before[name])


# Reading harms nothing


def test_reading_leaves_the_file_and_its_folder_alone(stored: Path) -> None:
    with untouched(stored):
        assert len(io.read_project(stored).parcels) == 2


def test_a_file_at_rest_in_wal_mode_is_read_without_a_trace(stored: Path) -> None:
    with contextlib.closing(sqlite3.connect(stored)) as connection:
        assert connection.execute("PRAGMA journal_mode = wal").fetchone() == ("wal",)
    with untouched(stored):
        assert len(io.read_project(stored).parcels) == 2
    io.write_project(project(parcels=squares.parcels("P1")), stored)
    assert len(io.read_project(stored).parcels) == 1


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = wal")
connection.execute("PRAGMA wal_autocheckpoint = 0")
connection.execute("UPDATE ledger SET status = 'reserved'")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("alive", [True, False], ids=["open elsewhere", "left by a crash"])
def test_what_another_program_wrote_into_its_log_is_read_and_left_there(
    stored: Path, *, alive: bool
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(stored)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        if not alive:
            holder.kill()
            holder.wait()
        log = stored.with_name(stored.name + "-wal")
        assert log.stat().st_size > 0
        with untouched(stored):
            assert io.read_project(stored).ledger["status"].tolist() == ["reserved"]
            with pytest.raises(DataSourceError, match="open in another program; close it there"):
                io.write_project(project(), stored)
        holder.kill()


# Files that are no project


def cut(length: float) -> Any:
    def make(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(length if length > 1 else length * len(whole))])

    return make


def blank_page(path: Path) -> None:
    """Wipe the page with the parcels: GDAL reads on without a word, and rows are missing."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'parcels'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = bytes(size)
    path.write_bytes(data)


def foreign_sqlite(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE letters (a)")
        connection.commit()


def foreign_geopackage(path: Path) -> None:
    path.unlink()
    squares.zones("A").to_file(path, layer="zones")


def text_file(path: Path) -> None:
    path.write_text("zone_id,name\n" * 50, encoding="utf-8")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BAD_FILES = [
    (cut(0), "no GeoPackage"),
    (cut(50), "no GeoPackage"),
    (cut(100), "it is truncated"),
    (cut(5000), "it is truncated"),
    (cut(0.5), "it is truncated"),
    (cut(0.99999), "it is truncated"),
    (blank_page, "it is damaged"),
    (foreign_sqlite, "no table zones, parcels, ledger"),
    (foreign_geopackage, "no table parcels, ledger"),
    (text_file, "no GeoPackage"),
    (folder, "it is a folder"),
]


@pytest.mark.parametrize(("spoil", "reason"), BAD_FILES)
def test_what_is_no_whole_project_is_neither_read_nor_replaced(
    stored: Path, spoil: Any, reason: str
) -> None:
    spoil(stored)
    with untouched(stored):
        with pytest.raises(DataSourceError, match=reason):
            io.read_project(stored)
        with pytest.raises(DataSourceError, match=rf"cannot be written: .*{reason}"):
            io.write_project(project(), stored)


@pytest.mark.parametrize("name", ["project.gpkg", "no folder/project.gpkg"])
def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataSourceError, match="there is no such file"):
        io.read_project(tmp_path / name)


@pytest.mark.parametrize("name", ["project.txt", "project", "mysql://an:secret@server/db"])
def test_another_kind_of_store_is_refused_with_the_way_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataSourceError, match=r"Give the path of a GeoPackage \(\.gpkg\)"):
        io.read_project(name)
    with pytest.raises(DataSourceError, match=r"Give the path of a GeoPackage \(\.gpkg\)"):
        io.write_project(project(), tmp_path / "x.txt")


def test_values_that_do_not_fit_are_left_for_the_contract(stored: Path) -> None:
    with contextlib.closing(sqlite3.connect(stored)) as connection:
        connection.execute("UPDATE ledger SET status = 'let', valid_from = NULL")
        connection.commit()
    read = io.read_project(stored)
    with pytest.raises(ContractError, match="status holds let") as caught:
        validate(read.ledger, "ledger")
    assert [problem.rule for problem in caught.value.problems] == ["not_in_list", "missing_values"]


def test_a_day_that_is_no_day_is_not_read_as_missing(stored: Path) -> None:
    # A missing end is an open one: the entry would hold for ever.
    with contextlib.closing(sqlite3.connect(stored)) as connection:
        connection.execute("UPDATE ledger SET valid_to = 'soon'")
        connection.commit()
    with pytest.raises(DataSourceError, match=r"ledger: Invalid content .* valid_to: soon"):
        io.read_project(stored)


def test_a_layer_without_geometry_is_left_for_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "project.gpkg"
    rows = pd.DataFrame({"zone_id": ["A"]})
    for name in ("zones", "parcels", "ledger"):
        pyogrio.write_dataframe(rows, path, layer=name)
    with pytest.raises(ContractError, match="has no geometry"):
        validate(io.read_project(path).zones, "zones")


# Writing: whole or not at all


LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_locked_file_is_neither_read_nor_replaced(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kcngeo.io.stores.geopackage._LOCK_WAIT_S", 0.1)
    before = stored.read_bytes()
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, str(stored)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        locked = "cannot be {}: database is locked; close it in the other program"
        with pytest.raises(DataSourceError, match=locked.format("read")):
            io.read_project(stored)
        with pytest.raises(DataSourceError, match=locked.format("written")):
            io.write_project(project(), stored)
        holder.kill()
    assert stored.read_bytes() == before
    assert len(io.read_project(stored).parcels) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE layer_styles (name TEXT)",
        # Where QGIS keeps projects: not listed among the contents of the package.
        "CREATE TABLE qgis_projects (name TEXT, content BLOB)",
        "CREATE VIEW let AS SELECT * FROM ledger",
    ],
)
def test_tables_of_others_are_not_lost(stored: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(stored)) as connection:
        connection.execute(statement)
        connection.commit()
    name = statement.split()[2]
    with untouched(stored), pytest.raises(DataSourceError, match=f"tables of others: {name}"):
        io.write_project(project(), stored)
    assert len(io.read_project(stored).parcels) == 2


def test_a_breach_is_refused_with_all_others(stored: Path) -> None:
    bad = project(
        zones=squares.zones("A", stage=["open"]),
        parcels=squares.parcels("P1", "P2", certificate_area_m2=[0.0, -1.0]),
        ledger=squares.ledger(("P1", "let", "2018-01-01", "2017-01-01")),
    )
    with untouched(stored), pytest.raises(ContractError, match="3 problems") as caught:
        io.write_project(bad, stored)
    assert [(one.table, one.rule) for one in caught.value.problems] == [
        ("zones", "not_in_list"),
        ("parcels", "not_positive"),
        ("ledger", "not_in_list"),
    ]


def test_a_layer_without_crs_is_refused(stored: Path) -> None:
    zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=[squares.square(0)])
    with untouched(stored), pytest.raises(CRSError, match="zones layer has no CRS"):
        io.write_project(project(zones=zones), stored)


def test_a_moment_finer_than_a_millisecond_is_refused(stored: Path) -> None:
    ledger = squares.ledger(("P1", "leased", "2018-01-01"), recorded_at="2018-03-31T00:00:00.0001Z")
    reason = r"values of ledger\.recorded_at: times finer than a millisecond"
    with untouched(stored), pytest.raises(DataSourceError, match=reason):
        io.write_project(project(ledger=ledger), stored)


def test_where_there_is_no_folder_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(DataSourceError, match="no folder"):
        io.write_project(project(), tmp_path / "no" / "project.gpkg")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataSourceError, match="no folder"):
        io.write_project(project(), tmp_path / "file" / "project.gpkg")
    assert names_in(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(DataSourceError, match="cannot be written"):
        io.write_project(project(), tmp_path / "project.gpkg")
    tmp_path.chmod(0o700)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["KCN Lộc Sơn (2).gpkg", "100% #1 ?a=b&c.gpkg", "ộ" * 80 + ".gpkg", "ĐẠI LÀO.GPKG"]
)
def test_a_path_may_be_any(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "Dự án số 1"
    folder.mkdir()
    io.write_project(project(), folder / name)
    io.write_project(project(parcels=squares.parcels("P1")), str(folder / name))
    assert len(io.read_project(str(folder / name)).parcels) == 1
    assert names_in(folder) == [name]


def test_a_link_stays_a_link(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link.gpkg"
    link.symlink_to(stored)
    io.write_project(project(parcels=squares.parcels("P1")), link)
    assert link.is_symlink()
    assert len(io.read_project(stored).parcels) == 1


def test_a_shared_file_stays_shared(stored: Path) -> None:
    stored.chmod(0o660)
    io.write_project(project(), stored)
    assert stored.stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("disk full"), DataSourceError),
        (pyogrio.errors.DataSourceError("disk full"), DataSourceError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
@pytest.mark.parametrize("exists", [True, False])
def test_a_write_that_fails_half_way_leaves_what_was(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    told: type[BaseException],
    *,
    exists: bool,
) -> None:
    path = tmp_path / "project.gpkg"
    if exists:
        io.write_project(project(), path)
    write = pyogrio.write_arrow

    def fail(table: Any, target: Path, **options: Any) -> None:
        if options["layer"] == "ledger":
            raise error
        write(table, target, **options)

    monkeypatch.setattr(pyogrio, "write_arrow", fail)
    with untouched(path), pytest.raises(told, match=None if told is KeyboardInterrupt else "full"):
        io.write_project(project(parcels=squares.parcels("P9")), path)


def test_the_sample_project_is_what_the_store_would_write(tmp_path: Path) -> None:
    sample = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
    shutil.copy(sample, tmp_path / "sample.gpkg")
    read = io.read_project(tmp_path / "sample.gpkg")
    assert_same(read, back(replace(read), tmp_path))


def test_a_large_area_is_not_rounded(tmp_path: Path) -> None:
    zones = squares.zones("A").set_geometry([box(0.1, 0.2, 1e6 / 3, 1e7 / 7)], crs=squares.CRS)
    read = back(project(zones=zones), tmp_path)
    assert read.zones.total_bounds.tolist() == [0.1, 0.2, 1e6 / 3, 1e7 / 7]


# ---- layers of other files ----------------------------------------------------------------------
def test_layers_come_back_in_the_types_of_a_project(tmp_path: Path):
    path = tmp_path / "layers.gpkg"
    lots = squares.parcels("P1", "P2", valid_from=pd.to_datetime(["2018-03-31", None]))
    own = lots.assign(count=pd.array([1, None], dtype="Int64"))
    io.write_layers({"parcels": lots, "own": own}, path)
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["parcels", "own"]
    back = gpd.read_file(path, layer="own")
    assert back["valid_from"].dt.strftime("%d/%m/%Y").tolist()[0] == "31/03/2018"
    assert back["count"].tolist()[0] == 1
    assert back["count"].isna().tolist() == [False, True]


def test_a_table_with_breaches_is_written_as_it_stands(tmp_path: Path):
    path = tmp_path / "layers.gpkg"
    io.write_layers({"parcels": squares.parcels("P1", use="castle")}, path)
    assert gpd.read_file(path, layer="parcels")["land_use"].tolist() == ["castle"]


def test_layers_are_written_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "layers.gpkg"
    lots = squares.parcels("P1")
    with pytest.raises(DataSourceError, match="cannot hold"):
        io.write_layers({"good": lots, "bad": lots.assign(x=[object()])}, path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CRSError, match="good layer has no CRS"):
        io.write_layers({"good": lots.set_crs(None, allow_override=True)}, path)
    io.write_layers({"good": lots}, path)
    with pytest.raises(DataSourceError, match="there already"):
        io.write_layers({"good": lots}, path)
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["good"]


def test_a_view_in_the_place_of_a_table_is_refused(tmp_path: Path):
    # It may have no end: this one counts for ever.
    path = tmp_path / "p.gpkg"
    made = Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P1"),
        ledger=squares.ledger(("P1", "leased", "2018-01-01")),
    )
    io.write_project(made, path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE ledger")
        connection.execute(
            "CREATE VIEW ledger AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS fid, 'P1' AS parcel_id FROM n"
        )
        connection.commit()
    with pytest.raises(DataSourceError, match="no table but a view: ledger"):
        io.read_project(path)
