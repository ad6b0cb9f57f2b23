"""Zones and lots of a day as static files like those of OGC API - Features, and a DCAT record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from kcngeo import io, theme
from kcngeo.core.crs import Operation, to_wgs84, wgs84_operation
from kcngeo.core.dates import Day, day
from kcngeo.core.schema import LAYERS, Kind, heading
from kcngeo.qgis.layers import Layer

LANDING, COLLECTIONS, RECORD = "index.json", "collections.json", "dcat.jsonld"
"""Where a program begins, the list of its layers, and what a catalogue of data takes in."""

# A hundred-millionth of a degree is a millimetre.
_DECIMALS = 8
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# What only tells a map how to draw a row.
_OF_THE_MAP = ("geometry", "label", "fill_rate_shown", "shown_as", "second_as")
_GEOJSON, _SCHEMA = "application/geo+json", "application/schema+json"
_TYPES = {
    Kind.NUMBER: {"type": "number"},
    Kind.COUNT: {"type": "integer"},
    Kind.FLAG: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
}
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def web_files(
    layers: Sequence[Layer], *, on: Day, language: str, is_synthetic: bool = False
) -> Mapping[str, Any]:
    """Give the files, each with what makes its content.

    Parameters
    ----------
    layers
        The layers, in a grid.
    on
        The day they are of.
    language
        "vi" or "en", of titles; column names are for machines.
    is_synthetic
        Whether shapes are invented, which every description then says first.

    Returns
    -------
    Mapping[str, Any]
        By path in the folder, a call that gives the bytes. Links lead from file to file, so that
        the folder can lie anywhere.
    """
    warned = theme.text("map.synthetic", language=language) if is_synthetic else ""
    operation = wgs84_operation(gpd.GeoDataFrame(layers[0].frame))
    layers = [replace(one, frame=_drawn(gpd.GeoDataFrame(one.frame))) for one in layers]
    told = _Told(
        layers,
        on=day(on).strftime("%Y-%m-%d"),
        language=language,
        operation=operation,
        warned=warned,
    )
    files: dict[str, Any] = {
        LANDING: partial(_json, told.landing()),
        COLLECTIONS: partial(_json, told.collections()),
        RECORD: partial(_json, told.record()),
    }
    for layer in layers:
        files[_path(layer, "index.json")] = partial(_json, told.collection(layer, up="../../"))
        files[_path(layer, "schema.json")] = partial(_json, told.schema(layer))
        files[_path(layer, "items.geojson")] = partial(_items, layer)
    return files


class _Told:
    """What the files say of the layers."""

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        on: str,
        language: str,
        operation: Operation,
        warned: str,
    ) -> None:
        self.layers, self.on, self.language = layers, on, language
        self.warned = f"{warned}. " if warned else ""
        self.title = self._say("title", day=on)
        known = "accuracy" if operation.accuracy_m >= 0 else "accuracy_unknown"
        accuracy = self._say(known, accuracy_metres=operation.accuracy_m)
        about = self._say("description", name=operation.name, accuracy=accuracy)
        self.about = self.warned + about

    def _say(self, key: str, **fields: object) -> str:
        return theme.text(f"web_features.{key}", language=self.language, **fields)

    def landing(self) -> dict[str, Any]:
        """Say where everything is."""
        return {
            "title": self.title,
            "description": self.about,
            "links": [
                _link("self", LANDING, "application/json"),
                _link("data", COLLECTIONS, "application/json"),
                _link("describedby", RECORD, "application/ld+json"),
            ],
        }

    def collections(self) -> dict[str, Any]:
        """List the layers."""
        links = [_link("self", COLLECTIONS, "application/json")]
        told = [self.collection(layer) for layer in self.layers]
        return {"links": links, "collections": told}

    def collection(self, layer: Layer, *, up: str = "") -> dict[str, Any]:
        """Describe a layer; its links lead from the folder `up` leads to."""
        return {
            "id": layer.name,
            "title": layer.title,
            "description": self.warned + layer.abstract,
            "itemType": "feature",
            "extent": {
                "spatial": {"bbox": _bounds([layer]), "crs": _CRS84},
                "temporal": {"interval": [[f"{self.on}T00:00:00Z", f"{self.on}T23:59:59Z"]]},
            },
            "crs": [_CRS84],
            "links": [
                _link("items", up + _path(layer, "items.geojson"), _GEOJSON),
                _link("describedby", up + _path(layer, "schema.json"), _SCHEMA),
                _link("self", up + _path(layer, "index.json"), "application/json"),
            ],
        }

    def schema(self, layer: Layer) -> dict[str, Any]:
        """Describe the properties of a layer by the contract of its table."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "title": layer.title,
            "properties": {name: self._property(layer, name) for name in _properties(layer)},
        }

    def _property(self, layer: Layer, name: str) -> dict[str, Any]:
        column = LAYERS[layer.name].column(name)
        if column is None:
            return {}
        told: dict[str, Any] = {"title": heading(column, name=name, language=self.language)}
        told |= _TYPES.get(column.kind, {"type": "string"})
        return told | ({"enum": list(column.choices)} if column.choices else {})

    def record(self) -> dict[str, Any]:
        """Describe the whole as a dataset, a distribution a layer, in the words of DCAT.

        Who publishes it and under which licence is nobody's to assume: the description asks whoever
        hands it out to add it.
        """
        box = _bounds(self.layers)[0]
        where = {"@type": "dct:Location", "dcat:bbox": shapely.box(*box).wkt} if box else None
        said = {
            "dct:title": {"@value": self.title, "@language": self.language},
            "dct:description": {"@value": self.about, "@language": self.language},
            "dct:temporal": {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": {"@value": self.on, "@type": "xsd:date"},
                "dcat:endDate": {"@value": self.on, "@type": "xsd:date"},
            },
        }
        return {
            "@context": _CONTEXT,
            "@id": "",
            "@type": "dcat:Dataset",
            **said,
            **({"dct:spatial": where} if where else {}),
            "dcat:distribution": [
                {
                    "@type": "dcat:Distribution",
                    "dct:title": {"@value": layer.title, "@language": self.language},
                    "dcat:downloadURL": {"@id": _path(layer, "items.geojson")},
                    "dcat:mediaType": {
                        "@id": f"https://www.iana.org/assignments/media-types/{_GEOJSON}"
                    },
                    "dct:conformsTo": {"@id": _CRS84},
                }
                for layer in self.layers
            ],
        }


