"""No rule the check knows that can move a figure is unknown to the month."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Polygon, box

import kcngeo as kcn
from kcngeo.analysis.quality import key_rules, month_rules
from kcngeo.analysis.quality.context import Ground, together
from kcngeo.analysis.quality.gate import doubts_of
from kcngeo.analysis.quality.month_ground import MonthGround
from kcngeo.analysis.quality.rules import CATALOGUE
from kcngeo.core import texts
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.fill import Accounts
from kcngeo.standards import fill_definition
from tests import squares
from tests.analysis.quality.defects import DEFECTS
from tests.analysis.quality.test_defects import BUNDLES, SAMPLE, copies

ON = "2018-03-31"
MOVING = sorted(rule for rule, one in CATALOGUE.items() if one.moves)


def clean(**columns: Any) -> kcn.Project:
    """P and Q of 1 ha, P let by a licensed project; zone A is drawn round them."""
    lots = squares.parcels("P", "Q", **columns)
    zones = gpd.GeoDataFrame(
        {"zone_id": ["A"]}, geometry=[squares.square(0, wide=2)], crs=squares.CRS
    )
    entries = squares.ledger(
        ("P", "leased", "2018-01-01"),
        ("Q", "reserved", "2018-01-01"),
        entry_id=["E1", "E2"],
        project_id=["p", None],
    )
    projects = pd.DataFrame(
        {"project_id": ["p"], "licensed_on": pd.to_datetime(["2017-01-01"]), "premises": ["land"]}
    )
    return kcn.Project(zones=zones, parcels=lots, ledger=entries, projects=projects)


def in_crs(code: Any) -> Callable[[kcn.Project], kcn.Project]:
    """Say that parcels lie in another system than they do."""
    return lambda project: replace(
        project, parcels=project.parcels.set_crs(code, allow_override=True)
    )


def parcels_with(**columns: Any) -> Callable[[kcn.Project], kcn.Project]:
    return lambda project: replace(project, parcels=project.parcels.assign(**columns))


def entries_with(**columns: Any) -> Callable[[kcn.Project], kcn.Project]:
    return lambda project: replace(project, ledger=project.ledger.assign(**columns))


def zones_with(**columns: Any) -> Callable[[kcn.Project], kcn.Project]:
    return lambda project: replace(project, zones=project.zones.assign(**columns))


def drawn(*shapes: Any) -> Callable[[kcn.Project], kcn.Project]:
    """Draw P and Q otherwise."""
    return lambda project: replace(
        project, parcels=project.parcels.set_geometry([*shapes], crs=squares.CRS)
    )


def near_the_edge(project: kcn.Project) -> kcn.Project:
    """Lay the lots 325 km east of the meridian of a grid of UTM."""
    east, north = 825_000, 1_270_000
    utm = "EPSG:32648"
    lots = [box(east + 100 * row, north, east + 100 * (row + 1), north + 100) for row in (0, 1)]
    zone = [box(east, north, east + 200, north + 100)]
    return replace(
        project,
        zones=project.zones.set_geometry(zone).set_crs(utm, allow_override=True),
        parcels=project.parcels.set_geometry(lots).set_crs(utm, allow_override=True),
    )


# 100 ha in seven parts, of which 60 are let.
PARTS_HA = {
    "base_ha": 100.0,
    "leased_ha": 60.0,
    "reserved_ha": 10.0,
    "recovering_ha": 0.0,
    "repurposed_ha": 0.0,
    "uncleared_ha": 10.0,
    "available_ha": 20.0,
}


def declared(*rows: dict[str, Any]) -> Callable[[kcn.Project], kcn.Project]:
    """Declare an account of a zone nobody drew by parts, otherwise in some of them."""
    given = [{"zone_id": "B", "source": "the board", **PARTS_HA, **row} for row in rows]
    stated = pd.DataFrame(given).assign(on=pd.Timestamp(2018, 1, 1), definition=None)
    stated["definition"] = [row.get("definition") for row in rows]
    stated = stated.astype({"definition": "str", **dict.fromkeys(PARTS_HA, "float64")})
    undrawn = gpd.GeoDataFrame({"zone_id": ["B"]}, geometry=[None], crs=squares.CRS)
    return lambda project: replace(
        project,
        zones=pd.concat([project.zones, undrawn], ignore_index=True),
        declared_accounts=stated,
    )


BREAKS: dict[str, Callable[[kcn.Project], kcn.Project]] = {
    "missing_columns": lambda project: replace(
        project, ledger=project.ledger.drop(columns="status")
    ),
    "no_geometry_column": lambda project: replace(
        project, parcels=pd.DataFrame(project.parcels.drop(columns="geometry"))
    ),
    "not_text": parcels_with(parcel_id=[1, 2]),
    "not_moment": entries_with(recorded_at=["x", "x"]),
    "not_count": lambda project: replace(project, projects=project.projects.assign(workers=[1.5])),
    "not_finite": entries_with(part_area_ha=[np.inf, np.nan]),
    "no_crs": lambda project: replace(
        project, parcels=gpd.GeoDataFrame(project.parcels).set_crs(None, allow_override=True)
    ),
    "crs_degrees": in_crs("EPSG:4326"),
    "crs_not_projected": in_crs("EPSG:4978"),
    "crs_feet": in_crs("EPSG:2264"),
    "crs_unit": in_crs("+proj=tmerc +lon_0=107.75 +k=0.9999 +x_0=500000 +ellps=WGS84 +units=km"),
    "crs_elsewhere": in_crs("EPSG:32601"),
    "crs_area": in_crs("EPSG:3857"),
    "crs_length": in_crs("EPSG:3857"),
    "crs_differ": in_crs("EPSG:5897"),
    "certificate_differs": parcels_with(certificate_area_m2=[20_000.0, 10_000.0]),
    "parts_above_area": lambda project: entries_with(part_area_ha=[1.4, np.nan])(
        parcels_with(certificate_area_m2=[15_000.0, 10_000.0])(project)
    ),
    "slight_overlaps": lambda project: replace(
        project,
        parcels=squares.parcels("P", "Q", "R").set_geometry(
            [squares.square(0), squares.square(0.99994), squares.square(1.99988)], crs=squares.CRS
        ),
    ),
    "grid_scale": near_the_edge,
    "geometry_missing": drawn(None, squares.square(1)),
    "geometry_empty": drawn(Polygon(), squares.square(1)),
    "duplicate_geometry": drawn(squares.square(0), squares.square(0)),
    "overlap": drawn(squares.square(0), squares.square(0.5)),
    "sliver": drawn(squares.square(0), squares.square(1, high=0.005)),
    "date_implausible": entries_with(valid_from=["1018-01-01", "2018-01-01"]),
    "dates_reversed": zones_with(established_on=["2018-01-01"], removed_on=["2008-01-01"]),
    "no_fence": lambda project: parcels_with(valid_from="2010-01-01")(
        zones_with(valid_from=["2018-06-01"])(project)
    ),
    "unknown_project": entries_with(project_id=["nobody", None]),
    "duplicate_key": parcels_with(parcel_id=["P", "P"]),
    "zone_area": zones_with(approved_area_ha=[2.5]),
    "outside_fence": drawn(squares.square(0), squares.square(1, wide=1.5)),
    "not_in_zone": drawn(squares.square(0), squares.square(3)),
    "premises_hold_land": lambda project: replace(
        project, projects=project.projects.assign(premises=["workshop"])
    ),
    "declared_twice": declared({}, {}),
    "declared_definition": declared({"definition": "nd1"}),
    "declared_nothing": declared(dict.fromkeys(PARTS_HA)),
    "declared_over_base": declared({"leased_ha": 61.0}),
    "declared_open": declared({"leased_ha": 59.0}),
    "declared_unserviced": declared({"unserviced_ha": 101.0}),
}
"""Ways to break the squares, for rules no defect of the sample breaks and such of round figures."""


def elsewhere(code: int, **columns: str) -> gpd.GeoDataFrame:
    """One row on lot Q, in a system other than that of the lots."""
    frame = gpd.GeoDataFrame(columns, index=[0], geometry=[squares.square(1)], crs=squares.CRS)
    return frame.to_crs(code)


MORE_BREAKS: dict[str, Callable[[kcn.Project], kcn.Project]] = {
    "clearance_area": lambda project: replace(
        project,
        clearance=squares.parcels("P", "Q").assign(
            area_ha=[1.1, 1.01], clearance_id=["C1", "C2"], status="planned"
        ),
    ),
    "shares_scaled": lambda project: replace(
        project,
        ledger=squares.ledger(
            ("P", "leased", "2018-01-01", None, 0.6),
            ("P", "leased", "2018-01-01", None, 0.402),
            ("Q", "reserved", "2018-01-01"),
            entry_id=["E1", "E3", "E2"],
            project_id=["p", "p", None],
        ),
    ),
    "same_entry_twice": lambda project: replace(
        project,
        ledger=project.ledger.drop(columns="part_area_ha")
        .iloc[[0, 0, 1]]
        .assign(entry_id=["E1", "E3", "E2"]),
    ),
    "lease_of_2918": entries_with(valid_from=["2918-01-01", "2018-01-01"]),
    "lease_until_9999": entries_with(valid_to=["9999-12-31", None]),
    "parcel_of_1018": parcels_with(valid_from=["1018-01-01", None]),
    "parcel_until_1918": parcels_with(valid_to=[None, "1918-01-01"]),
    "layers_elsewhere": lambda project: replace(
        project,
        buildings=elsewhere(4326, building_id="H"),
        emitters=elsewhere(5897, emitter_id="E", kind="building"),
        receptors=elsewhere(4326, receptor_id="R", kind="housing"),
        works=elsewhere(5897, work_id="W", zone_id="A", kind="road"),
    ),
    "zone_twice_over": lambda project: replace(
        project,
        zones=pd.concat([project.zones, project.zones], ignore_index=True).assign(
            valid_from=[None, "2010-01-01"], valid_to=None
        ),
    ),
    "point_incomplete": zones_with(point_x=[450_000.0], point_y=[np.nan]),
    # One lot recorded anew, and one that takes the place of another on its last day.
    "drawn_alike_in_turn": lambda project: replace(
        project,
        parcels=squares.parcels(
            *("P", "P", "Q", "R"),
            valid_from=[None, ON, None, ON],
            valid_to=[ON, None, ON, None],
            parent_ids=[None, None, None, "Q"],
        ).set_geometry([squares.square(at) for at in (0, 0, 1, 1)], crs=squares.CRS),
    ),
    "building_outside": lambda project: replace(
        project,
        buildings=gpd.GeoDataFrame(
            {"building_id": ["H", "K", "M"], "parcel_id": ["P", "Q", None]},
            geometry=[squares.square(at, wide=0.5) for at in (-0.25, 1, 5)],
            crs=squares.CRS,
        ),
    ),
}
"""Others, of rules that move no figure, and of one that is broken above in another table."""


def planned(**tables: Any) -> kcn.Project:
    """Zone A of 1 ha in order by plan: a ring of green 10 m wide, 8 % of roads, 1.6 % of works.

    What is left in its middle, 80 m by 68 m, is lot L, let to project p.
    """
    east, north = squares.EAST, squares.NORTH
    inner = box(east + 10, north + 10, east + 90, north + 90)
    lots = {
        "G": ("green", squares.square(0).difference(inner)),
        "R": ("transport", box(east + 10, north + 10, east + 90, north + 20)),
        "T": ("technical", box(east + 10, north + 20, east + 90, north + 22)),
        "L": ("industrial", box(east + 10, north + 22, east + 90, north + 90)),
    }
    parcels = squares.parcels(*lots, land_use=[use for use, _ in lots.values()])
    given: dict[str, Any] = {
        "zones": squares.zones("A").set_geometry([squares.square(0)], crs=squares.CRS),
        "parcels": parcels.set_geometry([one for _, one in lots.values()], crs=squares.CRS),
        "ledger": squares.ledger(("L", "leased", "2018-01-01"), entry_id=["E1"], project_id=["p"]),
        "projects": project_p(),
    }
    return kcn.Project(**given | tables)


def project_p(**columns: Any) -> pd.DataFrame:
    """Project p, whose days stand in order."""
    days = {"licensed_on": "2016-01-01", "handed_over_on": "2018-01-01"}
    days |= {"building_on": "2018-01-15", "operating_on": "2018-02-01"}
    row = {"project_id": "p", "workers": 10, **days, **columns}
    frame = pd.DataFrame([row])
    return frame.astype(dict.fromkeys(days, "datetime64[s]"))


def works(kind: str, done_on: str | None, capacity: float) -> gpd.GeoDataFrame:
    rows = {"work_id": ["W"], "zone_id": ["A"], "kind": [kind], "capacity": [capacity]}
    rows |= {"capacity_unit": ["chỗ ở"], "done_on": [done_on]}
    frame = gpd.GeoDataFrame(rows, geometry=[squares.square(0)], crs=squares.CRS)
    return frame.astype({"done_on": "datetime64[s]"})


def hall(wide_m: float) -> gpd.GeoDataFrame:
    """A hall of one storey on lot L, as deep as the lot, which is 80 m wide."""
    east, north = squares.EAST + 10, squares.NORTH + 22
    shape = box(east, north, east + wide_m, north + 68)
    rows = {"building_id": ["H"], "parcel_id": ["L"], "storeys": [1]}
    return gpd.GeoDataFrame(rows, geometry=[shape], crs=squares.CRS)


def redrawn(**shapes: Any) -> kcn.Project:
    """Draw some lots of the plan otherwise."""
    project = planned()
    drawn = project.parcels["parcel_id"].map(shapes)
    geometry = project.parcels.geometry.where(drawn.isna(), drawn)
    return replace(project, parcels=project.parcels.set_geometry(geometry, crs=squares.CRS))


def at(left: float, low: float, right: float, high: float) -> Any:
    """A rectangle of the zone of 1 ha, in metres from its corner."""
    east, north = squares.EAST, squares.NORTH
    return box(east + left, north + low, east + right, north + high)


IDLE = {"building_on": None, "operating_on": None}
# 70 % of 80 m are 56 m, and 80 % are 64 m: what is exactly at a limit keeps it.
PLANS: dict[str, tuple[kcn.Project, kcn.Project]] = {
    # A metre of road becomes technical land: 7.9 % are roads.
    "land_use_short": (
        planned(),
        redrawn(R=at(10, 10, 89, 20), T=at(10, 20, 90, 22).union(at(89, 10, 90, 20))),
    ),
    # The lot reaches to the fence in the west.
    "belt_gap": (
        planned(),
        redrawn(
            L=at(0, 22, 90, 90),
            G=at(0, 0, 100, 100).difference(at(10, 10, 90, 90)).difference(at(0, 22, 10, 90)),
        ),
    ),
    "density_exceeded": (planned(buildings=hall(56.0)), planned(buildings=hall(56.1))),
    "lot_green_short": (planned(buildings=hall(64.0)), planned(buildings=hall(64.1))),
    "workers_unhoused": (
        planned(works=works("worker_housing", "2018-03-31", 10)),
        planned(works=works("worker_housing", "2018-04-01", 10)),
    ),
    # Handed over on 30 March 2017: twelve months end with 30 March 2018.
    "clock_over": (
        planned(projects=project_p(handed_over_on="2017-03-31", **IDLE)),
        planned(projects=project_p(handed_over_on="2017-03-30", **IDLE)),
    ),
    "let_before_cleared": (
        planned(),
        planned(
            ledger=squares.ledger(
                ("L", "leased", "2018-01-01"), ("L", "uncleared", "2010-01-01", "2018-01-02")
            )
        ),
    ),
    "operating_before_wastewater": (
        planned(works=works("wastewater", "2018-02-01", 500)),
        planned(works=works("wastewater", "2018-02-02", 500)),
    ),
    "building_before_hand_over": (
        planned(projects=project_p(building_on="2018-01-01")),
        planned(projects=project_p(building_on="2017-12-31")),
    ),
    "operating_before_building": (
        planned(projects=project_p(operating_on="2018-01-15")),
        planned(projects=project_p(operating_on="2018-01-14")),
    ),
}
"""Rules of the plan: what just keeps each, and what just breaks it."""


STOPS = "the run stops"


def told_of(project: kcn.Project, *days: Any) -> dict[str, list[Finding]]:
    """Give what the month says on some days, rule by rule; or that it stops."""
    found: list[Finding] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for on in days:
                found += kcn.report.monthly(project, month=on).findings
    except (KcngeoError, ValueError):
        return {STOPS: []}
    told: dict[str, list[Finding]] = {}
    for one in found:
        told.setdefault(one.rule, []).append(one)
    return told


def told_by_the_gate(project: kcn.Project, *days: Any) -> dict[str, list[Finding]]:
    """Give what a month tells of faults and doubts, without the rest of the month."""
    told: dict[str, list[Finding]] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            snapshot = project.as_known(faulty="set_apart")
            found = [one.finding for one in snapshot.faults]
            found += [one for broken in snapshot.broken.values() for one in broken]
            for on in days:
                found += kcn.quality.month_findings(snapshot, on=on)
    except (KcngeoError, ValueError):
        return {STOPS: []}
    for one in found:
        told.setdefault(one.rule, []).append(one)
    return told


def is_known(rule: str, told: dict[str, list[Finding]]) -> bool:
    """Tell whether the month says it, a warning with its effect; or stops for an error."""
    if STOPS in told:
        return CATALOGUE[rule].severity is Severity.ERROR
    mine = [one for name in CATALOGUE[rule].month for one in told.get(name, [])]
    if CATALOGUE[rule].severity is Severity.ERROR:
        return bool(mine)
    return bool(mine) and all(one.effect is not None for one in mine)


MONTHLY = {
    name
    for one in CATALOGUE.values()
    if one.moves and one.severity is Severity.WARNING
    for name in one.month
}


def test_every_rule_says_whether_it_moves_a_figure_and_what_the_month_calls_it() -> None:
    assert len(MOVING) > 40
    for rule, one in CATALOGUE.items():
        assert bool(one.month) is one.moves, rule
        for name in one.month:
            assert f"rules.{name}" in texts.table(), name
    # What moves and keeps no zone out is in doubt on page one, in words.
    for name in MONTHLY:
        assert set(texts.table()[f"because.{name}"]) == {"vi", "en"}
    # Every one is broken here or in the sample.
    planted = {rule for bundle in BUNDLES for rule in bundle} | {*BREAKS}
    assert {*MOVING} <= planted


def test_a_clean_project_is_in_no_doubt() -> None:
    report = kcn.report.monthly(clean(), month=ON)
    assert [one.rule for one in report.findings if one.effect is not None] == []
    assert report.doubt.drop(columns="because").fillna(0).to_numpy().tolist() == [[0.0] * 3] * 2
    assert report.doubt["because"].isna().all()


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_what_breaks_the_squares_is_told_by_the_month_or_stops_it(rule: str) -> None:
    told = told_by_the_gate(BREAKS[rule](clean()), ON)
    assert is_known(rule, told), sorted(told)


NAN = float("nan")
# What the check says of a break, errors first: rule, rows, zone, m² at stake, metres of width, and
# how far hectares let, hectares of the base and the rate may move, of which 1 of 2 ha are let.
CHECKED: dict[str, list[tuple[Any, ...]]] = {
    # Written 2 ha, drawn 1 ha: 2 ÷ 3.
    "certificate_differs": [("certificate_area", "P", "A", 10_000, NAN, 1, 1, 2 / 3 - 1 / 2)],
    "date_implausible": [("date_implausible", "E1", "", NAN, NAN, 1, 0, 0.5)],
    # No day counts the zone.
    "dates_reversed": [("dates_reversed", "A", "A", NAN, NAN, 1, 2, NAN)],
    "declared_open": [("declared_open", "B 2018-01-01", "B", "at_fault")],
    "declared_over_base": [("declared_over_base", "B 2018-01-01", "B", "at_fault")],
    "duplicate_geometry": [("duplicate_geometry", "P|Q", "A", 10_000, NAN, 1, 2, 0.5)],
    "duplicate_key": [
        ("duplicate_key", "P", "A", "not_computed"),
        ("unknown_parcel", "E2", "", "not_computed"),
    ],
    "geometry_missing": [("geometry_missing", "P", "A", "at_fault")],
    # 325 km east of the meridian lengths are 0.9996 · (1 + (325 ÷ 6378)² ÷ 2) = 1.0009 times as
    # long, 2 ha 36 m² too large; of 1 ÷ 2 the 18 m² let are a quarter.
    "grid_scale": [("grid_scale", "P|Q", "A", 36, NAN, 0.0018, 0.0036, 0.00045)],
    "no_fence": [
        ("no_fence", "P", "A", 10_000, NAN, 1, 1, NAN),
        ("no_fence", "Q", "A", 10_000, NAN, 0, 1, NAN),
    ],
    # Half of each, 50 m wide: 0.5 ÷ 1.5.
    "overlap": [("overlap", "P|Q", "A", 5_000, 50, 0.5, 1, 1 / 2 - 1 / 3)],
    # Contracts of 1.4 ha on 1 ha, or 1.5 ha as is written: 1.4 ÷ 2.4 for 1 ÷ 2, 1.4 ÷ 2.9 for that.
    "parts_above_area": [
        ("certificate_area", "P", "A", 5_000, NAN, 0, 0.5, 1.4 / 2.4 - 1.4 / 2.9),
        ("parts_above_area", "P", "A", 4_000, NAN, 0.4, 0.4, 1.4 / 2.4 - 1 / 2),
    ],
    "premises_hold_land": [("premises_hold_land", "E1", "A", NAN, NAN, 1, 0, 0.5)],
    # Half of Q lies beyond: 1 ÷ 2.5 with it, 1 ÷ 2 without; then all of it: 1 ÷ 2, 1 ÷ 1.
    "outside_fence": [("outside_fence", "Q", "A", 5_000, NAN, 0, 0.5, 1 / 2 - 1 / 2.5)],
    "not_in_zone": [("not_in_zone", "Q", "A", 10_000, NAN, 0, 1, 1 / 2)],
    # 2.5 ha are planned, and of no law's base.
    "zone_area": [("zone_area", "A", "A", 5_000, NAN, 0, 0, 0)],
    "drawn_alike_in_turn": [
        ("entry_outlives_parcel", "E2", "A", "at_fault"),
        ("never_mentioned", "R", "A", "not_on_day"),
    ],
    # Each is told by itself, and keeps no zone out.
    "layers_elsewhere": [
        *[("crs_area", "", "", "not_on_day")] * 2,
        *[("crs_degrees", "", "", "not_on_day")] * 2,
        ("unrated_emitter", "E", "", NAN, NAN, NAN, NAN, NAN),
    ],
    "zone_twice_over": [("versions_overlap", "A", "A", "at_fault")],
    "point_incomplete": [("point_incomplete", "A", "A", NAN, NAN, NAN, NAN, NAN)],
    # 0.6 and 0.402 of 1 ha: 1.002 ÷ 2.002 for 1 ÷ 2.
    "shares_scaled": [
        ("shares_scaled", "P", "A", NAN, NAN, 0.002, 0.002, 1.002 / 2.002 - 1 / 2),
    ],
    # Who has the whole of P twice has no more of it.
    "same_entry_twice": [("same_entry_twice", "E1|E3", "A", NAN, NAN, 0, 0, 0)],
    # Let from 2918 on P may be let already: 1 ÷ 2. A far end is an open one.
    "lease_of_2918": [("date_implausible", "E1", "", NAN, NAN, 1, 0, 0.5)],
    "lease_until_9999": [("date_implausible", "E1", "", "not_on_day")],
    # P may not be there yet: 0 ÷ 1. Q is not there, and what holds it is at fault.
    "parcel_of_1018": [("date_implausible", "P", "A", NAN, NAN, 1, 1, 0.5)],
    "parcel_until_1918": [
        ("entry_outlives_parcel", "E2", "A", "at_fault"),
        ("date_implausible", "Q", "A", "not_on_day"),
    ],
    # A hundredth of a hectare more than there is may be rounding, a tenth is not.
    "clearance_area": [("clearance_area", "C1", "A", 1_000, NAN, NAN, NAN, NAN)],
    "building_outside": [("building_outside", "H", "", 2_500, NAN, NAN, NAN, NAN)],
    # Two strips of 0.6 m² are counted twice; R lies beyond the fence but for one: 1 ÷ 2 for 1 ÷ 3.
    "slight_overlaps": [
        ("never_mentioned", "R", "A", 10_000, NAN, 1, 0, 1 / 3),
        ("outside_fence", "R", "A", 9_998.8, NAN, 0, 0.99988, 1 / 2 - 1 / 3),
        ("slight_overlaps", "P|Q|R", "A", 1.2, NAN, 0.00006, 0.00024, 0.00002),
    ],
    # Q is half a metre high: 1 ÷ 1 for 1 ÷ 1.005.
    "sliver": [("sliver", "Q", "A", 50, 0.5, 0, 0.005, 1 - 1 / 1.005)],
    "unknown_project": [
        ("leased_without_project", "E1", "A", NAN, NAN, 1, 0, 0.5),
        ("unknown_project", "E1", "", NAN, NAN, 1, 0, 0.5),
    ],
}


# Figures in the words of the same breaks.
SAID = {
    "building_outside": "H reaches 2,500.0 m²",
    "certificate_differs": "says 20,000.0 m², the drawing 10,000.0 m²; a map 1:1000",
    "clearance_area": "C1 is of 1.1000 ha, but parcel P has 1.0000 ha",
    "dates_reversed": "removed_on (1 Jan 2008) lies before established_on (1 Jan 2018)",
    "duplicate_geometry": "P, Q are drawn exactly alike (10,000.0 m²)",
    "duplicate_key": "2 rows have the key P",
    "grid_scale": "0.0036 ha in all",
    "no_fence": "it has one from 1 Jun 2018 to …",
    "not_in_zone": "lies wholly outside its zone (10,000.0 m²)",
    "outside_fence": "by 5,000.0 m² in all",
    "overlap": "P × Q (5,000.0 m²)",
    "parts_above_area": "for 0.4000 ha more than the parcels have",
    "shares_scaled": "(at most 1.0020)",
    "slight_overlaps": "by 1.2 m² together",
    "sliver": "50.0 m², 0.50 m wide",
    "zone_area": "approved 2.5000 ha, drawn 2.0000 ha",
}


@pytest.mark.parametrize("rule", sorted(CHECKED))
def test_the_check_says_what_is_at_stake(rule: str) -> None:
    report = kcn.quality.check((BREAKS | MORE_BREAKS)[rule](clean()))
    assert SAID.get(rule, "") in " ".join(one.finding.message("en") for one in report.noticed)
    rows = report.findings
    names = zip(rows["rule"], rows["ids"].map("|".join), rows["zone_id"].fillna(""), strict=True)
    assert [*names] == [one[:3] for one in CHECKED[rule]]
    reasons = [one[3] if isinstance(one[3], str) else "" for one in CHECKED[rule]]
    assert rows["no_effect"].fillna("").tolist() == reasons
    figures = rows[["area_m2", "width_m", "effect_leased_ha", "effect_base_ha", "effect"]]
    figures = figures.mask(rows["no_effect"].notna())
    expected = [
        [NAN] * 5 if said else one[3:] for one, said in zip(CHECKED[rule], reasons, strict=True)
    ]
    assert figures.to_numpy() == pytest.approx(np.array(expected), rel=0.01, nan_ok=True)


def test_doubts_of_size_stand_beside_those_of_the_holder() -> None:
    numbered = parcels_with(map_sheet_no="1", cadastral_no="7")(clean())
    apart = drawn(squares.square(0), squares.square(1.005, wide=0.9))(numbered)
    broken = [
        BREAKS["parts_above_area"](BREAKS["zone_area"](BREAKS["unknown_project"](apart))),
        *[(BREAKS | MORE_BREAKS)[rule](clean()) for rule in ("no_fence", "parcel_of_1018")],
        BREAKS["date_implausible"](BREAKS["premises_hold_land"](clean())),
        BREAKS["dates_reversed"](clean()),
    ]
    size, holder = set(), set()
    for project in broken:
        accounts = Accounts.of(project.as_known(faulty="set_apart"), area="grid")
        ground = MonthGround(accounts, on=ON, definition=fill_definition(None, on=ON))
        for one in doubts_of(ground)[1]:
            if len(one.zone):
                (size if one.is_size else holder).add((one.rule, one.table))
    # How large land is, and who holds it, are two questions: their doubts are added.
    assert size == {
        *[(rule, "parcels") for rule in ("certificate_differs", "parts_above_area", "gap")],
        *[(rule, "parcels") for rule in ("duplicate_cadastral_no", "no_fence", "date_implausible")],
        *[(rule, "zones") for rule in ("zone_area", "dates_reversed")],
    }
    assert holder == {
        *[(rule, "ledger") for rule in ("leased_without_project", "date_implausible")],
        ("premises_hold_land", "ledger"),
    }


def test_a_finding_of_several_lots_lies_on_all_of_them() -> None:
    first, other = squares.square(0), squares.square(2)
    assert together([]) is None
    assert together([None, first]).equals(first)
    assert together([first, Polygon(), other]).area == 2 * 10_000


def test_what_breaks_its_contract_lies_where_its_lot_or_zone_does() -> None:
    # Other layers may be drawn in another system.
    lots = squares.parcels("P", "Q", use=["castle", "industrial"])
    broken = replace(clean(), parcels=lots, works=works("palace", None, 1.0))
    places = {one.finding.table: one.geometry for one in Ground(broken).breaches}
    assert places == {"parcels": squares.square(0), "works": None}


def test_a_lot_of_an_unknown_zone_is_an_error_and_works_are_not() -> None:
    project = clean()
    lost = works("road", None, 1.0).assign(zone_id="Z")
    broken = replace(project, parcels=project.parcels.assign(zone_id=["A", "Z"]), works=lost)
    found = [one.finding for one in key_rules.orphan_findings(Ground(broken))]
    told = {(one.rule, one.table, one.ids): str(one.severity) for one in found}
    assert told == {
        ("unknown_zone", "parcels", ("Q",)): "error",
        ("unknown_zone", "works", ("W",)): "warning",
    }


def test_every_rule_of_the_month_is_in_the_catalogue() -> None:
    assert len(month_rules.RULES) == len(set(month_rules.RULES))
    assert set(CATALOGUE) >= MONTHLY


def test_land_in_no_lot_may_be_what_lacks() -> None:
    # The road is drawn one metre short, and nothing in its place; the fence of the west is bare.
    for project in (redrawn(R=at(10, 10, 89, 20)), redrawn(G=at(10, 0, 100, 10))):
        assert not {"land_use_short", "belt_gap"} & {*told_of(project, ON)}


@pytest.mark.parametrize("rule", sorted(PLANS))
def test_what_breaks_the_plan_is_told_by_the_month(rule: str) -> None:
    kept, broken = (told_of(project, ON) for project in PLANS[rule])
    assert rule not in kept
    assert [(one.zone_ids, one.effect) for one in broken[rule]] == [(("A",), None)]
    # Rules of the plan are known to the catalogue, and have words for page one.
    assert not CATALOGUE[rule].moves
    assert set(texts.table()[f"because.{rule}"]) == {"vi", "en"}


@pytest.mark.long
@pytest.mark.parametrize("bundle", BUNDLES, ids="+".join)
def test_what_breaks_the_sample_is_told_by_the_month_or_stops_it(bundle: tuple[str, ...]) -> None:
    sample = kcn.io.read_project(SAMPLE)
    # The sample is broken where no figure is at stake by some, which break the squares above.
    for rule in (one for one in bundle if CATALOGUE[one].moves and one not in BREAKS):
        frames = copies(sample)
        DEFECTS[rule](frames, 1)
        project = kcn.Project(**frames)
        spans = [
            (one.valid_from, one.valid_to)
            for one in kcn.quality.check(project).noticed
            if one.finding.rule == rule
        ]
        assert spans
        days = ["2023-06-30"]
        for first, last in spans:
            # The last month in which it lasts.
            days += (
                []
                if last is None or pd.isna(last)
                else [pd.Timestamp(last) - pd.DateOffset(months=1)]
            )
            days += [] if first is None or pd.isna(first) else [pd.Timestamp(first)]
        told = told_by_the_gate(project, *days)
        assert is_known(rule, told), (rule, sorted(told))
