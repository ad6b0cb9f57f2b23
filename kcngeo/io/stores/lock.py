"""A lock the system takes back when its holder dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kcngeo.core.errors import DataSourceError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other writers out while something is written."""
    with path.open("ab") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            detail = "another program is writing it; try again when that is done"
            raise DataSourceError("unwritable", path=path.parent, detail=detail) from error
        # Closing the file gives the lock back.
        yield


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
