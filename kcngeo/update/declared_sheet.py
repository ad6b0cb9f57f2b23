"""Sheets of declared accounts: what people type in them, and everything that is wrong at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kcngeo import io
from kcngeo.core.model import Finding, Severity, finding
from kcngeo.core.schema import DECLARED_PARTS, TABLES
from kcngeo.core.texts import row_name
from kcngeo.core.validation import distinct
from kcngeo.io.spreadsheet.plain_table import phrases_of, unbracketed
from kcngeo.io.spreadsheet.value_parser import unit_of
from kcngeo.io.spreadsheet.vocabulary import meaning, plain
from kcngeo.ledger.declared import TABLE, declared_problems

_UNIT = re.compile(r"\s*(ha|hecta|héc-?ta|hectares?|m2|m²)\s*\.?\s*$", re.IGNORECASE)
# What people write where there is nothing to write.
_NOTHING = {"", "chua ro", "chua co", "chua co so lieu", "khong ro", "khong co so lieu", "n a"}
_NOTHING |= {"unknown", "not known", "no data", "none", "na"}
UNREAD = "declared_sheet_unread"
"""The rule of cells that cannot be read, which names their places."""
_REQUIRED = tuple(one.name for one in TABLES[TABLE].columns if one.required)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Take hectares as they are typed: with their unit, a dash for nothing, words for not known."""
    parts = {name: phrases_of(TABLE)[name] for name in DECLARED_PARTS}
    kept = [name for name in frame.columns if unit_of(str(name)) or meaning(str(name), parts)]
    return frame.assign(**{name: [_bare(cell) for cell in frame[name]] for name in kept})


def mapping_of(frame: pd.DataFrame, *, name: str) -> io.ColumnMapping:
    """Take columns that are called as a part of the account for it, whatever is typed in them.

    What cannot be read is then told cell by cell; else a column with many slips would be left out.
    """
    proposal = io.propose_mapping(frame, table=TABLE, name=name)
    known = {phrase: one for one, phrases in phrases_of(TABLE).items() for phrase in phrases}
    called = {plain(unbracketed(str(one))): str(one) for one in reversed(list(frame.columns))}
    sure = {known[words]: theirs for words, theirs in called.items() if words in known}
    others = {
        ours: theirs for ours, theirs in proposal.columns.items() if theirs not in sure.values()
    }
    columns = {**others, **sure}
    square = {
        ours: "m2"
        for ours, theirs in columns.items()
        if ours in DECLARED_PARTS and unit_of(str(theirs).replace("_", " ")) == "m2"
    }
    taken = {str(one) for one in columns.values()}
    own = tuple(str(one) for one in frame.columns if str(one) not in taken)
    return replace(proposal, columns=columns, units=square, own=own)


def _bare(cell: Any) -> Any:
    """Leave out a unit of hectares; one of square metres stays, to be told and not misread."""
    if not isinstance(cell, str):
        return cell
    if plain(cell) in _NOTHING:
        return None
    return cell if unit_of(cell) == "m2" else _UNIT.sub("", cell).strip()


def in_zones(
    frame: pd.DataFrame,
    zones: pd.DataFrame | None,
    places: Sequence[str],
    read: Sequence[Finding] = (),
) -> tuple[pd.DataFrame, Any, tuple[Finding, ...]]:
    """Name zones by their ids, and list everything that is wrong with the rows.

    Parameters
    ----------
    frame
        Rows in the columns of declared accounts.
    zones
        Zones of the project, whose ids or names the rows give; None if there are none.
    places
        Where each row stands in the sheet.
    read
        What was found when the cells were read.

    Returns
    -------
    tuple[pd.DataFrame, NDArray[np.bool_], tuple[Finding, ...]]
        The rows with ids of zones, which of them have nothing wrong, and what is wrong.
    """
    known = _names(zones)
    said = frame.get("zone_id", pd.Series(None, frame.index, dtype="str"))
    ids = [known.get(_words(one)) if isinstance(one, str) else None for one in said]
    strange = said.notna().to_numpy() & np.array([one is None for one in ids], dtype=bool)
    named = [own if one is None else one for own, one in zip(said, ids, strict=True)]
    result = frame.assign(zone_id=pd.array(named, dtype="str"))
    told = {one.fields["column"]: {*one.ids} for one in read if one.rule == UNREAD}
    found = [*_strange_zones(said, strange, known, places), *_values(result, places, told)]
    whole = result.reindex(columns=_REQUIRED).notna().all(axis=1).to_numpy() & ~strange
    whole &= ~_negative(result).any(axis=1)
    # Only what is readable can contradict itself.
    rows = result[whole].reset_index(drop=True)
    wrong = declared_problems(rows, zones) if len(rows) and zones is not None else []
    at_fault = {name for one in wrong for name in one.ids}
    days = pd.to_datetime(result.get("on", pd.Series(pd.NaT, result.index)))
    names = result["zone_id"].astype("object").str.cat(days.dt.strftime(" %Y-%m-%d"))
    return result, whole & ~names.isin(at_fault).to_numpy(), (*found, *wrong)


