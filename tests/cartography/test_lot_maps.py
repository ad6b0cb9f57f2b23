"""Maps of lots made of lease status: every step of time on its first day, its last, and beside."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest

import kcngeo as kcn
from kcngeo import theme
from kcngeo.cartography import MapSpec
from tests.squares import CRS, ledger, square
from tests.test_theme import VISION, difference, lab

ON = "2018-03-31"


def filled(*entries: tuple[object, ...], since: str | None = "2005-01-01") -> MapSpec:
    """A zone of four lots of a hectare, with entries of the ledger."""
    import geopandas as gpd

    lots = [f"A-{number}" for number in range(1, 5)]
    parcels = {"parcel_id": lots, "zone_id": "A", "land_use": "industrial"}
    if since is not None:
        parcels["valid_from"] = pd.Timestamp(since)  # type: ignore[assignment]
    project = kcn.Project(
        zones=gpd.GeoDataFrame(
            {"zone_id": ["A"], "name": ["A"]}, geometry=[square(0, wide=4)], crs=CRS
        ),
        parcels=gpd.GeoDataFrame(parcels, geometry=[square(at) for at in range(4)], crs=CRS),
        ledger=ledger(*entries),
    )
    return kcn.cartography.fill(kcn.report.monthly(project, month=ON, start="2016-01-01"))


def shown(spec: MapSpec) -> dict[str, str]:
    frame = spec.layers[0].frame
    return dict(zip(frame["parcel_id"], frame["shown"], strict=True))


@pytest.mark.parametrize(
    ("ended", "step"),
    [
        # Vacant from the day on which the lease no longer holds.
        ("2018-03-31", "1"),
        ("2017-04-01", "1"),
        ("2017-03-31", "3"),  # the anniversary
        ("2015-04-01", "3"),
        ("2015-03-31", "5"),
        ("2013-04-01", "5"),
        ("2013-03-31", "more"),
    ],
)
def test_how_long_a_lot_is_vacant(ended: str, step: str) -> None:
    spec = kcn.cartography.vacancy(filled(("A-1", "leased", "2010-01-01", ended)))
    # The others are vacant since they are there: more than five years.
    assert shown(spec) == {"A-1": step, "A-2": "more", "A-3": "more", "A-4": "more"}


def test_a_lot_vacant_on_the_day_after_is_not_listed_and_one_without_a_day_is_unknown() -> None:
    spec = kcn.cartography.vacancy(
        filled(("A-1", "leased", "2010-01-01", "2018-04-01"), since=None)
    )
    assert shown(spec) == {"A-2": "unknown", "A-3": "unknown", "A-4": "unknown"}
    spec = kcn.cartography.vacancy(
        # Reserved in between: vacant anew since that ended; let in part: its vacant half counts.
        filled(
            ("A-1", "reserved", "2016-01-01", "2017-01-01"),
            ("A-2", "leased", "2017-01-01", None, 0.5),
        )
    )
    frame = spec.layers[0].frame.set_index("parcel_id")
    assert frame["since"]["A-1"] == pd.Timestamp("2017-01-01")
    assert frame["since"]["A-2"] == pd.Timestamp("2005-01-01")
    assert frame["shown_ha"].to_dict() == {"A-1": 1.0, "A-2": 0.5, "A-3": 1.0, "A-4": 1.0}
    assert spec.headline["en"] == "Vacant: 3.50 ha, of it 2.50 ha for 5 years or longer"


@pytest.mark.parametrize(
    ("end", "step"),
    [
        ("2018-04-01", "1"),
        ("2019-03-31", "1"),
        ("2019-04-01", "5"),
        ("2023-03-31", "5"),
        ("2023-04-01", "10"),
        ("2028-03-31", "10"),
        ("2028-04-01", "more"),
        (None, "open"),
    ],
)
def test_when_a_lease_ends(end: str | None, step: str) -> None:
    spec = kcn.cartography.lease_ends(filled(("A-1", "leased", "2010-01-01", end)))
    assert shown(spec) == {"A-1": step}
    # One without an end is on the map and not in the list.
    assert len(spec.numbered()) == (end is not None)
    # Nothing is said of five years where no end is on record.
    assert ("no end of a lease on record" in spec.headline["en"]) == (end is None)


def test_where_nothing_is_let_no_lease_ends_and_no_sector_is_told() -> None:
    nothing = filled(("A-1", "reserved", "2010-01-01"))
    for made in (kcn.cartography.lease_ends(nothing), kcn.cartography.sectors(nothing)):
        assert shown(made) == {}
        assert made.numbered() == []
    let = "Let: 0.00 ha, of it 0.00 ha with an end within 5 years"
    assert kcn.cartography.lease_ends(nothing).headline["en"] == let


def test_what_moved_since_a_day() -> None:
    spec = kcn.cartography.change(
        filled(
            ("A-1", "leased", "2018-01-31"),
            ("A-2", "leased", "2018-02-01"),
            ("A-3", "leased", "2010-01-01", "2018-02-01"),
            ("A-3", "leased", "2018-02-01", None, 0.25),
            ("A-4", "reserved", "2018-02-15"),
        ),
        since="2018-01-31",
    )
    # A-1 was let on the day itself, so that nothing of it moved since.
    assert shown(spec) == {"A-2": "let", "A-3": "given_up", "A-4": "other"}
    words = "Since 31 Jan 2018: 1.00 ha let, 0.75 ha given up, lots changed: 3"
    assert spec.headline["en"] == words
    assert [told.entry["en"] for _, _, told in spec.numbered()] == [
        "land let · +1.00 ha",
        "land given up · −0.75 ha",
        "other change of status · 1.00 ha",
    ]


@pytest.mark.parametrize("vision", VISION)
def test_colors_of_themes_stay_apart(vision: str) -> None:
    for colors in ([*theme.CHANGE_COLORS.values()], [*theme.STEP_COLORS]):
        seen = [lab(color, vision) for color in colors]
        assert min(difference(a, b) for a, b in combinations(seen, 2)) > 12, colors
