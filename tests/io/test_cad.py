"""Lots from drawings: closed and unclosed lines, ends that miss, numbers inside, leftovers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import pyogrio
import pytest
import shapely
from shapely import LineString

from kcngeo.core.errors import DataSourceError
from kcngeo.io import LayerRead, lots_from_cad

CRS = "EPSG:5899"
X, Y = 500_000.0, 1_270_000.0


def drawing(
    folder: Path,
    *lines: Iterable[tuple[float, float]],
    texts: dict[str, tuple[float, float]] | None = None,
    closed: bool = False,
) -> Path:
    """Draw polylines and texts, in metres from a corner."""
    made = ezdxf.new("R2010")
    space = made.modelspace()
    for line in lines:
        points = [(X + x, Y + y) for x, y in line]
        space.add_lwpolyline(points, close=closed, dxfattribs={"layer": "RANH"})
    for text, (x, y) in (texts or {}).items():
        space.add_text(text, dxfattribs={"layer": "SO", "height": 2}).set_placement((X + x, Y + y))
    path = folder / "lots.dxf"
    made.saveas(path)
    return path


def found(read: LayerRead) -> dict[str, Any]:
    said = {one.rule: one for one in read.findings}
    assert all(one.message("en") != one.message("vi") for one in read.findings)
    return said


SQUARES = (
    [(0, 0), (100, 0), (100, 100), (0, 100)],
    [(100, 0), (200, 0), (200, 100), (100, 100)],
)
NUMBERS = {"A1": (50.0, 50.0), "A2": (150.0, 50.0)}


def test_closed_polylines(tmp_path: Path):
    read = lots_from_cad(drawing(tmp_path, *SQUARES, texts=NUMBERS, closed=True), crs=CRS)
    assert read.frame["lot_code"].tolist() == ["A1", "A2"]
    assert read.frame.area.tolist() == [10_000.0, 10_000.0]
    assert read.findings == ()
    assert read.frame.crs == CRS


def test_the_signs_of_boundary_stones_are_no_lots(tmp_path: Path):
    # Stones of 1 m × 1 m: one on the corner both lots share, one within A2; and a hut of 2 m².
    def stone(x: float, y: float, *, long: float = 1) -> list[tuple[float, float]]:
        return [(x, y), (x + long, y), (x + long, y + 1), (x, y + 1)]

    drawn = (*SQUARES, stone(99.5, 99.5), stone(120, 20), stone(170, 70, long=2))
    read = lots_from_cad(drawing(tmp_path, *drawn, texts=NUMBERS, closed=True), crs=CRS)
    # The stones take nothing off the lots; the hut is a face, and a hole in A2.
    assert read.frame["lot_code"].fillna("").tolist() == ["A1", "A2", ""]
    assert read.frame.area.tolist() == [10_000.0, 9_998.0, 2.0]
    said = found(read)
    assert set(said) == {"cad_symbols", "cad_no_number"}
    assert said["cad_symbols"].fields["count"] == 2
    # A sign of four lines is a face like any other until its size is seen.
    frame = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    sign = stone(50, 20)
    sides = [list(side) for side in zip(sign, [*sign[1:], sign[0]], strict=True)]
    read = lots_from_cad(drawing(tmp_path, frame, *sides, texts={"A1": (50, 50)}), crs=CRS)
    assert read.frame.area.tolist() == [10_000.0]
    assert found(read)["cad_symbols"].fields["places"] == (f"1.00 ({X + 50.5:.2f} {Y + 20.5:.2f})",)
    every = lots_from_cad(tmp_path / "lots.dxf", crs=CRS, symbol_m2=0)
    assert every.frame.area.tolist() == [9_999.0, 1.0]
    with pytest.raises(ValueError, match="symbol_m2 must be 0 or more"):
        lots_from_cad(tmp_path / "lots.dxf", crs=CRS, symbol_m2=-1)


def test_lines_that_meet_and_one_between_them(tmp_path: Path):
    # One frame of 200 × 100 m, one line that ends on its sides: 2 lots of 1 ha.
    frame = [(0, 0), (200, 0), (200, 100), (0, 100), (0, 0)]
    read = lots_from_cad(drawing(tmp_path, frame, [(100, 0), (100, 100)], texts=NUMBERS), crs=CRS)
    assert read.frame["lot_code"].tolist() == ["A1", "A2"]
    assert read.frame.area.tolist() == [10_000.0, 10_000.0]


# The frame does not close by a gap, and the line between ends short of its sides by the same.
@pytest.mark.parametrize(
    ("gap_m", "areas"),
    [
        (0.0, [10_000.0, 10_000.0]),
        (0.049, [10_000.0, 10_000.0]),
        (0.051, []),
    ],
)
def test_ends_that_miss_by_less_than_the_tolerance_are_joined(
    tmp_path: Path, gap_m: float, areas: list[float]
):
    frame = [(0, 0), (200, 0), (200, 100), (0, 100), (0, gap_m)]
    between = [(100, gap_m), (100, 100 - gap_m)]
    path = drawing(tmp_path, frame, between, texts=NUMBERS)
    read = lots_from_cad(path, crs=CRS, snap_m=0.05)
    # 100 m × at most 0.049 m of slant: less than 5 m².
    assert read.frame.area.tolist() == pytest.approx(areas, abs=5)
    said = found(read)
    if not areas:
        # Nothing closes: both lines hang loose, both numbers stand outside.
        assert said["cad_loose_ends"].fields["count"] == 2
        assert said["cad_text_outside"].fields["count"] == 2
    elif gap_m:
        # The last corner of the frame, and both ends of the line between.
        assert said["cad_snapped"].fields["count"] == 3


def test_overshoots_are_cut_and_named_with_length_and_place(tmp_path: Path):
    frame = [(0, 0), (200, 0), (200, 100), (0, 100), (0, 0)]
    path = drawing(tmp_path, frame, [(100, -3), (100, 104)], texts=NUMBERS)
    read = lots_from_cad(path, crs=CRS)
    assert read.frame.area.tolist() == [10_000.0, 10_000.0]
    # The pieces lie 3 m below and 4 m above the frame, their middles half as far.
    assert set(found(read)["cad_loose_ends"].fields["places"]) == {
        f"3.00 ({X + 100:.2f} {Y - 1.5:.2f})",
        f"4.00 ({X + 100:.2f} {Y + 102:.2f})",
    }


def test_neighbours_drawn_twice_with_corners_a_little_apart(tmp_path: Path):
    other = [(100.02, 0.01), (200, 0), (200, 100), (100.01, 99.99)]
    read = lots_from_cad(drawing(tmp_path, SQUARES[0], other, texts=NUMBERS, closed=True), crs=CRS)
    assert read.frame["lot_code"].tolist() == ["A1", "A2"]
    assert read.frame.area.tolist() == [10_000.0, 10_000.0]
    assert set(found(read)) == {"cad_snapped"}
    apart = lots_from_cad(tmp_path / "lots.dxf", crs=CRS, snap_m=0.0)
    # As drawn: 1 ha, and its neighbour less the wedges, 0.5 × 100 × 0.03 + 0.5 × 100 × 0.02 m².
    assert apart.frame.area.tolist() == pytest.approx([10_000.0, 9_997.5], abs=0.01)


def test_a_sliver_between_two_lots_is_named_and_no_lot(tmp_path: Path):
    # 4 cm between the lots, closed at both ends by corners that no tolerance of 1 cm joins; the
    # width 2·area ÷ perimeter of 0.04 × 100 m is 8 ÷ 200.08 = 0.04 m.
    other = [(100.04, 0), (200, 0), (200, 100), (100.04, 100)]
    lids = ([(100, 0), (100.04, 0)], [(100, 100), (100.04, 100)])
    path = drawing(tmp_path, [*SQUARES[0], (0, 0)], [*other, other[0]], *lids, texts=NUMBERS)
    read = lots_from_cad(path, crs=CRS, snap_m=0.01)
    assert len(read.frame) == 3
    said = found(read)
    assert said["cad_no_number"].fields["count"] == 1
    coarse = lots_from_cad(path, crs=CRS, snap_m=0.05)
    assert coarse.frame["lot_code"].tolist() == ["A1", "A2"]
    assert coarse.frame.area.sum() == pytest.approx(20_000, abs=5)


def test_numbers_missing_twice_several_and_outside(tmp_path: Path):
    row = [
        [(100 * n, 0), (100 * n + 100, 0), (100 * n + 100, 100), (100 * n, 100)] for n in range(4)
    ]
    texts = {"A1": (50.0, 50.0), "B1": (150.0, 30.0), "B2": (150.0, 60.0), "X": (50.0, 150.0)}
    path = drawing(tmp_path, *row, texts=texts, closed=True)
    read = lots_from_cad(path, crs=CRS)
    codes = read.frame["lot_code"]
    assert codes.iloc[0] == "A1"
    assert codes.isna().tolist() == [False, True, True, True]
    assert read.frame["texts"].iloc[1] == "B1 | B2"
    said = found(read)
    assert said["cad_no_number"].ids == ("row 2", "row 3")
    assert said["cad_several_numbers"].ids == ("row 1",)
    assert said["cad_text_outside"].fields["places"] == (f"X ({X + 50:.2f} {Y + 150:.2f})",)


def test_the_same_number_twice(tmp_path: Path):
    made = ezdxf.readfile(drawing(tmp_path, *SQUARES, closed=True))
    for x in (50, 150):
        # A formatted text in several lines, as MTEXT stores it.
        made.modelspace().add_mtext(r"{\fArial|b0|i0;BI\P5}", {"insert": (X + x, Y + 50)})
    made.saveas(tmp_path / "twice.dxf")
    read = lots_from_cad(tmp_path / "twice.dxf", crs=CRS)
    assert read.frame["lot_code"].tolist() == ["BI 5", "BI 5"]
    assert found(read)["cad_number_twice"].ids == ("row 0", "row 1")


def test_a_lot_inside_a_lot_is_a_hole_and_a_lot(tmp_path: Path):
    inner = [(40, 40), (60, 40), (60, 60), (40, 60)]
    texts = {"A1": (10.0, 10.0), "A1/1": (50.0, 50.0)}
    read = lots_from_cad(drawing(tmp_path, SQUARES[0], inner, texts=texts, closed=True), crs=CRS)
    # 1 ha less 20 × 20 m.
    assert dict(zip(read.frame["lot_code"], read.frame.area, strict=True)) == {
        "A1": 9_600.0,
        "A1/1": 400.0,
    }


def test_layers_of_the_drawing_may_be_named(tmp_path: Path):
    made = ezdxf.readfile(drawing(tmp_path, *SQUARES, texts=NUMBERS, closed=True))
    cross = [(X, Y + 50), (X + 200, Y + 50)]
    made.modelspace().add_lwpolyline(cross, dxfattribs={"layer": "CAP"})
    label = made.modelspace().add_text("D200", dxfattribs={"layer": "GHI", "height": 2})
    label.set_placement((X + 50, Y + 70))
    path = tmp_path / "more.dxf"
    made.saveas(path)
    assert len(lots_from_cad(path, crs=CRS).frame) == 4
    read = lots_from_cad(path, crs=CRS, line_layers=["RANH"], text_layers=["SO"])
    assert read.frame["lot_code"].tolist() == ["A1", "A2"]
    with pytest.raises(DataSourceError, match=r"has no layer RANHH. It has: .*RANH"):
        lots_from_cad(path, crs=CRS, line_layers=["RANHH"])


def test_a_drawing_without_crs_or_in_millimetres(tmp_path: Path):
    path = drawing(tmp_path, *SQUARES, texts=NUMBERS, closed=True)
    read = lots_from_cad(path)
    assert read.frame.crs is None
    assert "crs_missing" in found(read)
    with pytest.raises(DataSourceError, match=r"encloses enough for a lot.*unit_m"):
        lots_from_cad(path, crs=CRS, unit_m=0.001, snap_m=0)
    small = lots_from_cad(path, crs=CRS, unit_m=0.001, snap_m=0, symbol_m2=0)
    assert small.frame.area.tolist() == pytest.approx([0.01, 0.01])


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        (["§Êt c«ng nghiÖp", "C©y xanh"], ["Đất công nghiệp", "Cây xanh"]),
        (["Ñaát coâng nghieäp", "Caây xanh"], ["Đất công nghiệp", "Cây xanh"]),
        (["Đất", "Cây"], ["Đất", "Cây"]),
    ],
    ids=["tcvn3", "vni", "unicode"],
)
def test_texts_of_old_drawings(tmp_path: Path, texts: list[str], codes: list[str]):
    made = ezdxf.new("R2000" if codes != texts else "R2010")
    space = made.modelspace()
    for number, text in enumerate(texts):
        corners = [(X + 100 * number + x, Y + y) for x, y in SQUARES[0]]
        space.add_lwpolyline(corners, close=True)
        space.add_text(text).set_placement((X + 100 * number + 50, Y + 50))
    made.saveas(tmp_path / "old.dxf")
    assert lots_from_cad(tmp_path / "old.dxf", crs=CRS).frame["lot_code"].tolist() == codes


def test_a_dgn_drawing(tmp_path: Path):
    lines = [LineString([(X + x, Y + y) for x, y in (*one, one[0])]) for one in SQUARES]
    frame = gpd.GeoDataFrame(geometry=lines)
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        pyogrio.write_dataframe(frame, tmp_path / "lots.dgn", driver="DGN")
    read = lots_from_cad(tmp_path / "lots.dgn", crs=CRS)
    # DGN v7 keeps whole numbers of a unit of resolution: a centimetre as GDAL writes it.
    assert read.frame.area.tolist() == pytest.approx([10_000.0, 10_000.0], abs=2)
    assert found(read)["cad_no_number"].fields["count"] == 2


def test_nothing_to_make_lots_of(tmp_path: Path):
    with pytest.raises(DataSourceError, match="no lines to make lots of"):
        lots_from_cad(drawing(tmp_path, texts=NUMBERS), crs=CRS)
    with pytest.raises(ValueError, match="snap_m and symbol_m2 must be 0 or more"):
        lots_from_cad(drawing(tmp_path, *SQUARES), snap_m=-1)


def test_the_czech_cadastral_map(shared_data: Path):
    read = lots_from_cad(
        shared_data / "cad_formats" / "cz_930300.dxf",
        crs="EPSG:5514",
        line_layers=["20600", "20602", "21900", "20502"],
    )
    # The faces by plain shapely from the entities themselves, drawn without gaps.
    lines, texts = [], {}
    for entity in ezdxf.readfile(shared_data / "cad_formats" / "cz_930300.dxf").modelspace():
        if entity.dxf.layer in ("20600", "20602", "21900", "20502"):
            if entity.dxftype() == "LINE":
                lines.append(LineString([entity.dxf.start.vec2, entity.dxf.end.vec2]))
            elif entity.dxftype() == "POLYLINE":
                lines.append(LineString([point.vec2 for point in entity.points()]))
        elif entity.dxftype() == "TEXT":
            texts[entity.dxf.text] = shapely.Point(*entity.dxf.insert.vec2)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    assert len(faces) == len(read.frame)
    assert sorted(read.frame.area) == pytest.approx(sorted(shapely.area(faces)))
    assert len(texts) == 14
    numbered = read.frame.set_index("lot_code").geometry
    assert set(numbered.index.dropna()) <= set(texts)
    # One label stands beside its small lot, in its neighbour; one lot has none.
    assert len(numbered.index.dropna()) == 12
    for number, shape in numbered[numbered.index.notna()].items():
        inside = [face for face in faces if shapely.contains_xy(face, *texts[number].coords[0])]
        assert [face.area for face in inside] == [pytest.approx(shape.area)]
