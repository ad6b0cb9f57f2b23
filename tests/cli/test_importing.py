"""``kcngeo import`` and ``new``: nothing lost, nothing half written, nothing entered twice."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import ezdxf
import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
import xlsxwriter

from kcngeo import Project, cli, io, ledger
from tests import squares
from tests.io.spreadsheet.made import xlsx

HEADS = ["STT", "Tên doanh nghiệp", "Lô", "Diện tích (ha)", "Từ ngày", "Thời hạn"]
LEASES = [
    [1, "Công ty A", "Lô CN1", "1", "01/01/2016", "50 năm"],
    [2, "Công ty B", "1 phần lô CN2: 0,5 ha", "0,5", "01/02/2016", "Đến tháng 12/2066"],
]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program in this process; give exit code, output and messages."""

    def call(*words: object, language: str = "en") -> tuple[int, str, str]:
        said = ["kcngeo", *map(str, words), "--language", language]
        monkeypatch.setattr(sys, "argv", said)
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code, out, err

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two layers as shapefiles without a code page file, and a lease list."""
    lots = squares.parcels(*"abcde")
    gpd.GeoDataFrame(
        {
            "TenLo": ["CN-1", "CN-2", "CN-3", "CX-1", "GT"],
            "CHUCNANG": ["Nhà máy", "Kho tàng", "TMDV", "Cây xanh", "Giao thông"],
            "GHICHU": ["đất tốt", None, None, None, None],
        },
        geometry=lots.geometry.array,
        crs=lots.crs,
    ).to_file(tmp_path / "lo_dat.shp", encoding="utf-8")
    zone = squares.zones("A")
    gpd.GeoDataFrame(
        {"MA_KCN": ["ls"], "TEN_KCN": ["KCN Lộc Sơn"]}, geometry=zone.geometry.array, crs=zone.crs
    ).to_file(tmp_path / "ranh_kcn.gpkg")
    total = [None, "Tổng", None, "1,5", None, None]
    xlsx(tmp_path / "thuê.xlsx", {"2016": [["KCN LỘC SƠN"], HEADS, *LEASES, total]})
    return tmp_path


def sources(folder: Path) -> list[Path]:
    return [folder / name for name in ("ranh_kcn.gpkg", "lo_dat.shp", "thuê.xlsx")]


@pytest.fixture
def made(folder: Path, run: Run) -> Path:
    path = folder / "dự án.gpkg"
    code, _, err = run("import", *sources(folder), "--into", path, "--zone", "ls")
    assert code == 0, err
    return path


def test_a_project_is_made_of_layers_and_a_list(folder: Path, run: Run):
    path = folder / "p.gpkg"
    code, out, err = run("import", *sources(folder), "--into", path, "--zone", "ls")
    assert code == 0
    said = tomllib.loads(out)
    assert said["parcels"]["columns"]["land_use"] == "CHUCNANG"
    assert said["parcels"]["fixed"] == {"zone_id": "ls"}
    assert said["zones"]["columns"] == {"zone_id": "MA_KCN", "name": "TEN_KCN"}
    # What was found stands under the source it was found in.
    said = err.splitlines()
    place = said.index(next(one for one in said if "lo_dat.shp: 5 rows of parcels" in one))
    assert "kept under their own names: GHICHU" in said[place + 1]
    assert "thuê.xlsx: 2 rows of ledger" in said[place + 2]
    project = io.read_project(path)
    uses = ["industrial", "industrial", "service", "green", "transport"]
    assert project.parcels["land_use"].tolist() == uses
    assert project.parcels["GHICHU"].iloc[0] == "đất tốt"
    assert project.ledger["parcel_id"].tolist() == ["CN-1", "CN-2"]
    assert project.ledger["valid_to"].dt.strftime("%Y-%m-%d").tolist() == [
        "2066-01-01",
        "2067-01-01",
    ]
    assert project.ledger["investor"].tolist() == ["Công ty A", "Công ty B"]
    assert "recorded_at" not in project.ledger.columns
    # CN-1 whole: 1 ha of 1 ha; half of CN-2
    held = ledger.state(project, on="2016-12-31")
    assert held["leased_share"].tolist()[:2] == [1.0, 0.5]


def test_the_same_sources_give_the_same_bytes(folder: Path, run: Run):
    for name in ("p.gpkg", "q.gpkg"):
        run("import", *sources(folder), "--into", folder / name, "--zone", "ls")
    assert (folder / "p.gpkg").read_bytes() == (folder / "q.gpkg").read_bytes()


def test_a_dry_run_shows_and_writes_nothing(folder: Path, run: Run):
    before = sorted(folder.iterdir())
    code, out, err = run(
        "import", *sources(folder), "--into", folder / "p.gpkg", "--zone", "ls", "--dry-run"
    )
    assert code == 0
    assert "[parcels.columns]" in out
    assert "nothing was written" in err
    assert sorted(folder.iterdir()) == before


def test_a_list_arrives_again_without_an_edit_and_next_month_is_an_update(
    made: Path, folder: Path, run: Run
):
    before = made.read_bytes()
    words = ("import", folder / "thuê.xlsx", "--into", made, "--zone", "ls")
    code, _, err = run(*words)
    assert (code, made.read_bytes() == before) == (2, True)
    assert "thuê.xlsx does not say the day its figures are of" in err
    code, _, err = run(*words, "--on", "2018-02-28")
    assert (code, made.read_bytes() == before) == (0, True)
    assert "nothing was written" in err
    ended = [*LEASES[1][:5], "Đến 30/06/2018"]
    later = [LEASES[0], ended, [3, "Công ty C", "CN3", "1", "01/03/2018", None]]
    xlsx(folder / "tháng 3.xlsx", {"S": [["Đến tháng 3/2018"], HEADS, *later]})
    words = ("import", folder / "tháng 3.xlsx", "--into", made, "--recorded-at", "2018-03-31")
    code, out, _ = run(*words)
    assert code == 0
    assert "ledger,changed,CN-2 leased" in out
    assert "ledger,added,CN-3 leased" in out
    now = io.read_project(made)
    state = ledger.state(now, on="2018-07-01")["leased_share"]
    assert state.tolist()[:3] == [1.0, 0.0, 1.0]
    known = ledger.state(now.as_known("2018-03-30"), on="2018-07-01")
    assert known["leased_share"].tolist()[:3] == [1.0, 0.5, 0.0]


def test_rows_at_fault_stop_the_import_or_are_left_out(made: Path, folder: Path, run: Run):
    rows = [HEADS, [1, "Công ty C", "CN3", "1", "01/03/2018", None]]
    rows += [
        [2, "Công ty D", "CN77", "1", "01/03/2018", None],
        [3, "E", "CN2", "?", "02/03/2018", "?"],
    ]
    path = xlsx(folder / "lỗi.xlsx", {"S": rows})
    before = made.read_bytes()
    words = ("import", path, "--into", made, "--on", "2018-03-31", "--missing", "keep")
    code, _, err = run(*words)
    assert (code, made.read_bytes() == before) == (2, True)
    assert 'S!C3: there is no lot "CN77"' in err
    assert "3 errors in what was to be imported; nothing was written" in err
    code, _, err = run(*words, "--dry-run")
    assert code == 1
    assert "lỗi.xlsx beside the ledger on 31 Mar 2018: no longer in the list 2" in err
    code, _, _ = run(*words, "--partial", "--recorded-at", "2018-04-01")
    assert code == 1
    assert io.read_project(made).ledger["parcel_id"].tolist() == ["CN-1", "CN-2", "CN-3"]


def test_a_layer_without_a_crs_is_proven_by_areas_and_told_under_its_name(folder: Path, run: Run):
    lots = gpd.read_file(folder / "lo_dat.shp").assign(DIENTICHPL="10000,0")
    lots.to_file(folder / "lo_dat.shp", encoding="utf-8")
    (folder / "lo_dat.prj").unlink()
    words = ("import", *sources(folder)[:2], "--into", folder / "p.gpkg", "--zone", "ls")
    code, _, err = run(*words, "--province", "lam-dong")
    assert code == 2
    zones, _, rest = err.partition("lo_dat.shp: 5 rows of parcels")
    assert "no CRS" not in zones
    # The fences tell the meridian, 1 ha on paper tells the grid from UTM's (0.06 % off).
    best, _, others = rest.partition("province's own zone): ")[2].partition(";")
    assert best == "EPSG:5899 *"
    assert "EPSG:32648" not in others
    assert "--crs" in others
    assert run(*words, "--crs", "EPSG:5899")[0] == 0


def test_lots_far_from_their_fences_stop_the_import(made: Path, folder: Path, run: Run):
    # Another meridian, half a degree farther east: 54 km from the zone of the project.
    lots = gpd.read_file(folder / "lo_dat.shp").set_crs(9217, allow_override=True)
    lots.to_file(folder / "lo_dat.shp", encoding="utf-8")
    before = made.read_bytes()
    code, _, err = run("import", folder / "lo_dat.shp", "--into", made, "--zone", "ls")
    assert (code, made.read_bytes() == before) == (2, True)
    assert "in EPSG:9217 the layer lies 54 km from the reference. Candidates: EPSG:5899" in err


@pytest.mark.parametrize("crs", [9218, 4326, 32648])
def test_layers_of_another_grid_come_home_and_it_is_said(
    made: Path, folder: Path, run: Run, crs: int
):
    before = made.read_bytes()
    lots = gpd.read_file(folder / "lo_dat.shp").to_crs(crs)
    lots.to_file(folder / "lo_dat.gpkg")
    code, _, err = run("import", folder / "lo_dat.gpkg", "--into", made, "--zone", "ls")
    assert f"brought from EPSG:{crs} to EPSG:5899 by" in err
    assert "EPSG):6960" in err or crs == 9218  # two grids of VN-2000 leave the datum alone
    # Five squares of 1 ha; of degrees no hectares are told.
    own = {9218: "5.00", 4326: "–", 32648: "5.00"}[crs]
    assert f": {own}" in err
    assert "5.0000 ha on the new one" in err
    # There and back nothing moved.
    assert (code, made.read_bytes() == before) == (0, True)
    assert "nothing was written" in err


def test_layers_of_two_grids_meet_only_where_they_are_told_to(folder: Path, run: Run):
    lots = gpd.read_file(folder / "lo_dat.shp")
    west, east = folder / "tây.gpkg", folder / "đông.gpkg"
    lots.iloc[:2].to_crs(4326).to_file(west)
    lots.iloc[2:].to_crs(9218).to_file(east)
    words = ("import", folder / "ranh_kcn.gpkg", west, east, "--zone", "ls", "--into")
    code, _, err = run(*words, folder / "p.gpkg")
    assert (code, (folder / "p.gpkg").exists()) == (2, False)
    assert "parcels layer is in EPSG:4326, đông.gpkg layer in EPSG:9218" in err
    assert "--to-crs" in err
    assert run(*words, folder / "p.gpkg", "--to-crs", "EPSG:5899")[0] == 0
    parcels = io.read_project(folder / "p.gpkg").parcels
    assert parcels.area.round(4).tolist() == [10_000.0] * 5
    assert parcels.crs == 5899


def test_a_drawing_in_millimetres_with_northings_first(made: Path, folder: Path, run: Run):
    lots = gpd.read_file(folder / "lo_dat.shp")
    drawn = shapely.transform(lots.geometry.array, lambda points: points[:, ::-1] * 1000)
    # A number of the drawing's own: the project's rows have none in that column.
    lots.set_geometry(gpd.GeoSeries(drawn, crs=lots.crs)).iloc[:3].assign(MAU=[1, 2, 3]).to_file(
        folder / "mm.gpkg"
    )
    words = ("import", folder / "mm.gpkg", "--into", made, "--zone", "ls")
    code, _, err = run(*words)
    assert code == 2
    assert "(swap_axes=True) (unit_m=0.001)" in err
    assert "--swap-axes" in err
    assert run(*words, "--swap-axes", "--unit", "mm")[0] == 0
    parcels = io.read_project(made).parcels
    parcels = parcels[parcels["superseded_at"].isna()].sort_values("parcel_id")
    assert parcels.area.round(3).tolist() == [10_000.0] * 5
    numbers = parcels.set_index("parcel_id")["MAU"]
    assert numbers[["CN-1", "CN-2", "CN-3"]].tolist() == [1, 2, 3]
    assert numbers[["CX-1", "GT"]].isna().all()
    code, _, err = run(*words, "--unit", "parsec")
    assert code == 2
    assert "parsec is no unit of length. Give one of ch | cm" in err


def test_a_table_of_corners_becomes_lots(made: Path, folder: Path, run: Run):
    heads = ["Lô", "Chức năng", "Điểm", "X (m)", "Y (m)"]
    x, y = squares.NORTH + 200, squares.EAST  # beside the five squares, 100 × 60 m
    corners = [(x, y), (x + 100, y), (x + 100, y + 60), (x, y + 60)]
    rows = [["CN-9", "Nhà máy", 1, *corners[0]]]
    rows += [[None, None, at + 1, *corners[at]] for at in (1, 2, 3)]
    path = xlsx(folder / "góc ranh.xlsx", {"S": [heads, *rows]})
    words = ("import", path, "--into", made, "--zone", "ls")
    code, _, err = run(*words)
    assert code == 2
    assert "no CRS" in err
    code, _, err = run(*words, "--crs", "EPSG:5899")
    assert code == 0, err
    parcels = io.read_project(made).parcels.set_index("parcel_id")
    assert parcels.loc["CN-9", "geometry"].area == 6000.0
    assert parcels.loc["CN-9", "land_use"] == "industrial"


def test_a_contradiction_writes_nothing(made: Path, folder: Path, run: Run):
    rows = [HEADS, [1, "Công ty X", "CN1", "1", "01/01/2017", None]]
    before = made.read_bytes()
    path = xlsx(folder / "x.xlsx", {"S": [["Đến tháng 3/2018"], *rows]})
    words = ("import", path, "--into", made, "--missing", "keep")
    code, _, err = run(*words)
    assert (code, made.read_bytes() == before) == (2, True)
    assert "CN-1" in err


def test_a_mapping_is_written_changed_and_used(folder: Path, run: Run):
    lots = gpd.read_file(folder / "lo_dat.shp")
    lots["CHUCNANG"] = ["NM", "NM", "TMDV", "Cây xanh", "Giao thông"]
    lots.to_file(folder / "lo_dat.shp", encoding="utf-8")
    path, mapping = folder / "p.gpkg", folder / "m.toml"
    words = ("import", *sources(folder)[:2], "--into", path, "--zone", "ls")
    code, _, err = run(*words, "--write-mapping", mapping)
    assert code == 2
    assert "land_use: 2 values cannot be read: NM" in err
    assert not path.exists()
    text = mapping.read_text("utf-8")
    assert '"NM" = ""' in text
    mapping.write_text(text.replace('"NM" = ""', '"NM" = "industrial"'), encoding="utf-8")
    seen = folder / "seen"
    assert run(*words, "--mapping", mapping, "--review", seen)[0] == 0
    assert not path.exists()
    assert "lo_dat.shp" in (seen / "review.html").read_text("utf-8")
    # What was looked through is handed back as the workbook.
    assert run(*words, "--mapping", seen / "mapping.xlsx")[0] == 0
    assert io.read_project(path).parcels["land_use"].tolist()[:2] == ["industrial"] * 2


def test_a_list_of_projects(made: Path, folder: Path, run: Run):
    rows = [["Mã dự án", "Nhà đầu tư", "Ngày cấp phép"], ["P1", "Công ty A", "15/12/2015"]]
    path = xlsx(folder / "dự án.xlsx", {"S": rows})
    assert run("import", path, "--into", made)[0] == 2
    code, _, err = run("import", path, "--into", made, "--table", "projects")
    assert code == 0, err
    projects = io.read_project(made).projects
    assert projects is not None
    assert projects["licensed_on"].dt.strftime("%Y-%m-%d").tolist() == ["2015-12-15"]


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("thuê.xlsx",), "a new project needs zones, parcels too"),
        (("none.shp",), "there is no such file"),
        (("lo_dat.shp", "--table", "lots"), "there is no table lots"),
        (("lo_dat.shp", "--mapping", "none.toml"), "cannot be read"),
        (("lo_dat.shp", "--crs", "EPSG:x"), "EPSG:x"),
    ],
)
def test_what_cannot_be_imported(
    folder: Path, run: Run, words: tuple[str, ...], match: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder)
    code, _, err = run("import", *words, "--into", "p.gpkg")
    assert code == 2
    assert match in err
    assert not (folder / "p.gpkg").exists()


def test_new_makes_a_project_and_its_workbook(tmp_path: Path, run: Run):
    base = tmp_path / "KCN mới"
    code, _, err = run("new", base)
    assert code == 0
    assert "EPSG:5899" in err
    first = {suffix: base.with_suffix(suffix).read_bytes() for suffix in (".gpkg", ".xlsx")}
    code, _, err = run("new", base)
    assert code == 2
    assert "exist already" in err
    (tmp_path / "KCN mới.xlsx").write_bytes(b"filled in")
    code, _, err = run("new", base, "--force")
    assert code == 0
    assert first[".xlsx"] == base.with_suffix(".xlsx").read_bytes()
    # The same tables, but another project.
    again = io.read_project(base.with_suffix(".gpkg"))
    assert all(frame.empty for _, frame in again.tables())
    assert base.with_suffix(".gpkg").read_bytes() != first[".gpkg"]
    # What was replaced is still there.
    assert "kept a copy" in err
    copies = tmp_path / "KCN mới.backup-1"
    assert (copies / "KCN mới.xlsx").read_bytes() == b"filled in"
    assert (copies / "KCN mới.gpkg").read_bytes() == first[".gpkg"]
    code, _, err = run("import", f"{base}.xlsx", "--into", f"{base}.gpkg")
    assert code == 0, err
    assert "nothing was written" in err
    assert run("new", tmp_path / "x", "--crs", "EPSG:0")[0] == 2
    assert not (tmp_path / "x.gpkg").exists()


def test_layers_arrive_in_a_new_project_and_the_workbook_of_next_month_is_an_update(
    folder: Path, run: Run
):
    base = folder / "kcn"
    project = f"{base}.gpkg"
    run("new", base)
    words = ("--into", project, "--zone", "ls", "--recorded-at", "2016-12-31")
    code, _, err = run("import", *sources(folder), *words)
    assert code == 0, err
    code, _, err = run("new", folder / "sổ", "--of", project, language="vi")
    assert code == 0, err
    book = io.read_workbook(folder / "sổ.xlsx").tables["ledger"]
    assert book["parcel_id"].tolist() == ["CN-1", "CN-2"]
    with xlsxwriter.Workbook(folder / "sửa.xlsx") as edited:
        sheet = edited.add_worksheet("Sổ theo dõi")
        sheet.write_row(1, 0, ["parcel_id", "status", "valid_from", "valid_to", "part_area_ha"])
        sheet.write_row(2, 0, ["CN-1", "đã cho thuê", "01/01/2016", "01/07/2017"])
        sheet.write_row(3, 0, ["CN-3", "đã giới thiệu địa điểm", "01/05/2017"])
    words = ("import", folder / "sửa.xlsx", "--into", project, "--recorded-at", "2017-06-30")
    code, out, err = run(*words)
    assert code == 0, err
    assert "1 rows of the project are not in the workbook and stay: CN-2" in err
    assert "ledger,changed,CN-1" in out
    now = io.read_project(project)
    state = ledger.state(now, on="2017-07-01")
    assert state["leased_share"].tolist()[:3] == [0.0, 0.5, 0.0]
    assert state["reserved_share"].tolist()[:3] == [0.0, 0.0, 1.0]
    words = ("import", folder / "sửa.xlsx", "--into", project, "--remove")
    code, out, _ = run(*words)
    assert "ledger,removed,CN-2" in out


# ---- every layer of a file, codes by a table, lots of a drawing ---------------------------------
@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A GeoPackage of others: fences, lots with legal codes alone, and marks that fit nothing."""
    path = tmp_path / "khu.gpkg"
    lots = squares.parcels("CN-1", "CN-2", "GT-1")
    gpd.GeoDataFrame({"moc": [1]}, geometry=[shapely.Point(500_000, 1_270_000)], crs=5899).to_file(
        path, layer="moc"
    )
    gpd.GeoDataFrame(
        {
            "SoLo": ["CN-1", "CN-2", "GT-1"],
            "MaKCN": "A",
            "LoaiDat": ["SKK", "SKK", "DGT"],
            "DienTich": [10_000.0, 10_000.0, 9_999.0],
            "NgayVaoSo": ["01/02/2010"] * 3,
        },
        geometry=lots.geometry.array,
        crs=lots.crs,
    ).to_file(path, layer="lo_dat")
    gpd.GeoDataFrame(
        {"MaKCN": ["A"], "TenKCN": ["An"]}, geometry=[squares.square(0, wide=3)], crs=lots.crs
    ).to_file(path, layer="ranh_kcn")
    return path


