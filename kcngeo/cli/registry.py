"""The registry of figures with a source: ``standards``."""

from __future__ import annotations

import typer

from kcngeo import standards
from kcngeo.cli.shared import Lang, Language, app


@app.command(name="standards")
def list_standards(language: Language = Lang.VI) -> None:
    """Print the registry: every figure with its dates, source and how well it is verified."""
    for name in standards.names():
        entry = standards.load(name)
        since, until = entry.in_force_from or "–", entry.in_force_to or "–"
        typer.echo(
            f"{name}\t{entry.title[language]}\t{since}\t{until}\t{entry.verified}\t{entry.source}"
        )
