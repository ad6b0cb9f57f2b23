"""The monthly report: one zone's bad data stays that zone's, and what was known is known for ever.

Three zones A, B and C, each with four lots of 1 ha: the first let from 2018, half of the second let
from February, the third not yet cleared, the fourth never mentioned. By nd164-2013 the rate of each
is 1.5 of 4 ha from February on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from kcngeo import Project, examples, fill, io, report
from kcngeo.core.errors import ContractError, CRSError, KcngeoError
from kcngeo.core.model import Finding, Severity, Status
from kcngeo.publish.document import document
from kcngeo.publish.month_tables import accounts_table, all_tables, series_table
from kcngeo.report import sections
from tests import squares

ZONES = ("A", "B", "C")
RATE = "fill_rate"


def project(**tables: Any) -> Project:
    names = [f"{zone}{number}" for zone in ZONES for number in range(1, 5)]
    shapes = [squares.square(column, row) for row in range(3) for column in range(4)]
    parcels = squares.parcels(*names, zone=[name[0] for name in names], valid_from=None)
    entries = [
        entry
        for zone in ZONES
        for entry in (
            (f"{zone}1", "leased", "2018-01-01", None),
            (f"{zone}2", "leased", "2018-02-01", None, 0.5),
            (f"{zone}3", "uncleared", "2018-01-01", None),
        )
    ]
    frames = {
        "zones": squares.zones(*ZONES, name=["An", "Bình", "Cát"]),
        "parcels": parcels.set_geometry(shapes, crs=squares.CRS).assign(valid_to=None),
        "ledger": squares.ledger(*entries),
        **tables,
    }
    return Project(**frames)


def with_row(frame: Any, row: int, **values: Any) -> Any:
    """Change one row; the other columns keep their values, whatever the new one's type."""
    changed = frame.copy()
    for name, value in values.items():
        column = list(changed[name]) if name in changed.columns else [None] * len(changed)
        column[row] = value
        changed[name] = (
            gpd.GeoSeries(column, crs=frame.crs)
            if name == "geometry"
            else pd.Series(column, index=changed.index, dtype=_dtype(value))
        )
    return changed


def _dtype(value: Any) -> str:
    return "float64" if isinstance(value, float) else "object"


def in_table(table: str, row: int, **values: Any) -> Callable[[Project], Project]:
    def spoil(given: Project) -> Project:
        return replace(given, **{table: with_row(getattr(given, table), row, **values)})

    return spoil


def more(table: str, *rows: dict[str, Any]) -> Callable[[Project], Project]:
    def spoil(given: Project) -> Project:
        frame = getattr(given, table)
        added = pd.DataFrame(list(rows))
        if table != "ledger":
            added = gpd.GeoDataFrame(added, crs=squares.CRS)
        return replace(given, **{table: pd.concat([frame, added], ignore_index=True)})

    return spoil


def month(given: Project, **options: Any) -> report.MonthlyReport:
    return report.monthly(given, **{"month": "2018-03", **options})


def rates(made: report.MonthlyReport, zone_id: str, definition: str = "nd164-2013") -> list[float]:
    return made.series.loc[(definition, zone_id), RATE].tolist()


@pytest.fixture(scope="module")
def good() -> report.MonthlyReport:
    return month(project())


