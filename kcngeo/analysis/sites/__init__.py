"""Sites: who can take eight hectares today, and why the other land cannot.

:func:`find_sites` assembles developable land across parcels and gives what meets the
:class:`SiteCriteria`, ranked, and if asked the rest with the reasons why it falls out;
:func:`fragmentation` tells how scattered the land of a zone is.
"""

from __future__ import annotations

from kcngeo.analysis.sites.criteria import SiteCriteria
from kcngeo.analysis.sites.find import REASONS, find_sites
from kcngeo.analysis.sites.fragmentation import fragmentation
from kcngeo.analysis.sites.offers import OFFERED, UNKNOWN_OFFERS, Offer

__all__ = [
    "OFFERED",
    "REASONS",
    "UNKNOWN_OFFERS",
    "Offer",
    "SiteCriteria",
    "find_sites",
    "fragmentation",
]
