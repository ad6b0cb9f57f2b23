"""What is known of every zone on the day of a forecast: its history, and the land to come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.forecast.simulation import (
    TOLERANCE_HA,
    Futures,
    LeaseHistory,
    Supply,
    simulate,
)
from kcngeo.core.dates import ALWAYS, Day, day, day_number
from kcngeo.core.errors import ContractError
from kcngeo.core.geometry import areas_m2, require_measured
from kcngeo.core.model import finding
from kcngeo.core.units import hectares, whole_mm2
from kcngeo.core.validation import as_known, distinct, row_names
from kcngeo.fill import Book, geometry_problems, zone_days
from kcngeo.ledger import MEMOS, PARTS, SHARE_TOLERANCE
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """What is known of all zones on the day of the forecast.

    Attributes
    ----------
    on
        The day, as a day number.
    definition
        The definition of past and future rates.
    zone_ids
        All zones, sorted, whether they count on the day or not.
    let_of_base_ha
        By zone, numerator and denominator of the definition on the day, in hectares; zones that do
        not count are absent.
    uncleared_ha
        By zone, what can still become lettable by clearance.
    histories
        By zone, its let and lettable land up to the day.
    supplies
        By zone, the land to come; absent where there is none.
    """

    on: int
    definition: FillDefinition
    zone_ids: tuple[str, ...]
    let_of_base_ha: dict[str, tuple[float, float]]
    uncleared_ha: dict[str, float]
    histories: dict[str, LeaseHistory]
    supplies: dict[str, Supply]

    @classmethod
    def of(
        cls,
        zones: gpd.GeoDataFrame,
        parcels: gpd.GeoDataFrame,
        ledger: pd.DataFrame,
        *,
        on: Day,
        definition: str | None = None,
        known_at: Any = None,
        area: str = "grid",
        supply: pd.DataFrame | None = None,
        since: Day | None = None,
    ) -> Outlook:
        """Read the tables.

        Parameters
        ----------
        zones
            Zones, with their dates.
        parcels
            Parcel versions, same CRS.
        ledger
            Entries.
        on
            The day of the forecast.
        definition
            See :func:`kcngeo.analysis.forecast.fill_date`, here and below.
        known_at
            As known at this time.
        area
            "grid", "ellipsoid" or "certificate".
        supply
            Land to come.
        since
            First day of the history.

        Returns
        -------
        Outlook
            What is known.

        Raises
        ------
        CRSError
            If the layers disagree in CRS or it misstates areas.
        ContractError
            If tables break their contract or contradict each other, or an area is missing.
        """
        book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by="zone_id")
        used = fill_definition(definition, on=on)
        date, number = pd.DatetimeIndex([day(on)], name="on"), day_number(on)
        zone_ids = tuple(str(zone_id) for zone_id in book.zone_ids)
        account, _ = book.totals(date, replace(used, base="leasable"))
        # Land let before it was cleared becomes no land to let when it is.
        uncleared = (
            account["uncleared_ha"] + account["uncleared_held_ha"] - account["leased_uncleared_ha"]
        )
        rates = book.rates(date, used.name).droplevel("on")
        pairs = zip(rates["leased_ha"].tolist(), rates["base_ha"].tolist(), strict=True)
        first = ALWAYS if since is None else day_number(since, name="since")
        known = None if supply is None else as_known(supply, known_at)
        return cls(
            on=number,
            definition=used,
            zone_ids=zone_ids,
            let_of_base_ha=dict(zip(rates.index, pairs, strict=True)),
            uncleared_ha=dict(zip(zone_ids, hectares(uncleared[:, 0]).tolist(), strict=True)),
            histories=_histories(book, used, first=first, until=number),
            supplies={} if known is None else _supplies(known, zone_ids, number),
        )

    def supply(self, zone_id: str) -> Supply:
        """Give what becomes lettable in a zone.

        Parameters
        ----------
        zone_id
            The zone.

        Returns
        -------
        Supply
            The land to come.
        """
        return self.supplies.get(zone_id, Supply())

    def reason(self, zone_id: str) -> str:
        """Say why a zone cannot be forecast.

        Parameters
        ----------
        zone_id
            The zone.

        Returns
        -------
        str
            A key of the texts ``forecast``, or nothing.
        """
        if zone_id not in self.let_of_base_ha:
            return "not_counted"
        if not self.let_of_base_ha[zone_id][1] > 0:
            return "nothing_leasable"
        limit_ha = self.uncleared_ha[zone_id] * SHARE_TOLERANCE + TOLERANCE_HA
        if self.supply(zone_id).total_ha > limit_ha:
            return "supply_exceeds"
        return self.histories[zone_id].shortfall()

    def futures(self, zone_id: str, *, seed: int, **asked: Any) -> Futures:
        """Draw the futures of a zone; they depend on its id, never on the zones beside it.

        Parameters
        ----------
        zone_id
            The zone.
        seed
            Seed of the forecast.
        **asked
            What is asked of :func:`kcngeo.analysis.forecast.simulate`.

        Returns
        -------
        Futures
            The futures.
        """
        name = np.frombuffer(hashlib.sha256(zone_id.encode()).digest(), dtype="<u4")
        random = np.random.default_rng([seed, *name.tolist()])
        supply = self.supply(zone_id)
        return simulate(self.histories[zone_id], random=random, supply=supply, **asked)


def _histories(
    book: Book, definition: FillDefinition, *, first: int, until: int
) -> dict[str, LeaseHistory]:
    """Give the let and lettable land of every zone as steps, from its first day to the last."""
    start, end, zone, leased, lettable = _stretches(book, definition, until=until)
    begin = np.maximum(_first_days(book, start, zone, until=until), first)
    begin = np.minimum(begin, until)
    # A row comes on its first day, leaves on its last, and what came before is there at first.
    size = len(begin)
    group = np.concatenate([zone, zone, np.arange(size)])
    days = np.maximum(np.concatenate([start, end, begin]), begin[group])
    live = days <= until
    weights = [
        np.concatenate([value, -value, np.zeros(size)])[live] for value in (leased, lettable)
    ]
    order = np.lexsort((days[live], group[live]))
    group, days = group[live][order], days[live][order]
    new = np.ones(len(days), dtype=bool)
    new[1:] = (group[1:] != group[:-1]) | (days[1:] != days[:-1])
    step = np.cumsum(new) - 1
    sums = [np.bincount(step, weights=value[order]) for value in weights]
    group, days = group[new], days[new]
    edges = np.searchsorted(group, np.arange(size + 1))
    return {
        str(zone_id): LeaseHistory(
            day=days[low:high],
            leased_ha=hectares(sums[0][low:high].cumsum()),
            lettable_ha=hectares(sums[1][low:high].cumsum()),
            end=until,
        )
        for zone_id, low, high in zip(book.zone_ids, edges[:-1], edges[1:], strict=True)
    }


def _stretches(
    book: Book, definition: FillDefinition, *, until: int
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """List when each piece of land adds what to the let and the lettable land of its zone."""
    tables, held = book.tables, book.held
    uses = [str(use) for use in definition.uses]
    counted = tables.parcels["land_use"].isin(uses).to_numpy() & (tables.start <= until)
    broken = np.flatnonzero(counted & book.broken)
    if len(broken):
        raise ContractError(geometry_problems(tables.parcels.iloc[broken]))
    rows = np.flatnonzero(counted)
    some = tables.parcels.iloc[rows]
    area_m2 = areas_m2(some, basis=book.area, certificate="certificate_area_m2")
    require_measured(some, area_m2, table="parcels", column="certificate_area_m2", key="parcel_id")
    whole = np.zeros(len(counted))
    whole[rows] = whole_mm2(area_m2)
    part = np.flatnonzero(counted[held.version] & (held.start <= until))
    version = held.version[part]
    amount = np.rint(held.upper[part] * whole[version]) - np.rint(held.lower[part] * whole[version])
    names = (*PARTS, *MEMOS)
    on_cleared = -1.0 if definition.base == "cleared" else 0.0
    leased = {"leased": 1.0, "leased_uncleared": on_cleared}
    # Lettable: all land less what is let, repurposed or uncleared, whoever holds the latter.
    taken = dict.fromkeys(("leased", "repurposed", "uncleared", "uncleared_held"), -1.0)
    taken["leased_uncleared"] = 1.0
    of_leased, of_lettable = (
        np.array([weight.get(name, 0.0) for name in names])[held.part[part]]
        for weight in (leased, taken)
    )
    return (
        np.concatenate([tables.start[rows], held.start[part]]),
        np.concatenate([tables.end[rows], held.end[part]]),
        np.concatenate([book.group[rows], book.group[version]]),
        np.concatenate([np.zeros(len(rows)), of_leased * amount]),
        np.concatenate([whole[rows], of_lettable * amount]),
    )


def _first_days(book: Book, start: Ints, zone: Ints, *, until: int) -> Ints:
    """Find the day each zone was established or, where that is unknown, first mentioned."""
    size = len(book.zone_ids)
    begin, finish = zone_days(book.zones)
    real = begin < finish
    of_version = np.searchsorted(book.zone_ids, book.zones["zone_id"].to_numpy(dtype=object))
    established = np.full(size, until, dtype="int64")
    np.minimum.at(established, of_version[real], begin[real])
    mentioned = np.full(size, until, dtype="int64")
    dated = start > ALWAYS
    np.minimum.at(mentioned, zone[dated], start[dated])
    return np.where(established > ALWAYS, established, mentioned)


def _supplies(supply: pd.DataFrame, zone_ids: tuple[str, ...], on: int) -> dict[str, Supply]:
    """Check the schedule of land to come and give each zone its part."""
    absent = [name for name in ("zone_id", "on", "area_ha") if name not in supply.columns]
    if absent:
        raise ContractError([finding("missing_columns", "supply", columns=absent)])
    text = supply["on"].dtype in ("object", "str")
    dates = pd.to_datetime(supply["on"], errors="coerce", format="ISO8601" if text else None)
    area_ha = pd.to_numeric(supply["area_ha"], errors="coerce").to_numpy(dtype="float64")
    strange = ~supply["zone_id"].isin(zone_ids).to_numpy()
    zones = distinct(supply["zone_id"][strange])
    checks = (
        ("unknown_zone", strange, {"zones": zones}),
        ("not_date", dates.isna().to_numpy(), {"column": "on"}),
        ("not_number", ~np.isfinite(area_ha), {"column": "area_ha"}),
        ("negative", area_ha < 0, {"column": "area_ha"}),
    )
    problems = [
        finding(rule, "supply", ids=row_names(supply, np.flatnonzero(bad)), **fields)
        for rule, bad, fields in checks
        if bad.any()
    ]
    if problems:
        raise ContractError(problems)
    days = dates.to_numpy(dtype="datetime64[D]").astype("int64") - on
    zone = supply["zone_id"].to_numpy(dtype=object)
    order = np.lexsort((area_ha, days))
    order = order[days[order] > 0]
    return {
        zone_id: Supply(days=days[rows], area_ha=area_ha[rows])
        for zone_id in distinct(zone)
        if len(rows := order[zone[order] == zone_id])
    }
