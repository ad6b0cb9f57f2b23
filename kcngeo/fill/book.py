"""The book: tables joined and checked once, summed for any date and definition."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.dates import Day, day
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.geometry import areas_m2, invalid_rows, require_measured
from kcngeo.core.model import LEASABLE
from kcngeo.core.referential import zone_problems
from kcngeo.core.units import M2_PER_HA, MM2_PER_M2, hectares, whole_mm2
from kcngeo.core.validation import as_known, checked
from kcngeo.fill.aggregation import By, by_phases, is_by_phase, positions, ratio, summed
from kcngeo.ledger import MEMOS, PARTS, Holdings, Tables, holdings, known_tables
from kcngeo.ledger.zones import geometry_problems, zone_days
from kcngeo.standards import FillDefinition, fill_definition

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


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
        by_phase = is_by_phase(by)
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
        group = positions(tables.parcels["zone_id"], zone_ids)
        zone, phases = np.arange(len(zone_ids)), None
        if by_phase:
            group, zone, phases = by_phases(tables.parcels, group, len(zone_ids))
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

    def rates(
        self, dates: pd.DatetimeIndex, definition: str | None, *, strict: bool = True
    ) -> pd.DataFrame:
        """Give the rates of all groups on all dates.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        definition
            Id of the definition, or None for the law in force on each date.
        strict
            Whether a zone whose base is unknown raises; else its figures are missing.

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
            account, counts[:, mine] = self.totals(dates[mine], one, strict=strict)
            base[:, mine] = account["base_ha"]
            leased[:, mine] = np.where(np.isnan(base[:, mine]), np.nan, account["leased_ha"])
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
                "fill_rate": ratio(leased, base),
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
        self,
        dates: pd.DatetimeIndex,
        definition: FillDefinition,
        *,
        strict: bool = True,
        whole_mm2: Floats | None = None,
    ) -> tuple[dict[str, Floats], NDArray[np.bool_]]:
        """Sum the account of every group on every date, and tell which zones count.

        Parameters
        ----------
        dates
            Reporting dates, sorted.
        definition
            The definition, whose land uses and base count.
        strict
            Whether a zone whose base is unknown or exceeded by its parts (which only "gross"
            knows) raises; else it is missing.
        whole_mm2
            Result of :meth:`version_mm2` for these and maybe other dates, where the caller has it.

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
        version_mm2 = self.version_mm2(definition, days) if whole_mm2 is None else whole_mm2
        counted = np.flatnonzero(version_mm2 > 0)
        base = summed(
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
        parts = summed(
            days,
            size * width,
            self.group[version] * width + self.held.part[rows],
            self.held.start[rows],
            self.held.end[rows],
            amount,
        ).reshape(size, width, len(days))
        parts, memos = parts[:, : len(PARTS)], parts[:, len(PARTS) :]
        if definition.base == "zone":
            base = self._zone_mm2(days, strict=strict)
        available = base - parts.sum(axis=1)
        counts = self._counts(days)[self.zone]
        open_ = counts & (available < -_CLOSES_MM2)
        if open_.any() and strict:
            raise KcngeoError("account_open", **self._excess(available, open_, dates))
        # Only "gross" can be open: its parts come from parcels, its base from the zone.
        base, available = np.where(open_, np.nan, base), np.where(open_, np.nan, available)
        columns = [base, *np.moveaxis(parts, 1, 0), available, *np.moveaxis(memos, 1, 0)]
        return dict(zip(ACCOUNT_COLUMNS, columns, strict=True)), counts

    def version_mm2(self, definition: FillDefinition, days: Ints) -> Floats:
        """Measure the parcel versions that count on one of the dates.

        Parameters
        ----------
        definition
            The definition, whose land uses count.
        days
            Reporting dates as day numbers, sorted.

        Returns
        -------
        NDArray[np.float64]
            Area of each version in mm²; 0 for those that do not count.

        Raises
        ------
        ContractError
            If an area that counts is missing or cannot be measured.
        """
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

    def _zone_mm2(self, days: Ints, *, strict: bool) -> Floats:
        """Measure the polygon of every zone on every date, for the base of "gross"."""
        if self.phases is not None:
            raise KcngeoError("gross_phases")
        start, end = zone_days(self.zones)
        first, last = np.searchsorted(days, [start, end])
        zones = self.zones[first < last]
        if self.area == "certificate":
            column = zones.get("approved_area_ha", pd.Series(np.nan, index=zones.index))
            area_m2 = column.to_numpy(dtype="float64") * M2_PER_HA
        else:
            area_m2 = areas_m2(zones, basis=self.area, certificate="")
            problems = geometry_problems(zones, table="zones")
            if problems and strict:
                raise ContractError(problems)
            area_m2[invalid_rows(zones)[0]] = np.nan
        if strict:
            require_measured(
                zones, area_m2, table="zones", column="approved_area_ha", key="zone_id"
            )
        start, end = zone_days(zones)
        zone = positions(zones["zone_id"], self.zone_ids)
        unknown = np.isnan(area_m2)
        size, known_m2 = len(self.zone_ids), np.where(unknown, 0, area_m2)
        base = summed(days, size, zone, start, end, whole_mm2(known_m2))
        gaps = summed(days, size, zone, start, end, unknown.astype("float64")) > 0
        return np.where(gaps, np.nan, base)

    def _counts(self, days: Ints) -> NDArray[np.bool_]:
        """Tell which zones count on which dates."""
        start, end = zone_days(self.zones)
        zone = positions(self.zones["zone_id"], self.zone_ids)
        return summed(days, len(self.zone_ids), zone, start, end, np.ones(len(zone))) > 0

    def _excess(
        self, available: Floats, open_: NDArray[np.bool_], dates: pd.DatetimeIndex
    ) -> dict[str, object]:
        """Tell of the first account that does not close."""
        group, when = np.argwhere(open_)[0]
        return {
            "zone_id": self.zone_ids[self.zone[group]],
            "on": dates[when].date(),
            "excess_ha": f"{-hectares(available[group, when]):.4f}",
        }


def _unmeasurable(parcels: gpd.GeoDataFrame, *, area: str) -> NDArray[np.bool_]:
    """Tell which leasable versions have no measurable shape; written areas need none."""
    broken = np.zeros(len(parcels), dtype=bool)
    if area != "certificate":
        leasable = np.flatnonzero(parcels["land_use"].isin([str(use) for use in LEASABLE]))
        broken[leasable[invalid_rows(parcels.iloc[leasable])[0]]] = True
    return broken
