"""What a copy of a project was when it left: which project, which commit, the rows on record.

Every file holds this beside its tables, and keeps it while it is edited. So what somebody changed
in a copy is told apart from what others have recorded in the project since, and a row that was
never in the copy is not taken for one that was removed in it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.row_digests import row_digests
from kcngeo.core.schema import RECORDED, TABLES
from kcngeo.core.validation import as_known
from kcngeo.ledger.copies import Taken
from kcngeo.ledger.project import Project

# Ids that follow from rows are version 5 of this name, those of new projects version 4.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "kcngeo.dataset")
_MOMENTS = ("recorded_at", "superseded_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which project tables are of, and how far it had come.

    Attributes
    ----------
    dataset_id
        Which project they are of.
    commit
        How often edits had been recorded in it.
    clock_mends
        Moments of a clock ahead of time, each with the moment it became.
    """

    dataset_id: str
    commit: int
    clock_mends: tuple[tuple[pd.Timestamp, pd.Timestamp], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Identity):
    """What a copy says of itself: what the project was when it left, and itself then."""

    taken: Taken


def identity_of(project: Project, frames: Mapping[str, pd.DataFrame]) -> Identity:
    """Say which project tables are of; one without an id gets the one that follows from them."""
    return Identity(
        dataset_id=project.dataset_id or derived_id(taken_of(frames).rows),
        commit=project.commit,
        clock_mends=project.clock_mends,
    )


def label_of(project: Project, frames: Mapping[str, pd.DataFrame]) -> Label:
    """Say what a copy leaves as; what is a copy already stays one of the same project."""
    taken = taken_of(frames) if project.taken is None else project.taken
    dataset_id = project.dataset_id or derived_id(taken.rows)
    return Label(
        dataset_id=dataset_id,
        commit=project.commit,
        taken=taken,
        clock_mends=project.clock_mends,
    )


def joined(some: Sequence[Taken]) -> Taken:
    """Say what a project leaves as that is written in parts, no row in two of them."""
    rows: dict[str, list[bytes]] = {}
    columns: dict[str, tuple[str, ...]] = {}
    for one in some:
        columns |= one.columns
        for name, numbers in one.rows.items():
            rows.setdefault(name, []).append(numbers)
    at = max((one.at for one in some if one.at is not None), default=None)
    return Taken(
        rows={name: b"".join(parts) for name, parts in rows.items()}, columns=columns, at=at
    )


def taken_of(frames: Mapping[str, pd.DataFrame]) -> Taken:
    """List the rows on record of tables as they are."""
    rows = {
        name: row_digests(as_known(frame)).astype("<u8").tobytes()
        for name, frame in frames.items()
        if TABLES[name].entered
    }
    return _within(rows, frames)


def _within(rows: Mapping[str, bytes], frames: Mapping[str, pd.DataFrame]) -> Taken:
    """Say of rows which columns they had, and the latest moment on record then."""
    bookkeeping = {column.name for column in RECORDED}
    latest = [
        pd.to_datetime(frame[column], utc=True, errors="coerce").max()
        for frame in frames.values()
        for column in _MOMENTS
        if column in frame.columns and frame[column].notna().any()
    ]
    columns = {
        name: tuple(sorted(str(one) for one in frame.columns if one not in bookkeeping))
        for name, frame in frames.items()
    }
    return Taken(rows=rows, columns=columns, at=max(latest, default=None))


def derived_id(rows: Mapping[str, bytes]) -> str:
    """Give the id of a project that was never given one: it follows from its rows."""
    digest = hashlib.sha256()
    for name, numbers in sorted(rows.items()):
        # An empty table is as good as none; the order of rows means nothing.
        if numbers:
            digest.update(name.encode() + b"\0" + np.sort(np.frombuffer(numbers, "<u8")).tobytes())
    return str(uuid.uuid5(_NAMESPACE, digest.hexdigest()))


def label_text(label: Label) -> str:
    """Write a label, but its rows, as JSON."""
    told = {
        "dataset_id": label.dataset_id,
        "commit": label.commit,
        "taken_at": None if label.taken.at is None else _written(label.taken.at),
        "clock_mends": mends_written(label.clock_mends),
        "scope": {name: list(columns) for name, columns in sorted(label.taken.columns.items())},
    }
    return json.dumps(told, ensure_ascii=False)


def mends_written(mends: Iterable[tuple[pd.Timestamp, pd.Timestamp]]) -> list[list[str]]:
    """Write which moments of a clock became which."""
    return [[_written(was), _written(now)] for was, now in mends]


def mends_read(told: Any) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
    """Read which moments of a clock became which."""
    return tuple((pd.Timestamp(was), pd.Timestamp(now)) for was, now in told)


def _written(moment: pd.Timestamp) -> str:
    return moment.isoformat(timespec="milliseconds")


def label_from(
    text: str | None, rows: Mapping[str, bytes], frames: Mapping[str, pd.DataFrame]
) -> Label:
    """Read a label; a file of before there were ids has the id that follows from its rows."""
    if text is None:
        return Label(dataset_id=derived_id(rows), commit=0, taken=_within(rows, frames))
    try:
        told: dict[str, Any] = json.loads(text)
        at = told["taken_at"]
        taken = Taken(
            rows=rows,
            columns={name: tuple(columns) for name, columns in told["scope"].items()},
            at=None if at is None else pd.Timestamp(at),
        )
        dataset_id = str(uuid.UUID(told["dataset_id"]))
        mends = mends_read(told["clock_mends"])
        return Label(
            dataset_id=dataset_id, commit=int(told["commit"]), taken=taken, clock_mends=mends
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the label of the copy is damaged: {error}") from error
