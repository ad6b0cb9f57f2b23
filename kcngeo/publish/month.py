"""The bundle of a month: report, map, tables, charts, layers, from the report that was gathered."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.cartography import MapSpec, fill
from kcngeo.core.dates import covers_day, day_number
from kcngeo.core.kept_results import KeptResults, using
from kcngeo.core.model import Finding
from kcngeo.core.schema import Names
from kcngeo.maps import OfflineAtlas, draw_map
from kcngeo.publish.bundle import Bundle, Files, Provenance
from kcngeo.publish.document import Document, document
from kcngeo.publish.html import html_page
from kcngeo.publish.json import json_report
from kcngeo.publish.kept_packages import keeping
from kcngeo.publish.month_tables import accounts_table, all_tables, rates_of, series_table
from kcngeo.publish.month_themes import month_themes
from kcngeo.publish.narrative import is_narrow
from kcngeo.publish.xlsx import workbook
from kcngeo.qgis import Results, month_results, write_package
from kcngeo.report import (
    TOTAL,
    MonthlyReport,
    SpatialSections,
    Standing,
    names_of,
    spatial_sections,
)
from kcngeo.standards import fill_definitions, registry

if TYPE_CHECKING:
    from kcngeo.publish.charts import Picture
    from kcngeo.publish.content import LongTable
    from kcngeo.publish.manifest import InputFacts
    from kcngeo.report.declared_section import Beside
    from kcngeo.report.joined import MonthPart

PARTS = ("report", "map", "tables", "pdf", "word", "workbook", "json", "figures", "layers")
"""What a month's folder is made of, beside its manifest."""

ATLAS = "atlas"
"""What is made of a month where it is asked for: a sheet a zone, and sheets that compare zones."""

_MAP = "map.html"


def month_bundle(
    report: MonthlyReport,
    *,
    options: Mapping[str, Any] | None = None,
    edition: str = "full",
    standing: Standing | None = None,
    results: KeptResults | None = None,
) -> Bundle:
    """Give the bundle of a month.

    Parameters
    ----------
    report
        The month.
    options
        What was asked; what the report says of it if left out.
    edition
        "full", or "public" where names of investors and documents were left out, which the report
        then says.
    standing
        How the month stands to what was published; None where it is not told.
    results
        Results of zones that were worked out before.

    Returns
    -------
    Bundle
        The month, with a report as page, PDF, workbook and JSON, a map, charts, and layers.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> made = month_bundle(kcn.report.monthly(kcn.examples.squares(), month="2018-03"))
    >>> made.tables["accounts"]["leased_ha"].tolist()
    [1.5, 1.0, 2.5]
    """
    made = _Month(report, is_public=edition == "public", standing=standing, results=results)
    return replace(
        _tables_of(made, options=options, edition=edition),
        maps={"map": lambda: made.spec},
        documents={
            "report": made.report_files,
            "map": made.map_files,
            "pdf": made.pdf_files,
            "word": made.word_files,
            "workbook": lambda language: {"report.xlsx": lambda: workbook(made.document(language))},
            "json": lambda language: {"report.json": lambda: json_report(made.document(language))},
            "figures": made.figure_files,
            "layers": made.layer_files,
        },
        letters={"word": made.word_files},
        screens={"report": made.report_files, "map": made.map_files},
        on_request={ATLAS: made.atlas_files},
        standing=standing,
        **keeping("layers"),
    )


def joined_bundle(
    joined: MonthPart,
    *,
    options: Mapping[str, Any],
    facts: InputFacts,
    called: Mapping[str, Names],
    long_tables: Callable[[Mapping[str, pd.DataFrame]], Mapping[str, LongTable]],
) -> Bundle:
    """Give the tables of a month that was joined from groups of zones.

    Parameters
    ----------
    joined
        What all zones say.
    options
        What was asked.
    facts
        What is known of the tables of the project.
    called
        By language what sentences call by a name, of tables whose names do not stand in memory.
    long_tables
        Gives, by the tables as far as they are known, those that do not stand in memory as a whole.

    Returns
    -------
    Bundle
        The month, to be written with its tables alone.
    """
    made = _Month(joined.report, is_public=False, standing=None, results=None)
    made.around, made.beside, made.called = joined.around, joined.beside, called
    bundle = _tables_of(made, options=options, edition="full")
    return replace(
        bundle,
        provenance=replace(bundle.provenance, facts=facts),
        long_tables=lambda language: made.once(
            "long tables", language, lambda: long_tables(made.tables(language))
        ),
    )


