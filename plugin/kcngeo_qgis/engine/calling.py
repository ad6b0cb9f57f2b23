"""One door to kcngeo, whichever way it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kcngeo_qgis.engine import inside, places, process, settings


class NotInstalledError(Exception):
    """There is no kcngeo to call."""


class StoppedError(Exception):
    """The user stopped it."""


@dataclass(frozen=True)
class Done:
    """How a call ended: 0 done, 1 done but with a finding, 2 refused, 3 a fault of the program."""

    code: int
    printed: str
    told: str


@dataclass(frozen=True)
class Where:
    """Where kcngeo is: inside QGIS, or a program."""

    version: str
    program: Path | None = None


def where() -> Where | None:
    """Find kcngeo; None if there is none."""
    return _found(settings.way(), settings.program())


def look_again() -> None:
    """Forget where it was."""
    _found.cache_clear()


@lru_cache(maxsize=8)
def _found(way: str, program: str) -> Where | None:
    if way != settings.PROCESS and not (way == settings.AUTO and program):
        if inside.missing() is None:
            return Where(version=inside.version())
        if way == settings.INSIDE:
            return None
    for path in [Path(program)] if program else places.installed():
        version = process.version(path)
        if version is not None:
            return Where(version=version, program=path)
    return None


def call(
    arguments: Sequence[str],
    *,
    say: Callable[[str], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Done:
    """Call kcngeo as from a shell."""
    found = where()
    if found is None:
        look_again()  # it may be installed meanwhile
        raise NotInstalledError
    if found.program is None:
        return Done(*inside.run(arguments, say=say))
    code, printed, told = process.run(found.program, arguments, say=say, is_stopped=is_stopped)
    if code is None:
        raise StoppedError
    return Done(code, printed, told)
