"""Shares of a group against shares of the rest: test, intervals, false discoveries. Arrays in, arrays out.

Counts are whole numbers held as float64: k of n in the group (1) and in the rest (2), one row a group.
"""

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.statistics.clustered_ratios import ratios
from whalecurve.engine.statistics.distributions import log_gamma, normal_below, normal_quantile
from whalecurve.kernels.arrays import Vector

EXACT_BELOW = 1000.0
"""Variance of a count from which the normal approximation serves: standard deviations of 30 and more."""

REACH, LEAST = 12.0, 1e-30
"""The exact distribution of a stratum is cut off beyond so many standard deviations, and as many counts more, where
less than `LEAST` is left; none of its p-values is said to be less."""


def p_values(k1: Vector, n1: Vector, k2: Vector, n2: Vector) -> Vector:
    """Two-sided p-values for equal probabilities, stratum by stratum where the arrays have a second axis; else of one.

    Given who there is in each stratum and how many have it, the count in the group is a sum of hypergeometric ones.
    Where its variance is below `EXACT_BELOW`, the exact distribution decides, twice the smaller tail: Fisher's test in
    one stratum (central: Fay 2010, Biostatistics 11), Gart's in several (1970, Biometrika 57). Not Barnard's or
    Boschloo's: they gain a little power, have no strata, and take seconds a table. Else z after Mantel & Haenszel
    (1959), whose far tails would be off by a factor where counts are small. 1 where nothing is to be compared.
    """
    tables = [np.asarray(counts, dtype=np.float64) for counts in (k1, n1, k2, n2)]
    k1, n1, k2, n2 = (counts[:, np.newaxis] if counts.ndim == 1 else counts for counts in tables)
    n, k = n1 + n2, k1 + k2
    expected = np.divide(n1 * k, n, out=np.zeros(n.shape), where=n > 0.0)
    room = n * n * (n - 1.0)
    variance = np.divide(n1 * n2 * k * (n - k), room, out=np.zeros(n.shape), where=room > 0.0)
    total, excess = variance.sum(axis=1), (k1 - expected).sum(axis=1)
    z = np.divide(excess, np.sqrt(total), out=np.zeros(total.shape), where=total > 0.0)
    p = 2.0 * normal_below(-np.abs(z))
    is_exact = (total > 0.0) & (total < EXACT_BELOW)
    p[is_exact] = _exact(*(array[is_exact] for array in (k1, n1, n, k, expected, variance)))
    return np.where(total > 0.0, np.minimum(p, 1.0), 1.0)


def _exact(k1: Vector, n1: Vector, n: Vector, k: Vector, expected: Vector, variance: Vector) -> Vector:
    """Twice the smaller tail of the sum of the strata's hypergeometric counts."""
    is_open = variance > 0.0
    reach = REACH * np.sqrt(variance) + REACH
    low = np.maximum(np.floor(expected - reach), np.maximum(0.0, n1 + k - n))
    high = np.minimum(np.ceil(expected + reach), np.minimum(n1, k))
    lengths = np.where(is_open, high - low + 1.0, 0.0).astype(np.int64)
    ends = np.cumsum(lengths)
    of_cell = np.repeat(np.arange(lengths.size), lengths.ravel())
    counts = np.arange(of_cell.size, dtype=np.float64) - (ends - lengths.ravel())[of_cell] + low.ravel()[of_cell]
    odds = _chances(counts, *(array.ravel()[of_cell] for array in (n, k, n1)))
    pieces = np.split(odds, ends[:-1])
    seen = np.where(is_open, k1 - low, 0.0).sum(axis=1)
    p = np.empty(len(k1))
    for i in range(len(k1)):
        whole = np.ones(1)
        for piece in pieces[i * k1.shape[1] : (i + 1) * k1.shape[1]]:
            whole = np.convolve(whole, piece) if piece.size else whole
        at = min(max(round(seen[i]), -1), whole.size)
        p[i] = 2.0 * min(whole[: at + 1].sum(), whole[max(at, 0) :].sum())
    return np.maximum(p, LEAST)


