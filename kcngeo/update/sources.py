"""What arrives from elsewhere: layers, lease lists, workbooks, brought into the form of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from kcngeo import io
from kcngeo.core.checked_once import each_once
from kcngeo.core.errors import ContractError, DataSourceError, KcngeoError
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import ENTERED, RECORDED, TABLES
from kcngeo.core.validation import as_known
from kcngeo.ledger.declared import TABLE as DECLARED
from kcngeo.ledger.project import Project
from kcngeo.update import declared_sheet
from kcngeo.update.apply import apply
from kcngeo.update.arrived import Arrived, BroughtIn, Reading
from kcngeo.update.companies import companies
from kcngeo.update.difference import Difference, difference
from kcngeo.update.gathered import Gathered, lacks, mapped, one_frame
from kcngeo.update.ingest import arriving
from kcngeo.update.layers import read_layers
from kcngeo.update.reconcile import Reconciliation, reconcile
from kcngeo.update.reconcile_lines import OF_THE_LIST
from kcngeo.update.workbooks import merged_workbook

# What a list does not say and the ledger may know.
_SETTLED = ("sheet_start_missing", "sheet_ended_undated")


def read_sources(
    sources: Sequence[Path], reading: Reading, *, old: Project | None = None
) -> Arrived:
    """Read layers, lease lists, workbooks and tables.

    Parameters
    ----------
    sources
        The files.
    reading
        How.
    old
        The project they are for, whose parcels and zones lists may name.

    Returns
    -------
    Arrived
        What they hold.

    Raises
    ------
    DataSourceError
        If a source is missing or cannot be read.
    KcngeoError
        If it is not clear which table a source is.
    """
    given = reading.mappings
    if len(given) == 1 and reading.table is None and not reading.all_layers:
        reading = replace(reading, table=next(iter(given)))
    asked = Gathered(reading=reading)
    lists = []
    for source in sources:
        kind = _kind(source, reading)
        if kind == "list":
            lists.append(source)
        elif kind in ("layer", "corners"):
            read_layers(source, asked, old, is_corners=kind == "corners")
        elif kind == "declared":
            told = replace(asked, reading=replace(reading, table=DECLARED))
            _table(source, told, old)
        else:
            {"workbook": _workbook, "table": _table}[kind](source, asked, old)
    # Last, as their rows name parcels of the other sources.
    for source in lists:
        _list(source, asked, old)
    return Arrived(
        tables={name: one_frame(frames) for name, frames in asked.tables.items()},
        whole=frozenset(asked.whole),
        mappings=asked.mappings,
        findings={source: tuple(found) for source, found in asked.findings.items()},
        counts=tuple(asked.counts),
        lists=asked.lists,
        columns=asked.columns,
        reading=reading,
        seen=tuple(asked.seen),
        copies=tuple(asked.copies),
        registers=asked.registers,
        reviews=asked.reviews,
    )


@each_once()
def bring_in(
    arrived: Arrived,
    *,
    old: Project | None = None,
    recorded_at: str | None = None,
    valid_from: str | None = None,
    remove: bool = False,
) -> BroughtIn:
    """Make the project: a new one of what arrived, or the old one with the edits on record.

    Parameters
    ----------
    arrived
        What arrived.
    old
        The project as it is; None if there is none.
    recorded_at
        When it was recorded; None for now.
    valid_from
        First day of new shapes and uses; None if the old ones were wrong.
    remove
        Whether rows that a table that arrived whole no longer has are removed.

    Returns
    -------
    BroughtIn
        The project and its edits.

    Raises
    ------
    ContractError
        If the tables contradict each other.
    KcngeoError
        If there is no project and zones or parcels did not arrive; if a workbook that left a
        project is not of this one, or does not arrive alone.
    """
    tables = dict(arrived.tables)
    if old is not None and arrived.copies:
        if tables or arrived.lists or len(arrived.copies) > 1:
            raise KcngeoError("import_workbook_alone")
        merged = merged_workbook(old, arrived.copies[0], remove=remove)
        if len(merged.clashes) or merged.changes.empty:
            return BroughtIn(project=None, changes=merged.changes, merged=merged)
        after = apply(old, merged.changes, recorded_at=recorded_at, valid_from=valid_from)
        return BroughtIn(project=after, changes=merged.changes, merged=merged)
    if old is not None:
        # Without a day the old shapes were wrong, and a split is none.
        split = valid_from is not None
        changes = arriving(old, tables, whole=arrived.whole, remove=remove, parents_end=split)
        changes, reconciled = _reconciled(old, changes, arrived)
        made = BroughtIn(project=None, changes=changes, reconciled=reconciled)
        if changes.empty or made.asked:
            return made
        after = apply(old, changes, recorded_at=recorded_at, valid_from=valid_from)
        return replace(made, project=after)
    missing = [name for name in ("zones", "parcels") if name not in tables]
    if missing:
        raise KcngeoError("import_needs", tables=missing)
    empty = Project(
        zones=tables["zones"].iloc[:0],
        parcels=tables["parcels"].iloc[:0],
        ledger=dict(io.empty_project(tables["zones"].crs).tables())["ledger"],
    )
    # Contradictions are found by the same rules as in any update; nothing was on record before.
    proven = apply(empty, arriving(empty, tables), recorded_at=recorded_at)
    if recorded_at is not None:
        return BroughtIn(project=proven)
    plain: dict[str, Any] = {
        name: frame.drop(columns=[one.name for one in RECORDED], errors="ignore")
        for name, frame in proven.tables()
    }
    return BroughtIn(project=Project(**plain))


def _reconciled(
    old: Project, changes: Difference, arrived: Arrived
) -> tuple[Difference, tuple[Reconciliation, ...]]:
    """Bring lists into the ledger one after the other, beside what else arrives."""
    reading, result = arrived.reading, []
    came: dict[str, Any] = {
        name: frame
        for name, frame in changes.new.items()
        if isinstance(frame, gpd.GeoDataFrame) or TABLES[name].geometry == ""
    }
    now = Project(**{**dict(old.tables()), **came})
    for source, read in arrived.lists.items():
        made = _beside(now, source, read, reading)
        errors = [one for one in made.findings if one.severity is Severity.ERROR]
        if errors and not reading.partial:
            raise ContractError(errors)
        now = replace(now, ledger=made.ledger)
        result.append(made)
    if not result:
        return changes, ()
    whole = difference(old, {**changes.new, "ledger": now.ledger})
    told = [one for one in whole.findings if one.rule != "table_absent"]
    told += [one for one in changes.findings if one not in told]
    return replace(whole, findings=tuple(told)), tuple(result)


def _beside(now: Project, source: Path, read: io.LedgerRead, reading: Reading) -> Reconciliation:
    return reconcile(
        now,
        read,
        on=reading.on,
        missing=reading.missing,
        ends_on=reading.ends_on,
        source=source.name,
    )


def _kind(source: Path, reading: Reading) -> str:
    """Tell how a source is to be read: its headings say so, unless the user does."""
    if not source.exists():
        raise DataSourceError("sheet_missing", path=source)
    kind = io.kind_of(source, encoding=reading.encoding)
    if kind == "declared" and reading.table in (None, DECLARED):
        return kind
    kind = "table" if kind == "declared" else kind
    if kind not in ("list", "table") or reading.table is None:
        return kind
    return "list" if reading.table == "ledger" and "ledger" not in reading.mappings else "table"


def _table(source: Path, asked: Gathered, old: Project | None) -> None:
    if asked.reading.table is None:
        raise KcngeoError("import_which_table", path=source, tables=" | ".join(ENTERED))
    read = io.read_table(
        source,
        table=asked.reading.table,
        sheet=asked.reading.sheet,
        encoding=asked.reading.encoding,
    )
    asked.found(source, read.findings)
    if asked.reading.table == DECLARED:
        _declared(source, read.frame, asked, old)
    else:
        mapped(source, read.frame, asked)


def _declared(source: Path, frame: pd.DataFrame, asked: Gathered, old: Project | None) -> None:
    """Read declared accounts as people type them; everything that is wrong is told at once."""
    table, places = DECLARED, [str(one) for one in frame.index]
    # Rows at fault are left out where it is known which are.
    typed = declared_sheet.typed(frame)
    mappings = {table: declared_sheet.mapping_of(typed, name=source.stem), **asked.reading.mappings}
    reading = replace(asked.reading, partial=False, mappings=mappings)
    gathered = replace(asked, findings={}, reading=reading)
    mapped(source, typed, gathered)
    read = declared_sheet.at_places(gathered.findings.get(source, []), places)
    zones = None if old is None else old.zones
    zones = one_frame(asked.tables["zones"]) if "zones" in asked.tables else zones
    rows, sound, found = declared_sheet.in_zones(asked.tables[table][-1], zones, places, read)
    asked.tables[table][-1] = rows[sound] if asked.reading.partial else rows
    asked.counts[-1] = (source, table, len(asked.tables[table][-1]))
    asked.found(source, (*read, *declared_sheet.not_taken(frame, asked.mappings[table]), *found))


def _workbook(source: Path, asked: Gathered, old: Project | None) -> None:
    read = io.read_workbook(source)
    asked.found(source, read.findings)
    tables = {
        table: frame[~lacks(frame, table)] if asked.reading.partial else frame
        for table, frame in read.tables.items()
    }
    asked.counts += [(source, table, len(kept)) for table, kept in tables.items() if len(kept)]
    if old is not None and read.taken is not None:
        # It is merged from what it was when it left.
        asked.copies.append(replace(read, tables=tables))
        return
    for table, kept in tables.items():
        asked.tables.setdefault(table, []).append(kept)
        asked.whole.add(table)


def _list(source: Path, asked: Gathered, old: Project | None) -> None:
    """Read a lease list; its lots are those of this import, else of the project."""
    known = {} if old is None else dict(old.tables())
    known |= {name: one_frame(frames) for name, frames in asked.tables.items()}
    parcels, zones = known.get("parcels"), known.get("zones")
    read = io.read_ledger(
        source,
        sheet=asked.reading.sheet,
        year=asked.reading.year,
        zone_id=asked.reading.zone,
        parcels=None if parcels is None or parcels.empty else parcels,
        zones=zones,
        status=asked.reading.status,
        area_unit=asked.reading.area_unit,
        encoding=asked.reading.encoding,
        on=asked.reading.on,
    )
    asked.columns[source] = read.columns
    read = _with_projects(source, read, asked, old)
    if old is not None and len(as_known(old.ledger)):
        asked.found(source, _settled(source, read, asked, old))
        asked.lists[source] = read
        asked.counts.append((source, "ledger", len(read.frame)))
        return
    asked.found(source, read.findings)
    frame = read.frame[~read.at_fault] if asked.reading.partial else read.frame
    # A column a list does not have says nothing of what the ledger holds in it.
    kept = frame.drop(columns=list(OF_THE_LIST)).dropna(axis="columns", how="all")
    asked.tables.setdefault("ledger", []).append(kept)
    asked.counts.append((source, "ledger", len(kept)))


def _with_projects(
    source: Path, read: io.LedgerRead, asked: Gathered, old: Project | None
) -> io.LedgerRead:
    """Make projects of the tenants of a list, where that is asked for."""
    given = asked.reading.companies
    if given is None:
        return read
    known = [*asked.tables.get("projects", [])]
    if old is not None and old.projects is not None:
        known.append(as_known(old.projects))
    lines = read.frame[~read.at_fault] if asked.reading.partial else read.frame
    made = companies(lines, projects=one_frame(known) if known else None, given=given)
    asked.registers[source] = made.register
    if len(made.projects):
        asked.tables.setdefault("projects", []).append(made.projects)
        asked.counts.append((source, "projects", len(made.projects)))
    named = read.frame["project_id"].astype("str").fillna(made.project_ids)
    return replace(read, frame=read.frame.assign(project_id=named))


def _settled(
    source: Path, read: io.LedgerRead, asked: Gathered, old: Project
) -> tuple[Finding, ...]:
    """Give the findings of a list without those that the ledger answers: a day it knows."""
    if read.on is None:
        told = any(one.rule == "sheet_two_days" for one in read.findings)
        no_day = finding("list_no_day", "ledger", ids=[source.name])
        return read.findings if told else (*read.findings, no_day)
    made = _beside(old, source, read, asked.reading)
    asked.seen.append(made)
    kept = (
        one for one in read.findings if one.rule not in _SETTLED or not set(one.ids) <= made.settled
    )
    return (*kept, *made.findings)
