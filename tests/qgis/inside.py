"""Runs in the Python of QGIS, not of the tests: `python3 inside.py TASK < arguments.json`.

Each task is a function; what it returns is printed as JSON. Nothing of kcngeo can be imported here.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def style(source: str) -> dict[str, Any]:
    """Open one layer by itself, as when it is dragged into QGIS, and tell how it looks."""
    from qgis.core import QgsVectorLayer

    layer = QgsVectorLayer(source, "dragged", "ogr")
    return described(layer)


def described(layer: Any) -> dict[str, Any]:
    """Tell everything a person would see of a layer."""
    names = layer.fields().names()
    return {
        "valid": layer.isValid(),
        "title": layer.metadata().title(),
        "abstract": layer.metadata().abstract(),
        "crs": layer.crs().authid(),
        "features": layer.featureCount(),
        "read_only": layer.readOnly(),
        "colors": colors(layer.renderer()),
        "aliases": {name: layer.attributeDisplayName(at) for at, name in enumerate(names)},
        "lists": {
            field.name(): [pair for one in setup["map"] for pair in one.items()]
            for field in layer.fields()
            if "map" in (setup := field.editorWidgetSetup().config())
        },
        "styles": layer.listStylesInDatabase()[2],
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


def main() -> None:
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    answer = globals()[sys.argv[1]](**json.load(sys.stdin))
    print(json.dumps(answer))
    sys.stdout.flush()
    application.exitQgis()


if __name__ == "__main__":
    main()
