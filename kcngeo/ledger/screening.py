"""From the tables as stored to those as known: cut to the moment, checked, faulty zones apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import moment
from kcngeo.core.errors import ContractError
from kcngeo.core.model import Finding, finding
from kcngeo.core.referential import zone_problems
from kcngeo.core.schema import MOMENTS, RECORDED, TABLES, Kind
from kcngeo.core.validation import validate
from kcngeo.ledger.allocations import Allocations, allocate
from kcngeo.ledger.declared import TABLE as DECLARED
from kcngeo.ledger.declared import declared_problems
from kcngeo.ledger.entries import Joined, join
from kcngeo.ledger.faults import astray_findings
from kcngeo.ledger.tables import CORE
from kcngeo.ledger.zone_rows import belongs, zones_of_parcels

if TYPE_CHECKING:
    from kcngeo.core.dates import Moment
    from kcngeo.ledger.project import Project

_MOMENT = pd.DatetimeTZDtype("us", "UTC")
BOOKKEEPING = [column.name for column in RECORDED]
"""Columns that say when a row was recorded and when it was superseded."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screened:
    """The tables as known, sound.

    Attributes
    ----------
    frames
        The tables that exist, cast to their contracts, without the columns of the record.
    given
        The same with the rows of zones at fault, as far as they can be cast.
    recorded
        The tables on record at the moment as they were stored.
    since
        The day of the first entry, of zones at fault too; None without entries.
    joined
        Parcels and ledger, joined.
    allocations
        What is held of every parcel version.
    moment
        The latest moment on record up to the one asked for.
    faults
        Zones whose rows are at fault, with the finding.
    broken
        Optional tables that break their contract as a whole, with the findings.
    """

    frames: dict[str, Any]
    given: dict[str, Any]
    recorded: dict[str, Any]
    since: pd.Timestamp | None
    joined: Joined
    allocations: Allocations
    moment: pd.Timestamp | None
    faults: tuple[tuple[str, Finding], ...]
    broken: dict[str, tuple[Finding, ...]]


class _Faults:
    """Zones at fault so far; where zones are not set apart, the first fault raises."""

    def __init__(self, *, sets_apart: bool) -> None:
        self.sets_apart = sets_apart
        self.found: list[tuple[str, Finding]] = []

    def add(self, findings: Iterable[Finding]) -> list[tuple[str, Finding]]:
        """Note findings and say which zones they are about; what belongs to none raises."""
        findings = list(findings)
        stops = findings if not self.sets_apart else [one for one in findings if not one.zone_ids]
        if stops:
            raise ContractError(stops)
        more = [(zone_id, finding) for finding in findings for zone_id in finding.zone_ids]
        self.found += more
        return more


def screened(
    project: Project,
    cutoff: pd.Timestamp | None,
    *,
    sets_apart: bool,
    failed: Mapping[str, str] | None = None,
) -> Screened:
    """Cut, check and join the tables of a project; zones that failed count as zones at fault."""
    recorded, latest = _on_record(project, cutoff)
    frames = recorded
    faults = _Faults(sets_apart=sets_apart)
    # A zone at fault loses its parcels; whose zone a building or an entry is must still be known.
    owners = pd.DataFrame(frames["parcels"]).reindex(columns=["parcel_id", "zone_id"])
    checks = {name: _breaches(frames, name, owners) for name in frames}
    given = {name: _readable(cast, name) for name, (cast, _) in checks.items()}
    if not sets_apart:
        faults.add(finding for _, found in checks.values() for finding in found)
    frames, broken = _keep_contracts(frames, checks, faults, owners)
    if failed:
        faults.add(
            finding("zone_failed", "zones", ids=[zone_id], zone_ids=[zone_id], reason=reason)
            for zone_id, reason in failed.items()
        )
        frames = _without(frames, faults.found, owners)
    given = {name: frame for name, frame in given.items() if name not in broken}
    # Who knew what when has been asked: no calculation may ask it again.
    settled = {name: _settled(frame) for name, frame in frames.items()}
    given = {
        # Mostly the same frame, which is then cut once.
        name: settled[name] if frame is frames.get(name) else _settled(frame)
        for name, frame in given.items()
    }
    frames = settled
    # A zone that is left out takes entries along, whose absence may show the next fault.
    while True:
        left_out = _of_zones(given["parcels"], faults)
        joined = join(
            frames["parcels"], frames["ledger"], frames.get("projects"), left_out=left_out
        )
        allocations, contradictions = allocate(joined)
        found = [*zone_problems(frames["zones"], frames["parcels"]), *contradictions]
        if sets_apart:
            # Otherwise the guard of the CRS names the rows that lie where it does not hold.
            found += astray_findings(frames["zones"], "zones")
            found += astray_findings(frames["parcels"], "parcels")
        if not found:
            break
        faults.add(found)
        frames = _without(frames, faults.found, owners)
    frames = _sound_declared(frames, faults)
    return Screened(
        frames=frames,
        given=given,
        recorded=recorded,
        since=_first_day(given["ledger"]),
        joined=joined,
        allocations=allocations,
        moment=latest,
        faults=tuple(faults.found),
        broken=broken,
    )


