"""What the ids of a month are called: lots, definitions, rules, emitters, sites, entries."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from kcngeo import theme
from kcngeo.core import texts
from kcngeo.core.lot_names import lot_name
from kcngeo.core.schema import TABLES, Names
from kcngeo.ledger import lot_numbers
from kcngeo.ledger.entries import entry_labels
from kcngeo.ledger.tables import Tables
from kcngeo.report.month import MonthlyReport
from kcngeo.report.spatial_sections import SpatialSections
from kcngeo.report.total_change import TOTAL
from kcngeo.standards import FillDefinition, Standard, registry

# Of a row that has no name of its own: where it is, and the table of those places.
_PLACES = {"parcel_id": "parcels", "zone_id": "zones"}
# Zone and number of every lot: the same in all languages, and dear where lots are very many.
_NUMBERED: WeakKeyDictionary[Tables, pd.DataFrame] = WeakKeyDictionary()


def names_of(
    report: MonthlyReport,
    around: SpatialSections,
    *,
    language: str,
    zones: Mapping[str, str] | None = None,
    known: Names | None = None,
) -> Names:
    """Name whatever a month tells of by an id.

    Parameters
    ----------
    report
        The month.
    around
        What stands beside its accounts.
    language
        "vi" or "en".
    zones
        What the zones are called, others than those of the month among them, see
        :func:`called_zones`; None where the month is of all zones.
    known
        By table names that are known already; nothing of these tables is looked up.

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
    known = known or {}
    sites = {} if around.space is None or "sites" in known else {"sites": around.space.sites}
    named = names_asked(
        report.project,
        _told_ids(report, around, but=known),
        zones=report.zone_names() if zones is None else zones,
        rules=[*registry().entries.values(), *around.rules],
        parts=sites,
        language=language,
        lots=known.get("parcels"),
    )
    return {**named, **known}


def names_asked(
    project: Tables,
    asked: Mapping[str, Iterable[str]],
    *,
    zones: Mapping[str, str],
    rules: Collection[Standard],
    parts: Mapping[str, pd.DataFrame],
    language: str,
    lots: Mapping[str, str] | None = None,
) -> Names:
    """Name zones, lots, emitters, receptors and rules, and what else is asked by its id.

    Parameters
    ----------
    project
        The tables.
    asked
        By table of the project, ids whose names are wanted too.
    zones
        What the zones are called.
    rules
        The legal figures; a definition of the fill rate is among them.
    parts
        By table of an answer, land that is called by its lots: its id, and ``parcel_ids``.
    language
        "vi" or "en".
    lots
        What the lots are called; None to number those of the project.

    Returns
    -------
    Names
        By table, of each id its name; no two of a table are called alike.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> named = names_asked(
    ...     kcn.examples.squares(),
    ...     {"ledger": ["E1"]},
    ...     zones={"A": "Zone A"},
    ...     rules=[],
    ...     parts={},
    ...     language="en",
    ... )
    >>> sorted(named)
    ['definitions', 'emitters', 'ledger', 'parcels', 'receptors', 'rules', 'standards', 'zones']
    """
    called = called_zones(zones, language=language)
    features = feature_names(project, called, language=language, lots=lots)
    places = {"zones": called, "parcels": features["parcels"]}
    titles = {one.name: one.title[language] for one in rules}
    definitions = {one.name for one in rules if isinstance(one, FillDefinition)}
    named: dict[str, Mapping[str, str]] = {
        "zones": called,
        "definitions": {one: titles[one] for one in titles if one in definitions},
        "rules": titles,
        "standards": titles,
        **{
            name: _by_lots(name, frame, features["parcels"], language=language)
            for name, frame in parts.items()
        },
        **features,
    }
    for table, ids in sorted(asked.items()):
        if table not in named:
            home = TABLES.get(table)
            of_project = home is not None and home.key[0] == "project_id"
            frame = getattr(project, "projects" if of_project else table, None)
            named[table] = {} if frame is None else _rows(table, frame, ids, places, language)
    # Lots are told apart by their numbers, and are very many.
    return {table: some if table == "parcels" else _apart(some) for table, some in named.items()}


def called_zones(names: Mapping[str, str], *, language: str) -> dict[str, str]:
    """Name zones so that no two are called alike, and all of them together."""
    return _apart({**names, TOTAL: theme.text("report.all_zones", language=language)})


