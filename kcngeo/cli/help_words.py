"""The words of ``--help`` in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Any

from kcngeo.core.texts import LANGUAGES, table, text

HELP = "--help"


@cache
def _by_line() -> dict[str, str]:
    """Keys of the table of texts, by the line the program has in its code."""
    return {said["en"]: key for key, said in table().items() if key.startswith("help.")}


def help_words(line: str, *, language: str) -> str:
    """Say a line of ``--help``, which stands in English where the option is made.

    Examples
    --------
    >>> help_words("Folder to make.", language="vi")
    'Thư mục sẽ tạo.'
    """
    key = _by_line().get(line)
    return line if key is None else table()[key][language]


def asked_language(words: Sequence[str]) -> str:
    """Find the language a command line asks for, before it is parsed; Vietnamese if none.

    Examples
    --------
    >>> asked_language(["monthly", "--language", "en", "--help"])
    'en'
    >>> asked_language(["monthly", "--language=en"]), asked_language(["monthly"])
    ('en', 'vi')
    """
    told = " ".join(words).replace("--language=", "--language ").split()
    for word, language in pairwise(told):
        if word == "--language" and language in LANGUAGES:
            return language
    return LANGUAGES[0]


@contextmanager
def help_in(language: str, command: Any, context: Any) -> Iterator[None]:
    """Let Typer print the help of a command, or the list of commands, in one language."""
    from typer import rich_utils

    def word(key: str, **fields: str) -> str:
        return text(f"help.{key}", language=language, **fields)

    spoken = {
        (rich_utils, "ARGUMENTS_PANEL_TITLE"): word("arguments"),
        (rich_utils, "OPTIONS_PANEL_TITLE"): word("options"),
        (rich_utils, "COMMANDS_PANEL_TITLE"): word("commands"),
        (rich_utils, "DEFAULT_STRING"): word("default", value="{}"),
        (rich_utils, "REQUIRED_LONG_STRING"): word("required"),
    }
    listed = getattr(command, "commands", {}).values()
    for one in (command, *listed, *command.params, command.get_help_option(context)):
        spoken[one, "help"] = help_words(one.help or "", language=language)
    before = {(one, name): getattr(one, name) for one, name in spoken}
    try:
        for (one, name), said in spoken.items():
            setattr(one, name, said)
        yield
    finally:
        for (one, name), said in before.items():
            setattr(one, name, said)
