"""Spoilt and hostile files: one clear error or a finding, no crash, no network, nothing written."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import sqlite3
import stat
import struct
import threading
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import ezdxf
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.io import read_layer
from kcngeo.io.vector import delimited, expansion, security
from tests.io import bad_input
from tests.io.bad_input import KINDS, make, outcome, parts

# What a file of this kind may lose without losing a row: an index, a hint, the CRS.
EXTRAS = {".cpg", ".prj", ".qix", ".xsd", ".gfs", ".horizon"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_short_gives_an_error_never_fewer_rows(tmp_path: Path, kind: str):
    whole = make(tmp_path, kind)
    full = len(read_layer(whole).frame)
    assert full >= 1
    for number, share in enumerate((0.3, 0.95)):
        for part in parts(whole):
            if part.suffix in EXTRAS:
                continue
            copy = bad_input.copied(whole, tmp_path / f"{number}{part.suffix}{part.stem}")
            cut = copy / part.name if copy.is_dir() else copy.with_name(part.name)
            cut.write_bytes(part.read_bytes()[: int(part.stat().st_size * share)])
            read = outcome(copy)
            if not isinstance(read, KcngeoError):
                errors = [one for one in read.findings if one.severity == "error"]
                # CSV and OSM's text say nowhere how long they are; a row cut in two is named.
                assert len(read.frame) == full or errors or kind == "csv", (part.name, share)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "gdb"])
def test_an_empty_file(tmp_path: Path, kind: str):
    path = tmp_path / f"lots.{kind}"
    path.touch()
    with pytest.raises(DataSourceError, match="is empty"):
        read_layer(path)


def test_an_empty_folder_that_calls_itself_a_geodatabase(tmp_path: Path):
    (tmp_path / "lots.gdb").mkdir()
    with pytest.raises(DataSourceError, match="cannot be read to its end"):
        read_layer(tmp_path / "lots.gdb")
    with pytest.raises(DataSourceError, match="is a folder"):
        read_layer(tmp_path)


# Nothing but its name marks a CSV, and an archive is known by its content whatever its name.
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"gdb", "csv", "zip", "kmz", "shp"}))
@pytest.mark.parametrize("wrong", ["xyz", "shp", "dwg"])
def test_a_wrong_extension_is_told_with_the_right_one(tmp_path: Path, kind: str, wrong: str):
    path = make(tmp_path, kind).rename(tmp_path / f"x.{wrong}")
    with pytest.raises(DataSourceError, match=r"by its content|is in no format"):
        read_layer(path)


@pytest.mark.parametrize(
    ("head", "match"),
    [
        (b"AC1027\0\0\0\0", "is DWG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is DGN v8"),
        (b"AutoCAD Binary DXF\r\n\x1a\0", "is binary DXF"),
        (b"II*\0\x08\0\0\0", r"is a picture \(TIFF\)"),
        (b"%PDF-1.4", r"is a picture \(PDF\)"),
        (b"\x7fELF", "is in no format"),
        (b"\0" * 4096, "is in no format"),
    ],
)
def test_formats_of_others_are_named(tmp_path: Path, head: bytes, match: str):
    for suffix in ("dxf", "csv"):
        path = tmp_path / f"x.{suffix}"
        path.write_bytes(head)
        with pytest.raises(DataSourceError, match=match):
            read_layer(path)


def test_what_is_missing_is_said_in_both_languages(tmp_path: Path):
    with pytest.raises(DataSourceError, match="no such file") as caught:
        read_layer(tmp_path / "không có.shp")
    assert "không có tệp này" in caught.value.message("vi")


@pytest.mark.parametrize(
    "address",
    [
        "https://example.vn/lots.geojson",
        "http://127.0.0.1/lots.gpkg",
        "/vsicurl/http://127.0.0.1/lots.gpkg",
        "/vsizip/x.zip",
        "WFS:http://127.0.0.1",
        "PG:dbname=x",
        "<OGRVRTDataSource></OGRVRTDataSource>",
        "zip+https://example.vn/x.zip!y.shp",
        "a\0b",
    ],
)
def test_addresses_are_refused(address: str):
    with pytest.raises(DataSourceError, match=r"is no path on this machine|no such file"):
        read_layer(address)


# --- archives -------------------------------------------------------------------------------


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name.replace("__", "/"), content)
    return path


@pytest.mark.parametrize(
    "name",
    ["../out.geojson", "/out.geojson", "a/../../out.geojson", "..\\out.geojson", "C:\\x.shp"],
)
@pytest.mark.parametrize("suffix", ["zip", "kmz"])
def test_paths_that_reach_out_of_an_archive(tmp_path: Path, name: str, suffix: str):
    with zipfile.ZipFile(tmp_path / f"x.{suffix}", "w") as target:
        target.writestr("lots.geojson", bad_input.TOPOJSON)
        info = zipfile.ZipInfo("x")
        info.filename = name
        target.writestr(info, "{}")
    with pytest.raises(DataSourceError, match="was not unpacked"):
        read_layer(tmp_path / f"x.{suffix}")
    assert not list(tmp_path.parent.rglob("out.geojson"))


def test_links_and_twins_in_an_archive(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as target:
        info = zipfile.ZipInfo("lots.geojson")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(info, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "twin.zip", "w") as target:
        target.writestr("lots.geojson", "{}")
        target.writestr("LOTS.geojson", "{}")
    for name in ("link.zip", "twin.zip"):
        with pytest.raises(DataSourceError, match="is a link, stands twice"):
            read_layer(tmp_path / name)


@pytest.mark.parametrize("suffix", ["zip", "kmz"])
def test_bombs_are_not_opened(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch):
    # 8 MB of zeros in 8 kB: a bomb, with the free size set below it.
    monkeypatch.setattr(security, "FREE_BYTES", 2**20)
    path = archive(tmp_path / f"x.{suffix}", **{"doc.kml": b"\0" * 2**23})
    with pytest.raises(DataSourceError, match="would unpack to 1 files and 8 MB"):
        read_layer(path)
    monkeypatch.setattr(security, "MAX_FILES", 3)
    path = archive(tmp_path / f"y.{suffix}", **{f"{n}.kml": b"x" for n in range(4)})
    with pytest.raises(DataSourceError, match="would unpack to 4 files"):
        read_layer(path)


def test_an_archive_that_lies_about_its_size(tmp_path: Path):
    path = archive(tmp_path / "x.zip", **{"lots.geojson": b" " * 2**20})
    raw = path.read_bytes()
    assert raw.count(struct.pack("<I", 2**20)) == 2
    path.write_bytes(raw.replace(struct.pack("<I", 2**20), struct.pack("<I", 100)))
    with pytest.raises(DataSourceError, match="cannot be read to its end"):
        read_layer(path)


def test_archives_that_are_damaged_locked_nested_or_hold_nothing(tmp_path: Path):
    whole = make(tmp_path, "zip")
    archive(tmp_path / "nothing.zip", **{"readme.md": b"x"})
    archive(tmp_path / "nested.zip", **{"inner.zip": whole.read_bytes()})
    for name in ("nothing.zip", "nested.zip"):
        with pytest.raises(DataSourceError, match="holds no layer"):
            read_layer(tmp_path / name)
    raw = bytearray(whole.read_bytes())
    # Bit 0 of the flags, in the entry and in the directory: locked with a password.
    for sign in (b"PK\3\4", b"PK\1\2"):
        raw[raw.index(sign) + (6 if sign == b"PK\3\4" else 8)] |= 1
    (tmp_path / "locked.zip").write_bytes(raw)
    with pytest.raises(DataSourceError, match="locked with a password"):
        read_layer(tmp_path / "locked.zip")


def test_an_entry_without_a_name(tmp_path: Path):
    # Found by the fuzzer: zipfile asks such an entry for its last letter.
    path = archive(tmp_path / "x.zip", a=b"{}")
    raw = bytearray(path.read_bytes())
    place = raw.index(b"PK\1\2")
    raw[place + 28 : place + 30] = b"\0\0"  # the length of the name, in the directory
    del raw[place + 46]
    end = raw.index(b"PK\5\6")
    raw[end + 12 : end + 16] = struct.pack("<I", end - place)
    path.write_bytes(raw)
    with pytest.raises(DataSourceError, match="cannot be read to its end"):
        read_layer(path)


def test_definitions_of_a_crs_that_make_no_sense(tmp_path: Path):
    # Both found by the fuzzer.
    shapefile = make(tmp_path, "shp", rows=2)
    definition = shapefile.with_suffix(".prj")
    definition.write_bytes(definition.read_bytes().replace(b"Transverse", b"Trans\xff\xfeerse"))
    with pytest.raises(DataSourceError, match="definition of its CRS that makes no sense"):
        read_layer(shapefile)
    definition.unlink()
    assert len(read_layer(shapefile, crs=bad_input.CRS).frame) == 2

    mif = make(tmp_path, "mif", rows=2)
    text = mif.read_text("utf-8")
    assert "0.9999" in text
    mif.write_text(text.replace("0.9999", "0"), encoding="utf-8")
    read = read_layer(mif)
    assert read.frame.crs is None
    assert {one.rule for one in read.findings} == {"crs_missing", "crs_unread"}


def test_nothing_of_an_archive_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(security.tempfile, "tempdir", str(tmp_path))
    path = make(tmp_path, "kmz")
    read_layer(path)
    with pytest.raises(DataSourceError):
        read_layer(path, layer="không có")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_layers_of_one_name_in_several_folders_of_an_archive(tmp_path: Path):
    inner = bad_input.TOPOJSON
    members = {f"khu_{n}/lots.topojson": inner.encode() for n in range(20)}
    path = archive(tmp_path / "x.zip", **members)
    with pytest.raises(DataSourceError, match=r"khu_0/lots.topojson \| .* \| … \(\+8\)\.$"):
        read_layer(path)
    assert len(read_layer(path, layer="khu_7/lots.topojson", crs="EPSG:4326").frame) == 1


# --- what grows when it is opened --------------------------------------------------------------


def blocks(
    path: Path, times: int, depth: int, *, a_side: int = 1, color: int = 256, is_face: bool = False
) -> Path:
    """Draw a line in a block, and blocks that repeat the one before, each so many times."""
    drawing = ezdxf.new("R12")
    first, ends = drawing.blocks.new("B0"), ((500_000, 1_270_000), (500_100, 1_270_100))
    if is_face:
        first.add_3dface((*ends, ends[0], ends[0]))
    else:
        first.add_line(*ends)
    for number in range(1, depth + 1):
        block = drawing.blocks.new(f"B{number}")
        for place in range(times):
            block.add_blockref(f"B{number - 1}", (place, place), {"color": color})
    one = drawing.modelspace().add_blockref(f"B{depth}", (0, 0))
    one.dxf.row_count = one.dxf.column_count = a_side
    drawing.units = 6
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawing.saveas(path)
    return path


@pytest.mark.parametrize(
    ("times", "depth", "a_side", "count"),
    [
        (10, 30, 1, r"1\.?\d*e\+30"),  # blocks of ten blocks, thirty deep
        (1, 1, 30_000, r"[\d.]+e\+(08|09)"),  # one block in 30 000 rows and columns
        (1, 2_000, 1, "inf"),
    ],
)
def test_blocks_that_repeat_each_other_are_not_drawn(
    tmp_path: Path, times: int, depth: int, a_side: int, count: str
):
    path = blocks(tmp_path / "x.dxf", times, depth, a_side=a_side)
    with pytest.raises(DataSourceError, match=f"would draw {count} pieces"):
        read_layer(path)


@pytest.mark.parametrize("drawn", [{"color": 2}, {"is_face": True}])
def test_blocks_are_counted_whatever_their_colour_and_pieces(tmp_path: Path, drawn: Any):
    # The colour stands before the name of a block, and is no name; "3DFACE" begins with a figure.
    path = blocks(tmp_path / "x.dxf", 10, 9, **drawn)
    with pytest.raises(DataSourceError, match=r"would draw 1\.?\d*e\+09 pieces"):
        expansion.require_small_blocks(path)


def test_blocks_of_a_decent_drawing_are_drawn(tmp_path: Path):
    # Three times a block that holds the line three times, in 2 rows and 2 columns.
    read = read_layer(blocks(tmp_path / "x.dxf", 3, 2, a_side=2), crs=bad_input.CRS)
    assert len(read.frame) == 2 * 2
    # A line of 100 × 100 m, moved by up to 2 + 2 m.
    assert read.frame.geometry.iloc[0].bounds == (500_000, 1_270_000, 500_104, 1_270_104)


def test_a_view_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = make(tmp_path, "gpkg")
    monkeypatch.setattr(expansion, "VIEW_S", 0.2)
    endless = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i FROM r"
    for sql, is_read in (("SELECT fid, geom FROM lots", True), (endless, False)):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DROP VIEW IF EXISTS v")
            connection.execute(f"CREATE VIEW v AS {sql}")
        if is_read:
            assert len(read_layer(path, layer="lots").frame) == 40
        else:
            with pytest.raises(DataSourceError, match='view "v" does not come to an end'):
                read_layer(path, layer="lots")


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ('"geometryType":"esriGeometryPoint"', '"attributes"'),
        ('"conformsTo":["http://www.opengis.net/spec/json-fg-1/0.2/conf/core"]', '"properties"'),
    ],
)
def test_names_without_end_are_counted_before_a_driver_holds_them(
    tmp_path: Path, head: str, row: str
):
    path = tmp_path / "lots.json"
    rows = ",".join(f'{{{row}:{{"p{number}":1}}}}' for number in range(2001))
    path.write_text(f'{{{head},"features":[{rows}]}}')
    with pytest.raises(DataSourceError, match="has 2001 columns, more than a layer can have"):
        read_layer(path)


def test_a_parquet_that_repeats_a_long_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # 20 000 × 1 kB are 20 MB in memory, and a few kB in the file.
    values = pa.array(["x" * 1000]).dictionary_encode().take(pa.array([0] * 20_000))
    pq.write_table(pa.table({"a": values.cast(pa.string())}), tmp_path / "x.parquet")
    assert (tmp_path / "x.parquet").stat().st_size < 100_000
    assert len(read_layer(tmp_path / "x.parquet").frame) == 20_000
    monkeypatch.setattr(delimited, "MAX_UNPACKED_BYTES", 10 * 2**20)
    with pytest.raises(DataSourceError, match="would unpack to"):
        read_layer(tmp_path / "x.parquet")


# --- XML ------------------------------------------------------------------------------------

KML = (
    '<?xml version="1.0" encoding="UTF-8"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2">'
    "<Document><Placemark><name>{name}</name><Point><coordinates>107,11</coordinates></Point>"
    "</Placemark>{more}</Document></kml>"
)
GML = (
    '<?xml version="1.0"?>{doctype}<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" '
    'xmlns:gml="http://www.opengis.net/gml"{more}><gml:featureMember><ogr:lot><ogr:name>{name}'
    '</ogr:name><ogr:geometryProperty><gml:Point srsName="EPSG:4326"><gml:coordinates>107,11'
    "</gml:coordinates></gml:Point></ogr:geometryProperty></ogr:lot></gml:featureMember>"
    "</ogr:FeatureCollection>"
)


@pytest.mark.parametrize(("suffix", "text"), [("kml", KML), ("gml", GML)])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">',
        '<!DOCTYPE x [<!ENTITY b "bbbbbbbbbb"><!ENTITY a "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p"> %p;]>',
    ],
)
def test_xml_with_a_document_type_is_refused(
    tmp_path: Path, suffix: str, text: str, doctype: str, listener: Listener
):
    secret = tmp_path / "secret.txt"
    secret.write_text("không ai được đọc", encoding="utf-8")
    head = doctype.format(secret=secret, port=listener.port)
    for encoding in ("utf-8", "utf-16"):
        path = tmp_path / f"x.{suffix}"
        content = text.format(doctype=head, name="&a;", more="")
        if encoding == "utf-16":
            content = content.replace(' encoding="UTF-8"', "")
        path.write_bytes(content.encode(encoding))
        with pytest.raises(DataSourceError, match="document type or entities"):
            read_layer(path)
    assert listener.asked == []


def test_xml_nested_without_end_and_xml_of_others(tmp_path: Path):
    deep = KML.format(doctype="", name="x", more="<Folder>" * 5000 + "</Folder>" * 5000)
    (tmp_path / "deep.kml").write_text(deep, encoding="utf-8")
    with pytest.raises(DataSourceError, match="nested deeper than any layer"):
        read_layer(tmp_path / "deep.kml")
    (tmp_path / "page.gml").write_text("<html><body/></html>", encoding="utf-8")
    with pytest.raises(DataSourceError, match="in no format"):
        read_layer(tmp_path / "page.gml")


# --- network --------------------------------------------------------------------------------


class Listener:
    """A server on this machine that writes down what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            do_HEAD = do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    running = Listener()
    yield running
    running.server.shutdown()
    running.server.server_close()


