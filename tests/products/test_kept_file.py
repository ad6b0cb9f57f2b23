"""Kept results save work and change nothing; what is damaged or foreign is worked out anew."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kcngeo as kcn
from kcngeo.analysis.forecast.simulation import Futures
from kcngeo.core.kept_results import KeptResults, digest_of
from kcngeo.products import kept_file
from kcngeo.products.kept_file import KeptResultsWarning, remembered
from tests import squares

MONTH = "2018-03"


def project(first: str = "2011-05-01") -> kcn.Project:
    """Two zones of ten lots of 1 ha, one let a year; `first` is when that of zone A began."""
    shapes = [squares.square(column, row) for row in range(2) for column in range(10)]
    lots = gpd.GeoDataFrame(
        {
            "parcel_id": [f"{zone}{number}" for zone in "AB" for number in range(1, 11)],
            "zone_id": ["A"] * 10 + ["B"] * 10,
            "land_use": "industrial",
        },
        geometry=shapes,
        crs=squares.CRS,
    )
    days = {
        f"{zone}{number}": f"{2010 + number}-05-01" for zone in "AB" for number in range(1, 8)
    } | {"A1": first}
    return kcn.Project(
        zones=squares.zones("A", "B"),
        parcels=lots,
        ledger=squares.ledger(*((lot, "leased", day) for lot, day in days.items())),
    )


def made(project: kcn.Project, folder: Path | None) -> tuple[Mapping[str, Any], KeptResults | None]:
    with remembered(folder, MONTH) as results:
        bundle = kcn.products.month(project, month=MONTH, results=results)
        tables = {name: frame.to_csv() for name, frame in bundle.tables.items()}
    return tables, results


def test_a_month_of_kept_results_is_the_same_and_works_nothing_out(tmp_path: Path) -> None:
    plain, _ = made(project(), None)
    first, results = made(project(), tmp_path)
    assert results.made > 0
    again, results = made(project(), tmp_path)
    assert results.made == 0
    assert plain == first == again


def test_one_entry_makes_one_zone_anew(tmp_path: Path) -> None:
    _, first = made(project(), tmp_path)
    plain, alone = made(project("2011-05-02"), None)
    tables, then = made(project("2011-05-02"), tmp_path)
    assert tables == plain
    assert alone is None
    # Both zones ask the same questions, and no entry changes the shape of what is left of them.
    shapes = 2
    assert then.made == (first.made - shapes) / 2
    assert then.found == (first.made - shapes) / 2 + shapes


def test_the_month_before_is_looked_through_too(tmp_path: Path) -> None:
    made(project(), tmp_path)
    (tmp_path / f"{MONTH}.parquet").rename(tmp_path / "2018-02.parquet")
    _, results = made(project(), tmp_path)
    assert results.made == 0
    # All was found, so nothing is written.
    assert [one.name for one in tmp_path.iterdir()] == ["2018-02.parquet"]


def damage(path: Path, kind: str) -> None:
    table = pq.read_table(path)
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:-20])
        return
    if kind == "no table":
        path.write_bytes(b"PAR1")
        return
    if kind == "other versions":
        table = table.replace_schema_metadata({b"made_by": b"0" * 64})
    elif kind == "no word of who":
        table = table.replace_schema_metadata(None)
    elif kind == "a figure":
        told = table["value"].to_pylist()
        changed = [one.replace("0x1.", "0x1.8", 1) for one in told]
        assert changed != told
        table = table.set_column(1, "value", pa.array(changed))
    elif kind == "no result":
        table = table.set_column(1, "value", pa.array(['{"code": "os"}'] * len(table)))
    elif kind == "a column":
        table = table.drop_columns(["sha256"])
    pq.write_table(table, path)


@pytest.mark.parametrize(
    "kind",
    [
        *("cut", "no table", "other versions", "no word of who"),
        *("a figure", "no result", "a column"),
    ],
)
def test_what_is_damaged_or_foreign_is_told_and_worked_out_anew(tmp_path: Path, kind: str) -> None:
    with remembered(tmp_path, MONTH) as results:
        results.get(b"extent", lambda: (1.5, 2.5))
    damage(tmp_path / f"{MONTH}.parquet", kind)
    with (
        pytest.warns(KeptResultsWarning, match=f"{MONTH}.parquet: made by other versions"),
        remembered(tmp_path, MONTH) as results,
    ):
        assert results.get(b"extent", lambda: (7.0, 8.0)) == (7.0, 8.0)
    # What was worked out anew is kept in its place.
    with warnings.catch_warnings(), remembered(tmp_path, MONTH) as results:
        warnings.simplefilter("error")
        assert results.get(b"extent", lambda: None) == (7.0, 8.0)


RESULTS = [
    (1.5, -0.0, float("inf"), 5e-324),
    (np.array([[1.5, np.nan], [np.inf, -0.0]]), "pace_unknown", True),
    (np.array([], dtype="int64"), "", False),
    (None, "chưa rõ", 3),
    Futures(
        leased_ha=np.zeros((0, 4)),
        reached_days=np.array([1.0, np.inf]),
        pace_changed=True,
        is_unknown=False,
    ),
    pd.DataFrame(
        {
            "on": pd.to_datetime(["2018-03-31", None]).as_unit("s"),
            "actual": [0.5, np.nan],
            "verdict": pd.array(["behind", None], dtype="str"),
        }
    ),
]


@pytest.mark.parametrize("result", RESULTS, ids=lambda one: type(one).__name__)
def test_a_result_comes_back_to_the_last_bit(tmp_path: Path, result: Any) -> None:
    with remembered(tmp_path, MONTH) as results:
        results.get(b"key", lambda: result)
    with remembered(tmp_path, MONTH) as results:
        back = results.get(b"key", lambda: None)
    assert digest_of(back) == digest_of(result)
    assert results.made == 0


def test_what_would_not_come_back_the_same_is_not_kept(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": pd.to_timedelta([1, 2], unit="s").to_numpy(dtype=object)})
    with remembered(tmp_path, MONTH) as results:
        results.get(b"odd", lambda: replace(RESULTS[4], leased_ha=np.array([[1, 2]], dtype="int8")))
        results.get(b"object", lambda: frame.astype(object))
    with remembered(tmp_path, MONTH) as results:
        assert results.get(b"object", lambda: "anew") == "anew"


def test_a_month_that_fails_keeps_what_was_done(tmp_path: Path) -> None:
    def stopped() -> None:
        with remembered(tmp_path, MONTH) as results:
            results.get(b"done", lambda: (1.0,))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    with remembered(tmp_path, MONTH) as results:
        assert results.get(b"done", lambda: None) == (1.0,)


def test_other_files_of_the_program_work_out_other_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_file.made_by.cache_clear()
    mine = kept_file.made_by()
    for name, told in (("versions", {"numpy": "1"}), ("registry_entry", {"sha256": "f"})):
        with monkeypatch.context() as now:
            now.setattr(kept_file, name, lambda *_, told=told: told)
            kept_file.made_by.cache_clear()
            assert kept_file.made_by() != mine
    kept_file.made_by.cache_clear()
    assert kept_file.made_by() == mine
