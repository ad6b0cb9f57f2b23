"""What grows when it is opened: blocks of drawings that repeat each other, views without an end.

A drawing of a few kilobytes can repeat a block of blocks a billion times, and a view in a database
can go on for ever. A driver would follow both until memory or patience ends, so what they come to
is counted first.
"""

from __future__ import annotations

import math
import mmap
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from kcngeo.core.sql_names import sql_name
from kcngeo.io.vector.security import unreadable

LARGEST_DRAWING = 5_000_000
"""Most pieces the blocks of a drawing may come to."""
VIEW_S = 10.0
"""Longest a view may take to be counted, in seconds."""

_STEPS = 100_000
# A group of code 0 begins an entity; its own value is a word, that of others never follows a "0".
_ENTITY = re.compile(rb"^[ \t]*0[ \t]*\r?\n[ \t]*((?:3D)?[A-Z][A-Z0-9_]*)[ \t]*\r?$", re.MULTILINE)
_OUTSIDE = ""


def require_small_blocks(path: Path) -> None:
    """Refuse a drawing whose blocks unfold to more than any drawing of lots holds."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(b"INSERT") < 0:
            return
        pieces, inserts = _blocks(data)
    try:
        count: float = _unfolded(_OUTSIDE, pieces, inserts, {})
    except RecursionError:
        count = math.inf
    if count > LARGEST_DRAWING:
        raise unreadable(path, "unfolds", count=f"{count:.3g}", limit=LARGEST_DRAWING)


def _blocks(data: mmap.mmap) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Count, for each block and for the drawing itself, its pieces and the blocks it repeats."""
    pieces: Counter[str] = Counter()
    inserts: dict[str, Counter[str]] = {}
    current = _OUTSIDE
    found = [(one.group(1), one.end()) for one in _ENTITY.finditer(data)]
    ends = [*(end for _, end in found[1:]), len(data)]
    for (kind, start), end in zip(found, ends, strict=True):
        if kind == b"BLOCK":
            current = _groups(data[start:end]).get(b"2", "")
        elif kind == b"ENDBLK":
            current = _OUTSIDE
        elif kind == b"INSERT":
            said = _groups(data[start:end])
            times = _whole(said.get(b"70")) * _whole(said.get(b"71"))
            inserts.setdefault(current, Counter())[said.get(b"2", "")] += times
        else:
            pieces[current] += 1
    return pieces, inserts


def _groups(entity: bytes) -> dict[bytes, str]:
    """Read codes and values, line by line in turn: a colour may be 2, as the code of a name is."""
    said: dict[bytes, str] = {}
    lines = entity.splitlines()[1:]
    for code, value in zip(lines[::2], lines[1::2], strict=False):
        said.setdefault(code.strip(), value.strip().decode("latin-1").upper())
    return said


def _whole(text: str | None) -> int:
    """Read how often a block is repeated along a side; once where that is not said."""
    return max(1, int(text)) if text is not None and text.isascii() and text.isdigit() else 1


def _unfolded(
    block: str,
    pieces: Mapping[str, int],
    inserts: Mapping[str, Counter[str]],
    known: dict[str, int],
) -> int:
    """Count the pieces of a block with all it repeats; the driver leaves out what holds itself."""
    if block not in known:
        known[block] = 0
        known[block] = pieces.get(block, 0) + sum(
            times * _unfolded(one, pieces, inserts, known)
            for one, times in inserts.get(block, Counter()).items()
        )
    return known[block]


def require_views_end(path: Path, connection: sqlite3.Connection) -> None:
    """Refuse a GeoPackage of which a layer is a view that has no end."""
    views = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    if not views:
        return
    end = time.monotonic() + VIEW_S
    connection.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)
    try:
        for (name,) in views:
            connection.execute(f"SELECT count(*) FROM {sql_name(str(name))}").fetchone()  # noqa: S608
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise unreadable(path, "endless", name=name) from error
        # A view that cannot be asked is the driver's to tell, if it is a layer at all.
    finally:
        connection.set_progress_handler(None, 0)
