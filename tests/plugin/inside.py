"""Runs in the Python of QGIS: `python3 inside.py TASK < arguments.json`. Nothing of kcngeo is here.

Each task is a function; what it returns is printed as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def registered(language: str, kcngeo: str) -> Any:
    """Load the plugin as `qgis_process` does."""
    from kcngeo_qgis.engine import settings
    from kcngeo_qgis.plugin import Plugin
    from qgis.core import QgsSettings

    QgsSettings().setValue("kcngeo/language", language)
    settings.remember(way=settings.AUTO, program=kcngeo)
    plugin = Plugin(None)
    plugin.initProcessing()
    return plugin


def asked(
    questions: dict[str, dict[str, Any]],
    kcngeo: str,
    language: str = "en",
    nowhere: str | None = None,
) -> dict[str, Any]:
    """Run algorithms; tell what each returns, and what the layers hold that QGIS would load."""
    from qgis.core import QgsApplication

    plugin = registered(language, kcngeo)
    registry = QgsApplication.processingRegistry()
    provider = registry.providerById("kcngeo")
    told = {
        "algorithms": {
            one.id(): [one.displayName(), one.group(), one.shortHelpString()]
            for one in provider.algorithms()
        },
        "answers": {name: run(name, parameters) for name, parameters in questions.items()},
    }
    if nowhere is not None:
        plugin.unload()
        plugin = registered("vi", nowhere)
        name, parameters = next(iter(questions.items()))
        told["nowhere"] = run(name, parameters)
    plugin.unload()
    return {**told, "gone": registry.providerById("kcngeo") is None}


def run(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Run one algorithm and load its layers as the window does."""
    from qgis.core import (
        QgsApplication,
        QgsProcessingContext,
        QgsProcessingFeedback,
        QgsProcessingUtils,
        QgsProject,
    )

    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"kcngeo:{name}")
    usable, why = algorithm.checkParameterValues(parameters, context)
    assert usable, why
    found, is_done = algorithm.run(parameters, context, feedback)
    layers = []
    for source, details in context.layersToLoadOnCompletion().items():
        layer = QgsProcessingUtils.mapLayerFromString(source, context)
        details.setOutputLayerName(layer)
        if details.postProcessor() is not None:
            details.postProcessor().postProcessLayer(layer, context, feedback)
        layer = context.takeResultLayer(layer.id())
        layers.append(described(layer, details.groupName))
    return {"done": is_done, "found": found, "log": feedback.textLog(), "layers": layers}


def described(layer: Any, group: str = "") -> dict[str, Any]:
    """Tell what a layer holds and how it is drawn."""
    renderer = layer.renderer()
    return {
        "name": layer.name(),
        "shown": shown(layer),
        "group": group,
        "valid": layer.isValid(),
        "drawn": None if renderer is None else renderer.type(),
        "columns": [one.displayName() for one in layer.fields()],
        "rows": [[plain(value) for value in row.attributes()] for row in layer.getFeatures()],
    }


def shown(layer: Any) -> list[str]:
    """Give every text that QGIS makes of a layer by an expression: legend, labels, tips, names."""
    from qgis.core import (
        QgsExpression,
        QgsExpressionContext,
        QgsExpressionContextUtils,
        QgsLayerTree,
        QgsLayerTreeModel,
        QgsProject,
    )

    QgsProject.instance().addMapLayer(layer, False)
    root = QgsLayerTree()
    node = root.addLayer(layer)
    model = QgsLayerTreeModel(root)
    scopes = QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    context = QgsExpressionContext(scopes)
    texts = [layer.name(), layer.metadata().title()]
    for one in model.layerLegendNodes(node):
        texts.append(str(one.data(0)))
        if hasattr(one, "evaluateLabel"):
            texts.append(one.evaluateLabel(context))
    labelling = layer.labeling()
    said = [layer.displayExpression()]
    for one in [] if labelling is None else labelling.subProviders():
        settings = labelling.settings(one)
        said.append(settings.fieldName if settings.isExpression else f'"{settings.fieldName}"')
    for feature in layer.getFeatures():
        context.setFeature(feature)
        texts += [str(QgsExpression(one).evaluate(context)) for one in said if one]
        texts.append(QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context))
    return sorted(set(texts))


