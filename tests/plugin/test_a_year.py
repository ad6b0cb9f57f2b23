"""A zone is taken through a year by QGIS alone; its hectares are counted by eye at every step.

Lots are squares of 100 m: CN-1 (1 ha), CN-2 (2 ha), CN-3 (0.5 ha) come by a drawing, CN-4 (1 ha),
CN-5 (2 ha), CN-6 (1 ha) by a table of corners: 7.5 ha.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

import kcngeo as kcn
from tests import squares
from tests.io.corpus import by_ezdxf, by_sheets
from tests.io.corpus.layer import Layer, Row, plain

INSIDE = Path(__file__).with_name("inside.py")
KCNGEO = str(Path(sys.executable).with_name("kcngeo"))
INDUSTRIAL, _, GREEN = range(3)
LATER = {
    "CN-4": squares.square(5),
    "CN-5": squares.square(6, wide=2),
    "CN-6": squares.square(8),
}
# The middle of CN-5, from below to above.
CUT = shapely.LineString(
    [
        (squares.EAST + 700, squares.NORTH - 50),
        (squares.EAST + 700, squares.NORTH + 150),
    ]
).wkt

Ask = Callable[..., Any]
pytestmark = pytest.mark.long


def later() -> Layer:
    """Give the lots of the table of corners."""
    rows = (
        Row(lot=lot, use="Đất công nghiệp", paper=None, shape=shape) for lot, shape in LATER.items()
    )
    return Layer(rows=tuple(rows))


def begun(folder: Path) -> tuple[Path, Path, Path]:
    """Write a project with a zone and no lots, a drawing, and a table of corners."""
    home = folder / "home.gpkg"
    empty = kcn.io.empty_project(squares.CRS)
    established = squares.zones("A", name="An", established_on=pd.to_datetime(["2010-01-01"]))
    kcn.io.write_project(replace(empty, zones=established), home)
    drawing = by_ezdxf.drawn("R2000", plain, by_ezdxf.closed_lines)(folder)
    book = {"Lô": [by_sheets.HEADS, *by_sheets.corner_rows(later())]}
    return home, drawing, by_sheets.workbook(lambda: book)(folder)


def step(name: str, day: str, **more: Any) -> dict[str, Any]:
    return {"run": name, "with": {"DAY": day, **more}}


@pytest.fixture(scope="module")
def year(in_qgis: Ask, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything a person does in a year, in four sittings at QGIS."""
    folder = tmp_path_factory.mktemp("year")
    home, drawing, corners = begun(folder)

    def asked(name: str, **given: Any) -> dict[str, Any]:
        told = in_qgis("asked", program=INSIDE, kcngeo=KCNGEO, questions={name: given})
        answer = dict(told["answers"][name])
        assert answer["done"], answer["log"]
        return answer

    def base_ha() -> float:
        project = kcn.io.read_project(home)
        return float(kcn.fill.land_account(project, on="2018-01-01").loc["A", "base_ha"])

    def edited(package: str, *steps: dict[str, Any]) -> list[Any]:
        told = in_qgis("edited", program=INSIDE, kcngeo=KCNGEO, package=package, steps=list(steps))
        for one in told:
            if isinstance(one["said"], dict):
                assert one["said"]["done"], one["said"]["log"]
        return [one["said"] for one in told]

    shared = {"PROJECT": str(home), "ZONE": "A", "CRS": "EPSG:5899"}
    found: dict[str, Any] = {"home": home}
    came = asked("bring_in", SOURCE=str(drawing), LINES=True, USE=INDUSTRIAL, **shared)
    found["drawing"] = (came["found"]["RECORDED"], base_ha())
    came = asked("bring_in", SOURCE=str(corners), **shared)
    found["corners"] = (came["found"]["RECORDED"], base_ha())
    packages = [
        asked("account", PROJECT=str(home), DAY="2018-01-01", OUT=str(folder / name))
        for name in ("mine", "hers")
    ]
    mine, hers = (str(Path(one["found"]["FOLDER"]) / "layers.qgz") for one in packages)
    sent = {"run": "send_back", "with": {"PROJECT": str(home), "OUT": str(folder / "out")}}
    found["colleague"] = edited(hers, step("lease", "2018-06-01", LOT="CN-6"), {"save": None}, sent)
    rates = [
        step("rates", day, START=f"{day[:7]}-01", OUT=str(folder / f"rates-{number}"))
        for number, day in enumerate(
            (
                "2018-02-28", "2018-03-31", "2018-04-30", "2018-05-31", "2018-09-30", "2018-10-31",
            )
        )
    ]  # fmt: skip
    steps = [
        step("lease", "2018-02-01", LOT="CN-1"),
        step("lease", "2018-03-01", LOT="CN-2"),
        step("lease", "2018-04-01", LOT="CN-4", PART=0.5),
        step("split", "2018-05-01", LOT="CN-5", LINE=CUT),
        step("hand_back", "2018-09-01", LOT="CN-1"),
        step("correct", "2018-10-01", LOT="CN-3", LAND_USE=GREEN),
    ]
    both = [one for pair in zip(steps, rates, strict=True) for one in pair]
    told = edited(mine, *both, {"save": None}, sent)
    found["rates"] = [of_a(one) for one in told[1:12:2]]
    found["sent"] = told[-1]
    found["month"] = asked("month", PROJECT=str(home), DAY="2018-12-31", OUT=str(folder / "month"))
    return found


