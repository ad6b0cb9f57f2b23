"""What QGIS reads beside the tables: the rows in force today, and the state of lots on a day.

The state is the one of :func:`kcngeo.ledger.parcel_state`, written once more in SQL
because QGIS cannot call Python; the tests compare the two. Lots whose entries contradict each other
have no state.
"""

from __future__ import annotations

from psycopg import sql

from kcngeo.core.model import LEASABLE
from kcngeo.core.schema import TABLES
from kcngeo.io.stores.arrow import GEOMETRY
from kcngeo.io.stores.postgis.connection import MARK, Session

_TODAY = "(now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_SHARES = (
    "leased_share",
    "reserved_share",
    "recovering_share",
    "repurposed_share",
    "uncleared_share",
    "available_share",
)
_STATE = {"status": "text", **dict.fromkeys(_SHARES, "double precision")}

FUNCTION = """
CREATE FUNCTION {function}(on_day date, known_at timestamp with time zone DEFAULT NULL)
RETURNS TABLE ({returned}) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
WITH lot AS (
    SELECT p.*,
        round({st_area}(p.{geometry})::numeric, 6) AS "own m2",
        round(GREATEST({certificate_area_m2}, {st_area}(p.{geometry}))::numeric, 6) AS "largest m2"
    FROM {parcels} p WHERE {lots_known} AND {lots_in_force}
), part AS (
    SELECT lot.{key}, GREATEST({entry_from}, {lot_from}) AS begins, {entry_to} AS ends,
        e.status <> 'uncleared' AS is_tenure, round(({part_area_ha} * 10000)::numeric, 6) AS m2
    FROM lot JOIN {ledger} e ON e.parcel_id = lot.parcel_id
    WHERE {entries_known} AND {part_area_ha} IS NOT NULL
        AND COALESCE({entry_from} < {lot_to}, true) AND COALESCE({lot_from} < {entry_to}, true)
), at_once AS (
    SELECT one.{key}, GREATEST(
        sum(other.m2) FILTER (WHERE other.is_tenure),
        sum(other.m2) FILTER (WHERE NOT other.is_tenure)
    ) AS m2
    FROM (SELECT DISTINCT {key}, begins FROM part) one JOIN part other ON other.{key} = one.{key}
        AND COALESCE(other.begins <= one.begins, true) AND COALESCE(one.begins < other.ends, true)
    GROUP BY one.{key}, one.begins
), most AS (
    SELECT {key}, max(m2) AS m2 FROM at_once GROUP BY {key}
), sized AS (
    SELECT lot.*, CASE
        WHEN lot.land_use NOT IN {leasable} THEN "largest m2"
        WHEN most.m2 > 0 AND "own m2" - LEAST(most.m2, "largest m2") <= 1
            THEN LEAST(most.m2, "largest m2")
        ELSE "own m2" END AS "whole m2"
    FROM lot LEFT JOIN most ON most.{key} = lot.{key}
), entry AS (
    SELECT e.parcel_id, e.status, {part_area_ha} AS part_area_ha
    FROM {ledger} e WHERE {entries_known} AND {entries_in_force}
), held AS (
    SELECT sized.{key}, entry.status, sum(
        CASE WHEN entry.part_area_ha IS NULL THEN 1
        ELSE round((entry.part_area_ha * 10000)::numeric / NULLIF("whole m2", 0), 12) END
    )::double precision AS share, sum(
        CASE WHEN entry.part_area_ha IS NULL THEN 1
        ELSE round((entry.part_area_ha * 10000)::numeric / NULLIF("largest m2", 0), 12) END
    )::double precision AS "of largest"
    FROM sized JOIN entry ON entry.parcel_id = sized.parcel_id
    GROUP BY sized.{key}, entry.status
), summed AS (
    SELECT held.{key},
        COALESCE(sum(share) FILTER (WHERE status = 'leased'), 0) AS leased,
        COALESCE(sum(share) FILTER (WHERE status = 'reserved'), 0) AS reserved,
        COALESCE(sum(share) FILTER (WHERE status = 'recovering'), 0) AS recovering,
        COALESCE(sum(share) FILTER (WHERE status = 'repurposed'), 0) AS repurposed,
        COALESCE(sum(share) FILTER (WHERE status <> 'uncleared'), 0) AS tenure,
        LEAST(COALESCE(sum(share) FILTER (WHERE status = 'uncleared'), 0), 1) AS uncleared,
        bool_and("of largest" IS NOT NULL)
            AND COALESCE(sum("of largest") FILTER (WHERE status <> 'uncleared'), 0) <= 1.005
            AND COALESCE(sum("of largest") FILTER (WHERE status = 'uncleared'), 0) <= 1.005
            AS is_sound
    FROM held GROUP BY held.{key}
), laid AS (
    SELECT summed.{key}, is_sound,
        round((leased / GREATEST(tenure, 1))::numeric, 12)::double precision AS leased,
        round((reserved / GREATEST(tenure, 1))::numeric, 12)::double precision AS reserved,
        round((recovering / GREATEST(tenure, 1))::numeric, 12)::double precision AS recovering,
        round((repurposed / GREATEST(tenure, 1))::numeric, 12)::double precision AS repurposed,
        round(LEAST(uncleared, 1 - LEAST(tenure, 1))::numeric, 12)::double precision AS uncleared,
        round(GREATEST(1 - LEAST(tenure, 1) - uncleared, 0)::numeric, 12)::double precision
            AS available
    FROM summed
), stated AS (
    SELECT lot.*, laid.{key} IS NULL OR laid.is_sound AS is_sound,
        COALESCE(laid.leased, 0) AS leased,
        COALESCE(laid.reserved, 0) AS reserved,
        COALESCE(laid.recovering, 0) AS recovering,
        COALESCE(laid.repurposed, 0) AS repurposed,
        COALESCE(laid.uncleared, 0) AS uncleared,
        COALESCE(laid.available, 1) AS available
    FROM lot LEFT JOIN laid ON laid.{key} = lot.{key}
)
SELECT {columns},
    CASE WHEN NOT is_sound THEN NULL
    ELSE CASE GREATEST(leased, reserved, recovering, repurposed, uncleared, available)
        WHEN leased THEN 'leased' WHEN reserved THEN 'reserved' WHEN recovering THEN 'recovering'
        WHEN repurposed THEN 'repurposed' WHEN uncleared THEN 'uncleared' ELSE 'available' END
    END,
    CASE WHEN is_sound THEN leased END,
    CASE WHEN is_sound THEN reserved END,
    CASE WHEN is_sound THEN recovering END,
    CASE WHEN is_sound THEN repurposed END,
    CASE WHEN is_sound THEN uncleared END,
    CASE WHEN is_sound THEN available END
FROM stated ORDER BY stated.{key};
END
"""
"""The state of every lot on a day; the parts in braces depend on which columns there are."""


