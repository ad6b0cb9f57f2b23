"""Real layers through the door: counts agree with plain shapely on what the driver gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from kcngeo.core import geometry
from kcngeo.core.errors import DataSourceError
from kcngeo.io import read_layer
from kcngeo.io.vector.formats import FORMATS

# What each file is expected to bring: layer, rows, findings with the number of rows each names.
# Files that are not here are expected to bring one layer, all good.
DRAWING = {"crs_missing": None, "shape_mixed": None}
TABLE = {"layer_no_geometry": None}
OSM = {"layer_chosen": None}
EXPECTED: dict[str, dict[str, Any]] = {
    "cad_formats/cz_930300.dxf": DRAWING,
    "cad_formats/smalltest.dgn": DRAWING,
    "cad_formats/tab-win1251.TAB": {"shape_mixed": None},
    "cambridge_parcels/ASSESSING_ParcelsFY2013.topojson": {"crs_missing": None, "shape_invalid": 1},
    "cambridge_parcels/ASSESSING_ParcelsFY2014.topojson": {
        "crs_missing": None,
        "shape_invalid": 1,
        "shape_empty": 1,
    },
    "cambridge_parcels/TaxFY13.csv": TABLE,
    "cambridge_parcels/TaxFY14.csv": TABLE,
    "osm_liechtenstein/liechtenstein-2013-08-03.osm.pbf": OSM,
    "osm_liechtenstein/liechtenstein-2015-07.osm.pbf": OSM,
    "osm_pyrosm_fi/test.osm.pbf": {**OSM, "shape_unheld": 1, "shape_invalid": 1},
    "vn_lamdong_2025/all_124_units_area.csv": TABLE,
    "vologda_buildings/water.parquet": {"shape_mixed": None},
}
SUFFIXES = {suffix for one in FORMATS for suffix in one.suffixes} - {".txt"}


def vector_files(folder: Path) -> list[Path]:
    return sorted(
        one
        for one in folder.rglob("*")
        if one.suffix.lower() in SUFFIXES and "vat.dbf" not in one.name
    )


def plain(path: Path) -> tuple[int, dict[str, int]]:
    """Count rows and bad shapes without kcngeo: GDAL's rows, or pandas', and shapely's verdict."""
    if path.suffix == ".parquet":
        shapes = gpd.read_parquet(path).geometry.to_numpy()
        raw: Any = shapes
    elif path.suffix == ".csv":
        return len(pd.read_csv(path, dtype=str)), {}
    else:
        layer = "multipolygons" if path.suffix == ".pbf" else None
        _, table = pyogrio.read_arrow(path, layer=layer)
        raw = table.column("wkb_geometry" if "wkb_geometry" in table.column_names else "geom")
        raw = raw.to_numpy(zero_copy_only=False)
        shapes = shapely.from_wkb(raw, on_invalid="ignore")
    missing = shapely.is_missing(shapes)
    counts = {
        "shape_unheld": sum(
            one is None and was is not None for one, was in zip(shapes, raw, strict=True)
        ),
        "shape_empty": int(shapely.is_empty(shapes).sum()),
        "shape_invalid": int((~shapely.is_valid(shapes) & ~missing).sum()),
    }
    return len(shapes), {name: count for name, count in counts.items() if count}


def test_every_file_comes_through_with_the_findings_one_would_expect(shared_data: Path):
    files = vector_files(shared_data)
    assert len(files) >= 28
    for path in files:
        name = path.relative_to(shared_data).as_posix()
        if name == "momepy_bubenec/bubenec.gpkg":
            continue
        read = read_layer(path)
        rows, bad = plain(path)
        assert len(read.frame) == rows, name
        said = {one.rule: one for one in read.findings}
        assert set(said) == set(EXPECTED.get(name, {})), name
        for rule in ("shape_unheld", "shape_empty", "shape_invalid"):
            assert len(said[rule].ids if rule in said else ()) == bad.get(rule, 0), (name, rule)


def test_the_layers_of_bubenec_are_named(shared_data: Path):
    path = shared_data / "momepy_bubenec" / "bubenec.gpkg"
    with pytest.raises(DataSourceError, match=r"tessellation \| buildings \| streets \| plots"):
        read_layer(path)
    plots = read_layer(path, layer="plots")
    assert len(plots.frame) == 407
    assert plots.findings == ()


def test_pictures_are_told_from_layers(shared_data: Path):
    for path in shared_data.rglob("*.tif"):
        with pytest.raises(DataSourceError, match=r"is a picture \(TIFF\)"):
            read_layer(path)


def test_repeated_keys_of_cambridge(shared_data: Path):
    path = shared_data / "cambridge_parcels" / "ASSESSING_ParcelsFY2014.topojson"
    read = read_layer(path, key="ML", crs="EPSG:4326")
    objects = json.loads(path.read_text("utf-8"))["objects"]
    (layer,) = objects.values()
    keys = pd.Series([one["properties"].get("ML") for one in layer["geometries"]])
    repeated = keys.duplicated(keep=False) & keys.notna()
    said = {one.rule: one for one in read.findings}
    assert len(said["key_repeated"].ids) == repeated.sum() > 0
    assert set(said["key_repeated"].fields["keys"]) == set(keys[repeated])


@pytest.mark.long  # 124 borders against each other, of a file that does not change
def test_the_communes_of_lam_dong_lie_in_the_province_and_share_borders_only(shared_data: Path):
    folder = shared_data / "vn_lamdong_2025"
    province = read_layer(folder / "68_lam_dong.geojson").frame
    communes = [
        read_layer(path, reference=province)
        for path in sorted(folder.glob("*.geojson"))
        if not path.name.startswith("68_")
    ]
    assert len(communes) == 10
    assert all(one.findings == () for one in communes)
    together = pd.concat([one.frame for one in communes], ignore_index=True).to_crs("EPSG:5899")
    pairs = geometry.overlaps(together)
    # The same by plain shapely, pair by pair: neighbours touch, none lies over another.
    shapes = together.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    area_m2 = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    assert len(left) == 14
    assert area_m2.tolist() == [0.0] * 14
    assert len(pairs) == 0
    # Moved 100 m to the east, one of them lies over a neighbour: so much that both ways see it.
    shapes[3] = shapely.transform(shapes[3], lambda xy: xy + np.array([100, 0]))
    moved = together.set_geometry(shapes, crs=together.crs)
    area_m2 = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    over = {tuple(pair) for pair in np.column_stack([left, right])[area_m2 > geometry.OVERLAP_M2]}
    found = geometry.overlaps(moved)
    assert over
    assert {(one, other) for one, other in zip(found["left"], found["right"], strict=True)} == over
    # The official areas are of the same polygons, within a percent.
    official_m2 = together["areaKm2"].astype(float) * 1e6
    assert (together.area / official_m2).tolist() == pytest.approx([1.0] * 10, abs=0.01)


def test_a_russian_table_keeps_its_letters(shared_data: Path):
    read = read_layer(shared_data / "cad_formats" / "tab-win1251.TAB")
    assert read.frame["Поле_А"].tolist() == ["Значение А", "Значение 1", "Полигон"]


def test_nothing_is_written_beside_the_files(shared_data: Path):
    before = {one: one.stat().st_mtime_ns for one in shared_data.rglob("*")}
    for path in (
        shared_data / "sao_miguel" / "concelhos.gpkg",
        shared_data / "olinda" / "olinda1.shp",
    ):
        assert np.isfinite(read_layer(path).frame.total_bounds).all()
    assert {one: one.stat().st_mtime_ns for one in shared_data.rglob("*")} == before