def newer(than: int) -> list[str]:
    """List what the plugin uses of QGIS that came after a version, as far as QGIS says it."""
    import re

    import qgis.core
    import qgis.gui

    since = re.compile(r"versionadded:: (?:QGIS )?3\.(\d+)")
    sources = [one.read_text() for one in (ROOT / "plugin").rglob("*.py")]
    words = set(re.findall(r"\b\w+\b", "\n".join(sources)))
    found = []
    for name in sorted(words):
        held = getattr(qgis.core, name, None) or getattr(qgis.gui, name, None)
        if held is None or not name.startswith("Qgs"):
            continue
        # The documents of a class begin with it, those of a method are its own.
        own = {name: held.__doc__, **getattr(held, "__attribute_docs__", {})}
        for word in words & set(dir(held)):
            part = getattr(held, word)
            own[f"{name}.{word}"] = getattr(part, "__doc__", "")
            inner = getattr(part, "__attribute_docs__", {})
            own |= {f"{name}.{word}.{one}": said for one, said in inner.items()}
        for one, document in own.items():
            told = since.search(document or "")
            if told and int(told[1]) > than and one.split(".")[-1] in words:
                found.append(f"{one} 3.{told[1]}")
    return found


def home() -> str:
    """Give what `env('HOME')` is in an expression."""
    from qgis.core import QgsExpression

    return str(QgsExpression("env('HOME')").evaluate())


def inside(cases: list[list[str]], arguments: list[str]) -> list[dict[str, Any]]:
    """Call kcngeo in this Python, in each case with other folders that hold it."""
    told = []
    for paths in cases:
        sys.path[:0] = paths
        told.append(called_inside(arguments))
        del sys.path[: len(paths)]
    return told


def called_inside(arguments: list[str]) -> dict[str, Any]:
    """Call kcngeo in this Python, or tell what is missing."""
    from kcngeo_qgis.engine import calling, settings
    from kcngeo_qgis.engine import inside as way

    calling.look_again()
    settings.remember(way=settings.INSIDE, program="")
    missing, said = way.missing(), []
    if missing is not None:
        return {"missing": missing, "where": calling.where()}
    found = calling.where()
    done = calling.call(arguments, say=said.append)
    told = {"missing": None, "version": found.version, "said": said, "argv": sys.argv[1:]}
    return {**told, "code": done.code, "printed": done.printed, "told": done.told}


TABLES = ("parcels", "ledger", "projects")


# As the project of a package for editing has it: what has ended lies in a layer of its own.
NOW = '("valid_to" IS NULL OR "valid_to" > \'2018-01-01\')'
PAST = "\"valid_to\" <= '2018-01-01'"
KNOWN = ' AND "superseded_at" IS NULL'
NARROWED = {"parcels": (NOW, PAST), "ledger": (NOW + KNOWN, PAST + KNOWN), "projects": ("",)}


def opened(package: str, *, is_narrowed: bool = False) -> dict[str, Any]:
    """Open the tables of a package as layers of the project; give those of what holds today."""
    from qgis.core import QgsProject, QgsVectorLayer

    layers = {}
    for name in TABLES:
        for place, rows in enumerate(NARROWED[name] if is_narrowed else ("",)):
            narrow = f"|subset={rows}" if rows else ""
            layer = QgsVectorLayer(f"{package}|layername={name}{narrow}", name, "ogr")
            assert layer.isValid()
            QgsProject.instance().addMapLayer(layer)
            layers[f"{name}_past" if place else name] = layer
    return layers


def of_project(path: str) -> dict[str, Any]:
    """Open the project of a package, and give the layers of its tables."""
    from kcngeo_qgis.live.package import the_package
    from qgis.core import QgsProject

    assert QgsProject.instance().read(path)
    held = the_package(QgsProject.instance()).layers
    return {
        f"{name}_{place}" if place else name: layer
        for name in TABLES
        for place, layer in enumerate(held[name])
    }


