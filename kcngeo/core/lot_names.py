"""What tells lots of several zones apart: the zone before the number, left out within the zone."""

from __future__ import annotations

import re

# What every zone is, at the head of its name.
_EVERY_ZONE = re.compile(r"(?:KCN|Khu công nghiệp)\s+(?=\w)", re.IGNORECASE)
# Keeps a number with its zone on one line, and tells names of lots from whatever else names a zone.
_BETWEEN = "\u00a0"


def lot_name(number: str, *, zone: str) -> str:
    """Name a lot among those of several zones.

    Examples
    --------
    >>> lot_name("CN2-6", zone="KCN Lộc Sơn") == "Lộc Sơn\u00a0CN2-6"
    True
    """
    return f"{_EVERY_ZONE.sub('', zone, count=1)}{_BETWEEN}{number}"


def within_zone(said: str, *, zone: str) -> str:
    """Call lots by their numbers alone where the zone is told beside them.

    Examples
    --------
    >>> within_zone(f"on lot {lot_name('CN2-6', zone='KCN Lộc Sơn')}", zone="KCN Lộc Sơn")
    'on lot CN2-6'
    """
    return said.replace(lot_name("", zone=zone), "") if zone else said
