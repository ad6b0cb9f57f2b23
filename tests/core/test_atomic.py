"""What was there before is there until the new is whole: files, folders, links, failures, kills."""

from __future__ import annotations

import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kcngeo.core import atomic
from kcngeo.core.errors import DataSourceError

ROOT = Path(__file__).resolve().parents[2]


def content(folder: Path) -> dict[str, str]:
    """All files below a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def is_ours(name: str) -> bool:
    return name in ("month.csv", "figures/rate.png")


def write_month(target: Path, text: str) -> None:
    with atomic.folder(target, is_ours=is_ours) as made:
        (made / "figures").mkdir()
        (made / "month.csv").write_text(text, encoding="utf-8")
        (made / "figures" / "rate.png").write_text(text, encoding="utf-8")


def write_half_a_file(path: Path, error: BaseException) -> None:
    with atomic.file(path) as part:
        part.write_bytes(b"half")
        raise error


def write_half_a_month(target: Path, error: BaseException) -> None:
    with atomic.folder(target, is_ours=is_ours) as made:
        (made / "month.csv").write_text("half", encoding="utf-8")
        raise error


# Files


def test_a_file_is_made_and_replaced(tmp_path: Path):
    for text in ("old", "new"):
        atomic.write_bytes(tmp_path / "map.html", text.encode())
        assert content(tmp_path) == {"map.html": text}


def test_a_hidden_path_has_the_ending_of_the_file_and_lies_beside_it(tmp_path: Path):
    with atomic.file(tmp_path / "zones.gpkg") as part:
        assert (part.parent, part.suffix, part.exists()) == (tmp_path, ".gpkg", False)
        assert atomic.is_leftover(part)
        part.write_bytes(b"")


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), ValueError("bad")])
def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path, error: BaseException):
    atomic.write_bytes(tmp_path / "map.html", b"old")
    told = DataSourceError if isinstance(error, OSError) else type(error)
    with pytest.raises(told):
        write_half_a_file(tmp_path / "map.html", error)
    assert content(tmp_path) == {"map.html": "old"}


def test_a_failure_is_told_in_both_languages(tmp_path: Path):
    with pytest.raises(DataSourceError) as told, atomic.file(tmp_path / "map.html"):
        raise OSError("disk full")
    path = tmp_path / "map.html"
    assert told.value.message("en").startswith(f"{path} cannot be written: disk full.")
    assert told.value.message("vi").startswith(f"không ghi được {path}: disk full.")


def test_what_has_been_told_is_not_told_again(tmp_path: Path):
    own = DataSourceError("unreadable", path="project.gpkg", detail="it is damaged")
    with pytest.raises(DataSourceError) as told, atomic.file(tmp_path / "map.html"):
        raise own
    assert told.value is own


def test_a_file_needs_its_folder(tmp_path: Path):
    path = tmp_path / "mistyped" / "map.html"
    with pytest.raises(DataSourceError, match=r"there is no folder .*mistyped") as told:
        atomic.write_bytes(path, b"")
    assert "không có thư mục" in told.value.message("vi")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(DataSourceError, match="it is a folder, not a file"):
        atomic.write_bytes(tmp_path, b"")


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path):
    name = "a" * 250 + ".csv"
    atomic.write_bytes(tmp_path / name, b"1")
    write_month(tmp_path / ("b" * 255), "1")
    assert sorted(len(path.name) for path in tmp_path.iterdir()) == [254, 255]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_stay_as_they_were(tmp_path: Path):
    path = tmp_path / "map.html"
    atomic.write_bytes(path, b"old")
    path.chmod(0o640)
    atomic.write_bytes(path, b"new")
    write_month(tmp_path / "month", "old")
    (tmp_path / "month").chmod(0o750)
    write_month(tmp_path / "month", "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "month").stat().st_mode) == 0o750


@pytest.mark.skipif(os.name == "nt", reason="a link needs a privilege")
def test_a_link_stays_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "map.html").symlink_to(tmp_path / "real" / "map.html")
    (tmp_path / "month").symlink_to(tmp_path / "real" / "month")
    atomic.write_bytes(tmp_path / "map.html", b"new")
    write_month(tmp_path / "month", "new")
    assert (tmp_path / "map.html").is_symlink()
    assert (tmp_path / "month").is_symlink()
    assert sorted(content(tmp_path / "real")) == [
        *("map.html", "month/figures/rate.png", "month/month.csv")
    ]


def test_files_that_belong_together_are_renamed_when_all_are_written(tmp_path: Path):
    paths = (tmp_path / "layers.gpkg", tmp_path / "layers.qgz")
    with atomic.files(*paths) as parts:
        for part in parts:
            part.write_bytes(b"new")
        assert not any(path.exists() for path in paths)
    assert content(tmp_path) == {"layers.gpkg": "new", "layers.qgz": "new"}
    with pytest.raises(DataSourceError), atomic.files(*paths) as (gpkg, _):
        gpkg.write_bytes(b"half")  # and the other never
    assert content(tmp_path) == {"layers.gpkg": "new", "layers.qgz": "new"}


def in_use(*_: Any) -> None:
    raise PermissionError("used by another process")


def test_a_file_in_use_is_told_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As Windows refuses it; on other systems an open file can be replaced."""
    atomic.write_bytes(tmp_path / "map.html", b"old")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", in_use)
        with pytest.raises(DataSourceError, match=r"cannot be replaced .* Close what has it open"):
            atomic.write_bytes(tmp_path / "map.html", b"new")
    assert content(tmp_path) == {"map.html": "old"}


