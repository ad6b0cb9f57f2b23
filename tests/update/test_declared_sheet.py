"""A sheet of declared accounts, typed as people type: read, or refused with everything at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

import kcngeo as kcn
from kcngeo import update
from kcngeo.core.model import Severity
from tests.squares import ledger, parcels, zones

VI = "Khu công nghiệp;Tính đến ngày;Diện tích cho thuê được (ha);Đã cho thuê (ha);Còn trống (ha);"
VI += "Chưa có hạ tầng (ha);Nguồn số liệu"
EN = "zone,as of,leasable area (ha),leased (ha),remaining (ha),without infrastructure (ha),source"


@pytest.fixture
def project() -> kcn.Project:
    """Four zones, the first with lots, the others live on declared accounts."""
    names = ["KCN Lộc Sơn", "KCN Hàm Kiệm I", "KCN Hàm Kiệm II", "KCN Nhân Cơ 2"]
    ids = ("loc-son", "ham-kiem-1", "ham-kiem-2", "nhan-co-2")
    return kcn.Project(
        zones=zones(*ids, name=names), parcels=parcels("P1", zone="loc-son"), ledger=ledger()
    )


def arrived(path: Path, project: kcn.Project, **options: Any) -> update.Arrived:
    return update.read_sources([path], update.Reading(**options), old=project)


def csv(folder: Path, *lines: str) -> Path:
    path = folder / "khai_bao.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def rows_of(made: update.Arrived) -> list[list[Any]]:
    """Give the rows with days as texts and missing figures as None."""
    frame = made.tables["declared_accounts"]
    told = frame.assign(on=frame["on"].dt.strftime("%d/%m/%Y"))
    names = ["zone_id", "on", "base_ha", "leased_ha", "available_ha", "unserviced_ha", "source"]
    return told.reindex(columns=names).astype(object).replace({np.nan: None}).to_numpy().tolist()


def errors(made: update.Arrived) -> dict[str, tuple[str, ...]]:
    found = [one for some in made.findings.values() for one in some]
    return {one.rule: one.ids for one in found if one.severity is Severity.ERROR}


READ = [
    ["ham-kiem-1", "31/12/2025", 98.5, 58.1, 40.4, None, "Báo cáo 12"],
    ["ham-kiem-2", "31/12/2025", 1402.06, 127.7, None, 100.0, "Báo cáo 12"],
]


def test_a_sheet_in_vietnamese_is_known_by_its_headings(
    tmp_path: Path, project: kcn.Project
) -> None:
    path = csv(
        tmp_path,
        "SỐ LIỆU QUỸ ĐẤT CÁC KHU CÔNG NGHIỆP;;;;;;",
        VI,
        "KCN Hàm Kiệm I;31/12/2025;98,5 ha;58,1;40,4;;Báo cáo 12",
        "khu công nghiệp hàm kiệm II;31-12-2025;1.402,06;127,7;-;100,0;Báo cáo 12",
        "Tổng cộng;;1.500,56;185,8;;;",
    )
    made = arrived(path, project)
    assert errors(made) == {}
    assert rows_of(made) == READ


def test_a_sheet_in_english_with_a_decimal_point(tmp_path: Path, project: kcn.Project) -> None:
    path = csv(
        tmp_path,
        EN,
        "ham-kiem-1,2025-12-31,98.5,58.1,40.4,not known,Báo cáo 12",
        "Ham Kiem II,2025-12-31,1402.06,127.7,,100,Báo cáo 12",
    )
    made = arrived(path, project)
    assert errors(made) == {}
    assert rows_of(made) == READ


def test_a_workbook_with_cells_that_are_days_and_numbers(
    tmp_path: Path, project: kcn.Project
) -> None:
    path = tmp_path / "khai_bao.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("2025")
        sheet.write_row(0, 0, VI.split(";"))
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        typed = [["Hàm Kiệm I", 98.5, 58.1, 40.4, "", "Báo cáo 12"]]
        typed.append(["Hàm Kiệm II", "1.402,06", "127,7 ha", "–", 100, "Báo cáo 12"])
        for row, cells in enumerate(typed, 1):
            sheet.write(row, 0, cells[0])
            sheet.write_datetime(row, 1, pd.Timestamp("2025-12-31").to_pydatetime(), day)
            sheet.write_row(row, 2, cells[1:])
    made = arrived(path, project)
    assert errors(made) == {}
    assert rows_of(made) == READ


WRONG = (
    VI,
    "KCN Hàm Kiệm 3;31/12/2025;10;1;;;a",  # no such zone
    "KCN Hàm Kiệm I;12/2025;10;12o,1;;;a",  # a month is no day, and a letter no figure
    "KCN Hàm Kiệm II;31/12/2025;10;11;;;a",  # more let than there is
    "KCN Nhân Cơ 2;31/12/2025;-5;;;;",  # below zero, and no source
    "KCN Nhân Cơ 2;30/06/2025;10;1;;;a",  # twice
    "KCN Nhân Cơ 2;30/06/2025;10;2;;;b",
    "KCN Hàm Kiệm I;30/06/2025;10;1;;;a",
)


def test_everything_that_is_wrong_is_told_at_once_with_its_cell(
    tmp_path: Path, project: kcn.Project
) -> None:
    made = arrived(csv(tmp_path, *WRONG), project)
    name = "khai_bao.csv!A"
    assert errors(made) == {
        "declared_sheet_zone": (f"{name}2",),
        "declared_sheet_unread": (f"{name}3",),
        "missing_values": (f"{name}5",),
        "negative": (f"{name}5",),
        "declared_twice": ("nhan-co-2 2025-06-30",),
        "declared_over_base": ("ham-kiem-2 2025-12-31",),
    }
    told = [one.message("vi") for some in made.findings.values() for one in some]
    assert any("KCN Hàm Kiệm 3" in one and "ham-kiem" in one for one in told)
    assert any("12o,1" in one for one in told)
    assert any("12/2025" in one for one in told)
    # A day that cannot be read is not told again as one that is missing.
    assert not any("thiếu on" in one for one in told)


def test_rows_at_fault_may_be_left_out(tmp_path: Path, project: kcn.Project) -> None:
    made = arrived(csv(tmp_path, *WRONG), project, partial=True)
    assert [row[:2] for row in rows_of(made)] == [["ham-kiem-1", "30/06/2025"]]
    assert made.counts[-1][2] == 1


def test_a_column_of_areas_that_says_nothing_is_a_warning(
    tmp_path: Path, project: kcn.Project
) -> None:
    head = VI.replace("Diện tích cho thuê được (ha)", "DTCTĐ (ha)")
    path = csv(tmp_path, head, "KCN Hàm Kiệm I;31/12/2025;98,5;58,1;40,4;;Báo cáo 12")
    made = arrived(path, project, table="declared_accounts")
    found = [one for some in made.findings.values() for one in some]
    (told,) = [one for one in found if one.rule == "declared_sheet_own"]
    assert told.severity is Severity.WARNING
    assert told.fields["columns"] == ["DTCTĐ (ha)"]


def test_square_metres_are_told_by_the_heading(tmp_path: Path, project: kcn.Project) -> None:
    head = VI.replace("(ha)", "(m²)")
    path = csv(tmp_path, head, "KCN Hàm Kiệm I;31/12/2025;985000;581000;404000;;Báo cáo 12")
    assert rows_of(arrived(path, project))[0][2:5] == [98.5, 58.1, 40.4]
    # In a cell under another unit they are no figure.
    path = csv(tmp_path, VI, "KCN Hàm Kiệm I;31/12/2025;985000 m2;58,1;;;Báo cáo 12")
    assert errors(arrived(path, project)) == {"declared_sheet_unread": ("khai_bao.csv!A2",)}


def test_what_was_declared_is_in_the_month_and_a_newer_figure_changes_it(
    tmp_path: Path, project: kcn.Project
) -> None:
    line = "KCN Hàm Kiệm I;31/12/2025;98,5;58,1;;;Báo cáo 12"
    first = update.bring_in(arrived(csv(tmp_path, VI, line), project), old=project).project
    assert first is not None
    rates = kcn.fill.fill_rate(first, on="2025-12-31")
    # 58.1 of 98.5 ha.
    assert rates.T["ham-kiem-1"][["leased_ha", "base_ha", "source"]].tolist() == [
        58.1,
        98.5,
        "declared",
    ]
    again = update.bring_in(arrived(csv(tmp_path, VI, line), first), old=first)
    assert again.project is None
    other = arrived(csv(tmp_path, VI, line.replace("58,1", "59,1")), first)
    later = update.bring_in(other, old=first).project
    assert later is not None
    now = kcn.fill.fill_rate(later, on="2025-12-31")
    assert now.loc["ham-kiem-1", "leased_ha"] == 59.1


def test_a_lease_list_stays_a_lease_list(tmp_path: Path, project: kcn.Project) -> None:
    path = tmp_path / "list.csv"
    text = "Khu công nghiệp,Lô,Nhà đầu tư,Diện tích cho thuê được (ha),Đã cho thuê (ha)\n"
    path.write_text(f"{text}KCN Lộc Sơn,P1,Công ty A,1,1\n", encoding="utf-8")
    assert kcn.io.kind_of(path) != "declared"


def test_a_zone_named_like_another_is_not_guessed(tmp_path: Path, project: kcn.Project) -> None:
    same = replace(project, zones=project.zones.assign(name="KCN Hàm Kiệm"))
    path = csv(tmp_path, VI, "KCN Hàm Kiệm;31/12/2025;98,5;58,1;;;Báo cáo 12")
    made = arrived(path, same)
    assert set(errors(made)) == {"declared_sheet_zone"}
