"""Lease lists as offices keep them, each with what a person reads in it, row by row."""

# A row of a list stays a line, with what is read in it at its end.
# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from kcngeo import io
from tests import squares
from tests.io.spreadsheet.made import Entry, lots, ods, told, xlsx

LET = "leased"
Line = tuple[list[Any], list[Entry]]


def cells(lines: list[Line]) -> list[list[Any]]:
    return [row for row, _ in lines]


def read_by_hand(lines: list[Line]) -> list[Entry]:
    return [entry for _, entries in lines for entry in entries]


def found(read: io.LedgerRead) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.rule.removeprefix("sheet_"), finding.ids) for finding in read.findings]


# ---- 1: one list of two zones: titles, headings in two merged rows, sections, totals --------------
def one(number: int, name: str, lot: str, area: Any, start: Any, end: Any, *entries: Entry) -> Line:
    return [number, name, lot, area, start, end, f"{number}/HĐTLĐ"], list(entries)


LOC_SON: list[Line] = [
    one(1, "Công ty A", "Lô CN1", "2,5", "15/03/2010", "Đến tháng 12/2056", ("ls-CN1", LET, "2010-03-15", "2057-01-01", None)),
    one(2, "Công ty B", "CN 02", "3,25", dt.date(2011, 1, 1), "31/12/2060", ("ls-CN2", LET, "2011-01-01", "2061-01-01", None)),
    one(3, "Công ty C", "CN-3", "1,75", "01/07/2012", "Lâu dài", ("ls-CN3", LET, "2012-07-01", None, None)),
    one(4, "Công ty D", "1 phần Lô CN9: 8,36 ha", "8,36", "20.10.2013", "20/10/2063", ("ls-CN9", LET, "2013-10-20", "2063-10-21", 8.36)),
    one(5, "Tổng công ty E", "Một phần lô CN9", "1,64", "05/05/2014", None, ("ls-CN9", LET, "2014-05-05", None, 1.64)),
    one(6, "Công ty F", "Lô CN4, CN5", "4,5", "2015-02-10", "đến hết năm 2050", ("ls-CN4", LET, "2015-02-10", "2051-01-01", None), ("ls-CN5", LET, "2015-02-10", "2051-01-01", None)),
    one(7, "Công ty G", "CN6", "1,2", "ngày 3 tháng 4 năm 2015", "03/04/2065", ("ls-CN6", LET, "2015-04-03", "2065-04-04", 1.2)),
    one(8, "Công ty H", "CN7 (1,5 ha) và CN8 (0,5 ha)", "2", "01/01/2016", "01/01/2066", ("ls-CN7", LET, "2016-01-01", "2066-01-02", 1.5), ("ls-CN8", LET, "2016-01-01", "2066-01-02", 0.5)),
    one(9, "Công ty I", "Lô BI-5-KCN", "2", "01/02/2016", "ổn định lâu dài", ("ls-BI-5", LET, "2016-02-01", None, None)),
    one(10, "Công ty K", "BI6", "2,0", "01/03/2016", "vô thời hạn", ("ls-BI-6", LET, "2016-03-01", None, None)),
    one(11, "Công ty L", "Lô BI-7", "2,00", "29/02/2016", "28/02/2066", ("ls-BI-7", LET, "2016-02-29", "2066-03-01", None)),
    one(12, "Công ty M", "CN10", 3.3, dt.date(2016, 5, 1), dt.date(2066, 4, 30), ("ls-CN10", LET, "2016-05-01", "2066-05-01", None)),
    one(13, "Công ty N", "CN11", 3.1, dt.date(2016, 6, 1), dt.date(2066, 5, 31), ("ls-CN11", LET, "2016-06-01", "2066-06-01", 3.1)),
    one(14, "Công ty O", "CN12", "0,905", dt.date(2016, 7, 1), "Đến ngày 30 tháng 6 năm 2066", ("ls-CN12", LET, "2016-07-01", "2066-07-01", None)),
    one(15, "Công ty P", "CN13a", "1.000", dt.date(2016, 8, 1), "trước ngày 01/08/2066", ("ls-CN13A", LET, "2016-08-01", "2066-08-01", 1000.0)),
]  # fmt: skip
PHU_HOI: list[Line] = [
    one(16, "Công ty Q", "CN1", "5,5", "10/10/2008", "Đến 10/2058", ("ph-CN1", LET, "2008-10-10", "2058-11-01", None)),
    one(17, "Công ty R", "Lô CN2 - KCN Phú Hội", "5,25", "11/10/2008", None, ("ph-CN2", LET, "2008-10-11", None, None)),
    one(18, "Công ty S", "CN3", "4", "12/10/2008", "2058", ("ph-CN3", LET, "2008-10-12", "2059-01-01", None)),
    one(19, "Công ty T", "CN4", "4,1", "13/10/2008", "12/10/2058", ("ph-CN4", LET, "2008-10-13", "2058-10-13", 4.1)),
    one(20, "Công ty U", "CN5", "6", "14/10/2008", "chưa rõ", ("ph-CN5", LET, "2008-10-14", None, None)),
    one(21, "Công ty V", "CN99", "1", "15/10/2008", None, (None, LET, "2008-10-15", None, 1.0)),
    one(22, "Công ty X", "CN6", "1", "30/02/2009", None, ("ph-CN6", LET, None, None, 1.0)),
    one(23, "Công ty Y", "CN7", "khoảng 2", "01/03/2009", None, ("ph-CN7", LET, "2009-03-01", None, None)),
    one(24, "Công ty Z", "CN8", "1", "15/3/09", None, ("ph-CN8", LET, None, None, 1.0)),
    one(25, "Công ty AA", "CN9", "1,5", "03/2009", None, ("ph-CN9", LET, "2009-03-01", None, None)),
    one(26, "Công ty AB", "CN10", "1,5", "Tháng 4/2009", None, ("ph-CN10", LET, "2009-04-01", None, None)),
    one(27, "Công ty AC", "CN11", "1,5", 2010, None, ("ph-CN11", LET, "2010-01-01", None, None)),
    one(28, "Công ty AD", "CN12", "-1", "01/01/2011", None, ("ph-CN12", LET, "2011-01-01", None, None)),
    one(29, "Công ty AE", "CN13", "1,5", "01/01/2011", "01/01/2010", ("ph-CN13", LET, "2011-01-01", "2010-01-02", None)),
    one(30, "Công ty AF", None, "0,5", "01/01/2012", None, (None, LET, "2012-01-01", None, 0.5)),
]  # fmt: skip
LS_HA = {f"ls-{lot}": area for lot, area in [("CN1", 2.5), ("CN2", 3.25), ("CN3", 1.75), ("CN9", 10), ("CN4", 2), ("CN5", 2.5), ("CN6", 2), ("CN7", 3), ("CN8", 3), ("BI-5", 2), ("BI-6", 2), ("BI-7", 2), ("CN10", 3.3), ("CN11", 3.2), ("CN12", 0.905), ("CN13A", 1)]}  # fmt: skip
PH_HA = {f"ph-{lot}": area for lot, area in [("CN1", 5.5), ("CN2", 5.25), ("CN3", 4), ("CN4", 4.3), ("CN5", 6), ("CN6", 2), ("CN7", 2), ("CN8", 2), ("CN9", 1.5), ("CN10", 1.5), ("CN11", 1.5), ("CN12", 1), ("CN13", 1.5)]}  # fmt: skip


