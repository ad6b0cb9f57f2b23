"""The lines of the plan, each topic from what the month has computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import in_force
from kcngeo.core.model import Stage
from kcngeo.report.month import MonthlyReport
from kcngeo.report.plan_board import (
    SIDES,
    TOPICS,
    Ground,
    Line,
    Said,
    Told,
    Topic,
    part,
    states,
)
from kcngeo.report.plan_investor_topics import support
from kcngeo.report.plan_land_topics import (
    balance,
    belt,
    density,
    distance,
    environment,
    housing,
    idle,
    sequence,
)
from kcngeo.report.plan_measures import OTHER, UNKNOWN, plan_sectors
from kcngeo.report.sections import failed
from kcngeo.report.spatial_sections import SpatialSections
from kcngeo.report.total_change import TOTAL

_WORKS = {
    **{kind: kind for kind in ("road", "power", "water", "drainage", "telecom", "wastewater")},
    "solid_waste": "solid_waste",
    "green_works": "green",
    "public_utility": "public_utility",
}
_SIDED = ("road", "power", "water", "drainage", "telecom", "wastewater", "solid_waste")
_ANSWERS = {
    "procedures": "milestones.due_on",
    "compensation": "clearance.paid_vnd",
    "clearance": "clearance.handed_over_on",
    "resettlement": "clearance.plots_ready",
    **dict.fromkeys(_WORKS, "works.progress_share"),
    "density": "buildings.storeys",
    "environment": "works.done_on",
    "distance": "receptors.kind",
    "housing_inside": "works.capacity",
    "housing_outside": "works.capacity",
    "idle": "projects.handed_over_on",
    "support": "projects.sector",
}
"""The column that answers a topic of which nothing is on record."""
_OF_LAND = (
    *("density", "environment", "distance", "housing_inside", "housing_outside", "idle"),
    "support",
)
"""Topics of zones that are established."""
_BILLION = 1e9
_VERDICTS = {"met": "done", "met late": "done", "missed": "late", "behind": "late"}


def plan_lines(report: MonthlyReport, around: SpatialSections) -> tuple[Line, ...]:
    """Give the lines of the plan, topic by topic, zones first and all of them last.

    Parameters
    ----------
    report
        The month.
    around
        What stands beside its accounts.

    Returns
    -------
    tuple[Line, ...]
        The lines; none where development in step could not be answered. What nobody entered stands
        in one line a zone, which names the columns that would answer.

    Examples
    --------
    Of zone A 0.1 of 0.3 ha would have to be green; A-6 is green and has 1 of 11 ha.

    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> lines = plan_lines(report, kcn.report.spatial_sections(report))
    >>> [one.status for one in lines if one.topic == "road"]
    ['done']
    """
    if report.steps is None or report.plan is None:
        return ()
    ground = Ground(report=report, around=around, steps=report.steps, plan=report.plan)
    made: list[Line] = [*_fill(ground), *_investors(ground)]
    for topic in _topics(ground):
        made += topic.lines() if len(topic.figures) else ()
    made += _unanswered(ground, made)
    # A zone at fault has no stage, and its fill stands last, before the total.
    others = (one.zone_id for one in made if one.zone_id != TOTAL)
    zones = dict.fromkeys([*ground.stages.index, *others, TOTAL])
    sectors = ["", *plan_sectors(report.on), OTHER, UNKNOWN]
    place = {zone_id: at for at, zone_id in enumerate(zones)}
    return tuple(
        sorted(
            made,
            key=lambda one: (
                TOPICS.index(one.topic),
                sectors.index(one.sector),
                place[one.zone_id],
            ),
        )
    )


def _unanswered(ground: Ground, made: list[Line]) -> Iterator[Line]:
    """Name, a line a zone, what nobody entered and the columns that would answer."""
    told = {(one.zone_id, one.topic) for one in made}
    sides = {(row.zone_id, row.component, row.side or "inside") for row in ground.card.itertuples()}
    blocked = ground.report.reasons(language="en")
    filled = {one.zone_id: one for one in reversed(made) if one.topic == "fill"}
    for zone_id, stage in ground.stages.items():
        if zone_id in blocked:
            # What cannot be computed is no missing entry.
            continue
        missing = [
            (topic, "", column)
            for topic, column in _ANSWERS.items()
            if (zone_id, topic) not in told
            and (topic not in _OF_LAND or stage == Stage.ESTABLISHED)
        ]
        missing += [
            (topic, "outside", "works.progress_share")
            for topic in _SIDED
            if (zone_id, topic) in told and (zone_id, _WORKS[topic], "outside") not in sides
        ]
        if stage == Stage.ESTABLISHED:
            missing = [one for one in missing if one[0] != "procedures"]
            line = filled.get(str(zone_id))
            if line is None or np.isnan(line.against):
                missing.append(("fill", "", "targets.value"))
            if ground.plan.requests is None:
                missing.append(("requests", "", "support.asked_on"))
        if missing:
            figure = part("not_entered", missing_count=len(missing), topics=tuple(missing))
            columns = tuple(dict.fromkeys(column for *_, column in missing))
            yield Line(
                zone_id=str(zone_id),
                topic="no_data",
                status="no_data",
                value=float(len(missing)),
                unit="count",
                figure=figure,
                cause=part("would_answer", columns=columns),
            )


def _topics(ground: Ground) -> Iterator[Topic]:
    """Go through the topics whose figures may be added."""
    yield _procedures(ground)
    yield from _clearing(ground)
    for name, kind in _WORKS.items():
        yield _works(ground, name, kind)
    yield from balance(ground)
    yield density(ground)
    yield belt(ground)
    yield environment(ground)
    yield distance(ground)
    yield sequence(ground)
    yield from housing(ground)
    yield idle(ground)
    yield from support(ground)


def _fill(ground: Ground) -> Iterator[Line]:
    """Fill by target, of the zones and of all together."""
    report, accounts = ground.report, ground.accounts
    goals = pd.DataFrame() if report.targets is None else report.targets
    if len(goals):
        mine = (goals["on"] == report.on) & (goals["definition"] == report.definition.name)
        goals = goals[mine & (goals["measure"] == "fill_rate")]
        goals = goals.assign(zone_id=goals["zone_id"].fillna(TOTAL)).drop_duplicates("zone_id")
        goals = goals.set_index("zone_id")
    for row in accounts.reset_index().to_dict("records"):
        zone_id = row["zone_id"]
        if pd.isna(row["fill_rate"]) or (zone_id == TOTAL and len(accounts) < 3):
            continue
        parts = ("uncleared_ha", "available_ha", "reserved_ha", "recovering_ha")
        cause = part("fill_rest", **{name: float(row[name]) for name in parts})
        line: dict[str, Any] = {
            "zone_id": str(zone_id),
            "topic": "fill",
            "unit": "share",
            "value": float(row["fill_rate"]),
            "cause": cause if row["base_ha"] > 0 and pd.notna(row["uncleared_ha"]) else (),
            "rules": (report.definition.name,),
        }
        if zone_id in goals.index:
            goal = goals.loc[[zone_id]].iloc[0]
            fields = {"fill_share": row["fill_rate"], "target_share": goal["target_value"]}
            yield Line(
                **line,
                against=float(goal["target_value"]),
                status=_VERDICTS.get(str(goal["verdict"]), "under_way"),
                figure=part("fill_target", target_on=goal["target_on"], **fields),
                due_on=goal["target_on"],
                late_days=_late(goal["target_on"], report.on, goal["verdict"]),
            )
        else:
            yield Line(**line, status="stated", figure=part("fill", fill_share=row["fill_rate"]))


def _late(due_on: pd.Timestamp, on: pd.Timestamp, verdict: object) -> Any:
    return (on - due_on).days if verdict == "missed" else pd.NA


def _investors(ground: Ground) -> Iterator[Line]:
    """Investors sought: the stage of the zone, and the sites on offer."""
    space = ground.around.space
    offered = None if space is None else space.sites[space.sites["fails"] == ""]
    sums = None if offered is None else offered.groupby("zone_id")["area_ha"].agg(["size", "sum"])
    called = {
        row["zone_id"]: row for row in ground.component("investors_called").to_dict("records")
    }
    count, total_ha = 0, 0.0
    for zone_id, stage in ground.stages.items():
        figure = part("stage", stage=str(stage))
        sites_count, area_ha = 0, 0.0
        if sums is not None and zone_id in sums.index:
            sites_count, area_ha = int(sums["size"][zone_id]), float(sums["sum"][zone_id])
        if stage == Stage.ESTABLISHED and offered is not None:
            figure += part("sites", sites_count=sites_count, site_ha=area_ha)
            count, total_ha = count + sites_count, total_ha + area_ha
        status, due = "under_way" if sites_count else "stated", pd.NaT
        if zone_id in called:
            status, due = called[zone_id]["state"].replace(" ", "_"), called[zone_id]["due_on"]
            figure += part("step_due", milestone="investors_called", due_on=due)
        yield Line(
            zone_id=str(zone_id),
            topic="investors",
            status=status,
            value=area_ha if stage == Stage.ESTABLISHED else np.nan,
            unit="ha",
            figure=figure,
            due_on=due,
        )
    if len(ground.stages) > 1 and offered is not None:
        yield Line(
            zone_id=TOTAL,
            topic="investors",
            status="under_way" if count else "stated",
            value=total_ha,
            unit="ha",
            figure=part("sites", sites_count=count, site_ha=total_ha),
        )


def _procedures(ground: Ground) -> Topic:
    """Steps of procedure of zones not yet established."""
    waiting = ground.stages.index[ground.stages != Stage.ESTABLISHED]
    steps = ground.card[ground.card["is_procedure"] & ground.card["zone_id"].isin(waiting)]
    groups = steps.groupby("zone_id")
    figures = groups[["done_count", "parts_count"]].sum()
    open_ = steps[steps["state"] != "done"].sort_values("due_on", na_position="last")
    following = open_.drop_duplicates("zone_id").set_index("zone_id")
    figures["most_ha"] = _approved(ground).reindex(figures.index)
    late = groups["late_days"].max().notna()
    done = figures["done_count"] == figures["parts_count"]
    names = dict(following["component"])

    def tell(row: Mapping[str, Any]) -> Told:
        counts = {name: int(row[name]) for name in ("done_count", "parts_count")}
        return Told(
            figure=part("steps", **counts),
            value=row["done_count"],
            against=row["parts_count"],
            unit="count",
            cause=part("next_step", milestone=names[row["zone_id"]])
            if row["zone_id"] in names
            else (),
            blocks=() if pd.isna(row["most_ha"]) else part("zone_waits", plan_ha=row["most_ha"]),
        )

    return Topic(
        name="procedures",
        figures=figures,
        status=states(figures.index, (late, "late"), (done, "done"), default="under_way"),
        tell=tell,
        due=ground.due(open_),
    )


def _approved(ground: Ground) -> pd.Series:
    zones = ground.report.snapshot.zones
    if "approved_area_ha" not in zones.columns:
        return pd.Series(dtype="float64")
    now = in_force(zones, ground.report.on).drop_duplicates("zone_id")
    return now.set_index("zone_id")["approved_area_ha"].astype("float64")


def _clearing(ground: Ground) -> Iterator[Topic]:
    """Compensation, clearance and resettlement."""
    sums = ground.steps.clearing
    if sums is None:
        return
    known = sums[sums.index.isin(ground.stages.index)]
    waiting = known["households_count"] - known["households_done_count"]
    left_ha = known["pieces_ha"] - known["handed_over_ha"]
    figures = known[["planned_vnd", "paid_vnd", "pieces_ha", "handed_over_ha", "overdue_ha"]]
    figures = figures.assign(
        waiting_count=waiting.astype("float64"),
        pieces_count=known["pieces_count"].astype("float64"),
        done_count=known["pieces_done_count"].astype("float64"),
        left_ha=left_ha,
        overdue_count=known["overdue_count"].astype("float64"),
        short_count=known["plots_short_count"].astype("float64"),
        uncleared_ha=_uncleared(ground).reindex(known.index),
    )
    late = known["overdue_count"] > 0
    due = ground.due(ground.component("clearance"))
    begun = (known["pieces_done_count"] > 0) | (known["paid_vnd"] > 0)
    paid = known["paid_vnd"] >= known["planned_vnd"]
    cleared = known["pieces_done_count"] == known["pieces_count"]
    index = known.index
    rest = {"default": "not_started"}
    money = figures[figures[["planned_vnd", "paid_vnd"]].notna().all(axis=1)]
    yield Topic(
        name="compensation",
        figures=money,
        status=states(money.index, (paid, "done"), (late, "late"), (begun, "under_way"), **rest),
        tell=_tell_compensation,
        due=due,
    )
    yield Topic(
        name="clearance",
        figures=figures,
        status=states(index, (cleared, "done"), (late, "late"), (begun, "under_way"), **rest),
        tell=_tell_clearance,
        due=due,
    )
    plots = ground.component("resettlement").set_index("zone_id")
    figures = figures[figures["short_count"].notna() & figures.index.isin(plots.index)]
    yield Topic(
        name="resettlement",
        figures=figures,
        status=plots["state"].str.replace(" ", "_"),
        tell=_tell_resettlement,
        due=ground.due(ground.component("resettlement")),
    )


def _uncleared(ground: Ground) -> pd.Series:
    held = ground.accounts[["uncleared_ha", "uncleared_held_ha"]].fillna(0.0).sum(axis=1)
    return held.where(ground.accounts["uncleared_ha"].notna())


def _tell_compensation(row: Mapping[str, Any]) -> Told:
    planned, paid = row["planned_vnd"], row["paid_vnd"]
    share = paid / planned if planned > 0 else np.nan
    figure = part("paid", paid_bn=paid / _BILLION, planned_bn=planned / _BILLION, paid_share=share)
    return Told(
        figure=figure,
        value=paid,
        against=planned,
        unit="vnd",
        cause=part("unpaid", unpaid_bn=(planned - paid) / _BILLION) if planned > paid else (),
        blocks=part("hand_over_waits", left_ha=row["left_ha"]) if row["left_ha"] > 0 else (),
    )


def _tell_clearance(row: Mapping[str, Any]) -> Told:
    area = {name: row[name] for name in ("handed_over_ha", "pieces_ha")}
    counts = {name: int(row[name]) for name in ("done_count", "pieces_count")}
    cause: Said = ()
    if row["waiting_count"] > 0:
        cause += part("households_wait", waiting_count=int(row["waiting_count"]))
    if row["overdue_count"] > 0:
        overdue = {"overdue_count": int(row["overdue_count"]), "overdue_ha": row["overdue_ha"]}
        cause += part("pieces_overdue", **overdue)
    kept = row["uncleared_ha"] > 0
    return Told(
        figure=part("handed_over", **area, **counts),
        value=area["handed_over_ha"],
        against=area["pieces_ha"],
        unit="ha",
        cause=cause,
        blocks=part("letting_waits", uncleared_ha=row["uncleared_ha"]) if kept else (),
    )


def _tell_resettlement(row: Mapping[str, Any]) -> Told:
    waits = row["waiting_count"]
    return Told(
        figure=part("plots_short", short_count=int(row["short_count"])),
        value=row["short_count"],
        unit="count",
        cause=part("households_wait", waiting_count=int(waits)) if waits > 0 else (),
        blocks=part("hand_over_waits", left_ha=row["left_ha"]) if row["left_ha"] > 0 else (),
    )


def _works(ground: Ground, name: str, kind: str) -> Topic:
    """Works of a kind inside and outside the fence, with the land they do not serve."""
    rows = ground.component(kind).copy()
    rows["side"] = rows["side"].where(rows["side"] != "", "inside")
    rows["progress"] = rows["done_share"] * rows["parts_count"]
    names = ["done_count", "parts_count", "progress"]
    sided = {
        side: some.set_index("zone_id")[names].astype("float64").add_prefix(f"{side}_")
        for side, some in rows.groupby("side")
    }
    zones = pd.DataFrame(index=pd.Index(sorted(set(rows["zone_id"])), name="zone_id"))
    wide = zones.join(list(sided.values()))
    for side in SIDES:
        for column in ("done_count", "parts_count"):
            label = f"{side}_{column}"
            wide[label] = wide[label].fillna(0.0) if label in wide else 0.0
        # What no work is on record of has made no progress that lacks.
        label = f"{side}_progress"
        progress = wide[label] if label in wide else pd.Series(np.nan, wide.index)
        wide[label] = progress.where(wide[f"{side}_parts_count"] > 0, 0.0)
    wide["unserved_ha"] = _unserved(ground, kind).reindex(wide.index).fillna(0.0)
    order = pd.Categorical(
        rows["state"], ["late", "under way", "not started", "no data", "done"], ordered=True
    )
    worst = rows.assign(state=order).sort_values("state").drop_duplicates("zone_id")
    status = worst.set_index("zone_id")["state"].astype("str").str.replace(" ", "_")
    return Topic(
        name=name,
        figures=wide,
        # Works on record whose progress on the day nobody knows are there all the same.
        status=status.replace("no_data", "under_way"),
        tell=lambda row: _tell_works(row, sided=name not in ("green_works", "public_utility")),
        due=ground.due(rows),
    )


def _unserved(ground: Ground, kind: str) -> pd.Series:
    space = ground.around.space
    ready = None if space is None else space.readiness
    if ready is None or kind not in ready:
        return pd.Series(dtype="float64")
    sums: pd.Series = ready[failed(ready[kind])].groupby("zone_id")["area_ha"].sum()
    return sums


def _tell_works(row: Mapping[str, Any], *, sided: bool) -> Told:
    figure: Said = ()
    for side in SIDES:
        parts, done, progress = (
            row[f"{side}_{name}"] for name in ("parts_count", "done_count", "progress")
        )
        if not parts:
            continue
        counts = {"done_count": int(done), "parts_count": int(parts)}
        key = f"works_{side}" if sided else "works"
        if pd.isna(progress):
            figure += part(f"{key}_unknown", **counts)
        else:
            figure += part(key, progress_share=progress / parts, **counts)
    unserved = row["unserved_ha"]
    return Told(
        figure=figure,
        value=sum(row[f"{side}_done_count"] for side in SIDES),
        against=sum(row[f"{side}_parts_count"] for side in SIDES),
        unit="count",
        blocks=part("unserved", unserved_ha=unserved) if unserved > 0 else (),
    )
