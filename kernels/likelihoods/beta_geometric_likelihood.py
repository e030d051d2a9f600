"""BG/NBD and MBG/NBD: the log-likelihood of many histories with its gradient and Hessian in one sweep.

Fader, Hardie & Lee (2005), eq. 6, and Batislam, Denizel & Filiztekin (2007), eq. 5, with the powers of
alpha + T taken out. They differ in one thing: whether a customer may leave after the very first
purchase (`extra` = 1, MBG/NBD) or only after a repeat (`extra` = 0, BG/NBD). With d = x + extra chances to leave,

    log L = sum_{i<x} log(r+i) - sum_{i<d} log1p(a/(b+i)) + r log(alpha) - (r+x) log(alpha+T) + softplus(w),
    w = log a - log(b+d-1) + (r+x) log1p((T-t_x)/(alpha+t_x)),  the last term for d > 0 only.

The Gamma and Beta functions of the papers are the sums over i, exact for whole x; over many customers
they need only how many of them have x > i.
"""

import math

import numpy as np

from whalecurve.kernels.arrays import Int32, Matrix, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import BLOCK, summed_blocks

N_SUMS = 15
"""Log-likelihood, 4 derivatives and the 10 second derivatives (upper triangle by rows), by (r, alpha, a, b)."""


@scalar
def history_terms(
    x: float, t_x: float, T: float, r: float, alpha: float, a: float, b: float, extra: float, out: Vector
) -> None:
    """The part of one history that depends on its times, with derivatives, written to `out` (float64[15])."""
    u, v = alpha + T, alpha + t_x
    _terms(x, math.log(u), 1.0 / u, math.log1p((T - t_x) / v), 1.0 / v, r, a, b, extra, out)


@scalar
def _terms(
    x: float,
    log_u: float,
    per_u: float,
    gap: float,
    per_v: float,
    r: float,
    a: float,
    b: float,
    extra: float,
    out: Vector,
) -> None:
    """`history_terms` from log(alpha+T), 1/(alpha+T), log((alpha+T)/(alpha+t_x)) and 1/(alpha+t_x)."""
    k = r + x
    out[:] = 0.0
    out[0] = -k * log_u
    out[1] = -log_u
    out[2] = -k * per_u
    out[6] = -per_u
    out[9] = k * per_u * per_u
    if x + extra <= 0.0:
        return
    c = b + (x + extra - 1.0)
    w = math.log(a / c) + k * gap
    tail = math.exp(-abs(w))
    out[0] += max(w, 0.0) + math.log1p(tail)
    s = (1.0 if w > 0.0 else tail) / (1.0 + tail)  # d softplus / d w
    curve = tail / ((1.0 + tail) * (1.0 + tail))
    per_alpha = per_u - per_v
    w_r, w_alpha, w_a, w_b = gap, k * per_alpha, 1.0 / a, -1.0 / c
    out[1] += s * w_r
    out[2] += s * w_alpha
    out[3] = s * w_a
    out[4] = s * w_b
    out[5] = curve * w_r * w_r
    out[6] += curve * w_r * w_alpha + s * per_alpha
    out[7] = curve * w_r * w_a
    out[8] = curve * w_r * w_b
    out[9] += curve * w_alpha * w_alpha + s * k * (per_v * per_v - per_u * per_u)
    out[10] = curve * w_alpha * w_a
    out[11] = curve * w_alpha * w_b
    out[12] = curve * w_a * w_a - s / (a * a)
    out[13] = curve * w_a * w_b
    out[14] = curve * w_b * w_b + s / (c * c)


@scalar
def _add_block(
    first: int,
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    r: float,
    alpha: float,
    a: float,
    b: float,
    extra: float,
    row: Vector,
) -> None:
    terms = np.empty(N_SUMS)
    for i in range(first, min(first + BLOCK, x.shape[0])):
        history_terms(x[i], t_x[i], T[i], r, alpha, a, b, extra, terms)
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
    a: float,
    b: float,
    extra: float,
) -> None:
    for i in range(rows.shape[0]):
        _add_block((first + i) * BLOCK, x, t_x, T, counts, r, alpha, a, b, extra, rows[i])


