"""What a scenario changes, as a small file or a frame says it; its words are checked here."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, LandUse
from kcngeo.standards.schema import Key, key_problems, problem

_LOTS = {"parcels": Key(kind="texts"), "zone": Key(kind="text"), "block": Key(kind="text")}
KEYS: Mapping[str, Mapping[str, Key]] = {
    "let": {
        **_LOTS,
        "area_ha": Key(kind="positive"),
        "ends_reservation": Key(kind="flag"),
        "price_vnd_m2": Key(kind="positive"),
    },
    "clear": {**_LOTS, "pieces": Key(kind="texts")},
    "extend": {
        "zone": Key(kind="text", required=True),
        "wkt": Key(kind="text", required=True),
        "parcel_id": Key(kind="text"),
        "land_use": Key(kind="text", choices=tuple(LandUse)),
        "cleared": Key(kind="flag"),
    },
    "distance": {
        "rule": Key(kind="text", required=True),
        "distance_m": Key(kind="positive", required=True),
        "hazard_class": Key(kind="text"),
        "pollution_level": Key(kind="text"),
        "capacity_m3_day": Key(kind="number"),
    },
    "share": {
        "rule": Key(kind="text", required=True),
        "required_share": Key(kind="share", required=True),
    },
}
"""What a scenario may change, each with the keys that say how."""

_HEAD = {"name": Key(kind="text"), "note": Key(kind="text")}
_SEVERAL = ("parcels", "pieces")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a scenario changes, in words that were not yet held against a project.

    Attributes
    ----------
    name
        Its name.
    text
        All it says, as TOML; a frame is written so too, so that every scenario can be kept.
    """

    name: str
    text: str

    @property
    def said(self) -> dict[str, Any]:
        """Give what the text says.

        Returns
        -------
        dict[str, Any]
            The groups and keys of the file.
        """
        return tomllib.loads(self.text)

    @property
    def note(self) -> str | None:
        """Give the note.

        Returns
        -------
        str | None
            What the file says of itself; None if nothing.
        """
        return self.said.get("note")

    @property
    def digest(self) -> str:
        """Give the hash of the text.

        Returns
        -------
        str
            SHA-256.
        """
        return hashlib.sha256(self.text.encode()).hexdigest()

    def entries(self) -> list[tuple[str, str, dict[str, Any]]]:
        r"""List the changes in the order in which they are made, whatever their order in the file.

        Returns
        -------
        list[tuple[str, str, dict[str, Any]]]
            Kind of each, its name in messages ("let 1"), and its keys.

        Examples
        --------
        >>> made = Changes(name="one", text='[[let]]\nparcels = ["A-2"]\n')
        >>> made.entries()
        [('let', 'let 1', {'parcels': ['A-2']})]
        """
        # Land must be there before it is cleared, and cleared before it is let.
        order = ("extend", "clear", "let", "distance", "share")
        said = self.said
        return [
            (kind, f"{kind} {number}", one)
            for kind in order
            if _is_group(said.get(kind))
            for number, one in enumerate(said[kind], start=1)
        ]

    def problems(self) -> list[Finding]:
        r"""List what no project could make sense of.

        Returns
        -------
        list[Finding]
            Unknown groups and keys, values that are not of their kind; ids name the change.

        Examples
        --------
        >>> made = Changes(name="one", text='[[let]]\nlots = ["A-2"]\n')
        >>> [one.message() for one in made.problems()]
        ['let 1: unknown key lots.']
        """
        said = self.said
        head = {key: value for key, value in said.items() if key in _HEAD}
        found = key_problems(head, _HEAD, self.name, self.name)
        groups = " | ".join([*_HEAD, *(f"[[{one}]]" for one in KEYS)])
        for kind, listed in said.items():
            if kind not in _HEAD and not (kind in KEYS and _is_group(listed)):
                found.append(problem("standard_group", kind, self.name, groups=groups))
        for kind, where, fields in self.entries():
            found += key_problems(fields, KEYS[kind], where, self.name)
        return found


def _is_group(listed: Any) -> bool:
    """Tell whether changes of a kind are written one by one."""
    return isinstance(listed, list) and all(isinstance(one, dict) for one in listed)


def read_changes(
    source: str | os.PathLike[str] | pd.DataFrame | Mapping[str, str] | Changes,
    *,
    name: str | None = None,
) -> Changes:
    """Read what a scenario changes.

    Parameters
    ----------
    source
        Path of a TOML file; or a frame with a row a change, its kind in ``change`` and its keys in
        the other columns (ids joined by "|", shapes in the geometry or as ``wkt``); or ``name`` and
        ``text`` of a file that was read before.
    name
        Its name; None for the one it says, else that of the file.

    Returns
    -------
    Changes
        Its words. That they fit a project is seen when they are applied.

    Raises
    ------
    DataSourceError
        If the file cannot be read or is no TOML.

    Examples
    --------
    >>> rows = pd.DataFrame({"change": ["let"], "parcels": ["A-2|B-2"]})
    >>> print(read_changes(rows, name="two lots").text)
    [[let]]
    parcels = ["A-2", "B-2"]
    <BLANKLINE>
    """
    if isinstance(source, Changes):
        return source
    file, text, where = "", "", name or "…"
    if isinstance(source, pd.DataFrame):
        text = _text_of(source)
    elif isinstance(source, Mapping):
        file, text = source.get("name", ""), source["text"]
        where = file
    else:
        path = Path(source)
        file, where = path.stem, str(path)
        try:
            text = path.read_text("utf-8-sig")
        except (OSError, UnicodeError) as error:
            raise DataSourceError("unreadable", path=path, detail=error) from error
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataSourceError("unreadable", path=where, detail=str(error)) from error
    own = said.get("name")
    return Changes(
        name=name or (own if isinstance(own, str) and own.strip() else file) or "…", text=text
    )


def _text_of(frame: pd.DataFrame) -> str:
    """Write a frame of changes as TOML."""
    lines = []
    for row in frame.to_dict("records"):
        said = {str(key): value for key, value in row.items() if not _is_missing(value)}
        lines.append(f"[[{_key(str(said.pop('change', '')))}]]")
        if "geometry" in said:
            said["wkt"] = said.pop("geometry").wkt
        lines += [f"{_key(key)} = {_value(key, value)}" for key, value in said.items()]
        lines.append("")
    return "\n".join(lines)


def _is_missing(value: Any) -> bool:
    return value is None or (not isinstance(value, list | tuple | np.ndarray) and pd.isna(value))


def _key(key: str) -> str:
    return key if key.isidentifier() and key.isascii() else _quoted(key)


def _value(key: str, value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value) if key not in _SEVERAL else _value(key, value.split("|"))
    if isinstance(value, list | tuple | np.ndarray):
        return f"[{', '.join(_value('', one) for one in value)}]"
    plain = value.item() if isinstance(value, np.generic) else value
    return str(plain).lower() if isinstance(plain, bool) else repr(plain)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
