"""Lots on three axes: how they are serviced, marketed and occupied; and how long they are empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.progress.project_rows import project_rows
from kcngeo.analysis.progress.readiness import RULE, parcel_levels, rule_of
from kcngeo.core.dates import Day, day
from kcngeo.core.model import Status
from kcngeo.core.referential import places_among
from kcngeo.core.units import hectares
from kcngeo.fill import parcels_on
from kcngeo.ledger import asked
from kcngeo.standards import ReadinessRule, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot

SERVICING = ("serviced", "unserviced", "unknown")
MARKETING = ("on_offer", "let", "reserved", "recovering", "repurposed", "uncleared")
OCCUPATION = ("occupied", "building", "unbuilt", "unknown", "vacant", "never")
"""The values of the three axes."""
LONG_MONTHS = 24
"""From how many months on a lot counts as empty for long: the two years of the French geostandard
of economic sites, read in a secondary source; no law here has it."""

_EMPTY = ("vacant", "never")


def land_axes(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
    rule: str | ReadinessRule = RULE,
) -> pd.DataFrame:
    """Tell of every leasable lot how it is serviced, marketed and occupied on a day.

    ``servicing`` goes by the works the rule of levels asks for: one that is known to be missing
    makes a lot unserviced; where works are not on record it is unknown. ``marketing`` is the status
    of the largest part of the lot; what is free and cleared is on offer. ``occupation`` is that of
    the lot's leases: occupied if a project on it operates, building, unbuilt, unknown where no
    project or day of it is on record; without a lease vacant if it, or a lot it came from, was let
    before, else never occupied. A lot that is let in part is occupied, though the rest is on offer.
    Whether buildings on an empty lot are derelict no table tells.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".
    rule
        Id of the rule of levels in the registry, or a rule of the user's own registry.

    Returns
    -------
    pd.DataFrame
        By ``parcel_id``, sorted: ``zone_id``, ``servicing``, ``marketing``, ``occupation``,
        ``available_ha``, and of lots nobody holds ``vacant_since`` (the end of the last lease; of a
        lot that never had one the day it was there, cleared and in an established zone; missing
        where nobody knows) and ``vacant_months`` (whole months since).

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
    Zone A has no water, so no lot is serviced; half of A-2 is let, A-3 is not cleared.

    >>> import kcngeo as kcn
    >>> found = land_axes(kcn.examples.squares(), on="2018-03-31")
    >>> found.loc[["A-1", "A-3"], ["servicing", "marketing", "occupation"]].values.tolist()
    [['unserviced', 'let', 'occupied'], ['unserviced', 'uncleared', 'never']]
    """
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name)
    lots = parcels_on(snapshot, on=on, definition=definition, area=area)
    result = lots[["parcel_id", "zone_id"]].assign(
        servicing=_servicing(lots, snapshot, on=on, rule=rule_of(rule)),
        marketing=_marketing(lots),
        occupation=_occupation(lots, snapshot, on=on),
        available_ha=hectares(np.rint(lots["whole_mm2"] * lots["available_share"])),
    )
    earlier = _last_let(lots, snapshot, on=on)
    never = result["occupation"] == "never"
    result.loc[never & earlier.notna(), "occupation"] = "vacant"
    empty = result["occupation"].isin(_EMPTY)
    since = earlier.where(earlier.notna(), _offered_since(lots, snapshot, on=on)).where(empty)
    date = day(on)
    months = (date.year - since.dt.year) * 12 + date.month - since.dt.month
    # A month is over on its day: from 31 January to 28 February is none.
    months = months - (since.dt.day > date.day)
    result["vacant_since"] = since
    result["vacant_months"] = months.astype("Int64")
    return pd.DataFrame(result).set_index("parcel_id").sort_index()


def vacancy(axes: pd.DataFrame, *, long_months: int = LONG_MONTHS) -> pd.DataFrame:
    """Count the lots of every zone that are on offer and empty, and for how long.

    Parameters
    ----------
    axes
        Result of :func:`land_axes`.
    long_months
        From how many months on a lot counts as empty for long.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``: ``lots_count``, ``serviced_count``, ``offered_count`` (the largest part is
        on offer), ``offered_serviced_count``, ``occupied_count``, ``vacant_count`` (on offer and
        empty), ``vacant_share`` (of the lots), ``vacant_long_count``, ``vacant_unknown_count``
        (nobody knows since when), ``longest_months``.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> axes = land_axes(kcn.examples.squares(), on="2018-03-31")
    >>> vacancy(axes)[["lots_count", "vacant_count"]].values.tolist()
    [[4, 0], [2, 1]]
    """
    offered = axes["marketing"] == "on_offer"
    empty = offered & axes["occupation"].isin(_EMPTY)
    served = axes["servicing"] == "serviced"
    months = axes["vacant_months"].where(empty)
    table = pd.DataFrame(
        {
            "lots_count": True,
            "serviced_count": served,
            "offered_count": offered,
            "offered_serviced_count": offered & served,
            "occupied_count": axes["occupation"] == "occupied",
            "vacant_count": empty,
            "vacant_long_count": (months >= long_months).fillna(False).astype(bool),
            "vacant_unknown_count": empty & months.isna(),
        },
        index=axes.index,
    )
    groups = axes["zone_id"]
    counts = table.groupby(groups).sum().astype("int64")
    counts.insert(6, "vacant_share", counts["vacant_count"] / counts["lots_count"])
    return counts.assign(longest_months=months.groupby(groups).max().astype("Int64"))


def _servicing(
    lots: gpd.GeoDataFrame, snapshot: Snapshot, *, on: Day, rule: ReadinessRule
) -> pd.Series:
    """Tell whether the works a lot needs are there, one is known to be missing, or nobody knows."""
    works = snapshot.table("works")
    if works is None:
        return pd.Series("unknown", index=lots.index)
    needs = [need for some in rule.levels[: rule.serviced_from] for need in some]
    # Clearance is no work; it is told by the second axis.
    needs = [need for need in needs if need != "cleared"]
    tests = parcel_levels(lots, works, on=on, rule=rule)[needs].astype("boolean")
    missing = (~tests.fillna(True)).any(axis=1)
    there = tests.fillna(False).all(axis=1)
    values = np.select([there, missing], ["serviced", "unserviced"], "unknown")
    return pd.Series(values, index=lots.index)


def _marketing(lots: pd.DataFrame) -> pd.Series:
    """Give the status of the largest part; of equal ones the first on the list."""
    shares = pd.DataFrame(
        {
            "on_offer": lots["available_share"],
            "let": lots["leased_share"],
            "reserved": lots["reserved_share"],
            "recovering": lots["recovering_share"],
            "repurposed": lots["repurposed_share"],
            "uncleared": lots["uncleared_share"],
        }
    )
    # Shares that differ by the rounding of hectares are alike.
    return shares.round(9).idxmax(axis=1) if len(shares) else pd.Series(dtype="str")


def _leases(snapshot: Snapshot) -> pd.DataFrame:
    """Give the leases that hold land, with their days."""
    ledger = snapshot.ledger
    kept = (ledger["status"] == Status.LEASED).to_numpy() & snapshot.joined.holds_land
    rows = ledger[kept].reindex(columns=["parcel_id", "project_id", "valid_from", "valid_to"])
    days = dict.fromkeys(("valid_from", "valid_to"), "datetime64[s]")
    return rows.astype({"project_id": "str", **days})


def _occupation(lots: pd.DataFrame, snapshot: Snapshot, *, on: Day) -> pd.Series:
    """Tell how far the projects on each lot have come; "never" where none holds it."""
    date, leases = day(on), _leases(snapshot)
    holds = (leases["valid_from"] <= date) & ~(leases["valid_to"] <= date)
    rows = leases[holds]
    known = project_rows(snapshot, days=("building_on", "operating_on"))
    rows = rows.merge(known.assign(known=True), on="project_id", how="left")
    is_known = rows["known"].notna()
    # (rows,) positions in the list, which ends with "never"
    rank = np.select(
        [rows["operating_on"] <= date, rows["building_on"] <= date, is_known], range(3), 3
    )
    # Of several projects on a lot the one that has come farthest.
    best = pd.Series(rank, index=rows.index).groupby(rows["parcel_id"]).min()
    place = places_among(lots["parcel_id"], best.index.to_series())
    words = np.array(OCCUPATION)[np.append(best.to_numpy(), len(OCCUPATION) - 1)[place]]
    return pd.Series(words, index=lots.index, dtype="str")


def _last_let(lots: pd.DataFrame, snapshot: Snapshot, *, on: Day) -> pd.Series:
    """Give the day the last lease ended, of a lot or of those it came from."""
    leases = _leases(snapshot)
    ended = leases[leases["valid_to"] <= day(on)].groupby("parcel_id")["valid_to"].max()
    days = _looked_up(ended, lots["parcel_id"])
    parents = _parents(snapshot.parcels)
    came = lots["parcel_id"].isin(parents).to_numpy()
    if not came.any():
        return days

    def last(parcel_id: str) -> Any:
        seen, open_, found = {parcel_id}, [parcel_id], []
        while open_:
            one = open_.pop()
            if one in ended.index:
                found.append(ended[one])
            fresh = [each for each in parents.get(one, ()) if each not in seen]
            seen |= set(fresh)
            open_ += fresh
        return max(found, default=pd.NaT)

    days[came] = pd.to_datetime([last(str(one)) for one in lots["parcel_id"][came]])
    return days


def _parents(parcels: pd.DataFrame) -> dict[str, list[str]]:
    """Name the lots each lot came from."""
    if "parents" not in parcels.columns:
        return {}
    named = parcels[["parcel_id", "parents"]].dropna()
    return {
        str(one): [each for each in text.split("|") if each]
        for one, text in zip(named["parcel_id"], named["parents"], strict=True)
    }


def _offered_since(lots: pd.DataFrame, snapshot: Snapshot, *, on: Day) -> pd.Series:
    """Give the day a lot was there, cleared, and its zone established; missing if one is."""
    first = snapshot.parcels.reindex(columns=["parcel_id", "valid_from"])
    begun = first.astype({"valid_from": "datetime64[s]"}).groupby("parcel_id")["valid_from"].min()
    zones = snapshot.zones.reindex(columns=["zone_id", "established_on"])
    founded = zones.astype({"established_on": "datetime64[s]"}).groupby("zone_id").min()
    lot = _looked_up(begun, lots["parcel_id"])
    zone = _looked_up(founded["established_on"], lots["zone_id"])
    since = lot.where(lot >= zone, zone).where(lot.notna())
    ledger = snapshot.ledger
    waiting = ledger[(ledger["status"] == Status.UNCLEARED).to_numpy()]
    days = waiting.reindex(columns=["parcel_id", "valid_to"]).astype({"valid_to": "datetime64[s]"})
    cleared = days[days["valid_to"] <= day(on)].groupby("parcel_id")["valid_to"].max()
    late = _looked_up(cleared, lots["parcel_id"])
    return since.where(late.isna() | (since >= late), late)


def _looked_up(days: pd.Series, names: pd.Series) -> pd.Series:
    """Give the day of each name; also where there are no days at all."""
    values = np.append(days.to_numpy(dtype="datetime64[s]"), np.datetime64("NaT", "s"))
    return pd.Series(values[places_among(names, days.index.to_series())], index=names.index)
