"""Companies out of the tenants of a list: one company, many contracts, spellings resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, count

import pandas as pd

from kcngeo.core.validation import as_known
from kcngeo.io.spreadsheet.vocabulary import plain, vocabulary
from kcngeo.update.company_names import CompanyName, company_name, compared

REGISTER = ("investor", "project_id", "lines_count", "state", "like", "sector")
"""Columns of the register of companies: a row a spelling."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Companies:
    """The companies of a list.

    Attributes
    ----------
    project_ids
        On the index of the lines, the project of each; missing where it has none, or is asked.
    projects
        New projects: ``project_id``, ``investor`` (the spelling most lines have), ``sector``.
    register
        A row a spelling: ``investor``, ``project_id``, ``lines_count``, ``state`` ("known" to the
        project, "new", "given" by the user, or "asked"), ``like`` (the spellings it may be one
        with, and why: "form", "marks", "spelling", "longer" or "projects", where the investor has
        several) and ``sector`` as the list writes it.
    """

    project_ids: pd.Series
    projects: pd.DataFrame
    register: pd.DataFrame

    @property
    def asked(self) -> int:
        """Count the spellings that only the user can tell."""
        return int((self.register["state"] == "asked").sum())


@dataclass(slots=True, kw_only=True)
class _Spelling:
    """A spelling of a tenant, and what is known of it."""

    text: str
    name: CompanyName
    lines: int = 0
    sectors: list[str] = field(default_factory=list)
    project_ids: tuple[str, ...] = ()
    like: dict[str, str] = field(default_factory=dict)
    state: str = "new"

    @property
    def is_known(self) -> bool:
        """Whether the project has an investor of this spelling."""
        return bool(self.project_ids)


def companies(
    lines: pd.DataFrame,
    *,
    projects: pd.DataFrame | None = None,
    given: Mapping[str, str] | None = None,
) -> Companies:
    """Make companies of the tenants of a list, a project each.

    Two spellings are one company where only capitals, spaces, signs, the vowel that carries the
    tone, "Cty" for "Công ty", the number of members or all diacritics of one of them differ, and
    neither says a legal form the other contradicts. What only may be one (another legal form, a
    branch, other marks on the same letters, a letter or two, one the beginning of the other, an
    investor with several projects) is asked, and neither merged nor kept apart until it is
    answered. Lines that name their project already are left as they are.

    Parameters
    ----------
    lines
        Lines of a list: ``investor``, and ``project_id`` and a column of sectors where it has them.
    projects
        The projects that are known.
    given
        By spelling, the project it is, as the user answered.

    Returns
    -------
    Companies
        The project of each line, new projects, and the register of spellings.

    Examples
    --------
    >>> tenants = ["Công ty TNHH Chè Xanh", "Cty Chè Xanh", "CTY CP CHE XANH", "Dệt Len"]
    >>> found = companies(pd.DataFrame({"investor": tenants}))
    >>> found.project_ids.tolist()
    [nan, nan, nan, 'DN-001']
    >>> found.register["like"].tolist()[2]
    'Công ty TNHH Chè Xanh (form)'
    >>> answers = {name: "DN-007" for name in tenants[:2]} | {"CTY CP CHE XANH": "DN-008"}
    >>> companies(pd.DataFrame({"investor": tenants}), given=answers).project_ids.tolist()
    ['DN-007', 'DN-007', 'DN-008', 'DN-001']
    """
    answers = {_key(text): str(one) for text, one in (given or {}).items()}
    known = _investors(projects)
    spellings = _spellings(lines, known)
    _ask(list(spellings.values()), answers)
    free = _free_ids(lines, projects, answers)
    ids = _ids(list(spellings.values()), answers, free)
    named = lines["investor"].map(lambda text: ids.get(_key(text)), na_action="ignore")
    own = lines["project_id"] if "project_id" in lines.columns else pd.Series(None, lines.index)
    mine = [one for one in spellings.values() if one.lines]
    there = set() if projects is None else set(projects["project_id"].dropna())
    return Companies(
        project_ids=own.astype("str").fillna(named.astype("str")),
        projects=_new_projects(mine, ids, there),
        register=pd.DataFrame(
            [
                {
                    "investor": one.text,
                    "project_id": ids.get(_key(one.text)),
                    "lines_count": one.lines,
                    "state": one.state,
                    "like": "; ".join(f"{text} ({why})" for text, why in one.like.items()) or None,
                    "sector": "; ".join(one.sectors) or None,
                }
                for one in mine
            ],
            columns=list(REGISTER),
        ),
    )


def _key(text: object) -> str:
    """Tell spellings apart by their letters alone, in one spelling of spaces."""
    return " ".join(str(text).split())


def _investors(projects: pd.DataFrame | None) -> dict[str, tuple[str, ...]]:
    """Give the projects of every investor that is known, by its spelling."""
    if projects is None or not {"project_id", "investor"} <= set(projects.columns):
        return {}
    rows = as_known(projects)[["investor", "project_id"]].dropna()
    groups = rows.assign(key=rows["investor"].map(_key)).groupby("key", sort=False)["project_id"]
    return {str(key): tuple(dict.fromkeys(map(str, ids))) for key, ids in groups}


