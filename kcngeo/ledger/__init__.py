"""The ledger: what is known of every parcel on any day, as interval arithmetic on arrays.

An entry gives a parcel, or part of it, a status from a day to a day; a parcel version gives it a
shape and a use from a day to a day. Both are half-open intervals, ``valid_from <= on < valid_to``,
and both may be corrected later, so every question has two dates: ``on``, and ``known_at``.

Everything is built on :class:`Holdings`: for each parcel version, the stretches of time in which
something is held of it, and which share. The state on a day, a land account and a series of
1200 months are sums over the same rows.
"""

from __future__ import annotations

from kcngeo.ledger.allocations import (
    MEMOS,
    PARTS,
    SHARE_TOLERANCE,
    Holdings,
    examined_holdings,
    holdings,
)
from kcngeo.ledger.corrections import append, correct
from kcngeo.ledger.history import history, timeline
from kcngeo.ledger.joined import Tables, children, entry_labels, entry_names, known_tables
from kcngeo.ledger.parcel_state import state

__all__ = [
    "MEMOS",
    "PARTS",
    "SHARE_TOLERANCE",
    "Holdings",
    "Tables",
    "append",
    "children",
    "correct",
    "entry_labels",
    "entry_names",
    "examined_holdings",
    "history",
    "holdings",
    "known_tables",
    "state",
    "timeline",
]
