"""Lease lists of every format, and ways to spoil them: for the fuzz test and benchmarks/fuzz.py."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

from tests.io.mutations import spoilt
from tests.io.spreadsheet.made import ods, xlsx

KINDS = ("xlsx", "ods", "list")
ROWS = [
    ["DANH SÁCH CHO THUÊ ĐẤT KCN LỘC SƠN"],
    ["STT", "Tên doanh nghiệp", "Lô", "Diện tích (ha)", "Từ ngày", "Thời hạn", "Tình trạng"],
    ["1", "Công ty A", "BI-5-KCN", "8,36", "01/01/2016", "Đến tháng 12/2066", "đã thuê"],
    ["", "Công ty B", "Lô CN9, CN10", "1.234,5", "3/2017", "Lâu dài", "giữ chỗ"],
    ["2", "Công ty C", "1 phần Lô CN9: 8,36 ha", "2,5", "2018", "49 năm", ""],
    ["", "Công ty D", "tờ 12 thửa 45", "", "31/02/2019", "50 năm", "trống"],
    ["", "Tổng cộng", "", "1.245,36", "", "", ""],
]


def make(folder: Path, kind: str) -> Path:
    """Write a whole list of a format."""
    if kind == "xlsx":
        return xlsx(folder / "list.xlsx", {"2018": ROWS, "2019": ROWS}, {"2018": ["A1:G1"]})
    if kind == "ods":
        return ods(folder / "list.ods", {"2018": ROWS, "2019": ROWS}, {(0, 0): (1, 7)})
    path = folder / "list.csv"
    path.write_text("\n".join(";".join(row) for row in ROWS), encoding="utf-8", newline="")
    return path


def spoil(path: Path, chance: random.Random) -> None:
    """Spoil the bytes of a list; of a packed one mostly what is inside, packed anew."""
    if path.suffix == ".csv" or chance.random() < 0.2:
        path.write_bytes(spoilt(path.read_bytes(), chance))
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(chance.choice((1, 1, 2))):
        name = chance.choice(sorted(members))
        members[name] = spoilt(members[name], chance)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
