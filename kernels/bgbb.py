"""BG/BB: counting customers who buy, or do not, on discrete occasions.

Notation follows Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time
noncontractual setting", Marketing Science 29(6), 1086-1108, here FHS10: x purchases in n
opportunities, the last at opportunity t_x; parameters alpha, beta (buying at an opportunity, Beta)
and gamma, delta (leaving before an opportunity, Beta). Names ending in `_one` are for use inside
compiled code; the others are NumPy ufuncs, and take scalars inside compiled code too.

Domain: parameters from 1e-90 to 1e90; whole x <= t_x <= n and m, none beyond ten million; t_x = 0
where and only where x = 0. Elsewhere the answer is NaN. Work grows with n - t_x and m: sums over the
opportunity of leaving have positive terms, so nothing cancels.
"""

import math

from whalecurve.kernels.bgnbd import are_parameters
from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.pnbd_integral import UNBOUNDED, decay_integral
from whalecurve.kernels.functions.special import LEAST, MOST, is_count, log_beta_ratio
from whalecurve.kernels.pnbd import NO_EXCESS

LONGEST = 1e7
"""Most opportunities served, as the sums run over them."""

NEARLY_NOBODY = 1e-18
"""Share of the living, beside the gone, from which what is left adds nothing to sixteen digits."""


@scalar
def is_history(x: float, t_x: float, n: float) -> bool:
    """Tell whether x purchases in n opportunities, the last at t_x, can be."""
    whole = is_count(x) and is_count(t_x) and is_count(n)
    return whole and x <= t_x <= n <= LONGEST and (x > 0.0 or t_x == 0.0)


