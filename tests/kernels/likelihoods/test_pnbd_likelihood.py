import math

import numpy as np
import pytest
from mpmath import hyp2f1, log, mp, mpf

from whalecurve.kernels import pnbd
from whalecurve.kernels.likelihoods import pnbd_likelihood as pnbd_likelihood

CDNOW = (0.5534, 10.5802, 0.6061, 11.6562)
PARAMETERS = [CDNOW, (2.0, 0.6, 3.0, 40.0), (30.0, 600.0, 1e-3, 4.0), (0.5, 10.0, 6e8, 1e10), (5e7, 1e9, 0.6, 11.0)]
HISTORIES = [(0, 0.0, 0.0), (0, 0.0, 38.9), (2, 30.43, 38.86), (29, 37.7, 38.0), (5, 9.0, 300.0), (80, 3.0, 9.0)]
UPPER = [(i, j) for i in range(4) for j in range(i, 4)]


def log_likelihood(x, t_x, T, r, alpha, s, beta):
    """Fader & Hardie (2005), with the two hypergeometric functions as printed."""
    k = r + s + x
    far, near, b = (alpha, beta, s + 1) if alpha >= beta else (beta, alpha, r + x)
    tail = lambda t: hyp2f1(k, b, k + 1, (far - near) / (far + t)) / (far + t) ** k
    t_x, T = mpf(t_x), mpf(T)
    alive = 1 / ((alpha + T) ** (r + x) * (beta + T) ** s)
    gone = s / k * (tail(t_x) - tail(T))
    return mp.loggamma(r + x) - mp.loggamma(r) + r * log(alpha) + s * log(beta) + log(alive + gone)


def differences(history, params):
    """Value, gradient and Hessian by the logs of the parameters, by central differences with 80 digits."""
    with mp.workdps(80):
        step = mpf("1e-18")

        def at(*moves):
            moved = [mpf(p) for p in params]
            for i, sign in moves:
                moved[i] *= mp.exp(sign * step)
            return log_likelihood(*history, *moved)

        slopes = [(at((i, 1)) - at((i, -1))) / (2 * step) for i in range(4)]
        curves = [
            (at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))) / (4 * step**2)
            for i, j in UPPER
        ]
        return float(at()), np.array([float(v) for v in slopes]), np.array([float(v) for v in curves])


def terms_of(history, params):
    """All of one customer's terms, the part that depends on x alone included."""
    x, t_x, T = (np.array([value]) for value in map(float, history))
    sums = pnbd_likelihood.history_sums(x, t_x, T, np.ones(1), *params)
    return sums + pnbd_likelihood.count_sums(np.ones(int(x[0])), params[0])


@pytest.mark.parametrize("params", PARAMETERS)
@pytest.mark.parametrize("history", HISTORIES)
def test_derivatives_agree_with_differences_of_eighty_digits(history, params):
    terms = terms_of(history, params)
    value, slopes, curves = differences(history, params)
    p = np.array(params)
    by_log = terms[1:5] * p
    curve_by_log = [terms[5 + k] * p[i] * p[j] + (by_log[i] if i == j else 0.0) for k, (i, j) in enumerate(UPPER)]
    # By log parameters derivatives are of the size of counts; entries that vanish do so to rounding of the others,
    # which are sums of x terms.
    scale = 1.0 + history[0] + np.abs(slopes).max()
    assert terms[0] == pytest.approx(value, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(by_log, slopes, rtol=1e-12, atol=1e-14 * scale)
    np.testing.assert_allclose(curve_by_log, curves, rtol=1e-11, atol=1e-14 * scale * scale)


@pytest.mark.parametrize("params", PARAMETERS)
def test_value_and_gradient_of_one_customer_are_those_of_the_sums(params):
    for history in HISTORIES:
        inputs = tuple(map(float, history))
        found = pnbd_likelihood.log_likelihood_gradient_one(*inputs, *params)
        assert found[0] == pytest.approx(pnbd.log_likelihood_one(*inputs, *params), rel=1e-13, abs=1e-13)
        # The derivative by r comes from digammas beyond 64 purchases, and from a sum in `count_sums`.
        np.testing.assert_allclose(found, terms_of(history, params)[:5], rtol=1e-9, atol=1e-13)


def test_an_impossible_history_has_no_derivatives():
    assert all(map(math.isnan, pnbd_likelihood.log_likelihood_gradient_one(0.0, 1.0, 6.0, *CDNOW)))
    assert all(map(math.isnan, pnbd_likelihood.log_likelihood_gradient_one(2.0, 3.0, 6.0, 0.0, 1.0, 1.0, 1.0)))


def test_sums_do_not_depend_on_threads(monkeypatch):
    rng = np.random.default_rng(3)
    T = rng.uniform(1.0, 60.0, 10_000)
    x = np.floor(rng.exponential(2.0, 10_000))
    t_x, counts = np.where(x > 0.0, T * rng.uniform(0.0, 1.0, 10_000), 0.0), np.ones(10_000)
    sums = pnbd_likelihood.history_sums(x, t_x, T, counts, *CDNOW)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert (pnbd_likelihood.history_sums(x, t_x, T, counts, *CDNOW) == sums).all()
