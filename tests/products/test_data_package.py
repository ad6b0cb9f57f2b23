"""The data package: read back by its descriptor alone, and validated as its standard asks."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

import kcngeo as kcn
from tests import squares

TYPES: dict[str, Callable[[str], Any]] = {
    "string": str,
    "date": dt.date.fromisoformat,
    "datetime": lambda text: pd.Timestamp(text),
    "number": float,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
}


def sample() -> kcn.Project:
    return kcn.io.read_project("data/parcels/two_zones.gpkg")


def written(project: kcn.Project, folder: Path, **options: Any) -> Path:
    return kcn.products.exchange(project, **options).write(folder, language="en")


def problems(folder: Path) -> list[str]:
    """Read every table as its descriptor says, and tell what it does not keep."""
    told = json.loads((folder / "datapackage.json").read_text("utf-8"))
    rows, found = {}, []
    for one in told["resources"]:
        with (folder / one["path"]).open(encoding="utf-8", newline="") as file:
            head, *body = csv.reader(file)
        assert head == [field["name"] for field in one["schema"]["fields"]]
        rows[one["name"]] = [dict(zip(head, row, strict=True)) for row in body]
        for field in one["schema"]["fields"]:
            limits = field.get("constraints", {})
            for row in rows[one["name"]]:
                text = row[field["name"]]
                where = f"{one['name']}.{field['name']}"
                if text == "":
                    found += [f"{where} is missing"] * bool(limits.get("required"))
                    continue
                value = TYPES[field["type"]](text)
                if "enum" in limits and value not in limits["enum"]:
                    found.append(f"{where} is {value}")
                if value < limits["minimum"] if "minimum" in limits else False:
                    found.append(f"{where} is {value}")
    for one in told["resources"]:
        for link in one["schema"].get("foreignKeys", ()):
            home, column = link["reference"]["resource"], link["fields"]
            known = {row[link["reference"]["fields"]] for row in rows[home]} | {""}
            strange = {row[column] for row in rows[one["name"]]} - known
            found += [f"{one['name']}.{column} names {name}" for name in sorted(strange)]
    return found


def test_the_sample_keeps_what_its_descriptor_says(tmp_path: Path) -> None:
    project = sample()
    folder = written(project, tmp_path / "package")
    assert problems(folder) == []
    told = json.loads((folder / "datapackage.json").read_text("utf-8"))
    names = [one["path"] for one in told["resources"]]
    assert names == [f"data/{name}.csv" for name, _ in project.tables()]
    # Every digit comes back.
    read = pd.read_csv(folder / "data/parcels.csv", dtype={"parcel_id": "str"})
    shapes = shapely.from_wkt(read["geometry"])
    assert shapely.equals_exact(shapes, project.parcels.geometry.to_numpy(), tolerance=0.0).all()
    certified = project.parcels["certificate_area_m2"].to_numpy()
    assert read["certificate_area_m2"].to_numpy() == pytest.approx(certified, rel=0, nan_ok=True)


@pytest.mark.skipif(
    importlib.util.find_spec("frictionless") is None, reason="the validator is not installed"
)
@pytest.mark.filterwarnings("ignore")
def test_the_validator_of_the_standard_finds_nothing(tmp_path: Path) -> None:
    from frictionless import Package, system

    folder = written(kcn.examples.squares(), tmp_path / "package")
    with system.use_context(trusted=True):
        report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])
    # And it would: a status that is no status.
    file = folder / "data/ledger.csv"
    file.write_bytes(file.read_bytes().replace(b",leased,", b",leasd,", 1))
    with system.use_context(trusted=True):
        again = Package(str(folder / "datapackage.json")).validate()
    assert [one[0] for one in again.flatten(["type"])] == ["constraint-error"]


def test_what_does_not_keep_the_schema_is_found_by_the_descriptor(tmp_path: Path) -> None:
    base = kcn.examples.squares()
    wrong = base.ledger.assign(status=["let", *base.ledger["status"][1:]])
    lost = base.projects.assign(workers=pd.array([-1, 2, 3, 4], dtype="Int64"))
    folder = written(replace(base, ledger=wrong, projects=lost), tmp_path / "package")
    assert problems(folder) == ["ledger.status is let", "projects.workers is -1"]
    strange = replace(
        base, ledger=base.ledger.assign(parcel_id=["X", *base.ledger["parcel_id"][1:]])
    )
    assert problems(written(strange, tmp_path / "other")) == ["ledger.parcel_id names X"]


def test_the_public_package_tells_no_investor_and_formulas_are_texts(tmp_path: Path) -> None:
    base = kcn.examples.squares()
    named = base.projects.assign(
        investor=["Acme Tea", "B", "C", "D"], sector=["=1+1", *base.projects["sector"][1:]]
    )
    project = replace(base, projects=named)
    folder = written(project, tmp_path / "public", edition="public")
    text = "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())
    assert "Acme" not in text
    assert "investor" not in (folder / "data/projects.csv").read_text("utf-8")
    assert "'=1+1" in (folder / "data/projects.csv").read_text("utf-8")
    # It is searched before it leaves, as every public edition.
    assert kcn.products.exchange(project, edition="public").private is not None
    assert kcn.products.exchange(project).private is None
    with pytest.raises(kcn.errors.KcngeoError, match="secret"):
        kcn.products.exchange(project, edition="secret")


def test_moments_flags_and_missing_shapes(tmp_path: Path) -> None:
    recorded = pd.to_datetime(["2018-03-31T17:00:00.001Z", None, None])
    project = kcn.Project(
        zones=squares.zones("A").assign(geometry=None),
        parcels=squares.parcels("P1", "P2", "P3"),
        ledger=squares.ledger(
            *((f"P{place}", "leased", "2018-01-01") for place in (1, 2, 3)),
            recorded_at=recorded,
        ),
        emitters=squares.parcels("E1", "E2")[["geometry"]].assign(
            emitter_id=["E1", "E2"], kind="building", enclosed=pd.array([True, None], "boolean")
        ),
    )
    folder = written(project, tmp_path / "package")
    assert problems(folder) == []
    ledger = pd.read_csv(folder / "data/ledger.csv")
    assert ledger["recorded_at"].fillna("").tolist() == ["2018-03-31T17:00:00.001000Z", "", ""]
    assert pd.read_csv(folder / "data/zones.csv")["geometry"].isna().all()
    emitters = pd.read_csv(folder / "data/emitters.csv", dtype="str")
    assert emitters["enclosed"].fillna("").tolist() == ["true", ""]
