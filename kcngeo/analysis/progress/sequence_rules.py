"""What was done out of order: let before it was cleared, operating before its wastewater is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, Day, covers_day, day, day_number, day_numbers
from kcngeo.core.model import LEASABLE, Finding, Severity, Status
from kcngeo.core.validation import distinct
from kcngeo.ledger import asked, entry_names
from kcngeo.ledger.tables import CORE

if TYPE_CHECKING:
    from kcngeo.ledger import Joined, Project, Snapshot

_DATES = ("licensed_on", "handed_over_on", "building_on", "operating_on")


def order_findings(
    project: Project | Snapshot,
    *,
    on: Day,
) -> tuple[Finding, ...]:
    """Find what was done before what should come first, up to a day.

    ``let_before_cleared``: a lease of leasable land that began while the whole of its parcel was
    not yet cleared; where only a part was not, nobody says which part is let.
    ``operating_before_wastewater``: a project that holds let land on the day began to operate
    before any wastewater works of that zone were done; works done on the same day are in time.
    ``building_before_hand_over`` and ``operating_before_building``: days of one project in the
    wrong order. A warning where it still stands on the day, a note where it has been made good
    since; days in the wrong order stay warnings, for one of them is wrong or the law was broken.
    Without a table of works, nothing is said of wastewater.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
        Where there is a table of works, a zone without wastewater works has none.
    on
        The day; what happens after it is not found.

    Returns
    -------
    tuple[Finding, ...]
        A finding a rule, zone and severity.

    Raises
    ------
    ContractError
        If a table breaks its contract.

    Examples
    --------
    No wastewater works are on record, and three projects with let land operate.

    >>> import kcngeo as kcn
    >>> found = order_findings(kcn.examples.squares(), on="2018-03-31")
    >>> [(one.rule, one.zone_ids, one.ids) for one in found]
    [('operating_before_wastewater', ('A',), ('P1', 'P3')),
     ('operating_before_wastewater', ('B',), ('P4',))]
    """
    snapshot = asked(project, start=on, about=(*CORE, "works"))
    joined, number = snapshot.joined, day_number(on)
    rows = _early_leases(joined, number)
    projects, works = snapshot.table("projects"), snapshot.table("works")
    if projects is not None:
        held = _zones_held(joined, number)
        dated = projects.reindex(columns=["project_id", *_DATES]).merge(held, on="project_id")
        dated = dated.astype(dict.fromkeys(_DATES, "datetime64[s]"))
        rows += _swapped(dated, day(on))
        if works is not None:
            rows += _without_wastewater(dated, works, day(on))
    # A finding a rule, zone and table, however many rows are at fault.
    found = pd.DataFrame(rows, columns=["rule", "zone_id", "severity", "table", "name"])
    groups = found.groupby(["rule", "zone_id", "severity", "table"], sort=True)
    return tuple(
        Finding(
            rule=str(rule),
            severity=Severity(str(severity)),
            table=str(table),
            ids=distinct(some["name"]),
            zone_ids=(str(zone_id),),
        )
        for (rule, zone_id, severity, table), some in groups
    )


def _leases(joined: Joined, number: int) -> pd.DataFrame:
    """Give the leases of leasable land that had begun by a day, with their zones."""
    ledger = joined.ledger
    leasable = joined.parcels["land_use"].isin(LEASABLE).to_numpy()
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger))
    rows = np.flatnonzero((ledger["status"] == Status.LEASED).to_numpy() & (start <= number))
    parcels = pd.DataFrame(
        {
            "parcel": joined.parcel,
            "zone_id": joined.parcels["zone_id"].array,
            "first": joined.start,
            "last": joined.end,
        }
    )[leasable]
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    leases = pd.DataFrame(
        {
            "entry": rows,
            "parcel": joined.entry_parcel[rows],
            "project_id": ledger.reindex(columns=["project_id"])["project_id"].take(rows).array,
            "start": start[rows],
            "end": end[rows],
        }
    ).merge(parcels, on="parcel")
    return leases[(leases["first"] < leases["end"]) & (leases["start"] < leases["last"])]


def _early_leases(joined: Joined, number: int) -> list[tuple[Any, ...]]:
    """Find leases that began while the parcel was not cleared."""
    ledger = joined.ledger
    uncleared = (ledger["status"] == Status.UNCLEARED).to_numpy()
    waits = pd.DataFrame(
        {
            "parcel": joined.entry_parcel,
            "from": day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger)),
            "to": day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger)),
            "part": ledger.reindex(columns=["part_area_ha"])["part_area_ha"].notna().to_numpy(),
        }
    )[uncleared]
    pairs = _leases(joined, number).merge(waits, on="parcel")
    pairs = pairs[~pairs["part"] & covers_day(pairs["from"], pairs["to"], pairs["start"])]
    stands = (number < pairs["to"]) & (number < pairs["end"])
    names = entry_names(ledger, pairs["entry"].to_numpy())
    return [
        ("let_before_cleared", zone_id, _weight(still), "ledger", name)
        for zone_id, still, name in zip(pairs["zone_id"], stands, names, strict=True)
    ]


def _zones_held(joined: Joined, number: int) -> pd.DataFrame:
    """Give the zones in which each project holds let land on a day."""
    leases = _leases(joined, number)
    # They have all begun.
    now = (number < leases["end"]) & covers_day(leases["first"], leases["last"], number)
    leases = leases[now & leases["project_id"].notna()]
    held = leases[["project_id", "zone_id"]].drop_duplicates()
    return held.astype({"project_id": "str"})


def _swapped(dated: pd.DataFrame, date: pd.Timestamp) -> list[tuple[Any, ...]]:
    """Find projects whose own days stand in the wrong order."""
    rows = []
    for rule, first, second in (
        ("building_before_hand_over", "handed_over_on", "building_on"),
        ("operating_before_building", "building_on", "operating_on"),
    ):
        bad = dated[(dated[second] < dated[first]) & (dated[second] <= date)]
        rows += [
            (rule, row.zone_id, str(Severity.WARNING), "projects", row.project_id)
            for row in bad.itertuples()
        ]
    return rows


def _without_wastewater(
    dated: pd.DataFrame, works: pd.DataFrame, date: pd.Timestamp
) -> list[tuple[Any, ...]]:
    """Find projects that began to operate before the wastewater works of their zone were done."""
    done = works[(works["kind"] == "wastewater").to_numpy()].reindex(columns=["zone_id", "done_on"])
    first = done.astype({"done_on": "datetime64[s]"}).groupby("zone_id")["done_on"].min()
    ready = pd.Series(first.reindex(dated["zone_id"]).to_numpy(), index=dated.index)
    early = (dated["operating_on"] <= date) & ~(ready <= dated["operating_on"])
    bad = dated[early]
    stands = ~(ready[early] <= date)
    return [
        ("operating_before_wastewater", zone_id, _weight(still), "projects", project_id)
        for zone_id, still, project_id in zip(
            bad["zone_id"], stands, bad["project_id"], strict=True
        )
    ]


def _weight(stands: bool) -> str:
    return str(Severity.WARNING if stands else Severity.NOTE)
