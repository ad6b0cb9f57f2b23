"""Charts and maps for reports and boards, on paper or in a page, readable in black and white.

Maps are twins of those of :mod:`kcngeo.maps`: lots by lease status, conflicts, sites, development
in step, findings, let land that looks unbuilt; with legend, scale bar, north arrow, date,
definition, source. Charts tell why a rate moved, targets, rates by every definition, land accounts,
stages, land use, the life of a lot.

Every figure is a :class:`matplotlib.figure.Figure` made without pyplot, in Vietnamese or English,
with its title, dates, definition, source and, where the shapes are invented, the words that say so.
Text from data is drawn as it stands: a "$" in a name is a "$".
"""

from kcngeo.figures.account_chart import accounts, rates
from kcngeo.figures.conflict_table import conflict_table
from kcngeo.figures.export import save
from kcngeo.figures.fillmap import fill_map, report_map
from kcngeo.figures.land_use_chart import land_use
from kcngeo.figures.spacemaps import conflict_map, site_map
from kcngeo.figures.stage_chart import stages
from kcngeo.figures.timeline_chart import timeline
from kcngeo.figures.trajectory_chart import trajectory
from kcngeo.figures.unbuiltmap import unbuilt_map
from kcngeo.figures.waterfall_chart import bridge
from kcngeo.figures.worksmaps import findings_map, step_map

__all__ = [
    "accounts",
    "bridge",
    "conflict_map",
    "conflict_table",
    "fill_map",
    "findings_map",
    "land_use",
    "rates",
    "report_map",
    "save",
    "site_map",
    "stages",
    "step_map",
    "timeline",
    "trajectory",
    "unbuilt_map",
]
