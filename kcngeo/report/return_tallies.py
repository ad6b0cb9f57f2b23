"""What every figure of the official return is made of: the rows of tables it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from kcngeo.report.return_events import event_tally, plan_tally, stated_tally
from kcngeo.report.return_rows import FAULT, Row, lacking, laid_out, wanting

if TYPE_CHECKING:
    from kcngeo.report.return_books import Books
    from kcngeo.standards import FormColumn

Tally = Callable[["Books", "FormColumn"], list[Row]]


# ---- investors, from abroad and at home ---------------------------------------------------------
def _of_projects(
    books: Books, rows: pd.DataFrame, value: Any = 1.0, lacks: Any = None
) -> list[Row]:
    """Tally projects; one without a day of licence may or may not be among them."""
    if not books.has("projects"):
        return [lacking("projects")]
    undated = rows["licensed_on"].isna()
    why = pd.Series(lacks, index=rows.index, dtype="str").mask(undated, "projects.licensed_on")
    why = why.mask(rows["is_doubled"], "projects.project_id")
    return laid_out(rows, table="projects", key="project_id", value=value, lacks=why)


def _new(books: Books) -> pd.DataFrame:
    rows = books.projects
    return rows[books.within(rows["licensed_on"]) | rows["licensed_on"].isna()]


def _in_currency(
    books: Books, rows: pd.DataFrame, currency: str, lacks: pd.Series
) -> tuple[pd.DataFrame, pd.Series]:
    """Keep the amounts of a currency, and those nobody can add to any of the form's."""
    strange = ~rows["currency"].isin(books.forms.currencies)
    kept = (rows["currency"] == currency) | strange
    return rows[kept], lacks.mask(strange, "projects.currency")[kept]


def _new_capital(books: Books, column: FormColumn) -> list[Row]:
    rows = _new(books)
    # What was raised since the licence stands by itself.
    value, lacks = books.registered(rows, rows["licensed_on"] - pd.Timedelta(days=1))
    kept, why = _in_currency(books, rows, column.currency, lacks)
    return _of_projects(books, kept, value[kept.index], why)


def _registered(books: Books, column: FormColumn) -> list[Row]:
    rows = books.in_force
    value, lacks = books.registered(rows, books.end)
    kept, why = _in_currency(books, rows, column.currency, lacks)
    return _of_projects(books, kept, value[kept.index], why)


def _changed(books: Books, column: FormColumn, *, kind: str) -> list[Row]:
    """Tally the projects whose capital was raised or cut, or whose licence was revoked."""
    if not books.has("project_changes"):
        return [lacking("project_changes")]
    rows = books.changes[(books.changes["kind"] == kind) & books.within(books.changes["on"])]
    rows = rows.reset_index(drop=True)
    # The same change twice is a slip, or two changes of one day: the table must say which.
    twice = wanting(rows["is_doubled"], "project_changes.on")
    if not column.currency:
        rows = rows.drop_duplicates("project_id")
        return laid_out(rows, table="project_changes", key="project_id", lacks=twice[rows.index])
    value = rows["capital"]
    lacks = twice.fillna(wanting(value.isna(), "project_changes.capital"))
    if kind == "revoked":
        known = books.projects.set_index("project_id")
        whole = known.reindex(rows["project_id"]).reset_index().set_index(rows.index)
        standing, why = books.registered(whole, rows["on"])
        # All that stood registered goes, where no amount is said.
        lacks = lacks.where(value.notna() | rows["is_doubled"], why)
        value = value.fillna(standing)
    kept, why = _in_currency(books, rows, column.currency, lacks)
    return laid_out(
        kept, table="project_changes", key="project_id", value=value[kept.index], lacks=why
    )


def _in_force(books: Books, _: FormColumn) -> list[Row]:
    return _of_projects(books, books.in_force)


def _producing(books: Books, _: FormColumn) -> list[Row]:
    rows = books.in_force
    return _of_projects(books, rows[rows["operating_on"] <= books.end])


