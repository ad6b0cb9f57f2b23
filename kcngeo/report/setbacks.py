"""What the distances of an answer about space are measured from, and what to know about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

from kcngeo.analysis import conflicts
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding
from kcngeo.ledger import Snapshot

if TYPE_CHECKING:
    from kcngeo.standards import BufferRule, Registry

WORKS = ("wastewater_works", "waste_works")
"""Kinds of emitters whose distances are taken off if asked."""


def measured_from(
    snapshot: Snapshot, rules: Registry, *, hazard_class: str | None, around_works: bool
) -> dict[str, gpd.GeoDataFrame]:
    """Say what distances are measured from: receptors for a class, works if asked."""
    found: dict[str, gpd.GeoDataFrame] = {}
    if hazard_class is not None:
        known = [name for rule in rules.buffer_rules() for name, _ in rule.classes]
        if hazard_class not in known:
            classes = " | ".join(dict.fromkeys(known))
            raise KcngeoError("hazard_class_unknown", value=hazard_class, classes=classes)
        if snapshot.table("receptors") is None:
            raise KcngeoError("site_needs_frame", argument="receptors")
        found["receptors"] = snapshot.receptors
    if around_works:
        if snapshot.table("emitters") is None:
            raise KcngeoError("site_needs_frame", argument="emitters")
        emitters: gpd.GeoDataFrame = snapshot.emitters
        works = emitters[emitters["kind"].isin(WORKS)]
        if len(works):
            found["emitters"] = works
    return found


def findings(
    snapshot: Snapshot,
    rules: Registry,
    near: dict[str, gpd.GeoDataFrame],
    *,
    hazard_class: str | None,
    on: Day,
) -> tuple[Finding, ...]:
    """List what to know about the distances that were taken off, and those that could not be."""

    def is_used(rule: BufferRule) -> bool:
        by_class = "receptors" in near and hazard_class in dict(rule.classes)
        return by_class or ("emitters" in near and bool(set(rule.emitters) & set(WORKS)))

    used = [rule for rule in rules.buffer_rules() if is_used(rule)]
    crs = snapshot.zones.crs
    none = {
        name: gpd.GeoDataFrame({f"{name[:-1]}_id": [], "kind": []}, geometry=[], crs=crs)
        for name in ("receptors", "emitters")
    }
    ours, theirs = (near.get(name, none[name]) for name in ("emitters", "receptors"))
    told = conflicts.findings(ours, theirs, rules=used, on=on, zones=snapshot.zones)
    return tuple(one for one in told if one.rule != "standards_overridden")
