"""How long land and projects stay in a stage before they come to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, Day, day_number, day_numbers
from kcngeo.core.model import LEASABLE, Status
from kcngeo.ledger import asked

if TYPE_CHECKING:
    from kcngeo.ledger import Joined, Project, Snapshot

STEPS = ("clearing", "vacant", "reserved", "to_building", "to_operating")
"""Steps that are timed: until cleared, from cleared to let, from reserved to let, from hand-over
to building, from building to operating."""


def dwell_times(
    project: Project | Snapshot,
    *,
    on: Day,
) -> pd.DataFrame:
    """Tell how long leasable land, and the projects on it, took for each step up to a day.

    ``clearing`` times entries of land not yet cleared; ``vacant`` the time from the end of the last
    such entry of a parcel to the first lease after it. Where the parcel itself ended first (split,
    merged, given back, put to another use) nobody waited for it, and neither is timed.
    ``reserved`` is a reservation that ends on the day a lease of the same parcel begins (one that
    lapsed is not counted). ``to_building`` runs from hand-over to the first building,
    ``to_operating`` from there to operation, of projects that have held a lease. What had ended by
    the day is done; what runs on it is waiting, and its time so far is a lower bound: the medians
    of what is done look short while much still waits.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
        Without a table of projects their steps are left out.
    on
        The day.

    Returns
    -------
    pd.DataFrame
        By ``zone_id`` and ``step`` (:data:`STEPS`), every step of every zone that has parcels:
        ``done_count``, ``median_days``, ``longest_days``, ``waiting_count``,
        ``waiting_median_days``; missing where nothing is counted.

    Raises
    ------
    ContractError
        If a table breaks its contract.

    Examples
    --------
    A-4 is reserved since 1 July 2017:

    >>> import kcngeo as kcn
    >>> times = dwell_times(kcn.examples.squares(), on="2017-07-11")
    >>> times.loc[("A", "reserved"), ["waiting_count", "waiting_median_days"]].tolist()
    [1.0, 10.0]
    """
    snapshot = asked(project, start=on)
    projects = snapshot.table("projects")
    number = day_number(on)
    entries = _entries(snapshot.joined, number)
    spells = [_clearing(entries, number), _vacant(entries, number), _reserved(entries, number)]
    if projects is not None:
        spells.append(_of_projects(entries, projects))
    spell = pd.concat(spells, ignore_index=True)
    spell = spell[spell["start"] <= number]
    # A step that has not ended by the day is waiting, and lasts until the day.
    done = spell["end"] <= number
    days = np.where(done, spell["end"], number) - spell["start"]
    spell = spell.assign(days=days.astype("float64"))
    zone_ids = pd.Index(sorted(snapshot.parcels["zone_id"].unique()), dtype="str")
    steps = STEPS if projects is not None else STEPS[:3]
    # Every zone has every step, with 0 where nothing happened.
    every = pd.MultiIndex.from_product([zone_ids, steps], names=["zone_id", "step"])
    past, waiting = (spell[rows].groupby(["zone_id", "step"])["days"] for rows in (done, ~done))
    result = pd.DataFrame(
        {
            "done_count": past.size().reindex(every, fill_value=0),
            "median_days": past.median().reindex(every),
            "longest_days": past.max().reindex(every),
            "waiting_count": waiting.size().reindex(every, fill_value=0),
            "waiting_median_days": waiting.median().reindex(every),
        }
    )
    return result.astype({"done_count": "int64", "waiting_count": "int64"})


def _entries(joined: Joined, number: int) -> pd.DataFrame:
    """Give the entries of leasable land that had begun by the day, with the zone."""
    ledger = joined.ledger
    leasable = joined.parcels["land_use"].isin(LEASABLE).to_numpy()
    parcels = joined.parcels[["parcel_id", "zone_id"]].assign(gone=joined.end)[leasable]
    zone = parcels.groupby("parcel_id", as_index=False).agg(
        zone_id=("zone_id", "first"), gone=("gone", "max")
    )
    rows = pd.DataFrame(
        {
            "parcel_id": ledger["parcel_id"].to_numpy(),
            "status": ledger["status"].to_numpy(),
            "project_id": ledger.reindex(columns=["project_id"])["project_id"].to_numpy(),
            "start": day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger)),
            "end": day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger)),
        }
    )
    return rows[rows["start"] <= number].merge(zone, on="parcel_id")


def _given_up(entries: pd.DataFrame, number: int) -> pd.Series:
    return (entries["end"] == entries["gone"]) & (entries["end"] <= number)


def _clearing(entries: pd.DataFrame, number: int) -> pd.DataFrame:
    spells = entries[(entries["status"] == Status.UNCLEARED) & ~_given_up(entries, number)]
    return spells[["zone_id", "start", "end"]].assign(step="clearing")


def _vacant(entries: pd.DataFrame, number: int) -> pd.DataFrame:
    """Time from the end of the last uncleared entry of a parcel to its first lease after it."""
    cleared = entries[(entries["status"] == Status.UNCLEARED) & (entries["end"] <= number)]
    last = cleared.groupby(["zone_id", "parcel_id"], as_index=False).agg(
        cleared=("end", "max"), gone=("gone", "max")
    )
    held = entries[entries["status"] == Status.LEASED].merge(
        last[["parcel_id", "cleared"]], on="parcel_id"
    )
    after = held[held["start"] >= held["cleared"]].groupby("parcel_id")["start"].min()
    # Let before it was cleared never waited; nor does what is repurposed.
    never = entries[entries["status"] == Status.REPURPOSED]["parcel_id"]
    early = held.loc[held["start"] < held["cleared"], "parcel_id"]
    spells = last[~last["parcel_id"].isin([*never, *early])]
    end = spells["parcel_id"].map(after).fillna(OPEN).astype("int64")
    kept = (end < OPEN) | (spells["gone"] > number)
    timed = spells[["zone_id"]].assign(start=spells["cleared"], end=end, step="vacant")
    return timed[kept]


def _reserved(entries: pd.DataFrame, number: int) -> pd.DataFrame:
    """Keep the reservations that led to a lease, and those that still run."""
    spells = entries[entries["status"] == Status.RESERVED]
    leased = entries[entries["status"] == Status.LEASED]
    begins = set(zip(leased["parcel_id"], leased["start"], strict=True))
    led = [pair in begins for pair in zip(spells["parcel_id"], spells["end"], strict=True)]
    kept = spells[np.asarray(led, dtype=bool) | (spells["end"] > number).to_numpy()]
    return kept[["zone_id", "start", "end"]].assign(step="reserved")


def _of_projects(entries: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Time the projects that have held a lease, in each zone they did."""
    leased = entries[entries["status"] == Status.LEASED]
    held = leased[["project_id", "zone_id"]].dropna().drop_duplicates()
    mine = projects.reset_index(drop=True).merge(held, on="project_id")
    spells = []
    for step, first, second in (
        ("to_building", "handed_over_on", "building_on"),
        ("to_operating", "building_on", "operating_on"),
    ):
        # A day that is missing has not come; one before the first is a finding, not a time.
        start = day_numbers(mine.get(first), missing=OPEN, length=len(mine))
        end = day_numbers(mine.get(second), missing=OPEN, length=len(mine))
        rows = pd.DataFrame({"zone_id": mine["zone_id"], "start": start, "end": end, "step": step})
        spells.append(rows[(start < OPEN) & (end >= start)])
    return pd.concat(spells)
