"""One contract for all stores: what goes into any of them comes out of any of them the same."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, Point, Polygon

from kcngeo import Project, io
from kcngeo.core.errors import ContractError, CRSError, DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import validate
from kcngeo.io.stores import zone_files
from kcngeo.io.stores.which import store_of
from kcngeo.standards import registry
from tests import squares
from tests.postgres import Server
from tests.stores import BOWTIE, HIGH, SHAPES, assert_same, filled, plain, project, three_zones

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
# The GeoPackage has tests of its own, with the same hard projects.
STORES = ["geoparquet", "postgis"]
numbers = itertools.count()


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Where a new project can be written."""
    return places(request.param, tmp_path, request.getfixturevalue)


def places(store: str, folder: Path, fixture: Callable[[str], Any]) -> Callable[[], str]:
    if store == "postgis":
        server: Server = fixture("postgis")
        return lambda: server.url(f"s{next(numbers)}")
    suffix = {"geopackage": "gpkg", "geoparquet": "parquet"}[store]
    return lambda: str(folder / f"project {next(numbers)}.{suffix}")


def back(given: Project, place: Callable[[], str]) -> Project:
    target = place()
    io.write_project(given, target)
    return io.read_project(target)


def whole() -> Project:
    return Project(**{name: filled(table) for name, table in TABLES.items()})


def test_every_table_and_type_comes_back_as_written(place: Callable[[], str]) -> None:
    given = whole()
    assert_same(given, back(given, place))


def test_a_project_that_went_through_all_stores_is_the_same_file(
    postgis: Server, tmp_path: Path
) -> None:
    for name, stored in (("sample", io.read_project(SAMPLE)), ("hard", whole())):
        first, last = tmp_path / f"{name} 1.gpkg", tmp_path / f"{name} 2.gpkg"
        url, folder = postgis.url(f"all {name}".replace(" ", "_")), tmp_path / f"{name}.parquet"
        io.write_project(stored, first)
        io.write_project(io.read_project(first), url)
        io.write_project(io.read_project(url), folder)
        io.write_project(io.read_project(folder), last)
        assert last.read_bytes() == first.read_bytes(), name


def test_writing_again_replaces_what_was_there(place: Callable[[], str]) -> None:
    target = place()
    for state in (
        whole(),
        project(),
        # The same columns with other rows, other columns, and the first again.
        project(parcels=squares.parcels("P1", "P2", "P3")),
        project(parcels=squares.parcels("P1", lot_code=["a"], own=pd.array([1], dtype="Int64"))),
        whole(),
    ):
        io.write_project(state, target)
        assert_same(state, io.read_project(target))


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([True, None], "boolean", "boolean"),
        ([-1, 2**62 + 1], "int64", "Int64"),
        ([1, None], "Int64", "Int64"),
        ([7, 2**31 - 1], "int32", "Int32"),
        ([7, -(2**15)], "int16", "Int16"),
        ([0, 2**40], "uint64", "Int64"),
        ([0.1, np.nan], "float64", "float64"),
        ([5e-324, 1.7976931348623157e308], "float64", "float64"),
        ([np.inf, -0.5], "float64", "float64"),
        ([0.1, 2], "float32", "float32"),
        (["ộ", None], "str", "str"),
        (["", None], "str", "str"),
        (["\\.", "\\N"], "str", "str"),
        (['a,b\r\n"c"\t\'', "NULL"], "str", "str"),
        ([None, None], "object", "str"),
        (["a", "b"], "category", "str"),
        (["0001-01-01", "9999-12-31"], "datetime64[s]", "datetime64[s]"),
        (["2018-03-31T23:59:59.999Z", None], "datetime64[us, UTC]", "datetime64[us, UTC]"),
        ([dt.date(1900, 1, 1), None], "object", "datetime64[s]"),
        ([b"\0a\xff", None], "object", "object"),
    ],
)
def test_columns_of_the_users_own_keep_their_values(
    place: Callable[[], str], values: list[Any], dtype: str, expected: str
) -> None:
    own = pd.Series(values, dtype=dtype, name="own")
    read = back(project(parcels=squares.parcels("P1", "P2").assign(own=own)), place).parcels
    assert read["own"].dtype == expected
    if isinstance(values[0], dt.date):
        own = pd.to_datetime(own)
    assert read["own"].isna().tolist() == own.isna().tolist()
    assert read["own"].dropna().tolist() == own.dropna().tolist()


