"""How a column is entered: its widget, what it must hold, what it begins with, what a split does.

A number keeps every decimal it has: QGIS's boxes with a fixed number of decimals write the rounded
value back when a form is saved, so they stand only where nothing can be edited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import RECORDED, TABLES, Column, Kind, Unit, contract, value_words
from kcngeo.core.schema.stored import MEASURES
from kcngeo.qgis import expressions
from kcngeo.qgis.relations import Relation, named_table
from kcngeo.standards import fill_definitions

ORDER = "kcngeo_order"
"""The column by which a database keeps the order of rows; nobody edits it."""

BOOKKEEPING = ("fid", "row_id", *(one.name for one in RECORDED), ORDER)
"""Columns that programs keep; nobody enters them."""

# What tells one lot from another, or was measured of the whole: no half of it may say the same.
_OF_ONE_LOT = ("lot_code", "cadastral_no", "certificate_no", "certificate_area_m2", "parents")
# Text people tend to repeat: what stands elsewhere in the column is offered.
_REPEATED = (
    *("phase", "land_use_code", "province", "commune_code", "sector", "hazard_class"),
    *("currency", "capacity_unit", "source"),
)
# What QGIS writes for "no value" in a list.
_NO_VALUE = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
_LISTED = 200
_MOST = 1e15
_INTERVAL = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How a column of a layer is entered.

    Attributes
    ----------
    name
        The column.
    alias
        What people call it.
    widget
        QGIS's name of its widget; empty for its own choice.
    options
        Settings of the widget.
    required
        Whether it must be filled in.
    rule
        What must hold, as an expression; empty for nothing.
    rule_words
        What is said where it does not.
    default
        What it begins with, as an expression; empty for nothing.
    kept
        Whether both halves of a split row, and a copy of it, keep the value.
    """

    name: str
    alias: str
    widget: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    rule: str = ""
    rule_words: str = ""
    default: str = ""
    kept: bool = True

    @property
    def is_hidden(self) -> bool:
        """Whether nobody sees it."""
        return self.widget == "Hidden"


def table_fields(
    table: str,
    frame: pd.DataFrame,
    relations: Mapping[str, Relation],
    *,
    zones: str = "",
    language: str,
) -> list[Field]:
    """Say how the columns of a table of the project are entered.

    ``relations`` are those the table's rows name others by, by column; ``zones`` is the layer of
    the zones in the same project, of which a new lot takes the chosen one.
    """
    shapes = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    # A name that XML cannot hold is left to QGIS.
    names = [
        one for one in map(str, frame.columns) if one != shapes and expressions.writable(one) == one
    ]
    found = []
    for name in dict.fromkeys(("fid", *names, *BOOKKEEPING[1:])):
        alias = expressions.plain(theme.column(name, language=language, layer=table))
        column = TABLES[table].column(name)
        if name in BOOKKEEPING:
            found.append(Field(name=name, alias=alias, widget="Hidden", kept=name == "fid"))
        elif column is None:
            # A column of the user's own is entered as QGIS sees fit.
            found.append(Field(name=name, alias=alias))
        else:
            relation = relations.get(name)
            widget, options = (
                _reference(relation, column)
                if relation is not None
                else _widget(column, table, frame[name], language)
            )
            rule, words = _rule(column, set(names), language)
            found.append(
                Field(
                    name=name,
                    alias=alias,
                    widget=widget,
                    options=options,
                    required=column.required,
                    rule=rule,
                    rule_words=words,
                    default=_default(table, name, zones),
                    kept=not _is_of_one_row(table, name),
                )
            )
    return found


def computed_fields(layer: str, frame: pd.DataFrame, *, language: str) -> list[Field]:
    """Say how the columns of a computed layer are shown: numbers with the decimals people read."""
    found = [Field(name="fid", alias="fid", widget="Hidden")]
    known = contract(layer)
    for name in map(str, frame.columns):
        column = None if known is None else known.column(name)
        if column is not None and column.unit in (Unit.HA, Unit.M2, Unit.M):
            alias = expressions.plain(theme.column(name, language=language, layer=layer))
            shown = {
                "Precision": expressions.decimals(column),
                "AllowNull": True,
                "Style": "SpinBox",
            }
            found.append(Field(name=name, alias=alias, widget="Range", options=shown))
    return found


def _is_of_one_row(table: str, name: str) -> bool:
    """Tell whether a value is one row's alone: a key, or what was written of the whole lot."""
    if name in _OF_ONE_LOT:
        return True
    is_own = name == TABLES[table].key[0] and named_table(table, name) is None
    return name == "entry_id" or (is_own and name.endswith("_id"))


