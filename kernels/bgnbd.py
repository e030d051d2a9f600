"""BG/NBD: counting customers who may have left without saying so.

Notation follows Fader, Hardie & Lee (2005), Marketing Science 24(2), 275-284,
here FHL05: x repeat purchases, the last at t_x, observed until T; parameters
r, alpha (purchase rate, Gamma) and a, b (dropout after a purchase, Beta). Times are
in the unit of alpha. Names ending in `_one` are for use inside compiled code; the
others are NumPy ufuncs, and take scalars inside compiled code too.

Domain, here and in MBG/NBD: parameters from 1e-90 to 1e90; whole x and n; 0 <= t_x <= T;
t_x = 0 where x = 0; t >= 0; nothing beyond 1e90. Elsewhere the answer is NaN.
"""

import math

from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.mean_purchases import mean_purchases
from whalecurve.kernels.functions.negative_binomial import negative_binomial, negative_binomial_tail
from whalecurve.kernels.functions.special import (
    LEAST,
    MOST,
    is_count,
    log_beta_ratio,
    log_rising,
    logistic,
    softplus,
)


@scalar
def are_parameters(r: float, alpha: float, a: float, b: float) -> bool:
    """Tell whether all four are positive and within the range of numbers served."""
    return LEAST <= r <= MOST and LEAST <= alpha <= MOST and LEAST <= a <= MOST and LEAST <= b <= MOST


@scalar
def is_history(x: float, t_x: float, T: float) -> bool:
    """Tell whether x repeat purchases by t_x within T can be: no time passes before the first of them."""
    return is_count(x) and 0.0 <= t_x <= T <= MOST and (x > 0.0 or t_x == 0.0)


