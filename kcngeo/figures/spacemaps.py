"""Maps of space on paper: who stands too near to what, and where there is a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, in_force
from kcngeo.figures.around import lots_by_use, shapes_of
from kcngeo.figures.content import Layer, Numbered
from kcngeo.figures.render import draw_day, of_zone
from kcngeo.ledger import Project, Snapshot, known
from kcngeo.ledger.tables import Tables
from kcngeo.standards import SHIPPED, Registry, registry
from kcngeo.theme import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from matplotlib.figure import Figure

_MARKERS = {"emitters": "^", "receptors": "s"}


def conflict_map(
    project: Project | Snapshot,
    conflicts: gpd.GeoDataFrame,
    *,
    on: Day,
    language: str,
    rules: Registry | None = None,
    zone_id: str | None = None,
    credit: str = "",
) -> Figure:
    """Draw who stands too near to what, with a numbered list of conflicts, for print.

    The twin of :func:`kcngeo.maps.conflict_map`. A dotted line joins each emitter to the nearest
    point of the receptor; cross-hatched red is the part of the receptor that lies too near. No
    line means no conflict, or no knowledge: emitters no distance could be told for are named under
    the map.

    Parameters
    ----------
    project
        The tables; emitters and receptors of the day are drawn.
    conflicts
        Result of :func:`kcngeo.conflicts.buffer_conflicts` for the same day.
    on
        The day.
    language
        "vi" or "en".
    rules
        The registry the conflicts follow, for sources in the language; None for the one that comes
        with the library.
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
        If the conflicts are in another CRS than the zones.
    KcngeoError
        If the zone has no lots on the day, or there are more than a sheet can show.
    """
    project = known(project)
    require_same_crs(zones=project.zones, conflicts=conflicts)
    conflicts = of_zone(conflicts, zone_id)
    found = conflicts[(conflicts["state"] == "conflict").to_numpy()]
    found = found.sort_values(["margin_m", "emitter_id"], ignore_index=True)
    lines = _nearest_ways(project, found)
    listed = [
        Numbered(shape=line, words=_conflict_words(row, language=language))
        for line, row in zip(lines, found.to_dict("records"), strict=True)
    ]
    section = text("layers_map.legend", language=language)
    red = theme.LAYER_COLORS["conflict"]
    near = found[~(found.geometry.is_empty | found.geometry.isna())]
    layers = [
        Layer(
            name="too_near",
            label=text("conflict_map.too_near", language=language),
            shapes=shapes_of(near),
            color=red,
            section=section,
            area_ha=near["overlap_ha"],
            framing=True,
        ),
        Layer(
            name="conflict",
            label=text("conflict_map.conflict", language=language),
            shapes=lines,
            color=theme.INK,
            style="dotted",
            section=section,
            framing=True,
        ),
    ]
    kinds = [
        layer
        for table in ("receptors", "emitters")
        for layer in _kinds(project, table, on=on, language=language)
    ]
    unrated = sorted(set(conflicts.loc[(conflicts["state"] == "unrated").to_numpy(), "emitter_id"]))
    notes = rule_sources(found, rules or registry(), language=language)
    notes += [text("conflict_map.twice", language=language)] if len(near) else []
    if unrated:
        words = {"count": len(unrated), "ids": unrated}
        notes.append(text("conflict_map.unrated", language=language, **words))
    title = text("figures.conflicts_found", language=language, count=len(found))
    return draw_day(
        project,
        "conflict_map",
        title,
        [*lots_by_use(project, on=on, language=language), *kinds, *layers],
        listed,
        notes=[*notes, credit],
        on=on,
        zone_id=zone_id,
        language=language,
    )


def site_map(
    project: Project | Snapshot,
    land: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    on: Day,
    language: str,
    encumbrances: gpd.GeoDataFrame | None = None,
    wishes: str = "",
    zone_id: str | None = None,
    credit: str = "",
) -> Figure:
    """Draw the sites that meet the wishes, and the land that falls out with its reasons, for print.

    The twin of :func:`kcngeo.maps.site_map`.

    Parameters
    ----------
    project
        The tables.
    land
        Developable land of the day.
    sites
        Result of :func:`kcngeo.sites.find_sites` on it, best with ``rejected=True``; land in no row
        of it is drawn as developable land without a number.
    on
        The day.
    language
        "vi" or "en".
    encumbrances
        What was taken off, to be drawn as outlines; None to leave it out.
    wishes
        What was asked of a site, in words, for example "≥ 8 ha"; it stands beside the date.
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
        If the layers disagree in CRS.
    KcngeoError
        If the zone has no lots on the day, or there are more than a sheet can show.
    """
    project = known(project)
    require_same_crs(zones=project.zones, land=land, sites=sites)
    land, sites = of_zone(land, zone_id), of_zone(sites, zone_id)
    section = text("layers_map.legend", language=language)
    fails = sites.get("fails")
    passes = np.ones(len(sites), dtype=bool) if fails is None else ~fails.fillna("").astype(bool)
    good, rest = sites[np.asarray(passes)], sites[~np.asarray(passes)]
    if fails is None:
        taken = {name for lots in sites["parcel_ids"] for name in lots.split("|")}
        rest = land[~land["parcel_id"].isin(taken).to_numpy()]
    layers = [
        _site_layer("site", good, theme.LAYER_COLORS["site"], section, language=language),
        _site_layer("rest", rest, theme.LAYER_COLORS["developable"], section, language=language),
    ]
    if encumbrances is not None and len(encumbrances):
        require_same_crs(zones=project.zones, encumbrances=encumbrances)
        layers.append(
            Layer(
                name="encumbered",
                label=text("site_map.encumbered", language=language),
                shapes=shapes_of(encumbrances),
                color=theme.LAYER_COLORS["encumbered_edge"],
                style="outline",
                section=section,
                width=1.0,
            )
        )
    listed = [
        Numbered(shape=shape, words=_site_words(row, language=language))
        for part in (good, rest)
        if "width_m" in part.columns
        for shape, row in zip(shapes_of(part), part.to_dict("records"), strict=True)
    ]
    area = theme.number(float(good["area_ha"].sum()), language=language)
    key = "sites_found" if len(good) else "no_sites"
    title = text(f"figures.{key}", language=language, count=len(good), area=area)
    return draw_day(
        project,
        "site_map",
        title,
        [*lots_by_use(project, on=on, language=language), *layers],
        listed,
        notes=[credit],
        on=on,
        beside=wishes,
        zone_id=zone_id,
        language=language,
    )


def _kinds(project: Tables, table: str, *, on: Day, language: str) -> list[Layer]:
    """Give a layer for every kind of emitters or receptors that is there on the day."""
    frame = getattr(project, table)
    if frame is None:
        return []
    layers = []
    for kind, mine in in_force(frame, on).groupby("kind"):
        color = theme.KIND_COLORS[table].get(str(kind), theme.LAYER_COLORS["other"])
        is_point = bool((mine.geometry.area == 0).all())
        layers.append(
            Layer(
                name=f"{table}.{kind}",
                label=theme.choice(str(kind), name="kind", language=language, layer=table),
                shapes=shapes_of(mine),
                color=color,
                style="point" if is_point else "area",
                marker=_MARKERS[table],
                section=theme.table_title(table, language=language),
                area_ha=None if is_point else mine.geometry.area / 10_000,
            )
        )
    return layers


def rule_sources(found: pd.DataFrame, rules: Registry, *, language: str) -> list[str]:
    """Cite every rule that is broken once; a user's own rule with the file it stands in.

    Parameters
    ----------
    found
        Conflicts.
    rules
        The registry they follow.
    language
        "vi" or "en".

    Returns
    -------
    list[str]
        Id, source and how well it is verified, by id.
    """
    broken = found.drop_duplicates(["rule_id", "source"]).sort_values("rule_id")
    cited = []
    for row in broken.to_dict("records"):
        rule = rules.entries.get(row["rule_id"])
        # A registry that says something else is another one: then the row knows best.
        source = row["source"]
        if rule is not None and rule.source == source:
            source = rule.cited(language)
        verified = text(f"conflicts.{row['verified']}", language=language)
        whose = "" if row["rule_origin"] == SHIPPED else f" [{row['rule_origin']}]"
        said = text("conflict_map.source", language=language, source=source, verified=verified)
        cited.append(f"{row['rule_id']}{whose}: {said}")
    return cited


def _nearest_ways(project: Tables, found: gpd.GeoDataFrame) -> Any:
    """Join each emitter to the nearest point of its receptor."""
    if found.empty or project.emitters is None or project.receptors is None:
        return np.array([], dtype=object)
    ours = project.emitters.drop_duplicates("emitter_id", keep="last").set_index("emitter_id")
    theirs = project.receptors.drop_duplicates("receptor_id", keep="last").set_index("receptor_id")
    lines = shapely.shortest_line(
        ours.geometry.reindex(found["emitter_id"]).to_numpy(),
        theirs.geometry.reindex(found["receptor_id"]).to_numpy(),
    )
    return np.array(lines, dtype=object)


def _conflict_words(row: Mapping[Any, Any], *, language: str) -> str:
    def metres(value: float) -> str:
        return theme.number(value, language=language, decimals=1)

    name = row["receptor_name"]
    said = text(
        "conflict_map.headline",
        language=language,
        receptor=name if isinstance(name, str) else row["receptor_id"],
        distance=metres(row["distance_m"]),
        required=metres(row["required_m"]),
    )
    verified = text(f"conflicts.{row['verified']}", language=language)
    return f"{row['emitter_id']} → {said} ({row['rule_id']}, {verified})"


def _site_layer(
    name: str, frame: gpd.GeoDataFrame, color: str, section: str, *, language: str
) -> Layer:
    return Layer(
        name=name,
        label=text(f"site_map.{name}", language=language),
        shapes=shapes_of(frame),
        color=color,
        section=section,
        area_ha=frame["area_ha"],
        framing=True,
    )


def _site_words(row: Mapping[Any, Any], *, language: str) -> str:
    said = text(
        "site_map.headline",
        language=language,
        area=theme.number(row["area_ha"], language=language),
        width=theme.number(row["width_m"], language=language, decimals=0),
        lots=row["lots_count"],
    )
    fails = row.get("fails")
    reasons = fails.split("|") if isinstance(fails, str) and fails else []
    return " · ".join([said, *(theme.site_reason(one, language=language) for one in reasons)])
