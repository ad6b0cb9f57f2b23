"""What happened, what was planned, and what is to be expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo import theme
from kcngeo.core.errors import KcngeoError
from kcngeo.figures.labels import definition_label, measure_title, measured, period
from kcngeo.figures.legend_symbols import Key
from kcngeo.figures.page_layout import Heading, Sheet, short
from kcngeo.figures.target_chart import ACTUAL, PERCENTILES, PLAN, Story, drawn
from kcngeo.figures.time_axis import day_of
from kcngeo.figures.typography import own_settings
from kcngeo.standards import fill_definition
from kcngeo.theme import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def trajectory(
    series: pd.DataFrame,
    trajectory: pd.DataFrame | None,
    forecast: pd.DataFrame | None = None,
    *,
    zone_id: str,
    language: str,
    measure: str = "fill_rate",
    definition: str | None = None,
    target: Any = None,
    synthetic: bool = False,
    name: str | None = None,
) -> Figure:
    """Draw a zone's way to a target: as computed, as planned, and as forecast.

    The blue line is the state on each reporting date and holds until the next; it breaks where
    nothing is computable. The dashed line is the plan as it was judged; after the last reporting
    date it is drawn straight to the target, whatever its shape. The gap is that of the last date
    on which both are known. The fan goes from the 10th to the 90th percentile; as a share it is
    drawn on the base of the last reporting date, because no one knows the base to come. Dates on
    which the law changed are marked: across them the rate may jump without any lease.

    Parameters
    ----------
    series
        Result of :func:`kcngeo.fill.fill_series` by zone.
    trajectory
        Result of :func:`kcngeo.analysis.targets.trajectory` of the same series; None for no plan.
    forecast
        Let land to come, by zone_id and on: ``p10``, ``p50``, ``p90`` in hectares; None for none.
    zone_id
        The zone.
    language
        "vi" or "en".
    measure
        "fill_rate", or a column of the series in hectares.
    definition
        Id of the definition to draw; None if the series has one a date.
    target
        Label of the target in ``trajectory``; None for the one due last.
    synthetic
        Whether shapes are invented, which the figure then says.
    name
        Name of the zone; None for its id.

    Returns
    -------
    Figure
        The chart; where the series has no figures of the zone, the reason in words.

    Raises
    ------
    KcngeoError
        If the series is by phase, or has several definitions on a date and none is chosen.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> rates = kcn.fill.fill_series(project, start="2018-01-01", end="2018-03-31")
    >>> figure = trajectory(rates, None, zone_id="A", language="en")
    >>> len(figure.axes)
    1
    """
    kind = text("figures.trajectory", language=language)
    mine = _of_zone(series, zone_id, definition)
    with own_settings():
        # Nothing computed, nothing to draw: the figure says so in words.
        if measure not in mine.columns or mine[measure].isna().all():
            title = short(name or zone_id)
            head = Heading(kind=kind, title=title, language=language, synthetic=synthetic)
            sheet = Sheet(head, body_in=0.8)
            sheet.message(text("figures.no_series", language=language))
            return sheet.figure
        story = Story(
            dates=pd.DatetimeIndex(mine.index),
            actual=mine[measure].to_numpy(dtype="float64"),
            plan=_plan(trajectory, mine, zone_id, measure, target),
            fan=_fan(forecast, mine, zone_id, measure),
            laws=_laws(mine, language=language),
            measure=measure,
        )
        notes = _notes(story, forecast, language=language)
        notes += _pace_notes(forecast, zone_id, language=language)
        head = _heading(
            story, kind, notes, language=language, synthetic=synthetic, name=short(name or zone_id)
        )
        return drawn(story, head, language=language)


def _of_zone(series: pd.DataFrame, zone_id: str, definition: str | None) -> pd.DataFrame:
    """Give the figures of a zone, a row a date; dates on which it has none are missing."""
    if "phase" in series.index.names:
        raise KcngeoError("series_by_phase")
    if definition is not None:
        series = series[(series["definition"] == definition).to_numpy()]
    dates = series.index.unique("on").sort_values()
    mine = series[series.index.get_level_values("zone_id") == zone_id].droplevel("zone_id")
    if not mine.index.is_unique:
        raise KcngeoError("mixed_definitions", definitions=list(mine["definition"].unique()))
    if mine.empty:
        return mine
    return mine.reindex(dates[(dates >= mine.index.min()) & (dates <= mine.index.max())])


def _plan(
    table: pd.DataFrame | None, mine: pd.DataFrame, zone_id: str, measure: str, target: Any
) -> pd.DataFrame:
    """Give the rows of one target that were judged by the definition drawn on their date."""
    if table is None:
        return pd.DataFrame(columns=["planned", "actual"])
    rows = table[((table["zone_id"] == zone_id) & (table["measure"] == measure)).to_numpy()]
    drawn = mine["definition"].reindex(rows["on"]).to_numpy()
    rows = rows[(rows["definition"].to_numpy() == drawn)]
    if target is None and len(rows):
        target = rows.sort_values("target_on", kind="stable")["target"].iloc[-1]
    return rows[(rows["target"] == target).to_numpy()].sort_values("on")


def _fan(
    forecast: pd.DataFrame | None, mine: pd.DataFrame, zone_id: str, measure: str
) -> pd.DataFrame:
    """Give the percentiles after the last date, in the measure's unit."""
    empty = pd.DataFrame(columns=list(PERCENTILES))
    if forecast is None or measure not in ("fill_rate", "leased_ha"):
        return empty
    rows = forecast[forecast.index.get_level_values("zone_id") == zone_id].droplevel("zone_id")
    rows = rows.loc[rows.index > mine.index[-1], list(PERCENTILES)].dropna().sort_index()
    if measure == "fill_rate":
        base_ha = float(mine["base_ha"].iloc[-1])
        rows = rows / base_ha if base_ha > 0 else empty
    return rows.astype("float64")


