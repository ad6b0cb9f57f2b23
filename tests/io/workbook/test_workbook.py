"""The ledger workbook: what is written comes back, what is edited is an update."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import python_calamine as calamine
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcngeo import Project, io, ledger, update
from kcngeo.core.errors import ContractError, DataSourceError
from kcngeo.core.model import Status
from kcngeo.core.schema import ENTERED, TABLES
from kcngeo.io.workbook import SHEETS
from kcngeo.io.workbook.layout import FIRST_ROWS, columns_of
from tests import squares

SAMPLE = Path(__file__).parents[3] / "data" / "parcels" / "two_zones.gpkg"


@pytest.fixture(scope="module")
def sample() -> Project:
    return io.read_project(SAMPLE)


def cells(path: Path) -> dict[str, list[list[Any]]]:
    book = calamine.CalamineWorkbook.from_path(path)
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def saved(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """Save sheets as an office program would: values alone."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value != "":
                        sheet.write(number, column, value)


def small(**tables: Any) -> Project:
    return Project(
        zones=squares.zones("A", name=["Khu A"]),
        parcels=squares.parcels("A1", "A2", "A3"),
        ledger=squares.ledger(
            ("A1", "leased", "2016-01-01", "2066-01-01"),
            ("A2", "leased", "2017-01-01", None, 0.4),
            entry_id=["e1", "e2"],
        ),
        **tables,
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_sample_comes_back_without_a_difference(sample: Project, tmp_path: Path, language: str):
    path = tmp_path / "sổ.xlsx"
    io.write_workbook(sample, path, language=language)
    read = io.read_workbook(path)
    whole = dict(sample.tables())
    # superseded entries are history, not something to be edited
    whole["ledger"] = whole["ledger"][whole["ledger"]["superseded_at"].isna()]
    assert {name: len(frame) for name, frame in read.tables.items()} == {
        name: len(whole.get(name, ())) for name in SHEETS
    }
    assert [one.rule for one in read.findings] == ["workbook_example"]
    assert update.difference(sample, read.tables).empty


def test_the_same_project_gives_the_same_bytes(sample: Project, tmp_path: Path):
    for name in ("a.xlsx", "b.xlsx"):
        io.write_workbook(sample, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_headings_names_example_and_lists(tmp_path: Path):
    path = tmp_path / "sổ.xlsx"
    io.write_workbook(small(), path)
    sheets = cells(path)
    assert list(sheets)[:2] == ["Hướng dẫn", "Sổ theo dõi"]
    heads, names, example, *rows = sheets["Sổ theo dõi"]
    assert heads[:4] == ["Ghi chú", "Mã mục sổ", "Mã thửa", "Tình trạng"]
    assert names[:4] == ["note", "entry_id", "parcel_id", "status"]
    assert example[0] == "ví dụ: dòng này không được đọc"
    assert example[3] == "đã cho thuê"
    assert [row[1:7] for row in rows] == [
        ["e1", "A1", "đã cho thuê", dt.date(2016, 1, 1), dt.date(2066, 1, 1), ""],
        ["e2", "A2", "đã cho thuê", dt.date(2017, 1, 1), "", 0.4],
    ]
    assert [row[0] for row in sheets["Danh mục lô"][2:]] == ["A1", "A2", "A3"]
    assert sheets["Danh mục"][1][:2] == ["đã cho thuê", "leased"]


def test_lists_name_each_zone_lot_and_closed_list_once(sample: Project, tmp_path: Path):
    path = tmp_path / "sổ.xlsx"
    io.write_workbook(sample, path)
    sheets = cells(path)
    for name, ids in (
        ("Danh mục khu", sample.zones["zone_id"]),
        ("Danh mục lô", sample.parcels["parcel_id"]),
    ):
        listed = [row[0] for row in sheets[name][2:]]
        assert len(listed) == len(set(listed))
        assert set(listed) == set(ids)
    heads = sheets["Danh mục"][0]
    assert (
        len(heads) == len(set(heads)) == 16
    )  # status, basis, origin, premises, pollution level, type of project, two of kind, with names


def test_drop_downs_lead_to_the_lists(tmp_path: Path):
    path = tmp_path / "sổ.xlsx"
    io.write_workbook(small(), path)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    pattern = r'<dataValidation type="list"[^>]*sqref="([A-Z])3:[^"]*"><formula1>(.*?)</formula1>'
    rules = dict(re.findall(pattern, sheet))
    # the columns: A note, B entry, C lot, D status, E from, F to, G part, H project
    assert rules["C"] == "'Danh mục lô'!$A$3:$A$5000"
    assert rules["D"].startswith('"đã cho thuê,đã giới thiệu địa điểm')
    assert rules["H"] == "'Dự án đầu tư'!$B$4:$B$5000"
    assert sheet.count('type="date"') == 2
    assert sheet.count('type="decimal"') == 1


def test_every_closed_list_fits_into_a_drop_down():
    # a list written into a rule may have 255 letters; XlsxWriter leaves longer ones out
    from kcngeo import theme

    for table in SHEETS:
        for column in columns_of(table):
            for language in theme.LANGUAGES:
                shown = [
                    theme.choice(one, name=column.name, language=language, layer=table)
                    for one in column.choices
                ]
                assert len(",".join(shown)) <= 255
                assert not any("," in one for one in shown)
                assert len(set(shown)) == len(shown)


def test_examples_keep_their_contracts():
    from kcngeo.core.validation import validate

    for table, row in FIRST_ROWS.items():
        assert set(row) <= {column.name for column in TABLES[table].columns}
        assert validate(pd.DataFrame([row]), table, errors="collect")[1] == []


def test_an_edited_workbook_is_an_update(tmp_path: Path):
    path, before = tmp_path / "sổ.xlsx", small()
    io.write_workbook(before, path)
    sheets = cells(path)
    rows = sheets["Sổ theo dõi"]
    rows[3][5] = "30/06/2020"  # typed as text
    rows[4][6] = "0,5"
    rows.append(["", "", "A3", "Đã giới thiệu địa điểm", dt.date(2019, 5, 1), "", "", "", "15/VB"])
    # columns moved, sheets in another order, the help thrown away
    sheets["Sổ theo dõi"] = [
        [row[i] if i < len(row) else "" for i in (3, 2, 0, 1, 4, 5, 6, 7, 8, 9)] for row in rows
    ]
    del sheets["Hướng dẫn"]
    saved(path, dict(reversed(sheets.items())))
    read = io.read_workbook(path)
    changes = update.difference(before, read.tables)
    edits = changes.edits[["table", "kind", "id"]].to_numpy().tolist()
    assert sorted(edits, key=str) == [
        ["ledger", "added", "A3 reserved 2019-05-01–…"],
        ["ledger", "changed", "e1"],
        ["ledger", "changed", "e2"],
    ]
    assert set(changes.cells["column"]) == {"valid_to", "part_area_ha"}
    after = update.apply(before, changes, recorded_at="2019-05-31")
    state = ledger.state(after.as_known(), on="2020-06-30")
    assert len(after.ledger) == 2 + 3
    assert ledger.state(after.as_known("2019-05-30"), on="2020-06-30").equals(
        ledger.state(before.as_known(), on="2020-06-30")
    )
    assert not state.equals(ledger.state(before.as_known(), on="2020-06-30"))


def test_what_cannot_be_read_is_told_with_its_row(tmp_path: Path):
    path = tmp_path / "sổ.xlsx"
    io.write_workbook(small(), path)
    sheets = cells(path)
    rows = sheets["Sổ theo dõi"]
    rows[3][3], rows[3][4], rows[4][6] = "cho mượn", "ngày nào đó", "một ít"
    rows[4] += [""] * (12 - len(rows[4])) + ["ngoài cột"]
    saved(path, sheets)
    read = io.read_workbook(path)
    told = {(one.rule, one.ids, one.fields.get("column")) for one in read.findings}
    assert told >= {
        ("import_unread", ("Sổ theo dõi!A4",), "status"),
        ("import_unread", ("Sổ theo dõi!A4",), "valid_from"),
        ("import_unread", ("Sổ theo dõi!A5",), "part_area_ha"),
        ("workbook_outside", ("Sổ theo dõi!M5",), None),
    }
    with pytest.raises(ContractError, match="status is missing: e1"):
        update.difference(small(), read.tables)


def test_a_renamed_sheet_is_known_by_its_columns_and_one_that_is_not_is_refused(tmp_path: Path):
    path = tmp_path / "sổ.xlsx"
    io.write_workbook(small(), path)
    sheets = cells(path)
    sheets["Tháng 5"] = sheets.pop("Sổ theo dõi")
    saved(path, sheets)
    assert len(io.read_workbook(path).tables["ledger"]) == 2
    # targets and claims have the same columns
    sheets["Khác"] = sheets.pop("Chỉ tiêu")
    saved(path, sheets)
    with pytest.raises(DataSourceError, match='the sheet "Khác" cannot be told from the others'):
        io.read_workbook(path)


def test_what_is_no_workbook(tmp_path: Path):
    path = tmp_path / "x.xlsx"
    saved(path, {"S": [["Lô"], ["A1"]]})
    with pytest.raises(DataSourceError, match="is no ledger workbook"):
        io.read_workbook(path)
    with pytest.raises(DataSourceError, match=r"ends in \.xlsx"):
        io.write_workbook(None, tmp_path / "x.ods")
    with pytest.raises(DataSourceError, match="cannot be written"):
        io.write_workbook(None, tmp_path / "none" / "x.xlsx")
    broken = small()
    broken.ledger["status"] = "cho mượn"
    with pytest.raises(ContractError, match="status holds cho mượn"):
        io.write_workbook(broken, path)
    assert [one.name for one in tmp_path.iterdir()] == ["x.xlsx"]


def test_an_empty_project_has_every_table_and_column(tmp_path: Path):
    path = tmp_path / "mới.gpkg"
    io.write_project(io.empty_project("EPSG:5899"), path)
    read = io.read_project(path)
    assert {name for name, _ in read.tables()} == set(ENTERED)
    for name, frame in read.tables():
        assert {column.name for column in TABLES[name].columns} <= set(frame.columns)
        if TABLES[name].geometry:
            assert frame.crs.to_epsg() == 5899


CONTROL = ("Cc", "Cs", "Zs", "Zl", "Zp")
LETTERS = st.characters(
    codec="utf-8", exclude_categories=CONTROL, exclude_characters="\ufffe\uffff"
)
TEXT = st.text(LETTERS, min_size=1, max_size=20)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(sorted(Status)),
            st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)),
            st.one_of(st.none(), st.integers(1, 40_000)),
            st.one_of(st.none(), st.integers(1, 10**9).map(lambda number: number / 10**6)),
            st.one_of(
                st.none(), TEXT, st.sampled_from(["=1+1", "+84", "@A1", "1,5", "2016", "có"])
            ),
        ),
        max_size=6,
    )
)
def test_any_ledger_comes_back(tmp_path: Path, rows: list[Any]):
    import unicodedata

    entries = pd.DataFrame(
        {
            "parcel_id": [f"A{place}" for place in range(len(rows))],
            "status": [row[0] for row in rows],
            "valid_from": [row[1] for row in rows],
            "valid_to": [row[2] and row[1] + dt.timedelta(days=row[2]) for row in rows],
            "part_area_ha": pd.Series([row[3] for row in rows], dtype="float64"),
            "document": [row[4] and unicodedata.normalize("NFC", row[4]) for row in rows],
        }
    )
    base = small()
    project = Project(zones=base.zones, parcels=base.parcels, ledger=entries)
    path = tmp_path / "sổ.xlsx"
    io.write_workbook(project, path)
    read = io.read_workbook(path).tables["ledger"]
    assert read["parcel_id"].tolist() == entries["parcel_id"].tolist()
    assert update.difference(project, {"ledger": read}).empty
