"""Ask what `runs.toml` says: calls in this process, commands as a user types them."""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import json
import shlex
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pyogrio
import rasterio
from rasterio.transform import from_origin

from kcngeo import Project, cli
from kcngeo import io as stores
from kcngeo.core.errors import KcngeoError
from tests.first_house import tables
from tests.first_house.calls import CALLS, FOLDER

ROOT = FOLDER.parents[1]
RUNS: dict[str, Any] = tomllib.loads((FOLDER / "runs.toml").read_text("utf-8"))
PROJECT = ROOT / RUNS["project"]
PIXEL_M = 10
BUILT = 50
QUICK = 4


def asked(call: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Go through all that a call of `runs.toml` is asked."""
    axes = [RUNS["axes"][name] for name in call.get("axes", [])]
    for several in itertools.product(*axes):
        together = dict(call.get("fixed", {}))
        for one in several:
            together |= one
        yield together


def spread(call: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the few combinations of the quick comparison: of every axis as many values as can be."""
    every = list(asked(call))
    count = call.get("quick", QUICK)
    places = np.linspace(0, len(every) - 1, min(count, len(every))).round().astype(int)
    return [every[place] for place in places]


def answer(
    project: Project,
    topic: str,
    combinations: Iterable[Mapping[str, Any]],
    files: Mapping[str, Any],
) -> pd.DataFrame:
    """Compute the table of a topic; a refusal is a row that names the error."""
    parts = []
    for one in combinations:
        words = {name: None if value == "" else value for name, value in one.items()}
        subject = certified(project) if words.pop("tables", "") == "certified" else project
        if "raster" in words:
            words["raster"] = files[words["raster"]]
        try:
            said = CALLS[topic](subject, **words)
        except KcngeoError as error:
            said = pd.DataFrame({"raises": [type(error).__name__]})
        parts.append(tables.asked_for(tables.plain(said), one))
    return pd.concat(parts, ignore_index=True).fillna("")


def command(words: str, files: Mapping[str, Any], folder: Path) -> dict[str, pd.DataFrame]:
    """Run a command line and gather the tables it writes and, as CSV or tabs, prints."""
    line = shlex.split(words)
    out = folder / "out"
    typed = ["kcngeo", *(one.format(out=out, **files) for one in line), "--language", "en"]
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with mock.patch.object(sys, "argv", typed), contextlib.redirect_stdout(printed):
        try:
            cli.main()
        except SystemExit as stopped:
            code = stopped.code
    made = dict(_written(out)) if out.exists() else {}
    if not made:
        printed.flush()
        text = io.StringIO(printed.buffer.getvalue().decode("utf-8"))
        tabs = {"sep": "\t", "header": None} if "--table" in line else {}
        made[""] = pd.read_csv(text, dtype="str", keep_default_na=False, **tabs)
    made["exit"] = pd.DataFrame({"code": [str(code or 0)]})
    name = line[0]
    return {f"{name}.{part}".rstrip("."): table for part, table in made.items()}


def _written(out: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    for path in sorted(out.iterdir()):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig") as file:
                yield path.stem, pd.read_csv(file, dtype="str", keep_default_na=False)
        elif path.suffix == ".gpkg":
            for layer, _ in pyogrio.list_layers(path):
                if layer != "layer_styles":
                    frame = pyogrio.read_dataframe(path, layer=layer)
                    yield f"layer.{layer}", tables.plain(frame)
        elif path.name == "report.json":
            report = json.loads(path.read_text("utf-8"))
            for name, rows in report["tables"].items():
                yield f"report.{name}", tables.plain(pd.DataFrame(rows))


def gathered(
    commands: list[dict[str, Any]], files: Mapping[str, Any], folder: Path
) -> dict[str, pd.DataFrame]:
    """Run several commands and put the rows of each table together, the name of the run before."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in commands:
        for name, table in command(one["line"], files, folder / one["run"]).items():
            table.columns = [str(column) for column in table.columns]
            row = tables.asked_for(table, {"run": one["run"]})
            parts.setdefault(name, []).append(row)
    return {name: pd.concat(some, ignore_index=True).fillna("") for name, some in parts.items()}


def files_for(project: Project, folder: Path) -> dict[str, Any]:
    """Make what calls and commands need beside the project, the same in every run.

    Land cover, heights and an image lie over the parcels of every zone that has any, a tile a zone;
    their values follow from the row and column of the pixel alone.
    """
    tiles: dict[str, list[str]] = {}
    for zone_id, parcels in project.parcels.groupby("zone_id"):
        west, south, east, north = parcels.total_bounds
        across, down = (int(span // PIXEL_M) + 3 for span in (east - west, north - south))
        row, column = np.indices((down, across))
        bands = {
            f"land_cover_{year}": [_cover(row, column, year)] for year in (2017, 2018, 2021, 2022)
        }
        bands["heights"] = [((row % 60) * 0.7 + (column // 9) * 1.3).astype("float32")]
        red, near = (row * 7 + column * 3) % 97 + 20, (row * 5 + column * 11) % 89 + 30
        bands["image"] = [red.astype("uint16"), near.astype("uint16")]
        corner = from_origin(west - PIXEL_M, north + PIXEL_M, PIXEL_M, PIXEL_M)
        for name, values in bands.items():
            path = folder / f"{name}_{zone_id}.tif"
            profile = {
                "driver": "GTiff", "count": len(values), "height": down, "width": across,
                "dtype": values[0].dtype, "crs": project.parcels.crs, "transform": corner,
            }  # fmt: skip
            with rasterio.open(path, "w", **profile) as file:
                file.write(np.stack(values))
            tiles.setdefault(name, []).append(str(path))
    edited, whole = folder / "edited.gpkg", folder / "certified.gpkg"
    _edit(project, edited)
    stores.write_project(certified(project), whole)
    beside = {name: str(FOLDER / f"{name}.csv") for name in ("demand", "sectors")}
    singles = {
        f"{name}_{place}": path for name, paths in tiles.items() for place, path in enumerate(paths)
    }
    projects = {"project": str(PROJECT), "edited": str(edited), "certified": str(whole)}
    return {**projects, **beside, **tiles, **singles}


@functools.lru_cache(maxsize=2)
def certified(project: Project) -> Project:
    """Give the project with a certificate for every parcel that has none."""
    parcels = project.parcels.copy()
    written = (parcels.geometry.area * 0.99) // 10 * 10
    parcels["certificate_area_m2"] = parcels["certificate_area_m2"].fillna(written)
    return Project(**{**dict(project.tables()), "parcels": parcels})


def _cover(row: Any, column: Any, year: int) -> Any:
    """Give land cover in blocks, of which more are built every year."""
    block = (row // 11) * 13 + (column // 8) * 7
    return np.where(block % 20 < year - 2010, BUILT, 30).astype("uint8")


def _edit(project: Project, path: Path) -> None:
    """Keep a copy of the project with four edits: an area, an end, a use, a shape moved by 1 m."""
    ledger, parcels = project.ledger.copy(), project.parcels.copy()
    current = ledger["superseded_at"].isna()
    ledger.loc[current & (ledger["entry_id"] == "S-0398"), "part_area_ha"] = 1.0
    ledger.loc[ledger["entry_id"] == "S-0327", "valid_to"] = pd.Timestamp("2023-06-01")
    parcels.loc[parcels["parcel_id"] == "LS-CN12-03", "land_use"] = "service"
    moved = parcels["parcel_id"] == "LS-KT01-08"
    parcels.loc[moved, "geometry"] = parcels.loc[moved, "geometry"].translate(xoff=1.0)
    frames = {**dict(project.tables()), "ledger": ledger, "parcels": parcels}
    stores.write_project(Project(**frames), path)


def kept(kind: str, table: str) -> Path:
    """Say where a table is kept; kind is "calls" or "commands"."""
    return FOLDER / kind / f"{table}{tables.SUFFIX}"


def commands() -> dict[str, list[dict[str, Any]]]:
    """Give the runs by command."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for one in RUNS["commands"]:
        by_name.setdefault(one["line"].split()[0], []).append(one)
    return by_name
