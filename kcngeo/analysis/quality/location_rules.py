"""Where layers lie: fit for areas, in one system, in their province, inside their fence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from kcngeo.analysis.quality.context import Ground
from kcngeo.analysis.quality.finding import Noticed, notice
from kcngeo.analysis.quality.geometry_rules import shown_place
from kcngeo.core.crs import label, lonlat, require_metric_crs, strays
from kcngeo.core.dates import ALWAYS, OPEN, day_numbers
from kcngeo.core.errors import CRSError
from kcngeo.core.geometry import OVERLAP_M2, areas_within
from kcngeo.core.model import Severity
from kcngeo.standards import Place, Province, registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CORE = ("zones", "parcels")
# What refuses a layer elsewhere is a finding here; a layer as it is read has its own words.
_RULES = {"crs_missing": "no_crs", "crs_out_of_domain": "crs_elsewhere"}


def system_findings(ground: Ground) -> tuple[list[Noticed], set[str]]:
    """Find layers whose coordinates cannot be measured, or are not those of the parcels."""
    # A few rows that stray are findings of their own, and are left out of what is measured.
    found: list[Noticed] = []
    fit = set()
    for table, frame in ground.frames.items():
        if not isinstance(frame, gpd.GeoDataFrame):
            continue
        severity = Severity.ERROR if table in _CORE else Severity.WARNING
        found += _strays(ground, table, frame, severity)
        try:
            require_metric_crs(_placed(ground, table), name=table)
        except CRSError as error:
            said: dict[str, Any] = dict(error.fields)
            rule = _RULES.get(error.code, error.code)
            found.append(notice(rule, table, (), severity=severity, **said))
            continue
        if frame.crs != ground.crs:
            ours, theirs = label(frame.crs), label(ground.crs) if ground.crs else "–"
            found.append(notice("crs_differ", table, (), severity=severity, crs=ours, other=theirs))
            continue
        fit.add(table)
    return found, fit


def province_findings(ground: Ground) -> Iterator[Noticed]:
    """Find zones that lie far from where they are known to be, and meridians of other provinces."""
    # A zone is compared with the box of its place, else of its province, where the registry knows
    # one. The same numbers are then read in every other TM-3 zone: those that would put the zone
    # into its place are named.
    if not ground.has("zones") or ground.frames["zones"].crs is None:
        return
    zones = ground.measurable("zones")
    if not zones.crs.is_projected:
        return
    names = zones["province"] if "province" in zones.columns else pd.Series(None, zones.index)
    yield from _meridians(ground, names)
    places = registry().of(Place)
    for row, (zone_id, province) in enumerate(zip(zones["zone_id"], names, strict=True)):
        own = [place for place in places if zone_id in place.zone_ids]
        wide = [place for place in places if place.province and place.province == province]
        # The place of the zone itself, else its province: the first that the registry knows.
        for place in (own or wide)[:1]:
            away_km = _away_km(zones.crs, zones.geometry.iloc[row], place)
            if away_km > 0:
                yield notice(
                    "far_from_place" if own else "outside_province",
                    "zones",
                    [zone_id],
                    zone_ids=[zone_id],
                    geometry=zones.geometry.iloc[row],
                    place=place.title["vi"],
                    distance_km=f"{away_km:.0f}",
                    crs=label(zones.crs),
                    candidates=_candidates(zones.geometry.iloc[row], place) or "–",
                )


def fence_findings_of(ground: Ground) -> Iterator[Noticed]:
    """Find parcels that reach over the fence of their zone, lie outside it, or have none."""
    # Each version of a parcel is compared with every version of its zone that is in force with
    # it.
    zones, parcels = ground.measurable("zones"), ground.measurable("parcels")
    shared = areas_within(parcels, zones)
    pairs = _pairs(parcels, zones).merge(
        shared, left_on=["parcel", "zone"], right_on=["left", "right"], how="left"
    )
    shapes, fences = parcels.geometry.to_numpy(), zones.geometry.to_numpy()
    # (pairs,) m²; a pair is a parcel version and a zone version in force together
    own_m2 = np.asarray(shapely.area(shapes))[pairs["parcel"]]
    pairs["inside_m2"] = pairs["area_m2"].fillna(0.0)
    pairs["outside_m2"] = own_m2 - pairs["inside_m2"]
    out = pairs[pairs["outside_m2"] > OVERLAP_M2]
    # One finding a parcel version, by the boundary it fits least.
    worst: Any = out.loc[out.groupby("parcel")["outside_m2"].idxmax()] if len(out) else out
    for one in worst.itertuples(index=False):
        whole = one.inside_m2 <= OVERLAP_M2
        elsewhere = shared[(shared["left"] == one.parcel) & (shared["area_m2"] > OVERLAP_M2)]
        others = sorted(set(zones["zone_id"].iloc[elsewhere["right"]])) or "–"
        yield notice(
            "not_in_zone" if whole else "outside_fence",
            "parcels",
            [parcels["parcel_id"].iloc[one.parcel]],
            zone_ids=[zones["zone_id"].iloc[one.zone]],
            geometry=shapely.difference(shapes[one.parcel], fences[one.zone]),
            area_m2=one.outside_m2,
            span=(_date(one.start), _date(one.end)),
            others=others,
        )
    yield from _unfenced(ground, parcels, zones)


def building_findings(ground: Ground) -> Iterator[Noticed]:
    """Find buildings that reach beyond their parcel by more than 1 m²."""
    frame = ground.frames["buildings"]
    if "parcel_id" not in frame.columns:
        return
    shapes = frame.geometry.to_numpy()
    lots = np.array([None, *(ground.shapes([name]) for name in frame["parcel_id"])])[1:]
    drawn = shapely.is_valid(shapes) & shapely.is_valid(lots)
    rows = np.flatnonzero(drawn & (shapely.get_dimensions(shapes) == 2))
    beyond = shapely.difference(shapes[rows], lots[rows])
    for row, part in zip(rows, beyond, strict=True):
        if part.area > OVERLAP_M2:
            yield notice(
                "building_outside",
                "buildings",
                ground.names("buildings", [row]),
                geometry=part,
                area_m2=part.area,
                parcel=str(frame["parcel_id"].iloc[row]),
                outside_m2=f"{part.area:.1f}",
            )


def _strays(
    ground: Ground, table: str, frame: gpd.GeoDataFrame, severity: Severity
) -> Iterator[Noticed]:
    """Find rows that alone make their layer unfit to be measured, and set them aside."""
    crs = frame.crs
    if crs is None or not crs.is_projected or crs.geodetic_crs is None:
        return
    ground.astray[table] = strays(frame)
    rows = ground.astray[table]
    for row, name in zip(rows, ground.names(table, rows), strict=True):
        west, south, east, north = frame.geometry.iloc[row].bounds
        yield notice(
            "crs_stray",
            table,
            [name],
            zone_ids=frame["zone_id"].iloc[[row]] if "zone_id" in frame.columns else (),
            severity=severity,
            name=table,
            crs=label(crs),
            place=f"{shown_place(west, south)} – {shown_place(east, north)}",
        )


def _placed(ground: Ground, table: str) -> gpd.GeoDataFrame:
    """Leave out what has no place on earth, and what strays: findings of their own."""
    frame = ground.frames[table]
    here = np.isfinite(shapely.bounds(frame.geometry.to_numpy()).reshape(-1, 4)).all(axis=1)
    here[ground.astray.get(table, [])] = False
    return frame[here]


def _meridians(ground: Ground, names: pd.Series) -> Iterator[Noticed]:
    known = {entry.title["vi"]: entry for entry in registry().of(Province)}
    codes = {entry.epsg for entry in known.values()}
    found = [known[name] for name in dict.fromkeys(names.dropna()) if name in known]
    for table in _CORE:
        frame = ground.frames.get(table)
        code = None if frame is None or frame.crs is None else frame.crs.to_epsg()
        if code in codes and found and code not in {entry.epsg for entry in found}:
            yield notice(
                "other_meridian",
                table,
                (),
                crs=f"EPSG:{code}",
                province=found[0].title["vi"],
                expected=f"EPSG:{found[0].epsg}",
            )


def _away_km(crs: Any, shape: Any, place: Place) -> float:
    """Measure how far the centre of a shape lies outside a box; 0 if inside."""
    centre = shape.envelope.centroid
    lon, lat = (float(value) for value in lonlat(crs, centre.x, centre.y))
    if not np.isfinite(lon + lat):
        return np.inf
    near = np.clip(lon, place.west, place.east), np.clip(lat, place.south, place.north)
    return float(crs.get_geod().inv(lon, lat, *near)[2]) / 1000


def _candidates(shape: Any, place: Place) -> tuple[str, ...]:
    codes = sorted({entry.epsg for entry in registry().of(Province)})
    return tuple(
        f"EPSG:{code}" for code in codes if _away_km(pyproj.CRS.from_epsg(code), shape, place) == 0
    )


def _pairs(parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Pair every version of a parcel with the versions of its zone in force with it."""
    lots, fences = _spans(parcels), _spans(zones)
    pairs = lots.rename(columns={"row": "parcel"}).merge(
        fences.rename(columns={"row": "zone"}), on="zone_id", suffixes=("_lot", "_fence")
    )
    pairs["start"] = pairs[["start_lot", "start_fence"]].max(axis=1)
    pairs["end"] = pairs[["end_lot", "end_fence"]].min(axis=1)
    return pairs.loc[pairs["start"] < pairs["end"], ["parcel", "zone", "start", "end"]]


