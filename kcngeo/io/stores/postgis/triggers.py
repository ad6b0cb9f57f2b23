"""History by the database: whatever any client edits or deletes stays on record.

An UPDATE or DELETE of another program becomes a superseded row, and what holds now is recorded at
the moment and by the user; rows of one transaction have one moment. The moments increase strictly:
whoever edits first takes the one row of :data:`STATE` and keeps it until his transaction ends, so
that a moment is on record before a later one is given. That also keeps clients from ever waiting
for each other crosswise. A transaction that edits anything counts as one commit. This library's own
writer records by itself and passes, if it may write that row.
"""

from __future__ import annotations

from psycopg import sql

from kcngeo.core import texts
from kcngeo.core.schema import TABLES
from kcngeo.io.stores.postgis.connection import STATE, Session
from kcngeo.io.stores.postgis.constraints import REFERENCES

WRITER = "kcngeo.writer"
"""The setting by which this library's own writer passes."""

_NAMES = (
    "kcngeo_passes",
    "kcngeo_moment",
    "kcngeo_commit",
    "kcngeo_gate",
    "kcngeo_history",
    "kcngeo_keep",
    "kcngeo_references",
)

FUNCTIONS = """
CREATE FUNCTION {kcngeo_passes}() RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog
BEGIN ATOMIC
    SELECT COALESCE(current_setting('kcngeo.writer', true), '') <> ''
        AND has_table_privilege(session_user, {state_literal}::regclass, 'UPDATE');
END;

CREATE FUNCTION {kcngeo_moment}() RETURNS timestamp with time zone LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
    given timestamp with time zone;
BEGIN
    SELECT moment INTO given FROM {state} WHERE writer = pg_current_xact_id();
    IF FOUND THEN
        RETURN given;
    END IF;
    -- Until this transaction ends nobody else is given a moment.
    UPDATE {state} SET writer = pg_current_xact_id(), moment = GREATEST(
        date_trunc('milliseconds', clock_timestamp()), moment + interval '1 millisecond'
    ) RETURNING moment INTO STRICT given;
    RETURN given;
END $body$;

CREATE FUNCTION {kcngeo_commit}() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
    UPDATE {state} SET commit = commit + 1, counted = pg_current_xact_id()
    WHERE counted IS DISTINCT FROM pg_current_xact_id();
END $body$;

CREATE FUNCTION {kcngeo_gate}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
    PERFORM {kcngeo_moment}();
    RETURN NULL;
END $body$;

CREATE FUNCTION {kcngeo_history}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
    given timestamp with time zone;
    key text := TG_ARGV[0];
    place text := TG_ARGV[1];
    called text := format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME);
    was text := COALESCE(current_setting('kcngeo.writer', true), '');
    counter text := pg_get_serial_sequence(called, key);
    number bigint;
    latest bigint;
    told jsonb;
    kept record;
BEGIN
    -- The old state of a row, put beside it by this very function.
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 AND was = 'history' THEN
        RETURN NEW;
    END IF;
    given := {kcngeo_moment}();
    told := jsonb_build_object(
        place, nextval(pg_get_serial_sequence(called, place)), 'recorded_at', given,
        'superseded_at', NULL, 'recorded_by', session_user);
    IF TG_OP = 'INSERT' THEN
        -- Who numbers his rows himself takes the number from those the database gives.
        EXECUTE format('SELECT ($1).%I', key) USING NEW INTO number;
        EXECUTE format('SELECT last_value FROM %s', counter) INTO latest;
        IF number > latest THEN
            PERFORM setval(counter, number);
        END IF;
        PERFORM {kcngeo_commit}();
        RETURN jsonb_populate_record(NEW, told);
    END IF;
    IF OLD.superseded_at IS NOT NULL THEN
        IF TG_OP = 'UPDATE' AND NEW *= OLD THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = {superseded};
    END IF;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT ($1).%I', key) USING OLD INTO number;
        told := told || jsonb_build_object(key, number);
        NEW := jsonb_populate_record(NEW, told);
        kept := jsonb_populate_record(OLD, told);
        -- Nothing but what this function gives was edited.
        IF NEW *= kept THEN
            RETURN OLD;
        END IF;
    END IF;
    PERFORM {kcngeo_commit}();
    -- What this transaction recorded itself was never on record for others.
    IF OLD.recorded_at IS DISTINCT FROM given THEN
        kept := jsonb_populate_record(OLD, jsonb_build_object(
            key, nextval(counter), 'superseded_at', given));
        PERFORM set_config('kcngeo.writer', 'history', true);
        EXECUTE format('INSERT INTO %s SELECT ($1).*', called) USING kept;
        PERFORM set_config('kcngeo.writer', was, true);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $body$;

CREATE FUNCTION {kcngeo_keep}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = {truncated};
END $body$;

CREATE FUNCTION {kcngeo_references}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
    child text := TG_ARGV[0];
    field text := TG_ARGV[1];
    parent text := TG_ARGV[2];
    named text;
    fails boolean;
BEGIN
    IF TG_ARGV[3] = 'child' THEN
        EXECUTE format('SELECT ($1).%I', field) USING NEW INTO named;
    ELSE
        EXECUTE format('SELECT ($1).%I', field) USING OLD INTO named;
    END IF;
    EXECUTE format(
        'SELECT EXISTS (SELECT 1 FROM %1$I.%2$I WHERE %4$I = $1 AND superseded_at IS NULL)'
        ' AND NOT EXISTS (SELECT 1 FROM %1$I.%3$I WHERE %4$I = $1 AND superseded_at IS NULL)',
        TG_TABLE_SCHEMA, child, parent, field) USING named INTO fails;
    IF fails THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            CONSTRAINT = format('kcn_%s_reference', child), TABLE = child,
            MESSAGE = {reference}, DETAIL = format('%s: %s', field, named);
    END IF;
    RETURN NULL;
END $body$;
"""
"""What the triggers call; made anew with them."""


