"""The gate before every figure of a month: all that can move it, and how far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.quality import month_rules
from kcngeo.analysis.quality.doubt import SIDES, Doubt, Fraction, summed_by_zone, together
from kcngeo.analysis.quality.month_ground import MonthGround
from kcngeo.analysis.quality.rules import CATALOGUE
from kcngeo.core.dates import covers_day
from kcngeo.core.geometry import OVERLAP_M2
from kcngeo.core.model import Effect, Finding, Severity, Status
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2
from kcngeo.core.validation import distinct
from kcngeo.fill import Accounts
from kcngeo.fill.unmeasured import unmeasured
from kcngeo.ledger import asked
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.core.dates import Day
    from kcngeo.ledger import Project, Snapshot

    Floats = NDArray[np.float64]


ABSENT = ("no_fence", "dates_reversed")
"""Rules about land of zones that should count and do not."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gate:
    """What a reader of the figures of a month must know, and how far they may be wrong together.

    Attributes
    ----------
    findings
        A finding a rule and zone, those that move a figure with their effect.
    doubt
        By ``zone_id``, and last the set of all: ``doubt_leased_ha``, ``doubt_base_ha``, ``doubt``
        (how far the rate may lie from what is printed, as a share; missing where it has none) and
        ``because``, the rules that move something, the most first, joined by "|".
    doubted
        By ``zone_id`` what ``doubt`` is worked out of, mm²: what figures may gain or lose, the
        figures, and what is declared in their place (``stated_let``, ``stated_base``).
    """

    findings: tuple[Finding, ...]
    doubt: pd.DataFrame
    doubted: pd.DataFrame


def month_findings(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
) -> list[Finding]:
    """Find everything that can move a figure of a day, each with how far it can move it.

    A figure is what a land account and a rate are made of: the hectares let, the base, and their
    ratio. The effect of a finding is how far they may lie from what is printed if all that it
    doubts is wrong in the same direction. What keeps a zone out of the figures is a fault, told
    with the figures.

    Parameters
    ----------
    project
        The tables, or a snapshot of them.
    on
        The reporting date.
    definition
        Id of the definition by which the effect is counted; None for the law in force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    list[Finding]
        A warning a rule and zone, with ``effect`` in hectares and as a share of the rate.

    Raises
    ------
    ContractError
        If a zone is at fault and the snapshot does not set zones apart.

    Examples
    --------
    The square B-2 is 1 ha of the 2 ha of its zone and in no entry: it may be let as well.

    >>> import kcngeo as kcn
    >>> (found,) = month_findings(kcn.examples.squares(), on="2018-03-31")
    >>> found.rule, found.ids, found.effect.leased_ha, found.effect.share
    ('never_mentioned', ('B-2',), 1.0, 0.5)
    """
    used = fill_definition(definition, on=on)
    snapshot = asked(project, start=on, area=area, definition=used.name)
    return list(gate(Accounts.of(snapshot, area=area), on=on, definition=used).findings)


def gate(
    accounts: Accounts, *, on: Day, definition: FillDefinition, told: Sequence[Finding] = ()
) -> Gate:
    """Ask every rule of a month, and add up what is in doubt.

    ``told`` are findings of faults; those whose effect has bounds get it, and all come first. How
    effects are added is said in :func:`kcngeo.analysis.quality.doubt.together`: two rules that
    doubt the same hectares of a parcel count once.
    """
    ground = MonthGround(accounts, on=on, definition=definition)
    bounded, doubts, whole = doubts_of(ground)
    counts = accounts.counts(ground.dates)[:, 0]
    found = [_bounded(one, bounded, whole, ground) for one in told]
    for doubt in doubts:
        found += _findings(doubt, whole, ground)
    found += [one for one in _unmeasurable(ground) if one not in found]
    size = len(ground.parcels)
    own_let, own_rest = np.zeros(size), np.zeros(size)
    named = np.unique(np.concatenate([[], *(one.version for one in (*doubts, *bounded))]))
    named = named[named >= 0].astype("int64")
    own_let[named], own_rest[named] = ground.own(named)
    doubts = [one for one in doubts if one.is_bounded]
    counted = [
        some_rows(one, counts[one.zone]) for one in (*doubts, *bounded) if one.rule not in ABSENT
    ]
    counted += [one for one in doubts if one.rule in ABSENT]
    sides = together(counted, len(whole.let), own_let=own_let, own_rest=own_rest)
    doubted = _doubted(sides, whole, ground)
    table = doubt_table(doubted, found, definition=definition)
    return Gate(findings=tuple(found), doubt=table, doubted=doubted)


