"""A map specification on paper: what stands on the sheet, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kcngeo import theme
from kcngeo.cartography import MapSpec
from kcngeo.cartography.spec import MOST_PANELS
from kcngeo.cartography.words import NO_WORDS
from kcngeo.core.errors import KcngeoError
from kcngeo.figures.map_layout import draw_part, draw_sheet, draw_upright
from kcngeo.figures.page_layout import Heading, short
from kcngeo.figures.panel import Panel, shapes_of
from kcngeo.figures.typography import own_settings
from kcngeo.theme import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# Zones that stand beside each other in a page.
_MOST_BESIDE = 3


def draw_map(
    spec: MapSpec,
    *,
    language: str,
    zone_id: str | None = None,
    credit: str = "",
    upright: bool = False,
) -> Figure:
    """Draw a map specification for print, readable in black and white.

    Every zone with parcels has a panel; one that shows nothing of the theme is named in a note
    where others show something. Numbers are those of the screen and of QGIS, whatever zone is
    drawn.

    Parameters
    ----------
    spec
        What the map shows, from a function of :mod:`kcngeo.cartography`.
    language
        "vi" or "en".
    zone_id
        The zone to draw; None for a panel each.
    credit
        Whom data of others ask to be named, for example "© OpenStreetMap contributors".
    upright
        Whether the sheet is a page of A4 upright, the legend under the map, instead of 11 inches
        wide with the legend beside it.

    Returns
    -------
    Figure
        The map.

    Raises
    ------
    KcngeoError
        If the zone has no parcels on the day, or there are more than a sheet can show.

    Examples
    --------
    Of zone A 1.5 of 4 ha are let.

    >>> import kcngeo as kcn
    >>> day = "2018-03-31"
    >>> report = kcn.report.monthly(kcn.examples.squares(), month=day, start=day)
    >>> sheet = draw_map(kcn.cartography.fill(report), language="en", zone_id="A")
    >>> any("37.50 %" in words.get_text() for words in sheet.texts)
    True
    """
    shown = spec if zone_id is None else spec.of_zone(zone_id)
    panels = _panels(shown, zone_id=zone_id, language=language)
    if zone_id is None and spec.overview is not None:
        words: dict[str, Any] = {
            "headline": spec.headline,
            "subtitle": spec.subtitle,
            "panel_zones": ("",),
        }
        overview = replace(spec.overview, **words)
        return draw_map(overview, language=language, credit=credit, upright=upright)
    # Where some zones show something, those that show nothing are named instead of drawn.
    full, empty = _with_something(panels, shown)
    if len(full) > MOST_PANELS:
        raise KcngeoError("figure_zones", count=len(full), most=MOST_PANELS)
    notes = [words[language] for words in shown.notes]
    ground = "" if shown.basemap is None else shown.basemap.about[language]
    if empty:
        names = [panel.title for panel in empty]
        notes.append(text("figures.nothing_there", language=language, zones=names))
    beside = [theme.date(shown.on, language=language), shown.subtitle[language]]
    with own_settings():
        head = Heading(
            kind=shown.title[language].upper(),
            title=short(shown.headline[language]),
            lines=[" · ".join(filter(None, beside))],
            notes=[*notes, grid_note(shown, language=language), ground, credit],
            language=language,
            synthetic=shown.is_synthetic,
        )
        return (draw_upright if upright else draw_sheet)(head, shown, full)


def draw_map_part(spec: MapSpec, *, language: str, high_in: float, wide_in: float) -> Figure | None:
    """Draw a map as a part of a page of A4; None where its zones need a page of their own."""
    if spec.overview is not None:
        return None
    panels, _ = _with_something(_panels(spec, zone_id=None, language=language), spec)
    if not 0 < len(panels) <= _MOST_BESIDE:
        return None
    with own_settings():
        head = Heading(kind="", title=short(spec.headline[language]), language=language)
        return draw_part(head, spec, panels, high_in=high_in, wide_in=wide_in)


def _panels(spec: MapSpec, *, zone_id: str | None, language: str) -> list[Panel]:
    """Give the zones that hold parcels on the day, whether or not they are established."""
    frame = spec.zones.frame
    held: Sequence[str] = spec.panel_zones or ()
    if spec.panel_zones is None:
        told = spec.layers if spec.ground is None else (spec.ground,)
        frames = [layer.frame for layer in told if "zone_id" in layer.frame.columns]
        held = sorted({str(one) for frame in frames for one in frame["zone_id"]})
    ids = [one for one in frame["zone_id"].astype("str") if one in held]
    if zone_id is not None and zone_id not in ids:
        day = theme.date(spec.on, language=language)
        raise KcngeoError("figure_zone", zone_id=zone_id, on=day, choices=list(held))
    rows = zip(frame["zone_id"].astype("str"), spec.zones.told, shapes_of(spec.zones), strict=True)
    return [
        Panel(
            title=told.name[language],
            shape=shape,
            said=" · ".join(words[language] for words in spec.zone_facts.get(one, ())),
            remark=spec.zone_reasons.get(one, NO_WORDS)[language],
        )
        for one, told, shape in rows
        if one in ids and not shape.is_empty
    ]


def _with_something(panels: list[Panel], spec: MapSpec) -> tuple[list[Panel], list[Panel]]:
    """Part the zones that have something to show from those that have not."""
    framing = [shapes_of(layer) for layer in spec.layers if layer.is_framing]
    listed = np.array([shape for _, shape, _ in spec.numbered()], dtype=object)
    things = np.concatenate([listed, *framing])
    has = [bool(np.any(shapely.intersects(panel.shape, things))) for panel in panels]
    if not any(has):
        return panels, []
    pairs = list(zip(panels, has, strict=True))
    return [one for one, full in pairs if full], [one for one, full in pairs if not full]


def grid_note(spec: MapSpec, *, language: str) -> str:
    """Say which north the arrow shows."""
    crs: Any = spec.zones.frame.crs
    named = crs.to_authority() if crs is not None else None
    words = ":".join(named) if named else getattr(crs, "name", "–")
    return text("figures.grid_north", language=language, crs=words)
