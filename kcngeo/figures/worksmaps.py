"""Maps on paper of development in step, and of what a check found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.analysis.progress import RULE
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.model import Severity
from kcngeo.figures.around import lots_by_use, shapes_of
from kcngeo.figures.content import Layer, Numbered
from kcngeo.figures.render import draw_day, of_zone
from kcngeo.ledger import Project, Snapshot
from kcngeo.ledger.tables import Tables
from kcngeo.standards import ReadinessRule, load
from kcngeo.theme import text

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

    from kcngeo.analysis.quality import QualityReport

_MARKERS = {Severity.ERROR: "^", Severity.WARNING: "s", Severity.NOTE: "o"}
_IN_PLACE, _TO_COME = theme.LAYER_COLORS["site"], theme.LAYER_COLORS["conflict"]
_STYLES = {"line": 1, "outline": 2, "point": 0}


def step_map(
    project: Project | Snapshot,
    lots: gpd.GeoDataFrame,
    blocking: gpd.GeoDataFrame | None = None,
    *,
    on: Day,
    language: str,
    rule: ReadinessRule | None = None,
    zone_id: str | None = None,
    credit: str = "",
) -> Figure:
    """Draw how ready every lot is, which works are in place, and which lots block most, for print.

    The twin of :func:`kcngeo.maps.step_map`. Every lot carries the digit of its level, so that it
    can be read in black and white; works in place are whole lines, works to come dashed.

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
    language
        "vi" or "en".
    rule
        The rule the levels were computed by; None for the one that comes with the library.
    zone_id
        The zone to draw; None for a panel each.
    credit
        Whom data of others ask to be named, for example "© OpenStreetMap contributors".

    Returns
    -------
    Figure
        The map.

    Raises
    ------
    CRSError
        If a layer is in another CRS than the zones.
    KcngeoError
        If the zone has no lots on the day, or there are more than a sheet can show.
    """
    require_same_crs(zones=project.zones, lots=lots)
    lots = of_zone(lots, zone_id)
    levels = load(RULE) if rule is None else rule
    section = text("figures.readiness", language=language)
    layers = [*_green_and_roads(project, on=on, language=language)]
    for level, color in enumerate(theme.LEVEL_COLORS):
        mine = lots[(lots["level"] == level).to_numpy()]
        layers.append(
            Layer(
                name=f"level.{level}",
                label=_level(level, levels, language=language),
                shapes=shapes_of(mine),
                color=color,
                section=section,
                area_ha=mine["area_ha"],
                letters=[str(level)] * len(mine),
                framing=True,
            )
        )
    if project.works is not None:
        layers += _works(project.works, on=on, language=language)
    listed = []
    if blocking is not None:
        ranked = of_zone(blocking, zone_id)
        shapes = shapes_of(ranked)
        layers.append(
            Layer(
                name="blocking",
                label=text("step_map.blocking", language=language),
                shapes=shapes,
                color=theme.INK,
                style="outline",
                section=section,
                area_ha=ranked["own_ha"],
            )
        )
        rows = ranked.reset_index().to_dict("records")
        listed = [
            Numbered(shape=shape, words=_blocking_words(row, language=language))
            for shape, row in zip(shapes, rows, strict=True)
        ]
    ready = float(lots.loc[lots["level"] >= len(theme.LEVEL_COLORS) - 2, "area_ha"].sum())
    title = text(
        "figures.ready_lots",
        language=language,
        ready=theme.number(ready, language=language),
        all=theme.number(float(lots["area_ha"].sum()), language=language),
    )
    verified = text(f"verified.{levels.verified}", language=language)
    notes = [
        text(
            "step_map.own_rule", language=language, title=levels.title[language], verified=verified
        ),
        text("step_map.not_known", language=language),
    ]
    return draw_day(
        project, "step_map", title, layers, listed, notes=[*notes, credit], on=on, zone_id=zone_id,
        language=language,
    )  # fmt: skip


def findings_map(
    report: QualityReport,
    project: Project | Snapshot,
    *,
    on: Day,
    language: str,
    zone_id: str | None = None,
    credit: str = "",
) -> Figure:
    """Draw where the findings of a check lie, errors first in the numbered list, for print.

    The twin of :func:`kcngeo.maps.findings_map`.

    Parameters
    ----------
    report
        Result of :func:`kcngeo.quality.check`.
    project
        The tables that were checked.
    on
        The day whose zones and lots are drawn.
    language
        "vi" or "en".
    zone_id
        The zone to draw; None for a panel each.
    credit
        Whom data of others ask to be named, for example "© OpenStreetMap contributors".

    Returns
    -------
    Figure
        The map; findings without a place are counted in the list.

    Raises
    ------
    KcngeoError
        If the zone has no lots on the day, or there are more than a sheet can show.
    """
    found = of_zone(report.told(language), zone_id)
    section = text("layers_map.legend", language=language)
    shapes = shapes_of(found)
    severities = found["severity"].astype("str").to_numpy()
    # What is narrower than a pen is not seen: such places get a mark besides.
    layers: list[Layer] = []
    for severity in Severity:
        mine = shapes[severities == str(severity)]
        color = theme.SEVERITY_COLORS[severity]
        label = text(f"severity.{severity}", language=language)
        marks = shapely.point_on_surface(mine[~shapely.is_empty(mine)])
        areas = Layer(name=f"{severity}.area", label="", shapes=mine, color=color)
        layers += [
            areas,
            Layer(
                name=f"{severity}.mark",
                label=label.capitalize(),
                shapes=np.array(marks, dtype=object),
                color=color,
                style="point",
                marker=_MARKERS[severity],
                section=section,
            ),
        ]
    # Errors lie on top.
    layers = layers[::-1]
    listed = [
        Numbered(shape=shape, words=message)
        for shape, message in zip(shapes, found["message"].astype("str"), strict=True)
    ]
    counts = {one: int((severities == str(one)).sum()) for one in Severity}
    title = text(
        "figures.findings",
        language=language,
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        notes=counts[Severity.NOTE],
    )
    return draw_day(
        project,
        "findings_map",
        title,
        [*lots_by_use(project, on=on, language=language), *layers],
        listed,
        notes=[report.headline(language) if report.skipped else "", credit],
        on=on,
        zone_id=zone_id,
        language=language,
    )


def _level(level: int, rule: ReadinessRule, *, language: str) -> str:
    """Name a level; one of a user's own rule by its number alone."""
    if rule.levels == load(RULE).levels:
        return text(f"step_map.level_{level}", language=language)
    return text("figures.level", language=language, level=level)


