"""The layers of a package: what each holds, how it looks, and what is told about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography.periods import periods, shown_months
from kcngeo.core.dates import covers_day, day_number, is_in_force
from kcngeo.core.errors import already_told
from kcngeo.fill import fill_rate, land_account
from kcngeo.ledger.tables import Tables
from kcngeo.qgis.presets import (
    NOT_COMPUTABLE,
    code_look,
    result_look,
    result_words,
    status_look,
    table_look,
    use_look,
    zone_looks,
)
from kcngeo.qgis.style import Look
from kcngeo.report import MonthlyReport
from kcngeo.standards import FillDefinition

GROUPS = ("works", "results", "months", "around", "tables")
"""Groups of the project's layers, from above: what is small lies above the lots."""

WORKS, RESULTS, MONTHS, AROUND, TABLES_GROUP = GROUPS

GIVEN = ("findings", "conflicts", "sites", "developable_land", "readiness")
"""Layers that analyses compute, from above."""

_SHOWN = ("shown_from", "shown_until")
_GROUP_OF = {
    **dict.fromkeys(("works", "emitters", "buildings"), WORKS),
    **dict.fromkeys(("receptors", "context"), AROUND),
}
# From point to polygon: what is small lies above.
_SHAPES = ("point", "line", "polygon")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One layer of a package.

    Attributes
    ----------
    name
        Its name in the GeoPackage; a table of the project keeps its own.
    frame
        Its rows.
    group
        The group it stands in.
    abstract
        What it holds and where it is from.
    looks
        Its styles, the default first, for every kind of geometry it has.
    lists
        Drop-downs beside those of the tables' contracts.
    is_computed
        Whether kcngeo computed it, so that editing it would change nothing.
    """

    name: str
    frame: pd.DataFrame
    group: str
    abstract: str
    looks: tuple[Look, ...] = ()
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_computed: bool = True

    def shapes(self) -> tuple[str, ...]:
        """Tell which kinds of geometry the layer holds.

        Returns
        -------
        tuple[str, ...]
            Of "point", "line" and "polygon", those present, points first; empty for a table.
        """
        return shapes_of(self.frame)


def result_layers(
    report: MonthlyReport, *, on: pd.Timestamp, definition: FillDefinition, language: str
) -> list[Layer]:
    """Compute the zones and lots on a day, and the lots month by month.

    Parameters
    ----------
    report
        A report of the project.
    on
        The day.
    definition
        Definition of the fill rate.
    language
        "vi" or "en".

    Returns
    -------
    list[Layer]
        ``zones_on_day``, ``parcels_on_day``, ``zones_history``, ``parcels_history``.
    """
    said = theme.text(
        "qgis.abstract_computed",
        language=language,
        on=theme.date(on, language=language),
        definition=definition.label(on=on, language=language),
        id=definition.name,
        area=theme.text(f"qgis.area_{report.area}", language=language),
    )
    source = theme.text(
        "qgis.abstract_source",
        language=language,
        source=definition.cited(language),
        version=version("kcngeo"),
    )
    said = f"{said} {source}"
    months = theme.text("qgis.abstract_months", language=language)
    lots = periods(report.snapshot, area=report.area, uses=definition.uses)
    today = pd.concat(
        [
            lots[is_in_force(lots, on)].drop(columns=["shown_from", "shown_until", "version"]),
            _aside(report, on),
        ],
        ignore_index=True,
    )
    today = today.assign(investors=_investors(report, today["parcel_id"], on))
    status = status_look(today, language=language)
    words = {one.value: one.label for one in status.categories if one.value is not None}
    lists = {"shown_as": words, "second_as": words}
    return [
        Layer(
            name="zones_on_day",
            frame=_zones(report, on=on, definition=definition, language=language),
            group=RESULTS,
            abstract=said,
            looks=zone_looks(language=language),
        ),
        Layer(
            name="parcels_on_day",
            frame=today,
            group=RESULTS,
            abstract=said,
            looks=(status, code_look(today, language=language), use_look(language=language)),
            lists=lists,
        ),
        Layer(
            name="zones_history",
            frame=_fences(report),
            group=MONTHS,
            abstract=months,
            looks=(replace(zone_looks(language=language)[1], months=_SHOWN),),
        ),
        Layer(
            name="parcels_history",
            frame=lots,
            group=MONTHS,
            abstract=f"{said} {months}",
            looks=(
                replace(status_look(lots, language=language), months=("shown_from", "shown_until")),
            ),
            lists=lists,
        ),
    ]


def given_layers(
    frames: Mapping[str, gpd.GeoDataFrame],
    *,
    on: pd.Timestamp,
    language: str,
    about: Mapping[str, str] | None = None,
    levels: Mapping[str, str] | None = None,
) -> list[Layer]:
    """Make layers of results of analyses.

    Parameters
    ----------
    frames
        By name, of :data:`GIVEN`.
    on
        The day they are computed for.
    language
        "vi" or "en".
    about
        By name, what they were computed with, in words.
    levels
        Words of the levels of readiness, where they are not the library's.

    Returns
    -------
    list[Layer]
        Those that are given, in the order of :data:`GIVEN`.
    """
    said = theme.text(
        "qgis.abstract_given", language=language, on=theme.date(on, language=language)
    )
    return [
        Layer(
            name=name,
            frame=_plain(frame),
            group=RESULTS,
            abstract=" ".join([said, *filter(None, [(about or {}).get(name)])]),
            looks=tuple(
                result_look(name, frame, shape, language=language, levels=levels)
                for shape in shapes_of(frame)
            ),
            lists={
                column: words
                for column in ("severity", "verified", "level")
                if (words := result_words(column, language=language, levels=levels))
                and column in frame.columns
            },
        )
        for name in GIVEN
        if name in frames
        for frame in [_labelled(name, frames[name], language=language)]
    ]


def _labelled(name: str, frame: gpd.GeoDataFrame, *, language: str) -> gpd.GeoDataFrame:
    """Write on each site what it is called and how large it is."""
    if name != "sites" or not {"site_id", "area_ha"} <= set(frame.columns):
        return frame
    rows = zip(frame["site_id"], frame["area_ha"], strict=True)
    words = [f"{site_id}\n{theme.number(area, language=language)} ha" for site_id, area in rows]
    return frame.assign(label=pd.Series(words, index=frame.index, dtype="str"))


def table_layers(project: Tables, *, language: str) -> list[Layer]:
    """Make layers of the project's own tables, as they are on record.

    Parameters
    ----------
    project
        The tables.
    language
        "vi" or "en".

    Returns
    -------
    list[Layer]
        Every table under its own name, so that the package can be read as a project again.
    """
    said = theme.text("qgis.abstract_table", language=language)
    return [
        Layer(
            name=name,
            frame=frame,
            group=_GROUP_OF.get(name, TABLES_GROUP),
            abstract=said,
            looks=tuple(table_look(name, frame, one, language) for one in shapes_of(frame)),
            is_computed=False,
        )
        for name, frame in project.tables()
    ]


def shapes_of(frame: pd.DataFrame) -> tuple[str, ...]:
    """Tell which kinds of geometry a frame holds.

    Parameters
    ----------
    frame
        The frame.

    Returns
    -------
    tuple[str, ...]
        Of "point", "line" and "polygon", those present; polygon for a layer without shapes yet;
        empty for a table.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        return ()
    kinds = set(shapely.get_dimensions(frame.geometry.to_numpy()).tolist())
    return tuple(one for at, one in enumerate(_SHAPES) if at in kinds) or ("polygon",)


