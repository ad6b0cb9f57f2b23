"""The registry of figures with a source: ``standards``."""

from __future__ import annotations

import math
from functools import singledispatch
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from kcngeo import standards
from kcngeo.cli.shared import Lang, Language, app, say_findings
from kcngeo.core.errors import DataSourceError
from kcngeo.standards import (
    BalanceItem,
    Band,
    BufferRule,
    Clock,
    Criterion,
    FillDefinition,
    Limit,
    MapAccuracy,
    Place,
    Province,
    ReadinessRule,
    Standard,
)

Rules = Annotated[
    Path | None,
    typer.Option(help="A registry of your own (TOML) that adds entries or overrides them."),
]
Sectors = Annotated[
    Path | None,
    typer.Option(help="CSV: which sector must keep from which sector or hazard class."),
]


def read_sectors(path: Path) -> pd.DataFrame:
    """Read the users' table of sectors."""
    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error


@app.command(name="standards")
def list_standards(language: Language = Lang.VI, rules: Rules = None) -> None:
    """Print the registry: every figure with its dates, source and how well it is verified.

    A line an entry, its parts divided by tabs: name, title, figure, first day in force, first day
    no longer in force, how well verified, where the entry comes from, source, note.
    """
    registry = standards.registry(rules)
    for entry in registry.entries.values():
        parts = (
            entry.name,
            entry.title[language],
            figure(entry),
            entry.in_force_from or "–",
            entry.in_force_to or "–",
            entry.verified,
            entry.origin,
            entry.source,
            entry.note or "–",
        )
        typer.echo("\t".join(str(part) for part in parts))
    say_findings(tuple(registry.findings()), language)


@singledispatch
def figure(entry: Standard) -> str:
    """Write the figure of an entry with its unit."""
    return entry.name


@figure.register
def _(entry: FillDefinition) -> str:
    return f"{' + '.join(entry.uses)} / {entry.base}"


@figure.register
def _(entry: Criterion) -> str:
    return f"{entry.measure} {_bounds(entry.at_least, None)}{_bounds(None, entry.below, '<')}"


@figure.register
def _(entry: Province) -> str:
    return f"EPSG:{entry.epsg} ({entry.central_meridian:g}°)"


@figure.register
def _(entry: BufferRule) -> str:
    return "; ".join(_band(band) for band in entry.distances) or "–"


@figure.register
def _(entry: BalanceItem) -> str:
    return f"{entry.edition} {entry.item} ≥ {entry.required_share:g}"


@figure.register
def _(entry: Limit) -> str:
    unit = " m" if entry.unit == "m" else ""
    return f"{entry.subject} {entry.measure} {_bounds(entry.at_least, entry.at_most)}{unit}"


@figure.register
def _(entry: Clock) -> str:
    return f"{entry.event} {'–' if entry.months is None else entry.months} months"


@figure.register
def _(entry: ReadinessRule) -> str:
    levels = "; ".join(f"{at}: {', '.join(needs)}" for at, needs in enumerate(entry.levels, 1))
    return f"{levels}; reach {entry.reach_m:g} m, fire road ≥ {entry.fire_road_m:g} m"


@figure.register
def _(entry: Place) -> str:
    return f"{entry.west:g}–{entry.east:g}° E, {entry.south:g}–{entry.north:g}° N"


@figure.register
def _(entry: MapAccuracy) -> str:
    return f"1:{entry.scale} {entry.boundary_error_m:g} m"


def _bounds(low: float | None, high: float | None, sign: str = "≤") -> str:
    parts = [] if low is None else [f"≥ {low:g}"]
    return ", ".join(parts if high is None else [*parts, f"{sign} {high:g}"])


def _band(band: Band) -> str:
    if band.hazard_class is not None:
        return f"{band.hazard_class} {band.distance_m:g} m"
    words = []
    if band.low_m3_day > 0:
        words.append(f"{'≥' if band.low_included else '>'} {band.low_m3_day:g}")
    if math.isfinite(band.high_m3_day):
        words.append(f"{'≤' if band.high_included else '<'} {band.high_m3_day:g}")
    where = f"{', '.join(words)} m³/day " if words else ""
    return f"{where}{band.distance_m:g} m"
