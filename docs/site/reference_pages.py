"""Pages made from the program, the table of texts and the registry, in Markdown."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from kcngeo import standards
from kcngeo.analysis.quality.rules import CATALOGUE
from kcngeo.cli.commands import COMMANDS
from kcngeo.cli.help_words import help_words
from kcngeo.cli.shared import app
from kcngeo.cli.usage_words import choices
from kcngeo.core.texts import table, text
from kcngeo.publish.registry_pages import registry_rows

WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def word(key: str, language: str) -> str:
    """What a generated page says, by "page.word"."""
    page, name = key.split(".")
    said: str = WORDS[page][name][language]
    return said


def commands() -> dict[str, Any]:
    """All commands with their parameters, in the order of the list of commands."""
    for module in {module for module, _ in COMMANDS.values()}:
        importlib.import_module(f"kcngeo.cli.{module}")
    made = typer.main.get_group(app).commands
    return {name: made[name] for name in COMMANDS}


def commands_page(language: str) -> str:
    """Every command with every option, in the reader's language."""
    lines = heading("commands", language)
    heads = [word(f"commands.{key}", language) for key in ("option", "what", "default")]
    for name, command in commands().items():
        lines += [f"## kcngeo {name}", "", help_words(command.help, language=language), ""]
        lines += table_lines(heads, (_option(one, language) for one in command.params))
    return "\n".join(lines)


def _option(parameter: Any, language: str) -> tuple[str, str, str]:
    """Name, meaning and default of one option or argument."""
    name = parameter.metavar or ""
    if parameter.opts[0].startswith("-"):
        name = " ".join([*parameter.opts, *parameter.secondary_opts])
    allowed = ", ".join(f"`{one}`" for one in choices(parameter))
    values = f" ({allowed})" if allowed else ""
    said = help_words(parameter.help or "", language=language) + values
    left_out = parameter.default
    if parameter.required:
        default = word("commands.required", language)
    else:
        shown = left_out.value if isinstance(left_out, Enum) else left_out
        default = "" if shown in (None, False, (), []) else f"`{shown}`"
    return f"`{name or parameter.name.upper()}`", said, default


def findings_page(language: str) -> str:
    """Every rule: what it says, what to do, how much it weighs, whether it can move a figure."""
    lines = heading("findings", language)
    rules = {key.split(".")[1]: said for key, said in table().items() if key.startswith("rules.")}
    heads = [word(f"findings.{key}", language) for key in ("rule", "says", "cure")]
    weights = [word(f"findings.{key}", language) for key in ("weight", "moves")]
    lines += [f"## {word('findings.check', language)}", ""]
    checked = ((*_rule(rule, rules, language), *_weight(rule, language)) for rule in CATALOGUE)
    lines += table_lines([*heads, *weights], checked)
    lines += [f"## {word('findings.other', language)}", ""]
    lines += table_lines(
        heads, (_rule(rule, rules, language) for rule in rules if rule not in CATALOGUE)
    )
    return "\n".join(lines)


def _rule(rule: str, rules: dict[str, Any], language: str) -> tuple[str, str, str]:
    said, advice = rules.get(rule, {}), table().get(f"advice.{rule}", {})
    return f"`{rule}`", said.get(language, ""), advice.get(language, "")


def _weight(rule: str, language: str) -> tuple[str, str]:
    known = CATALOGUE[rule]
    moves = word(f"findings.{'yes' if known.moves else 'no'}", language)
    return text(f"severity.{known.severity}", language=language), moves


def errors_page(language: str) -> str:
    """Every sentence a call may stop with."""
    keys = [key for key in table() if key.startswith("errors.")]
    rows = ((f"`{key.split('.')[1]}`", table()[key][language]) for key in sorted(keys))
    heads = [word("errors.code", language), word("findings.says", language)]
    return "\n".join([*heading("errors", language), *table_lines(heads, rows)])


def registry_page(language: str) -> str:
    """Every entry of the registry with its figure, days and source."""
    names = ("title", "figure", "from", "to", "verified", "source", "checked")
    heads = [word(f"registry.{name}", language) for name in names]
    rows = []
    for name, title, figure, first, end, verified, _, source, note, _, checked in registry_rows(
        standards.registry(), language=language
    ):
        told = source if note == "–" else f"{source}. {note}"
        known = text(f"verified.{verified}", language=language)
        rows.append((f"{title} `{name}`", figure, first, end, known, told, checked))
    return "\n".join([*heading("registry", language), *table_lines(heads, rows)])


def heading(page: str, language: str) -> list[str]:
    """The title of a page and what it is about."""
    return [f"# {word(f'{page}.heading', language)}", "", word(f"{page}.about", language), ""]


def table_lines(heads: Sequence[str], rows: Iterator[Sequence[str]] | list[Any]) -> list[str]:
    """Lay rows out as a table of Markdown."""
    lines = [_row(heads), _row(["---"] * len(heads))]
    return [*lines, *(_row(cells) for cells in rows), ""]


def _row(cells: Sequence[str]) -> str:
    # A bar would end the cell, a star or an angle bracket begin something else.
    plain = (
        str(cell).replace("|", "/").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")
        for cell in cells
    )
    return f"| {' | '.join(plain)} |"


REFERENCE = {
    "reference/commands": commands_page,
    "reference/findings": findings_page,
    "reference/errors": errors_page,
    "reference/registry": registry_page,
}
"""What is made here, by the name of its page."""
