"""A ledger workbook is a copy: what was edited in it is recorded, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import python_calamine as calamine
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kcngeo import Project, cli, io, update
from kcngeo.core.errors import ContractError, DataSourceError, KcngeoError
from kcngeo.io.workbook.layout import LABEL
from tests import squares
from tests.update.test_merge import documents, stored

LEDGER = "Sổ theo dõi"
HEADS = 3  # headings, names, example


def project(**columns: Any) -> Project:
    return Project(
        zones=squares.zones("A"),
        parcels=squares.parcels(*(f"P{lot}" for lot in range(4))),
        ledger=squares.ledger(
            *((f"P{lot}", "leased", f"201{lot}-01-01") for lot in range(3)),
            entry_id=["e0", "e1", "e2"],
            document=["No. 0", "No. 1", None],
            **columns,
        ),
        projects=pd.DataFrame(
            {"project_id": ["da-1", "da-2"], "investor": ["Tea", "Coffee"], "workers": [10, None]}
        ),
    )


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = calamine.CalamineWorkbook.from_path(path)
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def save(path: Path, told: dict[str, list[list[Any]]]) -> None:
    """Save sheets as an office program does: values alone, the hidden sheet hidden."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in told.items():
            sheet = book.add_worksheet(name)
            if name == LABEL:
                sheet.hide()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str) and value:
                        sheet.write_string(number, column, value)
                    elif value != "":
                        sheet.write(number, column, value)


def edited(path: Path, cells: dict[tuple[str, int, str], Any], *, gone: tuple[int, ...] = ()):
    """Edit cells of a workbook by sheet, row of data and name of column; leave out rows."""
    told = sheets(path)
    for (name, row, column), value in cells.items():
        place = told[name][1].index(column)
        while len(told[name]) <= HEADS + row:
            told[name].append([""] * len(told[name][1]))
        told[name][HEADS + row][place] = value
    told[LEDGER] = [row for number, row in enumerate(told[LEDGER]) if number - HEADS not in gone]
    save(path, told)
    return io.read_workbook(path)


def test_a_workbook_says_what_it_was(tmp_path: Path) -> None:
    path = stored(tmp_path, project())
    io.write_workbook(io.read_project(path), tmp_path / "book.xlsx")
    book, read = io.read_workbook(tmp_path / "book.xlsx"), io.read_project(path)
    assert (book.dataset_id, book.commit) == (read.dataset_id, 0)
    assert book.taken is not None
    assert sorted(book.taken.rows) == ["ledger", "projects"]
    meta = calamine.CalamineWorkbook.from_path(tmp_path / "book.xlsx").sheets_metadata
    hidden = [one.name for one in meta if one.visible is not calamine.SheetVisibleEnum.Visible]
    assert hidden == [LABEL]
    assert not update.record(path, book).written


@pytest.mark.parametrize("name", ["p.gpkg", "p.parquet"])
def test_an_old_workbook_takes_nothing_back(tmp_path: Path, name: str) -> None:
    path = stored(tmp_path, project(), name)
    for book in ("one", "two"):
        io.write_workbook(io.read_project(path), tmp_path / f"{book}.xlsx")
    # Others record: a document, a lease, an investor who is gone.
    now = documents(io.read_project(path), "e1", "theirs")
    lease = squares.ledger(("P3", "leased", "2019-01-01"), entry_id=["e3"], document="theirs")
    now = replace(now, ledger=pd.concat([now.ledger, lease], ignore_index=True))
    update.record(path, replace(now, projects=now.projects.iloc[:1]))
    # Two workbooks of before come back, and a package.
    io.write_project(io.read_project(path), tmp_path / "package.gpkg")
    one = edited(tmp_path / "one.xlsx", {(LEDGER, 0, "document"): "one"})
    assert update.record(path, one).changes.counts() == [("ledger", "changed", 1)]
    two = edited(tmp_path / "two.xlsx", {(LEDGER, 2, "document"): "two"})
    assert update.record(path, two).changes.counts() == [("ledger", "changed", 1)]
    package = documents(io.read_project(tmp_path / "package.gpkg"), "e3", "package")
    assert update.record(path, package).changes.counts() == [("ledger", "changed", 1)]
    held = io.read_project(path).as_known()
    assert held.ledger.set_index("entry_id")["document"].to_dict() == {
        "e0": "one",
        "e1": "theirs",
        "e2": "two",
        "e3": "package",
    }
    assert held.projects is not None
    assert held.projects["project_id"].tolist() == ["da-1"]


