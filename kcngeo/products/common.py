"""What products share: what was asked, what was left out and why, how zones are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcngeo.core.model import Finding

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot


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
