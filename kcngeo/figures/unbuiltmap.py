"""The map on paper of let land that looks unbuilt in the rasters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kcngeo import theme
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day
from kcngeo.core.model import Severity
from kcngeo.figures.around import lots_by_use, shapes_of
from kcngeo.figures.content import Layer, Numbered
from kcngeo.figures.render import draw_day, of_zone
from kcngeo.ledger import Project, Snapshot
from kcngeo.theme import hectares, text

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

_COLORS = {
    "unbuilt": theme.SEVERITY_COLORS[Severity.ERROR],
    "not_told": theme.SEVERITY_COLORS[Severity.WARNING],
    "built": theme.STATUS_COLORS["leased"],
}


def unbuilt_map(
    project: Project | Snapshot,
    lots: gpd.GeoDataFrame,
    *,
    on: Day,
    language: str,
    zone_id: str | None = None,
    credit: str = "",
) -> Figure:
    """Draw the let lots by whether they look built in the rasters, for print.

    The twin of :func:`kcngeo.maps.unbuilt_map`. A picture is evidence for a person to look at, no
    verdict, and the map says so.

    Parameters
    ----------
    project
        The tables: zones, lots and context are drawn.
    lots
        :func:`kcngeo.imagery.let_lots` joined with :func:`kcngeo.imagery.unbuilt_lots`, with the
        column ``parcel_id``.
    on
        The day.
    language
        "vi" or "en".
    zone_id
        The zone to draw; None for a panel each.
    credit
        Whom data of others ask to be named, for example the maker of the rasters.

    Returns
    -------
    Figure
        The map.

    Raises
    ------
    CRSError
        If a layer is in another CRS than the zones.
    KcngeoError
        If the zone has no lots on the day, or there are more than a sheet can show.
    """
    require_same_crs(zones=project.zones, lots=lots)
    lots = of_zone(lots, zone_id)
    looks = lots["looks_unbuilt"].astype("boolean")
    groups = {
        "built": lots[(~looks).fillna(False).to_numpy(dtype=bool)],
        "not_told": lots[looks.isna().to_numpy()],
        "unbuilt": lots[looks.fillna(False).to_numpy(dtype=bool)],
    }
    layers = [
        Layer(
            name=key,
            label=text(f"unbuilt_map.{key}", language=language),
            shapes=shapes_of(mine),
            color=_COLORS[key],
            section=text("layers_map.legend", language=language),
            area_ha=mine["leased_ha"],
            framing=True,
        )
        for key, mine in groups.items()
    ]
    unbuilt = groups["unbuilt"].sort_values("leased_ha", ascending=False, kind="stable")
    listed = [
        Numbered(shape=shape, words=_words(row, language=language))
        for shape, row in zip(shapes_of(unbuilt), unbuilt.to_dict("records"), strict=True)
    ]
    area, whole = (
        hectares(float(some["leased_ha"].sum()), language=language, sign=False)
        for some in (unbuilt, lots)
    )
    return draw_day(
        project,
        "unbuilt_map",
        text("figures.unbuilt_found", language=language, area=area, whole=whole),
        [*lots_by_use(project, on=on, language=language), *layers],
        listed,
        notes=[text("unbuilt_map.evidence", language=language), credit],
        on=on,
        zone_id=zone_id,
        language=language,
    )


def _words(row: Mapping[Any, Any], *, language: str) -> str:
    """Say how much is let, and which legal clock runs for it."""
    fields = {"area": theme.number(row["leased_ha"], language=language)}
    key, clock = "headline", row.get("clock")
    if isinstance(clock, str):
        key = "headline_clock"
        fields["clock"] = text(f"clock.{clock}", language=language)
        fields["state"] = text(f"clock_state.{row['state']}", language=language)
    return f"{row['parcel_id']}: " + text(f"unbuilt_map.{key}", language=language, **fields)
