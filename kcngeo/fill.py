"""Land accounts and fill rates: how much leasable land is let, reserved, uncleared or available.

The account of a zone on a day is ``base = leased + reserved + recovering + repurposed + uncleared +
available``. The fill rate is let land over the base, and always by a named definition: which land
uses count and what the base is differ between the laws, the board and the press.

A zone counts while ``established_on <= on < removed_on``; on other days it has no row. A parcel
counts whole in the zone of its ``zone_id``. Sums are exact (see :mod:`kcngeo.core.units`), so they
depend neither on the order of rows nor on the number of dates asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.columns import TABLES
from kcngeo.core.contracts import as_known, checked, distinct, row_names
from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.days import ALWAYS, OPEN, Day, day, day_numbers, month_ends
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.geometry import areas_m2, invalid_rows, require_measured
from kcngeo.core.model import LEASABLE, Finding, Severity, Stage
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2, hectares, whole_mm2
from kcngeo.ledger import MEMOS, PARTS, Holdings, Tables, holdings, known_tables
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

By = str | Sequence[str]

ACCOUNT_COLUMNS = (
    "base_ha",
    "leased_ha",
    "reserved_ha",
    "recovering_ha",
    "repurposed_ha",
    "uncleared_ha",
    "available_ha",
    "uncleared_held_ha",
    "leased_uncleared_ha",
)
"""Columns of a land account; the middle six add up to the first, the last two are memos."""

_CLOSES_MM2 = MM2_PER_M2


def land_account(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    on: Day,
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Draw up the land account of every zone on a day.

    Uncleared land is taken from the free rest of a parcel first; what is let or reserved before it
    is cleared counts under its tenure and is given again as a memo. A leasable parcel the ledger
    never mentions is available. Under "gross" the base is the zone's polygon, and what no parcel
    holds, roads and green included, stands under available.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    on
        The reporting date; the state on this day, the end day of an entry not included.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded. Applies to all three tables.
    area
        "grid" (as measured in the CRS), "ellipsoid" (geodesic) or "certificate" (as written; for a
        zone its approved area).
    by
        "zone_id", or ("zone_id", "phase"); a missing phase is its own group.

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id`` (or zone_id, phase), sorted; hectares: ``base_ha``, ``leased_ha``,
        ``reserved_ha``, ``recovering_ha``, ``repurposed_ha``, ``uncleared_ha``, ``available_ha``,
        and the memos ``uncleared_held_ha`` and ``leased_uncleared_ha`` (its let part).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If an account does not close, or phases are asked of "gross".

    Examples
    --------
    A lot of one hectare, of which 0.6 ha is let and the rest is not yet cleared:

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> square = [box(500_000, 1_200_000, 500_100, 1_200_100)]
    >>> zones = gpd.GeoDataFrame({"zone_id": ["A"]}, geometry=square, crs="EPSG:5899")
    >>> parcels = gpd.GeoDataFrame(
    ...     {"parcel_id": ["A-1"], "zone_id": ["A"], "land_use": ["industrial"]},
    ...     geometry=square,
    ...     crs="EPSG:5899",
    ... )
    >>> ledger = pd.DataFrame(
    ...     {
    ...         "parcel_id": ["A-1", "A-1"],
    ...         "status": ["leased", "uncleared"],
    ...         "valid_from": ["2018-01-01", "2018-01-01"],
    ...         "part_area_ha": [0.6, 0.4],
    ...     }
    ... )
    >>> account = land_account(zones, parcels, ledger, on="2018-03-31")
    >>> account[["base_ha", "leased_ha", "uncleared_ha", "available_ha"]].values.tolist()
    [[1.0, 0.6, 0.4, 0.0]]
    """
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by=by)
    return book.account(on, definition)