def test_every_layer_is_told_whatever_it_was_taken_for(several: Path, run: Run):
    into, codes = several.with_name("p.gpkg"), several.with_name("codes.csv")
    asked = ("import", several, "--into", into, "--all-layers", "--land-use-table", codes)
    # First the codes are asked; nothing is written but the table.
    code, _, err = run(*asked)
    assert code == 2
    assert "2 without a function" in err
    assert not into.exists()
    rows = codes.read_text("utf-8-sig").splitlines()
    assert rows[1:] == ["DGT,transport,1,1.0000,", "SKK,industrial zone,2,2.0000,"]
    # A table that is not filled in is not followed.
    code, _, err = run(*asked)
    assert code == 2
    assert "DGT, SKK" in err
    said = {"DGT": "transport", "SKK": "đất công nghiệp"}
    filled = [rows[0], *(f"{row}{said[row[:3]]}" for row in rows[1:])]
    codes.write_text("\n".join(filled), encoding="utf-8")
    code, out, err = run(*asked)
    assert code == 0, err
    for told in (
        "ranh_kcn was taken for zones",
        "lo_dat was taken for parcels",
        "moc was left out: it fits no table",
        "3 lots follows from their legal code, as codes.csv says: DGT → transport,",
        "taken for nothing: DienTich, NgayVaoSo",
    ):
        assert told in " ".join(err.split())
    assert tomllib.loads(out)["parcels"]["values"]["land_use"] == {
        "DGT": "transport",
        "SKK": "industrial",
    }
    made = io.read_project(into)
    assert made.parcels["land_use"].tolist() == ["industrial", "industrial", "transport"]
    assert made.parcels.area.sum() == 30_000
    assert "certificate_area_m2" not in made.parcels.columns


