"""What became of the zones from one month to another, and why: ``history``."""

from __future__ import annotations

from typing import Annotated

import typer

from kcngeo import io, products
from kcngeo.cli.shared import (
    Area,
    AreaBasis,
    Definition,
    KnownAt,
    Lang,
    Language,
    Out,
    Project,
    app,
    write,
)
from kcngeo.products.history import AHEAD_MONTHS


@app.command(name="history")
def history_(
    project: Project,
    since: Annotated[str, typer.Option(help="Month to compare with, for example 2018-03.")],
    month: Annotated[str, typer.Option(help="Later month, for example 2022-03.")],
    out: Out,
    lot: Annotated[
        list[str] | None, typer.Option(help="Also tell the life of this lot; may be repeated.")
    ] = None,
    ahead: Annotated[
        int, typer.Option(help="Months to look ahead for leases that end.")
    ] = AHEAD_MONTHS,
    definition: Definition = None,
    known_at: KnownAt = None,
    known_at_since: Annotated[
        str | None, typer.Option(help="The earlier month as known then; else as the later one.")
    ] = None,
    area: Area = AreaBasis.GRID,
    language: Language = Lang.VI,
) -> None:
    """Write why rates moved, what was let to whom, what ends or is free, claims, lives of lots."""
    made = products.history(
        io.read_project(project),
        since=since,
        month=month,
        parcels=tuple(lot or ()),
        ahead=ahead,
        definition=definition,
        known_at=known_at,
        known_at_since=known_at_since,
        area=str(area),
    )
    write(made, out, language=language, project=project)