def _reported(
    books: Books, *, of: str, producing: bool = False, otherwise: str = ""
) -> pd.DataFrame:
    """Lay what projects reported of the quarter beside the projects that should have."""
    expected = books.in_force
    if producing:
        expected = expected[expected["operating_on"] <= books.end]
    others = books.periods.index.difference(pd.Index(expected["project_id"]))
    told = books.projects.set_index("project_id")
    more = told.reindex(others).rename_axis("project_id").reset_index()
    rows = pd.concat([expected, more[books.periods[of].reindex(others).notna().to_numpy()]])
    rows = rows.reset_index(drop=True)
    own = books.periods[of].reindex(rows["project_id"])
    value = pd.Series(own.to_numpy(), index=rows.index, dtype="float64")
    table = pd.Series("project_periods", index=rows.index, dtype="str")
    if otherwise:
        table = table.mask(value.isna() & rows[otherwise].notna(), "projects")
        value = value.fillna(rows[otherwise])
    lacks = wanting(value.isna(), f"project_periods.{of}")
    lacks = lacks.mask(rows["is_doubled"].eq(True), "projects.project_id")
    return rows.assign(table=table, value=value, lacks=lacks)


def _flow(books: Books, column: FormColumn) -> list[Row]:
    if not books.has("projects"):
        return [lacking("projects")]
    rows = _reported(books, of=column.item, producing=True)
    return laid_out(
        rows, key="project_id", table=rows["table"], value=rows["value"], lacks=rows["lacks"]
    )


def _realised(books: Books, column: FormColumn) -> list[Row]:
    if not books.has("projects"):
        return [lacking("projects")]
    rows = _reported(books, of="implemented_capital", otherwise="implemented_capital")
    kept, why = _in_currency(books, rows, column.currency, rows["lacks"])
    return laid_out(kept, key="project_id", table=kept["table"], value=kept["value"], lacks=why)


def _workers(books: Books, column: FormColumn) -> list[Row]:
    if not books.has("projects"):
        return [lacking("projects")]
    foreign = _reported(books, of="foreign_workers")
    if column.item == "foreign_workers":
        rows = foreign
    else:
        # Who reports no number has the one on record of the project.
        rows = _reported(books, of="workers", otherwise="workers")
    if column.item == "vietnamese_workers":
        both = foreign.set_index("project_id").reindex(rows["project_id"])
        rows["value"] = rows["value"] - both["value"].to_numpy()
        rows["lacks"] = rows["lacks"].where(rows["lacks"].notna(), both["lacks"].to_numpy())
    return laid_out(
        rows, key="project_id", table=rows["table"], value=rows["value"], lacks=rows["lacks"]
    )


def _let(books: Books, column: FormColumn) -> list[Row]:
    """Tally land let and recovered: what a project holds more, or less, in a zone."""
    rows = books.let_moves
    if column.item == "let_ha":
        rows = rows[~(rows["value"] < 0)]
    elif column.item == "recovered_ha":
        rows = rows[~(rows["value"] > 0)].assign(value=-rows["value"])
    known = books.projects.set_index("project_id")["origin"]
    rows = rows.assign(origin=known.reindex(rows["project_id"]).to_numpy(dtype=object))
    lacks = wanting(rows["value"].isna(), "declared_accounts.leased_ha")
    made = laid_out(rows, key="id", table=rows["table"], value=rows["value"], lacks=lacks)
    return [
        # Where nobody knows whose land it is, the ledger would say.
        *(row | {"unknown": "ledger.project_id"} for row in made),
        *(lacking(FAULT, zone_id=zone_id) for zone_id in books.snapshot.apart),
    ]


# ---- zones --------------------------------------------------------------------------------------
_UNKNOWN = {"declared_without_leased": "declared_accounts.leased_ha"}


def _land(books: Books, column: FormColumn) -> list[Row]:
    """Tally the land of zones; a zone of which nothing is published is in no total."""
    rows = books.land[column.item]
    rates = books.rates
    stated = rates[(rates["source"] == "declared") & rates["reason"].isna()].rename_axis("zone_id")
    given = stated.reset_index().assign(origin=stated.index)
    value, table = given[column.item], "declared_accounts"
    made = [
        *laid_out(rows, key="id", table=rows["table"], value=rows["value"]),
        *laid_out(given, key="zone_id", table=table, value=value, stated=True),
    ]
    for zone_id, row in rates[rates["leased_ha"].isna() | rates["reason"].notna()].iterrows():
        is_unpublished = isinstance(row["reason"], str)
        lacks = (
            _UNKNOWN.get(row["reason"], "declared_accounts.base_ha") if is_unpublished else FAULT
        )
        made.append(lacking(lacks, group=zone_id, zone_id=zone_id, left_out=is_unpublished))
    # A zone without leasable land, or without leases, has no rows and no hectares.
    rest = set(rates.index) - {row["group"] for row in made}
    return [*made, *(lacking(None, group=one, value=0.0) for one in sorted(rest))]