@scalar
def _alive_and_gone(
    x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> tuple[float, float]:
    """Weights of the two ways to be silent from t_x to n: alive at n, gone before; relative to the last purchase.

    One opportunity after the other: some of the living leave, of the others some do not buy.
    Once nearly all have left, what remains of the living comes from Beta functions.
    """
    alive, gone, j = 1.0, 0.0, t_x
    while j < n and alive > NEARLY_NOBODY * gone:
        gone += alive * (gamma / (gamma + delta + j))
        alive *= ((beta + (j - x)) / (alpha + beta + j)) * ((delta + j) / (gamma + delta + j))
        j += 1.0
    if j < n:
        silence = n - t_x
        alive = math.exp(
            log_beta_ratio(alpha + x, beta + (t_x - x), silence) + log_beta_ratio(gamma, delta + t_x, silence)
        )
    return alive, gone


@scalar
def log_likelihood_one(x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    r"""Log-likelihood of one customer's history, the order of purchases before t_x included.

    .. math:: \frac{B(\alpha+x,\beta+n-x)}{B(\alpha,\beta)} \frac{B(\gamma,\delta+n)}{B(\gamma,\delta)}
              + \sum_{i=t_x}^{n-1} \frac{B(\alpha+x,\beta+i-x)}{B(\alpha,\beta)}
                \frac{B(\gamma+1,\delta+i)}{B(\gamma,\delta)}

    Source: FHS10, equation 4, with the factor for the history up to t_x taken out of the sum.
    """
    if not (is_history(x, t_x, n) and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    alive, gone = _alive_and_gone(x, t_x, n, alpha, beta, gamma, delta)
    until_t_x = 0.0
    if x > 0.0:
        bought = log_beta_ratio(beta, alpha, x) + log_beta_ratio(alpha + x, beta, t_x - x)
        until_t_x = bought + log_beta_ratio(gamma, delta, t_x)
    return min(until_t_x + math.log(alive + gone), 0.0)


@scalar
def p_alive_one(x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """P(alive) at opportunity n + 1: alive at n, and not leaving before the next. Source: FHS10, Bayes' rule."""
    if not (is_history(x, t_x, n) and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    alive, gone = _alive_and_gone(x, t_x, n, alpha, beta, gamma, delta)
    return alive / (alive + gone) * ((delta + n) / (gamma + delta + n))


@scalar
def _mean_opportunities(m: float, gamma: float, delta: float) -> float:
    """Mean number of the next m opportunities that a customer alive at the first of them is alive at."""
    alive, total, j = 1.0, 0.0, 0.0
    while j < m and alive * (m - j) > NEARLY_NOBODY * total:
        total += alive
        alive *= (delta + j) / (gamma + delta + j)
        j += 1.0
    return total


@scalar
def expected_if_alive_one(m: float, x: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """Mean purchases at opportunities n + 1 to n + m of a customer alive at n + 1.

    Given life the probabilities are again Beta, with alpha + x, beta + n - x and gamma, delta + n + 1.
    FHS10 write the sum over opportunities in closed form, with gamma - 1 in the denominator.
    """
    if not (is_count(m) and m <= LONGEST and is_history(x, x, n) and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    return (alpha + x) / (alpha + beta + n) * _mean_opportunities(m, gamma, delta + n + 1.0)


@scalar
def expected_purchases_one(n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """Mean purchases of a new customer in n opportunities. Source: FHS10, E[X(n)]."""
    if not (is_count(n) and n <= LONGEST and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    return delta / (gamma + delta) * expected_if_alive_one(n, 0.0, 0.0, alpha, beta, gamma, delta)


@scalar
def conditional_expected_purchases_one(
    m: float, x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """Mean purchases at opportunities n + 1 to n + m given the history. Source: FHS10, conditional expectation."""
    alive = p_alive_one(x, t_x, n, alpha, beta, gamma, delta)
    return alive * expected_if_alive_one(m, x, n, alpha, beta, gamma, delta)


@scalar
def pmf_one(k: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    r"""P(X(n) = k) of a new customer.

    .. math:: w_n + \sum_{i=k}^{n-1} w_i \frac{\gamma}{\gamma+\delta+i},\qquad
              w_i = \binom{i}{k} \frac{B(\alpha+k,\beta+i-k)}{B(\alpha,\beta)}
              \frac{B(\gamma,\delta+i)}{B(\gamma,\delta)}

    w_i being the probability of life at i with k purchases by then. Source: FHS10, P(X(n) = x).
    """
    if not (is_count(k) and is_count(n) and n <= LONGEST and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    if k > n:
        return 0.0
    log_scale = log_beta_ratio(beta, alpha, k) + log_beta_ratio(gamma, delta, k)
    alive, gone, i = 1.0, 0.0, k
    while i < n:
        gone += alive * (gamma / (gamma + delta + i))
        ways = (i + 1.0) / (i + 1.0 - k)
        alive *= ways * ((beta + (i - k)) / (alpha + beta + i)) * ((delta + i) / (gamma + delta + i))
        i += 1.0
        if alive > 1e200:
            alive, gone, log_scale = alive * 1e-200, gone * 1e-200, log_scale + 200.0 * math.log(10.0)
    return math.exp(min(log_scale + math.log(alive + gone), 0.0))


@scalar
def p_no_purchase_if_alive_one(
    m: float, x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """P(no purchase at opportunities n + 1 to n + m) of a customer alive at n + 1."""
    if not (is_count(m) and m <= LONGEST and is_history(x, x, n) and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    if m == 0.0:
        return 1.0
    shy = beta + (n - x)
    alive, gone = _alive_and_gone(0.0, 0.0, m - 1.0, alpha + x, shy + 1.0, gamma, delta + n + 1.0)
    return min(shy / (alpha + beta + n) * (alive + gone), 1.0)


@scalar
def p_no_purchase_one(
    m: float, x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """P(no purchase at opportunities n + 1 to n + m | history): gone by n + 1, or alive and silent."""
    if not (is_count(m) and m <= LONGEST and is_history(x, t_x, n) and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    silent = p_no_purchase_if_alive_one(m, x, n, alpha, beta, gamma, delta)
    alive, gone = _alive_and_gone(x, t_x, n, alpha, beta, gamma, delta)
    leaves, stays = gamma / (gamma + delta + n), (delta + n) / (gamma + delta + n)
    return min((gone + alive * (leaves + stays * silent)) / (alive + gone), 1.0)


@scalar
def dert_if_alive_one(
    discount: float, x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    r"""Discounted expected residual transactions of a customer alive at opportunity n + 1.

    .. math:: \frac{\alpha+x}{\alpha+\beta+n}\, z\; {}_2F_1(1, \delta+n+1; \gamma+\delta+n+1; z),
              \qquad z = \frac{1}{1+d}

    Source: FHS10, DERT. `discount` d is the rate per opportunity; a purchase at n + 1 is discounted once. Beyond its
    first term the series is an integral of the kind of Pareto/NBD's, as fast for d near 0 as elsewhere. At d = 0
    the function is (gamma + delta + n) / (gamma - 1), and NaN for gamma <= 1, where it has no bound.
    """
    if not (discount == 0.0 or LEAST <= discount <= MOST):
        return math.nan
    if not (is_history(x, x, n) and are_parameters(alpha, beta, gamma, delta)):
        return math.nan
    buys = (alpha + x) / (alpha + beta + n)
    if discount == 0.0:
        return buys * ((gamma + delta + n) / max(gamma - 1.0, NO_EXCESS)) if gamma > 1.0 else math.nan
    b = delta + n + 1.0
    later = decay_integral(gamma - 1.0, b + 1.0, discount / (1.0 + discount), UNBOUNDED)
    z = 1.0 / (1.0 + discount)
    return buys * z * (1.0 + z * b * later)


@scalar
def dert_one(
    discount: float, x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """Discounted expected residual transactions given the history."""
    alive = p_alive_one(x, t_x, n, alpha, beta, gamma, delta)
    return alive * dert_if_alive_one(discount, x, n, alpha, beta, gamma, delta)


@broadcast
def log_likelihood(x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """Log-likelihood of customers who bought x times in n opportunities, last at t_x.

    Parameters
    ----------
    x, t_x, n : array_like
        Purchases after the first; the opportunity of the last of them; opportunities so far. Whole numbers.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        Log-likelihood of each; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.log_likelihood([0, 3], [0, 5], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([-1.1673, -5.6159])
    """
    return log_likelihood_one(float(x), float(t_x), float(n), float(alpha), float(beta), float(gamma), float(delta))


@broadcast
def p_alive(x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """P(alive) at opportunity n + 1, in [0, 1].

    Parameters
    ----------
    x, t_x, n : array_like
        Purchases after the first; the opportunity of the last of them; opportunities so far. Whole numbers.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.p_alive([0, 3], [0, 5], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([0.108 , 0.7667])
    """
    return p_alive_one(float(x), float(t_x), float(n), float(alpha), float(beta), float(gamma), float(delta))


@broadcast
def expected_purchases(n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """Mean purchases of a new customer in n opportunities.

    Parameters
    ----------
    n : array_like
        Opportunities.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        Purchases, the first one not counted; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.expected_purchases([5, 10], 1.204, 0.750, 0.657, 2.783).round(4)
    array([1.9377, 3.1789])
    """
    return expected_purchases_one(float(n), float(alpha), float(beta), float(gamma), float(delta))


@broadcast
def conditional_expected_purchases(
    m: float, x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """Mean purchases in the next m opportunities given the history.

    Parameters
    ----------
    m : array_like
        Opportunities ahead.
    x, t_x, n : array_like
        Purchases after the first; the opportunity of the last of them; opportunities so far. Whole numbers.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.conditional_expected_purchases(5, [0, 3], [0, 5], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([0.0728, 1.8044])
    """
    return conditional_expected_purchases_one(
        float(m), float(x), float(t_x), float(n), float(alpha), float(beta), float(gamma), float(delta)
    )


@broadcast
def expected_if_alive(m: float, x: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """Mean purchases in the next m opportunities of customers who are alive at n + 1.

    Parameters
    ----------
    m : array_like
        Opportunities ahead.
    x, n : array_like
        Purchases after the first; opportunities so far. Whole numbers.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.expected_if_alive(5, [0, 3], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([0.674 , 2.3534])
    """
    return expected_if_alive_one(float(m), float(x), float(n), float(alpha), float(beta), float(gamma), float(delta))


@broadcast
def p_no_purchase_if_alive(
    m: float, x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """P(no purchase in the next m opportunities) of customers who are alive at n + 1.

    Parameters
    ----------
    m : array_like
        Opportunities ahead.
    x, n : array_like
        Purchases after the first; opportunities so far. Whole numbers.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.p_no_purchase_if_alive(5, [0, 3], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([0.5578, 0.0994])
    """
    return p_no_purchase_if_alive_one(
        float(m), float(x), float(n), float(alpha), float(beta), float(gamma), float(delta)
    )


@broadcast
def pmf(k: float, n: float, alpha: float, beta: float, gamma: float, delta: float) -> float:
    """P(X(n) = k) of a new customer.

    Parameters
    ----------
    k : array_like
        Number of purchases.
    n : array_like
        Opportunities.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.pmf([0, 1, 2], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([0.3112, 0.1701, 0.1215])
    """
    return pmf_one(float(k), float(n), float(alpha), float(beta), float(gamma), float(delta))


@broadcast
def p_no_purchase(
    m: float, x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """P(no purchase in the next m opportunities) given the history.

    Parameters
    ----------
    m : array_like
        Opportunities ahead.
    x, t_x, n : array_like
        Purchases after the first; the opportunity of the last of them; opportunities so far. Whole numbers.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.p_no_purchase(5, [0, 3], [0, 5], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([0.9522, 0.3095])
    """
    return p_no_purchase_one(
        float(m), float(x), float(t_x), float(n), float(alpha), float(beta), float(gamma), float(delta)
    )


@broadcast
def dert(
    discount: float, x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> float:
    """Discounted expected residual transactions; `discount` per opportunity.

    Parameters
    ----------
    discount : array_like
        Discount rate per opportunity, above 0.
    x, t_x, n : array_like
        Purchases after the first; the opportunity of the last of them; opportunities so far. Whole numbers.
    alpha, beta, gamma, delta : array_like
        Parameters: purchase at an opportunity; dropout at an opportunity.

    Returns
    -------
    float64, of the broadcast shape
        Discounted purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bgbb
    >>> bgbb.dert(0.1, [0, 3], [0, 5], 6, 1.204, 0.750, 0.657, 2.783).round(4)
    array([0.1146, 2.8415])
    """
    return dert_one(
        float(discount), float(x), float(t_x), float(n), float(alpha), float(beta), float(gamma), float(delta)
    )
