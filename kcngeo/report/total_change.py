"""The rate of all zones together: what moved it, cause by cause."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change import CAUSES, Change

if TYPE_CHECKING:
    from kcngeo.report.month import MonthlyReport

TOTAL = "total"
"""In the column ``zone_id``, the row of all zones together."""
Figures = dict[Hashable, float]
# In hectares, a square metre: below it the causes add up.
_ONE_M2 = 1e-4


def whole_change(report: MonthlyReport, change: Change, *, start: pd.Timestamp) -> Change:
    """Explain how the rate of all zones together moved.

    The rate is a ratio of sums, so every cause of a zone moves it by its hectares over the base of
    all zones, not by the share of its own zone.

    Parameters
    ----------
    report
        The month.
    change
        The change of its zones.
    start
        The earlier date.

    Returns
    -------
    Change
        ``effects`` with the one row :data:`TOTAL`, and the same entries with ``effect`` on the rate
        of all zones. Missing where a zone is not computable or a base is 0, and the causes where
        what is on record of them does not add up to the change.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> start = pd.Timestamp("2018-02-28")
    >>> change = kcn.change.explain(
    ...     report.snapshot, start=start, end=report.on, definition=report.definition.name
    ... )
    >>> whole_change(report, change, start=start).effects["change"].tolist()  # nothing was let
    [0.0]
    """
    names = ["leased_ha", "base_ha", "fill_rate"]
    keys = [(report.definition.name, day) for day in (start, report.on)]
    # A day before the series has a row of missing figures.
    figures = report.total[names].reindex(keys).to_dict("records")
    before, after = figures
    entries = change.entries
    leased, base = (after[name] - before[name] for name in ("leased_ha", "base_ha"))
    effect = _effect(entries["leased_change_ha"], entries["base_change_ha"], before, after)
    told = entries[["leased_change_ha", "base_change_ha"]].sum()
    gap_ha = max(abs(told["leased_change_ha"] - leased), abs(told["base_change_ha"] - base))
    if not gap_ha < _ONE_M2:
        effect = effect * np.nan
    row = {
        "rate_start": before["fill_rate"],
        "rate_end": after["fill_rate"],
        "numerator_effect": _effect(leased, 0.0, before, after),
        "base_effect": _effect(0.0, base, before, after),
        "change": after["fill_rate"] - before["fill_rate"],
    }
    for name in CAUSES:
        mine = effect[entries["cause"] == name]
        row[name] = mine.sum(skipna=False) if gap_ha < _ONE_M2 else np.nan
    if not _same_zones(report, start):
        # Another set of zones has another rate: that is no rise and no fall.
        row = dict.fromkeys(row, np.nan)
        effect = effect * np.nan
    effects = pd.DataFrame([row], index=pd.Index([TOTAL], name="zone_id"), dtype="float64")
    return Change(effects=effects, entries=entries.assign(effect=effect))


def _same_zones(report: MonthlyReport, start: pd.Timestamp) -> bool:
    """Tell whether the same zones are without a published base on both dates."""
    keys = [(report.definition.name, day) for day in (start, report.on)]
    before, after = report.total["not_published"].reindex(keys).fillna("")
    return bool(before == after)


def _effect(leased_ha: Any, base_ha: Any, before: Figures, after: Figures) -> Any:
    """Say what hectares let and hectares of the base did to the rate: ΔL/B1 − L2·ΔB/(B1·B2)."""
    first, last = before["base_ha"], after["base_ha"]
    if not (first > 0 and last > 0):
        return leased_ha * np.nan
    return leased_ha / first - after["leased_ha"] * base_ha / (first * last)
