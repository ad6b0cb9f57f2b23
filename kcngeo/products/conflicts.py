"""What stands too near homes, green and water, and what may come where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from kcngeo import cartography, theme
from kcngeo.analysis import conflicts as room
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError, left_out_zones
from kcngeo.core.model import LEASABLE
from kcngeo.core.schema import Names
from kcngeo.ledger import asked, known, state_of
from kcngeo.products.common import asked_for, naming, together, told
from kcngeo.products.styled_layers import layer_files, shown_layers
from kcngeo.publish.bundle import Bundle, Provenance
from kcngeo.publish.kept_packages import keeping
from kcngeo.publish.registry_names import with_registry
from kcngeo.report.distances import distance_tables
from kcngeo.standards import Registry, registry, unchecked

if TYPE_CHECKING:
    from kcngeo.cartography import MapSpec
    from kcngeo.ledger import Project, Snapshot


def conflicts(
    project: Project | Snapshot,
    *,
    on: Day,
    sectors: pd.DataFrame | None = None,
    rules: Registry | None = None,
) -> Bundle:
    """Tell what stands too near, and the worst hazard class every vacant parcel may take.

    Parameters
    ----------
    project
        The tables, with those of emitters and receptors; of a project what is known now. A zone at
        fault on the day is left out of the vacant parcels, its emitters and receptors are not.
    on
        The day.
    sectors
        The users' table of which sector must keep from which, see
        :func:`kcngeo.conflicts.incompatible_neighbours`; None to leave neighbours out.
    rules
        The registry of distances; None for the one that comes with the library.

    Returns
    -------
    Bundle
        Tables ``conflicts``, ``admissible``, with ``sectors`` also ``neighbours``, and
        ``findings``; layers of the same, and the distances; a map.

    Raises
    ------
    KcngeoError
        If the project lacks a table that is needed.
    ContractError
        If a defect of the tables belongs to no zone.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = conflicts(kcn.examples.squares(), on="2018-03-31")
    >>> sorted(made.tables)
    ['admissible', 'conflicts', 'findings', 'names']
    """
    followed = rules or registry()
    snapshot = known(project)
    with left_out_zones() as apart:
        # Distances do not depend on accounts: zones at fault in those are told of here too.
        measured = distance_tables(snapshot, on=on)
        emitters, receptors = _needed(measured)
        ruled: dict[str, Any] = {
            "rules": followed.buffer_rules(),
            "on": on,
            "zones": measured.zones,
        }
        near = room.buffer_conflicts(emitters, receptors, **ruled)
        # What follows asks who holds what, and leaves zones out.
        vacant = _vacant(snapshot, on=on)
        tables = {"conflicts": near, "admissible": _admissible(vacant, receptors, ruled)}
        if sectors is not None:
            tables["neighbours"] = room.incompatible_neighbours(snapshot, sectors, on=on)
    findings = together(
        followed.findings(),
        unchecked(followed.buffer_rules(), on=on),
        room.findings(emitters, receptors, **ruled),
        apart,
    )
    layers = shown_layers(_layers(tables, emitters, ruled), followed)

    def shown() -> MapSpec:
        return cartography.conflicts(
            snapshot,
            with_registry(near, followed),
            on=on,
            rules=followed,
            distances=layers.get("distances"),
            classes=layers.get("lots"),
            neighbours=layers.get("neighbours"),
        )

    names = naming(snapshot, lambda _: tables, findings, on=on, rules=followed)
    return Bundle(
        product="conflicts",
        provenance=Provenance(
            options=asked_for(on=on),
            tables=snapshot,
            registry=followed,
            moment=snapshot.moment,
            rules=followed.buffer_rules(),
            given={} if sectors is None else {"sectors": sectors},
        ),
        make_tables=lambda _: tables,
        names=names,
        findings=findings,
        left_out=apart,
        layers=layers,
        maps={"map": shown},
        documents=layer_files("conflicts", shown),
        **keeping("conflicts"),
        say=lambda language: _lines(tables, len(vacant), names(language), language),
    )


def _needed(snapshot: Snapshot) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give emitters and receptors, without which there is nothing to ask."""
    tables = {name: snapshot.table(name) for name in ("emitters", "receptors")}
    missing = [name for name, table in tables.items() if table is None]
    if missing:
        raise KcngeoError("needs_table", table=", ".join(missing))
    return tables["emitters"], tables["receptors"]


