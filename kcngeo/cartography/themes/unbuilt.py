"""Let land that looks unbuilt from above, with its legal clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.layers import (
    as_drawn,
    called,
    context_of,
    name_of,
    parcels_by_use,
    zones_on,
)
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import Words, hectares, number, text
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED, Names
from kcngeo.report import is_synthetic
from kcngeo.standards import registry

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot
    from kcngeo.ledger.tables import Tables

_COLORS = {
    "unbuilt": theme.SEVERITY_COLORS[Severity.ERROR],
    "not_told": theme.SEVERITY_COLORS[Severity.WARNING],
    "built": theme.STATUS_COLORS["leased"],
}


def unbuilt(project: Project | Snapshot | Tables, parcels: gpd.GeoDataFrame, *, on: Day) -> MapSpec:
    """Show the let parcels by whether they look built in the rasters.

    The numbered list names those that look unbuilt, the largest first, with the legal clock that
    ends first. A picture is evidence for a person to look at, no verdict, and a note says so.

    Parameters
    ----------
    project
        The tables; of a project what is known now.
    parcels
        :func:`kcngeo.imagery.let_parcels` joined with :func:`kcngeo.imagery.unbuilt_parcels`, with
        the column ``parcel_id``.
    on
        The day.

    Returns
    -------
    MapSpec
        The map.

    Raises
    ------
    CRSError
        If a layer is in another CRS than the zones.

    Examples
    --------
    Let are A-1, half of A-2 and B-1; A-1 looks unbuilt, of A-2 too little is seen.

    >>> import kcngeo as kcn
    >>> squares = kcn.examples.squares()
    >>> let = kcn.imagery.let_parcels(squares, on="2018-03-31").reset_index()
    >>> let["looks_unbuilt"] = pd.array([True, None, False], dtype="boolean")
    >>> spec = unbuilt(squares, let, on="2018-03-31")
    >>> spec.headline["en"]
    '1.00 ha of 2.50 ha let look unbuilt'
    """
    project = as_drawn(project)
    require_same_crs(zones=project.zones, lots=parcels)
    looks = parcels["looks_unbuilt"].astype("boolean")
    seen = np.where(looks.isna(), "not_told", np.where(looks.fillna(False), "unbuilt", "built"))
    frame = parcels.assign(seen=pd.Series(seen, index=parcels.index, dtype="str"))
    rank = frame["seen"].map({key: at for at, key in enumerate(_COLORS)})
    frame = frame.assign(rank=rank).sort_values(
        ["rank", "leased_ha"], ascending=[True, False], kind="stable"
    )
    frame = frame.drop(columns="rank").reset_index(drop=True)
    names = called(project, rules=registry(), on=on)
    told = list(numbered([_told(row, names) for row in frame.to_dict("records")]))
    title = text("unbuilt_map.title")
    layer = MapLayer(
        name="unbuilt",
        title=title,
        frame=frame.assign(number=pd.array([one.number for one in told], dtype="Int64")),
        column="seen",
        classes=tuple(
            MapClass(value=key, label=text(f"unbuilt_map.{key}"), color=color)
            for key, color in _COLORS.items()
        ),
        told=told,
        contract=COMPUTED["unbuilt"],
        area="leased_ha",
        is_framing=True,
    )
    return MapSpec(
        theme="unbuilt",
        title=title,
        headline=_headline(frame),
        zone_headlines={
            str(zone_id): _headline(some) for zone_id, some in frame.groupby("zone_id")
        },
        on=day(on).date(),
        zones=zones_on(project, on=on),
        ground=parcels_by_use(project, on=on),
        context=context_of(project),
        basemap=basemap_of(project),
        layers=(layer,),
        notes=(text("unbuilt_map.evidence"),),
        list_title=text("unbuilt_map.list"),
        list_empty=text("unbuilt_map.list_empty"),
        is_synthetic=is_synthetic(project),
    )


def _headline(frame: gpd.GeoDataFrame) -> Words:
    area = float(frame.loc[frame["seen"] == "unbuilt", "leased_ha"].sum())
    whole = float(frame["leased_ha"].sum())
    return text("figures.unbuilt_found", area=hectares(area), whole=hectares(whole))


def _told(row: Mapping[Any, Any], names: Mapping[str, Names]) -> Told:
    called = name_of(names, "parcels", str(row["parcel_id"]))
    if row["seen"] != "unbuilt":
        return Told(name=called)
    area, clock = number(row["leased_ha"]), row.get("clock")
    if not isinstance(clock, str):
        return Told(name=called, entry=text("unbuilt_map.headline", area=area))
    state = text(f"clock_state.{row['state']}")
    fields = {"area": area, "clock": text(f"clock.{clock}"), "state": state}
    return Told(name=called, entry=text("unbuilt_map.headline_clock", **fields))
