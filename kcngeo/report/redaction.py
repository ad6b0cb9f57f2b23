"""The public edition: the tables without names of investors and without documents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from typing import Any

import pandas as pd

from kcngeo.core.schema import RECORDED, TABLES
from kcngeo.ledger.project import Project

_LEFT_OUT = "…"
# A private value shorter than this is too common a word to be looked for in other texts.
_SHORTEST = 4


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
        users' own, of which nobody can tell what they hold. Where another text carries a private
        value of four letters or more, "…" stands in its place, but not for a word of a closed list;
        an id that does becomes a number, the same throughout.

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
        frames[name] = frame[kept]
    hide = _hiding(_values(project))
    aliases = _aliases(frames.values(), hide)
    hidden: dict[str, Any] = {
        name: _hidden(name, frame, hide, aliases) for name, frame in frames.items()
    }
    return replace(project, taken=None, **hidden)


def _values(project: Project) -> set[str]:
    """List the texts in the personal columns of all tables, in one spelling of spaces."""
    found: set[str] = set()
    for name, frame in project.tables():
        personal = {one.name for one in (*TABLES[name].columns, *RECORDED) if one.personal}
        for column in personal & set(frame.columns):
            found |= {_plain(str(value)) for value in frame[column].dropna().unique()}
    return {value for value in found if len(value) >= _SHORTEST}


def _plain(text: str) -> str:
    """Spell a text one way: letters in one with their marks, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _hiding(secrets: set[str]) -> Callable[[str], str]:
    """Make what puts "…" in the place of every secret, as a whole word, in whatever case."""
    begins: dict[str, list[str]] = {}
    for secret in secrets:
        begins.setdefault(secret.casefold()[:_SHORTEST], []).append(secret)

    def hide(text: str) -> str:
        folded = _plain(text).casefold()
        # Few texts hold the beginning of a secret; only these are searched.
        ends = range(len(folded) - _SHORTEST + 1)
        near = {folded[at : at + _SHORTEST] for at in ends} & begins.keys()
        told = shown = unicodedata.normalize("NFC", text)
        for secret in sorted((one for key in near for one in begins[key]), key=len, reverse=True):
            shown = re.sub(_pattern(secret), _LEFT_OUT, shown, flags=re.IGNORECASE)
        return text if shown == told else shown

    return hide


def _pattern(secret: str) -> str:
    """Find a secret as a whole word: "Acme" in "ACME_1" and "Acme01", but not in "Acmes"."""
    words = r"\s+".join(re.escape(word) for word in secret.split())
    before, after = (
        r"[^\W\d_]" if letter.isalpha() else r"[^\W_]" for letter in (secret[0], secret[-1])
    )
    return rf"(?<!{before}){words}(?!{after})"


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
