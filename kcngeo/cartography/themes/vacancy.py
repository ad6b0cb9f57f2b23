"""Vacant land by how long it has been vacant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kcngeo import theme
from kcngeo.cartography.map_layer import MapClass
from kcngeo.cartography.themes.lots import counted_lots, date_words, lot_map, stretches
from kcngeo.cartography.words import hectares, joined, text

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.cartography.spec import MapSpec
    from kcngeo.cartography.words import Words

# Years up to which a step goes; the last step has no end.
_YEARS = (1, 3, 5)
_UNKNOWN = "unknown"


def vacancy(filled: MapSpec) -> MapSpec:
    """Show the vacant lots by how long they have been vacant, the longest first.

    A lot is vacant since the day from which some of it has been vacant without a break; a lot that
    is let in part counts with its vacant hectares. Where the record does not say since when the lot
    is there, the age is not known. Anniversaries count: land vacant since 31 March 2017 has been so
    for one year on 31 March 2018.

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
    Vacant are half of A-2, and B-2, which the ledger never mentions.

    >>> import kcngeo as kcn
    >>> filled = kcn.cartography.fill(kcn.report.monthly(kcn.examples.squares(), month="2018-03"))
    >>> vacancy(filled).headline["en"]
    'Vacant: 1.50 ha, of it 0.00 ha for 5 years or longer'
    """
    lots = counted_lots(filled)
    lots = lots[lots["available_ha"] > 0]
    # Also where no lot is vacant at all; a map of nothing gives numbers in place of days.
    since = stretches(filled, "available_share").reindex(lots["parcel_id"])
    since = since.set_axis(lots.index).astype("datetime64[s]")
    lots = lots.assign(
        since=since, shown=_steps(since, pd.Timestamp(filled.on)), shown_ha=lots["available_ha"]
    )
    lots = lots.sort_values(["since", "shown_ha"], ascending=[True, False], na_position="last")
    entries = [
        joined([hectares(area), _since(one)])
        for area, one in zip(lots["shown_ha"], lots["since"], strict=True)
    ]
    steps = [str(years) for years in (*_YEARS, "more")]
    return lot_map(
        filled,
        lots,
        name="vacancy",
        classes=[
            *(
                MapClass(value=step, label=text(f"vacancy_map.step_{step}"), color=color)
                for step, color in reversed(list(zip(steps, theme.STEP_COLORS, strict=True)))
            ),
            MapClass(
                value=_UNKNOWN,
                label=text("vacancy_map.step_unknown"),
                color=theme.LAYER_COLORS["not_recorded"],
            ),
        ],
        entries=entries,
        headline=_headline,
        notes=(text("vacancy_map.note"),),
    )


def _steps(since: pd.Series, on: pd.Timestamp) -> pd.Series:
    """Give the step of each day: the first whose years have not gone by since."""
    shown = pd.Series("more", index=since.index, dtype="str")
    for years in reversed(_YEARS):
        shown = shown.mask(since > on - pd.DateOffset(years=years), str(years))
    return shown.mask(since.isna(), _UNKNOWN)


def _headline(lots: gpd.GeoDataFrame) -> Words:
    whole = float(lots["shown_ha"].sum())
    long = float(lots.loc[lots["shown"] == "more", "shown_ha"].sum())
    return text("vacancy_map.headline", area=hectares(whole), long=hectares(long), years=_YEARS[-1])


def _since(on: object) -> Words:
    if isinstance(on, pd.Timestamp) and pd.notna(on):
        return text("vacancy_map.since", on=date_words(on))
    return text("vacancy_map.since_unknown")
