"""The figures of today's code are those of the first house, cell by cell.

`tests/first_house` keeps what an earlier state of the code said of the sample project. Topics and
commands are asked again by `tests/first_house/calls.py`; `columns.toml` says what is called
otherwise today and which figures are meant to differ. The quick comparison asks a part of what was
asked then; the long one, `-m long`, asks all and runs the commands.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kcngeo import Project, io
from tests.first_house import calls, runs, tables

NAMES: dict[str, Any] = tomllib.loads((calls.FOLDER / "columns.toml").read_text("utf-8"))
TOPICS = {call["topic"]: call for call in runs.RUNS["calls"]}
COMMANDS = runs.commands()
SHOWN = 20


@pytest.fixture(scope="module")
def project() -> Project:
    return io.read_project(str(runs.PROJECT))


@pytest.fixture(scope="module")
def files(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Rasters, tables and projects that calls and commands need beside the sample."""
    return runs.files_for(project, tmp_path_factory.mktemp("first_house"))


def new_name(table: str) -> str:
    return NAMES["tables"].get(table, {}).get("new", table)


def renamed(table: str, old: pd.DataFrame) -> pd.DataFrame:
    """Give kept rows the names of today."""
    entry = NAMES["tables"].get(table, {})
    said = old.copy()
    for column, words in entry.get("values", {}).items():
        said[column] = said[column].replace(words)
    columns = entry.get("columns", {})
    dropped = [name for name, today in columns.items() if not today]
    return said.drop(columns=dropped).rename(columns=columns)


def differences(table: str, old: pd.DataFrame, new: pd.DataFrame, **how: bool) -> list[str]:
    """List the differences of a table that are not intended, and the intended ones not found."""
    names = NAMES["tables"].get(table, {}).get("columns", {})
    found = tables.compare(table, renamed(table, old), new, **how)
    told, seen = [], set()
    for one in found:
        for place, meant in enumerate(NAMES.get("differences", [])):
            rows = {names.get(name, name): value for name, value in meant.get("rows", {}).items()}
            column = names.get(meant["column"], meant["column"])
            if (
                meant["table"] == table
                and column in ("*", one.column)
                and rows.items() <= dict(one.row).items()
            ):
                seen.add(place)
                break
        else:
            told.append(str(one))
    stale = [
        f"{table} {meant['column']}: a difference is listed, none is found ({meant['reason']})"
        for place, meant in enumerate(NAMES.get("differences", []))
        if meant["table"] == table and place not in seen
    ]
    return told + (stale if how.get("ordered") else [])


def fail_on(told: list[str]) -> None:
    """Fail with the differences, and how many there are by table."""
    if told:
        by_table = Counter(one.split(" ")[0] for one in told)
        counted = ", ".join(f"{table} {count}" for table, count in by_table.items())
        more = [f"and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
        pytest.fail("\n".join([f"differences: {counted}", *told[:SHOWN], *more]), pytrace=False)


def asked_of(old: pd.DataFrame, combinations: list[dict[str, Any]]) -> pd.DataFrame:
    """Give the kept rows of some of what was asked."""
    columns = [name for name in old.columns if name.startswith(tables.ASKED)]
    wanted = {
        tuple(tables.cell(one.get(name.removeprefix(tables.ASKED))) for name in columns)
        for one in combinations
    }
    mine = [row in wanted for row in zip(*(old[name] for name in columns), strict=True)]
    return old[mine].reset_index(drop=True) if columns else old


def compare_topic(
    topic: str, combinations: list[dict[str, Any]], project: Project, files: dict[str, Any]
) -> list[str]:
    table = f"calls/{topic}"
    old = tables.read(runs.kept("calls", topic))
    every = len(combinations) == len(list(runs.asked(TOPICS[topic])))
    rows = old if every else asked_of(old, combinations)
    new = runs.answer(project, new_name(table).removeprefix("calls/"), combinations, files)
    # A column that none of these answers fills is kept for the sake of others.
    absent = [name for name in rows.columns if name not in new and not every]
    unfilled = [name for name in absent if (rows[name] == "").all()]
    return differences(table, rows.drop(columns=unfilled), new, ordered=every)


def test_every_kept_table_is_named_and_every_named_table_is_kept() -> None:
    kept = {path.name.removesuffix(tables.SUFFIX) for path in folder_of("calls")}
    assert kept == set(TOPICS)
    assert set(calls.CALLS) == {
        new_name(f"calls/{topic}").removeprefix("calls/") for topic in TOPICS
    }
    written = {path.name.split(".")[0] for path in folder_of("commands")}
    assert written == set(COMMANDS)


def folder_of(kind: str) -> list[Path]:
    return sorted(runs.kept(kind, "").parent.glob(f"*{tables.SUFFIX}"))


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if runs.spread(TOPICS[topic])])
def test_a_call_gives_the_figures_of_the_first_house(
    topic: str, project: Project, files: dict[str, Any]
) -> None:
    fail_on(compare_topic(topic, runs.spread(TOPICS[topic]), project, files))


