"""The tables of a management board, as fields: what a project and a snapshot have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False, repr=False)
class Tables:
    """All tables of one management board; one that is None does not exist.

    The columns of each are listed in :mod:`kcngeo.core.schema`.
    """

    zones: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    ledger: pd.DataFrame
    declared_accounts: pd.DataFrame | None = None
    projects: pd.DataFrame | None = None
    project_periods: pd.DataFrame | None = None
    project_changes: pd.DataFrame | None = None
    support: pd.DataFrame | None = None
    documents: pd.DataFrame | None = None
    receptors: gpd.GeoDataFrame | None = None
    emitters: gpd.GeoDataFrame | None = None
    works: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    plan_items: pd.DataFrame | None = None
    clearance: gpd.GeoDataFrame | None = None
    milestones: pd.DataFrame | None = None
    encumbrances: gpd.GeoDataFrame | None = None
    targets: pd.DataFrame | None = None
    claims: pd.DataFrame | None = None
    context: gpd.GeoDataFrame | None = None

    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through the tables that exist, in the order of the fields.

        Yields
        ------
        tuple[str, pd.DataFrame]
            Name and frame.

        Examples
        --------
        >>> import kcngeo as kcn
        >>> [name for name, _ in kcn.examples.squares().tables()][:3]
        ['zones', 'parcels', 'ledger']
        """
        for name in TABLE_NAMES:
            frame = getattr(self, name)
            if frame is not None:
                yield name, frame

    def __repr__(self) -> str:
        rows = ", ".join(f"{name}: {len(frame)}" for name, frame in self.tables())
        return f"{type(self).__name__}({rows})"


TABLE_NAMES = tuple(item.name for item in fields(Tables))
"""Names of the tables, in the order in which they are read and written."""

CORE = ("zones", "parcels", "ledger")
"""The tables every project has; the others are optional."""
