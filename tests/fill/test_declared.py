"""Zones that live on what is declared of them: golden numbers by hand, boundary tables, laws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import kcngeo as kcn
from kcngeo import fill
from kcngeo.core.errors import ContractError, ZonesLeftOutWarning
from kcngeo.fill.declared import _solved
from kcngeo.ledger.declared import declared_problems
from tests import squares

ON = "2018-03-31"


def undrawn(*names: str) -> gpd.GeoDataFrame:
    """Zones without a polygon."""
    zones = squares.zones(*names)
    return zones.set_geometry(gpd.GeoSeries([None] * len(zones), crs=zones.crs))


def declared(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    frame["on"] = pd.to_datetime(frame["on"])
    return frame.assign(source="a notice")


def project(*rows: dict[str, Any], zones: tuple[str, ...] = ("B", "C")) -> kcn.Project:
    """Zone A has two lots of 1 ha, one of them let; the others have neither polygon nor lot."""
    drawn = squares.zones("A")
    return kcn.Project(
        zones=pd.concat([drawn, undrawn(*zones)], ignore_index=True) if zones else drawn,
        parcels=squares.parcels("P", "Q"),
        ledger=squares.ledger(("P", "leased", "2017-01-01")),
        declared_accounts=declared(*rows) if rows else None,
    )


# 100 ha leasable: 60 let, 10 reserved, 2 recovering, 3 repurposed, 20 uncleared, 5 available.
WHOLE = {
    "zone_id": "B",
    "on": "2018-01-01",
    "base_ha": 100.0,
    "leased_ha": 60.0,
    "reserved_ha": 10.0,
    "recovering_ha": 2.0,
    "repurposed_ha": 3.0,
    "uncleared_ha": 20.0,
    "available_ha": 5.0,
}


@pytest.mark.parametrize(
    ("definition", "leased_ha", "base_ha", "reason"),
    [
        ("nd164-2013", 60.0, 100.0, None),
        ("nd35-2022", 60.0, 100.0, None),
        ("cleared", 60.0, 80.0, None),  # 100 - 20 uncleared
        ("gross", 60.0, np.nan, "declared_without_polygon"),
        # Who of the investors is licensed is not declared.
        ("nd35-2022-strict", np.nan, 100.0, "declared_otherwise"),
    ],
)
def test_an_account_by_parts_has_the_rates_its_parts_allow(
    definition: str, leased_ha: float, base_ha: float, reason: str | None
) -> None:
    rate = fill.fill_rate(project(WHOLE), on=ON, definition=definition).loc["B"]
    found = [rate["leased_ha"], rate["base_ha"], rate["fill_rate"]]
    assert found == pytest.approx([leased_ha, base_ha, leased_ha / base_ha], nan_ok=True)
    assert rate["source"] == "declared"
    assert (rate["reason"] == reason) if reason else pd.isna(rate["reason"])


@pytest.mark.parametrize(
    ("stated_by", "asked", "base_ha"),
    [
        ("nd164-2013", "nd164-2013", 100.0),
        ("nd164-2013", "nd82-2018", 100.0),  # the same arithmetic
        ("nd164-2013", "cleared", 80.0),  # the same land uses, and the uncleared part is stated
        ("nd164-2013", "nd35-2022", None),  # how much service land there is nobody states
        ("nd35-2022", "nd164-2013", None),
        ("nd35-2022", "nd35-2022", 100.0),
        ("cleared", "cleared", 100.0),
        ("cleared", "nd164-2013", 120.0),  # what the base leaves out is added again
    ],
)
def test_one_definition_is_converted_only_where_its_parts_allow(
    stated_by: str, asked: str, base_ha: float | None
) -> None:
    row = {"zone_id": "B", "on": "2018-01-01", "definition": stated_by}
    row |= {"base_ha": 100.0, "leased_ha": 60.0, "uncleared_ha": 20.0}
    rate = fill.fill_rate(project(row), on=ON, definition=asked).loc["B"]
    if base_ha is None:
        assert (rate["reason"], pd.isna(rate["base_ha"])) == ("declared_otherwise", True)
    else:
        assert (rate["leased_ha"], rate["base_ha"]) == (60.0, base_ha)


@pytest.mark.parametrize(
    ("by_item", "leasable"),
    [
        # 100 without the 20 that are not cleared.
        ({"leasable": 1.0, "uncleared": -1.0}, 120.0),
        ({"leasable": 1.0, "reserved": -1.0}, None),  # of which nothing is stated
        ({"leasable": 0.5}, None),
        ({"uncleared": 1.0}, None),
        (None, None),  # land uses weigh differently
    ],
)
def test_an_item_is_solved_for_only_where_it_counts_whole(
    by_item: dict[str, float] | None, leasable: float | None
) -> None:
    found = _solved(np.array([100.0]), by_item, "leasable", {"uncleared": np.array([20.0])})
    assert found.tolist() == pytest.approx([np.nan if leasable is None else leasable], nan_ok=True)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"base_ha": 100.0}, "declared_without_leased"),
        ({"leased_ha": 60.0}, "declared_without_base"),
        ({"base_ha": 0.0, "leased_ha": 0.0}, None),  # nothing leasable has no rate, and is known
    ],
)
def test_what_is_not_stated_is_unknown_and_never_0(row: dict[str, Any], reason: str | None) -> None:
    made = project({"zone_id": "B", "on": "2018-01-01", **row})
    rate = fill.fill_rate(made, on=ON).loc["B"]
    assert pd.isna(rate["fill_rate"])
    assert (rate["reason"] == reason) if reason else pd.isna(rate["reason"])
    account = fill.land_account(made, on=ON).loc["B"]
    for part in ("leased_ha", "reserved_ha", "uncleared_ha", "available_ha", "uncleared_held_ha"):
        stated = row.get(part, np.nan)
        assert account[part] == pytest.approx(stated, nan_ok=True), part


def test_the_base_is_the_sum_of_six_stated_parts() -> None:
    row = {name: value for name, value in WHOLE.items() if name != "base_ha"}
    account = fill.land_account(project(row), on=ON).loc["B"]
    assert (account["base_ha"], account["leased_ha"], account["source"]) == (100, 60, "declared")
    # Of other land than is asked about: what is lacking is no base.
    named = project({**row, "definition": "nd164-2013"})
    rate = fill.fill_rate(named, on=ON, definition="nd35-2022").loc["B"]
    assert (rate["reason"], pd.isna(rate["base_ha"])) == ("declared_otherwise", True)


@pytest.mark.parametrize(
    ("on", "leased_ha"),
    [
        ("2017-12-31", None),  # the day before
        ("2018-01-01", 60.0),  # its own day
        ("2018-02-27", 60.0),  # the day before the next
        ("2018-02-28", 70.0),  # the next
        ("2038-02-28", 70.0),  # until something else is said
    ],
)
def test_a_declaration_holds_until_the_next(on: str, leased_ha: float | None) -> None:
    made = project(WHOLE, {"zone_id": "B", "on": "2018-02-28", "base_ha": 100.0, "leased_ha": 70.0})
    rate = fill.fill_rate(made, on=on).loc["B"]
    if leased_ha is None:
        assert (rate["reason"], pd.isna(rate["source"])) == ("base_not_published", True)
    else:
        assert (rate["leased_ha"], rate["source"]) == (leased_ha, "declared")
        # The parts of the older declaration do not fill the gaps of the newer.
        account = fill.land_account(made, on=on).loc["B"]
        assert pd.isna(account["reserved_ha"]) == (leased_ha == 70.0)


@pytest.mark.parametrize(
    ("on", "base_ha", "source"),
    [
        ("2018-03-30", 100.0, "declared"),
        ("2018-03-31", 2.0, "measured"),  # the first lot is in force
        ("2020-05-31", 2.0, "measured"),
        ("2020-06-01", 100.0, "declared"),  # the last lot is no longer
    ],
)
def test_measured_land_takes_the_place_of_the_declaration(
    on: str, base_ha: float, source: str
) -> None:
    zones = squares.zones("A")
    parcels = squares.parcels("P", "Q", valid_from=["2018-03-31"] * 2, valid_to=["2020-06-01"] * 2)
    made = kcn.Project(
        zones=zones,
        parcels=parcels,
        ledger=squares.ledger(("P", "leased", "2018-03-31", "2020-06-01")),
        declared_accounts=declared({**WHOLE, "zone_id": "A"}),
    )
    rate = fill.fill_rate(made, on=on, definition="nd35-2022").loc["A"]
    assert (rate["base_ha"], rate["source"]) == (base_ha, source)
    series = fill.fill_series(made, start=on, end=on, freq="D", definition="nd35-2022")
    assert series["source"].tolist() == [source]


def test_a_total_adds_what_is_known_and_says_of_how_many_zones() -> None:
    rates = fill.fill_rate(project(WHOLE), on=ON)
    total = fill.combine(rates).iloc[0]
    # 1 of 2 ha measured and 60 of 100 ha declared; nothing is known of C.
    assert (total["leased_ha"], total["base_ha"], total["declared_ha"]) == (61.0, 102.0, 100.0)
    assert total["fill_rate"] == pytest.approx(61 / 102)
    assert (total["known_count"], total["zone_count"]) == (2, 3)
    assert total["not_published"] == "C"
    assert pd.isna(total["not_computable"])


def test_a_total_of_nothing_known_is_no_zero() -> None:
    total = fill.combine(fill.fill_rate(project(), on=ON).loc[["B", "C"]]).iloc[0]
    assert pd.isna(total["base_ha"])
    assert pd.isna(total["declared_ha"])
    assert (total["known_count"], total["zone_count"]) == (0, 2)


def test_by_phase_a_declaration_is_of_the_whole_zone() -> None:
    rates = fill.fill_rate(project(WHOLE), on=ON, by=("zone_id", "phase"))
    assert rates.loc["B", "base_ha"].tolist() == [100.0]


def test_a_zone_drawn_later_has_no_phases_of_its_declaration() -> None:
    made = replace(
        project({**WHOLE, "zone_id": "A"}, zones=()),
        parcels=squares.parcels("P", "Q", phase=["1", "2"], valid_from=["2018-06-01"] * 2),
        ledger=squares.ledger(),
    )
    rates = fill.fill_rate(made, on=ON, by=("zone_id", "phase"))
    assert rates["reason"].tolist() == ["declared_not_by_phase"] * 2
    assert rates["base_ha"].isna().all()


def test_the_polygon_of_a_zone_without_lots_is_the_base_of_gross() -> None:
    made = replace(project(WHOLE), zones=squares.zones("A", "B"))
    rate = fill.fill_rate(made, on=ON, definition="gross").loc["B"]
    assert (rate["leased_ha"], rate["source"]) == (60.0, "declared")
    assert rate["base_ha"] == pytest.approx(squares.zones("B").area.iloc[0] / 10_000)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"definition": "nd1"}, "declared_definition"),
        (dict.fromkeys(list(WHOLE)[2:]), "declared_nothing"),
        ({"leased_ha": 60.0002}, "declared_over_base"),
        ({"leased_ha": 59.9998}, "declared_open"),
        ({"unserviced_ha": 100.0002}, "declared_unserviced"),
        ({"zone_id": "Z"}, "unknown_zone"),
        ({"source": None}, "missing_values"),
        ({"base_ha": -1.0}, "negative"),
    ],
)
def test_every_problem_is_named(change: dict[str, Any], rule: str) -> None:
    made = project(WHOLE)
    rows = made.declared_accounts.assign(**{name: [value] for name, value in change.items()})
    with pytest.raises(ContractError) as caught:
        replace(made, declared_accounts=rows).as_known()
    assert [one.rule for one in caught.value.problems] == [rule]
    for language in ("vi", "en"):
        assert "{" not in caught.value.problems[0].message(language)


def test_what_is_within_a_square_metre_closes() -> None:
    account = fill.land_account(project({**WHOLE, "leased_ha": 60.0001}), on=ON).loc["B"]
    assert account["leased_ha"] == 60.0001


def test_two_accounts_of_one_day_are_told_apart_by_their_definition() -> None:
    by_law = {"zone_id": "B", "on": "2018-01-01", "definition": "nd35-2022"}
    by_law |= {"base_ha": 110.0, "leased_ha": 66.0}
    made = project(WHOLE, by_law)
    assert fill.fill_rate(made, on=ON, definition="nd35-2022").loc["B", "base_ha"] == 110.0
    assert fill.fill_rate(made, on=ON, definition="nd164-2013").loc["B", "base_ha"] == 100.0
    # The account goes by the one that tells its parts.
    account = fill.land_account(made, on=ON, definition="nd35-2022")
    assert account.loc["B", ["base_ha", "reserved_ha"]].tolist() == [100.0, 10.0]
    with pytest.raises(ContractError, match="two declared accounts"):
        project(WHOLE, WHOLE).as_known()
    # Of two that tell as much the one that is asked for comes first: 100 ha, not 90 + 20.
    rows = [
        {**by_law, "definition": name, "base_ha": base_ha, "uncleared_ha": 20.0}
        for name, base_ha in (("cleared", 90.0), ("nd164-2013", 100.0))
    ]
    account = fill.land_account(project(*rows), on=ON, definition="nd164-2013")
    assert account.loc["B", "base_ha"] == 100.0
    # One that is closer and tells less stands back.
    made = project(WHOLE, {**by_law, "base_ha": None})
    rate = fill.fill_rate(made, on=ON, definition="nd35-2022").loc["B"]
    assert (rate["leased_ha"], rate["base_ha"]) == (60.0, 100.0)


def test_a_faulty_declaration_keeps_its_zone_out_and_no_other() -> None:
    made = project({**WHOLE, "leased_ha": 90.0}, {**WHOLE, "zone_id": "C"})
    with pytest.warns(ZonesLeftOutWarning, match="exceed their base"):
        rates = fill.fill_rate(made, on=ON)
    assert rates["base_ha"].tolist() == pytest.approx([2.0, np.nan, 100.0], nan_ok=True)
    assert rates["reason"].isna().all()
    total = fill.combine(rates).iloc[0]
    assert (total["not_computable"], pd.isna(total["base_ha"])) == ("B", True)


def test_a_faulty_declaration_does_not_touch_measured_land() -> None:
    made = project({**WHOLE, "zone_id": "A", "leased_ha": 90.0}, zones=())
    assert fill.fill_rate(made, on=ON)["base_ha"].tolist() == [2.0]


def test_a_zone_at_fault_does_not_fall_back_on_its_declaration() -> None:
    made = project({**WHOLE, "zone_id": "A"}, zones=())
    bow = shapely.Polygon(
        [(5e5, 1.27e6), (500_100, 1_270_100), (500_100, 1.27e6), (5e5, 1_270_100)]
    )
    parcels = made.parcels.copy()
    parcels.loc[0, "geometry"] = bow
    with pytest.warns(ZonesLeftOutWarning):
        rate = fill.fill_rate(replace(made, parcels=parcels), on=ON).loc["A"]
    assert (rate["source"], pd.isna(rate["base_ha"]), pd.isna(rate["reason"])) == (
        "measured",
        True,
        True,
    )


def test_what_was_declared_is_known_from_when_it_was_recorded() -> None:
    made = project(WHOLE)
    rows = made.declared_accounts.assign(recorded_at=pd.to_datetime(["2018-02-01T00:00Z"]))
    made = replace(made, declared_accounts=rows)
    before, after = (made.as_known(day, faulty="set_apart") for day in ("2018-01-31", "2018-02-01"))
    assert fill.fill_rate(before, on=ON).loc["B", "reason"] == "base_not_published"
    assert fill.fill_rate(after, on=ON).loc["B", "base_ha"] == 100.0


@pytest.mark.parametrize(
    ("on", "months", "is_old"),
    [("2018-01-01", 0, False), ("2020-01-01", 24, False), ("2020-01-02", 24, True)],
)
def test_an_account_is_old_after_24_months(on: str, months: int, *, is_old: bool) -> None:
    found = fill.declared_accounts(project(WHOLE), on=on).loc["B"]
    assert (found["age_months"], found["is_old"], found["cited"]) == (months, is_old, "a notice")
    rules = [one.rule for one in kcn.quality.declared_findings(project(WHOLE).as_known(), on=on)]
    assert rules == ["declared_old"] * is_old


def test_what_a_definition_does_not_divide_by_lies_beside_its_base() -> None:
    # Of cleared land 60 + 10 + 2 + 3 + 5 ha are the base of 80; 20 ha that are not lie beside it.
    row = {**WHOLE, "definition": "cleared", "base_ha": 80.0}
    assert fill.fill_rate(project(row), on=ON, definition="cleared").loc["B", "base_ha"] == 80.0
    with pytest.warns(ZonesLeftOutWarning, match="exceed their base"):
        fill.fill_rate(project({**row, "reserved_ha": 30.1}), on=ON, definition="cleared")


def test_by_how_much_parts_exceed_their_base_is_told_in_hectares() -> None:
    rows = declared(WHOLE | {"available_ha": 7.0})  # 102 of 100 ha
    (one,) = declared_problems(rows, squares.zones("B"))
    assert (one.rule, one.fields["difference_ha"]) == ("declared_over_base", "2.0000")


@pytest.mark.parametrize(("more_ha", "is_told"), [(0.0001, False), (0.0002, True)])
def test_land_without_infrastructure_may_exceed_the_base_by_a_square_metre(
    more_ha: float, *, is_told: bool
) -> None:
    row = {"zone_id": "B", "on": "2018-01-01", "base_ha": 100.0, "leased_ha": 60.0}
    row["unserviced_ha"] = 100.0 + more_ha
    now = project(row).as_known(faulty="set_apart")
    assert [one.rule for _, one in now.always_faulty] == ["declared_unserviced"] * is_told


@pytest.mark.parametrize(("on", "months"), [("2018-02-14", 0), ("2018-02-15", 1)])
def test_a_month_is_over_on_its_day(on: str, months: int) -> None:
    made = project({**WHOLE, "on": "2018-01-15"})
    assert fill.declared_accounts(made, on=on).loc["B", "age_months"] == months


def test_both_stand_beside_each_other_and_the_difference_is_a_finding() -> None:
    both = fill.declared_accounts(project(WHOLE, {**WHOLE, "zone_id": "A"}), on=ON)
    assert both["measured_base_ha"].tolist() == pytest.approx([2.0, np.nan], nan_ok=True)
    made = project({**WHOLE, "zone_id": "A"}, zones=())
    found = fill.declared_accounts(made, on=ON).loc["A"]
    # 60 of 100 ha stated, 1 of 2 ha measured
    assert (found["leased_difference_ha"], found["base_difference_ha"]) == (59.0, 98.0)
    (told,) = kcn.quality.declared_findings(made.as_known(), on=ON)
    assert told.rule == "declared_beside_measured"
    assert "1.0000 of 2.0000 ha are measured" in told.message("en")


@pytest.mark.parametrize(
    ("more_ha", "is_told"), [(0.0, False), (0.00004, False), (0.00006, True), (-0.00006, True)]
)
def test_a_difference_is_told_that_four_decimals_show(more_ha: float, *, is_told: bool) -> None:
    # 1 of 2 ha are measured.
    row = {"zone_id": "A", "on": "2018-01-01", "base_ha": 2.0 + more_ha, "leased_ha": 1.0}
    found = kcn.quality.declared_findings(project(row, zones=()).as_known(), on=ON)
    assert [one.rule for one in found] == ["declared_beside_measured"] * is_told


def test_all_zones_may_do_without_a_polygon() -> None:
    zones = undrawn("B", "C")
    parcels, ledger = squares.parcels("P"), squares.ledger()
    made = kcn.Project(
        zones=zones,
        parcels=parcels.iloc[:0],
        ledger=ledger,
        declared_accounts=declared(WHOLE),
    )
    total = fill.combine(fill.fill_rate(made.as_known(), on=ON)).iloc[0]
    assert (total["base_ha"], total["declared_ha"], total["known_count"]) == (100.0, 100.0, 1)
    assert kcn.crs.to_wgs84(zones).geometry.isna().all()
    assert kcn.quality.check(made, language="en").ok


def test_a_zone_with_lots_needs_its_polygon() -> None:
    made = replace(project(zones=()), zones=undrawn("A"))
    with pytest.warns(ZonesLeftOutWarning, match="no geometry"):
        rates = fill.fill_rate(made, on=ON)
    assert rates["base_ha"].isna().tolist() == [True]
    assert rates["source"].tolist() == ["measured"]
