"""Lots from a drawing: lines become faces, texts inside become their numbers, leftovers are told.

A drawing of lots is lines that almost meet. Corners that miss each other, or a line, by less than
the snap tolerance are joined; the rest is left as drawn. Every closed face is a lot. What does not
fit (ends that hang loose, faces without a number or with several, numbers outside any face) is not
mended but named with its place, so that it can be mended in the drawing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.texts import row_name
from kcngeo.io.vector.read import LayerRead, read_layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]

_TEXT_COLUMN, _LAYER_COLUMN = "Text", "Layer"
# Corners that are the same but for the last digits were not moved.
_ROUNDING_M = 1e-6
# MTEXT carries its formatting in the text: \A1; {\fArial|b0;12} \P
_FORMATTING = re.compile(r"\\[A-Za-z][^;\\{}]*;|\\[PpXx~]|[{}]")


SYMBOL_M2 = 2.0
"""What is smaller in a drawing of lots is the sign of a boundary stone or a tree, no lot."""


def lots_from_cad(
    path: str | os.PathLike[str],
    *,
    crs: Any = None,
    encoding: str | None = None,
    snap_m: float = 0.05,
    line_layers: Iterable[str] | None = None,
    text_layers: Iterable[str] | None = None,
    swap_axes: bool = False,
    unit_m: float = 1.0,
    symbol_m2: float = SYMBOL_M2,
) -> LayerRead:
    """Make lots of the lines of a DXF or DGN drawing, numbered by the texts inside them.

    Faces narrower than the tolerance, between two lines that were meant to be one, are no lots;
    nor are symbols, such as the square of a boundary stone on a corner, which takes nothing off
    the lots it lies on. Both are named. A face inside another is a hole in it and a lot of its own.

    Parameters
    ----------
    path
        The drawing.
    crs
        CRS the drawing is in; drawings do not say.
    encoding
        Encoding of the texts, as in :func:`kcngeo.io.read_layer`.
    snap_m
        Corners and ends nearer than this to another one, or to a line, are joined, in metres.
    line_layers
        Layers of the drawing that hold the boundaries; None takes all.
    text_layers
        Layers that hold the numbers; None takes all.
    swap_axes
        As in :func:`kcngeo.io.read_layer`.
    unit_m
        As in :func:`kcngeo.io.read_layer`.
    symbol_m2
        Closed lines around less than this, in m², and faces smaller than this are symbols.

    Returns
    -------
    LayerRead
        A row a face, from north-west to south-east: ``lot_code`` (missing unless exactly one text
        lies inside), ``texts`` (all that do, joined by " | "), geometry; and the findings.

    Raises
    ------
    DataSourceError
        If the drawing cannot be read, has no lines, or has no layer of a given name.
    ValueError
        If the tolerance or the size of symbols is negative.

    Examples
    --------
    >>> import tempfile
    >>> import ezdxf
    >>> drawing = ezdxf.new()
    >>> paper = drawing.modelspace()
    >>> for x in (0, 100, 200):  # two lots side by side, 100 m by 50 m
    ...     _ = paper.add_line((x, 0), (x, 50))
    >>> for y in (0, 50):
    ...     _ = paper.add_line((0, y), (200, y))
    >>> _ = paper.add_text("CN1").set_placement((50, 25))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     drawing.saveas(f"{folder}/lots.dxf")
    ...     lots = lots_from_cad(f"{folder}/lots.dxf").frame
    >>> lots.area.tolist(), lots["texts"].tolist()
    ([5000.0, 5000.0], ['CN1', nan])
    """
    if not (snap_m >= 0 and symbol_m2 >= 0):
        raise ValueError("snap_m and symbol_m2 must be 0 or more")
    drawing = read_layer(path, crs=crs, encoding=encoding, swap_axes=swap_axes, unit_m=unit_m)
    frame, name = drawing.frame, Path(path).stem
    lines = _lines(_of_layers(frame, line_layers, path))
    # Before lines are cut at each other: a symbol on a boundary must not be cut out of its lots.
    is_symbol = _enclosed_m2(lines) < symbol_m2
    symbols, lines = lines[is_symbol], lines[~is_symbol]
    if not len(lines):
        raise DataSourceError("cad_no_lines" if not len(symbols) else "cad_only_symbols", path=path)
    joined, moved = _joined(lines, snap_m)
    faces, loose = _faces(joined)
    # Mean width of each face in metres: of a long strip twice its area over its outline.
    width = 2 * shapely.area(faces) / shapely.length(faces)
    slivers, faces = faces[width < max(snap_m, 1e-9)], faces[width >= max(snap_m, 1e-9)]
    is_small = shapely.area(faces) < symbol_m2
    small, faces = faces[is_small], _filled(faces[~is_small], symbol_m2)
    faces = faces[_reading_order(faces)]
    texts = _texts(_of_layers(frame, text_layers, path))
    inside, outside = _inside(faces, texts)
    lots = gpd.GeoDataFrame(
        {
            "lot_code": _column(one[0] if len(one) == 1 else None for one in inside),
            "texts": _column(" | ".join(one) or None for one in inside),
        },
        geometry=faces,
        crs=frame.crs,
    )
    # That a drawing mixes points and lines is what drawings do.
    findings = [one for one in drawing.findings if not one.rule.startswith("shape_mixed")]
    findings += _leftovers(lots, inside, name)
    findings += _places("cad_loose_ends", Severity.WARNING, name, loose, shapely.length(loose))
    findings += _places("cad_slivers", Severity.WARNING, name, slivers, shapely.area(slivers))
    symbols = np.concatenate([_enclosed(symbols), small])
    findings += _places("cad_symbols", Severity.NOTE, name, symbols, shapely.area(symbols))
    findings += _places(
        "cad_text_outside", Severity.WARNING, name, outside["geometry"], outside["text"]
    )
    if moved:
        fields = {"count": moved, "snap_m": snap_m}
        findings.append(
            Finding(rule="cad_snapped", severity=Severity.NOTE, table=name, fields=fields)
        )
    return LayerRead(frame=lots, findings=tuple(findings))


def _column(texts: Iterable[str | None]) -> pd.Series:
    return pd.Series(list(texts), dtype="str")


def _of_layers(
    frame: gpd.GeoDataFrame, layers: Iterable[str] | None, path: Any
) -> gpd.GeoDataFrame:
    if layers is None:
        return frame
    column = _LAYER_COLUMN if _LAYER_COLUMN in frame else "Level"
    names = frame[column].astype("str")
    wanted = [str(one) for one in layers]
    absent = [one for one in wanted if not (names == one).any()]
    if absent:
        known = tuple(sorted(names.dropna().unique()))
        raise DataSourceError("cad_no_layer", path=path, layers=tuple(absent), known=known)
    return frame[names.isin(wanted)]


def _lines(frame: gpd.GeoDataFrame) -> Geometries:
    """Give single lines: polylines as drawn, the outlines of polygons."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[~shapely.is_missing(shapes)]
    flat = shapely.force_2d(shapely.get_parts(shapes))
    outlines = shapely.get_parts(shapely.boundary(flat[shapely.get_dimensions(flat) == 2]))
    lines = np.concatenate([flat[shapely.get_dimensions(flat) == 1], outlines])
    good = np.isfinite(shapely.bounds(lines)).all(axis=1) & (shapely.length(lines) > 0)
    return np.asarray(lines[good], dtype=object)


