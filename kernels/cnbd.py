r"""(M)BG/CNBD-k: the BG/NBD and the MBG/NBD of customers who buy in a rhythm.

Gaps between purchases have k exponential stages (Erlang-k) instead of one, so that they scatter by 1 / sqrt(k) of their
mean: k = 1 is (M)BG/NBD, to the last digit, and customers who are late are the more suspect the greater k is. Platzer
& Reutterer (2017); Reutterer, Platzer & Schroeder (2021), International Journal of Research in Marketing 38(1),
194-215, here RPS21. r and alpha are of the rate of stages: a customer of rate lambda buys every k / lambda on average.

`tosses` is 1 where a customer may also leave right after the first purchase (MBG/CNBD-k), and 0 where not (BG/CNBD-k);
`bgcnbd` and `mbgcnbd` are these functions without it. Domain as in `bgnbd`, and k whole from 1 to 12.

Beyond k = 1 what a living customer does depends on how long ago the last purchase was: who is half through a gap buys
sooner than who has just bought. RPS21 and its implementations take the expectation of BG/NBD with alpha times k, scaled
so that the sum over a cohort is right; here it is exact for every customer, a sum over the stages that may have been
passed.
"""

import math

from whalecurve.kernels.bgnbd import are_parameters, is_history
from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.erlang_stages import are_stages, log_unfinished, mean_purchases_ahead
from whalecurve.kernels.functions.negative_binomial import negative_binomial, negative_binomial_tail
from whalecurve.kernels.functions.special import (
    MOST,
    is_count,
    log_beta_ratio,
    log_gamma,
    log_rising,
    logistic,
    softplus,
)


@scalar
def is_served(k: float, r: float, alpha: float, a: float, b: float, tosses: float) -> bool:
    """Tell whether the parameters are served."""
    return (tosses == 0.0 or tosses == 1.0) and are_stages(k) and are_parameters(r, alpha, a, b)


