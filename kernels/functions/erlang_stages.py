"""Purchases whose gaps have k exponential stages each: what is left of a gap, and mean purchases ahead.

A customer passes stages at the rate lambda, and every k-th stage is a purchase, after which they leave with probability
p. Given r and alpha, lambda is Gamma(r, alpha) over customers, so the stages of a time are a negative binomial count.
k = 1 is the Poisson process of BG/NBD. Source of the process: Platzer & Reutterer (2017), "Incorporating regularity
into models of noncontractual customer-firm relationships"; Reutterer, Platzer & Schroeder (2021), IJRM 38(1), 194-215.
"""

import math

import numpy as np

from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.functions.mean_purchases import mean_purchases
from whalecurve.kernels.functions.negative_binomial import negative_binomial_tail
from whalecurve.kernels.functions.pnbd_integral import NODES, WEIGHTS
from whalecurve.kernels.functions.special import log_beta_ratio

MOST_STAGES = 12.0
"""Stages of a gap that are served."""

FARTHEST = 1e15
"""Time ahead, in units of alpha + T, that is served: beyond, nothing is to be told of anybody."""

HUGE_SUM = 1e20
"""Mean stages of a silence from which on the last term leads the sum over unfinished ones, and is taken out of it."""

MOST_STEPS = 100_000.0
"""Stages ahead that are added up one by one; beyond, sums are integrals with corrections at their start."""

COUNTED = 64
"""Purchases that are added up one by one before such an integral."""

LOG_TWO = 0.69314718055994530942


@scalar
def are_stages(k: float) -> bool:
    """Tell whether k is a number of stages that is served: whole, from 1 to `MOST_STAGES`."""
    return 1.0 <= k <= MOST_STAGES and k == math.floor(k)


@scalar
def log_unfinished(k: float, r: float, z: float) -> float:
    r"""Logarithm of a sum over the stages that may have been passed since the last purchase without another.

    .. math:: \log \sum_{j=0}^{k-1} \frac{(r)_j}{j!} z^j

    With z = t / (alpha + t) it is that of P(fewer than k stages in t), less r log(alpha / (alpha + t)). 0 for k = 1.
    """
    if r * z < HUGE_SUM:
        term, more = 1.0, 0.0
        for j in range(1, int(k)):
            term *= (r + (j - 1.0)) * z / j
            more += term
        return math.log1p(more)
    log_last, term, total = 0.0, 1.0, 1.0
    for j in range(int(k) - 1, 0, -1):
        step = (r + (j - 1.0)) / j * z
        log_last += math.log(step)
        term /= step
        total += term
    return log_last + math.log(total)


@scalar
def _mean_by_steps(k: float, r: float, z: float, y: float, a: float, b: float) -> float:
    r"""`mean_purchases_ahead`, stage by stage: all terms positive, weights normalised by their own sum.

    With j stages passed since the last purchase and m in the time ahead, the weight of (j, m) is
    (r)_{j+m} / (j! m!) (z / (1 + y))^j (y / (1 + y))^m, and there are n = floor((j + m) / k) chances to buy, of which
    G(n) = sum_{i<n} (b)_i / (a + b)_i are taken on average. NaN if the steps do not suffice.
    """
    stages, share = int(k), y / (1.0 + y)
    weights = np.empty(stages)
    weights[0] = 1.0
    for j in range(1, stages):
        weights[j] = weights[j - 1] * (r + (j - 1.0)) / j * (z / (1.0 + y))
    # Of m = n k + within stages: j below k - within gives n chances, any other one more.
    lower, upper, chance, chances, within = 0.0, 1.0, b / (a + b), 1.0, 0
    total, weight = 0.0, 0.0
    for m in range(4 * int(MOST_STEPS)):
        few, more = 0.0, 0.0
        for j in range(stages - within):
            few += weights[j]
        for j in range(stages - within, stages):
            more += weights[j]
        total += few * lower + more * upper
        weight += few + more
        step, left = share / (m + 1.0), 0.0
        for j in range(stages):
            weights[j] *= (r + (j + m)) * step
            left += weights[j]
        within += 1
        if within == stages:
            within, lower = 0, upper
            upper += chance
            chance *= (b + chances) / (a + b + chances)
            chances += 1.0
        ratio = share * (r + (k + m)) / (m + 2.0)
        if ratio < 1.0:
            beyond = left / (1.0 - ratio)
            if left == 0.0 or (beyond * (upper + 1.0 / (1.0 - ratio)) <= 1e-17 * total and beyond <= 1e-17 * weight):
                return total / weight
        if left > 1e250:
            total, weight = total * 1e-250, weight * 1e-250
            for j in range(stages):
                weights[j] *= 1e-250
    return math.nan


