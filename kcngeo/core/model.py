"""The closed lists and the small frozen things that travel between rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from kcngeo.core import texts


class LandUse(StrEnum):
    """Function of a parcel in the approved plan, never derived from its legal code."""

    INDUSTRIAL = "industrial"
    SERVICE = "service"
    GREEN = "green"
    TRANSPORT = "transport"
    TECHNICAL = "technical"
    HOUSING = "housing"
    WATER = "water"
    OTHER = "other"


class Status(StrEnum):
    """What a ledger entry says of a parcel: a tenure, or that the land is not yet cleared."""

    LEASED = "leased"
    RESERVED = "reserved"
    RECOVERING = "recovering"
    REPURPOSED = "repurposed"
    UNCLEARED = "uncleared"


TENURES = (Status.LEASED, Status.RESERVED, Status.RECOVERING, Status.REPURPOSED)
"""Statuses that exclude one another on the same land; ``uncleared`` may run beside them."""

# Plain texts: a column of texts is compared with texts, not with members of a list.
LEASABLE = (LandUse.INDUSTRIAL.value, LandUse.SERVICE.value)
"""Land uses that some definition of the fill rate counts."""


class Stage(StrEnum):
    """Where a zone stands in its life; used only where its dates are missing."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    ESTABLISHED = "established"
    REMOVED = "removed"


class Severity(StrEnum):
    """How much a finding weighs: an error keeps a zone out of the figures."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Verified(StrEnum):
    """How well a legal figure is verified: read in an official text, in a weak one, or nowhere."""

    OFFICIAL = "official"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How far a finding can move the figures of a zone on a day.

    Attributes
    ----------
    leased_ha
        By how many hectares the land let may be wrong.
    base_ha
        By how many the base may be.
    share
        How far the rate may lie from what is printed, as a share; None where the zone has none.
    """

    leased_ha: float
    base_ha: float
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a check noticed.

    Attributes
    ----------
    rule
        Id of the rule; its words stand under ``rules.RULE`` in the table of texts.
    severity
        Error, warning or note.
    table
        The table it is about.
    ids
        Ids of the rows at fault.
    zone_ids
        Zones it belongs to; empty if it belongs to none.
    fields
        The particulars, by the names the text uses.
    effect
        How far it can move the figures of its zone; None where it moves none, or keeps the zone
        out of them. Two findings are one whatever their effect.
    """

    rule: str
    severity: Severity
    table: str
    ids: tuple[str, ...] = ()
    zone_ids: tuple[str, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict, hash=False)
    effect: Effect | None = field(default=None, compare=False)

    def message(self, language: str = "en") -> str:
        """Say what was found, where, and what to do."""
        return texts.text(f"rules.{self.rule}", language=language, ids=self.ids, **self.fields)


def finding(
    rule: str,
    table: str,
    severity: Severity = Severity.ERROR,
    /,
    *,
    ids: Iterable[Any] = (),
    zone_ids: Iterable[Any] = (),
    **fields: object,
) -> Finding:
    """Make a finding of whatever names its rows and zones.

    Examples
    --------
    >>> one = finding("unknown_zone", "parcels", ids=["P2", "P1"], zone_ids=["B", "A", None, "B"])
    >>> str(one.severity), one.ids, one.zone_ids
    ('error', ('P2', 'P1'), ('A', 'B'))
    """
    return Finding(
        rule=rule,
        severity=severity,
        table=table,
        ids=tuple(map(str, ids)),
        zone_ids=tuple(sorted({str(one) for one in zone_ids if not pd.isna(one)})),
        fields=fields,
    )
