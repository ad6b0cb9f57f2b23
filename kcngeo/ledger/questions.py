"""What every question does first: which snapshot is meant, and which zones are left out of it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kcngeo.core.dates import Day
from kcngeo.core.errors import ContractError, KcngeoError, ZonesLeftOutWarning
from kcngeo.core.geometry import AREA_BASES
from kcngeo.ledger import faults
from kcngeo.ledger.faults import Fault
from kcngeo.ledger.snapshot import Snapshot
from kcngeo.ledger.tables import CORE

if TYPE_CHECKING:
    from kcngeo.core.dates import Moment
    from kcngeo.core.model import Finding
    from kcngeo.ledger.project import Project


def asked(
    project: Project | Snapshot,
    *,
    start: Day,
    end: Day | None = None,
    area: str = "grid",
    definition: str | None = None,
    about: Collection[str] = CORE,
) -> Snapshot:
    """Give the snapshot a question is asked of, without the zones at fault in its time.

    Parameters
    ----------
    project
        A snapshot, or a project, which means what is known of it now with faulty zones set apart.
    start
        First day asked about.
    end
        Last day asked about, included; None for the first day alone.
    area
        "grid", "ellipsoid" or "certificate".
    definition
        Name of the definition; None for a question that has none.
    about
        Tables the question reads; a zone at fault in another is not left out.

    Returns
    -------
    Snapshot
        The snapshot; ``apart`` names the zones that were left out of the tables of ``about``.

    Raises
    ------
    ContractError
        If a zone is at fault and the snapshot does not set zones apart.
    ValueError
        If ``area`` is none of the three.

    Warns
    -----
    ZonesLeftOutWarning
        If zones are left out; it names them and says why.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> asked(kcn.examples.squares(), start="2018-03-31").apart
    ()
    """
    if area not in AREA_BASES:
        raise ValueError(f"area must be one of {', '.join(AREA_BASES)}, not {area!r}")
    snapshot = known(project)
    # Only faults in the time, basis, definition and tables of the question leave a zone out.
    found = snapshot.faults_between(start, end, area=area, definition=definition, about=about)
    require_apart(snapshot, found)
    return snapshot.without({one.zone_id for one in found}, names=about)


def known(project: Project | Snapshot, t: Moment | None = None) -> Snapshot:
    """Give the snapshot that is meant by a project or a snapshot.

    Parameters
    ----------
    project
        Either.
    t
        The moment, for the few questions that compare what was known with what is.

    Returns
    -------
    Snapshot
        A snapshot itself; of a project what is known at the moment, faulty zones set apart.

    Raises
    ------
    KcngeoError
        If a moment is given with a snapshot, or a path in place of a project.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> known(project).sets_apart, known(project.as_known()).sets_apart
    (True, False)
    """
    if isinstance(project, Snapshot):
        return project.as_known(t)
    _refuse_path(project)
    return project.as_known(t, faulty="set_apart")


def _refuse_path(given: object) -> None:
    if isinstance(given, str | Path):
        raise KcngeoError("path_for_project", path=given)


def require_apart(snapshot: Snapshot, found: Sequence[Fault]) -> None:
    """Warn of the zones that are left out, or refuse where zones are not set apart."""
    if not found:
        return
    findings = faults.findings_of(found)
    if not snapshot.sets_apart:
        raise ContractError(findings)
    reasons: dict[str, list[Finding]] = {}
    for one in sorted(found, key=lambda fault: fault.zone_id):
        told = reasons.setdefault(one.zone_id, [])
        if one.finding not in told:
            told.append(one.finding)
    warnings.warn(ZonesLeftOutWarning(reasons), stacklevel=4)


def missing_zones(table: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """Give the zones that were left out a row of missing figures.

    Parameters
    ----------
    table
        A table by ``zone_id``.
    snapshot
        The snapshot it was computed from.

    Returns
    -------
    pd.DataFrame
        The table, its index sorted.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import kcngeo as kcn
    >>> now = replace(kcn.examples.squares().as_known(), apart=("B",))
    >>> rates = pd.DataFrame({"fill_rate": [0.375]}, index=pd.Index(["A"], name="zone_id"))
    >>> missing_zones(rates, now)["fill_rate"].tolist()
    [0.375, nan]
    """
    if not snapshot.apart:
        return table
    index = table.index.union(pd.Index(snapshot.apart, dtype="str")).rename(table.index.name)
    return table.reindex(index)
