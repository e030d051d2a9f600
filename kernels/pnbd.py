"""Pareto/NBD: counting customers who may leave at any time, unseen.

Notation follows Schmittlein, Morrison & Colombo (1987), Management Science 33(1), 1-24, and Fader
& Hardie (2005), "A note on deriving the Pareto/NBD model", here FH05: x repeat purchases, the last
at t_x, observed until T; parameters r, alpha (purchase rate, Gamma) and s, beta (dropout rate,
Gamma). Times are in the unit of alpha and beta. Names ending in `_one` are for use inside compiled
code; the others are NumPy ufuncs, and take scalars inside compiled code too.

Domain: parameters from 1e-60 to 1e60; whole x and n; 0 <= t_x <= T and t >= 0, none beyond 1e90;
t_x = 0 where x = 0; the n of `pmf` up to 1e15. Elsewhere the answer is NaN.
"""

import math

from whalecurve.kernels.bgnbd import is_history
from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.negative_binomial import negative_binomial
from whalecurve.kernels.functions.pnbd_integral import UNBOUNDED, decay_integral, dropout_after, log1p_positive
from whalecurve.kernels.functions.special import MOST, is_count, log_rising

SMALLEST, LARGEST = 1e-60, 1e60
"""Products and ratios of four numbers in this range neither overflow nor vanish."""

MOST_COUNTED = 1e15
"""Beyond this neighbouring counts are no longer told apart, nor is the peak of the integrand of `pmf` found."""

STEEP = 1e30
"""A power that turns (1 + z y / STEEP)^-STEEP into exp(-z y), to the last bit."""

NO_EXCESS = 1e-17
"""Less than any s - 1 > 0: LLVM may divide by s - 1 before it asks whether s > 1, which must raise no flag at s = 1."""


@scalar
def are_parameters(r: float, alpha: float, s: float, beta: float) -> bool:
    """Tell whether all four are positive and within the range of numbers served."""
    are_shapes = SMALLEST <= r <= LARGEST and SMALLEST <= s <= LARGEST
    return are_shapes and SMALLEST <= alpha <= LARGEST and SMALLEST <= beta <= LARGEST


@scalar
def _alive_and_gone(
    x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float
) -> tuple[float, float]:
    r"""Weights of the two ways to be silent since t_x: minus the log of that of the living, that of the gone.

    .. math:: \left(\frac{\alpha+t_x}{\alpha+T}\right)^{r+x} \left(\frac{\beta+t_x}{\beta+T}\right)^{s},\qquad
              \int_{t_x}^{T} \left(\frac{\alpha+t_x}{\alpha+u}\right)^{r+x}
              \left(\frac{\beta+t_x}{\beta+u}\right)^{s} \frac{s}{\beta+u}\,du

    Relative to the last purchase, so neither overflows; the gone are one integral of positive terms, not the
    difference of two hypergeometric functions of FH05.
    """
    a, b, silence = alpha + t_x, beta + t_x, T - t_x
    a_width, b_width = log1p_positive(silence / a), log1p_positive(silence / b)
    fall = (r + x) * a_width + s * b_width
    if a <= b:
        return fall, s * (a / b) * decay_integral(r + x - 1.0, s + 1.0, a / b, a_width)
    return fall, s * decay_integral(s, r + x, b / a, b_width)


