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
from kcngeo.core.errors import CRSError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.io.encoding import repair
from kcngeo.io.vector import formats
from kcngeo.io.vector.delimited import read_csv, read_parquet
from kcngeo.io.vector.diagnostics import crs_findings, on_geometry, on_key, on_reading
from kcngeo.io.vector.ogr import Features, layer_names, read_features
from kcngeo.io.vector.security import listed, local_file, unreadable

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    close_rings: bool = False,
) -> LayerRead:
    """Read a layer of any vector format, whole, with its text in Unicode and its CRS examined.

    GeoPackage, Shapefile, GeoJSON (also a feature a line), TopoJSON, JSON-FG, Esri JSON, KML and
    KMZ, GML, GPX, MapInfo TAB and MIF, DGN v7, DXF, FileGDB, FlatGeobuf, SpatiaLite, GeoParquet,
    OSM extracts (multipolygons unless another layer is named), CSV with WKT or coordinates;
    also one of them inside a .zip. The format is known from the content, and the name must agree.
    Nothing is fetched, and nothing is written beside the file.

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
        Column with the area on paper in m², to prove the CRS with; decimal commas are read.
    province
        Name of the province in the registry, for the candidates of a doubtful CRS.
    key
        Column that should name each row once.
    swap_axes
        Whether the file has northings first; the coordinates are then exchanged.
    unit_m
        Metres in a unit of the coordinates, where a drawing is in feet (0.3048) or millimetres
        (0.001); they are then brought to metres.
    close_rings
        Whether a ring that does not end where it begins is closed by a straight side, as drawings
        of lots often need; each row is named with the length of its side. Else such a row is kept
        without a shape.

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

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kcn.examples.squares().parcels[["parcel_id", "geometry"]].to_file(f"{folder}/lots.gpkg")
    ...     read = read_layer(f"{folder}/lots.gpkg", key="parcel_id")
    >>> len(read.frame), read.frame.crs.to_epsg(), read.findings
    (10, 5899, ())
    """
    place = local_file(path)
    given = None if crs is None else _crs(crs)
    if reference is not None and reference.crs is None:
        raise CRSError("crs_missing", name="reference")
    legacy = encoding if encoding in repair.ENCODINGS else None
    bytes_in = None if encoding is None else "ISO-8859-1" if legacy else encoding
    with formats.opened(place) as sources:
        source, within = _picked(sources, layer)
        features = _features(source, layer=within, encoding=bytes_in, close_rings=close_rings)
    table = place.stem
    frame = gpd.GeoDataFrame(features.table, geometry=features.geometry)
    frame, on_text = repair.repaired_frame(frame, table=table, encoding=legacy)
    findings = [*on_reading(features, source, table), *on_text]
    if swap_axes or unit_m != 1.0:
        frame = _converted(frame, swap_axes=swap_axes, unit_m=unit_m)
        findings.append(
            finding("layer_converted", table, Severity.NOTE, swapped=swap_axes, unit_m=unit_m)
        )
    # Coordinates beyond all numbers are named; numpy need not remark on them as well.
    with np.errstate(invalid="ignore", over="ignore"):
        findings += on_geometry(frame, features, table)
    stated = None if features.crs is None else _stated(features.crs)
    frame = frame.set_crs(given or stated)
    if given is not None and stated is not None and given != stated:
        names = {"crs": crs_of.label(given), "stated": crs_of.label(stated)}
        findings.append(finding("crs_overridden", table, Severity.NOTE, **names))
    if features.crs is not None and stated is None:
        findings.append(finding("crs_unread", table, Severity.WARNING))
    findings += crs_findings(
        frame, table=table, reference=reference, certificate=certificate, province=province
    )
    if key is not None:
        findings += on_key(frame, table, key)
    order = list(Severity)
    return LayerRead(
        frame=frame, findings=tuple(sorted(findings, key=lambda one: order.index(one.severity)))
    )


def list_layers(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """List the layers of a file by the names :func:`read_layer` takes.

    Parameters
    ----------
    path
        A file (or a .gdb folder) on this machine; of an archive with several files their names.

    Returns
    -------
    tuple[str, ...]
        The names, in the order of the file.

    Raises
    ------
    DataSourceError
        If the file is missing, damaged, no vector file, or dangerous.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kcn.io.write_project(kcn.examples.squares(), f"{folder}/squares.gpkg")
    ...     sorted(list_layers(f"{folder}/squares.gpkg"))[-2:]
    ['works', 'zones']
    """
    with formats.opened(local_file(path)) as sources:
        if len(sources) > 1:
            named = {one.path.name for one in sources}
            if len(named) == len(sources):
                return tuple(one.path.name for one in sources)
            return tuple(f"{one.path.parent.name}/{one.path.name}" for one in sources)
        (source,) = sources
        if source.format in (formats.CSV, formats.PARQUET):
            return (source.path.stem,)
        return layer_names(source)


def _crs(crs: Any) -> Any:
    try:
        return pyproj.CRS(crs)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("crs_unknown", crs=str(crs)) from error


def _stated(crs: Any) -> Any:
    """Take the CRS a file states; None if PROJ cannot make sense of it."""
    try:
        stated = pyproj.CRS(crs)
        if stated.geodetic_crs is None:
            # Metres of no earth, as MapInfo and CAD call them, say nothing of a place.
            return None
        if stated.is_projected:
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
    # Files of one name in several folders are told apart by their folder.
    names = [f"{one.path.parent.name}/{one.path.name}" for one in sources]
    if len({one.path.name for one in sources}) == len(sources):
        names = [one.path.name for one in sources]
    named = [
        one
        for one, name in zip(sources, names, strict=True)
        if layer in (name, one.path.stem, one.path.name)
    ]
    if len(named) == 1:
        return named[0], None
    raise unreadable(sources[0].shown, "layers", layers=listed(names))


def _features(
    source: formats.Source, *, layer: str | None, encoding: str | None, close_rings: bool
) -> Features:
    if source.format in (formats.CSV, formats.PARQUET):
        features = (
            read_csv(source, encoding=encoding, close_rings=close_rings)
            if source.format is formats.CSV
            else read_parquet(source, close_rings=close_rings)
        )
        if layer not in (None, features.layer):
            raise unreadable(source.shown, "no_layer", layer=layer, layers=(features.layer,))
        return features
    return read_features(source, layer=layer, encoding=encoding, close_rings=close_rings)


def _converted(frame: gpd.GeoDataFrame, *, swap_axes: bool, unit_m: float) -> gpd.GeoDataFrame:
    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return (points[:, ::-1] if swap_axes else points) * unit_m

    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), convert))
