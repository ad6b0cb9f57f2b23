"""Runs in the Python of QGIS, not of the tests: `python3 inside.py TASK < arguments.json`.

Each task is a function; what it returns is printed as JSON. Nothing of kcngeo can be imported here.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from itertools import compress
from typing import Any


def style(source: str) -> dict[str, Any]:
    """Open one layer by itself, as when it is dragged into QGIS, and tell how it looks."""
    from qgis.core import QgsVectorLayer

    layer = QgsVectorLayer(source, "dragged", "ogr")
    # As the window does once more with every layer that is added.
    layer.loadDefaultStyle()
    times = layer.temporalProperties()
    return {
        **described(layer),
        "months": [times.isActive(), times.startField(), times.endField()],
        "as_sld": colors_of_sld(layer),
    }


def colors_of_sld(layer: Any) -> list[str]:
    """Read the SLD of the layer's default style as QGIS does and tell its colours."""
    from qgis.PyQt.QtXml import QDomDocument

    text = sld_of(layer)
    document = QDomDocument()
    assert document.setContent(text, True)[0]
    node = document.documentElement().firstChildElement("NamedLayer")
    assert layer.readSld(node, "")
    renderer = layer.renderer()
    if renderer.type() == "singleSymbol":
        return [renderer.symbol().color().name()]
    return [rule.symbol().color().name() for rule in renderer.rootRule().children()]


def sld_of(layer: Any) -> str:
    """Give the SLD that stands beside the layer's default style."""
    from qgis.core import QgsVectorLayer

    path, name = layer.source().split("|layername=")
    styles = QgsVectorLayer(f"{path}|layername=layer_styles", "styles", "ogr")
    (text,) = (
        row["styleSLD"]
        for row in styles.getFeatures()
        if row["f_table_name"] == name and row["useAsDefault"]
    )
    return text


def many(projects: dict[str, dict[str, Any]], layers: dict[str, str]) -> dict[str, Any]:
    """Open several projects, and layers by themselves, in one go: QGIS takes long to start."""
    told = {name: project(**one) for name, one in projects.items()}
    return {**told, "dragged": {name: style(source) for name, source in layers.items()}}


def project(
    path: str,
    spots: list[dict[str, Any]] = (),
    counts: list[dict[str, Any]] = (),
    pdf: str | None = None,
) -> dict[str, Any]:
    """Open a project and tell what it shows.

    `spots` are places (theme, x, y, perhaps month) whose drawn colour is asked; `counts` are boxes
    (theme, west, south, east, north) of which the area drawn in every colour is asked.
    """
    from qgis.core import QgsProject

    held = QgsProject.instance()
    was_read = held.read(path)
    root = held.layerTreeRoot()
    times = held.timeSettings()
    frame = times.temporalRange()
    layers = {
        name: {**described(layer), "name": layer.name(), "source": layer.source()}
        for name, layer in held.mapLayers().items()
    }
    for name, layer in held.mapLayers().items():
        layers[name]["project_styles"] = layer.styleManager().styles()
    return {
        "read": was_read,
        "title": held.title(),
        "crs": held.crs().authid(),
        "ellipsoid": held.ellipsoid(),
        "layers": layers,
        "order": [layer.id() for layer in root.layerOrder()],
        "groups": [[one.name(), one.isVisible()] for one in root.children()],
        "themes": held.mapThemeCollection().mapThemes(),
        "months": [
            frame.begin().toString("yyyy-MM-dd"),
            frame.end().toString("yyyy-MM-dd"),
            times.timeStep(),
            str(times.timeStepUnit()),
        ],
        "bookmarks": [one.name() for one in held.bookmarkManager().bookmarks()],
        "spots": colors_at(held, spots),
        "counts": [areas_by_color(held, **box) for box in counts],
        "sheet": sheet(held, pdf) if pdf else None,
    }


