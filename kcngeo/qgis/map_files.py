"""Maps as files of QGIS: a GeoPackage whose layers are styled, and the project that shows them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import io, theme
from kcngeo.cartography import MapSpec
from kcngeo.core import atomic
from kcngeo.core.crs import label
from kcngeo.core.errors import DataSourceError
from kcngeo.qgis.forms import forms_of
from kcngeo.qgis.geopackage_styles import connect, dress
from kcngeo.qgis.layers import GROUPS, Layer, edited_in, history_layers, map_layers, shown_in
from kcngeo.qgis.print_layout import Sheet
from kcngeo.qgis.project import project_bytes
from kcngeo.qgis.project_model import Plan
from kcngeo.qgis.safe_replace import discard_logs, require_replaceable, seal

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project


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
    """
    if not specs:
        raise ValueError("give at least one map")
    first = specs[0]
    layers = ordered(
        [
            *map_layers(specs, language=language),
            *chain.from_iterable(history_layers(spec, language=language) for spec in specs),
        ]
    )
    if any(spec.is_synthetic for spec in specs):
        words = theme.text("qgis.synthetic", language=language) + "."
        layers = [replace(one, abstract=f"{one.abstract} {words}".strip()) for one in layers]
    plan = plan_of(
        specs,
        layers,
        name=name,
        crs=first.zones.frame.crs,
        is_on_grid=True,
        sheet=_map_sheet(first, language=language),
        language=language,
    )
    paths, kept = write_files(plan, folder, force=force)
    return Maps(gpkg=paths[0], qgz=paths[1], kept=kept)


def ordered(layers: Sequence[Layer]) -> list[Layer]:
    """Sort layers by group, zones above all results so that no parcel hides them.

    Parameters
    ----------
    layers
        The layers.

    Returns
    -------
    list[Layer]
        The same, from above.
    """
    return sorted(
        layers, key=lambda layer: (GROUPS.index(layer.group), layer.name != "zones_on_day")
    )


def plan_of(
    specs: Sequence[MapSpec],
    layers: Sequence[Layer],
    *,
    name: str,
    crs: Any,
    is_on_grid: bool,
    sheet: Sheet,
    language: str,
    database: io.Database | None = None,
) -> Plan:
    """Say what the project of some maps holds: its layers, months, places and sheet.

    Parameters
    ----------
    specs
        The maps; the first is seen first.
    layers
        The layers, from above; ``zones_on_day`` is among them.
    name
        Name of the files, without ending.
    crs
        CRS of the project.
    is_on_grid
        Whether areas are measured on the grid, not on the ellipsoid.
    sheet
        The sheet for print.
    language
        "vi" or "en".
    database
        Where the project's own tables are, if not in the GeoPackage.

    Returns
    -------
    Plan
        The project.
    """
    first = specs[0]
    on = pd.Timestamp(first.on)
    frames = {layer.name: layer.frame for layer in layers}
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
        shown=[*shown_in(specs, language=language), *edited_in(layers, language=language)],
        sheet=sheet,
        database=database,
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
        has_account="base_ha" in spec.zones.frame.columns,
    )


def write_files(
    plan: Plan, folder: str | os.PathLike[str], *, force: bool, of: Project | None = None
) -> tuple[tuple[Path, Path], tuple[Path, ...]]:
    """Write the GeoPackage and the project beside their places, then rename both.

    Parameters
    ----------
    plan
        What they hold.
    folder
        The folder to write into; made if it is not there.
    force
        Whether to replace files that somebody has edited or has open; a copy is kept then.
    of
        The project whose tables are among the layers.

    Returns
    -------
    tuple[tuple[Path, Path], tuple[Path, ...]]
        The two files, and the copies that were kept.

    Raises
    ------
    DataSourceError
        If the files cannot be written, or are edited or open and ``force`` is not given; what was
        there is then as it was.
    """
    target = _target(folder, plan.name)
    paths = (target, target.with_suffix(".qgz"))
    precious = require_replaceable(paths, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic.files(*paths) as (gpkg, qgz):
            io.write_layers({layer.name: layer.frame for layer in plan.layers}, gpkg, of=of)
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
                        forms=forms_of(layer, language=plan.language),
                    )
                seal(connection)
            qgz.write_bytes(project_bytes(plan))
            kept = io.keep_copies([path for path in paths if path.exists()] if precious else [])
            discard_logs(target)
    except DataSourceError as error:
        # What could not be written has a hidden name that tells nobody anything.
        raise DataSourceError(error.code, **{**error.fields, "path": target}) from error
    except (OSError, sqlite3.Error) as error:
        raise DataSourceError("unwritable", path=target, detail=error) from error
    return paths, tuple(kept)


def _target(folder: str | os.PathLike[str], name: str) -> Path:
    if (
        not name
        or Path(name).name != name
        or name.lower().startswith(("gpkg", "."))
        or not name.isprintable()
    ):
        raise DataSourceError("package_name", name=repr(name))
    return Path(folder).resolve() / f"{name}.gpkg"
