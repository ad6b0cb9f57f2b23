"""Who can take so many hectares, and why the other land cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.cartography.basemap import basemap_of
from kcngeo.cartography.labels import candidates
from kcngeo.cartography.layers import (
    as_drawn,
    called,
    context_of,
    name_of,
    parcels_by_use,
    zones_on,
)
from kcngeo.cartography.map_layer import MapClass, MapLayer, Told, numbered, of_zone
from kcngeo.cartography.spec import MapSpec
from kcngeo.cartography.words import Words, hectares, joined, number, same, say, text
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.schema import COMPUTED, LAYERS, Names
from kcngeo.report import is_synthetic
from kcngeo.standards import Registry, registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot
    from kcngeo.ledger.tables import Tables

_ABOUT = {
    **{name: name for name in ("sites", "rejected", "encumbered")},
    "developable_land": "developable",
}
_FIGURES = ("vacant", "developable", "encumbered", "unlocated")


def sites(
    project: Project | Snapshot | Tables,
    land: gpd.GeoDataFrame,
    found: gpd.GeoDataFrame,
    *,
    on: Day,
    encumbrances: gpd.GeoDataFrame | None = None,
    totals: pd.DataFrame | None = None,
    wishes: Words | str = "",
    rules: Registry | None = None,
) -> MapSpec:
    """Show the sites that meet the wishes, the land that falls out with its reasons, and the rest.

    Parameters
    ----------
    project
        The tables; of a project what is known now.
    land
        Developable land of the day.
    found
        Result of :func:`kcngeo.sites.find_sites` on it, best with ``rejected=True``; land in no row
        of it is shown as developable land without a number.
    on
        The day.
    encumbrances
        What was taken off, shown as outlines; None to leave it out. Its columns ``rule_id`` and
        ``verified`` are told where they are there.
    totals
        By zone, the account of the vacant land that is said beside it: ``totals`` of the
        developable land; None to leave it out.
    wishes
        What was asked of a site, in words, for example "≥ 8 ha"; by language, or the same in all.
    rules
        The registry the land follows, for names and sources; what a user's own file overrides is
        named in a note. None for the one that comes with the library.

    Returns
    -------
    MapSpec
        The map.

    Raises
    ------
    CRSError
        If the layers disagree in CRS.

    Examples
    --------
    A belt of 10 m inside the boundary takes 0.2 ha of B-2, which is vacant as a whole.

    >>> import kcngeo as kcn
    >>> squares, wish = kcn.examples.squares(), kcn.sites.SiteCriteria(min_area_ha=0.6)
    >>> made = kcn.report.site_report(squares, on="2018-03-31", criteria=wish)
    >>> spec = sites(squares, made.developable.land, made.sites, on="2018-03-31")
    >>> spec.headline["en"]
    'Sites that meet the wishes: 1, together 0.80 ha'
    """
    project = as_drawn(project)
    require_same_crs(zones=project.zones, land=land, sites=found)
    if encumbrances is not None:
        require_same_crs(zones=project.zones, encumbrances=encumbrances)
    known = rules or registry()
    passes = np.ones(len(found), dtype=bool)
    # Without the rejected ones the rest of the land stands without reasons.
    if "fails" in found.columns:
        passes = (found["fails"].fillna("") == "").to_numpy()
    date = say(lambda language: theme.date(day(on).date(), language=language))
    names = called(project, rules=known, on=on)
    good = _pieces("sites", "site", found[passes], names, after=0)
    if "fails" in found.columns:
        rest = _pieces("rejected", "rest", found[~passes], names, after=int(passes.sum()))
    else:
        rest = _land("rejected", land[_is_left(land, found)], names)
    layers = [rest, good]
    if encumbrances is not None and len(encumbrances):
        # Outlines lie on the rest and under the sites.
        layers.insert(1, _encumbrances(encumbrances, known))
    every = _land("developable_land", land, names)
    *drawn, every = (_dated(one, date) for one in (*layers, every))
    notes = [say(one.message) for one in known.findings()]
    return MapSpec(
        theme="sites",
        title=text("site_map.title"),
        headline=_headline(good.frame),
        zone_headlines={
            str(one): _headline(good.frame[of_zone(good.frame["zone_id"], str(one))])
            for one in project.zones["zone_id"].unique()
        },
        subtitle=same(wishes) if isinstance(wishes, str) else wishes,
        on=day(on).date(),
        zones=zones_on(project, on=on),
        ground=parcels_by_use(project, on=on),
        context=context_of(project),
        basemap=basemap_of(project),
        layers=tuple(drawn),
        more=(every,),
        notes=(*notes, *(() if passes.any() else (text("site_map.none"),))),
        zone_facts={} if totals is None else _accounts(totals),
        list_title=text("site_map.list"),
        list_empty=text("site_map.list_empty"),
        is_synthetic=is_synthetic(project),
    )


def _headline(good: gpd.GeoDataFrame) -> Words:
    area = number(float(good["area_ha"].sum()))
    return text(f"figures.{'sites_found' if len(good) else 'no_sites'}", count=len(good), area=area)


def _pieces(
    name: str,
    key: str,
    frame: gpd.GeoDataFrame,
    names: Mapping[str, Names],
    *,
    after: int,
) -> MapLayer:
    """Show sites, or the land that falls out, numbered on after those before."""
    # A lot that is cut in two begins two sites.
    again = frame.groupby(frame["parcel_ids"].astype("str")).cumcount() + 1
    rows = zip(frame.to_dict("records"), again, strict=True)
    told = list(numbered([_told(row, time, names) for row, time in rows], after=after))
    numbers = [one.number for one in told]
    frame = frame.reset_index(drop=True).assign(number=pd.array(numbers, dtype="Int64"))
    label = text(f"site_map.{key}")
    color = theme.LAYER_COLORS["site" if name == "sites" else "developable"]
    return MapLayer(
        name=name,
        title=label,
        frame=frame,
        classes=(MapClass(value=None, label=label, color=color),),
        told=told,
        contract=COMPUTED["sites"],
        names=names,
        area="area_ha",
        labels=candidates(frame, [hectares(area) for area in frame["area_ha"]]),
        is_framing=True,
    )


def _dated(layer: MapLayer, on: Words) -> MapLayer:
    """Say of a layer what it holds, and of which day it is."""
    return replace(layer, about=text(f"sites.{_ABOUT[layer.name]}_about", on=on))


def _is_left(land: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which land is in no site."""
    taken = {name for parcels in found["parcel_ids"] for name in parcels.split("|")}
    return (~land["parcel_id"].isin(taken)).to_numpy()


