"""Every file of the corpus: format, what is wrong with it, what writes it, hectares by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.io.corpus import by_ezdxf, by_gdal, by_hand, by_qgis, by_sheets
from tests.io.corpus.by_hand import written
from tests.io.corpus.layer import DEFECTS, HECTARES, HOLED, Case, Layer, plain

# Refused once, with the command that works: the first answer needs one that only a person can give.
REFUSED = {
    *("no_crs", "wrong_crs", "metres_as_degrees", "swapped", "swapped_degrees", "millimetres"),
    *("feet", "no_shape", "no_name", "twice", "same_row", "mixed", "crossed", "unclosed"),
}
# Of two lots of one name nobody knows which it is: both are left out.
ONCE = {lot: ha for lot, ha in HECTARES.items() if lot != "CN-3"}
OTHER_HECTARES = {"twice": ONCE, "hole": HOLED}
DRAWN = ("--lots-from-lines", "--land-use", "industrial")


def spoilt(defect: str) -> Layer:
    """Give the lots with a defect."""
    return DEFECTS[defect](plain())


def _cases(
    kind: str,
    tool: str,
    write: Callable[[str], Callable[[Path], Path]],
    defects: str,
    *,
    says_crs: bool = True,
    says_degrees: bool = False,
    words: tuple[str, ...] = (),
) -> Iterator[Case]:
    """List files of a kind, one a defect; what never says its CRS is refused once at least."""
    for defect in defects.split():
        says = says_crs or (says_degrees and defect == "degrees")
        yield Case(
            kind=kind,
            defect=defect,
            tool=tool,
            make=write(defect),
            hectares=OTHER_HECTARES.get(defect, HECTARES),
            words=words,
            steps=int(defect in REFUSED or not says),
        )


def _by_hand(suffix: str, text: Callable[[Layer], str]) -> Callable[[str], Callable[[Path], Path]]:
    return lambda defect: written(suffix, lambda: text(spoilt(defect)))


def _mif(defect: str) -> Callable[[Path], Path]:
    return written(
        "mif",
        lambda: by_hand.mif(spoilt(defect)),
        mid=lambda: by_hand.mid(spoilt(defect)),
    )


def _unclosed_json() -> str:
    """Leave out the last corner of CN-1."""
    said = json.loads(by_hand.geojson(plain()))
    said["features"][0]["geometry"]["coordinates"][0].pop()
    return json.dumps(said)


def _unclosed_lines() -> str:
    first, *others = by_hand.geojsonseq(plain()).splitlines()
    said = json.loads(first)
    said["geometry"]["coordinates"][0].pop()
    return "\n".join([json.dumps(said), *others])


def _unclosed_wkt() -> str:
    square = plain().rows[0].shape
    ring = ", ".join(f"{x:.0f} {y:.0f}" for x, y in square.exterior.coords[:-1])
    return by_hand.csv_wkt(plain()).replace(square.wkt, f"POLYGON (({ring}))")


def typed() -> Iterator[Case]:
    """List files typed by hand."""
    yield from _cases(
        "geojson", "hand", _by_hand("geojson", by_hand.geojson),
        "nothing other_grid no_crs wrong_crs swapped swapped_degrees feet commas twice mixed",
    )  # fmt: skip
    yield from _cases(
        "geojsonseq", "hand", _by_hand("geojsonl", by_hand.geojsonseq),
        "degrees nothing millimetres tcvn3 no_shape hole", says_crs=False, says_degrees=True,
    )  # fmt: skip
    yield from _cases(
        "jsonfg", "hand", _by_hand("json", by_hand.jsonfg),
        "nothing other_grid wrong_crs swapped heights parts crossed",
    )  # fmt: skip
    yield from _cases(
        "esrijson", "hand", _by_hand("json", by_hand.esrijson),
        "nothing other_grid degrees no_crs feet tcvn3 same_row parts hole",
    )  # fmt: skip
    yield from _cases(
        "topojson", "hand", _by_hand("topojson", by_hand.topojson),
        "nothing other_grid swapped no_shape no_name crossed", says_crs=False,
    )  # fmt: skip
    yield from _cases(
        "kml", "hand", _by_hand("kml", by_hand.kml),
        "degrees swapped_degrees metres_as_degrees other_grid twice hole",
        says_crs=False, says_degrees=True,
    )  # fmt: skip
    yield from _cases(
        "gml", "hand", _by_hand("gml", by_hand.gml),
        "nothing other_grid no_crs wrong_crs heights no_shape parts",
    )  # fmt: skip
    yield from _cases(
        "mif", "hand", _mif,
        "degrees nothing swapped feet same_row hole", says_crs=False, says_degrees=True,
    )  # fmt: skip
    yield from _cases(
        "csv_wkt", "hand", _by_hand("csv", by_hand.csv_wkt),
        "nothing degrees other_grid swapped millimetres commas mixed hole", says_crs=False,
    )  # fmt: skip
    yield from _cases(
        "csv_corners", "hand", _by_hand("csv", by_hand.corners),
        "nothing other_grid swapped millimetres feet tcvn3 twice", says_crs=False,
    )  # fmt: skip
    yield from _cases(
        "csv_corners_degrees", "hand", _by_hand("txt", partial(by_hand.corners, digits=10)),
        "degrees swapped_degrees", says_crs=False,
    )  # fmt: skip
    yield from _cases(
        "gpx", "hand", _by_hand("gpx", by_hand.gpx),
        "degrees no_name twice same_row swapped_degrees",
        says_crs=False, says_degrees=True, words=_walked(),
    )  # fmt: skip
    for kind, suffix, text in (
        ("geojson", "geojson", _unclosed_json),
        ("geojsonseq", "ndjson", _unclosed_lines),
        ("csv_wkt", "csv", _unclosed_wkt),
    ):
        yield Case(kind=kind, defect="unclosed", tool="hand", make=written(suffix, text), steps=1)


def _walked() -> tuple[str, ...]:
    """Say which fields of a walk are which: a file of walks has no names for lots."""
    return ("--mapping", str(Path(__file__).with_name("walked.toml")))


def by_geopandas() -> Iterator[Case]:
    """List GeoParquet files, written by GeoPandas and pyarrow."""

    def write(defect: str) -> Callable[[Path], Path]:
        def parquet(folder: Path) -> Path:
            by_gdal.frame_of(spoilt(defect)).to_parquet(folder / "lo_dat.parquet")
            return folder / "lo_dat.parquet"

        return parquet

    yield from _cases(
        "parquet", "geopandas", write,
        "nothing other_grid degrees wrong_crs swapped tcvn3 twice parts",
    )  # fmt: skip


def by_drivers() -> Iterator[Case]:
    """List files written by GDAL."""
    for kind, driver, suffix, defects in (
        ("shp", "ESRI Shapefile", "shp",
         "nothing other_grid no_crs wrong_crs swapped tcvn3 heights no_shape twice"),
        ("gpkg", "GPKG", "gpkg", "nothing degrees no_crs wrong_crs commas mixed crossed hole"),
        ("fgb", "FlatGeobuf", "fgb", "nothing other_grid wrong_crs swapped tcvn3 no_name"),
        ("gdb", "OpenFileGDB", "gdb", "nothing other_grid wrong_crs heights same_row hole"),
        ("sqlite", "SQLite", "sqlite", "nothing other_grid degrees wrong_crs no_shape hole"),
    ):  # fmt: skip

        def write(
            defect: str, driver: str = driver, suffix: str = suffix
        ) -> Callable[[Path], Path]:
            return by_gdal.by_driver(driver, suffix, partial(spoilt, defect))

        yield from _cases(kind, "gdal", write, defects)
    # MapInfo knows no VN-2000: what it says is WGS 84 with the grid's own numbers. It rounds to a
    # 2 thousand millionth of the bounds it is given.
    for defect in ("degrees", "nothing", "other_grid", "tcvn3", "hole"):
        bounds = "100,0,120,30" if defect == "degrees" else "0,0,2000000,2000000"
        make = by_gdal.by_driver("MapInfo File", "tab", partial(spoilt, defect), BOUNDS=bounds)
        hectares = OTHER_HECTARES.get(defect, HECTARES)
        yield Case(
            kind="tab",
            defect=defect,
            tool="gdal",
            make=make,
            hectares=hectares,
            steps=int(defect != "degrees"),
        )
    yield Case(
        kind="gpkg",
        defect="empty_layers",
        tool="gdal",
        make=by_gdal.by_driver("GPKG", "gpkg", plain, layers=("duong", "cay_xanh")),
        steps=1,
    )
    yield Case(
        kind="shp",
        defect="no_index",
        tool="gdal",
        make=by_gdal.without(by_gdal.by_driver("ESRI Shapefile", "shp", plain), ".shx"),
        steps=1,
    )


def by_ogr2ogr() -> Iterator[Case]:
    """List files converted by GDAL's own program."""
    for kind, driver, suffix, options, defects in (
        ("spatialite", "SQLite", "sqlite", ("-dsco", "SPATIALITE=YES"),
         "nothing other_grid degrees wrong_crs twice hole"),
        ("kml", "LIBKML", "kml", (), "degrees twice parts"),
        ("gml", "GML", "gml", ("-dsco", "FORMAT=GML3.2"), "nothing degrees other_grid no_shape"),
        ("csv_wkt", "CSV", "csv", ("-lco", "GEOMETRY=AS_WKT"), "no_crs feet"),
    ):  # fmt: skip

        def write(
            defect: str,
            driver: str = driver,
            suffix: str = suffix,
            options: tuple[str, ...] = options,
        ) -> Callable[[Path], Path]:
            return by_gdal.by_ogr2ogr(driver, suffix, partial(spoilt, defect), *options)

        yield from _cases(kind, "ogr2ogr", write, defects)
    yield Case(
        kind="jml",
        defect="foreign",
        tool="ogr2ogr",
        make=by_gdal.by_ogr2ogr("JML", "jml", plain),
        steps=1,
    )
    for defect in ("nothing", "other_grid", "swapped", "heights", "feet"):
        yield Case(
            kind="dgn",
            defect=defect,
            tool="ogr2ogr",
            make=by_gdal.drawing(partial(spoilt, defect)),
            words=DRAWN,
            steps=1,
        )


