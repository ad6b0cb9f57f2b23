"""A month by a scheduler and workers of their own: the same bytes, whoever falls away meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest

import kcngeo as kcn
from kcngeo import cluster
from kcngeo.cluster import Part, Question, distributed_month, part
from kcngeo.core.errors import KcngeoError
from tests.cluster.conftest import Cluster

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
SOME = ["tables"]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def written(bundle: Any, folder: Path, project: Path, *, parts: list[str] | None = SOME) -> Any:
    return files_of(bundle.write(folder, parts=parts, inputs=[project]))


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project") / "squares.parquet"
    kcn.io.write_project(kcn.examples.squares(), path)
    return path


def dying_once(marker: str) -> Callable[..., Part]:
    """Work a part out in a process that is killed the first time."""

    def work(folder: str, zone_ids: tuple[str, ...], question: Question) -> Part:
        if Path(marker).exists():
            Path(marker).unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return part(folder, zone_ids, question)

    return work


@pytest.fixture(autouse=True)
def _tests_travel() -> Any:
    import tests.cluster.test_month as mine

    cloudpickle.register_pickle_by_value(mine)
    yield
    cloudpickle.unregister_pickle_by_value(mine)


def test_a_killed_worker_changes_nothing_and_a_lost_scheduler_is_told(
    squares: Path, tmp_path: Path, monkeypatch: Any, started: Callable[[int], Cluster]
):
    alone = written(kcn.products.month(kcn.io.read_project(squares), month="2018-03"),
                    tmp_path / "alone", squares)  # fmt: skip
    one = started(2)
    marker = tmp_path / "first"
    marker.touch()
    monkeypatch.setattr(distributed_month, "part", dying_once(str(marker)))
    made = cluster.month(squares, month="2018-03", client=one.client, most_lots=7)
    assert not marker.exists()
    # One of the two workers was killed at work, the other did its part.
    assert len(one.client.scheduler_info()["workers"]) == 1
    assert written(made, tmp_path / "together", squares) == alone
    grouped = {"month": "2018-03", "client": one.client, "most_lots": 7}
    assert files_of(cluster.write_month(squares, tmp_path / "grouped", **grouped)) == alone

    def failing(folder: str, zone_ids: tuple[str, ...], question: Question) -> Part:
        if "B" in zone_ids:
            raise ZeroDivisionError("as the test wants it")
        return part(folder, zone_ids, question)

    monkeypatch.setattr(distributed_month, "part", failing)
    some = cluster.month(squares, month="2018-03", client=one.client)
    # Of zone A 1.5 of 4 ha are let, as ever; without B nobody knows the sum.
    leased_ha = some.tables["accounts"]["leased_ha"].tolist()
    assert leased_ha == pytest.approx([1.5, np.nan, np.nan], nan_ok=True)
    assert "1 of 2 zones could be computed" in [*some.say("en")][-1]
    assert "ZeroDivisionError: as the test wants it" in some.reasons("en")["B"]
    with pytest.raises(KcngeoError, match=r"B \(ZeroDivisionError.*\(1 of 2\)") as failed:
        cluster.month(squares, month="2018-03", client=one.client, handed_out=True)
    assert "không tính được các khu: B" in failed.value.message("vi")

    scheduler = one.scheduler.pid

    def ending(folder: str, zone_ids: tuple[str, ...], question: Question) -> Part:
        os.kill(scheduler, signal.SIGKILL)
        return part(folder, zone_ids, question)

    monkeypatch.setattr(distributed_month, "part", ending)
    with pytest.raises(KcngeoError, match="was lost") as lost:
        cluster.month(squares, month="2018-03", client=one.client)
    assert "mất liên lạc" in lost.value.message("vi")


@pytest.mark.long
@pytest.mark.parametrize(("name", "month"), [("two_zones", "2018-03"), ("province", "2025-10")])
def test_processes_and_a_cluster_write_the_same_folder(
    name: str, month: str, tmp_path: Path, started: Callable[[int], Cluster]
):
    project = tmp_path / f"{name}.parquet"
    kcn.io.write_project(kcn.io.read_project(ROOT / f"data/parcels/{name}.gpkg"), project)
    alone = kcn.products.month(kcn.io.read_project(project), month=month)
    expected = written(alone, tmp_path / "alone", project, parts=None)
    options = {"month": month, "most_lots": 1}
    by_jobs = cluster.month(project, jobs=2, **options)
    assert written(by_jobs, tmp_path / "jobs", project, parts=None) == expected
    by_dask = cluster.month(project, client=started(2).client, **options)
    assert written(by_dask, tmp_path / "dask", project, parts=None) == expected
