"""Let but not built: k of n years, by a table of years."""

from __future__ import annotations

import pandas as pd
import pytest

from kcngeo.analysis.imagery import unbuilt_lots
from kcngeo.core.errors import KcngeoError

YEARS = (2019, 2020, 2021)


def shares(**lots: list[float | None]) -> pd.DataFrame:
    """A row a lot and year; None is a year without a value."""
    rows = [
        {"parcel_id": lot, "year": year, "built_share": value, "few_pixels": False}
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
    told = unbuilt_lots(leased("A"), shares(A=values), below_share=0.1, k=2, n=3).loc["A"]
    assert (told["unbuilt_years"], told["seen_years"]) == (unbuilt, seen)
    assert told["looks_unbuilt"] is looks or told["looks_unbuilt"] == looks


def test_only_the_last_years_count() -> None:
    told = unbuilt_lots(leased("A"), shares(A=[0.0, 0.0, 0.9]), below_share=0.1, k=1, n=1)
    assert told.loc["A", ["unbuilt_years", "seen_years", "built_share"]].tolist() == [0, 1, 0.9]


def test_years_before_the_lease_and_coarse_years_do_not_speak() -> None:
    seen = shares(A=[0.0, 0.0, 0.9], B=[0.0, 0.0, 0.0])
    seen.loc[seen["parcel_id"] == "B", "few_pixels"] = True
    told = unbuilt_lots(
        leased("A", "B", leased_on=["2021-01-01", "2018-01-01"]), seen, below_share=0.1, k=1, n=3
    )
    assert told["seen_years"].tolist() == [1, 0]
    assert told["looks_unbuilt"].tolist() == [False, pd.NA]


def test_a_person_has_the_last_word_and_the_law_its_term() -> None:
    clocks = pd.DataFrame(
        {
            "parcel_ids": ["A|B", "B"],
            "clock": ["unused", "behind_schedule"],
            "ends_on": pd.to_datetime(["2022-05-01", "2021-05-01"]),
            "state": ["running", "over"],
            "verified": ["official", "official"],
        }
    )
    told = unbuilt_lots(
        leased("A", "B", "C"),
        shares(A=[0.0] * 3, B=[0.0] * 3, C=[0.0] * 3),
        below_share=0.1,
        k=2,
        n=3,
        clocks=clocks,
        confirmed=pd.Series({"A": False}),
    )
    assert told["confirmed"].tolist() == [False, pd.NA, pd.NA]
    # Of B's two clocks the one that ends first; C has none.
    assert told["clock"].fillna("").tolist() == ["unused", "behind_schedule", ""]


@pytest.mark.parametrize(("k", "n"), [(0, 3), (4, 3), (-1, 1)])
def test_k_of_n_must_make_sense(k: int, n: int) -> None:
    with pytest.raises(KcngeoError, match=f"not {k} of {n}"):
        unbuilt_lots(leased("A"), shares(A=[0.0] * 3), below_share=0.1, k=k, n=n)
