"""The tables of space: what stands too near, the land that can be built on, the sites on it."""

from __future__ import annotations

import pandas as pd

from kcngeo.core.schema import COMPUTED, empty, in_contract
from kcngeo.report import SiteReport, SpatialSections
from kcngeo.standards import SHIPPED

CONFLICT = "conflict"
"""The state of what stands too near."""


def spatial_tables(around: SpatialSections) -> dict[str, pd.DataFrame]:
    """Lay out what stands beside the accounts of a month."""
    near, found = around.conflicts, around.space
    return {
        "conflicts": _flat("conflicts", None if near is None else _ranked(near)),
        "land": _flat("land", None if found is None else land_table(found)),
        "sites": _flat("sites", None if found is None else _chosen(found)),
    }


def land_table(found: SiteReport) -> pd.DataFrame:
    """Lay out how much land can be built on, and how scattered it lies."""
    return found.developable.totals.join(found.scatter)


def _ranked(near: pd.DataFrame) -> pd.DataFrame:
    judged = near.assign(judged=near["state"] != CONFLICT)
    keys = ["judged", "margin_m", "emitter_id", "receptor_id", "rule_id"]
    return judged.sort_values(keys, ignore_index=True).drop(columns="judged")


def _chosen(found: SiteReport) -> pd.DataFrame:
    return found.sites[found.sites["fails"] == ""]


def _flat(name: str, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Lay a table out as its contract says; a month follows the registry of the library."""
    if frame is None:
        return empty(COMPUTED[name])
    return in_contract(COMPUTED[name], frame.assign(registry=SHIPPED))