def test_one_list_of_two_zones(tmp_path: Path):
    # 2.5 + 3.25 + 1.75 + 8.36 + 1.64 + 4.5 + 1.2 + 2 + 2 + 2 + 2 + 3.3 + 3.1 + 0.905 = 38.505, and
    # "1.000" among decimal commas is a thousand hectares, which its section's total shows up
    rows: list[list[Any]] = [
        ["BAN QUẢN LÝ CÁC KHU CÔNG NGHIỆP"],
        ["DANH SÁCH DOANH NGHIỆP THUÊ ĐẤT"],
        [None, None, None, None, None, None, "Đơn vị tính: ha"],
        [
            "STT",
            "Tên doanh nghiệp",
            "Vị trí lô đất",
            "Diện tích",
            "Thời hạn thuê",
            None,
            "Số hợp đồng",
        ],
        [None, None, None, None, "Từ", "Đến", None],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
        ["I", "KCN Lộc Sơn", None, "39,505"],
        *cells(LOC_SON),
        ["II", "Khu công nghiệp Phú Hội"],
        *cells(PHU_HOI),
        # 5.5 + 5.25 + 4 + 4.1 + 6 + 1 + 1 + 1 + 1.5 + 1.5 + 1.5 + 1.5 + 0.5 = 34.35
        [None, "Cộng (II)", None, "34,35"],
        [None, "Tổng cộng", None, "{=SUM(D8:D38)} 1072.855"],
        ["Ghi chú: số liệu đến 31/12/2016"],
        [None, None, None, None, "Đà Lạt, ngày 31 tháng 12 năm 2016"],
    ]
    merges = ["A1:G1", "A2:G2", "A4:A5", "B4:B5", "C4:C5", "D4:D5", "E4:F4", "G4:G5"]
    path = xlsx(tmp_path / "Danh sách.xlsx", {"Thuê đất": rows}, {"Thuê đất": merges})
    both = squares.zones("ls", "ph", name=["KCN Lộc Sơn", "KCN Phú Hội"])
    known = lots({**LS_HA, **PH_HA}, zone=["ls"] * len(LS_HA) + ["ph"] * len(PH_HA))  # type: ignore[arg-type]
    known["lot_code"] = known["parcel_id"].str[3:]
    read = io.read_ledger(path, parcels=known, zones=both)
    assert told(read.frame) == read_by_hand(LOC_SON) + read_by_hand(PHU_HOI)
    at = "Thuê đất!"
    assert sorted(found(read)) == sorted(
        [
            ("total_differs", (at + "D7",)),  # 39.505 said, 1038.505 added up
            ("area_exceeds_lot", (at + "D22",)),  # 1000 ha of a lot of 1 ha
            ("date", (at + "F28",)),  # "chưa rõ"
            ("lot_unknown", (at + "C29",)),  # CN99
            ("date", (at + "E30",)),  # 30/02
            ("start_missing", (at + "C30",)),
            ("number", (at + "D31",)),  # "khoảng 2"
            ("area_missing", (at + "C31",)),
            ("date", (at + "E32",)),  # a year of two digits is not guessed
            ("start_missing", (at + "C32",)),
            ("day_assumed", (at + "E33", at + "E34", at + "E35")),
            ("area_not_positive", (at + "D36",)),
            ("area_missing", (at + "C36",)),
            ("interval", (at + "F37",)),
            ("lot_missing", (at + "C38",)),
            (
                "status_assumed",
                (
                    *(at + f"A{row}" for row in range(8, 23)),
                    *(at + f"A{row}" for row in range(24, 39)),
                ),
            ),
            ("outside", (at + "A1", at + "A2", at + "G3", at + "A41", at + "E42")),
        ]
    )
    assert list(read.frame["document"]) == [
        entry[0][6] for entry in LOC_SON + PHU_HOI for _ in entry[1]
    ]
    assert list(read.frame["section"].unique()) == ["KCN Lộc Sơn", "Khu công nghiệp Phú Hội"]
    assert read.frame["zone_id"].value_counts().to_dict() == {"ls": 17, "ph": 15}


