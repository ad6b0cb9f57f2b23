"""Shares of pixels as hectares: of the land that was seen, never of land that was not."""

from __future__ import annotations

import pandas as pd

_SHARE = "_share"
_KNOWN = "known_share"


def hectares(shares: pd.DataFrame, *, lot_ha: pd.Series) -> pd.DataFrame:
    """Turn shares of parcels into hectares.

    A share is of the pixels with a value, so it is multiplied with the land they cover. What lies
    under cloud is not known: it is neither built nor unbuilt, and no share is spread over it.

    Parameters
    ----------
    shares
        Result of a measure such as :func:`built_share`, with ``known_share``.
    lot_ha
        Area of each parcel in hectares, on the same index.

    Returns
    -------
    pd.DataFrame
        On the index of ``shares``: ``lot_ha``, ``known_ha`` (seen), and for every share a column
        of hectares, ``built_ha`` for ``built_share``; missing where nothing is seen.

    Examples
    --------
    Half of the seen quarter of 2 ha is built; of the other 1.5 ha nothing is known.

    >>> shares = pd.DataFrame({"built_share": [0.5], "known_share": [0.25]}, index=["A-1"])
    >>> hectares(shares, lot_ha=pd.Series({"A-1": 2.0})).loc["A-1"].to_dict()
    {'lot_ha': 2.0, 'known_ha': 0.5, 'built_ha': 0.25}
    """
    area_ha = lot_ha.reindex(shares.index)
    known_ha = area_ha * shares[_KNOWN]
    names = [str(name) for name in shares.columns]
    measures = [name for name in names if name.endswith(_SHARE) and name != _KNOWN]
    found = {f"{name.removesuffix(_SHARE)}_ha": shares[name] * known_ha for name in measures}
    return pd.DataFrame({"lot_ha": area_ha, "known_ha": known_ha, **found})
