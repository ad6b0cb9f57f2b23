"""What a reader should know of declared accounts: what contradicts, what is old, what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.context import Ground
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.core.dates import Day
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.referential import is_among
from kcngeo.fill import declared_accounts
from kcngeo.ledger import Snapshot
from kcngeo.ledger.declared import TABLE, declared_problems

# Half of the last decimal a difference is told with.
_SHOWN_HA = 0.00005


def declared_findings(snapshot: Snapshot, *, on: Day) -> list[Finding]:
    """Find the declared accounts that are old, and those that differ from what is measured.

    An account is old from the day after the one on which it is 24 months old. Where a zone is
    measured and declared, both stand beside each other and the difference is to be reconciled.

    Parameters
    ----------
    snapshot
        The tables as known, sound.
    on
        The day.

    Returns
    -------
    list[Finding]
        A warning an account.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> declared_findings(now, on="2018-03-31")  # nothing is declared of the squares
    []
    """
    found = []
    rows: Any = declared_accounts(snapshot, on=on).reset_index().itertuples()
    for row in rows:
        name = f"{row.zone_id} {row.declared_on:%Y-%m-%d}"
        told: dict[str, Any] = {"ids": [name], "zone_ids": [row.zone_id]}
        day = row.declared_on.date()
        if row.is_old and row.source == "declared":
            months = row.age_months
            found.append(
                finding("declared_old", TABLE, Severity.WARNING, **told, on=day, months=months)
            )
        gaps = [row.base_difference_ha, row.leased_difference_ha]
        if any(abs(gap) >= _SHOWN_HA for gap in gaps):
            figures = {
                name: "–" if pd.isna(value) else f"{value:.4f}"
                for name, value in (
                    ("leased", row.leased_ha),
                    ("base", row.base_ha),
                    ("measured_leased", row.measured_leased_ha),
                    ("measured_base", row.measured_base_ha),
                )
            }
            rule = "declared_beside_measured"
            found.append(finding(rule, TABLE, Severity.WARNING, **told, on=day, **figures))
    return found


def account_findings(ground: Ground) -> Iterator[Noticed]:
    """Find the declared accounts nobody can compute with, and places of which half is missing."""
    if ground.has(TABLE, "zones"):
        problems = declared_problems(ground.frames[TABLE], ground.given["zones"])
        for problem in problems:
            # Rows of zones nobody knows are found among all that name something unknown.
            if problem.rule != "unknown_zone":
                yield Noticed(finding=problem, geometry=None)
    if ground.column("zones", "point_x") or ground.column("zones", "point_y"):
        frame = ground.frames["zones"]
        there = frame.reindex(columns=["point_x", "point_y"]).notna().sum(axis=1)
        for row in np.flatnonzero(there == 1):
            zone_id = frame["zone_id"].iloc[row]
            yield notice("point_incomplete", "zones", [zone_id], zone_ids=[zone_id])


def lives_undrawn(ground: Ground, zones: pd.DataFrame) -> Any:
    """Tell which zones have no parcels, so that they may do without a polygon; (rows,)."""
    if not ground.column("parcels", "zone_id"):
        return np.ones(len(zones), dtype=bool)
    return ~is_among(zones["zone_id"], ground.given["parcels"]["zone_id"])
