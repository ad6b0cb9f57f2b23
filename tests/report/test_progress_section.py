"""Development in step in the monthly report, by hand on lots of 1 ha.

Zone A: A1 let to D1, who was handed the land on 15 December 2023 and does nothing; A2 let to D2,
who operates; A3 free; A4 not yet cleared. Zone B: two lots that overlap, so nothing is computable.
Zone C: only proposed.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

from kcngeo import Project, report
from kcngeo.publish.document import document
from kcngeo.publish.month_tables import late_table, steps_table
from tests import squares

FIGURES = ["planned_ha", "cleared_ha", "serviced_ha", "leased_ha", "building_ha", "operating_ha"]
CLOCKS = ["clock_over_ha", "clock_soon_ha", "clock_unknown_ha"]


def project(**tables: Any) -> Project:
    names = ["A1", "A2", "A3", "A4", "B1", "B2"]
    shapes = [*(squares.square(column) for column in range(4)),
              squares.square(0, 1), squares.square(0.5, 1)]  # fmt: skip
    parcels = squares.parcels(*names, zone=[name[0] for name in names])
    works = gpd.GeoDataFrame(
        {
            "work_id": ["W1", "W2"],
            "zone_id": ["A", "B"],
            "kind": ["road", "power"],
            "progress_share": [0.5, 0.0],
            "due_on": pd.to_datetime(["2024-10-01", "2024-10-31"]),
            "done_on": pd.to_datetime([None, None]),
        },
        geometry=[LineString([(squares.EAST, squares.NORTH + row), (squares.EAST + 100, 0)])
                  for row in (0, 100)],
        crs=squares.CRS,
    )  # fmt: skip
    frames = {
        "zones": squares.zones("A", "B", "C", name=["An", "Bình", "Cát"],
                               stage=["established", "established", "proposed"]),
        "parcels": parcels.set_geometry(shapes, crs=squares.CRS),
        "ledger": squares.ledger(
            ("A1", "leased", "2023-10-01"), ("A2", "leased", "2020-01-01"),
            ("A4", "uncleared", "2010-01-01"), project_id=["D1", "D2", None],
        ),
        "projects": pd.DataFrame({
            "project_id": ["D1", "D2"], "investor": ["x", "y"], "licensed_on": "2019-01-01",
            "handed_over_on": ["2023-12-15", "2020-02-01"], "operating_on": [None, "2021-01-01"],
            "due_on": ["2025-12-15", "2021-01-01"],
        }),
        "works": works,
        "clearance": gpd.GeoDataFrame({
            "clearance_id": ["G1", "G2"], "zone_id": ["A", "C"], "parcel_id": ["A4", None],
            "area_ha": [1.0, 5.0], "households": [3, 7], "due_on": ["2024-06-30", None],
            "plots_needed": [4, None], "plots_ready": [1, None],
        }, geometry=[squares.square(3), squares.square(0, 5, wide=5)], crs=squares.CRS),
        "milestones": pd.DataFrame({
            "zone_id": ["C", "C"], "kind": ["proposed", "dossier_submitted"],
            "due_on": [None, "2024-10-21"], "done_on": ["2013-04-16", None],
        }),
        **tables,
    }  # fmt: skip
    return Project(**frames)


def test_every_zone_has_a_row_and_land_that_does_not_count_has_no_figures() -> None:
    table = steps_table(report.monthly(project(), month="2024-10")).set_index("zone_id")
    assert table["stage"].to_dict() == {"A": "established", "B": "established", "C": "proposed"}
    # Of four lots three are cleared, none is serviced, two are let, one builds and operates.
    assert table.loc["A", FIGURES].tolist() == [4, 3, 0, 2, 1, 1]
    assert table.loc[["B", "C"], [*FIGURES, *CLOCKS]].isna().all(axis=None)
    assert table.loc["A", ["households_waiting_count", "plots_short_count"]].tolist() == [3, 3]
    assert table.loc["A", "overdue_ha"] == 1
    # What nobody entered of C's plots is not known; nothing of B is.
    assert table.loc["C", "households_waiting_count"] == 7
    assert pd.isna(table.loc["C", "plots_short_count"])
    assert pd.isna(table.loc["B", "households_waiting_count"])
    # A: clearance, resettlement and the road, all late; B: power, due that day; C: clearance not
    # begun, how many plots it needs not known, one step done and one late.
    counts = table[[f"components_{word}count" for word in ("", "done_", "late_")]]
    assert counts.loc["A"].tolist() == [3, 0, 3]
    assert counts.loc["B"].tolist() == [1, 0, 0]
    assert counts.loc["C"].tolist() == [3, 1, 1]
    assert set(table["serviced_verified"]) == {"unverified"}


@pytest.mark.parametrize(
    ("month", "figures"),
    # Twelve months from 15 December 2023 end on 15 December 2024, within six months of August.
    # The law of 2013 has the same figures as that of 2024.
    [
        ("2024-05", [0, 0, 0]),
        ("2024-06", [0, 1, 0]),
        ("2024-07", [0, 1, 0]),
        ("2024-08", [0, 1, 0]),
        ("2024-11", [0, 1, 0]),
        ("2024-12", [1, 0, 0]),
    ],
)
def test_idle_land_by_its_clock(month: str, figures: list[int]) -> None:
    made = report.monthly(project(), month=month)
    table = steps_table(made).set_index("zone_id")
    assert table.loc["A", CLOCKS].tolist() == figures
    law = "secondary" if month < "2024-08" else "official"
    assert table.loc["A", "clock_verified"] == law


def test_what_is_late_the_latest_first() -> None:
    late = late_table(report.monthly(project(), month="2024-10"))
    # Days from 30 June, 1 October and 21 October to 31 October.
    rows = late[["zone_id", "component", "late_days"]].itertuples(index=False, name=None)
    assert late["done_share"].fillna(-1).tolist() == [0, 0.25, 0.5, -1]
    assert list(rows) == [
        ("A", "clearance", 123), ("A", "resettlement", 123), ("A", "road", 30),
        ("C", "dossier_submitted", 10),
    ]  # fmt: skip


def test_a_project_without_tables_beside_the_ledger_leaves_all_else_unknown() -> None:
    bare = project(projects=None, works=None, clearance=None, milestones=None)
    table = steps_table(report.monthly(bare, month="2024-10")).set_index("zone_id")
    assert table.loc["A", ["planned_ha", "cleared_ha", "leased_ha"]].tolist() == [4, 3, 2]
    unknown = ["serviced_ha", "building_ha", "operating_ha", "overdue_ha", *CLOCKS,
               "households_waiting_count", "plots_short_count"]  # fmt: skip
    assert table.loc["A", unknown].isna().all()
    assert table["components_count"].tolist() == [0, 0, 0]


def test_what_was_corrected_later_stands_as_it_was_known() -> None:
    given = project()
    assert given.works is not None
    works = pd.concat([given.works.iloc[:1]] * 2, ignore_index=True).assign(
        recorded_at=pd.to_datetime(["2024-01-01", "2024-11-05"], utc=True),
        superseded_at=pd.to_datetime(["2024-11-05", None], utc=True),
        due_on=pd.to_datetime(["2024-10-01", "2024-12-31"]),
    )
    for known_at, late in (("2024-11-04", True), ("2024-11-05", False), (None, False)):
        made = report.monthly(project(works=works), month="2024-10", known_at=known_at)
        assert ("road" in set(late_table(made)["component"])) is late


def test_words_of_the_section_say_how_well_rules_are_verified() -> None:
    made = document(report.monthly(project(), month="2024-10"), language="vi")
    sections = {section.key: section for section in made.sections}
    (note,) = sections["steps"].notes
    assert "chưa kiểm chứng" in note
    assert "đã đọc trong văn bản chính thức" in note
    late = sections["late"].table
    assert late is not None
    assert late.rows[2][:3] == ("An", "đường giao thông", "trong hàng rào")
    assert late.rows[3][:3] == ("Cát", "trình hồ sơ", "")
