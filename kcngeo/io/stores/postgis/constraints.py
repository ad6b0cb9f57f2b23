"""What the database itself refuses, from whatever program it comes.

It refuses what the library could not compute with: rows that break their contract, two rows on
record under one id, versions and whole tenures that overlap, lots of unknown zones and entries of
unknown lots. What holds between rows is asked at the end of a transaction, so that they may be
edited in any order.
"""

from __future__ import annotations

import warnings

import psycopg
from psycopg import sql

from kcngeo.core import texts
from kcngeo.core.errors import DataSourceError, KcngeoWarning
from kcngeo.core.model import Status
from kcngeo.core.schema import DECLARED_PARTS, RECORDED, TABLES, Column, Kind, Table
from kcngeo.io.stores.postgis.connection import Session

PREFIX = "kcn_"
"""Begins the names of the constraints this library made."""

# What names one row on record.
KEYS = {
    "zones": ("zone_id", "valid_from"),
    "parcels": ("parcel_id", "valid_from"),
    "ledger": ("entry_id",),
    "declared_accounts": ("zone_id", "on", "definition"),
    "projects": ("project_id",),
    "project_periods": ("project_id", "period"),
    "project_changes": ("project_id", "on", "kind"),
    "support": ("support_id",),
    "documents": ("document_id",),
    "receptors": ("receptor_id", "valid_from"),
    "emitters": ("emitter_id", "valid_from"),
    "works": ("work_id",),
    "buildings": ("building_id",),
    "clearance": ("clearance_id",),
}
_TENURES = tuple(str(one) for one in Status if one is not Status.UNCLEARED)
_DAYS = "daterange(valid_from, valid_to)"
_ON_RECORD = "superseded_at IS NULL"
# Of rows on record: what may not overlap in time.
_APART = {
    "zones": ("zone_id", _ON_RECORD),
    "parcels": ("parcel_id", _ON_RECORD),
    "ledger": (
        "parcel_id",
        f"{_ON_RECORD} AND part_area_ha IS NULL AND status IN"
        f" ({', '.join(repr(one) for one in _TENURES)})",
    ),
}
_M2_HA = 1e-4
_STATED, _PARTS = ", ".join(DECLARED_PARTS), DECLARED_PARTS[1:7]
# Of a row: a declared account states something, and no more than its base; all its parts add up.
_OF_ROW = {
    "declared_accounts": {
        "stated_parts": f"num_nonnulls({_STATED}) > 0",
        "let_parts": f"leased_ha <= base_ha + {_M2_HA} AND unserviced_ha <= base_ha + {_M2_HA}",
        "sum_parts": "COALESCE(definition, '') <> '' OR"
        f" {' + '.join(f'COALESCE({one}, 0)' for one in _PARTS)} <= base_ha + {_M2_HA}",
        "all_parts": "COALESCE(definition, '') <> '' OR"
        f" abs({' + '.join(_PARTS)} - base_ha) <= {_M2_HA}",
    }
}
REFERENCES = (
    ("parcels", "zone_id", "zones"),
    ("ledger", "parcel_id", "parcels"),
    ("declared_accounts", "zone_id", "zones"),
)
"""Child, column, parent: a row on record names one on record."""


def constraints(table: Table, *, has_gist: bool) -> dict[str, sql.Composable]:
    """Give the constraints of a table, by name."""
    found = {
        f"{PREFIX}{table.name}_{column.name}_{ending}": said
        for column in (*table.columns, *RECORDED)
        for ending, said in _of_column(column)
    }
    for ending, start, end in (
        ("days", "valid_from", "valid_to"),
        ("record_days", "recorded_at", "superseded_at"),
    ):
        if {start, end} <= {one.name for one in (*table.columns, *RECORDED)}:
            found[f"{PREFIX}{table.name}_{ending}"] = sql.SQL(f"CHECK ({start} < {end})")
    for ending, said in _OF_ROW.get(table.name, {}).items():
        # What is missing is unknown, and refuses nothing.
        found[f"{PREFIX}{table.name}_{ending}"] = sql.SQL(f"CHECK ({said})")
    key = KEYS.get(table.name)
    if key is not None:
        parts = (_with_equal(one) for one in key)
        found[f"{PREFIX}{table.name}_twice"] = sql.SQL(
            f"EXCLUDE USING btree ({', '.join(parts)}) WHERE ({_ON_RECORD})"
            " DEFERRABLE INITIALLY DEFERRED"
        )
    if has_gist and table.name in _APART:
        column, rows = _APART[table.name]
        found[f"{PREFIX}{table.name}_overlap"] = sql.SQL(
            f"EXCLUDE USING gist ({column} WITH =, {_DAYS} WITH &&) WHERE ({rows})"
            " DEFERRABLE INITIALLY DEFERRED"
        )
    return found