def hostile(port: int) -> dict[str, str]:
    """Files that ask a driver to fetch something, by the name they go under."""
    url = f"http://127.0.0.1:{port}"
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/{url}/a.geojson'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    link = f"<NetworkLink><Link><href>{url}/more.kml</href></Link></NetworkLink>"
    style = f"<Style><IconStyle><Icon><href>{url}/i.png</href></Icon></IconStyle></Style>"
    schema = (
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="http://ogr.maptools.org/ {url}/lot.xsd"'
    )
    linked = ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    return {
        "vrt.gml": vrt,
        "vrt.kml": vrt,
        "vrt.geojson": vrt,
        "vrt.csv": vrt,
        "vrt.mif": "Version 300\n" + vrt,
        "comment.gml": GML.format(doctype=f"<!-- {vrt} -->", name="x", more=""),
        "wfs.gml": f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>",
        "link.kml": KML.format(doctype="", name="x", more=link),
        "style.kml": KML.format(doctype="", name="x", more=style),
        "schema.gml": GML.format(doctype="", name="x", more=schema),
        "xlink.gml": GML.format(
            doctype="", name=f'<gml:x xlink:href="{url}/x.gml#a"/>', more=linked
        ),
        "pipeline.json": json.dumps(
            {
                "type": "gdal_streamed_alg",
                "command_line": f"gdal vector pipeline ! read /vsicurl/{url}/p.geojson",
            }
        ),
        "stac.json": json.dumps(
            {"type": "FeatureCollection", "stac_version": "1.0.0", "features": [],
             "links": [{"rel": "next", "href": f"{url}/next.json"}]}
        ),
        "crs.geojson": json.dumps(
            {"type": "FeatureCollection", "features": [],
             "crs": {"type": "link", "properties": {"href": f"{url}/crs.wkt", "type": "esriwkt"}}}
        ),
        "esri.json": json.dumps({"url": f"{url}/FeatureServer/0", "geometryType": "esriPoint"}),
        "features.csv": f"a,wkt\n/vsicurl/{url}/x,POINT (1 2)\n",
        "seamless.tab": (
            f'!table\n!version 100\n!charset Neutral\n\nDefinition Table\n  Type LINKED "{url}/x"\n'
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(hostile(0)))
def test_nothing_is_fetched(tmp_path: Path, name: str, listener: Listener):
    path = tmp_path / name
    path.write_text(hostile(listener.port)[name], encoding="utf-8")
    if name.endswith(".mif"):
        path.with_suffix(".mid").write_text("", encoding="utf-8")
    outcome(path)
    assert listener.asked == []


def test_a_crs_that_is_an_address_or_unknown_is_not_taken_for_wgs_84(tmp_path: Path):
    path = tmp_path / "x.geojson"
    point = {"type": "Point", "coordinates": [500000, 1270000]}
    feature = {"type": "Feature", "properties": {}, "geometry": point}
    for kind, properties, stated in (
        ("link", {"href": "http://127.0.0.1/x", "type": "proj4"}, None),
        ("name", {"name": "VN2000 Lâm Đồng"}, "unread"),
        ("name", {"name": "urn:ogc:def:crs:EPSG::5899"}, "EPSG:5899"),
        ("name", {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}, "OGC:CRS84"),
    ):
        crs = {"type": kind, "properties": properties}
        content = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        if stated is None:
            with pytest.raises(DataSourceError, match="gives its CRS as an address"):
                read_layer(path)
            continue
        read = read_layer(path)
        if stated == "unread":
            assert read.frame.crs is None
            assert {one.rule for one in read.findings} == {"crs_unread", "crs_missing"}
        elif stated == "EPSG:5899":
            assert read.frame.crs == stated
        else:
            assert read.frame.crs == "EPSG:4326"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "x.geojson")
    with pytest.raises(DataSourceError, match="no such file"):
        read_layer(tmp_path / "x.geojson")


@pytest.mark.parametrize("kind", ["gpkg", "shp", "tab"])
def test_a_file_that_may_not_be_written_is_read(tmp_path: Path, kind: str):
    path = make(tmp_path, kind)
    for one in parts(path):
        one.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert len(read_layer(path).frame) == 40
    finally:
        tmp_path.chmod(0o755)


def test_a_geopackage_open_elsewhere_is_read_with_what_was_written_last(tmp_path: Path):
    path = make(tmp_path, "gpkg")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rtree%'"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE lots SET so = 99 WHERE fid = 1")
    connection.commit()
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir() if "shm" not in one.name}
    assert read_layer(path).frame["so"].iloc[0] == 99
    assert {
        one.name: one.read_bytes() for one in tmp_path.iterdir() if "shm" not in one.name
    } == before
    connection.close()


def test_a_text_that_is_no_table(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'a,b\n"never closed, 1\n2,3\n')
    with pytest.raises(DataSourceError, match="cannot be read to its end"):
        read_layer(path)
    path.write_bytes(b"a,b\n" + b"x" * 10_000_000 + b",1\n")
    assert len(read_layer(path).frame) == 1
    shutil.rmtree(tmp_path)