NAMES = [
    "fid",
    "FID",
    "bbox",
    "select",
    "%s",
    "{table}",
    "ghi chú \"'; DROP TABLE parcels; --",
    "ộ" * 21,
    " ",
    "$1",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_have_any_name(place: Callable[[], str], name: str) -> None:
    parcels = squares.parcels("P1", "P2").assign(**{name: [5, 5]})
    read = back(project(parcels=parcels), place).parcels
    assert read[name].tolist() == [5, 5]
    assert read["parcel_id"].tolist() == ["P1", "P2"]


@pytest.mark.parametrize("name", ["Zone_ID", "GEOMETRY", "", "ộ" * 22, "a\0b"])
def test_names_some_store_would_confuse_or_cut_are_refused(
    place: Callable[[], str], name: str
) -> None:
    parcels = squares.parcels("P1", "P2").assign(**{name: "x"})
    with pytest.raises(DataSourceError, match="cannot hold"):
        back(project(parcels=parcels), place)


@pytest.mark.parametrize(
    ("values", "dtype", "reason"),
    [
        ([1, 2**63], "uint64", "not in range"),
        (["2018-03-31T08:00", None], "datetime64[s]", "times of day without a time zone"),
        (["2018-03-31T08:00:00.0001Z", None], "datetime64[us, UTC]", "finer than a millisecond"),
        (["1969-12-31T23:59:59.5Z", None], "datetime64[us, UTC]", "a second before 1970"),
        ([1, 2], "timedelta64[s]", "type duration"),
        ([1, "a"], "object", "Could not convert 'a'"),
        (["a\0b", "c"], "object", "a zero character"),
    ],
)
def test_what_some_store_would_change_is_refused_by_all(
    place: Callable[[], str], values: list[Any], dtype: str, reason: str
) -> None:
    given = project(parcels=squares.parcels("P1", "P2").assign(own=pd.Series(values, dtype=dtype)))
    with pytest.raises(DataSourceError, match=rf"cannot hold the values of parcels\.own.*{reason}"):
        back(given, place)


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
        [shapely.reverse(squares.square(0)), SHAPES[2]],
    ],
    ids=["Z", "Z and plain", "and multi", "one missing", "all", "empty", "bowtie", "backwards"],
)
def test_shapes_come_back_bit_by_bit(place: Callable[[], str], shapes: list[Any]) -> None:
    given = project(parcels=squares.parcels("P1", "P2").set_geometry(shapes, crs=squares.CRS))
    assert_same(given, back(given, place))


def test_any_shape_may_stand_in_a_context(place: Callable[[], str]) -> None:
    shapes = [Point(0, 0), LineString([(0, 0), (1, 1)]), GeometryCollection([Point(1, 2)]), Point()]
    context = gpd.GeoDataFrame({"kind": list("abcd")}, geometry=shapes, crs=squares.CRS)
    given = project(context=context)
    assert_same(given, back(given, place))


def test_m_values_are_refused_not_dropped(place: Callable[[], str]) -> None:
    measured = shapely.from_wkt("POLYGON M ((0 0 7, 100 0 7, 100 100 7, 0 0 7))")
    parcels = squares.parcels("P1").set_geometry([measured], crs=squares.CRS)
    with pytest.raises(DataSourceError, match="M values of parcels"):
        back(project(parcels=parcels), place)


@pytest.mark.parametrize("crs", ["EPSG:5899", "EPSG:9218", "EPSG:32648", "ESRI:54009"])
def test_a_crs_comes_back_as_it_was(place: Callable[[], str], crs: str) -> None:
    frames = {
        "zones": squares.zones("A").set_crs(crs, allow_override=True),
        "parcels": squares.parcels("P1").set_crs(crs, allow_override=True),
    }
    assert back(project(**frames), place).parcels.crs == pyproj.CRS(crs)


def test_empty_tables_keep_their_columns_and_types(place: Callable[[], str]) -> None:
    given = Project(
        **{name: validate(filled(table), name).iloc[:0] for name, table in TABLES.items()}
    )
    assert_same(given, back(given, place))


def test_zone_ids_that_look_like_paths_or_differ_in_case_only(place: Callable[[], str]) -> None:
    ids = ["../x", "a", "A", "zone=1", "_b", ".c", "ộ" * 100, "", "con", "a/b\\c"]
    names = [f"P{place}" for place in range(len(ids))]
    # Rows of the zones in turn, and back again: the order of rows comes back too.
    given = project(
        zones=squares.zones(*ids),
        parcels=squares.parcels(*names, *[f"Q{name}" for name in names], zone=ids + ids[::-1]),
        ledger=squares.ledger(("P1", "leased", "2018-01-01")),
    )
    assert_same(given, back(given, place))