@scalar
def log_odds_gone_one(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """Log of (1 - P(alive)) / P(alive): -inf for x = 0, NaN outside the domain."""
    if not (is_history(x, t_x, T) and are_parameters(r, alpha, a, b)):
        return math.nan
    if x == 0.0:
        return -math.inf
    return math.log(a / (b + (x - 1.0))) + (r + x) * math.log1p((T - t_x) / (alpha + t_x))


@scalar
def log_likelihood_one(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    r"""Log-likelihood of one customer.

    .. math:: \frac{B(a,b+x)}{B(a,b)} \frac{\Gamma(r+x)\,\alpha^r}{\Gamma(r)(\alpha+T)^{r+x}}
              \left[1 + \delta_{x>0} \frac{a}{b+x-1}
              \left(\frac{\alpha+T}{\alpha+t_x}\right)^{r+x}\right]

    Source: FHL05 equation 6, with the part of the living taken out of the bracket, so that
    the bracket is log1p of the odds of being gone.
    """
    log_odds = log_odds_gone_one(x, t_x, T, r, alpha, a, b)
    if math.isnan(log_odds):
        return math.nan
    survivals_and_gaps = log_beta_ratio(a, b, x) + log_rising(r, x) - x * math.log(alpha + T)
    return survivals_and_gaps - r * math.log1p(T / alpha) + softplus(log_odds)


@scalar
def p_alive_one(x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    r"""P(alive) of one customer; 1 for every customer without a repeat purchase.

    .. math:: \left[1 + \frac{a}{b+x-1}
              \left(\frac{\alpha+T}{\alpha+t_x}\right)^{r+x}\right]^{-1},\quad x>0

    Source: Fader, Hardie & Lee (2008), technical note 021. Worked through the log odds: the
    power overflows for x in the hundreds, and log1p((T - t_x) / (alpha + t_x)) keeps the digits
    of a recent last purchase.
    """
    return logistic(-log_odds_gone_one(x, t_x, T, r, alpha, a, b))


@scalar
def expected_purchases_one(t: float, r: float, alpha: float, a: float, b: float) -> float:
    """Mean purchases of a new customer in (0, t], FHL05 equation 9; see `mean_purchases`."""
    if not (0.0 <= t <= MOST and are_parameters(r, alpha, a, b)):
        return math.nan
    return mean_purchases(t / alpha, r, a, b)


@scalar
def expected_if_alive_one(t: float, x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """Mean purchases in (T, T + t] of a customer with x by T who is alive at T.

    Such a customer is a newcomer with the parameters r + x, alpha + T, a, b + x: each purchase
    adds one to r and, survived, to b. Depends on (x, T) only; P(alive) times this is FHL05 equation 10.
    """
    if not (0.0 <= t <= MOST and is_history(x, 0.0, T) and are_parameters(r, alpha, a, b)):
        return math.nan
    return mean_purchases(t / (alpha + T), r + x, a, b + x)


@scalar
def conditional_expected_purchases_one(
    t: float, x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float
) -> float:
    """Mean purchases in (T, T + t] given x purchases, the last at t_x, within T; FHL05 equation 10."""
    alive = p_alive_one(x, t_x, T, r, alpha, a, b)
    if math.isnan(alive):
        return math.nan
    return alive * expected_if_alive_one(t, x, T, r, alpha, a, b)


@scalar
def pmf_one(n: float, t: float, r: float, alpha: float, a: float, b: float) -> float:
    r"""P(X(t) = n) of a new customer, FHL05 equation 8.

    With N the negative binomial count of one who never leaves, for n >= 1:

    .. math:: \frac{B(a,b+n-1)}{B(a,b)} \cdot
              \frac{(b+n-1)\,P(N=n) + a\,P(N\ge n)}{a+b+n-1}

    The paper's second bracket, one minus a sum of n probabilities, is P(N >= n), here an
    incomplete beta function: no cancellation and no limit on n.
    """
    if not (is_count(n) and 0.0 <= t <= MOST and are_parameters(r, alpha, a, b)):
        return math.nan
    y = t / alpha
    if y == 0.0:
        return 1.0 if n == 0.0 else 0.0
    if n == 0.0:
        return negative_binomial(0.0, r, y)
    survived = n - 1.0
    total = a + b + survived
    stayed, left = (b + survived) / total, a / total
    arrivals = stayed * negative_binomial(n, r, y) + left * negative_binomial_tail(n, r, y)
    return math.exp(log_beta_ratio(a, b, survived)) * arrivals


@scalar
def p_no_purchase_if_alive_one(t: float, x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """P(no purchase in (T, T + t]) of a customer with x purchases who is alive at T.

    ((alpha + T) / (alpha + T + t))^(r + x): nobody leaves between two purchases, so a and b do not matter.
    """
    if not (0.0 <= t <= MOST and is_history(x, 0.0, T) and are_parameters(r, alpha, a, b)):
        return math.nan
    return math.exp(-(r + x) * math.log1p(t / (alpha + T)))


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
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.log_likelihood([0.0, 2.0], [0.0, 30.43], 38.86, 0.243, 4.414, 0.793, 2.426).round(4)
    array([-0.5547, -9.4586])
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
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.p_alive([0.0, 2.0], [0.0, 30.43], 38.86, 0.243, 4.414, 0.793, 2.426).round(4)
    array([1.    , 0.7266])
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
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.expected_purchases([13.0, 39.0], 0.243, 4.414, 0.793, 2.426).round(4)
    array([0.5344, 1.1967])
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
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.expected_if_alive(39.0, [0.0, 2.0], 38.86, 0.243, 4.414, 0.793, 2.426).round(4)
    array([0.1951, 1.6874])
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
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.conditional_expected_purchases(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, 0.243, 4.414, 0.793, 2.426).round(4)
    array([0.1951, 1.226 ])
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
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.pmf([0, 1, 2], 39.0, 0.243, 4.414, 0.793, 2.426).round(4)
    array([0.5738, 0.1994, 0.0854])
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
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.p_no_purchase(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, 0.243, 4.414, 0.793, 2.426).round(4)
    array([0.8554, 0.4454])
    """
    return p_no_purchase_one(float(t), float(x), float(t_x), float(T), float(r), float(alpha), float(a), float(b))


@broadcast
def p_no_purchase_if_alive(t: float, x: float, T: float, r: float, alpha: float, a: float, b: float) -> float:
    """P(no purchase in (T, T + t]) of each living customer: `p_no_purchase_if_alive_one` over arrays.

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
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgnbd
    >>> bgnbd.p_no_purchase_if_alive(39.0, [0.0, 2.0], 38.86, 0.243, 4.414, 0.793, 2.426).round(4)
    array([0.8554, 0.2367])
    """
    return p_no_purchase_if_alive_one(float(t), float(x), float(T), float(r), float(alpha), float(a), float(b))