def _unfenced(
    ground: Ground, parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame
) -> Iterator[Noticed]:
    """Find parcels that begin before the first fence of their zone, or outlive its last."""
    fences = _spans(zones).groupby("zone_id").agg(start=("start", "min"), end=("end", "max"))
    lots = _spans(parcels)
    lots = lots[lots["zone_id"].isin(fences.index)]
    if lots.empty:
        return
    first, last = (lots["zone_id"].map(fences[name]) for name in ("start", "end"))
    early = (lots["start"] != ALWAYS) & (lots["start"] < first)
    for row in lots.index[early | (lots["end"] > last)]:
        zone_id = lots["zone_id"][row]
        yield notice(
            "no_fence",
            "parcels",
            [parcels["parcel_id"].iloc[row]],
            zone_ids=[zone_id],
            geometry=parcels.geometry.iloc[row],
            area_m2=parcels.geometry.iloc[row].area,
            start=_shown(fences["start"][zone_id]),
            end=_shown(fences["end"][zone_id]),
        )


def _spans(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    size = len(frame)
    return pd.DataFrame(
        {
            "row": np.arange(size),
            "zone_id": frame["zone_id"],
            "start": day_numbers(frame.get("valid_from"), missing=ALWAYS, length=size),
            "end": day_numbers(frame.get("valid_to"), missing=OPEN, length=size),
        }
    )


def _date(number: int) -> np.datetime64 | None:
    return None if abs(number) >= OPEN else np.datetime64(int(number), "D")


def _shown(number: int) -> str:
    date: NDArray[Any] | np.datetime64 | None = _date(number)
    return "…" if date is None else str(date)
