"""Distances as land: the areas where something may not be, for the account of developable land."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from kcngeo.analysis.conflicts.classification import rated
from kcngeo.analysis.conflicts.inputs import (
    layer_of_day,
    require_agreement,
    require_zones,
    rules_of_day,
    widened,
)
from kcngeo.core.dates import Day
from kcngeo.core.errors import KcngeoError
from kcngeo.standards import BufferRule

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLUMNS = (
    "kind",
    "rank",
    "rule_id",
    "hazard_class",
    "measured_from",
    "verified",
    "in_force",
    "rule_origin",
    "overrides",
    "source",
    "geometry",
)
_TEXTS = ("kind", "rule_id", "hazard_class", "measured_from", "verified", "rule_origin", "source")


def encumbrances(
    emitters: gpd.GeoDataFrame | None,
    receptors: gpd.GeoDataFrame | None,
    *,
    rules: Iterable[BufferRule],
    on: Day,
    hazard_class: str | None = None,
    zones: gpd.GeoDataFrame | None = None,
    rank: int = 1,
    factor: float = 1.0,
) -> gpd.GeoDataFrame:
    """Turn the distances of rules into areas that are taken out of the developable land.

    Two kinds of areas: round the receptors, as far as a project of ``hazard_class`` would have to
    stay away; and round the emitters given, as far as their rules reach, where homes may not come.
    Give the emitters that matter for the question, for example the central wastewater works, and
    None for the others. The areas of one rule are joined, so that its land counts once; those of
    two rules may overlap, and the account of developable land sorts them by ``rank``.

    How the land changes if a distance does is asked with ``factor``; if a works is enclosed, with
    emitters in which it is.

    Parameters
    ----------
    emitters
        Table "emitters", or None for no areas round emitters; projected CRS in metres. Emitters
        whose distance cannot be told give no area: see :func:`findings`.
    receptors
        Table "receptors", or None for no areas round receptors; same CRS.
    rules
        Rules of distances, for example :func:`kcngeo.standards.buffer_rules`.
    on
        The day.
    hazard_class
        Class of the project to be sited; needed for areas round receptors. A rule that does not
        know the class gives none.
    zones
        Table "zones", same CRS; needed if a rule of the emitters goes by the fence or the place.
    rank
        Rank of the first area; the others follow in the order of the rules, those round receptors
        first.
    factor
        What to multiply every distance with.

    Returns
    -------
    gpd.GeoDataFrame
        Table "encumbrances", a row a rule: ``kind`` (the rule's id, with the class if there is
        one), ``rank``, ``rule_id``, ``hazard_class``, ``measured_from`` ("receptors" or
        "emitters"), ``verified``, ``in_force``, ``rule_origin``, ``overrides``, ``source``, and
        ``geometry``, drawn with circles of 256 corners, never too large.

    Raises
    ------
    ContractError
        If a table breaks its contract or an id stands twice on the day.
    CRSError
        If a layer has no CRS, two disagree, or lengths are misstated.
    GeometryError
        If a shape is missing, empty or invalid.
    StandardError
        If two rules have one name.
    KcngeoError
        If a rule needs zones and none are given, the factor is not above 0, there is nothing to
        draw areas round, or a table still says who knew what when.

    Examples
    --------
    Class V must stay 50 m away from the homes, a square of 100 m: one hectare, four strips of
    100 m by 50 m, and a circle of 50 m in four quarters, 1 + 2 + 0.785 ha:

    >>> import kcngeo as kcn
    >>> snapshot = kcn.examples.squares().as_known()
    >>> rules = [kcn.standards.load("tcvn4449-1987")]
    >>> areas = encumbrances(
    ...     None, snapshot.receptors, rules=rules, on="2018-03-31", hazard_class="V")
    >>> areas["kind"].tolist(), (areas.area / 10_000).round(3).tolist()
    (['tcvn4449-1987 V'], [3.785])
    """
    if not (np.isfinite(factor) and factor > 0):
        raise KcngeoError("distance_factor", value=factor)
    # An empty result would read as land free of distances.
    if emitters is None and (receptors is None or hazard_class is None):
        raise KcngeoError("nothing_to_draw")
    wanted = rules_of_day(rules, on=on).applied
    require_agreement(emitters=emitters, receptors=receptors, zones=zones)
    found: list[tuple[BufferRule, str | None, str, Any]] = []
    if receptors is not None and hazard_class is not None:
        theirs = layer_of_day(receptors, "receptors", on=on)
        for rule in wanted:
            reach_m = dict(rule.classes).get(hazard_class)
            some = theirs.geometry[theirs["kind"].isin(rule.receptors)].to_numpy()
            if reach_m is not None and len(some):
                area = _joined(some, np.full(len(some), reach_m * factor))
                found.append((rule, hazard_class, "receptors", area))
    if emitters is not None:
        require_zones(wanted, zones)
        ours = layer_of_day(emitters, "emitters", on=on)
        fences = None if zones is None else layer_of_day(zones, "zones", on=on)
        rating = rated(ours, wanted, fences)
        for number, rule in enumerate(wanted):
            # Only emitters the rule could rate; the others are findings.
            rows = np.flatnonzero((rating.rule == number) & (rating.reason == ""))
            if len(rows):
                area = _joined(rating.shape[rows], rating.required_m[rows] * factor)
                found.append((rule, None, "emitters", area))
    crs = next(layer.crs for layer in (emitters, receptors) if layer is not None)
    return _table(found, on=on, rank=rank, crs=crs)


def _table(
    found: list[tuple[BufferRule, str | None, str, Any]], *, on: Day, rank: int, crs: Any
) -> gpd.GeoDataFrame:
    rows = [
        (
            rule.name if hazard is None else f"{rule.name} {hazard}",
            rank + place,
            rule.name,
            hazard,
            measured_from,
            str(rule.verified),
            rule.is_in_force(on),
            rule.origin,
            rule.overrides,
            rule.source,
            area,
        )
        for place, (rule, hazard, measured_from, area) in enumerate(found)
    ]
    kinds = {"rank": "Int64", "in_force": "boolean", "overrides": "boolean"}
    table = gpd.GeoDataFrame(rows, columns=list(_COLUMNS), geometry="geometry", crs=crs)
    return table.astype({**dict.fromkeys(_TEXTS, "str"), **kinds})


def _joined(shapes: NDArray[np.object_], distance_m: NDArray[np.float64]) -> Any:
    # The order of the rows must not show in the coordinates.
    return shapely.normalize(shapely.union_all(widened(shapes, distance_m)))
