"""The month and its series: ``monthly``, ``series`` and ``verify``."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kcngeo import io, publish, report, theme
from kcngeo.cli.shared import (
    DONE,
    FAILED,
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
from kcngeo.core.dates import VIET_NAM
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.publish import batch
from kcngeo.publish.manifest import read_manifest, table_digest
from kcngeo.publish.report_tables import all_tables
from kcngeo.publish.tables import csv_bytes, series_table

Parts = Annotated[
    list[str] | None,
    typer.Option(help=f"Write only this part; may be repeated. Of: {', '.join(publish.PARTS)}."),
]


class Edition(StrEnum):
    """Who may read it."""

    FULL = "full"
    PUBLIC = "public"


def _configured(context: typer.Context, path: Path | None) -> Path | None:
    """Take the options of a TOML file; what stands on the command line goes before."""
    if path is None:
        return None
    try:
        options = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error
    known = {str(one.name): one for one in context.command.params if one.name != "config"}
    unknown = sorted(set(options) - set(known))
    if unknown:
        choices = " | ".join(sorted(known))
        raise DataSourceError("unknown_options", path=path, names=unknown, choices=choices)
    context.default_map = {**(context.default_map or {}), **options}
    return path


Config = Annotated[
    Path | None,
    typer.Option(
        callback=_configured, is_eager=True, help="TOML file with any of these options, by name."
    ),
]


@app.command()
def monthly(
    project: Project,
    month: Annotated[
        str, typer.Option(help='Month, for example 2018-03; "last" for the one before today.')
    ],
    out: Annotated[Path, typer.Option(help="Folder to make; with --since the one above.")],
    since: Annotated[
        str | None, typer.Option(help="Also the months from this one on; unchanged ones are kept.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="With --since: months computed at once.")] = 1,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    edition: Annotated[
        Edition, typer.Option(help="The public one leaves out names of investors and documents.")
    ] = Edition.FULL,
    area: Area = AreaBasis.GRID,
    start: Annotated[str | None, typer.Option(help="First day of the series.")] = None,
    part: Parts = None,
    strict: Strict = False,
    log: Log = None,
    config: Config = None,
) -> None:
    """Write a month: report, map, tables, charts, layers and manifest in one folder."""
    month = _last_month() if month == "last" else month
    options = batch.Options(
        definition=definition,
        known_at=known_at,
        start=start,
        area=area,
        language=language,
        edition=edition,
        parts=tuple(part or publish.PARTS),
    )
    with working(language, log) as tell:
        shown = io.redact_url(project)
        tell(theme.text("cli.reading", language=language, path=shown))
        if since is None:
            tables = io.read_project(project)
            tell(theme.text("cli.computing", language=language, month=month))
            with batch.alone(out):
                made = [
                    batch.write_month(
                        project,
                        month,
                        out,
                        options=options,
                        tables=tables,
                        progress=lambda name: tell(
                            theme.text("cli.writing", language=language, path=name)
                        ),
                    )
                ]
        else:
            months = batch.months_between(since, month)
            made = []
            for one in batch.write_months(project, months, out, options=options, jobs=jobs):
                made.append(one)
                tell(
                    theme.text(
                        "cli.month_done",
                        language=language,
                        month=one.month,
                        done=len(made),
                        months=len(months),
                    )
                )
    for one in made:
        if since is not None:
            typer.echo(one.month)
        _say_month(one, language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    raise typer.Exit(max(_code(one, strict, language) for one in made))


def _last_month() -> str:
    """Name the month before today in Viet Nam."""
    today = dt.datetime.now(VIET_NAM).date()
    return f"{today.replace(day=1) - dt.timedelta(days=1):%Y-%m}"


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
    text = csv_bytes(series_table(made, language=language), name="series").decode("utf-8-sig")
    typer.echo(text.replace("\r\n", "\n"), nl=False)
    reasons = made.reasons(language=language)
    raise typer.Exit(_told(reasons, made.findings, strict, language))


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
        tables = io.read_project(project)
        made = report.monthly(
            report.public(tables) if said.get("edition") == "public" else tables,
            month=said["month"],
            definition=said["definition"],
            known_at=said["known_at"],
            start=said["series_start"],
            area=said["area"],
        )
        anew = all_tables(made, language=said["language"])
        again = {name: table_digest(table) for name, table in anew.items()}
    differences = publish.verify(folder, again=again)
    for difference in differences:
        kind, name = difference.split(" ", 1)
        typer.echo(theme.text(f"verify.{kind}", language=language, name=name))
    if not differences:
        typer.echo(theme.text("verify.agrees", language=language, path=folder))
    raise typer.Exit(TOLD if differences else DONE)


def _say_month(made: batch.Made, language: str) -> None:
    """Print the rate of every zone and of all to standard output, the findings beside it."""
    if made.error is not None:
        console.print(made.error.message(language), style="red", markup=False)
        return
    if made.accounts is None:
        said = theme.text("cli.skipped", language=language, month=made.month)
        console.print(said, markup=False)
        return
    for row in made.accounts.to_dict("records"):
        rate = theme.percent(row["fill_rate"], language=language)
        leased = theme.number(row["leased_ha"], language=language, decimals=4)
        base = theme.number(row["base_ha"], language=language, decimals=4)
        name = row["name"] if isinstance(row["name"], str) else row["zone_id"]
        typer.echo(f"{name}: {rate} ({row['definition']}), {leased} / {base} ha")
    say_findings(made.findings, language)


def _code(made: batch.Made, strict: bool, language: str) -> int:
    if made.error is not None:
        return FAILED
    return _told(made.reasons, made.findings, strict, language)


def _told(
    reasons: Mapping[str, str], findings: tuple[Finding, ...], strict: bool, language: str
) -> int:
    for zone_id, reason in reasons.items():
        message = theme.text("cli.not_computable", language=language, zone=zone_id, reason=reason)
        console.print(message, style="red", markup=False)
    warned = any(finding.severity is not Severity.NOTE for finding in findings)
    return TOLD if reasons or (strict and warned) else DONE
