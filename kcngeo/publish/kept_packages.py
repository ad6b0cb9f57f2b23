"""Layer packages that somebody has edited outlive the folder they lie in: they are kept beside."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from kcngeo.core.errors import DataSourceError, KcngeoWarning
from kcngeo.core.texts import text
from kcngeo.io.stores.backup import LOGS, copy_into
from kcngeo.qgis.safe_replace import is_open, require_replaceable


class EditsKeptWarning(KcngeoWarning):
    """A package somebody has edited was kept beside the new one.

    Parameters
    ----------
    path
        Where it is now.

    Examples
    --------
    >>> str(EditsKeptWarning("layers.backup-1/layers.gpkg")).split(";")[0]
    'somebody has edited the layers since they were written'
    """

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(self.message("en"))

    def message(self, language: str = "vi") -> str:
        """Say where the edits are, and how they come into the project.

        Parameters
        ----------
        language
            "vi" or "en".

        Returns
        -------
        str
            A sentence.

        Examples
        --------
        >>> EditsKeptWarning("layers.backup-1/layers.gpkg").message("vi").split(";")[0]
        'có người đã sửa các lớp sau khi ghi'
        """
        return text("publish.edits_kept", language=language, path=self.path)


def keeping(name: str, *, force: bool | None = None) -> dict[str, Any]:
    """Give what a product says of its package: what is carried on, and what may be replaced.

    Parameters
    ----------
    name
        Name of the package, without ending.
    force
        Whether one that is edited or open is replaced, and a copy kept; None to keep the copy of
        one that is edited, say so, and refuse where it is open.

    Returns
    -------
    dict[str, Any]
        ``carry`` and ``replaces`` of a :class:`kcngeo.publish.Bundle`.

    Examples
    --------
    >>> keeping("layers")["replaces"][:2]
    ('layers.qgz', 'layers.gpkg')
    """
    return {
        "carry": partial(_carried, name=name, force=force),
        "replaces": (f"{name}.qgz", *(f"{name}.gpkg{ending}" for ending in ("", *LOGS))),
    }


def _carried(folder: Path, *, name: str, force: bool | None) -> Mapping[str, bytes]:
    """Give what somebody edited and must outlive a new package; refuse to lose it."""
    # Copies of earlier runs are carried on, and the copy QGIS itself makes of a project.
    paths = [folder / f"{name}.gpkg", folder / f"{name}.qgz"]
    open_ones = [path for path in paths if path.exists() and is_open(path)]
    if open_ones and force is None:
        # Whoever has it open would go on editing a file that is no longer there.
        raise DataSourceError("package_open", path=open_ones[0])
    precious = require_replaceable(paths, force=force is not False)
    there = [path for path in paths if path.exists()] if precious else []
    place = _free(folder, name)
    with tempfile.TemporaryDirectory() as beside:
        copies = [copy_into(Path(beside), path) for path in there]
        carried = {f"{place}/{copy.name}": copy.read_bytes() for copy in copies}
    if carried and force is None:
        warnings.warn(EditsKeptWarning(str(folder / place / f"{name}.gpkg")), stacklevel=2)
    for path in _earlier(folder, name):
        carried[path.relative_to(folder).as_posix()] = path.read_bytes()
    return carried


def _earlier(folder: Path, name: str) -> Iterator[Path]:
    yield from sorted(one for one in folder.glob(f"{name}.backup-*/*") if one.is_file())
    yield from folder.glob(f"{name}.qgz~")


def _free(folder: Path, name: str) -> str:
    """Name a folder for copies that is not there yet."""
    number = 1
    while (folder / f"{name}.backup-{number}").exists():
        number += 1
    return f"{name}.backup-{number}"
