"""Which rows belong to which: lot and entries, entry and project, zone and lots, in words."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING

import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import TABLES
from kcngeo.ledger import lot_numbers
from kcngeo.qgis.expressions import field, quoted

if TYPE_CHECKING:
    from kcngeo.qgis.project_model import Entry

_IDS = {
    "zone_id": "zones",
    "parcel_id": "parcels",
    "project_id": "projects",
    "receptor_id": "receptors",
    "document": "documents",
}
"""By column of ids the table whose rows it names."""

_KEYS = {"documents": "document_id"}
# What a person calls a row by; the id stands beside it, for names are not always one's own.
_NAMES = {
    "zones": "name",
    "parcels": "lot_code",
    "projects": "investor",
    "receptors": "name",
    "documents": "number",
}


# All of an id before the last of its parts, leading zeros with it.
_BEFORE_END, _END = r"^.*?0*([^\W_]+)$", r"\1"
# Codes of lots that an expression lists: QGIS goes through them for every lot it draws.
_MOST_SHARED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One row of a layer has rows of another.

    Attributes
    ----------
    child
        Id of the layer whose rows name the other's.
    column
        The column that names them.
    parent
        Id of the layer that is named.
    key
        The column its rows are named by.
    table
        Table of the child.
    parent_table
        Table of the parent.
    title
        What the child's rows are called.
    is_of_past
        Whether the child's rows are versions that have ended.
    """

    child: str
    column: str
    parent: str
    key: str
    table: str
    parent_table: str
    title: str
    is_of_past: bool = False

    @property
    def id(self) -> str:
        """Name the relation within the project."""
        return f"{self.child}_{self.column}"


def named_table(table: str, column: str) -> str | None:
    """Tell whose rows a column of ids names: None for a table's own id.

    Examples
    --------
    >>> named_table("ledger", "project_id"), named_table("projects", "project_id")
    ('projects', None)
    """
    found = _IDS.get(column)
    return None if found == table else found


def key_of(table: str) -> str:
    """Give the column a table's rows are named by."""
    return _KEYS.get(table, TABLES[table].key[0])


def relations_of(entries: Sequence[Entry]) -> list[Relation]:
    """List what belongs to what among the layers of a project that are edited."""
    stored = [one for one in entries if not one.layer.is_computed and not one.is_past]
    frames = {one.layer.name: one.layer.frame for one in stored}
    # Where a table has several kinds of shapes, its areas are what others name.
    homes: dict[str, Entry] = {}
    for one in sorted(stored, key=lambda one: one.shape != "polygon"):
        homes.setdefault(one.layer.name, one)
    found = []
    for child in (one for one in entries if not one.layer.is_computed):
        for column in child.layer.frame.columns:
            parent = named_table(child.layer.name, str(column))
            if parent not in homes or parent not in TABLES:
                continue
            if not _names_ids(child.layer.frame[column], frames[parent], key_of(parent)):
                continue
            found.append(
                Relation(
                    child=child.id,
                    column=str(column),
                    parent=homes[parent].id,
                    key=key_of(parent),
                    table=child.layer.name,
                    parent_table=parent,
                    title=child.title.partition(":")[0],
                    is_of_past=child.is_past,
                )
            )
    # What a lot is let to comes before what stands on it.
    first = ("ledger", "parcels")
    return sorted(found, key=lambda one: (one.table not in first, one.table in first[1:]))


def _names_ids(column: pd.Series, parents: pd.DataFrame, key: str) -> bool:
    """Tell whether a column holds ids: a document may also be written out, and is then text."""
    if str(column.name) in parents.columns:
        return True
    return bool(column.dropna().isin(parents[key]).all())


def row_name(table: str, frame: pd.DataFrame) -> str:
    """Say in an expression what a person calls a row of a table: "CN1-1 · LS-CN01-01"."""
    key = field(key_of(table))
    if table == "ledger":
        return _entry_name([str(one) for one in frame.columns])
    if _NAMES.get(table) not in frame.columns:
        return key
    name = _coded_number(frame) if table == "parcels" else field(_NAMES[table])
    # Without a name of its own, a row is called by its id alone.
    return f"coalesce({name} || ' · ', '') || {key}"


def _entry_name(columns: Sequence[str]) -> str:
    parts = [f"represent_value({field('status')})", field("parcel_id")]
    parts += [f"format_date({field('valid_from')}, 'yyyy-MM-dd')"]
    return " || ' · ' || ".join(parts if "valid_from" in columns else parts[:2])


def lot_number(lots: pd.DataFrame) -> str:
    """Say in an expression what a lot is called on a map; by its id where it has no code."""
    number = field("parcel_id")
    return f"coalesce({_coded_number(lots)}, {number})" if "lot_code" in lots.columns else number


def _coded_number(lots: pd.DataFrame) -> str:
    """Say in an expression the number of a lot that has a code, one drawn later among them.

    It is the code; where lots of the zone share it, with the last part of the id, as
    :func:`kcngeo.ledger.lot_numbers` has it. It is the id where that does not tell lots apart, or
    too many codes are shared to be listed.
    """
    coded = lots[lots["lot_code"].notna()]
    codes, ids = coded["lot_code"].astype("str"), coded["parcel_id"].astype("str")
    numbers = lot_numbers(lots)[lots["lot_code"].notna()]
    places = coded["zone_id"].astype("str") + " " + codes
    is_shared = places.isin(places[numbers != codes])
    ends = codes + "-" + ids.str.replace(_BEFORE_END, _END, regex=True)
    # Text of data stands in no expression, however it is quoted: its digests do.
    shared = sorted(
        {
            md5(one.encode(errors="replace"), usedforsecurity=False).hexdigest()
            for one in set(places[is_shared])
        }
    )
    if (codes.where(~is_shared, ends) != numbers).any() or len(shared) > _MOST_SHARED:
        return field("parcel_id")
    code = field("lot_code")
    if not shared:
        return code
    end = f"regexp_replace({field('parcel_id')}, {quoted(_BEFORE_END)}, {quoted(_END)})"
    listed = ", ".join(map(quoted, shared))
    where = f"md5({field('zone_id')} || ' ' || {code}) IN ({listed})"
    return f"CASE WHEN {where} THEN {code} || '-' || {end} ELSE {code} END"


def relation_elements(relations: Sequence[Relation], *, language: str) -> ET.Element:
    """Write relations as a project of QGIS keeps them."""
    root = ET.Element("relations")
    for one in relations:
        name = f"{theme.table_title(one.table, language=language)}: "
        name += theme.column(one.column, language=language, layer=one.table)
        said = {"id": one.id, "name": name, "strength": "Association"}
        layers = {"referencingLayer": one.child, "referencedLayer": one.parent}
        relation = ET.SubElement(root, "relation", {**said, **layers})
        pair = {"referencingField": one.column, "referencedField": one.key}
        ET.SubElement(relation, "fieldRef", pair)
    return root
