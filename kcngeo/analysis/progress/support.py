"""What investors asked the board to support: answered, open, overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.analysis.progress.project_rows import home_zones, project_rows
from kcngeo.core.dates import Day, day
from kcngeo.fill import leases_on
from kcngeo.ledger import asked
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

_DAYS = ("asked_on", "due_on", "answered_on")
_COLUMNS = (
    *("zone_id", "project_id", "sector", "kind", "state"),
    *("asked_on", "due_on", "answered_on", "open_days", "late_days"),
)


def support_requests(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Tell how every request of an investor stands on a day.

    A request counts from the day it was asked; one without that day counts always. It is answered
    from the day of its answer on. Overdue is what is not answered and was due before the day: on
    the day it is due it is not late yet, and one without a due day never is. No law of the registry
    says how long an answer may take, so the due day is what the board entered.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The reporting date.
    definition
        Id of a fill-rate definition, which says the land by which a project has a zone; None for
        the law in force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By ``support_id``: ``zone_id`` (as entered, else where its project holds most let land;
        missing where it holds none), ``project_id``, ``sector`` (as entered, else the project's),
        ``kind``, ``state`` ("answered", "open" or "overdue"), ``asked_on``, ``due_on``,
        ``answered_on`` (missing while the answer lies ahead), ``open_days`` (from asking to the
        answer, or to the day) and ``late_days`` (beyond the due day; missing if it is not late).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the project has no table of requests for support.

    Examples
    --------
    Asked on 1 March, due on the 16th: on the 31st it is 15 days late, and 30 days old.

    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> asked_on, due_on = pd.to_datetime(["2018-03-01"]), pd.to_datetime(["2018-03-16"])
    >>> rows = {"support_id": ["R1"], "project_id": ["P1"], "asked_on": asked_on, "due_on": due_on}
    >>> project = replace(kcn.examples.squares(), support=pd.DataFrame(rows))
    >>> found = support_requests(project, on="2018-03-31")
    >>> found[["zone_id", "sector", "state", "open_days", "late_days"]].values.tolist()
    [['A', 'tea', 'overdue', 30, 15]]
    """
    date = day(on)
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name)
    columns = ["support_id", "project_id", "zone_id", "sector", "kind", *_DAYS]
    rows = snapshot.table("support", needed=True).reindex(columns=columns)
    texts = dict.fromkeys(columns[:5], "str")
    rows = rows.astype(texts | dict.fromkeys(_DAYS, "datetime64[s]"))
    rows = rows[rows["asked_on"].isna() | (rows["asked_on"] <= date)]
    leases = leases_on(snapshot, on=on, definition=definition, area=area)
    sectors = project_rows(snapshot, ["sector"]).set_index("project_id")["sector"]
    rows["zone_id"] = rows["zone_id"].fillna(_told(rows, home_zones(leases)))
    rows["sector"] = rows["sector"].fillna(_told(rows, sectors))
    is_answered = rows["answered_on"] <= date
    until = rows["answered_on"].where(is_answered, date)
    late_days = (until - rows["due_on"]).dt.days
    rows = rows.assign(
        answered_on=rows["answered_on"].where(is_answered),
        open_days=(until - rows["asked_on"]).dt.days.astype("Int64"),
        late_days=late_days.where(late_days > 0).astype("Int64"),
        state=np.select([is_answered, late_days > 0], ["answered", "overdue"], "open"),
    )
    return rows.set_index("support_id")[list(_COLUMNS)].sort_index()


def _told(rows: pd.DataFrame, by_project: pd.Series) -> pd.Series:
    """Give what is told of the project of each request, as text, also where it is nothing."""
    return rows["project_id"].map(by_project.to_dict(), na_action="ignore").astype("str")