def test_a_cell_changed_here_and_there_is_a_clash_whatever_the_copy_is(tmp_path: Path) -> None:
    path = stored(tmp_path, project())
    io.write_workbook(io.read_project(path), tmp_path / "book.xlsx")
    update.record(path, documents(io.read_project(path), "e0", "theirs"))
    before = path.read_bytes()
    book = edited(tmp_path / "book.xlsx", {(LEDGER, 0, "document"): "mine"})
    clashes = update.record(path, book).clashes
    assert clashes[["id", "column", "before", "theirs", "mine"]].to_numpy().tolist() == [
        ["e0", "document", "No. 0", "theirs", "mine"]
    ]
    words = ["import", str(tmp_path / "book.xlsx"), "--into", str(path), "--language", "en"]
    for command in (words, ["update", str(path), words[1], "--language", "en"]):
        done = CliRunner().invoke(cli.app, command)
        assert isinstance(done.exception, KcngeoError)
        assert "ledger,e0,A,document,both_changed,No. 0,theirs,mine," in done.stdout
    assert path.read_bytes() == before
    assert update.record(path, book, resolved=clashes.assign(take="mine")).written
    assert io.read_project(path).as_known().ledger["document"].tolist()[-1] == "mine"


def test_rows_that_a_workbook_lacks_go_only_when_that_is_said(tmp_path: Path) -> None:
    path = stored(tmp_path, project())
    book = tmp_path / "book.xlsx"
    io.write_workbook(io.read_project(path), book)
    update.record(path, documents(io.read_project(path), "e1", "theirs"))
    edited(book, {(LEDGER, 0, "document"): "mine"}, gone=(2,))
    words = ["import", str(book), "--into", str(path), "--language", "en"]
    done = CliRunner().invoke(cli.app, words)
    assert (done.exit_code, done.exception) == (0, None)
    assert len(io.read_project(path).as_known().ledger) == 3
    assert CliRunner().invoke(cli.app, [*words, "--remove"]).exit_code == 0
    now = io.read_project(path).as_known().ledger.set_index("entry_id")["document"]
    assert now.to_dict() == {"e0": "mine", "e1": "theirs"}


def test_columns_of_ones_own_come_back_whole(tmp_path: Path) -> None:
    own = {
        "Ghi chú riêng": ["a", None, "=1+1"],
        "2019": [1, 2, 3],
        "Đã ký": [True, False, None],
        "Ngày nhận": pd.to_datetime(["2019-01-01", None, "2020-02-29"]),
        "share": [0.25, 1 / 3, float("nan")],
    }
    path = stored(tmp_path, project(**own))
    book = tmp_path / "book.xlsx"
    for language in ("vi", "en"):
        io.write_workbook(io.read_project(path), book, language=language)
        read = io.read_workbook(book)
        assert len(read.tables["ledger"]) == 3
        assert set(own) <= set(read.tables["ledger"].columns)
        done = update.record(path, read)
        assert (done.changes.counts(), done.written) == ([], False)
    io.write_workbook(io.read_project(path), book)
    more = edited(book, {(LEDGER, 1, "Ghi chú riêng"): "b", (LEDGER, 0, "2019"): 7})
    cells = update.record(path, more).changes.cells
    assert cells[["id", "column"]].to_numpy().tolist() == [["e0", "2019"], ["e1", "Ghi chú riêng"]]


