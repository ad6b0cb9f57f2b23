"""Write a project to a database: one transaction, one writer, everything or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd

from kcngeo.core.schema import MOMENTS, TABLES
from kcngeo.io.stores.arrow import checked_frames
from kcngeo.io.stores.postgis.connection import STATE, Session, session
from kcngeo.io.stores.postgis.constraints import require_references
from kcngeo.io.stores.postgis.layout import layout
from kcngeo.io.stores.postgis.locks import (
    lock_tables,
    require_alone,
    set_wait,
    wait_for_writers,
)
from kcngeo.io.stores.postgis.read import Held, held_in, project_in
from kcngeo.io.stores.postgis.rows import write_rows
from kcngeo.io.stores.postgis.structure import (
    close_up,
    note_columns,
    open_up,
    require_ours,
    stands,
)
from kcngeo.io.stores.postgis.triggers import WRITER
from kcngeo.ledger.project import Project

_LOCK_TIMEOUT_MS = 10_000
_EDIT_TIMEOUT_MS = 120_000


def write_project(project: Project, url: str | os.PathLike[str]) -> None:
    """Write a project to a schema of a PostGIS database."""
    # Tables keep everything that is not ours: rights, owners, what others have built on them.
    frames = checked_frames(project)
    with session(url, writes=True) as now:
        _begin(now, _LOCK_TIMEOUT_MS)
        require_alone(now)
        _write_in(now, frames, _held(now, _LOCK_TIMEOUT_MS))


@contextmanager
def editing(
    url: str | os.PathLike[str],
) -> Iterator[tuple[Project, Callable[[Project], None]]]:
    """Read, change and write in one transaction: nobody edits a row in between."""
    with session(url, writes=True) as now:
        _begin(now, _EDIT_TIMEOUT_MS)
        wait_for_writers(now)
        # What an editor has not committed yet is waited for, and read.
        held = _held(now, _EDIT_TIMEOUT_MS)
        project = project_in(now, held)
        yield project, lambda changed: _write_in(now, checked_frames(changed), held)


def _begin(now: Session, wait_ms: int) -> None:
    # A commit that was reported must outlive a crash, whatever the server's default.
    now.run("SET LOCAL synchronous_commit TO on")
    set_wait(now, wait_ms)


def _held(now: Session, wait_ms: int) -> dict[str, Held]:
    """Read what stands, after the last editor has finished."""
    require_ours(now)
    lock_tables(now, [name for name in TABLES if name in now.tables()], wait_ms)
    return held_in(now)


def _write_in(now: Session, frames: Mapping[str, pd.DataFrame], held: Mapping[str, Held]) -> None:
    """Write a project within a transaction, in which nobody else writes."""
    layouts = {name: layout(now, frame, TABLES[name]) for name, frame in frames.items()}
    # The triggers stamp what others write; here everything is said already.
    now.run("SELECT set_config(%s, 'kcngeo', true)", WRITER)
    sound = stands(now, layouts)
    rights = [] if sound else open_up(now, layouts)
    for name, one in layouts.items():
        write_rows(now, one, held.get(name))
    require_references(now, list(layouts))
    note_columns(now, layouts)
    _note_moment(now, frames)
    if not sound:
        close_up(now, layouts, rights)
    now.run("SET CONSTRAINTS ALL IMMEDIATE")


def _note_moment(now: Session, frames: Mapping[str, pd.DataFrame]) -> None:
    """Note the latest moment on record: the next one a trigger gives is later."""
    moments = [
        frame[column.name].max()
        for frame in frames.values()
        for column in MOMENTS
        if column.name in frame.columns
    ]
    latest = max((one for one in moments if not pd.isna(one)), default=None)
    if latest is not None:
        now.run(
            "UPDATE {state} SET moment = %s WHERE moment < %s",
            *(latest.to_pydatetime(), latest.to_pydatetime()),
            state=now.name(STATE),
        )
