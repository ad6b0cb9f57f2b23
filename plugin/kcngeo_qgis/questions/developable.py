"""Which vacant land can be built on, and what takes the rest."""

from __future__ import annotations

from kcngeo_qgis.questions.sites import Sites


class Developable(Sites):
    """The same question as sites, and the land is shown whole."""

    key = "developable"
    layers = ("encumbered", "developable_land", "zones_on_day", "parcels_on_day")
    least_ha = 0.5
