"""What the ids of a month are called: definitions, rules, emitters, receptors, sites, entries."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo import theme
from kcngeo.core import texts
from kcngeo.core.schema import TABLES, Names
from kcngeo.ledger.entries import entry_labels
from kcngeo.report.month import MonthlyReport
from kcngeo.report.spatial_sections import SpatialSections
from kcngeo.report.total_change import TOTAL
from kcngeo.standards import Standard, fill_definitions, registry

if TYPE_CHECKING:
    from kcngeo.ledger.tables import Tables

# Of a row that has no name of its own: what it is, and where.
_PLACES = ("parcel_id", "zone_id")


def names_of(report: MonthlyReport, around: SpatialSections, *, language: str) -> Names:
    """Name whatever a month tells of by an id.

    Parameters
    ----------
    report
        The month.
    around
        What stands beside its accounts.
    language
        "vi" or "en".

    Returns
    -------
    Names
        By table, of each id its name; no two of a table are called alike.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> report = kcn.report.monthly(kcn.examples.squares(), month="2018-03")
    >>> named = names_of(report, kcn.report.spatial_sections(report), language="en")
    >>> named["zones"]["total"], named["definitions"]["nd82-2018"]
    ('All zones', 'Decree 82/2018/ND-CP')
    """
    everything = theme.text("report.all_zones", language=language)
    zones = {**report.zone_names(), TOTAL: everything}
    rules = {**registry().entries, **{one.name: one for one in around.rules}}
    named: dict[str, Mapping[str, str]] = {
        "zones": zones,
        "definitions": _titles(fill_definitions(also=report.chosen), language),
        "rules": _titles(rules.values(), language),
        "sites": _sites(around, language=language),
    }
    named |= feature_names(report.project, zones, language=language)
    asked = _asked(report, around)
    for table, ids in sorted(asked.items()):
        if table not in named:
            frame = getattr(report.project, table, None)
            name = _NAMERS.get(table, partial(_rows, table))
            named[table] = {} if frame is None else name(frame, sorted(ids), zones, language)
    return {table: _apart(some) for table, some in named.items()}


def feature_names(project: Tables, zones: Mapping[str, str], *, language: str) -> Names:
    """Name emitters and receptors, alike in tables and on maps.

    Parameters
    ----------
    project
        The tables.
    zones
        What the zones are called.
    language
        "vi" or "en".

    Returns
    -------
    Names
        By table, of each id its name; no two of a table are called alike.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> named = feature_names(kcn.examples.squares(), {"A": "Zone A"}, language="en")
    >>> named["emitters"], named["receptors"]["R1"]
    ({'S1': 'point source in Zone A'}, 'Homes')
    """
    frames = {table: getattr(project, table) for table in ("emitters", "receptors")}
    return {
        table: _apart(_rows(table, frame, sorted(set(frame[f"{table[:-1]}_id"])), zones, language))
        for table, frame in frames.items()
        if frame is not None
    }


def _titles(entries: Iterable[Standard], language: str) -> dict[str, str]:
    return {one.name: one.title[language] for one in entries}


def _sites(around: SpatialSections, *, language: str) -> dict[str, str]:
    """Name a site by its first lot, and how many lie beside it."""
    if around.space is None:
        return {}
    sites = around.space.sites
    told = {}
    for site_id, lots in zip(sites["site_id"], sites["parcel_ids"], strict=True):
        first, *others = str(lots).split("|")
        key = "named.site_of_lots" if others else "named.site"
        told[str(site_id)] = theme.text(key, language=language, lot=first, others=len(others))
    return told


def _asked(report: MonthlyReport, around: SpatialSections) -> dict[str, set[str]]:
    """Gather by table the ids that are told of."""
    asked: dict[str, set[str]] = {}
    blocked = report.blocked["finding"]
    for finding in [*report.findings, *around.findings, *blocked]:
        asked.setdefault(finding.table, set()).update(finding.ids)
    for change in filter(None, (report.change, report.year_change)):
        moved = change.entries["entries"].dropna()
        asked.setdefault("ledger", set()).update(
            one for some in moved for one in str(some).split("|") if one
        )
    return asked


def _entries(
    ledger: pd.DataFrame, ids: list[str], zones: Mapping[str, str], language: str
) -> dict[str, str]:
    """Name entries by lot, status and days."""
    # One without an id is called by the same already.
    told = {one: texts.said(one, language=language) for one in ids}
    if "entry_id" in ledger.columns:
        mine = ledger[ledger["entry_id"].isin(ids)]
        labels = entry_labels(mine.drop(columns="entry_id"), range(len(mine)))
        named = [texts.said(label, language=language) for label in labels]
        told |= dict(zip(mine["entry_id"].astype(str), named, strict=True))
    return told


def _projects(
    projects: pd.DataFrame, ids: list[str], zones: Mapping[str, str], language: str
) -> dict[str, str]:
    """Name projects by their investors, who are not in a public edition."""
    if "investor" not in projects.columns:
        return {}
    mine = projects[projects["project_id"].isin(ids)].dropna(subset=["investor"])
    return dict(zip(mine["project_id"].astype(str), mine["investor"].astype(str), strict=True))


def _rows(
    table: str, frame: pd.DataFrame, ids: list[str], zones: Mapping[str, str], language: str
) -> dict[str, str]:
    """Name rows as they call themselves, else by what they are and where; else part by part."""
    home = TABLES.get(table)
    key = "" if home is None else home.key[0]
    if not {key, "kind"} <= {*frame.columns}:
        return {one: _composed(one, zones, language) for one in ids}
    mine = frame[frame[key].isin(ids)].drop_duplicates(key, keep="last")
    return {str(row[key]): _called(table, row, zones, language) for row in mine.to_dict("records")}


def _called(
    table: str, row: Mapping[Hashable, Any], zones: Mapping[str, str], language: str
) -> str:
    if isinstance(row.get("name"), str):
        return str(row["name"])
    kind = theme.choice(str(row["kind"]), name=f"{table}_kind", language=language)
    place = next((str(row[one]) for one in _PLACES if isinstance(row.get(one), str)), "")
    if not place:
        return kind
    is_lot = isinstance(row.get("parcel_id"), str)
    key = "named.lot" if row["kind"] == "parcel" else "named.on_lot"
    key = key if is_lot else "named.in_zone"
    return theme.text(key, language=language, kind=kind, place=zones.get(place, place))


def _composed(one: str, zones: Mapping[str, str], language: str) -> str:
    """Name a row whose id is a zone, a day and more, each in its words."""
    return ", ".join(
        texts.said(zones.get(part, part), language=language) for part in one.split(" ")
    )


def _lots(
    parcels: pd.DataFrame, ids: list[str], zones: Mapping[str, str], language: str
) -> dict[str, str]:
    """Lots are called by their ids, which stand on the map."""
    return {}


_NAMERS: Mapping[
    str, Callable[[pd.DataFrame, list[str], Mapping[str, str], str], dict[str, str]]
] = {"ledger": _entries, "projects": _projects, "parcels": _lots}


def _apart(names: Mapping[str, str]) -> dict[str, str]:
    """Number what would be called alike, in the order of the ids."""
    counted: dict[str, int] = {}
    told = {}
    for one, name in names.items():
        counted[name] = counted.get(name, 0) + 1
        told[one] = name if counted[name] == 1 else f"{name} ({counted[name]})"
    return told
