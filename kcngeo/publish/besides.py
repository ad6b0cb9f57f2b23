"""The tables of what stands beside the account: conflicts, land, sites, rules."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kcngeo.core.schema import COMPUTED, empty, in_contract
from kcngeo.report import SpatialSections
from kcngeo.standards import SHIPPED

CONFLICT = "conflict"
"""The state of what stands too near."""


def beside_tables(beside: SpatialSections, *, language: str) -> dict[str, pd.DataFrame]:
    """Lay out what stands beside the account.

    Parameters
    ----------
    beside
        The answers.
    language
        Language of titles, "vi" or "en".

    Returns
    -------
    dict[str, pd.DataFrame]
        ``conflicts`` (the worst first, then what could not be judged), ``land`` (a row a zone),
        ``sites`` (those with the least hectares of :data:`kcngeo.report.SITE_HA`, the best first),
        and ``rules`` (the legal figures used); a table that could not be answered is empty.
    """
    return {
        "conflicts": _conflicts(beside),
        "land": _land(beside),
        "sites": _sites(beside),
        "rules": _rules(beside, language=language),
    }


def _conflicts(beside: SpatialSections) -> pd.DataFrame:
    if beside.conflicts is None:
        return empty(COMPUTED["conflicts"])
    table = _flat("conflicts", beside.conflicts)
    table["judged"] = table["state"] != CONFLICT
    keys = ["judged", "margin_m", "emitter_id", "receptor_id", "rule_id"]
    return table.sort_values(keys, ignore_index=True).drop(columns="judged")


def _land(beside: SpatialSections) -> pd.DataFrame:
    made = beside.space
    if made is None:
        return empty(COMPUTED["land"])
    return _flat("land", made.developable.totals.join(made.scatter))


def _sites(beside: SpatialSections) -> pd.DataFrame:
    made = beside.space
    if made is None:
        return empty(COMPUTED["sites"])
    return _flat("sites", made.sites[made.sites["fails"] == ""])


def _flat(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Lay a table out as its contract says; a month follows the registry of the library."""
    return in_contract(COMPUTED[name], frame.assign(registry=SHIPPED))


def _rules(beside: SpatialSections, *, language: str) -> pd.DataFrame:
    rows: Iterable[dict[str, object]] = [
        {
            "rule_id": one.name,
            "title": one.title[language],
            "in_force_from": pd.Timestamp(one.in_force_from) if one.in_force_from else pd.NaT,
            "in_force_to": pd.Timestamp(one.in_force_to) if one.in_force_to else pd.NaT,
            "verified": str(one.verified),
            "source": one.cited(language),
        }
        for one in beside.rules
    ]
    columns = COMPUTED["rules"].names
    return pd.DataFrame(rows, columns=columns).astype(
        {"in_force_from": "datetime64[s]", "in_force_to": "datetime64[s]"}
    )
