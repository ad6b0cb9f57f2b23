"""What three renderers drew of one map specification, read from the drawings themselves.

The screen is read from the page in Chromium (computed styles, words, badges), paper from the
artists of Matplotlib, QGIS from the layers of the project it opened.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from playwright.sync_api import Page


@dataclass
class Drawn:
    """What was drawn: by class its colour, its words, how many, how many hectares; and the rest."""

    colors: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    legend: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, list[float]] = field(default_factory=dict)
    shapes: dict[str, list[Any]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    numbers: dict[int, Any] = field(default_factory=dict)
    listed: dict[int, str] = field(default_factory=dict)
    notice: bool = False


def hexed(color: str) -> str:
    """Write "rgb(58, 127, 181)" as "#3a7fb5"."""
    if color.startswith("#"):
        return color.lower()
    red, green, blue = map(int, re.findall(r"\d+", color)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def amounts_in(words: str) -> list[float]:
    """Read the numbers of an English legend: "2 · 1,234.56 ha" is 2 and 1234.56."""
    return [float(one.replace(",", "")) for one in re.findall(r"[\d,]+(?:\.\d+)?", words)]


# ---- screen -------------------------------------------------------------------------------------
_PAINTED = """() => {
  const found = [];
  kcngeo.map.eachLayer((layer) => {
    const { group, number, geometry } = layer.feature?.properties ?? {};
    const node = layer.getElement?.();
    if (!group || !node) return;
    const { fill, stroke, fillOpacity } = getComputedStyle(node);
    found.push({ group, number: number ?? null, geometry: geometry ?? null,
      fill: fill === "none" || Number(fillOpacity) < 0.5 ? null : fill, stroke });
  });
  return found;
}"""
_LEGEND = """rows => rows.map(row => {
  const swatch = row.querySelector('.kcn-swatch');
  const style = getComputedStyle(swatch);
  const isFilled = style.backgroundColor !== 'rgba(0, 0, 0, 0)';
  return { color: isFilled ? style.backgroundColor : style.borderTopColor,
    name: row.children[1].textContent, figures: row.children[2].textContent };
})"""


def on_screen(page: Page, address: str) -> Drawn:
    """Read the page of a map of one day."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 2000, "height": 1600})
    page.goto(address)
    drawn = Drawn(notice=page.locator(".kcn-synthetic").is_visible())
    for one in page.evaluate(_PAINTED):
        key = one["group"]
        drawn.colors[key] = hexed(one["fill"] or one["stroke"])
        drawn.counts[key] += 1
        if one["number"] is not None and one["geometry"]:
            drawn.numbers[one["number"]] = shapely.from_geojson(json.dumps(one["geometry"]))
    for row in page.locator(".kcn-legend button").evaluate_all(_LEGEND):
        drawn.legend[row["name"]] = hexed(row["color"])
        drawn.amounts[row["name"]] = amounts_in(row["figures"])
    for item in page.locator(".kcn-list li").all():
        number = item.locator(".kcn-list-number").inner_text()
        name = item.locator("span").last.inner_text()
        drawn.listed[int(number)] = name
    return drawn


# ---- paper --------------------------------------------------------------------------------------
def rings_of(path: Path) -> list[Any]:
    """Give the rings of a path; those that run backwards are holes."""
    starts = np.flatnonzero(path.codes == Path.MOVETO)
    return np.split(path.vertices, starts[1:]) if len(path.vertices) else []


def surface_of(path: Path) -> Any:
    """Give what a path covers."""
    rings = [shapely.LinearRing(ring) for ring in rings_of(path) if len(ring) > 3]
    shells = [shapely.Polygon(ring) for ring in rings if ring.is_ccw]
    holes = [shapely.Polygon(ring) for ring in rings if not ring.is_ccw]
    return shapely.union_all(shells).difference(shapely.union_all(holes))


def boxes_of(figure: Figure) -> list[Any]:
    """Give the ground the panels show."""
    return [
        shapely.box(*np.array([axes.get_xlim(), axes.get_ylim()]).T.ravel()) for axes in figure.axes
    ]


def on_paper(figure: Figure) -> Drawn:
    """Read a sheet: patches and marks by the class they carry as their id, words by their place."""
    drawn = Drawn()
    for one in figure.findobj(lambda some: bool(some.get_gid())):
        key = one.get_gid()
        if isinstance(one, PathPatch):
            face = one.get_facecolor()
            is_filled = face[3] > 0
            drawn.colors[key] = to_hex(face if is_filled else one.get_edgecolor())
            drawn.counts[key] += len(rings_of(one.get_path()))
            if is_filled:
                drawn.shapes.setdefault(key, []).append(surface_of(one.get_path()))
        elif isinstance(one, Line2D):
            drawn.colors[key] = to_hex(one.get_color())
            drawn.counts[key] += len(one.get_xdata())
        elif key.startswith("label."):
            drawn.labels.add(one.get_text())
        elif key.startswith("number."):
            drawn.numbers[int(one.get_text())] = one
    _read_column(figure, drawn)
    return drawn


def _read_column(figure: Figure, drawn: Drawn) -> None:
    """Read legend and list: what stands in one line belongs together."""
    texts = [
        one for one in figure.findobj(lambda some: hasattr(some, "get_text")) if one.get_text()
    ]
    lines: dict[float, list[Any]] = {}
    for one in texts:
        lines.setdefault(round(one.get_position()[1], 3), []).append(one)
        drawn.notice |= "ynthetic geometry" in one.get_text()
    for some in lines.values():
        some.sort(key=lambda one: one.get_position()[0])
        right = [one for one in some if one.get_ha() == "right"]
        left = [one for one in some if one.get_ha() == "left"]
        if right and left and re.fullmatch(r"[\d,.]+( ha)?", right[-1].get_text()):
            drawn.amounts[left[-1].get_text()] = amounts_in(right[-1].get_text())
        badges = [one for one in some if one.get_ha() == "center" and one.get_text().isdigit()]
        # A long name goes on in the next line, where the colon is.
        if badges and left and re.search(": | →", left[-1].get_text()):
            drawn.listed[int(badges[-1].get_text())] = left[-1].get_text().split(": ")[0]


def amount_of(drawn: Drawn, label: str) -> list[float] | None:
    """Give the amount beside words of a legend; on paper long words go on in the next line."""
    for words, amounts in drawn.amounts.items():
        if label == words or label.startswith(f"{words} "):
            return amounts
    return None


# ---- QGIS ---------------------------------------------------------------------------------------
def in_qgis_theme(layers: list[dict[str, Any]]) -> Drawn:
    """Read a map theme of a project opened in QGIS."""
    drawn = Drawn()
    for layer in layers:
        for value, (label, color) in layer["categories"].items():
            key = layer["name"] if value == "None" else f"{layer['name']}.{value}"
            drawn.legend.setdefault(key, label)
            drawn.colors.setdefault(key, color)
        for one in layer["features"]:
            value = one["value"]
            key = layer["name"] if value == "None" else f"{layer['name']}.{value}"
            shape = shapely.from_wkb(bytes.fromhex(one["shape"])) if one["shape"] else None
            # A table without a shape is in no picture.
            if shape is None or shape.is_empty:
                continue
            drawn.counts[key] += 1
            drawn.shapes.setdefault(key, []).append(shape)
            if one["label"]:
                drawn.labels.add(one["label"])
            if one["number"] is not None and one["label"].split("\n")[0] == str(one["number"]):
                # Marks say where the others are.
                is_first = one["number"] not in drawn.numbers
                if is_first or shapely.get_dimensions(shape) > 0:
                    drawn.numbers[one["number"]] = shape
    return drawn
