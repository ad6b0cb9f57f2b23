"""The month of all zones, joined from those of groups of zones, none of whose lots it needs.

What a month says is nearly all by zone: it is set one below the other. Of all zones together are
the totals, what is in doubt, rules and targets of all zones, and whatever belongs to no zone. A
part has no row a lot, so that a month of very many lots fits into memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.analysis.change import Change
from kcngeo.analysis.quality.gate import doubt_table
from kcngeo.analysis.sites.find import ranked
from kcngeo.analysis.targets import trajectory
from kcngeo.analysis.targets.zone_rules import joined_zone_rules
from kcngeo.core.crs import wgs84_operation
from kcngeo.core.model import Finding
from kcngeo.fill import LIMITS
from kcngeo.fill.rates import combine_totals
from kcngeo.ledger import Snapshot
from kcngeo.ledger.tables import Tables
from kcngeo.ledger.zone_rows import belongs
from kcngeo.report.declared_section import Beside, beside_of, newer_claims
from kcngeo.report.month import MonthlyReport
from kcngeo.report.plan_measures import PlanMeasures
from kcngeo.report.progress_section import LATE, Steps
from kcngeo.report.sections import Forecast
from kcngeo.report.site_report import SiteReport
from kcngeo.report.spatial_sections import SpatialSections, about_conflicts
from kcngeo.report.total_change import TOTAL

# It does not travel between processes, and follows from the lots.
_NO_OPERATION: Any = None
A_ROW_A_LOT = ("ledger", "buildings", "clearance")
"""Tables as long as that of lots; a part has no row of them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonthPart:
    """What a group of zones says of a month, without its lots.

    Attributes
    ----------
    report
        The month of these zones; its series holds the day.
    around
        What stands beside the accounts; sites that pass, which do not say of which lots they are.
    beside
        What stands beside the figures.
    """

    report: MonthlyReport
    around: SpatialSections
    beside: Beside


def month_part(report: MonthlyReport, around: SpatialSections) -> MonthPart:
    """Keep of a month what a join needs.

    Parameters
    ----------
    report
        The month of some zones.
    around
        What stands beside its accounts.

    Returns
    -------
    MonthPart
        The part; what its tables, many of which have no row left, call by an id has to be known.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> part = month_part(report, kcn.report.spatial_sections(report))
    >>> part.report.project.parcels["parcel_id"].tolist()  # the first of a zone stands for it
    ['A-1', 'B-1']
    """
    cut = {name: _cut(tables) for name, tables in _both(report.snapshot).items()}
    snapshot = _snapshot(report.snapshot, cut["known"], cut["given"])
    space = around.space
    return MonthPart(
        report=replace(
            report,
            snapshot=snapshot,
            stored=snapshot,
            series=report.series[report.series.index.get_level_values("on") == report.on],
            targets=None if report.targets is None else _now(report.targets, report.on),
            operation=_NO_OPERATION,
        ),
        around=replace(
            around,
            conflicts=None if around.conflicts is None else _flat(around.conflicts),
            space=None if space is None else _zones_of(space, snapshot),
        ),
        beside=beside_of(report),
    )


def _both(snapshot: Snapshot) -> dict[str, Tables]:
    return {"known": snapshot, "given": snapshot.given or snapshot}


def _snapshot(of: Snapshot, known: dict[str, Any], given: dict[str, Any]) -> Snapshot:
    """Make a snapshot of other tables, which nothing is computed with."""
    return Snapshot(
        **known,
        moment=of.moment,
        sets_apart=of.sets_apart,
        broken=of.broken,
        apart=of.apart,
        given=Tables(**given),
        since=of.since,
    )


def _cut(tables: Tables) -> dict[str, Any]:
    """Keep the rows that are of a zone, but of tables that are as long as that of lots."""
    frames = {}
    for name, frame in tables.tables():
        kept = is_of_a_zone(frame, tables)
        if name == "parcels":
            # A zone that has lots is seen to have some.
            kept &= ~frame["zone_id"].duplicated().to_numpy()
        elif name in A_ROW_A_LOT:
            kept = np.zeros(len(frame), dtype=bool)
        frames[name] = frame[kept]
    return frames


def is_of_a_zone(frame: pd.DataFrame, tables: Tables) -> Any:
    """Tell which rows of a table belong to a zone, by themselves or by their lot."""
    return belongs(frame, tables.parcels, lambda zone_id: isinstance(zone_id, str))