def rows(table: Any) -> list[list[str]]:
    """Read what the columns of a table of a sheet say of the features it lists."""
    from qgis.core import QgsExpression, QgsExpressionContextUtils, QgsFeatureRequest

    layer, context = table.vectorLayer(), table.createExpressionContext()
    context.appendScope(QgsExpressionContextUtils.layerScope(layer))
    asked = QgsFeatureRequest().setFilterExpression(table.featureFilter())
    told = []
    for feature in layer.getFeatures(asked.setExpressionContext(context)):
        context.setFeature(feature)
        columns = (QgsExpression(one.attribute()) for one in table.columns())
        told.append([str(one.evaluate(context)) for one in columns])
    return sorted(told)


def sheet(held: Any, pdf: str) -> dict[str, Any]:
    """Print the sheet, a page a zone, and tell what stands on it."""
    from qgis.core import (
        QgsLayoutExporter,
        QgsLayoutItemLabel,
        QgsLayoutItemLegend,
        QgsLayoutItemMap,
        QgsLayoutItemScaleBar,
    )

    (layout,) = held.layoutManager().printLayouts()
    atlas = layout.atlas()
    page = layout.pageCollection().page(0).pageSize()
    (legend,) = (one for one in layout.items() if isinstance(one, QgsLayoutItemLegend))
    maps = {one.id(): one for one in layout.items() if isinstance(one, QgsLayoutItemMap)}
    shown, place = maps["map"], maps["locator"]
    (lots,) = layout.multiFrames()
    (bar,) = (one for one in layout.items() if isinstance(one, QgsLayoutItemScaleBar))
    labels = [one for one in layout.items() if isinstance(one, QgsLayoutItemLabel)]
    atlas.beginRender()
    atlas.first()
    pages = []
    for _ in range(atlas.count()):
        pages.append({one.id(): one.currentText() for one in labels})
        context = legend.createExpressionContext()
        classes = [
            one.evaluateLabel(context)
            for layer in legend.model().rootGroup().findLayers()[:1]
            for one in legend.model().layerLegendNodes(layer)
        ]
        pages[-1] |= {
            "scale": round(shown.scale()),
            "classes": classes,
            "lots": rows(lots),
        }
        atlas.next()
    atlas.endRender()
    settings = QgsLayoutExporter.PdfExportSettings()
    code, reason = QgsLayoutExporter.exportToPdf(atlas, pdf, settings)
    return {
        "size_mm": [page.width(), page.height()],
        "legend": [one.name() for one in legend.model().rootGroup().findLayers()],
        "legend_map": legend.linkedMap() is shown,
        "bar_map": bar.linkedMap() is shown,
        "theme": shown.followVisibilityPresetName(),
        "place": [one.name() for one in place.layers()],
        "place_of": place.overview().linkedMap() is shown,
        "grid_m": shown.grid().intervalX(),
        "pages": pages,
        "error": reason if code else "",
    }


def image(
    held: Any, theme: str, extent: tuple[float, ...], size: int, month: str | None = None
) -> Any:
    """Draw a map theme without letters and without blending at edges."""
    from qgis.core import (
        Qgis,
        QgsDateTimeRange,
        QgsMapRendererParallelJob,
        QgsMapSettings,
        QgsRectangle,
    )
    from qgis.PyQt.QtCore import QDateTime, QSize, Qt
    from qgis.PyQt.QtGui import QColor

    settings = QgsMapSettings()
    for flag in (Qgis.MapSettingsFlag.Antialiasing, Qgis.MapSettingsFlag.DrawLabeling):
        settings.setFlag(flag, False)
    settings.setOutputSize(QSize(size, size))
    settings.setDestinationCrs(held.crs())
    settings.setExtent(QgsRectangle(*extent))
    settings.setBackgroundColor(QColor("white"))
    collection = held.mapThemeCollection()
    settings.setLayers(collection.mapThemeVisibleLayers(theme))
    settings.setLayerStyleOverrides(collection.mapThemeStyleOverrides(theme))
    if month is not None:
        begin = QDateTime.fromString(month + "-01T00:00:00Z", Qt.ISODate)
        settings.setIsTemporal(True)
        # As the temporal controller steps: the first moment counts, the last one does not.
        settings.setTemporalRange(QgsDateTimeRange(begin, begin.addMonths(1), True, False))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    assert not job.errors(), [one.message for one in job.errors()]
    return job.renderedImage()


