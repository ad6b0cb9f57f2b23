"""The month: accounts, series and findings of all zones, as known at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change import Change
from kcngeo.analysis.quality import fence_findings, ledger_findings, licence_findings
from kcngeo.core.crs import Operation, wgs84_operation
from kcngeo.core.dates import Day, day_number, moment, month_end, month_ends
from kcngeo.core.errors import KcngeoWarning
from kcngeo.core.model import Finding, Severity
from kcngeo.core.schema import RECORDED, TABLES, Kind
from kcngeo.core.validation import as_known, examined
from kcngeo.fill import Book, combine
from kcngeo.ledger.project import Project
from kcngeo.report.html_repr import card
from kcngeo.report.progress_section import Steps, steps_of
from kcngeo.report.screen import Screen
from kcngeo.report.sections import Forecast, answered, change_of, forecast_of, targets_of
from kcngeo.standards import FillDefinition, fill_definition, fill_definitions

_DAYS = pd.Series(dtype="datetime64[s]")


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
        The cut-off of knowledge in UTC: as asked for, else the latest moment at which a row was
        recorded or superseded; None where none says so. Asked for again, it gives the same report.
    project
        The tables as known, cast to their contracts; what is no date is missing, and an optional
        table that breaks its contract is None.
    book
        The computable zones' tables, joined and checked.
    accounts
        Land accounts on the date, by zone, columns of :func:`kcngeo.fill.land_account`; missing
        where the zone is not computable.
    series
        Indexed by (``definition``, ``zone_id``, ``on``): ``leased_ha``, ``base_ha``,
        ``fill_rate`` by every definition, month by month; missing where the zone is not computable
        (at all, or by that definition).
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
    findings
        All findings, errors first.
    operation
        The coordinate operation of the map.
    """

    on: pd.Timestamp
    definition: FillDefinition
    chosen: str | None
    area: str
    known_at: pd.Timestamp | None
    project: Project
    book: Book
    accounts: pd.DataFrame
    series: pd.DataFrame
    total: pd.DataFrame
    blocked: pd.DataFrame
    change: Change | None
    year_change: Change | None
    targets: pd.DataFrame | None
    forecast: Forecast | None
    steps: Steps | None
    findings: tuple[Finding, ...]
    operation: Operation

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
        """
        return fill_definition(self.chosen, on=date)

    def zone_names(self) -> dict[str, str]:
        """Name the zones as on the reporting date; a zone without a name by its id.

        Returns
        -------
        dict[str, str]
            By zone, sorted.
        """
        zones = self.project.zones
        names = {str(zone_id): str(zone_id) for zone_id in sorted(set(zones["zone_id"].dropna()))}
        if "name" in zones.columns:
            if "valid_from" in zones.columns:
                zones = zones[~(zones["valid_from"] > self.on)].sort_values("valid_from")
            known = zones.dropna(subset=["zone_id", "name"])
            # Of a name that is at fault, what a file can hold.
            said = [str(name).encode("utf-8", "replace").decode() for name in known["name"]]
            names.update(zip(known["zone_id"], said, strict=True))
        return names

    def reasons(self, *, language: str) -> dict[str, str]:
        """Say why zones are not computable on the reporting date.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        dict[str, str]
            By zone, the reasons.
        """
        now = _blocked_on(self.blocked, self.on)
        return {
            str(zone_id): " ".join(finding.message(language) for finding in some)
            for zone_id, some in now.groupby("zone_id")["finding"]
        }

    def __repr__(self) -> str:
        names, _, dates = (self.series.index.get_level_values(place) for place in range(3))
        now = self.series[(names == self.definition.name) & (dates == self.on)]
        rates = now.droplevel(["definition", "on"])
        head = f"MonthlyReport {self.on:%Y-%m} by {self.definition.name}"
        return f"{head}, {len(self.findings)} findings\n{rates.round(4)}"

    def _repr_html_(self) -> str:
        # The language of the house; `card` shows a report in the other.
        return card(self, language="vi").markup


def monthly(
    project: Project,
    *,
    month: str | Day,
    definition: str | None = None,
    known_at: Any = None,
    start: Day | None = None,
    area: str = "grid",
) -> MonthlyReport:
    """Gather the report of a month.

    Parameters
    ----------
    project
        The tables.
    month
        "2018-03", or any day of the month; figures are the state on its last day.
    definition
        Id of a fill-rate definition; None for the law in force on each date.
    known_at
        As known at this moment, or at the end of this day in Viet Nam, in every table; None for
        all that is not superseded.
    start
        First day of the series; None for the first entry of the ledger.
    area
        "grid", "ellipsoid" or "certificate".

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
    """
    on = month_end(month)
    used = fill_definition(definition, on=on)
    project, cutoff = _as_known(project, known_at)
    with warnings.catch_warnings():
        # What is warned of stands in the report's findings.
        warnings.simplefilter("ignore", KcngeoWarning)
        screen = Screen(project, area)
        project, broken = _readable(project)
        dates = _dates(start, on, project.ledger)
        own = screen.rates(dates, used.name)
        series, partly = _series(screen, dates, {used.name: own})
        book, blocked = screen.book, screen.blocked()
        findings = (
            *screen.findings,
            *blocked["finding"].iloc[len(screen.faults) :],
            *broken,
            *partly,
            *book.held.findings,
            *ledger_findings(book.tables, on=on),
            *_licences(book, project, broken, on),
            *fence_findings(book.zones, book.tables.parcels, on=on),
        )
        series = _masked(series, blocked)
        answers, missing = _answers(book, project, series, on, used.name, area, blocked)
        findings += tuple(finding for finding in missing if finding not in findings)
    return MonthlyReport(
        on=on,
        definition=used,
        chosen=definition,
        area=area,
        known_at=cutoff,
        project=project,
        book=book,
        accounts=_accounts(book, on, used.name, blocked, absent=screen.absent),
        series=series,
        total=_total(series, dates),
        blocked=blocked,
        **answers,
        findings=findings,
        operation=wgs84_operation(project.parcels),
    )


def is_synthetic(project: Project) -> bool:
    """Tell whether any geometry of the zones or parcels is synthetic.

    Parameters
    ----------
    project
        The tables.

    Returns
    -------
    bool
        Whether a row says so in ``geometry_source``; it must then be said on every map.
    """
    return any(
        "geometry_source" in frame.columns and bool((frame["geometry_source"] == "synthetic").any())
        for frame in (project.zones, project.parcels)
    )


def _as_known(project: Project, known_at: Any) -> tuple[Project, pd.Timestamp | None]:
    """Cut every table to what was known, and say up to when that is."""
    cutoff = None if known_at is None else moment(known_at)
    latest = []
    frames = {}
    for name, frame in project.tables():
        said = _moments(frame)
        latest += [said[column].max() for column in said if said[column].notna().any()]
        # What cannot be read as a moment counts as missing here; the contract will say so.
        rows = as_known(said.reset_index(drop=True), cutoff).index
        kept = frame if len(rows) == len(frame) else frame.iloc[rows]
        if "superseded_at" in said and said["superseded_at"].iloc[rows].notna().any():
            # That a row was superseded later was not known then, and must not lose it later on.
            unread = said["superseded_at"].iloc[rows].isna().to_numpy()
            kept = kept.assign(superseded_at=kept["superseded_at"].where(unread))
        frames[name] = kept
    return replace(project, **frames), cutoff or max(latest, default=None)


def _moments(frame: pd.DataFrame) -> pd.DataFrame:
    """Read when the rows of a table were recorded and superseded."""
    said = pd.DataFrame(index=frame.index)
    for column in RECORDED:
        if column.name in frame.columns:
            values = frame[column.name]
            form = "ISO8601" if values.dtype in ("object", "str") else None
            said[column.name] = pd.to_datetime(values, utc=True, errors="coerce", format=form)
    return said


def _readable(project: Project) -> tuple[Project, list[Finding]]:
    """Cast every table as far as it goes; an optional one that breaks its contract is left out."""
    frames: dict[str, Any] = {}
    broken: list[Finding] = []
    for name, frame in project.tables():
        cast, problems = examined(frame, name)
        if name in ("zones", "parcels", "ledger"):
            frames[name] = cast.assign(
                **{
                    column.name: pd.to_datetime(
                        cast[column.name], errors="coerce", format="ISO8601"
                    )
                    for column in TABLES[name].columns
                    if column.kind is Kind.DATE
                    and cast.get(column.name, _DAYS).dtype != _DAYS.dtype
                }
            )
        else:
            frames[name] = None if problems else cast
            broken += problems
    return replace(project, **frames), broken


def _dates(start: Day | None, on: pd.Timestamp, ledger: pd.DataFrame) -> pd.DatetimeIndex:
    """List the reporting dates; blocked zones' entries too begin the series of the others."""
    if start is None:
        first = ledger["valid_from"].min()
        start = on if pd.isna(first) or first > on else first
    return month_ends(start, on)


