"""The plan on one table: for every zone and for all of them, one line a topic.

A line says how a topic stands, by which figure and which rule, why, what it keeps from being done,
who answers and by when. Its words are keys of the table of texts with their fields; they are put
into a language where the line is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.report.month import MonthlyReport
from kcngeo.report.plan_measures import PlanMeasures
from kcngeo.report.progress_section import Steps
from kcngeo.report.publications import account_rows
from kcngeo.report.spatial_sections import SpatialSections
from kcngeo.report.total_change import TOTAL

STATES = ("breach", "late", "under_way", "not_started", "stated", "done", "no_data")
"""How a line stands, the worst first. A breach breaks a rule; "stated" is a figure to which neither
a rule nor a date is on record; "no_data" names what nobody entered."""
SIDES = ("inside", "outside")
"""Sides of the fence."""
TOPICS = (
    *("fill", "investors", "procedures", "compensation", "clearance", "resettlement"),
    *("road", "power", "water", "drainage", "telecom", "wastewater", "solid_waste"),
    *("green_works", "green", "balance", "density", "belt", "environment", "distance", "sequence"),
    *("public_utility", "housing_inside", "housing_outside", "idle", "support", "no_data"),
)
"""Topics of the plan, in the order of the table."""

Said = tuple[tuple[str, Mapping[str, Any]], ...]
"""Words: keys under "plan" in the table of texts, each with its fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the plan.

    Attributes
    ----------
    zone_id
        The zone, or :data:`TOTAL`.
    topic
        One of :data:`TOPICS`.
    sector
        For support, the sector of the plan; "" for all of them.
    status
        One of :data:`STATES`.
    value, against
        The figure and what it is held against, in ``unit`` ("ha", "share", "count", "vnd", "m");
        missing where there is none.
    figure, cause, blocks
        In words: the figure, why it stands so, what it keeps from being done.
    rules
        Entries of the registry it is held against.
    due_on
        The first day by which something of it is due and not done.
    late_days
        Since the first day that is late.
    effect_ha
        The land concerned where a rule is broken, by which breaches are ranked.
    """

    zone_id: str
    topic: str
    status: str
    sector: str = ""
    value: float = np.nan
    against: float = np.nan
    unit: str = ""
    figure: Said = ()
    cause: Said = ()
    blocks: Said = ()
    rules: tuple[str, ...] = ()
    due_on: Any = pd.NaT
    late_days: Any = pd.NA
    effect_ha: float = np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a row of figures says."""

    figure: Said
    value: float = np.nan
    against: float = np.nan
    unit: str = ""
    cause: Said = ()
    blocks: Said = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topic:
    """A topic: figures by zone that may be added, and how they are told.

    Attributes
    ----------
    name
        One of :data:`TOPICS`.
    figures
        By ``zone_id``; those named ``most_…`` are of all zones the largest, all others the sum.
    status
        By ``zone_id``.
    tell
        Says a row of the figures, of a zone or of all; ``zone_id`` stands in it too.
    due
        By ``zone_id``: ``due_on``, ``late_days``; None where nothing has a date.
    effect_ha
        By ``zone_id`` the land concerned where a rule is broken.
    rules
        Entries of the registry.
    """

    name: str
    figures: pd.DataFrame
    status: pd.Series
    tell: Callable[[Mapping[str, Any]], Told]
    due: pd.DataFrame | None = None
    effect_ha: pd.Series | None = None
    rules: tuple[str, ...] = ()
    sector: str = ""

    def lines(self) -> Iterable[Line]:
        """Give the line of every zone, and that of all where there are several."""
        zone_ids = list(self.figures.index)
        for zone_id in zone_ids:
            yield self._line(str(zone_id), dict(self.figures.loc[zone_id]), [zone_id])
        if len(zone_ids) > 1:
            yield self._line(TOTAL, self._sums(), zone_ids)

    def _sums(self) -> dict[str, Any]:
        """Add the zones up; a zone without a figure leaves the sum missing."""
        return {
            str(name): column.max() if str(name).startswith("most_") else column.sum(skipna=False)
            for name, column in self.figures.items()
        }

    def _line(self, zone_id: str, row: dict[str, Any], zone_ids: list[Any]) -> Line:
        told = self.tell({"zone_id": zone_id, **row})
        due_on, late_days = pd.NaT, pd.NA
        if self.due is not None:
            some = self.due.reindex(zone_ids)
            due_on, late_days = some["due_on"].min(), some["late_days"].max()
        effect_ha = np.nan
        if self.effect_ha is not None:
            effect_ha = float(self.effect_ha.reindex(zone_ids).sum(min_count=1))
        return Line(
            zone_id=zone_id,
            topic=self.name,
            sector=self.sector,
            status=together(self.status[zone_ids]),
            value=told.value,
            against=told.against,
            unit=told.unit,
            figure=told.figure,
            cause=told.cause,
            blocks=told.blocks,
            rules=self.rules,
            due_on=due_on,
            late_days=late_days,
            effect_ha=effect_ha,
        )


