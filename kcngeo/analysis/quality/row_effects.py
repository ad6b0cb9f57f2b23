"""How far each finding of a check can move the figures of a day, as the month of that day says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality.doubt import Doubt, Fraction
from kcngeo.analysis.quality.finding import Noticed
from kcngeo.analysis.quality.gate import doubts_of, effects_of, some_rows, worst_of
from kcngeo.analysis.quality.month_ground import MonthGround
from kcngeo.analysis.quality.rules import CATALOGUE
from kcngeo.core.dates import day
from kcngeo.core.errors import KcngeoError, already_told
from kcngeo.core.model import Effect, Finding, Severity
from kcngeo.fill import Accounts
from kcngeo.ledger import known
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.core.dates import Day
    from kcngeo.ledger import Project, Snapshot

NO_EFFECT = ("no_licence", "at_fault", "not_on_day", "not_computed")
"""Why a finding of a rule that can move a figure has no effect: nobody wrote licences down; its
zone is at fault and has no figures; it moves no figure of the day; no figure could be computed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowEffects:
    """What is in doubt on a day, row by row.

    Attributes
    ----------
    on
        The day.
    definition
        Id of the definition the effect is counted by.
    doubts
        What rules doubt, faults that have bounds among it.
    whole
        The figures of the day.
    zone_ids
        (zones,) the zones.
    """

    on: pd.Timestamp
    definition: str
    doubts: tuple[Doubt, ...]
    whole: Fraction
    zone_ids: NDArray[Any]

    @classmethod
    def of(cls, project: Project | Snapshot, *, on: Day) -> RowEffects | None:
        """Ask the rules of the month of a day; None where no figure of it can be computed."""
        used = fill_definition(None, on=on)
        try:
            with already_told():
                accounts = Accounts.of(known(project), area="grid")
                ground = MonthGround(accounts, on=on, definition=used)
                bounded, doubts, whole = doubts_of(ground)
        except KcngeoError:
            # What keeps everything from being computed is a finding of its own.
            return None
        return cls(
            on=day(on),
            definition=used.name,
            doubts=(*bounded, *doubts),
            whole=whole,
            zone_ids=accounts.zone_ids,
        )

    def told(self, one: Finding) -> tuple[Effect | None, str]:
        """Give the effect of the rows of a finding, or why it has none."""
        zones = np.flatnonzero(np.isin(self.zone_ids.astype(str), one.zone_ids))
        for doubt in self.doubts:
            if doubt.rule not in CATALOGUE[one.rule].month:
                continue
            rows = np.isin(doubt.names.astype(str), one.ids)
            if len(zones):
                rows &= np.isin(doubt.zone, zones)
            mine = some_rows(doubt, rows)
            if len(mine.zone):
                if not doubt.is_bounded:
                    return None, "no_licence"
                return worst_of(effects_of(mine, self.whole)), ""
        if len(zones) and np.isnan(self.whole.base[zones]).all():
            return None, "not_on_day"
        return None, "at_fault" if one.severity is Severity.ERROR else "not_on_day"


def with_effects(
    noticed: list[Noticed], project: Project | Snapshot, *, on: Day | None
) -> tuple[tuple[Noticed, ...], RowEffects | None]:
    """Give findings that can move a figure their effect on a day, or why they have none."""
    effects = None if on is None else RowEffects.of(project, on=on)
    made = []
    for one in noticed:
        if not CATALOGUE[one.finding.rule].moves:
            made.append(one)
            continue
        effect, reason = (None, "not_computed") if effects is None else effects.told(one.finding)
        told = replace(one.finding, effect=effect)
        made.append(replace(one, finding=told, no_effect=reason))
    return tuple(made), effects
