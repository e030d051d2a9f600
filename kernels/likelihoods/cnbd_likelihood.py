"""(M)BG/CNBD-k: the log-likelihood of many histories with its gradient and Hessian in one sweep, k being given.

Reutterer, Platzer & Schroeder (2021), in the form of `beta_geometric_likelihood`: with R = r + k x, d = x + extra
chances to leave, and what the gaps themselves say left out (it depends on k alone),

    log L = sum_{i<kx} log(r+i) - sum_{i<d} log1p(a/(b+i)) + r log(alpha) - R log(alpha+T) + q + softplus(w - q),
    q = log sum_{j<k} (R)_j / j! z^j,   z = (T-t_x)/(alpha+T),
    w = log a - log(b+d-1) + R log((alpha+T)/(alpha+t_x)),  the last term for d > 0 only.

q is the logarithm of a mean of stages j, and its derivatives are moments of j and of sum_{i<j} 1/(R+i). The sums over i
are those of `beta_geometric_likelihood.count_sums`, each purchase counting k times in the first.
"""

import math

import numpy as np

from whalecurve.kernels.arrays import Int32, Matrix, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import BLOCK, summed_blocks
from whalecurve.kernels.likelihoods.beta_geometric_likelihood import N_SUMS


@scalar
def _unfinished(k: float, shape: float, z: float, per_u: float) -> tuple[float, float, float, float, float, float]:
    """The q of a history with its derivatives by R and alpha: q, q_R, q_alpha, q_RR, q_R_alpha, q_alpha_alpha."""
    term, more, rise, rise_2 = 1.0, 0.0, 0.0, 0.0
    of_j, of_jj, of_rise, of_square, of_both = 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(1, int(k)):
        at = shape + (j - 1.0)
        term *= at * z / j
        rise += 1.0 / at
        rise_2 += 1.0 / (at * at)
        more += term
        of_j += j * term
        of_jj += j * j * term
        of_rise += rise * term
        of_square += (rise * rise - rise_2) * term
        of_both += j * rise * term
    scale = 1.0 / (1.0 + more)
    mean_j, mean_rise = of_j * scale, of_rise * scale
    q_alpha = -mean_j * per_u
    q_both = (mean_j * mean_rise - of_both * scale) * per_u
    q_alpha_2 = (of_jj * scale - mean_j * mean_j + mean_j) * per_u * per_u
    return math.log1p(more), mean_rise, q_alpha, of_square * scale - mean_rise * mean_rise, q_both, q_alpha_2


@scalar
def history_terms(
    x: float, t_x: float, T: float, k: float, r: float, alpha: float, a: float, b: float, extra: float, out: Vector
) -> None:
    """The part of one history that depends on its times, with derivatives, written to `out` (float64[15])."""
    u, v = alpha + T, alpha + t_x
    _terms(x, math.log(u), 1.0 / u, math.log1p((T - t_x) / v), 1.0 / v, T - t_x, k, r, a, b, extra, out)