def _enclosed_m2(lines: Geometries) -> NDArray[np.float64]:
    """Give the area each closed line encloses; that of an open one has no end."""
    enclosed = np.full(len(lines), np.inf)
    rings = np.flatnonzero(shapely.is_closed(lines) & (shapely.get_num_points(lines) > 3))
    enclosed[rings] = shapely.area(_enclosed(lines[rings]))
    return enclosed


def _enclosed(lines: Geometries) -> Geometries:
    """Give what closed lines enclose."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    return np.asarray(shapely.polygons(shapely.linearrings(points, indices=owner)), dtype=object)


def _joined(lines: Geometries, snap_m: float) -> tuple[Geometries, int]:
    """Move corners of lines onto the corners and lines they miss by less than the tolerance."""
    # Corners are joined with corners first, at the one drawn first; those still alone are laid
    # onto the nearest other line, which gets a corner there.
    places, owner = shapely.get_coordinates(lines, return_index=True)
    drawn = places.copy()
    target = _clusters(shapely.points(places), snap_m)
    places = places[target]
    alone = np.flatnonzero(np.bincount(target, minlength=len(target))[target] == 1)
    corners = _onto_lines(shapely.linestrings(places, indices=owner), places, owner, alone, snap_m)
    current = shapely.linestrings(places, indices=owner)
    moved = int((np.abs(places - drawn).max(axis=1) > _ROUNDING_M).sum())
    joined = [
        shapely.linestrings(_with_corners(places[owner == number], added))
        for number, added in corners.items()
    ]
    current[list(corners)] = joined
    return current[shapely.length(current) > 0], moved


def _clusters(points: Geometries, snap_m: float) -> NDArray[np.intp]:
    """Give each point the first point it is joined with, itself if none is near."""
    target = np.arange(len(points))
    first, second = shapely.STRtree(points).query(points, predicate="dwithin", distance=snap_m)
    near = second < first
    first, second = first[near], second[near]
    order = np.lexsort((second, first))
    for one, other in zip(first[order].tolist(), second[order].tolist(), strict=True):
        # Onto the first of a group only: a chain of near misses must not wander off.
        if target[one] == one and target[other] == other:
            target[one] = other
    return target


def _onto_lines(
    lines: Geometries,
    places: NDArray[np.float64],
    owner: NDArray[np.intp],
    alone: NDArray[np.intp],
    snap_m: float,
) -> dict[int, list[NDArray[np.float64]]]:
    """Lay points that are alone onto the nearest other line; tell which lines get corners where."""
    # `places` is changed in place.
    corners: dict[int, list[NDArray[np.float64]]] = {}
    points = shapely.points(places[alone])
    asked, found = shapely.STRtree(lines).query(points, predicate="dwithin", distance=snap_m)
    other = found != owner[alone[asked]]
    asked, found = asked[other], found[other]
    distance = shapely.distance(points[asked], lines[found])
    order = np.lexsort((found, distance, asked))
    _, nearest = np.unique(asked[order], return_index=True)
    for pair in order[nearest].tolist():
        line = int(found[pair])
        along = shapely.line_locate_point(lines[line], points[asked[pair]])
        place = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along))[0]
        corners.setdefault(line, []).append(place)
        places[alone[asked[pair]]] = place
    return corners


def _with_corners(
    points: NDArray[np.float64], added: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    line = shapely.linestrings(points)
    along = np.concatenate(
        [
            [0.0],
            np.cumsum(np.hypot(*np.diff(points, axis=0).T)),
            shapely.line_locate_point(line, shapely.points(np.array(added))),
        ]
    )
    every = np.vstack([points, *added])
    return np.asarray(every[np.argsort(along, kind="stable")], dtype=np.float64)


def _faces(lines: Geometries) -> tuple[Geometries, Geometries]:
    """Close lines into faces; give the pieces that close nothing too."""
    noded = shapely.get_parts(shapely.union_all(lines))
    polygons, cuts, dangles, invalid = shapely.polygonize_full(noded)
    rest = [shapely.get_parts(one) for one in (cuts, dangles, invalid)]
    return shapely.get_parts(polygons), np.concatenate(rest)


def _filled(faces: Geometries, symbol_m2: float) -> Geometries:
    """Fill the holes that symbols left."""
    faces = faces.copy()
    for place in np.flatnonzero(shapely.get_num_interior_rings(faces)):
        holes = shapely.get_rings(faces[place])[1:]
        kept = holes[shapely.area(shapely.polygons(holes)) >= symbol_m2]
        faces[place] = shapely.polygons(shapely.get_exterior_ring(faces[place]), kept)
    return faces


def _reading_order(faces: Geometries) -> NDArray[np.intp]:
    """Order faces from north to south, then west to east, so that their order is no accident."""
    bounds = shapely.bounds(faces).reshape(-1, 4)
    return np.lexsort((bounds[:, 2], bounds[:, 0], -bounds[:, 3]))


def _texts(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the texts of a drawing with the points they stand at, without their formatting."""
    if _TEXT_COLUMN not in frame:
        return gpd.GeoDataFrame({"text": []}, geometry=[])
    shapes = frame.geometry
    is_text = frame[_TEXT_COLUMN].notna() & (shapes.geom_type == "Point")
    plain = frame.loc[is_text, _TEXT_COLUMN].astype("str")
    plain = plain.str.replace(_FORMATTING, " ", regex=True).str.split().str.join(" ")
    texts = gpd.GeoDataFrame({"text": plain}, geometry=shapes[is_text])
    return texts[texts["text"] != ""].reset_index(drop=True)