def feature_names(
    project: Tables,
    zones: Mapping[str, str],
    *,
    language: str,
    lots: Mapping[str, str] | None = None,
) -> Names:
    """Name lots, emitters and receptors, alike in tables and on maps.

    Parameters
    ----------
    project
        The tables.
    zones
        What the zones are called.
    language
        "vi" or "en".
    lots
        What the lots are called; None to number those of the project.

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
    lots = lot_names(project, zones) if lots is None else lots
    places = {"zones": zones, "parcels": lots}
    frames = {table: getattr(project, table) for table in ("emitters", "receptors")}
    named = {
        table: _apart(_rows(table, frame, frame[f"{table[:-1]}_id"], places, language))
        for table, frame in frames.items()
        if frame is not None
    }
    return {"parcels": lots, **named}


def lot_names(project: Tables, zones: Mapping[str, str]) -> dict[str, str]:
    """Name lots by their numbers, where several zones are named with the zone before them.

    Parameters
    ----------
    project
        The tables.
    zones
        What the zones are called, no two of them alike.

    Returns
    -------
    dict[str, str]
        By ``parcel_id``. A lot that has no number of its own is not among them: it is called by
        its id, see :func:`kcngeo.ledger.lot_numbers`.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> squares = kcn.examples.squares()
    >>> coded = squares.parcels.assign(lot_code=squares.parcels["parcel_id"].str[2:])
    >>> project = kcn.Project(zones=squares.zones, parcels=coded, ledger=squares.ledger)
    >>> lot_names(project, {"A": "Zone A", "B": "Zone B"})["B-1"] == "Zone B\u00a01"
    True
    """
    lots = numbered_lots(project)
    if len({*zones} - {TOTAL}) < 2:
        return dict(zip(lots["parcel_id"], lots["number"], strict=True))
    return {
        parcel_id: lot_name(number, zone=zones.get(zone_id, zone_id))
        for zone_id, parcel_id, number in lots.itertuples(index=False)
    }


def numbered_lots(project: Tables) -> pd.DataFrame:
    """Give ``zone_id``, ``parcel_id`` and ``number`` of the lots that have a number."""
    if project not in _NUMBERED:
        parcels = project.parcels[["zone_id", "parcel_id"]].astype("str")
        numbered = parcels.assign(number=lot_numbers(project.parcels))
        numbered = numbered[numbered["number"] != numbered["parcel_id"]]
        _NUMBERED[project] = numbered.drop_duplicates("parcel_id", keep="last")
    return _NUMBERED[project]


def _by_lots(
    table: str, frame: pd.DataFrame, named: Mapping[str, str], *, language: str
) -> dict[str, str]:
    """Name land by its first lot, and how many lie beside it."""
    kind = table[:-1]
    told = {}
    for one, lots in zip(frame[f"{kind}_id"], frame["parcel_ids"], strict=True):
        first, *others = str(lots).split("|")
        key = f"named.{kind}_of_lots" if others else f"named.{kind}"
        lot = named.get(first, first)
        told[str(one)] = theme.text(key, language=language, lot=lot, others=len(others))
    return told


def _told_ids(
    report: MonthlyReport, around: SpatialSections, *, but: Collection[str]
) -> dict[str, set[str]]:
    """Gather by table the ids that findings and causes tell of, but those of some tables."""
    asked: dict[str, set[str]] = {}
    blocked = report.blocked["finding"]
    for finding in [*report.findings, *around.findings, *blocked]:
        # Lots are called by their numbers, whether told of or not.
        if finding.table == "parcels" or finding.table in but:
            continue
        asked.setdefault(finding.table, set()).update(finding.ids)
    changes = () if "ledger" in but else (report.change, report.year_change)
    for change in filter(None, changes):
        moved = change.entries["entries"].dropna()
        asked.setdefault("ledger", set()).update(
            one for some in moved for one in str(some).split("|") if one
        )
    return asked


def _entries(
    ledger: pd.DataFrame, ids: list[str], lots: Mapping[str, str], language: str
) -> dict[str, str]:
    """Name entries by lot, status and days."""

    def said(label: str) -> str:
        lot, *others = label.rsplit(" ", 2)
        return texts.said(" ".join([lots.get(lot, lot), *others]), language=language)

    # One without an id is called by the same already.
    told = {one: said(one) for one in ids}
    if "entry_id" in ledger.columns:
        mine = ledger[ledger["entry_id"].isin(ids)]
        labels = entry_labels(mine.drop(columns="entry_id"), range(len(mine)))
        told |= dict(zip(mine["entry_id"].astype(str), map(said, labels), strict=True))
    return told


def _projects(projects: pd.DataFrame, ids: list[str]) -> dict[str, str]:
    """Name projects by their investors, who are not in a public edition."""
    if "investor" not in projects.columns:
        return {}
    mine = projects[projects["project_id"].isin(ids)].dropna(subset=["investor"])
    return dict(zip(mine["project_id"].astype(str), mine["investor"].astype(str), strict=True))


def _rows(
    table: str, frame: pd.DataFrame, asked: Iterable[str], places: Names, language: str
) -> dict[str, str]:
    """Name rows as they call themselves, else by what they are and where; else part by part."""
    ids = sorted(set(asked))
    if table == "ledger":
        return _entries(frame, ids, places["parcels"], language)
    home = TABLES.get(table)
    key = "" if home is None else home.key[0]
    if key == "project_id":
        return _projects(frame, ids)
    is_called = "kind" in frame.columns or f"named.a_{table}" in texts.table()
    if key not in frame.columns or not is_called:
        return {one: _composed(one, places["zones"], language) for one in ids}
    mine = frame[frame[key].isin(ids)].drop_duplicates(key, keep="last").sort_values(key)
    return {str(row[key]): _called(table, row, places, language) for row in mine.to_dict("records")}


def _called(table: str, row: Mapping[Hashable, Any], places: Names, language: str) -> str:
    if isinstance(row.get("name"), str):
        return str(row["name"])
    if "kind" in row:
        kind = theme.choice(str(row["kind"]), name=f"{table}_kind", language=language)
    else:
        kind = theme.text(f"named.a_{table}", language=language)
    column = next((one for one in _PLACES if isinstance(row.get(one), str)), "")
    if not column:
        return kind
    place = places[_PLACES[column]].get(str(row[column]), str(row[column]))
    key = "named.lot" if row.get("kind") == "parcel" else "named.on_lot"
    key = key if column == "parcel_id" else "named.in_zone"
    return theme.text(key, language=language, kind=kind, place=place)


def _composed(one: str, zones: Mapping[str, str], language: str) -> str:
    """Name a row whose id is a zone, a day and more, each in its words."""
    return ", ".join(
        texts.said(zones.get(part, part), language=language) for part in one.split(" ")
    )


def _apart(names: Mapping[str, str]) -> dict[str, str]:
    """Number what would be called alike, in the order of the ids."""
    counted: dict[str, int] = {}
    told = {}
    for one, name in names.items():
        counted[name] = counted.get(name, 0) + 1
        told[one] = name if counted[name] == 1 else f"{name} ({counted[name]})"
    return told
