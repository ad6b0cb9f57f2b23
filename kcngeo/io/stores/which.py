"""Which store an address means."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from kcngeo.core.errors import DataSourceError, MissingExtraError
from kcngeo.io.stores import geopackage, geoparquet
from kcngeo.io.stores.url import is_url, redact_url


def store_of(path_or_url: str | os.PathLike[str]) -> tuple[Any, Any]:
    """Choose the store of an address, and give the address as it takes it."""
    if is_url(path_or_url):
        return _postgis(), path_or_url
    path = Path(path_or_url)
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        return geopackage, path
    if suffix == ".parquet" or (path / geoparquet.CONTENTS).is_file():
        return geoparquet, path
    raise DataSourceError("unknown_store", path=redact_url(path_or_url))


def _postgis() -> Any:
    """Load the store in a database, whose driver is an extra."""
    try:
        return importlib.import_module("kcngeo.io.stores.postgis")
    except ImportError as error:
        if not (error.name or "psycopg").startswith("psycopg"):
            raise
        raise MissingExtraError("no_postgis") from error
