"""Draw the charts of the docs again, in Vietnamese and in English, from the sample project.

    python docs/figures.py

``python run.py pictures`` runs this too. It needs neither a browser nor a network.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import kcngeo as kcn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "parcels" / "lam_dong.gpkg"
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 180_000
DOTS_PER_INCH = 110

ZONE, NAME, LOT = "loc-son", "KCN Lộc Sơn", "LS-CN10-06"
START, END, DEFINITION = "2018-03-31", "2022-03-31", "nd164-2013"
# The plan is of April 2013 and wants the zone full by the end of 2015.
PLANNED_ON, ON = "2013-04-30", "2018-03-31"
MONTHS = range(1, 25)
EDITION = "qcvn01-2008"


def charts(project: kcn.Project) -> Iterator[tuple[str, Figure]]:
    """Go through the charts with their names."""
    tables = (project.zones, project.parcels, project.ledger)
    synthetic = kcn.report.is_synthetic(project)
    change = kcn.change.explain(*tables, start=START, end=END, definition=DEFINITION)
    series = kcn.fill.fill_series(*tables, start=PLANNED_ON, end=ON)
    plan = kcn.targets.trajectory(series, project.targets)
    fan = kcn.forecast.leased_at(*tables, on=ON, horizons=MONTHS)
    history = kcn.ledger.history(project.parcels, project.ledger, LOT)
    funnel = kcn.progress.stage_funnel(*tables, project.projects, project.works, on=ON)
    uses = kcn.balance.land_use_balance(
        *tables[:2], standard=EDITION, on=ON, plan_items=project.plan_items
    )
    for language in ("vi", "en"):
        shared = {"language": language, "synthetic": synthetic}
        zone = {**shared, "zone_id": ZONE, "name": NAME}
        bridge = kcn.figures.bridge(change, start=START, end=END, definition=DEFINITION, **zone)
        yield f"bridge_{language}", bridge
        yield f"trajectory_{language}", kcn.figures.trajectory(series, plan, fan, **zone)
        yield f"stages_{language}", kcn.figures.stages(funnel, on=ON, **zone)
        yield f"land_use_{language}", kcn.figures.land_use(uses, on=ON, **zone)
        yield f"timeline_{language}", kcn.figures.timeline(history, on=ON, **shared)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for name, figure in charts(kcn.io.read_project(SAMPLE)):
        figure.set_dpi(DOTS_PER_INCH)
        picture = kcn.figures.save(figure, PICTURES / f"{name}.png")
        size = picture.stat().st_size
        if size > MOST_BYTES:
            raise SystemExit(f"figures.py: {picture} is too large: {size} bytes.")
        print(f"{size / 1000:6.0f} kB  {picture.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
