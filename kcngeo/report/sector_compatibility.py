"""Which free lots a newcomer of a sector could not take beside today's neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.analysis import conflicts
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, Severity, Status
from kcngeo.core.validation import distinct, validate
from kcngeo.ledger import Snapshot

if TYPE_CHECKING:
    import geopandas as gpd

_NEWCOMER = "?"


def unsuitable(
    snapshot: Snapshot,
    land: gpd.GeoDataFrame,
    sector: str | None,
    sectors: pd.DataFrame | None,
    *,
    hazard_class: str | None,
    on: Day,
) -> tuple[pd.DataFrame | None, tuple[Finding, ...]]:
    """Name the lots that a newcomer of the sector could not take beside today's neighbours."""
    # The newcomer is put on all free lots at once, as one project: lots of one project are no
    # neighbours of each other, so only today's remain.
    if sector is None:
        return None, ()
    if sectors is None or snapshot.table("projects") is None:
        raise KcngeoError("site_needs_frame", argument="sectors" if sectors is None else "projects")
    entries = pd.DataFrame(
        {
            "parcel_id": land["parcel_id"],
            "status": str(Status.LEASED),
            "valid_from": day(on),
            # For this one day: what is let tomorrow must not contradict it.
            "valid_to": day(on) + pd.Timedelta(days=1),
            "project_id": _NEWCOMER,
        }
    )
    newcomer = pd.DataFrame(
        {"project_id": [_NEWCOMER], "sector": [sector], "hazard_class": [hazard_class]}
    )
    taken = replace(
        snapshot,
        ledger=_with(snapshot.ledger, entries, "ledger"),
        projects=_with(snapshot.projects, newcomer, "projects"),
    )
    found = conflicts.incompatible_neighbours(taken, sectors, on=on)
    judged = found[found["state"] == "conflict"]
    ours = judged["parcel_id"][judged["project_id"] == _NEWCOMER]
    theirs = judged["neighbour_id"][judged["neighbour_project_id"] == _NEWCOMER]
    names = np.unique(np.concatenate([ours, theirs]).astype(str))
    unknown = found[(found["state"] == "unrated") & found["zone_id"].isin(land["zone_id"])]
    return pd.DataFrame({"parcel_id": names, "sector": sector}), (
        *_unnamed(sector, sectors),
        *_unjudged(unknown),
    )


def _with(frame: pd.DataFrame | None, rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Add rows to a table."""
    made: pd.DataFrame = validate(pd.concat([frame, rows], ignore_index=True), table)
    return made


def _unjudged(unknown: pd.DataFrame) -> tuple[Finding, ...]:
    """Say whose sector or class nobody gave: a free lot beside them may still be unsuitable."""
    mine = unknown["project_id"] == _NEWCOMER
    others = unknown[~mine]
    told = []
    if mine.any():
        told.append(Finding(rule="newcomer_class", severity=Severity.WARNING, table="projects"))
    if len(others):
        told.append(
            Finding(
                rule="neighbour_unknown",
                severity=Severity.WARNING,
                table="parcels",
                ids=distinct(others["parcel_id"]),
                zone_ids=distinct(others["zone_id"]),
            )
        )
    return tuple(told)


def _unnamed(sector: str, sectors: pd.DataFrame) -> tuple[Finding, ...]:
    """Say that the table of sectors has nothing on a sector: it may only be written otherwise."""
    columns = [name for name in ("sector", "other_sector") if name in sectors.columns]
    named = distinct(name for column in columns for name in sectors[column].dropna())
    if sector in named:
        return ()
    return (
        Finding(
            rule="sector_not_in_table",
            severity=Severity.WARNING,
            table="sector table",
            ids=named,
            fields={"value": sector},
        ),
    )
