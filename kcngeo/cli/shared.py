"""What all commands share: options, progress, messages, and how the program ends."""

from __future__ import annotations

import gc
import importlib
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

# Its rooms are reached through it, and so imported only by what uses them.
import kcngeo
from kcngeo.cli.commands import COMMANDS
from kcngeo.cli.help_words import HELP, asked_language, help_in
from kcngeo.cli.usage_words import usage_words
from kcngeo.core.errors import DataSourceError, KcngeoError, gathered

if TYPE_CHECKING:
    from kcngeo.core.model import Finding
    from kcngeo.core.schema import Names
    from kcngeo.ledger import Snapshot
    from kcngeo.publish import Bundle

DONE, EXIT_FINDINGS, FAILED, UNFORESEEN = 0, 1, 2, 3
# What Typer makes of Ctrl-C.
_INTERRUPTED = 130


class Commands(TyperGroup):
    """All commands by their names and lines; one that is called is imported then."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        listed = {name: TyperCommand(name, help=line) for name, (_, line) in COMMANDS.items()}
        self.commands = {**listed, **self.commands}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what goes before the command; its help is told in the language asked for."""
        if not args or HELP in args:
            ctx.with_resource(help_in(asked_language(args), self, ctx))
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command that is called, in its module."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None:
            from kcngeo.core.text_storage import python_texts

            ctx.with_resource(python_texts())
            importlib.import_module(f"kcngeo.cli.{COMMANDS[name][0]}")
            command = typer.main.get_group(app).commands[name]
            if HELP in rest:
                # What goes before the command is asked where the command itself says nothing.
                before = str(ctx.params.get("language") or "")
                language = asked_language([*rest, "--language", before])
                ctx.with_resource(help_in(language, command, ctx))
        return name, command, rest


app = typer.Typer(
    cls=Commands,
    help="Land use and fill rates of industrial zones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# A line stays a line, and a name in colons stays a name.
console = Console(stderr=True, soft_wrap=True, emoji=False, highlight=False)
_log = logging.getLogger("kcngeo")
_log.addHandler(logging.NullHandler())


class Lang(StrEnum):
    """Language of outputs and messages."""

    VI = "vi"
    EN = "en"


class AreaBasis(StrEnum):
    """Basis of areas."""

    GRID = "grid"
    ELLIPSOID = "ellipsoid"
    CERTIFICATE = "certificate"


def speak(context: typer.Context, language: Lang) -> Lang:
    """Remember the language for errors, which are told when the command is over."""
    context.ensure_object(list).append(language)
    return language


Project = Annotated[
    str,
    typer.Argument(
        help="Project: a GeoPackage, a folder of GeoParquet, or a PostGIS URL.", metavar="PROJECT"
    ),
]
Definition = Annotated[
    str | None, typer.Option(help="Definition of the fill rate; the law of the day if left out.")
]
KnownAt = Annotated[
    str | None, typer.Option(help="As known at the end of this day (UTC+7) or at this moment.")
]
Language = Annotated[Lang, typer.Option(callback=speak, help="Language of outputs and messages.")]
Area = Annotated[AreaBasis, typer.Option(help="Basis of areas.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")]
Rules = Annotated[
    Path | None,
    typer.Option(help="A registry of your own (TOML) that adds entries or overrides them."),
]
Sectors = Annotated[
    Path | None,
    typer.Option(help="CSV: which sector must keep from which sector or hazard class."),
]
On = Annotated[str, typer.Option(help="Day, for example 2018-03-31.")]
Out = Annotated[Path, typer.Option(help="Folder to make.")]
Letterhead = Annotated[
    Path | None,
    typer.Option(
        help="Word template of the board (.docx, .dotx) for documents in Word: its styles, header "
        "and footer."
    ),
]
Log = Annotated[Path | None, typer.Option(help="Also append the log, with times, to this file.")]


def main() -> None:
    """Run the program and exit with its code."""
    # Little of a run is garbage in rings; to look for it after every 700 objects is a twentieth of
    # a month.
    gc.set_threshold(20_000, 10, 10)
    for stream in (sys.stdout, sys.stderr):
        # Vietnamese on a Windows console of another code page: never die of a letter.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    spoken: list[str] = []
    try:
        code = app(standalone_mode=False, obj=spoken)
    except KcngeoError as error:
        code = fail(error.message, spoken)
        for note in getattr(error, "__notes__", ()):
            console.print(note, markup=False)
    except OSError as error:
        refused = error
        code = fail(
            lambda language: kcngeo.theme.text("cli.refused", language=language, error=refused),
            spoken,
        )
    except typer.Exit as stop:
        code = stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except Exception as error:
        mistaken = error
        if not hasattr(error, "format_message"):
            # A fault of the program itself is shown whole to whoever mends it.
            traceback.print_exc()
            code = UNFORESEEN
        else:
            code = fail(lambda language: usage_words(mistaken, language=language), spoken)
    if code == _INTERRUPTED:
        code = fail(lambda language: kcngeo.theme.text("cli.stopped", language=language), spoken)
    sys.exit(code or DONE)


@app.callback(invoke_without_command=True)
def _program(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    language: Annotated[Lang | None, typer.Option(help="Language of outputs and messages.")] = None,
) -> None:
    if language is not None:
        context.default_map = {name: {"language": str(language)} for name in COMMANDS}
    if version:
        typer.echo(kcngeo.__version__)
        raise typer.Exit(DONE)


@contextmanager
def working(language: str, log: Path | None) -> Iterator[Callable[[str], None]]:
    """Show progress on standard error and keep a log of the steps."""
    from rich.logging import RichHandler
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    handlers: list[logging.Handler] = []
    if log is not None:
        try:
            to_file = logging.FileHandler(log, encoding="utf-8")
        except OSError as error:
            raise DataSourceError("unwritable", path=log, detail=error) from error
        to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handlers.append(to_file)
    if not console.is_terminal:
        # Without a form of its own the day would be month/day/year, which nobody here writes.
        form = "%Y-%m-%d %H:%M:%S"
        steps = RichHandler(
            console=console, show_path=False, show_level=False, log_time_format=form
        )
        # The error itself is told once, at the end.
        steps.addFilter(lambda record: record.levelno < logging.ERROR)
        handlers.append(steps)
    logging.captureWarnings(True)
    _log.setLevel(logging.INFO)
    for handler in handlers:
        _log.addHandler(handler)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True) as progress:
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