def drop_triggers(now: Session) -> None:
    """Drop the triggers of this library and what they call."""
    rows = now.run(
        """
        SELECT c.relname, t.tgname FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = ANY (%s) AND starts_with(t.tgname, 'kcngeo_')
          AND NOT t.tgisinternal
        """,
        *(now.place.schema, list(TABLES)),
    )
    for table, name in rows:
        now.run("DROP TRIGGER {name} ON {table}", name=sql.Identifier(name), table=now.name(table))
    for name in reversed(_NAMES):
        now.run("DROP FUNCTION IF EXISTS {name}()", name=now.name(name))


def create_triggers(now: Session, tables: dict[str, tuple[str, str]]) -> None:
    """Make the triggers of tables, given by their key and the column of their order."""
    words = {
        one: sql.Literal(said(f"database.{one}"))
        for one in ("superseded", "truncated", "reference")
    }
    names = {name: now.name(name) for name in _NAMES}
    state = now.name(STATE)
    now.run(
        FUNCTIONS,
        **names,
        **words,
        state=state,
        state_literal=sql.Literal(state.as_string(now.connection)),
    )
    for name in _NAMES[1:]:
        now.run("REVOKE ALL ON FUNCTION {name}() FROM PUBLIC", name=names[name])
    for table, (key, order) in tables.items():
        _create(now, table, names, arguments=(key, order))
    for child, column, parent in REFERENCES:
        if {child, parent} <= set(tables):
            _refer(now, names, child, column, parent)


def standing_triggers(now: Session) -> set[tuple[str, str]]:
    """Name the triggers of this library that stand and fire."""
    rows = now.run(
        """
        SELECT c.relname, t.tgname FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = ANY (%s) AND starts_with(t.tgname, 'kcngeo_')
          AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal
        """,
        *(now.place.schema, list(TABLES)),
    )
    return {(table, name) for table, name in rows}


def wanted_triggers(tables: list[str]) -> set[tuple[str, str]]:
    """Name the triggers that are to stand."""
    found = {
        (table, name)
        for table in tables
        for name in ("kcngeo_gate", "kcngeo_history", "kcngeo_keep")
    }
    for child, column, parent in REFERENCES:
        if {child, parent} <= set(tables):
            found |= {(child, f"kcngeo_{column}_child"), (parent, f"kcngeo_{child}_parent")}
    return found


def said(key: str) -> str:
    """Say something in both languages, if the table of texts has words for it."""
    entry = texts.table().get(key)
    return " · ".join(entry[language] for language in texts.LANGUAGES) if entry else ""


def _create(
    now: Session, table: str, names: dict[str, sql.Identifier], *, arguments: tuple[str, str]
) -> None:
    passes = sql.SQL("WHEN (NOT {passes}())").format(passes=names["kcngeo_passes"])
    at = now.name(table)
    now.run(
        "CREATE TRIGGER kcngeo_gate BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT {when} EXECUTE FUNCTION {call}()",
        table=at,
        when=passes,
        call=names["kcngeo_gate"],
    )
    now.run(
        "CREATE TRIGGER kcngeo_history BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH ROW {when} EXECUTE FUNCTION {call}({key}, {order})",
        table=at,
        when=passes,
        call=names["kcngeo_history"],
        key=sql.Literal(arguments[0]),
        order=sql.Literal(arguments[1]),
    )
    now.run(
        "CREATE TRIGGER kcngeo_keep BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION {call}()",
        table=at,
        call=names["kcngeo_keep"],
    )


def _refer(
    now: Session, names: dict[str, sql.Identifier], child: str, column: str, parent: str
) -> None:
    """Ask at the end of a transaction whether what is named is on record."""
    for side, table, events in (
        ("child", child, "INSERT OR UPDATE"),
        ("parent", parent, "UPDATE OR DELETE"),
    ):
        now.run(
            f"CREATE CONSTRAINT TRIGGER {{name}} AFTER {events} ON {{table}}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT {passes}())"
            " EXECUTE FUNCTION {call}({child}, {column}, {parent}, {side})",
            # A table may be named by several others.
            name=sql.Identifier(f"kcngeo_{column if side == 'child' else child}_{side}"),
            table=now.name(table),
            passes=names["kcngeo_passes"],
            call=names["kcngeo_references"],
            child=sql.Literal(child),
            column=sql.Literal(column),
            parent=sql.Literal(parent),
            side=sql.Literal(side),
        )