def _now(targets: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    # A target of all zones is judged by all of them.
    return targets[(targets["on"] == on) & targets["zone_id"].notna()]


def _flat(frame: pd.DataFrame) -> Any:
    return pd.DataFrame(frame.drop(columns=frame.columns.intersection(["geometry"])))


def _zones_of(space: SiteReport, snapshot: Snapshot) -> SiteReport:
    """Keep of the land what is said of zones and of sites."""
    ready = space.readiness
    if ready is not None:
        # What serves the lots, added up by zone.
        kinds = [name for name in ready.columns if ready[name].dtype == "boolean"]
        sums = ready.groupby(["zone_id", *kinds], dropna=False)["area_ha"].sum()
        ready = sums.reset_index()
    empty = space.developable.land.iloc[:0]
    # Of the others, which are most, a month says nothing.
    sites = _flat(space.sites[space.sites["fails"] == ""])
    return replace(
        space,
        snapshot=snapshot,
        encumbrances=space.encumbrances.iloc[:0],
        developable=replace(space.developable, land=empty),
        sites=sites.assign(parcel_ids=""),
        readiness=ready,
    )


def joined_month(parts: Sequence[MonthPart], nobody: Snapshot) -> MonthPart:
    """Join a month of groups of zones that have no zone in common.

    Parameters
    ----------
    parts
        What the groups say.
    nobody
        The rows that belong to no zone, all of them, as known.

    Returns
    -------
    MonthPart
        What all zones say; nothing can be computed with its snapshot.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> def part(zone_ids):
    ...     some = project.only(zone_ids)
    ...     report = kcn.report.monthly(some, month="2018-03", start="2018-01-01")
    ...     return month_part(report, kcn.report.spatial_sections(report))
    >>> nobody = project.only([]).as_known(faulty="set_apart")
    >>> joined_month([part(["A"]), part(["B"])], nobody).report.accounts["leased_ha"].tolist()
    [1.5, 1.0]
    """
    reports = [one.report for one in parts]
    first = reports[0]
    snapshot = _joined_snapshot([one.snapshot for one in reports], nobody)
    findings = _distinct(one.findings for one in reports)
    doubted = _stacked(one.doubted for one in reports)
    moments = [one.known_at for one in reports if one.known_at is not None]
    total = combine_totals([one.total for one in reports])
    report = MonthlyReport(
        on=first.on,
        definition=first.definition,
        chosen=first.chosen,
        area=first.area,
        known_at=max([*moments, *filter(None, [nobody.moment])], default=None),
        snapshot=snapshot,
        stored=snapshot,
        accounts=_stacked(one.accounts for one in reports),
        series=_stacked(one.series for one in reports).sort_index(),
        total=total,
        blocked=_stacked(one.blocked for one in reports),
        change=_change([one.change for one in reports]),
        year_change=_change([one.year_change for one in reports]),
        targets=_targets(reports, total, nobody),
        forecast=_forecast([one.forecast for one in reports]),
        steps=_steps([one.steps for one in reports]),
        bases=_all(_stacked, [one.bases for one in reports]),
        zone_rules=_all(
            lambda some: joined_zone_rules(some, on=first.on), [one.zone_rules for one in reports]
        ),
        investors=_all(_stacked, [one.investors for one in reports]),
        vacancy=_all(_stacked, [one.vacancy for one in reports]),
        plan=_plan([one.plan for one in reports]),
        findings=findings,
        doubt=doubt_table(doubted, findings, definition=first.definition),
        doubted=doubted,
        operation=wgs84_operation(snapshot.parcels),
    )
    return MonthPart(
        report=report,
        around=_around(parts, report),
        beside=_beside([one.beside for one in parts], report),
    )


def _stacked(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Set tables one below the other, zone by zone."""
    whole = _one_below_the_other(list(frames))
    if "zone_id" in whole.index.names:
        place = whole.index.get_level_values("zone_id")
    elif "zone_id" in whole.columns:
        place = pd.Index(whole["zone_id"])
    else:
        return whole
    whole = whole.iloc[place.argsort(kind="stable")]
    return whole.reset_index(drop=True) if whole.index.names == [None] else whole


def _one_below_the_other(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Set tables one below the other; empty ones have no say in the kinds of columns."""
    return pd.concat([one for one in frames if len(one)] or [*frames[:1]])


def _all(join: Callable[[Any], Any], some: Sequence[Any]) -> Any:
    """Join what every group could answer; what one could not is not known of all."""
    return None if any(one is None for one in some) else join(some)


def _distinct(some: Iterable[Iterable[Finding]]) -> tuple[Finding, ...]:
    """List findings once: what belongs to no zone is found with every group."""
    return tuple(dict.fromkeys(one for found in some for one in found))


def _change(some: Sequence[Change | None]) -> Change | None:
    return _all(
        lambda known: Change(
            effects=_stacked(one.effects for one in known),
            entries=_stacked(one.entries for one in known),
        ),
        some,
    )


def _forecast(some: Sequence[Forecast | None]) -> Forecast | None:
    return _all(
        lambda known: Forecast(
            dates=_stacked(one.dates for one in known), area=_stacked(one.area for one in known)
        ),
        some,
    )


def _steps(some: Sequence[Steps | None]) -> Steps | None:
    def join(known: Sequence[Steps]) -> Steps:
        late = pd.concat([one.late for one in known]).sort_values(
            ["late_days", "zone_id", "component", "side"], ascending=[False, True, True, True]
        )
        return Steps(
            zones=_stacked(one.zones for one in known),
            late=late[list(LATE)].reset_index(drop=True),
            funnel=_stacked(one.funnel for one in known),
            card=_stacked(one.card for one in known),
            clearing=_all(_stacked, [one.clearing for one in known]),
            clocks=_all(_stacked, [one.clocks for one in known]),
        )

    return _all(join, some)


def _plan(some: Sequence[PlanMeasures | None]) -> PlanMeasures | None:
    def join(known: Sequence[PlanMeasures]) -> PlanMeasures:
        tables: dict[str, Any] = {
            one.name: _all(_stacked, [getattr(part, one.name) for part in known])
            for one in fields(PlanMeasures)
            if one.name not in ("order", "requests")
        }
        return PlanMeasures(
            **tables,
            requests=_all(_requests, [one.requests for one in known]),
            order=_distinct(one.order for one in known),
        )

    return _all(join, some)


def _requests(some: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """List requests once, by their zone where a group knows one."""
    every = pd.concat(some).sort_values("zone_id", kind="stable", na_position="last")
    return every[~every.index.duplicated()].sort_index()


def _targets(
    reports: Sequence[MonthlyReport], total: pd.DataFrame, nobody: Snapshot
) -> pd.DataFrame | None:
    """Join targets; those of all zones together are judged by the totals."""
    judged = [one.targets for one in reports if one.targets is not None]
    plan = nobody.targets
    if plan is not None and len(plan):
        counted = total[total["zone_count"] > 0]
        figures = counted[["leased_ha", "base_ha", "fill_rate", *LIMITS]].copy()
        # A sum of hectares without one of the zones is none.
        missing = counted.index[counted["known_count"] < counted["zone_count"]]
        rows = (
            figures.reset_index("definition").assign(zone_id="").set_index("zone_id", append=True)
        )
        of_all = trajectory(rows.reorder_levels(["zone_id", "on"]), plan)
        in_ha = of_all["measure"].isin(figures.columns.drop("fill_rate"))
        keys = pd.MultiIndex.from_frame(of_all[["definition", "on"]])
        of_all.loc[in_ha & keys.isin(missing), "actual"] = np.nan
        judged.append(of_all[of_all["on"] == reports[0].on])
    return _stacked(judged) if judged else None


def _joined_snapshot(some: Sequence[Snapshot], nobody: Snapshot) -> Snapshot:
    """Set the tables one below the other, those of no zone last."""
    every = [_both(one) for one in (*some, nobody)]
    frames: dict[str, dict[str, Any]] = {"known": {}, "given": {}}
    for kind, into in frames.items():
        for name in dict.fromkeys(name for one in every for name, _ in one[kind].tables()):
            rows = [getattr(one[kind], name) for one in every]
            known = [one for one in rows if one is not None]
            into[name] = _one_below_the_other(known).reset_index(drop=True)
    # Those of zones were held against their groups.
    frames["known"]["claims"] = nobody.claims
    apart = tuple(sorted({zone_id for one in some for zone_id in one.apart}))
    broken = {name: found for one in some for name, found in one.broken.items()}
    whole = _snapshot(some[0], frames["known"], frames["given"])
    return replace(whole, apart=apart, broken=broken)


def _around(parts: Sequence[MonthPart], report: MonthlyReport) -> SpatialSections:
    some = [one.around for one in parts]
    conflicts = _all(
        lambda frames: pd.concat(frames).drop_duplicates(["emitter_id", "receptor_id", "rule_id"]),
        [one.conflicts for one in some],
    )
    found = _distinct(one.findings for one in some)
    if conflicts is not None:
        # Emitters and receptors of no zone are not all with any one group.
        others = [one for one in found if one.table not in ("emitters", "receptors")]
        found = _distinct([others, about_conflicts(report.snapshot, report.on)])
    rules = {one.name: one for part in some for one in part.rules}
    return SpatialSections(
        conflicts=conflicts,
        space=_space(parts),
        rules=tuple(rules[name] for name in sorted(rules)),
        findings=found,
    )


def _space(parts: Sequence[MonthPart]) -> SiteReport | None:
    """Join the land; zones without lots have none to speak of, but where others have some."""
    bare = [one.report for one in parts if not len(one.report.snapshot.parcels)]
    some = [one.around.space for one in parts if len(one.report.snapshot.parcels)]
    known = [one for one in some if one is not None]
    if len(known) < len(some) or not known:
        return None
    totals = _stacked(one.developable.totals for one in known)
    for one in bare:
        totals = totals.reindex(totals.index.union(one.accounts.index).rename("zone_id"))
    return replace(
        known[0],
        developable=replace(known[0].developable, totals=totals),
        sites=ranked(pd.concat([one.sites for one in known])),
        scatter=_stacked(one.scatter for one in known),
        readiness=_all(_stacked, [one.readiness for one in known]),
    )


def _beside(some: Sequence[Beside], report: MonthlyReport) -> Beside:
    claims = _stacked(one.newer_claims[one.newer_claims["zone_id"] != TOTAL] for one in some)
    # What is claimed of all zones together is held against all of them.
    of_all = newer_claims(report)
    return Beside(
        declared=_stacked(one.declared for one in some),
        newer_claims=_one_below_the_other([of_all, claims]).reset_index(drop=True),
        last_entries={name: on for one in some for name, on in one.last_entries.items()},
    )
