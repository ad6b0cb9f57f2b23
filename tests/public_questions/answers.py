"""Answers taken apart: down to frames, arrays and values that can be compared, zone by zone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

import kcngeo as kcn
from kcngeo.maps import OfflineMap, PayloadLayer
from kcngeo.publish.bundle import Bundle
from tests.public_questions.questions import DEFINITION, ON

Owners = Mapping[str, str]
"""The zone of everything that has an id."""


def plain(answer: Any) -> Any:
    """Take an answer apart, down to frames, arrays and values that can be compared."""
    for kind, apart in APART.items():
        if isinstance(answer, kind):
            return plain(apart(answer))
    if is_dataclass(answer) and not isinstance(answer, type):
        return {item.name: plain(getattr(answer, item.name)) for item in fields(answer)}
    if isinstance(answer, Mapping):
        return {key: plain(one) for key, one in answer.items()}
    if isinstance(answer, list | tuple):
        return [plain(one) for one in answer]
    return answer


def _tables(tables: kcn.Project | kcn.Snapshot) -> dict[str, Any]:
    """Give what is known: a project means all that is not superseded."""
    snapshot = kcn.ledger.known(tables)
    return {
        # Where a row stood among superseded ones says nothing.
        **{name: frame.reset_index(drop=True) for name, frame in snapshot.tables()},
        "faulty": snapshot.faulty.drop(columns="finding"),
        "reasons": [one.finding.message() for one in snapshot.faults],
        "moment": snapshot.moment,
        "apart": list(snapshot.apart),
    }


def _account(accounts: kcn.fill.Accounts) -> list[pd.DataFrame]:
    dates = pd.DatetimeIndex([ON])
    return [accounts.account(ON, DEFINITION), accounts.rates(dates, DEFINITION)]


def _payload(page: OfflineMap) -> Any:
    layers = [one for one in page._children.values() if isinstance(one, PayloadLayer)]
    return [json.loads(layer.data) | {"options": layer.options} for layer in layers]


def _package(package: kcn.qgis.Package) -> dict[str, Any]:
    """Read what was written: the tables as a project, what was computed layer by layer."""
    project = kcn.io.read_project(package.gpkg)
    own = {name for name, _ in project.tables()}
    names = [name for name in pyogrio.list_layers(package.gpkg)[:, 0] if name not in own]
    # Of a snapshot it holds the tables as known, which do not say when that was.
    return {
        "project": {**_tables(project), "moment": None},
        "layers": {name: _in_parts(gpd.read_file(package.gpkg, layer=name)) for name in names},
        "report": package.report,
    }


def _in_parts(layer: Any) -> Any:
    """Write every area as one of parts: a layer of QGIS holds one kind, so one such makes all."""
    if not isinstance(layer, gpd.GeoDataFrame):
        return layer
    shapes = layer.geometry.to_numpy()
    is_area = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    shapes[is_area] = shapely.multipolygons(shapes[is_area][:, None])
    return layer.set_geometry(shapes, crs=layer.crs)


def _artists(figure: Figure) -> list[Any]:
    """Give what every artist of a figure draws, in order."""
    return [drawn for one in figure.findobj() if (drawn := _drawn(one)) is not None]


def _drawn(artist: Artist) -> Any:
    if isinstance(artist, Text):
        return (
            [artist.get_text(), *map(float, artist.get_position())] if artist.get_text() else None
        )
    if isinstance(artist, Line2D):
        return [np.asarray(artist.get_xydata()), str(artist.get_color())]
    if isinstance(artist, Collection):
        shapes = [path.vertices for path in artist.get_paths()]
        colors = [to_hex(one, keep_alpha=True) for one in artist.get_facecolor()]
        return [shapes, np.asarray(artist.get_offsets()), colors]
    if isinstance(artist, Patch):
        return [artist.get_path().vertices, to_hex(artist.get_facecolor(), keep_alpha=True)]
    return None


def _bundle(made: Bundle) -> dict[str, Any]:
    return {
        "tables": made.tables_in("en"),
        "layers": made.layers,
        "maps": {name: make() for name, make in made.maps.items()},
        "left_out": made.left_out,
        "findings": made.findings,
        "lines": list(made.say("en")),
    }


APART: dict[type, Callable[[Any], Any]] = {
    kcn.Project: _tables,
    kcn.Snapshot: _tables,
    kcn.fill.Accounts: _account,
    OfflineMap: _payload,
    kcn.qgis.Package: _package,
    Bundle: _bundle,
    Figure: _artists,
    kcn.quality.QualityReport: lambda report: report.findings,
    kcn.errors.KcngeoError: str,
    Enum: str,
    Path: lambda path: path.name,
}


def assert_same(left: Any, right: Any, at: str = "answer") -> None:
    """Compare two answers taken apart; ``at`` says where they differ."""
    assert type(left) is type(right), at
    if isinstance(left, dict):
        assert left.keys() == right.keys(), at
        for key in left:
            assert_same(left[key], right[key], f"{at}.{key}")
    elif isinstance(left, list):
        assert len(left) == len(right), at
        for place, (one, other) in enumerate(zip(left, right, strict=True)):
            assert_same(one, other, f"{at}[{place}]")
    elif isinstance(left, pd.DataFrame):
        assert_frames(left, right, at, check_dtype=True)
    elif isinstance(left, pd.Series):
        pd.testing.assert_series_equal(left, right, check_exact=True, obj=at)
    elif isinstance(left, pd.Index):
        pd.testing.assert_index_equal(left, right, obj=at)
    elif isinstance(left, np.ndarray):
        np.testing.assert_array_equal(left, right, err_msg=at)
    elif isinstance(left, shapely.Geometry):
        assert left.equals_exact(right, tolerance=0), at
    elif not (pd.api.types.is_scalar(left) and pd.isna(left) and pd.isna(right)):
        assert left == right, at


def is_alike(left: Any, right: Any) -> bool:
    try:
        assert_alike(left, right, "sums")
    except AssertionError:
        return False
    return True


def assert_alike(left: Any, right: Any, at: str) -> None:
    """As the same, but for types of columns, which a table with missing figures may change."""
    if isinstance(left, pd.DataFrame):
        assert isinstance(right, pd.DataFrame), at
        assert_frames(left, right, at, check_dtype=False)
    elif isinstance(left, dict):
        assert left.keys() == right.keys(), at
        for key in left:
            assert_alike(left[key], right[key], f"{at}.{key}")
    elif isinstance(left, list):
        assert len(left) == len(right), at
        for place, (one, other) in enumerate(zip(left, right, strict=True)):
            assert_alike(one, other, f"{at}[{place}]")
    else:
        assert_same(left, right, at)


def assert_frames(left: Any, right: Any, at: str, *, check_dtype: bool) -> None:
    """Compare two frames cell by cell, lists and shapes in them too."""
    one, other = (_cells(frame) for frame in (left, right))
    pd.testing.assert_frame_equal(one, other, check_exact=True, check_dtype=check_dtype, obj=at)


def _cells(frame: Any) -> pd.DataFrame:
    cells = pd.DataFrame(frame)
    for place, dtype in enumerate(frame.dtypes):
        if str(dtype) == "geometry":
            column = shapely.to_wkb(frame.iloc[:, place].to_numpy(), hex=True)
            cells = cells.assign(**{str(frame.columns[place]): column})
    return cells


def owners(project: kcn.Project) -> dict[str, str]:
    """Name the zone of every id: of zones, parcels, works …, and of projects by their entries."""
    zone_of = {str(name): str(name) for name in project.zones["zone_id"]}
    parcels = project.parcels.set_index("parcel_id")["zone_id"].to_dict()
    for name, frame in project.tables():
        key = kcn.schema.TABLES[name].key[0]
        ids = [one for one in (key, "entry_id", "project_id") if one in frame.columns]
        for row in frame.to_dict("records"):
            zone = row.get("zone_id", parcels.get(row.get("parcel_id")))
            for column in ids:
                if zone is not None and isinstance(row[column], str) and column != "kind":
                    zone_of.setdefault(row[column], zone)
    return zone_of


def of_zone(answer: Any, zone_id: str, zone_of: Owners, zone_ids: Sequence[str]) -> Any:
    """Keep what an answer taken apart says of one zone alone; None where that is nothing.

    An array as long as there are zones has a figure of each of ``zone_ids``.
    """
    if isinstance(answer, pd.DataFrame | pd.Series):
        return _rows_of(answer, zone_id, zone_of)
    if isinstance(answer, dict):
        if "zones" in answer and "texts" in answer:
            return _page_of(answer, zone_id)
        if {"zone_ids", "rule", "ids"} <= answer.keys():  # a finding
            return answer if tuple(answer["zone_ids"]) == (zone_id,) else None
        mine = {
            key: one for key, one in answer.items() if zone_of.get(str(key), zone_id) == zone_id
        }
        if any(str(key) in zone_of for key in answer):
            return mine or None
        kept = {key: of_zone(one, zone_id, zone_of, zone_ids) for key, one in mine.items()}
        return {key: one for key, one in kept.items() if one is not None} or None
    if isinstance(answer, np.ndarray) and len(answer) == len(zone_ids):
        return answer[np.array(zone_ids) == zone_id]
    if isinstance(answer, list):
        kept = [of_zone(one, zone_id, zone_of, zone_ids) for one in answer]
        return [one for one in kept if one is not None] or None
    return None


def _rows_of(frame: Any, zone_id: str, zone_of: Owners) -> Any:
    """Keep the rows of one zone: every id in them is the zone's, or of none."""
    index = frame.index.to_frame(index=False)
    keys = [index[name] for name in index.columns]
    if isinstance(frame, pd.DataFrame):
        keys += [
            frame[name].reset_index(drop=True)
            for name in frame.columns
            if str(name).endswith("_id") or name == "ids"
        ]
    found = pd.DataFrame(dict(enumerate(_zones_named(key, zone_of) for key in keys)))
    named = found.apply(lambda row: set().union(*row), axis=1) if len(found) else []
    rows = [zones == {zone_id} for zones in named]
    if not any(rows):
        return None
    mine = frame[np.array(rows)]
    if isinstance(mine, pd.DataFrame):
        # Places among the rows of all zones, and sums of all zones, are not the zone's own.
        others = [
            name for name in mine if name in ("number", "version") or str(name).startswith("total_")
        ]
        mine = mine.drop(columns=others)
    # Where its rows stand among those of other zones says nothing of a zone.
    has_names = any(name is not None for name in mine.index.names)
    return mine if has_names else mine.reset_index(drop=True)


