"""Targets against what happened, the 60 % tests, and where a zone stands in its life."""

from __future__ import annotations

from kcngeo.analysis.targets.eligibility import eligibility
from kcngeo.analysis.targets.life_cycle import MILESTONE_STAGES, STAGES, life_cycle
from kcngeo.analysis.targets.trajectory import VERDICTS, trajectory

__all__ = ["MILESTONE_STAGES", "STAGES", "VERDICTS", "eligibility", "life_cycle", "trajectory"]