def test_what_is_no_copy_of_the_project_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path, project())
    before = path.read_bytes()
    book = tmp_path / "book.xlsx"
    io.write_workbook(project(price=[1, 2, 3]), book)
    with pytest.raises(KcngeoError, match="copy of another project"):
        update.record(path, io.read_workbook(book))
    io.write_workbook(None, book)
    with pytest.raises(KcngeoError, match="does not say what it was"):
        update.record(path, io.read_workbook(book))
    io.write_workbook(io.read_project(path), book)
    told = sheets(book)
    half = {name: rows for name, rows in told.items() if name != LEDGER}
    save(book, half)
    with pytest.raises(KcngeoError, match="left with the tables ledger and comes back without"):
        update.record(path, io.read_workbook(book))
    save(book, told | {LABEL: [told[LABEL][0][:1]]})
    with pytest.raises(DataSourceError, match="the hidden sheet kcngeo"):
        io.read_workbook(book)
    save(book, told)
    strange = edited(book, {(LEDGER, 0, "valid_from"): "some day"})
    with pytest.raises(ContractError, match="some day"):
        update.record(path, strange)
    renamed = edited(book, {(LEDGER, 0, "valid_from"): "01/01/2010", (LEDGER, 0, "entry_id"): "x"})
    with pytest.raises(KcngeoError, match="e0 → x"):
        update.record(path, renamed)
    io.write_workbook(io.read_project(path), tmp_path / "second.xlsx")
    both = [str(tmp_path / "second.xlsx"), str(book)]
    done = CliRunner().invoke(cli.app, ["import", *both, "--into", str(path)])
    assert isinstance(done.exception, KcngeoError)
    assert done.exception.code == "import_workbook_alone"
    assert path.read_bytes() == before


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Mn"))
WORDS = st.one_of(
    st.none(), st.sampled_from(["=1+1", "No. 9", "1,5", "có", "2016"]), st.text(LETTERS, min_size=1)
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.dictionaries(
        st.tuples(st.integers(0, 2), st.sampled_from(["document", "Riêng"])), WORDS
    ),
    parts=st.dictionaries(st.integers(0, 2), st.integers(1, 10**8).map(lambda one: one / 10**8)),
    ends=st.dictionaries(st.integers(0, 2), st.dates(dt.date(2020, 1, 1), dt.date(2099, 12, 31))),
    gone=st.sets(st.integers(0, 2), max_size=2),
    added=st.booleans(),
    theirs=st.booleans(),
)
@example(texts={(0, "document"): None}, parts={}, ends={}, gone={1}, added=True, theirs=True)
def test_what_comes_back_is_exactly_what_was_edited(
    tmp_path: Path,
    texts: dict[tuple[int, str], str | None],
    parts: dict[int, float],
    ends: dict[int, dt.date],
    gone: set[int],
    added: bool,
    theirs: bool,
) -> None:
    import unicodedata

    path = stored(tmp_path, project(Riêng=["x", None, "z"]))
    io.write_workbook(io.read_project(path), tmp_path / "book.xlsx")
    held = io.read_project(path)
    if theirs:
        workers = held.projects.assign(workers=[11, None])
        update.record(path, replace(held, projects=workers), recorded_at="2020-01-01")
    cells: dict[tuple[int, str], Any] = {
        (row, column): value and unicodedata.normalize("NFC", value)
        for (row, column), value in texts.items()
    }
    cells |= {(row, "part_area_ha"): value for row, value in parts.items()}
    cells |= {(row, "valid_to"): value for row, value in ends.items()}
    typed = {
        (LEDGER, row, column): "" if value is None else value
        for (row, column), value in cells.items()
    }
    if added:
        typed |= {
            (LEDGER, 3, "parcel_id"): "P3",
            (LEDGER, 3, "status"): "leased",
            (LEDGER, 3, "valid_from"): dt.date(2019, 1, 1),
        }
    book = edited(tmp_path / "book.xlsx", typed, gone=tuple(gone))
    done = update.record(path, book, recorded_at="2020-02-02")
    was = held.ledger.set_index("entry_id")
    wanted = set()
    for (row, column), value in cells.items():
        before = was[column].iloc[row] if column in was.columns else None
        before = None if pd.isna(before) else before
        same = before == (pd.Timestamp(value) if isinstance(value, dt.date) else value)
        if row not in gone and not same:
            wanted.add((f"e{row}", column))
    assert set(map(tuple, done.changes.cells[["id", "column"]].to_numpy())) == wanted
    counted = {kind: count for _, kind, count in done.changes.counts()}
    assert counted.get("removed", 0) == len(gone)
    assert counted.get("added", 0) == int(added)
    now = io.read_project(path).as_known()
    told = now.ledger.set_index("entry_id")
    for (row, column), value in cells.items():
        if row not in gone:
            stands = told.loc[f"e{row}", column] if column in told.columns else None
            if value is None:
                assert pd.isna(stands)
            else:
                assert stands == (pd.Timestamp(value) if isinstance(value, dt.date) else value)
    assert now.projects is not None
    assert now.projects["workers"].iloc[-1 if theirs else 0] == (11 if theirs else 10)
