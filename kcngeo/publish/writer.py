"""Write the folder of a month, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path

from kcngeo.cartography import fill
from kcngeo.core import atomic
from kcngeo.core.errors import KcngeoError
from kcngeo.maps import OfflineAtlas, draw_map
from kcngeo.publish.charts import charts
from kcngeo.publish.document import document
from kcngeo.publish.html import html_page
from kcngeo.publish.json import json_report
from kcngeo.publish.manifest import NAME, manifest_of, read_manifest
from kcngeo.publish.pdf import pdf_pages
from kcngeo.publish.tables import csv_bytes
from kcngeo.publish.xlsx import workbook
from kcngeo.qgis import month_results, write_package
from kcngeo.report import MonthlyReport, SpatialSections, spatial_sections

PARTS = ("report", "map", "tables", "pdf", "workbook", "json", "figures", "layers")
"""What a month's folder is made of, beside its manifest."""
MAP = "map.html"


def write(
    report: MonthlyReport,
    folder: str | os.PathLike[str],
    *,
    language: str = "vi",
    inputs: Iterable[str | os.PathLike[str]] = (),
    parts: Collection[str] = PARTS,
    recipe: str = "",
    is_public: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a month: report (HTML, PDF, XLSX, JSON), map, CSVs, charts, QGIS layers, manifest.

    The folder appears whole or not at all. One that an earlier run made is replaced; one that
    holds anything else is refused. The same report gives the same bytes.

    Parameters
    ----------
    report
        The month.
    folder
        The folder to make.
    language
        Language of everything a person reads, "vi" or "en".
    inputs
        Where the project was read from, files or URLs; their hashes go into the manifest.
    parts
        What to write, of :data:`PARTS`; everything if left out. The manifest is always written.
    recipe
        Hash of all that decides what the folder holds, kept in the manifest.
    is_public
        Whether names of investors and documents were left out, which the report then says.
    progress
        Called with the name of each file before it is made.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DataSourceError
        If the folder holds files that are not an earlier run's, or cannot be written; what was
        there before is then still there.
    KcngeoError
        If a part is unknown.
    """
    atomic.require_replaceable(folder, is_ours=_is_ours(folder))
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise KcngeoError("unknown_part", parts=unknown, choices=" | ".join(PARTS))
    tell = progress or (lambda _: None)
    outputs: dict[str, bytes] = {}

    def add(part: str, name: str, make: Callable[[], bytes]) -> None:
        if part in parts:
            tell(name)
            outputs[name] = make()

    needs_charts = bool({"report", "pdf", "figures"} & set(parts))
    drawn = charts(report, language=language) if needs_charts else {}
    around = spatial_sections(report)
    doc = document(report, language=language, charts=drawn, public=is_public, around=around)
    needs_map = bool({"report", "map"} & set(parts))
    with_zones = "map" in parts
    pages = _map_pages(report, language=language, with_zones=with_zones) if needs_map else {MAP: ""}
    for name, table in doc.tables.items():
        add("tables", f"{name}.csv", partial(csv_bytes, table, name=name))
    for name, page in pages.items():
        add("map", name, page.encode)
    add("report", "report.html", lambda: html_page(doc, map_page=pages[MAP]))
    add("pdf", "report.pdf", lambda: pdf_pages(doc))
    add("workbook", "report.xlsx", lambda: workbook(doc))
    add("json", "report.json", lambda: json_report(doc))
    for name, picture in drawn.items():
        path = "map.png" if name == "map" else f"figures/{name}.png"
        add("figures", path, partial(bytes, picture.data))
    if "layers" in parts:
        tell("layers.gpkg")
        outputs |= _layers(report, around, language=language)
    tell(NAME)
    manifest = manifest_of(
        report,
        language=language,
        tables=doc.tables,
        outputs=outputs,
        inputs=inputs,
        parts=parts,
        recipe=recipe,
        is_public=is_public,
    )
    with atomic.folder(folder, is_ours=_is_ours(folder)) as made:
        for name, data in {**outputs, NAME: manifest}.items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(data)
    return Path(folder)


def _map_pages(report: MonthlyReport, *, language: str, with_zones: bool) -> dict[str, str]:
    """Draw the map: one page, or for very many lots an overview and, if asked, a page a zone."""
    made = draw_map(fill(report), language=language)
    zones = made.pages(MAP) if with_zones and isinstance(made, OfflineAtlas) else ()
    rendered = {name: page.get_root().render() for name, page in zones}
    return {MAP: made.get_root().render(), **rendered}


def _layers(report: MonthlyReport, around: SpatialSections, *, language: str) -> dict[str, bytes]:
    """Make the layers that open in QGIS: the GeoPackage and the project beside it."""
    with tempfile.TemporaryDirectory() as folder:
        write_package(
            report.stored,
            folder,
            on=report.on,
            language=language,
            report=report,
            layers=month_results(report, around),
        )
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def _is_ours(folder: str | os.PathLike[str]) -> Callable[[str], bool]:
    """Tell by its manifest which files of a folder an earlier run made."""
    target = Path(folder)
    ours = {NAME, *read_manifest(target)["outputs"]} if (target / NAME).is_file() else set()
    return ours.__contains__
