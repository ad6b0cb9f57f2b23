"""Targets against what happened, tests of the law of the day, and where a zone stands."""

from __future__ import annotations

from kcngeo.analysis.targets.eligibility import eligibility
from kcngeo.analysis.targets.life_cycle import MILESTONE_STAGES, STAGES, life_cycle
from kcngeo.analysis.targets.trajectory import VERDICTS, trajectory
from kcngeo.analysis.targets.zone_rule_words import told_zone_rules
from kcngeo.analysis.targets.zone_rules import REASONS, zone_rules

__all__ = [
    "MILESTONE_STAGES",
    "REASONS",
    "STAGES",
    "VERDICTS",
    "eligibility",
    "life_cycle",
    "told_zone_rules",
    "trajectory",
    "zone_rules",
]
