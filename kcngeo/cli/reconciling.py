"""How ``import`` tells what became of lease lists beside the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from kcngeo import theme
from kcngeo import update as updates
from kcngeo.cli.shared import console
from kcngeo.core import atomic
from kcngeo.core.errors import KcngeoError
from kcngeo.publish.mapping_review import list_role
from kcngeo.publish.reconciliation import (
    SUFFIXES,
    reconciliation_file,
    reconciliation_lines,
    total_line,
)

_ENDS_ON = "ends-on:"


def read_missing(value: str) -> tuple[Literal["ask", "keep"], str | None]:
    """Read what becomes of entries that a list no longer names."""
    if value.startswith(_ENDS_ON) and value != _ENDS_ON:
        return "ask", value.removeprefix(_ENDS_ON)
    if value in ("ask", "keep"):
        return ("ask" if value == "ask" else "keep"), None
    raise KcngeoError("list_missing_word", value=value)


def require_ending(path: Path | None) -> None:
    """Refuse to write the table of a list in another format, before anything is read."""
    if path is not None and path.suffix.lower() not in SUFFIXES:
        raise KcngeoError("list_table_ending", path=path)


def say_columns(columns: Mapping[str, Mapping[str, str]], language: str) -> None:
    """Print by which name every column of a list was read."""
    for sheet, headings in columns.items():
        told = (
            f"{heading} → {list_role(name, language=language)}"
            for heading, name in headings.items()
        )
        console.print(f"{sheet}: {'; '.join(told)}", markup=False)


def say_reconciled(made: Sequence[updates.Reconciliation], language: str) -> None:
    """Print what became of lists, and both totals."""
    for one in made:
        for line in reconciliation_lines(one, language=language):
            console.print(line, markup=False)
        style = None if one.agrees else "red"
        console.print(total_line(one, language=language), style=style, markup=False)


def write_reconciled(made: Sequence[updates.Reconciliation], path: Path, language: str) -> None:
    """Write lists beside the ledger into one table."""
    content = reconciliation_file(made, suffix=path.suffix, language=language)
    if content is not None:
        atomic.write_bytes(path, content)
        console.print(theme.text("cli.made", language=language, path=path), markup=False)
