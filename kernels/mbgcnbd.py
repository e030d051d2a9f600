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
    """Log-likelihood of each customer, `log_gaps` being the sum of the logs of the gaps between purchases.

    Parameters
    ----------
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    log_gaps : array_like
        Sum of the logs of the gaps between purchases; 0 without a repeat purchase.
    k : array_like
        Stages of a gap: whole, from 1 to 12.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Log-likelihood of each; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgcnbd
    >>> mbgcnbd.log_likelihood([0.0, 2.0], [0.0, 30.43], 38.86, [0.0, 5.4], 2, 0.525, 6.183, 0.891, 1.614).round(4)
    array([-0.3773, -8.9557])
    """
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
    """P(alive) of each customer.

    Parameters
    ----------
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    k : array_like
        Stages of a gap: whole, from 1 to 12.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgcnbd
    >>> mbgcnbd.p_alive([0.0, 2.0], [0.0, 30.43], 38.86, 2, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.4813, 0.7458])
    """
    found: Vector = cnbd.p_alive(x, t_x, T, k, r, alpha, a, b, TOSSES)
    return found


def expected_purchases(
    t: ArrayLike, k: ArrayLike, r: ArrayLike, alpha: ArrayLike, a: ArrayLike, b: ArrayLike
) -> Vector:
    """Mean purchases of a new customer in (0, t].

    Parameters
    ----------
    t : array_like
        Time since the first purchase, in the unit of alpha.
    k : array_like
        Stages of a gap: whole, from 1 to 12.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Purchases, the first one not counted; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgcnbd
    >>> mbgcnbd.expected_purchases([13.0, 39.0], 2, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.2285, 0.6598])
    """
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
    """Mean purchases of each living customer in (T, T + t].

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    k : array_like
        Stages of a gap: whole, from 1 to 12.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgcnbd
    >>> mbgcnbd.expected_if_alive(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, 2, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.326 , 1.8265])
    """
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
    """Mean purchases of each customer in (T, T + t].

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    k : array_like
        Stages of a gap: whole, from 1 to 12.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        Purchases; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgcnbd
    >>> params = (0.525, 6.183, 0.891, 1.614)
    >>> mbgcnbd.conditional_expected_purchases(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, 2, *params).round(4)
    array([0.1569, 1.3621])
    """
    found: Vector = cnbd.conditional_expected_purchases(t, x, t_x, T, k, r, alpha, a, b, TOSSES)
    return found


def pmf(n: ArrayLike, t: ArrayLike, k: ArrayLike, r: ArrayLike, alpha: ArrayLike, a: ArrayLike, b: ArrayLike) -> Vector:
    """P(X(t) = n) of a new customer.

    Parameters
    ----------
    n : array_like
        Number of purchases.
    t : array_like
        Time since the first purchase, in the unit of alpha.
    k : array_like
        Stages of a gap: whole, from 1 to 12.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgcnbd
    >>> mbgcnbd.pmf([0, 1, 2], 39.0, 2, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.6852, 0.1671, 0.069 ])
    """
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
    """P(no purchase in (T, T + t]) of each customer.

    Parameters
    ----------
    t : array_like
        Time ahead, in the unit of alpha.
    x, t_x, T : array_like
        Repeat purchases; time of the last one, counted from the first purchase; age. 0 <= t_x <= T, in the unit
        of alpha.
    k : array_like
        Stages of a gap: whole, from 1 to 12.
    r, alpha, a, b : array_like
        Parameters: purchase rate, whose alpha has the unit of time; dropout.

    Returns
    -------
    float64, of the broadcast shape
        In [0, 1]; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import mbgcnbd
    >>> mbgcnbd.p_no_purchase(39.0, [0.0, 2.0], [0.0, 30.43], 38.86, 2, 0.525, 6.183, 0.891, 1.614).round(4)
    array([0.8736, 0.3396])
    """
    found: Vector = cnbd.p_no_purchase(t, x, t_x, T, k, r, alpha, a, b, TOSSES)
    return found


p_no_purchase_if_alive = cnbd.p_no_purchase_if_alive
"""P(no purchase in (T, T + t]) of each living customer: the ufunc of both models."""
