"""Topics of the plan about land, order and people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.model import Severity
from kcngeo.core.units import M2_PER_HA
from kcngeo.report.plan_board import SIDES, Ground, Said, Told, Topic, nothing, part, states
from kcngeo.report.plan_measures import (
    bare_fence_m,
    is_drawn,
    is_in_force,
    is_short,
    places_lacking,
    undrawn_ha,
    whole_ha,
)
from kcngeo.report.sections import failed
from kcngeo.report.total_change import TOTAL


def balance(ground: Ground) -> Iterator[Topic]:
    """Green land, and the other land uses, against the planning code and the approved plan."""
    found = ground.plan.balance
    if found is None:
        return
    found = found[found["actual_ha"].notna()]
    undrawn = undrawn_ha(found)
    # Of a zone nobody drew lots of there is nothing to say.
    drawn = undrawn.index[undrawn < (1 - 1e-9) * whole_ha(found)]
    found = found.assign(short=is_short(found)).reset_index()
    found = found[found["zone_id"].isin(drawn)]
    if not len(found):
        return
    found = found.assign(zone_ha=found["actual_ha"] / found["actual_share"])
    wide = {
        name: found.pivot_table(index="zone_id", columns="item", values=name, aggfunc="first")
        for name in ("actual_ha", "required_share", "deficit_ha", "zone_ha")
    }
    gaps = found[found["approved_gap_ha"].notna()].groupby("zone_id")["approved_gap_ha"]
    off_ha = gaps.agg(lambda column: column.abs().max())
    for name, items in (("green", ["green"]), ("balance", ["transport", "technical"])):
        judged = [item for item in items if item in wide["required_share"]]
        rows = found[found["item"].isin(items)]
        short = rows.groupby("zone_id")["short"].any()
        # Land in no lot may be what lacks.
        unsure = failed(rows["passes"]).groupby(rows["zone_id"]).any()
        figures = pd.DataFrame(index=pd.Index(rows["zone_id"].unique(), name="zone_id"))
        for item in items:
            figures[f"{item}_ha"] = wide["actual_ha"][item]
            figures[f"{item}_zone_ha"] = wide["zone_ha"].max(axis=1)
            required = wide["required_share"].get(item)
            figures[f"most_{item}_share"] = np.nan if required is None else required
        deficit = wide["deficit_ha"].reindex(columns=items).sum(axis=1, min_count=1)
        figures["deficit_ha"] = deficit.fillna(0.0)
        figures["undrawn_ha"] = undrawn.reindex(figures.index)
        figures["most_off_ha"] = off_ha.reindex(figures.index)
        yield Topic(
            name=name,
            figures=figures,
            status=states(
                figures.index,
                (short, "breach"),
                (unsure, "stated"),
                default="done" if judged else "stated",
            ),
            tell=_Balance(tuple(items)),
            effect_ha=figures["deficit_ha"].where(short.reindex(figures.index)),
            rules=tuple(sorted(set(rows["rule"].dropna()))),
        )


@dataclass(frozen=True)
class _Balance:
    """Says the shares of some land uses."""

    items: tuple[str, ...]

    def __call__(self, row: Mapping[str, Any]) -> Told:
        figure: Said = ()
        for item in self.items:
            area, whole = row[f"{item}_ha"], row[f"{item}_zone_ha"]
            required = row[f"most_{item}_share"]
            fields: dict[str, Any] = {"actual_share": area / whole if whole else np.nan}
            key = "land" if pd.isna(required) else "land_required"
            if key == "land_required":
                fields["required_share"] = required
            figure += part(key, land_use=item, **fields)
        whole = row[f"{self.items[0]}_zone_ha"]
        if row["undrawn_ha"] > 0.001 * whole:
            figure += part("undrawn", undrawn_share=row["undrawn_ha"] / whole)
        first = self.items[0]
        single = len(self.items) == 1
        off = row["most_off_ha"]
        return Told(
            figure=figure,
            value=row[f"{first}_ha"] / row[f"{first}_zone_ha"] if single else row["deficit_ha"],
            against=row[f"most_{first}_share"] if single else np.nan,
            unit="share" if single else "ha",
            cause=part("plan_gap", off_ha=off) if pd.notna(off) and not single else (),
            blocks=part("land_lacks", lack_ha=row["deficit_ha"]) if row["deficit_ha"] > 0 else (),
        )


def density(ground: Ground) -> Topic:
    """Lots over their density, and how much of the built lots is built on."""
    found = ground.plan.density
    if found is None or not len(found):
        return nothing("density")
    over = failed(found["density_passes"])
    groups = found.assign(
        over_count=over.astype("float64"),
        lots_count=1.0,
        over_ha=found["lot_ha"].where(over, 0.0),
        most_density=found["density_share"],
    ).groupby("zone_id")
    figures = groups[["over_count", "lots_count", "lot_ha", "built_ha", "over_ha"]].sum()
    bad = figures["over_count"] > 0
    rules = found.loc[over, "density_rule"] if over.any() else found["density_rule"]
    # What is held against a figure that is no law on the day says so where it stands.
    is_law = all(is_in_force(rule, on=ground.report.on) for rule in set(rules.dropna()))
    lots = {zone: tuple(some.index) for zone, some in found[over].groupby("zone_id")}

    def tell(row: Mapping[str, Any]) -> Told:
        counts = {name: int(row[name]) for name in ("over_count", "lots_count")}
        every = tuple(name for some in lots.values() for name in some)
        figure = part("density", built_share=row["built_ha"] / row["lot_ha"], **counts)
        if row["over_count"] and not is_law:
            figure += part("no_law")
        named = every if row["zone_id"] == TOTAL else lots.get(row["zone_id"], ())
        return Told(
            figure=figure,
            value=row["over_count"],
            against=row["lots_count"],
            unit="count",
            cause=part("lots", ids=named) if row["over_count"] else (),
        )

    return Topic(
        name="density",
        figures=figures,
        status=states(figures.index, (bad, "breach"), default="done"),
        tell=tell,
        effect_ha=figures["over_ha"].where(bad),
        rules=tuple(sorted(set(rules.dropna()))),
    )


def belt(ground: Ground) -> Topic:
    """The green belt along the fence."""
    found = ground.plan.belt
    if found is None or not len(found.dropna(subset=["fence_m"])):
        return nothing("belt")
    found = found.dropna(subset=["fence_m"])
    figures = found[["fence_m", "belt_m", "gate_m"]].assign(
        bare_m=bare_fence_m(found), most_width_m=found["width_m"]
    )
    known = is_drawn(ground.plan.balance, figures.index)
    bad = known & (figures["bare_m"] > 0)

    def tell(row: Mapping[str, Any]) -> Told:
        share = row["belt_m"] / row["fence_m"]
        return Told(
            figure=part("belt", belt_share=share, width_metres=row["most_width_m"]),
            value=row["belt_m"],
            against=row["fence_m"],
            unit="m",
            cause=part("bare", bare_metres=row["bare_m"]) if row["bare_m"] > 0 else (),
        )

    return Topic(
        name="belt",
        figures=figures,
        status=states(figures.index, (bad, "breach"), (~known, "stated"), default="done"),
        tell=tell,
        effect_ha=(figures["bare_m"] * figures["most_width_m"] / M2_PER_HA).where(bad),
        rules=tuple(sorted(set(found["rule"].dropna()))),
    )


def _ordered(ground: Ground, rule: str) -> pd.DataFrame:
    """Count by zone what a rule of order found, all of it and what still stands."""
    rows = [
        {
            "zone_id": one.zone_ids[0],
            "count": float(len(one.ids)),
            "stands": float(len(one.ids) if one.severity is Severity.WARNING else 0),
        }
        for one in ground.plan.order
        if one.rule == rule
    ]
    table = pd.DataFrame(rows, columns=["zone_id", "count", "stands"])
    return table.groupby("zone_id").sum()


def environment(ground: Ground) -> Topic:
    """Projects that ran before the wastewater works of their zone were done."""
    tables = ("projects", "works")
    if any(ground.report.snapshot.table(name) is None for name in tables):
        return nothing("environment")
    figures = _ordered(ground, "operating_before_wastewater")
    figures = figures.reindex(ground.counted, fill_value=0.0).rename_axis("zone_id")
    held = ground.plan.sectors.groupby("zone_id")["operating_ha"].sum()
    bad = figures["count"] > 0

    def tell(row: Mapping[str, Any]) -> Told:
        cause: Said = ()
        if row["count"]:
            stands = int(row["stands"])
            cause = part("no_wastewater", stands_count=stands) if stands else part("made_good")
        figure = part("early", early_count=int(row["count"]))
        return Told(figure=figure, value=row["count"], unit="count", cause=cause)

    return Topic(
        name="environment",
        figures=figures,
        status=states(figures.index, (bad, "breach"), default="done"),
        tell=tell,
        effect_ha=held.reindex(figures.index).where(bad),
    )


def distance(ground: Ground) -> Topic:
    """What stands too near to homes, green and water."""
    near = ground.around.conflicts
    if near is None:
        return nothing("distance")
    judged = near[near["state"] == "conflict"]
    figures = pd.DataFrame({"near": 0.0}, index=ground.counted.rename("zone_id"))
    figures["near"] = judged["zone_id"].value_counts().reindex(figures.index).fillna(0.0)
    bad = figures["near"] > 0
    return Topic(
        name="distance",
        figures=figures.astype("float64"),
        status=states(figures.index, (bad, "breach"), default="done"),
        tell=lambda row: Told(
            figure=part("near", near_count=int(row["near"])), value=row["near"], unit="count"
        ),
        rules=tuple(sorted(set(judged["rule_id"].dropna()))),
    )


def sequence(ground: Ground) -> Topic:
    """Leases and projects whose days stand in the wrong order."""
    rules = ("let_before_cleared", "building_before_hand_over", "operating_before_building")
    found = {rule: _ordered(ground, rule)["count"] for rule in rules}
    figures = pd.DataFrame(found).fillna(0.0).rename_axis("zone_id")
    figures.columns = pd.Index([f"{name}_count" for name in figures.columns])

    def tell(row: Mapping[str, Any]) -> Told:
        said = tuple(
            (rule, {"case_count": int(row[f"{rule}_count"])})
            for rule in rules
            if row[f"{rule}_count"]
        )
        return Told(
            figure=said, value=float(sum(row[f"{one}_count"] for one in rules)), unit="count"
        )

    return Topic(
        name="sequence",
        figures=figures,
        status=pd.Series("breach", figures.index, dtype="object"),
        tell=tell,
    )


def housing(ground: Ground) -> Iterator[Topic]:
    """Workers' housing inside and outside the fence, against the workers."""
    found = ground.plan.housing
    found = found[found.index.isin(ground.stages.index)]
    lacking = places_lacking(found)
    works = ground.component("worker_housing")
    for side in SIDES:
        names = [f"{side}_ready", f"{side}_planned"]
        figures = found[["workers_count", *names, "leased_ha"]].dropna(subset=[f"{side}_planned"])
        if side == "inside":
            # Workers for whom no place is on record are told as well.
            extra = found[found["workers_count"].gt(0) & found["inside_planned"].isna()]
            extra = extra[extra["outside_planned"].isna()]
            figures = pd.concat([figures, extra[figures.columns]]).sort_index()
        figures = figures.rename(columns={names[0]: "ready", names[1]: "planned"})
        bad = (lacking > 0).reindex(figures.index) & (side == "inside")
        missing = figures["planned"].isna()
        done = figures["ready"] >= figures["planned"]
        yield Topic(
            name=f"housing_{side}",
            figures=figures,
            status=states(
                figures.index,
                (missing, "stated"),
                (bad, "breach"),
                (done, "done"),
                default="under_way",
            ),
            tell=_tell_housing,
            due=ground.due(works) if side == "inside" else None,
            effect_ha=figures["leased_ha"].where(bad),
        )


