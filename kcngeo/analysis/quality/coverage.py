"""Overlaps, gaps and slivers of a layer of parcels, while they are in force.

An overlap is land of two parcels; a gap is land of none, between parcels and narrower than a stated
width; a sliver is a part of a parcel so narrow that nobody surveyed it. Width is the diameter of
the largest circle that fits in.
"""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kcngeo.core.coverage import Suspects, suspects
from kcngeo.core.crs import require_metric_crs
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.geometry import OVERLAP_M2, require_polygons
from kcngeo.core.model import LEASABLE, Severity
from kcngeo.core.threads import in_threads
from kcngeo.core.validation import row_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

COVERAGE_COLUMNS = (
    "rule",
    "severity",
    "ids",
    "zone_id",
    "area_m2",
    "width_m",
    "valid_from",
    "valid_to",
)
"""Columns of :func:`coverage_findings` beside the geometry."""

GAP_WIDTH_M = 1.0
"""Land between parcels up to this width is a gap, unless a caller says else."""

_PART = 5_000
# A gap's edge is its neighbours' edge but for rounding.
_REACH_M = 1e-3
_HAIR_M = 1e-4
_ANY_ANGLE = 1e6


def coverage_findings(
    parcels: gpd.GeoDataFrame, *, gap_width_m: float, tolerance_m2: float = OVERLAP_M2
) -> gpd.GeoDataFrame:
    """Find where the parcels of a layer overlap, leave gaps, or are slivers.

    Parcels are compared only while both are in force (``valid_from``, ``valid_to``; in force for
    ever where these are missing). Overlaps are looked for among all parcels, gaps among those of
    one zone (among all where there is no ``zone_id``). A gap may be open at its ends. Wider land
    between parcels is no gap: a road nobody drew, or the wedge between two lots that part; nor is
    its narrow tip. Parcels drawn alike overlap.

    Parameters
    ----------
    parcels
        Valid polygons in a projected CRS in metres.
    gap_width_m
        Land between parcels is a gap, and a part of a parcel a sliver, up to this width in metres;
        0 looks for overlaps only.
    tolerance_m2
        An overlap or gap up to this area, in m², is rounding of coordinates.

    Returns
    -------
    gpd.GeoDataFrame
        A row a finding, in the CRS of the parcels: ``rule`` ("overlap", "gap" or "sliver"),
        ``severity``, ``ids`` (a tuple: the parcels at fault, or around the gap), ``zone_id``
        (several joined by "|"), ``area_m2``, ``width_m``, ``valid_from`` and ``valid_to`` (the
        stretch of time in which it stands; missing where open) and ``geometry``.

    Raises
    ------
    CRSError
        If the layer has no CRS or it misstates areas.
    GeometryError
        If a geometry is missing, empty, invalid or no polygon; all are named.
    ValueError
        If ``gap_width_m`` is negative or infinite.

    Examples
    --------
    >>> import kcngeo as kcn
    >>> square = kcn.examples.square
    >>> lots = gpd.GeoDataFrame(
    ...     {"parcel_id": ["P1", "P2", "P3"]},
    ...     geometry=[square(0), square(0.9), square(1.91)],  # 10 m too near, 1 m apart
    ...     crs=kcn.examples.CRS,
    ... )
    >>> found = coverage_findings(lots, gap_width_m=2.0)
    >>> found[["rule", "area_m2"]].round(1).values.tolist()
    [['overlap', 1000.0], ['gap', 100.0]]
    """
    if not 0 <= gap_width_m < np.inf:
        raise ValueError(f"gap_width_m must be 0 m or more and finite, not {gap_width_m!r}")
    require_metric_crs(parcels, name="parcels")
    require_polygons(parcels, name="parcels")
    return coverage_of(parcels, gap_width_m=gap_width_m, tolerance_m2=tolerance_m2)


def coverage_of(
    parcels: gpd.GeoDataFrame, *, gap_width_m: float, tolerance_m2: float
) -> gpd.GeoDataFrame:
    """Do what :func:`coverage_findings` does, for a layer that was looked at before."""
    return _Layer(parcels, tolerance_m2).findings(gap_width_m)


def widths_m(polygons: NDArray[Any]) -> Floats:
    """Measure the width of polygons: the diameter of the largest circle that fits in."""
    # Never narrower than twice area by perimeter, so the search need not be finer than that.
    least = shapely.area(polygons) / np.maximum(shapely.length(polygons), 1e-9)
    radius = shapely.maximum_inscribed_circle(polygons, tolerance=np.maximum(least / 100, 1e-6))
    return np.asarray(2 * shapely.length(radius))


class _Gap(NamedTuple):
    """A gap, the rows of the parcels around it at last, and when it stands."""

    shape: Any
    rows: Any
    start: int
    end: int


