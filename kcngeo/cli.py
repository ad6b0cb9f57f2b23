"""The command line: parse, call, write, exit code; nothing is computed here.

Data goes to standard output, messages to standard error. Exit codes: 0 done; 1 done, but a zone is
not computable (with ``--strict``: or a finding is a warning), or ``verify`` refutes; 2 bad input or
failure.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import kcngeo
from kcngeo import io, publish, report, standards, theme
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.model import Finding, Severity
from kcngeo.publish.manifest import read_manifest, table_digest
from kcngeo.publish.tables import accounts_table, csv_bytes, series_table

DONE, TOLD, FAILED = 0, 1, 2
# What Typer makes of Ctrl-C.
_INTERRUPTED = 130

app = typer.Typer(
    help="Land use and fill rates of industrial zones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# A line stays a line, and a name in colons stays a name.
_console = Console(stderr=True, soft_wrap=True, emoji=False, highlight=False)
_log = logging.getLogger("kcngeo")
_log.addHandler(logging.NullHandler())


class _Language(StrEnum):
    VI = "vi"
    EN = "en"


class _Area(StrEnum):
    GRID = "grid"
    ELLIPSOID = "ellipsoid"
    CERTIFICATE = "certificate"


def _speak(context: typer.Context, language: _Language) -> _Language:
    """Remember the language for errors, which are told when the command is over."""
    context.ensure_object(list).append(language)
    return language


Project = Annotated[Path, typer.Argument(help="Project, a GeoPackage.", metavar="PROJECT")]
Month = Annotated[str, typer.Option(help="Month, for example 2018-03.")]
Definition = Annotated[
    str | None, typer.Option(help="Definition of the fill rate; the law of the day if left out.")
]
KnownAt = Annotated[
    str | None, typer.Option(help="As known at the end of this day (UTC+7) or at this moment.")
]
Language = Annotated[
    _Language, typer.Option(callback=_speak, help="Language of outputs and messages.")
]
Area = Annotated[_Area, typer.Option(help="Basis of areas.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")]
Log = Annotated[Path | None, typer.Option(help="Also append the log, with times, to this file.")]


def main() -> None:
    """Run the program and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # Vietnamese on a Windows console of another code page: never die of a letter.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    spoken: list[str] = []
    try:
        code = app(standalone_mode=False, obj=spoken)
    except KcngeoError as error:
        code = _fail(error.message, spoken)
    except OSError as error:
        said = str(error)
        code = _fail(lambda _: said, spoken)
    except typer.Exit as stop:
        code = stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        code = _fail(lambda _: usage(), spoken)
    if code == _INTERRUPTED:
        code = _fail(lambda language: theme.text("cli.stopped", language=language), spoken)
    sys.exit(code or DONE)


@app.command()
def monthly(
    project: Project,
    month: Month,
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = _Language.VI,
    area: Area = _Area.GRID,
    start: Annotated[str | None, typer.Option(help="First day of the series.")] = None,
    strict: Strict = False,
    log: Log = None,
) -> None:
    """Write a month: map.html, accounts.csv, series.csv, manifest.json."""
    with _working(language, log) as tell:
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
            progress=lambda name: tell(theme.text("cli.writing", language=language, path=name)),
        )
    _say_rates(made, language)
    _say_findings(made.findings, language)
    _console.print(theme.text("cli.made", language=language, path=out), markup=False)
    raise typer.Exit(_code(made, strict=strict, language=language))


@app.command()
def series(
    project: Project,
    month: Month,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = _Language.VI,
    area: Area = _Area.GRID,
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
    language: Language = _Language.VI,
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
        again = {
            "accounts": table_digest(accounts_table(made, language=said["language"])),
            "series": table_digest(series_table(made, language=said["language"])),
        }
    differences = publish.verify(folder, again=again)
    for difference in differences:
        kind, name = difference.split(" ", 1)
        typer.echo(theme.text(f"verify.{kind}", language=language, name=name))
    if not differences:
        typer.echo(theme.text("verify.agrees", language=language, path=folder))
    raise typer.Exit(TOLD if differences else DONE)


@app.command(name="standards")
def list_standards(language: Language = _Language.VI) -> None:
    """Print the registry: every figure with its dates, source and how well it is verified."""
    for name in standards.names():
        entry = standards.load(name)
        since, until = entry.in_force_from or "–", entry.in_force_to or "–"
        typer.echo(
            f"{name}\t{entry.title[language]}\t{since}\t{until}\t{entry.verified}\t{entry.source}"
        )


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(kcngeo.__version__)
        raise typer.Exit(DONE)


@contextmanager
def _working(language: str, log: Path | None) -> Iterator[Callable[[str], None]]:
    """Show progress on standard error and keep a log of the steps."""
    handlers: list[logging.Handler] = []
    if log is not None:
        try:
            to_file = logging.FileHandler(log, encoding="utf-8")
        except OSError as error:
            raise DataSourceError("unwritable", path=log, detail=str(error)) from error
        to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handlers.append(to_file)
    if not _console.is_terminal:
        steps = RichHandler(console=_console, show_path=False, show_level=False)
        # The error itself is told once, at the end.
        steps.addFilter(lambda record: record.levelno < logging.ERROR)
        handlers.append(steps)
    logging.captureWarnings(True)
    _log.setLevel(logging.INFO)
    for handler in handlers:
        _log.addHandler(handler)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    try:
        with Progress(*columns, console=_console, transient=True) as progress:
            task = progress.add_task("", total=None)

            def tell(step: str) -> None:
                progress.update(task, description=step)
                _log.info(step)

            yield tell
    except KcngeoError as error:
        _log.error(error.message(language))
        raise
    finally:
        for handler in handlers:
            _log.removeHandler(handler)
            handler.close()
        logging.captureWarnings(False)


def _say_rates(made: report.MonthlyReport, language: str) -> None:
    """Print the rate of every zone and of all, with the definition, to standard output."""
    table = accounts_table(made, language=language)
    for row in table.to_dict("records"):
        rate = theme.percent(row["fill_rate"], language=language)
        leased = theme.number(row["leased_ha"], language=language, decimals=4)
        base = theme.number(row["base_ha"], language=language, decimals=4)
        name = row["name"] if isinstance(row["name"], str) else row["zone_id"]
        typer.echo(f"{name}: {rate} ({row['definition']}), {leased} / {base} ha")


def _say_findings(findings: tuple[Finding, ...], language: str) -> None:
    for finding in findings:
        style = "red" if finding.severity is Severity.ERROR else "yellow"
        where = ", ".join(finding.zone_ids)
        line = f"{theme.text(f'severity.{finding.severity}', language=language)} [{where}] "
        _console.print(line + finding.message(language), style=style, markup=False)


def _code(made: report.MonthlyReport, *, strict: bool, language: str) -> int:
    reasons = made.reasons(language=language)
    for zone_id, reason in reasons.items():
        message = theme.text("cli.not_computable", language=language, zone=zone_id, reason=reason)
        _console.print(message, style="red", markup=False)
    warned = any(finding.severity is not Severity.NOTE for finding in made.findings)
    return TOLD if reasons or (strict and warned) else DONE


def _fail(message: Callable[[str], str], spoken: list[str]) -> int:
    """Tell what went wrong in the language asked for; in both if none was understood."""
    lines = dict.fromkeys(message(language) for language in spoken[-1:] or theme.LANGUAGES)
    for line in lines:
        _console.print(line, style="red", markup=False)
    return FAILED
