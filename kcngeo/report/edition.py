"""The public edition: the tables without names of investors and without documents."""

from __future__ import annotations

from dataclasses import replace

from kcngeo.core.columns import TABLES
from kcngeo.core.model import Project

PRIVATE = ("investor", "document", "plan_document", "certificate_no")
"""Columns that the public edition leaves out, in every table."""


def public(project: Project) -> Project:
    """Leave out what the public edition does not tell.

    Parameters
    ----------
    project
        The tables.

    Returns
    -------
    Project
        The tables without the columns of :data:`PRIVATE`, and without columns of the users' own,
        of which nobody can tell what they hold.
    """
    frames = {}
    for name, frame in project.tables():
        known = {column.name for column in TABLES[name].columns} | {"recorded_at", "superseded_at"}
        if TABLES[name].geometry:
            known.add(str(frame.active_geometry_name))
        kept = [column for column in frame.columns if column in known and column not in PRIVATE]
        frames[name] = frame[kept]
    return replace(project, **frames)
