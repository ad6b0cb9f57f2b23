"""Tables for programs: CSV with machine names, four decimals, ISO days; codes stay codes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from kcngeo.core.formulas import meant, neutralised
from kcngeo.core.schema import COMPUTED, Kind, Unit, in_contract
from kcngeo.publish.content import Content

# What a cell may hold; more than any page would show, and what every system counts to.
_MOST_LETTERS = 2**31 - 1
# Rows that are written at a time.
_AT_ONCE = 10_000


def for_programs(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Give a computed table as programs read it: machine names, four decimals, codes as codes.

    Examples
    --------
    >>> frame = pd.DataFrame({"alternative": "later", "zone_id": "A", "developable_ha": [1 / 3]})
    >>> for_programs(frame.assign(change_ha=0.0), name="sensitivity")["developable_ha"].tolist()
    [0.3333]
    """
    flat = in_contract(COMPUTED[name], table)
    for column in flat.columns:
        known = COMPUTED[name].column(column)
        is_number = known is not None and known.kind is Kind.NUMBER
        if flat[column].dtype == "object" and is_number:
            # Numbers beside missing ones may have come as anything.
            flat[column] = flat[column].astype("float64")
        if flat[column].dtype != "float64":
            continue
        # A count beside a missing one came as a number with decimals.
        if known is not None and (known.unit is Unit.VND or known.kind is Kind.COUNT):
            flat[column] = flat[column].round().astype("Int64")
        else:
            # By Python, which rounds as digits are written; what rounds to nothing has no sign.
            flat[column] = [round(value, 4) + 0.0 for value in flat[column].tolist()]
    return flat


def csv_bytes(table: pd.DataFrame, *, name: str) -> bytes:
    """Write a computed table as CSV: UTF-8 with BOM, decimal point, four decimals, ISO dates.

    Examples
    --------
    >>> frame = pd.DataFrame({"alternative": ["=1+1"], "zone_id": "A", "developable_ha": 1.5})
    >>> csv_bytes(frame.assign(change_ha=0.0), name="sensitivity").decode().splitlines()[1]
    "'=1+1,A,1.5000,0.0000,"
    """
    # Text that a spreadsheet would take for a formula is given a leading apostrophe; numbers
    # never.
    return plain_csv(for_programs(table, name=name))


def csv_text(table: pd.DataFrame, *, name: str) -> str:
    """Write a computed table as CSV for a terminal: plain line ends, no mark in front.

    Examples
    --------
    >>> frame = pd.DataFrame({"alternative": ["later"], "zone_id": "A", "developable_ha": 1.5})
    >>> csv_text(frame.assign(change_ha=0.0), name="sensitivity").splitlines()[1]
    'later,A,1.5000,0.0000,'
    """
    return csv_bytes(table, name=name).decode("utf-8-sig").replace("\r\n", "\n")


def plain_csv(table: pd.DataFrame) -> bytes:
    """Write a table as CSV, whatever its columns; see :func:`csv_bytes`.

    Examples
    --------
    >>> plain_csv(pd.DataFrame({"ha": [-1.5]})).decode("utf-8-sig").split()
    ['ha', '-1.5000']
    """
    return b"".join(_pieces(table))


def csv_file(table: pd.DataFrame, *, name: str) -> Content:
    """Give what :func:`csv_bytes` does, of a long table piece by piece.

    Examples
    --------
    >>> frame = pd.DataFrame({"alternative": ["later"], "zone_id": "A", "developable_ha": 1.5})
    >>> type(csv_file(frame.assign(change_ha=0.0), name="sensitivity")).__name__
    'bytes'
    """
    return csv_bytes(table, name=name) if len(table) <= _AT_ONCE else _LongFile(table, name)


@dataclass(frozen=True, slots=True, eq=False)
class _LongFile:
    """The file of a table of which not all rows should stand in memory as texts."""

    table: pd.DataFrame
    name: str

    def __iter__(self) -> Iterator[bytes]:
        yield from _pieces(for_programs(self.table, name=self.name))


def _pieces(table: pd.DataFrame) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for start in range(0, max(len(table), 1), _AT_ONCE):
        yield _lines(table.iloc[start : start + _AT_ONCE], has_names=start == 0)


def _lines(table: pd.DataFrame, *, has_names: bool) -> bytes:
    safe = table.copy()
    for name in safe.columns[safe.dtypes.astype(str).isin(["str", "object"])]:
        safe[name] = safe[name].map(neutralised, na_action="ignore")
    text = safe.to_csv(
        index=False,
        header=has_names,
        float_format="%.4f",
        date_format="%Y-%m-%d",
        lineterminator="\r\n",
    )
    return text.encode()


def as_meant(table: pd.DataFrame) -> pd.DataFrame:
    """Take from the texts of a table that was written as CSV what keeps them from being formulas.

    Examples
    --------
    >>> as_meant(pd.DataFrame({"document": ["'=1+1", "'An", None]}))["document"].tolist()[:2]
    ['=1+1', "'An"]
    """
    return table.map(meant, na_action="ignore")


def csv_rows(data: bytes) -> list[list[str]]:
    """Read a table of :func:`csv_bytes` as texts, the names first.

    Examples
    --------
    >>> csv_rows(plain_csv(pd.DataFrame({"zone_id": ["A"], "leased_ha": ["1.5"]})))
    [['zone_id', 'leased_ha'], ['A', '1.5']]
    """
    with long_cells():
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@contextmanager
def long_cells() -> Iterator[None]:
    """Read cells of any length: a finding may name ten thousand lots in one."""
    before = csv.field_size_limit(_MOST_LETTERS)
    try:
        yield
    finally:
        csv.field_size_limit(before)
