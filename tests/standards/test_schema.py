"""Files that break the schema, each breach told; a user's own file on top of the registry."""

from __future__ import annotations

import datetime as dt
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from kcngeo import standards
from kcngeo.core.errors import ContractError, DataSourceError
from kcngeo.core.model import Severity, Verified
from kcngeo.standards import registry as shipped
from kcngeo.standards.files import FILES

GOOD = """
[buffer.own]
title = { vi = "Khoảng cách riêng", en = "A distance of our own" }
emitters = ["parcel"]
receptors = ["green"]
distances = [{ distance_m = 25 }]
source = "Decision of the board, 12 May 2020, Art. 3"
verified = "official"
in_force_from = 2020-06-01
in_force_to = "open"
edition = "own"
checked_on = 2026-11-27
"""


def write(folder: Path, text: str, name: str = "own.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def breaches(folder: Path, text: str) -> list[str]:
    with pytest.raises(ContractError) as caught:
        standards.registry(write(folder, text))
    assert {problem.table for problem in caught.value.problems} == {"own.toml"}
    assert caught.value.message("vi").count("\n") == len(caught.value.problems)
    return [problem.message() for problem in caught.value.problems]


def test_every_file_of_the_folder_is_read_and_keeps_the_schema() -> None:
    folder = resources.files(standards)
    kept = {file.name for file in folder.iterdir() if file.name.endswith(".toml")}
    assert kept == set(FILES)
    in_files = [
        name
        for file in FILES
        for group, named in tomllib.loads((folder / file).read_text("utf-8")).items()
        if group != "provinces"
        for name in named
    ]
    # Reading them is the check: a breach raises.
    assert list(standards.names()) == in_files


def test_an_own_entry_is_added_and_named(tmp_path: Path) -> None:
    registry = standards.registry(write(tmp_path, GOOD))
    assert registry.names() == (*standards.names(), "own")
    rule = registry.load("own")
    assert (rule.origin, rule.overrides) == ("own.toml", False)
    assert rule.in_force_from == dt.date(2020, 6, 1)
    assert rule.longest_m == 25.0
    (finding,) = registry.findings()
    assert (finding.rule, finding.severity) == ("standards_added", Severity.NOTE)
    assert finding.message() == "own.toml adds entries to the registry: own."
    # What comes with the library is as it was: nothing is kept between calls.
    assert "own" not in standards.names()
    assert shipped() is shipped()


def test_an_own_entry_of_the_same_name_overrides_and_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("[buffer.own]", "[buffer.tcvn4449-1987]")
    registry = standards.registry(write(tmp_path, text, "tỉnh.toml"))
    # In the place of the other, and whole: nothing of it is left.
    assert registry.names() == standards.names()
    rule = registry.load("tcvn4449-1987")
    assert (rule.origin, rule.overrides, rule.classes) == ("tỉnh.toml", True, ())
    assert standards.load("tcvn4449-1987").overrides is False
    (finding,) = registry.findings()
    assert finding.severity is Severity.WARNING
    assert finding.message("vi") == "tỉnh.toml thay thế các mục của danh mục: tcvn4449-1987."


def test_any_kind_of_entry_may_be_added(tmp_path: Path) -> None:
    text = """
[balance.own-green]
title = { vi = "Cây xanh", en = "Green" }
item = "green"
required_share = 0.15
source = "Decision of the board, Art. 4"
verified = "secondary"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27

[limit.own-width]
title = { vi = "Dải cách ly", en = "Belt" }
subject = "perimeter_belt"
measure = "width"
unit = "m"
at_least = 20
source = "Decision of the board, Art. 5"
verified = "unverified"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27

[clock.own-idle]
title = { vi = "Đất bỏ trống", en = "Idle" }
event = "unused"
months = 6
source = "Decision of the board, Art. 6"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27

[fill_rate.own-rate]
title = { vi = "Tỷ lệ riêng", en = "Our rate" }
uses = ["industrial"]
base = { leasable = 1 }
source = "Decision of the board, Art. 7"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
"""
    registry = standards.registry(write(tmp_path, text))
    assert [item.required_share for item in registry.balance("own")] == [0.15]
    assert registry.load("own-width").at_least == 20
    assert registry.load("own-idle").months == 6
    # A definition of one's own is listed; accounts are by those of the library, and it is said.
    (*_, told) = registry.findings()
    assert (told.rule, told.ids) == ("standards_no_account", ("own-rate",))
    assert registry.fill_definition("own-rate", on="2020-01-01").verified is Verified.OFFICIAL


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("receptors =", "receptor =", "buffer.own: unknown key receptor."),
        ("receptors =", "receptor =", "buffer.own: receptors is missing."),
        ('source = "Decision', '# "Decision', "buffer.own: source is missing."),
        ('source = "Decision of the board, 12 May 2020, Art. 3"', 'source = " "', "not empty"),
        ('verified = "official"', "", "buffer.own: verified is missing."),
        ('"official"', '"sure"', "verified holds sure, allowed are official | secondary"),
        (', en = "A distance of our own"', "", "title needs the words vi and en"),
        ('en = "A distance of our own"', 'en = ""', "title needs the words vi and en"),
        ('["parcel"]', '["chimney"]', "emitters holds chimney, allowed are point | building"),
        ('["parcel"]', '"parcel"', "emitters must be a list of words, not 'parcel'"),
        ('["green"]', "[]", "receptors must be a list of words, not []"),
        ("distance_m = 25", "distance_m = -25", "distances 1: distance_m must be a number above 0"),
        ("distance_m = 25", "distance_m = 0", "distances 1: distance_m must be a number above 0"),
        ("distance_m = 25", "distance_m = inf", "distance_m must be a number above 0, not inf"),
        ("distance_m = 25", 'distance_m = "25"', "distance_m must be a number above 0, not '25'"),
        ("{ distance_m = 25 }", "{}", "buffer.own, distances 1: distance_m is missing."),
        ("distance_m = 25", "distance_m = 25, klass = 1", "distances 1: unknown key klass."),
        (
            '"open"',
            "2020-06-01",
            "it ends on 1 Jun 2020, which is not after its first day 1 Jun 2020.",
        ),
        ('edition = "own"', "", "buffer.own: edition is missing."),
        ("checked_on = 2026-11-27", "", "buffer.own: checked_on is missing."),
        ("in_force_from = 2020-06-01", "", "buffer.own: in_force_from is missing."),
        ('in_force_to = "open"', "", "buffer.own: in_force_to is missing."),
        ('"open"', '"never"', 'in_force_to must be a day such as 2024-08-01, "open"'),
        ("checked_on = 2026-11-27", 'checked_on = "unread"', "checked_on must be a day such as"),
        ("2020-06-01", '"open"', 'in_force_from must be a day such as 2024-08-01, "no-law"'),
        ("2020-06-01", '"no-law"', "what is no law has no end; leave in_force_to (open) out."),
        ("2020-06-01", '"2020-06-01"', "in_force_from must be a day such as 2024-08-01"),
        ("2020-06-01", "2020-06-01T07:00:00", "in_force_from must be a day such as 2024-08-01"),
        ("[buffer.own]", "[buffers.own]", "buffers is no group of entries; allowed are fill_rate"),
        ("[buffer.own]", "[balance.own]", "balance.own: unknown key emitters."),
        ("[buffer.own]", "[buffer.nd35-2022]", "the registry has nd35-2022 as an entry of another"),
    ],
)
def test_each_breach_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    messages = breaches(tmp_path, GOOD.replace(old, new))
    assert [message for message in messages if told in message], messages


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ('"cleared"', "base must give parts of the account a number"),
        ("{}", "base must give parts of the account a number"),
        ("{ leasable = inf }", "base must give parts of the account a number"),
        ("{ leasable = true }", "base must give parts of the account a number"),
        ("{ let = 1 }", "base must give parts of the account a number"),
        ("{ industrial = { zone = 1 } }", "base must give parts of the account a number"),
        ("{ service = { leased = 1 } }", "base holds service, allowed are industrial"),
    ],
)
def test_weights_are_numbers_of_parts_over_land_that_counts(
    tmp_path: Path, weights: str, told: str
) -> None:
    text = f"""
[fill_rate.own-rate]
title = {{ vi = "Tỷ lệ riêng", en = "Our rate" }}
uses = ["industrial"]
base = {weights}
source = "Decision of the board, Art. 7"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
"""
    assert [message for message in breaches(tmp_path, text) if told in message]
    green = text.replace('"industrial"', '"green"').replace(weights, "{ leasable = 1 }")
    assert "uses holds green, allowed are industrial | service" in breaches(tmp_path, green)[0]


