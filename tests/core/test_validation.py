"""Contracts of tables: all breaches at once, with ids; dtypes of the contract; known_at."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import MultiPolygon, Point

from kcngeo.core import schema, validation
from kcngeo.core.errors import ContractError
from tests.squares import CRS, ledger, parcels


def test_every_breach_is_in_one_error() -> None:
    frame = parcels(
        "P1",
        "P2",
        "P3",
        use=["industrial", "factory", "water"],
        certificate_area_m2=[10_000.0, -1.0, float("inf")],
        valid_from=["2018-01-01", "01/02/2018", None],
    )
    with pytest.raises(ContractError) as caught:
        validation.validate(frame, "parcels")
    error = caught.value
    assert error.table == "parcels"
    assert isinstance(error, ValueError)
    assert [(one.rule, one.ids, one.zone_ids) for one in error.problems] == [
        ("not_in_list", ("P2",), ("A",)),
        ("not_finite", ("P3",), ("A",)),
        ("not_positive", ("P2",), ("A",)),
        ("not_date", ("P2",), ("A",)),
    ]
    assert "land_use holds factory, allowed are industrial | service" in str(error)
    assert "valid_from phải là ngày" in error.message("vi")


def test_many_ids_are_shortened_to_five() -> None:
    frame = parcels(*(f"P{number}" for number in range(8)), use="factory")
    with pytest.raises(ContractError, match=r"P0, P1, P2, P3, P4 and 3 more"):
        validation.validate(frame, "parcels")


def test_missing_columns_and_values_are_told() -> None:
    frame = ledger(("P1", "leased", None), ("P2", None, "2018-01-01")).drop(columns="parcel_id")
    with pytest.raises(ContractError, match="columns missing: parcel_id") as caught:
        validation.validate(frame, "ledger")
    assert {problem.rule for problem in caught.value.problems} == {
        "missing_columns",
        "missing_values",
    }


def test_a_layer_needs_polygons() -> None:
    points = gpd.GeoDataFrame(
        {"parcel_id": ["P1"], "zone_id": "A", "land_use": "industrial"},
        geometry=[Point(5e5, 1.2e6)],
        crs=CRS,
    )
    with pytest.raises(ContractError, match="not a polygon: P1"):
        validation.validate(points, "parcels")
    with pytest.raises(ContractError, match="has no geometry"):
        validation.validate(pd.DataFrame(points.drop(columns="geometry")), "parcels")
    # Several polygons are one lot, and whether a shape is missing is asked elsewhere.
    lots = parcels("P", "Q", "R")
    lots = lots.set_geometry([lots.geometry[0], MultiPolygon([lots.geometry[1]]), None], crs=CRS)
    assert len(validation.validate(lots, "parcels")) == 3


@pytest.mark.parametrize("ids", [[1, 2], [1.0, 2.0]])
def test_ids_that_are_numbers_are_refused(ids: list[Any]) -> None:
    # 1 and 1.0 and "1" would be three ids for one lot.
    frame = parcels("a", "b").assign(parcel_id=ids)
    with pytest.raises(ContractError, match="parcel_id must be text"):
        validation.validate(frame, "parcels")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2018-03-31", "2018-03-31"),
        (dt.date(2018, 3, 31), "2018-03-31"),
        (pd.Timestamp("2018-03-31"), "2018-03-31"),
    ],
)
def test_days_are_cast_to_days(given: object, expected: str) -> None:
    frame = ledger(("P1", "leased", given), ("P2", "leased", given, None))
    cast = validation.validate(frame, "ledger")
    assert cast["valid_from"].dtype == "datetime64[s]"
    assert cast["valid_from"].iloc[0] == pd.Timestamp(expected)
    assert cast["valid_to"].isna().all()


@pytest.mark.parametrize("dtype", ["float64", "datetime64[ns, UTC]", "object", "str"])
def test_a_column_of_no_day_is_one_of_days(dtype: str) -> None:
    empty = pd.Series([None], dtype=dtype)
    cast = validation.validate(
        ledger(("P1", "leased", "2018-03-31")).assign(valid_to=empty), "ledger"
    )
    assert cast["valid_to"].dtype == "datetime64[s]"
    assert cast["valid_to"].isna().all()


@pytest.mark.parametrize(
    "given",
    [
        pd.Timestamp("2018-03-31 08:00"),
        # Half a second after midnight, which a column of whole seconds would lose.
        pd.Timestamp("2018-03-31 00:00:00.5"),
        20180331,
        "31/03/2018",
    ],
)
def test_what_is_no_day_is_a_breach(given: object) -> None:
    with pytest.raises(ContractError, match="valid_from must be a day"):
        validation.validate(ledger(("P1", "leased", given)), "ledger")


def test_a_column_of_moments_holds_days_only_at_midnight() -> None:
    moments = pd.to_datetime(["2018-03-31 00:00", "2018-03-31 08:00", None])
    frame = ledger(*((name, "leased", "2018-01-01") for name in "PQR")).assign(valid_to=moments)
    with pytest.raises(ContractError, match="valid_to must be a day") as caught:
        validation.validate(frame, "ledger")
    assert [one.ids for one in caught.value.problems] == [("Q",)]


@pytest.mark.parametrize(
    ("valid_to", "good"),
    [("2018-01-02", True), ("2018-01-01", False), ("2017-12-31", False), (None, True)],
)
def test_an_interval_must_hold_at_least_a_day(valid_to: str | None, *, good: bool) -> None:
    frame = ledger(("P1", "leased", "2018-01-01", valid_to))
    if good:
        validation.validate(frame, "ledger")
    else:
        with pytest.raises(ContractError, match="valid_to must lie after valid_from: P1"):
            validation.validate(frame, "ledger")


def test_nullable_types_keep_what_is_missing() -> None:
    frame = pd.DataFrame(
        {"project_id": ["a", "b"], "workers": [3.0, None], "registered_ha": [None, 2]}
    )
    cast = validation.validate(frame, "projects")
    assert cast["workers"].dtype == "Int64"
    assert cast["workers"].isna().tolist() == [False, True]
    with pytest.raises(ContractError, match="workers must be a whole number: b"):
        validation.validate(frame.assign(workers=[3, 2.5]), "projects")
    with pytest.raises(ContractError, match="workers must be a whole number: b"):
        validation.validate(frame.assign(workers=[3, 1e300]), "projects")
    # As a database without bounds gives it.
    for endless in (float("inf"), float("-inf")):
        with pytest.raises(ContractError, match="workers must be a whole number: b"):
            validation.validate(frame.assign(workers=[3, endless]), "projects")


def test_flags_are_flags() -> None:
    frame = gpd.GeoDataFrame(
        {"emitter_id": ["a", "b"], "kind": "point", "enclosed": [True, None]},
        geometry=[Point(0, 0)] * 2,
        crs=CRS,
    )
    assert validation.validate(frame, "emitters")["enclosed"].dtype == "boolean"
    with pytest.raises(ContractError, match="enclosed must be true or false: b"):
        validation.validate(frame.assign(enclosed=[True, "yes"]), "emitters")
    # As columns come from files that mix kinds, or say nothing.
    for cells, flags in (([True, 0.0], [True, False]), ([None, 1], [None, True])):
        mixed = frame.assign(enclosed=pd.Series(cells, dtype="object"))
        cast = validation.validate(mixed, "emitters")["enclosed"]
        assert [None if pd.isna(one) else one for one in cast] == flags
    empty = frame.assign(enclosed=pd.Series([None, None], dtype="str"))
    assert validation.validate(empty, "emitters")["enclosed"].isna().all()


def test_own_columns_and_the_input_are_left_alone() -> None:
    frame = parcels("P1", remark=["=1+1"])
    before = frame.copy()
    cast = validation.validate(frame, "parcels")
    assert cast["remark"].tolist() == ["=1+1"]
    pd.testing.assert_frame_equal(frame, before)


RECORDED = "2018-03-31T17:00:00Z"  # midnight in Viet Nam: the first moment of 1 April there


@pytest.mark.parametrize(
    ("known_at", "is_known"),
    [
        ("2018-03-31", False),
        ("2018-04-01", True),
        ("2018-03-31T16:59:59.999999+00:00", False),
        (RECORDED, True),
        (None, True),
    ],
)
def test_a_row_is_known_from_the_moment_it_was_recorded(
    known_at: str | None, *, is_known: bool
) -> None:
    frame = ledger(("P1", "leased", "2018-01-01"), recorded_at=[RECORDED])
    assert len(validation.as_known(frame, known_at)) == is_known


@pytest.mark.parametrize(
    ("known_at", "is_known"),
    [
        ("2018-03-31", True),
        ("2018-04-01", False),
        ("2018-03-31T16:59:59.999999+00:00", True),
        (RECORDED, False),
        (None, False),
    ],
)
def test_a_row_is_known_until_it_was_superseded(known_at: str | None, *, is_known: bool) -> None:
    frame = ledger(("P1", "leased", "2018-01-01"), superseded_at=[RECORDED])
    assert len(validation.as_known(frame, known_at)) == is_known


def test_every_number_of_a_contract_names_its_unit_or_counts() -> None:
    units = ("_ha", "_m", "_m2", "_m3_day", "_share", "_vnd")
    plain = {"value", "capacity", "registered_capital", "implemented_capital"}  # unit in a column
    plain |= {"point_x", "point_y"}  # in the metres of the grid
    # Of the official return: đồng, and dollars for trade abroad.
    plain |= {"turnover", "budget", "export", "import", "capital"}
    for table in schema.TABLES.values():
        for column in table.columns:
            if column.kind is schema.Kind.NUMBER:
                assert column.name.endswith(units) or column.name in plain


@pytest.mark.parametrize(("cell", "good"), [(0.5, True), (1, True), ("0,5", False), (True, False)])
def test_only_the_cell_that_is_no_number_is_a_breach(cell: object, *, good: bool) -> None:
    entries = ledger(("P", "leased", "2018-01-01"), ("Q", "leased", "2018-01-01"))
    mixed = entries.assign(part_area_ha=pd.Series([None, cell], dtype="object"))
    if good:
        assert validation.validate(mixed, "ledger")["part_area_ha"].iloc[1] == cell
    else:
        with pytest.raises(ContractError, match="part_area_ha must be a number: Q"):
            validation.validate(mixed, "ledger")


@pytest.mark.parametrize("given", ["2018", "2018-03", 2018, "2018-01-01T00:00:00+07:00"])
def test_an_incomplete_date_is_not_completed(given: object) -> None:
    frame = ledger(("P", "leased", "2018-01-01"), ("Q", "leased", given))
    with pytest.raises(ContractError, match="valid_from must be a day"):
        validation.validate(frame, "ledger")


@pytest.mark.parametrize("junk", ["", "không", "05/01/2018 08:00"])
def test_a_moment_that_cannot_be_read_hides_no_row(junk: str) -> None:
    frame = ledger(("P", "leased", "2018-01-01")).assign(superseded_at=junk)
    assert len(validation.as_known(frame)) == 1
    with pytest.raises(ContractError, match="superseded_at must be a moment"):
        validation.validate(frame, "ledger")
    # Whoever collects breaches is shown what stands there, not what could be read of it.
    assert validation.validate(frame, "ledger", errors="collect")[0]["superseded_at"][0] == junk


def test_a_moment_is_no_finer_than_a_store_keeps_it() -> None:
    fine = ledger(("P", "leased", "2018-01-01"), recorded_at="2018-01-01T00:00:00.000000001Z")
    with pytest.raises(ContractError, match="recorded_at must be a moment"):
        validation.validate(fine, "ledger")


def test_the_three_ways_to_treat_breaches_see_the_same_breaches() -> None:
    # Of three rows the second has an unknown status and the third ends before it begins.
    frame = ledger(
        ("P", "leased", "2018-01-01"), ("Q", "sold", "2018-01-01"), ("R", "leased", "2018-01-01")
    ).assign(valid_to=[None, None, "2017-01-01"], entry_id=[None, None, "E3"])
    with pytest.raises(ContractError) as caught:
        validation.validate(frame, "ledger")
    cast, found = validation.validate(frame, "ledger", errors="collect")
    assert tuple(found) == caught.value.problems
    assert [(one.rule, one.ids) for one in found] == [("not_in_list", ("Q",))]
    assert len(cast) == 3
    # What is wrong with intervals shows once the rest is right.
    rows, found = validation.validate(frame, "ledger", errors="drop")
    assert rows is not None
    assert rows["parcel_id"].tolist() == ["P"]
    told = [(one.rule, one.ids) for one in found]
    # R may have other entries: the entry is named, and the lot only where it has no id.
    assert told == [("not_in_list", ("Q",)), ("interval_not_after", ("E3",))]


def test_of_a_table_without_a_required_column_no_row_is_sound() -> None:
    frame = ledger(("P", "leased", "2018-01-01")).drop(columns="status")
    rows, found = validation.validate(frame, "ledger", errors="drop")
    assert rows is None
    assert [one.rule for one in found] == ["missing_columns"]


def test_nothing_is_a_figure_where_none_may_be_negative() -> None:
    # A project may employ nobody and bring no capital; a lot without area is none.
    people = pd.DataFrame({"project_id": ["a"], "workers": [0], "registered_capital": [0.0]})
    cast = validation.validate(people, "projects")
    assert cast[["workers", "registered_capital"]].to_numpy().tolist() == [[0, 0.0]]
    for name in ("workers", "registered_capital"):
        with pytest.raises(ContractError, match=f"{name} is negative: a"):
            validation.validate(people.assign(**{name: -1}), "projects")
    with pytest.raises(ContractError, match="certificate_area_m2 must be above 0: P1"):
        validation.validate(parcels("P1").assign(certificate_area_m2=0.0), "parcels")
