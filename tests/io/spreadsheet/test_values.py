"""Numbers, days, terms and names of lots, one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcngeo.io.spreadsheet import lot_matching, value_parser

D = dt.date


@pytest.mark.parametrize(
    ("text", "sign", "by_comma", "by_point"),
    [
        ("8,36", ",", (8.36, 2), None),
        ("8.36", ".", None, (8.36, 2)),
        ("1.234,56", ",", (1234.56, 2), None),
        ("1,234.56", ".", None, (1234.56, 2)),
        ("76,072", "?", (76.072, 3), (76072.0, 0)),
        ("12.345", "?", (12345.0, 0), (12.345, 3)),
        ("0,905", ",", (0.905, 3), (905.0, 0)),
        ("1234,567", ",", (1234.567, 3), None),
        ("12.345.678", ",", (12345678.0, 0), None),
        ("1 234,5", ",", (1234.5, 1), None),
        ("8 36", None, None, None),
        ("17", None, (17.0, 0), (17.0, 0)),
        ("1,2,3", ".", None, None),
        ("8,36 ha", ",", None, None),
        ("", None, None, None),
    ],
)
def test_numbers(text: str, sign: str | None, by_comma: Any, by_point: Any):
    assert value_parser.decimal_sign(text) == sign
    assert value_parser.number(text, decimal=",") == by_comma
    assert value_parser.number(text, decimal=".") == by_point


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_a_number_is_read_as_it_was_written(number: Any):
    english = f"{number:,.2f}"
    vietnamese = english.translate(str.maketrans(",.", ".,"))
    assert value_parser.number(vietnamese, decimal=",") == (float(number), 2)
    assert value_parser.number(english, decimal=".") == (float(number), 2)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Diện tích (m2)", "m2"),
        ("DT m²", "m2"),
        ("Diện tích (ha)", "ha"),
        ("8,36ha", "ha"),
        ("6 000m2", "m2"),
        ("ĐVT: héc ta", "ha"),
        ("Diện tích nhà xưởng", None),
        ("Thời hạn", None),
        ("ha hoặc m2", None),
    ],
)
def test_units(text: str, unit: str | None):
    assert value_parser.unit_of(text) == unit


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("15/03/2016", D(2016, 3, 15), D(2016, 3, 15)),
        ("15.3.2016", D(2016, 3, 15), D(2016, 3, 15)),
        ("15 - 3 - 2016", D(2016, 3, 15), D(2016, 3, 15)),
        ("2016-03-15", D(2016, 3, 15), D(2016, 3, 15)),
        ("ngày 15 tháng 3 năm 2016", D(2016, 3, 15), D(2016, 3, 15)),
        (dt.datetime(2016, 3, 15), D(2016, 3, 15), D(2016, 3, 15)),
        ("03/2016", D(2016, 3, 1), D(2016, 3, 31)),
        ("Tháng 2 năm 2016", D(2016, 2, 1), D(2016, 2, 29)),
        ("tháng 2/2015", D(2015, 2, 1), D(2015, 2, 28)),
        ("năm 2016", D(2016, 1, 1), D(2016, 12, 31)),
        (2016.0, D(2016, 1, 1), D(2016, 12, 31)),
    ],
)
def test_days_months_and_years(value: Any, first: dt.date, last: dt.date):
    assert value_parser.span(value) == value_parser.Span(first=first, last=last)


@pytest.mark.parametrize(
    "value",
    [
        "30/02/2016",
        "03/25/2016",
        "15/3/16",
        "15/3",
        "quý I/2016",
        "khoảng 2016",
        "15/03/2016 hoặc 16/03/2016",
        dt.datetime(2016, 3, 15, 10, 30),
        42444.0,
        2016.5,
        True,
        "",
    ],
)
def test_what_is_no_day(value: Any):
    assert value_parser.span(value) is None


def test_a_day_without_a_year_takes_the_year_of_the_list():
    assert value_parser.span("15/3", year=2016) == value_parser.Span(
        first=D(2016, 3, 15), last=D(2016, 3, 15)
    )
    assert value_parser.span("31/2", year=2016) is None


@pytest.mark.parametrize(
    ("text", "start", "end", "months"),
    [
        ("Đến tháng 12/2066", None, D(2067, 1, 1), None),
        ("Đến tháng 11/2066", None, D(2066, 12, 1), None),
        ("đến 31/12/2066", None, D(2067, 1, 1), None),
        ("31/12/2066", None, D(2067, 1, 1), None),
        ("trước ngày 01/01/2067", None, D(2067, 1, 1), None),
        ("Đến hết năm 2066", None, D(2067, 1, 1), None),
        (dt.date(2066, 12, 31), None, D(2067, 1, 1), None),
        ("15/03/2016 - 14/03/2066", D(2016, 3, 15), D(2066, 3, 15), None),
        ("Từ 15/03/2016 đến 14/03/2066", D(2016, 3, 15), D(2066, 3, 15), None),
        ("2016-2066", D(2016, 1, 1), D(2067, 1, 1), None),
        ("50 năm", None, None, 600),
        (50.0, None, None, 600),
        ("36 tháng", None, None, 36),
        ("49 năm kể từ 01/07/2014", D(2014, 7, 1), None, 588),
        ("từ ngày 01/07/2014", D(2014, 7, 1), None, None),
        ("Lâu dài", None, None, None),
        ("ổn định lâu dài", None, None, None),
        ("", None, None, None),
    ],
)
def test_terms(text: Any, start: dt.date | None, end: dt.date | None, months: int | None):
    term = value_parser.term(text)
    assert term is not None
    assert (term.start.first if term.start else None, term.end, term.months) == (start, end, months)


@pytest.mark.parametrize(
    "text",
    [
        "50 năm, gia hạn 20 năm",
        "theo dự án",
        "lâu dài theo dự án",
        "Đến 30/02/2066",
        "50 năm trả tiền hằng năm",
        "01/2016, 02/2016, 03/2016",
        "?",
        -5.0,
        200.0,
    ],
)
def test_a_term_with_words_not_understood_is_not_read(text: Any):
    assert value_parser.term(text) is None


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (D(2016, 3, 15), 600, D(2066, 3, 15)),
        (D(2016, 2, 29), 12, D(2017, 3, 1)),
        (D(2016, 2, 29), 48, D(2020, 2, 29)),
        (D(2016, 1, 31), 1, D(2016, 3, 1)),
        (D(2016, 12, 1), 1, D(2017, 1, 1)),
    ],
)
def test_months_are_counted_so_that_no_day_is_lost(start: dt.date, months: int, end: dt.date):
    assert value_parser.months_later(start, months) == end


@pytest.mark.parametrize(
    ("names", "same"),
    [
        (("BI-5-KCN", "BI5", "Lô BI-5", "lô bi 05", "Lô đất BI.5", "KCN BI-5"), True),
        (("Lô số 5", "5", "05"), True),
        (("CN9a", "CN-9A", "Lô CN09-a"), True),
        (("B1-15", "B11-5"), False),
        (("B1-15", "B115"), False),
        (("CN1", "CN10"), False),
        (("BI5", "B15"), False),
    ],
)
def test_names_of_a_lot(names: tuple[str, ...], same: bool):
    assert (len({lot_matching.lot_key(name) for name in names}) == 1) is same


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 phần Lô CN9: 8,36 ha", [("CN9", True, 8.36)]),
        ("Một phần lô A-01 diện tích 12.000 m2", [("A-01", True, 1.2)]),
        ("CN1, CN2 và CN3", [("CN1", False, None), ("CN2", False, None), ("CN3", False, None)]),
        ("CN1,CN2", [("CN1", False, None), ("CN2", False, None)]),
        ("CN1 (2,5 ha); CN2: 3 ha", [("CN1", False, 2.5), ("CN2", False, 3.0)]),
        ("Lô CN9 - KCN Phú Hội", [("CN9", False, None)]),
        ("tờ 12 thửa 45", [("tờ 12 thửa 45", False, None)]),
        ("Thửa 4, 5 tờ số 1", [("tờ 1 thửa 4", False, None), ("tờ 1 thửa 5", False, None)]),
        ("–", []),
    ],
)  # fmt: skip
def test_lots_in_a_cell(text: str, expected: list[Any]):
    assert [(lot.text, lot.part, lot.area_ha) for lot in lot_matching.lots_in(text)] == expected
