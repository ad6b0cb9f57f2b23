"""One schema for all tables: every column has words and a unit, and is shown by its contract."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from kcngeo import theme
from kcngeo.core import texts
from kcngeo.core.schema import (
    COMPUTED,
    LAYERS,
    RECORDED,
    TABLES,
    Column,
    Kind,
    Table,
    Unit,
    cell,
    contract,
    empty,
    heading,
    in_contract,
    is_told,
    tables_page,
    told_heading,
    value_words,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
EVERY = [
    (table, column)
    for home in (TABLES, COMPUTED, LAYERS)
    for table in home.values()
    for column in (*table.columns, *RECORDED)
]


def test_every_column_has_words_and_every_number_a_unit() -> None:
    words = texts.table()
    lacking = set()
    for table, column in EVERY:
        entry = words.get(column.label, {})
        if not all(entry.get(language) for language in texts.LANGUAGES):
            lacking.add(f"{table.name}.{column.name}: no words {column.label}")
        if column.kind in (Kind.NUMBER, Kind.COUNT) and column.unit is None:
            lacking.add(f"{table.name}.{column.name}: no unit")
        if column.unit is not None and f"unit.{column.unit}" not in words:
            lacking.add(f"{table.name}.{column.name}: no words of its unit")
        if column.unit_in not in {"", "measure", *table.names}:
            lacking.add(f"{table.name}.{column.name}: its unit stands in no column")
        if f"table.{table.name}" not in words:
            lacking.add(f"{table.name}: no title")
    assert lacking == set()


def test_every_value_of_a_closed_list_has_words_in_both_languages() -> None:
    words = texts.table()
    lacking = {
        f"{table.name}.{column.name}: {value}"
        for table, column in EVERY
        for value in column.choices
        for groups in [column.words or (f"{table.name}_{column.name}", column.name)]
        if not any(f"{group}.{value}".replace(" ", "_") in words for group in groups)
    }
    assert lacking == set()


def test_the_unit_stands_in_the_words_of_a_number() -> None:
    marks = {Unit.HA: "ha", Unit.M: "m", Unit.M2: "m²", Unit.POINTS: "%", Unit.DAYS: ""}
    lacking = set()
    for table, column in EVERY:
        mark = marks.get(column.unit) if column.unit is not None else None
        if mark and mark not in heading(column, language="vi"):
            lacking.add((table.name, column.name))
    assert lacking == set()


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_unit_over_a_cell_is_that_of_the_cell(language: str) -> None:
    said = {"points": "điểm %" if language == "vi" else "points", "share": "%"}
    for table, column in EVERY:
        found = re.search(r"\(([^()]*)\)$", told_heading(column, language=language))
        unit = "" if found is None else found[1]
        written = cell(column, 0.5, language=language) if column.kind is Kind.NUMBER else ""
        where = (table.name, column.name, unit, written)
        # Half is 50 points or 50 %, whatever the head says of it.
        assert (unit == said["points"]) == (column.unit is Unit.POINTS), where
        assert (unit == said["share"]) <= written.endswith(" %"), where
        assert unit not in ("share", "tỷ lệ"), where


def test_no_table_declares_a_column_twice() -> None:
    twice = [
        table.name
        for home in (TABLES, COMPUTED, LAYERS)
        for table in home.values()
        if len(set(table.names)) < len(table.names) or not set(table.key) <= set(table.names)
    ]
    assert twice == []


def test_a_number_must_be_given_a_unit() -> None:
    with pytest.raises(ValueError, match="column length is a number without a unit"):
        Column(name="length", kind=Kind.NUMBER)


@pytest.mark.parametrize(
    ("name", "unit", "decimals"),
    [
        ("base_ha", Unit.HA, 2),
        ("net_ha_per_month", Unit.HA_PER_MONTH, 2),
        ("certificate_area_m2", Unit.M2, 1),
        ("capacity_m3_day", Unit.M3_DAY, 0),
        ("gap_m", Unit.M, 1),
        ("known_share", Unit.SHARE, 2),
        ("paid_vnd", Unit.VND, 0),
        ("median_days", Unit.DAYS, 0),
        ("delay_years", Unit.YEARS, 0),
        ("price_vnd_m2", Unit.VND_M2, 0),
        ("lots_count", Unit.COUNT, 0),
    ],
)
def test_the_unit_follows_from_the_ending_of_the_name(name: str, unit: Unit, decimals: int) -> None:
    column = Column(name=name, kind=Kind.NUMBER)
    assert (column.unit, column.decimals, column.label) == (unit, decimals, f"column.{name}")


_AREA = {"name": "area_ha", "kind": Kind.NUMBER}


@pytest.mark.parametrize(
    ("options", "value", "vi", "en"),
    [
        (_AREA, 1234.5, "1.234,50", "1,234.50"),
        (_AREA | {"decimals": 4}, 1.5, "1,5000", "1.5000"),
        (_AREA | {"signed": True}, -1.5, "−1,50", "−1.50"),
        (_AREA, float("nan"), "", ""),
        ({"name": "done_share", "kind": Kind.NUMBER}, 0.5, "50,00 %", "50.00 %"),
        (
            {"name": "change", "kind": Kind.NUMBER, "unit": Unit.POINTS},
            0.0991,
            "+9,91",
            "+9.91",
        ),
        ({"name": "lots_count", "kind": Kind.COUNT}, 12, "12", "12"),
        (
            {"name": "on", "kind": Kind.DATE},
            pd.Timestamp("2018-03-31"),
            "31/03/2018",
            "31 Mar 2018",
        ),
        ({"name": "on", "kind": Kind.DATE}, "soon", "soon", "soon"),
        ({"name": "passes", "kind": Kind.FLAG}, False, "không", "no"),
        ({"name": "status", "kind": Kind.TEXT, "choices": ("leased",)}, "leased", None, "leased"),
        # A text that happens to be a code is a text.
        ({"name": "status", "kind": Kind.TEXT}, "leased", "leased", "leased"),
        ({"name": "parcel_ids", "kind": Kind.TEXT, "joined": True}, "P|Q", "P, Q", "P, Q"),
    ],
)
def test_a_cell_is_written_by_its_contract(
    options: dict[str, Any], value: Any, vi: str | None, en: str
) -> None:
    column = Column(**options)
    assert cell(column, value, language="en") == en
    assert cell(column, value, language="vi") == ("đã cho thuê" if vi is None else vi)


def test_ids_are_told_by_name_and_what_follows_a_colon_as_it_stands() -> None:
    column = Column(name="zone_id", kind=Kind.TEXT)
    names = {"zones": {"A": "Khu A", "B": "Khu B"}}
    for value, told in (("A|B: 2 ha|C", "Khu A; Khu B: 2 ha; C"), ("A", "Khu A")):
        assert cell(column, value, language="vi", names=names) == told
        assert cell(column, value, language="vi", names={"rules": {}}) == value
    held = Column(name="held", kind=Kind.TEXT, named_in="table")
    assert cell(held, "A", language="vi", names=names, row={"table": "zones"}) == "Khu A"
    assert cell(held, "A", language="vi", names=names, row={"table": "sites"}) == "A"


def test_a_value_whose_unit_is_that_of_its_measure() -> None:
    column = COMPUTED["targets"].column("actual")
    assert column is not None
    for measure, told in (("fill_rate", "50.00 %"), ("leased_ha", "0.50")):
        assert cell(column, 0.5, language="en", row={"measure": measure}) == told


def test_codes_joined_are_told_one_by_one() -> None:
    lacks = COMPUTED["readiness"].column("lacks")
    assert lacks is not None
    assert value_words(lacks, "power|water", language="vi") == "cấp điện, cấp nước"


def test_a_family_of_columns_is_named_one_by_one() -> None:
    column = COMPUTED["series"].column("fill_rate_gross")
    assert column is not None
    assert heading(column, name="fill_rate_gross", language="en") == "Fill rate gross"


def test_people_are_spared_what_says_nothing() -> None:
    rate = Column(name="fill_rate", kind=Kind.NUMBER, unit=Unit.SHARE)
    sparse = Column(name="to_target_ha", kind=Kind.NUMBER, sparse=True)
    moved = Column(name="resurvey", kind=Kind.NUMBER, unit=Unit.POINTS, sparse=True)
    nothing = pd.Series([float("nan")])
    # A rate that is missing is news; a cause that moved nothing is none.
    assert [is_told(one, nothing) for one in (rate, sparse)] == [True, False]
    assert [is_told(moved, pd.Series([size])) for size in (4e-7, 6e-7)] == [False, True]


def test_a_computed_table_has_its_declared_columns_and_no_other() -> None:
    table = Table(
        name="late",
        key=("zone_id",),
        columns=(
            Column(name="zone_id", kind=Kind.TEXT),
            Column(name="late_days", kind=Kind.COUNT),
            Column(name="note", kind=Kind.TEXT, sparse=True),
        ),
    )
    given = pd.DataFrame({"late_days": [3]}, index=pd.Index(["A"], name="zone_id"))
    flat = in_contract(table, given)
    assert list(flat.columns) == ["zone_id", "late_days", "note"]
    assert flat["note"].isna().all()
    assert list(given.columns) == ["late_days"]
    # What is laid out already goes on as it is, but as a plain table.
    assert type(in_contract(table, gpd.GeoDataFrame(flat))) is pd.DataFrame
    with pytest.raises(ValueError, match="table late has undeclared own"):
        in_contract(table, given.assign(own=1))
    with pytest.raises(ValueError, match="table late lacks late_days"):
        in_contract(table, given.drop(columns="late_days"))


@pytest.mark.parametrize("name", sorted(COMPUTED))
def test_an_empty_table_is_in_its_contract(name: str) -> None:
    assert list(in_contract(COMPUTED[name], empty(COMPUTED[name])).columns) == COMPUTED[name].names


def test_stored_tables_come_first_unless_asked_otherwise() -> None:
    assert contract("targets") is TABLES["targets"]
    assert contract("targets", computed=True) is COMPUTED["targets"]
    assert contract("own") is None
    assert set(COMPUTED) & set(TABLES) == {"targets"}


def test_people_enter_all_tables_but_what_was_published() -> None:
    assert [name for name, table in TABLES.items() if not table.entered] == ["publications"]


def test_names_of_people_are_personal() -> None:
    of_any_table = {column.name for column in RECORDED if column.personal}
    assert of_any_table == {"recorded_by"}
    personal = {(table.name, column.name) for table, column in EVERY if column.personal}
    assert {one for one in personal if one[1] not in of_any_table} == {
        ("projects", "investor"),
        ("zones", "plan_document"),
        ("zones", "developer"),
        ("zones", "infrastructure_decision"),
        ("project_changes", "document"),
        ("support", "answered_by"),
        ("support", "document"),
        ("documents", "number"),
        ("documents", "path"),
        ("return_cells", "said"),
        ("return_rows", "said"),
        ("parcels", "certificate_no"),
        ("ledger", "document"),
        ("milestones", "document"),
        ("clocks", "investor"),
        ("reconciliation", "investor"),
        ("companies", "investor"),
        ("companies", "like"),
        ("parcels_on_day", "investors"),
        # Figures one enterprise gives of itself.
        ("projects", "registered_capital"),
        ("projects", "implemented_capital"),
        *(("project_periods", name) for name in ("turnover", "budget", "export", "import")),
        *(("project_periods", name) for name in ("workers", "foreign_workers")),
        *(("project_periods", name) for name in ("output_vnd", "wages_vnd")),
        ("project_periods", "implemented_capital"),
        ("project_changes", "capital"),
    }


def test_the_door_gives_the_words_of_the_schema() -> None:
    assert theme.column("fill_rate_gross", layer="series", language="vi").endswith("gross")
    assert theme.choice("conflict", name="state", layer="conflicts", language="en") == "too near"


def test_the_pages_of_the_documentation_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_tables", DOCS / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    for language, name in made.PAGES.items():
        page = tables_page(language=language)
        assert (DOCS / name).read_text(encoding="utf-8") == page
        # No cell of the page breaks its table.
        rows = [line for line in page.splitlines() if line.startswith("| ")]
        assert {len(re.split(r"(?<!\\)\|", row)) for row in rows} == {8}
