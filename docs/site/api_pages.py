"""The pages of the library: a page a room, made from its docstrings by Sphinx."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kcngeo as kcn


def rooms() -> dict[str, types.ModuleType]:
    """The rooms `kcn` shows, by name."""
    found = {name: getattr(kcn, name) for name in kcn.__all__}
    return {name: one for name, one in found.items() if isinstance(one, types.ModuleType)}


def members(room: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """What a room shows; a module without a list shows what it defines."""
    listed = getattr(room, "__all__", None)
    for name in listed or sorted(vars(room)):
        one = getattr(room, name)
        if listed or (getattr(one, "__module__", "") == room.__name__ and name[0] != "_"):
            yield name, one


def write_api_pages(folder: Path, *, about: str, heading: str) -> None:
    """Write the list of rooms and a page for each."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [heading, "=" * len(heading), "", about.replace("`", "``"), ""]
    for name, room in rooms().items():
        shown = f"kcn.{name}"
        first = (inspect.getdoc(room) or "").split("\n")[0]
        lines.append(f"* :doc:`{shown} <{name}>`: {first}")
        parts = "\n".join(_parts(room))
        (folder / f"{name}.rst").write_text(
            f"{shown}\n{'=' * len(shown)}\n\n{parts}", encoding="utf-8"
        )
    listed = [f"   {name}" for name in rooms()]
    lines += ["", ".. toctree::", "   :hidden:", "", *listed, ""]
    (folder / "index.rst").write_text("\n".join(lines), encoding="utf-8")


def _parts(room: types.ModuleType) -> Iterator[str]:
    """What Sphinx is asked to show of a room, line by line."""
    yield from (f".. automodule:: {room.__name__}", "")
    yield from (f".. currentmodule:: {room.__name__}", "")
    for member, one in members(room):
        if inspect.isclass(one):
            yield from (f".. autoclass:: {member}", "   :members:", "")
        elif callable(one) and not isinstance(one, types.GenericAlias):
            yield from (f".. autofunction:: {member}", "")
