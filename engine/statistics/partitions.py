"""How much two divisions of the same cases agree."""

import numpy as np

from whalecurve.kernels.arrays import Int64


def adjusted_rand(one: Int64, other: Int64) -> float:
    """The Rand index of two divisions, adjusted for chance: 1 if they are the same, 0 on average of unrelated ones.

    Hubert & Arabie (1985), Journal of Classification 2, 193-218. Counted in whole numbers. 1 where neither divides.

    Parameters
    ----------
    one, other : int64[n]
        The part of each case, numbered from 0.
    """
    n = one.size
    cells = np.bincount(one * (int(other.max(initial=0)) + 1) + other)
    pairs = [
        sum(int(k) * (int(k) - 1) // 2 for k in counts) for counts in (cells, np.bincount(one), np.bincount(other))
    ]
    both, first, second = pairs
    every = n * (n - 1) // 2
    expected = first * second / every if every else 0.0
    most = (first + second) / 2.0
    return 1.0 if most == expected else (both - expected) / (most - expected)
