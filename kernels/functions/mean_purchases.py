"""Mean purchases under BG/NBD, for any parameters: the sum that the papers write with a Gauss hypergeometric function.

Notation follows Fader, Hardie & Lee (2005), here FHL05; y = t / alpha. MBG/NBD rests on it too.
"""

import math

from whalecurve.kernels.compiler.jit import scalar


@scalar
def _mean_by_series(y: float, r: float, a: float, b: float) -> float:
    r"""Mean purchases in units of alpha, a series of positive terms; c = a + b - 1 >= 0, r <= 1 + 2c.

    .. math:: (1-z)^{a-1} \sum_{j\ge1} \frac{(a)_{j-1}}{j!} z^j G_j,\qquad
              G_j = c\left[1 - \frac{(c-r)_j}{(c)_j}\right], \quad z = \frac{y}{1+y}

    From FHL05 equation 9 by Euler's transformation, the leading 1 spread over the terms by the
    binomial theorem. The factor 1 / (a - 1) and the bracket that vanishes with a - 1 cancel term
    by term, so a = 1 is no special case. NaN if 20,000 terms do not suffice.
    """
    z, c = y / (1.0 + y), a + b - 1.0
    term, g, total = z, r, 0.0
    enough = 1e-17 / (c + r)
    for n in range(1, 20_001):
        j = float(n)
        total += term * g
        ratio = z * (a + (j - 1.0)) / (j + 1.0)
        if term <= (1.0 - ratio) * enough * total:
            return total * math.exp((1.0 - a) * math.log1p(y))
        term *= ratio
        step = r / (c + j)
        g = g * (1.0 - step) + c * step
    return math.nan


@scalar
def _purchases_per_dropout(p: float, y: float, r: float) -> float:
    """Mean purchases of a customer who drops out with probability p after each: (1 - (1 + p y)^-r) / p."""
    return -math.expm1(-r * math.log1p(p * y)) / p if p > 1e-290 else r * y


@scalar
def _log_mixture(q: float, p: float, d: float) -> float:
    """Logarithm of q + p exp(d), q + p = 1, for any d."""
    if d > 600.0:
        return d + math.log(p)
    change = p * math.expm1(d)
    return math.log1p(change) if change > -0.5 else math.log(q + p * math.exp(d))


@scalar
def _mean_by_quadrature(y: float, r: float, a: float, b: float) -> float:
    r"""Mean purchases in units of alpha for any parameters: a mean over the dropout probability.

    .. math:: \int_0^1 \frac{1-(1+py)^{-r}}{p}\, \frac{p^{a-1}(1-p)^{b-1}}{B(a,b)}\,dp

    Trapezoidal rule in u, p = 1 / (1 + exp(-s)), s = u - exp(lo - u) + exp(u - hi): plain logistic
    where the integrand has features (lo < u < hi), doubly exponential in its power-law tails. All
    terms are positive; the weights are taken relative to their peak at a / (a + b) and normalised
    by their own sum, so no beta function enters. NaN if 20,000 nodes on a side do not suffice.
    """
    peak, p0, q0 = math.log(a) - math.log(b), a / (a + b), b / (a + b)
    lo = -2.0 - math.log(max(1.0, b) + y * (1.0 + r))
    hi = 2.0 + math.log(2.0 + a)
    middle = min(max(peak, lo), hi)
    sharpness = a * q0
    h = 1.0 / math.sqrt(16.0 + 2.0 * sharpness)
    scale = math.log(min(sharpness, 1.0))  # the tails of a small a or b hold 1 / a or 1 / b
    weights, total = 0.0, 0.0
    for side in range(2):
        for k in range(20_001):
            if k == 20_000:
                return math.nan
            u = middle + h * (float(k + 1) if side == 0 else -float(k))
            left, right = math.exp(lo - u), math.exp(u - hi)
            s = u - left + right
            d = s - peak
            log_weight = scale - a * _log_mixture(p0, q0, -d) - b * _log_mixture(q0, p0, d)
            weight = math.exp(log_weight) * (1.0 + left + right)
            value = weight * _purchases_per_dropout(1.0 / (1.0 + math.exp(-s)) if s > -700.0 else 0.0, y, r)
            weights += weight
            total += value
            if weight <= 1e-18 * weights and value <= 1e-18 * total:
                break
    return total / weights


@scalar
def mean_purchases(y: float, r: float, a: float, b: float) -> float:
    r"""Mean purchases of a newcomer in y = t / alpha, from FHL05 equation 9.

    .. math:: \frac{a+b-1}{a-1}\left[1-(1+y)^{-r}\,
              {}_2F_1\!\left(r,b;a+b-1;\tfrac{y}{1+y}\right)\right]

    A short series where y is moderate, quadrature elsewhere. Where the series would have terms of
    both signs, dropout is split into its two outcomes, p and 1 - p, which makes two series with a
    larger a + b. Measured against 60 digits: relative error below 1e-14 for parameters and y from
    1e-8 to 1e8. Terms and nodes are capped; NaN if that is not enough.
    """
    if y == 0.0:
        return 0.0
    c = a + b - 1.0
    if y <= 40.0 and a * y <= 50.0:
        if c >= 0.0 and r <= 1.0 + 2.0 * c:
            return _mean_by_series(y, r, a, b)
        if r <= 3.0 + 2.0 * c:
            stays, leaves = _mean_by_series(y, r, a, b + 1.0), _mean_by_series(y, r, a + 1.0, b)
            return (b * stays + a * leaves) / (a + b)
    return _mean_by_quadrature(y, r, a, b)
