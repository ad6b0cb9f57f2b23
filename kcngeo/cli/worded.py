"""What the commands on development share: tables in words, names of zones, zones left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd

from kcngeo import theme
from kcngeo.core.dates import day
from kcngeo.core.errors import ContractError
from kcngeo.core.model import Finding
from kcngeo.core.validation import as_known
from kcngeo.ledger.project import Project as Tables

_T = TypeVar("_T")


def answered(tables: Tables, ask: Callable[[Tables], _T]) -> tuple[_T, Tables, tuple[Finding, ...]]:
    """Ask; zones whose rows contradict each other are left out, and asked again.

    Gives the answer, the tables it holds for, and what is wrong with the zones left out. What is
    wrong and belongs to no zone stops the command.
    """
    problems: tuple[Finding, ...] = ()
    while True:
        try:
            return ask(tables), tables, problems
        except ContractError as error:
            # Some faults of a zone show only once those of another are out of the way.
            blocked = {zone for one in error.problems for zone in one.zone_ids}
            known = blocked & set(tables.zones["zone_id"])
            if not known or not all(one.zone_ids for one in error.problems):
                raise
            problems += error.problems
            tables = without(tables, blocked)


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


_CHOICES = {
    # column: the lists of words its values may stand in, the first that has them
    "component": ("works_kind", "component", "milestone"),
    "item": ("land_use", "component"),
    "kind": ("works_kind",),
    "stage": ("stage",),
    "state": ("component_state", "clock_state"),
    "side": ("side",),
    "step": ("step",),
    "clock": ("clock",),
    "remark": ("clock_remark",),
    "evidence": ("evidence",),
    "severity": ("severity",),
    "verified": ("verified",),
    "density_verified": ("verified",),
    "green_verified": ("verified",),
    "serviced_verified": ("verified",),
    "lacks": ("works_kind", "component"),
    "unknown": ("works_kind", "component"),
    "incomplete": ("column",),
}


def worded(
    table: pd.DataFrame, names: pd.Series, *, language: str, layer: str = "progress"
) -> pd.DataFrame:
    """Give a table headings and words a person reads; ids and figures stay as they are."""
    named = [name for name in table.index.names if name is not None]
    flat = pd.DataFrame(table.reset_index() if named else table)
    flat = flat.drop(columns=[name for name in ("geometry",) if name in flat.columns])
    for name in flat.columns:
        groups = _CHOICES.get(name)
        if groups is not None:
            flat[name] = [said(value, groups, language) for value in flat[name]]
        elif str(name).endswith("_vnd"):
            flat[name] = flat[name].round().astype("Int64")
        elif flat[name].dtype == "float64":
            # What rounds to nothing is written without a sign.
            flat[name] = flat[name].round(4) + 0.0
        elif flat[name].dtype in ("bool", "boolean"):
            flat[name] = [
                None if pd.isna(one) else theme.text(f"flag.{one}".lower(), language=language)
                for one in flat[name]
            ]
    if "zone_id" in flat.columns and "name" not in flat.columns:
        place = list(flat.columns).index("zone_id") + 1
        flat.insert(place, "name", flat["zone_id"].map(names))
    if "sector" in flat.columns and "project_id" not in flat.columns:
        flat["sector"] = flat["sector"].fillna(theme.text("flag.unknown", language=language))
    flat.columns = [
        theme.column(str(name), language=language, layer=layer) for name in flat.columns
    ]
    return flat


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
