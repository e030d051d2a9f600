"""Pareto/NBD: the log-likelihood of many histories with its gradient and Hessian in one sweep.

Fader & Hardie (2005), "A note on deriving the Pareto/NBD model", before the integral is written as hypergeometric
functions. With k = r + x, the history's part of the likelihood is a sum over the ways to be silent since t_x,

    Z = (alpha+T)^-k (beta+T)^-s + integral over u in (t_x, T) of (alpha+u)^-k s (beta+u)^-(s+1) du,

so with weights that sum to one (the living at u = T, the gone at their time u) and f the log of a summand,

    d log Z = E[f_i],   d2 log Z = E[f_ij + f_i f_j] - E[f_i] E[f_j]:

one quadrature of positive terms gives all fourteen derivatives. Logs enter relative to t_x, where they are small.
"""

import math

import numpy as np
from numba import prange
from numpy.typing import NDArray

from whalecurve.kernels.beta_geometric_fit import BLOCK, N_SUMS
from whalecurve.kernels.jit import parallel, scalar
from whalecurve.kernels.pnbd_integral import DEEPEST, NODES, WEIGHTS, WIDEST, log1p_positive, next_panel

Vector = NDArray[np.float64]

N_MOMENTS = 15
"""Of a weight and of la, A, lb, B: log((alpha+u)/(alpha+t_x)), 1/(alpha+u), log((beta+u)/(beta+t_x)), 1/(beta+u)."""


@scalar
def _add_moments(weight: float, la: float, a: float, lb: float, b: float, moments: Vector) -> None:
    """Add one summand: its weight, the four means, and the ten products (upper triangle by rows)."""
    wa, wA, wb, wB = weight * la, weight * a, weight * lb, weight * b
    moments[0] += weight
    moments[1] += wa
    moments[2] += wA
    moments[3] += wb
    moments[4] += wB
    moments[5] += wa * la
    moments[6] += wa * a
    moments[7] += wa * lb
    moments[8] += wa * b
    moments[9] += wA * a
    moments[10] += wA * lb
    moments[11] += wA * b
    moments[12] += wb * lb
    moments[13] += wb * b
    moments[14] += wB * b


@scalar
def _add_panel(
    c: float,
    d: float,
    near: float,
    far: float,
    alpha_is_near: bool,
    start: float,
    width: float,
    nodes: int,
    moments: Vector,
) -> None:
    """Gauss-Legendre over a panel of w = log((near pole + u) / (near pole + t_x)): 8, 12 or 16 nodes."""
    first, last = (0, 4) if nodes == 8 else (4, 10) if nodes == 12 else (10, 18)
    half = 0.5 * width
    middle = start + half
    rho = near / far
    for i in range(first, last):
        for side in range(2):
            w = middle + half * NODES[i] if side == 0 else middle - half * NODES[i]
            grown = math.expm1(w)
            far_log = log1p_positive(rho * grown)
            weight = half * WEIGHTS[i] * math.exp(-c * w - d * far_log)
            near_inverse, far_inverse = 1.0 / (near * (1.0 + grown)), 1.0 / (far * (1.0 + rho * grown))
            if alpha_is_near:
                _add_moments(weight, w, near_inverse, far_log, far_inverse, moments)
            else:
                _add_moments(weight, far_log, far_inverse, w, near_inverse, moments)


@scalar
def _gone(k: float, t_x: float, T: float, alpha: float, s: float, beta: float, moments: Vector) -> None:
    """Moments over the time of dropout in (t_x, T), weights relative to t_x; zeros where no time has passed."""
    moments[:] = 0.0
    a, b = alpha + t_x, beta + t_x
    alpha_is_near = a <= b
    near, far = min(a, b), max(a, b)
    c, d, factor = (k - 1.0, s + 1.0, s * (a / b)) if alpha_is_near else (s, k, s)
    rho = near / far
    width = log1p_positive((T - t_x) / near)
    fall = c * width + d * log1p_positive(rho * math.expm1(width))
    if width <= 0.65 and fall <= 3.0:
        _add_panel(c, d, near, far, alpha_is_near, 0.0, width, 8, moments)
    elif width <= 1.75 and fall <= 6.0:
        _add_panel(c, d, near, far, alpha_is_near, 0.0, width, 12, moments)
    elif width <= WIDEST and fall <= DEEPEST:
        _add_panel(c, d, near, far, alpha_is_near, 0.0, width, 16, moments)
    else:
        start, fallen = 0.0, 0.0
        while start < width:
            step, fall, rate = next_panel(c, d, rho, start, fallen, width)
            if rate > 0.0 and math.exp(-fallen) <= 1e-17 * rate * moments[0]:
                break
            _add_panel(c, d, near, far, alpha_is_near, start, step, 16, moments)
            start, fallen = start + step, fall
    for i in range(N_MOMENTS):
        moments[i] *= factor


