"""Development in step: how ready every parcel is, works in place and to come, what blocks most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.analysis.progress import RULE, serviced_land
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.labels import candidates
from kcngeo.cartography.layers import (
    as_drawn,
    called,
    choice,
    context_of,
    name_of,
    parcels_by_use,
    title,
    zones_on,
)
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import Words, joined, number, percent, same, say, text
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.schema import COMPUTED, LAYERS, TABLES, Names
from kcngeo.report import is_synthetic
from kcngeo.standards import ReadinessRule, load, registry

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot
    from kcngeo.ledger.tables import Tables

# Of works by the dimension of their shape: how they are told, and how they are drawn when they are
# in place and when they are to come.
_FORMS = (("point", "point", "point"), ("line", "line", "dashed"), ("outline",) * 3)
_READY_FROM = len(theme.LEVEL_COLORS) - 2


def readiness(
    project: Project | Snapshot | Tables,
    parcels: gpd.GeoDataFrame,
    blocking: gpd.GeoDataFrame | None = None,
    *,
    on: Day,
    belt: gpd.GeoDataFrame | None = None,
    rule: ReadinessRule | None = None,
) -> MapSpec:
    """Show how ready every parcel is, which works are in place, and what blocks most land.

    Parcels have the colour and the digit of their level; notes tell what keeps one from the next
    level and what nobody recorded. Whole lines are works in place, dashed ones works that were not
    done on the day. The numbered list ranks the uncleared parcels by the land that would lie
    together once they are cleared. Stretches of the boundary without a wide enough green belt are
    drawn along it.

    Parameters
    ----------
    project
        The tables; of a project what is known now; the works on record are shown.
    parcels
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

    Returns
    -------
    MapSpec
        The map.

    Raises
    ------
    CRSError
        If a layer is in another CRS than the zones.

    Examples
    --------
    A road is done, power is half done: no parcel is serviced, and A-3 is not cleared.

    >>> import kcngeo as kcn
    >>> squares = kcn.examples.squares()
    >>> levels = kcn.progress.readiness(squares, on="2018-03-31")
    >>> spec = readiness(squares, levels, on="2018-03-31")
    >>> spec.headline["en"]
    '0.00 of 6.00 ha are at level 4 or 5'
    """
    project = as_drawn(project)
    require_same_crs(zones=project.zones, lots=parcels)
    levels = load(RULE) if rule is None else rule
    # Lowest first: levels, then works, the boundary without a belt, what blocks.
    names = called(project, rules=registry(), on=on)
    layers = [_levels(parcels, levels, names)]
    layers += [] if project.works is None else [_works(project.works, on=on)]
    layers += [] if belt is None else [_belt(belt)]
    layers += [] if blocking is None else [_blocking(blocking, names)]
    verified = text(f"verified.{levels.verified}")
    return MapSpec(
        theme="readiness",
        title=text("step_map.title"),
        headline=_headline(parcels),
        zone_headlines={
            str(zone_id): _headline(some) for zone_id, some in parcels.groupby("zone_id")
        },
        on=day(on).date(),
        zones=zones_on(project, on=on),
        ground=parcels_by_use(project, on=on),
        context=context_of(project),
        basemap=basemap_of(project),
        layers=tuple(layers),
        notes=(
            text("step_map.own_rule", title=levels.title, verified=verified),
            text("step_map.not_known"),
        ),
        zone_facts=_zone_facts(parcels, belt, levels),
        list_title=text("step_map.list"),
        list_empty=text("step_map.list_empty"),
        is_synthetic=is_synthetic(project),
    )


def _headline(parcels: gpd.GeoDataFrame) -> Words:
    ready = float(parcels.loc[parcels["level"] >= _READY_FROM, "area_ha"].sum())
    whole = float(parcels["area_ha"].sum())
    return text("figures.ready_lots", ready=number(ready), all=number(whole))


def _levels(parcels: gpd.GeoDataFrame, rule: ReadinessRule, names: Mapping[str, Names]) -> MapLayer:
    frame = parcels.reset_index().assign(level=parcels["level"].to_numpy())
    digits = frame["level"].astype("str").tolist()
    frame = frame.drop(columns="index", errors="ignore")
    return MapLayer(
        name="readiness",
        title=text("figures.readiness"),
        frame=frame,
        column="level",
        classes=tuple(
            MapClass(value=str(level), label=level_words(level, rule), color=color, mark=str(level))
            for level, color in enumerate(theme.LEVEL_COLORS)
        ),
        told=[
            Told(name=_lot(row, names), notes=tuple(_notes(row)))
            for row in frame.to_dict("records")
        ],
        contract=LAYERS["readiness"],
        area="area_ha",
        labels=candidates(frame, digits),
        is_framing=True,
    )


def level_words(level: int, rule: ReadinessRule) -> Words:
    """Name a level; one of a user's own rule by what it needs."""
    if rule.levels == load(RULE).levels:
        return text(f"step_map.level_{level}")
    if level == 0:
        return text("step_map.level_none")
    return text("step_map.level_of", level=level, what=_tests(rule.levels[level - 1]))


def _tests(codes: Any) -> Words:
    """Name what a level asks for."""

    def said(code: str, language: str) -> str:
        if f"component.{code}" in theme.table():
            return theme.text(f"component.{code}", language=language)
        return theme.choice(code, name="kind", layer="works", language=language)

    return say(lambda language: ", ".join(said(code, language) for code in codes))


