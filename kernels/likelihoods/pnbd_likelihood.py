"""Pareto/NBD: the log-likelihood of many histories with its gradient and Hessian in one sweep.

The likelihood of Fader & Hardie (2005), relative to the last purchase, is a sum over what may have happened since:
alive until T, or gone at some u between (Gauss-Legendre nodes of `pnbd_integral`). With weights q
and g = log q, of each such past,

    log L = (what precedes t_x) + log sum q,      gradient = mean of g',
    Hessian = mean of (g'' + g' g'^T) - mean of g' times its transpose,

the means being over the pasts, weighted by q. Of the Gamma functions, which depend on x alone, many customers need
only how many of them have x > i: `count_sums`. Every term is relative to t = 0 or t_x (log1p(t_x / beta), not
log(beta + t_x) less log(beta)), so digits survive where r and alpha, or s and beta, run away together.
"""

import math

import numpy as np

from whalecurve.kernels.arrays import Matrix, Vector
from whalecurve.kernels.bgnbd import is_history
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import BLOCK, summed_blocks
from whalecurve.kernels.functions.pnbd_integral import (
    DEEPEST,
    MODERATE_FALL,
    MODERATE_WIDTH,
    NODES,
    SHORT_FALL,
    SHORT_WIDTH,
    WEIGHTS,
    WIDEST,
    log1p_positive,
    next_panel,
)
from whalecurve.kernels.functions.special import digamma, log_rising
from whalecurve.kernels.likelihoods.beta_geometric_likelihood import N_SUMS, add_rising
from whalecurve.kernels.pnbd import are_parameters

N_MOMENTS = 15
"""Of a weight and of la, va, lb, vb: log1p(y / a), y / (a + y) and the same with b, y being the time since t_x."""

COUNTED = 64.0
"""Up to so many purchases the derivative of the log-gammas is a sum, which keeps its digits where r is huge."""


@scalar
def _add_moments(weight: float, la: float, va: float, lb: float, vb: float, moments: Vector) -> None:
    """Add one summand: its weight, the four means, and the ten products (upper triangle by rows)."""
    wla, wva, wlb, wvb = weight * la, weight * va, weight * lb, weight * vb
    moments[0] += weight
    moments[1] += wla
    moments[2] += wva
    moments[3] += wlb
    moments[4] += wvb
    moments[5] += wla * la
    moments[6] += wla * va
    moments[7] += wla * lb
    moments[8] += wla * vb
    moments[9] += wva * va
    moments[10] += wva * lb
    moments[11] += wva * vb
    moments[12] += wlb * lb
    moments[13] += wlb * vb
    moments[14] += wvb * vb


@scalar
def _add_panel(
    c: float, d: float, rho: float, a_is_near: bool, start: float, width: float, nodes: int, moments: Vector
) -> None:
    """Gauss-Legendre over a panel of w = log((near pole + u) / (near pole + t_x)): 8, 12 or 16 nodes."""
    first, last = (0, 4) if nodes == 8 else (4, 10) if nodes == 12 else (10, 18)
    half = 0.5 * width
    middle = start + half
    grown_middle = math.expm1(middle)
    for i in range(first, last):
        off = half * NODES[i]
        up = math.expm1(off)
        for side in range(2):
            w = middle + off if side == 0 else middle - off
            grown = grown_middle + (1.0 + grown_middle) * (up if side == 0 else -up / (1.0 + up))
            far_grown = rho * grown
            far_log = log1p_positive(far_grown)
            weight = half * WEIGHTS[i] * math.exp(-c * w - d * far_log)
            near_share, far_share = grown / (1.0 + grown), far_grown / (1.0 + far_grown)
            if a_is_near:
                _add_moments(weight, w, near_share, far_log, far_share, moments)
            else:
                _add_moments(weight, far_log, far_share, w, near_share, moments)