def _operating(books: Books, _: FormColumn) -> list[Row]:
    """Say of every zone whether a project on its land operates."""
    leases = books.leases(books.end).merge(
        books.projects[["project_id", "operating_on"]],
        on="project_id",
        how="left",
    )
    running = leases[leases["operating_on"] <= books.end].drop_duplicates(["zone_id", "project_id"])
    running = running.assign(origin=running["zone_id"])
    made = laid_out(running, key="project_id", table="projects", said="yes")
    named = set(books.projects["project_id"])
    for zone_id in books.rates.index.difference(pd.Index(running["zone_id"])):
        mine = leases[leases["zone_id"] == zone_id]
        is_known = books.rates["source"].get(zone_id) == "measured" and books.has("projects")
        lacks = None if is_known and mine["project_id"].isin(named).all() else "ledger.project_id"
        if zone_id in books.snapshot.apart:
            lacks = FAULT
        made.append(lacking(lacks, group=zone_id, said=None if lacks else "no"))
    return made


def _handed_over(books: Books, _: FormColumn) -> list[Row]:
    """Tally the cleared land that was handed over by the end of the quarter."""
    if not books.has("clearance"):
        return [lacking("clearance", group=one) for one in books.rates.index]
    rows = pd.DataFrame(books.snapshot.table("clearance")).reset_index(drop=True)
    wanted = ["clearance_id", "zone_id", "parcel_id", "area_ha", "handed_over_on"]
    rows = rows.reindex(columns=wanted)
    owners = books.snapshot.owners.drop_duplicates("parcel_id").set_index("parcel_id")["zone_id"]
    by_parcel = owners.reindex(rows["parcel_id"]).to_numpy(dtype=object)
    rows["origin"] = rows["zone_id"].where(rows["zone_id"].notna(), by_parcel)
    done = rows[rows["handed_over_on"].astype("datetime64[s]") <= books.end]
    area_ha = done["area_ha"].astype("float64")
    lacks = wanting(area_ha.isna(), "clearance.area_ha")
    made = laid_out(done, key="clearance_id", table="clearance", value=area_ha, lacks=lacks)
    for zone_id in books.rates.index.difference(pd.Index(done["origin"].dropna())):
        is_known = (rows["origin"] == zone_id).any()
        made.append(lacking(None if is_known else "clearance", group=zone_id, value=0.0))
    return made


RATIOS: Mapping[str, tuple[str, str]] = {"fill_rate": ("leased_ha", "base_ha")}
"""Figures that divide one tally by another: their total is the ratio of sums."""

TALLIES: Mapping[str, Mapping[str, Tally]] = {
    "origins": {
        "new_projects": lambda books, _: _of_projects(books, _new(books)),
        "new_capital": _new_capital,
        **{
            f"{kind}_{of}": partial(_changed, kind=kind)
            for kind in ("raised", "cut", "revoked")
            for of in ("projects", "capital")
        },
        **dict.fromkeys(("let_ha", "recovered_ha", "let_change_ha"), _let),
        "valid_projects": _in_force,
        "producing_projects": _producing,
        "registered_capital": _registered,
        "realised_capital": _realised,
        **dict.fromkeys(("turnover", "export", "import", "budget"), _flow),
        **dict.fromkeys(("workers", "vietnamese_workers", "foreign_workers"), _workers),
    },
    "zones": {
        **dict.fromkeys(("base_ha", "leased_ha"), _land),
        "operating": _operating,
        "handed_over_ha": _handed_over,
    },
    "events": dict.fromkeys(("event", "event_on", "area_before_ha", "area_after_ha"), event_tally),
    "plan": dict.fromkeys(("planned_ha", "approved_ha", "remaining_ha"), plan_tally),
}
"""What can be computed, by the lines of a form."""

__all__ = ["RATIOS", "TALLIES", "stated_tally"]
