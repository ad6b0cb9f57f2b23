"""The edges of accounts and rates, by hand on squares of 1 ha: what a small change would move."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from kcngeo import fill
from kcngeo.core.errors import ContractError, KcngeoError, KcngeoWarning
from kcngeo.fill import Accounts, bounds
from kcngeo.standards import fill_definition
from tests import squares

ON = "2018-03-31"
SINCE = "2015-01-01"


def test_of_several_zones_that_are_too_full_the_first_is_named() -> None:
    # Both zones have 1 ha of polygon and 2 ha of let land.
    zones = gpd.GeoDataFrame(
        {"zone_id": ["A", "B"]}, geometry=[squares.square(0), squares.square(2)], crs=squares.CRS
    )
    lots = squares.parcels("P", "Q", "R", "S", zone=["A", "A", "B", "B"])
    now = squares.known(zones, lots, squares.ledger(*((name, "leased", SINCE) for name in "PQRS")))
    with pytest.raises(KcngeoError, match=r"the rate of A .* exceed the base by 1\.0000 ha"):
        fill.fill_rate(now, on=ON, definition="gross")


def test_a_zone_at_fault_that_no_longer_counts_is_not_told() -> None:
    # A is let twice over and was removed in 2016: no figure of 2018 is missing, no warning comes.
    zones = squares.zones("A", "B", removed_on=["2016-01-01", None])
    lots = squares.parcels("P", "Q", zone=["A", "B"])
    twice = [("P", "leased", SINCE), ("P", "reserved", SINCE), ("Q", "leased", SINCE)]
    now = squares.known(zones, lots, squares.ledger(*twice), faulty="set_apart")
    assert fill.land_account(now, on=ON).index.tolist() == ["B"]
    assert fill.fill_rate(now, on=ON)["fill_rate"].to_dict() == {"B": 1.0}
    with pytest.warns(match="A"):
        assert pd.isna(fill.land_account(now, on="2015-06-30").loc["A", "base_ha"])


def test_a_zone_at_fault_is_told_once_though_the_law_changes() -> None:
    lots = squares.parcels("P", "Q", zone=["A", "B"])
    twice = [("P", "leased", SINCE), ("P", "reserved", SINCE), ("Q", "leased", SINCE)]
    now = squares.known(squares.zones("A", "B"), lots, squares.ledger(*twice), faulty="set_apart")
    # Decree 35 took the place of decree 82 on 15 July 2022.
    with pytest.warns(KcngeoWarning) as told:
        rates = fill.fill_series(now, start="2022-06-30", end="2022-07-31")
    assert rates["definition"].nunique() == 2
    assert len(told) == 1


def test_many_overlaps_are_measured_in_small_amounts(monkeypatch: pytest.MonkeyPatch) -> None:
    # P and Q share 0.1 ha, R and S too; only P and R are let: 2 of 4 ha. Without the let land in
    # doubt 1.8 of 3.8 ha, without the other 2 of 3.8 ha.
    lots = squares.parcels("P", "Q", "R", "S")
    shapes = [squares.square(column) for column in (0, 0.9, 3, 3.9)]
    lots = lots.set_geometry(shapes, crs=squares.CRS)
    held = squares.ledger(("P", "leased", SINCE), ("R", "leased", SINCE))
    now = squares.known(squares.zones("A"), lots, held, faulty="set_apart")
    found = []
    for most in (200_000, 1):
        monkeypatch.setattr(bounds, "_MOST_CELLS", most)
        with pytest.warns(match="A"):
            found.append(fill.fill_rate(now, on=ON).loc["A"])
    pd.testing.assert_series_equal(*found)
    assert found[0][["rate_low", "rate_high"]].tolist() == pytest.approx([1.8 / 3.8, 2 / 3.8])


def test_only_leases_in_force_share_what_is_let_of_a_lot() -> None:
    # P: a lease that ended, one of 0.3 ha in force, 0.4 ha reserved.
    held: list[Any] = [
        ("P", "leased", "2010-01-01", SINCE),
        ("P", "leased", SINCE, None, 0.3),
        ("P", "reserved", SINCE, None, 0.4),
    ]
    lots = squares.parcels("P", "Q")
    now = squares.known(squares.zones("A"), lots, squares.ledger(*held, entry_id=["a", "b", "c"]))
    leases = fill.leases_on(now, on=ON)
    assert leases[["entry", "leased_ha"]].to_numpy().tolist() == [["b", pytest.approx(0.3)]]
    # A tenth of a square millimetre is no lease.
    nothing = squares.ledger(("P", "leased", SINCE, None, 1e-11), entry_id=["a"])
    now = squares.known(squares.zones("A"), lots, nothing)
    assert len(fill.leases_on(now, on=ON)) == 0


def test_what_a_workshop_rents_is_no_lease_of_the_lot() -> None:
    projects = pd.DataFrame({"project_id": ["D", "W"], "premises": ["land", "workshop"]})
    held = squares.ledger(("P", "leased", SINCE), ("P", "leased", "2016-01-01"))
    held = held.assign(project_id=["D", "W"], entry_id=["a", "b"])
    now = squares.known(squares.zones("A"), squares.parcels("P"), held, projects=projects)
    assert fill.leases_on(now, on=ON)["entry"].tolist() == ["a"]


@pytest.mark.parametrize(
    ("established_on", "twice", "excess_ha"),
    [
        (None, (), ["1.0000"]),
        ("2018-04-01", (), []),
        (None, (("P", "reserved", "2018-01-01"),), []),
    ],
    ids=["sound", "not established", "at fault"],
)
def test_only_a_sound_zone_that_counts_is_overfull(
    established_on: str | None, twice: tuple[tuple[str, str, str], ...], excess_ha: list[str]
) -> None:
    # Three hectares let on a polygon of two.
    fence = gpd.GeoDataFrame(
        {"zone_id": ["A"]}, geometry=[squares.square(0, wide=2)], crs=squares.CRS
    )
    fence["established_on"] = pd.to_datetime([established_on])
    entries = squares.ledger(*((lot, "leased", "2018-01-01") for lot in "PQR"), *twice)
    snapshot = squares.known(fence, squares.parcels(*"PQR"), entries, faulty="set_apart")
    march = pd.DatetimeIndex([ON], name="on")
    found = Accounts.of(snapshot).overfull(march, fill_definition("gross", on=ON))
    assert [one.fields["excess_ha"] for one in found] == excess_ha


def test_a_fault_is_told_before_a_zone_that_is_too_full() -> None:
    # By certificates the lot of A has no area, and that of B is twice as large as the zone.
    zones = squares.zones("A", "B", approved_area_ha=1.0)
    lots = squares.parcels("P", "Q", zone=["A", "B"], certificate_area_m2=[None, 20_000.0])
    entries = squares.ledger(("P", "leased", SINCE), ("Q", "leased", SINCE))
    march = pd.DatetimeIndex([ON], name="on")
    accounts = Accounts.of(squares.known(zones, lots, entries), area="certificate")
    with pytest.raises(ContractError, match="P"):
        accounts.fraction(march, fill_definition("gross", on=ON))


def test_without_parcels_nothing_is_measured_whatever_polygon_there_is() -> None:
    now = squares.known(squares.zones("A", "B"), squares.parcels("P"), squares.ledger())
    march = pd.DatetimeIndex([ON], name="on")
    leased, base = Accounts.of(now).fraction(march, fill_definition("gross", on=ON))
    # Nothing of the 10 ha of A is let; of B nobody knows.
    assert np.concatenate([leased, base], axis=1).tolist() == [
        pytest.approx([0.0, 1e11]),
        pytest.approx([np.nan, np.nan], nan_ok=True),
    ]
