"""The tables of a month that have more rows than stand in memory.

Each group of zones lays its rows down as they stand in the file of the month, with their hashes;
the file is put together while it is written.
"""

from __future__ import annotations

import csv
import heapq
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kcngeo.core.formulas import meant
from kcngeo.publish.content import LongTable, Pieces
from kcngeo.publish.csv import csv_bytes, long_cells
from kcngeo.publish.digests import digest_of_rows, row_digests
from kcngeo.report import TOTAL

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_SERIES, _NAMES, _SITES = "series", "names", "sites"
_AT_ONCE = 10_000


def lay_down(tables: Mapping[str, pd.DataFrame], folder: Path) -> dict[str, tuple[int, int]]:
    """Write the long tables of a group; give by zone where its rows of the series stand.

    Parameters
    ----------
    tables
        ``series``, ``names`` and ``sites`` of a month.
    folder
        Where their rows go, those of all zones together left out.

    Returns
    -------
    dict[str, tuple[int, int]]
        By zone the first byte and the number of bytes in the file ``series``.
    """
    series = tables[_SERIES]
    mine = series[series["zone_id"] != TOTAL]
    save_hashes(mine, _SERIES, folder)
    for name in (_NAMES, _SITES):
        save_hashes(tables[name], name, folder)
        (folder / name).write_bytes(_body(tables[name], name))
    places, at = {}, 0
    with (folder / _SERIES).open("wb") as file:
        for zone_id, rows in mine.groupby("zone_id"):
            data = _body(rows, _SERIES)
            file.write(data)
            places[str(zone_id)] = (at, len(data))
            at += len(data)
    return places


def joined_tables(
    tables: Mapping[str, pd.DataFrame],
    folders: Mapping[Path, Iterable[str]],
    places: Iterable[Mapping[str, tuple[int, int]]],
) -> dict[str, LongTable]:
    """Give the long tables of which groups have laid rows down.

    Parameters
    ----------
    tables
        The tables of all zones, as far as they are known.
    folders
        Where the groups laid their rows down, and their zones.
    places
        What :func:`lay_down` gave of each.

    Returns
    -------
    dict[str, LongTable]
        By name.
    """
    series = tables[_SERIES]
    total = series[series["zone_id"] == TOTAL]
    where = {
        zone_id: (folder / _SERIES, *at)
        for folder, some in zip(folders, places, strict=True)
        for zone_id, at in some.items()
    }
    names, sites = tables[_NAMES], tables[_SITES]
    files: dict[str, tuple[pd.DataFrame, Pieces]] = {
        _SERIES: (total, _SeriesFile(total=total, places=where)),
        _NAMES: (names, _NamesFile(others=names, folders=[*folders])),
    }
    # Where a group cannot tell its sites there are none of all.
    if len(sites):
        files[_SITES] = (sites.head(0), _SitesFile(ranked=sites, folders=folders))
    return {
        name: LongTable(digest=digest_with(known, name, folders), file=file)
        for name, (known, file) in files.items()
    }


def save_hashes(rows: pd.DataFrame, table: str, folder: Path) -> None:
    """Write the hashes of rows of a table."""
    np.save(_hashes(table, folder), row_digests(rows))


def digest_with(
    known: pd.DataFrame, table: str, folders: Iterable[Path], columns: Iterable[str] | None = None
) -> str:
    """Hash a table by the rows that are known and the hashes that were written in folders."""
    mine = row_digests(known)
    written: list[Callable[[], NDArray[np.bytes_]]] = [
        partial(np.load, _hashes(table, folder)) for folder in folders
    ]
    return digest_of_rows(known.columns if columns is None else columns, [lambda: mine, *written])


def _hashes(table: str, folder: Path) -> Path:
    return folder / f"{table}.npy"


def _body(rows: pd.DataFrame, table: str) -> bytes:
    """Give rows of a table as they stand in its file, without its first line."""
    return csv_bytes(rows, name=table).partition(b"\r\n")[2]


def _place_of(row: list[str]) -> tuple[str, str]:
    """Tell where a row of names stands: by table and id."""
    return row[0], str(meant(row[-1]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _NamesFile:
    """The file of names: the rows that were laid down, in their places among the others."""

    others: pd.DataFrame
    folders: Sequence[Path]

    def __iter__(self) -> Iterator[bytes]:
        head, end, others = csv_bytes(self.others, name=_NAMES).partition(b"\r\n")
        yield head + end
        with ExitStack() as stack:
            rows = [_rows(stack, folder / _NAMES) for folder in self.folders]
            rows.append(csv.reader(io.StringIO(others.decode(), newline="")))
            yield from _written(heapq.merge(*rows, key=_place_of))


def _rows(stack: ExitStack, path: Path) -> Iterator[list[str]]:
    """Read the rows that a group laid down, one after the other."""
    return csv.reader(stack.enter_context(path.open(encoding="utf-8", newline="")))


def _written(rows: Iterator[list[str]]) -> Iterator[bytes]:
    """Write rows as they stood in the files they were read from."""
    while some := [*islice(rows, _AT_ONCE)]:
        told = io.StringIO(newline="")
        csv.writer(told, lineterminator="\r\n").writerows(some)
        yield told.getvalue().encode()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _SitesFile:
    """The file of sites, which a group ranks as all are ranked: each is the next of its group."""

    ranked: pd.DataFrame
    folders: Mapping[Path, Iterable[str]]

    def __iter__(self) -> Iterator[bytes]:
        yield csv_bytes(self.ranked.head(0), name=_SITES)
        with ExitStack() as stack, long_cells():
            following = {
                zone_id: rows
                for folder, zones in self.folders.items()
                for rows in [_rows(stack, folder / _SITES)]
                for zone_id in zones
            }
            yield from _written(next(following[zone_id]) for zone_id in self.ranked["zone_id"])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _SeriesFile:
    """The file of the series: the rows of each zone as they were laid down, those of all last."""

    total: pd.DataFrame
    places: dict[str, tuple[Path, int, int]]

    def __iter__(self) -> Iterator[bytes]:
        head, end, rest = csv_bytes(self.total, name=_SERIES).partition(b"\r\n")
        yield head + end
        for _, (path, first, size) in sorted(self.places.items()):
            with path.open("rb") as file:
                file.seek(first)
                yield file.read(size)
        yield rest
