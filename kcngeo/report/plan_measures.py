"""What the plan of every zone is measured by, and which rules of planning and order are broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis import balance, progress
from kcngeo.core.model import Finding, LandUse, Severity, finding
from kcngeo.core.validation import distinct
from kcngeo.fill import leases_on
from kcngeo.ledger import Snapshot
from kcngeo.report.progress_section import Steps
from kcngeo.report.sections import failed, optional_section
from kcngeo.standards import BalanceItem, Limit, Sector, load, registry, sector_of

OTHER, UNKNOWN = "other", "unknown"
PLACES = ("chỗ", "chỗ ở", "place", "places")
"""Units of workers' housing that count places; rooms or square metres are not made places of."""

# What lies at the fence beside its gates and is narrower is what a surveyor's stakes differ by.
_BARE_M = 1.0
# A land account closes to the square metre.
_ROUNDING_HA = 1e-4
_UNDRAWN_SHARE = 0.001
_SHORT = ("actual_share", "required_share", "deficit_ha")
_HOUSING = ("inside_ready", "inside_planned", "outside_ready", "outside_planned")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanMeasures:
    """What the lines of the plan are made of; a table is None where it could not be answered.

    Attributes
    ----------
    balance
        :func:`kcngeo.analysis.balance.land_use_balance` by the shares that apply on the day.
    belt
        :func:`kcngeo.analysis.balance.green_belt`.
    density
        :func:`kcngeo.analysis.balance.parcel_balance`; empty without buildings.
    housing
        By ``zone_id``: ``workers_count`` (of projects that hold let land, each in the zone where it
        holds most; missing where one has no figure), their ``leased_ha``, and the places of
        workers' housing inside and outside the fence, ready (done by the day) and planned (all on
        record); missing where none is on record, or its capacity is in no unit of places.
    sectors
        By (``zone_id``, ``sector``, one of :func:`plan_sectors`, "other" or "unknown"):
        ``projects_count``, ``leased_ha``, ``operating_ha``, ``idle_ha`` (legal clock over).
    requests
        :func:`kcngeo.analysis.progress.support_requests`, each with the sector of the plan it is
        of; None without a table of requests.
    order
        Projects and leases out of order: :func:`kcngeo.analysis.progress.order_findings`.
    """

    balance: pd.DataFrame | None
    belt: pd.DataFrame | None
    density: pd.DataFrame | None
    housing: pd.DataFrame
    sectors: pd.DataFrame
    requests: pd.DataFrame | None
    order: tuple[Finding, ...]


def plan_of(
    snapshot: Snapshot, steps: Steps, *, on: pd.Timestamp, definition: str, area: str
) -> tuple[PlanMeasures, list[Finding]]:
    """Measure the plan, and tell which rules are broken and what could not be answered."""
    applied = [one for one in registry().of(BalanceItem) if one.applies_on(on)]
    known = registry().of(Limit)
    questions: dict[str, Callable[[], Any]] = {
        "balance": lambda: balance.land_use_balance(snapshot, standard=applied, on=on, area=area),
        "belt": lambda: pd.DataFrame(
            balance.green_belt(snapshot, limits=known, on=on).drop(columns="geometry")
        ),
        "density": lambda: (
            pd.DataFrame()
            if snapshot.table("buildings") is None
            else balance.parcel_balance(snapshot, on=on, limits=known)
        ),
        "order": lambda: progress.order_findings(snapshot, on=on),
        "requests": lambda: (
            None
            if snapshot.table("support") is None
            else progress.support_requests(snapshot, on=on, definition=definition, area=area)
        ),
    }
    answers: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, work in questions.items():
        answers[name], missing = optional_section("plan", work)
        findings += missing
    leases = _leases(snapshot, on=on, definition=definition, area=area)
    requests = answers["requests"]
    if requests is not None:
        requests = requests.assign(sector=[_sector(name, on) for name in requests["sector"]])
    measured = PlanMeasures(
        balance=answers["balance"],
        belt=answers["belt"],
        density=answers["density"],
        housing=_housing(snapshot, leases, on=on),
        sectors=_sectors(leases, steps.clocks, on),
        requests=requests,
        order=answers["order"] or (),
    )
    findings += [*_breaches(measured, steps), *measured.order]
    return measured, findings


def plan_sectors(on: pd.Timestamp) -> tuple[str, ...]:
    """List the sectors the plan supports on a day, in its order."""
    return tuple(one.key for one in registry().of(Sector) if one.plan and one.applies_on(on))


