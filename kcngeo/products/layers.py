"""Layers for GIS staff: a GeoPackage and a QGIS project that open styled, and can be edited."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcngeo import io, qgis
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.products.common import asked_for, naming, together
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.kept_packages import keeping
from kcngeo.publish.month import month_bundle
from kcngeo.publish.month_tables import accounts_table
from kcngeo.report import SITE_HA, MonthlyReport, monthly
from kcngeo.standards import BufferRule, Limit, ReadinessRule, Registry, fill_definitions, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from kcngeo.ledger import Project, Snapshot


def layers(
    project: Project | Snapshot,
    *,
    on: Day,
    name: str = "layers",
    definition: str | None = None,
    area: str = "grid",
    sites_ha: float = SITE_HA,
    rules: Registry | None = None,
    force: bool = False,
    database: str | None = None,
) -> Bundle:
    """Give the layers of a day: the project's own tables, and what is computed from them.

    A package that somebody edited or has open is not replaced, unless ``force`` is given; a copy
    stands then in a folder beside it and is kept in every later run.

    Parameters
    ----------
    project
        The tables as stored, so that the package can be edited and brought back; what was known at
        a moment is ``project.stored_at(moment)``.
    on
        The day.
    name
        Name of the two files, without ending.
    definition
        Id of a fill-rate definition; None for the law in force on the day.
    area
        Basis of the hectares: "grid", "ellipsoid" or "certificate".
    sites_ha
        Hectares a site must have to be shown.
    rules
        The registry the analyses go by; None for the one that comes with the library.
    force
        Whether to replace files that somebody has edited or has open; a copy is kept then.
    database
        URL of the database the tables stand in, of which only the place is used and named: in the
        QGIS project they are then those of the database, edited where they are. None for the
        GeoPackage alone.

    Returns
    -------
    Bundle
        Tables ``accounts`` and ``findings``; the GeoPackage and the project as part ``layers``.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    CRSError
        If a layer has no CRS, or zones and parcels disagree or misstate areas.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> account = layers(kcn.examples.squares(), on="2018-03-15").tables["accounts"]
    >>> account["leased_ha"].tolist(), str(account["on"].iloc[0].date())
    ([1.5, 1.0, 2.5], '2018-03-15')
    """
    date = day(on)
    followed = rules or registry()
    # Accounts and lots of the day, without the months before.
    report = monthly(project, month=date, on=date, definition=definition, area=area)
    asked: dict[str, Any] = {"definition": definition, "sites_ha": sites_ha, "rules": followed}
    results = qgis.results(project, on=date, **asked)
    # Who enters, and with which word, is nobody's to read in a file.
    place = None if database is None else io.redact_url(database)
    package = _Package(project=project, report=report, name=name, results=results, database=place)
    missing = _missing(results.missing)
    month = month_bundle(report)
    findings = together(report.findings, missing)

    def make_tables(language: str) -> dict[str, pd.DataFrame]:
        return {"accounts": accounts_table(report, language=language)}

    return Bundle(
        product="layers",
        provenance=Provenance(
            options=asked_for(
                on=on,
                name=name,
                definition=definition,
                area=area,
                sites_ha=sites_ha,
                database=place,
            ),
            tables=report.project,
            registry=followed,
            moment=report.known_at,
            rules=(
                *fill_definitions(),
                *followed.of(BufferRule),
                *followed.of(Limit),
                *followed.of(ReadinessRule),
            ),
        ),
        make_tables=make_tables,
        names=naming(report.project, make_tables, findings, on=date, rules=followed),
        findings=findings,
        left_out=month.left_out,
        incomplete=bool(missing),
        maps=month.maps,
        documents={"layers": package.files, "map": lambda _: {}},
        say=lambda _: (f"{name}.gpkg", f"{name}.qgz"),
        **keeping(name, force=force),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    """What a package is written from."""

    project: Project | Snapshot
    report: MonthlyReport
    name: str
    results: qgis.Results
    database: str | None

    def files(self, language: str) -> Files:
        """Write the package beside, and give its files."""
        with tempfile.TemporaryDirectory() as folder:
            qgis.write_package(
                self.project,
                folder,
                on=self.report.on,
                language=language,
                name=self.name,
                report=self.report,
                layers=self.results,
                database=None if self.database is None else io.database_of(self.database),
            )
            made = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
        return {name: partial(bytes, data) for name, data in made.items()}


def store_styles(url: str, *, language: str = "vi") -> int:
    """Keep the styles of a project's tables in its database, where QGIS looks for them.

    Whoever adds a table or a view of today to a map finds it drawn as in a package, with its
    columns in words and drop-downs for closed lists. Styles of others stay.

    Parameters
    ----------
    url
        The URL of the project, see :func:`kcngeo.io.read_project`.
    language
        "vi" or "en".

    Returns
    -------
    int
        How many styles were written.

    Raises
    ------
    DataSourceError
        If it is no database, cannot be read, or the role may not write styles.

    Examples
    --------
    >>> store_styles("project.gpkg")
    Traceback (most recent call last):
    kcngeo.core.errors.DataSourceError: project.gpkg: only a database keeps styles.
    """
    if not io.is_url(url):
        raise DataSourceError("no_database", path=url)
    return io.write_layer_styles(qgis.table_styles(io.read_project(url), language=language), url)


def _missing(reasons: Mapping[str, Exception]) -> tuple[Finding, ...]:
    """Say which layers are missing from a package, or lack zones, and why."""
    return tuple(
        Finding(
            rule="not_in_package",
            severity=Severity.WARNING,
            table="layers",
            ids=(name,),
            fields={"layer": name, "reason": reason},
        )
        for name, reason in reasons.items()
    )
