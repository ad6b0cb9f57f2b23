"""How a table of a project is to stand in the database: columns, types, shapes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pyarrow as pa
import shapely
from psycopg import sql

from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import RECORDED, Kind, Table
from kcngeo.io.stores.arrow import (
    GEOMETRY,
    UnsupportedValueError,
    arrow_table,
    crs_text,
    free_name,
    held_shapes,
)
from kcngeo.io.stores.postgis.connection import Session

_TYPES = {
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.int8(): "smallint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "real",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.timestamp("ms", tz="UTC"): "timestamp with time zone",
    pa.binary(): "bytea",
}
_OF_KIND = {
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.MOMENT: "timestamp with time zone",
    Kind.NUMBER: "double precision",
    Kind.COUNT: "bigint",
    Kind.FLAG: "boolean",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A table as it is to stand in the database.

    Attributes
    ----------
    contract
        Its contract.
    key
        Name of the row number.
    order
        Name of the column by which rows keep their order.
    types
        SQL types of the columns: those of the project in their order, then the others of the
        contract, so that whoever edits the table finds them, and the shapes.
    rows
        The columns of the project as Arrow, without shapes.
    shapes
        The shapes as they are held, or None.
    """

    contract: Table
    key: str
    order: str
    types: dict[str, str]
    rows: pa.Table
    shapes: Any

    @property
    def given(self) -> list[str]:
        """Names of the columns of the project, without the shapes."""
        return list(self.rows.column_names)


def layout(now: Session, frame: pd.DataFrame, contract: Table) -> Layout:
    """Lay out a table."""
    rows = arrow_table(frame, contract)
    types = {one.name: _TYPES[one.type] for one in rows.schema}
    for column in (*contract.columns, *RECORDED):
        types.setdefault(column.name, _OF_KIND[column.kind])
    shapes = None
    if isinstance(frame, gpd.GeoDataFrame):
        shapes, types[GEOMETRY] = _held_shapes(now, frame, contract)
    return Layout(
        contract=contract,
        key=free_name(frame, "fid"),
        order=free_name(frame, "kcngeo_order"),
        types=types,
        rows=rows,
        shapes=shapes,
    )


def holds_parts(contract: Table, kind: str) -> bool:
    """Tell whether a column of shapes holds polygons as multi-part shapes."""
    return contract.geometry == "polygon" or kind.startswith("geometry(MultiPolygon")


def sql_type(now: Session, kind: str) -> sql.Composable:
    """Write a type; those of PostGIS with the schema they lie in."""
    name, _, subtype = kind.partition("(")
    if name != "geometry":
        return sql.SQL(kind)
    written = now.function("geometry")
    return written + sql.SQL("(" + subtype) if subtype else written


def _held_shapes(now: Session, frame: gpd.GeoDataFrame, contract: Table) -> tuple[Any, str]:
    """Give the shapes as they are held and their type, as narrow as they allow for QGIS."""
    srid = _srid(now, frame.crs, contract)
    shapes, kind = held_shapes(frame.geometry.to_numpy(), contract)
    high = shapely.has_z(shapes[~shapely.is_missing(shapes)])
    if kind == "Unknown":
        kind = "Geometry Z" if high.any() else "Geometry"
    # No narrower type holds heights beside none.
    narrow = f"geometry({kind.replace(' ', '')},{srid})"
    type_ = "geometry" if high.any() and not high.all() else narrow
    return shapely.set_srid(shapes, srid), type_


def _srid(now: Session, crs: Any, contract: Table) -> int:
    """Find the number a CRS has in this database."""
    authority, _, code = crs_text(crs).partition(":")
    if not code.isdecimal():
        raise UnsupportedValueError(f"the CRS of {contract.name} ({crs.name}); use an EPSG code")
    systems = now.function("spatial_ref_sys")
    rows = now.run(
        "SELECT srid FROM {systems} WHERE auth_name = %s AND auth_srid = %s ORDER BY srid",
        *(authority, int(code)),
        systems=systems,
    )
    if rows:
        return int(rows[0][0])
    with warnings.catch_warnings():
        # pyproj warns that the old notation says less; PostGIS goes by the authority's code.
        warnings.simplefilter("ignore", UserWarning)
        notations = crs.to_wkt("WKT1_GDAL"), crs.to_proj4()
    statement = sql.SQL(
        "INSERT INTO {systems} (srid, auth_name, auth_srid, srtext, proj4text)"
        " VALUES ({srid}, {authority}, {srid}, {wkt}, {proj4})"
    ).format(
        systems=systems,
        srid=sql.Literal(int(code)),
        authority=sql.Literal(authority),
        wkt=sql.Literal(notations[0]),
        proj4=sql.Literal(notations[1]),
    )
    try:
        with now.connection.transaction():
            now.connection.execute(statement)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UniqueViolation):
        raise DataSourceError(
            "unknown_srid",
            path=now.place.redacted,
            table=contract.name,
            crs=f"{authority}:{code}",
            sql=statement.as_string(now.connection) + ";",
        ) from None
    return int(code)
