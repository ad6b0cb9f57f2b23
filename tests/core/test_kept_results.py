"""Results are found by what they follow from, and by nothing less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import shapely

from kcngeo.core.kept_results import KeptResults, digest_of, kept, using


@dataclass(frozen=True)
class _Pair:
    one: object
    other: object


SQUARE = shapely.box(0, 0, 1, 1)
DATES = pd.DatetimeIndex(["2018-03-31", "2018-04-30"], name="on")
BOTH = pd.MultiIndex.from_product([["A", "B"], DATES], names=["zone_id", "on"])
FRAME = pd.DataFrame({"a": [1.0, np.nan], "b": ["x", None]}, index=DATES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        ([1], [1.0]),
        ([True], [1]),
        (["1"], [1]),
        ([None], [0]),
        ([0.0], [float("nan")]),
        ([b"a"], ["a"]),
        ([("a",), "b"], [("a", "b")]),
        ([np.arange(4)], [np.arange(4).reshape(2, 2)]),
        ([np.arange(3)], [np.arange(3.0)]),
        ([np.array(["a", "b"], dtype=object)], [np.array(["ab"], dtype=object)]),
        ([SQUARE], [shapely.box(0, 0, 1, np.nextafter(1, 2))]),
        ([SQUARE], [shapely.normalize(shapely.reverse(SQUARE)), 0]),
        ([pd.Timestamp("2018-03-31")], [pd.Timestamp("2018-03-30")]),
        ([FRAME], [FRAME.rename(columns={"a": "c"})]),
        ([FRAME], [FRAME.iloc[::-1]]),
        ([FRAME], [FRAME.assign(a=[1.0, 2.0])]),
        ([DATES], [DATES[:1]]),
        ([_Pair(1, 2)], [_Pair(2, 1)]),
        ([pd.Series([1, 2])], [pd.Series([1, 2], index=[1, 2])]),
        ([pd.Series([1], name="a")], [pd.Series([1], name="b")]),
        ([pd.Series(["a"], dtype="str")], [pd.Series(["a"], dtype="object")]),
        ([BOTH], [BOTH.set_names(["zone_id", "day"])]),
        ([BOTH], [BOTH.swaplevel()]),
    ],
)
def test_other_values_have_another_digest(one: list[object], other: list[object]):
    assert digest_of(*one) != digest_of(*other)


def test_equal_values_have_one_digest_wherever_they_came_from():
    several = pd.concat([FRAME, FRAME])
    assert digest_of(FRAME) == digest_of(several.iloc[:2])
    assert digest_of(SQUARE) == digest_of(shapely.from_wkb(shapely.to_wkb(SQUARE)))
    assert digest_of(np.arange(6)[::2]) == digest_of(np.array([0, 2, 4]))
    assert digest_of(BOTH) == digest_of(BOTH[:4]) != digest_of(BOTH[:3])
    assert digest_of(None) == digest_of(pd.NA) == digest_of(pd.NaT)


def test_what_has_no_bytes_of_its_own_is_refused():
    with pytest.raises(TypeError, match="set has no bytes"):
        digest_of({1, 2})


def test_a_result_is_worked_out_once_and_only_where_results_are_kept():
    asked: list[int] = []

    def double(value: int) -> int:
        def make() -> int:
            asked.append(value)
            return 2 * value

        return kept("double", make, value)

    assert [double(1), double(1), asked] == [2, 2, [1, 1]]
    results = KeptResults()
    with using(results):
        assert [double(2), double(2), double(3)] == [4, 4, 6]
    assert asked == [1, 1, 2, 3]
    assert (results.found, results.made, len(results.results)) == (1, 2, 2)
    assert double(2) == 4
    assert asked[-1] == 2


def test_what_is_given_as_a_function_is_asked_only_where_results_are_kept():
    def never() -> int:
        raise AssertionError

    assert kept("question", lambda: 1, never) == 1
    with using(KeptResults()), pytest.raises(AssertionError):
        kept("question", lambda: 1, never)


def test_results_of_others_are_waited_for_when_the_first_is_needed():
    waited: list[str] = []

    def later() -> dict[bytes, int]:
        waited.append("once")
        return {digest_of("double", 1): 2}

    results = KeptResults(later=later)
    with using(results):
        assert waited == []
        assert kept("double", lambda: 0, 1) == 2
        assert kept("double", lambda: 4, 2) == 4
    assert waited == ["once"]