def _green_and_roads(project: Tables, *, on: Day, language: str) -> list[Layer]:
    """Give the lots below, without a line in the legend: it tells of readiness."""
    return [
        Layer(name=one.name, label="", shapes=one.shapes, color=one.color)
        for one in lots_by_use(project, on=on, language=language)
    ]


def _works(works: gpd.GeoDataFrame, *, on: Day, language: str) -> list[Layer]:
    """Give works as lines, areas and points, those in place apart from those to come."""
    table = works.sort_values("work_id", ignore_index=True)
    done = (table["done_on"].astype("datetime64[s]") <= day(on)).to_numpy()
    dimensions = shapely.get_dimensions(shapes_of(table))
    section = theme.table_title("works", language=language)
    layers = []
    for is_done, key, color in ((True, "in_place", _IN_PLACE), (False, "to_come", _TO_COME)):
        for style, dimension in _STYLES.items():
            mine = table[(done == is_done) & (dimensions == dimension)]
            drawn = "dashed" if style == "line" and not is_done else style
            layers.append(
                Layer(
                    name=f"{key}.{style}",
                    label=text(f"step_map.{key}_{style}", language=language),
                    shapes=shapes_of(mine),
                    color=color,
                    style=drawn,
                    section=section,
                    marker="o" if is_done else "D",
                )
            )
    return layers


def _blocking_words(row: Mapping[Any, Any], *, language: str) -> str:
    said = text(
        "step_map.headline",
        language=language,
        area=theme.number(row["unlocked_ha"], language=language),
        own=theme.number(row["own_ha"], language=language),
    )
    due = row.get("due_on")
    if isinstance(due, pd.Timestamp) and pd.notna(due):
        said += f" · {theme.date(due, language=language)}"
    return f"{row['parcel_id']}: {said}"
