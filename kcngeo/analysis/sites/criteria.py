"""What is asked of a site, and what is known of its parcels: readiness, services, sectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from kcngeo.analysis.sites.offers import asked_offers, offer_reasons
from kcngeo.core.dates import Day
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.validation import distinct


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCriteria:
    """What an investor asks of a site, and how land is assembled into sites.

    Attributes
    ----------
    min_area_ha
        Hectares a site must have.
    min_width_m
        Metres it must be wide throughout; None for any width.
    on
        The day: roads with ``done_on`` count from that day. None if it does not matter.
    needs
        Columns of ``readiness`` that must be true of every parcel, for example "road" and "power";
        what nobody recorded is unknown and falls out as such.
    min_level
        Least level of readiness of every parcel; None for any.
    sector
        Sector of the investor, who may not take the parcels listed as unsuitable for it; None for
        any parcel.
    min_frontage_m
        Metres of the site's edge that must lie on a road; None for none.
    max_price_vnd_m2
        Highest rent asked of any lot, in đồng a square metre; None for any.
    max_to_gate_m
        Longest way by road of any lot to the gate; ``max_to_highway_m``, ``max_to_port_m`` and
        ``max_to_airport_m`` alike. None for any.
    turnkey
        Whether every lot must have a factory ready to let.
    fibre
        Whether every lot must have optical fibre.
    across_road_m
        Widest road that may run through a site; None for no road.
    min_shared_edge_m
        Metres two parcels must share to lie together.
    road_reach_m
        How far from a road's land an edge may lie to be on the road.
    gap_m
        Hairlines up to this width are closed before anything is measured.

    Raises
    ------
    KcngeoError
        If a size is not above 0 or not finite; all are named.

    Examples
    --------
    Eight hectares, nowhere narrower than 60 m, with a road and power at every parcel:

    >>> criteria = SiteCriteria(min_area_ha=8, min_width_m=60, needs=("road", "power"))
    >>> criteria.min_width_m, criteria.min_level
    (60, None)
    """

    min_area_ha: float
    min_width_m: float | None = None
    on: Day | None = None
    needs: Sequence[str] = ()
    min_level: int | None = None
    sector: str | None = None
    min_frontage_m: float | None = None
    max_price_vnd_m2: float | None = None
    max_to_gate_m: float | None = None
    max_to_highway_m: float | None = None
    max_to_port_m: float | None = None
    max_to_airport_m: float | None = None
    turnkey: bool = False
    fibre: bool = False
    across_road_m: float | None = None
    min_shared_edge_m: float = 10.0
    road_reach_m: float = 1.0
    gap_m: float = 0.02

    def __post_init__(self) -> None:
        names = [one.name for one in fields(self) if one.name.endswith(("_ha", "_m", "_m2"))]
        sizes = {name: getattr(self, name) for name in names}
        bad = tuple(
            f"{name}={size}"
            for name, size in sizes.items()
            if size is not None and not 0 < size < float("inf")
        )
        if bad:
            raise KcngeoError("site_sizes", ids=bad)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], *, table: str) -> None:
    """Refuse a frame that lacks columns."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        finding = Finding(
            rule="missing_columns",
            severity=Severity.ERROR,
            table=table,
            fields={"columns": missing},
        )
        raise ContractError([finding])


def refused(
    parcels: pd.Series,
    criteria: SiteCriteria,
    *,
    readiness: pd.DataFrame | None,
    unsuitable: pd.DataFrame | None,
    offers: pd.DataFrame | None,
) -> pd.Series:
    """Give for every parcel the reasons why it cannot be part of a site."""
    reasons: dict[str, list[str]] = {name: [] for name in parcels}
    needs, min_level, sector = criteria.needs, criteria.min_level, criteria.sector
    if (needs or min_level is not None) and readiness is None:
        raise KcngeoError("site_needs_frame", argument="readiness")
    if readiness is not None:
        asked = [*needs, *(["level"] if min_level is not None else [])]
        require_columns(readiness, asked, table="readiness")
        known = readiness.reindex(parcels)
        for need in needs:
            # True, false or not on record: the last is a reason of its own.
            served = known[need].astype("boolean")
            _note(reasons, parcels, served.isna().to_numpy(), f"unknown_{need}")
            _note(reasons, parcels, (~served.fillna(True)).to_numpy(dtype=bool), f"without_{need}")
        if min_level is not None:
            level = known["level"].astype("Int64")
            _note(reasons, parcels, level.isna().to_numpy(), "unknown_level")
            low = (level < min_level).fillna(False)
            _note(reasons, parcels, low.to_numpy(dtype=bool), "level")
    if sector is not None:
        if unsuitable is None:
            raise KcngeoError("site_needs_frame", argument="unsuitable")
        require_columns(unsuitable, ["parcel_id", "sector"], table="unsuitable")
        named = unsuitable["parcel_id"][unsuitable["sector"] == sector]
        _note(reasons, parcels, parcels.isin(named).to_numpy(), "sector")
    if asked := asked_offers(criteria):
        if offers is None:
            raise KcngeoError("site_needs_frame", argument="offers")
        require_columns(offers, asked, table="offers")
        for reason, bad in offer_reasons(offers.reindex(parcels), criteria):
            _note(reasons, parcels, bad.to_numpy(dtype=bool), reason)
    return pd.Series({name: tuple(found) for name, found in reasons.items()}, dtype="object")


def levels_of(readiness: pd.DataFrame | None, sites: Sequence[Sequence[str]]) -> list[Any]:
    """Give the level of each site: the lowest of its parcels; missing if one is unknown."""
    if readiness is None or "level" not in readiness.columns:
        return [pd.NA] * len(sites)
    known = readiness["level"].dropna()
    level: dict[str, int] = dict(zip(known.index, known.astype(int), strict=True))
    return [
        min(level[name] for name in some) if some and all(name in level for name in some) else pd.NA
        for some in sites
    ]


def admissible_of(
    admissible: pd.DataFrame | None, sites: Sequence[Sequence[str]]
) -> list[str | None]:
    """Say of each site the worst hazard class that each rule allows on all its parcels."""
    if admissible is None:
        return [None] * len(sites)
    # The mildest class has the shortest distance; no class at all is milder still. Of two that are
    # alike the first row counts, whatever parcel it is of.
    rows: dict[str, list[tuple[str, float, int, Any]]] = {}
    asked = admissible.dropna(subset="rule_id")
    shown = zip(
        asked["parcel_id"],
        asked["rule_id"],
        asked["required_m"].fillna(-1.0),
        asked["admissible_class"],
        strict=True,
    )
    for place, (parcel_id, rule, required_m, name) in enumerate(shown):
        rows.setdefault(parcel_id, []).append((rule, required_m, place, name))
    return [_mildest([row for name in set(some) for row in rows.get(name, ())]) for some in sites]


def _mildest(rows: list[tuple[str, float, int, Any]]) -> str | None:
    """Say the mildest class of each rule."""
    by_rule: dict[str, Any] = {}
    # The places differ, so classes are never compared.
    for rule, _, _, name in sorted(rows, key=lambda row: row[:3]):
        by_rule.setdefault(rule, name)
    said = (f"{rule}: {name if isinstance(name, str) else '–'}" for rule, name in by_rule.items())
    return "|".join(said) or None


def _note(reasons: dict[str, list[str]], parcels: pd.Series, bad: Any, reason: str) -> None:
    for name in distinct(parcels[bad]):
        reasons[name].append(reason)
