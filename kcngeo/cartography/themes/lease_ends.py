"""Let land by when its leases end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kcngeo import theme
from kcngeo.cartography.map_layer import MapClass
from kcngeo.cartography.themes.lots import counted_lots, date_words, leases_of, lot_map
from kcngeo.cartography.words import hectares, joined, same, text

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.cartography.spec import MapSpec
    from kcngeo.cartography.words import Words

# Years up to which a step goes; the last step has no end.
_YEARS = (1, 5, 10)
_OPEN = "open"


def lease_ends(filled: MapSpec) -> MapSpec:
    """Show the let lots by when the first of their leases ends, the soonest first.

    The end is the first day on which the entry of the ledger no longer holds. An entry without an
    end says nothing of the term of its contract. A record that is kept up later knows ends which
    nobody foresaw on the day: ask for the month as known then to leave them out.

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
    Let are A-1, half of A-2 and B-1; the lease of B-1 ends with the year.

    >>> import kcngeo as kcn
    >>> filled = kcn.cartography.fill(kcn.report.monthly(kcn.examples.squares(), month="2018-03"))
    >>> lease_ends(filled).headline["en"]
    'Let: 2.50 ha, of it 1.00 ha with an end within 5 years'
    """
    lots = counted_lots(filled)
    lots = lots[lots["leased_ha"] > 0]
    held = leases_of(filled)
    first = held.sort_values("valid_to", na_position="last").drop_duplicates("parcel_id")
    first = first.set_index("parcel_id")
    # By position: where no lot is left, a map over nothing has no kind.
    ends = first["valid_to"].astype("datetime64[s]").reindex(lots["parcel_id"])
    ends = ends.set_axis(lots.index)
    lots = lots.assign(
        ends=ends,
        investor=lots["parcel_id"].map(first["investor"]).astype("str"),
        shown=_steps(ends, pd.Timestamp(filled.on)),
        shown_ha=lots["leased_ha"],
    )
    lots = lots.sort_values(["ends", "shown_ha"], ascending=[True, False], na_position="last")
    steps = [str(years) for years in (*_YEARS, "more")]
    return lot_map(
        filled,
        lots,
        name="lease_ends",
        classes=[
            *(
                MapClass(value=step, label=text(f"lease_ends_map.step_{step}"), color=color)
                # The sooner, the darker.
                for step, color in zip(steps, reversed(theme.STEP_COLORS), strict=True)
            ),
            MapClass(
                value=_OPEN,
                label=text("lease_ends_map.step_open"),
                color=theme.LAYER_COLORS["not_recorded"],
            ),
        ],
        entries=[
            None if pd.isna(end) else _entry(end, area, investor)
            for end, area, investor in zip(
                lots["ends"], lots["shown_ha"], lots["investor"], strict=True
            )
        ],
        headline=_headline,
        notes=(text("lease_ends_map.note"),),
    )


def _steps(ends: pd.Series, on: pd.Timestamp) -> pd.Series:
    """Give the step of each day: the first within whose years it lies."""
    shown = pd.Series("more", index=ends.index, dtype="str")
    for years in reversed(_YEARS):
        shown = shown.mask(ends <= on + pd.DateOffset(years=years), str(years))
    return shown.mask(ends.isna(), _OPEN)


def _headline(lots: gpd.GeoDataFrame) -> Words:
    area = hectares(float(lots["shown_ha"].sum()))
    if len(lots) and (lots["shown"] == _OPEN).all():
        # Where no end is on record, nothing is known to end, and nothing not to.
        return text("lease_ends_map.headline_open", area=area)
    soon = lots["shown"].isin([str(years) for years in _YEARS[:2]])
    return text(
        "lease_ends_map.headline",
        area=area,
        soon=hectares(float(lots.loc[soon, "shown_ha"].sum())),
        years=_YEARS[1],
    )


def _entry(end: pd.Timestamp, area_ha: float, investor: object) -> Words:
    who = same(investor) if isinstance(investor, str) else joined([])
    return joined([text("lease_ends_map.ends", on=date_words(end)), hectares(area_ha), who])
