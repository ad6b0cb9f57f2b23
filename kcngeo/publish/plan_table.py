"""The plan as a table: its lines in words, and which of them stand on the first page."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.lot_names import within_zone
from kcngeo.core.schema import COMPUTED, Names, contract, empty, heading
from kcngeo.report import TOTAL, Line, MonthlyReport, SpatialSections, is_in_force, plan_lines
from kcngeo.standards import registry

_OWNERS = {
    **dict.fromkeys(("fill", "investors", "environment", "sequence", "support"), "board"),
    **dict.fromkeys(("compensation", "clearance", "resettlement"), "clearance"),
    **dict.fromkeys(("procedures", "public_utility", "housing_outside"), "province"),
    **dict.fromkeys(("density", "idle"), "investor"),
    "no_data": "board",
}
"""Who usually answers for a topic; the others are the developer's."""
_WORDS = {"milestone": "milestone", "stage": "stage", "land_use": "land_use"}
MOST_BREACHES = 8
"""Breaches the first page names, topic by topic."""


def plan_table(
    report: MonthlyReport,
    around: SpatialSections,
    *,
    names: Names,
    language: str,
) -> pd.DataFrame:
    """Lay out the lines of the plan in one language."""
    lines = plan_lines(report, around)
    if not lines:
        return empty(COMPUTED["plan"])

    zones = names.get("zones", {})

    def said(one: Line, parts: Any) -> str | None:
        words = "; ".join(_said(key, fields, language, names) for key, fields in parts)
        return within_zone(words, zone=zones.get(one.zone_id, one.zone_id)) or None

    broken = Counter(one.topic for one in lines if one.status == "breach" and one.zone_id != TOTAL)
    rows = [
        {
            "topic": one.topic,
            "zone_id": one.zone_id,
            "name": zones.get(one.zone_id, one.zone_id),
            "sector": one.sector or None,
            "status": one.status,
            "value": one.value,
            "against": one.against,
            "unit": one.unit or None,
            "figure": said(one, one.figure),
            "brief": _brief(one, broken, on=report.on, language=language, names=names),
            "cause": said(one, one.cause),
            "blocks": said(one, one.blocks),
            "rules": _rules(one, on=report.on, language=language),
            "in_force": _is_law(one, on=report.on),
            "owner": _OWNERS.get(one.topic, "developer"),
            "due_on": one.due_on,
            "late_days": one.late_days,
            "effect_ha": one.effect_ha,
        }
        for one in lines
    ]
    return pd.DataFrame(rows)


def _said(key: str, fields: Mapping[str, Any], language: str, names: Names) -> str:
    """Say a part of a line; codes among its fields get their words."""
    told = dict(fields)
    for name, group in _WORDS.items():
        if name in told:
            known = f"{group}.{told[name]}"
            told[name] = theme.texts(group, language=language).get(known, told[name])
    if "topics" in told:
        told["topics"] = _joined(_topic(topic, side, language) for topic, side, _ in told["topics"])
    if "columns" in told:
        told["columns"] = _joined(_column(one, language) for one in told["columns"])
    if "ids" in told:
        lots = names.get("parcels", {})
        told["ids"] = tuple(lots.get(one, one) for one in told["ids"])
    if key == "step_due" and pd.isna(told["due_on"]):
        key = "step"
    return theme.text(f"plan.{key}", language=language, **told)


def _brief(
    line: Line, broken: Mapping[str, int], *, on: pd.Timestamp, language: str, names: Names
) -> str | None:
    """Write the figure of a breach in a few letters, for a page that has little room."""
    if line.status != "breach":
        return None
    if line.zone_id == TOTAL:
        # A sum may be in order where zones are not.
        count = broken[line.topic]
        return theme.text("plan.zones_broken", language=language, zones_count=count)
    if math.isnan(line.value):
        return "; ".join(_said(key, fields, language, names) for key, fields in line.figure)
    parts = [_figure(one, line.unit, language) for one in (line.value, line.against)]
    brief = "/".join(one for one in parts if one) + (f" {line.unit}" * (line.unit in ("ha", "m")))
    said = {name: value for _, fields in line.figure for name, value in fields.items()}
    if said.get("planned_count", 0) > said.get("ready_count", 0):
        planned = said["planned_count"]
        return theme.text(
            "plan.brief_planned", language=language, brief=brief, planned_count=planned
        )
    if _is_law(line, on=on) is False:
        return theme.text("plan.brief_no_law", language=language, brief=brief)
    return brief


