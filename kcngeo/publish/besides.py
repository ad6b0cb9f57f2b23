"""The tables of what stands beside the account: conflicts, land, sites, rules."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kcngeo.report import SpatialSections

CONFLICT = "conflict"
"""The state of what stands too near."""

_CONFLICT = ["zone_id", "emitter_id", "emitter_kind", "hazard_class", "receptor_id"]
_CONFLICT_NAMES = ["receptor_name", "receptor_kind", "rule_id", "state", "why_unrated"]
_CONFLICT_FIGURES = ["required_m", "distance_m", "margin_m", "overlap_ha", "share", "verified"]
_LAND = ["zone_id", "vacant_ha", "developable_ha", "encumbered_ha", "unlocated_ha", "largest_ha"]
_SITE = ["zone_id", "site_id", "area_ha", "parcel_ids", "width_m", "frontage_m", "level"]


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


def _of(frame: pd.DataFrame | None, columns: list[str]) -> pd.DataFrame:
    """Take columns of a table indexed by zone; what it does not have is missing."""
    if frame is None:
        return pd.DataFrame(columns=columns)
    flat = frame.reset_index() if frame.index.names != [None] else frame
    return pd.DataFrame(flat).reindex(columns=columns).reset_index(drop=True)


def _conflicts(beside: SpatialSections) -> pd.DataFrame:
    table = _of(beside.conflicts, [*_CONFLICT, *_CONFLICT_NAMES, *_CONFLICT_FIGURES])
    table["judged"] = table["state"] != CONFLICT
    keys = ["judged", "margin_m", "emitter_id", "receptor_id", "rule_id"]
    return table.sort_values(keys, ignore_index=True).drop(columns="judged")


def _land(beside: SpatialSections) -> pd.DataFrame:
    made = beside.space
    return _of(None if made is None else made.developable.totals.join(made.scatter), _LAND)


def _sites(beside: SpatialSections) -> pd.DataFrame:
    made = beside.space
    if made is None:
        return _of(None, _SITE)
    return _of(made.sites[made.sites["fails"] == ""].drop(columns="geometry"), _SITE)


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
    columns = ["rule_id", "title", "in_force_from", "in_force_to", "verified", "source"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"in_force_from": "datetime64[s]", "in_force_to": "datetime64[s]"}
    )
