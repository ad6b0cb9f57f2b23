"""Gather one month into a frozen report: figures and findings, no formatting, no files.

One zone's bad data must not stop the others: what breaks a contract or overlaps makes its own zone
"not computable", with the reason, and the total with it; a defect that belongs to no zone stops the
run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality import fence_findings, ledger_findings, overlap_findings
from kcngeo.core.contracts import as_known, checked, examined
from kcngeo.core.crs import Operation, require_metric_crs, require_same_crs, wgs84_operation
from kcngeo.core.days import ALWAYS, OPEN, Day, day_number, moment, month_end, month_ends
from kcngeo.core.errors import ContractError
from kcngeo.core.model import LEASABLE, Finding, Project
from kcngeo.fill import Book, combine, geometry_problems, zone_problems
from kcngeo.ledger import examined_holdings, known_tables
from kcngeo.standards import FillDefinition, fill_definition, fill_definitions

if TYPE_CHECKING:
    pass

FIGURES = ["leased_ha", "base_ha", "fill_rate"]
"""Columns of a series that are missing where a zone is not computable."""


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
        recorded; None where none says so.
    project
        The tables as known.
    book
        The computable zones' tables, joined and checked.
    accounts
        Land accounts on the date, by zone, columns of :func:`kcngeo.fill.land_account`; missing
        where the zone is not computable.
    series
        Indexed by (``definition``, ``zone_id``, ``on``): ``leased_ha``, ``base_ha``,
        ``fill_rate`` by every definition, month by month.
    total
        The set of zones, ratio of sums, indexed by (``definition``, ``on``), columns of
        :func:`kcngeo.fill.combine`.
    blocked
        When zones are not computable: ``zone_id``, ``start`` and ``end`` (day numbers, half-open)
        and the ``finding`` that says why.
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
        number = day_number(self.on)
        now = self.blocked[(self.blocked["start"] <= number) & (number < self.blocked["end"])]
        return {
            str(zone_id): " ".join(finding.message(language) for finding in some)
            for zone_id, some in now.groupby("zone_id")["finding"]
        }

    def __repr__(self) -> str:
        rates = self.series.xs((self.definition.name, self.on), level=("definition", "on"))
        head = f"MonthlyReport {self.on:%Y-%m} by {self.definition.name}"
        return f"{head}, {len(self.findings)} findings\n{rates.round(4)}"


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
    project, cutoff = _as_known(project, known_at)
    require_same_crs(zones=project.zones, parcels=project.parcels)
    require_metric_crs(project.zones, name="zones")
    require_metric_crs(project.parcels, name="parcels")
    screen = _Screen(project)
    book = Book.of(
        screen.zones, screen.parcels, screen.ledger, known_at=None, area=area, by="zone_id"
    )
    blocked = screen.blocked()
    dates = _dates(start, on, book.tables.ledger)
    series = _series(book, dates, blocked, absent=screen.absent)
    used = fill_definition(definition, on=on)
    licences, unused = _projects(project)
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
        total=_total(series),
        blocked=blocked,
        findings=(
            *dict.fromkeys(blocked["finding"]),
            *unused,
            *book.held.findings,
            *ledger_findings(book.tables, licences, on=on),
            *fence_findings(book.zones, book.tables.parcels, on=on),
        ),
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


class _Screen:
    """Finds the zones whose data cannot be computed with, and takes their rows out.

    ``zones`` keeps the rows of zones whose parcels or entries are at fault, so that it is known on
    which dates they count; ``absent`` are the zones whose own rows are at fault.
    """

    def __init__(self, project: Project) -> None:
        self.zones, self.parcels, self.ledger = project.zones, project.parcels, project.ledger
        self.faults: dict[str, list[Finding]] = {}
        self._contracts()
        self._block(zone_problems(checked(self.zones, "zones"), checked(self.parcels, "parcels")))
        tables = known_tables(self.parcels, self.ledger)
        leasable = tables.parcels["land_use"].isin([str(use) for use in LEASABLE])
        self._block(
            [
                *examined_holdings(tables)[1],
                *geometry_problems(tables.parcels[leasable]),
                *geometry_problems(self.zones, table="zones"),
            ]
        )
        self.overlapping = overlap_findings(known_tables(self.parcels, self.ledger))

    @property
    def absent(self) -> list[str]:
        """Zones without a row of their own to compute with."""
        return sorted(set(self.faults) - set(self.zones["zone_id"]))

    def blocked(self) -> pd.DataFrame:
        """List when zones are not computable, and why: faults always, overlaps while in force."""
        always = pd.DataFrame(
            [
                {"zone_id": zone_id, "start": ALWAYS, "end": OPEN, "finding": finding}
                for zone_id, findings in sorted(self.faults.items())
                for finding in findings
            ],
            columns=["zone_id", "start", "end", "finding"],
        )
        parts = [part for part in (always, self.overlapping) if len(part)]
        return pd.concat(parts, ignore_index=True) if parts else always

    def _contracts(self) -> None:
        """Check every table by itself; a breach of the ledger belongs to its parcel's zone."""
        problems = []
        for name in ("zones", "parcels", "ledger"):
            frame = getattr(self, name)
            if name == "ledger" and {"parcel_id", "zone_id"} <= {
                *frame.columns,
                *self.parcels.columns,
            }:
                zone_of = self.parcels.drop_duplicates("parcel_id").set_index("parcel_id")
                frame = frame.assign(zone_id=frame["parcel_id"].map(zone_of["zone_id"]))
            problems += examined(frame, name)[1]
        self._block(problems)

    def _block(self, problems: Iterable[Finding]) -> None:
        """Take the zones at fault out; stop if a problem belongs to none."""
        stops = [problem for problem in problems if not problem.zone_ids]
        if stops:
            raise ContractError(stops)
        at_fault: set[str] = set()
        own: set[str] = set()
        for problem in problems:
            for zone_id in problem.zone_ids:
                self.faults.setdefault(zone_id, []).append(problem)
                at_fault.add(zone_id)
                if problem.table == "zones":
                    own.add(zone_id)
        if at_fault:
            out = self.parcels["zone_id"].isin(at_fault)
            names = self.parcels.loc[out, "parcel_id"]
            self.zones = self.zones[~self.zones["zone_id"].isin(own)]
            self.parcels = self.parcels[~out]
            self.ledger = self.ledger[~self.ledger["parcel_id"].isin(names)]


