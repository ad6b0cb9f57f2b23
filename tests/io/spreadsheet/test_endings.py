"""A lease that a list says has ended does not run on to the end of its term."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from kcngeo.io.spreadsheet.endings import Ending, ending_in
from tests.io.spreadsheet.test_rows import read, rules

DAY = Ending(on=dt.date(2019, 1, 15))


@pytest.mark.parametrize(
    "text",
    [
        "Đã chấm dứt HĐ ngày 15/01/2019",
        "đã chấm dứt hợp đồng từ ngày 15/1/2019",
        "Thanh lý HĐ ngày 15/01/2019",
        "thanh lý hợp đồng ngày 15.1.2019, đã trả mặt bằng",
        "Biên bản thanh lý hợp đồng ngày 15/01/2019",
        "Gia hạn năm 2015; thanh lý HĐ 15/01/2019",
        "Trả lại đất ngày 15 tháng 01 năm 2019",
        "Chấm dứt HĐ số 12/HĐ ngày 01/02/2010 từ ngày 15/01/2019",
        "DA CHAM DUT HOP DONG NGAY 15-01-2019",
        "Lease terminated 2019-01-15",
        "Bàn giao lại mặt bằng ngày 15/01/2019",
        "Đã trả lại đất ngày 15/01/2019",
        "Ngừng thuê từ ngày 15/01/2019",
        "Thôi thuê đất từ 15/01/2019",
        "Đã thu hồi đất ngày 15/01/2019",
        "đã trả mặt bằng; thanh lý HĐ ngày 15/01/2019",
    ],
)
def test_the_day_is_read(text: str) -> None:
    assert ending_in(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "chưa thanh lý hợp đồng",
        "Không chấm dứt HĐ ngày 15/01/2019",
        "sẽ chấm dứt HĐ ngày 15/01/2019",
        "Đang thanh lý hợp đồng",
        "đề nghị chấm dứt HĐ ngày 15/01/2019",
        "Thuê đến khi thanh lý hợp đồng",
        # A name of people.
        "Trần Thanh Lý",
        "đang hoạt động từ ngày 15/01/2019",
        "Đang thu hồi đất",
        "Chưa bàn giao lại mặt bằng",
        "Thông báo thu hồi đất ngày 15/01/2019",
        "",
    ],
)
def test_what_has_not_ended(text: str) -> None:
    assert ending_in(text) is None


def test_a_month_is_no_day_and_words_alone_name_none() -> None:
    assert ending_in("thanh lý HĐ tháng 5/2019") == Ending(on=dt.date(2019, 5, 1), is_day=False)
    assert ending_in("đã chấm dứt hợp đồng") == Ending(on=None)
    # The day of a decision is not the day of the end.
    assert ending_in("Chấm dứt theo QĐ số 15 ngày 03/03/2019") == Ending(on=None)


HEADS = ["STT", "Doanh nghiệp", "Lô", "Diện tích (ha)", "Từ ngày", "Thời hạn", "Ghi chú"]


@pytest.mark.parametrize("heading", ["Ghi chú", "Tình trạng", "Tình hình triển khai"])
def test_the_lease_ends_whatever_the_column_is_called(tmp_path: Path, heading: str) -> None:
    heads = [*HEADS[:-1], heading]
    rows = [
        ["1", "An", "A1", "1,5", "15/01/2019", "50 năm", ""],
        ["2", "Bình", "A2", "2", "01/03/2016", "50 năm", "Đã chấm dứt HĐ ngày 15/01/2019"],
    ]
    made = read(tmp_path, *rows, heads=heads)
    assert made.frame["valid_to"].tolist() == [
        pd.Timestamp("2069-01-15"),
        pd.Timestamp("2019-01-15"),
    ]
    assert made.frame["status"].tolist() == ["leased", "leased"]
    assert rules(made)["ended"] == ("list.csv!G3",)
    assert not made.at_fault.any()


def test_an_end_without_a_day_stops_the_row(tmp_path: Path) -> None:
    rows = [["1", "An", "A1", "1,5", "01/03/2016", "50 năm", "đã thanh lý hợp đồng"]]
    made = read(tmp_path, *rows, heads=HEADS)
    assert rules(made)["ended_undated"] == ("list.csv!G2",)
    assert made.at_fault.tolist() == [True]
    # Where the list has a column for the end, that is the day.
    heads = [*HEADS[:5], "Đến ngày", "Ghi chú"]
    said = read(tmp_path, [*rows[0][:5], "15/01/2019", rows[0][6]], heads=heads)
    assert "ended_undated" not in rules(said)
    assert said.frame["valid_to"].tolist() == [pd.Timestamp("2019-01-16")]


def test_an_end_before_the_start_is_told(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        ["1", "An", "A1", "1,5", "01/03/2020", "50 năm", "chấm dứt HĐ ngày 15/01/2019"],
        heads=HEADS,
    )
    assert rules(made)["interval"] == ("list.csv!G2",)


def test_an_end_after_the_term_moves_nothing(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        ["1", "An", "A1", "1,5", "01/03/2010", "5 năm", "thanh lý HĐ ngày 15/01/2019"],
        heads=HEADS,
    )
    assert made.frame["valid_to"].tolist() == [pd.Timestamp("2015-03-01")]


@pytest.mark.parametrize(
    "text", ["Trả lại đất một phần ngày 15/01/2019", "Đã trả lại đất 0,5 ha ngày 15/01/2019"]
)
def test_a_part_that_goes_back_ends_nothing(tmp_path: Path, text: str) -> None:
    assert ending_in(text) == Ending(on=None, is_part=True)
    made = read(tmp_path, ["1", "An", "A1", "1,5", "01/03/2016", "50 năm", text], heads=HEADS)
    assert made.frame["valid_to"].tolist() == [pd.Timestamp("2066-03-01")]
    assert rules(made)["ended_part"] == ("list.csv!G2",)
    assert not made.at_fault.any()
