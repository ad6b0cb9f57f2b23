"""How a zone is called: as on the day, or as it was called last before."""

from __future__ import annotations

import pandas as pd

from kcngeo.ledger.zones import zone_names
from tests import squares


def renamed() -> pd.DataFrame:
    """Zone A is called "old" from the beginning and "new" from 2016 on; nobody named zone B."""
    made = squares.zones("A", "A", "B", name=["new", "old", None])
    return made.assign(
        valid_from=pd.to_datetime(["2016-01-01", None, None]),
        valid_to=pd.to_datetime([None, "2016-01-01", None]),
    )


def test_a_zone_is_called_as_on_the_day() -> None:
    assert zone_names(renamed(), on="2015-12-31") == {"A": "old", "B": "B"}
    # The version without a first day is the earliest, wherever its row stands.
    assert zone_names(renamed(), on="2016-01-01") == {"A": "new", "B": "B"}


def test_a_version_without_a_name_leaves_the_name_before() -> None:
    zones = renamed()
    zones["name"] = [None, "old", None]
    assert zone_names(zones, on="2018-03-31") == {"A": "old", "B": "B"}
