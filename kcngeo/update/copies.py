"""A copy that comes back: whether it is one of this project, and what it was when it left."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.checked_once import note_rows
from kcngeo.core.errors import KcngeoError
from kcngeo.core.row_digests import row_digests
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import as_known, validate
from kcngeo.ledger import Taken
from kcngeo.ledger.project import Project
from kcngeo.update.difference import Difference, ids_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.io import WorkbookRead

    Ints = NDArray[np.int64]

_MOST_NAMED = 12
# Tables whose rows are known by an id of their own, which stays what it is.
_IDS = {
    "zones": "zone_id",
    "parcels": "parcel_id",
    "ledger": "entry_id",
    "projects": "project_id",
    "support": "support_id",
    "documents": "document_id",
    "receptors": "receptor_id",
    "emitters": "emitter_id",
    "works": "work_id",
    "buildings": "building_id",
    "clearance": "clearance_id",
}
# Two rows of a few words may change places; two that change all they say have changed their ids.
_EXCHANGED = 3


def ancestor(theirs: Project, taken: Taken | None) -> Project:
    """Find the rows of a copy as it left, in the project it was taken from.

    Parameters
    ----------
    theirs
        The project today, with all that was ever on record.
    taken
        What the rows of the copy were when it left, see :class:`kcngeo.ledger.Taken`.

    Returns
    -------
    Project
        These rows, and no others: one that others wrote beside them was never in the copy.

    Raises
    ------
    KcngeoError
        If the copy does not say what it was, or some of its rows were never on record here: it is
        a copy of another or of a later project, or rows were changed here without a record.

    Examples
    --------
    >>> import tempfile
    >>> import kcngeo as kcn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kcn.io.write_project(kcn.examples.squares(), f"{folder}/squares.gpkg")
    ...     project = kcn.io.read_project(f"{folder}/squares.gpkg")
    >>> len(ancestor(project, project.taken).parcels)
    10
    """
    if taken is None:
        raise KcngeoError("update_no_ancestor")
    found: dict[str, Any] = {}
    strange: list[str] = []
    for name, frame in theirs.tables():
        whole = validate(frame, name, errors="collect")[0]
        rows = whole.reset_index(drop=True)
        numbers = np.frombuffer(taken.rows.get(name, b""), dtype="<u8")
        held, missing = _found(rows, numbers)
        kept = rows.iloc[held].drop(columns="superseded_at", errors="ignore")
        found[name] = kept.reset_index(drop=True)
        note_rows(found[name], name, of=whole)
        if missing:
            strange.append(_told_missing(name, missing, rows, held))
    lost = sorted(set(taken.rows) - set(found))
    strange += [f"{name} ({len(taken.rows[name]) // 8})" for name in lost if taken.rows[name]]
    if strange:
        raise KcngeoError("update_other_ancestor", tables="; ".join(strange))
    return Project(**found, dataset_id=theirs.dataset_id, commit=theirs.commit)


def _found(rows: pd.DataFrame, numbers: NDArray[np.uint64]) -> tuple[Ints, int]:
    """Find rows by their numbers, those on record first; and count those that are not there."""
    order = np.argsort(~rows.index.isin(as_known(rows).index), kind="stable")
    held = pd.DataFrame({"number": row_digests(rows)[order], "row": order})
    asked = pd.DataFrame({"number": numbers.astype("uint64")})
    # The same row twice is two rows.
    for one in (held, asked):
        one["nth"] = one.groupby("number").cumcount()
    both = asked.merge(held, on=["number", "nth"], how="left")["row"]
    return np.sort(both.dropna().to_numpy(dtype="int64")), int(both.isna().sum())


def _told_missing(name: str, missing: int, rows: pd.DataFrame, held: Ints) -> str:
    """Name the rows here that the copy does not know, which may be what became of its own."""
    others = np.setdiff1d(np.flatnonzero(rows.index.isin(as_known(rows).index)), held)
    ids = ids_of(rows, others[:_MOST_NAMED], TABLES[name])
    return f"{name} ({missing}{': ' + ', '.join(ids) if ids else ''})"


def require_copy(theirs: Project, copy: Project | WorkbookRead, tables: Collection[str]) -> None:
    """Refuse a copy of another project, of a later state of this one, or of half of its tables."""
    # A file of before there were ids leaves the proof to the rows.
    if theirs.dataset_id is not None and copy.dataset_id is not None:
        if copy.dataset_id != theirs.dataset_id:
            raise KcngeoError(
                "update_other_project", copy=copy.dataset_id, project=theirs.dataset_id
            )
        if copy.commit > theirs.commit:
            raise KcngeoError("update_later", copy=copy.commit, project=theirs.commit)
    if copy.taken is None:
        raise KcngeoError("update_no_ancestor")
    lost = sorted(name for name, rows in copy.taken.rows.items() if rows and name not in tables)
    if lost:
        raise KcngeoError("update_half", tables=lost)


def require_same_ids(first: Difference) -> None:
    """Refuse a copy in which rows have another id than they had when it left."""
    told = []
    for table, column in _IDS.items():
        edits = first.edits[first.edits["table"] == table]
        if edits.empty or column not in first.new[table].columns:
            continue
        was = validate(dict(first.old.tables())[table], table, errors="collect")[0]
        told += [f"{table} ({one})" for one in _renamed(was, first.new[table], edits, column)]
    if told:
        raise KcngeoError("update_ids", rows=told)


def _renamed(was: Any, new: Any, edits: pd.DataFrame, column: str) -> list[str]:
    """Say which rows left under one id and come back under another."""
    if column not in was.columns:
        return []
    exchanged = edits["columns"].str.split("|").map(len) >= _EXCHANGED
    exchanged |= edits["columns"].str.contains("geometry")
    sides = []
    for frame, place, alone in ((was, "old_row", "removed"), (new, "new_row", "added")):
        rows = edits.loc[exchanged | (edits["kind"] == alone), place].dropna().astype("int64")
        part = frame.iloc[rows.to_numpy()]
        said = pd.DataFrame({"row": row_digests(part.drop(columns=column))})
        sides.append(said.assign(id=part[column].astype("object").to_numpy()))
    both = sides[0].merge(sides[1], on="row", suffixes=("", "_now"))
    both = both[(both["row"] != 0) & both["id_now"].notna() & (both["id"] != both["id_now"])]
    pairs = both[["id", "id_now"]].drop_duplicates().sort_values(["id", "id_now"])
    return [f"{one} → {other}" for one, other in pairs.itertuples(index=False, name=None)]
