"""Read, change and write a project as one step that no other writer comes between."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores.lock import lock_of, locked
from kcngeo.io.stores.url import is_url
from kcngeo.io.stores.which import store_of
from kcngeo.ledger.project import Project

WAIT_S = 120.0
"""How long a writer waits for those before it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Editing:
    """A project that nobody else writes meanwhile.

    Attributes
    ----------
    project
        The project as it is.
    write
        Puts another state in its place, whole or not at all.
    """

    project: Project
    write: Callable[[Project], None]


@contextmanager
def editing(path_or_url: str | os.PathLike[str]) -> Iterator[Editing]:
    """Give a project to change: what is read stays what is on record until it is written.

    Other writers wait, in a database the editors of its rows too; readers do not. A file that
    another program changes meanwhile, as QGIS does without asking, is not written over.

    Parameters
    ----------
    path_or_url
        See :func:`kcngeo.io.read_project`.

    Yields
    ------
    Editing
        The project, and how to write it.

    Raises
    ------
    DataSourceError
        If the store cannot be read or written, another writer does not end, or the file system
        knows no locks.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/squares.gpkg"
    ...     kcn.io.write_project(kcn.examples.squares(), path)
    ...     with kcn.io.editing(path) as now:
    ...         now.write(replace(now.project, ledger=now.project.ledger.head(3)))
    ...     len(kcn.io.read_project(path).ledger)
    3
    """
    store, place = store_of(path_or_url)
    if is_url(path_or_url):
        with store.editing(place) as (project, write):
            yield Editing(project=project, write=lambda now: write(_committed(project, now)))
        return
    target = Path(place).resolve()
    if not target.exists():
        # The reader says what is missing, and nothing is left beside it.
        store.read_project(place)
    with locked(lock_of(target), wait_s=WAIT_S, leave=False):
        seen = _state(store, target)
        project = store.read_project(place)

        def write(changed: Project) -> None:
            if _state(store, target) != seen:
                raise DataSourceError("changed_meanwhile", path=place)
            store.write_project(_committed(project, changed), place)

        yield Editing(project=project, write=write)


def _committed(before: Project, after: Project) -> Project:
    """Count a commit; what is recorded is no copy of what it was before."""
    tables = [{name: id(frame) for name, frame in one.tables()} for one in (before, after)]
    # What was handed out is no edit of the tables.
    if tables[0] == tables[1]:
        return after
    return replace(after, dataset_id=before.dataset_id, commit=before.commit + 1, taken=None)


def _state(store: Any, target: Path) -> tuple[Any, ...]:
    """Tell states of a file apart without reading it."""
    told = target / store.CONTENTS if target.is_dir() else target
    about = told.stat()
    log = target.with_name(target.name + "-wal")
    return about.st_ino, about.st_size, about.st_mtime_ns, log.exists() and log.stat().st_mtime_ns
