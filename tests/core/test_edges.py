"""The edges of days, areas and warnings: what a small change of the code would move."""

from __future__ import annotations

import threading
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import kcngeo as kcn
from kcngeo.core import checked_once, crs, dates, errors, geometry, texts, validation
from kcngeo.core.coverage import suspects
from kcngeo.core.distance_join import near
from kcngeo.core.polygon_intersection import edges_of, shared_areas
from kcngeo.core.referential import zone_problems
from kcngeo.core.schema import COMPUTED, LAYERS, Column, Kind
from kcngeo.core.threads import in_threads
from tests.squares import CRS, ledger, square


@pytest.mark.parametrize("day", ["2999-01-01", "2999-01-01T00:00+07:00"])
def test_nothing_is_recorded_in_the_future_whether_a_day_or_a_moment(day: str) -> None:
    with pytest.raises(dates.DateError, match=r"299[89]-"):
        dates.recording_moment(day)


def noisy() -> list[errors.KcngeoWarning]:
    with errors.gathered(errors.KcngeoWarning) as told:
        warnings.warn("of another kind", UserWarning, stacklevel=1)
        warnings.warn("zone B", errors.KcngeoWarning, stacklevel=1)
    return told


def test_warnings_of_other_kinds_are_passed_on() -> None:
    with pytest.warns(UserWarning, match="of another kind") as passed:
        told = noisy()
    assert [str(one) for one in told] == ["zone B"]
    assert [str(one.message) for one in passed] == ["of another kind"]


def test_areas_are_measured_in_parts_whichever_fence_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The first fence holds nothing; six lots of 1 ha lie in the second, half a lot in the third.
    fences = [square(50), square(0, wide=6), square(6, wide=0.5)]
    lots = [square(column) for column in range(7)]
    layers = [gpd.GeoDataFrame(geometry=shapes, crs=CRS) for shapes in (lots, fences)]
    monkeypatch.setattr(geometry, "_THREADED_FROM", 2)
    found = geometry.areas_within(*layers)
    assert found[["left", "right"]].to_numpy().tolist() == [*([n, 1] for n in range(6)), [6, 2]]
    assert found["area_m2"].tolist() == pytest.approx([10_000.0] * 6 + [5_000.0])
    alone = geometry.areas_within(layers[0].iloc[:6], layers[1].iloc[:2])
    assert alone["area_m2"].tolist() == pytest.approx([10_000.0] * 6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_shapes_that_cannot_be_measured_are_refused_on_either_side(side: str) -> None:
    x, y = square(0).bounds[:2]
    crossed = shapely.Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)])
    both = {"left": [square(0)], "right": [square(0)], side: [crossed]}
    layers = [gpd.GeoDataFrame(geometry=both[name], crs=CRS) for name in ("left", "right")]
    with pytest.raises(errors.GeometryError, match=side):
        geometry.areas_within(*layers)


def test_no_row_is_astray_where_the_others_are_no_better() -> None:
    parcels = kcn.examples.squares().parcels
    shapes = parcels.geometry.to_numpy().copy()
    shapes[2] = shapely.transform(shapes[2], lambda points: points * 10)
    parcels = parcels.set_geometry(shapes, crs=parcels.crs)
    assert crs.strays(parcels).tolist() == [2]
    # On the central meridian of a scale of 0.9999 areas are 0.02 % too small.
    assert crs.strays(parcels, area_tolerance=0.0001).tolist() == []


def test_rows_of_a_sound_frame_are_not_checked_again_in_one_piece_of_work() -> None:
    entries = ledger(("P1", "leased", "2018-01-01"), ("P2", "leased", "2018-01-01"))
    with checked_once.each_once():
        cast = validation.validate(entries, "ledger")
        some = cast.iloc[:1]
        checked_once.note_rows(some, "ledger", of=cast)
        assert validation.validate(some, "ledger") is some
        # Rows of a frame that breaks its contract are checked for themselves.
        spoilt = entries.assign(status=["leased", "sold"])
        _, breaches = checked_once.once(spoilt, "ledger", lambda frame, _: (frame, ["sold"]))
        assert breaches == ["sold"]
        checked_once.note_rows(good := spoilt.iloc[:1], "ledger", of=spoilt)
        assert validation.validate(good, "ledger") is not good
    # Outside of such work nothing is kept.
    checked_once.note_rows(some, "ledger", of=cast)
    assert validation.validate(some, "ledger") is not some


