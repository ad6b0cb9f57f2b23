"""Declared accounts: what a board or developer states of a zone, and what contradicts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.model import Finding, finding
from kcngeo.core.schema import DECLARED_PARTS
from kcngeo.core.units import M2_PER_HA, MM2_PER_HA, MM2_PER_M2, whole_mm2
from kcngeo.core.validation import distinct
from kcngeo.standards import FillDefinition, registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

TABLE = "declared_accounts"

SIX = DECLARED_PARTS[1:7]
"""The parts that add up to the leasable land."""


def declared_mm2(declared: pd.DataFrame) -> Floats:
    """Give what rows state, (rows, parts) in mm² by the order of the contract; unknown is NaN."""
    stated = declared.reindex(columns=list(DECLARED_PARTS)).astype("float64")
    return whole_mm2(stated.to_numpy() * M2_PER_HA)


def named_definitions(declared: pd.DataFrame) -> pd.Series:
    """Give the definition each row goes by; missing is an account by parts."""
    named = declared["definition"] if "definition" in declared.columns else None
    if named is None:
        return pd.Series(None, index=declared.index, dtype="str")
    return named.mask(named.str.strip() == "")


def declared_problems(declared: pd.DataFrame, zones: pd.DataFrame) -> list[Finding]:
    """List what is wrong with declared accounts that keep the contract of their table.

    A row of a zone nobody knows belongs to no zone; every other problem belongs to the zone of its
    row.
    """
    named = named_definitions(declared)
    known = {one.name: one for one in registry().of(FillDefinition)}
    stated = declared_mm2(declared)
    over, apart = _beyond(stated, named, known)
    base, unserviced = stated[:, 0], stated[:, DECLARED_PARTS.index("unserviced_ha")]
    again = pd.DataFrame(
        {"zone_id": declared["zone_id"], "on": declared["on"], "definition": named.fillna("")}
    ).duplicated(keep=False)
    with np.errstate(invalid="ignore"):
        idle = np.nan_to_num(unserviced - base) > MM2_PER_M2
    found = [
        *_problems(declared, "declared_twice", again.to_numpy()),
        *_problems(
            declared,
            "declared_definition",
            (named.notna() & ~named.isin(known)).to_numpy(),
            values=named,
            choices=" | ".join(known),
        ),
        *_problems(declared, "declared_nothing", np.asarray(np.isnan(stated).all(axis=1))),
        *_problems(declared, "declared_over_base", over > MM2_PER_M2, hectares=over),
        *_problems(declared, "declared_open", np.abs(apart) > MM2_PER_M2, hectares=apart),
        *_problems(declared, "declared_unserviced", idle, hectares=unserviced - base),
    ]
    strange = ~declared["zone_id"].isin(zones["zone_id"]).to_numpy()
    if strange.any():
        ids = _row_names(declared, strange)
        named_zones = distinct(declared["zone_id"][strange])
        found.append(finding("unknown_zone", TABLE, ids=ids, zones=named_zones))
    return found


def _beyond(stated: Floats, named: pd.Series, known: dict[str, Any]) -> tuple[Floats, Floats]:
    """Measure by how much parts exceed the base, and by how much all of them miss it; mm²."""
    base, parts = stated[:, 0], stated[:, 1:7]
    # (rows, parts) whether a part lies within what the row divides by
    within = np.ones(parts.shape, dtype=bool)
    closes = np.ones(len(stated), dtype=bool)
    for name in named.dropna().unique():
        rows = (named == name).to_numpy()
        items = (
            {item: weight for (_, item), weight in known[name].base.items()}
            if (name in known)
            else {}
        )
        closes[rows] = "leasable" in items
        outside = [f"{item}_ha" for item, weight in items.items() if weight < 0]
        within[np.ix_(rows, np.isin(SIX, outside))] = False
    counted = np.where(within, parts, 0.0)
    total = np.nansum(counted, axis=1)
    whole = closes & ~np.isnan(counted).any(axis=1)
    with np.errstate(invalid="ignore"):
        over = np.nan_to_num(total - base)
        apart = np.where(whole, np.nan_to_num(total - base), 0.0)
    # What exceeds the base is told as such.
    return over, np.where(over > MM2_PER_M2, 0.0, apart)


def _problems(
    declared: pd.DataFrame,
    rule: str,
    bad: Bools,
    *,
    hectares: Floats | None = None,
    values: pd.Series | None = None,
    **fields: object,
) -> list[Finding]:
    """Make a finding for each zone of the bad rows."""
    found = []
    rows = np.flatnonzero(bad)
    zone_ids = declared["zone_id"].to_numpy(dtype=object)[rows]
    for zone_id in sorted(set(zone_ids)):
        mine = rows[zone_ids == zone_id]
        more: dict[str, object] = dict(fields)
        if hectares is not None:
            worst = np.abs(hectares[mine]).max() / MM2_PER_HA
            more["difference_ha"] = f"{worst:.4f}"
        if values is not None:
            more["values"] = distinct(values.iloc[mine])
        mask = np.isin(np.arange(len(declared)), mine)
        ids = _row_names(declared, mask)
        found.append(finding(rule, TABLE, ids=ids, zone_ids=[zone_id], **more))
    return found


def _row_names(declared: pd.DataFrame, bad: Bools) -> list[str]:
    """Name rows by their zone and day."""
    some = declared[bad]
    days = some["on"].dt.strftime("%Y-%m-%d")
    return sorted({f"{zone_id} {on}" for zone_id, on in zip(some["zone_id"], days, strict=True)})
