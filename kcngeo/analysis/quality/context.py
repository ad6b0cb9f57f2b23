"""What a check stands on: the tables as known, their sound rows, and where every row lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.analysis.quality.finding import Noticed
from kcngeo.core.dates import ALWAYS, VIET_NAM, Day, day_number, day_numbers
from kcngeo.core.geometry import invalid_rows
from kcngeo.core.schema import TABLES
from kcngeo.core.validation import as_known, row_names, validate
from kcngeo.ledger import Project, Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

REQUIRED = ("zones", "parcels", "ledger")
"""Tables every project has."""

OLDEST = int(np.datetime64("1960-01-01", "D").astype("int64"))
"""No industrial zone of the country is older."""

# No term runs longer than a few generations.
_NEWEST = int(np.datetime64("2200-01-01", "D").astype("int64"))


class Ground:
    """Tables of a project, each with the rows that keep its contract.

    Rows at fault are findings already; the rules look at the rest, so that one bad row does not
    hide the others. A table of which no row can be used is left out.

    Parameters
    ----------
    project
        The tables.
    on
        The day as of which they are judged; None for the day they were last recorded.
    """

    def __init__(self, project: Project | Snapshot, *, on: Day | None = None) -> None:
        # A snapshot is sound; what was at fault is still in the tables as they were stored.
        recorded = (isinstance(project, Snapshot) and project.recorded) or project
        self.given = {name: as_known(frame) for name, frame in recorded.tables()}
        self.frames: dict[str, Any] = {}
        self.breaches: list[Noticed] = []
        for name, frame in self.given.items():
            rows, problems = validate(frame.reset_index(drop=True), name, errors="drop")
            if rows is not None:
                self.frames[name] = rows.reset_index(drop=True)
            self.breaches += [
                Noticed(finding=problem, geometry=self._where(name, problem.ids))
                for problem in problems
            ]
        self.on = day_number(on) if on is not None else self._last_day()
        self.crs = next(
            (
                self.given[name].crs
                for name in ("parcels", "zones")
                if isinstance(self.given.get(name), gpd.GeoDataFrame)
                and self.given[name].active_geometry_name is not None
            ),
            None,
        )
        self.astray: dict[str, NDArray[np.intp]] = {}
        self._shapes: dict[str, Any] | None = None

    def has(self, *tables: str) -> bool:
        """Tell whether tables are there with rows to look at."""
        return all(name in self.frames for name in tables)

    def column(self, table: str, name: str) -> bool:
        """Tell whether a table is there and has a column."""
        return table in self.frames and name in self.frames[table].columns

    def names(self, table: str, rows: Any) -> tuple[str, ...]:
        """Name rows of a table by their id."""
        return row_names(self.frames[table], np.asarray(rows), *TABLES[table].key[:1])

    def measurable(self, table: str) -> Any:
        """Give the rows of a table whose shapes can be measured where they lie."""
        frame = self.frames[table]
        bad = np.union1d(invalid_rows(frame)[0], self.astray.get(table, []))
        return frame.drop(index=frame.index[bad.astype(np.intp)]).reset_index(drop=True)

    def shapes(self, parcel_ids: Iterable[Any]) -> Any:
        """Give the place of some parcels: the last shape of one, the last shapes of several."""
        if self._shapes is None:
            self._shapes = {}
            if self.has("parcels"):
                frame = self.frames["parcels"]
                start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=len(frame))
                order = np.argsort(start, kind="stable")
                ids, drawn = frame["parcel_id"].to_numpy(), frame.geometry.to_numpy()
                self._shapes = dict(zip(ids[order], drawn[order], strict=True))
        found = [self._shapes.get(name) for name in parcel_ids]
        return together([shape for shape in found if shape is not None])

    def _where(self, table: str, ids: Sequence[str]) -> Any:
        """Find the place of rows that break their contract, among those given."""
        frame = self.given[table]
        key = TABLES[table].key[0]
        if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
            return None
        if key not in frame.columns or table not in ("zones", "parcels"):
            return None
        return together(frame.geometry[frame[key].astype("object").isin(ids)].dropna())

    def _last_day(self) -> int | None:
        """Give the day on which something was last recorded, else last began."""
        moments = [
            pd.to_datetime(frame["recorded_at"], utc=True, errors="coerce").max()
            for frame in self.frames.values()
            if "recorded_at" in frame.columns
        ]
        known = [moment for moment in moments if not pd.isna(moment)]
        if known:
            return day_number(max(known).tz_convert(VIET_NAM).tz_localize(None).normalize())
        if not self.has("ledger"):
            return None
        # A slip of the century is a finding, and no day to tell the effects of.
        ledger = self.frames["ledger"]
        begun = ledger["valid_from"][~implausible_days(ledger, "valid_from")].max()
        return None if pd.isna(begun) else day_number(begun)


def implausible_days(frame: pd.DataFrame, column: str) -> Any:
    """Tell in which rows a day is of no century of ours."""
    if column not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    days = day_numbers(frame[column], missing=OLDEST, length=len(frame))
    return (days < OLDEST) | (days >= _NEWEST)


def together(shapes: Any) -> Any:
    """Put the places of several rows into one geometry, as they stand."""
    present = [one for one in shapes if one is not None and not one.is_empty]
    if len(present) < 2:
        return present[0] if present else None
    parts = shapely.get_parts(np.array(present, dtype=object))
    flat: NDArray[Any] = parts[shapely.get_type_id(parts) == 3]
    return shapely.multipolygons(flat) if len(flat) else shapely.GeometryCollection(list(parts))