# ---- 2: a sheet a year, square metres with dots between thousands, years of a term ----------------
def year_rows(year: int, lines: list[list[Any]], total: str) -> list[list[Any]]:
    return [
        [f"TÌNH HÌNH CHO THUÊ ĐẤT NĂM {year}"],
        [],
        [
            "Stt",
            "Đơn vị thuê đất",
            "Lô số",
            "DT thuê (m2)",
            "Ngày ký HĐ",
            "Thời hạn thuê",
            "Ngành nghề",
        ],
        *lines,
        ["Tổng cộng", None, None, total],
    ]


OLD = [
    [1, "An Phát", "A1", "12.500", "01/02/2013", "50 năm", "Cà phê"],
    [2, "Bình Minh", "A2", "8.000", "15/03/2013", "49 năm", "Trà"],
    [3, "Cao Nguyên", "A3", "20.000,5", "20/04/2013", "30 năm", "Dệt"],
    [4, "Đại Phong", "A4", "1.234.567", "01/06/2013", "20 năm", "Rau quả"],
    [5, "Đức Tín", "A5", "9.999", "31/08/2013", "6 tháng", "Kho"],
    [6, "Gia Lâm", "A6", "10.000", "29/02/2012", "50 năm", "Cơ khí"],
    [7, "Hà Nam", "B1", "10.000", "01/01/2014", "Lâu dài", "Gỗ"],
    [8, "Hải Đăng", "B2", "7.500,25", "01/01/2014", "50", "Gỗ"],
    [9, "Hòa Bình", "B3", "5.000", "01/05/2014", "Đến 30/04/2064", "Trà"],
    [10, "Khánh An", "B4", "6.000", "01/06/2014", "50 năm kể từ ngày ký hợp đồng", "Trà"],
]
NEW = [
    [11, "Lam Sơn", "B5", "11.000", "10/01/2015", "50 năm", "Dệt"],
    [12, "Long Hải", "B6", "12.000", "10/02/2015", "đến hết thời hạn dự án", "Dệt"],
    [13, "Minh Đức", "C1", "13.000", "10/03/2015", "50 năm, gia hạn 20 năm", "Dệt"],
    [14, "Nam Á", "C2", "14.000", "31/12/2015", "2 tháng", "Dệt"],
]
NEXT = [
    [15, "Phú Thịnh", "C3", "15.000", "10/01/2016", "50 năm", "Sợi"],
    [16, "Quang Vinh", "C4", "16.000", "11/01/2016", "50 năm", "Sợi"],
]


@pytest.fixture
def yearly(tmp_path: Path) -> Path:
    changed = [[*row[:3], "8.500", *row[4:]] if row[1] == "Bình Minh" else row for row in OLD]
    # 1 323 566.75 m² in the first sheet, 1 373 566.75 with four more, 1 405 066.75 with two more and
    # 500 m² added to lot A2
    return xlsx(
        tmp_path / "Thuê đất.xlsx",
        {
            "2014": year_rows(2014, OLD, "1.323.566,75"),
            "2015": year_rows(2015, OLD + NEW, "1.373.566,75"),
            "2016": year_rows(2016, changed + NEW + NEXT, "1.405.066,75"),
        },
    )