def _tell_housing(row: Mapping[str, Any]) -> Told:
    workers, ready, planned = (row[name] for name in ("workers_count", "ready", "planned"))
    if pd.isna(planned):
        figure = part("workers_alone", workers_count=int(workers))
        return Told(figure=figure, value=np.nan, against=workers, unit="count")
    places = {"ready_count": int(ready), "planned_count": int(planned)}
    figure = part("places", **places)
    if pd.notna(workers):
        figure = part("places_workers", workers_count=int(workers), **places)
    return Told(figure=figure, value=ready, against=workers, unit="count")


def idle(ground: Ground) -> Topic:
    """Let land whose legal clock is over, or soon will be."""
    if ground.steps.clocks is None:
        return nothing("idle")
    names = ["clock_over_ha", "clock_soon_ha", "clock_unknown_ha"]
    figures = ground.steps.zones[names].dropna(how="all").rename(columns=lambda one: one[6:])
    clocks = ground.steps.clocks
    over = clocks[clocks["state"] == "over"].drop_duplicates(["project_id", "zone_id"])
    figures["over_count"] = over["zone_id"].value_counts().reindex(figures.index).fillna(0.0)
    bad, soon = figures["over_ha"] > 0, figures["soon_ha"] > 0
    last = clocks["extended_to"].fillna(clocks["ends_on"])
    first = last.where(clocks["state"] != "unknown").groupby(clocks["zone_id"]).min()
    due = pd.DataFrame({"due_on": first})
    due["late_days"] = (ground.report.on - first).dt.days.astype("Int64").where(bad)

    def tell(row: Mapping[str, Any]) -> Told:
        areas = {name: row[name] for name in ("over_ha", "soon_ha")}
        figure = part("idle", over_count=int(row["over_count"]), **areas)
        if row["unknown_ha"] > 0:
            figure += part("idle_unknown", unknown_ha=row["unknown_ha"])
        return Told(
            figure=figure,
            value=row["over_ha"],
            unit="ha",
            blocks=part("may_recover", over_ha=row["over_ha"]) if row["over_ha"] > 0 else (),
        )

    rules = clocks.loc[clocks["zone_id"].isin(figures.index), "rule"]
    return Topic(
        name="idle",
        figures=figures,
        status=states(figures.index, (bad, "breach"), (soon, "under_way"), default="done"),
        tell=tell,
        due=due,
        effect_ha=figures["over_ha"].where(bad),
        rules=tuple(sorted(set(rules.dropna()))),
    )
