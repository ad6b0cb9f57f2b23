"""An update checks each table once in each state it goes through, whatever is asked of it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kcngeo import cli, io, update
from kcngeo.core import validation
from kcngeo.core.checked_once import each_once, note_rows
from kcngeo.core.errors import ContractError
from tests.postgres import Server
from tests.update.test_merge import documents, project, stored


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """List the tables that are checked, with the frames."""
    seen: list[tuple[str, Any]] = []
    check = validation._cast_and_check

    def counted(frame: Any, table: str) -> Any:
        seen.append((table, frame))
        return check(frame, table)

    monkeypatch.setattr(validation, "_cast_and_check", counted)
    yield seen
    # No frame was asked twice.
    assert len({(table, id(frame)) for table, frame in seen}) == len(seen)


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert isinstance(stop.value.code, int)
    return stop.value.code


@pytest.mark.parametrize("store", ["file", "database"])
def test_each_table_is_checked_as_stored_as_brought_and_as_it_becomes(
    tmp_path: Path,
    postgis: Server,
    monkeypatch: pytest.MonkeyPatch,
    checks: list[tuple[str, Any]],
    store: str,
) -> None:
    place = str(tmp_path / "p.gpkg") if store == "file" else postgis.url("checked_once")
    io.write_project(project(), place)
    copies = [tmp_path / f"{name}.gpkg" for name in ("one", "two")]
    for path, entry in zip(copies, ("e0", "e1"), strict=True):
        io.write_project(io.read_project(place), path)
        io.write_project(documents(io.read_project(path), entry, "mine"), path)
    told = []
    for path in copies:
        checks.clear()
        assert run(monkeypatch, "update", place, path) == 0
        told.append(Counter(table for table, _ in checks))
    assert told[0] == {"zones": 2, "parcels": 2, "ledger": 3}
    # What two people edited is another table still before it becomes a part of the record.
    assert told[1] == {"zones": 2, "parcels": 2, "ledger": 4}
    checks.clear()
    assert run(monkeypatch, "update", place, "--mend-clock") == 0
    assert Counter(table for table, _ in checks) == {"zones": 1, "parcels": 1, "ledger": 1}


def test_a_table_that_breaks_its_contract_is_told_as_before(
    tmp_path: Path, checks: list[tuple[str, Any]]
) -> None:
    path = stored(tmp_path)
    copy = io.read_project(path)
    broken = replace(copy, ledger=copy.ledger.assign(status="let"))
    checks.clear()
    with pytest.raises(ContractError, match="status") as one:
        update.record(path, broken)
    assert len(one.value.problems) == 1
    assert Counter(table for table, _ in checks)["ledger"] == 2


def test_one_answer_lasts_as_long_as_the_work(checks: list[tuple[str, Any]]) -> None:
    frame = project().ledger
    bad = frame.assign(status="let")
    with each_once(), each_once():
        cast, found = validation.validate(bad, "ledger", errors="collect")
        assert [one.rule for one in found] == ["not_in_list"]
        found.clear()
        again = validation.validate(cast, "ledger", errors="collect")
        assert (again[0] is cast, [one.rule for one in again[1]]) == (True, ["not_in_list"])
        # Rows of what is at fault, or was never checked, are checked themselves.
        for of in (bad, frame):
            rows = of.head(1)
            note_rows(rows, "ledger", of=of)
            assert len(validation.validate(rows, "ledger", errors="collect")[1]) == (of is bad)
        # Another table is another question.
        with pytest.raises(ContractError):
            validation.validate(frame, "parcels")
    assert len(checks) == 4
    pd.testing.assert_frame_equal(frame, project().ledger)
    frame.loc[0, "status"] = "let"
    with pytest.raises(ContractError):
        validation.validate(frame, "ledger")