def _names(zones: pd.DataFrame | None) -> Mapping[str, str]:
    """Give the zone of each id and name; a name that two zones have names none."""
    if zones is None:
        return {}
    owners: dict[str, set[str]] = {}
    for column in ("zone_id", "name"):
        if column in zones.columns:
            for zone_id, name in zip(zones["zone_id"], zones[column], strict=True):
                if isinstance(name, str):
                    owners.setdefault(_words(name), set()).add(str(zone_id))
    return {name: min(ids) for name, ids in owners.items() if len(ids) == 1}


def _words(name: str) -> str:
    """Write the name of a zone without the words every zone has."""
    words = plain(name.replace("-", " ").replace("_", " "))
    for common in ("khu cong nghiep", "kcn", "industrial zone", "industrial park"):
        words = re.sub(rf"\b{common}\b", " ", words)
    return " ".join(words.split())


def _strange_zones(
    said: pd.Series, strange: Any, known: Mapping[str, str], places: Sequence[str]
) -> Iterator[Finding]:
    """Name zones nobody knows, with those that are written nearly so."""
    for name in distinct(said[strange]):
        rows = np.flatnonzero(strange & (said == name).fillna(False).to_numpy(dtype=bool))
        near = difflib.get_close_matches(_words(name), list(known), n=3)
        yield finding(
            "declared_sheet_zone" if near else "declared_sheet_zone_unlike",
            TABLE,
            ids=[places[row] for row in rows.tolist()],
            zones=[name],
            near=[known[one] for one in near],
        )


def _negative(frame: pd.DataFrame) -> Any:
    parts = frame.reindex(columns=list(DECLARED_PARTS)).astype("float64")
    return parts.to_numpy() < 0


def _values(
    frame: pd.DataFrame, places: Sequence[str], told: Mapping[Any, set[str]]
) -> Iterator[Finding]:
    """Find cells that must be filled and are not, and hectares below zero."""
    for name in _REQUIRED:
        lacks = frame[name].isna().to_numpy() if name in frame.columns else np.zeros(0)
        # What stands there and cannot be read is told already.
        ids = [places[row] for row in np.flatnonzero(lacks).tolist()]
        ids = [place for place in ids if place not in told.get(name, ())]
        if ids:
            yield finding("missing_values", TABLE, ids=ids, column=name)
    below = _negative(frame)
    for place, name in enumerate(DECLARED_PARTS):
        if below[:, place].any():
            ids = [places[row] for row in np.flatnonzero(below[:, place]).tolist()]
            yield finding("negative", TABLE, ids=ids, column=name)


def not_taken(frame: pd.DataFrame, mapping: io.ColumnMapping) -> tuple[Finding, ...]:
    """Warn of columns of figures that no column of declared accounts was made of."""
    figures = [
        name
        for name in mapping.own
        if name in frame.columns and unit_of(name) is not None and frame[name].notna().any()
    ]
    if not figures:
        return ()
    return (finding("declared_sheet_own", TABLE, Severity.WARNING, columns=figures),)


def at_places(findings: Sequence[Finding], places: Sequence[str]) -> tuple[Finding, ...]:
    """Name rows by their places in the sheet, not by their number."""
    called = {row_name(number): place for number, place in enumerate(places)}
    return tuple(
        replace(
            one,
            rule=UNREAD if one.rule == "import_unread" else one.rule,
            ids=tuple(called.get(name, name) for name in one.ids),
        )
        for one in findings
    )