def what_reaches_the_disk(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Note what is waited for and what is renamed, in order; of a file what it then holds."""
    steps: list[tuple[str, str]] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        # Of a journal the last line that the disk has, not what the program still holds back.
        told = path.read_text("utf-8").splitlines()[-1:] if path.is_file() else ["folder"]
        steps.append(("sync", "".join(told)))
        fsync(handle)

    def renamed(path: Path, target: Path) -> Path:
        steps.append(("rename", target.name.partition("-")[2] or target.name))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    return steps


on_linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at open files")


@on_linux
def test_a_file_and_its_name_are_on_the_disk_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    steps = what_reaches_the_disk(monkeypatch)
    atomic.write_bytes(tmp_path / "map.html", b"new")
    assert steps == [("sync", "new"), ("rename", "map.html"), ("sync", "folder")]


@on_linux
def test_a_folder_and_what_its_journal_says_are_on_the_disk_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "month"
    write_month(target, "old")
    steps = what_reaches_the_disk(monkeypatch)
    write_month(target, "new")
    # What it will be and that it is whole: each note, and the journal's own name, before anything
    # that relies on it. Between them two files and two folders, in any order.
    folder, new = ("sync", "folder"), ("sync", "new")
    assert [*steps[:2], *sorted(steps[2:6]), *steps[6:]] == [
        *(("sync", "month"), folder),
        *(folder, folder, new, new),
        *(("sync", "whole"), folder),
        *(("rename", "before"), ("rename", "month"), folder),
    ]


@on_linux
def test_a_folder_put_right_is_on_the_disk_before_its_journal_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target, part = tmp_path / "month", tmp_path / f".{'0' * 32}"
    part.mkdir()
    (part / "month.csv").write_text("new", encoding="utf-8")
    # Its writer was killed when it had made room: the old one waits under another name.
    (tmp_path / f"{part.name}-before").mkdir()
    journal = atomic._journal(target)
    journal.write_text(f"{part.name}\nmonth\nwhole\n", encoding="utf-8")
    steps, unlink = what_reaches_the_disk(monkeypatch), Path.unlink

    def unlinked(path: Path, **options: Any) -> None:
        steps.append(("gone", path.name))
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", unlinked)
    atomic.recover(target)
    assert steps == [("rename", "month"), ("sync", "folder"), ("gone", journal.name)]
    assert content(tmp_path) == {"month/month.csv": "new"}


# Folders


@pytest.mark.parametrize(("was_there", "left"), [(False, "new"), (True, "old")])
def test_a_folder_whose_writer_was_killed_before_it_renamed_anything(
    tmp_path: Path, left: str, *, was_there: bool
):
    target, part = tmp_path / "month", tmp_path / f".{'0' * 32}"
    for folder, text in [(part, "new"), (target, "old")][: 1 + was_there]:
        folder.mkdir()
        (folder / "month.csv").write_text(text, encoding="utf-8")
    atomic._journal(target).write_text(f"{part.name}\nmonth\nwhole\n", encoding="utf-8")
    atomic.recover(target)
    assert content(tmp_path) == {"month/month.csv": left}


def test_a_folder_is_made_with_those_above_it_and_replaced(tmp_path: Path):
    for text in ("old", "new"):
        write_month(tmp_path / "2018" / "03", text)
        assert content(tmp_path) == {"2018/03/figures/rate.png": text, "2018/03/month.csv": text}


def test_an_empty_folder_may_always_be_replaced(tmp_path: Path):
    with atomic.folder(tmp_path) as made:
        (made / "map.html").write_text("new", encoding="utf-8")
    assert content(tmp_path) == {"map.html": "new"}
    with pytest.raises(DataSourceError, match=r"files of others: map\.html"):
        atomic.require_replaceable(tmp_path)


def test_a_folder_of_others_is_refused_before_work_is_put_into_the_new_one(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    begun = []
    with pytest.raises(DataSourceError, match="files of others"), atomic.folder(tmp_path) as made:
        begun.append(made)
    assert begun == []


@pytest.mark.parametrize("strange", ["notes.txt", "figures/notes.txt", ".hidden"])
def test_a_folder_with_files_of_others_is_refused(tmp_path: Path, strange: str):
    target = tmp_path / "month"
    write_month(target, "old")
    (target / strange).write_text("mine", encoding="utf-8")
    before = content(tmp_path)
    with pytest.raises(DataSourceError, match=f"files of others: {strange}"):
        write_month(target, "new")
    assert content(tmp_path) == before


def test_what_is_saved_in_a_folder_meanwhile_is_kept(tmp_path: Path):
    target = tmp_path / "month"
    write_month(target, "old")
    with (
        pytest.raises(DataSourceError, match=r"files of others: notes\.txt"),
        atomic.folder(target, is_ours=is_ours),
    ):
        (target / "notes.txt").write_text("mine", encoding="utf-8")
    assert content(target)["notes.txt"] == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["month"]


def test_at_most_five_files_of_others_are_named(tmp_path: Path):
    for number in range(7):
        (tmp_path / f"{number}.txt").write_bytes(b"")
    with pytest.raises(DataSourceError) as told:
        atomic.require_replaceable(tmp_path)
    assert len(str(told.value.fields["names"]).split(", ")) == 5


def test_a_file_is_no_folder(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"mine")
    for target in (tmp_path / "file", tmp_path / "file" / "month"):
        with pytest.raises(DataSourceError):
            write_month(target, "new")
    assert content(tmp_path) == {"file": "mine"}


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), ValueError("bad")])
@pytest.mark.parametrize("was_there", [True, False])
def test_a_folder_whose_writer_fails_is_as_it_was(
    tmp_path: Path, error: BaseException, *, was_there: bool
):
    target = tmp_path / "2018" / "03"
    if was_there:
        write_month(target, "old")
    before = content(tmp_path)
    told = DataSourceError if isinstance(error, OSError) else type(error)
    with pytest.raises(told):
        write_half_a_month(target, error)
    assert content(tmp_path) == before
    # Folders made for it are gone, too.
    assert (tmp_path / "2018").exists() is was_there


@pytest.mark.parametrize("nth", [1, 2])
def test_a_folder_in_use_is_left_and_the_new_one_stands_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
):
    target = tmp_path / "month"
    write_month(target, "old")

    def refused(text: str) -> None:
        calls, real = [0], Path.replace

        def refuse(*arguments: Any) -> Path:
            calls[0] += 1
            return in_use() if calls[0] == nth else real(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", refuse)
            with pytest.raises(DataSourceError, match="Close what has a file in it open") as told:
                write_month(target, text)
        assert "nằm bên cạnh" in told.value.message("vi")

    old = {"month/figures/rate.png": "old", "month/month.csv": "old"}
    refused("new")
    assert content(tmp_path) == {
        **old,
        "month.new/figures/rate.png": "new",
        "month.new/month.csv": "new",
    }
    # What stands there is somebody's by now: the next one stands beside both.
    refused("newer")
    # What merely begins like that is somebody's own.
    (target.parent / "month.newest").mkdir()
    (target.parent / "month.new draft").mkdir()
    assert [path.name for path in atomic.stand_ins(target)] == ["month.new", "month.new2"]
    assert content(target) == {"figures/rate.png": "old", "month.csv": "old"}


def test_a_folder_that_nothing_can_be_put_beside_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "month"
    write_month(target, "old")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", in_use)
        with pytest.raises(DataSourceError, match="Close what has it open"):
            write_month(target, "new")
    assert content(tmp_path) == {"month/figures/rate.png": "old", "month/month.csv": "old"}


def killed_at(target: Path, nth: int) -> None:
    """Replace a folder in a process that ends without cleaning up after its n-th renaming."""
    code = f"""
import os, pathlib, sys
from tests.core.test_atomic import write_month
calls, real = [0], pathlib.Path.replace
def replace(*arguments):
    made = real(*arguments)
    calls[0] += 1
    if calls[0] == {nth}:
        os._exit(9)
    return made
pathlib.Path.replace = replace
write_month(pathlib.Path(sys.argv[1]), "new")
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code, str(target)], env=environment, check=False)
    assert done.returncode == 9


