"""Files that are no lists: one clear error each, nothing else."""

from __future__ import annotations

import contextlib
import io as bytes_io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcngeo import io, theme
from kcngeo.core.errors import DataSourceError
from kcngeo.io.spreadsheet import security
from tests.io.spreadsheet.made import ods, told, xlsx

LIST = [["Lô", "Diện tích (ha)", "Từ ngày"], ["A1", 1.5, "01/01/2016"]]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    return xlsx(tmp_path / "good.xlsx", {"Sheet1": LIST}).read_bytes()


def refused(path: Path, content: bytes | None, match: str) -> None:
    if content is not None:
        path.write_bytes(content)
    before = sorted(path.parent.iterdir())
    with pytest.raises(DataSourceError, match=match) as caught:
        io.read_ledger(path)
    assert str(path) in caught.value.message("vi")
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("no.xlsx", None, "no such file"),
        ("empty.xlsx", b"", "is empty"),
        ("blank.csv", b" \r\n \r\n", "is empty"),
        ("old.xls", OLE + bytes(600), "Excel 97-2003"),
        ("secret.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("page.xls", b"<html><table><tr><td>L\xc3\xb4</td></tr></table></html>", "web page"),
        ("page.xlsx", b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "web page or XML"),
        ("text.xlsx", "Lô;Diện tích\nA1;1,5\n".encode(), "holds csv, but its ending is .xlsx"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither a spreadsheet nor text"),
        ("list.pdf", b"a;b\n1;2\n", "is not the ending of a list"),
        ("bytes.csv", b"L\xf4;Di\x8a\n\x90\xd2;1\n", "letters cannot be read"),
        ("words.csv", "Kính gửi;Ban quản lý\n".encode(), "holds no list of lots"),
    ],
)
def test_files_that_are_no_list(tmp_path: Path, name: str, content: bytes | None, match: str):
    refused(tmp_path / name, content, match)


def test_a_folder(tmp_path: Path):
    (tmp_path / "folder.xlsx").mkdir()
    refused(tmp_path / "folder.xlsx", None, "no such file")


def test_a_sheet_under_another_ending(tmp_path: Path, good: bytes):
    refused(tmp_path / "list.ods", good, "holds xlsx, but its ending is .ods")
    refused(tmp_path / "list.csv", good, "holds xlsx, but its ending is .csv")


def test_a_file_that_is_cut_off_anywhere(tmp_path: Path, good: bytes):
    for size in range(4, len(good) - 1, len(good) // 25):
        refused(tmp_path / "cut.xlsx", good[:size], "damaged or cut off|no spreadsheet")


def test_a_zip_that_is_no_spreadsheet(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as archive:
        archive.writestr("../../outside.txt", "x")
    refused(tmp_path / "z.xlsx", None, "zip file, but no spreadsheet")


def test_a_zip_bomb(tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(security, "LARGEST_UNPACKED_BYTES", 4 << 20)
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(good)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(8 << 20))
    assert path.stat().st_size < 100_000
    refused(path, None, "larger than a list of lots can be")


def test_a_file_too_large(tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(security, "LARGEST_FILE_BYTES", 1000)
    refused(tmp_path / "large.xlsx", good, "larger than a list of lots can be")


def test_cells_in_far_corners_of_an_xlsx(tmp_path: Path):
    # 17 billion cells: the reader alone would end the process
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "Lô")
        sheet.write("XFD1048576", 1)
    refused(path, None, "cells a sheet")


def changed(content: bytes, changes: dict[str, tuple[bytes, bytes]], moved: str = "") -> bytes:
    """Replace bytes in members of a workbook; its sheet may move to another folder."""
    old, new = "xl/worksheets/sheet1.xml", f"xl/{moved}/sheet1.xml"
    result = bytes_io.BytesIO()
    with zipfile.ZipFile(bytes_io.BytesIO(content)) as archive, zipfile.ZipFile(result, "w") as out:
        for name in archive.namelist():
            text = archive.read(name)
            if moved:
                text = text.replace(b"worksheets/", moved.encode() + b"/")
            was, now = changes.get(name, (b"", b""))
            assert was in text
            out.writestr(new if moved and name == old else name, text.replace(was, now, 1))
    return result.getvalue()


def test_cells_in_far_corners_of_a_sheet_that_lies_elsewhere(tmp_path: Path, good: bytes):
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    far = {"xl/worksheets/sheet1.xml": (b"</sheetData>", row + b"</sheetData>")}
    refused(tmp_path / "elsewhere.xlsx", changed(good, far, moved="other"), "cells a sheet")


def test_a_count_no_memory_can_hold_ends_its_reader_alone(tmp_path: Path, good: bytes):
    # 4 294 967 295 texts are declared, a few are there: the native reader asks for room for all
    # and ends the process it runs in.
    with zipfile.ZipFile(bytes_io.BytesIO(good)) as archive:
        head = archive.read("xl/sharedStrings.xml").partition(b"uniqueCount=")[2].split(b'"')[1]
    count = b'uniqueCount="' + head + b'"'
    huge = {"xl/sharedStrings.xml": (count, b'uniqueCount="4294967295"')}
    refused(tmp_path / "count.xlsx", changed(good, huge), "it ended its reader")


def test_a_range_merged_over_the_whole_sheet(tmp_path: Path):
    # 17 billion cells are merged, six are there
    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate(LIST):
            sheet.write_row(number, 0, row)
    merge = b'<mergeCells count="1"><mergeCell ref="D3:XFD1048576"/></mergeCells></worksheet>'
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    for ref, found in ((b"D3:XFD1048576", ["A1"]), (b"B2:XFD1048576", ["A1"])):
        members[name] = members[name].replace(b"</worksheet>", merge.replace(b"D3:XFD1048576", ref))
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        assert [entry[0] for entry in told(io.read_ledger(path).frame)] == found
        members[name] = members[name].partition(b"<mergeCells")[0] + b"</worksheet>"
    spans = {(1, 2): (1_048_576, 16_384)}
    read = io.read_ledger(ods(tmp_path / "merged.ods", {"S": LIST}, spans))
    assert [entry[0] for entry in told(read.frame)] == ["A1"]


def test_a_declared_encoding_that_does_not_exist(tmp_path: Path, good: bytes):
    path = tmp_path / "encoding.xlsx"
    with zipfile.ZipFile(bytes_io.BytesIO(good)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"UTF-8", b"UTF-88", 1))
    refused(path, None, "damaged or cut off")


def test_cells_repeated_in_an_ods(tmp_path: Path):
    path = ods(tmp_path / "far.ods", {"S": [["Lô", "REPEAT"]]}, {})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    row, cell = b"<table:table-row>", b"<table:table-cell office:value-type"
    text = members["content.xml"].replace(row, row[:-1] + b' table:number-rows-repeated="1048576">')
    first, second = text.rsplit(cell, 1)
    repeated = b'<table:table-cell table:number-columns-repeated="16384" office:value-type'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | {"content.xml": first + repeated + second}).items():
            archive.writestr(name, content)
    refused(path, None, "cells a sheet")


