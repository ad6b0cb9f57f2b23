"""The tables of legal figures: definitions of the fill rate, and rules that were used."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kcngeo.core.schema import COMPUTED
from kcngeo.standards import Standard, fill_definitions


def definitions_table(*, language: str, also: str | None = None) -> pd.DataFrame:
    """Lay out the definitions of the fill rate, and how well each is verified.

    Examples
    --------
    >>> definitions_table(language="en")["definition"].tolist()[:2]
    ['nd164-2013', 'nd82-2018']
    """
    return _table("definitions", "definition", fill_definitions(also=also), language=language)


def rules_table(rules: Iterable[Standard], *, language: str) -> pd.DataFrame:
    """Lay out legal figures that were used.

    Examples
    --------
    >>> len(rules_table([], language="en"))
    0
    """
    return _table("rules", "rule_id", rules, language=language)


def _table(name: str, key: str, entries: Iterable[Standard], *, language: str) -> pd.DataFrame:
    rows: list[dict[str, object]] = [
        {
            key: one.name,
            "title": one.title[language],
            "in_force_from": pd.Timestamp(one.in_force_from) if one.in_force_from else pd.NaT,
            "in_force_to": pd.Timestamp(one.in_force_to) if one.in_force_to else pd.NaT,
            "verified": str(one.verified),
            "source": one.cited(language),
        }
        for one in entries
    ]
    return pd.DataFrame(rows, columns=COMPUTED[name].names).astype(
        {"in_force_from": "datetime64[s]", "in_force_to": "datetime64[s]"}
    )
