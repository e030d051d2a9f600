"""Least values whose mid-rank is high enough: cut-offs of shares that a tied group joins as soon as half of it does.

Among n values, one with `less` values below it and `equal` values equal to it (itself included) has the mid-rank
less + (equal + 1) / 2. What is compared is the doubled rank 2 less + equal, a whole number.
"""

import numpy as np

from whalecurve.kernels.arrays import Int64, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.rfm.quantile_scores import next_pivot


@scalar
def pivots(n: int, required: Int64) -> Int64:
    """Positions that `reaching` reads: where the sorted column of n > 0 values holds the ranks, int64[m]."""
    return np.minimum(required // 2, n - 1)


@scalar
def reaching(partitioned: Vector, required: Int64) -> Vector:
    """Smallest values with at least the required doubled ranks.

    If a value v of doubled rank d' and its `equal` copies hold the position d // 2 of the
    sorted column, every smaller value has a doubled rank below d and every larger one a
    doubled rank above it: the answer is v where d' >= d, else the next larger value.

    Parameters
    ----------
    partitioned : float64[n], n > 0, C-contiguous, no NaN
        As `numpy.partition` leaves it at `pivots(n, required)`; a sorted array will do.
    required : int64[m], ascending, each in [0, 2 n]

    Returns
    -------
    float64[m], +inf where no value has the rank
    """
    m = len(required)
    at = pivots(len(partitioned), required)
    least = np.empty(m)
    start = 0  # everything before it is less than the pivot
    for j in range(m):
        pivot = partitioned[at[j]]
        if j > 0 and partitioned[at[j - 1]] < pivot:
            start = at[j - 1] + 1
        end, following = next_pivot(partitioned, at, j)  # everything from the end on is greater than the pivot
        less, equal = start, 0
        for i in range(start, end):
            value = partitioned[i]
            less += value < pivot
            equal += value == pivot
            if pivot < value < following:
                following = value
        least[j] = pivot if 2 * less + equal >= required[j] else following
    return least
