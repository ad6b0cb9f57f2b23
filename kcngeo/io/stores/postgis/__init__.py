"""A project in a schema of a PostGIS database: the same tables under the same names.

What is written is written in one transaction, by one writer at a time, and only where something
changed; what is read is read from one snapshot. Rows travel by COPY. Identifiers are always quoted
and values never become SQL.

The database keeps its history and its rules by itself, whoever edits: see ``triggers`` and
``constraints``. ``structure`` makes and alters tables, ``rows`` finds what changed, ``locks`` says
who waits for whom, ``migrations`` brings older schemas forward.

Psycopg alone does it, without SQLAlchemy and GeoAlchemy2. Rows go through COPY as whole Arrow
columns, and shapes as the WKB that Shapely writes, so there is no object of either to map; what is
left are some twenty statements about schemas, rights, comments and locks, which both would pass on
as they stand. 50 000 lots with their entries are written in a fifth of the time of ``to_postgis``
and ``to_sql``, and read in the same. One driver is one thing to install on an office's machine, and
one place through which a password can pass.

For QGIS there are views of the rows on record and in force today (``zones_now``, ``ledger_now``,
…), and the state of every lot on a day: ``SELECT * FROM kcn.parcels_on('2018-03-31')``, and as it
was known at a moment, ``parcels_on('2018-03-31', '2018-04-30 23:59+07')``.
"""

from __future__ import annotations

from kcngeo.io.stores.postgis.read import holds_project, read_project, read_zones
from kcngeo.io.stores.postgis.styles import write_layer_styles
from kcngeo.io.stores.postgis.write import editing, write_project

__all__ = [
    "editing",
    "holds_project",
    "read_project",
    "read_zones",
    "write_layer_styles",
    "write_project",
]
