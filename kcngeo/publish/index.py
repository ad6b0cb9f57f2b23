"""The page over a folder of months: every month and zone, linked."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, StrictUndefined

from kcngeo import theme
from kcngeo.core import atomic
from kcngeo.core.dates import month_end
from kcngeo.core.errors import KcngeoError
from kcngeo.maps.policy import POLICY, sealed
from kcngeo.publish.file_names import slug
from kcngeo.publish.html import Raw
from kcngeo.publish.manifest import NAME, read_manifest
from kcngeo.report import TOTAL
from kcngeo.standards import StandardError, fill_definition

INDEX = "index.html"
"""Name of the page."""

# What a month is opened by, the best first, and the programs that are named.
_DOORS = (
    *("report.html", "report.pdf", "report.docx", "map.html", "report.xlsx", "layers.qgz"),
    *("atlas.html", "atlas.pdf", "atlas.docx"),
)
_PROGRAMS = {"html": "", "pdf": " PDF", "docx": " Word", "xlsx": " Excel", "qgz": " QGIS"}


def write_index(folder: Path, *, language: str, failed: Mapping[str, str] | None = None) -> Path:
    """Write the page that links all months below a folder, and names those that failed."""
    failures = dict(failed or {})
    manifests = {}
    for path in folder.glob(f"*/{NAME}"):
        try:
            said = read_manifest(path.parent)
        except KcngeoError as error:
            failures.setdefault(path.parent.name, error.message(language))
            continue
        # Folders of other products may stand beside the months.
        if said["product"] == "month":
            manifests[path.parent.name] = said
    zones: dict[str, str] = {}
    for manifest in manifests.values():
        zones |= {zone_id: rate["name"] for zone_id, rate in manifest["facts"]["rates"].items()}
    order = sorted(zone_id for zone_id in zones if zone_id != TOTAL) + [TOTAL] * (TOTAL in zones)
    rows = [
        _row(name, manifest, order, language) | {"state": _state(name, manifests, language)}
        for name, manifest in sorted(manifests.items(), key=_place, reverse=True)
    ]
    package = resources.files(__package__)
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        (package / "index.html.j2").read_text("utf-8")
    )
    page = template.render(
        language=language,
        title=theme.text("report.index", language=language),
        month=theme.text("map.month", language=language),
        policy=POLICY,
        style=Raw(theme.page_colors() + (package / "page.css").read_text("utf-8")),
        zones=[
            # The head of a column opens the zone in the last month that tells of it.
            {
                "name": zones[zone_id],
                "address": next(
                    (row["rates"][place]["address"] for row in rows if row["rates"][place]["rate"]),
                    "",
                ),
            }
            for place, zone_id in enumerate(order)
        ],
        rows=rows,
        failed_title=theme.text("report.failed", language=language),
        failed=[{"month": name, "reason": said} for name, said in sorted(failures.items())],
    )
    atomic.write_bytes(folder / INDEX, sealed(page).encode("utf-8", errors="replace"))
    return folder / INDEX


def _place(one: tuple[str, dict[str, Any]]) -> tuple[str, int, str]:
    """Order months, and publications of a month."""
    name, manifest = one
    return manifest["facts"]["month"], _revision(manifest), name


def _revision(manifest: dict[str, Any]) -> int:
    return int(manifest.get("publication", {}).get("revision", 0))


def _state(name: str, manifests: dict[str, dict[str, Any]], language: str) -> str:
    """Say as which publication a month stands, and whether another took its place."""
    mine = manifests[name]

    def about(one: dict[str, Any]) -> tuple[Any, ...]:
        return one["facts"]["month"], one["options"].get("edition", "full")

    alike = [one for one in manifests.values() if about(one) == about(mine)]
    last, revision = max(map(_revision, alike)), _revision(mine)
    key = "index_draft" if last else ""
    if revision:
        key = "index_published" if revision == last else "index_revised"
    if not key:
        return ""
    return theme.text(f"report.{key}", language=language, revision=revision, last=last)


def _row(name: str, manifest: dict[str, Any], order: list[str], language: str) -> dict[str, Any]:
    doors = [door for door in _DOORS if door in manifest["outputs"]]
    on = month_end(manifest["facts"]["month"])
    return {
        "month": theme.month(on),
        "definition": _definition(manifest["facts"]["definition"], on, language),
        "rates": [_rate(name, manifest, zone_id, language) for zone_id in order],
        "links": [
            {"name": _door(door, language), "address": quote(f"{name}/{door}")} for door in doors
        ],
    }


def _definition(name: str, on: pd.Timestamp, language: str) -> str:
    """Name a definition; one that no registry here knows is told as the manifest has it."""
    try:
        return fill_definition(name, on=on).label(on=on, language=language)
    except StandardError:
        return name


def _door(file: str, language: str) -> str:
    """Say what a file is, and the program it is for."""
    stem, _, kind = file.partition(".")
    return theme.text(f"report.door_{stem}", language=language) + _PROGRAMS[kind]


def _rate(name: str, manifest: dict[str, Any], zone_id: str, language: str) -> dict[str, str]:
    """Give the rate of a zone in a month, and where the report tells of it."""
    rate = manifest["facts"]["rates"].get(zone_id)
    shown = ""
    if rate is not None:
        shown = theme.percent(_number(rate["fill_rate"]), language=language)
        if zone_id in manifest["not_computable"]:
            shown = theme.text("report.not_computable", language=language)
    has_page = "report.html" in manifest["outputs"]
    address = quote(f"{name}/report.html") + f"#zone-{slug(zone_id)}" if has_page else ""
    return {"rate": shown, "address": address if rate is not None else ""}


def _number(value: float | None) -> float:
    return float("nan") if value is None or pd.isna(value) else value
