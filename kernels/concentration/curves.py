"""Ordered sums: whale curve, Lorenz curve, top shares.

Every function here takes the values in ascending order and is O(n). Sums are serial and
compensated (Knuth's exact two-term sum, the errors summed beside: Ogita, Rump & Oishi
(2005), SIAM J. Sci. Comput. 26(6), algorithm 4.4), so a result depends neither on the
order in which the customers came nor on the number of cores. NaN in the values gives NaN.
"""

import math

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import UInt32, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import FEW_ROWS, in_parts

RANK_PARTS = 64
"""Parts that ranks are given in, whatever the number of threads: sums do not depend on it."""


@scalar
def add(head: float, tail: float, term: float) -> tuple[float, float]:
    """Add a term to the sum head + tail; the rounding error of the head goes to the tail."""
    total = head + term
    shift = total - head
    return total, tail + ((head - (total - shift)) + (term - shift))


@scalar
def total(values: Vector) -> float:
    """Compensated sum, as accurate as if it were added in twice the precision and rounded."""
    head, tail = 0.0, 0.0
    for i in range(values.shape[0]):
        head, tail = add(head, tail, values[i])
    return head + tail


@scalar
def total_absolute(values: Vector) -> float:
    """Compensated sum of absolute values.

    Parameters
    ----------
    values
        float64[n].

    Returns
    -------
    float64
        In the unit of the values.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import total_absolute
    >>> total_absolute(np.array([-1.0, 2.0, 5.0]))
    8.0
    """
    head, tail = 0.0, 0.0
    for i in range(values.shape[0]):
        head, tail = add(head, tail, abs(values[i]))
    return head + tail


@scalar
def _partial_sums(values: Vector, first: int, step: int, counts: NDArray[np.int64]) -> Vector:
    out = np.empty(counts.shape[0])
    head, tail = 0.0, 0.0
    added, i = 0, first
    for j in range(counts.shape[0]):
        while added < counts[j]:
            head, tail = add(head, tail, values[i])
            i += step
            added += 1
        out[j] = head + tail
    return out


@scalar
def whale_curve(ascending: Vector, counts: NDArray[np.int64]) -> Vector:
    """Sum the best counts[j] values: the whale curve in amounts.

    Parameters
    ----------
    ascending : float64[n], C-contiguous
    counts : int64[m], ascending, each in [0, n]; `numpy.arange(n + 1)` for the whole curve

    Returns
    -------
    float64[m]

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import whale_curve
    >>> whale_curve(np.array([-1.0, 2.0, 5.0]), np.arange(4))
    array([0., 5., 7., 6.])
    """
    return _partial_sums(ascending, ascending.shape[0] - 1, -1, counts)


@scalar
def lorenz_curve(ascending: Vector, counts: NDArray[np.int64]) -> Vector:
    """Sum the smallest counts[j] values: the Lorenz curve in amounts. Arguments as for `whale_curve`.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.
    counts
        int64[m], ascending, each in [0, n].

    Returns
    -------
    float64[m]
        In the unit of the values.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import lorenz_curve
    >>> lorenz_curve(np.array([1.0, 2.0, 5.0]), np.array([1, 3]))
    array([1., 8.])
    """
    return _partial_sums(ascending, 0, 1, counts)


@scalar
def end_sum(values: Vector, p: float, first: int, step: int) -> float:
    """Sum of p·n of n values from the first on, by steps of 1 or -1; the fractional one in proportion. 0 <= p <= 1."""
    n = len(values)
    whole = min(int(p * n), n)
    head, tail = 0.0, 0.0
    for k in range(whole):
        head, tail = add(head, tail, values[first + k * step])
    if whole < n:
        head, tail = add(head, tail, (p * n - whole) * values[first + whole * step])
    return head + tail


@scalar
def top_share(ascending: Vector, p: float) -> float:
    """Share of the total that the first p·n values have, best first, the fractional one in proportion.

    NaN where the total is not positive or p is outside [0, 1].

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.
    p
        Share of the values, in [0, 1].

    Returns
    -------
    float64
        May be above 1 where values are negative.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import top_share
    >>> top_share(np.array([1.0, 2.0, 5.0]), 1 / 3)
    0.625
    """
    whole_sum = total(ascending)
    if not (whole_sum > 0.0 and 0.0 <= p <= 1.0):
        return math.nan
    return end_sum(ascending, p, len(ascending) - 1, -1) / whole_sum


