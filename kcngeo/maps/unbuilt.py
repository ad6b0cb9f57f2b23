"""The map of let land that looks unbuilt from above, with its legal clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kcngeo import theme
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED
from kcngeo.ledger import Project, Snapshot
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.render import Features, Group, Telling, facts_of, layered_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

_GROUPS = {
    "unbuilt": theme.SEVERITY_COLORS[Severity.ERROR],
    "not_told": theme.SEVERITY_COLORS[Severity.WARNING],
    "built": theme.STATUS_COLORS["leased"],
}


def unbuilt_map(
    project: Project | Snapshot, lots: gpd.GeoDataFrame, *, on: Day, language: str = "vi"
) -> OfflineMap:
    """Draw the let lots by whether they look built in the rasters.

    The list names those that look unbuilt, the largest first, with the legal clock that ends first.
    A picture is evidence for a person to look at, no verdict, and the page says so.

    Parameters
    ----------
    project
        The tables: zones, lots and context are drawn.
    lots
        :func:`kcngeo.imagery.let_lots` joined with :func:`kcngeo.imagery.unbuilt_lots`, with the
        column ``parcel_id``; the order is that of the list.
    on
        The day.
    language
        Language shown first, "vi" or "en"; the page has a switch.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.

    Raises
    ------
    CRSError
        If a layer is in another CRS than the zones.
    """
    require_same_crs(zones=project.zones, lots=lots)

    def tell(language: str) -> Telling:
        return _tell(lots, language=language)

    return layered_map(project, tell, on=on, language=language, words="unbuilt_map")


def _tell(lots: gpd.GeoDataFrame, *, language: str) -> Telling:
    looks = lots["looks_unbuilt"]
    of_group = {
        "unbuilt": looks.fillna(False).astype(bool),
        "not_told": looks.isna(),
        "built": ~looks.fillna(True).astype(bool),
    }
    groups, features = [], []
    for place, (key, color) in enumerate(_GROUPS.items()):
        mine = lots[of_group[key].to_numpy()].reset_index(drop=True)
        rows = mine.to_dict("records")
        groups.append(Group(label=theme.text(f"unbuilt_map.{key}", language=language), color=color))
        features.append(
            Features(
                group=place,
                layer=mine,
                names=mine["parcel_id"].tolist(),
                facts=[facts_of(row, COMPUTED["unbuilt"], language=language) for row in rows],
                notes=[[]] * len(mine),
                area_ha=mine["leased_ha"].tolist(),
                listed=[_headline(row, language=language) for row in rows]
                if key == "unbuilt"
                else None,
            )
        )
    note = theme.text("unbuilt_map.evidence", language=language)
    return Telling(groups=groups, features=features, notes=(note,))


def _headline(row: Mapping[Any, Any], *, language: str) -> str:
    area = theme.number(row["leased_ha"], language=language)
    if not isinstance(row.get("clock"), str):
        return theme.text("unbuilt_map.headline", language=language, area=area)
    fields = {
        "area": area,
        "clock": theme.text(f"clock.{row['clock']}", language=language),
        "state": theme.text(f"clock_state.{row['state']}", language=language),
    }
    return theme.text("unbuilt_map.headline_clock", language=language, **fields)