def drop_views(now: Session) -> None:
    """Drop the views and the function this library made."""
    rows = now.run(
        """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relkind = 'v' AND c.relname = ANY (%s)
          AND obj_description(c.oid, 'pg_class') LIKE %s
        """,
        *(now.place.schema, [f"{name}_now" for name in TABLES], f"%{MARK}%"),
    )
    for (name,) in rows:
        now.run("DROP VIEW {view}", view=now.name(name))
    now.run(
        "DROP FUNCTION IF EXISTS {function}(date, timestamp with time zone)",
        function=now.name("parcels_on"),
    )


def create_views(now: Session, kinds: dict[str, dict[str, str]], stamp: str) -> None:
    """Make the function and the views."""
    _create_function(now, kinds, stamp)
    for table, columns in kinds.items():
        if table == "parcels":
            call = f"{{function}}({_TODAY})"
            source: sql.Composable = sql.SQL(call).format(function=now.name("parcels_on"))
            names = [*columns, *(name for name in _STATE if name not in columns)]
            condition: sql.Composable = sql.SQL("true")
        # A table without days and moments needs no view of today.
        elif {"valid_from", "valid_to", "superseded_at"} & set(columns):
            source, names = now.name(table), list(columns)
            condition = sql.SQL(" AND ").join(
                [_in_force(columns, "t", sql.SQL(_TODAY)), _known(columns, "t", None)]
            )
        else:
            continue
        # Where the columns are those of the table, whoever edits the view edits the table.
        is_plain = table != "parcels"
        chosen = [_typed(now, name, None if is_plain else columns.get(name)) for name in names]
        now.run(
            "CREATE VIEW {view} AS SELECT {chosen} FROM {source} t WHERE {condition}",
            view=now.name(f"{table}_now"),
            chosen=sql.SQL(", ").join(chosen),
            source=source,
            condition=condition,
        )
        now.run(
            "COMMENT ON VIEW {view} IS {words}",
            view=now.name(f"{table}_now"),
            words=sql.Literal(f"{MARK}]"),
        )


