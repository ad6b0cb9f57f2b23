"""The ledger: what is known of every parcel on any day, as interval arithmetic on arrays.

An entry gives a parcel, or part of it, a status from a day to a day; a parcel version gives it a
shape and a use from a day to a day. Both are half-open intervals, ``valid_from <= on < valid_to``,
and both may be corrected later, so every question has two dates: ``on``, and the moment of
knowledge. A :class:`Project` holds all that was ever on record; :meth:`Project.as_known` gives the
:class:`Snapshot` of a moment, checked and joined once, and questions are asked of that.

Everything is built on :class:`Allocations`: for each parcel version, the stretches of time in which
something is held of it, and which share. The state on a day, a land account and a series of
1200 months are sums over the same rows.
"""

from __future__ import annotations

from kcngeo.ledger.allocations import (
    MEMO_ITEMS,
    PARTS,
    SHARE_TOLERANCE,
    Allocations,
    allocate,
)
from kcngeo.ledger.copies import Taken
from kcngeo.ledger.corrections import append, correct
from kcngeo.ledger.entries import Joined, children, entry_labels, entry_names, join
from kcngeo.ledger.history import history, timeline
from kcngeo.ledger.lot_numbers import lot_numbers
from kcngeo.ledger.parcel_state import state, state_of
from kcngeo.ledger.project import Project
from kcngeo.ledger.questions import asked, known, missing_zones
from kcngeo.ledger.snapshot import Snapshot
from kcngeo.ledger.tables import CORE
from kcngeo.ledger.zones import zone_days

__all__ = [
    "CORE",
    "MEMO_ITEMS",
    "PARTS",
    "SHARE_TOLERANCE",
    "Allocations",
    "Joined",
    "Project",
    "Snapshot",
    "Taken",
    "allocate",
    "append",
    "asked",
    "children",
    "correct",
    "entry_labels",
    "entry_names",
    "history",
    "join",
    "known",
    "lot_numbers",
    "missing_zones",
    "state",
    "state_of",
    "timeline",
    "zone_days",
]
