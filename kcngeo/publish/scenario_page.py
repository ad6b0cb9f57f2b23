"""Scenarios on one page: what each changes, and every measure beside that of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from kcngeo import theme
from kcngeo.core.number_forms import unbroken
from kcngeo.core.schema import Column, Kind, Names, Unit, cell, told_heading
from kcngeo.maps.policy import POLICY, sealed
from kcngeo.publish.document import Section
from kcngeo.publish.format_table import Shown, declared, shown
from kcngeo.publish.html import Raw, address
from kcngeo.report import TOTAL
from kcngeo.report.sections import failed
from kcngeo.standards import FillDefinition, Registry

if TYPE_CHECKING:
    from kcngeo.publish.charts import Picture

# The measures of a zone, below its rates, in their order.
_MEASURES = (
    *("leased_ha", "base_ha", "reserved_ha", "uncleared_ha", "available_ha", "p50"),
    *("developable_ha", "sites_count", "sites_ha", "conflicts_count", "won_count", "lost_count"),
    *("lacking_count", "households_count", "clearing_vnd", "letting_vnd"),
)
# What stands beside it already, or follows from it.
_NOT_PRINTED = {
    "scenario_dates": ("definition", "lettable_ha", "supply_ha", "net_ha_per_month"),
    "scenario_conflicts": ("hazard_class", "margin_m", "overlap_ha"),
    "scenario_balance": ("gap_change_ha", "rule", "verified", "passes"),
    "findings": ("rule", "table", "ids", "advice", "x", "y"),
}


_ENDS = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Scenarios as they are printed, on a page and on paper.

    Attributes
    ----------
    title
        The title.
    language
        "vi" or "en".
    lines
        What a reader must know.
    sections
        What follows: first a table of measures for all zones together, then each zone that any
        scenario changes.
    warnings
        What must be said on every page: invented shapes.
    charts
        A picture of every scenario that changes something in a place.
    """

    title: str
    language: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = ()
    charts: Mapping[str, Picture] = field(default_factory=dict)

    def word(self, key: str, **fields: object) -> str:
        """Give words of a report."""
        return theme.text(f"report.{key}", language=self.language, **fields)


def scenario_sheet(
    tables: Mapping[str, pd.DataFrame],
    *,
    on: pd.Timestamp,
    definition: FillDefinition,
    definitions: tuple[FillDefinition, ...],
    rules: Registry,
    warnings: tuple[str, ...],
    maps: Mapping[str, tuple[str, Picture]],
    names: Names,
    language: str,
) -> Sheet:
    """Lay scenarios out side by side."""

    def word(key: str, **fields: object) -> str:
        return theme.text(f"what_if.{key}", language=language, **fields)

    label = definition.label(on=on, language=language)
    lines = [word("page_note", on=theme.date(on, language=language), definition=label)]
    glance = tables["scenarios"]
    labels = {one.name: one.label(on=on, language=language) for one in definitions}
    zones, same = list(dict.fromkeys(glance["zone_id"])), []
    sections = [_changes(tables, rules, names, language)]
    for zone_id in [TOTAL, *(one for one in zones if one != TOTAL)]:
        mine = glance[glance["zone_id"] == zone_id]
        rates = tables["scenario_rates"]
        rows = [*_rates(rates[rates["zone_id"] == zone_id], labels, language)]
        rows += _measures(mine, language)
        name = str(mine["name"].iloc[0])
        if zone_id != TOTAL and all(one[1] == other for one in rows for other in one[2:]):
            same.append(name)
            continue
        who = [theme.text("scenario.today", language=language), *mine["scenario"].iloc[1:]]
        table = Shown(
            name="scenarios",
            headings=(word("measures"), *who),
            is_number=(False, *[True] * len(who)),
            rows=tuple(rows),
        )
        sections.append(Section(key=f"zone-{len(sections)}", title=name, table=table))
    if same:
        lines.append(word("same_zones", zones=", ".join(same)))
    sections.insert(1, _places(tables, maps, language))
    below = ("scenario_dates", "scenario_conflicts", "scenario_balance", "findings")
    sections += [_section(key, tables, names, language) for key in below if key in tables]
    title = theme.text("product.scenario", language=language)
    return Sheet(
        title=title,
        language=language,
        lines=tuple(lines),
        warnings=warnings,
        sections=tuple(sections),
        charts={key: picture for key, (_, picture) in maps.items()},
    )


def _places(
    tables: Mapping[str, pd.DataFrame], maps: Mapping[str, tuple[str, Picture]], language: str
) -> Section:
    """Show where each scenario changes something, and name those that do nowhere."""
    named = {name for name, _ in maps.values()}
    bare = [one for one in tables["scenario_files"]["scenario"] if one not in named]
    told = theme.text("scenario_map.list_empty", language=language)
    return Section(
        key="scenario_places",
        title=theme.table_title("scenario_places", language=language),
        notes=tuple(f"{one}: {told}" for one in bare),
        figures=tuple(maps),
    )


def _changes(
    tables: Mapping[str, pd.DataFrame], rules: Registry, names: Names, language: str
) -> Section:
    """Say what each scenario changes, a line each."""
    notes: list[str] = []
    nothing = theme.text("what_if.nothing", language=language)
    made = tables.get("scenario_changes")
    for one in tables["scenario_files"].to_dict("records"):
        mine = [] if made is None else made[made["scenario"] == one["scenario"]].to_dict("records")
        told = [one["scenario"], *([] if pd.isna(one["note"]) else [str(one["note"])])]
        notes.append(": ".join(told if mine else [*told, nothing]))
        notes += [f"– {_change(row, names, rules, language)}" for row in mine]
    title = theme.table_title("scenario_changes", language=language)
    return Section(key="scenario_changes", title=title, notes=tuple(notes))


