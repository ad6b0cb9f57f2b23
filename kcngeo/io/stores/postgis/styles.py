"""The table in which QGIS looks for the styles of layers, as QGIS itself makes it."""

from __future__ import annotations

import os
from collections.abc import Sequence

import psycopg

from kcngeo.core.errors import DataSourceError
from kcngeo.io.stores.layer_styles import LayerStyle
from kcngeo.io.stores.postgis.connection import Session, session

_OWNER = "kcngeo"
_TABLE = """
CREATE TABLE public.layer_styles (
    id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
    f_geometry_column varchar, styleName text, styleQML xml, styleSLD xml, useAsDefault boolean,
    description text, owner varchar(63) DEFAULT CURRENT_USER, ui xml,
    update_time timestamp DEFAULT CURRENT_TIMESTAMP, type varchar
)
"""


def write_layer_styles(styles: Sequence[LayerStyle], url: str | os.PathLike[str]) -> int:
    """Write styles of tables and views that are there."""
    with session(url, writes=True) as now:
        if now.standing() is None:
            raise DataSourceError("old_schema", path=now.place.redacted)
        _require_table(now)
        there = {
            name
            for (name,) in now.run(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = %s AND c.relkind IN ('r', 'v')",
                now.place.schema,
            )
        }
        chosen = [one for one in styles if one.table in there]
        now.run(
            "DELETE FROM public.layer_styles WHERE f_table_catalog = current_database()"
            " AND f_table_schema = %s AND owner = %s",
            *(now.place.schema, _OWNER),
        )
        for one in chosen:
            now.run(
                """
                INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name,
                    f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description,
                    owner)
                SELECT current_database(), %s, %s, %s, %s, %s::xml, %s::xml, %s AND NOT EXISTS (
                    SELECT 1 FROM public.layer_styles
                    WHERE f_table_catalog = current_database() AND f_table_schema = %s
                      AND f_table_name = %s AND useAsDefault
                ), %s, %s
                """,
                *(now.place.schema, one.table, one.column, one.name, one.qml, one.sld),
                *(one.is_default, now.place.schema, one.table, one.description, _OWNER),
            )
        return len(chosen)


def _require_table(now: Session) -> None:
    """Make the table where there is none."""
    if now.run(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relname = 'layer_styles'"
    ):
        return
    try:
        with now.connection.transaction():
            now.run(_TABLE)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName):
        statement = " ".join(_TABLE.split())
        raise DataSourceError("no_layer_styles", path=now.place.redacted, sql=statement) from None
