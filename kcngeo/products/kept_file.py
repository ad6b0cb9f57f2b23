"""Results of earlier months on disk: what is asked again, of the same data, is not worked out anew.

A folder has a file a month, in Parquet, with a row a result: the digest of what it was worked out
of, the result itself, and the hash of its bytes. Nothing in it is code, and only results that come
back the same to the last bit are written. What other versions or another registry worked out, and
what was damaged, is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kcngeo.analysis.forecast.simulation import Futures
from kcngeo.core import atomic
from kcngeo.core.errors import KcngeoWarning
from kcngeo.core.kept_results import KeptResults, digest_of
from kcngeo.publish.manifest import versions
from kcngeo.publish.registry_names import registry_entry
from kcngeo.standards import registry

_MADE_BY = b"made_by"
_COLUMNS = ("key", "value", "parts", "sha256")


class KeptResultsWarning(KcngeoWarning):
    """Results on disk are not used, because they are damaged or were made by something else.

    Parameters
    ----------
    path
        The file.

    Examples
    --------
    >>> KeptResultsWarning("kept/2018-03.parquet").path
    'kept/2018-03.parquet'
    """

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path}: made by other versions, or damaged; worked out anew")


@contextmanager
def remembered(folder: str | os.PathLike[str] | None, month: str) -> Iterator[KeptResults | None]:
    """Look for what earlier runs worked out, and keep what this one asked for.

    Parameters
    ----------
    folder
        Where a file a month lies; None keeps nothing.
    month
        The month: its own file is looked through, and that of the month before it.

    Yields
    ------
    KeptResults | None
        To be given to :func:`kcngeo.products.month`; written when the month is made, or has failed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for _ in range(2):
    ...         with remembered(folder, "2018-03") as results:
    ...             answer = results.get(b"six times seven", lambda: (42.0, "done"))
    ...         print(answer, results.found)
    (42.0, 'done') 0
    (42.0, 'done') 1
    """
    if folder is None:
        yield None
        return
    place = Path(folder)
    before = f"{pd.Timestamp(month) - pd.DateOffset(months=1):%Y-%m}"
    results = KeptResults(_read(place / f"{before}.parquet") | _read(place / f"{month}.parquet"))
    try:
        yield results
    finally:
        # Also of a month that could not be made: the next attempt has less to do.
        if results.made:
            place.mkdir(parents=True, exist_ok=True)
            _write(place / f"{month}.parquet", results.used)


def _write(path: Path, results: Mapping[bytes, Any]) -> None:
    rows: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for key, result in sorted(results.items()):
        parts: list[bytes] = []
        try:
            value = json.dumps(_packed(result, parts))
            comes_back = digest_of(_unpacked(json.loads(value), parts)) == digest_of(result)
        except (TypeError, ValueError, pa.ArrowException):
            comes_back = False
        # What does not come back as it was stays out.
        if comes_back:
            cells = (key, value, parts, _hash(value, parts))
            for name, cell in zip(_COLUMNS, cells, strict=True):
                rows[name].append(cell)
    schema = pa.schema(
        {"key": pa.binary(), "value": pa.string(), "parts": pa.list_(pa.binary())}
        | {"sha256": pa.string()},
        metadata={_MADE_BY: made_by()},
    )
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(rows, schema=schema), sink, compression="zstd")
    atomic.write_bytes(path, sink.getvalue().to_pybytes())


def _read(path: Path) -> dict[bytes, Any]:
    """Read the results of a month that were made by what runs now."""
    if not path.is_file():
        return {}
    try:
        table = pq.read_table(path)
        is_ours = (table.schema.metadata or {}).get(_MADE_BY) == made_by().encode()
        columns = [table[name].to_pylist() for name in _COLUMNS] if is_ours else []
        rows = list(zip(*columns, strict=True))
        found = {
            key: _unpacked(json.loads(value), parts)
            for key, value, parts, told in rows
            if _hash(value, parts) == told
        }
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError, IndexError):
        is_ours, rows, found = False, [], {}
    if not is_ours or len(found) < len(rows):
        warnings.warn(KeptResultsWarning(str(path)), stacklevel=3)
    return found


@cache
def made_by() -> str:
    """Name what works results out: versions, registry, and the program's own files.

    Returns
    -------
    str
        The same wherever the same data give the same results.

    Examples
    --------
    >>> len(made_by())
    64
    """
    home = Path(__file__).resolve().parents[1]
    program = hashlib.sha256()
    for path in sorted([*home.rglob("*.py"), *home.rglob("*.toml")]):
        program.update(path.relative_to(home).as_posix().encode() + path.read_bytes())
    told = [versions(), registry_entry(registry()), program.hexdigest()]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _hash(value: str, parts: list[bytes]) -> str:
    return digest_of(value, parts).hex()


def _packed(value: Any, parts: list[bytes]) -> Any:
    """Write a result as JSON; numbers in bulk are put beside it."""
    if isinstance(value, Futures):
        told = {one.name: getattr(value, one.name) for one in fields(value)}
        return {"futures": {name: _packed(one, parts) for name, one in told.items()}}
    if isinstance(value, tuple):
        return {"tuple": [_packed(one, parts) for one in value]}
    if isinstance(value, np.ndarray):
        parts.append(np.ascontiguousarray(value).tobytes())
        return {"array": [len(parts) - 1, value.dtype.str, list(value.shape)]}
    if isinstance(value, pd.DataFrame):
        sink = pa.BufferOutputStream()
        value.to_feather(sink)
        parts.append(sink.getvalue().to_pybytes())
        return {"frame": len(parts) - 1}
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return {"float": float(value).hex()}
    return value


def _unpacked(told: Any, parts: list[bytes]) -> Any:
    """Read a result as it was."""
    if not isinstance(told, dict):
        return told
    ((kind, given),) = told.items()
    if kind == "tuple":
        return tuple(_unpacked(one, parts) for one in given)
    if kind == "futures":
        return Futures(**{name: _unpacked(one, parts) for name, one in given.items()})
    if kind == "array":
        number, dtype, shape = given
        return np.frombuffer(parts[number], dtype=np.dtype(dtype)).reshape(shape)
    if kind == "frame":
        return pd.read_feather(pa.BufferReader(parts[given]))
    if kind == "float":
        return float.fromhex(given)
    raise ValueError(kind)
