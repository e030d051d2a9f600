"""Gamma-Gamma: what one purchase is worth, from the mean of a few.

Source: Colombo & Jiang (1999); Fader & Hardie (2013), "The Gamma-Gamma model of monetary
value", here FH13. x repeat purchases of mean value m; each purchase of a customer is
Gamma(p, nu), nu is Gamma(q, v) over customers, v in units of money. Names ending in `_one`
are for use inside compiled code; the others are NumPy ufuncs, and take scalars inside
compiled code too.

Domain: p, q, v from 1e-90 to 1e90, whole x >= 0, |m| up to 1e90. Elsewhere the answer is NaN.
"""

import math

from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.special import LEAST, MOST, is_count, log_beta, unvectorised


@scalar
def _are_valid(x: float, m: float, p: float, q: float, v: float) -> bool:
    in_range = LEAST <= p <= MOST and LEAST <= q <= MOST and LEAST <= v <= MOST
    return in_range and -MOST <= m <= MOST and is_count(x)


@scalar
def log_likelihood_one(x: float, m: float, p: float, q: float, v: float) -> float:
    r"""Log-density of the mean m of x >= 1 purchases, m > 0.

    .. math:: \frac{1}{m\,B(px,q)} \left(\frac{xm}{v+xm}\right)^{px} \left(\frac{v}{v+xm}\right)^{q}

    Source: FH13 equation 1a, the powers gathered into two that log1p takes without
    cancellation. A mean of no purchases, or one that is not positive, has no density: NaN.
    """
    if not (_are_valid(x, m, p, q, v) and x > 0.0 and m >= LEAST):
        return math.nan
    spent = x * m
    log_shares = p * x * math.log1p(v / spent) + q * math.log1p(spent / v)
    return -math.log(m) - log_beta(p * x, q) - log_shares


@scalar
def expected_value_one(x: float, m: float, p: float, q: float, v: float) -> float:
    r"""Mean value of one purchase of a customer whose x purchases had mean m.

    .. math:: \frac{p\,(v + x m)}{p x + q - 1} = \frac{v + x m}{x + (q - 1) / p}

    Source: FH13 equation 5: a credibility average, linear in m, so m may be 0 or negative. Without
    purchases (x = 0) the mean of all customers, p v / (q - 1). No mean exists for p x + q <= 1: NaN.
    """
    if not _are_valid(x, m, p, q, v):
        return math.nan
    weight = unvectorised(x + (q - 1.0) / p)
    return (v + x * m) / weight if weight > LEAST else math.nan


@broadcast
def log_likelihood(x: float, m: float, p: float, q: float, v: float) -> float:
    """Log-density of each customer's mean m: `log_likelihood_one` over arrays that broadcast.

    Parameters
    ----------
    x, m : array_like
        Purchases, at least 1; their mean value, above 0.
    p, q, v : array_like
        Parameters; v has the unit of value.

    Returns
    -------
    float64, of the broadcast shape
        Log-density of each; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import gamma_gamma
    >>> gamma_gamma.log_likelihood([1, 2], [15.0, 22.35], 6.25, 3.74, 15.44).round(2)
    array([-3.59, -3.55])
    """
    return log_likelihood_one(float(x), float(m), float(p), float(q), float(v))


@broadcast
def expected_value(x: float, m: float, p: float, q: float, v: float) -> float:
    """Mean value of one purchase of each customer: `expected_value_one` over arrays that broadcast.

    Parameters
    ----------
    x, m : array_like
        Purchases; their mean value, of no consequence where x is 0.
    p, q, v : array_like
        Parameters; v has the unit of value.

    Returns
    -------
    float64, of the broadcast shape
        In the unit of value; NaN outside the domain, and where p x + q <= 1.

    Examples
    --------
    >>> from whalecurve.kernels import gamma_gamma
    >>> gamma_gamma.expected_value([1, 2], [15.0, 22.35], 6.25, 3.74, 15.44).round(2)
    array([21.16, 24.66])
    """
    return expected_value_one(float(x), float(m), float(p), float(q), float(v))
