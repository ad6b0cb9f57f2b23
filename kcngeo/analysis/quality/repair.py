"""Mend geometry on request and in the open: each repair by its name, every change in a log.

Nothing in the library repairs by itself. A repair gives a new layer and says, row by row, what it
did to the area; one that would move more land than the caller allows is refused, with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.crs import require_metric_crs
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.errors import GeometryError
from kcngeo.core.geometry import OVERLAP_M2, require_polygons
from kcngeo.core.validation import row_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOG_COLUMNS = ("operation", "change", "id", "area_before_m2", "area_after_m2", "moved_m2")
"""Columns of the log of a repair beside the geometry."""

# Less is the rounding of an overlay.
_NOTHING_M2 = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Repaired:
    """A layer after a repair, and what was done to it.

    Attributes
    ----------
    frame
        The new layer; index labels and columns as before, dropped rows left out.
    log
        A row a change: ``operation``, ``change`` ("changed" or "dropped"), ``id``,
        ``area_before_m2``, ``area_after_m2``, ``moved_m2`` (land that is no longer, or only now,
        in the row) and the geometry after it (of a dropped row: before).
    before_m2
        Sum of the areas before.
    after_m2
        Sum of the areas after.
    """

    frame: gpd.GeoDataFrame
    log: gpd.GeoDataFrame
    before_m2: float
    after_m2: float

    def __repr__(self) -> str:
        head = f"Repaired: {self.before_m2:.1f} m² before, {self.after_m2:.1f} m² after"
        counts = self.log.groupby(["operation", "change"]).agg(
            rows=("id", "size"), moved_m2=("moved_m2", "sum")
        )
        return f"{head}\n{counts.round(1)}" if len(counts) else f"{head}; nothing was changed"


def repair(
    frame: gpd.GeoDataFrame,
    operations: Sequence[str],
    *,
    at_most_m2: float = OVERLAP_M2,
    gap_width_m: float = 0.0,
    snap_m: float = 0.001,
) -> Repaired:
    """Repair a layer of polygons by named operations, one after the other.

    ``drop_exact_duplicates`` drops rows that repeat an earlier one in every column;
    ``make_valid`` redraws invalid boundaries (GEOS, by their structure); ``snap`` moves corners
    onto a grid of ``snap_m``; ``coverage_clean`` gives overlaps to the neighbour with the longer
    common boundary and closes gaps up to ``gap_width_m`` (GEOS). Of an invalid boundary only the
    written area can be compared, so for ``make_valid`` the land moved is the difference of areas.

    Parameters
    ----------
    frame
        Polygons in a projected CRS in metres; not changed.
    operations
        Their names, in the order in which they are applied.
    at_most_m2
        Land, in m², that an operation may move of any one row.
    gap_width_m
        Width in metres up to which ``coverage_clean`` closes gaps.
    snap_m
        Width in metres of the grid of ``snap``.

    Returns
    -------
    Repaired
        The new layer and the log.

    Raises
    ------
    CRSError
        If the layer has no CRS or it misstates areas.
    GeometryError
        If an operation is unknown, would move more land of a row than allowed or leave a row
        nothing, whatever is allowed, or meets shapes it cannot take: ``snap`` and
        ``coverage_clean`` need valid polygons, and ``coverage_clean``
        rows that are all in force at one time.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> lots = gpd.GeoDataFrame(
    ...     {"parcel_id": ["P1", "P1"]}, geometry=[kcn.examples.square(0)] * 2, crs=kcn.examples.CRS
    ... )
    >>> mended = repair(lots, ["drop_exact_duplicates"], at_most_m2=10_000)
    >>> len(mended.frame), mended.before_m2, mended.after_m2
    (1, 20000.0, 10000.0)
    """
    unknown = [name for name in operations if name not in _OPERATIONS]
    if unknown:
        raise GeometryError("repair_unknown", names=unknown, known=" | ".join(_OPERATIONS))
    require_metric_crs(frame, name="layer")
    before_m2 = _sum_m2(frame)
    logs = []
    for name in operations:
        mended, log = _OPERATIONS[name](frame, gap_width_m, snap_m)
        large = log[log["moved_m2"] > at_most_m2]
        # All or nothing: the frame given is not touched before every operation kept the limit.
        if len(large):
            rows = zip(large["id"], large["moved_m2"], strict=True)
            ids = tuple(f"{row} ({moved_m2:.1f} m²)" for row, moved_m2 in rows)
            raise GeometryError("repair_too_much", operation=name, limit_m2=at_most_m2, ids=ids)
        gone = log[(log["change"] == "changed") & shapely.is_empty(log["geometry"].to_numpy())]
        if len(gone):
            raise GeometryError("repair_vanished", operation=name, ids=tuple(gone["id"]))
        frame = mended
        logs.append(log.assign(operation=name))
    log = pd.concat(logs, ignore_index=True) if logs else _log(frame.iloc[:0], frame.iloc[:0])
    return Repaired(
        frame=frame.copy(),
        log=gpd.GeoDataFrame(
            log.reindex(columns=[*LOG_COLUMNS, "geometry"]), geometry="geometry", crs=frame.crs
        ),
        before_m2=before_m2,
        after_m2=_sum_m2(frame),
    )


def _drop_duplicates(frame: gpd.GeoDataFrame, _: float, __: float) -> Any:
    shapes = shapely.to_wkb(shapely.normalize(frame.geometry.to_numpy()))
    plain = pd.DataFrame(frame.drop(columns=frame.active_geometry_name)).assign(_shape=shapes)
    again = plain.duplicated().to_numpy()
    dropped = frame[again]
    log = _log(dropped, dropped).assign(change="dropped", area_after_m2=0.0)
    return frame[~again], log


def _make_valid(frame: gpd.GeoDataFrame, _: float, __: float) -> Any:
    shapes = frame.geometry.to_numpy()
    rows = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    mended = shapely.make_valid(shapes[rows], method="structure", keep_collapsed=False)
    after = _redrawn(frame, rows, mended)
    log = _log(frame.iloc[rows], after.iloc[rows])
    change_m2 = np.abs(log["area_after_m2"] - log["area_before_m2"])
    return after, log.assign(moved_m2=change_m2)


def _snap(frame: gpd.GeoDataFrame, _: float, snap_m: float) -> Any:
    require_polygons(frame, name="layer")
    return _compared(frame, shapely.set_precision(frame.geometry.to_numpy(), snap_m))


def _coverage_clean(frame: gpd.GeoDataFrame, gap_width_m: float, _: float) -> Any:
    require_polygons(frame, name="layer")
    size = len(frame)
    start = day_numbers(frame.get("valid_from"), missing=ALWAYS, length=size)
    end = day_numbers(frame.get("valid_to"), missing=OPEN, length=size)
    if size and start.max() >= end.min():
        raise GeometryError("repair_versions")
    # Coordinates as they stand: moving corners is the matter of "snap".
    cleaned = shapely.coverage_clean(
        frame.geometry.to_numpy(), gap_width=gap_width_m, snapping_distance=0.0
    )
    return _compared(frame, cleaned)


_OPERATIONS: dict[str, Callable[[Any, float, float], Any]] = {
    "drop_exact_duplicates": _drop_duplicates,
    "make_valid": _make_valid,
    "snap": _snap,
    "coverage_clean": _coverage_clean,
}


def _compared(frame: gpd.GeoDataFrame, shapes: NDArray[Any]) -> Any:
    """Log what changed by more than rounding; the rest keeps its shape to the last digit."""
    old = frame.geometry.to_numpy()
    moved_m2 = shapely.area(shapely.symmetric_difference(old, shapes))
    noded = ~shapely.equals_exact(shapely.normalize(old), shapely.normalize(shapes))
    after = _redrawn(frame, np.flatnonzero(noded), shapes[noded])
    rows = np.flatnonzero(moved_m2 > _NOTHING_M2)
    return after, _log(frame.iloc[rows], after.iloc[rows]).assign(moved_m2=moved_m2[rows])


def _redrawn(frame: gpd.GeoDataFrame, rows: Any, shapes: NDArray[Any]) -> gpd.GeoDataFrame:
    drawn = frame.geometry.to_numpy().copy()
    drawn[rows] = shapes
    return frame.set_geometry(gpd.GeoSeries(drawn, index=frame.index, crs=frame.crs))


def _log(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    first = next((name for name in ("parcel_id", "zone_id") if name in before.columns), "")
    return pd.DataFrame(
        {
            "change": "changed",
            "id": row_names(before, np.arange(len(before)), *filter(None, [first])),
            "area_before_m2": shapely.area(before.geometry.to_numpy()),
            "area_after_m2": shapely.area(after.geometry.to_numpy()),
            "moved_m2": 0.0,
            "geometry": after.geometry.to_numpy(),
        }
    )


def _sum_m2(frame: gpd.GeoDataFrame) -> float:
    return float(np.nansum(shapely.area(frame.geometry.to_numpy())))