def together(some: Iterable[str]) -> str:
    """Tell how all zones stand: as the worst, unless the plan is only further here than there.

    Examples
    --------
    >>> together(["done", "late"]), together(["done", "not_started"])
    ('late', 'under_way')
    """
    found = set(some)
    if found & {"breach", "late"} or len(found) == 1:
        return min(found, key=STATES.index)
    return "stated" if found <= {"stated", "done"} else "under_way"


def states(index: pd.Index, *rules: tuple[pd.Series, str], default: str) -> pd.Series:
    """Give each zone the first state whose condition holds; what is not known holds nowhere.

    Examples
    --------
    >>> zones = pd.Index(["A", "B"])
    >>> late = pd.Series([True, None], zones, dtype="boolean")
    >>> states(zones, (late, "late"), default="done").tolist()
    ['late', 'done']
    """
    result = pd.Series(default, index=index, dtype="object")
    for holds, state in reversed(rules):
        known = holds.reindex(index).astype("boolean").fillna(False)
        result[known.to_numpy(dtype=bool)] = state
    return result


@dataclass(frozen=True)
class Ground:
    """What the topics ask: the month, its steps, its measures, and what stands beside them."""

    report: MonthlyReport
    around: SpatialSections
    steps: Steps
    plan: PlanMeasures

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The land accounts, the row of all zones last."""
        return account_rows(self.report)

    @cached_property
    def stages(self) -> pd.Series:
        """The stage of every zone on record."""
        stages: pd.Series = self.steps.zones["stage"]
        return stages

    @cached_property
    def card(self) -> pd.DataFrame:
        """The parts of the plan of which something is on record."""
        card = self.steps.card
        return card[card["parts_count"] > 0].reset_index()

    @cached_property
    def counted(self) -> pd.Index:
        """The zones that count on the day and are computable."""
        return pd.Index(self.steps.funnel.index.get_level_values("zone_id").unique())

    def component(self, name: str) -> pd.DataFrame:
        """The rows of a component, by zone and side."""
        return self.card[self.card["component"] == name]

    def due(self, rows: pd.DataFrame) -> pd.DataFrame:
        """By zone, the first day due and the days late."""
        groups = rows.groupby("zone_id")
        return pd.DataFrame(
            {"due_on": groups["due_on"].min(), "late_days": groups["late_days"].max()}
        )


def part(key: str, **fields: Any) -> Said:
    """Say one thing: a key of the table of texts with its fields."""
    return ((key, fields),)


def nothing(name: str) -> Topic:
    """Give a topic of which nothing is on record."""
    return Topic(
        name=name,
        figures=pd.DataFrame(),
        status=pd.Series(dtype="object"),
        tell=lambda _: Told(figure=()),
    )
