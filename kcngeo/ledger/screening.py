"""From the tables as stored to those as known: cut to the moment, checked, faulty zones apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.errors import ContractError
from kcngeo.core.model import Finding
from kcngeo.core.referential import zone_problems
from kcngeo.core.schema import RECORDED
from kcngeo.core.validation import examined
from kcngeo.ledger.allocations import Allocations, allocate
from kcngeo.ledger.entries import Joined, join
from kcngeo.ledger.faults import astray_findings
from kcngeo.ledger.tables import CORE
from kcngeo.ledger.zone_rows import belongs, zones_of_parcels

if TYPE_CHECKING:
    from kcngeo.ledger.project import Project

MOMENTS = [column.name for column in RECORDED]
"""Columns that say when a row was recorded and when it was superseded."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screened:
    """The tables as known, sound.

    Attributes
    ----------
    frames
        The tables that exist, cast to their contracts, without the columns of the record.
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


def screened(project: Project, cutoff: pd.Timestamp | None, *, sets_apart: bool) -> Screened:
    """Cut, check and join the tables of a project.

    Parameters
    ----------
    project
        The tables as stored.
    cutoff
        The moment, in UTC; None for all that is not superseded.
    sets_apart
        Whether zones at fault are left out; otherwise any fault raises.

    Returns
    -------
    Screened
        The sound tables.

    Raises
    ------
    ContractError
        If something is at fault that belongs to no zone, or anything where zones are not set
        apart; all breaches are listed.
    """
    frames, latest = _on_record(project, cutoff)
    faults = _Faults(sets_apart=sets_apart)
    if not sets_apart:
        _require_contracts(frames)
    frames, broken = _keep_contracts(frames, faults)
    # Who knew what when has been asked: no calculation may ask it again.
    frames = {name: frame.drop(columns=MOMENTS, errors="ignore") for name, frame in frames.items()}
    while True:
        joined = join(frames["parcels"], frames["ledger"])
        allocations, contradictions = allocate(joined)
        found = [
            *zone_problems(frames["zones"], frames["parcels"]),
            *contradictions,
            *astray_findings(frames["zones"], "zones"),
            *astray_findings(frames["parcels"], "parcels"),
        ]
        if not found:
            break
        frames = _without(frames, faults.add(found))
    return Screened(
        frames=frames,
        joined=joined,
        allocations=allocations,
        moment=latest,
        faults=tuple(faults.found),
        broken=broken,
    )


def _require_contracts(frames: dict[str, Any]) -> None:
    """Check every table by itself and list the breaches of all in one error."""
    breaches: list[Finding] = []
    for name, frame in frames.items():
        cast, found = examined(frame, name)
        breaches += found
        frames[name] = cast
    if breaches:
        raise ContractError(breaches)


def _keep_contracts(
    frames: dict[str, Any], faults: _Faults
) -> tuple[dict[str, Any], dict[str, tuple[Finding, ...]]]:
    """Leave out the rows of zones that break a contract, and optional tables that are broken."""
    if not faults.sets_apart:
        return frames, {}
    found = True
    while found:
        found = False
        for name in CORE:
            frames[name], breaches = _breaches(frames, name)
            if breaches:
                frames, found = _without(frames, faults.add(breaches)), True
    broken: dict[str, tuple[Finding, ...]] = {}
    for name in [name for name in frames if name not in CORE]:
        cast, breaches = _breaches(frames, name)
        if all(finding.zone_ids for finding in breaches):
            while breaches:
                faults.add(breaches)
                zone_ids = {zone_id for finding in breaches for zone_id in finding.zone_ids}
                frames[name] = _rows_without(frames[name], frames["parcels"], zone_ids)
                cast, breaches = _breaches(frames, name)
            frames[name] = cast
        else:
            broken[name] = tuple(breaches)
            del frames[name]
    return frames, broken


def _breaches(frames: dict[str, Any], name: str) -> tuple[Any, list[Finding]]:
    """Check a table by itself; a breach of a row without a zone belongs to its parcel's zone."""
    frame = frames[name]
    cast, found = examined(frame, name)
    if found and "zone_id" not in frame.columns and "parcel_id" in frame.columns:
        zone_ids = zones_of_parcels(frame["parcel_id"], frames["parcels"])
        found = examined(frame.assign(zone_id=zone_ids), name)[1]
    return cast, found


def _without(frames: dict[str, Any], found: list[tuple[str, Finding]]) -> dict[str, Any]:
    """Leave out parcels and entries of zones at fault; their own rows only if those are."""
    zone_ids = {zone_id for zone_id, _ in found}
    own = {zone_id for zone_id, finding in found if finding.table == "zones"}
    parcels = frames["parcels"]
    out = frames | {
        name: _rows_without(frames[name], parcels, zone_ids) for name in ("parcels", "ledger")
    }
    # A boundary that is sound still says on which dates its zone counts.
    out["zones"] = frames["zones"][~frames["zones"]["zone_id"].isin(own)]
    return out


def _rows_without(frame: Any, parcels: Any, zone_ids: set[str]) -> Any:
    return frame[~belongs(frame, parcels, lambda zone_id: zone_id in zone_ids)]


def _on_record(
    project: Project, cutoff: pd.Timestamp | None
) -> tuple[dict[str, Any], pd.Timestamp | None]:
    """Keep the rows on record at the moment, and give the latest moment up to then."""
    frames: dict[str, Any] = {}
    latest = []
    for name, frame in project.tables():
        said = _moments(frame)
        keep = pd.Series(True, index=said.index)
        if "superseded_at" in said:
            superseded = said["superseded_at"]
            keep &= superseded.isna() if cutoff is None else ~(superseded <= cutoff)
        if "recorded_at" in said and cutoff is not None:
            # What cannot be read as a moment keeps its row, so that the contract can say so.
            keep &= ~(said["recorded_at"] > cutoff)
        for column in said:
            known = said[column] if cutoff is None else said[column][said[column] <= cutoff]
            latest += [known.max()] if known.notna().any() else []
        rows = keep.to_numpy()
        kept = frame if rows.all() else frame[rows]
        if "superseded_at" in said and said["superseded_at"][rows].notna().any():
            # That a row was superseded later was not known then: then it was an ordinary row.
            unread = said["superseded_at"][rows].isna().to_numpy()
            kept = kept.assign(superseded_at=kept["superseded_at"].where(unread))
        frames[name] = kept
    return frames, max(latest, default=None)


def _moments(frame: pd.DataFrame) -> pd.DataFrame:
    """Read when the rows of a table were recorded and superseded."""
    said = {}
    for column in MOMENTS:
        if column in frame.columns:
            values = frame[column].reset_index(drop=True)
            form = "ISO8601" if values.dtype in ("object", "str") else None
            said[column] = pd.to_datetime(values, utc=True, errors="coerce", format=form)
    return pd.DataFrame(said, index=range(len(frame)))
