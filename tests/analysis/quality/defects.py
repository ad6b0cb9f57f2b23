"""Defects put into the clean sample: each takes the tables and a size, and says what must be found.

What is found is named by rule, table and ids. A defect changes the tables in place; it is given
copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Point, Polygon, box

Frames = dict[str, Any]
Found = Counter[tuple[str, str, frozenset[str]]]
Defect = Callable[[Frames, int], Found]

DEFECTS: dict[str, Defect] = {}
END = pd.Timestamp("2023-06-01")


def defect(rule: str) -> Callable[[Defect], Defect]:
    """Register a defect under the rule that must find it."""

    def register(made: Defect) -> Defect:
        DEFECTS[rule] = made
        return made

    return register


def each(rule: str, table: str, ids: Sequence[Any]) -> Found:
    """One finding an id."""
    return Counter((rule, table, frozenset([str(name)])) for name in ids)


def all_in_one(rule: str, table: str, ids: Sequence[Any]) -> Found:
    """One finding of all ids."""
    return Counter([(rule, table, frozenset(str(name) for name in ids))])


# Which rows


def lots(frames: Frames, size: int, *uses: str, ring: int = 0) -> Any:
    """Labels of versions that stand since 2010 at least, for ever, without a certificate."""
    parcels = frames["parcels"]
    good = parcels["valid_to"].isna() & (parcels["valid_from"] <= pd.Timestamp("2010-01-01"))
    good &= parcels["certificate_area_m2"].isna() & parcels["land_use"].isin(uses)
    good &= ~parcels["parcel_id"].duplicated(keep=False)
    if ring:
        good &= shapely.get_num_coordinates(parcels.geometry.to_numpy()) <= ring
    return parcels.index[good][:size]


def open_leases(frames: Frames, size: int) -> Any:
    """Labels of entries that let a whole lot to a licensed project to this day, alone."""
    ledger, projects = frames["ledger"], frames["projects"]
    now = ledger["superseded_at"].isna() & ledger["valid_to"].isna()
    whole = now & (ledger["status"] == "leased") & ledger["part_area_ha"].isna()
    crowded = ledger.loc[now, "parcel_id"].value_counts()
    whole &= ledger["parcel_id"].map(crowded).fillna(0) == 1
    whole &= ledger["project_id"].isin(projects["project_id"])
    whole &= ~ledger["parcel_id"].isin(["PH-CN06-05", "PH-CN06-06", "PH-CN08-03"])
    return ledger.index[whole][:size]


def past_entries(frames: Frames, size: int, status: str) -> Any:
    """Labels of entries that ended, of lots that have others."""
    ledger = frames["ledger"]
    known = ledger["superseded_at"].isna()
    often = ledger.loc[known, "parcel_id"].value_counts()
    past = known & ledger["valid_to"].notna() & (ledger["status"] == status)
    past &= ledger["parcel_id"].map(often).fillna(0) > 1
    past &= ~ledger["parcel_id"].duplicated()
    return ledger.index[past][:size]


def ids(frames: Frames, table: str, rows: Any, column: str | None = None) -> list[str]:
    """Ids of rows."""
    return frames[table].loc[rows, column or frames[table].columns[0]].astype(str).tolist()


def more(frames: Frames, table: str, rows: pd.DataFrame) -> None:
    """Append rows."""
    joined = pd.concat([frames[table], rows], ignore_index=True)
    frames[table] = (
        gpd.GeoDataFrame(joined, geometry="geometry", crs=frames[table].crs)
        if "geometry" in joined.columns
        else joined
    )


def enter(frames: Frames, rows: Any, **columns: Any) -> None:
    """Append entries like those of some rows, recorded with the last of the ledger."""
    entries = (
        frames["ledger"]
        .loc[rows]
        .assign(
            entry_id=[f"X-{number}" for number in range(len(rows))],
            recorded_at=frames["ledger"]["recorded_at"].max(),
            project_id=None,
        )
    )
    more(frames, "ledger", entries.assign(**columns))


# The contract


@defect("not_in_list")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    frames["parcels"].loc[rows, "land_use"] = "xanh"
    return all_in_one("not_in_list", "parcels", ids(frames, "parcels", rows))


@defect("missing_values")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    frames["parcels"].loc[rows, "land_use"] = None
    return all_in_one("missing_values", "parcels", ids(frames, "parcels", rows))


@defect("not_number")
def _(frames: Frames, size: int) -> Found:
    clearance = frames["clearance"]
    clearance["area_ha"] = clearance["area_ha"].astype("object")
    clearance.loc[clearance.index[:size], "area_ha"] = "0,9 ha"
    return all_in_one("not_number", "clearance", ids(frames, "clearance", clearance.index[:size]))


@defect("not_date")
def _(frames: Frames, size: int) -> Found:
    works = frames["works"]
    works["due_on"] = works["due_on"].astype("object")
    works.loc[works.index[:size], "due_on"] = "31/12/2018"
    return all_in_one("not_date", "works", ids(frames, "works", works.index[:size]))


@defect("not_positive")
def _(frames: Frames, size: int) -> Found:
    rows = frames["parcels"].index[frames["parcels"]["valid_to"].isna()]
    rows = rows.intersection(lots(frames, size, "green", "transport"))
    frames["parcels"].loc[rows, "certificate_area_m2"] = 0.0
    return all_in_one("not_positive", "parcels", ids(frames, "parcels", rows))


@defect("negative")
def _(frames: Frames, size: int) -> Found:
    rows = frames["clearance"].index[:size]
    frames["clearance"].loc[rows, "households"] = -1
    return all_in_one("negative", "clearance", ids(frames, "clearance", rows))


@defect("interval_not_after")
def _(frames: Frames, size: int) -> Found:
    rows = frames["emitters"].index[:size]
    frames["emitters"].loc[rows, "valid_from"] = END
    frames["emitters"].loc[rows, "valid_to"] = END
    return all_in_one("interval_not_after", "emitters", ids(frames, "emitters", rows))


@defect("not_a_polygon")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    parcels = frames["parcels"]
    parcels.loc[rows, "geometry"] = parcels.loc[rows].geometry.boundary
    return all_in_one("not_a_polygon", "parcels", ids(frames, "parcels", rows))


# Shapes


@defect("geometry_missing")
def _(frames: Frames, size: int) -> Found:
    rows = frames["receptors"].index[:size]
    frames["receptors"].loc[rows, "geometry"] = None
    return each("geometry_missing", "receptors", ids(frames, "receptors", rows))


@defect("geometry_empty")
def _(frames: Frames, size: int) -> Found:
    rows = frames["buildings"].index[:size]
    frames["buildings"].loc[rows, "geometry"] = Polygon()
    return each("geometry_empty", "buildings", ids(frames, "buildings", rows))


@defect("ring_invalid")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    for row in rows:
        west, south, east, north = frames["parcels"].geometry[row].bounds
        corners = [(west, south), (east, north), (east, south), (west, north)]
        frames["parcels"].loc[row, "geometry"] = Polygon(corners)
    return each("ring_invalid", "parcels", ids(frames, "parcels", rows))


@defect("duplicate_geometry")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    names = ids(frames, "parcels", rows)
    twins = (
        frames["parcels"]
        .loc[rows]
        .assign(parcel_id=[f"{name}-B" for name in names], cadastral_no=None)
    )
    more(frames, "parcels", twins)
    return Counter(
        ("duplicate_geometry", "parcels", frozenset([name, f"{name}-B"])) for name in names
    )


# The coverage


@defect("overlap")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    hosts = frames["parcels"].loc[rows]
    middle = hosts.geometry.representative_point()
    # 3 m × 3 m: wider than a sliver.
    inner = [box(point.x - 1.5, point.y - 1.5, point.x + 1.5, point.y + 1.5) for point in middle]
    names = ids(frames, "parcels", rows)
    more(
        frames,
        "parcels",
        hosts.assign(parcel_id=[f"{name}-B" for name in names], cadastral_no=None, geometry=inner),
    )
    return Counter(("overlap", "parcels", frozenset([name, f"{name}-B"])) for name in names)


def _edges(frames: Frames, size: int, *uses: str) -> list[tuple[Any, Any, Any]]:
    """Pairs of lots with a straight common edge of 30 m at least; no lot twice."""
    rows = lots(frames, 1000, *uses)
    parcels = frames["parcels"]
    shapes = parcels.loc[rows].geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="touches")
    taken: set[Any] = set()
    found = []
    for place, next_place in zip(one, other, strict=True):
        common = shapely.line_merge(shapely.intersection(shapes[place], shapes[next_place]))
        if place >= next_place or {place, next_place} & taken or common.length < 30:
            continue
        if common.geom_type == "LineString" and len(common.coords) == 2:
            taken |= {place, next_place}
            found.append((rows[place], rows[next_place], common))
    return found[:size]


@defect("gap")
def _(frames: Frames, size: int) -> Found:
    parcels = frames["parcels"]
    found: Found = Counter()
    edges = _edges(frames, size, "green", "transport", "technical", "industrial", "water", "other")
    assert len(edges) == size
    for row, _, edge in edges:
        middle = shapely.LineString(
            [edge.interpolate(share, normalized=True) for share in (0.2, 0.8)]
        )
        strip = shapely.intersection(
            shapely.buffer(middle, 0.5, cap_style="flat"), parcels.geometry[row]
        )
        parcels.loc[row, "geometry"] = shapely.difference(parcels.geometry[row], strip)
        now = parcels[parcels["valid_to"].isna()]
        near = now[now.geometry.distance(strip) < 1e-3]
        found["gap", "parcels", frozenset(near["parcel_id"])] += 1
    return found


@defect("sliver")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    parcels, strips = frames["parcels"], []
    for row in rows:
        shape = parcels.geometry[row]
        west, _, east, _ = shape.bounds
        y = shape.representative_point().y
        across = shapely.intersection(shape, box(west, y - 0.3, east, y + 0.3))
        strips.append(max(shapely.get_parts(across), key=shapely.area))
        parcels.loc[row, "geometry"] = shapely.difference(shape, strips[-1])
    names = [f"{name}-B" for name in ids(frames, "parcels", rows)]
    strip = parcels.loc[rows].assign(parcel_id=names, cadastral_no=None, geometry=strips)
    more(frames, "parcels", strip)
    return each("sliver", "parcels", names)


# Places


@defect("outside_fence")
def _(frames: Frames, size: int) -> Found:
    zones, parcels = frames["zones"], frames["parcels"]
    last = zones[zones["valid_to"].isna()].set_index("zone_id").geometry
    first = {name: shapely.union_all(some) for name, some in zones.groupby("zone_id").geometry}
    rows = []
    for row in lots(frames, 1000, "green", "transport", "technical", "industrial"):
        zone_id, shape = parcels["zone_id"][row], parcels.geometry[row]
        edges = shapely.get_parts(shapely.intersection(shape.boundary, last[zone_id].boundary))
        straight = [edge for edge in edges if edge.length > 20 and len(edge.coords) == 2]
        if not straight:
            continue
        middle = shapely.LineString(
            [straight[0].interpolate(share, normalized=True) for share in (0.4, 0.6)]
        )
        bump = shapely.difference(shapely.buffer(middle, 2.0, cap_style="flat"), first[zone_id])
        wider = shapely.union(shape, bump)
        if bump.area > 4 and wider.geom_type == "Polygon":
            parcels.loc[row, "geometry"] = wider
            rows.append(row)
        if len(rows) == size:
            break
    assert len(rows) == size
    return each("outside_fence", "parcels", ids(frames, "parcels", rows))


@defect("not_in_zone")
def _(frames: Frames, size: int) -> Found:
    rows = list(lots(frames, 1000, "green", "transport", "technical"))
    rows = [row for row in rows if frames["parcels"]["zone_id"][row] == "loc-son"][:size]
    assert len(rows) == size
    frames["parcels"].loc[rows, "zone_id"] = "phu-hoi"
    frames["parcels"].loc[rows, "cadastral_no"] = None
    return each("not_in_zone", "parcels", ids(frames, "parcels", rows))


@defect("no_fence")
def _(frames: Frames, size: int) -> Found:
    parcels = frames["parcels"]
    rows = list(lots(frames, 1000, "green", "transport", "technical"))
    since = pd.Timestamp("2005-01-01")
    rows = [row for row in rows if parcels["valid_from"][row] == since][:size]
    parcels.loc[rows, "valid_from"] = pd.Timestamp("2004-12-31")
    return each("no_fence", "parcels", ids(frames, "parcels", rows))


@defect("building_outside")
def _(frames: Frames, size: int) -> Found:
    buildings = frames["buildings"]
    rows = buildings.index[:size]
    buildings.loc[rows, "geometry"] = buildings.loc[rows].geometry.translate(500, 0)
    return each("building_outside", "buildings", ids(frames, "buildings", rows))


@defect("crs_stray")
def _(frames: Frames, size: int) -> Found:
    # A digit too many in the easting.
    rows = lots(frames, size, "green", "transport")
    parcels = frames["parcels"]
    parcels.loc[rows, "geometry"] = parcels.loc[rows].geometry.translate(4_500_000, 0)
    return each("crs_stray", "parcels", ids(frames, "parcels", rows))


@defect("crs_differ")
def _(frames: Frames, size: int) -> Found:
    names = ["receptors", "works", "encumbrances", "context"][: {1: 1, 3: 3, 12: 4}[size]]
    for name in names:
        frames[name] = frames[name].to_crs("EPSG:9217")
    return Counter(("crs_differ", name, frozenset()) for name in names)


# Papers


@defect("certificate_area")
def _(frames: Frames, size: int) -> Found:
    parcels = frames["parcels"]
    rows = parcels.index[parcels["certificate_area_m2"].notna() & parcels["valid_to"].isna()][:size]
    parcels.loc[rows, "certificate_area_m2"] *= 1.05
    return each("certificate_area", "parcels", ids(frames, "parcels", rows))


@defect("zone_area")
def _(frames: Frames, size: int) -> Found:
    zones = frames["zones"]
    rows = zones.index[zones["approved_area_ha"].notna()][:size]
    zones.loc[rows, "approved_area_ha"] *= 1.01
    return each("zone_area", "zones", ids(frames, "zones", rows))


@defect("clearance_area")
def _(frames: Frames, size: int) -> Found:
    rows = frames["clearance"].index[:size]
    frames["clearance"].loc[rows, "area_ha"] = 90.0
    return each("clearance_area", "clearance", ids(frames, "clearance", rows))


@defect("duplicate_cadastral_no")
def _(frames: Frames, size: int) -> Found:
    parcels = frames["parcels"]
    rows = lots(frames, 2 * size, "green", "transport", "technical", "industrial", "water")
    rows = sorted(rows, key=lambda row: parcels["zone_id"][row])
    pairs = [
        (one, other)
        for one, other in zip(rows[::2], rows[1::2], strict=False)
        if parcels["zone_id"][one] == parcels["zone_id"][other]
    ][:size]
    for one, other in pairs:
        for column in ("map_sheet_no", "cadastral_no"):
            parcels.loc[other, column] = parcels.loc[one, column]
    return Counter(
        ("duplicate_cadastral_no", "parcels", frozenset(ids(frames, "parcels", list(pair))))
        for pair in pairs
    )


# Links


@defect("duplicate_key")
def _(frames: Frames, size: int) -> Found:
    rows = frames["projects"].index[:size]
    more(frames, "projects", frames["projects"].loc[rows])
    return each("duplicate_key", "projects", ids(frames, "projects", rows))


@defect("unknown_zone")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    frames["parcels"].loc[rows, "zone_id"] = "nam-ban"
    return each("unknown_zone", "parcels", ids(frames, "parcels", rows))


@defect("unknown_parcel")
def _(frames: Frames, size: int) -> Found:
    rows = past_entries(frames, size, "uncleared")
    frames["ledger"].loc[rows, "parcel_id"] = [f"LS-XX-{row}" for row in rows]
    return each("unknown_parcel", "ledger", ids(frames, "ledger", rows, "entry_id"))


@defect("unknown_project")
def _(frames: Frames, size: int) -> Found:
    rows = past_entries(frames, size, "reserved")
    frames["ledger"].loc[rows, "project_id"] = "DA-999"
    return each("unknown_project", "ledger", ids(frames, "ledger", rows, "entry_id"))


@defect("unknown_receptor")
def _(frames: Frames, size: int) -> Found:
    rows = frames["clearance"].index[:size]
    frames["clearance"].loc[rows, "receptor_id"] = "LS-R99"
    return each("unknown_receptor", "clearance", ids(frames, "clearance", rows))


@defect("unknown_parent")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    frames["parcels"].loc[rows, "parents"] = "LS-CN01-01|LS-XX"
    return each("unknown_parent", "parcels", ids(frames, "parcels", rows))


@defect("clearance_nowhere")
def _(frames: Frames, size: int) -> Found:
    rows = frames["clearance"].index[:size]
    frames["clearance"].loc[rows, ["zone_id", "parcel_id"]] = None
    return each("clearance_nowhere", "clearance", ids(frames, "clearance", rows))


# The ledger


@defect("entry_outlives_parcel")
def _(frames: Frames, size: int) -> Found:
    parcels, ledger = frames["parcels"], frames["ledger"]
    ends = parcels.sort_values("valid_from").groupby("parcel_id")["valid_to"].last()
    last = ledger["parcel_id"].map(ends)
    known = ledger["superseded_at"].isna()
    rows = ledger.index[known & last.notna() & (ledger["valid_to"] == last)]
    rows = [
        row
        for row in rows
        if (ledger.loc[known, "parcel_id"] == ledger["parcel_id"][row]).sum() == 1
    ]
    rows = rows[:size]
    ledger.loc[rows, "valid_to"] = pd.NaT
    return each("entry_outlives_parcel", "ledger", ids(frames, "ledger", rows, "entry_id"))


@defect("entry_precedes_parcel")
def _(frames: Frames, size: int) -> Found:
    parcels, ledger = frames["parcels"], frames["ledger"]
    first = ledger["parcel_id"].map(parcels.groupby("parcel_id")["valid_from"].min())
    known = ledger["superseded_at"].isna()
    rows = ledger.index[known & (ledger["valid_from"] == first)][:size]
    ledger.loc[rows, "valid_from"] -= pd.Timedelta(days=1)
    return each("entry_precedes_parcel", "ledger", ids(frames, "ledger", rows, "entry_id"))


@defect("tenures_overlap")
def _(frames: Frames, size: int) -> Found:
    rows = open_leases(frames, size)
    enter(frames, rows, status="reserved")
    return Counter(
        ("tenures_overlap", "ledger", frozenset([name, f"X-{number}"]))
        for number, name in enumerate(ids(frames, "ledger", rows, "entry_id"))
    )


@defect("same_entry_twice")
def _(frames: Frames, size: int) -> Found:
    rows = open_leases(frames, size)
    again = frames["ledger"].loc[rows, "project_id"].to_numpy()
    enter(frames, rows, project_id=again)
    return Counter(
        ("same_entry_twice", "ledger", frozenset([name, f"X-{number}"]))
        for number, name in enumerate(ids(frames, "ledger", rows, "entry_id"))
    )


@defect("over_allocated")
def _(frames: Frames, size: int) -> Found:
    rows = open_leases(frames, size)
    enter(frames, rows, status="reserved", part_area_ha=0.1)
    return Counter(
        ("over_allocated", "ledger", frozenset([name, f"X-{number}"]))
        for number, name in enumerate(ids(frames, "ledger", rows, "entry_id"))
    )


@defect("shares_scaled")
def _(frames: Frames, size: int) -> Found:
    rows = open_leases(frames, size)
    lot = frames["ledger"].loc[rows, "parcel_id"]
    last = frames["parcels"][frames["parcels"]["valid_to"].isna()].set_index("parcel_id")
    paper_m2 = last["certificate_area_m2"].fillna(last.geometry.area)
    enter(
        frames, rows, status="reserved", part_area_ha=(lot.map(paper_m2) * 0.003 / 1e4).to_numpy()
    )
    return each("shares_scaled", "ledger", lot)


@defect("part_of_nothing")
def _(frames: Frames, size: int) -> Found:
    parcels, ledger = frames["parcels"], frames["ledger"]
    known = ledger["superseded_at"].isna() & ledger["part_area_ha"].notna()
    names = ledger.loc[known, "parcel_id"].unique()
    once = parcels.index[
        parcels["parcel_id"].isin(names) & ~parcels["parcel_id"].duplicated(keep=False)
    ][:size]
    parcels.loc[once, "geometry"] = None
    parcels.loc[once, "certificate_area_m2"] = np.nan
    found = ids(frames, "parcels", once)
    return each("part_of_nothing", "parcels", found) + each("geometry_missing", "parcels", found)


@defect("versions_overlap")
def _(frames: Frames, size: int) -> Found:
    parcels = frames["parcels"]
    versions = parcels[parcels["parcel_id"].duplicated(keep="last")]
    following = parcels[parcels["parcel_id"].duplicated()].set_index("parcel_id").geometry
    same = [
        row
        for row, version in versions.iterrows()
        if shapely.equals(version.geometry, following[version["parcel_id"]])
    ][:size]
    assert same
    parcels.loc[same, "valid_to"] += pd.Timedelta(days=1)
    return each("versions_overlap", "parcels", ids(frames, "parcels", same))


@defect("never_mentioned")
def _(frames: Frames, size: int) -> Found:
    rows = open_leases(frames, size)
    names = ids(frames, "ledger", rows, "parcel_id")
    frames["ledger"] = frames["ledger"][~frames["ledger"]["parcel_id"].isin(names)]
    return each("never_mentioned", "parcels", names)


@defect("held_uncleared")
def _(frames: Frames, size: int) -> Found:
    rows = open_leases(frames, size)
    enter(frames, rows, status="uncleared")
    return each("held_uncleared", "parcels", ids(frames, "ledger", rows, "parcel_id"))


@defect("leased_without_project")
def _(frames: Frames, size: int) -> Found:
    rows = open_leases(frames, size)
    frames["ledger"].loc[rows, "project_id"] = None
    return each("leased_without_project", "ledger", ids(frames, "ledger", rows, "entry_id"))


@defect("let_not_leasable")
def _(frames: Frames, size: int) -> Found:
    names = ids(frames, "parcels", lots(frames, size, "green", "transport"))
    rows = open_leases(frames, size)
    enter(frames, rows, parcel_id=names, valid_from=pd.Timestamp("2012-01-01"))
    return each("let_not_leasable", "parcels", names)


# Values


@defect("dates_reversed")
def _(frames: Frames, size: int) -> Found:
    projects = frames["projects"]
    rows = projects.index[projects["extended_until"].isna()][:size]
    projects.loc[rows, "extended_until"] = projects.loc[rows, "due_on"] - pd.Timedelta(days=1)
    return each("dates_reversed", "projects", ids(frames, "projects", rows))


@defect("date_in_future")
def _(frames: Frames, size: int) -> Found:
    works = frames["works"]
    rows = works.index[works["done_on"].isna()][:size]
    works.loc[rows, "done_on"] = pd.Timestamp("2024-01-01")
    return each("date_in_future", "works", ids(frames, "works", rows))


@defect("date_implausible")
def _(frames: Frames, size: int) -> Found:
    rows = frames["buildings"].index[:size]
    frames["buildings"].loc[rows, "valid_from"] = np.datetime64("0216-05-01", "s")
    return each("date_implausible", "buildings", ids(frames, "buildings", rows))


@defect("share_above_one")
def _(frames: Frames, size: int) -> Found:
    rows = frames["works"].index[:size]
    frames["works"].loc[rows, "progress_share"] = 85.0
    return each("share_above_one", "works", ids(frames, "works", rows))


@defect("paid_above_planned")
def _(frames: Frames, size: int) -> Found:
    rows = frames["clearance"].index[:size]
    frames["clearance"].loc[rows, "paid_vnd"] = frames["clearance"]["planned_vnd"][rows] + 1
    return each("paid_above_planned", "clearance", ids(frames, "clearance", rows))


@defect("unrated_emitter")
def _(frames: Frames, size: int) -> Found:
    emitters = frames["emitters"]
    rated = emitters["hazard_class"].notna() | emitters["capacity_m3_day"].notna()
    rows = emitters.index[rated][:size]
    emitters.loc[rows, "hazard_class"] = None
    emitters.loc[rows, "capacity_m3_day"] = np.nan
    return each("unrated_emitter", "emitters", ids(frames, "emitters", rows))


@defect("garbled_text")
def _(frames: Frames, size: int) -> Found:
    rows = frames["projects"].index[:size]
    frames["projects"].loc[rows, "investor"] = "C«ng ty cæ phÇn chÌ Hµ Néi"
    return each("garbled_text", "projects", ids(frames, "projects", rows))


@defect("lost_letters")
def _(frames: Frames, size: int) -> Found:
    rows = frames["projects"].index[:size]
    frames["projects"].loc[rows, "investor"] = "C�ng ty ch� bi�n"
    return each("lost_letters", "projects", ids(frames, "projects", rows))


@defect("untrimmed")
def _(frames: Frames, size: int) -> Found:
    rows = lots(frames, size, "green", "transport")
    frames["parcels"].loc[rows, "lot_code"] += " "
    return each("untrimmed", "parcels", ids(frames, "parcels", rows))


@defect("text_not_composed")
def _(frames: Frames, size: int) -> Found:
    rows = frames["projects"].index[:size]
    investors = frames["projects"].loc[rows, "investor"]
    frames["projects"].loc[rows, "investor"] = investors.str.normalize("NFD")
    return each("text_not_composed", "projects", ids(frames, "projects", rows))


__all__ = ["DEFECTS", "Found", "Frames", "Point"]