def _vacant(snapshot: Snapshot, *, on: Day) -> gpd.GeoDataFrame:
    """Give the parcels of which something is available."""
    state = state_of(asked(snapshot, start=on), on=on)
    return state[state["land_use"].isin(LEASABLE) & (state["available_share"] > 0)]


def _admissible(
    vacant: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame, ruled: dict[str, Any]
) -> gpd.GeoDataFrame:
    """Give the worst class each vacant parcel may take, with its shape."""
    classes = room.admissible_class(vacant, receptors, **ruled)
    shapes = vacant[["parcel_id", "available_share", "geometry"]]
    return gpd.GeoDataFrame(classes.merge(shapes, on="parcel_id"), crs=vacant.crs)


def _layers(
    tables: dict[str, gpd.GeoDataFrame], emitters: gpd.GeoDataFrame, ruled: dict[str, Any]
) -> dict[str, gpd.GeoDataFrame]:
    layers = {
        "conflicts": tables["conflicts"],
        "distances": room.encumbrances(emitters, None, **ruled),
        "lots": tables["admissible"],
    }
    if "neighbours" in tables:
        unsuited = tables["neighbours"]
        layers["neighbours"] = unsuited[unsuited["state"] == "conflict"]
    return layers


def _lines(tables: dict[str, Any], vacant: int, names: Names, language: str) -> Iterator[str]:
    """Say the conflicts, the worst first, and how many there are."""
    near = tables["conflicts"]
    found = near[near["state"] == "conflict"].sort_values("margin_m", kind="stable")
    yield from (_conflict(row, names, language) for row in found.to_dict("records"))
    if found.empty:
        yield theme.text("conflicts.none", language=language)
    unrated = near.loc[near["state"] == "unrated", "emitter_id"].nunique()
    words = {"conflicts": len(found), "unrated": unrated, "lots": vacant}
    yield theme.text("conflicts.counted", language=language, **words)
    if "neighbours" in tables:
        yield from _neighbour_lines(tables["neighbours"], names["parcels"], language)


def _conflict(row: dict[Any, Any], names: Names, language: str) -> str:
    def number(value: float) -> str:
        return theme.number(value, language=language)

    who = partial(told, "conflicts", row=row, names=names, language=language)
    overlap = ""
    if pd.notna(row["overlap_ha"]):
        area, share = number(row["overlap_ha"]), theme.percent(row["share"], language=language)
        overlap = theme.text("conflicts.overlap", language=language, area=area, share=share)
    return theme.text(
        "conflicts.conflict",
        language=language,
        emitter=who("emitter_id"),
        receptor=who("receptor_id"),
        distance=number(row["distance_m"]),
        required=number(row["required_m"]),
        rule=who("rule_id"),
        verified=theme.text(f"conflicts.{row['verified']}", language=language),
        overlap=overlap,
    )


def _neighbour_lines(
    table: gpd.GeoDataFrame, lots: Mapping[str, str], language: str
) -> Iterator[str]:
    """Say which neighbours do not suit each other, and how many parcels could not be judged."""
    found = table[table["state"] == "conflict"]
    for row in found.to_dict("records"):
        neighbour = row["neighbour_sector"] if pd.notna(row["neighbour_sector"]) else "–"
        yield theme.text(
            "conflicts.neighbour",
            language=language,
            lot=lots.get(row["parcel_id"], row["parcel_id"]),
            sector=row["sector"],
            neighbour=lots.get(row["neighbour_id"], row["neighbour_id"]),
            other=neighbour,
            distance=theme.number(row["distance_m"], language=language),
        )
    unrated = table.loc[table["state"] == "unrated", "parcel_id"].nunique()
    words = {"conflicts": len(found), "unrated": unrated}
    yield theme.text("conflicts.neighbours_counted", language=language, **words)
