"""Quantile scores anchored at the bottom: equal values get equal scores, whatever the order of rows.

Among n values, one with w strictly worse ones has the score, 1 to k with k best,

    1 + floor(k w / n).

The worst value has score 1 however many share it, and without ties each score holds n / k values, rounded. A score
of s + 1 or more takes w >= ceil(n s / k), and w rises with the value: the k - 1 smallest values that reach the scores
2..k, the thresholds, decide every score. All of it is integer arithmetic, without a product that could overflow.
Thresholds never fall; where ties are heavy a score may be skipped (two thresholds are equal) or not reached at all
(the marker of each function).
"""

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Int64, Vector
from whalecurve.kernels.compiler.jit import scalar


@scalar
def required_worse(n: int, bins: int) -> Int64:
    """Strictly worse ones among n that the scores 2..bins take: ceil(n (s - 1) / bins), int64[bins - 1]."""
    whole, rest = n // bins, n % bins  # n s / bins = whole s + rest s / bins: no product exceeds n or bins ** 2
    required = np.empty(bins - 1, np.int64)
    for s in range(1, bins):
        required[s - 1] = whole * s + (rest * s + bins - 1) // bins
    return required


@scalar
def next_pivot(partitioned: Vector, at: Int64, j: int) -> tuple[int, float]:
    """Position and value of the first pivot that is greater than the j-th; the end and +inf where none is.

    partitioned, at : as `next_larger` takes them
    """
    for later in range(j + 1, len(at)):
        if partitioned[at[later]] > partitioned[at[j]]:
            return at[later], float(partitioned[at[later]])
    return len(partitioned), np.inf


@scalar
def next_larger(partitioned: Vector, at: Int64) -> Vector:
    """Smallest value greater than the one at each position of a partitioned column.

    Parameters
    ----------
    partitioned : float64[n], C-contiguous, no NaN
        As `numpy.partition` leaves it at the positions; a sorted array will do.
    at : int64[m], ascending, each in [0, n)

    Returns
    -------
    float64[m], +inf where nothing is greater
    """
    m = len(at)
    larger = np.empty(m)
    for j in range(m):
        pivot = partitioned[at[j]]
        if j > 0 and partitioned[at[j - 1]] == pivot:
            larger[j] = larger[j - 1]
            continue
        end, following = next_pivot(partitioned, at, j)  # everything from the end on is at least `following`
        for i in range(at[j] + 1, end):
            value = partitioned[i]
            if pivot < value < following:
                following = value
        larger[j] = following
    return larger


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
    at = required_worse(len(values), bins) - 1  # greater than this one: so many are strictly worse, and no fewer
    return next_larger(np.partition(values, at), at)


@scalar
def count_thresholds(counts: Int64, bins: int) -> Int64:
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
    required = required_worse(counts.sum(), bins)
    cuts = np.full(bins - 1, size, np.int64)
    reached, less = 0, 0
    for value in range(size):
        if counts[value] > 0:
            while reached < bins - 1 and less >= required[reached]:
                cuts[reached] = value
                reached += 1
            less += counts[value]
    return cuts


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
