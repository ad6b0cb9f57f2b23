"""Which layers of QGIS are tables of a package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsProject, QgsProviderRegistry, QgsVectorLayer

# A package is a GeoPackage with these; its other tables are found by their names too.
NEEDED = ("parcels", "ledger")


class NoPackageError(Exception):
    """None of the open layers is a table of a package, or those of several are."""

    def __init__(self, key: str, **fields: Any) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields


@dataclass(frozen=True)
class Package:
    """A GeoPackage whose tables are open as layers."""

    path: Path
    layers: dict[str, QgsVectorLayer]

    def edited(self) -> list[QgsVectorLayer]:
        """List the layers with edits that are not saved."""
        return [layer for layer in self.layers.values() if layer.isModified()]


def packages(project: QgsProject) -> list[Package]:
    """Find the packages that are open."""
    found: dict[Path, dict[str, QgsVectorLayer]] = {}
    for layer in project.mapLayers().values():
        place = place_of(layer)
        if place is not None:
            path, table = place
            # The same table twice is the same rows; the first that is being edited counts.
            held = found.setdefault(path, {})
            if table not in held or (layer.isEditable() and not held[table].isEditable()):
                held[table] = layer
    return [Package(path, held) for path, held in found.items() if set(NEEDED) <= set(held)]


def place_of(layer: Any) -> tuple[Path, str] | None:
    """Tell which table of which GeoPackage a layer is."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr":
        return None
    if not layer.isValid() or layer.subsetString():
        return None
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    path, table = parts.get("path") or "", parts.get("layerName") or ""
    if not path.lower().endswith(".gpkg") or not table:
        return None
    return Path(path).resolve(), table


def the_package(project: QgsProject) -> Package:
    """Give the one package that is open."""
    found = packages(project)
    if not found:
        raise NoPackageError("no_package")
    if len(found) > 1:
        raise NoPackageError("several_packages", names=", ".join(str(one.path) for one in found))
    return found[0]
