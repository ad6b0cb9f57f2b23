"""Charts for reports and boards: why a rate moved, targets, stages, land use, the life of a lot.

Every chart is a :class:`matplotlib.figure.Figure` made without pyplot, in Vietnamese or English,
with its title, dates, definition, source and, where the shapes are invented, the words that say so.
Text from data is drawn as it stands: a "$" in a name is a "$".
"""

from kcngeo.figures.files import save
from kcngeo.figures.lives import timeline
from kcngeo.figures.progress import trajectory
from kcngeo.figures.shares import land_use
from kcngeo.figures.stages import stages
from kcngeo.figures.waterfall import bridge

__all__ = ["bridge", "land_use", "save", "stages", "timeline", "trajectory"]
