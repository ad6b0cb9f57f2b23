"""A project as a scenario would have it: nothing is recorded, everything is checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kcngeo.core.checked_once import each_once
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import ContractError
from kcngeo.ledger.project import Project
from kcngeo.ledger.screening import latest_moment
from kcngeo.standards import Registry, registry
from kcngeo.update.apply import apply
from kcngeo.update.changed_rules import changed_rules
from kcngeo.update.changed_tables import ChangedTables
from kcngeo.update.changes import Changes, read_changes
from kcngeo.update.difference import Difference, difference

_MADE = {
    **dict.fromkeys(("entry", "change", "zone_id", "parcel_ids", "rule"), "str"),
    **dict.fromkeys(("area_ha", "households_count", "clearing_vnd", "letting_vnd"), "float64"),
    **dict.fromkeys(("before_m", "after_m", "before_share", "after_share"), "float64"),
}
# Where nothing on record says when it was recorded, anything may have been.
_FIRST = pd.Timestamp("1900-01-01", tz="UTC")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changed:
    """A project as a scenario would have it.

    Attributes
    ----------
    changes
        What it changes.
    project
        The tables, with the changes as if they had been recorded after all that is on record.
    rules
        The registry, with the figures it changes.
    edits
        What differs in the tables, cell by cell.
    made
        What the changes come to, a row a change and zone: ``entry`` ("let 1"), ``change``,
        ``zone_id``, ``parcel_ids``, ``area_ha``, ``households_count`` and ``clearing_vnd`` (of the
        pieces still open; missing where one lacks the figure), ``letting_vnd`` (where a price was
        given), ``rule``, and what the figure was and is.
    """

    changes: Changes
    project: Project
    rules: Registry
    edits: Difference
    made: pd.DataFrame


@each_once()
def apply_changes(
    project: Project,
    changes: str | os.PathLike[str] | pd.DataFrame | Mapping[str, str] | Changes,
    *,
    on: Day,
    area: str = "grid",
    rules: Registry | None = None,
) -> Changed:
    """Make of a project what a scenario would have, from a day on.

    Land is extended first, then cleared, then let. Lots let what is free of them, until the ledger
    says something else of them; only cleared land is let. An extension is land outside the fence
    of the zone, in the coordinates of the project; what becomes a lot of it is to be cleared unless
    it is said to be.

    Parameters
    ----------
    project
        The tables as stored; not changed, and nothing is written.
    changes
        What is changed, see :func:`kcngeo.update.read_changes`.
    on
        First day on which the changes hold.
    area
        "grid", "ellipsoid" or "certificate": the basis on which the rest of a lot is measured.
    rules
        The registry whose figures are changed; None for the one that comes with the library.

    Returns
    -------
    Changed
        The project, the registry, and what the changes come to.

    Raises
    ------
    ContractError
        If a change makes no sense or cannot be made: all problems of all changes are named, with
        their lots, blocks, zones and entries; or if the tables break their contract.
    DataSourceError
        If the file cannot be read or is no TOML.

    Examples
    --------
    Of A-2 half a hectare is free, which the scenario lets:

    >>> import kcngeo as kcn
    >>> rows = pd.DataFrame({"change": ["let"], "parcels": ["A-2"]})
    >>> made = apply_changes(kcn.examples.squares(), rows, on="2018-03-31")
    >>> made.made[["entry", "zone_id", "parcel_ids", "area_ha"]].values.tolist()
    [['let 1', 'A', 'A-2', 0.5]]
    >>> kcn.fill.fill_rate(made.project, on="2018-03-31")["leased_ha"].tolist()
    [2.0, 1.0]
    """
    date, followed = day(on), rules or registry()
    said = read_changes(changes)
    problems = said.problems()
    # What cannot be understood is told beside what cannot be done.
    strange = {name for one in problems for name in one.ids}
    entries = [one for one in said.entries() if one[1] not in strange]
    snapshot = project.as_known(faulty="set_apart")
    land = ChangedTables(project, snapshot, on=date, area=area, name=said.name)
    for kind, where, fields in entries:
        if kind in ("extend", "clear", "let"):
            land.change(kind, where, fields)
    changed, figures, wrong = changed_rules(entries, followed, name=said.name)
    if problems := [*problems, *land.problems, *wrong]:
        raise ContractError(problems)
    edits = difference(project, land.tables)
    latest = latest_moment(project)
    stamp = _FIRST if latest is None else latest.ceil("ms") + pd.Timedelta("1ms")
    made = pd.DataFrame([*land.made, *figures]).reindex(columns=list(_MADE)).astype(_MADE)
    return Changed(
        changes=said,
        project=project if edits.empty else apply(project, edits, recorded_at=stamp),
        rules=changed,
        edits=edits,
        made=made,
    )
