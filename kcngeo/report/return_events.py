"""What the official return says of zones as they were entered: plan, decisions, changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.core.dates import is_in_force
from kcngeo.report.return_rows import Row, laid_out, wanting

if TYPE_CHECKING:
    from kcngeo.report.return_books import Books
    from kcngeo.standards import FormColumn


def event_tally(books: Books, column: FormColumn) -> list[Row]:
    """Tally what happened to a zone, when, and its area before and after."""
    rows = books.events
    if column.item == "event":
        return _entered(rows, said=rows["event"])
    if column.item == "event_on":
        return _entered(rows, said=rows["event_on"].dt.strftime("%Y-%m-%d"))
    value = rows[column.item]
    lacks = wanting(value.isna(), "zones.approved_area_ha")
    return _entered(rows, value=value, lacks=lacks)


def plan_tally(books: Books, column: FormColumn) -> list[Row]:
    """Tally the area a zone has in the plan, how much is established, and what remains."""
    rows = books.planned
    # What is approved for a zone that is not established is its area in the plan.
    whole = rows["planned_area_ha"].fillna(rows["approved_area_ha"].mask(rows["is_there"]))
    there = rows["approved_area_ha"].where(rows["is_there"], 0.0)
    lacks = {
        "planned_ha": wanting(whole.isna(), "zones.planned_area_ha"),
        "approved_ha": wanting(there.isna(), "zones.approved_area_ha"),
    }
    lacks["remaining_ha"] = lacks["planned_ha"].fillna(lacks["approved_ha"])
    value = {"planned_ha": whole, "approved_ha": there, "remaining_ha": whole - there}[column.item]
    # What remains is a difference; an area that is entered stands as it is.
    is_stated = column.item != "remaining_ha"
    return _entered(rows, value=value, lacks=lacks[column.item], stated=is_stated)


def stated_tally(books: Books, item: str, *, lines: str) -> list[Row]:
    """Tally a column of the zones as it was entered; a document by its number and day."""
    name = item.removeprefix("zones.")
    if lines == "events":
        rows = books.events
    else:
        rows = books.zones
        rows = rows[is_in_force(rows, books.end)].assign(line=rows["zone_id"])
    values = rows[name] if name in rows.columns else pd.Series(None, index=rows.index, dtype="str")
    if pd.api.types.is_numeric_dtype(values.dtype):
        lacks = wanting(values.isna(), item)
        return _entered(rows, value=values.astype("float64"), lacks=lacks)
    said = values.astype("str").where(values.astype("str").str.strip() != "")
    lacks = wanting(said.isna(), item)
    return _entered(rows, said=_documents(books, said), lacks=lacks)


def _documents(books: Books, said: pd.Series) -> pd.Series:
    """Write the number and day of documents in the place of their ids."""
    table = books.snapshot.table("documents")
    if table is None:
        return said
    rows = pd.DataFrame(table).drop_duplicates("document_id").set_index("document_id")
    rows = rows.reindex(columns=["number", "signed_on"])
    signed = rows["signed_on"].astype("datetime64[s]").dt.strftime("%d/%m/%Y")
    number = rows["number"].astype("str")
    words = number.where(signed.isna(), number + ", " + signed)
    return said.where(~said.isin(words.dropna().index), said.map(words))


def _entered(rows: pd.DataFrame, *, stated: bool = True, **more: Any) -> list[Row]:
    rows = rows.assign(origin=rows["line"])
    return laid_out(rows, key="zone_id", table="zones", stated=stated, **more)
