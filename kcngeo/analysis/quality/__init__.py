"""Quality of the tables: what a figure rests on, and what a reader should know about it."""

from __future__ import annotations

from kcngeo.analysis.quality.coverage import coverage_findings
from kcngeo.analysis.quality.monthly import (
    fence_findings,
    ledger_findings,
    licence_findings,
    overlap_findings,
)

__all__ = [
    "coverage_findings",
    "fence_findings",
    "ledger_findings",
    "licence_findings",
    "overlap_findings",
]
