"""Investors by zone, sector and origin: capital, workers, steps, and the land that is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.analysis.progress.period_reports import REPORTED, period_reports
from kcngeo.analysis.progress.project_rows import home_zones, project_rows
from kcngeo.core.dates import ALWAYS, OPEN, Day, covers_day, day, day_number, day_numbers
from kcngeo.core.model import Status
from kcngeo.fill import leases_on
from kcngeo.ledger import asked
from kcngeo.standards import fill_definition, sector_of

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

_STEPS = {
    "licensed": "licensed_on",
    "handed_over": "handed_over_on",
    "building": "building_on",
    "operating": "operating_on",
}
_DAYS = tuple(_STEPS.values())
_MONEY = ("registered_capital", "implemented_capital")
_CURRENCIES = ("vnd", "usd")
_KNOWN = ("sector", "origin", "workers", "currency", *_MONEY)
INVESTOR_KEYS = ("zone_id", "sector", "origin")
"""By what investors are told."""
INVESTOR_SUMS = (
    *("projects_count", "leased_ha", "building_ha", "operating_ha"),
    *("registered_vnd", "implemented_vnd", "registered_usd", "implemented_usd"),
    *("capital_unknown_count", "workers_count", "workers_unknown_count"),
    *(f"{step}_count" for step in _STEPS),
    *("output_vnd", "output_unknown_count", "wages_vnd", "wages_unknown_count"),
)
"""Figures of investors; those of several rows may be added."""


def investor_figures(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Tell, by zone, sector and origin, what investors have put in, and how far they have come.

    Projects count to which a lot, a part of one, a workshop or an office is let on the day, each
    once: in the zone where it holds most land, else where its first entry lies. Hectares count
    where they lie, those of the land account. Dongs and dollars stand apart and are never added; a
    project without a figure, or with one in another currency, is counted beside the sum, which is
    then of the others. Capital and workers are what the table says today, whatever the day. Land
    let to nobody the table knows stands under "unknown".

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The reporting date.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By ``zone_id``, ``sector`` (short names of :class:`kcngeo.standards.Sector`, "other" where
        no word of the registry names it, "unknown" where none is written) and ``origin``
        ("unknown" where none is): :data:`INVESTOR_SUMS`. ``registered_…`` and ``implemented_…`` in
        dongs or dollars, ``capital_unknown_count`` of projects that lack either; ``…_count`` of
        projects that have come so far by the day, ``building_ha`` and ``operating_ha`` their land;
        ``output_vnd`` and ``wages_vnd`` as reported of the last quarter that was over and that any
        project reported of, beside the number of projects that did not.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the project has no table of projects.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> found = investor_figures(kcn.examples.squares(), on="2018-03-31")
    >>> found.groupby("sector")["leased_ha"].sum().to_dict()
    {'coffee': 0.5, 'other': 0.0, 'tea': 1.0, 'textile': 1.0}
    """
    date = day(on)
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name)
    known = project_rows(snapshot, _KNOWN, days=_DAYS, needed=True)
    known = known.assign(
        sector=[_sector(text, on) for text in known["sector"]],
        origin=known["origin"].astype("str").fillna("unknown"),
    ).set_index("project_id")
    leases = leases_on(snapshot, on=on, definition=definition, area=area)
    land = _land(leases, known, date)
    _, reported = period_reports(snapshot, on=on)
    counts = _counts(_homes(snapshot, leases, on), known.join(reported), date)
    both = pd.concat([land, counts]).reindex(columns=list(INVESTOR_SUMS)).fillna(0.0)
    sums = both.groupby(level=list(INVESTOR_KEYS)).sum()
    whole = [name for name in INVESTOR_SUMS if name.endswith("_count")]
    return sums.astype(dict.fromkeys(whole, "int64"))


def _sector(text: object, on: Day) -> str:
    if not isinstance(text, str) or not text.strip():
        return "unknown"
    return sector_of(text, on=on) or "other"


def _land(leases: pd.DataFrame, known: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Give the let land where it lies, with what of it is built on and runs."""
    rows = leases[["zone_id", "project_id", "leased_ha"]]
    if len(rows):
        rows = rows.join(known, on="project_id")
    else:
        # Of two tables without a row Arrow joins nothing.
        rows = rows.assign(**{str(one): pd.Series(dtype=known[one].dtype) for one in known})
    runs = rows["operating_on"] <= date
    builds = (rows["building_on"] <= date) | runs
    rows = rows.assign(
        building_ha=rows["leased_ha"].where(builds, 0.0),
        operating_ha=rows["leased_ha"].where(runs, 0.0),
        sector=rows["sector"].astype("str").fillna("unknown"),
        origin=rows["origin"].astype("str").fillna("unknown"),
    )
    return rows.set_index(list(INVESTOR_KEYS))[["leased_ha", "building_ha", "operating_ha"]]


def _homes(snapshot: Snapshot, leases: pd.DataFrame, on: Day) -> pd.Series:
    """Give the zone where each project counts: where it holds most, else where it rents."""
    ledger, size = snapshot.ledger, len(snapshot.ledger)
    start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=size)
    end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=size)
    holds = covers_day(start, end, day_number(on)) & (ledger["status"] == Status.LEASED).to_numpy()
    rented = ledger.loc[holds].reindex(columns=["parcel_id", "project_id"]).dropna()
    lots = snapshot.parcels[snapshot.in_force(on)].set_index("parcel_id")["zone_id"]
    rented = rented.assign(zone_id=rented["parcel_id"].map(lots), leased_ha=0.0)
    columns = ["project_id", "zone_id", "leased_ha"]
    return home_zones(pd.concat([leases[columns], rented[columns].dropna()]))


def _counts(homes: pd.Series, known: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Give what each project counts for, in its zone."""
    rows = known.join(homes.rename("zone_id"), how="inner")
    money = {name: rows[name].astype("float64") for name in _MONEY}
    currency = rows["currency"].astype("str").str.casefold()
    made: dict[str, pd.Series] = {
        "projects_count": pd.Series(1.0, rows.index),
        "capital_unknown_count": pd.concat(money, axis=1).isna().any(axis=1)
        | ~currency.isin(_CURRENCIES),
        "workers_count": rows["workers"].astype("float64").fillna(0.0),
        "workers_unknown_count": rows["workers"].isna(),
    }
    for unit in _CURRENCIES:
        for name, values in money.items():
            column = f"{name.removesuffix('_capital')}_{unit}"
            made[column] = values.where(currency == unit, 0.0).fillna(0.0)
    for name in REPORTED:
        made[name] = rows[name].fillna(0.0)
        made[f"{name.removesuffix('_vnd')}_unknown_count"] = rows[name].isna()
    reached = {step: rows[column] <= date for step, column in _STEPS.items()}
    # Who operates has built, whatever day is missing.
    reached["building"] |= reached["operating"]
    made |= {f"{step}_count": done for step, done in reached.items()}
    columns = {name: np.asarray(one, dtype="float64") for name, one in made.items()}
    keys = pd.MultiIndex.from_frame(rows[list(INVESTOR_KEYS)])
    return pd.DataFrame(columns, index=keys)
