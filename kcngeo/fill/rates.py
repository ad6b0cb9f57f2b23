"""Land accounts and fill rates, as asked for by a planner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day, month_ends
from kcngeo.core.errors import KcngeoError
from kcngeo.core.validation import distinct
from kcngeo.fill.aggregation import By, ratio
from kcngeo.fill.book import Book

if TYPE_CHECKING:
    import geopandas as gpd


def land_account(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    on: Day,
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Draw up the land account of every zone on a day.

    Uncleared land is taken from the free rest of a parcel first; what is let or reserved before it
    is cleared counts under its tenure and is given again as a memo. A leasable parcel the ledger
    never mentions is available. Under "gross" the base is the zone's polygon, and what no parcel
    holds, roads and green included, stands under available. Parcels that overlap are not looked for
    here and would count twice; :func:`kcngeo.report.monthly` finds them.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    on
        The reporting date; the state on this day, the end day of an entry not included.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to all three tables.
    area
        "grid" (as measured in the CRS), "ellipsoid" (geodesic) or "certificate" (as written; for a
        zone its approved area).
    by
        "zone_id", or ("zone_id", "phase"); a missing phase is its own group.

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id`` (or zone_id, phase), sorted; hectares: ``base_ha``, ``leased_ha``,
        ``reserved_ha``, ``recovering_ha``, ``repurposed_ha``, ``uncleared_ha``, ``available_ha``,
        and the memos ``uncleared_held_ha`` and ``leased_uncleared_ha`` (its let part).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If an account does not close, or phases are asked of "gross".

    Examples
    --------
    A lot of one hectare, of which 0.6 ha is let and the rest is not yet cleared:

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> square = [box(500_000, 1_200_000, 500_100, 1_200_100)]
    >>> zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=square, crs="EPSG:5899")
    >>> parcels = gpd.GeoDataFrame(
    ...     {"parcel_id": ["A-1"], "zone_id": ["A"], "land_use": ["industrial"]},
    ...     geometry=square,
    ...     crs="EPSG:5899",
    ... )
    >>> ledger = pd.DataFrame(
    ...     {
    ...         "parcel_id": ["A-1", "A-1"],
    ...         "status": ["leased", "uncleared"],
    ...         "valid_from": ["2018-01-01", "2018-01-01"],
    ...         "part_area_ha": [0.6, 0.4],
    ...     }
    ... )
    >>> account = land_account(zones, parcels, ledger, on="2018-03-31")
    >>> account[["base_ha", "leased_ha", "uncleared_ha", "available_ha"]].values.tolist()
    [[1.0, 0.6, 0.4, 0.0]]
    """
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by=by)
    return book.account(on, definition)


def fill_rate(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    on: Day,
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Give the fill rate of every zone on a day, by a named definition.

    A rate by one definition says nothing about another: a zone full "on cleared land" may be half
    empty under the law. Never average rates of zones; use :func:`combine`.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    on
        The reporting date.
    definition
        Id of the definition; None for the law in force on the day.
    known_at
        See :func:`land_account`.
    area
        "grid", "ellipsoid" or "certificate".
    by
        "zone_id", or ("zone_id", "phase").

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id`` (or zone_id, phase), sorted: ``leased_ha`` and ``base_ha``, the
        numerator and denominator of the definition in hectares, ``fill_rate``, a share from 0 to
        1, missing where the base is 0, and ``definition``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If phases are asked of "gross".
    """
    dates = pd.DatetimeIndex([day(on)], name="on")
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by=by)
    return book.rates(dates, definition).droplevel("on")


def fill_series(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    start: Day,
    end: Day,
    freq: str = "ME",
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Give the fill rate of every zone on every reporting date of a period.

    With ``definition=None`` every date has the law of its day, so the series changes definition
    where the law did; the column ``definition`` says which.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    freq
        Pandas frequency of the reporting dates; "ME" is the last day of each month.
    definition
        Id of the definition; None for the law in force on each date.
    known_at
        See :func:`land_account`.
    area
        "grid", "ellipsoid" or "certificate".
    by
        "zone_id", or ("zone_id", "phase").

    Returns
    -------
    pd.DataFrame
        Indexed by (``zone_id``, ``on``), sorted, columns as :func:`fill_rate`; a zone has rows
        for the dates on which it counts.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If no reporting date lies in the period, or phases are asked of "gross".
    """
    dates = month_ends(start, end, freq=freq)
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by=by)
    return book.rates(dates, definition)


def combine(rates: pd.DataFrame) -> pd.DataFrame:
    """Give the rate of a set of zones: the ratio of their sums, never the mean of their rates.

    Parameters
    ----------
    rates
        Result of :func:`fill_rate` or :func:`fill_series`, whole or the rows of some zones.

    Returns
    -------
    pd.DataFrame
        A row a date (one row if ``rates`` has no dates): ``leased_ha``, ``base_ha``,
        ``fill_rate``, ``definition``, and ``not_computable``, the zones without a base, joined by
        "|", whose presence makes the row's figures missing.

    Raises
    ------
    KcngeoError
        If rates by different definitions meet on one date, or a zone stands on it twice.
    """
    dated = "on" in rates.index.names
    keys = rates.index.get_level_values("on") if dated else np.zeros(len(rates), dtype="int64")
    zone_ids = rates.index.get_level_values("zone_id").to_numpy(dtype=object)
    groups = rates.groupby(keys, sort=True)
    mixed = groups["definition"].nunique() > 1
    if mixed.any():
        raise KcngeoError("mixed_definitions", definitions=distinct(rates["definition"]))
    if rates.index.has_duplicates:
        raise KcngeoError("rates_twice")
    # A total without one of its zones would be a wrong hectare.
    sums = groups[["leased_ha", "base_ha"]].sum(skipna=False)
    sums["fill_rate"] = ratio(sums["leased_ha"].to_numpy(), sums["base_ha"].to_numpy())
    sums["definition"] = groups["definition"].first()
    unknown = rates["base_ha"].isna().to_numpy()
    named = pd.Series(zone_ids[unknown]).groupby(np.asarray(keys)[unknown]).agg(_joined)
    sums["not_computable"] = named.reindex(sums.index).astype("str")
    return sums.rename_axis("on") if dated else sums.reset_index(drop=True)


def _joined(values: pd.Series) -> str:
    return "|".join(sorted(values))
