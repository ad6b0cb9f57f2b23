"""Other people's columns: what is proposed, what is read, and that nothing is lost or guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from kcngeo import io
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.validation import validate
from kcngeo.io.mapping.propose import name_score
from kcngeo.io.mapping.toml import mapping_text
from tests import squares


def layer(**columns: Any) -> gpd.GeoDataFrame:
    """Lots of 1 ha under somebody's column names."""
    size = len(next(iter(columns.values())))
    shapes = [squares.square(place) for place in range(size)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=squares.CRS)


def cadastre() -> gpd.GeoDataFrame:
    """A shapefile of the cadastre: ten letters a name, everything in its own way."""
    return layer(
        OBJECTID=[1, 2, 3, 4],
        SOHIEUTOBA=[12, 12, 13, 13],
        SOTHUTUTHU=[45, 46, 1, 2],
        KYHIEULO=["CN-1", "CN-2", "DV-1", "CX-1"],
        CHUCNANGSU=["Nhà máy", "Kho tàng", "Thương mại dịch vụ", "Cây xanh"],
        LOAIDAT=["SKK", "SKK", "SKK", "SKK"],
        DIENTICHPL=["1,0000", "1,0010", "0,9990", "1,0000"],
        Shape_Area=[10_000.0, 10_000.0, 10_000.0, 10_000.0],
        GHICHU=["a", None, "c", "d"],
    )


def test_a_shapefile_of_the_cadastre():
    proposal = io.propose_mapping(cadastre(), name="lo_dat.shp", fixed={"zone_id": "A"})
    assert proposal.table == "parcels"
    assert proposal.columns == {
        "parcel_id": "KYHIEULO",
        "lot_code": "KYHIEULO",
        "map_sheet_no": "SOHIEUTOBA",
        "cadastral_no": "SOTHUTUTHU",
        "land_use": "CHUCNANGSU",
        "land_use_code": "LOAIDAT",
        "certificate_area_m2": "DIENTICHPL",
    }
    assert proposal.units == {"certificate_area_m2": "ha"}  # 1 on a lot of 10 000 m²
    assert proposal.meanings == {
        "land_use": {
            "Cây xanh": "green",
            "Kho tàng": "industrial",
            "Nhà máy": "industrial",
            "Thương mại dịch vụ": "service",
        }
    }
    assert proposal.own == ("OBJECTID", "Shape_Area", "GHICHU")
    assert proposal.missing == ()
    made = io.mapped(cadastre(), proposal)
    frame = validate(made.frame, "parcels")
    assert frame["parcel_id"].tolist() == ["CN-1", "CN-2", "DV-1", "CX-1"]
    assert frame["land_use"].tolist() == ["industrial", "industrial", "service", "green"]
    assert frame["certificate_area_m2"].tolist() == [10_000, 10_010, 9_990, 10_000]
    assert frame["map_sheet_no"].tolist() == ["12", "12", "13", "13"]
    assert frame["GHICHU"].fillna("–").tolist() == ["a", "–", "c", "d"]
    assert frame["Shape_Area"].tolist() == [10_000.0] * 4
    assert frame.crs == cadastre().crs
    assert [one.rule for one in made.findings] == ["import_own"]


def test_a_code_that_covers_the_zone_is_no_land_use():
    lots = cadastre()
    lots["CHUCNANGSU"] = ["Nhà máy", "SKK", "Nhà máy", "Nhà máy"]
    proposal = io.propose_mapping(lots, table="parcels", fixed={"zone_id": "A"})
    assert proposal.meanings["land_use"] == {"Nhà máy": "industrial", "SKK": ""}
    made = io.mapped(lots, proposal)
    assert made.frame["land_use"].isna().tolist() == [False, True, False, False]
    finding = next(one for one in made.findings if one.rule == "import_unread")
    assert (finding.ids, finding.fields["values"]) == (("row 1",), ("SKK",))
    only_codes = lots.drop(columns="CHUCNANGSU")
    assert io.propose_mapping(only_codes, table="parcels").missing == ("zone_id", "land_use")


