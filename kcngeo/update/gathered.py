"""What came of the sources so far, and how their columns become tables of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from kcngeo import io
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import TABLES
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

    def found(self, source: Path, findings: Iterable[Finding]) -> None:
        """Note what was found in a source."""
        self.findings.setdefault(source, []).extend(findings)


def mapped(source: Path, frame: pd.DataFrame, asked: Gathered) -> tuple[str, Any]:
    """Make a table of a project from a source, by the mapping given or proposed."""
    mapping = proposal(source, frame, asked)
    mapping = _by_code(source, frame, mapping, asked)
    asked.mappings[mapping.table] = mapping
    made = io.mapped(frame, mapping)
    asked.found(source, made.findings)
    result = made.frame
    if asked.reading.partial:
        result = result[~lacks(result, mapping.table)]
    asked.tables.setdefault(mapping.table, []).append(result)
    asked.counts.append((source, mapping.table, len(result)))
    return mapping.table, made.frame


def proposal(source: Path, frame: pd.DataFrame, asked: Gathered) -> io.ColumnMapping:
    """Give the mapping that was given, or propose one."""
    fixed = {} if asked.reading.zone is None else {"zone_id": asked.reading.zone}
    name = asked.reading.layer or source.stem
    proposal = io.propose_mapping(frame, table=asked.reading.table, name=name)
    if fixed and "zone_id" in proposal.missing:
        proposal = io.propose_mapping(frame, table=proposal.table, fixed=fixed)
    mapping = asked.reading.mappings.get(proposal.table, proposal)
    if mapping is not proposal and fixed and "zone_id" not in mapping.columns:
        mapping = replace(mapping, fixed={**fixed, **mapping.fixed})
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


def one_frame(frames: list[Any]) -> Any:
    """Put the frames of several sources together."""
    if len(frames) == 1:
        return frames[0]
    both = pd.concat(frames, ignore_index=True)
    return both if not isinstance(frames[0], gpd.GeoDataFrame) else gpd.GeoDataFrame(both)
