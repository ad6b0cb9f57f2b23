"""The ledger: date rules as boundary tables, shares, contradictions, lineage, knowledge."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from kcngeo import ledger
from kcngeo.core.errors import ContractError, KcngeoWarning
from tests import squares

SHARES = [f"{part}_share" for part in (*ledger.PARTS, "available")]


def shares(entries: pd.DataFrame, *, on: str = "2018-03-31", **columns: object) -> dict[str, float]:
    """The shares of the one parcel P that are not 0."""
    state = ledger.state(squares.around(squares.parcels("P", **columns), ledger=entries), on=on)
    row = state.set_index("parcel_id").loc["P"]
    names = [*SHARES, "uncleared_held_share", "leased_uncleared_share"]
    return {name.removesuffix("_share"): row[name] for name in names if row[name]}


@pytest.mark.parametrize(
    ("on", "is_leased"),
    [
        ("2018-01-14", False),  # day before
        ("2018-01-15", True),  # first day
        ("2018-03-30", True),  # last day
        ("2018-03-31", False),  # end day: does not count any more
        ("2018-04-01", False),
    ],
)
def test_an_entry_holds_from_its_first_day_to_the_day_before_its_end(
    on: str, *, is_leased: bool
) -> None:
    entries = squares.ledger(("P", "leased", "2018-01-15", "2018-03-31"))
    assert shares(entries, on=on) == ({"leased": 1.0} if is_leased else {"available": 1.0})


@pytest.mark.parametrize("on", ["2018-01-15", "2090-01-01"])
def test_an_open_entry_holds_for_ever(on: str) -> None:
    assert shares(squares.ledger(("P", "leased", "2018-01-15")), on=on) == {"leased": 1.0}


@pytest.mark.parametrize(
    ("on", "in_force"),
    [
        ("2017-12-31", False),
        ("2018-01-01", True),
        ("2018-12-31", True),
        ("2019-01-01", False),
    ],
)
def test_a_parcel_version_is_in_force_from_to(on: str, *, in_force: bool) -> None:
    parcels = squares.parcels("P", valid_from=["2018-01-01"], valid_to=["2019-01-01"])
    assert len(ledger.state(squares.around(parcels, ledger=squares.ledger()), on=on)) == in_force


def test_one_tenure_may_end_on_the_day_the_next_begins() -> None:
    entries = squares.ledger(
        ("P", "reserved", "2018-01-01", "2018-02-01"), ("P", "leased", "2018-02-01")
    )
    assert shares(entries, on="2018-01-31") == {"reserved": 1.0}
    assert shares(entries, on="2018-02-01") == {"leased": 1.0}


def test_one_day_of_overlap_is_a_contradiction() -> None:
    entries = squares.ledger(
        ("P", "reserved", "2018-01-01", "2018-02-02"), ("P", "leased", "2018-02-01")
    )
    with pytest.raises(ContractError, match="parcel P is held twice over") as caught:
        shares(entries)
    problem = caught.value.problems[0]
    assert problem.rule == "tenures_overlap"
    assert problem.zone_ids == ("A",)
    assert problem.fields["start"] == "2018-02-01"
    assert problem.fields["end"] == "2018-02-02"
    assert problem.ids == (
        "P reserved 2018-01-01–2018-02-02",
        "P leased 2018-02-01–…",
    )


def test_at_once_means_in_both_times() -> None:
    entries = squares.ledger(
        ("P", "reserved", "2018-01-01"),
        ("P", "leased", "2018-01-01"),
        recorded_at=["2018-01-05T00:00Z", "2018-06-01T00:00Z"],
        superseded_at=["2018-06-01T00:00Z", None],
    )
    parcels = squares.parcels("P")
    known = {
        known_at: ledger.state(
            squares.around(parcels, ledger=entries, known_at=known_at), on="2018-03-31"
        )["status"].item()
        for known_at in ("2018-01-01", "2018-05-31", "2018-06-01", None)
    }
    assert known == {
        "2018-01-01": "available",
        "2018-05-31": "reserved",
        "2018-06-01": "leased",
        None: "leased",
    }


def test_parts_of_a_lot() -> None:
    # "1 phần lô CN9: 8,36 ha": here 0.6 ha let and 0.25 ha reserved of a lot of 1 ha.
    entries = squares.ledger(
        ("P", "leased", "2018-01-01", None, 0.6), ("P", "reserved", "2018-01-01", None, 0.25)
    )
    assert shares(entries) == pytest.approx({"leased": 0.6, "reserved": 0.25, "available": 0.15})


def test_a_square_millimetre_of_a_hundred_hectares_is_a_share() -> None:
    # 1 mm² of 100 ha, 1e12 mm², is a trillionth; nothing of the lot is cleared.
    lot = squares.parcels("P").set_geometry([squares.square(0, wide=100)], crs=squares.CRS)
    entries = squares.ledger(
        ("P", "leased", "2018-01-01", None, 1e-10), ("P", "uncleared", "2018-01-01")
    )
    state = ledger.state(squares.around(lot, ledger=entries), on="2018-03-31").iloc[0]
    assert [state["leased_share"], state["leased_uncleared_share"]] == [1e-12, 1e-12]


@pytest.mark.parametrize(("part_ha", "area_mm2"), [(1e-10, 1), (None, 1_000_000)])
def test_of_a_square_metre_contracts_are_all_however_small(
    part_ha: float | None, area_mm2: int
) -> None:
    lot = squares.parcels("P").set_geometry(
        [squares.square(0, wide=0.01, high=0.01)], crs=squares.CRS
    )
    entries = squares.ledger(("P", "leased", "2018-01-01", None, part_ha))
    assert squares.around(lot, ledger=entries).areas_mm2("grid").tolist() == [area_mm2]


@pytest.mark.parametrize("certificate_m2", [8_000.0, 10_000.0, 100_000.0, None])
def test_a_part_holds_its_hectares_whatever_the_certificate_says(
    certificate_m2: float | None,
) -> None:
    entries = squares.ledger(("P", "leased", "2018-01-01", None, 0.6))
    # 0.6 of the 1 ha that is drawn, also where the certificate was typed ten times too large.
    assert shares(entries, certificate_area_m2=[certificate_m2])["leased"] == pytest.approx(0.6)


def test_parts_are_held_against_the_larger_of_certificate_and_drawn_area() -> None:
    entries = squares.ledger(("P", "leased", "2018-01-01", None, 1.2))
    # 1.2 ha fit into a certificate of 1.25 ha; of the 1 ha that is drawn they are all.
    assert shares(entries, certificate_area_m2=[12_500.0]) == {"leased": 1.0}
    with pytest.raises(ContractError, match="is held for 120"):
        shares(entries, certificate_area_m2=[8_000.0])


@pytest.mark.parametrize(
    ("parts", "is_scaled"),
    [
        ((0.5, 0.5), False),
        # A billionth of 1 ha, 10 mm², is rounding; twice that is not.
        ((0.5, 0.500000001), False),
        ((0.5, 0.500000002), True),
        ((0.5, 0.504), True),
        ((0.5, 0.505), True),
    ],
)
def test_a_little_too_much_is_scaled_and_told(
    parts: tuple[float, float], *, is_scaled: bool
) -> None:
    entries = squares.ledger(
        ("P", "leased", "2018-01-01", None, parts[0]),
        ("P", "reserved", "2018-01-01", None, parts[1]),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = shares(entries)
    total = sum(parts)
    assert found == pytest.approx({"leased": parts[0] / total, "reserved": parts[1] / total})
    assert [one.category for one in caught] == ([KcngeoWarning] if is_scaled else [])


def test_too_much_is_a_contradiction() -> None:
    entries = squares.ledger(
        ("P", "leased", "2018-01-01", None, 0.5), ("P", "reserved", "2018-01-01", None, 0.506)
    )
    with pytest.raises(ContractError, match=r"parcel P is held for 100\.60 % of its area"):
        shares(entries)
    with pytest.raises(ContractError, match=r"parcel P is held for 101\.00 % of its area"):
        shares(squares.ledger(("P", "leased", "2018-01-01", None, 1.01)))


def test_an_area_typed_in_another_unit_is_told_up_to_a_hundred_thousand_lots() -> None:
    entries = squares.ledger(("P", "leased", "2018-01-01", None, 200_000.0))
    with pytest.raises(ContractError) as caught:
        shares(entries)
    assert [one.fields["share"] for one in caught.value.problems] == ["10000000.00%"]


def test_uncleared_runs_beside_a_tenure_and_takes_the_free_rest_first() -> None:
    whole = squares.ledger(("P", "leased", "2018-01-01"), ("P", "uncleared", "2017-01-01"))
    assert shares(whole) == {"leased": 1.0, "uncleared_held": 1.0, "leased_uncleared": 1.0}
    assert shares(whole, on="2017-06-30") == {"uncleared": 1.0}
    # 0.6 let, 0.7 uncleared: 0.4 of it lies on the free rest, 0.3 under the lease.
    part = squares.ledger(
        ("P", "leased", "2018-01-01", None, 0.6), ("P", "uncleared", "2018-01-01", None, 0.7)
    )
    assert shares(part) == pytest.approx(
        {"leased": 0.6, "uncleared": 0.4, "uncleared_held": 0.3, "leased_uncleared": 0.3}
    )


def test_what_is_held_uncleared_is_shared_out_pro_rata() -> None:
    entries = squares.ledger(
        ("P", "leased", "2018-01-01", None, 0.6),
        ("P", "reserved", "2018-01-01", None, 0.2),
        ("P", "uncleared", "2018-01-01", None, 0.4),
    )
    # 0.2 is free and taken first; of the other 0.2, 6 parts of 8 lie under the lease.
    assert shares(entries) == pytest.approx(
        {
            "leased": 0.6,
            "reserved": 0.2,
            "uncleared": 0.2,
            "uncleared_held": 0.2,
            "leased_uncleared": 0.15,
        }
    )


def test_two_whole_clearances_at_once_are_a_contradiction() -> None:
    entries = squares.ledger(("P", "uncleared", "2017-01-01"), ("P", "uncleared", "2018-01-01"))
    with pytest.raises(ContractError, match="held twice over"):
        shares(entries)


def test_every_contradiction_is_listed_at_once() -> None:
    parcels = squares.parcels(
        "P",
        "Q",
        "R",
        "S",
        "S",
        valid_from=[None, None, None, None, "2017-01-01"],
        valid_to=[None, None, "2018-01-01", "2018-01-01", None],
    )
    entries = squares.ledger(
        ("P", "leased", "2018-01-01"),
        ("P", "reserved", "2018-02-01"),
        ("Q", "leased", "2018-01-01", None, 1.2),
        ("R", "leased", "2017-01-01"),
        ("X", "leased", "2017-01-01"),
    )
    with pytest.raises(ContractError) as caught:
        ledger.state(squares.around(parcels, ledger=entries), on="2018-03-31")
    assert sorted(problem.rule for problem in caught.value.problems) == [
        "entry_outlives_parcel",
        "over_allocated",
        "tenures_overlap",
        "unknown_parcel",
        "versions_overlap",
    ]
    assert str(caught.value).startswith("5 problems in the tables; nothing was computed:")
    assert "mục ghi cho lô không tồn tại: X đã cho thuê 01/01/2017–…" in caught.value.message("vi")


@pytest.mark.parametrize(
    ("valid_to", "good"),
    [("2017-12-31", True), ("2018-01-01", True), ("2018-01-02", False), (None, False)],
)
def test_an_entry_must_not_outlive_its_parcel(valid_to: str | None, *, good: bool) -> None:
    parcels = squares.parcels(
        "P",
        "P1",
        "P2",
        valid_from=[None, "2018-01-01", "2018-01-01"],
        valid_to=["2018-01-01", None, None],
        parents=[None, "P", "O|P"],
    )
    entries = squares.ledger(("P", "leased", "2017-01-01", valid_to))
    if good:
        assert len(ledger.state(squares.around(parcels, ledger=entries), on="2018-03-31")) == 2
    else:
        with pytest.raises(
            ContractError, match=r"which ends 1 Jan 2018: .* children are: P1, P2\."
        ):
            ledger.state(squares.around(parcels, ledger=entries), on="2018-03-31")


def test_an_entry_goes_on_through_versions_of_its_parcel() -> None:
    parcels = squares.parcels(
        "P", "P", valid_from=[None, "2018-01-01"], valid_to=["2018-01-01", None]
    )
    # The second version is measured anew: twice as wide.
    parcels.loc[1, "geometry"] = squares.square(1, wide=2)
    entries = squares.ledger(("P", "leased", "2017-01-01", None, 0.5))
    before = ledger.state(squares.around(parcels, ledger=entries), on="2017-12-31")
    after = ledger.state(squares.around(parcels, ledger=entries), on="2018-01-01")
    assert before["leased_share"].tolist() == [0.5]
    assert after["leased_share"].tolist() == [0.25]


def test_an_entry_older_than_its_parcel_counts_from_the_parcels_first_day() -> None:
    parcels = squares.parcels("P", valid_from=["2018-01-01"])
    snapshot = squares.around(parcels, ledger=squares.ledger(("P", "leased", "2017-01-01")))
    assert [one.rule for one in snapshot.allocations.findings] == ["entry_precedes_parcel"]
    assert len(ledger.state(snapshot, on="2017-12-31")) == 0


def test_the_state_names_the_largest_part() -> None:
    parcels = squares.parcels("P", "Q", "R", use=["industrial", "green", "service"])
    entries = squares.ledger(
        ("P", "reserved", "2018-01-01", None, 0.7), ("R", "leased", "2018-01-01")
    )
    state = ledger.state(squares.around(parcels, ledger=entries), on="2018-03-31")
    assert state["status"].tolist() == ["reserved", "available", "leased"]
    assert (state[SHARES].sum(axis=1) == 1).all()
    assert state.crs == parcels.crs


def test_inputs_are_not_changed_and_the_index_is_kept() -> None:
    parcels = squares.parcels("P", "Q").set_index(pd.Index(["x", "y"]))
    entries = squares.ledger(("Q", "leased", "2018-01-01"))
    before = parcels.copy(), entries.copy()
    state = ledger.state(squares.around(parcels, ledger=entries), on="2018-03-31")
    assert state.index.tolist() == ["x", "y"]
    pd.testing.assert_frame_equal(parcels, before[0])
    pd.testing.assert_frame_equal(entries, before[1])


def test_an_empty_ledger_leaves_everything_available() -> None:
    assert shares(squares.ledger()) == {"available": 1.0}


def test_a_part_of_a_parcel_without_an_area_is_refused() -> None:
    parcels = squares.parcels("P", "Q")
    parcels.loc[0, "geometry"] = None
    entries = squares.ledger(("P", "leased", "2018-01-01", None, 0.5))
    with pytest.raises(ContractError, match="a part of P is held, but the parcel has neither"):
        ledger.state(squares.around(parcels, ledger=entries), on="2018-03-31")