def _inside(faces: Geometries, texts: gpd.GeoDataFrame) -> tuple[list[list[str]], gpd.GeoDataFrame]:
    """List the texts in each face, and those in none."""
    points = texts.geometry.to_numpy()
    text, face = shapely.STRtree(faces).query(points, predicate="within")
    inside: list[list[str]] = [[] for _ in faces]
    for one, other in sorted(zip(text, face, strict=True)):
        inside[other].append(str(texts["text"].iloc[one]))
    return inside, texts[~np.isin(np.arange(len(texts)), text)]


def _leftovers(lots: gpd.GeoDataFrame, inside: list[list[str]], table: str) -> list[Finding]:
    found = []
    count = np.array([len(one) for one in inside], dtype=int)
    repeated = lots["lot_code"].duplicated(keep=False) & lots["lot_code"].notna()
    for rule, rows in (
        ("cad_no_number", count == 0),
        ("cad_several_numbers", count > 1),
        ("cad_number_twice", repeated.to_numpy()),
    ):
        if rows.any():
            places = np.flatnonzero(rows)
            fields = {"count": len(places), "numbers": tuple(lots["texts"].iloc[places].dropna())}
            ids = tuple(map(row_name, places))
            found.append(
                Finding(rule=rule, severity=Severity.WARNING, table=table, ids=ids, fields=fields)
            )
    return found


def _places(
    rule: str, severity: Severity, table: str, shapes: Any, sizes: Iterable[Any]
) -> list[Finding]:
    shapes = np.asarray(shapes, dtype=object)
    if not len(shapes):
        return []
    marks = shapely.point_on_surface(shapes)
    is_line = shapely.get_dimensions(shapes) == 1
    marks[is_line] = shapely.line_interpolate_point(shapes[is_line], 0.5, normalized=True)
    points = shapely.get_coordinates(marks)
    said = tuple(
        f"{size if isinstance(size, str) else f'{size:.2f}'} ({x:.2f} {y:.2f})"
        for size, (x, y) in zip(sizes, points, strict=True)
    )
    fields = {"count": len(said), "places": said}
    return [Finding(rule=rule, severity=severity, table=table, fields=fields)]