def _tables_of(made: _Month, *, options: Mapping[str, Any] | None, edition: str) -> Bundle:
    """Give a month without its documents."""
    report = made.report
    asked = {
        "month": f"{report.on:%Y-%m}",
        "definition": report.chosen,
        "start": f"{report.dates[0]:%Y-%m-%d}",
        "area": report.area,
        "edition": edition,
    }
    return Bundle(
        product="month",
        provenance=Provenance(
            options=asked if options is None else options,
            tables=report.project,
            registry=registry(),
            moment=report.known_at,
            rules=fill_definitions(also=report.chosen),
        ),
        make_tables=made.tables,
        findings=report.findings,
        left_out=_left_out(report),
        say=made.lines,
        facts=lambda language: _facts(report, made.tables(language)["overview"]),
        names=made.names,
    )


class _Month:
    """A month's documents, each made once a language and kept."""

    def __init__(
        self,
        report: MonthlyReport,
        *,
        is_public: bool,
        standing: Standing | None,
        results: KeptResults | None,
    ) -> None:
        self.report, self.is_public, self.standing = report, is_public, standing
        self.worked_out = results
        self.beside: Beside | None = None
        self.called: Mapping[str, Names] = {}
        self.kept: dict[tuple[str, str], Any] = {}

    def once(self, name: str, language: str, make: Callable[[], Any]) -> Any:
        """Make something of a language once."""
        if (name, language) not in self.kept:
            self.kept[name, language] = make()
        return self.kept[name, language]

    @cached_property
    def around(self) -> SpatialSections:
        """What stands beside the accounts."""
        with using(self.worked_out):
            return spatial_sections(self.report)

    @cached_property
    def spec(self) -> MapSpec:
        """What the map shows, on a screen as on paper."""
        filled = fill(self.report)
        return replace(filled, themes=month_themes(filled, self.report, self.results.maps))

    @cached_property
    def results(self) -> Results:
        """The maps of what stands beside the accounts."""
        return month_results(self.report, self.around)

    def names(self, language: str) -> Names:
        """What ids are called."""
        told: Names = self.once(
            "names",
            language,
            lambda: names_of(
                self.report, self.around, language=language, known=self.called.get(language)
            ),
        )
        return told

    def listed(self, language: str) -> Names:
        """What the table of names lists."""
        every, apart = self.names(language), self.called.get(language, {})
        return {table: some for table, some in every.items() if table not in apart}

    def charts(self, language: str) -> dict[str, Picture]:
        """Draw the charts."""
        from kcngeo.publish.charts import charts

        made: dict[str, Picture] = self.once(
            "charts", language, lambda: charts(self.report, language=language, spec=self.spec)
        )
        return made

    def tables(self, language: str) -> dict[str, pd.DataFrame]:
        """Lay out the tables; who asks for nothing else needs no words around them."""
        laid_out: dict[str, pd.DataFrame] = self.once(
            "tables",
            language,
            lambda: all_tables(
                self.report,
                language=language,
                around=self.around,
                standing=self.standing,
                beside=self.beside,
                names=self.names(language),
                named=self.listed(language),
            ),
        )
        return laid_out

    def lines(self, language: str) -> Iterator[str]:
        """Say the rate of every zone and of all of them."""
        tables = self.kept.get(("tables", language)) or {
            "accounts": accounts_table(self.report, language=language),
            "series": series_table(self.report, language=language),
        }
        return _lines(tables, language)

    def document(self, language: str) -> Document:
        """Lay the report out without charts, which take their time."""
        made: Document = self.once(
            "document",
            language,
            lambda: document(
                self.report,
                language=language,
                public=self.is_public,
                around=self.around,
                standing=self.standing,
                tables=self.tables(language),
            ),
        )
        return made

    def drawn(self, language: str) -> Document:
        """Lay the report out with its charts."""
        return self.document(language).drawn(self.charts(language))

    def map(self, language: str, imagery: Path | None) -> Any:
        """Draw the map: one page, or for very many lots an overview with a page a zone."""

        def draw() -> Any:
            if imagery is None:
                return draw_map(self.spec, language=language)
            from kcngeo.analysis.imagery.pictures import ground_pictures

            pictures = ground_pictures(imagery, self.spec.zones.frame)
            return draw_map(replace(self.spec, pictures=pictures), language=language)

        return self.once(f"map {imagery}", language, draw)

    def page(self, language: str, imagery: Path | None) -> str:
        """Write the page of the map."""
        made = self.map(language, imagery)
        page: str = self.once(f"page {imagery}", language, lambda: made.get_root().render())
        return page

    def report_files(self, language: str, *, imagery: Path | None = None) -> Files:
        """Give the report as a page."""
        return {
            "report.html": lambda: html_page(
                self.drawn(language), map_page=self.page(language, imagery)
            )
        }

    def map_files(self, language: str, *, imagery: Path | None = None) -> Files:
        """Give the page of the map, and those of its zones where it has any."""
        made = self.map(language, imagery)
        zones = made.pages(_MAP) if isinstance(made, OfflineAtlas) else ()
        rendered = {name: page.get_root().render() for name, page in zones}
        return {
            name: text.encode
            for name, text in {_MAP: self.page(language, imagery), **rendered}.items()
        }

    def pdf_files(self, language: str) -> Files:
        """Give the report as a PDF; what only writes one form is imported with it."""
        from kcngeo.publish.pdf import pdf_pages

        return {"report.pdf": lambda: pdf_pages(self.drawn(language))}

    def word_files(self, language: str, *, letterhead: bytes | None = None) -> Files:
        """Give the report as a Word document."""
        from kcngeo.publish.docx import docx_report

        return {"report.docx": lambda: docx_report(self.drawn(language), letterhead=letterhead)}

    def atlas_files(self, language: str) -> Files:
        """Give the atlas."""
        from kcngeo.publish.atlas import atlas_files

        return atlas_files(self.document(language), self.spec, self.around)

    def figure_files(self, language: str) -> Files:
        """Give the charts as pictures."""
        return {
            "map.png" if name == "map" else f"figures/{name}.png": partial(bytes, picture.data)
            for name, picture in self.charts(language).items()
        }

    def layer_files(self, language: str) -> Files:
        """Give the layers that open in QGIS: the GeoPackage and the project beside it."""
        with tempfile.TemporaryDirectory() as folder:
            write_package(
                self.report.stored,
                folder,
                on=self.report.on,
                language=language,
                report=self.report,
                layers=self.results,
            )
            made = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
        return {name: partial(bytes, data) for name, data in made.items()}