def edited(
    package: str,
    steps: list[dict[str, Any]],
    kcngeo: str,
    language: str = "en",
    is_narrowed: bool = False,
) -> Any:
    """Do steps in the open package: run an algorithm, undo or redo in a table, edit by hand, save.

    Of every step is told what came of it, and a digest of every table after it.
    """
    plugin = registered(language, kcngeo)
    is_project = package.endswith(".qgz")
    layers = of_project(package) if is_project else opened(package, is_narrowed=is_narrowed)
    told = []
    for step in steps:
        (what, value), said = next(iter(step.items())), None
        if what == "run":
            said = run(value, step["with"])
        elif what in ("undo", "redo"):
            getattr(layers[value].undoStack(), what)()
        elif what == "by_hand":
            said = by_hand(layers[value], step["row"], step["values"])
        elif what == "select":
            layers["parcels"].selectByExpression(f"\"parcel_id\" = '{value}'")
        elif what == "save":
            saved = [one for one in layers.values() if one.isEditable()]
            said = [[layer.commitChanges(), layer.commitErrors()] for layer in saved]
        stacks = {name: layer.undoStack().index() for name, layer in layers.items()}
        told.append({"said": said, "state": state(layers), "stacks": stacks})
    plugin.unload()
    return told


def by_hand(layer: Any, row: list[str], values: dict[str, Any]) -> bool:
    """Change a row as one does in the table of attributes."""
    layer.startEditing()
    column, sought = row
    for feature in layer.getFeatures():
        if feature[column] == sought:
            layer.beginEditCommand("Attributes changed")
            for name, value in values.items():
                layer.changeAttributeValue(feature.id(), layer.fields().indexOf(name), value)
            layer.endEditCommand()
    return bool(layer.isModified())


def state(layers: dict[str, Any]) -> dict[str, list[Any]]:
    """Give what every table holds, without numbers of rows, in an order of its own."""
    return {
        name: sorted(
            json.dumps([*map(plain, row.attributes()[1:]), row.geometry().asWkt(3)])
            for row in layer.getFeatures()
        )
        for name, layer in layers.items()
    }


def plain(value: Any) -> Any:
    """Give a value as JSON can hold it."""
    from qgis.core import NULL
    from qgis.PyQt.QtCore import QDate, QDateTime, Qt

    if value == NULL:
        return None
    if isinstance(value, (QDate, QDateTime)):
        return value.toString(Qt.DateFormat.ISODate)
    return value if isinstance(value, (str, int, float, bool)) else str(value)


class Window:
    """What the plugin asks of the window of QGIS."""

    def __init__(self) -> None:
        from qgis.gui import QgsMapCanvas, QgsMessageBar
        from qgis.PyQt.QtWidgets import QMainWindow

        self.window, self.canvas, self.bar = QMainWindow(), QgsMapCanvas(), QgsMessageBar()
        self.window.setCentralWidget(self.canvas)
        self.asked: list[Any] = []

    def mainWindow(self) -> Any:  # noqa: N802
        return self.window

    def mapCanvas(self) -> Any:  # noqa: N802
        return self.canvas

    def messageBar(self) -> Any:  # noqa: N802
        return self.bar

    def addDockWidget(self, area: Any, dock: Any) -> None:  # noqa: N802
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock: Any) -> None:  # noqa: N802
        self.window.removeDockWidget(dock)

    def __getattr__(self, name: str) -> Any:
        """Note what else is asked: menus and bars, whose look is that of QGIS."""
        return lambda *given: self.asked.append(name)