def fill_rate(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    on: Day,
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Give the fill rate of every zone on a day, by a named definition.

    A rate by one definition says nothing about another: a zone full "on cleared land" may be half
    empty under the law. Never average rates of zones; use :func:`combine`.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    on
        The reporting date.
    definition
        Id of the definition; None for the law in force on the day.
    known_at
        See :func:`land_account`.
    area
        "grid", "ellipsoid" or "certificate".
    by
        "zone_id", or ("zone_id", "phase").

    Returns
    -------
    pd.DataFrame
        Indexed by ``zone_id`` (or zone_id, phase), sorted: ``leased_ha`` and ``base_ha``, the
        numerator and denominator of the definition in hectares, ``fill_rate``, a share from 0 to
        1, missing where the base is 0, and ``definition``.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If phases are asked of "gross".
    """
    dates = pd.DatetimeIndex([day(on)], name="on")
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by=by)
    return book.rates(dates, definition).droplevel("on")


def fill_series(
    zones: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    ledger: pd.DataFrame,
    *,
    start: Day,
    end: Day,
    freq: str = "ME",
    definition: str | None = None,
    known_at: Any = None,
    area: str = "grid",
    by: By = "zone_id",
) -> pd.DataFrame:
    """Give the fill rate of every zone on every reporting date of a period.

    With ``definition=None`` every date has the law of its day, so the series changes definition
    where the law did; the column ``definition`` says which.

    Parameters
    ----------
    zones
        Zones, with their dates; projected CRS in metres.
    parcels
        Parcel versions, same CRS.
    ledger
        Entries.
    start
        First day that may be reported, included.
    end
        Last day that may be reported, included.
    freq
        Pandas frequency of the reporting dates; "ME" is the last day of each month.
    definition
        Id of the definition; None for the law in force on each date.
    known_at
        See :func:`land_account`.
    area
        "grid", "ellipsoid" or "certificate".
    by
        "zone_id", or ("zone_id", "phase").

    Returns
    -------
    pd.DataFrame
        Indexed by (``zone_id``, ``on``), sorted, columns as :func:`fill_rate`; a zone has rows
        for the dates on which it counts.

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If no reporting date lies in the period, or phases are asked of "gross".
    """
    dates = month_ends(start, end, freq=freq)
    book = Book.of(zones, parcels, ledger, known_at=known_at, area=area, by=by)
    return book.rates(dates, definition)


def combine(rates: pd.DataFrame) -> pd.DataFrame:
    """Give the rate of a set of zones: the ratio of their sums, never the mean of their rates.

    Parameters
    ----------
    rates
        Result of :func:`fill_rate` or :func:`fill_series`, whole or the rows of some zones.

    Returns
    -------
    pd.DataFrame
        A row a date (one row if ``rates`` has no dates): ``leased_ha``, ``base_ha``,
        ``fill_rate``, ``definition``, and ``not_computable``, the zones without a base, joined by
        "|", whose presence makes the row's figures missing.

    Raises
    ------
    KcngeoError
        If rates by different definitions meet on one date.
    """
    dated = "on" in rates.index.names
    keys = rates.index.get_level_values("on") if dated else np.zeros(len(rates), dtype="int64")
    zone_ids = rates.index.get_level_values("zone_id").to_numpy(dtype=object)
    groups = rates.groupby(keys, sort=True)
    mixed = groups["definition"].nunique() > 1
    if mixed.any():
        raise KcngeoError("mixed_definitions", definitions=distinct(rates["definition"]))
    # A total without one of its zones would be a wrong hectare; min_count cannot say that.
    sums = groups[["leased_ha", "base_ha"]].agg(_whole_sum)
    sums["fill_rate"] = _ratio(sums["leased_ha"].to_numpy(), sums["base_ha"].to_numpy())
    sums["definition"] = groups["definition"].first()
    unknown = rates["base_ha"].isna().to_numpy()
    named = pd.Series(zone_ids[unknown]).groupby(np.asarray(keys)[unknown]).agg(_joined)
    sums["not_computable"] = named.reindex(sums.index).astype("str")
    return sums.rename_axis("on") if dated else sums.reset_index(drop=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """Tables joined and checked once, for whoever asks for many dates and definitions.

    Groups are the zones, or zones by phase, sorted.

    Attributes
    ----------
    zones
        Zone versions as known.
    tables
        Parcels and ledger as known, joined.
    held
        What is held of every parcel version, and when.
    broken
        Of each parcel version, whether its shape cannot be measured though the areas need it.
    zone_ids
        Ids of the zones, sorted.
    group
        Of each parcel version, the number of its group.
    zone
        Of each group, the position of its zone.
    phases
        Of each group, its phase; None where groups are zones.
    area
        Basis of the areas.
    """

    zones: gpd.GeoDataFrame
    tables: Tables
    held: Holdings
    broken: NDArray[np.bool_]
    zone_ids: NDArray[Any]
    group: Ints
    zone: Ints
    phases: NDArray[Any] | None
    area: str

    @classmethod
    def of(
        cls,
        zones: gpd.GeoDataFrame,
        parcels: gpd.GeoDataFrame,
        ledger: pd.DataFrame,
        *,
        known_at: Any,
        area: str,
        by: By,
    ) -> Book:
        """Check and join the tables.

        Parameters
        ----------
        zones
            Zones, with their dates.
        parcels
            Parcel versions, same CRS.
        ledger
            Entries.
        known_at
            See :func:`land_account`.
        area
            "grid", "ellipsoid" or "certificate".
        by
            "zone_id", or ("zone_id", "phase").

        Returns
        -------
        Book
            The book.

        Raises
        ------
        CRSError
            If the layers disagree in CRS or it misstates areas.
        ContractError
            If tables break their contract or contradict each other.
        KcngeoError
            If ``by`` is neither of the two.
        """
        by_phase = _is_by_phase(by)
        zones = checked(as_known(zones, known_at), "zones")
        parcels = as_known(parcels, known_at)
        with ThreadPoolExecutor(max_workers=1) as background:
            # GEOS looks at the shapes while the ids are hashed and the entries sorted.
            broken = background.submit(_unmeasurable, parcels, area=area)
            tables = known_tables(parcels, ledger, known_at=known_at)
            require_same_crs(zones=zones, parcels=tables.parcels)
            require_metric_crs(zones, name="zones")
            require_metric_crs(tables.parcels, name="parcels")
            problems = zone_problems(zones, tables.parcels)
            if problems:
                raise ContractError(problems)
            held = holdings(tables)
        zone_ids = np.unique(zones["zone_id"].to_numpy(dtype=object))
        group = _positions(tables.parcels["zone_id"], zone_ids)
        zone, phases = np.arange(len(zone_ids)), None
        if by_phase:
            group, zone, phases = _phases(tables.parcels, group, len(zone_ids))
        return cls(
            zones=zones,
            tables=tables,
            held=held,
            broken=broken.result(),
            zone_ids=zone_ids,
            group=group,
            zone=zone,
            phases=phases,
            area=area,
        )

    def account(self, on: Day, definition: str | None) -> pd.DataFrame:
        """Give the land accounts of a day.

        Parameters
        ----------
        on
            The reporting date.
        definition
            Id of the definition, or None for the law in force on the day.

        Returns
        -------
        pd.DataFrame
            As :func:`land_account`.

        Raises
        ------
        KcngeoError
            If an account does not close, or phases are asked of "gross".
        """
        dates = pd.DatetimeIndex([day(on)], name="on")
        totals, counts = self.totals(dates, fill_definition(definition, on=dates[0]))
        columns = {name: hectares(mm2[:, 0]) for name, mm2 in totals.items()}
        return pd.DataFrame(columns, index=self.index())[counts[:, 0]]

    def index(self) -> pd.Index:
        """Name the groups.

        Returns
        -------
        pd.Index
            ``zone_id``, or ``zone_id`` and ``phase``.
        """
        names = pd.Index(self.zone_ids[self.zone], dtype="str", name="zone_id")
        if self.phases is None:
            return names
        phases = pd.Index(self.phases, dtype="str", name="phase")
        return pd.MultiIndex.from_arrays([names, phases])

    def rates(self, dates: pd.DatetimeIndex, definition: str | None) -> pd.DataFrame:
        """Give the rates of all groups on all dates.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        definition
            Id of the definition, or None for the law in force on each date.

        Returns
        -------
        pd.DataFrame
            As :func:`fill_series`.

        Raises
        ------
        KcngeoError
            If an account does not close, or phases are asked of "gross".
        """
        used = [fill_definition(definition, on=date) for date in dates]
        kinds = {one.name: one for one in used}
        kind = np.array([list(kinds).index(one.name) for one in used])
        shape = (len(self.zone), len(dates))
        leased, base = np.zeros(shape), np.zeros(shape)
        counts = np.zeros(shape, dtype=bool)
        for place, one in enumerate(kinds.values()):
            mine = np.flatnonzero(kind == place)
            account, counts[:, mine] = self.totals(dates[mine], one)
            leased[:, mine], base[:, mine] = account["leased_ha"], account["base_ha"]
            if one.base == "cleared":
                leased[:, mine] -= account["leased_uncleared_ha"]
                base[:, mine] -= account["uncleared_ha"] + account["uncleared_held_ha"]
        group, when = np.nonzero(counts)
        leased, base = leased[counts], base[counts]
        names = pd.array(list(kinds), dtype="str").take(kind[when])
        return pd.DataFrame(
            {
                "leased_ha": hectares(leased),
                "base_ha": hectares(base),
                "fill_rate": _ratio(leased, base),
                "definition": names,
            },
            index=self._index_on(group, dates, when),
        )

    def _index_on(self, group: Ints, dates: pd.DatetimeIndex, when: Ints) -> pd.MultiIndex:
        """Name groups and dates; by positions, as a long series has few names."""
        levels = [pd.Index(self.zone_ids, dtype="str"), dates]
        codes: list[Any] = [self.zone[group], when]
        names = ["zone_id", "on"]
        if self.phases is not None:
            phase_codes, phases = pd.factorize(self.phases)
            levels.insert(1, pd.Index(phases, dtype="str"))
            codes.insert(1, phase_codes[group])
            names.insert(1, "phase")
        return pd.MultiIndex(levels=levels, codes=codes, names=names)

    def totals(
        self, dates: pd.DatetimeIndex, definition: FillDefinition
    ) -> tuple[dict[str, Floats], NDArray[np.bool_]]:
        """Sum the account of every group on every date, and tell which zones count.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        definition
            The definition, whose land uses and base count.

        Returns
        -------
        tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]
            For each of :data:`ACCOUNT_COLUMNS` the areas in mm², groups × dates; and groups ×
            dates, whether the zone counts.

        Raises
        ------
        ContractError
            If an area that counts is missing or cannot be measured.
        KcngeoError
            If an account does not close, or phases are asked of "gross".
        """
        days = dates.to_numpy(dtype="datetime64[D]").astype("int64")
        size = len(self.zone)
        version_mm2 = self._version_mm2(definition, days)
        counted = np.flatnonzero(version_mm2 > 0)
        base = _summed(
            days,
            size,
            self.group[counted],
            self.tables.start[counted],
            self.tables.end[counted],
            version_mm2[counted],
        )
        rows = np.flatnonzero(version_mm2[self.held.version] > 0)
        version = self.held.version[rows]
        whole = version_mm2[version]
        amount = np.rint(self.held.upper[rows] * whole) - np.rint(self.held.lower[rows] * whole)
        width = len(PARTS) + len(MEMOS)
        parts = _summed(
            days,
            size * width,
            self.group[version] * width + self.held.part[rows],
            self.held.start[rows],
            self.held.end[rows],
            amount,
        ).reshape(size, width, len(days))
        parts, memos = parts[:, : len(PARTS)], parts[:, len(PARTS) :]
        if definition.base == "zone":
            base = self._zone_mm2(days)
        available = base - parts.sum(axis=1)
        counts = self._counts(days)[self.zone]
        self._require_closed(np.where(counts, available, 0), dates)
        columns = [base, *np.moveaxis(parts, 1, 0), available, *np.moveaxis(memos, 1, 0)]
        return dict(zip(ACCOUNT_COLUMNS, columns, strict=True)), counts

    def _version_mm2(self, definition: FillDefinition, days: Ints) -> Floats:
        """Measure the parcel versions that count on one of the dates; the others are 0."""
        parcels = self.tables.parcels
        leasable = parcels["land_use"].isin([str(use) for use in definition.uses]).to_numpy()
        # In force on a reporting date: an old version without a certificate must not stop today.
        first, last = np.searchsorted(days, [self.tables.start, self.tables.end])
        rows = np.flatnonzero(leasable & (first < last))
        if self.broken[rows].any():
            raise ContractError(geometry_problems(parcels.iloc[rows[self.broken[rows]]]))
        counted = parcels.iloc[rows]
        area_m2 = areas_m2(counted, basis=self.area, certificate="certificate_area_m2")
        require_measured(
            counted, area_m2, table="parcels", column="certificate_area_m2", key="parcel_id"
        )
        whole = np.zeros(len(parcels))
        whole[rows] = whole_mm2(area_m2)
        return whole

    def _zone_mm2(self, days: Ints) -> Floats:
        """Measure the polygon of every zone on every date, for the base of "gross"."""
        if self.phases is not None:
            raise KcngeoError("gross_phases")
        zones = self.zones
        if self.area == "certificate":
            column = zones.get("approved_area_ha", pd.Series(np.nan, index=zones.index))
            area_m2 = column.to_numpy(dtype="float64") * M2_PER_HA
        else:
            problems = geometry_problems(zones, table="zones")
            if problems:
                raise ContractError(problems)
            area_m2 = areas_m2(zones, basis=self.area, certificate="")
        require_measured(zones, area_m2, table="zones", column="approved_area_ha", key="zone_id")
        start, end = zone_days(zones)
        zone = _positions(zones["zone_id"], self.zone_ids)
        return _summed(days, len(self.zone_ids), zone, start, end, whole_mm2(area_m2))

    def _counts(self, days: Ints) -> NDArray[np.bool_]:
        """Tell which zones count on which dates."""
        start, end = zone_days(self.zones)
        zone = _positions(self.zones["zone_id"], self.zone_ids)
        return _summed(days, len(self.zone_ids), zone, start, end, np.ones(len(zone))) > 0

    def _require_closed(self, available: Floats, dates: pd.DatetimeIndex) -> None:
        """Only "gross" can fail: its parts come from parcels, its base from the zone."""
        open_ = np.argwhere(available < -_CLOSES_MM2)
        if len(open_):
            group, when = open_[0]
            raise KcngeoError(
                "account_open",
                zone_id=self.zone_ids[self.zone[group]],
                on=dates[when].date(),
                excess_ha=f"{-hectares(available[group, when]):.4f}",
            )


def zone_days(zones: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Give the days on which each zone version counts.

    Its own validity, cut to ``established_on <= on < removed_on``. Where those dates are missing
    the stage decides: proposed and planned zones do not count yet, removed ones no more, others
    always.

    Parameters
    ----------
    zones
        Zones, cast to their contract.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        First day and first day no longer, as day numbers; the end is not after the start where a
        version never counts.
    """
    size = len(zones)
    stage = (
        zones["stage"].fillna(Stage.ESTABLISHED).to_numpy(dtype=object)
        if "stage" in zones.columns
        else np.full(size, Stage.ESTABLISHED, dtype=object)
    )
    established = day_numbers(zones.get("established_on"), missing=ALWAYS, length=size)
    removed = day_numbers(zones.get("removed_on"), missing=OPEN, length=size)
    waiting = (established == ALWAYS) & np.isin(stage, [Stage.PROPOSED, Stage.PLANNED])
    gone = (removed == OPEN) & (stage == Stage.REMOVED)
    start = np.where(waiting, OPEN, established)
    end = np.where(gone, ALWAYS, removed)
    return (
        np.maximum(start, day_numbers(zones.get("valid_from"), missing=ALWAYS, length=size)),
        np.minimum(end, day_numbers(zones.get("valid_to"), missing=OPEN, length=size)),
    )


