"""Findings about the ledger and the fence, by hand on squares of 1 ha, each at its boundary."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import kcngeo as kcn
from kcngeo import fill
from kcngeo.analysis import quality
from kcngeo.core.model import Finding, Severity
from kcngeo.ledger import Snapshot
from kcngeo.publish.document import document
from tests import squares

ON = "2018-03-31"


def tables(*entries: tuple[Any, ...], use: str = "industrial", **columns: Any) -> Snapshot:
    """Two lots P and Q of zone A, in force for ever unless the columns say else."""
    parcels = squares.parcels("P", "Q", use=use, **columns)
    return squares.around(parcels, ledger=squares.ledger(*entries))


GROUPS = {
    "ledger": ("never_mentioned", "held_uncleared"),
    "licences": ("leased_without_project",),
    "premises": ("premises_hold_land",),
    "boundary": ("outside_fence", "geometry_unmeasurable"),
    "areas": ("certificate_differs", "parts_above_area"),
}


def found_by(group: str, given: Snapshot, *, on: str = ON, area: str = "grid") -> list[Finding]:
    """Give the findings of some rules of a month."""
    found = quality.month_findings(given, on=on, area=area)
    return [one for one in found if one.rule in GROUPS[group]]


def told(findings: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    assert all(one.severity is Severity.WARNING for one in findings)
    assert all(one.zone_ids == ("A",) for one in findings)
    return [(one.rule, one.ids) for one in findings]


# Never mentioned


def test_lots_the_ledger_never_mentions_are_found() -> None:
    findings = found_by("ledger", tables(("P", "leased", "2018-01-01")))
    assert told(findings) == [("never_mentioned", ("Q",))]
    assert findings[0].table == "parcels"
    assert findings[0].message() == "the ledger never mentions Q; counted as available."


def test_an_entry_at_any_time_is_a_mention() -> None:
    entries = [("P", "leased", "2010-01-01", "2011-01-01"), ("Q", "leased", "2030-01-01")]
    assert found_by("ledger", tables(*entries)) == []


@pytest.mark.parametrize(("use", "is_found"), [("service", True), ("green", False)])
def test_only_land_that_some_definition_counts_must_be_mentioned(
    use: str, *, is_found: bool
) -> None:
    findings = found_by("ledger", tables(use=use))
    assert told(findings) == ([("never_mentioned", ("P", "Q"))] if is_found else [])


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_found"),
    [
        ("2018-03-31", None, True),
        ("2018-04-01", None, False),
        (None, "2018-04-01", True),
        (None, "2018-03-31", False),
    ],
)
def test_only_lots_in_force_on_the_day_are_looked_at(
    valid_from: str | None, valid_to: str | None, *, is_found: bool
) -> None:
    given = tables(
        ("P", "leased", "2018-01-01"), valid_from=[None, valid_from], valid_to=[None, valid_to]
    )
    assert bool(found_by("ledger", given)) is is_found


# Let or reserved before it was cleared


@pytest.mark.parametrize(
    ("cleared_on", "is_found"),
    [(None, True), ("2018-04-01", True), ("2018-03-31", False), ("2018-03-30", False)],
)
def test_land_let_before_it_is_cleared_is_found(cleared_on: str | None, *, is_found: bool) -> None:
    given = tables(
        ("P", "leased", "2018-01-01"),
        ("P", "uncleared", "2018-01-01", cleared_on),
        ("Q", "uncleared", "2018-01-01"),
    )
    expected = [("held_uncleared", ("P",))] if is_found else []
    assert told(found_by("ledger", given)) == expected


def test_uncleared_land_is_laid_on_the_free_rest_first() -> None:
    # P: 0.6 let and 0.5 uncleared of 1 ha: 0.4 is free, so 0.1 ha is let before it is cleared.
    # Q: 0.5 reserved and 0.5 uncleared lie beside each other.
    given = tables(
        ("P", "leased", "2018-01-01", None, 0.6),
        ("P", "uncleared", "2018-01-01", None, 0.5),
        ("Q", "reserved", "2018-01-01", None, 0.5),
        ("Q", "uncleared", "2018-01-01", None, 0.5),
    )
    findings = found_by("ledger", given)
    assert told(findings) == [("held_uncleared", ("P",))]
    assert findings[0].fields["area_ha"] == "0.1000"


# Licences


def projects(licensed_on: str | None, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {"project_id": ["p"], "licensed_on": pd.to_datetime([licensed_on]), **columns}
    )


def let(
    *entries: tuple[Any, ...], projects: pd.DataFrame | None = None, **columns: Any
) -> Snapshot:
    ledger = squares.ledger(*entries, **columns)
    return squares.around(squares.parcels("P", "Q"), ledger=ledger, projects=projects)


@pytest.mark.parametrize(
    ("licensed_on", "is_found"),
    [
        ("2018-03-30", False),
        ("2018-03-31", False),  # the day of the licence itself
        ("2018-04-01", True),
        (None, True),
    ],
)
def test_land_let_to_a_project_without_a_licence_on_the_day_is_found(
    licensed_on: str | None, *, is_found: bool
) -> None:
    given = let(("P", "leased", "2018-01-01"), project_id="p", projects=projects(licensed_on))
    findings = found_by("licences", given)
    name = "P leased 2018-01-01–…"
    assert told(findings) == ([("leased_without_project", (name,))] if is_found else [])


@pytest.mark.parametrize("project_id", ["q", None])
def test_land_let_to_nobody_known_is_found(project_id: str | None) -> None:
    given = let(
        ("P", "leased", "2018-01-01"),
        projects=projects("2017-01-01"),
        project_id=[project_id],
        entry_id=["E1"],
    )
    findings = found_by("licences", given)
    assert told(findings) == [("leased_without_project", ("E1",))]
    assert findings[0].table == "ledger"


@pytest.mark.parametrize("known", [None, pd.DataFrame({"project_id": ["p"]})])
def test_where_no_licence_is_known_every_let_lot_is_found(known: pd.DataFrame | None) -> None:
    entries = [("P", "leased", "2018-01-01"), ("Q", "reserved", "2018-01-01")]
    findings = found_by("licences", let(*entries, projects=known, project_id="p"))
    assert told(findings) == [("leased_without_project", ("P leased 2018-01-01–…",))]


@pytest.mark.parametrize(
    ("entry", "is_found"),
    [
        (("P", "leased", "2018-03-31", None), True),
        (("P", "leased", "2018-04-01", None), False),
        (("P", "leased", "2018-01-01", "2018-04-01"), True),
        (("P", "leased", "2018-01-01", "2018-03-31"), False),
        (("P", "reserved", "2018-01-01", None), False),
        (("P", "recovering", "2018-01-01", None), False),
    ],
)
def test_only_what_is_let_on_the_day_needs_a_licence(
    entry: tuple[Any, ...], *, is_found: bool
) -> None:
    assert bool(found_by("licences", let(entry))) is is_found


def test_a_lot_that_no_definition_counts_needs_no_licence() -> None:
    ledger = squares.ledger(("P", "leased", "2018-01-01"))
    green = squares.around(squares.parcels("P", use="green"), ledger=ledger)
    assert found_by("licences", green) == []


def test_a_lot_that_is_gone_needs_no_licence() -> None:
    ledger = squares.ledger(("P", "leased", "2018-01-01", "2018-03-31"))
    gone = squares.around(squares.parcels("P", valid_to=["2018-03-31"]), ledger=ledger)
    assert found_by("licences", gone) == []


def test_a_project_with_two_rows_is_licensed_by_either() -> None:
    rows = pd.concat([projects("2019-01-01"), projects("2018-01-01")])
    given = let(("P", "leased", "2018-01-01"), project_id="p", projects=rows)
    assert found_by("licences", given) == []


# The fence


def beyond(zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame) -> list[Finding]:
    snapshot = squares.known(zones, parcels, squares.ledger(), faulty="set_apart")
    return found_by("boundary", snapshot)


def outside(width_m: float, height_m: float = 2.0, **columns: Any) -> list[Finding]:
    """A lot of 100 m² of which ``width_m × height_m`` lie west of the fence."""
    x, y = squares.EAST, squares.NORTH
    shape = box(x - width_m, y, x + 50, y + height_m)
    parcels = squares.parcels("P", "Q", **columns)
    parcels.loc[0, "geometry"] = shape
    return beyond(squares.zones("A"), parcels)


@pytest.mark.parametrize(
    ("width_m", "area_m2"), [(0.0, None), (0.25, None), (0.5, None), (0.75, "1.5"), (50.0, "100.0")]
)
def test_a_lot_may_reach_one_square_metre_over_the_fence(
    width_m: float, area_m2: str | None
) -> None:
    findings = outside(width_m)
    assert told(findings) == ([] if area_m2 is None else [("outside_fence", ("P",))])
    assert [one.fields["area_m2"] for one in findings] == ([] if area_m2 is None else [area_m2])


def test_each_lot_has_its_own_square_metre() -> None:
    # 0.9 m² of each of two lots: neither is found; 1.5 m² of each: both, with their sum.
    x, y = squares.EAST, squares.NORTH
    parcels = squares.parcels("P", "Q")
    for high, area_m2 in ((1.8, None), (3.0, "3.0")):
        shapes = [box(x - 0.5, y + low, x + 9, y + low + high) for low in (0, 10)]
        found = beyond(squares.zones("A"), parcels.set_geometry(shapes, crs=squares.CRS))
        assert [one.fields["area_m2"] for one in found] == ([] if area_m2 is None else [area_m2])


def test_land_in_the_neighbouring_zone_is_outside_its_own() -> None:
    parcels = squares.parcels("P", "Q", zone=["A", "B"])
    # P straddles the fence between A and B: half of its hectare lies in B.
    parcels.loc[0, "geometry"] = squares.square(0, 0.5)
    parcels.loc[1, "geometry"] = squares.square(3, 1)
    (found,) = beyond(squares.zones("A", "B"), parcels)
    assert (found.ids, found.zone_ids, found.fields["area_m2"]) == (("P",), ("A",), "5000.0")


@pytest.mark.parametrize(
    ("valid_to", "is_found"), [("2018-03-31", True), ("2018-04-01", False), (None, False)]
)
def test_the_fence_of_the_day_counts(valid_to: str | None, *, is_found: bool) -> None:
    zones = squares.zones("A", "A", valid_from=[None, valid_to], valid_to=[valid_to, None])
    if valid_to is None:
        zones = zones.iloc[:1]
    # The later fence lies 100 m further north.
    found = beyond(zones, squares.parcels("P"))
    assert bool(found) is is_found


def test_a_zone_without_a_fence_on_the_day_has_nothing_outside() -> None:
    zones = squares.zones("A", valid_from=["2018-04-01"])
    assert beyond(zones, squares.parcels("P")) == []


def test_what_cannot_be_measured_is_found_and_not_counted() -> None:
    x, y = squares.EAST, squares.NORTH
    bowtie = box(0, 0, 1, 1).__class__([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)])
    parcels = squares.parcels("P", "Q", use="green")
    parcels.loc[0, "geometry"] = bowtie
    findings = beyond(squares.zones("A"), parcels)
    assert told(findings) == [("geometry_unmeasurable", ("P",))]
    assert "Self-intersection" in findings[0].message()


# Workshops and offices


@pytest.mark.parametrize(
    ("premises", "holds"), [("land", True), ("workshop", False), ("office", False), (None, True)]
)
def test_who_rents_a_workshop_or_an_office_holds_no_land(
    premises: str | None, *, holds: bool
) -> None:
    entries = squares.ledger(("P", "leased", "2018-01-01"), ("Q", "leased", "2018-01-01"))
    entries["project_id"] = ["d", None]
    projects = pd.DataFrame({"project_id": ["d"], "premises": [premises]})
    now = squares.around(squares.parcels("P", "Q"), ledger=entries, projects=projects)
    # P is 1 of 2 ha; without a project nobody says that Q is a workshop.
    assert fill.fill_rate(now, on=ON).loc["A", "fill_rate"] == (1.0 if holds else 0.5)
    assert len(fill.leases_on(now, on=ON)) == (2 if holds else 1)
    found = found_by("premises", now)
    name = ("P leased 2018-01-01–…",)
    assert told(found) == ([] if holds else [("premises_hold_land", name)])
    # Before the lease begins nothing is found.
    assert found_by("premises", now, on="2017-12-31") == []


def test_beside_a_tenant_of_a_workshop_the_land_may_be_let_whole() -> None:
    entries = squares.ledger(("P", "leased", "2018-01-01"), ("P", "leased", "2018-02-01"))
    entries["project_id"] = ["owner", "guest"]
    projects = pd.DataFrame({"project_id": ["owner", "guest"], "premises": ["land", "workshop"]})
    now = squares.around(squares.parcels("P"), ledger=entries, projects=projects)
    assert fill.leases_on(now, on=ON)[["project_id", "leased_ha"]].to_numpy().tolist() == [
        ["owner", 1.0]
    ]


# Certificates, contracts and drawings of the same land


@pytest.mark.parametrize(
    ("certificate_m2", "area_ha"),
    [
        # A map of 1:1000 allows a corner 0.15 m: half of 400 m × 0.15 m = 30 m².
        (10_030.0, None),
        (10_031.0, "0.0031"),
        (9_969.0, "0.0031"),
        (100_000.0, "9.0000"),
    ],
)
def test_a_certificate_beyond_the_tolerance_of_the_map_is_found_with_its_effect(
    certificate_m2: float, area_ha: str | None
) -> None:
    now = tables(certificate_area_m2=[certificate_m2, 10_000.0])
    found = found_by("areas", now)
    assert told(found) == ([] if area_ha is None else [("certificate_differs", ("P",))])
    assert [one.fields["area_ha"] for one in found] == ([] if area_ha is None else [area_ha])


@pytest.mark.parametrize(
    ("part_ha", "area", "area_ha"),
    [
        (1.0001, "grid", None),  # 1 m² more than the lot has
        (1.0002, "grid", "0.0002"),
        (1.0002, "certificate", None),
    ],
)
def test_contracts_for_more_than_the_lot_has_are_found_with_the_difference(
    part_ha: float, area: str, area_ha: str | None
) -> None:
    lease = ("P", "leased", "2018-01-01", None, part_ha)
    now = tables(lease, certificate_area_m2=[10_002.0, 10_000.0])
    found = found_by("areas", now, area=area)
    assert told(found) == ([] if area_ha is None else [("parts_above_area", ("P",))])
    assert [one.fields["area_ha"] for one in found] == ([] if area_ha is None else [area_ha])


@pytest.mark.parametrize(("language", "printed"), [("vi", "0,50"), ("en", "0.50")])
def test_a_certificate_typed_ten_times_too_large_leaves_the_contract_as_it_is_printed(
    language: str, printed: str
) -> None:
    # Half a hectare of P is let; its certificate says 10 ha, 9 ha more than is drawn.
    zones, lots = squares.zones("A"), squares.parcels("P", certificate_area_m2=[100_000.0])
    entries = squares.ledger(("P", "leased", "2018-01-01", None, 0.5))
    project = kcn.Project(zones=zones, parcels=lots, ledger=entries)
    report = kcn.report.monthly(project, month="2018-03")
    pages = document(report, language=language)
    (account,) = (one.table for one in pages.sections if one.key == "accounts")
    assert account is not None
    heading = "Leased (ha)" if language == "en" else "Đã cho thuê (ha)"
    assert account.rows[0][account.headings.index(heading)] == printed
    (told,) = (one for one in report.findings if one.rule == "certificate_differs")
    assert told.fields["area_ha"] == "9.0000"
    assert told.ids == ("P",)
