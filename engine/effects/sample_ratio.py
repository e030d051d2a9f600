"""Whether the arms have as many customers as they were to have: else something between assignment and reading is wrong.

Fabijan et al. (2019), KDD '19: a sample ratio mismatch voids an experiment, whatever its effects look like.
"""

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from whalecurve.engine.statistics import chi_square_above, log_gamma

ALPHA = 0.001
"""The level at which arms count as mismatched: the test is made at every reading, and a false alarm is expensive."""

MOST_TABLES = 50_000
"""Counts of the arms that are gone through one by one; of more, chi-square is as good."""


def sample_ratio_p(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The p-value of the counts of arms, which were to have these shares of the customers.

    The exact multinomial test where there are up to `MOST_TABLES` ways to divide the customers (the probability of all
    ways no likelier than the one that came), else Pearson's chi-square. 1 of nobody.
    """
    n, whole = sum(counts), math.fsum(shares)
    chances = [share / whole for share in shares]
    if n == 0 or len(counts) < 2:
        return 1.0
    if math.comb(n + len(counts) - 1, len(counts) - 1) <= MOST_TABLES:
        return _exact(counts, chances)
    expected = [n * share for share in chances]
    distance = math.fsum((k - e) ** 2 / e for k, e in zip(counts, expected, strict=True))
    return float(chi_square_above(len(counts) - 1, distance))


def _exact(counts: Sequence[int], chances: Sequence[float]) -> float:
    n, k = sum(counts), len(counts)
    if k == 2:
        return _exact_of_two(counts, chances)
    seen = _log_chance(counts, chances)
    total = 0.0
    for bars in combinations(range(n + k - 1), k - 1):  # ways to put n customers into k arms
        edges = (-1, *bars, n + k - 1)
        way = [b - a - 1 for a, b in pairwise(edges)]
        chance = _log_chance(way, chances)
        if chance <= seen + 1e-9:
            total += math.exp(chance)
    return min(total, 1.0)


def _exact_of_two(counts: Sequence[int], chances: Sequence[float]) -> float:
    """The same of all ways at once."""
    n = sum(counts)
    k = np.arange(n + 1.0)
    ways = log_gamma(n + 1.0) - log_gamma(k + 1.0) - log_gamma(n - k + 1.0)
    of_each = ways + k * math.log(chances[0]) + (n - k) * math.log(chances[1])
    return min(math.fsum(np.exp(of_each[of_each <= of_each[counts[0]] + 1e-9])), 1.0)


def _log_chance(counts: Sequence[int], chances: Sequence[float]) -> float:
    ways = math.lgamma(sum(counts) + 1) - math.fsum(math.lgamma(k + 1) for k in counts)
    return ways + math.fsum(k * math.log(p) for k, p in zip(counts, chances, strict=True) if k)
