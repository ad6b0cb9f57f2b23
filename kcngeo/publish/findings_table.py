"""The table of findings, the same in every product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.model import Finding
from kcngeo.core.schema import COMPUTED, Names, in_contract
from kcngeo.core.texts import table as words
from kcngeo.report import said

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What only a check knows of a finding: where it is and how large.
_PLACED = ["area_m2", "width_m", "valid_from", "valid_to", "x", "y"]


def findings_table(
    findings: Iterable[Finding], *, language: str, names: Names | None = None
) -> pd.DataFrame:
    """Lay out findings: errors first, then those of the rule that moves most, the most first."""
    rows = [
        {
            "severity": str(one.severity),
            "rule": one.rule,
            "table": one.table or None,
            "zone_id": "|".join(one.zone_ids),
            "ids": "|".join(one.ids),
            "message": said(one, names, language=language),
            "advice": known_words(f"advice.{one.rule}", language=language),
            **_effect(one),
            "no_effect": _no_effect(one),
        }
        for one in findings
    ]
    table = pd.DataFrame(rows, columns=COMPUTED["findings"].names)
    table = in_contract(COMPUTED["findings"], table.drop(columns=_PLACED))
    return table.iloc[_order(table)].reset_index(drop=True)


def _effect(finding: Finding) -> dict[str, float | None]:
    """Lay out how far a finding moves a figure; nothing where it moves none."""
    effect = finding.effect
    if effect is None:
        return {}
    told = {"effect_leased_ha": effect.leased_ha, "effect_base_ha": effect.base_ha}
    return {**told, "effect": effect.share}


def _no_effect(finding: Finding) -> str | None:
    """Say why a finding that can move a figure does not say by how much."""
    is_open = finding.rule == "leased_without_project" and finding.effect is None
    return "no_licence" if is_open else None


def _order(table: pd.DataFrame) -> NDArray[np.intp]:
    """Rank by severity, then rule by rule by what moves the rate, else the hectares, most.

    What is equal stands by rule, zone and ids, in whatever order it was found.
    """
    severity = table["severity"].map({"error": 0, "warning": 1, "note": 2})
    ha = table[["effect_leased_ha", "effect_base_ha"]].max(axis=1).fillna(-1.0)
    points = table["effect"].fillna(-1.0)
    group = [severity, table["rule"]]
    most_points, most_ha = (one.groupby(group).transform("max") for one in (points, ha))
    rule, zone_id, ids = (table[name].rank(method="dense") for name in ("rule", "zone_id", "ids"))
    # The last key weighs most; what is equal stays in the order it was found.
    return np.lexsort((ids, zone_id, -ha, -points, rule, -most_ha, -most_points, severity))


def known_words(key: str, *, language: str) -> str | None:
    """Give the words of a code, if the table of texts has them."""
    entry = words().get(key)
    return None if entry is None else entry[language]
