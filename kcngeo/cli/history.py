"""What became of the zones from one month to another, and why: ``history``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from kcngeo import absorption, change, claims, figures, fill, io, ledger, report, targets, theme
from kcngeo.cli.outputs import made_folder
from kcngeo.cli.shared import (
    DONE,
    TOLD,
    Area,
    AreaBasis,
    Definition,
    KnownAt,
    Lang,
    Language,
    Project,
    app,
    console,
    say_findings,
)
from kcngeo.cli.worded import answered, zone_names
from kcngeo.core.dates import DateError, month_end
from kcngeo.core.schema import COMPUTED, empty
from kcngeo.ledger.project import Project as Tables
from kcngeo.publish.tables import csv_bytes
from kcngeo.standards import fill_definition

FILES = (
    *(
    f"{name}.csv"
    for name in (
        "changes", "causes", "months", "absorption", "sectors", "ending", "unlet", "life",
        "eligibility", "claims_reconciled", "implied", "contradictions",
    )
    ),
    "lots.txt", "why_*.png", "lot_*.png",
)  # fmt: skip
"""What the command writes, as far as the project has the tables for it."""

_Answers = dict[str, pd.DataFrame]
_Options = dict[str, Any]


@app.command(name="history")
def history_(
    project: Project,
    since: Annotated[str, typer.Option(help="Month to compare with, for example 2018-03.")],
    month: Annotated[str, typer.Option(help="Later month, for example 2022-03.")],
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    lot: Annotated[
        list[str] | None, typer.Option(help="Also tell the life of this lot; may be repeated.")
    ] = None,
    ahead: Annotated[int, typer.Option(help="Months to look ahead for leases that end.")] = 12,
    definition: Definition = None,
    known_at: KnownAt = None,
    known_at_since: Annotated[
        str | None, typer.Option(help="The earlier month as known then; else as the later one.")
    ] = None,
    area: Area = AreaBasis.GRID,
    language: Language = Lang.VI,
) -> None:
    """Write why rates moved, what was let to whom, what ends or is free, claims, lives of lots."""
    tables = io.read_project(project)
    start, on = month_end(since), month_end(month)
    if start >= on:
        raise DateError("months_order", since=since, month=month)
    used = fill_definition(definition, on=on).name
    asked: _Options = {"definition": used, "known_at": known_at, "area": str(area)}
    span: _Options = {"start": start, "end": on}
    options: _Options = {
        "ahead": ahead,
        "language": str(language),
        "then": known_at_since or known_at,
    }
    (why, made), tables, problems = answered(
        tables, lambda sound: _answers(sound, asked, span, **options)
    )
    names = zone_names(tables, on=str(on.date()), known_at=known_at)
    lives = {
        name: ledger.history(tables.parcels, tables.ledger, name, known_at=known_at)
        for name in dict.fromkeys(lot or ())
    }
    drawing: _Options = {"language": str(language), "synthetic": report.is_synthetic(tables)}
    with made_folder(out, FILES) as folder:
        for name, table in made.items():
            (folder / f"{name}.csv").write_bytes(csv_bytes(table, name=name))
        for zone_id in why.effects.index[why.effects["change"].notna()]:
            titled: _Options = {"definition": used, "name": names.get(zone_id)}
            chart = figures.bridge(why, zone_id=zone_id, **titled, **span, **drawing)
            figures.save(chart, folder / f"why_{_file_name(zone_id)}.png")
        for name, rows in lives.items():
            chart = figures.timeline(rows, on=on, **drawing)
            figures.save(chart, folder / f"lot_{_file_name(name)}.png")
        if lives:
            told = [ledger.timeline(rows, language=language) for rows in lives.values()]
            (folder / "lots.txt").write_text("\n\n".join(told) + "\n", encoding="utf-8-sig")
    _say(why, names, used, language)
    say_findings(problems, language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    raise typer.Exit(TOLD if problems else DONE)


def _answers(
    tables: Tables,
    asked: _Options,
    span: _Options,
    *,
    ahead: int,
    language: str,
    then: str | None,
) -> tuple[change.Change, _Answers]:
    """Ask every question the tables of the project have an answer to."""
    land: tuple[Any, Any, Any] = (tables.zones, tables.parcels, tables.ledger)
    on, known, used = span["end"], asked["known_at"], asked["definition"]
    why = change.explain(
        *land,
        **span,
        definition=used,
        area=asked["area"],
        known_at_start=then,
        known_at_end=known,
    )
    period = {**span, **asked}
    series = fill.fill_series(*land, **period)
    by_period = [
        absorption.absorption(series, freq=freq).reset_index().assign(step=freq)
        for freq in absorption.PERIODS
    ]
    rates = fill.fill_rate(*land, on=on, **asked)
    accounts = fill.land_account(*land, on=on, **asked)
    made = {
        "changes": why.effects.assign(period="span", definition=used, **span),
        "causes": why.entries.assign(period="span"),
        "months": change.by_month(*land, **period),
        "absorption": pd.concat(by_period, ignore_index=True),
        "ending": absorption.ending_leases(
            tables.ledger, tables.parcels, on=on, months=ahead, known_at=known
        ),
        "unlet": absorption.cleared_unlet(*land, on=on, **asked),
        "eligibility": _eligibility(rates, tables.works, on=on, language=language, known_at=known),
    }
    if tables.projects is not None:
        made["sectors"] = absorption.by_sector(
            *land, tables.projects, on=on, by_zone=True, **asked
        ).assign(definition=used)
    if tables.milestones is not None:
        made["life"] = targets.life_cycle(
            tables.zones, tables.milestones, on=on, accounts=accounts, known_at=known
        )
    if tables.claims is not None:
        made |= _claims(land, tables.claims, area=asked["area"], language=language, known_at=known)
    return why, made


def _eligibility(
    rates: pd.DataFrame, works: pd.DataFrame | None, *, language: str, **options: Any
) -> pd.DataFrame:
    """Try the tests of a new zone on all zones together, and of an extension on each."""
    zone_ids = list(rates.index)
    asked: _Options = {"zone_ids": zone_ids, "language": language, **options}
    parts = [
        targets.eligibility(rates, works, kind=kind, **asked).assign(test=kind)
        for kind in ("new", "extension")
        if zone_ids
    ]
    if not parts:
        return empty(COMPUTED["eligibility"])
    # The sentence beside it says the reason already.
    return pd.concat(parts, ignore_index=True).drop(columns="reason")


def _claims(
    land: tuple[Any, Any, Any], published: pd.DataFrame, *, area: str, language: str, known_at: Any
) -> _Answers:
    """Set published figures beside computed ones, and work out what they imply."""
    computed = claims.figures(*land, published, area=area, known_at=known_at)
    told = claims.implied(published, known_at=known_at)
    reconciled = claims.reconcile(published, computed, language=language, known_at=known_at)
    return {
        # The others name claims by these numbers.
        "claims_reconciled": reconciled.rename_axis("claim").drop(columns="reason"),
        "implied": told.figures,
        "contradictions": told.contradictions,
    }


def _file_name(key: str) -> str:
    """Make a file name of an id; "%" and a code stand for what no file system bears."""
    return re.sub(r"[^\w.-]", lambda one: f"%{ord(one[0]):02X}", key)


def _say(why: change.Change, names: pd.Series, definition: str, language: str) -> None:
    """Print to standard output what moved, and by what."""
    for row in why.effects.reset_index().to_dict("records"):
        name = names.get(row["zone_id"], row["zone_id"])
        if pd.isna(row["change"]):
            typer.echo(f"{name}: {theme.text('figures.no_change', language=language)}")
            continue
        moved = {cause: row[cause] for cause in change.CAUSES if abs(row[cause]) > 1e-9}
        parts = [
            f"{theme.text(f'figures.{cause}', language=language)} {_points(effect, language)}"
            for cause, effect in sorted(moved.items(), key=lambda one: -abs(one[1]))
        ]
        first, last = (
            theme.percent(row[f"rate_{end}"], language=language) for end in ("start", "end")
        )
        typer.echo(f"{name} ({definition}): {first} → {last}; {', '.join(parts) or '–'}")


def _points(effect: float, language: str) -> str:
    return theme.signed(effect * 100, language=language)
