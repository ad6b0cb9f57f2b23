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
from kcngeo.figures.fill_map import fill_map
from kcngeo.figures.land_use_chart import land_use
from kcngeo.figures.render import draw_map
from kcngeo.figures.stage_chart import stages
from kcngeo.figures.timeline_chart import timeline
from kcngeo.figures.trajectory_chart import trajectory
from kcngeo.figures.waterfall_chart import bridge

__all__ = [
    "accounts",
    "bridge",
    "conflict_table",
    "draw_map",
    "fill_map",
    "land_use",
    "rates",
    "save",
    "stages",
    "timeline",
    "trajectory",
]
