"""A lease list compared with the ledger on the list's own day, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from kcngeo import io
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger.project import Project
from kcngeo.update.reconcile_lines import Comparison

# Totals are compared to the square metre.
_HALF_M2 = 0.5 / M2_PER_HA


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reconciliation:
    """A lease list beside the ledger, on the day of the list.

    Attributes
    ----------
    table
        One row a line, and one an entry that no line names, see the table ``reconciliation``.
    ledger
        The entries on record as they stand once the list is in.
    on
        The day.
    source
        Name of the list.
    listed_ha
        What the list says is held on its day, in hectares.
    ledger_ha
        What the ledger says once the list is in, of the zones and statuses of the list. A part
        counts with its area, a whole lot with that of its certificate, else as measured.
    digit_ha
        Half of the coarsest digit the list is written in: closer than this its total is the same.
    asked
        Whether entries that no line names are still to be decided on; then nothing of the list is
        recorded.
    settled
        Cells that lack a first day, or the day of an end, which the ledger knows.
    findings
        What was found beside the lines.
    """

    table: pd.DataFrame
    ledger: pd.DataFrame
    on: pd.Timestamp
    source: str
    listed_ha: float
    ledger_ha: float
    digit_ha: float
    asked: bool
    settled: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def missing(self) -> pd.DataFrame:
        """Give the entries that no line of the list names.

        Returns
        -------
        pd.DataFrame
            Their rows of the table.
        """
        return self.table[self.table["kind"] == "missing"]

    @property
    def difference_m2(self) -> int:
        """Give how much more the list says than the ledger.

        Returns
        -------
        int
            Whole square metres; 0 where both agree.
        """
        return round((self.listed_ha - self.ledger_ha) * M2_PER_HA)

    @property
    def agrees(self) -> bool:
        """Tell whether list and ledger have the same total on the day of the list.

        Returns
        -------
        bool
            Whether they do, to the last digit the list is written in.
        """
        return abs(self.listed_ha - self.ledger_ha) <= max(self.digit_ha, _HALF_M2) + 1e-9

    def counts(self) -> dict[str, int]:
        """Count the rows of the table.

        Returns
        -------
        dict[str, int]
            By kind.

        Examples
        --------
        >>> rows = pd.DataFrame({"kind": ["new", "missing", "new"]})
        >>> day_of_list = pd.Timestamp("2018-03-31")
        >>> made = Reconciliation(
        ...     table=rows,
        ...     ledger=rows,
        ...     on=day_of_list,
        ...     source="list.csv",
        ...     listed_ha=2.0,
        ...     ledger_ha=2.5,
        ...     digit_ha=0.00005,
        ...     asked=True,
        ... )
        >>> made.counts(), made.difference_m2, made.agrees
        ({'new': 2, 'missing': 1}, -5000, False)
        """
        return {str(kind): int(size) for kind, size in self.table["kind"].value_counts().items()}


def reconcile(
    project: Project,
    read: io.LedgerRead,
    *,
    on: Day | None = None,
    missing: Literal["ask", "keep"] = "ask",
    ends_on: Day | None = None,
    source: str = "",
) -> Reconciliation:
    """Compare a lease list with the ledger on the list's own day.

    A line is an entry of the same lot with the same first day, tenant or document. What a list does
    not say (an empty cell, a column it does not have) is left as the ledger has it, and an area
    that agrees to its last digit is the same. An entry that holds on the day, in a zone and with a
    status the list speaks of, and that no line names, is **missing**: it is asked about, never
    silently kept or ended.

    Parameters
    ----------
    project
        The tables; the ledger of what is on record now.
    read
        The list.
    on
        Day the list is of; what it says itself if None.
    missing
        What becomes of missing entries: "ask", or "keep" them.
    ends_on
        First day on which missing entries no longer hold, in place of ``missing``.
    source
        Name of the list.

    Returns
    -------
    Reconciliation
        Lines and entries side by side, the ledger with the list in it, and both totals. Lines at
        fault are not in that ledger.

    Raises
    ------
    KcngeoError
        If neither the list nor ``on`` says a day.

    Examples
    --------
    On 31 March 2018 zone A has half of A-2 let, and A-1 and A-5 whole, squares of 1 ha. The list
    says that A-2 went back in February, and does not name A-5:

    >>> import tempfile
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> rows = pd.DataFrame(
    ...     {
    ...         "Lô": ["A-1", "A-2"],
    ...         "Diện tích (ha)": ["1", "0,5"],
    ...         "Từ ngày": ["01/01/2015", "01/01/2016"],
    ...         "Ghi chú": ["", "Trả lại đất ngày 15/02/2018"],
    ...     }
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(f"{folder}/list.csv", index=False)
    ...     read = kcn.io.read_ledger(f"{folder}/list.csv", parcels=project.parcels)
    >>> made = reconcile(project, read, on="2018-03-31")
    >>> made.table[["kind", "parcel_id"]].values.tolist()
    [['unchanged', 'A-1'], ['ended', 'A-2'], ['missing', 'A-5']]
    >>> made.asked, made.difference_m2  # 1 ha listed, 2 ha in the ledger
    (True, -10000)
    """
    of_day = read.on if on is None else day(on)
    if of_day is None:
        raise KcngeoError("list_no_day", path=source or "–")
    stops = None if ends_on is None else day(ends_on, name="ends_on")
    made = Comparison(project, read, of_day, stops=stops)
    table = made.table(source)
    digits = [half for half in read.lines["half_ha"] if pd.notna(half)]
    return Reconciliation(
        table=table,
        ledger=made.after,
        on=of_day,
        source=source,
        listed_ha=float(table["listed_ha"].sum()),
        ledger_ha=float(table["ledger_ha"].sum()),
        digit_ha=max(digits, default=0.0),
        asked=bool(made.gone) and missing == "ask" and stops is None,
        settled=made.settled,
        findings=tuple(made.findings),
    )
