"""What two people changed otherwise, as a folder they look at and fill in together."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd

from kcngeo import cartography, qgis
from kcngeo.core import atomic
from kcngeo.core.dates import VIET_NAM
from kcngeo.ledger import Project
from kcngeo.ledger.screening import latest_moment
from kcngeo.publish.clashes_book import clashes_workbook
from kcngeo.update import Merge, Recorded

NAME = "clashes"
_LONG_AGO = "2000-01-01"


def write_clashes(
    made: Merge | Recorded, folder: str | Path, *, language: str = "vi"
) -> tuple[Path, ...]:
    """Write the clashes of a copy with its project: a workbook to fill in, and a styled layer.

    A list that somebody may have filled in is never replaced: where the folder is there already,
    the next free one is made, ``FOLDER-2``.

    Parameters
    ----------
    made
        What became of the copy, from :func:`kcngeo.update.record` or :func:`kcngeo.update.merge`.
    folder
        The folder to make.
    language
        "vi" or "en".

    Returns
    -------
    tuple[Path, ...]
        ``clashes.xlsx``, whose last column ``kcngeo update … --resolve`` takes; where any clash
        lies somewhere, ``clashes.gpkg`` with the shapes of both, styled, and ``clashes.qgz``.

    Raises
    ------
    DataSourceError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> one, other = (
    ...     replace(project, parcels=project.parcels.assign(lot_code=[said] + [None] * 9))
    ...     for said in ("I", "II")
    ... )
    >>> made = kcn.update.merge(project, one, other)
    >>> with tempfile.TemporaryDirectory() as above:
    ...     [path.name for path in write_clashes(made, f"{above}/clashes")]
    ['clashes.gpkg', 'clashes.qgz', 'clashes.xlsx']
    """
    target = next(one for one in _names(Path(folder)) if not one.exists())
    with atomic.folder(target) as part:
        content = clashes_workbook(made.clashes, language=language)
        (part / f"{NAME}.xlsx").write_bytes(content)
        if len(made.shapes):
            theirs = made.changes.old
            spec = cartography.clashes(theirs, made.shapes, on=_day(theirs))
            qgis.write_maps([spec], part, name=NAME, language=language)
        names = sorted(path.name for path in part.iterdir())
    return tuple(target / name for name in names)


def _names(folder: Path) -> itertools.chain[Path]:
    more = (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2))
    return itertools.chain([folder], more)


def _day(project: Project) -> pd.Timestamp:
    """Give the day on which something was last recorded, else on which something last began."""
    latest = latest_moment(project)
    if latest is not None:
        return latest.tz_convert(VIET_NAM).tz_localize(None).normalize()
    begun = [
        pd.to_datetime(frame["valid_from"]).max()
        for frame in (project.parcels, project.ledger)
        if "valid_from" in frame.columns and frame["valid_from"].notna().any()
    ]
    return max(begun, default=pd.Timestamp(_LONG_AGO))