# B's rows: parcels 4 to 7, entries 3 to 5, zone 1.
HALVES = [(500_000, 1_270_100), (500_100, 1_270_200), (500_100, 1_270_100), (500_000, 1_270_200)]
LOT = {"zone_id": "B", "land_use": "industrial"}
B_DEFECTS = [
    ("status", in_table("ledger", 3, status="let"), "status holds let"),
    ("no status", in_table("ledger", 3, status=None), "status is missing: B1"),
    ("no day", in_table("ledger", 3, valid_from="15/01/2018"), "valid_from must be a day"),
    ("time of day", in_table("ledger", 3, valid_to=pd.Timestamp("2018-02-01 08:00")), "a day"),
    ("ends first", in_table("ledger", 3, valid_to="2018-01-01"), "valid_to must lie after"),
    ("recorded", in_table("ledger", 3, recorded_at="yesterday"), "recorded_at must be a moment"),
    ("no area", in_table("ledger", 4, part_area_ha=0.0), "part_area_ha must be above 0: B2"),
    ("too much", in_table("ledger", 4, part_area_ha=1.1), "B2 is held for 110.00 %"),
    (
        "let twice",
        more("ledger", {"parcel_id": "B1", "status": "reserved", "valid_from": "2018-02-01"}),
        "B1 is held twice over from 1 Feb 2018",
    ),
    (
        "outlives",
        in_table("parcels", 4, valid_to="2018-03-01"),
        "entries outlive their parcel, which ends 1 Mar 2018",
    ),
    ("bowtie", in_table("parcels", 4, geometry=Polygon(HALVES)), "Self-intersection"),
    ("no shape", in_table("parcels", 4, geometry=None), "no geometry"),
    ("a line", in_table("parcels", 4, geometry=squares.square(0, 1).boundary), "not a polygon: B1"),
    ("use", in_table("parcels", 4, land_use="factory"), "land_use holds factory"),
    ("no use", in_table("parcels", 4, land_use=None), "land_use is missing: B1"),
    ("a number", in_table("parcels", 4, lot_code=7), "lot_code must be text: B1"),
    (
        "two versions",
        more(
            "parcels",
            {
                "parcel_id": "B1",
                **LOT,
                "valid_from": "2018-02-01",
                "geometry": squares.square(9, 1),
            },
        ),
        "versions overlap in time: B1",
    ),
    (
        "overlap",
        more("parcels", {"parcel_id": "B5", **LOT, "geometry": squares.square(0.5, 1)}),
        "B1 × B5, B2 × B5 (10,000.0 m²)",
    ),
    (
        "wrong digit",
        in_table("parcels", 4, geometry=squares.square(45_000, 1)),  # easting 5 000 000
        "B1 lie far from all other rows of the parcels layer, where EPSG:5899 does not hold",
    ),
    (
        "fence astray",
        in_table("zones", 1, geometry=squares.square(45_000, 1, wide=10)),
        "B lie far from all other rows of the zones layer",
    ),
    ("stage", in_table("zones", 1, stage="open"), "stage holds open"),
    ("zone's day", in_table("zones", 1, established_on="soon"), "established_on must be a day"),
    ("no fence", in_table("zones", 1, geometry=None), "no geometry"),
    ("fence", in_table("zones", 1, geometry=Polygon(HALVES)), "Self-intersection"),
    (
        "two fences",
        more("zones", {"zone_id": "B", "geometry": squares.square(0, 1, wide=10)}),
        "versions overlap in time: B",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "reason"), [row[1:] for row in B_DEFECTS], ids=[row[0] for row in B_DEFECTS]
)
def test_a_defect_of_one_zone_is_told_and_the_others_go_on(
    good: report.MonthlyReport, spoil: Callable[[Project], Project], reason: str
) -> None:
    bad = month(spoil(project()))
    assert list(bad.reasons(language="en")) == ["B"]
    assert reason in bad.reasons(language="en")["B"]
    assert bad.reasons(language="vi")["B"] != bad.reasons(language="en")["B"]
    assert bad.findings[0].message() == bad.reasons(language="en")["B"]
    others = ["A", "C"]
    for name in ("series", "accounts"):
        theirs, mine = getattr(good, name), getattr(bad, name)
        pd.testing.assert_frame_equal(
            mine[mine.index.get_level_values("zone_id").isin(others)],
            theirs[theirs.index.get_level_values("zone_id").isin(others)],
            check_exact=True,
        )
        assert mine.index.equals(theirs.index)
        own = mine[mine.index.get_level_values("zone_id") == "B"]
        # Only of an overlap is it known how far it can move the rate.
        limits = own.columns.intersection(["rate_low", "rate_high", *fill.LIMITS])
        assert own.drop(columns=[*limits, "source"]).isna().all(axis=None)
        assert own[limits].isna().all(axis=None) or " × " in reason
    assert bad.total[["leased_ha", "base_ha", RATE]].isna().all(axis=None)
    assert set(bad.total["not_computable"]) == {"B"}
    table = accounts_table(bad, language="en").set_index("zone_id")
    assert table.loc["total", "not_computable"] == "Bình"
    assert table.loc[["B", "total"], "base_ha"].isna().all()
    assert table["name"].tolist() == ["An", "Bình", "Cát", "All zones"]
    assert series_table(bad, language="en")["zone_id"].tolist() == [
        zone_id for zone_id in (*ZONES, "total") for _ in range(3)
    ]


def test_the_figures_are_those_of_the_lots(good: report.MonthlyReport) -> None:
    made = good
    # 1 of 4 ha, then 1.5 of 4; cleared: of the 3 ha that are; gross: of the fence's 10.
    assert rates(made, "A") == [0.25, 0.375, 0.375]
    assert rates(made, "A", "cleared") == [1 / 3, 0.5, 0.5]
    assert rates(made, "A", "gross") == [0.1, 0.15, 0.15]
    # 3 × 1.5 of 3 × 4.
    assert made.total.loc[("nd164-2013", made.on)].tolist()[:3] == [4.5, 12.0, 0.375]
    assert made.findings[0].rule == "never_mentioned"
    assert repr(made).startswith("MonthlyReport 2018-03 by nd164-2013, ")


