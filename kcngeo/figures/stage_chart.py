"""From the plan to the running factory, in bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.analysis.progress import STAGES
from kcngeo.core.dates import Day, day
from kcngeo.figures.bar_rows import ROW_IN, Row, draw_rows
from kcngeo.figures.labels import definition_label
from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.page_layout import Heading, Sheet, short
from kcngeo.figures.typography import own_settings
from kcngeo.standards import fill_definition
from kcngeo.theme import hectares, text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GROUND, _LEASED = theme.REST, theme.STATUS_COLORS["leased"]
_RESERVED = theme.STATUS_COLORS["reserved"]


def stages(
    funnel: pd.DataFrame,
    *,
    zone_id: str,
    on: Day,
    language: str,
    definition: str | None = None,
    synthetic: bool = False,
    name: str | None = None,
) -> Figure:
    """Draw how many hectares of a zone have come to each stage, on a day.

    A bar a stage, all on one scale; each holds the land that has come so far or farther. What is
    reserved stands beside what is let. The figure on the right is the rate from the stage before;
    the rate of "reserved or let" is of serviced land, because land is also let before it is
    serviced. A stage that is not known has no bar and says so.

    Parameters
    ----------
    funnel
        Result of :func:`kcngeo.analysis.progress.stage_funnel`.
    zone_id
        The zone.
    on
        The reporting date.
    language
        "vi" or "en".
    definition
        Id of the fill-rate definition the funnel was computed by; None for the law of the day.
    synthetic
        Whether shapes are invented, which the figure then says.
    name
        Name of the zone; None for its id.

    Returns
    -------
    Figure
        The chart; where the zone does not count on the day, that in words.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> funnel = kcn.progress.stage_funnel(kcn.examples.squares(), on="2018-03-31")
    >>> figure = stages(funnel, zone_id="A", on="2018-03-31", language="en")
    >>> words = [one.get_text() for one in figure.findobj(lambda one: hasattr(one, "get_text"))]
    >>> any("1.50" in text for text in words)  # hectares let
    True
    """
    date = day(on)
    kind = text("figures.stages", language=language)
    title = short(name or zone_id)
    shown = theme.date(date, language=language)
    with own_settings():
        if (zone_id, date) not in funnel.index:
            head = Heading(kind=kind, title=title, language=language, synthetic=synthetic)
            sheet = Sheet(head, body_in=0.8)
            sheet.message(text("figures.no_stages", language=language, on=shown))
            return sheet.figure
        row = funnel.xs(zone_id).loc[date].to_dict()
        rows = stage_rows(row, language=language)
        used = fill_definition(definition, on=date).name
        label = definition_label(used, on=date, language=language)
        notes = [text("figures.stages_nest", language=language)]
        # What cannot be laid to a stage is said, not left out.
        if row["leased_unknown_ha"] > 0:
            area = hectares(row["leased_unknown_ha"], language=language, sign=False)
            notes.append(text("figures.leased_unknown", language=language, area=area))
        if not math.isnan(row["serviced_ha"]):
            notes.append(text("figures.serviced_rule", language=language))
        head = Heading(
            kind=kind,
            title=f"{title}: {_title(row, language=language)}",
            lines=[f"{shown} · {text('map.definition', language=language)} {label}"],
            keys=[
                Key(color=_LEASED, words=text("status.leased", language=language)),
                Key(color=_RESERVED, words=text("status.reserved", language=language)),
            ],
            notes=notes,
            language=language,
            synthetic=synthetic,
        )
        sheet = Sheet(head, body_in=len(rows) * ROW_IN)
        draw_rows(sheet, rows, top=0.0, longest=max(row["planned_ha"], 1e-9))
        return sheet.figure


def stage_rows(row: dict[Any, Any], *, language: str) -> list[Row]:
    """Give the stages of a row of the funnel as rows of bars."""
    return [_row(row, stage, language=language) for stage in STAGES]


def _title(row: dict[Any, Any], *, language: str) -> str:
    figures = {
        stage: hectares(row[f"{stage}_ha"], language=language, sign=False)
        for stage in ("planned", "leased")
    }
    key = "stages_title" if not math.isnan(row["operating_ha"]) else "stages_title_let"
    operating = hectares(row["operating_ha"], language=language, sign=False)
    return text(f"figures.{key}", language=language, operating=operating, **figures)


def _row(row: dict[Any, Any], stage: str, *, language: str) -> Row:
    area_ha = row[f"{stage}_ha"]
    colors = {"leased": _LEASED, "building": _LEASED, "operating": _LEASED}
    parts = [(area_ha, colors.get(stage, _GROUND))]
    if stage == "taken":
        parts = [(row["leased_ha"], _LEASED), (row["reserved_ha"], _RESERVED)]
    remark = ""
    rate = row.get(f"{stage}_share", math.nan)
    if math.isnan(area_ha):
        parts, remark = [], text("figures.stage_unknown", language=language)
    elif stage != "planned" and not math.isnan(rate):
        share = theme.percent(rate, language=language)
        remark = text(f"figures.rate_{stage}", language=language, share=share)
    return Row(
        name=stage,
        words=text(f"funnel.{stage}", language=language).capitalize(),
        parts=parts,
        figure="–" if math.isnan(area_ha) else hectares(area_ha, language=language, sign=False),
        remark=remark,
    )
