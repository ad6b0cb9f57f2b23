"""A project so small that every figure is counted by eye: what docs, examples and tests share.

Lots are squares of a 100 m grid, one hectare each. Zone A is the row of ten squares that begins at
the south-west corner, zone B the row above it.

==== ==== ==== ==== ==== ==== ==== ==== ==== ==== ====
B    B-1  B-2  B-3  .    .    .    .    .    .    .
A    A-1  A-2  A-3  A-4  A-5  A-6  A-7  .    .    .
==== ==== ==== ==== ==== ==== ==== ==== ==== ==== ====

On 31 March 2018: A-1 is let, half of A-2 is let, A-3 is not yet cleared, A-4 is reserved, A-5
(service) is let, A-6 is green, A-7 a road; B-1 is let until the end of 2018, B-2 is vacant, B-3 is
a road.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import Point, box

from kcngeo.ledger import Project

CRS = "EPSG:5899"
EAST_M, NORTH_M = 500_000, 1_270_000


def square(column: float, row: float = 0, *, wide: float = 1, high: float = 1) -> Any:
    """Give a rectangle of the 100 m grid.

    Parameters
    ----------
    column
        Squares east of the corner of zone A.
    row
        Squares north of it.
    wide
        Squares from west to east.
    high
        Squares from south to north.

    Returns
    -------
    shapely.Polygon
        The rectangle, ``wide * high`` hectares.

    Examples
    --------
    >>> square(0, wide=2).area / 10_000
    2.0
    """
    x_m, y_m = EAST_M + 100 * column, NORTH_M + 100 * row
    return box(x_m, y_m, x_m + 100 * wide, y_m + 100 * high)


def squares() -> Project:
    """Make the project of squares.

    Returns
    -------
    Project
        Two zones of 10 ha with 8 leasable lots, and every other table with a few rows.

    Examples
    --------
    >>> from kcngeo import fill
    >>> rates = fill.fill_rate(squares(), on="2018-03-31")
    >>> rates[["leased_ha", "base_ha", "fill_rate"]].values.tolist()
    [[1.5, 4.0, 0.375], [1.0, 2.0, 0.5]]
    """
    return Project(
        zones=_layer(
            {
                "zone_id": ["A", "B"],
                "name": ["Zone A", "Zone B"],
                "established_on": _days("2010-01-01", "2012-01-01"),
                "approved_area_ha": [10.0, 10.0],
            },
            [square(0, wide=10), square(0, 1, wide=10)],
        ),
        parcels=_parcels(),
        ledger=_ledger(),
        **_beside(),
    )


def _parcels() -> gpd.GeoDataFrame:
    uses = ["industrial"] * 4 + ["service", "green", "transport"] + ["industrial"] * 2
    names = [*(f"A-{number}" for number in range(1, 8)), "B-1", "B-2", "B-3"]
    shapes = [*(square(place) for place in range(7)), *(square(place, 1) for place in range(3))]
    columns = {
        "parcel_id": names,
        "zone_id": ["A"] * 7 + ["B"] * 3,
        "land_use": [*uses, "transport"],
        "phase": ["1"] * 3 + ["2"] * 4 + ["1"] * 3,
        "certificate_area_m2": [10_000.0] * len(names),
    }
    return _layer(columns, shapes)


def _ledger() -> pd.DataFrame:
    rows = [
        ("E1", "A-1", "leased", "2015-01-01", None, None, "P1"),
        ("E2", "A-2", "leased", "2016-01-01", None, 0.5, "P2"),
        ("E3", "A-3", "uncleared", "2010-01-01", None, None, None),
        ("E4", "A-4", "reserved", "2017-07-01", None, None, None),
        ("E5", "A-5", "leased", "2017-01-01", None, None, "P3"),
        ("E6", "B-1", "leased", "2014-01-01", "2019-01-01", None, "P4"),
    ]
    names = ["entry_id", "parcel_id", "status", "valid_from", "valid_to", "part_area_ha"]
    table = pd.DataFrame(rows, columns=[*names, "project_id"])
    return table.assign(
        valid_from=pd.to_datetime(table["valid_from"]),
        valid_to=pd.to_datetime(table["valid_to"]),
        part_area_ha=table["part_area_ha"].astype("float64"),
    )


def _beside() -> dict[str, Any]:
    """Make the optional tables."""
    return {
        "projects": pd.DataFrame(
            {
                "project_id": ["P1", "P2", "P3", "P4"],
                "investor": ["Tea One", "Coffee Two", "Shop Three", "Textile Four"],
                "origin": ["domestic", "foreign", "domestic", "domestic"],
                "sector": ["tea", "coffee", "services", "textile"],
                "hazard_class": ["IV", "IV", "V", "III"],
                "workers": pd.array([40, 60, 10, 200], dtype="Int64"),
                "licensed_on": _days("2014-10-01", "2015-10-01", "2016-10-01", "2013-10-01"),
                "handed_over_on": _days("2015-01-01", "2016-01-01", "2017-01-01", "2014-01-01"),
                "due_on": _days("2016-01-01", "2017-01-01", "2018-01-01", "2015-01-01"),
                "building_on": _days("2015-06-01", None, "2017-06-01", "2014-06-01"),
                "operating_on": _days("2016-01-01", None, "2017-12-01", "2015-01-01"),
            }
        ),
        # Homes begin 100 m east of A-10, the tenth square of zone A.
        "receptors": _layer(
            {"receptor_id": ["R1", "R2"], "kind": ["housing", "green"], "name": ["Homes", "Park"]},
            [square(11), square(8)],
        ),
        # A stack in the middle of A-10, 150 m from the homes.
        "emitters": _layer(
            {
                "emitter_id": ["S1"],
                "kind": ["point"],
                "hazard_class": ["III"],
                "zone_id": ["A"],
            },
            [Point(EAST_M + 950, NORTH_M + 50)],
        ),
        "works": _layer(
            {
                "work_id": ["W1", "W2"],
                "zone_id": ["A", "A"],
                "kind": ["road", "power"],
                "inside_fence": pd.array([True, True], dtype="boolean"),
                "progress_share": [1.0, 0.5],
                "due_on": _days("2014-12-31", "2017-12-31"),
                "done_on": _days("2014-06-30", None),
            },
            [square(0, -0.1, wide=7, high=0.1), square(0, -0.2, wide=7, high=0.1)],
        ),
        "clearance": _layer(
            {
                "clearance_id": ["C1"],
                "zone_id": ["A"],
                "parcel_id": ["A-3"],
                "area_ha": [1.0],
                "households": pd.array([5], dtype="Int64"),
                "due_on": _days("2018-12-31"),
                "handed_over_on": _days(None),
            },
            [square(2)],
        ),
        "targets": pd.DataFrame(
            {
                "zone_id": ["A"],
                "measure": ["fill_rate"],
                "value": [1.0],
                "on": _days("2020-12-31"),
            }
        ),
        "claims": pd.DataFrame(
            {
                "zone_id": ["A"],
                "measure": ["leased_ha"],
                "value": [1.5],
                "on": _days("2018-03-31"),
                "source": ["a notice"],
            }
        ),
    }


def _layer(columns: dict[str, Any], shapes: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _days(*days: str | None) -> pd.Series:
    return pd.Series(list(days), dtype="datetime64[s]")
