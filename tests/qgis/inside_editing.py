"""Tasks of `inside.py` that edit: forms, splits, new rows, and what is evaluated of texts.

Runs in the Python of QGIS, not of the tests; nothing of kcngeo can be imported here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

WAIT_S = 0.4


def opened(path: str) -> dict[str, Any]:
    """Open a project and give its layers by their ids."""
    from qgis.core import QgsProject

    held = QgsProject.instance()
    # To read a project takes longer than all that is asked of it.
    assert held.fileName() == path or held.read(path)
    return {layer.id(): layer for layer in held.mapLayers().values()}


def editing(path: str) -> dict[str, Any]:
    """Tell how a project is edited: relations, snapping, and how each column is entered."""
    from qgis.core import QgsProject

    layers = opened(path)
    held = QgsProject.instance()
    snapping = held.snappingConfig()
    relations = held.relationManager().relations()
    return {
        "topological": held.topologicalEditing(),
        "snapping": snapping.enabled(),
        "snapped": [
            layer.id() for layer, one in snapping.individualLayerSettings().items() if one.enabled()
        ],
        "relations": {
            name: [one.referencingLayerId(), one.referencedLayerId(), one.isValid()]
            for name, one in relations.items()
        },
        "layers": {name: entered(layer) for name, layer in layers.items()},
    }


def labels_of(layer: Any) -> Iterator[str]:
    """Give what is written on the features of a layer."""
    from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionContextUtils

    settings = layer.labeling().settings()
    name = settings.fieldName
    words = QgsExpression(name if settings.isExpression else f'"{name}"')
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    for feature in layer.getFeatures():
        context.setFeature(feature)
        yield str(words.evaluate(context))


def entered(layer: Any) -> dict[str, Any]:
    """Tell how the rows of a layer are entered."""
    from qgis.core import QgsFieldConstraints

    hard = QgsFieldConstraints.ConstraintStrengthHard
    kinds = {"required": QgsFieldConstraints.ConstraintNotNull}
    kinds["rule"] = QgsFieldConstraints.ConstraintExpression
    hidden = {one.name for one in layer.attributeTableConfig().columns() if one.hidden}
    told: dict[str, Any] = {
        "rows": layer.featureCount(),
        "display": layer.displayExpression(),
        "tip": layer.mapTipTemplate(),
        "tabs": [one.name() for one in layer.editFormConfig().tabs()],
        "scale": layer.minimumScale() if layer.hasScaleBasedVisibility() else None,
        "labels": sorted(labels_of(layer)) if layer.labelsEnabled() else [],
        "columns": {},
    }
    for place, field in enumerate(layer.fields()):
        strengths = field.constraints()
        told["columns"][field.name()] = {
            "alias": layer.attributeAlias(place),
            "widget": field.editorWidgetSetup().type(),
            "options": plain_options(field.editorWidgetSetup().config()),
            "hidden": field.name() in hidden,
            "split": field.splitPolicy().name,
            "copy": field.duplicatePolicy().name,
            "default": layer.defaultValueDefinition(place).expression(),
            **{
                name: strengths.constraintStrength(kind) == hard
                and bool(strengths.constraints() & kind)
                for name, kind in kinds.items()
            },
        }
    return told


def plain_options(options: dict[str, Any]) -> dict[str, Any]:
    """Give settings of a widget as JSON can hold them."""
    return {name: value for name, value in options.items() if isinstance(value, (str, int, list))}


def a_day_at_the_desk(path: str, lot: str, number: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Split a lot with the native tool, number the new half, add an entry by its defaults, save."""
    from qgis.core import (
        QgsGeometry,
        QgsLineString,
        QgsPoint,
        QgsProject,
        QgsVectorLayerUtils,
    )

    layers = opened(path)
    lots, ledger = layers["kcngeo_parcels_polygon"], layers["kcngeo_ledger_table"]
    assert lots.startEditing()
    assert ledger.startEditing()
    (before,) = lots.getFeatures(f"\"parcel_id\" = '{lot}'")
    known = set(lots.allFeatureIds())
    box = before.geometry().boundingBox()
    middle = box.center().x()
    lots.select(before.id())
    ends = (box.yMinimum() - 1, box.yMaximum() + 1)
    # As the tool of the window does.
    line = QgsLineString([QgsPoint(middle, y) for y in ends])
    topological = QgsProject.instance().topologicalEditing()
    result, _ = lots.splitFeatures(line, False, topological)
    (made,) = set(lots.allFeatureIds()) - known
    halves = [lots.getFeature(one) for one in (before.id(), made)]
    told = [
        {name: text_of(half[name]) for name in lots.fields().names()}
        | {"area": half.geometry().area()}
        for half in halves
    ]
    place = lots.fields().indexOf("parcel_id")
    wrong_before, _ = QgsVectorLayerUtils.validateAttribute(lots, halves[1], place), None
    lots.changeAttributeValue(made, place, number)
    valid = QgsVectorLayerUtils.validateAttribute(lots, lots.getFeature(made), place)
    new = QgsVectorLayerUtils.createFeature(ledger, QgsGeometry(), {})
    begun = {name: text_of(new[name]) for name in ledger.fields().names()}
    for name, value in entry.items():
        new[name] = value
    ledger.addFeature(new)
    saved = [layer.commitChanges() for layer in (lots, ledger)]
    return {
        "result": int(result),
        "halves": told,
        "valid": [bool(wrong_before[0]), bool(valid[0])],
        "begun": begun,
        "saved": saved,
        "errors": [*lots.commitErrors(), *ledger.commitErrors()],
    }


