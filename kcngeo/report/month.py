"""The month: accounts, series and findings of all zones, as known at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.analysis.change import Change, between
from kcngeo.analysis.progress import bases, investor_figures, land_axes, vacancy
from kcngeo.analysis.quality import declared_findings
from kcngeo.analysis.quality.gate import gate
from kcngeo.analysis.targets import zone_rules
from kcngeo.core.crs import Operation, wgs84_operation
from kcngeo.core.dates import Day, covers_day, day, day_number, month_end, month_ends
from kcngeo.core.errors import already_told
from kcngeo.core.model import Finding, Severity
from kcngeo.core.schema import Names
from kcngeo.fill import ACCOUNT_COLUMNS, LIMITS, Accounts, combine
from kcngeo.ledger import Project, Snapshot
from kcngeo.ledger.faults import fault_table, findings_of, of_findings
from kcngeo.ledger.questions import known
from kcngeo.ledger.zones import zone_names
from kcngeo.report.finding_words import said
from kcngeo.report.html_repr import card
from kcngeo.report.plan_measures import PlanMeasures, plan_of
from kcngeo.report.progress_section import Steps, steps_of
from kcngeo.report.sections import Forecast, forecast_of, optional_section, targets_of
from kcngeo.report.zone_rules_section import unmet
from kcngeo.standards import (
    FillDefinition,
    clocks,
    fill_definition,
    fill_definitions,
    unchecked,
)

if TYPE_CHECKING:
    from kcngeo.core.dates import Moment
    from kcngeo.ledger.tables import Tables

FIGURES = [
    *("leased_ha", "base_ha", "fill_rate", "rate_low", "rate_high"),
    *(*LIMITS, "source", "reason"),
]
"""Columns of a series; the first three are missing where a zone is not computable, or where nobody
publishes its base, which ``reason`` then says."""

SECTIONS = (
    *("change", "year_change", "targets", "forecast", "steps", "bases", "zone_rules", "investors"),
    "vacancy",
)
"""What a month says beside its accounts, by the fields of :class:`MonthlyReport`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MonthlyReport:
    """One month of all zones, as known at a time.

    Attributes
    ----------
    on
        The reporting date, last day of the month.
    definition
        Definition of the fill rate on that date.
    chosen
        Id of the definition asked for; None if it is the law in force on each date.
    area
        Basis of all hectares: "grid", "ellipsoid" or "certificate".
    known_at
        The latest moment, in UTC, at which a row of the report was recorded or superseded; None
        where none says so. Asked for again, it gives the same report.
    snapshot
        The tables as known, zones at fault set apart.
    stored
        The tables as stored then, for layers that are edited and brought back; the snapshot itself
        where the report was asked of one.
    accounts
        Land accounts on the date, by zone, columns of :func:`kcngeo.fill.land_account`; missing
        where the zone is not computable.
    series
        Indexed by (``definition``, ``zone_id``, ``on``): ``leased_ha``, ``base_ha``,
        ``fill_rate`` by every definition, month by month; missing where the zone is not computable
        (at all, or by that definition). Beside them ``rate_low``, ``rate_high`` and the hectares
        they divide, see :func:`kcngeo.fill.fill_rate`.
    total
        The set of zones, ratio of sums, indexed by (``definition``, ``on``), columns of
        :func:`kcngeo.fill.combine`; missing where no zone counts.
    blocked
        When zones are not computable: ``zone_id``, ``start`` and ``end`` (day numbers, half-open)
        and the ``finding`` that says why.
    change
        Why the rates moved since the month before, by the month's definition. This and what
        follows is None where it could not be answered; a finding says why.
    year_change
        The same since twelve months before.
    targets
        Every target by every definition and date of the series, see
        :func:`kcngeo.analysis.targets.trajectory`; None where there are no targets.
    forecast
        When all is let, when each target that lies ahead is reached, and the let area of the next
        24 months. Land due to be cleared by the table of clearance is the supply.
    bases
        The bases of every zone side by side, see :func:`kcngeo.analysis.progress.bases`.
    zone_rules
        What the law of the day asks of zones as wholes, see
        :func:`kcngeo.analysis.targets.zone_rules`.
    investors
        Investors by zone, sector and origin, see
        :func:`kcngeo.analysis.progress.investor_figures`; None without a table of projects.
    vacancy
        Lots by count, see :func:`kcngeo.analysis.progress.vacancy`.
    steps
        How far every zone has come.
    plan
        What the lines of the plan are made of, see :func:`kcngeo.report.plan_lines`.
    findings
        All findings; those that can move a figure have their effect. Rules of planning and of the
        order of development that are broken are among them.
    doubt
        How far the figures of the day may lie from what is printed if all that the findings doubt
        is wrong, by zone and, under "", of all: ``doubt_leased_ha``, ``doubt_base_ha``, ``doubt``
        (a share of the rate), ``because`` (the rules, the most first, joined by "|"). What two
        findings doubt of one parcel counts once.
    doubted
        What it is worked out of, by zone, see :class:`kcngeo.analysis.quality.gate.Gate`.
    operation
        The coordinate operation of the map.
    """

    on: pd.Timestamp
    definition: FillDefinition
    chosen: str | None
    area: str
    known_at: pd.Timestamp | None
    snapshot: Snapshot
    stored: Project | Snapshot
    accounts: pd.DataFrame
    series: pd.DataFrame
    total: pd.DataFrame
    blocked: pd.DataFrame
    change: Change | None
    year_change: Change | None
    targets: pd.DataFrame | None
    forecast: Forecast | None
    steps: Steps | None
    bases: pd.DataFrame | None
    zone_rules: pd.DataFrame | None
    investors: pd.DataFrame | None
    vacancy: pd.DataFrame | None
    plan: PlanMeasures | None
    findings: tuple[Finding, ...]
    doubt: pd.DataFrame
    doubted: pd.DataFrame
    operation: Operation

    @property
    def project(self) -> Tables:
        """Give the tables as known with the rows of zones at fault too, for who draws them.

        Returns
        -------
        Tables
            Cast as far as that goes; an optional table that breaks its contract is None.
        """
        return self.snapshot.given or self.snapshot

    @property
    def dates(self) -> pd.DatetimeIndex:
        """Give the reporting dates of the series.

        Returns
        -------
        pd.DatetimeIndex
            Month ends, the last one ``on``.
        """
        return pd.DatetimeIndex(self.total.index.unique("on"), name="on")

    def definition_on(self, date: pd.Timestamp) -> FillDefinition:
        """Give the definition the report uses on one of its dates.

        Parameters
        ----------
        date
            The date.

        Returns
        -------
        FillDefinition
            The one asked for, else the law in force on the date.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> report.definition_on(pd.Timestamp("2018-03-31")).name
        'nd164-2013'
        """
        return fill_definition(self.chosen, on=date)

    def zone_names(self) -> dict[str, str]:
        """Name the zones as on the reporting date; a zone without a name by its id.

        Returns
        -------
        dict[str, str]
            By zone, sorted.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> report.zone_names()
        {'A': 'Zone A', 'B': 'Zone B'}
        """
        return zone_names(self.project.zones, on=self.on)

    def reasons(self, *, language: str, names: Names | None = None) -> dict[str, str]:
        """Say why zones are not computable on the reporting date.

        Parameters
        ----------
        language
            "vi" or "en".
        names
            What ids are called; None to tell the ids.

        Returns
        -------
        dict[str, str]
            By zone, the reasons.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
        >>> report.reasons(language="en")  # both zones can be computed
        {}
        """
        now = _blocked_on(self.blocked, self.on)
        return {
            str(zone_id): " ".join(said(one, names, language=language) for one in some)
            for zone_id, some in now.groupby("zone_id")["finding"]
        }

    def __repr__(self) -> str:
        names, _, dates = (self.series.index.get_level_values(place) for place in range(3))
        now = self.series[(names == self.definition.name) & (dates == self.on)]
        rates = now.droplevel(["definition", "on"])[["leased_ha", "base_ha", "fill_rate"]]
        head = f"MonthlyReport {self.on:%Y-%m} by {self.definition.name}"
        return f"{head}, {len(self.findings)} findings\n{rates.round(4)}"

    def _repr_html_(self) -> str:
        # The language of the house; `card` shows a report in the other.
        return card(self, language="vi").markup


