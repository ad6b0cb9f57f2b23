"""What is offered with each lot on a day: its own figures, else those of its zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from kcngeo.analysis.sites import OFFERED, UNKNOWN_OFFERS, Offer
from kcngeo.core.dates import Day, covers_day, day_number
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.ledger.zones import zone_days

if TYPE_CHECKING:
    from kcngeo.ledger import Snapshot


def lot_offers(snapshot: Snapshot, *, on: Day) -> pd.DataFrame:
    """Give what is offered with every lot of a day, by ``parcel_id``; missing where unknown.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> squares = kcn.examples.squares()
    >>> zones = squares.zones.assign(to_port_m=[9000.0, None])
    >>> parcels = squares.parcels.assign(to_port_m=squares.parcels["parcel_id"].map({"B-2": 7000}))
    >>> tables = {**dict(squares.tables()), "zones": zones, "parcels": parcels}
    >>> found = lot_offers(kcn.Project(**tables).as_known(), on="2018-03-31")["to_port_m"]
    >>> found[["A-2", "B-2", "B-1"]].tolist()
    [9000.0, 7000.0, nan]
    """
    names = [*OFFERED]
    lots = pd.DataFrame(snapshot.parcels[snapshot.in_force(on)]).drop_duplicates("parcel_id")
    lots = lots.reindex(columns=["parcel_id", "zone_id", *names]).set_index("parcel_id")
    zones = pd.DataFrame(snapshot.zones[covers_day(*zone_days(snapshot.zones), day_number(on))])
    zones = zones.reindex(columns=["zone_id", *names]).drop_duplicates("zone_id")
    of_zone = zones.set_index("zone_id").reindex(lots["zone_id"]).set_index(lots.index)
    return lots[names].where(lots[names].notna(), of_zone[names])


def unknown_offers(found: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    """Say which land could not be held against a wish, as its figure is not on record.

    Examples
    --------
    >>> found = pd.DataFrame({"zone_id": ["A"], "parcel_ids": ["P1|P2"], "area_ha": [2.0],
    ...     "fails": ["unknown_price"]})
    >>> [(one.ids, str(one.fields["column"])) for one in unknown_offers(found)]
    [(('P1', 'P2'), 'price_vnd_m2')]
    """
    reasons = found["fails"].fillna("").str.split("|")
    told = []
    for column, reason in zip(OFFERED, UNKNOWN_OFFERS, strict=True):
        mine = found[[reason in some for some in reasons]]
        if len(mine):
            lots = sorted({lot for some in mine["parcel_ids"] for lot in some.split("|")})
            told.append(
                finding(
                    "offer_unknown",
                    "parcels",
                    Severity.WARNING,
                    ids=lots,
                    zone_ids=mine["zone_id"],
                    column=Offer(column),
                    area_ha=float(mine["area_ha"].sum()),
                )
            )
    return tuple(told)
