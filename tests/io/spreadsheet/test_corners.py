"""Lots as tables of their corners: drawn as written, or named with what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kcngeo import io
from kcngeo.core.errors import CRSError, DataSourceError
from kcngeo.core.model import Severity
from tests.io.spreadsheet.made import xlsx

GRID = "EPSG:5899"
HEADS = ["Lô", "Số hiệu điểm", "X (m)", "Y (m)", "Chiều dài cạnh (m)"]
# 100 m to the north, 60 m to the east: 0.6 ha.
LOT = [
    ["CN1", 1, 1_270_000, 500_000, 100],
    [None, 2, 1_270_100, 500_000, 60],
    [None, 3, 1_270_100, 500_060, 100],
    [None, 4, 1_270_000, 500_060, 60],
]
CLOSED = [*LOT, [None, 1, 1_270_000, 500_000, None]]


def read(folder: Path, rows: list[list[Any]], **options: Any) -> io.LayerRead:
    path = xlsx(folder / "toạ độ.xlsx", {"S": rows})
    assert io.kind_of(path) == "corners"
    return io.read_corners(path, crs=GRID, **options)


def rules(made: io.LayerRead) -> list[str]:
    return [one.rule for one in made.findings]


@pytest.mark.parametrize("rows", [LOT, CLOSED], ids=["open", "closed"])
def test_a_lot_is_drawn_whether_its_ring_is_closed_or_not(tmp_path: Path, rows: list[Any]):
    made = read(tmp_path, [["BẢNG KÊ TOẠ ĐỘ GÓC RANH"], HEADS, *rows])
    assert made.frame["Lô"].tolist() == ["CN1"]
    assert made.frame.area.tolist() == [6000.0]
    assert made.frame.total_bounds.tolist() == [500_000, 1_270_000, 500_060, 1_270_100]
    assert made.frame.crs == GRID
    assert made.findings == ()


def test_several_lots_a_sheet_with_decimal_commas_and_a_line_above_each(tmp_path: Path):
    heads = ["TT", "Tên điểm", "Toạ độ X (m)", "Toạ độ Y (m)"]
    rows = [
        ["Lô CN-1", None, None, None],
        [1, "A", "1.270.000,50", "500.000,00"],
        [2, "B", "1.270.100,50", "500.000,00"],
        [3, "C", "1.270.100,50", "500.060,25"],
        [4, "D", "1.270.000,50", "500.060,25"],
        ["Lô CN-2", None, None, None],
        [1, "A", "1.270.200", "500.000"],
        [2, "B", "1.270.300", "500.000"],
        [3, "C", "1.270.200", "500.100"],
    ]
    made = read(tmp_path, [heads, *rows])
    # 100 × 60.25 m, and half of 100 × 100 m.
    assert made.frame.area.tolist() == [6025.0, 5000.0]
    assert made.frame["lot_code"].tolist() == ["Lô CN-1", "Lô CN-2"]
    assert made.findings == ()


def test_x_is_the_northing_unless_the_numbers_say_otherwise(tmp_path: Path):
    turned = [[lot, corner, y, x, side] for lot, corner, x, y, side in LOT]
    made = read(tmp_path, [HEADS, *turned])
    assert made.frame.area.tolist() == [6000.0]
    assert made.frame.total_bounds.tolist() == [500_000, 1_270_000, 500_060, 1_270_100]
    (said,) = made.findings
    assert (said.rule, said.severity) == ("corner_axes", Severity.NOTE)
    assert said.fields == {"north": "Y (m)", "east": "X (m)"}
    # Small numbers of a drawing's own tell nothing; the headings hold, or --swap-axes.
    local = [[lot, corner, x - 1_270_000, y - 500_000, None] for lot, corner, x, y, _ in LOT]
    assert read(tmp_path, [HEADS, *local]).frame.total_bounds.tolist() == [0, 0, 60, 100]
    swapped = read(tmp_path, [HEADS, *local], swap_axes=True)
    assert swapped.frame.total_bounds.tolist() == [0, 0, 100, 60]
    assert "corner_axes" in rules(swapped)


def test_a_side_that_does_not_follow_from_its_corners_is_named(tmp_path: Path):
    wrong = [list(row) for row in LOT]
    wrong[1][4] = 66  # 60 by the corners
    made = read(tmp_path, [HEADS, *wrong])
    (said,) = made.findings
    assert (said.rule, said.severity, said.ids) == ("corner_side", Severity.WARNING, ("CN1",))
    assert said.fields == {"side": "2–3", "written_m": "66.00", "computed_m": "60.00"}
    # The same sides in the row of the corner they end at are no finding.
    ends = [[*row[:4], side] for row, side in zip(CLOSED, (None, 100, 60, 100, 60), strict=True)]
    assert read(tmp_path, [HEADS, *ends]).findings == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda rows: rows[:2], "corner_too_few"),
        (lambda rows: [rows[0], rows[2], rows[1], rows[3]], "corner_crossing"),
        (lambda rows: [*rows, [None, 1, 1_270_000.5, 500_000, None]], "corner_gap"),
        (lambda rows: [*rows[:2], [None, 2, 1_270_090, 500_080, None], *rows[2:]], "corner_twice"),
        (lambda rows: [rows[0], [None, 2, "?", 500_000, None], *rows[2:]], "corner_no_number"),
        (lambda rows: [*rows, ["CN2", *rows[0][1:]], *rows], "corner_lot_again"),
    ],
)
def test_a_lot_at_fault_is_an_error_that_names_it(tmp_path: Path, change: Any, rule: str):
    made = read(tmp_path, [HEADS, *change([list(row) for row in LOT])])
    errors = [one for one in made.findings if one.severity is Severity.ERROR]
    assert rule in [one.rule for one in errors]
    named = next(one for one in errors if one.rule == rule)
    assert "CN1" in (*named.ids, named.fields.get("lot"))
    if rule != "corner_lot_again":
        # The lot stays, without a shape.
        assert made.frame.geometry.isna().tolist() == [True]


def test_other_columns_stand_with_their_lot_and_other_rows_are_told(tmp_path: Path):
    rows = [[*HEADS, "Diện tích (m2)"], [*LOT[0], 6000], *[[*row, None] for row in LOT[1:]]]
    rows += [[None, None, None, None, None, "Người lập"]]
    made = read(tmp_path, rows)
    assert made.frame["Diện tích (m2)"].tolist() == [6000.0]
    assert rules(made) == ["corner_rows_left_out"]


def test_without_a_crs_the_candidates_are_ranked_and_none_is_taken(tmp_path: Path):
    path = xlsx(tmp_path / "a.xlsx", {"S": [HEADS, *LOT]})
    made = io.read_corners(path, province="lam-dong")
    assert made.frame.crs is None
    assert rules(made) == ["crs_missing"]
    with pytest.raises(CRSError, match="EPSG:1"):
        io.read_corners(path, crs="EPSG:1")


def test_a_table_of_points_is_no_table_of_corners(tmp_path: Path):
    path = xlsx(tmp_path / "b.xlsx", {"S": [["Điểm", "X", "Y"], [1, 2, 3], [2, 3, 4]]})
    assert io.kind_of(path) != "corners"
    with pytest.raises(DataSourceError, match="no table of corners"):
        io.read_corners(path)


def test_as_csv_it_is_the_same(tmp_path: Path):
    lines = [";".join("" if one is None else str(one) for one in row) for row in [HEADS, *CLOSED]]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert io.kind_of(path) == "corners"
    made = io.read_corners(path, crs=GRID)
    assert made.frame.area.tolist() == [6000.0]


@pytest.mark.parametrize("swapped", [False, True])
def test_degrees_minutes_and_seconds_are_read(tmp_path: Path, swapped: bool):
    # 11°30' N, 107°45' E, and 3.6 seconds (a thousandth of a degree) beyond: a square of 0.001°.
    north, east = ["11°30'00,0\"B", "11°30'03,6\"B"], ["107°45'00,0\"Đ", "107°45'03,6\"Đ"]
    rows = [[1, north[0], east[0]], [2, north[1], east[0]]]
    rows += [[3, north[1], east[1]], [4, north[0], east[1]]]
    if swapped:
        rows = [[point, second, first] for point, first, second in rows]
    lots = [["CN1" if at == 0 else None, *row] for at, row in enumerate(rows)]
    path = xlsx(tmp_path / "độ.xlsx", {"S": [["Lô", "Điểm", "Vĩ độ", "Kinh độ"], *lots]})
    made = io.read_corners(path, crs="EPSG:4756")
    assert made.frame.total_bounds.tolist() == pytest.approx([107.75, 11.5, 107.751, 11.501])
    # 0.001° of latitude is 110.6 m, of longitude 109.1 m there.
    assert made.frame.to_crs(GRID).area.iloc[0] == pytest.approx(110.6 * 109.1, rel=0.001)
    assert ("corner_axes" in rules(made)) == swapped


def test_sides_beside_degrees_are_compared_on_the_ellipsoid(tmp_path: Path):
    rows = [
        ["CN1", 1, "11°30'00\"", "107°45'00\"", 110.6],
        [None, 2, "11°30'03,6\"", "107°45'00\"", 109.1],
        [None, 3, "11°30'03,6\"", "107°45'03,6\"", 110.6],
        [None, 4, "11°30'00\"", "107°45'03,6\"", 99.1],
    ]
    heads = ["Lô", "Điểm", "Vĩ độ", "Kinh độ", "Chiều dài cạnh (m)"]
    path = xlsx(tmp_path / "độ.xlsx", {"S": [heads, *rows]})
    (told,) = [
        f for f in io.read_corners(path, crs="EPSG:4756").findings if f.rule == "corner_side"
    ]
    assert (told.fields["side"], told.fields["written_m"]) == ("4–1", "99.10")


@pytest.mark.parametrize(
    "cell", ["11°60'00\"", "11°30'60\"", "181°00'00\"", "B11°30'00\"B", "11°30'", "-11°30'00\""]
)
def test_what_is_no_angle_is_named(tmp_path: Path, cell: str):
    rows = [
        ["CN1", 1, cell, "107°45'00\""],
        *([None, at, "11°30'00\"", "107°45'00\""] for at in (2, 3)),
    ]
    path = xlsx(tmp_path / "độ.xlsx", {"S": [["Lô", "Điểm", "Vĩ độ", "Kinh độ"], *rows]})
    assert "corner_no_number" in rules(io.read_corners(path, crs="EPSG:4756"))
