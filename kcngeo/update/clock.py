"""Rows recorded by a clock that ran ahead get moments that have been, and that is on record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from kcngeo.core.dates import CLOCK_TOLERANCE, recording_moment
from kcngeo.core.validation import validate
from kcngeo.ledger.project import Project

_COLUMNS = ("recorded_at", "superseded_at")
_STEP = pd.Timedelta(milliseconds=1)


def mend_clock(project: Project) -> Project:
    """Give rows that were recorded in the future moments that have been.

    Nothing can be recorded after such a row until its moment has come. Its moment was never true,
    so it is replaced: in their order, the moments ahead become the last milliseconds up to now. As
    known at any moment before now, and as known today, the project is what it was; only who asks
    for a moment that is yet to come gets another answer. Which moment became which is kept in
    ``clock_mends``, for manifests that name one of them.

    Parameters
    ----------
    project
        The tables as stored; not changed.

    Returns
    -------
    Project
        With moments that have been; the same object if no moment is more than five minutes ahead.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> ahead = replace(project, ledger=project.ledger.assign(recorded_at="2999-01-01T00:00Z"))
    >>> mended = mend_clock(ahead)
    >>> len(mended.clock_mends), mended.ledger["recorded_at"].max() < pd.Timestamp.now("UTC")
    (1, True)
    >>> mend_clock(mended) is mended
    True
    """
    now = recording_moment()
    tables = {
        name: validate(frame, name, errors="collect")[0]
        for name, frame in project.tables()
        if set(_COLUMNS) & set(frame.columns)
    }
    said = pd.concat(
        [frame[column] for frame in tables.values() for column in _COLUMNS if column in frame]
        or [pd.Series(dtype="datetime64[us, UTC]")]
    )
    moments = said.dropna().drop_duplicates().sort_values()
    ahead = moments[moments > now + CLOCK_TOLERANCE].tolist()
    if not ahead:
        return project
    first = now - _STEP * len(ahead)
    past = moments[moments <= now + CLOCK_TOLERANCE]
    # What was recorded a moment ago was recorded before.
    first = first if past.empty else max(first, past.iloc[-1].ceil("ms") + _STEP)
    became = {was: first + _STEP * place for place, was in enumerate(ahead)}
    mended: dict[str, Any] = {}
    for name, frame in tables.items():
        columns = {one: frame[one].replace(became) for one in _COLUMNS if one in frame.columns}
        if any(not columns[one].equals(frame[one]) for one in columns):
            mended[name] = frame.assign(**columns)
    mends = (*project.clock_mends, *became.items())
    return replace(project, clock_mends=mends, **mended)
