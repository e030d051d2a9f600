"""MBG/CNBD-k: `cnbd` of customers who may leave after any purchase, the first included.

Platzer & Reutterer (2017); Reutterer, Platzer & Schroeder (2021). Arguments are numbers or arrays that broadcast; k is
the number of stages of a gap, k = 1 being MBG/NBD.
"""

from numpy.typing import ArrayLike

from whalecurve.kernels import cnbd
from whalecurve.kernels.arrays import Vector

TOSSES = 1.0


def log_likelihood(
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    log_gaps: ArrayLike,
    k: ArrayLike,
    r: ArrayLike,
    alpha: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
) -> Vector:
    """Log-likelihood of each customer, `log_gaps` being the sum of the logs of the gaps between purchases."""
    found: Vector = cnbd.log_likelihood(x, t_x, T, log_gaps, k, r, alpha, a, b, TOSSES)
    return found


def p_alive(
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    k: ArrayLike,
    r: ArrayLike,
    alpha: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
) -> Vector:
    """P(alive) of each customer."""
    found: Vector = cnbd.p_alive(x, t_x, T, k, r, alpha, a, b, TOSSES)
    return found


def expected_purchases(
    t: ArrayLike, k: ArrayLike, r: ArrayLike, alpha: ArrayLike, a: ArrayLike, b: ArrayLike
) -> Vector:
    """Mean purchases of a new customer in (0, t]."""
    found: Vector = cnbd.expected_purchases(t, k, r, alpha, a, b, TOSSES)
    return found


def expected_if_alive(
    t: ArrayLike,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    k: ArrayLike,
    r: ArrayLike,
    alpha: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
) -> Vector:
    """Mean purchases of each living customer in (T, T + t]."""
    found: Vector = cnbd.expected_if_alive(t, x, t_x, T, k, r, alpha, a, b, TOSSES)
    return found


def conditional_expected_purchases(
    t: ArrayLike,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    k: ArrayLike,
    r: ArrayLike,
    alpha: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
) -> Vector:
    """Mean purchases of each customer in (T, T + t]."""
    found: Vector = cnbd.conditional_expected_purchases(t, x, t_x, T, k, r, alpha, a, b, TOSSES)
    return found


def pmf(n: ArrayLike, t: ArrayLike, k: ArrayLike, r: ArrayLike, alpha: ArrayLike, a: ArrayLike, b: ArrayLike) -> Vector:
    """P(X(t) = n) of a new customer."""
    found: Vector = cnbd.pmf(n, t, k, r, alpha, a, b, TOSSES)
    return found


def p_no_purchase(
    t: ArrayLike,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    k: ArrayLike,
    r: ArrayLike,
    alpha: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
) -> Vector:
    """P(no purchase in (T, T + t]) of each customer."""
    found: Vector = cnbd.p_no_purchase(t, x, t_x, T, k, r, alpha, a, b, TOSSES)
    return found


p_no_purchase_if_alive = cnbd.p_no_purchase_if_alive
"""P(no purchase in (T, T + t]) of each living customer: the ufunc of both models."""