def panel(package: str, kcngeo: str, cut: list[list[float]]) -> dict[str, Any]:
    """Use the panel as one does: without a package, with one, draw, step, undo, save, unload."""
    from kcngeo_qgis.editing.undo import LINKS
    from kcngeo_qgis.engine import settings
    from kcngeo_qgis.plugin import Plugin
    from qgis.core import QgsProject, QgsSettings
    from qgis.PyQt.QtWidgets import QLabel

    settings.remember(way=settings.AUTO, program=kcngeo)
    QgsSettings().setValue("kcngeo/language", "en")
    window = Window()
    plugin = Plugin(window)
    plugin.initGui()
    made, told = plugin.panel, {}
    buttons = lambda: {key: [one.text(), one.isEnabled()] for key, one in made.buttons.items()}  # noqa: E731
    told["empty"] = [made.package.text(), buttons()]
    made.settings.look()
    told["found"] = made.settings.found.text()
    layers = opened(package)
    told["open"] = [made.package.text(), buttons()]
    told["formats"] = sorted({int(one.textFormat()) for one in (made.package, made.settings.found)})
    dialogs = []
    plugin._deeds.open_dialog = lambda key, given: dialogs.append([key, sorted(given), given])
    for key in ("account", "lease", "send_back", "try"):
        made.buttons[key].click()
    told["dialogs"] = [[key, names] for key, names, _ in dialogs]
    told["line"] = drawn(made, window, layers, cut, dialogs)
    before = state(layers)
    _, _, given = dialogs[-1]
    split = run("split", {**given, "LOT": "LS-CN04-04", "DAY": "2018-03-05"})
    told["split"] = [split["done"], split["log"], state(layers) != before]
    made.buttons["undo"].click()
    told["undone"] = [window.bar.currentItem().text(), state(layers) == before]
    made.buttons["undo"].click()
    told["nothing"] = window.bar.currentItem().text()
    layers["parcels"].undoStack().redo()
    by_hand(layers["ledger"], ["entry_id", "S-0240"], {"document": "<b>[% 6 * 7 %]</b>"})
    edited_on_top = state(layers)
    layers["parcels"].undoStack().undo()
    told["with_later"] = [edited_on_top != before, state(layers) == before]
    layers["parcels"].undoStack().redo()
    told["with_later"].append(state(layers) == edited_on_top)
    made.buttons["save"].click()
    told["saved"] = [
        window.bar.currentItem().text(),
        [one.isModified() for one in layers.values()],
        LINKS.undo(),
    ]
    made.settings.language.setCurrentIndex(0)
    made.settings.language.activated.emit(0)
    told["vi"] = buttons()
    words = [one.text() for one in made.findChildren(QLabel)]
    plugin.unload()
    QgsProject.instance().clear()
    return {**told, "words": words, "asked": window.asked}


def drawn(made: Any, window: Any, layers: Any, cut: Any, dialogs: list[Any]) -> str:
    """Draw a line on the map by the mouse and give what the dialog of a split is handed."""
    from qgis.core import QgsPointXY
    from qgis.gui import QgsMapMouseEvent
    from qgis.PyQt.QtCore import QEvent, QPointF, Qt
    from qgis.PyQt.QtGui import QMouseEvent

    canvas = window.canvas
    canvas.resize(800, 600)
    canvas.setDestinationCrs(layers["parcels"].crs())
    canvas.setLayers([layers["parcels"]])
    canvas.setExtent(layers["parcels"].extent())
    made.buttons["split"].click()
    tool = canvas.mapTool()
    for place, button in [*((one, Qt.LeftButton) for one in cut), (cut[-1], Qt.RightButton)]:
        at = canvas.getCoordinateTransform().transform(QgsPointXY(*place))
        kind = QEvent.MouseButtonRelease
        mouse = QMouseEvent(kind, QPointF(at.x(), at.y()), button, button, Qt.NoModifier)
        tool.canvasReleaseEvent(QgsMapMouseEvent(canvas, mouse))
    assert canvas.mapTool() is not tool
    return str(dialogs[-1][2]["LINE"])


if __name__ == "__main__":
    from qgis.core import QgsApplication

    sys.path.insert(0, str(ROOT / "plugin"))
    application = QgsApplication([], sys.argv[1] == "panel")
    application.initQgis()
    given = json.load(sys.stdin)
    answer = globals()[sys.argv[1]](**given)
    print()
    print(json.dumps(answer))
    sys.stdout.flush()