@pytest.mark.long
@pytest.mark.parametrize("topic", TOPICS)
def test_a_call_gives_all_figures_of_the_first_house(
    topic: str, project: Project, files: dict[str, Any]
) -> None:
    fail_on(compare_topic(topic, list(runs.asked(TOPICS[topic])), project, files))


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_writes_the_figures_of_the_first_house(
    name: str, files: dict[str, Any], tmp_path: Path
) -> None:
    made = runs.gathered(COMMANDS[name], files, tmp_path)
    kept = {
        path.name.removesuffix(tables.SUFFIX): path
        for path in folder_of("commands")
        if path.name.split(".")[0] == name
    }
    told = []
    for table, path in kept.items():
        today = new_name(f"commands/{table}").removeprefix("commands/")
        if today in made:
            old, new = tables.read(path), made.pop(today)
            # CSV files are compared as they are printed; layers and JSON hold unrounded figures.
            as_written = ".layer." not in table and ".report." not in table
            how = {"as_written": as_written, "ordered": True}
            told += differences(f"commands/{table}", old, new, **how)
        else:
            told.append(f"commands/{table}: the table is missing")
    fail_on(told + [f"commands/{table}: the table is new" for table in made])


KEPT = pd.DataFrame({"asked_on": ["1", "1"], "zone_id": ["a", "b"], "leased_ha": ["1.5", "2.5"]})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"leased_ha": ["1.5000000000001", "2.5"]}, []),
        (
            {"leased_ha": ["1.50001", "2.5"]},
            ["[asked_on=1, zone_id=a] leased_ha: '1.5' -> '1.50001'"],
        ),
        ({"leased_ha": ["", "2.5"]}, ["[asked_on=1, zone_id=a] leased_ha: '1.5' -> ''"]),
        ({"leased_ha": ["2.5", "1.5"], "zone_id": ["b", "a"]}, ["[] *: 'an order' -> 'another'"]),
        (
            {"zone_id": ["a", "c"]},
            [
                "[asked_on=1, zone_id=b] *: 'a row' -> ''",
                "[asked_on=1, zone_id=c] *: '' -> 'a row'",
            ],
        ),
        ({"more": ["1", "2"]}, ["[] more: '' -> 'a column'"]),
    ],
)
def test_the_comparison_tells_row_column_and_both_values(
    changed: dict[str, list[str]], expected: list[str]
) -> None:
    found = tables.compare("t", KEPT, KEPT.assign(**changed), ordered=True)
    assert [str(one) for one in found] == [f"t {line}" for line in expected]


def test_what_is_written_must_be_written_the_same() -> None:
    again = KEPT.assign(leased_ha=["1.50", "2.5"])
    assert tables.compare("t", KEPT, again) == []
    assert len(tables.compare("t", KEPT, again, as_written=True)) == 1


def test_names_of_today_and_intended_differences_are_heeded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns = {"leased_ha": "let_ha", "zone_id": "zone"}
    values = {"zone_id": {"a": "A"}}
    meant = {"table": "t", "column": "leased_ha", "rows": {"zone_id": "A"}, "reason": "r"}
    monkeypatch.setitem(NAMES["tables"], "t", {"columns": columns, "values": values})
    today = KEPT.rename(columns=columns).replace({"zone": {"a": "A"}})
    assert differences("t", KEPT, today, ordered=True) == []
    other = today.assign(let_ha=["9.9", "2.5"])
    assert len(differences("t", KEPT, other, ordered=True)) == 1
    monkeypatch.setitem(NAMES, "differences", [meant])
    assert differences("t", KEPT, other, ordered=True) == []
    (stale,) = differences("t", KEPT, today, ordered=True)
    assert "none is found (r)" in stale