def _sector(text: object, on: pd.Timestamp) -> str:
    """Tell which line of the plan a sector belongs to; what no word of the table names is other."""
    if not isinstance(text, str) or not text.strip():
        return UNKNOWN
    return sector_of(text, on=on) or OTHER


def _leases(snapshot: Snapshot, *, on: pd.Timestamp, definition: str, area: str) -> pd.DataFrame:
    """Give the let hectares by zone and project, with what is known of the project."""
    leases = leases_on(snapshot, on=on, definition=definition, area=area)
    held = leases.groupby(["zone_id", "project_id"], dropna=False)["leased_ha"].sum().reset_index()
    projects = snapshot.table("projects")
    columns = ["project_id", "sector", "workers", "operating_on"]
    known = (pd.DataFrame() if projects is None else projects).reindex(columns=columns)
    known = known.astype({"project_id": "str", "operating_on": "datetime64[s]"})
    rows = held.merge(known.dropna(subset=["project_id"]), on="project_id", how="left")
    return rows.assign(operates=rows["operating_on"] <= on)


def _sectors(leases: pd.DataFrame, clocks: pd.DataFrame | None, on: pd.Timestamp) -> pd.DataFrame:
    """Add up by zone and sector what is let, runs, and lies idle beyond its clock."""
    rows = leases.assign(sector=[_sector(name, on) for name in leases["sector"]], idle_ha=0.0)
    if clocks is not None:
        over = clocks.loc[clocks["state"] == "over", ["project_id", "zone_id"]].drop_duplicates()
        late = rows.merge(over, how="left", indicator=True)["_merge"] == "both"
        rows["idle_ha"] = rows["leased_ha"].where(late.to_numpy(), 0.0)
    rows["operating_ha"] = rows["leased_ha"].where(rows["operates"], 0.0)
    rows["projects_count"] = rows["project_id"].notna().astype("int64")
    names = ["projects_count", "leased_ha", "operating_ha", "idle_ha"]
    return rows.groupby(["zone_id", "sector"])[names].sum()


