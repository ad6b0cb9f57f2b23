"""The report of a month as a document: sections of sentences, tables and charts, in one language.

Pages, workbooks and PDFs are made from it, so that they say the same in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kcngeo import theme
from kcngeo.core.model import Severity
from kcngeo.publish.answers import all_tables
from kcngeo.publish.charts import Picture
from kcngeo.publish.shown import Shown, shown
from kcngeo.publish.summary import Sentence, summary
from kcngeo.report import MonthlyReport, is_synthetic

SERIES_MONTHS = 12
"""Months of the series that are printed; the CSV has all."""

# What stands over the table already, or in another one beside it.
_NOT_PRINTED: Mapping[str, tuple[str, ...]] = {
    "accounts": ("on", "definition"),
    "targets": ("on",),
    "forecast": ("definition", "leased_ha", "base_ha"),
    "changes": ("definition",),
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
    """

    key: str
    title: str
    notes: tuple[str, ...] = ()
    table: Shown | None = None
    figures: tuple[str, ...] = ()


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
        Date, definition and cut-off.
    warnings
        What must be said on every page: invented shapes, a public edition.
    sentences
        The summary, sentence by sentence.
    errors
        How many errors and warnings are open, in words.
    tables
        The tables as they are computed, by name.
    sections
        The sections after the summary.
    charts
        The charts, by name.
    """

    report: MonthlyReport
    language: str
    title: str
    lines: tuple[str, ...]
    warnings: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    errors: str
    tables: Mapping[str, pd.DataFrame]
    sections: tuple[Section, ...]
    charts: Mapping[str, Picture]

    def said(self, sentence: Sentence) -> str:
        """Write a sentence of the summary.

        Parameters
        ----------
        sentence
            The sentence.

        Returns
        -------
        str
            Its words.
        """
        return sentence.shown(self.tables, language=self.language)

    def word(self, key: str, **fields: object) -> str:
        """Give words of the report.

        Parameters
        ----------
        key
            Key under "report" in the table of texts.
        **fields
            Values of its places.

        Returns
        -------
        str
            The words.
        """
        return theme.text(f"report.{key}", language=self.language, **fields)


def document(
    report: MonthlyReport, *, language: str, charts: Mapping[str, Picture], public: bool = False
) -> Document:
    """Lay out the report of a month.

    Parameters
    ----------
    report
        The month.
    language
        "vi" or "en".
    charts
        The charts, by name; those of a section begin with its key.
    public
        Whether names of investors and documents were left out.

    Returns
    -------
    Document
        The document.
    """

    def word(key: str, **fields: object) -> str:
        return theme.text(f"report.{key}", language=language, **fields)

    tables = all_tables(report, language=language)
    label = report.definition.label(on=report.on, language=language)
    lines = [
        word("state_on", on=theme.date(report.on, language=language)),
        word("by_definition", id=report.definition.name, label=label),
    ]
    if report.known_at is not None:
        moment = f"{theme.date(report.known_at, language=language)} {report.known_at:%H:%M}"
        lines.append(word("known", moment=moment))
    warnings = []
    if is_synthetic(report.project):
        warnings.append(theme.text("map.synthetic", language=language))
    if public:
        warnings.append(word("public"))
    notes = {
        "accounts": (word("figures_note", area=report.area),),
        "targets": (word("targets_note"),),
        "forecast": (word("forecast_note"),),
        "series": (word("series_note"),),
        "steps": _steps_notes(report, language=language),
    }
    sections = tuple(
        Section(
            key=key,
            title=word(key),
            notes=notes.get(key, ()),
            table=shown(key, _printed(key, frame, report), language=language),
            figures=tuple(name for name in charts if name.startswith(f"{key}_")),
        )
        for key, frame in tables.items()
    )
    count, warned = (
        sum(one.severity is severity for one in report.findings)
        for severity in (Severity.ERROR, Severity.WARNING)
    )
    return Document(
        report=report,
        language=language,
        title=word("title", month=theme.month(report.on)),
        lines=tuple(lines),
        warnings=tuple(warnings),
        sentences=tuple(summary(report, tables)),
        errors=word("open_errors", count=count, warnings=warned),
        tables=tables,
        sections=sections,
        charts=charts,
    )


def _steps_notes(report: MonthlyReport, *, language: str) -> tuple[str, ...]:
    """Say what serviced land is, and how well the rules behind the table are verified."""
    if report.steps is None or report.steps.zones.empty:
        return ()
    marks = report.steps.zones[["serviced_verified", "clock_verified"]].iloc[0]
    serviced, clock = (theme.text(f"verified.{mark}", language=language) for mark in marks)
    fields = {"serviced": serviced, "clock": clock}
    return (theme.text("report.steps_note", language=language, **fields),)


def _printed(key: str, frame: pd.DataFrame, report: MonthlyReport) -> pd.DataFrame:
    """Choose what of a table is printed; the files hold all of it."""
    if key == "series":
        first = report.on - pd.offsets.MonthEnd(SERIES_MONTHS - 1)
        frame = frame[frame["on"] >= first]
    frame = frame.drop(columns=[*_NOT_PRINTED.get(key, ())])
    if "name" in frame.columns:
        return frame.drop(columns="zone_id")
    if "zone_id" in frame.columns:
        names = frame["zone_id"].map(report.zone_names())
        return frame.assign(zone_id=names.fillna(frame["zone_id"])).rename(
            columns={"zone_id": "name"}
        )
    return frame
