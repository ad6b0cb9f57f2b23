"""What the commands that write tables and layers share: a folder made whole, and what it tells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
import shapely

from kcngeo.core import atomic
from kcngeo.core.model import Finding
from kcngeo.io import content_digest
from kcngeo.ledger.project import Project
from kcngeo.publish.manifest import inputs_of, table_digest, versions
from kcngeo.publish.tables import csv_bytes
from kcngeo.report import is_synthetic
from kcngeo.standards import SHIPPED, BufferRule, Registry

MANIFEST = "manifest.json"
"""What a folder was made from, by what, and what came out."""


_Table = TypeVar("_Table", bound=pd.DataFrame)


@contextmanager
def made_folder(out: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Give an empty folder to write into that takes its place only when all went well.

    One that an earlier run made is replaced; one that holds anything else is refused. In the names
    "*" stands for the id of a zone or lot.
    """
    with atomic.folder(
        out, is_ours=lambda name: any(fnmatchcase(name, one) for one in names)
    ) as made:
        yield made


def areas_of(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the rows with an area, all as multipolygons: a layer of QGIS holds one kind of shape."""
    shapes = layer.geometry.to_numpy()
    wide = shapely.get_dimensions(shapes) == 2
    many = [
        shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
        for shape in shapes[wide]
    ]
    return layer[wide].set_geometry(many, crs=layer.crs).reset_index(drop=True)


def with_registry(table: _Table, registry: Registry) -> _Table:
    """Add the column ``registry``: whose figures the table follows, and what a file overrode."""
    own = [one for one in registry.entries.values() if one.origin != SHIPPED]
    named = SHIPPED
    if own:
        named += f" + {own[0].origin} ({', '.join(one.name for one in own)})"
    told = table.assign(registry=pd.array([named] * len(table), dtype="str"))
    return told[[name for name in told.columns if name != "geometry"] + _shape_of(told)]


def write_tables(
    tables: Mapping[str, pd.DataFrame], registry: Registry, findings: pd.DataFrame, folder: Path
) -> None:
    """Write tables as CSV, each naming its registry, and what there is to know about them."""
    told = {name: with_registry(table, registry) for name, table in tables.items()}
    for name, table in {**told, "findings": findings}.items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(table, name=name))


def write_manifest(
    folder: Path,
    command: str,
    asked: Mapping[str, Any],
    *,
    path: str,
    project: Project,
    registry: Registry,
    rules: Path | None,
    findings: Iterable[Finding],
) -> None:
    """Write down what a folder was made from; no clock and no path of a machine is in it."""
    tables = {name: table_digest(frame) for name, frame in project.tables()}
    whole = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
    own = [one for one in registry.entries.values() if one.origin != SHIPPED]
    content = {
        "command": command,
        "asked": {name: value for name, value in asked.items() if value not in (None, ())},
        "inputs": {name: digest or whole for name, digest in inputs_of([path]).items()},
        "input_tables": tables,
        "versions": versions(),
        "synthetic_geometry": is_synthetic(project),
        "registry": {
            "file": None if rules is None else rules.name,
            "sha256": None if rules is None else content_digest(rules),
            "overridden": [one.name for one in own if one.overrides],
            "added": [one.name for one in own if not one.overrides],
        },
        "rules": {
            one.name: {"verified": str(one.verified), "origin": one.origin, "source": one.source}
            for one in registry.of(BufferRule)
        },
        "findings": [
            {"rule": one.rule, "severity": str(one.severity), "message": one.message()}
            for one in findings
        ],
        "outputs": {
            one.name: hashlib.sha256(one.read_bytes()).hexdigest()
            for one in sorted(folder.iterdir())
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def _shape_of(table: pd.DataFrame) -> list[str]:
    return ["geometry"] if "geometry" in table.columns else []