YEARLY: list[Entry] = [
    ("A1", LET, "2013-02-01", "2063-02-01", 1.25),
    ("A2", LET, "2013-03-15", "2062-03-15", 0.8),
    ("A3", LET, "2013-04-20", "2043-04-20", 2.00005),
    ("A4", LET, "2013-06-01", "2033-06-01", 123.4567),
    ("A5", LET, "2013-08-31", "2014-03-01", 0.9999),  # there is no 31 February
    ("A6", LET, "2012-02-29", "2062-03-01", 1.0),  # nor a 29th in 2062
    ("B1", LET, "2014-01-01", None, 1.0),
    ("B2", LET, "2014-01-01", "2064-01-01", 0.750025),
    ("B3", LET, "2014-05-01", "2064-05-01", 0.5),
    ("B4", LET, "2014-06-01", "2064-06-01", 0.6),
]
YEARLY_NEW: list[Entry] = [
    ("B5", LET, "2015-01-10", "2065-01-10", 1.1),
    ("B6", LET, "2015-02-10", None, 1.2),
    ("C1", LET, "2015-03-10", None, 1.3),
    ("C2", LET, "2015-12-31", "2016-03-01", 1.4),  # nor a 31st in February 2016: leap, 29 days
]
YEARLY_NEXT: list[Entry] = [
    ("A2", LET, "2013-03-15", "2062-03-15", 0.85),
    ("C3", LET, "2016-01-10", "2066-01-10", 1.5),
    ("C4", LET, "2016-01-11", "2066-01-11", 1.6),
]


def test_a_sheet_a_year(yearly: Path):
    read = io.read_ledger(yearly, zone_id="A")
    assert told(read.frame) == YEARLY + YEARLY_NEW + YEARLY_NEXT
    assert set(read.frame["zone_id"]) == {"A"}
    assert list(read.frame["Ngành nghề"])[:3] == ["Cà phê", "Trà", "Dệt"]
    years = [("2014", 10), ("2015", 14), ("2016", 16)]
    repeated = [f"2015!C{row}" for row in range(4, 14)]
    repeated += [f"2016!C{row}" for row in range(4, 18) if row != 5]
    expected = [("term", (f"{year}!F{row}",)) for year in ("2015", "2016") for row in (15, 16)]
    expected += [
        ("status_assumed", tuple(f"{year}!A{row}" for row in range(4, 4 + size)))
        for year, size in years
    ]
    expected += [("outside", (f"{year}!A1",)) for year, _ in years]
    expected += [("repeated", tuple(repeated)), ("disagree", ("2014!C5", "2016!C5"))]
    assert sorted(found(read)) == sorted(expected)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"year": 2014}, YEARLY),
        ({"sheet": "2015"}, YEARLY + YEARLY_NEW),
        ({"sheet": ["2014", "2015"]}, YEARLY + YEARLY_NEW),
    ],
)
def test_some_sheets_of_several(yearly: Path, chosen: dict[str, Any], expected: list[Entry]):
    assert told(io.read_ledger(yearly, **chosen).frame) == expected


# ---- 3: ODS with a section a status, merged investors, text that looks like formulas --------------
def by_status(
    number: int,
    name: str | None,
    lot: str,
    area: float,
    start: Any,
    *entries: Entry,
    note: str | None = None,
) -> Line:
    return [number, name, lot, area, start, note], list(entries)


LETTINGS: list[Line] = [
    by_status(1, "Alpha", "D-01", 2.5, dt.date(2010, 1, 1), ("D1", LET, "2010-01-01", None, None), note="=1+1"),
    by_status(2, None, "D-02", 2.5, dt.date(2010, 2, 1), ("D2", LET, "2010-02-01", None, None), note="+84 263"),
    by_status(3, None, "D-03", 1.5, dt.date(2010, 3, 1), ("D3", LET, "2010-03-01", None, 1.5)),
    by_status(4, "Beta", "D04", 2.5, "2/4/2010", ("D4", LET, "2010-04-02", None, None)),
    by_status(5, "Gamma", "lô d5", 2.5, "05.04.2010", ("D5", LET, "2010-04-05", None, None), note="@SUM(A1)"),
    by_status(6, "Delta", "Lô D 6", 2.5, "6-4-2010", ("D6", LET, "2010-04-06", None, None)),
    by_status(7, "Epsilon", "D7", 1.25, "7/4/2010", ("D7", LET, "2010-04-07", None, 1.25)),
    by_status(8, "Zeta", "D8", 1.0, "8/4/2010", ("D8", LET, "2010-04-08", None, 1.0)),
    by_status(9, "Eta", "D9", 2.5, "9/4/2010", ("D9", LET, "2010-04-09", None, None)),
    by_status(10, "Theta", "D10", 2.5, "10/4/2010", ("D10", LET, "2010-04-10", None, None)),
]  # fmt: skip
INTRODUCED: list[Line] = [
    by_status(number, f"NĐT {number}", f"D{number}", 2.5, f"{number}/5/2012", (f"D{number}", "reserved", f"2012-05-{number}", None, None))
    for number in range(11, 17)
]  # fmt: skip
RECOVERED: list[Line] = [
    by_status(17, "Iota", "D17", 2.5, "17/06/2014", ("D17", "recovering", "2014-06-17", None, None)),
    by_status(18, "Kappa", "1 phần D18", 0.5, "18/06/2014", ("D18", "recovering", "2014-06-18", None, 0.5)),
]  # fmt: skip
REPURPOSED: list[Line] = [
    by_status(19, None, "D19", 2.5, "19/06/2014", ("D19", "repurposed", "2014-06-19", None, None)),
    by_status(20, None, "D20", 2.0, "20/06/2014", ("D20", "repurposed", "2014-06-20", None, 2.0)),
]
UNCLEARED: list[Line] = [
    by_status(number, None, f"D{number}", 2.5, f"{number}/07/2014", (f"D{number}", "uncleared", f"2014-07-{number}", None, None))
    for number in range(21, 27)
]  # fmt: skip
FREE: list[Line] = [by_status(number, None, f"D{number}", 2.5, None) for number in range(27, 31)]