def test_a_new_project_with_lots_and_nothing_let(tmp_path: Path) -> None:
    # As `kcngeo new` and a first import leave it: tables that are there and hold no row.
    new = replace(
        io.empty_project(squares.CRS), zones=squares.zones("A"), parcels=squares.parcels("a", "b")
    )
    io.write_project(new, tmp_path / "new.gpkg")
    made = report.monthly(io.read_project(tmp_path / "new.gpkg"), month="2018-01")
    account = accounts_table(made, language="en").set_index("zone_id").loc["A"]
    assert (account["base_ha"], account["leased_ha"]) == (2.0, 0.0)


def test_each_zone_has_its_own_defect() -> None:
    # Each is found in another round: of the columns, of the intervals, between the tables.
    bad = in_table("ledger", 0, status="let")(project())
    bad = in_table("ledger", 3, valid_to="2018-01-01")(bad)
    bad = in_table("ledger", 7, part_area_ha=3.0)(bad)
    made = month(bad)
    assert {zone: text.split(":")[0] for zone, text in made.reasons(language="en").items()} == {
        "A": f"status holds let, allowed are {' | '.join(Status)}",
        "B": "valid_to must lie after valid_from",
        "C": "parcel C2 is held for 300.00 % of its area from 1 Feb 2018 to …",
    }
    assert made.total["not_computable"].unique().tolist() == ["A|B|C"]
    assert made.accounts.drop(columns="source").isna().all(axis=None)


def test_the_first_entry_begins_the_series_though_its_zone_is_not_computable() -> None:
    early = in_table("ledger", 3, valid_from="2017-11-15", status="let")(project())
    assert month(early).dates[0] == pd.Timestamp("2017-11-30")


# Overlaps: while both are in force, and from more than 1 m² on


def overlapping(*, valid_from: str | None, valid_to: str | None, b1_to: str | None) -> Project:
    """A strip over B1, and B1 itself until a day."""
    strip = {"parcel_id": "B5", **LOT, "geometry": squares.square(0.5, 1, wide=0.5)}
    bad = more("parcels", {**strip, "valid_from": valid_from, "valid_to": valid_to})(project())
    ledger = bad.ledger[bad.ledger["parcel_id"] != "B1"]
    return replace(in_table("parcels", 4, valid_to=b1_to)(bad), ledger=ledger)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "b1_to", "missing"),
    [
        (None, None, None, [True, True, True]),
        ("2018-02-01", "2018-03-01", None, [False, True, False]),
        ("2018-02-28", None, "2018-03-31", [False, True, False]),  # on the last day of February
        ("2018-03-01", None, None, [False, False, True]),
        ("2018-03-31", None, None, [False, False, True]),
        ("2018-02-01", "2018-02-28", None, [False, False, False]),  # between two reporting dates
        ("2018-03-01", None, "2018-03-01", [False, False, False]),  # one ends as the other begins
    ],
)
def test_an_overlap_counts_while_both_are_in_force(
    valid_from: str | None, valid_to: str | None, b1_to: str | None, missing: list[bool]
) -> None:
    made = month(overlapping(valid_from=valid_from, valid_to=valid_to, b1_to=b1_to))
    assert np.isnan(rates(made, "B")).tolist() == missing
    assert np.isnan(made.total.loc["nd164-2013", RATE]).tolist() == missing
    assert ("B" in made.reasons(language="en")) is missing[-1]
    assert made.accounts.loc["B"].drop("source").isna().all() == missing[-1]
    assert rates(made, "A") == [0.25, 0.375, 0.375]


@pytest.mark.parametrize(("high", "is_overlap"), [(2.0, False), (2.5, True)])
def test_parcels_may_share_one_square_metre(high: float, *, is_overlap: bool) -> None:
    # 0.5 m of it lie in B4: 0.5 × 2 m = 1 m², 0.5 × 2.5 m = 1.25 m².
    x, y = squares.EAST + 400, squares.NORTH + 100
    splinter = box(x - 0.5, y, x + 2, y + high)
    made = month(more("parcels", {"parcel_id": "B5", **LOT, "geometry": splinter})(project()))
    assert ("B" in made.reasons(language="en")) is is_overlap


def test_land_that_no_definition_counts_may_overlap() -> None:
    road = {"parcel_id": "B5", "zone_id": "B", "land_use": "transport"}
    made = month(more("parcels", {**road, "geometry": squares.square(0.5, 1)})(project()))
    assert made.reasons(language="en") == {}


