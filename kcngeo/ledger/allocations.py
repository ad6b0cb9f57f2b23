"""What is held of every parcel version, stretch by stretch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.core.dates import ALWAYS, OPEN, day_numbers, shown
from kcngeo.core.geometry import areas_m2
from kcngeo.core.model import Finding, Severity, Status
from kcngeo.core.units import M2_PER_HA, whole_mm2
from kcngeo.core.validation import distinct
from kcngeo.ledger.entries import Joined, entry_names
from kcngeo.ledger.repeated_entries import repeated_entries
from kcngeo.ledger.version_rules import early_entries, entry_problems, version_problems

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


TENURE_PARTS = ("leased", "reserved", "recovering", "repurposed")
PARTS = (*TENURE_PARTS, "uncleared")
"""Parts of a parcel that are not available, in the order they are laid on it."""

MEMO_ITEMS = ("uncleared_held", "leased_uncleared")
"""Given again beside the parts: what is held, or let, of land that is not yet cleared."""

SHARE_TOLERANCE = 1.005
"""Shares of one parcel may add up to this; they are then scaled to 1 and reported."""

REPEATS = ("version", "first", "again", "start", "end")
"""Columns of what stands twice."""

# Shares are added as whole trillionths, so that a sum of parts is exactly the whole or not.
_WHOLE = 10**12
# A version and a day in one sortable number.
_SPAN = 2 * OPEN + 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allocations:
    """What is held of every parcel version, stretch by stretch: one row a stretch and part.

    Within a version and a stretch the parts lie side by side: a part takes the share from ``lower``
    to ``upper`` of the parcel, and the last ``upper`` is 1 if nothing is available. The two memo
    parts begin at 0. Shares are of the larger of the certificate and the measured area; a part
    has its hectares by contract, so by another area it has another share: see :meth:`by_area`.

    Attributes
    ----------
    version
        Row position of the parcel version.
    start
        First day, as a day number.
    end
        First day no longer, as a day number.
    part
        Position in ``PARTS + MEMO_ITEMS``.
    lower
        Share at which the part begins.
    upper
        Share at which it ends.
    findings
        What was noticed on the way and does not make the figures wrong.
    repeats
        Entries that stand twice, which hold nothing a second time: a row an entry and version,
        ``version``, ``first``, ``again`` (positions of the entries), ``start``, ``end``.
    """

    version: Ints
    start: Ints
    end: Ints
    part: Ints
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    findings: tuple[Finding, ...] = ()
    repeats: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=REPEATS))
    segments: _Segments

    @property
    def whole_mm2(self) -> Floats:
        """Give the area the shares are of: the larger of certificate and measured.

        Returns
        -------
        NDArray[np.float64]
            (versions,) whole mm²; 0 where there is neither.
        """
        return self.segments.whole_mm2

    @property
    def parts_mm2(self) -> Floats:
        """Give what the parts of each version hold together at the most.

        Returns
        -------
        NDArray[np.float64]
            (versions,) whole mm²; 0 where there are no parts.
        """
        return self.segments.parts_mm2

    def by_area(self, whole_mm2: Floats) -> Allocations:
        """Give the same allocations with shares of other areas.

        Parameters
        ----------
        whole_mm2
            (versions,) mm², of each version at least what its parts hold together; where it is
            missing, shares are of :attr:`whole_mm2`.

        Returns
        -------
        Allocations
            With every part at its hectares by contract.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> held = kcn.examples.squares().as_known().allocations
        >>> twice = held.by_area(2 * held.whole_mm2)  # half a hectare of 2 ha is a quarter
        >>> sorted(set(held.upper.tolist())), sorted(set(twice.upper.tolist()))
        ([0.5, 1.0], [0.25, 1.0])
        """
        areas = np.where(np.isnan(whole_mm2), self.whole_mm2, whole_mm2)
        shares = self.segments.shares_of(np.maximum(areas, 1.0))
        return replace(self, **self.segments.lay(shares)[0])


def allocate(tables: Joined) -> tuple[Allocations, list[Finding]]:
    """Work out what is held of every parcel version and when, and list every contradiction.

    Parameters
    ----------
    tables
        Joined tables.

    Returns
    -------
    tuple[Allocations, list[Finding]]
        The allocations (not to be used for the zones at fault) and the contradictions.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> now = kcn.examples.squares().as_known()
    >>> held, contradictions = allocate(now.joined)
    >>> half = now.parcels["parcel_id"].to_numpy()[held.version] == "A-2"
    >>> held.lower[half].tolist(), held.upper[half].tolist(), contradictions
    ([0.0], [0.5], [])
    """
    # (parcels,) numbers of parcels run from 0; order: versions by parcel, then by first day
    count = int(tables.parcel.max(initial=-1)) + 1
    order = np.argsort(tables.parcel * _SPAN + tables.start, kind="stable")
    per_parcel = np.bincount(tables.parcel, minlength=count)
    first = np.cumsum(per_parcel) - per_parcel
    # (entries,) day numbers
    size = len(tables.ledger)
    entry_start = day_numbers(tables.ledger["valid_from"], missing=ALWAYS, length=size)
    entry_end = day_numbers(tables.ledger.get("valid_to"), missing=OPEN, length=size)
    problems = version_problems(tables, order)
    problems += entry_problems(tables, entry_end, order, first, per_parcel)
    findings = early_entries(tables, entry_start, order, first, count)

    # Join every entry with the versions of its parcel, then keep the overlaps in time.
    entry = np.flatnonzero((tables.entry_parcel < count) & tables.holds_land)
    at = first[tables.entry_parcel[entry]]
    # Some parcel has several versions: repeat its entries for each.
    if count < len(order):
        repeats = per_parcel[tables.entry_parcel[entry]]
        nth = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        entry, at = np.repeat(entry, repeats), np.repeat(at, repeats) + nth
    version = order[at]
    start = np.maximum(entry_start[entry], tables.start[version])
    end = np.minimum(entry_end[entry], tables.end[version])
    kept, doubled = repeated_entries(tables)
    is_again = np.isin(entry, doubled)
    real = (start < end) & ~is_again
    segments = _Segments(
        tables=tables, entry=entry[real], version=version[real], start=start[real], end=end[real]
    )
    held, contradictions, scaled = segments.resolve()
    twice = np.flatnonzero((start < end) & is_again)
    again = entry[twice]
    first_of = pd.Series(kept, index=doubled, dtype="int64").reindex(again)
    columns = (version[twice], first_of, again, start[twice], end[twice])
    told = pd.DataFrame(dict(zip(REPEATS, columns, strict=True)), dtype="int64")
    return (
        Allocations(**held, findings=tuple(findings + scaled), repeats=told, segments=segments),
        problems + contradictions,
    )


class _Segments:
    """Entries cut to the versions of their parcels, on the way to allocations."""

    def __init__(
        self, *, tables: Joined, entry: Ints, version: Ints, start: Ints, end: Ints
    ) -> None:
        self.tables = tables
        by_time = np.argsort(version * _SPAN + start + OPEN)
        self.entry, self.version = entry[by_time], version[by_time]
        self.start, self.end = start[by_time], end[by_time]
        self.part = _part_codes(tables.ledger["status"])[self.entry]
        # (segments,) version and day in one number, so that time never runs on into the next
        # version.
        self.begin = self.version * _SPAN + self.start + OPEN
        self.finish = self.version * _SPAN + self.end + OPEN
        # (segments,) mm² of the contract; missing where an entry holds the whole parcel
        self.part_mm2 = np.full(len(self.entry), np.nan)
        if "part_area_ha" in tables.ledger.columns:
            part_ha = tables.ledger["part_area_ha"].to_numpy(dtype="float64")
            self.part_mm2 = whole_mm2(part_ha[self.entry] * M2_PER_HA)
        self.is_part = ~np.isnan(self.part_mm2)

    @cached_property
    def whole_mm2(self) -> Floats:
        """Give the larger of certificate and measured area of every version."""
        parcels = self.tables.parcels
        drawn, written = (
            areas_m2(parcels, basis=basis, certificate="certificate_area_m2")
            for basis in ("grid", "certificate")
        )
        return np.nan_to_num(whole_mm2(np.fmax(drawn, written)))

    @cached_property
    def parts_mm2(self) -> Floats:
        """Give what the written parts of every version hold together at the most, mm²."""
        most = np.zeros(len(self.tables.parcels))
        rows = np.flatnonzero(self.is_part)
        if len(rows):
            amount = self.part_mm2[rows].astype("int64")
            begin, finish, part = self.begin[rows], self.finish[rows], self.part[rows]
            stretch, level = _stretches(begin, finish, part, amount)
            # A little more than there is was scaled to what there is.
            limit = self.whole_mm2[stretch[:, 0]]
            np.maximum.at(most, stretch[:, 0], np.minimum(_excess(level), limit))
        return most

    def shares_of(self, area_mm2: Floats) -> Ints:
        """Give the share of its parcel each segment holds, in trillionths."""
        # (segments,) whole trillionths; an entry without a part holds the whole parcel
        share = np.full(len(self.entry), _WHOLE)
        rows = np.flatnonzero(self.is_part & (area_mm2[self.version] > 0))
        ratio = self.part_mm2[rows] / area_mm2[self.version[rows]]
        # Capped so that a typing error of many hectares still fits into a whole number.
        share[rows] = np.rint(np.minimum(ratio, 1e5) * _WHOLE)
        return share

    def lay(self, share: Ints) -> tuple[dict[str, Any], Ints, Ints]:
        """Lay the segments of each version beside each other; and say what was crowded."""
        # Most entries are alone on their parcel; only those that share a stretch of time with
        # another are cut into stretches. A segment is alone if it begins where all before it have
        # ended, and so does the next.
        reach = np.maximum.accumulate(self.finish)
        fresh = np.ones(len(self.begin), dtype=bool)
        fresh[1:] = self.begin[1:] >= reach[:-1]
        alone = fresh & np.append(fresh[1:], True) & (share <= _WHOLE)
        crowd = ~alone
        held = {
            "version": self.version[alone],
            "start": self.start[alone],
            "end": self.end[alone],
            "part": self.part[alone],
            "lower": np.zeros(int(alone.sum())),
            "upper": share[alone] / _WHOLE,
        }
        stretch, level = _stretches(
            self.begin[crowd], self.finish[crowd], self.part[crowd], share[crowd]
        )
        crowded = _stack_shares(stretch, level)
        both = {name: np.concatenate([held[name], crowded[name]]) for name in held}
        return both, stretch, level

    def resolve(self) -> tuple[dict[str, Any], list[Finding], list[Finding]]:
        """Lay the segments of each version beside each other, and say where they are too many."""
        self.share = self.shares_of(self.whole_mm2)
        held, stretch, level = self.lay(self.share)
        # (stretches,) trillionths
        excess, limit = _excess(level), round(SHARE_TOLERANCE * _WHOLE)
        problems = self._unmeasurable()
        problems += self._contradictions(stretch, level, np.flatnonzero(excess > limit))
        scaled = self._scaled(
            stretch, excess, np.flatnonzero((excess > _WHOLE) & (excess <= limit))
        )
        return held, problems, scaled

    def _unmeasurable(self) -> list[Finding]:
        """A part of a parcel without an area is no share of anything."""
        unmeasured = self.is_part & (self.whole_mm2[self.version] <= 0)
        if not unmeasured.any():
            return []
        parcels = self.tables.parcels.iloc[self.version[unmeasured]]
        return [
            Finding(
                rule="part_of_nothing",
                severity=Severity.ERROR,
                table="parcels",
                ids=distinct(parcels["parcel_id"]),
                zone_ids=distinct(parcels["zone_id"]),
            )
        ]

    def _contradictions(self, stretch: Ints, level: Ints, rows: Ints) -> list[Finding]:
        """Name the entries that hold more of a parcel than there is, by stretch of time."""
        problems = []
        for (version, start, end), shares in zip(stretch[rows], level[rows], strict=True):
            here = (self.version == version) & (self.start < end) & (start < self.end)
            over_tenure = shares[: len(TENURE_PARTS)].sum() > shares[-1]
            here &= (self.part < len(TENURE_PARTS)) == over_tenure
            # Two whole parcels are two tenures at once; otherwise parts add up to too much.
            whole = int((self.share[here] >= _WHOLE).sum())
            problems.append(
                Finding(
                    rule="tenures_overlap" if whole > 1 else "over_allocated",
                    severity=Severity.ERROR,
                    table="ledger",
                    ids=entry_names(self.tables.ledger, self.entry[here]),
                    zone_ids=(str(self.tables.parcels["zone_id"].iloc[version]),),
                    fields={
                        "parcel": str(self.tables.parcels["parcel_id"].iloc[version]),
                        "start": shown(start),
                        "end": shown(end),
                        "share": f"{self.share[here].sum() / _WHOLE:.2%}",
                    },
                )
            )
        return _first_of_each(problems)

    def _scaled(self, stretch: Ints, excess: Ints, rows: Ints) -> list[Finding]:
        # A trillionth more or less is the rounding of a division, not a share too much.
        """Name the parcels whose shares were scaled to the whole."""
        rows = rows[excess[rows] > _WHOLE * (1 + 1e-9)]
        if not len(rows):
            return []
        parcels = self.tables.parcels.iloc[stretch[rows, 0]]
        return [
            Finding(
                rule="shares_scaled",
                severity=Severity.WARNING,
                table="ledger",
                ids=distinct(parcels["parcel_id"]),
                zone_ids=distinct(parcels["zone_id"]),
                fields={"share": f"{excess[rows].max() / _WHOLE:.4f}"},
            )
        ]


def _part_codes(status: pd.Series) -> Ints:
    """Number the parts; each status is looked up once."""
    codes, uniques = pd.factorize(status)
    positions = np.array([PARTS.index(Status(name)) for name in uniques], dtype="int64")
    return positions[codes] if len(codes) else np.empty(0, dtype="int64")


def _stretches(begin: Ints, finish: Ints, part: Ints, share: Ints) -> tuple[Ints, Ints]:
    """Cut overlapping segments at every start and end."""
    # Gives the stretches (version, start, end) in which something is held, and for each the sum
    # of the shares by part, in trillionths.
    # (edges,) version and day in one number, sorted; place: of each begin and finish, its edge.
    edges, place = np.unique(np.concatenate([begin, finish]), return_inverse=True)
    change = np.zeros(len(edges) * len(PARTS), dtype="int64")
    np.add.at(
        change,
        place * len(PARTS) + np.concatenate([part, part]),
        np.concatenate([share, -share]),
    )
    # (edges, parts) trillionths held from the edge to the next
    level = change.reshape(-1, len(PARTS)).cumsum(axis=0)
    busy = np.flatnonzero(level.any(axis=1))
    version, start = np.divmod(edges[busy], _SPAN)
    end = edges[busy + 1] % _SPAN
    return np.column_stack([version, start - OPEN, end - OPEN]), level[busy]


def _excess(level: Ints) -> Ints:
    """Give the larger of the two sums that must not pass 1: of tenures, and of uncleared."""
    return np.asarray(np.maximum(level[:, : len(TENURE_PARTS)].sum(axis=1), level[:, -1]))


def _stack_shares(stretch: Ints, level: Ints) -> dict[str, Any]:
    """Lay the parts of each stretch side by side: tenures first, then uncleared from the rest."""
    # (stretches, tenures) trillionths, where each tenure ends when they are laid side by side
    tenure = level[:, : len(TENURE_PARTS)].cumsum(axis=1)
    held = tenure[:, -1]
    over = held > _WHOLE
    tenure[over] = np.rint(tenure[over] / held[over, None] * _WHOLE)
    held = np.minimum(held, _WHOLE)
    uncleared = np.minimum(level[:, -1], _WHOLE)
    upper = np.column_stack([tenure, held + np.minimum(uncleared, _WHOLE - held)])
    lower = np.column_stack([np.zeros(len(upper), dtype="int64"), upper[:, :-1]])
    # What is held before it is cleared: nobody says which tenure lies on it, so pro rata.
    beside = uncleared - (upper[:, -1] - held)
    leased = np.rint(beside * (tenure[:, 0] / np.maximum(held, 1)))
    upper = np.column_stack([upper, beside, leased]) / _WHOLE
    lower = np.column_stack([lower, np.zeros((len(lower), len(MEMO_ITEMS)))]) / _WHOLE
    row, part = np.nonzero(upper > lower)
    return {
        "version": stretch[row, 0],
        "start": stretch[row, 1],
        "end": stretch[row, 2],
        "part": part,
        "lower": lower[row, part],
        "upper": upper[row, part],
    }


def _first_of_each(problems: list[Finding]) -> list[Finding]:
    """Keep one finding for the same entries: cut at other entries, a clash repeats itself."""
    seen: dict[tuple[str, ...], Finding] = {}
    for problem in problems:
        seen.setdefault((problem.rule, *problem.ids), problem)
    return list(seen.values())