def banded(*bands: str) -> str:
    return GOOD.replace("{ distance_m = 25 }", ", ".join(bands))


BELOW = "{ capacity_below_m3_day = 200, distance_m = 10 }"
UP_TO = "{ capacity_up_to_m3_day = 200, distance_m = 10 }"
FROM = "{ capacity_from_m3_day = 200, distance_m = 20 }"
ABOVE = "{ capacity_above_m3_day = 200, distance_m = 20 }"


@pytest.mark.parametrize(
    ("bands", "fault"),
    [
        ((BELOW, FROM), None),
        ((UP_TO, ABOVE), None),
        ((FROM, BELOW), None),  # the order is free
        ((BELOW, ABOVE), "200 and 200 m³ a day: exactly there 0 bands"),
        ((UP_TO, FROM), "200 and 200 m³ a day: exactly there 2 bands"),
        ((BELOW, FROM.replace("200", "201")), "a gap between 200 and 201 m³ a day"),
        ((BELOW, FROM.replace("200", "199")), "an overlap between 200 and 199 m³ a day"),
        ((BELOW,), "no band above 200 m³ a day"),
        ((FROM,), "no band below 200 m³ a day"),
        (("{ capacity_above_m3_day = 0, distance_m = 20 }",), "no band below 0 m³ a day"),
        ((BELOW, '{ hazard_class = "I", distance_m = 5 }'), "some bands go by class, others not"),
    ],
)
def test_bands_neither_overlap_nor_leave_gaps(
    tmp_path: Path, bands: tuple[str, ...], fault: str | None
) -> None:
    if fault is None:
        assert standards.registry(write(tmp_path, banded(*bands))).load("own").longest_m == 20
    else:
        assert [one for one in breaches(tmp_path, banded(*bands)) if fault in one]