def doubts_of(ground: MonthGround) -> tuple[list[Doubt], list[Doubt], Fraction]:
    """Ask every rule of a day: faults that have bounds, doubts, and the figures they may move."""
    accounts = ground.accounts
    bounded = [*_overlapping(ground), *_twice(ground)]
    doubts = [_told(one) for rule in month_rules.RULES for one in rule(ground)]
    counts = accounts.counts(ground.dates)[:, 0]
    let, base, _ = accounts.raw_fraction(ground.dates, ground.definition)
    let, base = (np.where(counts, one[:, 0], np.nan) for one in (let, base))
    on_whole_zone = ground.definition.on_whole_zone
    return bounded, doubts, Fraction(let=let, base=base, on_whole_zone=on_whole_zone)


def _told(doubt: Doubt) -> Doubt:
    """Leave out the zones where what was measured is 1 m² or less together: rounding."""
    if doubt.measured_m2 is None or not len(doubt.zone):
        return doubt
    total = np.bincount(doubt.zone, weights=doubt.measured_m2)
    return some_rows(doubt, total[doubt.zone] > OVERLAP_M2)


def _overlapping(ground: MonthGround) -> Iterator[Doubt]:
    """Parcels that overlap: what they share may belong to neither."""
    pairs = ground.snapshot.overlaps
    pairs = pairs[covers_day(pairs["start"], pairs["end"], ground.number)]
    version = pairs[["left", "right"]].to_numpy(dtype="int64").T.reshape(-1)
    gap = np.tile(pairs["area_m2"].to_numpy(), 2) * MM2_PER_M2
    whole = ground.accounts.version_mm2[version]
    yield ground.sized("overlap", version, -np.minimum(gap, whole))


def _twice(ground: MonthGround) -> Iterator[Doubt]:
    """Entries that stand twice: both may be right."""
    repeats = ground.snapshot.allocations.repeats
    repeats = repeats[covers_day(repeats["start"], repeats["end"], ground.number)]
    version, again = (repeats[name].to_numpy("int64") for name in ("version", "again"))
    entries = ground.snapshot.ledger.iloc[again].reindex(columns=["status", "part_area_ha"])
    # Who has the whole lot twice has no more of it.
    part_ha = np.nan_to_num(entries["part_area_ha"].to_numpy(dtype="float64"))
    let = part_ha * (entries["status"] == Status.LEASED).to_numpy() * M2_PER_HA * MM2_PER_M2
    names = ground.entry_names(again)
    yield ground.held("same_entry_twice", version, let, names=names, table="ledger")


def _bounded(
    told: Finding, doubts: Iterable[Doubt], whole: Fraction, ground: MonthGround
) -> Finding:
    """Give a finding of a fault its effect, where it has bounds."""
    for doubt in doubts:
        if doubt.rule == told.rule:
            mine = some_rows(doubt, np.isin(doubt.names, told.ids))
            if len(mine.zone):
                return replace(told, effect=worst_of(effects_of(mine, whole)))
    return told


def some_rows(doubt: Doubt, rows: Any) -> Doubt:
    """Keep some rows of a doubt."""
    names = ("names", "zone", "version", "let_mm2", "rest_mm2")
    kept: dict[str, Any] = {name: getattr(doubt, name)[rows] for name in names}
    measured = doubt.measured_m2
    return replace(doubt, **kept, measured_m2=None if measured is None else measured[rows])


def effects_of(doubt: Doubt, whole: Fraction) -> list[Effect]:
    """Give the effects of a doubt in the zones it is about, sorted."""
    effects = whole.effects(summed_by_zone([doubt], len(whole.let)))
    return [effects[zone] for zone in np.unique(doubt.zone)]


def worst_of(effects: Sequence[Effect]) -> Effect:
    """Give one effect of a finding that is about several zones."""
    shares = [one.share for one in effects if one.share is not None]
    return Effect(
        leased_ha=sum(one.leased_ha for one in effects),
        base_ha=sum(one.base_ha for one in effects),
        share=max(shares, default=None),
    )


