"""The public edition: the tables without names of investors and without documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

from kcngeo import standards
from kcngeo.core import texts
from kcngeo.core.private_texts import PrivateTexts
from kcngeo.core.schema import RECORDED, TABLES, Kind
from kcngeo.ledger.project import Project

# Columns of names, which are written in many ways; others cite documents.
_NAMES = ("investor", "developer", "recorded_by", "answered_by")


def public(project: Project) -> Project:
    """Leave out what the public edition does not tell.

    Parameters
    ----------
    project
        The tables.

    Returns
    -------
    Project
        The tables without the columns that the schema calls personal, and without columns of the
        users' own, of which nobody can tell what they hold. Workers of a project are rounded to two
        digits, the day of its licence stands at the end of its month. Where another text carries a
        private value of four letters or more, in whatever spelling (:func:`private_texts`), "…"
        stands in its place, but not for a word of a closed list; an id that does becomes a number,
        the same throughout.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = public(kcn.examples.squares())
    >>> "investor" in project.projects.columns, "sector" in project.projects.columns
    (False, True)
    """
    frames = {}
    for name, frame in project.tables():
        told = (*TABLES[name].columns, *RECORDED)
        known = {column.name for column in told if not column.personal}
        if TABLES[name].geometry:
            known.add(str(frame.active_geometry_name))
        kept = [column for column in frame.columns if column in known]
        frames[name] = _coarse(frame[kept]) if name == "projects" else frame[kept]
    hide = private_texts(project).hide
    aliases = _aliases(frames.values(), hide)
    hidden: dict[str, Any] = {
        name: _hidden(name, frame, hide, aliases) for name, frame in frames.items()
    }
    return replace(project, taken=None, **hidden)


def _coarse(projects: pd.DataFrame) -> pd.DataFrame:
    """Round what tells a project from others without its name: workers, and the day of its licence.

    A licence counts from its day on, so that at the end of any month as many are licensed as
    before when each day is put at the end of its month.
    """
    coarse: dict[str, Any] = {}
    if "licensed_on" in projects.columns:
        days = pd.to_datetime(projects["licensed_on"], errors="coerce")
        coarse["licensed_on"] = days + pd.offsets.MonthEnd(0)
    if "workers" in projects.columns:
        workers = pd.to_numeric(projects["workers"], errors="coerce").astype("float64")
        digits = np.floor(np.log10(workers.where(workers > 0).to_numpy()))
        size = 10.0 ** np.maximum(digits - 1.0, 0.0)
        rounded = (workers / size).round() * size
        coarse["workers"] = rounded.where(workers > 0, workers).round().astype("Int64")
    return projects.assign(**coarse)


def private_texts(project: Project) -> PrivateTexts:
    """Find what the personal columns of all tables hold, and how else it may be written.

    Parameters
    ----------
    project
        The tables, with their personal columns.

    Returns
    -------
    PrivateTexts
        Names in every spelling, documents as they are cited; not what the table of texts, the
        registry or the name of a zone says too.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> private_texts(kcn.examples.squares()).hide("leased to TEA-ONE Ltd")
    'leased to … Ltd'
    """
    names: set[str] = set()
    documents: set[str] = set()
    for table, frame in project.tables():
        for column in (*TABLES[table].columns, *RECORDED):
            is_text = column.personal and column.kind is Kind.TEXT
            if is_text and column.name in frame.columns:
                told = {str(value) for value in frame[column.name].dropna().unique()}
                (names if column.name in _NAMES else documents).update(told)
    return PrivateTexts.of(sorted(names), sorted(documents), public=_public_words(project))


def _public_words(project: Project) -> Iterator[str]:
    """Give what is said in every edition: our own words, legal titles, names of zones."""
    for said in texts.table().values():
        yield from said.values()
    for entry in standards.registry().entries.values():
        yield from entry.title.values()
    if "name" in project.zones.columns:
        yield from project.zones["name"].dropna().unique()


def _is_id(column: str) -> bool:
    return column.endswith("_id") or column == "parents"


def _aliases(frames: Iterable[pd.DataFrame], hide: Callable[[str], str]) -> dict[str, str]:
    """Number the ids that carry a secret."""
    ids: set[str] = set()
    for frame in frames:
        for column in filter(_is_id, map(str, frame.columns)):
            for value in frame[column].dropna().unique():
                ids |= set(str(value).split("|"))
    telling = sorted(one for one in ids if hide(one) != one)
    free = (name for name in map("#{}".format, count(1)) if name not in ids)
    return dict(zip(telling, free, strict=False))


def _hidden(
    name: str, frame: pd.DataFrame, hide: Callable[[str], str], aliases: dict[str, str]
) -> pd.DataFrame:
    """Hide what the texts of a table carry; whatever carries nothing stays as it is."""
    texts = {}
    listed = {column.name for column in TABLES[name].columns if column.choices}
    for column in frame.columns[frame.dtypes.astype(str).isin(["str", "object"])]:
        if column in listed:
            continue
        known = {
            value: value for value in frame[column].dropna().unique() if isinstance(value, str)
        }
        for value in known:
            if _is_id(column):
                known[value] = "|".join(aliases.get(one, one) for one in value.split("|"))
            else:
                known[value] = hide(value)
        if any(value != shown for value, shown in known.items()):
            texts[column] = frame[column].map(lambda value, known=known: known.get(value, value))
    return frame.assign(**texts) if texts else frame
