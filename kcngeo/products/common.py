"""What products share: what was asked, what was left out and why, how zones are called."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcngeo.core.model import Finding
from kcngeo.core.schema import COMPUTED, Names, cell, in_contract
from kcngeo.ledger.zones import zone_names
from kcngeo.publish.format_table import declared
from kcngeo.publish.month_tables import ids_in
from kcngeo.report import names_asked

if TYPE_CHECKING:
    import pandas as pd

    from kcngeo.core.dates import Day
    from kcngeo.ledger import Project, Snapshot
    from kcngeo.ledger.tables import Tables
    from kcngeo.standards import Registry

# Tables of answers whose rows are land that is called by its lots.
_BY_LOTS = ("sites", "packages")


def asked_for(**options: Any) -> dict[str, Any]:
    """Keep what was asked of a product; what was left to it is left out.

    Examples
    --------
    >>> asked_for(on="2018-03-31", definition=None, needs=())
    {'on': '2018-03-31'}
    """
    kept = {name: value for name, value in options.items() if value is not None and value != ()}
    return {name: str(value) if name == "on" else value for name, value in kept.items()}


def together(
    *several: Sequence[Finding] | Mapping[str, tuple[Finding, ...]],
) -> tuple[Finding, ...]:
    """Put findings together, each once."""
    lists = (
        [found for some in one.values() for found in some] if isinstance(one, Mapping) else one
        for one in several
    )
    return tuple(dict.fromkeys(found for some in lists for found in some))


def naming(
    project: Tables,
    make_tables: Callable[[str], Mapping[str, pd.DataFrame]],
    findings: Sequence[Finding],
    *,
    on: Day,
    rules: Registry,
) -> Callable[[str], Names]:
    """Give what names, in a language, whatever a product tells of by an id."""

    @cache
    def names(language: str) -> Names:
        made = {
            name: in_contract(COMPUTED[name], frame)
            for name, frame in make_tables(language).items()
        }
        asked: dict[str, set[str]] = {}
        for table, one in ids_in(made):
            asked.setdefault(table, set()).add(one)
        for finding in findings:
            asked.setdefault(finding.table, set()).update(finding.ids)
        return names_asked(
            project,
            asked,
            zones=zone_names(project.zones, on=on),
            rules=rules.entries.values(),
            parts={name: made[name] for name in _BY_LOTS if name in made},
            language=language,
        )

    return names


def told(
    table: str, column: str, row: Mapping[Hashable, Any], *, names: Names, language: str
) -> str:
    """Write a cell of a row for a person; lots are called by number beside the row's zone."""
    known = declared(table, column)
    return cell(known, row[column], language=language, table=table, row=row, names=names)


def file_names(paths: Sequence[str | Path]) -> list[str]:
    """Name files without the folders of a machine.

    Examples
    --------
    >>> file_names(["/data/cover.tif"])
    ['cover.tif']
    """
    return [Path(path).name for path in paths]


def sound_zones(project: Project, snapshot: Snapshot) -> Project:
    """Leave out zones whose rows are at fault: nothing can be told of their rows."""
    bad = {zone_id for zone_id, _ in snapshot.always_faulty}
    return project.only(set(project.zones["zone_id"]) - bad) if bad else project