def _of_column(column: Column) -> list[tuple[str, sql.Composable]]:
    name = sql.Identifier(column.name)
    if column.choices:
        choices = sql.SQL(", ").join(map(sql.Literal, column.choices))
        return [
            ("list", sql.SQL("CHECK ({name} IN ({choices}))").format(name=name, choices=choices))
        ]
    if column.kind is Kind.NUMBER:
        # NaN is more than infinity here.
        least = "{name} > 0" if column.positive else "{name} >= 0"
        return [("range", sql.SQL(f"CHECK ({least} AND {{name}} < 'Infinity')").format(name=name))]
    if column.kind is Kind.COUNT:
        return [("range", sql.SQL("CHECK ({name} >= 0)").format(name=name))]
    return []


def _with_equal(name: str) -> str:
    # A first day that is missing is one too, and so is an account by no definition.
    missing = {"valid_from": "'-infinity'", "definition": "''"}.get(name)
    quoted = f'"{name}"'
    return f"(COALESCE({quoted}, {missing})) WITH =" if missing else f"{quoted} WITH ="


def required(table: Table) -> list[str]:
    """Name the columns of a table that may not be missing."""
    return [column.name for column in table.columns if column.required]


def has_gist(now: Session) -> bool:
    """Tell whether the server can keep texts apart in time, and make it able to where it may."""
    if now.run("SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'"):
        return True
    if not now.run("SELECT 1 FROM pg_available_extensions WHERE name = 'btree_gist'"):
        return False
    try:
        with now.connection.transaction():
            now.run(
                "CREATE EXTENSION btree_gist SCHEMA {postgis}", postgis=sql.Identifier(now.postgis)
            )
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def warn_without_gist(now: Session) -> None:
    """Say that the database itself does not refuse what overlaps in time."""
    said = texts.text("errors.no_btree_gist", language="en", path=now.place.redacted)
    warnings.warn(said, KcngeoWarning, stacklevel=2)


def standing_constraints(now: Session) -> dict[str, set[str]]:
    """Name the constraints of this library that stand, by table."""
    rows = now.run(
        """
        SELECT c.relname, k.conname FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = ANY (%s) AND k.contype IN ('c', 'x')
          AND starts_with(k.conname, %s)
        UNION ALL
        SELECT c.relname, 'required ' || a.attname FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = ANY (%s) AND a.attnotnull AND a.attnum > 0
          AND a.attidentity = '' AND NOT a.attisdropped
        """,
        *(now.place.schema, list(TABLES), PREFIX, now.place.schema, list(TABLES)),
    )
    found: dict[str, set[str]] = {}
    for table, name in rows:
        found.setdefault(table, set()).add(name)
    return found


def wanted_constraints(tables: list[str], *, has_gist: bool) -> dict[str, set[str]]:
    """Name the constraints that are to stand, as :func:`standing_constraints` names them."""
    return {
        name: {
            *constraints(TABLES[name], has_gist=has_gist),
            *(f"required {column}" for column in required(TABLES[name])),
        }
        for name in tables
    }


def drop_constraints(now: Session) -> None:
    """Drop the constraints of this library, so that tables can be altered and rows mended."""
    for table, names in standing_constraints(now).items():
        for name in sorted(names):
            kind, _, column = name.partition(" ")
            if kind == "required":
                now.run(
                    "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL",
                    table=now.name(table),
                    column=sql.Identifier(column),
                )
            else:
                now.run(
                    "ALTER TABLE {table} DROP CONSTRAINT {name}",
                    table=now.name(table),
                    name=sql.Identifier(name),
                )


def create_constraints(now: Session, tables: list[str], *, has_gist: bool) -> None:
    """Make the constraints; rows that stand already are held to them."""
    for name in tables:
        parts = [
            sql.SQL("ALTER COLUMN {column} SET NOT NULL").format(column=sql.Identifier(column))
            for column in required(TABLES[name])
        ]
        parts += [
            sql.SQL("ADD CONSTRAINT {name} {said}").format(name=sql.Identifier(one), said=said)
            for one, said in constraints(TABLES[name], has_gist=has_gist).items()
        ]
        if parts:
            now.run(
                "ALTER TABLE {table} {parts}", table=now.name(name), parts=sql.SQL(", ").join(parts)
            )


def require_references(now: Session, tables: list[str]) -> None:
    """Refuse rows on record that name a zone or lot which is not; the database asks only others."""
    for child, column, parent in REFERENCES:
        if not {child, parent} <= set(tables):
            continue
        rows = now.run(
            "SELECT DISTINCT c.{column} FROM {child} c WHERE c.superseded_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.{column} = c.{column}"
            " AND p.superseded_at IS NULL) ORDER BY 1 LIMIT 13",
            column=sql.Identifier(column),
            child=now.name(child),
            parent=now.name(parent),
        )
        if rows:
            named = ", ".join(str(value) for (value,) in rows[:12]) + (", …" if rows[12:] else "")
            raise DataSourceError(
                "rule_reference", path=now.place.redacted, table=child, detail=f"{column}: {named}"
            )