def test_parcels_without_names_go_by_sheet_and_number():
    lots = cadastre().drop(columns="KYHIEULO")
    proposal = io.propose_mapping(lots, table="parcels")
    assert proposal.columns["parcel_id"] == ("SOHIEUTOBA", "SOTHUTUTHU")
    assert io.mapped(lots, proposal).frame["parcel_id"].tolist() == [
        "12-45",
        "12-46",
        "13-1",
        "13-2",
    ]
    lots["SOTHUTUTHU"] = [45, 45, 1, 2]  # named twice: no id can be made of it
    assert "parcel_id" in io.propose_mapping(lots, table="parcels").missing


def test_zones_are_known_by_their_words():
    zones = layer(TEN_KCN=["KCN Lộc Sơn", "KCN Phú Hội"], MA_KCN=["ls", "ph"], DT_QH=[183.0, 109.0])
    proposal = io.propose_mapping(zones, name="ranh giới KCN")
    assert proposal.table == "zones"
    assert proposal.columns == {"zone_id": "MA_KCN", "name": "TEN_KCN", "approved_area_ha": "DT_QH"}
    by_name = io.propose_mapping(zones.drop(columns="MA_KCN"), table="zones")
    assert by_name.columns["zone_id"] == "TEN_KCN"


@pytest.mark.parametrize(
    ("name", "column", "table", "low", "high"),
    [
        ("parcel_id", "parcel_id", "parcels", 100, 100),
        ("PARCEL_ID", "parcel_id", "parcels", 100, 100),
        ("Mã thửa", "parcel_id", "parcels", 95, 95),
        ("MaLo", "lot_code", "parcels", 95, 95),
        ("dien_tich_phap_ly", "certificate_area_m2", "parcels", 95, 95),
        ("SOHIEUTOBA", "map_sheet_no", "parcels", 88, 88),
        ("certificat", "certificate_no", "parcels", 88, 88),
        ("certificat", "certificate_area_m2", "parcels", 88, 88),  # the values decide
        ("Diện tích", "certificate_area_m2", "parcels", 0, 0),  # maybe only measured
        ("Tên nhà đầu tư hiện nay", "investor", "projects", 60, 80),
        ("Shape_Leng", "certificate_area_m2", "parcels", 0, 0),
    ],
)
def test_names(name: str, column: str, table: str, low: int, high: int):
    assert low <= name_score(name, column, table) <= high


def test_a_cut_name_goes_to_what_its_values_can_be():
    numbers = layer(lot=["a", "b"], certificat=[10_000.0, 9_999.5])
    texts = layer(lot=["a", "b"], certificat=["BX 123456", "BX 123457"])
    assert "certificate_area_m2" in io.propose_mapping(numbers, table="parcels").columns
    assert io.propose_mapping(texts, table="parcels").columns["certificate_no"] == "certificat"


def test_values_of_every_kind():
    projects = pd.DataFrame(
        {
            "Mã dự án": ["P1", "P2", "P3"],
            "Nhà đầu tư": ["A", "B", "C"],
            "Vốn đăng ký": ["1.234,5", "2.000,25", "x"],
            "Số lao động": [12.0, np.nan, 3.5],
            "Ngày cấp phép": [dt.date(2016, 3, 15), "16/03/2016", "03/2016"],
            "Nguồn vốn": ["trong nước", "foreign", "ODA"],
        }
    )
    proposal = io.propose_mapping(projects, table="projects")
    made = io.mapped(projects, proposal)
    assert made.frame["registered_capital"].tolist()[:2] == [1234.5, 2000.25]
    assert made.frame["workers"].tolist()[:1] == [12]
    assert made.frame["origin"].tolist()[:2] == ["domestic", "foreign"]
    days = made.frame["licensed_on"].dt.strftime("%Y-%m-%d").tolist()
    assert days[:2] == ["2016-03-15", "2016-03-16"]
    assert made.frame.iloc[2].isna().sum() >= 4
    unread = [one for one in made.findings if one.rule == "import_unread"]
    told = {one.fields["column"]: one.ids for one in unread}
    columns = ("registered_capital", "workers", "licensed_on", "origin")
    assert told == dict.fromkeys(columns, ("row 2",))