@pytest.mark.parametrize("member", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_entities_are_not_expanded(tmp_path: Path, good: bytes, member: str):
    doctype = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    path = tmp_path / "entity.xlsx"
    with zipfile.ZipFile(bytes_io.BytesIO(good)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == member:
                content = content.replace(b"?>", b"?>" + doctype, 1)
            target.writestr(name, content)
    refused(path, None, "declares XML entities")


def test_a_protected_ods(tmp_path: Path):
    path = ods(tmp_path / "secret.ods", {"S": LIST}, {})
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<m><manifest:encryption-data/></m>")
    refused(path, None, "password")


def test_a_sheet_that_is_not_there(tmp_path: Path, good: bytes):
    path = tmp_path / "list.xlsx"
    path.write_bytes(good)
    with pytest.raises(DataSourceError, match="has no sheet 2016; its sheets are: Sheet1"):
        io.read_ledger(path, sheet="2016")
    (tmp_path / "list.csv").write_text("Lô;Diện tích", encoding="utf-8")
    with pytest.raises(DataSourceError, match=r"letters cannot be read.*unknown encoding"):
        io.read_ledger(tmp_path / "list.csv", encoding="nonsense")


def test_errors_of_formulas_and_hidden_sheets_are_told(tmp_path: Path):
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Thuê", "Cũ"):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(LIST):
                sheet.write_row(number, 0, row)
            sheet.write_formula("B3", "=1/0", value="#DIV/0!")
            sheet.write_row("A3", ["A2"])
        sheet.hide()
    read = io.read_ledger(path)
    assert [entry[0] for entry in told(read.frame)] == ["A1", "A2"]
    rules = {finding.rule: finding.ids for finding in read.findings}
    assert rules["sheet_formula_error"] == ("Thuê!B3",)
    assert rules["sheet_hidden"] == ("Cũ",)
    assert len(io.read_ledger(path, sheet="Cũ").frame) == 2


def test_every_finding_can_be_said_in_both_languages(tmp_path: Path):
    rows = [["Lô", "Diện tích", "Từ", "Thời hạn", "Tình trạng"]]
    rows += [["", "x", "y", "z", "w"], ["A1, A2", "5", "01/01/2016", "5 năm 6 năm", "trống"]]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    read = io.read_ledger(path)
    assert {one.rule for one in read.findings} >= {
        "sheet_lot_missing",
        "sheet_number",
        "sheet_date",
    }
    for finding in read.findings:
        for language in theme.LANGUAGES:
            assert "{" not in finding.message(language)


def test_a_unit_is_not_guessed(tmp_path: Path):
    path = tmp_path / "list.csv"
    path.write_text("Lô;Diện tích;Từ\nA1;1,5;01/01/2016\n", encoding="utf-8")
    read = io.read_ledger(path)
    assert read.frame["part_area_ha"].isna().all()
    assert read.findings[0].rule == "sheet_unit_missing"
    assert io.read_ledger(path, area_unit="ha").frame["part_area_ha"].tolist() == [1.5]
    assert io.read_ledger(path, area_unit="m2").frame["part_area_ha"].tolist() == [0.00015]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6)
)
def test_a_damaged_file_is_read_or_refused(
    tmp_path: Path, good: bytes, places: list[tuple[float, int]]
):
    content = bytearray(good)
    for where, byte in places:
        content[int(where * len(content))] = byte
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(content)
    with contextlib.suppress(DataSourceError):
        io.read_ledger(path)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(cells=st.lists(st.lists(st.text(max_size=12), max_size=4), max_size=6))
def test_any_text_below_the_headings_is_read_or_told(tmp_path: Path, cells: list[list[str]]):
    path = tmp_path / "any.csv"
    rows = [["Lô", "Diện tích (ha)", "Từ ngày", "Thời hạn"], *cells]
    quoted = "\n".join(
        ";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows
    )
    path.write_text(quoted, encoding="utf-8", errors="replace", newline="")
    with contextlib.suppress(DataSourceError):
        read = io.read_ledger(path)
        assert len(read.frame) == 0 or read.frame["source_cell"].notna().all()
