"""MBG/NBD: the BG/NBD in which a customer may also leave right after the first purchase.

Notation follows Batislam, Denizel & Filiztekin (2007), International Journal of Research in
Marketing 24(3), 201-209, here BDF07, and Hoppe & Wagner (2007), Marketing - Journal of Research
and Management 3(2), 75-90, here HW07; symbols, units and domain as in the BG/NBD. Names ending in
`_one` are for use inside compiled code; the others are NumPy ufuncs, and take scalars inside
compiled code too.

One more toss of the dropout coin, before the first repeat purchase, is the whole difference. Who
leaves on it, a share a / (a + b), never comes back; the others are BG/NBD customers with b + 1
for b.
"""

import math

from whalecurve.kernels import bgnbd
from whalecurve.kernels.bgnbd import are_parameters, is_history
from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.mean_purchases import mean_purchases
from whalecurve.kernels.functions.negative_binomial import negative_binomial, negative_binomial_tail
from whalecurve.kernels.functions.special import (
    MOST,
    is_count,
    log_beta_ratio,
    log_rising,
    logistic,
    softplus,
)


@scalar
def log_odds_gone_one(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """Log of (1 - P(alive)) / P(alive); NaN outside the domain."""
    if not (is_history(x, t_x, T) and are_parameters(r, alpha, a, b)):
        return math.nan
    return math.log(a / (b + x)) + (r + x) * math.log1p((T - t_x) / (alpha + t_x))


@scalar
def log_likelihood_one(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    r"""Log-likelihood of one customer.

    .. math:: \frac{B(a,b+x+1)}{B(a,b)} \frac{\Gamma(r+x)\,\alpha^r}{\Gamma(r)(\alpha+T)^{r+x}}
              \left[1 + \frac{a}{b+x} \left(\frac{\alpha+T}{\alpha+t_x}\right)^{r+x}\right]

    Source: BDF07 and HW07, with the part of the living taken out of the bracket, so that the
    bracket is log1p of the odds of being gone.
    """
    log_odds = log_odds_gone_one(x, t_x, T, r, alpha, a, b)
    if math.isnan(log_odds):
        return math.nan
    survivals_and_gaps = log_beta_ratio(a, b, x + 1.0) + log_rising(r, x) - x * math.log(alpha + T)
    return survivals_and_gaps - r * math.log1p(T / alpha) + softplus(log_odds)


@scalar
def p_alive_one(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    r"""P(alive) of one customer.

    .. math:: \left[1 + \frac{a}{b+x}\left(\frac{\alpha+T}{\alpha+t_x}\right)^{r+x}\right]^{-1}

    Source: BDF07 and HW07; worked through the log odds, as in the BG/NBD.
    """
    return logistic(-log_odds_gone_one(x, t_x, T, r, alpha, a, b))


@scalar
def expected_purchases_one(t: float, r: float, alpha: float, a: float, b: float) -> float:
    r"""Mean purchases of a new customer in (0, t].

    .. math:: \frac{b}{a-1}\left[1-\left(\tfrac{\alpha}{\alpha+t}\right)^{r}
              {}_2F_1\!\left(r,b+1;a+b;\tfrac{t}{\alpha+t}\right)\right]

    Source: BDF07 and HW07. It is the BG/NBD mean with b + 1 for those who stay, a share b / (a + b).
    """
    if not (0.0 <= t <= MOST and are_parameters(r, alpha, a, b)):
        return math.nan
    return b / (a + b) * mean_purchases(t / alpha, r, a, b + 1.0)


@scalar
def expected_if_alive_one(t: float, x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """Mean purchases in (T, T + t] of a customer with x by T who is alive at T.

    Such a customer has survived x + 1 tosses and tosses again at the next purchase: a newcomer of
    the BG/NBD with the parameters r + x, alpha + T, a, b + x + 1. Depends on (x, T) only.
    """
    if not (0.0 <= t <= MOST and is_history(x, 0.0, T) and are_parameters(r, alpha, a, b)):
        return math.nan
    return mean_purchases(t / (alpha + T), r + x, a, b + x + 1.0)


@scalar
def conditional_expected_purchases_one(
    t: float, x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float
) -> float:
    """Mean purchases in (T, T + t] given x purchases, the last at t_x, within T; BDF07 and HW07."""
    alive = p_alive_one(x, t_x, T, r, alpha, a, b)
    if math.isnan(alive):
        return math.nan
    return alive * expected_if_alive_one(t, x, T, r, alpha, a, b)


@scalar
def pmf_one(n: float, t: float, r: float, alpha: float, a: float, b: float) -> float:
    r"""P(X(t) = n) of a new customer.

    With N the negative binomial count of one who never leaves:

    .. math:: \frac{B(a,b+n)}{B(a,b)} \cdot \frac{(b+n)\,P(N=n) + a\,P(N\ge n)}{a+b+n}

    Source: HW07, its sum of n probabilities written as an incomplete beta function, as in the BG/NBD.
    """
    if not (is_count(n) and 0.0 <= t <= MOST and are_parameters(r, alpha, a, b)):
        return math.nan
    y = t / alpha
    if y == 0.0:
        return 1.0 if n == 0.0 else 0.0
    total = a + b + n
    stayed, left = (b + n) / total, a / total
    arrivals = stayed * negative_binomial(n, r, y) + left * negative_binomial_tail(n, r, y)
    return math.exp(log_beta_ratio(a, b, n)) * arrivals


p_no_purchase_if_alive_one = bgnbd.p_no_purchase_if_alive_one
"""As in the BG/NBD: who is alive at T has survived the toss after the last purchase; the next is at the next one."""


@scalar
def p_no_purchase_one(t: float, x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """P(no purchase in (T, T + t]): gone by T, or alive without a purchase in the interval."""
    log_odds = log_odds_gone_one(x, t_x, T, r, alpha, a, b)
    quiet = p_no_purchase_if_alive_one(t, x, T, r, alpha, a, b)
    if math.isnan(log_odds) or math.isnan(quiet):
        return math.nan
    return min(logistic(log_odds) + logistic(-log_odds) * quiet, 1.0)


@broadcast
def log_likelihood(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """Log-likelihood of each customer: `log_likelihood_one` over arrays that broadcast.

    Parameters
    ----------
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Log-likelihood of each; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgnbd
    >>> mbgnbd.log_likelihood([0.0, 2.0], [0.0, 30.43], 38.86, 0.525, 6.183, 0.891, 1.614).round(4)
    array([-0.5398, -9.4856])
    """
    return log_likelihood_one(float(x), float(t_x), float(T), float(r), float(alpha), float(a), float(b))


@broadcast
def p_alive(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """P(alive) of each customer: `p_alive_one` over arrays that broadcast.

    Parameters
    ----------
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgnbd
    >>> mbgnbd.p_alive([0.0, 2.0], [0.0, 30.43], 38.86, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.3897, 0.7062])
    """
    return p_alive_one(float(x), float(t_x), float(T), float(r), float(alpha), float(a), float(b))


@broadcast
def expected_purchases(t: float, r: float, alpha: float, a: float, b: float) -> float:
    """Mean purchases of a new customer in (0, t]: `expected_purchases_one` over arrays that broadcast.

    Parameters
    ----------
    t : array_like
        Time since the first purchase, in the unit of alpha.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Purchases, the first one not counted; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgnbd
    >>> mbgnbd.expected_purchases([13.0, 39.0], 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.5354, 1.183 ])
    """
    return expected_purchases_one(float(t), float(r), float(alpha), float(a), float(b))


@broadcast
def expected_if_alive(t: float, x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """Mean purchases of each living customer in (T, T + t]: `expected_if_alive_one` over arrays that broadcast.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, T : array_like
        Repeat purchases; age, in the unit of alpha.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgnbd
    >>> mbgnbd.expected_if_alive(39.0, [0.0, 2.0], 38.86, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.3952, 1.7884])
    """
    return expected_if_alive_one(float(t), float(x), float(T), float(r), float(alpha), float(a), float(b))


@broadcast
def conditional_expected_purchases(
    t: float, x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float
) -> float:
    """Mean purchases of each customer in (T, T + t]: `conditional_expected_purchases_one` over arrays.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgnbd
    >>> params = (0.525, 6.183, 0.891, 1.614)
    >>> mbgnbd.conditional_expected_purchases(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, *params).round(4)
    array([0.154, 1.263])
    """
    return conditional_expected_purchases_one(
        float(t), float(x), float(t_x), float(T), float(r), float(alpha), float(a), float(b)
    )


@broadcast
def pmf(n: float, t: float, r: float, alpha: float, a: float, b: float) -> float:
    """P(X(t) = n) of a new customer: `pmf_one` over arrays that broadcast.

    Parameters
    ----------
    n : array_like
        Number of purchases.
    t : array_like
        Time since the first purchase, in the unit of alpha.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgnbd
    >>> mbgnbd.pmf([0, 1, 2], 39.0, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.5825, 0.1828, 0.0869])
    """
    return pmf_one(float(n), float(t), float(r), float(alpha), float(a), float(b))


@broadcast
def p_no_purchase(t: float, x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """P(no purchase in (T, T + t]) of each customer: `p_no_purchase_one` over arrays that broadcast.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgnbd
    >>> mbgnbd.p_no_purchase(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.8912, 0.44  ])
    """
    return p_no_purchase_one(float(t), float(x), float(t_x), float(T), float(r), float(alpha), float(a), float(b))


p_no_purchase_if_alive = bgnbd.p_no_purchase_if_alive
"""P(no purchase in (T, T + t]) of each living customer: the ufunc of the BG/NBD."""
