"""What the fill map is told of every parcel: its shape once, and when its state changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kcngeo.cartography import MapSpec
from kcngeo.cartography.geojson import shapes, word, written_at
from kcngeo.cartography.labels import short_numbers
from kcngeo.cartography.simplify import simplified
from kcngeo.cartography.spec import MapHistory
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.ledger import lot_numbers
from kcngeo.maps import limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_SHARE_DECIMALS = 9


class States:
    """The states lots are in, each once: shares of the six statuses, by number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[float, ...], int] = {}

    def number(self, shares: NDArray[np.float64]) -> int:
        """Give the number of a state."""
        key = tuple(round(float(share), _SHARE_DECIMALS) for share in shares)
        return self._numbers.setdefault(key, len(self._numbers))

    def listed(self) -> list[list[float]]:
        """Give the shares of every state."""
        return [list(shares) for shares in self._numbers]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parcels:
    """Parcel versions of a map's history, in months; sorted to be looked up.

    Attributes
    ----------
    spec
        The map.
    since
        Of each period, the first month it is shown in.
    until
        Of each period, the first month it no longer is.
    begins
        Of each version, its first period; the periods of a version follow each other.
    ends
        Of each version, the period after its last one.
    live
        Versions shown in some month.
    shares
        Of each period, the shares of the six statuses; missing where there is no account.
    entries
        Rows of the ledger by parcel.
    simplify_m
        Tolerance in metres with which boundaries between parcels are drawn simplified; 0 for every
        corner.
    """

    spec: MapSpec
    since: Ints
    until: Ints
    begins: Ints
    ends: Ints
    live: Ints
    shares: NDArray[np.float64]
    entries: _Entries
    simplify_m: float

    @classmethod
    def of(cls, spec: MapSpec, *, simplify_m: float | None = None) -> Parcels:
        """Sort the periods of a map."""
        history = history_of(spec)
        frame, days = history.parcels.frame, day_numbers_of(history)
        since, until = months(frame, days)
        version = frame["version"].to_numpy(dtype="int64")
        begins = np.flatnonzero(np.diff(version, prepend=-1))
        ends = np.append(begins[1:], len(version))
        live = np.flatnonzero(since[begins] < until[ends - 1]) if len(begins) else begins
        if simplify_m is None:
            simplify_m = limits.SIMPLIFY_M if len(live) > limits.ELEMENT_LOTS else 0.0
        return cls(
            spec=spec,
            since=since,
            until=until,
            begins=begins,
            ends=ends,
            live=live,
            shares=frame[list(history.parcels.shares)].to_numpy(dtype="float64"),
            entries=_Entries.of(history.entries, days),
            simplify_m=simplify_m,
        )

    def in_zone(self, zone_id: str) -> Ints:
        """Give the live versions of a zone."""
        zones = history_of(self.spec).parcels.frame["zone_id"].to_numpy(dtype=object)
        return self.live[zones[self.begins[self.live]] == zone_id]

    def payload(
        self, versions: Ints, *, zone_ids: list[str], states: States
    ) -> list[dict[str, Any]]:
        """Say of each parcel what ``fill_map.js`` draws and tells."""
        frame = history_of(self.spec).parcels.frame
        shown = frame.iloc[self.begins[versions]]
        numbers = lot_numbers(shown, among=frame)
        short = short_numbers(numbers, shown["zone_id"])
        drawn = simplified(shown, tolerance_m=self.simplify_m) if self.simplify_m else shown
        place_of = {zone_id: place for place, zone_id in enumerate(zone_ids)}
        rows = zip(
            versions.tolist(),
            shown["parcel_id"],
            shown["zone_id"],
            shown["land_use"],
            numbers,
            short,
            written_at(shown),
            shown["area_ha"],
            shapes(drawn),
            strict=True,
        )
        # "from" and "to" are positions of months; without a shape there is nothing to draw.
        return [
            {
                "id": parcel_id,
                "zone": place_of[zone_id],
                "use": use,
                "lot": None if lot == parcel_id else lot,
                "short": None if end == lot else end,
                "place": place,
                "area_ha": round(float(area_ha), 8) if np.isfinite(area_ha) else 0.0,
                "from": int(self.since[self.begins[version]]),
                "to": int(self.until[self.ends[version] - 1]),
                "geometry": shape,
                "states": self._changes(version, states),
                "entries": self._told(version, parcel_id),
            }
            for version, parcel_id, zone_id, use, lot, end, place, area_ha, shape in rows
            if shape is not None and zone_id in place_of
        ]

    def _changes(self, version: int, states: States) -> list[list[int]]:
        """Give the months at which the state of a version changes, and the new state."""
        steps: list[list[int]] = []
        for row in range(self.begins[version], self.ends[version]):
            is_seen = self.since[row] < self.until[row]
            # Without an account there are no shares.
            if not is_seen or np.isnan(self.shares[row]).any():
                continue
            state = states.number(self.shares[row])
            if not steps or steps[-1][1] != state:
                steps.append([int(self.since[row]), state])
        return steps

    def _told(self, version: int, parcel_id: str) -> list[list[Any]]:
        """Give the entries of a version's parcel as a popup shows them, by month."""
        first = int(self.since[self.begins[version]])
        last = int(self.until[self.ends[version] - 1])
        return [
            [max(begin, first), min(end, last), *said]
            for begin, end, said in self.entries.of_parcel(parcel_id)
            if begin < last and end > first
        ]


def history_of(spec: MapSpec) -> MapHistory:
    """Give the history of a map that must have one."""
    if spec.history is None:
        raise ValueError(f"the map {spec.theme} has no months")
    return spec.history


def day_numbers_of(history: MapHistory) -> Ints:
    """Give the reporting days of a map as numbers."""
    return history.dates.to_numpy(dtype="datetime64[D]").astype("int64")


def months(frame: pd.DataFrame, days: Ints) -> tuple[Ints, Ints]:
    """Tell from which month to which rows hold: those whose last day lies in their time."""
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=len(frame))
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=len(frame))
    return np.searchsorted(days, start), np.searchsorted(days, end)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Entries:
    """Entries of the ledger that hold in some month, by parcel."""

    rows: dict[str, list[tuple[int, int, list[Any]]]]

    @classmethod
    def of(cls, entries: pd.DataFrame, days: Ints) -> _Entries:
        since, until = months(entries, days)
        seen = np.flatnonzero(since < until)
        kept = entries.iloc[seen]
        columns = (kept[name] for name in ("status", "part_area_ha", "document", "investor"))
        rows: dict[str, list[tuple[int, int, list[Any]]]] = {}
        for parcel_id, begin, end, status, part_ha, document, investor in zip(
            kept["parcel_id"], since[seen].tolist(), until[seen].tolist(), *columns, strict=True
        ):
            said = [status, number(part_ha), word(document), word(investor)]
            rows.setdefault(parcel_id, []).append((begin, end, said))
        return cls(rows=rows)

    def of_parcel(self, parcel_id: str) -> list[tuple[int, int, list[Any]]]:
        return self.rows.get(parcel_id, [])


def number(value: Any) -> float | None:
    """Give a figure as it travels."""
    return None if value is None or pd.isna(value) else round(float(value), 8)