def _path(layer: Layer, name: str) -> str:
    return f"collections/{layer.name}/{name}"


def _link(rel: str, href: str, media: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": media}


def _drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take shapes to WGS 84, to a millimetre; GeoJSON goes around an area with it to the left."""
    placed = to_wgs84(frame)
    shapes = shapely.transform(placed.geometry.to_numpy(), partial(np.round, decimals=_DECIMALS))
    return placed.set_geometry(
        gpd.GeoSeries(shapely.orient_polygons(shapes), placed.index, crs=placed.crs)
    )


def _properties(layer: Layer) -> list[str]:
    """Name the columns that somebody filled."""
    frame = layer.frame
    columns = [name for name in frame.columns if name not in _OF_THE_MAP]
    return [str(name) for name in columns if frame[name].notna().any()]


def _bounds(layers: Sequence[Layer]) -> list[list[float] | None]:
    """Give the box around layers, west, south, east and north; none where nothing is drawn."""
    boxes = np.array([one.frame.total_bounds for one in layers])
    if np.isnan(boxes).all():
        return [None]
    low, high = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    return [[round(float(one), _DECIMALS) for one in (*low, *high)]]


def _items(layer: Layer) -> bytes:
    """Write a layer as GeoJSON, each feature under the id of its row; missing figures are null."""
    frame = io.days_as_text(gpd.GeoDataFrame(layer.frame))
    names = _properties(layer)
    named = frame[[*names, frame.active_geometry_name]].set_index(names[0], drop=False)
    return _json(named.to_geo_dict(na="null"))


def _json(told: Mapping[str, Any]) -> bytes:
    text = json.dumps(told, ensure_ascii=False, indent=1, default=_plain, allow_nan=False)
    return f"{text}\n".encode()


def _plain(value: Any) -> Any:
    """Give a number of NumPy as one of Python."""
    return value.item()
