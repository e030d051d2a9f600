"""BdW: how long contracts last where the chance to renew changes with age (beta-discrete-Weibull).

Notation follows Fader, Hardie, Liu, Davin & Steenburgh (2018), "'How to project customer retention' revisited: the role
of duration dependence", Journal of Interactive Marketing 43, 1-16, here FHLDS18: a customer is still there after t
renewals with probability (1 - theta)^(t^c), theta being Beta distributed among customers; parameters a, b (FHLDS18:
gamma, delta) and c. With c = 1 it is sBG; with c > 1 each customer's chance to leave grows with age, with c < 1 it
falls. Names ending in `_one` are for use inside compiled code; the others are NumPy ufuncs.

Domain: parameters from 1e-90 to 1e90; whole t, none beyond ten million; t^c up to 1e90. Elsewhere the answer is NaN.
"""

import math

from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.special import LEAST, MOST, log_beta_ratio
from whalecurve.kernels.sbg import are_shapes, is_age

LEAST_DISCOUNT = 1e-5
"""Least discount a period for a residual lifetime: what is summed are some 40 / discount periods."""

NEGLIGIBLE = 1e-17
"""Share of a sum that is left out at its end."""

LOG_MOST = 207.2326583694641
"""Logarithm of the largest t^c, asked before the power is taken, which might overflow."""


@scalar
def _stretched(t: float, c: float) -> float:
    """t^c, the age that counts; 0 at 0."""
    return math.exp(c * math.log(t)) if t > 0.0 else 0.0


@scalar
def _step(t: float, c: float) -> float:
    """t^c - (t - 1)^c, t >= 1, with all digits where t is large."""
    return -_stretched(t, c) * math.expm1(c * math.log1p(-1.0 / t)) if t > 1.0 else 1.0


@scalar
def is_served(t: float, a: float, b: float, c: float) -> bool:
    """Tell whether age and parameters are in the domain."""
    return is_age(t) and are_shapes(a, b) and LEAST <= c <= MOST and c * math.log(max(t, 1.0)) <= LOG_MOST


@scalar
def log_survival_one(t: float, a: float, b: float, c: float) -> float:
    r"""Logarithm of S(t) = P(T > t), that of :math:`B(a, b+t^c) / B(a, b)`. Source: FHLDS18, equation 5."""
    if not is_served(t, a, b, c):
        return math.nan
    return min(log_beta_ratio(a, b, _stretched(t, c)), 0.0)


@scalar
def survival_one(t: float, a: float, b: float, c: float) -> float:
    """S(t), the share of customers who are still there after the t-th renewal. Source: FHLDS18, equation 5."""
    return math.exp(log_survival_one(t, a, b, c))


@scalar
def log_retention_one(t: float, a: float, b: float, c: float) -> float:
    r"""Logarithm of r_t = S(t) / S(t - 1), t >= 1.

    .. math:: r_t = \frac{B(a, b+t^c)}{B(a, b+(t-1)^c)}

    Source: FHLDS18, equation 7. Taken as the step from one age to the next, as the quotient of two survivals would
    have few digits where both are small.
    """
    if not (t >= 1.0 and is_served(t, a, b, c)):
        return math.nan
    return min(log_beta_ratio(a, b + _stretched(t - 1.0, c), _step(t, c)), 0.0)


@scalar
def retention_one(t: float, a: float, b: float, c: float) -> float:
    """r_t, the share of those who were there before the t-th renewal who renew."""
    return math.exp(log_retention_one(t, a, b, c))


@scalar
def pmf_one(t: float, a: float, b: float, c: float) -> float:
    """P(T = t) = S(t - 1) - S(t), to leave at the t-th renewal, as S(t - 1) (1 - r_t). Source: FHLDS18, equation 6."""
    if not (t >= 1.0 and is_served(t, a, b, c)):
        return math.nan
    return -survival_one(t - 1.0, a, b, c) * math.expm1(log_retention_one(t, a, b, c))


