"""The tables of a project as a data package: CSV files, and a descriptor made from the schema."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import shapely

from kcngeo import theme
from kcngeo.core.formulas import neutralised
from kcngeo.core.schema import MOMENTS, RECORDED, TABLES, Column, Kind, Table, heading

DESCRIPTOR = "datapackage.json"
"""Name of the descriptor, by which programs know a data package."""

_TYPES = {
    Kind.TEXT: "string",
    Kind.DATE: "date",
    Kind.MOMENT: "datetime",
    Kind.NUMBER: "number",
    Kind.COUNT: "integer",
    Kind.FLAG: "boolean",
}
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
# Whose rows the ids of a column name; a published figure may be of what the tables do not hold.
_NAMED = {
    "zone_id": "zones",
    "parcel_id": "parcels",
    "project_id": "projects",
    "receptor_id": "receptors",
}
_OF_NO_ROW = ("targets", "claims", "publications")


def package_files(
    tables: Iterable[tuple[str, pd.DataFrame]], *, title: str, crs: str, language: str
) -> Mapping[str, Any]:
    """Give the files of a data package, each with what makes its content.

    Parameters
    ----------
    tables
        Names and frames, as stored.
    title
        Title of the package.
    crs
        The CRS in which shapes are written, for example "EPSG:5899".
    language
        "vi" or "en", of titles.

    Returns
    -------
    Mapping[str, Any]
        By path in the folder, a call that gives the bytes.
    """
    frames = dict(tables)
    told = descriptor(frames, title=title, crs=crs, language=language)
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    files: dict[str, Any] = {DESCRIPTOR: lambda: text.encode()}
    for name, frame in frames.items():
        files[_path(name)] = partial(_rows, frame, name)
    return files


def descriptor(
    tables: Mapping[str, pd.DataFrame], *, title: str, crs: str, language: str
) -> dict[str, Any]:
    """Describe the tables as the Data Package standard (version 1) asks.

    A column has the type, list and least value of the schema; a row on record and one that was
    superseded may have one key, so none is told to be unique. Ids that name rows of another table
    of the package are told to.
    """
    resources = [
        {
            "name": name.replace("_", "-"),
            "path": _path(name),
            "profile": "tabular-data-resource",
            "title": theme.table_title(name, language=language),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"'},
            "schema": _schema(frame, TABLES[name], tables, crs=crs, language=language),
        }
        for name, frame in tables.items()
    ]
    return {
        "profile": "tabular-data-package",
        "name": "kcngeo-tables",
        "title": title,
        "resources": resources,
    }


def _path(name: str) -> str:
    return f"data/{name}.csv"


def _shapes(frame: pd.DataFrame) -> str | None:
    """Name the column of shapes, if there is one."""
    name = getattr(frame, "active_geometry_name", None)
    return None if name is None else str(name)


def _schema(
    frame: pd.DataFrame, table: Table, there: Mapping[str, Any], *, crs: str, language: str
) -> dict[str, Any]:
    fields = []
    shapes = _shapes(frame)
    for name in map(str, frame.columns):
        if name == shapes:
            words = theme.text("exchange.geometry", language=language, crs=crs)
            fields.append({"name": name, "type": "string", "title": words})
        else:
            fields.append(_field(name, frame, table, language=language))
    made: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    links = [
        {
            "fields": column,
            "reference": {"resource": home.replace("_", "-"), "fields": column},
        }
        for column, home in _NAMED.items()
        if home in there and home != table.name and table.name not in _OF_NO_ROW
        if column in frame.columns and column in there[home].columns
    ]
    return made | ({"foreignKeys": links} if links else {})


def _field(name: str, frame: pd.DataFrame, table: Table, *, language: str) -> dict[str, Any]:
    """Describe a column; one of the users' own is text, whatever it holds."""
    column = _contract(name, table)
    if column is None:
        return {"name": name, "type": "string"}
    told: dict[str, Any] = {
        "name": name,
        "type": _TYPES[column.kind],
        "title": heading(column, name=name, language=language),
    }
    if column.kind is Kind.MOMENT:
        told["format"] = _MOMENT
    if column.kind is Kind.FLAG:
        told |= {"trueValues": ["true"], "falseValues": ["false"]}
    limits: dict[str, Any] = {"required": True} if column.required else {}
    if column.choices:
        limits["enum"] = list(column.choices)
    if column.kind in (Kind.NUMBER, Kind.COUNT):
        limits["minimum"] = 0
    return told | ({"constraints": limits} if limits else {})


def _contract(name: str, table: Table) -> Column | None:
    """Find the contract of a column, those of the record among them."""
    own = table.column(name)
    return own or next((one for one in (*RECORDED, *MOMENTS) if one.name == name), None)


def _rows(frame: pd.DataFrame, name: str) -> bytes:
    """Write a table: every digit of a number, ISO days, shapes as WKT."""
    shapes, table = _shapes(frame), TABLES[name]
    columns = [
        _wkt(frame) if one == shapes else _texts(frame[one], _contract(str(one), table))
        for one in frame.columns
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(frame.columns)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _wkt(frame: Any) -> list[str]:
    """Write shapes with every digit, and nothing where there is none."""
    written = shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=-1)
    return ["" if one is None else str(one) for one in np.atleast_1d(written)]


def _texts(values: pd.Series, column: Column | None) -> list[str]:
    """Write the values of a column; what a spreadsheet would take for a formula is no formula."""
    kind = None if column is None else column.kind
    return ["" if pd.isna(one) else _text(one, kind) for one in values.astype("object").tolist()]


def _text(value: Any, kind: Kind | None) -> str:
    if kind is Kind.MOMENT:
        return pd.Timestamp(value).tz_convert("UTC").strftime(_MOMENT)
    if kind is Kind.DATE:
        return pd.Timestamp(value).strftime("%Y-%m-%d")
    if kind is Kind.FLAG:
        return "true" if value else "false"
    if kind is Kind.COUNT:
        return str(int(value))
    if kind is Kind.NUMBER:
        return repr(float(value))
    return str(neutralised(str(value)))
