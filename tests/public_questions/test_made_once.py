"""A month checks each table once and joins once, counted while it is made."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kcngeo as kcn
from kcngeo import cartography, figures, maps, qgis
from kcngeo.core import validation
from kcngeo.io.stores import geopackage
from kcngeo.ledger import entries
from kcngeo.qgis import month_results
from kcngeo.report import spatial_sections

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"

pytestmark = pytest.mark.system


def everywhere(monkeypatch: pytest.MonkeyPatch, old: Callable[..., Any], new: Any) -> None:
    """Put a function into the place of another in every module that knows it by name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("kcngeo"):
            for key, one in list(vars(module).items()):
                if one is old:
                    monkeypatch.setattr(module, key, new)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the frames with rows that are checked, table by table, and the joins."""
    counts: Counter[str] = Counter()
    validate, join = validation.validate, entries.join

    def checking(frame: Any, table: str, **options: Any) -> Any:
        counts[table] += len(frame) > 0
        return validate(frame, table, **options)

    def joining(*tables: Any, **keywords: Any) -> Any:
        counts["join"] += 1
        return join(*tables, **keywords)

    everywhere(monkeypatch, validate, checking)
    everywhere(monkeypatch, join, joining)
    return counts


def test_a_month_checks_each_table_once_and_joins_once(
    counted: Counter[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = kcn.io.read_project(SAMPLE)
    counted.clear()
    once = {name: 1 for name, frame in project.tables() if len(frame)} | {"join": 1}
    report = kcn.report.monthly(project, month="2018-03")
    assert {name: number for name, number in counted.items() if number} == once
    around = spatial_sections(report)
    shown = cartography.fill(report)
    maps.draw_map(shown, language="vi")
    figures.draw_map(shown, language="vi")
    results = month_results(report, around)
    # Belts and distances become encumbrances of the day, tables of their own.
    made = counted.pop("encumbrances")
    once.pop("encumbrances")
    assert made <= 1 + len(set(around.space.encumbrances["kind"]))
    assert {name: number for name, number in counted.items() if number} == once
    # What is kept for ever is checked by its writer, rows that were superseded too.
    counted.clear()
    checks: list[str] = []
    writer = geopackage.validate
    monkeypatch.setattr(
        geopackage, "validate", lambda *a, **o: (checks.append(a[1]), writer(*a, **o))[1]
    )
    qgis.write_package(report.stored, tmp_path, on=report.on, report=report, layers=results)
    assert sorted(checks) == sorted(name for name, _ in project.tables())
    assert sum(counted.values()) == len([name for name in checks if len(getattr(project, name))])
