"""The ledger: what is known of every parcel on any day, as interval arithmetic on arrays.

An entry gives a parcel, or part of it, a status from a day to a day; a parcel version gives it a
shape and a use from a day to a day. Both are half-open intervals, ``valid_from <= on < valid_to``,
and both may be corrected later, so every question has two dates: ``on``, and ``known_at``.

Everything is built on :class:`Holdings`: for each parcel version, the stretches of time in which
something is held of it, and which share. The state on a day, a land account and a series of
1200 months are sums over the same rows.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.core.contracts import as_known, checked, distinct, row_names
from kcngeo.core.days import ALWAYS, OPEN, Day, day_number, day_numbers, shown
from kcngeo.core.errors import ContractError, KcngeoWarning
from kcngeo.core.model import Finding, Severity, Status
from kcngeo.core.units import M2_PER_HA

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

TENURE_PARTS = ("leased", "reserved", "recovering", "repurposed")
PARTS = (*TENURE_PARTS, "uncleared")
"""Parts of a parcel that are not available, in the order they are laid on it."""

MEMOS = ("uncleared_held", "leased_uncleared")
"""Given again beside the parts: what is held, or let, of land that is not yet cleared."""

SHARE_TOLERANCE = 1.005
"""Shares of one parcel may add up to this; they are then scaled to 1 and reported."""

# Shares are added as whole trillionths, so that a sum of parts is exactly the whole or not.
_WHOLE = 10**12
# A version and a day in one sortable number.
_SPAN = 2 * OPEN + 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holdings:
    """What is held of every parcel version, stretch by stretch: one row a stretch and part.

    Within a version and a stretch the parts lie side by side: a part takes the share from ``lower``
    to ``upper`` of the parcel, and the last ``upper`` is 1 if nothing is available. The two memo
    parts begin at 0.

    Attributes
    ----------
    version
        Row position of the parcel version.
    start
        First day, as a day number.
    end
        First day no longer, as a day number.
    part
        Position in ``PARTS + MEMOS``.
    lower
        Share at which the part begins.
    upper
        Share at which it ends.
    findings
        What was noticed on the way and does not make the figures wrong.
    """

    version: Ints
    start: Ints
    end: Ints
    part: Ints
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tables:
    """Parcels and ledger as known at a time, checked, with the entries joined to their parcels.

    Attributes
    ----------
    parcels
        Parcel versions.
    ledger
        Entries.
    parcel
        Of each version, the number of its parcel.
    entry_parcel
        Of each entry, the number of its parcel; parcels that do not exist have higher numbers.
    start
        First day of each version, as a day number.
    end
        First day no longer of each version.
    """

    parcels: gpd.GeoDataFrame
    ledger: pd.DataFrame
    parcel: Ints
    entry_parcel: Ints
    start: Ints
    end: Ints


def state(
    parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, *, on: Day, known_at: Any = None
) -> gpd.GeoDataFrame:
    """Give every parcel in force on a day with the shares of it that are held.

    Uncleared land is taken from the free rest of a parcel first; what is let or reserved before it
    is cleared counts under its tenure and again in ``uncleared_held_share``. The state does not
    ask which land uses count: that is the definition's matter, see :mod:`kcngeo.fill`.

    Parameters
    ----------
    parcels
        Parcel versions, table "parcels".
    ledger
        Entries, table "ledger".
    on
        The day.
    known_at
        As known at this moment, or at the end of this day in Viet Nam; None for all that is not
        superseded.

    Returns
    -------
    gpd.GeoDataFrame
        The versions in force, index and columns kept, and for each part of the account its share
        of the parcel (0 to 1): ``leased_share``, ``reserved_share``, ``recovering_share``,
        ``repurposed_share``, ``uncleared_share``, ``available_share`` (these add up to 1),
        ``uncleared_held_share``, ``leased_uncleared_share``; and ``status``, the largest part.

    Raises
    ------
    ContractError
        If the tables break their contract or contradict each other; all breaches are listed.
    """
    number = day_number(on)
    tables = known_tables(parcels, ledger, known_at=known_at)
    held = holdings(tables)
    now = (held.start <= number) & (number < held.end)
    width = len(PARTS) + len(MEMOS)
    shares = np.bincount(
        held.version[now] * width + held.part[now],
        weights=held.upper[now] - held.lower[now],
        minlength=len(tables.parcels) * width,
    ).reshape(-1, width)
    in_force = (tables.start <= number) & (number < tables.end)
    shares = shares[in_force]
    result = tables.parcels.loc[in_force].copy()
    columns: dict[str, Any] = dict(zip((*PARTS, *MEMOS), shares.T, strict=True))
    # The last upper bound is exactly 1 where nothing is left, so the largest one tells the rest.
    full = np.zeros(len(tables.parcels))
    tenure = now & (held.part < len(PARTS))
    np.maximum.at(full, held.version[tenure], held.upper[tenure])
    columns["available"] = 1 - full[in_force]
    order = (*PARTS, "available")
    for name in (*order, *MEMOS):
        result[f"{name}_share"] = columns[name]
    largest = np.argmax(np.column_stack([columns[name] for name in order]), axis=1)
    result["status"] = pd.array(np.array(order)[largest], dtype="str")
    return result


def known_tables(
    parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, *, known_at: Any = None
) -> Tables:
    """Check parcels and ledger as known at a time, and join them.

    Parameters
    ----------
    parcels
        Parcel versions.
    ledger
        Entries.
    known_at
        See :func:`state`.

    Returns
    -------
    Tables
        The joined tables.

    Raises
    ------
    ContractError
        If a table breaks its own contract.
    """
    parcels = checked(as_known(parcels, known_at), "parcels")
    ledger = checked(as_known(ledger, known_at), "ledger")
    both = pd.concat([parcels["parcel_id"], ledger["parcel_id"]], ignore_index=True)
    codes = pd.factorize(both)[0].astype("int64")
    size = len(parcels)
    return Tables(
        parcels=parcels,
        ledger=ledger,
        parcel=codes[:size],
        entry_parcel=codes[size:],
        start=day_numbers(parcels.get("valid_from"), missing=ALWAYS, length=size),
        end=day_numbers(parcels.get("valid_to"), missing=OPEN, length=size),
    )


def holdings(tables: Tables) -> Holdings:
    """Work out what is held of every parcel version, and when.

    Parameters
    ----------
    tables
        Joined tables, from :func:`known_tables`.

    Returns
    -------
    Holdings
        The stretches.

    Raises
    ------
    ContractError
        If parcels and ledger contradict each other; all contradictions are listed.

    Warns
    -----
    KcngeoWarning
        If shares were a little over 1 and were scaled to 1.
    """
    held, problems = examined_holdings(tables)
    if problems:
        raise ContractError(problems)
    for finding in held.findings:
        if finding.rule == "shares_scaled":
            warnings.warn(finding.message(), KcngeoWarning, stacklevel=3)
    return held


def examined_holdings(tables: Tables) -> tuple[Holdings, list[Finding]]:
    """Work out the holdings and list every contradiction instead of raising.

    Parameters
    ----------
    tables
        Joined tables.

    Returns
    -------
    tuple[Holdings, list[Finding]]
        The holdings (not to be used for the zones at fault) and the contradictions.
    """
    count = int(tables.parcel.max(initial=-1)) + 1
    order = np.argsort(tables.parcel * _SPAN + tables.start, kind="stable")
    per_parcel = np.bincount(tables.parcel, minlength=count)
    first = np.cumsum(per_parcel) - per_parcel
    entry_start = day_numbers(tables.ledger["valid_from"], missing=ALWAYS, length=0)
    entry_end = day_numbers(tables.ledger.get("valid_to"), missing=OPEN, length=len(tables.ledger))
    problems = _version_problems(tables, order)
    problems += _entry_problems(tables, entry_end, order, first, per_parcel)
    findings = _early_entries(tables, entry_start, order, first, count)

    # Join every entry with the versions of its parcel, then keep the overlaps in time.
    known = np.flatnonzero(tables.entry_parcel < count)
    repeats = per_parcel[tables.entry_parcel[known]]
    entry = np.repeat(known, repeats)
    nth = np.arange(len(entry)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    version = order[first[tables.entry_parcel[entry]] + nth]
    start = np.maximum(entry_start[entry], tables.start[version])
    end = np.minimum(entry_end[entry], tables.end[version])
    real = start < end
    segments = _Segments(
        tables=tables, entry=entry[real], version=version[real], start=start[real], end=end[real]
    )
    held, contradictions, scaled = segments.resolve()
    return (
        Holdings(**held, findings=tuple(findings + scaled)),
        problems + contradictions,
    )


class _Segments:
    """Entries cut to the versions of their parcels, on the way to holdings."""

    def __init__(
        self, *, tables: Tables, entry: Ints, version: Ints, start: Ints, end: Ints
    ) -> None:
        self.tables = tables
        by_time = np.argsort(version * _SPAN + start + OPEN)
        self.entry, self.version = entry[by_time], version[by_time]
        self.start, self.end = start[by_time], end[by_time]
        self.part = _part_codes(tables.ledger["status"])[self.entry]
        self.share = self._shares()

    def _shares(self) -> Ints:
        """Give the share of its parcel each segment holds, in trillionths."""
        share = np.full(len(self.entry), _WHOLE)
        if "part_area_ha" not in self.tables.ledger.columns:
            return share
        part_ha = self.tables.ledger["part_area_ha"].to_numpy()[self.entry]
        rows = np.flatnonzero(~np.isnan(part_ha))
        parcels = self.tables.parcels.iloc[self.version[rows]]
        whole_m2 = np.asarray(shapely.area(parcels.geometry.to_numpy()))
        if "certificate_area_m2" in parcels.columns:
            written = parcels["certificate_area_m2"].to_numpy()
            whole_m2 = np.where(np.isnan(written), whole_m2, written)
        with np.errstate(divide="ignore"):
            ratio = part_ha[rows] * M2_PER_HA / whole_m2
        share[rows] = np.rint(np.minimum(ratio, 1e5) * _WHOLE)
        return share

    def resolve(self) -> tuple[dict[str, Any], list[Finding], list[Finding]]:
        """Lay the segments of each version beside each other.

        Most entries are alone on their parcel; only those that share a stretch of time with
        another are cut into stretches.
        """
        begin = self.version * _SPAN + self.start + OPEN
        finish = self.version * _SPAN + self.end + OPEN
        reach = np.maximum.accumulate(finish)
        fresh = np.ones(len(begin), dtype=bool)
        fresh[1:] = begin[1:] >= reach[:-1]
        group = np.cumsum(fresh) - 1
        alone = (np.bincount(group)[group] == 1) & (self.share <= _WHOLE)
        crowd = ~alone
        held = {
            "version": self.version[alone],
            "start": self.start[alone],
            "end": self.end[alone],
            "part": self.part[alone],
            "lower": np.zeros(int(alone.sum())),
            "upper": self.share[alone] / _WHOLE,
        }
        if not crowd.any():
            return held, [], []
        stretch, level = _stretches(
            begin[crowd], finish[crowd], self.part[crowd], self.share[crowd]
        )
        excess, limit = _excess(level), round(SHARE_TOLERANCE * _WHOLE)
        problems = self._contradictions(stretch, level, np.flatnonzero(excess > limit))
        scaled = self._scaled(
            stretch, excess, np.flatnonzero((excess > _WHOLE) & (excess <= limit))
        )
        crowded = _laid_out(stretch, level)
        return (
            {name: np.concatenate([held[name], crowded[name]]) for name in held},
            problems,
            scaled,
        )

    def _contradictions(self, stretch: Ints, level: Ints, rows: Ints) -> list[Finding]:
        problems = []
        for version, start, end in stretch[rows]:
            here = (self.version == version) & (self.start < end) & (start < self.end)
            tenure = level[(stretch[:, 0] == version) & (stretch[:, 1] == start)][0]
            over_tenure = tenure[: len(TENURE_PARTS)].sum() > tenure[-1]
            here &= (self.part < len(TENURE_PARTS)) == over_tenure
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
                        "share": f"{self.share[here].sum() / _WHOLE:.1%}",
                    },
                )
            )
        return _first_of_each(problems)

    def _scaled(self, stretch: Ints, excess: Ints, rows: Ints) -> list[Finding]:
        # A trillionth more or less is the rounding of a division, not a share too much.
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


def entry_names(ledger: pd.DataFrame, rows: Any) -> tuple[str, ...]:
    """Name ledger entries for a message.

    Parameters
    ----------
    ledger
        The ledger.
    rows
        Positions of the entries.

    Returns
    -------
    tuple[str, ...]
        ``entry_id`` where there is one, else "parcel status from–to".
    """
    part = ledger.iloc[rows]
    names = row_names(part, np.arange(len(part)), "entry_id")
    plain = part["entry_id"].isna().to_numpy() if "entry_id" in part else np.ones(len(part), bool)
    starts = day_numbers(part["valid_from"], missing=ALWAYS, length=0)
    ends = day_numbers(part.get("valid_to"), missing=OPEN, length=len(part))
    return tuple(
        f"{parcel} {status} {shown(start)}–{shown(end)}" if is_plain else name
        for name, is_plain, parcel, status, start, end in zip(
            names, plain, part["parcel_id"], part["status"], starts, ends, strict=True
        )
    )


def _part_codes(status: pd.Series) -> Ints:
    codes, uniques = pd.factorize(status)
    positions = np.array([PARTS.index(Status(name)) for name in uniques], dtype="int64")
    return positions[codes] if len(codes) else np.empty(0, dtype="int64")


def _stretches(begin: Ints, finish: Ints, part: Ints, share: Ints) -> tuple[Ints, Ints]:
    """Cut overlapping segments at every start and end.

    Returns the stretches (version, start, end) in which something is held, and for each the sum
    of the shares by part, in trillionths.
    """
    edges, place = np.unique(np.concatenate([begin, finish]), return_inverse=True)
    change = np.zeros(len(edges) * len(PARTS), dtype="int64")
    np.add.at(
        change,
        place * len(PARTS) + np.concatenate([part, part]),
        np.concatenate([share, -share]),
    )
    level = change.reshape(-1, len(PARTS)).cumsum(axis=0)
    busy = np.flatnonzero(level.any(axis=1))
    version, start = np.divmod(edges[busy], _SPAN)
    end = edges[busy + 1] % _SPAN
    return np.column_stack([version, start - OPEN, end - OPEN]), level[busy]


def _excess(level: Ints) -> Ints:
    """Give the larger of the two sums that must not pass 1: of tenures, and of uncleared."""
    return np.asarray(np.maximum(level[:, : len(TENURE_PARTS)].sum(axis=1), level[:, -1]))


def _laid_out(stretch: Ints, level: Ints) -> dict[str, Any]:
    """Lay the parts of each stretch side by side: tenures first, then uncleared from the rest."""
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
    lower = np.column_stack([lower, np.zeros((len(lower), len(MEMOS)))]) / _WHOLE
    row, part = np.nonzero(upper > lower)
    return {
        "version": stretch[row, 0],
        "start": stretch[row, 1],
        "end": stretch[row, 2],
        "part": part,
        "lower": lower[row, part],
        "upper": upper[row, part],
    }


def _version_problems(tables: Tables, order: Ints) -> list[Finding]:
    parcel = tables.parcel[order]
    bad = np.flatnonzero(
        (parcel[1:] == parcel[:-1]) & (tables.start[order[1:]] < tables.end[order[:-1]])
    )
    if not len(bad):
        return []
    rows = tables.parcels.iloc[order[bad]]
    return [
        Finding(
            rule="versions_overlap",
            severity=Severity.ERROR,
            table="parcels",
            ids=distinct(rows["parcel_id"]),
            zone_ids=distinct(rows["zone_id"]),
        )
    ]


def _entry_problems(
    tables: Tables, entry_end: Ints, order: Ints, first: Ints, per_parcel: Ints
) -> list[Finding]:
    """List entries of parcels that do not exist, or that end before their entry does."""
    count = len(per_parcel)
    problems = []
    strange = np.flatnonzero(tables.entry_parcel >= count)
    if len(strange):
        problems.append(
            Finding(
                rule="unknown_parcel",
                severity=Severity.ERROR,
                table="ledger",
                ids=entry_names(tables.ledger, strange),
            )
        )
    known = np.flatnonzero(tables.entry_parcel < count)
    last = order[first + per_parcel - 1]
    late = known[entry_end[known] > tables.end[last[tables.entry_parcel[known]]]]
    for parcel in np.unique(tables.entry_parcel[late]):
        version = tables.parcels.iloc[last[parcel]]
        problems.append(
            Finding(
                rule="entry_outlives_parcel",
                severity=Severity.ERROR,
                table="ledger",
                ids=entry_names(tables.ledger, late[tables.entry_parcel[late] == parcel]),
                zone_ids=(str(version["zone_id"]),),
                fields={
                    "ended": shown(tables.end[last[parcel]]),
                    "children": children(tables.parcels, str(version["parcel_id"])) or "–",
                },
            )
        )
    return problems


def children(parcels: gpd.GeoDataFrame, parcel_id: str) -> tuple[str, ...]:
    """Find the parcels that name a parcel as their parent.

    Parameters
    ----------
    parcels
        Parcel versions.
    parcel_id
        The parent.

    Returns
    -------
    tuple[str, ...]
        Ids of its children, sorted.
    """
    if "parents" not in parcels.columns:
        return ()
    named = parcels["parents"].fillna("").str.split("|")
    return distinct(parcels["parcel_id"][[parcel_id in parents for parents in named]])


def _early_entries(
    tables: Tables, entry_start: Ints, order: Ints, first: Ints, count: int
) -> list[Finding]:
    known = np.flatnonzero(tables.entry_parcel < count)
    begin = tables.start[order[first]] if count else np.empty(0, dtype="int64")
    early = known[entry_start[known] < begin[tables.entry_parcel[known]]]
    if not len(early):
        return []
    zones = tables.parcels["zone_id"].iloc[order[first[tables.entry_parcel[early]]]]
    return [
        Finding(
            rule="entry_precedes_parcel",
            severity=Severity.WARNING,
            table="ledger",
            ids=entry_names(tables.ledger, early),
            zone_ids=distinct(zones),
        )
    ]


def _first_of_each(problems: list[Finding]) -> list[Finding]:
    """Keep one finding for the same entries: cut at other entries, a clash repeats itself."""
    seen: dict[tuple[str, ...], Finding] = {}
    for problem in problems:
        seen.setdefault((problem.rule, *problem.ids), problem)
    return list(seen.values())