def monthly(
    project: Project | Snapshot,
    *,
    month: str | Day,
    on: Day | None = None,
    definition: str | None = None,
    known_at: Moment | None = None,
    start: Day | None = None,
    area: str = "grid",
    sections: Collection[str] = SECTIONS,
    snapshot: Snapshot | None = None,
) -> MonthlyReport:
    """Gather the report of a month.

    Parameters
    ----------
    project
        The tables.
    month
        "2018-03", or any day of the month; figures are the state on its last day.
    on
        The day of the month whose state is asked instead; the series is then of it alone.
    definition
        Id of a fill-rate definition; None for the law in force on each date.
    known_at
        As known at this moment, or at the end of this day in Viet Nam, in every table; None for
        all that is not superseded. Not to be given with a snapshot, which has its moment.
    start
        First day of the series; None for the first entry of the ledger.
    area
        "grid", "ellipsoid" or "certificate".
    sections
        Which of :data:`SECTIONS` to answer; the others are None, and no finding says why.
    snapshot
        What is known of the project at the moment, zones at fault set apart, if that was worked out
        for another month already.

    Returns
    -------
    MonthlyReport
        The report.

    Raises
    ------
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    ContractError
        If a defect belongs to no zone; all such defects are listed.
    KcngeoError
        If a moment is given together with a snapshot.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = monthly(kcn.examples.squares(), month="2018-03")
    >>> report.accounts["leased_ha"].tolist()
    [1.5, 1.0]
    """
    alone, on = on is not None, month_end(month) if on is None else day(on)
    used = fill_definition(definition, on=on)
    with already_told():
        stored, snapshot = snapshot_of(project, known_at, made=snapshot)
        dates = pd.DatetimeIndex([on], name="on") if alone else dates_of(start, on, snapshot)
        accounts = Accounts.of(snapshot, area=area)
        series, partly = rates_of_all(accounts, dates, used)
        blocked = _blocked(accounts, dates, used)
        # The same fault is told once.
        told = [
            *dict.fromkeys(blocked["finding"]),
            *(finding for broken in snapshot.broken.values() for finding in broken),
            *partly,
        ]
        gated = gate(accounts, on=on, definition=used, told=told)
        findings = (
            *gated.findings,
            *declared_findings(snapshot, on=on),
            *unchecked((*fill_definitions(), *clocks()), on=on),
        )
        account = accounts.account(on, used.name)
        # A zone whose rate is not known on the day has no account either.
        blocked_now = account.index.isin(_blocked_on(blocked, on)["zone_id"])
        account.loc[blocked_now, list(ACCOUNT_COLUMNS)] = float("nan")
        answers, missing = _answers(snapshot, series, on, used.name, area, blocked, sections)
        missing += unmet(answers["zone_rules"])
        findings += tuple(finding for finding in missing if finding not in findings)
    return MonthlyReport(
        on=on,
        definition=used,
        chosen=definition,
        area=area,
        known_at=snapshot.moment,
        snapshot=snapshot,
        stored=stored,
        accounts=account,
        series=series,
        total=_total(series, dates, used),
        blocked=blocked,
        **answers,
        findings=findings,
        doubt=gated.doubt,
        doubted=gated.doubted,
        operation=wgs84_operation(snapshot.parcels),
    )


