"""Projects as what is told of investors asks for them: each once, and where it is at home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcngeo.ledger import Snapshot


def project_rows(
    snapshot: Snapshot,
    columns: Sequence[str] = (),
    *,
    days: Sequence[str] = (),
    needed: bool = False,
) -> pd.DataFrame:
    """Give each project once with these columns and days; none of them need be on record."""
    table = snapshot.table("projects", needed=needed)
    rows = (pd.DataFrame() if table is None else table).reindex(
        columns=["project_id", *columns, *days]
    )
    rows = rows.astype({"project_id": "str"} | dict.fromkeys(days, "datetime64[s]"))
    return rows.dropna(subset=["project_id"]).drop_duplicates("project_id")


def home_zones(held: pd.DataFrame) -> pd.Series:
    """Give the zone where each project holds most land, of equal ones the first by its id."""
    rows = held.groupby(["project_id", "zone_id"])["leased_ha"].sum().reset_index()
    rows = rows.sort_values(["leased_ha", "zone_id"], ascending=[False, True])
    homes: pd.Series = rows.drop_duplicates("project_id").set_index("project_id")["zone_id"]
    return homes