def zone_problems(zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame) -> list[Finding]:
    """List what contradicts between zones and parcels.

    Parameters
    ----------
    zones
        Zones, cast to their contract.
    parcels
        Parcel versions, cast to their contract.

    Returns
    -------
    list[Finding]
        Zone versions that overlap in time, and parcels of unknown zones.
    """
    problems = []
    size = len(zones)
    code = pd.factorize(zones["zone_id"])[0]
    start = day_numbers(zones.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(zones.get("valid_to"), missing=OPEN, length=size)
    order = np.lexsort((start, code))
    same = code[order[1:]] == code[order[:-1]]
    bad = order[1:][same & (start[order[1:]] < end[order[:-1]])]
    if len(bad):
        ids = distinct(zones["zone_id"].iloc[bad])
        problems.append(
            Finding(
                rule="versions_overlap",
                severity=Severity.ERROR,
                table="zones",
                ids=ids,
                zone_ids=ids,
            )
        )
    strange = np.flatnonzero(~parcels["zone_id"].isin(zones["zone_id"]).to_numpy())
    if len(strange):
        problems.append(
            Finding(
                rule="unknown_zone",
                severity=Severity.ERROR,
                table="parcels",
                ids=row_names(parcels, strange, "parcel_id"),
                fields={"zones": distinct(parcels["zone_id"].iloc[strange])},
            )
        )
    return problems


def geometry_problems(frame: gpd.GeoDataFrame, *, table: str = "parcels") -> list[Finding]:
    """List the parcels, or zones, whose area cannot be measured.

    Parameters
    ----------
    frame
        Parcel or zone versions.
    table
        "parcels" or "zones".

    Returns
    -------
    list[Finding]
        One finding a zone, with the reasons in GEOS's words.
    """
    rows, reasons = invalid_rows(frame)
    bad = frame.iloc[rows]
    return [
        Finding(
            rule="geometry_unmeasurable",
            severity=Severity.ERROR,
            table=table,
            ids=row_names(bad, places, TABLES[table].key[0]),
            zone_ids=(str(zone_id),),
            fields={"reasons": tuple(dict.fromkeys(reasons[places]))},
        )
        for zone_id, places in bad.groupby("zone_id").indices.items()
    ]


def _unmeasurable(parcels: gpd.GeoDataFrame, *, area: str) -> NDArray[np.bool_]:
    """Tell which leasable versions have no measurable shape; written areas need none."""
    broken = np.zeros(len(parcels), dtype=bool)
    if area != "certificate":
        leasable = np.flatnonzero(parcels["land_use"].isin([str(use) for use in LEASABLE]))
        broken[leasable[invalid_rows(parcels.iloc[leasable])[0]]] = True
    return broken


def _is_by_phase(by: By) -> bool:
    keys = (by,) if isinstance(by, str) else tuple(by)
    if keys not in (("zone_id",), ("zone_id", "phase")):
        raise KcngeoError("by", value=repr(by))
    return len(keys) == 2


def _positions(values: pd.Series, sorted_values: NDArray[Any]) -> Ints:
    """Find each value in a sorted array; hashing the few different ones, not every row."""
    codes, uniques = pd.factorize(values)
    places = np.searchsorted(sorted_values, np.asarray(uniques, dtype=object))
    return np.asarray(places, dtype="int64")[codes] if len(codes) else np.empty(0, dtype="int64")


def _phases(parcels: gpd.GeoDataFrame, zone: Ints, zones: int) -> tuple[Ints, Ints, NDArray[Any]]:
    """Number the groups (zone, phase), sorted, a missing phase last; zones without parcels too."""
    phase = parcels["phase"] if "phase" in parcels.columns else pd.Series(None, index=parcels.index)
    codes, uniques = pd.factorize(phase, sort=True)
    codes = np.where(codes < 0, len(uniques), codes)
    empty = np.setdiff1d(np.arange(zones), zone)
    width = len(uniques) + 1
    keys = np.concatenate([zone * width + codes, empty * width + len(uniques)])
    groups, number = np.unique(keys, return_inverse=True)
    names = np.array([*uniques, None], dtype=object)
    return number[: len(zone)], groups // width, names[groups % width]


def _summed(days: Ints, size: int, group: Ints, start: Ints, end: Ints, weight: Floats) -> Floats:
    """Sum weights over the rows in force, for every group and date.

    Each row is added at the first date it holds and taken away at the first it no longer does; the
    running sum along the dates is the state. The cost does not depend on the number of dates.
    """
    first, last = np.searchsorted(days, start), np.searchsorted(days, end)
    live = first < last
    width = len(days) + 1
    key = group[live] * width
    change = np.bincount(key + first[live], weights=weight[live], minlength=size * width)
    change -= np.bincount(key + last[live], weights=weight[live], minlength=size * width)
    return np.asarray(change.reshape(size, width)[:, :-1].cumsum(axis=1))


def _ratio(leased: Floats, base: Floats) -> Floats:
    """Divide where there is something to divide by; nothing leasable has no rate."""
    return np.divide(leased, base, out=np.full(np.shape(base), np.nan), where=np.asarray(base) > 0)


def _whole_sum(values: pd.Series) -> float:
    """Sum, or missing if any value is."""
    return float(values.sum(skipna=False))


def _joined(values: pd.Series) -> str:
    return "|".join(sorted(values))