def _findings(doubt: Doubt, whole: Fraction, ground: MonthGround) -> Iterator[Finding]:
    """Make a finding of each zone of a doubt."""
    effects = effects_of(doubt, whole)
    places = pd.Series(doubt.zone).groupby(doubt.zone).indices.values()
    for zone, rows, effect in zip(np.unique(doubt.zone), places, effects, strict=True):
        fields = dict(doubt.fields)
        if doubt.measured_m2 is not None:
            area_m2 = doubt.measured_m2[rows].sum()
            fields |= {"area_m2": f"{area_m2:.1f}", "area_ha": f"{area_m2 / M2_PER_HA:.4f}"}
        yield Finding(
            rule=doubt.rule,
            severity=CATALOGUE[doubt.rule].severity,
            table=doubt.table,
            ids=distinct(pd.Series(doubt.names[rows])),
            zone_ids=(str(ground.accounts.zone_ids[zone]),),
            fields=fields,
            effect=effect if doubt.is_bounded else None,
        )


def _unmeasurable(ground: MonthGround) -> Iterator[Finding]:
    """Find the parcels of the day that cannot be measured; they move no figure they count in."""
    rows, reasons = ground.unsound
    broken = ground.parcels.iloc[rows].assign(reason=reasons)
    for zone_id, some in broken.groupby("zone_id"):
        yield Finding(
            rule="geometry_unmeasurable",
            severity=Severity.WARNING,
            table="parcels",
            ids=distinct(some["parcel_id"]),
            zone_ids=(str(zone_id),),
            fields={"reasons": distinct(some["reason"])},
        )


def _doubted(sides: pd.DataFrame, whole: Fraction, ground: MonthGround) -> pd.DataFrame:
    """Lay out by zone what is in doubt, and the figures it may move."""
    stated = unmeasured(ground.accounts, ground.dates, ground.definition)
    known = ~np.isnan(stated.leased + stated.base)
    zone = np.nonzero(stated.cells)[0]
    told: dict[str, Any] = {"let": whole.let, "base": whole.base}
    for name, values in (("stated_let", stated.leased), ("stated_base", stated.base)):
        told[name] = np.bincount(zone[known], weights=values[known], minlength=len(sides))
    names = pd.Index([*map(str, ground.accounts.zone_ids)], dtype="str", name="zone_id")
    return sides.assign(**told).set_axis(names, axis=0)


def doubt_table(
    doubted: pd.DataFrame, found: Iterable[Finding], *, definition: FillDefinition
) -> pd.DataFrame:
    """Lay out what is in doubt by zone, and of all zones together.

    ``doubted`` is that of the zones of a :class:`Gate`, or of several, one below the other.
    """
    sides = doubted[[*SIDES]]
    whole, everything = (
        Fraction(
            let=rows["let"].to_numpy(),
            base=rows["base"].to_numpy(),
            on_whole_zone=definition.on_whole_zone,
        )
        for rows in (doubted, _with_declared(doubted))
    )
    effects = [*whole.effects(sides), *everything.effects(sides.sum().to_frame().T)]
    names = [*map(str, doubted.index)]
    # By zone in one pass over the findings; "" stands for all zones together.
    zones = {*names}
    size: dict[str, dict[str, float]] = {name: {} for name in (*names, "")}
    for one in found:
        mine = zones.intersection(one.zone_ids)
        if one.effect is not None and mine:
            largest = max(one.effect.leased_ha, one.effect.base_ha)
            for name in (*mine, ""):
                size[name][one.rule] = size[name].get(one.rule, 0.0) + largest
    return pd.DataFrame(
        {
            "doubt_leased_ha": [one.leased_ha for one in effects],
            "doubt_base_ha": [one.base_ha for one in effects],
            "doubt": pd.array([one.share for one in effects], dtype="float64"),
            "because": pd.array([_because(size[name]) for name in (*names, "")], dtype="str"),
        },
        index=pd.Index([*names, ""], dtype="str", name="zone_id"),
    )


def _with_declared(doubted: pd.DataFrame) -> pd.DataFrame:
    """Add all zones up; what is declared is in no doubt here, and in the rate of all zones."""
    sums = {
        name: [np.nansum(doubted[name]) + doubted[f"stated_{name}"].sum()]
        for name in ("let", "base")
    }
    return pd.DataFrame(sums)


def _because(size: Mapping[str, float]) -> str | None:
    """Name the rules by what they move, the one that moves most first."""
    ranked = sorted((rule for rule in size if size[rule] > 0), key=lambda rule: (-size[rule], rule))
    return "|".join(ranked) or None
