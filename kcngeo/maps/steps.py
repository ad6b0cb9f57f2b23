"""The map of development in step: readiness of lots, works in place and to come, what blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.analysis.progress import RULE, serviced_land
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.schema import COMPUTED, TABLES
from kcngeo.ledger import Project, Snapshot
from kcngeo.ledger.tables import Tables
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.render import Features, Group, Telling, facts_of, layered_map
from kcngeo.standards import ReadinessRule, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

_NO_BELT = theme.LAYER_COLORS["no_belt"]
_IN_PLACE, _TO_COME = theme.LAYER_COLORS["site"], theme.LAYER_COLORS["conflict"]


def step_map(
    project: Project | Snapshot,
    lots: gpd.GeoDataFrame,
    blocking: gpd.GeoDataFrame | None = None,
    *,
    on: Day,
    belt: gpd.GeoDataFrame | None = None,
    rule: ReadinessRule | None = None,
    language: str = "vi",
) -> OfflineMap:
    """Draw how ready every lot is, which works are in place, and which uncleared lots block most.

    Lots have the colour and the digit of their level of readiness; a click tells what keeps a lot
    from the next level and what nobody recorded. Solid green lines are works in place, dotted red
    ones works that were not done on the day. The list ranks the uncleared lots by the land that
    would lie together once they are cleared. The rule of the levels, and how well it is verified,
    stand on the page; the panel of a zone tells its serviced land and its green belt.

    Parameters
    ----------
    project
        The tables; the works on record are drawn.
    lots
        Result of :func:`kcngeo.progress.readiness` for the same day.
    blocking
        ``blocking`` of :func:`kcngeo.progress.clearance_progress` for the same day; None for no
        list.
    on
        The day.
    belt
        Result of :func:`kcngeo.balance.green_belt` for the same day; None for no belt.
    rule
        The rule the levels were computed by; None for the one that comes with the library.
    language
        Language shown first, "vi" or "en"; the page has a switch.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.

    Raises
    ------
    CRSError
        If a layer is in another CRS than the zones.
    """
    require_same_crs(zones=project.zones, lots=lots)
    levels = load(RULE) if rule is None else rule

    def tell(language: str) -> Telling:
        return _tell(project, lots, blocking, belt, on=on, rule=levels, language=language)

    return layered_map(project, tell, on=on, language=language, words="step_map")


def _tell(
    project: Tables,
    lots: gpd.GeoDataFrame,
    blocking: gpd.GeoDataFrame | None,
    belt: gpd.GeoDataFrame | None,
    *,
    on: Day,
    rule: ReadinessRule,
    language: str,
) -> Telling:
    def say(key: str, **words: object) -> str:
        return theme.text(f"step_map.{key}", language=language, **words)

    groups: list[Group] = []
    features: list[Features] = []
    for level, color in enumerate(theme.LEVEL_COLORS):
        mine = lots[lots["level"] == level].reset_index()
        label = _level(level, rule, language=language)
        groups.append(Group(label=label, color=color, mark=str(level)))
        rows = mine.to_dict("records")
        features.append(
            Features(
                group=level,
                layer=mine,
                names=mine["parcel_id"].tolist(),
                facts=[facts_of(row, COMPUTED["readiness"], language=language) for row in rows],
                notes=[_lot_notes(row, language=language) for row in rows],
                area_ha=mine["area_ha"].tolist(),
            )
        )
    if project.works is not None:
        _add_works(project.works, groups, features, on=on, language=language)
    if belt is not None:
        _add_belt(belt, groups, features, language=language)
    if blocking is not None:
        ranked = blocking.reset_index()
        rows = ranked.to_dict("records")
        color = theme.LAYER_COLORS["lot"]
        # The level of the lot already stands there.
        groups.append(Group(label=say("blocking"), color=color, style="outline", mark=""))
        features.append(
            Features(
                group=len(groups) - 1,
                layer=ranked,
                names=ranked["parcel_id"].tolist(),
                facts=[facts_of(row, COMPUTED["blocking"], language=language) for row in rows],
                notes=[[]] * len(rows),
                area_ha=ranked["own_ha"].tolist(),
                listed=[
                    say(
                        "headline",
                        area=theme.number(row["unlocked_ha"], language=language),
                        own=theme.number(row["own_ha"], language=language),
                    )
                    for row in rows
                ],
            )
        )
    verified = theme.text(f"verified.{rule.verified}", language=language)
    notes = (say("own_rule", title=rule.title[language], verified=verified), say("not_known"))
    facts = _facts(lots, belt, rule, language=language)
    return Telling(groups=groups, features=features, notes=notes, zone_facts=facts)


def _level(level: int, rule: ReadinessRule, *, language: str) -> str:
    """Name a level; one of a user's own rule by what it needs."""
    if rule.levels == load(RULE).levels:
        return theme.text(f"step_map.level_{level}", language=language)
    if level == 0:
        return theme.text("step_map.level_none", language=language)
    what = ", ".join(_test(code, language=language) for code in rule.levels[level - 1])
    return theme.text("step_map.level_of", language=language, level=level, what=what)


