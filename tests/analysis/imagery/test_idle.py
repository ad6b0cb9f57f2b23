"""Let but not built: k of n years, by a table of years."""

from __future__ import annotations

import pandas as pd
import pytest

from kcngeo.analysis.imagery import let_parcels, unbuilt_parcels
from kcngeo.core.errors import KcngeoError
from tests import squares

YEARS = (2019, 2020, 2021)


def shares(**lots: list[float | None]) -> pd.DataFrame:
    """A row a lot and year; None is a year without a value."""
    rows = [
        {
            "parcel_id": lot,
            "year": year,
            "built_share": value,
            "known_share": 0.75,
            "few_pixels": False,
        }
        for lot, values in lots.items()
        for year, value in zip(YEARS, values, strict=True)
    ]
    return pd.DataFrame(rows).astype({"built_share": "float64"})


def leased(*ids: str, **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(ids, name="parcel_id"))


@pytest.mark.parametrize(
    ("values", "unbuilt", "seen", "looks"),
    [
        ([0.0, 0.0, 0.0], 3, 3, True),
        ([0.9, 0.0, 0.0], 2, 3, True),
        ([0.9, 0.9, 0.0], 1, 3, False),
        ([0.9, 0.9, 0.9], 0, 3, False),
        # Exactly the limit is not below it.
        ([0.1, 0.1, 0.0], 1, 3, False),
        # A cloud does not speak; two years are enough, one is not.
        ([None, 0.0, 0.0], 2, 2, True),
        ([None, None, 0.0], 1, 1, pd.NA),
        ([None, None, None], 0, 0, pd.NA),
    ],
)
def test_two_of_three_years(
    values: list[float | None], unbuilt: int, seen: int, looks: object
) -> None:
    told = unbuilt_parcels(leased("A"), shares(A=values), below_share=0.1, k=2, n=3).loc["A"]
    assert (told["unbuilt_years"], told["seen_years"]) == (unbuilt, seen)
    assert told["looks_unbuilt"] is looks or told["looks_unbuilt"] == looks


def test_only_the_last_years_count() -> None:
    told = unbuilt_parcels(leased("A"), shares(A=[0.0, 0.0, 0.9]), below_share=0.1, k=1, n=1)
    assert told.loc["A", ["unbuilt_years", "seen_years", "built_share"]].tolist() == [0, 1, 0.9]
    assert told.loc["A", "known_share"] == 0.75


@pytest.mark.parametrize(
    ("leased_on", "seen", "looks"),
    [
        ("2018-12-31", 3, True),  # unbuilt in 2019 and 2020
        ("2019-01-01", 2, True),  # in 2020
        ("2020-12-31", 1, False),
        ("2021-01-01", 0, pd.NA),  # the picture of 2021 may be older than the lease
        (None, 3, True),
    ],
)
def test_years_up_to_the_lease_do_not_speak(
    leased_on: str | None, seen: int, looks: object
) -> None:
    lot = leased("A", leased_on=[leased_on])
    told = unbuilt_parcels(lot, shares(A=[0.0, 0.0, 0.9]), below_share=0.1, k=1, n=3).loc["A"]
    assert told["seen_years"] == seen
    assert told["looks_unbuilt"] is looks or told["looks_unbuilt"] == looks


def test_coarse_years_do_not_speak() -> None:
    seen = shares(A=[0.0, 0.0, 0.0]).assign(few_pixels=[True, True, False])
    told = unbuilt_parcels(leased("A"), seen, below_share=0.1, k=2, n=3).loc["A"]
    assert (told["seen_years"], told["looks_unbuilt"]) == (1, pd.NA)


def test_let_parcels_with_the_last_lease_to_begin() -> None:
    entries = squares.ledger(
        ("P1", "leased", "2015-01-01", None, 0.25),
        ("P1", "leased", "2018-03-31", None, 0.5),
        ("P2", "leased", "2018-04-01"),
        ("P3", "reserved", "2015-01-01"),
        ("P4", "leased", "2015-01-01", "2018-03-31"),
    )
    lots = squares.parcels("P1", "P2", "P3", "P4", "P5")
    found = let_parcels(squares.known(squares.zones("A"), lots, entries), on="2018-03-31")
    assert found.index.tolist() == ["P1"]
    assert found.loc["P1", "leased_ha"] == pytest.approx(0.75)
    assert found.loc["P1", "leased_on"] == pd.Timestamp("2018-03-31")
    assert found.geometry.area.tolist() == [10_000]


def test_a_person_has_the_last_word_and_the_law_its_term() -> None:
    clocks = pd.DataFrame(
        {
            "parcel_ids": ["A|B", "B"],
            "clock": ["unused", "behind_schedule"],
            "since": pd.to_datetime(["2021-05-01", "2019-05-01"]),
            "ends_on": pd.to_datetime(["2022-05-01", "2021-05-01"]),
            "state": ["running", "over"],
            "verified": ["official", "official"],
        }
    )
    told = unbuilt_parcels(
        leased("A", "B", "C"),
        shares(A=[0.0] * 3, B=[0.0] * 3, C=[0.0] * 3),
        below_share=0.1,
        k=2,
        n=3,
        clocks=clocks,
        confirmed=pd.Series({"A": False}),
    )
    assert told["confirmed"].tolist() == [False, pd.NA, pd.NA]
    assert "let_later" not in told.columns
    # Of B's two clocks the one that ends first; C has none.
    assert told["clock"].fillna("").tolist() == ["unused", "behind_schedule", ""]


def test_a_lot_let_after_the_hand_over_of_its_project_is_marked() -> None:
    clocks = pd.DataFrame(
        {
            "parcel_ids": ["A|B|C", "D"],
            "clock": ["unused", "behind_schedule"],
            "since": pd.to_datetime(["2018-05-01", "2017-01-01"]),
            "ends_on": pd.to_datetime(["2019-05-01", "2019-01-01"]),
            "state": "over",
            "verified": "official",
        }
    )
    days = ["2018-04-30", "2018-05-01", "2018-05-02", "2018-05-02"]
    lots = leased("A", "B", "C", "D", leased_on=days)
    seen = shares(A=[0.0] * 3, B=[0.0] * 3, C=[0.0] * 3, D=[0.0] * 3)
    told = unbuilt_parcels(lots, seen, below_share=0.1, k=2, n=3, clocks=clocks)
    assert told["let_later"].tolist() == [False, False, True, pd.NA]


@pytest.mark.parametrize(("k", "n"), [(0, 3), (4, 3), (-1, 1)])
def test_k_of_n_must_make_sense(k: int, n: int) -> None:
    with pytest.raises(KcngeoError, match=f"not {k} of {n}"):
        unbuilt_parcels(leased("A"), shares(A=[0.0] * 3), below_share=0.1, k=k, n=n)
