"""What other encumbrances would win or lose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kcngeo.analysis.developable.account import Vacant, take_off
from kcngeo.core.dates import Day

if TYPE_CHECKING:
    import geopandas as gpd

    from kcngeo.ledger import Project, Snapshot


def sensitivity(
    project: Project | Snapshot,
    encumbrances: gpd.GeoDataFrame | None,
    *,
    alternatives: Mapping[str, gpd.GeoDataFrame],
    on: Day,
    definition: str | None = None,
) -> pd.DataFrame:
    """Tabulate how many developable hectares other encumbrances would win or lose.

    For example a distance 10 % shorter or longer, or the distances of a wastewater works that is
    enclosed. Each alternative is a whole set of encumbrances, not only what is different in it.
    Hectares are of the zone's whole developable land; a change of zero may hide land that is won
    in one place and lost in another.

    Parameters
    ----------
    project
        The tables; of a project what is known now, zones at fault on the day missing.
    encumbrances
        The encumbrances as they are; None for the table of the project.
    alternatives
        By name, the encumbrances as they might be.
    on
        The day.
    definition
        Id of a fill-rate definition, which says the land uses that count; None for the law in
        force on the day.

    Returns
    -------
    pd.DataFrame
        By (``alternative``, ``zone_id``), alternatives in the order given: ``developable_ha`` with
        the alternative, and ``change_ha`` against the encumbrances as they are (won above 0).

    Raises
    ------
    CRSError
        If the layers disagree in CRS or it misstates areas.
    ContractError
        If tables break their contract or contradict each other.
    GeometryError
        If an account does not close within 1 m².
    KcngeoError
        If encumbrances still say who knew what when.

    Examples
    --------
    A distance of 100 m east of B-1 takes all of the vacant B-2, one of 90 m leaves 0.1 ha of it:

    >>> import geopandas as gpd
    >>> import kcngeo as kcn
    >>> project = kcn.examples.squares()
    >>> def strip(wide):
    ...     return gpd.GeoDataFrame(
    ...         {"kind": ["strip"], "rank": [1]}, crs=project.parcels.crs,
    ...         geometry=[kcn.examples.square(1, 1, wide=wide)])
    >>> table = sensitivity(
    ...     project, strip(1), alternatives={"shorter": strip(0.9)}, on="2018-03-31")
    >>> table.loc[("shorter", "B")].round(3).tolist()
    [0.1, 0.1]
    """
    # The vacant land is the same for all: it is found once.
    vacant = Vacant.of(project, on=on, definition=definition)
    base, *changed = (
        take_off(vacant, frame).totals["developable_ha"]
        for frame in (encumbrances, *alternatives.values())
    )
    index = pd.MultiIndex.from_product(
        [list(alternatives), base.index], names=["alternative", "zone_id"]
    )
    table = pd.DataFrame({"developable_ha": np.concatenate([[], *changed])}, index=index)
    table["change_ha"] = np.concatenate([[], *(one - base for one in changed)])
    return table
