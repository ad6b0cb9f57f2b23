"""The door: a project and a day become a GeoPackage and a QGIS project that open styled."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import io, theme
from kcngeo.cartography import MapSpec, fill
from kcngeo.core import atomic
from kcngeo.core.crs import label
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.ledger import Project, Snapshot
from kcngeo.qgis.analysis_layers import Results, results
from kcngeo.qgis.geopackage_styles import connect, dress
from kcngeo.qgis.layers import (
    GROUPS,
    Layer,
    history_layers,
    map_layers,
    shown_in,
    table_layers,
)
from kcngeo.qgis.print_layout import Sheet
from kcngeo.qgis.project import project_bytes
from kcngeo.qgis.project_model import Plan
from kcngeo.qgis.safe_replace import discard_logs, require_replaceable, seal
from kcngeo.report import SITE_HA, MonthlyReport, is_synthetic, monthly
from kcngeo.standards import Registry, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maps:
    """Maps that were written for QGIS.

    Attributes
    ----------
    gpkg
        The GeoPackage.
    qgz
        The QGIS project.
    kept
        Copies of what somebody had edited or open and was replaced.
    """

    gpkg: Path
    qgz: Path
    kept: tuple[Path, ...]


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
        A report of this project that is at hand; ``definition``, ``known_at`` and ``area`` are then
        its own.
    layers
        What the analyses gave, from :func:`kcngeo.qgis.results`; None to ask them for all that the
        tables can answer. ``Results()`` holds nothing.
    rules
        The registry the analyses go by; None for the one that comes with the library.
    sites_ha
        Hectares a site must have to be shown.
    force
        Whether to replace files that somebody has edited or has open; a copy is kept then.

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
        report = monthly(project, month=date, start=date, definition=definition, area=area)
    else:
        # The report at hand says what was asked.
        definition = report.chosen
    if layers is None:
        layers = results(
            project,
            on=date,
            definition=definition,
            language=language,
            rules=rules,
            sites_ha=sites_ha,
        )
    specs = [fill(report, on=date), *layers.maps]
    # Every layer says what it holds and by which definition.
    told = [
        replace(layer, abstract=_abstract(layer, report, language=language))
        for layer in _ordered(
            [
                *map_layers(specs, language=language),
                *chain.from_iterable(history_layers(spec, language=language) for spec in specs),
                *table_layers(project, language=language),
            ]
        )
    ]
    plan = _plan(
        specs,
        told,
        name=name,
        crs=report.project.zones.crs,
        is_on_grid=report.area != "ellipsoid",
        sheet=_report_sheet(report, specs[0], language=language),
        language=language,
    )
    paths, kept = _write(plan, folder, force=force)
    return Package(gpkg=paths[0], qgz=paths[1], kept=kept, missing=layers.missing, report=report)


def write_maps(
    specs: Sequence[MapSpec],
    folder: str | os.PathLike[str],
    *,
    name: str,
    language: str = "vi",
    force: bool = False,
) -> Maps:
    """Write ``NAME.gpkg`` and ``NAME.qgz``: maps as layers that open in QGIS as they are drawn.

    Every map is a map theme of the project, drawn as :func:`kcngeo.maps.draw_map` and
    :func:`kcngeo.figures.draw_map` draw it: classes, colours, words, stripes, numbers. The
    GeoPackage by itself is styled when it is dragged into QGIS. Layers that go with a map
    (:attr:`~kcngeo.cartography.MapSpec.more`) are there, styled, and switched off. It is written
    without QGIS, and the same input gives the same bytes.

    Parameters
    ----------
    specs
        The maps, of one day and CRS; the first is seen first.
    folder
        The folder to write into; made if it is not there.
    name
        Name of the two files, without ending.
    language
        "vi" or "en".
    force
        Whether to replace files that somebody has edited or has open; a copy is kept then.

    Returns
    -------
    Maps
        The files.

    Raises
    ------
    ValueError
        If there is no map.
    DataSourceError
        If the files cannot be written, or are edited or open and ``force`` is not given; what was
        there is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_maps([kcn.cartography.fill(report)], folder, name="fill")
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['fill.gpkg', 'fill.qgz']
    """
    if not specs:
        raise ValueError("give at least one map")
    first = specs[0]
    layers = _ordered(
        [
            *map_layers(specs, language=language),
            *chain.from_iterable(history_layers(spec, language=language) for spec in specs),
        ]
    )
    # Invented shapes are said in every layer, as a layer may travel alone.
    if any(spec.is_synthetic for spec in specs):
        words = theme.text("qgis.synthetic", language=language) + "."
        layers = [replace(one, abstract=f"{one.abstract} {words}".strip()) for one in layers]
    plan = _plan(
        specs,
        layers,
        name=name,
        crs=first.zones.frame.crs,
        is_on_grid=True,
        sheet=_map_sheet(first, language=language),
        language=language,
    )
    paths, kept = _write(plan, folder, force=force)
    return Maps(gpkg=paths[0], qgz=paths[1], kept=kept)


def _target(folder: str | os.PathLike[str], name: str) -> Path:
    if (
        not name
        or Path(name).name != name
        or name.lower().startswith(("gpkg", "."))
        or not name.isprintable()
    ):
        raise DataSourceError("package_name", name=repr(name))
    return Path(folder).resolve() / f"{name}.gpkg"


def _ordered(layers: Sequence[Layer]) -> list[Layer]:
    """Sort layers by group, fences above all results so that no lot hides them."""
    return sorted(
        layers, key=lambda layer: (GROUPS.index(layer.group), layer.name != "zones_on_day")
    )


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


def _plan(
    specs: Sequence[MapSpec],
    layers: Sequence[Layer],
    *,
    name: str,
    crs: Any,
    is_on_grid: bool,
    sheet: Sheet,
    language: str,
) -> Plan:
    """Lay out the project: layers, days, extents, what is seen first."""
    first = specs[0]
    on = pd.Timestamp(first.on)
    frames = {layer.name: layer.frame for layer in layers}
    # The temporal controller begins with the first month that has a parcel.
    begun = frames["parcels_history"]["shown_from"].min() if "parcels_history" in frames else None
    this_month = on.replace(day=1)
    return Plan(
        name=name,
        layers=layers,
        on=on,
        first=this_month if begun is None or pd.isna(begun) else min(begun, this_month),
        crs=crs,
        extents=_extents(frames["zones_on_day"], first),
        is_on_grid=is_on_grid,
        language=language,
        shown=shown_in(specs, language=language),
        sheet=sheet,
    )


def _extents(zones: gpd.GeoDataFrame, spec: MapSpec) -> dict[str, Any]:
    """Say where the zones are, the one with most leasable land first."""
    zones = zones[~(zones.geometry.is_empty | zones.geometry.isna())]
    if zones.empty:
        frames = [layer.frame for layer in spec.drawn() if len(layer.frame)]
        return {"": tuple(frames[-1].total_bounds) if frames else (0.0, 0.0, 1.0, 1.0)}
    if "base_ha" in zones.columns:
        zones = zones.sort_values("base_ha", ascending=False, na_position="last", kind="stable")
    boxes = zip(zones["name"], zones.bounds.to_numpy(), strict=True)
    return {name: tuple(box) for name, box in boxes}


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
            said("by_definition", definition=by, id=definition.name),
            said("areas", area=said(f"area_{report.area}")),
            said("crs", crs=f"{label(report.project.zones.crs)}, {report.project.zones.crs.name}"),
            *(words[language] for words in spec.notes),
        ),
        notice=said("synthetic") if spec.is_synthetic else "",
        maker=said("made_with", version=version("kcngeo")),
    )


def _map_sheet(spec: MapSpec, *, language: str) -> Sheet:
    crs = spec.zones.frame.crs
    date = theme.date(spec.on, language=language)
    lines = [theme.text("qgis.state_on", language=language, on=date), spec.headline[language]]
    lines += [spec.subtitle[language]] if spec.subtitle[language] else []
    lines += [theme.text("qgis.crs", language=language, crs=f"{label(crs)}, {crs.name}")]
    return Sheet(
        name=theme.text("qgis.sheet", language=language),
        title=spec.title[language],
        lines=(*lines, *(words[language] for words in spec.notes)),
        notice=theme.text("qgis.synthetic", language=language) if spec.is_synthetic else "",
        maker=theme.text("qgis.made_with", language=language, version=version("kcngeo")),
    )


def _write(
    plan: Plan, folder: str | os.PathLike[str], *, force: bool
) -> tuple[tuple[Path, Path], tuple[Path, ...]]:
    """Write both files beside their places, then rename them."""
    target = _target(folder, plan.name)
    paths = (target, target.with_suffix(".qgz"))
    precious = require_replaceable(paths, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic.files(*paths) as (gpkg, qgz):
            io.write_layers({layer.name: layer.frame for layer in plan.layers}, gpkg)
            with closing(connect(gpkg)) as connection, connection:
                for layer in plan.layers:
                    dress(
                        connection,
                        layer.name,
                        layer.looks,
                        language=plan.language,
                        title=layer.title,
                        abstract=layer.abstract,
                        lists=layer.lists,
                    )
                seal(connection)
            qgz.write_bytes(project_bytes(plan))
            kept = io.keep_copies([path for path in paths if path.exists()] if precious else [])
            discard_logs(target)
    except DataSourceError as error:
        # What could not be written has a hidden name that tells nobody anything.
        raise DataSourceError(error.code, **{**error.fields, "path": target}) from error
    except (OSError, sqlite3.Error) as error:
        raise DataSourceError("unwritable", path=target, detail=str(error)) from error
    return paths, tuple(kept)
