"""A project and a day become a GeoPackage and a QGIS project that open styled."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import pandas as pd

from kcngeo import theme
from kcngeo.cartography import MapSpec, fill
from kcngeo.core.crs import label
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.io import Database
from kcngeo.ledger import Project, Snapshot
from kcngeo.qgis.analysis_layers import Results, results
from kcngeo.qgis.layers import Layer, history_layers, map_layers, table_layers
from kcngeo.qgis.map_files import ordered, plan_of, write_files
from kcngeo.qgis.print_layout import Sheet
from kcngeo.report import SITE_HA, MonthlyReport, is_synthetic, monthly
from kcngeo.standards import Registry, fill_definition


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Package:
    """A package that was written.

    Attributes
    ----------
    gpkg
        The GeoPackage.
    qgz
        The QGIS project.
    kept
        Copies of what somebody had edited or open and was replaced.
    missing
        By layer, why it was left out, or zones in it were.
    report
        The report whose zones and lots it shows.
    """

    gpkg: Path
    qgz: Path
    kept: tuple[Path, ...]
    missing: Mapping[str, KcngeoError]
    report: MonthlyReport


def write_package(
    project: Project | Snapshot,
    folder: str | os.PathLike[str],
    *,
    on: Day,
    language: str = "vi",
    name: str = "layers",
    definition: str | None = None,
    area: str = "grid",
    report: MonthlyReport | None = None,
    layers: Results | None = None,
    rules: Registry | None = None,
    sites_ha: float = SITE_HA,
    force: bool = False,
    database: Database | None = None,
) -> Package:
    """Write ``NAME.gpkg`` and ``NAME.qgz``: layers that open in QGIS styled, named and dated.

    The GeoPackage holds the project's own tables, whole and under their own names, so that
    :func:`kcngeo.io.read_project` reads it back after it was edited in QGIS; and what was computed
    from them: ``zones_on_day`` (fences with account and rate), ``parcels_on_day`` (lots by lease
    status, by legal code, by use), ``parcels_history`` (the same month by month, for the temporal
    controller), and what the analyses give: ``findings``, ``conflicts``, ``sites``,
    ``developable_land``, ``readiness``. By itself it is styled when it is dragged into QGIS; the
    project adds groups, map themes, months, bookmarks and a printed sheet. It is written without
    QGIS, and the same input gives the same bytes.

    A parcel with several statuses is striped, the widths as the shares; their place in it means
    nothing. Parcels of a zone that is not computable are drawn white, and its reason stands in
    ``zones_on_day``. All history is shown by the definition of
    ``on``, the law in force then if none is named.

    For the folder of a month: hand over the report that was gathered and its project, into a folder
    that is still being made.

    Parameters
    ----------
    project
        The tables.
    folder
        The folder to write into; made if it is not there.
    on
        The day.
    language
        "vi" or "en".
    name
        Name of the two files, without ending.
    definition
        Id of a fill-rate definition; None for the law in force on the day.
    area
        Basis of the hectares: "grid", "ellipsoid" or "certificate".
    report
        A report of this project that is at hand; ``definition`` and ``area`` are then its own.
    layers
        What the analyses gave, from :func:`kcngeo.qgis.results`; None to ask them for all that the
        tables can answer. ``Results()`` holds nothing.
    rules
        The registry the analyses go by; None for the one that comes with the library.
    sites_ha
        Hectares a site must have to be shown.
    force
        Whether to replace files that somebody has edited or has open; a copy is kept then.
    database
        Where the project's own tables stand, see :func:`kcngeo.io.database_of`: in the QGIS
        project they are then those of the database, edited where they are; without a password, for
        which QGIS asks. What was computed stays in the GeoPackage. None for the GeoPackage alone.

    Returns
    -------
    Package
        The files.

    Raises
    ------
    ContractError
        If a defect of the tables belongs to no zone.
    CRSError
        If a layer has no CRS, or zones and parcels disagree or misstate areas.
    DataSourceError
        If the files cannot be written, or are edited or open and ``force`` is not given; what was
        there is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_package(kcn.examples.squares(), folder, on="2018-03-31")
    ...     len(kcn.io.read_project(f"{folder}/layers.gpkg").parcels)
    10
    """
    date = day(on)
    if report is None:
        report = monthly(project, month=date, on=date, definition=definition, area=area)
    else:
        # The report at hand says what was asked.
        definition = report.chosen
    if layers is None:
        # As the report knew the tables, whatever was recorded since.
        layers = results(
            report.stored,
            on=date,
            definition=definition,
            rules=rules,
            sites_ha=sites_ha,
        )
    specs = [fill(report, on=date), *layers.maps]
    # What the tables hold themselves, as the surroundings, stands once: as what is edited.
    by_name = {
        layer.name: layer
        for layer in (
            *map_layers(specs, language=language),
            *chain.from_iterable(history_layers(spec, language=language) for spec in specs),
            *table_layers(project, language=language),
        )
    }
    # Every layer says what it holds and by which definition.
    told = [
        replace(layer, abstract=_abstract(layer, report, language=language))
        for layer in ordered([*by_name.values()])
    ]
    plan = plan_of(
        specs,
        told,
        name=name,
        crs=report.project.zones.crs,
        is_on_grid=report.area != "ellipsoid",
        sheet=_report_sheet(report, specs[0], language=language),
        language=language,
        database=database,
    )
    of = project if isinstance(project, Project) else None
    paths, kept = write_files(plan, folder, force=force, of=of)
    return Package(gpkg=paths[0], qgz=paths[1], kept=kept, missing=layers.missing, report=report)


def _abstract(layer: Layer, report: MonthlyReport, *, language: str) -> str:
    """Add to what a layer holds its CRS, the cut-off of knowledge and what must be said of it."""
    words = [layer.abstract]
    crs = getattr(layer.frame, "crs", None)
    if crs is not None:
        operation = report.operation
        words.append(
            theme.text(
                "qgis.abstract_crs",
                language=language,
                crs=label(crs),
                operation=operation.name,
                codes=list(operation.codes),
            )
        )
    if layer.is_computed and report.known_at is not None:
        known = report.known_at.isoformat()
        words.append(theme.text("qgis.abstract_known", language=language, known_at=known))
    if is_synthetic(report.project):
        words.append(theme.text("qgis.synthetic", language=language) + ".")
    return " ".join(words)


def _report_sheet(report: MonthlyReport, spec: MapSpec, *, language: str) -> Sheet:
    def said(key: str, **fields: object) -> str:
        return theme.text(f"qgis.{key}", language=language, **fields)

    on = pd.Timestamp(spec.on)
    date = theme.date(on, language=language)
    definition = fill_definition(report.chosen, on=on)
    by = definition.label(on=on, language=language)
    return Sheet(
        name=said("sheet"),
        title=said("title", on=date),
        lines=(
            said("state_on", on=date),
            said("by_definition", definition=by),
            said("areas", area=said(f"area_{report.area}")),
            said("crs", crs=f"{label(report.project.zones.crs)}, {report.project.zones.crs.name}"),
            *(words[language] for words in spec.notes),
        ),
        notice=said("synthetic") if spec.is_synthetic else "",
        maker=said("made_with", version=version("kcngeo")),
    )