def _chances(x: Vector, n: Vector, k: Vector, n1: Vector) -> Vector:
    """Hypergeometric probabilities of x, of n1 drawn from n of whom k have it.

    Not `scipy.stats.hypergeom`, which takes thirty times as long, for digits that no p-value has.
    """
    ways = _log_choose(k, x) + _log_choose(n - k, n1 - x) - _log_choose(n, n1)
    return np.exp(ways)


def _log_choose(n: Vector, k: Vector) -> Vector:
    ways: Vector = log_gamma(n + 1.0) - log_gamma(k + 1.0) - log_gamma(n - k + 1.0)
    return ways


def difference_interval(k1: Vector, n1: Vector, k2: Vector, n2: Vector, level: float) -> tuple[Vector, Vector]:
    """Interval for the difference of two probabilities, first less second; NaN where one of the two has nobody.

    Newcombe (1998), Statistics in Medicine 17, method 10: from the Wilson intervals of both.
    """
    (low1, high1), (low2, high2) = wilson_interval(k1, n1, level), wilson_interval(k2, n2, level)
    p1, p2 = ratios(k1, n1), ratios(k2, n2)
    low = p1 - p2 - np.hypot(p1 - low1, high2 - p2)
    return low, p1 - p2 + np.hypot(high1 - p1, p2 - low2)


def wilson_interval(k: Vector, n: Vector, level: float) -> tuple[Vector, Vector]:
    """Interval for a probability (Wilson 1927); NaN where there is nobody.

    Of 0 of n it begins at 0, of n of n it ends at 1: there centre and half-width are equal, but for their roundings.
    """
    z = normal_quantile(0.5 + level / 2.0)
    p, n = ratios(k, n), np.where(np.asarray(n) > 0, n, np.nan)
    centre = p + z * z / (2.0 * n)
    half = z * np.sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n))
    scale = 1.0 + z * z / n
    low, high = np.maximum((centre - half) / scale, 0.0), np.minimum((centre + half) / scale, 1.0)
    return np.where(p <= 0.0, 0.0, low), np.where(p >= 1.0, 1.0, high)


def lift(k1: Vector, n1: Vector, k2: Vector, n2: Vector, level: float) -> tuple[Vector, Vector, Vector]:
    """Ratio of two probabilities, first over second, and its interval.

    Katz, Baptista, Azen & Pike (1978), Biometrics 34: normal on the log scale; with half a customer more in each
    count (Walter 1975, Biometrika 62), so that there is one where nobody has bought. The interval then begins at 0
    where nobody in the group has, and is infinite where nobody in the rest has. Without either, NaN.
    """
    a, m, b, n = (np.asarray(counts, dtype=np.float64) for counts in (k1, n1, k2, n2))
    z = normal_quantile(0.5 + level / 2.0)
    has_ratio = (m > 0.0) & (n > 0.0) & (a + b > 0.0)
    log_ratio = np.log((a + 0.5) / (m + 0.5)) - np.log((b + 0.5) / (n + 0.5))
    half = z * np.sqrt(1.0 / (a + 0.5) - 1.0 / (m + 0.5) + 1.0 / (b + 0.5) - 1.0 / (n + 0.5))
    ratio = np.divide(a * n, b * m, out=np.full(np.broadcast(a, b).shape, np.inf), where=b * m > 0.0)
    low = np.where(a > 0.0, np.exp(log_ratio - half), 0.0)
    high = np.where(b > 0.0, np.exp(log_ratio + half), np.inf)
    return tuple(np.where(has_ratio, vector, np.nan) for vector in (ratio, low, high))  # type: ignore[return-value]


def adjusted(p: Vector, is_material: NDArray[np.bool_]) -> Vector:
    """q-values of Benjamini & Hochberg (1995): of what has a q up to the rate, no more is false on average.

    A test whose difference would not be reported counts with p = 1. Its p-value is no smaller then than it was, so
    that the rate holds for what is reported, and not only for what is significant (Katsevich, Sabatti & Bogomolov
    2023, JASA 118: filters applied after the procedure undo it).
    """
    if p.size == 0:
        return p
    from scipy.stats import false_discovery_control  # costs more to import than most runs need

    return np.asarray(false_discovery_control(np.where(is_material, p, 1.0), method="bh"), dtype=np.float64)
