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


class NotWrittenError(Exception):
    """A layer took no edits; what was begun is undone."""


def rows(layer: QgsVectorLayer) -> list[Row]:
    """Give the rows of a layer as it is edited now."""
    names = [field.name() for field in layer.fields()]
    return [
        {FID: one.id(), **dict(zip(names, map(_plain, one.attributes())))}
        for one in layer.getFeatures()
    ]


def _plain(value: Any) -> Any:
    if value is None or value == NULL:
        return None
    if isinstance(value, (QDate, QDateTime)):
        return value.toString(Qt.DateFormat.ISODate)
    return value


def write(
    plan: Plan,
    layers: Mapping[str, QgsVectorLayer],
    *,
    title: str,
    shapes: Sequence[QgsGeometry] = (),
) -> None:
    """Write a plan as one step: one undo, of whichever layer, takes all of it back."""
    touched = {name: layers[name] for name in plan.tables()}
    for layer in touched.values():
        if not layer.isEditable() and not layer.startEditing():
            raise NotWrittenError(layer.name())
    with _step(touched, title):
        for table, fid, values in plan.changes:
            _change(touched[table], fid, values)
        for table, values, place in plan.added:
            _add(touched[table], values, None if place is None else shapes[place])
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