def known(project: str, known_at: str | None) -> Snapshot:
    """Read a project as known at a moment, zones at fault set apart."""
    return kcngeo.io.read_project(project).as_known(known_at, faulty="set_apart")


def write(
    bundle: Bundle,
    out: Path,
    *,
    language: str,
    project: str,
    beside: Iterable[Path | None] = (),
    strict: bool = False,
) -> NoReturn:
    """Write a product, say what a person needs of it, and end."""
    from kcngeo.publish.kept_packages import EditsKeptWarning

    # Files that were read beside the project are named in the manifest.
    inputs: list[str | Path] = [project, *(path for path in beside if path is not None)]
    with gathered(EditsKeptWarning) as kept:
        bundle.write(out, language=language, inputs=inputs)
    for line in bundle.say(language):
        typer.echo(line)
    say_findings(bundle.findings, language, names=bundle.names(language))
    say_kept((one.path for one in kept), language)
    console.print(kcngeo.theme.text("cli.made", language=language, path=out), markup=False)
    raise typer.Exit(exit_code(bundle, strict=strict))


def exit_code(bundle: Bundle, *, strict: bool = False) -> int:
    """Tell how a command ends that made a product."""
    told = bundle.left_out or bundle.incomplete or (strict and bundle.has_warnings())
    return EXIT_FINDINGS if told else DONE


def say_findings(
    findings: tuple[Finding, ...],
    language: str,
    *,
    names: Names | None = None,
) -> None:
    """Print findings to standard error, a line each."""
    from kcngeo.core.model import Severity

    for finding in findings:
        style = "red" if finding.severity is Severity.ERROR else "yellow"
        zones = [(names or {}).get("zones", {}).get(one, one) for one in finding.zone_ids]
        where = f" [{', '.join(zones)}]" if zones else ""
        line = f"{kcngeo.theme.text(f'severity.{finding.severity}', language=language)}{where} "
        told = kcngeo.report.said(finding, names, language=language)
        console.print(line + told, style=style, markup=False)


def say_kept(paths: Iterable[str], language: str) -> None:
    """Say where layers are that somebody had edited."""
    for path in paths:
        said = kcngeo.theme.text("publish.edits_kept", language=language, path=path)
        console.print(said, style="yellow", markup=False)


def fail(message: Callable[[str], str], spoken: list[str]) -> int:
    """Tell what went wrong in the language asked for; in both if none was understood."""
    lines = dict.fromkeys(message(language) for language in spoken[-1:] or kcngeo.theme.LANGUAGES)
    for line in lines:
        console.print(line, style="red", markup=False)
    return FAILED
