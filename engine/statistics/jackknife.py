"""Standard errors without a distribution: the grouped jackknife.

Quenouille (1956); Tukey (1958): estimates once more without each of twenty groups, into which the customers fall as if
by lot, the same lot for the same customers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Matrix
from whalecurve.kernels.functions.splitmix import STEP, mix64

GROUPS = 20
"""Enough for a standard error with 19 degrees of freedom, few enough to estimate so often once more."""


def lots(n: int, n_groups: int = GROUPS) -> NDArray[np.int64]:
    """The group, 0 .. n_groups - 1, of each of n customers in a fixed order; sizes differ by one at most."""
    groups = np.empty(n, dtype=np.int64)
    drawn = mix64.py_func(np.arange(1, n + 1, dtype=np.uint64) * STEP)  # the first n numbers of the generator
    groups[np.argsort(drawn, kind="stable")] = np.arange(n) % n_groups
    return groups


def covariance_of(without: Sequence[tuple[float, ...]]) -> Matrix:
    """Covariance of estimates, from those without each group."""
    deviations = np.array(without) - np.mean(without, axis=0)
    covariance: Matrix = (len(without) - 1) / len(without) * (deviations.T @ deviations)
    return covariance