@scalar
def history_terms(
    x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float, moments: Vector, out: Vector
) -> None:
    """The part of one history that depends on its times, with derivatives by (r, alpha, s, beta).

    Written to `out`: float64[15], the log, 4 derivatives, 10 second derivatives (upper triangle by rows).
    `moments` is float64[15] of scratch space.
    """
    k = r + x
    a, b = alpha + t_x, beta + t_x
    _gone(k, t_x, T, alpha, s, beta, moments)
    la, lb = log1p_positive((T - t_x) / a), log1p_positive((T - t_x) / b)
    A, B = 1.0 / (alpha + T), 1.0 / (beta + T)
    alive = math.exp(-k * la - s * lb)
    total = alive + moments[0]
    p = alive / total
    for i in range(N_MOMENTS):
        moments[i] /= total
    q, m_la, m_A, m_lb, m_B = moments[0], moments[1], moments[2], moments[3], moments[4]
    e = s + 1.0
    f_r = -(p * la + m_la)
    f_alpha = -k * (p * A + m_A)
    f_s = q / s - (p * lb + m_lb)
    f_beta = -(s * p * B + e * m_B)
    out[0] = math.log(total) - k * math.log(a) - s * math.log(b)
    out[1] = f_r - math.log(a)
    out[2] = f_alpha
    out[3] = f_s - math.log(b)
    out[4] = f_beta
    out[5] = p * la * la + moments[5] - f_r * f_r
    out[6] = k * (p * la * A + moments[6]) - (p * A + m_A) - f_r * f_alpha
    out[7] = p * la * lb + moments[7] - m_la / s - f_r * f_s
    out[8] = s * p * la * B + e * moments[8] - f_r * f_beta
    out[9] = k * (k + 1.0) * (p * A * A + moments[9]) - f_alpha * f_alpha
    out[10] = k * (p * A * lb + moments[10] - m_A / s) - f_alpha * f_s
    out[11] = k * (s * p * A * B + e * moments[11]) - f_alpha * f_beta
    out[12] = p * lb * lb + moments[12] - 2.0 * m_lb / s - f_s * f_s
    out[13] = s * p * lb * B + e * moments[13] - e * m_B / s - (p * B + m_B) - f_s * f_beta
    out[14] = s * e * p * B * B + e * (s + 2.0) * moments[14] - f_beta * f_beta


@parallel
def history_sums(
    x: Vector, t_x: Vector, T: Vector, counts: Vector, r: float, alpha: float, s: float, beta: float
) -> Vector:
    """Sum of `history_terms` over n histories that stand for `counts` customers each.

    Parameters
    ----------
    x, t_x, T, counts : float64[n], C-contiguous
    r, alpha, s, beta : float64, positive; alpha and beta in the unit of the times

    Returns
    -------
    float64[15], the same to the bit for any number of threads
    """
    n_blocks = (x.shape[0] + BLOCK - 1) // BLOCK
    sums = np.zeros((n_blocks, N_SUMS))
    for block in prange(n_blocks):
        terms, moments = np.empty(N_SUMS), np.empty(N_MOMENTS)
        for i in range(block * BLOCK, min((block + 1) * BLOCK, x.shape[0])):
            history_terms(x[i], t_x[i], T[i], r, alpha, s, beta, moments, terms)
            for j in range(N_SUMS):
                sums[block, j] += counts[i] * terms[j]
    total = np.zeros(N_SUMS)
    for block in range(n_blocks):
        for j in range(N_SUMS):
            total[j] += sums[block, j]
    return total


@scalar
def count_sums(n_above: Vector, n: float, r: float, alpha: float, s: float, beta: float) -> Vector:
    """The part that depends on x alone: log [Gamma(r+x) / Gamma(r)] + r log(alpha) + s log(beta), with derivatives.

    Parameters
    ----------
    n_above : float64[max(x)]
        Customers with more than i repeat purchases, i = 0, 1, ...
    n : float64
        Customers in all.

    Returns
    -------
    float64[15], laid out as `history_sums`
    """
    out = np.zeros(N_SUMS)
    for i in range(n_above.shape[0]):
        m, ri = n_above[i], r + i
        out[0] += m * math.log(ri)
        out[1] += m / ri
        out[5] -= m / (ri * ri)
    out[0] += n * (r * math.log(alpha) + s * math.log(beta))
    out[1] += n * math.log(alpha)
    out[2] += n * r / alpha
    out[3] += n * math.log(beta)
    out[4] += n * s / beta
    out[6] += n / alpha
    out[9] -= n * r / (alpha * alpha)
    out[13] += n / beta
    out[14] -= n * s / (beta * beta)
    return out