@scalar
def _taken(k: float, r: float, j: float, y: float, a: float, b: float, n: float) -> float:
    """The share of customers who make an n-th purchase: in time, and having stayed after n - 1; for real n, too."""
    return math.exp(log_beta_ratio(a, b, n - 1.0)) * negative_binomial_tail(n * k - j, r, y)


@scalar
def _mean_by_panels(k: float, r: float, j: float, y: float, a: float, b: float) -> float:
    r"""Mean purchases of a customer who has passed j stages since the last one, where stages ahead are very many.

    .. math:: \sum_{n\ge1} \frac{(b)_{n-1}}{(a+b)_{n-1}} P(N \ge n k - j)

    with N negative binomial of shape r and mean r y. The first purchases are added up; the others are an integral over
    real n, by Gauss-Legendre panels of log n, with the corrections of Euler & Maclaurin's midpoint rule at its start,
    their derivatives by central differences.
    """
    total = 0.0
    for n in range(1, COUNTED):
        term = _taken(k, r, j, y, a, b, float(n))
        total += term
        if term <= 1e-19 * total:
            return total
    f = np.empty(6)
    for i in range(6):
        f[i] = _taken(k, r, j, y, a, b, COUNTED - 3.0 + i)
    first = f[3] - f[2]
    third = f[4] - 3.0 * f[3] + 3.0 * f[2] - f[1]
    fifth = f[5] - 5.0 * f[4] + 10.0 * f[3] - 10.0 * f[2] + 5.0 * f[1] - f[0]
    total += first / 24.0 - third * 17.0 / 5760.0 + fifth * 367.0 / 967680.0
    mean, spread = r * y, math.sqrt((1.0 + y) / (r * y))
    end = (mean * (1.0 + 12.0 * spread) + 45.0 * (1.0 + y) + j) / k + 1.0
    at, flat = COUNTED - 0.5, mean * (1.0 - 12.0 * spread) / k
    while at < end:
        width = LOG_TWO if 2.0 * at < flat else min(LOG_TWO, 2.0 * spread / (1.0 + spread))
        middle, half = math.log(at) + 0.5 * width, 0.5 * width
        for i in range(10, 18):
            above, below = math.exp(middle + half * NODES[i]), math.exp(middle - half * NODES[i])
            both = above * _taken(k, r, j, y, a, b, above) + below * _taken(k, r, j, y, a, b, below)
            total += half * WEIGHTS[i] * both
        at *= math.exp(width)
        if not _taken(k, r, j, y, a, b, at) * end > 1e-17 * total:
            break
    return total


@scalar
def mean_purchases_ahead(k: float, r: float, z: float, y: float, a: float, b: float) -> float:
    """Mean purchases in a time ahead of a customer who has not left.

    Parameters
    ----------
    k
        Stages of a gap.
    r
        Shape of the distribution of the rate, r + k x after x purchases; its scale is A = alpha + T.
    z, y
        Time since the last purchase, and time ahead, in units of A; z is below 1.
    a, b
        Of Beta(a, b), the distribution of the dropout probability given all that has been survived.

    Returns
    -------
    float
        NaN for times ahead beyond `FARTHEST`, and where the silence would have had more than 1e20 stages on average.
    """
    if k == 1.0:
        return mean_purchases(y, r, a, b)
    if y == 0.0:
        return 0.0
    if r * z >= HUGE_SUM or not (y <= FARTHEST and r * y <= FARTHEST):
        return math.nan
    if (r + k) * y + 50.0 * (1.0 + y) <= MOST_STEPS:
        return _mean_by_steps(k, r, z, y, a, b)
    weight, weights, total = 1.0, 0.0, 0.0
    for j in range(int(k)):
        weights += weight
        total += weight * _mean_by_panels(k, r + j, float(j), y, a, b)
        weight *= (r + j) / (j + 1.0) * z
    return total / weights
