"""What stands too near, and where the next investor can go: ``conflicts`` and ``sites``."""

from __future__ import annotations

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
    Sectors,
    Strict,
    app,
    known,
    write,
)


@app.command(name="conflicts")
def conflicts_(
    project: Project,
    on: On,
    out: Out,
    sectors: Sectors = None,
    rules: Rules = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write what stands too near homes and public works, and the worst class a lot may take."""
    # With --sectors also which let lots are neighbours that do not suit each other.
    registry = standards.registry(rules)
    made = products.conflicts(
        known(project, known_at),
        on=on,
        sectors=None if sectors is None else io.read_own_table(sectors),
        rules=registry,
    )
    write(
        made.asked(known_at=known_at),
        out,
        language=language,
        project=project,
        beside=[sectors, rules],
        strict=strict,
    )


@app.command(name="sites")
def sites_(
    project: Project,
    on: On,
    min_area: Annotated[float, typer.Option(help="Hectares a site must have.")],
    out: Out,
    min_width: Annotated[
        float | None, typer.Option(help="Metres a site must be wide throughout.")
    ] = None,
    min_frontage: Annotated[
        float | None, typer.Option(help="Metres of a site's edge that must lie on a road.")
    ] = None,
    min_level: Annotated[
        int | None, typer.Option(help="Least readiness of every lot, 0 to 5.")
    ] = None,
    need: Annotated[
        list[str] | None,
        typer.Option(help="What must serve every lot, for example road; may be given again."),
    ] = None,
    across_road: Annotated[
        float | None, typer.Option(help="Widest road, in metres, that may run through a site.")
    ] = None,
    hazard_class: Annotated[
        str | None, typer.Option(help="Hazard class of the project: land too near homes goes.")
    ] = None,
    max_price: Annotated[
        float | None, typer.Option(help="Highest rent asked, in VND a square metre.")
    ] = None,
    max_to_gate: Annotated[
        float | None, typer.Option(help="Longest way by road to the gate, in metres.")
    ] = None,
    max_to_highway: Annotated[
        float | None, typer.Option(help="Longest way by road to the highway, in metres.")
    ] = None,
    max_to_port: Annotated[
        float | None, typer.Option(help="Longest way by road to the port, in metres.")
    ] = None,
    max_to_airport: Annotated[
        float | None, typer.Option(help="Longest way by road to the airport, in metres.")
    ] = None,
    turnkey: Annotated[
        bool, typer.Option("--turnkey", help="Only lots with a factory ready to let.")
    ] = False,
    fibre: Annotated[bool, typer.Option("--fibre", help="Only lots with optical fibre.")] = False,
    around_works: Annotated[
        bool, typer.Option("--around-works", help="Take off the distances of waste works too.")
    ] = False,
    sector: Annotated[
        str | None, typer.Option(help="Sector of the investor; needs --sectors.")
    ] = None,
    sectors: Sectors = None,
    rules: Rules = None,
    definition: Definition = None,
    known_at: KnownAt = None,
    language: Language = Lang.VI,
    strict: Strict = False,
) -> None:
    """Write which land can be built on, what takes the rest, and who can take so many hectares."""
    made = products.sites(
        known(project, known_at),
        on=on,
        min_area_ha=min_area,
        min_width_m=min_width,
        min_frontage_m=min_frontage,
        min_level=min_level,
        needs=tuple(need or ()),
        across_road_m=across_road,
        max_price_vnd_m2=max_price,
        max_to_gate_m=max_to_gate,
        max_to_highway_m=max_to_highway,
        max_to_port_m=max_to_port,
        max_to_airport_m=max_to_airport,
        turnkey=turnkey,
        fibre=fibre,
        sector=sector,
        hazard_class=hazard_class,
        around_works=around_works,
        sectors=None if sectors is None else io.read_own_table(sectors),
        definition=definition,
        rules=standards.registry(rules),
    )
    write(
        made.asked(known_at=known_at),
        out,
        language=language,
        project=project,
        beside=[sectors, rules],
        strict=strict,
    )