@scalar
def derl_one(discount: float, t: float, a: float, b: float, c: float) -> float:
    r"""Discounted expected residual lifetime: payments still to come of a customer who renewed t times and has paid.

    .. math:: \sum_{k \ge 1} \frac{S(t+k)}{S(t)} \frac{1}{(1+d)^k}

    As `sbg.derl_one` has it; there is no closed form. Terms are positive, and summed until what may follow them, all
    staying for ever, adds nothing to sixteen digits. NaN for a discount below `LEAST_DISCOUNT`.
    """
    if not (LEAST_DISCOUNT <= discount <= MOST and is_served(t, a, b, c)):
        return math.nan
    z = 1.0 / (1.0 + discount)
    start = b + _stretched(t, c)
    total, weight, gone, k = 0.0, 1.0, 0.0, 1.0
    while True:
        if c * math.log(t + k) > LOG_MOST:
            return total  # nobody is left who could matter
        weight *= z
        gone += _step(t + k, c)
        term = weight * math.exp(min(log_beta_ratio(a, start, gone), 0.0))
        total += term
        if term <= NEGLIGIBLE * total * (discount * z):
            return total
        k += 1.0


@broadcast
def log_survival(t: float, a: float, b: float, c: float) -> float:
    """Logarithm of the share of customers who are still there after t renewals.

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b, c : array_like
        Parameters: chances to leave at a renewal; how they change with age.

    Returns
    -------
    float64, of the broadcast shape
        Logarithm of each share, 0 or less; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bdw
    >>> bdw.log_survival([1, 7], 0.704, 1.182, 1.2).round(4)
    array([-0.4673, -1.6751])
    """
    return log_survival_one(float(t), float(a), float(b), float(c))


@broadcast
def survival(t: float, a: float, b: float, c: float) -> float:
    """Share of customers who are still there after t renewals, in [0, 1].

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b, c : array_like
        Parameters: chances to leave at a renewal; how they change with age.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bdw
    >>> bdw.survival([1, 7], 0.704, 1.182, 1.2).round(4)
    array([0.6267, 0.1873])
    """
    return survival_one(float(t), float(a), float(b), float(c))


@broadcast
def retention(t: float, a: float, b: float, c: float) -> float:
    """Share of those before the t-th renewal who renew.

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b, c : array_like
        Parameters: chances to leave at a renewal; how they change with age.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain, and for t = 0.

    Examples
    --------
    >>> from whalecurve.kernels import bdw
    >>> bdw.retention([1, 7], 0.704, 1.182, 1.2).round(4)
    array([0.6267, 0.8893])
    """
    return retention_one(float(t), float(a), float(b), float(c))


@broadcast
def pmf(t: float, a: float, b: float, c: float) -> float:
    """P(T = t): to leave at the t-th renewal.

    Parameters
    ----------
    t : array_like
        Renewals seen. Whole numbers.
    a, b, c : array_like
        Parameters: chances to leave at a renewal; how they change with age.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain, and for t = 0.

    Examples
    --------
    >>> from whalecurve.kernels import bdw
    >>> bdw.pmf([1, 7], 0.704, 1.182, 1.2).round(4)
    array([0.3733, 0.0233])
    """
    return pmf_one(float(t), float(a), float(b), float(c))


@broadcast
def derl(discount: float, t: float, a: float, b: float, c: float) -> float:
    """Discounted expected residual lifetime after t renewals, in payments; `discount` a period.

    Parameters
    ----------
    discount : array_like
        Rate a period.
    t : array_like
        Renewals seen. Whole numbers.
    a, b, c : array_like
        Parameters: chances to leave at a renewal; how they change with age.

    Returns
    -------
    float64, of the broadcast shape
        Payments, the next one discounted once; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import bdw
    >>> bdw.derl(0.1, [1, 7], 0.704, 1.182, 1.2).round(4)
    array([3.0268, 5.6236])
    """
    return derl_one(float(discount), float(t), float(a), float(b), float(c))
