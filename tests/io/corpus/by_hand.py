"""Files typed by hand, as exporters of desks and devices write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import shapely

from tests.io.corpus.layer import LOT, PAPER, USE, Layer, Row

_AXES = {"EPSG:4326": "urn:ogc:def:crs:OGC:1.3:CRS84"}


def _corners(shape: Any) -> list[list[list[float]]]:
    """Give the rings of a polygon as lists of numbers."""
    return [
        shapely.get_coordinates(ring, include_z=bool(shape.has_z)).tolist()
        for ring in (shape.exterior, *shape.interiors)
    ]


def _json_shape(shape: Any) -> Any:
    return None if shape is None else json.loads(shapely.to_geojson(shape))


def _features(layer: Layer) -> list[dict[str, Any]]:
    return [
        {"type": "Feature", "properties": row.fields, "geometry": _json_shape(row.shape)}
        for row in layer.rows
    ]


def geojson(layer: Layer) -> str:
    """Write as programs before RFC 7946 did: with a CRS, in any."""
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if layer.crs is not None:
        name = _AXES.get(layer.crs, f"urn:ogc:def:crs:{layer.crs.replace(':', '::')}")
        head["crs"] = {"type": "name", "properties": {"name": name}}
    return json.dumps({**head, "features": _features(layer)}, ensure_ascii=False)


def geojsonseq(layer: Layer) -> str:
    """Write a feature a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in _features(layer))


def jsonfg(layer: Layer) -> str:
    """Write OGC Features and Geometries JSON: shapes of a projected CRS stand under "place"."""
    head: dict[str, Any] = {
        "type": "FeatureCollection",
        "conformsTo": ["http://www.opengis.net/spec/json-fg-1/0.2/conf/core"],
    }
    if layer.crs not in (None, "EPSG:4326"):
        code = str(layer.crs).partition(":")[2]
        head["coordRefSys"] = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    place = "geometry" if "coordRefSys" not in head else "place"
    features = []
    for one in _features(layer):
        shape = one.pop("geometry")
        features.append({**one, "geometry": None, "place": None, "time": None, place: shape})
    return json.dumps({**head, "features": features}, ensure_ascii=False)


def esrijson(layer: Layer) -> str:
    """Write as an ArcGIS service answers; a ring that runs the other way is a hole."""
    code = "" if layer.crs is None else layer.crs.partition(":")[2]
    features = []
    for row in layer.rows:
        one: dict[str, Any] = {"attributes": row.fields}
        if row.shape is not None and row.shape.geom_type.endswith("Polygon"):
            parts = getattr(row.shape, "geoms", [row.shape])
            turned = (shapely.Polygon.normalize(part) for part in parts)
            rings = [ring for part in turned for ring in _corners(part)]
            one["geometry"] = {"rings": rings}
        elif row.shape is not None and row.shape.geom_type == "Point":
            one["geometry"] = {"x": row.shape.x, "y": row.shape.y}
        elif row.shape is not None:
            one["geometry"] = {"paths": [shapely.get_coordinates(row.shape).tolist()]}
        features.append(one)
    kinds = {LOT: "esriFieldTypeString", USE: "esriFieldTypeString"}
    texts = any(isinstance(row.paper, str) for row in layer.rows)
    kinds[PAPER] = "esriFieldTypeString" if texts else "esriFieldTypeDouble"
    head: dict[str, Any] = {
        "geometryType": "esriGeometryPolygon",
        "fields": [{"name": name, "type": kind, "alias": name} for name, kind in kinds.items()],
    }
    if code:
        head["spatialReference"] = {"wkid": int(code)}
    return json.dumps({**head, "features": features}, ensure_ascii=False)


def topojson(layer: Layer) -> str:
    """Write one arc a ring, unquantised."""
    arcs: list[Any] = []
    geometries: list[dict[str, Any]] = []
    for row in layer.rows:
        one: dict[str, Any] = {"type": None, "properties": row.fields}
        if row.shape is not None:
            rings = []
            for part in getattr(row.shape, "geoms", [row.shape]):
                rings.append([])
                for ring in _corners(part):
                    rings[-1].append([len(arcs)])
                    arcs.append(ring)
            many = len(rings) > 1
            one |= {"type": row.shape.geom_type, "arcs": rings if many else rings[0]}
        geometries.append(one)
    objects = {"lots": {"type": "GeometryCollection", "geometries": geometries}}
    return json.dumps({"type": "Topology", "objects": objects, "arcs": arcs}, ensure_ascii=False)


