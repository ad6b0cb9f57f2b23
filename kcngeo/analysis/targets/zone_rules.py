"""What the law of the day asks of zones as wholes: housing, special zones' shares, phases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.targets.zone_rule_words import told_zone_rules
from kcngeo.core.dates import Day, covers_day, day, day_number
from kcngeo.core.geometry import areas_m2
from kcngeo.core.model import LandUse, Stage
from kcngeo.core.referential import is_among
from kcngeo.core.units import M2_PER_HA, hectares
from kcngeo.fill import leases_on, parcels_on
from kcngeo.ledger import asked
from kcngeo.ledger.tables import CORE
from kcngeo.ledger.zones import zone_names
from kcngeo.standards import Limit, UnreadText, registry

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

REASONS = (
    *("passes", "fails", "open", "unread", "before_law"),
    *("not_needed", "no_phases", "phases_open", "area_unknown", "no_lots", "no_zones"),
)
"""Why a rule is met, is not, or is not decided."""

_COLUMNS = {
    "zone_id": "str",
    "rule_id": "str",
    "measure": "str",
    "area_ha": "float64",
    "of_ha": "float64",
    "share": "float64",
    "share_low": "float64",
    "share_high": "float64",
    "limit_share": "float64",
    "limit_ha": "float64",
    "passes": "boolean",
    "reason": "str",
    "depends_on": "str",
    "about": "str",
    "in_force": "bool",
    "verified": "str",
    "housing_ha": "float64",
    "zones_ha": "float64",
    "away": "str",
}
# A share that should be exactly the limit may come out of a division a little less.
_ROUNDING = 1e-9
# A project of another kind may be of this one too; only what is of none is certain.
_NONE = "other"


def zone_rules(
    project: Project | Snapshot,
    *,
    on: Day,
    limits: Sequence[Limit] | None = None,
    area: str = "grid",
    language: str = "vi",
) -> pd.DataFrame:
    """Test zones against what the law of the day asks of them as wholes.

    Three kinds of rules, with their figures and marks in the registry; those whose dates do not
    hold the day are not asked.

    Housing of workers: a share of the land of all zones. Which land, and whether land outside the
    fences counts, nobody read. It is met where land for housing inside the fences alone is that
    share of all land of all zones that count or are planned, the widest base there is; else it
    depends on what was not read.

    Special zones (column ``zone_type``): a share of the industrial land for the projects the kind
    of zone is for (column ``project_type``). What is let to them is the least it can be; what is
    not let to projects of no such kind ("other") is the most. Between the two it is still open.

    Phases: a zone above a size has phases (column ``phase`` of its lots) of at most that size. Land
    in no phase may belong to the largest.

    A zone established before the rule was in force fails nothing by itself: whether the rule holds
    for it depends on what was not read.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The day.
    limits
        Limits to test; None for those of the registry.
    area
        "grid", "ellipsoid" or "certificate", of lots; zones have their approved area, else that of
        their polygon.
    language
        Language of ``explanation`` and ``source``, "vi" or "en".

    Returns
    -------
    pd.DataFrame
        A row a rule and zone: ``zone_id`` (missing where the rule is about all zones together),
        ``rule_id``, ``measure``, ``area_ha`` (land for housing; let to the projects; the largest
        phase), ``of_ha`` (land of all zones; industrial land; the zone), ``share`` (the one by the
        other; missing for phases) with ``share_low`` and ``share_high`` between which it must lie,
        ``limit_share`` or ``limit_ha``, ``passes`` (missing if it depends, or is not known),
        ``reason`` (of :data:`REASONS`), ``depends_on`` (ids of what nobody read, joined by "|"),
        ``about`` (phases or zones the reason is about, joined by "|"), ``in_force``,
        ``explanation``, ``source`` and ``verified``; of a rule about all zones together what it is
        judged by as well: ``housing_ha``, ``zones_ha`` and, joined by "|", the zones of ``away``
        whose land is not known.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.

    Examples
    --------
    Neither zone of the squares has land for housing, and both have 10 ha, less than 500:

    >>> import kcngeo as kcn
    >>> found = zone_rules(kcn.examples.squares(), on="2022-12-31")
    >>> found["measure"].tolist()
    ['workers_housing', 'phase_area', 'phase_area']
    >>> found["reason"].tolist()
    ['unread', 'not_needed', 'not_needed']
    >>> len(zone_rules(kcn.examples.squares(), on="2022-07-14"))  # the day before the decree
    0
    """
    known = registry().of(Limit) if limits is None else tuple(limits)
    asks = [one for one in known if one.applies_on(on) and one.subject in _RULES]
    snapshot = asked(project, start=on, area=area, about=(*CORE, "projects"))
    ground = _Ground(snapshot=snapshot, on=day(on), area=area)
    rows = [row for one in asks for row in _RULES[one.subject](ground, one)]
    table = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    names = zone_names(snapshot.zones, on=on)
    return told_zone_rules(table, limits=asks, names=names, language=language)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ground:
    """The zones and lots of a day."""

    snapshot: Snapshot
    on: pd.Timestamp
    area: str

    @cached_property
    def zones(self) -> pd.DataFrame:
        """Zones on record on the day that are not removed, with their area; sorted by id."""
        every, number = self.snapshot.zones, day_number(self.on)
        removed = every.get("removed_on", pd.Series(pd.NaT, index=every.index))
        valid = [every.get(name) for name in ("valid_from", "valid_to")]
        there = ~(removed <= self.on).to_numpy()
        if valid[0] is not None:
            there &= ~(valid[0] > self.on).to_numpy()
        if valid[1] is not None:
            there &= ~(valid[1] <= self.on).to_numpy()
        columns = ["zone_id", "approved_area_ha", "zone_type", "established_on", "stage"]
        table = pd.DataFrame(every.reindex(columns=columns))
        there &= (table["stage"] != Stage.REMOVED).to_numpy()
        drawn = every.geometry.notna().to_numpy()
        measured = np.full(len(every), np.nan)
        measured[drawn] = areas_m2(every[drawn], basis="grid", certificate="") / M2_PER_HA
        written = table["approved_area_ha"].astype("float64")
        counts = covers_day(*self.snapshot.zone_days, number)
        table = table.assign(
            zone_ha=written.fillna(pd.Series(measured, every.index)), counts=counts
        )
        return table[there].sort_values("zone_id").reset_index(drop=True)

    @cached_property
    def counting(self) -> pd.DataFrame:
        """Zones that count on the day."""
        return self.zones[self.zones["counts"]]

    @cached_property
    def lots(self) -> pd.DataFrame:
        """Lots of all land uses on the day, with their area."""
        there = self.snapshot.in_force(self.on)
        drawn = self.snapshot.parcels[there]
        measured = areas_m2(drawn, basis=self.area, certificate="certificate_area_m2")
        lots = pd.DataFrame(drawn.reindex(columns=["zone_id", "land_use", "phase"]))
        return lots.assign(area_ha=measured / M2_PER_HA)

    @cached_property
    def industrial(self) -> pd.DataFrame:
        """Industrial lots on the day, with what is let of each by kind of project."""
        asked_for: dict[str, Any] = {"on": self.on, "area": self.area}
        lots = parcels_on(self.snapshot, **asked_for)
        leases = leases_on(self.snapshot, **asked_for, parcels=lots)
        lots = lots[lots["land_use"] == LandUse.INDUSTRIAL]
        leases = leases[is_among(leases["parcel_id"], lots["parcel_id"])]
        kinds = self._kinds.reindex(leases["project_id"]).to_numpy()
        let = leases.assign(kind=kinds).dropna(subset="kind")
        table = let.pivot_table(
            index="zone_id", columns="kind", values="leased_ha", aggfunc="sum", fill_value=0.0
        )
        base = pd.Series(hectares(lots["whole_mm2"]), index=lots["zone_id"].to_numpy())
        return table.reindex(base.index.unique(), fill_value=0.0).assign(
            base=base.groupby(level=0).sum()
        )

    @cached_property
    def _kinds(self) -> pd.Series:
        """Kind of project, by project; missing where nobody wrote it."""
        projects = self.snapshot.table("projects")
        if projects is None:
            return pd.Series(dtype="str")
        known = projects.reindex(columns=["project_id", "project_type"])
        return known.set_index("project_id")["project_type"].astype("object")


def _row(limit: Limit, on: pd.Timestamp, *, reason: str, **told: Any) -> dict[str, Any]:
    """Lay out what was found of a rule; a missing verdict depends on what nobody read of it."""
    unread = [one.name for one in registry().of(UnreadText) if limit.name in one.affects]
    depends = unread if reason in ("unread", "before_law") else []
    of_share = limit.unit == "share"
    bound = limit.at_least if limit.at_least is not None else limit.at_most
    figure = np.nan if bound is None else bound
    return {
        "rule_id": limit.name,
        "measure": limit.measure,
        "limit_share": figure if of_share else np.nan,
        "limit_ha": np.nan if of_share else figure,
        "passes": {"passes": True, "not_needed": True, "fails": False}.get(reason),
        "reason": reason,
        "depends_on": "|".join(depends) or None,
        "in_force": limit.is_in_force(on),
        "verified": str(limit.verified),
        **told,
    }


def _housing(ground: _Ground, limit: Limit) -> Iterator[dict[str, Any]]:
    """Hold the land for housing inside the fences against all land of all zones."""
    mine = ground.lots["zone_id"].isin(ground.counting["zone_id"])
    housing = ground.lots[mine & (ground.lots["land_use"] == LandUse.HOUSING)]
    unknown = ground.zones["zone_id"][ground.zones["zone_ha"].isna()]
    yield _of_all_zones(
        limit,
        on=ground.on,
        counts=bool(len(ground.counting)),
        housing_ha=float(housing["area_ha"].sum()),
        zones_ha=float(ground.zones["zone_ha"].sum()),
        away=sorted({*unknown, *ground.snapshot.apart}),
    )


def _of_all_zones(
    limit: Limit,
    *,
    on: pd.Timestamp,
    counts: bool,
    housing_ha: float,
    zones_ha: float,
    away: Sequence[str],
) -> dict[str, Any]:
    """Judge a rule about all zones together, and keep what it is judged by."""
    said = {"housing_ha": housing_ha, "zones_ha": zones_ha, "away": "|".join(away) or None}
    if not counts:
        return _row(limit, on, reason="no_zones", **said)
    if away:
        return _row(
            limit, on, reason="area_unknown", area_ha=housing_ha, about="|".join(away), **said
        )
    share = housing_ha / zones_ha
    is_met = limit.at_least is not None and share >= limit.at_least - _ROUNDING
    told = {"area_ha": housing_ha, "of_ha": zones_ha, "share": share, "share_low": share}
    return _row(limit, on, reason="passes" if is_met else "unread", **told, **said)


def joined_zone_rules(tables: Sequence[pd.DataFrame], *, on: pd.Timestamp) -> pd.DataFrame:
    """Join what was found of rules about zones, of sets that have no zone in common."""
    every = pd.concat(tables, ignore_index=True)
    known = {one.name: one for one in registry().of(Limit)}
    parts = []
    # Rule by rule, as they were asked; a rule about all zones is judged by the sums.
    for name in dict.fromkeys(every["rule_id"]):
        rows = every[every["rule_id"] == name]
        if rows["zone_id"].isna().all():
            away = "|".join(rows["away"].dropna())
            row = _of_all_zones(
                known[str(name)],
                on=on,
                counts=bool((rows["reason"] != "no_zones").any()),
                housing_ha=float(rows["housing_ha"].sum()),
                zones_ha=float(rows["zones_ha"].sum()),
                away=sorted(away.split("|")) if away else (),
            )
            rows = pd.DataFrame([row], columns=list(_COLUMNS)).astype(_COLUMNS)
            parts.append(rows)
        else:
            parts.append(rows.sort_values("zone_id", kind="stable"))
    return pd.concat(parts, ignore_index=True) if parts else every


def _special(ground: _Ground, limit: Limit) -> Iterator[dict[str, Any]]:
    """Hold what is let to the projects a zone is for against its industrial land."""
    zones = ground.counting
    for zone in zones[zones["zone_type"] == limit.measure].to_dict("records"):
        zone_id = zone["zone_id"]
        if limit.at_least is None:
            yield _row(limit, ground.on, reason="unread", zone_id=zone_id)
            continue
        if zone_id not in ground.industrial.index:
            yield _row(limit, ground.on, reason="no_lots", zone_id=zone_id)
            continue
        land = ground.industrial.loc[zone_id]
        base, named = land["base"], land.get(limit.measure, 0.0)
        others = land.get(_NONE, 0.0)
        low, high = named / base, (base - others) / base
        reason = "open"
        if low >= limit.at_least - _ROUNDING:
            reason = "passes"
        elif high < limit.at_least - _ROUNDING:
            reason = _failing(zone, limit)
        told = {"area_ha": named, "of_ha": base, "share": low, "share_low": low}
        yield _row(limit, ground.on, reason=reason, zone_id=zone_id, **told, share_high=high)


def _phases(ground: _Ground, limit: Limit) -> Iterator[dict[str, Any]]:
    """Hold the largest phase of a zone above the limit against it."""
    most = np.inf if limit.at_most is None else limit.at_most
    for zone in ground.counting.to_dict("records"):
        zone_id, whole = zone["zone_id"], zone["zone_ha"]
        told: dict[str, Any] = {"zone_id": zone_id, "of_ha": whole}
        if np.isnan(whole):
            yield _row(limit, ground.on, reason="area_unknown", **told, about=zone_id)
            continue
        if whole <= most:
            yield _row(limit, ground.on, reason="not_needed", **told)
            continue
        mine = ground.lots[ground.lots["zone_id"] == zone_id].dropna(subset="phase")
        by_phase = mine.groupby("phase")["area_ha"].sum()
        if by_phase.empty:
            yield _row(limit, ground.on, reason="no_phases", **told)
            continue
        # To the square metre, as accounts are.
        largest, total = (round(float(one), 4) for one in (by_phase.max(), by_phase.sum()))
        beyond = [str(name) for name in by_phase.index[by_phase.round(4) > most]]
        reason = "phases_open" if largest + max(whole - total, 0.0) > most else "passes"
        reason = _failing(zone, limit) if beyond else reason
        yield _row(limit, ground.on, reason=reason, **told, area_ha=largest, about="|".join(beyond))


def _failing(zone: dict[Any, Any], limit: Limit) -> str:
    """Say of a rule that is not met whether it fails: a zone may be older than the rule."""
    since, first = zone["established_on"], limit.in_force_from
    older = first is not None and pd.notna(since) and since < pd.Timestamp(first)
    return "before_law" if older else "fails"


_RULES = {"province": _housing, "special_zone": _special, "zone": _phases}
