"""Which works are central wastewater treatment that runs: by facility, capacity, permit and day."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import shapely

TREATMENT = "central_treatment"
"""The facility that counts; a sewer or a pumping station treats nothing."""


def running_treatment(
    works: pd.DataFrame, zone_ids: Sequence[str], *, on: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the central treatment works that run on a day, and those of which it is not known.

    Parameters
    ----------
    works
        Works as known.
    zone_ids
        The zones asked about.
    on
        The day.

    Returns
    -------
    tuple[pd.DataFrame, pd.DataFrame]
        Rows of ``works``. Wastewater works run from ``done_on``, and not before the day of their
        permit where one is on record. They count if the facility is central treatment, and their
        capacity, where written, is above 0; a sewer or a pumping station does not. Where no
        facility is written, a line is a sewer, works with a capacity are treatment, and of others
        it is not known.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> found = kcn.examples.squares().works
    >>> runs, unknown = running_treatment(found, ["A"], on=pd.Timestamp("2018-03-31"))
    >>> len(runs), len(unknown)  # the works of the squares are a road and power
    (0, 0)
    """
    mine = works[works["zone_id"].isin(zone_ids) & (works["kind"] == "wastewater")]
    told = mine.reindex(columns=["done_on", "permitted_on", "facility", "capacity"])
    done, permitted = (told[name].astype("datetime64[s]") for name in ("done_on", "permitted_on"))
    runs = (done <= on) & ~(permitted > on)
    capacity = told["capacity"].astype("float64")
    untold = told["facility"].isna()
    is_line = pd.Series(False, index=mine.index)
    if "geometry" in mine.columns:
        is_line[:] = shapely.get_dimensions(mine["geometry"].to_numpy()) == 1
    treats = (told["facility"] == TREATMENT) & ~(capacity <= 0)
    treats |= untold & ~is_line & (capacity > 0)
    return mine[runs & treats], mine[runs & untold & ~is_line & capacity.isna()]
