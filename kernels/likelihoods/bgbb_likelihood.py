"""BG/BB: the log-likelihood of many histories with its gradient and Hessian in one sweep.

The likelihood of Fader, Hardie & Shang (2010), equation 4, relative to the last purchase, is a sum over what may have
happened since: alive at opportunity n, or gone before some opportunity. With weights q and g = log q, of
each such past,

    log L = (what precedes t_x) + log sum q,      gradient = mean of g',
    Hessian = mean of (g'' + g' g'^T) - mean of g' times its transpose,

the means being over the pasts, weighted by q. The Beta functions are products over opportunities, so their
derivatives are sums of reciprocals, exact for whole counts.
"""

import math

import numpy as np

from whalecurve.kernels.arrays import Matrix, Vector
from whalecurve.kernels.bgbb import is_history
from whalecurve.kernels.bgnbd import are_parameters
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import BLOCK, summed_blocks
from whalecurve.kernels.functions.special import log_beta_ratio
from whalecurve.kernels.likelihoods.beta_geometric_likelihood import N_SUMS

NEARLY_NOBODY = 1e-20
"""Weight of the living, beside all pasts so far, from which the rest is left out: less than in `bgbb`, since
derivatives count what is left several times over."""


@scalar
def _add_past(
    q: float,
    left: float,
    g_alpha: float,
    g_beta: float,
    g_gamma: float,
    g_delta: float,
    squares: tuple[float, float, float, float],
    out: Vector,
) -> None:
    """Add to `out` a past of weight q with its g' and the sums of squared reciprocals that make up g''.

    `squares` holds those of alpha + beta + i, beta + i - x, gamma + delta + i and delta + i. `left` is 1 / gamma
    for the gone and 0 for the living: a part of g' by gamma whose square cancels in the (gamma, gamma) entry.
    """
    any_buy, no_buy, any_leave, no_leave = squares
    by_gamma = left + g_gamma
    out[0] += q
    out[1] += q * g_alpha
    out[2] += q * g_beta
    out[3] += q * by_gamma
    out[4] += q * g_delta
    out[5] += q * (g_alpha * g_alpha + any_buy)
    out[6] += q * (g_alpha * g_beta + any_buy)
    out[7] += q * g_alpha * by_gamma
    out[8] += q * g_alpha * g_delta
    out[9] += q * (g_beta * g_beta + any_buy - no_buy)
    out[10] += q * g_beta * by_gamma
    out[11] += q * g_beta * g_delta
    out[12] += q * (g_gamma * (g_gamma + 2.0 * left) + any_leave)
    out[13] += q * (by_gamma * g_delta + any_leave)
    out[14] += q * (g_delta * g_delta + any_leave - no_leave)


@scalar
def _add_since(
    x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float, out: Vector
) -> None:
    """Add to `out` all pasts since t_x: gone before each opportunity up to n, and alive at n."""
    any_buy, no_buy, any_leave, no_leave = 0.0, 0.0, 0.0, 0.0
    g_alpha, g_beta, g_gamma, g_delta = 0.0, 0.0, 0.0, 0.0
    alive, j = 1.0, t_x
    while j < n and alive > NEARLY_NOBODY * out[0]:
        shy, stays = beta + (j - x), delta + j
        per_buy, per_leave = 1.0 / (alpha + beta + j), 1.0 / (gamma + delta + j)
        any_leave += per_leave * per_leave
        g_gamma -= per_leave
        gone = alive * (gamma * per_leave)
        squares = (any_buy, no_buy, any_leave, no_leave)
        _add_past(gone, 1.0 / gamma, g_alpha, g_beta, g_gamma, g_delta - per_leave, squares, out)
        alive *= (shy * per_buy) * (stays * per_leave)
        g_alpha -= per_buy
        g_beta += (alpha + x) * per_buy / shy
        g_delta += gamma * per_leave / stays
        any_buy += per_buy * per_buy
        no_buy += 1.0 / (shy * shy)
        no_leave += 1.0 / (stays * stays)
        j += 1.0
    if j == n:
        _add_past(alive, 0.0, g_alpha, g_beta, g_gamma, g_delta, (any_buy, no_buy, any_leave, no_leave), out)