def test_limits_and_conditions_need_a_bound_and_do_not_cross(tmp_path: Path) -> None:
    limit = """
[limit.own]
title = { vi = "Giới hạn", en = "Limit" }
subject = "lot"
measure = "green"
unit = "share"
source = "Decision of the board, Art. 5"
verified = "official"
edition = "own"
in_force_from = "no-law"
checked_on = 2026-11-27
"""
    assert "it needs at_least or at_most" in breaches(tmp_path, limit)[0]
    crossed = limit + "at_least = 0.5\nat_most = 0.4\n"
    assert "the first must not exceed the second" in breaches(tmp_path, crossed)[0]
    elsewhere = limit.replace('"green"', '"width"') + "at_least = 10\n"
    assert (
        "measure holds width, allowed are building_density | green"
        in (breaches(tmp_path, elsewhere)[0])
    )


def test_all_breaches_of_a_file_come_in_one_error(tmp_path: Path) -> None:
    text = GOOD.replace("source =", "sauce =").replace('"parcel"', '"mill"')
    text += text.replace("[buffer.own]", "[buffer.other]").replace("distance_m = 25", "m = 1")
    messages = breaches(tmp_path, text)
    # Three of each entry: the unknown key, the missing source, the kind; bands come after these.
    assert len(messages) == 6
    assert [one for one in messages if one.startswith("buffer.other")]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataSourceError, match=r"none\.toml cannot be read"):
        standards.registry(tmp_path / "none.toml")
    with pytest.raises(DataSourceError, match=r"own\.toml cannot be read"):
        standards.registry(write(tmp_path, "[buffer"))


def test_a_file_of_windows_with_a_mark_at_its_head_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert standards.registry(path).load("own").longest_m == 25.0


@pytest.mark.parametrize("colors", ['{ SKK = "red" }', "{}", '"#FAAAA0"', '{ SKK = "#faaaa0" }'])
def test_a_palette_has_colours(tmp_path: Path, colors: str) -> None:
    text = f"""
[palette.own]
title = {{ vi = "Bảng màu", en = "Palette" }}
year = 2030
colors = {colors}
source = "Circular of 2030"
verified = "official"
edition = "own"
in_force_from = "unread"
in_force_to = "open"
checked_on = 2026-11-27
"""
    assert 'must give land-use codes colours such as "#FAAAA0"' in breaches(tmp_path, text)[0]
