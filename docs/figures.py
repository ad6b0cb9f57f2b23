"""Draw the figures of the docs again, in Vietnamese and in English, from the sample project.

    .venv/bin/python docs/figures.py

``docs/pictures.py`` runs this too. It needs neither a browser nor a network.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

import kcngeo as kcn
from kcngeo.ledger.zones import zone_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "parcels" / "two_zones.gpkg"
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 150_000
MOST_COLORS = 256
DOTS_PER_INCH = 100

OTHER_ZONE = "phu-hoi"
ZONE, NAME, LOT = "loc-son", "KCN Lộc Sơn", "LS-CN10-06"
START, END, DEFINITION = "2018-03-31", "2022-03-31", "nd164-2013"
# The plan is of April 2013 and wants the zone full by the end of 2015.
PLANNED_ON, ON, MONTH = "2013-04-30", "2018-03-31", "2018-03"
MONTHS = range(1, 25)
EDITION = "qcvn01-2008"
SITE_HA = 1.4


def charts(project: kcn.Project) -> Iterator[tuple[str, Figure]]:
    """Go through the charts with their names."""
    known = project.as_known()
    synthetic = kcn.report.is_synthetic(project)
    change = kcn.change.explain(project, start=START, end=END, definition=DEFINITION)
    series = kcn.fill.fill_series(known, start=PLANNED_ON, end=ON)
    plan = kcn.targets.trajectory(series, known.targets)
    fan = kcn.forecast.leased_at(known, on=ON, horizons=MONTHS)
    lots = kcn.report.lot_names(project, zone_names(project.zones, on=ON))
    history = kcn.ledger.history(project, LOT).replace({"parcel_id": lots})
    funnel = kcn.progress.stage_funnel(known, on=ON)
    uses = kcn.balance.land_use_balance(known, standard=EDITION, on=ON)
    for language in ("vi", "en"):
        shared = {"language": language, "synthetic": synthetic}
        zone = {**shared, "zone_id": ZONE, "name": NAME}
        bridge = kcn.figures.bridge(change, start=START, end=END, definition=DEFINITION, **zone)
        yield f"bridge_{language}", bridge
        yield f"trajectory_{language}", kcn.figures.trajectory(series, plan, fan, **zone)
        yield f"stages_{language}", kcn.figures.stages(funnel, on=ON, **zone)
        yield f"land_use_{language}", kcn.figures.land_use(uses, on=ON, **zone)
        yield f"timeline_{language}", kcn.figures.timeline(history, on=ON, **shared)


def maps(project: kcn.Project) -> Iterator[tuple[str, Figure]]:
    """Go through the maps for print, and what stands beside them, with their names."""
    known = project.as_known()
    report = kcn.report.monthly(project, month=MONTH, start=ON)
    rules = kcn.standards.registry().buffer_rules()
    conflicts = kcn.conflicts.buffer_conflicts(
        known.emitters, known.receptors, rules=rules, on=ON, zones=known.zones
    )
    criteria = kcn.sites.SiteCriteria(min_area_ha=SITE_HA)
    space = kcn.report.site_report(known, on=ON, criteria=criteria)
    land = space.developable.land, space.sites
    lots = kcn.progress.readiness(known, on=ON)
    blocking = kcn.progress.clearance_progress(known, on=ON).blocking
    belt = kcn.balance.green_belt(known, on=ON)
    checked = kcn.quality.check(project)
    wishes = {
        language: f"≥ {kcn.theme.number(SITE_HA, language=language, decimals=1)} ha"
        for language in ("vi", "en")
    }
    taken = {"encumbrances": space.encumbrances, "wishes": wishes}
    printed = {
        "fill": (ZONE, kcn.cartography.fill(report)),
        "conflicts": (OTHER_ZONE, kcn.cartography.conflicts(project, conflicts, on=ON)),
        "sites": (ZONE, kcn.cartography.sites(project, *land, on=ON, **taken)),
        "steps": (ZONE, kcn.cartography.readiness(project, lots, blocking, on=ON, belt=belt)),
        "findings": (ZONE, kcn.cartography.findings(checked, project, on=ON)),
    }
    for language in ("vi", "en"):
        given = {"on": ON, "language": language}
        named = {**given, "names": report.zone_names(), "synthetic": True}
        accounts = kcn.figures.accounts(report.accounts, definition=DEFINITION, **named)
        yield f"accounts_{language}", accounts
        yield f"rates_{language}", kcn.figures.rates(report.series, **named)
        called = {
            "rules": {one.name: one.title[language] for one in rules},
            **kcn.report.feature_names(project, report.zone_names(), language=language),
        }
        table = kcn.figures.conflict_table(conflicts, **given, names=called, synthetic=True)
        yield f"conflict_table_{language}", table
        for name, (zone_id, spec) in printed.items():
            figure = kcn.figures.draw_map(spec, language=language, zone_id=zone_id)
            yield f"print_{name}_{language}", figure


def slim(picture: Path, *, most: int = MOST_BYTES, colors: int = MOST_COLORS) -> None:
    """Keep a picture with a palette: a chart has few colours, and their blends at edges."""
    with Image.open(picture) as image:
        few = image.convert("RGB").quantize(colors, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)
    size = picture.stat().st_size
    if size > most:
        raise SystemExit(f"{picture} is too large: {size} bytes.")
    print(f"{size / 1000:6.0f} kB  {picture.relative_to(ROOT)}")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    project = kcn.io.read_project(SAMPLE)
    for draw in (charts, maps):
        for name, figure in draw(project):
            figure.set_dpi(DOTS_PER_INCH)
            slim(kcn.figures.save(figure, PICTURES / f"{name}.png"))


if __name__ == "__main__":
    main()