def _as_known(project: Project, known_at: Any) -> tuple[Project, pd.Timestamp | None]:
    """Cut every table to what was known, and say up to when that is."""
    known = replace(
        project, **{name: as_known(frame, known_at) for name, frame in project.tables()}
    )
    if known_at is not None:
        return known, moment(known_at)
    latest = [
        pd.to_datetime(frame["recorded_at"], utc=True).max()
        for _, frame in known.tables()
        if "recorded_at" in frame.columns and frame["recorded_at"].notna().any()
    ]
    return known, max(latest, default=None)


def _dates(start: Day | None, on: pd.Timestamp, ledger: pd.DataFrame) -> pd.DatetimeIndex:
    if start is None:
        first = ledger["valid_from"].min()
        start = on if pd.isna(first) or first > on else first
    return month_ends(start, on)


def _series(
    book: Book, dates: pd.DatetimeIndex, blocked: pd.DataFrame, *, absent: list[str]
) -> pd.DataFrame:
    parts = {
        one.name: _masked(
            _with_rows(book.rates(dates, one.name)[FIGURES], absent, dates), blocked, dates
        )
        for one in fill_definitions()
    }
    return pd.concat(parts, names=["definition"])


def _with_rows(rates: pd.DataFrame, absent: list[str], dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Add a row a date for zones whose own rows are at fault: they may count, or not."""
    if not absent:
        return rates
    rows = pd.MultiIndex.from_product([absent, dates], names=rates.index.names)
    return rates.reindex(rates.index.append(rows)).sort_index()


def _masked(rates: pd.DataFrame, blocked: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Make the figures missing where and while a zone is not computable."""
    zone_ids = rates.index.get_level_values("zone_id").to_numpy(dtype=object)
    when = rates.index.get_level_values("on").to_numpy(dtype="datetime64[D]").astype("int64")
    hit = np.zeros(len(rates), dtype=bool)
    for zone_id, start, end in blocked[["zone_id", "start", "end"]].itertuples(index=False):
        hit |= (zone_ids == zone_id) & (start <= when) & (when < end)
    masked = rates.copy()
    masked.loc[hit] = np.nan
    return masked


def _total(series: pd.DataFrame) -> pd.DataFrame:
    parts = {
        str(name): combine(rates.droplevel("definition").assign(definition=str(name)))
        for name, rates in series.groupby(level="definition", sort=False)
    }
    return (
        pd.concat(parts, names=["definition_id"])
        .rename_axis(["definition", "on"])
        .drop(columns="definition")
    )


def _accounts(
    book: Book, on: pd.Timestamp, definition: str, blocked: pd.DataFrame, *, absent: list[str]
) -> pd.DataFrame:
    account = book.account(on, definition)
    account = account.reindex(account.index.union(pd.Index(absent, dtype="str")).rename("zone_id"))
    number = day_number(on)
    now = blocked[(blocked["start"] <= number) & (number < blocked["end"])]
    account.loc[account.index.isin(now["zone_id"])] = np.nan
    return account


def _projects(project: Project) -> tuple[pd.DataFrame | None, list[Finding]]:
    """Give the projects to check licences by; a broken table is a finding and checks nothing."""
    if project.projects is None:
        return None, []
    cast, problems = examined(project.projects, "projects")
    return (None if problems else cast), problems
