"""Sums for models with covariates: against the papers' formulas in arbitrary precision, and the plain models."""

import mpmath as mp
import numpy as np
import pytest

from whalecurve.kernels import bgnbd, mbgnbd, pnbd
from whalecurve.kernels.likelihoods import beta_geometric_likelihood, pnbd_likelihood
from whalecurve.kernels.likelihoods.covariate_likelihood import BGNBD, MBGNBD, N_PARAMS, PNBD, covariate_sums, n_sums

ALPHA, A, B = 1, 2, 3  # places of parameters; Pareto/NBD's beta stands where BG/NBD has b
LOADINGS = np.zeros((5, 4))
LOADINGS[:2, ALPHA], LOADINGS[2, [A, B]], LOADINGS[3, A], LOADINGS[4, B] = -1.0, (0.5, -0.5), 1.0, -1.0
COLUMNS = np.array([0, 1, 0, 2, 1])
THETA = np.array([*np.log([0.6, 7.0, 0.8, 5.0]), 0.4, -0.3, 0.5, 0.2, -0.6])
WHICH = {"bgnbd": BGNBD, "mbgnbd": MBGNBD, "pnbd": PNBD}
MODELS = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "pnbd": pnbd}


def customers(n, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 6, n).astype(float)
    T = rng.uniform(1.0, 90.0, n)
    t_x = np.where(x > 0, T * rng.uniform(0.05, 1.0, n), 0.0)
    return x, t_x, T, rng.normal(size=(n, 3))


def own(design, theta, loadings=LOADINGS, columns=COLUMNS):
    """Parameters of each customer, a column each."""
    return np.exp(theta[:4] + (design[:, columns] * theta[4:]) @ loadings).T


def n_above(x, counts):
    by_x = np.bincount(x.astype(int), weights=counts)
    return np.ascontiguousarray(by_x[::-1].cumsum()[::-1][1:])


def sums(model, x, t_x, T, design, theta=THETA, counts=None, loadings=LOADINGS, columns=COLUMNS):
    counts = np.ones(x.size) if counts is None else counts
    design = np.ascontiguousarray(design)
    return covariate_sums(WHICH[model], x, t_x, T, counts, design, columns, loadings, theta, n_above(x, counts))


def parts(row):
    """Value, gradient and Hessian of a row of sums."""
    size = int((np.sqrt(8.0 * row.size + 1.0) - 3.0) / 2.0)
    hessian = np.zeros((size, size))
    hessian[np.triu_indices(size)] = row[1 + size :]
    return row[0], row[1 : 1 + size], hessian + np.triu(hessian, 1).T


def bg_log_likelihood(x, t_x, T, r, alpha, a, b, tosses):
    """FHL05, equation 6, and with one toss more Batislam, Denizel & Filiztekin (2007), equation 5."""
    d = x + tosses
    alive = mp.beta(a, b + d) / mp.beta(a, b) / (alpha + T) ** (r + x)
    gone = mp.beta(a + 1, b + d - 1) / mp.beta(a, b) / (alpha + t_x) ** (r + x) if d > 0 else 0
    return mp.log(mp.gamma(r + x) / mp.gamma(r) * alpha**r * (alive + gone))


def pareto_log_likelihood(x, t_x, T, r, alpha, s, beta):
    """FH05, with Gauss's 2F1."""
    total = r + s + x
    near, far, second = (beta, alpha, s + 1) if alpha >= beta else (alpha, beta, r + x)
    term = lambda t: mp.hyp2f1(total, second, total + 1, (far - near) / (far + t)) / (far + t) ** total
    gone = s / total * (term(t_x) - term(T))
    alive = 1 / ((alpha + T) ** (r + x) * (beta + T) ** s)
    return mp.log(mp.gamma(r + x) / mp.gamma(r) * alpha**r * beta**s * (alive + gone))


def oracle(model, x, t_x, T, design):
    """The log-likelihood as a function of theta, in arbitrary precision."""
    rows = [[mp.mpf(float(v)) for v in row] for row in np.column_stack([x, t_x, T, design])]

    def log_likelihood(*theta):
        total = mp.mpf(0)
        for x, t_x, T, *z in rows:
            logs = list(theta[:4])
            for j, column in enumerate(COLUMNS):
                for k in range(4):
                    logs[k] += mp.mpf(float(LOADINGS[j, k])) * theta[4 + j] * z[column]
            params = [mp.exp(log) for log in logs]
            if model == "pnbd":
                total += pareto_log_likelihood(x, t_x, T, *params)
            else:
                total += bg_log_likelihood(x, t_x, T, *params, int(model == "mbgnbd"))
        return total

    return log_likelihood


