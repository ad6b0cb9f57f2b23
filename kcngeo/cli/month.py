"""The month and its series: ``monthly`` and ``series``."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcngeo import cluster, io, products, theme
from kcngeo.cli.shared import (
    DONE,
    EXIT_FINDINGS,
    FAILED,
    UNFORESEEN,
    Area,
    AreaBasis,
    Definition,
    KnownAt,
    Lang,
    Language,
    Letterhead,
    Log,
    Project,
    Strict,
    app,
    console,
    exit_code,
    say_findings,
    say_kept,
    working,
)
from kcngeo.core.dates import VIET_NAM, month_end
from kcngeo.core.errors import DataSourceError, KcngeoError
from kcngeo.core.model import Severity
from kcngeo.products.month_folder import Made, MonthOptions, write_month
from kcngeo.products.months import months_between
from kcngeo.publish import ATLAS, PARTS, Bundle
from kcngeo.publish.folder_lock import require_no_batch

if TYPE_CHECKING:
    from kcngeo.ledger import Project as Tables

Parts = Annotated[
    list[str] | None,
    typer.Option(help=f"Write only this part; may be repeated. Of: {', '.join(PARTS)}."),
]

AskedMonth = Annotated[
    str, typer.Option(help='Month, for example 2018-03; "last" for the one before today.')
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
        raise DataSourceError("unreadable", path=path, detail=error) from error
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
    month: AskedMonth,
    out: Annotated[Path, typer.Option(help="Folder to make; with --since the one above.")],
    since: Annotated[
        str | None, typer.Option(help="Also the months from this one on; unchanged ones are kept.")
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            min=1,
            help="Processes that work at once: on the zones of one month, or with --since "
            "on as many months.",
        ),
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler, for example tcp://host:8786, whose workers see "
            "PROJECT under the same path: they work on the zones, with --since month by month."
        ),
    ] = None,
    lots_at_once: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The tables alone, with this many lots in memory at a time, 20 000 to 50 000: for "
            "a folder of GeoParquet that is bigger than memory. The bytes are the same. A run that "
            "is stopped goes on where it was.",
        ),
    ] = None,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    edition: Annotated[
        Edition, typer.Option(help="The public one leaves out names of investors and documents.")
    ] = Edition.FULL,
    area: Area = AreaBasis.GRID,
    start: Annotated[str | None, typer.Option(help="First day of the series.")] = None,
    part: Parts = None,
    atlas: Annotated[
        bool,
        typer.Option(
            "--atlas",
            help="Also the atlas as PDF, page and Word document: a sheet of A4 a zone, and sheets "
            "on which zones are compared.",
        ),
    ] = False,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish",
            help="Record in the project what is handed out. Other figures of a month that was "
            "published become its next publication, in a folder beside the first.",
        ),
    ] = False,
    kept: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps results from run to run: zones whose data did not change are "
            "not worked out anew. It changes no figure."
        ),
    ] = None,
    letterhead: Letterhead = None,
    imagery: Annotated[
        Path | None,
        typer.Option(
            help="Image with a CRS, for example a GeoTIFF, to lie under the lots of the pages: "
            "what is round the zones, at most 8 MB more a page."
        ),
    ] = None,
    strict: Strict = False,
    log: Log = None,
    config: Config = None,
) -> None:
    """Write a month: report, map, tables, charts, layers and manifest in one folder."""
    options = MonthOptions(
        definition=definition,
        known_at=known_at,
        start=start,
        area=str(area),
        language=str(language),
        edition=str(edition),
        parts=(*(part or PARTS), *([ATLAS] if atlas else [])),
        publish=publish,
        kept=None if kept is None else str(kept),
        letterhead=None if letterhead is None else str(letterhead),
        imagery=None if imagery is None else str(imagery),
    )
    many = scheduler is not None or (since is None and jobs > 1)
    if kept is not None and many and lots_at_once is None:
        raise KcngeoError("kept_alone")
    with working(language, log) as tell:
        month = _asked_month(month, language)
        asked: dict[str, Any]
        shown = io.redact_url(project)
        tell(theme.text("cli.reading", language=language, path=shown))
        if lots_at_once is not None:
            _require_tables_alone(options, since=since, part=part)
            asked = {"jobs": jobs, "scheduler": scheduler, "most_lots": lots_at_once}
            made = [_of_groups(project, month, out, options, tell, **asked)]
        elif since is None:
            with _workers(project, jobs, scheduler) as compute:
                made = [_alone(project, month, out, options, tell, compute)]
        else:
            made = []
            names = months_between(since, month)
            asked = {"since": since, "month": month, "options": options}
            # Without a cluster --jobs is how many months are made at once.
            with _workers(project, 1, scheduler) as compute:
                for one in products.months(project, out, **asked, jobs=jobs, compute=compute):
                    made.append(one)
                    done = {"month": one.month, "done": len(made), "months": len(names)}
                    tell(theme.text("cli.month_done", language=language, **done))
    for one in made:
        if since is not None:
            typer.echo(one.month)
        _say_month(one, language)
    place = made[0].folder if since is None else out
    console.print(theme.text("cli.made", language=language, path=place), markup=False)
    raise typer.Exit(max(_code(one, strict, language) for one in made))


def _require_tables_alone(
    options: MonthOptions, *, since: str | None, part: Collection[str] | None
) -> None:
    """Refuse what is made of a month as a whole."""
    given = {
        "--since": since is not None,
        "--part": bool(set(part or ()) - {"tables"}),
        "--atlas": ATLAS in options.parts,
        "--edition": options.edition != Edition.FULL,
        "--publish": options.publish,
        "--letterhead": options.letterhead is not None,
        "--imagery": options.imagery is not None,
    }
    if odd := [name for name, is_given in given.items() if is_given]:
        raise KcngeoError("groups_tables", options=odd)


def _of_groups(
    project: str,
    month: str,
    out: Path,
    options: MonthOptions,
    tell: Callable[[str], None],
    *,
    jobs: int,
    scheduler: str | None,
    most_lots: int,
) -> Made:
    """Write the tables of a month group by group."""
    from kcngeo.cluster.grouped_month import made_of_groups

    language = options.language
    asked = cluster.Question(
        month=month,
        definition=options.definition,
        known_at=options.known_at,
        start=options.start,
        area=options.area,
    )
    with nullcontext() if scheduler is None else cluster.connected(scheduler) as client:
        bundle = made_of_groups(
            project,
            out,
            asked,
            client=client,
            jobs=jobs,
            language=language,
            most_lots=most_lots,
            kept=options.kept,
            progress=lambda one: tell(theme.text("cli.writing", language=language, path=one)),
            counted=lambda done, count: tell(
                theme.text("cli.zones_done", language=language, done=done, count=count)
            ),
        )
    return Made(
        month=month,
        folder=out,
        lines=tuple(bundle.say(language)),
        findings=bundle.findings,
        reasons=bundle.reasons(language),
    )


@contextmanager
def _workers(
    project: str, jobs: int, scheduler: str | None
) -> Iterator[Callable[..., Bundle] | None]:
    """Give what computes a month: some processes of this machine, or a cluster; None for this."""

    def by(client: Any) -> Callable[..., Bundle]:
        def compute(tables: Tables, **asked: Any) -> Bundle:
            return cluster.month(project, tables=tables, client=client, jobs=jobs, **asked)

        return compute

    if scheduler is None:
        yield None if jobs == 1 else by(None)
        return
    with cluster.connected(scheduler) as client:
        yield by(client)


def _alone(
    project: str,
    month: str,
    out: Path,
    options: MonthOptions,
    tell: Callable[[str], None],
    compute: Callable[..., Bundle] | None,
) -> Made:
    """Write one month, while no other program writes into its folder."""
    language = options.language
    tables = io.read_project(project)
    tell(theme.text("cli.computing", language=language, month=month))

    def name(file: str) -> None:
        tell(theme.text("cli.writing", language=language, path=file))

    require_no_batch(out)
    return write_month(
        project, month, out, options=options, tables=tables, progress=name, compute=compute
    )


def _today() -> dt.date:
    """Give the day it is in Viet Nam."""
    return dt.datetime.now(VIET_NAM).date()


def _asked_month(month: str, language: str) -> str:
    """Give the month that is meant, "last" being the one before today in Viet Nam.

    Of a month that is not over it is said that it can still change: on standard error and never in
    the report, which must not depend on the day it is made. A month that is none stops here.
    """
    today = _today()
    if month == "last":
        return f"{today.replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    if month_end(month).date() > today:
        words = theme.text("cli.month_ahead", language=language, month=month, today=today)
        console.print(words, markup=False, soft_wrap=True)
    return month


@app.command()
def series(
    project: Project,
    month: AskedMonth,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    area: Area = AreaBasis.GRID,
    start: Annotated[str | None, typer.Option(help="First day of the series.")] = None,
    strict: Strict = False,
) -> None:
    """Print all fill rates up to a month as CSV."""
    month = _asked_month(month, language)
    made = products.series(
        io.read_project(project),
        month=month,
        definition=definition,
        known_at=known_at,
        start=start,
        area=str(area),
    )
    typer.echo(made.csv("series", language=language), nl=False)
    _say_reasons(made.reasons(language), language)
    raise typer.Exit(exit_code(made, strict=strict))


def _say_month(made: Made, language: str) -> None:
    """Say the rate of every zone and of all on standard output, the findings beside it."""
    if made.trace:
        console.print(made.trace, markup=False)
    if made.error is not None:
        console.print(made.error.message(language), style="red", markup=False)
    elif made.is_skipped:
        said = theme.text("cli.skipped", language=language, month=made.month)
        console.print(said, markup=False)
    else:
        for line in made.lines:
            typer.echo(line)
        say_findings(made.findings, language)
        say_kept(made.kept, language)
        for path in made.unused:
            said = theme.text("cli.kept_unused", language=language, path=path)
            console.print(said, style="yellow", markup=False)
        _say_published(made, language)


def _say_published(made: Made, language: str) -> None:
    """Say whether the month is on record as published, and where it stands."""
    told = {"month": made.month, "path": made.folder}
    if made.recorded is not None:
        key, number = "published", made.recorded
    elif made.agrees is not None:
        key, number = "published_before", made.agrees
    elif made.is_draft:
        key, number = "draft_beside", 0
    else:
        return
    said = theme.text(f"cli.{key}", language=language, revision=number, **told)
    console.print(said, style="yellow", markup=False)


def _code(made: Made, strict: bool, language: str) -> int:
    if made.error is not None:
        return UNFORESEEN if made.trace else FAILED
    _say_reasons(made.reasons, language)
    warned = any(one.severity is not Severity.NOTE for one in made.findings)
    return EXIT_FINDINGS if made.reasons or (strict and warned) else DONE


def _say_reasons(reasons: Mapping[str, str], language: str) -> None:
    for zone_id, reason in reasons.items():
        message = theme.text("cli.not_computable", language=language, zone=zone_id, reason=reason)
        console.print(message, style="red", markup=False)
