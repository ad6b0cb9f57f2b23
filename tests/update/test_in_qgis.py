"""A project edited in QGIS itself comes back with exactly those edits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from kcngeo import Project, io, qgis, update
from kcngeo.core.errors import DataSourceError
from kcngeo.core.validation import as_known
from tests import squares
from tests.postgres import PASSWORD, Server

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "parcels" / "two_zones.gpkg"
NOW = "2026-01-05T00:00:00Z"


def told(changes: update.Difference) -> list[tuple[str, str, str, str]]:
    edits = changes.edits
    return list(edits[["table", "kind", "id", "columns"]].itertuples(index=False, name=None))


def steps_on(stored: Project) -> tuple[dict[str, list[dict[str, Any]]], list[Any]]:
    """What is done in QGIS, by layer, and the edits that must come of it."""
    lots = stored.parcels.drop_duplicates("parcel_id", keep=False)
    first, second = lots["parcel_id"].iloc[:2]
    # Inwards: a lot that reaches into its neighbour is refused.
    shape = lots.geometry.iloc[0]
    corner = shapely.get_coordinates(shape)[1]
    inwards = shapely.get_coordinates(shape.centroid)[0] - corner
    corner = corner + 5 * inwards / np.hypot(*inwards)
    # A lot nobody ever held can go without a contradiction, and so can an entry.
    third, gone = lots["parcel_id"][~lots["parcel_id"].isin(stored.ledger["parcel_id"])].iloc[-2:]
    known = stored.ledger[stored.ledger["superseded_at"].isna()]
    entry, ended = known["entry_id"].iloc[[0, -1]]
    past = stored.ledger.dropna(subset="superseded_at")["entry_id"]
    history = past[~past.isin(known["entry_id"])].iloc[0]
    far = squares.square(400)
    by = {"column": "parcel_id"}
    added = {"parcel_id": "LS-NEW", "zone_id": lots["zone_id"].iloc[0], "land_use": "industrial"}
    steps = {
        "parcels": [
            {"do": "add", "values": added, "shape": far.wkt},
            {"do": "move", **by, "value": first, "vertex": 1, "to": corner.tolist()},
            # A drop-down and a text.
            {
                "do": "change",
                **by,
                "value": second,
                "values": {"land_use": "service", "lot_code": "Lô số 2 đã sửa"},
            },
            {"do": "renumber", **by, "value": third},
            {"do": "remove", **by, "value": gone},
        ],
        "ledger": [
            {"do": "change", "column": "entry_id", "value": entry, "values": {"document": "QĐ 1"}},
            {"do": "remove", "column": "entry_id", "value": ended},
            # What was known before is no longer anybody's to change.
            {"do": "change", "column": "entry_id", "value": history, "values": {"document": "x"}},
            {
                "do": "add",
                "values": {"parcel_id": "LS-NEW", "status": "leased", "valid_from": "2025-07-01"},
            },
        ],
    }
    expected = [
        ("parcels", "added", "LS-NEW", ""),
        ("parcels", "removed", gone, ""),
        ("parcels", "moved", first, "geometry"),
        ("parcels", "changed", second, "land_use|lot_code"),
        ("ledger", "added", "LS-NEW leased 2025-07-01–…", ""),
        ("ledger", "removed", ended, ""),
        ("ledger", "changed", entry, "document"),
    ]
    return steps, expected


@pytest.fixture(scope="module")
def sample() -> Project:
    return io.read_project(SAMPLE)


def assert_comes_back(stored: Project, back: Project, expected: list[Any]) -> None:
    changes = update.difference(stored, back)
    assert told(changes) == expected
    assert [(one.rule, one.table) for one in changes.findings] == [("history_edited", "ledger")]
    moved = changes.edits.set_index("kind").loc["moved"]
    # The corner went 5 m, so it lies at most that far from the shape it left.
    assert 0 < moved["moved_m"] <= 5.001
    assert changes.edits["area_after_m2"].iloc[0] == 1e4
    after = update.apply(stored, changes, recorded_at=NOW)
    assert update.difference(after, back).empty
    for name, frame in stored.tables():
        known = as_known(dict(after.tables())[name], "2026-01-01")
        data = [
            column for column in frame.columns if column not in ("superseded_at", "recorded_at")
        ]
        rows = pd.DataFrame(known[data]).astype("str").sort_values(data, ignore_index=True)
        before = pd.DataFrame(as_known(frame, "2026-01-01")[data]).astype("str")
        pd.testing.assert_frame_equal(rows, before.sort_values(data, ignore_index=True))


def test_a_package_edited_in_qgis(
    in_qgis: Callable[..., Any], sample: Project, tmp_path: Path
) -> None:
    # The package GIS staff get, with its styles, drop-downs and layers beside the project's tables.
    path = qgis.write_package(sample, tmp_path / "Dự án đã sửa", on="2018-03-31").gpkg
    assert update.difference(sample, io.read_project(path)).empty
    steps, expected = steps_on(sample)
    edits = [
        {"source": f"{path}|layername={layer}", "steps": done} for layer, done in steps.items()
    ]
    for said in in_qgis("edited", edits=edits)["said"]:
        assert said["saved"], said["errors"]
    assert_comes_back(sample, io.read_project(path), expected)
    with pytest.raises(DataSourceError, match="changed since kcngeo wrote it"):
        qgis.write_package(sample, path.parent, on="2018-03-31")


def test_a_database_edited_in_qgis(
    in_qgis: Callable[..., Any], postgis: Server, sample: Project
) -> None:
    url = postgis.url("in_qgis")
    io.write_project(sample, url)
    place = (
        f"dbname='postgres' host='127.0.0.1' port='{postgis.port}' user='owner'"
        f" password='{PASSWORD}' key='fid' "
    )
    look = {
        "parcels": f'{place} table="in_qgis"."parcels" (geometry)',
        "parcels_now": f'{place} table="in_qgis"."parcels_now" (geometry)',
        "ledger": f'{place} table="in_qgis"."ledger"',
    }
    steps, expected = steps_on(sample)
    # History is refused with words; all the rest of that layer stays in the hands of the editor.
    refused = [one for one in steps["ledger"] if one.get("values") == {"document": "x"}]
    (said,) = in_qgis("edited", edits=[{"source": look["ledger"], "steps": refused}])["said"]
    assert not said["saved"]
    steps["ledger"].remove(refused[0])
    edits = [{"source": look[layer], "steps": done} for layer, done in steps.items()]
    answer = in_qgis("edited", edits=edits, look=look)
    opened = answer["seen"]
    assert [one["valid"] for one in opened.values()] == [True] * 3
    assert (opened["parcels"]["crs"], opened["parcels"]["type"]) == ("EPSG:5899", "Polygon")
    assert opened["parcels"]["count"] == len(sample.parcels)
    assert {"leased", "available"} <= set(opened["parcels_now"]["status"])
    for said in answer["said"]:
        assert said["saved"], said["errors"]
    back = io.read_project(url)
    assert told(update.difference(sample, back)) == expected
    # What was known before is what it was, and every edit says when and by whom.
    before, after = (one.as_known("2026-01-01") for one in (sample, back))
    for name in ("zones", "parcels", "ledger"):
        pd.testing.assert_frame_equal(
            pd.DataFrame(getattr(after, name)).reset_index(drop=True).astype("str"),
            pd.DataFrame(getattr(before, name)).reset_index(drop=True).astype("str"),
        )
    fresh = back.ledger[back.ledger["recorded_by"].notna()]
    assert set(fresh["recorded_by"]) == {"owner"}
    assert fresh["superseded_at"].isna().all()