def _zones(
    report: MonthlyReport, *, on: pd.Timestamp, definition: FillDefinition, language: str
) -> gpd.GeoDataFrame:
    """Give the zones in force on a day with their accounts and the rate in words."""
    names = report.zone_names()
    zones = report.project.zones
    zones = zones[is_in_force(zones, on)]
    if "removed_on" in zones.columns:
        zones = zones[~(zones["removed_on"] <= on)]
    zones = zones.sort_values("zone_id").reset_index(drop=True)
    reasons = _reasons(report, on, language=language)
    with already_told():
        asked: dict[str, Any] = {"on": on, "definition": definition.name, "area": report.area}
        account = land_account(report.snapshot, **asked)
        rates = fill_rate(report.snapshot, **asked)
    figures = account.join(rates[["fill_rate"]])
    figures.loc[figures.index.isin(reasons)] = np.nan
    kept = ["zone_id", "name", "established_on", "approved_area_ha", "geometry_source", "geometry"]
    rows = zones[[name for name in kept if name in zones.columns]]
    rows = rows.join(figures, on="zone_id")
    shown = []
    for zone_id, rate in zip(rows["zone_id"], rows["fill_rate"], strict=True):
        if zone_id in reasons:
            shown.append(theme.text("qgis.not_computable", language=language))
        elif zone_id not in figures.index:
            shown.append(theme.text("qgis.not_counted", language=language))
        elif np.isnan(rate):
            shown.append(theme.text("qgis.no_rate", language=language))
        else:
            shown.append(f"{theme.percent(rate, language=language)} ({definition.name})")
    titles = [names.get(zone_id, zone_id) for zone_id in rows["zone_id"]]
    return rows.assign(
        fill_rate_shown=pd.Series(shown, dtype="str"),
        definition=definition.name,
        label=pd.Series(
            [f"{title}\n{words}" for title, words in zip(titles, shown, strict=True)], dtype="str"
        ),
        reason=pd.Series([reasons.get(zone_id) for zone_id in rows["zone_id"]], dtype="str"),
    )


