"""The atlas of a month: sheets on which zones are compared, then one sheet a zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.core.lot_names import within_zone
from kcngeo.figures.atlas_sheet import (
    CARDS,
    Bars,
    Card,
    Lines,
    Years,
    ZoneSheet,
    cards_sheet,
    zone_sheet,
)
from kcngeo.figures.comparison_sheet import Compared, comparisons
from kcngeo.figures.page_layout import Heading, short
from kcngeo.figures.panel import Panel, shapes_of
from kcngeo.figures.stage_chart import stage_rows
from kcngeo.figures.waterfall_chart import bridge_rows
from kcngeo.publish.file_names import slug
from kcngeo.publish.key_figures import MONTHS
from kcngeo.report import TOTAL, is_synthetic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kcngeo.cartography import MapSpec
    from kcngeo.publish.bundle import Files
    from kcngeo.publish.document import Document
    from kcngeo.report import MonthlyReport, SpatialSections

MOST_LISTED = 6
"""Conflicts, sites and tasks a sheet tells of; the report has all."""

# What floating-point sums leave of an account that closes.
_ROUNDING_HA = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtlasSheet:
    """A sheet of the atlas.

    Attributes
    ----------
    anchor
        What links lead to.
    title
        What the contents call it.
    figure
        It, drawn.
    """

    anchor: str
    title: str
    figure: Figure


def atlas_sheets(doc: Document, spec: MapSpec, around: SpatialSections) -> list[AtlasSheet]:
    """Draw the sheets of a month, in the order in which they are bound."""
    made = _Atlas(doc, spec, around)
    return [*made.comparisons(), *made.zones(), *made.cards()]


def atlas_files(doc: Document, spec: MapSpec, around: SpatialSections) -> Files:
    """Give the atlas as PDF, page and Word document, its sheets drawn once; none without zones."""
    from kcngeo.publish.docx import docx_atlas
    from kcngeo.publish.html import html_atlas
    from kcngeo.publish.pdf import pdf_atlas

    if not len(doc.report.accounts):
        return {}
    sheets = atlas_sheets(doc, spec, around)
    title = theme.text("atlas.title", language=doc.language, month=theme.month(doc.report.on))
    told = {"title": title, "language": doc.language}
    return {
        "atlas.pdf": lambda: pdf_atlas(sheets, **told),
        "atlas.html": lambda: html_atlas(sheets, **told),
        "atlas.docx": lambda: docx_atlas(sheets, **told),
    }


class _Atlas:
    """What all sheets are drawn from."""

    def __init__(self, doc: Document, spec: MapSpec, around: SpatialSections) -> None:
        self.doc, self.spec, self.around = doc, spec, around
        self.report: MonthlyReport = doc.report
        self.language = doc.language
        rows = doc.tables["overview"].to_dict("records")
        self.rows: dict[str, Mapping[Any, Any]] = {str(row["zone_id"]): row for row in rows}
        accounts = doc.tables["accounts"].to_dict("records")
        self.accounts = {str(row["zone_id"]): row for row in accounts}
        self.rates = _five_years(doc)
        frame = spec.zones.frame
        zone_ids = frame["zone_id"].astype("str")
        shapes = zip(zone_ids, shapes_of(spec.zones), strict=True)
        self.shapes = {zone_id: shape for zone_id, shape in shapes if not shape.is_empty}
        held = {
            str(one)
            for layer in spec.layers
            if "zone_id" in layer.frame.columns
            for one in layer.frame["zone_id"]
        }
        self.with_lots = [one for one in self.rows if one in held and one in self.shapes]

    def word(self, key: str, **fields: object) -> str:
        return theme.text(f"atlas.{key}", language=self.language, **fields)

    def head(self, kind: str, title: str) -> Heading:
        report = self.report
        label = report.definition.label(on=report.on, language=self.language)
        lines = [*self.doc.lines, self.doc.word("by_definition", label=label)]
        synthetic = is_synthetic(report.project)
        notes = self.doc.warnings
        if synthetic:
            # A chip says it.
            words = theme.text("map.synthetic", language=self.language)
            notes = tuple(one for one in notes if one != words)
        return Heading(
            kind=self.word(kind),
            title=title,
            lines=[" · ".join(lines)],
            notes=notes,
            language=self.language,
            synthetic=synthetic,
        )

    def comparisons(self) -> Iterator[AtlasSheet]:
        """Draw all zones that have a rate side by side, the fullest first."""
        rated = [one for one in self.rows if one != TOTAL and one in self.rates]
        rated = [one for one in rated if self.rates[one].notna().any()]
        rated.sort(key=lambda one: -self.rates[one].fillna(-1.0).iloc[-1])
        if len(rated) < 2:
            return
        everything = [TOTAL] if TOTAL in self.rows else []
        zones = [self._compared(one) for one in (*everything, *rated)]
        title = self.word("title", month=theme.month(self.report.on))
        for place, figure in enumerate(comparisons(self.head("comparison", title), zones), start=1):
            name = f"{self.word('comparison').capitalize()} {place}"
            yield AtlasSheet(anchor=f"comparison-{place}", title=name, figure=figure)

    def _compared(self, zone_id: str) -> Compared:
        row = self.rows[zone_id]
        return Compared(
            name=str(row["name"]),
            rates=self.rates[zone_id],
            account=self._account(zone_id),
            base=theme.number(row["base_ha"], language=self.language),
            is_total=zone_id == TOTAL,
        )

    def _account(self, zone_id: str) -> dict[str, float]:
        """Give the parts of an account that are known by colour, and grey for what is left."""
        row = self.accounts[zone_id]
        parts = {color: row[f"{name}_ha"] for name, color in theme.STATUS_COLORS.items()}
        known = {color: float(area) for color, area in parts.items() if pd.notna(area) and area > 0}
        rest = float(row["base_ha"]) - sum(known.values())
        return known | ({theme.REST: rest} if rest > _ROUNDING_HA else {})

    def _title(self, zone_id: str) -> str:
        row = self.rows[zone_id]
        name = short(str(row["name"]))
        if pd.isna(row["fill_rate"]):
            return name
        rate = theme.percent(row["fill_rate"], language=self.language)
        return theme.text("figures.rate_of", language=self.language, name=name, rate=rate)

    def zones(self) -> Iterator[AtlasSheet]:
        """Draw every zone that has lots."""
        for zone_id in self.with_lots:
            conflicts, near = self._conflicts(zone_id)
            sites, pieces = self._sites(zone_id, first=len(near) + 1)
            told = ZoneSheet(
                head=self.head("zone", self._title(zone_id)),
                spec=self.spec.of_zone(zone_id),
                panel=Panel(title="", shape=self.shapes[zone_id]),
                account=self._account(zone_id),
                years=Years(title=self.word("years"), rates=self.rates[zone_id]),
                bars=list(self._bars(zone_id)),
                lists=[self._summary(zone_id), conflicts, sites, self._tasks(zone_id)],
                numbers=[*enumerate([*near, *pieces], start=1)],
            )
            yield AtlasSheet(
                anchor=f"zone-{slug(zone_id)}",
                title=str(self.rows[zone_id]["name"]),
                figure=zone_sheet(told),
            )

    def cards(self) -> Iterator[AtlasSheet]:
        """Draw zones without lots, several on a sheet."""
        others = [one for one in self.rows if one != TOTAL and one not in self.with_lots]
        for first in range(0, len(others), CARDS):
            some = others[first : first + CARDS]
            title = self.word("declared_title", count=len(others))
            cards = [
                Card(
                    name=self._title(one),
                    account=self._account(one),
                    rates=self.rates[one],
                    said=self._said(one),
                )
                for one in some
            ]
            yield AtlasSheet(
                anchor=f"declared-{first // CARDS + 1}",
                title=title,
                figure=cards_sheet(self.head("declared", title), cards),
            )

    def _bars(self, zone_id: str) -> Iterator[Bars]:
        """Give the bridge of the year and the stages, as far as they are known."""
        report = self.report
        if report.year_change is not None:
            dates = (report.on - pd.offsets.MonthEnd(12), report.on)
            rows, ends = bridge_rows(
                report.year_change, zone_id=zone_id, dates=dates, language=self.language
            )
            if rows:
                yield Bars(title=self.word("bridge"), rows=rows, ends=ends)
        if report.steps is not None and (zone_id, report.on) in report.steps.funnel.index:
            row = report.steps.funnel.xs(zone_id).loc[report.on].to_dict()
            longest = max(row["planned_ha"], 1e-9)
            rows = stage_rows(row, language=self.language)
            yield Bars(title=self.word("stages"), rows=rows, ends=(0.0, longest))

    def _said(self, zone_id: str) -> list[str]:
        """Give what the report says of a zone, the urgent first."""
        mine = [one for one in self.doc.sentences if one.zone_id == zone_id]
        return [self.doc.said(one) for one in mine]

    def _summary(self, zone_id: str) -> Lines:
        # The first sentence is the title, and what stands too near has a list of its own.
        mine = [one for one in self.doc.sentences if one.zone_id == zone_id]
        mine = [one for one in mine if one.key not in ("rate", "conflict", "no_conflict", "stages")]
        words = [self.doc.said(one) for one in mine]
        return Lines(title=self.word("summary"), words=words, count=len(words))

    def _conflicts(self, zone_id: str) -> tuple[Lines, list[Any]]:
        near = self.around.conflicts
        title = self.word("conflicts")
        if near is None:
            return Lines(title=title, words=[self.word("not_known")], count=1), []
        mine = near[((near["zone_id"] == zone_id) & (near["state"] == "conflict")).to_numpy()]
        mine = mine.sort_values("margin_m", kind="stable")
        words = [
            self.word(
                "conflict",
                emitter=self._called("emitters", row["emitter_id"], zone_id),
                receptor=self._called("receptors", row["receptor_id"], zone_id),
                distance=theme.number(row["distance_m"], language=self.language, decimals=0),
                required=theme.number(row["required_m"], language=self.language, decimals=0),
            )
            for row in mine.head(MOST_LISTED).to_dict("records")
        ]
        return self._listed(title, words, len(mine), first=1), list(mine.geometry[:MOST_LISTED])

    def _sites(self, zone_id: str, *, first: int) -> tuple[Lines, list[Any]]:
        space = self.around.space
        title = self.word("sites")
        if space is None:
            return Lines(title=title, words=[self.word("not_known")], count=1), []
        table = self.doc.tables["sites"]
        mine = table[(table["zone_id"] == zone_id).to_numpy()]
        shown = mine.head(MOST_LISTED)
        words = [
            self.word(
                "site",
                site=self._called("sites", row["site_id"], zone_id),
                area=theme.hectares(row["area_ha"], language=self.language, sign=False),
                level="–" if pd.isna(row["level"]) else row["level"],
            )
            for row in shown.to_dict("records")
        ]
        pieces = space.sites.set_index("site_id").geometry.reindex(shown["site_id"])
        return self._listed(title, words, len(mine), first=first), list(pieces)

    def _called(self, table: str, one: str, zone_id: str) -> str:
        names = self.doc.names
        zone = names.get("zones", {}).get(zone_id, "")
        return within_zone(names.get(table, {}).get(one, one), zone=zone)

    def _tasks(self, zone_id: str) -> Lines:
        plan = self.doc.tables["plan"]
        urgent = plan["status"].isin(["breach", "late"]) & (plan["zone_id"] == zone_id)
        mine = plan[urgent.to_numpy()].sort_values("status", kind="stable")
        words = [
            self.word(
                "task",
                topic=theme.text(f"plan_topic.{row['topic']}", language=self.language),
                figure=row["figure"],
                owner=theme.text(f"plan_owner.{row['owner']}", language=self.language),
            )
            for row in mine.to_dict("records")
        ]
        return self._listed(self.word("to_do"), words, len(mine))

    def _listed(self, title: str, words: Sequence[str], count: int, *, first: int = 0) -> Lines:
        if not words:
            return Lines(title=title, words=[self.word("nothing")], count=1)
        return Lines(title=title, words=words, count=count, first=first)


def _five_years(doc: Document) -> dict[str, pd.Series]:
    """Give the rate of every zone, and of all together, on the last reporting dates."""
    report = doc.report
    dates = report.dates[-MONTHS:]
    series = report.series.loc[report.definition.name]["fill_rate"].unstack("zone_id")
    rates = {str(zone_id): series[zone_id].reindex(dates) for zone_id in series.columns}
    # All together as on the first page: another set of zones is another rate.
    line = doc.key_figures[0].line if doc.key_figures else ()
    whole = pd.Series([float("nan")] * (len(dates) - len(line)) + [*line], dates)
    whole.iloc[-1:] = doc.tables["overview"]["fill_rate"].iloc[-1]
    return rates | {TOTAL: whole}
