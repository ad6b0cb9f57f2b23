"""Tables and columns: the one home of how a column is shown and treated.

:data:`TABLES` are the tables a project stores, :data:`COMPUTED` those that are computed from them
and written: :mod:`kcngeo.core.validation` checks the former, the stores write and read by them;
what people and programs are handed of either follows from the contracts. A new column is one line
here and its words in the table of texts.
"""

from kcngeo.core.schema.column import Column, Kind, Table, Unit
from kcngeo.core.schema.computed import COMPUTED, LAYERS, contract
from kcngeo.core.schema.page import tables_page
from kcngeo.core.schema.stored import (
    BASES,
    DECLARED_PARTS,
    EDITIONS,
    ENTERED,
    GEOMETRY_SOURCES,
    MOMENTS,
    OFFER,
    RECORDED,
    TABLES,
)
from kcngeo.core.schema.words import (
    Names,
    cell,
    empty,
    heading,
    in_contract,
    is_told,
    people_are_told,
    told_heading,
    value_words,
)

__all__ = [
    "BASES",
    "COMPUTED",
    "DECLARED_PARTS",
    "EDITIONS",
    "ENTERED",
    "GEOMETRY_SOURCES",
    "LAYERS",
    "MOMENTS",
    "OFFER",
    "RECORDED",
    "TABLES",
    "Column",
    "Kind",
    "Names",
    "Table",
    "Unit",
    "cell",
    "contract",
    "empty",
    "heading",
    "in_contract",
    "is_told",
    "people_are_told",
    "tables_page",
    "told_heading",
    "value_words",
]
