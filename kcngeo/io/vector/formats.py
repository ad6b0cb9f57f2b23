"""Which format a file is in, known from its first bytes; the name only has to agree.

A driver is named for each format, and no other gets to see the file: GDAL left to itself would
also open catalogues that fetch from the network or run what a file tells it to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from kcngeo.io.vector import integrity
from kcngeo.io.vector.security import checked_xml, unpacked, unreadable

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format that can be read.

    Attributes
    ----------
    name
        What people call it.
    suffixes
        Extensions it comes with.
    driver
        The one GDAL driver that reads it; "" where GDAL does not.
    check
        Refuses a file that is not whole.
    prefix
        Written before the path, it makes GDAL take the driver.
    options
        Open options of the driver.
    default_layer
        The layer to take where there are several and none is named; "" for none.
    encoding_option
        The open option that names the encoding of text; "" where the format knows its own.
    writes_beside
        Whether the driver writes beside the file even to read it; it then gets a copy.
    lists_empty_layers
        Whether the driver lists all layers the format knows, whatever the file holds.
    closed_lines_are_areas
        Whether a line that ends where it begins stands for what it encloses.
    """

    name: str
    suffixes: tuple[str, ...]
    driver: str = ""
    check: Callable[[Path], None] | None = None
    prefix: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: _NONE)
    default_layer: str = ""
    encoding_option: str = ""
    writes_beside: bool = False
    lists_empty_layers: bool = False
    closed_lines_are_areas: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A data set whose format is known.

    Attributes
    ----------
    path
        The file or folder to open.
    format
        Its format.
    shown
        The path as the user knows it: that of the archive, where it came out of one.
    """

    path: Path
    format: Format
    shown: Path


GEOPACKAGE = Format(name="GeoPackage", suffixes=(".gpkg",), driver="GPKG", check=integrity.sqlite)
SHAPEFILE = Format(
    name="Shapefile",
    suffixes=(".shp",),
    driver="ESRI Shapefile",
    check=integrity.shapefile,
    encoding_option="ENCODING",
)
GEOJSON = Format(
    name="GeoJSON",
    suffixes=(".geojson", ".json"),
    driver="GeoJSON",
    check=integrity.json,
    prefix="GeoJSON:",
)
TOPOJSON = Format(
    name="TopoJSON",
    suffixes=(".topojson", ".json", ".geojson"),
    driver="TopoJSON",
    check=integrity.json,
    prefix="TopoJSON:",
)
GEOJSON_LINES = Format(
    name="GeoJSON, a feature a line",
    suffixes=(".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl", ".json", ".geojson"),
    driver="GeoJSONSeq",
    check=integrity.json,
    prefix="GeoJSONSeq:",
)
JSON_FG = Format(
    name="JSON-FG",
    suffixes=(".json", ".geojson", ".jsonfg"),
    driver="JSONFG",
    check=integrity.json_of_few_names,
    prefix="JSONFG:",
)
ESRI_JSON = Format(
    name="Esri JSON",
    suffixes=(".json", ".esrijson", ".geojson"),
    driver="ESRIJSON",
    check=integrity.json_of_few_names,
    prefix="ESRIJSON:",
)
GPX = Format(
    name="GPX",
    suffixes=(".gpx",),
    driver="GPX",
    default_layer="tracks",
    lists_empty_layers=True,
    closed_lines_are_areas=True,
)
SQLITE = Format(
    name="SpatiaLite",
    suffixes=(".sqlite", ".db", ".spatialite"),
    driver="SQLite",
    check=integrity.sqlite,
)
KML = Format(name="KML", suffixes=(".kml",), driver="LIBKML")
GML = Format(
    name="GML",
    suffixes=(".gml", ".xml"),
    driver="GML",
    options={"WRITE_GFS": "NO", "DOWNLOAD_SCHEMA": "NO", "EXPOSE_FID": "NO"},
    writes_beside=True,
)
OSM_XML = Format(name="OSM", suffixes=(".osm", ".xml"), driver="OSM", default_layer="multipolygons")
OSM_PBF = Format(
    name="OSM",
    suffixes=(".pbf",),
    driver="OSM",
    check=integrity.osm_pbf,
    default_layer="multipolygons",
)
MAPINFO = Format(
    name="MapInfo", suffixes=(".tab", ".mif"), driver="MapInfo File", check=integrity.mapinfo
)
DGN = Format(name="DGN v7", suffixes=(".dgn",), driver="DGN", check=integrity.dgn)
DXF = Format(
    name="DXF",
    suffixes=(".dxf",),
    driver="DXF",
    check=integrity.dxf,
    options={"CLOSED_LINE_AS_POLYGON": "TRUE"},
    default_layer="entities",
)
FLATGEOBUF = Format(name="FlatGeobuf", suffixes=(".fgb",), driver="FlatGeobuf")
FILEGDB = Format(name="FileGDB", suffixes=(".gdb",), driver="OpenFileGDB", check=integrity.filegdb)
PARQUET = Format(name="GeoParquet", suffixes=(".parquet", ".geoparquet"))
CSV = Format(name="CSV", suffixes=(".csv", ".tsv", ".txt"))

FORMATS = (
    GEOPACKAGE, SHAPEFILE, GEOJSON, GEOJSON_LINES, TOPOJSON, JSON_FG, ESRI_JSON, KML, GML, GPX,
    OSM_XML, OSM_PBF, MAPINFO, DGN, DXF, FLATGEOBUF, FILEGDB, SQLITE, PARQUET, CSV,
)  # fmt: skip
"""All formats, in the order they are named to the user."""

_HEAD = 65536
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "DGN v8"),
    (b"AutoCAD Binary DXF", "binary DXF"),
)
_PICTURES = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8", "JPEG"),
    (b"%PDF", "PDF"),
)
# GDAL's own catalogues of other sources; it looks for them in files of any name.
_CATALOGUE = re.compile(rb"<OGR\w*DataSource", re.IGNORECASE)
# What a text file has no use for.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_DWG = re.compile(rb"AC10\d\d")
_DXF = re.compile(rb"\s*(?:999[ \t]*\r?\n[^\n]*\n\s*)*0[ \t]*\r?\n[ \t]*SECTION\b")
_TOPOLOGY = re.compile(rb'"type"\s*:\s*"Topology"')
_ESRI = re.compile(rb'"esriGeometry(?:Polygon|Polyline|Point|Multipoint)"|"esriFieldType')
_JSON_FG = re.compile(rb'json-fg-1|"coordRefSys"\s*:')
_FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
_LINES_ONLY = (".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl")
_GPKG_SIGNS = (b"GPKG", b"GP10", b"GP11")
_MIF = re.compile(rb"\s*version\s+\d+", re.IGNORECASE)


@contextmanager
def opened(path: Path) -> Iterator[list[Source]]:
    """Find the data sets at a path; an archive is unpacked while they are used."""
    if path.is_file() and _head(path).startswith((b"PK\3\4", b"PK\5\6")):
        with unpacked(path) as folder:
            yield [
                Source(path=one, format=_recognised(one), shown=path)
                for one in _inside(folder, path)
            ]
    else:
        yield [Source(path=path, format=_recognised(path), shown=path)]


def _inside(folder: Path, archive: Path) -> list[Path]:
    """List the data sets of an unpacked archive: what people open, not the parts beside it."""
    suffixes = {suffix for one in FORMATS for suffix in one.suffixes} - {".xml", ".txt", ".json"}
    found = sorted(
        one
        for one in folder.rglob("*")
        if one.suffix.lower() in suffixes and not any(up.suffix == ".gdb" for up in one.parents)
    )
    if archive.suffix.lower() == ".kmz" and len(found) > 1:
        # The main file often only links to the others.
        found = [one for one in found if b"Placemark" in one.read_bytes()] or found[:1]
    if not found:
        raise unreadable(archive, "nothing_inside", formats=names())
    return found


def names() -> str:
    """Name all formats, for a message."""
    return ", ".join(dict.fromkeys(one.name for one in FORMATS))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _recognised(path: Path) -> Format:
    if path.is_dir():
        if path.suffix.lower() == ".gdb":
            integrity.filegdb(path)
            return FILEGDB
        raise unreadable(path, "folder")
    head = _head(path)
    if not head:
        raise unreadable(path, "empty")
    for sign, name in _PICTURES:
        if head.startswith(sign):
            raise unreadable(path, "picture", kind=name)
    if _CATALOGUE.search(head):
        raise unreadable(path, "unknown", formats=names())
    foreign = next((name for sign, name in _FOREIGN if head.startswith(sign)), None)
    if foreign or _DWG.match(head):
        raise unreadable(path, "foreign", kind=foreign or "DWG")
    found = _by_content(path, head)
    if found is None:
        raise unreadable(path, "unknown", formats=names())
    if path.suffix.lower() not in found.suffixes:
        raise unreadable(path, "suffix", kind=found.name, suffixes=" ".join(found.suffixes))
    if found.check is not None:
        found.check(path)
    return found


def _by_content(path: Path, head: bytes) -> Format | None:
    """Tell the format from the first bytes."""
    signs: tuple[tuple[bool, Format], ...] = (
        (head.startswith(b"SQLite format 3\0"), _of_sqlite(path, head)),
        (head.startswith(b"\0\0\x27\x0a"), SHAPEFILE),
        (head.startswith(b"fgb\x03fgb"), FLATGEOBUF),
        (head.startswith(b"PAR1"), PARQUET),
        (b"OSMHeader" in head[:64], OSM_PBF),
        (head[:32].lstrip().lower().startswith(b"!table"), MAPINFO),
        (_MIF.match(head) is not None and path.suffix.lower() == ".mif", MAPINFO),
        (_DXF.match(head) is not None, DXF),
        # The first element of a DGN v7 file is its type-9 header, of a 2D or a 3D drawing.
        (head[:4] in (b"\x08\x09\xfe\x02", b"\xc8\x09\xfe\x02"), DGN),
    )
    for is_so, found in signs:
        if is_so:
            return found
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\x1e")
    if start.startswith((b"{", b"[")):
        return _of_json(path, start)
    if start.startswith(b"<") or head.startswith((b"\xff\xfe<", b"\xfe\xff\0<")):
        return _of_xml(path)
    # Nothing marks a CSV; it must at least be text.
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    is_text = is_wide or not _CONTROL.search(head)
    return CSV if is_text and path.suffix.lower() in CSV.suffixes else None


def _of_sqlite(path: Path, head: bytes) -> Format:
    """Tell a GeoPackage, which has a sign or at least the name, from another database."""
    is_package = head[68:72] in _GPKG_SIGNS or path.suffix.lower() in GEOPACKAGE.suffixes
    return GEOPACKAGE if is_package else SQLITE


def _of_json(path: Path, head: bytes) -> Format:
    """Tell the dialects of JSON apart by the words only they have."""
    if _TOPOLOGY.search(head):
        return TOPOJSON
    if _ESRI.search(head):
        return ESRI_JSON
    if _JSON_FG.search(head):
        return JSON_FG
    with path.open("rb") as file:
        lines = [
            line for line in (file.readline(_HEAD) for _ in range(3)) if line.strip(b"\x1e\r\n ")
        ]
    # Of a feature a line each is whole; of one that is spread over lines none is.
    is_lines = len(lines) > 1 and all(
        line.lstrip(b"\xef\xbb\xbf\x1e").startswith(b"{") and _FEATURE.search(line)
        for line in lines
    )
    return GEOJSON_LINES if is_lines or path.suffix.lower() in _LINES_ONLY else GEOJSON


def _of_xml(path: Path) -> Format | None:
    root = checked_xml(path)
    if root.name == "kml":
        return KML
    if root.name == "gpx":
        return GPX
    if root.name == "osm":
        return OSM_XML
    is_gml = any("opengis.net/gml" in one for one in root.namespaces)
    return GML if is_gml and not root.name.upper().startswith("OGR") else None