def _land(name: str, land: gpd.GeoDataFrame, names: Mapping[str, Names]) -> MapLayer:
    """Show developable land parcel by parcel."""
    rest = land.reset_index(drop=True)
    label = text("site_map.rest" if name == "rejected" else "sites.developable")
    return MapLayer(
        name=name,
        title=label,
        frame=rest,
        classes=(MapClass(value=None, label=label, color=theme.LAYER_COLORS["developable"]),),
        told=[Told(name=name_of(names, "parcels", one)) for one in rest["parcel_id"].astype("str")],
        contract=LAYERS["developable_land"],
        area="area_ha",
        is_framing=True,
    )


def _encumbrances(encumbrances: gpd.GeoDataFrame, rules: Registry) -> MapLayer:
    """Show what was taken off, one kind after the other."""
    frame = encumbrances.reset_index(drop=True)
    label = text("site_map.encumbered")
    shown = MapClass(
        value=None,
        label=label,
        color=theme.LAYER_COLORS["encumbered"],
        symbol="outline",
        width_mm=0.35,
    )
    told = [
        Told(name=kind_words(str(row["kind"]), rules), notes=tuple(_sources(row, rules)))
        for row in frame.to_dict("records")
    ]
    return MapLayer(name="encumbered", title=label, frame=frame, classes=(shown,), told=told)


def kind_words(kind: str, rules: Registry) -> Words:
    """Say what kind of area was taken off; one that keeps a distance by the title of its rule."""
    name, *hazard = kind.split(" ", 1)
    rule = rules.entries.get(name)

    def said(language: str) -> str:
        if rule is None:
            return theme.choice(kind, name="kind", language=language, layer="encumbrances")
        label = theme.column("hazard_class", language=language)
        return " – ".join([rule.title[language], *(f"{label} {one}" for one in hazard)])

    return say(said)


def _sources(row: Mapping[Any, Any], rules: Registry) -> list[Words]:
    """Say where the width of an area stands, if it follows from a rule."""
    rule = rules.entries.get(str(row.get("rule_id")))
    if rule is None:
        return []
    verified = text(f"conflicts.{rule.verified}")
    return [text("conflict_map.source", source=say(rule.cited), verified=verified)]


def _told(row: Mapping[Any, Any], time: int, names: Mapping[str, Names]) -> Told:
    """Say what a site is; ``time`` counts those of the same lots."""
    fails = row.get("fails")
    reasons = [one for one in fails.split("|") if one] if isinstance(fails, str) else []
    notes = [_reason(one) for one in reasons]
    headline = text(
        "site_map.headline",
        area=number(row["area_ha"]),
        width=number(row["width_m"], decimals=0),
        lots=row["lots_count"],
    )
    lot, *others = str(row["parcel_ids"]).split("|")
    key = "named.site_of_lots" if others else "named.site"
    name = text(key, lot=name_of(names, "parcels", lot), others=len(others))
    return Told(
        name=name if time == 1 else joined([name, same(f"({time})")], by=" "),
        entry=joined([headline, *notes]),
        notes=tuple(notes),
    )


def _reason(reason: str) -> Words:
    return say(lambda language: theme.site_reason(reason, language=language))


def _accounts(totals: pd.DataFrame) -> dict[str, tuple[Words, ...]]:
    """Say by zone what becomes of its vacant land."""
    return {
        str(zone_id): (
            text(
                "site_map.account",
                **{name: number(row[f"{name}_ha"], decimals=4) for name in _FIGURES},
            ),
        )
        for zone_id, row in totals.iterrows()
    }
