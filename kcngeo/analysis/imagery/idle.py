"""Let but not built on, as the satellite sees it: evidence for a person to look at, no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError
from kcngeo.fill import leases_on, parcels_on
from kcngeo.ledger import asked
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot


def let_parcels(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
) -> gpd.GeoDataFrame:
    """Give the parcels that are let on a day, whole or in part, with the first day of the lease.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    gpd.GeoDataFrame
        By ``parcel_id``, sorted: ``zone_id``, ``leased_ha``, ``leased_on`` (the last of its leases
        in force to begin) and the outline of the whole parcel.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> let_parcels(kcn.examples.squares(), on="2018-03-31")["leased_ha"].to_dict()
    {'A-1': 1.0, 'A-2': 0.5, 'B-1': 1.0}
    """
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name)
    parcels = parcels_on(snapshot, on=on, definition=definition, area=area)
    leases = leases_on(snapshot, on=on, parcels=parcels).groupby("parcel_id")
    let = leases.agg(leased_ha=("leased_ha", "sum"), leased_on=("valid_from", "max"))
    shapes = parcels[["parcel_id", "zone_id", parcels.active_geometry_name]]
    shapes = shapes.set_index("parcel_id")
    return shapes[shapes.index.isin(let.index)].join(let).sort_index()


def unbuilt_parcels(
    leased: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    below_share: float,
    k: int,
    n: int,
    clocks: pd.DataFrame | None = None,
    confirmed: pd.Series | None = None,
) -> pd.DataFrame:
    """List the let parcels that look unbuilt in at least ``k`` of their last ``n`` years.

    One year's cloud, shadow or misread class is noise; the rule asks for several. The year a lease
    began and those before it do not speak, nor does one in which a parcel has no value or too few
    pixels; a parcel with fewer than ``k`` years that speak is listed as not known. The picture does
    not know why a parcel is empty: it is evidence for a person, who confirms or rejects it.

    Parameters
    ----------
    leased
        Let parcels on a day, indexed by parcel_id, see :func:`let_parcels`; ``leased_on`` if known.
    shares
        ``parcel_id``, ``year``, ``built_share``, ``known_share``, ``few_pixels``: a row a parcel
        and year.
    below_share
        A parcel with a smaller built share looks unbuilt in that year.
    k
        How many years it must look unbuilt.
    n
        Of how many last years.
    clocks
        Result of :func:`kcngeo.analysis.progress.idle_clocks`; its term is set beside the parcel.
    confirmed
        What a person found, by parcel_id: true, false, or missing.

    Returns
    -------
    pd.DataFrame
        By ``parcel_id``: ``unbuilt_years``, ``seen_years`` (of the last ``n``), ``built_share``
        and ``known_share`` (of the last year seen), ``looks_unbuilt`` (true, false, or missing
        where too little is seen), ``confirmed``, and with clocks ``clock``, ``since``,
        ``ends_on``, ``state``, ``verified`` and, if the day of the lease is known, ``let_later``:
        whether the parcel was let after its project's day of hand-over, so that its own term
        ends later than that.

    Raises
    ------
    KcngeoError
        If k is not between 1 and n.

    Examples
    --------
    Two of three years without buildings are enough here; of A-2 a single year is seen.

    >>> leased = pd.DataFrame(index=["A-1", "A-2"])
    >>> years = pd.DataFrame(
    ...     {"parcel_id": ["A-1", "A-1", "A-1", "A-2"], "year": [2019, 2020, 2021, 2021],
    ...      "built_share": [0.0, 0.5, 0.0, 0.0], "known_share": 1.0, "few_pixels": False}
    ... )
    >>> unbuilt_parcels(leased, years, below_share=0.1, k=2, n=3)["looks_unbuilt"].tolist()
    [True, <NA>]
    """
    if not 1 <= k <= n:
        raise KcngeoError("k_of_n", k=k, n=n)
    seen = shares[shares["parcel_id"].isin(leased.index)].dropna(subset=["built_share"])
    seen = seen[~seen["few_pixels"].astype(bool)]
    if "leased_on" in leased.columns:
        since = pd.to_datetime(seen["parcel_id"].map(leased["leased_on"]))
        # A picture of that year may be older than the lease.
        seen = seen[~(seen["year"] <= since.dt.year)]
    last = seen.sort_values(["parcel_id", "year"]).groupby("parcel_id").tail(n)
    unbuilt = last["built_share"] < below_share
    by_parcel = last.assign(unbuilt=unbuilt).groupby("parcel_id")
    result = pd.DataFrame(index=leased.index.rename("parcel_id"))
    result["unbuilt_years"] = by_parcel["unbuilt"].sum().reindex(result.index).fillna(0).astype(int)
    result["seen_years"] = by_parcel.size().reindex(result.index).fillna(0).astype(int)
    for name in ("built_share", "known_share"):
        result[name] = by_parcel[name].last().reindex(result.index)
    # Enough years that look built settle it as much as enough that do not.
    settled = result["seen_years"] >= k
    looks = (result["unbuilt_years"] >= k).astype("boolean")
    result["looks_unbuilt"] = looks.mask(~settled)
    told: Any = pd.Series(pd.NA, index=result.index, dtype="boolean")
    if confirmed is not None:
        told = confirmed.reindex(result.index).astype("boolean")
    result["confirmed"] = told
    if clocks is None:
        return result
    result = result.join(_terms(clocks))
    if "leased_on" in leased.columns:
        later = pd.to_datetime(leased["leased_on"]) > result["since"]
        is_meant = (result["clock"] == "unused") & result["since"].notna()
        result["let_later"] = later.astype("boolean").mask(~is_meant)
    return result


def _terms(clocks: pd.DataFrame) -> pd.DataFrame:
    """Give every parcel the clock that ends first."""
    names = ["clock", "since", "ends_on", "state", "verified"]
    parcels = clocks.assign(parcel_id=clocks["parcel_ids"].str.split("|")).explode("parcel_id")
    parcels = parcels.sort_values(["parcel_id", "ends_on", "clock"], na_position="last")
    return parcels.drop_duplicates("parcel_id").set_index("parcel_id")[names]
