"""What people call lots: by their code, those of one code also by what tells them apart."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

_KEY = ("zone_id", "parcel_id", "lot_code")


def lot_numbers(parcels: pd.DataFrame, *, among: pd.DataFrame | None = None) -> pd.Series:
    """Give every lot a number that no other lot of its zone has.

    It is the lot code; where lots of a zone share one, with the shortest end of their ids that
    tells them apart, without leading zeros. A lot without a code is called by its id. Lots of two
    zones may have the same number.

    Parameters
    ----------
    parcels
        Parcel versions.
    among
        The lots a number tells a lot apart from, which hold ``parcels``: with all that was ever on
        record a number stays through time. None for ``parcels`` alone.

    Returns
    -------
    pd.Series
        Numbers as text, on the index of ``parcels``, named "lot_number".

    Examples
    --------
    Two lots share the code CN1, one has CN2, one none.

    >>> lots = pd.DataFrame({"zone_id": "A", "parcel_id": ["A-CN1-01", "A-CN1-02", "A-3", "A-4"]})
    >>> lot_numbers(lots.assign(lot_code=["CN1", "CN1", "CN2", None])).tolist()
    ['CN1-1', 'CN1-2', 'CN2', 'A-4']
    """
    asked = _keys(parcels)
    rows = asked if among is None else _keys(among)
    rows = rows.drop_duplicates()
    is_coded = rows["lot_code"] != ""
    ids = rows["parcel_id"].to_numpy(dtype=object)
    made = rows["lot_code"].where(is_coded, rows["parcel_id"]).to_numpy(dtype=object, copy=True)
    shared = np.flatnonzero(is_coded & rows.duplicated(["zone_id", "lot_code"], keep=False))
    groups = rows.iloc[shared].groupby(["zone_id", "lot_code"], sort=False).indices
    for places in groups.values():
        at = shared[places]
        made[at] = [f"{made[at[0]]}-{end}" for end in short_ends(ids[at].tolist())]
    called = pd.Series(made, index=rows.index, dtype="str")
    # A code may be written like one with its end: "CN1-1" beside the first of "CN1".
    again = pd.DataFrame({"zone_id": rows["zone_id"], "called": called}).duplicated(keep=False)
    called = called.mask(again & is_coded, rows["lot_code"] + "-" + rows["parcel_id"])
    numbers = pd.Series(called.to_numpy(), index=pd.MultiIndex.from_frame(rows))
    found = numbers.reindex(pd.MultiIndex.from_frame(asked)).to_numpy()
    return pd.Series(found, index=parcels.index, name="lot_number", dtype="str")


def _keys(parcels: pd.DataFrame) -> pd.DataFrame:
    """Give zone, id and code of each row as text; no code is an empty one."""
    blank = pd.Series("", index=parcels.index)
    columns = {name: parcels.get(name, blank).fillna("").astype("str") for name in _KEY}
    return pd.DataFrame(columns).reset_index(drop=True)


def short_ends(ids: list[str]) -> list[str]:
    """Give the shortest ends of ids, part by part, that tell them apart; else the ids.

    Examples
    --------
    >>> short_ends(["LS-07", "LS-08"]), short_ends(["A-1", "B-1"])
    (['7', '8'], ['A-1', 'B-1'])
    """
    parts = [re.findall(r"[^\W_]+", one) for one in ids]
    for count in range(1, max(map(len, parts)) + 1):
        ends = ["-".join(some[-count:]) for some in parts]
        short = [end.lstrip("0") or "0" for end in ends]
        for found in (short, ends):
            if len(set(found)) == len(found) and all(found):
                return found
    return ids
