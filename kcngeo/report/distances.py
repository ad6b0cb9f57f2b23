"""What stands too near, asked of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcngeo.analysis import conflicts
from kcngeo.ledger import Snapshot, asked

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.core.dates import Day
    from kcngeo.standards import Registry


def distance_tables(snapshot: Snapshot, *, on: Day) -> Snapshot:
    """Give what distances are measured in, without the zones at fault in these tables.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> distance_tables(kcn.examples.squares().as_known(), on="2018-03-31").apart
    ()
    """
    return asked(snapshot, start=on, about=("zones", "emitters", "receptors"))


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
