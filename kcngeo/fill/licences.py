"""Land let without a licensed project, which the strict reading of the law does not count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.model import LEASABLE, Status
from kcngeo.fill.aggregation import part_mm2, summed
from kcngeo.ledger import PARTS, allocate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.fill.area_sums import AreaSums
    from kcngeo.ledger import Joined, Snapshot

    Floats = NDArray[np.float64]

_LEASED = PARTS.index("leased")


def unlicensed_mm2(sums: AreaSums, dates: pd.DatetimeIndex) -> Floats:
    """Sum the let land of leases whose project is not licensed on the date, or is not named.

    Parameters
    ----------
    sums
        The sums it is a part of.
    dates
        Reporting dates, sorted.

    Returns
    -------
    NDArray[np.float64]
        (groups, uses, dates) mm²; missing where the project says nothing of licences.

    Examples
    --------
    On the squares every lease names a project with a licence:

    >>> import kcngeo as kcn
    >>> from kcngeo.fill.area_sums import AreaSums
    >>> march = pd.DatetimeIndex(["2018-03-31"], name="on")
    >>> float(unlicensed_mm2(AreaSums.of(kcn.examples.squares().as_known()), march).sum())
    0.0
    """
    licensed_on = _licences(sums.snapshot)
    if licensed_on is None:
        return np.full((len(sums.zone), len(LEASABLE), len(dates)), np.nan)
    stored, _ = allocate(_without_licence_reserved(sums.snapshot.joined, licensed_on))
    held = stored.by_area(sums.snapshot.areas_mm2(sums.area))
    whole = sums.version_mm2
    rows = np.flatnonzero((whole[held.version] > 0) & (held.part == _LEASED))
    version = held.version[rows]
    licensed = summed(
        dates.to_numpy(dtype="datetime64[D]").astype("int64"),
        len(sums.zone) * len(LEASABLE),
        sums.group[version] * len(LEASABLE) + sums.use_of_version[version],
        held.start[rows],
        held.end[rows],
        part_mm2(held, rows, whole),
    ).reshape(len(sums.zone), len(LEASABLE), len(dates))
    let = sums.sums(dates)[:, :, 1 + _LEASED]
    return np.asarray(let - licensed)


def _licences(snapshot: Snapshot) -> pd.Series | None:
    """Give the first day of licence by project; None where no table says."""
    projects = None if "projects" in snapshot.broken else snapshot.table("projects")
    if projects is None or "licensed_on" not in projects.columns:
        return None
    return projects.groupby("project_id")["licensed_on"].min()


def _without_licence_reserved(tables: Joined, licensed_on: pd.Series) -> Joined:
    """Write leases as reserved until the day of the licence, so that parts add up as before."""
    ledger = tables.ledger
    project = ledger.get("project_id", pd.Series(None, index=ledger.index, dtype="str"))
    licence = pd.Series(project.map(licensed_on), index=ledger.index, dtype="datetime64[s]")
    day = day_numbers(licence, missing=OPEN, length=len(ledger))
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger))
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    before = (ledger["status"] == Status.LEASED).to_numpy() & (start < day)
    later = np.flatnonzero(before & (day < end))
    early = ledger.assign(
        status=ledger["status"].mask(before, str(Status.RESERVED)),
        valid_to=ledger.get("valid_to", pd.Series(pd.NaT, index=ledger.index)),
    )
    ends = np.isin(np.arange(len(ledger)), later)
    early["valid_to"] = early["valid_to"].mask(ends, licence)
    after = ledger.iloc[later].assign(valid_from=licence.iloc[later])
    return replace(
        tables,
        ledger=pd.concat([early, after], ignore_index=True),
        entry_parcel=np.concatenate([tables.entry_parcel, tables.entry_parcel[later]]),
        holds_land=np.concatenate([tables.holds_land, tables.holds_land[later]]),
    )
