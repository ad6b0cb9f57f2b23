"""The check as a whole: where layers lie, what rests on what, what the report shows."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

import kcngeo as kcn
from kcngeo.analysis.quality import geometry_rules, location_rules, value_rules
from kcngeo.analysis.quality.rules import CATALOGUE
from kcngeo.core import texts
from kcngeo.core.errors import CRSError
from kcngeo.core.model import Severity
from kcngeo.core.schema import TABLES
from tests import squares

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "parcels" / "two_zones.gpkg"
LATER = "2018-03-31"


def project(**tables: Any) -> kcn.Project:
    """Zone A with lots P (let with a licence) and Q (reserved), and what is given instead."""
    ledger = squares.ledger(("P", "leased", "2017-01-01"), ("Q", "reserved", "2017-01-01"))
    ledger["project_id"] = ["d", None]
    return kcn.Project(
        **{
            "zones": squares.zones("A"),
            "parcels": squares.parcels("P", "Q"),
            "ledger": ledger,
            "projects": pd.DataFrame(
                {"project_id": ["d"], "licensed_on": pd.to_datetime(["2016-01-01"])}
            ),
            **tables,
        }
    )


def rules(report: kcn.quality.QualityReport) -> list[tuple[str, tuple[str, ...]]]:
    rows = report.findings
    return list(zip(rows["rule"], rows["ids"], strict=True))


def checked(**tables: Any) -> list[tuple[str, tuple[str, ...]]]:
    return rules(kcn.quality.check(project(**tables), on=LATER, language="en"))


def test_a_clean_project_is_clean() -> None:
    report = kcn.quality.check(project(), on=LATER, language="en")
    assert rules(report) == []
    assert report.ok
    assert repr(report) == "0 errors, 0 warnings, 0 notes."
    assert report.findings.crs == squares.CRS


def test_every_rule_has_words_and_advice_in_both_languages() -> None:
    table = texts.table()
    for rule in CATALOGUE:
        for group in ("rules", "advice"):
            assert set(table[f"{group}.{rule}"]) == {"vi", "en"}, rule
    assert len(CATALOGUE) >= 60


# Where layers lie


@pytest.fixture(scope="module")
def sample() -> kcn.Project:
    return kcn.io.read_project(SAMPLE)


@pytest.mark.parametrize(
    ("code", "away_km"), [(5898, 27), (9217, 54), (9218, 82), (9210, 218), (9216, 27)]
)
def test_numbers_read_under_another_meridian_are_noticed(
    sample: kcn.Project, code: int, away_km: int
) -> None:
    # The figures for Lộc Sơn are those of the EPSG registry: 15 minutes of longitude are 27 km.
    frames = {
        name: frame.set_crs(code, allow_override=True)
        if isinstance(frame, gpd.GeoDataFrame)
        else frame
        for name, frame in sample.tables()
    }
    report = kcn.quality.check(kcn.Project(**frames), language="en")
    rows = report.findings
    far = rows[rows["rule"] == "far_from_place"]
    assert set(far["ids"]) == {(name,) for name in set(sample.zones["zone_id"])}
    assert set(rows["table"][rows["rule"] == "other_meridian"]) == {"zones", "parcels"}
    # Read under 5899 they would lie right, and no other code puts them there.
    assert far["message"].str.endswith("in: EPSG:5899.").all()
    told_km = far["message"].str.extract(r"lies (\d+) km")[0].astype(int)
    assert (told_km <= away_km).all()
    assert told_km.max() > away_km - 27


def test_a_zone_nobody_knows_is_looked_for_in_its_province() -> None:
    def zone(east_m: float, province: str) -> gpd.GeoDataFrame:
        zones = squares.zones("A", province=province)
        return zones.set_geometry(zones.translate(east_m, 0), crs=squares.CRS)

    def found(zones: gpd.GeoDataFrame) -> list[str]:
        lots = squares.parcels("P", "Q")
        east_m = zones.total_bounds[0] - squares.EAST
        lots = lots.set_geometry(lots.translate(east_m, 0), crs=squares.CRS)
        return [rule for rule, _ in checked(zones=zones, parcels=lots)]

    assert found(zone(0, "Lâm Đồng")) == []
    assert found(zone(-75_000, "Lâm Đồng")) == ["outside_province"]
    assert found(zone(-75_000, "Atlantis")) == []


def test_how_far_a_zone_lies_outside_its_place() -> None:
    # On the ellipsoid of VN-2000 a degree of the meridian at 11.5° is 111.133 − 0.560 cos 23° +
    # 0.001 cos 46° km.
    place = next(iter(kcn.standards.registry().of(kcn.standards.Place)))
    place = dataclasses.replace(place, west=107.0, east=108.0, south=10.0, north=11.0)
    at = gpd.GeoSeries([Point(107.75, 12.0), Point(107.75, 10.5)], crs=4756).to_crs(squares.CRS)
    far, inside = (location_rules._away_km(at.crs, shape, place) for shape in at)
    assert far == pytest.approx(110.618, abs=0.002)
    assert inside == 0


def test_what_lacks_the_figure_its_rule_asks_for_is_unrated() -> None:
    emitters = pd.DataFrame(
        [
            ("wastewater_works", None, 200.0),
            ("wastewater_works", "II", None),
            ("point", None, 200.0),
            ("parcel", "II", None),
            ("building", "high", None),
        ],
        columns=["kind", "hazard_class", "capacity_m3_day"],
    )
    # By capacity the works, by class the others, and "high" is no class.
    assert value_rules._unrated(emitters).tolist() == [False, True, True, False, True]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ((500_100.0, 1_270_000.25), "500100.000 1270000.250"),
        ((1e9, -2.5e12), "1e+09 -2.5e+12"),
        ((-999_999_999.0, 0.0), "-999999999.000 0.000"),
    ],
)
def test_a_place_is_written_shortly_even_out_of_this_world(
    place: tuple[float, float], text: str
) -> None:
    assert geometry_rules.shown_place(*place) == text


@pytest.mark.parametrize(
    ("code", "rule"), [(4326, "crs_degrees"), (3857, "crs_area"), (2274, "crs_feet")]
)
def test_a_layer_that_cannot_be_measured_is_found_and_the_rest_is_checked(
    code: int, rule: str
) -> None:
    base = project()
    ledger = squares.ledger(("P", "leased", "2017-01-01"), ("X", "leased", "2017-01-01"))
    moved = base.parcels.to_crs(4326)
    parcels = moved if code == 4326 else base.parcels.set_crs(code, allow_override=True)
    report = kcn.quality.check(project(parcels=parcels, ledger=ledger), on=LATER, language="en")
    found = {name for name, _ in rules(report)}
    assert {rule, "unknown_parcel", "never_mentioned"} <= found
    assert report.skipped == ("areas",)
    assert not report.ok
    assert "Not checked: everything that measures areas." in repr(report)


def test_a_layer_without_a_crs_is_found() -> None:
    bare = project().parcels.set_crs(None, allow_override=True)
    found = {rule for rule, _ in checked(parcels=bare)}
    assert "no_crs" in found


@pytest.mark.parametrize("away_m", [300_000, 10_000_000, 1e300])
def test_a_lot_with_a_wrong_digit_is_named_and_the_others_are_checked(away_m: float) -> None:
    # S is drawn over the second half of R: 50 m × 100 m. Q alone lies where the grid does not hold:
    # 300 km beside its meridian a length is 0.9999 × (1 + 300² ÷ (2 × 6378²)) = 1.0010.
    shapes = [squares.square(place) for place in (0, 1, 2, 2.5)]
    x = squares.EAST + 100 + away_m
    shapes[1] = box(x, squares.NORTH, x + 100, squares.NORTH + 100)
    parcels = squares.parcels(*"PQRS").set_geometry(shapes, crs=squares.CRS)
    entries = [(name, "reserved", "2017-01-01") for name in "PQRS"]
    given = project(parcels=parcels, ledger=squares.ledger(*entries))
    report = kcn.quality.check(given, on=LATER, language="en")
    found = [one for one in rules(report) if one[0] != "ring_invalid"]
    assert found == [("crs_stray", ("Q",)), ("overlap", ("R", "S"))]
    assert report.skipped == ()
    with pytest.raises(CRSError, match=r"1 of its rows lie where that CRS does not hold.*: Q"):
        kcn.fill.fill_rate(given.as_known(), on=LATER)


# The fence, through all its versions


@pytest.mark.parametrize(
    ("valid_to", "is_found"), [("2016-01-01", False), ("2016-01-02", True), (None, True)]
)
def test_a_lot_is_compared_with_every_fence_of_its_time(
    valid_to: str | None, *, is_found: bool
) -> None:
    # The fence of 2016 leaves the first 50 m of lot P out.
    wide = squares.zones("A", "A", valid_from=[None, "2016-01-01"], valid_to=["2016-01-01", None])
    wide = wide.set_geometry(
        [squares.square(0, wide=10), squares.square(0.5, wide=9)], crs=squares.CRS
    )
    parcels = squares.parcels("P", "Q", valid_to=[valid_to, None])
    ledger = squares.ledger(
        ("P", "reserved", "2015-01-01", valid_to), ("Q", "reserved", "2015-01-01")
    )
    report = kcn.quality.check(project(zones=wide, parcels=parcels, ledger=ledger), on=LATER)
    rows = report.findings
    assert rows["rule"].tolist() == (["outside_fence"] if is_found else [])
    if is_found:
        assert rows["area_m2"].tolist() == [5000.0]
        assert rows["valid_from"].tolist() == [pd.Timestamp("2016-01-01")]
        assert rows.geometry[0].equals(squares.square(0, wide=0.5))


# Boundaries of single values


@pytest.mark.parametrize(("share", "is_found"), [(1.0, False), (1.0001, True), (None, False)])
def test_a_share_is_at_most_one(share: float | None, *, is_found: bool) -> None:
    works = gpd.GeoDataFrame(
        {"work_id": ["w"], "zone_id": ["A"], "kind": ["road"], "progress_share": [share]},
        geometry=[squares.square(0)],
        crs=squares.CRS,
    )
    assert bool(checked(works=works)) is is_found


@pytest.mark.parametrize(
    ("day", "is_found"), [("2018-03-30", False), ("2018-03-31", False), ("2018-04-01", True)]
)
def test_what_has_happened_lies_not_after_the_day(day: str, *, is_found: bool) -> None:
    projects = project().projects.assign(operating_on=pd.to_datetime([day]))
    expected = [("date_in_future", ("d",))] if is_found else []
    assert checked(projects=projects) == expected


@pytest.mark.parametrize(
    ("building_on", "is_found"),
    [("2017-01-01", False), ("2017-01-02", False), ("2016-12-31", True)],
)
def test_dates_in_order(building_on: str, *, is_found: bool) -> None:
    dates = {"handed_over_on": "2017-01-01", "building_on": building_on}
    dated = {name: pd.to_datetime([day]) for name, day in dates.items()}
    expected = [("dates_reversed", ("d",))] if is_found else []
    assert checked(projects=project().projects.assign(**dated)) == expected


@pytest.mark.parametrize(
    ("area_m2", "scale", "is_found"),
    [
        # 1 ha, 400 m of boundary: half of it times 0.15 m are 30 m², times 0.07 m 14 m².
        (10_029.9, 1000, False),
        (10_030.1, 1000, True),
        (9_969.9, 1000, True),
        (10_013.9, 500, False),
        (10_014.1, 500, True),
    ],
)
def test_a_certificate_may_differ_by_what_the_map_allows(
    area_m2: float, scale: int, *, is_found: bool
) -> None:
    parcels = squares.parcels("P", "Q", certificate_area_m2=[area_m2, None])
    report = kcn.quality.check(project(parcels=parcels), on=LATER, map_scale=scale)
    assert rules(report) == ([("certificate_area", ("P",))] if is_found else [])
    if is_found:
        assert "secondary" in report.told("en")["message"][0]


def test_a_scale_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="map_scale must be one of 200, 500, 1000, 2000, 5000"):
        kcn.quality.check(project(), map_scale=750)


@pytest.mark.parametrize(("approved_ha", "is_found"), [(10.05, False), (10.06, True), (9.9, True)])
def test_a_zone_may_differ_by_half_a_percent(approved_ha: float, *, is_found: bool) -> None:
    # The fence holds 10 ha; 0.5 % of 10.05 are 0.05025, of 10.06 0.0503.
    zones = squares.zones("A", approved_area_ha=[approved_ha])
    assert checked(zones=zones) == ([("zone_area", ("A",))] if is_found else [])


# One bad row does not hide the others


def test_a_row_that_breaks_its_contract_is_told_once() -> None:
    parcels = squares.parcels("P", "Q", "R", use=["industrial", "xanh", "industrial"])
    found = checked(parcels=parcels)
    # Its entry is not of an unknown lot, its land is no gap; R is still looked at.
    assert found == [("not_in_list", ("Q",)), ("never_mentioned", ("R",))]


def test_lots_drawn_alike_are_no_overlap_as_well() -> None:
    parcels = squares.parcels("P", "Q").set_geometry([squares.square(0)] * 2, crs=squares.CRS)
    assert checked(parcels=parcels) == [("duplicate_geometry", ("P", "Q"))]


def test_a_table_without_its_columns_is_told_and_left_out() -> None:
    report = kcn.quality.check(
        project(ledger=pd.DataFrame({"parcel_id": ["P"]})), on=LATER, language="en"
    )
    assert [rule for rule, _ in rules(report)] == ["missing_columns"]
    assert report.skipped == ("table_ledger",)


def test_a_superseded_row_is_not_checked() -> None:
    ledger = project().ledger.assign(recorded_at=pd.Timestamp("2017-02-01", tz="UTC"))
    wrong = ledger.iloc[:1].assign(
        parcel_id="X", superseded_at=pd.Timestamp("2017-03-01", tz="UTC")
    )
    both = pd.concat([ledger, wrong], ignore_index=True)
    assert checked(ledger=both) == []
    then = kcn.quality.check(project(ledger=both).stored_at(dt.date(2017, 2, 15)), on=LATER)
    assert [rule for rule, _ in rules(then)] == ["unknown_parcel"]


# What it shows


def test_the_report_is_readable_and_safe() -> None:
    evil = "<script>alert(1)</script>"
    parcels = squares.parcels(evil, "Q").set_geometry([squares.square(0)] * 2, crs=squares.CRS)
    report = kcn.quality.check(project(parcels=parcels), on=LATER, language="en")
    page = report._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"https?://|src=|href=", page)
    assert "duplicate_geometry" in repr(report)
    for names, shown in (("ABCDE", "A, B, C, D, E<"), ("ABCDEF", "A, B, C, D, E …<")):
        many = kcn.quality.check(project(parcels=squares.parcels(*names, use="xanh")))
        assert shown in many._repr_html_()
    # Twenty rows are shown, and how many more there are.
    rest = {}
    for count in (20, 21):
        page = dataclasses.replace(report, noticed=report.noticed[:1] * count)._repr_html_()
        rest[count] = page.count("<tr>"), "<p>+ 1</p>" in page, "<p>+" in page
    assert rest == {20: (21, False, False), 21: (21, True, True)}
    rows = report.findings
    assert rows["severity"].tolist() == sorted(rows["severity"], key=list(Severity).index)
    assert set(report.told("vi")["advice"]).isdisjoint(rows["advice"])


def test_inputs_are_not_changed(sample: kcn.Project) -> None:
    before = {name: frame.copy() for name, frame in sample.tables()}
    kcn.quality.check(sample)
    for name, frame in sample.tables():
        pd.testing.assert_frame_equal(frame, before[name])


# Whatever stands in the tables, a check ends and tells

SHAPES = st.sampled_from(
    [
        None,
        Polygon(),
        Point(squares.EAST, squares.NORTH),
        LineString([(0, 0), (1, 1)]),
        GeometryCollection(),
        squares.square(0),
        squares.square(0.5, wide=2),
        squares.square(2, wide=0.001),
        MultiPolygon([squares.square(0), squares.square(5)]),
        box(1e12, 1e12, 2e12, 2e12),
        box(-1, -1, np.inf, 1),
        Polygon(
            [(500_000, 1_270_000), (500_100, 1_270_100), (500_100, 1_270_000), (500_000, 1_270_100)]
        ),
    ]
)
WORDS = st.sampled_from(
    [None, "", "A", "P", "Q", " P ", "leased", "industrial", "1,5", "P|Q", "\0"]
)
CELLS = st.one_of(
    WORDS,
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-5, 5),
    st.booleans(),
    st.sampled_from([pd.Timestamp("2018-01-01"), pd.NaT, dt.date(1018, 1, 1), "31/12/2018"]),
    st.text(max_size=5),
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Some tables of any columns of their contracts, with anything in them."""
    frames: dict[str, Any] = {}
    optional = [name for name in TABLES if name not in ("zones", "parcels", "ledger")]
    for name in (
        "zones",
        "parcels",
        "ledger",
        *draw(st.sets(st.sampled_from(optional), max_size=3)),
    ):
        size = draw(st.integers(0, 4))
        data: dict[str, Any] = {}
        for column in TABLES[name].columns:
            good = st.sampled_from(column.choices) if column.choices else WORDS
            if column.required or draw(st.booleans()):
                cells = draw(st.sampled_from([good, CELLS]))
                values = draw(st.lists(cells, min_size=size, max_size=size))
                data[column.name] = pd.Series(values, dtype="object")
        frame = pd.DataFrame(data, index=range(size))
        if TABLES[name].geometry:
            shapes = draw(st.lists(SHAPES, min_size=size, max_size=size))
            crs = draw(st.sampled_from([squares.CRS, squares.CRS, "EPSG:4326", None]))
            frame = gpd.GeoDataFrame(frame, geometry=np.array([*shapes, None])[:-1], crs=crs)
        frames[name] = frame
    return frames


def test_a_corner_nowhere_is_a_finding_of_the_lot() -> None:
    lots = squares.parcels("P", "Q")
    nowhere = Polygon([(np.inf, -1), (np.inf, 1), (-1, 1), (-1, -1)])
    lots = lots.set_geometry([nowhere, lots.geometry.iloc[1]], crs=squares.CRS)
    found = kcn.quality.check(project(parcels=lots), on=LATER, language="en").findings
    told = found[found["ids"].astype("str").str.contains("P")]
    assert "error" in told["severity"].tolist()


@given(frames=tables())
@settings(
    max_examples=40,
    # A table is too large a thing to shrink in reasonable time.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_a_check_of_anything_ends_with_a_report(frames: dict[str, Any]) -> None:
    report = kcn.quality.check(kcn.Project(**frames), on=LATER)
    assert len(report.told("en")) == len(report.noticed)
    assert report.ok is (report.counts()[Severity.ERROR] == 0)
    repr(report), report._repr_html_()
