"""The table of findings, the same in every product."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kcngeo.core.model import Finding
from kcngeo.core.schema import COMPUTED, in_contract
from kcngeo.core.texts import table as words

# What only a check knows of a finding: where it is and how large.
_PLACED = ["area_m2", "width_m", "valid_from", "valid_to", "x", "y"]


def findings_table(findings: Iterable[Finding], *, language: str) -> pd.DataFrame:
    """Lay out findings, errors first."""
    rows = [
        {
            "severity": str(one.severity),
            "rule": one.rule,
            "table": one.table or None,
            "zone_id": "|".join(one.zone_ids),
            "ids": "|".join(one.ids),
            "message": one.message(language),
            "advice": known_words(f"advice.{one.rule}", language=language),
        }
        for one in findings
    ]
    table = pd.DataFrame(rows, columns=COMPUTED["findings"].names)
    table = in_contract(COMPUTED["findings"], table.drop(columns=_PLACED))
    order = table["severity"].map({"error": 0, "warning": 1, "note": 2})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def known_words(key: str, *, language: str) -> str | None:
    """Give the words of a code, if the table of texts has them."""
    entry = words().get(key)
    return None if entry is None else entry[language]
