"""What a claim says, to the digit, and which claims contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.validation import require_known
from kcngeo.standards import ZONE

COLUMNS = ["zone_id", "measure", "definition", "value", "on", "source"]
KEYS = ["zone_id", "on", "definition"]
SUBJECT = ["zone_id", "measure", "definition"]
# The base of a definition that is the polygon of the zone and nothing else.
POLYGON = {("", ZONE): 1.0}
# A half that should be exact may come out of a subtraction a little more.
ROUNDING = 1e-9


def half_digit(value: float, *, measure: str) -> float:
    """Give half a unit of the last published digit: how far the true figure may lie.

    A count is exact. A rate is published at least to whole percents, so 1 means 100 % ± 0.5 %. A
    number does not keep trailing zeros: what was printed as "76.10 ha" is taken for 76.1, and
    agrees more easily than it should.

    Parameters
    ----------
    value
        The published figure: a share, hectares or a count.
    measure
        What it measures, for example "fill_rate" or "leased_ha".

    Returns
    -------
    float
        Half a unit, in the unit of the measure.

    Examples
    --------
    >>> half_digit(16.1371, measure="reserved_ha"), half_digit(17, measure="uncleared_ha")
    (5e-05, 0.5)
    """
    if measure.endswith("_count"):
        return 0.0
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    digits = max(-int(exponent), 2 if measure == "fill_rate" else 0)
    return float(Decimal(1).scaleb(-digits) / 2)


def claims_of(claims: pd.DataFrame) -> pd.DataFrame:
    """Check claims and give them all their columns."""
    rows = require_known(claims, "claims").reindex(columns=COLUMNS)
    texts = dict.fromkeys(["zone_id", "measure", "definition", "source"], "str")
    return rows.astype({**texts, "value": "float64", "on": "datetime64[s]"})


def contradicting(rows: pd.DataFrame) -> dict[int, list[float]]:
    """Find for each claim, by position, the values of those that contradict it."""
    values = rows["value"].to_numpy()
    found: dict[int, list[float]] = {}
    for one, other, kind in contradictory_pairs(rows):
        found.setdefault(one, []).append(float(values[other]))
        if kind == "same_date":
            found.setdefault(other, []).append(float(values[one]))
    return found


def contradictory_pairs(rows: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Go through the pairs of claims, by position, that cannot both be true."""
    # A claim without a date may be of any time, so it contradicts the others only if it agrees
    # with none of them; it comes first in its pairs.
    records = records_of(rows)
    halves = [half_of(record) for record in records]

    def is_apart(one: int, other: int) -> bool:
        gap = abs(records[one].value - records[other].value)
        return bool(gap > halves[one] + halves[other] + ROUNDING)

    places = pd.Series(range(len(rows)))[rows["value"].notna().to_numpy()]
    subjects = [rows[name].to_numpy()[places] for name in SUBJECT]
    for _, some in places.groupby(subjects, dropna=False, sort=False):
        dated = [place for place in some if pd.notna(records[place].on)]
        for one, other in combinations(dated, 2):
            if records[one].on == records[other].on and is_apart(one, other):
                yield one, other, "same_date"
        for one in some:
            others = [other for other in some if other != one]
            if one not in dated and all(is_apart(one, other) for other in others):
                yield from ((one, other, "undated") for other in others)


def records_of(rows: pd.DataFrame) -> list[Any]:
    """Give the rows as records whose fields may be anything."""
    return list(rows.itertuples(index=False))


def half_of(record: Any) -> float:
    """Give half a unit of the last digit a claim was published with."""
    if pd.isna(record.value):
        return np.nan
    return half_digit(record.value, measure=str(record.measure))
