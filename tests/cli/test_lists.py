"""``kcngeo import`` of lease lists: what is printed, what is written, and the exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import python_calamine as calamine

from kcngeo import Project, cli, io
from tests import squares
from tests.io.spreadsheet.made import xlsx
from tests.update.test_reconcile import AS_IT_IS, HEADS, TITLE, project, row

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program in this process; give exit code, output and messages."""

    def call(*words: object, language: str = "en") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words), "--language", language])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code, out, err

    return call


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "p.gpkg"
    io.write_project(project(), path)
    return path


def written(folder: Path, rows: list[Any], *, title: list[Any] = TITLE) -> Path:
    return xlsx(folder / "list.xlsx", {"S": [*title, HEADS, *rows]})


EDITED = [
    AS_IT_IS[0],
    [*AS_IT_IS[1][:6], "Đã chấm dứt HĐ ngày 15/06/2018"],
    AS_IT_IS[2],
    AS_IT_IS[4],
    row(5, "Công ty Mới", "A6", "0,75", "01/10/2018", "30/09/2068"),
    [None, "Tổng cộng", None, "3,55"],
]


def test_missing_entries_stop_the_import_until_somebody_decides(
    store: Path, tmp_path: Path, run: Run
) -> None:
    # Listed on the day 1 + 0.3 + 1 + 0.75 = 3.05 ha (the total row has the 0.5 of A2 too), missing
    # is the 1 ha of A3.
    path = written(tmp_path, EDITED)
    before = store.read_bytes()
    words = ("import", path, "--into", store)
    for more in ((), ("--dry-run",)):
        code, out, err = run(*words, *more)
        assert (code, out, store.read_bytes() == before) == (2, "", True)
        assert "S: STT → number of the row; Tên doanh nghiệp → investor; Lô → lot" in err
        assert (
            "list.xlsx beside the ledger on 31 Dec 2018: "
            "no longer in the list 1, ended 1, new 1, unchanged 3"
        ) in err
        assert "no longer in the list: A3 E4 · Công ty Dung" in err
        assert "ended: S!C6 A2 E2 · Công ty Bình" in err
        assert "→ 15 Jun 2018" in err
        assert "new: S!C9 A6 · Công ty Mới" in err
        assert "3.0500 ha by the list, 4.0500 ha by the ledger: −10,000 m²" in err
        assert "1 entries of the ledger are no longer in the list; nothing was written" in err
    code, out, err = run(*words, "--missing", "keep", "--recorded-at", "2019-01-10")
    assert code == 1
    assert "Made by: A3 E4 −10,000 m²" in err
    assert io.read_project(store).as_known().ledger["valid_to"].notna().sum() == 4
    code, out, err = run(*words, "--missing", "ends-on:2018-09-01", "--recorded-at", "2019-01-11")
    assert code == 0
    assert "3.0500 ha by the list, 3.0500 ha by the ledger: they agree" in err
    assert "ledger,changed,E4,A,valid_to,,2018-09-01" in out
    now = io.read_project(store).as_known().ledger.set_index("entry_id")
    assert now.loc["E4", "valid_to"] == pd.Timestamp("2018-09-01")
    # Once more it changes nothing.
    written_then = store.read_bytes()
    code, _, err = run(*words)
    assert (code, store.read_bytes() == written_then) == (0, True)
    assert "nothing was written" in err


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_whole_table_is_written_on_request(
    store: Path, tmp_path: Path, run: Run, suffix: str
) -> None:
    path, table = written(tmp_path, EDITED), tmp_path / f"r.{suffix}"
    words = ("import", path, "--into", store, "--dry-run", "--reconciliation", table)
    assert run(*words, language="vi")[0] == 2
    if suffix == "csv":
        made = pd.read_csv(table)
        kinds = ["unchanged", "ended", "unchanged", "unchanged", "new", "missing"]
        assert made["kind"].tolist() == kinds
        assert made["cell"].tolist()[:5] == [f"S!C{number}" for number in range(5, 10)]
        assert made["difference_m2"].tolist() == [0, 0, 0, 0, 0, -10_000]
        return
    book = calamine.CalamineWorkbook.from_path(table)
    rows = book.get_sheet_by_index(1).to_python()
    # What changed is what is printed, as a person reads it.
    assert rows[0][:4] == ["Kết quả", "Ô", "Mã thửa", "Nhà đầu tư"]
    assert rows[2][:3] == ["đã chấm dứt", "S!C6", "A2"]
    assert rows[2][6:8] == ["01/01/2061", "15/06/2018"]
    cover = [line[0] for line in book.get_sheet_by_index(0).to_python()]
    assert any("chênh −10.000 m²" in line for line in cover)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("--missing", "drop"), "give ask, keep, or ends-on"),
        (("--missing", "ends-on:"), "give ask, keep, or ends-on"),
        (("--missing", "ends-on:May"), "ends_on"),
        (("--on", "31/12/2018"), "31/12/2018"),
        (("--reconciliation", "r.txt"), "written as .csv or .xlsx"),
    ],
)
def test_words_that_are_none(
    store: Path, tmp_path: Path, run: Run, words: tuple[str, ...], match: str
) -> None:
    before = store.read_bytes()
    code, _, err = run("import", written(tmp_path, EDITED), "--into", store, *words)
    assert (code, store.read_bytes() == before) == (2, True)
    assert match in err