def test_an_overlap_of_two_zones_blocks_both() -> None:
    across = {"parcel_id": "B5", **LOT, "geometry": squares.square(5, 0.5)}
    other = {"parcel_id": "A5", **LOT, "zone_id": "A", "geometry": squares.square(5, 0)}
    made = month(more("parcels", across, other)(project()))
    assert made.reasons(language="en") == dict.fromkeys(
        "AB", "leasable parcels overlap: A5 × B5 (5,000.0 m²)."
    )
    assert rates(made, "C") == [0.25, 0.375, 0.375]


# Some definitions only


def test_a_zone_whose_parcels_exceed_its_fence_has_no_gross_rate_but_the_others() -> None:
    # 1.5 ha let and 1 ha uncleared do not fit into a fence of 2 ha.
    small = in_table("zones", 1, geometry=squares.square(0, 1, wide=2))(project())
    made = month(small)
    assert made.reasons(language="en") == {}
    assert rates(made, "B") == [0.25, 0.375, 0.375]
    # Until February 1 ha is let and 1 ha uncleared, which fits: half of the fence is let.
    np.testing.assert_equal(rates(made, "B", "gross"), [0.5, np.nan, np.nan])
    assert rates(made, "A", "gross") == [0.1, 0.15, 0.15]
    assert made.total.loc["gross", "not_computable"].fillna("").tolist() == ["", "B", "B"]
    found = [one for one in made.findings if one.rule == "account_open"]
    assert [one.severity for one in found] == ["warning"]
    # The parts exceed 2 ha by 0.5 ha at the end of February.
    assert "B by gross on 28 Feb 2018 does not close: the parts exceed the base by 0.5000 ha" in (
        found[0].message()
    )


def test_the_definition_asked_for_makes_the_zone_not_computable() -> None:
    small = in_table("zones", 1, geometry=squares.square(0, 1, wide=2))(project())
    made = month(small, definition="gross")
    assert list(made.reasons(language="en")) == ["B"]
    assert made.accounts.loc["B"].drop("source").isna().all()
    # The account closes on leasable land; the polygon of 10 ha divides the rate.
    assert made.accounts.loc["A", "base_ha"] == 4
    assert rates(made, "A", "gross") == [0.1, 0.15, 0.15]


def test_a_missing_certificate_is_its_zones_matter() -> None:
    given = project()
    parcels = given.parcels.assign(certificate_area_m2=20_000.0)
    parcels.loc[4, "certificate_area_m2"] = np.nan
    zones = given.zones.assign(approved_area_ha=[10.0, 10.0, np.nan])
    made = month(replace(given, parcels=parcels, zones=zones), area="certificate")
    assert made.reasons(language="en") == {
        "B": "certificate_area_m2 is missing, so there is no area: B1."
    }
    # 2 ha each on paper; the part of 0.5 ha is a quarter of its lot.
    assert made.accounts.loc["A", ["base_ha", "leased_ha"]].tolist() == [8.0, 2.5]
    assert rates(made, "C") == [2 / 8, 2.5 / 8, 2.5 / 8]
    assert np.isnan(rates(made, "C", "gross")).all()
    assert rates(made, "A", "gross") == [0.2, 0.25, 0.25]


# Defects of no zone


def test_what_belongs_to_no_zone_stops_and_all_of_it_is_listed() -> None:
    bad = in_table("parcels", 4, zone_id="X")(project())
    bad = more("ledger", {"parcel_id": "Z9", "status": "leased", "valid_from": "2018-01-01"})(bad)
    with pytest.raises(ContractError, match="2 problems") as caught:
        month(bad)
    assert [(one.rule, one.ids) for one in caught.value.problems] == [
        ("unknown_zone", ("B1",)),
        ("unknown_parcel", ("Z9 leased 2018-01-01–…",)),
    ]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (in_table("parcels", 4, zone_id=None), "parcels: zone_id is missing: B1"),
        (in_table("zones", 1, zone_id=None), "zones: zone_id is missing: row 1"),
        (in_table("ledger", 3, parcel_id=None), "ledger: parcel_id is missing: row 3"),
        (in_table("ledger", 3, parcel_id="Z9", status="let"), "status holds let"),
        (
            lambda given: replace(given, ledger=given.ledger.drop(columns="parcel_id")),
            "ledger: columns missing: parcel_id",
        ),
        (
            lambda given: replace(given, parcels=given.parcels.drop(columns=["parcel_id"])),
            "parcels: columns missing: parcel_id",
        ),
        (
            lambda given: replace(given, zones=pd.DataFrame(given.zones.drop(columns="geometry"))),
            "zones: it has no geometry",
        ),
    ],
)
def test_what_cannot_be_laid_to_a_zone_stops(
    spoil: Callable[[Project], Project], reason: str
) -> None:
    with pytest.raises(ContractError, match=reason):
        month(spoil(project()))


