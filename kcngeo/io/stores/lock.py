"""A lock the system takes back when its holder dies."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kcngeo.core.errors import DataSourceError

_PAUSE_S = 0.05
# What a system says of a lock that somebody else has; anything else is no lock at all.
_TAKEN = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}


@contextmanager
def locked(path: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Keep other writers out while something is written, after waiting for those who are in."""
    # The file is never removed: whoever waits for it would then hold a lock nobody else sees.
    with path.open("ab") as file:
        until = time.monotonic() + wait_s
        while not _has_lock(file.fileno(), path):
            if time.monotonic() >= until:
                detail = "another program is writing it; try again when that is done"
                raise DataSourceError("unwritable", path=path.parent, detail=detail)
            time.sleep(_PAUSE_S)
        # Closing the file gives the lock back.
        yield


def _has_lock(handle: int, path: Path) -> bool:
    try:
        _lock(handle)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise DataSourceError("no_lock", path=path.parent, detail=str(error)) from error
    return True


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
