"""What stands beside measured figures: declared accounts, and claims newer than what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.claims import half_digit
from kcngeo.core.errors import already_told
from kcngeo.fill import declared_accounts
from kcngeo.ledger.zone_rows import zones_of_parcels
from kcngeo.report.month import MonthlyReport
from kcngeo.report.total_change import TOTAL

_TOLD = ("fill_rate", "base_ha", "leased_ha")
# A half that should be exact may come out of a subtraction a little more.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beside:
    """What stands beside the measured figures of a month.

    Attributes
    ----------
    declared
        :func:`declared_rows`.
    newer_claims
        :func:`newer_claims`.
    last_entries
        :func:`last_entries`.
    """

    declared: pd.DataFrame
    newer_claims: pd.DataFrame
    last_entries: Mapping[str, pd.Timestamp]


def beside_of(report: MonthlyReport) -> Beside:
    """Gather what stands beside the measured figures of a month.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    Beside
        The rows.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> sorted(beside_of(report).last_entries)
    ['A', 'B']
    """
    return Beside(
        declared=declared_rows(report),
        newer_claims=newer_claims(report),
        last_entries=last_entries(report),
    )


def declared_rows(report: MonthlyReport) -> pd.DataFrame:
    """Give the declared accounts that hold on the day of a month.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        Columns of :func:`kcngeo.fill.declared_accounts`, and ``zone_id``; no rows where nothing is
        declared.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> len(declared_rows(report))  # nothing is declared of the squares
    0
    """
    with already_told():
        found = declared_accounts(report.snapshot, on=report.on, area=report.area)
    return found.drop(columns="is_old").reset_index()


def newer_claims(report: MonthlyReport) -> pd.DataFrame:
    """Give the claims that say more, or other, than the figures of a month.

    Of a zone without a rate, and of all zones together where some have none, the latest claim of
    each measure; of a measured zone the latest claims made since the last entry of its ledger that
    do not agree with the month. Claims made after the day of the month are not told.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        ``zone_id`` ("total" for a claim of all zones), ``measure``, ``definition``, ``value``,
        ``claimed_on``, ``cited`` and ``last_entry_on``, on which the ledger of the zone last
        changed (missing without one), by zone and measure.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> len(newer_claims(report))  # the one claim agrees with the month
    0
    """
    claims = report.snapshot.claims
    columns = ["zone_id", "measure", "definition", "value", "claimed_on", "cited", "last_entry_on"]
    if claims is None:
        return pd.DataFrame(columns=columns)
    names = ["zone_id", "measure", "definition", "value", "on", "source"]
    rows = claims.reindex(columns=names).rename(columns={"on": "claimed_on", "source": "cited"})
    rows = rows[rows["measure"].isin(_TOLD) & rows["value"].notna()]
    rows = rows[rows["claimed_on"] <= report.on].assign(zone_id=rows["zone_id"].fillna(TOTAL))
    rows["last_entry_on"] = rows["zone_id"].map(last_entries(report)).astype("datetime64[s]")
    told = [_is_told(report, row) for row in rows.to_dict("records")]
    rows = rows[np.asarray(told, dtype="bool")].sort_values(
        ["zone_id", "measure", "claimed_on"], kind="stable"
    )
    # Contradictions of one day stand beside each other.
    latest = rows.groupby(["zone_id", "measure"])["claimed_on"].transform("max")
    rows = rows[rows["claimed_on"] == latest]
    order = {TOTAL: 0}
    ranked = rows.assign(
        first=[order.get(one, 1) for one in rows["zone_id"]],
        second=[_TOLD.index(one) for one in rows["measure"]],
    ).sort_values(["first", "zone_id", "second"], kind="stable")
    return ranked[columns].reset_index(drop=True)


def last_entries(report: MonthlyReport) -> dict[str, pd.Timestamp]:
    """Give by zone the last day up to the month's on which an entry of its ledger begins or ends.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    dict[str, pd.Timestamp]
        The days; a zone without entries is not in it.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> sorted(last_entries(report))
    ['A', 'B']
    """
    ledger, parcels = report.snapshot.ledger, report.snapshot.parcels
    zone = zones_of_parcels(ledger["parcel_id"], parcels)
    days = [ledger[name] for name in ("valid_from", "valid_to") if name in ledger.columns]
    both = pd.concat([pd.DataFrame({"zone_id": zone, "on": day}) for day in days])
    both = both[both["on"] <= report.on].dropna()
    return {str(name): on for name, on in both.groupby("zone_id")["on"].max().items()}


def _is_told(report: MonthlyReport, row: dict[Any, Any]) -> bool:
    """Tell whether a claim says more, or other, than the month."""
    name = row["definition"] if isinstance(row["definition"], str) else report.definition.name
    if row["zone_id"] == TOTAL:
        total = report.total.xs(report.definition.name).loc[report.on]
        return bool(total["known_count"] < total["zone_count"]) and row["measure"] == "fill_rate"
    keys = (name, row["zone_id"], report.on)
    if keys not in report.series.index:
        return False
    known = report.series.loc[[keys]].iloc[0]
    if isinstance(known["reason"], str):
        return True
    if known["source"] != "measured" or not row["claimed_on"] > row["last_entry_on"]:
        return False
    half = half_digit(row["value"], measure=row["measure"])
    return bool(abs(known[row["measure"]] - row["value"]) > half + _ROUNDING)
