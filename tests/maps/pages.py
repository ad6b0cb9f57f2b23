"""The five maps of the sample as pages, for the tests of what all of them do alike."""

from __future__ import annotations

from pathlib import Path

import kcngeo as kcn

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
MAPS = ("fill", "conflict", "site", "step", "findings")
ON = "2018-03-31"


def draw(name: str, project: kcn.Project, *, start: str = "2017-11-01") -> kcn.maps.OfflineMap:
    """Draw one of the maps, in Vietnamese first."""
    if name == "fill":
        return kcn.maps.fill_map(project, start=start, end=ON)
    if name == "conflict":
        rules = kcn.standards.buffer_rules()
        found = kcn.conflicts.buffer_conflicts(
            project.emitters, project.receptors, rules=rules, on=ON, zones=project.zones
        )
        return kcn.maps.draw_map(kcn.cartography.conflicts(project, found, on=ON))
    if name == "site":
        criteria = kcn.sites.SiteCriteria(min_area_ha=2)
        made = kcn.report.site_report(project, on=ON, criteria=criteria)
        return kcn.maps.draw_map(
            kcn.cartography.sites(
                project,
                made.developable.land,
                made.sites,
                on=ON,
                encumbrances=made.encumbrances,
                totals=made.developable.totals,
            )
        )
    if name == "step":
        lots = kcn.progress.readiness(project, on=ON)
        blocking = None
        if project.clearance is not None:
            cleared = kcn.progress.clearance_progress(project, on=ON)
            blocking = cleared.blocking
        return kcn.maps.draw_map(kcn.cartography.readiness(project, lots, blocking, on=ON))
    return kcn.maps.draw_map(
        kcn.cartography.findings(kcn.quality.check(project, on=ON), project, on=ON)
    )