@scalar
def log_likelihood_one(x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    r"""Log-likelihood of one customer.

    .. math:: \frac{\Gamma(r+x)}{\Gamma(r)} \alpha^r \beta^s \left[ \frac{1}{(\alpha+T)^{r+x}(\beta+T)^s}
              + s \int_{t_x}^{T} \frac{du}{(\alpha+u)^{r+x}(\beta+u)^{s+1}} \right]

    Source: FH05, the likelihood before the integral is written as hypergeometric functions.
    """
    if not (is_history(x, t_x, T) and are_parameters(r, alpha, s, beta)):
        return math.nan
    fall, gone = _alive_and_gone(x, t_x, T, r, alpha, s, beta)
    until_t_x = -r * log1p_positive(t_x / alpha) - s * log1p_positive(t_x / beta)
    if x > 0.0:
        until_t_x += log_rising(r, x) - x * math.log(alpha + t_x)
    return until_t_x + math.log(math.exp(-fall) + gone)


@scalar
def _p_alive_and_gone(
    x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float
) -> tuple[float, float]:
    """P(alive) and its complement, each with all its digits."""
    fall, gone = _alive_and_gone(x, t_x, T, r, alpha, s, beta)
    alive = math.exp(-fall)
    both = alive + gone
    return (alive / both if fall < 700.0 else math.exp(-fall - math.log(both))), gone / both


@scalar
def p_alive_one(x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """P(alive) of one customer at T. Source: FH05, by Bayes' rule."""
    if not (is_history(x, t_x, T) and are_parameters(r, alpha, s, beta)):
        return math.nan
    return _p_alive_and_gone(x, t_x, T, r, alpha, s, beta)[0]


@scalar
def _mean_time_active(t: float, s: float, beta: float) -> float:
    r"""Mean time active in (0, t] for a dropout rate that is Gamma(s, beta).

    .. math:: \frac{\beta}{s-1}\left[1 - \left(\frac{\beta}{\beta+t}\right)^{s-1}\right],
              \qquad \beta \log(1 + t/\beta) \quad\text{at } s = 1

    s - 1 is exact near 1 and expm1 keeps its digits: no neighbourhood of s = 1 needs a series.
    """
    log_growth = log1p_positive(t / beta)
    if s == 1.0:
        return beta * log_growth
    return beta * (-math.expm1((1.0 - s) * log_growth) / (s - 1.0))


@scalar
def expected_purchases_one(t: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Mean purchases of a new customer in (0, t]. Source: FH05, E[X(t)]."""
    if not (0.0 <= t <= MOST and are_parameters(r, alpha, s, beta)):
        return math.nan
    return r / alpha * _mean_time_active(t, s, beta)


@scalar
def expected_if_alive_one(t: float, x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Mean purchases in (T, T + t] of a customer alive at T.

    Given life at T the rates are again Gamma, with r + x, alpha + T and s, beta + T: the time
    of the last purchase no longer matters.
    """
    if not (0.0 <= t <= MOST and is_history(x, 0.0, T) and are_parameters(r, alpha, s, beta)):
        return math.nan
    return (r + x) / (alpha + T) * _mean_time_active(t, s, beta + T)


@scalar
def conditional_expected_purchases_one(
    t: float, x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float
) -> float:
    """Mean purchases in (T, T + t] given the history. Source: FH05, conditional expectation."""
    return p_alive_one(x, t_x, T, r, alpha, s, beta) * expected_if_alive_one(t, x, T, r, alpha, s, beta)


@scalar
def p_no_purchase_if_alive_one(t: float, x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """P(no purchase in (T, T + t]) of a customer alive at T: the likelihood of silence, rates updated."""
    if not (0.0 <= t <= MOST and is_history(x, 0.0, T) and are_parameters(r, alpha, s, beta)):
        return math.nan
    fall, gone = _alive_and_gone(0.0, 0.0, t, r + x, alpha + T, s, beta + T)
    return min(math.exp(-fall) + gone, 1.0)


@scalar
def pmf_one(n: float, t: float, r: float, alpha: float, s: float, beta: float) -> float:
    r"""P(X(t) = n) of a new customer: alive at t with n purchases, or n purchases and then dropout.

    .. math:: P(N(t)=n) \left(\frac{\beta}{\beta+t}\right)^s
              + \int_0^t P(N(u)=n)\, \frac{s\beta^s}{(\beta+u)^{s+1}}\,du

    with N negative binomial. Source: Fader & Hardie (2006), "Deriving an expression for P(X(t) = x)
    under the Pareto/NBD model", before the integral is written as sums of hypergeometric functions.
    """
    if not (is_count(n) and n <= MOST_COUNTED and 0.0 <= t <= MOST and are_parameters(r, alpha, s, beta)):
        return math.nan
    if n == 0.0:
        return p_no_purchase_if_alive_one(t, 0.0, 0.0, r, alpha, s, beta)
    if t / alpha < 1e-290:
        return 0.0
    alive = negative_binomial(n, r, t / alpha) * math.exp(-s * log1p_positive(t / beta))
    return min(alive + dropout_after(n, t, r, alpha, s, beta), 1.0)


@scalar
def p_no_purchase_one(t: float, x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """P(no purchase in (T, T + t] | history): gone, or alive and silent."""
    if not (0.0 <= t <= MOST and is_history(x, t_x, T) and are_parameters(r, alpha, s, beta)):
        return math.nan
    alive, gone = _p_alive_and_gone(x, t_x, T, r, alpha, s, beta)
    return min(gone + alive * p_no_purchase_if_alive_one(t, x, T, r, alpha, s, beta), 1.0)


@scalar
def dert_if_alive_one(discount: float, x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    r"""Discounted expected residual transactions of a customer alive at T.

    .. math:: \frac{r+x}{\alpha+T} \int_0^\infty e^{-\delta v} \left(\frac{\beta+T}{\beta+T+v}\right)^{s} dv

    Source: Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42, where the
    integral is written as Tricomi's U. `discount` is continuous, per unit of time. At 0 the integral is
    (beta + T) / (s - 1), and NaN for s <= 1, where it has no bound.
    """
    if not (discount == 0.0 or SMALLEST <= discount <= LARGEST):
        return math.nan
    if not (is_history(x, 0.0, T) and are_parameters(r, alpha, s, beta)):
        return math.nan
    rate, scale = (r + x) / (alpha + T), beta + T
    if discount == 0.0:
        return rate * (scale / max(s - 1.0, NO_EXCESS)) if s > 1.0 else math.nan
    z = discount * scale
    if z <= STEEP:
        return rate * (scale * decay_integral(s - 1.0, STEEP, z / STEEP, UNBOUNDED))
    return rate * (STEEP / discount * decay_integral(STEEP - 1.0, s, STEEP / z, UNBOUNDED))


@scalar
def dert_one(discount: float, x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Discounted expected residual transactions given the history."""
    return p_alive_one(x, t_x, T, r, alpha, s, beta) * dert_if_alive_one(discount, x, T, r, alpha, s, beta)


@broadcast
def log_likelihood(x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Log-likelihood of customers who bought x times, last at t_x, observed until T.

    Parameters
    ----------
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        Log-likelihood of each; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.log_likelihood([0.0, 2.0], [0.0, 30.43], 38.86, 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([-0.5211, -9.5545])
    """
    return log_likelihood_one(float(x), float(t_x), float(T), float(r), float(alpha), float(s), float(beta))


@broadcast
def p_alive(x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """P(alive) at T, in [0, 1].

    Parameters
    ----------
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.p_alive([0.0, 2.0], [0.0, 30.43], 38.86, 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([0.295 , 0.8691])
    """
    return p_alive_one(float(x), float(t_x), float(T), float(r), float(alpha), float(s), float(beta))


@broadcast
def expected_purchases(t: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Mean purchases of a new customer in (0, t].

    Parameters
    ----------
    t : array_like
        Time since the first purchase, in the unit of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        Purchases, the first one not counted; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.expected_purchases([13.0, 39.0], 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([0.5313, 1.2131])
    """
    return expected_purchases_one(float(t), float(r), float(alpha), float(s), float(beta))


@broadcast
def conditional_expected_purchases(
    t: float, x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float
) -> float:
    """Mean purchases in (T, T + t] given the history.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> params = (0.5534, 10.5802, 0.6061, 11.6562)
    >>> pnbd.conditional_expected_purchases(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, *params).round(4)
    array([0.107 , 1.4551])
    """
    return conditional_expected_purchases_one(
        float(t), float(x), float(t_x), float(T), float(r), float(alpha), float(s), float(beta)
    )


@broadcast
def expected_if_alive(t: float, x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Mean purchases in (T, T + t] of customers who are alive at T.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, T : array_like
        Repeat purchases; age, in the unit of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.expected_if_alive(39.0, [0.0, 2.0], 38.86, 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([0.3629, 1.6742])
    """
    return expected_if_alive_one(float(t), float(x), float(T), float(r), float(alpha), float(s), float(beta))


@broadcast
def p_no_purchase_if_alive(t: float, x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """P(no purchase in (T, T + t]) of customers who are alive at T.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, T : array_like
        Repeat purchases; age, in the unit of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.p_no_purchase_if_alive(39.0, [0.0, 2.0], 38.86, 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([0.7652, 0.319 ])
    """
    return p_no_purchase_if_alive_one(float(t), float(x), float(T), float(r), float(alpha), float(s), float(beta))


@broadcast
def pmf(n: float, t: float, r: float, alpha: float, s: float, beta: float) -> float:
    """P(X(t) = n) of a new customer.

    Parameters
    ----------
    n : array_like
        Number of purchases.
    t : array_like
        Time since the first purchase, in the unit of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.pmf([0, 1, 2], 39.0, 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([0.5936, 0.1656, 0.0825])
    """
    return pmf_one(float(n), float(t), float(r), float(alpha), float(s), float(beta))


@broadcast
def p_no_purchase(t: float, x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """P(no purchase in (T, T + t]) given the history.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.p_no_purchase(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([0.9308, 0.4081])
    """
    return p_no_purchase_one(float(t), float(x), float(t_x), float(T), float(r), float(alpha), float(s), float(beta))


@broadcast
def dert(discount: float, x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Discounted expected residual transactions; `discount` continuous, per unit of time.

    Parameters
    ----------
    discount : array_like
        Continuous discount rate per unit of time, above 0.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    r, alpha, s, beta : array_like
        Parameters: purchase rate and dropout rate; alpha and beta have the unit of time.

    Returns
    -------
    float64, of the broadcast shape
        Discounted purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import pnbd
    >>> pnbd.dert(0.0027, [0.0, 2.0], [0.0, 30.43], 38.86, 0.5534, 10.5802, 0.6061, 11.6562).round(4)
    array([0.4768, 6.4826])
    """
    return dert_one(float(discount), float(x), float(t_x), float(T), float(r), float(alpha), float(s), float(beta))
