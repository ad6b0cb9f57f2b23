"""Who stands too near to what, with the rule, figures and source of each conflict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.labels import candidates
from kcngeo.cartography.layers import (
    as_drawn,
    by_kind,
    called,
    context_of,
    ends_of,
    name_of,
    parcels_by_use,
    zones_on,
)
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered, of_zone
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import Words, joined, number, same, say, text
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.model import Severity
from kcngeo.core.schema import COMPUTED, Names
from kcngeo.report import is_synthetic
from kcngeo.standards import SHIPPED, Registry, registry

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot
    from kcngeo.ledger.tables import Tables


def conflicts(
    project: Project | Snapshot | Tables,
    found: gpd.GeoDataFrame,
    *,
    on: Day,
    rules: Registry | None = None,
    distances: gpd.GeoDataFrame | None = None,
    classes: gpd.GeoDataFrame | None = None,
    neighbours: gpd.GeoDataFrame | None = None,
) -> MapSpec:
    """Show emitters and receptors, what is too near, and the nearest way between them.

    A dotted line joins each emitter to the nearest point of the receptor and carries the number of
    the conflict, the worst first. Emitters no distance could be told for are drawn like the others
    and named in a note: no line means no conflict, or no knowledge.

    Parameters
    ----------
    project
        The tables; of a project what is known now; emitters and receptors of the day are shown.
    found
        Result of :func:`kcngeo.conflicts.buffer_conflicts` for the same day.
    on
        The day.
    rules
        The registry the conflicts follow, for names and sources; what a user's own file overrides
        is named in a note. None for the one that comes with the library.
    distances
        Areas within the distances of emitters, which go with the map; None for none. So do
        ``classes``, vacant parcels with their ``admissible_class``, and ``neighbours``, let parcels
        that do not suit their neighbour.
    classes
        Vacant parcels with the worst hazard class each may take; None for none.
    neighbours
        Let parcels that do not suit their neighbour; None for none.

    Returns
    -------
    MapSpec
        The map.

    Raises
    ------
    CRSError
        If the conflicts are in another CRS than the zones.

    Examples
    --------
    A stack of class III stands 150 m from the homes, and must keep 300 m.

    >>> import kcngeo as kcn
    >>> squares, rules = kcn.examples.squares(), kcn.standards.buffer_rules()
    >>> asked = {"rules": rules, "on": "2018-03-31", "zones": squares.zones}
    >>> found = kcn.conflicts.buffer_conflicts(squares.emitters, squares.receptors, **asked)
    >>> spec = conflicts(squares, found, on="2018-03-31")
    >>> spec.headline["en"], [number for number, _, _ in spec.numbered()]
    ('Conflicts of distance: 1', [1])
    """
    project = as_drawn(project)
    require_same_crs(zones=project.zones, conflicts=found)
    known = rules or registry()
    worst = found[(found["state"] == "conflict").to_numpy()]
    # The worst first: the numbers follow.
    worst = worst.sort_values(["margin_m", "emitter_id"], ignore_index=True)
    names = called(project, rules=known, on=on)
    told = list(numbered([_told(row, known, names) for row in worst.to_dict("records")]))
    cited = rule_sources(worst, known)
    numbers = pd.array(range(1, len(worst) + 1), dtype="Int64")
    worst = worst.assign(number=numbers, rule_id=_whose(worst))
    unrated = sorted(set(found.loc[(found["state"] == "unrated").to_numpy(), "emitter_id"]))
    date = say(lambda language: theme.date(day(on).date(), language=language))
    around = [by_kind(project, table, on=on, names=names) for table in ("receptors", "emitters")]
    # Only of these some land of the receptor lies too near; the others have the line alone.
    near = ~(worst.geometry.is_empty | worst.geometry.isna()).to_numpy()
    notes = [say(one.message) for one in known.findings()]
    notes += [_unrated(unrated, names)] if unrated else []
    notes += [text("conflict_map.twice")] if near.any() else []
    return MapSpec(
        theme="conflicts",
        title=text("conflict_map.title"),
        headline=_headline(worst),
        zone_headlines={
            str(one): _headline(worst[of_zone(worst["zone_id"], str(one))])
            for one in project.zones["zone_id"].unique()
        },
        on=day(on).date(),
        zones=zones_on(project, on=on),
        ground=parcels_by_use(project, on=on),
        context=context_of(project),
        basemap=basemap_of(project),
        layers=(
            *(one for one in around if one is not None),
            *_rings(project, worst, names),
            _too_near(worst[near], [told[at] for at in np.flatnonzero(near).tolist()], date, names),
            _nearest_ways(project, worst, told, names),
        ),
        more=tuple(_more(distances, classes, neighbours, date)),
        notes=(*notes, *cited),
        list_title=text("conflict_map.list"),
        list_empty=text("conflict_map.list_empty"),
        is_synthetic=is_synthetic(project),
    )


def _headline(worst: pd.DataFrame) -> Words:
    return text("figures.conflicts_found", count=len(worst))


def _too_near(
    near: gpd.GeoDataFrame, told: list[Told], on: Words, names: Mapping[str, Names]
) -> MapLayer:
    """Show the part of each receptor that lies too near; its number stands on the way to it."""
    label = text("conflict_map.too_near")
    return MapLayer(
        name="conflicts",
        title=label,
        frame=near.reset_index(drop=True),
        classes=(MapClass(value=None, label=label, color=theme.LAYER_COLORS["conflict"]),),
        told=[Told(name=one.name, notes=one.notes) for one in told],
        contract=COMPUTED["conflicts"],
        names=names,
        area="overlap_ha",
        is_framing=True,
        opacity_share=0.6,
        about=text("conflicts.layer_about", on=on),
    )


def _more(
    distances: gpd.GeoDataFrame | None,
    classes: gpd.GeoDataFrame | None,
    neighbours: gpd.GeoDataFrame | None,
    on: Words,
) -> Iterator[MapLayer]:
    """Give the layers that go with the map: what the rules reach, and what may come where."""
    given = {"distances": distances, "lots": classes, "neighbours": neighbours}
    words = {"distances": "areas", "lots": "lots", "neighbours": "neighbours"}
    colors = {"distances": Severity.WARNING, "neighbours": Severity.ERROR}
    for name, frame in given.items():
        if frame is None or frame.empty:
            continue
        label = text(f"conflicts.{words[name]}")
        shown = tuple(
            MapClass(value=value, label=same(value), color=color)
            for value, color in theme.CLASS_COLORS.items()
        )
        # Lots have a class each, the others are drawn all alike.
        if name != "lots":
            color = theme.SEVERITY_COLORS[colors[name]]
            shown = (MapClass(value=None, label=label, color=color),)
        yield MapLayer(
            name=name,
            title=label,
            frame=frame.reset_index(drop=True),
            column="admissible_class" if name == "lots" else "",
            classes=shown,
            about=text(f"conflicts.{words[name]}_about", on=on),
        )


def _nearest_ways(
    project: Project | Snapshot | Tables,
    worst: gpd.GeoDataFrame,
    told: list[Told],
    names: Mapping[str, Names],
) -> MapLayer:
    """Join each emitter to the nearest point of its receptor."""
    lines = np.array([], dtype=object)
    if len(worst) and project.emitters is not None and project.receptors is not None:
        ours = project.emitters.drop_duplicates("emitter_id", keep="last")
        theirs = project.receptors.drop_duplicates("receptor_id", keep="last")
        lines = shapely.shortest_line(
            ours.set_index("emitter_id").geometry.reindex(worst["emitter_id"]).to_numpy(),
            theirs.set_index("receptor_id").geometry.reindex(worst["receptor_id"]).to_numpy(),
        )
    frame = worst.iloc[: len(lines)].set_geometry(
        gpd.GeoSeries(lines, index=worst.index[: len(lines)], crs=worst.crs)
    )
    label = text("conflict_map.conflict")
    shown = MapClass(
        value=None, label=label, color=theme.LAYER_COLORS["conflict"], symbol="dotted", mark=""
    )
    return MapLayer(
        name="conflict_lines",
        title=label,
        frame=frame,
        classes=(shown,),
        told=told[: len(lines)],
        contract=COMPUTED["conflicts"],
        names=names,
        labels=candidates(frame, [_distances(row) for row in frame.to_dict("records")]),
        is_framing=True,
    )


def _distances(row: Mapping[Any, Any]) -> Words:
    """Say how near it is and how near it may be: "106 / 300 m"."""
    near = number(row["distance_m"], decimals=0)
    return joined([near, _metres(row["required_m"])], by=" / ")


def _unrated(ids: list[str], names: Mapping[str, Names]) -> Words:
    """Name the emitters no distance could be told for."""
    named = [name_of(names, "emitters", one) for one in ids]
    return say(
        lambda language: theme.text(
            "conflict_map.unrated",
            language=language,
            count=len(named),
            ids=[one[language] for one in named],
        )
    )


def _metres(value: float) -> Words:
    return joined([number(value, decimals=0), same("m")], by=" ")


def _rings(
    project: Project | Snapshot | Tables, worst: gpd.GeoDataFrame, names: Mapping[str, Names]
) -> Iterator[MapLayer]:
    """Show round every emitter that is too near how far it must keep away."""
    if worst.empty or project.emitters is None:
        return
    rings = worst.drop_duplicates(["emitter_id", "required_m"], ignore_index=True)
    ours = project.emitters.drop_duplicates("emitter_id", keep="last").set_index("emitter_id")
    shapes = ours.geometry.reindex(rings["emitter_id"]).to_numpy()
    reach = shapely.boundary(shapely.buffer(shapes, rings["required_m"].to_numpy()))
    label = text("conflict_map.ring")
    told = [
        Told(name=joined([name_of(names, "emitters", str(one)), _metres(required_m)]))
        for one, required_m in zip(rings["emitter_id"], rings["required_m"], strict=True)
    ]
    yield MapLayer(
        name="conflict_rings",
        title=label,
        frame=rings.set_geometry(gpd.GeoSeries(reach, index=rings.index, crs=rings.crs)),
        classes=(
            MapClass(
                value=None,
                label=label,
                color=theme.LAYER_COLORS["conflict"],
                symbol="dashed",
                width_mm=0.3,
            ),
        ),
        told=told,
        contract=COMPUTED["conflicts"],
        names=names,
    )


def _told(row: Mapping[Any, Any], rules: Registry, names: Mapping[str, Names]) -> Told:
    headline = text(
        "conflict_map.headline",
        distance=number(row["distance_m"], decimals=1),
        required=number(row["required_m"], decimals=1),
    )
    notes = [_source(row, rules)]
    if row["receptor_undated"] is True or row["receptor_undated"] == 1:
        notes.append(text("conflict_map.undated"))
    return Told(name=ends_of(row, names), entry=headline, notes=tuple(notes))


def _source(row: Mapping[Any, Any], rules: Registry) -> Words:
    """Cite the rule of a conflict, and how well it is verified."""
    rule = rules.entries.get(row["rule_id"])
    # A registry that says something else is another one: then the row knows best.
    is_known = rule is not None and rule.source == row["source"]
    cited = say(rule.cited) if rule is not None and is_known else same(row["source"])
    verified = text(f"conflicts.{row['verified']}")
    return text("conflict_map.source", source=cited, verified=verified)


def _whose(worst: pd.DataFrame) -> pd.Series:
    """Say beside a rule whose it is, if it is a user's own."""
    own = [
        rule if origin == SHIPPED else f"{rule} [{origin}]"
        for rule, origin in zip(worst["rule_id"], worst["rule_origin"], strict=True)
    ]
    return pd.Series(own, index=worst.index, dtype="str")


def rule_sources(worst: pd.DataFrame, rules: Registry) -> list[Words]:
    """Cite every rule that is broken once; a user's own rule with the file it stands in."""
    broken = worst.drop_duplicates(["rule_id", "source"]).sort_values("rule_id")
    rows = zip(broken.to_dict("records"), _whose(broken), strict=True)
    # A rule that comes with the library is told by what it is from, not by its id.
    return [
        joined([same("" if row["rule_origin"] == SHIPPED else whose), _source(row, rules)], by=": ")
        for row, whose in rows
    ]