@pytest.mark.parametrize(("parts", "in_threads_of_their_own"), [(1, False), (2, True), (3, True)])
def test_two_parts_are_worked_on_at_once(parts: int, *, in_threads_of_their_own: bool) -> None:
    own = in_threads(lambda _: threading.current_thread().name, [0] * parts)
    assert [name != threading.current_thread().name for name in own] == [
        in_threads_of_their_own
    ] * parts


def test_neighbours_are_looked_for_around_each_shape_wherever_the_layer_lies() -> None:
    # 2 m beside a square of 10 m, and 6 m beside it; near the corner of a grid x and y are alike.
    ours = np.array([shapely.box(100, 0, 110, 10)])
    theirs = np.array([shapely.box(112, 0, 113, 1), shapely.box(116, 0, 117, 1)])
    _, found, metres = near(ours, theirs, np.array([5.0]))
    assert (found.tolist(), metres.tolist()) == ([0], [2.0])
    # What touches is within no distance at all.
    _, found, metres = near(ours, np.array([shapely.box(110, 0, 111, 1)]), np.array([0.0]))
    assert (found.tolist(), metres.tolist()) == ([0], [0.0])


def test_lots_that_merely_touch_are_not_suspected_to_overlap() -> None:
    # The second begins half-way up the side of the first: an edge that fits no other.
    found = suspects(np.array([square(0), square(1, 0.5)]), tolerance_m2=0.0)
    assert found.misfit.tolist() == [True, True]
    assert found.one.tolist() == []


def test_an_empty_shape_shares_nothing_and_is_no_obstacle() -> None:
    edges = edges_of(np.array([square(0), shapely.Polygon()]))
    row = np.array([0, 1])
    assert shared_areas(edges, edges, row, np.array([0, 0])).tolist() == [10_000.0, 0.0]


def test_a_moment_without_a_zone_is_in_utc() -> None:
    rows = pd.DataFrame({"recorded_at": ["2018-03-31T16:59:59", "2018-03-31T17:00:01"]})
    # The day ends at 17:00 UTC in Viet Nam.
    assert validation.as_known(rows, "2018-03-31").index.tolist() == [0]


def test_moments_and_half_letters_are_no_days_and_no_text() -> None:
    moments = ledger(("P1", "leased", pd.Timestamp("2018-01-01", tz="UTC")))
    assert isinstance(moments["valid_from"].dtype, pd.DatetimeTZDtype)
    with pytest.raises(errors.ContractError, match="valid_from must be a day"):
        validation.validate(moments, "ledger")
    halves = ledger(("P1", "leased", "2018-01-01"))
    halves["parcel_id"] = pd.Series(["P\ud800"], dtype="object")
    with pytest.raises(errors.ContractError, match="parcel_id must be text"):
        validation.validate(halves, "ledger")


def test_layers_keep_the_words_and_the_geometry_of_their_table() -> None:
    # A closed list is looked up by the name of its table; what has words of its own keeps them.
    words = {
        (name, column): LAYERS[name].column(column).words
        for name, column in (
            *(("emitters_on_day", "kind"), ("conflicts", "verified"), ("rejected", "zone_id")),
        )
    }
    assert words == {
        ("emitters_on_day", "kind"): ("emitters_kind", "kind"),
        ("conflicts", "verified"): ("conflicts", "verified"),
        ("rejected", "zone_id"): (),
    }
    # Of lots a table without shapes: the layer draws the lots.
    assert [LAYERS[name].geometry for name in ("emitters_on_day", "lots")] == ["any", "polygon"]


def test_what_is_no_number_has_no_decimals() -> None:
    assert Column(name="lot_code", kind=Kind.TEXT).decimals == 0
    assert Column(name="leased_ha", kind=Kind.NUMBER).decimals == 2


def test_what_is_open_lasts_longer_than_any_day() -> None:
    assert dates.day_number("9999-12-31") < dates.OPEN


