"""Development in step: ``progress``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from kcngeo import balance, cartography, io, maps, standards, theme
from kcngeo import progress as room
from kcngeo.cli.outputs import made_folder, write_tables
from kcngeo.cli.registry import Rules
from kcngeo.cli.shared import (
    DONE,
    TOLD,
    Definition,
    KnownAt,
    Lang,
    Language,
    Project,
    Strict,
    app,
    console,
    say_findings,
)
from kcngeo.cli.worded import answered, zone_names
from kcngeo.core.errors import DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.validation import as_known
from kcngeo.ledger.project import Project as Tables
from kcngeo.publish.report_tables import findings_table
from kcngeo.standards import Clock, Limit, Registry

MAP = "map.html"
FILES = (
    MAP,
    *(
    f"{name}.csv"
    for name in (
        "stages", "dwell", "clocks", "scorecard", "clearance_progress", "resettlement", "blocking",
        "readiness", "serviced", "capacity", "balance", "green_belt", "density", "social",
        "investors", "findings",
    )
    ),
)  # fmt: skip
"""What the command writes, as far as the project has the tables for it."""


@app.command(name="progress")
def progress_(
    project: Project,
    on: Annotated[str, typer.Option(help="Day, for example 2018-03-31.")],
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    standard: Annotated[
        str, typer.Option(help="Edition of the planning code for the land-use balance.")
    ] = "qcvn01-2008",
    months: Annotated[int, typer.Option(help="Months to look ahead for clocks.")] = 6,
    law_on: Annotated[
        str | None, typer.Option(help="Day whose law on idle land is taken; that of --on.")
    ] = None,
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
    registry = standards.registry(rules)
    tables = io.read_project(project)
    asked = {"on": on, "known_at": known_at, "definition": definition}
    options: dict[str, Any] = {
        "months": months,
        "law_on": law_on,
        "demand": None if demand is None else _demand(demand),
        "green": None if green is None else io.read_layer(green).frame,
    }
    (made, findings), tables, problems = answered(
        tables, lambda some: _tables(some, registry, asked, standard=standard, **options)
    )
    findings = (*registry.findings(), *findings)
    names = zone_names(tables, on=on, known_at=known_at)
    blocking: Any = made.get("blocking")
    belt: Any = made["green_belt"]
    with made_folder(out, FILES) as folder:
        write_tables(made, registry, findings_table(findings, language=language), folder)
        if "readiness" in made:
            lots: Any = made["readiness"]
            known = Tables(**{key: as_known(one, known_at) for key, one in tables.tables()})
            rule = registry.load(room.RULE)
            shown = cartography.readiness(known, lots, blocking, on=on, belt=belt, rule=rule)
            maps.draw_map(shown, language=language).save(folder / MAP)
    _say(made["stages"], names, language)
    say_findings((*findings, *problems), language)
    console.print(theme.text("cli.made", language=language, path=out), markup=False)
    warned = any(one.severity is not Severity.NOTE for one in findings)
    raise typer.Exit(TOLD if problems or (strict and warned) else DONE)


def _tables(
    tables: Tables,
    registry: Registry,
    asked: dict[str, Any],
    *,
    standard: str,
    months: int,
    law_on: str | None,
    demand: pd.DataFrame | None,
    green: Any,
) -> tuple[dict[str, pd.DataFrame], tuple[Finding, ...]]:
    """Ask every question the tables of the project have an answer to."""
    land = (tables.zones, tables.parcels, tables.ledger)
    day_only = {"on": asked["on"], "known_at": asked["known_at"]}
    rule, limits = registry.load(room.RULE), registry.of(Limit)
    made: dict[str, pd.DataFrame] = {
        "stages": room.stage_funnel(*land, tables.projects, tables.works, rule=rule, **asked),
        "dwell": room.dwell_times(*land[1:], tables.projects, **day_only),
        "scorecard": room.scorecard(
            tables.zones,
            clearance=tables.clearance,
            works=tables.works,
            milestones=tables.milestones,
            **day_only,
        ),
        "balance": balance.land_use_balance(
            *land[:2],
            standard=registry.balance(standard),
            plan_items=tables.plan_items,
            **day_only,
        ),
        "green_belt": balance.green_belt(*land[:2], limits=limits, **day_only),
    }
    findings = room.order_findings(*land[1:], tables.projects, tables.works, **day_only)
    if tables.projects is not None:
        clocks = registry.of(Clock)
        made["clocks"] = room.idle_clocks(
            *land, tables.projects, months=months, law_on=law_on, laws=clocks, **asked
        )
        made["investors"] = room.investor_support(*land, tables.projects, **asked)
    if tables.works is not None:
        made["readiness"] = room.readiness(*land, tables.works, rule=rule, **asked)
        made["serviced"] = room.serviced_land(made["readiness"], rule=rule)
        made["social"] = balance.social_works(tables.works, **day_only)
        if demand is not None:
            made["capacity"] = room.capacity_balance(*land, tables.works, demand=demand, **asked)
    if tables.clearance is not None:
        cleared = room.clearance_progress(*land, tables.clearance, **asked)
        made["clearance_progress"] = cleared.zones
        made["resettlement"] = _named(cleared.resettlement, tables.receptors)
        made["blocking"] = cleared.blocking
        findings = (*findings, *cleared.findings)
    if tables.buildings is not None:
        asked_lots = {"green": green, "limits": limits, **day_only}
        made["density"] = balance.lot_balance(tables.parcels, tables.buildings, **asked_lots)
    used = standards.fill_definition(asked["definition"], on=asked["on"]).name
    marks = {"rule": rule.name, "verified": str(rule.verified)}
    for name in ("readiness", "serviced"):
        if name in made:
            made[name] = made[name].assign(**marks)
    served = {"serviced_rule": rule.name, "serviced_verified": marks["verified"]}
    made["stages"] = made["stages"].assign(definition=used, **served)
    return made, findings


def _named(resettlement: pd.DataFrame, receptors: pd.DataFrame | None) -> pd.DataFrame:
    """Put the names of the resettlement areas beside their ids."""
    if receptors is None or "name" not in receptors.columns:
        return resettlement
    known = receptors.drop_duplicates("receptor_id", keep="last").set_index("receptor_id")["name"]
    named = resettlement.copy()
    named.insert(0, "receptor_name", known.reindex(named.index))
    return named


def _demand(path: Path) -> pd.DataFrame:
    try:
        # Opened here: pandas would fetch what reads like an address.
        with path.open(encoding="utf-8-sig") as file:
            return pd.read_csv(file)
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error


def _say(stages: pd.DataFrame, names: pd.Series, language: str) -> None:
    """Print the stages of every zone to standard output."""
    for row in stages.reset_index().to_dict("records"):
        parts = [
            f"{theme.text(f'funnel.{stage}', language=language)} "
            f"{theme.number(row[f'{stage}_ha'], language=language)}"
            for stage in room.STAGES
        ]
        name = names.get(row["zone_id"], row["zone_id"])
        typer.echo(f"{name}: {' → '.join(parts)} ha")
