"""Investors by sector: what they registered against what is let to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.core.dates import Day, day
from kcngeo.fill import leases_on
from kcngeo.ledger import asked
from kcngeo.standards import fill_definition

if TYPE_CHECKING:
    from kcngeo.ledger import Project, Snapshot

_FIGURES = ("registered_ha", "leased_ha", "building_ha", "operating_ha")


def investor_support(
    project: Project | Snapshot,
    *,
    on: Day,
    definition: str | None = None,
    area: str = "grid",
) -> pd.DataFrame:
    """Set the land each sector registered against the land let to it, on a day.

    Projects licensed by the day count, those in workshops and offices too (they register no land);
    a project without the day of its licence counts once land is let to it. The let hectares are
    those of the land account, of zones that count: what is let to nobody the table knows, or to a
    project without a sector, stands in a row whose sector is missing. A project that holds land in
    two zones counts once. Registered land that nobody entered leaves its sector's sum, and the
    difference, missing.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day left out.
    on
        The reporting date.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.
    area
        "grid", "ellipsoid" or "certificate".

    Returns
    -------
    pd.DataFrame
        By ``sector``, sorted, a missing sector last: ``projects_count``, ``on_land_count`` (to
        which land is let), ``registered_ha`` (of projects on land), ``unregistered_count``
        (projects on land without that figure), ``leased_ha``, ``difference_ha`` (let less
        registered), ``building_ha`` and ``operating_ha`` (of the let land).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other, or an area is missing.
    KcngeoError
        If the project has no table of projects.

    Examples
    --------
    A-5 is let to the shop, but service land is no leasable land of the law of 2018.

    >>> import kcngeo as kcn
    >>> found = investor_support(kcn.examples.squares(), on="2018-03-31")
    >>> found["leased_ha"].to_dict()
    {'coffee': 0.5, 'services': 0.0, 'tea': 1.0, 'textile': 1.0}
    """
    date = day(on)
    name = fill_definition(definition, on=on).name
    snapshot = asked(project, start=on, area=area, definition=name)
    leases = leases_on(snapshot, on=on, definition=definition, area=area)
    known = snapshot.table("projects", needed=True).reindex(
        columns=["project_id", "sector", "registered_ha", "licensed_on", *_COURSE]
    )
    known = known.astype(dict.fromkeys(("licensed_on", *_COURSE), "datetime64[s]"))
    named = leases["project_id"].isin(known["project_id"])
    let = leases[named].groupby("project_id")["leased_ha"].sum()
    rows = known.assign(leased_ha=known["project_id"].map(let).astype("float64"))
    rows["on_land"] = rows["leased_ha"].notna()
    # Licensed by the day, or on land already, whatever the papers say.
    rows = rows[(rows["licensed_on"] <= date) | rows["on_land"]]
    operating = rows["operating_on"] <= date
    building = (rows["building_on"] <= date) | operating
    rows = rows.assign(
        # A project without land yet takes none: its hectares would count against nothing.
        registered_ha=rows["registered_ha"].astype("float64").where(rows["on_land"], 0.0),
        leased_ha=rows["leased_ha"].fillna(0.0),
        building_ha=rows["leased_ha"].where(building, 0.0).fillna(0.0),
        operating_ha=rows["leased_ha"].where(operating, 0.0).fillna(0.0),
    )
    groups = rows.groupby("sector", dropna=False)
    result = groups[list(_FIGURES)].sum(skipna=False)
    result.insert(0, "projects_count", groups.size())
    result.insert(1, "on_land_count", groups["on_land"].sum().astype("int64"))
    missing = rows["registered_ha"].isna().groupby(rows["sector"], dropna=False).sum()
    result.insert(3, "unregistered_count", missing.astype("int64"))
    # Land let to projects the table does not know.
    unknown_ha = float(leases.loc[~named, "leased_ha"].sum())
    result = _with_unknown(result, unknown_ha)
    result.insert(5, "difference_ha", result["leased_ha"] - result["registered_ha"])
    result.index = result.index.astype("str").set_names("sector")
    return result.sort_index(na_position="last")


_COURSE = ("building_on", "operating_on")


def _with_unknown(result: pd.DataFrame, unknown_ha: float) -> pd.DataFrame:
    """Add what is let to nobody the table knows; what was registered for it is unknown."""
    if unknown_ha <= 0:
        return result
    if not result.index.isna().any():
        empty = pd.DataFrame(0, index=[np.nan], columns=result.columns).astype(result.dtypes)
        result = pd.concat([result, empty])
    row = result.index.isna()
    result.loc[row, "leased_ha"] += unknown_ha
    result.loc[row, ["registered_ha", "building_ha", "operating_ha"]] = np.nan
    return result
