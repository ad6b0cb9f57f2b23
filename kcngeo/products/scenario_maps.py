"""Where scenarios change something: layers, maps and pictures, a scenario each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from kcngeo import cartography
from kcngeo.ledger import known
from kcngeo.report.scenario import drawn_zones
from kcngeo.report.scenario_places import scenario_places

if TYPE_CHECKING:
    from kcngeo.cartography import MapSpec
    from kcngeo.ledger import Snapshot
    from kcngeo.publish.charts import Picture
    from kcngeo.standards import Registry
    from kcngeo.update import Changed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A scenario that changes something in a place."""

    number: int
    name: str
    places: gpd.GeoDataFrame
    spec: Callable[[], MapSpec]

    @property
    def key(self) -> str:
        """Name its map among the files."""
        return f"map_{self.number}"

    def picture(self, language: str) -> Picture:
        """Draw its map on paper."""
        from kcngeo import figures
        from kcngeo.publish.charts import picture

        return picture(figures.draw_map(self.spec(), language=language))


def drawn_scenarios(
    now: Snapshot,
    made: Sequence[Changed],
    moved: pd.DataFrame | None,
    *,
    on: pd.Timestamp,
    rules: Registry,
) -> list[Drawn]:
    """Draw every scenario that changes something in a place, numbered as its file."""
    drawn = []
    seen = drawn_zones(now)
    for number, one in enumerate(made, start=1):
        mine = None if moved is None else moved[moved["scenario"] == one.changes.name]
        if one.made.empty:
            continue
        then = seen if one.edits.empty else known(one.project)
        places = scenario_places(seen, then, one.made, on=on, rules=rules, changed=one.rules)
        if len(places) or (mine is not None and len(mine)):
            told = places.assign(scenario=one.changes.name)
            spec = _spec(seen, told, mine, name=one.changes.name, on=on, rules=rules, place=number)
            drawn.append(Drawn(number=number, name=one.changes.name, places=told, spec=spec))
    return drawn


def _spec(
    now: Snapshot,
    places: gpd.GeoDataFrame,
    moved: pd.DataFrame | None,
    *,
    name: str,
    on: pd.Timestamp,
    rules: Registry,
    place: int,
) -> Callable[[], MapSpec]:
    """Make a map once, when it is first asked for."""
    return cache(
        lambda: cartography.scenario(
            now, places, name=name, on=on, moved=moved, rules=rules, place=place
        )
    )
