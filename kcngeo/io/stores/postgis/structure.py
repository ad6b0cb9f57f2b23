"""Tables as they are to stand: made, altered, commented, with the rights they had."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from psycopg import sql

from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.io.stores.arrow import GEOMETRY
from kcngeo.io.stores.postgis import constraints as rules
from kcngeo.io.stores.postgis.connection import MARK, STATE, VERSION, Column, Session
from kcngeo.io.stores.postgis.layout import Layout, sql_type
from kcngeo.io.stores.postgis.locks import wait_for_readers
from kcngeo.io.stores.postgis.migrations import migrate
from kcngeo.io.stores.postgis.triggers import (
    FUNCTIONS,
    create_triggers,
    drop_triggers,
    said,
    standing_triggers,
    wanted_triggers,
)
from kcngeo.io.stores.postgis.views import FUNCTION, create_views, drop_views

# Columns rows are looked up by.
_INDEXED = ("zone_id", "parcel_id", "entry_id", "project_id")
_OWN_TYPE = "bigint"

Standing = Mapping[str, list[Column]]


def require_ours(now: Session) -> None:
    """Refuse to replace tables of others that happen to have such names."""
    rows = now.run(
        """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = ANY (%s)
          AND (c.relkind <> 'r' OR COALESCE(obj_description(c.oid, 'pg_class'), '') NOT LIKE %s)
        ORDER BY c.relname
        """,
        *(now.place.schema, list(TABLES), f"%{MARK}%"),
    )
    if rows:
        detail = f"the schema holds tables of others: {', '.join(name for (name,) in rows)}"
        raise DataSourceError("unwritable", path=now.place.redacted, detail=detail)


def stands(now: Session, layouts: Mapping[str, Layout]) -> bool:
    """Tell whether tables, rules, triggers and views are as this code makes them."""
    standing = now.standing()
    if standing is None or standing.version < VERSION:
        return False
    tables = now.tables()
    if {name: _types(columns) for name, columns in tables.items()} != {
        name: one.types for name, one in layouts.items()
    }:
        return False
    if any(_clashes(layouts[name], columns) for name, columns in tables.items()):
        return False
    has_gist = rules.has_gist(now)
    wanted = {
        name: names
        for name, names in rules.wanted_constraints(list(layouts), has_gist=has_gist).items()
        if names
    }
    return (
        _stamp_said(now) == _stamp(layouts, has_gist=has_gist)
        and rules.standing_constraints(now) == wanted
        and standing_triggers(now) == wanted_triggers(list(layouts))
    )


def open_up(now: Session, layouts: Mapping[str, Layout]) -> list[tuple[Any, ...]]:
    """Take views, triggers and rules away and alter the tables; gives the rights on the views."""
    schema = sql.Identifier(now.place.schema)
    if not now.run("SELECT 1 FROM pg_namespace WHERE nspname = %s", now.place.schema):
        now.run("CREATE SCHEMA {schema}", schema=schema)
    # Who reads at the moment finishes first: in his snapshot the tables would be others.
    wait_for_readers(now)
    rights = _rights(now)
    migrate(now)
    drop_views(now)
    drop_triggers(now)
    rules.drop_constraints(now)
    for name, columns in now.tables().items():
        if name in layouts:
            _alter(now, layouts[name], columns)
        else:
            # Without CASCADE: what others have built on a table is not ours to drop.
            now.run("DROP TABLE {table}", table=now.name(name))
    for name, one in layouts.items():
        if name not in now.tables():
            _create(now, one)
    return rights


def close_up(now: Session, layouts: Mapping[str, Layout], rights: list[tuple[Any, ...]]) -> None:
    """Put rules, triggers and views back, which hold what was written to them."""
    has_gist = rules.has_gist(now)
    if not has_gist:
        rules.warn_without_gist(now)
    rules.create_constraints(now, list(layouts), has_gist=has_gist)
    own = {name: own_columns(now.tables()[name]) for name in layouts}
    create_triggers(now, own)
    kinds = {name: {own[name][0]: _OWN_TYPE, **one.types} for name, one in layouts.items()}
    create_views(now, kinds, _stamp(layouts, has_gist=has_gist))
    _give(now, rights)


def note_columns(now: Session, layouts: Mapping[str, Layout]) -> None:
    """Note which columns the project has, in order; the others are there to be filled."""
    columns = {name: one.given for name, one in layouts.items()}
    standing = now.standing()
    if standing is None or standing.columns != columns:
        now.run(
            "UPDATE {state} SET columns = %s::jsonb", json.dumps(columns), state=now.name(STATE)
        )


def own_columns(columns: list[Column]) -> tuple[str, str]:
    """Name the key of a table and the column of its order."""
    key = next(one.name for one in columns if one.is_key)
    return key, next(one.name for one in columns if one.is_order)


def _types(columns: list[Column]) -> dict[str, str]:
    return {one.name: one.type for one in columns if not one.is_own}


def _clashes(layout: Layout, columns: list[Column]) -> bool:
    """Tell whether a column of the user's is called like one of the store's own."""
    taken = {name.lower() for name in layout.types}
    return any(name.lower() in taken for name in own_columns(columns))


def _alter(now: Session, layout: Layout, columns: list[Column]) -> None:
    """Give a table the columns it is to have; what has another type is filled anew."""
    table, name = now.name(layout.contract.name), layout.contract.name
    standing = _types(columns)
    for column, kind in standing.items():
        if layout.types.get(column) != kind:
            # Without CASCADE here too.
            now.run(
                "ALTER TABLE {table} DROP COLUMN {column}",
                table=table,
                column=sql.Identifier(column),
            )
    for own, free in zip(own_columns(columns), (layout.key, layout.order), strict=True):
        if own.lower() in {one.lower() for one in layout.types}:
            now.run(
                "ALTER TABLE {table} RENAME COLUMN {own} TO {free}",
                table=table,
                own=sql.Identifier(own),
                free=sql.Identifier(free),
            )
    for column, kind in layout.types.items():
        if standing.get(column) != kind:
            now.run(
                "ALTER TABLE {table} ADD COLUMN {column} {type}",
                table=table,
                column=sql.Identifier(column),
                type=sql_type(now, kind),
            )
            _dress(now, name, column)


def _create(now: Session, layout: Layout) -> None:
    """Make a table with its key, indexes and comments."""
    contract, table = layout.contract, now.name(layout.contract.name)
    # A number a row, so that QGIS can edit the table; and one by which rows keep their order.
    parts = [
        sql.SQL("{key} bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY").format(
            key=sql.Identifier(layout.key)
        ),
        *(
            sql.SQL("{name} {type}").format(name=sql.Identifier(name), type=sql_type(now, kind))
            for name, kind in layout.types.items()
        ),
        sql.SQL("{order} bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY").format(
            order=sql.Identifier(layout.order)
        ),
    ]
    now.run("CREATE TABLE {table} ({parts})", table=table, parts=sql.SQL(", ").join(parts))
    for name in layout.types:
        _dress(now, contract.name, name)
    words = f"{said(f'table.{contract.name}')} {MARK}]".strip()
    now.run("COMMENT ON TABLE {table} IS {words}", table=table, words=sql.Literal(words))


def _dress(now: Session, table: str, column: str) -> None:
    """Give a column its index and its words."""
    contract = TABLES[table]
    at, name = now.name(table), sql.Identifier(column)
    if column == GEOMETRY and contract.geometry:
        now.run("CREATE INDEX ON {table} USING gist ({name})", table=at, name=name)
    elif column in _INDEXED and contract.column(column):
        now.run("CREATE INDEX ON {table} ({name})", table=at, name=name)
    words = said(f"column.{column}")
    if words:
        now.run(
            "COMMENT ON COLUMN {column} IS {words}",
            column=now.name(table, column),
            words=sql.Literal(words),
        )


def _stamp(layouts: Mapping[str, Layout], *, has_gist: bool) -> str:
    """Mark what rules, triggers and views were made for: these columns, by these files."""
    told = {
        name: {one: repr(text) for one, text in made.items()}
        for name in layouts
        if (made := rules.constraints(TABLES[name], has_gist=has_gist))
    }
    types = {name: sorted(one.types.items()) for name, one in layouts.items()}
    whole = repr((types, told, FUNCTION, FUNCTIONS)).encode()
    return f"{MARK} {hashlib.sha256(whole).hexdigest()[:16]}]"


def _stamp_said(now: Session) -> str | None:
    rows = now.run(
        """
        SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = %s AND p.proname = 'parcels_on'
        """,
        now.place.schema,
    )
    told = rows[0][0] if len(rows) == 1 and rows[0][0] else ""
    return MARK + told.rpartition(MARK)[2] if MARK in told else None


def _rights(now: Session) -> list[tuple[Any, ...]]:
    return now.run(
        """
        SELECT c.relname, r.rolname, a.privilege_type, a.is_grantable
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.nspname = %s AND c.relkind = 'v' AND a.grantee <> c.relowner
        ORDER BY 1, 2, 3
        """,
        now.place.schema,
    )


def _give(now: Session, rights: list[tuple[Any, ...]]) -> None:
    there = {
        name
        for (name,) in now.run(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND relkind = 'v'",
            now.place.schema,
        )
    }
    for view, role, right, may_give in rights:
        if view not in there:
            continue
        now.run(
            "GRANT {right} ON {view} TO {role} {option}",
            right=sql.SQL(right),
            view=now.name(view),
            role=sql.Identifier(role) if role else sql.SQL("PUBLIC"),
            option=sql.SQL("WITH GRANT OPTION" if may_give else ""),
        )
