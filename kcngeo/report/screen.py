"""Find the zones whose data cannot be computed with, so that the others can go on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from kcngeo.analysis.quality import overlap_findings
from kcngeo.core.crs import label, require_metric_crs, strays
from kcngeo.core.dates import ALWAYS, OPEN
from kcngeo.core.errors import ContractError, CRSError, KcngeoError
from kcngeo.core.model import LEASABLE, Finding, Severity
from kcngeo.core.schema import RECORDED
from kcngeo.core.validation import distinct, examined
from kcngeo.fill import Book, geometry_problems, zone_problems
from kcngeo.ledger import examined_holdings, known_tables
from kcngeo.ledger.project import Project

if TYPE_CHECKING:
    import geopandas as gpd

FIGURES = ["leased_ha", "base_ha", "fill_rate"]
"""Columns of a series that are missing where a zone is not computable."""


class Screen:
    """Finds the zones whose data cannot be computed with, and takes their rows out.

    ``zones`` keeps the rows of zones whose parcels or entries are at fault, so that it is known on
    which dates they count; ``absent`` are the zones whose own rows are at fault.

    Parameters
    ----------
    project
        The tables as known.
    area
        Basis of areas.
    """

    def __init__(self, project: Project, area: str) -> None:
        frames = (project.zones, project.parcels, project.ledger)
        self.zones, self.parcels, self.ledger = (one.reset_index(drop=True) for one in frames)
        self.area = area
        self.faults: list[tuple[str, Finding]] = []
        while problems := self._breaches():
            self.block(problems)
        self._settle()
        while problems := self._contradictions():
            self.block(problems)
        self.book = self._book()
        self.overlapping = overlap_findings(self.book.tables)

    @property
    def findings(self) -> list[Finding]:
        """The faults, each once."""
        return list({id(finding): finding for _, finding in self.faults}.values())

    @property
    def absent(self) -> list[str]:
        """Zones without a row of their own to compute with."""
        return sorted({zone_id for zone_id, _ in self.faults} - set(self.zones["zone_id"]))

    def blocked(self) -> pd.DataFrame:
        """List when zones are not computable, and why: faults always, overlaps while in force.

        Returns
        -------
        pd.DataFrame
            ``zone_id``, ``start`` and ``end`` (day numbers, half-open), ``finding``.
        """
        always = pd.DataFrame(
            [
                {"zone_id": zone_id, "start": ALWAYS, "end": OPEN, "finding": finding}
                for zone_id, finding in self.faults
            ],
            columns=["zone_id", "start", "end", "finding"],
        )
        parts = [part for part in (always, self.overlapping) if len(part)]
        return pd.concat(parts, ignore_index=True) if parts else always

    def rates(self, dates: pd.DatetimeIndex, definition: str) -> pd.DataFrame:
        """Give the rates by a definition; zones that have no account by it are blocked.

        Parameters
        ----------
        dates
            Reporting dates.
        definition
            Id of the definition.

        Returns
        -------
        pd.DataFrame
            :data:`FIGURES` by (``zone_id``, ``on``).
        """
        while True:
            try:
                return self.book.rates(dates, definition)[FIGURES]
            except KcngeoError as error:
                self.block(_problems_of(error, definition))
                self.book = self._book()

    def block(self, problems: Iterable[Finding]) -> None:
        """Take the zones at fault out; stop if a problem belongs to none.

        Parameters
        ----------
        problems
            What was found.

        Raises
        ------
        ContractError
            If a problem belongs to no zone.
        """
        stops = [problem for problem in problems if not problem.zone_ids]
        if stops:
            raise ContractError(stops)
        found = [(zone_id, problem) for problem in problems for zone_id in problem.zone_ids]
        self.faults = [*self.faults, *found]
        at_fault = {zone_id for zone_id, _ in found}
        own = {zone_id for zone_id, problem in found if problem.table == "zones"}
        out = self.parcels["zone_id"].isin(at_fault)
        # A lot that moved from one zone to another keeps its entries for the other.
        gone = set(self.parcels.loc[out, "parcel_id"]) - set(self.parcels.loc[~out, "parcel_id"])
        self.zones = self.zones[~self.zones["zone_id"].isin(own)]
        self.parcels = self.parcels[~out]
        self.ledger = self.ledger[~self.ledger["parcel_id"].isin(gone)]

    def _book(self) -> Book:
        return Book.of(
            self.zones, self.parcels, self.ledger, known_at=None, area=self.area, by="zone_id"
        )

    def _breaches(self) -> list[Finding]:
        """Check every table by itself; a breach of the ledger belongs to its parcel's zone."""
        problems = []
        for name in ("zones", "parcels", "ledger"):
            frame = getattr(self, name)
            cast, found = examined(frame, name)
            if found and name == "ledger" and "parcel_id" in frame.columns:
                found = examined(frame.assign(zone_id=self._zone_of(frame["parcel_id"])), name)[1]
            setattr(self, name, cast)
            problems += found
        return problems

    def _zone_of(self, parcel_ids: pd.Series) -> pd.Series:
        """Find the zones of parcels, as far as the parcels can tell."""
        if not {"parcel_id", "zone_id"} <= set(self.parcels.columns):
            return pd.Series(None, index=parcel_ids.index, dtype="str")
        zone_of = self.parcels.drop_duplicates("parcel_id").set_index("parcel_id")["zone_id"]
        return parcel_ids.map(zone_of)

    def _settle(self) -> None:
        """Forget who knew what when: a row on record then may be superseded by now."""
        moments = [column.name for column in RECORDED]
        self.zones = self.zones.drop(columns=moments, errors="ignore")
        self.parcels = self.parcels.drop(columns=moments, errors="ignore")
        self.ledger = self.ledger.drop(columns=moments, errors="ignore")

    def _contradictions(self) -> list[Finding]:
        """Check the tables against each other, and the shapes whose areas count."""
        tables = known_tables(self.parcels, self.ledger)
        leasable = tables.parcels["land_use"].isin([str(use) for use in LEASABLE])
        return [
            *zone_problems(self.zones, self.parcels),
            *examined_holdings(tables)[1],
            *geometry_problems(tables.parcels[leasable]),
            *geometry_problems(self.zones, table="zones"),
            *_astray(self.zones, "zones"),
            *_astray(self.parcels, "parcels"),
        ]


def _astray(frame: gpd.GeoDataFrame, table: str) -> list[Finding]:
    """Find the few rows that alone make their layer unfit to be measured; others raise later."""
    try:
        require_metric_crs(frame, name=table)
    except CRSError as error:
        if error.code != "crs_stray":
            return []
    else:
        return []
    key = "zone_id" if table == "zones" else "parcel_id"
    rows = frame.iloc[strays(frame)]
    return [
        Finding(
            rule="astray",
            severity=Severity.ERROR,
            table=table,
            ids=distinct(some[key]),
            zone_ids=(str(zone_id),),
            fields={"table": table, "crs": label(frame.crs)},
        )
        for zone_id, some in rows.groupby("zone_id")
    ]


def _problems_of(error: KcngeoError, definition: str) -> tuple[Finding, ...]:
    """List what keeps zones from an account by a definition; anything else is raised on."""
    if isinstance(error, ContractError):
        return error.problems
    if error.code != "account_open":
        raise error
    return (
        Finding(
            rule="account_open",
            severity=Severity.ERROR,
            table="zones",
            zone_ids=(str(error.fields["zone_id"]),),
            fields={**error.fields, "definition": definition},
        ),
    )
