"""The report of a month as a document: sections of sentences, tables and charts, in one language.

Pages, workbooks and PDFs are made from it, so that they say the same in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.schema import Names
from kcngeo.publish.definition_words import definition_words
from kcngeo.publish.findings_table import known_words
from kcngeo.publish.format_table import Shown, shown
from kcngeo.publish.key_figures import KeyFigure, key_figures
from kcngeo.publish.month_tables import LIMITS, all_tables, names_in
from kcngeo.publish.narrative import Sentence, is_narrow, summary
from kcngeo.publish.plan_table import printed_plan
from kcngeo.report import (
    SITE_HA,
    TOTAL,
    MonthlyReport,
    SpatialSections,
    Standing,
    is_synthetic,
    spatial_sections,
)

SERIES_MONTHS = 12
"""Months of the series that are printed; the CSV has all."""

if TYPE_CHECKING:
    from kcngeo.publish.charts import Picture

FEW_ZONES = 4
"""Zones of which a page and the series tell all, one by one."""

MOST_ROWS = 56
"""Rows of a table that are printed; the workbook has all."""

# What stands over the table already, or in another one beside it.
_NOT_PRINTED: Mapping[str, tuple[str, ...]] = {
    # Of how many zones a total is, and how much of it is declared, stands in a sentence.
    # A page upright has room for what a board asks; the rest is in the sentences and the workbook.
    "overview": (
        *("definition", "declared_ha", "known_count", "zone_count", "reason", "claimed_on"),
        *("last_entry_on", "doubt_leased_ha", "doubt_base_ha", "because"),
    ),
    "conflicts": (
        *("emitter_kind", "receptor_kind", "margin_m", "receptor_undated"),
        *("in_force", "overrides", "source"),
    ),
    "land": ("land_ha", "pieces_count", "largest_share", "mesh_ha"),
    "sites": ("site_id", "lots_count", "circle_m", "admissible"),
    "findings": ("table", "ids", "advice", "x", "y"),
    "accounts": ("on", "definition"),
    "targets": ("on",),
    "forecast": ("definition", "leased_ha", "base_ha"),
    "changes": ("definition",),
    "zone_rules": ("rule_id", "share", "share_low", "share_high", "depends_on", "about"),
    "plan": (
        *("sector", "value", "against", "unit", "brief", "in_force", "effect_ha", "late_days"),
    ),
    "steps": (
        *("planned_ha", "leased_ha", "building_ha", "components_count"),
        *("serviced_verified", "clock_verified"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the document.

    Attributes
    ----------
    key
        Its name; the title stands under "report" in the table of texts.
    title
        Its title.
    notes
        What a reader must know not to misread it.
    table
        Its table, if it has one.
    figures
        Names of its charts.
    empty
        What is said in the place of an empty table: why there is nothing, or that there is none.
    """

    key: str
    title: str
    notes: tuple[str, ...] = ()
    table: Shown | None = None
    figures: tuple[str, ...] = ()
    empty: str = ""

    @property
    def is_wide(self) -> bool:
        """Tell whether its table is made of words, which need a page across."""
        return self.key == "plan"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Document:
    """The report in one language.

    Attributes
    ----------
    report
        The month.
    language
        "vi" or "en".
    title
        Its title.
    lines
        Date and cut-off.
    key_figures
        The figures to be seen first.
    warnings
        What must be said on every page: invented shapes, a public edition.
    sentences
        The summary, sentence by sentence.
    errors
        How many errors and warnings are open, in words.
    tables
        The tables as they are computed, by name.
    names
        What ids are called.
    sections
        The sections after the summary.
    charts
        The charts, by name.
    standing
        How the month stands to what was published; None where nobody asked.
    """

    report: MonthlyReport
    language: str
    title: str
    lines: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    warnings: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    errors: str
    tables: Mapping[str, pd.DataFrame]
    names: Names
    sections: tuple[Section, ...]
    charts: Mapping[str, Picture] = field(default_factory=dict)
    standing: Standing | None = None

    @property
    def is_short(self) -> bool:
        """Tell whether a page has room for all that is said of every zone."""
        return len(self.tables["accounts"]) - 1 <= FEW_ZONES

    @property
    def first_sentences(self) -> tuple[Sentence, ...]:
        """Give the sentences of the first page: those about all zones together."""
        return tuple(one for one in self.sentences if one.is_first and one.zone_id == TOTAL)

    @property
    def has_errors(self) -> bool:
        """Tell whether a finding is an error."""
        return bool((self.tables["findings"]["severity"] == "error").any())

    @property
    def overview(self) -> Section:
        """Give the table of all zones."""
        return next(section for section in self.sections if section.key == "overview")

    def drawn(self, charts: Mapping[str, Picture]) -> Document:
        """Put the charts into their sections."""
        sections = tuple(
            replace(one, figures=tuple(name for name in charts if name.startswith(f"{one.key}_")))
            for one in self.sections
        )
        return replace(self, charts=charts, sections=sections)

    def said(self, sentence: Sentence) -> str:
        """Write a sentence of the summary."""
        return sentence.shown(self.tables, language=self.language, names=self.names)

    def word(self, key: str, **fields: object) -> str:
        """Give words of the report."""
        return theme.text(f"report.{key}", language=self.language, **fields)