def text_of(value: Any) -> str | None:
    """Give a value as text; None where there is none."""
    if value is None or str(value) == "NULL":
        return None
    return value.toString("yyyy-MM-dd") if hasattr(value, "toString") else str(value)


def new_lot(path: str, near: str, chosen: list[list[str]]) -> list[str | None]:
    """Tell in which zone a new lot begins, drawn over another, with zones selected or none."""
    from qgis.core import QgsExpressionContext, QgsExpressionContextUtils, QgsVectorLayerUtils

    layers = opened(path)
    lots, zones = layers["kcngeo_parcels_polygon"], layers["kcngeo_zones_polygon"]
    (old,) = lots.getFeatures(f"\"parcel_id\" = '{near}'")
    told = []
    for ids in chosen:
        listed = ", ".join(f"'{one}'" for one in ids) or "''"
        zones.selectByExpression(f'"zone_id" IN ({listed})')
        scopes = QgsExpressionContextUtils.globalProjectLayerScopes(lots)
        context = QgsExpressionContext(scopes)
        made = QgsVectorLayerUtils.createFeature(lots, old.geometry(), {}, context)
        told.append({name: text_of(made[name]) for name in lots.fields().names()})
    return told


def saved_by_form(path: str, layer: str, where: str, change: dict[str, Any]) -> dict[str, Any]:
    """Open the form of a row, change some of it, save, and tell the row before and after."""
    from qgis.gui import QgsAttributeForm

    context = _editors()
    held = opened(path)[layer]
    held.startEditing()
    feature = next(held.getFeatures(where))
    names = held.fields().names()
    before = {name: text_of(feature[name]) for name in names}
    form = QgsAttributeForm(held, feature, context)
    _settle()
    for name, value in change.items():
        form.changeAttribute(name, value)
    saved = form.save()
    now = held.getFeature(feature.id())
    after = {name: text_of(now[name]) for name in names}
    held.rollBack()
    form.hide()
    form.deleteLater()
    _settle()
    return {"saved": saved, "before": before, "after": after}


def pictures(
    path: str, forms: list[dict[str, str]], folder: str, size: tuple[int, int] = (900, 560)
) -> list[str]:
    """Draw forms of rows, each with one of its tabs in front."""
    from qgis.gui import QgsAttributeForm
    from qgis.PyQt.QtWidgets import QTabWidget

    context = _editors()
    layers = opened(path)
    made = []
    for number, one in enumerate(forms):
        held = layers[one["layer"]]
        held.startEditing()
        form = QgsAttributeForm(held, next(held.getFeatures(one["where"])), context)
        form.resize(*size)
        form.show()
        tabs = form.findChildren(QTabWidget)
        if tabs:
            tabs[0].setCurrentIndex(int(one.get("tab", 0)))
        _settle()
        target = f"{folder}/form_{number}.png"
        assert form.grab().save(target)
        made.append(target)
    return made


def map_picture(path: str, theme: str, lot: str, target: str, size: tuple[int, int]) -> str:
    """Draw a map theme round a lot, with its labels, as the window does."""
    from qgis.core import QgsMapRendererParallelJob, QgsMapSettings, QgsProject
    from qgis.PyQt.QtCore import QSize

    layers = opened(path)
    held = QgsProject.instance()
    (feature,) = layers["kcngeo_parcels_polygon"].getFeatures(f"\"parcel_id\" = '{lot}'")
    around = feature.geometry().boundingBox().buffered(120)
    settings = QgsMapSettings()
    settings.setOutputSize(QSize(*size))
    settings.setOutputDpi(96)
    settings.setDestinationCrs(held.crs())
    settings.setExtent(around)
    collection = held.mapThemeCollection()
    settings.setLayers(collection.mapThemeVisibleLayers(theme))
    settings.setLayerStyleOverrides(collection.mapThemeStyleOverrides(theme))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    assert job.renderedImage().save(target)
    return target