class _Layer:
    """Parcel versions as arrays."""

    def __init__(self, parcels: gpd.GeoDataFrame, tolerance_m2: float) -> None:
        size = len(parcels)
        self.parcels = parcels
        self.tolerance_m2 = tolerance_m2
        self.polygons = parcels.geometry.to_numpy()
        self.start = day_numbers(parcels.get("valid_from"), missing=ALWAYS, length=size)
        self.end = day_numbers(parcels.get("valid_to"), missing=OPEN, length=size)
        self.zone, self.zone_ids = (
            pd.factorize(parcels["zone_id"])
            if "zone_id" in parcels.columns
            else (np.zeros(size, dtype="int64"), pd.Index([None]))
        )

    def findings(self, gap_width_m: float) -> gpd.GeoDataFrame:
        found = suspects(
            self.polygons, tolerance_m2=self.tolerance_m2, start=self.start, end=self.end
        )
        parts = [self._overlaps(found)]
        if gap_width_m > 0:
            parts += [self._gaps(found.misfit, gap_width_m), self._slivers(gap_width_m)]
        rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        rows["valid_from"] = _dates(rows.pop("start"), missing=ALWAYS)
        rows["valid_to"] = _dates(rows.pop("end"), missing=OPEN)
        return gpd.GeoDataFrame(
            rows[[*COVERAGE_COLUMNS, "geometry"]], geometry="geometry", crs=self.parcels.crs
        )

    def _overlaps(self, found: Suspects) -> pd.DataFrame:
        parts = np.array_split(np.arange(len(found.one)), max(1, len(found.one) // _PART))
        shared = _joined(
            in_threads(
                lambda part: _polygonal(
                    shapely.intersection(
                        self.polygons[found.one[part]], self.polygons[found.other[part]]
                    )
                ),
                parts,
            )
        )
        keep = np.flatnonzero(shapely.area(shared) > self.tolerance_m2)
        keep = keep[np.lexsort((found.other[keep], found.one[keep]))]
        pairs = np.column_stack([found.one[keep], found.other[keep]])
        return self._rows(
            "overlap",
            shared[keep],
            list(pairs),
            self.start[pairs].max(axis=1, initial=ALWAYS),
            self.end[pairs].min(axis=1, initial=OPEN),
        )

    def _slivers(self, width_m: float) -> pd.DataFrame:
        # A simple polygon is at least as wide as twice its area by its perimeter.
        least = 2 * shapely.area(self.polygons) / shapely.length(self.polygons)
        whole = shapely.get_type_id(self.polygons) == 3
        simple = whole & (shapely.get_num_interior_rings(self.polygons) == 0)
        rows = np.flatnonzero(~simple | (least <= width_m))
        parts, place = shapely.get_parts(self.polygons[rows], return_index=True)
        thin = np.flatnonzero(widths_m(parts) <= width_m)
        row = rows[place[thin]]
        return self._rows("sliver", parts[thin], list(row[:, None]), self.start[row], self.end[row])

    def _gaps(self, misfit: NDArray[np.bool_], width_m: float) -> pd.DataFrame:
        order = np.argsort(self.zone, kind="stable")
        zones = np.split(order, np.flatnonzero(np.diff(self.zone[order])) + 1)
        found = in_threads(lambda rows: self._gaps_of(rows, misfit, width_m), zones)
        gaps = [gap for some in found for gap in some]
        return self._rows(
            "gap",
            np.array([None, *(gap.shape for gap in gaps)], dtype=object)[1:],
            [gap.rows for gap in gaps],
            np.array([gap.start for gap in gaps], dtype="int64"),
            np.array([gap.end for gap in gaps], dtype="int64"),
        )

    def _gaps_of(self, rows: Any, misfit: NDArray[np.bool_], width_m: float) -> list[_Gap]:
        """Follow the gaps of one zone through the stretches of time between its changes."""
        days = np.unique(np.concatenate([self.start[rows], self.end[rows]]))
        shape = pd.factorize(shapely.to_wkb(self.polygons[rows]))[0] if len(days) > 2 else rows
        known: dict[bytes, Any] = {}
        standing: list[_Gap] = []
        done: list[_Gap] = []
        for start, end in pairwise(days):
            now = rows[(self.start[rows] <= start) & (start < self.end[rows])]
            drawn = np.sort(shape[(self.start[rows] <= start) & (start < self.end[rows])]).tobytes()
            if drawn not in known:
                known[drawn] = _narrow_voids(
                    self.polygons[now], misfit[now], width_m, self.tolerance_m2
                )
            before, standing = standing, []
            for gap in known[drawn]:
                same = [old for old in before if self._is_same(old.shape, gap)]
                before = [old for old in before if old not in same]
                first = same[0].start if same else int(start)
                standing.append(_Gap(gap, self._around(gap, now), first, int(end)))
            done += before
        return [*done, *standing]

    def _is_same(self, one: Any, other: Any) -> bool:
        """Tell whether it is the same gap as before, dissolved with other neighbours."""
        if not shapely.intersects(one, other):
            return False
        return bool(shapely.symmetric_difference(one, other).area <= self.tolerance_m2)

    def _around(self, gap: Any, rows: Any) -> Any:
        """Find the parcels along a gap; one that only meets it in a corner is none of them."""
        near = rows[shapely.dwithin(gap, self.polygons[rows], _REACH_M)]
        edges = shapely.boundary(self.polygons[near])
        along_m = shapely.length(shapely.intersection(edges, shapely.buffer(gap, _REACH_M)))
        return near[along_m > 10 * _REACH_M]

    def _rows(self, rule: str, shapes: Any, at: list[Any], start: Ints, end: Ints) -> pd.DataFrame:
        """Lay out findings; ``at`` holds the rows of the parcels of each."""
        of_all = np.concatenate([np.empty(0, dtype="intp"), *at])
        ids = iter(row_names(self.parcels, of_all, "parcel_id"))
        return pd.DataFrame(
            {
                "rule": rule,
                "severity": [self._severity(rule, rows) for rows in at],
                "ids": pd.Series([tuple(islice(ids, len(rows))) for rows in at], dtype="object"),
                "zone_id": [self._zones(rows) for rows in at],
                "area_m2": shapely.area(shapes),
                "width_m": _joined(
                    in_threads(widths_m, np.array_split(shapes, max(1, len(shapes) // _PART)))
                ).astype("float64"),
                "start": start,
                "end": end,
                "geometry": shapes,
            }
        )

    def _severity(self, rule: str, rows: Any) -> str:
        """Tell how much it weighs: land that some definition counts must not count twice."""
        if rule != "overlap":
            return str(Severity.WARNING)
        if "land_use" in self.parcels.columns:
            uses = self.parcels["land_use"].iloc[rows]
            if not uses.isin(LEASABLE).all():
                return str(Severity.WARNING)
        return str(Severity.ERROR)

    def _zones(self, rows: Any) -> str | None:
        codes = np.unique(self.zone[rows])
        names = sorted(str(self.zone_ids[code]) for code in codes if code >= 0)
        return None if self.zone_ids[0] is None or not names else "|".join(names)


def _narrow_voids(
    polygons: NDArray[Any], misfit: NDArray[np.bool_], width_m: float, tolerance_m2: float
) -> list[Any]:
    """Find land between polygons up to a width: what appears when all grow and shrink back."""
    # Grown with round corners two polygons meet only where they are no farther apart than the
    # width. That finds the gaps; grown with pointed corners their open ends come out square.
    # What fits edge by edge is dissolved by dropping the shared edges, which is far faster.
    fitting = shapely.coverage_union_all(polygons[~misfit])
    whole = shapely.union_all([fitting, *polygons[misfit]])
    reach_m = width_m / 2 * (1 + 1e-6)
    gaps = _closed_up(whole, reach_m, tolerance_m2, join_style="round")
    if not len(gaps):
        return []
    square = _closed_up(whole, reach_m, tolerance_m2, join_style="mitre", mitre_limit=2.0)
    found = np.unique(shapely.STRtree(square).query(gaps, predicate="intersects")[1])
    return list(square[found])


def _closed_up(whole: Any, reach_m: float, tolerance_m2: float, **corners: Any) -> NDArray[Any]:
    grown = shapely.buffer(whole, reach_m, quad_segs=8, **corners)
    # Mitred at any angle: every corner between parcels comes back as it was.
    closed = shapely.buffer(grown, -reach_m, join_style="mitre", mitre_limit=_ANY_ANGLE)
    voids = shapely.get_parts(shapely.difference(closed, whole))
    voids = voids[shapely.area(voids) > tolerance_m2]
    # Along an edge that fits but for rounding a void runs on as a hair; without it, it ends here.
    for hair_m in (-_HAIR_M, _HAIR_M):
        voids = shapely.buffer(voids, hair_m, join_style="mitre", mitre_limit=_ANY_ANGLE)
    parts = shapely.get_parts(voids)
    return parts[shapely.area(parts) > tolerance_m2]


def _polygonal(shapes: NDArray[Any]) -> NDArray[Any]:
    """Keep only the areas of what two polygons share: not the lines and points they touch in."""
    for row in np.flatnonzero(shapely.get_type_id(shapes) == 7):
        parts = shapely.get_parts(shapes[row])
        flat = parts[shapely.get_dimensions(parts) == 2]
        shapes[row] = shapely.multipolygons(shapely.get_parts(flat))
    return shapes


def _joined(parts: list[Any]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=object), *parts])


def _dates(numbers: pd.Series, *, missing: int) -> pd.Series:
    days = numbers.to_numpy(dtype="int64").astype("datetime64[D]")
    days[numbers == missing] = np.datetime64("NaT")
    return pd.Series(days.astype("datetime64[s]"), index=numbers.index)
