"""What stands too near homes, green and water; what may come to a vacant lot; who suits whom.

A conflict is an emitter nearer to a receptor than a rule requires: ``distance < required``. The
rules, their figures and sources are entries of the registry (:mod:`kcngeo.standards`), or a
user's own; nothing about a distance stands in code.

Distances are exact, between the shapes themselves, never read off a buffer; shapes are only
widened for the pairs found, to show how much of a receptor lies too near.
"""

from __future__ import annotations

from kcngeo.analysis.conflicts.admissible import admissible_class
from kcngeo.analysis.conflicts.buffers import buffer_conflicts
from kcngeo.analysis.conflicts.findings import findings
from kcngeo.analysis.conflicts.neighbours import incompatible_neighbours
from kcngeo.analysis.conflicts.setback_areas import encumbrances

__all__ = [
    "admissible_class",
    "buffer_conflicts",
    "encumbrances",
    "findings",
    "incompatible_neighbours",
]
