"""Let but not built on, as the satellite sees it: evidence for a person to look at, no verdict."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kcngeo.core.errors import KcngeoError


def unbuilt_lots(
    leased: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    below_share: float,
    k: int,
    n: int,
    clocks: pd.DataFrame | None = None,
    confirmed: pd.Series | None = None,
) -> pd.DataFrame:
    """List the let lots that look unbuilt in at least ``k`` of their last ``n`` years.

    One year's cloud, shadow or misread class is noise; the rule asks for several. A year in which
    a lot has no value or too few pixels does not speak, and a lot with fewer than ``k`` years that
    speak is listed as not known. The picture does not know why a lot is empty: it is evidence for
    a person, who confirms or rejects it.

    Parameters
    ----------
    leased
        Let lots on a day, indexed by parcel_id; ``leased_on`` (first day of the lease) if known:
        years before it do not speak.
    shares
        ``parcel_id``, ``year``, ``built_share``, ``few_pixels``: a row a lot and year.
    below_share
        A lot with a smaller built share looks unbuilt in that year.
    k
        How many years it must look unbuilt.
    n
        Of how many last years.
    clocks
        Result of :func:`kcngeo.analysis.progress.idle_clocks`; its term is set beside the lot.
    confirmed
        What a person found, by parcel_id: true, false, or missing.

    Returns
    -------
    pd.DataFrame
        By ``parcel_id``: ``unbuilt_years``, ``seen_years`` (of the last ``n``), ``built_share``
        (of the last year seen), ``looks_unbuilt`` (true, false, or missing where too little is
        seen), ``confirmed``, and with clocks ``clock``, ``ends_on``, ``state``, ``verified``.

    Raises
    ------
    KcngeoError
        If k is not between 1 and n.
    """
    if not 1 <= k <= n:
        raise KcngeoError("k_of_n", k=k, n=n)
    seen = shares[shares["parcel_id"].isin(leased.index)].dropna(subset=["built_share"])
    seen = seen[~seen["few_pixels"].astype(bool)]
    if "leased_on" in leased.columns:
        since = pd.to_datetime(seen["parcel_id"].map(leased["leased_on"]))
        seen = seen[~(seen["year"] < since.dt.year)]
    last = seen.sort_values(["parcel_id", "year"]).groupby("parcel_id").tail(n)
    unbuilt = last["built_share"] < below_share
    by_lot = last.assign(unbuilt=unbuilt).groupby("parcel_id")
    result = pd.DataFrame(index=leased.index.rename("parcel_id"))
    result["unbuilt_years"] = by_lot["unbuilt"].sum().reindex(result.index).fillna(0).astype(int)
    result["seen_years"] = by_lot.size().reindex(result.index).fillna(0).astype(int)
    result["built_share"] = by_lot["built_share"].last().reindex(result.index)
    # Enough years that look built settle it as much as enough that do not.
    settled = result["seen_years"] >= k
    looks = (result["unbuilt_years"] >= k).astype("boolean")
    result["looks_unbuilt"] = looks.mask(~settled)
    told: Any = pd.Series(pd.NA, index=result.index, dtype="boolean")
    if confirmed is not None:
        told = confirmed.reindex(result.index).astype("boolean")
    result["confirmed"] = told
    return result if clocks is None else result.join(_terms(clocks))


def _terms(clocks: pd.DataFrame) -> pd.DataFrame:
    """Give every lot the clock that ends first."""
    names = ["clock", "ends_on", "state", "verified"]
    lots = clocks.assign(parcel_id=clocks["parcel_ids"].str.split("|")).explode("parcel_id")
    lots = lots.sort_values(["parcel_id", "ends_on", "clock"], na_position="last")
    return lots.drop_duplicates("parcel_id").set_index("parcel_id")[names]
