"""Neighbours that do not suit each other, by a table of sectors the users keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, is_in_force
from kcngeo.core.errors import ContractError, KcngeoError
from kcngeo.core.geometry import pairs_within
from kcngeo.core.model import Finding, Severity, Status
from kcngeo.core.validation import row_names
from kcngeo.ledger import asked, state_of
from kcngeo.ledger.tables import CORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.ledger import Project, Snapshot

CONFLICT, UNRATED = "conflict", "unrated"

_TEXTS = (
    "parcel_id",
    "zone_id",
    "project_id",
    "sector",
    "neighbour_id",
    "neighbour_project_id",
    "neighbour_sector",
    "neighbour_class",
    "source",
    "state",
    "why_unrated",
)
_ORDER = (*_TEXTS[:8], "required_m", "distance_m", *_TEXTS[8:], "geometry")


def incompatible_neighbours(
    project: Project | Snapshot, sectors: pd.DataFrame, *, on: Day
) -> gpd.GeoDataFrame:
    """Find let lots whose neighbours a table of sectors says they must not have.

    A row of the table protects a ``sector`` from another sector (``other_sector``), from a hazard
    class (``other_class``), or from a sector of a class if it names both. With ``required_m`` the
    lots must be at least that far apart (nearer is a conflict, exactly there is none); without it
    they must not touch. Two projects on parts of one lot are 0 m apart. Lots of one and the same
    project are no neighbours. Nothing is said of sectors the table does not name, nor of a pair
    one of whose lots lies in a zone at fault.

    Parameters
    ----------
    project
        The tables, with that of projects (``sector``, ``hazard_class``); of a project what is known
        now, zones at fault on the day left out.
    sectors
        The users' own table: **sector**, other_sector, other_class, required_m, source.
    on
        The day.

    Returns
    -------
    gpd.GeoDataFrame
        A row a protected lot, project and neighbour, sorted: ``parcel_id``, ``zone_id``,
        ``project_id``, ``sector``, ``neighbour_id``, ``neighbour_project_id``,
        ``neighbour_sector``, ``neighbour_class``, ``required_m`` (missing where they must not
        touch), ``distance_m``, ``source``, ``state`` "conflict"; and rows of ``state`` "unrated",
        with ``why_unrated``, for let lots whose sector nobody gave ("sector") and, if the table
        goes by class, whose class nobody gave ("hazard_class"). ``geometry`` is the protected lot.

    Raises
    ------
    ContractError
        If a table breaks its contract; all breaches are listed.
    CRSError
        If the parcels have no CRS or one that misstates lengths.
    KcngeoError
        If there is no table of projects.

    Examples
    --------
    Tea must not stand beside coffee; A-1 (tea) touches A-2 (coffee):

    >>> import kcngeo as kcn
    >>> sectors = pd.DataFrame({"sector": ["tea"], "other_sector": ["coffee"]})
    >>> found = incompatible_neighbours(kcn.examples.squares(), sectors, on="2018-03-31")
    >>> found[["parcel_id", "neighbour_id", "distance_m", "state"]].values.tolist()
    [['A-1', 'A-2', 0.0, 'conflict']]
    """
    wanted = _checked_table(sectors)
    snapshot = asked(project, start=on, about=(*CORE, "projects"))
    projects = snapshot.table("projects")
    if projects is None:
        raise KcngeoError("needs_table", table="projects")
    lots = state_of(snapshot, on=on)
    let = _occupants(lots, snapshot.ledger, projects, on=on)
    shapes = gpd.GeoSeries(
        lots.set_index("parcel_id").geometry.reindex(let["parcel_id"]).to_numpy()
    )
    layer = gpd.GeoDataFrame(geometry=shapes, crs=lots.crs)
    parts = [_by_row(let, layer, row) for _, row in wanted.iterrows()]
    # Who could not be judged is a row too.
    parts += [_unrated(let, "sector", let["sector"].isna())]
    if wanted["other_class"].notna().any():
        parts.append(_unrated(let, "hazard_class", let["hazard_class"].isna()))
    found = pd.concat([part for part in parts if len(part)] or parts[-1:])
    found["geometry"] = shapes.to_numpy()[found["row"].to_numpy(dtype="intp")]
    found = found.reindex(columns=list(_ORDER)).astype(dict.fromkeys(_TEXTS, "str"))
    found = found.astype({"required_m": "float64", "distance_m": "float64"})
    found = found.sort_values(
        [*_TEXTS[:8], "required_m", "source", "why_unrated"], ignore_index=True
    )
    return gpd.GeoDataFrame(found, geometry="geometry", crs=lots.crs)


def _occupants(
    lots: gpd.GeoDataFrame, ledger: pd.DataFrame, projects: pd.DataFrame, *, on: Day
) -> pd.DataFrame:
    """List who holds which lot on the day, with sector and class."""
    leased = (ledger["status"] == Status.LEASED).to_numpy() & is_in_force(ledger, on)
    held = ledger[leased].reindex(columns=["parcel_id", "project_id"])
    held = held[held["parcel_id"].isin(lots["parcel_id"])].drop_duplicates()
    known = projects.reindex(columns=["project_id", "sector", "hazard_class"])
    zone_of = lots[["parcel_id", "zone_id"]]
    let = held.merge(pd.DataFrame(zone_of), on="parcel_id", validate="m:1")
    let = let.merge(known, on="project_id", how="left", validate="m:1")
    return let.sort_values(["parcel_id", "project_id"], ignore_index=True)


def _by_row(let: pd.DataFrame, layer: gpd.GeoDataFrame, row: pd.Series) -> pd.DataFrame:
    """Find the pairs one row of the table refuses."""
    protected = (let["sector"] == row["sector"]).to_numpy(dtype=bool)
    other = np.ones(len(let), dtype=bool)
    for column, named in (("sector", row["other_sector"]), ("hazard_class", row["other_class"])):
        if pd.notna(named):
            other &= (let[column] == named).to_numpy(dtype=bool)
    # Without a distance the table refuses neighbours that touch.
    required_m = float(row["required_m"])
    reach_m = 0.0 if np.isnan(required_m) else required_m
    pairs = pairs_within(layer[protected], layer[other], distance_m=reach_m)
    # Pairs within the distance hold those exactly at it, which keep it.
    if not np.isnan(required_m):
        pairs = pairs[pairs["distance_m"] < required_m]
    ours, theirs = (let.iloc[pairs[side].to_numpy(dtype="intp")] for side in ("left", "right"))
    both = pd.DataFrame(
        {
            "row": pairs["left"].to_numpy(dtype="intp"),
            **{
                name: ours[name].to_numpy()
                for name in ("parcel_id", "zone_id", "project_id", "sector")
            },
            "neighbour_id": theirs["parcel_id"].to_numpy(),
            "neighbour_project_id": theirs["project_id"].to_numpy(),
            "neighbour_sector": theirs["sector"].to_numpy(),
            "neighbour_class": theirs["hazard_class"].to_numpy(),
            "required_m": required_m,
            "distance_m": pairs["distance_m"].to_numpy(),
            "source": row["source"],
            "state": CONFLICT,
        }
    )
    same_project = (both["project_id"] == both["neighbour_project_id"]).to_numpy(dtype=bool)
    same_row = pairs["left"].to_numpy() == pairs["right"].to_numpy()
    return both[~(same_project | same_row)]


def _unrated(let: pd.DataFrame, reason: str, missing: pd.Series) -> pd.DataFrame:
    rows = np.flatnonzero(missing.to_numpy(dtype=bool))
    part = let.iloc[rows][["parcel_id", "zone_id", "project_id", "sector"]]
    return part.assign(row=rows, state=UNRATED, why_unrated=reason)


def _checked_table(table: pd.DataFrame) -> pd.DataFrame:
    """Check the users' table, every breach in one error."""
    wanted = table.reindex(
        columns=["sector", "other_sector", "other_class", "required_m", "source"]
    ).reset_index(drop=True)
    metres = pd.to_numeric(wanted["required_m"], errors="coerce")
    strange = wanted["required_m"].notna() & (metres.isna() | ~(metres > 0) | np.isinf(metres))
    checks: dict[str, NDArray[np.bool_]] = {
        "sector_missing": wanted["sector"].isna().to_numpy(),
        "other_missing": wanted[["other_sector", "other_class"]].isna().all(axis=1).to_numpy(),
        "sector_distance": strange.to_numpy(),
    }
    problems = [
        Finding(
            rule=rule,
            severity=Severity.ERROR,
            table="sector table",
            ids=row_names(wanted, np.flatnonzero(bad)),
        )
        for rule, bad in checks.items()
        if bad.any()
    ]
    if problems:
        raise ContractError(problems)
    return wanted.assign(required_m=metres.astype("float64"))