def _spellings(lines: pd.DataFrame, known: Mapping[str, tuple[str, ...]]) -> dict[str, _Spelling]:
    """List every spelling, those of the project first."""
    found = {
        key: _Spelling(text=key, name=company_name(key), project_ids=ids)
        for key, ids in known.items()
    }
    column = sector_column(lines)
    for row in lines[lines["investor"].notna()].to_dict("records"):
        if pd.notna(row.get("project_id")):
            continue
        key = _key(row["investor"])
        one = found.setdefault(key, _Spelling(text=key, name=company_name(key)))
        one.lines += 1
        sector = row.get(column)
        if isinstance(sector, str) and sector.strip() and _key(sector) not in one.sectors:
            one.sectors.append(_key(sector))
    return found


def sector_column(lines: pd.DataFrame) -> str | None:
    """Find the column of a list in which the sectors stand."""
    phrases = vocabulary("columns.projects")["sector"]
    return next((str(name) for name in lines.columns if plain(str(name)) in phrases), None)


def _ask(spellings: Sequence[_Spelling], answers: Mapping[str, str]) -> None:
    """Find the spellings that only the user can tell."""
    open_ = [one for one in spellings if _key(one.text) not in answers]
    same: list[tuple[_Spelling, _Spelling]] = []
    for one, other in combinations(spellings, 2):
        if not (one.lines or other.lines) or (one not in open_ and other not in open_):
            continue
        verdict = compared(one.name, other.name)
        if verdict == "same":
            same.append((one, other))
        elif verdict != "different":
            for mine, theirs in ((one, other), (other, one)):
                mine.like[theirs.text] = verdict
    for one in spellings:
        if len(one.project_ids) > 1:
            one.like |= dict.fromkeys(one.project_ids, "projects")
        one.state = "known" if one.is_known else "new"
    # One that is sure to be two that may not be one is not sure.
    for group in _groups(spellings, same):
        ids = {answers[_key(one.text)] for one in group if _key(one.text) in answers}
        ids |= {each for one in group for each in one.project_ids}
        doubtful = len(ids) > 1 or any(one.like for one in group)
        for one in group:
            if _key(one.text) in answers:
                one.state = "given"
            elif doubtful and not one.is_known:
                one.state = "asked"
                others = {other.text: "same" for other in group if other is not one}
                one.like = one.like or others
            elif len(one.project_ids) > 1:
                one.state = "asked"
            elif any(other.is_known for other in group):
                one.state = "known"


def _groups(
    spellings: Sequence[_Spelling], same: Sequence[tuple[_Spelling, _Spelling]]
) -> Iterator[list[_Spelling]]:
    """Put together what is linked."""
    group_of = {one.text: [one] for one in spellings}
    for one, other in same:
        mine, theirs = group_of[one.text], group_of[other.text]
        if mine is not theirs:
            mine += theirs
            group_of |= dict.fromkeys((each.text for each in theirs), mine)
    yield from {id(group): group for group in group_of.values()}.values()


def _free_ids(
    lines: pd.DataFrame, projects: pd.DataFrame | None, answers: Mapping[str, str]
) -> Iterator[str]:
    """Number new projects; a number tells nothing of the investor."""
    taken = set(answers.values())
    for frame in (lines, projects):
        if frame is not None and "project_id" in frame.columns:
            taken |= set(frame["project_id"].dropna().astype("str"))
    return (name for number in count(1) if (name := f"DN-{number:03d}") not in taken)


def _ids(
    spellings: Sequence[_Spelling], answers: Mapping[str, str], free: Iterator[str]
) -> dict[str, str]:
    """Give every spelling that is sure its project."""
    ids = {_key(one.text): answers[_key(one.text)] for one in spellings if one.state == "given"}
    sure = [one for one in spellings if one.state in ("known", "new")]
    for one in sure:
        if len(one.project_ids) == 1:
            ids[_key(one.text)] = one.project_ids[0]
    for one in sure:
        if _key(one.text) in ids:
            continue
        alike = [
            other
            for other in spellings
            if _key(other.text) in ids and compared(one.name, other.name) == "same"
        ]
        ids[_key(one.text)] = ids[_key(alike[0].text)] if alike else next(free)
    return ids


def _new_projects(
    spellings: Sequence[_Spelling], ids: Mapping[str, str], there: set[str]
) -> pd.DataFrame:
    """Make a project of every company that is not known."""
    groups: dict[str, list[_Spelling]] = {}
    for one in spellings:
        project_id = ids.get(_key(one.text))
        if project_id is not None and project_id not in there:
            groups.setdefault(project_id, []).append(one)
    rows = []
    for project_id, some in groups.items():
        most = max(some, key=lambda one: (one.lines, len(one.text)))
        sectors = dict.fromkeys(sector for one in some for sector in one.sectors)
        rows.append(
            {
                "project_id": project_id,
                "investor": most.text,
                "sector": "; ".join(sectors) or None,
            }
        )
    frame = pd.DataFrame(rows, columns=["project_id", "investor", "sector"], dtype="str")
    return frame.sort_values("project_id", ignore_index=True)
