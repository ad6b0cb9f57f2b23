"""The bases of a zone side by side, and how much of its land can be let now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.progress.readiness import RULE, readiness, rule_of
from kcngeo.core.dates import Day, covers_day, day, day_number
from kcngeo.core.geometry import areas_m2
from kcngeo.core.units import M2_PER_HA
from kcngeo.fill import Accounts, declared_accounts
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.standards import ReadinessRule

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

LEASABLE, INDUSTRIAL = "nd35-2022", "nd164-2013"
"""The definitions whose bases are industrial and service land, and industrial land alone."""

_COLUMNS = (
    *("gross_ha", "leasable_ha", "industrial_ha", "serviced_ha", "unserviced_ha"),
    *("available_ha", "lettable_now_ha", "lettable_now_most_ha"),
)


def bases(
    project: Project | Snapshot,
    *,
    on: Day,
    area: str = "grid",
    rule: str | ReadinessRule = RULE,
) -> pd.DataFrame:
    """Set the bases of every zone side by side, and say how much of it can be let now.

    Can be let now: available land that has its infrastructure. Of a measured zone that is told lot
    by lot: a lot is served if it is ready as the rule of levels asks, and not served if one of the
    works it needs is known to be missing; of other lots nobody knows. Of a zone that lives on a
    declared account, its land without infrastructure is a sum that may lie anywhere: all of it on
    the land available, or as much as can on other land. Where the two differ both are told.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    area
        "grid", "ellipsoid" or "certificate".
    rule
        Id of the rule of levels in the registry, or a rule of the user's own registry.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``, of the zones that count: ``gross_ha`` (the polygon of the zone, else its
        approved area), ``leasable_ha`` (industrial and service land), ``industrial_ha``,
        ``serviced_ha`` and ``unserviced_ha`` (of the leasable land, what is known to have its
        infrastructure and what is known not to), ``available_ha``, ``lettable_now_ha`` and
        ``lettable_now_most_ha`` (the least and the most that can be let now), ``source``
        ("measured" or "declared"; missing where nothing is published). Unknown is missing.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    StandardError
        If the rule is not in the registry.

    Examples
    --------
    Zone A has 10 ha, of which 5 are leasable; it has no water, so nothing has its infrastructure:

    >>> import kcngeo as kcn
    >>> found = bases(kcn.examples.squares(), on="2018-03-31")
    >>> found.loc["A", ["gross_ha", "leasable_ha", "industrial_ha"]].tolist()
    [10.0, 5.0, 4.0]
    >>> found.loc["A", ["available_ha", "lettable_now_ha", "lettable_now_most_ha"]].tolist()
    [0.5, 0.0, 0.0]
    """
    about = (*CORE, "works", "declared_accounts")
    snapshot = asked(project, start=on, area=area, definition=LEASABLE, about=about)
    accounts = Accounts.of(snapshot, area=area)
    account = accounts.account(on, LEASABLE)
    industrial = accounts.account(on, INDUSTRIAL)["base_ha"]
    table = pd.DataFrame(
        {
            "gross_ha": _gross(snapshot, on=on, area=area),
            "leasable_ha": account["base_ha"],
            "industrial_ha": industrial,
            "available_ha": account["available_ha"],
        },
        index=account.index,
    )
    measured = (account["source"] == "measured").to_numpy()
    table = table.join(_measured(snapshot, on=on, area=area, rule=rule))
    table.loc[~measured, list(_SERVED)] = np.nan
    # Of lots of which no works are on record all that is available may be served.
    most = table["lettable_now_most_ha"].fillna(table["available_ha"].where(measured))
    table["lettable_now_most_ha"] = most
    stated = declared_accounts(snapshot, on=on, area=area)
    table = _declared(table, stated[stated["source"] == "declared"], account)
    return table[list(_COLUMNS)].assign(source=account["source"]).sort_index()


_SERVED = ("serviced_ha", "unserviced_ha", "lettable_now_ha", "lettable_now_most_ha")


def _gross(snapshot: Snapshot, *, on: Day, area: str) -> pd.Series:
    """Give the land of each zone on the day."""
    zones = snapshot.zones[covers_day(*snapshot.zone_days, day_number(on))]
    written = zones.reindex(columns=["approved_area_ha"])["approved_area_ha"].astype("float64")
    drawn = zones.geometry.notna()
    if area != "certificate":
        shapes = zones[drawn]
        measured = areas_m2(shapes, basis=area, certificate="") / M2_PER_HA
        written = written.mask(drawn, pd.Series(measured, shapes.index).reindex(zones.index))
    return written.set_axis(zones["zone_id"].to_numpy())


def _measured(snapshot: Snapshot, *, on: Day, area: str, rule: str | ReadinessRule) -> pd.DataFrame:
    """Add up lots that are known to be served, and that are known not to be."""
    levels = rule_of(rule)
    needs = [need for some in levels.levels[: levels.serviced_from] for need in some]
    asked_for: dict[str, Any] = {"on": day(on), "definition": LEASABLE, "area": area}
    if snapshot.table("works") is None:
        # Nobody knows of any lot.
        return pd.DataFrame(columns=list(_SERVED), dtype="float64")
    lots = readiness(snapshot, **asked_for, rule=rule)
    tests = lots[needs].astype("boolean")
    is_served = tests.fillna(False).all(axis=1).to_numpy(dtype=bool)
    is_not = (~tests.fillna(True)).any(axis=1).to_numpy(dtype=bool)
    sums = {
        "serviced_ha": lots["area_ha"].where(is_served, 0.0),
        "unserviced_ha": lots["area_ha"].where(is_not, 0.0),
        "lettable_now_ha": lots["vacant_ha"].where(is_served, 0.0),
        "lettable_now_most_ha": lots["vacant_ha"].where(~is_not, 0.0),
    }
    return pd.DataFrame(sums).groupby(lots["zone_id"].astype("str")).sum()


def _declared(table: pd.DataFrame, stated: pd.DataFrame, account: pd.DataFrame) -> pd.DataFrame:
    """Bound what can be let now by the land that is declared to have no infrastructure."""
    bare = stated["unserviced_ha"].dropna().groupby(level=0).first()
    for zone_id, unserviced in bare.items():
        row = account.index.get_loc(zone_id)
        names = ["base_ha", "leased_ha", "available_ha"]
        whole, let, free = account[names].to_numpy(dtype="float64")[row]
        table.loc[zone_id, ["serviced_ha", "unserviced_ha"]] = [whole - unserviced, unserviced]
        # What is let, reserved or not cleared is not available, whatever it lacks.
        room = whole - let if np.isnan(free) else free
        table.loc[zone_id, "lettable_now_ha"] = np.maximum(free - unserviced, 0.0)
        table.loc[zone_id, "lettable_now_most_ha"] = np.minimum(room, whole - unserviced)
    return table
