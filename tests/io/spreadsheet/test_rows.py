"""Rows that sound like something else, and the law that no row is lost."""

from __future__ import annotations

# A row of a list stays a line.
# ruff: noqa: E501
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcngeo import io
from tests import squares
from tests.io.spreadsheet.made import lots, told

HEADS = ["STT", "Doanh nghiệp", "Lô", "Diện tích (ha)", "Từ ngày", "Thời hạn"]


def read(folder: Path, *rows: list[str], heads: list[str] = HEADS, **options: Any) -> io.LedgerRead:
    path = folder / "list.csv"
    lines = [
        ";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (heads, *rows)
    ]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    return io.read_ledger(path, **options)


def rules(read: io.LedgerRead) -> dict[str, tuple[str, ...]]:
    return {one.rule.removeprefix("sheet_"): one.ids for one in read.findings}


@pytest.mark.parametrize(
    "name",
    [
        "Tổng công ty Chè",
        "Tổng Công ty CP Dệt",
        "Tổng hợp Bảo Lộc",
        "Tong cong ty Che",
        "Cộng Hòa",
        "Công ty Cộng Lực",
        "Total Energies",
    ],
)
def test_a_company_is_no_total(tmp_path: Path, name: str):
    made = read(tmp_path, ["1", name, "A1", "1,5", "01/01/2016", ""])
    assert made.frame["investor"].tolist() == [name]
    assert made.frame["part_area_ha"].tolist() == [1.5]


@pytest.mark.parametrize(
    "label",
    ["Tổng cộng", "TỔNG CỘNG:", "Cộng", "Cộng (I+II)", "Tổng số", "Tổng:", "Total", "Tổng diện tích cho thuê", "Tổng KCN A", "Cong", "Cộng II"],
)  # fmt: skip
def test_a_total_is_no_lease(tmp_path: Path, label: str):
    rows = ["1", "An", "A1", "1,5", "01/01/2016", ""], ["", label, "", "1,5", "", ""]
    made = read(tmp_path, *rows)
    assert len(made.frame) == 1
    assert "total_differs" not in rules(made)
    wrong = read(tmp_path, rows[0], ["", label, "", "1,6 ha", "", ""])
    assert rules(wrong)["total_differs"] == ("list.csv!D3",)


def test_totals_of_pages_sections_and_all(tmp_path: Path):
    lease = ["1", "An", "A1", "1,5", "01/01/2016", ""]
    totals = [["", f"Cộng trang {page}", "", "3", "", ""] for page in (1, 2)]
    made = read(
        tmp_path,
        lease,
        lease,
        totals[0],
        lease,
        lease,
        totals[1],
        ["", "Tổng cộng", "", "6", "", ""],
    )
    assert len(made.frame) == 4
    assert "total_differs" not in rules(made)


@pytest.mark.parametrize(
    "head", [["II", "Đã giới thiệu địa điểm"], ["Đã giới thiệu địa điểm", ""], ["II. Giới thiệu địa điểm", ""]]
)  # fmt: skip
def test_a_section_below_the_total_of_another_begins(tmp_path: Path, head: list[str]):
    made = read(
        tmp_path,
        ["I", "Đã cho thuê", "", "", "", ""],
        ["1", "An", "A1", "1,5", "01/01/2016", ""],
        ["", "Cộng", "", "1,5", "", ""],
        [*head, "", "", "", ""],
        ["1", "Bình", "A2", "2", "01/01/2017", ""],
        ["", "Cộng", "", "2", "", ""],
        ["", "Tổng cộng", "", "3,5", "", ""],
        ["II", "Người lập biểu", "", "", "", ""],
    )
    assert made.frame["status"].tolist() == ["leased", "reserved"]
    assert "total_differs" not in rules(made)
    assert rules(made)["outside"] == ("list.csv!A9", "list.csv!B9")


def test_a_remark_between_pages_ends_no_section(tmp_path: Path):
    made = read(
        tmp_path,
        ["Đã giới thiệu địa điểm", "", "", "", "", ""],
        ["1", "An", "A1", "1,5", "01/01/2016", ""],
        ["", "Cộng trang 1", "", "1,5", "", ""],
        ["Trang 2", "", "", "", "", ""],
        ["2", "Bình", "A2", "2", "01/01/2017", ""],
    )
    assert made.frame["status"].tolist() == ["reserved", "reserved"]


def test_a_remark_below_the_list_is_told_and_heads_nothing(tmp_path: Path):
    made = read(
        tmp_path,
        ["1", "An", "A1", "1,5", "01/01/2016", ""],
        ["Số liệu tạm tính", "", "", "", "", ""],
    )
    assert "section" not in made.frame.columns
    assert rules(made)["outside"] == ("list.csv!A3",)


