"""What satellites and height models show of every parcel: built land, green land, slope.

Every result gives area fractions, and says so in ``attrs["convention"]``: a pixel on the edge
counts by the share of it that lies inside.
``pixels`` says how many there are, and ``few_pixels`` where they are too few to be more than a
guess; ``known_share`` says how much of the parcel was seen at all, and hectares are of that land
alone. Nothing here decides what is idle: it is evidence, to be confirmed by a person.
"""

from kcngeo.analysis.imagery.hectares import hectares
from kcngeo.analysis.imagery.idle import let_parcels, unbuilt_parcels
from kcngeo.analysis.imagery.statistics import (
    built_share,
    change,
    green_share,
    mean_slope,
    zonal_mean,
)

__all__ = [
    "built_share",
    "change",
    "green_share",
    "hectares",
    "let_parcels",
    "mean_slope",
    "unbuilt_parcels",
    "zonal_mean",
]