def _change(row: Mapping[Any, Any], names: Names, rules: Registry, language: str) -> str:
    """Say one change."""

    def written(name: str) -> str:
        column = declared("scenario_changes", name)
        return cell(column, row.get(name), language=language, table="scenario_changes")

    kind = row["change"]
    if kind in ("distance", "share"):
        title = rules.load(row["rule"]).title[language]
        unit = " m" if pd.notna(row["before_m"]) else ""
        ends = (f"{written(f'{end}_m') or written(f'{end}_share')}{unit}" for end in _ENDS)
        return f"{title}: {' → '.join(ends)}"
    ids = row["parcel_ids"].split("|") if isinstance(row["parcel_ids"], str) else []
    lots = [names["parcels"].get(one, one) for one in ids]
    told = [f"{theme.number(row['area_ha'], language=language)} ha"]
    for name in ("households_count", "clearing_vnd", "letting_vnd"):
        if pd.notna(row.get(name)):
            words = theme.text(f"what_if.said_{name}", language=language, value=written(name))
            told.append(words)
    zone = names["zones"].get(row["zone_id"], row["zone_id"])
    said = theme.text(f"what_if.said_{kind}", language=language, zone=zone, lots=lots or ["–"])
    return f"{said} ({', '.join(told)})"


def _section(key: str, tables: Mapping[str, pd.DataFrame], names: Names, language: str) -> Section:
    """Give a table as a section; of the balance, what changes or falls short."""
    frame = tables.get(key)
    empty = theme.text(f"sheet.{key}_empty", language=language)
    title = theme.table_title(key, language=language)
    if frame is None or frame.empty:
        return Section(key=key, title=title, empty=empty)
    if key == "scenario_balance":
        moved = frame["actual_change_ha"].abs().gt(1e-9) | frame["gap_change_ha"].abs().gt(1e-9)
        told = moved | failed(frame["passes"])
        frame = frame[told]
    elif key == "scenario_dates":
        # Nobody planned that all is let where a target says so with its date.
        planned = frame[frame["by_date"].notna()].groupby("zone_id")["target"].agg(set)
        doubled = [
            pd.isna(day) and target in planned.get(zone_id, ())
            for zone_id, target, day in zip(
                frame["zone_id"], frame["target"], frame["by_date"], strict=True
            )
        ]
        frame = frame[~pd.Series(doubled, index=frame.index, dtype=bool)]
    frame = frame.drop(columns=[*_NOT_PRINTED[key]], errors="ignore")
    return Section(
        key=key,
        title=title,
        table=shown(key, frame, language=language, names=names),
        empty=empty,
    )


def _rates(
    rates: pd.DataFrame, labels: Mapping[str, str], language: str
) -> Iterator[tuple[str, ...]]:
    """Write the rates by every definition, a row each."""
    column = declared("scenarios", "fill_rate")
    for name, some in rates.groupby("definition", sort=False):
        label = theme.text("what_if.rate", language=language, label=labels.get(str(name), name))
        yield (label, *_row(column, list(some["fill_rate"]), language))


def _measures(rows: pd.DataFrame, language: str) -> Iterator[tuple[str, ...]]:
    """Write the measures of a zone, a row each; those nobody can tell are left out."""
    for name in _MEASURES:
        if name not in rows or (rows[name].isna().all() and name != "p50"):
            continue
        if name in ("won_count", "lost_count") and not rows[name].any():
            continue
        column, values = declared("scenarios", name), list(rows[name])
        if name == "p50":
            reasons = [
                cell(declared("scenarios", "reason"), one, language=language)
                for one in rows["reason"]
            ]
            if rows["zone_id"].iloc[0] == TOTAL:
                continue
            days = (cell(column, one, language=language) for one in values)
            told = [day or reason for day, reason in zip(days, reasons, strict=True)]
            yield (theme.text("what_if.full", language=language), *told)
        elif name in ("won_count", "lost_count"):
            told = [cell(column, one, language=language) for one in values]
            yield (told_heading(column, language=language), *told)
        else:
            yield (told_heading(column, language=language), *_row(column, values, language))


def _row(column: Column, values: list[Any], language: str) -> Iterator[str]:
    """Write today's value, then the others with what they are more or less."""
    today = values[0]
    for place, value in enumerate(values):
        text = cell(column, value, language=language, table="scenarios") or "–"
        if not place or pd.isna(value) or pd.isna(today) or value == today:
            yield text
            continue
        change = float(value) - float(today)
        if column.unit is Unit.SHARE:
            change *= 100
        decimals = 0 if column.kind is Kind.COUNT else column.decimals
        told = theme.signed(change, language=language, decimals=decimals)
        # A difference that is nothing to a person is none.
        yield text if theme.is_nothing(change, decimals=decimals) else f"{text} ({told})"


def scenario_page(sheet: Sheet) -> bytes:
    """Write scenarios as a page that needs no network."""
    folder = resources.files(__package__)
    words = Environment(autoescape=True, undefined=StrictUndefined)
    words.filters["unbroken"] = unbroken
    template = words.from_string((folder / "scenario.html.j2").read_text("utf-8"))
    style = Raw(theme.page_colors() + (folder / "page.css").read_text("utf-8"))
    pictures = {name: address(one) for name, one in sheet.charts.items()}
    text = template.render(doc=sheet, policy=POLICY, style=style, pictures=pictures)
    return sealed(text).encode("utf-8", errors="replace")
