"""Tie-correct quantile scores: equal values get equal scores, whatever the order of rows.

Among n values, one with `less` values below it and `equal` values equal to it (itself
included) has the mid-rank rho = less + (equal + 1) / 2. Its score, 1 to k with k best, is

    1 + floor(k (rho - 1/2) / n)  =  1 + floor(k (2 less + equal) / (2 n)),

where the right-hand side needs integers only. 2 less + equal, here the doubled rank, rises
with the value, so the k - 1 smallest values that reach the scores 2..k decide every score.
These are the thresholds. They never fall; where ties are heavy a score may be skipped
(two thresholds are equal) or not reached at all (the marker of each function).
"""

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.compiler.jit import scalar

Counts = NDArray[np.int64]


@scalar
def required_ranks(n: int, bins: int) -> Counts:
    """Least doubled rank for each of the scores 2..bins among n values: ceil(2 n (s - 1) / bins), int64[bins - 1]."""
    required = np.empty(bins - 1, np.int64)
    for s in range(1, bins):
        required[s - 1] = (2 * n * s + bins - 1) // bins
    return required


@scalar
def pivots(n: int, required: Counts) -> Counts:
    """Positions that `reaching` reads: where the sorted column of n > 0 values holds the ranks, int64[m]."""
    return np.minimum(required // 2, n - 1)


@scalar
def reaching(partitioned: Vector, required: Counts) -> Vector:
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
    n, m = len(partitioned), len(required)
    at = pivots(n, required)
    found = np.empty(m)
    start = 0  # everything before it is less than the pivot
    for j in range(m):
        pivot = partitioned[at[j]]
        if j > 0 and partitioned[at[j - 1]] < pivot:
            start = at[j - 1] + 1
        end, following = n, np.inf  # everything from the end on is greater than the pivot
        for later in range(j + 1, m):
            if partitioned[at[later]] > pivot:
                end = at[later]
                following = partitioned[end]
                break
        less, equal = start, 0
        for i in range(start, end):
            value = partitioned[i]
            less += value < pivot
            equal += value == pivot
            if pivot < value < following:
                following = value
        found[j] = pivot if 2 * less + equal >= required[j] else following
    return found


def thresholds(values: Vector, bins: int) -> Vector:
    """Smallest values that reach the scores 2..bins.

    Selects the few order statistics that matter instead of sorting.

    Parameters
    ----------
    values : float64[n], C-contiguous, any order, no NaN
        Larger is better. Left as it is.
    bins : int, at least 2

    Returns
    -------
    float64[bins - 1], ascending; +inf where no value reaches the score
    """
    if len(values) == 0:
        return np.full(bins - 1, np.inf)
    required = required_ranks(len(values), bins)
    return reaching(np.partition(values, pivots(len(values), required)), required)


@scalar
def count_thresholds(counts: Counts, bins: int) -> Counts:
    """Smallest small integers that reach the scores 2..bins, from their histogram.

    Parameters
    ----------
    counts : int64[m], C-contiguous
        counts[v] is how many customers have the value v; larger v is better. Reverse the
        histogram, and read v as m - 1 - v, where smaller is better.
    bins : int, at least 2

    Returns
    -------
    int64[bins - 1], ascending; m where no value reaches the score
    """
    size = counts.shape[0]
    required = required_ranks(counts.sum(), bins)
    found = np.full(bins - 1, size, np.int64)
    reached, less = 0, 0
    for value in range(size):
        equal = counts[value]
        if equal > 0:
            while reached < bins - 1 and 2 * less + equal >= required[reached]:
                found[reached] = value
                reached += 1
            less += equal
    return found


@scalar
def score_one(value: float, cuts: Vector) -> int:
    """Score of one value under thresholds `cuts`: 1 plus how many it reaches; 0 for NaN."""
    if value != value:
        return 0
    score = 1
    for cut in cuts:
        score += cut <= value
    return score


@scalar
def scores(values: Vector, cuts: Vector) -> NDArray[np.uint8]:
    """Scores of n values.

    Parameters
    ----------
    values : float64[n] or int64[n], C-contiguous
    cuts : same type, at most 254 of them, ascending
        As `thresholds` or `count_thresholds` return them.

    Returns
    -------
    uint8[n], 1 to len(cuts) + 1; 0 where the value is NaN
    """
    out = np.empty(values.shape[0], np.uint8)
    for i in range(values.shape[0]):
        out[i] = score_one(values[i], cuts)
    return out