def test_a_number_that_could_be_two_is_not_read():
    lots = layer(lot=["a", "b"], dtpl=["12,345", "9,999"])
    made = io.mapped(lots, io.propose_mapping(lots, table="parcels"))
    assert made.frame["certificate_area_m2"].isna().all()
    assert "import_unread" in {one.rule for one in made.findings}
    shown = layer(lot=["a", "b"], dtpl=["12,345", "9,99"])  # one shows the sign of all
    made = io.mapped(shown, io.propose_mapping(shown, table="parcels"))
    assert made.frame["certificate_area_m2"].tolist() == [12.345, 9.99]


def test_areas_that_agree_with_the_shapes_in_no_unit_are_told():
    lots = layer(lot=["a", "b"], dtpl=[1_000.0, 1_000.0])
    made = io.mapped(lots, io.propose_mapping(lots, table="parcels"))
    assert next(one for one in made.findings if one.rule == "import_areas").fields["ratio"] == "10"


def test_columns_of_their_own_never_pass_for_ours():
    lots = layer(MaLo=["a", "b"], status=["x", "y"], phase=["1", "2"], recorded_at=["t", "u"])
    mapping = io.ColumnMapping(table="parcels", columns={"lot_code": "MaLo"})
    frame = io.mapped(lots, mapping).frame
    assert {"status", "phase_own", "recorded_at_own"} <= set(frame.columns)
    assert not {"phase", "recorded_at"} & set(frame.columns)


def test_inputs_are_not_changed():
    lots, before = cadastre(), cadastre()
    io.mapped(lots, io.propose_mapping(lots))
    pd.testing.assert_frame_equal(lots, before)


def test_a_mapping_goes_through_a_file(tmp_path: Path):
    proposal = io.propose_mapping(cadastre(), fixed={"zone_id": 'A "x" \\ é'})
    by_number = io.propose_mapping(
        pd.DataFrame({"project_id": ["a"], "origin": ["nước ngoài"]}), table="projects"
    )
    path = tmp_path / "bảng ghép.toml"
    io.write_mapping([proposal, by_number], path)
    back = io.read_mapping(path)
    for one in (proposal, by_number):
        again = back[one.table]
        assert (dict(again.columns), dict(again.fixed)) == (dict(one.columns), dict(one.fixed))
        assert (again.meanings, again.units) == (one.meanings, one.units)
    assert path.read_text("utf-8") == mapping_text([proposal, by_number])
    assert "# parcels: kept as they are: OBJECTID" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[lots.columns]\n", "lots is not part of a mapping"),
        ("[parcels.column]\na = 'b'\n", "parcels.column is not part"),
        ("[parcels.columns]\nlot_code = 5\n", "parcels.columns is not part"),
        ("[parcels.columns]\nlot_code = []\n", "parcels.columns is not part"),
        ("[parcels.values]\nland_use = 'x'\n", "parcels.values is not part"),
        ("parcels = 1\n", "parcels. is not part"),
        ("[parcels", "cannot be read"),
    ],
)
def test_a_file_that_is_no_mapping(tmp_path: Path, text: str, match: str):
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataSourceError, match=match):
        io.read_mapping(path)


def test_a_mapping_that_does_not_fit_names_everything_at_once():
    mapping = io.ColumnMapping(
        table="parcels", columns={"lot_code": "NONE", "colour": "MaLo"}, fixed={"size": "1"}
    )
    with pytest.raises(
        KcngeoError, match=r"not in the data \(NONE\).*not in the table \(colour, size\)"
    ):
        io.mapped(layer(MaLo=["a"]), mapping)


def test_tables_that_fit_nothing():
    with pytest.raises(KcngeoError, match="no table of a project fits columns named a, b"):
        io.propose_mapping(pd.DataFrame({"a": [1], "b": [2]}))
    with pytest.raises(KcngeoError, match="there is no table lots"):
        io.propose_mapping(cadastre(), table="lots")


def test_a_code_that_a_spreadsheet_would_count_is_a_text_and_comes_back(tmp_path: Path):
    path, codes = tmp_path / "codes.csv", ["＝1+1", "=2", "'SKK", "-"]
    known = dict.fromkeys(codes, "industrial")
    assert io.write_land_use_table(layer(land_use_code=codes), path, known=known) == 0
    # "'" comes before "-" and "=", the full-width sign last.
    first = [line.split(",")[0] for line in path.read_text("utf-8-sig").splitlines()[1:]]
    assert first == ["'SKK", "'-", "'=2", "'＝1+1"]
    assert io.read_land_use_table(path) == known
