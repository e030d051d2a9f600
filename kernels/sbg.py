"""sBG: how long contracts last that are renewed, or not, period after period (shifted beta-geometric).

Notation follows Fader & Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21(1),
76-90, here FH07: a customer leaves at the T-th renewal, T = 1, 2, ..., with a probability theta at each that is Beta
distributed among customers, parameters a and b (FH07: alpha and beta). DERL is of Fader & Hardie (2010),
"Customer-base valuation in a contractual setting", Marketing Science 29(1), 85-93, here FH10. Names ending in `_one`
are for use inside compiled code; the others are NumPy ufuncs, and take scalars there too.

Domain: parameters from 1e-90 to 1e90; whole t, none beyond ten million. Elsewhere the answer is NaN.
"""

import math

from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.pnbd_integral import UNBOUNDED, decay_integral
from whalecurve.kernels.functions.special import LEAST, MOST, is_count, log_beta_ratio
from whalecurve.kernels.pnbd import NO_EXCESS

LONGEST = 1e7
"""Most renewals served."""


@scalar
def are_shapes(a: float, b: float) -> bool:
    """Tell whether both parameters of a Beta are positive and within the range of numbers served."""
    return LEAST <= a <= MOST and LEAST <= b <= MOST


@scalar
def is_age(t: float) -> bool:
    """Tell whether t is a number of renewals that is served."""
    return is_count(t) and t <= LONGEST


@scalar
def log_survival_one(t: float, a: float, b: float) -> float:
    r"""Logarithm of S(t) = P(T > t), that of :math:`B(a, b+t) / B(a, b)`. Source: FH07, equation 6."""
    if not (is_age(t) and are_shapes(a, b)):
        return math.nan
    return min(log_beta_ratio(a, b, t), 0.0)


@scalar
def survival_one(t: float, a: float, b: float) -> float:
    """S(t), the share of customers who are still there after the t-th renewal. Source: FH07, equation 6."""
    return math.exp(log_survival_one(t, a, b))


@scalar
def retention_one(t: float, a: float, b: float) -> float:
    r"""r_t, the share of those who were there before the t-th renewal who renew.

    .. math:: r_t = \frac{b+t-1}{a+b+t-1},\qquad t = 1, 2, \ldots

    Source: FH07, equation 8.
    """
    if not (is_age(t) and t >= 1.0 and are_shapes(a, b)):
        return math.nan
    stays = b + (t - 1.0)
    return stays / (a + stays)


@scalar
def pmf_one(t: float, a: float, b: float) -> float:
    r"""P(T = t), to leave at the t-th renewal: S(t - 1) times a / (a + b + t - 1). Source: FH07, equation 5."""
    if not (is_age(t) and t >= 1.0 and are_shapes(a, b)):
        return math.nan
    return survival_one(t - 1.0, a, b) * (a / (a + (b + (t - 1.0))))


@scalar
def derl_one(discount: float, t: float, a: float, b: float) -> float:
    r"""Discounted expected residual lifetime: payments still to come of a customer who renewed t times and has paid.

    .. math:: \sum_{k \ge 1} \frac{S(t+k)}{S(t)} \frac{1}{(1+d)^k}
              = \frac{b+t}{a+b+t}\, z\; {}_2F_1(1, b+t+1; a+b+t+1; z),\qquad z = \frac{1}{1+d}

    `discount` d is the rate a period. FH10 (equation 6) stand just before a renewal, their n = t + 1, where it is due
    at once: that is 1 + d times as much. Beyond its first term the series is an integral of the kind of Pareto/NBD's,
    as fast for d near 0 as elsewhere. At d = 0 it is (b + t) / (a - 1), and NaN for a <= 1, where it has no bound.
    """
    if not (discount == 0.0 or LEAST <= discount <= MOST):
        return math.nan
    if not (is_age(t) and are_shapes(a, b)):
        return math.nan
    stays = b + t
    if discount == 0.0:
        return stays / max(a - 1.0, NO_EXCESS) if a > 1.0 else math.nan
    z = 1.0 / (1.0 + discount)
    later = decay_integral(a - 1.0, stays + 2.0, discount / (1.0 + discount), UNBOUNDED)
    return stays / (a + stays) * z * (1.0 + z * (stays + 1.0) * later)


@broadcast
def log_survival(t: float, a: float, b: float) -> float:
    """Logarithm of the share of customers who are still there after t renewals.

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b : array_like
        Parameters: chances to leave at a renewal.

    Returns
    -------
    float64, of the broadcast shape
        Logarithm of each share, 0 or less; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import sbg
    >>> sbg.log_survival([1, 7], 0.704, 1.182).round(4)
    array([-0.4673, -1.4311])
    """
    return log_survival_one(float(t), float(a), float(b))


@broadcast
def survival(t: float, a: float, b: float) -> float:
    """Share of customers who are still there after t renewals, in [0, 1].

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b : array_like
        Parameters: chances to leave at a renewal.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import sbg
    >>> sbg.survival([1, 7], 0.704, 1.182).round(4)
    array([0.6267, 0.2391])
    """
    return survival_one(float(t), float(a), float(b))


@broadcast
def retention(t: float, a: float, b: float) -> float:
    """Share of those before the t-th renewal who renew.

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b : array_like
        Parameters: chances to leave at a renewal.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain, and for t = 0.

    Examples
    --------
    >>> from whalecurve.kernels import sbg
    >>> sbg.retention([1, 7], 0.704, 1.182).round(4)
    array([0.6267, 0.9107])
    """
    return retention_one(float(t), float(a), float(b))


@broadcast
def pmf(t: float, a: float, b: float) -> float:
    """P(T = t): to leave at the t-th renewal.

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b : array_like
        Parameters: chances to leave at a renewal.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain, and for t = 0.

    Examples
    --------
    >>> from whalecurve.kernels import sbg
    >>> sbg.pmf([1, 7], 0.704, 1.182).round(4)
    array([0.3733, 0.0234])
    """
    return pmf_one(float(t), float(a), float(b))


@broadcast
def derl(discount: float, t: float, a: float, b: float) -> float:
    """Discounted expected residual lifetime after t renewals, in payments; `discount` a period.

    Parameters
    ----------
    discount : array_like
        Rate a period.
    t : array_like
        Renewals seen. Whole numbers.
    a, b : array_like
        Parameters: chances to leave at a renewal.

    Returns
    -------
    float64, of the broadcast shape
        Payments, the next one discounted once; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import sbg
    >>> sbg.derl(0.1, [1, 7], 0.704, 1.182).round(4)
    array([3.7304, 6.2206])
    """
    return derl_one(float(discount), float(t), float(a), float(b))
