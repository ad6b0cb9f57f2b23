"""Drawings of three versions, as draughtsmen leave them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import ezdxf
import shapely
from ezdxf import units

from tests.io.corpus.layer import Layer

_TEXT_HIGH_M = 3


def _drawing(version: str) -> tuple[Any, Any]:
    drawing = ezdxf.new(version, setup=True)
    drawing.units = units.M
    return drawing, drawing.modelspace()


def _number(paper: Any, shape: Any, text: str) -> None:
    place = shapely.point_on_surface(shape)
    paper.add_text(text, height=_TEXT_HIGH_M).set_placement((place.x, place.y))


def drawn(
    version: str, layer: Callable[[], Layer], how: Callable[[Any, Any], None]
) -> Callable[[Path], Path]:
    """Give what draws lots, each the way `how` says, with their numbers inside."""

    def write(folder: Path) -> Path:
        drawing, paper = _drawing(version)
        for row in layer().rows:
            how(paper, row.shape)
            _number(paper, row.shape, str(row.lot))
        path = folder / "lo_dat.dxf"
        drawing.saveas(path)
        return path

    return write


def closed_lines(paper: Any, shape: Any) -> None:
    """Draw the outline as a closed polyline."""
    corners = shapely.get_coordinates(shape)[:-1].tolist()
    if paper.doc.dxfversion < "AC1015":
        paper.add_polyline2d(corners, close=True)
    else:
        paper.add_lwpolyline(corners, close=True)


def single_lines(paper: Any, shape: Any) -> None:
    """Draw every side as a line of its own."""
    for one, other in pairwise(shapely.get_coordinates(shape).tolist()):
        paper.add_line(one, other)


def gaping_lines(paper: Any, shape: Any) -> None:
    """Draw every side 4 mm short of its corner."""
    for one, other in pairwise(shapely.get_coordinates(shape)):
        short = other - (other - one) / ((other - one) @ (other - one)) ** 0.5 * 0.004
        paper.add_line(one.tolist(), short.tolist())


def with_stones(paper: Any, shape: Any) -> None:
    """Draw the outline, with a circle of 0.5 m as a stone on every corner."""
    closed_lines(paper, shape)
    for corner in shapely.get_coordinates(shape)[:-1].tolist():
        paper.add_circle(corner, 0.5)


def with_heights(paper: Any, shape: Any) -> None:
    """Draw the outline as a polyline in space."""
    corners = shapely.get_coordinates(shape)[:-1].tolist()
    paper.add_polyline3d([(x, y, 812.5) for x, y in corners], close=True)


def as_blocks(paper: Any, shape: Any) -> None:
    """Draw the outline in a block that is placed once."""
    corners = shapely.get_coordinates(shape)[:-1]
    block = paper.doc.blocks.new(name=f"LO{len(paper)}")
    block.add_lwpolyline((corners - corners[0]).tolist(), close=True)
    paper.add_blockref(block.name, corners[0].tolist())
