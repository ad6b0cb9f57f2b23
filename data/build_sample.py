"""Make the sample project: Lâm Đồng's four industrial zones from published figures.

No boundary of these zones is public. Every geometry is synthetic, sized to the published areas and
set at the published places; what lies between two published dates is assumed, and each row says so.

Run ``.venv/bin/python data/build_sample.py``; the content is the same every time.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
from sample import (
    investors,
    layers,
    loc_son,
    phu_hoi,
    planned,
    province,
    published,
    tables,
    tenure,
)

import kcngeo as kcn

FOLDER = Path(__file__).resolve().parent
BOUNDARIES = FOLDER / "boundaries" / "lam_dong_zones.gpkg"
PROJECT = FOLDER / "parcels" / "two_zones.gpkg"
PROVINCE = FOLDER / "parcels" / "province.gpkg"
MEASURED = ("loc-son", "phu-hoi")


def build() -> dict[str, Any]:
    """All tables of the sample project by name."""
    drafts = [loc_son.draw(), phu_hoi.draw(), planned.tan_phu(), planned.dai_lao()]
    ledger = investors.assign(
        [
            *tenure.loc_son(drafts[0]).entries,
            *tenure.phu_hoi(drafts[1]).entries,
            *tenure.never_let(drafts[2]).entries,
        ]
    )
    noded = {draft.zone_id: tables.noded(draft) for draft in drafts}
    parcels = [
        row for draft in drafts for row in tables.parcels(draft, noded[draft.zone_id][1], ledger)
    ]
    areas_ha = tables.areas_at_notice(parcels)
    projects = investors.projects(ledger, areas_ha)
    buildings = layers.buildings(drafts, ledger, projects)
    rows = {
        "zones": tables.zones(drafts, {zone_id: one[0] for zone_id, one in noded.items()}),
        "parcels": parcels,
        "ledger": tables.ledger(ledger),
        "projects": projects,
        "receptors": layers.receptors(),
        "emitters": layers.emitters(parcels, buildings),
        "works": layers.works(drafts),
        "buildings": buildings,
        "plan_items": layers.plan_items(drafts[:2]),
        "clearance": layers.clearance(parcels, ledger),
        "milestones": published.milestones(),
        "encumbrances": layers.encumbrances(),
        "targets": published.targets(),
        "claims": published.claims(),
        "context": layers.context(),
    }
    return {name: tables.frame(name, table) for name, table in rows.items()}


def build_project() -> kcn.Project:
    """The sample as a project."""
    return kcn.Project(**build())


def build_province(project: kcn.Project) -> kcn.Project:
    """The merged province: the two measured zones with their lots, the others as published."""
    measured = project.only(MEASURED)
    undrawn = tables.frame("zones", province.zones())
    undrawn["geometry_source"] = pd.Series(None, index=undrawn.index, dtype="str")
    # What was published of the province as a whole is told once, with the day it was told.
    old = measured.claims
    own = old[old["zone_id"].notna() | (old["on"] < "2025-01-01")]
    claims = tables.frame("claims", province.claims())
    return replace(
        measured,
        zones=pd.concat([measured.zones, undrawn], ignore_index=True),
        claims=pd.concat([own, claims], ignore_index=True),
        declared_accounts=tables.frame("declared_accounts", province.declared_accounts()),
    )


def main() -> None:
    """Write the zones for other tools, and both projects."""
    project = build_project()
    for path in (BOUNDARIES, PROJECT, PROVINCE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    # GDAL would write the time of writing into the file.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    project.zones.to_file(BOUNDARIES, layer="zones", driver="GPKG")
    kcn.io.write_project(project, PROJECT)
    kcn.io.write_project(build_province(project), PROVINCE)


if __name__ == "__main__":
    main()
