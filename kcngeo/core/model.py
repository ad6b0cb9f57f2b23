"""The closed lists and the small frozen things that travel between rooms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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
    """

    rule: str
    severity: Severity
    table: str
    ids: tuple[str, ...] = ()
    zone_ids: tuple[str, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict, hash=False)

    def message(self, language: str = "en") -> str:
        """Say what was found, where, and what to do.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            The message.
        """
        return texts.text(f"rules.{self.rule}", language=language, ids=self.ids, **self.fields)
