"""How sources are to be read, what they hold, and what becomes of a project by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from kcngeo import io
from kcngeo.core.model import Finding, Severity, Status
from kcngeo.io.mapping.review import MappingReview
from kcngeo.io.vector.cad import SYMBOL_M2
from kcngeo.ledger.project import Project
from kcngeo.update.difference import Difference
from kcngeo.update.merge import Merge
from kcngeo.update.reconcile import Reconciliation


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How lots are made of the lines of a drawing, see :func:`kcngeo.io.lots_from_cad`.

    Attributes
    ----------
    snap_m
        Corners nearer than this are joined, in metres.
    line_layers
        Layers with the boundaries; empty for all.
    text_layers
        Layers with the numbers; empty for all.
    symbol_m2
        What encloses less is the sign of something, no lot; in m².
    """

    snap_m: float = 0.05
    line_layers: tuple[str, ...] = ()
    text_layers: tuple[str, ...] = ()
    symbol_m2: float = SYMBOL_M2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How sources are to be read, where they do not say it themselves.

    Attributes
    ----------
    table
        Table the sources are.
    layer
        Layer of a file that holds several.
    sheet
        Sheet of a spreadsheet; None for all.
    year
        Only the sheets of this year.
    zone
        Zone of all rows that do not name one.
    land_use
        Function of all lots that do not say one.
    status
        Status of lists that do not say one.
    area_unit
        Unit of areas in lists that do not say it: "ha" or "m2".
    crs
        CRS of layers, whatever they say.
    to_crs
        CRS layers are brought to; None for that of the project they are for, or their own.
    swap_axes
        Whether layers have northings first.
    unit_m
        Metres in a unit of the coordinates of layers.
    province
        Province whose own zone is marked where a CRS is missing.
    encoding
        Encoding of text.
    close_rings
        Whether rings of layers that do not end where they begin are closed.
    all_layers
        Whether every layer of a file is read, each told what it was taken for.
    drawing
        How lots are made of the lines of drawings; None to take their closed lines as they are.
    land_uses
        By legal code, the function of lots that say only their code; None to leave it unsaid.
    land_uses_from
        Where that was said, to be told.
    partial
        Whether rows at fault are left out.
    mappings
        Which column is which, by table; proposed where there is none.
    on
        Day lists are of, whatever they say.
    missing
        What becomes of entries that a list no longer names, see :func:`reconcile`.
    ends_on
        First day on which these no longer hold, in place of ``missing``.
    companies
        Whether projects are made of the tenants of lists, and by spelling the project that the user
        says it is, see :func:`kcngeo.update.companies`; None to leave tenants as they are.
    review
        Whether it is kept what was seen in the columns, for a person to judge.
    """

    table: str | None = None
    layer: str | None = None
    sheet: str | None = None
    year: int | None = None
    zone: str | None = None
    land_use: str | None = None
    status: str = Status.LEASED.value
    area_unit: str | None = None
    crs: str | None = None
    to_crs: str | None = None
    swap_axes: bool = False
    unit_m: float = 1.0
    province: str | None = None
    encoding: str | None = None
    close_rings: bool = False
    all_layers: bool = False
    drawing: Drawing | None = None
    land_uses: Mapping[str, str] | None = None
    land_uses_from: str = ""
    partial: bool = False
    mappings: Mapping[str, io.ColumnMapping] = field(default_factory=dict)
    on: str | None = None
    missing: Literal["ask", "keep"] = "ask"
    ends_on: str | None = None
    companies: Mapping[str, str] | None = None
    review: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrived:
    """What sources hold, in the form of tables of a project.

    Attributes
    ----------
    tables
        The tables, by name.
    whole
        Names of tables that arrived whole, so that a row they lack may be a removal.
    mappings
        By which mapping, by table.
    findings
        What was found, by source.
    counts
        Source, table and number of rows.
    lists
        Lease lists that are compared with the ledger, by source; others are rows of ``tables``.
    columns
        Of the columns of lists, by source, sheet and heading, the name each was read by; empty
        where it was kept as it is.
    reading
        How they were read.
    seen
        The lists beside the ledger as it was when they were read; :func:`bring_in` compares them
        again with the ledger they go into.
    copies
        Ledger workbooks that say what they were when they left; their tables are not among
        ``tables``.
    registers
        The registers of the tenants of lists, by source, where projects were made of them.
    reviews
        By source and table, what was seen in the columns, where a review was asked for.
    """

    tables: Mapping[str, Any]
    whole: frozenset[str]
    mappings: Mapping[str, io.ColumnMapping]
    findings: Mapping[Path, tuple[Finding, ...]]
    counts: tuple[tuple[Path, str, int], ...]
    lists: Mapping[Path, io.LedgerRead] = field(default_factory=dict)
    columns: Mapping[Path, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    seen: tuple[Reconciliation, ...] = ()
    copies: tuple[io.WorkbookRead, ...] = ()
    registers: Mapping[Path, pd.DataFrame] = field(default_factory=dict)
    reviews: Mapping[tuple[Path, str], MappingReview] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """Count the findings that are errors.

        Returns
        -------
        int
            The number.
        """
        every = (one for found in self.findings.values() for one in found)
        return sum(one.severity is Severity.ERROR for one in every)

    @property
    def asked(self) -> int:
        """Count the spellings of tenants that only the user can tell.

        Returns
        -------
        int
            The number; nothing is to be recorded unless it is 0.
        """
        return sum(int((one["state"] == "asked").sum()) for one in self.registers.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BroughtIn:
    """What becomes of a project by what arrived.

    Attributes
    ----------
    project
        The project after it; None if nothing changes.
    changes
        The edits; None for a project that is new.
    reconciled
        What became of lease lists, line by line.
    merged
        Of a workbook that left the project: what it changes, and what others have changed otherwise
        since; if anything clashes, nothing is recorded.
    """

    project: Project | None
    changes: Difference | None = None
    reconciled: tuple[Reconciliation, ...] = ()
    merged: Merge | None = None

    @property
    def asked(self) -> int:
        """Count the entries that lists no longer name and that are still to be decided on.

        Returns
        -------
        int
            The number; nothing is recorded unless it is 0.
        """
        return sum(len(one.missing) for one in self.reconciled if one.asked)
