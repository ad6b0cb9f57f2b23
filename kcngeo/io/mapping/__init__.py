"""Other people's columns as tables of a project: proposed by looking, kept in a small file."""

from kcngeo.io.mapping.applied import Mapped, mapped
from kcngeo.io.mapping.files import read_mapping, write_mapping
from kcngeo.io.mapping.proposal import ColumnMapping, propose_mapping

__all__ = [
    "ColumnMapping",
    "Mapped",
    "mapped",
    "propose_mapping",
    "read_mapping",
    "write_mapping",
]
