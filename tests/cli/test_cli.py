"""The command line: exit codes, one language, data apart from messages, and never a traceback."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import pkgutil
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import kcngeo
from kcngeo import Project, cli, io, standards
from kcngeo.cli import shared
from kcngeo.cli.commands import COMMANDS
from kcngeo.core import model
from tests import squares

ORDER = (
    "overview",
    "accounts",
    "bases",
    "vacancy",
    "investor_figures",
    "plan",
    "changes",
    "causes",
    "targets",
    "forecast",
    "steps",
    "late",
    "conflicts",
    "land",
    "sites",
    "findings",
    "definitions",
    "rules",
    "series",
    "names",
)
TABLES = sorted(ORDER)
FILES = sorted(["manifest.json", "map.html", *(f"{name}.csv" for name in TABLES)])
# Pages and PDFs take their time and have tests of their own.
# Against a program that hangs; nothing is measured by it.
HANGS_S = 600
QUICK = ("--part", "map", "--part", "tables")


def project(*, status: str = "leased") -> Project:
    """Zone A with one lot let of two, zone B with none of two; nothing to warn of."""
    parcels = squares.parcels("A1", "A2", "B1", "B2", zone=["A", "A", "B", "B"])
    shapes = [squares.square(*place) for place in ((0, 0), (1, 0), (0, 1), (1, 1))]
    entries = [("A1", status, "2018-01-01"), ("A2", "uncleared", "2018-01-01")]
    entries += [("B1", "reserved", "2018-01-01"), ("B2", "uncleared", "2018-01-01")]
    return Project(
        zones=squares.zones("A", "B", name=["An", "Bình"]),
        parcels=parcels.set_geometry(shapes, crs=squares.CRS),
        ledger=squares.ledger(*entries, project_id="p"),
        projects=pd.DataFrame({"project_id": ["p"], "licensed_on": ["2017-01-01"]}),
    )


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "Dự án.gpkg"
    io.write_project(project(), path)
    return path


@pytest.fixture
def unclear(tmp_path: Path) -> Path:
    """A project in which zone B is not computable: a status that no contract knows."""
    path = tmp_path / "unclear.gpkg"
    io.write_project(project(), path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE ledger SET status = 'let' WHERE parcel_id = 'B1'")
        connection.commit()
    return path


class Told:
    """What a run said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Told]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run the program in this process; whatever it raises but an exit fails the test."""

    def call(*words: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return Told(stop.value.code, said.out, said.err)

    return call


def program(*words: object, cwd: Path | None = None, **environment: str) -> Told:
    """Run the program as its users do."""
    done = subprocess.run(
        [sys.executable, "-m", "kcngeo", *map(str, words)],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
        timeout=HANGS_S,
    )
    return Told(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


# monthly


def test_a_month_is_written_and_its_rates_are_the_data(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    told = run("monthly", stored, "--month", "2018-03", "--out", tmp_path / "out", *QUICK)
    assert told.code == 0
    assert told.out.splitlines() == [
        "An: 50,00 % (Nghị định 164/2013/NĐ-CP), 1,0000 / 2,0000 ha",
        "Bình: 0,00 % (Nghị định 164/2013/NĐ-CP), 0,0000 / 2,0000 ha",
        "Tất cả các khu: 25,00 % (Nghị định 164/2013/NĐ-CP), 1,0000 / 4,0000 ha",
    ]
    assert f"đã tạo {tmp_path / 'out'}" in told.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES


def test_the_other_language(run: Run, stored: Path, tmp_path: Path) -> None:
    words = ("--month", "2018-03", "--out", tmp_path / "out", "--language", "en")
    told = run("monthly", stored, *words, *QUICK)
    assert (
        told.out.splitlines()[-1]
        == "All zones: 25.00 % (Decree 164/2013/ND-CP), 1.0000 / 4.0000 ha"
    )
    assert "computing 2018-03" in told.err
    assert "đang" not in told.err


def test_a_zone_that_is_not_computable_is_told_by_the_exit_code(
    run: Run, unclear: Path, tmp_path: Path
) -> None:
    words = ("--month", "2018-03", "--out", tmp_path / "out", "--language", "en")
    told = run("monthly", unclear, *words, *QUICK)
    assert told.code == 1
    assert told.out.splitlines() == [
        "An: 50.00 % (Decree 164/2013/ND-CP), 1.0000 / 2.0000 ha",
        "Bình: – (Decree 164/2013/ND-CP), – / – ha",
        "All zones: – (Decree 164/2013/ND-CP), – / – ha, 1 of 2 zones could be computed",
    ]
    assert "B: not computable: Status holds let" in told.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES


@pytest.mark.long
def test_a_warning_counts_only_when_asked(run: Run, stored: Path, tmp_path: Path) -> None:
    words = ("monthly", stored, "--out", tmp_path / "out", "--month", "2018-03", *QUICK)
    assert run(*words, "--strict").code == 0
    given = project()
    assert given.projects is not None
    warned = Project(
        zones=given.zones,
        parcels=given.parcels,
        ledger=given.ledger,
        projects=given.projects.assign(licensed_on="2018-04-01"),
    )
    io.write_project(warned, stored)
    assert run(*words).code == 0
    told = run(*words, "--strict", "--language", "en")
    assert told.code == 1
    assert "warning [A] leased without a licensed project: A1 leased 1 Jan 2018–…." in told.err


def test_an_error_that_stops_no_zone_counts_when_asked(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(stored)) as connection:
        connection.execute("ALTER TABLE projects ADD COLUMN origin TEXT DEFAULT 'mars'")
        connection.commit()
    words = ("monthly", stored, "--out", tmp_path / "out", "--month", "2018-03", *QUICK)
    assert run(*words).code == 0
    assert run(*words, "--strict").code == 1


def test_a_long_message_stays_one_line(run: Run, tmp_path: Path) -> None:
    # A message that is wrapped cannot be searched for, nor a path copied.
    missing = tmp_path / ("rất dài " * 20 + ":smile:.gpkg")
    told = run("series", missing, "--month", "2018-03", "--language", "en")
    assert told.err.splitlines() == [f"{missing} cannot be read: there is no such file."]


# Failures

FAILURES = [
    (["monthly", "{none}", "--month", "2018-03", "--out", "{out}"], "there is no such file"),
    (["series", "{none}", "--month", "2018-03"], "there is no such file"),
    (["series", "{text}", "--month", "2018-03"], "no GeoPackage"),
    (["series", "{folder}", "--month", "2018-03"], "no store of this kind"),
    (["series", "{stored}", "--month", "2018-13"], "month must be given as"),
    (
        ["series", "{stored}", "--month", "2018-03", "--definition", "x"],
        "no definition of the fill",
    ),
    (["series", "{stored}", "--month", "2018-03", "--known-at", "soon"], "known_at must be a date"),
    (["series", "{stored}", "--month", "2018-03", "--start", "2019-01-01"], "no reporting date"),
    (["monthly", "{stored}", "--month", "2018-03", "--out", "{stored}"], "it is a file"),
    (
        ["monthly", "{stored}", "--month", "2018-03", "--out", "{stored}/x", *QUICK],
        "what should be a folder is a file",
    ),
    (["monthly", "{stored}", "--month", "2018-03", "--out", "{folder}"], "files of others"),
    (
        ["monthly", "{stored}", "--month", "2018-03", "--out", "{out}", "--log", "{none}/x.log"],
        "x.log cannot be written",
    ),
    (
        ["monthly", "{stored}", "--month", "2018-03", "--out", "{out}", "--log", "{folder}"],
        "it is a folder, not a file",
    ),
    (
        ["history", "{stored}", "--since", "2022-03", "--month", "2018-03", "--out", "{out}"],
        "must lie before the later month",
    ),
    (["verify", "{folder}"], "not a readable manifest"),
    (["verify", "{none}", "--project", "{stored}"], "not a readable manifest"),
]


@pytest.mark.parametrize(("words", "reason"), FAILURES)
def test_a_failure_is_told_in_one_language_and_makes_nothing(
    run: Run, stored: Path, tmp_path: Path, words: list[str], reason: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "text.gpkg").write_text("text " * 50, encoding="utf-8")
    places = {
        "{stored}": stored,
        "{folder}": folder,
        "{text}": tmp_path / "text.gpkg",
        "{none}": tmp_path / "none.gpkg",
        "{out}": tmp_path / "out",
    }
    before = sorted(path.name for path in tmp_path.rglob("*"))
    filled = []
    for word in words:
        for mark, path in places.items():
            word = word.replace(mark, str(path))
        filled.append(word)
    english, vietnamese = run(*filled, "--language", "en"), run(*filled)
    assert (english.code, vietnamese.code) == (2, 2)
    assert (english.out, vietnamese.out) == ("", "")
    assert reason in english.err
    # The error once, besides the steps that were told.
    last = english.err.splitlines()[-1]
    assert english.err.count(last) == 1
    assert not any(letter in last.replace(str(stored), "") for letter in "ăđơưạộởệ")
    assert vietnamese.err.splitlines()[-1] != last
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_all_breaches_of_no_zone_are_told(run: Run, stored: Path) -> None:
    given = project()
    parcels = given.parcels.assign(zone_id=["A", "A", "X", "B"])
    ledger = given.ledger.replace({"parcel_id": {"A1": "Z9"}})
    io.write_project(Project(zones=given.zones, parcels=parcels, ledger=ledger), stored)
    told = run("series", stored, "--month", "2018-03", "--language", "en")
    assert told.code == 2
    assert told.err.splitlines() == [
        "2 problems in the tables; nothing was computed:",
        "- parcels: zone X is not in the table zones: B1.",
        "- ledger: entries of parcels that do not exist: Z9 leased 1 Jan 2018–….",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["monthly"], ["Thiếu PROJECT; xem --help.", "PROJECT is missing; see --help."]),
        (["monthly", "x.gpkg"], ["Thiếu --month; xem --help.", "--month is missing; see --help."]),
        (
            ["monthly", "x.gpkg", "--month"],
            ["Sau --month phải có giá trị.", "--month needs a value behind it."],
        ),
        (
            ["check", "x.gpkg", "--strict=1"],
            ["--strict không đi kèm giá trị.", "--strict is given without a value."],
        ),
        (
            ["series", "x.gpkg", "--month", "2018-03", "--language", "fr"],
            [
                "--language: không dùng được giá trị này; cần: một trong vi | en.",
                "--language: this value cannot be used; wanted: one of vi | en.",
            ],
        ),
        (
            ["series", "x.gpkg", "--language", "en", "--month", "2018-03", "--area", "acres"],
            ["--area: this value cannot be used; wanted: one of grid | ellipsoid | certificate."],
        ),
        (
            ["monthly", "x.gpkg", "--language", "en", "--jobs", "two"],
            ["--jobs: this value cannot be used; wanted: a whole number."],
        ),
        (
            ["series", "x.gpkg", "--months", "2018-03"],
            [
                "Không có tùy chọn --months. Có phải: --month?",
                "There is no option --months. Did you mean: --month?",
            ],
        ),
        (
            ["series", "x.gpkg", "--language", "vi", "--month", "2018-03", "thừa"],
            ["thừa là gì? Không thuộc tùy chọn nào."],
        ),
        (
            ["monthli"],
            [
                "Không có lệnh monthli. Có phải: monthly?",
                "There is no command monthli. Did you mean: monthly?",
            ],
        ),
        (["zzz"], ["Không có lệnh zzz.", "There is no command zzz."]),
    ],
)
def test_wrong_usage_is_bad_input_and_told_in_words(
    run: Run, words: list[str], told: list[str]
) -> None:
    said = run(*words)
    assert said.code == 2
    assert said.err.splitlines() == told
    assert said.out == ""


def test_results_are_kept_where_one_process_works_a_month_out(run: Run, tmp_path: Path) -> None:
    words = ("monthly", "x.gpkg", "--month", "2018-03", "--out", tmp_path / "out")
    told = run(*words, "--kept", tmp_path / "kept", "--jobs", "2", "--language", "en")
    assert told.code == 2
    assert told.err.startswith("--kept is for one process a month")
    assert not (tmp_path / "kept").exists()


def test_without_a_language_an_error_is_told_in_both(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.shared, "app", stop)
    assert run().err.splitlines() == [
        "đã dừng; những gì chưa làm xong vẫn như trước.",
        "stopped; what was not finished is as it was before.",
    ]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "stopped; what was not finished is as it was before."), ("vi", "đã dừng")],
)
def test_an_interrupt_is_told(
    run: Run, stored: Path, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(io, "read_project", stop)
    said = run("series", stored, "--month", "2018-03", "--language", language)
    assert said.code == 2
    assert told in said.err
    assert len(said.err.splitlines()) == 1


def test_a_fault_of_the_program_is_not_hidden(
    stored: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(io, "read_project", fail)
    monkeypatch.setattr(sys, "argv", ["kcngeo", "series", str(stored), "--month", "2018-03"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 3
    assert "ZeroDivisionError: a fault" in capsys.readouterr().err


# The list of commands


def test_the_list_of_commands_is_what_the_modules_hold() -> None:
    held = {}
    for module in pkgutil.iter_modules(cli.__path__):
        importlib.import_module(f"kcngeo.cli.{module.name}")
    for command in cli.app.registered_commands:
        said = command.callback
        assert said is not None
        name = command.name or said.__name__
        held[name] = (said.__module__.rpartition(".")[2], inspect.getdoc(said))
    assert held == COMMANDS


# The other commands


def test_a_series_is_csv_on_standard_output(run: Run, stored: Path) -> None:
    told = run("series", stored, "--month", "2018-03", "--language", "en")
    lines = told.out.splitlines()
    assert told.code == 0
    assert told.err == ""
    assert lines[0].startswith("zone_id,name,on,definition,in_force,leased_ha,base_ha,fill_rate,")
    assert lines[3].startswith("A,An,2018-03-31,nd164-2013,True,1.0000,2.0000,0.5000,")
    # Three months of two zones and of all.
    assert len(lines) == 1 + 3 * 3
    assert "\r" not in told.out


def test_a_series_too_tells_what_is_not_computable(run: Run, unclear: Path) -> None:
    told = run("series", unclear, "--month", "2018-03", "--language", "en")
    assert told.code == 1
    assert told.err.startswith("B: not computable: Status holds let")


@pytest.mark.long
def test_verification_proves_and_refutes(run: Run, stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("monthly", stored, "--month", "2018-03", "--out", out, *QUICK)
    told = run("verify", out, "--language", "en")
    assert (told.code, told.err) == (0, "")
    # Tables in CSV and the series on the map as well: of the others nothing says a second time.
    assert told.out.startswith(
        f"{out} agrees with its manifest and with itself: 21 files; 1 tables"
    )
    assert "Held once" in told.out
    assert "accounts (accounts.csv)" in told.out
    told = run("verify", out, "--project", stored, "--language", "en")
    assert told.code == 0
    assert told.out == f"{out} is proven: the project gives all 21 files again, byte for byte.\n"
    (out / "map.html").unlink()
    (out / "series.csv").write_bytes(b"")
    (out / "notes.txt").write_bytes(b"")
    told = run("verify", out, "--language", "en")
    assert told.code == 1
    assert told.out.splitlines()[:5] == [
        f"{out} is REFUTED.",
        "Files that are not what the manifest lists:",
        "  missing: map.html",
        "  changed since it was made: series.csv",
        "  not in the manifest: notes.txt",
    ]
    assert "thiếu: map.html" in run("verify", out).out


@pytest.mark.long
def test_verification_against_another_project(run: Run, stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("--start", "2018-02-01", "--area", "ellipsoid", "--definition", "cleared")
    run("monthly", stored, "--month", "2018-03", "--out", out, *words, *QUICK)
    assert run("verify", out, "--project", stored).code == 0
    io.write_project(project(status="reserved"), stored)
    told = run("verify", out, "--project", stored, "--language", "en")
    assert told.code == 1
    prefix = "  the project now gives another content: "
    lines = [line for line in told.out.splitlines() if line.startswith(prefix)]
    names = {line.removeprefix(prefix) for line in lines}
    assert {"accounts", "changes", "series"} <= names <= set(TABLES)


@pytest.mark.parametrize("spoil", ["{}", '{"outputs": {}}', "no json", "[]"])
def test_a_broken_manifest_is_bad_input(run: Run, stored: Path, tmp_path: Path, spoil: str) -> None:
    (tmp_path / "manifest.json").write_text(spoil, encoding="utf-8")
    for words in ((), ("--project", stored)):
        told = run("verify", tmp_path, "--language", "en", *words)
        assert told.code == 2
        assert "is not a readable manifest of a product" in told.err
        assert told.out == ""


def test_a_manifest_that_was_tampered_with_is_refuted_and_not_followed(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    run("monthly", stored, "--month", "2018-03", "--out", tmp_path / "out", *QUICK)
    path = tmp_path / "out" / "manifest.json"
    said = json.loads(path.read_text("utf-8"))
    asked = {**said["options"], "definition": "nd99"}
    path.write_text(json.dumps({**said, "options": asked}), encoding="utf-8")
    told = run("verify", tmp_path / "out", "--project", stored, "--language", "en")
    assert told.code == 1
    assert told.out.splitlines()[:3] == [
        f"{tmp_path / 'out'} is REFUTED.",
        "Files that are not what the manifest lists:",
        "  changed since it was made: manifest.json",
    ]
    assert "The manifest itself was changed, so nothing was made again from it." in told.out


def test_the_registry_is_printed_whole_as_a_table(run: Run) -> None:
    told = run("standards", "--table", "--language", "en")
    lines = told.out.splitlines()
    assert told.code == 0
    assert [line.split("\t")[0] for line in lines] == list(standards.names())
    assert {len(line.split("\t")) for line in lines} == {11}
    (law,) = (line.split("\t") for line in lines if line.startswith("nd35-2022\t"))
    assert law[9:] == ["nd35-2022", "2026-11-27"]
    assert law[1:7] == [
        "Decree 35/2022/ND-CP",
        "let land ÷ all land: industrial + service",
        "2022-07-15",
        "–",
        "official",
        "kcngeo",
    ]


@pytest.mark.parametrize(
    ("language", "figures"),
    [
        (
            "vi",
            [
                "I 1.000 m; II 500 m; III 300 m; IV 100 m; V 50 m (",
                "Hiệu lực từ 10/07/2018 đến 14/07/2022; nguồn thứ cấp, kiểm tra ngày 27/11/2026",
                "giao thông ≥ 8 %",
                "≥ 5.000, ≤ 50.000 m³/ngày: 250 m",
                "phụ lục III",
                "12 tháng",
            ],
        ),
        (
            "en",
            [
                "I 1,000 m; II 500 m; III 300 m; IV 100 m; V 50 m (",
                "In force 10 Jul 2018 to 14 Jul 2022; secondary source, looked at on 27 Nov 2026",
                "transport ≥ 8 %",
                "≥ 5,000, ≤ 50,000 m³ a day: 250 m",
                "annex III",
                "12 months",
            ],
        ),
    ],
)
def test_the_registry_is_printed_for_reading(run: Run, language: str, figures: list[str]) -> None:
    told = run("standards", "--language", language)
    assert told.code == 0
    # A paragraph may break anywhere.
    plain = " ".join(told.out.split())
    for figure in figures:
        assert figure in plain, figure
    for name in standards.names():
        entry = standards.load(name)
        assert f"{name}: {entry.title[language]}" in plain
        assert " ".join(entry.cited(language).split()) in plain
    longest = max(told.out.splitlines(), key=len)
    assert longest.startswith(standards.names()) or len(longest) <= 100


def test_help_and_version(run: Run) -> None:
    assert run("--version").out == f"{kcngeo.__version__}\n"
    told = run("--help")
    assert told.code == 0
    for command in ("monthly", "series", "verify", "standards"):
        assert command in told.out
        assert run(command, "--help").code == 0
    assert run().code == 2


# Log


def test_the_log_keeps_the_steps_and_the_error_and_is_added_to(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    log = tmp_path / "tháng.log"
    words = ("--month", "2018-03", "--out", tmp_path / "out", "--log", log, "--language", "en")
    assert run("monthly", stored, *words, *QUICK).code == 0
    told = run("monthly", tmp_path / "none.gpkg", *words)
    lines = log.read_text("utf-8").splitlines()
    steps = [line.split(" ", 2)[2] for line in lines]
    assert steps == [
        f"INFO reading {stored}",
        "INFO computing 2018-03",
        *(f"INFO writing {name}.csv" for name in ORDER),
        "INFO writing map.html",
        "INFO writing manifest.json",
        f"INFO reading {tmp_path / 'none.gpkg'}",
        f"ERROR {tmp_path / 'none.gpkg'} cannot be read: there is no such file.",
    ]
    assert told.err.count("there is no such file") == 1


# In the real program


@pytest.mark.system
def test_a_console_of_another_code_page_is_no_obstacle(stored: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "nơi khác"
    elsewhere.mkdir()
    shutil.move(stored, elsewhere / stored.name)
    told = program(
        *("monthly", stored.name, "--month", "2018-03", "--out", "Kết quả", *QUICK),
        cwd=elsewhere,
        LC_ALL="C",
        PYTHONIOENCODING="ascii",
        PYTHONWARNINGS="error",
    )
    assert told.code == 0
    assert "Tất cả các khu: 25,00 % (Nghị định 164/2013/NĐ-CP)" in told.out
    assert "đã tạo Kết quả" in told.err
    assert sorted(path.name for path in (elsewhere / "Kết quả").iterdir()) == FILES


@pytest.mark.system
def test_a_failure_of_the_real_program_shows_no_traceback(tmp_path: Path) -> None:
    told = program("series", "none.gpkg", "--month", "2018-03", cwd=tmp_path)
    assert told.code == 2
    assert told.err == "không đọc được none.gpkg: không có tệp này.\n"
    assert told.out == ""


SLOW = """
import signal, sys, time
from kcngeo import cli, io
# Elsewhere the interrupt may have been switched off for children.
signal.signal(signal.SIGINT, signal.default_int_handler)
def wait(path):
    print("ready", flush=True)
    while True:
        time.sleep(0.01)
io.read_project = wait
sys.argv = ["kcngeo", "series", "x.gpkg", "--month", "2018-03", "--language", "en"]
cli.main()
"""


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="no interrupt to send")
def test_ctrl_c_ends_with_a_message(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=HANGS_S)
    assert running.returncode == 2
    assert err.decode() == "stopped; what was not finished is as it was before.\n"


def test_a_finding_of_no_zone_shows_no_empty_brackets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    of_none = model.Finding(
        rule="never_mentioned", severity=model.Severity.WARNING, table="parcels", ids=("A",)
    )
    shared.say_findings((of_none,), "en")
    assert capsys.readouterr().err.startswith("warning the ledger never mentions A")