def of_a(said: dict[str, Any]) -> tuple[float, float]:
    """Give what is let and its base, in hectares, of the last month of rates."""
    (layer,) = said["layers"]
    rows = [dict(zip(layer["columns"], row, strict=True)) for row in layer["rows"]]
    last = [one for one in rows if one["Zone id"] == "A"][-1]
    return last["Leased (ha)"], last["Base (ha)"]


def test_a_drawing_and_a_table_of_corners_come_in(year: dict[str, Any]) -> None:
    assert year["drawing"] == (True, pytest.approx(1 + 2 + 0.5))
    assert year["corners"] == (True, pytest.approx(3.5 + 1 + 2 + 1))


def test_hectares_after_every_step(year: dict[str, Any]) -> None:
    expected = [
        (1, 7.5),  # CN-1 is let
        (3, 7.5),  # CN-2 too
        (3.5, 7.5),  # half of CN-4
        (3.5, 7.5),  # a split changes nothing
        (2.5, 7.5),  # CN-1 comes back
        (2.5, 7),  # CN-3 was green all along
    ]
    for told, by_hand in zip(year["rates"], expected, strict=True):
        assert told == pytest.approx(by_hand, abs=1e-4)


def test_what_a_colleague_let_meanwhile_stands_beside_it(year: dict[str, Any]) -> None:
    assert year["colleague"][-1]["found"]["RECORDED"] is True
    assert year["sent"]["found"]["RECORDED"] is True
    project = kcn.io.read_project(year["home"])
    account = kcn.fill.land_account(project, on="2018-12-31").loc["A"]
    # CN-2, half of CN-4, and her CN-6; what is left of 7 ha is free.
    assert account["leased_ha"] == pytest.approx(2 + 0.5 + 1, abs=1e-4)
    assert account["available_ha"] == pytest.approx(7 - 3.5, abs=1e-4)
    lots = project.as_known().parcels
    assert sorted(lots.loc[lots["parents"] == "CN-5"].area) == pytest.approx([1e4, 1e4])


def test_the_month_says_the_same(year: dict[str, Any]) -> None:
    assert year["month"]["done"], year["month"]["log"]
    folder = Path(year["month"]["found"]["FOLDER"])
    accounts = pd.read_csv(folder / "accounts.csv")
    zone = accounts[accounts["zone_id"] == "A"].iloc[0]
    assert (zone["base_ha"], zone["leased_ha"]) == pytest.approx((7, 3.5), abs=1e-4)