@pytest.mark.parametrize(
    ("crs", "reason"),
    [
        (None, "zones layer has no CRS"),
        ("EPSG:9218", "zones layer is in EPSG:9218, parcels layer in EPSG:5899"),
    ],
)
def test_a_crs_that_is_missing_or_differs_stops(crs: str | None, reason: str) -> None:
    given = project()
    zones = given.zones.set_crs(crs, allow_override=True)
    with pytest.raises(CRSError, match=reason):
        month(replace(given, zones=zones))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"month": "2018-13"}, "month must be given as"),
        ({"month": "March 2018"}, "month must be given as"),
        (
            {"definition": "nd99"},
            "Choose one of: nd164-2013 | nd164-2013-strict | nd82-2018".replace("|", r"\|"),
        ),
        ({"known_at": "tomorrow"}, "known_at must be a date or a moment"),
        ({"start": "2018-04-01"}, "no reporting date"),
        ({"start": "soon"}, "start must be a date"),
    ],
)
def test_bad_arguments_are_told(options: dict[str, str], reason: str) -> None:
    with pytest.raises(KcngeoError, match=reason):
        month(project(), **options)


# Sections


def test_a_section_that_is_not_asked_for_is_not_answered(
    good: report.MonthlyReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("nobody asked for it")

    for name in ("forecast_of", "targets_of", "steps_of", "between"):
        monkeypatch.setattr(f"kcngeo.report.month.{name}", refused)
    made = month(project(), sections=("bases",))
    assert (made.forecast, made.targets, made.steps, made.change) == (None, None, None, None)
    assert made.bases is not None
    pd.testing.assert_frame_equal(made.series, good.series)


# Optional tables


def test_a_broken_optional_table_is_a_finding_and_is_left_out() -> None:
    projects = pd.DataFrame({"project_id": [1, 2]})
    context = pd.DataFrame({"kind": ["road"]})
    made = month(project(projects=projects, context=context))
    assert made.project.projects is None
    assert made.project.context is None
    assert [(one.table, one.rule, one.severity) for one in made.findings[:2]] == [
        ("projects", "not_text", "error"),
        ("context", "no_geometry_column", "error"),
    ]
    # Nothing is known of licences, so nothing is said of them.
    assert "leased_without_project" not in {one.rule for one in made.findings}
    assert made.reasons(language="en") == {}
    assert rates(made, "B") == [0.25, 0.375, 0.375]


# Nothing to compute with


def test_an_empty_ledger_gives_one_month_in_which_all_is_available() -> None:
    given = project()
    made = month(replace(given, ledger=given.ledger.iloc[:0]))
    assert made.dates.tolist() == [made.on]
    assert made.accounts[["base_ha", "available_ha"]].to_numpy().tolist() == [[4.0, 4.0]] * 3
    assert rates(made, "A") == [0.0]


@pytest.mark.parametrize(
    "columns",
    [{"stage": "planned"}, {"established_on": "2018-04-01"}, {"removed_on": "2018-01-31"}],
)
def test_where_no_zone_counts_there_is_no_figure_and_no_error(columns: dict[str, str]) -> None:
    given = project()
    made = month(replace(given, zones=given.zones.assign(**columns)))
    assert made.accounts.empty
    assert len(made.dates) == 3
    assert made.total[RATE].isna().all()
    table = accounts_table(made, language="en")
    assert table["zone_id"].tolist() == ["total"]
    assert table[["base_ha", "leased_ha", RATE]].isna().all(axis=None)
    assert len(series_table(made, language="en")) == 3
    assert "Empty DataFrame" in repr(made)


def test_a_zone_counts_from_the_day_it_is_established() -> None:
    given = project()
    zones = given.zones.assign(established_on=["2018-02-28", "2018-03-01", "2018-03-31"])
    made = month(replace(given, zones=zones))
    assert made.total.loc["nd164-2013", "base_ha"].fillna(0).tolist() == [0, 4, 12]


def test_a_zone_with_nothing_to_let_has_no_rate_and_is_not_missed_in_the_total() -> None:
    given = project()
    parcels = given.parcels.assign(land_use=["green"] * 4 + ["industrial"] * 8)
    made = month(replace(given, parcels=parcels))
    assert made.accounts.loc["A", "base_ha"] == 0
    assert np.isnan(rates(made, "A")).all()
    # 2 × 1.5 of 2 × 4.
    assert made.total.loc[("nd164-2013", made.on), RATE] == 0.375
    assert made.total["not_computable"].isna().all()


def test_a_lot_that_moved_to_another_zone_keeps_its_entries_there() -> None:
    given = more(
        "parcels",
        {"parcel_id": "A4", "zone_id": "A", "land_use": "industrial", "valid_to": "2018-02-01"}
        | {"geometry": squares.square(3)},
        {"parcel_id": "A4", **LOT, "valid_from": "2018-02-01", "geometry": squares.square(4, 1)},
    )(project())
    given = replace(given, parcels=given.parcels.drop(index=3))
    let = {"parcel_id": "A4", "status": "leased", "valid_from": "2018-01-01"}
    given = more("ledger", let)(given)
    bad = in_table("ledger", 0, status="let")(given)
    # B: 2.5 of 5 ha from February on, whether A can be computed or not.
    assert rates(month(given), "B") == [0.25, 0.5, 0.5]
    assert rates(month(bad), "B") == [0.25, 0.5, 0.5]
    assert list(month(bad).reasons(language="en")) == ["A"]


# Dates and definitions


def test_the_series_begins_with_the_first_entry_or_the_given_day() -> None:
    assert [f"{date:%Y-%m-%d}" for date in month(project()).dates] == [
        "2018-01-31",
        "2018-02-28",
        "2018-03-31",
    ]
    assert len(month(project(), start="2018-02-28").dates) == 2
    assert len(month(project(), start="2018-03-01").dates) == 1
    # All entries lie ahead.
    assert month(project(), month="2017-05").dates.tolist() == [pd.Timestamp("2017-05-31")]


@pytest.mark.parametrize("day", ["2018-03", "2018-03-01", "2018-03-31", pd.Timestamp("2018-03-15")])
def test_a_month_is_the_state_on_its_last_day(day: Any) -> None:
    assert month(project(), month=day).on == pd.Timestamp("2018-03-31")


def test_the_law_changes_with_the_months() -> None:
    made = month(project(), month="2022-07", start="2018-06-01")
    used = series_table(made, language="en").query("zone_id == 'A'").set_index("on")["definition"]
    assert {f"{date:%Y-%m}": used[date] for date in used.index[[0, 1, 48, 49]]} == {
        "2018-06": "nd164-2013",
        "2018-07": "nd82-2018",
        "2022-06": "nd82-2018",
        "2022-07": "nd35-2022",
    }
    assert made.definition.name == "nd35-2022"
    fixed = month(project(), month="2022-07", start="2022-06-01", definition="cleared")
    assert set(series_table(fixed, language="en")["definition"]) == {"cleared"}


# What was known


RECORDED = "2018-01-10T00:00:00Z"
LATER = "2018-06-01T00:00:00Z"


def corrected(table: str, row: int, **values: Any) -> Project:
    """All rows recorded in January; one of them superseded in June, by another if values say."""
    given = project(
        projects=pd.DataFrame({"project_id": ["p"], "licensed_on": ["2018-01-01"]}),
    )
    frames = {name: frame.assign(recorded_at=RECORDED) for name, frame in given.tables()}
    frame = with_row(frames[table], row, superseded_at=LATER)
    new = with_row(frame.iloc[[row]], 0, recorded_at=LATER, superseded_at=None, **values)
    joined = pd.concat([frame, new], ignore_index=True)
    if isinstance(frame, gpd.GeoDataFrame):
        joined = gpd.GeoDataFrame(joined, geometry="geometry", crs=squares.CRS)
    return Project(**{**frames, table: joined})


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (corrected("zones", 0, geometry=squares.square(0, 0, wide=20)), "gross"),
        (corrected("parcels", 3, land_use="green"), "nd164-2013"),
        (corrected("ledger", 0, status="reserved"), "nd164-2013"),
    ],
    ids=["zones", "parcels", "ledger"],
)
def test_the_cut_off_holds_for_every_table(
    good: report.MonthlyReport, given: Project, changed: str
) -> None:
    before, now = month(given, known_at="2018-05-31"), month(given)
    assert rates(before, "A", changed) == rates(good, "A", changed)
    assert rates(now, "A", changed) != rates(before, "A", changed)
    # The last moment before the correction and its first.
    for moment, like in (("2018-05-31T23:59:59.999999Z", before), (LATER, now)):
        pd.testing.assert_frame_equal(month(given, known_at=moment).series, like.series)
    # The latest moment on record then, whatever was asked.
    assert before.known_at == pd.Timestamp(RECORDED)
    assert now.known_at == pd.Timestamp(LATER)


