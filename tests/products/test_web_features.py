"""Zones and lots of a day as files that a web server can hand out as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from typer.testing import CliRunner

import kcngeo as kcn
from kcngeo.cli import app
from kcngeo.core.errors import KcngeoError

ON = "2018-03-31"
ZONES, LOTS = "collections/zones_on_day", "collections/parcels_on_day"


@pytest.fixture(scope="module")
def files() -> Mapping[str, Any]:
    made = kcn.products.exchange(kcn.examples.squares(), form="web", on=ON)
    return {name: make() for name, make in made.files("package", language="en").items()}


def read(files: Mapping[str, Any], name: str) -> Any:
    return json.loads(files[name])


def test_every_file_is_reached_from_the_first_one(files: Mapping[str, Any]) -> None:
    reached, waiting = set(), ["index.json"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        told = read(files, name)
        folder = Path(name).parent
        links = [
            *told.get("links", []),
            *(x for y in told.get("collections", []) for x in y["links"]),
        ]
        found = {(folder / one["href"]).as_posix() for one in links}
        # Links of a layer's own file lead up and down again.
        found = {Path("/", one).resolve().relative_to("/").as_posix() for one in found}
        waiting += sorted(found - reached - {*waiting})
    assert reached == {*files}


def test_zones_and_lots_have_their_figures_and_lie_where_they_are(
    files: Mapping[str, Any], tmp_path: Path
) -> None:
    # Of zone A 1.5 of 4 ha are let, of zone B 1 of 2 ha.
    told = {
        one["id"]: one["properties"] for one in read(files, f"{ZONES}/items.geojson")["features"]
    }
    assert [(told[one]["leased_ha"], told[one]["base_ha"]) for one in "AB"] == [
        (1.5, 4.0),
        (1.0, 2.0),
    ]
    path = tmp_path / "lots.geojson"
    path.write_bytes(files[f"{LOTS}/items.geojson"])
    lots = gpd.read_file(path).set_index("parcel_id").to_crs(5899)
    ours = kcn.examples.squares().parcels.set_index("parcel_id")
    # A square of one hectare: eight decimals of a degree are a millimetre, 0.4 m² around 400 m.
    assert lots.loc["A-1"].geometry.area == pytest.approx(1e4, abs=0.5)
    assert lots.loc["A-1"].geometry.distance(ours.loc["A-1"].geometry.centroid) == 0
    assert read(files, f"{LOTS}/schema.json")["properties"]["leased_ha"]["title"] == "Leased (ha)"
    assert {*read(files, f"{LOTS}/schema.json")["properties"]} == {*told_columns(files)}


def told_columns(files: Mapping[str, Any]) -> list[str]:
    return list(read(files, f"{LOTS}/items.geojson")["features"][0]["properties"])


def test_the_record_names_day_place_and_files_and_no_licence(files: Mapping[str, Any]) -> None:
    record = read(files, "dcat.jsonld")
    assert record["dct:temporal"]["dcat:startDate"]["@value"] == ON
    west, south, east, north = read(files, "collections.json")["collections"][0]["extent"][
        "spatial"
    ]["bbox"][0]
    # The squares lie north and south of 1,270,000 m on the meridian of 107°45'.
    assert 107.75 < west < east < 107.77
    assert 11.48 < south < north < 11.49
    links = [one["dcat:downloadURL"]["@id"] for one in record["dcat:distribution"]]
    assert {*links} == {f"{ZONES}/items.geojson", f"{LOTS}/items.geojson"}
    assert not {"dct:license", "dct:publisher"} & {*record}
    assert "whoever hands this out adds them" in record["dct:description"]["@value"]


def test_the_public_edition_names_no_investor(tmp_path: Path) -> None:
    words = ["exchange", "data/parcels/two_zones.gpkg", "--as", "web", "--on", ON]
    for edition in ("full", "public"):
        out = tmp_path / edition
        done = CliRunner().invoke(app, [*words, "--edition", edition, "--out", str(out)])
        assert done.exit_code == 0, done.output
        lots = (out / LOTS / "items.geojson").read_text("utf-8")
        assert ("investors" in lots) == (edition == "full")
        # The sample's shapes are invented.
        for name in ("index.json", f"{LOTS}/index.json"):
            assert json.loads((out / name).read_text("utf-8"))["description"].startswith(
                "Hình học giả"
            )
    manifest = kcn.publish.read_manifest(out)
    again = kcn.products.remake(kcn.io.read_project(words[1]), manifest)
    assert not kcn.publish.verify(out, remade=again).is_refuted


def test_the_day_must_be_given() -> None:
    with pytest.raises(KcngeoError, match="zones and lots of a day"):
        kcn.products.exchange(kcn.examples.squares(), form="web")