def _facts(
    lots: gpd.GeoDataFrame, belt: gpd.GeoDataFrame | None, rule: ReadinessRule, *, language: str
) -> dict[str, list[str]]:
    """Say of each zone how much is serviced, and how much of its fence has a belt."""
    facts: dict[str, list[str]] = {}
    land = serviced_land(lots, rule=rule)
    sums = land[land["is_serviced"]].groupby("zone_id")[["area_ha", "vacant_ha"]].sum()
    for zone_id, row in sums.iterrows():
        area, vacant = (theme.number(row[name], language=language) for name in sums.columns)
        fields = {"level": rule.serviced_from, "area": area, "vacant": vacant}
        said = theme.text("step_map.zone_serviced", language=language, **fields)
        facts.setdefault(str(zone_id), []).append(said)
    for zone_id, row in () if belt is None else belt.iterrows():
        fields = {
            "width": f"{row['width_m']:g}",
            "share": theme.percent(row["belt_share"], language=language),
        }
        key = "zone_belt_own" if pd.isna(row["verified"]) else "zone_belt"
        if key == "zone_belt":
            fields["verified"] = theme.text(f"verified.{row['verified']}", language=language)
        said = theme.text(f"step_map.{key}", language=language, **fields)
        facts.setdefault(str(zone_id), []).append(said)
    return facts


def _add_belt(
    belt: gpd.GeoDataFrame, groups: list[Group], features: list[Features], *, language: str
) -> None:
    """Add the stretches of fence that lack a belt."""
    gaps = belt[belt["gap_m"] > 0].reset_index()
    label = theme.text("step_map.no_belt", language=language)
    groups.append(Group(label=label, color=_NO_BELT, style="solid"))
    features.append(
        Features(
            group=len(groups) - 1,
            layer=gaps,
            names=[
                theme.text("step_map.no_belt_row", language=language, zone=zone_id)
                for zone_id in gaps["zone_id"]
            ],
            facts=[
                facts_of(row, COMPUTED["green_belt"], language=language)
                for row in gaps.to_dict("records")
            ],
            notes=[[]] * len(gaps),
        )
    )


def _add_works(
    works: gpd.GeoDataFrame,
    groups: list[Group],
    features: list[Features],
    *,
    on: Day,
    language: str,
) -> None:
    """Add works as lines and areas, those in place apart from those to come."""
    table = works.sort_values("work_id", ignore_index=True)
    if "done_on" not in table.columns:
        table["done_on"] = pd.NaT
    done = table["done_on"].astype("datetime64[s]") <= day(on)
    dimensions = shapely.get_dimensions(table.geometry.to_numpy())
    for is_done, key, color in ((True, "in_place", _IN_PLACE), (False, "to_come", _TO_COME)):
        for style, kinds in (("line", (1,)), ("outline", (2,)), ("point", (0,))):
            mine = table[(done == is_done).to_numpy() & pd.Series(dimensions).isin(kinds)]
            if mine.empty:
                continue
            label = theme.text(f"step_map.{key}_{style}", language=language)
            drawn = "solid" if style == "line" and is_done else style
            groups.append(Group(label=label, color=color, style=drawn))
            rows = mine.to_dict("records")
            kind = [
                theme.choice(row["kind"], name="kind", layer="works", language=language)
                for row in rows
            ]
            features.append(
                Features(
                    group=len(groups) - 1,
                    layer=mine,
                    names=[
                        f"{row['work_id']} · {word}" for row, word in zip(rows, kind, strict=True)
                    ],
                    facts=[facts_of(row, TABLES["works"], language=language) for row in rows],
                    notes=[[]] * len(rows),
                )
            )


def _lot_notes(row: Mapping[Any, Any], *, language: str) -> list[str]:
    notes = []
    for column in ("lacks", "unknown"):
        codes = row[column]
        if isinstance(codes, str) and codes:
            what = ", ".join(_test(code, language=language) for code in codes.split("|"))
            notes.append(theme.text(f"step_map.{column}", language=language, what=what))
    return notes


def _test(code: str, *, language: str) -> str:
    known = f"component.{code}" in theme.table()
    if known:
        return theme.text(f"component.{code}", language=language)
    return theme.choice(code, name="kind", layer="works", language=language)
