"""Shrinkage of many rates toward what is usual, so that a small value of a dimension makes no sensation.

Empirical Bayes: the spread of the true rates is what the observed ones spread beyond chance. Where that is nothing,
every rate is the common one; where it is much, or a value is large, its rate is nearly what was seen.
"""

import math

import numpy as np

from whalecurve.engine.statistics.clustered_ratios import ratios
from whalecurve.kernels.arrays import Vector

ROUNDS = 1_000
"""Of weighting anew, at most: with many values each gives a digit or more, a few that differ much take hundreds."""

LEAST_VARIANCE = 1e-18
"""Stands for the variance of a mean that did not vary at all."""

STEPS = 200
"""Of Newton's method: from the least variance τ² doubles at each step, and takes five more to all its digits."""

ROUNDINGS = 1e-12
"""A step that makes no more difference is the last."""


def shrunk_shares(k: Vector, n: Vector, expected: Vector) -> Vector:
    """Posterior means of shares k / n under beta priors, (k + M·p) / (n + M). NaN where n is 0.

    A prior has the mean p, what is expected of the value, and the strength M = 1/ρ − 1, ρ being the correlation of two
    of the same value. It is found by moments, with weights that count a value for what it tells (Kleinman 1973, JASA
    68): E (k/n − p)² = p(1 − p)·(1 − n/N)·[1/n + ρ(1 − 1/n)], N = Σn, weights n / (1 + ρ(n − 1)).
    """
    shares, is_shrunk = ratios(k, n), (n > 0.0) & np.isfinite(expected)
    counts = is_shrunk & (expected * (1.0 - expected) > 0.0)
    strength = prior_strength(k[counts], n[counts], expected[counts], np.ones(np.count_nonzero(counts)))
    if strength == math.inf:
        return np.where(counts, expected, shares)
    return np.where(counts, (k + strength * expected) / np.where(counts, n + strength, 1.0), shares)


def prior_strength(k: Vector, n: Vector, expected: Vector, times: Vector) -> float:
    """M of `shrunk_shares`: of how many cases the prior is worth; infinite where shares differ by no more than chance.

    Parameters
    ----------
    k, n, expected, times : float64[m]
        Cases of n that are such, what share of them is expected, between 0 and 1, and how many values have these three.
    """
    rho = _correlation(ratios(k, n), n, expected, times)
    return math.inf if rho == 0.0 else 1.0 / rho - 1.0


def _correlation(shares: Vector, n: Vector, expected: Vector, times: Vector) -> float:
    rho, chance = 0.0, expected * (1.0 - expected)
    part = 1.0 - n / max((times * n).sum(), 1.0)
    for _ in range(ROUNDS):
        weights = times * n / (1.0 + rho * (n - 1.0))
        room = float((weights * part * (1.0 - 1.0 / np.maximum(n, 1.0))).sum())
        seen = float((weights * ((shares - expected) ** 2 / chance - part / np.maximum(n, 1.0))).sum())
        before, rho = rho, min(max(seen / room, 0.0), 1.0) if room > 0.0 else 0.0
        if abs(rho - before) <= ROUNDINGS:
            break
    return rho


def shrunk_means(means: Vector, variances: Vector) -> Vector:
    """Posterior means under a normal prior, μ + τ² / (τ² + v)·(m − μ); NaN stays.

    The prior is by moments: τ² such that Σ (m − μ)² / (τ² + v) is k − 1, its expectation, μ being the mean weighted by
    1 / (τ² + v) (Paule & Mandel 1982, Journal of Research of the National Bureau of Standards 87; DerSimonian &
    Kacker 2007, Contemporary Clinical Trials 28). Not the one step of DerSimonian & Laird (1986): its weights 1 / v let
    the largest value alone say how far all differ.

    Parameters
    ----------
    means, variances
        k means m and the variance v of each, from its own spread. That from residuals of a common mean would count what
        a value differs by as chance, and shrink most what differs most.
    """
    is_shrunk = np.isfinite(means) & np.isfinite(variances)
    shrunk: Vector = np.full(means.shape, np.nan)
    if not is_shrunk.any():
        return shrunk
    m, v = means[is_shrunk], np.maximum(variances[is_shrunk], LEAST_VARIANCE)
    centre, between = normal_prior(m, v)
    shrunk[is_shrunk] = centre + between / (between + v) * (m - centre)
    return shrunk


def normal_prior(means: Vector, variances: Vector) -> tuple[float, float]:
    """The mean μ and variance τ² that the true means of `shrunk_means` have, from finite ones of positive variances."""
    between = _between(means, variances)
    return _centre(means, variances + between), between


def _centre(means: Vector, variances: Vector) -> float:
    return float((means / variances).sum() / (1.0 / variances).sum())


def _between(means: Vector, variances: Vector) -> float:
    """Paule and Mandel's τ², by Newton's method from 0: the sum is convex in τ², so no step goes too far."""
    between = 0.0
    for _ in range(STEPS):
        total = variances + between
        apart = (means - _centre(means, total)) ** 2
        excess = float((apart / total).sum()) - (means.size - 1)
        if excess <= 0.0:
            break
        step = excess / float((apart / total**2).sum())
        between += step
        if step <= between * ROUNDINGS:
            break
    return between