def test_a_column_of_progress_is_no_status(tmp_path: Path):
    rows = [
        [str(number), "An", f"A{number}", "1,5", "01/01/2016", "đang xây dựng"] for number in (1, 2)
    ]
    made = read(tmp_path, *rows, heads=[*HEADS[:5], "Tình hình triển khai"])
    assert set(made.frame["status"]) == {"leased"}
    assert made.frame["Tình hình triển khai"].tolist() == ["đang xây dựng"] * 2
    assert "no_statuses" in rules(made)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Diện tích lô (ha)", "Diện tích thuê (ha)"),
        ("Diện tích nhà xưởng (ha)", "Diện tích (ha)"),
        ("Diện tích xây dựng (ha)", "DT (ha)"),
    ],
)
def test_the_area_that_is_let_is_told_from_others(tmp_path: Path, first: str, second: str):
    heads = ["Doanh nghiệp", "Lô", first, second, "Từ ngày"]
    made = read(tmp_path, ["An", "A1", "9", "1,5", "01/01/2016"], heads=heads)
    assert made.frame["part_area_ha"].tolist() == [1.5]
    assert made.frame[first].tolist() == ["9"]


def test_a_list_without_areas_says_that_lots_count_whole(tmp_path: Path):
    heads = ["Doanh nghiệp", "Lô", "Diện tích nhà xưởng (ha)", "Từ ngày"]
    made = read(tmp_path, ["An", "A1", "9", "01/01/2016"], heads=heads)
    assert made.frame["part_area_ha"].isna().all()
    assert "no_area" in rules(made)


def test_the_lot_may_name_its_zone(tmp_path: Path):
    zones = squares.zones("ls", "ph", name=["KCN Lộc Sơn", "KCN Phú Hội"])
    known = lots({"ls-1": 2.0, "ph-1": 2.0}, zone=["ls", "ph"])  # type: ignore[arg-type]
    known["lot_code"] = ["CN1", "CN1"]
    rows = [
        ["1", "An", f"Lô CN1 - KCN {name}", "1,5", "01/01/2016", ""]
        for name in ("Phú Hội", "Lộc Sơn")
    ]
    rows.append(["3", "An", "CN1", "1,5", "01/01/2016", ""])
    made = read(tmp_path, *rows, parcels=known, zones=zones)
    assert [entry[0] for entry in told(made.frame)] == ["ph-1", "ls-1", None]
    assert rules(made)["lot_ambiguous"] == ("list.csv!C4",)
    assert made.at_fault.tolist() == [False, False, True]


def test_what_is_at_fault_is_marked_row_by_row(tmp_path: Path):
    rows = [
        ["1", "An", "A1", "1,5", "01/01/2016", "50 năm"],
        ["2", "An", "A2", "x", "01/01/2016", "50 năm"],
        ["3", "An", "A3", "1,5", "01/01/2016", "khi nào xong"],
        ["", "", "A4", "1,5", "", ""],  # goes on with the lease above, so with its term
        ["5", "An", "A5", "1,5", "", ""],
        ["6", "An", "A6", "1", "01/01/2016", ""],
        ["7", "Bình", "A6", "", "01/01/2017", ""],
    ]
    made = read(tmp_path, *rows)
    assert made.at_fault.tolist() == [False, True, True, True, True, False, True]


CELL = st.sampled_from(
    ["", "1", "I", "A1", "Lô A1, A2", "tờ 1 thửa 2", "1,5", "2 ha", "x", "01/01/2016", "03/2016", "50 năm", "Lâu dài", "Tổng", "Cộng", "KCN A", "Đã cho thuê", "Còn trống", "Ghi chú: x", "Công ty"]
)  # fmt: skip


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=8))
def test_no_row_is_lost(tmp_path: Path, rows: list[list[str]]):
    """Every row is an entry, a finding, a total, a heading that was kept, or nothing but numbers."""
    made = read(tmp_path, *rows)
    seen = {int(cell.rsplit("!", 1)[1].lstrip("ABCDEF")) for cell in made.frame["source_cell"]}
    for finding in made.findings:
        cells = [one for one in finding.ids if "!" in one]
        seen |= {int(one.rsplit("!", 1)[1].lstrip("ABCDEF")) for one in cells}
    sections = " / ".join(made.frame["section"].dropna()) if "section" in made.frame else ""
    for number, row in enumerate(rows, start=2):
        said = [cell for cell in row if cell]
        is_total = any(cell in ("Tổng", "Cộng") for cell in said)
        is_heading = any(cell in sections for cell in said)
        is_numbering = all(cell.isdigit() or len(cell) == 1 for cell in said)
        assert not said or number in seen or is_total or is_heading or is_numbering, row