def test_an_ods_with_a_section_a_status(tmp_path: Path):
    rows: list[list[Any]] = [
        ["Bảng theo dõi quỹ đất", None, None, None, None, None],
        ["TT", "Nhà đầu tư", "Ký hiệu lô", "Diện tích (ha)", "Thời điểm thuê", "Ghi chú"],
        # 8 × 2.5 without D7 and D8's: 2.5·7 + 1.5 + 1.25 + 1 = 21.25
        ["A", "Đã cho thuê", None, 21.25, None, None],
        *cells(LETTINGS),
        ["B", "Đã giới thiệu địa điểm", None, 15, None, None],
        *cells(INTRODUCED),
        ["C", "Đang thu hồi", None, 3, None, None],
        *cells(RECOVERED),
        ["D", "Chuyển mục đích làm nhà ở công nhân", None, 4.5, None, None],
        *cells(REPURPOSED),
        ["E", "Chưa giải phóng mặt bằng", None, 14, None, None],  # they add up to 15
        *cells(UNCLEARED),
        ["F", "Còn trống", None, 10, None, None],
        *cells(FREE),
        [None, "TỔNG CỘNG", None, 68.75, None, None],
    ]
    path = ods(tmp_path / "quỹ đất.ods", {"Quỹ đất": rows}, {(0, 0): (1, 6), (3, 1): (3, 1)})
    known = lots({f"D{number}": 2.5 for number in range(1, 31)})
    read = io.read_ledger(path, parcels=known)
    lists = (LETTINGS, INTRODUCED, RECOVERED, REPURPOSED, UNCLEARED, FREE)
    assert told(read.frame) == [entry for lines in lists for entry in read_by_hand(lines)]
    assert list(read.frame["investor"])[:4] == ["Alpha", "Alpha", "Alpha", "Beta"]
    assert list(read.frame["note"].dropna()) == ["=1+1", "+84 263", "@SUM(A1)"]
    at = "Quỹ đất!"
    # A 10 rows from 4, B's heading is row 14, C's 21, D's 24, E's 27, F's 34
    assert sorted(found(read)) == sorted(
        [
            ("total_differs", (at + "D27",)),
            ("available", tuple(at + f"C{row}" for row in range(35, 39))),
            ("status_of_section", tuple(at + f"A{row}" for row in (3, 14, 21, 24, 27, 34))),
            ("outside", (at + "A1",)),
        ]
    )
    differs = next(one for one in read.findings if one.rule == "sheet_total_differs")
    assert differs.fields == {"total_ha": 14.0, "sum_ha": 15.0}


