"""Data and the script that draws them, put into an offline map's page.

The data travel as JSON in a block the browser never runs, so that no name in them can become
markup, script or template; the script that reads them stands beside it.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from branca.element import Figure, MacroElement

from kcngeo import theme
from kcngeo.cartography import MapLayer, MapSpec
from kcngeo.cartography.geojson import DECIMALS, shapes, word
from kcngeo.cartography.words import NO_WORDS, Words, joined, text
from kcngeo.core.errors import KcngeoError
from kcngeo.maps import limits
from kcngeo.maps.html import RawElement, asset, script_block

SHELL_SCRIPTS = (
    *("words", "elements", "data", "shell", "popup", "ground", "link", "search", "measure"),
    "paper",
)
"""Scripts of every page, in the order in which they are read."""
SHELL_TEXTS = (
    "title",
    "synthetic",
    "panel",
    "panel_show",
    "panel_hide",
    "go_to",
    "all_zones",
    "show_zone",
    "zone",
    "lot",
    "area",
    "close",
    "zoom_in",
    "zoom_out",
    "search",
    "search_found",
    "search_none",
    "search_more",
    "measure",
    "measure_hint",
    "distance",
    "print",
    "print_hint",
    "not_here",
    "made_from",
    "no_script",
)
"""The words of every page."""
FILL_MAP_TEXTS = (
    *SHELL_TEXTS,
    "account",
    "account_none",
    "total",
    "lots_count",
    "without",
    "hidden",
    "part_let",
    "show_only",
    "other_uses",
    "no_status",
    "leased",
    "reserved",
    "recovering",
    "repurposed",
    "uncleared",
    "available",
    "zones",
    "not_computable",
    "not_counted",
    "nothing_leasable",
    "of",
    "definition",
    "month",
    "play",
    "pause",
    "parcel",
    "land_use",
    "entries",
    "simplified",
    "theme",
    "theme_day",
    "theme_list_more",
    "compare_with",
    "swipe",
    "swipe_line",
    "swipe_image",
    "image_cover",
    "image",
    "plan",
    "next_change",
    "speed",
    "sort",
    "no_place",
    "news",
    "news_base",
    "news_boundary",
    "news_redrawn",
    "news_begins",
    "news_definition",
    "change_let",
    "change_given_up",
    "change_came",
    "change_other",
    "change_headline",
    "change_note",
    "legend",
    "shown",
    "toggle",
    "overview",
    "open_zone",
    "use_industrial",
    "use_service",
    "use_green",
    "use_transport",
    "use_technical",
    "use_housing",
    "use_water",
    "use_other",
)
"""The words the fill map shows; a payload brings all of them."""
FILL_MAP_SCRIPTS = (
    *("fill_map_page", "fill_steps", "fill_state", "fill_time", "fill_panel", "fill_search"),
    *("lots_canvas", "lots_elements", "lots", "fill_lots", "label_boxes", "lot_labels"),
    *("ground_names", "fill_donuts", "fill_labels", "groups", "layers_panel", "fill_themes"),
    *("fill_change", "fill_swipe", "fill_imagery", "fill_address", "fill_map"),
)
# What JSON allows and a page does not bear: markup, the line ends of old JavaScript, and halves of
# a character that cannot be written as UTF-8.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


# About 11 m: a basemap is drawn to be seen from afar.
_BASEMAP_DECIMALS = 4


class PayloadLayer(MacroElement):
    """A payload of plain data, drawn on an :class:`~kcngeo.maps.html.OfflineMap` by a script.

    Parameters
    ----------
    payload
        What the script draws: dicts, lists, strings, finite numbers, booleans, None. Keys stay in
        their order. The contracts stand in ``assets/types.d.ts``.
    scripts
        Names of the scripts in the assets that follow those of every page, in the order in which
        they are read.
    styles
        Names of the style sheets in the assets.
    start
        Function of the last script that is called with the Leaflet map and the payload.
    texts
        Keys the payload's ``texts`` must hold.
    options
        What the script is told beside the payload; plain data.
    is_packed
        Whether the data travel compressed: a tenth of the size, but no longer to be read in the
        page. The browser itself unpacks them, without a network. None to pack data of some size.

    Raises
    ------
    KcngeoError
        If words are missing from the payload's ``texts``.
    ValueError
        If the payload holds a number that is not finite.
    """

    def __init__(
        self,
        payload: Mapping[str, Any],
        *,
        scripts: Sequence[str] = FILL_MAP_SCRIPTS,
        styles: Sequence[str] = ("page", "paper"),
        start: str = "kcngeoFillMap",
        texts: Sequence[str] = FILL_MAP_TEXTS,
        options: Mapping[str, Any] | None = None,
        is_packed: bool | None = False,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PayloadLayer"
        missing = [key for key in texts if key not in payload["texts"]]
        if missing:
            raise KcngeoError("map_texts", keys=missing)
        self.data = safe_json(payload)
        self.options = dict(options or {})
        is_long = len(self.data) > limits.PACKED_BYTES
        self.is_packed = is_long if is_packed is None else is_packed
        self.scripts = (*SHELL_SCRIPTS, *scripts)
        self.styles = tuple(styles)
        self.start = start
        said = payload["texts"].get("no_script", "")
        self.no_script = said if isinstance(said, str) else said[payload["language"]]

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Write the data, the style sheet, the scripts and the call into the page.

        Parameters
        ----------
        **kwargs
            Handed on to the templates of what was added to this layer.
        """
        figure, parent = self.get_root(), self._parent
        assert isinstance(figure, Figure)  # noqa: S101
        assert parent is not None  # noqa: S101
        for name in self.styles:
            style = f"<style>\n{asset(f'{name}.css')}</style>"
            figure.header.add_child(RawElement(style), name=f"{name}_css")
        for name in self.scripts:
            script = script_block(asset(f"{name}.js"))
            figure.header.add_child(RawElement(script), name=f"{name}_js")
        name = self.get_name()
        kind, read, data = (
            ("text/plain", "unpack", packed(self.data))
            if self.is_packed
            else ("application/json", "read", self.data)
        )
        block = f'<script type="{kind}" id="{name}">{data}</script>'
        notice = f"<noscript>{escape(self.no_script)}</noscript>"
        figure.html.add_child(RawElement(f"{block}\n{notice}"), name=name)
        call = (
            f'kcngeoData.{read}("{name}", (payload) => '
            f"{self.start}({parent.get_name()}, payload, {safe_json(self.options)}));"
        )
        figure.script.add_child(RawElement(call), name=name)
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def plain(words: Words) -> Any:
    """Give words as they travel: once where the languages say the same.

    Examples
    --------
    >>> plain({"vi": "CN9", "en": "CN9"}), plain({"vi": "lô", "en": "lot"})
    ('CN9', {'vi': 'lô', 'en': 'lot'})
    """
    first, *others = words.values()
    return first if all(one == first for one in others) else dict(words)