def snapshot_of(
    project: Project | Snapshot, known_at: Moment | None, *, made: Snapshot | None = None
) -> tuple[Project | Snapshot, Snapshot]:
    """Give the tables as stored at the moment, and as known."""
    if isinstance(project, Snapshot):
        snapshot = project.as_known(known_at)
        return snapshot, snapshot
    stored = project if known_at is None else project.stored_at(known_at)
    return stored, known(stored) if made is None else made


def is_synthetic(project: Tables) -> bool:
    """Tell whether any geometry of the zones or parcels is synthetic.

    Parameters
    ----------
    project
        The tables.

    Returns
    -------
    bool
        Whether a row says so in ``geometry_source``; it must then be said on every map.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> is_synthetic(kcn.examples.squares())
    False
    """
    return any(
        "geometry_source" in frame.columns and bool((frame["geometry_source"] == "synthetic").any())
        for frame in (project.zones, project.parcels)
    )


def dates_of(start: Day | None, on: pd.Timestamp, snapshot: Snapshot) -> pd.DatetimeIndex:
    """List the reporting dates; blocked zones' entries too begin the series of the others."""
    if start is None:
        first = snapshot.since
        start = on if first is None or first > on else first
    return month_ends(start, on)


def rates_of_all(
    accounts: Accounts, dates: pd.DatetimeIndex, used: FillDefinition
) -> tuple[pd.DataFrame, list[Finding]]:
    """Give the rates by every definition, and what keeps zones from a rate by one of them."""
    parts: dict[str, pd.DataFrame] = {}
    partly: list[Finding] = []

    def faults(name: str) -> list[Finding]:
        span = accounts.snapshot.faults_between(
            dates[0], dates[-1], area=accounts.area, definition=name
        )
        return findings_of(span)

    own = set(map(id, faults(used.name)))
    for one in fill_definitions(also=used.name):
        parts[one.name] = accounts.rates(dates, one.name)[FIGURES]
        others = [finding for finding in faults(one.name) if id(finding) not in own]
        partly += [
            finding
            for finding in (*others, *(accounts.overfull(dates, one) if one != used else ()))
            if finding not in partly
        ]
    return pd.concat(parts, names=["definition"]), [
        replace(finding, severity=Severity.WARNING) for finding in partly
    ]