@cache
def _editors() -> Any:
    """Make what the main window gives forms: a map, a bar for messages, tools of layers."""
    from qgis.core import QgsApplication, QgsVectorLayerTools
    from qgis.gui import (
        QgsAdvancedDigitizingDockWidget,
        QgsAttributeEditorContext,
        QgsGui,
        QgsMapCanvas,
        QgsMessageBar,
    )

    class Tools(QgsVectorLayerTools):  # type: ignore[misc]
        """Layers are edited without being asked."""

        def addFeature(self, *_: Any, **__: Any) -> bool:  # noqa: N802
            return False

        def startEditing(self, layer: Any) -> bool:  # noqa: N802
            return bool(layer.startEditing())

        def stopEditing(self, *_: Any) -> bool:  # noqa: N802
            return True

        def saveEdits(self, _: Any) -> bool:  # noqa: N802
            return True

        def copyMoveFeatures(self, *_: Any, **__: Any) -> bool:  # noqa: N802
            return False

    canvas, bar = QgsMapCanvas(), QgsMessageBar()
    QgsGui.editorWidgetRegistry().initEditors(canvas, bar)
    context = QgsAttributeEditorContext()
    context.setMapCanvas(canvas)
    dock = QgsAdvancedDigitizingDockWidget(canvas)
    context.setCadDockWidget(dock)
    context.setMainMessageBar(bar)
    tools = Tools()
    context.setVectorLayerTools(tools)
    # Qt forgets what Python no longer holds.
    QgsApplication.instance().kept = (canvas, bar, dock, tools)
    return context


def _settle() -> None:
    """Let lists that are filled beside the window come."""
    import time

    from qgis.PyQt.QtWidgets import QApplication

    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.01)


def said(path: str) -> dict[str, Any]:
    """Tell every text of a project that QGIS might evaluate, as it is shown."""
    from qgis.core import (
        QgsExpression,
        QgsExpressionContext,
        QgsExpressionContextUtils,
        QgsFeatureRequest,
        QgsLayerTreeModel,
        QgsLayoutItemLabel,
        QgsLayoutItemLegend,
        QgsMapLayerStyle,
        QgsProject,
    )

    layers = opened(path)
    held = QgsProject.instance()
    told: list[str] = [held.title(), held.crs().description()]
    tips: list[str] = []
    model = QgsLayerTreeModel(held.layerTreeRoot())
    for layer in layers.values():
        manager = layer.styleManager()
        for style in manager.styles() or [""]:
            if style:
                QgsMapLayerStyle(manager.style(style).xmlData()).writeToLayer(layer)
            node = held.layerTreeRoot().findLayer(layer.id())
            scopes = QgsExpressionContextUtils.globalProjectLayerScopes(layer)
            context = QgsExpressionContext(scopes)
            model.refreshLayerLegend(node)
            for one in model.layerLegendNodes(node):
                told.append(str(one.data(0)))
                if hasattr(one, "evaluateLabel"):
                    told.append(one.evaluateLabel(context))
        tips += tips_of(layer, context)
        for feature in layer.getFeatures(QgsFeatureRequest().setLimit(2)):
            context.setFeature(feature)
            told.append(str(QgsExpression(layer.displayExpression()).evaluate(context)))
        told += [layer.name(), layer.metadata().abstract(), layer.crs().description()]
    for layout in held.layoutManager().printLayouts():
        atlas = layout.atlas()
        atlas.beginRender()
        atlas.first()
        told += [one.currentText() for one in layout.items() if isinstance(one, QgsLayoutItemLabel)]
        told.append(layout.name())
        for legend in (one for one in layout.items() if isinstance(one, QgsLayoutItemLegend)):
            settings, context = legend.legendSettings(), layout.createExpressionContext()
            shown = [legend.title()] + [
                one.name() for one in legend.model().rootGroup().findLayers()
            ]
            told += [settings.evaluateItemText(one, context) for one in shown]
        atlas.endRender()
    return {"told": told, "tips": tips}


def tips_of(layer: Any, context: Any) -> list[str]:
    """Give the map tips of the first rows of a layer, as the window makes them."""
    from qgis.core import QgsExpression, QgsFeatureRequest

    found = []
    template = layer.mapTipTemplate()
    for feature in layer.getFeatures(QgsFeatureRequest().setLimit(2)):
        context.setFeature(feature)
        found.append(QgsExpression.replaceExpressionText(template, context))
    return found


def several(tasks: list[list[Any]]) -> list[Any]:
    """Do several of these tasks in one go: QGIS takes long to start."""
    return [globals()[name](**arguments) for name, arguments in tasks]


def judged(path: str) -> list[str]:
    """Let GDAL's own judge look at a GeoPackage, and tell what it refuses."""
    from osgeo_utils.samples import validate_gpkg

    try:
        validate_gpkg.check(path, warning_as_error=True)
    except validate_gpkg.GPKGCheckException as error:
        return [str(error)]
    return []
