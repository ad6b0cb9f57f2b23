"""Compare what is drawn twice: the map and the charts within the page, the rates within the map."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

from kcngeo.core.schema import Column, Kind, Unit
from kcngeo.publish.file_names import slug
from kcngeo.publish.html import account_parts
from kcngeo.publish.verification.comparison import Comparison, Known, is_rounded
from kcngeo.publish.verification.page import Page

_BLOCK = re.compile(
    r'<script type="(application/json|text/plain)" id="payload[^"]*">(.*?)</script>', re.DOTALL
)
_PNG = "data:image/png;base64,"
_FIGURES: tuple[Column, ...] = (
    Column(name="leased_ha", kind=Kind.NUMBER),
    Column(name="base_ha", kind=Kind.NUMBER),
    Column(name="fill_rate", kind=Kind.NUMBER, unit=Unit.SHARE),
)


def compare_drawings(
    file: str, page: Page, files: Mapping[str, bytes], seen: Comparison
) -> set[str]:
    """Compare the map and the pictures of a page with their own files; give what is held twice."""
    twice: set[str] = set()
    for name, inner in (("map.html", one) for one in page.maps):
        if name in files:
            twice.add(name)
            if inner != files[name].decode("utf-8", "replace"):
                seen.add("drawing", name=name, says=((name, name), (file, "…")))
    pictures = {base64.b64decode(one[len(_PNG) :]) for one in page.pictures if one.startswith(_PNG)}
    own = {name: data for name, data in files.items() if name.endswith(".png")}
    for name, data in own.items():
        if data in pictures:
            twice.add(name)
        elif page.pictures:
            seen.add("drawing", name=name, says=((name, name), (file, "…")))
    for data in pictures - set(own.values()):
        if own:
            seen.add("drawing", name=file, says=((file, f"{len(data)} B"),))
    return twice


def compare_keys(file: str, page: Page, accounts: Known, seen: Comparison) -> None:
    """Compare the parts of each zone's account on its card with the accounts."""
    variants = [frame.to_dict("records") for frame in accounts.frames()]
    for rows in zip(*variants, strict=True):
        zone_id = str(rows[0]["zone_id"])
        told = page.keys.get(f"zone-{slug(zone_id)}", [])
        may_be = [[part["words"] for part in account_parts(row, seen.language)] for row in rows]
        plain = [" ".join(one.split()) for one in told]
        seen.cells += len(plain)
        # Each part may be rounded up or down, whatever the others are; one may be next to nothing.
        known = {text for one in may_be for text in one}
        counts = [len(one) for one in may_be]
        is_like = min(counts) <= len(plain) <= max(counts) and len({*plain}) == len(plain)
        if not (is_like and known.issuperset(plain)):
            says = ((seen.first("accounts"), "; ".join(may_be[0])), (file, "; ".join(plain)))
            seen.add("sentence", table="accounts", row=zone_id, says=says)


def payload(text: str) -> dict[str, Any] | None:
    """Give the data of a map's page; None where it has none that can be read."""
    found = _BLOCK.search(text)
    if found is None:
        return None
    try:
        data = found[2]
        if found[1] == "text/plain":
            data = gzip.decompress(base64.b64decode(data)).decode()
        content = json.loads(data)
    except (ValueError, binascii.Error, OSError, EOFError):
        return None
    return content if isinstance(content, dict) else None


def compare_rates(file: str, content: Mapping[str, Any], series: Known, seen: Comparison) -> None:
    """Compare the rates a map tells month by month with the series."""
    rows = {
        (row.get("zone_id"), str(row.get("on")), row.get("definition")): row
        for row in series.copy.rows
    }
    months = content.get("months", [])
    definitions = [one["id"] for one in content.get("definitions", [])]
    used = [definitions[place] for place in content.get("month_definition", [])]
    for zone in content.get("zones", ()):
        if "rates" not in zone:
            continue
        seen.holds("series", file)
        for month, definition, told in zip(months, used, zone["rates"], strict=True):
            row = rows.get((zone["id"], month, definition))
            if row is None:
                if told is not None and any(one is not None for one in told):
                    says = ((seen.first("series"), ""), (file, str(told)))
                    seen.add("rows", table="series", row=f"{zone['id']} · {month}", says=says)
                continue
            for column, value in zip(_FIGURES, told or [None] * 3, strict=True):
                seen.cells += 1
                mine = row.get(column.name)
                if mine is None and value is None:
                    continue
                if mine is None or value is None or not _agree(column, mine, value, series.fine):
                    says = ((seen.first("series"), str(mine)), (file, str(value)))
                    seen.refute("series", f"{zone['id']} · {month}", column.name, says=says)


def _agree(column: Column, mine: Any, told: float, fine: bool) -> bool:
    """Tell whether a figure of a table is one of a map, which has eight decimals."""
    if not isinstance(mine, float | int):
        return False
    return (
        abs(mine - told) <= 0.6e-8
        if fine
        else is_rounded(column, mine, told) or (abs(mine - told) <= 0.5e-4 + 1e-8)
    )