def _tuples(ring: Iterable[Iterable[float]]) -> str:
    return " ".join(",".join(f"{one!r}" for one in corner) for corner in ring)


def kml(layer: Layer) -> str:
    """Write as a globe's program does; its fields are extended data."""
    marks = []
    for row in layer.rows:
        data = "".join(
            f'<Data name="{name}"><value>{value}</value></Data>'
            for name, value in row.fields.items()
            if value is not None
        )
        marks.append(
            f"<Placemark><ExtendedData>{data}</ExtendedData>{_kml_shape(row.shape)}</Placemark>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{''.join(marks)}</Document></kml>"
    )


def _kml_shape(shape: Any) -> str:
    if shape is None:
        return ""
    if shape.geom_type == "Point":
        return f"<Point><coordinates>{shape.x!r},{shape.y!r}</coordinates></Point>"
    if shape.geom_type == "LineString":
        return f"<LineString><coordinates>{_tuples(shape.coords)}</coordinates></LineString>"
    parts = []
    for part in getattr(shape, "geoms", [shape]):
        outer, *inner = (
            f"<LinearRing><coordinates>{_tuples(ring)}</coordinates></LinearRing>"
            for ring in _corners(part)
        )
        holes = "".join(f"<innerBoundaryIs>{one}</innerBoundaryIs>" for one in inner)
        outside = f"<outerBoundaryIs>{outer}</outerBoundaryIs>"
        parts.append(f"<Polygon>{outside}{holes}</Polygon>")
    many = len(parts) > 1
    return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>" if many else parts[0]


def gml(layer: Layer) -> str:
    """Write simple features of GML 3 without a schema beside them, eastings first."""
    said = "" if layer.crs is None else f' srsName="{layer.crs}"'
    members = []
    for number, row in enumerate(layer.rows):
        fields = "".join(
            f"<kcn:{name}>{value}</kcn:{name}>"
            for name, value in row.fields.items()
            if value is not None
        )
        shape = "" if row.shape is None else f"<kcn:shape>{_gml_shape(row.shape, said)}</kcn:shape>"
        members.append(
            f'<gml:featureMember><kcn:lot gml:id="l{number}">{fields}{shape}</kcn:lot>'
            "</gml:featureMember>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kcn:lots xmlns:kcn="http://example.org/kcn"'
        ' xmlns:gml="http://www.opengis.net/gml">' + "".join(members) + "</kcn:lots>"
    )


def _gml_shape(shape: Any, said: str) -> str:
    size = 3 if shape.has_z else 2
    if shape.geom_type == "Point":
        return f"<gml:Point{said}><gml:pos>{shape.x!r} {shape.y!r}</gml:pos></gml:Point>"
    if shape.geom_type == "LineString":
        corners = " ".join(f"{one!r}" for corner in shape.coords for one in corner)
        return f"<gml:LineString{said}><gml:posList>{corners}</gml:posList></gml:LineString>"
    parts = []
    for part in getattr(shape, "geoms", [shape]):
        rings = [
            f'<gml:LinearRing><gml:posList srsDimension="{size}">'
            + " ".join(f"{one!r}" for corner in ring for one in corner)
            + "</gml:posList></gml:LinearRing>"
            for ring in _corners(part)
        ]
        holes = "".join(f"<gml:interior>{one}</gml:interior>" for one in rings[1:])
        outside = f"<gml:exterior>{rings[0]}</gml:exterior>"
        parts.append(f"<gml:Polygon{said}>{outside}{holes}</gml:Polygon>")
    if len(parts) == 1:
        return parts[0]
    within = "".join(f"<gml:surfaceMember>{one}</gml:surfaceMember>" for one in parts)
    return f"<gml:MultiSurface{said}>{within}</gml:MultiSurface>"