def _laws(mine: pd.DataFrame, *, language: str) -> list[tuple[float, str]]:
    """List from which day on which definition stands how."""
    laws: list[tuple[float, str]] = []
    before = None
    used_on = mine["definition"].dropna()
    for on, used in zip(pd.DatetimeIndex(used_on.index), used_on, strict=True):
        label = definition_label(used, on=on, language=language)
        if not laws or laws[-1][1] != label:
            begins = fill_definition(used, on=on).in_force_from
            inside = before is not None and begins is not None and before < begins <= on.date()
            laws.append((day_of(begins if inside and begins else on), label))
        before = on.date()
    return laws


def _notes(story: Story, forecast: pd.DataFrame | None, *, language: str) -> list[str]:
    notes = []
    last = story.dates[-1]
    row = story.target
    if row is not None and row.target_on > last and not np.isnan(row.planned):
        notes.append(text("figures.plan_straight", language=language))
    if len(story.fan) and story.measure == "fill_rate":
        on = theme.date(last, language=language)
        notes.append(text("figures.forecast_base", language=language, on=on))
    if forecast is not None and story.measure not in ("fill_rate", "leased_ha"):
        notes.append(text("figures.forecast_other", language=language))
    return notes


def _pace_notes(forecast: pd.DataFrame | None, zone_id: str, *, language: str) -> list[str]:
    """Say that the pace has changed, or is so open that nothing is forecast."""
    if forecast is None or "pace_changed" not in forecast.columns:
        return []
    rows = forecast[forecast.index.get_level_values("zone_id") == zone_id]
    if (rows["reason"] == "pace_unknown").any():
        reason = text("forecast.pace_unknown", language=language)
        return [text("figures.forecast_unknown", language=language, reason=reason)]
    changed = rows["pace_changed"].fillna(False).any()
    return [text("figures.forecast_changed", language=language)] if changed else []


def _heading(
    story: Story, kind: str, notes: list[str], *, language: str, synthetic: bool, name: str
) -> Heading:
    """Say what the chart shows: where the zone stands, by which plan, with which verdict."""

    def shown(value: float) -> str:
        return measured(value, measure=story.measure, language=language)

    lead = text("map.definition", language=language)
    by = f"{lead} {story.laws[0][1]}" if len(story.laws) == 1 else None
    by = by or text("figures.by_laws", language=language)
    last = theme.date(story.dates[-1], language=language)
    value = shown(float(story.actual[-1]))
    words = f"{measure_title(story.measure, language=language)} {value}"
    keys = [Key(color=ACTUAL, style="line", words=_said("actual", last, value, language))]
    row, gap = story.target, story.gap
    lines = [f"{period(story.dates[0], story.dates[-1], language=language)} · {by}"]
    # Without a target the way is drawn, and said to have none.
    if row is None:
        lines[0] += " · " + text("figures.no_target", language=language)
    else:
        verdict = text(f"targets.{row.verdict.replace(' ', '_')}", language=language)
        words += ", " + text(
            "figures.verdict",
            language=language,
            value=shown(row.target_value),
            verdict=verdict,
        )
        if not pd.isna(row.reason):
            lines.append(text(f"targets.{row.reason}", language=language))
    if gap is not None:
        on = theme.date(gap.on, language=language)
        keys.append(
            Key(
                color=PLAN,
                style="dashed",
                words=_said("planned", on, shown(gap.planned), language),
            )
        )
    if len(story.fan):
        keys.append(
            Key(color=ACTUAL, style="band", words=text("figures.forecast", language=language))
        )
    return Heading(
        kind=kind,
        title=f"{name}: {words}",
        lines=lines,
        keys=keys,
        notes=notes,
        language=language,
        synthetic=synthetic,
    )


def _said(key: str, on: str, value: str, language: str) -> str:
    return text(f"figures.{key}", language=language, on=on, value=value)
