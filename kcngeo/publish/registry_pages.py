"""The registry of legal figures in words: every entry with its dates, source and verification."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from functools import singledispatch

from kcngeo import standards, theme
from kcngeo.publish.definition_words import definition_words
from kcngeo.standards import (
    BalanceItem,
    Band,
    BufferRule,
    Clock,
    Criterion,
    FillDefinition,
    LettingPrior,
    Limit,
    MapAccuracy,
    Palette,
    Place,
    PollutionActivity,
    Province,
    ReadinessRule,
    Sector,
    Standard,
    UnreadText,
)
from kcngeo.standards.entries import DAYS
from kcngeo.theme import exact_number

# Wide enough for a figure, narrow enough for a console.
_wrapped = textwrap.TextWrapper(
    width=100,
    initial_indent="  ",
    subsequent_indent="    ",
    break_long_words=False,
    break_on_hyphens=False,
)


def registry_rows(registry: standards.Registry, *, language: str) -> list[tuple[str, ...]]:
    """Lay the registry out as a table.

    Examples
    --------
    >>> registry_rows(standards.registry(), language="en")[0][2]
    'let land ÷ all land: industrial'
    """
    return [_parts(entry, language) for entry in registry.entries.values()]


def _parts(entry: Standard, language: str) -> tuple[str, ...]:
    return (
        entry.name,
        entry.title[language],
        figure(entry, language),
        *(str(getattr(entry, day) or ("unread" if day in entry.unread else "–")) for day in DAYS),
        str(entry.verified),
        entry.origin,
        entry.cited(language),
        entry.remark(language) or "–",
        entry.edition,
        str(entry.checked_on),
    )


def registry_lines(registry: standards.Registry, *, language: str) -> Iterator[str]:
    """Lay the registry out for reading: a heading a kind, an entry a paragraph."""
    # A source that is that of the entry before, note and all, is not said again in full.

    def say(key: str, **words: object) -> str:
        return theme.text(f"standards_page.{key}", language=language, **words)

    kind, said = None, ("", "")
    for entry in registry.entries.values():
        if type(entry) is not kind:
            kind, said = type(entry), ("", "")
            title = say(kind.__name__)
            yield from ("", title, "=" * len(title))
        yield f"\n{entry.name}: {entry.title[language]}"
        lines = [figure(entry, language), _force(entry, language)]
        if entry.origin != standards.SHIPPED:
            key = "overrides" if entry.overrides else "added"
            lines.append(say(key, origin=entry.origin))
        cited = (entry.cited(language), entry.remark(language))
        if cited == said:
            lines.append(say("same_source"))
        else:
            lines.append(say("source", source=cited[0]))
            lines += [say("note", note=cited[1])] if cited[1] else []
        said = cited
        for line in lines:
            yield _wrapped.fill(line)


def _force(entry: Standard, language: str) -> str:
    """Say from when to when an entry is in force, and how well it is verified."""

    def shown(day: dt.date) -> str:
        return theme.date(day, language=language)

    since, until = entry.in_force_from, entry.in_force_to
    end = "day" if until else "unread" if "in_force_to" in entry.unread else "open"
    key = _FORCE[since is not None, end] if entry.is_law else "no_law"
    words = {
        "since": "" if since is None else shown(since),
        # The last day in force: people do not count half-open.
        "until": "" if until is None else shown(until - dt.timedelta(days=1)),
    }
    verified = theme.text(f"conflicts.{entry.verified}", language=language)
    checked = theme.text("standards_page.checked", language=language, on=shown(entry.checked_on))
    dated = theme.text(f"standards_page.{key}", language=language, **words)
    return f"{dated}; {verified}, {checked}"


# By whether the first day is known, and what is known of the end.
_FORCE = {
    (True, "day"): "between",
    (True, "open"): "since",
    (True, "unread"): "since_unread_end",
    (False, "day"): "until_unread_start",
    (False, "open"): "unread_start",
    (False, "unread"): "undated",
}


@singledispatch
def figure(entry: Standard, language: str) -> str:
    """Write the figure of an entry with its unit, in words.

    Examples
    --------
    >>> figure(standards.load("perimeter-belt-width"), "en")
    '≥ 10 m'
    """
    return entry.name


@figure.register
def _(entry: FillDefinition, language: str) -> str:
    return definition_words(entry, group="standards_page", joined=" + ", language=language)


@figure.register
def _(entry: Criterion, language: str) -> str:
    percent = entry.measure == "fill_rate"
    bounds = _bounds(entry.at_least, entry.below, language, percent=percent, high_sign="<")
    unread = theme.text("standards_page.no_figure", language=language)
    words = theme.text(
        f"standards_page.{entry.measure}", language=language, bounds=bounds or f"({unread})"
    )
    if not entry.alternative_to:
        return words
    return f"{words} ({theme.text('standards_page.alternative', language=language)})"


@figure.register
def _(entry: Province, language: str) -> str:
    return f"EPSG:{entry.epsg} ({exact_number(entry.central_meridian, language=language)}°)"


@figure.register
def _(entry: BufferRule, language: str) -> str:
    def named(kinds: tuple[str, ...], layer: str) -> str:
        return ", ".join(
            theme.choice(kind, name="kind", language=language, layer=layer) for kind in kinds
        )

    bands = "; ".join(_band(band, language) for band in entry.distances)
    between = f"{named(entry.emitters, 'emitters')} → {named(entry.receptors, 'receptors')}"
    nothing = theme.text("standards_page.no_figure", language=language)
    return f"{bands or nothing} ({between})"


@figure.register
def _(entry: BalanceItem, language: str) -> str:
    use = theme.choice(str(entry.item), name="land_use", language=language)
    return f"{use} ≥ {_percent(entry.required_share, language)}"


@figure.register
def _(entry: Limit, language: str) -> str:
    percent = entry.unit == "share"
    bounds = _bounds(entry.at_least, entry.at_most, language, percent=percent)
    if not bounds:
        return theme.text("standards_page.no_figure", language=language)
    return bounds if percent else f"{bounds} {entry.unit}"


@figure.register
def _(entry: Clock, language: str) -> str:
    if entry.months is None:
        return theme.text("standards_page.no_figure", language=language)
    return theme.text("standards_page.months", language=language, months=entry.months)


@figure.register
def _(entry: PollutionActivity, language: str) -> str:
    if entry.large_from is None:
        return theme.text("standards_page.no_figure", language=language)
    large, medium = (
        "–" if one is None else exact_number(one, language=language)
        for one in (entry.large_from, entry.medium_from)
    )
    words = {"large": large, "medium": medium, "unit": entry.unit}
    return theme.text("standards_page.pollution", language=language, **words)


@figure.register
def _(entry: Palette, language: str) -> str:
    colors = ", ".join(f"{code} {color}" for code, color in entry.colors.items())
    return theme.text("standards_page.palette", language=language, colors=colors)


@figure.register
def _(entry: Sector, language: str) -> str:
    return ", ".join(entry.words)


@figure.register
def _(entry: UnreadText, language: str) -> str:
    return theme.text("standards_page.where", language=language, where=entry.where[language])


@figure.register
def _(entry: ReadinessRule, language: str) -> str:
    levels = "; ".join(
        f"{at}: {', '.join(_need(need, language) for need in needs)}"
        for at, needs in enumerate(entry.levels, 1)
    )
    reach, wide = (
        exact_number(entry.reach_m, language=language),
        exact_number(entry.fire_road_m, language=language),
    )
    return theme.text(
        "standards_page.levels", language=language, levels=levels, reach=reach, wide=wide
    )


@figure.register
def _(entry: Place, language: str) -> str:
    west, south, east, north = (
        exact_number(one, language=language)
        for one in (entry.west, entry.south, entry.east, entry.north)
    )
    words = {"west": west, "east": east, "south": south, "north": north}
    return theme.text("standards_page.box", language=language, **words)


@figure.register
def _(entry: MapAccuracy, language: str) -> str:
    return f"1:{entry.scale}: {exact_number(entry.boundary_error_m, language=language)} m"


@figure.register
def _(entry: LettingPrior, language: str) -> str:
    tail, ended, years = (
        exact_number(one, language=language)
        for one in (entry.tail_index, entry.ended_tenancies, entry.tenant_years)
    )
    words = {"count": str(len(entry.pace_weight)), "tail": tail, "ended": ended, "years": years}
    return theme.text("standards_page.lettings", language=language, **words)


def _need(need: str, language: str) -> str:
    """Name what a level of readiness needs: one of the works, or a word of its own."""
    if f"component.{need}" in theme.table():
        return theme.text(f"component.{need}", language=language)
    return theme.choice(need, name="kind", language=language, layer="works")


def _percent(share: float, language: str) -> str:
    return f"{exact_number(float(Decimal(str(share)) * 100), language=language)} %"


def _bounds(
    low: float | None,
    high: float | None,
    language: str,
    *,
    percent: bool,
    high_sign: str = "≤",
) -> str:
    def write(value: float) -> str:
        return _percent(value, language) if percent else exact_number(value, language=language)

    parts = [] if low is None else [f"≥ {write(low)}"]
    return ", ".join(parts if high is None else [*parts, f"{high_sign} {write(high)}"])


def _band(band: Band, language: str) -> str:
    distance = f"{exact_number(band.distance_m, language=language)} m"
    if band.hazard_class is not None:
        return f"{band.hazard_class} {distance}"
    if band.pollution_level is not None:
        level = theme.choice(band.pollution_level, name="pollution_level", language=language)
        return f"{level} {distance}"
    words = []
    if band.low_m3_day > 0:
        low = exact_number(band.low_m3_day, language=language)
        words.append(f"{'≥' if band.low_included else '>'} {low}")
    if math.isfinite(band.high_m3_day):
        high = exact_number(band.high_m3_day, language=language)
        words.append(f"{'≤' if band.high_included else '<'} {high}")
    per_day = theme.text("standards_page.per_day", language=language)
    return f"{', '.join(words)} {per_day}: {distance}" if words else distance