def test_breaches_and_a_missing_crs_are_refused_and_nothing_is_changed(
    place: Callable[[], str],
) -> None:
    target = place()
    io.write_project(project(), target)
    with pytest.raises(ContractError, match="status holds let"):
        io.write_project(project(ledger=squares.ledger(("P1", "let", "2018-01-01"))), target)
    zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=[squares.square(0)])
    with pytest.raises(CRSError, match="zones layer has no CRS"):
        io.write_project(project(zones=zones), target)
    assert_same(project(), io.read_project(target))


def test_inputs_are_not_changed(place: Callable[[], str]) -> None:
    given = whole()
    before = {name: frame.copy() for name, frame in given.tables()}
    back(given, place)
    for name, frame in given.tables():
        pd.testing.assert_frame_equal(frame, before[name])


def test_a_project_that_is_not_there_is_said_to_be_missing(place: Callable[[], str]) -> None:
    with pytest.raises(DataSourceError, match=r"there is no such|has no table zones, parcels, led"):
        io.read_project(place())


@pytest.mark.parametrize("store", ["geopackage", *STORES])
def test_some_zones_are_read_without_the_others(
    store: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small tables too are cut: a file a zone, and a tile a shape of nobody.
    monkeypatch.setattr(zone_files, "FEW", 1)
    monkeypatch.setattr(zone_files, "TILE", 1)
    reach_m = max(one.longest_m for one in registry().buffer_rules())
    # A database refuses entries of lots that are not on record.
    given = three_zones(reach_m=reach_m, unknown_lots=store != "postgis")
    target = places(store, tmp_path, request.getfixturevalue)()
    io.write_project(given, target)
    whole = io.read_project(target)
    assert_same(given, whole)
    for zones in (["A"], ["B"], ["C"], ["A", "C"]):
        part = dict(io.read_project(target, zones=zones).tables())
        for name, frame in whole.part(zones, reach_m=reach_m).tables():
            there, expected = (plain(one.reset_index(drop=True)) for one in (part[name], frame))
            pd.testing.assert_frame_equal(there, expected)
    module, place = store_of(target)
    raw = module.read_zones(place, ["C"], reach_m=reach_m)
    assert raw.parcels["parcel_id"].tolist() == ["P3"]
    unknown = [] if store == "postgis" else ["P9"]
    assert raw.ledger["parcel_id"].tolist() == ["P3", "P3", *unknown]
    assert raw.emitters["emitter_id"].tolist() == ["of P3", "nobody's"]
    assert raw.receptors["receptor_id"].tolist() == ["near", "nowhere"]
    assert raw.targets["zone_id"].fillna("all").tolist() == ["all", "C"]
    # Zones between which a lot moved are read together.
    read = [io.read_project(target, zones=[one]).zones["zone_id"].tolist() for one in "ABC"]
    assert read == [["A", "B"], ["A", "B"], ["C"]]


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
moments = st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(3000, 1, 1)).map(
    lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000, tzinfo=dt.UTC)
)
entries = st.fixed_dictionaries(
    {
        "parcel_id": words,
        "status": st.sampled_from(["leased", "uncleared"]),
        "valid_from": st.dates(min_value=dt.date(1, 1, 1)),
        "document": st.none() | words,
        "part_area_ha": st.none() | st.floats(min_value=1e-12, max_value=1e12),
        "recorded_at": st.none() | moments,
        "remark": st.none() | words,
        "seen": st.none() | st.booleans(),
        "count": st.none() | st.integers(-(2**53), 2**53),
    }
)


@pytest.mark.parametrize("store", ["geoparquet", "postgis"])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(entries, min_size=1, max_size=6, unique_by=lambda row: row["parcel_id"]))
def test_any_ledger_comes_back(
    store: str, request: pytest.FixtureRequest, rows: list[dict[str, Any]]
) -> None:
    ledger = pd.DataFrame(rows).astype({"seen": "boolean", "count": "Int64"})
    # A database refuses entries of lots that are not on record.
    lots = squares.parcels(*ledger["parcel_id"])
    ledger = ledger.astype({"remark": "str", "part_area_ha": "float64"})
    given = project(parcels=lots, ledger=ledger)
    with tempfile.TemporaryDirectory() as folder:
        assert_same(given, back(given, places(store, Path(folder), request.getfixturevalue)))
