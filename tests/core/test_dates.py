"""Days and moments as callers give them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kcngeo.core import dates


@pytest.mark.parametrize(
    "value",
    ["2018-03-31", dt.date(2018, 3, 31), pd.Timestamp("2018-03-31"), np.datetime64("2018-03-31")],
)
def test_a_day_may_be_given_in_many_ways(value: dates.Day) -> None:
    # 48 years with 12 leap days, then 31 + 28 + 31 - 1 days.
    assert dates.day_number(value) == 48 * 365 + 12 + 89


@pytest.mark.parametrize(
    "value",
    [
        "31/03/2018",
        "2018-03",
        "",
        None,
        pd.NaT,
        pd.Timestamp("2018-03-31 12:00"),
        20180331,
        pd.Timestamp("2018-03-31", tz="UTC"),
    ],
)
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(dates.DateError, match="must be a date without time of day"):
        dates.day(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known_at", "cutoff"),
    [
        # The end of 31 March in Viet Nam is 17:00 UTC, that moment not included.
        ("2018-03-31", "2018-03-31T16:59:59.999999+00:00"),
        (dt.date(2018, 3, 31), "2018-03-31T16:59:59.999999+00:00"),
        ("2018-03-31T08:00:00+07:00", "2018-03-31T01:00:00+00:00"),
        (pd.Timestamp("2018-03-31T01:00", tz="UTC"), "2018-03-31T01:00:00+00:00"),
    ],
)
def test_a_plain_date_means_its_end_in_viet_nam(known_at: object, cutoff: str) -> None:
    assert dates.moment(known_at) == pd.Timestamp(cutoff)


@pytest.mark.parametrize("known_at", ["2018-03-31T08:00:00", "soon", pd.NaT])
def test_a_time_of_day_needs_a_time_zone(known_at: object) -> None:
    with pytest.raises(dates.DateError, match="moment with a time zone"):
        dates.moment(known_at)


def test_reporting_dates_are_month_ends_with_both_ends_included() -> None:
    ends = dates.month_ends("2018-01-31", "2018-03-31")
    assert [f"{date:%Y-%m-%d}" for date in ends] == ["2018-01-31", "2018-02-28", "2018-03-31"]
    assert [f"{date:%Y-%m-%d}" for date in dates.month_ends("2018-01-31", "2018-03-30")] == [
        "2018-01-31",
        "2018-02-28",
    ]


def test_a_period_without_reporting_date_is_refused() -> None:
    with pytest.raises(dates.DateError, match="no reporting date"):
        dates.month_ends("2018-03-01", "2018-03-30")


@pytest.mark.parametrize("month", ["2020-02", "2020-02-01", dt.date(2020, 2, 29)])
def test_a_month_ends_on_its_last_day(month: object) -> None:
    assert dates.month_end(month) == pd.Timestamp("2020-02-29")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "is_covered"), [(9, False), (10, True), (11, True), (12, False), (13, False)]
)
def test_an_interval_holds_its_first_day_and_not_its_end(number: int, *, is_covered: bool):
    starts, ends = np.array([10, 10]), np.array([12, 12])
    assert dates.covers_day(10, 12, number) is is_covered
    assert dates.covers_day(starts, ends, number).tolist() == [is_covered] * 2
    assert dates.covers_day(10, 12, np.array([number])).tolist() == [is_covered]
    # No interval holds a day that ends before it begins, or on the day it begins.
    assert not dates.covers_day(12, 10, number)
    assert not dates.covers_day(number, number, number)


@pytest.mark.parametrize(
    ("start", "end", "is_covered"),
    [(None, None, True), (None, 10, False), (None, 11, True), (10, None, True), (11, None, False)],
)
def test_an_interval_without_a_bound_is_open_there(
    start: int | None, end: int | None, *, is_covered: bool
):
    assert dates.covers_day(start, end, 10) is is_covered
