"""What is said when a feature is asked about: columns in words, as their contract says."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kcngeo import theme
from kcngeo.cartography.map_layer import MapLayer
from kcngeo.cartography.words import Words, say
from kcngeo.core.schema import Column, cell, people_are_told, told_heading

Fact = tuple[Words, Words]
"""Label and value of a column, in every language."""


def facts(layer: MapLayer) -> list[list[Fact]]:
    """Say of every feature the columns whose contract has a popup tell them.

    Parameters
    ----------
    layer
        The layer; its contract says which columns are told, and how their values are written.

    Returns
    -------
    list[list[Fact]]
        Of each feature, label and value of its columns, without what is missing; nothing of a
        layer that has no contract.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from kcngeo.cartography.words import same
    >>> from kcngeo.core.schema import COMPUTED
    >>> lot = gpd.GeoDataFrame({"area_ha": [1.0], "level": [4]}, geometry=[box(0, 0, 100, 100)])
    >>> contract = COMPUTED["readiness"]
    >>> layer = MapLayer(name="lots", title=same(""), frame=lot, classes=(), contract=contract)
    >>> [[(label["en"], value["en"]) for label, value in row] for row in facts(layer)]
    [[('Area (ha)', '1.0000')]]
    """
    table, frame = layer.contract, layer.frame
    if table is None:
        return [[] for _ in range(len(frame))]
    told = [
        one
        for one in table.columns
        if one.popup
        and one.name in frame.columns
        and people_are_told(table, one.name, names=layer.names.get(theme.LANGUAGES[0]))
    ]
    labels = [_label(one, layer) for one in told]
    return [
        [
            (label, _value(one, row[one.name], layer, row))
            for one, label in zip(told, labels, strict=True)
            if not _is_missing(row[one.name])
        ]
        for row in pd.DataFrame(frame).to_dict("records")
    ]


def _label(column: Column, layer: MapLayer) -> Words:
    return say(lambda one: told_heading(column, language=one, names=layer.names.get(one)))


def _value(column: Column, given: Any, layer: MapLayer, row: dict[Any, Any]) -> Words:
    # Ids of a finding come as a list; in files they are joined as the contract says.
    value = "|".join(map(str, given)) if isinstance(given, (list, tuple)) else given
    name = "" if layer.contract is None else layer.contract.name
    return say(
        lambda one: cell(
            column, value, language=one, table=name, row=row, names=layer.names.get(one)
        )
    )


def _is_missing(given: Any) -> bool:
    return len(given) == 0 if isinstance(given, (list, tuple)) else bool(pd.isna(given))