def test_a_code_that_the_table_does_not_name_stops_the_import(several: Path, run: Run):
    into, codes = several.with_name("p.gpkg"), several.with_name("codes.csv")
    codes.write_text("land_use_code;land_use\nSKK;industrial\n", encoding="utf-8")
    code, _, err = run("import", several, "--into", into, "--all-layers", "--land-use-table", codes)
    assert code == 2
    assert "1 lots have a legal code that the table of codes does not name: DGT" in err
    assert not into.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("code,use\nSKK,industrial\n", "land_use_code, land_use"),
        ("land_use_code,land_use\nSKK,industrial\nSKK,green\n", "SKK"),
        ("land_use_code,land_use\nSKK,factories\n", "SKK"),
    ],
)
def test_a_table_of_codes_that_says_nothing_clear_is_refused(
    several: Path, run: Run, text: str, told: str
):
    codes = several.with_name("codes.csv")
    codes.write_text(text, encoding="utf-8")
    into = several.with_name("p.gpkg")
    code, _, err = run("import", several, "--into", into, "--land-use-table", codes)
    assert code == 2
    assert told in err


def test_a_project_is_no_file_of_others(made: Path, run: Run):
    code, _, err = run("import", made, "--into", made.with_name("q.gpkg"), "--all-layers")
    assert code == 2
    assert "kcngeo copy" in err


