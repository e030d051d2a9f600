"""Shrinkage of many rates toward what is usual, so that a small value of a dimension makes no sensation.

Empirical Bayes: the spread of the true rates is what the observed ones spread beyond chance. Where that is nothing,
every rate is the common one; where it is much, or a value is large, its rate is nearly what was seen.
"""

import numpy as np

from whalecurve.engine.statistics.clustered_ratios import ratios
from whalecurve.kernels.arrays import Vector

ROUNDS = 20
"""Of weighting anew: each gives a digit or more."""

LEAST_VARIANCE = 1e-18
"""Stands for the variance of a mean that did not vary at all."""


def shrunk_shares(k: Vector, n: Vector, expected: Vector) -> Vector:
    """Posterior means of shares k / n under beta priors, (k + M·p) / (n + M). NaN where n is 0.

    A prior has the mean p, what is expected of the value, and the strength M = 1/ρ − 1, ρ being the correlation of two
    of the same value. It is found by moments, with weights that count a value for what it tells (Kleinman 1973, JASA
    68): E (k/n − p)² = p(1 − p)·(1 − n/N)·[1/n + ρ(1 − 1/n)], N = Σn, weights n / (1 + ρ(n − 1)).
    """
    shares, known = ratios(k, n), (n > 0.0) & np.isfinite(expected)
    chance = np.where(known, expected * (1.0 - expected), 0.0)
    counts = chance > 0.0
    rho = _correlation(shares[counts], n[counts], expected[counts], chance[counts])
    if rho == 0.0:
        return np.where(counts, expected, shares)
    strength = 1.0 / rho - 1.0
    return np.where(counts, (k + strength * expected) / np.where(counts, n + strength, 1.0), shares)


def _correlation(shares: Vector, n: Vector, expected: Vector, chance: Vector) -> float:
    rho = 0.0
    part = 1.0 - n / max(n.sum(), 1.0)
    for _ in range(ROUNDS):
        weights = n / (1.0 + rho * (n - 1.0))
        room = float((weights * part * (1.0 - 1.0 / np.maximum(n, 1.0))).sum())
        seen = float((weights * ((shares - expected) ** 2 / chance - part / np.maximum(n, 1.0))).sum())
        rho = min(max(seen / room, 0.0), 1.0) if room > 0.0 else 0.0
    return rho


def shrunk_means(means: Vector, variances: Vector) -> Vector:
    """Posterior means under a normal prior; NaN stays. `variances` are those of the means.

    The variance of the prior is by moments (DerSimonian & Laird 1986, Controlled Clinical Trials 7; Morris 1983, JASA
    78).
    """
    known = np.isfinite(means) & np.isfinite(variances)
    found, spread = means[known], np.maximum(variances[known], LEAST_VARIANCE)
    shrunk: Vector = np.full(means.shape, np.nan)
    if found.size == 0:
        return shrunk
    weights = 1.0 / spread
    centre = (weights * found).sum() / weights.sum()
    seen = (weights * (found - centre) ** 2).sum()
    room = weights.sum() - (weights * weights).sum() / weights.sum()
    between = max((seen - (found.size - 1)) / room, 0.0) if room > 0.0 else 0.0
    shrunk[known] = centre + between / (between + spread) * (found - centre)
    return shrunk
