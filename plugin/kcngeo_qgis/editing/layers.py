"""Rows of layers as plain values, and a plan written to layers as one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from qgis.core import (
    NULL,
    QgsFeature,
    QgsGeometry,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QVariant

from kcngeo_qgis.editing.plan import FID, Plan, Row
from kcngeo_qgis.editing.undo import LINKS
from kcngeo_qgis.live.package import Package
from kcngeo_qgis.live.stored import stored_rows


class NotWrittenError(Exception):
    """A layer took no edits; what was begun is undone."""


def rows(package: Package, table: str) -> list[Row]:
    """Give all rows of a table as it is edited now, also those that no layer shows."""
    layers = sorted(package.layers[table], key=lambda one: not one.isModified())
    gone = {
        fid for one in layers if one.isEditable() for fid in one.editBuffer().deletedFeatureIds()
    }
    names = [field.name() for field in layers[0].fields()]
    found: dict[Any, Row] = {}
    for layer in layers:
        for feature in layer.getFeatures():
            fid = feature.id()
            # A new row has a number of its own in each layer.
            key = fid if fid >= 0 else (layer.id(), fid)
            if fid not in gone and key not in found:
                found[key] = {
                    **dict(zip(names, map(_plain, feature.attributes()))),
                    FID: (layer.id(), fid),
                }
    # What no layer shows is known all the same, and cannot be changed: its ids are taken.
    for fid, row in stored_rows(package.path, table).items():
        if fid not in gone and fid not in found:
            found[fid] = {**{name: row.get(name) for name in names}, FID: None}
    return list(found.values())


def _plain(value: Any) -> Any:
    if value is None or value == NULL:
        return None
    if isinstance(value, (QDate, QDateTime)):
        return value.toString(Qt.DateFormat.ISODate)
    return value


def write(plan: Plan, package: Package, *, title: str, shapes: Sequence[QgsGeometry] = ()) -> None:
    """Write a plan as one step: one undo, of whichever layer, takes all of it back."""
    by_id = {layer.id(): layer for _, layer in package.every()}
    touched: dict[str, QgsVectorLayer] = {}
    for table, place, _ in plan.changes:
        if place is None:
            raise NotWrittenError(table)
        touched[place[0]] = by_id[place[0]]
    for table, _, _ in plan.added:
        main = package.main(table)
        touched[main.id()] = main
    for layer in touched.values():
        if not layer.isEditable() and not layer.startEditing():
            raise NotWrittenError(layer.name())
    with _step(touched, title):
        for _, (layer_id, fid), values in plan.changes:
            _change(touched[layer_id], fid, values)
        for table, values, place in plan.added:
            _add(package.main(table), values, None if place is None else shapes[place])
    for layer in touched.values():
        layer.triggerRepaint()


@contextmanager
def _step(touched: Mapping[str, QgsVectorLayer], title: str) -> Iterator[None]:
    """Let what is done within be one command of every layer, or of none."""
    with LINKS.making(list(touched.values()), title):
        for layer in touched.values():
            layer.beginEditCommand(title)
        try:
            yield
        except Exception:
            for layer in touched.values():
                layer.destroyEditCommand()
            raise
        for layer in touched.values():
            layer.endEditCommand()


def _change(layer: QgsVectorLayer, fid: int, values: Row) -> None:
    for name, value in values.items():
        place = layer.fields().indexOf(name)
        if place < 0 or not layer.changeAttributeValue(fid, place, _typed(layer, place, value)):
            raise NotWrittenError(f"{layer.name()}: {name}")


def _add(layer: QgsVectorLayer, values: Row, shape: QgsGeometry | None) -> None:
    absent = [
        name
        for name, value in values.items()
        if value is not None and layer.fields().indexOf(name) < 0
    ]
    if absent:
        # A parent or a document that is not written would be lost without a word.
        raise NotWrittenError(f"{layer.name()}: {', '.join(absent)}")
    feature = QgsFeature(layer.fields())
    keys = layer.primaryKeyAttributes()
    for place, field in enumerate(layer.fields()):
        if place in keys:
            feature.setAttribute(place, layer.dataProvider().defaultValueClause(place) or NULL)
        else:
            feature.setAttribute(place, _typed(layer, place, values.get(field.name())))
    if shape is not None:
        feature.setGeometry(shape)
        fitting = QgsVectorLayerUtils.makeFeatureCompatible(feature, layer)
        if len(fitting) != 1:
            raise NotWrittenError(layer.name())
        feature = fitting[0]
    if not layer.addFeature(feature):
        raise NotWrittenError(layer.name())


def _typed(layer: QgsVectorLayer, place: int, value: Any) -> Any:
    if value is None:
        return NULL
    if layer.fields()[place].type() == QVariant.Date:
        return QDate.fromString(value, Qt.DateFormat.ISODate)
    return value
