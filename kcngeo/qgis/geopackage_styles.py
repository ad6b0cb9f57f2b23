"""What a GeoPackage carries beside its layers so that QGIS shows them styled and in words.

Default styles stand in ``layer_styles`` (QML for QGIS, SLD for servers), names of columns and
drop-downs in the schema extension, title and origin in the metadata extension. Everything here is
written after the data: GDAL forgets what describes a layer when it writes the layer again. Names
and values of data are only ever bound to statements, never part of them.
"""

from __future__ import annotations

import copy
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kcngeo import theme
from kcngeo.core.schema import LAYERS, Column, contract, value_words
from kcngeo.qgis import iso_metadata, qml, sld
from kcngeo.qgis.expressions import plain
from kcngeo.qgis.style import Look

FIXED_TIME = "2000-01-01T00:00:00.000Z"
"""Stands wherever the standard asks for a time of writing: the same content, the same bytes."""

# As much as the table of styles holds of a name.
_NAME_LETTERS = 30
_QGIS_METADATA = "http://mrcc.com/qgis.dtd"
_EXTENSIONS = (
    ("gpkg_data_columns", "gpkg_schema", "http://www.geopackage.org/spec/#extension_schema"),
    (
        "gpkg_data_column_constraints",
        "gpkg_schema",
        "http://www.geopackage.org/spec/#extension_schema",
    ),
    ("gpkg_metadata", "gpkg_metadata", "http://www.geopackage.org/spec/#extension_metadata"),
    (
        "gpkg_metadata_reference",
        "gpkg_metadata",
        "http://www.geopackage.org/spec/#extension_metadata",
    ),
)
# As the GeoPackage standard and QGIS define them.
_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata (id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata (id));
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open a GeoPackage that has no name yet, to dress it; who renames it waits for the disk."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def dress(
    connection: sqlite3.Connection,
    layer: str,
    looks: Sequence[Look],
    *,
    language: str,
    title: str,
    abstract: str = "",
    lists: Mapping[str, Mapping[str, str]] | None = None,
    forms: Sequence[ET.Element] = (),
) -> None:
    """Write everything that describes one layer; what was written before for it is replaced."""
    _make_tables(connection)
    title, abstract = plain(title), plain(abstract)
    plainly = theme.text("qgis.style_plain", language=language)
    styles: list[tuple[str, str, str | None]] = [
        (
            look.written().name,
            qml.document(look, copy.deepcopy(forms)),
            sld.document(look, layer=layer),
        )
        for look in looks
    ]
    # A table without shapes has a form, and nothing that is drawn.
    styles += [(plainly, qml.document(None, forms), None)] if forms and not looks else []
    _write_styles(connection, layer, styles, abstract)
    _write_names(connection, layer, lists or {}, language)
    _write_metadata(connection, layer, title=title, abstract=abstract, language=language)


def layer_metadata(*, title: str, abstract: str, language: str) -> ET.Element:
    """Write the metadata of a layer as QGIS keeps them."""
    root = ET.Element("qgis", {"version": qml.QGIS_VERSION})
    said = {"type": "dataset", "language": language, "title": title, "abstract": abstract}
    for name, words in said.items():
        ET.SubElement(root, name).text = plain(words)
    return root


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)
    known = connection.execute("SELECT table_name, extension_name FROM gpkg_extensions").fetchall()
    for table, extension, definition in _EXTENSIONS:
        if (table, extension) not in known:
            row = (table, None, extension, definition, "read-write")
            connection.execute("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", row)
    connection.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description,"
        " last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
        [FIXED_TIME],
    )


def _write_styles(
    connection: sqlite3.Connection,
    layer: str,
    styles: Iterable[tuple[str, str, str | None]],
    abstract: str,
) -> None:
    connection.execute("DELETE FROM layer_styles WHERE f_table_name = ?", [layer])
    found = connection.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", [layer]
    ).fetchone()
    for number, (name, style, drawn) in enumerate(styles):
        row = (
            layer,
            found[0] if found else "",
            name[:_NAME_LETTERS],
            style,
            drawn,
            number == 0,
            abstract,
            FIXED_TIME,
        )
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
            " ui, update_time) VALUES ('', '', ?, ?, ?, ?, ?, ?, ?, 'kcngeo', NULL, ?)",
            row,
        )


