"""Digests of tables and files: what tells whether two contents are the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.errors import DataSourceError
from kcngeo.io import content_digest, redact_url
from kcngeo.io.stores.url import is_url

# Rows whose cells stand in memory as texts.
_AT_ONCE = 10_000


def sha256(data: bytes) -> str:
    """Hash bytes.

    Examples
    --------
    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """Hash a file."""
    try:
        return sha256(path.read_bytes())
    except OSError as error:
        raise DataSourceError("unreadable", path=path, detail=error) from error


def inputs_of(inputs: Iterable[str | os.PathLike[str]]) -> dict[str, str | None]:
    """Hash the stores a project was read from; a password in a URL is not shown."""
    return {
        redact_url(one) if is_url(one) else Path(one).name: content_digest(one) for one in inputs
    }


def table_digest(frame: pd.DataFrame) -> str:
    """Hash the content of a table, whatever the order of its rows and columns."""
    names = sorted(frame.columns)
    # As JSON, where no cell can pass for two and a missing one is no empty one.
    rows = []
    for start in range(0, len(frame), _AT_ONCE):
        part = frame.iloc[start : start + _AT_ONCE]
        columns = [_as_text(part[name]) for name in names]
        rows += [json.dumps(row, ensure_ascii=False).encode() for row in zip(*columns, strict=True)]
    rows.sort()
    whole = hashlib.sha256(json.dumps(names, ensure_ascii=False).encode())
    for row in rows:
        whole.update(b"\n" + row)
    return whole.hexdigest()


def _as_text(column: pd.Series) -> list[str | None]:
    if isinstance(column, gpd.GeoSeries):
        return list(shapely.to_wkb(column.to_numpy(), hex=True))
    missing = column.isna().to_numpy()
    if pd.api.types.is_float_dtype(column.dtype):
        # Twelve digits: the last ones of a sum may differ between builds of a library.
        texts = [f"{value:.12g}" for value in column.to_numpy(dtype="float64", na_value=np.nan)]
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = [value.isoformat() for value in column]
    else:
        texts = [str(value) for value in column]
    return [None if gone else text for text, gone in zip(texts, missing, strict=True)]