def test_tables_without_shapes_are_tables_and_layers_go_by_their_names(
    several: Path, run: Run, tmp_path: Path
):
    rows = {"MaDA": ["D1"], "TenNhaDauTu": ["Chè"], "LaoDong": [12]}
    pyogrio.write_dataframe(pd.DataFrame(rows), several, layer="projects", driver="GPKG")
    codes, into = tmp_path / "codes.csv", tmp_path / "p.gpkg"
    codes.write_text("land_use_code,land_use\nSKK,industrial\nDGT,transport\n", encoding="utf-8")
    asked = ("--all-layers", "--land-use-table", codes)
    code, _, err = run("import", several, "--into", into, *asked)
    assert code == 0, err
    assert "projects was taken for projects" in err
    projects = io.read_project(into).projects
    assert projects is not None
    assert projects[["project_id", "workers"]].to_numpy().tolist() == [["D1", 12]]


def test_without_all_layers_a_file_of_several_asks_which(several: Path, run: Run):
    code, _, err = run("import", several, "--into", several.with_name("p.gpkg"))
    assert code == 2
    assert "lo_dat" in err


def test_lots_are_made_of_the_lines_of_a_drawing(tmp_path: Path, run: Run):
    drawing = ezdxf.new()
    paper = drawing.modelspace()
    x, y = squares.EAST, squares.NORTH
    # Two lots of 1 ha side by side; the border between them ends 3 cm too low.
    for start, end in (
        ((0, 0), (200, 0)),
        ((0, 100), (200, 100)),
        ((0, 0), (0, 100)),
        ((200, 0), (200, 100)),
        ((100, 0), (100, 99.97)),
    ):
        ends = ((x + start[0], y + start[1]), (x + end[0], y + end[1]))
        paper.add_line(*ends, dxfattribs={"layer": "RANH"})
    paper.add_line((x, y), (x + 200, y + 100), dxfattribs={"layer": "GHI_CHU"})
    for at, number in ((50, "CN-1"), (150, "CN-2")):
        paper.add_text(number, dxfattribs={"layer": "SO"}).set_placement((x + at, y + 50))
    drawing.saveas(tmp_path / "lo_dat.dxf")
    zone = squares.zones("A").assign(name="An")
    zone.to_file(tmp_path / "ranh_kcn.gpkg")
    into = tmp_path / "p.gpkg"
    files = (tmp_path / "ranh_kcn.gpkg", tmp_path / "lo_dat.dxf")
    options = ("--crs", "EPSG:5899", "--zone", "A", "--line-layer", "RANH", "--text-layer", "SO")
    mapping = tmp_path / "lots.toml"
    mapping.write_text(
        '[zones.columns]\nzone_id = "zone_id"\nname = "name"\n'
        '[parcels.columns]\nlot_code = "lot_code"\nparcel_id = "lot_code"\n'
        '[parcels.fixed]\nland_use = "industrial"\n',
        encoding="utf-8",
    )
    code, _, err = run("import", *files, "--into", into, *options, "--mapping", mapping)
    assert code == 0, err
    assert "1 corners were joined" in err
    lots = io.read_project(into).parcels
    assert lots["parcel_id"].tolist() == ["CN-1", "CN-2"]
    assert lots.area.tolist() == [10_000.0, 10_000.0]
    # Joined no farther than asked: the border hangs loose, and both are one.
    code, _, err = run(
        "import", *files, "--into", tmp_path / "q.gpkg", *options, "--snap-m", "0.01",
        "--mapping", mapping, "--dry-run",
    )  # fmt: skip
    assert "close nothing" in err


