"""What each map shows: one function a theme, from tables and answers to a MapSpec."""

from __future__ import annotations

from kcngeo.cartography.themes.change import change
from kcngeo.cartography.themes.clashes import clashes
from kcngeo.cartography.themes.conflicts import conflicts
from kcngeo.cartography.themes.fill import fill
from kcngeo.cartography.themes.findings import findings
from kcngeo.cartography.themes.lease_ends import lease_ends
from kcngeo.cartography.themes.lot_findings import lot_findings
from kcngeo.cartography.themes.readiness import readiness
from kcngeo.cartography.themes.scenario import scenario
from kcngeo.cartography.themes.sectors import sectors
from kcngeo.cartography.themes.sites import sites
from kcngeo.cartography.themes.unbuilt import unbuilt
from kcngeo.cartography.themes.vacancy import vacancy

__all__ = [
    "change",
    "clashes",
    "conflicts",
    "fill",
    "findings",
    "lease_ends",
    "lot_findings",
    "readiness",
    "scenario",
    "sectors",
    "sites",
    "unbuilt",
    "vacancy",
]
