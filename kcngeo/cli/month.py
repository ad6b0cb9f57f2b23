"""The month and its series: ``monthly``, ``series`` and ``verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, publish, report, theme
from kcngeo.cli.shared import (
    DONE,
    TOLD,
    Area,
    AreaBasis,
    Definition,
    KnownAt,
    Lang,
    Language,
    Log,
    Month,
    Project,
    Strict,
    app,
    console,
    say_findings,
    working,
)
from kcngeo.core.model import Severity
from kcngeo.publish.answers import all_tables
from kcngeo.publish.manifest import read_manifest, table_digest
from kcngeo.publish.tables import accounts_table, csv_bytes, series_table

Parts = Annotated[
    list[str] | None,
    typer.Option(help=f"Write only this part; may be repeated. Of: {', '.join(publish.PARTS)}."),
]


@app.command()
def monthly(
    project: Project,
    month: Month,
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    area: Area = AreaBasis.GRID,
    start: Annotated[str | None, typer.Option(help="First day of the series.")] = None,
    part: Parts = None,
    strict: Strict = False,
    log: Log = None,
) -> None:
    """Write a month: report, map, tables, charts and manifest in one folder."""
    with working(language, log) as tell:
        tell(theme.text("cli.reading", language=language, path=project))
        tables = io.read_project(project)
        tell(theme.text("cli.computing", language=language, month=month))
        made = report.monthly(
            tables,
            month=month,
            definition=definition,
            known_at=known_at,
            start=start,
            area=area,
        )
        publish.write(
            made,
            out,
            language=language,
            inputs=[project],
            parts=part or publish.PARTS,
            progress=lambda name: tell(theme.text("cli.writing", language=language, path=name)),
        )
    _say_rates(made, language)
    say_findings(made.findings, language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    raise typer.Exit(_code(made, strict=strict, language=language))


@app.command()
def series(
    project: Project,
    month: Month,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    area: Area = AreaBasis.GRID,
    start: Annotated[str | None, typer.Option(help="First day of the series.")] = None,
    strict: Strict = False,
) -> None:
    """Print all fill rates up to a month as CSV."""
    made = report.monthly(
        io.read_project(project),
        month=month,
        definition=definition,
        known_at=known_at,
        start=start,
        area=area,
    )
    text = csv_bytes(series_table(made, language=language)).decode("utf-8-sig")
    typer.echo(text.replace("\r\n", "\n"), nl=False)
    raise typer.Exit(_code(made, strict=strict, language=language))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a month.", metavar="DIR")],
    project: Annotated[
        Path | None, typer.Option(help="Compute anew from this project and compare the content.")
    ] = None,
    language: Language = Lang.VI,
) -> None:
    """Prove or refute that a month's folder holds what its manifest says."""
    again = None
    if project is not None:
        said = read_manifest(folder)
        made = report.monthly(
            io.read_project(project),
            month=said["month"],
            definition=said["definition"],
            known_at=said["known_at"],
            start=said["series_start"],
            area=said["area"],
        )
        tables = all_tables(made, language=said["language"])
        again = {name: table_digest(table) for name, table in tables.items()}
    differences = publish.verify(folder, again=again)
    for difference in differences:
        kind, name = difference.split(" ", 1)
        typer.echo(theme.text(f"verify.{kind}", language=language, name=name))
    if not differences:
        typer.echo(theme.text("verify.agrees", language=language, path=folder))
    raise typer.Exit(TOLD if differences else DONE)


def _say_rates(made: report.MonthlyReport, language: str) -> None:
    """Print the rate of every zone and of all, with the definition, to standard output."""
    table = accounts_table(made, language=language)
    for row in table.to_dict("records"):
        rate = theme.percent(row["fill_rate"], language=language)
        leased = theme.number(row["leased_ha"], language=language, decimals=4)
        base = theme.number(row["base_ha"], language=language, decimals=4)
        name = row["name"] if isinstance(row["name"], str) else row["zone_id"]
        typer.echo(f"{name}: {rate} ({row['definition']}), {leased} / {base} ha")


def _code(made: report.MonthlyReport, *, strict: bool, language: str) -> int:
    reasons = made.reasons(language=language)
    for zone_id, reason in reasons.items():
        message = theme.text("cli.not_computable", language=language, zone=zone_id, reason=reason)
        console.print(message, style="red", markup=False)
    warned = any(finding.severity is not Severity.NOTE for finding in made.findings)
    return TOLD if reasons or (strict and warned) else DONE
