"""Contradictions that edits bring into a project, refused with their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers, shown
from kcngeo.core.errors import ContractError
from kcngeo.core.geometry import OVERLAP_M2, invalid_rows, overlaps
from kcngeo.core.model import LEASABLE, Finding, Severity, finding
from kcngeo.core.referential import zone_problems
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import as_known, row_names, validate
from kcngeo.ledger import allocate, join
from kcngeo.ledger.entries import known_projects
from kcngeo.ledger.faults import findings_of, repeat_faults
from kcngeo.ledger.project import Project

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

_MOST_NAMED = 12


def unmeasurable(table: Any, name: str, stamp: pd.Timestamp) -> list[Finding]:
    """List the shapes that were just recorded and have no area."""
    fresh = table.loc[(table["recorded_at"] == stamp).to_numpy()].reset_index(drop=True)
    rows, reasons = invalid_rows(fresh)
    if not len(rows):
        return []
    return [
        finding(
            "geometry_unmeasurable",
            name,
            ids=row_names(fresh, rows, TABLES[name].key[0]),
            reasons=tuple(dict.fromkeys(reasons)),
        )
    ]


def require_no_new_contradiction(old: Project, new: Project, stamp: pd.Timestamp) -> None:
    """Refuse contradictions the edits bring; one that was there before is not their fault."""
    known = {named for one in _contradictions(old) for named in _named(one)}
    # What a ledger begins with is told of its zones, and can be mended entry by entry.
    begins = {"same_entry_twice"} if old.ledger.empty else set()
    problems = [
        one
        for one in _contradictions(new)
        if one.rule not in begins and not set(_named(one)) <= known
    ]
    problems += _new_overlaps(old.parcels, new.parcels, stamp)
    if problems:
        raise ContractError(problems)


def _named(problem: Finding) -> list[tuple[str, str, str]]:
    return [(problem.rule, problem.table, name) for name in problem.ids]


def _contradictions(project: Project) -> list[Finding]:
    zones, _ = _known(project.zones, "zones")
    parcels, problems = _known(project.parcels, "parcels")
    ledger, more = _known(project.ledger, "ledger")
    if problems or more:
        raise ContractError(problems + more)
    tables = join(parcels, ledger, known_projects(project.projects))
    made, found = allocate(tables)
    # It counts once, and is still somebody's second entry.
    twice = findings_of(repeat_faults(made.repeats, tables))
    return found + twice + zone_problems(zones, parcels)


def _known(frame: Any, name: str) -> tuple[Any, list[Finding]]:
    """Give the rows of a table that are on record, as far as they can be cast, and breaches."""
    whole, found = validate(frame, name, errors="collect")
    # It may be only what was superseded that is at fault.
    return validate(as_known(frame), name, errors="collect") if found else (as_known(whole), [])


def _new_overlaps(old: Any, new: Any, stamp: pd.Timestamp) -> list[Finding]:
    """Find lots that overlap on any day since they were edited, and did not before."""
    before, after = (_known(one, "parcels")[0].reset_index(drop=True) for one in (old, new))
    # A project that begins may bring overlaps along: its zones are then told not to be computable.
    if before.empty or "recorded_at" not in after.columns:
        return []
    fresh = (after["recorded_at"] == stamp).to_numpy()
    now = _overlapping(after, near=after[fresh])
    if now.empty:
        return []
    was = _overlapping(before, near=after[fresh])
    both = now.merge(was, on=["one", "other"], how="left", suffixes=("", "_was"))
    there = (both["start_was"] <= both["start"]) & (both["end"] <= both["end_was"])
    old_ones = both[there][["one", "other", "start"]].drop_duplicates()
    told = now.merge(old_ones, on=["one", "other", "start"], how="left", indicator=True)
    told = told[told["_merge"] == "left_only"].sort_values(["one", "other", "start"])
    if told.empty:
        return []
    columns = [told[name].tolist() for name in ("one", "other", "start", "end")]
    pairs = [
        f"{one} × {other} {shown(start)}–{shown(end)}"
        for one, other, start, end in zip(*columns, strict=True)
    ]
    more = [f"+{len(pairs) - _MOST_NAMED}"] if len(pairs) > _MOST_NAMED else []
    return [
        finding(
            "overlap",
            "parcels",
            Severity.ERROR,
            ids=tuple(sorted({*told["one"], *told["other"]})),
            pairs=tuple(pairs[:_MOST_NAMED] + more),
            area_m2=f"{told['area_m2'].sum():.1f}",
        )
    ]


def _overlapping(parcels: gpd.GeoDataFrame, *, near: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the pairs of leasable lots near some shapes that overlap, with the days they do."""
    leasable = np.flatnonzero(parcels["land_use"].isin(LEASABLE))
    lots = parcels.iloc[np.setdiff1d(leasable, invalid_rows(parcels)[0])]
    # Of a province only what lies at the edited lots.
    lots = lots.iloc[np.unique(lots.sindex.query(near.geometry, predicate="intersects")[1])]
    start = day_numbers(lots.get("valid_from"), missing=ALWAYS, length=len(lots))
    end = day_numbers(lots.get("valid_to"), missing=OPEN, length=len(lots))
    shapes = lots[[lots.active_geometry_name]]
    pairs = overlaps(shapes, tolerance_m2=OVERLAP_M2, start=start, end=end)
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    ids = lots["parcel_id"].to_numpy(dtype=object)
    named = [tuple(sorted(pair)) for pair in zip(ids[left], ids[right], strict=True)]
    found = pd.DataFrame(named, columns=["one", "other"])
    found = found.assign(
        start=np.maximum(start[left], start[right]),
        end=np.minimum(end[left], end[right]),
        area_m2=pairs["area_m2"].to_numpy(),
    )
    return found[found["start"] < found["end"]].reset_index(drop=True)
