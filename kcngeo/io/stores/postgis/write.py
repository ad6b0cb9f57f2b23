"""Write a project to a database: one transaction, one writer, everything or nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import MOMENTS, TABLES
from kcngeo.io.stores.arrow import checked_frames
from kcngeo.io.stores.postgis.connection import STATE, Session, session
from kcngeo.io.stores.postgis.constraints import require_references
from kcngeo.io.stores.postgis.layout import Layout, layout
from kcngeo.io.stores.postgis.locks import (
    lock_tables,
    require_alone,
    set_wait,
    take_turn,
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
from kcngeo.io.stores.postgis.triggers import WRITER, standing_triggers, wanted_triggers
from kcngeo.io.stores.taken import Identity, identity_of, mends_written
from kcngeo.ledger.project import Project

_LOCK_TIMEOUT_MS = 10_000
_EDIT_TIMEOUT_MS = 120_000
_TURN = "kcngeo_turn"


def write_project(project: Project, url: str | os.PathLike[str]) -> None:
    """Write a project to a schema of a PostGIS database."""
    # Tables keep everything that is not ours: rights, owners, what others have built on them.
    frames = checked_frames(project)
    with session(url, writes=True) as now:
        _begin(now, _LOCK_TIMEOUT_MS)
        require_alone(now)
        _write_in(now, project, frames, _taken(now, _LOCK_TIMEOUT_MS))


@contextmanager
def editing(
    url: str | os.PathLike[str],
) -> Iterator[tuple[Project, Callable[[Project], None]]]:
    """Read, change and write in one transaction: nobody edits a row in between."""
    with session(url, writes=True) as now:
        _begin(now, _EDIT_TIMEOUT_MS)
        wait_for_writers(now)
        # What an editor has not committed yet is waited for, and read.
        taken = _taken(now, _EDIT_TIMEOUT_MS)
        project = project_in(now, taken.held)
        yield project, lambda changed: _write_in(now, changed, checked_frames(changed), taken)


def _begin(now: Session, wait_ms: int) -> None:
    # A commit that was reported must outlive a crash, whatever the server's default.
    now.run("SET LOCAL synchronous_commit TO on")
    set_wait(now, wait_ms)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Taken:
    """What stands while nobody else writes.

    Attributes
    ----------
    held
        The tables.
    moment
        The latest moment a trigger has given; None where the tables themselves are locked.
    wait_ms
        How long others are waited for.
    """

    held: dict[str, Held]
    moment: Any
    wait_ms: int


def _taken(now: Session, wait_ms: int) -> _Taken:
    """Read what stands, after the last editor has finished."""
    require_ours(now)
    names = _names(now)
    keeps_turns = now.standing() is not None and standing_triggers(now) >= wanted_triggers(names)
    if not keeps_turns:
        lock_tables(now, names, wait_ms)
        return _Taken(held=held_in(now), moment=None, wait_ms=wait_ms)
    now.run(f"SAVEPOINT {_TURN}")
    return _Taken(moment=take_turn(now), held=held_in(now), wait_ms=wait_ms)


def _names(now: Session) -> list[str]:
    return [name for name in TABLES if name in now.tables()]


def _lock(now: Session, taken: _Taken) -> None:
    """Lock the tables to alter them: the turn is given back and taken anew after them."""
    if taken.moment is None:
        return
    now.run(f"ROLLBACK TO SAVEPOINT {_TURN}")
    lock_tables(now, _names(now), taken.wait_ms)
    if take_turn(now) != taken.moment:
        raise DataSourceError("changed_meanwhile", path=now.place.redacted)


def _write_in(
    now: Session, project: Project, frames: Mapping[str, pd.DataFrame], taken: _Taken
) -> None:
    """Write a project within a transaction, in which nobody else writes."""
    layouts = _layouts(now, frames)
    sound = stands(now, layouts)
    if not sound:
        _lock(now, taken)
        # A CRS that was made known to the database on the way is so again.
        layouts = _layouts(now, frames)
    # The triggers stamp what others write; here everything is said already.
    now.run("SELECT set_config(%s, 'kcngeo', true)", WRITER)
    rights = [] if sound else open_up(now, layouts)
    for name, one in layouts.items():
        write_rows(now, one, taken.held.get(name))
    require_references(now, list(layouts))
    note_columns(now, layouts)
    _note_identity(now, identity_of(project, frames), _latest(frames))
    if not sound:
        close_up(now, layouts, rights)
    now.run("SET CONSTRAINTS ALL IMMEDIATE")


def _layouts(now: Session, frames: Mapping[str, pd.DataFrame]) -> dict[str, Layout]:
    return {name: layout(now, frame, TABLES[name]) for name, frame in frames.items()}


def _latest(frames: Mapping[str, pd.DataFrame]) -> pd.Timestamp | None:
    """Find the latest moment on record."""
    moments = [
        frame[column.name].max()
        for frame in frames.values()
        for column in MOMENTS
        if column.name in frame.columns
    ]
    return max((one for one in moments if not pd.isna(one)), default=None)


def _note_identity(now: Session, identity: Identity, latest: pd.Timestamp | None) -> None:
    """Note which project it is, and the latest moment: the next one a trigger gives is later."""
    # Also an earlier one than was noted: moments of a clock that ran ahead were mended.
    now.run(
        "UPDATE {state} SET dataset_id = %s, commit = %s, clock_mends = %s::jsonb,"
        " moment = COALESCE(%s, '-infinity'::timestamp with time zone)",
        identity.dataset_id,
        identity.commit,
        json.dumps(mends_written(identity.clock_mends)),
        None if latest is None else latest.to_pydatetime(),
        state=now.name(STATE),
    )
