"""Requests of investors, on lots of 1 ha: answered, open, overdue, and the board's line of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.publish.plan_table import plan_table
from kcngeo.report import plan_lines, spatial_sections
from tests import squares

PROJECTS = pd.DataFrame(
    {
        "project_id": ["D1", "D2"],
        "investor": ["Công ty Chè Xanh", "Công ty Dệt"],
        "sector": ["chè", "dệt may"],
    }
)


def rows(**columns: Any) -> pd.DataFrame:
    """One request of D1, asked on 1 March, due on the 15th and answered on the 20th."""
    data = {"support_id": "R1", "project_id": "D1", "sector": None, "zone_id": None}
    days = {"asked_on": "2018-03-01", "due_on": "2018-03-15", "answered_on": "2018-03-20"}
    frame = pd.DataFrame([{**data, **days, **columns}])
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in days})


def board(*requests: pd.DataFrame) -> kcn.Project:
    """D1 holds P1 in zone A; D2 holds P2 in zone A and P3, P4 in zone B."""
    parcels = pd.concat([squares.parcels("P1", "P2"), squares.parcels("P3", "P4", zone="B")])
    parcels.geometry = [squares.square(0), squares.square(1), squares.square(0, 1),
                        squares.square(1, 1)]  # fmt: skip
    entries = [(f"P{place}", "leased", "2015-06-01") for place in range(1, 5)]
    return kcn.Project(
        zones=squares.zones("A", "B"),
        parcels=parcels.reset_index(drop=True),
        ledger=squares.ledger(*entries, project_id=["D1", "D2", "D2", "D2"]),
        projects=PROJECTS,
        support=pd.concat(requests, ignore_index=True),
    )


@pytest.mark.parametrize(
    ("on", "state", "open_days", "late_days"),
    [
        ("2018-03-01", "open", 0, None),  # the day it is asked
        ("2018-03-15", "open", 14, None),  # the day it is due
        ("2018-03-16", "overdue", 15, 1),  # the day after
        ("2018-03-19", "overdue", 18, 4),  # the day before the answer
        ("2018-03-20", "answered", 19, 5),  # answered, five days late
        ("2018-12-31", "answered", 19, 5),
    ],
)
def test_a_request_by_the_day(on: str, state: str, open_days: int, late_days: int | None) -> None:
    found = kcn.progress.support_requests(board(rows()), on=on).loc["R1"]
    assert (found["state"], found["open_days"]) == (state, open_days)
    assert pd.isna(found["late_days"]) if late_days is None else found["late_days"] == late_days
    assert pd.isna(found["answered_on"]) == (state != "answered")


def test_what_is_asked_tomorrow_is_not_there_and_what_has_no_due_day_is_never_late() -> None:
    given = board(rows(), rows(support_id="R2", asked_on=None, due_on=None, answered_on=None))
    found = kcn.progress.support_requests(given, on="2018-02-28")
    assert found.index.tolist() == ["R2"]
    assert found.loc["R2", "state"] == "open"
    assert pd.isna(found.loc["R2", "open_days"])
    assert pd.isna(found.loc["R2", "late_days"])


def test_zone_and_sector_are_the_projects_unless_entered() -> None:
    given = board(
        rows(),
        rows(support_id="R2", project_id="D2"),
        rows(support_id="R3", project_id="D2", zone_id="A", sector="cà phê"),
        rows(support_id="R4", project_id=None, sector="rau quả"),
    )
    found = kcn.progress.support_requests(given, on="2018-03-31")
    # D2 holds 1 ha in zone A and 2 ha in zone B.
    assert found["zone_id"].fillna("-").tolist() == ["A", "B", "A", "-"]
    assert found["sector"].tolist() == ["chè", "dệt may", "cà phê", "rau quả"]


def test_the_board_tells_requests_by_sector_with_those_overdue() -> None:
    open_ = {"answered_on": None}
    given = board(
        rows(),
        rows(support_id="R2", project_id="D2", **open_),
        rows(support_id="R3", project_id=None, sector="rau quả", due_on="2018-04-30", **open_),
    )
    report = kcn.report.monthly(given, month="2018-03")
    lines = plan_lines(report, spatial_sections(report))
    made = {(one.zone_id, one.sector): one for one in lines if one.topic == "support"}
    assert made["total", "tea"].status == "stated"
    late = made["total", "textile"]
    # Due on the 15th, 16 days before the 31st.
    assert (late.status, late.late_days) == ("late", 16)
    assert late.due_on == pd.Timestamp("2018-03-15")
    assert late.cause[-1] == ("requests_overdue", {"overdue_count": 1})
    # Nobody grows or packs fruit here; one asked, and holds no land and so no zone.
    fruit = dict(made["total", "fruit_vegetables"].figure)
    assert (fruit["sector"]["projects_count"], fruit["sector"]["leased_ha"]) == (0, 0)
    assert fruit["requests"] == {"asked_count": 1, "answered_count": 0}
    assert dict(made["total", "coffee"].figure)["sector"]["projects_count"] == 0
    assert dict(made["A", ""].figure)["requests"] == {"asked_count": 1, "answered_count": 1}
    assert dict(made["B", ""].figure)["requests"] == {"asked_count": 1, "answered_count": 0}
    assert dict(made["total", ""].figure)["requests"] == {"asked_count": 3, "answered_count": 1}
    table = plan_table(report, spatial_sections(report), names={}, language="vi")
    told = table[(table["topic"] == "support") & (table["sector"] == "textile")].iloc[0]
    assert "đã trả lời 0/1 kiến nghị" in told["figure"]
    assert told["cause"] == "1 kiến nghị quá hạn trả lời"


def test_without_the_table_the_board_names_the_column_that_would_answer() -> None:
    report = kcn.report.monthly(replace(board(rows()), support=None), month="2018-03")
    missing = [
        one for one in plan_lines(report, spatial_sections(report)) if one.topic == "no_data"
    ]
    assert len(missing) == 2
    assert all("support.asked_on" in dict(one.cause)["would_answer"]["columns"] for one in missing)


def test_the_public_edition_tells_neither_who_answered_nor_the_document() -> None:
    given = board(
        rows(
            answered_by="Nguyễn Văn An",
            document="12/BQL-VP",
            sector="chè của Công ty Chè Xanh",
        )
    )
    shown = kcn.report.public(given).support
    assert shown is not None
    assert {"answered_by", "document"} & set(shown.columns) == set()
    assert shown["sector"].tolist() == ["chè của …"]


def test_days_that_cannot_be_right_are_told() -> None:
    given = board(rows(asked_on="2018-03-21"))
    found = kcn.quality.check(given, on="2018-03-31").findings
    crossed = found[(found["rule"] == "dates_reversed") & (found["table"] == "support")]
    assert len(crossed) == 2  # the answer, and its due day


@pytest.mark.parametrize("bare", ["ledger", "projects", "both"])
def test_empty_tables_beside_requests_leave_what_they_would_tell_unknown(bare: str) -> None:
    given = board(rows())
    less = {"ledger": given.ledger.iloc[:0]} if bare != "projects" else {}
    less |= {"projects": PROJECTS.iloc[:0]} if bare != "ledger" else {}
    project = replace(given, **less)
    found = kcn.progress.support_requests(project, on="2018-03-31").loc["R1"]
    assert pd.isna(found["zone_id"]) == (bare != "projects")
    assert pd.isna(found["sector"]) == (bare != "ledger")
    assert kcn.progress.investor_figures(project, on="2018-03-31")["projects_count"].sum() == 0
    assert len(kcn.progress.land_axes(project, on="2018-03-31")) == 4
