"""A map on a sheet: a panel for every zone, its scale and north, a legend that counts, a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import shapely.affinity
from matplotlib.patches import PathPatch, Rectangle

from kcngeo import theme
from kcngeo.cartography import MapClass, MapLayer, MapSpec, Told
from kcngeo.cartography.labels import Label
from kcngeo.cartography.legend import legend
from kcngeo.cartography.map_layer import LINES
from kcngeo.cartography.spec import MOST_PANELS
from kcngeo.figures.hatches import hatched
from kcngeo.figures.legend import (
    COLUMN_IN,
    Entry,
    Listed,
    column_height,
    draw_column,
    in_two,
)
from kcngeo.figures.legend_symbols import DASHES, Key
from kcngeo.figures.page_layout import (
    INK,
    INNER_IN,
    PAPER,
    SIZES,
    SOFT,
    UPRIGHT_HIGH_IN,
    UPRIGHT_IN,
    Heading,
    Part,
    Sheet,
)
from kcngeo.figures.panel import ARROW_IN, LINE_IN, Panel, shapes_by_class, shapes_of
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

_MAP_IN = INNER_IN - COLUMN_IN - 0.25
_TITLE_IN, _GAP_IN = 0.27, 0.4
# Upright the panels share what the page has; none is higher than this share of its width.
_UPRIGHT_COLUMNS = ((2, 1), (6, 2), (MOST_PANELS, 3))
_HIGHEST = 1.05
_ARROW = ((0, -0.12), (0.07, 0.09), (0, 0.04), (-0.07, 0.09))
# Columns of panels and the height of each, by how many there are at most.
_LAYOUTS = ((1, 1, 6.2), (2, 1, 4.1), (3, 1, 3.2), (6, 2, 3.0), (MOST_PANELS, 3, 2.1))
_LOT_SIZE, _NUMBER_SIZE, _MOST_LETTERS = 7.0, 8.0, 40
_LOWEST = 0.25  # of its letters a strip must be as high, to be named by them
_BADGE_IN, _MARK_IN = 0.2, 0.1
# Round the middle of a town: to the side in widths of its name, up or down in inches.
_ROUND_IN = tuple((x, y) for x in (0.0, 0.5, -0.5) for y in (0.0, -0.12, 0.12))
_POINTS_PER_MM = 72 / 25.4
# Nearer, a border that is right to 250 m would be taken for one that is right to a lot.
_BASEMAP_FROM_M = 20_000


Numbered: TypeAlias = list[tuple[int, Any]]
"""Shapes with the numbers of the list."""


def draw_sheet(head: Heading, spec: MapSpec, panels: Sequence[Panel]) -> Figure:
    """Draw a map, the legend beside it."""
    columns, high = next((cols, high) for most, cols, high in _LAYOUTS if len(panels) <= most)
    views, map_in = _views(panels, _shown(spec), columns=columns, high=high, room=_MAP_IN)
    entries, listed, numbers = _told(spec, views, language=head.language)
    body_in = max(map_in, column_height(entries, listed, language=head.language))
    sheet = Sheet(head, body_in=body_in)
    _draw_panels(sheet, panels, views, spec, numbers)
    draw_column(sheet, entries, listed, left=INNER_IN - COLUMN_IN, language=head.language)
    return sheet.figure


def draw_upright(head: Heading, spec: MapSpec, panels: Sequence[Panel]) -> Figure:
    """Draw a map on a page of A4 upright, the legend under it; letters keep their size."""
    around = Sheet(head, body_in=0.0, width_in=UPRIGHT_IN)
    room = around.inner_in
    columns = next(cols for most, cols in _UPRIGHT_COLUMNS if len(panels) <= most)
    rows = -(-len(panels) // columns)
    highest = room / columns * _HIGHEST

    def laid(high: float) -> tuple[list[View], float]:
        return _views(panels, _shown(spec), columns=columns, high=high, room=room)

    # What the legend counts depends on how high the panels are, and they on the legend.
    views, map_in = laid(highest)
    halves, _, legend_in = _halves(spec, views, language=head.language)
    over_in = around.height_in + map_in + legend_in - UPRIGHT_HIGH_IN
    views, map_in = laid(min(max(highest - over_in / rows, highest / 4), highest))
    halves, numbers, legend_in = _halves(spec, views, language=head.language)
    sheet = Sheet(head, body_in=map_in + legend_in, width_in=UPRIGHT_IN)
    _draw_panels(sheet, panels, views, spec, numbers)
    for left, half in zip((0.0, room - COLUMN_IN), halves, strict=True):
        draw_column(sheet, *half, left=left, top=map_in, language=head.language)
    return sheet.figure


def draw_part(
    head: Heading, spec: MapSpec, panels: Sequence[Panel], *, high_in: float, wide_in: float
) -> Figure:
    """Draw a map into a page, the zones beside each other under their keys."""

    def laid(high: float) -> tuple[list[View], float]:
        return _views(panels, _shown(spec), columns=len(panels), high=high, room=wide_in)

    # Keys count what the panels show, and take their room from them.
    highest = wide_in / len(panels) * _HIGHEST
    views, _ = laid(highest)
    entries, _, _ = _told(spec, views, language=head.language)
    keys = [replace(one.key, words=f"{one.key.words} {one.amount}") for one in entries]
    head = replace(head, keys=keys)
    over_in = Part(head, body_in=laid(highest)[1], inner_in=wide_in).height_in - high_in
    views, map_in = laid(min(highest - over_in, highest))
    part = Part(head, body_in=map_in, inner_in=wide_in)
    _draw_panels(part, panels, views, spec, [])
    return part.figure


def zone_keys(spec: MapSpec, panel: Panel, *, language: str) -> list[Key]:
    """Say what the colours of a zone stand for, and how much of each there is."""
    boxes = np.array([shapely.envelope(panel.shape)], dtype=object)
    return [
        replace(one.key, words=f"{one.key.words} {one.amount}".strip())
        for one in _entries(_shown(spec), boxes, language=language)
    ]


def draw_zone(
    sheet: Sheet,
    spec: MapSpec,
    panel: Panel,
    numbers: Numbered,
    *,
    width: float,
    top: float,
    high: float,
) -> None:
    """Draw one zone at the left of a body, with its arrow, its scale bar and some numbers."""
    room = high - _TITLE_IN - _GAP_IN
    (view,), _ = _views([panel], _shown(spec), columns=1, high=room, room=width)
    view = replace(view, top=view.top + top)
    # The ground goes to the frame, whatever the shape of the zone.
    ground = sheet.axes(left=view.left, top=view.top, width=view.width, height=view.height)
    ground.add_patch(Rectangle((0, 0), 1, 1, facecolor=theme.KIND_COLORS["basemap"]["commune"]))
    _panel(sheet, Places(), panel, view, spec, numbers)


def _halves(
    spec: MapSpec, views: Sequence[View], *, language: str
) -> tuple[list[tuple[Sequence[Entry], Listed]], Numbered, float]:
    """Give the legend in two columns, the numbers on the map, and how high the columns are."""
    entries, listed, numbers = _told(spec, views, language=language)
    # A list whose numbers are not on the map stands in the report as a table.
    halves, high = in_two(entries, listed if spec.is_marked else Listed(), language=language)
    return halves, numbers, high


def _shown(spec: MapSpec) -> tuple[MapLayer, ...]:
    """Give the layers a legend tells of."""
    return (*(() if spec.ground is None else (spec.ground,)), *spec.layers)


def _told(
    spec: MapSpec, views: Sequence[View], *, language: str
) -> tuple[list[Entry], Listed, Numbered]:
    """Give the lines of the legend, the list, and what of it bears its number on the map."""
    boxes = np.array([view.box for view in views], dtype=object)
    everything = spec.numbered()
    seen = [one for one in everything if shapely.intersects(boxes, one[1]).any()]
    first = seen[: spec.most_listed]
    listed = Listed(
        title=spec.list_title[language],
        empty=spec.list_empty[language],
        words=[(number, _entry(told, language)) for number, _, told in first],
        more=len(seen) - spec.most_listed,
        elsewhere=len(everything) - len(seen),
    )
    numbers = [(number, shape) for number, shape, _ in first if spec.is_marked]
    return _entries(_shown(spec), boxes, language=language), listed, numbers


def _draw_panels(
    sheet: Sheet,
    panels: Sequence[Panel],
    views: Sequence[View],
    spec: MapSpec,
    numbers: Numbered,
) -> None:
    places = Places()
    for panel, view in zip(panels, views, strict=True):
        _panel(sheet, places, panel, view, spec, numbers)


def _entry(told: Told, language: str) -> str:
    """Say what the list says of a feature, its name first."""
    words = "" if told.entry is None else told.entry[language]
    return f"{told.name[language]}: {words}" if words else told.name[language]


def _views(
    panels: Sequence[Panel],
    layers: Sequence[MapLayer],
    *,
    columns: int,
    high: float,
    room: float,
) -> tuple[list[View], float]:
    """Lay out the panels: their views, and the height of all."""
    wide = (room - (columns - 1) * _GAP_IN) / columns
    nothing = np.array([], dtype=object)
    framing = np.concatenate([nothing, *(shapes_of(one) for one in layers if one.is_framing)])
    most = max((len(one.lines(wide - ARROW_IN)) for one in panels), default=1)
    head_in = _TITLE_IN + (most - 1) * LINE_IN
    views = []
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        shape = np.array([panel.shape], dtype=object)
        left, top = column * (wide + _GAP_IN), row * (head_in + high + _GAP_IN) + head_in
        views.append(view_of(shape, framing, left=left, top=top, width=wide, height=high))
    rows = -(-len(panels) // columns)
    return views, rows * (head_in + high + _GAP_IN)


def _entries(layers: Sequence[MapLayer], boxes: Shapes, *, language: str) -> list[Entry]:
    """Count what is shown, class by class; what is not shown has no line."""
    # What is drawn on top is told of first, section by section.
    seen = []
    for layer in layers:
        shapes = shapes_of(layer)
        shown = np.zeros(len(shapes), dtype=bool)
        for box in boxes:
            shown |= shapely.intersects(box, shapes)
        seen.append(shown)
    entries = []
    for line in legend(layers, seen=seen):
        one = line.shown
        style = "point" if one.symbol == "pin" else one.symbol
        key = Key(color=one.color, words=one.label[language], style=style, marker=one.marker)
        section = line.section[language]
        entries.append(Entry(key=key, amount=line.amount(language), section=section))
    sections = list(dict.fromkeys(entry.section for entry in reversed(entries)))
    return sorted(entries, key=lambda entry: sections.index(entry.section))


def _panel(
    sheet: Sheet,
    places: Places,
    panel: Panel,
    view: View,
    spec: MapSpec,
    numbers: Numbered,
) -> None:
    """Draw a zone into its view: layers, boundary, north, scale, then numbers and names."""
    lines = panel.lines(view.width - ARROW_IN)
    for back, (words, size, weight, color) in enumerate(reversed(lines)):
        y = view.top - 0.13 - back * LINE_IN
        sheet.text(view.left, y, words, size=size, weight=weight, color=color)
    axes = sheet.axes(left=view.left, top=view.top, width=view.width, height=view.height)
    # Metres of ground to a panel in inches: one scale for both axes.
    axes.set_xlim(view.west, view.west + view.width * view.metres)
    axes.set_ylim(view.north - view.height * view.metres, view.north)
    is_far = view.width * view.metres >= _BASEMAP_FROM_M
    for place, layer in enumerate(spec.drawn()):
        if layer is spec.basemap and not is_far:
            continue
        _draw_layer(axes, layer, view, zorder=2 + place * 0.01)
    boundary = line_path(np.array([panel.shape], dtype=object))
    (edge,) = spec.zones.classes
    around = {"facecolor": "none", "edgecolor": edge.color, "linewidth": 1.3}
    axes.add_patch(PathPatch(boundary, **around, zorder=3, gid=spec.zones.class_id(edge)))
    frame = Rectangle((0, 0), 1, 1, transform=axes.transAxes, clip_on=False, zorder=9)
    frame.set(facecolor="none", edgecolor=SOFT, linewidth=0.8)
    axes.add_patch(frame)
    _north(sheet, view)
    _scale_bar(sheet, view)
    # Numbers first, then letters: what finds no free place is left out.
    for layer in spec.layers:
        _keep_free(places, layer, view)
    for number, shape in numbers:
        if shapely.intersects(view.box, shape):
            _badge(sheet, places, axes, view, shape, number)
    for layer in spec.layers:
        _letters(sheet, places, layer, view)
    if spec.context is not None:
        for told, shape in zip(spec.context.told, shapes_of(spec.context), strict=True):
            _name_line(sheet, places, told.name[sheet.language], shape, view, off=panel.shape)
    if spec.basemap is not None and is_far:
        _towns(sheet, places, spec.basemap, spec.layers, view)


def _draw_layer(axes: Axes, layer: MapLayer, view: View, *, zorder: float) -> None:
    shapes = shapes_of(layer)
    seen = shapely.intersects(view.box, shapes)
    for one, some in shapes_by_class(layer, seen):
        _draw_class(axes, one, some, zorder=zorder, name=layer.class_id(one))
    is_filled = any(one.symbol in ("area", "pin") for one in layer.classes)
    areas = shapes[seen & (shapely.get_dimensions(shapes) == 2)]
    if is_filled and len(areas):
        # Stripes need a firm edge round the whole.
        quiet = layer.edge_color or SOFT
        look = (theme.LAYER_COLORS["lot"], 0.6) if layer.shares else (quiet, 0.35)
        edge = {"facecolor": "none", "edgecolor": look[0], "linewidth": look[1]}
        axes.add_patch(PathPatch(line_path(areas), **edge, zorder=zorder + 0.004))


def _draw_class(axes: Axes, one: MapClass, shapes: Shapes, *, zorder: float, name: str) -> None:
    """Draw what looks alike: areas, lines over them, marks over those."""
    dimensions = shapely.get_dimensions(shapes)
    areas, lines, points = (shapes[dimensions == number] for number in (2, 1, 0))
    points_wide = one.width_mm * _POINTS_PER_MM
    if len(areas) and one.symbol in ("outline", *LINES):
        look = {"facecolor": "none", "edgecolor": one.color, "linewidth": points_wide}
        axes.add_patch(PathPatch(line_path(areas), **look, zorder=zorder, gid=name))
    elif len(areas):
        axes.add_patch(PathPatch(area_path(areas), **hatched(one.color), zorder=zorder, gid=name))
    if len(lines):
        dashes = DASHES.get(one.symbol, "-")
        look = {"facecolor": "none", "edgecolor": one.color, "linewidth": points_wide}
        path = PathPatch(line_path(lines), **look, linestyle=dashes, zorder=zorder + 0.3, gid=name)
        axes.add_patch(path)
    if one.symbol == "pin":
        # What is narrower than a pen is not seen: such places get a mark besides.
        _draw_points(
            axes, one, shapely.point_on_surface(shapes), zorder=zorder, name=f"{name}.mark"
        )
    elif len(points):
        _draw_points(axes, one, points, zorder=zorder, name=name)


def _draw_points(axes: Axes, one: MapClass, points: Any, *, zorder: float, name: str) -> None:
    x, y = shapely.get_coordinates(points).T
    mark: dict[str, Any] = {
        "marker": one.marker,
        "ms": 8,
        "color": one.color,
        "mec": PAPER,
        "ls": "none",
    }
    axes.plot(x, y, **mark, zorder=4 + zorder / 100, gid=name)


def _keep_free(places: Places, layer: MapLayer, view: View) -> None:
    """Take the places of marks, so that no number covers them."""
    shapes = shapes_of(layer)
    if any(one.symbol == "pin" for one in layer.classes):
        shapes = shapely.point_on_surface(shapes[~shapely.is_empty(shapes)])
    marks = shapes[(shapely.get_dimensions(shapes) == 0) & ~shapely.is_empty(shapes)]
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


def _letters(sheet: Sheet, places: Places, layer: MapLayer, view: View) -> None:
    """Write labels, those first that go first, where they fit in and cover nothing."""
    pairs = zip(layer.labels, layer.frame.geometry, strict=False)
    found = [(one, shape) for one, shape in pairs if one is not None]
    left = sorted(found, key=lambda pair: pair[0].priority)
    left = [(one, shape) for one, shape in left if view.box.contains(shape)]
    # What has room for its letters goes before strips.
    for lowest in (1.0, _LOWEST):
        left = [pair for pair in left if not _written(sheet, places, *pair, layer, view, lowest)]


def _written(
    sheet: Sheet,
    places: Places,
    label: Label,
    shape: Any,
    layer: MapLayer,
    view: View,
    lowest: float,
) -> bool:
    """Write a label on a shape that is that high, as a share of its letters, if it has a place."""
    words, middle = plain(label.text[sheet.language]), label.place.point
    if len(words) > _MOST_LETTERS:
        return False
    wide, high = width_in(words, size=_LOT_SIZE) + 0.03, _LOT_SIZE / 72 * 1.15
    level = shapely.box(-wide / 2, -high / 2, wide / 2, high / 2)
    for angle, along_m, across_m in label.place.ways():
        turned = shapely.affinity.rotate(level, angle)
        scaled = shapely.transform(turned, lambda inches: inches * view.metres)
        is_inside = shape.contains(shapely.affinity.translate(scaled, middle.x, middle.y))
        spare = along_m / view.metres - wide
        has_room = spare >= 0 and lowest * high <= across_m / view.metres
        west, south, east, north = turned.bounds
        x, y = view.place(middle)
        # Beside the middle too, along the words, where the middle is taken.
        for share in (0.0, -0.3, 0.3) if has_room else (0.0,) * is_inside:
            at_x = x + share * spare * np.cos(np.radians(angle))
            at_y = y - share * spare * np.sin(np.radians(angle))
            if places.take(at_x, at_y, east - west, north - south + 0.01):
                made = sheet.text(at_x, at_y, words, size=_LOT_SIZE, ha="center", halo=True)
                made.set(rotation=angle, rotation_mode="anchor", gid=f"label.{layer.name}")
                return True
    return False


def _towns(
    sheet: Sheet, places: Places, ground: MapLayer, above: Sequence[MapLayer], view: View
) -> None:
    """Name towns of the ground where nothing is drawn, on or beside where they lie."""
    drawn = np.concatenate([np.array([], dtype=object), *map(shapes_of, above)])
    drawn = drawn[shapely.intersects(view.box, drawn)]
    named = sorted((one for one in ground.labels if one is not None), key=lambda one: one.priority)
    for one in named:
        words = one.text[sheet.language]
        wide, high = width_in(words, size=_LOT_SIZE) + 0.03, _LOT_SIZE / 72 * 1.15
        x, y = view.place(one.place.point)
        for aside, down in _ROUND_IN:
            at = (x + aside * wide, y + down)
            sides = ((-1, -1), (-1, 1), (1, 1), (1, -1))
            corners = [
                _on_ground(view, at[0] + wide / 2 * east, at[1] + high / 2 * south)
                for east, south in sides
            ]
            box = shapely.Polygon(corners)
            is_free = view.box.contains(box) and not shapely.intersects(box, drawn).any()
            if is_free and places.take(*at, wide, high):
                made = sheet.text(*at, words, size=_LOT_SIZE, color=SOFT, ha="center", halo=True)
                made.set_gid(f"label.{ground.name}")
                break


def _name_line(
    sheet: Sheet, places: Places, name: str, shape: Any, view: View, *, off: Any
) -> None:
    """Write the name of a road or river on its longest stretch, if there is room off the zone."""
    line = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
    stretches = shapely.get_parts(shapely.intersection(view.box, line))
    lengths = shapely.length(stretches)
    if not name or not lengths.any():
        return
    longest = stretches[int(np.argmax(lengths))]
    name = wrapped(name, width=view.width / 2, size=SIZES["small"], most=1)[0]
    wide = width_in(name, size=SIZES["small"]) + 0.06
    half_m, high_m = view.metres * wide / 2, view.metres * 0.17 / 2
    for share in (0.5, 0.35, 0.65, 0.2, 0.8):
        at = shapely.line_interpolate_point(longest, share, normalized=True)
        x, y = view.place(at)
        east, north = shapely.get_coordinates(at)[0]
        ground = (east - half_m, north - high_m, east + half_m, north + high_m)
        inside = view.left + wide / 2 < x < view.left + view.width - wide / 2
        if (
            inside
            and not shapely.intersects(off, shapely.box(*ground))
            and view.top + 0.1 < y < view.top + view.height - 0.1
            and places.take(x, y, wide, 0.17)
        ):
            sheet.text(x, y, name, size=SIZES["small"], color=SOFT, ha="center", halo=True)
            return
