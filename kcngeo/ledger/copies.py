"""What a copy of a project was when it left: enough to merge what comes back in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a copy was when it left.

    Attributes
    ----------
    rows
        By table, its rows on record: a number of eight bytes each. A table that is not among them
        was never in the copy.
    columns
        By table, the columns it had.
    at
        The latest moment on record then; None if nothing said when it was recorded.
    """

    rows: Mapping[str, bytes]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at: pd.Timestamp | None = None

    def only(self, tables: tuple[str, ...]) -> Taken:
        """Keep some tables.

        Parameters
        ----------
        tables
            Their names.

        Returns
        -------
        Taken
            Without the others.

        Examples
        --------
        >>> Taken(rows={"ledger": b"", "parcels": b""}).only(("ledger",)).rows
        {'ledger': b''}
        """
        return Taken(
            rows={name: rows for name, rows in self.rows.items() if name in tables},
            columns={name: told for name, told in self.columns.items() if name in tables},
            at=self.at,
        )
