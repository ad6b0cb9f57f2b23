"""Every format comes in whole: shapes and Vietnamese text as written, defects kept and named."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from shapely import LineString, Point, box

from kcngeo.core.errors import CRSError, DataSourceError
from kcngeo.core.model import Severity
from kcngeo.io import read_layer
from kcngeo.io.vector.formats import FORMATS
from tests.io import bad_input
from tests.squares import square

CRS = "EPSG:5899"
TEXT = ["Lô BI-5: đất công nghiệp", "Đã cho thuê, Lộc Sơn", None]


def lots() -> gpd.GeoDataFrame:
    """Three lots of 1 ha; one without a note."""
    shapes = [square(0), square(1), square(2)]
    return gpd.GeoDataFrame(
        {"ghi_chu": TEXT, "so": np.array([1, 2, 3], "int32")}, geometry=shapes, crs=CRS
    )


def rules(read: Any) -> list[str]:
    return [one.rule for one in read.findings]


def found(read: Any, rule: str) -> Any:
    (one,) = [one for one in read.findings if one.rule == rule]
    assert one.message("en") != one.message("vi")
    return one


WRITERS = {
    "lots.gpkg": {"driver": "GPKG"},
    "lots.shp": {"driver": "ESRI Shapefile", "encoding": "UTF-8"},
    "lots.geojson": {"driver": "GeoJSON"},
    "lots.json": {"driver": "GeoJSON"},
    "lots.tab": {"driver": "MapInfo File", "encoding": "UTF-8"},
    "lots.mif": {"driver": "MapInfo File", "encoding": "UTF-8"},
    "lots.gml": {"driver": "GML"},
    "lots.fgb": {"driver": "FlatGeobuf", "spatial_index": False},
    "lots.gdb": {"driver": "OpenFileGDB"},
    "lots.kml": {"driver": "LIBKML"},
    "lots.kmz": {"driver": "LIBKML"},
}


def written(folder: Path, name: str, frame: gpd.GeoDataFrame | None = None) -> Path:
    """Write the lots with a writer that is not ours."""
    frame = lots() if frame is None else frame
    path = folder / name
    if path.suffix in (".kml", ".kmz"):
        frame = frame.to_crs(4326)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".csv":
        plain = pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=frame.geometry.to_wkt())
        plain.to_csv(path, index=False, encoding="utf-8-sig")
    else:
        pyogrio.write_dataframe(frame, path, **WRITERS[name])
    return path


@pytest.mark.parametrize("name", [*WRITERS, "lots.parquet", "lots.csv"])
def test_a_round_trip_keeps_shapes_and_vietnamese_text(tmp_path: Path, name: str):
    path = written(tmp_path, name)
    before = sorted(one.name for one in tmp_path.iterdir())
    read = read_layer(path)
    # MapInfo knows no missing text.
    assert [one or None for one in read.frame["ghi_chu"].fillna("")] == TEXT
    assert read.frame["so"].astype(int).tolist() == [1, 2, 3]
    # KML is in degrees, to a centimetre; MapInfo lays its own grid of whole numbers.
    wanted = (lots().to_crs(4326) if ".km" in name else lots()).geometry.to_numpy()
    shapes = read.frame.geometry.to_numpy()
    off = 1e-7 if ".km" in name else 0.05 if ".tab" in name else 0.001
    assert (shapely.hausdorff_distance(shapes, wanted, densify=0.5) <= off).all()
    rel = 5e-4 if ".tab" in name else 1e-6
    assert shapely.area(shapes) == pytest.approx(shapely.area(wanted), rel=rel)
    assert sorted(one.name for one in tmp_path.iterdir()) == before
    if path.suffix in (".tab", ".mif"):
        assert rules(read) == ["crs_lost_datum"]
    elif path.suffix == ".csv":
        assert rules(read) == ["crs_missing", "layer_coordinates"]
    else:
        assert read.findings == ()
        assert read.frame.crs == ("EPSG:4326" if ".km" in name else CRS)


@pytest.mark.parametrize("name", ["lots.shp", "lots.gpkg", "lots.tab"])
def test_a_zip_holds_a_layer_like_a_folder(tmp_path: Path, name: str):
    written(tmp_path, name)
    archive = tmp_path / "gửi.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for one in sorted(tmp_path.glob("lots.*")):
            target.write(one, f"thư mục/{one.name}")
    read = read_layer(archive)
    assert read.frame["ghi_chu"].iloc[0] == TEXT[0]
    assert shapely.area(read.frame.geometry.to_numpy()) == pytest.approx([10_000] * 3, rel=5e-4)


def test_a_zipped_geodatabase(tmp_path: Path):
    written(tmp_path, "lots.gdb")
    shutil.make_archive(str(tmp_path / "gdb"), "zip", tmp_path, "lots.gdb")
    assert len(read_layer(tmp_path / "gdb.zip").frame) == 3


@pytest.mark.parametrize(("name", "driver"), [("lots.dxf", "DXF"), ("lots.dgn", "DGN")])
def test_drawings_come_back_as_polygons(tmp_path: Path, name: str, driver: str):
    bare = gpd.GeoDataFrame(geometry=lots().geometry.to_numpy())
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        pyogrio.write_dataframe(bare, tmp_path / name, driver=driver)
    read = read_layer(tmp_path / name, crs=CRS)
    assert read.findings == ()
    # DGN v7 keeps whole centimetres.
    assert read.frame.area.tolist() == pytest.approx([10_000.0] * 3, abs=2)


def test_formats_nobody_writes_here(tmp_path: Path):
    topojson = read_layer(bad_input.make(tmp_path, "topojson"), crs="EPSG:4326")
    assert topojson.frame["ghi_chu"].tolist() == ["đất"]
    # Half of 0.1 × 0.1 degrees.
    assert shapely.area(topojson.frame.geometry.to_numpy()) == pytest.approx([0.005])
    osm = read_layer(bad_input.make(tmp_path, "osm"))
    assert osm.frame[["name", "landuse"]].to_numpy().tolist() == [["Lộc Sơn", "industrial"]]
    assert rules(osm) == ["layer_chosen"]
    assert len(read_layer(tmp_path / "lots.osm", layer="points").frame) == 0


def test_names_with_signs_that_drivers_take_for_more(tmp_path: Path):
    folder = tmp_path / "!KCN Lộc Sơn #1?"
    folder.mkdir()
    for name in ("lots.shp", "lots.gpkg", "lots.gdb"):
        written(tmp_path, name)
    for one in tmp_path.glob("lots.*"):
        one.rename(folder / one.name)
    for name in ("lots.shp", "lots.gpkg", "lots.gdb"):
        assert read_layer(folder / name).frame["ghi_chu"].iloc[0] == TEXT[0]


# --- shapefiles -----------------------------------------------------------------------------


def test_a_shapefile_without_prj_has_no_crs_and_says_what_it_could_be(tmp_path: Path):
    path = written(tmp_path, "lots.shp")
    path.with_suffix(".prj").unlink()
    read = read_layer(path, province="lam-dong")
    assert read.frame.crs is None
    said = found(read, "crs_missing").message("en")
    assert "Candidates, best first" in said
    assert "EPSG:5899 *" in said
    given = read_layer(path, crs=CRS)
    assert given.frame.crs == CRS
    assert given.findings == ()


@pytest.mark.parametrize("encoding", ["cp1258", "tcvn3"])
def test_a_shapefile_without_cpg(tmp_path: Path, encoding: str):
    # Both are read as Latin-1 by the driver; the repair finds out from the words.
    notes = {
        "cp1258": ("ðâìt công nghiêòp", "ðaÞ cho thuê, coÌn trôìng"),
        "tcvn3": ("®Êt c«ng nghiÖp", "®· cho thuª, cßn trèng"),
    }[encoding]
    good = ("đất công nghiệp", "đã cho thuê, còn trống")
    frame = gpd.GeoDataFrame({"ghi_chu": list(notes)}, geometry=[square(0), square(1)], crs=CRS)
    path = tmp_path / "lots.shp"
    pyogrio.write_dataframe(frame, path, encoding="ISO-8859-1")
    path.with_suffix(".cpg").unlink()
    read = read_layer(path)
    assert tuple(read.frame["ghi_chu"]) == good
    one = found(read, "text_repaired")
    assert one.fields["count"] == 2
    assert one.severity is Severity.NOTE


def test_a_named_encoding_is_taken(tmp_path: Path):
    path = tmp_path / "lots.shp"
    frame = gpd.GeoDataFrame({"a": ["Поле"]}, geometry=[square(0)], crs=CRS)
    pyogrio.write_dataframe(frame, path, encoding="CP1251")
    path.with_suffix(".cpg").unlink()
    assert read_layer(path, encoding="windows-1251").frame["a"].tolist() == ["Поле"]
    with pytest.raises(DataSourceError, match='no encoding "klingon"'):
        read_layer(path, encoding="klingon")


def test_a_legacy_encoding_may_be_named_for_a_single_word(tmp_path: Path):
    frame = gpd.GeoDataFrame({"a": ["®Êt"]}, geometry=[square(0)], crs=CRS)
    pyogrio.write_dataframe(frame, tmp_path / "lots.shp", encoding="ISO-8859-1")
    assert read_layer(tmp_path / "lots.shp").frame["a"].tolist() == ["®Êt"]
    assert read_layer(tmp_path / "lots.shp", encoding="tcvn3").frame["a"].tolist() == ["đất"]


@pytest.mark.parametrize(
    ("part", "match"),
    [(".shx", "lacks its part .shx"), (".dbf", None)],
)
def test_a_shapefile_that_lacks_a_part(tmp_path: Path, part: str, match: str | None):
    path = written(tmp_path, "lots.shp")
    path.with_suffix(part).unlink()
    if match:
        with pytest.raises(DataSourceError, match=match):
            read_layer(path)
        assert not path.with_suffix(part).exists()
    else:
        assert rules(read_layer(path)) == ["layer_no_attributes"]


def test_parts_of_different_shapefiles(tmp_path: Path):
    path = written(tmp_path, "lots.shp")
    other = tmp_path / "other"
    other.mkdir()
    short = written(other, "lots.shp", lots().iloc[:2])
    path.with_suffix(".dbf").write_bytes(short.with_suffix(".dbf").read_bytes())
    with pytest.raises(DataSourceError, match="3 shapes, but 2 rows"):
        read_layer(path)


# --- geometry -------------------------------------------------------------------------------


def geojson(folder: Path, *geometries: Any, name: str = "lots.geojson") -> Path:
    features = [
        {"type": "Feature", "properties": {"id": number}, "geometry": geometry}
        for number, geometry in enumerate(geometries)
    ]
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


GOOD = polygon((107, 11), (107.1, 11), (107.1, 11.1), (107, 11.1), (107, 11))


def test_bad_features_are_kept_and_named_and_cost_no_other(tmp_path: Path):
    path = geojson(
        tmp_path,
        GOOD,
        polygon((107, 11), (107.1, 11), (107.1, 11.1), (107, 11.1)),  # does not close
        polygon((107, 11), (107.1, 11.1), (107.1, 11), (107, 11.1), (107, 11)),  # bow-tie
        {"type": "Polygon", "coordinates": []},
        None,
        polygon((107, 11), (107.1, 11)),  # two points
        GOOD,
    )
    read = read_layer(path)
    assert read.frame["id"].tolist() == list(range(7))
    shapes = read.frame.geometry.to_numpy()
    assert shapely.is_valid(shapes).tolist() == [True, False, False, True, False, False, True]
    assert {one.rule: (one.severity, one.ids) for one in read.findings} == {
        "shape_unheld": (Severity.ERROR, ("row 1", "row 5")),
        "shape_invalid": (Severity.ERROR, ("row 2",)),
        "shape_empty": (Severity.WARNING, ("row 3",)),
        "shape_missing": (Severity.WARNING, ("row 4",)),
    }
    assert "row 1: Points of LinearRing do not form a closed linestring" in found(
        read, "shape_unheld"
    ).message("en")
    assert "Self-intersection[107.05 11.05]" in found(read, "shape_invalid").message("vi")
    # Asked to, the open ring is closed by its fourth side, 0.1 degrees; nothing else is touched.
    read = read_layer(path, close_rings=True)
    assert read.frame.geometry[1].equals(box(107, 11, 107.1, 11.1))
    assert found(read, "shape_closed").ids == ("row 1",)
    assert found(read, "shape_closed").fields["reasons"] == ("row 1: 0.100",)
    assert found(read, "shape_unheld").ids == ("row 5",)
    assert read.frame.geometry.isna().tolist() == [False] * 4 + [True, True, False]


def test_unclosed_rings_of_a_shapefile(tmp_path: Path):
    path = tmp_path / "lots.shp"
    pyogrio.write_dataframe(lots(), path, encoding="UTF-8")
    raw = bytearray(path.read_bytes())
    # The last record ends with the last point of its ring: move that point 10 m to the east.
    last_x = np.frombuffer(raw[-16:-8], "<f8")[0]
    raw[-16:-8] = np.array([last_x + 10], "<f8").tobytes()
    path.write_bytes(raw)
    read = read_layer(path)
    assert len(read.frame) == 3
    assert read.frame.geometry.isna().tolist() == [False, False, True]
    assert found(read, "shape_unheld").ids == ("row 2",)
    # The ring ends 10 m beside its beginning: the side added is as long.
    read = read_layer(path, close_rings=True)
    assert found(read, "shape_closed").fields["reasons"] == ("row 2: 10.000",)
    assert not read.frame.geometry.isna().any()
    assert "--close-rings" in found(read_layer(path), "shape_unheld").message("vi")


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("high", [False, True])
def test_each_ring_is_closed_by_a_side_of_its_own(tmp_path: Path, *, many: bool, high: bool):
    # An outer ring that lacks its fourth side of 40 m, and a hole that lacks one of 10 m.
    outer = [(0, 0), (100, 0), (100, 40), (0, 40)]
    hole = [(10, 10), (20, 10), (20, 20), (10, 20)]
    rings = [[(*corner, 5) if high else corner for corner in ring] for ring in (outer, hole)]
    written = ", ".join(
        "(" + ", ".join(" ".join(map(str, corner)) for corner in ring) + ")" for ring in rings
    )
    kind = ("MULTIPOLYGON" if many else "POLYGON") + (" Z" if high else "")
    text = f"{kind} ({f'({written})' if many else written})"
    (tmp_path / "lots.csv").write_text(f'id,wkt\n1,"{text}"\n', encoding="utf-8")
    shapes = {"type": "Polygon", "coordinates": rings}
    if many:
        shapes = {"type": "MultiPolygon", "coordinates": [rings]}
    for path in (tmp_path / "lots.csv", geojson(tmp_path, shapes)):
        assert read_layer(path).frame.geometry.isna().all()
        read = read_layer(path, close_rings=True)
        assert shapely.area(read.frame.geometry.to_numpy()).tolist() == [100 * 40 - 10 * 10]
        assert found(read, "shape_closed").fields["reasons"] == ("row 0: 40.000",)


def test_coordinates_that_are_no_numbers_or_huge(tmp_path: Path):
    with np.errstate(invalid="ignore"):
        torn = shapely.Polygon([(0, 0), (1, np.nan), (1, 1), (0, 0)])
    shapes = [
        square(0),
        torn,
        box(1e9, 1e9, 1e9 + 1, 1e9 + 1),
        Point(np.inf, 1),
    ]
    frame = gpd.GeoDataFrame({"a": range(4)}, geometry=shapes, crs=CRS)
    frame.to_parquet(tmp_path / "lots.parquet")
    read = read_layer(tmp_path / "lots.parquet")
    assert found(read, "shape_not_finite").ids == ("row 1", "row 3")
    assert found(read, "shape_huge").ids == ("row 2",)
    assert len(read.frame) == 4


def test_mixed_shapes_are_counted(tmp_path: Path):
    shapes = [
        square(0),
        Point(500_000, 1_270_000),
        LineString([(500_000, 1_270_000), (500_100, 1_270_000)]),
    ]
    gpd.GeoDataFrame({"a": range(3)}, geometry=shapes, crs=CRS).to_file(tmp_path / "x.gpkg")
    one = found(read_layer(tmp_path / "x.gpkg"), "shape_mixed")
    assert (one.fields["points"], one.fields["lines"], one.fields["polygons"]) == (1, 1, 1)


@pytest.mark.parametrize("name", ["lots.gpkg", "lots.shp", "lots.geojson", "lots.tab", "lots.kml"])
def test_a_ring_of_ten_thousand_vertices(tmp_path: Path, name: str):
    # A circle of 1 km: 10 000 corners, area π km² less 2e-7 of it.
    ring = Point(500_500, 1_270_500).buffer(1000, quad_segs=2500)
    assert shapely.get_num_coordinates(ring) == 10_001
    frame = gpd.GeoDataFrame({"ghi_chu": ["vòng"]}, geometry=[ring], crs=CRS)
    read = read_layer(written(tmp_path, name, frame), crs=None if name == "lots.kml" else CRS)
    (shape,) = read.frame.geometry
    # MapInfo rounds to a grid on which neighbours may fall together.
    assert shapely.get_num_coordinates(shape) > 9_000
    if name != "lots.kml":
        assert shape.area == pytest.approx(np.pi * 1e6, rel=1e-5)


# --- layers, columns, keys ------------------------------------------------------------------


def test_several_layers_are_listed_unless_one_is_named(tmp_path: Path):
    path = tmp_path / "two.gpkg"
    lots().to_file(path, layer="lô")
    lots().to_file(path, layer="khu")
    with pytest.raises(DataSourceError, match=r"several layers; name one with layer=: lô \| khu"):
        read_layer(path)
    assert len(read_layer(path, layer="khu").frame) == 3
    with pytest.raises(DataSourceError, match=r'no layer "x"\. It has: lô, khu'):
        read_layer(path, layer="x")


def test_a_table_beside_one_layer_is_left_aside_and_said(tmp_path: Path):
    path = tmp_path / "one.gpkg"
    lots().to_file(path, layer="lô")
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path, layer="bảng")
    read = read_layer(path)
    assert found(read, "layer_chosen").fields == {"layer": "lô", "others": ("bảng",)}
    assert rules(read_layer(path, layer="bảng")) == ["layer_no_geometry"]


def test_several_files_in_an_archive_are_named_like_layers(tmp_path: Path):
    one, two = written(tmp_path, "lots.gpkg"), written(tmp_path, "lots.geojson")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(one, "lô.gpkg")
        archive.write(two, "khu.geojson")
    with pytest.raises(DataSourceError, match=r"khu\.geojson \| lô\.gpkg"):
        read_layer(tmp_path / "x.zip")
    assert len(read_layer(tmp_path / "x.zip", layer="khu").frame) == 3


def test_keys_that_are_missing_or_repeated(tmp_path: Path):
    frame = lots().assign(lo=["A", "A", None])
    path = written(tmp_path, "lots.gpkg", frame)
    read = read_layer(path, key="lo")
    assert found(read, "key_repeated").ids == ("row 0", "row 1")
    assert found(read, "key_repeated").fields["keys"] == ("A",)
    assert found(read, "key_missing").ids == ("row 2",)
    assert read_layer(path, key="so").findings == ()
    with pytest.raises(DataSourceError, match=r'no column "thua"\. The layer has: ghi_chu, so'):
        read_layer(path, key="thua")


def test_an_attribute_called_geometry_is_kept(tmp_path: Path):
    path = tmp_path / "x.fgb"
    frame = lots().rename(columns={"ghi_chu": "geom_"}).rename_geometry("g")
    frame = frame.rename(columns={"geom_": "geometry"})
    pyogrio.write_dataframe(frame, path, spatial_index=False)
    read = read_layer(path)
    assert read.frame["geometry_2"].tolist()[:2] == TEXT[:2]
    assert read.frame.geometry.name == "geometry"


def test_types_come_back(tmp_path: Path):
    frame = lots().assign(
        ngay=pd.array([dt.date(2018, 3, 31), None, None], dtype=pd.ArrowDtype(pa.date32())),
        co=pd.array([True, None, False], "boolean"),
        dem=pd.array([1, None, 3], "Int64"),
        so_thuc=[1.5, np.nan, 2.0],
    )
    pyogrio.write_dataframe(frame, tmp_path / "lots.gpkg", use_arrow=True)
    read = read_layer(tmp_path / "lots.gpkg").frame
    assert read["ngay"].dtype == "datetime64[s]"
    assert read["co"].tolist() == [True, pd.NA, False]
    assert read["dem"].dtype == "Int64"
    assert read["so_thuc"].dtype == "float64"


# --- CSV ------------------------------------------------------------------------------------


def test_csv_with_coordinates_in_the_local_manner(tmp_path: Path):
    path = tmp_path / "điểm.csv"
    path.write_text(
        'Mã;X;Y;Ghi chú\nA;"500000,5";1270000;cổng\nB;;;\nC;1e3x;5;hỏng\n', encoding="utf-8"
    )
    read = read_layer(path, crs=CRS)
    assert read.frame.geometry.iloc[0].equals(Point(500_000.5, 1_270_000))
    assert read.frame["X"].tolist()[0] == "500000,5"
    assert found(read, "layer_coordinates").fields["columns"] == ("X", "Y")
    assert found(read, "shape_missing").ids == ("row 1",)
    assert found(read, "shape_unheld").ids == ("row 2",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("names", [("Kinh độ", "Vĩ độ"), ("Toạ độ X", "Tọa độ Y"), ("LON", "Lat")])
def test_csv_with_names_as_people_write_them(tmp_path: Path, encoding: str, names: tuple[str, str]):
    path = tmp_path / "cổng.csv"
    path.write_text(f"Mã lô\t{names[0]}\t{names[1]}\nBI-5\t107,9\t11,5\n", encoding=encoding)
    read = read_layer(path)
    assert read.frame.geometry.iloc[0].equals(Point(107.9, 11.5))
    assert read.frame["Mã lô"].tolist() == ["BI-5"]
    assert found(read, "layer_coordinates").fields["columns"] == names


def test_csv_with_wkt_some_of_it_broken(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text('id,WKT\n1,"POINT (1 2)"\n2,POINT (1\n3,\n', encoding="utf-8")
    read = read_layer(path)
    assert read.frame["id"].tolist() == ["1", "2", "3"]
    assert found(read, "shape_unheld").ids == ("row 1",)
    assert found(read, "shape_missing").ids == ("row 2",)


def test_csv_in_windows_1252_is_said(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes("a,x,y\ncafé,1,2\n".encode("cp1252"))
    read = read_layer(path)
    assert read.frame["a"].tolist() == ["café"]
    assert found(read, "layer_encoding_assumed").fields["encoding"] == "cp1252"


def test_csv_lines_that_are_cut_off_are_named(tmp_path: Path):
    (tmp_path / "x.csv").write_text("a,x,y\n1,2,3\n\n2,4\n3,5,6\n4\n", encoding="utf-8")
    read = read_layer(tmp_path / "x.csv", crs=CRS)
    assert read.frame["a"].tolist() == ["1", "2", "3", "4"]
    assert found(read, "layer_short_lines").fields == {"count": 2, "lines": (4, 6)}
    assert found(read, "shape_unheld").ids == ("row 1",)


def test_csv_texts_may_hold_lines_of_their_own(tmp_path: Path):
    text = "a,note,x,y\n1,b\x0bc,2,3\n2,d\u2028e,4,5\r\n3,f\x85g,6,7\n"
    (tmp_path / "x.csv").write_bytes(text.encode())
    read = read_layer(tmp_path / "x.csv", crs=CRS)
    assert read.frame["a"].tolist() == ["1", "2", "3"]
    assert shapely.get_x(read.frame.geometry.to_numpy()).tolist() == [2, 4, 6]
    assert "layer_short_lines" not in rules(read)


def test_csv_rows_longer_than_the_head(tmp_path: Path):
    (tmp_path / "x.csv").write_text("a,x,y\n1,2,3\n1,2,3,4\n", encoding="utf-8")
    with pytest.raises(DataSourceError, match="more values than the 3 columns in lines 3"):
        read_layer(tmp_path / "x.csv")


# --- CRS ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lots.tab", "lots.mif"])
def test_mapinfo_that_lost_vn_2000_is_recognised_and_not_guessed(tmp_path: Path, name: str):
    path = written(tmp_path, name)
    read = read_layer(path)
    assert read.frame.crs != CRS
    assert 'read with crs="EPSG:5899"' in found(read, "crs_lost_datum").message("en")
    given = read_layer(path, crs=CRS)
    assert given.frame.crs == CRS
    assert rules(given) == ["crs_overridden"]


def test_a_crs_the_coordinates_cannot_be_in(tmp_path: Path):
    path = written(tmp_path, "lots.gpkg", lots().set_crs(4326, allow_override=True))
    one = found(read_layer(path, province="lam-dong"), "crs_out_of_domain")
    assert one.fields["crs"] == "EPSG:4326"
    assert "EPSG:5899 *" in one.message("en")


@pytest.mark.parametrize(
    ("away_m", "is_found"),
    # The area of use of EPSG:5899 ends near 109.5° east; five degrees more are 114.5°, 730 km east
    # of its meridian at this latitude (a degree is 109 km).
    [(600_000, False), (900_000, True), (4_500_000, True), (1e9, False)],
)
def test_one_lot_with_a_wrong_digit_does_not_condemn_the_crs_of_all(
    tmp_path: Path, away_m: float, *, is_found: bool
):
    frame = lots()
    shapes = frame.geometry.to_numpy()
    shapes[1] = shapely.transform(shapes[1], lambda xy: xy + np.array([away_m, 0]))
    frame.set_geometry(shapes).to_parquet(tmp_path / "lots.parquet")
    read = read_layer(tmp_path / "lots.parquet")
    # Beyond 1e8 it is on no map at all, and told so.
    said = {1e9: ["shape_huge"]}.get(away_m, ["shape_stray"] if is_found else [])
    assert rules(read) == said
    assert read.frame.crs == CRS
    assert len(read.frame) == 3
    if is_found:
        west = 500_100 + away_m
        assert found(read, "shape_stray").ids == ("row 1",)
        assert f"row 1 ({west:.0f} 1270000" in found(read, "shape_stray").message("en")
    # Without a CRS the others still tell what it may be.
    bare = frame.set_geometry(shapes).set_crs(None, allow_override=True)
    bare.to_parquet(tmp_path / "bare.parquet")
    missing = found(read_layer(tmp_path / "bare.parquet", province="lam-dong"), "crs_missing")
    assert missing.fields["candidates"].startswith("EPSG:5899 *")


def test_half_of_the_lots_elsewhere_are_no_strays(tmp_path: Path):
    frame = lots().iloc[:2].reset_index(drop=True)
    shapes = frame.geometry.to_numpy()
    shapes[1] = shapely.transform(shapes[1], lambda xy: xy + np.array([4_500_000, 0]))
    frame.set_geometry(shapes).to_parquet(tmp_path / "lots.parquet")
    assert rules(read_layer(tmp_path / "lots.parquet")) == ["crs_out_of_domain"]


def test_coordinates_that_overflow_are_named(tmp_path: Path):
    # Found by the fuzzer: numpy remarked on the way to the verdict.
    frame = lots()
    shapes = frame.geometry.to_numpy()
    shapes[2] = shapely.Polygon([(5e5, 1.27e6), (1e300, 1.27e6), (1e300, 1.28e6), (5e5, 1e250)])
    frame.set_geometry(shapes).to_parquet(tmp_path / "lots.parquet")
    read = read_layer(tmp_path / "lots.parquet")
    assert found(read, "shape_huge").ids == ("row 2",)
    assert read.frame.crs == CRS


def test_a_layer_far_from_its_reference(tmp_path: Path):
    # EPSG:9217 has its meridian at 108.25, half a degree (54.6 km at 11.5° north) farther east.
    path = written(tmp_path, "lots.gpkg", lots().set_crs(9217, allow_override=True))
    zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=[square(0, wide=10, high=5)], crs=CRS)
    one = found(read_layer(path, reference=zones), "crs_far")
    # On the sphere: 6378 km × cos(11.485°) × 0.5° = 54.5 km, to the near edge 1 km less.
    assert float(one.fields["distance_km"]) == pytest.approx(54, abs=1.5)
    assert one.fields["candidates"].startswith("EPSG:5899")
    assert read_layer(written(tmp_path, "lots.fgb"), reference=zones).findings == ()
    with pytest.raises(CRSError, match="reference layer has no CRS"):
        read_layer(path, reference=zones.set_crs(None, allow_override=True))


def test_areas_on_paper_contradict_the_crs(tmp_path: Path):
    # 1 ha measured on UTM is 1 ha × (0.9999 ÷ 0.9996)² on the grid of the cadastre, about.
    frame = lots().assign(dt=[10_000.0] * 3)
    wrong = frame.set_crs("EPSG:32648", allow_override=True)
    one = found(read_layer(written(tmp_path, "lots.gpkg", wrong), certificate="dt"), "crs_doubtful")
    assert "EPSG:5899" in one.fields["candidates"]
    assert read_layer(written(tmp_path, "lots.fgb", frame), certificate="dt").findings == ()
    # Areas as people write them, one of them in words.
    said = wrong.assign(dt=["10.000,0", "10.000,0", "một ha"])
    one = found(read_layer(written(tmp_path, "lots.shp", said), certificate="dt"), "crs_doubtful")
    assert "EPSG:5899" in one.fields["candidates"]


def test_northings_first_are_exchanged_only_when_asked(tmp_path: Path):
    frame = lots()
    frame["geometry"] = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    path = written(tmp_path, "lots.gpkg", frame)
    read = read_layer(path, crs=CRS, swap_axes=True)
    assert shapely.equals(read.frame.geometry.to_numpy(), lots().geometry.to_numpy()).all()
    assert "layer_converted" in rules(read)
    plain = read_layer(path, crs=CRS)
    assert "(swap_axes=True)" in found(plain, "crs_out_of_domain").message("en")


def test_no_crs_by_that_name(tmp_path: Path):
    with pytest.raises(CRSError, match='"EPSG:0" is no CRS'):
        read_layer(written(tmp_path, "lots.gpkg"), crs="EPSG:0")


def test_the_guide_names_every_format():
    assert {one.name for one in FORMATS} == {
        "GeoPackage", "Shapefile", "GeoJSON", "GeoJSON, a feature a line", "TopoJSON", "JSON-FG",
        "Esri JSON", "KML", "GML", "GPX", "OSM", "MapInfo", "DGN v7", "DXF", "FlatGeobuf",
        "FileGDB", "SpatiaLite", "GeoParquet", "CSV",
    }  # fmt: skip


# ---- tables wider than any layer ---------------------------------------------------------------
def test_more_columns_than_a_layer_can_have_are_refused_before_they_are_read(tmp_path: Path):
    # 2 000 are the most that SQLite keeps in a table.
    table = tmp_path / "wide.csv"
    for count in (2000, 2001):
        names = ["wkt", *(f"c{number}" for number in range(count - 1))]
        table.write_text(",".join(names) + '\n"POINT (500000 1270000)"' + ",1" * (count - 1))
        if count == 2000:
            assert len(read_layer(table, crs=CRS).frame.columns) == count
    with pytest.raises(DataSourceError, match="has 2001 columns, more than a layer can have"):
        read_layer(table, crs=CRS)
    features = [
        {
            "type": "Feature",
            "properties": {f"p{row}_{number}": 1 for number in range(10)},
            "geometry": {"type": "Point", "coordinates": [107.8, 11.5]},
        }
        for row in range(2000)
    ]
    names = tmp_path / "names.geojson"
    names.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(DataSourceError, match="20000 columns, more than a layer can have"):
        read_layer(names)
