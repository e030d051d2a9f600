"""How many clusters there are: the number at which customers drawn anew are divided the same way.

For each number the clusters are found in several draws of half of the customers, and all of them are divided by each;
the stability is the mean adjusted Rand index of one division with the next (Ben-Hur, Elisseeff & Guyon 2002, Pacific
Symposium on Biocomputing 7, 6-17). Long or small clouds without any clusters are divided the same way, too, so the same
is done with customers drawn from one normal distribution of the same means and covariances: what counts is the excess
over these.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

from whalecurve.engine.clusters.partition import centres_of, nearest
from whalecurve.engine.clusters.settings import ClusterSettings
from whalecurve.engine.statistics import adjusted_rand
from whalecurve.kernels.arrays import Int64, Matrix

NEARLY = 0.05
"""Excess that is no worse: two clusters of three are often as stable as all three."""

CUSTOMERS = 8_000
"""That stability is told by, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Of a number of clusters: of the customers, and of customers without any clusters."""

    k: int
    stability: float
    without_clusters: float

    @property
    def excess(self) -> float:
        """By how much customers are more stable than without clusters."""
        return self.stability - self.without_clusters

    def row(self) -> dict[str, float | int]:
        """A row of a table."""
        return asdict(self) | {"excess": self.excess}


def stabilities(features: Matrix, settings: ClusterSettings) -> list[Stability]:
    """Of each number of clusters that is tried; within `one_thread`."""
    some = features[evenly(len(features), CUSTOMERS)]
    rng = np.random.default_rng(settings.seed)
    deviations = np.linalg.cholesky(np.cov(some.T) + 1e-9 * np.eye(some.shape[1]))
    shapeless = some.mean(axis=0) + rng.standard_normal(some.shape) @ deviations.T
    n, half = len(some), max(len(some) // 2, 1)
    draws = [np.sort(rng.permutation(n)[:half]) for _ in range(settings.resamples)]
    least, most = settings.k
    return [
        Stability(
            k=k,
            stability=_stability(some, draws, k, settings.seed),
            without_clusters=_stability(shapeless, draws, k, settings.seed),
        )
        for k in range(least, min(most, half) + 1)
    ]


def chosen(found: Sequence[Stability], settings: ClusterSettings) -> int | None:
    """The greatest number of those that are stable, and whose excess is all but the greatest; None without any."""
    stable = [one for one in found if one.stability >= settings.min_stability and one.excess >= settings.min_excess]
    best = max((one.excess for one in stable), default=0.0)
    return max((one.k for one in stable if one.excess >= best - NEARLY), default=None)


def evenly(n: int, most: int) -> Int64:
    """Places of at most so many of n, evenly apart."""
    return np.arange(n) if n <= most else np.arange(most, dtype=np.int64) * n // most


def _stability(features: Matrix, draws: Sequence[Int64], k: int, seed: int) -> float:
    divided = [nearest(features, centres_of(features[draw], k, seed + i)) for i, draw in enumerate(draws)]
    return float(np.mean([adjusted_rand(one, other) for one, other in pairwise(divided)]))
