"""The official return: a quarter of the sample filled by hand, and what it is made of."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.core.dates import DateError
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.report import OfficialReturn, official_return
from kcngeo.standards import return_forms

SAMPLE = Path(__file__).parents[2] / "data" / "parcels" / "two_zones.gpkg"
FORMS = Path(kcn.standards.__file__).parent / "returns" / "h-qlkkt-2026.toml"
LINES = ("foreign", "domestic", "total")
VND, USD = {"currency": "VND"}, {"currency": "USD"}

# Of 53 projects 49 were licensed by 30 Sep 2015 (DA-048 in 2016 and DA-051 to 053 in 2023 were
# not), 14 of them foreign. DA-009 is revoked on the first day of the quarter.
IN_FORCE = {"foreign": 13, "domestic": 35}
# In operation by then; DA-019, 031 and 050 were from 2016 and 2017, eleven have no day.
PRODUCING = {"foreign": 8, "domestic": 28}


def changes() -> pd.DataFrame:
    """What became of licences: on the first day, within, on the last day, and a day after."""
    return pd.DataFrame(
        {
            "project_id": ["DA-009", "DA-001", "DA-002", "DA-004"],
            "on": pd.to_datetime(["2015-07-01", "2015-08-14", "2015-09-30", "2015-10-01"]),
            "kind": ["revoked", "raised", "cut", "raised"],
            "capital": [None, 10e9, 5e9, 7e9],
        }
    )


def periods(projects: pd.DataFrame) -> pd.DataFrame:
    """Let every project report one foreign worker, and who produces round sums."""
    here = projects[
        (projects["licensed_on"] <= "2015-09-30") & (projects["project_id"] != "DA-009")
    ]
    runs = here["operating_on"] <= "2015-09-30"
    table = pd.DataFrame({"project_id": here["project_id"], "period": "2015Q3"})
    return table.assign(
        turnover=runs.map({True: 2e9, False: None}),
        budget=runs.map({True: 1e8, False: None}),
        # DA-005, which produces, forgot its exports.
        export=runs.map({True: 250_000.0, False: None}).mask(here["project_id"] == "DA-005"),
        **{"import": runs.map({True: 125_000.0, False: None})},
        foreign_workers=pd.array([1] * len(here), dtype="Int64"),
        # DA-001 has 101 on record and reports 111.
        workers=pd.array([111 if one == "DA-001" else None for one in here["project_id"]], "Int64"),
    )


@cache
def sample() -> kcn.Project:
    project = kcn.io.read_project(SAMPLE)
    return replace(
        project, project_changes=changes(), project_periods=periods(project.projects), taken=None
    )


@cache
def filled() -> OfficialReturn:
    return official_return(sample(), quarter="2015Q3")


def by_hand() -> dict[tuple[str, str, str], Any]:
    """Fill the forms of the third quarter of 2015 by hand; what is missing names its column."""
    cells: dict[tuple[str, str, str], Any] = {}

    def origins(form: str, item: str, foreign: Any, domestic: Any, total: Any = None) -> None:
        told = foreign + domestic if total is None else total
        for line, value in zip(LINES, (foreign, domestic, told), strict=True):
            cells[form, line, item] = value

    # 2101. One licence in the quarter: DA-031, foreign, 2 July, 2 344 320 USD.
    origins("2101", "new_projects", 1, 0)
    origins("2101", "new_capital_vnd", 0, 0)
    origins("2101", "new_capital_usd", 2.34432, 0)
    # DA-001 raised by 10 bn, DA-002 cut by 5 bn, both domestic; DA-009 with all its 1.94886 m USD
    # was revoked. What DA-004 raised in October is none of it.
    origins("2101", "raised_projects", 0, 1)
    origins("2101", "raised_capital_vnd", 0, 10)
    origins("2101", "raised_capital_usd", 0, 0)
    origins("2101", "cut_projects", 0, 1)
    origins("2101", "cut_capital_vnd", 0, 5)
    origins("2101", "cut_capital_usd", 0, 0)
    origins("2101", "revoked_projects", 1, 0)
    origins("2101", "revoked_capital_vnd", 0, 0)
    origins("2101", "revoked_capital_usd", 1.94886, 0)
    # Let to DA-021 1.8 ha of LS-CN10-03 (domestic), to DA-029 PH-CN02-03 of 0.775 ha (domestic), to
    # DA-031 PH-CN03-03 of 1.184 ha (foreign); recovered from DA-015 LS-CN06-01, 4.883 ha (foreign).
    origins("2101", "let_ha", 1.184, 2.575)
    origins("2101", "recovered_ha", 4.883, 0)
    origins("2101", "let_change_ha", -3.699, 2.575, -1.124)

    # 2102. Both zones were cut on 12 Aug 2015; Tân Phú, cut on the same day, was not established.
    for zone_id, before, after, document in (
        ("loc-son", 185, 183, "Điều chỉnh còn 183 ha, 12/8/2015"),
        ("phu-hoi", 174, 109, "Điều chỉnh còn 109 ha, 2015; ngày trong năm giả định"),
    ):
        line = f"{zone_id} 2015-08-12 adjusted"
        cells["2102", line, "event"] = "adjusted"
        cells["2102", line, "event_on"] = "2015-08-12"
        cells["2102", line, "area_before_ha"] = before
        cells["2102", line, "area_after_ha"] = after
        cells["2102", line, "zones.plan_document"] = document
        cells["2107", zone_id, "zones.plan_document"] = document

    # 2103. Nobody entered who builds the zones.
    for name in ("infrastructure_project", "developer", "infrastructure_decision", "commune_code"):
        for zone_id in ("loc-son", "phu-hoi"):
            cells["2103", zone_id, f"zones.{name}"] = f"? zones.{name}"
    for line in ("loc-son", "phu-hoi", "total"):
        cells["2103", line, "zones.infrastructure_capital_vnd"] = (
            "? zones.infrastructure_capital_vnd"
        )
        if line != "total":
            cells["2103", line, "zones.infrastructure_share"] = "? zones.infrastructure_share"
            cells["2103", line, "operating"] = "yes"
    base, let = hectares("base"), hectares("let")
    # Clearance packages handed over by the end of the quarter: 16.379 and 14.8353 ha.
    for line, approved, handed in (
        ("loc-son", 183, 16.379),
        ("phu-hoi", 109, 14.8353),
        ("total", 292, 31.2143),
    ):
        cells["2103", line, "zones.approved_area_ha"] = approved
        cells["2103", line, "base_ha"] = base[line]
        cells["2103", line, "leased_ha"] = let[line]
        # The total is the ratio of the sums, 60.71 %, not the mean of 53.66 and 72.07 %.
        cells["2103", line, "fill_rate"] = 100 * let[line] / base[line]
        cells["2103", line, "handed_over_ha"] = handed

    # 2104. Registered in bn VND, project by project as they stand in the table: 61 49 74 23 58 89
    # 47 39 40 28 34 17 33 205 55 70 47 62 67 49 35 72 44 52 46 107 39 66 53 68 40 102 37 13 29 =
    # 1950; DA-004 had not yet raised its 7. In USD 30 244 716 of 14 foreign ones, less DA-009.
    origins("2104", "valid_projects", *IN_FORCE.values())
    origins("2104", "producing_projects", *PRODUCING.values())
    origins("2104", "registered_capital_vnd", 0, 1943)
    origins("2104", "registered_capital_usd", 28.295856, 0)
    # Nobody reported capital, so what is on record counts; of DA-009 nothing was realised.
    origins("2104", "realised_capital_vnd", 0, 1326.95)
    origins("2104", "realised_capital_usd", 16.8688333, 0)
    # 2 bn of turnover, 0.1 bn of budget, 0.25 and 0.125 m USD a project that produces.
    origins("2104", "turnover", 16, 56)
    origins("2104", "budget", 0.8, 2.8)
    lost = "? project_periods.export: DA-005"
    origins("2104", "export", 2, lost, lost)
    origins("2104", "import", 1, 3.5)
    # 2106. On record 899 and 3030 (DA-009 has none), DA-001 reports ten more.
    origins("2106", "workers", 899, 3040)
    for form in ("2104", "2106"):
        origins(form, "vietnamese_workers", 899 - 13, 3040 - 35)
        origins(form, "foreign_workers", 13, 35)

    # 2107. Only of Tân Phú, not established, is the area in the plan on record.
    unknown = "? zones.planned_area_ha"
    for line, planned, approved, remaining in (
        ("loc-son", unknown, 183, unknown),
        ("phu-hoi", unknown, 109, unknown),
        ("tan-phu", 328, 0, 328),
        ("total", unknown, 292, unknown),
    ):
        cells["2107", line, "planned_ha"] = planned
        cells["2107", line, "approved_ha"] = approved
        cells["2107", line, "remaining_ha"] = remaining
    renamed = "Đổi tên và điều chỉnh còn 328 ha, 2015; ngày trong năm giả định"
    cells["2107", "tan-phu", "zones.plan_document"] = renamed
    return cells


@cache
def hectares(of: str) -> dict[str, float]:
    """Count industrial and service lots and their leases of 30 Sep 2015, row by row."""
    day, found = pd.Timestamp("2015-09-30"), {"loc-son": 0.0, "phu-hoi": 0.0}
    project = sample()

    def holds(row: Any) -> bool:
        starts = pd.isna(row["valid_from"]) or row["valid_from"] <= day
        return bool(starts and (pd.isna(row["valid_to"]) or day < row["valid_to"]))

    lots = {
        row["parcel_id"]: (row["zone_id"], row["geometry"].area / 10_000)
        for row in project.parcels.to_dict("records")
        if holds(row) and row["land_use"] in ("industrial", "service") and row["zone_id"] in found
    }
    if of == "base":
        for zone_id, area_ha in lots.values():
            found[zone_id] += area_ha
    for row in project.ledger.to_dict("records") if of == "let" else ():
        if pd.isna(row["superseded_at"]) and row["status"] == "leased" and holds(row):
            zone_id, area_ha = lots.get(row["parcel_id"], (None, 0.0))
            if zone_id is not None:
                part_ha = row["part_area_ha"]
                found[zone_id] += area_ha if pd.isna(part_ha) else part_ha
    return {**found, "total": sum(found.values())}


def told(made: OfficialReturn) -> dict[tuple[str, str, str], Any]:
    """Give every cell as by hand: a figure, words, or what would answer."""
    cells = {}
    for row in made.cells.to_dict("records"):
        value: Any = row["said"] if isinstance(row["said"], str) else row["value"]
        if row["cell_kind"] == "missing":
            ids = row["wanted_ids"]
            named = row["wanted"].startswith("project_periods") and ids
            value = f"? {row['wanted']}" + (f": {ids}" if named else "")
        cells[row["form"], row["line"], row["item"]] = value
    return cells


def test_a_quarter_of_the_sample_is_filled_as_by_hand() -> None:
    program, hand = told(filled()), by_hand()
    assert set(program) == set(hand)
    words = {key: value for key, value in hand.items() if isinstance(value, str)}
    assert {key: program[key] for key in words} == words
    figures = {key: value for key, value in hand.items() if key not in words}
    # To a square metre: a lot is measured in whole mm², a contract within 1 m² of its lot is it.
    assert {key: program[key] for key in figures} == pytest.approx(figures, abs=1e-4)


def test_every_figure_is_the_sum_of_the_rows_it_leads_to() -> None:
    made = filled()
    cells = made.cells[(made.cells["cell_kind"] != "missing") & made.cells["value"].notna()]
    cells = cells[cells["item"] != "fill_rate"].set_index(["form", "line", "item"])["value"]
    sums = made.rows.groupby(["form", "line", "item"])["value"].sum()
    assert sums.reindex(cells.index, fill_value=0.0).tolist() == pytest.approx(cells.tolist())
    lots = made.rows[(made.rows["item"] == "base_ha") & (made.rows["line"] == "phu-hoi")]
    assert set(lots["table"]) == {"parcels"}
    assert lots["id"].str.startswith("PH-").all()


def test_what_is_registered_follows_from_what_was_before() -> None:
    before = told(official_return(sample(), quarter="2015Q2"))
    now = told(filled())
    for line in LINES:
        for currency in ("vnd", "usd"):
            moved = {
                kind: now["2101", line, f"{kind}_capital_{currency}"]
                for kind in ("new", "raised", "cut", "revoked")
            }
            was = before["2104", line, f"registered_capital_{currency}"]
            is_now = now["2104", line, f"registered_capital_{currency}"]
            assert is_now == pytest.approx(
                was + moved["new"] + moved["raised"] - moved["cut"] - moved["revoked"]
            )


@pytest.mark.parametrize(
    ("on", "new", "in_force"),
    [
        ("2017-12-31", 0, 1),  # the day before
        ("2018-01-01", 1, 1),  # the first day
        ("2018-03-31", 1, 1),  # the last day
        ("2018-04-01", 0, 0),  # the day after
    ],
)
def test_the_days_of_a_quarter(on: str, new: int, in_force: int) -> None:
    base = kcn.examples.squares()
    projects = base.projects[:1].assign(licensed_on=pd.to_datetime([on]))
    cells = told(official_return(replace(base, projects=projects), quarter="2018Q1"))
    assert cells["2101", "domestic", "new_projects"] == new
    assert cells["2104", "domestic", "valid_projects"] == in_force


def test_what_nobody_knows_is_missing_by_name() -> None:
    base = kcn.examples.squares()
    projects = base.projects.assign(
        origin=["domestic", None, "domestic", "domestic"],
        registered_capital=[1e9, 2e9, None, 3e9],
        currency=["VND", "VND", "VND", "EUR"],
        licensed_on=base.projects["licensed_on"],
    )
    cells = told(official_return(replace(base, projects=projects), quarter="2018Q1"))
    # Four projects, one of them of neither origin: the total is known, the parts are not.
    assert cells["2104", "total", "valid_projects"] == 4
    assert cells["2104", "foreign", "valid_projects"] == "? projects.origin"
    wanted = "? projects.currency|projects.registered_capital"
    assert cells["2104", "total", "registered_capital_vnd"] == wanted
    # The form has no column for euros, and nothing is known of roubles either.
    assert cells["2104", "total", "registered_capital_usd"] == "? projects.currency"
    none = told(official_return(replace(base, projects=None), quarter="2018Q1"))
    assert none["2104", "total", "valid_projects"] == "? projects"
    assert none["2103", "A", "operating"] == "? ledger.project_id"


def test_land_let_to_nobody_who_is_known_is_in_the_total_alone() -> None:
    base = kcn.examples.squares()
    begun = pd.DataFrame(
        {
            "entry_id": ["E9"],
            "parcel_id": ["B-2"],
            "status": ["leased"],
            "valid_from": pd.to_datetime(["2018-03-31"]),
        }
    )
    ledger = pd.concat([base.ledger, begun], ignore_index=True)
    made = official_return(replace(base, ledger=ledger), quarter="2018Q1")
    cells = told(made)
    assert cells["2101", "total", "let_change_ha"] == 1
    assert cells["2101", "foreign", "let_change_ha"] == "? ledger.project_id"
    rows = made.rows[(made.rows["item"] == "let_ha") & (made.rows["line"] == "total")]
    assert rows[["zone_id", "table", "id", "value"]].to_numpy().tolist() == [
        ["B", "ledger", "E9", 1]
    ]


def test_a_zone_at_fault_leaves_its_cells_missing_and_the_others_stand() -> None:
    base = kcn.examples.squares()
    # More let of B-1 than there is.
    ledger = base.ledger.copy()
    ledger.loc[ledger["entry_id"] == "E6", "part_area_ha"] = 9.0
    with pytest.warns(kcn.errors.ZonesLeftOutWarning, match="B"):
        cells = told(official_return(replace(base, ledger=ledger), quarter="2018Q1"))
    assert cells["2103", "A", "leased_ha"] == 2.5
    assert cells["2103", "B", "leased_ha"] == "? at_fault"
    assert cells["2103", "total", "fill_rate"] == "? at_fault"


def test_a_total_is_without_zones_of_which_nothing_is_published() -> None:
    base = kcn.examples.squares()
    zones = pd.concat([base.zones, base.zones[1:].assign(zone_id=["C"], name=["Zone C"])])
    more = pd.concat([zones, base.zones[1:].assign(zone_id=["D"], name=["Zone D"])])
    stated = pd.DataFrame(
        {
            "zone_id": ["C"],
            "on": pd.to_datetime(["2017-12-31"]),
            "base_ha": [3.0],
            "leased_ha": [1.5],
            "source": ["a letter"],
        }
    )
    project = replace(base, zones=more.reset_index(drop=True), declared_accounts=stated)
    made = official_return(project, quarter="2018Q1")
    cells = told(made)
    # 2.5 + 1 + 1.5 of 5 + 2 + 3 ha; of D nobody says anything.
    assert cells["2103", "total", "fill_rate"] == pytest.approx(50.0)
    assert cells["2103", "total", "base_ha"] == 10
    assert cells["2103", "D", "base_ha"] == "? declared_accounts.base_ha"
    total = made.cells[(made.cells["line"] == "total") & (made.cells["item"] == "base_ha")]
    assert total["left_out"].tolist() == ["D"]
    entered = made.cells[(made.cells["line"] == "C") & (made.cells["item"] == "base_ha")]
    assert entered[["cell_kind", "value"]].to_numpy().tolist() == [["entered", 3.0]]


@pytest.mark.parametrize("quarter", ["2018", "2018Q5", "2018q1", "2018-03", "", 2018])
def test_a_quarter_is_written_one_way(quarter: Any) -> None:
    with pytest.raises(DateError, match="2026Q3"):
        official_return(kcn.examples.squares(), quarter=quarter)


def test_a_new_circular_is_a_new_file(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    text = FORMS.read_text(encoding="utf-8")
    file.write_text(text.replace('"secondary"', '"official"'), encoding="utf-8")
    assert not return_forms(file).is_draft
    file.write_text(text.replace('item = "workers"', 'item = "wages"'), encoding="utf-8")
    with pytest.raises(KcngeoError, match='2106 asks for "wages"'):
        official_return(kcn.examples.squares(), quarter="2018Q1", forms=return_forms(file))
    file.write_text(text.replace('lines = "plan"', 'lines = "plans"'), encoding="utf-8")
    with pytest.raises(DataSourceError, match="'plans', not one of"):
        return_forms(file)
    file.write_text(text.replace('"nd35-2022"', '"cleared"'), encoding="utf-8")
    with pytest.raises(KcngeoError, match="cleared"):
        official_return(kcn.examples.squares(), quarter="2018Q1", forms=return_forms(file))
