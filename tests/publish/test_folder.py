"""The folder of a month: the same bytes, whole or not at all, and text from data stays data."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcngeo import Project, publish, report
from kcngeo import io as stores
from kcngeo.core.errors import DataSourceError
from kcngeo.publish.content import pieces_of
from kcngeo.publish.csv import csv_bytes, csv_file, for_programs, plain_csv
from kcngeo.publish.month_tables import accounts_table, series_table
from kcngeo.report import MonthlyReport
from tests import squares

TABLES = (
    "accounts",
    "causes",
    "changes",
    "conflicts",
    "definitions",
    "findings",
    "forecast",
    "land",
    "bases",
    "late",
    "plan",
    "names",
    "overview",
    "rules",
    "series",
    "sites",
    "steps",
    "targets",
    "vacancy",
)
FILES = sorted(["manifest.json", "map.html", *(f"{name}.csv" for name in TABLES)])
# Pages and PDFs take their time and have tests of their own.
QUICK = ("map", "tables")
FORMULA = "=cmd|' /C calc'!A0"


def project(**columns: Any) -> Project:
    """Two zones: A with 2 industrial lots and a service lot, B with 2 industrial lots."""
    parcels = squares.parcels(
        *("A1", "A2", "A3", "B1", "B2"),
        zone=["A", "A", "A", "B", "B"],
        use=["industrial", "industrial", "service", "industrial", "industrial"],
    )
    shapes = [squares.square(*place) for place in ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1))]
    return Project(
        zones=squares.zones("A", "B", **{"name": ["An", "Bình"], **columns}),
        parcels=parcels.set_geometry(shapes, crs=squares.CRS),
        ledger=squares.ledger(
            ("A1", "leased", "2018-01-01"),
            ("A2", "uncleared", "2018-01-01", None, 0.5),
            ("A3", "leased", "2018-01-01", None, 0.25),
            ("B1", "leased", "2018-01-01", None, 0.125),
            ("B2", "uncleared", "2018-01-01"),
        ),
    )


@pytest.fixture(scope="module")
def made() -> MonthlyReport:
    return report.monthly(project(), month="2018-03")


@pytest.fixture(scope="module")
def bundle(made: MonthlyReport) -> publish.Bundle:
    """The month's files, each made once; whether they are the same anew is asked elsewhere."""
    return publish.month_bundle(made)


def read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


# The tables


def test_five_rates_stand_side_by_side(made: MonthlyReport) -> None:
    table = series_table(made, language="en")
    now = table[table["on"] == made.on].set_index("zone_id").filter(like="fill_rate_")
    names = ["nd164-2013", "nd82-2018", "nd35-2022", "cleared", "gross"]
    assert list(now.columns) == [f"fill_rate_{name}" for name in names]
    # A: 1 of 2 ha; with the service lot 1.25 of 3; of 1.5 ha that are cleared; 1.25 of 10 ha.
    assert now.loc["A"].tolist() == [0.5, 0.5, 1.25 / 3, 1 / 1.5, 0.125]
    # B: 0.125 of 2 ha; of 1 ha cleared; of 10 ha.
    assert now.loc["B"].tolist() == [0.0625, 0.0625, 0.0625, 0.125, 0.0125]
    # All: the ratio of the sums, not the mean of the rates.
    assert now.loc["total"].tolist() == [
        1.125 / 4,
        1.125 / 4,
        1.375 / 5,
        1.125 / 2.5,
        1.375 / 20,
    ]


def test_the_account_closes_and_has_a_row_for_all(made: MonthlyReport) -> None:
    table = accounts_table(made, language="vi").set_index("zone_id")
    assert table["name"].tolist() == ["An", "Bình", "Tất cả các khu"]
    parts = ["leased", "reserved", "recovering", "repurposed", "uncleared", "available"]
    figures = table[["base_ha", *(f"{part}_ha" for part in parts)]]
    assert figures.loc["A"].tolist() == [2.0, 1.0, 0, 0, 0, 0.5, 0.5]
    assert figures.loc["total"].tolist() == [4.0, 1.125, 0, 0, 0, 1.5, 1.375]
    assert table.loc["total", "fill_rate"] == 1.125 / 4
    assert table["not_computable"].isna().all()


def test_the_series_goes_zone_by_zone_and_all_zones_last(made: MonthlyReport) -> None:
    table = series_table(made, language="en")
    months = ["2018-01-31", "2018-02-28", "2018-03-31"]
    assert [(row.zone_id, f"{row.on:%Y-%m-%d}") for row in table.itertuples()] == [
        (zone_id, month) for zone_id in ("A", "B", "total") for month in months
    ]
    assert table["in_force"].all()


def test_a_date_before_the_law_is_marked() -> None:
    table = series_table(report.monthly(project(), month="2013-12"), language="en")
    assert set(table["definition"]) == {"nd164-2013"}
    assert not table["in_force"].any()


