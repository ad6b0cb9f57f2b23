"""A map on a sheet: a panel for every zone, its scale and north, a legend that counts, a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.patches import PathPatch, Rectangle

from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.figures.content import ARROW_IN, LINE_IN, Content, Ground, Layer, Numbered
from kcngeo.figures.hatches import hatched
from kcngeo.figures.legend import COLUMN_IN, Entry, Listed, column_height, draw_column
from kcngeo.figures.legend_symbols import DASHES, Key
from kcngeo.figures.page_layout import INK, INNER_IN, PAPER, SIZES, SOFT, Heading, Sheet
from kcngeo.figures.panel_geometry import (
    Places,
    Shapes,
    View,
    area_path,
    bar_length_m,
    line_path,
    view_of,
)
from kcngeo.figures.typography import plain, width_in, wrapped
from kcngeo.theme import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 12
"""Zones one sheet can show; for more, a sheet a zone."""

_MAP_IN = INNER_IN - COLUMN_IN - 0.25
_TITLE_IN, _GAP_IN = 0.27, 0.4
_ARROW = ((0, -0.12), (0.07, 0.09), (0, 0.04), (-0.07, 0.09))
# Columns of panels and the height of each, by how many there are at most.
_LAYOUTS = ((1, 1, 6.2), (2, 1, 4.1), (3, 1, 3.2), (6, 2, 3.0), (MOST_PANELS, 3, 2.1))
_LOT_SIZE, _NUMBER_SIZE, _MOST_LETTERS = 6.5, 8.0, 40
_BADGE_IN, _MARK_IN = 0.2, 0.1


def draw_plan(head: Heading, content: Content) -> Figure:
    """Draw a map.

    Parameters
    ----------
    head
        What stands over and under it.
    content
        What it shows.

    Returns
    -------
    Figure
        The map.

    Raises
    ------
    KcngeoError
        If there are more zones than a sheet can show.
    """
    count = len(content.grounds)
    if count > MOST_PANELS:
        raise KcngeoError("figure_zones", count=count, most=MOST_PANELS)
    views, map_in = _views(content)
    boxes = np.array([view.box for view in views], dtype=object)
    entries = _entries(content.layers, boxes, language=head.language)
    seen = [one for one in content.numbered if shapely.intersects(boxes, one.shape).any()]
    listed = Listed(
        title=content.list_title,
        empty=content.list_empty,
        words=[one.words for one in seen[: content.most_listed]],
        more=len(seen) - content.most_listed,
        elsewhere=len(content.numbered) - len(seen),
    )
    body_in = max(map_in, column_height(entries, listed, language=head.language))
    sheet = Sheet(head, body_in=body_in)
    places = Places()
    for ground, view in zip(content.grounds, views, strict=True):
        _panel(sheet, places, ground, view, content, seen[: content.most_listed])
    draw_column(sheet, entries, listed, left=INNER_IN - COLUMN_IN, language=head.language)
    return sheet.figure


def _views(content: Content) -> tuple[list[View], float]:
    """Lay out the panels: their views, and the height of all."""
    grounds = content.grounds
    columns, high = next((cols, high) for most, cols, high in _LAYOUTS if len(grounds) <= most)
    wide = (_MAP_IN - (columns - 1) * _GAP_IN) / columns
    nothing = np.array([], dtype=object)
    framing = np.concatenate([nothing, *(one.shapes for one in content.layers if one.framing)])
    most = max((len(one.lines(wide - ARROW_IN)) for one in grounds), default=1)
    head_in = _TITLE_IN + (most - 1) * LINE_IN
    views = []
    for place, ground in enumerate(grounds):
        row, column = divmod(place, columns)
        shape = np.array([ground.shape], dtype=object)
        left, top = column * (wide + _GAP_IN), row * (head_in + high + _GAP_IN) + head_in
        views.append(view_of(shape, framing, left=left, top=top, width=wide, height=high))
    rows = -(-len(grounds) // columns)
    return views, rows * (head_in + high + _GAP_IN)


def _entries(layers: Sequence[Layer], boxes: Shapes, *, language: str) -> list[Entry]:
    """Count what is shown, layer by layer; what is not shown has no line.

    What is drawn on top is told of first, section by section.
    """
    entries = []
    for layer in layers:
        shown = np.zeros(len(layer.shapes), dtype=bool)
        for box in boxes:
            shown |= shapely.intersects(box, layer.shapes)
        if not layer.label or not shown.any():
            continue
        amount = theme.number(int(shown.sum()), language=language, decimals=0)
        if layer.area_ha is not None:
            area_ha = float(np.nansum(np.asarray(layer.area_ha, dtype="float64")[shown]))
            amount = theme.number(area_ha, language=language) + " ha"
        is_line = layer.style != "point" and (shapely.get_dimensions(layer.shapes) == 1).all()
        style = "line" if is_line and layer.style == "area" else layer.style
        key = Key(color=layer.color, words=layer.label, style=style, marker=layer.marker)
        entries.append(Entry(key=key, amount=amount, section=layer.section))
    sections = list(dict.fromkeys(entry.section for entry in reversed(entries)))
    return sorted(entries, key=lambda entry: sections.index(entry.section))


def _panel(
    sheet: Sheet,
    places: Places,
    ground: Ground,
    view: View,
    content: Content,
    listed: list[Numbered],
) -> None:
    lines = ground.lines(view.width - ARROW_IN)
    for back, (words, size, weight, color) in enumerate(reversed(lines)):
        y = view.top - 0.13 - back * LINE_IN
        sheet.text(view.left, y, words, size=size, weight=weight, color=color)
    axes = sheet.axes(left=view.left, top=view.top, width=view.width, height=view.height)
    axes.set_xlim(view.west, view.west + view.width * view.metres)
    axes.set_ylim(view.north - view.height * view.metres, view.north)
    for kind, _, shape in content.context:
        color = theme.KIND_COLORS["context"].get(kind, theme.LAYER_COLORS["other"])
        dashes = (0, (6, 2, 1.5, 2)) if kind == "boundary" else "-"
        wide = 2.6 if kind == "road" else 1.6
        path = line_path(np.array([shape], dtype=object))
        look = {"facecolor": "none", "edgecolor": color, "linewidth": wide, "linestyle": dashes}
        axes.add_patch(PathPatch(path, **look, zorder=1))
    for place, layer in enumerate(content.layers):
        _draw_layer(axes, layer, view, zorder=2 + place * 0.01)
    fence = line_path(np.array([ground.shape], dtype=object))
    axes.add_patch(PathPatch(fence, facecolor="none", edgecolor=INK, linewidth=1.3, zorder=3))
    frame = Rectangle((0, 0), 1, 1, transform=axes.transAxes, clip_on=False, zorder=9)
    frame.set(facecolor="none", edgecolor=SOFT, linewidth=0.8)
    axes.add_patch(frame)
    _north(sheet, view)
    _scale_bar(sheet, view)
    for layer in content.layers:
        _keep_free(places, layer, view)
    for number, one in enumerate(listed, start=1):
        if shapely.intersects(view.box, one.shape):
            _badge(sheet, places, axes, view, one.shape, number)
    for layer in content.layers:
        if layer.letters is not None:
            _letters(sheet, places, layer, view)
    for _, name, shape in content.context:
        _name_line(sheet, places, name, shape, view)


def _draw_layer(axes: Axes, layer: Layer, view: View, *, zorder: float) -> None:
    shapes = layer.shapes[shapely.intersects(view.box, layer.shapes)]
    dimensions = shapely.get_dimensions(shapes)
    areas, lines, points = (shapes[dimensions == number] for number in (2, 1, 0))
    if len(areas) and layer.style == "outline":
        look = {"facecolor": "none", "edgecolor": layer.color, "linewidth": layer.width}
        axes.add_patch(PathPatch(line_path(areas), **look, zorder=zorder, gid=layer.name))
    elif len(areas):
        look = hatched(layer.color)
        axes.add_patch(PathPatch(area_path(areas), **look, zorder=zorder, gid=layer.name))
    if len(areas) and layer.style == "area" and layer.edge:
        edge = {"facecolor": "none", "edgecolor": SOFT, "linewidth": 0.35}
        axes.add_patch(PathPatch(line_path(areas), **edge, zorder=zorder))
    if len(lines):
        dashes = DASHES.get(layer.style, "-")
        look = {"facecolor": "none", "edgecolor": layer.color, "linewidth": layer.width}
        axes.add_patch(
            PathPatch(
                line_path(lines), **look, linestyle=dashes, zorder=zorder + 0.3, gid=layer.name
            )
        )
    if len(points):
        x, y = shapely.get_coordinates(points).T
        axes.plot(
            x,
            y,
            marker=layer.marker,
            ms=8,
            color=layer.color,
            mec=PAPER,
            ls="none",
            zorder=4 + zorder / 100,
            gid=layer.name,
        )


def _keep_free(places: Places, layer: Layer, view: View) -> None:
    """Take the places of marks, so that no number covers them."""
    marks = layer.shapes[shapely.get_dimensions(layer.shapes) == 0]
    for mark in marks[shapely.intersects(view.box, marks)]:
        places.take(*view.place(mark), _MARK_IN, _MARK_IN)


def _north(sheet: Sheet, view: View) -> None:
    """Draw the arrow to grid north over the upper right corner, where it covers nothing."""
    x, y = view.left + view.width - 0.08, view.top - 0.13
    sheet.polygon([(x + dx, y + dy) for dx, dy in _ARROW], gid="north")
    words = text("figures.north", language=sheet.language)
    sheet.text(x - 0.14, y, words, size=SIZES["small"], weight="bold", ha="right")


def _scale_bar(sheet: Sheet, view: View) -> None:
    """Draw a bar of a round length under the lower left corner."""
    length = bar_length_m(view.metres, longest_in=min(1.5, view.width / 3))
    unit, shown = ("km", length / 1000) if length >= 1000 else ("m", length)
    long, x, y = length / view.metres, view.left, view.top + view.height + 0.14
    for half, color in ((0, INK), (1, PAPER)):
        left, right = x + half * long / 2, x + (half + 1) * long / 2
        corners = [(left, y - 0.03), (right, y - 0.03), (right, y + 0.03), (left, y + 0.03)]
        sheet.polygon(corners, color=color, gid=f"scale.{half}")
    sheet.text(x + long + 0.08, y, f"{shown:g} {unit}", size=SIZES["small"])


def _on_ground(view: View, x: float, y: float) -> tuple[float, float]:
    """Give the ground at a place of the body."""
    return (
        view.west + (x - view.left) * view.metres,
        view.north - (y - view.top) * view.metres,
    )


def _badge(sheet: Sheet, places: Places, axes: Axes, view: View, shape: Any, number: int) -> None:
    """Write a number on its shape, or as near as there is room."""
    target = shapely.point_on_surface(shape)
    if not view.box.contains(target):
        # Clipping takes a ring that crosses itself, which an intersection does not.
        target = shapely.point_on_surface(shapely.clip_by_rect(shape, *view.box.bounds))
    x, y = view.place(target)
    found = places.near(x, y, size=_BADGE_IN, view=view)
    if found is None:
        return
    east, north = _on_ground(view, *found)
    if abs(found[0] - x) + abs(found[1] - y) > _BADGE_IN / 2:
        points = shapely.get_coordinates(target)[0]
        axes.plot([points[0], east], [points[1], north], color=INK, lw=0.9, zorder=5)
        axes.plot([points[0]], [points[1]], marker="o", ms=2.5, color=INK, ls="none", zorder=5)
    axes.plot([east], [north], marker="o", ms=13, color=INK, mec=PAPER, ls="none", zorder=6)
    made = sheet.text(*found, number, size=_NUMBER_SIZE, color=PAPER, weight="bold", ha="center")
    made.set_gid(f"number.{number}")


def _letters(sheet: Sheet, places: Places, layer: Layer, view: View) -> None:
    """Write into every shape what names it, where it fits in and covers nothing."""
    high = _LOT_SIZE / 72 * 1.15
    for shape, words in zip(layer.shapes, layer.letters or (), strict=True):
        if not 0 < len(words) <= _MOST_LETTERS or not view.box.contains(shape):
            continue
        words = plain(words)
        middle = shape.centroid if shape.contains(shape.centroid) else shape.point_on_surface()
        x, y = view.place(middle)
        wide = width_in(words, size=_LOT_SIZE) + 0.03
        half_x, half_y = wide / 2 * view.metres, high / 2 * view.metres
        box = shapely.box(
            middle.x - half_x, middle.y - half_y, middle.x + half_x, middle.y + half_y
        )
        if shape.contains(box) and places.take(x, y, wide, high + 0.03):
            sheet.text(x, y, words, size=_LOT_SIZE, ha="center", halo=True)


def _name_line(sheet: Sheet, places: Places, name: str, shape: Any, view: View) -> None:
    """Write the name of a road or river on its longest stretch, if there is room."""
    line = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
    stretches = shapely.get_parts(shapely.intersection(view.box, line))
    lengths = shapely.length(stretches)
    if not name or not lengths.any():
        return
    longest = stretches[int(np.argmax(lengths))]
    name = wrapped(name, width=view.width / 2, size=SIZES["small"], most=1)[0]
    wide = width_in(name, size=SIZES["small"]) + 0.06
    for share in (0.5, 0.35, 0.65, 0.2, 0.8):
        x, y = view.place(shapely.line_interpolate_point(longest, share, normalized=True))
        inside = view.left + wide / 2 < x < view.left + view.width - wide / 2
        if (
            inside
            and view.top + 0.1 < y < view.top + view.height - 0.1
            and places.take(x, y, wide, 0.17)
        ):
            sheet.text(x, y, name, size=SIZES["small"], color=SOFT, ha="center", halo=True)
            return
