"""What stands too near, asked of a snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from kcngeo.analysis import conflicts
from kcngeo.core.dates import ALWAYS, OPEN, covers_day, day_number, day_numbers
from kcngeo.core.model import Status
from kcngeo.core.schema.stored import POLLUTION_LEVELS
from kcngeo.ledger import Snapshot, asked

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.core.dates import Day
    from kcngeo.standards import Registry


def distance_tables(snapshot: Snapshot, *, on: Day) -> Snapshot:
    """Give what distances are measured in, without the zones at fault in these tables.

    An emitter without a level of pollution risk has the worst of the projects its lot is let to.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> distance_tables(kcn.examples.squares().as_known(), on="2018-03-31").apart
    ()
    """
    measured = asked(snapshot, start=on, about=("zones", "emitters", "receptors"))
    levels = _levels(measured, on=on)
    emitters = measured.table("emitters")
    if emitters is None or levels.empty or "parcel_id" not in emitters.columns:
        return measured
    own = emitters.reindex(columns=["pollution_level"])["pollution_level"].astype("str")
    told = own.fillna(emitters["parcel_id"].map(levels).astype("str"))
    return replace(measured, emitters=emitters.assign(pollution_level=told))


def _levels(snapshot: Snapshot, *, on: Day) -> pd.Series:
    """Give by parcel the worst level of the projects it is let to on a day."""
    # A table at fault gives no level, and keeps no distance from being told.
    projects = None if "projects" in snapshot.broken else snapshot.table("projects")
    ledger = snapshot.ledger
    if projects is None or "pollution_level" not in projects.columns:
        return pd.Series(dtype="str")
    if "project_id" not in ledger.columns:
        return pd.Series(dtype="str")
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=len(ledger))
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
    let = (ledger["status"] == Status.LEASED) & covers_day(start, end, day_number(on))
    by_project = projects.dropna(subset="pollution_level").drop_duplicates("project_id")
    by_project = by_project.set_index("project_id")["pollution_level"]
    rows = ledger[let][["parcel_id", "project_id"]]
    rows = rows.assign(level=rows["project_id"].map(by_project)).dropna(subset="level")
    rows = rows.sort_values("level", key=lambda level: level.map(POLLUTION_LEVELS.index))
    return rows.drop_duplicates("parcel_id").set_index("parcel_id")["level"]


def distance_conflicts(measured: Snapshot, *, on: Day, rules: Registry) -> gpd.GeoDataFrame | None:
    """Give what stands too near; None where the project does not say what stands where.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> tables, rules = kcn.examples.squares().as_known(), kcn.standards.registry()
    >>> found = distance_conflicts(tables, on="2018-03-31", rules=rules)
    >>> found["distance_m"].tolist()
    [150.0]
    """
    if measured.table("emitters") is None or measured.table("receptors") is None:
        return None
    return conflicts.buffer_conflicts(
        measured.emitters,
        measured.receptors,
        rules=rules.buffer_rules(),
        on=on,
        zones=measured.zones,
    )
