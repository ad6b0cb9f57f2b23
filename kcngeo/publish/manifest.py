"""The manifest: what a month was made from, by what, and what came out; and its verification."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from kcngeo.core.errors import DataSourceError
from kcngeo.io import content_digest, redact_url
from kcngeo.io.stores.url import is_url
from kcngeo.report import MonthlyReport, is_synthetic
from kcngeo.standards import fill_definitions

NAME = "manifest.json"
# What whoever reads a manifest relies on.
_KEYS: Mapping[str, Any] = {
    "outputs": dict,
    "tables": dict,
    "month": str,
    "series_start": str,
    "area": str,
    "language": str,
    "rates": dict,
    "not_computable": dict,
    "definition_on_date": str,
    "definition": str | None,
    "known_at": str | None,
}
_LIBRARIES = ("kcngeo", "geopandas", "shapely", "pyproj", "pyogrio", "pandas", "numpy", "folium")


def manifest_of(
    report: MonthlyReport,
    *,
    language: str,
    tables: Mapping[str, pd.DataFrame],
    outputs: Mapping[str, bytes],
    inputs: Iterable[str | os.PathLike[str]] = (),
    parts: Iterable[str] = (),
    recipe: str = "",
    is_public: bool = False,
) -> bytes:
    """Draw up the manifest of a month.

    Parameters
    ----------
    report
        The month.
    language
        Language of the outputs.
    tables
        The tables handed over, by name.
    outputs
        Content of every file, by name.
    inputs
        Where the project was read from: files, folders, or URLs of databases.
    parts
        The parts asked for.
    recipe
        Hash of all that decided what the folder holds, see
        :meth:`kcngeo.publish.batch.Options.recipe`.
    is_public
        Whether names of investors and documents were left out.

    Returns
    -------
    bytes
        The manifest as JSON; no clock and no path of a machine in it.
    """
    input_tables = {name: table_digest(frame) for name, frame in report.project.tables()}
    # The content of a database is that of its tables.
    whole = _sha256(json.dumps(input_tables, sort_keys=True).encode())
    content = {
        "month": f"{report.on:%Y-%m}",
        "on": f"{report.on:%Y-%m-%d}",
        "series_start": f"{report.dates[0]:%Y-%m-%d}",
        "definition": report.chosen,
        "definition_on_date": report.definition.name,
        "area": report.area,
        "known_at": report.known_at.isoformat() if report.known_at is not None else None,
        "language": language,
        "edition": "public" if is_public else "full",
        "parts": sorted(parts),
        "recipe": recipe,
        "inputs": {name: digest or whole for name, digest in inputs_of(inputs).items()},
        "input_tables": input_tables,
        "versions": versions(),
        "crs": {
            "source": report.operation.source,
            "to_wgs84": report.operation.name,
            "codes": list(report.operation.codes),
            "accuracy_m": report.operation.accuracy_m,
        },
        "rules": {
            one.name: {"verified": str(one.verified), "source": one.source}
            for one in fill_definitions()
        },
        "synthetic_geometry": is_synthetic(report.project),
        "rates": _rates(tables["accounts"]),
        "not_computable": report.reasons(language="en"),
        "findings": [
            {"rule": one.rule, "severity": str(one.severity), "message": one.message()}
            for one in report.findings
        ],
        "tables": {name: table_digest(frame) for name, frame in tables.items()},
        "outputs": {name: _sha256(data) for name, data in sorted(outputs.items())},
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def versions() -> dict[str, str]:
    """List the versions of what computes a month.

    Returns
    -------
    dict[str, str]
        By name.
    """
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
        "GDAL": pyogrio.__gdal_version_string__,
    }


def inputs_of(inputs: Iterable[str | os.PathLike[str]]) -> dict[str, str | None]:
    """Hash the stores a project was read from; a password in a URL is not shown.

    Parameters
    ----------
    inputs
        Paths or URLs.

    Returns
    -------
    dict[str, str | None]
        By name, without the path of a machine; None for a database, whose bytes are the server's.

    Raises
    ------
    DataSourceError
        If one of them cannot be read.
    """
    return {
        redact_url(one) if is_url(one) else Path(one).name: content_digest(one) for one in inputs
    }


def _rates(accounts: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Give the rates of the month, so that an index needs no other file."""
    names = ["name", "fill_rate", "leased_ha", "base_ha"]
    rows = accounts.set_index("zone_id")[names].astype(object)
    return {
        str(zone_id): row for zone_id, row in rows.where(rows.notna(), None).T.to_dict().items()
    }


def read_manifest(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the manifest of a month's folder.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    dict[str, Any]
        Its content.

    Raises
    ------
    DataSourceError
        If there is none or it cannot be read.
    """
    path = Path(folder) / NAME
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataSourceError("no_manifest", path=path, detail=str(error)) from error
    for name, kind in _KEYS.items():
        if not isinstance(content, dict) or not isinstance(content.get(name, ...), kind):
            raise DataSourceError("no_manifest", path=path, detail=f"it has no {name}")
    return content


def verify(folder: str | os.PathLike[str], *, again: Mapping[str, str] | None = None) -> list[str]:
    """Prove or refute that a month's folder holds what its manifest says.

    Parameters
    ----------
    folder
        The folder.
    again
        Digests of the tables computed anew from the project, by name; they are compared with the
        manifest's, which tells on any machine whether the content is the same.

    Returns
    -------
    list[str]
        What does not agree, a code and a name each ("missing map.html"); empty if all does.

    Raises
    ------
    DataSourceError
        If the folder has no readable manifest, or one of its files cannot be read.
    """
    manifest = read_manifest(folder)
    differences = []
    for name, digest in manifest["outputs"].items():
        path = Path(folder) / name
        if not path.is_file():
            differences.append(f"missing {name}")
        elif _sha256(_content(path)) != digest:
            differences.append(f"changed {name}")
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != NAME and name not in manifest["outputs"]:
            differences.append(f"unknown {name}")
    if again is not None:
        for name, digest in manifest["tables"].items():
            if again.get(name) != digest:
                differences.append(f"content {name}")
    return differences


def table_digest(frame: pd.DataFrame) -> str:
    """Hash the content of a table, whatever the order of its rows and columns.

    Parameters
    ----------
    frame
        The table; the index does not count.

    Returns
    -------
    str
        SHA-256 of its rows as text; numbers to twelve digits, geometry as WKB.
    """
    names = sorted(frame.columns)
    columns = [_as_text(frame[name]) for name in names]
    # As JSON, where no cell can pass for two and a missing one is no empty one.
    rows = sorted(json.dumps(row, ensure_ascii=False) for row in zip(*columns, strict=True))
    return _sha256("\n".join([json.dumps(names, ensure_ascii=False), *rows]).encode())


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


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
