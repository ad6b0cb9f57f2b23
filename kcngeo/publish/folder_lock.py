"""Who writes a folder of outputs, or the months below one, is alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores.lock import lock_of, locked


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second run out of a folder; the lock lies beside it."""
    lock = lock_of(folder)
    if not (lock.parent.is_dir() and os.access(lock.parent, os.W_OK)):
        # Whoever writes says what is wrong with the path.
        yield
        return
    with locked(lock, leave=False):
        yield


def recover(folder: Path) -> None:
    """Bring to its end what a killed run began in a folder, unless somebody is at it."""
    if atomic.is_interrupted(folder):
        with alone(folder):
            atomic.recover(folder)


def recover_below(folder: Path) -> None:
    """Bring to their end what killed runs began in the folders of a folder."""
    for one in atomic.interrupted_below(folder):
        # Where another program is writing now, nothing was interrupted.
        with suppress(DataSourceError):
            recover(one)


def require_no_batch(folder: Path) -> None:
    """Refuse a folder whose months are being written by a batch over the folder above it."""
    lock = lock_of(folder.resolve().parent)
    # Taken away by the batch at its end; one that was killed left it, and nobody holds it.
    if lock.is_file():
        with locked(lock, leave=False):
            pass
