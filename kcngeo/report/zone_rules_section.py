"""What the law of the day asks of zones as wholes, in a month's report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.analysis.targets import told_zone_rules
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.report.sections import failed
from kcngeo.report.total_change import TOTAL

if TYPE_CHECKING:
    from kcngeo.report.month import MonthlyReport


def zone_rule_rows(report: MonthlyReport, *, language: str) -> pd.DataFrame:
    """Give what the law of the day asks of zones as wholes, and whether they meet it.

    Parameters
    ----------
    report
        The month.
    language
        "vi" or "en".

    Returns
    -------
    pd.DataFrame
        Columns of :func:`kcngeo.analysis.targets.zone_rules` that a reader needs, without zones of
        which nothing is asked; ``zone_id`` is "total" for all zones together.

    Examples
    --------
    No decree of 2018 on record asks anything of this kind:

    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> len(zone_rule_rows(report, language="en"))
    0
    """
    if report.zone_rules is None:
        return empty(COMPUTED["zone_rules"])
    told = told_zone_rules(report.zone_rules, names=report.zone_names(), language=language)
    told = told[told["reason"] != "not_needed"]
    rows = told.assign(zone_id=told["zone_id"].fillna(TOTAL))
    return rows[COMPUTED["zone_rules"].names].reset_index(drop=True)


def unmet(rules: pd.DataFrame | None) -> list[Finding]:
    """Make a finding of each zone that fails what the law asks of it."""
    if rules is None:
        return []
    return [_unmet(row) for row in rules[failed(rules["passes"])].to_dict("records")]


def _unmet(row: dict[Any, Any]) -> Finding:
    told: dict[str, object]
    if row["measure"] == "phase_area":
        rule = "phase_rule_fails"
        told = {name: f"{row[name]:.2f}" for name in ("area_ha", "limit_ha")}
        told["phases"] = str(row["about"]).split("|")
    else:
        rule = "special_zone_rule_fails"
        told = {name: f"{100 * row[name]:.2f} %" for name in ("share_high", "limit_share")}
    zone_id = str(row["zone_id"])
    return finding(rule, "zones", Severity.WARNING, ids=[zone_id], zone_ids=[zone_id], **told)