def _zones_named(ids: pd.Series, zone_of: Owners) -> list[set[str]]:
    """Give the zones that the ids in each cell belong to."""

    def parts(cell: Any) -> list[str]:
        if isinstance(cell, list | tuple | np.ndarray):
            return [str(one) for one in cell]
        return str(cell).split("|")

    return [{zone_of[one] for one in parts(cell) if one in zone_of} for cell in ids]


def _page_of(payload: dict[str, Any], zone_id: str) -> dict[str, Any]:
    """Keep what a page says of a zone, with what it names by position said in full."""
    places = [place for place, one in enumerate(payload["zones"]) if one["id"] == zone_id]

    def said(one: dict[str, Any]) -> dict[str, Any]:
        told = {key: value for key, value in one.items() if key not in ("zone", "mark", "number")}
        if "facts" in told and "labels" in payload:
            told["facts"] = [[payload["labels"][label], value] for label, value in told["facts"]]
        if "states" in told:
            told["states"] = [[month, payload["states"][at]] for month, at in told["states"]]
        if "use" in told and "uses" in payload:
            told["use"] = payload["uses"][told["use"]]
        if "group" in told:
            told["group"] = payload["groups"][told["group"]]
        return told

    lists = {key: payload[key] for key in ("base", "features", "parcels") if key in payload}
    return {
        "zone": [payload["zones"][place] for place in places],
        **{
            key: [said(one) for one in rows if one["zone"] in places] for key, rows in lists.items()
        },
    }