# All of the new one was on the disk before the first.
@pytest.mark.parametrize(("nth", "left"), [(1, "new"), (2, "new")])
def test_a_folder_whose_writer_was_killed_between_its_renamings_comes_back(
    tmp_path: Path, nth: int, left: str
):
    target = tmp_path / "month"
    write_month(target, "old")
    killed_at(target, nth)
    # Also where the next writer fails at once.
    with pytest.raises(ValueError, match="bad"), atomic.folder(target, is_ours=is_ours):
        raise ValueError("bad")
    assert content(target) == {"figures/rate.png": left, "month.csv": left}
    write_month(target, "newer")
    assert content(target) == {"figures/rate.png": "newer", "month.csv": "newer"}
    assert [path.name for path in tmp_path.iterdir()] == ["month"]


STEPS = ((os, "fsync"), (Path, "replace"), (Path, "mkdir"), (atomic.shutil, "rmtree"))
STEPS += ((Path, "unlink"), (Path, "open"))


def dying(real: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    """Count the calls of a function with those of others, and be killed before one of them."""

    def step(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **options)

    return step


def killed_at_every_step(target: Path, *, was_there: bool) -> int:
    """Kill forked writers of a folder before each of their steps; the next run goes on."""
    nth = 0
    while True:
        nth += 1
        shutil.rmtree(target, ignore_errors=True)
        if was_there:
            write_month(target, "old")
        child = os.fork()
        if child == 0:
            left = [nth]
            for home, name in STEPS:
                setattr(home, name, dying(getattr(home, name), left))
            write_month(target, "new")
            os._exit(0)
        (_, status) = os.waitpid(child, 0)
        old, new = (
            {"figures/rate.png": text, "month.csv": text} if text else {}
            for text in ("old" if was_there else "", "new")
        )
        # What a reader finds before anybody has put it right.
        assert content(target) in ({}, old, new)
        seen = content(target)
        atomic.recover(target)
        assert content(target) in (old, new)
        assert seen in ({}, content(target))
        assert [one for one in target.parent.iterdir() if one != target] == []
        if os.WIFEXITED(status):
            assert content(target) == new
            return nth


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
@pytest.mark.parametrize("was_there", [True, False])
def test_a_writer_of_a_folder_killed_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, *, was_there: bool
):
    # In a process of their own: this one has threads, which a fork would leave behind.
    code = (
        "import pathlib, sys; from tests.core.test_atomic import killed_at_every_step;"
        f"print(killed_at_every_step(pathlib.Path(sys.argv[1]), was_there={was_there}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "month")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    # Two notes, three folders, two files, the renamings, what is synced and cleared.
    assert int(done.stdout) > 15


def test_all_folders_in_a_folder_are_put_right_and_nothing_else_is_touched(tmp_path: Path):
    write_month(tmp_path / "2018-03", "old")
    write_month(tmp_path / "2018-02", "old")
    killed_at(tmp_path / "2018-02", 1)
    strange = tmp_path / ".0123456789abcdef0123456789abcdef"
    strange.mkdir()
    (tmp_path / ".0123456789abcdef0123456789abcdef-journal").write_text("../x\n../y\n")
    (tmp_path / ".mine-journal").write_text("mine")
    before = content(tmp_path)
    for one in atomic.interrupted_below(tmp_path):
        atomic.recover(one)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("2018-02", "2018-03", strange.name),
        *(name for name in before if name.endswith("-journal") and "01234" in name),
        ".mine-journal",
    }
    assert content(tmp_path / "2018-02") == {"figures/rate.png": "new", "month.csv": "new"}


