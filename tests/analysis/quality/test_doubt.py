"""What is in doubt, added up: hectares by hand, and how far a rate may lie from what is printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcngeo.analysis.quality.doubt import NOWHERE, SIDES, Doubt, Fraction, summed_by_zone, together

MM2_PER_HA = 1e10
SIDES_HA = pd.DataFrame(
    [
        # let more, let less, rest more, rest less, base more, base less
        [0, 0, 0, 0, 0, 0],
        [1, 2, 0, 0, 1, 2],
        [0, 0, 3, 1, 3, 1],
        [0, 9, 0, 0, 0, 9],
        [0, 0, 0, 9, 0, 9],
        [9, 0, 0, 0, 9, 0],
    ],
    columns=[*SIDES],
)
# Of 4 of 10 ha: 5 ÷ 11, 2 ÷ 8; 4 ÷ 13, 4 ÷ 9; nothing is let; nothing else is left; 13 ÷ 19.
OF_PARCELS = [0, 0.4 - 2 / 8, 0.4 - 4 / 13, 0.4, 0.6, 13 / 19 - 0.4]
# Of a polygon of 10 ha it may be 2 ÷ 11, 5 ÷ 8; 4 ÷ 13, 4 ÷ 9; 0 ÷ 10, 1 ÷ 1 (no more is let than
# there is); 4 ÷ 10, 1 ÷ 1; 4 ÷ 19, 1 ÷ 1.
OF_POLYGON = [0, 5 / 8 - 0.4, 0.4 - 4 / 13, 0.6, 0.6, 0.6]


@pytest.mark.parametrize(
    ("on_whole_zone", "shares"), [(False, OF_PARCELS), (True, OF_POLYGON)], ids=["lots", "polygon"]
)
def test_a_rate_may_lie_as_far_as_the_farther_side(
    *, on_whole_zone: bool, shares: list[float]
) -> None:
    size = len(SIDES_HA)
    whole = Fraction(
        let=np.full(size, 4 * MM2_PER_HA),
        base=np.full(size, 10 * MM2_PER_HA),
        on_whole_zone=on_whole_zone,
    )
    found = whole.effects(SIDES_HA * MM2_PER_HA)
    assert [one.share for one in found] == pytest.approx(shares)
    # Nothing is added to a figure, however small: the same of 4 of 10 mm².
    tiny = Fraction(let=np.full(size, 4.0), base=np.full(size, 10.0), on_whole_zone=on_whole_zone)
    assert [one.share for one in tiny.effects(SIDES_HA)] == pytest.approx(shares)
    # The larger of both sides, of the let land and of the base.
    assert [one.leased_ha for one in found] == [0, 2, 0, 9, 0, 9]
    assert [one.base_ha for one in found] == [0, 2, 3, 9, 9, 9]


def test_a_zone_without_a_rate_has_hectares_in_doubt_alone() -> None:
    empty = Fraction(let=np.zeros(1), base=np.zeros(1), on_whole_zone=False)
    (one,) = empty.effects(SIDES_HA.iloc[[2]] * MM2_PER_HA)
    assert (one.leased_ha, one.base_ha, one.share) == (0, 3, None)


def doubt(rule: str, version: list[int], let: list[float], rest: list[float], **more: Any) -> Doubt:
    """A doubt about parcel versions, of which the even ones lie in zone 0, the others in zone 1."""
    at = np.array(version)
    names, zone = at.astype(str).astype(object), np.where(at == NOWHERE, 0, at % 2)
    figures = {"let_mm2": np.array(let, dtype="float64"), "rest_mm2": np.array(rest, dtype=float)}
    return Doubt(rule=rule, table="parcels", names=names, zone=zone, version=at, **figures, **more)


def test_what_one_side_gains_the_other_may_lose() -> None:
    moved = doubt("a", [0], [2], [-2]).sides()[[*SIDES]]
    assert moved.to_numpy().tolist() == [[2, 0, 0, 2, 0, 0]]  # the base stays
    either = doubt("a", [0, 2], [-3, 1], [2, 4], either=True).sides()[[*SIDES]]
    # It is land of one of the two, so the base moves by the larger alone.
    assert either.to_numpy().tolist() == [[0, 3, 2, 0, 0, 3], [1, 0, 4, 0, 4, 0]]


def test_of_one_parcel_the_largest_of_each_kind_counts_and_no_more_than_there_is() -> None:
    doubts = [
        doubt("size", [0, 2], [-3, 0], [0, 5], is_size=True),
        doubt("other size", [0], [-4], [0], is_size=True),
        # Two entries of one parcel lie beside each other.
        doubt("holder", [0, 0], [-1, -1], [1, 1]),
        doubt("fence", [NOWHERE], [0], [-7], is_size=True),
        doubt("size", [1], [6], [-8], is_size=True),
    ]
    # Parcel 0 has 5 ha let and 1 ha more, parcel 1 has 9 and 2 ha, parcel 2 nothing let of 5 ha.
    found = together(doubts, 3, own_let=np.array([5.0, 9, 0]), own_rest=np.array([1.0, 2, 5]))
    # Of parcel 0 at most 4 + 2 ha are not let, but it has 5; the polygon loses 7 ha beside that.
    assert found.loc[0, [*SIDES]].tolist() == [0, 5, 2 + 5, 7, 5, 4 + 7]
    assert found.loc[1, [*SIDES]].tolist() == [6, 0, 0, 2, 0, 2]
    assert found.loc[2, [*SIDES]].tolist() == [0] * 6
    plain = summed_by_zone(doubts[:2], 2)
    assert plain.loc[0, [*SIDES]].tolist() == [0, 7, 5, 0, 5, 7]
    assert plain.loc[1, [*SIDES]].tolist() == [0] * 6
    nothing = together([], 2, own_let=np.zeros(0), own_rest=np.zeros(0))
    assert nothing.to_numpy().tolist() == [[0] * 6] * 2
