"""The sizes of lettings to come: those seen, and a tail of larger ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcngeo.standards import LettingPrior

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Silverman's normal reference rule, on the logarithms of the sizes.
_BANDWIDTH = 1.06
_FEWEST_OF_TAIL = 2
# Pareto's mean is infinite from 1 on.
_HEAVIEST = 0.9


class Sizes:
    """Draws of sizes; each future has a resample and a tail of its own."""

    def __init__(
        self, sizes: Floats, futures: int, random: np.random.Generator, prior: LettingPrior
    ) -> None:
        self.random = random
        ordered = np.sort(sizes)
        tail = max(int(np.ceil(prior.tail_share * len(ordered))), _FEWEST_OF_TAIL)
        self.body = ordered[: len(ordered) - tail]
        self.threshold = self.body[-1]
        # Hill's estimate: above the threshold, logarithms exceed it by an exponential amount.
        excess = np.log(ordered[len(ordered) - tail :] / self.threshold).sum()
        rate = prior.tail_events * prior.tail_index + excess
        self.index = np.minimum(
            rate / random.gamma(prior.tail_events + tail, 1, futures), _HEAVIEST
        )
        self.share = random.beta(tail + 0.5, len(self.body) + 0.5, futures)
        self.picked = random.integers(0, len(self.body), (futures, len(self.body)))
        self.width = _BANDWIDTH * np.log(ordered).std(ddof=1) * len(ordered) ** -0.2

    def draw(self, rows: Ints) -> Floats:
        """Draw a size in hectares for each of these futures."""
        chance = self.random.random((2, len(rows)))
        place = (chance[0] * len(self.body)).astype("int64")
        body = self.body[self.picked[rows, place]]
        smooth = self.width * self.random.standard_normal(len(rows)) - self.width**2 / 2
        tail = self.random.exponential(size=len(rows)) * self.index[rows]
        is_tail = chance[1] < self.share[rows]
        return np.where(is_tail, self.threshold * np.exp(tail), body * np.exp(smooth))