@pytest.mark.parametrize("model", MODELS)
def test_value_gradient_and_hessian_are_those_of_the_papers_formulas(model):
    x, t_x, T, design = (column for column in customers(3, seed=5))
    value, gradient, hessian = parts(sums(model, x, t_x, T, design))
    with mp.workdps(50):
        f, point = oracle(model, x, t_x, T, design), tuple(mp.mpf(float(v)) for v in THETA)
        unit = np.eye(THETA.size, dtype=int)
        slopes = [float(mp.diff(f, point, tuple(row))) for row in unit]
        pairs = [(0, 0), (1, 3), (1, 4), (3, 8), (4, 5), (6, 6), (7, 8)]
        bends = [float(mp.diff(f, point, tuple(unit[i] + unit[j]))) for i, j in pairs]
        exact = float(f(*point))
    assert value == pytest.approx(exact, rel=1e-12)
    # Derivatives are sums of terms of both signs: relative to the largest.
    assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-13 * np.abs(slopes).max())
    assert [hessian[i, j] for i, j in pairs] == pytest.approx(bends, rel=1e-11, abs=1e-12 * np.abs(bends).max())


@pytest.mark.parametrize("model", MODELS)
def test_value_is_the_sum_of_the_kernel_at_own_parameters_and_derivatives_are_its_differences(model):
    x, t_x, T, design = customers(300)
    value, gradient, hessian = parts(sums(model, x, t_x, T, design))
    each = MODELS[model].log_likelihood(x, t_x, T, *own(design, THETA))
    assert value == pytest.approx(each.sum(), rel=1e-12)
    h = 1e-5
    steps = h * np.eye(THETA.size)
    ahead = [parts(sums(model, x, t_x, T, design, THETA + step)) for step in steps]
    behind = [parts(sums(model, x, t_x, T, design, THETA - step)) for step in steps]
    slopes = np.array([(a[0] - b[0]) / (2.0 * h) for a, b in zip(ahead, behind, strict=True)])
    bends = np.array([(a[1] - b[1]) / (2.0 * h) for a, b in zip(ahead, behind, strict=True)])
    # Central differences: the third derivative times h^2, and rounding over h.
    assert gradient == pytest.approx(slopes, rel=1e-6, abs=1e-6 * np.abs(slopes).max())
    assert hessian == pytest.approx(bends, rel=1e-7, abs=1e-8 * np.abs(bends).max())


@pytest.mark.parametrize("model", MODELS)
def test_a_design_of_zeros_gives_the_plain_likelihood_whatever_the_coefficients(model):
    x, t_x, T, design = customers(200)
    value, gradient, hessian = parts(sums(model, x, t_x, T, np.zeros_like(design)))
    params, n = np.exp(THETA[:4]), np.ones(x.size)
    above = n_above(x, n)
    if model == "pnbd":
        plain = pnbd_likelihood.history_sums(x, t_x, T, n, *params) + pnbd_likelihood.count_sums(above, params[0])
    else:
        extra = float(model == "mbgnbd")
        chances = np.concatenate([np.full(int(extra), n.sum()), above])
        plain = beta_geometric_likelihood.history_sums(x, t_x, T, n, *params, extra)
        plain = plain + beta_geometric_likelihood.count_sums(above, chances, n.sum(), *params)
    plain_value, plain_gradient, plain_hessian = parts(plain)
    by_logs = plain_hessian * np.outer(params, params) + np.diag(plain_gradient * params)
    assert value == pytest.approx(plain_value, rel=1e-13)
    assert gradient[:4] == pytest.approx(plain_gradient * params, rel=1e-11)
    assert hessian[:4, :4] == pytest.approx(by_logs, rel=1e-11, abs=1e-12 * np.abs(by_logs).max())
    assert not gradient[4:].any()
    assert not hessian[4:].any()


@pytest.mark.parametrize("model", MODELS)
def test_sums_are_the_same_to_the_bit_for_any_number_of_threads(model, monkeypatch):
    x, t_x, T, design = customers(50_000)  # more blocks than one thread is left to do alone
    several = sums(model, x, t_x, T, design)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert np.array_equal(sums(model, x, t_x, T, design), several)


@pytest.mark.parametrize("model", MODELS)
def test_a_count_stands_for_as_many_customers(model):
    x, t_x, T, design = customers(50)
    counts = np.random.default_rng(3).integers(1, 4, x.size)
    each = [np.repeat(column, counts, axis=0) for column in (x, t_x, T, design)]
    counted = sums(model, x, t_x, T, design, counts=counts.astype(float))
    assert counted == pytest.approx(sums(model, *each), rel=1e-11, abs=1e-11 * np.abs(counted).max())


@pytest.mark.parametrize("model", MODELS)
def test_no_covariates_and_no_customers_are_served(model):
    x, t_x, T, design = customers(10)
    nothing = {"columns": np.zeros(0, dtype=np.int64), "loadings": np.zeros((0, 4))}
    row = sums(model, x, t_x, T, design, theta=THETA[:4], **nothing)
    each = MODELS[model].log_likelihood(x, t_x, T, *np.exp(THETA[:4]))
    assert row[0] == pytest.approx(each.sum(), rel=1e-12)
    assert row.size == n_sums(0) == 1 + N_PARAMS + N_PARAMS * (N_PARAMS + 1) // 2
    empty = sums(model, x[:0], t_x[:0], T[:0], design[:0])
    assert empty.size == n_sums(COLUMNS.size)
    assert not empty.any()