# ---- 4: CSV in four encodings: cadastral numbers, rows that go on, notes below --------------------
CADASTRAL: list[Line] = [
    (["1", "Công ty Trà Xanh", "tờ 12 thửa 45", "1,5", "01/2010", "Đến tháng 12/2059", "Đã cho thuê"], [("T12-45", LET, "2010-01-01", "2060-01-01", None)]),
    (["", "", "tờ 12 thửa 46", "1,5", "", "", ""], [("T12-46", LET, "2010-01-01", "2060-01-01", None)]),
    (["", "", "Thửa 47, tờ bản đồ 12", "0,75", "", "", ""], [("T12-47", LET, "2010-01-01", "2060-01-01", 0.75)]),
    (["2", "Công ty Cà phê", "Thửa đất số 48, 49, tờ bản đồ số 12", "3", "02/03/2011", "Lâu dài", "đang thuê"], [("T12-48", LET, "2011-03-02", None, None), ("T12-49", LET, "2011-03-02", None, None)]),
    (["3", "Công ty Dệt", "thửa 50 tờ 12; thửa 7 tờ 13", "3,0", "03/03/2011", "", "đã thuê"], [("T12-50", LET, "2011-03-03", None, None), ("T13-7", LET, "2011-03-03", None, None)]),
    (["4", "Công ty Gỗ", "thửa 8, 9 tờ 13", "2", "04/03/2011", "", "đã thuê"], [("T13-8", LET, "2011-03-04", None, None), ("T13-9", LET, "2011-03-04", None, None)]),
    (["5", "Công ty Nông sản", "Lô T13-10", "1,5", "05/03/2011", "", "giữ chỗ"], [("T13-10", "reserved", "2011-03-05", None, None)]),
    (["6", "Công ty May", "tờ 99 thửa 1", "1,5", "06/03/2011", "", "đã thuê"], [(None, LET, "2011-03-06", None, 1.5)]),
    (["7", "", "tờ 13 thửa 11", "1,5", "07/03/2011", "", "chưa GPMB"], [("T13-11", "uncleared", "2011-03-07", None, None)]),
    (["8", "", "tờ 13 thửa 12", "1,5", "08/03/2011", "", "đang bàn"], [("T13-12", None, "2011-03-08", None, None)]),
    (["9", "", "tờ 13 thửa 13", "1,5", "", "", "còn trống"], []),
    *[
        ([f"{number}", f"Công ty {number}", f"thửa {number} tờ 14", "1,50", f"{number}/03/2012", "10 năm", "đã ký hợp đồng"], [(f"T14-{number}", LET, f"2012-03-{number}", f"2022-03-{number}", None)])
        for number in range(10, 30)
    ],
]  # fmt: skip


def spelt(text: str) -> str:
    """Write letters with their tone apart, as Windows in Viet Nam does."""
    import unicodedata

    tones = "\u0300\u0301\u0303\u0309\u0323"
    result = ""
    for sign in unicodedata.normalize("NFC", text):
        marks = unicodedata.normalize("NFD", sign)
        base = unicodedata.normalize("NFC", "".join(one for one in marks if one not in tones))
        result += base + "".join(one for one in marks if one in tones)
    return result


@pytest.mark.parametrize(
    ("encoding", "sign"),
    [("utf-8-sig", ";"), ("utf-8", "\t"), ("utf-16", "|"), ("cp1258", ";"), ("utf-8", ",")],
)
def test_csv_with_cadastral_numbers(tmp_path: Path, encoding: str, sign: str):
    rows: list[list[Any]] = [
        ["Danh sách thửa đất cho thuê", "", "", "", "", "", ""],
        [
            "STT",
            "Tên đơn vị",
            "Số tờ, số thửa",
            "Diện tích (ha)",
            "Thời hạn thuê",
            "",
            "Tình trạng",
        ],
        ["", "", "", "", "Từ", "Đến", ""],
        *cells(CADASTRAL),
        # 1.5 + 1.5 + 0.75 + 3 + 3 + 2 + 1.5·5 + 20 × 1.5 = 49.25
        ["", "Tổng", "", "49,25", "", "", ""],
        ["", "Người lập biểu", "", "", "", "", ""],
    ]
    text = "\r\n".join(
        sign.join(f'"{cell}"' if sign in cell else cell for cell in row) for row in rows
    )
    path = tmp_path / "thửa.csv"
    path.write_bytes((spelt(text) if encoding == "cp1258" else text).encode(encoding))
    ids = [entry[0] for entry in read_by_hand(CADASTRAL) if entry[0]]
    known = lots({**dict.fromkeys(ids, 1.5), "T13-8": 1, "T13-9": 1})
    known["lot_code"] = None
    known["map_sheet_no"] = known["parcel_id"].str[1:3]
    known["cadastral_no"] = known["parcel_id"].str[4:]
    read = io.read_ledger(path, parcels=known)
    assert told(read.frame) == read_by_hand(CADASTRAL)
    assert list(read.frame["investor"])[:3] == ["Công ty Trà Xanh"] * 3
    at = "thửa.csv!"
    assert sorted(found(read)) == sorted(
        [
            ("day_assumed", (at + "E4", at + "E4", at + "E4")),
            ("continued", (at + "A5", at + "A6")),
            ("lot_unlike", (at + "C11",)),
            ("status", (at + "G13",)),
            ("available", (at + "C14",)),
            ("outside", (at + "A1", at + "B36")),
        ]
    )


# ---- 5: tenants of one lot, lots of one area, pages with headings again, hidden sheets ------------
def page(
    number: Any, name: Any, lot: Any, area: Any, state: Any, since: Any, *entries: Entry
) -> Line:
    return [number, name, lot, area, state, since], list(entries)