def document(
    report: MonthlyReport,
    *,
    language: str,
    public: bool = False,
    around: SpatialSections | None = None,
    standing: Standing | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> Document:
    """Lay out the report of a month, of its tables where they were laid out already."""

    def word(key: str, **fields: object) -> str:
        return theme.text(f"report.{key}", language=language, **fields)

    around = around or spatial_sections(report)
    if tables is None:
        tables = all_tables(report, language=language, around=around, standing=standing)
    label = report.definition.label(on=report.on, language=language)
    lines = [word("state_on", on=theme.date(report.on, language=language))]
    method = (
        word("by_definition", label=label),
        definition_words(
            report.definition,
            group="meaning",
            joined=f" {word('meaning_uses')} ",
            language=language,
        ),
    )
    if report.known_at is not None:
        moment = f"{theme.date(report.known_at, language=language)} {report.known_at:%H:%M}"
        lines.append(word("known", moment=moment))
    told, warnings = _published(standing, language=language)
    lines += told
    if is_synthetic(report.project):
        warnings.append(theme.text("map.synthetic", language=language))
    if public:
        warnings.append(word("public"))
    empty = {
        **{key: known_words(f"report.no_{key}", language=language) for key in tables},
        **_nothing(report, around, language=language),
    }
    names = names_in(tables)
    sections = []
    for key, frame in tables.items():
        notes = _notes(key, report, language=language)
        if key == "definitions":
            notes = (*method, *notes)
        table, rows = printed(key, frame, on=report.on, language=language, names=names)
        if len(table.rows) < rows:
            notes += (word("cut_note", shown=len(table.rows), rows=rows),)
        sections.append(
            Section(
                key=key,
                title=word(key),
                notes=notes,
                table=table,
                empty=empty[key] or word("empty"),
            )
        )
    severities = tables["findings"]["severity"]
    count, warned = (int((severities == name).sum()) for name in ("error", "warning"))
    return Document(
        report=report,
        language=language,
        title=word("title", month=theme.month(report.on)),
        lines=tuple(lines),
        key_figures=key_figures(tables, language=language),
        warnings=tuple(warnings),
        sentences=tuple(summary(report, tables)),
        errors=word("open_errors", count=count, warnings=warned),
        tables=tables,
        names=names,
        sections=tuple(sections),
        standing=standing,
    )


def _published(standing: Standing | None, *, language: str) -> tuple[list[str], list[str]]:
    """Say as which publication the month stands: in the head, or of a revision on every page."""
    if standing is None:
        return [], []
    own, before = standing.own, standing.before

    def word(key: str) -> str:
        earlier = None if before is None else before.known_at
        moment = (
            "" if earlier is None else f"{theme.date(earlier, language=language)} {earlier:%H:%M}"
        )
        fields = {"revision": own.revision, "month": theme.month(standing_month), "moment": moment}
        fields["before"] = "" if before is None else before.revision
        key = f"{key}_undated" if before is not None and earlier is None else key
        return theme.text(f"report.{key}", language=language, **fields)

    standing_month = pd.Timestamp(own.month)
    if standing.is_revision:
        return [], [word("revision" if standing.handed_out else "draft_differs")]
    if standing.handed_out:
        return [word("first_publication")], []
    return ([word("draft_agrees")], []) if standing.is_on_record else ([], [])


def _notes(key: str, report: MonthlyReport, *, language: str) -> tuple[str, ...]:
    """Say what a reader must know of a section not to misread it."""
    fields = {"area": f"{SITE_HA:g}"}
    name = f"report.{key}_note"
    if key == "accounts":
        name = "report.figures_note"
        fields["area"] = theme.text(f"area_basis.{report.area}", language=language)
    if key == "steps":
        if report.steps is None or report.steps.zones.empty:
            return ()
        # How well the rules behind the table are verified.
        marks = report.steps.zones[["serviced_verified", "clock_verified"]].iloc[0]
        serviced, clock = (theme.text(f"verified.{mark}", language=language) for mark in marks)
        fields |= {"serviced": serviced, "clock": clock}
    words = known_words(name, language=language)
    return () if words is None else (words.format(**fields),)


def _nothing(report: MonthlyReport, around: SpatialSections, *, language: str) -> dict[str, str]:
    """Say of empty tables why: there is nothing, or there was no answer."""

    def word(key: str, **fields: object) -> str:
        return theme.text(f"report.{key}", language=language, **fields)

    said = {
        "sites": word("no_sites" if around.space is not None else "no_land", area=f"{SITE_HA:g}")
    }
    if around.conflicts is not None:
        said["conflicts"] = word("none_too_near")
    # Without the answer "nothing is late" and "nothing moved" would be claims.
    if report.steps is None:
        said["late"] = word("no_steps")
    if report.change is None:
        said["causes"] = word("no_changes")
    return said


def printed(
    key: str,
    frame: pd.DataFrame,
    *,
    on: pd.Timestamp,
    language: str,
    names: Names | None,
) -> tuple[Shown, int]:
    """Put into words what of a table is printed, and count its rows before it is cut."""
    rows = len(frame)
    if key == "overview":
        frame = ranked(frame)
    if key == "series":
        first = on - pd.offsets.MonthEnd(SERIES_MONTHS - 1)
        frame = frame[frame["on"] >= first]
        if frame["zone_id"].nunique() > FEW_ZONES + 1:
            # Of many zones the last month, and all of them together month by month.
            frame = frame[(frame["zone_id"] == TOTAL) | (frame["on"] == on)]
        rows = len(frame)
    if key == "plan":
        frame = printed_plan(frame, most=MOST_ROWS, few_zones=FEW_ZONES, language=language)
    if LIMITS[0] in frame:
        limits = frame[[*LIMITS]].to_numpy(dtype="float64")
        wide = np.array([not is_narrow(low, high) for low, high in limits], dtype=bool)
        frame = frame.assign(**{column: frame[column].mask(wide) for column in LIMITS})
    frame = frame.drop(columns=[*_NOT_PRINTED.get(key, ())], errors="ignore")
    # The series has a chart and a table of its own; other long tables are cut, and it is said.
    cut = frame if key in ("series", "plan") else frame.head(MOST_ROWS)
    return shown(key, cut, language=language, names=names), rows


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the fullest zone first, those without a rate after the others, all of them last."""
    is_total = frame["zone_id"] == TOTAL
    zones = frame[~is_total].sort_values("fill_rate", ascending=False, kind="stable")
    return pd.concat([zones, frame[is_total]])