def test_figures_of_a_message_have_the_decimals_of_their_unit() -> None:
    told = {"area_ha": 1.25, "gap_metres": 2.54, "paid_bn": 79.64, "lots_count": 3.0}
    # Without a unit a figure stands as it was given.
    told |= {"gap_width": 2.54, "ha": 2.125}
    shown = [str(texts._number(name, value, language="en")) for name, value in told.items()]
    assert shown == ["1.25", "2.5", "79.6", "3", "2.54", "2.125"]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("on", "2018-03-31", "31 Mar 2018"),
        ("on", "2018-03-31 00:00:00", "31 Mar 2018"),  # as a column of days writes it
        ("on", "2018-02-31", "2018-02-31"),  # typed, and no day
        ("area_ha", 1.5, "1.50"),
        ("moved_m", "+1.50", "+1.50"),
        ("error", "25.5%", "25.5 %"),
        ("lot", "1.50", "1.50"),
        ("passes", True, True),
        ("ids", ["P", "Q"], "P, Q"),
        ("ids", list("PQRST"), "P, Q, R, S, T"),
        ("ids", list("PQRSTU"), "P, Q, R, S, T and 1 more"),
    ],
)
def test_particulars_are_said_by_their_kind(name: str, value: object, shown: object) -> None:
    assert texts._shown(name, value, "en", None) == shown


@pytest.mark.parametrize(
    ("table", "asked"),
    [
        # How far a finding moves a rate; where a conflict of edits lies and which side has what;
        # what was built on let land, how much of it was seen, and by which clock it is judged.
        ("findings", {"rule", "ids", "effect_leased_ha", "effect_base_ha", "effect", "width_m"}),
        ("clash_shapes", {"table", "id", "column", "side", "value"}),
        ("unbuilt", {"leased_ha", "built_share", "known_share", "clock", "ends_on"}),
    ],
)
def test_a_lot_that_is_touched_on_a_map_tells_what_it_is_marked_for(
    table: str, asked: set[str]
) -> None:
    assert asked <= {column.name for column in COMPUTED[table].columns if column.popup}


def test_hectares_that_are_declared_have_a_column_only_where_some_are() -> None:
    tables = ("overview", "accounts", "eligibility")
    assert [COMPUTED[name].column("declared_ha").sparse for name in tables] == [True] * 3


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_error_within_a_sentence_speaks_its_language(language: str) -> None:
    error = errors.KcngeoError("forecast_target", value="60")
    told = texts.text("cli.refused", language=language, error=error)
    assert error.message(language) in told
    assert error.message("en" if language == "vi" else "vi") not in told


def test_a_version_of_a_zone_is_compared_with_the_one_before_it() -> None:
    # The second begins as the first ends, the third while the second lasts.
    versions = pd.DataFrame(
        {
            "zone_id": "A",
            "valid_from": pd.to_datetime(["2010-01-01", "2012-01-01", "2013-01-01"]),
            "valid_to": pd.to_datetime(["2012-01-01", "2014-01-01", None]),
        }
    )
    lots = pd.DataFrame({"zone_id": ["A"]})
    assert [one.rule for one in zone_problems(versions, lots)] == ["versions_overlap"]
    assert zone_problems(versions.iloc[:2], lots) == []
    assert zone_problems(versions.iloc[[0, 2]], lots) == []


def test_an_overlap_as_large_as_what_is_tolerated_is_none() -> None:
    lots = gpd.GeoDataFrame(geometry=shapely.box([0, 3], 0, [4, 8], 4), crs=CRS)  # 4 m²
    assert len(geometry.overlaps(lots, tolerance_m2=4.0)) == 0
    assert geometry.overlaps(lots, tolerance_m2=3.5)["area_m2"].tolist() == [4.0]


def test_a_row_may_be_superseded_on_the_day_it_was_recorded() -> None:
    at = [pd.Timestamp(f"2018-01-05 0{hour}:00", tz="UTC") for hour in (1, 2)]
    rows = ledger(("P", "leased", "2018-01-01"), entry_id="e", recorded_at=at[0])
    found = validation.validate(rows.assign(superseded_at=at[1]), "ledger", errors="collect")[1]
    assert found == []
    late = rows.assign(recorded_at=at[1], superseded_at=at[0])
    found = validation.validate(late, "ledger", errors="collect")[1]
    assert [one.rule for one in found] == ["interval_not_after"]
