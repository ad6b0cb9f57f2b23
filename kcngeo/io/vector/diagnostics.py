"""What is noticed in a layer while it is read: each a finding, none a repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from kcngeo.core import crs as crs_of
from kcngeo.core.errors import CRSError, DataSourceError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.texts import row_name
from kcngeo.io.vector import formats
from kcngeo.io.vector.crs_inference import crs_candidates, lost_vn2000, place_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from kcngeo.io.vector.ogr import Features

HUGE = 1e8
"""Coordinates beyond this are on no map of the earth, in metres or feet."""
FAR_KM = 20.0
"""A layer farther than this from its reference is in another place: the nearest meridians of the
cadastre lie 27 km apart."""


def on_reading(features: Features, source: formats.Source, table: str) -> list[Finding]:
    """Say what was assumed or left aside while the file was read."""
    found = []
    if features.others:
        fields: dict[str, Any] = {"layer": features.layer, "others": features.others}
        found.append(finding("layer_chosen", table, Severity.NOTE, **fields))
    if features.coordinates:
        fields = {"columns": features.coordinates}
        found.append(finding("layer_coordinates", table, Severity.NOTE, **fields))
    if features.encoding:
        fields = {"encoding": features.encoding}
        found.append(finding("layer_encoding_assumed", table, Severity.NOTE, **fields))
    if features.short:
        count = len(features.short)
        found.append(
            finding("layer_short_lines", table, Severity.WARNING, count=count, lines=features.short)
        )
    if source.format is formats.SHAPEFILE and not len(features.table.columns):
        found.append(finding("layer_no_attributes", table, Severity.WARNING))
    found += [
        finding("layer_driver_said", table, Severity.WARNING, said=said) for said in features.said
    ]
    if not len(features.table):
        found.append(finding("layer_no_rows", table, Severity.WARNING))
    return found


def on_geometry(frame: gpd.GeoDataFrame, features: Features, table: str) -> list[Finding]:
    """Name the rows whose shape is missing, empty, broken or out of this world."""
    shapes = frame.geometry.to_numpy()
    found = []
    # (rows,) a shape is judged once: what is missing is not invalid too
    missing, empty = shapely.is_missing(shapes), shapely.is_empty(shapes)
    unheld = np.zeros(len(shapes), bool)
    unheld[list(features.unheld)] = True
    if len(shapes) and missing.all() and not unheld.any():
        return [finding("layer_no_geometry", table, Severity.ERROR)]
    finite = _has_finite(shapes) | missing | empty
    huge = finite & ~missing & ~empty & (np.abs(shapely.bounds(shapes)) > HUGE).any(axis=1)
    invalid = finite & ~missing & ~empty & ~shapely.is_valid(shapes)
    reasons = tuple(f"{row_name(row)}: {why}" for row, why in sorted(features.unheld.items()))
    broken = tuple(
        f"{row_name(row)}: {shapely.is_valid_reason(shapes[row])}"
        for row in np.flatnonzero(invalid)
    )
    shut = np.zeros(len(shapes), bool)
    shut[list(features.closed)] = True
    curved = np.zeros(len(shapes), bool)
    curved[list(features.straightened)] = True
    walked = np.zeros(len(shapes), bool)
    walked[list(features.enclosed)] = True
    sides = tuple(f"{row_name(row)}: {side:.3f}" for row, side in sorted(features.closed.items()))
    for rule, severity, rows, said in (
        ("shape_straightened", Severity.NOTE, curved, ()),
        ("shape_enclosed", Severity.NOTE, walked, ()),
        ("shape_closed", Severity.WARNING, shut, sides),
        ("shape_unheld", Severity.ERROR, unheld, reasons),
        ("shape_not_finite", Severity.ERROR, ~finite, ()),
        ("shape_huge", Severity.ERROR, huge, ()),
        ("shape_invalid", Severity.ERROR, invalid, broken),
        ("shape_missing", Severity.WARNING, missing & ~unheld, ()),
        ("shape_empty", Severity.WARNING, empty, ()),
    ):
        if rows.any():
            places = np.flatnonzero(rows)
            fields: dict[str, Any] = {"count": len(places), "reasons": said}
            found.append(finding(rule, table, severity, ids=map(row_name, places), **fields))
    dimensions = shapely.get_dimensions(shapes[~missing & ~empty])
    if len(np.unique(dimensions)) > 1:
        counts: dict[str, Any] = {
            name: int((dimensions == number).sum())
            for number, name in enumerate(("points", "lines", "polygons"))
        }
        found.append(finding("shape_mixed", table, Severity.NOTE, **counts))
    return found


def _has_finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which shapes have only finite coordinates: bounds pass over a NaN among others."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.zeros(len(shapes), bool)
    bad[owner[~np.isfinite(points).all(axis=1)]] = True
    return ~bad


CRS_RULES = (
    *("crs_missing", "crs_lost_datum", "crs_out_of_domain", "crs_unplaced", "crs_far"),
    *("crs_doubtful", "shape_stray"),
)
"""What :func:`crs_findings` may find."""


def crs_findings(
    frame: gpd.GeoDataFrame,
    *,
    table: str,
    reference: gpd.GeoDataFrame | None = None,
    certificate: str | None = None,
    province: str | None = None,
) -> list[Finding]:
    """Doubt the CRS where there is reason to, and name what it could be instead.

    Parameters
    ----------
    frame
        The layer.
    table
        Its name.
    reference
        A layer in the same place, or None.
    certificate
        Column with the area on paper in m², or None.
    province
        Name of the province in the registry, or None.

    Returns
    -------
    list[Finding]
        At most one finding about the layer, the gravest; and one of rows that stray.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> crs_findings(project.parcels, table="parcels", reference=project.zones)
    []
    """
    here = np.isfinite(shapely.bounds(frame.geometry.to_numpy()).reshape(-1, 4)).all(axis=1)
    if not here.any():
        return []
    far = here & ~_in_domain(frame)
    # A wrong digit in one row says nothing about the CRS of all the others.
    if not far.any() or 2 * far.sum() >= here.sum():
        return _doubts(frame, table, reference, certificate, province)
    found = _doubts(frame[~far], table, reference, certificate, province)
    bounds = shapely.bounds(frame.geometry.to_numpy())
    # Coordinates beyond any map are named already.
    rows = np.flatnonzero(far & (np.abs(bounds) <= HUGE).all(axis=1))
    if len(rows):
        places = tuple(
            f"{row_name(row)} ({west:.10g} {south:.10g} – {east:.10g} {north:.10g})"
            for row, (west, south, east, north) in zip(rows, bounds[rows], strict=True)
        )
        fields: dict[str, Any] = {
            "crs": crs_of.label(frame.crs),
            "count": len(rows),
            "places": places,
        }
        found.append(
            finding("shape_stray", table, Severity.ERROR, ids=map(row_name, rows), **fields)
        )
    return found


def _doubts(
    frame: gpd.GeoDataFrame,
    table: str,
    reference: gpd.GeoDataFrame | None,
    certificate: str | None,
    province: str | None,
) -> list[Finding]:
    """Doubt the CRS of a layer of which no row strays."""

    def said(rule: str, severity: Severity, **fields: Any) -> Finding:
        ranked = crs_candidates(
            frame, certificate=certificate, reference=reference, province=province
        )
        if ranked.empty:
            # Areas on paper that fit nothing, for example in another unit, prove nothing.
            ranked = crs_candidates(frame, reference=reference, province=province)
        fields |= {"candidates": _shown(ranked), "best": _best(ranked)}
        return finding(rule, table, severity, **fields)

    crs = frame.crs
    if crs is None:
        return [said("crs_missing", Severity.ERROR)]
    label = crs_of.label(crs)
    code = lost_vn2000(crs)
    if code is not None:
        return [finding("crs_lost_datum", table, Severity.ERROR, crs=str(crs.name), code=code)]
    if not _in_domain(frame).all():
        return [said("crs_out_of_domain", Severity.ERROR, crs=label)]
    if reference is not None:
        distance_km = _distance_km(frame, reference)
        if distance_km is None:
            return [finding("crs_unplaced", table, Severity.WARNING, crs=label)]
        if distance_km > FAR_KM:
            fields: dict[str, Any] = {"crs": label, "distance_km": f"{distance_km:.0f}"}
            return [said("crs_far", Severity.ERROR, **fields)]
    if certificate is not None and certificate in frame.columns:
        ranked = crs_candidates(
            frame, certificate=certificate, reference=reference, province=province
        )
        best = ranked[ranked["rank"] == 1]
        if len(best) and best["areas"].iloc[0] and not _is_among(crs, best):
            return [
                finding(
                    "crs_doubtful", table, Severity.WARNING, crs=label, candidates=_shown(ranked)
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


def _in_domain(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which rows can be where the CRS says: degrees in range, a grid that ends."""
    # A row without a place is nowhere else.
    crs, bounds = frame.crs, shapely.bounds(frame.geometry.to_numpy()).reshape(-1, 4)
    west, south, east, north = bounds.T
    placeless = ~np.isfinite(bounds).all(axis=1)
    if crs is None:
        return np.ones(len(frame), dtype=bool)
    if crs.is_geographic:
        inside = (west >= -180.001) & (east <= 360) & (south >= -90.001) & (north <= 90.001)
        return np.asarray(inside | placeless)
    if not crs.is_projected or crs.geodetic_crs is None:
        return np.ones(len(frame), dtype=bool)
    lon, lat = crs_of.lonlat(crs, bounds[:, ::2].ravel(), bounds[:, 1::2].ravel())
    lon, lat = lon.reshape(-1, 2), lat.reshape(-1, 2)
    inside = np.isfinite(lon).all(axis=1) & np.isfinite(lat).all(axis=1)
    area = crs.area_of_use
    if area is not None:
        # Far outside its area of use a grid is not meant; a degree beside it often is.
        margin = 5.0
        inside &= (lon.min(axis=1) >= area.west - margin) & (lon.max(axis=1) <= area.east + margin)
        inside &= (lat.min(axis=1) >= area.south - margin) & (
            lat.max(axis=1) <= area.north + margin
        )
    return np.asarray(inside | placeless)


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


