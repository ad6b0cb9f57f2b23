"""What the check of the tables found, where it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.analysis.quality import QualityReport
from kcngeo.analysis.quality.context import Ground
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.layers import context_of, parcels_by_use, zones_on
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered, of_zone
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import Words, joined, same, say, text
from kcngeo.core.dates import Day
from kcngeo.core.errors import CRSError
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import Project, Snapshot
from kcngeo.ledger.tables import Tables
from kcngeo.report import is_synthetic

_NAMED = 3
_MARKS = {Severity.ERROR: ("!", "^"), Severity.WARNING: ("?", "s"), Severity.NOTE: ("·", "o")}


def findings(
    report: QualityReport, project: Project | Snapshot, *, on: Day | None = None
) -> MapSpec:
    """Show the findings of a check, each with its rows, its size and advice; errors first.

    Every finding has a pin, as a sliver of half a metre cannot be seen on the map of a zone; those
    without a place stand in the list alone. Drawn below are the rows that keep the contract of
    their table, as of one day; a finding may be about another time, and then says so.

    Parameters
    ----------
    report
        Result of :func:`kcngeo.quality.check`.
    project
        The tables that were checked.
    on
        The day of the parcels drawn; None for the day on which something was last recorded.

    Returns
    -------
    MapSpec
        The map.

    Raises
    ------
    CRSError
        If the findings have no CRS, so that nothing can be placed.

    Examples
    --------
    The ledger never mentions B-2.

    >>> import kcngeo as kcn
    >>> squares = kcn.examples.squares()
    >>> spec = findings(kcn.quality.check(squares, on="2018-03-31"), squares, on="2018-03-31")
    >>> spec.headline["en"]
    'Errors: 0, warnings: 1, notes: 0'
    """
    if report.crs is None:
        raise CRSError("no_crs", name="parcels")
    # Rows that break their contract cannot be drawn; those that keep it can.
    checked = Ground(project, on=on)
    drawn = Tables(
        zones=_sound(checked, "zones", report.crs, ("zone_id",)),
        parcels=_sound(checked, "parcels", report.crs, ("parcel_id", "zone_id", "land_use")),
        ledger=pd.DataFrame(),
        context=project.context,
    )
    day = pd.Timestamp(0) if checked.on is None else pd.Timestamp(checked.on, unit="D")
    layer = _layer(report)
    zone_ids = drawn.zones["zone_id"].astype("str").unique()
    return MapSpec(
        theme="findings",
        title=text("findings_map.title"),
        headline=_headline(layer.frame),
        zone_headlines={
            one: _headline(layer.frame[of_zone(layer.frame["zone_id"], one)]) for one in zone_ids
        },
        on=day.date(),
        zones=zones_on(drawn, on=day),
        ground=parcels_by_use(drawn, on=day),
        context=context_of(drawn),
        basemap=basemap_of(drawn),
        layers=(layer,),
        notes=(say(report.headline),),
        list_title=text("findings_map.list"),
        list_empty=text("findings_map.list_empty"),
        is_synthetic=is_synthetic(drawn),
    )


def _headline(frame: gpd.GeoDataFrame) -> Words:
    counts = frame["severity"].astype("str").value_counts()
    errors, warnings, notes = (int(counts.get(str(one), 0)) for one in Severity)
    return text("figures.findings", errors=errors, warnings=warnings, notes=notes)


def _layer(report: QualityReport) -> MapLayer:
    """Show findings by how much they weigh, in the order of the list."""
    told = {language: report.told(language) for language in theme.LANGUAGES}
    frame = told[theme.LANGUAGES[0]]
    # (findings,) errors first, the order of the report kept among equals
    weight = frame["severity"].map({str(one): at for at, one in enumerate(Severity)})
    order = np.argsort(weight.to_numpy(dtype="int64"), kind="stable")
    rows = {language: one.iloc[order].to_dict("records") for language, one in told.items()}
    frame = frame.iloc[order].reset_index(drop=True)
    frame = frame.assign(area_ha=frame["area_m2"] / M2_PER_HA)
    said = [
        _told({language: one[at] for language, one in rows.items()}) for at in range(len(frame))
    ]
    told_of = list(numbered(said))
    present = set(frame["severity"].astype("str"))
    return MapLayer(
        name="findings",
        title=say(lambda language: theme.table_title("findings", language=language)),
        frame=frame.assign(number=pd.array([one.number for one in told_of], dtype="Int64")),
        column="severity",
        classes=tuple(
            MapClass(
                value=str(severity),
                label=text(f"severity.{severity}"),
                color=color,
                symbol="pin",
                mark=_MARKS[Severity(severity)][0],
                marker=_MARKS[Severity(severity)][1],
            )
            for severity, color in theme.SEVERITY_COLORS.items()
            if str(severity) in present
        ),
        told=told_of,
        contract=COMPUTED["findings"],
        area="area_ha",
        marks="finding_marks",
        opacity_share=0.45,
        about=text("quality.abstract"),
    )


def _sound(checked: Ground, name: str, crs: Any, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Give the rows of a table that can be drawn among the findings; none if it cannot."""
    frame = checked.frames.get(name)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs != crs:
        return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=crs)
    return frame


def _told(row: Mapping[str, Mapping[Any, Any]]) -> Told:
    """Say a finding, given its row in every language."""
    ids = next(iter(row.values()))["ids"]
    more = f" +{len(ids) - _NAMED}" if len(ids) > _NAMED else ""
    message = {language: str(one["message"]) for language, one in row.items()}
    advice = {language: str(one["advice"]) for language, one in row.items()}
    return Told(
        name=same(", ".join(ids[:_NAMED]) + more),
        entry=joined([message, advice], by=" "),
        notes=(message, advice),
    )