def csv_wkt(layer: Layer, *, mark: str = ";") -> str:
    """Write shapes as WKT beside their fields."""
    lines = [mark.join((LOT, USE, PAPER, "WKT"))]
    for row in layer.rows:
        shape = "" if row.shape is None else f'"{row.shape.wkt}"'
        values = ("" if one is None else str(one) for one in row.fields.values())
        lines.append(mark.join((*values, shape)))
    return "\r\n".join(lines)


def corners(layer: Layer, *, mark: str = "\t", decimal: str = ",", digits: int = 3) -> str:
    """Write a table of corners: X is the northing, as on paper."""
    lines = [mark.join(("Lô", "Chức năng", "Điểm", "X (m)", "Y (m)"))]
    for row in layer.rows:
        for number, (x, y) in enumerate(shapely.get_coordinates(row.shape)[:-1], start=1):
            named = (str(row.lot), row.use) if number == 1 else ("", "")
            place = (f"{one:.{digits}f}".replace(".", decimal) for one in (y, x))
            lines.append(mark.join((*named, str(number), *place)))
    return "\r\n".join(lines)


def mif(layer: Layer) -> str:
    """Write a MapInfo interchange file in metres of no earth: no datum is lost in it."""
    lines = ["Version 300", 'Charset "Neutral"', 'Delimiter ","']
    if layer.crs == "EPSG:4326":
        lines.append("CoordSys Earth Projection 1, 104")
    elif layer.crs is not None:
        lines.append('CoordSys NonEarth Units "m" Bounds (0, 0) (10000000, 10000000)')
    lines += ["Columns 3", f"  {LOT} Char(20)", f"  {USE} Char(40)", f"  {PAPER} Float", "Data", ""]
    for row in layer.rows:
        lines += _mif_shape(row)
    return "\n".join(lines) + "\n"


def _mif_shape(row: Row) -> list[str]:
    if row.shape is None:
        return ["None"]
    if row.shape.geom_type == "Point":
        return [f"Point {row.shape.x!r} {row.shape.y!r}"]
    if row.shape.geom_type == "LineString":
        places = shapely.get_coordinates(row.shape).tolist()
        return [f"Pline {len(places)}", *(f"{x!r} {y!r}" for x, y in places)]
    rings = [ring for part in getattr(row.shape, "geoms", [row.shape]) for ring in _corners(part)]
    lines = [f"Region {len(rings)}"]
    for ring in rings:
        lines += [f"  {len(ring)}", *(f"{corner[0]!r} {corner[1]!r}" for corner in ring)]
    return lines


def mid(layer: Layer) -> str:
    """Write the fields of a MapInfo interchange file."""
    return "".join(
        f'"{row.lot or ""}","{row.use}",{"" if row.paper is None else row.paper}\n'
        for row in layer.rows
    )


def gpx(layer: Layer) -> str:
    """Write a route walked round each lot, back to where it began."""
    tracks = []
    for row in layer.rows:
        points = "".join(
            f'<trkpt lat="{y!r}" lon="{x!r}"/>'
            for x, y in shapely.get_coordinates(row.shape).tolist()
        )
        name = "" if row.lot is None else f"<name>{row.lot}</name>"
        tracks.append(f"<trk>{name}<desc>{row.use}</desc><trkseg>{points}</trkseg></trk>")
    return (
        '<?xml version="1.0"?>\n<gpx version="1.1" creator="walk"'
        f' xmlns="http://www.topografix.com/GPX/1/1">{"".join(tracks)}</gpx>'
    )


def written(
    suffix: str, text: Callable[[], str], *, encoding: str = "utf-8", **beside: Callable[[], str]
) -> Callable[[Path], Path]:
    """Give what writes a text file, and others of its name beside it."""

    def write(folder: Path) -> Path:
        path = folder / f"lo_dat.{suffix}"
        path.write_bytes(text().encode(encoding))
        for other, one in beside.items():
            path.with_suffix(f".{other}").write_bytes(one().encode(encoding))
        return path

    return write
