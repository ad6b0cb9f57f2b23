"""Copies of files that are about to be replaced, with what stands only in a write-ahead log."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

_LOCK_WAIT_S = 1.0
LOGS = ("-wal", "-shm", "-journal")
"""Endings SQLite adds to the name of a file for what it has not yet put into it."""


def keep_copies(paths: Sequence[Path]) -> list[Path]:
    """Copy files into a folder of their own beside them, so that a copied project finds its layers.

    Parameters
    ----------
    paths
        The files, all in one folder; what stands only in a write-ahead log is copied too.

    Returns
    -------
    list[Path]
        The copies.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "layers.qgz")
    ...     _ = path.write_bytes(b"edited")
    ...     [copy.read_bytes() for copy in keep_copies([path])]
    [b'edited']
    """
    if not paths:
        return []
    name = paths[0].stem
    folders = (paths[0].parent / f"{name}.backup-{number}" for number in _counting())
    folder = next(one for one in folders if not one.exists())
    folder.mkdir()
    return [copy_into(folder, path) for path in paths]


def copy_into(folder: Path, path: Path) -> Path:
    """Copy a file, with what stands only in its write-ahead log."""
    copy = folder / path.name
    if path.suffix == ".gpkg" and any(log.exists() for log in logs(path)):
        with closing(connect(path, "ro")) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    else:
        shutil.copy2(path, copy)
    return copy


def logs(path: Path) -> list[Path]:
    """Name the logs SQLite may keep beside a file."""
    return [path.with_name(path.name + ending) for ending in LOGS]


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a file of SQLite."""
    url = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(url, uri=True, timeout=_LOCK_WAIT_S, isolation_level=None)


def _counting() -> Iterator[int]:
    number = 1
    while True:
        yield number
        number += 1
