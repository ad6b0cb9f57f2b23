"""What a reader of conflicts should know besides: rules left out, what has no class or no date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kcngeo.analysis.conflicts.classification import rated
from kcngeo.analysis.conflicts.inputs import (
    layer_of_day,
    require_agreement,
    require_zones,
    rules_of_day,
)
from kcngeo.core.dates import Day, day
from kcngeo.core.model import Finding, Severity, Verified
from kcngeo.core.validation import distinct
from kcngeo.standards import BufferRule

if TYPE_CHECKING:
    import geopandas as gpd


def findings(
    emitters: gpd.GeoDataFrame,
    receptors: gpd.GeoDataFrame,
    *,
    rules: Iterable[BufferRule],
    on: Day,
    zones: gpd.GeoDataFrame | None = None,
) -> list[Finding]:
    """List what to know about the conflicts of a day.

    Rules that are not in force, have no dates or no figures, are not read in an official text, or
    come from a user's own file; emitters without a distance, by what is missing; receptors nobody
    dated; and things that stand in both tables under one id.

    Parameters
    ----------
    emitters
        As given to :func:`buffer_conflicts`.
    receptors
        As given to :func:`buffer_conflicts`.
    rules
        As given to :func:`buffer_conflicts`.
    on
        The day.
    zones
        As given to :func:`buffer_conflicts`.

    Returns
    -------
    list[Finding]
        Findings, those about rules first.

    Raises
    ------
    ContractError
        If a table breaks its contract or an id stands twice on the day.
    CRSError
        If a layer has no CRS, two disagree, or lengths are misstated.
    GeometryError
        If a shape is missing, empty or invalid.
    StandardError
        If two rules have one name.
    KcngeoError
        If a rule needs zones and none are given, or a table still says who knew what when.

    Examples
    --------
    Nobody read since when the standard is in force, nor said since when homes and park are there:

    >>> import kcngeo as kcn
    >>> snapshot = kcn.examples.squares().as_known()
    >>> rules = [kcn.standards.load("tcvn4449-1987")]
    >>> found = findings(snapshot.emitters, snapshot.receptors, rules=rules, on="2018-03-31")
    >>> [(one.rule, one.ids) for one in found]
    [('rule_undated', ('tcvn4449-1987',)), ('receptor_undated', ('R1', 'R2'))]
    """
    given = tuple(rules)
    wanted = rules_of_day(given, on=on)
    require_zones(wanted.applied, zones)
    require_agreement(emitters=emitters, receptors=receptors, zones=zones)
    ours = layer_of_day(emitters, "emitters", on=on)
    theirs = layer_of_day(receptors, "receptors", on=on)
    fences = None if zones is None else layer_of_day(zones, "zones", on=on)
    found = _about_rules(given, on=on)
    # Whom no rule could rate is told by the reason, with the rules that asked.
    rating = rated(ours, wanted.applied, fences)
    ids = ours["emitter_id"].to_numpy(dtype=object)
    zone_ids = ours.reindex(columns=["zone_id"])["zone_id"]
    for reason in distinct(rating.reason[rating.reason != ""]):
        rows = rating.emitter[rating.reason == reason]
        names = [
            wanted.applied[one].name for one in rating.rule[rating.reason == reason] if one >= 0
        ]
        found.append(
            Finding(
                rule=f"emitter_{reason}",
                severity=Severity.WARNING,
                table="emitters",
                ids=distinct(ids[rows]),
                zone_ids=distinct(zone_ids.iloc[rows]),
                fields={"names": distinct(names)},
            )
        )
    # A receptor without a first day counts always: nobody said since when it stands.
    undated = theirs.reindex(columns=["receptor_id", "valid_from"])
    undated = undated[undated["valid_from"].isna()]
    found += _about("receptors", "receptor_undated", undated["receptor_id"], Severity.NOTE)
    receptor_ids = set(theirs["receptor_id"])
    itself = [one for one in distinct(ids) if one in receptor_ids]
    found += _about("emitters", "conflict_itself", itself, Severity.WARNING)
    return found


def _about_rules(rules: tuple[BufferRule, ...], *, on: Day) -> list[Finding]:
    sorted_rules = rules_of_day(rules, on=on)
    applied = sorted_rules.applied
    date = f"{day(on):%Y-%m-%d}"
    own = {rule.origin for rule in applied if rule.overrides}
    return [
        *_about("rules", "rule_not_in_force", _names(sorted_rules.not_in_force), on=date),
        *_about("rules", "rule_without_figures", _names(sorted_rules.without_figures)),
        *_about(
            "rules", "rule_undated", [one.name for one in applied if one.in_force_from is None]
        ),
        *_about(
            "rules",
            "rule_unverified",
            [one.name for one in applied if one.verified is not Verified.OFFICIAL],
            Severity.WARNING,
        ),
        *(
            finding
            for origin in sorted(own)
            for finding in _about(
                "rules",
                "standards_overridden",
                [one.name for one in applied if one.overrides and one.origin == origin],
                Severity.WARNING,
                origin=origin,
            )
        ),
    ]


def _names(rules: tuple[BufferRule, ...]) -> list[str]:
    return [rule.name for rule in rules]


def _about(
    table: str,
    rule: str,
    ids: Iterable[Any],
    severity: Severity = Severity.NOTE,
    **fields: object,
) -> list[Finding]:
    named = distinct(ids)
    if not named:
        return []
    return [Finding(rule=rule, severity=severity, table=table, ids=named, fields=fields)]