def _best(ranked: Any) -> dict[str, Any]:
    """Give the best candidate as it would be read with, and how many nothing tells from it."""
    if not len(ranked):
        return {}
    first = next(ranked.itertuples())
    return {
        "crs": str(first.crs),
        "swap_axes": bool(first.swapped),
        "unit_m": float(first.unit_m),
        "tied": int((ranked["rank"] == first.rank).sum()) - 1,
    }


def on_key(frame: gpd.GeoDataFrame, table: str, key: str) -> list[Finding]:
    """Name the rows whose key is missing or not theirs alone."""
    if key not in frame.columns:
        raise DataSourceError("layer_no_key", name=key, columns=tuple(map(str, frame.columns)))
    values = frame[key]
    missing = values.isna().to_numpy()
    repeated = values.duplicated(keep=False).to_numpy() & ~missing
    found = []
    if missing.any():
        rows = np.flatnonzero(missing)
        fields: dict[str, Any] = {"column": key, "count": len(rows)}
        found.append(
            finding("key_missing", table, Severity.WARNING, ids=map(row_name, rows), **fields)
        )
    if repeated.any():
        rows = np.flatnonzero(repeated)
        keys = tuple(dict.fromkeys(map(str, values[repeated])))
        fields = {"column": key, "count": len(rows), "keys": keys}
        found.append(
            finding("key_repeated", table, Severity.ERROR, ids=map(row_name, rows), **fields)
        )
    return found
