"""A project: all tables of one management board as stored, with all that was ever on record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kcngeo.core.dates import moment
from kcngeo.ledger.copies import Taken
from kcngeo.ledger.screening import stored_frames
from kcngeo.ledger.snapshot import Snapshot, snapshot_of
from kcngeo.ledger.tables import Tables
from kcngeo.ledger.zone_rows import moved_between, near_zones, only_zones, together

if TYPE_CHECKING:
    import pandas as pd

    from kcngeo.core.dates import Moment


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Project(Tables):
    """All tables of one management board, as stored: plain frames, nothing more.

    The columns of each table are listed in :mod:`kcngeo.core.schema`; a table that is None does
    not exist. Frames are not copied and never changed by the library.

    Attributes
    ----------
    dataset_id
        Which project it is, the same in all its copies. None of one that was put together anew:
        when it is first written it gets one that follows from its rows.
    commit
        How often edits were recorded in it; of a copy, in the project before it left.
    clock_mends
        Moments that a clock ahead of time had given to rows, each with the moment it became, see
        :func:`kcngeo.update.mend_clock`.
    taken
        Of a project that was read: what it was when it left the project it is a copy of. Kept until
        its edits are recorded, also by :func:`dataclasses.replace`: so a copy that comes back is
        merged with what others have recorded meanwhile. None of a project that was put together
        anew: its rows as they are.
    publications
        What was handed out, a row a figure. Kept beside the tables: no question is answered from
        it, and no snapshot, no part and no copy to be edited has it.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> len(project.parcels)
    10
    >>> project.as_known().zone_ids.tolist()
    ['A', 'B']
    """

    dataset_id: str | None = None
    commit: int = 0
    clock_mends: tuple[tuple[pd.Timestamp, pd.Timestamp], ...] = ()
    taken: Taken | None = None
    publications: pd.DataFrame | None = None

    def stored(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through all that a store holds of a project: its tables, and what was handed out.

        Yields
        ------
        tuple[str, pd.DataFrame]
            Name and frame.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> project = kcn.examples.squares()
        >>> dict(project.stored()).keys() == dict(project.tables()).keys()  # nothing was published
        True
        """
        yield from self.tables()
        if self.publications is not None:
            yield "publications", self.publications

    def as_known(
        self, t: Moment | None = None, *, faulty: Literal["raise", "set_apart"] = "raise"
    ) -> Snapshot:
        """Give the tables as known at a moment, checked and joined once.

        A row is on record while ``recorded_at <= t < superseded_at``. A row that was superseded
        later is an ordinary row of the snapshot.

        Parameters
        ----------
        t
            A moment with time zone, or a day, which means its end in Viet Nam; None for all that
            is not superseded.
        faulty
            "raise", or "set_apart": a zone whose rows break a contract or contradict each other is
            left out where a question asks into the time of its fault, and named in a warning.

        Returns
        -------
        Snapshot
            The tables as known then.

        Raises
        ------
        CRSError
            If zones and parcels disagree in CRS or it misstates areas.
        ContractError
            If anything is at fault; with "set_apart" only what belongs to no zone. All breaches
            are listed.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> project = kcn.examples.squares()
        >>> project.as_known().zone_ids.tolist()
        ['A', 'B']
        """
        return snapshot_of(self, t, faulty=faulty)

    def stored_at(self, t: Moment) -> Project:
        """Give the project as it was stored at a moment, superseded rows of before included.

        Parameters
        ----------
        t
            A moment with time zone, or a day, which means its end in Viet Nam.

        Returns
        -------
        Project
            Without rows recorded later; a row that was superseded later is an ordinary row.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> project = kcn.examples.squares()
        >>> len(project.stored_at("2018-03-31").ledger)
        6
        """
        return self._with(stored_frames(self, moment(t)))

    def only(self, zone_ids: Collection[str]) -> Project:
        """Keep some zones, with every row that is theirs or no zone's.

        A row belongs to the zone of its ``zone_id``, else to those of its parcel.

        Parameters
        ----------
        zone_ids
            Ids of the zones to keep.

        Returns
        -------
        Project
            Their tables.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> len(kcn.examples.squares().only(["B"]).parcels)
        3
        """
        return self._with(only_zones(self, zone_ids))

    def part(self, zone_ids: Collection[str], *, reach_m: float) -> Project:
        """Keep all that questions about some zones need, of which a store need read no more.

        Parameters
        ----------
        zone_ids
            Ids of the zones.
        reach_m
            Metres from the zones within which receptors, emitters, encumbrances and whatever else
            belongs to no zone is kept.

        Returns
        -------
        Project
            As :meth:`only`, with the zones too that have a lot in common with one of them, as a lot
            goes from one zone to another.

        Examples
        --------
        The homes R1 lie 100 m east of zone B, the green R2 adjoins it:

        >>> import kcngeo as kcn
        >>> project = kcn.examples.squares()
        >>> [project.part(["B"], reach_m=m).receptors["receptor_id"].tolist() for m in (99, 100)]
        [['R2'], ['R1', 'R2']]
        """
        near = together(zone_ids, moved_between(self.parcels))
        kept = self.only(near)
        return kept._with(near_zones(kept, reach_m))

    def _with(self, frames: dict[str, Any]) -> Project:
        """Give the same project with other rows, which are what a copy of it leaves with."""
        return Project(
            **frames,
            dataset_id=self.dataset_id,
            commit=self.commit,
            clock_mends=self.clock_mends,
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{name}</th><td>{len(frame)}</td></tr>" for name, frame in self.tables()
        )
        return f"<table>{rows}</table>"
