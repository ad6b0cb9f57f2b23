"""What the commands on development share: names of zones, zones left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pandas as pd

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
