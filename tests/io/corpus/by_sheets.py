"""Workbooks: written by XlsxWriter, and brought to other formats by LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
import xlsxwriter

from tests.io.corpus.layer import DEFECTS, Layer, plain

Rows = list[list[Any]]
HEADS = ["Lô", "Chức năng", "Điểm", "X (m)", "Y (m)"]


def corner_rows(layer: Layer, *, close: bool = False, repeat: bool = False) -> Rows:
    """Give a row a corner; X is the northing. Closed, the first corner stands again at the end."""
    rows: Rows = []
    for row in layer.rows:
        places = shapely.get_coordinates(row.shape).tolist()
        for number, (x, y) in enumerate(places if close else places[:-1]):
            named = [row.lot, row.use] if number == 0 or repeat else [None, None]
            rows.append([*named, number % (len(places) - 1) + 1, y, x])
    return rows


def dms(degrees: float) -> str:
    """Write an angle in degrees, minutes and seconds to the ten-thousandth of a second."""
    whole = round(abs(degrees) * 36_000_000)
    minutes, rest = divmod(whole, 600_000)
    return f"{minutes // 60}°{minutes % 60:02d}'{rest / 10_000:07.4f}\""


def workbook(sheets: Callable[[], dict[str, Rows]]) -> Callable[[Path], Path]:
    """Give what writes a workbook."""

    def write(folder: Path) -> Path:
        path = folder / "goc_ranh.xlsx"
        with xlsxwriter.Workbook(path) as book:
            for name, rows in sheets().items():
                sheet = book.add_worksheet(name)
                for number, cells in enumerate(rows):
                    sheet.write_row(number, 0, cells)
        return path

    return write


def by_office(
    write: Callable[[Path], Path], suffix: str, options: str = ""
) -> Callable[[Path], Path]:
    """Give what brings a file to another format by LibreOffice."""

    def convert(folder: Path) -> Path:
        office = shutil.which("soffice")
        if office is None:
            pytest.skip("LibreOffice is not installed")
        source = write(folder)
        target = folder / "office"
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        kind = f"{suffix}:{options}" if options else suffix
        command = [office, profile, "--headless", "--convert-to", kind, "--outdir", target, source]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return target / f"{source.stem}.{suffix}"

    return convert


def _headed(rows: Rows, heads: list[str] = HEADS) -> Rows:
    return [["BẢNG KÊ TỌA ĐỘ GÓC RANH"], [], heads, *rows]


def _of(defect: str, **how: bool) -> Callable[[], dict[str, Rows]]:
    return lambda: {"Lô": _headed(corner_rows(DEFECTS[defect](plain()), **how))}


def _minutes() -> dict[str, Rows]:
    """Write latitudes and longitudes in degrees, minutes and seconds, to 3 mm."""
    rows = corner_rows(DEFECTS["degrees"](plain()))
    heads = [*HEADS[:3], "Vĩ độ", "Kinh độ"]
    return {"Lô": _headed([[*row[:3], dms(row[3]), dms(row[4])] for row in rows], heads)}


def _commas() -> dict[str, Rows]:
    rows = corner_rows(plain())
    texts = [
        [*row[:3], *(f"{one:,.2f}".translate({44: 46, 46: 44}) for one in row[3:])] for row in rows
    ]
    return {"Lô": _headed(texts)}


def _two_sheets() -> dict[str, Rows]:
    rows = corner_rows(plain())
    return {"Đợt 1": _headed(rows[:4]), "Đợt 2": _headed(rows[4:]), "Ghi chú": [["Hệ VN-2000"]]}


CORNERS = {
    "nothing": _of("nothing"),
    "closed": _of("nothing", close=True),
    "repeated_lot": _of("nothing", repeat=True),
    "swapped": _of("swapped"),
    "millimetres": _of("millimetres"),
    "minutes": _minutes,
    "commas": _commas,
    "two_sheets": _two_sheets,
}
"""Workbooks of corners, by what is odd about them."""
