"""The map of findings: what the check of the tables found, where it is, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from kcngeo import theme
from kcngeo.analysis.quality import QualityReport
from kcngeo.analysis.quality.context import Ground
from kcngeo.core.dates import Day
from kcngeo.core.errors import CRSError
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED
from kcngeo.ledger import Project
from kcngeo.ledger.tables import Tables
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.render import Features, Group, Telling, facts_of, layered_map

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = 3
_MARKS = {Severity.ERROR: "!", Severity.WARNING: "?", Severity.NOTE: "·"}


def findings_map(
    report: QualityReport,
    project: Project,
    *,
    on: Day | None = None,
    language: str = "vi",
) -> OfflineMap:
    """Draw the findings of a check over the lots, each with its rows, its size and advice.

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
        The day of the lots drawn; None for the day on which something was last recorded.
    language
        Language shown first, "vi" or "en"; the page has a switch.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.

    Raises
    ------
    CRSError
        If the findings have no CRS, so that nothing can be placed.
    """
    if report.crs is None:
        raise CRSError("no_crs", name="parcels")
    ground = Ground(project, on=on)
    drawn = Tables(
        zones=_sound(ground, "zones", report.crs, ("zone_id",)),
        parcels=_sound(ground, "parcels", report.crs, ("parcel_id", "zone_id", "land_use")),
        ledger=pd.DataFrame(),
        context=project.context,
    )
    day = pd.Timestamp(0) if ground.on is None else pd.Timestamp(ground.on, unit="D")
    findings = {each: report.told(each) for each in theme.LANGUAGES}

    def tell(each: str) -> Telling:
        return _tell(findings[each], report.headline(each), language=each)

    return layered_map(drawn, tell, on=day, language=language, words="findings_map")


def _sound(ground: Ground, name: str, crs: Any, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Give the rows of a table that can be drawn among the findings; none if it cannot."""
    frame = ground.frames.get(name)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs != crs:
        return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=crs)
    return frame


def _tell(findings: gpd.GeoDataFrame, headline: str, *, language: str) -> Telling:
    groups, features = [], []
    contract = COMPUTED["findings"]
    for severity, color in theme.SEVERITY_COLORS.items():
        mine = findings[findings["severity"] == str(severity)]
        if mine.empty:
            continue
        groups.append(
            Group(
                label=theme.text(f"severity.{severity}", language=language),
                color=color,
                style="pin",
                mark=_MARKS[Severity(severity)],
            )
        )
        rows = mine.to_dict("records")
        features.append(
            Features(
                group=len(groups) - 1,
                layer=mine,
                names=[_name(row) for row in rows],
                facts=[
                    facts_of({**row, "ids": "|".join(row["ids"])}, contract, language=language)
                    for row in rows
                ],
                notes=[[row["message"], row["advice"]] for row in rows],
                area_ha=(mine["area_m2"] / 10_000).tolist(),
                listed=[f"{row['message']} {row['advice']}" for row in rows],
            )
        )
    return Telling(groups=groups, features=features, notes=[headline])


def _name(row: Mapping[Any, Any]) -> str:
    ids = row["ids"]
    return ", ".join(ids[:_NAMED]) + (f" +{len(ids) - _NAMED}" if len(ids) > _NAMED else "")
