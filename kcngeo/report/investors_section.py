"""Investors in the month: each zone, and all of them by sector and by origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.analysis.progress import INVESTOR_SUMS
from kcngeo.analysis.progress.period_reports import REPORTED, period_reports
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.report.plan_measures import OTHER, UNKNOWN, plan_sectors
from kcngeo.report.total_change import TOTAL

if TYPE_CHECKING:
    from kcngeo.report.month import MonthlyReport

_FEW_ZONES = 4
_CAPITAL = ("registered_vnd", "implemented_vnd", "registered_usd", "implemented_usd")


def investor_rows(report: MonthlyReport) -> pd.DataFrame:
    """Lay out investors for people: sums of zones, of sectors and of origins.

    Parameters
    ----------
    report
        The month.

    Returns
    -------
    pd.DataFrame
        Columns of the computed table "investor_figures". A row without sector and origin is of all
        investors of its zone, one of :data:`TOTAL` of all zones (none where a
        zone is not computable); where there are more than four
        zones, sectors and origins stand for all of them alone. Shares are of the let land. What is
        reported of a quarter is there only where any project reported it.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> rows = investor_rows(kcn.report.monthly(kcn.examples.squares(), month="2018-03"))
    >>> tea = rows[(rows["zone_id"] == "total") & (rows["sector"] == "tea")]
    >>> tea[["projects_count", "leased_ha"]].values.tolist()
    [[1, 1.0]]
    """
    table = COMPUTED["investor_figures"]
    if report.investors is None or report.investors.empty:
        return empty(table)
    found = report.investors.reset_index()
    zones = list(dict.fromkeys(found["zone_id"]))
    groups: list[tuple[Any, pd.DataFrame]] = [*found.groupby("zone_id", sort=False)]
    # What cannot be computed of one zone is missing from the sum of all.
    whole = len(zones) > 1 and not report.reasons(language="en")
    groups += [(TOTAL, found)] if whole else []
    order = ["", *plan_sectors(report.on), OTHER, UNKNOWN]
    rows = []
    for zone_id, some in groups:
        rows.append({"zone_id": zone_id, **some[list(INVESTOR_SUMS)].sum()})
        if zone_id == TOTAL or len(zones) <= _FEW_ZONES:
            rows += [
                {"zone_id": zone_id, by: name, **part[list(INVESTOR_SUMS)].sum()}
                for by in ("sector", "origin")
                for name, part in sorted(some.groupby(by), key=lambda one: _place(one[0], order))
            ]
    made = pd.DataFrame(rows).reindex(columns=["zone_id", "sector", "origin", *INVESTOR_SUMS])
    # Of land let to nobody the table knows, nobody knows whether it is built on.
    land = made["leased_ha"].where((made["leased_ha"] > 0) & (made["projects_count"] > 0))
    made["building_share"] = made["building_ha"] / land
    made["operating_share"] = made["operating_ha"] / land
    # A sum of nothing known is unknown, as in the public edition, which has no capital.
    money = [name for name in INVESTOR_SUMS if name.endswith(_CAPITAL)]
    for unknown, names in (
        ("capital_unknown_count", money),
        ("workers_unknown_count", ["workers_count"]),
        ("output_unknown_count", ["output_vnd"]),
        ("wages_unknown_count", ["wages_vnd"]),
    ):
        made[names] = made[names].mask(made[unknown] >= made["projects_count"])
    quarter, _ = period_reports(report.snapshot, on=report.on)
    is_told = bool(made[list(REPORTED)].notna().any(axis=None))
    made["period"] = pd.Series(quarter if is_told else None, index=made.index, dtype="str")
    for name in REPORTED:
        # Where nobody reports it, nothing is said of it.
        if made[name].isna().all():
            made[f"{name.removesuffix('_vnd')}_unknown_count"] = pd.NA
    counts = [name for name in INVESTOR_SUMS if name.endswith("_count")]
    return made.astype(dict.fromkeys(counts, "Int64"))[table.names]


def _place(name: object, order: list[str]) -> tuple[int, str]:
    """Tell where a sector or an origin stands among the others."""
    text = str(name)
    return (order.index(text) if text in order else 0, text)
