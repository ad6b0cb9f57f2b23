"""Whose legal figures an output follows: named in every table and layer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any, TypeVar

import pandas as pd

from kcngeo.standards import SHIPPED, Registry

_Table = TypeVar("_Table", bound=pd.DataFrame)


def registry_name(registry: Registry) -> str:
    """Name a registry.

    Examples
    --------
    >>> from kcngeo import standards
    >>> registry_name(standards.registry())
    'kcngeo'
    """
    own = [one for one in registry.entries.values() if one.origin != SHIPPED]
    if not own:
        return SHIPPED
    return f"{SHIPPED} + {own[0].origin} ({', '.join(one.name for one in own)})"


def with_registry(table: _Table, registry: Registry) -> _Table:
    """Add the column ``registry`` to a table or layer, before its geometry.

    Examples
    --------
    >>> from kcngeo import standards
    >>> with_registry(pd.DataFrame({"rule": ["belt"]}), standards.registry()).to_numpy().tolist()
    [['belt', 'kcngeo']]
    """
    told = table.assign(registry=pd.array([registry_name(registry)] * len(table), dtype="str"))
    shape = ["geometry"] if "geometry" in told.columns else []
    return told[[name for name in told.columns if name != "geometry"] + shape]


def registry_entry(registry: Registry) -> dict[str, Any]:
    """Say for a manifest what a registry has beside the entries of the library.

    Examples
    --------
    >>> from kcngeo import standards
    >>> registry_entry(standards.registry())["file"] is None
    True
    """
    own = [one for one in registry.entries.values() if one.origin != SHIPPED]
    text = json.dumps([asdict(one) for one in own], sort_keys=True, default=str)
    return {
        "file": own[0].origin if own else None,
        "sha256": hashlib.sha256(text.encode()).hexdigest() if own else None,
        "overridden": [one.name for one in own if one.overrides],
        "added": [one.name for one in own if not one.overrides],
    }