FIRST_PAGE: list[Line] = [
    page(1, "Ánh Dương", "E1", 3.2, "Đã cho thuê", "QĐ 12/QĐ-UBND ngày 05/06/2015", ("E1", LET, "2015-06-05", None, 3.2)),
    page(2, "Bảo Tín", None, 4.3, "Đã cho thuê", "HĐ 13 ngày 6/6/2015", ("E1", LET, "2015-06-06", None, 4.3)),
    page(3, "Châu Á", None, 2.5, "Giới thiệu địa điểm", "VB 14 ngày 7-6-2015", ("E1", "reserved", "2015-06-07", None, 2.5)),
    page(4, "Dũng Tiến", "E2", 15.0, "Đã cho thuê", "HĐ 15 ngày 08.06.2015", ("E2", LET, "2015-06-08", None, None)),
    page(4, "Dũng Tiến", "E3", None, "Đã cho thuê", "HĐ 15 ngày 08.06.2015", ("E3", LET, "2015-06-08", None, None)),
    page(5, "Gia Hưng", "E4, E5", 11, "Đã cho thuê", "HĐ 16 ngày 09/06/2015", ("E4", LET, "2015-06-09", None, None), ("E5", LET, "2015-06-09", None, None)),
    page(6, "Hoàng Long", "E6 + E7 (2 ha)", 12, "Đã cho thuê", "HĐ 17 ngày 10/06/2015", ("E6", LET, "2015-06-10", None, 10.0), ("E7", LET, "2015-06-10", None, 2.0)),
    page(7, "Kim Ngân", "E8: 4 ha; E9: 5 ha", 10, "Đã cho thuê", "HĐ 18 ngày 11/06/2015", ("E8", LET, "2015-06-11", None, 4.0), ("E9", LET, "2015-06-11", None, 5.0)),
    page(8, "Lộc Phát", "1 phần lô E10", None, "Đã cho thuê", "HĐ 19 ngày 12/06/2015", ("E10", LET, "2015-06-12", None, None)),
    page(9, "Mai Lan", "E11", 4, "Đã cho thuê", "HĐ 20 ngày 13/06/2015", ("E11", LET, "2015-06-13", None, 4.0)),
    page(10, "Ngọc Bích", "E11", None, "Đã cho thuê", "HĐ 21 ngày 14/06/2015", ("E11", LET, "2015-06-14", None, None)),
    page(11, "Oanh Vũ", "E12", "6 000 m2", "Đã cho thuê", "HĐ 22 ngày 15/06/2015", ("E12", LET, "2015-06-15", None, 0.6)),
    page(12, "Phương Đông", "E13", "2,5ha", "Đã cho thuê", "HĐ 23", ("E13", LET, None, None, 2.5)),
    page(13, "Quốc Việt", "E14", "một héc ta", "Đã cho thuê", "HĐ 24 ngày 17/06/2015", ("E14", LET, "2015-06-17", None, None)),
    page(14, "Sao Mai", "khu nhà ở", 1, "Đã cho thuê", "HĐ 25 ngày 18/06/2015", (None, LET, "2015-06-18", None, 1.0)),
]  # fmt: skip
SECOND_PAGE: list[Line] = [
    page(number, f"Công ty {number}", f"E{number}", 7.5, "Đã cho thuê", f"HĐ {number} ngày {number}/07/2015", (f"E{number}", LET, f"2015-07-{number}", None, None))
    if number % 2
    else page(number, f"Công ty {number}", f"Lô E-{number}-KCN", 2, "Chuyển mục đích", f"QĐ ngày {number}/07/2015", (f"E{number}", "repurposed", f"2015-07-{number}", None, 2.0))
    for number in range(15, 31)
]  # fmt: skip


def test_tenants_of_one_lot_and_lots_of_one_area(tmp_path: Path):
    heads = ["STT", "Chủ đầu tư", "Lô", "Diện tích (ha)", "Trạng thái", "Văn bản"]
    rows: list[list[Any]] = [
        heads,
        *cells(FIRST_PAGE),
        heads,
        *cells(SECOND_PAGE),
        ["Tổng số", None, None, "{=SUM(D2:D33)} 146.6"],
        [None, None, None, None, "LÃNH ĐẠO BAN"],
    ]
    # 3.2 + 4.3 + 2.5 + 15 + 11 + 12 + 10 + 4 + 0.6 + 2.5 + 1 = 66.1; 8 × 7.5 + 8 × 2 = 76: 142.1
    path = xlsx(
        tmp_path / "E.xlsx",
        {"Trang 1": rows, "Bìa": [["Báo cáo"], ["Tháng 7"]], "Trống": []},
        {"Trang 1": ["C2:C4", "D5:D6", "A34:C34"]},
    )
    known = lots(
        {f"E{number}": 7.5 for number in range(1, 31)} | {"E1": 10.0, "E4": 5.0, "E5": 7.0}
    )
    read = io.read_ledger(path, parcels=known)
    assert told(read.frame) == read_by_hand(FIRST_PAGE) + read_by_hand(SECOND_PAGE)
    at = "Trang 1!"
    assert sorted(found(read)) == sorted(
        [
            ("area_not_divided", (at + "D7",)),  # 11 ha, but E4 and E5 have 12
            ("area_exceeds_lot", (at + "C8",)),  # 12 − 2 = 10 ha of lot E6, which has 7.5
            ("areas_differ", (at + "D9",)),  # 4 + 5 is not 10
            ("part_without_area", (at + "C10",)),
            ("area_missing", (at + "C12",)),
            ("tenants_without_parts", (at + "C12",)),
            ("start_missing", (at + "C14",)),
            ("number", (at + "D15",)),
            ("area_missing", (at + "C15",)),
            ("lot_unlike", (at + "C16",)),
            ("total_differs", (at + "D34",)),
            ("outside", (at + "E35",)),
            ("without_list", ("Bìa",)),
        ]
    )