def _blocked(accounts: Accounts, dates: pd.DatetimeIndex, used: FillDefinition) -> pd.DataFrame:
    """List when zones are not computable by the definition of the month, and why."""
    snapshot = accounts.snapshot
    found = snapshot.faults_between(dates[0], dates[-1], area=accounts.area, definition=used.name)
    found += of_findings(accounts.overfull(dates, used))
    found += accounts.declared_faults(dates, used)
    return fault_table(found)[["zone_id", "start", "end", "finding"]]


def _answers(
    snapshot: Snapshot,
    series: pd.DataFrame,
    on: pd.Timestamp,
    definition: str,
    area: str,
    blocked: pd.DataFrame,
    sections: Collection[str],
) -> tuple[dict[str, Any], list[Finding]]:
    """Ask what the report says beyond its accounts, and tell what cannot be answered."""

    def change(months: int) -> Change:
        start = on - pd.offsets.MonthEnd(months)
        asked: dict[str, Any] = {"start": start, "end": on, "definition": definition}
        return between(snapshot, snapshot, **asked, area=area)

    def forecast() -> Forecast:
        asked: dict[str, Any] = {"on": on, "definition": definition, "area": area}
        made = forecast_of(snapshot, **asked)
        # Of a blocked zone no more is known than its boundary; without lots nothing is let one by
        # one, so nobody can say how it goes on.
        drawn = set(snapshot.parcels["zone_id"][snapshot.in_force(on)].unique())
        undrawn = set(snapshot.zone_ids) - drawn
        return made.without(set(_blocked_on(blocked, on)["zone_id"]) | undrawn)

    def steps() -> Steps:
        return steps_of(snapshot, on=on, definition=definition, area=area)

    questions: dict[str, Callable[[], Any]] = {
        "change": lambda: change(1),
        "year_change": lambda: change(12),
        "targets": lambda: targets_of(series, snapshot.table("targets")),
        "forecast": forecast,
        "steps": steps,
        "bases": lambda: bases(snapshot, on=on, area=area),
        "zone_rules": lambda: zone_rules(snapshot, on=on, area=area),
        "vacancy": lambda: vacancy(land_axes(snapshot, on=on, definition=definition, area=area)),
        "investors": lambda: (
            None
            if snapshot.table("projects") is None
            else investor_figures(snapshot, on=on, definition=definition, area=area)
        ),
    }
    answers: dict[str, Any] = dict.fromkeys(SECTIONS)
    findings: list[Finding] = []
    for question, work in questions.items():
        if question in sections:
            answers[question], missing = optional_section(question, work)
            findings += missing
    answers["plan"] = None
    if answers["steps"] is not None:
        answers["plan"], broken = plan_of(
            snapshot, answers["steps"], on=on, definition=definition, area=area
        )
        findings += broken
    return answers, findings


def _total(series: pd.DataFrame, dates: pd.DatetimeIndex, used: FillDefinition) -> pd.DataFrame:
    parts = {}
    for one in fill_definitions(also=used.name):
        rates = series[series.index.get_level_values("definition") == one.name]
        total = combine(rates.droplevel("definition").assign(definition=one.name))
        # A date on which no zone counts has a row too, without figures.
        parts[one.name] = total.drop(columns="definition").reindex(dates)
    return pd.concat(parts, names=["definition", "on"])


def _blocked_on(blocked: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    """Give the stretches in which zones are not computable that hold a day."""
    number = day_number(on)
    return blocked[covers_day(blocked["start"], blocked["end"], number)]
