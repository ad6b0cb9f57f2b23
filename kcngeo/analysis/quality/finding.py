"""A finding with its place and size, and many of them as a layer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.analysis.quality.rules import CATALOGUE
from kcngeo.core.model import Finding, Severity
from kcngeo.core.texts import text

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = (
    *("rule", "severity", "table", "ids", "zone_id", "area_m2", "width_m"),
    *("valid_from", "valid_to", "message", "effect_leased_ha", "effect_base_ha", "effect"),
    *("no_effect", "advice"),
)
"""Columns of a layer of findings beside the geometry."""

_ORDER = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noticed:
    """A finding, where it is and how large.

    Attributes
    ----------
    finding
        What was found.
    geometry
        Where, in the CRS of the parcels; None if nowhere.
    area_m2
        The area at stake; missing where it is about no area.
    width_m
        Its width; missing where it has none.
    valid_from
        First day on which it stands; missing if always.
    valid_to
        First day on which it no longer stands; missing if still.
    no_effect
        Why it has no effect though its rule can move a figure, a key of "no_effect" in the table
        of texts; empty where it has one, or moves none.
    """

    finding: Finding
    geometry: Any = None
    area_m2: float = math.nan
    width_m: float = math.nan
    valid_from: Any = None
    valid_to: Any = None
    no_effect: str = ""


def notice(
    rule: str,
    table: str,
    ids: Sequence[str],
    *,
    zone_ids: Iterable[Any] = (),
    severity: Severity | None = None,
    geometry: Any = None,
    area_m2: float = math.nan,
    width_m: float = math.nan,
    span: tuple[Any, Any] = (None, None),
    **fields: object,
) -> Noticed:
    """Make a finding of a rule."""
    # Nan is not itself: only what was measured is said.
    if area_m2 == area_m2:
        fields.setdefault("area_m2", f"{area_m2:.1f}")
    if width_m == width_m:
        fields.setdefault("width_m", f"{width_m:.2f}")
    return Noticed(
        finding=Finding(
            rule=rule,
            severity=severity or CATALOGUE[rule].severity,
            table=table,
            ids=tuple(ids),
            zone_ids=tuple(sorted({str(zone) for zone in zone_ids if not pd.isna(zone)})),
            fields=fields,
        ),
        geometry=geometry,
        area_m2=float(area_m2),
        width_m=float(width_m),
        valid_from=span[0],
        valid_to=span[1],
    )


def layer(found: Sequence[Noticed], *, crs: Any, language: str) -> gpd.GeoDataFrame:
    """Lay findings out as a layer, errors first."""
    found = sorted(found, key=_place)
    data: dict[str, Any] = {
        "rule": _texts(one.finding.rule for one in found),
        "severity": _texts(str(one.finding.severity) for one in found),
        "table": _texts(one.finding.table for one in found),
        "ids": pd.Series([one.finding.ids for one in found], dtype="object"),
        "zone_id": _texts("|".join(one.finding.zone_ids) or None for one in found),
        "area_m2": np.array([one.area_m2 for one in found], dtype="float64"),
        "width_m": np.array([one.width_m for one in found], dtype="float64"),
        "valid_from": _days([one.valid_from for one in found]),
        "valid_to": _days([one.valid_to for one in found]),
        "message": _texts(one.finding.message(language) for one in found),
        **_effects(found),
        "no_effect": _texts(one.no_effect or None for one in found),
        "advice": _texts(text(f"advice.{one.finding.rule}", language=language) for one in found),
    }
    shapes = np.array([None, *(one.geometry for one in found)], dtype=object)[1:]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=crs)


def _effects(found: Sequence[Noticed]) -> dict[str, NDArray[np.float64]]:
    """Lay out how far each finding can move a figure; missing where it moves none."""
    effects = [one.finding.effect for one in found]
    told = {
        "effect_leased_ha": [None if one is None else one.leased_ha for one in effects],
        "effect_base_ha": [None if one is None else one.base_ha for one in effects],
        "effect": [None if one is None else one.share for one in effects],
    }
    return {name: np.array(values, dtype="float64") for name, values in told.items()}


def _place(one: Noticed) -> tuple[object, ...]:
    finding = one.finding
    return (
        *(_ORDER[finding.severity], finding.rule, finding.table, finding.zone_ids, finding.ids),
        str(one.valid_from),
        -one.area_m2 if one.area_m2 > 0 else 0.0,
    )


def _texts(values: Iterable[str | None]) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def _days(values: list[Any]) -> NDArray[np.datetime64]:
    return pd.to_datetime(pd.Series(values, dtype="object")).to_numpy(dtype="datetime64[s]")