def colors_at(held: Any, spots: Sequence[dict[str, Any]]) -> list[str]:
    """Tell the colours drawn at places; each theme and month is drawn once, a pixel a metre."""
    told: dict[int, str] = {}
    asked = [(one["theme"], one.get("month")) for one in spots]
    for theme, month in dict.fromkeys(asked):
        some = {at: spots[at] for at, key in enumerate(asked) if key == (theme, month)}
        west, south = (min(one[axis] for one in some.values()) - 10 for axis in "xy")
        side = 10 + int(max(max(one["x"] - west, one["y"] - south) for one in some.values()))
        drawn = image(held, theme, (west, south, west + side, south + side), side, month)
        for at, one in some.items():
            place = int(one["x"] - west), int(south + side - one["y"])
            told[at] = drawn.pixelColor(*place).name()
    return [told[at] for at in range(len(spots))]


def pixels(drawn: Any) -> memoryview:
    """Give the colours of a picture, row by row."""
    from qgis.PyQt.QtGui import QImage

    plain = drawn.convertToFormat(QImage.Format_RGB32)
    return memoryview(plain.constBits().asstring(plain.sizeInBytes())).cast("I")


def areas_by_color(
    held: Any, theme: str, west: float, south: float, east: float, north: float
) -> dict[str, float]:
    """Measure the hectares drawn in every colour within a box, by counting pixels."""
    side = max(east - west, north - south)
    size = 3000
    found = Counter(pixels(image(held, theme, (west, south, west + side, south + side), size)))
    hectares = (side / size) ** 2 / 10_000
    return {f"#{color & 0xFFFFFF:06x}": count * hectares for color, count in found.items()}


def described(layer: Any) -> dict[str, Any]:
    """Tell everything a person would see of a layer."""
    names = layer.fields().names()
    # QGIS lists the styles of the layer first, then those of the others.
    own, _, styles, *_ = layer.listStylesInDatabase()
    return {
        "valid": layer.isValid(),
        "title": layer.metadata().title(),
        "abstract": layer.metadata().abstract(),
        "crs": layer.crs().authid(),
        "features": layer.featureCount(),
        "read_only": layer.readOnly(),
        "colors": colors(layer.renderer()),
        "swatches": swatches(layer.renderer()),
        "aliases": {name: layer.attributeDisplayName(at) for at, name in enumerate(names)},
        "lists": {
            field.name(): [pair for one in setup["map"] for pair in one.items()]
            for field in layer.fields()
            if "map" in (setup := field.editorWidgetSetup().config())
        },
        "styles": styles[:own],
    }


def colors(renderer: Any) -> list[list[str | None]]:
    """List value, words and colour of every category, or the one colour."""
    if renderer is None:
        return []
    if renderer.type() == "singleSymbol":
        return [[None, "", renderer.symbol().color().name()]]
    return [
        [one.value(), one.label(), one.symbol().color().name()] for one in renderer.categories()
    ]


def swatches(renderer: Any) -> list[str]:
    """List the colours that a legend shows of the categories."""
    from qgis.PyQt.QtCore import QSize

    if renderer is None or renderer.type() != "categorizedSymbol":
        return []
    shown = (one.symbol().asImage(QSize(9, 9)) for one in renderer.categories())
    return [one.pixelColor(4, 4).name() for one in shown]


