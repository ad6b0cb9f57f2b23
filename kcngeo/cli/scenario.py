"""What if: scenarios beside today, ``scenario``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, products, standards
from kcngeo.cli.shared import (
    Area,
    AreaBasis,
    Definition,
    KnownAt,
    Lang,
    Language,
    On,
    Out,
    Project,
    Rules,
    Strict,
    app,
    write,
)
from kcngeo.products.progress import STANDARD


@app.command(name="scenario")
def scenario_(
    project: Project,
    changes: Annotated[
        list[Path],
        typer.Argument(help="TOML files, a scenario each, to be compared.", metavar="CHANGES.toml"),
    ],
    on: On,
    out: Out,
    standard: Annotated[
        str, typer.Option(help="Edition of the planning code for the land-use balance.")
    ] = STANDARD,
    rules: Rules = None,
    definition: Definition = None,
    area: Area = AreaBasis.GRID,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write what scenarios would make of a day beside today; the project stays as it is."""
    # Let, clear, extend, another distance or least share: docs/scenarios.md has the form.
    made = products.scenario(
        io.read_project(project),
        changes=changes,
        on=on,
        definition=definition,
        standard=standard,
        known_at=known_at,
        area=area,
        rules=standards.registry(rules),
    )
    write(made, out, language=language, project=project, beside=[rules], strict=strict)
