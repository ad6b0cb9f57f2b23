"""What the fill map is told of every lot: its shape once, and when its state changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.cartography.geojson import shapes, word
from kcngeo.cartography.simplify import simplified
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.geometry import areas_m2
from kcngeo.core.units import M2_PER_HA
from kcngeo.ledger import PARTS
from kcngeo.maps import limits
from kcngeo.report import MonthlyReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_SHARE_DECIMALS = 9


class States:
    """The states lots are in, each once: shares of the six statuses, by number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[float, ...], int] = {}

    def number(self, shares: NDArray[np.float64]) -> int:
        """Give the number of a state.

        Parameters
        ----------
        shares
            Shares of the six statuses; they add up to 1.

        Returns
        -------
        int
            Its number, a new one for a state not seen before.
        """
        key = tuple(round(float(share), _SHARE_DECIMALS) for share in shares)
        return self._numbers.setdefault(key, len(self._numbers))

    def listed(self) -> list[list[float]]:
        """Give the shares of every state.

        Returns
        -------
        list[list[float]]
            By number.
        """
        return [list(shares) for shares in self._numbers]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lots:
    """Parcel versions, what is held of them and their entries, in months; sorted to be looked up.

    Attributes
    ----------
    report
        The report.
    first
        Of each parcel version, the first month it is in force.
    last
        Of each version, the first month it no longer is.
    live
        Versions in force in some month.
    held
        Rows of what is held, with their ``version`` as key, by version.
    entries
        Rows of the ledger by parcel.
    simplify_m
        Tolerance in metres with which boundaries between lots are drawn simplified; 0 for every
        corner.
    """

    report: MonthlyReport
    first: Ints
    last: Ints
    live: Ints
    held: _Rows
    entries: _Rows
    simplify_m: float

    @classmethod
    def of(cls, report: MonthlyReport, *, simplify_m: float | None = None) -> Lots:
        """Sort the report's tables.

        Parameters
        ----------
        report
            The report.
        simplify_m
            Tolerance in metres for boundaries drawn simplified, 0 for every corner; None for every
            corner of up to 20 000 lots, and 0.5 m beyond.

        Returns
        -------
        Lots
            The lots.
        """
        days = report.dates.to_numpy(dtype="datetime64[D]").astype("int64")
        tables, held = report.snapshot.joined, report.snapshot.allocations
        first, last = np.searchsorted(days, [tables.start, tables.end])
        ledger = tables.ledger
        start = day_numbers(ledger["valid_from"], missing=ALWAYS, length=0)
        end = day_numbers(ledger.get("valid_to"), missing=OPEN, length=len(ledger))
        is_part = held.part < len(PARTS)
        live = np.flatnonzero(first < last)
        if simplify_m is None:
            simplify_m = limits.SIMPLIFY_M if len(live) > limits.ELEMENT_LOTS else 0.0
        return cls(
            report=report,
            first=first,
            last=last,
            live=live,
            held=_Rows.of(days, held.version, held.start, held.end, keep=is_part),
            entries=_Rows.of(days, tables.entry_parcel, start, end),
            simplify_m=simplify_m,
        )

    def in_zone(self, zone_id: str) -> Ints:
        """Give the live versions of a zone.

        Parameters
        ----------
        zone_id
            The zone.

        Returns
        -------
        NDArray[np.int64]
            Their positions.
        """
        zones = self.report.snapshot.parcels["zone_id"].to_numpy(dtype=object)
        return self.live[zones[self.live] == zone_id]

    def payload(
        self, versions: Ints, *, zone_ids: list[str], states: States
    ) -> list[dict[str, Any]]:
        """Say of each lot what ``fill_map.js`` draws and tells.

        Parameters
        ----------
        versions
            Positions of parcel versions.
        zone_ids
            The zones of the page, in order.
        states
            Where the states are numbered.

        Returns
        -------
        list[dict[str, Any]]
            A dict a version that has a shape.
        """
        tables = self.report.snapshot.joined
        shown = tables.parcels.iloc[versions]
        area_m2 = areas_m2(shown, basis=self.report.area, certificate="certificate_area_m2")
        lots = shown["lot_code"] if "lot_code" in shown.columns else [None] * len(shown)
        drawn = simplified(shown, tolerance_m=self.simplify_m) if self.simplify_m else shown
        rows = zip(
            versions.tolist(),
            shown["parcel_id"],
            shown["zone_id"],
            shown["land_use"],
            lots,
            area_m2 / M2_PER_HA,
            shapes(drawn),
            strict=True,
        )
        told = self._told()
        return [
            {
                "id": parcel_id,
                "zone": zone_ids.index(zone_id),
                "use": use,
                "lot": word(lot),
                "area_ha": round(float(area_ha), 8) if np.isfinite(area_ha) else 0.0,
                "from": int(self.first[version]),
                "to": int(self.last[version]),
                "geometry": shape,
                "states": self._changes(version, states),
                "entries": self._entries(version, told),
            }
            for version, parcel_id, zone_id, use, lot, area_ha, shape in rows
            if shape is not None
        ]

    def _changes(self, version: int, states: States) -> list[list[int]]:
        """Give the months at which the state of a version changes, and the new state."""
        held = self.report.snapshot.allocations
        first, last = int(self.first[version]), int(self.last[version])
        rows, since, until = self.held.of_key(version)
        cuts = {first, *since.tolist(), *until[until < last].tolist()}
        part, width = held.part[rows], held.upper[rows] - held.lower[rows]
        steps: list[list[int]] = []
        for month in sorted(cuts):
            now = (since <= month) & (month < until)
            shares = np.zeros(len(PARTS) + 1)
            np.add.at(shares, part[now], width[now])
            shares[-1] = max(0.0, 1 - shares.sum())
            state = states.number(shares)
            if not steps or steps[-1][1] != state:
                steps.append([month, state])
        return steps

    def _entries(self, version: int, told: _Told) -> list[list[Any]]:
        """Give the entries of a version's parcel as a popup shows them, by month."""
        first, last = int(self.first[version]), int(self.last[version])
        rows, since, until = self.entries.of_key(int(self.report.snapshot.joined.parcel[version]))
        return [
            [
                max(int(begin), first),
                min(int(end), last),
                told.status[row],
                number(told.part_ha[row]),
                word(told.document[row]),
                word(told.investor[row]),
            ]
            for row, begin, end in zip(rows.tolist(), since, until, strict=True)
            if begin < last and end > first
        ]

    def _told(self) -> _Told:
        """Find what popups say of the entries."""
        ledger, projects = self.report.snapshot.ledger, self.report.project.projects
        none = np.full(len(ledger), None, dtype=object)
        investor = none
        if "project_id" in ledger.columns and projects is not None and "investor" in projects:
            known = projects.drop_duplicates("project_id").set_index("project_id")["investor"]
            investor = ledger["project_id"].map(known).to_numpy(dtype=object)
        return _Told(
            status=ledger["status"].to_numpy(dtype=object),
            part_ha=np.asarray(ledger.get("part_area_ha", none), dtype=object),
            document=np.asarray(ledger.get("document", none), dtype=object),
            investor=investor,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Told:
    """Of each entry, what a popup says."""

    status: NDArray[Any]
    part_ha: NDArray[Any]
    document: NDArray[Any]
    investor: NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Rows that hold in some month, sorted by a key; the order among equals is kept."""

    row: Ints
    key: Ints
    since: Ints
    until: Ints

    @classmethod
    def of(cls, days: Ints, key: Ints, start: Ints, end: Ints, *, keep: Any = True) -> _Rows:
        since, until = np.searchsorted(days, start), np.searchsorted(days, end)
        row = np.flatnonzero(keep & (since < until))
        row = row[np.argsort(key[row], kind="stable")]
        return cls(row=row, key=key[row], since=since[row], until=until[row])

    def of_key(self, key: int) -> tuple[Ints, Ints, Ints]:
        low, high = np.searchsorted(self.key, [key, key + 1])
        return self.row[low:high], self.since[low:high], self.until[low:high]


def number(value: Any) -> float | None:
    """Give a figure as it travels.

    Parameters
    ----------
    value
        A number, or what stands for a missing one.

    Returns
    -------
    float | None
        Eight decimals; None where it is missing.
    """
    return None if value is None or pd.isna(value) else round(float(value), 8)
