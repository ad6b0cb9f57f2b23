"""Other people's columns as tables of a project: proposed by looking, kept in a small file."""

from kcngeo.io.mapping.apply import Mapped, mapped
from kcngeo.io.mapping.land_use_table import read_land_use_table, write_land_use_table
from kcngeo.io.mapping.propose import ColumnMapping, propose_mapping
from kcngeo.io.mapping.toml import read_mapping, write_mapping

__all__ = [
    "ColumnMapping",
    "Mapped",
    "mapped",
    "propose_mapping",
    "read_land_use_table",
    "read_mapping",
    "write_land_use_table",
    "write_mapping",
]