def _write_names(
    connection: sqlite3.Connection,
    layer: str,
    lists: Mapping[str, Mapping[str, str]],
    language: str,
) -> None:
    connection.execute("DELETE FROM gpkg_data_columns WHERE table_name = ?", [layer])
    used: set[str] = set()
    for column, words in _lists_of(connection, layer, lists, language).items():
        name = theme.column(column, language=language, layer=layer)
        # The standard wants names that differ within a table.
        name = f"{name} ({column})" if name in used else name
        used.add(name)
        constraint = f"{layer}_{column}".lower()
        connection.execute(
            "DELETE FROM gpkg_data_column_constraints WHERE constraint_name = ?", [constraint]
        )
        connection.executemany(
            "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value,"
            " description) VALUES (?, 'enum', ?, ?)",
            [(constraint, value, said) for value, said in words.items()],
        )
        if name != column or words:
            connection.execute(
                "INSERT INTO gpkg_data_columns (table_name, column_name, name, title,"
                " constraint_name) VALUES (?, ?, ?, ?, ?)",
                (layer, column, name, name, constraint if words else None),
            )


def _lists_of(
    connection: sqlite3.Connection,
    layer: str,
    lists: Mapping[str, Mapping[str, str]],
    language: str,
) -> dict[str, dict[str, str]]:
    """Give the closed lists of a layer's columns: by column, the words of each value."""
    known = contract(layer)
    # A layer of the user's own may have columns of the library's layers, and then their lists.
    homes = list(LAYERS.values()) if known is None else [known]
    found: dict[str, dict[str, str]] = {}
    for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", [layer]):
        mine = next((one for home in homes if (one := home.column(column)) is not None), None)
        words = {} if mine is None else _words(mine, layer, language)
        found[column] = {**words, **lists.get(column, {})}
    return found


def _words(column: Column, layer: str, language: str) -> dict[str, str]:
    """Give the words of a closed list."""
    return {
        value: value_words(column, value, table=layer, language=language)
        for value in column.choices
    }


def _write_metadata(
    connection: sqlite3.Connection, layer: str, *, title: str, abstract: str, language: str
) -> None:
    gone = connection.execute(
        "SELECT md_file_id FROM gpkg_metadata_reference WHERE table_name = ?", [layer]
    ).fetchall()
    connection.execute("DELETE FROM gpkg_metadata_reference WHERE table_name = ?", [layer])
    connection.executemany("DELETE FROM gpkg_metadata WHERE id = ?", gone)
    taken = connection.execute(
        "SELECT count(*) FROM gpkg_contents WHERE identifier = ? AND table_name <> ?",
        [title, layer],
    ).fetchone()[0]
    connection.execute(
        "UPDATE gpkg_contents SET identifier = ?, description = ?, last_change = ?"
        " WHERE table_name = ?",
        [f"{title} ({layer})" if taken else title, abstract, FIXED_TIME, layer],
    )
    element = layer_metadata(title=title, abstract=abstract, language=language)
    text = ET.tostring(element, encoding="unicode")
    iso = iso_metadata.record(connection, layer, title=title, abstract=abstract, language=language)
    for standard, said in ((_QGIS_METADATA, text), (iso_metadata.URI, iso)):
        made = connection.execute(
            "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata)"
            " VALUES ('dataset', ?, 'text/xml', ?)",
            [standard, said],
        ).lastrowid
        connection.execute(
            "INSERT INTO gpkg_metadata_reference"
            " (reference_scope, table_name, timestamp, md_file_id) VALUES ('table', ?, ?, ?)",
            [layer, FIXED_TIME, made],
        )
