"""Zones and lots like the French geostandard of economic sites: two lots by hand, and its lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import MultiPolygon
from typer.testing import CliRunner

import kcngeo as kcn
from kcngeo.analysis.progress.three_axes import MARKETING, OCCUPATION, SERVICING
from kcngeo.cli import app
from kcngeo.core.errors import KcngeoError
from kcngeo.core.model import LandUse, Stage
from kcngeo.publish.economic_sites import conventions
from tests import squares

ON = "2018-03-31"


def two_lots(**columns: Any) -> kcn.Project:
    """Lay two lots and a road of 1 ha each in a zone of 10 ha; L1 is let, L2 was until 2016."""
    zone = {"name": "Zone A", "established_on": pd.Timestamp("2010-05-01"), **columns}
    lots = squares.parcels("L1", "L2", "R", use=["industrial", "industrial", "transport"])
    ledger = squares.ledger(
        ("L1", "leased", "2015-01-01"),
        ("L2", "leased", "2013-01-01", "2016-01-15"),
        project_id=["P1", "P2"],
    )
    projects = pd.DataFrame(
        {
            "project_id": ["P1", "P2"],
            "investor": ["Công ty Đại Sơn", "Công ty Tân Lập"],
            "operating_on": pd.to_datetime(["2016-01-01", "2014-01-01"]),
        }
    )
    return kcn.Project(
        zones=squares.zones("A", **{name: [value] for name, value in zone.items()}),
        parcels=lots,
        ledger=ledger,
        projects=projects,
    )


def written(project: kcn.Project, folder: Path, *, edition: str = "full") -> Path:
    made = kcn.products.exchange(project, form="cnig", on=ON, edition=edition)
    return made.write(folder, language="en")


def layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "sites_economiques.gpkg", layer=name)


def fields(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    told = json.loads((folder / "datapackage.json").read_text("utf-8"))
    (resource,) = (one for one in told["resources"] if one["layer"] == name)
    return {one["name"]: one for one in resource["schema"]["fields"]}


def test_two_lots_by_hand(tmp_path: Path) -> None:
    folder = written(two_lots(fibre=True, to_port_m=187_400.0), tmp_path / "made")
    site = layer(folder, "site_eco").iloc[0].dropna().drop("geometry").to_dict()
    # One of two lots stands empty since 15 January 2016: 26 months, two years and more, 50 %.
    assert site == {
        "site_id": "A",
        "site_nom": "Zone A",
        "site_type": "zone d'activité économique",
        "site_vocadomi": "industrielle",
        "site_etat": "existant et actif",
        "site_surf_brute": 10.0,
        "site_surf_utile": 2.0,
        "site_actu_date": "2018-03-31",
        "site_uf_nbre": 2,
        "site_uf_vacant_nbre": 1,
        "site_taux_vacance": 50,
        "site_creation_date": "2010",
        "site_surf_comm_dispo": 1.0,
        "site_surf_projet": 0.0,
        "reseau_fibre_optique": "oui",
        "port_dist": 187,
        "kcn_source": "measured",
        "kcn_leased_ha": 1.0,
        "kcn_reserved_ha": 0.0,
        "kcn_recovering_ha": 0.0,
        "kcn_repurposed_ha": 0.0,
        "kcn_uncleared_ha": 0.0,
        "kcn_available_ha": 1.0,
        "kcn_vacant_count": 1,
        "kcn_vacant_long_count": 1,
        "kcn_vacant_unknown_count": 0,
        "kcn_longest_months": 26,
    }
    plots = layer(folder, "terrain_eco").set_index("terr_id")
    shown = ["site_id", "terr_surf_brute", "terr_utile", "terr_stade_comm", "terr_etat_occup"]
    told = plots[[*shown, "terr_usage", "kcn_vacant_since", "kcn_vacant_months"]]
    assert told.astype(object).where(told.notna(), None).to_numpy().tolist() == [
        [
            *("A", 1.0, "oui", "vendu, commercialisation achevée", "occupé", "bâti productif"),
            *(None, None),
        ],
        ["A", 1.0, "oui", "en vente", "vacant", None, "2016-01-15", 26],
        [
            *("A", 1.0, "non", "non commercialisable", None, "voirie ou infrastructure"),
            *(None, None),
        ],
    ]
    # Without works on record nobody knows whether a lot is serviced.
    assert fields(folder, "terrain_eco")["terr_stade_amngt"]["empty"] == 3
    assert fields(folder, "terrain_eco")["terr_etat_occup"]["empty"] == 1
    assert fields(folder, "site_eco")["site_epci_nom"]["empty"] == 1
    assert fields(folder, "site_eco")["site_epci_nom"]["requiredByStandard"]


@pytest.mark.parametrize(
    ("until", "vacant"),
    [("2016-03-31", 1), ("2016-04-01", 0)],
    ids=["two years to the day", "a day less"],
)
def test_two_years_are_counted_to_the_day(until: str, vacant: int, tmp_path: Path) -> None:
    project = two_lots()
    project.ledger.loc[1, "valid_to"] = until
    site = layer(written(project, tmp_path / "made"), "site_eco").iloc[0]
    assert (site["site_uf_vacant_nbre"], site["site_taux_vacance"]) == (vacant, 50 * vacant)


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "existant et actif"),
        ({"established_on": pd.Timestamp("2018-03-31")}, "existant et actif"),
        ({"established_on": pd.Timestamp("2018-04-01")}, "en projet"),
        ({"removed_on": pd.Timestamp("2018-03-31")}, "déclassé"),
        ({"removed_on": pd.Timestamp("2018-04-01")}, "existant et actif"),
        ({"established_on": pd.NaT, "stage": "planned"}, "en projet"),
        ({"established_on": pd.NaT}, "existant et actif"),
    ],
)
def test_the_state_of_a_zone_goes_by_its_days(
    columns: dict[str, Any], state: str, tmp_path: Path
) -> None:
    site = layer(written(two_lots(**columns), tmp_path / "made"), "site_eco").iloc[0]
    assert site["site_etat"] == state


def test_a_zone_that_lets_nothing_is_being_made(tmp_path: Path) -> None:
    project = two_lots()
    project.ledger.loc[0, "valid_to"] = ON
    assert layer(written(project, tmp_path / "made"), "site_eco")["site_etat"].tolist() == [
        "création"
    ]


def test_every_word_of_ours_becomes_one_of_the_standards_lists() -> None:
    told = conventions()
    given = {
        "site_etat": {*Stage, "let"},
        "terr_stade_comm": {*MARKETING, "not_leasable"},
        "terr_stade_amngt": {f"{one}_{other}" for one in SERVICING for other in OCCUPATION},
        "terr_etat_occup": set(OCCUPATION),
        "terr_usage": {"occupied", *LandUse} - {LandUse.INDUSTRIAL, LandUse.SERVICE},
    }
    for name, words in given.items():
        assert {str(one) for one in words} == set(told[name]), name
        assert set(told[name].values()) - {""} <= set(told["lists"][name]), name
    for name, value in told["always"].items():
        assert value in told["lists"][name]


def test_the_sample_adds_up_and_keeps_the_lists(tmp_path: Path) -> None:
    project = kcn.io.read_project("data/parcels/two_zones.gpkg")
    folder = written(project, tmp_path / "made")
    account = kcn.fill.land_account(project, on=ON)
    sites = layer(folder, "site_eco").set_index("site_id")
    plots = layer(folder, "terrain_eco")
    useful = plots[plots["terr_utile"] == "oui"].groupby("site_id")["terr_surf_brute"].sum()
    for zone_id in ("loc-son", "phu-hoi"):
        assert sites.loc[zone_id, "site_surf_utile"] == account.loc[zone_id, "base_ha"]
        assert useful[zone_id] == pytest.approx(account.loc[zone_id, "base_ha"], abs=1e-6)
    for name, frame in (("site_eco", sites.reset_index()), ("terrain_eco", plots)):
        info = pyogrio.read_info(folder / "sites_economiques.gpkg", layer=name)
        assert info["geometry_type"] == "MultiPolygon"
        assert {type(shape) for shape in frame.geometry} == {MultiPolygon}
        for field in fields(folder, name).values():
            assert int(frame[field["name"]].isna().sum()) == field["empty"], field
            if "constraints" in field:
                assert set(frame[field["name"]].dropna()) <= set(field["constraints"]["enum"])


def test_a_zone_without_shape_or_lots_is_empty_and_counted(tmp_path: Path) -> None:
    project = two_lots()
    zones = pd.concat([project.zones, squares.zones("B").set_geometry([None])])
    more = kcn.Project(zones=zones, parcels=project.parcels, ledger=project.ledger)
    folder = written(more, tmp_path / "made")
    bare = layer(folder, "site_eco").iloc[1]
    assert bare["site_id"] == "B"
    assert bare[["geometry", "site_surf_brute", "site_uf_nbre", "site_etat"]].isna().all()
    assert fields(folder, "site_eco")["geometry"]["empty"] == 1


def test_the_public_edition_says_the_same_and_names_nobody(tmp_path: Path) -> None:
    project = two_lots()
    project.parcels.loc[1, "parcel_id"] = "Lô Tân Lập"
    project.ledger.loc[1, "parcel_id"] = "Lô Tân Lập"
    full = written(project, tmp_path / "full")
    public = written(project, tmp_path / "public", edition="public")
    names = layer(public, "terrain_eco")["terr_id"].tolist()
    assert "Lô Tân Lập" in layer(full, "terrain_eco")["terr_id"].tolist()
    assert not any("Lập" in name for name in names)
    both = [
        layer(folder, "terrain_eco").drop(columns=["terr_id", "geometry"]).sort_values("terr_usage")
        for folder in (full, public)
    ]
    pd.testing.assert_frame_equal(*(one.reset_index(drop=True) for one in both))


def test_the_same_bytes_and_made_again(tmp_path: Path) -> None:
    project = two_lots()
    first, second = (written(project, tmp_path / name) for name in ("one", "two"))
    for name in ("sites_economiques.gpkg", "datapackage.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    again = kcn.products.remake(project, kcn.publish.read_manifest(first))
    verdict = kcn.publish.verify(first, remade=again)
    assert not verdict.is_refuted, verdict.differences
    assert {"sites_economiques.gpkg", "datapackage.json"} <= set(verdict.proved or ())


def test_a_zone_at_fault_is_left_out_and_named(tmp_path: Path) -> None:
    project = two_lots()
    project.ledger.loc[0, "parcel_id"] = "L2"
    project.ledger.loc[0, "valid_from"] = "2014-01-01"
    made = kcn.products.exchange(project, form="cnig", on="2015-03-31")
    assert list(made.left_out) == ["A"]
    assert len(layer(made.write(tmp_path / "made"), "site_eco")) == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"form": "cnig"}, "zones and lots of a day"),
        ({"on": ON}, "holds all days"),
        ({"form": "inspire", "on": ON}, "no form for exchange"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(KcngeoError, match=told):
        kcn.products.exchange(two_lots(), **options)


def test_the_command_writes_it(tmp_path: Path) -> None:
    store = tmp_path / "p.gpkg"
    kcn.io.write_project(two_lots(), store)
    words = ["exchange", str(store), "--out", str(tmp_path / "out"), "--language", "en"]
    done = CliRunner().invoke(app, [*words, "--as", "cnig", "--on", ON])
    assert done.exit_code == 0, done.output
    assert "Economic plots (lots): 3 rows" in done.output
    assert len(layer(tmp_path / "out", "terrain_eco")) == 3
