"""Gamma-Gamma: sums over many customers' (x, m) for the log-likelihood, its gradient and Hessian.

Colombo & Jiang (1999); Fader & Hardie (2013), eq. 1a. Per customer

    log L = log Gamma(px+q) - log Gamma(px) - log Gamma(q) + q log v + (px-1) log m + px log x - (px+q) log(v+xm).

Only the last term couples v with the customer's own spend; the Gamma functions depend on x alone and
are evaluated once for each distinct x.
"""

import math

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Int64, Matrix, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import BLOCK, summed_blocks
from whalecurve.kernels.functions.special import digamma, log_gamma, trigamma

N_SPEND, N_COUNT = 6, 6
"""Sums that `spend_sums` and `count_sums` give."""


@scalar
def by_repeats(x: NDArray[np.uint32], m: Vector) -> tuple[Int64, Vector]:
    """Mean values of n customers, those with as many repeat purchases together.

    Parameters
    ----------
    x : uint32[n]
    m : float64[n], no NaN

    Returns
    -------
    ends : int64[largest x + 1], those with x repeat purchases end at ends[x], and begin at ends[x - 1]
    m : float64[n]
    """
    largest = np.int64(x.max()) if x.shape[0] > 0 else 0
    ends, ordered = np.zeros(largest + 2, np.int64), np.empty(m.shape[0])
    for i in range(x.shape[0]):
        ends[x[i] + 1] += 1
    for j in range(1, ends.shape[0]):
        ends[j] += ends[j - 1]
    for i in range(x.shape[0]):
        ordered[ends[x[i]]] = m[i]
        ends[x[i]] += 1
    return ends[:-1], ordered


@scalar
def spend_constants(x: Vector, m: Vector, counts: Vector) -> Vector:
    """Sums that the parameters have no part in, float64[2]: of log m, and of x log(x m), over all customers."""
    total = np.zeros(2)
    for first in range(0, x.shape[0], BLOCK):
        log_m, x_log_xm = 0.0, 0.0
        for i in range(first, min(first + BLOCK, x.shape[0])):
            log_m += counts[i] * math.log(m[i])
            x_log_xm += counts[i] * x[i] * math.log(x[i] * m[i])
        total[0] += log_m
        total[1] += x_log_xm
    return total


@scalar
def _add_block(first: int, x: Vector, m: Vector, counts: Vector, v: float, row: Vector) -> None:
    for i in range(first, min(first + BLOCK, x.shape[0])):
        s = v + x[i] * m[i]
        log_s, inverse = math.log(s), 1.0 / s
        row[0] += counts[i] * log_s
        row[1] += counts[i] * x[i] * log_s
        row[2] += counts[i] * inverse
        row[3] += counts[i] * x[i] * inverse
        row[4] += counts[i] * inverse * inverse
        row[5] += counts[i] * x[i] * inverse * inverse


@scalar
def _add_blocks(rows: Matrix, first: int, x: Vector, m: Vector, counts: Vector, v: float) -> None:
    for i in range(rows.shape[0]):
        _add_block((first + i) * BLOCK, x, m, counts, v, rows[i])


def spend_sums(x: Vector, m: Vector, counts: Vector, v: float) -> Vector:
    """Sums over n cells of x repeat purchases of mean value m, `counts` customers each, with s = v + x m.

    Returns
    -------
    float64[6]: sums of log s, x log s, 1/s, x/s, 1/s^2, x/s^2; the same to the bit for any number of threads
    """
    return summed_blocks(_add_blocks, x.shape[0], N_SPEND, x, m, counts, v)


@scalar
def count_sums(x: Vector, counts: Vector, p: float, q: float) -> Vector:
    """Sums over distinct x of the Gamma functions and their derivatives by p and q.

    Returns
    -------
    float64[6]: log [Gamma(px+q) / (Gamma(px) Gamma(q))], its derivatives by p, q, pp, pq, qq
    """
    out = np.zeros(N_COUNT)
    at_q, d_q, dd_q = log_gamma(q), digamma(q), trigamma(q)
    for i in range(x.shape[0]):
        px, n = p * x[i], counts[i]
        d, dd = digamma(px + q), trigamma(px + q)
        out[0] += n * (log_gamma(px + q) - log_gamma(px) - at_q)
        out[1] += n * x[i] * (d - digamma(px))
        out[2] += n * (d - d_q)
        out[3] += n * x[i] * x[i] * (dd - trigamma(px))
        out[4] += n * x[i] * dd
        out[5] += n * (dd - dd_q)
    return out
