"""The door to the stores: a path or a URL says which one, and all keep the same contract."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable
from pathlib import Path

from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores import geopackage, geoparquet
from kcngeo.io.stores.url import is_url, redact_url
from kcngeo.io.stores.which import store_of
from kcngeo.ledger.project import Project
from kcngeo.standards import registry


def read_project(
    path_or_url: str | os.PathLike[str], *, zones: Collection[str] | None = None
) -> Project:
    """Read a project from its store.

    Columns have the types of their contract; where a value does not fit, the column is left as it
    stands in the store, and whoever computes with it says what is wrong.

    Parameters
    ----------
    path_or_url
        Path of a GeoPackage (.gpkg) or of a folder of GeoParquet (.parquet), or the URL of a
        PostGIS database, "postgresql://user@host/database?schema=kcn". A role that may only read
        suffices. A password is best left to libpq (``PGPASSFILE``); in the URL its special
        characters are percent-encoded. It is never shown.
    zones
        Ids of the zones to read, and of those that have a lot in common with them; of what belongs
        to no zone only what lies within the longest distance of the registry, see
        :meth:`kcngeo.Project.part`. No store reads much more, and a folder opens no file of other
        zones. None for all.

    Returns
    -------
    Project
        The tables; those the store does not hold are None.

    Raises
    ------
    DataSourceError
        If the store is missing, locked, damaged, out of reach or no kcngeo project, or has no such
        zone. It is never changed.
    MissingExtraError
        If the store needs a part of kcngeo that is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_project(kcn.examples.squares(), f"{folder}/squares.gpkg")
    ...     len(read_project(f"{folder}/squares.gpkg").parcels)
    10
    """
    store, place = store_of(path_or_url)
    if zones is None:
        project: Project = store.read_project(place)
        return project
    reach_m = max((one.longest_m for one in registry().buffer_rules()), default=0.0)
    some: Project = store.read_zones(place, zones, reach_m=reach_m)
    strange = sorted(set(zones) - set(some.zones["zone_id"]))
    if strange:
        raise DataSourceError(
            "unknown_zones", path=redact_url(path_or_url), names=", ".join(strange[:5])
        )
    return some.part(zones, reach_m=reach_m)


def write_project(project: Project, path_or_url: str | os.PathLike[str]) -> None:
    """Write a project to a store, whole or not at all.

    The same project gives the same bytes (in a database: the same rows). Index labels are not kept:
    rows are known by their ids. Columns of the user's own come back as written: text, whole numbers
    and numbers, true and false, days, and moments to the millisecond (in UTC); what would come back
    as something else is refused.

    Parameters
    ----------
    project
        The tables.
    path_or_url
        See :func:`read_project`; an existing project there is replaced.

    Raises
    ------
    ContractError
        If a table breaks its contract; all breaches are listed and nothing is written.
    CRSError
        If a table with geometry has no CRS.
    DataSourceError
        If the target is locked, written by another at the moment, open elsewhere, out of reach, no
        project, or holds tables of others, or if a store cannot hold a value; the target is left as
        it was.
    MissingExtraError
        If the store needs a part of kcngeo that is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("one.gpkg", "two.gpkg"):
    ...         write_project(kcn.examples.squares(), f"{folder}/{name}")
    ...     content_digest(f"{folder}/one.gpkg") == content_digest(f"{folder}/two.gpkg")
    True
    """
    store, place = store_of(path_or_url)
    store.write_project(project, place)


def write_parts(parts: Iterable[Project], path: str | os.PathLike[str]) -> None:
    """Write a project that does not fit into memory to a folder of GeoParquet, part by part.

    Parameters
    ----------
    parts
        Projects with all rows of some zones each, and in one of them the rows of no zone; they are
        asked for one after the other. Zones that have a lot in common come in the same part, and
        all parts have the same columns. Parts of some thousand lots and more are worth the way: a
        table of few rows a zone has a file for each of them.
    path
        Path of a folder (.parquet); an existing project there is replaced.

    Raises
    ------
    ContractError
        If a table of a part breaks its contract.
    CRSError
        If a table with geometry has no CRS.
    DataSourceError
        If the folder cannot be written, see :func:`write_project`, a zone or a lot comes twice, or
        a table has not the columns it had in a part before. The target is left as it was.
    ValueError
        If there is no part.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_parts((project.only([zone]) for zone in "AB"), f"{folder}/squares.parquet")
    ...     len(read_project(f"{folder}/squares.parquet").parcels)
    10
    """
    store, place = store_of(path)
    if store is not geoparquet:
        raise DataSourceError("not_a_folder", path=redact_url(path))
    geoparquet.write_parts(parts, place)


def holds_project(path_or_url: str | os.PathLike[str]) -> bool:
    """Tell whether a project is there, without reading it.

    Parameters
    ----------
    path_or_url
        See :func:`read_project`.

    Returns
    -------
    bool
        Whether there is a file or folder, or a schema with a project.

    Raises
    ------
    DataSourceError
        If the server is out of reach or refuses.
    MissingExtraError
        If the store needs a part of kcngeo that is not installed.

    Examples
    --------
    >>> holds_project("not/there.gpkg")
    False
    """
    store, place = store_of(path_or_url)
    there: bool = store.holds_project(place) if is_url(path_or_url) else place.exists()
    return there


def content_digest(path_or_url: str | os.PathLike[str]) -> str | None:
    """Hash the content of a store that lies in files, but not what was handed out of it.

    Parameters
    ----------
    path_or_url
        See :func:`read_project`.

    Returns
    -------
    str | None
        SHA-256 of the tables of a GeoPackage as they stand in it, or of what a folder lists with
        the hashes of its files; of any other file of its bytes; None for a database, whose bytes
        are the server's. A publication changes no figure, so it changes no digest.

    Raises
    ------
    DataSourceError
        If it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_project(kcn.examples.squares(), f"{folder}/squares.gpkg")
    ...     len(content_digest(f"{folder}/squares.gpkg"))
    64
    """
    if is_url(path_or_url):
        return None
    path = Path(path_or_url)
    try:
        if path.is_dir():
            return geoparquet.content_digest(path)
        told = geopackage.content_digest(path) if path.suffix.lower() == ".gpkg" else None
        return told or hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error
