"""What each map shows: one function a theme, from tables and answers to a MapSpec."""

from __future__ import annotations

from kcngeo.cartography.themes.clashes import clashes
from kcngeo.cartography.themes.conflicts import conflicts
from kcngeo.cartography.themes.fill import fill
from kcngeo.cartography.themes.findings import findings
from kcngeo.cartography.themes.readiness import readiness
from kcngeo.cartography.themes.sites import sites
from kcngeo.cartography.themes.unbuilt import unbuilt

__all__ = ["clashes", "conflicts", "fill", "findings", "readiness", "sites", "unbuilt"]