def drawn(path: str, stripes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Open a project and tell of each map theme what its layers draw, by layer and category.

    `stripes` names a map theme, a layer and columns; of each feature of the layer that has several
    shares the colours drawn within it are measured.
    """
    from qgis.core import QgsProject

    held = QgsProject.instance()
    assert held.read(path)
    themes = held.mapThemeCollection()
    measured = colors_within(held, **stripes) if stripes else {}
    # All styles first: to look at one is to put it on the layer.
    styles = {name: themes.mapThemeStyleOverrides(name) for name in themes.mapThemes()}
    told = {
        name: [
            drawn_layer(layer, of_theme[layer.id()]) for layer in themes.mapThemeVisibleLayers(name)
        ]
        for name, of_theme in styles.items()
    }
    (layout,) = held.layoutManager().printLayouts()
    notices = [one.text() for one in layout.items() if hasattr(one, "text")]
    return {"themes": told, "notices": notices, "stripes": measured}


def drawn_layer(layer: Any, style: str) -> dict[str, Any]:
    """Tell what a layer draws in a style: of each category words, colour, features with labels."""
    from qgis.core import (
        QgsExpression,
        QgsExpressionContext,
        QgsExpressionContextUtils,
        QgsMapLayerStyle,
        QgsRenderContext,
    )

    QgsMapLayerStyle(style).writeToLayer(layer)
    renderer = layer.renderer()
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    settings = layer.labeling().settings() if layer.labelsEnabled() else None
    words = settings.getLabelExpression() if settings else QgsExpression("''")
    # What looks all alike has the words of its layer.
    categories = {
        str(value): [label or layer.name(), color] for value, label, color in colors(renderer)
    }
    render = QgsRenderContext()
    render.setExpressionContext(context)
    renderer.startRender(render, layer.fields())
    features = []
    for feature in layer.getFeatures():
        context.setFeature(feature)
        render.setExpressionContext(context)
        symbol = renderer.symbolForFeature(feature, render)
        value = feature[renderer.classAttribute()] if hasattr(renderer, "categories") else None
        label = words.evaluate(context)
        features.append(
            {
                "value": str(value) if str(value) in categories else "None",
                "color": symbol.color().name() if symbol else None,
                "shape": feature.geometry().asWkb().data().hex(),
                "label": str(label) if label else "",
                "number": number_of(feature),
                "id": next(
                    (str(feature[one]) for one in IDS if one in feature.fields().names()), ""
                ),
            }
        )
    renderer.stopRender(render)
    return {
        "name": layer.id().removeprefix("kcngeo_").rsplit("_", 1)[0],
        "kind": layer.geometryType().name,
        "categories": categories,
        "features": features,
    }


IDS = ("parcel_id", "site_id", "emitter_id", "receptor_id", "work_id", "zone_id")


def number_of(feature: Any) -> int | None:
    """Give the number of a feature in the list of its map."""
    if "number" not in feature.fields().names():
        return None
    number = feature["number"]
    return None if number is None or str(number) == "NULL" else int(number)


def colors_within(
    held: Any, theme: str, layer: str, shares: list[str]
) -> dict[str, dict[str, float]]:
    """Measure the shares of the colours drawn within features that are of several kinds."""
    from qgis.core import (
        Qgis,
        QgsMapRendererParallelJob,
        QgsMapSettings,
        QgsRectangle,
    )
    from qgis.PyQt.QtCore import QPointF, QSize
    from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPolygonF

    themes = held.mapThemeCollection()
    (shown,) = (
        one for one in themes.mapThemeState(theme).layerRecords() if one.layer().id() == layer
    )
    found = shown.layer()
    # Once for all pictures: to override the style in each takes longer than to draw it.
    found.styleManager().setCurrentStyle(shown.currentStyle)
    size, told = 150, {}
    for feature in found.getFeatures():
        held_shares = [feature[name] for name in shares]
        if sum(1 for one in held_shares if str(one) != "NULL" and 1e-9 < one < 1 - 1e-9) < 2:
            continue
        box = feature.geometry().boundingBox()
        side = max(box.width(), box.height()) / 2
        middle = box.center()
        extent = QgsRectangle(
            middle.x() - side, middle.y() - side, middle.x() + side, middle.y() + side
        )
        settings = QgsMapSettings()
        for flag in (Qgis.MapSettingsFlag.Antialiasing, Qgis.MapSettingsFlag.DrawLabeling):
            settings.setFlag(flag, False)
        settings.setOutputSize(QSize(size, size))
        settings.setDestinationCrs(held.crs())
        settings.setExtent(extent)
        settings.setLayers([found])
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        picture = job.renderedImage()
        # What lies within the feature, a little inside its outline.
        mask = QImage(size, size, QImage.Format_RGB32)
        mask.fill(QColor("black"))
        painter = QPainter(mask)
        painter.setBrush(QColor("white"))
        painter.setPen(QColor("black"))
        inner = feature.geometry().buffer(-side / 50, 4)
        for part in inner.asGeometryCollection():
            ring = part.asPolygon()[0]
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(
                            (point.x() - extent.xMinimum()) / (2 * side) * size,
                            (extent.yMaximum() - point.y()) / (2 * side) * size,
                        )
                        for point in ring
                    ]
                )
            )
        painter.end()
        is_within = [color & 0xFFFFFF == 0xFFFFFF for color in pixels(mask)]
        count = Counter(compress(pixels(picture), is_within))
        told[feature["parcel_id"]] = {
            f"#{color & 0xFFFFFF:06x}": some / count.total() for color, some in count.items()
        }
    return told


def main() -> None:
    from qgis.core import QgsApplication

    application = QgsApplication([], True)
    application.initQgis()
    # The folder of this file is where Python looks first.
    task = globals().get(sys.argv[1]) or getattr(import_module("inside_editing"), sys.argv[1])
    answer = task(**json.load(sys.stdin))
    print(json.dumps(answer))
    sys.stdout.flush()
    # What is left of windows is taken down in no order QGIS survives.
    os._exit(0)


def edited(edits: list[dict[str, Any]], look: dict[str, str] = {}) -> dict[str, Any]:  # noqa: B006
    """Tell what is in layers of a database, then edit layers, in one go."""
    return {"seen": layers(**look), "said": [edited_layer(**one) for one in edits]}


def edited_layer(source: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Edit a layer as somebody does with the mouse and the attribute table, and save.

    Each step names what is done (add, remove, move, change, renumber) and to which rows, by the
    value of a column.
    """
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    layer = QgsVectorLayer(source, "edited", "postgres" if " host=" in source else "ogr")
    if not layer.isValid() or not layer.startEditing():
        return {"saved": False, "errors": ["the layer cannot be edited"]}
    names = layer.fields()
    for step in steps:
        if step["do"] == "add":
            feature = QgsFeature(names)
            for name, value in step["values"].items():
                feature[name] = value
            if "shape" in step:
                feature.setGeometry(QgsGeometry.fromWkt(step["shape"]))
            layer.addFeature(feature)
            continue
        where = f"\"{step['column']}\" = '{step['value']}'"
        for feature in list(layer.getFeatures(where)):
            if step["do"] == "remove":
                layer.deleteFeature(feature.id())
            elif step["do"] == "move":
                layer.moveVertex(*step["to"], feature.id(), step["vertex"])
            elif step["do"] == "change":
                for name, value in step["values"].items():
                    layer.changeAttributeValue(feature.id(), names.indexOf(name), value)
            elif step["do"] == "renumber":
                # Cut and pasted: the same row under another number, at the end of the table.
                copy = QgsFeature(feature)
                for place in layer.primaryKeyAttributes():
                    copy.setAttribute(place, None)
                layer.deleteFeature(feature.id())
                layer.addFeature(copy)
    return {"saved": layer.commitChanges(), "errors": layer.commitErrors()}


def layers(**sources: str) -> dict[str, Any]:
    """Open layers of a database and tell what is in them."""
    from qgis.core import QgsVectorLayer

    told = {}
    for name, source in sources.items():
        layer = QgsVectorLayer(source, name, "postgres")
        told[name] = {
            "valid": layer.isValid(),
            "count": layer.featureCount(),
            "crs": layer.crs().authid(),
            "type": layer.geometryType().name,
            "status": sorted({row["status"] for row in layer.getFeatures()})
            if layer.fields().indexOf("status") >= 0
            else [],
        }
    return told


def added(**sources: str) -> dict[str, Any]:
    """Add layers of a database, as the window does, and tell how each looks and is edited."""
    from qgis.core import QgsVectorLayer

    told = {}
    for name, source in sources.items():
        layer = QgsVectorLayer(source, name, "postgres")
        layer.loadDefaultStyle()
        told[name] = described(layer)
    return told


if __name__ == "__main__":
    main()