def test_a_drawing_of_any_name_goes_in_by_the_command_it_is_refused_with(tmp_path: Path, run: Run):
    """Its name says nothing of lots, and its columns are those of a drawing."""
    paper = (drawing := ezdxf.new()).modelspace()
    # A1 lies at the corner, the lot of the drawing 300 m east of it.
    x, y = squares.EAST + 300, squares.NORTH
    paper.add_lwpolyline([(x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100)], close=True)
    paper.add_text("CN-1").set_placement((x + 50, y + 50))
    drawing.saveas(tmp_path / "plan.dxf")
    into = tmp_path / "p.gpkg"
    io.write_project(
        Project(
            zones=squares.zones("A"),
            parcels=squares.parcels("A1"),
            ledger=squares.ledger(("A1", "leased", "2018-02-01")),
        ),
        into,
    )
    words = ("import", tmp_path / "plan.dxf", "--into", into, "--zone", "A", "--crs", "EPSG:5899")
    code, _, err = run(*words)
    added = ("--lots-from-lines", "--land-use", "industrial")
    assert code == 2
    assert " ".join(added) in err
    code, _, err = run(*words, *added)
    assert code == 0, err
    lots = io.read_project(into).parcels
    assert lots["parcel_id"].tolist() == ["A1", "CN-1"]
    assert lots.area.tolist() == [10_000.0, 10_000.0]
