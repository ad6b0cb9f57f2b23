"""Make the files of the tutorial: what an office gets of one zone in three months, as it comes.

`.venv/bin/python data/build_tutorial.py [FOLDER]` writes `data/tutorial/`. Everything is made up:
a zone of squares of a 100 m grid, so that every figure is done in the head.

    C1 (1.5 ha)  CX green
    B1  B2       GT road
    A1  A2  A3  A4
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import rasterio
import shapely
import xlsxwriter
from rasterio.transform import from_origin

CRS = "EPSG:5899"
EAST, NORTH = 520_000.0, 1_274_000.0
SIDE = 100.0
FOLDER = Path(__file__).resolve().parent / "tutorial"
# What a table of corners does not say, as whoever imports it says it.
MAPPING = """[parcels.columns]
parcel_id = "Lô"
lot_code = "Lô"

[parcels.fixed]
zone_id = "bai-hoc"
land_use = "industrial"
"""
TITLE = [["BAN QUẢN LÝ CÁC KHU CÔNG NGHIỆP"], ["DANH SÁCH CHO THUÊ ĐẤT – KCN BÀI HỌC (VÍ DỤ)"]]
HEADS = [
    "STT",
    "Tên doanh nghiệp",
    "Lô",
    "Diện tích (ha)",
    "Từ ngày",
    "Đến ngày",
    "Ngành nghề",
    "Ghi chú",
]


def box(column: float, row: float, width: float = 1.0, height: float = 1.0) -> shapely.Polygon:
    """Draw a lot of the grid, by its lower left corner and size in sides."""
    x, y = EAST + SIDE * column, NORTH + SIDE * row
    return shapely.box(x, y, x + SIDE * width, y + SIDE * height)


def layer(path: Path, columns: dict[str, list[object]], shapes: list[shapely.Polygon]) -> None:
    """Write a shapefile."""
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path, encoding="utf-8")


def drawing(path: Path) -> None:
    """Draw block B in CAD: lots as closed lines, their numbers as texts in them."""
    plan = ezdxf.new("R2010")
    space = plan.modelspace()
    for name, shape in {"B1": box(0, 1), "B2": box(1, 1)}.items():
        corners = list(shape.exterior.coords)[:-1]
        space.add_lwpolyline(corners, close=True, dxfattribs={"layer": "RANH_LO"})
        text = space.add_text(name, height=8.0, dxfattribs={"layer": "TEN_LO"})
        text.set_placement((shape.centroid.x - 8.0, shape.centroid.y))
    plan.saveas(path)


def sheet(path: Path, rows: list[list[object]]) -> None:
    """Write a list as an office keeps it, every cell as it was typed."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet("Danh sách")
        for number, cells in enumerate(rows):
            page.write_row(number, 0, cells)


def corners(path: Path) -> None:
    """Write the corners of lot C1, 100 × 150 m: X to the north, Y to the east."""
    points = [(2.0, 0.0), (3.5, 0.0), (3.5, 1.0), (2.0, 1.0)]
    rows: list[list[object]] = [["BẢNG KÊ TỌA ĐỘ GÓC THỬA (VN-2000, kinh tuyến trục 107°45')"]]
    rows.append(["Lô", "Điểm", "X (m)", "Y (m)"])
    for number, (north, east) in enumerate(points, start=1):
        x, y = NORTH + SIDE * north, EAST + SIDE * east
        rows.append(["C1", number, f"{x:.2f}".replace(".", ","), f"{y:.2f}".replace(".", ",")])
    sheet(path, rows)


def leases(path: Path, day: str, rows: list[list[object]], total: str) -> None:
    """Write a lease list of a day."""
    numbered = [[number, *cells] for number, cells in enumerate(rows, start=1)]
    last = ["", "Tổng cộng", "", total]
    sheet(path, [*TITLE, [f"Số liệu đến ngày {day}"], HEADS, *numbered, last])


def lease(investor: str, lot: str, area: str, start: str, end: str, sector: str) -> list[object]:
    """Type a line of a lease list; its remark is empty."""
    return [investor, lot, area, start, end, sector, ""]


COFFEE = lease("Công ty Cà phê Ví Dụ", "A1", "1", "01/03/2024", "01/03/2074", "Chế biến cà phê")
TEA = lease(
    "Công ty Chè Ví Dụ", "1 phần lô A2: 0,4 ha", "0,4", "15/06/2025", "15/06/2075", "Chế biến chè"
)
TEXTILE = lease("Công ty Dệt may Ví Dụ", "B1", "1", "01/01/2026", "01/01/2076", "Dệt may")
FRUIT = lease("Công ty Rau quả Ví Dụ", "C1", "1,5", "10/02/2026", "10/02/2076", "Chế biến rau quả")
PACKING = lease("Công ty Bao bì Ví Dụ", "A3A", "0,5", "05/03/2026", "05/03/2076", "Bao bì")


def main(folder: Path = FOLDER) -> None:
    """Write every file anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    zone = {"MA_KCN": ["bai-hoc"], "TEN_KCN": ["KCN Bài Học"], "NGAY_TL": ["2020-01-01"]}
    layer(folder / "ranh_gioi.shp", zone, [box(0, 0, 4, 3.5)])
    names = ["A1", "A2", "A3", "A4", "CX", "GT"]
    uses = ["Nhà máy"] * 4 + ["Cây xanh", "Giao thông"]
    squares = [box(column, 0) for column in range(4)] + [box(1, 2, 3, 1.5), box(2, 1, 2, 1)]
    layer(folder / "lo_dat.shp", {"TenLo": names, "CHUCNANG": uses}, squares)
    drawing(folder / "mat_bang_B.dxf")
    corners(folder / "toa_do_C.xlsx")
    # The one who typed the first list mistook a lot.
    typed = [COFFEE[0], "A9", *COFFEE[2:]]
    leases(folder / "thue_01_sai.xlsx", "31/01/2026", [typed, TEA, TEXTILE], "2,4")
    leases(folder / "thue_01.xlsx", "31/01/2026", [COFFEE, TEA, TEXTILE], "2,4")
    leases(folder / "thue_02.xlsx", "28/02/2026", [COFFEE, TEA, TEXTILE, FRUIT], "3,9")
    ended = [*COFFEE[:6], "Đã chấm dứt HĐ ngày 15/03/2026"]
    leases(folder / "thue_03.xlsx", "31/03/2026", [ended, TEA, TEXTILE, FRUIT, PACKING], "3,4")
    halves = {"TenLo": ["A3A", "A3B"], "CHUCNANG": ["Nhà máy"] * 2, "parents": ["A3"] * 2}
    layer(folder / "tach_A3.shp", halves, [box(2, 0, 0.5), box(2.5, 0, 0.5)])
    cover(folder / "lop_phu_2026.tif")
    (folder / "lo_C.toml").write_text(MAPPING, encoding="utf-8")


def cover(path: Path) -> None:
    """Write a land cover of 10 m: six tenths of A1 and all of B1 are built (50), the rest grass."""
    seen = np.full((35, 40), 30, dtype="uint8")
    seen[25:31, 0:10] = 50
    seen[15:25, 0:10] = 50
    profile = {"driver": "GTiff", "width": 40, "height": 35, "count": 1, "dtype": "uint8"}
    place = from_origin(EAST, NORTH + 3.5 * SIDE, 10.0, 10.0)
    with rasterio.open(path, "w", **profile, crs=CRS, transform=place, nodata=0) as raster:
        raster.write(seen, 1)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
