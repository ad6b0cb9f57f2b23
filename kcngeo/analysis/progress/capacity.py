"""What the works of a zone can carry, against what let and vacant land asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.fill import Accounts
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

_WANTED = ["kind", "unit", "demand_per_ha"]


def capacity_balance(
    project: Project | Snapshot,
    *,
    on: Day,
    demand: pd.DataFrame,
    definition: str | None = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Set the capacity in place against the demand of let and of vacant land.

    What a hectare asks for is the caller's figure, with its unit; none is assumed here. It is the
    demand of land in use: land that is let and idle is counted as if it ran, because it may. Only
    works inside the fence or outside it whose unit is that of the demand are added up; a main and
    the station behind it, both with a capacity in the same unit, would count twice, so ask for the
    one that limits. Vacant land is what the land account calls available; reserved, uncleared and
    other land is left out of the demand, and stands in ``other_ha``.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day; works done on it are in place.
    demand
        A row a kind of works: ``kind``, ``unit`` (as in ``capacity_unit``, for example
        "m³/ngày"), ``demand_per_ha`` (in that unit, a hectare of leasable land); ``zone_id``, for
        a figure of one zone, which goes before the general one; ``side``, "inside" or "outside",
        which works to count (both).
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By ``zone_id`` and ``kind``, sorted: ``unit``, ``demand_per_ha``, ``leased_ha``,
        ``vacant_ha``, ``other_ha``, ``capacity`` (in place on the day) and ``capacity_planned``
        (all works on record), ``demand_leased``, ``demand_vacant``, ``balance`` (capacity less
        both demands, all in ``unit``), ``load_share`` (demand of let land over capacity),
        ``servable_ha`` (vacant hectares the free capacity would still serve) and ``unit_unknown``
        (works of the kind in place without a capacity in this unit).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the project has no works, or the demand lacks a column or a figure, is negative, or says
        the same twice.

    Examples
    --------
    At 100 kW a hectare the land let asks for 150 kW in zone A and for 100 kW in zone B.

    >>> import kcngeo as kcn
    >>> demand = pd.DataFrame({"kind": ["power"], "unit": ["kW"], "demand_per_ha": [100.0]})
    >>> found = capacity_balance(kcn.examples.squares(), on="2018-03-31", demand=demand)
    >>> found[["leased_ha", "demand_leased", "demand_vacant"]].values.tolist()
    [[1.5, 150.0, 50.0], [1.0, 100.0, 100.0]]
    """
    date = day(on)
    wanted = _checked(demand)
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name, about=(*CORE, "works"))
    account = Accounts.of(snapshot, area=area).account(on, definition)
    works = snapshot.table("works", needed=True)
    rows = [
        _row(works, ask, account.loc[zone_id], zone_id=zone_id, date=date)
        for zone_id in account.index
        for ask in _of_zone(wanted, zone_id)
    ]
    columns = ["zone_id", "kind", "unit", "demand_per_ha", *_FIGURES]
    result = pd.DataFrame(rows, columns=columns).astype({"zone_id": "str", "kind": "str"})
    return result.set_index(["zone_id", "kind"]).sort_index()


_FIGURES = [
    "leased_ha",
    "vacant_ha",
    "other_ha",
    "capacity",
    "capacity_planned",
    "demand_leased",
    "demand_vacant",
    "balance",
    "load_share",
    "servable_ha",
    "unit_unknown",
]


def _checked(demand: pd.DataFrame) -> pd.DataFrame:
    absent = [name for name in _WANTED if name not in demand.columns]
    if absent:
        raise KcngeoError("demand_columns", columns=absent)
    wanted = demand.reindex(columns=[*_WANTED, "zone_id", "side"]).reset_index(drop=True)
    figures = pd.to_numeric(wanted["demand_per_ha"], errors="coerce")
    bad = wanted["kind"].isna() | wanted["unit"].isna() | ~(figures >= 0) | ~np.isfinite(figures)
    bad |= ~wanted["side"].isin(["inside", "outside"]) & wanted["side"].notna()
    bad |= wanted.duplicated(["zone_id", "kind"], keep=False)
    if bad.any():
        rows = [f"{kind} (row {at})" for at, kind in wanted.loc[bad, "kind"].items()]
        raise KcngeoError("demand_rows", ids=rows)
    return wanted.assign(demand_per_ha=figures)


def _of_zone(wanted: pd.DataFrame, zone_id: str) -> list[dict[Any, Any]]:
    """Give the demand of a zone: its own figures before the general ones."""
    mine = wanted[(wanted["zone_id"] == zone_id) | wanted["zone_id"].isna()]
    mine = mine.sort_values("zone_id", na_position="last").drop_duplicates("kind")
    return mine.to_dict("records")


def _row(
    works: pd.DataFrame, ask: dict[Any, Any], account: pd.Series, *, zone_id: str, date: Any
) -> dict[str, Any]:
    mine = works[((works["zone_id"] == zone_id) & (works["kind"] == ask["kind"])).to_numpy()]
    mine = mine.reindex(columns=["inside_fence", "capacity", "capacity_unit", "done_on"])
    if pd.notna(ask["side"]):
        inside = mine["inside_fence"].astype("boolean").fillna(True)
        mine = mine[(inside == (ask["side"] == "inside")).to_numpy(dtype=bool)]
    in_place = (mine["done_on"].astype("datetime64[s]") <= date).to_numpy()
    same_unit = (mine["capacity_unit"] == ask["unit"]).to_numpy()
    measured = same_unit & mine["capacity"].notna().to_numpy()
    per_ha, leased_ha = ask["demand_per_ha"], account["leased_ha"]
    vacant_ha = account["available_ha"]
    # Works of which nothing says what they carry leave the capacity unknown, not 0.
    known = measured.any() or not len(mine)
    capacity = float(mine["capacity"][measured & in_place].sum()) if known else np.nan
    planned = float(mine["capacity"][measured].sum()) if known else np.nan
    let, vacant = per_ha * leased_ha, per_ha * vacant_ha
    free = capacity - let
    return {
        "zone_id": zone_id,
        "kind": ask["kind"],
        "unit": ask["unit"],
        "demand_per_ha": per_ha,
        "leased_ha": leased_ha,
        "vacant_ha": vacant_ha,
        "other_ha": account["base_ha"] - leased_ha - vacant_ha,
        "capacity": capacity,
        "capacity_planned": planned,
        "demand_leased": let,
        "demand_vacant": vacant,
        "balance": free - vacant,
        "load_share": let / capacity if capacity > 0 else np.nan,
        "servable_ha": np.clip(free / per_ha, 0, vacant_ha) if per_ha > 0 else np.nan,
        "unit_unknown": int((in_place & ~measured).sum()),
    }
