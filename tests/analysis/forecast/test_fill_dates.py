"""When a zone is full: what is certain by hand, and why there is no answer."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo.analysis import forecast as room
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.texts import table, text
from tests import squares
from tests.analysis.forecast.lots import LEVELS, ON, reasons, steps, supply, ten_lots, uncleared

# ------------------------------------------------------------------ what is certain


def test_a_zone_that_is_full_stays_full() -> None:
    frames = ten_lots(let=10)
    leased = room.leased_at(squares.known(*frames), on=ON, horizons=[1, 12, 360])
    assert leased[LEVELS].to_numpy().tolist() == [[10.0] * 3] * 3
    reached = room.fill_date(squares.known(*frames), on=ON, target=1.0, by_date=ON).loc["A"]
    assert reached[LEVELS].tolist() == [pd.Timestamp(ON)] * 3
    assert reached["probability"] == 1.0
    assert pd.isna(reached["reason"])
    assert reached["needed_ha"] == 0.0


def test_a_zone_of_one_hectare_has_something_to_let() -> None:
    frames = squares.zones("A"), squares.parcels("P"), squares.ledger(("P", "leased", "2010-01-01"))
    found = room.fill_date(squares.known(*frames), on=ON, target=1.0)
    assert (found["p50"].tolist(), reasons(found)) == ([pd.Timestamp(ON)], [None])


def test_what_is_not_cleared_cannot_be_let() -> None:
    frames = ten_lots(*uncleared("A8", "A9"), let=8)
    leased = room.leased_at(squares.known(*frames), on=ON, horizons=[12, 120])
    assert leased[LEVELS].to_numpy().tolist() == [[8.0] * 3] * 2
    found = room.fill_date(squares.known(*frames), on=ON, target=0.9, by_date="2040-01-01").loc["A"]
    assert found[LEVELS].isna().all()
    assert (found["reason"], found["probability"]) == ("no_land", 0.0)
    assert (found["needed_ha"], found["lettable_ha"]) == (1.0, 0.0)
    # 8 of 10 ha: a target of 80 % is reached today, one a hair above is out of reach.
    assert room.fill_date(squares.known(*frames), on=ON, target=0.8)["p90"].tolist() == [
        pd.Timestamp(ON)
    ]
    assert reasons(room.fill_date(squares.known(*frames), on=ON, target=0.8001)) == ["no_land"]


def test_scheduled_land_is_let_from_its_day_on() -> None:
    frames = ten_lots(*uncleared("A8", "A9"), let=8)
    coming = supply(("A", "2023-03-31", 1.0))
    leased = room.leased_at(squares.known(*frames), on=ON, horizons=[59, 60, 600], supply=coming)
    # On the last day before it nothing is let, long after it all of it is.
    assert leased[LEVELS].to_numpy()[0].tolist() == [8.0] * 3
    assert leased[LEVELS].to_numpy()[2].tolist() == [9.0] * 3
    found = room.fill_date(
        squares.known(*frames), on=ON, target=0.9, supply=coming, by_date="2023-03-30"
    )
    assert (found["p10"] >= pd.Timestamp("2023-03-31")).all()
    assert found["probability"].tolist() == [0.0]
    assert found["supply_ha"].tolist() == [1.0]


def test_a_demand_that_waits_at_the_gate_finds_land_on_its_first_day() -> None:
    # 30 lettings in 30 months on 40 ha that are then full: about one a month.
    days = pd.date_range("2010-01-31", periods=30, freq="ME")
    whole = gpd.GeoDataFrame(
        {"parcel_id": ["P"], "zone_id": ["A"], "land_use": ["industrial"]},
        geometry=[squares.square(0, wide=40)],
        crs=squares.CRS,
    )
    entries = squares.ledger(
        *[("P", "leased", f"{on:%Y-%m-%d}", None, 1.0) for on in days],
        ("P", "uncleared", "2010-01-01", None, 10.0),
    )
    frames = squares.zones("A", established_on=["2010-01-01"]), whole, entries
    coming = supply(("A", "2012-07-10", 10.0))
    asked = {"on": "2012-07-01", "target": 31 / 40, "supply": coming}
    found = room.fill_date(squares.known(*frames), **asked, by_date="2012-07-10")
    early = room.fill_date(squares.known(*frames), **asked, by_date="2012-07-09")
    assert early["probability"].tolist() == [0.0]
    # A letting a month comes on a given day with a chance of 1/30: about 0.033 of the futures.
    assert 0.01 < found.loc["A", "probability"] < 0.08
    # Nor is anything let on the day of the forecast itself, though there be land.
    open_land = frames[0], whole, entries.iloc[:30]
    today = room.fill_date(
        squares.known(*open_land), on="2012-07-01", target=30.5 / 40, by_date="2012-07-01"
    )
    assert today["probability"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("date", "supply_ha"), [("2018-03-30", 0.0), (ON, 0.0), ("2018-04-01", 1.0)]
)
def test_land_scheduled_up_to_the_day_is_history(date: str, supply_ha: float) -> None:
    frames = ten_lots(*uncleared("A9"))
    coming = supply(("A", date, 1.0))
    assert room.fill_date(squares.known(*frames), on=ON, target=1.0, supply=coming)[
        "supply_ha"
    ].tolist() == [supply_ha]


@pytest.mark.parametrize("column", ["recorded_at", "superseded_at"])
def test_a_schedule_that_still_says_what_was_known_when_is_refused(column: str) -> None:
    coming = supply(("A", "2019-01-01", 0.25)).assign(**{column: "2018-01-01T00:00:00Z"})
    snapshot = squares.known(*ten_lots(*uncleared("A9")))
    with pytest.raises(KcngeoError, match=f"supply still has {column}"):
        room.fill_date(snapshot, on=ON, target=0.9, supply=coming)


@pytest.mark.parametrize(
    ("area_ha", "reason"), [(2.0, None), (2.01, None), (2.02, "supply_exceeds")]
)
def test_no_more_can_be_cleared_than_is_uncleared(area_ha: float, reason: str | None) -> None:
    # Up to half a percent more is rounding: 2 × 1.005 = 2.01 ha.
    frames = ten_lots(*uncleared("A8", "A9"))
    coming = supply(("A", "2019-01-01", area_ha))
    assert reasons(room.fill_date(squares.known(*frames), on=ON, target=0.9, supply=coming)) == [
        reason
    ]
    leased = room.leased_at(squares.known(*frames), on=ON, horizons=[12], supply=coming)
    assert reasons(leased) == [reason]
    assert leased["p50"].isna().tolist() == [reason is not None]


def test_lettable_is_what_nobody_holds_for_good() -> None:
    lots = (
        ("A5", "reserved", "2017-01-01"),
        ("A6", "recovering", "2017-01-01"),
        ("A7", "repurposed", "2017-01-01"),
        ("A8", "uncleared", "2008-01-01"),
        ("A9", "reserved", "2017-01-01"),
        ("A9", "uncleared", "2008-01-01"),
        ("A0", "uncleared", "2008-01-01"),
    )
    known = squares.known(*ten_lots(*lots, let=5, begun=2013))
    found = room.fill_date(known, on=ON, target=0.7).loc["A"]
    # A5 and A6; not the repurposed A7, nor A8 and A9, which are not cleared. A0 is let anyhow.
    assert found["lettable_ha"] == 2.0
    for area_ha, reason in ((2.0, None), (2.1, "supply_exceeds")):
        coming = supply(("A", "2020-01-01", area_ha))
        asked = {"on": ON, "target": 0.9, "supply": coming}
        assert reasons(room.fill_date(known, **asked)) == [reason]


def test_on_cleared_land_the_base_grows_with_the_supply() -> None:
    frames = ten_lots(*uncleared("A8", "A9"))
    # 7 of 8 ha. Of 8 ha, 0.9 are 7.2: one more lot. Of 10 ha they are 9: two more lots.
    asked = {"on": ON, "target": 0.9, "definition": "cleared", "by_date": "2022-03-31"}
    alone = room.fill_date(squares.known(*frames), **asked).loc["A"]
    more = room.fill_date(
        squares.known(*frames), **asked, supply=supply(("A", "2018-04-01", 2.0))
    ).loc["A"]
    assert (alone["base_ha"], alone["needed_ha"]) == (8.0, pytest.approx(0.2))
    assert more["p50"] > alone["p50"]
    # From 31 March 2018 to 31 March 2022 are 1461 days, 48 months of 365.25 / 12 days.
    assert alone["required_ha_per_month"] == pytest.approx(0.2 / 48)
    assert more["required_ha_per_month"] == pytest.approx(2.0 / 48)


def test_land_that_is_cleared_makes_no_law_ask_for_less() -> None:
    # 80 % of 10 ha are 8 ha, one more than the 7 let, whatever is cleared within the year.
    snapshot = squares.known(*ten_lots(*uncleared("A8", "A9")))
    coming = supply(("A", "2018-06-01", 2.0))
    asked = {"on": ON, "target": 0.8, "by_date": "2019-03-31"}
    row = room.fill_date(snapshot, supply=coming, **asked).loc["A"]
    assert (row["needed_ha"], row["supply_ha"]) == (pytest.approx(1), 2)
    assert row["required_ha_per_month"] == pytest.approx(1 / 12, rel=0.01)


def test_gross_does_not_take_roads_for_lettable() -> None:
    zones, parcels, entries = ten_lots(*uncleared("A8"))
    parcels.loc[9, "land_use"] = "transport"
    found = room.fill_date(
        squares.known(zones, parcels, entries), on=ON, target=0.75, definition="gross"
    )
    assert found["lettable_ha"].tolist() == [1.0]
    assert reasons(found) == [None]
    # 8 of 10 ha is all there will ever be.
    gross = {"on": ON, "definition": "gross"}
    assert reasons(
        room.fill_date(squares.known(zones, parcels, entries), **gross, target=0.81)
    ) == ["no_land"]


def test_the_figures_a_forecast_rests_on_by_hand() -> None:
    found = room.fill_date(squares.known(*ten_lots()), on=ON, target=0.9, by_date="2022-03-31").loc[
        "A"
    ]
    assert found[["leased_ha", "base_ha", "needed_ha", "lettable_ha"]].tolist() == [7, 10, 2, 3]
    assert found["leases"] == 7
    assert found["definition"] == "nd164-2013"
    # 7 ha from 1 January 2008 to 31 March 2018, 3742 days; none in the last year.
    assert found["net_ha_per_month"] == pytest.approx(7 / (3742 / (365.25 / 12)))
    assert found["recent_ha_per_month"] == 0.0
    assert found["required_ha_per_month"] == pytest.approx(2 / 48)
    assert found["p10"] <= found["p50"] <= found["p90"]
    assert pd.Timestamp(ON) < found["p10"]


# ------------------------------------------------------------------ why there is no answer


@pytest.mark.parametrize(("let", "reason"), [(4, "few_leases"), (5, None)])
def test_five_lettings_are_the_fewest(let: int, reason: str | None) -> None:
    known = squares.known(*ten_lots(let=let, begun=2013))
    assert reasons(room.fill_date(known, on=ON, target=0.8)) == [reason]
    assert reasons(room.leased_at(known, on=ON, horizons=[12])) == [reason]


def stopped() -> Any:
    """Eighteen lettings of 1 ha in three years, a letting every two months, and none in three."""
    days = pd.date_range("2012-05-15", periods=18, freq="61D")
    whole = squares.parcels("P").assign(geometry=[squares.square(0, wide=40)])
    entries = squares.ledger(*[("P", "leased", f"{on:%Y-%m-%d}", None, 1.0) for on in days])
    return squares.known(squares.zones("A", established_on=["2012-04-01"]), whole, entries)


def test_a_pace_that_stopped_is_not_known() -> None:
    # Six a year, then none: over, or a pause, nobody can tell.
    found = room.fill_date(stopped(), on=ON, target=0.8, by_date="2030-12-31").loc["A"]
    assert (found["reason"], found["pace_changed"]) == ("pace_unknown", True)
    assert found[[*LEVELS, "probability"]].isna().all()
    assert found[["leased_ha", "needed_ha", "lettable_ha"]].tolist() == [18.0, 14.0, 22.0]
    leased = room.leased_at(stopped(), on=ON, horizons=[12, 36])
    assert reasons(leased) == ["pace_unknown"] * 2
    assert leased[LEVELS].isna().all(axis=None)
    assert leased["pace_changed"].tolist() == [True, True]
    for language, words in (("en", "not known: "), ("vi", "chưa biết: ")):
        assert text("forecast.pace_unknown", language=language).startswith(words)


def test_what_is_certain_says_nothing_of_the_pace() -> None:
    reached = room.fill_date(stopped(), on=ON, target=0.45).loc["A"]
    assert reached["p90"] == pd.Timestamp(ON)
    assert pd.isna(reached["pace_changed"])


def test_no_history_has_no_forecast_but_a_reason() -> None:
    found = room.fill_date(squares.known(*ten_lots(let=0)), on=ON, target=0.6, by_date="2030-01-01")
    assert reasons(found) == ["few_leases"]
    assert found[[*LEVELS, "probability"]].isna().all(axis=None)
    assert found["leases"].tolist() == [0]
    assert found["needed_ha"].tolist() == [6.0]
    assert room.leased_at(squares.known(*ten_lots(let=0)), on=ON, horizons=[1])["p50"].isna().all()


@pytest.mark.parametrize(
    ("established", "reason"), [("2016-03-31", None), ("2016-04-01", "short_history")]
)
def test_two_years_of_open_land_are_the_shortest(established: str, reason: str | None) -> None:
    lots = [(f"A{number}", "leased", f"2017-0{number + 1}-15") for number in range(6)]
    frames = ten_lots(*lots, let=0, established=established)
    assert reasons(room.fill_date(squares.known(*frames), on=ON, target=0.8)) == [reason]


def test_time_without_land_tells_nothing_of_the_demand() -> None:
    # Five lettings of 2 ha in 1000 days, then 1.9 ha are left, then 0, then 4 again.
    days = [0, 100, 200, 300, 400, 1000, 5000, 6000]
    found = steps(days, [0, 2, 4, 6, 8, 10, 11.9, 7.9], [11.9] * 8, 6100)
    assert found.lease_ha.tolist() == pytest.approx([2, 2, 2, 2, 2, 1.9])
    assert found.terminated_ha.tolist() == pytest.approx([4])
    assert found.open_days == 1000 + 100
    assert found.shortfall() == ""


@pytest.mark.parametrize(
    ("columns", "is_counted"),
    [
        ({"established_on": ["2018-04-01"]}, False),
        ({"established_on": [ON]}, True),
        ({"stage": ["proposed"]}, False),
        ({"established_on": ["2008-01-01"], "removed_on": [ON]}, False),
        ({"established_on": ["2008-01-01"], "removed_on": ["2018-04-01"]}, True),
    ],
)
def test_a_zone_that_does_not_count_says_so(columns: dict[str, Any], *, is_counted: bool) -> None:
    _, parcels, entries = ten_lots()
    zones = squares.zones("A", **columns)
    found = room.fill_date(squares.known(zones, parcels, entries), on=ON, target=0.7, by_date=ON)
    assert found.index.tolist() == ["A"]
    assert reasons(found) == [None if is_counted else "not_counted"]
    assert found["probability"].tolist() == pytest.approx(
        [1.0 if is_counted else np.nan], nan_ok=True
    )


def test_a_zone_known_by_its_declaration_alone_is_not_at_fault() -> None:
    _, parcels, entries = ten_lots(zone="B")
    stated = pd.DataFrame({"zone_id": ["A"], "on": ["2018-01-01"], "base_ha": 9.0, "source": "x"})
    project = kcn.Project(
        zones=squares.zones("A", "B"), parcels=parcels, ledger=entries, declared_accounts=stated
    )
    found = room.fill_date(project, on=ON, target=0.7)
    # A has no lot: what it lets, and ever let, is not known.
    assert reasons(found) == ["no_parcels", None]
    assert reasons(room.leased_at(project, on=ON, horizons=[12])) == ["no_parcels", None]
    assert found.loc["A", [*LEVELS, "leased_ha", "base_ha"]].isna().all()


def test_nothing_leasable_says_so() -> None:
    zones, parcels, _ = ten_lots()
    parcels["land_use"] = "green"
    found = room.fill_date(squares.known(zones, parcels, squares.ledger()), on=ON, target=0.7)
    assert reasons(found) == ["nothing_leasable"]


def test_what_takes_longer_than_thirty_years_is_missing() -> None:
    lots = [("A0", "leased", f"{2008 + year}-07-01", None, 0.05) for year in range(6)]
    found = room.fill_date(
        squares.known(*ten_lots(*lots, let=0)), on=ON, target=1.0, by_date="2040-01-01"
    )
    # 0.3 ha in ten years; 9.7 ha take centuries.
    assert reasons(found) == ["beyond_horizon"]
    assert found[LEVELS].isna().all(axis=None)
    assert found["probability"].tolist() == [0.0]


def test_every_reason_has_words() -> None:
    words = {key.split(".")[1] for key in table() if key.startswith("forecast.")}
    assert words == {
        "at_fault", "definition", "not_counted", "no_parcels", "nothing_leasable", "few_leases",
        "short_history", "supply_exceeds", "no_land", "pace_unknown", "beyond_horizon",
    }  # fmt: skip


# ------------------------------------------------------------------ questions that are refused


@pytest.mark.parametrize("target", [0, -0.1, 1.0001, 60, float("nan")])
def test_a_target_is_a_share(target: float) -> None:
    with pytest.raises(KcngeoError, match="share above 0 and at most 1"):
        room.fill_date(squares.known(*ten_lots()), on=ON, target=target)


def test_a_day_before_the_forecast_is_refused() -> None:
    with pytest.raises(
        KcngeoError, match="30 Mar 2018, before the day of the forecast, 31 Mar 2018"
    ):
        room.fill_date(squares.known(*ten_lots()), on=ON, target=0.9, by_date="2018-03-30")


@pytest.mark.parametrize("horizons", [[], [0], [-12], [1.5], [12, 0]])
def test_horizons_are_whole_months(horizons: list[int]) -> None:
    with pytest.raises(KcngeoError, match="whole numbers of months"):
        room.leased_at(squares.known(*ten_lots()), on=ON, horizons=horizons)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pd.DataFrame({"zone_id": ["A"], "area_ha": [1.0]}), "columns missing: on"),
        (supply(("A", "2019-01-01", 1.0), ("Z", "2019-01-01", 1.0)), "zone Z is not .*: row 1"),
        (supply(("A", "soon", 1.0)), "on must be a day .*: row 0"),
        (supply(("A", "2019-01-01", -1.0)), "area_ha is negative: row 0"),
        (supply(("A", "2019-01-01", float("nan"))), "area_ha must be a number: row 0"),
    ],
)
def test_a_schedule_is_checked(rows: pd.DataFrame, message: str) -> None:
    with pytest.raises(ContractError, match=message) as caught:
        room.leased_at(squares.known(*ten_lots()), on=ON, horizons=[12], supply=rows)
    assert caught.value.table == "supply"


def test_a_poor_history_is_refused_below_as_well() -> None:
    empty = steps([0], [0], [1.0], 9999)
    with pytest.raises(ValueError, match="few_leases"):
        room.simulate(empty, until_days=365, random=np.random.default_rng(0))