def _left_out(report: MonthlyReport) -> dict[str, tuple[Finding, ...]]:
    """Say which zones are not computable on the reporting date, and why."""
    blocked = report.blocked
    now = blocked[covers_day(blocked["start"], blocked["end"], day_number(report.on))]
    return {str(zone_id): tuple(some) for zone_id, some in now.groupby("zone_id")["finding"]}


def _facts(report: MonthlyReport, overview: pd.DataFrame) -> dict[str, Any]:
    """Give what an index tells of a month: its day, definition, and the rate of every zone."""
    names = ["name", "fill_rate", "leased_ha", "base_ha"]
    rows = overview.set_index("zone_id")[names].astype(object)
    rates = rows.where(rows.notna(), None).T.to_dict()
    return {
        "month": f"{report.on:%Y-%m}",
        "on": f"{report.on:%Y-%m-%d}",
        "series_start": f"{report.dates[0]:%Y-%m-%d}",
        "definition": report.definition.name,
        "rates": {str(zone_id): rate for zone_id, rate in rates.items()},
    }


def _lines(tables: Mapping[str, pd.DataFrame], language: str) -> Iterator[str]:
    """Say the rate of every zone and of all of them."""
    left_out = tables["accounts"].set_index("zone_id")["not_computable"].notna()
    count = len(left_out) - 1
    for row in rates_of(tables["accounts"], tables["series"]).to_dict("records"):
        rate = theme.percent(row["fill_rate"], language=language)
        low, high = row["rate_low"], row["rate_high"]
        if is_narrow(low, high):
            rate = "–".join(theme.percent(one, language=language) for one in (low, high))
        leased = theme.number(row["leased_ha"], language=language, decimals=4)
        base = theme.number(row["base_ha"], language=language, decimals=4)
        name = row["name"] if isinstance(row["name"], str) else row["zone_id"]
        definition = registry().load(row["definition"]).title[language]
        if isinstance(row["reason"], str):
            rate = theme.text(f"no_rate.{row['reason']}", language=language)
            yield f"{name}: {rate} ({definition})"
            continue
        line = f"{name}: {rate} ({definition}), {leased} / {base} ha"
        if row["source"] == "declared":
            line += f", {theme.text('figures_source.declared', language=language)}"
        if pd.notna(row["zone_count"]):
            of_zones = {"known": row["known_count"], "count": row["zone_count"]}
            line += f", {theme.text('map.of_known_zones', language=language, **of_zones)}"
        if row["zone_id"] == TOTAL and left_out[TOTAL]:
            of_zones = {"known": int((~left_out).sum()), "count": count}
            line += f", {theme.text('cli.of_computed_zones', language=language, **of_zones)}"
        yield line
