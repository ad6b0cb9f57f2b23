"""Layers of files: read one or all, told what they were taken for, brought to the project's CRS."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from kcngeo import io
from kcngeo.core.crs import operation_to, require_same_crs, to_crs
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import ENTERED, TABLES
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger.project import Project
from kcngeo.update.arrived import Reading
from kcngeo.update.gathered import Gathered, mapped, one_frame, proposal

_CERTIFICATE = "certificate_area_m2"
_DRAWINGS = (".dxf", ".dgn")
# What is said of a layer that is but a table, and of its CRS.
_OF_SHAPES = ("layer_no_geometry", "shape_missing", *io.CRS_RULES)


def read_layers(source: Path, asked: Gathered, old: Project | None, *, is_corners: bool) -> None:
    """Read the layer of a source, or every one of it; each is told, whatever became of it."""
    reading = asked.reading
    if _is_drawn(source, reading) and reading.table is None:
        # What is made of the lines of a drawing is lots, whatever its file is called.
        reading = replace(reading, table="parcels")
        asked = replace(asked, reading=reading)
    names = () if is_corners or not reading.all_layers else io.list_layers(source)
    if len(names) < 2 or reading.layer is not None:
        _layer(source, _read(source, reading, is_corners=is_corners), asked, old)
        return
    if {"zones", "parcels", "ledger"} <= set(names):
        # Its history would be taken for rows of today.
        raise KcngeoError("import_is_project", path=source)
    found: list[tuple[str, io.LayerRead, Any, io.ColumnMapping]] = []
    for name in names:
        # A layer that has the name of a table is that table.
        table = name if reading.table is None and name in ENTERED else reading.table
        one = replace(reading, layer=name, table=table)
        try:
            read = _read(source, one, is_corners=False)
        except DataSourceError as error:
            asked.found(source, [_left("layer_unread", name, reason=error)])
            continue
        is_table = read.frame.geometry.isna().all()
        frame = pd.DataFrame(read.frame.drop(columns="geometry")) if is_table else read.frame
        try:
            mapping = proposal(source, frame, replace(asked, reading=one))
            found.append((name, read, frame, mapping))
        except KcngeoError:
            columns = [str(column) for column in frame.columns]
            asked.found(source, [_left("layer_fits_none", name, columns=columns)])
    # Fences first: lots are held against them.
    for name, read, frame, mapping in sorted(found, key=lambda one: one[3].table != "zones"):
        lacks = () if mapping.table in reading.mappings else _unsaid(mapping, reading)
        if lacks and reading.partial:
            asked.found(source, [_left("layer_lacks", name, as_table=mapping.table, columns=lacks)])
            continue
        note = finding(
            "layer_taken", source.stem, Severity.NOTE, layer=name, as_table=mapping.table
        )
        asked.found(source, [note])
        mine = replace(asked, reading=replace(reading, layer=name, table=mapping.table))
        # A table without shapes has none to be missing.
        if not TABLES[mapping.table].geometry:
            asked.found(source, (one for one in read.findings if one.rule not in _OF_SHAPES))
            mapped(source, pd.DataFrame(frame).drop(columns="geometry", errors="ignore"), mine)
        else:
            _layer(source, read, mine, old)


def _left(rule: str, layer: str, **fields: Any) -> Finding:
    return finding(rule, layer, Severity.WARNING, layer=layer, **fields)


def _unsaid(mapping: io.ColumnMapping, reading: Reading) -> tuple[str, ...]:
    """Name what a table must have and nothing says, by columns or by the table of codes."""
    said = reading.land_uses is not None and "land_use_code" in mapping.columns
    return tuple(one for one in mapping.missing if not (said and one == "land_use"))


def _is_drawn(source: Path, reading: Reading) -> bool:
    """Tell whether lots are made of the lines of this source."""
    return reading.drawing is not None and source.suffix.lower() in _DRAWINGS


def _read(source: Path, reading: Reading, *, is_corners: bool) -> io.LayerRead:
    """Read a layer, a table of corners, or the lots of a drawing."""
    shared: dict[str, Any] = {
        name: getattr(reading, name) for name in ("crs", "encoding", "swap_axes", "unit_m")
    }
    if is_corners:
        return io.read_corners(source, sheet=reading.sheet, province=reading.province, **shared)
    if _is_drawn(source, reading) and (how := reading.drawing) is not None:
        return io.lots_from_cad(
            source,
            snap_m=how.snap_m,
            line_layers=how.line_layers or None,
            text_layers=how.text_layers or None,
            symbol_m2=how.symbol_m2,
            **shared,
        )
    return io.read_layer(
        source,
        layer=reading.layer,
        close_rings=reading.close_rings,
        province=reading.province,
        **shared,
    )


def _layer(source: Path, read: io.LayerRead, asked: Gathered, old: Project | None) -> None:
    asked.found(source, (one for one in read.findings if one.rule not in io.CRS_RULES))
    table, frame = mapped(source, read.frame, asked)
    # What a column means is known by now, so areas on paper and the fences can prove the CRS.
    there = table == "parcels" and _CERTIFICATE in frame.columns
    proof = io.crs_findings(
        frame,
        table=source.stem,
        reference=_fences(asked, old) if table == "parcels" else None,
        certificate=_CERTIFICATE if there and frame[_CERTIFICATE].notna().any() else None,
        province=asked.reading.province,
    )
    asked.found(source, proof)
    if all(one.severity is not Severity.ERROR for one in proof):
        _bring_to_crs(source, table, asked, old)


def _bring_to_crs(source: Path, table: str, asked: Gathered, old: Project | None) -> None:
    """Bring the layer that came last to the CRS of the project, and say by which operation."""
    crs = asked.reading.to_crs or (None if old is None else old.zones.crs)
    *others, frame = asked.tables[table]
    if frame.crs is None:
        return
    if crs is None and others:
        require_same_crs(**{table: others[0], source.name: frame})
    if crs is None or frame.crs == crs:
        return
    operation = operation_to(frame, crs)
    asked.tables[table][-1] = brought = to_crs(frame, crs)
    asked.found(
        source,
        [
            finding(
                "layer_brought_to_crs",
                source.stem,
                Severity.NOTE,
                crs=operation.source,
                target=operation.target,
                operation=operation.name,
                codes=", ".join(operation.codes) or "–",
                before_ha=_hectares(frame),
                after_ha=_hectares(brought),
            )
        ],
    )


def _hectares(frame: gpd.GeoDataFrame) -> str:
    """Tell what a layer holds on its grid; a dash where it is in degrees."""
    return f"{frame.area.sum() / M2_PER_HA:.4f}" if frame.crs.is_projected else "–"


def _fences(asked: Gathered, old: Project | None) -> Any:
    """Give the zones that lots must lie near: those that arrived, else those of the project."""
    frames = asked.tables.get("zones", [])
    zones = one_frame(frames) if frames else None if old is None else old.zones
    return None if zones is None or zones.empty or zones.crs is None else zones