def test_the_cut_off_holds_for_projects() -> None:
    given = corrected("projects", 0, licensed_on="2018-05-01")
    given = replace(given, ledger=given.ledger.assign(project_id="p"))
    rules = {
        known_at: [one.rule for one in month(given, known_at=known_at).findings]
        for known_at in ("2018-05-31", None)
    }
    assert rules["2018-05-31"].count("leased_without_project") == 0
    assert rules[None].count("leased_without_project") == 3


def test_the_names_of_zones_are_those_known_then() -> None:
    given = corrected("zones", 0, name="Ân")
    names = {
        known_at: accounts_table(month(given, known_at=known_at), language="vi")["name"].tolist()[0]
        for known_at in ("2018-05-31", None)
    }
    assert names == {"2018-05-31": "An", None: "Ân"}


def test_a_moment_may_be_written_in_more_than_one_way() -> None:
    given = project()
    stamps = ["2018-01-10", "2018-01-10T07:00+07:00", None, *[RECORDED] * 6]
    made = month(replace(given, ledger=given.ledger.assign(recorded_at=stamps)))
    assert made.known_at == pd.Timestamp(RECORDED)
    assert rates(made, "A") == [0.25, 0.375, 0.375]


def test_the_cut_off_written_down_gives_the_same_report_again() -> None:
    # An entry withdrawn in June and replaced by nothing: no row was recorded that late.
    given = project()
    ledger = given.ledger.assign(recorded_at=RECORDED)
    given = replace(given, ledger=with_row(ledger, 0, superseded_at=LATER))
    made = month(given)
    assert rates(made, "A") == [0.0, 0.125, 0.125]
    again = month(given, known_at=made.known_at)
    pd.testing.assert_frame_equal(again.series, made.series)


