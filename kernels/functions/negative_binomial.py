"""Negative binomial probabilities and tails, the counts of a customer who never leaves.

n purchases in time t at a rate that is Gamma(r, alpha) over customers; y = t / alpha. No call raises a floating-point
flag other than inexact and underflow.
"""

import math

from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.functions.special import HALF_LOG_TWO_PI, STIRLING_FROM, log_gamma, log_rising, stirling_rest


@scalar
def _stirling_rest_anywhere(x: float) -> float:
    if x >= STIRLING_FROM:
        return stirling_rest(x)
    return log_gamma(x) - ((x - 0.5) * math.log(x) - x + HALF_LOG_TWO_PI)


@scalar
def _deviance(x: float, m: float, x_minus_m: float) -> float:
    """Deviance x log(x / m) - (x - m), x, m > 0, without cancellation where x is near m (Loader 2000)."""
    v = x_minus_m / (x + m)
    if abs(v) > 0.1:
        return x * math.log(x / m) - x_minus_m
    power, odd, total = 2.0 * x * v, 1.0, x_minus_m * v
    while odd < 40.0 and abs(power) > 1e-17 * total:
        power *= v * v
        odd += 2.0
        total += power / odd
    return total


@scalar
def negative_binomial(n: float, r: float, y: float) -> float:
    r"""P(N = n) for a negative binomial count of shape r and mean r y.

    .. math:: \frac{\Gamma(r+n)}{\Gamma(r)\,n!} \frac{y^n}{(1+y)^{r+n}}

    For n >= 1 as r / (r + n) times a binomial probability in Loader's saddle-point form (2000,
    "Fast and accurate computation of binomial probabilities"): its exponent is no larger than
    the result is small, where the sum of log-gammas loses a digit per power of ten of n.
    The caller guarantees whole n >= 0, r > 0 and y > 0, n and r at most 1e90.
    """
    if n == 0.0:
        return math.exp(-r * math.log1p(y))
    if y < 1e-250:  # n / y would overflow below
        return r * y if n == 1.0 else 0.0
    total = r + n
    off = (n - r * y) / (1.0 + y)
    rest = _stirling_rest_anywhere(total) - _stirling_rest_anywhere(r) - _stirling_rest_anywhere(n)
    deviance = _deviance(n, total * (y / (1.0 + y)), off) + _deviance(r, total / (1.0 + y), -off)
    return math.exp(rest - deviance - HALF_LOG_TWO_PI) * math.sqrt(r / n) * math.sqrt(1.0 / total)


@scalar
def _incomplete_beta_fraction(p: float, q: float, z: float) -> float:
    """Continued fraction DLMF 8.17.22 by modified Lentz; NaN if not converged in 100,000 steps.

    I_z(p, q) is this times z^p (1 - z)^q / (p B(p, q)).
    """
    numerator, denominator, value = 1.0, 0.0, 1.0
    for k in range(100_000):
        m = float(k // 2)
        if k % 2 == 1:
            m += 1.0
            d = m * (q - m) * z / ((p + 2.0 * m - 1.0) * (p + 2.0 * m))
        else:
            d = -(p + m) * (p + q + m) * z / ((p + 2.0 * m) * (p + 2.0 * m + 1.0))
        denominator = 1.0 + d * denominator
        numerator = 1.0 + d / numerator
        denominator = 1.0 / (denominator if denominator != 0.0 else 1e-300)
        numerator = numerator if numerator != 0.0 else 1e-300
        step = numerator * denominator
        value *= step
        if abs(step - 1.0) < 1e-16:
            return 1.0 / value
    return math.nan


@scalar
def _tail_beside_a_likely_zero(n: float, r: float, y: float) -> float:
    """P(N >= n) where r is small and n (1 - z) at most about 1: one less P(N < n), which nears 1, by expm1.

    DLMF 8.17.7 for I_{1-z}(r, n); every part of its logarithm shrinks with r, and keeps its digits.
    """
    p = 1.0 / (1.0 + y)
    term, total = 1.0, 0.0
    for k in range(1, 200):
        term *= (float(k) - n) * p / float(k)
        total += term / (r + float(k))
        if abs(term) < 1e-17:
            return -math.expm1(log_rising(n, r) - log_rising(1.0, r) - r * math.log1p(y) + math.log1p(r * total))
    return math.nan


@scalar
def negative_binomial_tail(n: float, r: float, y: float) -> float:
    r"""P(N >= n) for the count of `negative_binomial`: the regularised incomplete beta function.

    .. math:: I_z(n, r), \qquad z = y / (1 + y)

    One minus the sum of n probabilities, the form of the papers, fails where the tail is thin.
    """
    if n == 0.0:
        return 1.0
    if n == 1.0:
        return -math.expm1(-r * math.log1p(y))
    at_n, z = negative_binomial(n, r, y), y / (1.0 + y)
    if z * (n + r + 2.0) > n + 1.0:
        below = at_n * (n / r) * _incomplete_beta_fraction(r, n, 1.0 / (1.0 + y))
        return _tail_beside_a_likely_zero(n, r, y) if below >= 0.9 else 1.0 - below
    return at_n * _incomplete_beta_fraction(n, r, z)
