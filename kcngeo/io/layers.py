"""The door for any vector file: a layer comes in whole, with a list of what is wrong with it.

Nothing is repaired but text, and that is said. A row whose shape cannot be held is kept without
one; a CRS that is missing or doubtful stays so, with the candidates ranked.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from kcngeo.core import crs as crs_of
from kcngeo.core.errors import CRSError, DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.io import formats, text
from kcngeo.io.crs_candidates import crs_candidates, lost_vn2000, place_of
from kcngeo.io.features import Features, read_features
from kcngeo.io.guard import local_file, unreadable
from kcngeo.io.tables import read_csv, read_parquet

if TYPE_CHECKING:
    from numpy.typing import NDArray

HUGE = 1e8
"""Coordinates beyond this are on no map of the earth, in metres or feet."""
FAR_KM = 20.0
"""A layer farther than this from its reference is in another place: the nearest meridians of the
cadastre lie 27 km apart."""

_POLYGONS = (3, 6)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerRead:
    """A layer as it was read, and what is wrong with it.

    Attributes
    ----------
    frame
        All rows of the layer, on a plain index; its CRS is None where the file does not say.
    findings
        What was noticed and what was changed, errors first.
    """

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def read_layer(
    path: str | os.PathLike[str],
    *,
    layer: str | None = None,
    crs: Any = None,
    encoding: str | None = None,
    reference: gpd.GeoDataFrame | None = None,
    certificate: str | None = None,
    province: str | None = None,
    key: str | None = None,
    swap_axes: bool = False,
    unit_m: float = 1.0,
) -> LayerRead:
    """Read a layer of any vector format, whole, with its text in Unicode and its CRS examined.

    GeoPackage, Shapefile, GeoJSON, TopoJSON, KML and KMZ, GML, MapInfo TAB and MIF, DGN v7, DXF,
    FileGDB, FlatGeobuf, GeoParquet, OSM extracts (multipolygons unless another layer is named),
    CSV with WKT or coordinates; also one of them inside a .zip. The format is known from the
    content, and the name must agree. Nothing is fetched, and nothing is written beside the file.

    Parameters
    ----------
    path
        A file (or a .gdb folder) on this machine.
    layer
        Name of the layer, where the file holds several; in an archive, of the file.
    crs
        The CRS the coordinates are in, whatever the file says. Nothing is reprojected.
    encoding
        Encoding of the text, for files that do not say ("cp1258"), or a legacy Vietnamese one to
        take as given ("tcvn3", "vni").
    reference
        A layer in a known CRS that lies in the same place; a layer far from it is a finding.
    certificate
        Column with the area on paper in m², to prove the CRS with.
    province
        Name of the province in the registry, for the candidates of a doubtful CRS.
    key
        Column that should name each row once.
    swap_axes
        Whether the file has northings first; the coordinates are then exchanged.
    unit_m
        Metres in a unit of the coordinates, where a drawing is in feet (0.3048) or millimetres
        (0.001); they are then brought to metres.

    Returns
    -------
    LayerRead
        The frame and the findings.

    Raises
    ------
    DataSourceError
        If the file is missing, damaged, truncated, no vector file, dangerous, or holds several
        layers and none is named. It is never changed.
    CRSError
        If ``crs`` is no CRS, or the reference has none.
    """
    place = local_file(path)
    given = None if crs is None else _crs(crs)
    if reference is not None and reference.crs is None:
        raise CRSError("crs_missing", name="reference")
    legacy = encoding if encoding in text.ENCODINGS else None
    bytes_in = None if encoding is None else "ISO-8859-1" if legacy else encoding
    with formats.opened(place) as sources:
        source, within = _picked(sources, layer)
        features = _features(source, layer=within, encoding=bytes_in)
    table = place.stem
    frame = gpd.GeoDataFrame(features.table, geometry=features.geometry)
    frame, on_text = text.repaired_frame(frame, table=table, encoding=legacy)
    findings = [*_on_reading(features, source, table), *on_text]
    with np.errstate(invalid="ignore"):
        findings += _on_geometry(frame, features, table)
    if swap_axes or unit_m != 1.0:
        frame = _converted(frame, swap_axes=swap_axes, unit_m=unit_m)
        findings.append(
            _finding("layer_converted", Severity.NOTE, table, swapped=swap_axes, unit_m=unit_m)
        )
    stated = None if features.crs is None else _stated(features.crs)
    frame = frame.set_crs(given or stated)
    if given is not None and stated is not None and given != stated:
        names = {"crs": crs_of.label(given), "stated": crs_of.label(stated)}
        findings.append(_finding("crs_overridden", Severity.NOTE, table, **names))
    if features.crs is not None and stated is None:
        findings.append(_finding("crs_unread", Severity.WARNING, table))
    findings += _on_crs(frame, table, reference, certificate, province)
    if key is not None:
        findings += _on_key(frame, table, key)
    order = list(Severity)
    return LayerRead(
        frame=frame, findings=tuple(sorted(findings, key=lambda one: order.index(one.severity)))
    )


def _crs(crs: Any) -> Any:
    try:
        return pyproj.CRS(crs)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("crs_unknown", crs=str(crs)) from error


def _stated(crs: Any) -> Any:
    """Take the CRS a file states; None if PROJ cannot make sense of it."""
    try:
        stated = pyproj.CRS(crs)
        if stated.is_projected and stated.geodetic_crs is not None:
            crs_of.lonlat(stated, np.zeros(1), np.zeros(1))
    except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError):
        return None
    return stated


def _picked(
    sources: Sequence[formats.Source], layer: str | None
) -> tuple[formats.Source, str | None]:
    """Choose the file of an archive: the only one, or the one named like the layer."""
    if len(sources) == 1:
        return sources[0], layer
    named = [one for one in sources if layer in (one.path.stem, one.path.name)]
    if len(named) == 1:
        return named[0], None
    raise unreadable(
        sources[0].shown, "layers", layers=" | ".join(one.path.name for one in sources)
    )


def _features(source: formats.Source, *, layer: str | None, encoding: str | None) -> Features:
    if source.format in (formats.CSV, formats.PARQUET):
        features = (
            read_csv(source, encoding=encoding)
            if source.format is formats.CSV
            else read_parquet(source)
        )
        if layer not in (None, features.layer):
            raise unreadable(source.shown, "no_layer", layer=layer, layers=(features.layer,))
        return features
    return read_features(source, layer=layer, encoding=encoding)


def _converted(frame: gpd.GeoDataFrame, *, swap_axes: bool, unit_m: float) -> gpd.GeoDataFrame:
    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return (points[:, ::-1] if swap_axes else points) * unit_m

    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), convert))


def _finding(
    rule: str,
    severity: Severity,
    table: str,
    rows: NDArray[Any] | Sequence[int] = (),
    /,
    **fields: object,
) -> Finding:
    ids = tuple(f"row {row}" for row in rows)
    return Finding(rule=rule, severity=severity, table=table, ids=ids, fields=fields)


def _on_reading(features: Features, source: formats.Source, table: str) -> list[Finding]:
    """Say what was assumed or left aside while the file was read."""
    found = []
    if features.others:
        fields = {"layer": features.layer, "others": features.others}
        found.append(_finding("layer_chosen", Severity.NOTE, table, **fields))
    if features.coordinates:
        fields = {"columns": features.coordinates}
        found.append(_finding("layer_coordinates", Severity.NOTE, table, **fields))
    if features.encoding:
        fields = {"encoding": features.encoding}
        found.append(_finding("layer_encoding_assumed", Severity.NOTE, table, **fields))
    if source.format is formats.SHAPEFILE and not len(features.table.columns):
        found.append(_finding("layer_no_attributes", Severity.WARNING, table))
    found += [
        _finding("layer_driver_said", Severity.WARNING, table, said=said) for said in features.said
    ]
    if not len(features.table):
        found.append(_finding("layer_no_rows", Severity.WARNING, table))
    return found


def _on_geometry(frame: gpd.GeoDataFrame, features: Features, table: str) -> list[Finding]:
    """Name the rows whose shape is missing, empty, broken or out of this world."""
    shapes = frame.geometry.to_numpy()
    found = []
    missing, empty = shapely.is_missing(shapes), shapely.is_empty(shapes)
    unheld = np.zeros(len(shapes), bool)
    unheld[list(features.unheld)] = True
    if len(shapes) and missing.all() and not unheld.any():
        return [_finding("layer_no_geometry", Severity.ERROR, table)]
    finite = _has_finite(shapes) | missing | empty
    huge = finite & ~missing & ~empty & (np.abs(shapely.bounds(shapes)) > HUGE).any(axis=1)
    invalid = finite & ~missing & ~empty & ~shapely.is_valid(shapes)
    reasons = tuple(f"row {row}: {why}" for row, why in sorted(features.unheld.items()))
    broken = tuple(
        f"row {row}: {shapely.is_valid_reason(shapes[row])}" for row in np.flatnonzero(invalid)
    )
    for rule, severity, rows, said in (
        ("shape_unheld", Severity.ERROR, unheld, reasons),
        ("shape_not_finite", Severity.ERROR, ~finite, ()),
        ("shape_huge", Severity.ERROR, huge, ()),
        ("shape_invalid", Severity.ERROR, invalid, broken),
        ("shape_missing", Severity.WARNING, missing & ~unheld, ()),
        ("shape_empty", Severity.WARNING, empty, ()),
    ):
        if rows.any():
            places = np.flatnonzero(rows)
            fields = {"count": len(places), "reasons": said}
            found.append(_finding(rule, severity, table, places, **fields))
    dimensions = shapely.get_dimensions(shapes[~missing & ~empty])
    if len(np.unique(dimensions)) > 1:
        counts = {
            name: int((dimensions == number).sum())
            for number, name in enumerate(("points", "lines", "polygons"))
        }
        found.append(_finding("shape_mixed", Severity.NOTE, table, **counts))
    return found


def _has_finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which shapes have only finite coordinates: bounds pass over a NaN among others."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.zeros(len(shapes), bool)
    bad[owner[~np.isfinite(points).all(axis=1)]] = True
    return ~bad


def _on_crs(
    frame: gpd.GeoDataFrame,
    table: str,
    reference: gpd.GeoDataFrame | None,
    certificate: str | None,
    province: str | None,
) -> list[Finding]:
    """Doubt the CRS where there is reason to, and name what it could be instead."""
    shapes = frame.geometry.to_numpy()
    if not np.isfinite(shapely.bounds(shapes)).all(axis=1).any():
        return []

    def said(rule: str, severity: Severity, **fields: object) -> Finding:
        ranked = crs_candidates(
            frame, certificate=certificate, reference=reference, province=province
        )
        fields |= {"candidates": _shown(ranked)}
        return _finding(rule, severity, table, **fields)

    crs = frame.crs
    if crs is None:
        return [said("crs_missing", Severity.ERROR)]
    label = crs_of.label(crs)
    code = lost_vn2000(crs)
    if code is not None:
        return [_finding("crs_lost_datum", Severity.ERROR, table, crs=str(crs.name), code=code)]
    if not _is_in_domain(frame):
        return [said("crs_out_of_domain", Severity.ERROR, crs=label)]
    if reference is not None:
        distance_km = _distance_km(frame, reference)
        if distance_km is None:
            return [_finding("crs_unplaced", Severity.WARNING, table, crs=label)]
        if distance_km > FAR_KM:
            fields = {"crs": label, "distance_km": f"{distance_km:.0f}"}
            return [said("crs_far", Severity.ERROR, **fields)]
    if certificate is not None and certificate in frame.columns:
        ranked = crs_candidates(
            frame, certificate=certificate, reference=reference, province=province
        )
        best = ranked[ranked["rank"] == 1]
        if len(best) and best["areas"].iloc[0] and not _is_among(crs, best):
            return [
                _finding(
                    "crs_doubtful", Severity.WARNING, table, crs=label, candidates=_shown(ranked)
                )
            ]
    return []


def _distance_km(frame: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> float | None:
    """Measure how far the layer lies from the reference; None if its CRS leads to no place."""
    try:
        return place_of(frame, reference)
    except CRSError:
        return None


def _is_among(crs: Any, best: Any) -> bool:
    plain = best[~best["swapped"] & (best["unit_m"] == 1.0)]
    return any(pyproj.CRS(code) == crs for code in plain["crs"])


def _is_in_domain(frame: gpd.GeoDataFrame) -> bool:
    """Tell whether the coordinates can be what the CRS says: degrees in range, a grid that ends."""
    crs, shapes = frame.crs, frame.geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    west, south = np.nanmin(bounds[:, :2], axis=0)
    east, north = np.nanmax(bounds[:, 2:], axis=0)
    if crs.is_geographic:
        return bool(west >= -180.001 and east <= 360 and south >= -90.001 and north <= 90.001)
    if not crs.is_projected or crs.geodetic_crs is None:
        return True
    lon, lat = crs_of.lonlat(crs, np.array([west, east]), np.array([south, north]))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return False
    area = crs.area_of_use
    if area is None:
        return True
    # Far outside its area of use a grid is not meant; a degree beside it often is.
    margin = 5.0
    return bool(
        lon.min() >= area.west - margin
        and lon.max() <= area.east + margin
        and lat.min() >= area.south - margin
        and lat.max() <= area.north + margin
    )


def _shown(ranked: Any) -> str:
    """Say the best candidates, those that nothing tells apart with a "=" between them."""
    best = ranked[ranked["rank"] <= 2]
    said = []
    for _, group in best.groupby("rank"):
        names = []
        for one in group.itertuples():
            extra = " (swap_axes=True)" if one.swapped else ""
            extra += f" (unit_m={one.unit_m:g})" if one.unit_m != 1.0 else ""
            extra += " *" if one.of_province else ""
            names.append(f"{one.crs}{extra}")
        shown = " = ".join(names[:6]) + (f" = … (+{len(names) - 6})" if len(names) > 6 else "")
        said.append(shown)
    return "; ".join(said) or "–"


def _on_key(frame: gpd.GeoDataFrame, table: str, key: str) -> list[Finding]:
    if key not in frame.columns:
        raise DataSourceError("layer_no_key", name=key, columns=tuple(map(str, frame.columns)))
    values = frame[key]
    missing = values.isna().to_numpy()
    repeated = values.duplicated(keep=False).to_numpy() & ~missing
    found = []
    if missing.any():
        rows = np.flatnonzero(missing)
        fields = {"column": key, "count": len(rows)}
        found.append(_finding("key_missing", Severity.WARNING, table, rows, **fields))
    if repeated.any():
        rows = np.flatnonzero(repeated)
        keys = tuple(dict.fromkeys(map(str, values[repeated])))
        fields = {"column": key, "count": len(rows), "keys": keys}
        found.append(_finding("key_repeated", Severity.ERROR, table, rows, **fields))
    return found
