"""Lease lists beside the ledger on their own day: lots are squares of 1 ha, totals by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcngeo import Project, io, update
from kcngeo.core.errors import ContractError, KcngeoError
from tests import squares
from tests.io.spreadsheet.made import ods, xlsx

HEADS = ["STT", "Tên doanh nghiệp", "Lô", "Diện tích (ha)", "Từ ngày", "Đến ngày", "Ghi chú"]
TITLE: list[list[Any]] = [
    ["BAN QUẢN LÝ CÁC KHU CÔNG NGHIỆP"],
    ["DANH SÁCH DOANH NGHIỆP THUÊ ĐẤT KCN A"],
    ["(Số liệu đến ngày 31/12/2018)"],
]
MERGED = ["A1:G1", "A2:G2", "A3:G3"]
NAMES = [f"Công ty {name}" for name in ("An", "Bình", "Châu", "Dung", "Em")]


def project() -> Project:
    """Ten lots; five leases on 31/12/2018, 1 + 0.5 + 0.3 + 1 + 1 = 3.8 ha, and a reservation."""
    return Project(
        zones=squares.zones("A", name=["KCN A"]),
        parcels=squares.parcels(*(f"A{number}" for number in range(1, 11))),
        ledger=squares.ledger(
            ("A1", "leased", "2010-01-01", "2060-01-01"),
            ("A2", "leased", "2011-01-01", "2061-01-01", 0.5),
            ("A2", "leased", "2012-01-01", None, 0.3),
            ("A3", "leased", "2013-01-01"),
            ("A4", "leased", "2014-01-01", "2064-01-01"),
            ("A5", "reserved", "2018-01-01"),
            entry_id=["E1", "E2", "E3", "E4", "E5", "E6"],
            investor=[*NAMES, None],
        ),
    )


def row(number: int, name: str, lot: str, area: Any, start: str, end: Any, note: Any = None) -> Any:
    return [number, name, lot, area, start, end, note]


AS_IT_IS: list[list[Any]] = [
    row(1, NAMES[0], "A1", "1", "01/01/2010", "31/12/2059"),
    row(2, NAMES[1], "1 phần lô A2: 0,5 ha", "0,5", "01/01/2011", "31/12/2060"),
    row(3, NAMES[2], "A-2", "0,3", "01/01/2012", "Lâu dài"),
    row(4, NAMES[3], "Lô A3", "1,0", "01/01/2013", None),
    row(5, NAMES[4], "A4", "1,00", "01/01/2014", "31/12/2063"),
]


def read(path: Path, old: Project, **options: Any) -> io.LedgerRead:
    return io.read_ledger(path, parcels=old.parcels, zones=old.zones, **options)


def listed(
    folder: Path, rows: Sequence[Sequence[Any]], *, title: Sequence[Sequence[Any]] = TITLE
) -> Path:
    """Write a list as a board does: titles over all columns, headings, rows."""
    return xlsx(folder / "list.xlsx", {"S": [*title, HEADS, *rows]}, {"S": MERGED[: len(title)]})


def compared(folder: Path, rows: Sequence[Sequence[Any]], **options: Any) -> update.Reconciliation:
    return update.reconcile(project(), read(listed(folder, rows), project()), **options)


def told(made: update.Reconciliation) -> list[tuple[Any, ...]]:
    """Give the rows of the table that are not unchanged."""
    some = made.table[made.table["kind"] != "unchanged"].astype("object")
    some = some.where(some.notna(), None)
    names = ["kind", "cell", "entry", "columns", "before", "after"]
    return list(some[names].itertuples(index=False, name=None))


def imported(old: Project, path: Path, **options: Any) -> update.BroughtIn:
    arrived = update.read_sources([path], update.Reading(**options), old=old)
    assert arrived.errors == 0, [
        one.message() for some in arrived.findings.values() for one in some
    ]
    return update.bring_in(arrived, old=old, recorded_at="2019-01-15")


def test_a_list_of_the_ledger_changes_nothing(tmp_path: Path) -> None:
    made = compared(tmp_path, AS_IT_IS)
    assert made.on == pd.Timestamp("2018-12-31")
    assert made.counts() == {"unchanged": 5}
    # 1 + 0.5 + 0.3 + 1 + 1; the reservation is no lease, and the list is of leases.
    assert (made.listed_ha, made.ledger_ha) == (pytest.approx(3.8), pytest.approx(3.8))
    assert (made.agrees, made.difference_m2, made.asked, made.findings) == (True, 0, False, ())
    brought = imported(project(), listed(tmp_path, AS_IT_IS))
    assert brought.project is None
    assert brought.changes is not None
    assert brought.changes.empty


def test_every_line_has_its_kind_and_its_cell(tmp_path: Path) -> None:
    rows = [
        AS_IT_IS[0],
        [*AS_IT_IS[1][:6], "Đã chấm dứt HĐ ngày 15/06/2018"],
        row(3, NAMES[2], "A-2", "0,25", "01/01/2012", "31/12/2049"),
        AS_IT_IS[4],
        row(5, "Công ty Mới", "A6", "0,75", "01/10/2018", "30/09/2068"),
    ]
    made = compared(tmp_path, rows)
    assert told(made) == [
        ("ended", "S!C6", "E2", "valid_to", "2061-01-01", "2018-06-15"),
        ("changed", "S!C7", "E3", "valid_to|part_area_ha", "|0.3", "2050-01-01|0.25"),
        ("new", "S!C9", None, "", "", ""),
        ("missing", None, "E4", "", "", ""),
    ]
    assert made.asked
    # Listed 1 + 0.25 + 1 + 0.75 = 3; the ledger also has the 1 ha of A3.
    assert made.listed_ha == pytest.approx(3.0)
    assert made.ledger_ha == pytest.approx(4.0)
    by_kind = made.table.set_index("kind")["difference_m2"]
    assert by_kind["missing"] == pytest.approx(-10_000)
    assert (by_kind.drop("missing").abs() < 1e-6).all()


def test_missing_entries_are_asked_about_kept_or_ended(tmp_path: Path) -> None:
    path = listed(tmp_path, AS_IT_IS[1:])
    old = project()
    asked = imported(old, path)
    assert (asked.project, asked.asked) == (None, 1)
    kept = imported(old, path, missing="keep")
    assert (kept.project, kept.asked) == (None, 0)
    assert not kept.reconciled[0].agrees
    assert kept.reconciled[0].difference_m2 == -10_000
    ended = imported(old, path, ends_on="2018-09-01")
    assert ended.project is not None
    assert ended.reconciled[0].agrees
    now = ended.project.as_known().ledger.set_index("entry_id")
    assert now.loc["E1", "valid_to"] == pd.Timestamp("2018-09-01")
    others = ["E2", "E3", "E4", "E5", "E6"]
    was = old.as_known().ledger.set_index("entry_id")
    assert now.loc[others].equals(was.loc[others, now.columns])
    # As known before, it runs on.
    was = ended.project.as_known("2019-01-14").ledger.set_index("entry_id")
    assert was.loc["E1", "valid_to"] == pd.Timestamp("2060-01-01")
    # A day they begin on, or before it, is none they can end on.
    assert refused(old, path, "list_ends_early", ends_on="2010-01-01") == ("E1",)


@pytest.mark.parametrize(
    ("on", "holds"),
    # E1 begins on 1 January 2010 and ends before 1 January 2060.
    [("2009-12-31", 0), ("2010-01-01", 1), ("2059-12-31", 1), ("2060-01-01", 0)],
)
def test_only_who_holds_on_the_day_is_missed(tmp_path: Path, on: str, holds: int) -> None:
    made = compared(tmp_path, AS_IT_IS[1:], on=on)
    assert (made.missing["entry"] == "E1").sum() == holds


def test_endings_in_words_of_status_notes_and_dates(tmp_path: Path) -> None:
    heads = [*HEADS[:6], "Tình trạng", "Ghi chú"]
    rows = [
        [*AS_IT_IS[0][:6], "Đã thanh lý HĐ ngày 15/5/2018", None],
        [*AS_IT_IS[1][:6], "Đã cho thuê", "Trả lại đất từ ngày 01/02/2018"],
        [*AS_IT_IS[2][:5], "30/06/2018", "Đã cho thuê", None],
        [*AS_IT_IS[3][:6], "Đã cho thuê", "Bàn giao lại mặt bằng ngày 10/10/2018"],
        [*AS_IT_IS[4][:6], "Đã cho thuê", "Đang làm thủ tục chấm dứt HĐ ngày 01/12/2018"],
    ]
    path = xlsx(tmp_path / "list.xlsx", {"S": [*TITLE, heads, *rows]})
    made = update.reconcile(project(), read(path, project()))
    assert [(kind, entry, after) for kind, _, entry, _, _, after in told(made)] == [
        ("ended", "E1", "2018-05-15"),
        ("ended", "E2", "2018-02-01"),
        ("ended", "E3", "2018-07-01"),
        ("ended", "E4", "2018-10-10"),
    ]
    # A4 alone is left: 1 ha on both sides.
    assert (made.listed_ha, made.ledger_ha, made.asked) == (1.0, 1.0, False)


def test_what_a_list_does_not_say_stays(tmp_path: Path) -> None:
    # No ends, an empty cell for an area, no first day: the ledger knows them.
    rows = [
        row(1, NAMES[0], "A1", None, "01/01/2010", None),
        row(2, NAMES[1], "A2", "0,5", None, None),
        row(3, NAMES[2], "A2", "0,3", None, None),
        row(4, "CÔNG TY TNHH DUNG", "A3", "1", "01/01/2013", None),
        row(5, None, "A4", "1", None, None),
    ]
    path = listed(tmp_path, rows)
    made = update.reconcile(project(), read(path, project()))
    assert made.counts() == {"unchanged": 5}
    assert made.settled == {"S!C6", "S!C7", "S!C9"}
    assert imported(project(), path).project is None


def test_an_end_that_is_no_longer_said_to_be_is_taken_away(tmp_path: Path) -> None:
    rows = [[*AS_IT_IS[0][:5], "Lâu dài", None], *AS_IT_IS[1:]]
    made = compared(tmp_path, rows)
    assert told(made) == [("changed", "S!C5", "E1", "valid_to", "2060-01-01", "")]


def test_a_new_tenant_of_a_let_lot_is_no_other_name_of_the_old_one(tmp_path: Path) -> None:
    rows = [*AS_IT_IS[:4], row(5, "Công ty Phú", "A4", "1", "01/07/2018", "30/06/2068")]
    path = listed(tmp_path, rows)
    made = update.reconcile(project(), read(path, project()))
    assert [one[:3] for one in told(made)] == [("new", "S!C9", None), ("missing", None, "E5")]
    ended = imported(project(), path, ends_on="2018-07-01")
    assert ended.project is not None
    held = ended.project.as_known().ledger
    here = held[held["parcel_id"] == "A4"].sort_values("valid_from")
    assert here["investor"].tolist() == [NAMES[4], "Công ty Phú"]
    # Kept, both would hold the whole lot.
    with pytest.raises(ContractError, match="A4"):
        imported(project(), path, missing="keep")


def test_a_reserved_lot_that_is_let_is_asked_about_too(tmp_path: Path) -> None:
    rows = [*AS_IT_IS, row(6, "Công ty Quế", "A5", "1", "01/12/2018", None)]
    made = compared(tmp_path, rows)
    assert [one[:3] for one in told(made)] == [("new", "S!C10", None), ("missing", None, "E6")]


def test_the_same_tenant_with_another_first_day_is_a_correction(tmp_path: Path) -> None:
    rows = [[*AS_IT_IS[0][:4], "15/02/2010", "31/12/2059"], *AS_IT_IS[1:]]
    made = compared(tmp_path, rows)
    assert told(made) == [("changed", "S!C5", "E1", "valid_from", "2010-01-01", "2010-02-15")]
    after = made.ledger
    assert after["valid_from"].iloc[0] == pd.Timestamp("2010-02-15")
    assert after["valid_to"].iloc[0] == pd.Timestamp("2060-01-01")


def test_an_ods_in_square_metres_with_zones_and_subtotals(tmp_path: Path) -> None:
    # 10 000 + 5 000 + 3 000 = 18 000; 10 000 + 10 000 = 20 000; 38 000 m² in all
    rows: list[list[Any]] = [
        ["Danh sách thuê đất", None, None, None, None, None],
        ["Đến tháng 12/2018", None, None, "Đơn vị tính: m2", None, None],
        ["STT", "Doanh nghiệp", "Lô", "Diện tích", "Từ ngày", "Đến ngày"],
        ["I", "Giai đoạn 1", None, None, None, None],
        [1, NAMES[0], "A1", "10.000", dt.date(2010, 1, 1), dt.date(2059, 12, 31)],
        [2, NAMES[1], "A2", "5.000", dt.date(2011, 1, 1), dt.date(2060, 12, 31)],
        [3, NAMES[2], "A2", "2.900", dt.date(2012, 1, 1), None],
        [None, "Cộng", None, "17.900", None, None],
        ["II", "Giai đoạn 2", None, None, None, None],
        [4, NAMES[3], "A3", "10.000", dt.date(2013, 1, 1), None],
        [5, NAMES[4], "A4", "10.000", dt.date(2014, 1, 1), dt.date(2063, 12, 31)],
        [None, "Cộng", None, "20.000", None, None],
        [None, "Tổng cộng", None, "37.900", None, None],
    ]
    path = ods(tmp_path / "list.ods", {"Thuê đất": rows}, {(0, 0): (1, 6)})
    made = update.reconcile(project(), read(path, project()))
    assert made.on == pd.Timestamp("2018-12-31")
    assert told(made) == [
        ("changed", "Thuê đất!C7", "E3", "part_area_ha", "0.3", "0.29"),
    ]
    assert made.listed_ha == made.ledger_ha == pytest.approx(3.79)


def test_a_csv_and_lines_that_differ_by_square_metres(tmp_path: Path) -> None:
    # Lot A1 is 1 ha on paper; "1,0021" is a part of more than the lot, within what is scaled: the
    # ledger then has 1.0021 ha. Missing are E2 and E3: −5000 and −3000 m².
    lines = [
        "Số liệu đến ngày;31/12/2018;;;",
        "Lô;Diện tích (ha);Từ ngày;Bên thuê;Ngành nghề",
        f"A1;1,0021;01/01/2010;{NAMES[0]};Chè",
        f"A3;1,0000;01/01/2013;{NAMES[3]};Dệt",
        f"A4;1,0000;01/01/2014;{NAMES[4]};Gỗ",
    ]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    made = update.reconcile(project(), read(path, project()), missing="keep")
    assert told(made) == [
        ("changed", "list.csv!A3", "E1", "part_area_ha", "1", "1.0021"),
        ("missing", None, "E2", "", "", ""),
        ("missing", None, "E3", "", "", ""),
    ]
    assert made.difference_m2 == -8000
    assert not made.agrees
    assert [one.rule for one in made.findings] == ["list_columns_new"]
    assert made.findings[0].fields == {"columns": ["Ngành nghề"], "count": 3}


@pytest.mark.parametrize(
    ("area", "agrees", "difference"),
    # The lot has 10 040 m² on its certificate: "1,00" is the same to its last digit, 40 m² off;
    # "1,0040" is exactly it, "1,004" too.
    [("1,00", True, -40), ("1,004", True, 0), ("1,0040", True, 0)],
)
def test_a_rounded_list_agrees_and_says_by_how_much(
    tmp_path: Path, area: str, agrees: bool, difference: int
) -> None:
    old = Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("A1", certificate_area_m2=[10_040.0]),
        ledger=squares.ledger(("A1", "leased", "2010-01-01")),
    )
    rows = [row(1, "An", "A1", area, "01/01/2010", None)]
    made = update.reconcile(old, read(listed(tmp_path, rows), old))
    assert made.counts() == {"unchanged": 1}
    assert (made.agrees, made.difference_m2) == (agrees, difference)


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("contract", ["Theo HĐ", "Theo hợp đồng"])
@pytest.mark.parametrize("first", [True, False])
def test_columns_that_contradict_are_told_with_both_figures(
    tmp_path: Path, merged: bool, contract: str, first: bool
) -> None:
    kinds = [contract, "Thực tế"] if first else ["Thực tế", contract]
    heads = [
        ["STT", "Doanh nghiệp", "Lô", "Diện tích (ha)", None, "Từ ngày"],
        [None, None, None, *kinds, None],
    ]
    areas = {contract: ["2,072", "0,5"], "Thực tế": ["0,5", "0,5"]}
    rows = [
        [1, "An", "A1", *(areas[one][0] for one in kinds), "01/01/2010"],
        [2, "Bình", "A2", *(areas[one][1] for one in kinds), "01/01/2010"],
    ]
    path = xlsx(tmp_path / "list.xlsx", {"S": [*heads, *rows]}, {"S": ["D1:E1"]} if merged else {})
    made = io.read_ledger(path, zone_id="A")
    # The contract's counts, wherever it stands.
    assert made.frame["stated_ha"].tolist() == [2.072, 0.5]
    told_of = [one for one in made.findings if one.rule == "sheet_areas_contradict"]
    assert [one.ids for one in told_of] == [("S!D3", "S!E3") if first else ("S!E3", "S!D3")]
    fields = told_of[0].fields
    assert (fields["area_ha"], fields["other_ha"]) == (2.072, 0.5)
    # 0.5 − 2.072 = −1.572 ha
    assert fields["difference_m2"] == -15_720
    assert "2,07 ha" in told_of[0].message("vi")
    assert "15720 m²" in told_of[0].message("vi")
    assert "Diện tích (ha) / Thực tế" in made.frame.columns


def test_cells_without_a_heading_are_named(tmp_path: Path) -> None:
    rows = [["Lô", "Diện tích (ha)", "Từ ngày"], ["A1", 1, "01/01/2010", "mất?"]]
    made = io.read_ledger(xlsx(tmp_path / "list.xlsx", {"S": rows}), zone_id="A")
    assert [(one.rule, one.ids) for one in made.findings][-1] == ("sheet_column_unnamed", ("S!D2",))
    names = {"Lô": "lot", "Diện tích (ha)": "area", "Từ ngày": "start"}
    assert made.columns == {"S": names}


def test_columns_of_the_users_own_keep_their_kind(tmp_path: Path) -> None:
    floors = pd.Series([1, 2, 3, 4, 5, 6], dtype="Int64")
    old = project()
    old = replace(old, ledger=old.ledger.assign(floors=floors, grade=["a", *["b"] * 5]))
    rows = [[*one, floor, "b"] for one, floor in zip(AS_IT_IS, (1, 2, 3, 4, "9"), strict=True)]
    path = xlsx(tmp_path / "list.xlsx", {"S": [*TITLE, [*HEADS, "floors", "grade"], *rows]})
    brought = imported(old, path)
    assert told(brought.reconciled[0]) == [
        ("changed", "S!C5", "E1", "grade", "a", "b"),
        ("changed", "S!C9", "E5", "floors", "5", "9"),
    ]
    assert brought.project is not None
    now = brought.project.as_known().ledger.set_index("entry_id")["floors"]
    assert now[["E1", "E5"]].tolist() == [1, 9]
    # A text among numbers is told, and nothing of the column recorded.
    rows[0][7] = "hai"
    path = xlsx(tmp_path / "words.xlsx", {"S": [*TITLE, [*HEADS, "floors", "grade"], *rows]})
    made = update.reconcile(old, read(path, old))
    assert [(one.rule, one.fields["column"]) for one in made.findings] == [
        ("list_column_kind", "floors")
    ]
    assert told(made) == [("changed", "S!C5", "E1", "grade", "a", "b")]


def test_columns_of_one_heading_are_two(tmp_path: Path) -> None:
    heads = ["Lô", "Thửa", "Từ ngày", "Ngày ký", "Ghi", "Ghi", "status"]
    rows = [heads, ["A1", "45", "01/01/2010", "02/12/2009", "x", "y", "thuê"]]
    rows[0] = [*heads[:6], "Tình trạng", "status"]
    rows[1] = [*rows[1][:6], "đã cho thuê", "z"]
    made = io.read_ledger(xlsx(tmp_path / "list.xlsx", {"S": rows}), zone_id="A")
    kept = made.frame.iloc[0]
    assert (kept["Ghi"], kept["Ghi_"], kept["Thửa"]) == ("x", "y", "45")
    # The first day is that of the column for it; the day of signing is kept beside it.
    assert (kept["valid_from"], kept["Ngày ký"]) == (pd.Timestamp("2010-01-01"), "02/12/2009")
    assert (kept["status"], kept["status_"]) == ("leased", "z")


def test_a_section_of_a_zone_that_is_not_there(tmp_path: Path) -> None:
    path = listed(tmp_path, [["I", "KCN Lạ"], *AS_IT_IS])
    assert refused(project(), path, "sheet_zone_unknown") == ("S!A5",)


def test_ended_without_a_day_while_its_end_is_to_come(tmp_path: Path) -> None:
    rows = [[*AS_IT_IS[0][:6], "Đã chấm dứt"], *AS_IT_IS[1:]]
    assert refused(project(), listed(tmp_path, rows), "sheet_ended_undated") == ("S!G5",)
    # Its own column says when.
    rows[0][5] = "30/06/2018"
    made = compared(tmp_path, rows)
    assert [one[:3] for one in told(made)] == [("ended", "S!C5", "E1")]


# ---- bad input --------------------------------------------------------------------------------
def refused(old: Project, path: Path, rule: str, **options: Any) -> tuple[str, ...]:
    """Read a list that is at fault; nothing may come of it."""
    arrived = update.read_sources([path], update.Reading(**options), old=old)
    found = [one for some in arrived.findings.values() for one in some if one.rule == rule]
    assert len(found) == 1
    assert arrived.errors >= 1
    assert found[0].message("vi")
    return found[0].ids


def test_two_different_days(tmp_path: Path) -> None:
    rows = [*AS_IT_IS, ["Ghi chú: số liệu tính đến hết quý III/2018"]]
    path = listed(tmp_path, rows)
    assert refused(project(), path, "sheet_two_days") == ("S!A3", "S!A10")
    with pytest.raises(KcngeoError, match="does not say the day"):
        imported_with_errors(project(), path)
    # A day that is given goes before both.
    made = update.reconcile(project(), read(path, project(), on="2018-12-31"))
    assert made.counts() == {"unchanged": 5}


def imported_with_errors(old: Project, path: Path) -> None:
    arrived = update.read_sources([path], update.Reading(partial=True), old=old)
    update.bring_in(arrived, old=old)


def test_no_day(tmp_path: Path) -> None:
    path = listed(tmp_path, AS_IT_IS, title=TITLE[:2])
    assert refused(project(), path, "list_no_day") == ("list.xlsx",)
    with pytest.raises(KcngeoError, match="--on"):
        update.reconcile(project(), read(path, project()))


def test_a_total_that_is_not_that_of_its_lines(tmp_path: Path) -> None:
    # 1 + 0.5 + 0.3 + 1 + 1 = 3.8
    wrong = [None, "Tổng cộng", None, "3,9"]
    path = listed(tmp_path, [*AS_IT_IS, wrong])
    assert refused(project(), path, "sheet_total_differs") == ("S!D10",)
    right = [*wrong[:3], "3,8"]
    assert imported(project(), listed(tmp_path, [*AS_IT_IS, right])).project is None


@pytest.mark.parametrize(("total", "is_right"), [("3,8", True), ("2,8", True), ("3,3", False)])
def test_a_total_with_or_without_leases_that_have_ended(
    tmp_path: Path, total: str, is_right: bool
) -> None:
    rows = [[*AS_IT_IS[0][:6], "Thanh lý HĐ ngày 15/5/2018"], *AS_IT_IS[1:]]
    path = listed(tmp_path, [*rows, [None, "Tổng cộng", None, total]])
    found = {one.rule for one in read(path, project()).findings}
    assert ("sheet_total_differs" not in found) is is_right


def test_a_line_that_fits_two_tenants(tmp_path: Path) -> None:
    # Neither the first day nor the tenant nor an area tells whose line it is.
    rows = [AS_IT_IS[0], row(2, None, "A2", "0,4", None, None), *AS_IT_IS[3:]]
    path = listed(tmp_path, rows)
    assert refused(project(), path, "list_unclear") == ("S!C6",)
    made = update.reconcile(project(), read(path, project()))
    assert [one.fields["entries"] for one in made.findings] == [("E2", "E3")]
    # Nobody is said to be missing of whom it may speak; nothing of it is in the ledger.
    assert made.counts() == {"unchanged": 3, "left_out": 3}
    assert made.ledger["part_area_ha"].dropna().tolist() == [0.5, 0.3]


def test_a_lot_that_fits_two_parcels(tmp_path: Path) -> None:
    old = Project(
        zones=squares.zones("A", "B"),
        parcels=squares.parcels("a", "b", "c", zone=["A", "B", "B"], lot_code=["CN1", "CN1", "K"]),
        ledger=squares.ledger(("c", "leased", "2010-01-01")),
    )
    path = listed(tmp_path, [row(1, "An", "CN1", "1", "01/01/2010", None)], title=TITLE[2:])
    assert refused(old, path, "sheet_lot_ambiguous") == ("S!C3",)


def test_a_lease_the_ledger_knows_to_have_ended_is_not_opened_again(tmp_path: Path) -> None:
    old = project()
    first = tmp_path / "one"
    first.mkdir()
    ending = [[*AS_IT_IS[0][:6], "Chấm dứt HĐ ngày 15/06/2018"], *AS_IT_IS[1:]]
    now = imported(old, listed(first, ending)).project
    assert now is not None
    # The second person's list does not know of it.
    second = listed(tmp_path, AS_IT_IS)
    assert refused(now, second, "list_reopened") == ("S!C5",)
    # In a list of a day before it, the lease held.
    before = update.reconcile(now, read(second, now, on="2018-06-14"), on="2018-06-14")
    assert [one[:3] for one in told(before)] == [("changed", "S!C5", "E1")] or not told(before)


def test_an_end_without_a_day_that_the_ledger_knows(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    ending = [[*AS_IT_IS[0][:6], "Chấm dứt HĐ ngày 15/06/2018"], *AS_IT_IS[1:]]
    now = imported(project(), listed(one, ending)).project
    assert now is not None
    path = listed(other, [[*AS_IT_IS[0][:6], "Đã chấm dứt"], *AS_IT_IS[1:]])
    made = update.reconcile(now, read(path, now))
    assert (made.counts(), made.settled) == ({"unchanged": 5}, {"S!G5"})
    # 0.5 + 0.3 + 1 + 1
    assert made.listed_ha == made.ledger_ha == pytest.approx(2.8)
    assert imported(now, path).project is None


@pytest.mark.parametrize(
    ("stops", "ends"),
    # E1 ends before 1 January 2060 anyway: no later day makes it longer.
    [("2059-12-31", "2059-12-31"), ("2060-01-01", "2060-01-01"), ("2070-01-01", "2060-01-01")],
)
def test_missing_entries_are_never_made_longer(tmp_path: Path, stops: str, ends: str) -> None:
    made = compared(tmp_path, AS_IT_IS[1:], ends_on=stops)
    assert made.ledger["valid_to"].iloc[0] == pd.Timestamp(ends)
    assert made.missing["columns"].tolist() == ["" if ends == "2060-01-01" else "valid_to"]


# ---- one after the other ----------------------------------------------------------------------
def test_two_lists_one_after_the_other_lose_nothing(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    first = [*AS_IT_IS, row(6, "Công ty Giang", "A6", "1", "01/12/2018", None)]
    second = [[*AS_IT_IS[0][:6], "Chấm dứt HĐ ngày 15/06/2018"], *AS_IT_IS[1:]]
    now = imported(project(), listed(one, first)).project
    assert now is not None
    path = listed(other, second)
    # Giang is in the ledger on the day and not in the second list: asked about, not dropped.
    asked = update.bring_in(
        update.read_sources([path], update.Reading(), old=now), old=now, recorded_at="2019-01-16"
    )
    assert (asked.project, asked.asked) == (None, 1)
    kept = update.read_sources([path], update.Reading(missing="keep"), old=now)
    after = update.bring_in(kept, old=now, recorded_at="2019-01-16").project
    assert after is not None
    held = after.as_known().ledger
    assert held["parcel_id"].tolist().count("A6") == 1
    assert held.set_index("entry_id").loc["E1", "valid_to"] == pd.Timestamp("2018-06-15")
    # And all that was known before still is.
    before = after.as_known("2019-01-15").ledger
    assert before.set_index("entry_id").loc["E1", "valid_to"] == pd.Timestamp("2060-01-01")


def test_two_lists_at_once(tmp_path: Path) -> None:
    old = Project(
        zones=squares.zones("A", "B"),
        parcels=squares.parcels("a", "b", zone=["A", "B"]),
        ledger=squares.ledger(("a", "leased", "2010-01-01"), ("b", "leased", "2010-01-01")),
    )
    paths = []
    for lot, end in (("a", "30/06/2018"), ("b", "31/12/2020")):
        folder = tmp_path / lot
        folder.mkdir()
        paths.append(listed(folder, [row(1, "An", lot, "1", "01/01/2010", end)], title=TITLE[2:]))
    arrived = update.read_sources(paths, update.Reading(), old=old)
    made = update.bring_in(arrived, old=old, recorded_at="2019-01-15")
    assert [one.counts() for one in made.reconciled] == [{"ended": 1}, {"changed": 1}]
    assert made.project is not None
    ends = made.project.as_known().ledger["valid_to"].dt.strftime("%Y-%m-%d")
    assert sorted(ends) == ["2018-07-01", "2021-01-01"]


# ---- a law ------------------------------------------------------------------------------------
ENDED, AREA, DROPPED, TERM, NOTHING = "ended", "area", "dropped", "term", "nothing"


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_list_of_the_ledger_with_edits_gives_exactly_these(tmp_path: Path, data: Any) -> None:
    ids = [f"A{number}" for number in range(1, 9)]
    parts = data.draw(st.lists(st.sampled_from([None, 0.5, 0.8]), min_size=5, max_size=5))
    years = data.draw(st.lists(st.integers(2005, 2017), min_size=5, max_size=5))
    old = Project(
        zones=squares.zones("A"),
        parcels=squares.parcels(*ids),
        ledger=squares.ledger(
            *(
                (lot, "leased", f"{year}-04-01", f"{year + 50}-04-01", part)
                for lot, year, part in zip(ids, years, parts, strict=False)
            ),
            entry_id=[f"E-{lot}" for lot in ids[:5]],
        ),
    )
    kinds = [ENDED, AREA, DROPPED, TERM, NOTHING]
    edits = data.draw(st.lists(st.sampled_from(kinds), min_size=5, max_size=5))
    fresh = data.draw(st.lists(st.sampled_from(ids[5:]), unique=True))
    rows, expected, total_m2 = [], [], 0
    for lot, year, part, edit in zip(ids, years, parts, edits, strict=False):
        area_m2, end, note = round((part or 1) * 10_000), f"31/03/{year + 50}", None
        kind = ("unchanged", f"E-{lot}")
        if edit == DROPPED:
            expected.append(("missing", f"E-{lot}"))
            continue
        if edit == ENDED:
            note, kind = "Đã thanh lý hợp đồng ngày 20/11/2018", ("ended", f"E-{lot}")
        if edit == AREA:
            area_m2, kind = 4_000, ("changed", f"E-{lot}")
        if edit == TERM:
            end, kind = f"31/03/{year + 70}", ("changed", f"E-{lot}")
        total_m2 += 0 if edit == ENDED else area_m2
        expected.append(kind)
        text = f"{area_m2 / 10_000:.4f}".replace(".", ",")
        rows.append([len(rows) + 1, f"Công ty {lot}", lot, text, f"01/04/{year}", end, note])
    for lot in fresh:
        rows.append([len(rows) + 1, "Công ty Mới", lot, "1,0000", "01/09/2018", None, None])
        expected.append(("new", None))
        total_m2 += 10_000
    if not rows:
        return
    order = data.draw(st.permutations(rows))
    path = listed(tmp_path, order)
    made = update.reconcile(old, read(path, old), ends_on="2018-11-01")
    entries = made.table["entry"].astype("object").where(made.table["entry"].notna(), None)
    assert sorted(zip(made.table["kind"], entries, strict=True), key=repr) == sorted(
        expected, key=repr
    )
    assert made.agrees
    assert round(made.listed_ha * 10_000) == round(made.ledger_ha * 10_000) == total_m2
    brought = imported(old, path, ends_on="2018-11-01")
    after = brought.project or old
    known = Project(zones=after.zones, parcels=after.parcels, ledger=after.as_known().ledger)
    again = update.reconcile(known, read(path, known))
    # What was recorded is what the list says: nothing is left to do.
    assert set(again.counts()) <= {"unchanged"}
    assert len(known.ledger) == 5 + len(fresh)
