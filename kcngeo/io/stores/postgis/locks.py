"""Who may write: one writer of this library at a time, and nobody edits a row meanwhile.

Whoever edits a row takes the one row of :data:`STATE` first, by trigger, and keeps it until his
transaction ends (see :mod:`kcngeo.io.stores.postgis.triggers`). So this library has but to take
that row in its turn: nobody is in the middle of anything then, and who comes later waits for it.
Only where tables are altered must they be taken themselves, and before that row: who waits for it
holds a table already.
"""

from __future__ import annotations

import random
import time
from typing import Any

import psycopg
from psycopg import sql

from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores.postgis.connection import STATE, Session, lock_key

# Shorter than a server takes to look for a deadlock (a second): whoever holds one table and wants
# the next goes on, and this library begins again.
_TRY_MS = 300
_PAUSE_S = 0.05


def set_wait(now: Session, wait_ms: int) -> None:
    """Say how long a statement waits for a lock."""
    now.run(f"SET LOCAL lock_timeout TO {wait_ms}")


def wait_for_writers(now: Session) -> None:
    """Let the writers before this one finish; the lock goes with the transaction."""
    now.run("SELECT pg_advisory_xact_lock(%s)", lock_key("write", now.place))


def require_alone(now: Session) -> None:
    """Let one writer in; the lock goes with the transaction, also if the writer is killed."""
    ((alone,),) = now.run("SELECT pg_try_advisory_xact_lock(%s)", lock_key("write", now.place))
    if not alone:
        detail = "another program is writing it; try again when that is done"
        raise DataSourceError("unwritable", path=now.place.redacted, detail=detail)


def wait_for_readers(now: Session) -> None:
    """Let those who read finish: in their snapshot a table made anew would be empty."""
    now.run("SELECT pg_advisory_xact_lock(%s)", lock_key("read", now.place))


def take_turn(now: Session) -> Any:
    """Wait for those who edit, keep others waiting, and give the latest moment they were given."""
    # As text: there may be none yet, which is before all days.
    rows = now.run("SELECT moment::text FROM {state} FOR UPDATE", state=now.name(STATE))
    ((moment,),) = rows
    return moment


def lock_tables(now: Session, names: list[str], wait_ms: int) -> None:
    """Let nobody edit a row that is about to be written; readers are not held up.

    All tables are taken or none: an editor who has one and wants another is never waited for while
    that other is held.
    """
    if not names:
        return
    until = time.monotonic() + wait_ms / 1000
    while True:
        try:
            with now.connection.transaction():
                set_wait(now, min(_TRY_MS, wait_ms))
                now.run(
                    "LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE",
                    tables=sql.SQL(", ").join(map(now.name, names)),
                )
            set_wait(now, wait_ms)
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() >= until:
                raise
            time.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - no secret
        else:
            return
