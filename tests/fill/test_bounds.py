"""Bounds of a rate that overlaps make missing, by hand and by every way to share the overlap out.

Lots of 1 ha stand side by side on the grid; where one is moved by a tenth of a square, 0.1 ha of it
lies on its neighbour too.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, affinity

import kcngeo as kcn
from kcngeo import fill
from kcngeo.core.errors import ContractError
from tests import squares

ON = "2018-03-31"
LIMITS = ["rate_low", "rate_high"]
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"


def shifted(*entries: Any, by: float = 0.1, **columns: Any) -> kcn.Snapshot:
    """P and Q share 0.1 ha; R lies beside them and S in zone B."""
    lots = squares.parcels("P", "Q", "R", "S", zone=["A", "A", "A", "B"], **columns)
    places = [squares.square(0), squares.square(1 - by), squares.square(2), squares.square(0, 1)]
    lots = lots.set_geometry(places, crs=squares.CRS)
    zones = squares.zones("A", "B")
    return squares.known(zones, lots, squares.ledger(*entries), faulty="set_apart")


def limits(now: kcn.Snapshot, **asked: Any) -> pd.Series:
    with pytest.warns(kcn.errors.ZonesLeftOutWarning):
        return fill.fill_rate(now, on=ON, **asked).loc["A"]


def test_let_and_free_land_share_what_is_drawn_twice() -> None:
    rate = limits(shifted(("P", "leased", "2015-01-01")))
    # P loses 0.1 ha of let land: 0.9 of 2.9 ha; Q loses 0.1 ha of free land: 1 of 2.9 ha.
    assert rate[["fill_rate", "leased_ha", "base_ha"]].isna().all()
    assert rate[LIMITS].tolist() == pytest.approx([0.9 / 2.9, 1.0 / 2.9])
    hectares = ["low_leased_ha", "low_base_ha", "high_leased_ha", "high_base_ha"]
    assert rate[hectares].tolist() == pytest.approx([0.9, 2.9, 1.0, 2.9])


@pytest.mark.parametrize(
    ("entries", "low", "high"),
    [
        # Nothing is let: no way to share out lets anything.
        ([], 0.0, 0.0),
        # Both are let and may lose 0.1 ha each; of the free R nothing is in doubt.
        ([("P", "leased"), ("Q", "leased")], 1.8 / 2.8, 2 / 3),
        # R is let, so only free land is in doubt.
        ([("R", "leased")], 1 / 3, 1 / 2.8),
        # All is let, whoever has the land.
        ([("P", "leased"), ("Q", "leased"), ("R", "leased")], 1.0, 1.0),
    ],
)
def test_bounds_by_hand(entries: list[Any], low: float, high: float) -> None:
    now = shifted(*((*entry, "2015-01-01") for entry in entries))
    assert limits(now)[LIMITS].tolist() == pytest.approx([low, high])


def test_a_part_of_a_lot_may_lie_on_the_land_in_doubt_or_not() -> None:
    # 0.05 ha of P is let. It may all be in doubt: 0 of 2.95 ha; or none of it is, and 0.1 ha of
    # free land falls away on each side: 0.05 of 2.8 ha.
    rate = limits(shifted(("P", "leased", "2015-01-01", None, 0.05)))
    assert rate[LIMITS].tolist() == pytest.approx([0.0, 0.05 / 2.8])


def test_land_that_is_not_cleared_is_no_part_of_the_cleared_base() -> None:
    now = shifted(("P", "leased", "2015-01-01"), ("Q", "uncleared", "2015-01-01"))
    # 1 of 2 ha is let; Q loses nothing that counts.
    assert limits(now, definition="cleared")[LIMITS].tolist() == pytest.approx([0.9 / 1.9, 1 / 2])


def test_the_polygon_of_the_zone_is_not_in_doubt() -> None:
    rate = limits(shifted(("P", "leased", "2015-01-01")), definition="gross")
    assert rate[LIMITS].tolist() == pytest.approx([0.9 / 10, 1 / 10])


def test_by_certificate_the_same_share_of_the_written_area_is_in_doubt() -> None:
    now = shifted(("P", "leased", "2015-01-01"), certificate_area_m2=[20_000.0] * 4)
    rate = limits(now, area="certificate")
    assert rate[LIMITS].tolist() == pytest.approx([1.8 / 5.8, 2 / 5.8], rel=1e-4)
    # Never narrower than the share itself.
    assert rate["rate_low"] <= 1.8 / 5.8
    assert rate["rate_high"] >= 2 / 5.8


def test_a_phase_without_overlap_is_known_within_its_zone() -> None:
    now = shifted(("R", "leased", "2015-01-01"), phase=["1", "1", "2", "1"])
    with pytest.warns(kcn.errors.ZonesLeftOutWarning):
        rates = fill.fill_rate(now, on=ON, by=("zone_id", "phase")).loc["A"]
    assert rates.loc["2", LIMITS].tolist() == [1.0, 1.0]
    assert rates.loc["1", LIMITS].tolist() == [0.0, 0.0]


def test_bounds_last_as_long_as_the_overlap() -> None:
    now = shifted(("P", "leased", "2015-01-01"), valid_to=[None, "2018-03-31", None, None])
    with pytest.warns(kcn.errors.ZonesLeftOutWarning):
        series = fill.fill_series(now, start="2018-03-30", end="2018-03-31", freq="D").loc["A"]
    # On its last day Q overlaps; from its end day on P and R are all there is, 1 of 2 ha.
    assert series["rate_low"].tolist() == pytest.approx([0.9 / 2.9, 0.5])
    assert series["fill_rate"].isna().tolist() == [True, False]


def test_another_fault_leaves_no_bounds() -> None:
    lots = squares.parcels("P", "Q", "R")
    x, y = squares.EAST + 300, squares.NORTH
    bowtie = Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)])
    lots = lots.set_geometry([squares.square(0), squares.square(0.9), bowtie], crs=squares.CRS)
    now = squares.known(squares.zones("A"), lots, squares.ledger(), faulty="set_apart")
    assert limits(now)[LIMITS].isna().all()


def test_a_total_with_a_bounded_zone_has_bounds_and_still_no_rate() -> None:
    now = shifted(("P", "leased", "2015-01-01"), ("S", "leased", "2015-01-01"))
    with pytest.warns(kcn.errors.ZonesLeftOutWarning):
        total = fill.combine(fill.fill_rate(now, on=ON)).iloc[0]
    # 1 of 1 ha of zone B added: 1.9 of 3.9 ha, and 2 of 3.9 ha.
    assert np.isnan(total["fill_rate"])
    assert total[LIMITS].tolist() == pytest.approx([1.9 / 3.9, 2 / 3.9])
    assert total["not_computable"] == "A"


def test_a_total_of_unknown_zones_has_no_bounds() -> None:
    rates = pd.DataFrame(
        {"leased_ha": [1.0, np.nan], "base_ha": [2.0, np.nan], "fill_rate": [0.5, np.nan]},
        index=pd.Index(["A", "B"], name="zone_id"),
    ).assign(definition="nd35-2022")
    assert fill.combine(rates)[LIMITS].isna().to_numpy().all()


kinds = st.lists(st.sampled_from(["leased", "half", "reserved", "uncleared", "free"]), min_size=4)


@given(kinds=kinds, by=st.sampled_from([0.001, 0.1, 0.3]), service=st.booleans())
def test_every_way_to_share_the_overlaps_out_lies_within(
    kinds: list[str], by: float, *, service: bool
) -> None:
    """Four lots in a row, each on its neighbour; the reference cuts shapes and adds areas."""
    names = "PQRS"
    lots = squares.parcels(
        *names, use=["industrial"] * 3 + ["service" if service else "industrial"]
    )
    shapes = [squares.square(place * (1 - by)) for place in range(4)]
    statuses = dict(zip(names, kinds, strict=False))
    entries = [
        (name, "leased" if kind == "half" else kind, "2015-01-01", None, None)
        for name, kind in statuses.items()
        if kind != "free"
    ]
    ledger = squares.ledger(*entries)
    # A half that is let shrinks with its lot here: the contract does not say where it lies.
    ledger["part_area_ha"] = [0.5 if statuses[entry[0]] == "half" else np.nan for entry in entries]
    lots = gpd.GeoDataFrame(lots.drop(columns="geometry"), geometry=shapes, crs=squares.CRS)
    now = squares.known(squares.zones("A"), lots, ledger, faulty="set_apart")
    for definition in ("nd164-2013", "nd35-2022", "cleared"):
        rate = limits(now, definition=definition)
        for ways in product(("left", "right", "neither", "both"), repeat=3):
            truth = _rate_of(shapes, statuses, lots["land_use"], ways, definition)
            if truth is not None and not np.isnan(rate["rate_low"]):
                assert rate["rate_low"] - 1e-9 <= truth <= rate["rate_high"] + 1e-9


def _rate_of(
    shapes: list[Any], statuses: dict[str, str], uses: pd.Series, ways: Any, definition: str
) -> float | None:
    """Give the rate when each overlap is given to a lot, to none or to both."""
    cut = list(shapes)
    for place, way in enumerate(ways):
        both = shapes[place].intersection(shapes[place + 1])
        if way in ("left", "neither"):
            cut[place + 1] = cut[place + 1].difference(both)
        if way in ("right", "neither"):
            cut[place] = cut[place].difference(both)
    let = base = 0.0
    for shape, kind, use in zip(cut, statuses.values(), uses, strict=False):
        if use == "service" and definition != "nd35-2022":
            continue
        if kind == "uncleared" and definition == "cleared":
            continue
        base += shape.area
        let += shape.area * {"leased": 1.0, "half": 0.5}.get(kind, 0.0)
    return let / base if base > 0 else None


# Entries that stand twice


def repeated(*entries: Any, **columns: Any) -> kcn.Snapshot:
    lots = squares.parcels("P", "Q")
    ledger = squares.ledger(*entries, **columns)
    return squares.known(squares.zones("A"), lots, ledger, faulty="set_apart")


@pytest.mark.parametrize(
    ("status", "definition", "low", "high"),
    [
        # 0.3 ha of 2 ha, or twice 0.3 ha.
        ("leased", "nd164-2013", 0.15, 0.30),
        # Of the 10 ha of the polygon.
        ("leased", "gross", 0.03, 0.06),
        # Reserved land moves no rate by the law.
        ("reserved", "nd164-2013", 0.0, 0.0),
        # 0.3 or 0.6 ha are not cleared; nothing is let.
        ("uncleared", "cleared", 0.0, 0.0),
    ],
)
def test_an_entry_that_stands_twice_counts_once_or_twice(
    status: str, definition: str, low: float, high: float
) -> None:
    entry = ("P", status, "2015-01-01", None, 0.3)
    rate = limits(repeated(entry, entry), definition=definition)
    assert np.isnan(rate["fill_rate"])
    assert rate[LIMITS].tolist() == pytest.approx([low, high])


def test_whoever_holds_a_whole_lot_twice_holds_it_once() -> None:
    entry = ("P", "leased", "2015-01-01")
    now = repeated(entry, entry, entry)
    assert limits(now)[LIMITS].tolist() == [0.5, 0.5]
    # Of a ledger that knows no parts too.
    lots, ledger = now.parcels, now.ledger.drop(columns="part_area_ha")
    now = squares.known(squares.zones("A"), lots, ledger, faulty="set_apart")
    assert limits(now)[LIMITS].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(("use", "definition"), [("service", "nd164-2013"), ("green", "nd35-2022")])
def test_what_stands_twice_on_land_that_does_not_count_moves_nothing(
    use: str, definition: str
) -> None:
    lots = squares.parcels("P", "Q", use=["industrial", use])
    let, twice = (
        ("P", "leased", "2015-01-01", None, 0.5),
        ("Q", "leased", "2015-01-01", None, 0.3),
    )
    ledger = squares.ledger(let, twice, twice)
    now = squares.known(squares.zones("A"), lots, ledger, faulty="set_apart")
    assert limits(now, definition=definition)[LIMITS].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("column", "values", "is_one"),
    [
        ("document", ["HD 1", "HD 1"], True),
        ("document", [None, None], True),
        ("document", ["HD 1", "HD 2"], False),
        ("project_id", ["d", "e"], False),
        ("valid_to", [None, "2019-01-01"], False),
        ("part_area_ha", [0.3, 0.30001], False),
        ("entry_id", ["E1", "E2"], True),
        ("basis", ["published", "assumed"], True),
    ],
)
def test_what_makes_two_rows_one_entry(column: str, values: list[Any], *, is_one: bool) -> None:
    entry = ("P", "reserved", "2015-01-01", None, 0.3)
    found = repeated(entry, entry, **{column: values}).faults
    assert [one.finding.rule for one in found if "grid" in one.areas] == (
        ["same_entry_twice"] if is_one else []
    )


def test_each_row_that_stands_twice_is_told_beside_its_own_first() -> None:
    one, other = (
        ("P", "leased", "2015-01-01", None, 0.3),
        ("Q", "leased", "2015-01-01", None, 0.3),
    )
    now = repeated(one, other, one, other, entry_id=["E1", "E2", "E3", "E4"])
    told = sorted(fault.finding.ids for fault in now.faults if "grid" in fault.areas)
    assert told == [("E1", "E3"), ("E2", "E4")]


def test_both_rows_are_named_and_only_while_they_last() -> None:
    entry = ("P", "leased", "2015-01-01", "2018-03-31", 0.3)
    now = repeated(entry, entry, entry_id=["E1", "E2"])
    (finding,) = [one.finding for one in now.faults if "grid" in one.areas]
    assert (finding.ids, finding.zone_ids, finding.fields) == (
        ("E1", "E2"),
        ("A",),
        {"parcel": "P"},
    )
    assert "E1, E2" in finding.message("vi")
    assert fill.fill_rate(now, on="2018-03-31").loc["A", "fill_rate"] == 0.0
    with pytest.raises(ContractError, match="stands twice for parcel P"):
        squares.known(squares.zones("A"), squares.parcels("P"), squares.ledger(entry, entry))


def test_twice_with_land_under_it_that_is_not_cleared() -> None:
    # P: 0.3 ha let, perhaps twice, and the whole of it not cleared: by "cleared" nothing is let
    # of the 1 ha of Q, whatever stands twice.
    let = ("P", "leased", "2015-01-01", None, 0.3)
    rate = limits(repeated(let, let, ("P", "uncleared", "2015-01-01")), definition="cleared")
    assert rate["rate_low"] == 0.0
    assert rate["rate_high"] >= 0.0


def test_84_square_metres_move_a_zone_of_the_sample_by_less_than_two_hundredths() -> None:
    # A lot of Lộc Sơn is drawn over its neighbour on 84 m². In the worst case both lots lose them:
    # of 76.0720 of 135.7451 ha let, 0.0168 ha fewer are let, or 0.0168 ha fewer are free.
    # (76.0720 − 0.0168) ÷ (135.7451 − 0.0168) is 0.0054 points below 56.0403 %, and
    # 76.0720 ÷ (135.7451 − 0.0168) is 0.0069 points above it.
    project = kcn.io.read_project(SAMPLE)
    clean = fill.fill_rate(project, on=ON).loc["loc-son", "fill_rate"]
    assert clean == pytest.approx(76.0720 / 135.7451, abs=1e-7)
    with pytest.warns(kcn.errors.ZonesLeftOutWarning):
        rates = fill.fill_rate(_overlapping(project, 84.0), on=ON)
    zone = rates.loc["loc-son"]
    assert np.isnan(zone["fill_rate"])
    assert zone["rate_high"] - zone["rate_low"] <= 0.00017
    # Sums are of whole mm².
    assert zone["rate_low"] <= clean <= zone["rate_high"] + 1e-12
    whole = fill.combine(rates).iloc[0]
    assert np.isnan(whole["fill_rate"])
    assert whole["rate_high"] - whole["rate_low"] <= 0.00017


def _overlapping(project: kcn.Project, area_m2: float) -> kcn.Project:
    """Draw LS-CN01-06 over LS-CN01-05 by an area."""
    parcels = project.parcels.copy()
    ids = parcels["parcel_id"].tolist()
    mine, other = (ids.index(name) for name in ("LS-CN01-06", "LS-CN01-05"))
    target = parcels.geometry.iloc[other]
    point = target.representative_point()
    radius = (area_m2 / np.pi) ** 0.5
    disc = point.buffer(radius, quad_segs=64)
    disc = affinity.scale(disc, *[(area_m2 / disc.area) ** 0.5] * 2)
    patch = parcels.geometry.iloc[mine].union(disc)
    parcels.loc[parcels.index[mine], parcels.active_geometry_name] = patch
    return replace(project, parcels=parcels)
