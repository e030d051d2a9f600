"""Purchase models whose parameters differ among customers with known traits: log-likelihood, gradient, Hessian.

After Fader & Hardie (2007), "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models": a
customer with covariates z has, for each of the model's four parameters p_k,

    log p_k(z) = log p_k + sum_j loadings[j, k] gamma_j z[columns[j]].

All derivatives are by theta = (log p_1, ..., log p_4, gamma_1, ..., gamma_K): the four logs and the coefficients act
on a customer's log-likelihood in the same way, so its four derivatives and ten second derivatives by its own
log parameters give all the others by the chain rule.

A row of sums holds the log-likelihood, the gradient (4 + K) and the upper triangle of the Hessian by rows.
"""

import math

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Matrix, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import BLOCK, summed_blocks
from whalecurve.kernels.likelihoods import beta_geometric_likelihood, pnbd_likelihood
from whalecurve.kernels.likelihoods.beta_geometric_likelihood import N_SUMS, add_chance, add_scale

Indices = NDArray[np.int64]

N_PARAMS = 4

BGNBD, MBGNBD, PNBD = 0, 1, 2
"""The models: r, alpha, a, b for the first two, r, alpha, s, beta for the last."""


@scalar
def n_sums(n_coefficients: int) -> int:
    """Length of a row of sums."""
    size = N_PARAMS + n_coefficients
    return 1 + size + size * (size + 1) // 2


@scalar
def own_params(z: Vector, columns: Indices, loadings: Matrix, theta: Vector, out: Vector) -> None:
    """The four parameters of a customer with covariates z (float64[m]), written to `out` (float64[4])."""
    for k in range(N_PARAMS):
        log_param = theta[k]
        for j in range(columns.shape[0]):
            log_param += loadings[j, k] * theta[N_PARAMS + j] * z[columns[j]]
        out[k] = math.exp(log_param)


@scalar
def by_logs(terms: Vector, params: Vector) -> None:
    """Turn derivatives by the parameters (float64[15]: value, 4, upper triangle of 4 x 4) into those by their logs."""
    for k in range(N_PARAMS):
        terms[1 + k] *= params[k]
    at = 1 + N_PARAMS
    for k in range(N_PARAMS):
        for m in range(k, N_PARAMS):
            terms[at] *= params[k] * params[m]
            if m == k:
                terms[at] += terms[1 + k]
            at += 1


@scalar
def add_chained(
    terms: Vector, z: Vector, columns: Indices, loadings: Matrix, n: float, reach: Matrix, bent: Matrix, out: Vector
) -> None:
    """Add one history's terms by its own log parameters (float64[15]), n times, to a row of sums by theta.

    reach, bent : float64[K, 4], scratch: what a coefficient adds to the log parameters, and the Hessian times that
    """
    n_coefficients = columns.shape[0]
    size = N_PARAMS + n_coefficients
    for j in range(n_coefficients):
        slope = 0.0
        for k in range(N_PARAMS):
            reach[j, k] = n * loadings[j, k] * z[columns[j]]
            slope += reach[j, k] * terms[1 + k]
            bent[j, k] = 0.0
        out[1 + N_PARAMS + j] += slope
        at = 1 + N_PARAMS
        for k in range(N_PARAMS):
            for m in range(k, N_PARAMS):
                bent[j, k] += terms[at] * reach[j, m]
                if m > k:
                    bent[j, m] += terms[at] * reach[j, k]
                at += 1
    for k in range(1 + N_PARAMS):
        out[k] += n * terms[k]
    at, from_terms = 1 + size, 1 + N_PARAMS
    for k in range(N_PARAMS):
        for _ in range(k, N_PARAMS):
            out[at] += n * terms[from_terms]
            at += 1
            from_terms += 1
        for j in range(n_coefficients):
            out[at] += bent[j, k]
            at += 1
    for j in range(n_coefficients):
        z_j = z[columns[j]]
        for i in range(j, n_coefficients):
            curve = 0.0
            for k in range(N_PARAMS):
                curve += loadings[j, k] * bent[i, k]
            out[at] += curve * z_j
            at += 1


@scalar
def _add_counts(d: float, r: float, alpha: float, a: float, b: float, out: Vector) -> None:
    """Add, to terms by (r, alpha, a, b), r log(alpha) - sum_{i<d} log1p(a / (b + i)): d chances to leave survived."""
    add_scale(1.0, r, alpha, out)
    for i in range(int(d)):
        add_chance(1.0, a, b + i, out)


@scalar
def _add_block(
    first: int,
    model: int,
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    design: Matrix,
    columns: Indices,
    loadings: Matrix,
    theta: Vector,
    row: Vector,
) -> None:
    terms, params, moments = np.empty(N_SUMS), np.empty(N_PARAMS), np.empty(pnbd_likelihood.N_MOMENTS)
    reach, bent = np.empty((columns.shape[0], N_PARAMS)), np.empty((columns.shape[0], N_PARAMS))
    for i in range(first, min(first + BLOCK, x.shape[0])):
        own_params(design[i], columns, loadings, theta, params)
        r, alpha, p, q = params[0], params[1], params[2], params[3]
        if model == PNBD:
            pnbd_likelihood.history_terms(x[i], t_x[i], T[i], r, alpha, p, q, moments, terms)
        else:
            extra = float(model)
            beta_geometric_likelihood.history_terms(x[i], t_x[i], T[i], r, alpha, p, q, extra, terms)
            _add_counts(x[i] + extra, r, alpha, p, q, terms)
        by_logs(terms, params)
        add_chained(terms, design[i], columns, loadings, counts[i], reach, bent, row)


@scalar
def _add_blocks(
    rows: Matrix,
    first: int,
    model: int,
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    design: Matrix,
    columns: Indices,
    loadings: Matrix,
    theta: Vector,
) -> None:
    for i in range(rows.shape[0]):
        _add_block((first + i) * BLOCK, model, x, t_x, T, counts, design, columns, loadings, theta, rows[i])


@scalar
def _add_rising(n_above: Vector, theta: Vector, row: Vector) -> None:
    """Add log [Gamma(r+x) / Gamma(r)] of all: they share r, so that it takes only how many have x > i."""
    r, r_twice = math.exp(theta[0]), 1 + theta.shape[0]
    for i in range(n_above.shape[0]):
        share = r / (r + i)
        row[0] += n_above[i] * math.log(r + i)
        row[1] += n_above[i] * share
        row[r_twice] += n_above[i] * share * (1.0 - share)


def covariate_sums(
    model: int,
    x: Vector,
    t_x: Vector,
    T: Vector,
    counts: Vector,
    design: Matrix,
    columns: Indices,
    loadings: Matrix,
    theta: Vector,
    n_above: Vector,
) -> Vector:
    """The row of sums of n histories that stand for `counts` customers each.

    Parameters
    ----------
    model : BGNBD, MBGNBD or PNBD
    x, t_x, T, counts : float64[n], C-contiguous
    design : float64[n, m], C-contiguous
        Covariates.
    columns : int64[K]
        The covariate of each coefficient.
    loadings : float64[K, 4]
        Its part in the logs of the parameters; none in that of r.
    theta : float64[4 + K]
        Logs of the parameters where all covariates are 0, and coefficients.
    n_above : float64[max(x)]
        Customers with more than i repeat purchases, i = 0, 1, ...

    Returns
    -------
    float64[n_sums(K)], the same to the bit for any number of threads
    """
    row = summed_blocks(
        _add_blocks, x.shape[0], n_sums(columns.shape[0]), model, x, t_x, T, counts, design, columns, loadings, theta
    )
    _add_rising(n_above, theta, row)
    return row