def _keep_contracts(
    frames: dict[str, Any],
    checks: dict[str, tuple[Any, list[Finding]]],
    faults: _Faults,
    owners: pd.DataFrame,
) -> tuple[dict[str, Any], dict[str, tuple[Finding, ...]]]:
    """Leave out the rows of zones that break a contract, and optional tables that are broken."""
    frames = frames | {name: cast for name, (cast, found) in checks.items() if not found}
    pending = {name: found for name, (_, found) in checks.items() if found}
    # Until all three tables hold: each loses rows to the faults of the others.
    while at_fault := [name for name in CORE if name in pending]:
        for name in at_fault:
            faults.add(pending.pop(name))
            frames = _without(frames, faults.found, owners)
        for name in CORE:
            frames[name], found = _breaches(frames, name, owners)
            if found:
                pending[name] = found
    broken: dict[str, tuple[Finding, ...]] = {}
    for name, found in pending.items():
        # Nobody can say whose figures such a row would move, so the table is left out whole.
        if not all(finding.zone_ids for finding in found):
            if name == DECLARED:
                # Whole zones live on it: without it a total would be short of them.
                raise ContractError(found)
            broken[name] = tuple(found)
            del frames[name]
            continue
        while found:
            zone_ids = {zone_id for zone_id, _ in faults.add(found)}
            frames[name] = _rows_without(frames[name], owners, zone_ids)
            frames[name], found = _breaches(frames, name, owners)
    return frames, broken


def _sound_declared(frames: dict[str, Any], faults: _Faults) -> dict[str, Any]:
    """Leave out the declared accounts of zones of which one contradicts itself."""
    declared = frames.get(DECLARED)
    if declared is None:
        return frames
    # A zone whose own rows are at fault is still a zone.
    zone_ids = [*frames["zones"]["zone_id"], *(zone_id for zone_id, _ in faults.found)]
    found = faults.add(declared_problems(declared, pd.DataFrame({"zone_id": zone_ids})))
    gone = {zone_id for zone_id, _ in found}
    return frames | {DECLARED: declared[~declared["zone_id"].isin(gone)]}


def _settled(frame: Any) -> Any:
    said = [column for column in BOOKKEEPING if column in frame.columns]
    return frame.drop(columns=said) if said else frame


def _readable(frame: Any, name: str) -> Any:
    """Read the days of a table as far as they are days; the others are missing."""
    days = {
        column.name: _days(frame[column.name])
        for column in TABLES[name].columns
        if column.kind is Kind.DATE
        and column.name in frame.columns
        and not pd.api.types.is_datetime64_any_dtype(frame[column.name].dtype)
    }
    return frame.assign(**days) if days else frame


def _days(values: pd.Series) -> pd.Series:
    """Read days; a number is none, whatever pandas would make of it."""
    is_number = [isinstance(one, (int, float, np.number)) for one in values]
    words = values.astype("object").mask(np.array(is_number, dtype=bool))
    return pd.to_datetime(words, errors="coerce", format="ISO8601")


