"""Ask the native reader of workbooks for their sheets, in a process that may die."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcngeo.core.errors import DataSourceError

_PROGRAM = Path(__file__).with_name("calamine_child.py")
_MEMORY_BYTES = 2 << 30
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSheet:
    """A worksheet as the reader gives it.

    Attributes
    ----------
    name
        Its name.
    rows
        Its cells, from the first; an empty one is "".
    merges
        Merged ranges as ((row, column), (row, column)); None where the reader does not tell.
    hidden
        Whether it is hidden.
    """

    name: str
    rows: list[list[Any]]
    merges: list[Any] | None
    hidden: bool


def read_sheets(content: bytes, *, path: Path) -> list[RawSheet]:
    """Read all worksheets of a workbook.

    Parameters
    ----------
    content
        The bytes of the workbook.
    path
        How to name it.

    Returns
    -------
    list[RawSheet]
        The worksheets, in order.

    Raises
    ------
    DataSourceError
        If it is protected or damaged, or ended the reader.
    """
    command = [sys.executable, "-I", str(_PROGRAM), str(_MEMORY_BYTES)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        detail = f"nothing was read in {_SECONDS} s"
        raise DataSourceError("sheet_damaged", path=path, detail=detail) from error
    try:
        answer = json.loads(done.stdout, object_hook=_day)
    except ValueError as error:
        detail = f"it ended its reader (exit {done.returncode})"
        raise DataSourceError("sheet_damaged", path=path, detail=detail) from error
    if "protected" in answer:
        raise DataSourceError("sheet_protected", path=path)
    if "damaged" in answer:
        raise DataSourceError("sheet_damaged", path=path, detail=answer["damaged"])
    return [
        RawSheet(name=one["name"], rows=one["rows"], merges=one["merges"], hidden=one["hidden"])
        for one in answer["sheets"]
    ]


def _day(one: dict[str, Any]) -> Any:
    """Take a day or moment from its mark."""
    if "moment" in one:
        return dt.datetime.fromisoformat(one["moment"])
    return dt.date.fromisoformat(one["day"]) if "day" in one else one
