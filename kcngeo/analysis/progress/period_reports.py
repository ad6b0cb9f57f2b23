"""What enterprises report of a quarter: the value they produced, the wages they paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kcngeo.core.dates import Day, day

if TYPE_CHECKING:
    from kcngeo.ledger import Snapshot

REPORTED = ("output_vnd", "wages_vnd")
"""What a project may report of a quarter, shown only where any does."""


def period_reports(snapshot: Snapshot, *, on: Day) -> tuple[str | None, pd.DataFrame]:
    """Give the last quarter that was over and reported of, and what each project says of it.

    A project that reports twice of a quarter says nothing that is known.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> rows = {"project_id": ["P1", "P1"], "period": ["2017Q4", "2018Q1"], "wages_vnd": [5e9, 6e9]}
    >>> tables = {**dict(kcn.examples.squares().tables()), "project_periods": pd.DataFrame(rows)}
    >>> known = kcn.Project(**tables).as_known()
    >>> quarter, told = period_reports(known, on="2018-03-30")  # the quarter is not over
    >>> quarter, told["wages_vnd"].to_dict()
    ('2017Q4', {'P1': 5000000000.0})
    """
    table = snapshot.table("project_periods")
    columns = ["project_id", "period", *REPORTED]
    rows = pd.DataFrame(columns=columns) if table is None else pd.DataFrame(table)
    rows = rows.reindex(columns=columns)
    rows = rows.astype({"project_id": "str", "period": "str"} | dict.fromkeys(REPORTED, "float64"))
    rows = rows[rows["period"].str.fullmatch(r"\d{4}Q[1-4]").fillna(False).astype(bool)]
    tomorrow = day(on) + pd.Timedelta(days=1)
    # The quarter of the day after is not over yet.
    rows = rows[rows["period"] < f"{tomorrow.year}Q{tomorrow.quarter}"]
    given = rows[rows[list(REPORTED)].notna().any(axis=1)]
    last = given["period"].max() if len(given) else None
    told = given[given["period"] == last].drop_duplicates("project_id", keep=False)
    return last, told.set_index("project_id")[list(REPORTED)]