def _breaches(frames: dict[str, Any], name: str, owners: pd.DataFrame) -> tuple[Any, list[Finding]]:
    """Check a table by itself; a breach of a row without a zone belongs to its parcel's zone."""
    frame = frames[name]
    cast, found = validate(frame, name, errors="collect")
    if found and "zone_id" not in frame.columns and "parcel_id" in frame.columns:
        zone_ids = zones_of_parcels(frame["parcel_id"], owners)
        found = validate(frame.assign(zone_id=zone_ids), name, errors="collect")[1]
    return cast, found


def _without(
    frames: dict[str, Any], found: list[tuple[str, Finding]], owners: pd.DataFrame
) -> dict[str, Any]:
    """Leave out parcels and entries of zones at fault; their own rows only if those are."""
    zone_ids = {zone_id for zone_id, _ in found}
    own = {zone_id for zone_id, finding in found if finding.table == "zones"}
    out = frames | {
        name: _rows_without(frames[name], owners, zone_ids) for name in ("parcels", "ledger")
    }
    # A boundary that is sound still says on which dates its zone counts.
    out["zones"] = frames["zones"][~frames["zones"]["zone_id"].isin(own)]
    return out


def _of_zones(frame: Any, faults: _Faults) -> Any:
    """Give the rows of the zones at fault so far."""
    return frame[frame["zone_id"].isin({zone_id for zone_id, _ in faults.found})]


def _rows_without(frame: Any, owners: pd.DataFrame, zone_ids: set[str]) -> Any:
    return frame[~belongs(frame, owners, lambda zone_id: zone_id in zone_ids)]


def stored_frames(project: Project, cutoff: pd.Timestamp) -> dict[str, Any]:
    """Give the tables as they were stored at a moment."""
    frames: dict[str, Any] = {}
    for name, frame in project.tables():
        said = _moments(frame)
        # What cannot be read as a moment stays, so that the contract can say so.
        if "recorded_at" in said:
            rows = ~(said["recorded_at"] > cutoff).to_numpy()
            if not rows.all():
                frame, said = frame[rows], {column: when[rows] for column, when in said.items()}
        if "superseded_at" in said:
            later = (said["superseded_at"] > cutoff).to_numpy()
            if later.any():
                frame = frame.assign(superseded_at=frame["superseded_at"].where(~later))
        frames[name] = frame
    return frames


def _on_record(
    project: Project, cutoff: pd.Timestamp | None
) -> tuple[dict[str, Any], pd.Timestamp | None]:
    """Keep the rows on record at the moment, and give the latest moment up to then."""
    stored = dict(project.tables()) if cutoff is None else stored_frames(project, cutoff)
    said = {name: _moments(frame) for name, frame in stored.items()}
    frames = dict(stored)
    for name, frame in stored.items():
        if "superseded_at" in said[name]:
            rows = said[name]["superseded_at"].isna().to_numpy()
            frames[name] = frame if rows.all() else frame[rows]
    return frames, _latest(said.values())


def first_entry(project: Project, t: Moment | None) -> pd.Timestamp | None:
    """Give the day of the first entry on record at a moment, of zones at fault too."""
    stored = dict(project.tables()) if t is None else stored_frames(project, moment(t))
    ledger = stored["ledger"]
    said = _moments(ledger)
    if "superseded_at" in said:
        ledger = ledger[said["superseded_at"].isna().to_numpy()]
    return _first_day(_readable(ledger, "ledger"))


def _first_day(ledger: Any) -> pd.Timestamp | None:
    """Give the first day of entries; None without any."""
    first = ledger["valid_from"].min() if "valid_from" in ledger else pd.NaT
    return None if pd.isna(first) else first


def latest_moment(project: Project) -> pd.Timestamp | None:
    """Give the latest moment at which a row of any table was recorded or superseded."""
    return _latest(_moments(frame) for _, frame in project.tables())


def _latest(said: Iterable[dict[str, pd.Series]]) -> pd.Timestamp | None:
    latest = [when.max() for moments in said for when in moments.values()]
    return max((one for one in latest if not pd.isna(one)), default=None)


def _moments(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Read when the rows of a table were recorded and superseded."""
    said = {}
    for column in (one.name for one in MOMENTS):
        if column in frame.columns:
            values = frame[column]
            if values.dtype != _MOMENT:
                form = "ISO8601" if values.dtype in ("object", "str") else None
                values = pd.to_datetime(values, utc=True, errors="coerce", format=form)
            said[column] = values
    return said