@scalar
def _terms(
    x: float,
    log_u: float,
    per_u: float,
    gap: float,
    per_v: float,
    silence: float,
    k: float,
    r: float,
    a: float,
    b: float,
    extra: float,
    out: Vector,
) -> None:
    """`history_terms` from log(alpha+T), 1/(alpha+T), log((alpha+T)/(alpha+t_x)), 1/(alpha+t_x) and T-t_x."""
    shape = r + k * x
    q, q_r, q_alpha, q_rr, q_r_alpha, q_alpha_2 = _unfinished(k, shape, silence * per_u, per_u)
    out[:] = 0.0
    out[0] = q - shape * log_u
    out[1] = q_r - log_u
    out[2] = q_alpha - shape * per_u
    out[5] = q_rr
    out[6] = q_r_alpha - per_u
    out[9] = q_alpha_2 + shape * per_u * per_u
    if x + extra <= 0.0:
        return
    c = b + (x + extra - 1.0)
    w = math.log(a / c) + shape * gap - q
    tail = math.exp(-abs(w))
    out[0] += max(w, 0.0) + math.log1p(tail)
    s = (1.0 if w > 0.0 else tail) / (1.0 + tail)  # d softplus / d w
    curve = tail / ((1.0 + tail) * (1.0 + tail))
    per_alpha = per_u - per_v
    w_r, w_alpha, w_a, w_b = gap - q_r, shape * per_alpha - q_alpha, 1.0 / a, -1.0 / c
    out[1] += s * w_r
    out[2] += s * w_alpha
    out[3] = s * w_a
    out[4] = s * w_b
    out[5] += curve * w_r * w_r - s * q_rr
    out[6] += curve * w_r * w_alpha + s * (per_alpha - q_r_alpha)
    out[7] = curve * w_r * w_a
    out[8] = curve * w_r * w_b
    out[9] += curve * w_alpha * w_alpha + s * (shape * (per_v * per_v - per_u * per_u) - q_alpha_2)
    out[10] = curve * w_alpha * w_a
    out[11] = curve * w_alpha * w_b
    out[12] = curve * w_a * w_a - s / (a * a)
    out[13] = curve * w_a * w_b
    out[14] = curve * w_b * w_b + s / (c * c)


@scalar
def _add_blocks(
    rows: Matrix,
    first: int,
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    k: float,
    r: float,
    alpha: float,
    a: float,
    b: float,
    extra: float,
) -> None:
    terms = np.empty(N_SUMS)
    for block in range(rows.shape[0]):
        start = (first + block) * BLOCK
        for i in range(start, min(start + BLOCK, x.shape[0])):
            history_terms(x[i], t_x[i], T[i], k, r, alpha, a, b, extra, terms)
            for j in range(N_SUMS):
                rows[block, j] += counts[i] * terms[j]


def history_sums(
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    k: float,
    r: float,
    alpha: float,
    a: float,
    b: float,
    extra: float,
) -> Vector:
    """Sum of `history_terms` over n histories that stand for `counts` customers each.

    Parameters
    ----------
    x, t_x, T, counts : float64[n], C-contiguous
    k : float64, whole, 1 to 12
    r, alpha, a, b : float64, positive; alpha in the unit of the times
    extra : 0.0 for BG/CNBD-k, 1.0 for MBG/CNBD-k

    Returns
    -------
    float64[15], the same to the bit for any number of threads
    """
    return summed_blocks(_add_blocks, x.shape[0], N_SUMS, x, t_x, T, counts, k, r, alpha, a, b, extra)


@scalar
def _add_coded_blocks(
    rows: Matrix,
    first: int,
    x: Vector,
    t_code: Int32,
    T_code: Int32,
    counts: Vector,
    times: Vector,
    logs: Vector,
    inverses: Vector,
    k: float,
    r: float,
    a: float,
    b: float,
    extra: float,
) -> None:
    terms = np.empty(N_SUMS)
    for block in range(rows.shape[0]):
        start = (first + block) * BLOCK
        for i in range(start, min(start + BLOCK, x.shape[0])):
            at, end = int(t_code[i]), int(T_code[i])
            gap, silence = logs[end] - logs[at], times[end] - times[at]
            _terms(x[i], logs[end], inverses[end], gap, inverses[at], silence, k, r, a, b, extra, terms)
            for j in range(N_SUMS):
                rows[block, j] += counts[i] * terms[j]


def coded_sums(
    x: Vector,
    t_code: Int32,
    T_code: Int32,
    counts: Vector,
    times: Vector,
    k: float,
    r: float,
    alpha: float,
    a: float,
    b: float,
    extra: float,
) -> Vector:
    """`history_sums` where few distinct times occur: t_x = times[t_code], T = times[T_code].

    Logs and reciprocals are worked out once for each distinct time.
    """
    logs, inverses = np.log(alpha + times), 1.0 / (alpha + times)
    n = x.shape[0]
    return summed_blocks(
        _add_coded_blocks, n, N_SUMS, x, t_code, T_code, counts, times, logs, inverses, k, r, a, b, extra
    )
