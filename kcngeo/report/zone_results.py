"""What of a month is worked out zone by zone, and takes most of its time: asked for alone."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kcngeo.core.dates import Day, month_end
from kcngeo.core.errors import already_told
from kcngeo.core.kept_results import KeptResults, using
from kcngeo.fill import Accounts
from kcngeo.ledger import Project, Snapshot
from kcngeo.report.month import dates_of, rates_of_all, snapshot_of
from kcngeo.report.sections import forecast_of, optional_section, targets_of
from kcngeo.report.spatial_sections import land_of
from kcngeo.standards import fill_definition


def zone_results(
    project: Project | Snapshot,
    *,
    month: str | Day,
    definition: str | None = None,
    known_at: str | pd.Timestamp | None = None,
    start: Day | None = None,
    area: str = "grid",
) -> KeptResults:
    """Work out what the month of some zones takes most of its time for.

    These are the extent of every site, the futures of every zone, and every target by every
    definition. What cannot be answered of these zones alone is left to the month itself.

    Parameters
    ----------
    project
        The tables of the zones.
    month
        See :func:`kcngeo.report.monthly`, as all that follows.
    definition
        Id of a fill-rate definition.
    known_at
        The moment.
    start
        First day of the series, of all zones together.
    area
        Basis of areas.

    Returns
    -------
    KeptResults
        The results, for the month of all zones.

    Raises
    ------
    CRSError
        If zones and parcels disagree in CRS or it misstates areas.
    ContractError
        If a defect belongs to no zone.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> found = zone_results(kcn.examples.squares(), month="2018-03")
    >>> found.made > 0  # at least the square B-2, which is a site
    True
    """
    on = month_end(month)
    used = fill_definition(definition, on=on)
    results = KeptResults()
    with already_told(), using(results):
        _, snapshot = snapshot_of(project, known_at)
        accounts = Accounts.of(snapshot, area=area)
        series, _ = rates_of_all(accounts, dates_of(start, on, snapshot), used)
        optional_section("targets", lambda: targets_of(series, snapshot.table("targets")))
        options: dict[str, Any] = {"on": on, "definition": used.name}
        optional_section("forecast", lambda: forecast_of(snapshot, **options, area=area))
        if len(snapshot.parcels):
            optional_section("land", lambda: land_of(snapshot, **options))
    return results