def _create_function(now: Session, kinds: dict[str, dict[str, str]], stamp: str) -> None:
    lots, entries = kinds["parcels"], kinds["ledger"]
    names = {name: kind for name, kind in lots.items() if name not in _STATE}
    # A function gives no narrower type of shapes than "geometry"; the view does.
    returned = [
        sql.SQL("{name} {type}").format(
            name=sql.Identifier(name),
            type=now.function("geometry") if kind.startswith("geometry") else sql.SQL(kind),
        )
        for name, kind in {**names, **_STATE}.items()
    ]
    now.run(
        FUNCTION,
        function=now.name("parcels_on"),
        returned=sql.SQL(", ").join(returned),
        certificate_area_m2=_optional(lots, "p", "certificate_area_m2", "double precision"),
        lot_from=_optional(lots, "lot", "valid_from", "date"),
        lot_to=_optional(lots, "lot", "valid_to", "date"),
        entry_from=_optional(entries, "e", "valid_from", "date"),
        entry_to=_optional(entries, "e", "valid_to", "date"),
        leasable=sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, LEASABLE))),
        part_area_ha=_optional(entries, "e", "part_area_ha", "double precision"),
        st_area=now.function("st_area"),
        geometry=sql.Identifier(GEOMETRY),
        parcels=now.name("parcels"),
        ledger=now.name("ledger"),
        key=sql.Identifier(next(iter(lots))),
        lots_known=_known(lots, "p", "$2"),
        lots_in_force=_in_force(lots, "p", sql.SQL("$1")),
        entries_known=_known(entries, "e", "$2"),
        entries_in_force=_in_force(entries, "e", sql.SQL("$1")),
        columns=sql.SQL(", ").join(sql.Identifier("stated", name) for name in names),
    )
    now.run(
        "COMMENT ON FUNCTION {function}(date, timestamp with time zone) IS {words}",
        function=now.name("parcels_on"),
        words=sql.Literal(f"State of every lot on a day, as known at a moment {stamp}"),
    )


def _typed(now: Session, name: str, kind: str | None) -> sql.Composable:
    column = sql.Identifier("t", name)
    if kind is None or not kind.startswith("geometry("):
        return column
    narrow = now.function("geometry") + sql.SQL(kind.removeprefix("geometry"))
    return sql.SQL("{column}::{type} AS {name}").format(
        column=column, type=narrow, name=sql.Identifier(name)
    )


def _optional(columns: dict[str, str], table: str, name: str, kind: str) -> sql.Composable:
    """Name a column, or say that it is missing in every row."""
    return sql.Identifier(table, name) if name in columns else sql.SQL(f"NULL::{kind}")


def _in_force(columns: dict[str, str], table: str, on: sql.Composable) -> sql.Composable:
    """Write the half-open interval: ``valid_from <= on < valid_to``, missing ends open."""
    return sql.SQL("COALESCE({start} <= {on}, true) AND COALESCE({on} < {end}, true)").format(
        start=_optional(columns, table, "valid_from", "date"),
        end=_optional(columns, table, "valid_to", "date"),
        on=on,
    )


def _known(columns: dict[str, str], table: str, known_at: str | None) -> sql.Composable:
    """Write which rows were on record at a moment; without one, which are not superseded."""
    moment = "timestamp with time zone"
    parts = {
        "recorded": _optional(columns, table, "recorded_at", moment),
        "superseded": _optional(columns, table, "superseded_at", moment),
        "at": sql.SQL(known_at or f"NULL::{moment}"),
    }
    return sql.SQL(
        "CASE WHEN {at} IS NULL THEN {superseded} IS NULL"
        " ELSE COALESCE({recorded} <= {at}, true) AND COALESCE({at} < {superseded}, true) END"
    ).format(**parts)