# ---- 6: without diacritics, decimal points, columns in another order ------------------------------
BARE: list[Line] = [
    (["HD-01", "Cong ty 1", "F1", "2.50", "Leased", "2014-01-01", "2063-12-31"], [("F1", LET, "2014-01-01", "2064-01-01", None)]),
    (["HD-02", "Cong ty 2", "F2", "1.125", "Let", "2014-01-02", ""], [("F2", LET, "2014-01-02", None, 1.125)]),
    (["HD-03", "Cong ty 3", "Plot F3", "1,250.5", "rented", "2014-01-03", ""], [("F3", LET, "2014-01-03", None, 1250.5)]),
    (["HD-04", "Cong ty 4", "F4", "abc", "leased", "2014-01-04", ""], [("F4", LET, "2014-01-04", None, None)]),
    (["HD-05", "Cong ty 5", "F5", "", "vacant", "2014-01-05", ""], []),
    *[
        ([f"HD-{number:02d}", f"Cong ty {number}", f"f-{number:02d}", "2.5", "da cho thue", f"{number}/02/2015", "lau dai"], [(f"F{number}", LET, f"2015-02-{number:02d}", None, None)])
        for number in range(6, 29)
    ],
    (["HD-29", "Cong ty 29", "F29", "2.4", "gioi thieu dia diem", "01/03/2015", "Den thang 12/2066"], [("F29", "reserved", "2015-03-01", "2067-01-01", 2.4)]),
    (["HD-30", "Cong ty 30", "F30", "2.5", "chua giai phong mat bang", "01/03/2015", ""], [("F30", "uncleared", "2015-03-01", None, None)]),
]  # fmt: skip


def test_without_diacritics_and_with_decimal_points(tmp_path: Path):
    heads = [
        "So hop dong",
        "Ten doanh nghiep",
        "Vi tri",
        "Dien tich thue (ha)",
        "Tinh trang",
        "Tu ngay",
        "Den ngay",
    ]
    rows = [heads, *cells(BARE)]
    path = tmp_path / "list.csv"
    path.write_text("\n".join("\t".join(row) for row in rows), encoding="ascii")
    known = lots({f"F{number}": 2.5 for number in range(1, 31)})
    read = io.read_ledger(path, parcels=known)
    assert told(read.frame) == read_by_hand(BARE)
    assert sorted(found(read)) == sorted(
        [
            ("area_exceeds_lot", ("list.csv!D4",)),
            ("number", ("list.csv!D5",)),
            ("area_missing", ("list.csv!C5",)),
            ("available", ("list.csv!C6",)),
        ]
    )
    assert list(read.frame["document"])[:2] == ["HD-01", "HD-02"]


# ---- legacy fonts ---------------------------------------------------------------------------------
ABC = [
    "Tªn doanh nghiÖp;L« ®Êt;DiÖn tÝch (ha);Tõ ngµy;Thêi h¹n",
    "C«ng ty Cµ phª;L« A1;1,5;15/03/2016;L©u dµi",
    "C«ng ty Trµ xanh;mét phÇn l« A2;0,75;16/03/2016;§Õn th¸ng 12/2066",
]


def test_a_csv_in_tcvn3(tmp_path: Path):
    # written down from a font of the ABC family: "Tªn" is "Tên", "l©u dµi" is "lâu dài"
    path = tmp_path / "abc.csv"
    path.write_bytes("\n".join(ABC).encode("cp1252"))
    read = io.read_ledger(path, parcels=lots({"A1": 1.5, "A2": 1.5}))
    assert told(read.frame) == [
        ("A1", LET, "2016-03-15", None, None),
        ("A2", LET, "2016-03-16", "2067-01-01", 0.75),
    ]
    assert list(read.frame["investor"]) == ["Công ty Cà phê", "Công ty Trà xanh"]
    assert [rule for rule, _ in found(read)] == ["text_repaired", "status_assumed"]