def _housing(snapshot: Snapshot, leases: pd.DataFrame, *, on: pd.Timestamp) -> pd.DataFrame:
    """Set the workers of each zone beside the places there are for them."""
    # A project in two zones: its workers stand where it holds most, once.
    held = leases[leases["project_id"].notna()].sort_values(
        ["leased_ha", "zone_id"], ascending=[False, True]
    )
    held = held.drop_duplicates("project_id")
    groups = held.assign(workers_count=held["workers"].astype("float64")).groupby("zone_id")
    result = groups[["workers_count", "leased_ha"]].sum(skipna=False)
    if snapshot.table("works") is None:
        return result.reindex(columns=["workers_count", "leased_ha", *_HOUSING])
    works = balance.social_works(snapshot, on=on).reset_index()
    works = works[works["kind"] == "worker_housing"]
    in_places = works["capacity_unit"].astype("str").str.strip().str.casefold().isin(PLACES)
    places = works["capacity"].astype("float64").where(in_places)
    inside = works["inside_fence"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    for side, mine in (("inside", inside), ("outside", ~inside)):
        rows = works[mine].assign(
            planned=places[mine], ready=places[mine].where(works["is_done"][mine], 0.0)
        )
        # Places that nobody counted are unknown, whether or not they are ready.
        rows["ready"] = rows["ready"].where(rows["planned"].notna())
        sums = rows.groupby("zone_id")[["ready", "planned"]].sum(skipna=False)
        result = result.join(sums.add_prefix(f"{side}_"), how="outer")
    return result.rename_axis("zone_id")


def _breaches(made: PlanMeasures, steps: Steps) -> Iterator[Finding]:
    """Go through the rules of planning that are broken, a finding a zone and rule."""
    yield from _land_short(made.balance)
    yield from _lots(made.density)
    yield from _bare_fence(made)
    yield from _unhoused(made.housing)
    clocks = steps.clocks
    if clocks is not None:
        for zone_id, some in clocks[clocks["state"] == "over"].groupby("zone_id"):
            yield _told("clock_over", "projects", some["project_id"], zone_id)


def _told(rule: str, table: str, ids: Any, zone_id: Any, **fields: Any) -> Finding:
    return finding(rule, table, Severity.WARNING, ids=distinct(ids), zone_ids=[zone_id], **fields)


def _land_short(found: pd.DataFrame | None) -> Iterator[Finding]:
    """Land uses that have less of their zone than the planning code asks."""
    if found is None:
        return
    for row in found[is_short(found)].reset_index().itertuples(index=False):
        yield _told(
            "land_use_short",
            "parcels",
            (),
            row.zone_id,
            land_use=LandUse(str(row.item)),
            **{name: float(getattr(row, name)) for name in _SHORT},
        )


def is_short(found: pd.DataFrame) -> pd.Series:
    """Tell which land uses have too little of their zone, whatever the land in no lot is."""
    undrawn = undrawn_ha(found).reindex(found.index.get_level_values("zone_id")).to_numpy()
    lacks = found["deficit_ha"] > undrawn + _ROUNDING_HA
    return lacks & failed(found["passes"])


def undrawn_ha(found: pd.DataFrame) -> pd.Series:
    """Give by zone the land that lies in no lot: nobody drew what it is."""
    items = found.index.get_level_values("item")
    rest = found["actual_ha"][items == balance.UNASSIGNED].droplevel("item")
    return rest.clip(lower=0)


def whole_ha(found: pd.DataFrame) -> pd.Series:
    """Give by zone all of its land, of the zones of :func:`undrawn_ha`."""
    sums: pd.Series = found["actual_ha"].groupby(level="zone_id").sum()
    return sums.reindex(undrawn_ha(found).index)


def _lots(found: pd.DataFrame | None) -> Iterator[Finding]:
    """Lots built over their density, or without room for their green."""
    if found is None or not len(found):
        return
    for rule, column in (
        ("density_exceeded", "density_passes"),
        ("lot_green_short", "green_passes"),
    ):
        bad = found[failed(found[column])]
        for zone_id, some in bad.groupby("zone_id"):
            yield _told(rule, "parcels", some.index, zone_id)


def bare_fence_m(belt: pd.DataFrame) -> pd.Series:
    """Give the metres of fence without a belt that no gate takes."""
    bare = belt["gap_m"] - belt["gate_m"]
    return bare.where(bare.isna() | (bare > _BARE_M), 0.0)


def _bare_fence(made: PlanMeasures) -> Iterator[Finding]:
    """Fences without a green belt of the width where there is no gate."""
    if made.belt is None:
        return
    bare = bare_fence_m(made.belt)[is_drawn(made.balance, made.belt.index)]
    for zone_id, bare_m in bare[bare > 0].items():
        yield _told("belt_gap", "parcels", (), zone_id, bare_metres=float(bare_m))


def is_drawn(found: pd.DataFrame | None, zone_ids: pd.Index) -> pd.Series:
    """Tell whether nearly all of a zone lies in lots, so that what stands at its fence is known."""
    if found is None:
        return pd.Series(False, zone_ids)
    known = undrawn_ha(found) <= _UNDRAWN_SHARE * whole_ha(found)
    return known.reindex(zone_ids).fillna(False).astype(bool)


def places_lacking(housing: pd.DataFrame) -> pd.Series:
    """Count the workers without a place that is ready, of zones where both are known."""
    ready = housing["inside_ready"].where(
        housing["outside_planned"].isna(),
        housing["inside_ready"].fillna(0.0) + housing["outside_ready"],
    )
    return (housing["workers_count"] - ready).clip(lower=0)


def _unhoused(housing: pd.DataFrame) -> Iterator[Finding]:
    """Zones with more workers than places that are ready."""
    lacking = places_lacking(housing)
    for zone_id in lacking.index[lacking > 0]:
        row = housing.loc[zone_id]
        planned = np.nansum([row["inside_planned"], row["outside_planned"]])
        yield _told(
            "workers_unhoused",
            "works",
            (),
            zone_id,
            workers_count=int(row["workers_count"]),
            ready_count=int(row["workers_count"] - lacking[zone_id]),
            planned_count=int(planned),
        )


def is_in_force(rule: object, *, on: pd.Timestamp) -> bool | None:
    """Tell whether a figure of the registry is law on a day.

    Parameters
    ----------
    rule
        Name of the entry.
    on
        The day.

    Returns
    -------
    bool | None
        Whether it is; None where nobody read since when, or there is no such name.

    Examples
    --------
    The density of the edition of 2019 is no law in 2018; the first day of that of 2008 is unread.

    >>> day = pd.Timestamp("2018-03-31")
    >>> is_in_force("lot-density", on=day), is_in_force("qcvn01-2008-green", on=day)
    (False, None)
    """
    if not isinstance(rule, str):
        return None
    one = load(rule)
    unknown = one.in_force_from is None and one.applies_on(on)
    return None if unknown else bool(one.is_in_force(on))
