"""Generate lettings of made-up zones, tenant by tenant, for the back-test of the forecast.

Nothing here is real, and nothing is shared with the code that is measured: a zone is a queue of
tenants, each with an arrival, a size and perhaps an end, on land of limited size. What a forecast
may see is what happened up to the origin; what came after is kept to score it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from kcngeo import Project

# Those the constant pace of the first method was made for come first.
CONSTANT = ("steady", "lumpy", "terminations")
SCORED = (*CONSTANT, "seasonal", "regimes", "all-three", "slow", "falling")
SHOWN = ("clustered", "trend", "boom-and-stop")
KINDS = (*SCORED, *SHOWN)
ORIGIN = np.datetime64("2018-03-31", "D")
HORIZONS = (12, 36, 60)
_AFTER_YEARS = 5.5
_NEVER = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The tenancies of one zone; days are counted from its establishment."""

    kind: str
    seed: int
    base_ha: float
    origin: int
    start: np.ndarray
    end: np.ndarray
    area_ha: np.ndarray

    def leased_ha(self, day: int | np.ndarray) -> np.ndarray:
        """Let hectares at the end of a day."""
        day = np.asarray(day)[..., None]
        return np.where((self.start <= day) & (day < self.end), self.area_ha, 0.0).sum(axis=-1)

    def horizon_days(self) -> np.ndarray:
        """Days of the horizons, the same calendar days a user would be given."""
        first = pd.Timestamp(ORIGIN)
        ends = [first + pd.DateOffset(months=months) for months in HORIZONS]
        ends = [end + pd.offsets.MonthEnd(0) for end in ends]
        return self.origin + np.array([(end - first).days for end in ends])

    def project(self) -> Project:
        """Zones, parcels and ledger of the zone, with what is known at the origin and after."""
        dates = ORIGIN - self.origin + np.minimum(self.start, _NEVER)
        ends = ORIGIN - self.origin + np.minimum(self.end, _NEVER)
        ends = np.where(self.end >= _NEVER, np.datetime64("NaT"), ends)
        name = f"{self.kind}-{self.seed}"
        shape = [box(500_000, 1_270_000, 500_100, 1_270_000 + 100 * self.base_ha)]
        zones = gpd.GeoDataFrame(
            {"zone_id": [name], "established_on": [pd.Timestamp(ORIGIN - self.origin)]},
            geometry=shape,
            crs="EPSG:5899",
        )
        parcels = gpd.GeoDataFrame(
            {"parcel_id": [f"{name}-1"], "zone_id": [name], "land_use": ["industrial"]},
            geometry=shape,
            crs="EPSG:5899",
        )
        ledger = pd.DataFrame(
            {
                "parcel_id": f"{name}-1",
                "status": "leased",
                "valid_from": pd.to_datetime(dates),
                "valid_to": pd.to_datetime(ends),
                "part_area_ha": self.area_ha,
            }
        )
        return Project(zones=zones, parcels=parcels, ledger=ledger)


def history(kind: str, seed: int) -> History:
    """Draw a zone of a kind, from its establishment to five and a half years after the origin.

    steady
        4 to 12 lettings a year, sizes much alike (gamma, coefficient of variation 0.5).
    lumpy
        2.5 to 6 a year, sizes of which a few make up most (log-normal, sigma 0.8 to 1.2).
    terminations
        4 to 10 a year; every tenant leaves with a chance of 2 to 8 % a year.
    seasonal
        4 to 10 a year on average, 50 to 90 % more or fewer by the season; sizes are Pareto with an
        index of 1.2 to 2.
    regimes
        4 to 10 a year; the logarithm of each year's pace is an AR(1) with a standard deviation of
        0.4 to 0.9 and a correlation of 0.5 to 0.9 from year to year.
    all-three
        Terminations, seasons with Pareto sizes and yearly regimes at once.
    slow
        1.3 a year.
    falling
        5 to 12 in the first year, 10 % fewer from year to year.
    clustered
        1.5 to 3 investors a year, each followed within three months by 1 to 3 more on average.
    trend
        The pace changes evenly to a quarter, or to four times, of what it was.
    boom-and-stop
        A boom of 8 to 16 a year ends one to four years before the origin; a tenth goes on.

    The base is such that a zone of average luck is 40 to 95 % let five years after the origin.
    """
    random = np.random.default_rng([seed, KINDS.index(kind), 20_180_331])
    years = random.uniform(5, 15)
    span = years + _AFTER_YEARS
    pace = random.uniform(*_PACE[kind])
    leave = random.uniform(0.02, 0.08) if kind in ("terminations", "all-three") else 0.0
    sizes = _sizes(kind, random)
    relative = _relative(kind, years, random)
    crowd = random.uniform(1, 3) if kind == "clustered" else 0.0
    times = np.cumsum(random.exponential(1 / (_MOST * pace), int(2 * _MOST * pace * span) + 50))
    # Thinned from the highest pace there is, so that a kind may speed up.
    times = times[random.random(len(times)) < relative(times) / _MOST]
    times = np.repeat(times, 1 + random.poisson(crowd, len(times)))
    times = np.sort(times + random.uniform(0, 0.25 if crowd else 0.0, len(times)))
    times = times[times < span]
    wanted = sizes(len(times))
    stay = random.exponential(1 / leave, len(times)) if leave else np.full(len(times), np.inf)
    busy = float(relative(np.linspace(0, span, 2000)).mean()) * (1 + crowd)
    staying = (1 - np.exp(-leave * span)) / leave if leave else span
    expected_ha = pace * busy * staying * float(np.mean(sizes(4000)))
    base_ha = round(max(expected_ha / random.uniform(0.4, 0.95), 10.0), 2)
    return _let(kind, seed, base_ha, round(years * 365.25), times, wanted, stay)


