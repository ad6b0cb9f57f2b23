"""The command `imagery`, by hand on lots of 1 ha and pixels of 10 m.

P1 is let and empty, P2 let and half built since 2023, P3 free. Class 50 is built.
"""

from __future__ import annotations

import io as memory
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

from kcngeo import Project, cli, io, theme
from kcngeo.core.schema import COMPUTED
from tests import squares

ON = "2024-10-31"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def called(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return called


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    projects = pd.DataFrame(
        {"project_id": ["D1", "D2"], "handed_over_on": "2021-02-01",
         "building_on": [None, "2022-06-01"], "operating_on": [None, "2023-06-01"]}
    )  # fmt: skip
    entries = squares.ledger(
        ("P1", "leased", "2020-05-01"), ("P2", "leased", "2020-05-01"), project_id=["D1", "D2"]
    )
    made = Project(
        zones=squares.zones("A", name=["KCN Ví Dụ"]),
        parcels=squares.parcels("P1", "P2", "P3"),
        ledger=entries,
        projects=projects,
    )
    io.write_project(made, tmp_path / "Dự án.gpkg")
    return tmp_path / "Dự án.gpkg"


def raster(path: Path, *bands: np.ndarray) -> Path:
    """Write bands of 10 × 30 pixels over the three lots."""
    profile = {
        "driver": "GTiff", "count": len(bands), "height": 10, "width": bands[0].shape[1],
        "dtype": bands[0].dtype, "crs": squares.CRS,
        "transform": from_origin(squares.EAST, squares.NORTH + 100, 10, 10),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.stack(bands))
    return path


@pytest.fixture
def covers(tmp_path: Path) -> list[str]:
    """Land cover of three years: from 2023 on the western half of P2 is built."""
    words = []
    for year in (2022, 2023, 2024):
        cover = np.full((10, 30), 30, dtype="uint8")
        if year > 2022:
            cover[:, 10:15] = 50
        words += ["--land-cover", f"{year}={raster(tmp_path / f'cover{year}.tif', cover)}"]
    return [*words, "--built", "50"]


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(memory.BytesIO((folder / f"{name}.csv").read_bytes()), encoding="utf-8-sig")


def test_what_looks_unbuilt_with_its_clock(
    run: Run, stored: Path, covers: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("imagery", stored, "--on", ON, "--out", out, "--language", "en", *covers)
    code, printed, _ = run(*words)
    assert code == 0
    assert "of 2 let lots 1 look unbuilt (1.00 ha let), of 0 too little is seen" in printed
    built = read(out, "built").set_index(["parcel_id", "year"])
    assert built["built_share"].to_dict() == {
        (lot, year): 0.5 if lot == "P2" and year > 2022 else 0
        for lot in ("P1", "P2", "P3")
        for year in (2022, 2023, 2024)
    }
    assert set(built["pixels"]) == {100}
    assert "KCN Ví Dụ: 0.50 ha built in 2024, of 3.00 ha seen; 0.00 ha are not seen" in printed
    assert built.loc[("P2", 2024), ["lot_ha", "known_ha", "built_ha"]].tolist() == [1, 1, 0.5]
    assert set(built["evidence"]) == {"area_fractions"}
    change = read(out, "built_change").set_index("parcel_id")["change"]
    assert change.to_dict() == {"P1": 0, "P2": 0.5, "P3": 0}
    unbuilt = read(out, "unbuilt").set_index("parcel_id")
    assert unbuilt["looks_unbuilt"].to_dict() == {"P1": True, "P2": False}
    # Handed over on 1 February 2021: twelve months ended on 1 February 2022.
    assert unbuilt.loc["P1", ["ends_on", "state"]].tolist() == ["2022-02-01", "over"]
    assert unbuilt["confirmed"].isna().all()
    page = (out / "map.html").read_text(encoding="utf-8")
    assert "Looks unbuilt" in page
    assert "1.00 ha let, unused since hand-over: over" in page


def test_where_nothing_can_be_told_of_any_lot_the_table_says_so(
    run: Run, stored: Path, covers: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("imagery", stored, "--on", ON, "--out", out, "--language", "en", "--built", 50)
    code, printed, _ = run(*words, *covers[:2])
    assert code == 0
    assert "of 2 let lots 0 look unbuilt (0.00 ha let), of 2 too little is seen" in printed
    assert read(out, "unbuilt")["parcel_id"].tolist() == ["P1", "P2"]


@pytest.mark.parametrize(("language", "yes"), [("vi", "có"), ("en", "yes")])
def test_a_person_fills_the_table_in_and_hands_it_back(
    run: Run, stored: Path, covers: list[str], tmp_path: Path, language: str, yes: str
) -> None:
    words = ("imagery", stored, "--on", ON, "--language", language, *covers)
    assert run(*words, "--out", tmp_path / "first")[0] == 0
    table = read(tmp_path / "first", "unbuilt").astype("object")
    table.loc[table["parcel_id"] == "P1", "confirmed"] = yes
    if language == "vi":
        # In words, as a workbook has the headings.
        names = {name: theme.column(name, language=language) for name in table.columns}
        table = table.rename(columns=names)
    table.to_csv(tmp_path / "seen.csv", index=False)
    again = (*words, "--out", tmp_path / "again", "--confirmed", tmp_path / "seen.csv")
    assert run(*again)[0] == 0
    found = read(tmp_path / "again", "unbuilt").set_index("parcel_id")["confirmed"]
    assert found["P1"] == True  # noqa: E712
    assert pd.isna(found["P2"])


def test_slope_and_green(run: Run, stored: Path, tmp_path: Path) -> None:
    # 1 m up over 10 m to the east: 0.1, not above it, in P1; 0.2 from the middle of P2 on.
    steps = np.where(np.arange(30) < 15, 1.0, 2.0)
    heights = np.tile(np.cumsum(steps), (10, 1))
    dem = raster(tmp_path / "dem.tif", heights)
    red = np.full((10, 30), 10.0)
    nir = np.tile(np.where(np.arange(30) < 10, 30.0, 10.0), (10, 1))
    image = raster(tmp_path / "image.tif", red, nir)
    out = tmp_path / "out"
    words = ("--dem", dem, "--image", image, "--red", 1, "--nir", 2, "--ndvi", 0.4)
    code, _, _ = run("imagery", stored, "--on", ON, "--out", out, "--language", "en", *words)
    assert code == 0
    files = ["findings.csv", "green.csv", "manifest.json", "names.csv", "slope.csv", "tables.xlsx"]
    assert sorted(path.name for path in out.iterdir()) == files
    slope = read(out, "slope").set_index("parcel_id")
    assert slope.loc["P1", "mean_slope"] == pytest.approx(0.1)
    assert slope.loc["P1", "steep_share"] == 0
    # P3: 9 columns of slope 0.2 and 8 rows are known, the outermost are not.
    assert slope.loc["P3", "mean_slope"] == pytest.approx(0.2)
    assert slope.loc["P3", ["pixels", "limit_share"]].tolist() == [72, 0.1]
    # All that is seen of it is steep: 72 of 100 pixels of 0.01 ha.
    assert slope.loc["P3", ["known_ha", "steep_ha"]].tolist() == [0.72, 0.72]
    green = read(out, "green").set_index("parcel_id")
    # (30 − 10) / 40 = 0.5 lies above 0.4; (10 − 10) / 20 = 0 does not.
    assert green["green_share"].to_dict() == {"P1": 1, "P2": 0, "P3": 0}
    assert set(green["threshold"]) == {0.4}


def test_every_table_has_the_columns_of_its_contract(
    run: Run, stored: Path, covers: list[str], tmp_path: Path
) -> None:
    dem = raster(tmp_path / "dem.tif", np.zeros((10, 30)))
    made: dict[str, dict[str, list[str]]] = {}
    for language in ("vi", "en"):
        out = tmp_path / language
        words = ("--on", ON, "--out", out, "--language", language, "--dem", dem, *covers)
        assert run("imagery", stored, *words)[0] == 0
        names = {path.name for path in out.iterdir()}
        tables = {
            f"{name}.csv"
            for name in ("built", "built_change", "unbuilt", "slope", "findings", "names")
        }
        assert names == tables | {"map.html", "manifest.json", "tables.xlsx"}
        made[language] = {name: list(read(out, name[:-4])) for name in tables}
    assert made["vi"] == made["en"]
    assert made["vi"] == {name: COMPUTED[name[:-4]].names for name in made["vi"]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name a raster"),
        (("--land-cover", "cover.tif", "--built", 50), "YEAR=PATH"),
        (("--land-cover", "2025=cover.tif", "--built", 50), "a year after 31 Oct 2024"),
        (("--land-cover", "2023=cover.tif"), "at least one class"),
        (("--land-cover", "2023=missing.tif", "--built", 50), "missing.tif"),
        (("--image", "image.tif", "--red", 1), "--nir and --ndvi"),
        (("--dem", "https://example.vn/dem.tif"), "network"),
    ],
)
def test_bad_input_ends_with_2_and_leaves_nothing(
    run: Run, stored: Path, tmp_path: Path, words: tuple[Any, ...], message: str
) -> None:
    out = tmp_path / "out"
    code, printed, messages = run(
        "imagery", stored, "--on", ON, "--out", out, "--language", "en", *words
    )
    assert (code, printed) == (2, "")
    assert message in messages
    assert not out.exists()


def test_what_a_person_found_must_be_clear(
    run: Run, stored: Path, covers: list[str], tmp_path: Path
) -> None:
    seen = tmp_path / "seen.csv"
    for text, message in (
        ("parcel_id\nP1\n", "needs the columns"),
        ("parcel_id,confirmed\nP1,maybe\n", "P1"),
        ("parcel_id,confirmed\nP1,yes\nP1,no\n", "P1"),
    ):
        seen.write_text(text, encoding="utf-8")
        words = ("--on", ON, "--out", tmp_path / "out", "--language", "en", *covers)
        code, _, messages = run("imagery", stored, *words, "--confirmed", seen)
        assert code == 2
        assert message in messages
