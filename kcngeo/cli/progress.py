"""Development in step: ``progress``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from kcngeo import balance, io, maps, standards, theme
from kcngeo import progress as room
from kcngeo.cli.outputs import listed, made_folder
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
from kcngeo.cli.worded import said, without, zone_names
from kcngeo.core.contracts import as_known
from kcngeo.core.errors import ContractError, DataSourceError
from kcngeo.core.model import Finding, Severity
from kcngeo.core.model import Project as Tables
from kcngeo.publish.tables import csv_bytes
from kcngeo.standards import Clock, Limit, Registry

MAP = "map.html"
FILES = (
    MAP,
    *(
    f"{name}.csv"
    for name in (
        "stages", "dwell", "clocks", "scorecard", "clearance", "resettlement", "blocking",
        "readiness", "serviced", "capacity", "balance", "green_belt", "lots", "social",
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
    try:
        made, findings = _tables(tables, registry, asked, standard=standard, **options)
        problems: tuple[Finding, ...] = ()
    except ContractError as error:
        # One zone's bad rows do not stop the others; what belongs to no zone does.
        blocked = {zone for one in error.problems for zone in one.zone_ids}
        if not all(one.zone_ids for one in error.problems):
            raise
        problems = error.problems
        tables = without(tables, blocked)
        made, findings = _tables(tables, registry, asked, standard=standard, **options)
    findings = (*registry.findings(), *findings)
    names = zone_names(tables, on=on, known_at=known_at)
    made["findings"] = listed(findings, language)
    blocking: Any = made.get("blocking")
    belt: Any = made["green_belt"]
    with made_folder(out, FILES) as folder:
        for name, table in made.items():
            worded = _worded(table, names, language=language)
            (folder / f"{name}.csv").write_bytes(csv_bytes(worded))
        if "readiness" in made:
            lots: Any = made["readiness"]
            known = Tables(**{key: as_known(one, known_at) for key, one in tables.tables()})
            shown = {"belt": belt, "rule": registry.load(room.RULE), "language": language}
            maps.step_map(known, lots, blocking, on=on, **shown).save(folder / MAP)
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
        made["clearance"] = cleared.zones
        made["resettlement"] = _named(cleared.resettlement, tables.receptors)
        made["blocking"] = cleared.blocking
        findings = (*findings, *cleared.findings)
    if tables.buildings is not None:
        asked_lots = {"green": green, "limits": limits, **day_only}
        made["lots"] = balance.lot_balance(tables.parcels, tables.buildings, **asked_lots)
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
        return pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataSourceError("unreadable", path=path, detail=str(error)) from error


_CHOICES = {
    # column: the lists of words its values may stand in, the first that has them
    "component": ("works_kind", "component", "milestone"),
    "item": ("land_use", "component"),
    "kind": ("works_kind",),
    "stage": ("stage",),
    "state": ("component_state", "clock_state"),
    "side": ("side",),
    "step": ("step",),
    "clock": ("clock",),
    "remark": ("clock_remark",),
    "severity": ("severity",),
    "verified": ("verified",),
    "density_verified": ("verified",),
    "green_verified": ("verified",),
    "serviced_verified": ("verified",),
    "lacks": ("works_kind", "component"),
    "unknown": ("works_kind", "component"),
    "incomplete": ("column",),
}


def _worded(table: pd.DataFrame, names: pd.Series, *, language: str) -> pd.DataFrame:
    """Give a table headings and words a person reads; ids and figures stay as they are."""
    named = [name for name in table.index.names if name is not None]
    flat = pd.DataFrame(table.reset_index() if named else table)
    flat = flat.drop(columns=[name for name in ("geometry",) if name in flat.columns])
    for name in flat.columns:
        groups = _CHOICES.get(name)
        if groups is not None:
            flat[name] = [said(value, groups, language) for value in flat[name]]
        elif str(name).endswith("_vnd"):
            flat[name] = flat[name].round().astype("Int64")
        elif flat[name].dtype == "float64":
            # What rounds to nothing is written without a sign.
            flat[name] = flat[name].round(4) + 0.0
        elif flat[name].dtype in ("bool", "boolean"):
            flat[name] = [
                None if pd.isna(one) else theme.text(f"flag.{one}".lower(), language=language)
                for one in flat[name]
            ]
    if "zone_id" in flat.columns and "name" not in flat.columns:
        place = list(flat.columns).index("zone_id") + 1
        flat.insert(place, "name", flat["zone_id"].map(names))
    if "sector" in flat.columns and "project_id" not in flat.columns:
        flat["sector"] = flat["sector"].fillna(theme.text("flag.unknown", language=language))
    flat.columns = [
        theme.column(str(name), language=language, layer="progress") for name in flat.columns
    ]
    return flat


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
