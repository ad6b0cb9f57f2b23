"""What is known of every zone on the day of a forecast: its history, and the land to come."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.analysis.forecast.definition_weights import Counted, base_growth, counted
from kcngeo.analysis.forecast.lease_history import TOLERANCE_HA, LeaseHistory
from kcngeo.analysis.forecast.simulation import Futures, Supply, simulate
from kcngeo.core.dates import ALWAYS, Day, day, day_number
from kcngeo.core.errors import ContractError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.units import hectares
from kcngeo.core.validation import distinct, refuse_moments, row_names
from kcngeo.fill import ITEMS, Accounts, part_mm2
from kcngeo.ledger import MEMO_ITEMS, PARTS, SHARE_TOLERANCE, asked
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

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
    apart
        Those at fault at any time that matters: nothing is known of them.
    without_parcels
        Those without a parcel in force on the day: what a board declares of them is no history.
    let
        The let land the definition counts; None if it cannot be followed.
    let_of_base_ha
        By zone, numerator and denominator of the definition on the day, in hectares; zones that do
        not count are absent.
    uncleared_ha
        By zone, what can still become lettable by clearance.
    growths
        By zone, hectares the base grows by for each that is cleared; None if the base does what a
        forecast cannot follow.
    histories
        By zone, its let and lettable land up to the day; none if the definition cannot be followed.
    supplies
        By zone, the land to come; absent where there is none.
    lessons
        By zone, the history that tells how fast and how much is let, where it is not its own.
    """

    on: int
    definition: FillDefinition
    zone_ids: tuple[str, ...]
    apart: tuple[str, ...]
    without_parcels: frozenset[str]
    let: Counted | None
    let_of_base_ha: dict[str, tuple[float, float]]
    uncleared_ha: dict[str, float]
    growths: dict[str, float | None]
    histories: dict[str, LeaseHistory]
    supplies: dict[str, Supply]
    lessons: dict[str, LeaseHistory]

    @classmethod
    def of(
        cls,
        project: Project | Snapshot,
        *,
        on: Day,
        definition: str | None = None,
        area: str = "grid",
        supply: pd.DataFrame | None = None,
        since: Day | None = None,
        learn_from: Project | Snapshot | None = None,
    ) -> Outlook:
        """Read the tables.

        Parameters
        ----------
        project
            The tables.
        on
            The day of the forecast.
        definition
            See :func:`kcngeo.analysis.forecast.fill_date`, here and below.
        area
            "grid", "ellipsoid" or "certificate".
        supply
            Land to come.
        since
            First day of the history.
        learn_from
            The tables without what is only supposed.

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
        KcngeoError
            If the supply still says who knew what when.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> outlook = Outlook.of(kcn.examples.squares(), on="2018-03-31")
        >>> outlook.zone_ids
        ('A', 'B')
        """
        used = fill_definition(definition, on=on)
        first = ALWAYS if since is None else day_number(since, name="since")
        # The history is asked too: a zone at fault in it would have learnt a wrong pace.
        begin = dt.date.min if since is None else since
        snapshot = asked(project, start=begin, end=on, area=area, definition=used.name)
        apart = snapshot.apart
        accounts = Accounts.of(snapshot, area=area)
        dates, number = pd.DatetimeIndex([day(on)], name="on"), day_number(on)
        zone_ids = tuple(sorted({*map(str, accounts.zone_ids), *apart}))
        supplies = {} if supply is None else _supplies(supply, zone_ids, number)
        let, counts = counted(used), accounts.counts(dates)[:, 0]
        names = [str(zone_id) for zone_id in accounts.zone_ids]
        fractions = zip(
            *(hectares(line[:, 0]) for line in accounts.fraction(dates, used)), strict=True
        )
        land_mm2 = accounts.sums(dates)[..., 0]  # (zones, uses, items)
        return cls(
            on=number,
            definition=used,
            zone_ids=zone_ids,
            apart=apart,
            without_parcels=frozenset(compress(names, ~accounts.measured(dates)[:, 0])),
            let=let,
            let_of_base_ha={
                zone_id: (float(leased), float(base))
                for zone_id, (leased, base), is_counted in zip(
                    names, fractions, counts, strict=True
                )
                if is_counted
            },
            uncleared_ha=dict(zip(names, _uncleared_ha(land_mm2, let), strict=True)),
            growths={
                zone_id: None
                if let is None
                else base_growth(used, let, land, supplied=zone_id in supplies)
                for zone_id, land in zip(names, land_mm2, strict=True)
            },
            histories={} if let is None else _histories(accounts, let, first=first, until=number),
            supplies=supplies,
            lessons={}
            if learn_from is None
            else cls.of(learn_from, on=on, definition=definition, area=area, since=since).histories,
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> outlook = Outlook.of(kcn.examples.squares(), on="2018-03-31")
        >>> outlook.supply("A").total_ha  # no schedule was given
        0.0
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

        Examples
        --------
        >>> import kcngeo as kcn
        >>> outlook = Outlook.of(kcn.examples.squares(), on="2018-03-31")
        >>> outlook.reason("A")  # three lettings make no pace
        'few_leases'
        """
        if zone_id in self.apart:
            return "at_fault"
        if zone_id not in self.let_of_base_ha:
            return "not_counted"
        if zone_id in self.without_parcels:
            return "no_parcels"
        if self.let is None:
            return "definition"
        base_ha = self.let_of_base_ha[zone_id][1]
        if not base_ha > 0:
            # More is let than there is: the rate is missing, and the warning has said so.
            return "at_fault" if np.isnan(base_ha) else "nothing_leasable"
        limit_ha = self.uncleared_ha[zone_id] * SHARE_TOLERANCE + TOLERANCE_HA
        if self.supply(zone_id).total_ha > limit_ha:
            return "supply_exceeds"
        return self.lesson(zone_id).shortfall()

    def lesson(self, zone_id: str) -> LeaseHistory:
        """Give the history that tells how fast and how much is let in a zone.

        Parameters
        ----------
        zone_id
            The zone.

        Returns
        -------
        LeaseHistory
            Its own, unless another was given.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> outlook = Outlook.of(kcn.examples.squares(), on="2018-03-31")
        >>> outlook.lesson("A") is outlook.histories["A"]
        True
        """
        return self.lessons.get(zone_id, self.histories[zone_id])

    def known_of(self, zone_id: str) -> tuple[Any, ...]:
        """Give all that the futures of a zone follow from, but for the seed and what is asked.

        Parameters
        ----------
        zone_id
            The zone.

        Returns
        -------
        tuple[Any, ...]
            Its id, what happened, what the pace is learnt from, and the land to come.
        """
        return zone_id, self.histories[zone_id], self.lesson(zone_id), self.supply(zone_id)

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
        history, lesson = self.histories[zone_id], self.lesson(zone_id)
        return simulate(history, lesson=lesson, random=random, supply=supply, **asked)


def _uncleared_ha(land_mm2: Floats, let: Counted | None) -> list[float]:
    """Give for every zone what can still become lettable by clearance."""
    uses = [] if let is None else list(let.uses)
    item = dict(zip(ITEMS, np.moveaxis(land_mm2[:, uses].sum(axis=1), 1, 0), strict=True))
    # Land let before it was cleared becomes no land to let when it is.
    found = item["uncleared"] + item["uncleared_held"] - item["leased_uncleared"]
    return hectares(found).tolist()


def _histories(
    accounts: Accounts, let: Counted, *, first: int, until: int
) -> dict[str, LeaseHistory]:
    """Give the let and lettable land of every zone as steps, from its first day to the last."""
    start, end, zone, leased, lettable = _stretches(accounts, let, until=until)
    begin = np.maximum(_first_days(accounts, start, zone, until=until), first)
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
        for zone_id, low, high in zip(accounts.zone_ids, edges[:-1], edges[1:], strict=True)
    }


def _stretches(
    accounts: Accounts, let: Counted, *, until: int
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """List when each piece of land adds what to the let and the lettable land of its zone."""
    joined, held = accounts.snapshot.joined, accounts.snapshot.allocated(accounts.area)
    counts = np.isin(accounts.use_of_version, let.uses) & (joined.start <= until)
    rows = np.flatnonzero(counts)
    whole = np.where(counts, accounts.version_mm2, 0.0)
    part = np.flatnonzero(counts[held.version] & (held.start <= until))
    version = held.version[part]
    amount = part_mm2(held, part, whole)
    names = (*PARTS, *MEMO_ITEMS)
    of_let = {"leased": 1.0, "leased_uncleared": -1.0 if let.on_cleared else 0.0}
    # Lettable: all land less what is let, repurposed or uncleared, whoever holds the latter.
    taken = dict.fromkeys(("leased", "repurposed", "uncleared", "uncleared_held"), -1.0)
    taken["leased_uncleared"] = 1.0
    of_leased, of_lettable = (
        np.array([weight.get(name, 0.0) for name in names])[held.part[part]]
        for weight in (of_let, taken)
    )
    return (
        np.concatenate([joined.start[rows], held.start[part]]),
        np.concatenate([joined.end[rows], held.end[part]]),
        np.concatenate([accounts.group[rows], accounts.group[version]]),
        np.concatenate([np.zeros(len(rows)), of_leased * amount]),
        np.concatenate([whole[rows], of_lettable * amount]),
    )


def _first_days(accounts: Accounts, start: Ints, zone: Ints, *, until: int) -> Ints:
    """Find the day each zone was established or, where that is unknown, first mentioned."""
    size, zones = len(accounts.zone_ids), accounts.snapshot.zones
    begin, finish = accounts.snapshot.zone_days
    real = begin < finish
    of_version = np.searchsorted(accounts.zone_ids, zones["zone_id"].to_numpy(dtype=object))
    established = np.full(size, until, dtype="int64")
    np.minimum.at(established, of_version[real], begin[real])
    mentioned = np.full(size, until, dtype="int64")
    dated = start > ALWAYS
    np.minimum.at(mentioned, zone[dated], start[dated])
    return np.where(established > ALWAYS, established, mentioned)


def _supplies(supply: pd.DataFrame, zone_ids: tuple[str, ...], on: int) -> dict[str, Supply]:
    """Check the schedule of land to come and give each zone its part."""
    refuse_moments(supply, "supply")
    absent = [name for name in ("zone_id", "on", "area_ha") if name not in supply.columns]
    if absent:
        raise ContractError([_breach("missing_columns", columns=absent)])
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
        _breach(rule, ids=row_names(supply, np.flatnonzero(bad)), **fields)
        for rule, bad, fields in checks
        if bad.any()
    ]
    if problems:
        raise ContractError(problems)
    # (rows,) days from the day of the forecast; what is due by then is in the ledger already
    days = dates.to_numpy(dtype="datetime64[D]").astype("int64") - on
    zone = supply["zone_id"].to_numpy(dtype=object)
    order = np.lexsort((area_ha, days))
    order = order[days[order] > 0]
    return {
        zone_id: Supply(days=days[rows], area_ha=area_ha[rows])
        for zone_id in distinct(zone)
        if len(rows := order[zone[order] == zone_id])
    }


def _breach(rule: str, *, ids: tuple[str, ...] = (), **fields: object) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, table="supply", ids=ids, fields=fields)