def _series(
    screen: Screen, dates: pd.DatetimeIndex, parts: dict[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Give the rates by every definition, and what keeps zones from a rate by one of them."""
    partly: list[Finding] = []
    for one in fill_definitions():
        if one.name not in parts:
            aside = copy(screen)
            parts[one.name] = aside.rates(dates, one.name)
            found = aside.findings[len(screen.findings) :]
            partly += [finding for finding in found if finding not in partly]
    rows: Any = pd.MultiIndex.from_product([screen.absent, dates], names=["zone_id", "on"])
    for rates in parts.values():
        rows = rows.union(rates.index)
    series = pd.concat(
        {one.name: parts[one.name].reindex(rows) for one in fill_definitions()},
        names=["definition"],
    )
    return series, [replace(finding, severity=Severity.WARNING) for finding in partly]


def _answers(
    book: Book,
    project: Project,
    series: pd.DataFrame,
    on: pd.Timestamp,
    definition: str,
    area: str,
    blocked: pd.DataFrame,
) -> tuple[dict[str, Any], list[Finding]]:
    """Ask what the report says beyond its accounts, and tell what cannot be answered."""

    def change(months: int) -> Change:
        start = on - pd.offsets.MonthEnd(months)
        out = {*_blocked_on(blocked, start)["zone_id"], *_blocked_on(blocked, on)["zone_id"]}
        return change_of(book, start=start, end=on, definition=definition, blocked=out)

    def forecast() -> Forecast:
        made = forecast_of(
            book,
            on=on,
            definition=definition,
            area=area,
            plan=project.targets,
            clearance=project.clearance,
        )
        # The book knows of a blocked zone no more than its fence.
        return made.without(set(_blocked_on(blocked, on)["zone_id"]))

    def steps() -> Steps:
        out = set(_blocked_on(blocked, on)["zone_id"])
        return steps_of(book, project, on=on, definition=definition, area=area, blocked=out)

    questions: dict[str, Callable[[], Any]] = {
        "change": lambda: change(1),
        "year_change": lambda: change(12),
        "targets": lambda: targets_of(series, project.targets),
        "forecast": forecast,
        "steps": steps,
    }
    answers: dict[str, Any] = {}
    findings: list[Finding] = []
    for question, work in questions.items():
        answers[question], missing = answered(question, work)
        findings += missing
    return answers, findings


def _masked(series: pd.DataFrame, blocked: pd.DataFrame) -> pd.DataFrame:
    """Make the figures missing where and while a zone is not computable."""
    zone_ids = series.index.get_level_values("zone_id").to_numpy(dtype=object)
    when = series.index.get_level_values("on").to_numpy(dtype="datetime64[D]").astype("int64")
    hit = np.zeros(len(series), dtype=bool)
    for zone_id, start, end in blocked[["zone_id", "start", "end"]].itertuples(index=False):
        hit |= (zone_ids == zone_id) & (start <= when) & (when < end)
    masked = series.copy()
    masked.loc[hit] = np.nan
    return masked


def _total(series: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.DataFrame:
    parts = {}
    for one in fill_definitions():
        rates = series[series.index.get_level_values("definition") == one.name]
        total = combine(rates.droplevel("definition").assign(definition=one.name))
        # A date on which no zone counts has a row too, without figures.
        parts[one.name] = total.drop(columns="definition").reindex(dates)
    return pd.concat(parts, names=["definition", "on"])


def _blocked_on(blocked: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    """Give the stretches in which zones are not computable that hold a day."""
    number = day_number(on)
    return blocked[(blocked["start"] <= number) & (number < blocked["end"])]


def _accounts(
    book: Book, on: pd.Timestamp, definition: str, blocked: pd.DataFrame, *, absent: list[str]
) -> pd.DataFrame:
    account = book.account(on, definition)
    account = account.reindex(account.index.union(pd.Index(absent, dtype="str")).rename("zone_id"))
    now = _blocked_on(blocked, on)
    account.loc[account.index.isin(now["zone_id"])] = np.nan
    return account


def _licences(
    book: Book, project: Project, broken: list[Finding], on: pd.Timestamp
) -> list[Finding]:
    """Check the licences of let land; a table of projects that cannot be read proves nothing."""
    if any(finding.table == "projects" for finding in broken):
        return []
    return licence_findings(book.tables, project.projects, on=on)