def test_csv_for_a_spreadsheet(made: MonthlyReport) -> None:
    data = csv_bytes(accounts_table(made, language="vi"), name="accounts")
    assert data.startswith(b"\xef\xbb\xbfzone_id,name,on,definition,base_ha,")
    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == 4
    row = rows(data)[1]
    assert row["name"] == "Bình"
    assert row["on"] == "2018-03-31"
    # 0.0625 to four decimals; 0.125 ha.
    assert (row["fill_rate"], row["leased_ha"]) == ("0.0625", "0.1250")


def test_a_long_table_is_written_piece_by_piece() -> None:
    # Twice ten thousand rows and one; the first formula stands in the last piece.
    table = pd.DataFrame({"zone_id": "A", "alternative": [f"{row}" for row in range(20_001)]})
    table = table.assign(developable_ha=0.5, change_ha=None)
    table.loc[20_000, "alternative"] = "=1"
    pieces = [*pieces_of(csv_file(table, name="sensitivity"))]
    assert max(piece.count(b"\r\n") for piece in pieces) == 10_001
    data = b"".join(pieces)
    assert data == csv_bytes(table, name="sensitivity")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert [len(lines), lines[1], lines[-2]] == [20_003, "0,A,0.5000,,", "'=1,A,0.5000,,"]
    assert isinstance(csv_file(table.head(10_000), name="sensitivity"), bytes)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (FORMULA, "'" + FORMULA),
        ("+84 263", "'+84 263"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("1=1", "1=1"),
        ("KCN 'A'", "KCN 'A'"),
        ('a "b", c', 'a "b", c'),
        ("", ""),
    ],
)
def test_text_is_never_a_formula(text: str, written: str) -> None:
    table = pd.DataFrame({"name": [text, "x"], "mixed": pd.Series([text, 1], dtype="object")})
    row = rows(plain_csv(table))[0]
    assert (row["name"], row["mixed"]) == (written, written)


def test_numbers_beside_missing_ones_have_four_decimals_too() -> None:
    table = pd.DataFrame({"alternative": ["a", "b"], "zone_id": "A", "change_ha": 0.0})
    mixed = table.assign(developable_ha=pd.Series([1 / 3, None], dtype="object"))
    assert for_programs(mixed, name="sensitivity")["developable_ha"].tolist()[0] == 0.3333


def test_numbers_are_numbers_even_below_zero() -> None:
    table = pd.DataFrame(
        {"ha": [-1.5, np.nan, 1e6], "count": [-1, 2, 3], "flag": [True, False, True]}
    )
    assert plain_csv(table) == (
        b"\xef\xbb\xbfha,count,flag\r\n-1.5000,-1,True\r\n,2,False\r\n1000000.0000,3,True\r\n"
    )


# The folder


