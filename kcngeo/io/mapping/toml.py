"""Mappings in a small TOML file that people can read and change."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import ENTERED
from kcngeo.io.mapping.propose import ColumnMapping

_PARTS = ("columns", "values", "fixed", "units")


def read_mapping(path: str | os.PathLike[str]) -> dict[str, ColumnMapping]:
    """Read mappings from a file.

    Parameters
    ----------
    path
        Path of a TOML file with ``[TABLE.columns]``, ``[TABLE.values.COLUMN]``, ``[TABLE.fixed]``
        and ``[TABLE.units]``.

    Returns
    -------
    dict[str, ColumnMapping]
        By table.

    Raises
    ------
    DataSourceError
        If the file cannot be read or says something else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "mapping.toml")
    ...     _ = path.write_text("parcels.columns = { parcel_id = 'LO' }", encoding="utf-8")
    ...     read_mapping(path)["parcels"].columns
    {'parcel_id': 'LO'}
    """
    path = Path(path)
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error
    strange = [name for name in said if name not in ENTERED]
    strange += [
        f"{table}.{part}"
        for table, parts in said.items()
        if table in ENTERED
        for part in (parts if isinstance(parts, dict) else [""])
        if part not in _PARTS or not _is_part(part, parts[part])
    ]
    if strange:
        raise DataSourceError(
            "mapping_file", path=path, strange=strange, tables=" | ".join(ENTERED)
        )
    renamed = {"values": "meanings"}
    return {
        table: ColumnMapping(
            table=table, **{renamed.get(part, part): one for part, one in parts.items()}
        )
        for table, parts in said.items()
    }


def _is_part(part: str, said: Any) -> bool:
    if not isinstance(said, dict):
        return False
    if part == "values":
        return all(_is_part("fixed", one) for one in said.values())
    if part == "columns":
        return all(
            isinstance(one, str)
            or (isinstance(one, list) and one and all(isinstance(name, str) for name in one))
            for one in said.values()
        )
    return all(isinstance(one, str) for one in said.values())


def mapping_text(mappings: Iterable[ColumnMapping]) -> str:
    """Write mappings as TOML."""
    lines: list[str] = []
    for mapping in mappings:
        if mapping.missing:
            lines.append(f"# {mapping.table}: nothing makes {', '.join(mapping.missing)}")
        if mapping.own:
            lines.append(f"# {mapping.table}: kept as they are: {', '.join(mapping.own)}")
        for part in ("columns", "fixed", "units"):
            said = getattr(mapping, part)
            if said or part == "columns":
                lines.append(f"[{mapping.table}.{part}]")
                lines += [f"{name} = {_toml(value)}" for name, value in said.items()]
                lines.append("")
        for column, meant in mapping.meanings.items():
            lines.append(f"[{mapping.table}.values.{column}]")
            lines += [f"{_toml(theirs)} = {_toml(ours)}" for theirs, ours in meant.items()]
            lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    text = json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")


def write_mapping(mappings: Iterable[ColumnMapping], path: str | os.PathLike[str]) -> None:
    """Write mappings into a file, whole or not at all.

    Parameters
    ----------
    mappings
        The mappings, one a table.
    path
        Path of the TOML file.

    Raises
    ------
    DataSourceError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> mapping = ColumnMapping(table="parcels", columns={"parcel_id": "LO"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_mapping([mapping], f"{folder}/mapping.toml")
    ...     read_mapping(f"{folder}/mapping.toml")["parcels"].columns
    {'parcel_id': 'LO'}
    """
    atomic.write_bytes(path, mapping_text(mappings).encode())