@scalar
def log_odds_gone_one(
    x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """Log of (1 - P(alive)) / P(alive): -inf where nobody can have left yet, NaN outside the domain."""
    if not (is_history(x, t_x, T) and is_served(k, r, alpha, a, b, tosses)):
        return math.nan
    if x + tosses == 0.0:
        return -math.inf
    shape, silence = r + k * x, T - t_x
    waited = shape * math.log1p(silence / (alpha + t_x)) - log_unfinished(k, shape, silence / (alpha + T))
    return math.log(a / (b + (x + tosses - 1.0))) + waited


@scalar
def log_likelihood_one(
    x: float,
    t_x: float,
    T: float,
    log_gaps: float,
    k: float,
    r: float,
    alpha: float,
    a: float,
    b: float,
    tosses: float,
) -> float:
    r"""Log-likelihood of one customer, `log_gaps` being the sum of the logs of the gaps between purchases.

    With :math:`d` chances to leave, x or x + 1:

    .. math:: \frac{\prod_i g_i^{k-1}}{\Gamma(k)^x} \frac{B(a,b+d)}{B(a,b)}
              \frac{\Gamma(r+kx)\,\alpha^r}{\Gamma(r)(\alpha+T)^{r+kx}}
              \left[\sum_{j<k} \frac{(r+kx)_j}{j!} \left(\frac{T-t_x}{\alpha+T}\right)^j
              + \delta_{d>0} \frac{a}{b+d-1} \left(\frac{\alpha+T}{\alpha+t_x}\right)^{r+kx}\right]

    Source: RPS21.
    """
    log_odds = log_odds_gone_one(x, t_x, T, k, r, alpha, a, b, tosses)
    if math.isnan(log_odds) or not abs(log_gaps) <= MOST:
        return math.nan
    stages = k * x
    unfinished = log_unfinished(k, r + stages, (T - t_x) / (alpha + T))
    survivals_and_gaps = log_beta_ratio(a, b, x + tosses) + log_rising(r, stages) - stages * math.log(alpha + T)
    rhythm = (k - 1.0) * log_gaps - x * log_gamma(k)
    return survivals_and_gaps - r * math.log1p(T / alpha) + softplus(log_odds) + (unfinished + rhythm)


@scalar
def p_alive_one(
    x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """P(alive) of one customer, RPS21; worked through the log odds, as in the BG/NBD."""
    return logistic(-log_odds_gone_one(x, t_x, T, k, r, alpha, a, b, tosses))


@scalar
def expected_purchases_one(t: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float) -> float:
    """Mean purchases of a new customer in (0, t]; see `mean_purchases_ahead`."""
    if not (0.0 <= t <= MOST and is_served(k, r, alpha, a, b, tosses)):
        return math.nan
    if tosses == 0.0:
        return mean_purchases_ahead(k, r, 0.0, t / alpha, a, b)
    return b / (a + b) * mean_purchases_ahead(k, r, 0.0, t / alpha, a, b + 1.0)


@scalar
def expected_if_alive_one(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """Mean purchases in (T, T + t] of a customer with x by T, the last at t_x, who is alive at T."""
    if not (0.0 <= t <= MOST and is_history(x, t_x, T) and is_served(k, r, alpha, a, b, tosses)):
        return math.nan
    scale = alpha + T
    return mean_purchases_ahead(k, r + k * x, (T - t_x) / scale, t / scale, a, b + (x + tosses))


@scalar
def conditional_expected_purchases_one(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """Mean purchases in (T, T + t] given x purchases, the last at t_x, within T."""
    alive = p_alive_one(x, t_x, T, k, r, alpha, a, b, tosses)
    if math.isnan(alive):
        return math.nan
    return alive * expected_if_alive_one(t, x, t_x, T, k, r, alpha, a, b, tosses)


@scalar
def pmf_one(n: float, t: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float) -> float:
    r"""P(X(t) = n) of a new customer.

    With N the negative binomial count of stages and d chances to leave, n or n + 1:

    .. math:: \frac{B(a,b+d-1)}{B(a,b)} \cdot
              \frac{(b+d-1)\,P(nk \le N < nk+k) + a\,P(N \ge nk)}{a+b+d-1}
    """
    if not (is_count(n) and 0.0 <= t <= MOST and is_served(k, r, alpha, a, b, tosses)):
        return math.nan
    y = t / alpha
    if y == 0.0:
        return 1.0 if n == 0.0 else 0.0
    between = 0.0
    for i in range(int(k)):
        between += negative_binomial(n * k + i, r, y)
    survived = n + tosses - 1.0
    if survived < 0.0:
        return between
    total = a + b + survived
    stayed, left = (b + survived) / total, a / total
    arrivals = stayed * between + left * negative_binomial_tail(n * k, r, y)
    return math.exp(log_beta_ratio(a, b, survived)) * arrivals


@scalar
def p_no_purchase_if_alive_one(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float
) -> float:
    """P(no purchase in (T, T + t]) of a customer who is alive at T: the gap is still unfinished."""
    if not (0.0 <= t <= MOST and is_history(x, t_x, T) and is_served(k, r, alpha, a, b, 0.0)):
        return math.nan
    shape, scale, silence = r + k * x, alpha + T, T - t_x
    longer = log_unfinished(k, shape, (silence + t) / (scale + t)) - log_unfinished(k, shape, silence / scale)
    return min(math.exp(longer - shape * math.log1p(t / scale)), 1.0)


@scalar
def p_no_purchase_one(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """P(no purchase in (T, T + t]): gone by T, or alive without a purchase in the interval."""
    log_odds = log_odds_gone_one(x, t_x, T, k, r, alpha, a, b, tosses)
    quiet = p_no_purchase_if_alive_one(t, x, t_x, T, k, r, alpha, a, b)
    if math.isnan(log_odds) or math.isnan(quiet):
        return math.nan
    return min(logistic(log_odds) + logistic(-log_odds) * quiet, 1.0)


@broadcast
def log_likelihood(
    x: float,
    t_x: float,
    T: float,
    log_gaps: float,
    k: float,
    r: float,
    alpha: float,
    a: float,
    b: float,
    tosses: float,
) -> float:
    """Log-likelihood of each customer: `log_likelihood_one` over arrays that broadcast."""
    return log_likelihood_one(
        float(x), float(t_x), float(T), float(log_gaps), float(k), float(r), float(alpha), float(a), float(b),
        float(tosses),
    )  # fmt: skip


@broadcast
def p_alive(
    x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """P(alive) of each customer: `p_alive_one` over arrays that broadcast."""
    return p_alive_one(
        float(x), float(t_x), float(T), float(k), float(r), float(alpha), float(a), float(b), float(tosses)
    )


@broadcast
def expected_purchases(t: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float) -> float:
    """Mean purchases of a new customer in (0, t]: `expected_purchases_one` over arrays that broadcast."""
    return expected_purchases_one(float(t), float(k), float(r), float(alpha), float(a), float(b), float(tosses))


@broadcast
def expected_if_alive(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """Mean purchases of each living customer in (T, T + t]: `expected_if_alive_one` over arrays that broadcast."""
    return expected_if_alive_one(
        float(t), float(x), float(t_x), float(T), float(k), float(r), float(alpha), float(a), float(b), float(tosses)
    )


@broadcast
def conditional_expected_purchases(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """Mean purchases of each customer in (T, T + t]: `conditional_expected_purchases_one` over arrays."""
    return conditional_expected_purchases_one(
        float(t), float(x), float(t_x), float(T), float(k), float(r), float(alpha), float(a), float(b), float(tosses)
    )


@broadcast
def pmf(n: float, t: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float) -> float:
    """P(X(t) = n) of a new customer: `pmf_one` over arrays that broadcast."""
    return pmf_one(float(n), float(t), float(k), float(r), float(alpha), float(a), float(b), float(tosses))


@broadcast
def p_no_purchase_if_alive(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float
) -> float:
    """P(no purchase in (T, T + t]) of each living customer: `p_no_purchase_if_alive_one` over arrays."""
    return p_no_purchase_if_alive_one(
        float(t), float(x), float(t_x), float(T), float(k), float(r), float(alpha), float(a), float(b)
    )


@broadcast
def p_no_purchase(
    t: float, x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, tosses: float
) -> float:
    """P(no purchase in (T, T + t]) of each customer: `p_no_purchase_one` over arrays that broadcast."""
    return p_no_purchase_one(
        float(t), float(x), float(t_x), float(T), float(k), float(r), float(alpha), float(a), float(b), float(tosses)
    )