def drawn() -> Iterator[Case]:
    """List drawings: they never say where on earth they lie."""
    ways = {
        "closed_lines": by_ezdxf.closed_lines,
        "single_lines": by_ezdxf.single_lines,
        "gaping_lines": by_ezdxf.gaping_lines,
        "stones": by_ezdxf.with_stones,
        "heights": by_ezdxf.with_heights,
        "blocks": by_ezdxf.as_blocks,
    }
    for version, names in (
        ("R12", "closed_lines single_lines gaping_lines stones"),
        ("R2000", "closed_lines heights blocks gaping_lines stones"),
        ("R2018", "closed_lines single_lines heights blocks stones"),
    ):
        for name in names.split():
            make = by_ezdxf.drawn(version, plain, ways[name])
            yield Case(
                kind=f"dxf_{version}", defect=name, tool="ezdxf", make=make, words=DRAWN, steps=1
            )
        for defect in ("swapped", "millimetres"):
            make = by_ezdxf.drawn(version, partial(spoilt, defect), by_ezdxf.closed_lines)
            yield Case(
                kind=f"dxf_{version}", defect=defect, tool="ezdxf", make=make, words=DRAWN, steps=1
            )


def sheets() -> Iterator[Case]:
    """List workbooks of corners, and what LibreOffice makes of them."""
    for defect, sheets_of in by_sheets.CORNERS.items():
        make = by_sheets.workbook(sheets_of)
        yield Case(kind="xlsx", defect=defect, tool="xlsxwriter", make=make, steps=1)
        # The old format is refused first: it is brought to the new one by LibreOffice.
        for suffix, steps in (("ods", 1), ("xls", 2)):
            by_office = by_sheets.by_office(make, suffix)
            yield Case(kind=suffix, defect=defect, tool="libreoffice", make=by_office, steps=steps)


def saved() -> Iterator[Case]:
    """List what a real QGIS saves; all of it is there once the first is asked for."""
    for name in by_qgis.SAVED:
        says_none = name in ("csv",)
        kind = name.partition("_")[0]
        yield Case(
            kind=kind,
            defect=name,
            tool="qgis",
            make=partial(by_qgis.one_of, name),
            steps=int(says_none),
        )


CASES = [
    *typed(), *by_geopandas(), *by_drivers(), *by_ogr2ogr(), *drawn(), *sheets(), *saved(),
]  # fmt: skip
"""All files."""

# Libraries the tests have anyway; the other files need a program beside them.
_LIBRARIES = ("hand", "gdal", "geopandas", "ezdxf", "xlsxwriter")
_OF_A_KIND = 5


def _sample() -> list[Case]:
    """Take some files of every kind, no two with one defect."""
    taken: dict[tuple[str, str], Case] = {}
    for one in CASES:
        if one.tool in _LIBRARIES and sum(kind == one.kind for kind, _ in taken) < _OF_A_KIND:
            taken.setdefault((one.kind, one.defect), one)
    return list(taken.values())


SAMPLE = _sample()
"""Those the default suite makes and imports."""
