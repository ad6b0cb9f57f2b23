"""Zones whose rows say nothing sound of the balance: refused, or left out with a warning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kcngeo.core.errors import ContractError
from kcngeo.core.geometry import invalid_rows, require_polygons
from kcngeo.core.model import finding
from kcngeo.ledger.faults import findings_of, of_findings, shape_faults
from kcngeo.ledger.questions import require_apart
from kcngeo.ledger.zone_rows import zones_of_parcels

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from kcngeo.core.model import Finding
    from kcngeo.ledger import Snapshot


def without_findings(
    snapshot: Snapshot, findings: Sequence[Finding], *, about: Sequence[str]
) -> Snapshot:
    """Leave out the zones of findings; what belongs to no zone is refused."""
    stops = [one for one in findings if not one.zone_ids]
    if stops:
        raise ContractError(stops)
    found = of_findings(findings)
    require_apart(snapshot, found)
    return snapshot.without({one.zone_id for one in found}, names=about)


def without_bad_shapes(
    snapshot: Snapshot, frame: gpd.GeoDataFrame, *, table: str, about: Sequence[str]
) -> Snapshot:
    """Leave out the zones with shapes that cannot be measured."""
    # The fill rate asks only for the shapes of leasable land; the balance for those of all uses.
    if not len(invalid_rows(frame)[0]):
        return snapshot
    if not snapshot.sets_apart:
        require_polygons(frame, name=table)
    if "zone_id" not in frame.columns:
        frame = frame.assign(zone_id=zones_of_parcels(frame["parcel_id"], snapshot.owners))
    day = np.zeros(len(frame), dtype="int64")  # (rows,) all are in force on the one day asked about
    faults = shape_faults(frame, day, day + 1, table=table)
    return without_findings(snapshot, findings_of(faults), about=about)


def findings_of_rows(
    rows: pd.DataFrame, names: Sequence[str], *, rule: str, table: str, **fields: Any
) -> list[Finding]:
    """Name the rows at fault, a finding a zone; those of no zone in one that belongs to none."""
    groups = rows.groupby(rows["zone_id"].to_numpy(), dropna=False).indices
    return [
        finding(rule, table, ids=[names[place] for place in places], zone_ids=[zone_id], **fields)
        for zone_id, places in groups.items()
    ]
