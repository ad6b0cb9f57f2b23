"""Let land by the sector of who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcngeo import theme
from kcngeo.cartography.map_layer import MapClass
from kcngeo.cartography.themes.lots import counted_lots, leases_of, lot_map
from kcngeo.cartography.words import hectares, joined, same, text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from kcngeo.cartography.spec import MapSpec
    from kcngeo.cartography.words import Words

# No sector of the data can be called so: names of classes of our own end with a colon.
_OTHER, _UNKNOWN = "other:", "unknown:"


def sectors(filled: MapSpec) -> MapSpec:
    """Show the let lots by sector, the sectors with most land in colours of their own.

    A lot with several projects has the sector of the one that holds most of it. Sectors are as the
    projects write them; as many as can be told apart have a colour, the others share one. The list
    ranks the lots whose sector nobody recorded, the largest first.

    Parameters
    ----------
    filled
        The map of lease status of the day, from :func:`kcngeo.cartography.fill`.

    Returns
    -------
    MapSpec
        The map.

    Examples
    --------
    Let are A-1, half of A-2 and B-1, each for a project.

    >>> import kcngeo as kcn
    >>> filled = kcn.cartography.fill(kcn.report.monthly(kcn.examples.squares(), month="2018-03"))
    >>> sectors(filled).headline["en"]
    'Sector known of 2.50 ha of 2.50 ha let'
    """
    lots = counted_lots(filled)
    lots = lots[lots["leased_ha"] > 0]
    sector = lots["parcel_id"].map(_held_for(filled)).astype("str")
    areas = lots.groupby(sector.fillna(_UNKNOWN))["leased_ha"].sum().drop(_UNKNOWN, errors="ignore")
    most = areas.sort_values(ascending=False, kind="stable").index[: len(theme.SECTOR_COLORS)]
    shown = sector.where(sector.isin(most), _OTHER).mask(sector.isna(), _UNKNOWN)
    lots = lots.assign(sector=sector, shown=shown.astype("str"), shown_ha=lots["leased_ha"])
    lots = lots.sort_values("shown_ha", ascending=False, kind="stable")
    return lot_map(
        filled,
        lots,
        name="sectors",
        classes=[
            *(
                MapClass(value=str(one), label=same(str(one)), color=color)
                for one, color in zip(most, theme.SECTOR_COLORS, strict=False)
            ),
            MapClass(
                value=_OTHER,
                label=text("sectors_map.other"),
                color=theme.LAYER_COLORS["other_sector"],
            ),
            MapClass(
                value=_UNKNOWN,
                label=text("sectors_map.unknown"),
                color=theme.LAYER_COLORS["not_recorded"],
            ),
        ],
        entries=[
            joined([same(one), hectares(area)]) if isinstance(one, str) else hectares(area)
            for one, area in zip(lots["sector"], lots["shown_ha"], strict=True)
        ],
        headline=_headline,
        notes=(text("sectors_map.note"),),
    )


def _held_for(filled: MapSpec) -> pd.Series:
    """Give by lot the sector of the lease that holds most of it; a lease of the whole lot first."""
    held = leases_of(filled)
    held = held[held["sector"].notna()]
    largest = held["part_area_ha"].astype("float64").fillna(float("inf"))
    held = held.assign(part=largest).sort_values("part", ascending=False, kind="stable")
    return held.drop_duplicates("parcel_id").set_index("parcel_id")["sector"]


def _headline(lots: gpd.GeoDataFrame) -> Words:
    known = float(lots.loc[lots["shown"] != _UNKNOWN, "shown_ha"].sum())
    whole = float(lots["shown_ha"].sum())
    return text("sectors_map.headline", known=hectares(known), area=hectares(whole))