_MOST = 4.0
_PACE = {
    "steady": (4, 12),
    "lumpy": (2.5, 6),
    "terminations": (4, 10),
    "seasonal": (4, 10),
    "regimes": (4, 10),
    "all-three": (4, 10),
    "slow": (1.3, 1.3),
    "falling": (5, 12),
    "clustered": (1.5, 3),
    "trend": (4, 10),
    "boom-and-stop": (8, 16),
}


def _sizes(kind: str, random: np.random.Generator) -> Callable[[int], np.ndarray]:
    typical = random.uniform(0.5, 2.0)
    if kind == "lumpy":
        sigma = random.uniform(0.8, 1.2)
        return lambda count: typical * random.lognormal(0, sigma, count)
    if kind in ("seasonal", "all-three"):
        index = random.uniform(1.2, 2.0)
        return lambda count: typical / 2 * (1 + random.pareto(index, count))
    shape = 4 if kind == "steady" else 2
    return lambda count: typical * random.gamma(shape, 1 / shape, count)


def _relative(
    kind: str, years: float, random: np.random.Generator
) -> Callable[[np.ndarray], np.ndarray]:
    """Pace at each time in years, relative to the kind's; ``years`` is the origin."""
    luck, season, level = random.random(), lambda time: 1.0, lambda time: 1.0
    if kind in ("seasonal", "all-three"):
        swing = random.uniform(0.5, 0.9)
        season = lambda time: 1 + swing * np.sin(2 * np.pi * (time + luck))  # noqa: E731
    if kind in ("regimes", "all-three"):
        level = _regimes(years + _AFTER_YEARS, random)
    if kind == "falling":
        level = lambda time: 0.9**time  # noqa: E731
    if kind == "trend":
        factor = 4.0 if luck < 0.5 else 0.25
        level = lambda time: np.clip(1 + (factor - 1) * time / years, 0.1, _MOST)  # noqa: E731
    if kind == "boom-and-stop":
        level = lambda time: np.where(time < years - (1 + 3 * luck), 1.0, 0.1)  # noqa: E731
    return lambda time: np.minimum(season(time) * level(time) * np.ones(len(time)), _MOST)


def _regimes(span: float, random: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Pace of each year, a mean of 1: an AR(1) on the logarithm."""
    spread, again = random.uniform(0.4, 0.9), random.uniform(0.5, 0.9)
    logs = random.normal(0, spread, int(span) + 2)
    for year in range(1, len(logs)):
        logs[year] = again * logs[year - 1] + np.sqrt(1 - again**2) * logs[year]
    paces = np.exp(logs - spread**2 / 2)
    # Those who come after the span are not looked at.
    return lambda time: paces[np.minimum(time.astype("int64"), len(paces) - 1)]


def _let(
    kind: str,
    seed: int,
    base_ha: float,
    origin: int,
    times: np.ndarray,
    wanted: np.ndarray,
    stay: np.ndarray,
) -> History:
    """Let land to those who come, as far as there is any; who finds none goes elsewhere."""
    start, end, area = [], [], []
    for time, size_ha, years in zip(times, wanted, stay, strict=True):
        day = int(np.ceil(time * 365.25))
        held = sum(one for one, last in zip(area, end, strict=True) if last > day)
        size_ha = round(min(size_ha, base_ha - held), 4)
        if size_ha < 0.01:
            continue
        start.append(day)
        end.append(min(day + 1 + int(years * 365.25), _NEVER) if np.isfinite(years) else _NEVER)
        area.append(size_ha)
    return History(
        kind=kind,
        seed=seed,
        base_ha=base_ha,
        origin=origin,
        start=np.array(start, dtype="int64"),
        end=np.array(end, dtype="int64"),
        area_ha=np.array(area),
    )