def _fences(report: MonthlyReport) -> gpd.GeoDataFrame:
    """Give the fences of the zones, each for the months it is shown in."""
    zones = report.project.zones
    names = report.zone_names()
    kept = ["zone_id", "valid_from", "valid_to", "removed_on", "geometry_source"]
    rows = zones[[*(name for name in kept if name in zones.columns), zones.active_geometry_name]]
    rows = rows.assign(name=rows["zone_id"].map(names).astype("str"), **shown_months(rows))
    if "removed_on" not in rows.columns:
        return rows
    # A zone that was removed has a fence up to the month of its removal.
    removed = rows["removed_on"].dt.to_period("M").dt.start_time.astype("datetime64[s]")
    earlier = removed.notna() & ~(rows["shown_until"] < removed)
    return rows.assign(shown_until=rows["shown_until"].mask(earlier, removed))


def _reasons(report: MonthlyReport, on: pd.Timestamp, *, language: str) -> dict[str, str]:
    """Say by zone why it has no figures on a day."""
    number = day_number(on)
    now = report.blocked[covers_day(report.blocked["start"], report.blocked["end"], number)]
    return {
        str(zone_id): " ".join(finding.message(language) for finding in some)
        for zone_id, some in now.groupby("zone_id")["finding"]
    }


def _aside(report: MonthlyReport, on: pd.Timestamp) -> gpd.GeoDataFrame:
    """Give the lots on a day that no account could take in, so that no land is missing."""
    parcels = report.project.parcels
    counted = set(report.snapshot.parcels["zone_id"])
    rows = parcels[is_in_force(parcels, on) & ~parcels["zone_id"].isin(counted)]
    kept = ("parcel_id", "zone_id", "lot_code", "land_use", "land_use_code", "geometry_source")
    rows = rows[[*(name for name in kept if name in rows.columns), "geometry"]]
    return rows.assign(shown_as=pd.Series(NOT_COMPUTABLE, index=rows.index, dtype="str"))


def _investors(report: MonthlyReport, parcel_ids: pd.Series, on: pd.Timestamp) -> pd.Series:
    """Name who holds each lot on a day, as far as projects tell."""
    ledger, projects = report.snapshot.ledger, report.project.projects
    nobody = pd.Series(None, index=parcel_ids.index, dtype="str")
    if projects is None or "investor" not in projects or "project_id" not in ledger:
        return nobody
    known = projects.drop_duplicates("project_id").set_index("project_id")["investor"]
    held = ledger[is_in_force(ledger, on)]
    pairs = pd.DataFrame(
        {"parcel_id": held["parcel_id"], "investor": held["project_id"].map(known)}
    )
    pairs = pairs.dropna().drop_duplicates().sort_values(["parcel_id", "investor"])
    joined = pairs.groupby("parcel_id")["investor"].agg("; ".join)
    return parcel_ids.map(joined).astype("str")


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn lists of ids into text and keep an index that says something as a column."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    lists = {
        name: frame[name].map(lambda ids: ", ".join(map(str, ids))).astype("str")
        for name in frame.columns
        if len(frame) and isinstance(frame[name].iloc[0], tuple | list)
    }
    return frame.assign(**lists)
