"""The components of the plan for every zone, established or not: done, under way, late, unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, Day, covers_day, day, day_number, day_numbers
from kcngeo.core.model import Stage
from kcngeo.ledger import asked

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

STATES = ("done", "under way", "late", "not started", "no data")
"""How a component stands; late is what is not done and was due before the day."""

NETWORK_COMPONENTS = ("road", "power", "water", "wastewater", "drainage", "telecom", "solid_waste")
SOCIAL_COMPONENTS = ("green", "public_utility", "worker_housing")
COMPONENTS = ("clearance", "resettlement", *NETWORK_COMPONENTS, *SOCIAL_COMPONENTS)
"""What the plan wants developed in step; works of the networks stand inside and outside the fence.
"""

_PART_COLUMNS = ["zone_id", "component", "side", "done", "share", "due_on", "weight"]


def scorecard(
    project: Project | Snapshot,
    *,
    on: Day,
) -> pd.DataFrame:
    """Set the components of the plan beside each other for every zone, on a day.

    Every zone that is on record and not removed has a row for every component, also a zone that is
    only planned or proposed: what nobody entered is "no data", which is not "not started". Steps of
    procedure (the plan of a zone not yet established is made of little else) are the zone's
    milestones, a row a kind.

    A component is done when each of its parts is; its share is the mean over its works, the
    hectares handed over of those to be cleared, or the plots ready of those needed. Works whose
    ``done_on`` lies after the day were not done, and how far they were then is unknown; for the
    others ``progress_share`` is as known, for it has no date of its own.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
        Parcels and ledger are not asked; of clearance, works and milestones what there is. Works
        that do not say on which side of the fence they lie count as inside.
    on
        The day; what is done on it is done, what is due on it is not late.

    Returns
    -------
    pd.DataFrame
        By ``zone_id``, ``component`` (one of :data:`COMPONENTS`, or the kind of a milestone) and
        ``side`` ("inside", "outside", or "" where there is no fence to speak of), in the order of
        the plan: ``stage`` (of the zone on the day), ``is_procedure``, ``parts_count``,
        ``done_count``, ``done_share`` (missing if unknown), ``due_on`` (the first of what is not
        done), ``late_days`` (since the first that is late), ``state`` (one of :data:`STATES`).

    Raises
    ------
    ContractError
        If a table breaks its contract.

    Examples
    --------
    The road of zone A is done; its power, half built, was due last year; of water nothing is said.

    >>> import kcngeo as kcn
    >>> card = scorecard(kcn.examples.squares(), on="2018-03-31").xs("inside", level="side")
    >>> card.loc["A"].loc[["road", "power", "water"], "state"].tolist()
    ['done', 'late', 'no data']
    """
    date = day(on)
    snapshot = asked(project, start=on, about=("zones", "works", "clearance", "milestones"))
    stages = _stages(snapshot, day_number(on))
    parts = [_no_parts()]
    clearance, works = snapshot.table("clearance"), snapshot.table("works")
    if clearance is not None:
        parts += _of_clearance(clearance, date)
    if works is not None:
        parts.append(_of_works(works, date))
    milestones = snapshot.table("milestones")
    steps = _no_parts() if milestones is None else _of_milestones(milestones, date)
    every = pd.concat([*parts, steps], ignore_index=True)
    # A zone that does not count on the day is not scored.
    every = every[every["zone_id"].isin(stages.index)]
    scored = _scored(every, date)
    kinds = dict.fromkeys(steps["component"])
    # The components of the plan stand there without data too; others only where there is some.
    keys = [
        key
        for zone_id in stages.index
        for key in (*_plan_keys(zone_id), *((zone_id, kind, "") for kind in kinds))
        if key[1] in COMPONENTS or key in scored.index
    ]
    index = pd.MultiIndex.from_tuples(keys, names=["zone_id", "component", "side"])
    result = scored.reindex(index)
    result["state"] = result["state"].fillna("no data").astype("str")
    for name in ("parts_count", "done_count"):
        result[name] = result[name].fillna(0).astype("int64")
    component = result.index.get_level_values("component")
    result.insert(0, "stage", stages.loc[index.get_level_values("zone_id")].to_numpy())
    result.insert(1, "is_procedure", ~component.isin(COMPONENTS))
    return result


def _plan_keys(zone_id: str) -> list[tuple[str, str, str]]:
    return [
        (zone_id, component, side)
        for component in COMPONENTS
        for side in (("inside", "outside") if component in NETWORK_COMPONENTS else ("",))
    ]


def _stages(snapshot: Snapshot, number: int) -> pd.Series:
    """Give the stage of each zone on record on the day; what is removed is left out."""
    zones = snapshot.zones
    size = len(zones)
    first = day_numbers(zones.get("valid_from"), missing=ALWAYS, length=size)
    last = day_numbers(zones.get("valid_to"), missing=OPEN, length=size)
    removed = day_numbers(zones.get("removed_on"), missing=OPEN, length=size)
    now = covers_day(first, np.minimum(last, removed), number)
    counts = covers_day(*snapshot.zone_days, number)
    written = zones.reindex(columns=["stage"])["stage"].astype("str").fillna(str(Stage.ESTABLISHED))
    # An established zone whose day has not come is planned until then.
    early = written.isin([str(Stage.ESTABLISHED), str(Stage.REMOVED)])
    stage = np.where(counts, str(Stage.ESTABLISHED), np.where(early, str(Stage.PLANNED), written))
    keep = now & ((written != Stage.REMOVED).to_numpy() | counts)
    index = pd.Index(zones["zone_id"][keep], dtype="str")
    return pd.Series(stage[keep], index=index).sort_index()


def _no_parts() -> pd.DataFrame:
    kinds = {"done": "bool", "share": "float64", "due_on": "datetime64[s]", "weight": "float64"}
    return pd.DataFrame(columns=_PART_COLUMNS).astype(kinds)


def _of_clearance(clearance: pd.DataFrame, date: pd.Timestamp) -> list[pd.DataFrame]:
    columns = ["zone_id", "area_ha", "due_on", "handed_over_on", "plots_needed", "plots_ready"]
    pieces = pd.DataFrame(clearance).reindex(columns=columns)
    done = (pieces["handed_over_on"].astype("datetime64[s]") <= date).to_numpy()
    area_ha = pieces["area_ha"].astype("float64")
    needed, ready = (
        pieces[name].astype("Float64").to_numpy("float64", na_value=np.nan)
        for name in ("plots_needed", "plots_ready")
    )
    met = np.divide(
        np.minimum(ready, needed), needed, out=np.full(len(pieces), np.nan), where=needed > 0
    )
    shared = pieces[["zone_id", "due_on"]].astype({"due_on": "datetime64[s]"}).assign(side="")
    land = shared.assign(
        component="clearance", done=done, share=done.astype("float64"), weight=area_ha
    )
    plots = shared.assign(
        component="resettlement",
        done=ready >= needed,
        share=met,
        weight=needed,
    )
    return [land, plots[needed != 0]]


def _of_works(works: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    columns = ["zone_id", "kind", "inside_fence", "progress_share", "due_on", "done_on"]
    table = pd.DataFrame(works).reindex(columns=columns)
    done_on = table["done_on"].astype("datetime64[s]")
    done = (done_on <= date).to_numpy()
    inside = table["inside_fence"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    side = np.where(inside, "inside", "outside")
    progress = table["progress_share"].astype("float64").where(done_on.isna())
    return pd.DataFrame(
        {
            "zone_id": table["zone_id"],
            "component": table["kind"],
            "side": np.where(table["kind"].isin(NETWORK_COMPONENTS), side, ""),
            "done": done,
            "share": progress.where(~done, 1.0),
            "due_on": table["due_on"].astype("datetime64[s]"),
            "weight": 1.0,
        }
    )


def _of_milestones(milestones: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    table = milestones.reindex(columns=["zone_id", "kind", "due_on", "done_on"])
    done = (table["done_on"].astype("datetime64[s]") <= date).to_numpy()
    steps = pd.DataFrame(
        {
            "zone_id": table["zone_id"],
            "component": table["kind"],
            "side": "",
            "done": done,
            "share": done.astype("float64"),
            "due_on": table["due_on"].astype("datetime64[s]"),
            "weight": 1.0,
        }
    )
    # A step of the past that was entered when it happened was not yet expected before.
    expected = table["due_on"].notna() | table["done_on"].isna()
    keep = (done | expected.to_numpy()) & table["zone_id"].notna().to_numpy()
    return steps[keep]


def _scored(parts: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Add up the parts of each component."""
    late = ~parts["done"] & (parts["due_on"] < date)
    wide = parts.assign(
        weighted=parts["share"] * parts["weight"],
        waiting=parts["due_on"].where(~parts["done"]),
        late_since=parts["due_on"].where(late),
    )
    groups = wide.groupby(["zone_id", "component", "side"])
    # One part without a share makes the share of the component unknown.
    sums = groups[["weighted", "weight"]].sum(skipna=False)
    result = pd.DataFrame(
        {
            "parts_count": groups.size(),
            "done_count": groups["done"].sum().astype("int64"),
            "done_share": (sums["weighted"] / sums["weight"]).where(sums["weight"] > 0),
            "due_on": groups["waiting"].min(),
            "late_days": (date - groups["late_since"].min()).dt.days.astype("Int64"),
        }
    )
    # The first that holds: late is worse than under way.
    result["state"] = np.select(
        [
            result["done_count"] == result["parts_count"],
            result["late_days"].notna(),
            (result["done_count"] > 0) | (result["done_share"] > 0),
            result["done_share"].notna(),
        ],
        ["done", "late", "under way", "not started"],
        default="no data",
    )
    return result