@scalar
def _add_before(x: float, t_x: float, alpha: float, beta: float, gamma: float, delta: float, out: Vector) -> None:
    """Add to `out` the log of what precedes t_x, with derivatives: x purchases in t_x opportunities, alive at all."""
    bought = log_beta_ratio(beta, alpha, x) + log_beta_ratio(alpha + x, beta, t_x - x)
    out[0] += bought + log_beta_ratio(gamma, delta, t_x)
    i = 0.0
    while i < t_x:
        per_buy, per_leave, per_stay = 1.0 / (alpha + beta + i), 1.0 / (gamma + delta + i), 1.0 / (delta + i)
        out[1] -= per_buy
        out[2] -= per_buy
        out[3] -= per_leave
        out[4] += gamma * per_leave * per_stay
        out[5] += per_buy * per_buy
        out[6] += per_buy * per_buy
        out[9] += per_buy * per_buy
        out[12] += per_leave * per_leave
        out[13] += per_leave * per_leave
        out[14] -= gamma * per_leave * per_stay * (per_leave + per_stay)
        if i < x:
            out[1] += 1.0 / (alpha + i)
            out[5] -= 1.0 / ((alpha + i) * (alpha + i))
        if i < t_x - x:
            out[2] += 1.0 / (beta + i)
            out[9] -= 1.0 / ((beta + i) * (beta + i))
        i += 1.0


@scalar
def history_terms(
    x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float, out: Vector
) -> None:
    """Log-likelihood of one history with derivatives, written to `out` (float64[15])."""
    out[:] = 0.0
    _add_since(x, t_x, n, alpha, beta, gamma, delta, out)
    weight = out[0]
    for i in range(1, N_SUMS):
        out[i] /= weight
    entry = 5
    for i in range(1, 5):
        for j in range(i, 5):
            out[entry] -= out[i] * out[j]
            entry += 1
    out[0] = math.log(weight)
    if x > 0.0:
        _add_before(x, t_x, alpha, beta, gamma, delta, out)


@scalar
def _add_blocks(
    rows: Matrix,
    first: int,
    x: Vector,
    t_x: Vector,
    n: Vector,
    counts: Vector,
    alpha: float,
    beta: float,
    gamma: float,
    delta: float,
) -> None:
    terms = np.empty(N_SUMS)
    for row in range(rows.shape[0]):
        start = (first + row) * BLOCK
        for i in range(start, min(start + BLOCK, x.shape[0])):
            history_terms(x[i], t_x[i], n[i], alpha, beta, gamma, delta, terms)
            for j in range(N_SUMS):
                rows[row, j] += counts[i] * terms[j]


def history_sums(
    x: Vector, t_x: Vector, n: Vector, counts: Vector, alpha: float, beta: float, gamma: float, delta: float
) -> Vector:
    """Sum of `history_terms` over N histories that stand for `counts` customers each.

    Parameters
    ----------
    x, t_x, n, counts : float64[N], C-contiguous
        Purchases, opportunity of the last one, opportunities; customers.
    alpha, beta, gamma, delta : float64, positive

    Returns
    -------
    float64[15]
        Log-likelihood, 4 derivatives, 10 second derivatives (upper triangle by rows); the same to the bit
        for any number of threads.
    """
    return summed_blocks(_add_blocks, x.shape[0], N_SUMS, x, t_x, n, counts, alpha, beta, gamma, delta)


@scalar
def log_likelihood_gradient_one(
    x: float, t_x: float, n: float, alpha: float, beta: float, gamma: float, delta: float
) -> tuple[float, float, float, float, float]:
    """Log-likelihood of one customer and its derivatives by alpha, beta, gamma, delta; NaN outside `bgbb`'s domain."""
    if not (is_history(x, t_x, n) and are_parameters(alpha, beta, gamma, delta)):
        return math.nan, math.nan, math.nan, math.nan, math.nan
    out = np.empty(N_SUMS)
    history_terms(x, t_x, n, alpha, beta, gamma, delta, out)
    return out[0], out[1], out[2], out[3], out[4]
