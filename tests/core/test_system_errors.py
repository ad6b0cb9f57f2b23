"""What the operating system refuses is said in words of both languages."""

from __future__ import annotations

import errno
import os
import pickle

import pytest

from kcngeo.core import system_errors
from kcngeo.core.errors import DataSourceError
from kcngeo.core.texts import LANGUAGES, table, text


def refused(number: int, name: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), name) if name else OSError(number, "so the system")


@pytest.mark.parametrize(
    ("error", "vi", "en"),
    [
        (
            refused(errno.ENOENT, "thue.toml"),
            "không có tệp hoặc thư mục này: thue.toml",
            "there is no such file or folder: thue.toml",
        ),
        (refused(errno.ENOSPC), "đĩa đã đầy", "the disk is full"),
        (refused(errno.EISDIR), "đây là thư mục, không phải tệp", "it is a folder, not a file"),
        (
            refused(errno.ECONNREFUSED),
            "phía bên kia không trả lời",
            "the other side does not answer",
        ),
        # What nobody foresaw is told as the system tells it.
        (refused(errno.EDOM), "[Errno 33] so the system", "[Errno 33] so the system"),
        (OSError("damaged"), "damaged", "damaged"),
    ],
)
def test_the_system_is_said_in_words(error: OSError, vi: str, en: str) -> None:
    told = [text("cli.refused", language=language, error=error) for language in ("vi", "en")]
    assert told == [f"Chưa làm được: {vi}.", f"Not done: {en}."]


def test_a_file_is_named_once() -> None:
    error = DataSourceError(
        "unreadable", path="thue.toml", detail=refused(errno.EACCES, "thue.toml")
    )
    for language in LANGUAGES:
        assert error.message(language).count("thue.toml") == 1
        assert "Permission" not in error.message(language)
    other = DataSourceError("unreadable", path="thue.toml", detail=refused(errno.EACCES, ".lock"))
    assert ".lock" in other.message("vi")


def test_windows_says_no_access_where_somebody_has_the_file_open() -> None:
    error = refused(errno.EACCES)
    error.winerror = 32
    assert text("cli.refused", language="en", error=error) == (
        "Not done: another program has it open."
    )


def test_such_an_error_goes_to_another_process_and_back() -> None:
    error = DataSourceError("unreadable", path="a", detail=refused(errno.ENOENT, "a"))
    assert pickle.loads(pickle.dumps(error)).message("en") == error.message("en")  # noqa: S301


def test_every_kind_has_its_words() -> None:
    said = {key.removeprefix("system.") for key in table() if key.startswith("system.")}
    assert said == set(system_errors._KINDS)
