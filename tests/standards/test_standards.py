"""The registry: when each law is in force, how well it is verified, codes that PROJ confirms."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pyproj
import pytest

from kcngeo import standards
from kcngeo.core.dates import DateError
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import Severity, Verified

DEFINITIONS = ["nd164-2013", "nd82-2018", "nd35-2022", "cleared", "gross"]
PROVINCES = [
    name for name in standards.names() if isinstance(standards.load(name), standards.Province)
]


@pytest.mark.parametrize(
    ("name", "on", "in_force"),
    [
        ("nd164-2013", "2013-12-31", False),
        ("nd164-2013", "2014-01-01", True),
        ("nd164-2013", "2018-07-09", True),
        ("nd164-2013", "2018-07-10", False),
        ("nd82-2018", "2018-07-09", False),
        ("nd82-2018", "2018-07-10", True),
        ("nd82-2018", "2022-07-14", True),
        ("nd82-2018", "2022-07-15", False),
        ("nd35-2022", "2022-07-14", False),
        ("nd35-2022", "2022-07-15", True),
        ("nd35-2022", "2090-01-01", True),
        ("cleared", "2018-03-31", False),
        ("gross", "2018-03-31", False),
    ],
)
def test_a_definition_is_law_from_its_first_day_to_the_day_before_its_end(
    name: str, on: str, *, in_force: bool
) -> None:
    assert standards.load(name).is_in_force(on) is in_force
    assert standards.load(name).is_in_force(dt.date.fromisoformat(on)) is in_force


@pytest.mark.parametrize(
    ("on", "name"),
    [
        ("1990-01-01", "nd164-2013"),
        ("2013-12-31", "nd164-2013"),
        ("2014-01-01", "nd164-2013"),
        ("2018-07-09", "nd164-2013"),
        ("2018-07-10", "nd82-2018"),
        ("2022-07-14", "nd82-2018"),
        ("2022-07-15", "nd35-2022"),
        ("2090-01-01", "nd35-2022"),
    ],
)
def test_the_default_is_the_law_of_the_day(on: str, name: str) -> None:
    chosen = standards.fill_definition(None, on=on)
    assert chosen.name == name
    assert chosen.is_in_force(on) is (on >= "2014-01-01")
    # Any other may be asked for on any day.
    assert standards.fill_definition("gross", on=on).name == "gross"


def test_every_day_since_the_first_law_has_exactly_one() -> None:
    laws = [one for one in standards.fill_definitions() if one.in_force_from is not None]
    for one, following in pairwise(laws):
        assert one.in_force_to == following.in_force_from
    assert laws[-1].in_force_to is None


@pytest.mark.parametrize(
    ("name", "on", "language", "label"),
    [
        ("nd164-2013", "2014-01-01", "en", "Decree 164/2013/ND-CP"),
        ("nd164-2013", "2013-12-31", "en", "Decree 164/2013/ND-CP (not in force on this date)"),
        (
            "nd82-2018",
            "2018-07-10",
            "vi",
            "Nghị định 82/2018/NĐ-CP (theo nguồn thứ cấp)",
        ),
        (
            "nd82-2018",
            "2022-07-15",
            "en",
            "Decree 82/2018/ND-CP (not in force on this date, from a secondary source)",
        ),
        ("cleared", "2018-03-31", "en", "On cleared land (no law)"),
        ("gross", "2018-03-31", "en", "On the whole zone (no law, not verified)"),
    ],
)
def test_a_label_says_what_limits_the_definition(
    name: str, on: str, language: str, label: str
) -> None:
    assert standards.load(name).label(on=on, language=language) == label


def each(uses: tuple[str, ...], items: dict[str, float]) -> dict[tuple[str, str], float]:
    """Weigh items alike for every land use."""
    return {(use, item): weight for use in uses for item, weight in items.items()}


def test_definitions_as_they_were_read() -> None:
    one, both = ("industrial",), ("industrial", "service")
    leased = {"leased": 1}
    weights = {
        "nd164-2013": (one, leased, {"leasable": 1}, Verified.OFFICIAL),
        "nd82-2018": (one, leased, {"leasable": 1}, Verified.SECONDARY),
        "nd35-2022": (both, leased, {"leasable": 1}, Verified.OFFICIAL),
        "cleared": (
            one,
            {"leased": 1, "leased_uncleared": -1},
            {"leasable": 1, "uncleared": -1, "uncleared_held": -1},
            Verified.OFFICIAL,
        ),
    }
    expected = {
        name: (uses, *(each(uses, items) for items in (upper, lower)), verified)
        for name, (uses, upper, lower, verified) in weights.items()
    }
    expected["gross"] = (both, each(both, leased), {("", "zone"): 1}, Verified.UNVERIFIED)
    assert {
        one.name: (one.uses, one.numerator, one.base, one.verified)
        for one in standards.fill_definitions()
    } == expected
    assert [one.name for one in standards.fill_definitions()] == DEFINITIONS
    # A reading counts the same land, less what no licensed investor holds.
    strict = standards.fill_definition("nd35-2022-strict", on="2023-12-31")
    assert (strict.reading_of, strict.base) == ("nd35-2022", expected["nd35-2022"][2])
    assert strict.numerator == each(both, {"leased": 1, "leased_unlicensed": -1})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nd164-2013", ["Art. 2(8)", "leased or sub-leased", "industrial land of the zone"]),
        ("nd82-2018", ["82/2018", "Art. 2(12)"]),
        ("nd35-2022", ["35/2022", "Art. 2(22)", "industrial and service land"]),
        ("cleared", ["notices of 2018 and 2022", "compensated and cleared"]),
        ("gross", ["press"]),
        ("lam-dong", ["cadastral data"]),
    ],
)
def test_sources_say_where_a_figure_stands(name: str, words: list[str]) -> None:
    entry = standards.load(name)
    assert [word for word in words if word not in entry.source] == []


def test_what_was_only_recalled_says_so() -> None:
    assert "recalled" in standards.load("nd164-2013").note
    assert "10 Jul 2018, is recalled" in standards.load("nd82-2018").note


@pytest.mark.parametrize("name", standards.names())
def test_every_entry_has_a_source_a_mark_and_a_title_in_both_languages(name: str) -> None:
    entry = standards.load(name)
    assert entry.name == name
    assert len(entry.source) > 10
    assert entry.verified in set(Verified)
    assert set(entry.title) == {"vi", "en"}
    assert all(entry.title.values())
    # A law that ends began before.
    if entry.in_force_from is not None and entry.in_force_to is not None:
        assert entry.in_force_from < entry.in_force_to
    # Dated: a first day, or it is no law, or nobody read it and it says so; so of the end.
    assert entry.edition
    assert dt.date(2026, 11, 1) <= entry.checked_on <= dt.date(2026, 12, 31)
    assert (entry.in_force_from is None) is (not entry.is_law or "in_force_from" in entry.unread)
    assert entry.is_law or (entry.in_force_to is None and entry.unread == ())
    # Read in Vietnam: what is said in English is said in Vietnamese too.
    assert entry.cited("vi") != entry.cited("en")
    assert bool(entry.remark("vi")) == bool(entry.remark("en"))
    assert not entry.note or entry.remark("vi") != entry.note


@pytest.mark.parametrize("name", PROVINCES)
def test_the_code_of_a_province_has_its_central_meridian(name: str) -> None:
    province = standards.load(name)
    crs = pyproj.CRS.from_epsg(province.epsg)
    conversion = crs.to_json_dict()["conversion"]
    parameters = {one["name"]: one["value"] for one in conversion["parameters"]}
    assert parameters["Longitude of natural origin"] == pytest.approx(province.central_meridian)
    assert parameters["Scale factor at natural origin"] == 0.9999
    assert parameters["False easting"] == 500_000
    assert crs.name.startswith("VN-2000 / TM-3")
    assert crs.geodetic_crs is not None
    assert crs.geodetic_crs.to_epsg() == 4756
    assert province.verified is Verified.SECONDARY


def test_lam_dong_is_kept_on_107_45() -> None:
    province = standards.load("lam-dong")
    assert (province.title["vi"], province.central_meridian, province.epsg) == (
        "Lâm Đồng",
        107.75,
        5899,
    )
    assert len(PROVINCES) > 40


def test_an_unknown_name_is_told_with_the_names_there_are() -> None:
    with pytest.raises(standards.StandardError, match='no entry "nd99"') as caught:
        standards.load("nd99")
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, KcngeoError)
    for language in ("vi", "en"):
        message = caught.value.message(language)
        assert [name for name in standards.names() if name not in message] == []


@pytest.mark.parametrize("name", ["nd99", "lam-dong", ""])
def test_what_is_no_definition_is_told_with_the_definitions(name: str) -> None:
    listed = r"nd82-2018 \| nd35-2022 \| nd35-2022-strict \| cleared \| gross"
    with pytest.raises(standards.StandardError, match=f'"{name}" is no definition.*{listed}'):
        standards.fill_definition(name, on="2018-03-31")


def test_a_day_that_is_no_day_is_refused() -> None:
    with pytest.raises(DateError, match="on must be a date"):
        standards.load("nd164-2013").is_in_force("31/03/2018")


def test_entries_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        standards.load("nd35-2022").verified = Verified.UNVERIFIED


@pytest.mark.parametrize(
    ("name", "on", "stale"),
    [
        # Looked at on 27 November 2026; six months later is 27 May 2027, which still passes.
        ("nd35-2022", "2026-11-27", False),
        ("nd35-2022", "2027-05-27", False),
        ("nd35-2022", "2027-05-28", True),
        ("nd35-2022", "2018-03-31", False),
        # What has ended cannot change any more; what is no law cannot either.
        ("nd82-2018", "2030-01-01", False),
        ("gross", "2030-01-01", False),
        ("readiness-levels", "2030-01-01", False),
        # Nobody read from when to when: it may be used on any day, so it must be looked at.
        ("tcvn4449-1987", "2030-01-01", True),
    ],
)
def test_an_entry_is_stale_six_months_after_it_was_last_looked_at(
    name: str, on: str, *, stale: bool
) -> None:
    assert standards.load(name).is_stale(on) is stale


def test_what_is_stale_is_named_by_the_day_it_was_looked_at() -> None:
    entries = [standards.load(name) for name in ("nd35-2022", "tcvn4449-1987", "idle-unused")]
    assert standards.unchecked(entries, on="2027-05-23") == []
    # TCVN 4449 was looked at on 23 November, the others on 27 November 2026.
    (first,) = standards.unchecked(entries, on="2027-05-24")
    assert first.ids == ("tcvn4449-1987",)
    oldest, latest = standards.unchecked(entries, on="2027-12-31")
    assert (oldest.ids, latest.ids) == (("tcvn4449-1987",), ("nd35-2022", "idle-unused"))
    assert latest.severity is Severity.WARNING
    assert "last checked on 27 Nov 2026, more than 6 months before 31 Dec 2027" in latest.message()
    assert "ngày 27/11/2026, quá 6 tháng trước ngày 31/12/2027" in latest.message("vi")
