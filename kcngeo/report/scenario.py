"""What a scenario makes of the figures of a day, beside those of today."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kcngeo import fill
from kcngeo.analysis import balance, forecast
from kcngeo.analysis.sites import SiteCriteria
from kcngeo.core.model import Finding
from kcngeo.ledger import Snapshot
from kcngeo.report.distances import distance_conflicts, distance_tables
from kcngeo.report.sections import FULL, failed, optional_section, supply_of
from kcngeo.report.site_report import site_report
from kcngeo.report.spatial_sections import SITE_HA
from kcngeo.report.total_change import TOTAL
from kcngeo.standards import Registry, fill_definitions

TODAY = "today"
"""What the figures without any scenario are called among the scenarios."""

_CONFLICT = ["emitter_id", "receptor_id", "rule_id"]
_GOAL = ["zone_id", "target", "by_date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of every scenario alike.

    Attributes
    ----------
    on
        The day.
    definition
        Id of the fill-rate definition of accounts and forecasts.
    area
        Basis of areas.
    standard
        Edition of the planning code for the land-use balance.
    """

    on: pd.Timestamp
    definition: str
    area: str
    standard: str


def figures_of(
    snapshot: Snapshot, rules: Registry, asked: Asked, *, learn_from: Snapshot
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Ask one state of the tables every question; what cannot be answered is a finding.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now, rules = kcn.examples.squares().as_known(), kcn.standards.registry()
    >>> asked = Asked(on=pd.Timestamp("2018-03-31"), definition="nd164-2013", area="grid",
    ...     standard="qcvn01-2008")
    >>> figures, _ = figures_of(now, rules, asked, learn_from=now)
    >>> figures["accounts"]["leased_ha"].tolist()
    [1.5, 1.0, 2.5]
    """
    seen = drawn_zones(snapshot)
    questions: Mapping[str, Callable[[], pd.DataFrame | None]] = {
        "dates": lambda: _dates(snapshot, asked, learn_from=learn_from),
        "land": lambda: _land(seen, rules, asked),
        "conflicts": lambda: _conflicts(seen, rules, asked),
        "balance": lambda: balance.land_use_balance(
            seen, standard=rules.balance(asked.standard), on=asked.on, area=asked.area
        ).reset_index(),
    }
    answers = {"rates": _rates(snapshot, asked), "accounts": _accounts(snapshot, asked)}
    findings: list[Finding] = []
    for name, work in questions.items():
        question = "forecast" if name == "dates" else name
        answer, missing = optional_section(question, work)
        findings += missing
        if answer is not None:
            answers[name] = answer
    return answers, findings


def drawn_zones(snapshot: Snapshot) -> Snapshot:
    """Leave out zones nobody drew: of them no land is measured, and no distance to the fence.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> drawn_zones(now) is now
    True
    """
    drawn = snapshot.zones["zone_id"][snapshot.zones.geometry.notna()]
    undrawn = set(snapshot.zones["zone_id"]) - set(drawn)
    return snapshot.without(undrawn) if undrawn else snapshot


def _rates(snapshot: Snapshot, asked: Asked) -> pd.DataFrame:
    """Give the rates by every definition, of every zone and of all of them."""
    names = ["zone_id", "definition", "leased_ha", "base_ha", "fill_rate"]
    parts = []
    for one in fill_definitions(also=asked.definition):
        rates = fill.fill_rate(snapshot, on=asked.on, definition=one.name, area=asked.area)
        total = fill.combine(rates).assign(zone_id=TOTAL, definition=one.name)
        parts += [rates.reset_index()[names], total[names]]
    return pd.concat(parts, ignore_index=True)


def _accounts(snapshot: Snapshot, asked: Asked) -> pd.DataFrame:
    """Give the land accounts of every zone, and of all of them."""
    account = fill.land_account(
        snapshot, on=asked.on, definition=asked.definition, area=asked.area
    ).drop(columns="source")
    rates = fill.fill_rate(snapshot, on=asked.on, definition=asked.definition, area=asked.area)
    unpublished = fill.combine(rates)["not_published"].dropna()
    apart = [zone_id for ids in unpublished for zone_id in ids.split("|")]
    # Who publishes nothing adds nothing; who cannot be computed leaves a gap.
    account.loc[TOTAL] = account.drop(index=apart, errors="ignore").sum(skipna=False, min_count=1)
    return account.rename_axis("zone_id").reset_index()


def _dates(snapshot: Snapshot, asked: Asked, *, learn_from: Snapshot) -> pd.DataFrame:
    """Forecast when each zone is full and reaches its targets, those too that are overdue."""
    zones = pd.Series(snapshot.zone_ids[fill.zones_on(snapshot, on=asked.on)], dtype="str")
    full = pd.DataFrame({"zone_id": zones, "target": FULL, "by_date": pd.NaT})
    goals = full.astype({"by_date": "datetime64[s]"})
    plan = snapshot.targets
    if plan is not None and {"zone_id", "measure", "value", "on"} <= set(plan):
        mine = plan[(plan["measure"] == "fill_rate") & plan["zone_id"].isin(zones)]
        mine = mine[(mine["value"] > 0) & (mine["value"] <= 1)]
        if "definition" in mine:
            mine = mine[mine["definition"].isna() | (mine["definition"] == asked.definition)]
        planned = mine.rename(columns={"value": "target", "on": "by_date"})[_GOAL]
        goals = pd.concat([goals, pd.DataFrame(planned)]).drop_duplicates(ignore_index=True)
    supply = supply_of(snapshot.clearance, on=asked.on)
    if supply is not None:
        supply = supply[supply["zone_id"].isin(zones)]
    # A day that is over is no day to be reached any more; when the target is, still is.
    ahead = goals.assign(by_date=goals["by_date"].where(goals["by_date"] >= asked.on))
    found = forecast.fill_dates(
        snapshot,
        goals=ahead,
        on=asked.on,
        definition=asked.definition,
        area=asked.area,
        supply=supply,
        learn_from=learn_from,
    )
    return found.assign(by_date=goals["by_date"]).sort_values(_GOAL, ignore_index=True)


def _land(snapshot: Snapshot, rules: Registry, asked: Asked) -> pd.DataFrame:
    """Tell how much land can be built on, and how many sites there are on it."""
    made = site_report(
        snapshot,
        criteria=SiteCriteria(min_area_ha=SITE_HA),
        on=asked.on,
        definition=asked.definition,
        rules=rules,
    )
    sites = made.sites[made.sites["fails"] == ""].groupby("zone_id")["area_ha"]
    land = made.developable.totals.copy()
    land.loc[TOTAL] = land.sum(skipna=False)
    told = {"sites_count": sites.size(), "sites_ha": sites.sum(), "largest_ha": sites.max()}
    found = pd.DataFrame(told).reindex(land.index[:-1]).fillna(0.0)
    found.loc[TOTAL] = found.sum()
    found.loc[TOTAL, "largest_ha"] = found["largest_ha"].max()
    return land.join(found).rename_axis("zone_id").reset_index()


def _conflicts(snapshot: Snapshot, rules: Registry, asked: Asked) -> pd.DataFrame | None:
    """List what stands too near; None where the project does not say what stands where."""
    measured = distance_tables(snapshot, on=asked.on)
    near = distance_conflicts(measured, on=asked.on, rules=rules)
    if near is None:
        return None
    return pd.DataFrame(near[near["state"] == "conflict"]).drop(columns="geometry")


def side_by_side(
    states: Mapping[str, Mapping[str, pd.DataFrame]], made: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Set what was asked of each state beside the first, which is today's.

    Examples
    --------
    >>> account = pd.DataFrame({"zone_id": ["A"], "leased_ha": [1.0], "base_ha": 4.0})
    >>> states = {"today": {"accounts": account},
    ...     "more": {"accounts": account.assign(leased_ha=1.5)}}
    >>> side_by_side(states, {})["scenario_accounts"]["leased_change_ha"].tolist()
    [0.0, 0.5]
    """
    beside = {
        "scenario_rates": _beside(
            states, "rates", ["zone_id", "definition"], ("leased_ha", "base_ha", "fill_rate")
        ),
        "scenario_accounts": _beside(
            states,
            "accounts",
            ["zone_id"],
            ("leased_ha", "base_ha", "uncleared_ha", "available_ha"),
        ),
        "scenario_dates": _beside(states, "dates", _GOAL, ("needed_ha",)),
        "scenario_land": _beside(
            states, "land", ["zone_id"], ("vacant_ha", "developable_ha", "sites_ha")
        ),
        "scenario_balance": _beside(
            states, "balance", ["zone_id", "item"], ("actual_ha", "gap_ha")
        ),
        "scenario_conflicts": _won_and_lost(states),
        "scenario_changes": _named([(name, one) for name, one in made.items() if len(one)]),
    }
    return {name: frame for name, frame in beside.items() if len(frame.columns)}


def _beside(
    states: Mapping[str, Mapping[str, pd.DataFrame]],
    table: str,
    key: list[str],
    compared: Sequence[str],
) -> pd.DataFrame:
    """Put a table of all states below each other, with what each figure is more than today."""
    there = {name: state[table] for name, state in states.items() if table in state}
    first = next(iter(states))
    parts = []
    for name, frame in there.items():
        if first in there:
            now = (
                there[first]
                .drop_duplicates(key)
                .set_index(key)
                .reindex(pd.MultiIndex.from_frame(frame[key]) if len(key) > 1 else frame[key[0]])
            )
            more = {
                _change(one): frame[one].to_numpy(float) - now[one].to_numpy(float)
                for one in compared
                if one in frame
            }
            frame = frame.assign(**more)
        parts.append((name, frame))
    return _named(parts)


def _change(column: str) -> str:
    """Name the change of a figure; that of a rate is in points."""
    return "rate_change" if column == "fill_rate" else f"{column.removesuffix('_ha')}_change_ha"


def _named(parts: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    told = [frame.assign(scenario=name) for name, frame in parts]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame()


def _won_and_lost(states: Mapping[str, Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    """List the conflicts that are gone with a scenario, and those that come with it."""
    (first, now), *others = states.items()
    if "conflicts" not in now:
        return pd.DataFrame()
    parts = [(first, now["conflicts"].iloc[:0].assign(outcome=""))]
    for name, state in others:
        if "conflicts" not in state:
            continue
        was, then = now["conflicts"], state["conflicts"]
        for outcome, frame, other in (("won", was, then), ("lost", then, was)):
            known = pd.MultiIndex.from_frame(other[_CONFLICT])
            fresh = ~pd.MultiIndex.from_frame(frame[_CONFLICT]).isin(known)
            if fresh.any():
                parts.append((name, frame[fresh].assign(outcome=outcome)))
    return _named(parts if len(parts) == 1 else parts[1:])


def at_a_glance(
    tables: Mapping[str, pd.DataFrame],
    states: Mapping[str, Mapping[str, pd.DataFrame]],
    asked: Asked,
) -> pd.DataFrame:
    """Sum each scenario up, a row a zone and state, the zones one after the other.

    Examples
    --------
    >>> account = pd.DataFrame({"zone_id": ["A"], "leased_ha": [1.0], "base_ha": 4.0})
    >>> rates = account.assign(definition="gross", fill_rate=0.25)
    >>> states = {"today": {"accounts": account, "rates": rates}}
    >>> asked = Asked(on=pd.Timestamp("2018-03-31"), definition="gross", area="grid", standard="")
    >>> at_a_glance(side_by_side(states, {}), states, asked)["fill_rate"].tolist()
    [0.25]
    """
    key = ["scenario", "zone_id"]
    whole = tables["scenario_accounts"].set_index(key)
    rates = tables["scenario_rates"]
    rates = rates[rates["definition"] == asked.definition].set_index(key)
    whole = whole.join(rates[["fill_rate", "rate_change", "definition"]])
    if "scenario_dates" in tables:
        full = tables["scenario_dates"]
        full = full[(full["target"] == FULL) & full["by_date"].isna()].set_index(key)
        whole = whole.join(full[["p10", "p50", "p90", "reason"]])
    if "scenario_land" in tables:
        names = ["vacant_ha", "developable_ha", "developable_change_ha", "sites_count", "sites_ha"]
        whole = whole.join(tables["scenario_land"].set_index(key)[names])
    whole = whole.join(_counted(tables, states)).join(_sums(tables.get("scenario_changes")))
    order = {name: place for place, name in enumerate(states)}
    zones = {name: place for place, name in enumerate(tables["scenario_accounts"]["zone_id"])}
    told = whole.reset_index()
    place = told["zone_id"].map(zones) * len(order) + told["scenario"].map(order)
    return told.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def _counted(
    tables: Mapping[str, pd.DataFrame], states: Mapping[str, Mapping[str, pd.DataFrame]]
) -> pd.DataFrame:
    """Count conflicts, those won and lost, and uses of land below the standard, by zone."""
    rows = []
    for name, state in states.items():
        frames: dict[str, pd.DataFrame] = {}
        if "conflicts" in state:
            frames["conflicts_count"] = state["conflicts"]
            moved = tables.get("scenario_conflicts")
            for outcome in ("won", "lost"):
                mine = pd.DataFrame(columns=["zone_id"])
                if moved is not None:
                    mine = moved[(moved["scenario"] == name) & (moved["outcome"] == outcome)]
                frames[f"{outcome}_count"] = mine
        if "balance" in state:
            lacking = state["balance"]
            frames["lacking_count"] = lacking[failed(lacking["passes"])]
        counts = {one: frame.groupby("zone_id").size() for one, frame in frames.items()}
        ids = state["accounts"]["zone_id"]
        told = pd.DataFrame(counts, index=ids).fillna(0).astype("Int64")
        for one, frame in frames.items():
            # An emitter outside every fence belongs to no zone, and counts in the total.
            told.loc[TOTAL, one] = len(frame)
        rows.append((name, told.rename_axis("zone_id").reset_index()))
    return _named(rows).set_index(["scenario", "zone_id"])


def _sums(changes: pd.DataFrame | None) -> pd.DataFrame:
    """Add up households and money, by zone and of all; what lacks a figure is missing."""
    names = ["households_count", "clearing_vnd", "letting_vnd"]
    if changes is None or changes.empty:
        nobody = pd.MultiIndex.from_arrays([[], []], names=["scenario", "zone_id"])
        return pd.DataFrame(columns=names, dtype="float64", index=nobody)
    parts = []
    for kind, own in (("clear", names[:2]), ("let", names[2:])):
        mine = changes[changes["change"] == kind]
        both = pd.concat([mine, mine.assign(zone_id=TOTAL)])
        parts.append(both.groupby(["scenario", "zone_id"])[own].sum(skipna=False))
    return pd.concat(parts, axis=1)
