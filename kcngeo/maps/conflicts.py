"""The map of conflicts: emitters, receptors, what is too near, and the rule beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from kcngeo import theme
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, in_force
from kcngeo.core.schema import COMPUTED, TABLES
from kcngeo.ledger import Project, Snapshot, known
from kcngeo.ledger.tables import Tables
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.render import Features, Group, Telling, facts_of, layered_map
from kcngeo.standards import SHIPPED, Registry, registry

if TYPE_CHECKING:
    from collections.abc import Mapping


def conflict_map(
    project: Project | Snapshot,
    conflicts: gpd.GeoDataFrame,
    *,
    on: Day,
    language: str = "vi",
    rules: Registry | None = None,
) -> OfflineMap:
    """Draw who stands too near to what, with rule, figures and source.

    A dotted line joins each emitter to the nearest point of the receptor; red is the part of the
    receptor that lies too near. Emitters no distance could be told for are drawn like the others
    and named under the legend: no line means no conflict, or no knowledge.

    Parameters
    ----------
    project
        The tables; emitters and receptors of the day are drawn.
    conflicts
        Result of :func:`kcngeo.conflicts.buffer_conflicts` for the same day.
    on
        The day.
    language
        Language shown first, "vi" or "en"; the page has a switch.
    rules
        The registry the conflicts follow, for names and sources in both languages; what a user's
        own file overrides is named under the legend. None for the one that comes with the library.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.

    Raises
    ------
    CRSError
        If the conflicts are in another CRS than the zones.
    """
    project = known(project)
    require_same_crs(zones=project.zones, conflicts=conflicts)
    rules = rules or registry()
    found = conflicts[conflicts["state"] == "conflict"]
    found = found.sort_values(["margin_m", "emitter_id"], ignore_index=True)
    lines = _lines(project, found)
    unrated = sorted(set(conflicts.loc[conflicts["state"] == "unrated", "emitter_id"]))

    def tell(language: str) -> Telling:
        return _tell(project, found, lines, unrated, rules, on=on, language=language)

    return layered_map(project, tell, on=on, language=language, words="conflict_map")


def _tell(
    project: Tables,
    found: gpd.GeoDataFrame,
    lines: gpd.GeoDataFrame,
    unrated: list[str],
    rules: Registry,
    *,
    on: Day,
    language: str,
) -> Telling:
    groups: list[Group] = []
    features: list[Features] = []
    for table in ("receptors", "emitters"):
        _add_kinds(project, table, groups, features, on=on, language=language)
    near = found[~(found.geometry.is_empty | found.geometry.isna())]

    def say(key: str, **words: object) -> str:
        return theme.text(f"conflict_map.{key}", language=language, **words)

    color = theme.LAYER_COLORS["conflict"]
    groups += [
        Group(label=say("too_near"), color=color, style="outline"),
        Group(label=say("conflict"), color=color, style="line", mark=""),
    ]
    contract = COMPUTED["conflicts"]
    for place, layer in ((len(groups) - 2, near), (len(groups) - 1, lines)):
        rows = layer.to_dict("records")
        is_line = layer is lines
        features.append(
            Features(
                group=place,
                layer=layer,
                names=[_name(row) for row in rows],
                facts=[facts_of(_named(row, rules), contract, language=language) for row in rows],
                notes=[_notes(row, rules, language=language) for row in rows],
                area_ha=None if is_line else layer["overlap_ha"].tolist(),
                listed=[_headline(row, language=language) for row in rows] if is_line else None,
            )
        )
    remarks = [one.message(language) for one in rules.findings()]
    remarks += [say("unrated", count=len(unrated), ids=unrated)] if unrated else []
    remarks += [say("twice")] if len(near) else []
    return Telling(groups=groups, features=features, notes=remarks)


def _add_kinds(
    project: Tables,
    table: str,
    groups: list[Group],
    features: list[Features],
    *,
    on: Day,
    language: str,
) -> None:
    """Add a group for every kind of emitters or receptors that is there on the day."""
    frame = getattr(project, table)
    if frame is None:
        return
    frame = in_force(frame, on)
    for kind, mine in frame.groupby("kind"):
        label = theme.choice(str(kind), name="kind", language=language, layer=table)
        color = theme.KIND_COLORS[table].get(str(kind), theme.LAYER_COLORS["other"])
        is_point = bool((mine.geometry.area == 0).all())
        groups.append(Group(label=label, color=color, style="point" if is_point else "area"))
        rows = mine.to_dict("records")
        areas = (mine.geometry.area / 10_000).tolist()
        features.append(
            Features(
                group=len(groups) - 1,
                layer=mine,
                names=mine.iloc[:, mine.columns.get_loc(f"{table[:-1]}_id")].tolist(),
                facts=[facts_of(row, TABLES[table], language=language) for row in rows],
                notes=[[]] * len(rows),
                area_ha=None if is_point else areas,
            )
        )


def _lines(project: Tables, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join each emitter to the nearest point of its receptor."""
    if found.empty or project.emitters is None or project.receptors is None:
        return found.iloc[:0]
    ours = project.emitters.drop_duplicates("emitter_id", keep="last").set_index("emitter_id")
    theirs = project.receptors.drop_duplicates("receptor_id", keep="last").set_index("receptor_id")
    lines = shapely.shortest_line(
        ours.geometry.reindex(found["emitter_id"]).to_numpy(),
        theirs.geometry.reindex(found["receptor_id"]).to_numpy(),
    )
    return found.set_geometry(gpd.GeoSeries(lines, index=found.index, crs=found.crs))


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['emitter_id']} → {row['receptor_id']}"


def _headline(row: Mapping[str, Any], *, language: str) -> str:
    def metres(value: float) -> str:
        return theme.number(value, language=language, decimals=1)

    name = row["receptor_name"]
    return theme.text(
        "conflict_map.headline",
        language=language,
        receptor=name if isinstance(name, str) else row["receptor_id"],
        distance=metres(row["distance_m"]),
        required=metres(row["required_m"]),
    )


def _named(row: Mapping[str, Any], rules: Registry) -> dict[str, Any]:
    """Say beside the rule whose it is, if it is a user's own."""
    rule = rules.entries.get(row["rule_id"])
    if rule is None or rule.origin == SHIPPED:
        return dict(row)
    return {**row, "rule_id": f"{row['rule_id']} [{row['rule_origin']}]"}


def _notes(row: Mapping[str, Any], rules: Registry, *, language: str) -> list[str]:
    verified = theme.text(f"conflicts.{row['verified']}", language=language)
    rule = rules.entries.get(row["rule_id"])
    source = row["source"] if rule is None else rule.cited(language)
    said = {"source": source, "verified": verified}
    notes = [theme.text("conflict_map.source", language=language, **said)]
    if row["receptor_undated"] is True or row["receptor_undated"] == 1:
        notes.append(theme.text("conflict_map.undated", language=language))
    return notes
