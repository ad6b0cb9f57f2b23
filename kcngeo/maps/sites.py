"""The map of sites: who can take so many hectares, and why the other land cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from kcngeo import theme
from kcngeo.core.crs import require_same_crs
from kcngeo.core.dates import Day
from kcngeo.core.schema import COMPUTED
from kcngeo.ledger import Project, Snapshot
from kcngeo.maps.html import OfflineMap
from kcngeo.maps.render import Features, Group, Telling, facts_of, layered_map
from kcngeo.standards import Registry, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLORS = {
    "site": theme.LAYER_COLORS["site"],
    "rest": theme.LAYER_COLORS["developable"],
    "encumbered": theme.LAYER_COLORS["encumbered"],
}


def site_map(
    project: Project | Snapshot,
    land: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    on: Day,
    language: str = "vi",
    encumbrances: gpd.GeoDataFrame | None = None,
    totals: pd.DataFrame | None = None,
    rules: Registry | None = None,
) -> OfflineMap:
    """Draw the sites that meet the wishes, the land that falls out with its reasons, and the rest.

    Parameters
    ----------
    project
        The tables; zones, lots and context are drawn.
    land
        Developable land of the day.
    sites
        Result of :func:`kcngeo.sites.find_sites` on it, best with ``rejected=True``; land in no row
        of it is drawn as developable land without a name.
    on
        The day.
    language
        Language shown first, "vi" or "en"; the page has a switch.
    encumbrances
        What was taken off, to be drawn as outlines; None to leave it out. Its columns ``rule_id``
        and ``verified`` are told where they are there.
    totals
        By zone, the account of the vacant land that is said beside it: ``totals`` of the
        developable land; None to leave it out.
    rules
        The registry the land follows, for names and sources in both languages; what a user's own
        file overrides is named under the legend. None for the one that comes with the library.

    Returns
    -------
    OfflineMap
        A :class:`folium.Map` whose ``save`` and notebook view need no network.

    Raises
    ------
    CRSError
        If the layers disagree in CRS.
    """
    require_same_crs(zones=project.zones, land=land, sites=sites)

    if encumbrances is not None:
        require_same_crs(zones=project.zones, encumbrances=encumbrances)

    known = rules or registry()

    def tell(language: str) -> Telling:
        return _tell(land, sites, encumbrances, totals, known, language=language)

    return layered_map(project, tell, on=on, language=language, words="site_map")


def _tell(
    land: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    encumbrances: gpd.GeoDataFrame | None,
    totals: pd.DataFrame | None,
    rules: Registry,
    *,
    language: str,
) -> Telling:
    def say(key: str) -> str:
        return theme.text(f"site_map.{key}", language=language)

    groups = [Group(label=say("rest"), color=_COLORS["rest"])]
    told = sites.to_dict("records")
    passes = [not row.get("fails") for row in told]
    features = []
    if "fails" in sites.columns:
        features.append(_pieces(sites, told, [not one for one in passes], 0, language=language))
    else:
        features.append(_land(land, sites, language=language))
    if encumbrances is not None and len(encumbrances):
        features.append(_encumbrances(encumbrances, groups, rules, language=language))
    groups.append(Group(label=say("site"), color=_COLORS["site"]))
    features.insert(0, _pieces(sites, told, passes, len(groups) - 1, language=language))
    notes = [one.message(language) for one in rules.findings()]
    notes += [] if any(passes) else [say("none")]
    facts = {} if totals is None else _accounts(totals, language=language)
    return Telling(groups=groups, features=features, notes=notes, zone_facts=facts)


def _accounts(totals: pd.DataFrame, *, language: str) -> dict[str, list[str]]:
    """Say by zone what becomes of its vacant land."""
    said = {}
    for zone_id, row in totals.iterrows():
        figures = {
            name: theme.number(row[f"{name}_ha"], language=language, decimals=4)
            for name in ("vacant", "developable", "encumbered", "unlocated")
        }
        said[str(zone_id)] = [theme.text("site_map.account", language=language, **figures)]
    return said


def _pieces(
    sites: gpd.GeoDataFrame,
    told: list[dict[str, Any]],
    chosen: list[bool],
    group: int,
    *,
    language: str,
) -> Features:
    """Say what there is to say of sites, or of the land that falls out."""
    rows = [row for row, keep in zip(told, chosen, strict=True) if keep]
    return Features(
        group=group,
        layer=sites[pd.Series(chosen, index=sites.index, dtype=bool)],
        names=[str(row["site_id"]) for row in rows],
        facts=[facts_of(row, COMPUTED["sites"], language=language) for row in rows],
        notes=[_reasons(row, language=language) for row in rows],
        area_ha=[float(row["area_ha"]) for row in rows],
        listed=[_headline(row, language=language) for row in rows],
    )


def _land(land: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, *, language: str) -> Features:
    """Give the land that is in no site."""
    taken = {name for lots in sites["parcel_ids"] for name in lots.split("|")}
    rest = land[~land["parcel_id"].isin(taken)]
    rows = rest.to_dict("records")
    return Features(
        group=0,
        layer=rest,
        names=[str(row["parcel_id"]) for row in rows],
        facts=[
            facts_of({"area_ha": row["area_ha"]}, COMPUTED["sites"], language=language)
            for row in rows
        ],
        notes=[[]] * len(rows),
        area_ha=[float(row["area_ha"]) for row in rows],
    )


def _encumbrances(
    encumbrances: gpd.GeoDataFrame, groups: list[Group], rules: Registry, *, language: str
) -> Features:
    """Draw what was taken off, one kind after the other."""
    groups.append(
        Group(
            label=theme.text("site_map.encumbered", language=language),
            color=_COLORS["encumbered"],
            style="outline",
        )
    )
    names = [say_kind(str(kind), rules, language=language) for kind in encumbrances["kind"]]
    return Features(
        group=len(groups) - 1,
        layer=encumbrances,
        names=names,
        facts=[
            [(theme.column("rank", language=language), str(rank))] for rank in encumbrances["rank"]
        ],
        notes=[_source(row, rules, language=language) for row in encumbrances.to_dict("records")],
    )


def say_kind(kind: str, rules: Registry, *, language: str) -> str:
    """Say what a kind of encumbrance is.

    Parameters
    ----------
    kind
        A word of the table, or the id of a rule, maybe with a hazard class behind it.
    rules
        The registry.
    language
        "vi" or "en".

    Returns
    -------
    str
        The words.
    """
    name, *hazard = kind.split(" ", 1)
    rule = rules.entries.get(name)
    if rule is None:
        return theme.choice(kind, name="kind", language=language, layer="encumbrances")
    label = theme.column("hazard_class", language=language)
    return " – ".join([rule.title[language], *(f"{label} {one}" for one in hazard)])


def _source(row: Mapping[str, Any], rules: Registry, *, language: str) -> list[str]:
    """Say where the width of an area stands, if it follows from a rule."""
    rule = rules.entries.get(str(row.get("rule_id")))
    if rule is None:
        return []
    verified = theme.text(f"conflicts.{rule.verified}", language=language)
    said = {"source": rule.cited(language), "verified": verified}
    return [theme.text("conflict_map.source", language=language, **said)]


def _reasons(row: Mapping[str, Any], *, language: str) -> list[str]:
    fails = row.get("fails") or ""
    return [theme.site_reason(reason, language=language) for reason in fails.split("|") if reason]


def _headline(row: Mapping[str, Any], *, language: str) -> str:
    words = theme.text(
        "site_map.headline",
        language=language,
        area=theme.number(row["area_ha"], language=language),
        width=theme.number(row["width_m"], language=language, decimals=0),
        lots=row["lots_count"],
    )
    reasons = _reasons(row, language=language)
    return " · ".join([words, *reasons])
