"""A copy of the open package as it is now, with what is edited and not yet saved."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from qgis.core import QgsFeature, QgsVectorLayer

from kcngeo_qgis.live.package import Package
from kcngeo_qgis.live.stored import reading


class NotCopiedError(Exception):
    """What is being edited could not be written to the copy."""


def copied(package: Package, folder: Path) -> Path:
    """Copy a package into a folder, under its own name, as the layers are now."""
    target = folder / package.path.name
    with reading(package.path) as here, closing(sqlite3.connect(target)) as to:
        here.backup(to)
    for table, layer in package.every():
        if layer.isModified():
            _replay(layer, f"{target}|layername={table}")
    return target


def _replay(layer: QgsVectorLayer, source: str) -> None:
    """Do to the copy of a table what was done to it and is not saved; rows keep their numbers."""
    if layer.dataProvider().transaction() is not None:
        # Such edits are in nobody's buffer, and nobody else sees them before they are saved.
        raise NotCopiedError(layer.name())
    copy = QgsVectorLayer(source, "copy", "ogr")
    edits = layer.editBuffer()
    if not copy.isValid() or not copy.startEditing():
        raise NotCopiedError(source)
    copy.deleteFeatures(edits.deletedFeatureIds())
    for fid, values in edits.changedAttributeValues().items():
        copy.changeAttributeValues(fid, dict(values))
    for fid, shape in edits.changedGeometries().items():
        copy.changeGeometry(fid, shape)
    for feature in edits.addedFeatures().values():
        fresh = QgsFeature(feature)
        for place in copy.primaryKeyAttributes():
            fresh.setAttribute(place, None)
        copy.addFeature(fresh)
    if not copy.commitChanges():
        raise NotCopiedError("; ".join(copy.commitErrors()))