@scalar
def _gone(k: float, a: float, s: float, b: float, silence: float, moments: Vector) -> None:
    """Moments over the time of dropout, weights relative to t_x; zeros where no time has passed since."""
    moments[:] = 0.0
    a_is_near = a <= b
    near, far = min(a, b), max(a, b)
    rho = near / far
    c, d, factor = (k - 1.0, s + 1.0, s * rho) if a_is_near else (s, k, s)
    width = log1p_positive(silence / near)
    fall = c * width + d * log1p_positive(rho * math.expm1(width))
    if width <= SHORT_WIDTH and fall <= SHORT_FALL:
        _add_panel(c, d, rho, a_is_near, 0.0, width, 8, moments)
    elif width <= MODERATE_WIDTH and fall <= MODERATE_FALL:
        _add_panel(c, d, rho, a_is_near, 0.0, width, 12, moments)
    elif width <= WIDEST and fall <= DEEPEST:
        _add_panel(c, d, rho, a_is_near, 0.0, width, 16, moments)
    else:
        start, fallen = 0.0, 0.0
        while start < width:
            step, fall, rate = next_panel(c, d, rho, start, fallen, width)
            if rate > 0.0 and math.exp(-fallen) <= 1e-17 * rate * moments[0]:
                break
            _add_panel(c, d, rho, a_is_near, start, step, 16, moments)
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
    k, a, b, silence = r + x, alpha + t_x, beta + t_x, T - t_x
    _gone(k, a, s, b, silence, moments)
    per_a, per_b, per_s = 1.0 / a, 1.0 / b, 1.0 / s
    la, lb = log1p_positive(silence * per_a), log1p_positive(silence * per_b)
    va, vb = silence / (a + silence), silence / (b + silence)
    alive = math.exp(-k * la - s * lb)
    total = alive + moments[0]
    per_total = 1.0 / total
    p = alive * per_total
    for i in range(N_MOMENTS):
        moments[i] *= per_total
    q, m_la, m_va, m_lb, m_vb = moments[0], moments[1], moments[2], moments[3], moments[4]
    e = s + 1.0
    f_r = -(p * la + m_la)
    f_alpha = k * (p * va + m_va) * per_a
    f_s = q * per_s - (p * lb + m_lb)
    f_beta = (s * p * vb + (e * m_vb - q)) * per_b
    per_alpha, per_beta = 1.0 / alpha, 1.0 / beta
    before_a, before_b = log1p_positive(t_x * per_alpha), log1p_positive(t_x * per_beta)
    share_a, share_b = t_x * per_a * per_alpha, t_x * per_b * per_beta
    out[0] = math.log(total) - r * before_a - s * before_b - x * math.log(a)
    out[1] = f_r - before_a
    out[2] = f_alpha + (r * share_a - x * per_a)
    out[3] = f_s - before_b
    out[4] = f_beta + s * share_b
    both_va, both_vava = p * va + m_va, p * va * va + moments[9]
    out[5] = p * la * la + moments[5] - f_r * f_r
    out[6] = (both_va - k * (p * la * va + moments[6])) * per_a - f_r * f_alpha + share_a
    out[7] = p * la * lb + moments[7] - m_la * per_s - f_r * f_s
    out[8] = (m_la - s * p * la * vb - e * moments[8]) * per_b - f_r * f_beta
    of_alpha = k * ((k + 1.0) * both_vava - 2.0 * both_va) * per_a * per_a
    out[9] = of_alpha - f_alpha * f_alpha + (x * per_a * per_a - r * share_a * (per_alpha + per_a))
    out[10] = k * (m_va * per_s - p * va * lb - moments[10]) * per_a - f_alpha * f_s
    out[11] = k * (s * p * va * vb + e * moments[11] - m_va) * per_a * per_b - f_alpha * f_beta
    out[12] = p * lb * lb + moments[12] - 2.0 * m_lb * per_s - f_s * f_s
    of_s_beta = (e * m_vb - q) * per_s - e * moments[13] + m_lb + m_vb + p * vb * (1.0 - s * lb)
    out[13] = of_s_beta * per_b - f_s * f_beta + share_b
    of_beta = e * (s + 2.0) * moments[14] - 4.0 * e * m_vb + 2.0 * q + s * p * vb * (e * vb - 2.0)
    out[14] = of_beta * per_b * per_b - f_beta * f_beta - s * share_b * (per_beta + per_b)


@scalar
def _add_block(
    first: int,
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    r: float,
    alpha: float,
    s: float,
    beta: float,
    row: Vector,
) -> None:
    terms, moments = np.empty(N_SUMS), np.empty(N_MOMENTS)
    for i in range(first, min(first + BLOCK, x.shape[0])):
        history_terms(x[i], t_x[i], T[i], r, alpha, s, beta, moments, terms)
        for j in range(N_SUMS):
            row[j] += counts[i] * terms[j]


@scalar
def _add_blocks(
    rows: Matrix,
    first: int,
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    r: float,
    alpha: float,
    s: float,
    beta: float,
) -> None:
    for i in range(rows.shape[0]):
        _add_block((first + i) * BLOCK, x, t_x, T, counts, r, alpha, s, beta, rows[i])


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
    return summed_blocks(_add_blocks, x.shape[0], N_SUMS, x, t_x, T, counts, r, alpha, s, beta)


@scalar
def count_sums(n_above: Vector, r: float) -> Vector:
    """The part that depends on x alone: log [Gamma(r+x) / Gamma(r)], with derivatives, laid out as `history_sums`.

    Parameters
    ----------
    n_above : float64[max(x)]
        Customers with more than i repeat purchases, i = 0, 1, ...
    """
    out = np.zeros(N_SUMS)
    add_rising(n_above, r, out)
    return out


@scalar
def log_likelihood_gradient_one(
    x: float, t_x: float, T: float, r: float, alpha: float, s: float, beta: float
) -> tuple[float, float, float, float, float]:
    """Log-likelihood of one customer and its derivatives by r, alpha, s, beta; NaN outside the domain of `pnbd`."""
    if not (is_history(x, t_x, T) and are_parameters(r, alpha, s, beta)):
        return math.nan, math.nan, math.nan, math.nan, math.nan
    out = np.empty(N_SUMS)
    history_terms(x, t_x, T, r, alpha, s, beta, np.empty(N_MOMENTS), out)
    if x > COUNTED:
        by_r = digamma(r + x) - digamma(r)
    else:
        by_r, i = 0.0, 0.0
        while i < x:
            by_r += 1.0 / (r + i)
            i += 1.0
    return out[0] + log_rising(r, x), out[1] + by_r, out[2], out[3], out[4]
