"""A lock the system takes back when its holder dies."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kcngeo.core.errors import DataSourceError

_PAUSE_S = 0.05
# What a system says of a lock that somebody else has; anything else is no lock at all.
_TAKEN = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}


def lock_of(target: Path) -> Path:
    """Name the lock of a file or folder: it lies hidden in the nearest folder that is there."""
    target = target.resolve()
    # Nothing is made for the lock.
    place = next((parent for parent in target.parents if parent.exists()), target)
    name = hashlib.sha256(str(target.relative_to(place)).encode()).hexdigest()[:12]
    return place / f".{name}.lock"


@contextmanager
def locked(path: Path, *, wait_s: float = 0.0, leave: bool = True) -> Iterator[None]:
    """Keep other writers out while something is written, after waiting for those who are in."""
    until = time.monotonic() + wait_s
    while True:
        with path.open("ab") as file:
            if _has_lock(file.fileno(), path):
                # One that was removed while it was waited for is a lock nobody else sees.
                if not _is_there(file.fileno(), path):
                    continue
                try:
                    yield
                finally:
                    if not leave:
                        # Windows does not remove a file that is open; it is locked anew next time.
                        with suppress(OSError):
                            path.unlink()
                # Closing the file gives the lock back.
                return
        if time.monotonic() >= until:
            detail = "another program is writing it; try again when that is done"
            raise DataSourceError("unwritable", path=path.parent, detail=detail)
        time.sleep(_PAUSE_S)


def _is_there(handle: int, path: Path) -> bool:
    """Tell whether an open file is still the one that lies under its name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _has_lock(handle: int, path: Path) -> bool:
    try:
        _lock(handle)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise DataSourceError("no_lock", path=path.parent, detail=error) from error
    return True


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
