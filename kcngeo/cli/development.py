"""Development in step, and what rasters show of it: ``progress`` and ``imagery``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, products, standards
from kcngeo.cli.shared import (
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
    known,
    write,
)
from kcngeo.core.errors import KcngeoError
from kcngeo.products.confirmed import read_confirmed
from kcngeo.products.imagery import BELOW_SHARE, K, N
from kcngeo.products.progress import MONTHS, STANDARD

LawOn = Annotated[
    str | None, typer.Option(help="Day whose law on idle land is taken; that of --on.")
]


@app.command(name="progress")
def progress_(
    project: Project,
    on: On,
    out: Out,
    standard: Annotated[
        str, typer.Option(help="Edition of the planning code for the land-use balance.")
    ] = STANDARD,
    months: Annotated[int, typer.Option(help="Months to look ahead for clocks.")] = MONTHS,
    law_on: LawOn = None,
    demand: Annotated[
        Path | None,
        typer.Option(help="CSV of demand: kind, unit, demand_per_ha, zone_id, side."),
    ] = None,
    green: Annotated[
        Path | None, typer.Option(help="Layer of planted land inside the lots, any vector file.")
    ] = None,
    definition: Definition = None,
    rules: Rules = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write how far every zone has come: clearance, works, stages, clocks, balance, and a map."""
    made = products.progress(
        known(project, known_at),
        on=on,
        standard=standard,
        months=months,
        law_on=law_on,
        demand=None if demand is None else io.read_own_table(demand),
        green=None if green is None else io.read_layer(green).frame,
        definition=definition,
        rules=standards.registry(rules),
    )
    write(
        made.asked(known_at=known_at),
        out,
        language=language,
        project=project,
        beside=[demand, green, rules],
        strict=strict,
    )


@app.command(name="imagery")
def imagery_(
    project: Project,
    on: On,
    out: Out,
    land_cover: Annotated[
        list[str] | None,
        typer.Option(help="Land cover of a year, 2023=cover.tif; again for more years and tiles."),
    ] = None,
    built: Annotated[
        list[int] | None,
        typer.Option(help="Class of the land cover that is built; again for more."),
    ] = None,
    below: Annotated[
        float, typer.Option(help="Built share under which a lot looks unbuilt.")
    ] = BELOW_SHARE,
    k: Annotated[int, typer.Option(help="Years it must look unbuilt ...")] = K,
    n: Annotated[int, typer.Option(help="... of so many last years.")] = N,
    confirmed: Annotated[
        Path | None, typer.Option(help="CSV of what a person found: parcel_id, confirmed.")
    ] = None,
    dem: Annotated[
        list[Path] | None, typer.Option(help="Heights in metres; again for more tiles.")
    ] = None,
    image: Annotated[
        list[Path] | None, typer.Option(help="Image with red and near infrared; again for tiles.")
    ] = None,
    red: Annotated[int | None, typer.Option(help="Band of red light, from 1.")] = None,
    nir: Annotated[int | None, typer.Option(help="Band of near infrared light.")] = None,
    ndvi: Annotated[float | None, typer.Option(help="Index above which land is green.")] = None,
    law_on: LawOn = None,
    definition: Definition = None,
    rules: Rules = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
) -> None:
    """Write what rasters show of every lot: built, let but not built, slope, green."""
    covers = by_year(land_cover or [])
    found = None if confirmed is None else read_confirmed(confirmed)
    made = products.imagery(
        known(project, known_at),
        on=on,
        land_cover=covers,
        built=tuple(built or ()),
        below_share=below,
        k=k,
        n=n,
        confirmed=found,
        dem=tuple(map(str, dem or ())),
        image=tuple(map(str, image or ())),
        red=red,
        nir=nir,
        ndvi=ndvi,
        law_on=law_on,
        definition=definition,
        rules=standards.registry(rules),
    )
    write(
        made.asked(known_at=known_at),
        out,
        language=language,
        project=project,
        beside=[confirmed, rules],
    )


def by_year(given: Sequence[str]) -> dict[int, list[str]]:
    """Read the years and paths of land cover, tiles of a year together."""
    covers: dict[int, list[str]] = {}
    for one in given:
        year, _, path = one.partition("=")
        if not (year.isdecimal() and len(year) == 4 and path):
            raise KcngeoError("land_cover", value=one)
        covers.setdefault(int(year), []).append(path)
    return covers
