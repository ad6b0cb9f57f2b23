"""The lots of the corpus and what is done to them; their hectares are counted by eye.

CN-1 is one square of 100 m, CN-2 two side by side, CN-3 the lower half of one: 1, 2 and 0.5 ha.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from kcngeo.core.crs import lonlat
from tests import squares

HECTARES = {"CN-1": 1.0, "CN-2": 2.0, "CN-3": 0.5}
LOT, USE, PAPER = "SO_LO", "CHUC_NANG", "DT_GCN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A lot as a foreign file has it."""

    lot: str | None
    use: str
    paper: Any
    shape: Any

    @property
    def fields(self) -> dict[str, Any]:
        """Its attributes under foreign names."""
        return {LOT: self.lot, USE: self.use, PAPER: self.paper}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Lots, and what the file says of their CRS."""

    rows: tuple[Row, ...]
    crs: str | None = squares.CRS


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file of the corpus.

    Attributes
    ----------
    kind
        Its format.
    defect
        What is wrong with it.
    tool
        What writes it.
    make
        Writes it into a folder and gives its path.
    hectares
        By lot, what the project holds of it in the end.
    words
        Options one would give: what no file of the kind can say.
    steps
        Commands that are refused before one works; each names the next.
    """

    kind: str
    defect: str
    tool: str
    make: Callable[[Path], Path]
    hectares: dict[str, float] = field(default_factory=lambda: dict(HECTARES))
    words: tuple[str, ...] = ()
    steps: int = 0

    @property
    def name(self) -> str:
        """Name of the test."""
        return f"{self.kind}-{self.defect}-{self.tool}"


def plain() -> Layer:
    """Three lots with nothing wrong."""
    shapes = {
        "CN-1": squares.square(0),
        "CN-2": squares.square(1, wide=2),
        "CN-3": squares.square(4, high=0.5),
    }
    return Layer(
        rows=tuple(
            Row(lot=lot, use="Đất công nghiệp", paper=10_000.0 * ha, shape=shapes[lot])
            for lot, ha in HECTARES.items()
        )
    )


def moved(layer: Layer, by: Callable[[Any], Any], *, crs: str | None) -> Layer:
    """Give a layer with other coordinates."""
    rows = (replace(row, shape=shapely.transform(row.shape, by)) for row in layer.rows)
    return replace(layer, rows=tuple(rows), crs=crs)


def _degrees(points: Any) -> Any:
    return np.column_stack(lonlat(pyproj.CRS(squares.CRS), *points.T))


@cache
def _to_next() -> Any:
    return pyproj.Transformer.from_crs(squares.CRS, "EPSG:9218", always_xy=True)


def _with(layer: Layer, *more: Row) -> Layer:
    return replace(layer, rows=(*layer.rows, *more))


def _extra(shape: Any, **values: Any) -> Row:
    return Row(**{"lot": "X-1", "use": "Đất công nghiệp", "paper": None, "shape": shape, **values})


def _shaped(layer: Layer, lot: str, shape: Any) -> Layer:
    rows = (replace(row, shape=shape) if row.lot == lot else row for row in layer.rows)
    return replace(layer, rows=tuple(rows))


def _said(layer: Layer, **values: Callable[[Row], Any]) -> Layer:
    rows = (replace(row, **{key: by(row) for key, by in values.items()}) for row in layer.rows)
    return replace(layer, rows=tuple(rows))


_CROSSED = shapely.Polygon(
    [(squares.EAST + 100 * x, squares.NORTH + 100 * y) for x, y in ((6, 0), (7, 1), (7, 0), (6, 1))]
)
_APART = shapely.MultiPolygon([squares.square(1), squares.square(6)])
_HOLED = squares.square(1, wide=2) - squares.square(1.5, 0.25, wide=0.5, high=0.5)
_ROAD = shapely.LineString([(squares.EAST, squares.NORTH), (squares.EAST + 900, squares.NORTH)])
_MARK = shapely.Point(squares.EAST + 850, squares.NORTH + 50)

DEFECTS: dict[str, Callable[[Layer], Layer]] = {
    "nothing": lambda one: one,
    # Metres of another grid, and the file says so.
    "other_grid": lambda one: moved(
        one, lambda xy: np.column_stack(_to_next().transform(*xy.T)), crs="EPSG:9218"
    ),
    "degrees": lambda one: moved(one, _degrees, crs="EPSG:4326"),
    "no_crs": lambda one: replace(one, crs=None),
    # The meridian of another province: the lots would lie 300 km away.
    "wrong_crs": lambda one: replace(one, crs="EPSG:3406"),
    "metres_as_degrees": lambda one: replace(one, crs="EPSG:4326"),
    "swapped": lambda one: moved(one, lambda xy: xy[:, ::-1], crs=one.crs),
    "swapped_degrees": lambda one: moved(one, lambda xy: _degrees(xy)[:, ::-1], crs="EPSG:4326"),
    "millimetres": lambda one: moved(one, lambda xy: xy * 1000, crs=None),
    "feet": lambda one: moved(one, lambda xy: xy / 0.3048, crs=None),
    # "Đất công nghiệp" as its TCVN3 bytes look in Windows-1252.
    "tcvn3": lambda one: _said(one, use=lambda _: "§Êt c«ng nghiÖp"),
    "commas": lambda one: _said(one, paper=lambda row: f"{row.paper:.1f}".replace(".", ",")),
    "heights": lambda one: replace(
        one, rows=tuple(replace(row, shape=shapely.force_3d(row.shape, 812.5)) for row in one.rows)
    ),
    "no_shape": lambda one: _with(one, _extra(None)),
    "no_name": lambda one: _with(one, _extra(squares.square(6), lot=None)),
    "twice": lambda one: _with(one, _extra(squares.square(6), lot="CN-3")),
    "same_row": lambda one: _with(one, one.rows[-1]),
    "mixed": lambda one: _with(one, _extra(_ROAD, lot="D-1", use="Giao thông"), _extra(_MARK)),
    "crossed": lambda one: _with(one, _extra(_CROSSED)),
    "parts": lambda one: _shaped(one, "CN-2", _APART),
    "hole": lambda one: _shaped(one, "CN-2", _HOLED),
    "no_rows": lambda one: replace(one, rows=()),
}
"""What is wrong with a file, by name."""

# 200 m by 100 m less a square of 50 m.
HOLED = {**HECTARES, "CN-2": 1.75}
