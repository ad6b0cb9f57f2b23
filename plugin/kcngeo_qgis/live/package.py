"""Which layers of QGIS are tables of a package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsFeatureRequest, QgsProject, QgsProviderRegistry, QgsVectorLayer

# A package is a GeoPackage with these; its other tables are found by their names too.
NEEDED = ("parcels", "ledger")


class NoPackageError(Exception):
    """None of the open layers is a table of a package, or those of several are."""

    def __init__(self, key: str, **fields: Any) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields


@dataclass(frozen=True)
class Package:
    """A GeoPackage whose tables are open as layers; one table may be several, each of some rows."""

    path: Path
    layers: dict[str, list[QgsVectorLayer]]

    def main(self, table: str) -> QgsVectorLayer:
        """Give the layer of a table that new rows are added to, the first."""
        return self.layers[table][0]

    def every(self) -> Iterator[tuple[str, QgsVectorLayer]]:
        """Give all layers, with the table each is of."""
        return ((table, one) for table, held in self.layers.items() for one in held)

    def edited(self) -> list[QgsVectorLayer]:
        """List the layers with edits that are not saved."""
        return [layer for _, layer in self.every() if layer.isModified()]


def packages(project: QgsProject) -> list[Package]:
    """Find the packages that are open."""
    found: dict[Path, dict[str, list[QgsVectorLayer]]] = {}
    for layer in project.mapLayers().values():
        place = place_of(layer)
        if place is not None:
            found.setdefault(place[0], {}).setdefault(place[1], []).append(layer)
    return [
        Package(path, {table: sorted(layers, key=_lateness) for table, layers in held.items()})
        for path, held in found.items()
        if set(NEEDED) <= set(held)
    ]


def place_of(layer: Any) -> tuple[Path, str] | None:
    """Tell which table of which GeoPackage a layer is."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr":
        return None
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    path, table = parts.get("path") or "", parts.get("layerName") or ""
    if not (layer.isValid() and path.lower().endswith(".gpkg") and table):
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


def _lateness(layer: QgsVectorLayer) -> tuple[int, str]:
    """Order the layers of a table: all of it, then what holds today, then what has ended."""
    if not layer.subsetString():
        return (0, layer.id())
    if layer.fields().indexOf("valid_to") < 0:
        return (1, layer.id())
    request = QgsFeatureRequest().setFilterExpression('"valid_to" IS NULL').setLimit(1)
    has_open = any(True for _ in layer.getFeatures(request))
    return (1 if has_open else 2, layer.id())
