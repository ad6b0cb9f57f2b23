"""The first method of the forecast, kept as what the one of today is compared with.

Lettings come on occasions at a constant pace, as many at once as the scatter of the half-yearly
counts asks for; sizes are a smoothed bootstrap of those seen; every let hectare has the same risk.
"""

from __future__ import annotations

import numpy as np

from kcngeo.analysis.forecast import LeaseHistory

HALF_YEAR = 182.625
BORROWED = 2.0
BANDWIDTH = 1.06


def leased_ha(
    history: LeaseHistory, horizon_days: np.ndarray, random: np.random.Generator, futures: int
) -> np.ndarray:
    """Let hectares after some days: horizons × futures."""
    demand = _Demand(history, futures, random)
    land_ha = float(history.leased_ha[-1] + history.lettable_ha[-1])
    leased = np.full(futures, float(history.leased_ha[-1]))
    time, at = np.zeros(futures), np.tile(leased, (len(horizon_days), 1))
    while True:
        wait, change = demand.next(leased)
        time = time + wait
        day = np.ceil(time)
        if day.min() > horizon_days[-1]:
            return at
        leased = np.clip(leased + change, 0.0, np.maximum(land_ha, leased))
        at = np.where(day <= horizon_days[:, None], leased, at)


class _Demand:
    def __init__(self, history: LeaseHistory, futures: int, random: np.random.Generator) -> None:
        self.random, self.rows = random, np.arange(futures)
        sizes, given_back = history.lease_ha, history.terminated_ha
        self.again = 1 - 1 / _lettings_an_occasion(history)
        open_leases = ((history.changes_ha > 0) & history.has_room[:-1]).sum()
        occasions = open_leases * (1 - self.again)
        self.pace = random.gamma(occasions + 0.5, 1 / history.open_days, futures)
        width = BANDWIDTH * np.log(sizes).std(ddof=1) * len(sizes) ** -0.2
        noise = width * random.standard_normal((futures, len(sizes))) - width**2 / 2
        picked = random.integers(0, len(sizes), noise.shape)
        self.lease_ha = sizes[picked] * np.exp(noise)
        held = float((history.leased_ha * history.spans_days).sum())
        self.risk, self.terminated_ha = np.zeros(futures), np.zeros((futures, 1))
        if len(given_back) and held > 0:
            self.risk = random.gamma(len(given_back), 1 / held, futures)
            pool = np.concatenate([given_back, sizes])
            weight = np.repeat([1.0, BORROWED / len(sizes)], [len(given_back), len(sizes)])
            size = (futures, len(given_back))
            self.terminated_ha = random.choice(pool, size, p=weight / weight.sum())
        self.more = np.zeros(futures, dtype=bool)

    def next(self, leased: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        random, size = self.random, len(self.rows)
        rate = self.pace + self.risk * leased
        wait = np.where(self.more, 0.0, random.exponential(size=size) / np.maximum(rate, 1e-12))
        is_lease = self.more | (random.random(size) * rate < self.pace)
        self.more = is_lease & (random.random(size) < self.again)
        draw = random.random(size)
        lease = self.lease_ha[self.rows, (draw * self.lease_ha.shape[1]).astype("int64")]
        back = self.terminated_ha[self.rows, (draw * self.terminated_ha.shape[1]).astype("int64")]
        return wait, np.where(is_lease, lease, -back)


def _lettings_an_occasion(history: LeaseHistory) -> float:
    # Counts of single lettings scatter as much as their mean; of occasions with a geometric number
    # of lettings, mean k, 2k − 1 times as much.
    room, spans = history.has_room, history.spans_days
    opened = np.concatenate([[0.0], np.cumsum(np.where(room, spans, 0.0))])
    came = opened[1:-1][(history.changes_ha > 0) & room[:-1]]
    bins = int(opened[-1] // HALF_YEAR)
    counts = np.histogram(came, bins=opened[-1] - HALF_YEAR * np.arange(bins, -1, -1))[0]
    if bins < 2 or not counts.any():
        return 1.0
    return (max(float(counts.var(ddof=1) / counts.mean()), 1.0) + 1) / 2
