"""The registry of figures with a source: ``standards``."""

from __future__ import annotations

from typing import Annotated

import typer

from kcngeo import standards
from kcngeo.cli.shared import Lang, Language, Rules, app, say_findings
from kcngeo.publish.registry_pages import registry_lines, registry_rows


@app.command(name="standards")
def list_standards(
    language: Language = Lang.VI,
    rules: Rules = None,
    table: Annotated[
        bool, typer.Option("--table", help="A line an entry, its parts divided by tabs.")
    ] = False,
) -> None:
    """Print the registry: every figure with its dates, source and how well it is verified."""
    # With --table a line an entry, its parts divided by tabs: name, title, figure, first day in
    # force, first day no longer in force, how well verified, where the entry comes from, source,
    # note, edition, day of the last check.
    registry = standards.registry(rules)
    if table:
        for row in registry_rows(registry, language=language):
            typer.echo("\t".join(row))
    else:
        typer.echo("\n".join(registry_lines(registry, language=language)))
    say_findings(tuple(registry.findings()), language)
