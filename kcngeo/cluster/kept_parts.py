"""What a group of zones laid down on the disk: whole or not there, and read as data alone."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype

from kcngeo.core import atomic

_FACTS, _SEAL = "facts", "seal"
# What frames, arrays and shapes are made of when they are read. Nothing else is looked up but what
# kcngeo describes data by, so that a file somebody put there cannot do anything.
_PARTS = {
    "builtins": ("slice", "set", "frozenset"),
    "datetime": ("date", "datetime", "timedelta", "timezone"),
    "geopandas.array": ("GeometryArray",),
    "geopandas.geodataframe": ("GeoDataFrame",),
    "numpy": ("dtype", "ndarray"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.numeric": ("_frombuffer",),
    "pandas": ("DataFrame", "Series"),
    "pandas._libs.arrays": ("__pyx_unpickle_NDArrayBacked",),
    "pandas._libs.internals": ("_unpickle_block",),
    "pandas._libs.tslibs.nattype": ("_nat_unpickle",),
    "pandas._libs.missing": ("C_NAType", "NAType"),
    "pandas._libs.tslibs.offsets": ("MonthEnd",),
    "pandas._libs.tslibs.timestamps": ("_unpickle_timestamp",),
    "pandas.core.indexes.base": ("_new_Index",),
    "pandas.core.indexes.datetimes": ("_new_DatetimeIndex",),
    "pandas.core.internals.managers": ("BlockManager", "SingleBlockManager"),
    "pyarrow.lib": ("_restore_array", "py_buffer", "type_for_alias"),
    "pyproj.crs.crs": ("CRS",),
    "zoneinfo": ("ZoneInfo",),
}
_KINDS = (Enum, pd.Index, ExtensionArray, ExtensionDtype)


def _of_zone(kind: Any, name: str) -> Any:
    """Give what a time zone is read by, which Python asks of its class by name."""
    if kind is ZoneInfo and name == "_unpickle":
        return getattr(kind, name)
    raise pickle.UnpicklingError(f"{name} of {kind} is no data")


@dataclass(slots=True)
class Begun:
    """A part that is being laid down.

    Attributes
    ----------
    folder
        Where its files go.
    facts
        What is to be known of it.
    """

    folder: Path
    facts: Any = None


@contextmanager
def keep_part(place: Path) -> Iterator[Begun]:
    """Lay a part down: it is there whole, or not at all."""
    # What is there already was damaged, or it would have been read.
    with atomic.folder(place, is_ours=lambda name: True) as folder:
        begun = Begun(folder)
        yield begun
        data = pickle.dumps(begun.facts, protocol=5)
        # What would not be read is not laid down.
        _Data(io.BytesIO(data)).load()
        (folder / _FACTS).write_bytes(data)
        (folder / _SEAL).write_text(_seal(folder), encoding="ascii")


def kept_part(place: Path) -> Any:
    """Read what is to be known of a part; None if it is not there, or damaged."""
    try:
        if (place / _SEAL).read_text("ascii") != _seal(place):
            return None
        return _Data(io.BytesIO((place / _FACTS).read_bytes())).load()
    except (OSError, ValueError, pickle.UnpicklingError, AttributeError, ImportError, EOFError):
        return None


def _seal(folder: Path) -> str:
    """Hash the files of a part."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.name != _SEAL:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{path.name} {digest}\n".encode())
    return whole.hexdigest()


class _Data(pickle.Unpickler):
    """Reads data, and refuses whatever could do more than make data."""

    def find_class(self, module: str, name: str) -> Any:
        """Look up what data is made of."""
        if (module, name) == ("builtins", "getattr"):
            return _of_zone
        if name in _PARTS.get(module, ()):
            return super().find_class(module, name)
        if module.startswith("kcngeo.") or module in ("pandas", "pandas.arrays"):
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, _KINDS)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no data")
