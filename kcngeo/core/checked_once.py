"""Tables that go from one question of a piece of work to the next are checked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pandas as pd

Rows = TypeVar("Rows", bound="pd.DataFrame")

# By the identity of a frame and its table: the frame, itself cast, and its breaches. The frames
# are kept, so that no other can have their number meanwhile.
_Known = dict[tuple[int, str], tuple[Any, Any, list[Any]]]
_CHECKED: ContextVar[_Known | None] = ContextVar("_CHECKED", default=None)


@contextmanager
def each_once() -> Iterator[None]:
    """Check a table once, however often it is asked for, as long as it is the same frame.

    For work that hands tables from one question to the next and in which nobody changes a frame in
    place. Also a decorator of functions that are such work.

    Yields
    ------
    None
        While it lasts, :func:`kcngeo.core.validation.validate` gives one answer for one frame.

    Examples
    --------
    >>> import pandas as pd
    >>> from kcngeo.core.validation import validate
    >>> milestones = pd.DataFrame({"zone_id": ["A"], "kind": ["approved"]})
    >>> with each_once():
    ...     cast = validate(milestones, "milestones")
    ...     validate(milestones, "milestones") is cast, validate(cast, "milestones") is cast
    (True, True)
    """
    if _CHECKED.get() is not None:
        yield
        return
    token = _CHECKED.set({})
    try:
        yield
    finally:
        _CHECKED.reset(token)


def once(
    frame: Rows, table: str, check: Callable[[Rows, str], tuple[Rows, list[Any]]]
) -> tuple[Rows, list[Any]]:
    """Give a frame cast and its breaches; within :func:`each_once` the same one is not asked twice.

    Parameters
    ----------
    frame
        The frame.
    table
        The table it is.
    check
        What casts it and lists its breaches.

    Returns
    -------
    tuple[pd.DataFrame, list]
        What ``check`` gives.
    """
    known = _CHECKED.get()
    if known is None:
        return check(frame, table)
    if (id(frame), table) not in known:
        cast, breaches = check(frame, table)
        known[id(frame), table] = frame, cast, breaches
        # Casting again changes nothing.
        known[id(cast), table] = cast, cast, breaches
    _, cast, breaches = known[id(frame), table]
    return cast, list(breaches)


def note_rows(rows: pd.DataFrame, table: str, *, of: pd.DataFrame) -> None:
    """Within :func:`each_once`, note that a frame is some rows of one that keeps its contract.

    Parameters
    ----------
    rows
        The rows, as they stand in the other frame.
    table
        The table it is.
    of
        The frame they are of.
    """
    known = _CHECKED.get()
    if known is not None and (id(of), table) in known and not known[id(of), table][2]:
        known[id(rows), table] = rows, rows, []
