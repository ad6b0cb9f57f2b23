"""What the rows of a lease list say, and what was found while reading them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kcngeo.core.model import Finding, Severity, Status
from kcngeo.io.spreadsheet.vocabulary import exactly, plain, vocabulary

if TYPE_CHECKING:
    import pandas as pd

    from kcngeo.io.spreadsheet.lot_matching import Lot
    from kcngeo.io.spreadsheet.workbook import Cell

AVAILABLE = "available"
"""What a list says of land that nobody holds; it makes no entry."""


@dataclass(slots=True, kw_only=True)
class Area:
    """An area as stated in a cell.

    Attributes
    ----------
    hectares
        The area.
    half_ha
        Half of the last digit that was written, in hectares, at most 0.005.
    place
        The cell; rows that share a merged cell share the area.
    """

    hectares: float
    half_ha: float
    place: str


@dataclass(slots=True, kw_only=True)
class Record:
    """What a row of a lease list says.

    Attributes
    ----------
    place
        The cell that names the lot, or the first of the row.
    lots
        Lots it names.
    lot_text
        The lots as written.
    area
        The stated area.
    has_area_cell
        Whether the list has a column of areas.
    status
        Status, or :data:`AVAILABLE`; None if unread.
    start
        First day; None if unread or not stated.
    end
        First day no longer; None if open.
    zone_id
        The zone.
    texts
        Columns kept as text.
    exact
        Whether the row follows the contract of the table to the letter.
    at_fault
        Whether something in it could not be read.
    is_open
        Whether it says that there is no end ("Lâu dài"); an empty cell says nothing.
    is_ended
        Whether it says in words that the lease has ended.
    wants_end
        Cells that say so without a day.
    """

    place: str
    lots: tuple[Lot, ...]
    lot_text: str | None
    area: Area | None
    has_area_cell: bool
    status: str | None
    start: dt.date | None
    end: dt.date | None
    zone_id: str | None
    texts: dict[str, str | None]
    exact: bool
    at_fault: bool = False
    is_open: bool = False
    is_ended: bool = False
    wants_end: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Said:
    """What is said outside the rows, and what was found.

    Attributes
    ----------
    zones
        Zones, to find them by name.
    zone_id
        Zone of the whole list.
    year
        Year of dates without one.
    unit
        Unit of areas, "ha" or "m2".
    decimal
        Sign of decimals where a number does not show it; None where the list contradicts itself
        or shows none.
    status
        Status of rows in a list that does not say it.
    on
        Day the list is of, if known.
    free
        By parcel, the cell that says it is free.
    findings
        What was found.
    errors
        Number of errors among it.
    """

    zones: pd.DataFrame | None
    zone_id: str | None
    year: int | None
    unit: str | None
    decimal: str | None
    status: str
    on: dt.date | None = None
    free: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    errors: int = 0

    def note(self, rule: str, severity: Severity, *ids: str, **fields: object) -> None:
        """Keep a finding."""
        self.errors += severity is Severity.ERROR
        zone_ids = () if self.zone_id is None else (self.zone_id,)
        self.findings.append(
            Finding(
                rule=f"sheet_{rule}",
                severity=severity,
                table="ledger",
                ids=ids,
                zone_ids=zone_ids,
                fields=fields,
            )
        )


def status_named(text: str) -> str | None:
    """Find the status a text names."""
    if text in (*Status, AVAILABLE):
        return text
    return exactly(text, vocabulary("values.status"))


def status_in(text: str) -> str | None:
    """Find the status a longer text speaks of, such as "A. Diện tích đã cho thuê"."""
    said, best = f" {plain(text)} ", ("", "")
    for status, phrases in vocabulary("values.status").items():
        for phrase in phrases:
            if f" {phrase} " in said and len(phrase) > len(best[1]):
                best = status, phrase
    return best[0] or None


def shown(value: Cell) -> str | None:
    """Write a cell as text, as one would have typed it."""
    if value is None:
        return None
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return str(value)
