"""Kcngeo is called in the Python of QGIS itself, by the same words as from a shell."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from importlib.util import find_spec
from unittest import mock

_NEED = re.compile(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)$")


def missing() -> str | None:
    """Tell why kcngeo cannot be used here; None if it can."""
    if find_spec("kcngeo") is None:
        return "kcngeo"
    try:
        needs = metadata.requires("kcngeo") or []
    except metadata.PackageNotFoundError:
        return "kcngeo"
    for need in needs:
        found = _NEED.match(need)
        if found is None:  # of an extra, or of another system
            continue
        name, least = found.groups()
        try:
            held = metadata.version(name)
        except metadata.PackageNotFoundError:
            return f"{name}>={least}"
        if _numbers(held) < _numbers(least):
            return f"{name}>={least} ({held})"
    return None


def version() -> str:
    """Tell the version."""
    return metadata.version("kcngeo")


def run(arguments: Sequence[str], *, say: Callable[[str], None]) -> tuple[int, str, str]:
    """Call it: its code, what it printed, and what it told."""
    from kcngeo.cli import main

    # The command line writes UTF-8 to a stream it may set up; QGIS may have none at all.
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    code: object = 0
    with contextlib.ExitStack() as put_back:
        put_back.enter_context(contextlib.redirect_stdout(streams[0]))
        put_back.enter_context(contextlib.redirect_stderr(streams[1]))
        put_back.enter_context(mock.patch.object(sys, "argv", ["kcngeo", *arguments]))
        try:
            main()
        except SystemExit as stop:
            code = stop.code
    printed, told = (_read(stream) for stream in streams)
    for line in told.splitlines():
        say(line.rstrip())
    return (code if isinstance(code, int) else 0 if code is None else 3), printed, told


def _read(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]


def _numbers(version: str) -> list[int]:
    return [int(one) for one in re.findall(r"\d+", version)[:3]]