def _figure(value: float, unit: str, language: str) -> str:
    if math.isnan(value):
        return ""
    if unit == "share":
        return theme.percent(value, language=language)
    return theme.number(value, language=language, decimals=2 if unit == "ha" else 0)


def _is_law(line: Line, *, on: pd.Timestamp) -> bool | None:
    """Tell whether all rules of a line are law on the day; None where that was not read."""
    states = [is_in_force(name, on=on) for name in line.rules]
    if False in states:
        return False
    return None if None in states or not states else True


def _joined(parts: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(parts)


def _topic(topic: str, side: str, language: str) -> str:
    words = theme.text(f"plan_topic.{topic}", language=language)
    return f"{words} ({theme.text(f'side.{side}', language=language)})" if side else words


def _column(name: str, language: str) -> str:
    """Name a stored column with its table."""
    table, column = name.split(".")
    home = contract(table)
    found = None if home is None else home.column(column)
    words = column if found is None else heading(found, name=column, language=language)
    return f"{theme.table_title(table, language=language)} – {words}"


def _rules(line: Line, *, on: pd.Timestamp, language: str) -> str | None:
    """Name the rules of a line, how well each is verified, and whether it is law on the day."""
    if not line.rules:
        return None
    said = []
    for name in line.rules:
        rule = registry().load(name)
        state = {True: "in_force", False: "not_in_force", None: "unread"}[is_in_force(name, on=on)]
        marks = [
            theme.text(f"verified.{rule.verified}", language=language),
            theme.text(f"plan_law.{state}", language=language),
        ]
        said.append(f"{rule.title[language]} ({', '.join(marks)})")
    return "; ".join(said)


def breach_counts(plan: pd.DataFrame) -> pd.Series:
    """Count the breaches by zone, and of all zones under "total"."""
    broken = plan[(plan["status"] == "breach") & (plan["zone_id"] != TOTAL)]
    counts = broken["zone_id"].value_counts()
    counts.loc[TOTAL] = len(broken)
    return counts.astype("int64")


def grouped_breaches(plan: pd.DataFrame) -> Iterator[list[int]]:
    """Give the rows of every topic that is broken, the topic with most land concerned first.

    The row of all zones stands first where there are more than two; the others follow, the largest
    effect first.
    """
    # What stands too near has a sentence of its own.
    broken = plan[(plan["status"] == "breach") & (plan["topic"] != "distance")]
    mine = broken[broken["zone_id"] != TOTAL]
    sums = mine.groupby("topic", sort=False)["effect_ha"].sum()
    for topic in sums.sort_values(ascending=False, kind="stable").index:
        rows = mine[mine["topic"] == topic]
        rows = rows.sort_values("effect_ha", ascending=False, kind="stable")
        places = [int(at) for at in rows.index]
        whole = broken[(broken["topic"] == topic) & (broken["zone_id"] == TOTAL)]
        yield places if len(places) <= 2 else [int(whole.index[0]), *places]


def printed_plan(plan: pd.DataFrame, *, most: int, few_zones: int, language: str) -> pd.DataFrame:
    """Give the lines a page has room for: of many zones what is broken or late, and all of them."""
    # A page has no room for a column that few lines fill.
    words = theme.texts("plan_sector", language=language)
    named = [words.get(f"plan_sector.{one}", "") for one in plan["sector"]]
    told = [
        f"{sector}: {figure}" if sector else figure
        for sector, figure in zip(named, plan["figure"], strict=True)
    ]
    plan = plan.assign(figure=pd.Series(told, plan.index, dtype="str"))
    if plan["zone_id"].nunique() - 1 <= few_zones:
        return plan
    urgent = plan[plan["status"].isin(["breach", "late"]) & (plan["zone_id"] != TOTAL)]
    whole = plan[plan["zone_id"] == TOTAL]
    room = max(most - len(whole), 0)
    kept = urgent.sort_values("effect_ha", ascending=False, kind="stable").head(room)
    return plan.loc[sorted([*whole.index, *kept.index])]