def _widget(
    column: Column, table: str, values: pd.Series, language: str
) -> tuple[str, dict[str, Any]]:
    """Choose the widget of a column and its settings."""
    # What is measured has words for all that is anywhere: no list of what may stand in a table.
    if column.choices or column.named == "definitions" or column.words not in ((), MEASURES):
        return "ValueMap", {"map": _listed(column, table, values, language)}
    if column.kind is Kind.FLAG:
        return "CheckBox", {"AllowNullState": True}
    if column.unit_in and column.decimals == 0 and (values.dropna() % 1 == 0).all():
        # Without it QGIS writes 61 billion with five decimals.
        return "Range", {"Precision": 0, "AllowNull": True, "Min": 0, "Max": _MOST, "Step": 1}
    if column.kind in (Kind.DATE, Kind.MOMENT):
        shown = {"display_format": expressions.DAYS[language], "field_format": "yyyy-MM-dd"}
        return "DateTime", {**shown, "calendar_popup": True, "allow_null": not column.required}
    if column.name in _REPEATED or column.words:
        return "UniqueValues", {"Editable": True}
    return "TextEdit", {"IsMultiline": False, "UseHtml": False}


def _listed(column: Column, table: str, values: pd.Series, language: str) -> dict[str, str]:
    """Give the words of a list with the values behind them; what is in no list stands as it is."""
    known: dict[str, str] = {}
    if column.choices:
        known = {
            one: value_words(column, one, table=table, language=language) for one in column.choices
        }
    elif column.named == "definitions":
        known = {one.name: f"{one.title[language]} ({one.name})" for one in fill_definitions()}
    else:
        for key, words in theme.table().items():
            group, _, value = key.rpartition(".")
            if group in column.words:
                known.setdefault(value, words[language])
    present = sorted(set(values.dropna().astype(str)) - set(known))[:_LISTED]
    known |= {one: one for one in present}
    told: dict[str, str] = {}
    if not column.required:
        told[theme.text("qgis.no_value", language=language)] = _NO_VALUE
    for value, said in known.items():
        shown = expressions.plain(said)
        told[shown if shown not in told else f"{shown} ({expressions.plain(value)})"] = value
    return told


def _reference(relation: Relation, column: Column) -> tuple[str, dict[str, Any]]:
    """Let a row of another layer be chosen by name, by typing, or on the map."""
    options: dict[str, Any] = {
        "Relation": relation.id,
        "ReferencedLayerId": relation.parent,
        "AllowNULL": not column.required,
        "OrderByValue": True,
        "ShowForm": False,
        "ShowOpenFormButton": True,
        "AllowAddFeatures": relation.parent_table in ("projects", "documents"),
        "MapIdentification": relation.parent_table in ("zones", "parcels"),
        "FetchLimitActive": True,
        "FetchLimitNumber": 100,
    }
    if relation.parent_table == "parcels":
        # First the zone, then its lots.
        options |= {"FilterFields": ["zone_id"], "ChainFilters": False}
    return "RelationReference", options


def _rule(column: Column, present: set[str], language: str) -> tuple[str, str]:
    """Say what the contract of the tables asks of a value."""
    name = expressions.field(column.name)
    if column.name == _INTERVAL[1] and _INTERVAL[0] in present:
        first = expressions.field(_INTERVAL[0])
        said = theme.text("qgis.rule_interval", language=language)
        return f"{name} IS NULL OR {first} IS NULL OR {name} > {first}", said
    if column.kind in (Kind.NUMBER, Kind.COUNT):
        sign, words = (">", "positive") if column.positive else (">=", "not_negative")
        return f"{name} IS NULL OR {name} {sign} 0", theme.text(
            f"qgis.rule_{words}", language=language
        )
    return "", ""


def _default(table: str, name: str, zones: str) -> str:
    """Say what a new row begins with: an entry today, a lot in the zone that is chosen."""
    if (table, name) == ("ledger", "valid_from"):
        return "to_date(now())"
    if (table, name) == ("parcels", "zone_id") and zones:
        layer, zone = expressions.quoted(zones), expressions.field("zone_id")
        chosen = f"aggregate({layer}, 'array_agg', {zone}, is_selected({layer}, @feature))"
        around = f"overlay_within({layer}, {zone})"
        # One that is selected, else the one fence it is drawn in; of several, none.
        return (
            f"with_variable('chosen', {chosen}, with_variable('found', array_distinct("
            f"if(array_length(@chosen) > 0, @chosen, {around})), "
            "if(array_length(@found) = 1, @found[0], NULL)))"
        )
    return ""