def test_very_many_lots_have_a_map_for_every_zone(
    made: MonthlyReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kcngeo.maps.limits.ONE_PAGE_LOTS", 4)  # there are five
    folder = publish.month_bundle(made).write(tmp_path / "month", parts=["map"])
    files = read(folder)
    assert sorted(files) == [
        "manifest.json",
        "map.html",
        "map_zones/a-559aead08264.html",
        "map_zones/b-df7e70e50215.html",
    ]
    assert b'"pages":"map_zones"' in files["map.html"]
    assert b'"home":"../map.html"' in files["map_zones/a-559aead08264.html"]
    assert publish.month_bundle(made).write(folder, parts=["map"]) == folder
    assert read(folder) == files
    # without its pages the overview leads nowhere
    publish.month_bundle(made).write(tmp_path / "page", parts=["report"])
    assert b"map_zones" not in read(tmp_path / "page")["report.html"]


def test_a_folder_holds_the_month(made: MonthlyReport, tmp_path: Path) -> None:
    told: list[str] = []
    folder = publish.month_bundle(made).write(
        tmp_path / "Tháng 3" / "2018-03", progress=told.append, parts=QUICK
    )
    assert sorted(read(folder)) == FILES
    assert sorted(told) == FILES
    assert [path.name for path in tmp_path.rglob("*") if path.is_dir()] == ["Tháng 3", "2018-03"]
    assert rows((folder / "accounts.csv").read_bytes())[0]["name"] == "An"
    assert b"http://" not in (folder / "map.html").read_bytes().replace(b"http://www.w3.org", b"")


PUBLISH = """
import sys
from kcngeo import io, publish, report
made = report.monthly(io.read_project(sys.argv[1]), month="2018-03")
parts = ["map", "tables"]
publish.month_bundle(made).write(sys.argv[2], language="vi", inputs=[sys.argv[1]], parts=parts)
"""


# The same law of the sample's whole month is tried in every run, see test_main_job.py.
@pytest.mark.long
def test_another_process_folder_and_hash_seed_give_the_same_bytes(tmp_path: Path) -> None:
    # A zone that is not computable and overlaps too, so that findings have an order to keep.
    given = project(stage=["planned", "open"])
    parcels = given.parcels.copy()
    parcels.loc[1, "geometry"] = squares.square(0.5)
    zones = given.zones.assign(stage="established")
    given = Project(zones=zones, parcels=parcels, ledger=given.ledger)
    made = []
    for seed, time_zone in (("1", "Asia/Ho_Chi_Minh"), ("77", "UTC")):
        folder = tmp_path / f"chỗ {seed}"
        folder.mkdir()
        stores.write_project(given, folder / "project.gpkg")
        subprocess.run(
            [sys.executable, "-c", PUBLISH, "project.gpkg", f"out-{seed}"],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": time_zone},
            check=True,
        )
        made.append(read(folder / f"out-{seed}"))
    assert sorted(made[0]) == FILES
    assert made[0] == made[1]


def test_a_folder_of_an_earlier_run_is_replaced(made: MonthlyReport, tmp_path: Path) -> None:
    folder = tmp_path / "month"
    publish.month_bundle(made).write(folder, language="en", parts=QUICK)
    (folder / "empty").mkdir()
    english = read(folder)
    publish.month_bundle(made).write(folder, language="vi", parts=QUICK)
    assert read(folder) != english
    publish.month_bundle(made).write(folder, language="en", parts=QUICK)
    assert read(folder) == english
    assert os.fspath(publish.month_bundle(made).write(str(folder), parts=QUICK)) == str(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["month"]


@pytest.mark.parametrize("strange", ["notes.txt", "figures/a.png", ".hidden"])
@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_folder_with_files_of_others_is_left_alone(
    bundle: publish.Bundle, tmp_path: Path, strange: str, *, with_manifest: bool
) -> None:
    folder = tmp_path / "month"
    if with_manifest:
        bundle.write(folder, parts=QUICK)
    (folder / strange).parent.mkdir(parents=True, exist_ok=True)
    (folder / strange).write_bytes(b"mine")
    before = read(folder)
    with pytest.raises(DataSourceError, match=f"files of others: {strange}"):
        bundle.write(folder, language="en", parts=QUICK)
    assert read(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["month"]


def test_a_manifest_of_somebody_else_proves_nothing(bundle: publish.Bundle, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"outputs": {"manifest.json": ""}}', encoding="utf-8")
    with pytest.raises(DataSourceError, match="not a readable manifest"):
        bundle.write(tmp_path, parts=QUICK)
    assert list(read(tmp_path)) == ["manifest.json"]


def test_a_file_is_no_folder(bundle: publish.Bundle, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(DataSourceError, match="it is a file"):
        bundle.write(tmp_path / "file", parts=QUICK)
    with pytest.raises(DataSourceError, match="what should be a folder is a file"):
        bundle.write(tmp_path / "file" / "month", parts=QUICK)
    assert read(tmp_path) == {"file": b"mine"}


def test_the_working_folder_itself_may_be_the_target(
    bundle: publish.Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    bundle.write(".", parts=QUICK)
    assert sorted(read(tmp_path / "here")) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_link_to_a_folder_stays_a_link(bundle: publish.Bundle, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    bundle.write(tmp_path / "link", parts=QUICK)
    assert (tmp_path / "link").is_symlink()
    assert sorted(read(tmp_path / "real")) == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["write_bytes", "replace"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_failure_half_way_leaves_the_folder_as_it_was(
    bundle: publish.Bundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    step: str,
    nth: int,
) -> None:
    folder = tmp_path / "month"
    bundle.write(folder, language="en", parts=QUICK)
    before = read(folder)
    calls = [0]
    real = getattr(Path, step)

    def fail(*arguments: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth:
            raise error
        return real(*arguments)

    told = DataSourceError if isinstance(error, OSError) else KeyboardInterrupt
    with monkeypatch.context() as patched:
        patched.setattr(Path, step, fail)
        with pytest.raises(told):
            bundle.write(folder, language="vi", parts=QUICK)
    assert read(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["month"]


@pytest.mark.parametrize("edited", [False, True])
def test_a_folder_in_use_is_left_and_what_stands_beside_it_goes_when_nobody_edited_it(
    bundle: publish.Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, edited: bool
) -> None:
    folder, beside = tmp_path / "month", tmp_path / "month.new"
    bundle.write(folder, language="en", parts=["tables"])
    before = read(folder)
    real = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if path == folder:
            raise PermissionError("used by another process")
        return real(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(DataSourceError, match=r"stands beside it: .*month\.new\. Close"):
            bundle.write(folder, language="vi", parts=["tables"])
    assert read(folder) == before
    assert publish.changed_files(beside) == []
    if edited:
        (beside / "accounts.csv").write_text("mine", encoding="utf-8")
    bundle.write(folder, language="vi", parts=["tables"])
    assert read(folder) != before
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "month",
        *(["month.new"] if edited else []),
    ]


def test_an_input_that_is_gone_is_told(bundle: publish.Bundle, tmp_path: Path) -> None:
    with pytest.raises(DataSourceError, match=r"gone\.gpkg cannot be read"):
        bundle.write(tmp_path / "month", inputs=[tmp_path / "gone.gpkg"], parts=QUICK)
    assert list(tmp_path.iterdir()) == []


def test_a_moved_folder_is_the_same_month(bundle: publish.Bundle, tmp_path: Path) -> None:
    bundle.write(tmp_path / "month", parts=QUICK)
    shutil.move(tmp_path / "month", tmp_path / "elsewhere")
    assert publish.verify(tmp_path / "elsewhere").differences == ()
