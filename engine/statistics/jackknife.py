"""Standard errors without a distribution: the grouped jackknife.

Quenouille (1956); Tukey (1958): estimates once more without each of twenty groups, into which the customers fall as if
by lot, the same lot for the same customers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Matrix

GROUPS = 20
"""Enough for a standard error with 19 degrees of freedom, few enough to estimate so often once more."""


def lots(n: int, n_groups: int = GROUPS) -> NDArray[np.int64]:
    """The group, 0 .. n_groups - 1, of each of n customers in a fixed order; sizes differ by one at most."""
    groups = np.empty(n, dtype=np.int64)
    groups[np.argsort(_scrambled(np.arange(n, dtype=np.uint64)), kind="stable")] = np.arange(n) % n_groups
    return groups


def covariance_of(without: Sequence[tuple[float, ...]]) -> Matrix:
    """Covariance of estimates, from those without each group."""
    deviations = np.array(without) - np.mean(without, axis=0)
    covariance: Matrix = (len(without) - 1) / len(without) * (deviations.T @ deviations)
    return covariance


def _scrambled(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The numbers as if drawn by lot: SplitMix64 (Steele, Lea & Flood 2014), modulo 2 ** 64."""
    z = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