def test_without_any_moment_nothing_is_cut() -> None:
    assert month(project()).known_at is None
    pd.testing.assert_frame_equal(
        month(project(), known_at="1990-01-01").series, month(project()).series
    )


STAMPS = pd.date_range("2018-01-01", periods=6, freq="MS", tz="UTC").as_unit("us")
PARCELS = project().parcels["parcel_id"].tolist()
changes = st.tuples(
    st.sampled_from(PARCELS),
    st.sampled_from(["leased", "reserved", "uncleared"]),
    st.sampled_from(["2018-01-01", "2018-02-01", "2018-03-15"]),
)


@pytest.mark.long
@settings(max_examples=6)
@given(
    earlier=st.lists(changes, min_size=1, max_size=3),
    later=st.lists(changes, min_size=1, max_size=3),
)
def test_what_is_corrected_later_never_changes_what_was_reported_earlier(
    earlier: list[tuple[str, str, str]], later: list[tuple[str, str, str]]
) -> None:
    rows: list[dict[str, Any]] = []

    def reported(known_at: Any = None) -> report.MonthlyReport:
        ledger = pd.DataFrame(rows)
        return month(replace(project(), ledger=ledger), start="2018-01-01", known_at=known_at)

    def record(steps: list[tuple[str, str, str]]) -> None:
        for parcel, status, since in steps:
            at = STAMPS[len(rows)]
            for row in rows:
                if row["parcel_id"] == parcel and row["superseded_at"] is pd.NaT:
                    row["superseded_at"] = at
            new = {"parcel_id": parcel, "status": status, "valid_from": since}
            rows.append({**new, "recorded_at": at, "superseded_at": pd.NaT})

    record(earlier)
    first = reported()
    assert first.known_at == STAMPS[len(earlier) - 1]
    record(later)
    again = reported(first.known_at)
    pd.testing.assert_frame_equal(again.series, first.series, check_exact=True)
    pd.testing.assert_frame_equal(again.accounts, first.accounts, check_exact=True)


# Inputs, order


def test_inputs_are_not_changed_and_their_order_does_not_matter() -> None:
    given = corrected("ledger", 0, status="reserved")
    before = {name: frame.copy() for name, frame in given.tables()}
    made = month(given, known_at="2018-05-31")
    for name, frame in given.tables():
        pd.testing.assert_frame_equal(frame, before[name])
    turned = Project(**{name: frame.iloc[::-1] for name, frame in given.tables()})
    again = month(turned, known_at="2018-05-31")
    pd.testing.assert_frame_equal(again.series, made.series, check_exact=True)
    assert [one.message() for one in again.findings] == [one.message() for one in made.findings]


def test_row_labels_do_not_matter() -> None:
    given = project()
    same = {name: frame.set_axis([0] * len(frame), axis="index") for name, frame in given.tables()}
    pd.testing.assert_frame_equal(month(Project(**same)).series, month(given).series)