def source_of(spec: MapSpec) -> Words:
    """Say where what is drawn comes from."""
    ground = NO_WORDS if spec.basemap is None else spec.basemap.about
    under = [text("map.image_under", name=name) for name in {one.source for one in spec.pictures}]
    return joined([text("map.made_from"), ground, *under], by=" ")


def under(spec: MapSpec) -> list[dict[str, Any]]:
    """Give what is drawn under a map, lowest first."""
    return [
        *_drawn_under(spec.basemap, decimals=_BASEMAP_DECIMALS),
        *_drawn_under(spec.context, decimals=DECIMALS),
    ]


def _drawn_under(layer: MapLayer | None, *, decimals: int) -> list[dict[str, Any]]:
    if layer is None:
        return []
    drawn = shapes(layer.frame, decimals=decimals)
    towns = _towns(layer)
    looks = [(one.color, layer.edge_color if one.symbol == "area" else "") for one in layer.classes]
    looks.append((theme.LAYER_COLORS["other"], ""))  # of no class: place -1
    kinds = zip(layer.frame["kind"], layer.told, layer.places(), drawn, strict=True)
    return [
        {
            "kind": word(kind) or "",
            "name": told.name["vi"] or None,
            "color": looks[place][0],
            "edge": looks[place][1] or None,
            **towns.get(row, {}),
            "geometry": shape,
        }
        for row, (kind, told, place, shape) in enumerate(kinds)
        if shape is not None
    ]


def _towns(layer: MapLayer) -> dict[int, dict[str, Any]]:
    """Say by row what the towns are called, where, and which is named first."""
    is_ward = layer.frame["kind"].to_numpy() == "ward"
    named = [(row, one) for row, one in enumerate(layer.labels) if one and is_ward[row]]
    rows = [row for row, _ in named]
    points = layer.frame.iloc[rows].set_geometry(
        [one.place.point for _, one in named], crs=layer.frame.crs
    )
    places = shapes(points, decimals=_BASEMAP_DECIMALS)
    return {
        row: {"town": [one.text["vi"], place["coordinates"], one.priority]}
        for (row, one), place in zip(named, places, strict=True)
        if place is not None
    }


def packed(text: str) -> str:
    """Compress text for a page; the same text gives the same characters."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def safe_json(value: object) -> str:
    r"""Data as JSON that may stand inside an HTML page whatever its strings hold.

    Examples
    --------
    >>> safe_json({"lô": "</script>", "area_ha": 8.36})
    '{"lô":"\\u003c/script\\u003e","area_ha":8.36}'
    """
    text = json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=False, allow_nan=False
    )
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
