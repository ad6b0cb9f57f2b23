"""What came of the sources so far, and how their columns become tables of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo import io
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import TABLES
from kcngeo.core.texts import row_name
from kcngeo.io.mapping.review import MappingReview, review_mapping
from kcngeo.update.arrived import Reading
from kcngeo.update.reconcile import Reconciliation


@dataclass(slots=True, kw_only=True)
class Gathered:
    """What came of the sources so far."""

    reading: Reading
    mappings: dict[str, io.ColumnMapping] = field(default_factory=dict)
    tables: dict[str, list[Any]] = field(default_factory=dict)
    findings: dict[Path, list[Finding]] = field(default_factory=dict)
    counts: list[tuple[Path, str, int]] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    lists: dict[Path, io.LedgerRead] = field(default_factory=dict)
    columns: dict[Path, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    seen: list[Reconciliation] = field(default_factory=list)
    copies: list[io.WorkbookRead] = field(default_factory=list)
    registers: dict[Path, pd.DataFrame] = field(default_factory=dict)
    reviews: dict[tuple[Path, str], MappingReview] = field(default_factory=dict)

    def found(self, source: Path, findings: Iterable[Finding]) -> None:
        """Note what was found in a source."""
        self.findings.setdefault(source, []).extend(findings)


def mapped(source: Path, frame: pd.DataFrame, asked: Gathered) -> tuple[str, Any]:
    """Make a table of a project from a source, by the mapping given or proposed."""
    mapping = proposal(source, frame, asked)
    frame, mapping, twice = _named_once(source, frame, mapping, asked)
    mapping = _by_code(source, frame, mapping, asked)
    asked.mappings[mapping.table] = mapping
    made = io.mapped(frame, mapping)
    asked.found(source, made.findings)
    result = made.frame
    flat = without_area(result, mapping.table)
    if flat.any():
        rows = _rows(result, flat)
        asked.found(source, [finding("import_no_area", mapping.table, ids=rows, count=len(rows))])
    if asked.reading.review:
        seen = review_mapping(frame, mapping, asked.findings.get(source, ()))
        asked.reviews[source, mapping.table] = seen
    if asked.reading.partial:
        bad = lacks(result, mapping.table) | flat | broken(result, mapping.table)
        left = [*twice, *_rows(result, bad)]
        result = result[~bad]
        if left:
            rule, count = "import_left_out", len(left)
            note = finding(rule, mapping.table, Severity.WARNING, ids=left, count=count)
            asked.found(source, [note])
    asked.tables.setdefault(mapping.table, []).append(result)
    asked.counts.append((source, mapping.table, len(result)))
    return mapping.table, result


def _named_once(
    source: Path, frame: pd.DataFrame, mapping: io.ColumnMapping, asked: Gathered
) -> tuple[pd.DataFrame, io.ColumnMapping, list[str]]:
    """Tell which lots have no name of their own; leave them out where that is asked for."""
    lot = mapping.columns.get("parcel_id" if "parcel_id" in mapping.columns else "lot_code")
    # Versions of a lot share its name.
    if mapping.table != "parcels" or "valid_from" in mapping.columns or not isinstance(lot, str):
        return frame, mapping, []
    names = frame[lot].astype("str").where(frame[lot].notna())
    again = names.duplicated(keep=False) & names.notna()
    if not (names.isna() | again).any() or not (names.notna() & ~again).any():
        return frame, mapping, []
    asked.found(
        source,
        [
            finding(
                "import_lot_names",
                mapping.table,
                column=lot,
                missing=int(names.isna().sum()),
                values=sorted(set(names[again])) or "–",
            )
        ],
    )
    if not asked.reading.partial:
        return frame, mapping, []
    # A row that is written twice is one row; of two lots of a name nobody knows which it is.
    bad = names.isna() | (again & ~_is_same_row(frame, again)) | (again & names.duplicated())
    kept = frame[~bad]
    return kept, proposal(source, kept, asked), _rows(frame, bad)


def _rows(frame: pd.DataFrame, among: Any) -> list[str]:
    """Name rows as they stand in the source."""
    return [row_name(row) for row in frame.index[among]]


def _is_same_row(frame: pd.DataFrame, among: Any) -> Any:
    """Tell which rows stand there several times, alike in every value and in shape."""
    cells = pd.DataFrame(frame).astype("str")
    if isinstance(frame, gpd.GeoDataFrame):
        cells[frame.active_geometry_name] = frame.geometry.to_wkb(hex=True)
    lots = cells[among].duplicated(keep=False)
    return lots.reindex(frame.index, fill_value=False)


def proposal(source: Path, frame: pd.DataFrame, asked: Gathered) -> io.ColumnMapping:
    """Give the mapping that was given, or propose one."""
    if not len(frame) and asked.reading.table is None:
        raise KcngeoError("import_no_rows", path=source)
    said = {"zone_id": asked.reading.zone, "land_use": asked.reading.land_use}
    given = {name: value for name, value in said.items() if value is not None}
    name = asked.reading.layer or source.stem
    proposal = io.propose_mapping(frame, table=asked.reading.table, name=name)
    fixed = {one: given[one] for one in proposal.missing if one in given}
    if fixed:
        proposal = io.propose_mapping(frame, table=proposal.table, fixed=fixed)
    mapping = asked.reading.mappings.get(proposal.table, proposal)
    if mapping is not proposal:
        more = {one: given[one] for one in mapping.missing if one in given}
        mapping = replace(mapping, fixed={**more, **mapping.fixed})
    return mapping


def _by_code(
    source: Path, frame: pd.DataFrame, mapping: io.ColumnMapping, asked: Gathered
) -> io.ColumnMapping:
    """Let the function of lots follow from their code, where somebody said which from which."""
    said, code = asked.reading.land_uses, mapping.columns.get("land_use_code")
    is_open = mapping.table == "parcels" and "land_use" in mapping.missing
    if said is None or not is_open or not isinstance(code, str):
        return mapping
    codes = frame[code].dropna().astype("str").str.strip()
    strange = sorted(set(codes) - set(said))
    meant = {one: said[one] for one in sorted(set(codes)) if one in said}
    told = [f"{one} → {use}" for one, use in meant.items()]
    found = [
        finding(
            "import_land_use_said",
            "parcels",
            Severity.NOTE,
            count=int(codes.isin(meant).sum()),
            path=asked.reading.land_uses_from,
            values=told,
        )
    ]
    if strange:
        count = int(codes.isin(strange).sum())
        found.append(finding("import_land_use_unsaid", "parcels", count=count, values=strange))
    asked.found(source, found)
    meanings = {**mapping.meanings, "land_use": meant}
    return replace(mapping, columns={**mapping.columns, "land_use": code}, meanings=meanings)


def lacks(frame: pd.DataFrame, table: str) -> Any:
    """Find the rows without a value that their table must have."""
    required = [column.name for column in TABLES[table].columns if column.required]
    there = [name for name in required if name in frame.columns]
    return frame[there].isna().any(axis=1).to_numpy()


def without_area(frame: pd.DataFrame, table: str) -> Any:
    """Find lots that are no areas: without a shape, points, lines."""
    if table != "parcels" or not isinstance(frame, gpd.GeoDataFrame):
        return np.zeros(len(frame), bool)
    is_area = frame.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    return ~is_area | frame.geometry.is_empty.to_numpy()


def broken(frame: pd.DataFrame, table: str) -> Any:
    """Find lots whose shape cannot be measured; it was told when they were read."""
    if table != "parcels" or not isinstance(frame, gpd.GeoDataFrame):
        return np.zeros(len(frame), bool)
    return ~frame.geometry.is_valid.to_numpy()


def one_frame(frames: list[Any]) -> Any:
    """Put the frames of several sources together."""
    if len(frames) == 1:
        return frames[0]
    both = pd.concat(frames, ignore_index=True)
    return both if not isinstance(frames[0], gpd.GeoDataFrame) else gpd.GeoDataFrame(both)
