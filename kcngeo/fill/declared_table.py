"""The declared accounts that hold on a day, with their age and what is measured beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day, day_number
from kcngeo.core.schema import DECLARED_PARTS
from kcngeo.fill.accounts import Accounts
from kcngeo.fill.declared import Declarations
from kcngeo.ledger import known
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

OLD_MONTHS = 24


def declared_accounts(project: Project | Snapshot, *, on: Day, area: str = "grid") -> pd.DataFrame:
    """List the declared accounts that hold on a day, as they were stated.

    An account holds from its day until the next of its zone. Where the zone has parcels on the day
    it is measured, and the account stands beside what is measured, by the definition it was stated
    by; the difference is a claim to reconcile, and no figure is taken from it.

    Parameters
    ----------
    project
        The tables; of a project what is known now.
    on
        The day.
    area
        Basis of the measured areas: "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id``, sorted, a row an account: ``declared_on``, ``age_months`` (whole
        months), ``is_old`` (older than 24 months), ``definition`` (missing of an account by
        parts), the stated hectares, ``cited``, where it was stated, and ``source``, "declared"
        where the zone lives on it and "measured" where it has parcels; then
        ``measured_base_ha``, ``measured_leased_ha``, ``base_difference_ha`` and
        ``leased_difference_ha`` (stated − measured), missing where nothing is measured.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.

    Examples
    --------
    A board states that 3 of the 4 ha of zone A are let, of which 1.5 ha are measured:

    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> stated = pd.DataFrame(
    ...     {
    ...         "zone_id": ["A"],
    ...         "on": pd.to_datetime(["2017-12-31"]),
    ...         "base_ha": [4.0],
    ...         "leased_ha": [3.0],
    ...         "source": ["a notice"],
    ...     }
    ... )
    >>> project = replace(kcn.examples.squares(), declared_accounts=stated)
    >>> found = declared_accounts(project, on="2018-03-31")
    >>> found[["age_months", "source", "leased_ha", "leased_difference_ha"]].values.tolist()
    [[3, 'measured', 3.0, 1.5]]
    """
    snapshot, date = known(project), pd.DatetimeIndex([day(on)], name="on")
    accounts = Accounts.of(snapshot, area=area)
    told = Declarations.of(snapshot, accounts.zone_ids)
    counts = accounts.counts(date)[:, 0]
    zones = np.flatnonzero(counts)
    block = told.holding(zones, np.full(len(zones), day_number(on)))
    rows = np.flatnonzero(np.isin(told.block, block[block >= 0]))
    stated = told.rows.iloc[rows]
    zone = told.zone[rows]
    measured = accounts.measured(date)[zone, 0]
    frame = pd.DataFrame(
        {
            "declared_on": stated["on"],
            "age_months": _months(stated["on"], date[0]),
            "is_old": (stated["on"] + pd.DateOffset(months=OLD_MONTHS) < date[0]).to_numpy(bool),
            "definition": stated.get("definition"),
            **stated.reindex(columns=list(DECLARED_PARTS)).astype("float64"),
            "cited": stated["source"],
            "source": np.where(measured, "measured", "declared"),
        }
    ).astype({"definition": "str", "source": "str"})
    frame = frame.assign(**_beside(accounts, frame, zone, measured, date))
    frame.index = pd.Index(stated["zone_id"].to_numpy(), dtype="str", name="zone_id")
    return frame.sort_index(kind="stable")


def _months(since: pd.Series, until: pd.Timestamp) -> pd.Series:
    """Count whole months."""
    months = (until.year - since.dt.year) * 12 + until.month - since.dt.month
    return (months - (since.dt.day > until.day).astype("int64")).astype("int64")


def _beside(
    accounts: Accounts,
    frame: pd.DataFrame,
    zone: np.ndarray,
    measured: np.ndarray,
    date: pd.DatetimeIndex,
) -> dict[str, np.ndarray]:
    """Measure what is stated, by the definition it is stated by or the law of its day."""
    found = {name: np.full(len(frame), np.nan) for name in ("base", "leased")}
    names = frame["definition"].where(
        frame["definition"].notna(),
        [fill_definition(None, on=day).name for day in frame["declared_on"]],
    )
    for name in names[measured].unique():
        rates = accounts.by_definitions(date, [fill_definition(name, on=date[0])])
        rates = rates.droplevel("on")
        rows = measured & (names == name).to_numpy()
        for part, values in found.items():
            values[rows] = rates[f"{part}_ha"].reindex(accounts.zone_ids[zone[rows]]).to_numpy()
    return {
        "measured_base_ha": found["base"],
        "measured_leased_ha": found["leased"],
        "base_difference_ha": frame["base_ha"].to_numpy() - found["base"],
        "leased_difference_ha": frame["leased_ha"].to_numpy() - found["leased"],
    }
