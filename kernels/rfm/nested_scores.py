"""Scores within scores: F among the customers of one R score, M among those of one cell (R, F).

A cell is numbered (r - 1) * bins + (f - 1), r and f being the scores. Each group is scored by the
rule of `quantile_scores`; what is here sorts customers into groups, one pass over the rows each.
"""

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Int64, Vector
from whalecurve.kernels.compiler.jit import scalar

Scores = NDArray[np.uint8]


@scalar
def counts_within(days: Int64, purchases: Int64, r_of: Scores, bins: int, size: int) -> Int64:
    """Customers by R score and number of purchase days.

    Parameters
    ----------
    days, purchases : integers[n], C-contiguous
        Days since the last purchase day (anything where there is none), purchase days.
    r_of : uint8[largest of days + 1]
        R score by days.
    bins, size : int
        Scores, and more than the largest of `purchases`.

    Returns
    -------
    int64[bins, size]; customers without a purchase day are not counted
    """
    counts = np.zeros((bins, size), np.int64)
    for i in range(days.shape[0]):
        if purchases[i] > 0:
            counts[r_of[days[i]] - 1, purchases[i]] += 1
    return counts


@scalar
def cells(days: Int64, purchases: Int64, r_of: Scores, f_of: Scores, bins: int) -> Scores:
    """The cell of each customer, uint8[n]; bins ** 2 where there is no purchase day.

    As `counts_within`, with f_of : uint8[bins, size], the F score by R score - 1 and purchase days; bins at most 15.
    """
    cell_of = np.empty(days.shape[0], np.uint8)
    for i in range(days.shape[0]):
        if purchases[i] > 0:
            r = r_of[days[i]] - 1
            cell_of[i] = r * bins + f_of[r, purchases[i]] - 1
        else:
            cell_of[i] = bins * bins
    return cell_of


@scalar
def grouped(values: Vector, groups: Scores, n_groups: int) -> tuple[Vector, Int64]:
    """Values with those of one group together, and where each group begins.

    Parameters
    ----------
    values : float64[n]
    groups : uint8[n]
        Values of groups from `n_groups` on are left out.

    Returns
    -------
    float64[m], int64[n_groups + 1]
        Group g is from the g-th position up to the next.
    """
    starts = np.zeros(n_groups + 1, np.int64)
    for i in range(groups.shape[0]):
        if groups[i] < n_groups:
            starts[groups[i] + 1] += 1
    for g in range(n_groups):
        starts[g + 1] += starts[g]
    free = starts.copy()
    together = np.empty(starts[n_groups])
    for i in range(groups.shape[0]):
        g = groups[i]
        if g < n_groups:
            together[free[g]] = values[i]
            free[g] += 1
    return together, starts


@scalar
def score_counts(values: Vector, groups: Scores, cuts: Vector) -> Int64:
    """How many values of each group have each score.

    Parameters
    ----------
    values : float64[n]
    groups : uint8[n]
    cuts : float64[groups, bins - 1]
        Ascending in each group, +inf where nobody reaches the score. Values of further groups are left out.

    Returns
    -------
    int64[groups, bins]
    """
    counts = np.zeros((cuts.shape[0], cuts.shape[1] + 1), np.int64)
    for i in range(values.shape[0]):
        g = groups[i]
        if g < cuts.shape[0]:
            score = 0
            for j in range(cuts.shape[1]):
                score += values[i] >= cuts[g, j]
            counts[g, score] += 1
    return counts
