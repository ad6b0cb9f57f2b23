"""The report as one HTML page: sentences, map, tables and charts, and no need of a network."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from kcngeo import theme
from kcngeo.core.number_forms import unbroken
from kcngeo.figures.export import drawn_inline
from kcngeo.maps.policy import POLICY, sealed
from kcngeo.publish.document import Document
from kcngeo.publish.file_names import slug
from kcngeo.publish.key_figures import strokes
from kcngeo.publish.map_links import MapLinks

if TYPE_CHECKING:
    from kcngeo.publish.atlas import AtlasSheet
    from kcngeo.publish.charts import Picture

_SPARK_PX = (150, 34)
_PATTERN = re.compile(r'<pattern id="([^"]*)".*?</pattern>', re.DOTALL)


def html_page(doc: Document, *, map_page: str) -> bytes:
    """Write the report as a page."""
    folder = resources.files(__package__)
    words = Environment(autoescape=True, undefined=StrictUndefined)
    words.filters["unbroken"] = unbroken
    links = MapLinks.of(doc.report, doc.names, map_file="map.html")
    words.filters["linked"] = lambda text, zone_id="": Raw(links.marked(text, zone_id=zone_id))
    template = words.from_string((folder / "page.html.j2").read_text("utf-8"))
    pictures = {name: address(picture) for name, picture in doc.charts.items()}
    text = template.render(
        doc=doc,
        policy=POLICY,
        style=Raw(theme.page_colors() + (folder / "page.css").read_text("utf-8")),
        script=Raw((folder / "page.js").read_text("utf-8")),
        map_script=Raw((folder / "page_map.js").read_text("utf-8")),
        cards=list(_cards(doc)),
        map_page=_in_single_quotes(map_page),
        map_picture=pictures.get("map", ""),
        pictures=pictures,
        sparkline=_sparkline,
    )
    # Sealed as it is read later: what UTF-8 cannot say is gone by then.
    page = text.encode("utf-8", errors="replace").decode()
    return sealed(page, framed=map_page).encode()


def html_atlas(sheets: Sequence[AtlasSheet], *, title: str, language: str) -> bytes:
    """Write the sheets of an atlas as a page: contents, then sheet after sheet, as drawn."""
    words = Environment(autoescape=True, undefined=StrictUndefined)
    template = words.from_string(
        (resources.files(__package__) / "atlas.html.j2").read_text("utf-8")
    )
    patterns: set[str] = set()

    def new(found: re.Match[str]) -> str:
        # What fills shapes is the same on every sheet; once in a page is enough.
        is_new = found[1] not in patterns
        patterns.add(found[1])
        return found[0] if is_new else ""

    drawings = [Raw(_PATTERN.sub(new, drawn_inline(one.figure))) for one in sheets]
    text = template.render(
        policy=POLICY,
        style=Raw(theme.page_colors()),
        language=language,
        title=title,
        contents=theme.text("report.contents", language=language),
        sheets=list(zip(sheets, drawings, strict=True)),
    )
    return sealed(text).encode("utf-8", errors="replace")


class Raw(str):
    """Text of our own that stands in the page as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def _in_single_quotes(page: str) -> Raw:
    """Give a page as an attribute in single quotes, where its many double quotes need no escape."""
    return Raw(page.replace("&", "&amp;").replace("'", "&#39;"))


def address(picture: Picture) -> str:
    """Give a picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(picture.data).decode()


def _sparkline(line: tuple[float, ...]) -> Raw:
    """Draw the rate of the last months; the figures stand in the series."""
    wide, high = _SPARK_PX
    drawn = strokes(line, width=wide - 6, height=high - 6)
    path = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in stroke) for stroke in drawn)
    x, y = drawn[-1][-1]
    return Raw(
        f'<svg viewBox="-3 -3 {wide} {high}" width="{wide}" height="{high}" aria-hidden="true">'
        f'<path d="{path}"/><circle cx="{x:g}" cy="{y:g}" r="2.5"/></svg>'
    )


def _cards(doc: Document) -> Iterable[dict[str, Any]]:
    """Group the sentences by zone, each with the bar of its account."""
    rows = doc.tables["accounts"].to_dict("records")
    accounts = {str(row["zone_id"]): row for row in rows}
    for zone_id in dict.fromkeys(sentence.zone_id for sentence in doc.sentences):
        account = accounts[zone_id]
        parts = account_parts(account, doc.language)
        yield {
            "anchor": f"zone-{slug(zone_id)}",
            "name": account["name"],
            "rate": theme.percent(account["fill_rate"], language=doc.language),
            "said": [one for one in doc.sentences if one.zone_id == zone_id],
            "parts": parts,
            "label": "; ".join(part["words"] for part in parts),
        }


def account_parts(account: Mapping[Any, Any], language: str) -> list[dict[str, Any]]:
    """Give the parts of an account that are there, each with its words and width."""
    base = account["base_ha"]
    if pd.isna(base) or base <= 0:
        return []
    parts = []
    for status, color in theme.STATUS_COLORS.items():
        area_ha = account[f"{status}_ha"]
        if pd.isna(area_ha) or area_ha <= 0:
            continue
        words = theme.text(f"status.{status}", language=language)
        shown = f"{words}: {theme.number(area_ha, language=language)} ha"
        parts.append({"color": color, "width": f"{area_ha / base * 100:.4f}", "words": shown})
    return parts
