"""The life of a lot: what it came from, who held it, what it became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.patches import Polygon

from kcngeo import theme
from kcngeo.core.dates import VIET_NAM, Day, day
from kcngeo.figures.labels import span
from kcngeo.figures.page_layout import (
    INK,
    INNER_IN,
    LINE,
    PAPER,
    SIZES,
    SOFT,
    Heading,
    Sheet,
    short,
)
from kcngeo.figures.time_axis import day_of, day_ticks, lanes
from kcngeo.figures.typography import line_in, own_settings, width_in, wrapped
from kcngeo.theme import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAMES_IN = 1.75
_PLOT_IN = INNER_IN - _NAMES_IN
_AXIS_IN = 0.34
_LANE_IN = {"version": 0.22, "entry": 0.27, "superseded": 0.22}
_BAR_IN = {"version": 0.085, "entry": 0.2, "superseded": 0.1}
_PAD_IN, _GAP_IN = 0.09, 0.06
_TIP_IN = 0.1
_SIZE = 7.8
# The open end is drawn a little beyond the last date on record.
_BEYOND_SHARE, _BEYOND_DAYS = 0.05, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    """A row of the history as drawn: inches from the left of the plot."""

    sort: str
    left: float
    right: float
    open_left: bool
    open_right: bool
    color: str
    words: str
    words_at: float
    words_in: float
    side: str

    @property
    def extent(self) -> tuple[float, float]:
        """What of a lane the bar and its words take."""
        ends = self.words_at, self.words_at + self.words_in
        return min(self.left, ends[0]), max(self.right, ends[1]) + _GAP_IN


def timeline(
    history: pd.DataFrame,
    *,
    language: str,
    on: Day | None = None,
    synthetic: bool = False,
    name: str | None = None,
) -> Figure:
    """Draw the life of a lot: its versions, and every status it or part of it had.

    A parcel has a row: thick bars are statuses by the ledger, thin ones versions with land use and
    area, and hatched thin ones what was superseded since. Bars that would cover each other, such
    as leases of parts of the lot, stand below each other; heights say nothing of areas. A bar
    begins on its first day and ends on the first day that no longer counts.

    Parameters
    ----------
    history
        Result of :func:`kcngeo.ledger.history`.
    language
        "vi" or "en".
    on
        Day up to which the axis goes; None for the last date on record. What is dated later is
        drawn too.
    synthetic
        Whether shapes are invented, which the figure then says.
    name
        What to call the lot; None for its id.

    Returns
    -------
    Figure
        The chart; a history without rows gives the reason in words.

    Raises
    ------
    DateError
        If ``on`` is no day.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> rows = kcn.ledger.history(kcn.examples.squares(), "A-2")
    >>> figure = timeline(rows, language="en")
    >>> words = [one.get_text() for one in figure.findobj(lambda one: hasattr(one, "get_text"))]
    >>> any("A-2" in text for text in words)
    True
    """
    until = None if on is None else day(on)
    kind = text("figures.timeline", language=language)
    with own_settings():
        if history.empty:
            head = Heading(
                kind=kind, title=short(name or "–"), language=language, synthetic=synthetic
            )
            sheet = Sheet(head, body_in=0.8)
            sheet.message(text("figures.no_history", language=language))
            return sheet.figure
        first, last = _limits(history, until)
        rows = [
            (parcel_id, part.to_dict("records"))
            for parcel_id, part in history.groupby("parcel_id", sort=False)
        ]
        # The bars of each parcel first: how high its row is follows from how many lie beside each
        # other.
        drawn = [_laid(records, first, last, language=language) for _, records in rows]
        heights = [max(_height(bars), 0.52) for bars in drawn]
        head = _heading(history, until, kind, language=language, synthetic=synthetic, name=name)
        sheet = Sheet(head, body_in=sum(heights) + _AXIS_IN)
        _axis(sheet, first, last, sum(heights), language=language)
        top = 0.0
        for (parcel_id, records), bars, height in zip(rows, drawn, heights, strict=True):
            sheet.rule(top, color=SOFT if top == 0 else LINE)
            _name(sheet, str(parcel_id), records[0]["relation"], top, language=language)
            _bars(sheet, bars, top, height)
            top += height
        sheet.rule(top, color=SOFT)
        return sheet.figure


def _heading(
    history: pd.DataFrame,
    until: pd.Timestamp | None,
    kind: str,
    *,
    language: str,
    synthetic: bool,
    name: str | None,
) -> Heading:
    own = history[(history["relation"] == "self").to_numpy()]
    lot = short(name or (str(own["parcel_id"].iloc[0]) if len(own) else "–"))
    dates = _dates(history)
    last = dates.max() if until is None else max(dates.max(), until)
    ends = {"valid_from": dates.min(), "valid_to": last}
    lines = [span(ends, language=language)]
    others = history["parcel_id"].nunique() - 1
    if others:
        count = theme.number(others, language=language, decimals=0)
        lines[0] += " · " + text("figures.family", language=language, lots=count)
    keys = ["thick", "arrow"]
    if history["superseded_at"].notna().any():
        keys.insert(1, "hatched")
    return Heading(
        kind=kind,
        title=text(
            "figures.life",
            language=language,
            lot=lot,
            versions=theme.number(
                int((own["kind"] == "version").sum()), language=language, decimals=0
            ),
            entries=theme.number(
                int((own["kind"] == "entry").sum()), language=language, decimals=0
            ),
        ),
        lines=lines,
        notes=[" ".join(text(f"figures.{key}", language=language) for key in keys)],
        language=language,
        synthetic=synthetic,
    )


def _limits(history: pd.DataFrame, until: pd.Timestamp | None) -> tuple[float, float]:
    """Give the first and last day drawn: all dates on record, and room for open ends."""
    days = [day_of(date) for date in _dates(history)]
    days += [] if until is None else [day_of(until)]
    first, last = (min(days), max(days)) if days else (0, 0)
    beyond = max((last - first) * _BEYOND_SHARE, _BEYOND_DAYS)
    open_left = history["valid_from"].isna().any()
    return first - (beyond if open_left else 0.0), last + beyond


def _dates(history: pd.DataFrame) -> pd.Series:
    return pd.concat([history["valid_from"], history["valid_to"]]).dropna()


def _laid(
    records: list[dict[Any, Any]], first: float, last: float, *, language: str
) -> list[tuple[_Bar, int]]:
    """Lay the rows of a parcel into lanes: versions, then entries, then what was superseded."""
    bars = [_bar(record, first, last, language=language) for record in records]
    laid = []
    lane = 0
    for sort in _LANE_IN:
        mine = [bar for bar in bars if bar.sort == sort]
        chosen = lanes([bar.extent for bar in mine])
        laid += [(bar, lane + at) for bar, at in zip(mine, chosen, strict=True)]
        lane += max(chosen, default=-1) + 1
    return laid


def _bar(record: dict[Any, Any], first: float, last: float, *, language: str) -> _Bar:
    is_version = record["kind"] == "version"
    superseded = not pd.isna(record["superseded_at"])
    open_left, open_right = pd.isna(record["valid_from"]), pd.isna(record["valid_to"])
    unit = _PLOT_IN / (last - first)
    left = 0.0 if open_left else (day_of(record["valid_from"]) - first) * unit
    right = _PLOT_IN if open_right else (day_of(record["valid_to"]) - first) * unit
    colors = theme.USE_COLORS if is_version else theme.STATUS_COLORS
    words = _words(record, superseded=superseded, language=language)
    words_in = width_in(words, size=_SIZE)
    thick = not is_version and not superseded
    before = left - _GAP_IN - words_in
    if thick and words_in + 2 * _GAP_IN + _TIP_IN <= right - left:
        side, words_at = "inside", left + _GAP_IN + (_TIP_IN if open_left else 0)
    elif thick and right + _GAP_IN + words_in <= _PLOT_IN:
        side, words_at = "right", right + _GAP_IN
    elif thick and before >= 0:
        side, words_at = "left", before
    else:
        # Thin bars carry their words on top, from where they begin.
        side, words_at = "above", max(min(left, _PLOT_IN - words_in), 0.0)
    return _Bar(
        sort="superseded" if superseded else str(record["kind"]),
        left=left,
        right=right,
        open_left=open_left,
        open_right=open_right,
        color=colors.get(record["what"], LINE),
        words=words,
        words_at=words_at,
        words_in=words_in,
        side=side,
    )


def _words(record: dict[Any, Any], *, superseded: bool, language: str) -> str:
    group = "land_use" if record["kind"] == "version" else "status"
    parts = [text(f"{group}.{record['what']}", language=language)]
    if not pd.isna(record["area_ha"]):
        parts.append(theme.number(record["area_ha"], language=language, decimals=4) + " ha")
    parts.append(span(record, language=language))
    if superseded:
        moment = pd.Timestamp(record["superseded_at"])
        local = moment if moment.tz is None else moment.tz_convert(VIET_NAM)
        when = theme.date(local, language=language)
        parts.append(text("history.superseded", language=language, on=when))
    return " · ".join(parts)


def _lane_tops(bars: list[tuple[_Bar, int]]) -> list[float]:
    """Give the top of every lane, and the bottom of the last."""
    sorts = {lane: bar for bar, lane in bars}
    tops = [_PAD_IN]
    for lane in range(len(sorts)):
        of_lane = [bar for bar, at in bars if at == lane]
        extra = 0.13 if any(bar.side == "above" for bar in of_lane) else 0.0
        tops.append(tops[-1] + _LANE_IN[sorts[lane].sort] + extra)
    return tops


def _height(bars: list[tuple[_Bar, int]]) -> float:
    return _lane_tops(bars)[-1] + _PAD_IN


def _axis(sheet: Sheet, first: float, last: float, height: float, *, language: str) -> None:
    axes = sheet.axes(left=_NAMES_IN, top=0, width=_PLOT_IN, height=height)
    axes.set_xlim(first, last)
    for number, words in day_ticks(first, last, width_in=_PLOT_IN):
        axes.axvline(number, color=LINE, lw=0.7)
        x = _NAMES_IN + (number - first) / (last - first) * _PLOT_IN
        sheet.text(x, height + 0.17, words, size=SIZES["small"], color=SOFT, ha="center")


def _name(sheet: Sheet, parcel_id: str, relation: str, top: float, *, language: str) -> None:
    lines = wrapped(parcel_id, width=_NAMES_IN - 0.15, size=SIZES["body"], weight="bold", most=1)
    below = wrapped(
        text(f"history.{relation}", language=language),
        width=_NAMES_IN - 0.15,
        size=SIZES["small"],
        most=1,
    )
    y = top + 0.17
    sheet.text(0, y, lines[0], weight="bold")
    sheet.text(0, y + line_in(SIZES["body"]), below[0], size=SIZES["small"], color=SOFT)


def _bars(sheet: Sheet, bars: list[tuple[_Bar, int]], top: float, height: float) -> None:
    axes = sheet.axes(left=_NAMES_IN, top=top, width=_PLOT_IN, height=height)
    axes.set_xlim(0, _PLOT_IN)
    axes.set_ylim(height, 0)
    tops = _lane_tops(bars)
    for bar, lane in bars:
        thick = _BAR_IN[bar.sort]
        lane_in = tops[lane + 1] - tops[lane]
        above = bar.side == "above"
        middle = tops[lane] + (lane_in - thick / 2 - 0.04 if above else lane_in / 2)
        axes.add_patch(_shape(bar, middle, thick))
        y = tops[lane] + 0.085 if above else middle
        # Words that begin before their bar end where they should, however letters are drawn.
        is_before = bar.words_at < bar.left
        sheet.text(
            _NAMES_IN + bar.words_at + (bar.words_in if is_before else 0),
            top + y,
            bar.words,
            ha="right" if is_before else "left",
            size=_SIZE,
            color=_on(bar.color) if bar.side == "inside" else SOFT if bar.sort != "entry" else INK,
            halo=bar.side != "inside",
        )


def _shape(bar: _Bar, middle: float, thick: float) -> Polygon:
    """Draw a bar; an open end is an arrow."""
    high, low = middle - thick / 2, middle + thick / 2
    tip = min(_TIP_IN, (bar.right - bar.left) / 2)
    right = (
        [(bar.right - tip, high), (bar.right, middle), (bar.right - tip, low)]
        if bar.open_right
        else [(bar.right, high), (bar.right, low)]
    )
    left = (
        [(bar.left + tip, low), (bar.left, middle), (bar.left + tip, high)]
        if bar.open_left
        else [(bar.left, low), (bar.left, high)]
    )
    superseded = bar.sort == "superseded"
    return Polygon(
        [*left, *right],
        closed=True,
        facecolor=PAPER if superseded else bar.color,
        edgecolor=bar.color if superseded else SOFT if bar.sort == "version" else PAPER,
        hatch="//////" if superseded else None,
        lw=0.6 if bar.sort == "version" else 0.8,
        zorder=2,
    )


def _on(color: str) -> str:
    """Choose ink or paper for letters on a colour."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    light = sum(
        weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )
    return PAPER if 1.05 / (light + 0.05) >= (light + 0.05) / 0.0627 else INK