def history_sums(
    x: Vector, t_x: Vector, T: Vector, counts: Vector, r: float, alpha: float, a: float, b: float, extra: float
) -> Vector:
    """Sum of `history_terms` over n histories that stand for `counts` customers each.

    Parameters
    ----------
    x, t_x, T, counts : float64[n], C-contiguous
    r, alpha, a, b : float64, positive; alpha in the unit of the times
    extra : 0.0 for BG/NBD, 1.0 for MBG/NBD

    Returns
    -------
    float64[15], the same to the bit for any number of threads
    """
    return summed_blocks(_add_blocks, x.shape[0], N_SUMS, x, t_x, T, counts, r, alpha, a, b, extra)


@scalar
def _add_coded_block(
    first: int,
    x: Vector,
    t_code: Int32,
    T_code: Int32,
    counts: Vector,
    logs: Vector,
    inverses: Vector,
    r: float,
    a: float,
    b: float,
    extra: float,
    row: Vector,
) -> None:
    terms = np.empty(N_SUMS)
    for i in range(first, min(first + BLOCK, x.shape[0])):
        at, end = int(t_code[i]), int(T_code[i])
        _terms(x[i], logs[end], inverses[end], logs[end] - logs[at], inverses[at], r, a, b, extra, terms)
        for j in range(N_SUMS):
            row[j] += counts[i] * terms[j]


@scalar
def _add_coded_blocks(
    rows: Matrix,
    first: int,
    x: Vector,
    t_code: Int32,
    T_code: Int32,
    counts: Vector,
    logs: Vector,
    inverses: Vector,
    r: float,
    a: float,
    b: float,
    extra: float,
) -> None:
    for i in range(rows.shape[0]):
        _add_coded_block((first + i) * BLOCK, x, t_code, T_code, counts, logs, inverses, r, a, b, extra, rows[i])


def coded_sums(
    x: Vector,
    t_code: Int32,
    T_code: Int32,
    counts: Vector,
    times: Vector,
    r: float,
    alpha: float,
    a: float,
    b: float,
    extra: float,
) -> Vector:
    """`history_sums` where few distinct times occur: t_x = times[t_code], T = times[T_code].

    Logs and reciprocals are worked out once for each distinct time; a history then costs one exp and one log1p.
    """
    logs, inverses = np.log(alpha + times), 1.0 / (alpha + times)
    n = x.shape[0]
    return summed_blocks(_add_coded_blocks, n, N_SUMS, x, t_code, T_code, counts, logs, inverses, r, a, b, extra)


@scalar
def add_rising(n_above: Vector, r: float, out: Vector) -> None:
    """Add log [Gamma(r+x) / Gamma(r)] of customers of whom n_above[i] have x > i, with derivatives by r."""
    for i in range(n_above.shape[0]):
        m, ri = n_above[i], r + i
        out[0] += m * math.log(ri)
        out[1] += m / ri
        out[5] -= m / (ri * ri)


@scalar
def add_chance(m: float, a: float, stay: float, out: Vector) -> None:
    """Add -log1p(a / stay) of m customers: a chance to leave that they had and survived; derivatives by a and b."""
    both = a + stay
    out[0] -= m * math.log1p(a / stay)
    out[3] -= m / both
    out[4] += m * a / (stay * both)
    out[12] += m / (both * both)
    out[13] += m / (both * both)
    out[14] -= m * a * (stay + both) / (stay * stay * both * both)


@scalar
def add_scale(n: float, r: float, alpha: float, out: Vector) -> None:
    """Add r log(alpha) of n customers, with derivatives by r and alpha."""
    log_alpha = math.log(alpha)
    out[0] += n * r * log_alpha
    out[1] += n * log_alpha
    out[2] += n * r / alpha
    out[6] += n / alpha
    out[9] -= n * r / (alpha * alpha)


@scalar
def count_sums(n_above: Vector, n_chances: Vector, n: float, r: float, alpha: float, a: float, b: float) -> Vector:
    """The part that depends on x alone, with derivatives.

    Parameters
    ----------
    n_above : float64[max(x)]
        Customers with more than i repeat purchases, i = 0, 1, ...
    n_chances : float64[max(x) + extra]
        Customers with more than i chances to leave.
    n : float64
        Customers in all.

    Returns
    -------
    float64[15], laid out as `history_sums`
    """
    out = np.zeros(N_SUMS)
    add_rising(n_above, r, out)
    for i in range(n_chances.shape[0]):
        add_chance(n_chances[i], a, b + i, out)
    add_scale(n, r, alpha, out)
    return out
