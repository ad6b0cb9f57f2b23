"""Names of files and anchors made of ids, which may hold any letter."""

from __future__ import annotations

import hashlib
import re


def slug(zone_id: str) -> str:
    """Name a zone where only plain letters may stand: in the names of files and in links."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", zone_id):
        return zone_id
    return hashlib.sha256(zone_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def escaped(key: str) -> str:
    """Make a file name of an id that stays legible.

    Examples
    --------
    >>> escaped("S/1")
    'S%2F1'
    """
    return re.sub(r"[^\w.-]", lambda one: f"%{ord(one[0]):02X}", key)
