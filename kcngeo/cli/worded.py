"""What the commands that write tables for people share: words for codes, zones left out, names."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.contracts import as_known
from kcngeo.core.days import day
from kcngeo.core.model import Project as Tables


def without(tables: Tables, blocked: set[str]) -> Tables:
    """Leave zones out of every table that names them, and what names their parcels."""
    gone = tables.parcels["zone_id"].isin(blocked)
    lots = set(tables.parcels.loc[gone, "parcel_id"]) - set(tables.parcels.loc[~gone, "parcel_id"])
    kept = {}
    for name, frame in tables.tables():
        out = pd.Series(False, index=frame.index)
        if "zone_id" in frame.columns:
            out |= frame["zone_id"].isin(blocked)
        if "parcel_id" in frame.columns:
            out |= frame["parcel_id"].isin(lots)
        kept[name] = frame[~out]
    return Tables(**kept)


def zone_names(tables: Tables, *, on: str, known_at: str | None) -> pd.Series:
    """Name every zone as on the day, or as it was named last before."""
    zones = as_known(tables.zones, known_at)
    if "name" not in zones.columns:
        return pd.Series(dtype="str")
    if "valid_from" in zones.columns:
        begun = ~(zones["valid_from"] > day(on))
        zones = zones[begun].sort_values("valid_from", na_position="first", kind="stable")
    return zones.drop_duplicates("zone_id", keep="last").set_index("zone_id")["name"]


def said(value: Any, groups: tuple[str, ...], language: str) -> Any:
    """Say a code, or several joined by "|", by the first list that has it."""
    if not isinstance(value, str) or not value:
        return value
    words = []
    for code in value.split("|"):
        key = code.replace(" ", "_")
        found = next((f"{one}.{key}" for one in groups if f"{one}.{key}" in theme.table()), None)
        words.append(code if found is None else theme.text(found, language=language))
    return "|".join(words)