def test_lists_at_fault_are_named_by_their_cells_and_nothing_is_recorded(
    store: Path, tmp_path: Path, run: Run
) -> None:
    rows = [
        *AS_IT_IS,
        [None, "Tổng cộng", None, "4,8"],
        ["Ghi chú: tính đến hết quý III/2018"],
    ]
    before = store.read_bytes()
    code, _, err = run("import", written(tmp_path, rows), "--into", store)
    assert (code, store.read_bytes() == before) == (2, True)
    assert "two different days: 31 Dec 2018, 30 Sep 2018 (S!A3, S!A11)" in err
    assert "S!D10: the total is 4.80 ha, its rows add up to 3.80 ha" in err


def test_a_rounded_list_is_told_by_how_much(tmp_path: Path, run: Run) -> None:
    old = project()
    lots = old.parcels.assign(certificate_area_m2=10_040.0)
    store = tmp_path / "p.gpkg"
    io.write_project(replace(old, parcels=lots), store)
    code, _, err = run("import", written(tmp_path, AS_IT_IS), "--into", store)
    # Lots A1, A3 and A4 have 40 m² more on paper than "1" ha: 120 m², more than the half of the
    # last digit the list is written in (50 m² at most).
    assert code == 1
    assert "3.8000 ha by the list, 3.8120 ha by the ledger: −120 m²" in err
    assert "S!C5 A1 E1 −40 m²; S!C8 A3 E4 −40 m²; S!C9 A4 E5 −40 m²" in err


def test_many_lines_that_make_a_difference_are_counted(tmp_path: Path, run: Run) -> None:
    # 25 lots of 1 ha are let, and the list names one of them: 24 are missing, 20 of them told.
    ids = [f"A{number}" for number in range(1, 26)]
    old = Project(
        zones=squares.zones("A"),
        parcels=squares.parcels(*ids),
        ledger=squares.ledger(*((lot, "leased", "2010-01-01") for lot in ids)),
    )
    store = tmp_path / "p.gpkg"
    io.write_project(old, store)
    path = written(tmp_path, [row(1, "An", "A1", "1", "01/01/2010", None)])
    code, _, err = run("import", path, "--into", store, "--missing", "keep", "--dry-run")
    assert code == 1
    assert "1.0000 ha by the list, 25.0000 ha by the ledger: −240,000 m²" in err
    total = next(line for line in err.splitlines() if line.startswith("total on"))
    assert total.count("−10,000 m²") == 20
    assert "and 4 more" in total


def test_land_that_the_list_calls_free_is_named_by_its_cell(
    store: Path, tmp_path: Path, run: Run
) -> None:
    heads = [*HEADS[:6], "Tình trạng"]
    rows = [[*one[:6], "đã cho thuê"] for one in AS_IT_IS[:4]]
    rows.append([5, None, "A4", "1", None, None, "còn trống"])
    path = xlsx(tmp_path / "list.xlsx", {"S": [*TITLE, heads, *rows]})
    code, _, err = run("import", path, "--into", store)
    assert code == 2
    assert "no longer in the list: S!C9 A4 E5 · Công ty Em" in err


def test_tenants_become_projects_and_spellings_in_doubt_are_asked(tmp_path: Path, run: Run) -> None:
    empty, register = tmp_path / "p.gpkg", tmp_path / "companies.csv"
    io.write_project(replace(project(), ledger=project().ledger.iloc[:0], projects=None), empty)
    heads = [*HEADS, "Ngành nghề"]
    rows = [
        [*row(1, "Công ty TNHH Chè Xanh", "A1", "1,0", "01/01/2018", "31/12/2067"), "Chè"],
        [*row(2, "Cty Chè Xanh", "A2", "1,0", "01/02/2018", "31/12/2067"), "Chè"],
        [*row(3, "Công ty CP Chè Xanh", "A3", "1,0", "01/03/2018", "31/12/2067"), "xyz"],
    ]
    listed = xlsx(tmp_path / "list.xlsx", {"S": [*TITLE, heads, *rows]})
    words = ("import", listed, "--into", empty, "--companies", register)
    code, _, err = run(*words)
    assert code == 2
    assert "3 to be answered" in err
    assert 'Which company is "Công ty CP Chè Xanh"?' in err
    assert "No sector of the registry is named by: xyz." in " ".join(err.split())
    assert "nothing was written" in " ".join(err.split())
    assert io.read_project(empty).ledger.empty
    asked = pd.read_csv(register, encoding="utf-8-sig", dtype="str")
    assert asked["state"].tolist() == ["asked"] * 3
    assert asked["project_id"].isna().all()
    asked["project_id"] = ["DN-001", "DN-001", "DN-002"]
    asked.to_csv(register, index=False, encoding="utf-8-sig")
    code, _, err = run(*words)
    assert code == 0, err
    made = io.read_project(empty)
    assert made.ledger["project_id"].tolist() == ["DN-001", "DN-001", "DN-002"]
    assert made.projects is not None
    assert made.projects["investor"].tolist() == ["Công ty TNHH Chè Xanh", "Công ty CP Chè Xanh"]
    assert made.projects["sector"].tolist() == ["Chè", "xyz"]
    # The same list again changes nothing, and asks nothing.
    code, _, err = run(*words)
    assert code == 0, err
    again = io.read_project(empty)
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.projects).reset_index(drop=True),
        pd.DataFrame(made.projects).reset_index(drop=True),
    )
