r"""Discounted expected transactions without a horizon, of whoever is active now and of a newcomer.

For Pareto/NBD and BG/BB kernels have them in closed form (Fader, Hardie & Lee 2005, "RFM and CLV"; Fader, Hardie &
Shang 2010). In BG/NBD and MBG/NBD a customer who is active buys at the rate \lambda and leaves after each purchase with
the probability p, so at t from now the purchase rate is \lambda e^{-\lambda p t} on average, and

.. math:: \int_0^\infty e^{-\delta t} \frac{r'}{\alpha'} \left(1 + \frac{p t}{\alpha'}\right)^{-(r'+1)} dt,
          \qquad r' = r + x,\ \alpha' = \alpha + T

once \lambda, Gamma(r', \alpha') given x and T, is integrated out: the integral of Pareto/NBD with s = r' + 1 and
beta = \alpha' / p. It is averaged over p, Beta(a, b + x) of the living in BG/NBD, Beta(a, b + x + 1) in MBG/NBD.
"""

import math

import numpy as np

from whalecurve.engine.models import Fit, purchase_model
from whalecurve.engine.settings import DAYS_PER_UNIT, Window
from whalecurve.engine.statistics import beta_nodes
from whalecurve.kernels import bgbb, pnbd
from whalecurve.kernels.arrays import Vector

SHORTEST, LONGEST, STEP_IN_LOG = -36.0, 4.0, 0.125
"""Logs of times, in units of 1 / delta, between which nothing is left out that a double would tell; their step."""

LEAST_P = 1e-50
"""Probability of leaving below which somebody stays for all that discounting leaves."""


def rate_of(annual_discount: float, fit: Fit, window: Window) -> float:
    """The discount rate of a model: continuous per unit of time, or per period where time is counted in them."""
    units = window.days_per_unit / DAYS_PER_UNIT["year"]
    log = units * math.log1p(annual_discount)
    return math.expm1(log) if purchase_model(fit.model).is_discrete else log


def dert_if_active(fit: Fit, x: Vector, T: Vector, rate: float) -> Vector:
    """Discounted purchases, without a horizon, of customers with x by T who are active now: float64[n].

    NaN for a rate that is not above 0 where there is no bound.
    """
    assert not purchase_model(fit.model).has_stages, "what is left of a gap is no matter of (x, T)"
    first, second, third, fourth = fit.values
    zero = np.zeros_like(x)
    if fit.model == "pnbd":
        found: Vector = pnbd.dert(rate, zero, zero, zero, first + x, second + T, third, fourth + T)
        return found
    if fit.model == "bgbb":
        stays = (fourth + T) / (third + fourth + T)
        discounted: Vector = bgbb.dert(rate, zero, zero, zero, first + x, second + T - x, third, fourth + T) / stays
        return discounted
    if not rate > 0.0:
        return np.full_like(x, np.nan)
    tosses = fourth + (1.0 if fit.model == "mbgnbd" else 0.0)
    total, shapes = np.empty_like(x), first + x
    for n in np.unique(x).tolist():
        some = np.flatnonzero(x == n)
        p, weights = beta_nodes(third, tosses + n)
        scale = (second + T[some])[:, None] / np.maximum(p, LEAST_P)
        r, alpha = shapes[some][:, None], (second + T[some])[:, None]
        total[some] = pnbd.dert(rate, 0.0, 0.0, 0.0, r, alpha, r + 1.0, scale) @ weights
    return total


def dert_of_newcomer(fit: Fit, rate: float) -> float:
    """The same of a customer who makes the first purchase now, which is not counted."""
    if purchase_model(fit.model).has_stages:
        return _dert_by_time(fit, rate)
    nothing = np.zeros(1)
    stays = purchase_model(fit.model).p_alive(0.0, 0.0, 0.0, *fit.values)
    return float(stays * dert_if_active(fit, nothing, nothing, rate)[0])


def _dert_by_time(fit: Fit, rate: float) -> float:
    r"""The same for a model with stages, from its mean purchases M(t) alone.

    .. math:: \int_0^\infty \delta e^{-\delta t} M(t) dt

    By the trapezoidal rule in the log of delta t, where the integrand falls off exponentially on one side and doubly so
    on the other.
    """
    if not rate > 0.0:
        return math.nan
    s = np.exp(np.arange(SHORTEST, LONGEST, STEP_IN_LOG))
    means = np.asarray(purchase_model(fit.model).expected_purchases(s / rate, *fit.values), dtype=np.float64)
    return float(STEP_IN_LOG * (s * np.exp(-s) * means).sum())