def test_shares_a_little_over_one_are_a_finding_and_no_warning() -> None:
    made = month(in_table("ledger", 4, part_area_ha=1.004)(project()))
    (found,) = [one for one in made.findings if one.rule == "shares_scaled"]
    assert found.zone_ids == ("B",)
    assert made.accounts.loc["B", "leased_ha"] == 2.0


def test_synthetic_geometry_is_known() -> None:
    given = project()
    assert not report.is_synthetic(given)
    assert report.is_synthetic(in_table("zones", 1, geometry_source="synthetic")(given))
    assert not report.is_synthetic(in_table("zones", 1, geometry_source="survey")(given))


def test_what_was_superseded_later_counts_in_every_answer() -> None:
    points = gpd.GeoSeries([squares.square(3).centroid], crs=squares.CRS)
    plain = Project(
        zones=squares.zones("A"),
        parcels=squares.parcels("P", "Q"),
        ledger=squares.ledger(("P", "leased", "2017-01-01")),
        emitters=gpd.GeoDataFrame(
            {
                "emitter_id": ["E"],
                "kind": ["wastewater_works"],
                "capacity_m3_day": [1000.0],
                "enclosed": [False],
            },
            geometry=points,
        ),
        receptors=gpd.GeoDataFrame(
            {"receptor_id": ["R"], "kind": ["housing"]}, geometry=points.buffer(10)
        ),
        targets=pd.DataFrame(
            {
                "zone_id": ["A"],
                "measure": ["fill_rate"],
                "definition": ["nd164-2013"],
                "value": [0.9],
                "on": pd.to_datetime(["2020-12-31"]),
            }
        ),
    )
    moments = {"recorded_at": "2018-01-01T00:00:00Z", "superseded_at": "2019-01-01T00:00:00Z"}
    given = Project(**{name: frame.assign(**moments) for name, frame in plain.tables()})
    told, like = (
        all_tables(report.monthly(one, month="2018-03", known_at=known_at), language="en")
        for one, known_at in ((given, "2018-06-01"), (plain, None))
    )
    assert len(told["conflicts"]) == len(told["land"]) == len(told["targets"]) == 1
    for name, table in like.items():
        pd.testing.assert_frame_equal(told[name], table)


def test_every_section_that_may_fail_has_words_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def failing(question: str, work: Callable[[], Any]) -> tuple[Any, list[Finding]]:
        def fail() -> Any:
            raise KcngeoError("since_after", since="2018-04", month="2018-03")

        asked.append(question)
        return sections.optional_section(question, fail)

    for room in ("month", "spatial_sections"):
        monkeypatch.setattr(sys.modules[f"kcngeo.report.{room}"], "optional_section", failing)
    made = month(project())
    around = report.spatial_sections(made)
    assert len(asked) == 11
    for finding in (*made.findings, *around.findings):
        assert "2018-04" in finding.message("vi") or not finding.rule.startswith("unanswered")
    said = {one.key: one.empty for one in document(made, language="en", around=around).sections}
    # An answer that failed is not "nothing is late".
    for key in ("changes", "causes", "steps", "late"):
        assert "quality of the data" in said[key]


@pytest.mark.parametrize(
    ("of", "ids"),
    [
        # The law of 2022 and that of 2024 on idle land were looked at on 27 November 2026; the end
        # of April 2027 lies within six months of it, the end of May does not.
        ("2018-03", []),
        ("2027-04", []),
        ("2027-05", ["nd35-2022", "idle-unused", "idle-behind", "idle-extension"]),
    ],
)
def test_a_month_long_after_the_law_was_looked_at_says_so(of: str, ids: list[str]) -> None:
    made = report.monthly(project(), month=of, start=f"{of}-01")
    told = [one for one in made.findings if one.rule == "law_unchecked"]
    assert [name for one in told for name in one.ids] == ids
    assert {one.severity for one in told} <= {Severity.WARNING}


@pytest.mark.parametrize(
    ("on", "leased_ha"),
    [
        ("2017-03-09", 0.5),  # half of A-2
        ("2017-03-10", 1.5),  # and the hectare of A-1, from this day
    ],
)
def test_a_day_within_the_month_has_its_own_account(on: str, leased_ha: float) -> None:
    held = examples.squares()
    is_later = held.ledger["parcel_id"] == "A-1"
    begins = held.ledger["valid_from"].mask(is_later, pd.Timestamp("2017-03-10"))
    project = replace(held, ledger=held.ledger.assign(valid_from=begins))
    made = report.monthly(project, month=on, on=on, sections=())
    assert made.accounts.loc["A", "leased_ha"] == leased_ha
    assert made.dates.tolist() == [pd.Timestamp(on)]
