"""Lots whose status moved between two days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcngeo import theme
from kcngeo.cartography.map_layer import MapClass
from kcngeo.cartography.periods import STATUSES
from kcngeo.cartography.themes.lots import counted_lots, date_words, lot_map, months_of
from kcngeo.cartography.words import hectares, joined, say, text
from kcngeo.core.dates import Day, day, is_in_force

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.cartography.spec import MapSpec
    from kcngeo.cartography.words import Words

# Shares below this are what rounding leaves over.
_NOTHING = 1e-6
_SHARES = [f"{status}_share" for status in STATUSES]


def change(filled: MapSpec, *, since: Day) -> MapSpec:
    """Show the lots whose status moved since a day, those with most land let or given up first.

    A lot is held against itself: its let hectares on both days, by the same id. Lots that came onto
    the map meanwhile (by a survey, or because a larger one was divided) have a class of their own,
    as nobody can say what of them was let before. Lots whose statuses moved among themselves while
    as much is let are told apart from both.

    Parameters
    ----------
    filled
        The map of lease status of the later day, from :func:`kcngeo.cartography.fill`.
    since
        The earlier day.

    Returns
    -------
    MapSpec
        The map.

    Examples
    --------
    A day held against itself: nothing moved.

    >>> import kcngeo as kcn
    >>> filled = kcn.cartography.fill(kcn.report.monthly(kcn.examples.squares(), month="2018-03"))
    >>> change(filled, since="2018-03-31").headline["en"]
    'Since 31 Mar 2018: 0.00 ha let, 0.00 ha given up, lots changed: 0'
    """
    then = months_of(filled).parcels.frame
    then = then[is_in_force(then, since)].drop_duplicates("parcel_id").set_index("parcel_id")
    lots = counted_lots(filled)
    before = then.reindex(lots["parcel_id"])[_SHARES].to_numpy(dtype="float64")
    moved = lots[_SHARES].to_numpy(dtype="float64") - before
    more = lots["leased_ha"] - then["leased_ha"].reindex(lots["parcel_id"]).to_numpy()
    is_new = np.isnan(before).any(axis=1)
    shown = np.select(
        [is_new, moved[:, 0] > _NOTHING, moved[:, 0] < -_NOTHING],
        ["came", "let", "given_up"],
        default="other",
    )
    # Of what came only what has a status of its own is news.
    lots = lots.assign(shown=shown, more_ha=more.mask(is_new, 0.0))
    lots = lots[is_new | (np.abs(moved) > _NOTHING).any(axis=1)]
    lots = lots.assign(
        shown_ha=lots["more_ha"]
        .abs()
        .where(lots["shown"].isin(["let", "given_up"]), lots["area_ha"])
    )
    rank = lots["shown"].map({"let": 0, "given_up": 0, "came": 1, "other": 2})
    lots = lots.assign(rank=rank).sort_values(
        ["rank", "shown_ha"], ascending=[True, False], kind="stable"
    )
    label = date_words(day(since))
    return lot_map(
        filled,
        lots.drop(columns="rank"),
        name="change",
        classes=[
            MapClass(value=name, label=text(f"change_map.{name}"), color=color)
            for name, color in theme.CHANGE_COLORS.items()
        ],
        entries=[_entry(row) for row in lots.to_dict("records")],
        headline=lambda some: _headline(some, label),
        notes=(text("change_map.note", on=label),),
    )


def _headline(lots: gpd.GeoDataFrame, since: Words) -> Words:
    sums = {
        name: hectares(float(lots.loc[lots["shown"] == name, "shown_ha"].sum()))
        for name in ("let", "given_up")
    }
    return text("change_map.headline", on=since, count=len(lots), **sums)


def _entry(row: dict[object, object]) -> Words:
    """Say what moved in a lot."""
    words = text(f"change_map.{row['shown']}")
    if row["shown"] in ("let", "given_up"):
        signed = say(
            lambda language: theme.signed(float(str(row["more_ha"])), language=language) + " ha"
        )
        return joined([words, signed])
    return joined([words, hectares(float(str(row["shown_ha"])))])
