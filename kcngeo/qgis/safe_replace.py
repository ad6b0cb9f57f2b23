"""Where a package is put: nothing anyone has open or has edited is lost.

A package remembers what it was when it was written: the GeoPackage holds a digest of its rows, the
project one of its text. Opening a file in QGIS may change its bytes and does not change these;
editing does.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from kcngeo.core.errors import DataSourceError
from kcngeo.core.sql_names import sql_name
from kcngeo.io.stores.backup import connect, logs
from kcngeo.qgis.geopackage_styles import FIXED_TIME

_SEAL = "urn:kcngeo:content"
# What a program may write into a GeoPackage only by opening it.
_HOUSEKEEPING = ("rtree_", "sqlite_")
_KEPT = ("gpkg_data_columns", "gpkg_data_column_constraints")


def seal(connection: sqlite3.Connection) -> None:
    """Note in a GeoPackage what it holds; nothing may be written into it afterwards."""
    made = connection.execute(
        "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata)"
        " VALUES ('dataset', ?, 'text/plain', ?)",
        [_SEAL, digest(connection)],
    ).lastrowid
    connection.execute(
        "INSERT INTO gpkg_metadata_reference (reference_scope, timestamp, md_file_id)"
        " VALUES ('geopackage', ?, ?)",
        [FIXED_TIME, made],
    )


def digest(connection: sqlite3.Connection) -> str:
    """Hash the rows, styles, names and drop-downs of a GeoPackage."""
    said = hashlib.sha256()
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall()
    for name, sql in tables:
        if name.startswith(_HOUSEKEEPING) or (name.startswith("gpkg_") and name not in _KEPT):
            continue
        said.update(repr((name, sql)).encode())
        for row in connection.execute(f"SELECT * FROM {sql_name(name)} ORDER BY 1"):  # noqa: S608
            said.update(repr(row).encode())
    return said.hexdigest()


def project_seal(content: bytes) -> bytes:
    """Give the comment that goes into the zip of a project."""
    return f"{_SEAL} {hashlib.sha256(content).hexdigest()}".encode()


def require_replaceable(paths: Sequence[Path], *, force: bool) -> list[Path]:
    """Refuse to replace files that someone has open or has edited; with force, name them."""
    precious = []
    for path in filter(Path.exists, paths):
        if not path.is_file():
            raise DataSourceError("not_a_file", path=path)
        if is_open(path):
            problem = "package_open"
        elif not is_untouched(path):
            problem = "package_edited"
        else:
            continue
        if not force:
            raise DataSourceError(problem, path=path)
        precious.append(path)
    return precious


def is_open(path: Path) -> bool:
    """Tell whether another program has a GeoPackage open for writing."""
    if path.suffix != ".gpkg":
        return False
    if any(log.exists() for log in logs(path)):
        return True
    try:
        with closing(connect(path, "rw")) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False
    return False


def is_untouched(path: Path) -> bool:
    """Tell whether a file is as kcngeo wrote it."""
    try:
        if path.suffix == ".gpkg":
            with closing(connect(path, "ro")) as connection:
                said = connection.execute(
                    "SELECT metadata FROM gpkg_metadata WHERE md_standard_uri = ?", [_SEAL]
                ).fetchall()
                return said == [(digest(connection),)]
        with zipfile.ZipFile(path) as held:
            names = held.namelist()
            return len(names) == 1 and held.comment == project_seal(held.read(names[0]))
    except (OSError, sqlite3.Error, zipfile.BadZipFile):
        return False


def discard_logs(target: Path) -> None:
    """Remove what a program left beside a GeoPackage that is about to be replaced."""
    # SQLite would take the log of the file that was here for that of the new one.
    for log in logs(target):
        log.unlink(missing_ok=True)
