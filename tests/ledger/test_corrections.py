"""Append, correct, history: nothing known before is ever lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcngeo import Project, fill, ledger
from kcngeo.core.errors import ContractError, KcngeoError
from tests import squares

OLD, NEW = "2018-01-05T00:00:00Z", "2020-01-05T00:00:00Z"


def recorded(*entries: tuple[Any, ...]) -> pd.DataFrame:
    """A ledger recorded on 5 January 2018, with ids e0, e1, …"""
    ids = [f"e{number}" for number in range(len(entries))]
    return squares.ledger(*entries, entry_id=ids, recorded_at=OLD)


def stored(entries: pd.DataFrame, *ids: str) -> Project:
    """A project of zone A with lot P, or those named."""
    parcels = squares.parcels(*(ids or ("P",)))
    return Project(zones=squares.zones("A"), parcels=parcels, ledger=entries)


def spans(project: Project) -> list[tuple[str, str, str]]:
    """Status and interval of the rows on record, by time."""
    rows = project.as_known().ledger.sort_values("valid_from")
    return [
        (
            row.status,
            f"{row.valid_from:%m-%d}",
            "…" if pd.isna(row.valid_to) else f"{row.valid_to:%m-%d}",
        )
        for row in rows.itertuples()
    ]


def test_a_correction_adds_a_row_and_no_column_of_its_own() -> None:
    entries = recorded(("P", "reserved", "2018-03-10"))
    # As read from a store that numbers its rows otherwise.
    before = stored(entries.set_axis([7], axis=0))
    better = pd.DataFrame({"entry_id": ["e0"], "status": ["leased"]})
    after = ledger.correct(before, better, recorded_at=NEW).ledger
    assert after["status"].tolist() == ["reserved", "leased"]
    assert after.index.tolist() == [0, 1]
    assert {*after.columns} == {*entries.columns, "superseded_at"}


# The older entry is reserved from 10 to 20 March; the new one is leased. Allen's thirteen relations
# of the new interval to the older, and what is left of the older beside the new.
ALLEN = [
    ("before", "03-01", "03-05", [("03-10", "03-20")]),
    ("meets", "03-01", "03-10", [("03-10", "03-20")]),
    ("overlaps", "03-05", "03-15", [("03-15", "03-20")]),
    ("starts", "03-10", "03-15", [("03-15", "03-20")]),
    ("during", "03-12", "03-15", [("03-10", "03-12"), ("03-15", "03-20")]),
    ("finishes", "03-15", "03-20", [("03-10", "03-15")]),
    ("equals", "03-10", "03-20", []),
    ("finished by", "03-05", "03-20", []),
    ("contains", "03-05", "03-25", []),
    ("started by", "03-10", "03-25", []),
    ("overlapped by", "03-15", "03-25", [("03-10", "03-15")]),
    ("met by", "03-20", "03-25", [("03-10", "03-20")]),
    ("after", "03-22", "03-25", [("03-10", "03-20")]),
]


@pytest.mark.parametrize(("relation", "start", "end", "left"), ALLEN, ids=[row[0] for row in ALLEN])
def test_a_new_entry_takes_the_place_of_an_older_one(
    relation: str, start: str, end: str, left: list[tuple[str, str]]
) -> None:
    before = stored(recorded(("P", "reserved", "2018-03-10", "2018-03-20")))
    entries = squares.ledger(("P", "leased", f"2018-{start}", f"2018-{end}"))
    after = ledger.append(before, entries, recorded_at=NEW, replace=True)
    expected = sorted(
        [("leased", start, end), *(("reserved", *span) for span in left)], key=lambda row: row[1]
    )
    assert spans(after) == expected
    # What was known before still is known as of then.
    assert len(after.ledger) >= 2
    assert after.ledger.loc[0, "valid_to"] == pd.Timestamp("2018-03-20")
    # Without replacing, meeting is no contradiction, and any shared day is one.
    apart = left == [("03-10", "03-20")]
    assert apart == (relation in {"before", "meets", "met by", "after"})
    if apart:
        assert len(ledger.append(before, entries, recorded_at=NEW).ledger) == 2
    else:
        with pytest.raises(ContractError, match="held twice over"):
            ledger.append(before, entries, recorded_at=NEW)


def test_an_open_entry_is_cut_at_both_ends() -> None:
    after = ledger.append(
        stored(recorded(("P", "reserved", "2018-03-10"))),
        squares.ledger(("P", "leased", "2018-04-01", "2018-05-01")),
        recorded_at=NEW,
        replace=True,
    )
    assert spans(after) == [
        ("reserved", "03-10", "04-01"),
        ("leased", "04-01", "05-01"),
        ("reserved", "05-01", "…"),
    ]
    # The moment of the next record is all that comes along.
    own = set(recorded(("P", "reserved", "2018-03-10")).columns)
    assert set(after.ledger.columns) - own == {"superseded_at"}


def test_tenure_replaces_tenure_and_clearance_clearance() -> None:
    after = ledger.append(
        stored(recorded(("P", "uncleared", "2018-01-01"), ("P", "reserved", "2018-01-01"))),
        squares.ledger(
            ("P", "leased", "2018-04-01"), ("P", "uncleared", "2018-06-01", "2018-07-01")
        ),
        recorded_at=NEW,
        replace=True,
    )
    assert sorted(spans(after)) == [
        ("leased", "04-01", "…"),
        ("reserved", "01-01", "04-01"),
        ("uncleared", "01-01", "06-01"),
        ("uncleared", "06-01", "07-01"),
        ("uncleared", "07-01", "…"),
    ]


def test_what_is_replaced_whole_leaves_nothing_and_is_not_cut_again() -> None:
    lots = ("P", "Q")
    before = stored(
        recorded(
            ("P", "leased", "2018-01-01"),
            ("Q", "recovering", "2017-01-01", "2017-02-01"),  # before all that comes
            ("Q", "reserved", "2018-03-10"),
        ),
        *lots,
    )
    lease = squares.ledger(("Q", "leased", "2018-03-10"))
    once = ledger.append(before, lease, recorded_at=NEW, replace=True)
    assert once.ledger["parcel_id"].tolist() == ["P", "Q", "Q", "Q"]
    ended = squares.ledger(("Q", "recovering", "2018-05-01"))
    again = ledger.append(once, ended, recorded_at="2021-01-01", replace=True)
    assert spans(again) == [
        ("recovering", "01-01", "02-01"),
        ("leased", "01-01", "…"),
        ("leased", "03-10", "05-01"),
        ("recovering", "05-01", "…"),
    ]
    # The reservation was superseded by the lease, and still is.
    assert again.ledger.index.tolist() == list(range(len(again.ledger)))
    rows = again.ledger[again.ledger["status"] == "reserved"]
    assert rows["superseded_at"].tolist() == [pd.Timestamp(NEW)]


def test_a_correction_supersedes_and_never_edits() -> None:
    before = stored(recorded(("P", "leased", "2018-03-10", None, 0.5)))
    corrections = pd.DataFrame(
        {"entry_id": ["e0"], "part_area_ha": [0.6], "valid_to": ["2019-01-01"]}
    )
    corrected = ledger.correct(before, corrections, recorded_at=NEW)
    after = corrected.ledger
    assert after["entry_id"].tolist() == ["e0", "e0"]
    assert after["part_area_ha"].tolist() == [0.5, 0.6]
    assert after["superseded_at"].isna().tolist() == [False, True]
    assert after["recorded_at"].tolist() == [pd.Timestamp(OLD), pd.Timestamp(NEW)]
    pd.testing.assert_frame_equal(before.ledger, recorded(("P", "leased", "2018-03-10", None, 0.5)))
    opened = ledger.correct(
        corrected,
        pd.DataFrame({"entry_id": ["e0"], "valid_to": [None]}),
        recorded_at="2021-01-01",
    )
    assert spans(opened) == [("leased", "03-10", "…")]
    assert len(opened.ledger) == 3


def test_an_entry_may_be_withdrawn() -> None:
    before = stored(recorded(("P", "leased", "2018-03-10")))
    after = ledger.correct(
        before,
        pd.DataFrame({"entry_id": []}, dtype="str"),
        recorded_at=NEW,
        withdrawn=["e0"],
    )
    assert spans(after) == []
    assert len(after.as_known("2019-12-31").ledger) == 1


@pytest.mark.parametrize("ids", [["nobody"], ["e0", "e0"]])
def test_only_what_is_on_record_once_can_be_corrected(ids: list[str]) -> None:
    with pytest.raises(KcngeoError, match=f"not on record, or named twice: {ids[0]}"):
        ledger.correct(
            stored(recorded(("P", "leased", "2018-03-10"))),
            pd.DataFrame({"entry_id": ids, "status": "reserved"}),
            recorded_at=NEW,
        )


def test_nothing_is_recorded_into_the_past() -> None:
    before = stored(recorded(("P", "leased", "2018-03-10", "2018-04-01")))
    entries = squares.ledger(("P", "reserved", "2018-05-01"))
    with pytest.raises(KcngeoError, match="a later moment is needed"):
        ledger.append(before, entries, recorded_at=OLD)
    after = ledger.append(before, entries).ledger
    assert pd.Timestamp.now("UTC") - after["recorded_at"].iloc[-1] < pd.Timedelta(minutes=5)


def test_what_does_not_fit_is_refused_and_the_ledger_stays() -> None:
    before = stored(recorded(("P", "leased", "2018-03-10")))
    for entries in (
        squares.ledger(("X", "leased", "2018-03-10")),
        squares.ledger(("P", "let", "2018-03-10")),
        squares.ledger(("P", "reserved", "2018-03-10")),
    ):
        with pytest.raises(ContractError):
            ledger.append(before, entries, recorded_at=NEW)
    assert spans(before) == [("leased", "03-10", "…")]


step = st.tuples(
    st.sampled_from(["leased", "reserved", "recovering"]),
    st.integers(0, 300),
    st.one_of(st.none(), st.integers(1, 100)),
)


@settings(max_examples=25)
@given(st.lists(step, min_size=1, max_size=5), st.data())
def test_reports_as_known_then_never_change(steps: Any, data: Any) -> None:
    project, seen = stored(recorded(("P", "leased", "2018-01-01")), "P", "Q"), {}
    for number, (status, start, length) in enumerate(steps):
        first = pd.Timestamp("2018-01-01") + pd.Timedelta(days=start)
        last = None if length is None else first + pd.Timedelta(days=length)
        name = data.draw(st.sampled_from(["P", "Q"]))
        moment = pd.Timestamp(f"{2019 + number}-06-01", tz="UTC")
        entries = squares.ledger((name, status, first, last))
        project = ledger.append(project, entries, recorded_at=moment, replace=True)
        seen[moment] = fill.fill_series(
            project.as_known(),
            start="2018-01-31",
            end="2018-12-31",
            definition="nd35-2022",
        )
    for moment, report in seen.items():
        again = fill.fill_series(
            project.as_known(moment),
            start="2018-01-31",
            end="2018-12-31",
            definition="nd35-2022",
        )
        pd.testing.assert_frame_equal(again, report)


@settings(max_examples=25)
@given(st.permutations(range(4)))
def test_the_order_of_appends_does_not_matter(order: list[int]) -> None:
    entries = [
        ("P", "reserved", "2018-01-01", "2018-03-01"),
        ("P", "leased", "2018-03-01"),
        ("Q", "leased", "2018-02-01", None, 0.4),
        ("Q", "uncleared", "2017-01-01", "2018-06-01"),
    ]
    project = stored(recorded(), "P", "Q")
    for number, place in enumerate(order):
        project = ledger.append(
            project,
            squares.ledger(entries[place]),
            recorded_at=f"2019-01-{number + 1:02d}",
        )
    period = {"start": "2018-01-31", "end": "2018-12-31", "definition": "cleared"}
    expected = fill.fill_series(stored(squares.ledger(*entries), "P", "Q").as_known(), **period)
    pd.testing.assert_frame_equal(fill.fill_series(project.as_known(), **period), expected)


def lineage() -> Project:
    """P is split into P1 and P2; P2 and Q are merged into R. One entry was corrected."""
    parcels = squares.parcels(
        "P",
        "P1",
        "P2",
        "Q",
        "R",
        valid_from=[None, "2018-01-01", "2018-01-01", None, "2019-01-01"],
        valid_to=["2018-01-01", None, "2019-01-01", "2019-01-01", None],
        parents=[None, "P", "P", None, "P2|Q"],
    )
    entries = squares.ledger(
        ("P", "leased", "2015-01-01", "2018-01-01"),
        ("P1", "leased", "2018-01-01", None, 0.5),
        ("P1", "leased", "2018-01-01", None, 0.6),
        ("R", "reserved", "2019-06-01"),
        document=["Hợp đồng 1", None, "Hợp đồng 2", None],
        recorded_at=[OLD, OLD, NEW, NEW],
        superseded_at=[None, NEW, None, None],
    )
    return Project(zones=squares.zones("A"), parcels=parcels, ledger=entries)


def test_the_history_of_a_lot_tells_what_it_came_from_and_became() -> None:
    rows = ledger.history(lineage(), "P2")
    assert rows[["parcel_id", "relation", "kind", "what"]].to_numpy().tolist() == [
        ["P", "ancestor", "version", "industrial"],
        ["P", "ancestor", "entry", "leased"],
        ["P2", "self", "version", "industrial"],
        ["R", "descendant", "version", "industrial"],
        ["R", "descendant", "entry", "reserved"],
    ]
    with pytest.raises(KcngeoError, match="there is no parcel X"):
        ledger.history(lineage(), "X")


def test_history_as_known_then() -> None:
    now = ledger.history(lineage(), "P1")
    then = ledger.history(lineage(), "P1", known_at="2019-12-31")
    assert now["area_ha"].dropna().tolist() == [1.0, 1.0, 0.5, 0.6]
    assert then["area_ha"].dropna().tolist() == [1.0, 1.0, 0.5]


def test_a_timeline_in_words() -> None:
    rows = ledger.history(lineage(), "P1")
    assert ledger.timeline(rows, language="vi").split("\n") == [
        "P (lô trước đó)",
        "  … – 01/01/2018 · đất công nghiệp · 1,0000 ha",
        "  01/01/2015 – 01/01/2018 · đã cho thuê · Hợp đồng 1",
        "P1 (lô này)",
        "  01/01/2018 – … · đất công nghiệp · 1,0000 ha",
        "  01/01/2018 – … · đã cho thuê · 0,5000 ha · đã thay thế ngày 05/01/2020",
        "  01/01/2018 – … · đã cho thuê · 0,6000 ha · Hợp đồng 2",
    ]
    assert "  1 Jan 2015 – 1 Jan 2018 · leased · Hợp đồng 1" in ledger.timeline(rows, language="en")


def test_splitting_a_lot_changes_no_total() -> None:
    parcels = squares.parcels(
        "P",
        "P1",
        "P2",
        valid_from=[None, "2018-06-01", "2018-06-01"],
        valid_to=["2018-06-01", None, None],
        parents=[None, "P", "P"],
    )
    parcels.loc[0, "geometry"] = squares.square(1, wide=2)
    entries = squares.ledger(
        ("P", "leased", "2015-01-01", "2018-06-01"),
        ("P1", "leased", "2018-06-01"),
        ("P2", "leased", "2018-06-01"),
    )
    series = fill.fill_series(
        squares.known(squares.zones("A"), parcels, entries),
        start="2018-05-31",
        end="2018-06-01",
        freq="D",
        definition="nd164-2013",
    )
    assert series[["leased_ha", "base_ha"]].to_numpy().tolist() == [[2.0, 2.0], [2.0, 2.0]]
