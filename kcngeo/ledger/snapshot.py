"""A project as known at a moment: its tables checked, joined and measured once, and kept."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from kcngeo.core.crs import require_metric_crs, require_same_crs
from kcngeo.core.dates import Day, covers_day, day_number, moment
from kcngeo.core.errors import ContractError, KcngeoError, KcngeoWarning
from kcngeo.core.geometry import OVERLAP_M2, areas_m2, invalid_rows
from kcngeo.core.model import LEASABLE, Finding
from kcngeo.core.referential import is_among
from kcngeo.core.units import MM2_PER_M2, whole_mm2
from kcngeo.core.validation import note_sound
from kcngeo.ledger import faults
from kcngeo.ledger.allocations import Allocations, allocate
from kcngeo.ledger.entries import Joined, join
from kcngeo.ledger.faults import Fault
from kcngeo.ledger.screening import screened
from kcngeo.ledger.tables import CORE, Tables
from kcngeo.ledger.zone_rows import without_zones
from kcngeo.ledger.zones import zone_days

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.core.dates import Moment
    from kcngeo.ledger.project import Project

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Faulty = Literal["raise", "set_apart"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Snapshot(Tables):
    """The tables of a project as known at a moment, checked and joined once.

    Made by :meth:`kcngeo.Project.as_known`. No table has ``recorded_at`` or ``superseded_at``;
    columns have the types of their contract. What is computed is computed once and kept.

    Attributes
    ----------
    moment
        The latest moment on record up to the one that was asked for; None where no row says when
        it was recorded.
    sets_apart
        Whether zones at fault are left out, with a warning, where a question asks into the time of
        their fault; otherwise the question raises.
    always_faulty
        Zones whose rows break a contract or contradict each other, with the finding; their parcels
        and entries are not in the tables.
    broken
        Findings of optional tables that break their contract in a way that belongs to no zone;
        these tables are None.
    apart
        Zones that were left out for the question at hand.
    given
        The tables as known with the rows of zones at fault too, for who draws them: cast as far as
        that goes, nothing is computed with them.
    recorded
        The tables on record as they were stored, for who checks them; nothing is computed with
        them.
    since
        The day of the first entry on record, of zones at fault too.
    """

    moment: pd.Timestamp | None = None
    sets_apart: bool = False
    always_faulty: tuple[tuple[str, Finding], ...] = ()
    broken: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    apart: tuple[str, ...] = ()
    given: Tables | None = None
    recorded: Tables | None = None
    since: pd.Timestamp | None = None

    def __post_init__(self) -> None:
        """Tell functions over plain frames that these tables were checked."""
        for name, frame in self.tables():
            note_sound(frame, name)

    @cached_property
    def joined(self) -> Joined:
        """Parcels and ledger, joined.

        Returns
        -------
        Joined
            Arrays of parcels, entries and days.
        """
        return join(self.parcels, self.ledger, self.projects)

    @cached_property
    def allocations(self) -> Allocations:
        """What is held of every parcel version, and when.

        Returns
        -------
        Allocations
            The stretches.
        """
        return allocate(self.joined)[0]

    @property
    def owners(self) -> pd.DataFrame:
        """Parcels with those of zones at fault, to know whose zone a row is.

        Returns
        -------
        pd.DataFrame
            ``parcel_id`` and ``zone_id``.
        """
        return pd.DataFrame((self.given or self).parcels)[["parcel_id", "zone_id"]]

    @cached_property
    def zone_ids(self) -> NDArray[Any]:
        """Name the zones.

        Returns
        -------
        NDArray[Any]
            Ids, sorted.
        """
        return np.unique(self.zones["zone_id"].to_numpy(dtype=object))

    @cached_property
    def zone_days(self) -> tuple[Ints, Ints]:
        """Give the days on which each zone version counts.

        Returns
        -------
        tuple[NDArray[np.int64], NDArray[np.int64]]
            (zone versions,) first day and first day no longer, as day numbers.
        """
        return zone_days(self.zones)

    @cached_property
    def leasable(self) -> NDArray[np.bool_]:
        """Tell which parcel versions are of a use that some definition counts.

        Returns
        -------
        NDArray[np.bool_]
            (versions,).
        """
        return self.parcels["land_use"].isin(LEASABLE).to_numpy()

    @cached_property
    def measurable(self) -> NDArray[np.bool_]:
        """Tell which leasable parcel versions have a shape that can be measured.

        Returns
        -------
        NDArray[np.bool_]
            (versions,) True too for versions of other uses, which nobody looked at.
        """
        rows = np.flatnonzero(self.leasable)
        good = np.ones(len(self.parcels), dtype=bool)
        good[rows[invalid_rows(self.parcels.iloc[rows])[0]]] = False
        return good

    def in_force(self, on: Day) -> NDArray[np.bool_]:
        """Tell which parcel versions are in force on a day.

        Parameters
        ----------
        on
            The day.

        Returns
        -------
        NDArray[np.bool_]
            (versions,).

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> int(now.in_force("2018-03-31").sum())
        10
        """
        number = day_number(on)
        return np.asarray(covers_day(self.joined.start, self.joined.end, number))

    def areas_mm2(self, area: str) -> Floats:
        """Measure the leasable parcel versions, once for each basis.

        A parcel whose parts hold more by contract than its area, or all of it but for 1 m², has
        the sum of its parts.

        Parameters
        ----------
        area
            "grid", "ellipsoid" or "certificate".

        Returns
        -------
        NDArray[np.float64]
            (versions,) areas in whole mm²; missing where the area is, and for other land uses.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> now.areas_mm2("grid")[:2].tolist()  # 1 ha is 1e10 mm²
        [10000000000.0, 10000000000.0]
        """
        # Contracts are evidence that the parcel has at least their hectares. Less than a square
        # metre beside them is the rounding of papers and coordinates, and no vacant land.
        own, parts = self.own_areas_mm2(area), self.allocations.parts_mm2
        return np.where((parts > 0) & (own - parts <= MM2_PER_M2), parts, own)

    def own_areas_mm2(self, area: str) -> Floats:
        """Measure the leasable parcel versions whatever their contracts say, once a basis.

        Parameters
        ----------
        area
            "grid", "ellipsoid" or "certificate".

        Returns
        -------
        NDArray[np.float64]
            As :meth:`areas_mm2`.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> now.own_areas_mm2("grid")[:2].tolist()
        [10000000000.0, 10000000000.0]
        """
        if area not in self._areas:
            rows = np.flatnonzero(self.leasable)
            if area in faults.MEASURED:
                rows = rows[self.measurable[rows]]
            area_m2 = areas_m2(
                self.parcels.iloc[rows], basis=area, certificate="certificate_area_m2"
            )
            whole = np.full(len(self.parcels), np.nan)
            whole[rows] = whole_mm2(area_m2)
            self._areas[area] = whole
        return self._areas[area]

    @cached_property
    def _areas(self) -> dict[str, Floats]:
        return {}

    def allocated(self, area: str) -> Allocations:
        """Give what is held of every parcel version, in shares of its area on a basis.

        Parameters
        ----------
        area
            "grid", "ellipsoid" or "certificate".

        Returns
        -------
        Allocations
            The stretches; shares times :meth:`areas_mm2` are the hectares of the contracts.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> held = kcn.examples.squares().as_known().allocated("ellipsoid")
        >>> round(float(held.upper.min()), 2)  # half a hectare of a square hectare
        0.5
        """
        if area not in self._allocated:
            self._allocated[area] = self.allocations.by_area(self.areas_mm2(area))
        return self._allocated[area]

    @cached_property
    def _allocated(self) -> dict[str, Allocations]:
        return {}

    @property
    def faulty(self) -> pd.DataFrame:
        """When zones cannot be computed, and why.

        Returns
        -------
        pd.DataFrame
            A row a zone and stretch: ``zone_id``; ``finding``, which says why; ``start`` and
            ``end`` (day numbers, half-open); ``areas``, the bases of areas by which the zone is at
            fault; ``definitions``, the names of those by which it is, empty for every one.
        """
        return faults.fault_table(self.faults)

    @property
    def overlaps(self) -> pd.DataFrame:
        """Find the leasable parcel versions that overlap while both are in force.

        Returns
        -------
        pd.DataFrame
            A row a pair: ``left`` and ``right``, positions of the versions; ``start`` and ``end``
            (day numbers, half-open); ``area_m2``, more than 1 m² of the grid.
        """
        pairs = self._pairs
        return pairs[pairs["area_m2"] > OVERLAP_M2].reset_index(drop=True)

    @property
    def slight_overlaps(self) -> pd.DataFrame:
        """Find the overlaps too small to keep a zone from being computed, which add up.

        Returns
        -------
        pd.DataFrame
            As :attr:`overlaps`, from 1 cm² to 1 m².
        """
        pairs = self._pairs
        return pairs[pairs["area_m2"] <= OVERLAP_M2].reset_index(drop=True)

    @cached_property
    def _pairs(self) -> pd.DataFrame:
        joined = self.joined
        return faults.overlap_pairs(
            self.parcels, joined.start, joined.end, measurable=self.measurable
        )

    @cached_property
    def faults(self) -> list[Fault]:
        """When zones cannot be computed, and why; found once.

        Returns
        -------
        list[Fault]
            The faults, those of rows first.
        """
        start, end = self.joined.start, self.joined.end
        found = [Fault(zone_id=zone_id, finding=finding) for zone_id, finding in self.always_faulty]
        counted = np.flatnonzero(self.leasable)
        parcels, first, last = self.parcels.iloc[counted], start[counted], end[counted]
        if not self.measurable.all():
            found += faults.shape_faults(parcels, first, last)
        found += self._fence_faults()
        found += faults.overlap_faults(self.overlaps, self.parcels)
        found += faults.repeat_faults(self.allocations.repeats, self.joined)
        found += faults.missing_area_faults(
            parcels, first, last, table="parcels", column="certificate_area_m2"
        )
        found += faults.missing_area_faults(
            self.zones, *self.zone_days, table="zones", column="approved_area_ha"
        )
        return found

    def _fence_faults(self) -> list[Fault]:
        """List the zone versions that cannot be measured.

        A zone without parcels lives on what is declared of it, and may do without a polygon.
        """
        first, last = self.zone_days
        drawn = self.zones.geometry.notna().to_numpy()
        asked = drawn | is_among(self.zones["zone_id"], self.owners["zone_id"])
        return faults.shape_faults(self.zones[asked], first[asked], last[asked], table="zones")

    def faults_between(
        self,
        start: Day,
        end: Day | None = None,
        *,
        area: str = "grid",
        definition: str | None = None,
        about: Collection[str] = CORE,
    ) -> list[Fault]:
        """List the faults in a stretch of time.

        Parameters
        ----------
        start
            First day.
        end
            Last day, included; None for the first day alone.
        area
            Basis of areas.
        definition
            Name of a definition; None for a question that has none.
        about
            Tables that matter.

        Returns
        -------
        list[Fault]
            The faults.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> now.faults_between("2018-01-01", "2018-03-31", area="grid")
        []
        """
        return faults.in_question(
            self.faults,
            start=day_number(start),
            end=day_number(start if end is None else end),
            area=area,
            definition=definition,
            about=about,
        )

    def as_known(self, t: Moment | None = None) -> Snapshot:
        """Give itself: a snapshot has one moment.

        Parameters
        ----------
        t
            None.

        Returns
        -------
        Snapshot
            The same snapshot.

        Raises
        ------
        KcngeoError
            If a moment is given.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> now.as_known() is now
        True
        """
        if t is not None:
            raise KcngeoError("moment_of_snapshot", known_at=t)
        return self

    def without(self, zone_ids: Collection[str], *, names: Collection[str] = CORE) -> Snapshot:
        """Leave zones out.

        Parameters
        ----------
        zone_ids
            Ids of the zones.
        names
            The tables to take their rows from.

        Returns
        -------
        Snapshot
            The snapshot without these rows.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> now.without({"A"}).zone_ids.tolist()
        ['B']
        """
        if not zone_ids:
            return self
        frames = without_zones(self, zone_ids, names, owners=self.owners)
        apart = tuple(sorted({*self.apart, *zone_ids}))
        # Who is left out is told once: what is asked of the rest no longer finds their faults.
        others = tuple(fault for fault in self.always_faulty if fault[0] not in zone_ids)
        return replace(self, **frames, always_faulty=others, apart=apart)

    def table(self, name: str, *, needed: bool = False) -> Any:
        """Give an optional table.

        Parameters
        ----------
        name
            Its name.
        needed
            Whether the question is nothing without it.

        Returns
        -------
        pd.DataFrame | None
            The table; None where the project has none and it is not needed.

        Raises
        ------
        ContractError
            If the table breaks its contract in a way that belongs to no zone.
        KcngeoError
            If the project does not have the table that is needed.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> now = kcn.examples.squares().as_known()
        >>> len(now.table("works")), now.table("milestones")
        (2, None)
        """
        if name in self.broken:
            raise ContractError(self.broken[name])
        frame = getattr(self, name)
        if frame is None and needed:
            raise KcngeoError("needs_table", table=name)
        return frame


def snapshot_of(
    project: Project,
    t: Moment | None,
    *,
    faulty: Faulty,
    failed: Mapping[str, str] | None = None,
) -> Snapshot:
    """Cut the tables of a project to what was known, check and join them."""
    if faulty not in ("raise", "set_apart"):
        raise KcngeoError("faulty", value=repr(faulty))
    sets_apart = faulty == "set_apart"
    cutoff = None if t is None else moment(t)
    made = screened(project, cutoff, sets_apart=sets_apart, failed=failed)
    snapshot = Snapshot(
        **made.frames,
        moment=made.moment,
        sets_apart=sets_apart,
        always_faulty=made.faults,
        broken=made.broken,
        given=Tables(**made.given),
        recorded=Tables(**made.recorded),
        since=made.since,
    )
    vars(snapshot).update(joined=made.joined, allocations=made.allocations)
    require_same_crs(zones=snapshot.zones, parcels=snapshot.parcels)
    require_metric_crs(snapshot.zones, name="zones")
    require_metric_crs(snapshot.parcels, name="parcels")
    for finding in snapshot.allocations.findings:
        if finding.rule == "shares_scaled":
            warnings.warn(finding.message(), KcngeoWarning, stacklevel=3)
    if not sets_apart:
        _require_sound(snapshot)
    return snapshot


def _require_sound(snapshot: Snapshot) -> None:
    """Refuse what cannot be measured, or counts twice; a missing written area only where asked."""
    found = faults.findings_of(one for one in snapshot.faults if "grid" in one.areas)
    if found:
        raise ContractError(found)
