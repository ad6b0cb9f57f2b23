"""A folder of GeoParquet whose zones are read group by group, so that it may be bigger than memory.

What must stay together comes in one group: zones that have a lot in common, zones that hold land of
one project, and zones whose lots may overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from kcngeo.core.errors import DataSourceError
from kcngeo.core.schema import TABLES
from kcngeo.io.stores import geoparquet
from kcngeo.ledger.project import Project


@dataclass(frozen=True, kw_only=True)
class GroupedFolder:
    """A folder, and what its list says of its zones.

    Attributes
    ----------
    path
        The folder.
    tables
        By table and file what the list says of it.
    """

    path: Path
    tables: Mapping[str, Mapping[str, Any]]

    @cached_property
    def zones(self) -> Any:
        """The table of zones."""
        return geoparquet.read_files(self.path, TABLES["zones"], self.tables["zones"])

    @cached_property
    def nobodys(self) -> Project:
        """The rows that belong to no zone, all of them."""
        frames: dict[str, Any] = {}
        for name, files in self.tables.items():
            mine = {file: entry for file, entry in files.items() if not entry.get("zones")}
            frames[name] = geoparquet.read_some(self.path, TABLES[name], files, mine)
        return Project(**frames).only([])

    @cached_property
    def lots(self) -> dict[str, int]:
        """By zone the number of its lots, in the order of ids."""
        lots = dict.fromkeys(sorted(set(self.zones["zone_id"].dropna())), 0)
        for entry in self.tables["parcels"].values():
            # Lots of several zones are counted with the first of them.
            for zone_id in entry.get("zones", ())[:1]:
                lots[zone_id] = lots.get(zone_id, 0) + entry["rows"]
        return lots

    def hashes(self, zone_ids: Collection[str]) -> list[str]:
        """List the hashes of all files that questions about some zones may read."""
        mine = set(zone_ids)
        return sorted(
            entry["hash"]
            for files in self.tables.values()
            for entry in files.values()
            if not entry.get("zones") or not mine.isdisjoint(entry["zones"])
        )

    def entries(self) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
        """Go through the ledger file by file, with the zones each is of."""
        for file, entry in self.tables["ledger"].items():
            zones = tuple(entry.get("zones", ()))
            yield zones, geoparquet.read_files(self.path, TABLES["ledger"], {file: entry})

    def ties(self) -> list[set[str]]:
        """List the zones that stay together by their lots: in common, or where boxes meet."""
        files = [one for one in self.tables["parcels"].values() if one.get("zones")]
        tied = [set(one["zones"]) for one in files if len(one["zones"]) > 1]
        placed = [one for one in files if "bounds" in one]
        west, south, east, north = np.array([one["bounds"] for one in placed]).reshape(-1, 4).T
        boxes = shapely.box(west, south, east, north)
        left, right = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        # What only touches has no land in common.
        wide = np.minimum(east[left], east[right]) > np.maximum(west[left], west[right])
        high = np.minimum(north[left], north[right]) > np.maximum(south[left], south[right])
        pairs = np.column_stack([left, right])[wide & high & (left < right)]
        return tied + [{*placed[one]["zones"], *placed[other]["zones"]} for one, other in pairs]


def grouped_folder(path: Path) -> GroupedFolder:
    """Read the list of a folder.

    Parameters
    ----------
    path
        The folder.

    Returns
    -------
    GroupedFolder
        What it holds.

    Raises
    ------
    DataSourceError
        If it is no folder of GeoParquet of this format.
    """
    contents = geoparquet.contents_of(path)
    if contents["format"] == 1:
        raise DataSourceError("no_groups", path=path)
    tables = {name: contents["tables"][name] for name in TABLES if name in contents["tables"]}
    return GroupedFolder(path=path, tables=tables)


def in_groups(
    lots: Mapping[str, int], ties: Iterable[Collection[str]], *, most_lots: int
) -> list[tuple[str, ...]]:
    """Divide zones into groups one after the other, none with more lots unless tied zones have.

    Examples
    --------
    >>> in_groups({"A": 3, "B": 4, "C": 2}, [("A", "C")], most_lots=5)
    [('A', 'C'), ('B',)]
    """
    above: dict[str, str] = {zone_id: zone_id for zone_id in lots}

    def first(zone_id: str) -> str:
        while above[zone_id] != zone_id:
            above[zone_id] = above[above[zone_id]]
            zone_id = above[zone_id]
        return zone_id

    for tied in ties:
        known = sorted(first(one) for one in tied if one in above)
        for one in known[1:]:
            above[one] = known[0]
    clusters: dict[str, list[str]] = {}
    for zone_id in lots:
        clusters.setdefault(first(zone_id), []).append(zone_id)
    groups: list[list[str]] = []
    size = 0
    for some in clusters.values():
        count = sum(lots[one] for one in some)
        if groups and size + count <= most_lots:
            groups[-1] += some
            size += count
        else:
            groups.append([*some])
            size = count
    return [tuple(some) for some in groups]
