"""Digests of tables and files: what tells whether two contents are the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.errors import DataSourceError
from kcngeo.io import content_digest, redact_url
from kcngeo.io.stores.url import is_url

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows whose cells stand in memory as texts.
_AT_ONCE = 10_000
_SIZE = hashlib.sha256().digest_size
# Hashes are put in order so many of their first bytes at a time, which is how many of those of a
# very long table stand in memory.
_FIRST_BYTES = 16


def sha256(data: bytes) -> str:
    """Hash bytes.

    Examples
    --------
    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """Hash a file."""
    try:
        return sha256(path.read_bytes())
    except OSError as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error


def inputs_of(inputs: Iterable[str | os.PathLike[str]]) -> dict[str, str | None]:
    """Hash the stores a project was read from; a password in a URL is not shown."""
    return {
        redact_url(one) if is_url(one) else Path(one).name: content_digest(one) for one in inputs
    }


def table_digest(frame: pd.DataFrame) -> str:
    """Hash the content of a table, whatever the order of its rows and columns."""
    rows = row_digests(frame)
    return digest_of_rows(frame.columns, [lambda: rows])


def row_digests(frame: pd.DataFrame) -> NDArray[np.bytes_]:
    """Hash every row of a table, (rows,) of 32 bytes: the cells that are there, by their columns.

    Rows of several frames, one after the other, are the rows of the frames together.
    """
    names = sorted(frame.columns)
    found = np.empty(len(frame), dtype=f"S{_SIZE}")
    for start in range(0, len(frame), _AT_ONCE):
        part = frame.iloc[start : start + _AT_ONCE]
        columns = [_as_text(part[name]) for name in names]
        for place, row in enumerate(zip(*columns, strict=True), start):
            # As JSON, where no cell can pass for two and a missing one is no empty one.
            told = [one for one in zip(names, row, strict=True) if one[1] is not None]
            found[place] = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).digest()
    return found


def digest_of_rows(names: Iterable[str], rows: Sequence[Callable[[], NDArray[np.bytes_]]]) -> str:
    """Hash a table by the names of its columns and the hashes of its rows, in whatever order.

    The hashes are got some at a time, so that those of a very long table need not stand in memory.
    """
    whole = hashlib.sha256(json.dumps(sorted(names), ensure_ascii=False).encode())
    for first in range(0, 256, _FIRST_BYTES):
        some = np.concatenate([_beginning(first, get()) for get in rows])
        some.sort()
        whole.update(some.tobytes())
    return whole.hexdigest()


def _beginning(first: int, rows: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Give the hashes that begin with a byte, or one of those that follow it."""
    begin = rows.view(np.uint8).reshape(-1, _SIZE)[:, 0]
    return rows[(begin >= first) & (begin < first + _FIRST_BYTES)]


def _as_text(column: pd.Series) -> list[str | None]:
    if isinstance(column, gpd.GeoSeries):
        return list(shapely.to_wkb(column.to_numpy(), hex=True))
    missing = column.isna().to_numpy()
    if pd.api.types.is_float_dtype(column.dtype):
        # Twelve digits: the last ones of a sum may differ between builds of a library.
        texts = [f"{value:.12g}" for value in column.to_numpy(dtype="float64", na_value=np.nan)]
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = [value.isoformat() for value in column]
    else:
        texts = [str(value) for value in column]
    return [None if gone else text for text, gone in zip(texts, missing, strict=True)]
