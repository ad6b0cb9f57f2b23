"""Land use and fill rates of industrial zones.

``import kcngeo as kcn`` shows `Project`, `Snapshot` and the rooms of the house as modules, each
loaded when it is first asked for, so that the import loads nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kcngeo import (
        cartography,
        cluster,
        examples,
        figures,
        fill,
        io,
        ledger,
        maps,
        products,
        publish,
        qgis,
        report,
        standards,
        theme,
        update,
    )
    from kcngeo.analysis import (
        absorption,
        balance,
        change,
        claims,
        conflicts,
        developable,
        forecast,
        imagery,
        progress,
        quality,
        sites,
        targets,
    )
    from kcngeo.core import crs, errors, geometry, schema, validation
    from kcngeo.ledger.project import Project
    from kcngeo.ledger.snapshot import Snapshot

__version__ = "0.1.0"

_ROOMS = {
    "absorption": "kcngeo.analysis.absorption",
    "balance": "kcngeo.analysis.balance",
    "cartography": "kcngeo.cartography",
    "change": "kcngeo.analysis.change",
    "claims": "kcngeo.analysis.claims",
    "cluster": "kcngeo.cluster",
    "conflicts": "kcngeo.analysis.conflicts",
    "crs": "kcngeo.core.crs",
    "developable": "kcngeo.analysis.developable",
    "errors": "kcngeo.core.errors",
    "examples": "kcngeo.examples",
    "figures": "kcngeo.figures",
    "fill": "kcngeo.fill",
    "forecast": "kcngeo.analysis.forecast",
    "geometry": "kcngeo.core.geometry",
    "imagery": "kcngeo.analysis.imagery",
    "io": "kcngeo.io",
    "ledger": "kcngeo.ledger",
    "maps": "kcngeo.maps",
    "products": "kcngeo.products",
    "progress": "kcngeo.analysis.progress",
    "publish": "kcngeo.publish",
    "qgis": "kcngeo.qgis",
    "quality": "kcngeo.analysis.quality",
    "report": "kcngeo.report",
    "schema": "kcngeo.core.schema",
    "sites": "kcngeo.analysis.sites",
    "standards": "kcngeo.standards",
    "targets": "kcngeo.analysis.targets",
    "theme": "kcngeo.theme",
    "update": "kcngeo.update",
    "validation": "kcngeo.core.validation",
}

__all__ = [
    "Project",
    "Snapshot",
    "absorption",
    "balance",
    "cartography",
    "change",
    "claims",
    "cluster",
    "conflicts",
    "crs",
    "developable",
    "errors",
    "examples",
    "figures",
    "fill",
    "forecast",
    "geometry",
    "imagery",
    "io",
    "ledger",
    "maps",
    "products",
    "progress",
    "publish",
    "qgis",
    "quality",
    "report",
    "schema",
    "sites",
    "standards",
    "targets",
    "theme",
    "update",
    "validation",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(_ROOMS[name])
    if name in ("Project", "Snapshot"):
        return getattr(importlib.import_module(f"kcngeo.ledger.{name.lower()}"), name)
    raise AttributeError(f"module 'kcngeo' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
