"""Candidates for a CRS that is not known: what areas tell, what place tells, what nothing tells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from kcngeo import standards
from kcngeo.core.errors import CRSError
from kcngeo.io import crs_candidates
from kcngeo.io.vector.crs_inference import lost_vn2000, place_of
from tests.squares import square

TM3 = sorted(
    {
        f"EPSG:{entry.epsg}"
        for entry in map(standards.load, standards.names())
        if isinstance(entry, standards.Province)
    }
)
HECTARE_M2 = 10_000.0


def lots(crs: Any = "EPSG:5899") -> gpd.GeoDataFrame:
    """Twenty lots of 1 ha on the grid of the cadastre, as they come out in another CRS."""
    shapes = [square(column, row) for column in range(10) for row in range(2)]
    frame = gpd.GeoDataFrame({"dt": [HECTARE_M2] * len(shapes)}, geometry=shapes, crs="EPSG:5899")
    return frame.to_crs(crs)


def without_crs(frame: gpd.GeoDataFrame, change: Any = None) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy()
    shapes = shapes if change is None else shapes_of(shapes, change)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes)


def shapes_of(shapes: Any, change: Any) -> Any:
    return shapely.transform(shapes, change)


def best(ranked: Any) -> set[str]:
    return set(ranked.loc[ranked["rank"] == 1, "crs"])


ZONE = gpd.GeoDataFrame(
    {"zone_id": ["A"]}, geometry=[square(0, 0, wide=10, high=2)], crs="EPSG:5899"
)


def test_areas_tell_tm3_from_utm_and_not_one_meridian_from_another():
    ranked = crs_candidates(without_crs(lots()), certificate="dt")
    plain = ranked[ranked["rank"] == 1]
    assert {"TM-3" in name for name in plain["name"]} == {True}
    assert {"EPSG:5899", "EPSG:9217", "EPSG:9214"} <= set(plain["crs"])
    assert plain["tied"].all()
    assert plain["area_error_share"].abs().max() < 1e-9
    utm = ranked[ranked["crs"].isin(["EPSG:3405", "EPSG:32648"])]
    # (0.9999 ÷ 0.9996)² − 1 = 0.0600 %, but for the distance from the meridian.
    assert utm["area_error_share"].tolist() == pytest.approx([0.0006] * len(utm), abs=5e-5)
    assert (utm["rank"] > 1).all()


def test_utm_is_told_from_tm3():
    # 305 km west of the layer lies the meridian of UTM 48: its grid is 0.15 % larger than the
    # cadastre's, which the certificates would show in every TM-3 zone.
    ranked = crs_candidates(without_crs(lots("EPSG:3405")), certificate="dt")
    assert best(ranked) == {"EPSG:3405", "EPSG:32648"}
    assert ranked["tied"].iloc[0]


def test_place_tells_the_meridian():
    ranked = crs_candidates(without_crs(lots()), certificate="dt", reference=ZONE)
    assert best(ranked) == {"EPSG:5899"}
    assert not ranked["tied"].iloc[0]
    assert ranked["distance_km"].iloc[0] == pytest.approx(0.0, abs=0.3)
    wrong = ranked.set_index("crs")["distance_km"]
    geod = pyproj.Geod(ellps="WGS84")
    # 107.75 and 108.00 are a quarter of a degree apart; the zone is 1 km wide.
    quarter_km = geod.inv(107.75, 11.485, 108.0, 11.485)[2] / 1000
    assert wrong["EPSG:5898"] == pytest.approx(quarter_km, abs=1.2)


@pytest.mark.parametrize("code", TM3)
def test_every_zone_is_found_by_place(code: str):
    crs = pyproj.CRS(code)
    shapes = [square(0), square(1)]
    frame = gpd.GeoDataFrame({"dt": [HECTARE_M2] * len(shapes)}, geometry=shapes, crs=crs)
    ranked = crs_candidates(without_crs(frame), certificate="dt", reference=frame)
    assert best(ranked) == {code}


def test_the_province_breaks_no_tie_but_marks_its_zone():
    ranked = crs_candidates(without_crs(lots()), certificate="dt", province="lam-dong")
    assert ranked["crs"].iloc[0] == "EPSG:5899"
    assert ranked["of_province"].tolist().index(True) == 0
    assert ranked["tied"].iloc[0]
    with pytest.raises(standards.StandardError, match="no entry"):
        crs_candidates(without_crs(lots()), province="atlantis")


@pytest.mark.parametrize(
    ("change", "swapped", "unit_m"),
    [
        (lambda xy: xy[:, ::-1], True, 1.0),
        (lambda xy: xy / 0.3048, False, 0.3048),
        (lambda xy: xy * 1000, False, 0.001),
        (lambda xy: xy[:, ::-1] * 1000, True, 0.001),
    ],
)
def test_swapped_axes_feet_and_millimetres(change: Any, swapped: bool, unit_m: float):
    frame = without_crs(lots(), change)
    ranked = crs_candidates(frame, certificate="dt", reference=ZONE)
    first = ranked.iloc[0]
    assert (first["crs"], first["swapped"], first["unit_m"]) == ("EPSG:5899", swapped, unit_m)
    assert (ranked["rank"] == 1).sum() == 1


def test_degrees_either_way_round():
    frame = lots("EPSG:4326")
    assert best(crs_candidates(without_crs(frame), certificate="dt")) == {"EPSG:4326"}
    swapped = crs_candidates(without_crs(frame, lambda xy: xy[:, ::-1]), certificate="dt")
    assert swapped["crs"].iloc[0] == "EPSG:4326"
    assert swapped["swapped"].iloc[0]


def test_rounded_and_wrong_certificates_do_not_decide_by_chance():
    # 1 % of noise on 20 lots leaves the median uncertain by 0.3 %: TM-3 and UTM are then a tie.
    noisy = without_crs(lots())
    noisy["dt"] = HECTARE_M2 * (1 + np.random.default_rng(1).normal(0, 0.01, len(noisy)))
    assert {"EPSG:5899", "EPSG:3405"} <= best(crs_candidates(noisy, certificate="dt"))
    # One lot in ten is wrong by a factor: the median does not mind.
    some = without_crs(lots())
    some.loc[[3, 7], "dt"] = [HECTARE_M2 * 10, HECTARE_M2 / 100]
    assert "EPSG:3405" not in best(crs_candidates(some, certificate="dt"))


def test_without_areas_and_reference_everything_in_viet_nam_is_a_tie():
    ranked = crs_candidates(without_crs(lots()))
    assert len(best(ranked)) > 10
    assert ranked["area_error_share"].isna().all()
    assert (ranked["areas"] == 0).all()


def test_nothing_to_go_by():
    empty = gpd.GeoDataFrame({"dt": []}, geometry=[])
    assert len(crs_candidates(empty)) == 0
    far = gpd.GeoDataFrame(geometry=[shapely.box(1e7, 1e7, 1e7 + 1, 1e7 + 1)])
    assert len(crs_candidates(far)) == 0
    with pytest.raises(CRSError, match="reference layer has no CRS"):
        crs_candidates(without_crs(lots()), reference=without_crs(lots()))


def test_the_layer_is_not_changed():
    frame = without_crs(lots())
    before = frame.copy()
    crs_candidates(frame, certificate="dt", reference=ZONE)
    assert frame.equals(before)
    assert frame.crs is None


@pytest.mark.parametrize("code", TM3)
def test_a_grid_that_lost_its_datum_is_recognised(code: str):
    (meridian,) = {
        entry.central_meridian
        for entry in map(standards.load, standards.names())
        if isinstance(entry, standards.Province) and f"EPSG:{entry.epsg}" == code
    }
    projection = f"+proj=tmerc +lon_0={meridian} +k=0.9999 +x_0=500000 +datum=WGS84 +units=m"
    assert lost_vn2000(pyproj.CRS(projection)) == code
    assert lost_vn2000(pyproj.CRS(projection.replace("0.9999", "1"))) is None
    assert lost_vn2000(pyproj.CRS(projection.replace("WGS84", "NAD83"))) is None
    assert lost_vn2000(pyproj.CRS(code)) is None


def test_a_grid_in_its_own_right_lost_nothing():
    assert lost_vn2000(pyproj.CRS("EPSG:32648")) is None
    assert lost_vn2000(pyproj.CRS("EPSG:4326")) is None
    assert lost_vn2000(None) is None


def test_distance_between_layers():
    assert place_of(ZONE, ZONE) == 0.0
    east = gpd.GeoDataFrame(geometry=[square(110)], crs="EPSG:5899")
    # From x = 1000 m to x = 11 000 m of the grid: 10 km.
    assert place_of(east, ZONE) == pytest.approx(10.0, rel=1e-3)
    assert np.isnan(place_of(gpd.GeoDataFrame(geometry=[], crs="EPSG:5899"), ZONE))
