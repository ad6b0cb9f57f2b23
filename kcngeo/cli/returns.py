"""The official return of a quarter: ``returns``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kcngeo import products
from kcngeo.cli.shared import (
    KnownAt,
    Lang,
    Language,
    Letterhead,
    Out,
    Project,
    Strict,
    app,
    known,
    write,
)
from kcngeo.products.filed import read_filed


@app.command(name="returns")
def returns_(
    project: Project,
    quarter: Annotated[str, typer.Option(help="Quarter, for example 2026Q3.")],
    out: Out,
    forms: Annotated[
        Path | None, typer.Option(help="Forms of another circular (TOML), in place of ours.")
    ] = None,
    filed: Annotated[
        Path | None,
        typer.Option(
            help="What was filed of the quarter before, a workbook or a folder of workbooks: its "
            "figures are compared with what is computed of it today."
        ),
    ] = None,
    letterhead: Letterhead = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Fill the forms of the official return: workbooks to upload, a document to sign."""
    made = products.returns(
        known(project, known_at),
        quarter=quarter,
        forms=forms,
        filed=None if filed is None else read_filed(filed),
    )
    write(
        made.asked(known_at=known_at).on_letterhead(letterhead),
        out,
        language=language,
        project=project,
        # A folder of workbooks is named by what was read of it.
        beside=[forms, None if filed is None or filed.is_dir() else filed],
        strict=strict,
    )
