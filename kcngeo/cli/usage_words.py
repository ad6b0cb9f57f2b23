"""What is wrong with a command line, in the reader's language."""

from __future__ import annotations

import difflib
import re
from enum import Enum
from typing import Any

from kcngeo.cli.commands import COMMANDS
from kcngeo.core.texts import text

_NO_COMMAND = re.compile(r"No such command '(?P<name>.*?)'")
_TOO_MUCH = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((?P<words>.*)\)", re.DOTALL)
_KINDS = {int: "whole", float: "number"}


def usage_words(error: Any, *, language: str) -> str:
    """Say what Typer found wrong; what it may say in later versions is said in its own words."""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = list(error.possibilities or ())
        return _said("no_option", language, name=error.option_name) + _near(near, language)
    if kind == "MissingParameter" and error.param is not None:
        return _said("missing", language, name=_name(error.param))
    if kind == "BadOptionUsage":
        key = "takes_no_value" if "does not take" in error.message else "needs_value"
        return _said(key, language, name=error.option_name)
    if kind == "BadParameter" and error.param is not None:
        wanted = _wanted(error.param, language) or error.message
        return _said("bad_value", language, name=_name(error.param), wanted=wanted)
    unknown, more = _NO_COMMAND.match(error.message), _TOO_MUCH.match(error.message)
    if unknown is not None:
        near = difflib.get_close_matches(unknown["name"], COMMANDS)
        return _said("no_command", language, name=unknown["name"]) + _near(near, language)
    if more is not None:
        return _said("too_much", language, words=more["words"])
    return str(error.format_message())


def _said(key: str, language: str, **fields: object) -> str:
    return text(f"usage.{key}", language=language, **fields)


def _near(names: list[str], language: str) -> str:
    """What may have been meant, if anything resembles it."""
    return " " + _said("near", language, names=names) if names else ""


def _name(parameter: Any) -> str:
    """An option as it is typed, an argument as the help calls it."""
    is_option = parameter.opts[0].startswith("-")
    return str(parameter.opts[0] if is_option else parameter.metavar or parameter.name.upper())


def choices(parameter: Any) -> list[str]:
    """Give the values that a closed list allows; none of another parameter."""
    kind = parameter.type_descriptor.annotation
    is_closed = isinstance(kind, type) and issubclass(kind, Enum)
    return [str(one.value) for one in kind] if is_closed else []


def _wanted(parameter: Any, language: str) -> str | None:
    """What a value must be, where the kind of the parameter tells."""
    if allowed := choices(parameter):
        return _said("one_of", language, choices=" | ".join(allowed))
    key = _KINDS.get(parameter.type_descriptor.annotation)
    return None if key is None else _said(key, language)
