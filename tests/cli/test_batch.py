"""Many months and options in a file, as the monthly task calls them."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest

from kcngeo import Project, cli, io, ledger
from kcngeo.cli import month as commands
from kcngeo.core.errors import KcngeoError
from kcngeo.io.stores.lock import lock_of
from kcngeo.products import month_folder
from kcngeo.products.month_folder import Made, MonthOptions
from kcngeo.products.months import months
from tests import squares

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "p.gpkg"
    project = Project(
        zones=squares.zones("A", name=["An"]),
        parcels=squares.parcels("A1", "A2"),
        ledger=squares.ledger(("A1", "leased", "2018-02-01"), project_id="p"),
        projects=pd.DataFrame({"project_id": ["p"], "licensed_on": ["2017-01-01"]}),
    )
    io.write_project(project, path)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kcngeo", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code, said.out, said.err

    return call


def test_months_since_say_which_month_they_tell_of(run: Run, stored: Path, tmp_path: Path) -> None:
    words = ("--since", "2018-01", "--month", "2018-02", "--part", "tables", "--language", "en")
    code, out, _ = run("monthly", stored, "--out", tmp_path / "out", *words)
    # A2 is never mentioned: a warning, so the exit code is 0.
    assert code == 0
    assert out.splitlines() == [
        "2018-01",
        "An: 0.00 % (Decree 164/2013/ND-CP), 0.0000 / 2.0000 ha",
        "All zones: 0.00 % (Decree 164/2013/ND-CP), 0.0000 / 2.0000 ha",
        "2018-02",
        "An: 50.00 % (Decree 164/2013/ND-CP), 1.0000 / 2.0000 ha",
        "All zones: 50.00 % (Decree 164/2013/ND-CP), 1.0000 / 2.0000 ha",
    ]
    assert (tmp_path / "out" / "index.html").is_file()
    code, out, err = run("monthly", stored, "--out", tmp_path / "out", *words)
    assert (code, out) == (0, "2018-01\n2018-02\n")
    assert "2018-01: nothing new, left as it was" in err


def test_a_scheduler_is_asked_for_month_after_month(
    run: Run, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def lost(project: str, *, month: str, client: object, **_: object) -> None:
        asked.append((project, month, client))
        raise KcngeoError("cluster_lost", address=client, detail="gone")

    monkeypatch.setattr(commands.cluster, "connected", nullcontext)
    monkeypatch.setattr(commands.cluster, "month", lost)
    words = ("--since", "2018-01", "--month", "2018-02", "--scheduler", "tcp://a:1")
    code, _, err = run("monthly", stored, "--out", tmp_path, "--language", "en", *words)
    assert code == 2
    assert asked == [(str(stored), month, "tcp://a:1") for month in ("2018-01", "2018-02")]
    assert err.count("the scheduler tcp://a:1 was lost") == 2


def test_a_single_month_is_kept_out_of_the_folder_of_a_running_batch(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = MonthOptions(parts=("tables",))
    batch = months(str(stored), out, since="2018-01", month="2018-02", options=options)
    next(batch)
    words = ("--month", "2018-01", "--part", "tables", "--language", "en")
    code, said, err = run("monthly", stored, "--out", out / "2018-01", *words)
    assert (code, said) == (2, "")
    assert "another program is writing it" in err
    assert [one.month for one in batch] == ["2018-02"]
    assert run("monthly", stored, "--out", out / "2018-01", *words)[0] == 0
    # A lock whose holder was killed keeps nobody out.
    lock_of(out).write_bytes(b"")
    assert run("monthly", stored, "--out", out / "2018-01", *words)[0] == 0


def test_what_became_of_a_publication_is_said_and_ends_with_its_code(
    run: Run, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out" / "2018-02"
    words = ("--month", "2018-02", "--part", "tables", "--language", "en", "--out", out)
    code, _, err = run("monthly", stored, *words, "--publish")
    assert code == 0
    assert f"2018-02 is on record as published, publication 1: {out}" in err
    code, _, err = run("monthly", stored, *words, "--publish")
    assert code == 0
    assert "were published already, publication 1; nothing new was recorded" in err
    with io.editing(stored) as now:
        longer = squares.ledger(("A2", "leased", "2018-02-01"), entry_id=["E2"])
        now.write(ledger.append(now.project, longer, recorded_at="2018-04-05T02:00Z"))
    code, _, err = run("monthly", stored, *words)
    assert code == 0
    assert f"the draft stands beside it: {out}.draft" in err
    # As Windows refuses to move a folder of which a program has a file open.
    real = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if Path(target).name == "2018-02.revision-2":
            raise PermissionError("used by another process")
        return real(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        code, _, err = run("monthly", stored, *words, "--publish")
    assert code == 2
    assert f"the new folder stands beside it: {out}.revision-2.new" in err
    code, _, err = run("monthly", stored, *words, "--publish")
    assert code == 0
    assert "were published already, publication 2" in err
    assert sorted(path.name for path in out.parent.iterdir()) == [
        *("2018-02", "2018-02.draft", "2018-02.revision-2")
    ]


@pytest.mark.parametrize("since", [(), ("--since", "2018-01")])
def test_an_error_nobody_foresaw_has_a_code_of_its_own(
    run: Run,
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    since: tuple[str, ...],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nobody foreseen")

    monkeypatch.setattr(month_folder, "month_of", fail)
    words = ("--month", "2018-02", "--out", tmp_path / "out", "--language", "en")
    code, _, err = run("monthly", stored, *words, *since)
    assert code == 3
    assert "Traceback" in err
    assert "ZeroDivisionError: by nobody foreseen" in err


def test_options_of_a_file_give_way_to_the_command_line(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    options = tmp_path / "monthly.toml"
    options.write_text(
        f"project = '{stored}'\nout = '{tmp_path / 'out'}'\nmonth = '2018-01'\n"
        "part = ['tables']\nlanguage = 'en'\n",
        encoding="utf-8",
    )
    assert "An: 0.00 %" in run("monthly", "--config", options)[1]
    assert "An: 50.00 %" in run("monthly", "--config", options, "--month", "2018-02")[1]
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".csv", ".json"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mont = '2018-01'", "options that do not exist: mont"),
        ("month = ", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_wrong_file_of_options_is_bad_input(
    run: Run, stored: Path, tmp_path: Path, text: str | None, told: str
) -> None:
    options = tmp_path / "monthly.toml"
    if text is not None:
        options.write_text(text, encoding="utf-8")
    words = ("--month", "2018-01", "--out", tmp_path / "out", "--language", "en")
    code, out, err = run("monthly", stored, *words, "--config", options)
    assert (code, out) == (2, "")
    assert told in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("now", "month"),
    [
        # In Viet Nam it is seven hours later.
        ("2018-02-28T16:59:59+00:00", "2018-01"),
        ("2018-02-28T17:00:00+00:00", "2018-02"),
        ("2018-01-15T00:00:00+00:00", "2017-12"),
    ],
)
def test_the_last_month_is_the_one_before_today(
    monkeypatch: pytest.MonkeyPatch, now: str, month: str
) -> None:
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime.fromisoformat(now).astimezone(tz)

    monkeypatch.setattr(commands.dt, "datetime", Clock)
    assert commands._asked_month("last", "vi") == month


@pytest.mark.parametrize(
    ("month", "is_ahead"),
    [("2018-01", False), ("2018-02", False), ("2018-03", True), ("2081-02", True)],
)
def test_a_month_that_is_not_over_is_told(
    run: Run,
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    month: str,
    is_ahead: bool,
) -> None:
    """A slip of the year (2081 for 2018) would else pass in silence."""
    monkeypatch.setattr(commands, "_today", lambda: dt.date(2018, 2, 28))
    monkeypatch.setattr(
        commands, "_alone", lambda *_: Made(month=month, folder=tmp_path, reasons={})
    )
    code, _, said = run(
        "monthly", stored, "--out", tmp_path / "out", "--month", month, "--language", "en"
    )
    assert code == 0
    told = f"{month} is not over on 28 Feb 2018: what is recorded so far is taken to hold"
    assert (told in said) == is_ahead
    assert (told in run("series", stored, "--month", month, "--language", "en")[2]) == is_ahead


@pytest.mark.parametrize("words", [("monthly", "--out", "out"), ("series",)])
def test_a_month_that_is_none_stops_before_the_project_is_read(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, _, said = run(*words, tmp_path / "none.gpkg", "--month", "03/2018")
    assert code == 2
    assert "2018-03" in said
    assert "none.gpkg" not in said


def test_the_folder_of_a_batch_names_what_can_be_proved(
    run: Run, stored: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("--since", "2018-01", "--month", "2018-02", "--part", "tables", "--language", "en")
    assert run("monthly", stored, "--out", out, *words)[0] == 0
    code, _, said = run("verify", out, "--language", "en")
    assert code == 2
    assert "2 folders below it can be proved" in said
    assert f"kcngeo verify {out / '2018-02'}" in said
    assert run("verify", out / "2018-02", "--language", "en")[0] == 0
    # A folder that holds none has nothing to name.
    assert "can be proved" not in run("verify", tmp_path / "none", "--language", "en")[2]
