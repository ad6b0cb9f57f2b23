"""What is told of many futures: three quantiles, as hectares or as dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVELS = (0.1, 0.5, 0.9)
QUANTILES = ("p10", "p50", "p90")


def quantiles(values: Floats) -> Floats:
    """Give p10, p50 and p90 of each row: values that were drawn, so that infinity stays itself."""
    return np.asarray(np.quantile(values, LEVELS, axis=1, method="inverted_cdf").T)


def as_dates(days: Floats, on: int) -> NDArray[np.datetime64]:
    """Turn days after the start into dates; what is not finite is missing."""
    known = np.isfinite(days)
    dates = (on + np.where(known, days, 0).astype("int64")).astype("datetime64[D]")
    return np.where(known, dates, np.datetime64("NaT")).astype("datetime64[s]")