def _notes(row: Mapping[Any, Any]) -> list[Words]:
    """Say what a parcel lacks, and what nobody recorded."""
    return [
        text(f"step_map.{column}", what=_tests(row[column].split("|")))
        for column in ("lacks", "unknown")
        if isinstance(row[column], str) and row[column]
    ]


def _works(works: gpd.GeoDataFrame, *, on: Day) -> MapLayer:
    """Show works as lines, areas and points, those in place apart from those to come."""
    frame = works.sort_values("work_id", ignore_index=True)
    done_on = frame.get("done_on", pd.Series(pd.NaT, index=frame.index))
    # Works without a day of completion are to come, whatever their progress.
    done = (done_on.astype("datetime64[s]") <= day(on)).to_numpy()
    dimensions = shapely.get_dimensions(frame.geometry.to_numpy())
    progress = [
        f"{'in_place' if is_done else 'to_come'}_{_FORMS[at][0]}" if at >= 0 else ""
        for is_done, at in zip(done, dimensions, strict=True)
    ]
    frame = frame.assign(progress=pd.Series(progress, index=frame.index, dtype="str"))
    classes = [
        MapClass(
            value=f"{key}_{form}",
            label=text(f"step_map.{key}_{form}"),
            color=theme.LAYER_COLORS["site" if key == "in_place" else "conflict"],
            symbol=drawn[key == "to_come"],
            marker="o" if key == "in_place" else "D",
        )
        for key in ("in_place", "to_come")
        for form, *drawn in (_FORMS[1], _FORMS[2], _FORMS[0])
        if f"{key}_{form}" in progress
    ]
    told = [
        Told(name=joined([same(str(work)), choice(str(kind), name="kind", layer="works")]))
        for work, kind in zip(frame["work_id"], frame["kind"], strict=True)
    ]
    return MapLayer(
        name="works_on_day",
        title=title("works"),
        frame=frame,
        column="progress",
        classes=tuple(classes),
        told=told,
        contract=TABLES["works"],
    )


def _belt(belt: gpd.GeoDataFrame) -> MapLayer:
    """Show the stretches of boundary that lack a belt."""
    gaps = belt[(belt["gap_m"] > 0).to_numpy()].reset_index()
    label, color = text("step_map.no_belt"), theme.LAYER_COLORS["no_belt"]
    shown = MapClass(value=None, label=label, color=color, symbol="line", width_mm=0.9)
    return MapLayer(
        name="green_belt_gaps",
        title=label,
        frame=gaps,
        classes=(shown,),
        told=[Told(name=text("step_map.no_belt_row", zone=zone_id)) for zone_id in gaps["zone_id"]],
        contract=COMPUTED["green_belt"],
    )


def _blocking(blocking: gpd.GeoDataFrame, names: Mapping[str, Names]) -> MapLayer:
    """Show the uncleared parcels, those first whose clearance joins most land."""
    frame = blocking.reset_index()
    told = list(numbered([_blocking_told(row, names) for row in frame.to_dict("records")]))
    numbers = np.array([one.number for one in told], dtype="int64")
    label = text("step_map.blocking")
    # The level of the parcel already stands there.
    shown = MapClass(
        value=None, label=label, color=theme.LAYER_COLORS["lot"], symbol="outline", mark=""
    )
    return MapLayer(
        name="blocking",
        title=label,
        frame=frame.assign(number=pd.array(numbers, dtype="Int64")),
        classes=(shown,),
        told=told,
        contract=COMPUTED["blocking"],
        area="own_ha",
    )


def _blocking_told(row: Mapping[Any, Any], names: Mapping[str, Names]) -> Told:
    headline = text("step_map.headline", area=number(row["unlocked_ha"]), own=number(row["own_ha"]))
    due = row.get("due_on")
    parts = [headline]
    if isinstance(due, pd.Timestamp) and pd.notna(due):
        parts.append(say(lambda language: theme.date(due, language=language)))
    return Told(name=_lot(row, names), entry=joined(parts))


def _lot(row: Mapping[Any, Any], names: Mapping[str, Names]) -> Words:
    return name_of(names, "parcels", str(row["parcel_id"]))


def _zone_facts(
    parcels: gpd.GeoDataFrame, belt: gpd.GeoDataFrame | None, rule: ReadinessRule
) -> dict[str, tuple[Words, ...]]:
    """Say of each zone how much is serviced, and how much of its boundary has a belt."""
    facts: dict[str, list[Words]] = {}
    land = serviced_land(parcels, rule=rule)
    sums = land[land["is_serviced"]].groupby("zone_id")[["area_ha", "vacant_ha"]].sum()
    for zone_id, row in sums.iterrows():
        area, vacant = (number(row[name]) for name in sums.columns)
        said = text("step_map.zone_serviced", level=rule.serviced_from, area=area, vacant=vacant)
        facts.setdefault(str(zone_id), []).append(said)
    for zone_id, row in () if belt is None else belt.iterrows():
        fields: dict[str, object] = {
            "width": f"{row['width_m']:g}",
            "share": percent(row["belt_share"]),
        }
        key = "zone_belt_own" if pd.isna(row["verified"]) else "zone_belt"
        if key == "zone_belt":
            fields["verified"] = text(f"verified.{row['verified']}")
        facts.setdefault(str(zone_id), []).append(text(f"step_map.{key}", **fields))
    return {zone_id: tuple(said) for zone_id, said in facts.items()}