@scalar
def customers_for(ascending: Vector, amount: float, slack: float) -> int:
    """Least k >= 1 whose best k values sum to the amount, or to less by no more than the slack; 0 where none does.

    The slack absorbs the rounding of decimal money: 0.7 + 0.1 is to count as 0.8.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.
    amount
        What they have to sum to, in the unit of the values.
    slack
        By how much they may fall short.

    Returns
    -------
    int64
        From 1 to n, or 0.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import customers_for
    >>> customers_for(np.array([1.0, 2.0, 5.0]), 6.0, 0.0)
    2
    """
    n = len(ascending)
    head, tail = 0.0, 0.0
    for k in range(1, n + 1):
        head, tail = add(head, tail, ascending[n - k])
        if head + tail >= amount - slack:
            return k
    return 0


@scalar
def _rank_part(
    ascending: Vector, order: UInt32, first: int, end: int, head: float, tail: float, rank: UInt32, through: Vector
) -> None:
    """Fill in the rows at positions first to end - 1, best first, with head + tail the sum of all better values."""
    n = len(ascending)
    last = end - 1
    while last >= first:
        start = last
        head, tail = add(head, tail, ascending[last])
        while start > first and ascending[start - 1] == ascending[last]:
            start -= 1
            head, tail = add(head, tail, ascending[start])
        for i in range(start, last + 1):
            rank[order[i]] = n - last
            through[order[i]] = head + tail
        last = start - 1


@scalar
def _better_sums(ascending: Vector, starts: NDArray[np.int64]) -> tuple[Vector, Vector]:
    """Head and tail of the sum of all values above each part, those of one serial pass."""
    n_parts = starts.shape[0] - 1
    heads, tails = np.zeros(n_parts), np.zeros(n_parts)
    head, tail = 0.0, 0.0
    for part in range(n_parts - 1, -1, -1):
        heads[part], tails[part] = head, tail
        for i in range(starts[part + 1] - 1, starts[part] - 1, -1):
            head, tail = add(head, tail, ascending[i])
    return heads, tails


@scalar
def _rank_parts(
    first: int,
    end: int,
    ascending: Vector,
    order: UInt32,
    starts: NDArray[np.int64],
    heads: Vector,
    tails: Vector,
    rank: UInt32,
    through: Vector,
) -> None:
    for part in range(first, end):
        _rank_part(ascending, order, starts[part], starts[part + 1], heads[part], tails[part], rank, through)


def ranks(ascending: Vector, order: UInt32) -> tuple[UInt32, Vector]:
    """Rank of every row, and the sum of all values as good as its own or better.

    Parameters
    ----------
    ascending : float64[n], C-contiguous
    order : uint32[n]
        Rows in ascending order of value: row order[i] has the value ascending[i].

    Returns
    -------
    uint32[n], by row: 1 is best, ties share the best rank
    float64[n], by row: the sum, the whole tied group included

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import ranks
    >>> [part.tolist() for part in ranks(np.array([1.0, 2.0, 5.0]), np.array([2, 0, 1], np.uint32))]
    [[2, 1, 3], [7.0, 5.0, 8.0]]
    """
    n = ascending.size
    evenly = np.arange(RANK_PARTS) * n // RANK_PARTS
    starts = np.searchsorted(ascending, ascending[evenly]) if n else evenly  # where a tied group starts
    rank, through = np.empty(n, np.uint32), np.empty(n)  # not by numba: see value_order
    starts = np.append(starts, n)
    heads, tails = _better_sums(ascending, starts)
    few = RANK_PARTS if n <= FEW_ROWS else 1
    in_parts(
        lambda first, end: _rank_parts(first, end, ascending, order, starts, heads, tails, rank, through),
        RANK_PARTS,
        few=few,
    )
    return rank, through
