"""What two people drew or wrote otherwise, with both versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.layers import as_drawn, context_of, parcels_by_use, zones_on
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import Words, joined, same, say, text
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED
from kcngeo.report import is_synthetic

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot
    from kcngeo.ledger.tables import Tables

# Lowest first: what both agree on lies under what they drew.
_CLASSES = {
    "same": (theme.SEVERITY_COLORS[Severity.WARNING], "area"),
    "before": (theme.STATUS_COLORS["uncleared"], "outline"),
    "theirs": (theme.STATUS_COLORS["leased"], "outline"),
    "mine": (theme.STATUS_COLORS["repurposed"], "outline"),
}
# A clash of shapes has a row for each of them.
_KEYS = ["table", "id", "column"]
_WIDTH_MM = {"before": 0.4, "theirs": 1.4, "mine": 0.8}


def clashes(project: Project | Snapshot | Tables, shapes: gpd.GeoDataFrame, *, on: Day) -> MapSpec:
    """Show where two people changed the same otherwise, with the shapes of both.

    Where both drew a lot anew its outlines lie over each other: as it was, in the project today, in
    the copy. Where they agree on the shape and a cell of it clashes, the lot is filled. The
    numbered list says what each wants.

    Parameters
    ----------
    project
        The tables today; of a project what is known now.
    shapes
        Where the clashes lie, from :func:`kcngeo.update.merge`.
    on
        The day of the lots drawn below.

    Returns
    -------
    MapSpec
        The map.

    Raises
    ------
    CRSError
        If the shapes are in another CRS than the zones.

    Examples
    --------
    Two people give A-1 another number.

    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> one, other = (
    ...     replace(project, parcels=project.parcels.assign(lot_code=[said] + [None] * 9))
    ...     for said in ("I", "II")
    ... )
    >>> made = kcn.update.merge(project, one, other)
    >>> clashes(project, made.shapes, on="2018-03-31").headline["en"]
    'Cells that two people changed otherwise: 1'
    """
    project = as_drawn(project)
    require_same_crs(zones=project.zones, clashes=shapes)
    frame = shapes.assign(
        # A renderer skips classes without a colour of their own; missing words are no words.
        zone_id=shapes["zone_id"].astype("str"),
        side=shapes["side"].astype("str"),
    )
    told = list(numbered(_told(frame)))
    present = [side for side in _CLASSES if (frame["side"] == side).any()]
    layer = MapLayer(
        name="clashes",
        title=say(lambda language: theme.table_title("clashes", language=language)),
        frame=frame.assign(number=pd.array([one.number for one in told], dtype="Int64")),
        column="side",
        classes=tuple(
            MapClass(
                value=side,
                label=text(f"clash_side.{side}"),
                color=_CLASSES[side][0],
                symbol=_CLASSES[side][1],
                width_mm=_WIDTH_MM.get(side, 0.6),
            )
            for side in present
        ),
        told=told,
        contract=COMPUTED["clash_shapes"],
        is_framing=True,
        about=text("clashes_map.about"),
    )
    zone_counts = frame.drop_duplicates(_KEYS).groupby("zone_id").size()
    return MapSpec(
        theme="clashes",
        title=text("clashes_map.title"),
        headline=text("clashes_map.headline", count=len(frame.drop_duplicates(_KEYS))),
        zone_headlines={
            str(zone_id): text("clashes_map.headline", count=int(count))
            for zone_id, count in zone_counts.items()
        },
        on=day(on).date(),
        zones=zones_on(project, on=on),
        ground=parcels_by_use(project, on=on),
        context=context_of(project),
        basemap=basemap_of(project),
        layers=(layer,),
        notes=(text("clashes_map.note"),),
        list_title=text("clashes_map.list"),
        list_empty=text("clashes_map.list_empty"),
        is_synthetic=is_synthetic(project),
    )


def _told(frame: gpd.GeoDataFrame) -> list[Told]:
    """Say each clash once in the list: at the last of its shapes, what every side wants."""
    last = ~frame.duplicated(_KEYS, keep="last")
    values: dict[tuple[str, ...], list[Words]] = {}
    told = []
    for row, is_last in zip(frame.to_dict("records"), last, strict=True):
        side = text(f"clash_side.{row['side']}")
        value = same("–" if pd.isna(row["value"]) else str(row["value"]))
        one = text("clashes_map.value", side=side, value=value)
        wants = values.setdefault(tuple(str(row[name]) for name in _KEYS), [])
        wants.append(value if row["side"] == "same" else one)
        name = same(str(row["id"]))
        fields = {
            "id": name,
            "column": _column(str(row["column"])),
            "wants": joined(wants, by="; "),
        }
        told.append(
            Told(
                name=name,
                entry=text("clashes_map.entry", **fields) if is_last else None,
                notes=(one, text(f"clashes_kind.{row['kind']}")),
            )
        )
    return told


def _column(name: str) -> Words:
    if name == "geometry":
        return text("clashes_map.shape")
    return say(lambda language: theme.column(name, language=language))