@pytest.mark.parametrize("half", ["", ".0123", ".0123456789abcdef0123456789abcdef\nmon"])
def test_a_journal_that_was_begun_and_no_more_is_cleared(tmp_path: Path, half: str):
    target = tmp_path / "month"
    write_month(target, "old")
    atomic._journal(target).write_text(half)
    write_month(target, "new")
    assert content(tmp_path) == {"month/figures/rate.png": "new", "month/month.csv": "new"}


def test_where_another_folder_was_put_meanwhile_both_stay(tmp_path: Path):
    target = tmp_path / "month"
    write_month(target, "old")
    killed_at(target, 1)
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    with pytest.raises(DataSourceError, match=r"files of others: mine\.txt"):
        write_month(target, "newer")
    assert content(tmp_path) == {
        "month/mine.txt": "mine",
        "month.new/figures/rate.png": "new",
        "month.new/month.csv": "new",
    }


def test_what_cannot_be_cleared_away_keeps_its_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "month"
    with monkeypatch.context() as patched:
        patched.setattr(atomic.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(ValueError, match="bad"):
            write_half_a_month(target, ValueError("bad"))
    # Without it nobody would know whose the half is.
    assert atomic.is_interrupted(target)
    atomic.recover(target)
    assert list(tmp_path.iterdir()) == []


def kill_writers(path: Path, *, times: int) -> None:
    """Fork writers that write file after file, and kill each at a random moment."""
    moments, number = random.Random(7), 0
    for _ in range(times):
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            while True:
                number += 1
                atomic.write_bytes(path, b"%09d" % number * 100_000)
                os.write(write_end, b".")
        os.close(write_end)
        # After its first writing, as fast as the machine is now, and inside one of the next.
        started = time.perf_counter()
        with os.fdopen(read_end, "rb", buffering=0) as pipe:
            assert pipe.read(1) == b"."
            time.sleep(moments.uniform(0, 2 * (time.perf_counter() - started)))
            os.kill(child, 9)
            os.waitpid(child, 0)
            written = 1 + len(pipe.read())
        data = path.read_bytes()
        assert len(data) == 900_000
        assert data == data[:9] * 100_000
        # What was reported as written, or the next.
        assert int(data[:9]) - number in (written, written + 1)
        number = int(data[:9])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
def test_a_killed_writer_leaves_the_old_or_the_new(tmp_path: Path):
    # In a process of their own: this one has threads, which a fork would leave behind.
    code = (
        "import pathlib, sys; from tests.core.test_atomic import kill_writers;"
        "kill_writers(pathlib.Path(sys.argv[1]), times=20)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "file.bin")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    others = [one.name for one in tmp_path.iterdir() if not atomic.is_leftover(one)]
    assert others == ["file.bin"]
